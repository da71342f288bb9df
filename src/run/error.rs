//! Why a run stops, and what to do about it.

use thiserror::Error;

use super::intake::IntakeError;
use crate::audit::AuditError;
use crate::canary::CanaryError;
use crate::error::{Class, Classified};
use crate::keyring::KeyringError;
use crate::lock::erased::ErasedError;
use crate::lock::keys::KeyError;
use crate::source::channel::pull::DeskError;
use crate::warehouse::retention::RetentionError;
use crate::warehouse::store::StoreError;

/// Why a run stopped. The last release stands.
#[derive(Debug, Error)]
pub enum RunError {
    /// The key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// Where the key comes from.
    #[error(transparent)]
    Keyring(#[from] KeyringError),
    /// The list of who was erased.
    #[error(transparent)]
    Erased(#[from] ErasedError),
    /// What is done cannot be logged.
    #[error(transparent)]
    Audit(#[from] AuditError),
    /// The file of the canaries.
    #[error(transparent)]
    Canaries(#[from] CanaryError),
    /// Rows that are past their period.
    #[error(transparent)]
    Retention(#[from] RetentionError),
    /// The warehouse.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Nothing can be fetched.
    #[error(transparent)]
    Desk(#[from] DeskError),
    /// A delivery could not be taken in, through no fault of its own.
    #[error("source `{source_id}`: {error}")]
    Intake {
        /// The source.
        source_id: String,
        /// What happened.
        error: Box<IntakeError>,
    },
    /// Others can look into the landing folder.
    #[error("the landing folder can be read by others than its owner")]
    Exposed(std::path::PathBuf),
    /// The landing folder cannot be listed.
    #[error("the landing folder of source `{source_id}` cannot be listed: {error}")]
    Landing {
        /// The source.
        source_id: String,
        /// The operating system's word.
        error: std::io::Error,
    },
    /// There is no landing folder.
    #[error("there is no landing folder at {0}")]
    NoLanding(std::path::PathBuf),
    /// No source of that name.
    #[error("there is no source `{0}`")]
    UnknownSource(String),
}

impl Classified for RunError {
    fn class(&self) -> Class {
        match self {
            Self::Key(e) => e.class(),
            Self::Keyring(e) => e.class(),
            Self::Erased(e) => e.class(),
            Self::Canaries(e) => e.class(),
            Self::Retention(e) => e.class(),
            Self::Audit(e) => e.class(),
            Self::Store(e) => e.class(),
            Self::Desk(e) => e.class(),
            Self::Intake { error, .. } => error.class(),
            Self::Exposed(_) => Class::Privacy,
            Self::Landing { .. } => Class::Environment,
            Self::NoLanding(_) | Self::UnknownSource(_) => Class::User,
        }
    }

    fn remedy(&self) -> Option<String> {
        match self {
            Self::Key(e) => e.remedy(),
            Self::Keyring(e) => e.remedy(),
            Self::Erased(e) => e.remedy(),
            Self::Canaries(e) => e.remedy(),
            Self::Retention(e) => e.remedy(),
            Self::Audit(e) => e.remedy(),
            Self::Store(e) => e.remedy(),
            Self::Desk(e) => e.remedy(),
            Self::Intake { error, .. } => error.remedy(),
            Self::Exposed(path) => Some(format!("chmod 700 {}", path.display())),
            Self::Landing { .. } => Some("check the permissions of the landing folder".into()),
            Self::NoLanding(path) => Some(format!(
                "make it with `mkdir -m 700 -p {}`, or correct paths.landing",
                path.display()
            )),
            Self::UnknownSource(_) => Some("`sluis status` lists the sources".into()),
        }
    }
}
