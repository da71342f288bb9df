//! The pull desk: fetches what partners have ready, a source at a time, and says what became of it.
//!
//! A source that cannot be reached costs that source and nothing else.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use thiserror::Error;

use super::credential::Vault;
use super::open::{Opener, Wire};
use super::part::Work;
use super::retry::Clock;
use super::{PullError, feed, files, sftp};
use crate::contract::model::{Channel, Contracts, Pipeline};
use crate::error::{Class, Classified};
use crate::settings::endpoint::{Endpoint, Scheme};
use crate::settings::{self, Settings};
use crate::source::landing;

/// Sources that are pulled side by side: waiting for a partner takes no processor.
const TOGETHER: usize = 4;

/// Why nothing can be pulled.
#[derive(Debug, Error)]
pub enum DeskError {
    /// There is no landing folder.
    #[error("there is no landing folder at {0}")]
    NoLanding(std::path::PathBuf),
    /// Others can look into the landing folder.
    #[error("the landing folder can be read by others than its owner")]
    Exposed(std::path::PathBuf),
    /// The landing folder cannot be examined.
    #[error("the landing folder cannot be examined: {0}")]
    Landing(#[from] std::io::Error),
    /// An endpoint that no source can use.
    #[error("setting `endpoint.{source_id}` {what}")]
    Endpoint {
        /// As it stands in the settings.
        source_id: String,
        /// What is wrong.
        what: String,
        /// What to do.
        remedy: String,
    },
    /// A source that cannot be pulled was asked for.
    #[error("{0}")]
    NotPulled(String),
}

impl Classified for DeskError {
    fn class(&self) -> Class {
        match self {
            Self::Exposed(_) => Class::Privacy,
            Self::Landing(_) => Class::Environment,
            Self::NoLanding(_) | Self::Endpoint { .. } | Self::NotPulled(_) => Class::User,
        }
    }

    fn remedy(&self) -> Option<String> {
        Some(match self {
            Self::NoLanding(path) => format!(
                "make it with `mkdir -m 700 -p {}`, or correct paths.landing",
                path.display()
            ),
            Self::Exposed(path) => format!("chmod 700 {}", path.display()),
            Self::Endpoint { remedy, .. } => remedy.clone(),
            Self::NotPulled(_) => "give it an [endpoint.SOURCE] in the settings".into(),
            Self::Landing(_) => return None,
        })
    }
}

/// The bounds of a pull.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Bytes of one delivery.
    pub bytes: u64,
    /// Time in which a partner says nothing.
    pub silence: Duration,
    /// Time for one source.
    pub time: Duration,
    /// Tries, the first one included.
    pub tries: u32,
}

impl From<settings::Pull> for Bounds {
    fn from(pull: settings::Pull) -> Self {
        Self {
            bytes: pull.max_mib << 20,
            silence: Duration::from_secs(pull.silence_seconds),
            time: Duration::from_secs(pull.max_minutes * 60),
            tries: pull.tries,
        }
    }
}

/// Is told how a pull goes. All methods may be called from any thread.
pub trait PullObserver: Sync {
    /// So many bytes of a source are about to come; 0 when nobody knows.
    fn begins(&self, source: &str, bytes: u64);
    /// So many bytes came.
    fn comes(&self, source: &str, bytes: u64);
    /// A source is done.
    fn ends(&self, pull: &SourcePull);
}

/// What became of the pull of one source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourcePull {
    /// The source.
    pub source: String,
    /// How it was reached.
    pub scheme: Scheme,
    /// What came, or in a dry run would come.
    pub fetched: Vec<Fetched>,
    /// Files that were fetched before.
    pub already: usize,
    /// Files that match no pattern. They are left alone and never named.
    pub strangers: usize,
    /// Files that the partner may still be writing: too young, or without their checksum.
    pub waiting: usize,
    /// How often something was tried again.
    pub retries: u32,
    /// What went wrong.
    pub faults: Vec<PullFault>,
    /// Milliseconds spent on it.
    pub millis: u64,
}

/// A delivery that was fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetched {
    /// The `{deel}` of its name.
    pub part: String,
    /// The `{datum}` of its name.
    pub order: String,
    /// Size in bytes.
    pub bytes: u64,
    /// SHA-256 (hex); empty in a dry run.
    pub sha256: String,
    /// Bytes that an earlier try had fetched already.
    pub resumed_from: u64,
}

