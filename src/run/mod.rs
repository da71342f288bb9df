//! Run: the nightly job.
//!
//! In: contracts, the root key, the landing folder. Out: a new release, or the old one and a reason,
//! and a record in the journal. Who may call it: the command line.

pub mod canaries;
mod error;
mod incremental;
pub mod intake;
pub mod job;
pub mod pull;
mod raw;
pub mod retention;
pub mod source;

pub use job::{Job, Observer, RunError, RunReport};
