//! The view `stapeling` over hand-made cases: how many kinds of help people use, and which together.

use serde_json::Value;

use crate::support::Place;

/// Two sources into the real tables: help of the teams, and provisions of others.
const HULP: &str = r#"id = "hulp"
title = "Hulp"
partner = "wot"
version = "1"
documentation = "Hulpvragen."
key = ["hulpvraag"]
[[column]]
name = "nr"
type = "nummer"
max_bytes = 20
class = "direct"
treatment = "pseudonimiseren"
domain = "hulpvraag"
as = "hulpvraag"
required = true
documentation = "Nummer."
[[column]]
name = "clientnr"
type = "nummer"
max_bytes = 20
class = "direct"
treatment = "pseudonimiseren"
domain = "clientnr"
as = "clientnr"
documentation = "Clientnummer."
[[column]]
name = "bsn"
type = "bsn"
class = "direct"
treatment = "pseudonimiseren"
domain = "sociaal"
as = "client"
documentation = "BSN."
[[column]]
name = "wijk"
type = "keuze"
values = ["oost", "west", "buiten_schiedam"]
class = "gewoon"
treatment = "behouden"
documentation = "Wijk."
[[column]]
name = "melding"
type = "datum"
format = "jjjj-mm-dd"
class = "gewoon"
treatment = "behouden"
documentation = "Melding."
[[column]]
name = "afsluiting"
type = "datum"
format = "jjjj-mm-dd"
class = "gewoon"
treatment = "behouden"
documentation = "Afsluiting."
"#;

const ZORG: &str = r#"id = "zorg"
title = "Zorg"
partner = "zorg"
version = "1"
documentation = "Voorzieningen."
key = ["nummer"]
[[column]]
name = "nr"
type = "nummer"
max_bytes = 20
class = "direct"
treatment = "pseudonimiseren"
domain = "zorg"
as = "nummer"
required = true
documentation = "Nummer."
[[column]]
name = "bsn"
type = "bsn"
class = "direct"
treatment = "pseudonimiseren"
domain = "sociaal"
as = "client"
documentation = "BSN."
[[column]]
name = "soort"
type = "keuze"
values = ["wmo", "jeugd", "schuldhulp", "participatie", "begeleiding"]
class = "gewoon"
treatment = "behouden"
required = true
documentation = "Soort."
[[column]]
name = "wijk"
type = "keuze"
values = ["oost", "west", "buiten_schiedam"]
class = "gewoon"
treatment = "behouden"
documentation = "Wijk."
[[column]]
name = "start"
type = "datum"
format = "jjjj-mm-dd"
class = "gewoon"
treatment = "behouden"
documentation = "Start."
[[column]]
name = "einde"
type = "datum"
format = "jjjj-mm-dd"
class = "gewoon"
treatment = "behouden"
documentation = "Einde."
"#;

const HULPVRAAG: &str = "SELECT CAST(coalesce(date_part('year', melding), date_part('year', afsluiting), 0) AS BIGINT) AS jaar,
    coalesce(wijk, 'onbekend') AS wijk, hulpvraag, client, clientnr, 'hulpvraag' AS soort,
    'onbekend' AS leeftijdsgroep, melding AS meldingsdatum, CAST(NULL AS DATE) AS startdatum,
    afsluiting AS afsluitdatum, 'onbekend' AS team, CAST(NULL AS VARCHAR) AS zorgzwaarte,
    CAST(NULL AS VARCHAR) AS reden_afsluiting, CAST(NULL AS VARCHAR) AS afhandeling,
    CAST(NULL AS VARCHAR) AS doorverwezen_naar, CAST(NULL AS BOOLEAN) AS substitutie,
    CAST(NULL AS BOOLEAN) AS via_aanmeldteam, CAST(NULL AS BOOLEAN) AS afgeschaald
FROM levering
";

const CLIENT: &str = "SELECT clientnr, client, coalesce(wijk, 'onbekend') AS wijk, 'onbekend' AS team, melding AS laatste_melding
FROM levering WHERE clientnr IS NOT NULL
";

const VOORZIENING: &str = "SELECT CAST(coalesce(date_part('year', start), 0) AS BIGINT) AS jaar,
    coalesce(wijk, 'onbekend') AS wijk, 'zorg' AS bron, nummer, client, soort,
    CAST(NULL AS VARCHAR) AS product, 'onbekend' AS leeftijdsgroep, start AS startdatum,
    einde AS einddatum, CAST(NULL AS VARCHAR) AS reden_einde, CAST(NULL AS BIGINT) AS uren,
    CAST(NULL AS BIGINT) AS bedrag
FROM levering
";

