//! What is hidden, and what a reader can find out all the same.

mod attack;
mod laws;
mod views;

use super::*;
use crate::contract::model::PublicationRules;

const TEN: PublicationRules = PublicationRules {
    smallest_cell: 10,
    dominance_percent: 75,
    rounding: None,
};

/// A row of a table without additive dimensions.
fn band(first: i64, last: i64, value: i64) -> Row {
    row(&[], Some((first, last)), value)
}

/// A row of as many clients as its figure. `alle` is the total of a dimension.
fn row(parts: &[&str], bands: Option<(i64, i64)>, value: i64) -> Row {
    let part = |part: &&str| (*part != "alle").then(|| (*part).to_owned());
    Row {
        parts: parts.iter().map(part).collect(),
        bands: bands.map(|(first, last)| Bands { first, last }),
        value,
        clients: value.max(0),
        largest: None,
    }
}

/// What is shown of the rows, in their order.
fn shown(rows: &[Row]) -> Vec<Option<i64>> {
    at(rows, TEN)
}

fn at(rows: &[Row], rules: PublicationRules) -> Vec<Option<i64>> {
    let rows = rows.to_vec();
    let reasons = judge(&Table { rows: rows.clone() }, rules);
    let cells = rows.iter().zip(reasons);
    cells
        .map(|(row, reason)| reason.is_none().then_some(row.value))
        .collect()
}

#[test]
fn nothing_is_hidden_when_nothing_is_small() {
    let rows = [
        band(1, 1, 263),
        band(2, 2, 10),
        band(3, 3, 0),
        band(1, 3, 273),
    ];
    assert_eq!(shown(&rows), [Some(263), Some(10), Some(0), Some(273)]);
    assert_eq!(shown(&[]), []);
}

#[test]
fn a_small_cell_takes_the_smallest_other_along() {
    let rows = [
        band(1, 1, 263),
        band(2, 2, 54),
        band(3, 3, 4),
        band(4, 4, 0),
        band(1, 4, 321),
    ];
    assert_eq!(shown(&rows), [Some(263), None, None, Some(0), Some(321)]);
}

#[test]
fn without_a_total_a_small_cell_is_hidden_alone() {
    let rows = [band(1, 1, 263), band(2, 2, 4), band(3, 3, 12)];
    assert_eq!(shown(&rows), [Some(263), None, Some(12)]);
}

#[test]
fn two_small_cells_that_are_few_together_take_another_along() {
    // 2 + 3 = 5 would be known: neither could be more than 4.
    let rows = [
        band(1, 1, 40),
        band(2, 2, 2),
        band(3, 3, 3),
        band(4, 4, 30),
        band(1, 4, 75),
    ];
    assert_eq!(shown(&rows), [Some(40), None, None, None, Some(75)]);
}

#[test]
fn nested_ranges_are_no_way_around() {
    // As doorlooptijd: "binnen 6 maanden" is 1 to 3, and so 4 to 7 is known too.
    let rows = [
        band(1, 1, 100),
        band(2, 2, 80),
        band(3, 3, 60),
        band(4, 4, 50),
        band(5, 5, 4),
        band(6, 6, 30),
        band(7, 7, 20),
        band(1, 3, 240),
        band(1, 7, 344),
    ];
    let found = shown(&rows);
    // The complement is among 4 to 7.
    assert_eq!(found[..4], [Some(100), Some(80), Some(60), Some(50)]);
    assert_eq!(found[4..], [None, Some(30), None, Some(240), Some(344)]);

    // When 5 is the only one beside the range, the range goes, or something in it does not help.
    let rows = [
        band(1, 1, 100),
        band(2, 2, 80),
        band(3, 3, 4),
        band(1, 2, 180),
        band(1, 3, 184),
    ];
    let found = shown(&rows);
    assert_eq!((found[2], found[3], found[4]), (None, None, Some(184)));
    assert_eq!(found.iter().filter(|f| f.is_none()).count(), 3, "{found:?}");
}

