//! The rights of a person: found wherever the data knows the person, and erased everywhere, for good.

mod crash;
pub mod demo;
mod prompt;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Stdio;

use serde_json::Value;
use sha2::{Digest, Sha256};
use sluis::lock::keys::RootKey;
use sluis::lock::pseudonym::{IdentifierKind, Pseudonym, Pseudonymiser};
use sluis::rights::proof::{self, Needles};
use sluis::warehouse::journal::{DeliveryOutcome, RunOutcome};
use sluis::warehouse::manifest::{Manifest, Why};
use sluis::warehouse::release;

use crate::nights::{Change, DATES, HISTORY, Nights, stand};
use crate::small::{HEADER, Small, rows};
use crate::support::{Answer, Place};

/// Runs the program with a line on standard input.
pub fn ask(place: &Place, args: &[&str], line: &str) -> Answer {
    let mut child = place
        .command(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A program that refuses its arguments does not read.
    let _ = child.stdin.take().unwrap().write_all(line.as_bytes());
    child.wait_with_output().unwrap().into()
}

/// The pseudonym that a person has in a domain.
pub fn pseudonym(place: &Place, domain: &str, kind: IdentifierKind, id: &str) -> Pseudonym {
    let key = RootKey::load(&place.key()).unwrap();
    let maker = Pseudonymiser::new(&key.domain(domain));
    maker.pseudonym(kind, id.as_bytes()).unwrap()
}

/// The manifests of all releases, each of which must be whole by itself.
pub fn releases(place: &Place) -> Vec<Manifest> {
    let ids = release::list(&place.warehouse()).unwrap();
    let one = |id: &String| {
        let release = release::open(&place.warehouse(), Some(id))
            .unwrap()
            .unwrap();
        let manifest = release.manifest;
        let mut named = BTreeSet::from(["release.json".to_owned()]);
        for file in &manifest.files {
            let bytes = fs::read(release.root.join(&file.path)).unwrap();
            assert_eq!(bytes.len() as u64, file.bytes);
            let digest = sluis::hex::encode(&Sha256::digest(&bytes));
            assert_eq!(digest, file.sha256, "{}", file.path);
            assert!(file.path.contains(&format!("-{}.parquet", &digest[..16])));
            assert!(file.rows > 0);
            named.insert(file.path.clone());
        }
        let content = sluis::warehouse::publish::content_hash(manifest.files.iter());
        assert_eq!(content, manifest.content);
        let there = crate::small::files_below(&release.root);
        assert_eq!(there.into_keys().collect::<BTreeSet<_>>(), named);
        manifest
    };
    ids.iter().map(one).collect()
}

pub fn assert_gone(place: &Place, gone: &[Pseudonym]) {
    let needles = Needles::new(&gone.iter().copied().collect());
    let proof = proof::search(&place.warehouse(), &needles).unwrap();
    assert!(proof.holds(), "{proof:?}");
    assert!(proof.files > 0 && proof.pages > 0);
}

/// A history of two sources, each night a delivery of both; without some numbers.
fn nights(like: Option<&Nights>, but: &[u8]) -> Nights {
    let mut nights = like.map_or_else(|| Nights::new(&Small::new()), Nights::fresh);
    for (at, changes) in HISTORY.iter().enumerate() {
        let kept: Vec<Change> = changes
            .iter()
            .copied()
            .filter(|c| !but.contains(&c.0))
            .collect();
        nights.deliver("stand", DATES[at], &stand(&kept));
        let numbers = (0..20).filter(|n| !but.contains(n));
        nights.deliver(
            "proef",
            DATES[at],
            &rows(numbers.map(|n| u32::from(n) + u32::from(at % 2 == 1) * 100 * u32::from(n > 9))),
        );
        nights.run();
    }
    nights
}

fn contents(place: &Place) -> Vec<String> {
    releases(place).into_iter().map(|m| m.content).collect()
}

const ERASE: [&str; 5] = ["subject", "erase", "--yes", "--domain", "proef"];

/// The arguments with the small contracts.
fn with<'a>(args: &[&'a str], set: &'a str) -> Vec<&'a str> {
    [args, &["--set", set]].concat()
}

