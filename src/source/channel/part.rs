//! The working folder of a source, `.haal` in its landing folder, and the files in it that are not
//! whole yet.
//!
//! A part goes on where it stopped only as far as its bytes were surely on the disk: after a loss of
//! power a file can be longer than what was written to it.

use std::fs::{self, File, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::ledger::Ledger;
use super::{Offer, PullError};
use crate::contract::model::Pipeline;
use crate::{disk, hex};

/// The working folder, inside the landing folder of a source.
pub const WORK: &str = ".haal";
const LEDGER: &str = "gehaald.ndjson";
const LOCK: &str = "slot";
const PART: &str = "deel";
const STATE: &str = "stand";
/// Bytes after which a part is brought to the disk.
const SYNC_BYTES: u64 = 16 << 20;

/// The working folder of one source. Nobody else pulls this source for as long as it is held.
pub struct Work {
    folder: PathBuf,
    own: PathBuf,
    lock: File,
}

impl Work {
    /// Opens the working folder, which is made where there is none.
    ///
    /// # Errors
    /// Another pull has it, or the disk.
    pub fn open(landing: &Path, pipeline: &Pipeline) -> Result<Self, PullError> {
        let failed = |e: io::Error| PullError::landing(&e);
        let folder = landing.join(&pipeline.folder);
        let own = folder.join(WORK);
        disk::private_folder(&own).map_err(failed)?;
        // A link would lead raw deliveries out of the landing folder.
        if !own.symlink_metadata().map_err(failed)?.is_dir() {
            return Err(PullError::Landing(io::ErrorKind::NotADirectory));
        }
        let lock = private_append(&own.join(LOCK)).map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(PullError::Busy),
            Err(TryLockError::Error(e)) => return Err(failed(e)),
        }
        Ok(Self { folder, own, lock })
    }

    /// The ledger.
    ///
    /// # Errors
    /// See [`Ledger::load`].
    pub fn ledger(&self) -> Result<Ledger, PullError> {
        Ledger::load(&self.own.join(LEDGER))
    }

    /// The ledger of a source whose working folder is not held, to look only.
    ///
    /// # Errors
    /// See [`Ledger::load`].
    pub fn look(landing: &Path, pipeline: &Pipeline) -> Result<Ledger, PullError> {
        Ledger::load(&landing.join(&pipeline.folder).join(WORK).join(LEDGER))
    }

    /// Where a delivery of that name lands.
    #[must_use]
    pub fn landed(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Removes parts of deliveries that are no longer wanted: they hold raw rows.
    ///
    /// # Errors
    /// The disk.
    pub fn sweep<'n>(&self, wanted: impl Iterator<Item = &'n str>) -> Result<(), PullError> {
        let keep: Vec<String> = wanted.map(stem).collect();
        let sweep = || -> io::Result<()> {
            for entry in fs::read_dir(&self.own)? {
                let path = entry?.path();
                let name = path
                    .file_name()
                    .and_then(|n| n.to_str())
                    .unwrap_or_default();
                let part = name.contains('.') && name != LEDGER;
                if part && !keep.iter().any(|stem| name.starts_with(stem.as_str())) {
                    fs::remove_file(&path)?;
                }
            }
            Ok(())
        };
        sweep().map_err(|e| PullError::landing(&e))
    }

    /// Lands a part: the checksum file first, then the delivery, each by one rename.
    pub(super) fn land(
        &self,
        name: &str,
        part: &Part,
        checksum: Option<&str>,
        modified: SystemTime,
    ) -> Result<(), PullError> {
        let land = || -> io::Result<()> {
            if let Some(checksum) = checksum {
                let beside = self.own.join(format!("{}.sha256", stem(name)));
                let line = format!("{checksum}  {name}\n");
                disk::write_atomic(&beside, line.as_bytes())?;
                fs::rename(&beside, self.landed(&format!("{name}.sha256")))?;
            }
            part.file.set_modified(modified)?;
            part.file.sync_all()?;
            fs::rename(&part.path, self.landed(name))?;
            disk::sync_folder(&self.folder)?;
            remove(&part.state)?;
            disk::sync_folder(&self.own)
        };
        land().map_err(|e| PullError::landing(&e))
    }

    fn paths(&self, name: &str) -> (PathBuf, PathBuf) {
        let stem = stem(name);
        let path = |extension| self.own.join(format!("{stem}.{extension}"));
        (path(PART), path(STATE))
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        // Closing it would do, unless a process that was just started has it open too.
        let _ = self.lock.unlock();
    }
}

/// Removes the parts of a source that no pull has touched for so many seconds; returns how many.
/// Parts are raw deliveries too: they do not outlive their use.
///
/// # Errors
/// The disk.
pub fn remove_forgotten(
    landing: &Path,
    pipeline: &Pipeline,
    seconds: u64,
    now: SystemTime,
) -> io::Result<usize> {
    let own = landing.join(&pipeline.folder).join(WORK);
    let entries = match fs::read_dir(&own) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(0),
        entries => entries?,
    };
    let mut removed = 0;
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_none_or(|extension| extension != PART) {
            continue;
        }
        let touched = path.symlink_metadata()?.modified()?;
        let age = now.duration_since(touched);
        if age.is_ok_and(|age| age.as_secs() >= seconds) {
            remove(&path)?;
            remove(&path.with_extension(STATE))?;
            removed += 1;
        }
    }
    Ok(removed)
}

