//! The lock: raw chunks in, treated batches out.
//!
//! In: [`crate::source::raw::RawChunk`]s, the plan of their source, the root key and the postcode
//! table. Out: [`treated::Treated`] Arrow batches and refusals by row. Each column is checked and treated in
//! one pass over its cells, so an identifying value never exists as a typed column anywhere.
//! Who may call it: the nightly job. Nothing after it can see what it removed.

pub mod bsn;
pub(crate) mod choice;
pub mod columns;
pub mod date;
pub(crate) mod decimal;
pub mod erased;
pub mod keys;
pub mod lawful;
pub(crate) mod moment;
pub mod postcode;
pub mod pseudonym;
pub mod rule;
pub mod treated;

pub use treated::{Lock, LockError, Refusal, Treated, TreatedChunk};
