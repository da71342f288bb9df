//! Which rows of a table are sums of which others.
//!
//! A reader knows these relations: they are what the columns of a view mean. Each is written once,
//! from a total to its nearest parts, so that in ordinary tables (bands that nest, in wijken that add
//! up) a row is a part in one relation of each kind at most. The search for other tables that look
//! the same is exact then.

use std::collections::BTreeMap;

use super::table::{Bands, Row};

/// A number that somebody may want to know: the figure of a row, or of what no row tells.
#[derive(Clone, Debug)]
pub(super) struct Number {
    pub value: i64,
    pub kind: Kind,
    /// In which dimensions it is not a total, as bits.
    pub face: u32,
    /// The relations that it stands in.
    pub within: Vec<usize>,
    /// Numbers that are no smaller although the relations do not say so: totals that are less than
    /// the sum of their parts, because a client can be in two of them.
    pub below: Vec<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A row of the table.
    Row,
    /// What is left of a total when its parts are taken away, and no row tells. It can be computed
    /// from the rows, so it is judged like one.
    Rest,
    /// Bands without a row, of which even all rows together tell no more than that they are not
    /// negative.
    Open,
}

/// A total and its parts: the signed sum of these numbers is known, whatever they are.
#[derive(Clone, Debug)]
pub(super) struct Relation {
    pub terms: Vec<(usize, i64)>,
    /// The union of the faces of its numbers.
    pub face: u32,
    /// The face from which on it follows from other relations. There it is checked, and never
    /// searched through.
    pub follows: Option<u32>,
}

/// A table as numbers and relations. The first numbers are the rows, in order.
#[derive(Clone, Debug, Default)]
pub(super) struct Relations {
    pub numbers: Vec<Number>,
    pub relations: Vec<Relation>,
}

/// Where a row stands: in the additive dimensions, and in the bands.
type Parts<'a> = &'a [Option<String>];
type Slices<'a> = BTreeMap<Parts<'a>, BTreeMap<Option<Bands>, usize>>;

impl Relations {
    /// Reads the relations off the rows, which must be in a fixed order.
    pub(super) fn of(rows: &[Row]) -> Self {
        let mut all = Self::default();
        let whole = whole(rows);
        for row in rows {
            all.add(row.value, Kind::Row, face(row, whole));
        }
        let mut slices: Slices<'_> = BTreeMap::new();
        for (at, row) in rows.iter().enumerate() {
            let slice = slices.entry(&row.parts).or_default();
            match slice.get(&row.bands) {
                // Twice the same place: the two move together.
                Some(&twin) => {
                    all.relate(twin, &[at]);
                }
                None => {
                    slice.insert(row.bands, at);
                }
            }
        }
        let mut nested = BTreeMap::new();
        for (parts, slice) in &slices {
            let found = all.nest(slice);
            nested.insert(*parts, found);
        }
        all.sum(&slices, &nested);
        all
    }

    fn add(&mut self, value: i64, kind: Kind, face: u32) -> usize {
        self.numbers.push(Number {
            value,
            kind,
            face,
            within: Vec::new(),
            below: Vec::new(),
        });
        self.numbers.len() - 1
    }

    fn value(&self, number: usize) -> i64 {
        self.numbers.get(number).map_or(0, |n| n.value)
    }

    fn face(&self, number: usize) -> u32 {
        self.numbers.get(number).map_or(0, |n| n.face)
    }

    /// Adds the relation that a total is the sum of these parts.
    fn relate(&mut self, total: usize, parts: &[usize]) -> usize {
        let at = self.relations.len();
        let mut terms = vec![(total, 1)];
        terms.extend(parts.iter().map(|part| (*part, -1)));
        for (number, _) in &terms {
            if let Some(number) = self.numbers.get_mut(*number) {
                number.within.push(at);
            }
        }
        let face = terms.iter().fold(0, |face, (n, _)| face | self.face(*n));
        self.relations.push(Relation {
            terms,
            face,
            follows: None,
        });
        at
    }

    fn bound(&mut self, total: usize, parts: &[usize]) {
        for part in parts {
            if let Some(number) = self.numbers.get_mut(*part) {
                number.below.push(total);
            }
        }
    }

    /// What is left of a total beside these parts.
    fn left(&self, total: usize, parts: &[usize]) -> i64 {
        let parts = parts.iter().map(|p| i128::from(self.value(*p)));
        let left = i128::from(self.value(total)) - parts.sum::<i128>();
        i64::try_from(left.clamp(i64::MIN.into(), i64::MAX.into())).unwrap_or_default()
    }

