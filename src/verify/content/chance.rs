//! Chance: how likely it is that so many values look like something by accident.

/// The chance of at least `found` hits among `of` tries that each hit with chance `one`.
#[must_use]
#[expect(
    clippy::cast_precision_loss,
    reason = "counts of values lie far below 2^52"
)]
pub fn at_least(found: u64, of: u64, one: f64) -> f64 {
    if found == 0 {
        return 1.0;
    }
    if found > of {
        return 0.0;
    }
    let (k, n) = (found as f64, of as f64);
    if k <= n * one {
        return 1.0;
    }
    // The first term in logarithms, as it is far too small to be multiplied out, the others from the one
    // before it: they fall, because `found` lies beyond the mean.
    let ways = log_ways(n, k);
    let mut term = (ways + k * one.ln() + (n - k) * (-one).ln_1p()).exp();
    let mut sum = 0.0;
    let mut i = k;
    while i <= n {
        sum += term;
        if term < sum * 1e-12 {
            break;
        }
        term *= (n - i) / (i + 1.0) * one / (1.0 - one);
        i += 1.0;
    }
    sum.min(1.0)
}

/// The logarithm of the number of ways to choose `k` of `n`.
pub(in crate::verify) fn log_ways(n: f64, k: f64) -> f64 {
    log_factorial(n) - log_factorial(k) - log_factorial(n - k)
}

/// Stirling's series; exact sums for small numbers.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a small whole number"
)]
fn log_factorial(n: f64) -> f64 {
    if n < 32.0 {
        return (2..=n as u32).map(|i| f64::from(i).ln()).sum();
    }
    let x = n + 1.0;
    (x - 0.5) * x.ln() - x + 0.5 * std::f64::consts::TAU.ln() + 1.0 / (12.0 * x)
        - 1.0 / (360.0 * x * x * x)
}

/// How many hits it takes before the chance of so many is below a limit; `None`: no number of hits does.
#[must_use]
pub fn needed(of: u64, one: f64, limit: f64) -> Option<u64> {
    let (mut low, mut high) = (1, of);
    if at_least(of, of, one) >= limit {
        return None;
    }
    while low < high {
        let middle = low.midpoint(high);
        if at_least(middle, of, one) < limit {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    Some(low)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ELEVENTH: f64 = 1.0 / 11.0;

    #[test]
    fn by_hand() {
        assert!((at_least(1, 1, ELEVENTH) - ELEVENTH).abs() < 1e-12);
        assert!((at_least(2, 2, ELEVENTH) - ELEVENTH * ELEVENTH).abs() < 1e-12);
        assert!((at_least(1, 2, ELEVENTH) - 21.0 / 121.0).abs() < 1e-12);
        let thirty = at_least(30, 100, ELEVENTH);
        assert!(2e-9 < thirty && thirty < 5e-9, "{thirty}");
        assert!((at_least(0, 9, 0.5) - 1.0).abs() < 1e-12);
        assert!(at_least(20_000, 20_000, ELEVENTH) < 1e-300);
        let rare = at_least(1, 10_000, 1e-7);
        assert!((rare - 1e-3).abs() < 1e-6, "{rare}");
    }

    #[test]
    fn its_power() {
        assert_eq!(needed(8, ELEVENTH, 1e-9), None);
        assert_eq!(needed(9, ELEVENTH, 1e-9), Some(9));
        assert_eq!(needed(100, ELEVENTH, 1e-9), Some(31));
        assert_eq!(needed(1_000, ELEVENTH, 1e-9), Some(151));
        assert_eq!(needed(100_000, ELEVENTH, 1e-9), Some(9_642));
    }
}