const REGISTER: &str = r#"[register]
version = "0.1"
adopted = ""
controller = "Gemeente"
[domain.sociaal]
description = "Personen."
[domain.hulpvraag]
description = "Hulpvragen."
[domain.clientnr]
description = "Clienten."
[domain.zorg]
description = "Voorzieningen."
[class.direct]
description = "Wijst iemand aan."
treatments = ["pseudonimiseren", "weglaten"]
[class.gewoon]
description = "Wijst niemand aan."
treatments = ["behouden", "weglaten"]
[source.hulp]
purpose = "Proef."
legal_basis = "Wmo."
bsn = true
[source.hulp.columns]
nr = { class = "direct", treatment = "pseudonimiseren" }
clientnr = { class = "direct", treatment = "pseudonimiseren" }
bsn = { class = "direct", treatment = "pseudonimiseren" }
wijk = { class = "gewoon", treatment = "behouden" }
melding = { class = "gewoon", treatment = "behouden" }
afsluiting = { class = "gewoon", treatment = "behouden" }
[source.zorg]
purpose = "Proef."
legal_basis = "Wmo."
bsn = true
[source.zorg.columns]
nr = { class = "direct", treatment = "pseudonimiseren" }
bsn = { class = "direct", treatment = "pseudonimiseren" }
soort = { class = "gewoon", treatment = "behouden" }
wijk = { class = "gewoon", treatment = "behouden" }
start = { class = "gewoon", treatment = "behouden" }
einde = { class = "gewoon", treatment = "behouden" }
# A single person must be seen here.
[publication]
smallest_cell = 1
[view.stapeling]
subject = "personen"
"#;

fn pipeline(source: &str) -> String {
    format!(
        r#"source = "{source}"
[delivery]
channel = "folder"
pattern = "{source}_{{datum}}.csv"
mode = "full"
checksum = "none"
[format]
kind = "csv"
encoding = "utf-8"
delimiter = ";"
"#
    )
}

/// Jaar, wijk, aantal, combinatie, personen.
type Row = (i64, String, i64, String, i64);

/// The view over these rows: `nr;clientnr;bsn;wijk;melding;afsluiting` and
/// `nr;bsn;soort;wijk;start;einde`, where a BSN is called by a letter.
fn stapeling(hulp: &[&str], zorg: &[&str]) -> Vec<Row> {
    let place = Place::new();
    let setting = place.contracts(&[
        ("schemas/sources/hulp.toml", HULP),
        ("schemas/sources/zorg.toml", ZORG),
        ("pipelines/hulp/pipeline.toml", &pipeline("hulp")),
        ("pipelines/zorg/pipeline.toml", &pipeline("zorg")),
        ("pipelines/hulp/hulpvraag.sql", HULPVRAAG),
        ("pipelines/hulp/client.sql", CLIENT),
        ("pipelines/zorg/voorziening.sql", VOORZIENING),
        (
            "schemas/tables/hulpvraag.toml",
            include_str!("../../schemas/tables/hulpvraag.toml"),
        ),
        (
            "schemas/tables/client.toml",
            include_str!("../../schemas/tables/client.toml"),
        ),
        (
            "schemas/tables/voorziening.toml",
            include_str!("../../schemas/tables/voorziening.toml"),
        ),
        (
            "schemas/monitor/stapeling.sql",
            include_str!("../../schemas/monitor/stapeling.sql"),
        ),
        (
            "schemas/monitor/stapeling.toml",
            include_str!("../../schemas/monitor/stapeling.toml"),
        ),
        ("config/dpia.toml", REGISTER),
    ]);
    // Numbers that pass the elfproef.
    let people = [
        (";A;", ";999990019;"),
        (";B;", ";999990020;"),
        (";C;", ";999990032;"),
        (";D;", ";999990044;"),
    ];
    let deliver = |source: &str, header: &str, rows: &[&str]| {
        let mut text = format!("{header}\n");
        for row in rows {
            let row = people
                .iter()
                .fold((*row).to_owned(), |row, (name, bsn)| row.replace(name, bsn));
            text.push_str(&row);
            text.push('\n');
        }
        place.deliver(source, &format!("{source}_20250101.csv"), text.as_bytes());
    };
    deliver("hulp", "nr;clientnr;bsn;wijk;melding;afsluiting", hulp);
    deliver("zorg", "nr;bsn;soort;wijk;start;einde", zorg);
    place
        .sluis(&["--set", &setting, "run", "--quiet"])
        .must_exit(0);
    let query = "select * from monitor.stapeling order by jaar, wijk, volgorde";
    let answer = place
        .sluis(&["--set", &setting, "sql", "--format", "json", "-c", query])
        .must_exit(0);
    let text = |v: &Value| v.as_str().unwrap().to_owned();
    let number = |v: &Value| v.as_i64().unwrap();
    let rows: Vec<Row> = answer
        .json()
        .as_array()
        .unwrap()
        .iter()
        .map(|r| {
            assert_eq!(r["definitie"], "eigen");
            (
                number(&r["jaar"]),
                text(&r["wijk"]),
                number(&r["aantal_voorzieningen"]),
                text(&r["combinatie"]),
                number(&r["personen"]),
            )
        })
        .collect();
    // Within a year the wijken add up to all.
    for (year, kinds) in rows.iter().map(|r| (r.0, &r.3)) {
        let sum = |all: bool| -> i64 {
            let of = |r: &&Row| r.0 == year && r.3 == *kinds && (r.1 == "alle") == all;
            rows.iter().filter(of).map(|r| r.4).sum()
        };
        assert_eq!(sum(true), sum(false), "{year} {kinds}");
    }
    rows
}

