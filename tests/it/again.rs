//! Changed contracts, and changed tables that others build on, treat deliveries again.

use std::fs;

use sluis::warehouse::journal::DeliveryOutcome::{Geweigerd, Ongewijzigd, Verwerkt};
use sluis::warehouse::journal::RunOutcome;

use crate::nights::{DATES, HISTORY, Nights, inodes, model, stand};
use crate::small::{Small, rows};
use crate::support::Place;

#[test]
fn a_changed_contract_treats_deliveries_again() {
    let (mapping, other) = ("pipelines/proef/proef.sql", "pipelines/stand/stand.sql");
    let changes = [
        (
            "proef",
            Small::new().with(mapping, "datum, aantal", "datum, aantal + 1 AS aantal"),
        ),
        (
            "stand",
            Small::new().with(other, "datum, aantal", "datum, aantal + 1 AS aantal"),
        ),
        (
            "proef",
            Small::new().with(
                "schemas/sources/proef.toml",
                "\"zuid\"]",
                "\"zuid\", \"noord\"]",
            ),
        ),
        (
            "stand",
            Small::new()
                .with("config/dpia.toml", "domain.proef", "domain.anders")
                .with(
                    "schemas/sources/stand.toml",
                    "domain = \"proef\"",
                    "domain = \"anders\"",
                )
                .with(
                    "schemas/sources/proef.toml",
                    "domain = \"proef\"",
                    "domain = \"anders\"",
                ),
        ),
    ];
    for (at, (source, small)) in changes.into_iter().enumerate() {
        let mut nights = Nights::new(&Small::new());
        let deliver = |nights: &Nights| {
            nights.deliver("proef", "20240101", &rows(0..20));
            for (date, changes) in DATES.iter().zip(HISTORY) {
                nights.deliver("stand", date, &stand(changes));
            }
        };
        deliver(&nights);
        nights.run();
        nights.contracts = small.contracts();
        let report = nights.run();
        for delivery in &report.record.deliveries {
            let touched = delivery.source == source || at == 3;
            assert_eq!(
                delivery.outcome,
                if touched { Verwerkt } else { Ongewijzigd },
                "{at}"
            );
        }
        let mut fresh = nights.fresh();
        deliver(&fresh);
        fresh.run();
        assert_eq!(nights.content(), fresh.content(), "change {at}");
        assert_eq!(nights.run().record.outcome, RunOutcome::Ongewijzigd);
    }
}

#[test]
fn an_incremental_delivery_that_changed_leaves_nothing_of_what_it_was() {
    let mut nights = Nights::new(&Small::new());
    for (date, changes) in DATES.iter().zip(HISTORY) {
        nights.deliver("stand", date, &stand(changes));
    }
    nights.run();
    // Without its deletion of 2, and without 4.
    let corrected = [HISTORY[0][0], HISTORY[0][2]];
    nights.deliver("stand", DATES[0], &stand(&corrected));
    nights.run();
    assert_eq!(
        nights.table("stand"),
        model(&[&corrected, HISTORY[1], HISTORY[2], HISTORY[3]])
    );
    assert_eq!(nights.run().record.outcome, RunOutcome::Ongewijzigd);
}

/// What the new content leaves out cannot be taken back when the other deliveries are gone.
#[test]
fn an_incremental_delivery_that_changed_alone_is_refused() {
    let mut nights = Nights::new(&Small::new());
    let paths: Vec<_> = DATES
        .iter()
        .zip(HISTORY)
        .map(|(date, changes)| nights.deliver("stand", date, &stand(changes)))
        .collect();
    nights.run();
    let before = nights.place.current();
    fs::remove_file(&paths[1]).unwrap();
    nights.deliver("stand", DATES[0], &stand(&HISTORY[0][..2]));
    let report = nights.run();
    let refused = &report.record.deliveries[0];
    assert_eq!(refused.outcome, Geweigerd);
    let reason = refused.reason.as_deref().unwrap();
    assert!(reason.starts_with("al_verwerkt: "), "{reason}");
    assert_eq!(nights.place.current(), before);
    // All of them back: now it can be merged.
    nights.deliver("stand", DATES[1], &stand(HISTORY[1]));
    nights.run();
    let expected = model(&[&HISTORY[0][..2], HISTORY[1], HISTORY[2], HISTORY[3]]);
    assert_eq!(nights.table("stand"), expected);
}

