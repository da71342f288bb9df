//! Full deliveries: which of them count, what they replace, and what stays as it was.

use std::fs;

use serde_json::Value;
use sluis::warehouse::journal::DeliveryOutcome::{Achterhaald, Geweigerd, Ongewijzigd, Verwerkt};
use sluis::warehouse::journal::RunOutcome;

use crate::nights::{HISTORY, Nights, are, inodes, outcomes, stand};
use crate::small::{Small, files_below, rows};
use crate::support::Place;

#[test]
fn a_second_run_publishes_nothing_and_reads_nothing_new() {
    let place = Place::with_demo();
    place.sluis(&["run"]).must_exit(3);
    let before = (place.current(), inodes(&place));
    for _ in 0..2 {
        // What was refused is refused again, every night until it is taken away.
        let report = place.sluis(&["--json", "run"]).must_exit(3).json();
        assert_eq!(report["outcome"], "ongewijzigd");
        assert_eq!(
            report["release"],
            before
                .0
                .as_ref()
                .unwrap()
                .file_name()
                .unwrap()
                .to_str()
                .unwrap()
        );
        let deliveries = report["deliveries"].as_array().unwrap();
        assert_eq!(deliveries.len(), 100);
        let (refused, known): (Vec<_>, Vec<_>) = deliveries
            .iter()
            .partition(|delivery| delivery["outcome"] == "geweigerd");
        assert_eq!((refused.len(), known.len()), (22, 78));
        for delivery in known {
            assert_eq!(
                (&delivery["outcome"], &delivery["rows_in"]),
                (&"ongewijzigd".into(), &0.into())
            );
        }
        assert_eq!((place.current(), inodes(&place)), before);
    }
    assert_eq!(
        fs::read_dir(place.warehouse().join("releases"))
            .unwrap()
            .count(),
        1
    );
    assert_eq!(
        fs::read_dir(place.warehouse().join("staging"))
            .unwrap()
            .count(),
        0
    );
}

#[test]
fn a_corrected_delivery_replaces_its_own_part_and_links_the_rest() {
    let place = Place::with_demo();
    place.sluis(&["run"]).must_exit(3);
    let (manifest, before) = (place.manifest(), inodes(&place));
    place.deliver(
        "korte-contacten",
        "korte-contacten_2024_20250201.xlsx",
        &crate::spreadsheets::short_contacts(250),
    );
    let report = place.sluis(&["--json", "run"]).must_exit(3).json();
    let taken = report["deliveries"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|d| d["outcome"] == "verwerkt");
    assert_eq!(taken.count(), 1);

    let after = inodes(&place);
    let own = |path: &str| path.starts_with("kort_contact/") && path.contains("_2024-");
    for (path, inode) in after.iter().filter(|(path, _)| !own(path)) {
        assert_eq!(before.get(path), Some(inode), "{path}");
    }
    for (path, inode) in after.iter().filter(|(path, _)| own(path)) {
        assert!(before.get(path) != Some(inode), "{path}");
    }
    assert_eq!(after.len(), before.len());
    // The earlier release is still whole.
    let earlier = sluis::warehouse::release::open(&place.warehouse(), Some(&manifest.id))
        .unwrap()
        .unwrap();
    for file in &earlier.manifest.files {
        assert_eq!(
            fs::metadata(earlier.root.join(&file.path)).unwrap().len(),
            file.bytes
        );
    }
    let sums = "select sum(aantal) as som from monitor.hulpvragen where jaar = 2024 and soort = 'kort_contact'";
    assert!(place.sql(sums)[0]["som"].as_i64().unwrap() < 636);
    let args = [
        "sql",
        "--format",
        "json",
        "--release",
        &manifest.id,
        "-c",
        sums,
    ];
    assert_eq!(place.sluis(&args).must_exit(0).json()[0]["som"], 636);
}

