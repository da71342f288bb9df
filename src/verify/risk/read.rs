//! Reads of a table what its classes are made of, in bounded memory: group by group of the partitions that
//! persons of one class share, and in a large group by a part of the persons at a time. A person is in one
//! part, so what the parts show adds up.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::hash::BuildHasherDefault;
use std::path::{Path, PathBuf};

use arrow::array::RecordBatch;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader,
    ParquetRecordBatchReaderBuilder,
};
use rayon::prelude::*;

use super::classes::{Classes, Value};
use super::columns;
use crate::contract::model::{TableKind, TableRisk, TableSpec};
use crate::verify::content::distinct::Same;
use crate::verify::content::forms::stir;
use crate::warehouse::manifest::FileEntry;

/// So many rows are held at a time: 192 MiB of eight bytes.
const HELD: u64 = 3 << 23;
/// More classes than this are no classes: nearly everybody stands alone.
pub const MOST: usize = 1 << 20;
/// Rows of a batch.
const BATCH: usize = 8192;
/// A place in the sorted digests: 40 bits for who it is, 24 for what a row says.
const WHO: u32 = 40;
/// Stands for a value that is none.
const NOTHING: u64 = 0x6e69_6574;

type Same64 = BuildHasherDefault<Same>;

/// Why a table was not measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unread {
    /// A file is not as its contract says.
    #[error("een bestand is niet te lezen zoals het contract zegt")]
    File,
    /// There are more classes than can be told apart.
    #[error("er zijn meer dan een miljoen groepen: bijna iedereen staat alleen")]
    Classes,
}

/// A table to measure.
pub struct Table<'a> {
    /// Its contract.
    pub spec: &'a TableSpec,
    /// What the register says of it.
    pub risk: &'a TableRisk,
    /// The folder of the release.
    pub root: PathBuf,
    /// Its files in that release.
    pub files: Vec<&'a FileEntry>,
}

/// The rows of a file by batch, only the columns that were asked for.
///
/// # Errors
/// The file cannot be read, or lacks one of the columns.
pub fn open(path: &Path, wanted: &[&str]) -> Result<ParquetRecordBatchReader, Unread> {
    let file = File::open(path).map_err(|_| Unread::File)?;
    let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
    let plain = ArrowReaderMetadata::load(&file, options).map_err(|_| Unread::File)?;
    let schema = columns::with_dictionaries(plain.schema());
    let options = ArrowReaderOptions::new().with_schema(schema);
    let known = ArrowReaderMetadata::try_new(plain.metadata().clone(), options);
    let builder =
        ParquetRecordBatchReaderBuilder::new_with_metadata(file, known.map_err(|_| Unread::File)?);
    let names = wanted.iter().copied();
    let mask = ProjectionMask::columns(builder.parquet_schema(), names);
    let reader = builder.with_projection(mask).with_batch_size(BATCH);
    reader.build().map_err(|_| Unread::File)
}

/// Some files of a table, of which this part of the persons is read.
struct Unit<'t> {
    files: Vec<&'t FileEntry>,
    part: u64,
    parts: u64,
}