#[test]
fn what_is_left_is_as_if_the_person_was_never_delivered() {
    for number in [1, 3, 9] {
        let mut whole = nights(None, &[]);
        let without = nights(Some(&whole), &[number]);
        let set = Small::new().at(&whole.place);
        let before = releases(&whole.place);
        let id = format!("C-{number:05}");
        let gone = pseudonym(&whole.place, "proef", IdentifierKind::Number, &id);

        let answer = ask(&whole.place, &with(&ERASE, &set), &id).must_exit(0);
        assert!(answer.stdout.starts_with("gone: "), "{}", answer.stdout);
        assert_gone(&whole.place, &[gone]);
        // Data and the state of what was deleted long ago, in every release.
        assert_eq!(contents(&whole.place), contents(&without.place), "{number}");
        for (old, new) in before.iter().zip(releases(&whole.place)) {
            assert_eq!(old.id, new.id);
            assert_eq!(new.rewritten.len(), 1);
            assert_eq!(new.rewritten[0].why, Why::Wissen);
            assert!(new.files.len() <= old.files.len());
        }
        // Nothing is new for the next run, and what comes again stays out.
        assert_eq!(whole.run().record.outcome, RunOutcome::Ongewijzigd);
        comes_again(&mut whole, number);
        assert_gone(&whole.place, &[gone]);
    }
}

/// Deliveries that hold an erased person again: new ones, late ones, and all of them under new contracts.
fn comes_again(nights: &mut Nights, number: u8) {
    nights.deliver("proef", "20240601", &rows(0..20));
    let again: Vec<Change> = vec![
        (number, 7, 2024, "oost", 70, false),
        (100, 8, 2024, "oost", 80, false),
    ];
    nights.deliver("stand", "20240601", &stand(&again));
    nights.deliver("stand", "20231201", &stand(&again));
    let report = nights.run();
    let taken =
        |d: &&sluis::warehouse::journal::DeliveryRecord| d.outcome == DeliveryOutcome::Verwerkt;
    let taken: Vec<_> = report.record.deliveries.iter().filter(taken).collect();
    assert_eq!(taken.len(), 3);
    for delivery in taken {
        assert_eq!(delivery.rows_erased, 1);
        assert_eq!(delivery.rows_refused, 0);
        assert_eq!(delivery.rows_kept, delivery.rows_in - 1);
    }
    assert_eq!(nights.table("proef").len(), 19);
    // Not which row it was.
    let refused = nights
        .place
        .warehouse()
        .join("journal")
        .join(&report.record.id);
    assert_eq!(fs::read(refused.join("weigeringen.ndjson")).unwrap(), b"");
    // Everything is read anew.
    let small = Small::new()
        .with("schemas/sources/proef.toml", "\"Wijk.\"", "\"De wijk.\"")
        .with("schemas/sources/stand.toml", "\"Wijk.\"", "\"De wijk.\"");
    nights.contracts = small.contracts();
    let report = nights.run();
    let erased: u64 = report.record.deliveries.iter().map(|d| d.rows_erased).sum();
    assert!(erased >= 3, "{erased}");
    assert_eq!(nights.run().record.outcome, RunOutcome::Ongewijzigd);
}

#[test]
fn only_the_one_who_was_asked_for_goes() {
    let whole = nights(None, &[]);
    let set = Small::new().at(&whole.place);
    let before = whole.place.manifest();
    let find = |line: &str| {
        let args = [
            "subject",
            "find",
            "--json",
            "--domain",
            "proef",
            "--release",
            "all",
        ];
        ask(&whole.place, &with(&args, &set), line)
            .must_exit(0)
            .json()
    };
    let rows = |answer: &Value| -> u64 {
        let tables = answer["releases"].as_array().unwrap().iter();
        let tables = tables.flat_map(|r| r["tables"].as_array().unwrap().clone());
        tables.map(|t| t["rows"].as_u64().unwrap()).sum()
    };
    let other = find("C-00004\n");
    assert_eq!(rows(&other), 4 + 4);
    // Nobody.
    let answer = ask(&whole.place, &with(&ERASE, &set), "C-77777").must_exit(0);
    assert!(
        answer.stdout.contains("0 files of 0 releases"),
        "{}",
        answer.stdout
    );
    assert_eq!(whole.place.manifest(), before);
    // Who is nobody today is somebody tomorrow.
    assert_eq!(find("C-77777")["erased"], true);
    ask(&whole.place, &with(&ERASE, &set), "C-00003").must_exit(0);
    assert_eq!(find("C-00004")["releases"], other["releases"]);
    let third = find("C-00003");
    assert_eq!((rows(&third), &third["erased"]), (0, &Value::Bool(true)));
    // Twice is once.
    let list = fs::read(whole.place.warehouse().join("gewist.ndjson")).unwrap();
    ask(&whole.place, &with(&ERASE, &set), "C-00003").must_exit(0);
    assert_eq!(
        list,
        fs::read(whole.place.warehouse().join("gewist.ndjson")).unwrap()
    );
    assert_eq!(String::from_utf8(list).unwrap().lines().count(), 2);
}

