//! Rows of one source on their way into the files of one table.
//!
//! Batches come in order; each row goes to the buffer of its partition. When the buffers together
//! pass the budget, the largest are written as row groups, so memory does not grow with the delivery.
//! All decisions follow from the rows and their order: the same rows give the same bytes.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::datatypes::{DataType, Date32Type, Int64Type};
use parquet::basic::{LogicalType, Repetition, Type as Physical};
use parquet::errors::ParquetError;
use parquet::file::properties::{WriterProperties, WriterPropertiesPtr};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::{SchemaDescriptor, Type, TypePtr};
use rayon::prelude::*;
use thiserror::Error;

use super::buffer::ColumnBuffer;
use super::encode::{self, EncodedChunk};
use super::file::PartFile;
use super::strings::Interner;
use crate::contract::model::{TableColumn, TableKind, TableSpec};
use crate::error::{Class, Classified};

/// Threads that wait for the disk while files are still being encoded.
const SYNCERS: usize = 8;

/// Why rows could not be written.
#[derive(Debug, Error)]
pub enum WriterError {
    /// The disk.
    #[error("the warehouse cannot be written: {0}")]
    Io(#[from] io::Error),
    /// The file layer.
    #[error("table `{table}` cannot be encoded: {source}")]
    Parquet {
        /// The table.
        table: String,
        /// The file layer's word.
        source: ParquetError,
    },
    /// A batch that is not what the table's schema says.
    #[error("{what} in column `{column}` of table `{table}`")]
    Shape {
        /// The table.
        table: String,
        /// The column.
        column: String,
        /// What is not as it should be.
        what: &'static str,
    },
}

impl Classified for WriterError {
    fn class(&self) -> Class {
        match self {
            Self::Io(_) => Class::Environment,
            Self::Parquet { .. } => Class::Bug,
            Self::Shape { .. } => Class::Data,
        }
    }

    fn remedy(&self) -> Option<String> {
        matches!(self, Self::Io(_))
            .then(|| "check that the disk has room and that the warehouse folder is yours".into())
    }
}

/// A file of a partition, complete and on the disk, under a temporary name.
#[derive(Clone, Debug)]
pub struct WrittenFile {
    /// Where it lies.
    pub path: PathBuf,
    /// Its folder below the table's: `jaar=2024/wijk=oost`, or empty.
    pub partition: String,
    /// Rows.
    pub rows: u64,
    /// Size in bytes.
    pub bytes: u64,
    /// SHA-256 (hex).
    pub sha256: String,
}

/// Writes batches of one table into one file a partition.
pub struct PartitionedWriter {
    table: String,
    folder: PathBuf,
    columns: Vec<TableColumn>,
    interners: Vec<Interner>,
    keys: PartitionKeys,
    partitions: Vec<Partition>,
    schema: TypePtr,
    descriptor: Arc<SchemaDescriptor>,
    properties: WriterPropertiesPtr,
    budget: usize,
    waiting: usize,
}

/// One partition: its waiting rows and its file, once there is one.
struct Partition {
    folder: String,
    temporary: PathBuf,
    columns: Vec<ColumnBuffer>,
    waiting: usize,
    rows: u64,
    file: Option<SerializedFileWriter<PartFile>>,
    /// The file once it is closed.
    written: Option<WrittenFile>,
}

/// Which partition a row belongs to.
#[derive(Default)]
struct PartitionKeys {
    jaar: bool,
    wijk: bool,
    wijken: Interner,
    known: HashMap<(i64, u32), u32>,
}

impl PartitionedWriter {
    /// A writer that puts its files below `folder`; `budget` is how many bytes of rows may wait.
    ///
    /// # Errors
    /// A schema that Parquet cannot express.
    pub fn new(spec: &TableSpec, folder: &Path, budget: usize) -> Result<Self, WriterError> {
        let columns: Vec<_> = spec
            .columns
            .iter()
            .filter(|c| !spec.partition.contains(&c.name))
            .cloned()
            .collect();
        let schema = parquet_schema(&columns).map_err(|source| WriterError::Parquet {
            table: spec.name.clone(),
            source,
        })?;
        Ok(Self {
            table: spec.name.clone(),
            folder: folder.to_owned(),
            interners: columns.iter().map(|_| Interner::default()).collect(),
            columns,
            keys: PartitionKeys {
                jaar: spec.partition.iter().any(|p| p == "jaar"),
                wijk: spec.partition.iter().any(|p| p == "wijk"),
                ..PartitionKeys::default()
            },
            partitions: Vec::new(),
            descriptor: Arc::new(SchemaDescriptor::new(Arc::clone(&schema))),
            schema,
            // No version in created_by: a new program must not change the content of a release.
            properties: Arc::new(
                WriterProperties::builder()
                    .set_created_by("sluis".into())
                    .build(),
            ),
            budget,
            waiting: 0,
        })
    }

