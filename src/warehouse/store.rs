//! The warehouse as a place: one writer at a time, and no trace of a run that was cut off.
//!
//! ```text
//! WAREHOUSE/current            -> releases/ID, the release that readers see
//! WAREHOUSE/releases/ID/       release.json and the files of a release
//! WAREHOUSE/staging/RUN/       what a run is making; nobody reads it, the next run removes it
//! WAREHOUSE/journal/RUN/       the run history
//! WAREHOUSE/lock               who is writing
//! WAREHOUSE/gewist.ndjson      who was erased and must not come back, as keyed digests
//! WAREHOUSE/herschrijven.json  releases that are being rewritten, while they are
//! WAREHOUSE/sleutelwissel.json another root key, while it is being switched to
//! ```

use std::fs::{self, File, TryLockError};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::journal::{RunOutcome, RunRecord};
use super::release::{self, JOURNAL, RELEASES, Release, ReleaseError};
use super::{history, publish, rewrite, switch};
use crate::disk;
use crate::error::{Class, Classified};

/// The folder of what is being made.
pub const STAGING: &str = "staging";
const LOCK: &str = "lock";

/// Why the warehouse cannot be written.
#[derive(Debug, Error)]
pub enum StoreError {
    /// Another run is writing.
    #[error("another run (process {process}) has been writing this warehouse since {since}")]
    Busy {
        /// Its process id.
        process: String,
        /// Since when.
        since: String,
    },
    /// The disk.
    #[error("the warehouse cannot be written ({what}): {source}")]
    Io {
        /// What was being done.
        what: &'static str,
        /// The operating system's word.
        source: io::Error,
    },
    /// The current release cannot be read.
    #[error(transparent)]
    Release(#[from] ReleaseError),
    /// A record could not be put into words.
    #[error("a record cannot be written as JSON: {0}")]
    Json(#[from] serde_json::Error),
}

impl StoreError {
    /// An error of the disk while doing `what`.
    pub(crate) fn io(what: &'static str) -> impl Fn(io::Error) -> Self {
        move |source| Self::Io { what, source }
    }
}

impl Classified for StoreError {
    fn class(&self) -> Class {
        match self {
            Self::Busy { .. } | Self::Io { .. } => Class::Environment,
            Self::Release(e) => e.class(),
            Self::Json(_) => Class::Bug,
        }
    }

    fn remedy(&self) -> Option<String> {
        match self {
            Self::Busy { .. } => {
                Some("wait until it is done; `sluis status` shows how far the history goes".into())
            }
            Self::Io { .. } => {
                Some("check that the disk has room and that the warehouse folder is yours".into())
            }
            Self::Release(e) => e.remedy(),
            Self::Json(_) => None,
        }
    }
}

/// A warehouse that this process may write: it holds the lock.
pub struct Store {
    root: PathBuf,
    /// Held as long as the store lives; the system lets go of it however the process ends.
    lock: File,
}

impl Drop for Store {
    fn drop(&mut self) {
        // Closing is not enough: a process that another thread is just starting has it open too.
        let _ = self.lock.unlock();
    }
}

#[derive(Serialize, Deserialize)]
struct Holder {
    process: u32,
    since: String,
}

/// `begonnen.json`: a run has begun.
#[derive(Serialize)]
struct Begun<'a> {
    id: &'a str,
    started_at: &'a str,
}

impl Store {
    /// Takes the warehouse for writing, makes its folders, and cleans up after a run that was cut off.
    ///
    /// # Errors
    /// Another run is writing, or the disk.
    pub fn open(root: &Path, now: &str) -> Result<Self, StoreError> {
        let failed = StoreError::io("its folders");
        for folder in [RELEASES, STAGING, JOURNAL] {
            disk::private_folder(&root.join(folder)).map_err(&failed)?;
        }
        let root = root.canonicalize().map_err(&failed)?;
        let lock = take_lock(&root.join(LOCK), now)?;
        let store = Self { root, lock };
        store.sweep(now)?;
        Ok(store)
    }

    /// The warehouse folder, absolute.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The release that readers see.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn current(&self) -> Result<Option<Release>, StoreError> {
        Ok(release::open(&self.root, None)?)
    }

    /// Notes that a run begins.
    ///
    /// # Errors
    /// The disk.
    pub fn begin(&self, run: &str, started_at: &str) -> Result<(), StoreError> {
        let folder = self.journal(run);
        disk::private_folder(&folder).map_err(StoreError::io("the journal"))?;
        let text = serde_json::to_vec_pretty(&Begun {
            id: run,
            started_at,
        })?;
        disk::write_atomic(&folder.join(history::BEGUN), &text)
            .map_err(StoreError::io("the journal"))
    }

