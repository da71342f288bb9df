//! Rotating the root key. Pseudonyms are one-way, so they cannot be made again without the identifiers;
//! they are wrapped instead: the HMAC of each under the next key.
//!
//! The next key holds the one before inside it, and a key fits a warehouse when it, or what is inside it,
//! made that warehouse. So there is one switch only, the rename of `current`: cut off before it, the old
//! release stands and the next key, which may be in its place already, opens it; cut off after it, the new
//! release stands, and whoever opens the warehouse next does what was to follow (see
//! [`crate::warehouse::switch`]).

use std::path::Path;

use serde::Serialize;

use super::proof::{self, Proof};
use super::{KeyringError, files, unlock};
use crate::audit::{self, Deed, Entry};
use crate::contract::model::Contracts;
use crate::disk;
use crate::lock::erased::{self, ERASED};
use crate::lock::keys::{KeyError, Origin, RootKey};
use crate::lock::pseudonym::Wrap;
use crate::settings::KeySource;
use crate::warehouse::journal::{RunOutcome, RunRecord};
use crate::warehouse::publish::{Circumstances, NextRelease};
use crate::warehouse::release::{self, Release};
use crate::warehouse::store::{Store, StoreError};
use crate::warehouse::switch::{self, Switch};

/// What a rotation needs.
pub struct Rotation<'a> {
    /// Where the key comes from.
    pub key: &'a KeySource,
    /// The warehouse.
    pub warehouse: &'a Path,
    /// The contracts, without faults.
    pub contracts: &'a Contracts,
    /// Earlier releases stay, and the old key opens them.
    pub keep_releases: bool,
    /// Now (RFC 3339, UTC).
    pub now: &'a str,
}

/// What was done, or would be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Rotated {
    /// Fingerprint of the key that the warehouse had.
    pub from: String,
    /// Fingerprint of the one that it has now; `None`: it would be made.
    pub to: Option<String>,
    /// The new release.
    pub release: Option<String>,
    /// Files of the release that were written again.
    pub files: usize,
    /// Lines of the list of who was erased that were wrapped.
    pub erased: usize,
    /// Earlier releases that were dropped, or would be.
    pub dropped: Vec<String>,
    /// Earlier releases that stay, under the old key.
    pub kept: Vec<String>,
    /// That the new release is the old one.
    pub proof: Option<Proof>,
}

