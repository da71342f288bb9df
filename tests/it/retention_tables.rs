//! Rows that are past the register's period go: from the current release, and with the releases before.

use std::fs;

use chrono::{TimeZone, Utc};
use serde_json::Value;
use sluis::lock::pseudonym::IdentifierKind;
use sluis::warehouse::journal::RunOutcome;
use sluis::warehouse::release;

use crate::nights::{Change, Nights, stand};
use crate::small::{Small, rows};
use crate::subject::{assert_gone, pseudonym, releases};

/// Both tables with a period.
fn periods(proef: &str, stand: &str) -> Small {
    Small::new().adding(
        "config/dpia.toml",
        &format!("[table.proef]\n{proef}\n[table.stand]\n{stand}\n"),
    )
}

const OLD: [Change; 4] = [
    (1, 1, 1915, "oost", 10, false),
    (2, 2, 2024, "oost", 20, false),
    (3, 3, 1916, "west", 30, false),
    (4, 4, 1916, "zuid", 40, true),
];

/// Far in the future, so that no delivery of today is still being written.
fn delivered(small: &Small) -> Nights {
    let mut nights = Nights::new(small);
    nights.now = Utc.with_ymd_and_hms(2124, 6, 1, 1, 0, 0).unwrap();
    nights.deliver("stand", "20240101", &stand(&OLD));
    nights.deliver(
        "proef",
        "20240101",
        &rows(0..20).replace("03-2024;oost", "03-1912;oost"),
    );
    nights.run();
    nights
}

fn years(nights: &Nights, table: &str) -> Vec<String> {
    let mut years: Vec<String> = nights.table(table).into_iter().map(|l| l.0).collect();
    years.dedup();
    years
}

fn retention(nights: &Nights, small: &Small, args: &[&str]) -> Value {
    let set = small.at(&nights.place);
    let args = [&["retention", "--json"], args, &["--set", &set]].concat();
    nights.place.sluis(&args).must_exit(0).json()
}

#[test]
fn what_is_past_its_period_goes_physically() {
    let small = periods("retention_years = 90", "retention_years = 90");
    let mut nights = delivered(&small);
    nights.deliver(
        "proef",
        "20240201",
        &rows(0..21).replace("03-2024;oost", "03-1912;oost"),
    );
    nights.run();
    let before = nights.content();
    let plan = retention(&nights, &small, &["--dry-run"]);
    assert_eq!(
        plan["rows"]["rows"],
        serde_json::json!({"proef": 7, "stand": 2})
    );
    assert_eq!(plan["releases"].as_array().unwrap().len(), 2);
    assert_eq!(nights.content(), before);

    let done = retention(&nights, &small, &[]);
    assert_eq!(done["rows"], plan["rows"]);
    assert_eq!(done["releases"], plan["releases"]);
    assert_eq!(years(&nights, "proef"), ["2024"]);
    assert_eq!(nights.table("stand").len(), 1);
    // The release before lost nothing by itself, so it goes as a whole; and with it the rows.
    let left = releases(&nights.place);
    assert!(
        left.iter()
            .all(|m| m.files.iter().all(|f| !f.path.contains("jaar=191")))
    );
    assert_eq!(done["published"], left.last().unwrap().id.as_str());
    // C-00001 is in `proef` too, within its period there.
    assert!(nights.table("proef").len() > 10);
    let state = left
        .last()
        .unwrap()
        .files
        .iter()
        .find(|f| f.table == "_stand")
        .unwrap();
    assert_eq!(state.rows, 1);
    // Twice is once, and the next run has nothing to do.
    let again = retention(&nights, &small, &[]);
    assert_eq!(
        (&again["published"], &again["rows"]["rows"]),
        (&Value::Null, &serde_json::json!({}))
    );
    nights.contracts = small.contracts();
    assert_eq!(nights.run().record.outcome, RunOutcome::Ongewijzigd);
    assert!(
        nights
            .place
            .sluis(&["status"])
            .must_exit(0)
            .stdout
            .contains("unchanged")
    );
}

#[test]
fn a_period_may_count_from_a_day() {
    let small = periods(
        "retention_years = 2\nfrom = \"datum\"",
        "unlimited = \"Proef.\"",
    );
    let mut nights = Nights::new(&small);
    let long_ago = rows(0..28).replace("03-2024", "03-2010");
    nights.deliver("proef", "20240101", &long_ago);
    nights.deliver("stand", "20240101", &stand(&OLD));
    nights.run();
    let set = small.at(&nights.place);
    let whole = nights.content();
    nights
        .place
        .sluis(&["retention", "--set", &set])
        .must_exit(0);
    assert_ne!(nights.content(), whole);
    assert!(nights.table("proef").is_empty());
    assert_eq!(nights.table("stand").len(), 3);
}

