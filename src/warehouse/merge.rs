//! Incremental deliveries: rows by key, the latest delivery wins, deletions are honoured.
//!
//! Beside the data files of an incremental source lies one state file a table, `_stand`: for every key
//! ever seen a digest of its pseudonymised values, the order of the delivery that last spoke of it,
//! whether it was deleted, and the partition of its row. With it a late delivery can be told from a new
//! one, whatever order they come in, and only the partitions that change are rewritten. Rows of such a
//! source lie in order of their digest, so the same deliveries give the same files in any order.
//!
//! The state takes some forty bytes a key while a delivery is merged; that, and the largest partition,
//! is what this needs in memory.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, FixedSizeBinaryArray, Int64Array, RecordBatch,
    StringArray, UInt32Array,
};
use arrow::compute::{concat_batches, filter_record_batch, take_record_batch};
use arrow::datatypes::{DataType, Field, Int64Type, Schema};
use arrow::error::ArrowError;
use thiserror::Error;

use super::manifest::{FileEntry, STATE};
use super::mapping::DELETED;
use super::parquet::{PartitionedWriter, WriterError, WrittenFile, read_file};
use super::scan;
use crate::contract::model::{TableColumn, TableKind, TableSpec};
use crate::digest;
use crate::error::{Class, Classified};

/// The column that keeps the order of rows within a delivery.
const ROW: &str = "_rij";
/// The line of a state that says how far it goes back: the first half of the SHA-256 of `sluis drempel`, which is
/// no digest of a key. A key without a row cannot be found again under another root key, so after a
/// rotation nobody knows whether a delivery of before this order speaks of a row that was deleted.
const FLOOR: Digest = [
    0x11, 0xec, 0xfe, 0xc6, 0xbf, 0x03, 0xa3, 0x8b, 0x98, 0x2a, 0xf2, 0x44, 0x54, 0xce, 0xdc, 0x6a,
];

/// Why a delivery could not be merged.
#[derive(Debug, Error)]
pub enum MergeError {
    /// Writing.
    #[error(transparent)]
    Writer(#[from] WriterError),
    /// A file of the release or of this run cannot be read back.
    #[error("a file of table `{table}` cannot be read back: {what}")]
    Read {
        /// The table.
        table: String,
        /// What went wrong.
        what: String,
    },
    /// A delivery of before the root key was rotated, with a row that nobody knows.
    #[error(
        "the delivery is older than what the state of table `{0}` remembers since the root key was rotated, and has rows that may have been deleted"
    )]
    Late(String),
    /// Columns that do not fit together.
    #[error("rows cannot be merged: {0}")]
    Arrow(#[from] ArrowError),
}

impl Classified for MergeError {
    fn class(&self) -> Class {
        match self {
            Self::Writer(e) => e.class(),
            Self::Read { .. } => Class::Environment,
            Self::Late(_) => Class::Data,
            Self::Arrow(_) => Class::Bug,
        }
    }
}

/// The table as the rows of one delivery are first written: with the mark of deletion and the order.
#[must_use]
pub fn delta_spec(spec: &TableSpec) -> TableSpec {
    let mut delta = spec.clone();
    let own = |name: &str, kind| TableColumn {
        name: name.into(),
        kind,
        required: true,
        documentation: String::new(),
    };
    // A deleted row may lack what a row of the table must have.
    for column in &mut delta.columns {
        column.required &= spec.partition.contains(&column.name) || spec.key.contains(&column.name);
    }
    delta.columns.extend([
        own(DELETED, TableKind::Boolean),
        own(ROW, TableKind::Integer),
    ]);
    delta
}

/// Numbers the rows of a mapping's output, from `first`.
///
/// # Errors
/// None that a batch of a mapping gives.
pub fn number_rows(batch: &RecordBatch, first: i64) -> Result<RecordBatch, ArrowError> {
    let rows = i64::try_from(batch.num_rows()).unwrap_or(i64::MAX);
    let mut fields = batch.schema().fields().to_vec();
    fields.push(Arc::new(Field::new(ROW, DataType::Int64, false)));
    let mut columns = batch.columns().to_vec();
    columns.push(Arc::new(Int64Array::from_iter_values(first..first + rows)));
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)
}

/// What is known of a key.
#[derive(Clone, PartialEq, Eq)]
struct Known {
    order: Arc<str>,
    deleted: bool,
    partition: Arc<str>,
}

