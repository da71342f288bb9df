//! Partners that changed their form or their name, that stopped, or that are silent.

use sluis::warehouse::journal::DeliveryOutcome::{Geweigerd, Verwerkt};

use super::{line, source};
use crate::nights::{Nights, outcomes};
use crate::small::{HEADER, Small, rows};
use crate::support::Place;

const SOURCE: &str = "schemas/sources/proef.toml";
const PIPELINE: &str = "pipelines/proef/pipeline.toml";

/// The small sources, `proef` with these versions and a rhythm, `stand` with a rhythm.
fn small(versions: &str) -> Small {
    let rhythm = "checksum = \"none\"\nexpected_days = 31\n";
    Small::new()
        .with(SOURCE, "version = \"1\"\n", "")
        .with(
            SOURCE,
            "key = [\"wie\"]\n",
            &format!("key = [\"wie\"]\n{versions}"),
        )
        .with(PIPELINE, "checksum = \"none\"\n", rhythm)
        .with(
            "pipelines/stand/pipeline.toml",
            "checksum = \"none\"\n",
            rhythm,
        )
}

const RENAMED: &str = r#"[[version]]
name = "oud"
until = "2024-03-31"
[[version]]
name = "nieuw"
from = "2024-04-01"
partner = "gro-up"
"#;

#[test]
fn a_delivery_is_held_against_the_version_of_its_day() {
    let small = small(RENAMED).with(
        SOURCE,
        "header = \"Nummer\"",
        "header = { oud = [\"Nummer\"], nieuw = [\"Kenmerk\"] }",
    );
    let (old, new) = (rows(0..20), rows(0..20).replace("Nummer;", "Kenmerk;"));
    assert!(old.starts_with(HEADER));
    let taken = |date: &str, text: &str| {
        let mut nights = Nights::new(&small);
        nights.deliver("proef", date, text);
        let report = nights.run();
        let reason = report.record.deliveries[0].reason.clone();
        let rule = reason.map(|r| r.split(':').next().unwrap().to_owned());
        (outcomes(&report)[date], rule)
    };
    let refused = |rule: &str| (Geweigerd, Some(rule.to_owned()));
    assert_eq!(taken("20240331", &old), (Verwerkt, None));
    assert_eq!(taken("20240331", &new), refused("onbekende_kolom"));
    assert_eq!(taken("20240401", &new), (Verwerkt, None));
    assert_eq!(taken("20240401", &old), refused("onbekende_kolom"));
}

#[test]
fn before_the_first_and_after_the_last_version_nothing_is_taken() {
    let only = "[[version]]\nname = \"1\"\nfrom = \"2020-01-01\"\nuntil = \"2022-12-31\"\n";
    let mut nights = Nights::new(&small(only));
    for date in ["20191231", "20200101", "20221231", "20230101"] {
        nights.deliver("proef", date, &rows(0..20));
    }
    let report = nights.run();
    let reason = |date: &str| {
        let found = report.record.deliveries.iter().find(|d| d.order == date);
        found.unwrap().reason.clone()
    };
    assert_eq!(outcomes(&report)["20221231"], Verwerkt);
    assert!(reason("20230101").unwrap().starts_with("geen_versie: "));
    // Of an older one nobody needs to know: a later one took its place.
    assert_eq!(reason("20191231"), None);
    let mut early = Nights::new(&small(only));
    early.deliver("proef", "20191231", &rows(0..20));
    assert_eq!(outcomes(&early.run())["20191231"], Geweigerd);
}

/// The answers of `status` after a night with this delivery of `proef`.
fn status(small: &Small, date: &str) -> (Place, crate::support::Answer, serde_json::Value) {
    let place = Place::new();
    let setting = small.at(&place);
    let text = rows(0..20);
    place.deliver("proef", &format!("proef_{date}.csv"), text.as_bytes());
    place
        .sluis(&["--set", &setting, "run", "--quiet"])
        .must_exit(0);
    let answer = place.sluis(&["--set", &setting, "status"]).must_exit(0);
    let json = place
        .sluis(&["--set", &setting, "status", "--json"])
        .must_exit(0)
        .json();
    (place, answer, json)
}

#[test]
fn status_never_waits_for_a_partner_that_stopped() {
    let stopped = "[[version]]\nname = \"1\"\nuntil = \"2022-12-31\"\n";
    let (_place, answer, json) = status(&small(stopped), "20221201");
    assert!(
        line(&answer, "proef").ends_with("stopped since 2022-12-31"),
        "{}",
        answer.stdout
    );
    assert!(!answer.stderr.contains("`proef`"), "{}", answer.stderr);
    let proef = source(&json, "proef");
    assert_eq!(proef["late"], false);
    assert_eq!(proef["stopped"], "2022-12-31");
    // The other one was expected and never came.
    assert!(
        line(&answer, "stand").ends_with("no delivery yet, EXPECTED"),
        "{}",
        answer.stdout
    );
    assert!(
        answer.stderr.contains(
            "warning: `stand` never delivered, and a delivery is expected every 31 days; ask stand"
        ),
        "{}",
        answer.stderr
    );
    assert_eq!(source(&json, "stand")["missing"], true);
}

#[test]
fn status_shows_who_delivers_now_and_who_did() {
    let (_place, answer, json) = status(&small(RENAMED), "20240401");
    let shown = line(&answer, "proef");
    assert!(
        shown.starts_with("proef gro-up, formerly proef 1 20240401"),
        "{shown}"
    );
    assert!(
        answer
            .stderr
            .contains("warning: `proef` is late: its newest delivery is")
            && answer.stderr.contains("ask gro-up"),
        "{}",
        answer.stderr
    );
    let proef = source(&json, "proef");
    assert_eq!(proef["partner"], "gro-up");
    assert_eq!(proef["formerly"], "proef");
    assert_eq!(
        (&proef["late"], &proef["missing"]),
        (&true.into(), &false.into())
    );
}

#[test]
fn check_says_on_which_days_nothing_is_taken() {
    let place = Place::new();
    let setting = small(&RENAMED.replace("2024-04-01", "2024-05-01")).at(&place);
    let answer = place.sluis(&["--set", &setting, "check"]).must_exit(0);
    let warning = "warning: no version of `proef` holds from 2024-04-01 to 2024-04-30: deliveries of those days are refused";
    assert!(answer.stderr.contains(warning), "{}", answer.stderr);
    let json = place
        .sluis(&["--set", &setting, "check", "--json"])
        .must_exit(0)
        .json();
    assert_eq!(json["remarks"].as_array().unwrap().len(), 1);
    assert_eq!(json["faults"].as_array().unwrap().len(), 0);
}
