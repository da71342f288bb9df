//! `sluis status`: was the night good? The current release, each source's freshness, the last runs.

use std::collections::BTreeSet;

use chrono::{NaiveDate, Utc};
use serde::Serialize;

use super::{CliError, Done, Env, words};
use crate::contract;
use crate::contract::model::{Contracts, SourceContract, SourcePlan};
use crate::warehouse::history::{self, Run};
use crate::warehouse::journal::{DeliveryOutcome, RunRecord};
use crate::warehouse::manifest::{DeliveryEntry, Manifest};
use crate::warehouse::release::{self, JOURNAL};

/// Runs that are shown.
const LAST_RUNS: usize = 5;

#[derive(Serialize)]
struct Status<'a> {
    release: Option<&'a Manifest>,
    sources: &'a [SourceStatus],
    runs: &'a [RunStatus],
    /// Sources through whose lock a canary did not come in the last run.
    canaries_lost_in: &'a BTreeSet<&'a str>,
}

#[derive(Serialize)]
struct SourceStatus {
    source: String,
    /// Who delivers now, or did last.
    partner: String,
    /// Who delivered before, where that was somebody else.
    formerly: Option<String>,
    deliveries: usize,
    newest: String,
    rows: u64,
    refused: u64,
    days_old: Option<i64>,
    expected_days: Option<u32>,
    late: bool,
    /// Expected, and nothing was ever taken in.
    missing: bool,
    /// The last day of delivery of a partner that stopped.
    stopped: Option<String>,
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
    let today = Utc::now().date_naive();
    let sources = sources(&contracts, manifest, &history, today);
    let runs: Vec<RunStatus> = history.iter().take(LAST_RUNS).map(run_status).collect();
    let canaries_lost_in = canaries_lost_in(&history);
    if env.printer.style().json {
        env.printer.json(&Status {
            release: manifest,
            sources: &sources,
            runs: &runs,
            canaries_lost_in: &canaries_lost_in,
        })?;
        return Ok(Done::Clean);
    }
    env.printer.line(&text(manifest, &sources, &runs))?;
    // Before anything was ever published everything is missing, which the table says well enough.
    for line in sources.iter().filter_map(|s| s.alarm(manifest.is_some())) {
        env.printer.warning(&line);
    }
    for source in &sources {
        if let Some(fault) = &source.last_pull_fault {
            env.printer.warning(&format!(
                "`{}` could not be fetched by the last run: {fault}",
                source.source
            ));
        }
    }
    for source in &canaries_lost_in {
        env.printer.warning(&format!(
            "canaries did not come through the lock of `{source}` in the last run: its contract or the lock is at fault, and `sluis verify` says more"
        ));
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
    today: NaiveDate,
) -> Vec<SourceStatus> {
    let deliveries = manifest.map_or(&[][..], |m| &m.deliveries);
    let plans = contracts.sources.iter();
    plans
        .map(|plan| source(plan, deliveries, history, today))
        .collect()
}

fn source(
    plan: &SourcePlan,
    deliveries: &[DeliveryEntry],
    history: &[Run],
    today: NaiveDate,
) -> SourceStatus {
    let id = &plan.contract.id;
    let mine: Vec<_> = deliveries.iter().filter(|d| d.source == *id).collect();
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
    let days_old = day.map(|d| (today - d).num_days());
    // Nothing is expected of a partner that stopped or has yet to begin.
    let holds = plan.contract.version_on(Some(today)).is_some();
    let expected_days = plan.pipeline.expected_days.filter(|_| holds);
    let stopped = plan.contract.stopped().filter(|until| *until < today);
    let (partner, formerly) = partners(&plan.contract, today);
    SourceStatus {
        source: id.clone(),
        partner,
        formerly,
        deliveries: mine.len(),
        newest: newest.to_owned(),
        rows: mine.iter().map(|d| d.rows_kept).sum(),
        refused: mine.iter().map(|d| d.rows_refused).sum(),
        days_old,
        expected_days,
        late: expected_days
            .zip(days_old)
            .is_some_and(|(expected, age)| age > i64::from(expected)),
        missing: expected_days.is_some() && mine.is_empty(),
        stopped: stopped.map(|day| day.to_string()),
        last_refusal: last_refusal(id, history),
        last_pull_fault: last_pull_fault(id, history),
    }
}

/// Who delivers, and who did before under another name or in another's place.
fn partners(contract: &SourceContract, today: NaiveDate) -> (String, Option<String>) {
    let now = contract.partner_on(today);
    let begun = contract.versions.iter().rev();
    let before = begun
        .filter(|version| version.until.is_some_and(|until| until < today))
        .map(|version| version.partner.as_ref().unwrap_or(&contract.partner))
        .find(|partner| *partner != now);
    (now.to_owned(), before.cloned())
}

impl SourceStatus {
    /// The line that tells the operator whom to call; `None` when all is well.
    fn alarm(&self, published: bool) -> Option<String> {
        let Self {
            source, partner, ..
        } = self;
        let expected = self.expected_days.unwrap_or_default();
        if self.late {
            let age = self.days_old.unwrap_or_default();
            return Some(format!(
                "`{source}` is late: its newest delivery is {age} days old, one is expected every {expected} days; ask {partner}"
            ));
        }
        (self.missing && published).then(|| {
            format!(
                "`{source}` never delivered, and a delivery is expected every {expected} days; ask {partner}"
            )
        })
    }

