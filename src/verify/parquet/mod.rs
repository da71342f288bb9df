//! A Parquet file, looked at whole: every value of every column, what stands beside the values, and what
//! lies between them.
//!
//! A dictionary is looked at once, whether its entries are used or not; pages that refer to it hold
//! nothing else. Numbers and pseudonyms are read where they lie. Only encodings that this program does not
//! write go through the general reader.

mod beside;
mod pages;

use std::fs::File;
use std::sync::Arc;

use parquet::basic::{LogicalType, Type as Physical};
use parquet::errors::ParquetError;
use parquet::file::metadata::{PageIndexPolicy, ParquetMetaData, ParquetMetaDataReader};
use parquet::file::serialized_reader::SerializedPageReader;

use super::content::names::Names;
use super::content::tally::Tally;
use super::strength::values::{Before, Pseudonyms};

/// A column of a file.
pub struct Column {
    /// Its name.
    pub name: String,
    /// How it is stored.
    pub physical: Physical,
    /// Bytes of a value, where that is fixed.
    pub width: i32,
    /// What it means.
    pub logical: Option<LogicalType>,
    /// Values, absent ones included.
    pub rows: u64,
    /// What was seen in it.
    pub tally: Tally,
    /// What was seen in its metadata only.
    pub beside: Tally,
    /// Its values as pseudonyms or hashes.
    pub pseudonyms: Pseudonyms,
    /// What tells of its values without reading them.
    pub traces: Traces,
}

/// What tells of values without reading the rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "four things that may be there or not"
)]
pub struct Traces {
    /// Minima and maxima of a column chunk or page.
    pub statistics: bool,
    /// A dictionary.
    pub dictionary: bool,
    /// A bloom filter.
    pub bloom_filter: bool,
    /// A page index with minima and maxima.
    pub page_index: bool,
}

/// What a file holds.
pub struct Looked {
    /// Rows.
    pub rows: u64,
    /// Its columns.
    pub columns: Vec<Column>,
    /// Names, metadata and what lies between the parts.
    pub beside: Tally,
}

/// Looks at a whole file. `most`: so many different pseudonyms of a column are kept; `before` says what is
/// known of a column already.
///
/// # Errors
/// The file cannot be read to its end.
pub fn look(
    file: &File,
    names: &Names,
    most: usize,
    before: &dyn Fn(&str) -> Before,
) -> Result<Looked, ParquetError> {
    let metadata = ParquetMetaDataReader::new()
        .with_page_index_policy(PageIndexPolicy::Optional)
        .parse_and_finish(file)?;
    let file = Arc::new(file.try_clone()?);
    let schema = metadata.file_metadata().schema_descr();
    let mut columns: Vec<Column> = schema
        .columns()
        .iter()
        .map(|column| Column {
            name: column.path().string(),
            physical: column.physical_type(),
            width: column.type_length(),
            logical: column.logical_type_ref().cloned(),
            rows: 0,
            tally: Tally::default(),
            beside: Tally::default(),
            pseudonyms: Pseudonyms::new(most, before(column.name())),
            traces: Traces::default(),
        })
        .collect();
    for group in 0..metadata.num_row_groups() {
        for (at, column) in columns.iter_mut().enumerate() {
            chunk(&file, &metadata, group, at, column, names)?;
        }
    }
    for column in &mut columns {
        column.pseudonyms.settle();
    }
    let mut tally = Tally::default();
    beside::file(&file, &metadata, &mut tally, names)?;
    Ok(Looked {
        rows: u64::try_from(metadata.file_metadata().num_rows()).unwrap_or_default(),
        columns,
        beside: tally,
    })
}

fn chunk(
    file: &Arc<File>,
    metadata: &ParquetMetaData,
    group: usize,
    at: usize,
    column: &mut Column,
    names: &Names,
) -> Result<(), ParquetError> {
    let row_group = metadata.row_group(group);
    let Some(chunk) = row_group.columns().get(at) else {
        return Err(ParquetError::General("a row group lacks a column".into()));
    };
    column.rows += u64::try_from(chunk.num_values()).unwrap_or_default();
    let rows = usize::try_from(row_group.num_rows()).unwrap_or_default();
    let mut reader = SerializedPageReader::new(Arc::clone(file), chunk, rows, None)?;
    if !pages::look(&mut reader, chunk, column, names)? {
        pages::look_slowly(file, metadata, group, at, column, names)?;
    }
    beside::chunk(metadata, group, at, column, names);
    Ok(())
}

impl Traces {
    /// Takes in what another file showed.
    pub const fn absorb(&mut self, other: Self) {
        self.statistics |= other.statistics;
        self.dictionary |= other.dictionary;
        self.bloom_filter |= other.bloom_filter;
        self.page_index |= other.page_index;
    }
}
