//! Wijken and teams: where somebody lives, who helps, and how many there are beside how many live there.

use serde_json::json;

use super::{Case, ELSEWHERE, NIEUWLAND, case, list, rows};

pub(super) const WIJKEN: &str = "WijkCode;Wijknaam;Team\nWK060601;Oost;Oost\n\
     WK060605;Nieuw-Mathenesse;Oost\nWK060606;Nieuwland;Nieuwland\n";

pub(super) const POSTCODES: &str =
    "Postcode;WijkCode\n3112AB;WK060601\n3114XZ;WK060605\n3119CD;WK060606\n";

/// Youth counts in 2020 and not in 2037.
pub(super) const INHABITANTS: &str = "Perioden;RegioS;Leeftijd;Bevolking\n\
     2020;WK060601;17;100\n2020;WK060601;18;200\n2020;WK060601;64;100\n2020;WK060601;65;50\n\
     2037;WK060601;17;100\n2037;WK060601;18;230\n2037;WK060601;65;20\n2037;WK060605;40;50\n\
     2037;WK060606;10;70\n2037;WK060606;80;30\n2037;GM0606;40;999\n";

/// Clients of the cases of 2020 below.
pub(super) const RAN_IN_2020: i64 = 1;

pub(super) fn cases() -> Vec<Case> {
    // A client with five hulpvragen in two wijken, who moved halfway; twice another team helped.
    let five = [
        case("01-02-2037").of(3),
        case("01-03-2037").of(3).at(super::OOST, "Nieuwland"),
        case("01-04-2037").of(3),
        case("01-05-2037").of(3).at(NIEUWLAND, "Nieuwland"),
        case("01-06-2037").of(3).at(NIEUWLAND, "Oost"),
    ];
    let others = [
        case("07-07-2037").of_nobody(),
        case("07-07-2037").at(ELSEWHERE, "Oost"),
        case("07-07-2037").at("", ""),
        case("07-07-2037").at(NIEUWLAND, "Nieuwland").relative(),
        // 2020: another definition of who lives there.
        case("07-07-2020"),
        // 2038 has no inhabitants.
        case("07-07-2038").at(NIEUWLAND, "Nieuwland"),
    ];
    [five.to_vec(), others.to_vec()].concat()
}

#[test]
fn where_somebody_lives_is_not_who_helps() {
    let columns = "indeling, gebied, naam, aantal, procent, inwoners, per_1000";
    let of = |split: &str| {
        let filter = format!("jaar = 2037 and indeling = '{split}'");
        rows("hulpvragen_per_wijk", columns, &filter)
    };
    assert_eq!(
        of("wijk"),
        list(&json!([
            // 4 of 250 adults; one hulpvraag is of nobody that can be counted.
            [
                "wijk",
                "nieuw_mathenesse",
                "Nieuw-Mathenesse",
                0,
                0,
                50,
                0.0
            ],
            ["wijk", "nieuwland", "Nieuwland", 2, 25, 30, 66.7],
            ["wijk", "oost", "Oost", 4, 50, 250, 16.0],
            ["wijk", "onbekend", "onbekend", 1, 13, null, null],
            [
                "wijk",
                "buiten_schiedam",
                "buiten Schiedam",
                1,
                13,
                null,
                null
            ],
            ["wijk", "alle", "Schiedam", 8, 100, 330, 24.2],
        ]))
    );
    assert_eq!(
        of("team"),
        list(&json!([
            ["team", "Nieuwland", "Nieuwland", 2, 25, 30, 66.7],
            ["team", "Oost", "Oost", 5, 63, 300, 16.7],
            ["team", "onbekend", "onbekend", 1, 13, null, null],
            ["team", "alle", "Schiedam", 8, 100, 330, 24.2],
        ]))
    );
    let alle = |year| {
        let filter = format!("jaar = {year} and indeling = 'wijk' and gebied = 'alle'");
        rows("hulpvragen_per_wijk", "definitie, inwoners", &filter)
    };
    assert_eq!(alle(2020), [json!(["2020", 450])]);
    assert_eq!(alle(2038), [json!(["2023", null])]);
}

#[test]
fn inhabitants_are_those_of_the_wijken() {
    let columns = "definitie, wijk, rij, aantal, procent";
    assert_eq!(
        rows(
            "bevolking",
            columns,
            "jaar = 2037 and wijk in ('oost', 'alle')"
        ),
        list(&json!([
            ["2020", "alle", "0-17", 170, 34.0],
            ["2020", "oost", "0-17", 100, 28.6],
            ["2020", "alle", "18-64", 280, 56.0],
            ["2020", "oost", "18-64", 230, 65.7],
            ["2020", "alle", "65+", 50, 10.0],
            ["2020", "oost", "65+", 20, 5.7],
            ["2020", "alle", "totaal", 500, 100.0],
            ["2020", "oost", "totaal", 350, 100.0],
        ]))
    );
}
