//! `sluis check --register`: the register as a document for the privacy officer, or what changed since an
//! older version of it.

use std::io::Write;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::target::{self, Target};
use super::{CliError, Done, Env, check, dictionary};
use crate::contract::{self, ContractError, ContractFiles, Stated};
use crate::register::{Document, difference};

/// What is wanted of the register.
#[derive(Debug, clap::Args)]
pub struct RegisterArgs {
    /// Print the register as a document in Dutch, in the order of the DPIA model
    #[arg(long)]
    register: bool,
    /// Print what changed since this older `dpia.toml` instead
    #[arg(long, value_name = "FILE", requires = "register")]
    against: Option<PathBuf>,
    /// Write it as a page into this file
    #[arg(long, value_name = "FILE", requires = "register")]
    html: Option<PathBuf>,
}

impl RegisterArgs {
    /// Whether the register is wanted at all.
    pub(super) const fn asked(&self) -> bool {
        self.register
    }
}

/// Prints the document or the difference.
pub(super) fn run(args: &RegisterArgs, files: &ContractFiles, env: &Env) -> Result<Done, CliError> {
    // Before the work, so that nobody waits for it in vain.
    let target = args.html.as_deref().map(page_at).transpose()?;
    if let Some(older) = &args.against {
        let older = sound(Stated::read(older), env)?;
        let found = difference(&older, &sound(Stated::of(files), env)?);
        let (page, text) = (|| found.to_html(), || found.to_markdown());
        return print(&found, page, text, target, env);
    }
    let contracts = sound(contract::load(files), env)?;
    let document = Document::new(&contracts, &dictionary::make(&contracts)?);
    let (page, text) = (|| document.to_html(), || document.to_markdown());
    print(&document, page, text, target, env)
}

/// What was read, or every fault in it.
fn sound<T>(read: Result<T, ContractError>, env: &Env) -> Result<T, CliError> {
    match read {
        Err(ContractError::Faults(found)) => Err(check::refuse(&found, env)),
        other => Ok(other?),
    }
}

fn page_at(path: &Path) -> Result<Target, CliError> {
    let target = Target::new(path)?;
    target::spare(path, "give another file, or take that one away")?;
    Ok(target)
}

fn print<T: Serialize>(
    answer: &T,
    page: impl FnOnce() -> String,
    text: impl FnOnce() -> String,
    target: Option<Target>,
    env: &Env,
) -> Result<Done, CliError> {
    let written = target.is_some();
    if let Some(target) = target {
        let mut file = target.begin()?;
        file.write_all(page().as_bytes())?;
        file.commit()?;
        env.printer.note(&format!(
            "it is in {}: open it in a browser, or print it from there",
            target.path().display()
        ));
    }
    if env.printer.style().json {
        env.printer.json(answer)?;
    } else if !written {
        env.printer.line(text().trim_end())?;
    }
    Ok(Done::Clean)
}
