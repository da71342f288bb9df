//! Settings: where things are and how much the machine may be asked for.
//!
//! Four layers, the later one wins: the defaults built into the program (`config/default.toml`),
//! a file given by `--config`, environment variables `SLUIS__SECTION__KEY`, and `--set
//! section.key=value`. A key that nobody knows is an error in every layer: a mistyped setting is
//! never passed over. What partners deliver and what is lawful are contracts, not settings.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

pub mod endpoint;
mod error;
mod layers;
pub mod secrets;
mod separate;
#[cfg(test)]
mod tests;

pub use endpoint::Endpoint;
pub use error::SettingsError;

/// Every setting, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Where things are.
    pub paths: Paths,
    /// What a run may use.
    pub run: Run,
    /// What a question to the monitor may use.
    pub query: Query,
    /// How much patience a pull has.
    pub pull: Pull,
    /// What is logged.
    pub log: Log,
    /// Where partners deliver, by source.
    pub endpoints: BTreeMap<String, Endpoint>,
}

/// Where things are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paths {
    /// Folder with `schemas/`, `pipelines/` and `config/dpia.toml`; `None`: the contracts built
    /// into the program.
    pub contracts: Option<PathBuf>,
    /// Where deliveries arrive, one folder a source.
    pub landing: PathBuf,
    /// The releases and the run history.
    pub warehouse: PathBuf,
    /// The file of the root key.
    pub key: PathBuf,
    /// The credentials of partners, one file each.
    pub credentials: PathBuf,
    /// The file of the canaries: invented persons that every run puts through the lock. It need not be
    /// there.
    pub canaries: PathBuf,
}

/// What a run may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    /// Deliveries are read in chunks of so many bytes.
    pub chunk_bytes: usize,
    /// Threads; 0 means one for every core.
    pub threads: usize,
    /// Memory for rows on their way to a file, in MiB.
    pub buffer_mib: usize,
    /// Memory for what one mapping must hold (an aggregate, a sort, a join), in MiB.
    pub mapping_mib: usize,
    /// Releases that are kept, the current one included.
    pub keep_releases: usize,
}

/// What a question to the monitor may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Query {
    /// Memory for what the questions of one command must hold together, in MiB.
    pub memory_mib: usize,
}

/// How much patience a pull has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pull {
    /// The largest delivery that is fetched, in MiB.
    pub max_mib: u64,
    /// A partner that says nothing for so many seconds is given up.
    pub silence_seconds: u64,
    /// Pulling one source takes at most so many minutes; the next pull goes on from there.
    pub max_minutes: u64,
    /// How often something that failed is tried, the first time included.
    pub tries: u32,
}

/// What is logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Log {
    /// Events of this level and graver.
    pub level: Level,
}

/// The levels of the log, gravest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// What failed.
    Error,
    /// What needs attention.
    Warn,
    /// What happened.
    Info,
    /// How it happened.
    Debug,
    /// Everything.
    Trace,
}

impl Level {
    /// Every level, gravest first.
    pub const ALL: [Self; 5] = [
        Self::Error,
        Self::Warn,
        Self::Info,
        Self::Debug,
        Self::Trace,
    ];

    /// Its name in the settings, which is also its name for `tracing`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Debug => "debug",
            Self::Trace => "trace",
        }
    }
}

impl Settings {
    /// The settings of this process: defaults, then `file`, then the environment, then
    /// `overrides` (each `section.key=value`).
    ///
    /// # Errors
    /// When a file cannot be read or parsed, a key is unknown, a value is none that the key can
    /// take, or key, credentials, landing and
    /// warehouse are not kept apart.
    pub fn load(file: Option<&Path>, overrides: &[String]) -> Result<Self, SettingsError> {
        // Names that are no text cannot be ours; a value that is no text is refused when read.
        let environment = std::env::vars_os().filter_map(|(name, value)| {
            let name = name.into_string().ok()?;
            name.to_uppercase()
                .starts_with(layers::PREFIX)
                .then_some((name, value))
        });
        let mut variables = BTreeMap::new();
        for (name, value) in environment {
            let value = value
                .into_string()
                .map_err(|_| SettingsError::value(&name, "is not text", "write it as UTF-8"))?;
            variables.insert(name, value);
        }
        Self::from_layers(file, &variables, overrides)
    }

    /// As [`Settings::load`], with the environment given.
    ///
    /// # Errors
    /// As [`Settings::load`].
    pub fn from_layers(
        file: Option<&Path>,
        environment: &BTreeMap<String, String>,
        overrides: &[String],
    ) -> Result<Self, SettingsError> {
        let settings = layers::merge(file, environment, overrides)?.checked()?;
        separate::check(&settings.paths)?;
        Ok(settings)
    }
}
