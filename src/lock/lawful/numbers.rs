//! Is a column full of burgerservicenummers? The different numbers of nine digits in it, in bounded
//! memory, and how likely it is that so many of them pass the elfproef by chance.
//!
//! One number says nothing: of all numbers of nine digits one in eleven passes. So the column is
//! judged, not the value: with `n` different numbers the count of passes follows a binomial
//! distribution with chance 1/11 when they are ordinary numbers, and nearly all of them pass when
//! they are BSNs.
//!
//! **What it finds.** A column of BSNs only, from six different ones on. Of BSNs among other numbers
//! about 31 in 100 (24 % of the numbers are BSNs), 150 in 1000 (7 %), 2070 in 20 000 (1.4 %). What it
//! does not find is a handful of BSNs among many other numbers. **How often it is wrong:** six
//! ordinary numbers all pass once in 1.8 million columns, and the tail of [`CHANCE`] is one in 10^9.
//! Numbers with an elfproef of the same weights do pass and are meant to: RSINs of organisations do
//! not belong in a source that may not send a BSN either.

use crate::lock::bsn;

/// Different numbers of a column that are looked at: of more, a sample that does not depend on their
/// order.
const SAMPLE: usize = 20_000;

/// Fewer numbers than this say nothing.
const LEAST: u64 = 6;

/// So many passes by chance are believed; fewer than this are not.
const CHANCE: f64 = 1e-9;

/// The chance that an ordinary number passes the elfproef.
const ORDINARY: f64 = 1.0 / 11.0;

/// The different numbers of a column, the [`SAMPLE`] ones with the smallest mix. The mix is one to
/// one, so no two numbers are taken for the same, and it has nothing to do with how numbers are given
/// out, so whoever delivers does not choose which ones are looked at.
pub(super) struct Numbers {
    /// Mix and, in the last bit, whether it passes; sorted and without doubles up to the last settling.
    kept: Vec<u64>,
    /// What is above it is not among the smallest any more.
    limit: u64,
}

impl Default for Numbers {
    fn default() -> Self {
        Self {
            kept: Vec::new(),
            limit: u64::MAX,
        }
    }
}

impl Numbers {
    /// Looks at a number of at most nine digits.
    #[inline]
    pub fn add(&mut self, number: u32) {
        let mixed = u64::from(mix(number)) << 1;
        // The last one again is common: rows of one person stand together.
        if mixed > self.limit || self.kept.last().is_some_and(|last| last >> 1 == mixed >> 1) {
            return;
        }
        self.keep(mixed | u64::from(bsn::passes(&digits(number))));
    }

    fn keep(&mut self, entry: u64) {
        self.kept.push(entry);
        if self.kept.len() >= 2 * SAMPLE {
            self.settle();
        }
    }

    fn settle(&mut self) {
        self.kept.sort_unstable();
        self.kept.dedup();
        if self.kept.len() > SAMPLE {
            self.kept.truncate(SAMPLE);
            self.limit = self.kept.last().copied().unwrap_or(u64::MAX);
        }
    }

    /// Takes in what another part of the delivery showed.
    pub fn absorb(&mut self, mut other: Self) {
        other.settle();
        self.limit = self.limit.min(other.limit);
        for entry in other.kept {
            if entry <= self.limit {
                self.keep(entry);
            }
        }
    }

    /// How many numbers pass and how many there are, when that is no accident.
    pub fn crowd(&mut self) -> Option<(u64, u64)> {
        self.settle();
        let passed = self.kept.iter().map(|entry| entry & 1).sum();
        let numbers = self.kept.len() as u64;
        crowded(passed, numbers).then_some((passed, numbers))
    }
}

/// Whether so many passes among so many different numbers are no accident.
fn crowded(passed: u64, numbers: u64) -> bool {
    passed >= LEAST && (passed == numbers || by_chance(passed, numbers) < CHANCE)
}

