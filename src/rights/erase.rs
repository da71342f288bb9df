//! Erasing a person (AVG, article 17): out of every file of every release, and kept out.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use arrow::array::{FixedSizeBinaryArray, RecordBatch};
use rayon::prelude::*;

use super::RightsError;
use super::person::Person;
use super::proof::{self, Needles, Proof};
use crate::contract::model::{Contracts, TableKind};
use crate::digest;
use crate::lock::erased::{ERASED, Entry, Marker, entries};
use crate::lock::keys::RootKey;
use crate::lock::pseudonym::Pseudonym;
use crate::warehouse::manifest::{Manifest, Rewritten, Why};
use crate::warehouse::recipe::carry_over;
use crate::warehouse::release::Release;
use crate::warehouse::rewrite::{Replacements, Rewrite};
use crate::warehouse::rows::{self, DataFile, Pseudonyms, without};
use crate::warehouse::store::Store;

/// What an erasure needs.
pub struct Erasure<'a> {
    /// The warehouse, taken for writing.
    pub store: &'a Store,
    /// Every release that is kept.
    pub releases: &'a [Release],
    /// The contracts.
    pub contracts: &'a Contracts,
    /// The root key.
    pub key: &'a RootKey,
    /// Now (RFC 3339, UTC).
    pub now: &'a str,
}

/// What an erasure did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Erased {
    /// Releases that were rewritten.
    pub releases: Vec<String>,
    /// Files that lost rows, each once however many releases shared it.
    pub files: usize,
    /// Lines that the list of who was erased got.
    pub remembered: usize,
    /// That it is gone.
    pub proof: Proof,
}

/// The digests under which incremental sources remember keys of rows, by table and source.
type Digests = BTreeMap<(String, String), BTreeSet<Pseudonym>>;

