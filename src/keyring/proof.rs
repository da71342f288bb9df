//! The proof that a rotated release is the one that it was made from, under another key: measured on the
//! files as they lie there, before and after.
//!
//! Every column has as many rows, empty cells and different pseudonyms as it had; every two columns have as
//! many pseudonyms in common, on as many pairs of rows; and no old pseudonym is left.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::Path;

use arrow::array::{Array, AsArray};
use serde::Serialize;

use super::KeyringError;
use crate::lock::pseudonym::Pseudonym;
use crate::rights::proof::{Needles, search};
use crate::warehouse::manifest::FileEntry;
use crate::warehouse::rows::{Code, DataFile};

/// Old pseudonyms and digests that are looked for in every byte. All of them are looked for in the columns.
const MOST_NEEDLES: usize = 100_000;

/// A column, by table and name.
pub type ColumnName = (String, String);

/// What is measured of a column.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ColumnFigures {
    /// Rows.
    pub rows: u64,
    /// Rows without a value.
    pub nulls: u64,
    /// Different values.
    pub distinct: u64,
}

/// What is measured of two columns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct JoinFigures {
    /// Values that both have.
    pub values: u64,
    /// Rows of their join.
    pub rows: u128,
}

/// What is measured of a release.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// By column.
    pub columns: BTreeMap<ColumnName, ColumnFigures>,
    /// By two columns.
    pub joins: BTreeMap<(ColumnName, ColumnName), JoinFigures>,
}

/// Figures, and all the pseudonyms there are.
pub struct Measured {
    /// The figures.
    pub figures: Figures,
    /// The pseudonyms.
    pub pseudonyms: HashSet<Pseudonym>,
}

/// What was found to be as it should be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Proof {
    /// Columns of pseudonyms.
    pub columns: usize,
    /// Rows of them, together.
    pub values: u64,
    /// Different pseudonyms.
    pub pseudonyms: usize,
    /// Joins that have matches.
    pub joins: usize,
    /// Files that were searched for old pseudonyms, byte by byte.
    pub files: u64,
    /// So many old pseudonyms and digests were looked for in every byte.
    pub searched_for: usize,
}

/// Measures the files of a release.
///
/// # Errors
/// A file cannot be read.
pub fn measure<'a>(
    root: &Path,
    files: impl Iterator<Item = &'a FileEntry>,
) -> Result<Measured, KeyringError> {
    let mut names: Vec<ColumnName> = Vec::new();
    let mut figures = Figures::default();
    let mut counts: HashMap<Pseudonym, Vec<(u32, u64)>> = HashMap::new();
    for entry in files.filter(|f| !f.is_state()) {
        let file = DataFile {
            path: root.join(&entry.path),
            entry: entry.clone(),
            release: String::new(),
        };
        file.read(false, |batch| {
            for (field, array) in batch.schema().fields().iter().zip(batch.columns()) {
                let name = (entry.table.clone(), field.name().clone());
                let known = names.iter().position(|known| *known == name);
                let at = known.unwrap_or(names.len());
                if known.is_none() {
                    names.push(name.clone());
                }
                let at = u32::try_from(at).unwrap_or(u32::MAX);
                let column = figures.columns.entry(name).or_default();
                column.rows += batch.num_rows() as u64;
                column.nulls += array.null_count() as u64;
                let array = array.as_fixed_size_binary();
                for row in (0..array.len()).filter(|row| array.is_valid(*row)) {
                    let Ok(value) = Pseudonym::try_from(array.value(row)) else {
                        continue;
                    };
                    let of_value = counts.entry(value).or_default();
                    match of_value.iter_mut().find(|(column, _)| *column == at) {
                        Some((_, count)) => *count += 1,
                        None => of_value.push((at, 1)),
                    }
                }
            }
            Ok::<(), KeyringError>(())
        })?;
    }
    summarise(&mut figures, &names, counts.values());
    Ok(Measured {
        figures,
        pseudonyms: counts.into_keys().collect(),
    })
}

fn summarise<'a>(
    figures: &mut Figures,
    names: &[ColumnName],
    counts: impl Iterator<Item = &'a Vec<(u32, u64)>>,
) {
    let mut joins: HashMap<(u32, u32), JoinFigures> = HashMap::new();
    for of_value in counts {
        for (at, (one, of_one)) in of_value.iter().enumerate() {
            if let Some(column) = names
                .get(*one as usize)
                .and_then(|n| figures.columns.get_mut(n))
            {
                column.distinct += 1;
            }
            for (two, of_two) in of_value.iter().skip(at + 1) {
                let join = joins
                    .entry(((*one).min(*two), (*one).max(*two)))
                    .or_default();
                join.values += 1;
                join.rows += u128::from(*of_one) * u128::from(*of_two);
            }
        }
    }
    for ((one, two), join) in joins {
        if let (Some(one), Some(two)) = (names.get(one as usize), names.get(two as usize)) {
            let mut pair = [one.clone(), two.clone()];
            pair.sort();
            let [one, two] = pair;
            figures.joins.insert((one, two), join);
        }
    }
}

/// Proves that what was measured after is what was measured before, and that nothing old is left below
/// `root`.
///
/// # Errors
/// It is not so; or a file cannot be read.
pub fn prove(
    before: &Measured,
    after: &Measured,
    root: &Path,
    old_digests: &BTreeSet<Code>,
) -> Result<Proof, KeyringError> {
    let wrong = |what: String| Err(KeyringError::NotProved(what));
    if before
        .figures
        .columns
        .keys()
        .ne(after.figures.columns.keys())
    {
        return wrong("it has other columns".into());
    }
    for ((table, column), was) in &before.figures.columns {
        let is = after.figures.columns.get(&(table.clone(), column.clone()));
        if is != Some(was) {
            return wrong(format!(
                "column `{column}` of table `{table}` has other numbers of rows, empty cells or pseudonyms"
            ));
        }
    }
    if before.figures.joins != after.figures.joins {
        return wrong("a join has other matches".into());
    }
    if before
        .pseudonyms
        .iter()
        .any(|old| after.pseudonyms.contains(old))
    {
        return wrong("a column still holds an old pseudonym".into());
    }
    // In order, so that the same ones are looked for each time.
    let old: BTreeSet<Code> = before
        .pseudonyms
        .iter()
        .chain(old_digests)
        .copied()
        .collect();
    let needles: BTreeSet<Code> = old.into_iter().take(MOST_NEEDLES).collect();
    let found = search(root, &Needles::new(&needles)).map_err(KeyringError::Search)?;
    if !found.holds() {
        return wrong("a file still holds an old pseudonym, or cannot be read".into());
    }
    Ok(Proof {
        columns: before.figures.columns.len(),
        values: before
            .figures
            .columns
            .values()
            .map(|c| c.rows - c.nulls)
            .sum(),
        pseudonyms: before.pseudonyms.len(),
        joins: before.figures.joins.len(),
        files: found.files,
        searched_for: needles.len(),
    })
}
