//! Reading the files of releases, each file once however many releases share it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::PathBuf;

use arrow::array::{Array, AsArray, FixedSizeBinaryArray, RecordBatch};
use arrow::datatypes::DataType;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::RightsError;
use crate::lock::pseudonym::Pseudonym;
use crate::warehouse::manifest::FileEntry;
use crate::warehouse::merge;
use crate::warehouse::release::Release;

/// A file, and one of the releases that hold it.
#[derive(Clone, Debug)]
pub(super) struct DataFile {
    pub path: PathBuf,
    pub entry: FileEntry,
    pub release: String,
}

/// The files of these releases by their SHA-256; `state`: those that keep the state of incremental
/// sources, or else those with rows.
pub(super) fn distinct(releases: &[Release], state: bool) -> Vec<DataFile> {
    let mut found: BTreeMap<String, DataFile> = BTreeMap::new();
    for release in releases {
        let files = release.manifest.files.iter();
        for entry in files.filter(|f| f.table.starts_with('_') == state) {
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

/// The pseudonym columns of some rows.
pub(super) struct Pseudonyms {
    columns: Vec<(String, FixedSizeBinaryArray)>,
    pub rows: usize,
}

impl Pseudonyms {
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
    pub fn of_row(&self, row: usize) -> impl Iterator<Item = (&str, Pseudonym)> {
        let valid = self.columns.iter().filter(move |(_, a)| a.is_valid(row));
        valid.filter_map(move |(name, a)| {
            Some((name.as_str(), Pseudonym::try_from(a.value(row)).ok()?))
        })
    }

    /// Whether a row holds one of these.
    pub fn hits(&self, row: usize, among: &BTreeSet<Pseudonym>) -> bool {
        self.of_row(row).any(|(_, p)| among.contains(&p))
    }
}

impl DataFile {
    /// Calls `each` with the rows of the file, some at a time: all columns, those of its folder
    /// included, or the pseudonyms only.
    pub fn read(
        &self,
        whole: bool,
        mut each: impl FnMut(&RecordBatch) -> Result<(), RightsError>,
    ) -> Result<(), RightsError> {
        let unreadable = |what: &str| RightsError::Unreadable {
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
            if whole && !self.entry.table.starts_with('_') {
                each(&merge::with_partition(&batch, &partition)?)?;
            } else {
                each(&batch)?;
            }
        }
        Ok(())
    }
}

/// The year of a file's folder; 0 where it has none, or nobody knows it.
pub(super) fn year(entry: &FileEntry) -> i64 {
    let mut folders = entry.path.split('/');
    let year = folders.find_map(|folder| folder.strip_prefix("jaar="));
    year.and_then(|year| year.parse().ok()).unwrap_or(0)
}
