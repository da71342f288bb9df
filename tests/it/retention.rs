//! What does not stay: raw deliveries and old releases.

use std::fs;
use std::path::PathBuf;
use std::sync::Mutex;

use chrono::TimeDelta;
use sluis::run::Observer;
use sluis::source::landing::Delivery;
use sluis::warehouse::journal::{DeliveryRecord, RunOutcome};

use crate::nights::Nights;
use crate::small::{Small, rows};

fn retention(days: u32) -> Small {
    let kept = format!("raw_retention_days = {days}\n[source.proef.columns]");
    Small::new().with(
        "config/dpia.toml",
        "raw_retention_days = 7\n[source.proef.columns]",
        &kept,
    )
}

#[test]
fn raw_deliveries_go_when_the_registers_period_is_over() {
    let mut nights = Nights::new(&retention(0));
    let good = nights.deliver("proef", "20240101", &rows(0..20));
    nights.place.vouch(&good);
    let older = nights.deliver("proef", "20230101", &rows(0..20));
    let bad = nights.deliver("proef", "20240201", "");
    assert_eq!(nights.run().removed, 2);
    assert!(!good.exists() && !older.exists());
    assert!(!good.with_file_name("proef_20240101.csv.sha256").exists());
    // Somebody must be able to look at a refused one.
    assert!(bad.exists());
    assert_eq!(nights.table("proef").len(), 20);
    nights.now += TimeDelta::days(8);
    assert_eq!(nights.run().removed, 1);
    assert!(!bad.exists());

    let mut nights = Nights::new(&retention(7));
    let good = nights.deliver("proef", "20240101", &rows(0..20));
    assert_eq!(nights.run().removed, 0);
    nights.now += TimeDelta::days(6);
    assert_eq!(nights.run().removed, 0);
    assert!(good.exists());
    nights.now += TimeDelta::days(2);
    let report = nights.run();
    assert_eq!(
        (report.removed, report.record.outcome),
        (1, RunOutcome::Ongewijzigd)
    );
    assert!(!good.exists());
    let before = nights.place.current();
    assert_eq!(nights.run().record.outcome, RunOutcome::Ongewijzigd);
    assert_eq!(nights.place.current(), before);
}

/// Puts another delivery in the place of the one that was just read.
struct Replacer {
    path: PathBuf,
    with: Mutex<Option<String>>,
}

impl Observer for Replacer {
    fn begins(&self, _: &Delivery) {}
    fn advances(&self, _: &str, _: u64) {}
    fn ends(&self, _: &DeliveryRecord) {
        if let Some(text) = self.with.lock().unwrap().take() {
            fs::write(&self.path, text).unwrap();
        }
    }
}

#[test]
fn a_delivery_that_came_during_the_run_is_not_removed_unread() {
    let mut nights = Nights::new(&retention(0));
    let path = nights.deliver("proef", "20240101", &rows(0..20));
    let replacer = Replacer {
        path: path.clone(),
        with: Mutex::new(Some(rows(0..30))),
    };
    assert_eq!(nights.watched(&replacer).removed, 0);
    assert_eq!(nights.table("proef").len(), 20);
    assert!(path.exists());
    nights.deliver("proef", "20240101", &rows(0..30));
    nights.run();
    assert_eq!(nights.table("proef").len(), 30);
}

#[test]
fn old_releases_go_and_the_newest_stay() {
    let mut nights = Nights::new(&Small::new());
    nights.keep = 2;
    let mut ids = Vec::new();
    for night in 1..6 {
        nights.deliver("proef", &format!("2024010{night}"), &rows(0..10 * night));
        let report = nights.run();
        ids.push(report.record.release.unwrap());
        assert_eq!(report.dropped.len(), usize::from(night > 2));
    }
    let releases = nights.place.warehouse().join("releases");
    let mut left: Vec<String> = fs::read_dir(releases)
        .unwrap()
        .map(|e| e.unwrap().file_name().into_string().unwrap())
        .collect();
    left.sort();
    assert_eq!(left, ids[3..]);
    assert_eq!(nights.table("proef").len(), 50);
    // A night without news drops nothing.
    assert!(nights.run().dropped.is_empty());
    let answer = nights
        .place
        .sluis(&["sql", "--release", &ids[0], "-c", "select 1"])
        .must_exit(2);
    assert!(
        answer.stderr.contains("there is no release"),
        "{}",
        answer.stderr
    );
}
