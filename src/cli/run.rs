//! `sluis run`: the nightly job.

use std::collections::BTreeMap;

use chrono::Utc;
use serde::Serialize;

use super::printer::Talk;
use super::progress::Bars;
use super::{CliError, Done, Env, pull, words};
use crate::contract::model::Contracts;
use crate::contract::{self, Fault};
use crate::run::job::Intention;
use crate::run::source::Intent;
use crate::run::{Job, RunReport};
use crate::settings::Settings;
use crate::source::channel::pull::{PullDesk, check_endpoints};
use crate::warehouse::journal::{CanaryRecord, DeliveryOutcome, PullRecord, RunOutcome, RunRecord};

/// `sluis run`
#[derive(Debug, Default, clap::Args)]
pub struct RunArgs {
    /// Only these sources; without any: all
    #[arg(value_name = "SOURCE")]
    sources: Vec<String>,
    /// Say what would be done with each delivery, and do nothing
    #[arg(long)]
    dry_run: bool,
    /// Take what lies in the landing folder; fetch nothing from partners
    #[arg(long)]
    no_pull: bool,
}

/// Runs the nightly job and prints what it did.
///
/// # Errors
/// When the run stops; a refused delivery does not stop it.
pub fn run(args: &RunArgs, env: &Env) -> Result<Done, CliError> {
    let settings = env.settings()?;
    let (contracts, faults) = contract::load_lenient(&env.contract_files(&settings)?)?;
    let blocked = blocked(&faults, env);
    check_endpoints(&settings, &contracts, blocked.keys())?;
    if args.dry_run {
        return dry_run(args, env, &settings, &contracts, &blocked);
    }
    let fetch = !args.no_pull && !settings.endpoints.is_empty();
    let report = execute(&args.sources, env, &settings, &contracts, &blocked, fetch)?;
    if contracts.register.adopted.is_none() {
        env.printer
            .note("the DPIA register is a concept: it has no date of adoption");
    }
    print(&report, env)?;
    Ok(done(&report))
}

/// Runs the job with these settings, showing its progress; `fetch`: after fetching what partners have
/// ready.
pub(super) fn execute(
    only: &[String],
    env: &Env,
    settings: &Settings,
    contracts: &Contracts,
    blocked: &BTreeMap<String, String>,
    fetch: bool,
) -> Result<RunReport, CliError> {
    let bars = Bars::new(env.printer.style());
    let run = |desk: Option<&PullDesk<'_>>| {
        with_job(only, settings, contracts, blocked, &bars, |job| {
            Job { pull: desk, ..*job }.run()
        })
    };
    Ok(if fetch {
        pull::with_desk(settings, &bars, |desk| run(Some(desk)))?
    } else {
        run(None)?
    })
}

pub(super) fn with_job<T>(
    only: &[String],
    settings: &Settings,
    contracts: &Contracts,
    blocked: &BTreeMap<String, String>,
    bars: &Bars,
    work: impl FnOnce(&Job<'_>) -> T,
) -> T {
    // Only the first call in a process sets the size of the pool; a process runs one job.
    let _ = rayon::ThreadPoolBuilder::new()
        .num_threads(settings.run.threads)
        .build_global();
    work(&Job {
        contracts,
        blocked,
        landing: &settings.paths.landing,
        warehouse: &settings.paths.warehouse,
        canaries: &settings.paths.canaries,
        key: &settings.key,
        pull: None,
        only,
        piece_bytes: settings.run.chunk_bytes,
        buffer_bytes: settings.run.buffer_mib << 20,
        mapping_bytes: settings.run.mapping_mib << 20,
        keep_releases: settings.run.keep_releases,
        now: &Utc::now,
        observer: bars,
    })
}

/// Sources that cannot run because of faults in their files, with the first fault of each.
pub(super) fn blocked(faults: &[Fault], env: &Env) -> BTreeMap<String, String> {
    let mut blocked = BTreeMap::new();
    for fault in faults {
        if let Some(source) = &fault.source {
            blocked
                .entry(source.clone())
                .or_insert_with(|| format!("{}:{}: {}", fault.file, fault.line, fault.message));
        }
    }
    for (source, reason) in &blocked {
        env.printer
            .warning(&format!("source `{source}` is left out: {reason}"));
    }
    if !blocked.is_empty() {
        env.printer
            .hint("`sluis check` lists every fault with its remedy");
    }
    blocked
}

/// Whether everything was taken in.
fn done(report: &RunReport) -> Done {
    let record = &report.record;
    let lost = |canaries: &CanaryRecord| !canaries.faults.is_empty();
    let refused = |d: &crate::warehouse::journal::DeliveryRecord| {
        d.outcome == DeliveryOutcome::Geweigerd || d.rows_refused > 0
    };
    if record.deliveries.iter().any(refused)
        || !record.pulls.iter().all(pull::whole)
        || record.canaries.as_ref().is_some_and(lost)
    {
        Done::Refused
    } else {
        Done::Clean
    }
}

#[derive(Serialize)]
struct Json<'a> {
    #[serde(flatten)]
    record: &'a RunRecord,
    strangers: &'a BTreeMap<String, usize>,
    homeless: usize,
    orphaned: &'a [String],
    outdated: &'a [String],
    raw_deliveries_removed: usize,
    releases_dropped: &'a [String],
}

