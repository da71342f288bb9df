//! Which cells of a table are hidden.
//!
//! First those that may not be shown whatever stands beside them; then, as long as a reader could
//! compute a hidden one from what is shown, or come within a smallest cell of it, one more. Totals are
//! decided before what they are totals of, and know nothing of it, so that two views with the same
//! totals hide the same ones.
//!
//! The smallest cell is raised from 1 to what is asked, one by one, and what was hidden on the way
//! stays hidden. That makes a higher smallest cell never show more, whatever the choices.

use std::collections::BTreeMap;

use super::relations::{Kind, Relations, whole};
use super::search::{Need, Range, Search, Web};
use super::table::{Bands, Reason, Row, Table};
use crate::contract::model::PublicationRules;

/// Beyond this a figure is taken for this one, so that sums never overflow.
const LARGEST: i64 = 1 << 52;

/// Says of every row of a table why its cell is hidden, in the order of its rows.
#[must_use]
pub fn judge(table: &Table, rules: PublicationRules) -> Vec<Option<Reason>> {
    // The order of the rows must not matter.
    let mut order: Vec<(Row, usize)> = table.rows.iter().map(bounded).zip(0..).collect();
    order.sort();
    let rows: Vec<Row> = order.iter().map(|(row, _)| row.clone()).collect();
    let found = in_order(&rows, rules);
    let mut reasons = vec![None; rows.len()];
    for ((_, at), reason) in order.iter().zip(found) {
        if let Some(place) = reasons.get_mut(*at) {
            *place = reason;
        }
    }
    reasons
}

fn bounded(row: &Row) -> Row {
    let mut row = row.clone();
    row.value = row.value.clamp(-LARGEST, LARGEST);
    row
}

fn in_order(rows: &[Row], rules: PublicationRules) -> Vec<Option<Reason>> {
    let own: Vec<Option<Reason>> = rows.iter().map(|r| r.reason(rules)).collect();
    let negative = rows.iter().any(|r| r.value < 0);
    if negative && own.iter().any(Option::is_some) {
        // Nothing bounds what can stand behind a balance, so there is no proof that it is safe.
        let all = rows.iter().zip(own);
        let reason = |row: &Row| (row.value != 0).then_some(Reason::Small);
        return all.map(|(row, own)| own.or_else(|| reason(row))).collect();
    }
    if negative {
        return own;
    }
    let mut judge = Judge::new(rows);
    for smallest in 1..=rules.smallest_cell {
        judge.protect(PublicationRules {
            smallest_cell: smallest,
            ..rules
        });
    }
    let hidden = judge.hidden.iter().zip(own);
    hidden
        .map(|(hidden, own)| hidden.then_some(own.unwrap_or(Reason::Small)))
        .collect()
}

/// A table while it is judged.
struct Judge<'a> {
    rows: &'a [Row],
    relations: Relations,
    /// Which numbers a reader does not see.
    hidden: Vec<bool>,
    /// Numbers for which nothing more can be hidden, because nothing is left.
    alone: Vec<bool>,
    /// The faces of the table, totals first; and for each how far hidden numbers can go, as far as
    /// that was needed. What has been found stays true while more is hidden.
    faces: BTreeMap<(u32, u32), Face>,
    /// The range that holds all others.
    whole: Option<Bands>,
}

/// What is known about the numbers of a face and of those before it.
struct Face {
    web: Web,
    ranges: Vec<Range>,
}

impl<'a> Judge<'a> {
    fn new(rows: &'a [Row]) -> Self {
        let relations = Relations::of(rows);
        let count = relations.numbers.len();
        let full = relations.numbers.iter().fold(0, |f, n| f | n.face);
        let faces = relations.numbers.iter().map(|n| n.face).chain([full]);
        let faces = faces
            .map(|f| {
                let face = Face {
                    web: Web::of(&relations, f),
                    ranges: vec![Range::default(); count],
                };
                ((f.count_ones(), f), face)
            })
            .collect();
        Self {
            rows,
            relations,
            hidden: vec![false; count],
            alone: vec![false; count],
            faces,
            whole: whole(rows),
        }
    }

    /// Hides what must be hidden at these rules.
    fn protect(&mut self, rules: PublicationRules) {
        for (at, row) in self.rows.iter().enumerate() {
            if row.reason(rules).is_some() {
                self.hide(at);
            }
        }
        let least = i64::from(rules.smallest_cell);
        for at in self.rows.len()..self.relations.numbers.len() {
            let rest = |n: &super::relations::Number| {
                n.kind == Kind::Rest && (1..least).contains(&n.value)
            };
            if self.relations.numbers.get(at).is_some_and(rest) {
                self.hide(at);
            }
        }
        if !self.hidden.contains(&true) {
            return;
        }
        let faces: Vec<(u32, u32)> = self.faces.keys().copied().collect();
        // A total that had to be hidden after all is a matter of the faces before.
        while !faces.iter().all(|face| self.settle(*face, rules)) {}
    }