impl Erasure<'_> {
    /// Erases a person. All releases that hold the person are rewritten, or none is.
    ///
    /// # Errors
    /// Before anything has happened, mostly; see [`Rewrite::commit`].
    pub fn run(&self, person: &Person) -> Result<Erased, RightsError> {
        let gone = person.pseudonyms();
        let mut rewrite = Rewrite::begin(self.store)?;
        let scratch = rewrite.scratch("rijen")?;
        let (mut replacements, mut digests) = self.rows(&gone, &scratch)?;
        self.keys_of_pseudonyms(&gone, &mut digests)?;
        let scratch = rewrite.scratch("stand")?;
        replacements.extend(self.states(&digests, &scratch)?);
        for release in self.releases {
            let edit = |now: &mut Manifest| {
                now.rewritten.push(Rewritten {
                    at: self.now.to_owned(),
                    why: Why::Wissen,
                });
                carry_over(
                    &release.manifest.files,
                    &now.files,
                    now.deliveries.iter_mut(),
                    [&release.manifest.key_fingerprint; 2],
                    self.contracts,
                );
            };
            rewrite.release(release, &replacements, edit)?;
        }
        let lines = self.lines(person)?;
        let remembered = lines.len();
        rewrite.add_lines(ERASED, lines);
        let releases = rewrite.commit()?;
        let mut needles = gone;
        needles.extend(digests.into_values().flatten());
        let proof = proof::search(self.store.root(), &Needles::new(&needles))
            .map_err(RightsError::Search)?;
        Ok(Erased {
            releases,
            files: replacements.len(),
            remembered,
            proof,
        })
    }

    /// The files with rows of the person, without them; and the digests of the keys of those rows.
    fn rows(
        &self,
        gone: &BTreeSet<Pseudonym>,
        scratch: &Path,
    ) -> Result<(Replacements, Digests), RightsError> {
        let files = rows::distinct(self.releases, false);
        let one = |file: &DataFile| {
            let mut hit = false;
            file.read(false, |batch| {
                let pseudonyms = Pseudonyms::of(batch);
                hit |= (0..pseudonyms.rows).any(|row| pseudonyms.hits(row, gone));
                Ok::<(), RightsError>(())
            })?;
            if !hit {
                return Ok(None);
            }
            let mut digests = BTreeSet::new();
            let key = self.contracts.tables.get(&file.entry.table);
            let key = key.map_or(&[][..], |spec| spec.key.as_slice());
            let keep = |batch: &RecordBatch, whole: &RecordBatch| {
                let pseudonyms = Pseudonyms::of(batch);
                let keep: Vec<bool> = (0..batch.num_rows())
                    .map(|row| !pseudonyms.hits(row, gone))
                    .collect();
                let of_key = key.iter().map(|k| whole.schema().index_of(k).ok());
                if let Some(columns) = of_key.collect::<Option<Vec<_>>>()
                    && !columns.is_empty()
                {
                    let all = digest::rows(whole, &columns)?;
                    let lost = all.into_iter().zip(&keep).filter(|(_, keep)| !**keep);
                    digests.extend(lost.map(|(digest, _)| digest));
                }
                Ok::<_, RightsError>(keep)
            };
            let new = without(file, scratch, keep)?;
            let place = (file.entry.table.clone(), file.entry.source.clone());
            Ok(Some((file.entry.sha256.clone(), new, place, digests)))
        };
        let done: Vec<_> = files
            .par_iter()
            .map(one)
            .collect::<Result<_, RightsError>>()?;
        let (mut replacements, mut all) = (Replacements::new(), Digests::new());
        for (sha256, new, place, digests) in done.into_iter().flatten() {
            replacements.insert(sha256, new);
            all.entry(place).or_default().extend(digests);
        }
        Ok((replacements, all))
    }

    /// Where a key is one pseudonym, its digest is known without any row: the key of a row that went
    /// long ago is found too.
    fn keys_of_pseudonyms(
        &self,
        gone: &BTreeSet<Pseudonym>,
        digests: &mut Digests,
    ) -> Result<(), RightsError> {
        let array = FixedSizeBinaryArray::try_from_iter(gone.iter().map(<[u8; 16]>::as_slice));
        let Ok(array) = array else { return Ok(()) };
        let batch = RecordBatch::try_from_iter([("sleutel", Arc::new(array) as _)])?;
        let made = digest::rows(&batch, &[0])?;
        for file in rows::distinct(self.releases, true) {
            let Some(table) = state_of(&file) else {
                continue;
            };
            let spec = self.contracts.tables.get(&table);
            let one = spec.is_some_and(|spec| match spec.key.as_slice() {
                [key] => {
                    let mut columns = spec.columns.iter();
                    columns.any(|c| c.name == *key && c.kind == TableKind::Pseudonym)
                }
                _ => false,
            });
            if one {
                let place = (table, file.entry.source.clone());
                digests.entry(place).or_default().extend(made.iter());
            }
        }
        Ok(())
    }

    /// The states of incremental sources without the keys of the person.
    fn states(&self, digests: &Digests, scratch: &Path) -> Result<Replacements, RightsError> {
        let mut replacements = Replacements::new();
        for file in rows::distinct(self.releases, true) {
            let Some(table) = state_of(&file) else {
                continue;
            };
            let Some(gone) = digests.get(&(table, file.entry.source.clone())) else {
                continue;
            };
            let mut hit = false;
            file.read(false, |batch| {
                let keys = Pseudonyms::of(batch);
                hit |= (0..keys.rows).any(|row| keys.hits(row, gone));
                Ok::<(), RightsError>(())
            })?;
            if hit {
                let new = without(&file, scratch, |batch, _| {
                    let keys = Pseudonyms::of(batch);
                    let keep = (0..keys.rows).map(|row| !keys.hits(row, gone));
                    Ok::<_, RightsError>(keep.collect())
                })?;
                replacements.insert(file.entry.sha256.clone(), new);
            }
        }
        Ok(replacements)
    }

    /// The lines for the list of who was erased that it does not have yet.
    fn lines(&self, person: &Person) -> Result<Vec<String>, RightsError> {
        let known = entries(self.store.root())?;
        let day = self.now.get(..10).unwrap_or_default();
        let marker = Marker::new(self.key);
        let same = |a: &Entry, b: &Entry| {
            (&a.domein, a.soort, &a.kenmerk) == (&b.domein, b.soort, &b.kenmerk)
        };
        let mut new: Vec<Entry> = person
            .ties
            .iter()
            .map(|(pseudonym, tie)| marker.entry(day, &tie.domain, tie.bond, pseudonym))
            .filter(|entry| !known.iter().any(|k| same(k, entry)))
            .collect();
        // In order of digest: the order tells nothing.
        new.sort_by(|a, b| a.kenmerk.cmp(&b.kenmerk));
        let lines = new.iter().map(serde_json::to_string);
        Ok(lines
            .collect::<Result<_, _>>()
            .map_err(crate::warehouse::store::StoreError::from)?)
    }
}

/// The table whose state a file keeps.
fn state_of(file: &DataFile) -> Option<String> {
    let (_, rest) = file.entry.path.split_once('/')?;
    Some(rest.split_once('/')?.0.to_owned())
}
