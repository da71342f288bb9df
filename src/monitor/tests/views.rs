//! What holds of the project's own views whatever the warehouse holds: bands add up to totals, wijken to
//! the town, views that count the same count alike, and bands are what plain Rust makes of the days.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, Date32Array, FixedSizeBinaryArray, StringArray};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use chrono::{Datelike, Days, Months, NaiveDate};
use proptest::prelude::*;

use super::{Warehouse, open, runtime};
use crate::contract::model::{Contracts, Publication, Subject};
use crate::contract::{self, ContractFiles};
use crate::monitor::Monitor;

/// One hulpvraag of the register of cases.
#[derive(Clone, Debug)]
struct Case {
    reported: Option<NaiveDate>,
    started: Option<NaiveDate>,
    closed: Option<NaiveDate>,
    wijk: &'static str,
    team: &'static str,
    /// 0 is nobody.
    client: u8,
    relative: bool,
    weight: Option<&'static str>,
    age: &'static str,
    reason: Option<&'static str>,
    welfare: Option<bool>,
    problems: Vec<&'static str>,
}

impl Case {
    /// As the mapping has it.
    fn year(&self) -> i32 {
        let known = self.reported.or(self.started).or(self.closed);
        known.map_or(0, |day| day.year())
    }
}

/// Days around the ends of months come more often: there arithmetic with months goes wrong.
fn day() -> impl Strategy<Value = NaiveDate> {
    let of = |(year, month, day, plain)| {
        let start = NaiveDate::from_ymd_opt(year, month, 1).unwrap_or_default();
        if plain {
            start + Days::new(day)
        } else {
            start + Months::new(1) - Days::new(1 + day % 3)
        }
    };
    (2019..=2025, 1_u32..=12, 0_u64..31, any::<bool>()).prop_map(of)
}

/// A day, or none; or one so many days or whole months later than another, on the border of a band.
fn later(from: Option<NaiveDate>) -> impl Strategy<Value = Option<NaiveDate>> {
    let from = from.unwrap_or_default();
    let border = (0..16_u32, -1_i64..=1).prop_map(move |(at, slip)| {
        let day = match at {
            0..=2 => from + Days::new([7, 14, 28][at as usize]),
            _ => from + Months::new(at - 3),
        };
        Some(day + chrono::TimeDelta::days(slip))
    });
    prop_oneof![3 => border, 1 => day().prop_map(Some), 1 => Just(None)]
}

fn case() -> impl Strategy<Value = Case> {
    let days = proptest::option::weighted(0.9, day())
        .prop_flat_map(|reported| (Just(reported), later(reported), later(reported)));
    let wijk = proptest::sample::select(vec!["oost", "nieuwland", "onbekend", "buiten_schiedam"]);
    let team = proptest::sample::select(vec!["Oost", "Nieuwland", "onbekend"]);
    let weight =
        proptest::sample::select(vec![None, Some("licht"), Some("gemiddeld"), Some("zwaar")]);
    let age = proptest::sample::select(vec!["0-17", "18-26", "50-64", "65-67", "75+", "onbekend"]);
    let reasons = vec![
        None,
        Some("doelen gerealiseerd"),
        Some("verhuizing"),
        Some("anders"),
    ];
    let reason = proptest::sample::select(reasons);
    let known = vec!["financiën", "justitie", "opvoeding", "iets nieuws"];
    let problems = proptest::sample::subsequence(known, 0..=3);
    let who = (0_u8..6, any::<bool>());
    let rest = (
        weight,
        age,
        reason,
        proptest::option::of(any::<bool>()),
        problems,
    );
    (days, wijk, team, who, rest).prop_map(|(days, wijk, team, who, rest)| Case {
        reported: days.0,
        started: days.1,
        closed: days.2,
        wijk,
        team,
        client: who.0,
        relative: who.1 && who.0 > 3,
        weight: rest.0,
        age: rest.1,
        reason: rest.2,
        welfare: rest.3,
        problems: rest.4,
    })
}

fn pseudonyms(of: impl Iterator<Item = u8>) -> ArrayRef {
    let values = of.map(|n| (n > 0).then_some([n; 16]));
    Arc::new(FixedSizeBinaryArray::try_from_sparse_iter_with_size(values, 16).unwrap())
}