    /// Hides a number and, when it is what percentages are of, all that it is the total of: a total that
    /// is not shown is not broken down either.
    fn hide(&mut self, number: usize) {
        match self.hidden.get_mut(number) {
            Some(hidden) if !*hidden => *hidden = true,
            _ => return,
        }
        let face = self.face(number);
        let whole = |r: &&Row| r.bands.is_none() || r.bands == self.whole;
        let Some(total) = self.rows.get(number).filter(whole) else {
            return;
        };
        for (at, row) in self.rows.iter().enumerate() {
            let finer = self.face(at) & face == face && self.face(at) != face;
            if finer
                && row.value != 0
                && under(row, total)
                && let Some(hidden) = self.hidden.get_mut(at)
            {
                *hidden = true;
            }
        }
    }

    fn face(&self, number: usize) -> u32 {
        self.relations.numbers.get(number).map_or(0, |n| n.face)
    }

    /// Hides in one face until nothing can be computed in it. `false` when that took a total of
    /// another face.
    fn settle(&mut self, key: (u32, u32), rules: PublicationRules) -> bool {
        let Some(mut face) = self.faces.remove(&key) else {
            return true;
        };
        let mut whole = true;
        let mut number = 0;
        while whole && number < self.hidden.len() {
            match self.narrow(number, &mut face, rules) {
                None => number += 1,
                Some(blocked) => match self.next(&blocked, &face.web) {
                    Some(next) => {
                        whole = self.face(next) == face.web.face;
                        self.hide(next);
                        // It may stand before this one.
                        number = 0;
                    }
                    None => self.give_up(number),
                },
            }
        }
        self.faces.insert(key, face);
        whole
    }

    fn give_up(&mut self, number: usize) {
        if let Some(alone) = self.alone.get_mut(number) {
            *alone = true;
        }
    }

    /// Where the search ended for a hidden number that a reader knows too well.
    fn narrow(
        &self,
        number: usize,
        face: &mut Face,
        rules: PublicationRules,
    ) -> Option<Vec<usize>> {
        let settled = self.hidden.get(number) != Some(&true)
            || self.alone.get(number) == Some(&true)
            || self.face(number) & !face.web.face != 0;
        if settled {
            return None;
        }
        let need = |rules: PublicationRules| Need {
            width: rules.smallest_cell.into(),
            up: self
                .rows
                .get(number)
                .map_or(0, |row| row.open(rules).min(LARGEST)),
        };
        let fills = |ranges: &[Range]| {
            let range = ranges.get(number);
            range.is_none_or(|r| r.fills(need(rules)))
        };
        if fills(&face.ranges) {
            return None;
        }
        let search = Search {
            relations: &self.relations,
            hidden: &self.hidden,
            web: &face.web,
        };
        let aim = PublicationRules {
            smallest_cell: aim(rules.smallest_cell),
            ..rules
        };
        let blocked = search.widen(number, need(aim), &mut face.ranges).err()?;
        (!fills(&face.ranges)).then_some(blocked)
    }

    /// What is hidden next: the smallest cell of this face in the relations where the search ended,
    /// rather one that is not the only hidden one in another relation. Then a total in them; then
    /// anything of the face; then any total. Zeros are never hidden.
    fn next(&self, blocked: &[usize], web: &Web) -> Option<usize> {
        let face = web.face;
        let everywhere: Vec<usize> = (0..self.relations.relations.len()).collect();
        [blocked, &everywhere].iter().find_map(|relations| {
            let shown = |own: bool| {
                let relations = relations
                    .iter()
                    .filter_map(|r| self.relations.relations.get(*r));
                relations
                    .filter(|r| r.face & !face == 0)
                    .flat_map(|r| &r.terms)
                    .map(|(number, _)| *number)
                    .filter(move |n| (self.face(*n) == face) == own)
                    .filter_map(|n| Some((n, self.rows.get(n)?)))
                    .filter(|(n, row)| row.value != 0 && self.hidden.get(*n) == Some(&false))
            };
            let cell = shown(true).min_by_key(|(n, row)| (self.lonely(*n, web), row.value, *n));
            let total = || shown(false).min_by_key(|(n, row)| (row.value, *n));
            cell.or_else(total).map(|(n, _)| n)
        })
    }

    /// In how many relations this would be the only hidden number.
    fn lonely(&self, number: usize, web: &Web) -> usize {
        let within = web.within(number).iter();
        within
            .filter_map(|(r, _)| self.relations.relations.get(*r))
            .filter(|r| {
                let hidden = |(n, _): &(usize, i64)| self.hidden.get(*n) == Some(&true);
                !r.terms.iter().any(hidden)
            })
            .count()
    }
}

/// How far is looked ahead, so that not every step of the smallest cell searches again. It must not
/// depend on the smallest cell that is asked for in the end.
fn aim(smallest: u32) -> u32 {
    let steps = [10, 20, 50, 100];
    steps
        .into_iter()
        .find(|s| *s >= smallest)
        .unwrap_or(smallest)
}

/// Is a row part of what this total counts?
fn under(row: &Row, total: &Row) -> bool {
    let bands = match (total.bands, row.bands) {
        (Some(total), Some(row)) => total.holds(row),
        (total, row) => total == row,
    };
    let mut parts = total.parts.iter().zip(&row.parts);
    bands && parts.all(|(total, row)| total.is_none() || total == row)
}
