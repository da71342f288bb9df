//! All BSNs against unkeyed hashes: whoever made pseudonyms that way made none.
//!
//! Spellings: nine digits; without the zeros in front; as it is printed, `1234.56.789`; nine digits and a
//! line end, as `echo` gives them. Whole digests, or cut off to the width of the value (eight bytes or
//! more); the value in binary, hexadecimal or base64.

use std::collections::BTreeMap;
use std::ops::Range;
use std::time::{Duration, Instant};

use rayon::prelude::*;

use super::hashes::{Hash, Message};
use super::numbers::{Digits, HALVES, Table};
use super::targets::Targets;

/// How a BSN is written before it is hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Spelling {
    /// `012345678`
    Nine,
    /// `12345678`
    Bare,
    /// `0123.45.678`
    Dotted,
    /// `012345678` and a line end.
    Line,
}

impl Spelling {
    /// All of them, the likeliest first.
    pub const ALL: [Self; 4] = [Self::Nine, Self::Bare, Self::Line, Self::Dotted];

    /// What it is, in Dutch.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Nine => "negen cijfers",
            Self::Bare => "zonder voorloopnullen",
            Self::Dotted => "met punten",
            Self::Line => "met regeleinde",
        }
    }

    /// The message; `None` where it is that of another spelling.
    #[inline]
    fn message(self, digits: &Digits) -> Option<Message> {
        match self {
            Self::Nine => Some(Message::new(digits)),
            Self::Bare => {
                let zeros = digits.iter().take_while(|d| **d == b'0').count();
                (zeros > 0).then(|| Message::new(&digits[zeros..]))
            }
            Self::Dotted => {
                let mut text = *b"0000.00.000";
                text[..4].copy_from_slice(&digits[..4]);
                text[5..7].copy_from_slice(&digits[4..6]);
                text[8..].copy_from_slice(&digits[6..]);
                Some(Message::new(&text))
            }
            Self::Line => {
                let mut text = *b"000000000\n";
                text[..9].copy_from_slice(digits);
                Some(Message::new(&text))
            }
        }
    }
}

/// Values that turned out to be hashes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Broken {
    /// The column.
    pub column: u16,
    /// With which function.
    pub hash: Hash,
    /// In which spelling.
    pub spelling: Spelling,
    /// How many BSNs were found.
    pub numbers: u64,
}

/// What an attack did.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// What it broke.
    pub broken: Vec<Broken>,
    /// Hashes computed.
    pub tried: u64,
    /// How long it took.
    pub took: Duration,
}

/// Tries every number whose first four digits are in `halves` ([`HALVES`] is all) against the values.
/// `advances` is called with what is being tried, how many of the halves are done and how many hashes that
/// took.
pub fn run(
    targets: &Targets,
    halves: Range<usize>,
    advances: &(dyn Fn(&str, usize, u64) + Sync),
) -> Outcome {
    let start = Instant::now();
    let widths = targets.widths();
    let mut outcome = Outcome::default();
    for spelling in Spelling::ALL {
        for hash in Hash::ALL {
            if !widths.iter().any(|w| usize::from(*w) <= hash.length()) {
                continue;
            }
            let (found, tried) = one(targets, halves.clone(), (hash, spelling), advances);
            outcome.tried += tried;
            outcome
                .broken
                .extend(found.into_iter().map(|(column, numbers)| Broken {
                    column,
                    hash,
                    spelling,
                    numbers,
                }));
        }
    }
    outcome.took = start.elapsed();
    outcome
}

/// Numbers that were found by column, and how many were tried.
type Found = (BTreeMap<u16, u64>, u64);

/// Tries the numbers with one function in one spelling.
fn one(
    targets: &Targets,
    halves: Range<usize>,
    (hash, spelling): (Hash, Spelling),
    advances: &(dyn Fn(&str, usize, u64) + Sync),
) -> Found {
    let table = Table::new();
    let name = format!("{} {}", hash.name(), spelling.name());
    (halves.start..halves.end.min(HALVES))
        .into_par_iter()
        .map(|half| {
            let done = half_of(&table, half, hash, spelling, targets);
            advances(&name, 1, done.1);
            done
        })
        .reduce(Default::default, join)
}