fn texts<'a>(of: impl Iterator<Item = Option<&'a str>>) -> ArrayRef {
    Arc::new(of.collect::<StringArray>())
}

fn dates(of: impl Iterator<Item = Option<NaiveDate>>) -> ArrayRef {
    let since = |day: NaiveDate| day.signed_duration_since(NaiveDate::default()).num_days();
    let days = of.map(|day| day.and_then(|day| i32::try_from(since(day)).ok()));
    Arc::new(days.collect::<Date32Array>())
}

fn kind(case: &Case) -> &'static str {
    if case.relative {
        "betrokkene"
    } else {
        "hulpvraag"
    }
}

/// A column of table `hulpvraag`.
fn hulpvraag(name: &str, cases: &[&Case]) -> ArrayRef {
    let cases = || cases.iter();
    let answers = |of: fn(&Case) -> Option<bool>| -> ArrayRef {
        Arc::new(cases().map(|c| of(c)).collect::<BooleanArray>())
    };
    match name {
        "hulpvraag" => pseudonyms((1..=u8::MAX).cycle().take(cases().count())),
        // Half of them are known by their client number only.
        "client" => pseudonyms(cases().map(|c| if c.client % 2 == 0 { c.client } else { 0 })),
        "clientnr" => pseudonyms(cases().map(|c| c.client)),
        "soort" => texts(cases().map(|c| Some(kind(c)))),
        "leeftijdsgroep" => texts(cases().map(|c| Some(c.age))),
        "meldingsdatum" => dates(cases().map(|c| c.reported)),
        "startdatum" => dates(cases().map(|c| c.started)),
        "afsluitdatum" => dates(cases().map(|c| c.closed)),
        "team" => texts(cases().map(|c| Some(c.team))),
        "zorgzwaarte" => texts(cases().map(|c| c.weight)),
        "reden_afsluiting" => texts(cases().map(|c| c.reason)),
        "afhandeling" => texts(cases().map(|c| {
            c.welfare.map(|w| {
                if w {
                    "doorverwezen"
                } else {
                    "zelf afgehandeld"
                }
            })
        })),
        "doorverwezen_naar" => texts(cases().map(|c| c.reason)),
        "substitutie" | "via_aanmeldteam" | "afgeschaald" => answers(|c| c.welfare),
        other => panic!("a new column: {other}"),
    }
}

/// A column of table `hulpvraag_problematiek`.
fn problematiek(name: &str, rows: &[(&Case, &str)]) -> ArrayRef {
    let rows = || rows.iter();
    match name {
        "hulpvraag" => pseudonyms((1..=u8::MAX).cycle().take(rows().count())),
        "client" => pseudonyms(rows().map(|_| 0)),
        "clientnr" => pseudonyms(rows().map(|r| r.0.client)),
        "soort" => texts(rows().map(|r| Some(kind(r.0)))),
        "problematiek" => texts(rows().map(|r| Some(r.1))),
        other => panic!("a new column: {other}"),
    }
}

/// The project's own contracts, without rules of publication, and without the views that read all others.
fn contracts() -> Contracts {
    let mut contracts = contract::load(&ContractFiles::embedded()).unwrap();
    contracts
        .views
        .retain(|name, _| !matches!(name.as_str(), "kpi" | "publicatie_controle"));
    for view in contracts.views.values_mut() {
        view.publication = Publication::Exempt {
            subject: Subject::Counts,
            reason: "Een proef.".to_owned(),
        };
    }
    contracts
}

/// A release that holds these cases, in the folders of their year and wijk.
fn warehouse(contracts: &Contracts, cases: &[Case]) -> Warehouse {
    let mut folders: BTreeMap<(i32, &str), Vec<&Case>> = BTreeMap::new();
    for case in cases {
        folders
            .entry((case.year(), case.wijk))
            .or_default()
            .push(case);
    }
    let (whole, parts) = (
        &contracts.tables["hulpvraag"],
        &contracts.tables["hulpvraag_problematiek"],
    );
    // What the path says is not in the file.
    let own = |name: &&String| !matches!(name.as_str(), "jaar" | "wijk");
    let mut files = Vec::new();
    for ((jaar, wijk), cases) in &folders {
        let names = whole.columns.iter().map(|c| &c.name).filter(own);
        let columns = names.map(|name| hulpvraag(name, cases)).collect();
        let path = |table| format!("{table}/jaar={jaar}/wijk={wijk}/wot-casus-0a1b.parquet");
        files.push((whole, path("hulpvraag"), columns));
        let rows: Vec<(&Case, &str)> = cases
            .iter()
            .flat_map(|case| case.problems.iter().map(|p| (*case, *p)))
            .collect();
        let names = parts.columns.iter().map(|c| &c.name).filter(own);
        let columns = names.map(|name| problematiek(name, &rows)).collect();
        files.push((parts, path("hulpvraag_problematiek"), columns));
    }
    Warehouse::of(files)
}

