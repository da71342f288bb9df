//! Which deliveries count, what they replace, and what stays as it was.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::sync::Mutex;

use arrow::array::AsArray;
use arrow::datatypes::{Date32Type, Int64Type};
use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;
use serde_json::Value;
use sluis::contract::model::Contracts;
use sluis::run::{Observer, RunReport};
use sluis::source::landing::Delivery;
use sluis::warehouse::journal::{DeliveryOutcome, DeliveryRecord, RunOutcome};
use sluis::warehouse::parquet::read_file;

use crate::small::{HEADER, Night, Silent, Small, files_below, rows};
use crate::support::Place;

use DeliveryOutcome::{Achterhaald, Geweigerd, Ongewijzigd, Verwerkt};

/// A place with its contracts, where the nights go by one after another.
struct Nights {
    place: Place,
    contracts: Contracts,
    keep: usize,
    now: DateTime<Utc>,
}

impl Nights {
    fn new(small: &Small) -> Self {
        Self {
            place: Place::new(),
            contracts: small.contracts(),
            keep: 30,
            now: Utc::now(),
        }
    }

    /// The same contracts and key, nothing else.
    fn fresh(&self) -> Self {
        let place = Place::bare();
        fs::create_dir_all(place.key().parent().unwrap()).unwrap();
        fs::copy(self.place.key(), place.key()).unwrap();
        let contracts = self.contracts.clone();
        Self {
            place,
            contracts,
            ..*self
        }
    }

    fn deliver(&self, source: &str, name: &str, text: &str) -> PathBuf {
        self.place
            .deliver(source, &format!("{source}_{name}.csv"), text.as_bytes())
    }

    fn run(&mut self) -> RunReport {
        self.watched(&Silent)
    }

    fn watched(&mut self, observer: &dyn Observer) -> RunReport {
        self.now += TimeDelta::seconds(1);
        let night = Night::new(&self.place, &self.contracts);
        Night {
            keep: self.keep,
            now: self.now,
            observer,
            ..night
        }
        .run()
    }

    fn content(&self) -> String {
        self.place.manifest().content
    }

    /// Year, wijk, date and amount of every row of a table, sorted.
    fn table(&self, table: &str) -> Vec<Line> {
        let root = self.place.current().unwrap();
        let mut lines = Vec::new();
        for file in self
            .place
            .manifest()
            .files
            .iter()
            .filter(|f| f.table == table)
        {
            let folder = |at: usize| file.path.split(['=', '/']).nth(at).unwrap().to_owned();
            for batch in read_file(&root.join(&file.path)).unwrap() {
                let dates = batch
                    .column_by_name("datum")
                    .unwrap()
                    .as_primitive::<Date32Type>();
                let amounts = batch
                    .column_by_name("aantal")
                    .unwrap()
                    .as_primitive::<Int64Type>();
                lines.extend((0..batch.num_rows()).map(|row| {
                    (
                        folder(2),
                        folder(4),
                        dates.value_as_date(row).unwrap().to_string(),
                        amounts.value(row),
                    )
                }));
            }
        }
        lines.sort();
        lines
    }
}

type Line = (String, String, String, i64);

/// What became of each delivery, by date.
fn outcomes(report: &RunReport) -> BTreeMap<String, DeliveryOutcome> {
    report
        .record
        .deliveries
        .iter()
        .map(|d| (d.order.clone(), d.outcome))
        .collect()
}

fn are<const N: usize>(
    expected: [(&str, DeliveryOutcome); N],
) -> BTreeMap<String, DeliveryOutcome> {
    expected
        .map(|(order, outcome)| (order.to_owned(), outcome))
        .into()
}

/// The inode of every file of the current release.
fn inodes(place: &Place) -> BTreeMap<String, u64> {
    let root = place.current().unwrap();
    let files = place.manifest().files.into_iter().map(|f| f.path);
    files
        .map(|path| (path.clone(), fs::metadata(root.join(path)).unwrap().ino()))
        .collect()
}

// ---- full deliveries ----

