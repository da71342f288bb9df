//! What was seen in one column, or in one place that is no column, and the judgement over it.

use std::collections::BTreeMap;

use super::canaries::Hits;
use super::chance::at_least;
use super::decode::{Encoding, readings};
use super::distinct::Distinct;
use super::forms;
use super::names::Names;
use super::signs::{self, Basis, CROWD, LOOK, SINGLE, Sign};
use crate::verify::report::Verdict;

/// Different values of a column that are told apart before a sample stands for them.
const VALUES: usize = 1 << 14;
/// Different things of one form.
const FORMS: usize = 1 << 14;
/// The longest value that is looked at as one; of a longer one the pieces are.
const PIECE: usize = 1 << 16;

/// Everything seen in a column.
pub struct Tally {
    /// Values, absent ones not counted.
    pub values: u64,
    different: Distinct<()>,
    seen: BTreeMap<(Sign, Encoding), Distinct<bool>>,
    canaries: Hits,
}

/// What of a sign is too much to be an accident.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Judged {
    /// What.
    pub sign: Sign,
    /// How it was written down.
    pub encoding: Encoding,
    /// Different hits.
    pub hits: u64,
    /// The chance of so many.
    pub chance: f64,
    /// Whether it is a fault.
    pub verdict: Verdict,
}

impl Default for Tally {
    fn default() -> Self {
        Self {
            values: 0,
            different: Distinct::new(VALUES),
            seen: BTreeMap::new(),
            canaries: Hits::default(),
        }
    }
}

impl Tally {
    /// A text: looked at in every reading, unless it was looked at before.
    pub fn text(&mut self, text: &[u8], names: &Names) {
        let hash = forms::hash(text);
        if self.different.holds(hash) {
            return;
        }
        self.different.add(hash, || ());
        for piece in pieces(text) {
            readings(piece, |encoding, plain, whole| {
                let whole = whole && piece.len() == text.len();
                signs::look(plain, whole, names, &mut |sign, thing, hit| {
                    self.note(sign, encoding, thing, hit);
                });
                names.canaries().look(plain, |hit, backwards| {
                    let turned = backwards && encoding == Encoding::Plain;
                    let encoding = if turned {
                        Encoding::Backwards
                    } else {
                        encoding
                    };
                    self.canaries.add(hit, encoding);
                });
            });
        }
    }

    /// A number of eight or nine digits ([`forms::is_candidate`]); others cannot be a sign.
    #[inline]
    pub fn candidate(&mut self, number: u64, names: &Names) {
        let hash = forms::stir(number);
        if self.different.holds(hash) {
            return;
        }
        self.different.add(hash, || ());
        if let Some(hit) = names.canaries().number(number) {
            self.canaries.add(hit, Encoding::Plain);
        }
        let Ok(number) = u32::try_from(number) else {
            return;
        };
        let thing = u64::from(number);
        self.note(
            Sign::BsnWhole,
            Encoding::Plain,
            thing,
            forms::elfproef(number),
        );
        let turned = forms::elfproef(forms::backwards(number));
        self.note(Sign::BsnWhole, Encoding::Backwards, thing, turned);
        if forms::is_date_number(thing) {
            self.note(Sign::DateNumber, Encoding::Plain, thing, true);
        }
    }

    /// A day, counted from 1970, in a column of dates.
    pub fn day(&mut self, day: i32, names: &Names) {
        if let Some(hit) = names.canaries().day(day) {
            self.canaries.add(hit, Encoding::Plain);
        }
    }

    /// The canaries that were seen in the clear.
    #[must_use]
    pub const fn canaries(&self) -> &Hits {
        &self.canaries
    }

    fn note(&mut self, sign: Sign, encoding: Encoding, thing: u64, hit: bool) {
        let things = self.seen.entry((sign, encoding));
        things
            .or_insert_with(|| Distinct::new(FORMS))
            .add(forms::stir(thing), || hit);
    }

    /// Takes in what another file showed.
    pub fn absorb(&mut self, other: Self) {
        self.values += other.values;
        self.different.absorb(other.different);
        self.canaries.absorb(other.canaries);
        for (key, things) in other.seen {
            match self.seen.entry(key) {
                std::collections::btree_map::Entry::Vacant(place) => {
                    place.insert(things);
                }
                std::collections::btree_map::Entry::Occupied(mut place) => {
                    place.get_mut().absorb(things);
                }
            }
        }
    }

    /// Whether a value, by its hash, is none of those that were seen; not known where they are too many.
    #[must_use]
    pub fn is_strange(&self, hash: u64) -> bool {
        self.different.halvings() == 0 && !self.different.holds(hash)
    }

    /// Different values, as far as they were looked at one by one.
    #[must_use]
    pub fn different(&self) -> u64 {
        self.different.count()
    }

    /// What is too much to be an accident, in a column.
    #[must_use]
    pub fn judge(&self) -> Vec<Judged> {
        self.judged(|sign, things| {
            let hits = things.iter().filter(|(_, hit)| **hit).count() as u64;
            let of_values = |one: f64| {
                // A value that shows a sign is one of the values.
                at_least(
                    hits << things.halvings().min(32),
                    self.different.count().max(1),
                    one,
                )
            };
            match sign.basis() {
                Basis::Form(one) => at_least(hits, things.kept(), one),
                Basis::Values(one) if sign == Sign::Iban && things.kept() >= 10 => {
                    // Many of the form: then one in 97 has the right digits by chance.
                    of_values(one).max(at_least(hits, things.kept(), 1.0 / 97.0) * (SINGLE / CROWD))
                }
                Basis::Values(one) => of_values(one),
            }
        })
    }

    /// The same where one is a fault already: a name of a file, metadata, a journal.
    #[must_use]
    pub fn judge_alone(&self) -> Vec<Judged> {
        self.judged(|sign, things| {
            let hits = things.iter().any(|(_, hit)| *hit);
            if hits && sign.alone() { 0.0 } else { 1.0 }
        })
    }

    fn judged(&self, chance: impl Fn(Sign, &Distinct<bool>) -> f64) -> Vec<Judged> {
        let mut all = Vec::new();
        for (&(sign, encoding), things) in &self.seen {
            let chance = chance(sign, things);
            let verdict = match chance {
                p if p < sign.limit() => Verdict::Fails,
                p if p < LOOK => Verdict::Attention,
                _ => continue,
            };
            let hits = things.iter().filter(|(_, hit)| **hit).count() as u64;
            all.push(Judged {
                sign,
                encoding,
                hits: hits << things.halvings().min(32),
                chance,
                verdict,
            });
        }
        all
    }
}

/// A long text in pieces that overlap, so that nothing is cut in two.
fn pieces(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    const OVERLAP: usize = 256;
    let starts = (0..text.len().max(1)).step_by(PIECE - OVERLAP);
    let last = text.len().saturating_sub(OVERLAP);
    starts
        .take_while(move |start| *start == 0 || *start < last)
        .map(|start| &text[start..text.len().min(start + PIECE)])
}

#[cfg(test)]
mod tests;