    /// Takes the rows of a batch whose columns carry the names of the table's.
    ///
    /// # Errors
    /// A column that is missing, of another type, or NULL where it may not be; a full disk.
    pub fn push(&mut self, batch: &RecordBatch) -> Result<(), WriterError> {
        let groups = self.group(batch)?;
        for at in 0..self.columns.len() {
            let array = self.array(batch, &self.columns[at].name)?;
            self.required(&self.columns[at], &array)?;
            self.scatter(at, &array, &groups)?;
        }
        for (partition, rows) in &groups {
            let partition = &mut self.partitions[*partition as usize];
            partition.rows += rows.len() as u64;
            partition.waiting = partition.columns.iter().map(ColumnBuffer::bytes).sum();
        }
        self.waiting = self.partitions.iter().map(|p| p.waiting).sum();
        if self.waiting > self.budget {
            self.relieve()
        } else {
            Ok(())
        }
    }

    fn shape(&self, column: &str, what: &'static str) -> WriterError {
        WriterError::Shape {
            table: self.table.clone(),
            column: column.to_owned(),
            what,
        }
    }

    fn array(&self, batch: &RecordBatch, name: &str) -> Result<ArrayRef, WriterError> {
        batch
            .column_by_name(name)
            .cloned()
            .ok_or_else(|| self.shape(name, "no values"))
    }

    fn required(&self, column: &TableColumn, array: &ArrayRef) -> Result<(), WriterError> {
        if column.required && array.logical_null_count() > 0 {
            return Err(self.shape(&column.name, "NULL where a value is required"));
        }
        Ok(())
    }

    /// The rows of the batch by partition, in order of partition; rows keep their order.
    fn group(&mut self, batch: &RecordBatch) -> Result<Vec<(u32, Vec<u32>)>, WriterError> {
        let rows = batch.num_rows();
        let years = if self.keys.jaar {
            let array = self.array(batch, "jaar")?;
            let array = arrow::compute::cast(&array, &DataType::Int64)
                .map_err(|_| self.shape("jaar", "not a number"))?;
            if array.null_count() > 0 {
                return Err(self.shape("jaar", "NULL where a value is required"));
            }
            array.as_primitive::<Int64Type>().values().to_vec()
        } else {
            vec![0; rows]
        };
        let wijken = if self.keys.wijk {
            let array = self.array(batch, "wijk")?;
            let codes = self
                .keys
                .wijken
                .codes(&array)
                .map_err(|_| self.shape("wijk", "not text"))?;
            if codes.contains(&0) {
                return Err(self.shape("wijk", "NULL where a value is required"));
            }
            codes
        } else {
            vec![0; rows]
        };
        let mut groups: Vec<Vec<u32>> = vec![Vec::new(); self.partitions.len()];
        for (row, key) in (0u32..).zip(years.into_iter().zip(wijken)) {
            let at = match self.keys.known.get(&key) {
                Some(&at) => at,
                None => self.open(key)?,
            } as usize;
            if at >= groups.len() {
                groups.resize_with(at + 1, Vec::new);
            }
            groups[at].push(row);
        }
        Ok((0u32..)
            .zip(groups)
            .filter(|(_, rows)| !rows.is_empty())
            .collect())
    }

    fn open(&mut self, key: (i64, u32)) -> Result<u32, WriterError> {
        let mut folder = String::new();
        if self.keys.jaar {
            // A year that nobody knows is 0.
            if key.0 != 0 && !(1800..=9999).contains(&key.0) {
                return Err(self.shape("jaar", "a value that is no year"));
            }
            folder = format!("jaar={}", key.0);
        }
        if self.keys.wijk {
            let slug = self.keys.wijken.value(key.1);
            if !is_slug(slug) {
                return Err(self.shape("wijk", "a value that is no slug (a-z, 0-9, _ and -)"));
            }
            folder = format!("{folder}/wijk={slug}");
        }
        let at = u32::try_from(self.partitions.len()).unwrap_or(u32::MAX);
        self.partitions.push(Partition {
            temporary: self.folder.join(format!("{}-{at}.part", self.table)),
            folder,
            columns: self
                .columns
                .iter()
                .map(|c| ColumnBuffer::new(c.kind))
                .collect(),
            waiting: 0,
            rows: 0,
            file: None,
            written: None,
        });
        self.keys.known.insert(key, at);
        Ok(at)
    }

