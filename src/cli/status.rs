//! `sluis status`: was the night good? The current release, each source's freshness, the last runs.

use chrono::{NaiveDate, Utc};
use serde::Serialize;

use super::{CliError, Done, Env, words};
use crate::contract;
use crate::contract::model::{Contracts, SourcePlan};
use crate::warehouse::history::{self, Run};
use crate::warehouse::journal::{DeliveryOutcome, RunRecord};
use crate::warehouse::manifest::Manifest;
use crate::warehouse::release::{self, JOURNAL};

/// Runs that are shown.
const LAST_RUNS: usize = 5;

#[derive(Serialize)]
struct Status<'a> {
    release: Option<&'a Manifest>,
    sources: &'a [SourceStatus],
    runs: &'a [RunStatus],
}

#[derive(Serialize)]
struct SourceStatus {
    source: String,
    deliveries: usize,
    newest: String,
    rows: u64,
    refused: u64,
    days_old: Option<i64>,
    expected_days: Option<u32>,
    late: bool,
    last_refusal: Option<String>,
    last_pull_fault: Option<String>,
}

#[derive(Serialize)]
struct RunStatus {
    run: String,
    started_at: String,
    outcome: String,
    release: Option<String>,
    taken_in: usize,
    refused: usize,
    error: Option<String>,
}

/// Prints the state of the warehouse.
///
/// # Errors
/// When the release or the journal cannot be read.
pub fn run(env: &Env) -> Result<Done, CliError> {
    let settings = env.settings()?;
    let (contracts, faults) = contract::load_lenient(&env.contract_files(&settings)?)?;
    let release = release::open(&settings.paths.warehouse, None)?;
    let manifest = release.as_ref().map(|r| &r.manifest);
    let mut history = history::runs(&settings.paths.warehouse.join(JOURNAL))?;
    history.reverse();
    let sources = sources(&contracts, manifest, &history);
    let runs: Vec<RunStatus> = history.iter().take(LAST_RUNS).map(run_status).collect();
    if env.printer.style().json {
        env.printer.json(&Status {
            release: manifest,
            sources: &sources,
            runs: &runs,
        })?;
        return Ok(Done::Clean);
    }
    env.printer.line(&text(manifest, &sources, &runs))?;
    for source in sources.iter().filter(|s| s.late) {
        let (age, expected) = (
            source.days_old.unwrap_or_default(),
            source.expected_days.unwrap_or_default(),
        );
        env.printer.warning(&format!("`{}` is late: its newest delivery is {age} days old, one is expected every {expected} days", source.source));
    }
    for source in &sources {
        if let Some(fault) = &source.last_pull_fault {
            env.printer.warning(&format!(
                "`{}` could not be fetched by the last run: {fault}",
                source.source
            ));
        }
    }
    if !faults.is_empty() {
        env.printer.warning(&format!(
            "{} faults in the contracts; `sluis check` lists them",
            faults.len()
        ));
    }
    Ok(Done::Clean)
}

fn sources(
    contracts: &Contracts,
    manifest: Option<&Manifest>,
    history: &[Run],
) -> Vec<SourceStatus> {
    contracts
        .sources
        .iter()
        .map(|plan| source(plan, manifest, history))
        .collect()
}

fn source(plan: &SourcePlan, manifest: Option<&Manifest>, history: &[Run]) -> SourceStatus {
    let id = &plan.contract.id;
    let mine: Vec<_> = manifest
        .into_iter()
        .flat_map(|m| &m.deliveries)
        .filter(|d| d.source == *id)
        .collect();
    let newest = mine
        .iter()
        .map(|d| d.order.as_str())
        .max()
        .unwrap_or_default();
    // A delivery without a date in its name is as old as the run that read it.
    let day = NaiveDate::parse_from_str(newest, "%Y%m%d").ok();
    let day = day.or_else(|| {
        mine.iter()
            .filter_map(|d| NaiveDate::parse_from_str(d.run.get(..8)?, "%Y%m%d").ok())
            .max()
    });
    let today = Utc::now().date_naive();
    let days_old = day.map(|d| (today - d).num_days());
    // Nothing is expected of a partner whose last version of the contract has ended.
    let expected_days = plan
        .pipeline
        .expected_days
        .filter(|_| plan.contract.version_on(Some(today)).is_some());
    let late = expected_days
        .zip(days_old)
        .is_some_and(|(expected, age)| age > i64::from(expected));
    SourceStatus {
        source: id.clone(),
        deliveries: mine.len(),
        newest: newest.to_owned(),
        rows: mine.iter().map(|d| d.rows_kept).sum(),
        refused: mine.iter().map(|d| d.rows_refused).sum(),
        days_old,
        expected_days,
        late,
        last_refusal: last_refusal(id, history),
        last_pull_fault: last_pull_fault(id, history),
    }
}

