//! Who was erased at their request, and must not come back with the next delivery.
//!
//! `gewist.ndjson` in the warehouse holds a line for each pseudonym that was erased: the day, the domain
//! and an HMAC of the pseudonym under a key of its own, derived from the root. Without the root key the
//! list tells how many pseudonyms were erased and nothing else: it is no list of persons, and whoever has
//! a pseudonym cannot ask it anything.
//!
//! After the root key was rotated the list holds an HMAC of that HMAC, and so on, once for every layer that
//! came later. What was noted under an earlier key was noted of the pseudonym of that layer, so the list is
//! asked with the innermost pseudonym, and looks in every layer.
//!
//! A row is held back when an identifier in it was erased. A number that was erased because rows of the
//! person carried it (`verbonden`) gives way to a BSN: a row with that number and the BSN of somebody
//! else is somebody else's.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::io;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, FixedSizeBinaryArray};
use arrow::datatypes::Schema;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::keys::RootKey;
use super::pseudonym::{IdentifierKind, Pseudonym, Pseudonymiser, Wrap};
use crate::contract::model::{Kind, SourceContract, Treatment};
use crate::error::{Class, Classified};
use crate::hex;

/// The file of the list, inside the warehouse.
pub const ERASED: &str = "gewist.ndjson";
/// The domain of a pseudonym of which nobody knows the domain: it is looked for in all.
pub const ANY_DOMAIN: &str = "*";

/// Why the list cannot be used.
#[derive(Debug, Error)]
pub enum ErasedError {
    /// The disk.
    #[error("the list of who was erased cannot be read: {0}")]
    Io(#[from] io::Error),
    /// A line that is not what it should be.
    #[error("the list of who was erased is damaged in line {0}")]
    Damaged(usize),
    /// Lines of another key.
    #[error("the list of who was erased was made with another root key")]
    OtherKey,
}

impl Classified for ErasedError {
    fn class(&self) -> Class {
        match self {
            Self::Io(_) => Class::Environment,
            Self::Damaged(_) | Self::OtherKey => Class::Privacy,
        }
    }

    fn remedy(&self) -> Option<String> {
        let remedy = "put back `gewist.ndjson` of the warehouse from a copy; without it persons who were \
                      erased would come back";
        (!matches!(self, Self::Io(_))).then(|| remedy.to_owned())
    }
}

/// Why a pseudonym is on the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Bond {
    /// It was asked for.
    Genoemd,
    /// Rows of the person carried it.
    Verbonden,
}

/// A line of the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The day (`yyyy-mm-dd`).
    pub datum: String,
    /// The domain of the pseudonym, or [`ANY_DOMAIN`].
    pub domein: String,
    /// Why it is here.
    pub soort: Bond,
    /// Fingerprint of the root key.
    pub sleutel: String,
    /// 128 bits of HMAC-SHA-256 of the pseudonym (hex).
    pub kenmerk: String,
}

/// The list, with the key that it needs.
pub struct Erased {
    /// Of each layer of the key.
    makers: Vec<Pseudonymiser>,
    wrap: Wrap,
    /// Domains that occur; `None`: one of which the domain is not known.
    domains: Option<BTreeSet<String>>,
    known: BTreeMap<Pseudonym, Bond>,
}

/// Makes the lines of the list.
pub struct Marker {
    maker: Pseudonymiser,
    fingerprint: String,
}

impl Marker {
    /// With the key of the list.
    #[must_use]
    pub fn new(root: &RootKey) -> Self {
        Self {
            maker: Pseudonymiser::new(&root.suppression()),
            fingerprint: root.fingerprint(),
        }
    }

    /// The line of a pseudonym.
    #[must_use]
    pub fn entry(&self, day: &str, domain: &str, bond: Bond, pseudonym: &Pseudonym) -> Entry {
        Entry {
            datum: day.to_owned(),
            domein: domain.to_owned(),
            soort: bond,
            sleutel: self.fingerprint.clone(),
            kenmerk: hex::encode(&mark(&self.maker, pseudonym)),
        }
    }
}

