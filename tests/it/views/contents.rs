//! What hulpvragen are about, how heavy they are and what became of them.

use serde_json::json;

use super::{Case, NIEUWLAND, case, counts, list, rows};

/// Clients of the cases of 2020 below.
pub(super) const RAN_IN_2020: i64 = 7;

pub(super) fn cases() -> Vec<Case> {
    [problems(), of_2020(), welfare()].concat()
}

fn problems() -> Vec<Case> {
    let about = |problems, weight| Case {
        weight,
        problems,
        ..case("03-03-2043")
    };
    vec![
        // The same problem twice in one cell is one.
        about("Financien, Justitie,Financien", "Licht"),
        about("Financien", "Zwaar").at(NIEUWLAND, "Nieuwland"),
        about("", "onbekend").at(NIEUWLAND, "Nieuwland"),
        about("Verslaving", "Zwaar").relative(),
    ]
}

#[test]
fn a_hulpvraag_can_have_several_problems() {
    let columns = "wijk, rij, aantal, procent, procent_hulpvragen";
    let filter = "jaar = 2043 and aantal > 0";
    let of = |wijk: &str| {
        rows(
            "problematiek",
            columns,
            &format!("{filter} and wijk = '{wijk}'"),
        )
    };
    assert_eq!(
        of("alle"),
        list(&json!([
            // Two of three hulpvragen, and two of three problems.
            ["alle", "financiën", 2, 67, 67],
            ["alle", "justitie", 1, 33, 33],
            ["alle", "totaal", 3, 100, null],
        ]))
    );
    assert_eq!(
        of("oost"),
        list(&json!([
            ["oost", "financiën", 1, 50, null],
            ["oost", "justitie", 1, 50, null],
            ["oost", "totaal", 2, 100, null],
        ]))
    );
    let all = "jaar = 2043 and wijk = 'nieuwland'";
    assert_eq!(
        rows("problematiek", "rij", all).len(),
        13,
        "zeros are there too"
    );
}

#[test]
fn how_heavy_is_one_scale_with_names_of_its_time() {
    let columns = "wijk, rij, aantal, procent";
    assert_eq!(
        rows("zorgzwaarte", columns, "jaar = 2043 and wijk <> 'oost'"),
        list(&json!([
            ["alle", "licht", 1, 33],
            ["nieuwland", "licht", 0, 0],
            ["alle", "gemiddeld", 0, 0],
            ["nieuwland", "gemiddeld", 0, 0],
            ["alle", "zwaar", 1, 33],
            ["nieuwland", "zwaar", 1, 50],
            ["alle", "onbekend", 1, 33],
            ["nieuwland", "onbekend", 1, 50],
            ["alle", "totaal", 3, 100],
            ["nieuwland", "totaal", 2, 100],
        ]))
    );
    assert_eq!(
        rows(
            "zorgzwaarte",
            "definitie, rij, aantal",
            "jaar = 2020 and wijk = 'nieuwland'"
        ),
        list(&json!([
            ["2020", "1", 1],
            ["2020", "2", 0],
            ["2020", "3", 2],
            // Of two clients of another test nothing is said.
            ["2020", "onbekend", 2],
            ["2020", "totaal", 5],
        ]))
    );
}

/// Those of Nieuwland carry what is asked of 2020.
fn of_2020() -> Vec<Case> {
    let plain = case("04-04-2020").at(NIEUWLAND, "Nieuwland");
    let handled = |handled, referred, weight| Case {
        weight,
        handled,
        referred,
        ..plain.clone()
    };
    let ended = |substitution, closed| Case {
        closed,
        substitution,
        ..case("04-04-2019")
    };
    vec![
        handled("Zelf", "", "1"),
        handled("Doorverwezen", "Wmo", "3"),
        // Sent on, and nobody wrote where to.
        handled("Doorverwezen", "", "3"),
        ended("J", "31-12-2020"),
        ended("N", "01-01-2020"),
        ended("", "01-06-2020"),
        ended("J", "01-06-2020").relative(),
        ended("J", "31-12-2019"),
    ]
}

#[test]
fn what_became_of_the_hulpvragen_of_2020() {
    let of = |view: &str, rij: &str| {
        let filter = format!("jaar = 2020 and rij = '{rij}'");
        rows(view, "aantal", &filter)
    };
    assert_eq!(of("afhandeling", "zelf afgehandeld"), [json!([1])]);
    assert_eq!(of("afhandeling", "doorverwezen"), [json!([2])]);
    assert_eq!(
        rows(
            "doorverwijzing",
            "rij, rang, aantal, procent",
            "jaar = 2020"
        ),
        list(&json!([
            ["wmo", 1, 1, 50],
            ["overig of onbekend", null, 1, 50],
            ["totaal", null, 2, 100],
        ]))
    );
    assert_eq!(of("substitutie", "trajecten met substitutie"), [json!([1])]);
}

/// 2044 was recorded for some, 2045 for nobody.
fn welfare() -> Vec<Case> {
    let reported = |via_intake| Case {
        via_intake,
        ..case("05-05-2044")
    };
    let ended = |scaled_down| Case {
        scaled_down,
        closed: "05-05-2046",
        ..case("05-05-2045")
    };
    vec![
        reported("J"),
        reported("N"),
        reported(""),
        ended("J"),
        ended(""),
    ]
}

#[test]
fn a_year_in_which_nobody_recorded_welfare_is_not_there() {
    // Sent there, not or unknown, all.
    assert_eq!(counts("welzijn", 2044), [1, 2, 3]);
    assert_eq!(counts("welzijn", 2045), [0_i64; 0]);
    assert_eq!(
        rows("welzijn", "moment, aantal, procent", "jaar = 2046"),
        list(&json!([
            ["bij de afsluiting", 1, 50],
            ["bij de afsluiting", 1, 50],
            ["bij de afsluiting", 2, 100],
        ]))
    );
}
