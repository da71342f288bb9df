//! Canaries: made once, through the lock every night, counted nowhere, and found by who knows them.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use serde_json::Value;
use sluis::canary::Canaries;
use sluis::lock::pseudonym::IdentifierKind;
use sluis::warehouse::journal::{CanaryFault, CanaryRecord, RunOutcome};
use sluis::warehouse::manifest::{FileEntry, Manifest};

use crate::nights::{Nights, stand};
use crate::small::{Small, rows};
use crate::subject::{ask, assert_gone, pseudonym, releases};
use crate::support::Place;

fn drawn(place: &Place) -> Canaries {
    place.sluis(&["canaries", "new"]).must_exit(0);
    Canaries::load(&place.canaries()).unwrap()
}

fn folder(manifest: &Manifest) -> Vec<FileEntry> {
    let files = manifest.files.iter();
    files.filter(|f| f.is_canary()).cloned().collect()
}

fn through(persons: usize, sources: usize) -> CanaryRecord {
    CanaryRecord {
        persons,
        sources,
        faults: Vec::new(),
    }
}

/// Both sources have delivered.
fn delivered(nights: &Nights) {
    nights.deliver("proef", "20240101", &rows(0..20));
    nights.deliver(
        "stand",
        "20240101",
        &stand(&[
            (1, 1, 2023, "oost", 10, false),
            (2, 2, 2024, "west", 20, false),
        ]),
    );
}

/// What a check of `verify` says.
fn verdict(place: &Place, set: &str, args: &[&str], id: &str, code: i32) -> Value {
    let args = [&["verify", "--json", "--set", set], args].concat();
    let report = place.sluis(&args).must_exit(code).json();
    let mut checks = report["controles"].as_array().unwrap().iter();
    checks.find(|c| c["id"] == id).unwrap().clone()
}

