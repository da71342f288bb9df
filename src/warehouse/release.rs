//! Opening a release: which folder is current, and what its manifest says.
//!
//! A reader resolves `current` once and from then on holds one release, whatever is published
//! meanwhile.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::manifest::{MANIFEST, Manifest};
use crate::error::{Class, Classified};

/// The folder of the releases, inside the warehouse.
pub const RELEASES: &str = "releases";
/// The symbolic link to the release that readers see, inside the warehouse.
pub const CURRENT: &str = "current";
/// The folder of the run history, inside the warehouse.
pub const JOURNAL: &str = "journal";
/// The version of the manifest's format that this program reads and writes.
pub const FORMAT: u32 = 1;

/// An opened release.
#[derive(Clone, Debug)]
pub struct Release {
    /// Its folder, absolute and without the `current` link in it.
    pub root: PathBuf,
    /// What it consists of.
    pub manifest: Manifest,
}

/// Why a release cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum ReleaseError {
    /// The text is not the id of any release.
    #[error("a release id consists of letters, digits and hyphens")]
    BadId,
    /// No such release.
    #[error("there is no release {id}")]
    Unknown {
        /// The id that was asked for.
        id: String,
    },
    /// `current` is not a link to a release.
    #[error("the link `current` of the warehouse does not lead to a release")]
    BadCurrent,
    /// The manifest is not what it should be.
    #[error("the manifest of release {id} cannot be read: {reason}")]
    BadManifest {
        /// The release.
        id: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The operating system refused.
    #[error("cannot read {what}: {source}")]
    Io {
        /// What was being read.
        what: &'static str,
        /// What the operating system said.
        source: io::Error,
    },
}

impl Classified for ReleaseError {
    fn class(&self) -> Class {
        match self {
            Self::BadId | Self::Unknown { .. } => Class::User,
            Self::BadCurrent | Self::BadManifest { .. } | Self::Io { .. } => Class::Environment,
        }
    }

    fn remedy(&self) -> Option<String> {
        match self {
            Self::BadId | Self::Unknown { .. } => {
                Some("`select release from beheer.releases` lists them".to_owned())
            }
            Self::BadCurrent | Self::BadManifest { .. } => {
                Some("point `current` to a whole release again, in the warehouse folder: ln -sfn releases/ID current".to_owned())
            }
            Self::Io { .. } => None,
        }
    }
}

/// Opens the release `id`, or the current one. `None`: nothing was ever published.
///
/// # Errors
/// When the release does not exist, or its manifest cannot be read.
pub fn open(warehouse: &Path, id: Option<&str>) -> Result<Option<Release>, ReleaseError> {
    let id = match id {
        Some(id) => id.to_owned(),
        None => match current(warehouse)? {
            Some(id) => id,
            None => return Ok(None),
        },
    };
    read(warehouse, &id).map(Some)
}

/// The id of the current release, or `None` when nothing was ever published.
///
/// # Errors
/// When `current` is there but leads to no release.
pub fn current(warehouse: &Path) -> Result<Option<String>, ReleaseError> {
    let target = match fs::read_link(warehouse.join(CURRENT)) {
        Ok(target) => target,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(e) if e.kind() == io::ErrorKind::InvalidInput => return Err(ReleaseError::BadCurrent),
        Err(source) => {
            return Err(ReleaseError::Io {
                what: "the link `current`",
                source,
            });
        }
    };
    let inside = target.parent() == Some(Path::new(RELEASES));
    match target.file_name().and_then(|name| name.to_str()) {
        Some(id) if inside && is_id(id) => Ok(Some(id.to_owned())),
        _ => Err(ReleaseError::BadCurrent),
    }
}

