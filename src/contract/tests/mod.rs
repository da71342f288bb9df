//! What contracts promise: a small house without faults, and every way to break it.

use super::model::Contracts;
use super::{ContractError, ContractFiles, Fault, load};

mod channels;
mod compiled;
mod crossed;
mod documents;
mod kinds;
mod many;
mod pipelines;
mod tables;
mod versions;
mod views;

const SOURCE: &str = r#"id = "wot"
title = "WOT"
partner = "wot"
version = "1"
documentation = "Casussen."
key = ["hulpvraag"]

[[column]]
name = "bsn"
header = ["Bsn", "BSN"]
type = "bsn"
class = "direct"
treatment = "pseudonimiseren"
domain = "sociaal-domein"
as = "client"
documentation = "Burgerservicenummer."

[[column]]
name = "nr"
type = "nummer"
max_bytes = 20
class = "direct"
treatment = "pseudonimiseren"
domain = "sociaal-domein"
as = "hulpvraag"
required = true
documentation = "Nummer."

[[column]]
name = "geboortedatum"
type = "datum"
format = "dd-mm-jjjj"
class = "indirect"
treatment = "leeftijdsgroep"
at = "melding"
borders = [0, 18, 65]
as = "leeftijdsgroep"
empty = ["01-01-1900"]
documentation = "Geboortedatum."

[[column]]
name = "melding"
type = "datum"
format = "dd-mm-jjjj"
class = "gewoon"
treatment = "behouden"
documentation = "Meldingsdatum."

[[column]]
name = "postcode"
type = "postcode"
class = "indirect"
treatment = "wijk"
as = "wijk"
documentation = "Postcode."

[[column]]
name = "zwaarte"
type = "keuze"
values = { licht = ["Licht", "1"], zwaar = "Zwaar" }
class = "gewoon"
treatment = "behouden"
documentation = "Zwaarte."

[[column]]
name = "notitie"
type = "tekst"
max_bytes = 4000
class = "tekst"
treatment = "weglaten"
documentation = "Valt weg."
"#;

const PIPELINE: &str = r#"source = "wot"
after = ["cbs"]
[delivery]
channel = "folder"
pattern = "wot_{deel}_{datum}.csv"
mode = "full"
checksum = "required"
[format]
kind = "csv"
encoding = "windows-1252"
delimiter = ";"
"#;

const MAPPING: &str =
    "SELECT date_part('year', melding) AS jaar, wijk, hulpvraag, client\nFROM levering\n";

const TABLE: &str = r#"name = "hulpvraag"
title = "Hulpvragen"
documentation = "Een rij is een hulpvraag."
key = ["hulpvraag"]
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
name = "hulpvraag"
type = "pseudoniem"
required = true
documentation = "Hulpvraag."
[[column]]
name = "client"
type = "pseudoniem"
documentation = "Client."
"#;

const REFERENCE: &str = r#"id = "cbs"
title = "CBS"
partner = "cbs"
version = "1"
documentation = "Postcodes."
[[column]]
name = "postcode"
type = "postcode-referentie"
class = "gewoon"
treatment = "behouden"
documentation = "Postcode."
[[column]]
name = "wijk"
type = "cbs-regio"
class = "gewoon"
treatment = "behouden"
documentation = "Wijk."
"#;

const REFERENCE_PIPELINE: &str = r#"source = "cbs"
[delivery]
channel = "folder"
pattern = "postcodes.csv"
mode = "full"
checksum = "none"
[format]
kind = "csv"
encoding = "utf-8"
delimiter = "\t"
"#;

const POSTCODE: &str = r#"name = "postcode"
title = "Postcodes"
documentation = "Een rij is een postcode."
key = ["postcode"]
[[column]]
name = "postcode"
type = "tekst"
documentation = "Postcode."
[[column]]
name = "wijk"
type = "tekst"
documentation = "Wijk."
"#;

const VIEW: &str = "-- Hulpvragen per jaar.\nSELECT jaar, count(*) AS aantal\nFROM magazijn.hulpvraag\nGROUP BY jaar\n";

const VIEW_COLUMNS: &str = r#"title = "Hulpvragen"
[[column]]
name = "jaar"
role = "groep"
documentation = "Jaar."
[[column]]
name = "aantal"
role = "cel"
documentation = "Hoeveel."
"#;

const REGISTER: &str = r#"[register]
version = "0.1"
adopted = ""
controller = "Gemeente"

[domain.sociaal-domein]
description = "Personen."

[class.direct]
description = "Wijst aan."
treatments = ["pseudonimiseren", "weglaten"]
[class.indirect]
description = "Wijst samen aan."
treatments = ["leeftijdsgroep", "wijk", "weglaten"]
[class.gewoon]
description = "Gewoon."
treatments = ["behouden", "weglaten"]
[class.tekst]
description = "Vrije tekst."
treatments = ["weglaten"]

