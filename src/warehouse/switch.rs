//! Another root key: what must follow once the release that was made with it is the current one.
//!
//! The rename of `current` is the switch. `sleutelwissel.json` is there before it and says what belongs to
//! that release: the list of who was erased under the next key, and that earlier releases go, which the
//! old key still opens. Whoever opens the warehouse next finishes it, or, where the release was never
//! published, forgets it.

use std::fs;
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::release::{self, Release};
use super::store::{Store, StoreError};
use super::{publish, release::ReleaseError};
use crate::disk;

/// That a release under another key is about to be published.
pub const SWITCH: &str = "sleutelwissel.json";

/// What follows once a release is current.
#[derive(Debug, Serialize, Deserialize)]
pub struct Switch {
    /// The release.
    pub release: String,
    /// A file of the warehouse that is written again.
    pub file: String,
    /// Its lines; empty: there is no such file.
    pub lines: Vec<String>,
    /// Earlier releases stay.
    pub keep_releases: bool,
}

impl Switch {
    /// Notes what will follow.
    ///
    /// # Errors
    /// The disk.
    pub fn decide(&self, store: &Store) -> Result<(), StoreError> {
        let text = serde_json::to_vec_pretty(self)?;
        disk::write_atomic(&store.root().join(SWITCH), &text)
            .map_err(StoreError::io("switching the key"))
    }
}

/// Does what was to follow the current release, or forgets what was to follow one that was never published.
/// Returns the releases that were dropped.
///
/// # Errors
/// The disk.
pub fn finish(root: &Path, current: Option<&Release>) -> Result<Vec<String>, StoreError> {
    let failed = StoreError::io("switching the key");
    let text = match fs::read(root.join(SWITCH)) {
        Ok(text) => text,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(failed(e)),
    };
    let switch: Switch = serde_json::from_slice(&text)?;
    let mut dropped = Vec::new();
    if current.is_some_and(|c| c.manifest.id == switch.release) {
        if !switch.lines.is_empty() {
            let text = switch.lines.join("\n") + "\n";
            disk::write_atomic(&root.join(&switch.file), text.as_bytes()).map_err(&failed)?;
        }
        if !switch.keep_releases {
            dropped = earlier(root, &switch.release)?;
            for id in &dropped {
                publish::drop_release(root, id).map_err(&failed)?;
            }
        }
    }
    fs::remove_file(root.join(SWITCH)).map_err(&failed)?;
    disk::sync_folder(root).map_err(&failed)?;
    Ok(dropped)
}

fn earlier(root: &Path, current: &str) -> Result<Vec<String>, ReleaseError> {
    let all = release::list(root)?;
    Ok(all.into_iter().filter(|id| id != current).collect())
}