/// The chance of at least so many passes among so many ordinary numbers.
#[expect(
    clippy::cast_precision_loss,
    reason = "at most SAMPLE numbers, far below 2^52"
)]
fn by_chance(passed: u64, numbers: u64) -> f64 {
    let (k, n) = (passed as f64, numbers as f64);
    if k <= n * ORDINARY {
        return 1.0;
    }
    // The first term in logarithms, as it is far too small to be multiplied out, the others from the one
    // before it: they fall, because k is beyond the mean.
    let ways: f64 = (1..=passed)
        .map(|i| ((n - k + i as f64) / i as f64).ln())
        .sum();
    let mut term = (ways + k * ORDINARY.ln() + (n - k) * (1.0 - ORDINARY).ln()).exp();
    let mut sum = 0.0;
    for i in passed..=numbers {
        sum += term;
        if term < sum * 1e-12 {
            break;
        }
        let i = i as f64;
        term *= (n - i) / (i + 1.0) * ORDINARY / (1.0 - ORDINARY);
    }
    sum.min(1.0)
}

/// A number as nine digits, leading zeros put back.
pub(super) fn digits(number: u32) -> [u8; 9] {
    let mut left = number;
    let mut digits = [b'0'; 9];
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + u8::try_from(left % 10).unwrap_or_default();
        left /= 10;
    }
    digits
}

