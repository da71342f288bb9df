//! Errors of settings.

use std::io;
use std::path::{Path, PathBuf};

use crate::error::{Class, Classified};

/// Why there are no settings.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The file given by `--config` cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The file given by `--config` is not TOML.
    #[error("{} is not TOML: {message}", path.display())]
    Syntax {
        /// The file.
        path: PathBuf,
        /// What is wrong, and where.
        message: String,
    },
    /// A key that no setting has.
    #[error("unknown setting `{key}` in {layer}")]
    UnknownKey {
        /// The key, as `section.key`.
        key: String,
        /// Where it stands.
        layer: String,
        /// What to do.
        remedy: String,
    },
    /// A `--set` that is not `section.key=value`.
    #[error("`--set {given}` is not `section.key=value`")]
    Override {
        /// What was given.
        given: String,
    },
    /// A value that its key cannot take.
    #[error("setting `{key}` {message}")]
    Value {
        /// The key, as `section.key`.
        key: String,
        /// What is wrong with it.
        message: String,
        /// What to do.
        remedy: String,
    },
    /// Key, credentials, landing and warehouse are not kept apart.
    #[error("`paths.{inner}` ({}) lies inside `paths.{outer}` ({})", inner_path.display(), outer_path.display())]
    NotApart {
        /// The setting that lies inside.
        inner: &'static str,
        /// Its path.
        inner_path: PathBuf,
        /// The setting it lies in.
        outer: &'static str,
        /// Its path.
        outer_path: PathBuf,
    },
    /// The merging of layers failed.
    #[error("cannot read the settings: {0}")]
    Merge(#[from] config::ConfigError),
}

impl SettingsError {
    pub(super) fn unreadable(path: &Path, source: io::Error) -> Self {
        Self::Unreadable {
            path: path.to_owned(),
            source,
        }
    }

    pub(super) fn value(key: &str, message: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self::Value {
            key: key.to_owned(),
            message: message.into(),
            remedy: remedy.into(),
        }
    }
}

impl Classified for SettingsError {
    fn class(&self) -> Class {
        match self {
            // A key beside the data it protects breaks a promise before anything is read.
            Self::NotApart {
                inner: "key" | "credentials" | "canaries",
                ..
            } => Class::Privacy,
            _ => Class::User,
        }
    }

    fn remedy(&self) -> Option<String> {
        Some(match self {
            Self::Unreadable { .. } => "check the path given by `--config`".to_owned(),
            Self::Syntax { .. } => "correct the syntax".to_owned(),
            Self::UnknownKey { remedy, .. } | Self::Value { remedy, .. } => remedy.clone(),
            Self::Override { .. } => "write it as `--set run.threads=2`".to_owned(),
            Self::NotApart { inner: "key", .. } => {
                "keep the key where neither partners nor readers of the warehouse can reach it"
                    .to_owned()
            }
            Self::NotApart {
                inner: "credentials",
                ..
            } => "keep credentials where neither partners nor readers of the warehouse can reach them"
                .to_owned(),
            Self::NotApart {
                inner: "canaries", ..
            } => "keep the canaries outside the warehouse: what is looked for in it must not lie in it"
                .to_owned(),
            Self::NotApart { .. } => {
                "give landing and warehouse folders of their own, side by side".to_owned()
            }
            Self::Merge(_) => return None,
        })
    }
}
