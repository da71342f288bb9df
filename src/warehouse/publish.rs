//! The next release: built aside from links and new files, then published by one rename.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::manifest::{DeliveryEntry, FileEntry, MANIFEST, Manifest, STATE};
use super::parquet::WrittenFile;
use super::release::{self, CURRENT, RELEASES, Release};
use super::store::{STAGING, Store, StoreError};
use crate::contract::model::Register;
use crate::disk;

/// The link that becomes `current`.
pub(super) const NEXT_LINK: &str = "current.next";

/// A release in the making: it begins as the current one, file by file the same.
pub struct NextRelease {
    root: PathBuf,
    folder: PathBuf,
    files: BTreeMap<String, FileEntry>,
    deliveries: BTreeMap<(String, String, String), DeliveryEntry>,
    canaries: Option<String>,
}

/// What the manifest says of the circumstances.
pub struct Circumstances {
    /// The run.
    pub run: String,
    /// Now (RFC 3339, UTC).
    pub published_at: String,
    /// Version of the register.
    pub register_version: String,
    /// Its date of adoption.
    pub register_adopted: Option<String>,
    /// Fingerprint of the root key.
    pub key_fingerprint: String,
}

/// What a release held of a source, set aside.
pub struct Aside {
    files: Vec<FileEntry>,
    deliveries: Vec<DeliveryEntry>,
}

impl NextRelease {
    /// Begins with what the current release holds.
    ///
    /// # Errors
    /// The disk.
    pub fn begin(store: &Store, run: &str, current: Option<&Release>) -> Result<Self, StoreError> {
        let failed = StoreError::io("the next release");
        let folder = store.root().join(STAGING).join(run);
        let root = folder.join("release");
        disk::private_folder(&root).map_err(&failed)?;
        let mut next = Self {
            root,
            folder,
            files: BTreeMap::new(),
            deliveries: BTreeMap::new(),
            canaries: None,
        };
        if let Some(current) = current {
            next.canaries.clone_from(&current.manifest.canaries);
            for file in &current.manifest.files {
                link(&current.root.join(&file.path), &next.root.join(&file.path))
                    .map_err(&failed)?;
                next.files.insert(file.path.clone(), file.clone());
            }
            next.deliveries = current
                .manifest
                .deliveries
                .iter()
                .map(|d| (key(d), d.clone()))
                .collect();
        }
        Ok(next)
    }

    /// The folder in which the files of the release lie.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// A folder of its own for files that are being written.
    ///
    /// # Errors
    /// The disk.
    pub fn scratch(&self, name: &str) -> Result<PathBuf, StoreError> {
        let folder = self.folder.join(name);
        disk::private_folder(&folder).map_err(StoreError::io("the next release"))?;
        Ok(folder)
    }

    /// The files of a table as they stand now.
    #[must_use]
    pub fn files_of(&self, table: &str) -> Vec<FileEntry> {
        self.files
            .values()
            .filter(|f| f.table == table)
            .cloned()
            .collect()
    }

    /// All files as they stand now.
    pub fn files(&self) -> impl Iterator<Item = &FileEntry> {
        self.files.values()
    }

    /// The deliveries that the release stands on so far.
    pub fn deliveries(&self) -> impl Iterator<Item = &DeliveryEntry> {
        self.deliveries.values()
    }

    /// Puts new files in the place of the ones that `replaced` picks out.
    ///
    /// # Errors
    /// The disk.
    pub fn replace(
        &mut self,
        source: &str,
        part: &str,
        replaced: impl Fn(&FileEntry) -> bool,
        written: Vec<(String, Vec<WrittenFile>)>,
    ) -> Result<(), StoreError> {
        let failed = StoreError::io("the next release");
        let gone: Vec<String> = self
            .files
            .values()
            .filter(|f| replaced(f))
            .map(|f| f.path.clone())
            .collect();
        for path in gone {
            fs::remove_file(self.root.join(&path)).map_err(&failed)?;
            self.files.remove(&path);
        }
        for (table, files) in written {
            for file in files {
                self.add(source, part, &table, file).map_err(&failed)?;
            }
        }
        Ok(())
    }