    /// How it stands with the source, in a few words.
    fn state(&self) -> String {
        if self.last_pull_fault.is_some() {
            return "NOT FETCHED".to_owned();
        }
        let refusal = self.last_refusal.as_deref().map(|reason| {
            let rule = reason.split(':').next().unwrap_or_default();
            format!("last one REFUSED ({rule})")
        });
        let age = match (&self.stopped, self.late, self.deliveries) {
            (Some(day), ..) => Some(format!("stopped since {day}")),
            (None, true, _) => Some("LATE".to_owned()),
            (None, false, 0) if self.missing => Some("no delivery yet, EXPECTED".to_owned()),
            (None, false, 0) => Some("no delivery yet".to_owned()),
            (None, false, _) => None,
        };
        match (age, refusal) {
            (None, None) => "good".to_owned(),
            (Some(one), None) | (None, Some(one)) => one,
            (Some(age), Some(refusal)) => format!("{age}; {refusal}"),
        }
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

/// The sources through whose lock a canary did not come in the last run. A rotation of the key is none.
fn canaries_lost_in(history: &[Run]) -> BTreeSet<&str> {
    let last = history.iter().find_map(|run| match run {
        Run::Ended(record) if record.release.is_some() && !record.deliveries.is_empty() => {
            Some(record)
        }
        _ => None,
    });
    let canaries = last.and_then(|record| record.canaries.as_ref());
    let faults = canaries.into_iter().flat_map(|canaries| &canaries.faults);
    faults.map(|fault| fault.source.as_str()).collect()
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
            let age = s.days_old.map_or_else(String::new, |d| format!("{d} days"));
            let partner = match &s.formerly {
                Some(before) => format!("{}, formerly {before}", s.partner),
                None => s.partner.clone(),
            };
            vec![
                s.source.clone(),
                partner,
                s.deliveries.to_string(),
                s.newest.clone(),
                age,
                words::count(s.rows),
                words::count(s.refused),
                s.state(),
            ]
        })
        .collect();
    let sources = words::table(
        &[
            "source",
            "partner",
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::ContractFiles;
    use crate::contract::model::Version;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn version(from: &str, until: &str, partner: &str) -> Version {
        Version {
            name: format!("{from}{until}"),
            from: from.parse().ok(),
            until: until.parse().ok(),
            partner: Some(partner.to_owned()).filter(|p| !p.is_empty()),
        }
    }

    /// `wot-casus` with these versions, one delivery expected every 31 days, on a day.
    fn on(today: &str, versions: Vec<Version>, delivered: &[&str]) -> SourceStatus {
        let files = ContractFiles::embedded();
        let (contracts, _) = contract::load_lenient(&files).unwrap();
        let found = contracts
            .sources
            .into_iter()
            .find(|p| p.contract.id == "wot-casus");
        let mut plan = found.unwrap();
        plan.contract.versions = versions;
        plan.contract.partner = "oud".to_owned();
        plan.pipeline.expected_days = Some(31);
        let entry = |order: &&str| DeliveryEntry {
            source: "wot-casus".into(),
            part: String::new(),
            order: (*order).into(),
            sha256: String::new(),
            recipe: String::new(),
            bytes: 1,
            rows_in: 1,
            rows_kept: 1,
            rows_refused: 0,
            run: "20240401T000000Z-1".into(),
        };
        let deliveries: Vec<_> = delivered.iter().map(entry).collect();
        source(&plan, &deliveries, &[], day(today))
    }

    fn always() -> Vec<Version> {
        vec![version("", "", "")]
    }

    #[test]
    fn a_source_is_late_the_day_after_it_was_expected() {
        let then = on("2024-05-15", always(), &["20240101", "20240414"]);
        assert!(!then.late && !then.missing);
        assert_eq!((then.days_old, then.state().as_str()), (Some(31), "good"));
        assert_eq!(then.alarm(true), None);
        let later = on("2024-05-16", always(), &["20240414"]);
        assert!(later.late);
        assert_eq!(later.state(), "LATE");
        assert_eq!(
            later.alarm(true).unwrap(),
            "`wot-casus` is late: its newest delivery is 32 days old, one is expected every 31 days; ask oud"
        );
        // Without a date in its name it is as old as the run.
        assert_eq!(on("2024-05-02", always(), &[""]).days_old, Some(31));
    }

    #[test]
    fn a_source_that_never_delivered_says_so() {
        let never = on("2024-05-15", always(), &[]);
        assert!(never.missing && !never.late);
        assert_eq!(never.state(), "no delivery yet, EXPECTED");
        assert!(never.alarm(true).unwrap().contains("never delivered"));
        assert_eq!(never.alarm(false), None, "nobody has");
        // Not before its first version begins.
        let soon = on("2024-05-15", vec![version("2024-06-01", "", "")], &[]);
        assert_eq!(
            (soon.missing, soon.state().as_str()),
            (false, "no delivery yet")
        );
    }

    #[test]
    fn a_partner_that_stopped_is_never_late() {
        let versions = || vec![version("", "2022-12-31", "")];
        let gone = on("2024-05-15", versions(), &["20221201"]);
        assert!(!gone.late && !gone.missing && gone.alarm(true).is_none());
        assert_eq!(gone.state(), "stopped since 2022-12-31");
        let silent = on("2024-05-15", versions(), &[]);
        assert!(!silent.missing && silent.alarm(true).is_none());
        // Up to its last day it is waited for.
        let last = on("2022-12-31", versions(), &["20221101"]);
        assert!(last.late && last.stopped.is_none());
    }

    #[test]
    fn a_partner_of_another_name_is_shown_with_its_old_one() {
        let versions = || {
            vec![
                version("", "2024-03-31", ""),
                version("2024-04-01", "", "nieuw"),
            ]
        };
        let before = on("2024-03-31", versions(), &["20240301"]);
        assert_eq!((before.partner.as_str(), before.formerly), ("oud", None));
        let after = on("2024-04-01", versions(), &["20240301"]);
        assert_eq!(after.partner, "nieuw");
        assert_eq!(after.formerly.as_deref(), Some("oud"));
        let table = text(None, &[after], &[]);
        assert!(table.contains("nieuw, formerly oud"), "{table}");
        let same = vec![version("", "2024-03-31", ""), version("2024-04-01", "", "")];
        assert_eq!(on("2024-05-01", same, &["20240430"]).formerly, None);
    }
}
