//! How strong pseudonyms are: their form, their look of chance, the distance between domains, and
//! attacks on them without and with a guessed key.

pub mod attack;
pub mod frequency;
pub mod hashes;
pub mod keys;
pub mod numbers;
pub mod random;
pub mod targets;
pub mod values;