#[test]
fn the_nightly_run_drops_them_too_where_the_register_says_so() {
    let small = periods(
        "retention_years = 100\nfrom = \"datum\"",
        "retention_years = 100",
    )
    .adding("config/dpia.toml", "[retention]\nnightly = true\n");
    let mut nights = delivered(&small);
    // 1912 is over; of March 2024 the days before 1 June 2024 are.
    assert!(nights.table("proef").is_empty());
    assert_eq!(nights.table("stand").len(), 1);
    // A day in the middle of the month: some rows of a file go, and others stay.
    let mut halfway = nights.fresh();
    halfway.now = Utc.with_ymd_and_hms(2124, 3, 15, 1, 0, 0).unwrap();
    halfway.deliver("proef", "20240101", &rows(0..28));
    let report = halfway.run();
    assert_eq!(report.outlived.total(), 14);
    let days: Vec<String> = halfway.table("proef").into_iter().map(|l| l.2).collect();
    assert_eq!(days.len(), 14);
    assert!(days.iter().all(|d| d.as_str() >= "2024-03-15"), "{days:?}");
    let gone = pseudonym(&halfway.place, "proef", IdentifierKind::Number, "C-00003");
    assert_gone(&halfway.place, &[gone]);
    // A day later another one goes, and the release of yesterday with it.
    let yesterday = release::list(&halfway.place.warehouse()).unwrap();
    halfway.now += chrono::TimeDelta::days(1);
    let report = halfway.run();
    assert_eq!((report.outlived.total(), report.dropped), (1, yesterday));
    // Whatever comes again, comes to nothing.
    halfway.deliver("proef", "20240102", &rows(0..28));
    assert_eq!(halfway.run().record.outcome, RunOutcome::Gepubliceerd);
    assert_eq!(halfway.table("proef").len(), 13);
    nights.now += chrono::TimeDelta::days(1);
    assert_eq!(nights.run().record.outcome, RunOutcome::Ongewijzigd);
}

#[test]
fn raw_deliveries_go_as_after_a_run() {
    let small = periods("retention_years = 100", "retention_years = 100").with(
        "config/dpia.toml",
        "raw_retention_days = 7\n[source.proef.columns]",
        "raw_retention_days = 0\n[source.proef.columns]",
    );
    let mut nights = Nights::new(&periods("retention_years = 100", "retention_years = 100"));
    let path = nights.deliver("proef", "20240101", &rows(0..5));
    nights.run();
    let new = nights.deliver("proef", "20240201", &rows(0..6));
    // Its recipe changed with the register, so it is not known to be taken in: the next run decides.
    let set = small.at(&nights.place);
    nights.place.sluis(&["run", "--set", &set]).must_exit(0);
    assert!(!new.exists() && !path.exists());
    fs::write(&path, rows(0..5)).unwrap();
    let done = retention(&nights, &small, &[]);
    assert_eq!(done["raw_deliveries"], 1);
    assert!(!path.exists());
}

#[test]
fn the_register_must_say_what_can_be_done() {
    for (table, says) in [
        (
            "[table.nergens]\nretention_years = 5\n",
            "there is no table `nergens`",
        ),
        ("[table.proef]\n", "does not say how long"),
        (
            "[table.proef]\nretention_years = 0\n",
            "`retention_years` of [table.proef] is 0",
        ),
        (
            "[table.proef]\nretention_years = 5\nfrom = \"wijk\"\n",
            "cannot be counted from column `wijk`",
        ),
        (
            "[table.proef]\nretention_years = 5\nunlimited = \"x\"\n",
            "does not say how long",
        ),
    ] {
        let small = Small::new().adding("config/dpia.toml", table);
        let nights = Nights::new(&Small::new());
        let set = small.at(&nights.place);
        let answer = nights.place.sluis(&["check", "--set", &set]).must_exit(2);
        assert!(answer.stdout.contains(says), "{}", answer.stdout);
    }
    // A table without a period is no fault, and is told of.
    let small = Small::new().adding("config/dpia.toml", "[table.proef]\nretention_years = 5\n");
    let nights = Nights::new(&Small::new());
    let set = small.at(&nights.place);
    let answer = nights.place.sluis(&["check", "--set", &set]).must_exit(0);
    assert!(
        answer.stderr.contains("they stay: stand"),
        "{}",
        answer.stderr
    );
}
