//! `status`, `check`, `run --dry-run`: what a person sees before and after a night, and how the program
//! behaves whatever is asked.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::support::{Answer, Place};

mod partners;

fn source<'a>(status: &'a Value, name: &str) -> &'a Value {
    let sources = status["sources"].as_array().unwrap();
    sources.iter().find(|s| s["source"] == name).unwrap()
}

fn status(place: &Place) -> Value {
    place.sluis(&["status", "--json"]).must_exit(0).json()
}

/// A row of `status` without its columns' widths.
fn line(answer: &Answer, start: &str) -> String {
    let line = answer.stdout.lines().find(|l| l.starts_with(start));
    let words = line.unwrap_or_else(|| panic!("no {start}: {}", answer.stdout));
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn status_tells_how_the_nights_went() {
    let place = Place::with_demo();
    let answer = place.sluis(&["status"]).must_exit(0);
    assert!(
        answer.stdout.starts_with("nothing has been published yet"),
        "{}",
        answer.stdout
    );
    assert!(
        line(&answer, "wot-casus").contains("no delivery yet"),
        "{}",
        answer.stdout
    );
    let before = status(&place);
    assert_eq!(before["release"], Value::Null);
    assert_eq!(before["runs"], json!([]));
    assert_eq!(source(&before, "zrm")["deliveries"], 0);
    // Looking makes nothing.
    assert!(!place.warehouse().exists());

    place.sluis(&["run", "--quiet"]).must_exit(3);
    let answer = place.sluis(&["status"]).must_exit(0);
    let manifest = place.manifest();
    assert!(answer.stdout.contains(&manifest.id), "{}", answer.stdout);
    assert!(
        answer.stdout.contains(&manifest.key_fingerprint),
        "{}",
        answer.stdout
    );
    assert!(
        line(&answer, "cbs-wijken").ends_with("10 0 good"),
        "{}",
        answer.stdout
    );
    let after = status(&place);
    assert_eq!(after["release"]["id"], json!(manifest.id));
    let wot = source(&after, "wot-casus");
    assert_eq!(wot["deliveries"], 5);
    assert_eq!(wot["newest"], "20250115");
    assert_eq!(wot["last_refusal"], Value::Null);
    let rows: u64 = manifest
        .deliveries
        .iter()
        .filter(|d| d.source == "wot-casus")
        .map(|d| d.rows_kept)
        .sum();
    assert_eq!(wot["rows"], json!(rows));
    assert_eq!(after["runs"].as_array().unwrap().len(), 1);
    assert_eq!(after["runs"][0]["release"], json!(manifest.id));

    // A delivery of 2025 is later than a month: the source is late, and both forms say so.
    assert_eq!(wot["late"], true);
    assert!(
        answer.stderr.contains("warning: `wot-casus` is late"),
        "{}",
        answer.stderr
    );
    assert!(
        line(&answer, "wot-casus").ends_with("LATE"),
        "{}",
        answer.stdout
    );
    // Where no rhythm was agreed nothing is late.
    assert_eq!(source(&after, "cbs-bevolking")["late"], false);
    assert!(
        !answer.stderr.contains("cbs-bevolking"),
        "{}",
        answer.stderr
    );
}

#[test]
fn status_tells_of_a_refusal_until_a_good_delivery_comes() {
    let place = Place::with_demo();
    place.sluis(&["run", "--quiet"]).must_exit(3);
    let release = place.manifest().id;
    let good = fs::read(
        place
            .landing()
            .join("wot-casus/wot-casus_2024_20250115.csv"),
    )
    .unwrap();
    let path = place.deliver("wot-casus", "wot-casus_2024_20250201.csv", &good[..5000]);
    // Vouched for by the checksum of the whole file: cut off on its way.
    fs::copy(
        place
            .landing()
            .join("wot-casus/wot-casus_2024_20250115.csv.sha256"),
        path.with_extension("csv.sha256"),
    )
    .unwrap();
    place.sluis(&["run", "--quiet", "wot-casus"]).must_exit(3);
    let now = status(&place);
    let reason = source(&now, "wot-casus")["last_refusal"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(
        reason.contains("checksum") || reason.contains(".sha256"),
        "{reason}"
    );
    assert_eq!(now["release"]["id"], json!(release), "the release stands");
    assert_eq!(now["runs"][0]["refused"], 1);
    let answer = place.sluis(&["status"]).must_exit(0);
    assert!(
        line(&answer, "wot-casus").contains("REFUSED"),
        "{}",
        answer.stdout
    );

    fs::write(&path, &good).unwrap();
    place.vouch(&path);
    let code = place.sluis(&["run", "--quiet", "wot-casus"]).code;
    assert_eq!(code, 3, "it has rows that are refused");
    assert_eq!(
        source(&status(&place), "wot-casus")["last_refusal"],
        Value::Null
    );
}

#[test]
fn status_tells_of_a_warehouse_that_is_damaged() {
    let place = Place::with_demo();
    place.sluis(&["run", "--quiet"]).must_exit(3);
    let manifest = place.current().unwrap().join("release.json");
    fs::write(manifest, "{").unwrap();
    for command in [&["status"][..], &["sql", "-c", "select 1"], &["run"]] {
        let answer = place.sluis(command).must_exit(1);
        assert!(
            answer.stderr.starts_with("error: the manifest of release"),
            "{}",
            answer.stderr
        );
    }
}

/// What a dry run says of each delivery: `source part order`, action, reason.
fn plan(place: &Place, args: &[&str]) -> Vec<(String, String, String)> {
    let answer = place
        .sluis(&[&["run", "--dry-run", "--json"], args].concat())
        .must_exit(0);
    let text = |v: &Value| v.as_str().unwrap().to_owned();
    let plans = answer.json();
    let plans = plans.as_array().unwrap().iter();
    plans
        .map(|p| {
            let name = [&p["source"], &p["part"], &p["order"]].map(text).join(" ");
            (name, text(&p["action"]), text(&p["why"]))
        })
        .collect()
}

/// Deliveries below a folder: files that are no checksums.
fn delivered(folder: &Path) -> usize {
    let entries = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let count = |path: PathBuf| match path.extension() {
        _ if path.is_dir() => delivered(&path),
        Some(ending) if ending == "sha256" => 0,
        _ => 1,
    };
    entries.map(count).sum()
}

#[test]
fn a_dry_run_says_what_would_be_done_and_why() {
    let place = Place::with_demo();
    let all = plan(&place, &[]);
    assert_eq!(all.len(), delivered(&place.landing()));
    assert!(
        all.iter()
            .all(|(_, action, why)| action == "read" && why == "it is new"
                || why == "a later delivery takes its place"),
        "{all:?}"
    );
    assert!(!place.warehouse().exists(), "a dry run makes nothing");
    assert_eq!(plan(&place, &["zrm"]).len(), 15);

    place.sluis(&["run", "--quiet"]).must_exit(3);
    let runs = place.sql("select * from beheer.runs").len();
    let unchanged = plan(&place, &[]);
    // What was refused whole is tried again; the rest is left alone.
    let good = |name: &str| name.starts_with("wot-casus") || name.starts_with("zrm");
    let mut good = unchanged.iter().filter(|(name, ..)| good(name));
    assert!(good.all(|(_, action, _)| action == "left"), "{unchanged:?}");

    let wot = place.landing().join("wot-casus");
    let good = fs::read(wot.join("wot-casus_2024_20250115.csv")).unwrap();
    // A later one, one that changed, and one without its checksum.
    place.vouch(&place.deliver("wot-casus", "wot-casus_2024_20250201.csv", &good));
    let changed = fs::read(wot.join("wot-casus_2022_20250115.csv")).unwrap();
    let shorter = changed.len() - changed.rsplit(|b| *b == b'\n').nth(1).unwrap().len() - 1;
    place.vouch(&place.deliver(
        "wot-casus",
        "wot-casus_2022_20250115.csv",
        &changed[..shorter],
    ));
    let said = plan(&place, &["wot-casus"]);
    let of = |name: &str| {
        let found = said.iter().find(|(n, ..)| n == name);
        let (_, action, why) = found.unwrap_or_else(|| panic!("no {name}: {said:?}"));
        format!("{action}: {why}")
    };
    assert_eq!(of("wot-casus 2024 20250201"), "read: it is new");
    assert_eq!(
        of("wot-casus 2024 20250115"),
        "left: a later delivery takes its place"
    );
    assert_eq!(
        of("wot-casus 2022 20250115"),
        "read: its content has changed"
    );
    assert_eq!(
        of("wot-casus 2020 20210115"),
        "left: it is in the release already"
    );

    // A file that may still be written is refused for now.
    let contacts = place
        .landing()
        .join("korte-contacten/korte-contacten_2024_20250301.xlsx");
    fs::write(&contacts, "half a workbook").unwrap();
    let said = plan(&place, &["korte-contacten"]);
    let (_, action, why) = said.iter().find(|(n, ..)| n.ends_with("20250301")).unwrap();
    assert_eq!(action, "refused");
    assert!(why.contains("seconds ago"), "{why}");

    // Under another contract what was published is read again.
    let own = own_contracts(&place);
    edit(
        &own,
        "schemas/sources/wot-casus.toml",
        "max_bytes = 20",
        "max_bytes = 19",
    );
    let setting = format!("paths.contracts={}", own.display());
    let said = plan(&place, &["wot-casus", "--set", &setting]);
    let (_, action, why) = said
        .iter()
        .find(|(n, ..)| n.ends_with("2020 20210115"))
        .unwrap();
    assert_eq!(action, "read again");
    assert!(why.starts_with("its contract"), "{why}");

    assert_eq!(
        place.sql("select * from beheer.runs").len(),
        runs,
        "a dry run is no run"
    );
    let answer = place.sluis(&["run", "--dry-run"]).must_exit(0);
    assert!(
        answer.stdout.contains("a later delivery takes its place"),
        "{}",
        answer.stdout
    );
    place.sluis(&["run", "--dry-run", "nergens"]).must_exit(2);
}

#[test]
fn a_dry_run_over_an_empty_landing_folder_says_so() {
    let place = Place::new();
    let answer = place.sluis(&["run", "--dry-run"]).must_exit(0);
    assert_eq!(answer.stdout, "");
    assert!(answer.stderr.contains("no delivery"), "{}", answer.stderr);
    assert_eq!(plan(&place, &[]), Vec::new());
    // Without a key it stops, as a run would.
    Place::bare().sluis(&["run", "--dry-run"]).must_exit(2);
}

#[test]
fn check_lists_every_fault_with_its_place_and_remedy() {
    let place = Place::new();
    let contracts = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas/sources");
    let sources = fs::read_dir(contracts).unwrap().count();
    let answer = place.sluis(&["check"]).must_exit(0);
    assert_eq!(answer.stderr, "", "nothing is worth a look either");
    assert!(
        answer
            .stdout
            .starts_with(&format!("no faults: {sources} sources")),
        "{}",
        answer.stdout
    );
    let answer = place.sluis(&["check", "--json"]).must_exit(0);
    assert_eq!(answer.json()["faults"], json!([]));
    assert_eq!(answer.json()["sources"], json!(sources));

    let own = own_contracts(&place);
    let setting = format!("paths.contracts={}", own.display());
    let check = |args: &[&str]| place.sluis(&[&["--set", &setting, "check"], args].concat());
    check(&[]).must_exit(0);

    // One fault in each kind of file; all of them are told at once.
    let edit = |path: &str, from: &str, to: &str| edit(&own, path, from, to);
    edit(
        "schemas/sources/wot-casus.toml",
        "type = \"bsn\"",
        "type = \"bns\"",
    );
    edit(
        "pipelines/zrm/pipeline.toml",
        "mode = \"incremental\"",
        "mode = \"soms\"",
    );
    edit(
        "pipelines/korte-contacten/kort_contact.sql",
        "FROM levering",
        "FROM aanlevering",
    );
    edit(
        "config/dpia.toml",
        "[source.cbs-wijken]",
        "[source.cbs-wyken]",
    );
    let answer = check(&[]).must_exit(2);
    for file in [
        "schemas/sources/wot-casus.toml:",
        "pipelines/zrm/pipeline.toml:",
        "pipelines/korte-contacten/kort_contact.sql",
        "cbs-wijken",
    ] {
        assert!(answer.stdout.contains(file), "{file}: {}", answer.stdout);
    }
    assert!(
        answer.stderr.contains("faults in what was edited"),
        "{}",
        answer.stderr
    );
    let faults = check(&["--json"]).must_exit(2).json();
    for fault in faults["faults"].as_array().unwrap() {
        for part in ["file", "message", "remedy"] {
            assert!(!fault[part].as_str().unwrap().is_empty(), "{fault}");
        }
        assert!(fault["line"].as_u64().unwrap() >= 1, "{fault}");
    }

    let nowhere = format!("paths.contracts={}", place.path().join("nergens").display());
    let answer = place.sluis(&["--set", &nowhere, "check"]);
    assert_eq!(answer.code, 2, "{}", answer.stderr);
}

/// The contracts that are built in, as files to edit.
fn own_contracts(place: &Place) -> PathBuf {
    let own = place.path().join("contracten");
    for folder in ["schemas", "pipelines", "config"] {
        copy(
            &Path::new(env!("CARGO_MANIFEST_DIR")).join(folder),
            &own.join(folder),
        );
    }
    own
}

fn edit(contracts: &Path, path: &str, from: &str, to: &str) {
    let path = contracts.join(path);
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{from}");
    fs::write(path, text.replacen(from, to, 1)).unwrap();
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, target).unwrap();
        }
    }
}

