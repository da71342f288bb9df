//! Persons who look alike, and what that means: k-anonymity, l-diversity, t-closeness and the chance of
//! recognising somebody. Counts in, numbers out; nothing here reads a file.
//!
//! The definitions are those of pyCANON, so that its outcome on the same data is the same. A person counts
//! once in a group, however many rows; a value counts once for each person who has it.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasherDefault, Hash, Hasher};

use rayon::prelude::*;

use crate::contract::model::RiskRules;
use crate::verify::content::distinct::Same;
use crate::verify::content::forms::stir;

/// Something sensitive: only told apart, never shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Value {
    /// Nothing was filled in. Of a text that is an answer like any other; of a number or day it is none.
    Absent,
    /// A text or a yes or no, by its digest.
    Text(u64),
    /// A number or day.
    Number(i64),
}

/// What it holds is spread over 64 bits already, or is stirred here.
impl Hash for Value {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(match self {
            Self::Absent => 0,
            Self::Text(digest) => *digest,
            Self::Number(number) => stir(number.cast_unsigned()),
        });
    }
}

/// Persons who look alike by what others may know of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Class {
    /// How many they are.
    pub persons: u64,
    /// For each sensitive column: how many of them have a value.
    pub values: Vec<BTreeMap<Value, u64>>,
}

/// Every class of a table, by the digest of what its persons have in common.
#[derive(Clone, Debug, Default)]
pub struct Classes {
    by_digest: HashMap<u64, Class, BuildHasherDefault<Same>>,
}

/// What classes show of one sensitive column.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sensitivity {
    /// The fewest different values in a class: l of distinct l-diversity.
    pub distinct: u64,
    /// The same, where values that are rare count less: e to the power of the smallest entropy.
    pub entropy: f64,
    /// The largest share that one value has in a class: alpha.
    pub alpha: f64,
    /// The largest distance between the values of a class and those of all: t.
    pub distance: f64,
    /// Persons in classes with fewer different values than was asked.
    pub in_uniform: u64,
    /// Persons in classes at a larger distance than was asked.
    pub in_distant: u64,
}

/// What classes show.
#[derive(Clone, Debug, PartialEq)]
pub struct Measured {
    /// How many classes there are.
    pub classes: u64,
    /// How many persons, those in several classes counted in each.
    pub persons: u64,
    /// The smallest class: k.
    pub smallest: u64,
    /// Persons in classes of fewer than was asked.
    pub in_small: u64,
    /// Persons in classes that give a higher chance than was asked.
    pub at_risk: u64,
    /// For each sensitive column; nothing where no person has a value.
    pub sensitive: Vec<Option<Sensitivity>>,
}

impl Measured {
    /// The chance of recognising a person known to be in the table, for whom it is highest.
    #[must_use]
    pub fn highest_chance(&self) -> f64 {
        if self.smallest == 0 {
            0.0
        } else {
            1.0 / real(self.smallest)
        }
    }

    /// The same, on average.
    #[must_use]
    pub fn mean_chance(&self) -> f64 {
        share(self.classes, self.persons)
    }
}

/// A count as a number to reckon with.
#[expect(clippy::cast_precision_loss, reason = "no table has 2^53 rows")]
pub const fn real(count: u64) -> f64 {
    count as f64
}

/// A part of a whole; nothing of nothing is 0.
pub const fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 {
        0.0
    } else {
        real(part) / real(whole)
    }
}

impl Classes {
    /// Counts persons of a class.
    pub fn add_persons(&mut self, digest: u64, persons: u64) {
        self.by_digest.entry(digest).or_default().persons += persons;
    }

    /// Counts persons of a class who have a value in a sensitive column.
    pub fn add_value(&mut self, digest: u64, column: usize, value: Value, persons: u64) {
        let values = &mut self.by_digest.entry(digest).or_default().values;
        if values.len() <= column {
            values.resize_with(column + 1, BTreeMap::new);
        }
        if let Some(counts) = values.get_mut(column) {
            *counts.entry(value).or_default() += persons;
        }
    }

    /// Takes in what other persons showed.
    pub fn absorb(&mut self, other: Self) {
        if self.by_digest.is_empty() {
            *self = other;
            return;
        }
        for (digest, class) in other.by_digest {
            self.add_persons(digest, class.persons);
            for (column, values) in class.values.into_iter().enumerate() {
                for (value, persons) in values {
                    self.add_value(digest, column, value, persons);
                }
            }
        }
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.by_digest.len()
    }

