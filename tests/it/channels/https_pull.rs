//! What the pull desk and the program make of an HTTPS interface.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use sluis::source::channel::PullError;

use super::desk::{Desk, ask, credential, errors, sluis};
use super::tls::{Authority, Manner, Reply, Request, Server};
use crate::small::{Small, files_below};
use crate::support::Place;

const TOKEN: &str = "gehe1mT0ken";

/// `proef` comes by numbered pages as an array, `stand` by cursor as lines.
fn small() -> Small {
    let csv = "[format]\nkind = \"csv\"\nencoding = \"utf-8\"\ndelimiter = \";\"";
    let array = "[paging]\nitems = \"data.items\"\npage = \"page\"\n[format]\nkind = \"json\"";
    let lines = "[paging]\nitems = \"items\"\ncursor = \"after\"\nfield = \"meta.next\"\n\
                 [format]\nkind = \"ndjson\"";
    let (proef, stand) = (
        "pipelines/proef/pipeline.toml",
        "pipelines/stand/pipeline.toml",
    );
    Small::new()
        .with(proef, "\"folder\"", "\"https\"")
        .with(proef, "}.csv", "}.json")
        .with(proef, csv, array)
        .with(stand, "\"folder\"", "\"https\"")
        .with(stand, "}.csv", "}.ndjson")
        .with(stand, csv, lines)
}

fn record(number: usize) -> Value {
    let wijk = ["oost", "west", "zuid"][number % 3];
    json!({
        "Nummer": format!("C-{number:05}"),
        "Naam": format!("Zoë Geheimenaar {number}"),
        "Datum": format!("{:02}-03-2024", number % 28 + 1),
        "Wijk": wijk,
        "Aantal": number % 100,
        "Actie": null,
    })
}

/// A record of the source that knows no actions.
fn plain(number: usize) -> Value {
    let mut record = record(number);
    record.as_object_mut().unwrap().remove("Actie");
    record
}

/// Pages of three.
fn numbered(request: &Request, count: usize) -> Reply {
    let page: usize = request.parameter("page").unwrap().parse().unwrap();
    let numbers = (0..count).skip((page - 1) * 3).take(3);
    let items: Vec<Value> = numbers.map(plain).collect();
    Reply::json(&json!({"data": {"items": items, "total": count}}))
}

/// Pages of three; the cursor is how many were given before.
fn followed(request: &Request, count: usize) -> Reply {
    let from: usize = request.parameter("after").map_or(0, |c| c.parse().unwrap());
    let items: Vec<Value> = (from..count).take(3).map(record).collect();
    let next = (from + 3 < count).then(|| (from + 3).to_string());
    Reply::json(&json!({"items": items, "meta": {"next": next}}))
}

/// A partner with an interface.
struct Partner {
    server: Server,
    authority: Authority,
}