#[test]
fn what_nobody_knows_is_wrong_use() {
    let place = Place::with_demo();
    for args in [
        &[][..],
        &["rnu"],
        &["run", "--dryrun"],
        &["run", "nergens"],
        &["run", "--quiet", "--verbose"],
        &["sql", "--fromat", "csv"],
        &["status", "wot-casus"],
        &["check", "--all"],
        &["key"],
        &["key", "destroy"],
        &["demo", "--scale", "0"],
        &["demo", "--scale", "veel"],
        &["demo", "--scale", "100000"],
        &["--set", "paths.nergens=x", "status"],
        &["--set", "paths", "status"],
        &["--set", "run.threads=veel", "status"],
        &["--config", "nergens.toml", "status"],
    ] {
        let answer = place.sluis(args);
        assert_eq!(
            answer.code, 2,
            "{args:?}: {}{}",
            answer.stdout, answer.stderr
        );
        assert_eq!(answer.stdout, "", "{args:?}");
        assert!(!answer.stderr.is_empty(), "{args:?}");
    }
    for args in [&["--help"][..], &["run", "--help"], &["--version"]] {
        let answer = place.sluis(args).must_exit(0);
        assert_eq!(answer.stderr, "", "{args:?}");
        assert!(!answer.stdout.is_empty(), "{args:?}");
    }
}

