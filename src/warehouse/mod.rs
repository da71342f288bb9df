//! The warehouse: tables, partitions, releases and the run history.
//!
//! In: batches that a mapping made from treated ones. Out: immutable Parquet files in release
//! folders, and what happened in the journal. Who may call it: the nightly job writes, the monitor
//! and outside readers read.

#[cfg(test)]
pub(crate) mod fixture;
pub mod history;
pub mod journal;
pub mod manifest;
pub mod mapping;
pub mod merge;
pub mod parquet;
pub mod publish;
pub mod recipe;
pub mod release;
pub mod retention;
pub mod rewrite;
pub mod rows;
pub mod scan;
pub mod store;
pub mod switch;
