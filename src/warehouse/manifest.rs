//! `release.json`: what a release consists of. It names every file with its rows and SHA-256, and
//! every delivery that the release stands on, so that anybody can check a release without us.

use serde::{Deserialize, Serialize};

/// The file name of the manifest inside a release folder.
pub const MANIFEST: &str = "release.json";
/// The folder, and the table, of the states of incremental sources.
pub const STATE: &str = "_stand";
/// The folder, and the table, of the canaries as the lock left them. No table of the warehouse: nothing
/// counts them.
pub const CANARIES: &str = "_kanarie";
/// The column with the number of a canary, in such a file.
pub const CANARY: &str = "kanarie";

/// A release, as written down in its folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Version of this format.
    pub format: u32,
    /// The release's id, which is also its folder's name.
    pub id: String,
    /// When it was published (RFC 3339, UTC).
    pub published_at: String,
    /// The run that published it.
    pub run: String,
    /// Program and version that wrote it.
    pub program: String,
    /// Version of the DPIA register in force.
    pub register_version: String,
    /// Date of adoption of the register; absent while it is a concept.
    pub register_adopted: Option<String>,
    /// Fingerprint of the root key in use (not the key, and of no use to find it).
    pub key_fingerprint: String,
    /// SHA-256 over path, rows and SHA-256 of every file in order of path: two releases with the
    /// same content have the same value, whenever and in whatever order they were made.
    pub content: String,
    /// Fingerprint of the file of canaries whose persons it carries; absent where it carries none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub canaries: Option<String>,
    /// The deliveries that the release stands on, by source and part.
    pub deliveries: Vec<DeliveryEntry>,
    /// Every file of the release except this one, by path.
    pub files: Vec<FileEntry>,
    /// When and why rows were taken out of it after it was published. The release keeps its id; its
    /// files, `content` and this list tell what it is now.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rewritten: Vec<Rewritten>,
}

/// That rows were taken out of a release after it was published. Not whose, and not which.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rewritten {
    /// When (RFC 3339, UTC).
    pub at: String,
    /// Why.
    pub why: Why,
}

/// Why rows were taken out of a release.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Why {
    /// Somebody asked to be erased (AVG, article 17).
    Wissen,
    /// The register's period was over.
    Bewaartermijn,
}

/// A delivery that a release stands on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryEntry {
    /// The source.
    pub source: String,
    /// The `{deel}` of its file name; empty where the pattern has none.
    pub part: String,
    /// The `{datum}` of its file name (`yyyymmdd`); empty where the pattern has none.
    pub order: String,
    /// SHA-256 of the delivery as it arrived (hex).
    pub sha256: String,
    /// The recipe under which it was treated (hex).
    pub recipe: String,
    /// Size in bytes.
    pub bytes: u64,
    /// Rows read.
    pub rows_in: u64,
    /// Rows that passed the lock.
    pub rows_kept: u64,
    /// Rows refused (each of them is in the quarantine of the run).
    pub rows_refused: u64,
    /// The run that read it.
    pub run: String,
}

/// A file of a release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileEntry {
    /// Path below the release folder, with `/`.
    pub path: String,
    /// The table it belongs to; for what is no table ([`STATE`], [`CANARIES`]) the name of the folder.
    pub table: String,
    /// The source whose rows it holds.
    pub source: String,
    /// The part of the source it holds; empty where deliveries have none.
    pub part: String,
    /// Rows.
    pub rows: u64,
    /// Size in bytes.
    pub bytes: u64,
    /// SHA-256 (hex).
    pub sha256: String,
}

impl FileEntry {
    /// Whether it holds rows of a table of the warehouse.
    #[must_use]
    pub fn is_table(&self) -> bool {
        !self.table.starts_with('_')
    }

    /// Whether it holds canaries.
    #[must_use]
    pub fn is_canary(&self) -> bool {
        self.table == CANARIES
    }

    /// Whether it keeps the state of an incremental source.
    #[must_use]
    pub fn is_state(&self) -> bool {
        !self.is_table() && !self.is_canary()
    }
}
