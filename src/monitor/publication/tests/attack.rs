//! Readers who want to know what is hidden. They know the rules and the meaning of every row, and use
//! nothing of the code that judges.

use std::collections::BTreeMap;

use super::super::{Reason, Row, Table};

/// What a reader sees: which leaves (cells that no other row is a part of) each row adds up, and its
/// figure, if it is shown.
pub(super) struct Seen {
    pub rows: Vec<(Vec<usize>, Option<i64>)>,
    pub leaves: usize,
}

/// A leaf: a part in every additive dimension, and one band.
type Leaf = (Vec<String>, i64);

impl Seen {
    /// Reads a table as it is published. Its leaves are those that have a row: no row is 0.
    pub(super) fn of(table: &Table, reasons: &[Option<Reason>]) -> Self {
        let mut leaves: BTreeMap<Leaf, usize> = BTreeMap::new();
        for row in &table.rows {
            let parts: Option<Vec<String>> = row.parts.iter().cloned().collect();
            let band = row
                .bands
                .map_or(Some(0), |b| (b.first == b.last).then_some(b.first));
            if let (Some(parts), Some(band)) = (parts, band) {
                let count = leaves.len();
                leaves.entry((parts, band)).or_insert(count);
            }
        }
        let rows = table.rows.iter().zip(reasons);
        let rows = rows
            .map(|(row, reason)| {
                let covered = leaves.iter().filter(|(leaf, _)| covers(row, leaf));
                let shown = reason.is_none().then_some(row.value);
                (covered.map(|(_, at)| *at).collect(), shown)
            })
            .collect();
        Self {
            rows,
            leaves: leaves.len(),
        }
    }

    /// The least and the most that each hidden row can be, from all whole numbers that look the same.
    /// No row is more than `most`.
    pub(super) fn by_trying_everything(&self, most: i64) -> Vec<Option<(i64, i64)>> {
        let mut found = vec![None; self.rows.len()];
        let mut guess = Vec::with_capacity(self.leaves);
        self.guess(most, &mut guess, &mut found);
        found
    }

    fn guess(&self, most: i64, guess: &mut Vec<i64>, found: &mut Vec<Option<(i64, i64)>>) {
        for (leaves, shown) in &self.rows {
            let known = leaves.iter().filter_map(|l| guess.get(*l));
            let (sum, all) = (known.clone().sum::<i64>(), known.count() == leaves.len());
            let possible = match shown {
                Some(value) => sum <= *value && (!all || sum == *value),
                // What is hidden is not 0.
                None => sum <= most && (!all || sum > 0),
            };
            if !possible {
                return;
            }
        }
        if guess.len() == self.leaves {
            for ((leaves, shown), found) in self.rows.iter().zip(found) {
                if shown.is_none() {
                    let sum = leaves.iter().map(|l| guess[*l]).sum();
                    let (least, most) = found.unwrap_or((sum, sum));
                    *found = Some((least.min(sum), most.max(sum)));
                }
            }
            return;
        }
        for value in 0..=most {
            guess.push(value);
            self.guess(most, guess, found);
            guess.pop();
        }
    }

    /// Which hidden rows follow from the shown ones by adding and subtracting, in exact fractions.
    pub(super) fn by_elimination(&self) -> Vec<bool> {
        let mut basis: Vec<Vec<Fraction>> = Vec::new();
        let reduce = |basis: &[Vec<Fraction>], mut vector: Vec<Fraction>| {
            for known in basis {
                let lead = known.iter().position(|f| f.0 != 0).unwrap();
                let factor = divide(vector[lead], known[lead]);
                for (v, k) in vector.iter_mut().zip(known) {
                    *v = subtract(*v, multiply(factor, *k));
                }
            }
            vector
        };
        let vector = |leaves: &[usize]| {
            let mut vector = vec![(0, 1); self.leaves];
            leaves.iter().for_each(|l| vector[*l] = (1, 1));
            vector
        };
        for (leaves, _) in self.rows.iter().filter(|(_, shown)| shown.is_some()) {
            let left = reduce(&basis, vector(leaves));
            if left.iter().any(|f| f.0 != 0) {
                basis.push(left);
            }
        }
        let computed = |leaves: &[usize]| reduce(&basis, vector(leaves)).iter().all(|f| f.0 == 0);
        let rows = self.rows.iter();
        rows.map(|(leaves, shown)| shown.is_none() && computed(leaves))
            .collect()
    }

    /// The bounds that a reader gets by going round the sums until nothing changes.
    pub(super) fn by_bounds(&self, most: i64) -> Vec<Option<(i64, i64)>> {
        // Sums of rows that hold each other, and of rows and leaves.
        let mut bounds = vec![(0_i64, most); self.leaves];
        let sums = |bounds: &[(i64, i64)], leaves: &[usize]| {
            let least = leaves.iter().map(|l| bounds[*l].0).sum::<i64>();
            let most = leaves.iter().map(|l| bounds[*l].1).sum::<i64>();
            (least, most)
        };
        let mut differences = Vec::new();
        for (leaves, value) in &self.rows {
            let Some(value) = value else { continue };
            differences.push((leaves.clone(), *value, *value));
            for (inner, part) in &self.rows {
                let inside = inner.iter().all(|l| leaves.contains(l));
                if let (Some(part), true) = (part, inside) {
                    let left = leaves.iter().filter(|l| !inner.contains(l));
                    differences.push((left.copied().collect(), value - part, value - part));
                }
            }
        }
        for (leaves, value) in &self.rows {
            if value.is_none() {
                differences.push((leaves.clone(), 1, most));
            }
        }
        for _ in 0..50 {
            let before = bounds.clone();
            for (leaves, least, most) in &differences {
                let (low, high) = sums(&bounds, leaves);
                for leaf in leaves {
                    let (own_low, own_high) = bounds[*leaf];
                    bounds[*leaf] = (
                        own_low.max(least - (high - own_high)),
                        own_high.min(most - (low - own_low)),
                    );
                }
            }
            if bounds == before {
                break;
            }
        }
        let hidden = |(leaves, shown): &(Vec<usize>, Option<i64>)| {
            let (least, most) = sums(&bounds, leaves);
            shown.is_none().then_some((least.max(1), most))
        };
        self.rows.iter().map(hidden).collect()
    }
}

fn covers(row: &Row, (parts, band): &Leaf) -> bool {
    let mut both = row.parts.iter().zip(parts);
    both.all(|(own, part)| own.as_ref().is_none_or(|own| own == part))
        && row
            .bands
            .is_none_or(|b| b.first <= *band && *band <= b.last)
}

type Fraction = (i128, i128);

fn simple((above, below): Fraction) -> Fraction {
    let (mut a, mut b) = (above.abs(), below.abs());
    while b != 0 {
        (a, b) = (b, a % b);
    }
    let by = if below < 0 { -a } else { a };
    (above / by, below / by)
}

fn multiply(a: Fraction, b: Fraction) -> Fraction {
    simple((a.0 * b.0, a.1 * b.1))
}

fn divide(a: Fraction, b: Fraction) -> Fraction {
    simple((a.0 * b.1, a.1 * b.0))
}

fn subtract(a: Fraction, b: Fraction) -> Fraction {
    simple((a.0 * b.1 - b.0 * a.1, a.1 * b.1))
}
