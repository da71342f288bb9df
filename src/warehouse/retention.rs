//! Rows that are past the period of the register: which they are, and a release without them.
//!
//! A period counts from the end of the year in `jaar`, or from a day in a date column; a row without
//! that day counts from its year. A row that has neither cannot be judged: it stays, and is told of.

use std::collections::{BTreeMap, BTreeSet};

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{Date32Type, Int64Type};
use chrono::{Datelike, Months, NaiveDate};
use rayon::prelude::*;
use serde::Serialize;
use thiserror::Error;

use super::manifest::FileEntry;
use super::merge;
use super::parquet::WrittenFile;
use super::publish::{self, NextRelease};
use super::release::{self, Release};
use super::rows::{self, Code, DataFile, RowsError, without};
use super::store::{STAGING, Store, StoreError};
use crate::contract::model::{Contracts, Retention};
use crate::digest;
use crate::error::{Class, Classified};

/// Why rows past their period cannot be dropped.
#[derive(Debug, Error)]
pub enum RetentionError {
    /// The warehouse.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Rows of a release.
    #[error(transparent)]
    Rows(#[from] RowsError),
}

impl Classified for RetentionError {
    fn class(&self) -> Class {
        match self {
            Self::Store(e) => e.class(),
            Self::Rows(e) => e.class(),
        }
    }

    fn remedy(&self) -> Option<String> {
        match self {
            Self::Store(e) => e.remedy(),
            Self::Rows(e) => e.remedy(),
        }
    }
}

/// The periods of the register, on a day.
pub struct Periods<'a> {
    /// What the register says.
    pub contracts: &'a Contracts,
    /// The day.
    pub today: NaiveDate,
}

/// Rows past their period, by table.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Outlived {
    /// Rows that are past it.
    pub rows: BTreeMap<String, u64>,
    /// Rows that have no day and no year to count from; they stay.
    pub undated: BTreeMap<String, u64>,
}

/// The rows of one file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Count {
    past: u64,
    undated: u64,
}

/// What holds for one table.
#[derive(Clone, Copy)]
struct Rule<'a> {
    years: u32,
    from: Option<&'a str>,
}

/// What is to be said of a row.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Age {
    Within,
    Past,
    Undated,
}