/// The digest of a key.
pub type Digest = [u8; 16];

/// What a merge changes.
pub struct Merged {
    /// Partitions whose files are replaced (or gone, when no new file has the partition).
    pub partitions: BTreeSet<String>,
    /// The new files of those partitions.
    pub files: Vec<WrittenFile>,
    /// The new state.
    pub state: Vec<WrittenFile>,
}

/// One merge: a delivery into what the release holds of its source and table.
pub struct Merge<'a> {
    /// The table.
    pub spec: &'a TableSpec,
    /// Where the files of the release lie.
    pub root: &'a Path,
    /// The files of this table and source.
    pub data: &'a [FileEntry],
    /// The state file of this table and source, if there is one.
    pub state: Option<&'a FileEntry>,
    /// The order of the delivery: `yyyymmdd`, or `yyyymmdd_DEEL`.
    pub order: &'a str,
    /// Where new files go.
    pub scratch: &'a Path,
    /// Bytes of rows that may wait.
    pub budget: usize,
}

impl Merge<'_> {
    /// Merges the rows of a delivery, as written by a writer with [`delta_spec`].
    ///
    /// # Errors
    /// See [`MergeError`].
    pub fn run(&self, delta: &[WrittenFile]) -> Result<Merged, MergeError> {
        let mut known = self.read_state()?;
        let latest = self.latest(delta)?;
        let order: Arc<str> = self.order.into();
        let late = known.get(&FLOOR).is_some_and(|floor| *floor.order > *order);
        if late && latest.keys().any(|digest| !known.contains_key(digest)) {
            return Err(MergeError::Late(self.spec.name.clone()));
        }
        let mut partitions = BTreeSet::new();
        let mut won: HashMap<Digest, i64> = HashMap::new();
        for (digest, (row, now)) in latest {
            let before = known.get(&digest);
            if before.is_some_and(|b| *b.order > *order) {
                continue;
            }
            for place in before.into_iter().chain([&now]).filter(|k| !k.deleted) {
                partitions.insert(place.partition.to_string());
            }
            won.insert(digest, row);
            known.insert(digest, now);
        }
        let mut writer = PartitionedWriter::new(self.spec, self.scratch, self.budget)?;
        for partition in &partitions {
            if let Some(rows) = self.partition(partition, delta, &won)? {
                writer.push(&rows)?;
            }
        }
        Ok(Merged {
            partitions,
            files: writer.finish()?,
            state: self.write_state(&known)?,
        })
    }

    /// The last row of every key in the delivery.
    fn latest(&self, delta: &[WrittenFile]) -> Result<HashMap<Digest, (i64, Known)>, MergeError> {
        let mut latest: HashMap<Digest, (i64, Known)> = HashMap::new();
        let order: Arc<str> = self.order.into();
        for file in delta {
            let partition: Arc<str> = file.partition.as_str().into();
            for batch in self.read(&file.path, &file.partition)? {
                let (rows, deleted) = marks(&batch)?;
                for (at, digest) in self.digests(&batch)?.into_iter().enumerate() {
                    let row = rows.value(at);
                    if latest.get(&digest).is_none_or(|(before, _)| *before < row) {
                        let now = Known {
                            order: Arc::clone(&order),
                            deleted: deleted.value(at),
                            partition: Arc::clone(&partition),
                        };
                        latest.insert(digest, (row, now));
                    }
                }
            }
        }
        Ok(latest)
    }

    /// The rows that a partition holds after the merge, in order of digest; `None` when it holds none.
    fn partition(
        &self,
        partition: &str,
        delta: &[WrittenFile],
        won: &HashMap<Digest, i64>,
    ) -> Result<Option<RecordBatch>, MergeError> {
        let schema = scan::arrow_schema(self.spec);
        let mut kept = Vec::new();
        for file in self.data.iter().filter(|f| partition_of(f) == partition) {
            for batch in self.read(&self.root.join(&file.path), partition)? {
                let stays: BooleanArray = self
                    .digests(&batch)?
                    .iter()
                    .map(|d| Some(!won.contains_key(d)))
                    .collect();
                kept.push(filter_record_batch(&fitted(&batch, &schema)?, &stays)?);
            }
        }
        for file in delta.iter().filter(|f| f.partition == partition) {
            for batch in self.read(&file.path, partition)? {
                let (rows, deleted) = marks(&batch)?;
                let digests = self.digests(&batch)?;
                let wins = |(at, d): (usize, &Digest)| {
                    Some(!deleted.value(at) && won.get(d) == Some(&rows.value(at)))
                };
                let stays: BooleanArray = digests.iter().enumerate().map(wins).collect();
                kept.push(filter_record_batch(&fitted(&batch, &schema)?, &stays)?);
            }
        }
        let Some(first) = kept.first() else {
            return Ok(None);
        };
        let all = concat_batches(&first.schema(), &kept)?;
        if all.num_rows() == 0 {
            return Ok(None);
        }
        let digests = self.digests(&all)?;
        let mut places: Vec<u32> = (0..).take(digests.len()).collect();
        places.sort_unstable_by_key(|&at| digests[at as usize]);
        Ok(Some(take_record_batch(&all, &UInt32Array::from(places))?))
    }

    /// The state under another root key, where the digests of keys are others. A key that is not among
    /// them has no row any more and is forgotten; what is left of it is how far back the state goes.
    ///
    /// # Errors
    /// See [`MergeError`].
    pub fn rekeyed(
        &self,
        digests: &HashMap<Digest, Digest>,
    ) -> Result<Vec<WrittenFile>, MergeError> {
        let mut known: HashMap<Digest, Known> = HashMap::new();
        let mut floor: Option<Arc<str>> = None;
        for (digest, entry) in self.read_state()? {
            if let Some(new) = digests.get(&digest) {
                known.insert(*new, entry);
            } else {
                floor = floor.max(Some(entry.order));
            }
        }
        if let Some(order) = floor {
            let entry = Known {
                order,
                deleted: true,
                partition: "".into(),
            };
            known.insert(FLOOR, entry);
        }
        self.write_state(&known)
    }

    fn digests(&self, batch: &RecordBatch) -> Result<Vec<Digest>, MergeError> {
        let columns = self
            .spec
            .key
            .iter()
            .map(|k| batch.schema().index_of(k))
            .collect::<Result<Vec<_>, _>>()?;
        Ok(digest::rows(batch, &columns)?)
    }

    /// All batches of a file, the partition columns put back.
    fn read(&self, path: &Path, partition: &str) -> Result<Vec<RecordBatch>, MergeError> {
        let batches = read_file(path).map_err(|what| self.unreadable(what))?;
        batches
            .iter()
            .map(|batch| with_partition(batch, partition).map_err(MergeError::from))
            .collect()
    }

    fn unreadable(&self, what: String) -> MergeError {
        MergeError::Read {
            table: self.spec.name.clone(),
            what,
        }
    }

    fn read_state(&self) -> Result<HashMap<Digest, Known>, MergeError> {
        let mut known = HashMap::new();
        let Some(file) = self.state else {
            return Ok(known);
        };
        let mut names: BTreeMap<String, Arc<str>> = BTreeMap::new();
        let mut shared =
            |text: &str| Arc::clone(names.entry(text.to_owned()).or_insert_with(|| text.into()));
        for batch in read_file(&self.root.join(&file.path)).map_err(|what| self.unreadable(what))? {
            let column = |name: &str| {
                batch
                    .column_by_name(name)
                    .cloned()
                    .ok_or_else(|| self.unreadable(format!("no column {name}")))
            };
            let (keys, orders, deleted, places) = (
                column("sleutel")?,
                column("levering")?,
                column("verwijderd")?,
                column("partitie")?,
            );
            let (orders, places) = (text(&orders)?, text(&places)?);
            for at in 0..batch.num_rows() {
                let Ok(digest) = Digest::try_from(keys.as_fixed_size_binary().value(at)) else {
                    continue;
                };
                let entry = Known {
                    order: shared(orders.value(at)),
                    deleted: deleted.as_boolean().value(at),
                    partition: shared(places.value(at)),
                };
                known.insert(digest, entry);
            }
        }
        Ok(known)
    }

    fn write_state(&self, known: &HashMap<Digest, Known>) -> Result<Vec<WrittenFile>, MergeError> {
        let mut sorted: Vec<(&Digest, &Known)> = known.iter().collect();
        sorted.sort_unstable_by_key(|(digest, _)| **digest);
        let mut writer =
            PartitionedWriter::new(&state_spec(&self.spec.name), self.scratch, self.budget)?;
        for rows in sorted.chunks(64 * 1024) {
            let keys = FixedSizeBinaryArray::try_from_iter(rows.iter().map(|(d, _)| d.as_slice()))?;
            let texts = |of: fn(&Known) -> &str| -> ArrayRef {
                Arc::new(
                    rows.iter()
                        .map(|(_, k)| Some(of(k)))
                        .collect::<StringArray>(),
                )
            };
            let deleted: BooleanArray = rows.iter().map(|(_, k)| Some(k.deleted)).collect();
            let columns: [(&str, ArrayRef); 4] = [
                ("sleutel", Arc::new(keys)),
                ("levering", texts(|k| &k.order)),
                ("verwijderd", Arc::new(deleted)),
                ("partitie", texts(|k| &k.partition)),
            ];
            writer.push(&RecordBatch::try_from_iter(columns)?)?;
        }
        Ok(writer.finish()?)
    }
}