    /// Where the journal of a run is.
    #[must_use]
    pub fn journal(&self, run: &str) -> PathBuf {
        self.root.join(JOURNAL).join(run)
    }

    /// Writes the record of a run that is about to publish: it counts once the release is current.
    ///
    /// # Errors
    /// The disk.
    pub fn prepare_end(&self, record: &RunRecord) -> Result<(), StoreError> {
        let text = serde_json::to_vec_pretty(record)?;
        disk::write_atomic(&self.journal(&record.id).join(PREPARED), &text)
            .map_err(StoreError::io("the journal"))
    }

    /// Ends the history of a run with its record.
    ///
    /// # Errors
    /// The disk.
    pub fn end(&self, record: &RunRecord) -> Result<(), StoreError> {
        self.prepare_end(record)?;
        confirm_end(&self.journal(&record.id)).map_err(StoreError::io("the journal"))
    }

    /// Removes what runs that were cut off have left, and closes their history.
    fn sweep(&self, now: &str) -> Result<(), StoreError> {
        let failed = StoreError::io("cleaning up after the last run");
        rewrite::recover(&self.root)?;
        for entry in fs::read_dir(self.root.join(STAGING)).map_err(&failed)? {
            fs::remove_dir_all(entry.map_err(&failed)?.path()).map_err(&failed)?;
        }
        let current = self.current()?;
        let newest = current.as_ref().map_or("", |c| c.manifest.id.as_str());
        // A release that was complete but never became current: nobody has seen it.
        for id in release::list(&self.root)?
            .iter()
            .filter(|id| id.as_str() > newest)
        {
            publish::drop_release(&self.root, id).map_err(&failed)?;
        }
        match fs::remove_file(self.root.join(publish::NEXT_LINK)) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(failed(e)),
            _ => {}
        }
        switch::finish(&self.root, current.as_ref())?;
        self.close_histories(current.as_ref(), now)
    }

    fn close_histories(&self, current: Option<&Release>, now: &str) -> Result<(), StoreError> {
        let failed = StoreError::io("the journal");
        for entry in fs::read_dir(self.root.join(JOURNAL)).map_err(&failed)? {
            let folder = entry.map_err(&failed)?.path();
            if folder.join(history::RUN).exists() || !folder.is_dir() {
                continue;
            }
            let id = folder
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            if current.is_some_and(|c| c.manifest.run == id) && folder.join(PREPARED).exists() {
                confirm_end(&folder).map_err(&failed)?;
                continue;
            }
            let started_at = match history::run(&self.root.join(JOURNAL), &id) {
                Ok(Some(history::Run::Open {
                    started_at: Some(at),
                    ..
                })) => at,
                _ => now.to_owned(),
            };
            self.end(&RunRecord {
                id,
                started_at,
                ended_at: now.to_owned(),
                outcome: RunOutcome::Afgebroken,
                release: current.map(|c| c.manifest.id.clone()),
                error: Some("de run is afgebroken; de vorige release is blijven staan".into()),
                deliveries: Vec::new(),
                pulls: Vec::new(),
                canaries: None,
            })?;
        }
        Ok(())
    }
}

/// A record that counts once the release of its run is current.
const PREPARED: &str = "run.json.gereed";

fn confirm_end(folder: &Path) -> io::Result<()> {
    fs::rename(folder.join(PREPARED), folder.join(history::RUN))?;
    match fs::remove_file(folder.join(history::BEGUN)) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
        _ => {}
    }
    disk::sync_folder(folder)
}

fn take_lock(path: &Path, now: &str) -> Result<File, StoreError> {
    let failed = StoreError::io("its lock");
    let mut file = File::options()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path)
        .map_err(&failed)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut text = String::new();
            let _ = file.read_to_string(&mut text);
            let holder: Option<Holder> = serde_json::from_str(&text).ok();
            return Err(StoreError::Busy {
                process: holder
                    .as_ref()
                    .map_or_else(|| "unknown".into(), |h| h.process.to_string()),
                since: holder.map_or_else(|| "a moment ago".into(), |h| h.since),
            });
        }
        Err(TryLockError::Error(e)) => return Err(failed(e)),
    }
    file.set_len(0).map_err(&failed)?;
    let text = serde_json::to_vec(&Holder {
        process: std::process::id(),
        since: now.into(),
    })?;
    file.write_all(&text).map_err(&failed)?;
    Ok(file)
}
