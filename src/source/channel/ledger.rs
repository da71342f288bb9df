//! What was fetched: `gehaald.ndjson`, one line for each delivery, only ever added to.
//!
//! A delivery is known by its name, its size and its mark, so that one that the partner replaced is
//! fetched again and one that lies there for years is not.

use std::fs::File;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{Offer, PullError};
use crate::disk;

/// One delivery that was fetched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its name, which matches the pattern.
    pub name: String,
    /// Size in bytes, as it lay at the partner's.
    pub bytes: u64,
    /// Its mark there; empty for what came page by page.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub mark: String,
    /// SHA-256 (hex) of what landed; empty when nothing did.
    pub sha256: String,
    /// When it landed (RFC 3339, UTC).
    pub at: String,
    /// Where the next night begins, for an interface.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

/// The ledger of one source.
pub struct Ledger {
    path: PathBuf,
    entries: Vec<Entry>,
    /// Bytes of whole lines; what stands after them was cut off in writing.
    whole: u64,
}

impl Ledger {
    /// Reads the ledger; none yet is an empty one.
    ///
    /// # Errors
    /// It cannot be read, or a line before the last is no entry.
    pub fn load(path: &Path) -> Result<Self, PullError> {
        let text = match std::fs::read(path) {
            Ok(text) => text,
            Err(e) if e.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(e) => return Err(PullError::landing(&e)),
        };
        let whole = memchr::memrchr(b'\n', &text).map_or(0, |at| at + 1);
        let lines = text.get(..whole).unwrap_or_default().split(|b| *b == b'\n');
        let entries = lines
            .filter(|line| !line.is_empty())
            .map(|line| serde_json::from_slice(line).map_err(|_| PullError::Ledger))
            .collect::<Result<_, _>>()?;
        Ok(Self {
            path: path.to_owned(),
            entries,
            whole: whole as u64,
        })
    }

    /// Whether this very file was fetched before.
    #[must_use]
    pub fn has(&self, offer: &Offer) -> bool {
        self.entries
            .iter()
            .any(|e| e.name == offer.name && e.bytes == offer.bytes && e.mark == offer.mark)
    }

    /// Whether anything of that name was fetched before.
    #[must_use]
    pub fn knows(&self, name: &str) -> bool {
        self.entries.iter().any(|e| e.name == name)
    }

    /// Where an interface that goes on from night to night begins.
    #[must_use]
    pub fn cursor(&self) -> Option<&str> {
        self.entries.iter().rev().find_map(|e| e.cursor.as_deref())
    }

    /// Adds a line and brings it to the disk.
    ///
    /// # Errors
    /// The disk.
    pub fn add(&mut self, entry: Entry) -> Result<(), PullError> {
        let mut line = serde_json::to_vec(&entry).map_err(|_| PullError::Ledger)?;
        line.push(b'\n');
        self.append(&line).map_err(|e| PullError::landing(&e))?;
        self.whole += line.len() as u64;
        self.entries.push(entry);
        Ok(())
    }

    fn append(&self, line: &[u8]) -> io::Result<()> {
        let new = !self.path.exists();
        let mut file = File::options()
            .create(true)
            .append(true)
            .mode(0o600)
            .open(&self.path)?;
        // What was cut off in writing would make one broken line of two.
        file.set_len(self.whole)?;
        file.write_all(line)?;
        file.sync_all()?;
        match self.path.parent().filter(|_| new) {
            Some(folder) => disk::sync_folder(folder),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "tests make their own files")]
mod tests {
    use std::fs;

    use super::*;

    fn entry(name: &str, cursor: Option<&str>) -> Entry {
        Entry {
            name: name.into(),
            bytes: 3,
            mark: "m".into(),
            sha256: "00".into(),
            at: "2025-01-15T02:00:00Z".into(),
            cursor: cursor.map(str::to_owned),
        }
    }

    fn offer(name: &str, mark: &str) -> Offer {
        Offer {
            name: name.into(),
            bytes: 3,
            mark: mark.into(),
            modified: None,
        }
    }

    #[test]
    fn a_file_is_known_by_name_size_and_mark() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("gehaald.ndjson");
        let mut ledger = Ledger::load(&path).unwrap();
        assert!(!ledger.has(&offer("a", "m")));
        ledger.add(entry("a", Some("7"))).unwrap();
        ledger.add(entry("b", None)).unwrap();
        let ledger = Ledger::load(&path).unwrap();
        assert!(ledger.has(&offer("a", "m")));
        assert!(!ledger.has(&offer("a", "n")));
        assert!(!ledger.has(&offer("c", "m")));
        assert!(ledger.knows("b") && !ledger.knows("c"));
        assert_eq!(ledger.cursor(), Some("7"));
    }

    #[test]
    fn a_line_that_was_cut_off_is_written_over_and_any_other_broken_line_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("gehaald.ndjson");
        Ledger::load(&path).unwrap().add(entry("a", None)).unwrap();
        let whole = fs::read(&path).unwrap();
        fs::write(&path, [&whole[..], b"{\"name\":\"b"].concat()).unwrap();
        let mut ledger = Ledger::load(&path).unwrap();
        assert!(ledger.knows("a") && !ledger.knows("b"));
        ledger.add(entry("c", None)).unwrap();
        let ledger = Ledger::load(&path).unwrap();
        assert!(ledger.knows("a") && ledger.knows("c"));
        fs::write(&path, [b"{}\n", &whole[..]].concat()).unwrap();
        assert_eq!(Ledger::load(&path).err(), Some(PullError::Ledger));
    }
}
