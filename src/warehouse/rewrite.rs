//! Taking rows out of releases that were published already: of all that hold them, or of none.
//!
//! Each release that changes is built anew, beside the old one: links to what stays, new files under
//! names of their own content, a `release.json` that is whole by itself. Then one small file,
//! `herschrijven.json`, says that it shall be so. Until it is there nothing has happened, and what was
//! built is swept away; from then on it will happen, and whoever opens the warehouse next finishes it.
//! A release changes places with its new self by one exchange of two names, so a reader meets the old
//! one or the new one, and never half of either.
//!
//! Readers that listed the files of a release before it was rewritten may find that some are gone.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, RenameFlags, renameat_with};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::manifest::{FileEntry, MANIFEST, Manifest};
use super::parquet::WrittenFile;
use super::publish;
use super::release::{RELEASES, Release};
use super::store::{STAGING, Store, StoreError};
use crate::disk;

/// That releases are being rewritten: it is decided, and not yet done.
pub const INTENT: &str = "herschrijven.json";
/// The folder of new releases, below staging.
const FOLDER: &str = "herschrijven";

/// `herschrijven.json`.
#[derive(Debug, Serialize, Deserialize)]
struct Intent {
    releases: Vec<Planned>,
    additions: Vec<Addition>,
}

/// A release that changes places with the one that was built for it.
#[derive(Debug, Serialize, Deserialize)]
struct Planned {
    id: String,
    /// SHA-256 of its new `release.json`: by it one sees whether they have changed places.
    manifest: String,
}

/// Lines that belong at the end of a file of the warehouse.
#[derive(Debug, Serialize, Deserialize)]
struct Addition {
    file: String,
    lines: Vec<String>,
}

/// What becomes of the files whose rows go, by the SHA-256 of the file: one that lacks them, or none.
pub type Replacements = BTreeMap<String, Option<WrittenFile>>;

/// Releases that are about to be rewritten. Nothing has happened before [`Rewrite::commit`].
pub struct Rewrite<'a> {
    store: &'a Store,
    folder: PathBuf,
    intent: Intent,
}

impl<'a> Rewrite<'a> {
    /// Begins, with nothing to do.
    ///
    /// # Errors
    /// The disk.
    pub fn begin(store: &'a Store) -> Result<Self, StoreError> {
        let failed = StoreError::io("rewriting releases");
        let folder = store.root().join(STAGING).join(FOLDER);
        match fs::remove_dir_all(&folder) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(failed(e)),
            _ => {}
        }
        disk::private_folder(&folder).map_err(failed)?;
        Ok(Self {
            store,
            folder,
            intent: Intent {
                releases: Vec::new(),
                additions: Vec::new(),
            },
        })
    }

    /// A folder for files that are being written.
    ///
    /// # Errors
    /// The disk.
    pub fn scratch(&self, name: &str) -> Result<PathBuf, StoreError> {
        let folder = self.folder.join("nieuw").join(name);
        disk::private_folder(&folder).map_err(StoreError::io("rewriting releases"))?;
        Ok(folder)
    }

    /// Builds a release anew without the rows that go; `edit` has the last word over its manifest.
    /// `false`: it holds none of the files.
    ///
    /// # Errors
    /// The disk.
    pub fn release(
        &mut self,
        release: &Release,
        replacements: &Replacements,
        edit: impl FnOnce(&mut Manifest),
    ) -> Result<bool, StoreError> {
        let touched = |f: &FileEntry| replacements.contains_key(&f.sha256);
        if !release.manifest.files.iter().any(touched) {
            return Ok(false);
        }
        let failed = StoreError::io("rewriting releases");
        let id = &release.manifest.id;
        let root = self.folder.join(id);
        disk::private_folder(&root).map_err(&failed)?;
        let mut files: BTreeMap<String, FileEntry> = BTreeMap::new();
        for file in &release.manifest.files {
            let Some((from, entry)) = (match replacements.get(&file.sha256) {
                None => Some((release.root.join(&file.path), file.clone())),
                Some(None) => None,
                Some(Some(new)) => Some((new.path.clone(), publish::renamed(file, new))),
            }) else {
                continue;
            };
            publish::link(&from, &root.join(&entry.path)).map_err(&failed)?;
            files.insert(entry.path.clone(), entry);
        }
        let mut manifest = release.manifest.clone();
        manifest.content = publish::content_hash(files.values());
        manifest.files = files.into_values().collect();
        edit(&mut manifest);
        let text = serde_json::to_vec_pretty(&manifest)?;
        disk::write_atomic(&root.join(MANIFEST), &text).map_err(&failed)?;
        let paths = manifest.files.iter().map(|f| &f.path);
        disk::sync_many(&publish::folders(&root, paths)).map_err(&failed)?;
        self.intent.releases.push(Planned {
            id: id.clone(),
            manifest: crate::hex::encode(&Sha256::digest(&text)),
        });
        Ok(true)
    }

    /// Lines that a file of the warehouse gets together with the rewriting.
    pub fn add_lines(&mut self, file: &str, lines: Vec<String>) {
        self.intent.additions.push(Addition {
            file: file.to_owned(),
            lines,
        });
    }

    /// Makes it so. Returns the releases that were rewritten.
    ///
    /// # Errors
    /// The disk. Whether it happens is then decided by whether `herschrijven.json` is there.
    pub fn commit(self) -> Result<Vec<String>, StoreError> {
        let failed = StoreError::io("rewriting releases");
        let text = serde_json::to_vec_pretty(&self.intent)?;
        disk::sync_folder(&self.folder).map_err(&failed)?;
        disk::write_atomic(&self.store.root().join(INTENT), &text).map_err(&failed)?;
        forward(self.store.root(), &self.intent, &mut || Ok(())).map_err(&failed)?;
        Ok(self.intent.releases.into_iter().map(|r| r.id).collect())
    }
}

