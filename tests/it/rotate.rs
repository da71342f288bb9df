//! Rotating the root key: the same data under another key, and the old key opens nothing of it.

mod crash;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::PermissionsExt;

use arrow::array::{Array, AsArray};
use arrow::datatypes::DataType;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use sha2::{Digest, Sha256};
use sluis::lock::keys::RootKey;
use sluis::lock::pseudonym::Pseudonym;
use sluis::warehouse::journal::{DeliveryOutcome, RunOutcome};
use sluis::warehouse::parquet::read_file;
use sluis::warehouse::release;

use crate::nights::{Change, DATES, HISTORY, Nights, outcomes, stand};
use crate::small::{Small, rows};
use crate::subject::{ask, assert_gone, releases};
use crate::support::{Answer, Place};

/// Every row of every table, folders included, as a multiset.
fn everything(place: &Place) -> BTreeMap<String, Vec<String>> {
    let root = place.current().unwrap();
    let mut tables: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for file in place.manifest().files {
        if file.table.starts_with('_') {
            continue;
        }
        let (folder, _) = file.path.rsplit_once('/').unwrap();
        for batch in read_file(&root.join(&file.path)).unwrap() {
            let options = FormatOptions::default().with_null("-");
            let columns = batch.columns().iter();
            let columns: Vec<_> = columns
                .map(|c| ArrayFormatter::try_new(c, &options).unwrap())
                .collect();
            for row in 0..batch.num_rows() {
                let cells: Vec<String> = columns.iter().map(|c| c.value(row).to_string()).collect();
                let line = format!("{folder} {} {}", file.source, cells.join("|"));
                tables.entry(file.table.clone()).or_default().push(line);
            }
        }
    }
    for rows in tables.values_mut() {
        rows.sort_unstable();
    }
    tables
}

/// Every pseudonym of the current release, and every digest of a key.
fn codes(place: &Place, state: bool) -> BTreeSet<Pseudonym> {
    let root = place.current().unwrap();
    let mut found = BTreeSet::new();
    for file in place.manifest().files {
        if file.table.starts_with('_') != state {
            continue;
        }
        for batch in read_file(&root.join(&file.path)).unwrap() {
            for column in batch.columns() {
                if *column.data_type() == DataType::FixedSizeBinary(16) {
                    let column = column.as_fixed_size_binary();
                    let values = (0..column.len()).filter(|row| column.is_valid(*row));
                    found.extend(values.map(|row| Pseudonym::try_from(column.value(row)).unwrap()));
                }
            }
        }
    }
    // The mark of how far back a state goes is no digest of a key.
    let mark = Sha256::digest("sluis drempel");
    found.retain(|code| code[..] != mark[..16]);
    found
}

fn rotate(place: &Place, more: &[&str]) -> Answer {
    place.sluis(&[&["key", "rotate", "--json"], more].concat())
}

/// Four nights of both small sources.
fn nights() -> (Nights, String) {
    let mut nights = Nights::new(&Small::new());
    for (at, changes) in HISTORY.iter().enumerate() {
        nights.deliver("stand", DATES[at], &stand(changes));
        nights.deliver("proef", DATES[at], &rows(0..20));
        nights.run();
    }
    let set = Small::new().at(&nights.place);
    (nights, set)
}

const VIEWS: [&str; 2] = [
    "select * from monitor.proef order by jaar, wijk",
    "select * from monitor.stand order by jaar, wijk",
];