/// Spreads numbers over all of 32 bits, one to one.
const fn mix(number: u32) -> u32 {
    let mut mixed = number ^ (number >> 16);
    mixed = mixed.wrapping_mul(0x7feb_352d);
    mixed ^= mixed >> 15;
    mixed = mixed.wrapping_mul(0x846c_a68b);
    mixed ^ (mixed >> 16)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use proptest::prelude::*;

    /// A generator of our own: tests have no other source of chance.
    pub fn scatter(seed: u64) -> impl FnMut(u32) -> u32 {
        let mut state = seed;
        move |below| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            u32::try_from((state >> 33) % u64::from(below)).unwrap()
        }
    }

    fn crowd(numbers: impl IntoIterator<Item = u32>) -> Option<(u64, u64)> {
        let mut all = Numbers::default();
        for number in numbers {
            all.add(number);
        }
        all.crowd()
    }

    fn bsns() -> impl Iterator<Item = u32> {
        (999_900_000..=999_999_999).filter(|n| bsn::passes(&digits(*n)))
    }

    #[test]
    fn chances() {
        // By hand: one of one, both of two, at least one of two.
        assert!((by_chance(1, 1) - 1.0 / 11.0).abs() < 1e-12);
        assert!((by_chance(2, 2) - 1.0 / 121.0).abs() < 1e-12);
        assert!((by_chance(1, 2) - 21.0 / 121.0).abs() < 1e-12);
        // The example of the design: 30 of 100 is one in 3 * 10^8.
        let thirty = by_chance(30, 100);
        assert!(2e-9 < thirty && thirty < 5e-9, "{thirty}");
        assert!(by_chance(9, 100) > 0.5);
        assert!(by_chance(20_000, 20_000) < 1e-300);
    }

    #[test]
    fn a_column_of_bsns_is_seen_from_six_on() {
        assert_eq!(crowd(bsns().take(5)), None);
        assert_eq!(crowd(bsns().take(6)), Some((6, 6)));
        assert_eq!(crowd((0..1_000).flat_map(|_| bsns().take(6))), Some((6, 6)));
        // Beside one ordinary number there must be more of them.
        let ordinary = 123_456_789;
        assert_eq!(crowd(bsns().take(8).chain([ordinary])), None);
        assert_eq!(crowd(bsns().take(12).chain([ordinary])), Some((12, 13)));
    }

    /// What the documentation of this module says that it finds.
    #[test]
    fn its_power_is_as_stated() {
        for (passed, numbers) in [(31, 100), (151, 1_000), (2_070, 20_000)] {
            assert!(crowded(passed, numbers), "{passed} of {numbers}");
            let fewer = passed - passed / 20 - 1;
            assert!(!crowded(fewer, numbers), "{fewer} of {numbers}");
        }
    }

    #[test]
    fn ordinary_numbers_do_not_cry_wolf() {
        let mut any = scatter(7);
        assert_eq!(crowd((0..100_000).map(|_| any(1_000_000_000))), None);
        assert_eq!(
            crowd((0..100_000).map(|_| 10_000_000 + any(90_000_000))),
            None
        );
        // Many small columns, as many deliveries have.
        for column in 0..10_000 {
            let size = 6 + column % 60;
            assert_eq!(
                crowd((0..size).map(|_| any(1_000_000_000))),
                None,
                "{column}"
            );
        }
        // Numbers given out one after another, and with a step.
        for first in [100_000_000, 202_400_001, 20_240_001, 612_345_678] {
            for step in [1, 2, 5, 7, 10, 100, 1_000] {
                for size in [6, 25, 300, 30_000] {
                    let numbers = (0..size).map(|at| first + at * step);
                    assert_eq!(crowd(numbers), None, "{first} {step} {size}");
                }
            }
        }
    }

    #[test]
    fn dates_and_telephone_numbers_do_not_cry_wolf() {
        use chrono::{Datelike, Days, NaiveDate};
        let compact = |d: NaiveDate, day_first: bool| {
            let (y, m, d) = (d.year().unsigned_abs(), d.month(), d.day());
            if day_first {
                d * 1_000_000 + m * 10_000 + y
            } else {
                y * 10_000 + m * 100 + d
            }
        };
        let start = NaiveDate::from_ymd_opt(1930, 1, 1).unwrap();
        let days = |from: NaiveDate, step: u64| (0..).map(move |at| from + Days::new(at * step));
        for day_first in [true, false] {
            for step in [1, 7, 30, 365] {
                for size in [6, 31, 365, 3_000] {
                    let dates = days(start, step).take(size).map(|d| compact(d, day_first));
                    assert_eq!(crowd(dates), None, "{day_first} {step} {size}");
                }
            }
            // The firsts of the months and of the years.
            for months in [1, 3, 12] {
                let dates = (0..1_000 / months)
                    .map(|at| start + chrono::Months::new(at * months))
                    .map(|d| compact(d, day_first));
                assert_eq!(crowd(dates), None, "{day_first} {months}");
            }
        }
        // 06-12345678 without its zero, and numbers of Schiedam.
        let mut any = scatter(11);
        assert_eq!(
            crowd((0..5_000).map(|_| 610_000_000 + any(50_000_000))),
            None
        );
        assert_eq!(
            crowd((0..5_000).map(|_| 104_000_000 + any(9_999_999))),
            None
        );
    }

    #[test]
    fn memory_is_bounded_and_late_bsns_count_as_much_as_early_ones() {
        let mut any = scatter(3);
        let mut numbers = Numbers::default();
        for _ in 0..200_000 {
            numbers.add(any(1_000_000_000));
        }
        assert!(numbers.kept.len() < 2 * SAMPLE);
        assert_eq!(numbers.crowd(), None);
        for bsn in bsns() {
            numbers.add(bsn);
        }
        // 9 000 BSNs behind 200 000 other numbers: some 4 %.
        assert!(numbers.kept.len() < 2 * SAMPLE && numbers.kept.capacity() <= 4 * SAMPLE);
        assert!(numbers.crowd().is_some());
    }

    proptest! {
        #[test]
        fn parts_in_any_order_are_the_whole(
            seed in any::<u64>(),
            sizes in proptest::collection::vec(0usize..30_000, 1..4),
        ) {
            let mut any = scatter(seed);
            let parts: Vec<Vec<u32>> = sizes.iter().map(|size| (0..*size).map(|_| any(60_000)).collect()).collect();
            let mut whole = Numbers::default();
            for number in parts.iter().flatten() {
                whole.add(*number);
            }
            let mut joined = Numbers::default();
            for part in parts.iter().rev() {
                let mut one = Numbers::default();
                for number in part {
                    one.add(*number);
                }
                joined.absorb(one);
            }
            whole.settle();
            joined.settle();
            let different: BTreeSet<u32> = parts.concat().into_iter().collect();
            prop_assert_eq!(whole.kept.len(), different.len().min(SAMPLE));
            prop_assert_eq!(whole.kept, joined.kept);
        }

        #[test]
        fn no_two_numbers_are_taken_for_the_same(a in any::<u32>(), b in any::<u32>()) {
            prop_assert_eq!(mix(a) == mix(b), a == b);
        }
    }
}