    fn add(&mut self, source: &str, part: &str, table: &str, file: WrittenFile) -> io::Result<()> {
        let partition = if file.partition.is_empty() {
            String::new()
        } else {
            format!("{}/", file.partition)
        };
        // Two parts of a source may have the very same rows, so the part is in the name.
        let part_of = if part.is_empty() {
            String::new()
        } else {
            format!("_{part}")
        };
        let path = format!(
            "{table}/{partition}{source}{part_of}-{}.parquet",
            &file.sha256[..16]
        );
        let to = self.root.join(&path);
        if let Some(folder) = to.parent() {
            disk::private_folder(folder)?;
        }
        fs::rename(&file.path, to)?;
        let table = if table.starts_with(STATE) {
            STATE
        } else {
            table
        }
        .to_owned();
        let entry = FileEntry {
            path: path.clone(),
            table,
            source: source.into(),
            part: part.into(),
            rows: file.rows,
            bytes: file.bytes,
            sha256: file.sha256,
        };
        self.files.insert(path, entry);
        Ok(())
    }

    /// Takes a source out of the release; its files stay on the disk until [`Self::give_up`] or
    /// [`Self::put_back`].
    pub fn set_aside(&mut self, source: &str) -> Aside {
        let files = self.files.extract_if(.., |_, f| f.source == source);
        let files = files.map(|(_, f)| f).collect();
        let deliveries = self.deliveries.extract_if(.., |_, d| d.source == source);
        Aside {
            files,
            deliveries: deliveries.map(|(_, d)| d).collect(),
        }
    }

    /// Removes what was set aside, where nothing new stands in its place.
    ///
    /// # Errors
    /// The disk.
    pub fn give_up(&mut self, aside: &Aside) -> Result<(), StoreError> {
        let mut gone = aside
            .files
            .iter()
            .filter(|f| !self.files.contains_key(&f.path));
        gone.try_for_each(|f| fs::remove_file(self.root.join(&f.path)))
            .map_err(StoreError::io("the next release"))
    }

    /// Puts back what was set aside, in the place of what the source has now. A file of the same name
    /// has the same bytes: the name holds their digest.
    ///
    /// # Errors
    /// The disk.
    pub fn put_back(&mut self, source: &str, aside: Aside) -> Result<(), StoreError> {
        let now = self.set_aside(source);
        self.files
            .extend(aside.files.into_iter().map(|f| (f.path.clone(), f)));
        self.deliveries
            .extend(aside.deliveries.into_iter().map(|d| (key(&d), d)));
        self.give_up(&now)
    }

    /// Notes that the release stands on a delivery; `instead_of` picks out the ones it replaces.
    pub fn stand_on(
        &mut self,
        delivery: DeliveryEntry,
        instead_of: impl Fn(&DeliveryEntry) -> bool,
    ) {
        self.deliveries.retain(|_, d| !instead_of(d));
        self.deliveries.insert(key(&delivery), delivery);
    }

    /// Notes which file of canaries it carries.
    pub fn carry(&mut self, canaries: Option<String>) {
        self.canaries = canaries;
    }

    /// Puts a file in the place of one: the same rows of the same folder, under the name of its content.
    ///
    /// # Errors
    /// The disk.
    pub fn exchange(&mut self, old: &FileEntry, new: &WrittenFile) -> Result<(), StoreError> {
        let failed = StoreError::io("the next release");
        let entry = renamed(old, new);
        fs::remove_file(self.root.join(&old.path)).map_err(&failed)?;
        fs::rename(&new.path, self.root.join(&entry.path)).map_err(&failed)?;
        self.files.remove(&old.path);
        self.files.insert(entry.path.clone(), entry);
        Ok(())
    }

    /// Rows were taken out, or wrapped in another key: deliveries that were treated as they would be today
    /// still are.
    pub fn carry_over(
        &mut self,
        before: &[FileEntry],
        keys: [&str; 2],
        contracts: &crate::contract::model::Contracts,
    ) {
        let now: Vec<FileEntry> = self.files.values().cloned().collect();
        let deliveries = self.deliveries.values_mut();
        super::recipe::carry_over(before, &now, deliveries, keys, contracts);
    }

