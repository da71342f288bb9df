//! Nights going by: the job run again and again over a place, with small contracts.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;

use arrow::array::AsArray;
use arrow::datatypes::{Date32Type, Int64Type};
use chrono::{DateTime, TimeDelta, Utc};
use sluis::contract::model::Contracts;
use sluis::run::{Observer, RunReport};
use sluis::warehouse::journal::DeliveryOutcome;
use sluis::warehouse::parquet::read_file;

use crate::small::{HEADER, Night, Silent, Small};
use crate::support::Place;

/// A place with its contracts, where the nights go by one after another.
pub struct Nights {
    pub place: Place,
    pub contracts: Contracts,
    pub keep: usize,
    pub now: DateTime<Utc>,
}

impl Nights {
    pub fn new(small: &Small) -> Self {
        Self {
            place: Place::new(),
            contracts: small.contracts(),
            keep: 30,
            now: Utc::now(),
        }
    }

    /// The same contracts and key, nothing else.
    pub fn fresh(&self) -> Self {
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

    pub fn deliver(&self, source: &str, name: &str, text: &str) -> PathBuf {
        self.place
            .deliver(source, &format!("{source}_{name}.csv"), text.as_bytes())
    }

    pub fn run(&mut self) -> RunReport {
        self.watched(&Silent)
    }

    pub fn watched(&mut self, observer: &dyn Observer) -> RunReport {
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

    pub fn content(&self) -> String {
        self.place.manifest().content
    }

    /// Year, wijk, date and amount of every row of a table, sorted.
    pub fn table(&self, table: &str) -> Vec<Line> {
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

pub type Line = (String, String, String, i64);

/// What became of each delivery, by date.
pub fn outcomes(report: &RunReport) -> BTreeMap<String, DeliveryOutcome> {
    report
        .record
        .deliveries
        .iter()
        .map(|d| (d.order.clone(), d.outcome))
        .collect()
}

pub fn are<const N: usize>(
    expected: [(&str, DeliveryOutcome); N],
) -> BTreeMap<String, DeliveryOutcome> {
    expected
        .map(|(order, outcome)| (order.to_owned(), outcome))
        .into()
}

/// The inode of every file of the current release.
pub fn inodes(place: &Place) -> BTreeMap<String, u64> {
    let root = place.current().unwrap();
    let files = place.manifest().files.into_iter().map(|f| f.path);
    files
        .map(|path| (path.clone(), fs::metadata(root.join(path)).unwrap().ino()))
        .collect()
}

/// A row of `stand`: number, day of March, year, wijk, amount, whether it is a deletion.
pub type Change = (u8, u8, u16, &'static str, u16, bool);

pub fn stand(changes: &[Change]) -> String {
    let row = |&(number, day, year, wijk, amount, gone): &Change| {
        let action = if gone { "V" } else { "" };
        format!("C-{number:05};Zoë Geheimenaar;{day:02}-03-{year};{wijk};{amount};{action}\n")
    };
    let rows: String = changes.iter().map(row).collect();
    format!("{HEADER};Actie\n{rows}")
}

/// What the deliveries, in order of their dates, come to.
pub fn model(deliveries: &[&[Change]]) -> Vec<Line> {
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
pub const HISTORY: [&[Change]; 4] = [
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

pub const DATES: [&str; 5] = ["20240101", "20240201", "20240301", "20240401", "20240501"];
