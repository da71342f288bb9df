//! The canaries in the clear: every value of theirs, in the ways in which people and programs write it.
//!
//! What is looked for was drawn at random and is nobody's, so one find is enough, wherever it is; no
//! column is held against chance. What anything may be is the exception: any day is somebody's birth
//! date, and any number of nine digits that ends in 9999 may be the BSN of a canary backwards. Those
//! count where two canaries stand in one place.
//!
//! Everything is ASCII, and letters may be of either case. Backwards is a spelling like the others; all
//! other ways ([`super::decode`]) are undone before this looks.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{Datelike, NaiveDate};

use super::decode::Encoding;
use crate::canary::{Canaries, Person};

/// What of a canary was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum What {
    /// The BSN.
    Bsn,
    /// The number that partners know.
    Number,
    /// The name, or the surname alone.
    Name,
    /// The e-mail address.
    Email,
    /// The telephone number.
    Telephone,
    /// The bank account.
    Iban,
    /// The street.
    Street,
    /// Postcode and house number.
    Address,
    /// The birth date.
    Born,
}

impl What {
    /// What it is, in Dutch.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Bsn => "BSN",
            Self::Number => "nummer",
            Self::Name => "naam",
            Self::Email => "e-mailadres",
            Self::Telephone => "telefoonnummer",
            Self::Iban => "rekeningnummer",
            Self::Street => "straat",
            Self::Address => "postcode en huisnummer",
            Self::Born => "geboortedatum",
        }
    }
}

/// Something of a canary, by its number.
pub type Hit = (u16, What);

/// What was found in one place, and how it was written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hits(BTreeSet<(Hit, Encoding)>);

impl Hits {
    /// Notes one.
    pub fn add(&mut self, hit: Hit, encoding: Encoding) {
        self.0.insert((hit, encoding));
    }

    /// Takes in those of another place.
    pub fn absorb(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// What proves something: which kind, how it was written, and of how many canaries.
    #[must_use]
    pub fn proofs(&self) -> Vec<(What, Encoding, u64)> {
        let mut persons: BTreeMap<(What, Encoding), u64> = BTreeMap::new();
        for &((_, what), encoding) in &self.0 {
            *persons.entry((what, encoding)).or_default() += 1;
        }
        let by_chance = |what: What, encoding: Encoding| match what {
            What::Born => true,
            What::Bsn | What::Telephone => encoding == Encoding::Backwards,
            _ => false,
        };
        persons
            .into_iter()
            .filter(|((what, encoding), count)| *count > 1 || !by_chance(*what, *encoding))
            .map(|((what, encoding), count)| (what, encoding, count))
            .collect()
    }
}

/// A text to look for.
#[derive(Clone)]
struct Needle {
    text: Vec<u8>,
    hit: Hit,
    backwards: bool,
    /// It must not be a part of a longer number.
    number: bool,
}

const PLACES: usize = 1 << 14;

/// Everything to look for.
#[derive(Clone, Default)]
pub struct Needles {
    texts: Vec<Needle>,
    by_start: HashMap<[u8; 4], Vec<u32>>,
    /// A bit for each value of a hash of four bytes with which a needle begins.
    starts: Vec<u64>,
    numbers: BTreeMap<u64, Hit>,
    days: BTreeMap<i32, u16>,
}

impl Needles {
    /// Everything of these canaries.
    #[must_use]
    pub fn of(canaries: &Canaries) -> Self {
        let mut all = Self {
            starts: vec![0; PLACES / 64],
            ..Self::default()
        };
        for (number, person) in (1..).zip(canaries.persons()) {
            for (what, text) in spellings(person) {
                let turned: String = text.chars().rev().collect();
                all.insert((number, what), &text, false);
                all.insert((number, what), &turned, true);
            }
            let telephone = person.telephone.trim_start_matches('0');
            let numbers = [
                (What::Bsn, person.bsn.clone()),
                (What::Telephone, telephone.to_owned()),
                (What::Born, person.born.format("%Y%m%d").to_string()),
                (What::Born, person.born.format("%d%m%Y").to_string()),
            ];
            for (what, text) in numbers {
                all.numbers
                    .extend(text.parse::<u64>().map(|n| (n, (number, what))));
            }
            all.days.insert(since_epoch(person.born), number);
        }
        all
    }

