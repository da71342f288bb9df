//! Sluis: a canal lock for personal data. Deliveries of a municipality's partner systems go in at
//! one side; only pseudonymised data leaves at the other.
//!
//! The modules follow the way of the data, and imports run one way: a later room may use an
//! earlier one, never the reverse.

// What every room stands on.
pub mod audit;
pub mod canary;
pub mod digest;
pub mod disk;
pub mod error;
pub mod hex;
pub mod page;
mod suggest;

// The rooms, in the direction of the data.
pub mod settings;

pub mod contract;

pub mod source;

pub mod lock;

pub mod warehouse;

pub mod rights;

pub mod keyring;

pub mod monitor;

pub mod verify;

pub mod export;

pub mod dictionary;

pub mod report;

pub mod register;

pub mod run;

pub mod demo;

pub mod cli;
