//! iWmo messages: XML in a ZIP, and EI of fixed width.

use super::{DemoError, Scene};

/// Writes the deliveries.
#[expect(clippy::unnecessary_wraps, reason = "the deliveries follow")]
pub(super) fn deliver(_scene: &mut Scene<'_>) -> Result<(), DemoError> {
    Ok(())
}