#[test]
fn bands_that_have_no_row_are_judged_as_if_they_had() {
    // 103 - 100 = 3 is nobody's row, and everybody can compute it.
    let rows = [band(1, 3, 100), band(1, 7, 103)];
    assert_eq!(shown(&rows), [None, Some(103)]);
    // Missing bands that are 0 tell nothing.
    let rows = [band(1, 1, 60), band(3, 3, 40), band(1, 3, 100)];
    assert_eq!(shown(&rows), [Some(60), Some(40), Some(100)]);
}

#[test]
fn a_small_total_hides_everything_but_zeros() {
    let rows = [band(1, 1, 3), band(2, 2, 0), band(3, 3, 5), band(1, 3, 8)];
    assert_eq!(shown(&rows), [None, Some(0), None, None]);
}

#[test]
fn when_nothing_else_helps_the_whole_table_is_hidden() {
    // 4 and 7 are between 1 and 10 each when 11 is known: that is narrower than ten.
    let rows = [band(1, 1, 4), band(2, 2, 7), band(1, 2, 11)];
    assert_eq!(shown(&rows), [None, None, None]);
    let rows = [band(1, 1, 4), band(2, 2, 8), band(1, 2, 12)];
    assert_eq!(shown(&rows), [None, None, Some(12)]);
}

fn wijken(figures: &[(&str, &[i64])]) -> Vec<Row> {
    let count = figures[0].1.len();
    let mut rows = Vec::new();
    let mut add = |wijk: &str, figures: &[i64]| {
        for (band, value) in (1..).zip(figures) {
            rows.push(row(&[wijk], Some((band, band)), *value));
        }
        let all = Some((1, i64::try_from(count).unwrap()));
        rows.push(row(&[wijk], all, figures.iter().sum()));
    };
    for (wijk, figures) in figures {
        add(wijk, figures);
    }
    let total = |band: usize| figures.iter().map(|(_, f)| f[band]).sum();
    add("alle", &(0..count).map(total).collect::<Vec<i64>>());
    rows
}

fn hidden_of<'a>(rows: &'a [Row], found: &[Option<i64>]) -> Vec<(&'a str, i64, i64)> {
    let hidden = rows.iter().zip(found).filter(|(_, f)| f.is_none());
    hidden
        .map(|(row, _)| {
            let bands = row.bands.unwrap();
            (
                row.parts[0].as_deref().unwrap_or("alle"),
                bands.first,
                bands.last,
            )
        })
        .collect()
}

#[test]
fn a_small_cell_of_a_wijk_makes_a_rectangle() {
    let rows = wijken(&[
        ("noord", &[40, 30, 20]),
        ("oost", &[60, 4, 40]),
        ("zuid", &[70, 80, 90]),
    ]);
    assert_eq!(
        hidden_of(&rows, &shown(&rows)),
        [
            ("noord", 2, 2),
            ("noord", 3, 3),
            ("oost", 2, 2),
            ("oost", 3, 3)
        ]
    );
}

#[test]
fn a_small_wijk_takes_another_along_and_neither_is_broken_down() {
    let rows = wijken(&[
        ("haven", &[3, 2, 1]),
        ("noord", &[40, 30, 20]),
        ("oost", &[60, 40, 40]),
        ("zuid", &[70, 80, 90]),
    ]);
    let found = shown(&rows);
    let hidden = hidden_of(&rows, &found);
    assert_eq!(
        hidden,
        [
            ("haven", 1, 1),
            ("haven", 2, 2),
            ("haven", 3, 3),
            ("haven", 1, 3),
            ("noord", 1, 1),
            ("noord", 2, 2),
            ("noord", 3, 3),
            ("noord", 1, 3)
        ]
    );
}

#[test]
fn a_band_that_is_hidden_for_all_is_shown_for_most() {
    // As zorgzwaarte: few are unknown, so that one band of the whole city goes with them.
    let rows = wijken(&[
        ("noord", &[200, 120, 60, 2]),
        ("oost", &[150, 90, 40, 0]),
        ("west", &[130, 80, 50, 4]),
        ("zuid", &[170, 60, 30, 0]),
    ]);
    assert_eq!(
        hidden_of(&rows, &shown(&rows)),
        [
            ("noord", 3, 3),
            ("noord", 4, 4),
            ("west", 3, 3),
            ("west", 4, 4),
            ("alle", 3, 3),
            ("alle", 4, 4)
        ]
    );
}

