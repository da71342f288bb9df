//! `sluis verify --html`: the report as a privacy officer gets it, and where it may not go.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use crate::support::{Answer, Place};

/// The demo, once; the tests work on copies.
static DEMO: LazyLock<Place> = LazyLock::new(|| {
    let place = Place::with_demo();
    place.sluis(&["run", "--quiet"]).must_exit(3);
    place
});

/// A copy of the demo's warehouse, in a folder of its own that goes with the first value.
fn copy() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let copied = std::process::Command::new("cp")
        .args(["-a", "--"])
        .arg(DEMO.warehouse())
        .arg(folder.path())
        .status();
    assert!(copied.unwrap().success());
    let warehouse = folder.path().join("magazijn");
    (folder, warehouse)
}

fn verify(warehouse: &Path, html: &Path, more: &[&str]) -> Answer {
    let (warehouse, html) = (warehouse.to_str().unwrap(), html.to_str().unwrap());
    let mut args = vec!["verify", warehouse, "--html", html];
    args.extend(more);
    DEMO.sluis(&args)
}

#[test]
fn a_clean_warehouse_gets_a_page_that_says_so() {
    let (folder, warehouse) = copy();
    let page = folder.path().join("verslag.html");
    let answer = verify(&warehouse, &page, &["--json"]).must_exit(0);
    let report = answer.json();
    let html = fs::read_to_string(&page).unwrap();
    assert_eq!(
        fs::metadata(&page).unwrap().permissions().mode() & 0o777,
        0o600
    );
    assert!(html.contains("Er is geen fout gevonden"));
    assert!(html.contains(report["release"].as_str().unwrap()));
    assert!(html.contains("SHA-256 van het programma"));
    assert!(html.contains("--attack"), "how to have the rest judged");
    for check in report["controles"].as_array().unwrap() {
        let id = check["id"].as_str().unwrap();
        assert_eq!(html.matches(&format!(" id=\"{id}\"")).count(), 1, "{id}");
    }
    for foreign in ["<script", "http:", "https:"] {
        assert!(!html.contains(foreign), "{foreign}");
    }
    // The same command may be given again.
    verify(&warehouse, &page, &[]).must_exit(0);
}

#[test]
fn what_is_wrong_is_on_the_page_and_no_value_of_it() {
    let (folder, warehouse) = copy();
    let secrets = ["999990019", "jan.jansen@voorbeeld.nl", "Daan-de-Vries"];
    let current = fs::canonicalize(warehouse.join("current")).unwrap();
    for number in 0..60 {
        let deep = current.join(format!("Daan-de-Vries-{number}/{}", "map/".repeat(20)));
        fs::create_dir_all(&deep).unwrap();
        fs::write(deep.join("a.txt"), "BSN 999990019, jan.jansen@voorbeeld.nl").unwrap();
    }
    let page = folder.path().join("verslag.html");
    let answer = verify(&warehouse, &page, &[]).must_exit(4);
    let html = fs::read_to_string(&page).unwrap();
    assert!(html.contains("Het magazijn voldoet niet"));
    assert!(
        html.contains("50 plaatsen die hier hetzelfde heten"),
        "alike is told once"
    );
    assert!(html.contains("Wat te doen") && html.contains("72 uur"));
    for secret in secrets {
        assert!(
            !html.contains(secret) && !answer.stdout.contains(secret),
            "{secret}"
        );
    }
}

#[test]
fn the_page_goes_where_it_harms_nothing() {
    let (folder, warehouse) = copy();
    let refused = |page: &Path, told: &str| {
        let answer = verify(&warehouse, page, &[]).must_exit(2);
        assert!(answer.stderr.contains(told), "{}", answer.stderr);
    };
    refused(&warehouse.join("verslag.html"), "lies in the warehouse");
    refused(
        &warehouse.join("releases/verslag.html"),
        "lies in the warehouse",
    );
    assert!(!warehouse.join("verslag.html").exists());
    let letter = folder.path().join("brief.html");
    fs::write(&letter, "Beste lezer").unwrap();
    refused(&letter, "is not a page of sluis");
    assert_eq!(fs::read_to_string(&letter).unwrap(), "Beste lezer");
    refused(folder.path(), "is a folder");
    refused(&folder.path().join("nergens/a.html"), "there is no folder");
}

#[test]
fn a_verification_is_logged_when_that_is_asked_and_only_then() {
    let (folder, warehouse) = copy();
    let log = || fs::read_to_string(warehouse.join("audit.ndjson")).unwrap();
    let before = log();
    let page = folder.path().join("verslag.html");
    verify(&warehouse, &page, &[]).must_exit(0);
    assert_eq!(log(), before);
    verify(&warehouse, &page, &["--log"]).must_exit(0);
    fs::write(warehouse.join("kladje.txt"), "BSN 999990019").unwrap();
    verify(&warehouse, &page, &["--log"]).must_exit(4);
    let text = log();
    let told: Vec<serde_json::Value> = text[before.len()..]
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(told.len(), 2);
    assert!(told.iter().all(|line| line["wat"] == "controle"));
    assert_eq!(told[0]["voldoet_niet"], serde_json::json!([]));
    assert_eq!(told[1]["resultaat"], "voldoet niet");
    let failing = told[1]["voldoet_niet"].as_array().unwrap();
    assert!(failing.contains(&"inhoud-bsn".into()), "{failing:?}");
    assert!(!text.contains("999990019") && !text.contains("kladje"));
    let args = ["audit", "verify", "--set"];
    let set = format!("paths.warehouse={}", warehouse.display());
    DEMO.sluis(&[&args[..], &[&set]].concat()).must_exit(0);
}