/// Prints what a run did: for people one screen, for machines one object.
pub(super) fn print(report: &RunReport, env: &Env) -> Result<(), CliError> {
    let record = &report.record;
    if env.printer.style().json {
        return env.printer.json(&Json {
            record,
            strangers: &report.strangers,
            homeless: report.homeless,
            orphaned: &report.orphaned,
            outdated: &report.outdated,
            raw_deliveries_removed: report.removed,
            releases_dropped: &report.dropped,
        });
    }
    if env.printer.style().talk > Talk::Quiet {
        env.printer.line(&summary(record))?;
    }
    remarks(report, env);
    Ok(())
}

fn summary(record: &RunRecord) -> String {
    let rows: Vec<Vec<String>> = record
        .deliveries
        .iter()
        .map(|d| {
            vec![
                d.source.clone(),
                words::delivery(&d.part, &d.order),
                words::outcome(d.outcome).into(),
                words::count(d.rows_in),
                words::count(d.rows_kept),
                words::count(d.rows_refused),
                if d.millis == 0 {
                    String::new()
                } else {
                    words::duration(d.millis)
                },
            ]
        })
        .collect();
    let text = words::table(
        &[
            "source", "delivery", "outcome", ">rows in", ">kept", ">refused", ">time",
        ],
        &rows,
    );
    let release = record.release.as_deref().unwrap_or("none");
    let taken = record
        .deliveries
        .iter()
        .filter(|d| d.outcome == DeliveryOutcome::Verwerkt)
        .count();
    let sum = |of: fn(&crate::warehouse::journal::DeliveryRecord) -> u64| {
        words::count(record.deliveries.iter().map(of).sum())
    };
    let closing = format!(
        "\n\n{}, {taken} taken in; rows in {}, kept {}, refused {}\n",
        words::plural(record.deliveries.len(), "delivery", "deliveries"),
        sum(|d| d.rows_in),
        sum(|d| d.rows_kept),
        sum(|d| d.rows_refused),
    );
    let fetched = fetched(&record.pulls);
    let released = match record.outcome {
        RunOutcome::Gepubliceerd => "published release",
        _ => "nothing changed; the release is still",
    };
    text + &closing + &fetched + released + " " + release
}

/// One line about what came from partners; nothing when nobody was asked.
fn fetched(pulls: &[PullRecord]) -> String {
    if pulls.is_empty() {
        return String::new();
    }
    let failed = pulls.iter().filter(|p| !p.faults.is_empty()).count();
    format!(
        "fetched {} ({}) from {}{}\n",
        words::plural(
            pulls.iter().map(|p| p.fetched).sum(),
            "delivery",
            "deliveries"
        ),
        words::size(pulls.iter().map(|p| p.bytes).sum()),
        words::plural(pulls.len(), "source", "sources"),
        match failed {
            0 => String::new(),
            failed => format!(", {failed} FAILED"),
        }
    )
}