#[test]
fn clients_count_not_the_figure() {
    // Twelve hulpvragen of three clients.
    let mut rows = [
        band(1, 1, 40),
        band(2, 2, 12),
        band(3, 3, 30),
        band(1, 3, 82),
    ];
    rows[1].clients = 3;
    assert_eq!(shown(&rows), [Some(40), None, None, Some(82)]);
    // Nobody knows of how many clients.
    rows[1].clients = 0;
    assert_eq!(shown(&rows)[1], None);
    // Three hulpvragen of more clients than that, as a view may say: shown.
    let mut rows = [band(1, 1, 40), band(2, 2, 3), band(1, 2, 43)];
    rows[1].clients = 20;
    assert_eq!(shown(&rows), [Some(40), Some(3), Some(43)]);
}

fn amount(first: i64, last: i64, value: i64, largest: i64) -> Row {
    Row {
        clients: 50,
        largest: Some(largest),
        ..band(first, last, value)
    }
}

#[test]
fn an_amount_that_is_mostly_one_contribution_is_hidden() {
    let rows = [
        amount(1, 1, 10_000, 7_500),
        amount(2, 2, 20_000, 15_001),
        amount(3, 3, 90_000, 9_000),
        amount(1, 3, 120_000, 15_001),
    ];
    let reasons = judge(
        &Table {
            rows: rows.to_vec(),
        },
        TEN,
    );
    assert_eq!(
        reasons,
        [Some(Reason::Small), Some(Reason::Dominance), None, None]
    );
    // A few euros of doubt are not enough.
    let rows = [
        amount(1, 1, 30, 10),
        amount(2, 2, 20_000, 15_001),
        amount(3, 3, 90_000, 9_000),
        amount(1, 3, 110_030, 15_001),
    ];
    assert_eq!(at(&rows, TEN), [None, None, None, Some(110_030)]);
}

#[test]
fn balances_are_all_hidden_when_one_is() {
    let rows = [
        band(1, 1, -40),
        Row {
            clients: 50,
            ..band(2, 2, 90)
        },
        Row {
            clients: 60,
            ..band(1, 2, 50)
        },
    ];
    assert_eq!(shown(&rows), [None, None, None]);
}

#[test]
fn figures_that_do_not_add_up_are_judged_all_the_same() {
    // Persons in two wijken: 45 is less than 30 + 20.
    let rows = [
        row(&["noord"], None, 30),
        row(&["oost"], None, 20),
        row(&["zuid"], None, 4),
        row(&["alle"], None, 45),
    ];
    assert_eq!(shown(&rows), [Some(30), None, None, Some(45)]);
    // Two rows in the same place.
    let rows = [
        band(1, 1, 4),
        band(1, 1, 40),
        band(2, 2, 90),
        band(3, 3, 70),
    ];
    assert_eq!(shown(&rows), [None, None, Some(90), Some(70)]);
}

#[test]
fn what_is_left_of_a_total_counts_too() {
    // 100 - 60 - 37 = 3 live in no wijk that is shown.
    let rows = [
        row(&["noord"], None, 60),
        row(&["oost"], None, 37),
        row(&["alle"], None, 100),
    ];
    assert_eq!(shown(&rows), [Some(60), None, Some(100)]);
}

#[test]
fn totals_are_judged_before_what_splits_them_takes_one_along() {
    let totals = [
        row(&["noord"], Some((1, 2)), 26),
        row(&["oost"], Some((1, 2)), 2),
        row(&["west"], Some((1, 2)), 12),
        row(&["alle"], Some((1, 2)), 40),
    ];
    let bands = [
        row(&["noord"], Some((2, 2)), 26),
        row(&["oost"], Some((1, 1)), 2),
        row(&["west"], Some((1, 1)), 11),
        row(&["west"], Some((2, 2)), 1),
        row(&["alle"], Some((1, 1)), 13),
        row(&["alle"], Some((2, 2)), 27),
    ];
    assert_eq!(shown(&totals), [Some(26), None, None, Some(40)]);
    // The band of west needs another beside it, which can only be that of noord: all there is in noord.
    // That is no reason to show west.
    let split = shown(&[totals.as_slice(), &bands].concat());
    assert_eq!(split[..4], [None, None, None, Some(40)]);
}

