//! Everything below the warehouse: every folder, file and link, by name and not through any link.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// What lies somewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Nature {
    /// A file of so many bytes.
    File {
        /// Its size.
        bytes: u64,
        /// Device and inode: names with the same are one file.
        id: (u64, u64),
    },
    /// A folder.
    Folder,
    /// A symbolic link and what it says; it is not followed.
    Link(PathBuf),
    /// A pipe, a socket, a device.
    Other,
}

/// One name below the warehouse.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The path below the warehouse.
    pub path: PathBuf,
    /// What lies there.
    pub nature: Nature,
    /// Its permission bits.
    pub mode: u32,
}

/// Everything below a folder, in order of path, and what could not be listed.
#[derive(Debug, Default)]
pub struct Inventory {
    /// What lies there.
    pub entries: Vec<Entry>,
    /// Folders and files that the operating system does not show.
    pub unseen: Vec<PathBuf>,
    /// Permission bits of the warehouse itself.
    pub mode: u32,
}

/// A file with all its names.
#[derive(Clone, Debug)]
pub struct Content {
    /// Its names below the warehouse, in order.
    pub paths: Vec<PathBuf>,
    /// Its size.
    pub bytes: u64,
}

impl Inventory {
    /// Lists everything below a folder.
    ///
    /// # Errors
    /// The folder itself cannot be listed.
    pub fn of(root: &Path) -> io::Result<Self> {
        let mut all = Self {
            mode: fs::metadata(root)?.mode() & 0o7777,
            ..Self::default()
        };
        let mut waiting = vec![PathBuf::new()];
        fs::read_dir(root)?;
        while let Some(folder) = waiting.pop() {
            let Ok(entries) = fs::read_dir(root.join(&folder)) else {
                all.unseen.push(folder);
                continue;
            };
            for entry in entries {
                let Ok(entry) = entry else {
                    all.unseen.push(folder.clone());
                    continue;
                };
                let path = folder.join(entry.file_name());
                match look(&root.join(&path)) {
                    Ok((nature, mode)) => {
                        if nature == Nature::Folder {
                            waiting.push(path.clone());
                        }
                        all.entries.push(Entry { path, nature, mode });
                    }
                    // What a run removed while we looked was never there.
                    Err(e) if e.kind() == io::ErrorKind::NotFound => {}
                    Err(_) => all.unseen.push(path),
                }
            }
        }
        all.entries.sort_by(|a, b| a.path.cmp(&b.path));
        all.unseen.sort();
        all.unseen.dedup();
        Ok(all)
    }

    /// The files, each once with all its names, in order of the first.
    #[must_use]
    pub fn contents(&self) -> Vec<Content> {
        let mut by_id: BTreeMap<(u64, u64), Content> = BTreeMap::new();
        for entry in &self.entries {
            if let Nature::File { bytes, id } = entry.nature {
                let content = by_id.entry(id).or_insert_with(|| Content {
                    paths: Vec::new(),
                    bytes,
                });
                content.paths.push(entry.path.clone());
            }
        }
        let mut contents: Vec<Content> = by_id.into_values().collect();
        contents.sort_by(|a, b| a.paths.cmp(&b.paths));
        contents
    }
}

fn look(path: &Path) -> io::Result<(Nature, u32)> {
    let meta = fs::symlink_metadata(path)?;
    let kind = meta.file_type();
    let nature = if kind.is_symlink() {
        Nature::Link(fs::read_link(path)?)
    } else if kind.is_dir() {
        Nature::Folder
    } else if kind.is_file() {
        Nature::File {
            bytes: meta.len(),
            id: (meta.dev(), meta.ino()),
        }
    } else {
        Nature::Other
    };
    Ok((nature, meta.mode() & 0o7777))
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "tests make their own files")]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn everything_is_seen_once_and_links_are_not_followed() {
        let outside = tempfile::tempdir().unwrap();
        fs::write(outside.path().join("secret"), "x").unwrap();
        let root = tempfile::tempdir().unwrap();
        let inside = root.path();
        fs::create_dir_all(inside.join("a/b")).unwrap();
        fs::write(inside.join("a/b/one"), "1234").unwrap();
        fs::hard_link(inside.join("a/b/one"), inside.join("a/two")).unwrap();
        fs::write(inside.join(".hidden"), "").unwrap();
        symlink(outside.path(), inside.join("out")).unwrap();
        symlink("nowhere", inside.join("broken")).unwrap();
        symlink("..", inside.join("a/up")).unwrap();
        let all = Inventory::of(inside).unwrap();
        let names: Vec<_> = all
            .entries
            .iter()
            .map(|e| e.path.to_str().unwrap())
            .collect();
        let expected = [
            ".hidden", "a", "a/b", "a/b/one", "a/two", "a/up", "broken", "out",
        ];
        assert_eq!(names, expected);
        let contents = all.contents();
        assert_eq!(contents.len(), 2);
        assert_eq!(contents[1].paths.len(), 2);
        assert_eq!(contents[1].bytes, 4);
        assert!(all.unseen.is_empty());
    }
}
