//! Parquet that any reader opens: plain types, zstd, and of itself nothing but the release.

use std::io::{self, Write};
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{DataType, SchemaRef, TimeUnit};
use arrow::error::ArrowError;
use arrow::util::display::FormatOptions;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;

use super::{About, ExportError, cells};

pub(super) fn write<E: From<ExportError>>(
    out: &mut (dyn Write + Send),
    about: &About,
    schema: &SchemaRef,
    batches: impl Iterator<Item = Result<RecordBatch, E>>,
) -> Result<(), E> {
    let failed = |e: ParquetError| E::from(e.into());
    let refused = |e: ArrowError| E::from(e.into());
    let readable = |batch: &RecordBatch| cells::replaced(batch, str::to_owned, readable);
    let schema = readable(&RecordBatch::new_empty(Arc::clone(schema)))
        .map_err(refused)?
        .schema();
    let properties = properties(about);
    let mut writer = ArrowWriter::try_new(out, schema, Some(properties)).map_err(failed)?;
    for batch in batches {
        let batch = readable(&batch?).map_err(refused)?;
        writer.write(&batch).map_err(failed)?;
    }
    writer.close().map_err(failed)?;
    Ok(())
}

fn properties(about: &About) -> WriterProperties {
    let mut told = Vec::new();
    if let Some(release) = &about.release {
        told.push(("sluis.release", &release.id));
        told.push(("sluis.gepubliceerd", &release.published_at));
        told.push(("sluis.register", &release.register_version));
    }
    let told = told.into_iter();
    let told = told.map(|(key, value)| KeyValue::new(key.to_owned(), value.clone()));
    WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_key_value_metadata(Some(told.collect()).filter(|told: &Vec<_>| !told.is_empty()))
        .build()
}

/// A column in a type that every reader knows. Parquet has no seconds, and what it has no type for at
/// all goes as text.
fn readable(array: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    let array = cells::decoded(array)?;
    match array.data_type() {
        DataType::Timestamp(TimeUnit::Second, zone) => cast(
            &array,
            &DataType::Timestamp(TimeUnit::Millisecond, zone.clone()),
        ),
        DataType::Utf8View | DataType::Null => cast(&array, &DataType::Utf8),
        DataType::BinaryView => cast(&array, &DataType::Binary),
        DataType::Interval(_) | DataType::Duration(_) | DataType::Union(..) => Ok(cells::column(
            cells::texts(&array, &FormatOptions::default())?,
        )),
        _ => Ok(array),
    }
}

impl From<ParquetError> for ExportError {
    fn from(error: ParquetError) -> Self {
        match error {
            ParquetError::External(inner) => match inner.downcast::<io::Error>() {
                Ok(source) => Self::Write(*source),
                Err(_) => Self::Refused,
            },
            _ => Self::Refused,
        }
    }
}
