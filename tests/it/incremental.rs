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

const OTHER: &str = "SELECT date_part('year', datum) AS jaar, wijk, wie, datum, aantal, false AS _verwijderd FROM levering\n";

/// Two sources that fill one table, with the same keys in it: `stand` merges, `proef` as asked.
fn sharing(mode: &str) -> Small {
    let stand = "SELECT date_part('year', datum) AS jaar, wijk, wie, datum, aantal, \
         coalesce(actie, '') = 'verwijderd' AS _verwijderd FROM levering\n";
    let small = Small::new().and("pipelines/stand/proef.sql", stand);
    match mode {
        "full" => small,
        _ => small
            .with(
                "pipelines/proef/pipeline.toml",
                "\"full\"",
                "\"incremental\"",
            )
            .and("pipelines/proef/proef.sql", OTHER),
    }
}

/// The same rows from the other source: `proef` knows no deletions, and in full deliveries no key twice.
fn proef(changes: &[Change]) -> String {
    let last = |at: usize| changes[at + 1..].iter().all(|c| c.0 != changes[at].0);
    let kept = (0..changes.len()).filter(|at| last(*at) && !changes[*at].5);
    let kept: Vec<Change> = kept.map(|at| changes[at]).collect();
    let text = stand(&kept);
    let cut = |line: &str| {
        let fields: Vec<&str> = line.split(';').take(5).collect();
        fields.join(";") + "\n"
    };
    text.lines().map(cut).collect()
}

fn both(stand: &[&[Change]], proef: &[&[Change]]) -> Vec<crate::nights::Line> {
    let kept: Vec<Vec<Change>> = proef
        .iter()
        .map(|all| all.iter().copied().filter(|c| !c.5).collect())
        .collect();
    let kept: Vec<&[Change]> = kept.iter().map(Vec::as_slice).collect();
    let mut lines = model(stand);
    lines.extend(model(&kept));
    lines.sort();
    lines
}

/// A key that two sources know is two rows; what one source says never touches the other's.
#[test]
fn sources_that_fill_one_table_leave_each_other_alone() {
    for mode in ["incremental", "full"] {
        let mut nights = Nights::new(&sharing(mode));
        for at in 0..HISTORY.len() {
            nights.deliver("stand", DATES[at], &stand(HISTORY[at]));
            // The other source tells the same history, backwards.
            let back = HISTORY.len() - 1 - at;
            nights.deliver("proef", DATES[at], &proef(HISTORY[back]));
            nights.run();
            let told: Vec<&[Change]> = (0..=at).map(|n| HISTORY[HISTORY.len() - 1 - n]).collect();
            let other: &[&[Change]] = if mode == "full" { &told[at..] } else { &told };
            assert_eq!(
                nights.table("proef"),
                both(&HISTORY[..=at], other),
                "{mode} {at}"
            );
            // The table of its own is what it was without a neighbour.
            assert_eq!(nights.table("stand"), model(&HISTORY[..=at]));
        }
        assert_eq!(nights.run().record.outcome, RunOutcome::Ongewijzigd);
    }
}

/// And in whatever order the deliveries of the two come, they are the same release.
#[test]
fn the_order_of_two_sources_leaves_no_trace() {
    let mut at_once = Nights::new(&sharing("incremental"));
    let mut late = at_once.fresh();
    for (at, date) in DATES.iter().enumerate().take(4) {
        at_once.deliver("stand", date, &stand(HISTORY[at]));
        at_once.deliver("proef", date, &proef(HISTORY[3 - at]));
    }
    at_once.run();
    for (source, at) in [
        ("proef", 3),
        ("stand", 2),
        ("stand", 3),
        ("proef", 0),
        ("stand", 0),
        ("proef", 2),
        ("proef", 1),
        ("stand", 1),
    ] {
        let text = match source {
            "stand" => stand(HISTORY[at]),
            _ => proef(HISTORY[3 - at]),
        };
        late.deliver(source, DATES[at], &text);
        late.run();
    }
    assert_eq!(late.content(), at_once.content());
}

/// A source that is taken off one table, or refused, leaves the other's rows and state as they were.
#[test]
fn a_refused_delivery_of_one_touches_nothing_of_the_other() {
    let mut nights = Nights::new(&sharing("incremental"));
    nights.deliver("stand", DATES[0], &stand(HISTORY[0]));
    nights.deliver("proef", DATES[0], &proef(HISTORY[0]));
    nights.run();
    let before = nights.content();
    let text = proef(HISTORY[1]);
    nights.deliver("proef", DATES[1], text.trim_end());
    let report = nights.run();
    assert!(
        report
            .record
            .deliveries
            .iter()
            .any(|d| d.outcome == Geweigerd)
    );
    assert_eq!(nights.content(), before);
}

/// When partner and contract turn from incremental to full, what was merged goes: it would count twice.
#[test]
fn a_source_that_turns_to_full_deliveries_begins_anew() {
    let small = sharing("incremental");
    let mut nights = Nights::new(&small);
    for at in 0..3 {
        nights.deliver("stand", DATES[at], &stand(HISTORY[at]));
        nights.deliver("proef", DATES[at], &proef(HISTORY[at]));
    }
    nights.run();
    let mut turned = Nights {
        contracts: sharing("full").contracts(),
        ..nights
    };
    turned.deliver("proef", DATES[3], &proef(HISTORY[3]));
    turned.run();
    assert_eq!(turned.table("proef"), both(&HISTORY[..3], &HISTORY[3..]));
    let manifest = turned.place.manifest();
    let of_proef = |state: bool| {
        let files = manifest.files.iter().filter(|f| f.source == "proef");
        files.filter(|f| f.table.starts_with('_') == state).count()
    };
    assert_eq!(of_proef(true), 0, "no state is left behind");
    let delivered = manifest.deliveries.iter().filter(|d| d.source == "proef");
    assert_eq!(
        delivered.map(|d| d.order.as_str()).collect::<Vec<_>>(),
        [DATES[3]]
    );
}