impl Table<'_> {
    /// Reads its classes, in parallel.
    ///
    /// # Errors
    /// A file cannot be read, or there are too many classes.
    pub fn classes(&self) -> Result<Classes, Unread> {
        let units = self.units();
        let units = units.par_iter().with_max_len(1);
        let classes = units.map(|unit| self.unit(unit));
        classes.try_reduce(Classes::default, |mut all, more| {
            all.absorb(more);
            if all.len() > MOST {
                Err(Unread::Classes)
            } else {
                Ok(all)
            }
        })
    }

    /// Of each sensitive column whether its values have an order. One that has can be absent.
    pub fn ordered(&self) -> Vec<bool> {
        let kind = |name: &String| {
            let mut columns = self.spec.columns.iter();
            columns.find(|c| c.name == *name).map(|c| c.kind)
        };
        let has_order = |kind| matches!(kind, Some(TableKind::Integer | TableKind::Date));
        self.risk
            .sensitive
            .iter()
            .map(|name| has_order(kind(name)))
            .collect()
    }

    /// Rows of the table.
    pub fn rows(&self) -> u64 {
        self.files.iter().map(|f| f.rows).sum()
    }

    /// Files whose persons can share a class, each group with as many parts as it needs.
    fn units(&self) -> Vec<Unit<'_>> {
        let shared: Vec<&str> = (self.risk.quasi_identifiers.iter().map(String::as_str))
            .filter(|name| self.spec.partition.iter().any(|p| p == name))
            .collect();
        let mut groups: BTreeMap<Vec<&str>, Vec<&FileEntry>> = BTreeMap::new();
        for file in &self.files {
            let key = shared
                .iter()
                .map(|name| of_path(&file.path, name).unwrap_or_default());
            groups.entry(key.collect()).or_default().push(file);
        }
        let mut units = Vec::new();
        for files in groups.into_values() {
            let rows: u64 = files.iter().map(|f| f.rows).sum();
            let parts = match self.risk.person {
                Some(_) => rows.div_ceil(HELD).max(1),
                None => 1,
            };
            units.extend((0..parts).map(|part| Unit {
                files: files.clone(),
                part,
                parts,
            }));
        }
        units
    }

    fn unit(&self, unit: &Unit<'_>) -> Result<Classes, Unread> {
        let mut seen = Seen::default();
        for (number, file) in (0u64..).zip(&unit.files) {
            self.file(unit, number, file, &mut seen)?;
        }
        Ok(seen.counted())
    }

    fn file(
        &self,
        unit: &Unit<'_>,
        number: u64,
        file: &FileEntry,
        seen: &mut Seen,
    ) -> Result<(), Unread> {
        let risk = self.risk;
        let in_path = |name: &String| self.spec.partition.contains(name);
        let person = risk.person.iter();
        let wanted = (risk.quasi_identifiers.iter().filter(|name| !in_path(name)))
            .chain(risk.sensitive.iter())
            .chain(person);
        let mut wanted: Vec<&str> = wanted.map(String::as_str).collect();
        if wanted.is_empty() {
            // All that is known stands in the path; some column must say how many rows there are.
            let mut columns = self.spec.columns.iter();
            let any = columns.find(|c| !in_path(&c.name));
            wanted.extend(any.map(|c| c.name.as_str()));
        }
        let mut known = stir(0x51d5);
        for name in risk.quasi_identifiers.iter().filter(|name| in_path(name)) {
            let value = of_path(&file.path, name).ok_or(Unread::File)?;
            known = stir(known ^ columns::digest(value.as_bytes()));
        }
        let path: PathBuf = self.root.join(&file.path);
        let mut row = number << WHO;
        for batch in open(&path, &wanted)? {
            let batch = batch.map_err(|_| Unread::File)?;
            self.batch(unit, &batch, known, row, seen)?;
            row += batch.num_rows() as u64;
        }
        Ok(())
    }

    fn batch(
        &self,
        unit: &Unit<'_>,
        batch: &RecordBatch,
        known: u64,
        first: u64,
        seen: &mut Seen,
    ) -> Result<(), Unread> {
        let column = |name: &String| batch.column_by_name(name).ok_or(Unread::File);
        let values = |name: &String| columns::values(column(name)?).ok_or(Unread::File);
        let mut classes = vec![known; batch.num_rows()];
        let stored = |name: &&String| !self.spec.partition.contains(name);
        for name in self.risk.quasi_identifiers.iter().filter(stored) {
            for (class, value) in classes.iter_mut().zip(values(name)?) {
                *class = stir(*class ^ columns::part(value));
            }
        }
        let sensitive: Vec<(Vec<Value>, bool)> = (self.risk.sensitive.iter().zip(self.ordered()))
            .map(|(name, ordered)| Ok((values(name)?, ordered)))
            .collect::<Result<_, _>>()?;
        let answers = |at: usize| {
            let answer = move |(column, ordered): &(Vec<Value>, bool)| {
                let value = column.get(at).copied();
                value.filter(|value| !ordered || *value != Value::Absent)
            };
            sensitive.iter().map(answer)
        };
        // What a row says as a whole: its class and its answers.
        let mut digests = classes.clone();
        for (column, ordered) in &sensitive {
            for (digest, value) in digests.iter_mut().zip(column) {
                let none = *ordered && *value == Value::Absent;
                let part = if none { NOTHING } else { columns::part(*value) };
                *digest = stir(*digest ^ part.rotate_left(17));
            }
        }
        let rows = digests.iter().zip(&classes).enumerate();
        let Some(person) = &self.risk.person else {
            for (at, (digest, class)) in rows {
                seen.row(*digest, *class, None, || answers(at));
            }
            return seen.bounded();
        };
        let persons = columns::persons(column(person)?).ok_or(Unread::File)?;
        for ((at, (digest, class)), person) in rows.zip(persons) {
            // A row without a pseudonym is somebody of its own.
            let person = person.unwrap_or_else(|| stir(!(first + at as u64)));
            if (person >> 32) % unit.parts == unit.part {
                seen.row(*digest, *class, Some(person), || answers(at));
            }
        }
        seen.bounded()
    }
}

/// What a path says of a partition column.
pub fn of_path<'p>(path: &'p str, column: &str) -> Option<&'p str> {
    let mut folders = path.split('/');
    folders.find_map(|folder| folder.strip_prefix(column)?.strip_prefix('='))
}