    /// Hands the values of one column to the partitions.
    fn scatter(
        &mut self,
        at: usize,
        array: &ArrayRef,
        groups: &[(u32, Vec<u32>)],
    ) -> Result<(), WriterError> {
        let name = self.columns[at].name.clone();
        let kind = self.columns[at].kind;
        let wrong = |table: &str| WriterError::Shape {
            table: table.to_owned(),
            column: name.clone(),
            what: "values of another type",
        };
        let nulls = array.nulls().filter(|n| n.null_count() > 0).cloned();
        let is_null = nulls.map(|nulls| move |row: usize| nulls.is_null(row));
        let (interner, partitions) = (&mut self.interners[at], &mut self.partitions);
        macro_rules! each {
            ($variant:ident, $value:expr) => {
                for (partition, rows) in groups {
                    if let ColumnBuffer::$variant(values) =
                        &mut partitions[*partition as usize].columns[at]
                    {
                        values.extend(rows, $value, is_null.as_ref());
                    }
                }
            };
        }
        match kind {
            TableKind::Text => {
                let codes = interner.codes(array).map_err(|_| wrong(&self.table))?;
                for (partition, rows) in groups {
                    if let ColumnBuffer::Text(all) =
                        &mut partitions[*partition as usize].columns[at]
                    {
                        all.extend(&codes, rows, interner.len());
                    }
                }
            }
            TableKind::Date => {
                let values = array
                    .as_primitive_opt::<Date32Type>()
                    .ok_or_else(|| wrong(&self.table))?
                    .values();
                each!(Date, |row| values[row]);
            }
            TableKind::Integer => {
                let cast = arrow::compute::cast(array, &DataType::Int64)
                    .map_err(|_| wrong(&self.table))?;
                let values = cast.as_primitive::<Int64Type>().values();
                each!(Integer, |row| values[row]);
            }
            TableKind::Boolean => {
                let values = array
                    .as_boolean_opt()
                    .ok_or_else(|| wrong(&self.table))?
                    .values();
                each!(Boolean, |row| values.value(row));
            }
            TableKind::Pseudonym => {
                let array = array
                    .as_fixed_size_binary_opt()
                    .filter(|a| a.value_length() == 16)
                    .ok_or_else(|| wrong(&self.table))?;
                let (values, _) = array.value_data().as_chunks::<16>();
                each!(Pseudonym, |row| values[row]);
            }
        }
        Ok(())
    }

    /// Writes the fullest partitions until half the budget is free.
    fn relieve(&mut self) -> Result<(), WriterError> {
        let mut order: Vec<(usize, usize)> = self
            .partitions
            .iter()
            .enumerate()
            .map(|(at, p)| (p.waiting, at))
            .collect();
        order.sort_unstable_by_key(|&(waiting, at)| (std::cmp::Reverse(waiting), at));
        let mut chosen = vec![false; self.partitions.len()];
        let mut left = self.waiting;
        for (waiting, at) in order {
            if left <= self.budget / 2 {
                break;
            }
            chosen[at] = true;
            left -= waiting;
        }
        self.write_groups(|at| chosen[at], |_| Ok(()))?;
        self.waiting = left;
        Ok(())
    }

    /// Writes the waiting rows of the chosen partitions as a row group each, side by side.
    /// After that `then` gets each of them.
    fn write_groups(
        &mut self,
        chosen: impl Fn(usize) -> bool + Sync,
        then: impl Fn(&mut Partition) -> Result<(), WriterError> + Sync,
    ) -> Result<(), WriterError> {
        let Self {
            table,
            partitions,
            interners,
            columns,
            schema,
            descriptor,
            properties,
            ..
        } = self;
        let interners = &*interners;
        partitions
            .par_iter_mut()
            .enumerate()
            .filter(|(at, _)| chosen(*at))
            .try_for_each_init(encode::compressor, |zstd, (_, partition)| {
                if partition.waiting == 0 {
                    return then(partition);
                }
                let zstd = zstd.as_mut().map_err(|e| {
                    WriterError::Io(io::Error::new(e.kind(), "zstd cannot be set up"))
                })?;
                let written =
                    partition.write_group(interners, columns, schema, descriptor, properties, zstd);
                written.map_err(|source| match source {
                    ParquetError::External(e) => match e.downcast::<io::Error>() {
                        Ok(io) => WriterError::Io(*io),
                        Err(other) => WriterError::Parquet {
                            table: table.clone(),
                            source: ParquetError::External(other),
                        },
                    },
                    source => WriterError::Parquet {
                        table: table.clone(),
                        source,
                    },
                })?;
                then(partition)
            })
    }

