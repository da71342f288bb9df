//! What may be published: small cells, and all that would tell them, are hidden.
//!
//! The heart is [`judge`], over a plain [`Table`] of numbers; it knows no session, no Arrow and no
//! files, so that whoever else has cells to publish can ask it too. Around it [`publish`] does the same
//! for the rows of a view, whose contract says what its columns are.

mod batch;
mod frame;
mod relations;
mod rounding;
mod search;
mod suppress;
mod table;
#[cfg(test)]
mod tests;

pub use batch::publish;
pub use frame::{PublicationError, published};
pub use suppress::judge;
pub use table::{Bands, Reason, Row, Table};