/// The answer to a question, as texts; the last columns as numbers.
fn ask<const TEXTS: usize, const NUMBERS: usize>(
    monitor: &Monitor,
    sql: &str,
) -> Vec<([String; TEXTS], [i64; NUMBERS])> {
    let answer = runtime().block_on(async { monitor.query(sql).await.unwrap().collect().await });
    let mut rows = Vec::new();
    for batch in answer.unwrap() {
        let options = FormatOptions::new().with_null("");
        let columns: Vec<_> = batch
            .columns()
            .iter()
            .map(|c| ArrayFormatter::try_new(c, &options).unwrap())
            .collect();
        for row in 0..batch.num_rows() {
            let cell = |at: usize| columns[at].value(row).to_string();
            let number = |at: usize| cell(TEXTS + at).parse().unwrap();
            rows.push((std::array::from_fn(cell), std::array::from_fn(number)));
        }
    }
    rows
}

/// Rows that are the sum of others in their table, besides `totaal`.
const SUMS: [&str; 3] = ["binnen 4 weken", "binnen 6 maanden", "tot 50"];

/// Bands add up to the total, and percentages are those of the total.
fn bands_add_up(monitor: &Monitor, view: &str, split: &str) {
    let sql = format!("select jaar, {split}, rij, aantal, procent from {view}");
    let mut tables: BTreeMap<[String; 2], Vec<(String, [i64; 2])>> = BTreeMap::new();
    for ([year, split, name], numbers) in ask::<3, 2>(monitor, &sql) {
        tables
            .entry([year, split])
            .or_default()
            .push((name, numbers));
    }
    for (place, rows) in tables {
        let total = rows.iter().find(|row| row.0 == "totaal");
        let [total, _] = total
            .unwrap_or_else(|| panic!("{view} {place:?} without a total"))
            .1;
        let bands = rows
            .iter()
            .filter(|row| row.0 != "totaal" && !SUMS.contains(&row.0.as_str()));
        let (mut sum, mut percent, mut count) = (0, 0, 0);
        for (_, [number, share]) in bands {
            (sum, percent, count) = (sum + number, percent + share, count + 1);
        }
        assert_eq!(sum, total, "{view} {place:?}: {rows:?}");
        assert!(
            2 * (percent - 100_i64).abs() <= count,
            "{view} {place:?}: {rows:?}"
        );
        for (name, [number, share]) in &rows {
            let exact = (200 * number + total) / (2 * total);
            assert_eq!(*share, exact, "{view} {place:?} {name}");
        }
    }
}

/// What stands in wijken or teams adds up to what stands in all of them.
fn places_add_up(monitor: &Monitor, view: &str, place: &str, others: &str) {
    let sql = format!("select concat_ws('|', jaar, {others}), {place}, aantal from {view}");
    let mut sums: BTreeMap<String, (i64, i64)> = BTreeMap::new();
    for ([other, place], [number]) in ask::<2, 1>(monitor, &sql) {
        let (parts, whole) = sums.entry(other).or_default();
        *(if place == "alle" { whole } else { parts }) += number;
    }
    for (table, (parts, whole)) in sums {
        assert_eq!(parts, whole, "{view} {table}");
    }
}

/// The number in every year of one row of a view.
fn by_year(monitor: &Monitor, view: &str, filter: &str) -> BTreeMap<i64, i64> {
    let sql = format!("select jaar, aantal from {view} where {filter}");
    let rows = ask::<0, 2>(monitor, &sql);
    rows.into_iter().map(|(_, [year, n])| (year, n)).collect()
}

/// Whether the reports have a definition for a year.
fn defined(year: i32) -> bool {
    year == 2020 || year >= 2023
}