#[test]
fn a_contract_that_a_delivery_does_not_fit_any_more_leaves_the_source_as_it_was() {
    let mut nights = Nights::new(&Small::new());
    for (date, changes) in DATES.iter().zip(HISTORY) {
        nights.deliver("stand", date, &stand(changes));
    }
    nights.run();
    let before = (
        nights.content(),
        inodes(&nights.place),
        nights.place.current(),
    );
    // The third delivery speaks of west.
    let narrow = Small::new().with(
        "schemas/sources/stand.toml",
        "[\"oost\", \"west\", \"zuid\"]",
        "[\"oost\", \"zuid\"]",
    );
    nights.contracts = narrow.contracts();
    let report = nights.run();
    assert!(
        report
            .record
            .deliveries
            .iter()
            .all(|d| d.outcome == Geweigerd)
    );
    assert_eq!(report.record.outcome, RunOutcome::Ongewijzigd);
    let now = (
        nights.content(),
        inodes(&nights.place),
        nights.place.current(),
    );
    assert_eq!(now, before);
    nights.contracts = Small::new().contracts();
    assert_eq!(nights.run().record.outcome, RunOutcome::Ongewijzigd);
}

#[test]
fn a_table_may_grow_a_column() {
    let column =
        "[[column]]\nname = \"dubbel\"\ntype = \"geheel\"\ndocumentation = \"Twee keer.\"\n";
    for source in ["proef", "stand"] {
        let sql = format!("pipelines/{source}/{source}.sql");
        let grown = Small::new()
            .adding(&format!("schemas/tables/{source}.toml"), column)
            .with(&sql, "datum, aantal", "datum, aantal, 2 * aantal AS dubbel");
        let mut nights = Nights::new(&Small::new());
        let deliver = |nights: &Nights| {
            nights.deliver("proef", "20240101", &rows(0..20));
            for (date, changes) in DATES.iter().zip(HISTORY) {
                nights.deliver("stand", date, &stand(changes));
            }
        };
        deliver(&nights);
        nights.run();
        nights.contracts = grown.contracts();
        nights.run();
        let mut fresh = nights.fresh();
        deliver(&fresh);
        fresh.run();
        assert_eq!(nights.content(), fresh.content(), "{source}");
    }
}

#[test]
fn a_changed_contract_without_its_delivery_is_told() {
    let mut nights = Nights::new(&Small::new());
    let path = nights.deliver("proef", "20240101", &rows(0..20));
    nights.run();
    let before = nights.content();
    fs::remove_file(path).unwrap();
    let mapping = "pipelines/proef/proef.sql";
    nights.contracts = Small::new()
        .with(mapping, "datum, aantal", "datum, aantal + 1 AS aantal")
        .contracts();
    let report = nights.run();
    assert_eq!(report.outdated, ["proef"]);
    assert_eq!(nights.content(), before);
}

#[test]
fn other_postcodes_treat_what_builds_on_them_again() {
    let place = Place::with_demo();
    place.sluis(&["run"]).must_exit(3);
    let path = place
        .landing()
        .join("cbs-postcodes/cbs-postcodes_20200301.csv");
    // Everybody moves to Oost.
    let text = fs::read_to_string(path).unwrap();
    let moved: String = text
        .lines()
        .enumerate()
        .map(|(at, line)| match at {
            0 => format!("{line}\n"),
            _ => format!("{};WK060601\n", line.split(';').next().unwrap()),
        })
        .collect();
    place.deliver(
        "cbs-postcodes",
        "cbs-postcodes_20250301.csv",
        moved.as_bytes(),
    );
    let plan = place
        .sluis(&["--json", "run", "--dry-run"])
        .must_exit(0)
        .json();
    let read = |source: &str| {
        plan.as_array()
            .unwrap()
            .iter()
            .filter(|p| p["source"] == source && p["action"] != "left")
            .count()
    };
    assert_eq!(read("cbs-postcodes"), 1);

    let report = place.sluis(&["--json", "run"]).must_exit(3).json();
    for delivery in report["deliveries"].as_array().unwrap() {
        if delivery["outcome"] == "geweigerd" {
            continue;
        }
        let again = match delivery["source"].as_str().unwrap() {
            "wot-casus" | "zrm" | "mevis-jeugd" | "rogplus-toewijzing" | "rogplus-wmo" | "dock"
            | "buurtwerk" | "seniorenwelzijn" | "vroegsignalering" => true,
            "cbs-postcodes" => delivery["order"] == "20250301",
            _ => false,
        };
        assert_eq!(delivery["outcome"] == "verwerkt", again, "{delivery}");
    }
    for table in ["hulpvraag", "zrm_score"] {
        let files = place
            .manifest()
            .files
            .into_iter()
            .filter(|f| f.table == table);
        let wijken: std::collections::BTreeSet<String> = files
            .map(|f| {
                f.path
                    .split("wijk=")
                    .nth(1)
                    .unwrap()
                    .split('/')
                    .next()
                    .unwrap()
                    .to_owned()
            })
            .collect();
        let known: Vec<&str> = wijken
            .iter()
            .map(String::as_str)
            .filter(|w| !matches!(*w, "onbekend" | "buiten_schiedam"))
            .collect();
        assert_eq!(known, ["oost"], "{table}");
    }
    // The figures do not depend on where people live.
    let total = "select aantal from monitor.hulpvragen where jaar = 2024 and soort = 'totaal'";
    assert_eq!(place.sql(total)[0]["aantal"], 1873);
}
