//! The demo's deliveries of these sources, and what the monitor makes of them.

use std::fs;
use std::sync::LazyLock;

use serde_json::{Value, json};
use sluis::demo::DemoDelivery;

use super::{Night, sources};
use crate::support::Place;

/// One run serves all: nothing here changes it.
static DEMO: LazyLock<(Night, Vec<DemoDelivery>)> = LazyLock::new(|| {
    let place = Place::new();
    let report = sluis::demo::write_deliveries(&place.landing(), 1).unwrap();
    let wanted = sources();
    for entry in fs::read_dir(place.landing()).unwrap() {
        let path = entry.unwrap().path();
        if !wanted.contains(&*path.file_name().unwrap().to_string_lossy()) {
            fs::remove_dir_all(path).unwrap();
        }
    }
    let answer = place.sluis(&["--json", "run"]).must_exit(3);
    let night = Night {
        said: answer.json(),
        heard: answer.stderr,
        place,
    };
    let mut deliveries = report.deliveries;
    deliveries.retain(|one| wanted.contains(one.source));
    (night, deliveries)
});

/// The values of `columns` in every row of a view.
fn rows(view: &str, columns: &str, order: &str) -> Value {
    let query = format!("select {columns} from monitor.{view} order by {order}");
    let names: Vec<&str> = columns.split(", ").collect();
    let cells = |row: Value| -> Value { names.iter().map(|&n| row[n].clone()).collect() };
    DEMO.0.place.sql(&query).into_iter().map(cells).collect()
}

#[test]
fn every_delivery_of_the_demo_fares_as_it_should() {
    let (night, deliveries) = &*DEMO;
    let told = night.said["deliveries"].as_array().unwrap();
    for one in deliveries {
        let part = one.file.strip_prefix(one.source).unwrap();
        let record = told
            .iter()
            .find(|d| {
                let order = d["order"].as_str().unwrap();
                let part_of = d["part"].as_str().unwrap();
                d["source"] == one.source && part.contains(order) && part.contains(part_of)
            })
            .unwrap_or_else(|| panic!("{} was not seen", one.file));
        match one.refused_by {
            None => {
                assert_eq!(record["outcome"], "verwerkt", "{}: {record}", one.file);
                assert_eq!(record["rows_in"], one.rows, "{}", one.file);
                assert_eq!(
                    record["rows_refused"], one.refused,
                    "{}: {record}",
                    one.file
                );
            }
            Some(rule) => {
                assert_eq!(record["outcome"], "geweigerd", "{}", one.file);
                let reason = record["reason"].as_str().unwrap();
                assert!(
                    reason.starts_with(&format!("{rule}: ")),
                    "{}: {reason}",
                    one.file
                );
            }
        }
    }
    let of = |source: &str| deliveries.iter().any(|one| one.source == source);
    assert!(sources().into_iter().all(of));
}

#[test]
fn klachten() {
    assert_eq!(
        rows("klachten", "jaar, definitie, rij, aantal", "jaar, volgorde"),
        json!([
            [2024, "2023", "doorgestuurd", 2],
            [2024, "2023", "niet in behandeling", 1],
            [2024, "2023", "informeel afgehandeld", 4],
            [2024, "2023", "formeel afgehandeld", 0],
            [2024, "2023", "loopt nog of onbekend", 0],
            [2024, "2023", "totaal", 7],
        ])
    );
}

#[test]
fn klantervaring() {
    let all = rows(
        "klantervaring",
        "jaar, instrument, rij, cijfer",
        "jaar, volgorde, rij",
    );
    assert_eq!(
        all.as_array().unwrap()[..7],
        json!([
            [2018, "onderzoek", "bejegening", 8.1],
            [2018, "onderzoek", "deskundigheid", 7.8],
            [2018, "onderzoek", "resultaat", 7.1],
            [2018, "onderzoek", "samen beslissen", 7.5],
            [2018, "onderzoek", "toegankelijkheid", 7.4],
            [2018, "onderzoek", "totaaloordeel", 7.7],
            [2018, "onderzoek", "gemiddeld rapportcijfer", 7.6],
        ])
        .as_array()
        .unwrap()[..]
    );
    let cards = rows(
        "klantervaring",
        "jaar, rij, aantal, procent",
        "jaar, volgorde, rij",
    );
    let cards = &cards.as_array().unwrap()[7..];
    assert_eq!(cards.len(), 8, "two years");
    for year in cards.chunks(4) {
        let counts: Vec<i64> = year.iter().map(|row| row[2].as_i64().unwrap()).collect();
        assert_eq!(counts[..3].iter().sum::<i64>(), counts[3]);
        assert_eq!(year[3][3], 100);
        assert!(counts[0] > counts[1] && counts[1] > counts[2], "{year:?}");
    }
}

