//! The values of a column, taken as pseudonyms or hashes: what is wrong with their form, and the
//! different ones, for tests of chance and for attacks.

use std::collections::HashMap;
use std::hash::BuildHasherDefault;

use super::targets::Target;
use crate::verify::content::distinct::{Distinct, Same};
use crate::verify::content::forms::stir;

/// So many zero bytes in a row a random value of sixteen bytes has once in 10^13.
const ZEROS: usize = 6;
/// Values that were seen last; rows of one person stand together.
const RECENT: usize = 256;
/// Different values of which it is counted how often they occur: more than a town has people.
const COUNTED: usize = 1 << 17;

/// How often things occur, by their digest.
pub type Frequencies = HashMap<u64, u64, BuildHasherDefault<Same>>;

/// What is known of a column before a file of it is read.
#[derive(Clone, Copy, Debug)]
pub struct Before {
    /// Whether it is worth to count how often each value occurs.
    pub counts: bool,
    /// How often the different values of other files were halved: [`Distinct::halvings`].
    pub halvings: u32,
}

/// The values of a column as pseudonyms.
#[derive(Clone)]
pub struct Pseudonyms {
    /// Values of sixteen bytes.
    pub values: u64,
    /// Values that are padded with zeros.
    pub padded: u64,
    /// The different ones: binary of sixteen bytes.
    pub different: Distinct<Target>,
    /// Other values that may be a hash: binary, hexadecimal or base64.
    pub hashes: Distinct<Target>,
    /// How often each of the different ones occurs, once [`Pseudonyms::settle`] was called; `None` where
    /// they are too many to count.
    pub frequencies: Option<Frequencies>,
    /// What was seen last, and how often since it was counted.
    recent: Vec<(u64, u64)>,
}

impl Pseudonyms {
    /// Nothing yet; so many different ones are kept.
    #[must_use]
    pub fn new(most: usize, before: Before) -> Self {
        Self {
            values: 0,
            padded: 0,
            different: Distinct::after(most, before.halvings),
            hashes: Distinct::new(most),
            frequencies: before.counts.then(Frequencies::default),
            recent: Vec::new(),
        }
    }

    /// A value of sixteen bytes.
    #[inline]
    pub fn pseudonym(&mut self, value: &[u8; 16]) {
        self.values += 1;
        let (prefix, next) = halves(value);
        let hash = stir(prefix ^ next.rotate_left(29));
        // No run of six passes both by.
        if (value[5] == 0 || value[10] == 0) && padded(value) {
            self.padded += 1;
        }
        if self.frequencies.is_some() && self.was_recent(hash) {
            return;
        }
        self.different.add(hash, || Target {
            prefix,
            next,
            width: 16,
            column: 0,
        });
    }

    /// Whether a value is one of those seen last; it is counted by and by.
    #[inline]
    fn was_recent(&mut self, hash: u64) -> bool {
        if self.recent.is_empty() {
            self.recent = vec![(0, 0); RECENT];
        }
        #[expect(clippy::cast_possible_truncation, reason = "only the last bits count")]
        let place = hash as usize % RECENT;
        let Some((recent, seen)) = self.recent.get_mut(place) else {
            return false;
        };
        if *recent == hash {
            *seen += 1;
            return true;
        }
        let (before, times) = (*recent, *seen);
        (*recent, *seen) = (hash, 1);
        self.count(before, times);
        false
    }

    /// Whether a value was seen; not known of all where they are too many to keep.
    #[must_use]
    pub fn holds(&self, value: &[u8; 16]) -> bool {
        let (prefix, next) = halves(value);
        self.different.holds(stir(prefix ^ next.rotate_left(29)))
    }

    /// A value that may be a hash as it is.
    pub fn hash(&mut self, value: &[u8]) {
        if let Some(target) = Target::new(value, 0) {
            let hash = stir(target.prefix ^ target.next.rotate_left(29) ^ u64::from(target.width));
            self.hashes.add(hash, || target);
        }
    }

    /// A value of text or bytes that may be a hash: as it is, in hexadecimal or in base64.
    pub fn spelled(&mut self, value: &[u8]) {
        if !(8..=128).contains(&value.len()) {
            return;
        }
        if value.is_ascii() {
            let hex = std::str::from_utf8(value).ok().and_then(crate::hex::decode);
            match hex {
                Some(bytes) if value.len() >= 16 => self.hash(&bytes),
                _ if value.len() >= 11 => {
                    self.hash(&crate::verify::content::decode::from_base64(value));
                }
                _ => {}
            }
        } else {
            self.hash(value);
        }
    }

    /// Forgets how often they occur.
    pub fn forget_frequencies(&mut self) {
        self.frequencies = Some(Frequencies::default());
    }

    /// Counts what was seen last.
    pub fn settle(&mut self) {
        for (hash, times) in std::mem::take(&mut self.recent) {
            self.count(hash, times);
        }
    }

    fn count(&mut self, hash: u64, times: u64) {
        if let (Some(all), 1..) = (&mut self.frequencies, times) {
            *all.entry(hash).or_default() += times;
            if all.len() > COUNTED {
                self.frequencies = None;
            }
        }
    }

    /// Takes in what another file showed, which was settled.
    pub fn absorb(&mut self, other: Self) {
        match other.frequencies {
            Some(counted) => counted
                .into_iter()
                .for_each(|(hash, times)| self.count(hash, times)),
            None => self.frequencies = None,
        }
        self.values += other.values;
        self.padded += other.padded;
        self.different.absorb(other.different);
        self.hashes.absorb(other.hashes);
    }
}

/// The first and the last eight bytes, as [`super::hashes::bytes_lead`] reads them.
#[inline]
const fn halves(value: &[u8; 16]) -> (u64, u64) {
    let number = u128::from_be_bytes(*value);
    #[expect(clippy::cast_possible_truncation, reason = "the two halves of it")]
    (((number >> 64) as u64), number as u64)
}

/// Whether there is a run of [`ZEROS`] zero bytes.
fn padded(value: &[u8; 16]) -> bool {
    value.windows(ZEROS).any(|w| w.iter().all(|b| *b == 0))
}

#[cfg(test)]
mod tests {
    use super::super::hashes::bytes_lead;
    use super::*;

    fn padded_of(value: &[u8; 16]) -> u64 {
        let before = Before {
            counts: false,
            halvings: 0,
        };
        let mut seen = Pseudonyms::new(8, before);
        seen.pseudonym(value);
        seen.padded
    }

    #[test]
    fn zeros_are_found_wherever_they_stand() {
        for start in 0..=16 - ZEROS {
            let mut value = [0x5a; 16];
            value[start..start + ZEROS].fill(0);
            assert_eq!(padded_of(&value), 1, "from {start}");
            // One less is chance.
            value[start] = 1;
            assert_eq!(padded_of(&value), 0, "from {start}");
        }
    }

    #[test]
    fn halves_are_the_lead_of_a_digest() {
        let value: [u8; 16] = std::array::from_fn(|at| u8::try_from(at * 17).unwrap());
        assert_eq!(halves(&value), bytes_lead(&value));
    }
}
