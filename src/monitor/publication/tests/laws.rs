//! What holds for every table.

use proptest::prelude::*;

use super::attack::Seen;
use super::*;

/// Bands 1 to n, a range of the first ones, and a total.
fn one_slice() -> impl Strategy<Value = Vec<Row>> {
    (
        prop::collection::vec(0_i64..14, 2..6),
        any::<bool>(),
        0_usize..4,
    )
        .prop_map(|(values, total, nested)| ranges(&[], &values, total, nested))
}

fn ranges(parts: &[&str], values: &[i64], total: bool, nested: usize) -> Vec<Row> {
    let last = i64::try_from(values.len()).unwrap();
    let bands = (1..).zip(values);
    let mut rows: Vec<Row> = bands.map(|(b, v)| row(parts, Some((b, b)), *v)).collect();
    if (2..values.len()).contains(&nested) {
        let some = values[..nested].iter().sum();
        rows.push(row(parts, Some((1, i64::try_from(nested).unwrap())), some));
    }
    if total {
        rows.push(row(parts, Some((1, last)), values.iter().sum()));
    }
    rows
}

/// Wijken by bands, with both totals, and perhaps a nested range; zero rows may be missing.
fn by_wijk(
    wijken: std::ops::Range<usize>,
    bands: std::ops::Range<usize>,
    most: i64,
) -> impl Strategy<Value = Vec<Row>> {
    let figures = bands.prop_flat_map(move |bands| {
        let slice = prop::collection::vec(prop_oneof![Just(0), 0..=most, 0..=most], bands);
        prop::collection::vec(slice, wijken.clone())
    });
    (figures, 0_usize..4, any::<bool>(), any::<bool>()).prop_map(
        |(figures, nested, zeros, alle)| {
            let mut rows = Vec::new();
            for (at, values) in figures.iter().enumerate() {
                rows.extend(ranges(&[&format!("wijk {at}")], values, true, nested));
            }
            if alle {
                let sum = |band: usize| figures.iter().map(|f| f[band]).sum();
                let sums: Vec<i64> = (0..figures[0].len()).map(sum).collect();
                rows.extend(ranges(&["alle"], &sums, true, nested));
            }
            rows.retain(|r| zeros || r.value > 0);
            rows
        },
    )
}

/// Two dimensions and bands: more relations than a path can go through.
fn cube() -> impl Strategy<Value = Vec<Row>> {
    let figures = prop::collection::vec(0_i64..20, 8);
    figures.prop_map(|figures| {
        let mut rows = Vec::new();
        for wijk in ["noord", "oost", "alle"] {
            for soort in ["eerste", "tweede", "alle"] {
                for bands in [(1, 1), (2, 2), (1, 2)] {
                    let counts = |(at, _): &(usize, &i64)| {
                        let own = [
                            if at & 1 == 0 { "noord" } else { "oost" },
                            if at & 2 == 0 { "eerste" } else { "tweede" },
                        ];
                        let band = if at & 4 == 0 { 1 } else { 2 };
                        (wijk == "alle" || wijk == own[0])
                            && (soort == "alle" || soort == own[1])
                            && (bands.0..=bands.1).contains(&band)
                    };
                    let value = figures.iter().enumerate().filter(counts).map(|f| f.1).sum();
                    rows.push(row(&[wijk, soort], Some(bands), value));
                }
            }
        }
        rows
    })
}

fn any_table() -> impl Strategy<Value = Vec<Row>> {
    prop_oneof![one_slice(), by_wijk(1..5, 2..5, 30), cube()]
}

fn rules(smallest_cell: u32) -> PublicationRules {
    PublicationRules {
        smallest_cell,
        ..TEN
    }
}