#[test]
fn quiet_says_nothing_but_errors() {
    let place = Place::with_demo();
    for (args, code) in [
        (&["run", "--quiet", "--dry-run"][..], 0),
        (&["run", "--quiet"], 3),
        // What was refused whole is refused again, night after night, until it is gone.
        (&["run", "-q"], 3),
        (&["status", "--quiet"], 0),
        (&["check", "--quiet"], 0),
        (&["key", "show", "--quiet"], 0),
        (&["sql", "--quiet", "-c", "select 1"], 0),
        (&["demo", "--quiet"], 0),
    ] {
        let answer = place.sluis(args).must_exit(code);
        assert_eq!(answer.stderr, "", "{args:?}");
    }
    let answer = place
        .sluis(&["sql", "--quiet", "-c", "select x"])
        .must_exit(2);
    assert!(answer.stderr.starts_with("error: "), "{}", answer.stderr);
}

#[test]
fn json_is_one_value_on_standard_output() {
    let place = Place::with_demo();
    for args in [
        &["run", "--json", "--dry-run"][..],
        &["run", "--json"],
        &["run", "--json"],
        &["status", "--json"],
        &["check", "--json"],
        &["key", "show", "--json"],
        &["demo", "--json"],
        &["sql", "--json", "-c", "select * from beheer.leveringen"],
    ] {
        let answer = place.sluis(args);
        assert!(
            answer.code == 0 || answer.code == 3,
            "{args:?}: {}",
            answer.stderr
        );
        answer.json();
        assert_eq!(answer.stdout.lines().count(), 1, "{args:?}");
    }
}
