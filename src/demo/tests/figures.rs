//! Counts over the generated records, by plain Rust, equal the published figures.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, NaiveDate};

use crate::demo::cases::{Case, Span, register, span};
use crate::demo::people::People;
use crate::demo::population::{BANDS, BsnKind, Bsns, Person, elfproef};
use crate::demo::reference::Places;
use crate::demo::targets::{CASE_YEARS, LEEFGEBIEDEN, TEAMS};
use crate::demo::wot;
use crate::demo::zrm::{Action, Scores, months};

fn all() -> (Vec<Person>, Vec<Case>) {
    register(&Places::new())
}

fn cases_of(cases: &[Case], year: i32) -> impl Iterator<Item = &Case> {
    cases
        .iter()
        .filter(move |case| case.part == year && !case.relative)
}

fn closed_in(cases: &[Case], year: i32) -> impl Iterator<Item = &Case> {
    cases
        .iter()
        .filter(move |case| case.closed_in(year) && !case.relative)
}

/// How many records fall in each of so many groups.
fn tally<'a>(
    size: usize,
    cases: impl Iterator<Item = &'a Case>,
    group: impl Fn(&Case) -> usize,
) -> Vec<usize> {
    let mut counts = vec![0; size];
    for case in cases {
        counts[group(case)] += 1;
    }
    counts
}

#[test]
fn hulpvragen_add_up() {
    let (_, cases) = all();
    assert_eq!(cases_of(&cases, 2020).count(), 2236);
    assert_eq!(cases_of(&cases, 2023).count(), 1016);
    assert_eq!(cases_of(&cases, 2024).count(), 1077);
    for (year, relatives) in [(2020, 0), (2023, 160), (2024, 160)] {
        let found = cases
            .iter()
            .filter(|case| case.part == year && case.relative)
            .count();
        assert_eq!(found, relatives, "betrokkenen {year}");
    }
}

#[test]
fn personen_2020_are_3211() {
    let (_, cases) = all();
    let active: BTreeSet<usize> = cases
        .iter()
        .filter(|case| case.ran_in(2020))
        .map(|case| case.person)
        .collect();
    assert_eq!(active.len(), 3211);
}

#[test]
fn doorlooptijd_adds_up() {
    let (_, cases) = all();
    let band = |case: &Case| match (case.reported, case.closed) {
        (Some(reported), Some(closed)) => match span(reported, closed) {
            Span::Under2 => 0,
            Span::Under4 => 1,
            Span::UpTo6 => 2,
            Span::Under9 => 3,
            Span::Under12 => 4,
            Span::Longer => 5,
            Span::Negative | Span::NotReported => 6,
        },
        _ => 6,
    };
    assert_eq!(
        tally(7, closed_in(&cases, 2020), band),
        [307, 419, 388, 247, 198, 694, 0]
    );
    assert_eq!(
        tally(7, closed_in(&cases, 2024), band),
        [263, 253, 203, 132, 61, 81, 19]
    );
    let of_2023 = tally(7, closed_in(&cases, 2023), band);
    assert_eq!(
        (
            of_2023[..3].iter().sum::<usize>(),
            of_2023.iter().sum::<usize>()
        ),
        (620, 1000)
    );
}

#[test]
fn a_month_is_a_calendar_month() {
    let day = |year, month, day| NaiveDate::from_ymd_opt(year, month, day).unwrap();
    assert_eq!(
        span(day(2024, 3, 10), day(2024, 9, 10)),
        Span::UpTo6,
        "exactly six months is on time"
    );
    assert_eq!(span(day(2024, 3, 10), day(2024, 9, 11)), Span::Under9);
    assert_eq!(span(day(2023, 8, 31), day(2024, 2, 29)), Span::UpTo6);
    assert_eq!(span(day(2023, 8, 31), day(2024, 3, 1)), Span::Under9);
    assert_eq!(
        span(day(2024, 1, 1), day(2024, 3, 1)),
        Span::Under4,
        "two whole months"
    );
    assert_eq!(span(day(2024, 1, 1), day(2023, 12, 31)), Span::Negative);
}

