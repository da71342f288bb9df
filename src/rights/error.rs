//! Why a request of a person cannot be answered. No case has a field for a value.

use thiserror::Error;

use crate::error::{Class, Classified};
use crate::lock::erased::ErasedError;
use crate::lock::keys::KeyError;
use crate::lock::rule::Rule;
use crate::warehouse::release::ReleaseError;
use crate::warehouse::rows::RowsError;
use crate::warehouse::store::StoreError;

/// Why a request of a person cannot be answered.
#[derive(Debug, Error)]
pub enum RightsError {
    /// The key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The warehouse.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A release.
    #[error(transparent)]
    Release(#[from] ReleaseError),
    /// The list of who was erased.
    #[error(transparent)]
    Erased(#[from] ErasedError),
    /// What was typed is no identifier of this kind.
    #[error("this is no {kind}: {rule}")]
    Identifier {
        /// What it should be.
        kind: &'static str,
        /// The rule that it breaks.
        rule: &'static str,
    },
    /// No contract has such a domain.
    #[error("there is no domain `{0}` of persons or cases")]
    UnknownDomain(String),
    /// No source delivers a BSN.
    #[error("no source delivers a BSN")]
    NoBsn,
    /// Rows of a release.
    #[error(transparent)]
    Rows(#[from] RowsError),
    /// A file outside the releases.
    #[error("the warehouse cannot be searched: {0}")]
    Search(std::io::Error),
    /// Rows that do not fit together.
    #[error("rows cannot be read: {0}")]
    Arrow(#[from] arrow::error::ArrowError),
}

impl RightsError {
    /// What was typed is no identifier of this kind.
    #[must_use]
    pub fn identifier(kind: &'static str, rule: Rule) -> Self {
        Self::Identifier {
            kind,
            rule: rule.name(),
        }
    }
}

impl Classified for RightsError {
    fn class(&self) -> Class {
        match self {
            Self::Key(e) => e.class(),
            Self::Store(e) => e.class(),
            Self::Release(e) => e.class(),
            Self::Erased(e) => e.class(),
            Self::Rows(e) => e.class(),
            Self::Identifier { .. } | Self::UnknownDomain(_) | Self::NoBsn => Class::User,
            Self::Search(_) => Class::Environment,
            Self::Arrow(_) => Class::Bug,
        }
    }

    fn remedy(&self) -> Option<String> {
        match self {
            Self::Key(e) => e.remedy(),
            Self::Store(e) => e.remedy(),
            Self::Release(e) => e.remedy(),
            Self::Erased(e) => e.remedy(),
            Self::Rows(e) => e.remedy(),
            Self::Identifier { .. } => Some("type it once more; nothing was done".into()),
            Self::UnknownDomain(_) => {
                Some("`config/dpia.toml` lists them; without `--domain` a BSN is asked for".into())
            }
            Self::NoBsn => Some("name the domain of a number with `--domain`".into()),
            Self::Search(_) => Some("check the permissions of the warehouse folder".into()),
            Self::Arrow(_) => None,
        }
    }
}
