//! Channels: how deliveries come from a partner into the landing folder.
//!
//! In: an endpoint (a setting of the operator), a credential, and the pipeline's file pattern or
//! paging. Out: whole files in the landing folder, each there by one rename, with its size and
//! SHA-256 in a ledger, so that no file is fetched twice. Who may call it: the nightly job and
//! `sluis pull`.
//!
//! A channel is one of two small things: a [`FileStore`] lists files and gives their bytes from any
//! offset, a [`Feed`] gives records page by page. All else (temporary files, resumption, retries,
//! the ledger) is the same for every channel and stands once.

use std::time::{Duration, SystemTime};

use thiserror::Error;

mod answer;
pub mod credential;
mod feed;
mod files;
pub mod https;
pub mod known_hosts;
pub mod ledger;
pub mod open;
pub mod part;
pub mod pull;
pub mod retry;
pub mod s3;
pub mod sftp;
#[cfg(test)]
mod tests;
mod web;

/// A file that lies at the partner's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// Its name, without folders.
    pub name: String,
    /// Size in bytes.
    pub bytes: u64,
    /// Changes when the content does: an entity tag, or the time of change.
    pub mark: String,
    /// When it was last changed, where a file can be seen while it is still being written; `None`
    /// where only whole files are seen.
    pub modified: Option<SystemTime>,
}

/// Files at a partner's: SFTP, S3.
pub trait FileStore {
    /// The files that lie there.
    ///
    /// # Errors
    /// See [`PullError`].
    fn list(&mut self) -> Result<Vec<Offer>, PullError>;

    /// Gives the bytes of a file from an offset on to `take`, in order, as they come. An error of
    /// `take` ends the reading and is given back.
    ///
    /// # Errors
    /// See [`PullError`]; what was given before it is good. [`PullError::Changed`] when the file is
    /// no longer that of the offer, also when that shows only at its end.
    fn read(
        &mut self,
        offer: &Offer,
        from: u64,
        take: &mut dyn FnMut(&[u8]) -> Result<(), PullError>,
    ) -> Result<(), PullError>;
}

/// One answer of an interface.
pub struct Page {
    /// The records, each as one line of JSON (NDJSON).
    pub records: Vec<u8>,
    /// How many there are.
    pub count: u64,
    /// Where the next page begins; `None`: this was the last.
    pub next: Option<String>,
}

/// Records at a partner's, page by page: HTTPS.
pub trait Feed {
    /// The page that begins at `cursor` (`None`: the first). Cursors are opaque to the caller, who
    /// keeps the last one for the next night.
    ///
    /// # Errors
    /// See [`PullError`].
    fn page(&mut self, cursor: Option<&str>) -> Result<Page, PullError>;
}

/// Why a pull stopped. Holds no credential, no value from a delivery and no name of a file that
/// does not match the pattern.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum PullError {
    /// No connection.
    #[error("no connection: {0}")]
    Connect(std::io::ErrorKind),
    /// Nothing came for too long.
    #[error("nothing came for {0} seconds")]
    Silence(u64),
    /// The connection broke.
    #[error("the connection broke")]
    Broken,
    /// The server asked to wait.
    #[error("the server asks to wait{}", seconds(.0.as_ref()))]
    Wait(Option<Duration>),
    /// The server failed.
    #[error("the server answered {0}")]
    Server(u16),
    /// The server refuses the request.
    #[error("the server answered {0}")]
    Refused(u16),
    /// The host key is not the one that is known.
    #[error("the host key is not the one in the known hosts")]
    HostKey,
    /// The certificate cannot be trusted.
    #[error("the certificate of the server cannot be trusted")]
    Certificate,
    /// The credential is missing or malformed; or lies where others can read it.
    #[error("the credential `{name}` {what}")]
    Credential {
        /// Its name in the settings.
        name: String,
        /// What is wrong.
        what: &'static str,
    },
    /// The server does not accept the credential.
    #[error("the server does not accept the credential")]
    Denied,
    /// The setting of the endpoint is wrong.
    #[error("the endpoint {0}")]
    Endpoint(&'static str),
    /// The file is not there any more, or is another file now.
    #[error("the file changed while it was fetched")]
    Changed,
    /// The answer is not what the interface promises.
    #[error("the answer {0}")]
    Answer(&'static str),
    /// Larger than the settings allow.
    #[error("it is larger than {0} MiB (pull.max_mib)")]
    TooLarge(u64),
    /// What came is not what the partner's checksum belongs to.
    #[error("the file is not the one that the checksum beside it belongs to")]
    Checksum,
    /// The partner's checksum is none.
    #[error("the checksum file does not hold a SHA-256")]
    NoChecksum,
    /// It took too long; the next pull goes on from there.
    #[error("it took more than {0} minutes (pull.max_minutes)")]
    TimeUp(u64),
    /// Another pull has this source.
    #[error("another pull of this source is under way")]
    Busy,
    /// The ledger of what was fetched is damaged.
    #[error("the ledger of what was fetched (.haal/gehaald.ndjson) is damaged")]
    Ledger,
    /// Our own disk.
    #[error("the landing folder cannot be written: {0}")]
    Landing(std::io::ErrorKind),
}

fn seconds(wait: Option<&Duration>) -> String {
    wait.map_or_else(String::new, |wait| format!(" {} seconds", wait.as_secs()))
}

impl PullError {
    /// An error of our own disk.
    pub(crate) fn landing(error: &std::io::Error) -> Self {
        Self::Landing(error.kind())
    }

    /// Whether it is about one file, so that others may still come.
    #[must_use]
    pub const fn of_file(&self) -> bool {
        matches!(
            self,
            Self::Changed
                | Self::TooLarge(_)
                | Self::Checksum
                | Self::NoChecksum
                | Self::Refused(_)
        )
    }

    /// Whether trying again may help.
    #[must_use]
    pub const fn transient(&self) -> bool {
        matches!(
            self,
            Self::Connect(_)
                | Self::Silence(_)
                | Self::Broken
                | Self::Wait(_)
                | Self::Server(_)
                | Self::Changed
        )
    }
}