    fn insert(&mut self, hit: Hit, text: &str, backwards: bool) {
        let text = text.to_ascii_lowercase().into_bytes();
        let Some(start) = text.first_chunk::<4>().copied() else {
            return;
        };
        let (word, bit) = place(start);
        if let Some(bits) = self.starts.get_mut(word) {
            *bits |= bit;
        }
        let at = u32::try_from(self.texts.len()).unwrap_or(u32::MAX);
        self.by_start.entry(start).or_default().push(at);
        self.texts.push(Needle {
            hit,
            backwards,
            number: text.iter().all(u8::is_ascii_digit),
            text,
        });
    }

    /// Whether there is nothing to look for.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }

    /// Bytes of the shortest text that is looked for.
    #[cfg(test)]
    #[must_use]
    pub fn shortest(&self) -> Option<usize> {
        self.texts.iter().map(|needle| needle.text.len()).min()
    }

    /// Every hit in a text; `true` beside it: it stands there backwards.
    #[inline]
    pub fn look(&self, text: &[u8], mut found: impl FnMut(Hit, bool)) {
        if self.texts.is_empty() {
            return;
        }
        for (at, four) in text.windows(4).enumerate() {
            let Some(start) = four.first_chunk::<4>() else {
                continue;
            };
            let start = start.map(|b| b.to_ascii_lowercase());
            let (word, bit) = place(start);
            if self.starts.get(word).is_some_and(|bits| bits & bit != 0) {
                self.compare(text, at, start, &mut found);
            }
        }
    }

    #[cold]
    fn compare(&self, text: &[u8], at: usize, start: [u8; 4], found: &mut impl FnMut(Hit, bool)) {
        let numbers = self.by_start.get(&start).into_iter().flatten();
        let digit = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_digit);
        for needle in numbers.filter_map(|n| self.texts.get(*n as usize)) {
            let end = at + needle.text.len();
            let same = text
                .get(at..end)
                .is_some_and(|piece| piece.eq_ignore_ascii_case(&needle.text));
            let before = at.checked_sub(1).and_then(|before| text.get(before));
            let part = needle.number && (digit(before) || digit(text.get(end)));
            if same && !part {
                found(needle.hit, needle.backwards);
            }
        }
    }

    /// Whose this number is.
    #[inline]
    #[must_use]
    pub fn number(&self, number: u64) -> Option<Hit> {
        self.numbers.get(&number).copied()
    }

    /// Who was born on this day, counted from 1970.
    #[inline]
    #[must_use]
    pub fn day(&self, day: i32) -> Option<Hit> {
        self.days.get(&day).map(|person| (*person, What::Born))
    }

    /// The first and the last of the birth dates; an empty range where there is none.
    #[must_use]
    pub fn days(&self) -> (i32, i32) {
        let first = self.days.keys().next().copied();
        let last = self.days.keys().next_back().copied();
        first.zip(last).unwrap_or((1, 0))
    }
}

fn place(start: [u8; 4]) -> (usize, u64) {
    let hash = u32::from_le_bytes(start).wrapping_mul(0x9E37_79B1) >> (32 - 14);
    ((hash >> 6) as usize, 1 << (hash & 63))
}

fn since_epoch(day: NaiveDate) -> i32 {
    // The first of January of the year 1 is day 1.
    day.num_days_from_ce() - 719_163
}