#[test]
fn of_a_part_the_newest_good_delivery_counts() {
    let mut nights = Nights::new(&Small::new());
    nights.deliver("proef", "20240201", &rows(0..20));
    assert_eq!(outcomes(&nights.run()), are([("20240201", Verwerkt)]));
    let before = (nights.content(), nights.place.current());

    // An older one that arrives late is superseded.
    nights.deliver("proef", "20240101", &rows(0..10));
    let report = nights.run();
    assert_eq!(
        outcomes(&report),
        are([("20240101", Achterhaald), ("20240201", Ongewijzigd)])
    );
    assert_eq!(report.record.outcome, RunOutcome::Ongewijzigd);
    assert_eq!((nights.content(), nights.place.current()), before);

    // A bad one falls back to what was there.
    nights.deliver("proef", "20240401", "");
    let report = nights.run();
    assert_eq!(outcomes(&report)["20240401"], Geweigerd);
    assert_eq!(nights.place.current(), before.1);

    // And so it does when all of them are new.
    let mut at_once = nights.fresh();
    at_once.deliver("proef", "20240401", "");
    at_once.deliver("proef", "20240201", &rows(0..20));
    at_once.deliver("proef", "20240101", &rows(0..10));
    let expected = are([
        ("20240101", Achterhaald),
        ("20240201", Verwerkt),
        ("20240401", Geweigerd),
    ]);
    assert_eq!(outcomes(&at_once.run()), expected);
    assert_eq!(at_once.content(), before.0);

    // The bad one delivered again, under the same name.
    nights.deliver("proef", "20240401", &rows(0..30));
    let report = nights.run();
    assert_eq!(outcomes(&report)["20240401"], Verwerkt);
    assert_eq!(outcomes(&report)["20240201"], Achterhaald);
    assert_eq!(nights.table("proef").len(), 30);
}

#[test]
fn a_delivery_that_changed_under_its_name_is_read_again() {
    let mut nights = Nights::new(&Small::new());
    nights.deliver("proef", "20240201", &rows(0..20));
    nights.run();
    // Of the same size, too.
    nights.deliver(
        "proef",
        "20240201",
        &rows(0..20).replace(";west;", ";zuid;"),
    );
    assert_eq!(outcomes(&nights.run()), are([("20240201", Verwerkt)]));
    assert!(nights.table("proef").iter().all(|line| line.1 != "west"));
    // A new time alone is no change.
    nights.deliver(
        "proef",
        "20240201",
        &rows(0..20).replace(";west;", ";zuid;"),
    );
    assert_eq!(outcomes(&nights.run()), are([("20240201", Ongewijzigd)]));
}

#[test]
fn what_is_no_longer_in_the_landing_folder_stays_in_the_release() {
    let mut nights = Nights::new(&Small::new());
    let path = nights.deliver("proef", "20240201", &rows(0..20));
    nights.run();
    let before = nights.place.current();
    fs::remove_file(path).unwrap();
    let report = nights.run();
    assert_eq!(report.record.outcome, RunOutcome::Ongewijzigd);
    assert!(report.outdated.is_empty());
    assert_eq!(nights.place.current(), before);
}

#[test]
fn the_second_row_of_a_key_is_refused_by_its_number() {
    let text = rows(0..60)
        .replacen("C-00007", "", 1)
        .replacen("C-00021;", "C-00003;", 1)
        .replacen("C-00050;", "C-00003;", 1)
        .replacen("C-00051;", "C-00050;", 1);
    for chunk in ["64", "1000000"] {
        let place = Place::new();
        let contracts = Small::new().at(&place);
        place.deliver("proef", "proef_20240101.csv", text.as_bytes());
        let chunk = format!("run.chunk_bytes={chunk}");
        place
            .sluis(&["run", "--set", &contracts, "--set", &chunk])
            .must_exit(3);
        let query = "select rij, kolom, regel from beheer.weigeringen_rijen order by rij";
        let args = ["sql", "--format", "json", "-c", query, "--set", &contracts];
        let found: Vec<(i64, String)> = place
            .sluis(&args)
            .json()
            .as_array()
            .unwrap()
            .iter()
            .map(|row| {
                (
                    row["rij"].as_i64().unwrap(),
                    row["regel"].as_str().unwrap().to_owned(),
                )
            })
            .collect();
        let doubled = |row| (row, "dubbele_sleutel".to_owned());
        // C-00050 on row 52 is no double: row 51, that had it, says C-00003.
        assert_eq!(
            found,
            [(8, "verplicht".to_owned()), doubled(22), doubled(51)]
        );
        assert_eq!(
            place.manifest().files.iter().map(|f| f.rows).sum::<u64>(),
            57
        );
    }
}