    /// Whether anything differs from a release: files, deliveries, or the register in force.
    #[must_use]
    pub fn differs(&self, current: Option<&Release>, register: &Register) -> bool {
        let Some(current) = current else {
            return !self.files.is_empty() || !self.deliveries.is_empty();
        };
        let same_register = current.manifest.register_version == register.version
            && current.manifest.register_adopted == register.adopted;
        let same_files = self.files.values().eq(current.manifest.files.iter());
        let content = |d: &DeliveryEntry| (key(d), d.sha256.clone(), d.recipe.clone());
        !same_files
            || !same_register
            || self.canaries != current.manifest.canaries
            || !self.deliveries.values().map(content).eq(current
                .manifest
                .deliveries
                .iter()
                .map(content))
    }

    /// The manifest under which this release would be published.
    #[must_use]
    pub fn manifest(&self, circumstances: Circumstances, after: Option<&Release>) -> Manifest {
        let content = content_hash(self.files.values());
        let files: Vec<FileEntry> = self.files.values().cloned().collect();
        Manifest {
            format: release::FORMAT,
            id: next_id(
                &circumstances.published_at,
                &content,
                after.map(|r| r.manifest.id.as_str()),
            ),
            published_at: circumstances.published_at,
            run: circumstances.run,
            program: concat!("sluis ", env!("CARGO_PKG_VERSION")).into(),
            register_version: circumstances.register_version,
            register_adopted: circumstances.register_adopted,
            key_fingerprint: circumstances.key_fingerprint,
            content,
            canaries: self.canaries.clone(),
            deliveries: self.deliveries.values().cloned().collect(),
            files,
            rewritten: Vec::new(),
        }
    }

    /// Publishes: everything to the disk, the folder under its name, then one rename of `current`.
    ///
    /// # Errors
    /// The disk; readers then still see the previous release.
    pub fn publish(self, store: &Store, manifest: &Manifest) -> Result<(), StoreError> {
        let failed = StoreError::io("publishing");
        let text = serde_json::to_vec_pretty(manifest)?;
        disk::write_atomic(&self.root.join(MANIFEST), &text).map_err(&failed)?;
        prune_empty(&self.root, &self.files).map_err(&failed)?;
        let folders = folders(&self.root, self.files.keys());
        disk::sync_many(&folders).map_err(&failed)?;
        let releases = store.root().join(RELEASES);
        fs::rename(&self.root, releases.join(&manifest.id)).map_err(&failed)?;
        disk::sync_folder(&releases).map_err(&failed)?;
        let next = store.root().join(NEXT_LINK);
        std::os::unix::fs::symlink(Path::new(RELEASES).join(&manifest.id), &next)
            .map_err(&failed)?;
        fs::rename(&next, store.root().join(CURRENT)).map_err(&failed)?;
        disk::sync_folder(store.root()).map_err(&failed)?;
        fs::remove_dir_all(&self.folder).map_err(&failed)
    }

    /// Gives the release up: nothing of it stays.
    ///
    /// # Errors
    /// The disk.
    pub fn abandon(self) -> Result<(), StoreError> {
        fs::remove_dir_all(&self.folder).map_err(StoreError::io("cleaning up"))
    }
}

/// A file of a release that was written again: in the same folder, under the name of its new content.
pub(super) fn renamed(old: &FileEntry, new: &WrittenFile) -> FileEntry {
    let stem = old.path.rsplit_once('-').map_or("", |(stem, _)| stem);
    FileEntry {
        path: format!("{stem}-{}.parquet", &new.sha256[..16]),
        rows: new.rows,
        bytes: new.bytes,
        sha256: new.sha256.clone(),
        ..old.clone()
    }
}

/// A hard link, or a copy where the file system has no links.
pub(super) fn link(from: &Path, to: &Path) -> io::Result<()> {
    if let Some(folder) = to.parent() {
        disk::private_folder(folder)?;
    }
    fs::hard_link(from, to)
        .or_else(|_| fs::copy(from, to).and_then(|_| fs::File::open(to)?.sync_all()))
}