/// `proef` with a BSN beside its number, which may come more than once.
fn with_bsn() -> Small {
    let column = "[[column]]\nname = \"bsn\"\nheader = \"Bsn\"\ntype = \"bsn\"\nclass = \"direct\"\n\
                  treatment = \"pseudonimiseren\"\ndomain = \"burger\"\nas = \"client\"\ndocumentation = \"Bsn.\"\n";
    let table =
        "[[column]]\nname = \"client\"\ntype = \"pseudoniem\"\ndocumentation = \"Client.\"\n";
    Small::new()
        .adding("schemas/sources/proef.toml", column)
        .with("schemas/sources/proef.toml", "key = [\"wie\"]", "key = []")
        .adding("schemas/tables/proef.toml", table)
        .with("schemas/tables/proef.toml", "key = [\"wie\"]", "key = []")
        .with(
            "pipelines/proef/proef.sql",
            "wie, datum",
            "wie, client, datum",
        )
        .with("config/dpia.toml", "bsn = false", "bsn = true")
        .with(
            "config/dpia.toml",
            "[domain.proef]",
            "[domain.burger]\ndescription = \"Burger.\"\n[domain.proef]",
        )
        .with(
            "config/dpia.toml",
            "[source.proef.columns]",
            "[source.proef.columns]\nbsn = { class = \"direct\", treatment = \"pseudonimiseren\" }",
        )
}

const ONE: &str = "999990019";
const OTHER: &str = "010000008";

/// A delivery of `proef` with a BSN: numbers and BSNs.
fn persons(rows: &[(&str, &str)]) -> String {
    let row = |(at, (number, bsn)): (usize, &(&str, &str))| {
        format!("{number};Zoë Geheimenaar;01-03-2024;oost;{at};{bsn}\n")
    };
    let rows: String = rows.iter().enumerate().map(row).collect();
    format!("{HEADER};Bsn\n{rows}")
}

/// The amounts of `proef` and its rows held back, after a delivery.
fn taken(nights: &mut Nights, date: &str, rows: &[(&str, &str)]) -> (Vec<i64>, u64) {
    nights.deliver("proef", date, &persons(rows));
    let report = nights.run();
    let erased = report.record.deliveries.iter().map(|d| d.rows_erased).sum();
    let mut amounts: Vec<i64> = nights.table("proef").into_iter().map(|l| l.3).collect();
    amounts.sort_unstable();
    (amounts, erased)
}

const SHARED: [(&str, &str); 8] = [
    // One person under two numbers, and rows that carry a number only.
    ("C-1", ONE),
    ("C-1", ""),
    ("C-2", ONE),
    ("C-2", ""),
    // A number that two persons share, and a row that may be of either.
    ("C-3", ONE),
    ("C-3", OTHER),
    ("C-3", ""),
    ("C-4", OTHER),
];