    /// The relations among the ranges of bands of one slice. Returns, for every range that has parts,
    /// which they are, unless something is left between it and them.
    fn nest(&mut self, slice: &BTreeMap<Option<Bands>, usize>) -> Nested {
        let rows: Vec<(Bands, usize)> = slice
            .iter()
            .filter_map(|(bands, row)| bands.map(|b| (b, *row)))
            .collect();
        let atoms = atoms(&rows);
        let mut gaps: BTreeMap<usize, usize> = BTreeMap::new();
        let mut found = Nested::new();
        let mut totals = Vec::new();
        for (bands, row) in &rows {
            let (parts, uncovered) = children(*bands, &rows, &atoms);
            if parts.len() + uncovered.len() < 2 && parts.is_empty() {
                continue;
            }
            totals.push((*bands, *row, parts, uncovered));
        }
        // What no row tells is computed as far as it can be; the shortest ranges first.
        let mut known: BTreeMap<usize, i64> = BTreeMap::new();
        let mut changed = true;
        while changed {
            changed = false;
            for (_, row, parts, uncovered) in &totals {
                let parts: Vec<usize> = parts.iter().map(|(_, row)| *row).collect();
                let told = uncovered.iter().filter_map(|a| known.get(a));
                let left = told.fold(self.left(*row, &parts), |l, t| l.saturating_sub(*t));
                let open: Vec<usize> = uncovered
                    .iter()
                    .filter(|a| !known.contains_key(a))
                    .copied()
                    .collect();
                if open.len() == 1 || (left <= 0 && !open.is_empty()) {
                    known.extend(open.iter().map(|a| (*a, left.max(0))));
                    changed = true;
                }
            }
        }
        for (bands, row, parts, uncovered) in totals {
            let face = parts
                .iter()
                .fold(self.face(row), |face, (_, r)| face | self.face(*r));
            let mut terms: Vec<usize> = parts.iter().map(|(_, row)| *row).collect();
            let whole = self.left(row, &terms) == 0;
            for atom in uncovered {
                let gap = match (known.get(&atom), gaps.get(&atom)) {
                    (Some(0), _) => continue,
                    (_, Some(gap)) => *gap,
                    (Some(value), None) => self.add(*value, Kind::Rest, face),
                    (None, None) => self.add(0, Kind::Open, face),
                };
                gaps.insert(atom, gap);
                terms.push(gap);
            }
            self.relate(row, &terms);
            if whole && terms.len() == parts.len() {
                found.insert(bands, parts.into_iter().map(|(b, _)| b).collect());
            }
        }
        found
    }

    /// The relations along the additive dimensions.
    fn sum(&mut self, slices: &Slices<'_>, nested: &BTreeMap<Parts<'_>, Nested>) {
        let dimensions = slices.keys().map(|p| p.len()).max().unwrap_or_default();
        for dimension in 0..dimensions {
            // By everything but this dimension: the total's slice, and those of its parts.
            let mut lines: BTreeMap<Vec<Option<String>>, Vec<Parts<'_>>> = BTreeMap::new();
            for parts in slices.keys() {
                let mut line = parts.to_vec();
                if let Some(place) = line.get_mut(dimension)
                    && place.take().is_some()
                {
                    lines.entry(line).or_default().push(parts);
                }
            }
            for (total, parts) in &lines {
                if let Some(slice) = slices.get(total.as_slice()) {
                    self.line(total, slice, parts, slices, nested);
                }
            }
        }
    }

