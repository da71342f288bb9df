//! The views hold their meaning on other data than the demo's: one delivery of hand-made cases whose
//! answers are known, each question in a year of its own.
//!
//! The register of these tests hides nothing, for hand-made cases are few.

mod contents;
mod outcomes;
mod people;
mod places;
mod times;

use std::sync::LazyLock;

use serde_json::Value;

use crate::support::Place;

/// Postcodes: of wijk Oost, of wijk Nieuwland, and of another town.
const OOST: &str = "3112AB";
const NIEUWLAND: &str = "3119CD";
const ELSEWHERE: &str = "3011AB";

/// One row of the register of cases. What is not said is empty, and the team is Oost.
#[derive(Clone)]
struct Case {
    client: Option<u32>,
    born: &'static str,
    postcode: &'static str,
    kind: &'static str,
    reported: &'static str,
    started: &'static str,
    closed: &'static str,
    team: &'static str,
    weight: &'static str,
    problems: &'static str,
    reason: &'static str,
    handled: &'static str,
    referred: &'static str,
    substitution: &'static str,
    via_intake: &'static str,
    scaled_down: &'static str,
}

/// A hulpvraag of a client of its own, reported on a day (`dd-mm-jjjj`; empty is unknown).
fn case(reported: &'static str) -> Case {
    Case {
        client: Some(0),
        born: "02-02-1980",
        postcode: OOST,
        kind: "Hulpvraag",
        reported,
        started: "",
        closed: "",
        team: "Oost",
        weight: "",
        problems: "",
        reason: "",
        handled: "",
        referred: "",
        substitution: "",
        via_intake: "",
        scaled_down: "",
    }
}

impl Case {
    fn started(self, started: &'static str) -> Self {
        Self { started, ..self }
    }

    fn closed(self, closed: &'static str) -> Self {
        Self { closed, ..self }
    }

    /// Of this client; those below 1000 are the tests' own.
    fn of(self, client: u32) -> Self {
        Self {
            client: Some(client),
            ..self
        }
    }

    /// Without BSN and client number.
    fn of_nobody(self) -> Self {
        Self {
            client: None,
            ..self
        }
    }

    fn relative(self) -> Self {
        Self {
            kind: "Betrokkene",
            ..self
        }
    }

    fn at(self, postcode: &'static str, team: &'static str) -> Self {
        Self {
            postcode,
            team,
            ..self
        }
    }

    fn born(self, born: &'static str) -> Self {
        Self { born, ..self }
    }
}

/// Numbers that pass the elfproef, of test persons.
fn bsn(client: u32) -> u32 {
    let passes = |n: &u32| {
        let digits = n.to_string().into_bytes();
        let weighed = digits.iter().zip([9, 8, 7, 6, 5, 4, 3, 2, 10]);
        weighed.map(|(d, w)| u32::from(d - b'0') * w).sum::<u32>() % 11 == 0
    };
    let from = 999_900_000 + client * 22;
    (from..from + 22).find(passes).unwrap()
}

/// The cases as the partner's system writes them.
fn register(cases: &[Case]) -> String {
    let mut text = "HulpvraagNr;Clientnr;BSN;Naam;Geboortedatum;Postcode;Soort;Meldingsdatum;\
         StartBegeleiding;Afsluitdatum;Team;Zorgzwaarte;Problematiek;RedenAfsluiting;Afhandeling;\
         DoorverwezenNaar;Substitutie;Via aanmeldteam;Afgeschaald\n"
        .to_owned();
    for (at, case) in (1_u32..).zip(cases) {
        let client = case.client.map(|c| if c == 0 { 1000 + at } else { c });
        // Every third client is known by one of the two numbers only.
        let number = client.filter(|c| c % 3 != 1);
        let bsn = client.filter(|c| c % 3 != 2).map(bsn);
        let number = number.map_or_else(String::new, |c| format!("C{c:05}"));
        let bsn = bsn.map_or_else(String::new, |b| b.to_string());
        let cells = [
            &format!("H{at:05}"),
            &number,
            &bsn,
            "X",
            case.born,
            case.postcode,
            case.kind,
            case.reported,
            case.started,
            case.closed,
            case.team,
            case.weight,
            case.problems,
            case.reason,
            case.handled,
            case.referred,
            case.substitution,
            case.via_intake,
            case.scaled_down,
        ];
        text.push_str(&cells.join(";"));
        text.push('\n');
    }
    text
}

/// One run serves all: nothing here changes it. With it the argument that uses an open register.
static TOWN: LazyLock<(Place, String)> = LazyLock::new(|| {
    let place = Place::new();
    let contracts = place.contracts_that_hide_nothing();
    let cases: Vec<Case> = [
        times::cases(),
        places::cases(),
        people::cases(),
        contents::cases(),
        outcomes::cases(),
    ]
    .concat();
    let wot = place.deliver(
        "wot-casus",
        "wot-casus_2024_20500115.csv",
        register(&cases).as_bytes(),
    );
    place.vouch(&wot);
    let measured = place.deliver("zrm", "zrm_20500115.csv", outcomes::MEASURED.as_bytes());
    place.vouch(&measured);
    for (source, text) in [
        ("cbs-wijken", places::WIJKEN),
        ("cbs-postcodes", places::POSTCODES),
        ("cbs-bevolking", places::INHABITANTS),
        ("kpi-normen", outcomes::NORMS),
        ("trainingen", outcomes::TRAININGS),
    ] {
        place.deliver(source, &format!("{source}_20500115.csv"), text.as_bytes());
    }
    let run = ["--set", &contracts, "run", "--quiet"];
    place.sluis(&run).must_exit(0);
    (place, contracts)
});

/// The values of `columns` in the rows of a view that pass a filter, in the view's order.
fn rows(view: &str, columns: &str, filter: &str) -> Vec<Value> {
    let (place, contracts) = &*TOWN;
    let query = format!(
        "select {columns} from monitor.{view} where {filter} order by jaar, volgorde, {columns}"
    );
    let answer = place.sluis(&["--set", contracts, "sql", "--format", "json", "-c", &query]);
    let answer = answer.must_exit(0).json();
    let cells = |row: &Value| -> Value { columns.split(", ").map(|c| row[c].clone()).collect() };
    answer.as_array().unwrap().iter().map(cells).collect()
}

/// The column `aantal` of a view in a year, row by row.
fn counts(view: &str, jaar: i64) -> Vec<i64> {
    let rows = rows(view, "aantal", &format!("jaar = {jaar}"));
    rows.iter().map(|row| row[0].as_i64().unwrap()).collect()
}

/// A list as rows.
fn list(rows: &Value) -> Vec<Value> {
    rows.as_array().unwrap().clone()
}
