//! What is judged: the cells of one table, as plain numbers.

use crate::contract::model::PublicationRules;

/// A table that is judged by itself: the cells of one column of figures, of one year and definition.
///
/// Its rows are sums of each other in two ways. A row that is the total of an additive dimension
/// (`wijk = alle`) is the sum of the rows that differ from it in that dimension only. And a row that
/// stands for a range of bands is the sum of the bands in it.
#[derive(Clone, Debug, Default)]
pub struct Table {
    /// Its rows, in any order. They have equally many `parts`.
    pub rows: Vec<Row>,
}

/// One cell, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Row {
    /// Where it stands in each additive dimension; `None` is the total of that dimension.
    pub parts: Vec<Option<String>>,
    /// The bands that it covers; `None` in a table without bands.
    pub bands: Option<Bands>,
    /// The figure. Fractions are rounded, but never to 0.
    pub value: i64,
    /// How many clients stand behind it; 0 when nobody knows.
    pub clients: i64,
    /// The largest single contribution, of figures that are amounts.
    pub largest: Option<i64>,
}

/// A range of bands, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bands {
    /// The first.
    pub first: i64,
    /// The last.
    pub last: i64,
}

impl Bands {
    /// Does this range hold the other one?
    #[must_use]
    pub fn holds(self, other: Self) -> bool {
        self.first <= other.first && other.last <= self.last
    }

    /// Have the two nothing in common?
    #[must_use]
    pub fn disjoint(self, other: Self) -> bool {
        self.last < other.first || other.last < self.first
    }
}

/// Why a cell is hidden.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// It is about too few clients, or would tell a cell that is. Readers cannot tell which.
    Small,
    /// One contribution is most of it.
    Dominance,
}

impl Reason {
    /// The word in column `onderdrukt`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Small => "kleine aantallen",
            Self::Dominance => "dominantie",
        }
    }
}

impl Row {
    /// Why this cell may not be shown, whatever stands beside it. A cell of 0 may.
    pub(super) fn reason(&self, rules: PublicationRules) -> Option<Reason> {
        if self.value == 0 {
            return None;
        }
        if self.dominated(rules.dominance_percent) {
            return Some(Reason::Dominance);
        }
        let few = self.clients < i64::from(rules.smallest_cell);
        few.then_some(Reason::Small)
    }

    fn dominated(&self, percent: u32) -> bool {
        let largest = |l: i64| i128::from(l).abs() * 100;
        let share = i128::from(self.value).abs() * i128::from(percent);
        self.largest.is_some_and(|l| largest(l) > share)
    }

    /// How far above this figure other tables that look the same must go, when it is one that may not
    /// be shown.
    ///
    /// For amounts a few euros are no uncertainty. A contribution that is just allowed leaves a share
    /// of `100 - percent` to the others, and no less must stay open here.
    pub(super) fn open(&self, rules: PublicationRules) -> i64 {
        if self.largest.is_none() || self.reason(rules).is_none() {
            return 0;
        }
        let percent = i64::from(rules.dominance_percent).clamp(1, 100);
        self.value.abs().saturating_mul(100 - percent) / percent
    }
}
