//! `sluis pull`: fetch what partners have ready into the landing folder, and do no more.

use std::collections::BTreeMap;

use serde::Serialize;

use super::printer::Talk;
use super::progress::Bars;
use super::{CliError, Done, Env, words};
use crate::audit::{self, Deed, Entry};
use crate::contract;
use crate::contract::model::{Contracts, Pipeline};
use crate::run::job::RunError;
use crate::run::pull::record;
use crate::settings::Settings;
use crate::source::channel::pull::{
    Bounds, DeskError, PullDesk, SourcePull, check_endpoints, wire,
};
use crate::source::channel::retry::MachineClock;
use crate::warehouse::journal::PullRecord;

/// `sluis pull`
#[derive(Debug, clap::Args)]
pub struct PullArgs {
    /// Only these sources; without any: all that have an endpoint
    #[arg(value_name = "SOURCE")]
    sources: Vec<String>,
    /// Say what would be fetched, and fetch nothing
    #[arg(long)]
    dry_run: bool,
}

/// Fetches what partners have ready and prints what came.
///
/// # Errors
/// When the settings are at fault or the landing folder may not be used; a partner that cannot be
/// reached is in the answer.
pub fn run(args: &PullArgs, env: &Env) -> Result<Done, CliError> {
    let settings = env.settings()?;
    let (contracts, faults) = contract::load_lenient(&env.contract_files(&settings)?)?;
    let blocked = super::run::blocked(&faults, env);
    check_endpoints(&settings, &contracts, blocked.keys())?;
    let pipelines = chosen(&args.sources, &settings, &contracts, &blocked)?;
    if pipelines.is_empty() {
        env.printer
            .note("no source has an [endpoint.SOURCE] in the settings: there is nothing to fetch");
    }
    let bars = Bars::new(env.printer.style());
    let warehouse = &settings.paths.warehouse;
    if !args.dry_run {
        let sources: Vec<&str> = pipelines.iter().map(|p| p.source.as_str()).collect();
        let entry = Entry::new(Deed::Ophalen, "begonnen").with("bronnen", sources);
        audit::note(warehouse, &entry)?;
    }
    let pulls = with_desk(&settings, &bars, |desk| {
        if args.dry_run {
            desk.look(&pipelines)
        } else {
            desk.pull(&pipelines)
        }
    })?;
    drop(bars);
    let records: Vec<PullRecord> = pulls.iter().map(record).collect();
    let done = records.iter().all(whole);
    if !args.dry_run {
        audit::note(warehouse, &fetched(&records, done))?;
    }
    print(&pulls, args.dry_run, env)?;
    Ok(if done { Done::Clean } else { Done::Refused })
}

/// What was fetched, for the log of who did what.
fn fetched(records: &[PullRecord], whole: bool) -> Entry {
    let result = if whole { "opgehaald" } else { "onvolledig" };
    Entry::new(Deed::Ophalen, result)
        .with(
            "bestanden",
            records.iter().map(|r| r.fetched).sum::<usize>(),
        )
        .with("bytes", records.iter().map(|r| r.bytes).sum::<u64>())
}

/// Works with the pull desk of these settings.
pub(super) fn with_desk<T>(
    settings: &Settings,
    bars: &Bars,
    work: impl FnOnce(&PullDesk<'_>) -> T,
) -> T {
    work(&PullDesk {
        landing: &settings.paths.landing,
        endpoints: &settings.endpoints,
        opener: &wire(settings),
        bounds: Bounds::from(settings.pull),
        clock: &MachineClock,
        observer: bars,
    })
}

/// The pipelines that were asked for; each must have an endpoint.
fn chosen<'c>(
    asked: &[String],
    settings: &Settings,
    contracts: &'c Contracts,
    blocked: &BTreeMap<String, String>,
) -> Result<Vec<&'c Pipeline>, CliError> {
    for id in asked {
        let known = contracts.sources.iter().any(|p| p.contract.id == *id);
        if blocked.contains_key(id) {
            let message = format!("source `{id}` has faults in its contract");
            return Err(DeskError::NotPulled(message).into());
        }
        if !known {
            return Err(RunError::UnknownSource(id.clone()).into());
        }
        if !settings.endpoints.contains_key(id) {
            let message = format!("source `{id}` has no endpoint");
            return Err(DeskError::NotPulled(message).into());
        }
    }
    let wanted = |id: &String| asked.is_empty() || asked.contains(id);
    let sources = contracts.sources.iter();
    let chosen = sources.filter(|p| settings.endpoints.contains_key(&p.contract.id));
    Ok(chosen
        .filter(|p| wanted(&p.contract.id))
        .map(|p| &p.pipeline)
        .collect())
}

