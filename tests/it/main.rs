//! What a user sees, by capability. One binary, so that it links once.

#![cfg(test)]
#![expect(clippy::disallowed_methods, reason = "tests make their own files")]

mod crash;
mod deliveries;
mod figures;
mod keys;
mod leaks;
mod refusals;
mod small;
mod support;