#[test]
fn wachttijd_adds_up() {
    let (_, cases) = all();
    let band = |case: &Case| match (case.reported, case.started) {
        (Some(reported), Some(started)) => {
            match started.signed_duration_since(reported).num_days() {
                0..=7 => 0,
                8..=14 => 1,
                15..=28 => 2,
                29.. => 3,
                _ => 4,
            }
        }
        _ => 4,
    };
    assert_eq!(
        tally(5, cases_of(&cases, 2023), band),
        [538, 163, 203, 30, 82]
    );
    assert_eq!(
        tally(5, cases_of(&cases, 2024), band),
        [431, 194, 226, 172, 54]
    );
}

#[test]
fn afsluiting_adds_up() {
    let (_, cases) = all();
    let reason = |case: &Case| case.reason.unwrap_or(4);
    assert_eq!(
        tally(5, closed_in(&cases, 2024), reason),
        [708, 152, 41, 30, 81]
    );
    assert_eq!(tally(5, closed_in(&cases, 2023), reason)[0], 650);
    assert_eq!(closed_in(&cases, 2023).count(), 1000);
}

#[test]
fn leeftijd_adds_up() {
    let (persons, cases) = all();
    let band = |case: &Case| {
        let born = persons[case.person].born.unwrap();
        let age = case.reported.unwrap().years_since(born).unwrap();
        BANDS.iter().position(|(_, high)| age <= *high).unwrap()
    };
    let of = |year| cases.iter().filter(move |case| case.part == year);
    assert_eq!(tally(6, of(2024), band), [25, 198, 557, 260, 62, 135]);
    assert_eq!(tally(6, of(2023), band), [24, 176, 529, 270, 59, 118]);
}

#[test]
fn what_has_no_view_yet_adds_up_too() {
    let (_, cases) = all();
    let handled = cases_of(&cases, 2020)
        .filter(|case| case.handled == Some(true))
        .count();
    assert_eq!(handled, 1744, "zelf afgehandeld");
    let mut referred = tally(
        10,
        cases_of(&cases, 2020).filter(|case| case.referral.is_some()),
        |case| usize::from(case.referral.unwrap() as u8),
    );
    assert_eq!(referred, [110, 84, 66, 54, 44, 36, 30, 26, 22, 20]);
    referred.sort_unstable();
    assert_eq!(referred.iter().sum::<usize>(), 492);

    let substitution = closed_in(&cases, 2020).filter(|case| case.substitution == Some(true));
    assert_eq!(substitution.count(), 225, "substitutie");
    let intake = cases_of(&cases, 2024).filter(|case| case.via_intake == Some(true));
    assert_eq!(intake.count(), 215, "via aanmeldteam");
    let down = closed_in(&cases, 2024).filter(|case| case.scaled_down == Some(true));
    assert_eq!(down.count(), 121, "afgeschaald");
    let teams = tally(6, cases_of(&cases, 2024), |case| case.team);
    assert_eq!(teams, [290, 215, 120, 226, 97, 129], "teams");
}

#[test]
fn nobody_starts_after_the_end() {
    let (_, cases) = all();
    for case in cases.iter().filter(|case| !case.relative) {
        if let (Some(reported), Some(started), Some(closed)) =
            (case.reported, case.started, case.closed)
        {
            assert!(started <= closed || closed < reported, "{case:?}");
        }
    }
}

/// The scores that are left after all deliveries, by person, turn and column.
fn scores_left(cases: &[Case], people: &People) -> BTreeMap<(usize, u8), (NaiveDate, Scores)> {
    let mut left = BTreeMap::new();
    for month in months(cases, people) {
        for row in month.rows {
            let Some(person) = row.person else { continue };
            match row.action {
                Action::Delete => left.remove(&(person, row.turn)),
                _ => left.insert((person, row.turn), (row.date, row.scores)),
            };
        }
    }
    left
}

