//! `sluis demo`: synthetic deliveries, a run over them, and the monitor. Needs no set-up.

use std::fs;
use std::path::{Path, PathBuf};

use tokio::runtime::Runtime;

use super::output::{self, Format};
use super::{CliError, Done, Env, limits, run, words};
use crate::canary::{Canaries, CanaryError, USUAL};
use crate::contract::model::{Contracts, ViewSpec};
use crate::contract::{self, ContractFiles};
use crate::demo::{self, DemoReport};
use crate::disk;
use crate::export::About;
use crate::lock::keys::{KeyError, RootKey};
use crate::monitor::Monitor;
use crate::run::RunReport;
use crate::settings::Settings;
use crate::warehouse::release;

/// A file that says: this folder is a demo's, it may be written again.
const MARKER: &str = ".sluis-demo";

/// `sluis demo`
#[derive(Debug, clap::Args)]
pub struct DemoArgs {
    /// So many copies of every invented person; the figures are then that many times as large
    #[arg(long, default_value_t = 1)]
    scale: u32,
    /// The folder to work in; made when it is not there
    #[arg(long, value_name = "FOLDER", default_value = "sluis-demo")]
    folder: PathBuf,
}

/// Makes deliveries, runs, and shows the monitor.
///
/// # Errors
/// When the folder is somebody else's, or the run stops or refuses other rows than it should.
pub fn run(args: &DemoArgs, env: &Env) -> Result<Done, CliError> {
    claim(&args.folder, args.scale)?;
    let settings = settings(&args.folder, env)?;
    let contracts = contract::load(&ContractFiles::embedded())?;
    match RootKey::create(&settings.paths.key) {
        Err(error) if !matches!(error, KeyError::Exists(_)) => return Err(error.into()),
        _ => {}
    }
    match Canaries::create(&settings.paths.canaries, USUAL) {
        Err(error) if !matches!(error, CanaryError::Exists(_)) => return Err(error.into()),
        _ => {}
    }
    env.printer.note(&format!(
        "making deliveries of invented people in {}",
        settings.paths.landing.display()
    ));
    let made = demo::write_deliveries(&settings.paths.landing, args.scale)?;
    if made.invented_bsns > 0 {
        let numbers = words::count(made.invented_bsns);
        env.printer.note(&format!("{numbers} of their numbers lie outside the range of test persons: they are invented too, but somebody may have one"));
    }
    let report = run::execute(
        &[],
        env,
        &settings,
        &contracts,
        &std::collections::BTreeMap::new(),
        // A demo asks nobody for anything, whatever the settings say.
        false,
    )?;
    run::print(&report, env)?;
    as_expected(&made, &report, &settings)?;
    env.printer.note(&format!(
        "all of that was to be refused, and nothing else: {} deliveries and {} rows are the dirt of real files",
        made.deliveries.iter().filter(|d| d.refused_by.is_some()).count(),
        made.deliveries.iter().map(|d| d.refused).sum::<u64>()
    ));
    if !env.printer.style().json {
        show(&settings, &contracts, env)?;
        let folder = args.folder.display();
        env.printer.note(&format!(
            "\nask more: sluis sql --set paths.warehouse={folder}/magazijn"
        ));
    }
    Ok(Done::Clean)
}

/// Takes the folder, unless something else lives there, or a demo of another size.
fn claim(folder: &Path, scale: u32) -> Result<(), CliError> {
    let marker = folder.join(MARKER);
    let mark = format!("Made by `sluis demo --scale {scale}`. Nobody in here exists.\n");
    let found = fs::read_to_string(&marker).ok();
    let empty = !fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some());
    if found.as_ref() != Some(&mark) && !empty {
        return Err(CliError::Usage {
            message: match found {
                Some(_) => format!("{} holds a demo at another scale", folder.display()),
                None => format!(
                    "{} is not empty and was not made by a demo",
                    folder.display()
                ),
            },
            remedy: Some("give another one with --folder, or remove it".into()),
        });
    }
    disk::private_folder(folder)?;
    Ok(disk::write_atomic(&marker, mark.as_bytes())?)
}

/// The settings of this process, with everything inside the demo's folder.
fn settings(folder: &Path, env: &Env) -> Result<Settings, CliError> {
    let mut settings = env.settings()?;
    settings.paths.contracts = None;
    settings.paths.landing = folder.join("aanlevering");
    settings.paths.warehouse = folder.join("magazijn");
    settings.paths.key = folder.join("sleutel").join("root.key");
    settings.paths.canaries = folder.join("controle").join("kanaries.toml");
    Ok(settings)
}

