//! Why there is no key, or why it cannot be rotated.

use std::path::PathBuf;

use thiserror::Error;

use crate::audit::AuditError;
use crate::error::{Class, Classified};
use crate::lock::erased::ErasedError;
use crate::lock::keys::KeyError;
use crate::warehouse::merge::MergeError;
use crate::warehouse::release::ReleaseError;
use crate::warehouse::rows::RowsError;
use crate::warehouse::store::StoreError;

/// Why there is no key, or why it cannot be rotated.
#[derive(Debug, Error)]
pub enum KeyringError {
    /// The key itself.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The system would write the key down when the program fails.
    #[error("core dumps cannot be turned off, and one would hold the root key")]
    Dumpable,
    /// There is no `age`.
    #[error("the shares of the root key are opened by the program `age`, which is not here")]
    NoAge,
    /// An `age` of before its format was fixed.
    #[error("this `age` is too old: {0}")]
    OldAge(String),
    /// `age` did not do what was asked; it said itself why.
    #[error("age could not {what}")]
    Age {
        /// What was asked, with the file or the holder.
        what: String,
    },
    /// Others may read the file that opens a share.
    #[error("the identity {path} may be read by others (mode {mode:04o})", path = path.display())]
    ExposedIdentity {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// A file of a share or an identity.
    #[error("{path} cannot be {what}: {source}", path = path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// "read", "written".
        what: &'static str,
        /// The operating system's word.
        source: std::io::Error,
    },
    /// Shares that make no key.
    #[error("the shares do not make the root key: {0}")]
    Share(&'static str),
    /// A holder that cannot be one.
    #[error("`--holder {given}`: {why}")]
    Holder {
        /// As it was given.
        given: String,
        /// What is wrong.
        why: &'static str,
    },
    /// Nothing was made with the key.
    #[error("nothing has been published with this key, so there is nothing to rotate")]
    Nothing,
    /// The source of the key has no next key yet.
    #[error("the next key is not in its place: the root key {0} is the one of the warehouse")]
    NoNext(crate::lock::keys::Origin),
    /// The next key is in its place already.
    #[error("the next key is in its place already, and the warehouse is not yet switched to it")]
    Unfinished,
    /// The warehouse.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A release.
    #[error(transparent)]
    Release(#[from] ReleaseError),
    /// The list of who was erased.
    #[error(transparent)]
    Erased(#[from] ErasedError),
    /// Rows.
    #[error(transparent)]
    Rows(#[from] RowsError),
    /// The state of an incremental source.
    #[error(transparent)]
    Merge(#[from] MergeError),
    /// What is done cannot be logged.
    #[error(transparent)]
    Audit(#[from] AuditError),
    /// Rows that do not fit together.
    #[error("rows cannot be wrapped: {0}")]
    Arrow(#[from] arrow::error::ArrowError),
    /// The new release cannot be searched.
    #[error("the new release cannot be searched: {0}")]
    Search(std::io::Error),
    /// A table of the release is in no contract.
    #[error("the release holds rows of table `{0}`, which no contract knows")]
    UnknownTable(String),
    /// The new release is not the old one under another key.
    #[error("the rotated release is not the one that it was made from: {0}")]
    NotProved(String),
}

impl Classified for KeyringError {
    fn class(&self) -> Class {
        match self {
            Self::Key(e) => e.class(),
            Self::Store(e) => e.class(),
            Self::Release(e) => e.class(),
            Self::Erased(e) => e.class(),
            Self::Rows(e) => e.class(),
            Self::Merge(e) => e.class(),
            Self::Audit(e) => e.class(),
            Self::Holder { .. }
            | Self::Nothing
            | Self::NoNext(_)
            | Self::Unfinished
            | Self::UnknownTable(_) => Class::User,
            Self::NoAge
            | Self::OldAge(_)
            | Self::Age { .. }
            | Self::File { .. }
            | Self::Search(_) => Class::Environment,
            Self::Dumpable | Self::ExposedIdentity { .. } | Self::Share(_) => Class::Privacy,
            Self::Arrow(_) | Self::NotProved(_) => Class::Bug,
        }
    }

    fn remedy(&self) -> Option<String> {
        Some(match self {
            Self::Key(e) => return e.remedy(),
            Self::Store(e) => return e.remedy(),
            Self::Release(e) => return e.remedy(),
            Self::Erased(e) => return e.remedy(),
            Self::Rows(e) => return e.remedy(),
            Self::Merge(e) => return e.remedy(),
            Self::Audit(e) => return e.remedy(),
            Self::NoAge => "install it (Debian and Ubuntu: `apt install age`), or name another \
                            source of the key in `key.from`"
                .into(),
            Self::OldAge(_) => "install age 1.0 or newer".into(),
            Self::Age { .. } => "see what age said above; with a passphrase it needs a terminal".into(),
            Self::ExposedIdentity { path, .. } => format!(
                "chmod 600 {}; if others may have read it, split the key anew for another identity",
                path.display()
            ),
            Self::Share(_) => "give the two files of one `sluis key split`, one of each holder".into(),
            Self::Holder { .. } => "write NAME=RECIPIENT twice: a name for the file, and age1..., \
                                    an ssh public key, or the word passphrase"
                .into(),
            Self::Nothing => "make a new key instead: `sluis key new`".into(),
            Self::NoNext(crate::lock::keys::Origin::Age) => {
                "make it with `sluis key split --next`, put its two files in their places, and rotate \
                 again"
                    .into()
            }
            Self::NoNext(_) => "make it with `sluis key rotate --prepare FILE`, put its text in its \
                                place, and rotate again"
                .into(),
            Self::Unfinished => "finish it with `sluis key rotate`".into(),
            Self::UnknownTable(_) => {
                "put back its contract, or take the source out of the warehouse first".into()
            }
            Self::Dumpable | Self::File { .. } | Self::Search(_) | Self::Arrow(_) => return None,
            Self::NotProved(_) => {
                "nothing was published and the key is what it was; please report this".into()
            }
        })
    }
}
