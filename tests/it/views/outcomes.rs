//! Kpi's against their norms, and the Zelfredzaamheid-Matrix.

use serde_json::json;

use super::{Case, NIEUWLAND, case, list, rows};

/// Clients of the cases of 2020 below.
pub(super) const RAN_IN_2020: i64 = 3;

pub(super) const NORMS: &str = "Jaar;Kpi;Norm;Richting;Eenheid;Meting;Gemeten in;Volgende meting\n\
     2034;hulpvragen per kwartaal;2;meer dan;aantal;doorlopend;;\n\
     2034;wachttijd binnen 4 weken;64;minstens;procent;doorlopend;;\n\
     2034;doorlooptijd binnen 6 maanden;80;minstens;procent;doorlopend;;\n\
     2034;trainingsprogrammas;1;hoogstens;aantal;doorlopend;;\n\
     2034;klachten;;;aantal;doorlopend;;\n\
     2034;tevreden over ondersteuning;80;minstens;procent;periodiek;;\n\
     2034;tevreden over toegankelijkheid;80;minstens;procent;periodiek;2033;\n\
     2036;trainingsprogrammas;1;hoogstens;aantal;doorlopend;;\n";

pub(super) const TRAININGS: &str = "Jaar;Programma;Deelnemers\n2034;Basistraining;9\n2034;Huiselijk geweld;5\n\
     2036;Basistraining;9\n";

#[test]
fn a_kpi_is_met_missed_or_not_measured() {
    let columns = "kpi, lezing, norm, realisatie, oordeel, toelichting";
    assert_eq!(
        rows("kpi", columns, "jaar = 2034"),
        list(&json!([
            // Eleven hulpvragen and no short contacts: 2,75 a quarter, which is not more than 2 whole.
            [
                "hulpvragen per kwartaal",
                "alleen hulpvragen",
                2,
                2,
                "niet gehaald",
                null
            ],
            [
                "hulpvragen per kwartaal",
                "met korte contacten",
                2,
                2,
                "niet gehaald",
                null
            ],
            ["wachttijd binnen 4 weken", "enige", 64, 64, "gehaald", null],
            [
                "doorlooptijd binnen 6 maanden",
                "enige",
                80,
                null,
                "geen gegevens",
                "de bron leverde dit jaar niets"
            ],
            ["trainingsprogrammas", "enige", 1, 2, "niet gehaald", null],
            [
                "tevreden over toegankelijkheid",
                "enige",
                80,
                null,
                "niet gemeten",
                "gemeten in 2033"
            ],
            [
                "tevreden over ondersteuning",
                "enige",
                80,
                null,
                "niet gemeten",
                "nog niet gemeten"
            ],
            [
                "klachten",
                "enige",
                null,
                null,
                "geen gegevens",
                "de bron leverde dit jaar niets"
            ],
        ]))
    );
    assert_eq!(
        rows("kpi", "kpi, realisatie, oordeel", "jaar = 2036"),
        [json!(["trainingsprogrammas", 1, "gehaald"])]
    );
}

/// Clients 18, 21 and 24 have both numbers.
pub(super) fn cases() -> Vec<Case> {
    vec![
        case("06-06-2020").of(18),
        case("06-06-2020").of(21).at(NIEUWLAND, "Oost"),
        case("06-06-2020").of(24).at(NIEUWLAND, "Nieuwland"),
    ]
}

/// Client 18: on financien and justitie; 21: on financien; 24 has no second score on it, and a second
/// measurement of another year; 27 is not known to the teams; blank is no score.
pub(super) const MEASURED: &str = "Clientnr;Meting;Datum;Actie;Versie;Financien;Werk en opleiding;\
     Tijdsbesteding;Huisvesting;Huiselijke relaties;Geestelijke gezondheid;Lichamelijke gezondheid;\
     Middelengebruik;ADL;Sociaal netwerk;Maatschappelijke participatie;Justitie\n\
     C00018;1;01-07-2020;N;12;1;;;;;;;;;;;2\n\
     C00018;2;31-12-2020;N;12;2;;;;;;;;;;;5\n\
     C00021;1;31-12-2019;N;12;2;;;;;;;;;;;\n\
     C00021;2;01-01-2020;N;12;3;;;;;;;;;;;4\n\
     C00024;1;01-07-2020;N;12;1;;;;;;;;;;;1\n\
     C00024;2;01-01-2021;N;12;5;;;;;;;;;;;5\n\
     C00027;1;01-07-2020;N;12;4;;;;;;;;;;;\n\
     C00027;2;01-08-2020;N;12;5;;;;;;;;;;;\n";

#[test]
fn only_pairs_of_the_year_count() {
    let columns =
        "gebied, leefgebied, paren, gemiddelde_eerste, gemiddelde_tweede, toename, voldoende";
    let of = |split: &str| {
        let filter = format!("indeling = '{split}'");
        let mut rows = rows("zelfredzaamheid", columns, &filter);
        rows.sort_by_key(|row| row[0].as_str().map(str::to_owned));
        rows
    };
    // Before: 1, 2 and 4; after: 2, 3 and 5. Justitie: 2, and 5.
    let all = [
        json!(["alle", "financien", 3, 2.33, 3.33, 43, true]),
        json!(["alle", "justitie", 1, 2.0, 5.0, 150, true]),
        json!(["alle", "totaal", 4, 2.25, 3.75, 67, true]),
    ];
    let wijken = [
        json!(["nieuwland", "financien", 1, 2.0, 3.0, 50, true]),
        json!(["nieuwland", "totaal", 1, 2.0, 3.0, 50, true]),
        json!(["onbekend", "financien", 1, 4.0, 5.0, 25, true]),
        json!(["onbekend", "totaal", 1, 4.0, 5.0, 25, true]),
        json!(["oost", "financien", 1, 1.0, 2.0, 100, false]),
        json!(["oost", "justitie", 1, 2.0, 5.0, 150, true]),
        json!(["oost", "totaal", 2, 1.5, 3.5, 133, true]),
    ];
    assert_eq!(of("wijk"), [&all[..], &wijken].concat());
    // The team of the second client is that of a wijk that is not hers.
    let teams = of("team");
    let oost = teams
        .iter()
        .find(|row| row[0] == "Oost" && row[1] == "financien");
    assert_eq!(
        oost,
        Some(&json!(["Oost", "financien", 2, 1.5, 2.5, 67, false]))
    );
}