/// Where the state of a table is kept: a table of its own that no view reads.
#[must_use]
pub fn state_table(table: &str) -> String {
    format!("{STATE}/{table}")
}

fn state_spec(table: &str) -> TableSpec {
    let column = |name: &str, kind| TableColumn {
        name: name.into(),
        kind,
        required: true,
        documentation: String::new(),
    };
    TableSpec {
        name: format!("stand-{table}"),
        title: String::new(),
        documentation: String::new(),
        key: vec!["sleutel".into()],
        partition: Vec::new(),
        columns: vec![
            column("sleutel", TableKind::Pseudonym),
            column("levering", TableKind::Text),
            column("verwijderd", TableKind::Boolean),
            column("partitie", TableKind::Text),
        ],
    }
}

/// The partition folder of a file of a release: its path without table and file name.
#[must_use]
pub fn partition_of(file: &FileEntry) -> String {
    let inside = file.path.split_once('/').map_or("", |(_, rest)| rest);
    inside
        .rsplit_once('/')
        .map_or(String::new(), |(folder, _)| folder.to_owned())
}

fn marks(batch: &RecordBatch) -> Result<(&Int64Array, &BooleanArray), ArrowError> {
    let schema = batch.schema();
    let (row, deleted) = (schema.index_of(ROW)?, schema.index_of(DELETED)?);
    Ok((
        batch.column(row).as_primitive::<Int64Type>(),
        batch.column(deleted).as_boolean(),
    ))
}