#[test]
fn the_file_is_made_once_and_for_its_owner_only() {
    let place = Place::new();
    let canaries = drawn(&place);
    assert_eq!(canaries.persons().len(), 3);
    let mode = fs::metadata(place.canaries()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let answer = place.sluis(&["canaries", "new"]).must_exit(2);
    assert!(answer.stderr.contains("already"), "{}", answer.stderr);
    let shown = place.sluis(&["canaries", "show"]).must_exit(0);
    assert!(shown.stdout.contains(&canaries.fingerprint()));
    assert!(!shown.stdout.contains(&canaries.persons()[0].number));
    fs::set_permissions(place.canaries(), fs::Permissions::from_mode(0o644)).unwrap();
    place.sluis(&["run"]).must_exit(1);
    place
        .sluis(&["canaries", "new", "--count", "0"])
        .must_exit(2);
    let inside = format!("paths.canaries={}", place.warehouse().join("k").display());
    place
        .sluis(&["canaries", "new", "--set", &inside])
        .must_exit(1);
}

#[test]
fn they_are_in_a_folder_of_their_own_and_in_no_table() {
    let mut nights = Nights::new(&Small::new());
    delivered(&nights);
    assert_eq!(nights.run().record.canaries, None);
    let (without, tables) = (
        nights.content(),
        ["proef", "stand"].map(|t| nights.table(t)),
    );
    let canaries = drawn(&nights.place);
    let report = nights.run();
    assert_eq!(report.record.canaries, Some(through(3, 2)));
    assert_eq!(report.record.outcome, RunOutcome::Gepubliceerd);
    let manifest = nights.place.manifest();
    assert_eq!(manifest.canaries, Some(canaries.fingerprint()));
    let files = folder(&manifest);
    assert_eq!(files.iter().map(|f| f.rows).collect::<Vec<_>>(), [3, 3]);
    assert_eq!(["proef", "stand"].map(|t| nights.table(t)), tables);
    let content = nights.content();
    // A night without news.
    assert_eq!(nights.run().record.outcome, RunOutcome::Ongewijzigd);
    // News of the sources is none of theirs; a full source that holds canaries was not incremental.
    nights.deliver("proef", "20240201", &rows(0..25));
    nights.deliver(
        "stand",
        "20240201",
        &stand(&[(3, 3, 2024, "zuid", 30, false)]),
    );
    nights.run();
    assert_eq!(folder(&nights.place.manifest()), files);
    assert_eq!(
        (nights.table("proef").len(), nights.table("stand").len()),
        (25, 3)
    );
    // The same deliveries, key and canaries elsewhere: the same release.
    let mut other = nights.fresh();
    fs::create_dir(other.place.canaries().parent().unwrap()).unwrap();
    fs::copy(nights.place.canaries(), other.place.canaries()).unwrap();
    delivered(&other);
    other.run();
    assert_eq!(other.content(), content);
    // Other canaries, and then none.
    fs::remove_file(other.place.canaries()).unwrap();
    drawn(&other.place);
    assert_eq!(other.run().record.outcome, RunOutcome::Gepubliceerd);
    assert_ne!(other.content(), content);
    fs::remove_file(other.place.canaries()).unwrap();
    assert_eq!(other.run().record.outcome, RunOutcome::Gepubliceerd);
    assert_eq!(
        (other.content(), other.place.manifest().canaries),
        (without, None)
    );
    releases(&other.place);
}

#[test]
fn one_that_does_not_come_through_is_told_of_by_the_run() {
    // By wijk there are three keys, so the fourth canary has that of another.
    let small = Small::new().with(
        "schemas/sources/proef.toml",
        "key = [\"wie\"]",
        "key = [\"wijk\"]",
    );
    let mut nights = Nights::new(&small);
    nights
        .place
        .sluis(&["canaries", "new", "--count", "4"])
        .must_exit(0);
    nights.deliver("proef", "20240101", &rows(0..3));
    let report = nights.run();
    let fault = CanaryFault {
        source: "proef".into(),
        column: String::new(),
        rule: "dubbele_sleutel".into(),
        canaries: 1,
    };
    assert_eq!(report.record.canaries.unwrap().faults, [fault]);
    let delivery = &report.record.deliveries[0];
    assert_eq!((delivery.rows_in, delivery.rows_refused), (3, 0));
    let set = small.at(&nights.place);
    let answer = nights.place.sluis(&["run", "--set", &set]).must_exit(3);
    assert!(
        answer
            .stderr
            .contains("1 canary did not come through the lock of `proef`")
    );
    let check = verdict(&nights.place, &set, &[], "kanaries-gevonden", 4);
    assert_eq!(check["bewijs"][0]["wat"], "kanarie 4 ontbreekt");
    // Whoever looks in the morning is told too, until a night in which all came through.
    let lost = "canaries did not come through the lock of `proef` in the last run";
    let status = ["status", "--set", &set];
    let answer = nights.place.sluis(&status).must_exit(0);
    assert!(answer.stderr.contains(lost), "{}", answer.stderr);
    fs::remove_file(nights.place.canaries()).unwrap();
    nights.run();
    let answer = nights.place.sluis(&status).must_exit(0);
    assert!(!answer.stderr.contains("canaries"), "{}", answer.stderr);
}

#[test]
fn verify_needs_the_file_that_the_release_was_made_with() {
    let small = Small::new();
    let mut nights = Nights::new(&small);
    let set = small.at(&nights.place);
    delivered(&nights);
    nights.run();
    let ids = ["kanaries-gevonden", "kanaries-verborgen"];
    for id in ids {
        let check = verdict(&nights.place, &set, &[], id, 0);
        assert_eq!(check["oordeel"], "niet te beoordelen");
        assert!(
            check["toelichting"]
                .as_str()
                .unwrap()
                .contains("sluis canaries new")
        );
    }
    drawn(&nights.place);
    let check = verdict(&nights.place, &set, &[], ids[0], 4);
    assert!(
        check["bewijs"][0]["wat"]
            .as_str()
            .unwrap()
            .contains("zonder kanaries")
    );
    nights.run();
    for id in ids {
        assert_eq!(
            verdict(&nights.place, &set, &[], id, 0)["oordeel"],
            "voldoet"
        );
    }
    // Elsewhere, with a copy of warehouse and file, and no key.
    fs::remove_file(nights.place.key()).unwrap();
    let copy = nights.place.path().join("kopie.toml");
    fs::rename(nights.place.canaries(), &copy).unwrap();
    let (warehouse, copy) = (nights.place.warehouse(), copy.display().to_string());
    let warehouse = warehouse.display().to_string();
    let args = [warehouse.as_str(), "--canaries", copy.as_str()];
    assert_eq!(
        verdict(&nights.place, &set, &args, ids[0], 0)["oordeel"],
        "voldoet"
    );
    drawn(&nights.place);
    let check = verdict(&nights.place, &set, &[], ids[0], 4);
    assert!(
        check["bewijs"][0]["wat"]
            .as_str()
            .unwrap()
            .contains("andere kanaries")
    );
}

#[test]
fn a_canary_has_the_rights_of_a_person() {
    let small = Small::new();
    let mut nights = Nights::new(&small);
    let set = small.at(&nights.place);
    delivered(&nights);
    let canaries = drawn(&nights.place);
    nights.run();
    let number = &canaries.persons()[1].number;
    let args = ["--domain", "proef", "--json", "--set", &set];
    let find = [&["subject", "find"], &args[..]].concat();
    let found = ask(&nights.place, &find, number).must_exit(0);
    assert!(found.stdout.contains("_kanarie") && !found.stdout.contains(number.as_str()));
    let erase = [&["subject", "erase", "--yes"], &args[..]].concat();
    ask(&nights.place, &erase, number).must_exit(0);
    let gone = pseudonym(&nights.place, "proef", IdentifierKind::Number, number);
    assert_gone(&nights.place, &[gone]);
    releases(&nights.place);
    let report = nights.run().record.canaries.unwrap();
    let rules: Vec<_> = report
        .faults
        .iter()
        .map(|f| (f.rule.as_str(), f.canaries))
        .collect();
    assert_eq!(rules, [("gewist", 1), ("gewist", 1)]);
    assert_gone(&nights.place, &[gone]);
}
