//! The deliveries of `zrm`: every month what is new, changed or deleted. Together they leave exactly
//! the pairs and the sums of the targets.

use chrono::{Days, NaiveDate};

use super::cases::Case;
use super::people::People;
use super::population::BsnKind;
use super::prng::Prng;
use super::targets::{LEEFGEBIEDEN, LOWEST_ON_MONEY, PAIRS, TEAMS};
use super::writer::Csv;
use super::{DemoError, Identifiers, dirt};

/// Scores in the order of `LEEFGEBIEDEN`, then instrumentele ADL.
pub(super) type Scores = [Option<u8>; 13];

/// What a row wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    /// A new measurement.
    New,
    /// Another version of a known one.
    Change,
    /// A measurement that was none.
    Delete,
}

/// One row.
#[derive(Clone, Debug)]
pub(super) struct Measurement {
    /// Index of the person; `None`: a client that the WOT does not know.
    pub person: Option<usize>,
    /// 1 or 2.
    pub turn: u8,
    /// The day.
    pub date: NaiveDate,
    /// What was scored.
    pub scores: Scores,
    /// What the row wants.
    pub action: Action,
}

/// One month's delivery.
#[derive(Debug)]
pub(super) struct Month {
    /// The day of the export.
    pub date: NaiveDate,
    /// 11, 12 or 13 leefgebieden.
    pub version: u8,
    /// Its rows.
    pub rows: Vec<Measurement>,
}

/// All deliveries, in order.
pub(super) fn months(cases: &[Case], people: &People) -> Vec<Month> {
    let mut prng = Prng::named("zrm", 0);
    let mut clients = eligible(cases, people);
    prng.shuffle(&mut clients);
    let mut months: Vec<Month> = (1..=12).map(|month| month_of(2020, month)).collect();
    months.push(month_of(2021, 1));
    months.push(month_of(2024, 6));
    months.push(month_of(2024, 12));

    let mut clients = clients.into_iter();
    let pairs: Vec<usize> = clients.by_ref().take(PAIRS).collect();
    add_pairs(&pairs, people, &mut months, &mut prng);
    add_deleted(clients.by_ref().take(2).collect(), &mut months, &mut prng);
    add_blanked(clients.next(), &mut months, &mut prng);
    add_others(&mut clients, &mut months, &mut prng);
    for month in &mut months {
        prng.shuffle(&mut month.rows);
    }
    months
}

/// Persons with one hulpvraag, of 2020, and all their numbers: their team is beyond doubt.
fn eligible(cases: &[Case], people: &People) -> Vec<usize> {
    let mut times = std::collections::BTreeMap::<usize, (usize, i32)>::new();
    for case in cases {
        let entry = times.entry(case.person).or_insert((0, case.part));
        entry.0 += 1;
    }
    times
        .into_iter()
        .filter(|(person, (count, part))| {
            *count == 1 && *part == 2020 && people.person(*person).bsn != BsnKind::Missing
        })
        .map(|(person, _)| person)
        .collect()
}

/// An empty delivery at the end of a month.
fn month_of(year: i32, month: u32) -> Month {
    let version = match (year, month) {
        (2020, 2) => 11,
        (2024, _) => 13,
        _ => 12,
    };
    let start = NaiveDate::from_ymd_opt(year, month, 1).unwrap_or_default();
    Month {
        date: start + chrono::Months::new(1) - Days::new(1),
        version,
        rows: Vec::new(),
    }
}

/// The pairs of 2020, with two kinds of mistakes that later deliveries put right.
fn add_pairs(pairs: &[usize], people: &People, months: &mut [Month], prng: &mut Prng) {
    const FIRST: [usize; 5] = [0, 2, 3, 4, 5];
    let mut columns = Vec::new();
    for (index, (_, first, second)) in LEEFGEBIEDEN.iter().enumerate() {
        let mut before = scores(*first, pairs.len(), prng);
        let mut after = scores(*second, pairs.len(), prng);
        if index == 0 {
            lowest_to_team(pairs, people, &mut before, prng);
            lowest_to_team(pairs, people, &mut after, prng);
        }
        columns.push((before, after));
    }
    for (index, person) in pairs.iter().enumerate() {
        let of = |turn: u8| {
            let mut scores: Scores = [None; 13];
            for (score, (before, after)) in scores.iter_mut().zip(&columns) {
                *score = Some(if turn == 1 {
                    before[index]
                } else {
                    after[index]
                });
            }
            scores
        };
        for (turn, month) in [(1, FIRST[index % 5]), (2, 6 + index % 6)] {
            let date = within(months[month].date, prng);
            let right = Measurement {
                person: Some(*person),
                turn,
                date,
                scores: of(turn),
                action: Action::New,
            };
            // March's first measurements of some are put right in April, October's second
            // measurements of some only the next year.
            let corrected_in = match (turn, month, index) {
                (1, 2, ..20) => Some(3),
                (2, 9, ..20) => Some(12),
                _ => None,
            };
            let Some(later) = corrected_in else {
                months[month].rows.push(right);
                continue;
            };
            let mut wrong = right.clone();
            wrong.scores[0] = Some(if wrong.scores[0] == Some(5) { 1 } else { 5 });
            wrong.scores[3] = None;
            months[month].rows.push(wrong);
            months[later].rows.push(Measurement {
                action: Action::Change,
                ..right
            });
        }
    }
}

