//! Whether counting links two domains: who sees how often each pseudonym of one column occurs, and how often
//! each of another, could match those whose count nobody else has.
//!
//! Independent persons have counts that are alike but not the same. Two columns are held against that: given
//! all counts together, every pseudonym belongs to either column by chance. Against it stands that the counts
//! were copied, with few or more differences. The ratio of the two (an average over how many differences)
//! exceeds N by chance at most once in N, whatever the counts are. Columns with other counts altogether are
//! further from a copy than chance is, and never give an alarm.
//!
//! **Power:** a copy is found from some 1 000 pseudonyms on when half of them occur once, a quarter twice and so
//! on, or from some 25 counts that are nobody else's. Where all occur equally often nothing can be matched, and
//! nothing is found.

use std::collections::BTreeMap;

use crate::verify::content::chance::log_ways;

/// So rarely chance alone makes two columns this much alike.
pub const RARE: f64 = 1e-6;
/// How far a copy may differ: so much of the variance that chance gives. Nothing for a copy that is exact.
const SPREADS: [f64; 4] = [0.0, 0.02, 0.1, 0.3];
/// A difference of one is so likely in an exact copy: once in twenty.
const LEAST_DIFFERENCE: f64 = 1.0 / 3.0;

/// How much the counts of two columns are alike.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Alike {
    /// Pseudonyms that can be matched: their count is nobody else's in either column, it is the same, and
    /// as many occur more often.
    pub matched: u64,
    /// Chance does this at most so often.
    pub chance: f64,
    /// Every count occurs equally often in both.
    pub same: bool,
}

/// Compares how often each pseudonym of two columns occurs.
#[must_use]
pub fn compare(one: impl Iterator<Item = u64>, other: impl Iterator<Item = u64>) -> Alike {
    let mut counts: BTreeMap<u64, (u64, u64)> = BTreeMap::new();
    one.for_each(|count| counts.entry(count).or_default().0 += 1);
    other.for_each(|count| counts.entry(count).or_default().1 += 1);
    let (mut higher, mut matched) = ((0, 0), 0);
    for (_, (a, b)) in counts.iter().rev() {
        matched += u64::from(higher.0 == higher.1 && (*a, *b) == (1, 1));
        higher = (higher.0 + a, higher.1 + b);
    }
    let (ones, others) = higher;
    // By chance: of each count as many ways to divide its pseudonyms, of all ways to divide them.
    let ways = counts.values().map(|(a, b)| ln_ways(*a, *b));
    let by_chance = ways.sum::<f64>() - ln_ways(ones, others);
    let ratios = SPREADS.map(|spread| copied(&counts, spread) - by_chance);
    let most = ratios.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let mean = ratios.iter().map(|r| (r - most).exp()).sum::<f64>() / 4.0;
    Alike {
        matched,
        chance: (-(most + mean.ln())).exp().min(1.0),
        same: counts.values().all(|(a, b)| a == b),
    }
}

/// The logarithm of the chance of these counts in a copy, in which a difference is less likely the larger it
/// is: by a factor for each pseudonym more.
fn copied(counts: &BTreeMap<u64, (u64, u64)>, spread: f64) -> f64 {
    let each = counts.values().map(|(a, b)| {
        let decay = (-1.0 / (spread * real(a + b)).sqrt().max(LEAST_DIFFERENCE)).exp();
        let square = decay * decay;
        // All differences together: even ones where there is an even number of pseudonyms, else odd ones.
        let all: f64 = if (a + b).is_multiple_of(2) {
            1.0 + 2.0 * square / (1.0 - square)
        } else {
            2.0 * decay / (1.0 - square)
        };
        real(a.abs_diff(*b)) * decay.ln() - all.ln()
    });
    each.sum()
}

/// The logarithm of the number of ways to divide things over two heaps of these sizes.
fn ln_ways(one: u64, other: u64) -> f64 {
    log_ways(real(one + other), real(one))
}

#[expect(clippy::cast_precision_loss, reason = "no column has 2^53 values")]
const fn real(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verify::content::forms::stir;

    /// Counts of independent persons: geometric, Poisson-like, or with a long tail.
    fn counts(seed: u64, persons: u64, shape: u64) -> Vec<u64> {
        let random = |n: u64| stir(stir(seed * 1_000_003 + shape) ^ stir(n + 1));
        (0..persons)
            .map(|n| match shape % 4 {
                0 => u64::from(random(n).trailing_ones()) + 1,
                1 => u64::from((random(n) & 0xff).count_ones()) + 1,
                2 => 1 + (1 << 20) / ((random(n) & 0xf_ffff) + 1),
                _ => 1 + random(n) % 3,
            })
            .collect()
    }

    fn compared(one: &[u64], other: &[u64]) -> Alike {
        compare(one.iter().copied(), other.iter().copied())
    }

    #[test]
    fn independent_columns_give_no_alarm() {
        let mut alarms = [0; 3];
        let pairs = 20_000;
        for pair in 0..pairs {
            let sizes = [3, 20, 100, 300];
            let persons = sizes[usize::try_from(pair / 4 % 4).unwrap()];
            let one = counts(pair, persons, pair);
            let alike = compared(&one, &counts(pair + 1_000_000, persons, pair));
            for (alarms, bound) in alarms.iter_mut().zip([0.1, 0.01, RARE]) {
                *alarms += u64::from(alike.chance <= bound);
            }
        }
        // The bound holds: at most one in ten, and so on.
        assert!(alarms[0] < pairs / 10, "{alarms:?}");
        assert!(alarms[1] < pairs / 100, "{alarms:?}");
        assert_eq!(alarms[2], 0);
        eprintln!("of {pairs} independent pairs below 0.1, 0.01 and {RARE}: {alarms:?}");
    }

    #[test]
    fn a_copy_is_found_and_a_copy_with_differences_too() {
        for (persons, shape) in [(1_500, 0), (1_500, 1), (1_500, 2)] {
            for seed in 0..50 {
                let one = counts(seed, persons, shape);
                let copy = compared(&one, &one);
                assert!(copy.chance < RARE && copy.same, "{shape} {copy:?}");
                // Where the highest counts are shared, nobody stands out.
                assert!(copy.matched > 0 || shape < 2, "{shape} {copy:?}");
            }
        }
        // One person in fifty had something more or less.
        let one = counts(7, 20_000, 2);
        let other: Vec<u64> = (0u64..)
            .zip(&one)
            .map(|(n, c)| c + u64::from(n % 50 == 0))
            .collect();
        let near = compared(&one, &other);
        assert!(near.chance < RARE && !near.same, "{near:?}");
    }

    #[test]
    fn equal_counts_match_nobody() {
        assert_eq!(compared(&[1; 500], &[1; 500]).matched, 0);
        let alike = compared(&[1; 500], &[1; 400]);
        assert_eq!((alike.matched, alike.chance), (0, 1.0));
        assert_eq!(compared(&[9, 4, 2, 2, 1], &[9, 5, 2, 1, 1]).matched, 1);
        assert_eq!(compared(&[9, 4, 2, 2, 1], &[9, 8, 4, 1, 1]).matched, 1);
        assert_eq!(compared(&[], &[]).matched, 0);
        assert!(compared(&[], &[3]).chance >= RARE);
    }
}