fn row(year: i64, wijk: &str, count: i64, kinds: &str, people: i64) -> Row {
    (year, wijk.to_owned(), count, kinds.to_owned(), people)
}

fn all(rows: Vec<Row>) -> Vec<Row> {
    rows.into_iter().filter(|r| r.1 == "alle").collect()
}

#[test]
fn people_are_counted_by_what_they_use_in_a_year() {
    let rows = stapeling(
        &[
            // A: two questions are one kind. B: the teams only. D: no BSN here, but elsewhere.
            "h1;k1;A;oost;2024-02-01;2024-06-01",
            "h2;k1;A;oost;2024-07-01;",
            "h3;k2;B;west;2024-03-01;2024-04-01",
            "h4;k4;D;west;2023-01-01;2023-02-01",
            "h5;k4;;west;2024-01-01;2024-02-01",
            // Nobody who can be told apart.
            "h6;;;west;2024-01-01;",
        ],
        &[
            "z1;A;wmo;;2024-01-01;",
            "z2;A;wmo;;2024-01-01;",
            "z3;A;schuldhulp;;2024-12-31;",
            "z4;C;schuldhulp;west;2023-05-01;2024-01-01",
            "z5;;wmo;west;2024-01-01;",
        ],
    );
    assert_eq!(
        rows,
        [
            row(2023, "alle", 1, "schuldhulp", 1),
            row(2023, "alle", 1, "wot", 1),
            row(2023, "west", 1, "schuldhulp", 1),
            row(2023, "west", 1, "wot", 1),
            row(2024, "alle", 1, "schuldhulp", 1),
            row(2024, "alle", 1, "wot", 2),
            row(2024, "alle", 3, "schuldhulp + wmo + wot", 1),
            row(2024, "oost", 3, "schuldhulp + wmo + wot", 1),
            row(2024, "west", 1, "schuldhulp", 1),
            row(2024, "west", 1, "wot", 2),
        ]
    );
}

#[test]
fn a_year_is_a_year_in_which_it_ran_for_a_day() {
    let rows = stapeling(
        &[
            "h1;k1;A;oost;2022-12-31;2023-01-01",
            "h2;k2;B;oost;2024-01-01;",
        ],
        &[
            // Still running, from before the monitor begins; ended before it began; without a day.
            "z1;B;wmo;;2012-01-01;",
            "z2;C;participatie;;2012-01-01;2019-12-31",
            "z3;D;begeleiding;oost;;",
            // Only its end is known.
            "z4;D;begeleiding;oost;;2023-03-01",
        ],
    );
    assert_eq!(
        all(rows),
        [
            row(2022, "alle", 1, "wmo", 1),
            row(2022, "alle", 1, "wot", 1),
            row(2023, "alle", 1, "begeleiding", 1),
            row(2023, "alle", 1, "wmo", 1),
            row(2023, "alle", 1, "wot", 1),
            row(2024, "alle", 2, "wmo + wot", 1),
        ]
    );
}

#[test]
fn the_wijk_is_the_latest_known_and_that_of_the_teams_comes_first() {
    let rows = stapeling(
        &[
            "h1;k1;A;oost;2023-01-01;2023-02-01",
            "h2;k1;A;west;2024-01-01;2024-02-01",
            "h3;k1;A;;2024-05-01;2024-06-01",
            "h4;k2;B;;2024-01-01;",
        ],
        &[
            "z1;A;wmo;oost;2024-12-01;",
            "z2;B;wmo;west;2023-01-01;2023-12-31",
            "z3;B;wmo;oost;2024-01-01;",
            "z4;C;wmo;;2024-01-01;",
            "z5;D;wmo;buiten_schiedam;2024-01-01;",
        ],
    );
    let of_2024: Vec<Row> = rows
        .into_iter()
        .filter(|r| r.0 == 2024 && r.1 != "alle")
        .collect();
    assert_eq!(
        of_2024,
        [
            row(2024, "buiten_schiedam", 1, "wmo", 1),
            row(2024, "onbekend", 1, "wmo", 1),
            row(2024, "oost", 2, "wmo + wot", 1),
            row(2024, "west", 2, "wmo + wot", 1),
        ]
    );
}

#[test]
fn help_for_youth_stays_out_of_it() {
    let hulp = ["h1;k1;A;oost;2024-01-01;"];
    let adults = ["z1;A;wmo;oost;2024-01-01;"];
    let youth = [
        "z1;A;wmo;oost;2024-01-01;",
        "z2;A;jeugd;west;2021-06-01;",
        "z3;B;jeugd;west;2024-01-01;",
        "z4;C;jeugd;west;2022-01-01;2022-02-01",
    ];
    assert_eq!(stapeling(&hulp, &youth), stapeling(&hulp, &adults));
}