/// Sixteen bytes always fit a block, so there always is a digest.
fn mark(maker: &Pseudonymiser, pseudonym: &Pseudonym) -> Pseudonym {
    maker
        .pseudonym(IdentifierKind::Erased, pseudonym)
        .unwrap_or_default()
}

impl Erased {
    /// Reads the list of a warehouse; `None`: nobody was erased.
    ///
    /// # Errors
    /// It cannot be read, or was made with another key: then nothing may be taken in.
    pub fn read(warehouse: &Path, root: &RootKey) -> Result<Option<Self>, ErasedError> {
        let entries = entries(warehouse)?;
        if entries.is_empty() {
            return Ok(None);
        }
        let fingerprints = root.fingerprints();
        let makers: Vec<_> = root.suppressions().iter().map(Pseudonymiser::new).collect();
        let mut domains = Some(BTreeSet::new());
        let mut known = BTreeMap::new();
        for (at, entry) in entries.into_iter().enumerate() {
            // A line of an earlier layer was not rewritten yet: the rotation was cut off.
            let layer = fingerprints.iter().position(|f| *f == entry.sleutel);
            let layer = layer.ok_or(ErasedError::OtherKey)?;
            let digest = digest_of(&entry).ok_or(ErasedError::Damaged(at + 1))?;
            let newer = makers.iter().skip(layer + 1);
            let digest = newer.fold(digest, |digest, maker| mark(maker, &digest));
            // Who was asked for once stays asked for.
            let bond = known.entry(digest).or_insert(entry.soort);
            *bond = (*bond).min(entry.soort);
            if entry.domein == ANY_DOMAIN {
                domains = None;
            } else if let Some(domains) = &mut domains {
                domains.insert(entry.domein);
            }
        }
        Ok(Some(Self {
            makers,
            wrap: Wrap::new(&root.wraps()),
            domains,
            known,
        }))
    }

    /// Whether and why a pseudonym is on the list: the one that the innermost layer of the key makes.
    #[must_use]
    pub fn bond(&self, inner: &Pseudonym) -> Option<Bond> {
        let layers = self.wrap.layers(inner).enumerate();
        let bonds = layers.filter_map(|(layer, pseudonym)| {
            let makers = self.makers.iter().skip(layer);
            let digest = makers.fold(pseudonym, |digest, maker| mark(maker, &digest));
            self.known.get(&digest).copied()
        });
        bonds.min()
    }

    fn concerns(&self, domain: &str) -> bool {
        self.domains.as_ref().is_none_or(|all| all.contains(domain))
    }
}

fn digest_of(entry: &Entry) -> Option<Pseudonym> {
    let bytes = hex::decode(&entry.kenmerk)?;
    Pseudonym::try_from(bytes.as_slice()).ok()
}

/// The lines of the list under the next key, which has one layer more: the old key opens none of them.
///
/// # Errors
/// A line is damaged, or of another key than the one before.
pub fn rotated(entries: &[Entry], next: &RootKey) -> Result<Vec<Entry>, ErasedError> {
    let fingerprints = next.fingerprints();
    let before = fingerprints.iter().rev().nth(1);
    let maker = Pseudonymiser::new(&next.suppression());
    let one = |(at, entry): (usize, &Entry)| {
        if Some(&entry.sleutel) != before {
            return Err(ErasedError::OtherKey);
        }
        let digest = digest_of(entry).ok_or(ErasedError::Damaged(at + 1))?;
        Ok(Entry {
            sleutel: next.fingerprint(),
            kenmerk: hex::encode(&mark(&maker, &digest)),
            ..entry.clone()
        })
    };
    entries.iter().enumerate().map(one).collect()
}

