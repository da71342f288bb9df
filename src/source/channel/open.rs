//! From an endpoint to a connection: which channel speaks to it, and with which credential.

use std::time::Duration;

use super::credential::Vault;
use super::https::Https;
use super::s3::S3;
use super::sftp::Sftp;
use super::{Feed, FileStore, PullError};
use crate::contract::model::{Channel, Pipeline};
use crate::settings::endpoint::Endpoint;

/// Makes connections.
pub trait Opener: Sync {
    /// Connects to a partner that has files.
    ///
    /// # Errors
    /// See [`PullError`].
    fn files(
        &self,
        pipeline: &Pipeline,
        endpoint: &Endpoint,
    ) -> Result<Box<dyn FileStore>, PullError>;

    /// Connects to a partner that has an interface.
    ///
    /// # Errors
    /// See [`PullError`].
    fn feed(&self, pipeline: &Pipeline, endpoint: &Endpoint) -> Result<Box<dyn Feed>, PullError>;
}

/// Real connections.
pub struct Wire {
    /// The credentials.
    pub vault: Vault,
    /// A partner that says nothing for so long is given up.
    pub silence: Duration,
}

/// What a settings check should have found.
const OTHER_CHANNEL: PullError = PullError::Endpoint("is of another channel than the pipeline");

impl Opener for Wire {
    fn files(
        &self,
        pipeline: &Pipeline,
        endpoint: &Endpoint,
    ) -> Result<Box<dyn FileStore>, PullError> {
        let credential = self.vault.get(&endpoint.credential)?;
        Ok(match &pipeline.channel {
            Channel::Sftp => Box::new(Sftp::open(endpoint, &credential, self.silence)?),
            Channel::S3 => Box::new(S3::open(endpoint, &credential, self.silence)?),
            Channel::Folder | Channel::Https(_) => return Err(OTHER_CHANNEL),
        })
    }

    fn feed(&self, pipeline: &Pipeline, endpoint: &Endpoint) -> Result<Box<dyn Feed>, PullError> {
        let credential = self.vault.get(&endpoint.credential)?;
        match &pipeline.channel {
            Channel::Https(paging) => Ok(Box::new(Https::open(
                endpoint,
                paging,
                &credential,
                self.silence,
            )?)),
            _ => Err(OTHER_CHANNEL),
        }
    }
}
