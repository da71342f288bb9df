//! CSV exports of the partners: debt help, welfare, housing, complaints and more.

use super::{DemoError, Scene};

/// Writes the deliveries.
#[expect(clippy::unnecessary_wraps, reason = "the deliveries follow")]
pub(super) fn deliver(_scene: &mut Scene<'_>) -> Result<(), DemoError> {
    Ok(())
}
