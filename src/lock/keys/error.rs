//! Where a root key comes from, and what can be wrong with it. Nothing here holds any of the secret.

use std::fmt;
use std::path::PathBuf;

use thiserror::Error;

use crate::error::{Class, Classified};

/// Where a root key comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A file.
    File(PathBuf),
    /// A variable of the environment.
    Environment(&'static str),
    /// A credential that systemd hands over.
    Systemd(&'static str),
    /// Two shares, each of its own holder.
    Age,
}

impl Origin {
    /// Its name in the audit log.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::File(_) => "bestand",
            Self::Environment(_) => "omgeving",
            Self::Systemd(_) => "systemd",
            Self::Age => "age",
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "at {}", path.display()),
            Self::Environment(name) => write!(f, "in the variable {name}"),
            Self::Systemd(name) => write!(f, "in the systemd credential {name}"),
            Self::Age => f.write_str("of the two shares"),
        }
    }
}

/// What is wrong with a key.
#[derive(Debug, Error)]
pub enum KeyError {
    /// There is none.
    #[error("there is no root key {0}")]
    Missing(Origin),
    /// The file cannot be read or written.
    #[error("the root key {origin} cannot be {what}: {source}")]
    Io {
        /// Where it is.
        origin: Origin,
        /// "read", "written".
        what: &'static str,
        /// The operating system's word.
        source: std::io::Error,
    },
    /// Others than its owner may read it.
    #[error("the root key at {path} may be read by others (mode {mode:04o})", path = path.display())]
    Exposed {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// Not in the form that `sluis key` writes.
    #[error("the root key {origin} is not a key: {why}")]
    Malformed {
        /// Where it is.
        origin: Origin,
        /// In which way.
        why: &'static str,
    },
    /// Predictable.
    #[error("the root key {origin} is weak: {why}")]
    Weak {
        /// Where it is.
        origin: Origin,
        /// In which way.
        why: &'static str,
    },
    /// There already is one.
    #[error(
        "there already is a root key at {path}; another one would make every person somebody else",
        path = .0.display()
    )]
    Exists(PathBuf),
    /// The warehouse was made with another key.
    #[error(
        "the root key {origin} (fingerprint {found}) is not the one that the warehouse was made with (fingerprint {expected})"
    )]
    Different {
        /// Where it is.
        origin: Origin,
        /// Fingerprint of the key.
        found: String,
        /// Fingerprint in the current release.
        expected: String,
    },
    /// It was rotated too often.
    #[error("the root key {0} has as many layers as a key can have")]
    Layers(Origin),
    /// The system gave no random bytes.
    #[error("the operating system gave no random bytes")]
    NoRandomness,
}

impl Classified for KeyError {
    fn class(&self) -> Class {
        match self {
            Self::Missing(_) | Self::Exists(_) | Self::Layers(_) => Class::User,
            Self::Io { .. } | Self::NoRandomness => Class::Environment,
            Self::Exposed { .. }
            | Self::Malformed { .. }
            | Self::Weak { .. }
            | Self::Different { .. } => Class::Privacy,
        }
    }

    fn remedy(&self) -> Option<String> {
        Some(match self {
            Self::Missing(Origin::File(_)) => {
                "make one with `sluis key new`, and keep a copy where the warehouse is not".into()
            }
            Self::Missing(_) => {
                "give it there, or say with `key.from` where else it is; `sluis key new` makes one"
                    .into()
            }
            Self::Exposed { path, .. } => format!(
                "chmod 600 {}; if others may have read it, tell the privacy officer",
                path.display()
            ),
            Self::Malformed { .. } | Self::Weak { .. } => {
                "use what `sluis key` wrote, unchanged".into()
            }
            Self::Exists(_) => "keep it; `sluis key show` prints its fingerprint".into(),
            Self::Different { .. } => "put back the key with the expected fingerprint".into(),
            Self::Layers(_) => "make a new warehouse from the deliveries, with a new key".into(),
            Self::Io { .. } | Self::NoRandomness => return None,
        })
    }
}