#[test]
fn a_second_run_publishes_nothing_and_reads_nothing_new() {
    let place = Place::with_demo();
    place.sluis(&["run"]).must_exit(3);
    let before = (place.current(), inodes(&place));
    for _ in 0..2 {
        let report = place.sluis(&["--json", "run"]).must_exit(0).json();
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
        assert_eq!(deliveries.len(), 27);
        for delivery in deliveries {
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
    let short = place
        .landing()
        .join("korte-contacten/korte-contacten_2024_20250115.csv");
    let text = fs::read_to_string(short).unwrap();
    // Without its first row.
    let mut lines: Vec<&str> = text.lines().collect();
    lines.remove(1);
    let corrected = lines.join("\n");
    place.deliver(
        "korte-contacten",
        "korte-contacten_2024_20250201.csv",
        format!("{corrected}\n").as_bytes(),
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
        let query = "select bron, levering, rij, kolom, regel from beheer.weigeringen_rijen order by bron, levering, rij";
        let now = (place.manifest().content, place.sql(query));
        assert_eq!(now.1.len(), 24);
        let expected = told.get_or_insert_with(|| now.clone());
        assert!(*expected == now, "{chunk} {threads}");
    }
}

// ---- incremental deliveries ----

/// A row of `stand`: number, day of March, year, wijk, amount, whether it is a deletion.
type Change = (u8, u8, u16, &'static str, u16, bool);

fn stand(changes: &[Change]) -> String {
    let row = |&(number, day, year, wijk, amount, gone): &Change| {
        let action = if gone { "V" } else { "" };
        format!("C-{number:05};Zoë Geheimenaar;{day:02}-03-{year};{wijk};{amount};{action}\n")
    };
    let rows: String = changes.iter().map(row).collect();
    format!("{HEADER};Actie\n{rows}")
}

/// What the deliveries, in order of their dates, come to.
fn model(deliveries: &[&[Change]]) -> Vec<Line> {
    let mut known: BTreeMap<u8, Change> = BTreeMap::new();
    for change in deliveries.iter().copied().flatten() {
        known.insert(change.0, *change);
    }
    let line = |c: &Change| {
        (
            c.2.to_string(),
            c.3.to_owned(),
            format!("{}-03-{:02}", c.2, c.1),
            i64::from(c.4),
        )
    };
    let mut lines: Vec<Line> = known.values().filter(|c| !c.5).map(line).collect();
    lines.sort();
    lines
}

/// Correction, deletion, move, revival, a deletion of what nobody knows, a key twice in a delivery.
const HISTORY: [&[Change]; 4] = [
    &[
        (1, 1, 2023, "oost", 10, false),
        (2, 2, 2023, "oost", 20, false),
        (3, 3, 2023, "west", 30, false),
        (4, 4, 2023, "west", 40, false),
        (4, 5, 2023, "zuid", 41, false),
    ],
    &[
        (1, 1, 2023, "oost", 11, false),
        (2, 2, 2023, "oost", 20, true),
        (3, 3, 2024, "zuid", 31, false),
        (9, 9, 2023, "oost", 0, true),
    ],
    &[
        (1, 1, 2023, "oost", 11, true),
        (2, 2, 2024, "oost", 22, false),
        (5, 5, 2024, "oost", 50, false),
        (6, 6, 2024, "west", 60, true),
        (6, 6, 2024, "west", 61, false),
    ],
    &[
        (3, 3, 2023, "west", 33, false),
        (5, 5, 2024, "oost", 50, true),
        (9, 9, 2025, "zuid", 90, false),
    ],
];

const DATES: [&str; 5] = ["20240101", "20240201", "20240301", "20240401", "20240501"];

#[test]
fn every_step_of_a_history_is_what_a_reader_expects() {
    let mut nights = Nights::new(&Small::new());
    for (at, changes) in HISTORY.iter().enumerate() {
        nights.deliver("stand", DATES[at], &stand(changes));
        let report = nights.run();
        assert_eq!(outcomes(&report)[DATES[at]], Verwerkt);
        assert_eq!(
            nights.table("stand"),
            model(&HISTORY[..=at]),
            "{}",
            DATES[at]
        );
    }
    // The last of a year and wijk went: no empty file is left behind.
    assert!(nights.place.manifest().files.iter().all(|f| f.rows > 0));
    assert_eq!(nights.run().record.outcome, RunOutcome::Ongewijzigd);
}

fn permutations(of: Vec<usize>) -> Vec<Vec<usize>> {
    if of.len() < 2 {
        return vec![of];
    }
    let mut all = Vec::new();
    for at in 0..of.len() {
        let mut rest = of.clone();
        let first = rest.remove(at);
        for mut tail in permutations(rest) {
            tail.insert(0, first);
            all.push(tail);
        }
    }
    all
}

/// Late deliveries included: whatever comes when, the same deliveries are the same release.
#[test]
fn the_order_of_arrival_leaves_no_trace() {
    let mut at_once = Nights::new(&Small::new());
    for (date, changes) in DATES.iter().zip(HISTORY) {
        at_once.deliver("stand", date, &stand(changes));
    }
    at_once.run();
    assert_eq!(at_once.table("stand"), model(&HISTORY));
    for (turn, order) in permutations(vec![0, 1, 2, 3]).into_iter().enumerate() {
        // One a night, or two a night.
        let mut nights = at_once.fresh();
        for night in order.chunks(1 + turn % 2) {
            for &at in night {
                nights.deliver("stand", DATES[at], &stand(HISTORY[at]));
            }
            nights.run();
        }
        assert_eq!(nights.content(), at_once.content(), "{order:?}");
    }
}

fn change() -> impl Strategy<Value = Change> {
    let wijk = prop_oneof![Just("oost"), Just("west")];
    (
        0u8..6,
        1u8..5,
        2023u16..2025,
        wijk,
        0u16..9,
        proptest::bool::weighted(0.3),
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_deliveries_in_any_order_are_the_same_release(
        history in proptest::collection::vec(proptest::collection::vec(change(), 0..8), 1..5),
        order in Just((0usize..5).collect::<Vec<_>>()).prop_shuffle(),
        together in 1usize..4,
    ) {
        let mut nights = Nights::new(&Small::new());
        let mut late = nights.fresh();
        let order: Vec<usize> = order.into_iter().filter(|&at| at < history.len()).collect();
        for (date, changes) in DATES.iter().zip(&history) {
            nights.deliver("stand", date, &stand(changes));
        }
        nights.run();
        for night in order.chunks(together) {
            for &at in night {
                late.deliver("stand", DATES[at], &stand(&history[at]));
            }
            late.run();
        }
        let changes: Vec<&[Change]> = history.iter().map(Vec::as_slice).collect();
        prop_assert_eq!(nights.table("stand"), model(&changes));
        prop_assert_eq!(late.content(), nights.content());
    }
}

#[test]
fn a_bad_delivery_of_many_costs_itself_only_and_may_come_again() {
    let mut nights = Nights::new(&Small::new());
    let mut whole = nights.fresh();
    for (date, changes) in DATES.iter().zip(HISTORY) {
        let text = stand(changes);
        nights.deliver(
            "stand",
            date,
            if *date == "20240201" {
                text.trim_end()
            } else {
                &text
            },
        );
        whole.deliver("stand", date, &text);
    }
    let expected = are([
        ("20240101", Verwerkt),
        ("20240201", Geweigerd),
        ("20240301", Verwerkt),
        ("20240401", Verwerkt),
    ]);
    assert_eq!(outcomes(&nights.run()), expected);
    assert_eq!(
        nights.table("stand"),
        model(&[HISTORY[0], HISTORY[2], HISTORY[3]])
    );
    nights.deliver("stand", "20240201", &stand(HISTORY[1]));
    nights.run();
    whole.run();
    assert_eq!(nights.content(), whole.content());
}

// ---- contracts and what they build on ----

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
        let again = match delivery["source"].as_str().unwrap() {
            "wot-casus" | "zrm" => true,
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

// ---- what does not stay ----

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