[source.wot]
purpose = "Monitor."
legal_basis = "Wmo."
bsn = true
raw_retention_days = 0
[source.wot.columns]
bsn = { class = "direct", treatment = "pseudonimiseren" }
nr = { class = "direct", treatment = "pseudonimiseren" }
geboortedatum = { class = "indirect", treatment = "leeftijdsgroep" }
melding = { class = "gewoon", treatment = "behouden" }
postcode = { class = "indirect", treatment = "wijk" }
zwaarte = { class = "gewoon", treatment = "behouden" }
notitie = { class = "tekst", treatment = "weglaten" }

[source.cbs]
purpose = "Verwijzen."
legal_basis = "Open data."
bsn = false
[source.cbs.columns]
postcode = { class = "gewoon", treatment = "behouden" }
wijk = { class = "gewoon", treatment = "behouden" }

[publication]
smallest_cell = 10
dominance_percent = 75
[view.hulpvragen]
subject = "personen"
"#;

const WOT: &str = "schemas/sources/wot.toml";
const WOT_PIPELINE: &str = "pipelines/wot/pipeline.toml";
const WOT_MAPPING: &str = "pipelines/wot/hulpvraag.sql";
const WOT_TABLE: &str = "schemas/tables/hulpvraag.toml";
const CBS: &str = "schemas/sources/cbs.toml";
const CBS_PIPELINE: &str = "pipelines/cbs/pipeline.toml";
const CBS_MAPPING: &str = "pipelines/cbs/postcode.sql";
const CBS_TABLE: &str = "schemas/tables/postcode.toml";
const THE_VIEW: &str = "schemas/monitor/hulpvragen.sql";
const THE_VIEW_COLUMNS: &str = "schemas/monitor/hulpvragen.toml";
const DPIA: &str = "config/dpia.toml";

/// The small house, without faults.
fn house() -> ContractFiles {
    let mut files = ContractFiles::new();
    for (path, text) in [
        (WOT, SOURCE),
        (WOT_PIPELINE, PIPELINE),
        (WOT_MAPPING, MAPPING),
        (WOT_TABLE, TABLE),
        (CBS, REFERENCE),
        (CBS_PIPELINE, REFERENCE_PIPELINE),
        (CBS_MAPPING, "SELECT postcode, wijk FROM levering"),
        (CBS_TABLE, POSTCODE),
        (THE_VIEW, VIEW),
        (THE_VIEW_COLUMNS, VIEW_COLUMNS),
        (DPIA, REGISTER),
    ] {
        files.insert(path, text);
    }
    files
}

/// The small house with one text in one file replaced by another.
fn broken(path: &str, text: &str, by: &str) -> ContractFiles {
    let mut files = house();
    edit(&mut files, path, text, by);
    files
}

fn edit(files: &mut ContractFiles, path: &str, text: &str, by: &str) {
    let old = files.get(path).unwrap().to_owned();
    assert!(old.contains(text), "{path} has no {text:?}");
    files.insert(path, old.replacen(text, by, 1));
}

fn loaded(files: &ContractFiles) -> Contracts {
    match load(files) {
        Ok(contracts) => contracts,
        Err(error) => panic!("{error:#?}"),
    }
}

fn faults(files: &ContractFiles) -> Vec<Fault> {
    match load(files) {
        Ok(_) => Vec::new(),
        Err(ContractError::Faults(faults)) => faults,
        Err(error) => panic!("{error}"),
    }
}

/// Replaces a text of the small house and expects one fault, at the line where `at` stands in the
/// changed file (line 1 for an empty `at`).
#[track_caller]
fn one_fault(path: &str, (text, by): (&str, &str), at: &str, message: &str, remedy: &str) {
    let files = broken(path, text, by);
    expect(&files, path, at, message, remedy);
}

#[track_caller]
fn expect(files: &ContractFiles, path: &str, at: &str, message: &str, remedy: &str) {
    let found = faults(files);
    let line = line_with(files, path, at);
    let shown: Vec<_> = found
        .iter()
        .map(|f| {
            (
                f.file.as_str(),
                f.line,
                f.message.as_str(),
                f.remedy.as_str(),
            )
        })
        .collect();
    assert_eq!(shown, [(path, line, message, remedy)]);
}

fn line_with(files: &ContractFiles, path: &str, at: &str) -> u32 {
    let Some(text) = files.get(path) else {
        return 1;
    };
    let offset = text
        .find(at)
        .unwrap_or_else(|| panic!("{path} has no {at:?}"));
    u32::try_from(text[..offset].matches('\n').count()).unwrap() + 1
}