    /// Measures them. `ordered` says of each sensitive column whether its values have an order.
    #[must_use]
    pub fn measure(&self, rules: &RiskRules, ordered: &[bool]) -> Measured {
        let sizes = || self.by_digest.values().map(|class| class.persons);
        let chance = |size: u64| 1.0 / real(size.max(1));
        let is_small = |size: &u64| *size < u64::from(rules.k);
        Measured {
            classes: self.by_digest.len() as u64,
            persons: sizes().sum(),
            smallest: sizes().min().unwrap_or_default(),
            in_small: sizes().filter(is_small).sum(),
            at_risk: sizes().filter(|n| chance(*n) > rules.highest_chance).sum(),
            sensitive: ordered
                .par_iter()
                .enumerate()
                .map(|(column, ordered)| self.sensitivity(column, *ordered, rules))
                .collect(),
        }
    }

    fn sensitivity(&self, column: usize, ordered: bool, rules: &RiskRules) -> Option<Sensitivity> {
        let mut all: HashMap<Value, u64, BuildHasherDefault<Same>> = HashMap::default();
        // In order of their digests: sums of fractions depend on their order.
        let mut digests: Vec<u64> = self.by_digest.keys().copied().collect();
        digests.sort_unstable();
        let classes = || {
            let classes = digests.iter().filter_map(|d| self.by_digest.get(d));
            classes.filter_map(|class| Some((class.persons, class.values.get(column)?)))
        };
        for (_, values) in classes() {
            for (value, persons) in values {
                *all.entry(*value).or_default() += persons;
            }
        }
        let whole: u64 = all.values().sum();
        if whole == 0 {
            return None;
        }
        let mut all: Vec<(Value, f64)> = all
            .into_iter()
            .map(|(value, persons)| (value, share(persons, whole)))
            .collect();
        all.sort_unstable_by_key(|(value, _)| *value);
        let mut found = Sensitivity {
            distinct: u64::MAX,
            entropy: f64::INFINITY,
            alpha: 0.0,
            distance: 0.0,
            in_uniform: 0,
            in_distant: 0,
        };
        for (persons, values) in classes() {
            let whole: u64 = values.values().sum();
            let shares = || values.values().map(|persons| share(*persons, whole));
            let entropy: f64 = shares().map(|p| -p * p.ln()).sum();
            found.distinct = found.distinct.min(values.len() as u64);
            found.entropy = found.entropy.min(entropy.exp());
            found.alpha = shares().fold(found.alpha, f64::max);
            let distance = if ordered {
                ordered_distance(&all, values, whole)
            } else {
                equal_distance(&all, values, whole)
            };
            found.distance = found.distance.max(distance);
            if (values.len() as u64) < u64::from(rules.l) {
                found.in_uniform += persons;
            }
            if distance > rules.t {
                found.in_distant += persons;
            }
        }
        Some(found)
    }
}

/// The share of each value of all, in their order: both lists stand in it.
fn shares_of<'a>(
    all: &'a [(Value, f64)],
    values: &'a BTreeMap<Value, u64>,
    whole: u64,
) -> impl Iterator<Item = (f64, f64)> + 'a {
    let mut values = values.iter().peekable();
    all.iter().map(move |(value, of_all)| {
        let own = values.next_if(|(next, _)| *next == value);
        (own.map_or(0.0, |(_, n)| share(*n, whole)), *of_all)
    })
}

/// How much of one distribution must move to make it another, when every move costs the same.
fn equal_distance(all: &[(Value, f64)], values: &BTreeMap<Value, u64>, whole: u64) -> f64 {
    let shares = shares_of(all, values, whole);
    let moved: f64 = shares.map(|(own, of_all)| (own - of_all).abs()).sum();
    moved / 2.0
}