/// Why the last run that fetched from this partner did not get everything, if it did not.
fn last_pull_fault(id: &str, history: &[Run]) -> Option<String> {
    let last = history.iter().find_map(|run| match run {
        Run::Ended(record) => record.pulls.iter().find(|p| p.source == id),
        Run::Open { .. } => None,
    });
    last.and_then(|pull| pull.faults.first().cloned())
}

/// Why the last run refused a delivery of this source, if it did.
fn last_refusal(id: &str, history: &[Run]) -> Option<String> {
    let last = history.iter().find_map(|run| match run {
        Run::Ended(record) if record.deliveries.iter().any(|d| d.source == id) => Some(record),
        _ => None,
    })?;
    let refused = |d: &&crate::warehouse::journal::DeliveryRecord| {
        d.source == id && d.outcome == DeliveryOutcome::Geweigerd
    };
    last.deliveries
        .iter()
        .find(refused)
        .and_then(|d| d.reason.clone())
}

fn run_status(run: &Run) -> RunStatus {
    match run {
        Run::Ended(record) => ended(record),
        Run::Open { id, started_at, .. } => RunStatus {
            run: id.clone(),
            started_at: started_at.clone().unwrap_or_default(),
            outcome: "under way or cut off".into(),
            release: None,
            taken_in: 0,
            refused: 0,
            error: None,
        },
    }
}

fn ended(record: &RunRecord) -> RunStatus {
    let count = |outcome| {
        record
            .deliveries
            .iter()
            .filter(|d| d.outcome == outcome)
            .count()
    };
    RunStatus {
        run: record.id.clone(),
        started_at: record.started_at.clone(),
        outcome: words::run(record.outcome).into(),
        release: record.release.clone(),
        taken_in: count(DeliveryOutcome::Verwerkt),
        refused: count(DeliveryOutcome::Geweigerd),
        error: record.error.clone(),
    }
}

fn text(manifest: Option<&Manifest>, sources: &[SourceStatus], runs: &[RunStatus]) -> String {
    let release = manifest.map_or_else(
        || "nothing has been published yet".to_owned(),
        |m| {
            let concept = m
                .register_adopted
                .as_ref()
                .map_or_else(|| "a concept".to_owned(), |d| format!("adopted {d}"));
            let bytes = words::size(m.files.iter().map(|f| f.bytes).sum());
            format!(
                "release   {} of {}, {} files, {bytes}\nregister  {} ({concept})\nkey       {}",
                m.id,
                m.published_at,
                m.files.len(),
                m.register_version,
                m.key_fingerprint
            )
        },
    );
    let rows: Vec<Vec<String>> = sources
        .iter()
        .map(|s| {
            let state = match (&s.last_refusal, s.late, s.deliveries) {
                _ if s.last_pull_fault.is_some() => "NOT FETCHED".to_owned(),
                (Some(reason), ..) => format!(
                    "last one REFUSED ({})",
                    reason.split(':').next().unwrap_or_default()
                ),
                (None, true, _) => "LATE".into(),
                (None, false, 0) => "no delivery yet".into(),
                _ => "good".into(),
            };
            let age = s.days_old.map_or_else(String::new, |d| format!("{d} days"));
            vec![
                s.source.clone(),
                s.deliveries.to_string(),
                s.newest.clone(),
                age,
                words::count(s.rows),
                words::count(s.refused),
                state,
            ]
        })
        .collect();
    let sources = words::table(
        &[
            "source",
            ">deliveries",
            "newest",
            ">age",
            ">rows",
            ">refused",
            "state",
        ],
        &rows,
    );
    let rows: Vec<Vec<String>> = runs
        .iter()
        .map(|r| {
            let what = r
                .error
                .clone()
                .or_else(|| r.release.clone())
                .unwrap_or_default();
            vec![
                r.started_at.clone(),
                r.outcome.clone(),
                r.taken_in.to_string(),
                r.refused.to_string(),
                what,
            ]
        })
        .collect();
    let runs = words::table(
        &[
            "run",
            "outcome",
            ">taken in",
            ">refused",
            "release or error",
        ],
        &rows,
    );
    format!("{release}\n\n{sources}\n\n{runs}")
}
