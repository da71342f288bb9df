//! `sluis retention`: drops what is past the register's periods, and says so.

use std::collections::BTreeMap;

use super::progress::Bars;
use super::{CliError, Done, Env, run, words};
use crate::contract;
use crate::run::retention::RetentionReport;

/// `sluis retention`
#[derive(Debug, clap::Args)]
pub struct RetentionArgs {
    /// Say what would be dropped, and drop nothing
    #[arg(long)]
    dry_run: bool,
}

/// Applies the register's periods.
///
/// # Errors
/// When the warehouse or the landing folder cannot be read or written.
pub fn run(args: &RetentionArgs, env: &Env) -> Result<Done, CliError> {
    let settings = env.settings()?;
    let (contracts, faults) = contract::load_lenient(&env.contract_files(&settings)?)?;
    let blocked = run::blocked(&faults, env);
    let bars = Bars::new(env.printer.style());
    let report = run::with_job(&[], &settings, &contracts, &blocked, &bars, |job| {
        if args.dry_run {
            job.retention_dry_run()
        } else {
            job.retention()
        }
    })?;
    drop(bars);
    if env.printer.style().json {
        env.printer.json(&report)?;
    } else {
        env.printer.line(&in_words(&report, args.dry_run))?;
    }
    remarks(&report.without_period, &report.rows.undated, env);
    Ok(Done::Clean)
}

fn in_words(report: &RetentionReport, dry_run: bool) -> String {
    let (verb, done) = if dry_run {
        ("would be dropped", "would be dropped")
    } else {
        ("dropped", "were dropped")
    };
    let text = if report.rows.rows.is_empty() {
        "no row is past its period".to_owned()
    } else {
        let row = |(table, rows): (&String, &u64)| vec![table.clone(), words::count(*rows)];
        let rows: Vec<_> = report.rows.rows.iter().map(row).collect();
        words::table(&["table", &format!(">rows {verb}")], &rows)
    };
    let mut lines = vec![text];
    if !report.releases.is_empty() {
        let releases = report.releases.len();
        let releases = words::plural(releases, "release", "releases");
        lines.push(format!("{releases} that held such rows {done}"));
    }
    if report.raw_deliveries > 0 {
        let raw = words::plural(report.raw_deliveries, "raw delivery", "raw deliveries");
        lines.push(format!("{raw} removed"));
    }
    if let Some(release) = &report.published {
        lines.push(format!("published release {release}"));
    }
    lines.join("\n")
}

/// What stays because nobody can say when its time is over.
fn remarks(without: &[String], undated: &BTreeMap<String, u64>, env: &Env) {
    for (table, rows) in undated {
        env.printer.warning(&format!(
            "{} rows of `{table}` have no day and no year to count from: they stay",
            words::count(*rows)
        ));
    }
    if !without.is_empty() {
        env.printer.warning(&format!(
            "the register says no period for {}: their rows stay",
            without.join(", ")
        ));
        env.printer
            .hint("add [table.NAME] with retention_years, or unlimited, to the register");
    }
}
