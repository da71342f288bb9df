//! What the partners with an interface give: JSON and NDJSON.

use super::{DemoError, Scene};

/// Writes the deliveries.
#[expect(clippy::unnecessary_wraps, reason = "the deliveries follow")]
pub(super) fn deliver(_scene: &mut Scene<'_>) -> Result<(), DemoError> {
    Ok(())
}
