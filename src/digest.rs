//! A digest of the key of a row, the same for the same values in whatever array they stand.

use arrow::array::{Array, ArrayRef, RecordBatch};
use arrow::datatypes::DataType;
use arrow::error::ArrowError;
use arrow::row::{RowConverter, SortField};
use sha2::{Digest, Sha256};

/// 128 bits of SHA-256 over the values of the given columns, for each row. Not used on anything but
/// treated values.
///
/// # Errors
/// A column type that has no row form; none of the types of a table.
pub fn rows(batch: &RecordBatch, columns: &[usize]) -> Result<Vec<[u8; 16]>, ArrowError> {
    let plain = columns
        .iter()
        .map(|&c| decoded(batch.column(c)))
        .collect::<Result<Vec<_>, _>>()?;
    let fields = plain
        .iter()
        .map(|a| SortField::new(a.data_type().clone()))
        .collect();
    let converted = RowConverter::new(fields)?.convert_columns(&plain)?;
    Ok(converted
        .iter()
        .map(|row| short(&Sha256::digest(row.data())))
        .collect())
}

fn decoded(array: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    match array.data_type() {
        DataType::Dictionary(..) | DataType::Utf8View | DataType::LargeUtf8 => {
            arrow::compute::cast(array, &DataType::Utf8)
        }
        DataType::Int32 => arrow::compute::cast(array, &DataType::Int64),
        _ => Ok(array.clone()),
    }
}

fn short(digest: &[u8]) -> [u8; 16] {
    std::array::from_fn(|i| digest[i])
}