/// Whether everything that the partner has ready came over.
pub(super) fn whole(pull: &PullRecord) -> bool {
    pull.faults.is_empty() && pull.waiting == 0
}

/// One delivery, for machines.
#[derive(Serialize)]
struct Delivery<'a> {
    part: &'a str,
    order: &'a str,
    bytes: u64,
    sha256: &'a str,
    resumed_from: u64,
}

#[derive(Serialize)]
struct Json<'a> {
    #[serde(flatten)]
    record: PullRecord,
    deliveries: Vec<Delivery<'a>>,
}

fn json(pull: &SourcePull) -> Json<'_> {
    Json {
        record: record(pull),
        deliveries: pull
            .fetched
            .iter()
            .map(|f| Delivery {
                part: &f.part,
                order: &f.order,
                bytes: f.bytes,
                sha256: &f.sha256,
                resumed_from: f.resumed_from,
            })
            .collect(),
    }
}

fn print(pulls: &[SourcePull], dry: bool, env: &Env) -> Result<(), CliError> {
    if env.printer.style().json {
        let pulls: Vec<Json<'_>> = pulls.iter().map(json).collect();
        return env.printer.json(&pulls);
    }
    if env.printer.style().talk > Talk::Quiet && !pulls.is_empty() {
        env.printer.line(&text(pulls, dry))?;
    }
    for pull in pulls {
        remarks(&record(pull), env);
        for fetched in pull.fetched.iter().filter(|_| !dry) {
            let name = words::delivery(&fetched.part, &fetched.order);
            let size = words::size(fetched.bytes);
            env.printer.detail(&format!(
                "{} ({name}): {size}, sha256 {}",
                pull.source, fetched.sha256
            ));
        }
    }
    Ok(())
}

fn text(pulls: &[SourcePull], dry: bool) -> String {
    let rows: Vec<Vec<String>> = pulls
        .iter()
        .map(|pull| {
            vec![
                pull.source.clone(),
                pull.scheme.name().to_owned(),
                pull.fetched.len().to_string(),
                words::size(pull.bytes()),
                pull.already.to_string(),
                words::duration(pull.millis),
                outcome(&record(pull)).to_owned(),
            ]
        })
        .collect();
    let fetched = if dry { ">to fetch" } else { ">fetched" };
    words::table(
        &[
            "source", "channel", fetched, ">size", ">had", ">time", "outcome",
        ],
        &rows,
    )
}

fn outcome(pull: &PullRecord) -> &'static str {
    match (pull.faults.is_empty(), pull.waiting) {
        (false, _) => "FAILED",
        (true, 0) => "good",
        (true, _) => "WAITING",
    }
}

/// What needs attention in a pull, in words.
pub(super) fn remarks(pull: &PullRecord, env: &Env) {
    let source = &pull.source;
    for fault in &pull.faults {
        env.printer
            .warning(&format!("`{source}` could not be fetched: {fault}"));
    }
    if pull.waiting > 0 {
        let files = words::plural(pull.waiting, "file", "files");
        env.printer.warning(&format!(
            "{files} of `{source}` were left at the partner's: just written, or without a checksum"
        ));
    }
    if pull.strangers > 0 {
        let files = words::plural(pull.strangers, "file", "files");
        env.printer.warning(&format!(
            "{files} at the partner of `{source}` match no pattern and were left alone"
        ));
    }
    if pull.retries > 0 {
        let times = words::plural(
            usize::try_from(pull.retries).unwrap_or(usize::MAX),
            "time",
            "times",
        );
        env.printer
            .detail(&format!("{source}: tried again {times}"));
    }
}