/// The band of the wait, by plain Rust.
fn wait(case: &Case) -> usize {
    let days = case.reported.zip(case.started);
    match days.map(|(reported, started)| started.signed_duration_since(reported).num_days()) {
        Some(0..=7) => 0,
        Some(8..=14) => 1,
        Some(15..=28) => 2,
        Some(29..) => 3,
        _ => 4,
    }
}

/// The band of the duration, by plain Rust.
fn span(case: &Case) -> usize {
    let Some((from, to)) = case
        .reported
        .zip(case.closed)
        .filter(|(from, to)| from <= to)
    else {
        return 6;
    };
    let before = |months| to < from + Months::new(months);
    match () {
        () if before(2) => 0,
        () if before(4) => 1,
        () if to <= from + Months::new(6) => 2,
        () if before(9) => 3,
        () if before(12) => 4,
        () => 5,
    }
}

/// What a view by bands must hold: for every year the number in each of so many bands.
fn tally(
    cases: &[Case],
    year: fn(&Case) -> Option<i32>,
    band: fn(&Case) -> usize,
) -> BTreeMap<(i32, usize), i64> {
    let mut counts = BTreeMap::new();
    for case in cases.iter().filter(|case| !case.relative) {
        if let Some(year) = year(case) {
            *counts.entry((year, band(case))).or_insert(0) += 1;
        }
    }
    counts
}

/// The same from the view, without bands of nothing.
fn bands(monitor: &Monitor, view: &str, last: i64) -> BTreeMap<(i32, usize), i64> {
    let sql = format!(
        "select jaar, volgorde, aantal from {view} where volgorde <= {last} and aantal > 0"
    );
    let rows = ask::<0, 3>(monitor, &sql);
    let row = |(_, [year, order, n]): (_, [i64; 3])| {
        let (year, order) = (
            i32::try_from(year).unwrap(),
            usize::try_from(order).unwrap(),
        );
        ((year, order - 1), n)
    };
    rows.into_iter().map(row).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, max_shrink_iters: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn views_agree_with_themselves_and_with_each_other(cases in prop::collection::vec(case(), 1..80)) {
        let contracts = contracts();
        let warehouse = warehouse(&contracts, &cases);
        let monitor = open(&warehouse, &contracts).unwrap();
        for (view, split) in [
            ("wachttijd", "''"),
            ("doorlooptijd", "''"),
            ("afsluiting", "''"),
            ("leeftijd", "''"),
            ("afhandeling", "''"),
            ("substitutie", "''"),
            ("doorverwijzing", "''"),
            ("welzijn", "moment"),
            ("zorgzwaarte", "wijk"),
            ("problematiek", "wijk"),
        ] {
            bands_add_up(&monitor, view, split);
        }
        for (view, place, others) in [
            ("hulpvragen_per_wijk", "gebied", "indeling"),
            ("zorgzwaarte", "wijk", "rij"),
            ("problematiek", "wijk", "rij"),
        ] {
            places_add_up(&monitor, view, place, others);
        }

        let reported = by_year(&monitor, "hulpvragen", "soort = 'hulpvraag'");
        let whole = by_year(&monitor, "hulpvragen_per_wijk", "gebied = 'alle' and indeling = 'team'");
        prop_assert_eq!(&whole, &reported);
        let heavy = by_year(&monitor, "zorgzwaarte", "wijk = 'alle' and rij = 'totaal'");
        prop_assert_eq!(&heavy, &reported);
        let closed = by_year(&monitor, "afsluiting", "rij = 'totaal'");
        let mut lasted = by_year(&monitor, "doorlooptijd", "rij = 'totaal'");
        lasted.remove(&2020);
        prop_assert_eq!(&closed, &lasted);

        let of_melding = |case: &Case| Some(case.year()).filter(|year| *year >= 2023);
        prop_assert_eq!(bands(&monitor, "wachttijd", 5), tally(&cases, of_melding, wait));
        let of_end = |case: &Case| case.closed.map(|day| day.year()).filter(|year| defined(*year));
        prop_assert_eq!(bands(&monitor, "doorlooptijd", 7), tally(&cases, of_end, span));
        let all = |case: &Case| Some(case.year()).filter(|year| defined(*year));
        let expected = tally(&cases, all, |_| 0);
        let found = reported.into_iter().map(|(year, n)| ((i32::try_from(year).unwrap_or(0), 0), n));
        prop_assert_eq!(found.collect::<BTreeMap<_, _>>(), expected);
    }
}
