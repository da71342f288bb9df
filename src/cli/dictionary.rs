//! `sluis dictionary`: every column of the house, what it means and where it comes from.

use std::io::Write;
use std::path::{Path, PathBuf};

use tokio::runtime::Runtime;

use super::target::Target;
use super::{CliError, Done, Env};
use crate::contract;
use crate::contract::model::Contracts;
use crate::dictionary::Dictionary;
use crate::monitor::{Limits, Monitor, view_plans};

/// `sluis dictionary`
#[derive(Debug, clap::Args)]
pub struct DictionaryArgs {
    /// Write it to this file; left out: to standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// As what; the name of the file tells it too
    #[arg(long, value_enum, value_name = "FORMAT")]
    format: Option<DictionaryFormat>,
}

/// How the dictionary is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum DictionaryFormat {
    /// A page, in Dutch
    Html,
    /// COMMENT ON statements for PostgreSQL and DuckDB
    Sql,
    /// For machines
    Json,
}

/// Makes the dictionary of the contracts in use.
///
/// # Errors
/// When the contracts have faults, or it cannot be written.
pub fn run(args: &DictionaryArgs, env: &Env) -> Result<Done, CliError> {
    let settings = env.settings()?;
    // A dictionary that leaves something out would say that it does not exist.
    let contracts = contract::load(&env.contract_files(&settings)?)?;
    let target = args.out.as_deref().map(Target::new).transpose()?;
    let dictionary = make(&contracts)?;
    let text = match format(args, target.as_ref(), env)? {
        DictionaryFormat::Html => dictionary.to_html(),
        DictionaryFormat::Sql => dictionary.to_sql(),
        DictionaryFormat::Json => {
            let mut text = serde_json::to_string(&dictionary).map_err(std::io::Error::from)?;
            text.push('\n');
            text
        }
    };
    if let Some(target) = target {
        let mut file = target.begin()?;
        file.write_all(text.as_bytes())?;
        file.commit()?;
        env.printer.note(&format!(
            "{} sources, {} tables and {} views in {}",
            dictionary.sources.len(),
            dictionary.tables.len(),
            dictionary.views.len(),
            target.path().display()
        ));
    } else {
        let mut out = env.printer.output();
        let written = out.sink().write_all(text.as_bytes());
        out.finish(written)?;
    }
    Ok(Done::Clean)
}

fn format(
    args: &DictionaryArgs,
    target: Option<&Target>,
    env: &Env,
) -> Result<DictionaryFormat, CliError> {
    if let Some(format) = args.format {
        return Ok(format);
    }
    if env.printer.style().json {
        return Ok(DictionaryFormat::Json);
    }
    let usage = |message: String| CliError::Usage {
        message,
        remedy: Some("add `--format html`, `sql` or `json`, or `--out` with such a name".into()),
    };
    match target {
        None => Err(usage("as what is the dictionary wanted?".to_owned())),
        Some(target) => match target.extension() {
            Some("html" | "htm") => Ok(DictionaryFormat::Html),
            Some("sql") => Ok(DictionaryFormat::Sql),
            Some("json") => Ok(DictionaryFormat::Json),
            _ => Err(usage(format!(
                "the name {} tells no format",
                target.path().display()
            ))),
        },
    }
}

/// The dictionary of these contracts.
pub(super) fn make(contracts: &Contracts) -> Result<Dictionary, CliError> {
    let runtime = Runtime::new().map_err(|e| CliError::Prompt(e.to_string()))?;
    let plans = runtime.block_on(view_plans(contracts))?;
    let monitor = Monitor::open(None, contracts, Path::new("."), Limits::default());
    let monitor = runtime.block_on(monitor)?;
    Ok(Dictionary::new(contracts, &plans, monitor.views())?)
}
