//! Our own Parquet writer, on the file layer of the crate `parquet`.
//!
//! A general writer hashes every string of every row to find out which values repeat. Here that is
//! known: columns come from closed lists, so rows are buffered as small codes by partition
//! ([`buffer`]) and a column chunk is encoded by one look at its codes ([`encode`]). What is written is
//! plain Parquet: dictionary pages, RLE and bit-packing, zstd where it helps.
//!
//! Pseudonym columns get no statistics, no dictionary and no bloom filter: all of those are
//! membership oracles.

pub mod buffer;
pub mod encode;
mod file;
mod hybrid;
mod strings;
#[cfg(test)]
mod tests;
pub mod writer;

pub use writer::{PartitionedWriter, WriterError, WrittenFile};

use std::fs::File;
use std::path::Path;

use arrow::array::RecordBatch;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

/// Reads a whole file back.
///
/// # Errors
/// What is wrong with the file, in words; never a value of it.
pub fn read_file(path: &Path) -> Result<Vec<RecordBatch>, String> {
    let file = File::open(path).map_err(|e| e.kind().to_string())?;
    let reader = ParquetRecordBatchReaderBuilder::try_new(file)
        .and_then(ParquetRecordBatchReaderBuilder::build);
    let batches =
        reader.map_err(|_| "it is not a Parquet file that this program wrote".to_owned())?;
    batches
        .collect::<Result<_, _>>()
        .map_err(|_| "it is damaged".to_owned())
}