/// Finishes what was decided and not done.
///
/// # Errors
/// The disk, or the decision cannot be read.
pub(super) fn recover(root: &Path) -> Result<(), StoreError> {
    let failed = StoreError::io("finishing what was begun");
    let text = match fs::read(root.join(INTENT)) {
        Ok(text) => text,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(e) => return Err(failed(e)),
    };
    let intent: Intent = serde_json::from_slice(&text)?;
    forward(root, &intent, &mut || Ok(())).map_err(failed)
}

/// Does what was decided, as far as it is not done yet. `step` is called before every deed.
fn forward(
    root: &Path,
    intent: &Intent,
    step: &mut dyn FnMut() -> io::Result<()>,
) -> io::Result<()> {
    for addition in &intent.additions {
        step()?;
        append(&root.join(&addition.file), &addition.lines)?;
    }
    let releases = root.join(RELEASES);
    let folder = root.join(STAGING).join(FOLDER);
    for planned in &intent.releases {
        step()?;
        let (old, new) = (releases.join(&planned.id), folder.join(&planned.id));
        if digest_of(&old.join(MANIFEST))?.as_ref() != Some(&planned.manifest) {
            change_places(&old, &new, step)?;
        }
    }
    step()?;
    disk::sync_folder(&releases)?;
    // The old releases lie where the new ones lay, and with them the last of what had to go.
    step()?;
    match fs::remove_dir_all(&folder) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
        _ => {}
    }
    step()?;
    disk::sync_folder(&root.join(STAGING))?;
    step()?;
    fs::remove_file(root.join(INTENT))?;
    disk::sync_folder(root)
}

/// The release gets the place of the old one. By one exchange where the file system can; else by two
/// renames, between which the release is nowhere, until whoever opens the warehouse next puts it there.
fn change_places(
    old: &Path,
    new: &Path,
    step: &mut dyn FnMut() -> io::Result<()>,
) -> io::Result<()> {
    if !old.exists() {
        return fs::rename(new, old);
    }
    match renameat_with(CWD, old, CWD, new, RenameFlags::EXCHANGE) {
        Ok(()) => Ok(()),
        Err(rustix::io::Errno::INVAL | rustix::io::Errno::NOSYS | rustix::io::Errno::NOTSUP) => {
            rename_twice(old, new, step)
        }
        Err(error) => Err(error.into()),
    }
}

fn rename_twice(
    old: &Path,
    new: &Path,
    step: &mut dyn FnMut() -> io::Result<()>,
) -> io::Result<()> {
    let mut name = new.file_name().unwrap_or_default().to_owned();
    name.push(".oud");
    fs::rename(old, new.with_file_name(name))?;
    step()?;
    fs::rename(new, old)
}

/// Adds the lines that the file has not yet.
fn append(path: &Path, lines: &[String]) -> io::Result<()> {
    let mut text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(e) if e.kind() == io::ErrorKind::NotFound => String::new(),
        Err(e) => return Err(e),
    };
    for line in lines {
        if !text.lines().any(|known| known == line) {
            text.push_str(line);
            text.push('\n');
        }
    }
    disk::write_atomic(path, text.as_bytes())
}