#[test]
fn zelfredzaamheid_adds_up() {
    let (persons, cases) = all();
    let people = People::new(persons, 1);
    let left = scores_left(&cases, &people);
    // By leefgebied: pairs, first sum, second sum; and the first leefgebied by team.
    let mut sums = [(0_usize, 0_usize, 0_usize); 12];
    let mut money = vec![(0_usize, 0_usize); TEAMS.len()];
    for ((person, turn), (date, after)) in &left {
        let Some((_, before)) = left
            .get(&(*person, 1))
            .filter(|_| *turn == 2 && date.year() == 2020)
        else {
            continue;
        };
        for index in 0..12 {
            if let (Some(first), Some(second)) = (before[index], after[index]) {
                sums[index].0 += 1;
                sums[index].1 += usize::from(first);
                sums[index].2 += usize::from(second);
            }
        }
        if let Some(second) = after[0] {
            money[people.person(*person).team].0 += 1;
            money[people.person(*person).team].1 += usize::from(second);
        }
    }
    assert!(
        sums.iter()
            .all(|(pairs, first, second)| *pairs == 100 && second > first),
        "{sums:?}"
    );
    assert_eq!(sums.iter().map(|sum| sum.1).sum::<usize>(), 3024);
    assert_eq!(sums.iter().map(|sum| sum.2).sum::<usize>(), 4572);
    let low: Vec<&str> = LEEFGEBIEDEN
        .iter()
        .zip(sums)
        .filter(|(_, sum)| sum.2 < 3 * sum.0)
        .map(|((name, ..), _)| *name)
        .collect();
    assert_eq!(low, ["Huisvesting"]);
    let lowest = (0..TEAMS.len())
        .min_by(|a, b| (money[*a].1 * money[*b].0).cmp(&(money[*b].1 * money[*a].0)))
        .unwrap();
    assert_eq!(TEAMS[lowest], "Groenoord");
}

#[test]
fn zrm_has_a_correction_a_late_one_a_deletion_and_three_versions() {
    let (persons, cases) = all();
    let months = months(&cases, &People::new(persons, 1));
    let has = |year, month, action| {
        months.iter().any(|one| {
            (one.date.year(), one.date.month()) == (year, month)
                && one.rows.iter().any(|row| row.action == action)
        })
    };
    assert!(has(2020, 4, Action::Change));
    assert!(has(2021, 1, Action::Change));
    assert!(has(2021, 1, Action::Delete));
    assert_eq!(
        months
            .iter()
            .map(|month| month.version)
            .collect::<BTreeSet<_>>(),
        [11, 12, 13].into()
    );
}

#[test]
fn quotas_of_the_targets_fit_together() {
    for year in &CASE_YEARS {
        assert_eq!(
            year.ages.iter().sum::<usize>(),
            year.cases + year.relatives,
            "{}",
            year.year
        );
        assert_eq!(
            year.teams.iter().sum::<usize>(),
            year.cases,
            "{}",
            year.year
        );
        let closed: usize = year.closed.iter().map(|(_, _, count)| count).sum();
        assert_eq!(year.reasons.iter().sum::<usize>(), closed, "{}", year.year);
        if let Some(waits) = year.waits {
            assert_eq!(waits.iter().sum::<usize>(), year.cases, "{}", year.year);
        }
    }
    let (first, second) = LEEFGEBIEDEN
        .iter()
        .fold((0, 0), |sum, (_, a, b)| (sum.0 + a, sum.1 + b));
    assert_eq!((first, second), (3024, 4572));
}

#[test]
fn numbers_pass_the_elfproef() {
    assert!(elfproef(111_222_333));
    assert!(elfproef(123_456_782));
    assert!(!elfproef(123_456_789));
    assert!(!elfproef(0));
    let mut supply = Bsns::new();
    let mut seen = BTreeSet::new();
    for index in 0..20_000 {
        let kind = if index % 50 == 0 {
            BsnKind::LeadingZeros
        } else {
            BsnKind::Test
        };
        let number = supply.next(kind).unwrap();
        assert!(elfproef(number) && seen.insert(number));
    }
    assert!(
        seen.range(999_900_000..).count() > 9000,
        "the test range comes first"
    );
    assert_eq!(
        supply.invented,
        20_000 - seen.range(999_900_000..).count() as u64
    );
    assert!(!elfproef(wot::wrong_bsn(2024)));
}