fn reasons(rows: &[Row], smallest_cell: u32) -> Vec<Option<Reason>> {
    let table = Table {
        rows: rows.to_vec(),
    };
    judge(&table, rules(smallest_cell))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn no_hidden_cell_is_narrowed_by_trying_everything(rows in one_slice(), smallest in 2_u32..6) {
        let reasons = reasons(&rows, smallest);
        let seen = Seen::of(&Table { rows: rows.clone() }, &reasons);
        // Beyond this a hidden total tells nothing more.
        let most = rows.iter().map(|r| r.value).max().unwrap_or(0) + i64::from(smallest);
        for (row, found) in rows.iter().zip(seen.by_trying_everything(most)) {
            if let Some((least, most)) = found {
                prop_assert!(most - least >= i64::from(smallest), "{row:?}: {least} to {most} of {reasons:?}");
            }
        }
    }

    #[test]
    fn no_hidden_cell_of_a_wijk_is_narrowed_by_trying_everything(
        rows in by_wijk(2..4, 2..3, 7), smallest in 2_u32..5
    ) {
        let reasons = reasons(&rows, smallest);
        let seen = Seen::of(&Table { rows: rows.clone() }, &reasons);
        let most = rows.iter().map(|r| r.value).max().unwrap_or(0) + i64::from(smallest);
        for (row, found) in rows.iter().zip(seen.by_trying_everything(most)) {
            if let Some((least, most)) = found {
                prop_assert!(most - least >= i64::from(smallest), "{row:?}: {least} to {most} of {reasons:?}");
            }
        }
    }

    #[test]
    fn no_hidden_cell_is_computed_or_narrowed(rows in any_table(), smallest in 2_u32..15) {
        let reasons = reasons(&rows, smallest);
        let seen = Seen::of(&Table { rows: rows.clone() }, &reasons);
        for (row, computed) in rows.iter().zip(seen.by_elimination()) {
            prop_assert!(!computed, "{row:?} of {reasons:?}");
        }
        for (row, found) in rows.iter().zip(seen.by_bounds(100_000)) {
            if let Some((least, most)) = found {
                prop_assert!(most - least >= i64::from(smallest), "{row:?}: {least} to {most} of {reasons:?}");
            }
        }
    }

    #[test]
    fn small_cells_are_hidden_and_zeros_are_not(rows in any_table(), smallest in 1_u32..15) {
        for (row, reason) in rows.iter().zip(reasons(&rows, smallest)) {
            let small = row.value > 0 && row.value < i64::from(smallest);
            prop_assert!(!small || reason.is_some());
            prop_assert!(row.value > 0 || reason.is_none());
        }
    }

    #[test]
    fn nothing_is_hidden_where_nothing_is_small(rows in any_table(), smallest in 1_u32..8) {
        let small = |r: &Row| (1..i64::from(smallest)).contains(&r.value);
        if !rows.iter().any(small) {
            prop_assert!(reasons(&rows, smallest).iter().all(Option::is_none));
        }
    }

    #[test]
    fn the_order_of_rows_does_not_matter(
        (rows, mixed) in any_table().prop_flat_map(|rows| (Just(rows.clone()), Just(rows).prop_shuffle()))
    ) {
        let all = |rows: Vec<Row>| {
            let reasons = reasons(&rows, 10);
            let mut all: Vec<_> = rows.into_iter().zip(reasons).collect();
            all.sort();
            all
        };
        prop_assert_eq!(all(rows), all(mixed));
    }

    #[test]
    fn a_higher_smallest_cell_never_shows_more(rows in any_table(), smallest in 1_u32..20, more in 1_u32..20) {
        let (low, high) = (reasons(&rows, smallest), reasons(&rows, smallest + more));
        for (low, high) in low.iter().zip(&high) {
            prop_assert!(low.is_none() || high.is_some());
        }
    }

    #[test]
    fn judging_twice_changes_nothing(rows in prop_oneof![one_slice(), by_wijk(1..5, 2..5, 30)]) {
        let first = reasons(&rows, 10);
        // What is hidden is about nobody that anybody knows.
        let again: Vec<Row> = rows
            .iter()
            .zip(&first)
            .map(|(row, reason)| Row {
                clients: if reason.is_some() { 0 } else { row.clients },
                ..row.clone()
            })
            .collect();
        prop_assert_eq!(reasons(&again, 10), first);
    }

    #[test]
    fn totals_are_hidden_whatever_they_are_split_into(rows in by_wijk(1..6, 2..5, 40)) {
        let last = rows.iter().filter_map(|r| r.bands).map(|b| b.last).max();
        let total = |row: &Row| row.bands.is_some_and(|b| b.first == 1 && Some(b.last) == last);
        let totals: Vec<Row> = rows.iter().filter(|r| total(r)).cloned().collect();
        let split: Vec<_> = rows.iter().zip(reasons(&rows, 10)).filter(|(r, _)| total(r)).collect();
        for (alone, (row, split)) in reasons(&totals, 10).iter().zip(&split) {
            prop_assert!(alone.is_none() || split.is_some(), "{row:?}");
        }
    }
}