#[test]
fn rows_that_carry_only_a_number_of_the_person_go_too() {
    let small = with_bsn();
    let mut nights = Nights::new(&small);
    let set = small.at(&nights.place);
    taken(&mut nights, "20240101", &SHARED);
    let find = ["subject", "find", "--json"];
    let answer = ask(&nights.place, &with(&find, &set), ONE)
        .must_exit(0)
        .json();
    let found = &answer["releases"][0];
    assert_eq!(found["tables"][0]["rows"], 5);
    assert_eq!(found["tables"][0]["years"]["2024"], 5);
    assert_eq!(
        (&found["doubtful"], &answer["contested"]),
        (&1.into(), &1.into())
    );
    assert_eq!(
        answer["numbers"],
        serde_json::json!({"burger": 1, "proef": 2})
    );
    // The way back: from a number to its BSN, and from there to all.
    let number = with(&["subject", "find", "--json", "--domain", "proef"], &set);
    let back = ask(&nights.place, &number, "C-2").must_exit(0).json();
    assert_eq!(back["releases"], answer["releases"]);
    // A number of two persons leads to neither; its own rows are meant.
    let shared = ask(&nights.place, &number, "C-3").must_exit(0).json();
    assert_eq!(shared["releases"][0]["tables"][0]["rows"], 3);

    let erase = with(&["subject", "erase", "--yes"], &set);
    let said = ask(&nights.place, &erase, ONE).must_exit(0);
    assert!(
        said.stderr.contains("1 rows carry a number"),
        "{}",
        said.stderr
    );
    // C-3 is also the other's; it is not gone, and whose the doubtful row is nobody knows.
    let gone = ["C-1", "C-2"].map(|n| pseudonym(&nights.place, "proef", IdentifierKind::Number, n));
    let person = pseudonym(&nights.place, "burger", IdentifierKind::Bsn, ONE);
    assert_gone(&nights.place, &[gone[0], gone[1], person]);
    let left: Vec<i64> = nights.table("proef").into_iter().map(|l| l.3).collect();
    assert_eq!(left, [5, 6, 7]);
    // A linked number gives way to a BSN: whoever gets the number next is somebody else.
    let again = [
        ("C-1", ONE),
        ("C-1", ""),
        ("C-1", OTHER),
        ("C-3", ""),
        ("C-3", ONE),
        ("C-9", ""),
    ];
    assert_eq!(taken(&mut nights, "20240201", &again), (vec![2, 3, 5], 3));
}

#[test]
fn a_number_that_was_asked_for_stays_out_whoever_has_it() {
    let small = with_bsn();
    let mut nights = Nights::new(&small);
    let set = small.at(&nights.place);
    taken(&mut nights, "20240101", &SHARED);
    let erase = with(&["subject", "erase", "--yes", "--domain", "proef"], &set);
    ask(&nights.place, &erase, "C-3").must_exit(0);
    let left: Vec<i64> = nights.table("proef").into_iter().map(|l| l.3).collect();
    assert_eq!(left, [0, 1, 2, 3, 7]);
    let again = [
        ("C-3", ONE),
        ("C-3", OTHER),
        ("C-3", ""),
        ("C-1", ONE),
        ("C-4", OTHER),
    ];
    assert_eq!(taken(&mut nights, "20240201", &again), (vec![3, 4], 3));
}

#[test]
fn a_refused_row_is_told_by_its_number_also_when_others_are_held_back() {
    let mut nights = Nights::new(&Small::new());
    let set = Small::new().at(&nights.place);
    nights.deliver("proef", "20240101", &rows(0..20));
    nights.run();
    ask(&nights.place, &with(&ERASE, &set), "C-00002").must_exit(0);
    // Row 3 is held back, row 9 is no date, row 21 comes twice.
    let text = rows((0..20).chain([4])).replacen(
        "C-00008;Zoë Geheimenaar 8;09-03",
        "C-00008;Zoë Geheimenaar 8;41-13",
        1,
    );
    nights.deliver("proef", "20240201", &text);
    let report = nights.run();
    let refused = nights
        .place
        .warehouse()
        .join("journal")
        .join(&report.record.id);
    let lines = fs::read_to_string(refused.join("weigeringen.ndjson")).unwrap();
    let told: BTreeMap<u64, String> = lines
        .lines()
        .map(|l| serde_json::from_str::<Value>(l).unwrap())
        .map(|v| {
            (
                v["row"].as_u64().unwrap(),
                v["rule"].as_str().unwrap().to_owned(),
            )
        })
        .collect();
    assert_eq!(
        told.into_iter().collect::<Vec<_>>(),
        [(9, "datum".to_owned()), (21, "dubbele_sleutel".to_owned())]
    );
}