/// The same, when a move costs as many steps as it passes values: 1 from the first to the last.
fn ordered_distance(all: &[(Value, f64)], values: &BTreeMap<Value, u64>, whole: u64) -> f64 {
    if all.len() < 2 {
        return 0.0;
    }
    let (mut carried, mut moved) = (0.0_f64, 0.0);
    for (own, of_all) in shares_of(all, values, whole) {
        carried += own - of_all;
        moved += carried.abs();
    }
    moved / real(all.len() as u64 - 1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Classes of persons with one sensitive value each, by class and value.
    fn classes(persons: &[(u64, i64)]) -> Classes {
        let mut classes = Classes::default();
        for (class, value) in persons {
            classes.add_persons(*class, 1);
            classes.add_value(*class, 0, Value::Number(*value), 1);
        }
        classes
    }

    fn measured(persons: &[(u64, i64)], ordered: bool) -> Measured {
        classes(persons).measure(&RiskRules::default(), &[ordered])
    }

    #[test]
    fn a_table_of_the_books() {
        // Salaries 3 4 5, 6 11 8 and 7 9 10 in three classes of three: the example by which t-closeness was
        // introduced. Of the first class it is 0.375, of the second 0.167.
        let salaries = [
            (1, 3),
            (1, 4),
            (1, 5),
            (2, 6),
            (2, 11),
            (2, 8),
            (3, 7),
            (3, 9),
            (3, 10),
        ];
        let found = measured(&salaries, true);
        assert_eq!((found.smallest, found.classes, found.persons), (3, 3, 9));
        let salary = found.sensitive[0].unwrap();
        assert_eq!(salary.distinct, 3);
        assert!((salary.entropy - 3.0).abs() < 1e-12);
        assert!((salary.distance - 0.375).abs() < 1e-12);
        // Without an order two thirds must move.
        let salary = measured(&salaries, false).sensitive[0].unwrap();
        assert!((salary.distance - 2.0 / 3.0).abs() < 1e-12);
        assert!((found.highest_chance() - 1.0 / 3.0).abs() < 1e-12);
        assert!((found.mean_chance() - 1.0 / 3.0).abs() < 1e-12);
        assert_eq!((found.in_small, found.at_risk), (9, 9));
        assert_eq!((salary.in_uniform, salary.in_distant), (0, 9));
    }

    #[test]
    fn nothing_has_no_measures() {
        let found = measured(&[], true);
        assert_eq!(
            (found.smallest, found.classes, found.sensitive),
            (0, 0, vec![None])
        );
        let mut classes = classes(&[]);
        classes.add_persons(1, 4);
        assert_eq!(
            classes.measure(&RiskRules::default(), &[true]).sensitive,
            [None]
        );
    }

    fn persons() -> impl Strategy<Value = Vec<(u64, i64)>> {
        proptest::collection::vec((0u64..6, 0i64..5), 1..60)
    }

    proptest! {
        #[test]
        fn k_of_a_union_is_that_of_the_smaller_at_least(one in persons(), other in persons()) {
            let both: Vec<_> = one.iter().chain(&other).copied().collect();
            let mut union = classes(&one);
            union.absorb(classes(&other));
            let union = union.measure(&RiskRules::default(), &[true]);
            prop_assert_eq!(&union, &measured(&both, true));
            let least = measured(&one, true).smallest.min(measured(&other, true).smallest);
            prop_assert!(union.smallest >= least);
        }

        #[test]
        fn suppressing_small_classes_never_lowers_k(all in persons(), fewest in 1u64..8) {
            let size = |class: u64| all.iter().filter(|p| p.0 == class).count() as u64;
            let kept: Vec<_> = all.iter().filter(|p| size(p.0) >= fewest).copied().collect();
            let (before, after) = (measured(&all, true), measured(&kept, true));
            prop_assert!(kept.is_empty() || after.smallest >= before.smallest.max(fewest));
            prop_assert!(after.mean_chance() <= before.mean_chance() + 1e-12);
        }

        #[test]
        fn one_value_for_all_is_no_distance_and_one_answer(all in persons(), ordered in any::<bool>()) {
            let same: Vec<_> = all.iter().map(|p| (p.0, 7)).collect();
            let found = measured(&same, ordered).sensitive[0].unwrap();
            prop_assert_eq!(found.distinct, 1);
            prop_assert!((found.entropy - 1.0).abs() < 1e-12 && (found.alpha - 1.0).abs() < 1e-12);
            prop_assert!(found.distance.abs() < 1e-12);
        }

        #[test]
        fn measures_stay_within_their_bounds(all in persons(), ordered in any::<bool>()) {
            let found = measured(&all, ordered);
            let value = found.sensitive[0].unwrap();
            prop_assert!((0.0..=1.0 + 1e-12).contains(&value.distance));
            prop_assert!(value.entropy <= real(value.distinct.max(5)) + 1e-9 && value.entropy >= 1.0 - 1e-12);
            prop_assert!(found.mean_chance() <= found.highest_chance() + 1e-12);
            prop_assert!(found.in_small <= found.persons && found.at_risk <= found.persons);
        }
    }
}
