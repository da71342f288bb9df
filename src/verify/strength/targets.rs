//! What an attack tries to hit: the values of pseudonym and hash columns, as 64-bit prefixes in order,
//! behind a filter that passes over nearly every miss with one look.

use super::hashes::Lead;

/// Bits of the filter for each value.
const SPARSE: usize = 32;
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
    /// A bit for each value of the first bits of a prefix.
    filter: Vec<u64>,
    shift: u32,
}

impl Targets {
    /// Sorts the values. The filter gets at least 32 bits a value, up to 16 MiB.
    #[must_use]
    pub fn new(mut entries: Vec<Target>) -> Self {
        entries.sort_unstable();
        entries.dedup();
        let wanted = (entries.len() * SPARSE).max(1 << 16).next_power_of_two();
        let bits = wanted.trailing_zeros().min(LARGEST);
        let shift = 64 - bits;
        let mut filter = vec![0u64; 1 << (bits - 6)];
        for entry in &entries {
            let (word, bit) = place(entry.prefix, shift);
            filter[word] |= bit;
        }
        Self {
            entries,
            filter,
            shift,
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
        let (word, bit) = place(lead.0, self.shift);
        if self.filter.get(word).is_some_and(|bits| bits & bit != 0) {
            self.compare(lead, found);
        }
    }

    #[cold]
    fn compare(&self, lead: Lead, mut found: impl FnMut(&Target)) {
        let from = self.entries.partition_point(|e| e.prefix < lead.0);
        for entry in &self.entries[from..] {
            if entry.prefix != lead.0 {
                break;
            }
            if entry.hit(lead) {
                found(entry);
            }
        }
    }
}

#[inline]
fn place(prefix: u64, shift: u32) -> (usize, u64) {
    let place = prefix >> shift;
    ((place >> 6) as usize, 1 << (place & 63))
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