impl Periods<'_> {
    fn rule(&self, table: &str) -> Option<Rule<'_>> {
        match self.contracts.register.tables.get(table)? {
            Retention::Years { years, from } => Some(Rule {
                years: *years,
                from: from.as_deref(),
            }),
            Retention::Unlimited { .. } => None,
        }
    }

    fn of_year(&self, rule: Rule<'_>, year: i64) -> Age {
        if year == 0 {
            Age::Undated
        } else if year + i64::from(rule.years) < i64::from(self.today.year()) {
            Age::Past
        } else {
            Age::Within
        }
    }

    fn of_day(&self, rule: Rule<'_>, day: NaiveDate) -> Age {
        match day.checked_add_months(Months::new(12 * rule.years)) {
            Some(end) if end < self.today => Age::Past,
            _ => Age::Within,
        }
    }

    /// What is to be said of each row of a batch, the columns of its folder included.
    fn ages(&self, rule: Rule<'_>, batch: &RecordBatch) -> Vec<Age> {
        let years = batch.column_by_name("jaar");
        let years = years.and_then(|a| a.as_primitive_opt::<Int64Type>());
        let days = rule.from.and_then(|from| batch.column_by_name(from));
        let days = days.and_then(|a| a.as_primitive_opt::<Date32Type>());
        let one = |row: usize| {
            let day = days.filter(|a| a.is_valid(row));
            if let Some(day) = day.and_then(|a| a.value_as_date(row)) {
                return self.of_day(rule, day);
            }
            match years.filter(|a| a.is_valid(row)) {
                Some(years) => self.of_year(rule, years.value(row)),
                None => Age::Undated,
            }
        };
        (0..batch.num_rows()).map(one).collect()
    }

    /// What the folder of a file says of all its rows; `None`: they must be looked at.
    fn of_folder(&self, rule: Rule<'_>, file: &FileEntry) -> Option<Age> {
        let known = rule.from.is_none() && file.path.contains("/jaar=");
        known.then(|| self.of_year(rule, rows::year(file)))
    }

    fn count(&self, file: &DataFile) -> Result<Count, RowsError> {
        let mut count = Count::default();
        let Some(rule) = self.rule(&file.entry.table) else {
            return Ok(count);
        };
        let mut add = |age, rows| match age {
            Age::Past => count.past += rows,
            Age::Undated => count.undated += rows,
            Age::Within => {}
        };
        if let Some(age) = self.of_folder(rule, &file.entry) {
            add(age, file.entry.rows);
            return Ok(count);
        }
        file.read(true, |batch| {
            self.ages(rule, batch)
                .into_iter()
                .for_each(|age| add(age, 1));
            Ok::<(), RowsError>(())
        })?;
        Ok(count)
    }

    fn counts(&self, releases: &[Release]) -> Result<BTreeMap<String, Count>, RowsError> {
        let files = rows::distinct(releases, false);
        let one = |file: &DataFile| Ok((file.entry.sha256.clone(), self.count(file)?));
        files.par_iter().map(one).collect()
    }

    /// What a release holds that is past its period.
    ///
    /// # Errors
    /// A file cannot be read.
    pub fn look(&self, release: &Release) -> Result<Outlived, RowsError> {
        let counts = self.counts(std::slice::from_ref(release))?;
        let mut outlived = Outlived::default();
        for file in &release.manifest.files {
            outlived.note(
                &file.table,
                counts.get(&file.sha256).copied().unwrap_or_default(),
            );
        }
        Ok(outlived)
    }

    /// The releases, the current one left out, that hold rows past their period.
    ///
    /// # Errors
    /// A file cannot be read.
    pub fn outlived_releases(
        &self,
        warehouse: &std::path::Path,
    ) -> Result<Vec<String>, RetentionError> {
        let current = release::current(warehouse).map_err(StoreError::from)?;
        let mut old = Vec::new();
        for id in release::list(warehouse).map_err(StoreError::from)? {
            if Some(&id) != current.as_ref() {
                old.extend(release::open(warehouse, Some(&id)).map_err(StoreError::from)?);
            }
        }
        let counts = self.counts(&old)?;
        let holds = |f: &FileEntry| counts.get(&f.sha256).is_some_and(|c| c.past > 0);
        let old = old.into_iter().map(|r| r.manifest);
        Ok(old
            .filter(|manifest| manifest.files.iter().any(holds))
            .map(|manifest| manifest.id)
            .collect())
    }

    /// Drops those releases.
    ///
    /// # Errors
    /// A file cannot be read, or the disk.
    pub fn drop_releases(&self, store: &Store) -> Result<Vec<String>, RetentionError> {
        let dropped = self.outlived_releases(store.root())?;
        for id in &dropped {
            publish::drop_release(store.root(), id)
                .map_err(StoreError::io("dropping an old release"))?;
        }
        Ok(dropped)
    }

    /// Takes rows past their period out of the next release, and their keys out of the state of
    /// incremental sources.
    ///
    /// # Errors
    /// A file cannot be read or written.
    pub fn apply(
        &self,
        next: &mut NextRelease,
        key_fingerprint: &str,
    ) -> Result<Outlived, RetentionError> {
        let before: Vec<FileEntry> = next.files().cloned().collect();
        let mut outlived = Outlived::default();
        let mut lost: BTreeMap<(String, String), BTreeSet<Code>> = BTreeMap::new();
        for entry in before.iter().filter(|f| f.is_table()) {
            let Some(rule) = self.rule(&entry.table) else {
                continue;
            };
            let file = file_of(next, entry);
            let count = self.count(&file)?;
            outlived.note(&entry.table, count);
            if count.past == 0 {
                continue;
            }
            let written = if count.past == entry.rows {
                None
            } else {
                let place = (entry.table.clone(), entry.source.clone());
                let digests = lost.entry(place).or_default();
                let scratch = next.scratch("bewaartermijn")?;
                without(&file, &scratch, |_, whole| {
                    self.keep(rule, entry, whole, digests)
                })?
            };
            replace(next, entry, &entry.table, written)?;
        }
        if outlived.rows.is_empty() {
            return Ok(outlived);
        }
        for entry in before.iter().filter(|f| f.is_state()) {
            self.state(next, entry, &lost)?;
        }
        next.carry_over(&before, [key_fingerprint; 2], self.contracts);
        Ok(outlived)
    }

    /// Which rows stay; the digests of the keys of the others are noted.
    fn keep(
        &self,
        rule: Rule<'_>,
        entry: &FileEntry,
        whole: &RecordBatch,
        digests: &mut BTreeSet<Code>,
    ) -> Result<Vec<bool>, RowsError> {
        let keep: Vec<bool> = self
            .ages(rule, whole)
            .into_iter()
            .map(|age| age != Age::Past)
            .collect();
        let spec = self.contracts.tables.get(&entry.table);
        let key = spec.map_or(&[][..], |spec| spec.key.as_slice());
        let of_key = key.iter().map(|k| whole.schema().index_of(k).ok());
        if let Some(columns) = of_key.collect::<Option<Vec<_>>>()
            && !columns.is_empty()
        {
            let all = digest::rows(whole, &columns)?.into_iter();
            digests.extend(all.zip(&keep).filter(|(_, keep)| !**keep).map(|(d, _)| d));
        }
        Ok(keep)
    }

    /// The state of an incremental source without what is past its period: by the year of the folder, or
    /// by the rows that went.
    fn state(
        &self,
        next: &mut NextRelease,
        entry: &FileEntry,
        lost: &BTreeMap<(String, String), BTreeSet<Code>>,
    ) -> Result<(), RetentionError> {
        let Some(table) = entry.path.split('/').nth(1) else {
            return Ok(());
        };
        let Some(rule) = self.rule(table) else {
            return Ok(());
        };
        let none = BTreeSet::new();
        let lost = lost
            .get(&(table.to_owned(), entry.source.clone()))
            .unwrap_or(&none);
        let file = file_of(next, entry);
        let mut gone = 0;
        let scratch = next.scratch("bewaartermijn-stand")?;
        let written = without(&file, &scratch, |batch, _| {
            let keep = self.keep_keys(rule, batch, lost)?;
            gone += keep.iter().filter(|keep| !**keep).count();
            Ok::<_, RowsError>(keep)
        })?;
        if gone > 0 {
            replace(next, entry, &merge::state_table(table), written)?;
        }
        Ok(())
    }

    fn keep_keys(
        &self,
        rule: Rule<'_>,
        batch: &RecordBatch,
        lost: &BTreeSet<Code>,
    ) -> Result<Vec<bool>, RowsError> {
        let keys = rows::Pseudonyms::of(batch);
        let places = batch.column_by_name("partitie");
        let places = places.map(|a| arrow::compute::cast(a, &arrow::datatypes::DataType::Utf8));
        let places = places.transpose()?;
        let places = places.as_ref().and_then(|a| a.as_string_opt::<i32>());
        let past = |row: usize| {
            let place = places.filter(|_| rule.from.is_none())?.value(row);
            let year = place.split('/').find_map(|f| f.strip_prefix("jaar="))?;
            Some(self.of_year(rule, year.parse().ok()?) == Age::Past)
        };
        Ok((0..batch.num_rows())
            .map(|row| !keys.hits(row, lost) && !past(row).unwrap_or(false))
            .collect())
    }
}

impl Outlived {
    fn note(&mut self, table: &str, count: Count) {
        for (list, rows) in [
            (&mut self.rows, count.past),
            (&mut self.undated, count.undated),
        ] {
            if rows > 0 {
                *list.entry(table.to_owned()).or_default() += rows;
            }
        }
    }

    /// Rows past their period, in all.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.rows.values().sum()
    }
}

fn file_of(next: &NextRelease, entry: &FileEntry) -> DataFile {
    DataFile {
        path: next.root().join(&entry.path),
        entry: entry.clone(),
        release: STAGING.to_owned(),
    }
}

/// Puts a file in the place of another, in the same folder.
fn replace(
    next: &mut NextRelease,
    old: &FileEntry,
    table: &str,
    new: Option<WrittenFile>,
) -> Result<(), StoreError> {
    let partition = if old.is_table() {
        merge::partition_of(old)
    } else {
        String::new()
    };
    let new = new.map(|file| WrittenFile { partition, ..file });
    let files = vec![(table.to_owned(), new.into_iter().collect())];
    next.replace(&old.source, &old.part, |f| f.path == old.path, files)
}