/// Pairs whose second measurement is deleted the next year.
fn add_deleted(persons: Vec<usize>, months: &mut [Month], prng: &mut Prng) {
    for person in persons {
        for (turn, month) in [(1, 2), (2, 8)] {
            let date = within(months[month].date, prng);
            let row = Measurement {
                person: Some(person),
                turn,
                date,
                scores: random_scores(12, prng),
                action: Action::New,
            };
            months[month].rows.push(row.clone());
            if turn == 2 {
                months[12].rows.push(Measurement {
                    scores: [None; 13],
                    action: Action::Delete,
                    ..row
                });
            }
        }
    }
}

/// A pair on justitie alone, until a correction blanks the second score.
fn add_blanked(person: Option<usize>, months: &mut [Month], prng: &mut Prng) {
    let date = within(months[4].date, prng);
    let scores = random_scores(12, prng);
    months[4].rows.push(Measurement {
        person,
        turn: 1,
        date,
        scores,
        action: Action::New,
    });
    let date = within(months[7].date, prng);
    let mut scores: Scores = [None; 13];
    scores[11] = Some(4);
    let row = Measurement {
        person,
        turn: 2,
        date,
        scores,
        action: Action::New,
    };
    months[7].rows.push(row.clone());
    months[10].rows.push(Measurement {
        scores: [None; 13],
        action: Action::Change,
        ..row
    });
}

/// First measurements without a second one, second ones that were left blank, measurements of later
/// years, and a client that the WOT does not know.
fn add_others(clients: &mut impl Iterator<Item = usize>, months: &mut [Month], prng: &mut Prng) {
    let mut later = Vec::new();
    for month in &mut *months {
        for _ in 0..24 {
            let Some(person) = clients.next() else { break };
            if month.version == 13 {
                later.push(person);
            }
            let mut scores = random_scores(month.version, prng);
            if prng.once_in(5) {
                scores[prng.below(9)] = None;
            }
            let date = within(month.date, prng);
            month.rows.push(Measurement {
                person: Some(person),
                turn: 1,
                date,
                scores,
                action: Action::New,
            });
        }
    }
    for person in later.into_iter().take(24) {
        let Some(month) = months.last_mut() else {
            break;
        };
        let date = within(month.date, prng);
        let scores = random_scores(month.version, prng);
        month.rows.push(Measurement {
            person: Some(person),
            turn: 2,
            date,
            scores,
            action: Action::New,
        });
    }
    for _ in 0..2 {
        let date = within(months[9].date, prng);
        let (turn, scores) = (2, [None; 13]);
        months[9].rows.push(Measurement {
            person: clients.next(),
            turn,
            date,
            scores,
            action: Action::New,
        });
    }
    let date = within(months[5].date, prng);
    let scores = random_scores(12, prng);
    months[5].rows.push(Measurement {
        person: None,
        turn: 1,
        date,
        scores,
        action: Action::New,
    });
}

/// So many scores from 1 to 5 with this sum, spread around their mean.
fn scores(sum: usize, count: usize, prng: &mut Prng) -> Vec<u8> {
    let (base, more) = (sum / count, sum % count);
    let mut scores: Vec<u8> = (0..count)
        .map(|index| u8::try_from(base + usize::from(index < more)).unwrap_or(1))
        .collect();
    for _ in 0..count * 2 {
        let (from, to) = (prng.below(count), prng.below(count));
        if from != to && scores[from] > 1 && scores[to] < 5 {
            scores[from] -= 1;
            scores[to] += 1;
        }
    }
    prng.shuffle(&mut scores);
    scores
}

