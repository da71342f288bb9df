//! Which cells of a table are hidden.
//!
//! First those that may not be shown whatever stands beside them; then, as long as a reader could
//! compute a hidden one from what is shown, or come within a smallest cell of it, one more. Totals are
//! judged by themselves before what they are totals of, and what is hidden among them then is hidden
//! in every table that splits them, whatever it splits them into. So no view shows a total that another
//! view with the same totals hides for the sake of the totals beside it.
//!
//! The smallest cell is raised from 1 to what is asked, one by one, and what was hidden on the way
//! stays hidden. That makes a higher smallest cell never show more, whatever the choices.

use std::collections::{BTreeMap, BTreeSet};

use super::relations::{Kind, Relations, face, whole};
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
    let hidden = hidden(rows, rules);
    let cells = own.into_iter().enumerate();
    cells
        .map(|(at, own)| {
            let hidden = hidden.contains(&at);
            hidden.then_some(own.unwrap_or(Reason::Small))
        })
        .collect()
}

/// Which rows are hidden: of the totals by themselves, of those together with what splits them in one
/// more dimension, and so on up to the whole table.
fn hidden(rows: &[Row], rules: PublicationRules) -> BTreeSet<usize> {
    let whole = whole(rows);
    let faces: Vec<u32> = rows.iter().map(|row| face(row, whole)).collect();
    let tables: Vec<(u32, Vec<usize>)> = tables(&faces);
    let parts: Vec<Vec<Row>> = tables
        .iter()
        .map(|(_, members)| members.iter().filter_map(|at| rows.get(*at)).cloned())
        .map(Iterator::collect)
        .collect();
    let mut judges: Vec<Judge<'_>> = parts.iter().map(|rows| Judge::new(rows)).collect();
    let mut hidden: Vec<BTreeSet<usize>> = vec![BTreeSet::new(); tables.len()];
    for smallest in 1..=rules.smallest_cell {
        let rules = PublicationRules {
            smallest_cell: smallest,
            ..rules
        };
        for (at, ((own, members), judge)) in tables.iter().zip(&mut judges).enumerate() {
            let before = tables.iter().zip(&hidden).take(at);
            let totals = before.filter(|((face, _), _)| face & !own == 0);
            let told: BTreeSet<usize> = totals.flat_map(|(_, hidden)| hidden).copied().collect();
            for (number, row) in members.iter().enumerate() {
                if told.contains(row) {
                    judge.hide(number);
                }
            }
            judge.protect(rules);
            if let Some(hidden) = hidden.get_mut(at) {
                let numbers = members.iter().zip(&judge.hidden);
                hidden.extend(numbers.filter(|(_, hidden)| **hidden).map(|(row, _)| *row));
            }
        }
    }
    hidden.pop().unwrap_or_default()
}

/// The tables within a table: for every face, and for every two together, the rows that are in no other
/// dimension than these. The smallest first; the whole table is the last.
fn tables(faces: &[u32]) -> Vec<(u32, Vec<usize>)> {
    let mut all: BTreeSet<u32> = faces.iter().copied().collect();
    loop {
        let unions = all
            .iter()
            .flat_map(|one| all.iter().map(move |two| one | two));
        let unions: BTreeSet<u32> = unions.collect();
        if unions.len() == all.len() {
            break;
        }
        all = unions;
    }
    let mut all: Vec<u32> = all.into_iter().collect();
    all.sort_by_key(|face| (face.count_ones(), *face));
    let members = |own: &u32| {
        let rows = faces.iter().enumerate();
        let inside = rows.filter(|(_, face)| *face & !own == 0);
        inside.map(|(at, _)| at).collect()
    };
    all.iter().map(|own| (*own, members(own))).collect()
}

/// A table while it is judged.
struct Judge<'a> {
    rows: &'a [Row],
    relations: Relations,
    /// Which numbers a reader does not see.
    hidden: Vec<bool>,
    /// The numbers, the smallest first: what protects them often protects the larger ones too.
    order: Vec<usize>,
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
    /// Numbers for which nothing more can be hidden, because nothing is left.
    alone: Vec<bool>,
}

