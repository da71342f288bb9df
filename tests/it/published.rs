//! Every figure that the annual reports R2021 and R2025 print, beside what the monitor computes from the
//! demo's deliveries: view `publicatie_controle`.

use std::collections::BTreeMap;
use std::fs;

use serde_json::{Value, json};

use crate::support::Place;

/// How many figures got which verdict.
fn verdicts(place: &Place) -> BTreeMap<String, i64> {
    let rows = place.sql("select oordeel, count(*) as n from publicatie_controle group by oordeel");
    let pair = |row: &Value| {
        (
            row["oordeel"].as_str().unwrap().to_owned(),
            row["n"].as_i64().unwrap(),
        )
    };
    rows.iter().map(pair).collect()
}

/// Year, table, cell, unit, printed, computed, difference and verdict of figures.
fn figures(place: &Place, filter: &str) -> Value {
    let columns = "jaar, tabel, cel, eenheid, gepubliceerd, berekend, verschil, oordeel";
    let query = format!(
        "select {columns} from publicatie_controle where {filter} order by jaar, tabel, eenheid, cel"
    );
    let cells = |row: Value| -> Value { columns.split(", ").map(|c| row[c].clone()).collect() };
    place.sql(&query).into_iter().map(cells).collect()
}

fn counts(expected: &[(&str, i64)]) -> BTreeMap<String, i64> {
    let pair = |(verdict, n): &(&str, i64)| ((*verdict).to_owned(), *n);
    expected.iter().map(pair).collect()
}

/// The printed figures with some lines changed, as a later delivery.
fn print_otherwise(place: &Place, changes: &[(&str, &str)]) {
    let first = "gepubliceerde-cijfers/gepubliceerde-cijfers_20250315.csv";
    let mut text = fs::read_to_string(place.landing().join(first)).unwrap();
    for (old, new) in changes {
        assert_eq!(text.matches(old).count(), 1, "{old}");
        text = text.replace(old, new);
    }
    place.deliver(
        "gepubliceerde-cijfers",
        "gepubliceerde-cijfers_20260101.csv",
        text.as_bytes(),
    );
    let run = ["run", "--quiet", "gepubliceerde-cijfers"];
    place.sluis(&run).must_exit(0);
}

#[test]
fn every_printed_figure_is_accounted_for_and_a_wrong_one_is_found() {
    let place = Place::with_demo();
    // Refused rows and deliveries are part of the demo, so the job says so.
    place.sluis(&["run", "--quiet"]).must_exit(3);
    the_reports_are_right_but_for_three_cells(&place);
    slips_are_found(&place);
    notes_decide_nothing(&place);
}

fn the_reports_are_right_but_for_three_cells(place: &Place) {
    assert_eq!(
        verdicts(place),
        counts(&[("gelijk", 121), ("afronding", 1), ("ocr", 2)])
    );
    assert_eq!(
        figures(place, "oordeel <> 'gelijk'"),
        json!([
            // 694 of 2253 is 30,80 %: cut off in print.
            [
                2020,
                "doorlooptijd",
                "> 12 maanden",
                "procent",
                30.0,
                31.0,
                1.0,
                "afronding"
            ],
            // The printed columns add up to 103 and 104; with 5 to 100: misread.
            [
                2023,
                "leeftijd",
                "68 tot 75",
                "procent",
                8.0,
                5.0,
                -3.0,
                "ocr"
            ],
            [
                2024,
                "leeftijd",
                "68 tot 75",
                "procent",
                9.0,
                5.0,
                -4.0,
                "ocr"
            ],
        ])
    );
    // The one figure that is printed as a dash is no norm in the agreement either.
    assert_eq!(
        figures(place, "gepubliceerd is null or berekend is null"),
        json!([[2024, "kpi", "klachten", "norm", null, null, null, "gelijk"]])
    );
}