/// The lines of the list of a warehouse.
///
/// # Errors
/// It cannot be read.
pub fn entries(warehouse: &Path) -> Result<Vec<Entry>, ErasedError> {
    let text = match std::fs::read_to_string(warehouse.join(ERASED)) {
        Ok(text) => text,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(e.into()),
    };
    let read = |(at, line)| serde_json::from_str(line).map_err(|_| ErasedError::Damaged(at + 1));
    text.lines().enumerate().map(read).collect()
}

/// Looks over the rows of one source for persons who were erased.
pub(super) struct Watched {
    erased: Arc<Erased>,
    /// Columns of BSNs: their place after the lock, and whether the list concerns their domain.
    persons: Vec<(usize, bool)>,
    /// Columns of numbers that the list concerns.
    numbers: Vec<usize>,
}

impl Watched {
    /// `None`: no column of the source can hold anybody who is on the list.
    pub fn new(contract: &SourceContract, schema: &Schema, erased: &Arc<Erased>) -> Option<Self> {
        let (mut persons, mut numbers) = (Vec::new(), Vec::new());
        for column in &contract.columns {
            let Treatment::Pseudonymise { domain, output } = &column.treatment else {
                continue;
            };
            let Ok(at) = schema.index_of(output) else {
                continue;
            };
            let concerned = erased.concerns(domain);
            if column.kind == Kind::Bsn {
                persons.push((at, concerned));
            } else if concerned {
                numbers.push(at);
            }
        }
        let any = !numbers.is_empty() || persons.iter().any(|(_, concerned)| *concerned);
        any.then(|| Self {
            erased: Arc::clone(erased),
            persons,
            numbers,
        })
    }

    /// The rows that must not pass, those that are refused anyway left out. The pseudonyms are those of the
    /// innermost layer of the key.
    pub fn rows(&self, arrays: &[ArrayRef], refused: &[bool]) -> Vec<u32> {
        let column = |at: usize| arrays.get(at).and_then(|a| a.as_fixed_size_binary_opt());
        let persons: Vec<_> = self
            .persons
            .iter()
            .filter_map(|&(at, concerned)| Some((column(at)?, concerned)))
            .collect();
        let numbers: Vec<_> = self.numbers.iter().filter_map(|&at| column(at)).collect();
        // Rows of one person come together, so the same number is asked for again and again.
        let mut free: HashSet<Pseudonym> = HashSet::new();
        let mut bond = |array: &FixedSizeBinaryArray, row: usize| {
            let pseudonym = Pseudonym::try_from(array.value(row)).ok()?;
            if free.contains(&pseudonym) {
                return None;
            }
            let bond = self.erased.bond(&pseudonym);
            if bond.is_none() {
                free.insert(pseudonym);
            }
            bond
        };
        let mut held = Vec::new();
        for (row, refused) in refused.iter().enumerate() {
            if *refused {
                continue;
            }
            let mut somebody = false;
            let mut gone = false;
            for (array, concerned) in &persons {
                if array.is_valid(row) {
                    somebody = true;
                    gone |= *concerned && bond(array, row).is_some();
                }
            }
            for array in &numbers {
                if !gone && array.is_valid(row) {
                    gone = match bond(array, row) {
                        Some(Bond::Genoemd) => true,
                        Some(Bond::Verbonden) => !somebody,
                        None => false,
                    };
                }
            }
            if gone {
                held.push(u32::try_from(row).unwrap_or(u32::MAX));
            }
        }
        held
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "tests make their own files")]
mod tests {
    use super::*;

    fn write(folder: &Path, entries: &[Entry]) {
        let lines: String = entries
            .iter()
            .map(|e| serde_json::to_string(e).unwrap() + "\n")
            .collect();
        std::fs::write(folder.join(ERASED), lines).unwrap();
    }

