//! The copy of what is held about a person (AVG, article 15): every row, every column.
//!
//! Pseudonyms are not in it. In their place stand `nummer 1`, `nummer 2`, ..., the same for the same one:
//! enough to see which rows belong together, and of no use to find anybody in the files.

use std::collections::BTreeMap;
use std::io::{self, Write};

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::DataType;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use serde::Serialize;

use super::RightsError;
use super::person::Person;
use crate::lock::pseudonym::Pseudonym;
use crate::warehouse::release::Release;
use crate::warehouse::rows::{self, Pseudonyms};

/// The rows of a person.
#[derive(Debug, Serialize)]
pub struct Copy {
    /// The release.
    pub release: String,
    /// When it was published.
    pub published_at: String,
    /// Rows by table.
    pub tables: BTreeMap<String, Vec<Row>>,
}

/// A row: columns with their values as text; those without a value are absent.
pub type Row = BTreeMap<String, String>;

impl Copy {
    /// Collects the rows of a person in a release.
    ///
    /// # Errors
    /// A file cannot be read.
    pub fn of(person: &Person, release: &Release) -> Result<Self, RightsError> {
        let among = person.pseudonyms();
        let mut labels: BTreeMap<Pseudonym, usize> = BTreeMap::new();
        let mut tables: BTreeMap<String, Vec<Row>> = BTreeMap::new();
        let mut files = rows::distinct(std::slice::from_ref(release), false);
        files.sort_by(|a, b| a.entry.path.cmp(&b.entry.path));
        for file in files {
            file.read(true, |batch| {
                let pseudonyms = Pseudonyms::of(batch);
                for row in (0..batch.num_rows()).filter(|row| pseudonyms.hits(*row, &among)) {
                    let cells = row_of(batch, row, &mut labels)?;
                    tables
                        .entry(file.entry.table.clone())
                        .or_default()
                        .push(cells);
                }
                Ok::<(), RightsError>(())
            })?;
        }
        Ok(Self {
            release: release.manifest.id.clone(),
            published_at: release.manifest.published_at.clone(),
            tables,
        })
    }

    /// Rows in all.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.tables.values().map(Vec::len).sum()
    }

    /// As CSV, a line for each value: tables have columns of their own.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn csv(&self, out: &mut impl Write) -> io::Result<()> {
        writeln!(out, "tabel,rij,kolom,waarde")?;
        for (table, rows) in &self.tables {
            for (at, row) in rows.iter().enumerate() {
                for (column, value) in row {
                    let value = value.replace('"', "\"\"");
                    writeln!(out, "{table},{},{column},\"{value}\"", at + 1)?;
                }
            }
        }
        Ok(())
    }
}

fn row_of(
    batch: &RecordBatch,
    row: usize,
    labels: &mut BTreeMap<Pseudonym, usize>,
) -> Result<Row, RightsError> {
    let mut cells = Row::new();
    for (field, array) in batch.schema().fields().iter().zip(batch.columns()) {
        if array.is_null(row) {
            continue;
        }
        let text = if *field.data_type() == DataType::FixedSizeBinary(16) {
            let value = array.as_fixed_size_binary().value(row);
            let pseudonym = Pseudonym::try_from(value).unwrap_or_default();
            let next = labels.len() + 1;
            format!("nummer {}", labels.entry(pseudonym).or_insert(next))
        } else {
            let options = FormatOptions::default();
            ArrayFormatter::try_new(array, &options)?
                .value(row)
                .try_to_string()?
        };
        cells.insert(field.name().clone(), text);
    }
    Ok(cells)
}
