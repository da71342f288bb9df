//! What an attack tries to hit: the values of pseudonym and hash columns, as 64-bit prefixes in order,
//! behind a filter that passes over nearly every miss with one look.
//!
//! A hash takes some fifty nanoseconds, and a look into memory that is in no cache more than that. So the
//! filter is small: one word of it says of some values at once whether they may be there, and up to a
//! million values it fits the second cache.

use super::hashes::Lead;

/// Bits of the filter for each value: of other values about one in forty passes.
const SPARSE: usize = 8;
/// The filter is at most 2 to the power of this many bits.
const LARGEST: u32 = 27;

/// A value that may be a hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Target {
    /// Its first eight bytes.
    pub prefix: u64,
    /// The eight behind them, zeros where there are none.
    pub next: u64,
    /// How many bytes it has.
    pub width: u16,
    /// The column it stands in.
    pub column: u16,
}

impl Target {
    /// A value of at least eight bytes; shorter ones say too little.
    #[must_use]
    pub fn new(value: &[u8], column: u16) -> Option<Self> {
        let (first, rest) = value.split_first_chunk::<8>()?;
        let (_, next) = super::hashes::bytes_lead(value);
        let width = u16::try_from(first.len() + rest.len()).ok()?;
        Some(Self {
            prefix: u64::from_be_bytes(*first),
            next,
            width,
            column,
        })
    }

    /// Whether a digest of so many bytes begins with this value.
    fn hit(&self, (prefix, next): Lead) -> bool {
        let mask = match self.width {
            0..=8 => 0,
            9..=15 => u64::MAX << (8 * (16 - u32::from(self.width))),
            _ => u64::MAX,
        };
        self.prefix == prefix && self.next & mask == next & mask
    }
}

/// Many values, ready to be looked up.
pub struct Targets {
    entries: Vec<Target>,
    /// For each value of the first bits of a prefix the marks of all prefixes that begin so.
    filter: Vec<u64>,
    shift: u32,
    /// For each value of the first bits of a prefix where the entries begin that begin so.
    starts: Vec<u32>,
    step: u32,
}

impl Targets {
    /// Sorts the values. The filter gets at least 8 bits a value, up to 16 MiB.
    #[must_use]
    pub fn new(mut entries: Vec<Target>) -> Self {
        entries.sort_unstable();
        entries.dedup();
        let wanted = (entries.len() * SPARSE).max(1 << 12).next_power_of_two();
        let bits = wanted.trailing_zeros().min(LARGEST);
        let shift = 64 - (bits - 6);
        let mut filter = vec![0u64; 1 << (bits - 6)];
        for entry in &entries {
            filter[word(entry.prefix, shift)] |= marks(entry.prefix);
        }
        let (starts, step) = starts(&entries);
        Self {
            entries,
            filter,
            shift,
            starts,
            step,
        }
    }

    /// How many different values there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is nothing to hit.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The widths that occur, each once.
    #[must_use]
    pub fn widths(&self) -> Vec<u16> {
        let widths: std::collections::BTreeSet<u16> =
            self.entries.iter().map(|e| e.width).collect();
        widths.into_iter().collect()
    }

    /// Every value that the digest hits.
    #[inline]
    pub fn look(&self, lead: Lead, found: impl FnMut(&Target)) {
        let marks = marks(lead.0);
        let word = self.filter.get(word(lead.0, self.shift));
        if word.is_some_and(|word| word & marks == marks) {
            self.compare(lead, found);
        }
    }

    #[cold]
    fn compare(&self, lead: Lead, mut found: impl FnMut(&Target)) {
        let at = word(lead.0, self.step);
        let start = |at: usize| self.starts.get(at).map_or(0, |start| *start as usize);
        let some = self.entries.get(start(at)..start(at + 1));
        for entry in some.unwrap_or_default() {
            if entry.hit(lead) {
                found(entry);
            }
        }
    }
}

/// Where the entries begin whose first bits have each value, and how far those bits must be shifted; one
/// more at the end. About one entry each.
fn starts(entries: &[Target]) -> (Vec<u32>, u32) {
    let bits = entries.len().max(2).ilog2().min(LARGEST);
    let step = 64 - bits;
    let mut starts = vec![0u32; (1 << bits) + 1];
    for entry in entries {
        starts[word(entry.prefix, step) + 1] += 1;
    }
    let mut sum = 0;
    for start in &mut starts {
        sum += *start;
        *start = sum;
    }
    (starts, step)
}

/// The first bits of a prefix.
#[inline]
#[expect(
    clippy::cast_possible_truncation,
    reason = "of 64 bits at most 27 are left"
)]
const fn word(prefix: u64, shift: u32) -> usize {
    (prefix >> shift) as usize
}

/// Three bits of 64 that its last bits choose.
#[inline]
const fn marks(prefix: u64) -> u64 {
    1 << (prefix & 63) | 1 << (prefix >> 6 & 63) | 1 << (prefix >> 12 & 63)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hits(targets: &Targets, digest: &[u8]) -> usize {
        let mut hits = 0;
        targets.look(super::super::hashes::bytes_lead(digest), |_| hits += 1);
        hits
    }

    #[test]
    fn a_value_is_hit_by_every_digest_that_begins_with_it() {
        let digest: Vec<u8> = (100..132).collect();
        for width in [8, 9, 12, 15, 16, 20, 32] {
            let targets = Targets::new(Target::new(&digest[..width], 3).into_iter().collect());
            assert_eq!(hits(&targets, &digest), 1, "{width}");
            let mut other = digest.clone();
            other[width.min(16) - 1] ^= 1;
            assert_eq!(hits(&targets, &other), 0, "{width}");
        }
        assert_eq!(Target::new(&digest[..7], 0), None);
    }

    #[test]
    fn many_values_are_all_found() {
        let value = |n: u64| {
            let spread = n.wrapping_mul(0x9e37_79b9_7f4a_7c15);
            [spread.to_be_bytes(), n.to_be_bytes()].concat()
        };
        let entries = (0..50_000)
            .filter_map(|n| Target::new(&value(n), 0))
            .collect();
        let targets = Targets::new(entries);
        assert_eq!(targets.len(), 50_000);
        assert!((0..50_000).all(|n| hits(&targets, &value(n)) == 1));
        assert!((50_000..200_000).all(|n| hits(&targets, &value(n)) == 0));
    }
}
