//! Different things of which there may be many, in bounded memory: all of them up to a limit, and beyond
//! it a sample that does not depend on their order.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use super::forms::stir;

/// A hasher for numbers that are hashes already.
#[derive(Clone, Copy, Default)]
pub struct Same(u64);

impl Hasher for Same {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = stir(self.0 ^ u64::from(*byte));
        }
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = number;
    }
}

/// Different things, each with something that belongs to it.
#[derive(Clone)]
pub struct Distinct<T> {
    kept: HashMap<u64, T, BuildHasherDefault<Same>>,
    /// Of all things those are kept whose hash has this many zeros in front.
    halvings: u32,
    most: usize,
}

impl<T> Distinct<T> {
    /// Nothing yet, and never more than `most` of it.
    #[must_use]
    pub fn new(most: usize) -> Self {
        Self {
            kept: HashMap::default(),
            halvings: 0,
            most,
        }
    }

    /// The same, where another place has so many already that only those with so many zeros in front are
    /// kept in the end. What is kept in the end is the same, with less work.
    #[must_use]
    pub fn after(most: usize, halvings: u32) -> Self {
        Self {
            halvings,
            ..Self::new(most)
        }
    }

    /// Notes a thing; what tells it apart must be spread over 64 bits.
    #[inline]
    pub fn add(&mut self, hash: u64, value: impl FnOnce() -> T) {
        if hash.leading_zeros() < self.halvings {
            return;
        }
        self.kept.entry(hash).or_insert_with(value);
        if self.kept.len() > self.most {
            self.halve();
        }
    }

    fn halve(&mut self) {
        while self.kept.len() > self.most && self.halvings < 64 {
            self.halvings += 1;
            let halvings = self.halvings;
            self.kept.retain(|hash, _| hash.leading_zeros() >= halvings);
        }
    }

    /// Takes in what another place showed.
    pub fn absorb(&mut self, other: Self) {
        if other.halvings > self.halvings {
            self.halvings = other.halvings;
            let halvings = self.halvings;
            self.kept.retain(|hash, _| hash.leading_zeros() >= halvings);
        }
        for (hash, value) in other.kept {
            self.add(hash, || value);
        }
    }

    /// How many there are: exactly, or by the sample.
    #[must_use]
    pub fn count(&self) -> u64 {
        (self.kept.len() as u64) << self.halvings.min(32)
    }

    /// Of how many things one is kept, as a power of two.
    #[must_use]
    pub const fn halvings(&self) -> u32 {
        self.halvings
    }

    /// How many are kept.
    #[must_use]
    pub fn kept(&self) -> u64 {
        self.kept.len() as u64
    }

    /// Those that are kept, in no order.
    pub fn iter(&self) -> impl Iterator<Item = (u64, &T)> {
        self.kept.iter().map(|(hash, value)| (*hash, value))
    }

    /// Whether a thing is among them.
    #[must_use]
    pub fn holds(&self, hash: u64) -> bool {
        self.kept.contains_key(&hash)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sample_depends_on_the_things_only() {
        let of = |numbers: &mut dyn Iterator<Item = u64>| {
            let mut all = Distinct::new(1_000);
            for number in numbers {
                all.add(stir(number), || number);
            }
            all
        };
        let forward = of(&mut (0..100_000));
        let back = of(&mut (0..100_000).rev());
        let mut parts = of(&mut (0..30_000));
        let mut rest = Distinct::after(1_000, parts.halvings());
        (20_000..100_000).for_each(|number| rest.add(stir(number), || number));
        parts.absorb(rest);
        let sorted = |all: &Distinct<u64>| {
            let mut kept: Vec<u64> = all.iter().map(|(_, n)| *n).collect();
            kept.sort_unstable();
            kept
        };
        assert_eq!(sorted(&forward), sorted(&back));
        assert_eq!(sorted(&forward), sorted(&parts));
        assert!(
            (90_000..110_000).contains(&forward.count()),
            "{}",
            forward.count()
        );
        assert!(forward.kept() <= 1_000);
    }
}
