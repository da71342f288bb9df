//! The warehouse: tables, partitions, releases and the run history.

pub mod journal;
pub mod manifest;