fn key(d: &DeliveryEntry) -> (String, String, String) {
    (d.source.clone(), d.part.clone(), d.order.clone())
}

/// SHA-256 over path, rows and SHA-256 of files in order of path.
#[must_use]
pub fn content_hash<'a>(files: impl Iterator<Item = &'a FileEntry>) -> String {
    let mut hasher = Sha256::new();
    for file in files {
        hasher.update(format!("{}\n{}\n{}\n", file.path, file.rows, file.sha256));
    }
    crate::hex::encode(&hasher.finalize())
}

/// `20241231T235959Z-` and eight digits of the content; always after the previous id, also when the
/// clock went back.
fn next_id(now: &str, content: &str, previous: Option<&str>) -> String {
    let stamp: String = now
        .chars()
        .take(19)
        .filter(|c| !matches!(c, '-' | ':'))
        .collect();
    let id = format!("{stamp}Z-{}", &content[..8]);
    match previous {
        Some(previous) if id.as_str() <= previous => {
            let (stamp, count) =
                previous.split_at(previous.find('Z').map_or(previous.len(), |z| z + 1));
            let count: u32 = count
                .split('-')
                .nth(2)
                .and_then(|c| c.parse().ok())
                .unwrap_or(0);
            // Eight z's sort after any eight hexadecimal digits.
            format!("{stamp}-zzzzzzzz-{:06}", count + 1)
        }
        _ => id,
    }
}

/// All folders in which these files lie, the root among them.
pub(super) fn folders<'a>(root: &Path, paths: impl Iterator<Item = &'a String>) -> Vec<PathBuf> {
    let mut all = BTreeSet::from([root.to_owned()]);
    for path in paths {
        let mut folder = Path::new(path).parent();
        while let Some(f) = folder.filter(|f| !f.as_os_str().is_empty()) {
            all.insert(root.join(f));
            folder = f.parent();
        }
    }
    all.into_iter().collect()
}

/// Removes folders that hold no file any more.
fn prune_empty(root: &Path, files: &BTreeMap<String, FileEntry>) -> io::Result<()> {
    let kept: BTreeSet<PathBuf> = folders(root, files.keys()).into_iter().collect();
    let mut open = vec![root.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            if path.is_dir() {
                if kept.contains(&path) {
                    open.push(path);
                } else {
                    fs::remove_dir_all(&path)?;
                }
            }
        }
    }
    Ok(())
}

/// Removes a release folder: first out of sight, then for good.
pub(super) fn drop_release(warehouse: &Path, id: &str) -> io::Result<()> {
    let aside = warehouse.join(STAGING).join(format!("weg-{id}"));
    fs::rename(warehouse.join(RELEASES).join(id), &aside)?;
    fs::remove_dir_all(aside)
}

/// Drops the oldest releases until `keep` are left; never the current one.
///
/// # Errors
/// The disk.
pub fn keep_newest(store: &Store, keep: usize) -> Result<Vec<String>, StoreError> {
    let all = release::list(store.root())?;
    let current = release::current(store.root())?;
    let surplus = all.len().saturating_sub(keep.max(1));
    let dropped: Vec<String> = all
        .into_iter()
        .take(surplus)
        .filter(|id| Some(id) != current.as_ref())
        .collect();
    for id in &dropped {
        drop_release(store.root(), id).map_err(StoreError::io("dropping an old release"))?;
    }
    Ok(dropped)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_ascend_whatever_the_clock_does() {
        let content = "0123456789abcdef";
        let first = next_id("2024-12-31T02:00:00Z", content, None);
        assert_eq!(first, "20241231T020000Z-01234567");
        let mut previous = first;
        for now in [
            "2024-12-31T02:00:00Z",
            "2023-01-01T00:00:00Z",
            "2024-12-31T02:00:00Z",
            "2025-01-01T00:00:00Z",
        ] {
            let next = next_id(now, content, Some(&previous));
            assert!(next > previous, "{next} after {previous}");
            assert!(release::is_id(&next));
            previous = next;
        }
        assert_eq!(previous, "20250101T000000Z-01234567");
    }
}
