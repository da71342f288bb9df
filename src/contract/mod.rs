//! Contracts: what partners deliver, how, what is lawful, and what the warehouse holds.

pub mod model;
