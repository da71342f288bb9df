//! A small random number generator of our own, so that the demo's bytes never change because a
//! dependency did. `SplitMix64` (Steele, Lea and Flood, 2014). Not for secrets.

/// A stream of numbers that depends on nothing but its seed.
#[derive(Clone, Debug)]
pub(super) struct Prng(u64);

impl Prng {
    /// A stream for one purpose. Every purpose has a name, so that drawing more for the one does
    /// not shift the other.
    pub(super) fn named(name: &str, number: u64) -> Self {
        // FNV-1a over the name, then one step so that near seeds part ways.
        let seed = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        let mut prng = Self(seed ^ number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        prng.next();
        prng
    }

    /// The next 64 bits.
    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `bound` (0 when the bound is 0). The bias of the multiplication is below
    /// 2^-40 for the bounds used here.
    pub(super) fn below(&mut self, bound: usize) -> usize {
        let wide = u128::from(self.next()) * bound as u128;
        usize::try_from(wide >> 64).unwrap_or(0)
    }

    /// A number from `low` up to and including `high`.
    pub(super) fn between(&mut self, low: i64, high: i64) -> i64 {
        let span = usize::try_from(high - low + 1).unwrap_or(1);
        low + i64::try_from(self.below(span)).unwrap_or(0)
    }

    /// True once in `times`.
    pub(super) fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    /// One of the items; they must not be empty.
    pub(super) fn pick<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.below(items.len())]
    }

    /// The index of a weight, drawn in proportion.
    pub(super) fn weighted(&mut self, weights: &[usize]) -> usize {
        let mut left = self.below(weights.iter().sum());
        for (index, weight) in weights.iter().enumerate() {
            if left < *weight {
                return index;
            }
            left -= weight;
        }
        0
    }

    /// Puts the items in a random order (Fisher and Yates).
    pub(super) fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }

    /// Every index as often as its quota says, in a random order.
    pub(super) fn deal(&mut self, quotas: &[usize]) -> Vec<usize> {
        let mut hand: Vec<usize> = Vec::with_capacity(quotas.iter().sum());
        for (index, quota) in quotas.iter().enumerate() {
            hand.extend(std::iter::repeat_n(index, *quota));
        }
        self.shuffle(&mut hand);
        hand
    }
}