#[test]
fn parts_stand_beside_each_other_and_their_order_leaves_no_trace() {
    let small = Small::new().with(
        "pipelines/proef/pipeline.toml",
        "proef_{datum}",
        "proef_{deel}_{datum}",
    );
    let mut one = Nights::new(&small);
    let mut other = one.fresh();
    // The very same rows: only the key watch of a delivery looks at doubles.
    for (nights, first, second) in [
        (&mut one, "2023_20240101", "2024_20240101"),
        (&mut other, "2024_20240101", "2023_20240101"),
    ] {
        nights.deliver("proef", first, &rows(0..9));
        nights.run();
        nights.deliver("proef", second, &rows(0..9));
        nights.run();
        assert_eq!(nights.table("proef").len(), 18);
    }
    assert_eq!(one.content(), other.content());
    one.deliver("proef", "2023_20240201", &rows(0..2));
    one.run();
    assert_eq!(one.table("proef").len(), 11);
}

/// Neither the size of the pieces nor the number of threads shows in what comes out.
#[test]
fn pieces_and_threads_leave_no_trace() {
    let first = Place::with_demo();
    let mut told: Option<(String, Vec<Value>)> = None;
    for (chunk, threads) in [("2097152", "2"), ("97", "2"), ("4096", "1"), ("1024", "3")] {
        let place = Place::with_demo();
        fs::copy(first.key(), place.key()).unwrap();
        let chunk = format!("run.chunk_bytes={chunk}");
        let threads = format!("run.threads={threads}");
        place
            .sluis(&["run", "--set", &chunk, "--set", &threads])
            .must_exit(3);
        let query = "select bron, levering, rij, kolom, regel from beheer.weigeringen_rijen where levering in \
                     (select levering from beheer.leveringen where uitkomst = 'verwerkt') order by bron, levering, rij";
        let now = (place.manifest().content, place.sql(query));
        assert_eq!(now.1.len(), 76);
        let expected = told.get_or_insert_with(|| now.clone());
        assert!(*expected == now, "{chunk} {threads}");
    }
}

#[test]
fn strangers_in_the_landing_folder_are_counted_and_not_named() {
    let place = Place::new();
    let contracts = Small::new().at(&place);
    place.deliver("proef", "proef_20240101.csv", rows(0..20).as_bytes());
    let strangers = [
        "Klacht van Geheimenaar.docx",
        "proef_20240201.csv.filepart",
        "proef_2024021.csv",
    ];
    for name in strangers {
        place.deliver("proef", name, b"Geheim");
    }
    fs::create_dir(place.landing().join("proef/map Geheimenaar")).unwrap();
    let secret = place.landing().join("elders.csv");
    fs::write(&secret, rows(0..90)).unwrap();
    std::os::unix::fs::symlink(&secret, place.landing().join("proef/proef_20240301.csv")).unwrap();
    let args = [
        "run",
        "-vv",
        "--set",
        &contracts,
        "--set",
        "log.level=trace",
    ];
    let answer = place.sluis(&args).must_exit(0);
    let said =
        "warning: 5 files in the landing folder of `proef` match no pattern and were left alone";
    assert!(answer.stderr.contains(said), "{}", answer.stderr);
    let machine = place
        .sluis(&["--json", "run", "--set", &contracts])
        .must_exit(0);
    assert_eq!(machine.json()["strangers"]["proef"], 5);
    for text in [
        &answer.stdout,
        &answer.stderr,
        &machine.stdout,
        &machine.stderr,
    ] {
        assert!(
            !text.contains("Geheim") && !text.contains("filepart"),
            "{text}"
        );
    }
    for (path, bytes) in files_below(&place.warehouse().join("journal")) {
        assert!(
            !String::from_utf8_lossy(&bytes).contains("Geheim"),
            "{path}"
        );
    }
    for name in strangers {
        assert!(place.landing().join("proef").join(name).exists());
    }
    assert_eq!(place.manifest().deliveries.len(), 1);
}

#[test]
fn only_the_sources_that_are_asked_for_are_read() {
    let place = Place::new();
    let contracts = Small::new().at(&place);
    place.deliver("proef", "proef_20240101.csv", rows(0..20).as_bytes());
    place.deliver("stand", "stand_20240101.csv", stand(HISTORY[0]).as_bytes());
    let run = |source: &str| place.sluis(&["run", source, "--set", &contracts]);
    run("stand").must_exit(0);
    assert!(place.manifest().files.iter().all(|f| f.source == "stand"));
    run("proef").must_exit(0);
    assert_eq!(place.manifest().deliveries.len(), 2);
    let before = place.current();
    let answer = run("proev").must_exit(2);
    assert!(
        answer.stderr.contains("there is no source `proev`"),
        "{}",
        answer.stderr
    );
    assert_eq!(place.current(), before);
}
