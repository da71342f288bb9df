//! Reading the files of releases, each once however many releases share it, and writing them again
//! without some of their rows.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{Array, AsArray, BooleanArray, FixedSizeBinaryArray, RecordBatch};
use arrow::compute::{concat_batches, filter_record_batch};
use arrow::datatypes::{DataType, Field, Schema};
use arrow::error::ArrowError;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use thiserror::Error;

use super::manifest::FileEntry;
use super::merge;
use super::parquet::{PartitionedWriter, WriterError, WrittenFile};
use super::release::Release;
use crate::contract::model::{TableColumn, TableKind, TableSpec};
use crate::error::{Class, Classified};

/// Bytes of rows that may wait while a file is written again.
const BUDGET: usize = 256 << 20;

/// Sixteen bytes: a pseudonym, or the digest of a key.
pub type Code = [u8; 16];

/// Why rows cannot be read or written again.
#[derive(Debug, Error)]
pub enum RowsError {
    /// A file of a release.
    #[error("a file of table `{table}` in release {release} cannot be read: {what}")]
    Unreadable {
        /// The table.
        table: String,
        /// The release.
        release: String,
        /// What is wrong with it.
        what: String,
    },
    /// Writing.
    #[error(transparent)]
    Writer(#[from] WriterError),
    /// Rows that do not fit together.
    #[error("rows cannot be read: {0}")]
    Arrow(#[from] ArrowError),
}

impl Classified for RowsError {
    fn class(&self) -> Class {
        match self {
            Self::Unreadable { .. } => Class::Environment,
            Self::Writer(e) => e.class(),
            Self::Arrow(_) => Class::Bug,
        }
    }

    fn remedy(&self) -> Option<String> {
        match self {
            Self::Unreadable { .. } => Some(
                "a release that is damaged cannot be answered for: put it back from a copy, or remove it"
                    .into(),
            ),
            Self::Writer(e) => e.remedy(),
            Self::Arrow(_) => None,
        }
    }
}

/// A file, and one of the releases that hold it.
#[derive(Clone, Debug)]
pub struct DataFile {
    /// Where it lies.
    pub path: PathBuf,
    /// What the manifest says of it.
    pub entry: FileEntry,
    /// The release.
    pub release: String,
}

/// The files of these releases by their SHA-256; `state`: those that keep the state of incremental
/// sources, or else those with rows, of canaries too.
#[must_use]
pub fn distinct(releases: &[Release], state: bool) -> Vec<DataFile> {
    let mut found: BTreeMap<String, DataFile> = BTreeMap::new();
    for release in releases {
        let files = release.manifest.files.iter();
        for entry in files.filter(|f| f.is_state() == state) {
            found
                .entry(entry.sha256.clone())
                .or_insert_with(|| DataFile {
                    path: release.root.join(&entry.path),
                    entry: entry.clone(),
                    release: release.manifest.id.clone(),
                });
        }
    }
    found.into_values().collect()
}

/// The columns of pseudonyms of some rows.
pub struct Pseudonyms {
    columns: Vec<(String, FixedSizeBinaryArray)>,
    /// How many rows.
    pub rows: usize,
}

impl Pseudonyms {
    /// Those of a batch.
    #[must_use]
    pub fn of(batch: &RecordBatch) -> Self {
        let schema = batch.schema();
        let columns = schema.fields().iter().zip(batch.columns());
        let columns = columns.filter(|(f, _)| *f.data_type() == DataType::FixedSizeBinary(16));
        Self {
            columns: columns
                .filter_map(|(f, a)| {
                    Some((f.name().clone(), a.as_fixed_size_binary_opt()?.clone()))
                })
                .collect(),
            rows: batch.num_rows(),
        }
    }

    /// The pseudonyms of a row with the columns that they stand in.
    pub fn of_row(&self, row: usize) -> impl Iterator<Item = (&str, Code)> {
        let valid = self.columns.iter().filter(move |(_, a)| a.is_valid(row));
        valid.filter_map(move |(name, a)| Some((name.as_str(), Code::try_from(a.value(row)).ok()?)))
    }

    /// Whether a row holds one of these.
    #[must_use]
    pub fn hits(&self, row: usize, among: &BTreeSet<Code>) -> bool {
        self.of_row(row).any(|(_, p)| among.contains(&p))
    }
}

impl DataFile {
    /// Whether it has columns of pseudonyms.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn has_pseudonyms(&self) -> Result<bool, RowsError> {
        let mut has = false;
        self.read(false, |_| {
            has = true;
            Ok::<(), RowsError>(())
        })?;
        Ok(has)
    }

    /// Calls `each` with the rows of the file, some at a time: all columns, those of its folder
    /// included, or the pseudonyms only.
    ///
    /// # Errors
    /// The file cannot be read, or `each` fails.
    pub fn read<E: From<RowsError>>(
        &self,
        whole: bool,
        mut each: impl FnMut(&RecordBatch) -> Result<(), E>,
    ) -> Result<(), E> {
        let unreadable = |what: &str| RowsError::Unreadable {
            table: self.entry.table.clone(),
            release: self.release.clone(),
            what: what.to_owned(),
        };
        let file = File::open(&self.path).map_err(|e| unreadable(&e.kind().to_string()))?;
        let foreign = |_| unreadable("it is not a Parquet file that this program wrote");
        let mut reader = ParquetRecordBatchReaderBuilder::try_new(file).map_err(foreign)?;
        if !whole {
            let fields = reader.schema().fields().iter().enumerate();
            let wanted: Vec<usize> = fields
                .filter(|(_, f)| *f.data_type() == DataType::FixedSizeBinary(16))
                .map(|(at, _)| at)
                .collect();
            if wanted.is_empty() {
                return Ok(());
            }
            let mask = ProjectionMask::roots(reader.parquet_schema(), wanted);
            reader = reader.with_projection(mask);
        }
        let partition = merge::partition_of(&self.entry);
        for batch in reader.build().map_err(foreign)? {
            let batch = batch.map_err(|_| unreadable("it is damaged"))?;
            if whole && self.entry.is_table() {
                let whole = merge::with_partition(&batch, &partition).map_err(RowsError::from)?;
                each(&whole)?;
            } else {
                each(&batch)?;
            }
        }
        Ok(())
    }
}

/// A file without some of its rows; `None`: none is left. `keep` gets the rows as they are in the file,
/// and with the columns of its folder.
///
/// # Errors
/// The file cannot be read or written, or `keep` fails.
pub fn without<E: From<RowsError>>(
    file: &DataFile,
    scratch: &Path,
    mut keep: impl FnMut(&RecordBatch, &RecordBatch) -> Result<Vec<bool>, E>,
) -> Result<Option<WrittenFile>, E> {
    let mut writer: Option<PartitionedWriter> = None;
    let folder = scratch.join(&file.entry.sha256);
    file.read(true, |whole| {
        let batch = as_in_the_file(file, whole).map_err(RowsError::from)?;
        let keep = BooleanArray::from(keep(&batch, whole)?);
        let kept = filter_record_batch(&batch, &keep).map_err(RowsError::from)?;
        if kept.num_rows() > 0 {
            push(&mut writer, &kept, &folder)?;
        }
        Ok::<(), E>(())
    })?;
    let Some(writer) = writer else {
        return Ok(None);
    };
    let files = writer.finish().map_err(RowsError::from)?;
    Ok(files.into_iter().next())
}

/// A file with other values in its rows, and its rows in another order where `change` changes that:
/// `all` gives it all rows at once. It gets them with the columns of the file's folder, and may not
/// change those.
///
/// # Errors
/// The file cannot be read or written, or `change` fails.
pub fn changed<E: From<RowsError>>(
    file: &DataFile,
    folder: &Path,
    all: bool,
    mut change: impl FnMut(&RecordBatch) -> Result<RecordBatch, E>,
) -> Result<Option<WrittenFile>, E> {
    let mut writer: Option<PartitionedWriter> = None;
    let mut write = |whole: &RecordBatch| {
        let batch = as_in_the_file(file, &change(whole)?).map_err(RowsError::from)?;
        Ok::<(), E>(push(&mut writer, &batch, folder)?)
    };
    if all {
        let mut batches = Vec::new();
        file.read(true, |whole| {
            batches.push(whole.clone());
            Ok::<(), E>(())
        })?;
        if let Some(first) = batches.first() {
            let whole = concat_batches(&first.schema(), &batches).map_err(RowsError::from)?;
            write(&whole)?;
        }
    } else {
        file.read(true, write)?;
    }
    let Some(writer) = writer else {
        return Ok(None);
    };
    let files = writer.finish().map_err(RowsError::from)?;
    Ok(files.into_iter().next())
}

fn push(
    writer: &mut Option<PartitionedWriter>,
    rows: &RecordBatch,
    folder: &Path,
) -> Result<(), RowsError> {
    let writer = if let Some(writer) = writer {
        writer
    } else {
        crate::disk::private_folder(folder).map_err(WriterError::from)?;
        writer.insert(PartitionedWriter::new(
            &spec_of(&rows.schema()),
            folder,
            BUDGET,
        )?)
    };
    Ok(writer.push(rows)?)
}

/// Without the columns that stand in the folder's name.
fn as_in_the_file(file: &DataFile, whole: &RecordBatch) -> Result<RecordBatch, ArrowError> {
    let folders = file.entry.path.split('/').filter(|f| f.contains('='));
    let columns: Vec<usize> = (0..whole.num_columns().saturating_sub(folders.count())).collect();
    let columns = if file.entry.is_table() {
        columns
    } else {
        (0..whole.num_columns()).collect()
    };
    whole.project(&columns)
}

/// The table that a file is, by its own schema: an older file may lack columns that the table has now.
#[must_use]
pub fn spec_of(schema: &Schema) -> TableSpec {
    let column = |field: &Arc<Field>| TableColumn {
        name: field.name().clone(),
        kind: match field.data_type() {
            DataType::FixedSizeBinary(_) => TableKind::Pseudonym,
            DataType::Date32 => TableKind::Date,
            DataType::Int64 => TableKind::Integer,
            DataType::Boolean => TableKind::Boolean,
            _ => TableKind::Text,
        },
        required: !field.is_nullable(),
        documentation: String::new(),
    };
    TableSpec {
        name: "herschreven".into(),
        title: String::new(),
        documentation: String::new(),
        key: Vec::new(),
        partition: Vec::new(),
        columns: schema.fields().iter().map(column).collect(),
    }
}

/// The year of a file's folder; 0 where it has none, or nobody knows it.
#[must_use]
pub fn year(entry: &FileEntry) -> i64 {
    let mut folders = entry.path.split('/');
    let year = folders.find_map(|folder| folder.strip_prefix("jaar="));
    year.and_then(|year| year.parse().ok()).unwrap_or(0)
}