/// `None`: there is no such file.
fn digest_of(path: &Path) -> io::Result<Option<String>> {
    match fs::read(path) {
        Ok(text) => Ok(Some(crate::hex::encode(&Sha256::digest(text)))),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(e),
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "tests make their own files")]
mod tests {
    use super::*;
    use crate::warehouse::fixture::{self, Warehouse};
    use crate::warehouse::release;

    const NOW: &str = "2025-01-05T01:00:00Z";

    /// A rewriting that is decided: the first file of the release goes.
    fn decided(warehouse: &Warehouse) -> (String, Intent) {
        let store = Store::open(warehouse.path(), NOW).unwrap();
        let release = release::open(warehouse.path(), None).unwrap().unwrap();
        let mut rewrite = Rewrite::begin(&store).unwrap();
        let first = release.manifest.files[0].clone();
        let gone = Replacements::from([(first.sha256, None)]);
        assert!(rewrite.release(&release, &gone, |_| {}).unwrap());
        rewrite.add_lines("lijst", vec!["een".into(), "twee".into()]);
        let text = serde_json::to_vec(&rewrite.intent).unwrap();
        fs::write(warehouse.path().join(INTENT), text).unwrap();
        (first.path, rewrite.intent)
    }

    fn whole(warehouse: &Warehouse) -> Manifest {
        let release = release::open(warehouse.path(), None).unwrap().unwrap();
        let manifest = release.manifest;
        for file in &manifest.files {
            let bytes = fs::read(release.root.join(&file.path)).unwrap();
            assert_eq!(crate::hex::encode(&Sha256::digest(&bytes)), file.sha256);
        }
        manifest
    }

    #[test]
    fn cut_off_before_any_deed_it_is_finished_by_who_comes_next() {
        let mut done = false;
        for moment in 0.. {
            let warehouse = Warehouse::new();
            let (gone, intent) = decided(&warehouse);
            let before = release::open(warehouse.path(), None).unwrap().unwrap();
            assert!(whole(&warehouse).files.iter().any(|f| f.path == gone));
            let mut left = moment;
            let cut_off = forward(warehouse.path(), &intent, &mut || {
                left -= 1;
                if left < 0 {
                    return Err(io::Error::other("cut off"));
                }
                Ok(())
            });
            done = cut_off.is_ok();
            // Old or new, and whole.
            let seen = whole(&warehouse);
            assert!(seen == before.manifest || !seen.files.iter().any(|f| f.path == gone));
            drop(Store::open(warehouse.path(), NOW).unwrap());
            let now = whole(&warehouse);
            assert_eq!(now.id, fixture::RELEASE);
            assert_eq!(now.files.len(), before.manifest.files.len() - 1);
            assert_ne!(now.content, before.manifest.content);
            let lines = fs::read_to_string(warehouse.path().join("lijst")).unwrap();
            assert_eq!(lines, "een\ntwee\n");
            assert!(!warehouse.path().join(INTENT).exists());
            let staged = fs::read_dir(warehouse.path().join(STAGING)).unwrap();
            assert_eq!(staged.count(), 0, "moment {moment}");
            if done {
                break;
            }
        }
        assert!(done);
    }

    #[test]
    fn without_a_decision_nothing_has_happened() {
        let warehouse = Warehouse::new();
        let before = whole(&warehouse);
        decided(&warehouse);
        fs::remove_file(warehouse.path().join(INTENT)).unwrap();
        drop(Store::open(warehouse.path(), NOW).unwrap());
        assert_eq!(whole(&warehouse), before);
        assert!(!warehouse.path().join("lijst").exists());
    }

    #[test]
    fn a_file_system_that_cannot_exchange_is_no_obstacle() {
        let warehouse = Warehouse::new();
        let (gone, _) = decided(&warehouse);
        let staged = warehouse.path().join(STAGING).join(FOLDER);
        let (old, new) = (warehouse.root(), staged.join(fixture::RELEASE));
        // Cut off between the two renames.
        let cut_off = rename_twice(&old, &new, &mut || Err(io::Error::other("cut off")));
        assert!(cut_off.is_err() && !old.exists());
        drop(Store::open(warehouse.path(), NOW).unwrap());
        assert!(!whole(&warehouse).files.iter().any(|f| f.path == gone));
    }
}
