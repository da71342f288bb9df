//! HTTPS: an interface that gives records page by page.

use std::time::Duration;

use super::credential::Credential;
use super::{Feed, Page, PullError};
use crate::contract::model::Paging;
use crate::settings::endpoint::Endpoint;

/// A connection to an interface.
pub struct Https;

impl Https {
    /// Connects.
    ///
    /// # Errors
    /// See [`PullError`].
    pub fn open(
        _endpoint: &Endpoint,
        _paging: &Paging,
        _credential: &Credential,
        _silence: Duration,
    ) -> Result<Self, PullError> {
        Err(PullError::Endpoint("cannot be used yet"))
    }
}

impl Feed for Https {
    fn page(&mut self, _cursor: Option<&str>) -> Result<Page, PullError> {
        Err(PullError::Endpoint("cannot be used yet"))
    }
}