impl Face {
    fn give_up(&mut self, number: usize) {
        if let Some(alone) = self.alone.get_mut(number) {
            *alone = true;
        }
    }
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
                    alone: vec![false; count],
                };
                ((f.count_ones(), f), face)
            })
            .collect();
        let mut order: Vec<usize> = (0..count).collect();
        order.sort_by_key(|n| (relations.numbers.get(*n).map(|n| n.value), *n));
        Self {
            rows,
            relations,
            order,
            hidden: vec![false; count],
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
        let Some(total) = self.rows.get(number).filter(|r| self.of_all(r)) else {
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
        let mut at = 0;
        let mut changed = false;
        while whole && let Some(number) = self.order.get(at).copied() {
            match self.narrow(number, &mut face, rules) {
                // What was hidden for this one may stand before it.
                None if changed => (at, changed) = (0, false),
                None => at += 1,
                Some(blocked) => match self.next(number, &blocked, &face.web, rules) {
                    Some(next) => {
                        whole = self.face(next) == face.web.face;
                        changed = true;
                        self.hide(next);
                    }
                    None => face.give_up(number),
                },
            }
        }
        self.faces.insert(key, face);
        whole
    }

    /// Where the search ended for a hidden number that a reader knows too well.
    fn narrow(
        &self,
        number: usize,
        face: &mut Face,
        rules: PublicationRules,
    ) -> Option<Vec<usize>> {
        let settled = self.hidden.get(number) != Some(&true)
            || face.alone.get(number) == Some(&true)
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
    ///
    /// Where the number's own total is hidden, and the hidden totals are so little together that no
    /// cell elsewhere can help, another such total comes first.
    fn next(
        &self,
        number: usize,
        blocked: &[usize],
        web: &Web,
        rules: PublicationRules,
    ) -> Option<usize> {
        let face = web.face;
        if self.under_hidden_total(number)
            && self.spare_of_hidden_totals() < i64::from(rules.smallest_cell)
            && let Some(total) = self.smallest_total(face)
        {
            return Some(total);
        }
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

    /// What can be moved between parts whose totals are hidden, when nothing else moves: every hidden
    /// cell keeps 1.
    fn spare_of_hidden_totals(&self) -> i64 {
        let hidden = self.rows.iter().enumerate();
        let hidden = hidden.filter(|(at, _)| self.hidden.get(*at) == Some(&true));
        let totals = hidden.filter(|(at, row)| self.face(*at) != 0 && self.of_all(row));
        totals
            .map(|(at, total)| {
                let part =
                    |(n, row): &(usize, &Row)| *n != at && row.value > 0 && under(row, total);
                let parts = self.rows.iter().enumerate().filter(part).count();
                total.value - i64::try_from(parts).unwrap_or(i64::MAX)
            })
            .sum()
    }

    /// The smallest shown row that stands for the whole range of a part, in a face before this one.
    /// Never that of everything together.
    fn smallest_total(&self, face: u32) -> Option<usize> {
        let rows = self.rows.iter().enumerate();
        rows.filter(|(n, row)| {
            let own = self.face(*n);
            let before = own != face && own & !face == 0 && own != 0;
            before && self.of_all(row) && row.value != 0 && self.hidden.get(*n) == Some(&false)
        })
        .min_by_key(|(n, row)| (row.value, *n))
        .map(|(n, _)| n)
    }

    fn of_all(&self, row: &Row) -> bool {
        row.bands.is_none() || row.bands == self.whole
    }

    /// Is this a part of a total that readers do not see?
    fn under_hidden_total(&self, number: usize) -> bool {
        let Some(part) = self.rows.get(number) else {
            return false;
        };
        self.rows.iter().enumerate().any(|(at, row)| {
            at != number
                && self.hidden.get(at) == Some(&true)
                && self.of_all(row)
                && under(part, row)
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