/// What a part of the persons showed so far.
#[derive(Default)]
struct Seen {
    /// Number of what a row says, by digest.
    numbers: HashMap<u64, u32, Same64>,
    kinds: Vec<Kind>,
    /// The cells of each kind of row, behind each other: its class, and its class with each value.
    cells_of: Vec<u32>,
    /// Number of a cell, by digest.
    cell_numbers: HashMap<u64, u32, Same64>,
    cells: Vec<Cell>,
    /// Who, with the number of what the row says behind it. Sorted, the rows of a person stand together.
    who: Vec<u64>,
}

/// What rows say of a person: a class and values.
struct Kind {
    /// Where its cells end.
    end: usize,
    /// Persons, or rows that stand for one each, of whom this is all.
    persons: u64,
}

/// A class, or a class with a value in a sensitive column.
struct Cell {
    class: u64,
    value: Option<(usize, Value)>,
    persons: u64,
}

impl Seen {
    #[inline]
    fn row<V: Iterator<Item = Option<Value>>>(
        &mut self,
        digest: u64,
        class: u64,
        person: Option<u64>,
        values: impl FnOnce() -> V,
    ) {
        let number = match self.numbers.get(&digest) {
            Some(number) => *number,
            None => self.kind(digest, class, values()),
        };
        match person {
            Some(person) => {
                let who = person >> (64 - WHO);
                self.who.push(who << (64 - WHO) | u64::from(number));
            }
            None => {
                if let Some(kind) = self.kinds.get_mut(number as usize) {
                    kind.persons += 1;
                }
            }
        }
    }

    /// Notes what no row has said yet.
    fn kind(
        &mut self,
        digest: u64,
        class: u64,
        values: impl Iterator<Item = Option<Value>>,
    ) -> u32 {
        self.cell(class, class, None);
        for (column, value) in values.enumerate() {
            if let Some(value) = value {
                let part = columns::part(value).rotate_left(17);
                let digest = stir(class ^ part ^ (column as u64 + 1));
                self.cell(digest, class, Some((column, value)));
            }
        }
        let number = number(self.kinds.len());
        let end = self.cells_of.len();
        self.kinds.push(Kind { end, persons: 0 });
        self.numbers.insert(digest, number);
        number
    }

    fn cell(&mut self, digest: u64, class: u64, value: Option<(usize, Value)>) {
        let number = *self.cell_numbers.entry(digest).or_insert_with(|| {
            let next = number(self.cells.len());
            let persons = 0;
            self.cells.push(Cell {
                class,
                value,
                persons,
            });
            next
        });
        self.cells_of.push(number);
    }

    /// Numbers of what a row says must fit their bits.
    fn bounded(&self) -> Result<(), Unread> {
        if self.kinds.len() < 1 << (64 - WHO) {
            Ok(())
        } else {
            Err(Unread::Classes)
        }
    }

    fn counted(mut self) -> Classes {
        let mut who = std::mem::take(&mut self.who);
        who.sort_unstable();
        who.dedup();
        let kind = |who: &u64| (who & ((1 << (64 - WHO)) - 1)) as usize;
        let mut all = Vec::new();
        for rows in who.chunk_by(|a, b| a >> (64 - WHO) == b >> (64 - WHO)) {
            if let [only] = rows {
                if let Some(kind) = self.kinds.get_mut(kind(only)) {
                    kind.persons += 1;
                }
                continue;
            }
            // Who has a cell by more than one kind of row is in it once.
            all.clear();
            for row in rows {
                all.extend_from_slice(self.cells_of(kind(row)));
            }
            all.sort_unstable();
            all.dedup();
            self.add(&all, 1);
        }
        for number in 0..self.kinds.len() {
            let persons = self.kinds.get(number).map_or(0, |kind| kind.persons);
            all.clear();
            all.extend_from_slice(self.cells_of(number));
            self.add(&all, persons);
        }
        let mut classes = Classes::default();
        for cell in self.cells {
            match cell.value {
                None => classes.add_persons(cell.class, cell.persons),
                Some((column, value)) => {
                    classes.add_value(cell.class, column, value, cell.persons);
                }
            }
        }
        classes
    }

    /// The cells of a kind of row.
    fn cells_of(&self, number: usize) -> &[u32] {
        let end = |number: usize| self.kinds.get(number).map_or(0, |kind| kind.end);
        let start = number.checked_sub(1).map_or(0, end);
        self.cells_of.get(start..end(number)).unwrap_or_default()
    }

    fn add(&mut self, cells: &[u32], persons: u64) {
        for cell in cells {
            if let Some(cell) = self.cells.get_mut(*cell as usize) {
                cell.persons += persons;
            }
        }
    }
}

/// A place in a list as a number of 32 bits; what does not fit is refused by `bounded`.
fn number(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}
