//! The files of a release under the next key: every pseudonym wrapped, nothing else changed.
//!
//! Rows keep their order, but for those of incremental sources: they lie in order of the digest of their
//! key, and so does the state that remembers the digests.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, RecordBatch, UInt32Array};
use arrow::compute::take_record_batch;
use arrow::datatypes::DataType;
use rayon::prelude::*;

use super::KeyringError;
use crate::contract::model::{Contracts, TableKind, TableSpec};
use crate::digest;
use crate::lock::pseudonym::Wrap;
use crate::warehouse::manifest::FileEntry;
use crate::warehouse::merge::{Digest, Merge};
use crate::warehouse::parquet::WrittenFile;
use crate::warehouse::publish::NextRelease;
use crate::warehouse::release::Release;
use crate::warehouse::rows::{self, DataFile};

/// Bytes of a state that may wait to be written.
const BUDGET: usize = 64 << 20;

/// A table, and the source of the rows.
type Place = (String, String);
/// The digests of keys before and after.
type Digests = BTreeMap<Place, HashMap<Digest, Digest>>;
/// The states of incremental sources with their tables.
type States<'a> = BTreeMap<Place, (&'a FileEntry, &'a TableSpec)>;

/// What was written.
pub(super) struct Written {
    /// Files.
    pub files: usize,
    /// Digests of keys that are others now, as they were.
    pub old_digests: BTreeSet<Digest>,
}

/// Puts wrapped files in the place of those of the current release.
pub(super) fn wrap_all(
    current: &Release,
    contracts: &Contracts,
    wrap: &Wrap,
    next: &mut NextRelease,
) -> Result<Written, KeyringError> {
    let states = states(current, contracts)?;
    let scratch = next.scratch("gewikkeld")?;
    let all: Vec<&FileEntry> = current.manifest.files.iter().collect();
    let data: Vec<_> = all.iter().filter(|f| !f.is_state()).collect();
    let one = |(at, entry): (usize, &&&FileEntry)| {
        let file = DataFile {
            path: current.root.join(&entry.path),
            entry: (**entry).clone(),
            release: current.manifest.id.clone(),
        };
        let key = states.get(&place(&entry.table, &entry.source));
        let key = key.map(|(_, spec)| spec.key.as_slice());
        rewrap(&file, &scratch.join(at.to_string()), wrap, key)
    };
    let done: Vec<_> = data
        .par_iter()
        .enumerate()
        .map(one)
        .collect::<Result<Vec<_>, KeyringError>>()?;
    let mut digests = Digests::new();
    let mut files = 0;
    for (entry, done) in data.iter().zip(done) {
        let Some((new, pairs)) = done else { continue };
        next.exchange(entry, &new)?;
        files += 1;
        let of_place = digests.entry(place(&entry.table, &entry.source));
        of_place.or_default().extend(pairs);
    }
    for ((table, source), (state, spec)) in states {
        let digests = digests.entry((table.clone(), source.clone())).or_default();
        let merge = Merge {
            spec,
            root: &current.root,
            data: &[],
            state: Some(state),
            order: "",
            scratch: &next.scratch(&format!("stand-{table}-{source}"))?,
            budget: BUDGET,
        };
        if let [new] = merge.rekeyed(digests)?.as_slice() {
            next.exchange(state, new)?;
            files += 1;
        }
    }
    let old = digests.into_values().flat_map(HashMap::into_keys);
    Ok(Written {
        files,
        old_digests: old.collect(),
    })
}

fn place(table: &str, source: &str) -> Place {
    (table.to_owned(), source.to_owned())
}

/// The states of incremental sources whose keys hold a pseudonym, with their tables.
fn states<'a>(current: &'a Release, contracts: &'a Contracts) -> Result<States<'a>, KeyringError> {
    let mut found = States::new();
    for entry in &current.manifest.files {
        let mut parts = entry.path.split('/');
        let (true, Some(table)) = (entry.is_state(), parts.nth(1)) else {
            continue;
        };
        let spec = contracts.tables.get(table);
        let spec = spec.ok_or_else(|| KeyringError::UnknownTable(table.to_owned()))?;
        let mut columns = spec.columns.iter();
        if columns.any(|c| c.kind == TableKind::Pseudonym && spec.key.contains(&c.name)) {
            found.insert(place(table, &entry.source), (entry, spec));
        }
    }
    Ok(found)
}

type Rewrapped = Option<(WrittenFile, Vec<(Digest, Digest)>)>;

/// A file with its pseudonyms wrapped; `None`: it has none. `key`: its rows lie in order of the digest of
/// these columns.
fn rewrap(
    file: &DataFile,
    folder: &Path,
    wrap: &Wrap,
    key: Option<&[String]>,
) -> Result<Rewrapped, KeyringError> {
    if !file.has_pseudonyms()? {
        return Ok(None);
    }
    let mut pairs = Vec::new();
    let change = |whole: &RecordBatch| {
        let new = wrapped(whole, wrap)?;
        let Some(key) = key else { return Ok(new) };
        let schema = whole.schema();
        let columns: Vec<usize> = key
            .iter()
            .map(|name| schema.index_of(name))
            .collect::<Result<_, _>>()?;
        let (before, after) = (
            digest::rows(whole, &columns)?,
            digest::rows(&new, &columns)?,
        );
        let mut order: Vec<u32> = (0..).take(after.len()).collect();
        order.sort_unstable_by_key(|&at| after[at as usize]);
        pairs.extend(before.into_iter().zip(after));
        Ok::<_, KeyringError>(take_record_batch(&new, &UInt32Array::from(order))?)
    };
    let new = rows::changed(file, folder, key.is_some(), change)?;
    Ok(new.map(|new| (new, pairs)))
}

fn wrapped(whole: &RecordBatch, wrap: &Wrap) -> Result<RecordBatch, KeyringError> {
    let one = |array: &ArrayRef| -> Result<ArrayRef, KeyringError> {
        Ok(match array.as_fixed_size_binary_opt() {
            Some(inner) if *array.data_type() == DataType::FixedSizeBinary(16) => {
                Arc::new(wrap.array(inner)?)
            }
            _ => Arc::clone(array),
        })
    };
    let columns = whole.columns().iter().map(one);
    let columns = columns.collect::<Result<Vec<_>, _>>()?;
    Ok(RecordBatch::try_new(whole.schema(), columns)?)
}