/// Something that went wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PullFault {
    /// The `{deel}` and `{datum}` of the delivery, when it is about one.
    pub delivery: Option<(String, String)>,
    /// What it is.
    pub error: PullError,
}

impl SourcePull {
    pub(super) fn new(source: &str, scheme: Scheme) -> Self {
        Self {
            source: source.to_owned(),
            scheme,
            fetched: Vec::new(),
            already: 0,
            strangers: 0,
            waiting: 0,
            retries: 0,
            faults: Vec::new(),
            millis: 0,
        }
    }

    /// Whether everything that the partner has ready is here.
    #[must_use]
    pub fn complete(&self) -> bool {
        self.faults.is_empty()
    }

    /// Bytes that were fetched.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.fetched.iter().map(|f| f.bytes).sum()
    }
}

/// Everything that pulling needs.
pub struct PullDesk<'a> {
    /// The landing folder.
    pub landing: &'a Path,
    /// Where partners deliver, by source.
    pub endpoints: &'a BTreeMap<String, Endpoint>,
    /// Makes connections.
    pub opener: &'a dyn Opener,
    /// The bounds.
    pub bounds: Bounds,
    /// The clock.
    pub clock: &'a dyn Clock,
    /// Is told how it goes.
    pub observer: &'a dyn PullObserver,
}

/// One source while it is pulled.
pub(super) struct Source<'a> {
    pub desk: &'a PullDesk<'a>,
    pub pipeline: &'a Pipeline,
    pub endpoint: &'a Endpoint,
    pub began: SystemTime,
}

impl Source<'_> {
    /// Whether there is time left.
    pub(super) fn in_time(&self) -> Result<(), PullError> {
        let spent = self.desk.clock.now().duration_since(self.began);
        let most = self.desk.bounds.time;
        if spent.is_ok_and(|spent| spent > most) {
            return Err(PullError::TimeUp(most.as_secs() / 60));
        }
        Ok(())
    }

    /// Bytes came.
    pub(super) fn came(&self, bytes: usize) -> Result<(), PullError> {
        self.desk
            .observer
            .comes(&self.pipeline.source, bytes as u64);
        self.in_time()
    }
}

impl PullDesk<'_> {
    /// Pulls every source of `pipelines` that has an endpoint, some side by side; in the order given.
    ///
    /// # Errors
    /// The landing folder is not there or not closed to others.
    pub fn pull(&self, pipelines: &[&Pipeline]) -> Result<Vec<SourcePull>, DeskError> {
        self.each(pipelines, false)
    }

    /// What a pull would fetch, without fetching it. Servers are asked for their lists only.
    ///
    /// # Errors
    /// As [`PullDesk::pull`].
    pub fn look(&self, pipelines: &[&Pipeline]) -> Result<Vec<SourcePull>, DeskError> {
        self.each(pipelines, true)
    }

    fn each(&self, pipelines: &[&Pipeline], dry: bool) -> Result<Vec<SourcePull>, DeskError> {
        self.landing_is_safe()?;
        let endpoint = |p: &&Pipeline| Some((self.endpoints.get(&p.source)?, p.source.clone()));
        let work: Vec<_> = pipelines
            .iter()
            .filter_map(|p| Some((*p, endpoint(p)?.0)))
            .collect();
        let next = AtomicUsize::new(0);
        let done: Mutex<BTreeMap<usize, SourcePull>> = Mutex::default();
        std::thread::scope(|scope| {
            for _ in 0..TOGETHER.min(work.len()) {
                scope.spawn(|| {
                    loop {
                        let at = next.fetch_add(1, Ordering::Relaxed);
                        let Some((pipeline, endpoint)) = work.get(at) else {
                            return;
                        };
                        let pull = self.one(pipeline, endpoint, dry);
                        done.lock()
                            .unwrap_or_else(PoisonError::into_inner)
                            .insert(at, pull);
                    }
                });
            }
        });
        let done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
        Ok(done.into_values().collect())
    }

    fn landing_is_safe(&self) -> Result<(), DeskError> {
        if !self.landing.is_dir() {
            return Err(DeskError::NoLanding(self.landing.to_owned()));
        }
        if landing::exposed(self.landing)? {
            return Err(DeskError::Exposed(self.landing.to_owned()));
        }
        Ok(())
    }

    fn one(&self, pipeline: &Pipeline, endpoint: &Endpoint, dry: bool) -> SourcePull {
        let mut pull = SourcePull::new(&pipeline.source, endpoint.scheme);
        let source = Source {
            desk: self,
            pipeline,
            endpoint,
            began: self.clock.now(),
        };
        let outcome = match (&pipeline.channel, dry) {
            (Channel::Https(_), false) => feed::pull(&source, &mut pull),
            (Channel::Https(_), true) => feed::look(&source, &mut pull),
            (_, false) => Work::open(self.landing, pipeline)
                .and_then(|work| files::pull(&source, &work, &mut pull)),
            (_, true) => files::look(&source, &mut pull),
        };
        if let Err(error) = outcome {
            pull.faults.push(PullFault {
                delivery: None,
                error,
            });
        }
        for fault in &pull.faults {
            tracing::warn!(source = %pull.source, error = %fault.error, "pull failed");
        }
        let spent = self.clock.now().duration_since(source.began);
        let millis = spent.unwrap_or_default().as_millis();
        pull.millis = u64::try_from(millis).unwrap_or(u64::MAX);
        self.observer.ends(&pull);
        pull
    }
}