    /// The relations between the slice of a total and those of its parts, range by range.
    fn line(
        &mut self,
        total: Parts<'_>,
        slice: &BTreeMap<Option<Bands>, usize>,
        parts: &[Parts<'_>],
        slices: &Slices<'_>,
        nested: &BTreeMap<Parts<'_>, Nested>,
    ) {
        let rows = |bands: &Option<Bands>| -> Vec<usize> {
            let slices = parts.iter().filter_map(|p| slices.get(p));
            slices.filter_map(|s| s.get(bands).copied()).collect()
        };
        // Is the relation of this range the sum of those of the ranges in it?
        let follows = |all: &Self, bands: Bands| {
            let Some(children) = nested.get(total).and_then(|n| n.get(&bands)) else {
                return false;
            };
            let alike = |p: &&Parts<'_>| {
                let has = slices.get(*p).is_some_and(|s| s.contains_key(&Some(bands)));
                let theirs = nested.get(*p).and_then(|n| n.get(&bands));
                !has || theirs.is_some_and(|t| t.iter().all(|b| children.contains(b)))
            };
            let summed = |child: &Bands| {
                let rows = rows(&Some(*child));
                let own = slice.get(&Some(*child)).copied();
                own.is_some_and(|own| all.left(own, &rows) == 0)
            };
            // A band that only slices without this range have would not cancel out.
            let stray = parts.iter().any(|p| {
                let slice = slices.get(p);
                let has = |b: &Bands| slice.is_some_and(|s| s.contains_key(&Some(*b)));
                !has(&bands) && children.iter().any(has)
            });
            !stray && parts.iter().all(|p| alike(&p)) && children.iter().all(summed)
        };
        for (bands, row) in slice {
            let mut parts = rows(bands);
            if parts.is_empty() {
                continue;
            }
            let left = self.left(*row, &parts);
            if left == 0 && bands.is_some_and(|b| follows(self, b)) {
                let at = self.relate(*row, &parts);
                if let Some(relation) = self.relations.get_mut(at) {
                    // The bands are the last dimension.
                    relation.follows = Some(relation.face | 1 << total.len().min(31));
                }
                continue;
            }
            if left < 0 {
                self.bound(*row, &parts);
            }
            if left > 0 {
                let face = parts.iter().fold(0, |face, p| face | self.face(*p));
                parts.push(self.add(left, Kind::Rest, face));
            }
            self.relate(*row, &parts);
        }
    }
}

/// For every range that is exactly the sum of others: which.
type Nested = BTreeMap<Bands, Vec<Bands>>;

/// The range that holds all others, when a row has it.
pub(super) fn whole(rows: &[Row]) -> Option<Bands> {
    let bands = || rows.iter().filter_map(|r| r.bands);
    let whole = Bands {
        first: bands().map(|b| b.first).min()?,
        last: bands().map(|b| b.last).max()?,
    };
    bands().any(|b| b == whole).then_some(whole)
}

/// In which dimensions a row is not a total.
pub(super) fn face(row: &Row, whole: Option<Bands>) -> u32 {
    let banded = row.bands.is_some() && row.bands != whole;
    let parts = row.parts.iter().map(Option::is_some);
    // Beyond 31 dimensions the last bit stands for the rest.
    parts
        .chain([banded])
        .enumerate()
        .filter(|(_, part)| *part)
        .fold(0, |face, (d, _)| face | 1 << d.min(31))
}

/// The smallest pieces that the ranges of a slice tell apart: for each, the rows that cover it.
/// Pieces in the same ranges are one.
fn atoms(rows: &[(Bands, usize)]) -> Vec<Vec<usize>> {
    let mut starts: Vec<i64> = rows
        .iter()
        .flat_map(|(b, _)| [b.first, b.last.saturating_add(1)])
        .collect();
    starts.sort_unstable();
    starts.dedup();
    let mut atoms: Vec<Vec<usize>> = starts
        .iter()
        .map(|start| {
            let point = Bands {
                first: *start,
                last: *start,
            };
            let covering = rows.iter().filter(|(b, _)| b.holds(point));
            covering.map(|(_, row)| *row).collect()
        })
        .filter(|covering: &Vec<usize>| !covering.is_empty())
        .collect();
    atoms.sort_unstable();
    atoms.dedup();
    atoms
}

/// The largest ranges within a range that do not overlap, and the pieces that they leave.
fn children(
    of: Bands,
    rows: &[(Bands, usize)],
    atoms: &[Vec<usize>],
) -> (Vec<(Bands, usize)>, Vec<usize>) {
    let mut inside: Vec<_> = rows
        .iter()
        .filter(|(b, _)| *b != of && of.holds(*b))
        .copied()
        .collect();
    inside.sort_unstable_by_key(|(b, _)| (b.first.saturating_sub(b.last), *b));
    let mut taken: Vec<(Bands, usize)> = Vec::new();
    for (bands, row) in inside {
        if taken.iter().all(|(t, _)| t.disjoint(bands)) {
            taken.push((bands, row));
        }
    }
    let own = rows.iter().find(|(b, _)| *b == of).map(|(_, row)| *row);
    let uncovered = atoms
        .iter()
        .enumerate()
        .filter(|(_, covering)| own.is_some_and(|own| covering.contains(&own)))
        .filter(|(_, covering)| !taken.iter().any(|(_, row)| covering.contains(row)))
        .map(|(atom, _)| atom)
        .collect();
    (taken, uncovered)
}
