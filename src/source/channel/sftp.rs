//! SFTP: files on a server of the partner.

use std::time::Duration;

use super::credential::Credential;
use super::{FileStore, Offer, PullError};
use crate::settings::endpoint::Endpoint;

/// A connection to a server.
pub struct Sftp;

impl Sftp {
    /// Connects.
    ///
    /// # Errors
    /// See [`PullError`].
    pub fn open(
        _endpoint: &Endpoint,
        _credential: &Credential,
        _silence: Duration,
    ) -> Result<Self, PullError> {
        Err(PullError::Endpoint("cannot be used yet"))
    }
}

impl FileStore for Sftp {
    fn list(&mut self) -> Result<Vec<Offer>, PullError> {
        Err(PullError::Endpoint("cannot be used yet"))
    }

    fn read(
        &mut self,
        _offer: &Offer,
        _from: u64,
        _take: &mut dyn FnMut(&[u8]) -> Result<(), PullError>,
    ) -> Result<(), PullError> {
        Err(PullError::Endpoint("cannot be used yet"))
    }
}
