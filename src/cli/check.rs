//! `sluis check`: are pipelines, schemas, register and key consistent? Every fault at once.

use std::path::Path;

use serde::Serialize;
use tokio::runtime::Runtime;

use super::register::{self, RegisterArgs};
use super::{CliError, Done, Env};
use crate::audit::{self, Deed, Entry};
use crate::contract::model::{Contracts, Mode};
use crate::contract::{self, ContractError, Fault, faults};
use crate::dictionary;
use crate::error::Classified;
use crate::keyring::{self, KeyringError};
use crate::lock::keys::KeyError;
use crate::lock::treated::output_schema;
use crate::monitor::{Limits, Monitor};
use crate::settings::Settings;
use crate::source::channel::pull::{check_endpoints, unready};
use crate::warehouse::mapping::{self, MappingError};
use crate::warehouse::release;

#[derive(Serialize)]
struct Checked<'a> {
    faults: &'a [Fault],
    remarks: &'a [String],
    sources: usize,
    tables: usize,
    views: usize,
    register_version: Option<&'a str>,
    register_adopted: Option<&'a str>,
}

/// Checks everything that a person edits.
///
/// # Errors
/// When the files cannot be read, or the key may not be used.
pub fn run(args: &RegisterArgs, env: &Env) -> Result<Done, CliError> {
    let settings = env.settings()?;
    let files = env.contract_files(&settings)?;
    if args.asked() {
        return register::run(args, &files, env);
    }
    let contracts = match contract::load(&files) {
        Ok(contracts) => contracts,
        Err(ContractError::Faults(found)) => return Err(refuse(&found, env)),
        Err(other) => return Err(other.into()),
    };
    let found = plans(&contracts)?;
    if !found.is_empty() {
        return Err(refuse(&found, env));
    }
    check_endpoints(&settings, &contracts, std::iter::empty())?;
    check_key(&settings, env)?;
    let mut remarks = contract::remarks(&contracts);
    // No fault of what was edited: a service may have credentials that this shell has not.
    let unready = unready(&settings).into_iter();
    remarks.extend(unready.map(|(id, why)| format!("`{id}` cannot be fetched from here: {why}")));
    for remark in &remarks {
        env.printer.warning(remark);
    }
    let register = &contracts.register;
    if env.printer.style().json {
        env.printer.json(&Checked {
            faults: &[],
            remarks: &remarks,
            sources: contracts.sources.len(),
            tables: contracts.tables.len(),
            views: contracts.views.len(),
            register_version: Some(&register.version),
            register_adopted: register.adopted.as_deref(),
        })?;
    } else {
        let adopted = register
            .adopted
            .as_ref()
            .map_or_else(|| "a concept".to_owned(), |d| format!("adopted {d}"));
        env.printer.line(&format!(
            "no faults: {} sources, {} tables, {} views; register {} ({adopted})",
            contracts.sources.len(),
            contracts.tables.len(),
            contracts.views.len(),
            register.version,
        ))?;
    }
    Ok(Done::Clean)
}

/// Prints the faults; the error that says so.
pub(super) fn refuse(found: &[Fault], env: &Env) -> CliError {
    let printed = if env.printer.style().json {
        env.printer.json(&Checked {
            faults: found,
            remarks: &[],
            sources: 0,
            tables: 0,
            views: 0,
            register_version: None,
            register_adopted: None,
        })
    } else {
        env.printer.line(faults::render(found).trim_end())
    };
    if let Err(error) = printed {
        return error;
    }
    CliError::Usage {
        message: format!("{} faults in what was edited", found.len()),
        remedy: Some(
            "mend them and run `sluis check` again; sources with faults do not run".into(),
        ),
    }
}

/// Plans every mapping and view without data: whether they fit their tables.
fn plans(contracts: &Contracts) -> Result<Vec<Fault>, CliError> {
    let mut found = Vec::new();
    for plan in &contracts.sources {
        for mapping in &plan.mappings {
            let Some(spec) = contracts.tables.get(&mapping.table) else {
                continue;
            };
            let incremental = plan.pipeline.mode == Mode::Incremental;
            let tables = mapping::empty_tables(plan, contracts)?;
            match mapping::plan(
                mapping,
                spec,
                incremental,
                &output_schema(&plan.contract),
                tables,
                1 << 20,
            ) {
                Ok(_) => {}
                Err(MappingError::Shape { path, what }) => found.push(Fault {
                    file: path,
                    line: 1,
                    message: what,
                    remedy: format!(
                        "make it select the columns of schemas/tables/{}.toml from `levering`",
                        spec.name
                    ),
                    source: Some(plan.contract.id.clone()),
                }),
                Err(other) => return Err(other.into()),
            }
        }
    }
    if found.is_empty() {
        found = dictionary::risk::faults(contracts)?;
    }
    let runtime = Runtime::new().map_err(|e| CliError::Prompt(e.to_string()))?;
    runtime.block_on(Monitor::open(
        None,
        contracts,
        Path::new("."),
        Limits::default(),
    ))?;
    Ok(found)
}

/// The key must be usable and the one that the warehouse was made with; none yet is no fault.
fn check_key(settings: &Settings, env: &Env) -> Result<(), CliError> {
    match keyring::unlock(&settings.key) {
        Err(KeyringError::Key(missing @ KeyError::Missing(_))) => {
            env.printer.note(&missing.to_string());
            if let Some(remedy) = missing.remedy() {
                env.printer.hint(&remedy);
            }
        }
        Err(other) => return Err(other.into()),
        Ok(key) => {
            let entry = Entry::new(Deed::Sleutel, "vergeleken")
                .with("sleutel", key.fingerprint())
                .with("sleutelbron", key.origin().name());
            audit::note(&settings.paths.warehouse, &entry)?;
            if let Some(current) = release::open(&settings.paths.warehouse, None)? {
                key.fitting(&current.manifest.key_fingerprint)?;
            }
        }
    }
    Ok(())
}