/// The demo has rows and whole deliveries that must be refused, each by its rule; refusing other ones,
/// or more or fewer, is a fault.
fn as_expected(made: &DemoReport, report: &RunReport, settings: &Settings) -> Result<(), CliError> {
    let current = release::open(&settings.paths.warehouse, None)?;
    let found: u64 = current
        .iter()
        .flat_map(|r| &r.manifest.deliveries)
        .map(|d| d.rows_refused)
        .sum();
    let expected: u64 = made.deliveries.iter().map(|d| d.refused).sum();
    let refused = refused_deliveries(report);
    let due = made.deliveries.iter().filter_map(|d| {
        let rule = d.refused_by?;
        Some(format!("{} ({rule})", d.source))
    });
    let mut due: Vec<String> = due.collect();
    due.sort();
    if found == expected && refused == due {
        return Ok(());
    }
    let missing = beyond(&due, &refused);
    let unexpected = beyond(&refused, &due);
    Err(CliError::Usage {
        message: format!(
            "the demo expects {expected} refused rows, and there were {found}; deliveries that were not refused as \
             they should be: {missing}; refused and should not be: {unexpected}"
        ),
        remedy: Some(
            "remove the demo's folder and try again; if it stays, please report it".into(),
        ),
    })
}

/// What is in one list and not in the other, each time it is there too often.
fn beyond(list: &[String], other: &[String]) -> String {
    let mut other = other.to_vec();
    let mut left = Vec::new();
    for item in list {
        match other.iter().position(|known| known == item) {
            Some(at) => drop(other.swap_remove(at)),
            None => left.push(item.as_str()),
        }
    }
    match left.as_slice() {
        [] => "none".into(),
        left => left.join(", "),
    }
}

/// The deliveries that the run refused, each with its rule.
fn refused_deliveries(report: &RunReport) -> Vec<String> {
    let refused = report.record.deliveries.iter().filter_map(|d| {
        let rule = d.reason.as_ref()?.split(':').next().unwrap_or_default();
        Some(format!("{} ({rule})", d.source))
    });
    let mut refused: Vec<String> = refused.collect();
    refused.sort();
    refused
}

/// Prints every view of the monitor.
fn show(settings: &Settings, contracts: &Contracts, env: &Env) -> Result<(), CliError> {
    let runtime = Runtime::new().map_err(|e| CliError::Prompt(e.to_string()))?;
    let release = release::open(&settings.paths.warehouse, None)?;
    let monitor = runtime.block_on(Monitor::open(
        release.as_ref(),
        contracts,
        &settings.paths.warehouse,
        limits(settings),
    ))?;
    for view in contracts.views.values() {
        let title = view.documentation.lines().next().unwrap_or_default();
        env.printer
            .line(&format!("\nmonitor.{}: {title}", view.name))?;
        let query = query(&monitor, view);
        let mut answer = runtime.block_on(monitor.query(&query))?;
        let schema = answer.schema();
        let batches = std::iter::from_fn(|| runtime.block_on(answer.next()));
        output::pour(
            &env.printer,
            Format::Table,
            &About::default(),
            &schema,
            batches,
        )?;
    }
    Ok(())
}

/// The rows of a view in the order of the report, without the column that only sorts; of a view that
/// splits the town in several ways the teams, of one by wijk the whole town. Of the figures in print only
/// how many are what they should be.
fn query(monitor: &Monitor, view: &ViewSpec) -> String {
    let hidden = |name: &str| {
        view.columns
            .iter()
            .any(|c| c.name == name && !c.role.shown())
    };
    let view = view.name.as_str();
    if view == "publicatie_controle" {
        return format!(
            "select oordeel, count(*) as cijfers from monitor.{view} group by 1 order by 2 desc, 1"
        );
    }
    let columns = monitor.describe(view).map(|r| r.columns.as_slice());
    let columns = columns.unwrap_or_default().iter().map(|c| c.name.as_str());
    let columns: Vec<&str> = columns.filter(|c| !hidden(c)).collect();
    let has = |name: &str| columns.contains(&name);
    let shown: Vec<&str> = columns
        .iter()
        .filter(|c| !matches!(**c, "volgorde"))
        .copied()
        .collect();
    let filter = match () {
        () if has("leefgebied") => "where indeling = 'team' and gebied = 'alle'",
        () if has("indeling") => "where indeling = 'team'",
        () if has("wijk") => "where wijk = 'alle'",
        () => "",
    };
    // Beyond the order of the report whatever tells rows apart: the same demo looks the same each time.
    let first = ["jaar", "volgorde"].into_iter().filter(|c| has(c));
    let order: Vec<&str> = first.chain(shown.iter().copied()).collect();
    format!(
        "select {} from monitor.{view} {filter} order by {}",
        shown.join(", "),
        order.join(", ")
    )
}