/// What a part of that name is called: a name of our own making, whatever the partner calls it.
fn stem(name: &str) -> String {
    let digest = hex::encode(&Sha256::digest(name.as_bytes()));
    digest.get(..32).unwrap_or(&digest).to_owned()
}

fn private_append(path: &Path) -> io::Result<File> {
    File::options()
        .read(true)
        .append(true)
        .create(true)
        .mode(0o600)
        .open(path)
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(e),
        _ => Ok(()),
    }
}

/// A delivery that is not whole yet.
pub struct Part {
    path: PathBuf,
    state: PathBuf,
    file: File,
    hasher: Sha256,
    bytes: u64,
    unsynced: u64,
}

/// How far a file was fetched.
#[derive(Serialize, Deserialize)]
struct FileState {
    /// Of the file at the partner's.
    bytes: u64,
    /// Of the file at the partner's.
    mark: String,
    /// Bytes that are surely on the disk.
    synced: u64,
}

impl Part {
    /// The part of a file, as far as it was fetched under the same mark.
    ///
    /// # Errors
    /// The disk.
    pub fn of_file(work: &Work, offer: &Offer) -> Result<Self, PullError> {
        let (_, state) = work.paths(&offer.name);
        let known: Option<FileState> = read_state(&state)?;
        let from = known
            .filter(|s| s.mark == offer.mark && s.bytes == offer.bytes && s.synced <= s.bytes)
            .map_or(0, |s| s.synced);
        Self::open(work, &offer.name, from)
    }

    /// The part of what comes page by page, with what is known of it.
    pub(super) fn of_feed<S: DeserializeOwned>(
        work: &Work,
        name: &str,
        bytes: impl FnOnce(&S) -> u64,
    ) -> Result<(Self, Option<S>), PullError> {
        let (_, state) = work.paths(name);
        let known: Option<S> = read_state(&state)?;
        let from = known.as_ref().map_or(0, bytes);
        let part = Self::open(work, name, from)?;
        // Shorter than it should be: begun anew, and so is what is known of it.
        let known = known.filter(|_| part.bytes == from);
        Ok((part, known))
    }

    /// Opens the part and reads what is there, for its hash.
    fn open(work: &Work, name: &str, from: u64) -> Result<Self, PullError> {
        let (path, state) = work.paths(name);
        let open = || -> io::Result<Self> {
            let mut file = private_append(&path)?;
            let from = if file.metadata()?.len() < from {
                0
            } else {
                from
            };
            file.set_len(from)?;
            file.seek(SeekFrom::Start(0))?;
            let mut hasher = Sha256::new();
            let mut buffer = vec![0; 1 << 18];
            loop {
                match file.read(&mut buffer)? {
                    0 => break,
                    got => hasher.update(buffer.get(..got).unwrap_or_default()),
                }
            }
            Ok(Self {
                path,
                state,
                file,
                hasher,
                bytes: from,
                unsynced: 0,
            })
        };
        open().map_err(|e| PullError::landing(&e))
    }

    /// Bytes that are there.
    #[must_use]
    pub const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The SHA-256 (hex) of the bytes that are there.
    #[must_use]
    pub fn sha256(&self) -> String {
        hex::encode(&self.hasher.clone().finalize())
    }

    /// Adds bytes of a file.
    ///
    /// # Errors
    /// The disk, or more bytes than the file has.
    pub fn take(&mut self, offer: &Offer, bytes: &[u8]) -> Result<(), PullError> {
        if self.bytes + bytes.len() as u64 > offer.bytes {
            return Err(PullError::Changed);
        }
        self.append(bytes)?;
        if self.unsynced >= SYNC_BYTES {
            self.pause(offer)?;
        }
        Ok(())
    }

    /// Adds bytes.
    pub(super) fn append(&mut self, bytes: &[u8]) -> Result<(), PullError> {
        self.file
            .write_all(bytes)
            .map_err(|e| PullError::landing(&e))?;
        self.hasher.update(bytes);
        self.bytes += bytes.len() as u64;
        self.unsynced += bytes.len() as u64;
        Ok(())
    }

    /// Brings the bytes of a file to the disk, and then how many they are.
    ///
    /// # Errors
    /// The disk.
    pub fn pause(&mut self, offer: &Offer) -> Result<(), PullError> {
        self.note(&FileState {
            bytes: offer.bytes,
            mark: offer.mark.clone(),
            synced: self.bytes,
        })
    }

    /// Brings the bytes to the disk, and then what is known of them.
    pub(super) fn note<S: Serialize>(&mut self, state: &S) -> Result<(), PullError> {
        let text = serde_json::to_vec(state).map_err(|_| PullError::Ledger)?;
        self.file
            .sync_data()
            .and_then(|()| disk::write_atomic(&self.state, &text))
            .map_err(|e| PullError::landing(&e))?;
        self.unsynced = 0;
        Ok(())
    }

    /// Removes the part.
    ///
    /// # Errors
    /// The disk.
    pub fn discard(self) -> Result<(), PullError> {
        remove(&self.state)
            .and_then(|()| remove(&self.path))
            .map_err(|e| PullError::landing(&e))
    }
}

/// What is known of a part; a state that was never whole is none.
fn read_state<S: DeserializeOwned>(path: &Path) -> Result<Option<S>, PullError> {
    match fs::read(path) {
        Ok(text) => Ok(serde_json::from_slice(&text).ok()),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(PullError::landing(&e)),
    }
}