/// Slips of several kinds, as changes of the printed figures.
const SLIPS: [(&str, &str); 8] = [
    // A count, a percentage of a column that is not printed whole, a grade, and a norm.
    (
        "hulpvragen;hulpvragen;aantal;1077;",
        "hulpvragen;hulpvragen;aantal;1078;",
    ),
    (
        "2023;afsluiting;doelen gerealiseerd;procent;65;",
        "2023;afsluiting;doelen gerealiseerd;procent;66;",
    ),
    (
        "gemiddelde tweede meting;score;3,81;",
        "gemiddelde tweede meting;score;3,82;",
    ),
    (
        "wachttijd binnen 4 weken;norm;80;",
        "wachttijd binnen 4 weken;norm;85;",
    ),
    // 215 of 1077 is 19,96 %; and a whole column that adds up to 110.
    (
        "naar welzijnsactiviteit;procent;20;",
        "naar welzijnsactiviteit;procent;19;",
    ),
    (
        "2023;wachttijd;tot 1 week;procent;53;",
        "2023;wachttijd;tot 1 week;procent;63;",
    ),
    // Two slips that make up for each other: each is wrong, and the column is no witness.
    (
        "2024;afsluiting;verhuizing;procent;3;",
        "2024;afsluiting;verhuizing;procent;13;",
    ),
    (
        "2024;afsluiting;doelen gerealiseerd;procent;70;",
        "2024;afsluiting;doelen gerealiseerd;procent;60;",
    ),
];

fn slips_are_found(place: &Place) {
    print_otherwise(place, &SLIPS);
    assert_eq!(
        figures(
            place,
            "oordeel <> 'gelijk' and tabel <> 'leeftijd' and tabel <> 'doorlooptijd'"
        ),
        json!([
            [
                2020,
                "zelfredzaamheid",
                "gemiddelde tweede meting",
                "score",
                3.82,
                3.81,
                -0.01,
                "afwijking"
            ],
            [
                2023,
                "afsluiting",
                "doelen gerealiseerd",
                "procent",
                66.0,
                65.0,
                -1.0,
                "afwijking"
            ],
            [
                2023,
                "wachttijd",
                "tot 1 week",
                "procent",
                63.0,
                53.0,
                -10.0,
                "ocr"
            ],
            [
                2024,
                "afsluiting",
                "doelen gerealiseerd",
                "procent",
                60.0,
                70.0,
                10.0,
                "afwijking"
            ],
            [
                2024,
                "afsluiting",
                "verhuizing",
                "procent",
                13.0,
                3.0,
                -10.0,
                "afwijking"
            ],
            [
                2024,
                "hulpvragen",
                "hulpvragen",
                "aantal",
                1078.0,
                1077.0,
                -1.0,
                "afwijking"
            ],
            [
                2024,
                "kpi",
                "wachttijd binnen 4 weken",
                "norm",
                85.0,
                80.0,
                -5.0,
                "afwijking"
            ],
            [
                2024,
                "welzijn",
                "aanmeldteam naar welzijnsactiviteit",
                "procent",
                19.0,
                20.0,
                1.0,
                "afronding"
            ],
        ])
    );
}

fn notes_decide_nothing(place: &Place) {
    print_otherwise(
        place,
        &[
            (
                "procent;9;0;de gedrukte kolom telt op tot 104, 5 is het enige dat klopt: oordeel ocr",
                "procent;5;0;",
            ),
            (
                "2024;klachten;totaal;aantal;7;0;",
                "2024;klachten;totaal;aantal;8;0;berekend 31 (694/2253 = 30,80): oordeel afronding",
            ),
        ],
    );
    assert_eq!(
        verdicts(place),
        counts(&[
            ("gelijk", 121),
            ("afronding", 1),
            ("ocr", 1),
            ("afwijking", 1)
        ])
    );
}

#[test]
fn what_no_source_delivers_is_missing() {
    let place = Place::with_demo();
    for source in ["klachten", "kpi-normen", "zrm"] {
        fs::remove_dir_all(place.landing().join(source)).unwrap();
    }
    place.sluis(&["run", "--quiet"]).must_exit(3);
    // Four figures of complaints, ten norms, four of zelfredzaamheid.
    assert_eq!(
        verdicts(&place),
        counts(&[
            ("gelijk", 103),
            ("afronding", 1),
            ("ocr", 2),
            ("ontbreekt", 18)
        ])
    );
    let missing = "select count(*) as n from publicatie_controle \
         where oordeel = 'ontbreekt' and berekend is null and verschil is null";
    assert_eq!(place.sql(missing)[0]["n"], 18);
}
