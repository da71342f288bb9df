//! What a user sees, by capability. One binary, so that it links once.

#![cfg(test)]
#![expect(clippy::disallowed_methods, reason = "tests make their own files")]

mod again;
mod crash;
mod deliveries;
mod figures;
mod incremental;
mod keys;
mod leaks;
mod nights;
mod readers;
mod refusals;
mod refused_rows;
mod retention;
mod small;
mod sql;
mod status;
mod support;