    #[test]
    fn the_list_answers_with_its_key_and_shows_no_pseudonym() {
        let folder = tempfile::tempdir().unwrap();
        let root = RootKey::for_tests();
        assert!(Erased::read(folder.path(), &root).unwrap().is_none());
        let marker = Marker::new(&root);
        let (one, other) = ([7; 16], [8; 16]);
        let entry = marker.entry("2026-01-01", "proef", Bond::Verbonden, &one);
        assert_ne!(entry.kenmerk, hex::encode(&one));
        write(folder.path(), std::slice::from_ref(&entry));
        let erased = Erased::read(folder.path(), &root).unwrap().unwrap();
        assert_eq!(erased.bond(&one), Some(Bond::Verbonden));
        assert_eq!(erased.bond(&other), None);
        assert!(erased.concerns("proef") && !erased.concerns("elders"));
        // Asked for as well: the stronger of the two holds, whichever came first.
        let named = marker.entry("2026-01-02", ANY_DOMAIN, Bond::Genoemd, &one);
        for lines in [[entry.clone(), named.clone()], [named, entry]] {
            write(folder.path(), &lines);
            let erased = Erased::read(folder.path(), &root).unwrap().unwrap();
            assert_eq!(erased.bond(&one), Some(Bond::Genoemd));
            assert!(erased.concerns("elders"));
        }
    }

    #[test]
    fn rotating_keeps_everybody_out_and_the_old_key_opens_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let keys = [1, 2, 3].map(RootKey::of_layers_for_tests);
        let wrap = Wrap::new(&keys[2].wraps());
        let (one, two, three, nobody) = ([7; 16], [8; 16], [9; 16], [1; 16]);
        let note = |layer: usize, inner: &Pseudonym| {
            let pseudonym = wrap.layers(inner).nth(layer).unwrap();
            Marker::new(&keys[layer]).entry("2026-01-01", "proef", Bond::Genoemd, &pseudonym)
        };
        let mut list = vec![note(0, &one)];
        for layer in [1, 2] {
            let before = list.clone();
            list = rotated(&list, &keys[layer]).unwrap();
            for (old, new) in before.iter().zip(&list) {
                assert_ne!(old.kenmerk, new.kenmerk);
            }
            // Before the lines are rewritten the new key reads the old ones all the same.
            write(folder.path(), &before);
            let erased = Erased::read(folder.path(), &keys[layer]).unwrap().unwrap();
            assert_eq!(erased.bond(&one), Some(Bond::Genoemd));
            list.push(note(layer, if layer == 1 { &two } else { &three }));
        }
        write(folder.path(), &list);
        let erased = Erased::read(folder.path(), &keys[2]).unwrap().unwrap();
        for somebody in [one, two, three] {
            assert_eq!(erased.bond(&somebody), Some(Bond::Genoemd));
        }
        assert_eq!(erased.bond(&nobody), None);
        for old in &keys[..2] {
            let error = Erased::read(folder.path(), old).err().unwrap();
            assert!(matches!(error, ErasedError::OtherKey));
        }
        assert!(rotated(&list, &keys[2]).is_err());
    }

    #[test]
    fn a_list_that_cannot_be_trusted_stops_all() {
        let folder = tempfile::tempdir().unwrap();
        let root = RootKey::for_tests();
        let entry = Marker::new(&root).entry("2026-01-01", "proef", Bond::Genoemd, &[7; 16]);
        let refused = |entry: &Entry| {
            write(folder.path(), std::slice::from_ref(entry));
            Erased::read(folder.path(), &root).err().unwrap()
        };
        let other = Entry {
            sleutel: "00".repeat(8),
            ..entry.clone()
        };
        assert!(matches!(refused(&other), ErasedError::OtherKey));
        let short = Entry {
            kenmerk: "00".into(),
            ..entry
        };
        assert!(matches!(refused(&short), ErasedError::Damaged(1)));
        std::fs::write(folder.path().join(ERASED), "{\"datum\": \"999990019\"").unwrap();
        let error = Erased::read(folder.path(), &root).err().unwrap();
        assert!(!error.to_string().contains("999990019"));
    }
}
