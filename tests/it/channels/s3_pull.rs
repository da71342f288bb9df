//! What the pull desk and the program make of an S3 bucket.

use sluis::source::channel::PullError;

use super::desk::{Desk, ask, credential, errors, sluis};
use super::moto::{Moto, moto};
use super::tls::Proxy;
use crate::small::{Small, files_below, rows};
use crate::support::Place;

const NAME: &str = "proef_20260101.csv";
const OBJECT: &str = "uit/proef_20260101.csv";
const PIPELINE: &str = "pipelines/proef/pipeline.toml";

/// `proef` comes from a bucket, with a checksum beside every delivery.
fn small() -> Small {
    let small = Small::new().with(PIPELINE, "\"folder\"", "\"s3\"");
    small.with(PIPELINE, "\"none\"", "\"required\"")
}

fn sets(place: &Place, moto: &Moto, port: u16, bucket: &str) -> Vec<String> {
    let credentials = credential(place, &moto.key);
    vec![
        format!("endpoint.proef.url=s3://{bucket}/uit"),
        format!("endpoint.proef.server=https://127.0.0.1:{port}"),
        "endpoint.proef.region=eu-central-1".to_owned(),
        "endpoint.proef.credential=partner".to_owned(),
        format!("endpoint.proef.ca={}", moto.ca.display()),
        format!("paths.credentials={}", credentials.display()),
    ]
}

/// Puts a delivery with its checksum into a bucket.
fn deliver(moto: &Moto, bucket: &str, text: &str) {
    use sha2::Digest;
    let digest = sluis::hex::encode(&sha2::Sha256::digest(text));
    let vouched = format!("{digest}  {NAME}\n");
    let beside = format!("{OBJECT}.sha256");
    moto.put(bucket, &[(OBJECT, text), (&beside, &vouched)]);
}

#[test]
fn the_nightly_job_fetches_objects_first() {
    let Some(moto) = moto() else { return };
    let place = Place::new();
    deliver(moto, "nacht", &rows(0..50));
    moto.put(
        "nacht",
        &[("uit/jansen-1939.txt", "x"), ("uit/oud/x.csv", "x")],
    );
    let sets = sets(&place, moto, moto.port, "nacht");
    let run = sluis(&place, &small(), &sets, &["run", "--json"]).must_exit(0);
    let told = run.json();
    assert_eq!(told["pulls"][0]["fetched"], 1);
    assert_eq!(told["pulls"][0]["strangers"], 1);
    assert_eq!(told["deliveries"][0]["outcome"], "verwerkt");
    let again = sluis(&place, &small(), &sets, &["pull", "--json"]).must_exit(0);
    assert_eq!(again.json()[0]["fetched"], 0);
    let count = ask(
        &place,
        &small(),
        "select sum(rijen) as n from monitor.proef",
    );
    assert_eq!(count[0]["n"], 50);
    let secret = moto.key.split(':').nth(1).unwrap();
    for text in [secret, "jansen"] {
        assert!(!run.stdout.contains(text) && !run.stderr.contains(text));
        for (path, bytes) in files_below(place.path()) {
            let credential = path.starts_with("inloggegevens");
            let found = bytes
                .windows(text.len())
                .any(|part| part == text.as_bytes());
            assert!(credential || !found, "{text} in {path}");
        }
    }
}

#[test]
fn a_fetch_that_was_cut_goes_on_from_there() {
    let Some(moto) = moto() else { return };
    let place = Place::new();
    let text = rows(0..40_000);
    deliver(moto, "gebroken", &text);
    // Broken twice: the first one within the object, too.
    let proxy = Proxy::start(moto.port, 900_000, 2);
    let sets = sets(&place, moto, proxy.port, "gebroken");
    let desk = Desk::new(&place, &small(), "proef", &sets);
    let pull = desk.pull();
    assert_eq!(errors(&pull), []);
    assert_eq!(proxy.broken(), 2);
    assert_eq!(pull.retries, 2);
    let from = pull.fetched[0].resumed_from;
    assert!((1_000_000..1_900_000).contains(&from), "{from}");
    assert!(desk.landed(NAME).unwrap() == text.as_bytes());
}

#[test]
fn an_object_that_is_replaced_while_it_is_fetched_never_lands_mixed() {
    let Some(moto) = moto() else { return };
    let place = Place::new();
    deliver(moto, "vervangen", &rows(0..40_000));
    let later = rows(40_000..80_000);
    let proxy = Proxy::start(moto.port, 900_000, 1);
    let sets = sets(&place, moto, proxy.port, "vervangen");
    let desk = Desk::new(&place, &small(), "proef", &sets);
    let replaced = later.clone();
    desk.meanwhile(move || deliver(moto, "vervangen", &replaced));
    let pull = desk.pull();
    assert_eq!(errors(&pull), []);
    assert_eq!(pull.fetched[0].resumed_from, 0);
    assert!(desk.landed(NAME).unwrap() == later.as_bytes());
}

#[test]
fn an_object_that_its_checksum_does_not_belong_to_never_lands() {
    let Some(moto) = moto() else { return };
    let place = Place::new();
    deliver(moto, "fout", &rows(0..50));
    moto.put("fout", &[(OBJECT, &rows(0..49))]);
    let sets = sets(&place, moto, moto.port, "fout");
    let desk = Desk::new(&place, &small(), "proef", &sets);
    assert_eq!(errors(&desk.pull()), [PullError::Checksum]);
    assert_eq!(desk.landed(NAME), None);
    deliver(moto, "fout", &rows(0..49));
    assert!(desk.pull().complete());
}

#[test]
fn a_bucket_that_refuses_us_is_told() {
    let Some(moto) = moto() else { return };
    let place = Place::new();
    deliver(moto, "gesloten", &rows(0..50));
    let sets = sets(&place, moto, moto.port, "gesloten");
    let id = moto.key.split(':').next().unwrap();
    credential(&place, &format!("{id}:verkeerd"));
    let pull = sluis(&place, &small(), &sets, &["pull"]).must_exit(3);
    let told = "`proef` could not be fetched: the server does not accept the credential";
    assert!(pull.stderr.contains(told), "{}", pull.stderr);
    assert!(!(pull.stdout + &pull.stderr).contains("verkeerd"));
}