#[test]
fn views_with_the_same_totals_hide_the_same_wijken() {
    let totals = [("haven", 6), ("noord", 90), ("oost", 60), ("zuid", 240)];
    let split = |value: i64, by: i64| [value / by, value - value / by];
    let hidden = |by: i64| {
        let figures: Vec<_> = totals.iter().map(|(w, v)| (*w, split(*v, by))).collect();
        let figures: Vec<(&str, &[i64])> =
            figures.iter().map(|(w, f)| (*w, f.as_slice())).collect();
        let rows = wijken(&figures);
        let found = shown(&rows);
        let whole = |(_, first, last): &(&str, i64, i64)| (*first, *last) == (1, 2);
        hidden_of(&rows, &found)
            .into_iter()
            .filter(whole)
            .map(|(wijk, ..)| wijk.to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(hidden(2), ["haven", "oost"]);
    assert_eq!(hidden(3), hidden(2));
    assert_eq!(hidden(5), hidden(2));
}

#[test]
fn a_table_of_three_dimensions_is_judged_in_time() {
    let names = ["a", "b", "c", "d", "e", "f", "alle"];
    let value = |wijk: usize, soort: usize, band: usize| {
        i64::try_from((wijk * 7 + soort * 5 + band * 3) % 23).unwrap() * 3
    };
    let of = |at: usize| if at == 6 { 0..6 } else { at..at + 1 };
    let mut rows = Vec::new();
    for wijk in 0..7 {
        for soort in 0..7 {
            for band in 0..7 {
                let sums = of(wijk).flat_map(|w| of(soort).map(move |s| (w, s)));
                let sum = sums.flat_map(|(w, s)| of(band).map(move |b| value(w, s, b)));
                let bands = if band == 6 {
                    (1, 6)
                } else {
                    (band + 1, band + 1)
                };
                let bands = (
                    i64::try_from(bands.0).unwrap(),
                    i64::try_from(bands.1).unwrap(),
                );
                rows.push(row(&[names[wijk], names[soort]], Some(bands), sum.sum()));
            }
        }
    }
    let reasons = judge(&Table { rows: rows.clone() }, TEN);
    let hidden = reasons.iter().filter(|r| r.is_some()).count();
    assert!(hidden < rows.len() / 2, "{hidden}");
    let seen = attack::Seen::of(&Table { rows }, &reasons);
    assert!(!seen.by_elimination().contains(&true));
    let bounds = seen.by_bounds(100_000).into_iter().flatten();
    assert!(bounds.into_iter().all(|(least, most)| most - least >= 10));
}

#[test]
fn hidden_totals_that_are_few_together_take_a_total_along_and_not_the_whole_table() {
    // As zorgzwaarte: two that are no wijk, and one wijk of twelve, of whom each band has a few.
    let rows = wijken(&[
        ("onbekend", &[3, 1, 1]),
        ("buiten", &[5, 2, 0]),
        ("haven", &[7, 3, 2]),
        ("tussen", &[16, 10, 3]),
        ("centrum", &[20, 14, 2]),
        ("west", &[24, 20, 12]),
        ("mathenesse", &[27, 24, 7]),
        ("zuid", &[50, 37, 21]),
        ("nieuwland", &[120, 106, 52]),
    ]);
    let found = shown(&rows);
    let of = |wijk: &str| {
        let hidden = hidden_of(&rows, &found).into_iter();
        hidden.filter(|(of, ..)| *of == wijk).count()
    };
    // With a 0 that is shown, and the total.
    assert_eq!([of("onbekend"), of("buiten"), of("haven")], [4, 3, 4]);
    assert_eq!([of("tussen"), of("centrum"), of("mathenesse")], [3, 2, 2]);
    let others = [of("west"), of("zuid"), of("nieuwland"), of("alle")];
    assert_eq!(others, [0, 0, 0, 0]);
}