    /// Writes what waits, closes every file and brings it to the disk. Waiting for the disk takes no
    /// processor, so it is done beside the encoding.
    ///
    /// # Errors
    /// A full disk, mostly.
    pub fn finish(mut self) -> Result<Vec<WrittenFile>, WriterError> {
        let (closed, to_sync) = channel::<PathBuf>();
        let to_sync = Mutex::new(to_sync);
        thread::scope(|scope| {
            let syncers: Vec<_> = (0..SYNCERS)
                .map(|_| scope.spawn(|| sync_each(&to_sync)))
                .collect();
            let files = self.close_all(&closed);
            drop(closed);
            for syncer in syncers {
                let stopped = |_| Err(io::Error::other("a thread stopped while syncing"));
                syncer.join().unwrap_or_else(stopped)?;
            }
            files
        })
    }

    /// Writes and closes every file, and says so of each.
    fn close_all(&mut self, closed: &Sender<PathBuf>) -> Result<Vec<WrittenFile>, WriterError> {
        let table = self.table.clone();
        let seal = |partition: &mut Partition| {
            partition.seal(&table)?;
            if let Some(file) = &partition.written {
                // Whoever listens lives longer than this.
                let _ = closed.send(file.path.clone());
            }
            Ok(())
        };
        self.write_groups(|_| true, seal)?;
        let partitions = std::mem::take(&mut self.partitions);
        Ok(partitions.into_iter().filter_map(|p| p.written).collect())
    }
}

/// Brings files to the disk as they come, until no more come.
fn sync_each(paths: &Mutex<Receiver<PathBuf>>) -> io::Result<()> {
    loop {
        let next = paths.lock().unwrap_or_else(PoisonError::into_inner).recv();
        match next {
            Ok(path) => File::open(path)?.sync_all()?,
            Err(_) => return Ok(()),
        }
    }
}

impl Partition {
    fn write_group(
        &mut self,
        interners: &[Interner],
        columns: &[TableColumn],
        schema: &TypePtr,
        descriptor: &SchemaDescriptor,
        properties: &WriterPropertiesPtr,
        zstd: &mut zstd::bulk::Compressor<'_>,
    ) -> parquet::errors::Result<()> {
        if self.file.is_none() {
            let file = PartFile::create(self.temporary.clone())?;
            self.file = Some(SerializedFileWriter::new(
                file,
                Arc::clone(schema),
                Arc::clone(properties),
            )?);
        }
        let Some(file) = &mut self.file else {
            return Ok(());
        };
        let mut group = file.next_row_group()?;
        for (at, column) in columns.iter().enumerate() {
            let buffer = std::mem::replace(&mut self.columns[at], ColumnBuffer::new(column.kind));
            let EncodedChunk { bytes, close } =
                encode::encode(&buffer, &interners[at], &descriptor.column(at), zstd)?;
            group.append_column(&bytes, close)?;
        }
        group.close()?;
        file.flush()?;
        file.inner_mut().drain()?;
        self.waiting = 0;
        Ok(())
    }

    /// Closes the file.
    fn seal(&mut self, table: &str) -> Result<(), WriterError> {
        let Some(mut file) = self.file.take() else {
            return Ok(());
        };
        file.finish().map_err(|source| WriterError::Parquet {
            table: table.to_owned(),
            source,
        })?;
        let (bytes, sha256) = file.inner_mut().seal()?;
        self.written = Some(WrittenFile {
            path: self.temporary.clone(),
            partition: self.folder.clone(),
            rows: self.rows,
            bytes,
            sha256,
        });
        Ok(())
    }
}

/// Whether a partition value is safe as a folder name for every reader.
#[must_use]
pub fn is_slug(value: &str) -> bool {
    !value.is_empty()
        && value.len() <= 100
        && value
            .bytes()
            .all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-'))
}

/// The Parquet schema of the columns that are in the files.
fn parquet_schema(columns: &[TableColumn]) -> parquet::errors::Result<TypePtr> {
    let fields = columns.iter().map(|column| {
        let repetition = if column.required {
            Repetition::REQUIRED
        } else {
            Repetition::OPTIONAL
        };
        let (physical, logical) = match column.kind {
            TableKind::Text => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
            TableKind::Date => (Physical::INT32, Some(LogicalType::Date)),
            TableKind::Integer => (Physical::INT64, None),
            TableKind::Boolean => (Physical::BOOLEAN, None),
            TableKind::Pseudonym => (Physical::FIXED_LEN_BYTE_ARRAY, None),
        };
        let mut field = Type::primitive_type_builder(&column.name, physical)
            .with_repetition(repetition)
            .with_logical_type(logical);
        if column.kind == TableKind::Pseudonym {
            field = field.with_length(16);
        }
        field.build().map(Arc::new)
    });
    Type::group_type_builder("rij")
        .with_fields(fields.collect::<parquet::errors::Result<_>>()?)
        .build()
        .map(Arc::new)
}

/// Removes what an interrupted writer left in a folder.
///
/// # Errors
/// The operating system's.
pub fn discard(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(e),
        _ => Ok(()),
    }
}
