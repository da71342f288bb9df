//! Two small sources, to spoil: `proef` (full deliveries) and `stand` (incremental ones).

use std::collections::BTreeMap;
use std::path::Path;

use chrono::{DateTime, Utc};
use sluis::contract::ContractFiles;
use sluis::contract::model::Contracts;
use sluis::run::{Job, Observer, RunReport};
use sluis::settings::KeySource;
use sluis::source::landing::Delivery;
use sluis::warehouse::journal::DeliveryRecord;

use crate::support::Place;

const PROEF: &str = r#"id = "proef"
title = "Proef"
partner = "proef"
version = "1"
documentation = "Een rij is een hulpvraag."
key = ["wie"]
[[column]]
name = "nummer"
header = "Nummer"
type = "nummer"
max_bytes = 20
class = "direct"
treatment = "pseudonimiseren"
domain = "proef"
as = "wie"
required = true
documentation = "Nummer."
[[column]]
name = "naam"
header = "Naam"
type = "tekst"
max_bytes = 400
class = "direct"
treatment = "weglaten"
documentation = "Naam."
[[column]]
name = "datum"
header = "Datum"
type = "datum"
format = "dd-mm-jjjj"
class = "gewoon"
treatment = "behouden"
required = true
documentation = "Datum."
[[column]]
name = "wijk"
header = "Wijk"
type = "keuze"
values = ["oost", "west", "zuid"]
class = "gewoon"
treatment = "behouden"
required = true
documentation = "Wijk."
[[column]]
name = "aantal"
header = "Aantal"
type = "geheel"
min = 0
max = 1000
class = "gewoon"
treatment = "behouden"
documentation = "Aantal."
"#;

const ACTIE: &str = r#"[[column]]
name = "actie"
header = "Actie"
type = "keuze"
values = { verwijderd = ["V"] }
class = "gewoon"
treatment = "behouden"
documentation = "Actie."
"#;

const PIPELINE: &str = r#"source = "proef"
[delivery]
channel = "folder"
pattern = "proef_{datum}.csv"
mode = "full"
checksum = "none"
[format]
kind = "csv"
encoding = "utf-8"
delimiter = ";"
max_row_bytes = 500
[limits]
max_refused_percent = 10.0
"#;

const MAPPING: &str =
    "SELECT date_part('year', datum) AS jaar, wijk, wie, datum, aantal FROM levering\n";

const MAPPING_STAND: &str = "SELECT date_part('year', datum) AS jaar, wijk, wie, datum, aantal, \
     coalesce(actie, '') = 'verwijderd' AS _verwijderd FROM levering\n";

const TABLE: &str = r#"name = "proef"
title = "Proef"
documentation = "Een rij is een hulpvraag."
key = ["wie"]
partition = ["jaar", "wijk"]
[[column]]
name = "jaar"
type = "geheel"
required = true
documentation = "Jaar."
[[column]]
name = "wijk"
type = "tekst"
required = true
documentation = "Wijk."
[[column]]
name = "wie"
type = "pseudoniem"
required = true
documentation = "Wie."
[[column]]
name = "datum"
type = "datum"
documentation = "Datum."
[[column]]
name = "aantal"
type = "geheel"
documentation = "Aantal."
"#;

const VIEW: &str = "-- Hoeveel er zijn.\nSELECT jaar, '2023' AS definitie, wijk, count(*) AS rijen, \
     sum(aantal) AS aantal FROM magazijn.proef GROUP BY jaar, wijk\n";

const VIEW_COLUMNS: &str = r#"title = "Proef"
[[column]]
name = "jaar"
role = "groep"
documentation = "Jaar."
[[column]]
name = "definitie"
role = "groep"
documentation = "Definitie."
[[column]]
name = "wijk"
role = "rij"
documentation = "Wijk."
[[column]]
name = "rijen"
role = "kenmerk"
documentation = "Rijen."
[[column]]
name = "aantal"
role = "kenmerk"
documentation = "Aantal."
"#;

const REGISTER: &str = r#"[register]
version = "0.1"
adopted = ""
controller = "Gemeente"
[domain.proef]
description = "Proef."
[class.direct]
description = "Wijst iemand aan."
treatments = ["pseudonimiseren", "weglaten"]
[class.gewoon]
description = "Wijst niemand aan."
treatments = ["behouden", "weglaten"]
[source.proef]
purpose = "Proef."
legal_basis = "Geen."
bsn = false
raw_retention_days = 7
[source.proef.columns]
nummer = { class = "direct", treatment = "pseudonimiseren" }
naam = { class = "direct", treatment = "weglaten" }
datum = { class = "gewoon", treatment = "behouden" }
wijk = { class = "gewoon", treatment = "behouden" }
aantal = { class = "gewoon", treatment = "behouden" }
[source.stand]
purpose = "Proef."
legal_basis = "Geen."
bsn = false
raw_retention_days = 7
[source.stand.columns]
nummer = { class = "direct", treatment = "pseudonimiseren" }
naam = { class = "direct", treatment = "weglaten" }
datum = { class = "gewoon", treatment = "behouden" }
wijk = { class = "gewoon", treatment = "behouden" }
aantal = { class = "gewoon", treatment = "behouden" }
actie = { class = "gewoon", treatment = "behouden" }
[view.proef]
subject = "aantallen"
reason = "Proef."
[view.stand]
subject = "aantallen"
reason = "Proef."
"#;

