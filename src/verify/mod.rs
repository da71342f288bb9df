//! The privacy officer's checks: over the files as they lie there, without the key, without writing.
//!
//! In: a warehouse folder, and the contracts and register to hold it against. Out: a [`Report`]. Every
//! file is read once ([`gather`]), whatever its name says and however many names it has; then each check
//! judges what was seen. No evidence holds a value.
//!
//! This room uses what others say of formats (`contract::model`, the records of `warehouse`) and none of
//! their judgement: what it looks for and how it reads are its own, so that one mistake does not blind
//! both.

pub mod advice;
mod apart;
mod canaries;
pub mod catalogue;
pub mod content;
mod coverage;
mod gather;
mod judge;
pub mod page;
mod parquet;
mod place;
mod raw;
pub mod report;
mod risk;
pub mod strength;
mod walk;

use std::io;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
pub use content::names::Names;
pub use report::{Check, Evidence, Figure, Report, Threshold, Unit, Verdict};

use crate::canary::Canaries;
use crate::contract::model::Contracts;
use crate::error::{Class, Classified};

/// What to verify with.
pub struct Options<'a> {
    /// The contracts and the register.
    pub contracts: &'a Contracts,
    /// Names to look for.
    pub names: Names,
    /// Where the root key, or each of its shares, should lie; only place and permissions are looked at.
    pub keys: Vec<PathBuf>,
    /// The canaries that every run put through the lock; what cannot be judged without them is not judged
    /// when there are none.
    pub canaries: Option<Canaries>,
    /// The landing folder, to see how long deliveries lie there; `None`: it is not looked at.
    pub landing: Option<PathBuf>,
    /// How many releases the settings keep.
    pub keep_releases: Option<usize>,
    /// Now: periods are judged on this day.
    pub now: DateTime<Utc>,
    /// Attack the pseudonyms too.
    pub attack: Option<Attack>,
}

/// What to attack with, besides what is built in.
#[derive(Clone, Debug, Default)]
pub struct Attack {
    /// Words to try as keys, one a line.
    pub words: String,
    /// Only numbers that begin with these four digits; for tests. `None`: all.
    pub only: Option<std::ops::Range<usize>>,
}

/// Who wants to know how far it is.
pub trait Observer: Sync {
    /// So many bytes are to be read.
    fn begins(&self, _bytes: u64) {}
    /// So many more were read.
    fn advances(&self, _bytes: u64) {}
    /// Another step of an attack was done, and so many values were tried in it.
    fn attacks(&self, _what: &str, _done: usize, _tried: u64) {}
}

/// Nobody wants to know.
pub struct Nobody;

impl Observer for Nobody {}

/// Why nothing could be verified.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// The warehouse cannot be listed.
    #[error("cannot list the warehouse {path}: {source}")]
    Unreadable {
        /// The warehouse.
        path: PathBuf,
        /// The operating system's word.
        source: io::Error,
    },
}

impl Classified for VerifyError {
    fn class(&self) -> Class {
        match self {
            Self::Unreadable { source, .. } if source.kind() == io::ErrorKind::NotFound => {
                Class::User
            }
            Self::Unreadable { .. } => Class::Environment,
        }
    }

    fn remedy(&self) -> Option<String> {
        Some("name the folder with `current`, `releases` and `journal` in it".into())
    }
}

/// Verifies a warehouse.
///
/// # Errors
/// The folder cannot be listed. What cannot be read in it is in the report.
pub fn verify(
    warehouse: &Path,
    options: &Options<'_>,
    observer: &dyn Observer,
) -> Result<Report, VerifyError> {
    let inventory = walk::Inventory::of(warehouse).map_err(|source| VerifyError::Unreadable {
        path: warehouse.to_owned(),
        source,
    })?;
    let scene = gather::Scene::new(warehouse, &inventory, options);
    let seen = gather::gather(&scene, observer);
    let mut checks = judge::content(&scene, &seen);
    checks.extend(judge::strength(&scene, &seen, observer));
    checks.extend(canaries::checks(&scene, &seen));
    checks.extend(coverage::checks(&scene, &seen));
    checks.extend(risk::checks(&scene, &seen));
    Ok(Report {
        release: scene.current.clone(),
        register: options.contracts.register.version.clone(),
        program: concat!("sluis ", env!("CARGO_PKG_VERSION")).to_owned(),
        bytes: seen.bytes,
        checks,
    })
}