/// The ways in which a person's values are written.
fn spellings(person: &Person) -> Vec<(What, String)> {
    let cut = |text: &str, lengths: &[usize], mark: &str| {
        let mut parts = Vec::new();
        let mut rest = text;
        for length in lengths {
            let (part, behind) = rest.split_at_checked(*length).unwrap_or((rest, ""));
            parts.push(part);
            rest = behind;
        }
        parts.push(rest);
        parts.retain(|part| !part.is_empty());
        parts.join(mark)
    };
    let mut all = vec![
        (What::Bsn, person.bsn.clone()),
        (What::Number, person.number.clone()),
        (What::Name, person.last.clone()),
        (What::Email, person.email.clone()),
        (What::Iban, person.iban.clone()),
        (What::Iban, cut(&person.iban, &[4, 4, 4, 4], " ")),
        (What::Street, person.street.clone()),
    ];
    for mark in [".", "-", " "] {
        all.push((What::Bsn, cut(&person.bsn, &[4, 2], mark)));
        all.push((What::Bsn, cut(&person.bsn, &[3, 3], mark)));
    }
    let mobile = person.telephone.trim_start_matches('0');
    for text in [
        person.telephone.clone(),
        cut(&person.telephone, &[2], "-"),
        cut(&person.telephone, &[2], " "),
        cut(&person.telephone, &[2, 2, 2, 2], " "),
        format!("31{mobile}"),
        format!("0031{mobile}"),
        format!("31 {}", cut(mobile, &[1], " ")),
    ] {
        all.push((What::Telephone, text));
    }
    let (digits, letters) = person.postcode.split_at_checked(4).unwrap_or_default();
    for between in [" ", ", ", "", ";", ",", "-"] {
        for postcode in [format!("{digits}{letters}"), format!("{digits} {letters}")] {
            all.push((
                What::Address,
                format!("{postcode}{between}{}", person.house),
            ));
            let turned = format!("{}{between}{postcode}", person.house);
            // Number and postcode in one piece say less.
            if !between.is_empty() {
                all.push((What::Address, turned));
            }
        }
    }
    for written in [
        "%Y-%m-%d",
        "%d-%m-%Y",
        "%d/%m/%Y",
        "%-d-%-m-%Y",
        "%Y%m%d",
        "%d%m%Y",
    ] {
        all.push((What::Born, person.born.format(written).to_string()));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canaries() -> Canaries {
        Canaries::draw(3).unwrap()
    }

    fn hits(needles: &Needles, text: &str) -> BTreeSet<(Hit, bool)> {
        let mut all = BTreeSet::new();
        needles.look(text.as_bytes(), |hit, backwards| {
            all.insert((hit, backwards));
        });
        all
    }

    #[test]
    fn every_spelling_is_found_and_says_whose_it_is() {
        let canaries = canaries();
        let needles = Needles::of(&canaries);
        for (number, person) in (1u16..).zip(canaries.persons()) {
            for (what, text) in spellings(person) {
                for text in [text.clone(), text.to_uppercase(), format!("x={text};")] {
                    assert!(hits(&needles, &text).contains(&((number, what), false)));
                }
                let turned: String = text.chars().rev().collect();
                assert!(hits(&needles, &turned).contains(&((number, what), true)));
            }
            assert_eq!(
                needles.number(person.bsn.parse().unwrap()),
                Some((number, What::Bsn))
            );
            assert_eq!(
                needles.day(since_epoch(person.born)),
                Some((number, What::Born))
            );
        }
        let person = &canaries.persons()[0];
        assert!(hits(&needles, &format!("7{}", person.bsn)).is_empty());
        assert!(hits(&needles, &person.bsn[..8]).is_empty());
        assert_eq!(since_epoch(NaiveDate::from_ymd_opt(1970, 1, 2).unwrap()), 1);
    }

    #[test]
    fn nothing_is_found_by_chance() {
        let needles = Needles::of(&Canaries::draw(50).unwrap());
        let mut found = Hits::default();
        for n in 0u64..200_000 {
            let spread = n.wrapping_mul(0x9e37_79b9_7f4a_7c15);
            // Numbers that residents can have; a canary's are above them.
            let number = spread % 999_900_000;
            let text = format!("{spread:016x} {number:09} 3111AB 12;");
            needles.look(text.as_bytes(), |hit, turned| {
                let ways = [Encoding::Plain, Encoding::Backwards];
                found.add(hit, ways[usize::from(turned)]);
            });
        }
        assert_eq!(found.proofs(), []);
    }

    #[test]
    fn what_anything_may_be_proves_nothing_once_and_twice_it_does() {
        for (what, encoding) in [
            (What::Born, Encoding::Plain),
            (What::Bsn, Encoding::Backwards),
            (What::Telephone, Encoding::Backwards),
        ] {
            let mut hits = Hits::default();
            hits.add((1, what), encoding);
            hits.add((1, what), encoding);
            assert!(hits.proofs().is_empty());
            hits.add((2, what), encoding);
            assert_eq!(hits.proofs(), [(what, encoding, 2)]);
        }
        for (what, encoding) in [
            (What::Bsn, Encoding::Plain),
            (What::Name, Encoding::Backwards),
        ] {
            let mut hits = Hits::default();
            hits.add((1, what), encoding);
            assert_eq!(hits.proofs(), [(what, encoding, 1)]);
        }
    }
}
