//! The DPIA register as a privacy officer reads it: a document in the order of the Dutch government's DPIA
//! model, and the difference between two versions of it in words.
//!
//! Nothing is invented: what the register does not say is shown as a gap.

pub mod difference;
mod document;
mod html;
mod markdown;
#[cfg(test)]
mod tests;

pub use difference::{Change, Difference, Weight, difference};
pub use document::{Block, Document, Part, Section};