#[test]
fn projecten() {
    let all = rows(
        "projecten",
        "jaar, project, rij, soort, aantal, streef_van, streef_tot",
        "jaar, volgorde",
    );
    let of = |year: i64, project: &str| -> Vec<Value> {
        let all = all.as_array().unwrap().iter();
        all.filter(|row| row[0] == year && row[1] == project)
            .cloned()
            .collect()
    };
    assert_eq!(
        [
            of(2020, "maatwerk"),
            of(2020, "huisuitzetting"),
            of(2020, "vroegsignalering")
        ]
        .concat(),
        *json!([
            [
                2020,
                "maatwerk",
                "streefwaarde",
                "streefwaarde",
                null,
                50,
                50
            ],
            [
                2020,
                "huisuitzetting",
                "streefwaarde",
                "streefwaarde",
                null,
                40,
                50
            ],
            [
                2020,
                "vroegsignalering",
                "streefwaarde",
                "streefwaarde",
                null,
                75,
                75
            ],
        ])
        .as_array()
        .unwrap()
    );
    assert_eq!(
        of(2024, "maatwerk"),
        *json!([
            [2024, "maatwerk", "casussen", "gemeten", 25, null, null],
            [
                2024,
                "maatwerk",
                "gemiddelde besparing",
                "gemeten",
                48000,
                null,
                null
            ],
        ])
        .as_array()
        .unwrap()
    );
    assert_eq!(
        // Evictions without children are few, and not for everybody to see.
        of(2024, "huisuitzetting")[..2],
        *json!([
            [
                2024,
                "huisuitzetting",
                "ondersteund",
                "gemeten",
                63,
                null,
                null
            ],
            [
                2024,
                "huisuitzetting",
                "ontruimingen met kinderen",
                "gemeten",
                0,
                null,
                null
            ],
        ])
        .as_array()
        .unwrap()
    );
}

#[test]
fn trainingen() {
    assert_eq!(
        rows(
            "trainingen",
            "jaar, programma, programmas, deelnemers",
            "jaar, volgorde, programma"
        ),
        json!([
            [2023, "basistraining", 1, 31],
            [2023, "huiselijk geweld", 1, 18],
            [2023, "totaal", 2, 49],
            [2024, "basistraining", 1, 27],
            [2024, "financiën", 1, 44],
            [2024, "psychische kwetsbaarheid", 1, 36],
            [2024, "totaal", 3, 107],
        ])
    );
}

/// No figure of it is published: it must add up, and hold what was delivered.
#[test]
fn deelname() {
    let all = rows(
        "deelname",
        "jaar, definitie, partner, rij, aantal, procent",
        "jaar, partner, volgorde",
    );
    let all = all.as_array().unwrap();
    let taken: Vec<Value> = all
        .iter()
        .filter(|row| row[3] == "deelnames")
        .map(|row| json!([row[0], row[1], row[2], row[4]]))
        .collect();
    assert_eq!(
        json!(taken),
        json!([
            [2020, "eigen", "alle", 60],
            [2020, "eigen", "buurtwerk", 60],
            [2023, "eigen", "alle", 200],
            [2023, "eigen", "buurtwerk", 70],
            [2023, "eigen", "dock", 80],
            [2023, "eigen", "seniorenwelzijn", 50],
            [2024, "eigen", "alle", 235],
            [2024, "eigen", "buurtwerk", 80],
            [2024, "eigen", "dock", 95],
            [2024, "eigen", "seniorenwelzijn", 60],
        ])
    );
    for one in all.chunks(4) {
        let names: Vec<&Value> = one.iter().map(|row| &row[3]).collect();
        assert_eq!(
            names,
            [
                "via de makelaar",
                "anders of onbekend",
                "deelnames",
                "deelnemers"
            ]
        );
        let [via, other, all, people] = [0, 1, 2, 3].map(|i| one[i][4].as_i64().unwrap());
        assert_eq!(via + other, all, "{one:?}");
        assert!(0 < people && people <= all, "{one:?}");
        assert_eq!(one[0][5], (200 * via + all) / (2 * all), "{one:?}");
    }
}
