//! Contracts: what partners deliver, how, what is lawful, and what the warehouse holds.
//!
//! Everything that a person edits is read here, cross-checked as a whole and compiled into
//! [`model::Contracts`]. All faults are reported at once, each with file, line and remedy. This
//! room knows no deliveries and runs no query: whether the columns of a mapping fit its table is
//! known when it is planned.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use crate::error::{Class, Classified};

mod assessment;
mod channel;
mod check;
mod compile;
mod document;
pub mod faults;
mod files;
mod format;
mod house;
mod kind;
mod lawful;
pub mod model;
mod names;
mod order;
mod pipeline;
mod publication;
mod query;
mod recipe;
mod register;
mod remarks;
mod retention;
mod risk;
mod source;
mod stated;
mod table;
#[cfg(test)]
mod tests;
mod treatment;
mod version;
mod view;

pub use faults::Fault;
pub use files::ContractFiles;
use model::Contracts;
pub use remarks::remarks;
pub use stated::Stated;
pub use view::HIDDEN;

/// Why there are no contracts.
#[derive(Debug, thiserror::Error)]
pub enum ContractError {
    /// The files have faults, in order of file and line.
    #[error("the contracts have {}", faults::count(.0))]
    Faults(Vec<Fault>),
    /// A folder or file could not be read.
    #[error("cannot read {}: {source}", path.display())]
    Unreadable {
        /// What could not be read.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// Nothing is wrong with the files, and still they do not compile.
    #[error("contracts without faults do not compile: {0}")]
    Uncompiled(String),
}

impl ContractError {
    fn unreadable(path: &Path, source: io::Error) -> Self {
        Self::Unreadable {
            path: path.to_owned(),
            source,
        }
    }
}

impl Classified for ContractError {
    fn class(&self) -> Class {
        match self {
            Self::Faults(_) => Class::User,
            Self::Unreadable { source, .. } if source.kind() == io::ErrorKind::NotFound => {
                Class::User
            }
            Self::Unreadable { .. } => Class::Environment,
            Self::Uncompiled(_) => Class::Bug,
        }
    }

    fn remedy(&self) -> Option<String> {
        match self {
            Self::Faults(_) => Some("`sluis check` names every fault with its remedy".to_owned()),
            Self::Unreadable { .. } => {
                Some("check `paths.contracts` and the permissions of that folder".to_owned())
            }
            Self::Uncompiled(_) => Some("please report this".to_owned()),
        }
    }
}

/// The contracts, when nothing at all is wrong with them.
///
/// # Errors
/// [`ContractError::Faults`] with every fault of every file.
pub fn load(files: &ContractFiles) -> Result<Contracts, ContractError> {
    match load_lenient(files)? {
        (contracts, faults) if faults.is_empty() => Ok(contracts),
        (_, faults) => Err(ContractError::Faults(faults)),
    }
}

/// The contracts without the sources that have faults, and those faults. A source may then name
/// in `after` one that is left out.
///
/// # Errors
/// [`ContractError::Faults`] with every fault, as soon as one of them is not of one source only.
pub fn load_lenient(files: &ContractFiles) -> Result<(Contracts, Vec<Fault>), ContractError> {
    let report = faults::Report::default();
    let house = house::House::read(files, &report);
    check::check(&house, &report);
    let faults = report.into_sorted();
    if faults.iter().any(|fault| fault.source.is_none()) {
        return Err(ContractError::Faults(faults));
    }
    let unsound: BTreeSet<&str> = faults
        .iter()
        .filter_map(|fault| fault.source.as_deref())
        .collect();
    let contracts = compile::compile(&house, files, &unsound)?;
    Ok((contracts, faults))
}
