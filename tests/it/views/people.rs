//! Ages on the day of the melding, and who is the same person.

use serde_json::json;

use super::{Case, case, list, rows};

pub(super) fn cases() -> Vec<Case> {
    let ages = [
        // The day before a birthday, and the day itself.
        case("14-06-2039").born("15-06-2021"),
        case("15-06-2039").born("15-06-2021"),
        case("14-06-2039").born("15-06-1989"),
        case("15-06-2039").born("15-06-1989").relative(),
        case("15-06-2039").born("15-06-1971"),
        case("15-06-2039").born("15-06-1964"),
        // Born on a leap day: 18 on 1 March of a year without one.
        case("28-02-2042").born("29-02-2024"),
        case("01-03-2042").born("29-02-2024"),
        // Nobody knows.
        case("15-06-2039").born("01-01-1900"),
        case("").started("15-06-2039"),
    ];
    // Of 2020 and before, for whoever was helped in 2020. Client 6 has both numbers, 7 a BSN only and
    // 8 a client number only.
    let persons = [
        case("01-01-2019").closed("01-01-2020").of(6),
        case("02-01-2019").closed("31-12-2019").of(7),
        case("05-05-2020").closed("01-02-2021").of(6),
        case("31-12-2020").of(8),
        case("31-12-2020").of(8).relative(),
        case("01-01-2021").of(9),
        case("05-05-2020").of_nobody(),
        case("").started("").closed("").of(12),
    ];
    [ages.to_vec(), persons.to_vec()].concat()
}

#[test]
fn an_age_is_that_on_the_day_of_the_melding() {
    assert_eq!(
        rows("leeftijd", "rij, aantal", "jaar = 2039"),
        list(&json!([
            ["0 tot 18", 1],
            ["18 tot 27", 1],
            ["27 tot 50", 1],
            ["50 tot 68", 1],
            ["68 tot 75", 1],
            ["75+", 1],
            ["onbekend", 2],
            ["tot 50", 3],
            ["totaal", 8],
        ]))
    );
    assert_eq!(
        rows("leeftijd", "aantal", "jaar = 2042 and volgorde <= 2"),
        list(&json!([[1], [1]]))
    );
}

#[test]
fn a_person_of_2020_is_counted_once() {
    // Client 6, client 8, and the client of another test's hulpvraag. What has no day ran in no year.
    assert_eq!(
        rows("hulpvragen", "aantal", "jaar = 2020 and soort = 'personen'"),
        [json!([2 + OTHERS])]
    );
}

/// Clients of other tests whose hulpvraag ran in 2020.
const OTHERS: i64 =
    super::places::RAN_IN_2020 + super::contents::RAN_IN_2020 + super::outcomes::RAN_IN_2020;
