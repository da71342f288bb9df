//! `sluis report`: the annual report of one year, as one HTML file.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;
use tokio::runtime::Runtime;

use super::{CliError, Done, Env, limits, words};
use crate::audit::{self, Deed, Entry};
use crate::contract;
use crate::contract::model::{Contracts, Publication, PublicationRules};
use crate::disk;
use crate::monitor::Monitor;
use crate::page;
use crate::report::{self, Origin, ReportError};
use crate::warehouse::release::{self, Release};

/// `sluis report`
#[derive(Debug, clap::Args)]
pub struct ReportArgs {
    /// The year that the report is about
    #[arg(long, value_name = "YEAR")]
    year: i64,
    /// The file to write; `-` for standard output
    #[arg(long, short, value_name = "FILE")]
    out: PathBuf,
    /// Report on an earlier release
    #[arg(long, value_name = "ID")]
    release: Option<String>,
    /// Write over a file that is not a page of sluis
    #[arg(long)]
    force: bool,
}

/// What was written, for machines.
#[derive(Serialize)]
struct Written<'a> {
    year: i64,
    release: &'a str,
    file: &'a Path,
    bytes: usize,
}

/// Writes the report.
///
/// # Errors
/// When there are no figures of the year, or the file cannot be written.
pub fn run(args: &ReportArgs, env: &Env) -> Result<Done, CliError> {
    let stdout = args.out.as_os_str() == "-";
    if stdout && env.printer.style().json {
        return Err(CliError::Usage {
            message: "the page and JSON cannot both go to standard output".to_owned(),
            remedy: Some("give a file with `--out`, or leave out `--json`".to_owned()),
        });
    }
    let settings = env.settings()?;
    // A source with a fault is no reason to withhold the report.
    let (contracts, _) = contract::load_lenient(&env.contract_files(&settings)?)?;
    let warehouse = &settings.paths.warehouse;
    let Some(release) = release::open(warehouse, args.release.as_deref())? else {
        let (year, known) = (args.year, Vec::new());
        return Err(ReportError::NoYear { year, known }.into());
    };
    if !stdout && !args.force {
        spare(&args.out)?;
    }
    let runtime = Runtime::new().map_err(|e| CliError::Prompt(e.to_string()))?;
    let html = runtime.block_on(async {
        let opened = Monitor::open(Some(&release), &contracts, warehouse, limits(&settings));
        let monitor = opened.await?;
        let html = report::write(&monitor, args.year, &origin(&release, &contracts)).await?;
        Ok::<_, CliError>(html)
    })?;
    let entry = Entry::new(Deed::Uitvoer, "jaarverslag")
        .with("jaar", args.year)
        .with("release", release.manifest.id.as_str());
    audit::note(warehouse, &entry)?;
    if stdout {
        let mut out = env.printer.output();
        let written = out.sink().write_all(html.as_bytes());
        out.finish(written)?;
        return Ok(Done::Clean);
    }
    disk::write_atomic(&args.out, html.as_bytes())?;
    told(args, &release, html.len(), env)
}

fn told(args: &ReportArgs, release: &Release, bytes: usize, env: &Env) -> Result<Done, CliError> {
    if env.printer.style().json {
        env.printer.json(&Written {
            year: args.year,
            release: &release.manifest.id,
            file: &args.out,
            bytes,
        })?;
    } else {
        let size = words::size(u64::try_from(bytes).unwrap_or(u64::MAX));
        env.printer.note(&format!(
            "the report over {} is in {} ({size}): open it in a browser, or print it from there",
            args.year,
            args.out.display()
        ));
    }
    Ok(Done::Clean)
}

/// A report may replace a page of ours, so that the same command can be given again, and nothing else.
fn spare(path: &Path) -> Result<(), CliError> {
    let mut head = Vec::new();
    match File::open(path) {
        Ok(file) => file.take(4096).read_to_end(&mut head).map(drop)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error.into()),
    }
    if head.is_empty() || String::from_utf8_lossy(&head).contains(page::GENERATOR) {
        return Ok(());
    }
    Err(CliError::Usage {
        message: format!(
            "{} is there already, and is not a page of sluis",
            path.display()
        ),
        remedy: Some("give another file, or `--force` to write over it".to_owned()),
    })
}

/// What the colophon tells.
fn origin(release: &Release, contracts: &Contracts) -> Origin {
    let manifest = &release.manifest;
    let smallest = contracts
        .views
        .values()
        .filter_map(|view| match &view.publication {
            Publication::Judged(rules) => Some(rules.smallest_cell),
            Publication::Exempt { .. } => None,
        });
    Origin {
        release: manifest.id.clone(),
        published_at: manifest.published_at.clone(),
        register_version: manifest.register_version.clone(),
        register_adopted: manifest.register_adopted.clone(),
        controller: contracts.register.controller.clone(),
        smallest_cell: smallest
            .min()
            .unwrap_or(PublicationRules::default().smallest_cell),
    }
}
