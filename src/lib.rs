//! Sluis: a canal lock for personal data. Deliveries of a municipality's partner systems go in at
//! one side; only pseudonymised data leaves at the other.
//!
//! The modules follow the way of the data, and imports run one way: a later room may use an
//! earlier one, never the reverse.

pub mod error;

pub mod contract;
pub mod warehouse;
pub mod demo;