#[test]
fn it_is_what_the_layered_key_would_have_made_and_nothing_is_new_for_the_next_night() {
    let (mut nights, set) = nights();
    let views = |nights: &Nights| {
        VIEWS.map(|view| {
            let args = ["sql", "--set", &set, "--format", "json", "-c", view];
            nights.place.sluis(&args).must_exit(0).stdout
        })
    };
    let history = DATES.iter().zip(HISTORY);
    let mut delivered: Vec<_> = history.map(|(date, c)| (*date, stand(c))).collect();
    for layers in [2, 3] {
        let (before, shown) = (nights.place.manifest(), views(&nights));
        let old_key = fs::read_to_string(nights.place.key()).unwrap();
        let old = [codes(&nights.place, false), codes(&nights.place, true)];
        let answer = rotate(&nights.place, &["--set", &set]).must_exit(0);
        let done = answer.json();
        for secret in old_key.trim().split(':').skip(1) {
            assert!(!answer.stdout.contains(secret) && !answer.stderr.contains(secret));
        }
        let now = nights.place.manifest();
        assert_eq!(done["from"], before.key_fingerprint.as_str());
        assert_eq!(done["to"], now.key_fingerprint.as_str());
        assert_eq!(done["release"], now.id.as_str());
        assert_eq!(done["proof"]["columns"], 2);
        assert_eq!(now.files.len(), before.files.len());

        // The key: one layer more, for its owner only.
        let key = RootKey::load(&nights.place.key()).unwrap();
        assert_eq!(key.layers(), layers);
        assert_eq!(key.fingerprint(), now.key_fingerprint);
        let mode = fs::metadata(nights.place.key())
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);

        // Every pseudonym is another one, and no old one is anywhere: not of the earlier releases either.
        let new = [codes(&nights.place, false), codes(&nights.place, true)];
        for (old, new) in old.iter().zip(&new) {
            assert!(old.is_disjoint(new));
        }
        let gone: Vec<Pseudonym> = old.concat_sets();
        assert_gone(&nights.place, &gone);
        assert_eq!(releases(&nights.place).len(), 1);
        assert_eq!(views(&nights), shown);

        // As a warehouse that was made from the same deliveries with the key as it is now.
        let mut fresh = nights.fresh();
        for (date, text) in &delivered {
            fresh.deliver("stand", date, text);
        }
        fresh.deliver("proef", DATES[3], &rows(0..20));
        fresh.run();
        assert_eq!(everything(&nights.place), everything(&fresh.place));

        // The next night on the same deliveries has nothing to do.
        assert_eq!(nights.run().record.outcome, RunOutcome::Ongewijzigd);
        // What comes then is merged with what was there: corrections, a move, a deletion, a revival.
        let (date, changes): (_, [Change; 4]) = if layers == 2 {
            let changes = [
                (3, 3, 2023, "zuid", 34, false),
                (9, 9, 2025, "zuid", 90, true),
                (1, 1, 2025, "oost", 12, false),
                (7, 7, 2025, "west", 70, false),
            ];
            (DATES[4], changes)
        } else {
            let changes = [
                (3, 3, 2023, "west", 33, false),
                (9, 9, 2025, "zuid", 91, false),
                (7, 7, 2025, "west", 70, true),
                (8, 8, 2025, "oost", 80, false),
            ];
            ("20240601", changes)
        };
        delivered.push((date, stand(&changes)));
        for nights in [&mut nights, &mut fresh] {
            nights.deliver("stand", date, &stand(&changes));
            assert_eq!(nights.run().record.outcome, RunOutcome::Gepubliceerd);
        }
        assert_eq!(everything(&nights.place), everything(&fresh.place));
    }
}

trait Concat {
    fn concat_sets(&self) -> Vec<Pseudonym>;
}

impl Concat for [BTreeSet<Pseudonym>; 2] {
    fn concat_sets(&self) -> Vec<Pseudonym> {
        self.iter().flatten().copied().collect()
    }
}

#[test]
fn what_may_have_been_deleted_before_does_not_come_back_with_a_late_delivery() {
    let (mut nights, set) = nights();
    rotate(&nights.place, &["--set", &set]).must_exit(0);
    let before = everything(&nights.place);
    // Number 1 was deleted on the first of March; nobody can know that now. Number 3 is there.
    nights.deliver(
        "stand",
        "20240115",
        &stand(&[(1, 1, 2023, "oost", 1, false)]),
    );
    let report = nights.run();
    let refused = report
        .record
        .deliveries
        .iter()
        .find(|d| d.order == "20240115")
        .unwrap();
    assert_eq!(refused.outcome, DeliveryOutcome::Geweigerd);
    assert!(
        refused.reason.as_ref().unwrap().starts_with("te_laat: "),
        "{refused:?}"
    );
    assert_eq!(everything(&nights.place), before);
    fs::remove_file(nights.place.landing().join("stand/stand_20240115.csv")).unwrap();
    nights.deliver(
        "stand",
        "20240116",
        &stand(&[(3, 1, 2023, "oost", 1, false)]),
    );
    nights.deliver("stand", DATES[4], &stand(&[(1, 1, 2025, "oost", 1, false)]));
    let outcomes = outcomes(&nights.run());
    assert_eq!(outcomes["20240116"], DeliveryOutcome::Verwerkt);
    assert_eq!(outcomes[DATES[4]], DeliveryOutcome::Verwerkt);
}

