//! Incremental deliveries: the latest that speaks of a key wins, whenever it arrives.

use proptest::prelude::*;
use sluis::warehouse::journal::DeliveryOutcome::{Geweigerd, Verwerkt};
use sluis::warehouse::journal::RunOutcome;

use crate::nights::{Change, DATES, HISTORY, Nights, are, model, outcomes, stand};
use crate::small::Small;

#[test]
fn every_step_of_a_history_is_what_a_reader_expects() {
    let mut nights = Nights::new(&Small::new());
    for (at, changes) in HISTORY.iter().enumerate() {
        nights.deliver("stand", DATES[at], &stand(changes));
        let report = nights.run();
        assert_eq!(outcomes(&report)[DATES[at]], Verwerkt);
        assert_eq!(
            nights.table("stand"),
            model(&HISTORY[..=at]),
            "{}",
            DATES[at]
        );
    }
    // The last of a year and wijk went: no empty file is left behind.
    assert!(nights.place.manifest().files.iter().all(|f| f.rows > 0));
    assert_eq!(nights.run().record.outcome, RunOutcome::Ongewijzigd);
}

fn permutations(of: Vec<usize>) -> Vec<Vec<usize>> {
    if of.len() < 2 {
        return vec![of];
    }
    let mut all = Vec::new();
    for at in 0..of.len() {
        let mut rest = of.clone();
        let first = rest.remove(at);
        for mut tail in permutations(rest) {
            tail.insert(0, first);
            all.push(tail);
        }
    }
    all
}

/// Late deliveries included: whatever comes when, the same deliveries are the same release.
#[test]
fn the_order_of_arrival_leaves_no_trace() {
    let mut at_once = Nights::new(&Small::new());
    for (date, changes) in DATES.iter().zip(HISTORY) {
        at_once.deliver("stand", date, &stand(changes));
    }
    at_once.run();
    assert_eq!(at_once.table("stand"), model(&HISTORY));
    for (turn, order) in permutations(vec![0, 1, 2, 3]).into_iter().enumerate() {
        // One a night, or two a night.
        let mut nights = at_once.fresh();
        for night in order.chunks(1 + turn % 2) {
            for &at in night {
                nights.deliver("stand", DATES[at], &stand(HISTORY[at]));
            }
            nights.run();
        }
        assert_eq!(nights.content(), at_once.content(), "{order:?}");
    }
}

fn change() -> impl Strategy<Value = Change> {
    let wijk = prop_oneof![Just("oost"), Just("west")];
    (
        0u8..6,
        1u8..5,
        2023u16..2025,
        wijk,
        0u16..9,
        proptest::bool::weighted(0.3),
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_deliveries_in_any_order_are_the_same_release(
        history in proptest::collection::vec(proptest::collection::vec(change(), 0..8), 1..5),
        order in Just((0usize..5).collect::<Vec<_>>()).prop_shuffle(),
        together in 1usize..4,
    ) {
        let mut nights = Nights::new(&Small::new());
        let mut late = nights.fresh();
        let order: Vec<usize> = order.into_iter().filter(|&at| at < history.len()).collect();
        for (date, changes) in DATES.iter().zip(&history) {
            nights.deliver("stand", date, &stand(changes));
        }
        nights.run();
        for night in order.chunks(together) {
            for &at in night {
                late.deliver("stand", DATES[at], &stand(&history[at]));
            }
            late.run();
        }
        let changes: Vec<&[Change]> = history.iter().map(Vec::as_slice).collect();
        prop_assert_eq!(nights.table("stand"), model(&changes));
        prop_assert_eq!(late.content(), nights.content());
    }
}

#[test]
fn a_bad_delivery_of_many_costs_itself_only_and_may_come_again() {
    let mut nights = Nights::new(&Small::new());
    let mut whole = nights.fresh();
    for (date, changes) in DATES.iter().zip(HISTORY) {
        let text = stand(changes);
        nights.deliver(
            "stand",
            date,
            if *date == "20240201" {
                text.trim_end()
            } else {
                &text
            },
        );
        whole.deliver("stand", date, &text);
    }
    let expected = are([
        ("20240101", Verwerkt),
        ("20240201", Geweigerd),
        ("20240301", Verwerkt),
        ("20240401", Verwerkt),
    ]);
    assert_eq!(outcomes(&nights.run()), expected);
    assert_eq!(
        nights.table("stand"),
        model(&[HISTORY[0], HISTORY[2], HISTORY[3]])
    );
    nights.deliver("stand", "20240201", &stand(HISTORY[1]));
    nights.run();
    whole.run();
    assert_eq!(nights.content(), whole.content());
}
