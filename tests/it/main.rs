//! What a user sees, by capability. One binary, so that it links once.

mod crash;
mod deliveries;
mod figures;
mod keys;
mod refusals;
mod small;
mod support;
