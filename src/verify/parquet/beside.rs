//! What stands beside the values: names, metadata, statistics, page indexes, bloom filters, and bytes
//! that belong to nothing.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::sync::Arc;

use parquet::basic::{LogicalType, Type as Physical};
use parquet::errors::ParquetError;
use parquet::file::metadata::{ParquetMetaData, RowGroupMetaData};
use parquet::file::page_index::column_index::ColumnIndexMetaData;
use parquet::schema::types::Type;

use super::Column;
use crate::verify::content::forms;
use crate::verify::content::names::Names;
use crate::verify::content::tally::Tally;
use crate::verify::raw;

/// Statistics, page index and bloom filter of a chunk whose values were looked at.
pub fn chunk(
    metadata: &ParquetMetaData,
    group: usize,
    at: usize,
    column: &mut Column,
    names: &Names,
) {
    let chunk = metadata.row_group(group).column(at);
    if let Some(statistics) = chunk.statistics() {
        let ends = [statistics.min_bytes_opt(), statistics.max_bytes_opt()];
        for bytes in ends.into_iter().flatten() {
            column.traces.statistics = true;
            end(bytes, column, names);
        }
    }
    column.traces.bloom_filter |= chunk.bloom_filter_offset().is_some();
    let index = metadata.column_index();
    if let Some(index) = index.and_then(|all| all.get(group)?.get(at)) {
        for bytes in ends_of(index) {
            column.traces.page_index = true;
            end(&bytes, column, names);
        }
    }
}

fn ends_of(index: &ColumnIndexMetaData) -> Vec<Vec<u8>> {
    macro_rules! numbers {
        ($index:expr) => {
            $index
                .min_values_iter()
                .chain($index.max_values_iter())
                .flatten()
                .map(|v| v.to_le_bytes().to_vec())
                .collect()
        };
    }
    match index {
        ColumnIndexMetaData::INT32(i) => numbers!(i),
        ColumnIndexMetaData::INT64(i) => numbers!(i),
        ColumnIndexMetaData::FLOAT(i) => numbers!(i),
        ColumnIndexMetaData::DOUBLE(i) => numbers!(i),
        ColumnIndexMetaData::BYTE_ARRAY(i) | ColumnIndexMetaData::FIXED_LEN_BYTE_ARRAY(i) => i
            .min_values_iter()
            .chain(i.max_values_iter())
            .flatten()
            .map(<[u8]>::to_vec)
            .collect(),
        _ => Vec::new(),
    }
}

/// A minimum or maximum: judged with the values of the column; one that is no value of the column stands
/// alone.
pub fn end(bytes: &[u8], column: &mut Column, names: &Names) {
    let number = match (column.physical, bytes) {
        (Physical::INT32, [a, b, c, d]) => {
            let number = i32::from_le_bytes([*a, *b, *c, *d]);
            if matches!(column.logical, Some(LogicalType::Date)) {
                column.tally.day(number, names);
            }
            i64::from(number)
        }
        (Physical::INT64, _) => match bytes.first_chunk::<8>() {
            Some(eight) => i64::from_le_bytes(*eight),
            None => return,
        },
        (Physical::BYTE_ARRAY | Physical::FIXED_LEN_BYTE_ARRAY, _) => {
            if column.tally.is_strange(forms::hash(bytes)) {
                column.beside.text(bytes, names);
            }
            column.tally.text(bytes, names);
            return;
        }
        _ => return,
    };
    let number = number.unsigned_abs();
    if forms::is_candidate(number) {
        if column.tally.is_strange(forms::stir(number)) {
            column.beside.text(format!("{number:09}").as_bytes(), names);
        }
        column.tally.candidate(number, names);
    }
}

/// Names, metadata and the bytes between the parts of a file.
pub fn file(
    file: &Arc<File>,
    metadata: &ParquetMetaData,
    tally: &mut Tally,
    names: &Names,
) -> Result<(), ParquetError> {
    let about = metadata.file_metadata();
    let mut say = |text: &str| {
        tally.values += 1;
        tally.text(text.as_bytes(), names);
    };
    schema(about.schema(), &mut say);
    say(about.created_by().unwrap_or_default());
    for pair in about.key_value_metadata().into_iter().flatten() {
        say(&pair.key);
        say(pair.value.as_deref().unwrap_or_default());
    }
    for chunk in metadata
        .row_groups()
        .iter()
        .flat_map(RowGroupMetaData::columns)
    {
        say(chunk.file_path().unwrap_or_default());
    }
    let length = file.metadata()?.len();
    for (start, end) in gaps(metadata, footer(file, length)?) {
        let mut from = file.try_clone()?;
        from.seek(SeekFrom::Start(start))?;
        raw::look(from.take(end - start), tally, names)?;
    }
    Ok(())
}

fn schema(part: &Type, say: &mut impl FnMut(&str)) {
    say(part.name());
    if part.is_group() {
        for field in part.get_fields() {
            schema(field, say);
        }
    }
}

/// Where the footer of a file begins: before its length and the mark at the end.
fn footer(file: &File, length: u64) -> Result<u64, ParquetError> {
    let mut from = file.try_clone()?;
    let mut size = [0u8; 4];
    from.seek(SeekFrom::Start(length.saturating_sub(8)))?;
    from.read_exact(&mut size)?;
    Ok(length.saturating_sub(8 + u64::from(u32::from_le_bytes(size))))
}

/// What of a file belongs to no part of it: neither to a column, an index, a filter nor the footer, which
/// begins at `length`.
fn gaps(metadata: &ParquetMetaData, length: u64) -> Vec<(u64, u64)> {
    let mut parts = vec![(0, 4)];
    for chunk in metadata
        .row_groups()
        .iter()
        .flat_map(RowGroupMetaData::columns)
    {
        let (start, size) = chunk.byte_range();
        parts.push((start, start.saturating_add(size)));
        for (offset, size) in [
            (chunk.column_index_offset(), chunk.column_index_length()),
            (chunk.offset_index_offset(), chunk.offset_index_length()),
            (chunk.bloom_filter_offset(), chunk.bloom_filter_length()),
        ] {
            let number = |n: i64| u64::try_from(n).ok();
            if let Some((offset, size)) = offset.and_then(number).zip(size) {
                parts.push((
                    offset,
                    offset.saturating_add(number(i64::from(size)).unwrap_or(0)),
                ));
            }
        }
    }
    parts.sort_unstable();
    parts.push((length, length));
    let mut gaps = Vec::new();
    let mut covered = 0;
    for (start, end) in parts {
        if start > covered {
            gaps.push((covered, start.min(length)));
        }
        covered = covered.max(end);
    }
    gaps
}