/// The ids of all releases, ascending.
///
/// # Errors
/// When the folder cannot be listed.
pub fn list(warehouse: &Path) -> Result<Vec<String>, ReleaseError> {
    let io = |source| ReleaseError::Io {
        what: "the releases",
        source,
    };
    let entries = match fs::read_dir(warehouse.join(RELEASES)) {
        Ok(entries) => entries,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(io(e)),
    };
    let mut ids = Vec::new();
    for entry in entries {
        let entry = entry.map_err(io)?;
        // What is being written has a name that is no id, or no manifest yet.
        if let Some(id) = entry.file_name().to_str()
            && is_id(id)
            && entry.path().join(MANIFEST).is_file()
        {
            ids.push(id.to_owned());
        }
    }
    ids.sort_unstable();
    Ok(ids)
}

/// Whether a text may be a release id: it is joined to a path, so nothing but `[0-9A-Za-z-]+`.
#[must_use]
pub fn is_id(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

fn read(warehouse: &Path, id: &str) -> Result<Release, ReleaseError> {
    if !is_id(id) {
        return Err(ReleaseError::BadId);
    }
    let root = std::path::absolute(warehouse.join(RELEASES).join(id)).map_err(|source| {
        ReleaseError::Io {
            what: "the warehouse",
            source,
        }
    })?;
    let text = match fs::read(root.join(MANIFEST)) {
        Ok(text) => text,
        Err(e) if e.kind() == io::ErrorKind::NotFound => {
            return Err(ReleaseError::Unknown { id: id.to_owned() });
        }
        Err(source) => {
            return Err(ReleaseError::Io {
                what: "the manifest",
                source,
            });
        }
    };
    let bad = |reason: String| ReleaseError::BadManifest {
        id: id.to_owned(),
        reason,
    };
    let manifest: Manifest = serde_json::from_slice(&text).map_err(|e| bad(e.to_string()))?;
    if manifest.format != FORMAT {
        return Err(bad(format!(
            "it has format {}, this program reads format {FORMAT}",
            manifest.format
        )));
    }
    if manifest.id != id {
        return Err(bad("it belongs to another release".to_owned()));
    }
    Ok(Release { root, manifest })
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;
    use crate::warehouse::fixture;

    #[test]
    fn a_warehouse_without_releases_has_none() {
        let folder = tempfile::tempdir().unwrap();
        assert!(open(folder.path(), None).unwrap().is_none());
        assert!(list(folder.path()).unwrap().is_empty());
    }

    #[test]
    fn current_is_resolved_once() {
        let warehouse = fixture::Warehouse::new();
        let release = open(warehouse.path(), None).unwrap().unwrap();
        assert_eq!(release.manifest.id, fixture::RELEASE);
        assert!(
            release
                .root
                .ends_with(format!("releases/{}", fixture::RELEASE))
        );
        assert_eq!(list(warehouse.path()).unwrap(), [fixture::RELEASE]);
    }

    #[test]
    fn an_id_never_becomes_another_path() {
        let warehouse = fixture::Warehouse::new();
        for id in ["", "..", "../releases", "/etc", "a/b", "a.b", "a\0"] {
            assert!(
                matches!(open(warehouse.path(), Some(id)), Err(ReleaseError::BadId)),
                "{id:?}"
            );
        }
        let unknown = open(warehouse.path(), Some("20200101T000000Z-1"));
        assert!(matches!(unknown, Err(ReleaseError::Unknown { .. })));
    }

    #[test]
    fn current_may_lead_to_releases_only() {
        let folder = tempfile::tempdir().unwrap();
        symlink("/etc", folder.path().join(CURRENT)).unwrap();
        assert!(matches!(
            open(folder.path(), None),
            Err(ReleaseError::BadCurrent)
        ));
    }

    #[test]
    fn a_manifest_of_another_format_is_refused() {
        let warehouse = fixture::Warehouse::new();
        warehouse.edit_manifest(|m| m.format = 99);
        let error = open(warehouse.path(), None).unwrap_err();
        assert_eq!(error.class(), Class::Environment);
        assert!(error.to_string().contains("format 99"), "{error}");
    }
}