fn remarks(report: &RunReport, env: &Env) {
    for fetched in &report.record.pulls {
        pull::remarks(fetched, env);
    }
    for delivery in &report.record.deliveries {
        if let Some(reason) = &delivery.reason {
            let name = words::delivery(&delivery.part, &delivery.order);
            env.printer.warning(&format!(
                "{} ({name}) was refused: {reason}",
                delivery.source
            ));
        }
        for refusal in &delivery.refusals {
            let column = if refusal.column.is_empty() {
                "the whole row"
            } else {
                &refusal.column
            };
            let rows = words::count(refusal.rows);
            env.printer.detail(&format!(
                "{}: {rows} rows refused on {column} ({})",
                delivery.source, refusal.rule
            ));
        }
    }
    if report.record.deliveries.iter().any(|d| d.rows_refused > 0) {
        env.printer.hint("`sluis sql -c \"select * from beheer.weigeringen\"` says which rows, columns and rules");
    }
    let erased: u64 = report.record.deliveries.iter().map(|d| d.rows_erased).sum();
    if erased > 0 {
        let rows = words::count(erased);
        env.printer.note(&format!(
            "{rows} rows did not pass: they are of persons who were erased"
        ));
    }
    for (source, files) in &report.strangers {
        let files = words::plural(*files, "file", "files");
        env.printer.warning(&format!(
            "{files} in the landing folder of `{source}` match no pattern and were left alone"
        ));
    }
    if report.homeless > 0 {
        let entries = words::plural(report.homeless, "entry", "entries");
        env.printer.warning(&format!(
            "{entries} of the landing folder lie where no source looks: they are not read and never removed"
        ));
    }
    for source in &report.orphaned {
        env.printer.warning(&format!(
            "the release holds rows of `{source}`, which the contracts know no more: they stay until somebody decides"
        ));
    }
    for source in &report.outdated {
        env.printer.warning(&format!("`{source}` was treated under an older contract, and its delivery is gone: ask for a new one"));
    }
    if let Some(canaries) = &report.record.canaries {
        canary_remarks(canaries, env);
    }
    if report.outlived.total() > 0 {
        let rows = words::count(report.outlived.total());
        env.printer
            .note(&format!("{rows} rows were dropped, their period is over"));
    }
    if report.removed > 0 {
        env.printer.note(&format!(
            "{} raw deliveries were removed, their period is over",
            report.removed
        ));
    }
}

/// What became of the canaries: a fault of the lock or of a contract, never of a delivery.
fn canary_remarks(canaries: &CanaryRecord, env: &Env) {
    for fault in &canaries.faults {
        let column = if fault.column.is_empty() {
            "the whole row"
        } else {
            &fault.column
        };
        env.printer.warning(&format!(
            "{} did not come through the lock of `{}`: {column} ({})",
            words::plural(
                usize::try_from(fault.canaries).unwrap_or(usize::MAX),
                "canary",
                "canaries"
            ),
            fault.source,
            fault.rule
        ));
    }
    if !canaries.faults.is_empty() {
        env.printer.hint("no delivery is at fault: what a contract says and what the lock does differ; `sluis check` may tell more");
    }
    env.printer.detail(&format!(
        "{} went through the lock of {}",
        words::plural(canaries.persons, "canary", "canaries"),
        words::plural(canaries.sources, "source", "sources")
    ));
}

#[derive(Serialize)]
struct Plan<'a> {
    source: &'a str,
    part: &'a str,
    order: &'a str,
    bytes: u64,
    action: &'static str,
    why: String,
}

fn dry_run(
    args: &RunArgs,
    env: &Env,
    settings: &Settings,
    contracts: &Contracts,
    blocked: &BTreeMap<String, String>,
) -> Result<Done, CliError> {
    let bars = Bars::new(env.printer.style());
    let found = with_job(&args.sources, settings, contracts, blocked, &bars, |job| {
        job.dry_run()
    })?;
    let plans: Vec<Plan<'_>> = found.iter().map(plan).collect();
    if env.printer.style().json {
        env.printer.json(&plans)?;
        return Ok(Done::Clean);
    }
    if plans.is_empty() {
        env.printer
            .note("there is no delivery in the landing folder");
        return Ok(Done::Clean);
    }
    let rows: Vec<Vec<String>> = plans
        .iter()
        .map(|p| {
            vec![
                p.source.into(),
                words::delivery(p.part, p.order),
                words::size(p.bytes),
                p.action.into(),
                p.why.clone(),
            ]
        })
        .collect();
    env.printer.line(&words::table(
        &["source", "delivery", ">size", "would be", "because"],
        &rows,
    ))?;
    Ok(Done::Clean)
}

fn plan(found: &Intention) -> Plan<'_> {
    let (action, why) = match &found.what {
        Intent::New => ("read", "it is new".to_owned()),
        Intent::Changed => ("read", "its content has changed".into()),
        Intent::Recipe => (
            "read again",
            "its contract, the key or a table it builds on has changed".into(),
        ),
        Intent::Unchanged => ("left", "it is in the release already".into()),
        Intent::Superseded => ("left", "a later delivery takes its place".into()),
        Intent::Refuse(fault) => ("refused", fault.to_string()),
    };
    let d = &found.delivery;
    Plan {
        source: &d.source,
        part: &d.part,
        order: &d.order,
        bytes: d.bytes,
        action,
        why,
    }
}