#[test]
fn wrong_use_is_refused_without_a_word_of_what_was_typed() {
    let whole = nights(None, &[]);
    let place = &whole.place;
    let set = Small::new().at(place);
    // The log of who did what grows with all that is done.
    let files = || {
        let mut files = crate::small::files_below(&place.warehouse());
        files.remove("audit.ndjson");
        files
    };
    let before = files();
    for (args, line, code) in [
        (
            &["subject", "find", "--domain", "nergens"][..],
            "C-00001",
            2,
        ),
        (&["subject", "find"], "999990018", 2),
        (&["subject", "find", "--domain", "proef"], "", 2),
        (
            &["subject", "find", "--domain", "proef"],
            "C-00001\nC-00002\n",
            2,
        ),
        (
            &["subject", "find", "--domain", "proef"],
            "C-00001C-00001C-00001",
            2,
        ),
        (
            &[
                "subject",
                "find",
                "--domain",
                "proef",
                "--release",
                "nergens",
            ],
            "C-00001",
            2,
        ),
        // Nobody to confirm it.
        (&["subject", "erase", "--domain", "proef"], "C-00001", 2),
        (&["subject", "erase", "--domain", "proef", "C-00001"], "", 2),
        (&["subject", "find", "C-00001"], "", 2),
    ] {
        let answer = ask(place, &with(args, &set), line).must_exit(code);
        if !args.contains(&"C-00001") {
            let said = answer.stdout + &answer.stderr;
            assert!(!said.contains("C-0000") && !said.contains("9999"), "{said}");
        }
    }
    // A copy does not lie among the data.
    let inside = place.warehouse().join("inzage.json");
    let args = [
        "subject",
        "find",
        "--domain",
        "proef",
        "--export",
        inside.to_str().unwrap(),
    ];
    ask(place, &with(&args, &set), "C-00001").must_exit(2);
    // A dry run says what would go, and does nothing.
    let args = [
        "subject",
        "erase",
        "--dry-run",
        "--json",
        "--domain",
        "proef",
    ];
    let plan = ask(place, &with(&args, &set), "C-00001")
        .must_exit(0)
        .json();
    assert_eq!(plan["found"]["numbers"]["proef"], 1);
    assert_eq!(plan["dry_run"], true);
    assert!(files() == before);
    // With another key nothing is looked for.
    let other = place.path().join("ander/root.key");
    let other = format!("paths.key={}", other.display());
    place.sluis(&["key", "new", "--set", &other]).must_exit(0);
    for args in [&ERASE[..], &["subject", "find", "--domain", "proef"]] {
        let args = [args, &["--set", &set, "--set", &other]].concat();
        let answer = ask(place, &args, "C-00001").must_exit(1);
        assert!(
            answer
                .stderr
                .contains("is not the one that the warehouse was made with"),
            "{}",
            answer.stderr
        );
    }
    assert!(!place.warehouse().join("gewist.ndjson").exists());
    assert_eq!(releases(place).len(), 4);
}

#[test]
fn the_copy_is_for_its_owner_and_holds_no_pseudonym() {
    let whole = nights(None, &[]);
    let set = Small::new().at(&whole.place);
    let gone = pseudonym(&whole.place, "proef", IdentifierKind::Number, "C-00003");
    for name in ["inzage.json", "inzage.csv"] {
        let path = whole.place.path().join(name);
        let args = [
            "subject",
            "find",
            "--domain",
            "proef",
            "--export",
            path.to_str().unwrap(),
        ];
        ask(&whole.place, &with(&args, &set), "C-00003").must_exit(0);
        let mode = fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600);
        let text = fs::read_to_string(&path).unwrap();
        assert!(
            text.contains("nummer 1") && text.contains("2023-03-03"),
            "{text}"
        );
        assert!(!text.contains(&sluis::hex::encode(&gone)) && !text.contains("C-00003"));
        if name.ends_with("csv") {
            assert!(text.starts_with("tabel,rij,kolom,waarde\n"));
        } else {
            let copy: Value = serde_json::from_str(&text).unwrap();
            assert_eq!(copy["tables"]["stand"][0]["jaar"], "2023");
            assert_eq!(copy["tables"]["proef"].as_array().unwrap().len(), 1);
        }
    }
}

#[test]
fn a_list_that_is_damaged_stops_the_run() {
    let whole = nights(None, &[]);
    let set = Small::new().at(&whole.place);
    ask(&whole.place, &with(&ERASE, &set), "C-00003").must_exit(0);
    let list = whole.place.warehouse().join("gewist.ndjson");
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&list), 0o600);
    let text = fs::read_to_string(&list).unwrap();
    fs::write(&list, &text[..text.len() / 2]).unwrap();
    let answer = whole.place.sluis(&["run", "--set", &set]).must_exit(1);
    assert!(
        answer.stderr.contains("damaged in line 1"),
        "{}",
        answer.stderr
    );
}