impl Partner {
    fn new(handler: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Self {
        let authority = Authority::new();
        let server = Server::start(&authority.identity(&["127.0.0.1"]), move |request| {
            if request.header("authorization") == format!("Bearer {TOKEN}") {
                handler(request)
            } else {
                Reply::new(401, "wie ben je")
            }
        });
        Self { server, authority }
    }

    /// The settings with which a source is fetched here.
    fn sets(&self, place: &Place, source: &str) -> Vec<String> {
        let credentials = credential(place, &format!("bearer {TOKEN}\n"));
        let ca = self.authority.file(place.path());
        vec![
            format!("endpoint.{source}.url={}", self.server.url("/api/v1")),
            format!("endpoint.{source}.credential=partner"),
            format!("endpoint.{source}.ca={}", ca.display()),
            format!("paths.credentials={}", credentials.display()),
        ]
    }

    /// The parameters that were asked for since the last time.
    fn asked(&self, parameter: &str, before: usize) -> Vec<String> {
        let asked = self.server.asked();
        let asked = asked.iter().skip(before);
        asked
            .map(|request| request.parameter(parameter).unwrap_or_default())
            .collect()
    }
}

/// The numbers in a delivery of lines.
fn numbers(bytes: &[u8]) -> Vec<String> {
    let text = std::str::from_utf8(bytes).unwrap();
    let lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
    lines
        .map(|record: Value| record["Nummer"].as_str().unwrap().to_owned())
        .collect()
}

fn wanted(numbers: impl Iterator<Item = usize>) -> Vec<String> {
    numbers.map(|number| format!("C-{number:05}")).collect()
}

#[test]
fn a_night_goes_on_where_the_night_before_ended() {
    let count = Arc::new(AtomicUsize::new(7));
    let counted = Arc::clone(&count);
    let partner = Partner::new(move |request| followed(request, counted.load(Ordering::SeqCst)));
    let place = Place::new();
    let sets = partner.sets(&place, "stand");
    let mut desk = Desk::new(&place, &small(), "stand", &sets);
    let pull = desk.pull();
    assert_eq!(errors(&pull), []);
    assert_eq!(pull.fetched.len(), 1);
    assert_eq!(partner.asked("after", 0), ["", "3", "6"]);
    let first = desk.landed("stand_20260101.ndjson").unwrap();
    assert_eq!(numbers(&first), wanted(0..7));
    // Once a day.
    assert_eq!(desk.pull().already, 1);
    assert_eq!(partner.server.asked().len(), 3);
    // The last page may have grown, so it is asked once more.
    count.store(11, Ordering::SeqCst);
    desk.day = 1;
    assert!(desk.pull().complete());
    assert_eq!(partner.asked("after", 3), ["6", "9"]);
    let second = desk.landed("stand_20260102.ndjson").unwrap();
    assert_eq!(numbers(&second), wanted(6..11));
    // What came twice counts once.
    sluis(&place, &small(), &[], &["run"]).must_exit(0);
    let rows = ask(
        &place,
        &small(),
        "select sum(rijen) as n from monitor.stand",
    );
    assert_eq!(rows[0]["n"], 11);
}

#[test]
fn a_pull_that_broke_goes_on_with_the_page_that_broke() {
    let times = AtomicUsize::new(0);
    let partner = Partner::new(move |request| {
        let reply = followed(request, 10);
        match (
            request.parameter("after").as_deref(),
            times.load(Ordering::SeqCst),
        ) {
            (Some("6"), 0..3) => match times.fetch_add(1, Ordering::SeqCst) {
                0 => Reply::new(500, "kapot"),
                1 => reply.manner(Manner::Cut(40)),
                _ => Reply::new(200, "{\"items\": [{\"Nummer\""),
            },
            _ => reply,
        }
    });
    let place = Place::new();
    let sets = partner.sets(&place, "stand");
    let desk = Desk::new(&place, &small(), "stand", &sets);
    let pull = desk.pull();
    assert!(
        matches!(errors(&pull)[..], [PullError::Answer(_)]),
        "{pull:?}"
    );
    assert_eq!((pull.retries, desk.waits().len()), (2, 2));
    assert_eq!(desk.landed("stand_20260101.ndjson"), None);
    assert_eq!(partner.asked("after", 0), ["", "3", "6", "6", "6"]);
    let pull = desk.pull();
    assert_eq!(errors(&pull), []);
    assert!(pull.fetched[0].resumed_from > 0);
    assert_eq!(partner.asked("after", 5), ["6", "9"]);
    let landed = desk.landed("stand_20260101.ndjson").unwrap();
    assert_eq!(numbers(&landed), wanted(0..10));
}

#[test]
fn a_server_that_asks_to_wait_gets_its_time() {
    let times = AtomicUsize::new(0);
    let partner = Partner::new(move |request| {
        let later = |seconds| Reply::new(429, "").header("retry-after", seconds);
        match times.fetch_add(1, Ordering::SeqCst) {
            0 => later("17"),
            1 => Reply::new(503, "").header("retry-after", "21"),
            3 => later("86400"),
            _ => numbered(request, 2),
        }
    });
    let place = Place::new();
    let sets = partner.sets(&place, "proef");
    let mut desk = Desk::new(&place, &small(), "proef", &sets);
    let day = |seconds| PullError::Wait(Some(Duration::from_secs(seconds)));
    assert_eq!(
        errors(&desk.pull()),
        [day(86_400)],
        "too long for this night"
    );
    assert_eq!(desk.waits(), [17, 21].map(Duration::from_secs));
    desk.day = 1;
    assert!(desk.pull().complete());
    let landed = desk.landed("proef_20260102.json").unwrap();
    let records: Value = serde_json::from_slice(&landed).unwrap();
    assert_eq!(records, json!([plain(0), plain(1)]));
}

#[test]
fn the_nightly_job_fetches_pages_first() {
    let partner = Partner::new(|request| numbered(request, 100));
    let place = Place::new();
    let sets = partner.sets(&place, "proef");
    let run = sluis(&place, &small(), &sets, &["run", "--json"]).must_exit(0);
    assert_eq!(partner.server.asked().len(), 35);
    let told = run.json();
    assert_eq!(told["pulls"][0]["fetched"], 1);
    assert_eq!(told["deliveries"][0]["outcome"], "verwerkt");
    let rows = ask(
        &place,
        &small(),
        "select sum(rijen) as n, sum(aantal) as som from monitor.proef",
    );
    assert_eq!(
        (&rows[0]["n"], &rows[0]["som"]),
        (&json!(100), &json!(4950))
    );
    for text in [TOKEN, "Geheimenaar", "C-00001"] {
        assert!(!run.stdout.contains(text) && !run.stderr.contains(text));
        for (path, bytes) in files_below(&place.warehouse()) {
            let found = bytes
                .windows(text.len())
                .any(|part| part == text.as_bytes());
            assert!(!found, "{text} in {path}");
        }
    }
    let landing = files_below(&place.landing());
    let ledger = landing.iter().find(|(path, _)| path.contains("gehaald"));
    assert!(!String::from_utf8_lossy(ledger.unwrap().1).contains(TOKEN));
}

#[test]
fn an_interface_that_refuses_us_costs_that_source_only() {
    let partner = Partner::new(|request| numbered(request, 4));
    let place = Place::new();
    let mut sets = partner.sets(&place, "proef");
    credential(&place, "bearer verkeerdT0ken");
    let run = sluis(&place, &small(), &sets, &["run"]).must_exit(3);
    let told = "`proef` could not be fetched: the server does not accept the credential";
    assert!(run.stderr.contains(told), "{}", run.stderr);
    assert_eq!(
        partner.server.asked().len(),
        1,
        "once is enough to be refused"
    );
    assert!(!(run.stdout + &run.stderr).contains("T0ken"));
    // Not over a line that others can read along, either.
    sets[0] = sets[0].replace("https:", "http:");
    let plain = sluis(&place, &small(), &sets, &["run"]).must_exit(2);
    assert!(plain.stderr.contains("endpoint.proef"), "{}", plain.stderr);
}

#[test]
fn a_certificate_of_another_is_told() {
    let partner = Partner::new(|request| numbered(request, 4));
    let place = Place::new();
    let mut sets = partner.sets(&place, "proef");
    sets.remove(2);
    let pull = sluis(&place, &small(), &sets, &["pull"]).must_exit(3);
    let told = "the certificate of the server cannot be trusted";
    assert!(pull.stderr.contains(told), "{}", pull.stderr);
    assert!(partner.server.asked().is_empty());
}

#[test]
fn what_is_fetched_by_hand_is_logged() {
    let partner = Partner::new(|request| numbered(request, 4));
    let place = Place::new();
    let sets = partner.sets(&place, "proef");
    credential(&place, "bearer verkeerdT0ken");
    sluis(&place, &small(), &sets, &["run"]).must_exit(3);
    let log = || std::fs::read_to_string(place.warehouse().join("audit.ndjson")).unwrap();
    let before = log();
    sluis(&place, &small(), &sets, &["pull", "--dry-run"]).must_exit(0);
    assert_eq!(log(), before, "to look is to fetch nothing");
    sluis(&place, &small(), &sets, &["pull"]).must_exit(3);
    let sets = partner.sets(&place, "proef");
    sluis(&place, &small(), &sets, &["pull"]).must_exit(0);
    let text = log();
    let told: Vec<Value> = text[before.len()..]
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let of = |key: &str| {
        told.iter()
            .map(|line| line[key].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(of("wat"), vec![json!("ophalen"); 4]);
    assert_eq!(
        of("resultaat"),
        ["begonnen", "onvolledig", "begonnen", "opgehaald"]
    );
    assert_eq!(told[0]["bronnen"], json!(["proef"]));
    for secret in [TOKEN, "T0ken", "127.0.0.1"] {
        assert!(!text.contains(secret), "{secret}");
    }
    sluis(&place, &small(), &sets, &["audit", "verify"]).must_exit(0);
}