pub const HEADER: &str = "Nummer;Naam;Datum;Wijk;Aantal";

/// The contract files of the two sources.
#[derive(Clone)]
pub struct Small(BTreeMap<String, String>);

impl Small {
    pub fn new() -> Self {
        let stand = |text: &str| text.replace("proef", "stand");
        let files = [
            ("schemas/sources/proef.toml", PROEF.to_owned()),
            (
                "schemas/sources/stand.toml",
                stand(PROEF).replace("\"stand\"\nas", "\"proef\"\nas") + ACTIE,
            ),
            ("pipelines/proef/pipeline.toml", PIPELINE.to_owned()),
            (
                "pipelines/stand/pipeline.toml",
                stand(PIPELINE).replace("\"full\"", "\"incremental\""),
            ),
            ("pipelines/proef/proef.sql", MAPPING.to_owned()),
            ("pipelines/stand/stand.sql", MAPPING_STAND.to_owned()),
            ("schemas/tables/proef.toml", TABLE.to_owned()),
            ("schemas/tables/stand.toml", stand(TABLE)),
            ("schemas/monitor/proef.sql", VIEW.to_owned()),
            ("schemas/monitor/stand.sql", stand(VIEW)),
            ("schemas/monitor/proef.toml", VIEW_COLUMNS.to_owned()),
            ("schemas/monitor/stand.toml", VIEW_COLUMNS.to_owned()),
            ("config/dpia.toml", REGISTER.to_owned()),
        ];
        Self(files.map(|(path, text)| (path.to_owned(), text)).into())
    }

    /// The same with a text in one of the files replaced.
    pub fn with(mut self, path: &str, old: &str, new: &str) -> Self {
        let text = self.0.get_mut(path).unwrap();
        assert!(text.contains(old), "{path} has no {old}");
        *text = text.replace(old, new);
        self
    }

    /// The same with something added to one of the files.
    pub fn adding(mut self, path: &str, more: &str) -> Self {
        self.0.get_mut(path).unwrap().push_str(more);
        self
    }

    /// The same with another file.
    pub fn and(mut self, path: &str, text: &str) -> Self {
        self.0.insert(path.to_owned(), text.to_owned());
        self
    }

    /// Writes them into the place; returns the argument of `--set` that uses them.
    pub fn at(&self, place: &Place) -> String {
        let files: Vec<(&str, &str)> = self
            .0
            .iter()
            .map(|(p, t)| (p.as_str(), t.as_str()))
            .collect();
        place.contracts(&files)
    }

    /// The contracts, for the library.
    pub fn contracts(&self) -> Contracts {
        let mut files = ContractFiles::new();
        for (path, text) in &self.0 {
            files.insert(path.as_str(), text);
        }
        sluis::contract::load(&files).unwrap()
    }
}

/// A delivery of `proef`: a row for every number.
pub fn rows(numbers: impl IntoIterator<Item = u32>) -> String {
    let row = |n: u32| {
        let wijk = ["oost", "west", "zuid"][n as usize % 3];
        format!(
            "C-{n:05};Zoë Geheimenaar {n};{:02}-03-2024;{wijk};{}\n",
            n % 28 + 1,
            n % 100
        )
    };
    let rows: String = numbers.into_iter().map(row).collect();
    format!("{HEADER}\n{rows}")
}

/// Nobody is told anything.
pub struct Silent;

impl Observer for Silent {
    fn begins(&self, _: &Delivery) {}
    fn advances(&self, _: &str, _: u64) {}
    fn ends(&self, _: &DeliveryRecord) {}
}

/// The nightly job as the library offers it.
pub struct Night<'a> {
    pub place: &'a Place,
    pub contracts: &'a Contracts,
    pub keep: usize,
    pub piece: usize,
    pub now: DateTime<Utc>,
    pub observer: &'a dyn Observer,
}

impl<'a> Night<'a> {
    pub fn new(place: &'a Place, contracts: &'a Contracts) -> Self {
        Self {
            place,
            contracts,
            keep: 30,
            piece: 1 << 20,
            now: Utc::now(),
            observer: &Silent,
        }
    }

    pub fn run(&self) -> RunReport {
        let job = Job {
            canaries: &self.place.canaries(),
            contracts: self.contracts,
            blocked: &BTreeMap::new(),
            landing: &self.place.landing(),
            warehouse: &self.place.warehouse(),
            key: &KeySource::File(self.place.key()),
            pull: None,
            only: &[],
            piece_bytes: self.piece,
            buffer_bytes: 64 << 20,
            mapping_bytes: 256 << 20,
            keep_releases: self.keep,
            now: &|| self.now,
            observer: self.observer,
        };
        job.run().unwrap()
    }
}

/// Every file below a folder: path below it and bytes.
pub fn files_below(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut open = vec![folder.to_owned()];
    while let Some(at) = open.pop() {
        for entry in std::fs::read_dir(&at).into_iter().flatten() {
            let entry = entry.unwrap();
            if entry.file_type().unwrap().is_dir() {
                open.push(entry.path());
            } else if entry.file_type().unwrap().is_file() {
                let below = entry
                    .path()
                    .strip_prefix(folder)
                    .unwrap()
                    .to_string_lossy()
                    .into_owned();
                found.insert(below, std::fs::read(entry.path()).unwrap());
            }
        }
    }
    found
}