const FIND: [&str; 5] = ["subject", "find", "--json", "--domain", "proef"];
const ERASE: [&str; 5] = ["subject", "erase", "--yes", "--domain", "proef"];

#[test]
fn who_was_erased_stays_out_under_every_later_key() {
    let (mut nights, set) = nights();
    let with = |args: &[&str]| {
        [args, &["--set", set.as_str()]]
            .concat()
            .iter()
            .map(|a| (*a).to_owned())
            .collect::<Vec<_>>()
    };
    let asked = |nights: &Nights, args: &[&str], id: &str| {
        let args = with(args);
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        ask(&nights.place, &args, id).must_exit(0)
    };
    asked(&nights, &ERASE, "C-00003");
    let list = nights.place.warehouse().join("gewist.ndjson");
    let first = fs::read_to_string(&list).unwrap();
    rotate(&nights.place, &["--set", &set]).must_exit(0);
    let second = fs::read_to_string(&list).unwrap();
    let now = nights.place.manifest().key_fingerprint;
    assert_eq!(second.lines().count(), first.lines().count());
    for (old, new) in first.lines().zip(second.lines()) {
        let [old, new]: [serde_json::Value; 2] =
            [old, new].map(|l| serde_json::from_str(l).unwrap());
        assert_ne!(old["kenmerk"], new["kenmerk"]);
        assert_eq!(new["sleutel"], now.as_str());
        for same in ["datum", "domein", "soort"] {
            assert_eq!(old[same], new[same]);
        }
    }
    // Under the rotated key somebody else is erased, and it is rotated again.
    assert_eq!(asked(&nights, &FIND, "C-00003").json()["erased"], true);
    assert_eq!(asked(&nights, &FIND, "C-00005").json()["erased"], false);
    asked(&nights, &ERASE, "C-00005");
    assert_eq!(asked(&nights, &FIND, "C-00005").json()["erased"], true);
    rotate(&nights.place, &["--set", &set]).must_exit(0);
    for id in ["C-00003", "C-00005"] {
        assert_eq!(asked(&nights, &FIND, id).json()["erased"], true, "{id}");
    }
    // They come again with the night.
    nights.deliver("proef", "20240601", &rows(0..20));
    let again: Vec<Change> = vec![
        (3, 7, 2024, "oost", 70, false),
        (5, 7, 2024, "oost", 70, false),
        (100, 8, 2024, "oost", 80, false),
    ];
    nights.deliver("stand", "20240601", &stand(&again));
    let report = nights.run();
    let erased: Vec<u64> = report
        .record
        .deliveries
        .iter()
        .filter(|d| d.order == "20240601")
        .map(|d| d.rows_erased)
        .collect();
    assert_eq!(erased, [2, 2]);
    assert_eq!(nights.table("proef").len(), 18);
    let key = RootKey::load(&nights.place.key()).unwrap();
    let maker = sluis::lock::pseudonym::Pseudonymiser::new(&key.domain("proef"));
    let made = ["C-00003", "C-00005", "C-00004"].map(|id| {
        maker
            .pseudonym(
                sluis::lock::pseudonym::IdentifierKind::Number,
                id.as_bytes(),
            )
            .unwrap()
    });
    assert_gone(&nights.place, &made[..2]);
    assert!(codes(&nights.place, false).contains(&made[2]));
}