/// Every endpoint must be of a source, and of the channel of its pipeline. `faulty` are sources that
/// cannot run because of faults in their contracts.
///
/// # Errors
/// The first endpoint that is not.
pub fn check_endpoints<'f>(
    settings: &Settings,
    contracts: &Contracts,
    faulty: impl IntoIterator<Item = &'f String>,
) -> Result<(), DeskError> {
    let faulty: Vec<&String> = faulty.into_iter().collect();
    let sound = |(id, _): &(&String, &Endpoint)| !faulty.contains(id);
    for (id, endpoint) in settings.endpoints.iter().filter(sound) {
        let plan = contracts.sources.iter().find(|p| p.contract.id == *id);
        let fault = match plan.map(|p| channel_name(&p.pipeline.channel)) {
            None => Some((
                "is of a source that nobody knows".to_owned(),
                crate::suggest::remedy(
                    id,
                    contracts.sources.iter().map(|p| p.contract.id.as_str()),
                    "remove it",
                ),
            )),
            Some(channel) if channel == endpoint.scheme.name() => None,
            Some(channel) => Some((
                format!(
                    "is an address of {}, and the pipeline says channel `{channel}`",
                    endpoint.scheme.name()
                ),
                format!("correct the address, or the channel in pipelines/{id}/pipeline.toml"),
            )),
        };
        if let Some((what, remedy)) = fault {
            return Err(DeskError::Endpoint {
                source_id: id.clone(),
                what,
                remedy,
            });
        }
    }
    Ok(())
}

const fn channel_name(channel: &Channel) -> &'static str {
    match channel {
        Channel::Folder => "folder",
        Channel::Sftp => Scheme::Sftp.name(),
        Channel::S3 => Scheme::S3.name(),
        Channel::Https(_) => Scheme::Https.name(),
    }
}

/// Endpoints that cannot be reached as things are, with the reason: no credential, no known host. Nobody
/// is asked anything.
#[must_use]
pub fn unready(settings: &Settings) -> Vec<(&str, PullError)> {
    let vault = wire(settings).vault;
    let ready = |endpoint: &Endpoint| {
        vault.get(&endpoint.credential)?;
        if endpoint.scheme == Scheme::Sftp {
            sftp::known_keys(endpoint)?;
        }
        Ok(())
    };
    let endpoints = settings.endpoints.iter();
    endpoints
        .filter_map(|(id, endpoint)| Some((id.as_str(), ready(endpoint).err()?)))
        .collect()
}

/// The opener of this process: real connections, credentials where they are kept.
#[must_use]
pub fn wire(settings: &Settings) -> Wire {
    Wire {
        vault: Vault::new(
            settings::secrets::Secrets::of_process(),
            settings.paths.credentials.clone(),
        ),
        silence: Duration::from_secs(settings.pull.silence_seconds),
    }
}