fn half_of(table: &Table, half: usize, hash: Hash, spelling: Spelling, targets: &Targets) -> Found {
    let (mut found, mut tried) = (BTreeMap::new(), 0);
    table.each(half, |digits| {
        if let Some(message) = spelling.message(digits) {
            tried += 1;
            targets.look(hash.lead(&message), |target| {
                if usize::from(target.width) <= hash.length() {
                    *found.entry(target.column).or_insert(0) += 1;
                }
            });
        }
    });
    (found, tried)
}

fn join(mut one: Found, other: Found) -> Found {
    for (column, numbers) in other.0 {
        *one.0.entry(column).or_insert(0) += numbers;
    }
    (one.0, one.1 + other.1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verify::strength::targets::Target;
    use sha2::Digest;

    /// The demo's range: numbers 9999xxxxx.
    const RANGE: Range<usize> = 9_999..10_000;

    fn numbers() -> Vec<Digits> {
        let mut all = Vec::new();
        Table::new().each(9_999, |digits| all.push(*digits));
        all
    }

    #[test]
    fn every_number_behind_an_unkeyed_hash_is_found() {
        let all = numbers();
        let full = |digits: &Digits| sha2::Sha256::digest(digits).to_vec();
        for width in [8, 16, 32] {
            let values = all.iter().filter_map(|d| Target::new(&full(d)[..width], 4));
            let outcome = run(&Targets::new(values.collect()), RANGE, &|_, _, _| {});
            let [broken] = outcome.broken.as_slice() else {
                panic!("{:?}", outcome.broken);
            };
            assert_eq!((broken.hash, broken.column), (Hash::Sha256, 4));
            assert_eq!(broken.numbers, all.len() as u64);
        }
    }

    #[test]
    fn every_spelling_and_function_is_tried() {
        for spelling in Spelling::ALL {
            for hash in Hash::ALL {
                let half = if spelling == Spelling::Bare { 0 } else { 9_999 };
                let mut values = Vec::new();
                Table::new().each(half, |digits| {
                    if values.len() < 3
                        && let Some(message) = spelling.message(digits)
                    {
                        let (a, b) = hash.lead(&message);
                        values.extend(Target::new(&[a.to_be_bytes(), b.to_be_bytes()].concat(), 1));
                    }
                });
                let targets = Targets::new(values);
                let (found, _) = half_of(&Table::new(), half, hash, spelling, &targets);
                assert_eq!(found.get(&1), Some(&3), "{hash:?} {spelling:?}");
            }
        }
    }

    #[test]
    fn our_pseudonyms_are_no_hashes() {
        let key = crate::lock::keys::RootKey::for_tests().domain("d");
        let one = crate::lock::pseudonym::Pseudonymiser::new(&key);
        let kind = crate::lock::pseudonym::IdentifierKind::Bsn;
        let values = numbers()
            .into_iter()
            .filter_map(|d| Target::new(&one.pseudonym(kind, &d)?, 0));
        let outcome = run(&Targets::new(values.collect()), RANGE, &|_, _, _| {});
        assert_eq!(outcome.broken, []);
        assert!(outcome.tried > 300_000);
    }

    /// Seconds of processor time that this process has used.
    fn used() -> Option<f64> {
        let text = std::fs::read_to_string("/proc/self/stat").ok()?;
        let (_, fields) = text.rsplit_once(')')?;
        let ticks = fields.split_whitespace().skip(11).take(2);
        let ticks: u32 = ticks.filter_map(|t| t.parse::<u32>().ok()).sum();
        Some(f64::from(ticks) / 100.0)
    }

    /// `cargo test --release --lib every_bsn_against -- --ignored --nocapture`
    #[test]
    #[ignore = "ninety million hashes: a measurement, for a release build"]
    fn every_bsn_against_a_column_of_sha_256() {
        let mut every = 0u64;
        let mut values = Vec::new();
        let table = Table::new();
        for half in 0..HALVES {
            table.each(half, |digits| {
                every += 1;
                if every.is_multiple_of(100) {
                    values.extend(Target::new(&sha2::Sha256::digest(digits), 1));
                }
            });
        }
        let targets = Targets::new(values);
        let before = used();
        let nine = (Hash::Sha256, Spelling::Nine);
        let (found, tried) = one(&targets, 0..HALVES, nine, &|_, _, _| {});
        let took = used().zip(before).map(|(after, before)| after - before);
        assert_eq!((tried, every), (90_909_090, 90_909_090));
        assert_eq!(found, BTreeMap::from([(1, targets.len() as u64)]));
        eprintln!(
            "{tried} numbers against {} values: {took:?} s of processor time",
            targets.len()
        );
    }
}