#[test]
fn over_all_of_the_demo_the_monitor_shows_the_same_and_verify_finds_nothing() {
    let place = Place::with_demo();
    place.sluis(&["canaries", "new", "--quiet"]).must_exit(0);
    place.sluis(&["run", "--quiet"]).must_exit(3);
    // Every view as a file, and what is in it.
    let views = || {
        let to = place.path().join("overzichten");
        let folder = to.display().to_string();
        let args = ["export", "--quiet", "--to", &folder, "--format", "csv"];
        place.sluis(&args).must_exit(0);
        let mut shown = BTreeMap::new();
        for entry in fs::read_dir(&to).unwrap() {
            let path = entry.unwrap().path();
            let mut lines: Vec<String> = fs::read_to_string(&path)
                .unwrap()
                .lines()
                .map(str::to_owned)
                .collect();
            lines.sort();
            shown.insert(path.file_name().unwrap().to_owned(), lines);
        }
        fs::remove_dir_all(to).unwrap();
        assert!(shown.len() > 10, "{}", shown.len());
        shown
    };
    let (before, rows_before, old) = (views(), everything(&place), codes(&place, false));
    let done = rotate(&place, &[]).must_exit(0).json();
    assert!(done["proof"]["joins"].as_u64().unwrap() > 5, "{done}");
    assert_eq!(views(), before);
    assert!(old.is_disjoint(&codes(&place, false)));
    let counts = |all: &BTreeMap<String, Vec<String>>| {
        all.iter()
            .map(|(t, r)| (t.clone(), r.len()))
            .collect::<Vec<_>>()
    };
    assert_eq!(counts(&everything(&place)), counts(&rows_before));
    let release = place.manifest().id;
    place.sluis(&["run", "--quiet"]).must_exit(3);
    assert_eq!(place.manifest().id, release, "nothing was new");
    rotate(&place, &[]).must_exit(0);
    assert_eq!(views(), before);
    let report = place.sluis(&["verify", "--json"]).must_exit(0).json();
    let canaries = report["controles"]
        .as_array()
        .unwrap()
        .iter()
        .find(|check| check["id"] == "kanaries-gevonden");
    assert_eq!(canaries.unwrap()["oordeel"], "voldoet");
    assert_eq!(place.sluis(&["audit", "verify"]).code, 0);

    // The same rows as the key makes that it has now.
    let fresh = Place::bare();
    fs::create_dir_all(fresh.key().parent().unwrap()).unwrap();
    fs::copy(place.key(), fresh.key()).unwrap();
    sluis::demo::write_deliveries(&fresh.landing(), 1).unwrap();
    fresh.sluis(&["run", "--quiet"]).must_exit(3);
    let (rotated, fresh) = (everything(&place), everything(&fresh));
    let mut differ = BTreeMap::new();
    for (table, rows) in &rotated {
        let other: BTreeSet<_> = fresh[table].iter().collect();
        let rows = rows.iter().filter(|row| !other.contains(row)).count();
        if rows > 0 {
            differ.insert(table.as_str(), rows);
        }
    }
    // What happened to one person on one day is put in order by pseudonym, which is another order now.
    for (table, rows) in differ {
        let ties = ["client", "zrm_score", "voorziening", "toewijzing"].contains(&table);
        assert!(
            ties && rows * 20 < rotated[table].len(),
            "{table}: {rows} rows"
        );
    }
    assert_eq!(rotated.len(), fresh.len());
}

#[test]
fn a_dry_run_does_nothing_and_earlier_releases_can_stay() {
    let (nights, set) = nights();
    let place = &nights.place;
    let state = || {
        (
            fs::read(place.key()).unwrap(),
            place.manifest(),
            release::list(&place.warehouse()).unwrap(),
        )
    };
    let before = state();
    let plan = rotate(place, &["--set", &set, "--dry-run"])
        .must_exit(0)
        .json();
    assert_eq!(plan["to"], serde_json::Value::Null);
    assert_eq!(plan["dropped"].as_array().unwrap().len(), 4);
    assert!(state() == before);
    let answer = rotate(place, &["--set", &set, "--keep-releases"]).must_exit(0);
    assert!(
        answer
            .stderr
            .contains("4 earlier releases stay under the old key"),
        "{}",
        answer.stderr
    );
    assert_eq!(release::list(&place.warehouse()).unwrap().len(), 5);
    let log = fs::read_to_string(place.warehouse().join("audit.ndjson")).unwrap();
    assert!(log.contains("\"resultaat\":\"gewisseld\"") && log.contains("\"nieuwe_sleutel\""));
    assert!(log.contains("\"sleutelbron\":\"bestand\""));
    // The old key opens nothing any more.
    let rotated = fs::read(place.key()).unwrap();
    fs::write(place.key(), &before.0).unwrap();
    let args = [&FIND[..], &["--set", &set]].concat();
    let answer = ask(place, &args, "C-00003").must_exit(1);
    assert!(
        answer
            .stderr
            .contains("is not the one that the warehouse was made with"),
        "{}",
        answer.stderr
    );
    // The new one, put beside a warehouse from before, opens that one too.
    fs::write(place.key(), &rotated).unwrap();
    place.sluis(&["check", "--set", &set]).must_exit(0);
    let bare = Place::new();
    let answer = rotate(&bare, &[]).must_exit(2);
    assert!(
        answer.stderr.contains("nothing has been published"),
        "{}",
        answer.stderr
    );
}