/// Swaps scores until the clients of the team that scored lowest are well below the rest: three
/// quarters of a point under the mean of all.
fn lowest_to_team(pairs: &[usize], people: &People, scores: &mut [u8], prng: &mut Prng) {
    let (of_team, others): (Vec<usize>, Vec<usize>) = (0..pairs.len())
        .partition(|index| TEAMS[people.person(pairs[*index]).team] == LOWEST_ON_MONEY);
    let sum = |of: &[usize]| {
        of.iter()
            .map(|index| usize::from(scores[*index]))
            .sum::<usize>()
    };
    let all = sum(&of_team) + sum(&others);
    let mut own = sum(&of_team);
    // 4 * own / team > 4 * all / pairs - 3, without fractions.
    while !of_team.is_empty() && 4 * own * pairs.len() > of_team.len() * (4 * all - 3 * pairs.len())
    {
        let (mine, other) = (prng.pick(&of_team), prng.pick(&others));
        if scores[mine] > scores[other] {
            own -= usize::from(scores[mine] - scores[other]);
            scores.swap(mine, other);
        }
    }
}

/// Scores for a version, higher ones more often.
fn random_scores(version: u8, prng: &mut Prng) -> Scores {
    let mut scores: Scores = [None; 13];
    for (index, score) in scores.iter_mut().enumerate() {
        let there = match index {
            1 => version > 11,
            12 => version > 12,
            _ => true,
        };
        let drawn = 1 + prng.weighted(&[10, 25, 35, 20, 10]);
        *score = there.then(|| u8::try_from(drawn).unwrap_or(3));
    }
    scores
}

/// A day of the month that ends on this one.
fn within(end: NaiveDate, prng: &mut Prng) -> NaiveDate {
    end - Days::new(prng.below(28) as u64)
}

/// The columns of a version: header and index in [`Scores`].
fn layout(version: u8) -> Vec<(&'static str, usize)> {
    let mut columns: Vec<(&str, usize)> = LEEFGEBIEDEN
        .iter()
        .enumerate()
        .map(|(index, (name, ..))| (*name, index))
        .collect();
    match version {
        11 => {
            columns[2].0 = "Dagbesteding";
            columns[7].0 = "Verslaving";
            columns.remove(1);
        }
        13 => {
            columns[8].0 = "Basale ADL";
            columns.insert(9, ("Instrumentele ADL", 12));
        }
        _ => {}
    }
    columns
}

/// Writes one delivery, with a row that must be refused in some of them.
pub(super) fn month(
    csv: &mut Csv<'_>,
    month: &Month,
    people: &People,
    seen: &mut Identifiers,
) -> Result<(), DemoError> {
    let layout = layout(month.version);
    let mut header = vec!["Clientnr", "Meting", "Datum", "Actie", "Versie"];
    header.extend(layout.iter().map(|(name, _)| *name));
    csv.row(&header)?;
    for copy in 0..people.copies() {
        for (index, row) in month.rows.iter().enumerate() {
            let number = u64::from(copy) << 32 | index as u64;
            let cells = cells(month, row, copy, number, &layout, people);
            seen.client_number(&cells[0]);
            csv.row(&cells.iter().map(String::as_str).collect::<Vec<_>>())?;
        }
    }
    let spoilt = match chrono::Datelike::month(&month.date) {
        3 => (2, "31-02-2020"),
        6 => (6, "6"),
        9 => (0, ""),
        11 => (3, "X"),
        _ => return Ok(()),
    };
    if let (Some(row), 12) = (month.rows.first(), month.version) {
        let mut cells = cells(month, row, 0, u64::MAX, &layout, people);
        "C00999999".clone_into(&mut cells[0]);
        spoilt.1.clone_into(&mut cells[spoilt.0]);
        seen.client_number(&cells[0]);
        csv.refused_row(&cells.iter().map(String::as_str).collect::<Vec<_>>())?;
    }
    Ok(())
}

/// The cells of one measurement.
fn cells(
    month: &Month,
    row: &Measurement,
    copy: u32,
    number: u64,
    layout: &[(&str, usize)],
    people: &People,
) -> Vec<String> {
    let mut prng = Prng::named(
        "zrm spelling",
        number
            ^ month
                .date
                .signed_duration_since(NaiveDate::default())
                .num_days()
                .unsigned_abs()
                << 40,
    );
    let mut cells = vec![
        row.person.map_or_else(
            || "C00888888".to_owned(),
            |person| people.client_number(person, copy),
        ),
        row.turn.to_string(),
        dirt::date(row.date),
        match row.action {
            Action::New => prng.pick(&["", "N"]).to_owned(),
            Action::Change => "W".to_owned(),
            Action::Delete => "V".to_owned(),
        },
        month.version.to_string(),
    ];
    for (_, index) in layout {
        cells.push(match row.scores[*index] {
            Some(score) if prng.once_in(10) => format!("{score},0"),
            Some(score) => score.to_string(),
            None => String::new(),
        });
    }
    cells
}