impl Rotation<'_> {
    /// What [`Rotation::run`] would do.
    ///
    /// # Errors
    /// As [`Rotation::run`], but for the disk.
    pub fn dry_run(&self) -> Result<Rotated, KeyringError> {
        let current = release::open(self.warehouse, None)?.ok_or(KeyringError::Nothing)?;
        let (old, next) = self.keys(&current)?;
        if next.is_none() {
            self.can_be_drawn(&old)?;
        }
        let (dropped, kept) = self.earlier(&current)?;
        self.note(&old, "proef", |entry| entry)?;
        Ok(Rotated {
            from: old.fingerprint(),
            to: next.map(|next| next.fingerprint()),
            release: None,
            files: current
                .manifest
                .files
                .iter()
                .filter(|f| !f.is_state())
                .count(),
            erased: erased::entries(self.warehouse)?.len(),
            dropped,
            kept,
            proof: None,
        })
    }

    /// Wraps the current release in the next key and publishes it, with everything that belongs to it.
    ///
    /// # Errors
    /// Nothing was published, the next key is not in its place, or the disk; then what was there stands.
    pub fn run(&self) -> Result<Rotated, KeyringError> {
        // A key that does not fit must not have a folder made for it.
        release::open(self.warehouse, None)?.ok_or(KeyringError::Nothing)?;
        let store = Store::open(self.warehouse, self.now)?;
        let current = store.current()?.ok_or(KeyringError::Nothing)?;
        let (old, next) = self.keys(&current)?;
        let next = match next {
            Some(next) => next,
            None => self.draw(&old)?,
        };
        let to = next.fingerprint();
        self.note(&old, "wisseling begonnen", |e| {
            e.with("nieuwe_sleutel", to.as_str())
        })?;
        let done = self.publish(&store, &current, &old, &next);
        let result = if done.is_ok() {
            "gewisseld"
        } else {
            "wisseling mislukt"
        };
        let noted = self.note(&old, result, |entry| {
            let entry = entry.with("nieuwe_sleutel", to.as_str());
            match &done {
                Ok(done) => entry
                    .with("release", done.release.clone())
                    .with("vervallen_releases", done.dropped.clone()),
                Err(_) => entry,
            }
        });
        let done = done?;
        noted?;
        Ok(done)
    }

    /// The key of the warehouse, and the next one where it is in its place already.
    fn keys(&self, current: &Release) -> Result<(RootKey, Option<RootKey>), KeyringError> {
        let whole = unlock(self.key)?;
        let fingerprints = whole.fingerprints();
        let wanted = &current.manifest.key_fingerprint;
        let at = fingerprints.iter().position(|f| f == wanted);
        let next = at.and_then(|at| fingerprints.get(at + 1));
        let Some(next) = next else {
            return Ok((whole.fitting(wanted)?, None));
        };
        let old = unlock(self.key)?.fitting(wanted)?;
        Ok((old, Some(whole.fitting(next)?)))
    }

    /// Only a file can be given another key by us.
    fn can_be_drawn<'k>(&'k self, old: &RootKey) -> Result<&'k Path, KeyringError> {
        match self.key {
            KeySource::File(path) => Ok(path),
            _ => Err(KeyringError::NoNext(old.origin().clone())),
        }
    }

    /// Draws the next key and puts it in the place of the old one, which is inside it.
    fn draw(&self, old: &RootKey) -> Result<RootKey, KeyringError> {
        let path = self.can_be_drawn(old)?;
        let next = old.rotated()?;
        disk::write_atomic(path, next.text().as_bytes()).map_err(|source| KeyError::Io {
            origin: Origin::File(path.to_owned()),
            what: "written",
            source,
        })?;
        Ok(next)
    }

    fn earlier(&self, current: &Release) -> Result<(Vec<String>, Vec<String>), KeyringError> {
        let mut all = release::list(self.warehouse)?;
        // The current one becomes an earlier one; in a dry run it still is the current one.
        all.retain(|id| self.keep_releases || *id != current.manifest.id);
        if !self.keep_releases {
            all.push(current.manifest.id.clone());
            return Ok((all, Vec::new()));
        }
        Ok((Vec::new(), all))
    }

    fn note(
        &self,
        key: &RootKey,
        result: &'static str,
        more: impl FnOnce(Entry) -> Entry,
    ) -> Result<(), KeyringError> {
        let entry = Entry::new(Deed::Sleutel, result)
            .with("sleutel", key.fingerprint())
            .with("sleutelbron", key.origin().name());
        Ok(audit::note(self.warehouse, &more(entry))?)
    }

    fn publish(
        &self,
        store: &Store,
        current: &Release,
        old: &RootKey,
        next_key: &RootKey,
    ) -> Result<Rotated, KeyringError> {
        let run = format!(
            "{}-{}",
            self.now.replace(['-', ':'], ""),
            std::process::id()
        );
        store.begin(&run, self.now)?;
        let mut next = NextRelease::begin(store, &run, Some(current))?;
        // The last wrap only: what is inside it is in the release already.
        let newest = next_key.wraps().pop();
        let wrap = Wrap::new(newest.as_slice());
        let before = proof::measure(&current.root, current.manifest.files.iter())?;
        let written = files::wrap_all(current, self.contracts, &wrap, &mut next)?;
        let files: Vec<_> = next.files().cloned().collect();
        let after = proof::measure(next.root(), files.iter())?;
        let proof = proof::prove(&before, &after, next.root(), &written.old_digests)?;
        let (from, to) = (old.fingerprint(), next_key.fingerprint());
        next.carry_over(&current.manifest.files, [&from, &to], self.contracts);
        let manifest = next.manifest(self.circumstances(&run, current, &to), Some(current));
        let list = erased::rotated(&erased::entries(store.root())?, next_key)?;
        let lines = list.iter().map(serde_json::to_string);
        let lines = lines
            .collect::<Result<Vec<_>, _>>()
            .map_err(StoreError::from)?;
        let erased = lines.len();
        let follows = Switch {
            release: manifest.id.clone(),
            file: ERASED.to_owned(),
            lines,
            keep_releases: self.keep_releases,
        };
        follows.decide(store)?;
        let record = self.record(run, &manifest.id);
        store.prepare_end(&record)?;
        next.publish(store, &manifest)?;
        store.end(&record)?;
        let published = store.current()?;
        let dropped = switch::finish(store.root(), published.as_ref())?;
        let mut kept = release::list(store.root())?;
        kept.retain(|id| *id != manifest.id);
        Ok(Rotated {
            from,
            to: Some(to),
            release: Some(manifest.id),
            files: written.files,
            erased,
            dropped,
            kept,
            proof: Some(proof),
        })
    }
}

impl Rotation<'_> {
    fn circumstances(&self, run: &str, current: &Release, key: &str) -> Circumstances {
        Circumstances {
            run: run.to_owned(),
            published_at: self.now.to_owned(),
            register_version: current.manifest.register_version.clone(),
            register_adopted: current.manifest.register_adopted.clone(),
            key_fingerprint: key.to_owned(),
        }
    }

    /// In the history it is a run that took nothing in.
    fn record(&self, run: String, release: &str) -> RunRecord {
        RunRecord {
            id: run,
            started_at: self.now.to_owned(),
            ended_at: self.now.to_owned(),
            outcome: RunOutcome::Gepubliceerd,
            release: Some(release.to_owned()),
            error: None,
            deliveries: Vec::new(),
            pulls: Vec::new(),
            canaries: None,
        }
    }
}

/// The next key, for a source that only its operator can give another one: drawn, and given to nobody yet.
///
/// # Errors
/// The key is not the one of the warehouse, or the next one is in its place already.
pub fn next_key(source: &KeySource, warehouse: &Path) -> Result<RootKey, KeyringError> {
    let whole = unlock(source)?;
    if let Some(current) = release::open(warehouse, None)? {
        let wanted = &current.manifest.key_fingerprint;
        let fingerprints = whole.fingerprints();
        if fingerprints.contains(wanted) && fingerprints.last() != Some(wanted) {
            return Err(KeyringError::Unfinished);
        }
        whole.must_match(wanted)?;
    }
    Ok(whole.rotated()?)
}
