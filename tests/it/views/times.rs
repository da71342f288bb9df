//! Borders of bands, leap days, ends of years, and days that are missing or in the wrong order.

use serde_json::json;

use super::{Case, case, counts, list, rows};

pub(super) fn cases() -> Vec<Case> {
    [waited(), lasted(), around_new_year()].concat()
}

/// Of 2034, and of the leap year 2036.
fn waited() -> Vec<Case> {
    vec![
        case("10-03-2034").started("10-03-2034"),
        case("10-03-2034").started("17-03-2034"), // 7 days
        case("10-03-2034").started("18-03-2034"),
        case("10-03-2034").started("24-03-2034"), // 14
        case("10-03-2034").started("25-03-2034"),
        case("10-03-2034").started("07-04-2034"), // 28
        case("10-03-2034").started("08-04-2034"),
        case("10-03-2034").started("09-03-2034"), // before it was reported
        case("10-03-2034"),
        case("").started("10-03-2034"), // the year is that of the start
        case("10-03-2034").started("10-03-2034").relative(),
        case("31-12-2034").started("07-01-2035"), // 7 days, into another year
        case("28-02-2036").started("06-03-2036"), // 7 days, one of which is 29 February
        case("28-02-2036").started("07-03-2036"),
        case("29-02-2036").started("28-03-2036"), // 28
        case("29-02-2036").started("29-03-2036"),
    ]
}

#[test]
fn the_wait_is_counted_in_days() {
    // Up to 1 week, 2 weeks, 4 weeks, longer, unknown; within 4 weeks, all.
    assert_eq!(counts("wachttijd", 2034), [3, 2, 2, 1, 3, 7, 11]);
    assert_eq!(counts("wachttijd", 2036), [1, 1, 1, 1, 0, 3, 4]);
    assert_eq!(
        rows(
            "wachttijd",
            "procent",
            "jaar = 2034 and rij = 'binnen 4 weken'"
        ),
        [json!([64])],
        "7 of 11 is 63,6 %"
    );
}

/// Closed in 2032, a leap year.
fn lasted() -> Vec<Case> {
    vec![
        // Under 2 months.
        case("05-05-2032").closed("05-05-2032"),
        case("31-12-2031").closed("28-02-2032"),
        case("29-02-2032").closed("28-04-2032"),
        // Exactly 2 months; of 31 December that is the last day of February.
        case("31-12-2031").closed("29-02-2032"),
        case("29-02-2032").closed("29-04-2032"),
        case("15-01-2032").closed("14-05-2032"),
        // Exactly 4 months, and exactly 6, which is on time.
        case("15-01-2032").closed("15-05-2032"),
        case("31-10-2031").closed("29-02-2032"),
        case("15-01-2032").closed("15-07-2032"),
        case("31-08-2031").closed("29-02-2032"),
        // A day more than 6, and a day less than 9.
        case("15-01-2032").closed("16-07-2032"),
        case("31-08-2031").closed("01-03-2032"),
        case("10-06-2031").closed("09-03-2032"),
        // Exactly 9, and a day less than 12.
        case("10-06-2031").closed("10-03-2032"),
        case("01-03-2031").closed("29-02-2032"),
        // Exactly 12, also of a day that the other year does not have.
        case("28-02-2031").closed("28-02-2032"),
        case("10-06-2030").closed("10-06-2032"),
        // Unknown: nobody wrote it down, or it ended before it began.
        case("").started("01-02-2032").closed("01-03-2032"),
        case("02-03-2032").closed("01-03-2032"),
        // Of a relative.
        case("15-01-2032").closed("15-02-2032").relative(),
    ]
}

#[test]
fn the_duration_is_counted_in_calendar_months() {
    assert_eq!(
        rows("doorlooptijd", "rij, aantal", "jaar = 2032"),
        list(&json!([
            ["< 2 maanden", 3],
            ["2-4 maanden", 3],
            ["4-6 maanden", 4],
            ["6-9 maanden", 3],
            ["9-12 maanden", 2],
            ["12+ maanden", 2],
            ["onbekend", 2],
            ["binnen 6 maanden", 10],
            ["totaal", 19],
        ]))
    );
}

/// Reported in the last days of 2040, closed in the first of 2041; and the last days themselves.
fn around_new_year() -> Vec<Case> {
    let mut removed = case("31-12-2040").closed("01-01-2041");
    removed.reason = "Verhuizing";
    let mut done = case("01-01-2040").closed("31-12-2040");
    done.reason = "Doelen gerealiseerd";
    vec![removed, done, case("31-12-2040"), case("01-01-2041")]
}

#[test]
fn a_melding_counts_in_its_year_and_an_ending_in_its_own() {
    let reported = |year| rows("hulpvragen", "soort, aantal", &format!("jaar = {year}"));
    assert_eq!(
        reported(2040),
        list(&json!([["hulpvraag", 3], ["totaal", 3]]))
    );
    assert_eq!(
        reported(2041),
        list(&json!([["hulpvraag", 1], ["totaal", 1]]))
    );
    // Of 1 January to 31 December are twelve months less a day.
    assert_eq!(counts("doorlooptijd", 2040), [0, 0, 0, 0, 1, 0, 0, 0, 1]);
    assert_eq!(counts("doorlooptijd", 2041), [1, 0, 0, 0, 0, 0, 0, 1, 1]);
    assert_eq!(counts("afsluiting", 2040), [1, 0, 0, 0, 0, 1]);
    assert_eq!(counts("afsluiting", 2041), [0, 0, 0, 1, 0, 1]);
}