/// The columns of the table, by name. One that the table got after the file was written is NULL.
fn fitted(batch: &RecordBatch, schema: &Schema) -> Result<RecordBatch, ArrowError> {
    let rows = batch.num_rows();
    let column = |field: &Arc<Field>| match batch.column_by_name(field.name()) {
        Some(found) => arrow::compute::cast(found, field.data_type()),
        None => Ok(arrow::array::new_null_array(field.data_type(), rows)),
    };
    let columns = schema.fields().iter().map(column);
    let nullable = |field: &Arc<Field>| Arc::new(field.as_ref().clone().with_nullable(true));
    let fields: Vec<_> = schema.fields().iter().map(nullable).collect();
    RecordBatch::try_new(
        Arc::new(Schema::new(fields)),
        columns.collect::<Result<_, _>>()?,
    )
}

fn text(array: &ArrayRef) -> Result<StringArray, ArrowError> {
    Ok(arrow::compute::cast(array, &DataType::Utf8)?
        .as_string::<i32>()
        .clone())
}

/// Puts the columns back that stand in the folder's name.
pub(crate) fn with_partition(
    batch: &RecordBatch,
    partition: &str,
) -> Result<RecordBatch, ArrowError> {
    let mut fields = batch.schema().fields().to_vec();
    let mut columns = batch.columns().to_vec();
    let rows = batch.num_rows();
    for (name, value) in partition
        .split('/')
        .filter_map(|folder| folder.split_once('='))
    {
        let column: ArrayRef = match value.parse::<i64>() {
            Ok(year) if name == "jaar" => Arc::new(Int64Array::from(vec![year; rows])),
            _ => Arc::new(StringArray::from(vec![value; rows])),
        };
        fields.push(Arc::new(Field::new(
            name,
            column.data_type().clone(),
            false,
        )));
        columns.push(column);
    }
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)
}
