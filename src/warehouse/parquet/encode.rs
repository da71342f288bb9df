//! One column chunk: waiting rows in, an encoded chunk with its metadata out.
//!
//! Text and other repeating values become a sorted dictionary page and RLE / bit-packed indices; a
//! sorted dictionary makes the bytes the same for the same rows, whatever came before them. Values that
//! hardly repeat, and all pseudonyms, are written plain. A chunk is compressed only when that saves
//! at least a twentieth.

use bytes::Bytes;
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::column::page::{CompressedPage, Page, PageWriter};
use parquet::column::writer::ColumnCloseResult;
use parquet::data_type::ByteArray;
use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::file::statistics::Statistics;
use parquet::file::writer::{SerializedPageWriter, TrackedWrite};
use parquet::schema::types::ColumnDescPtr;

use super::buffer::{ColumnBuffer, Values};
use super::hybrid;
use super::strings::Interner;

/// The level of zstd. Higher ones save under 1 % on bit-packed pages (see the benchmark's table).
const ZSTD_LEVEL: i32 = 1;

/// A column chunk ready to be appended to a row group.
pub struct EncodedChunk {
    /// Its pages with their headers.
    pub bytes: Bytes,
    /// Its metadata, offsets from the start of `bytes`.
    pub close: ColumnCloseResult,
}

/// Pages of a chunk before compression.
struct Pages {
    dictionary: Option<(Vec<u8>, usize)>,
    data: Vec<u8>,
    encoding: Encoding,
    statistics: Option<Statistics>,
}

/// Encodes the waiting rows of one column. `interner` holds the text that codes stand for.
///
/// # Errors
/// NULL in a required column, or what the file layer refuses.
pub fn encode(
    buffer: &ColumnBuffer,
    interner: &Interner,
    column: &ColumnDescPtr,
    zstd: &mut zstd::bulk::Compressor<'_>,
) -> Result<EncodedChunk> {
    let optional = column.max_def_level() > 0;
    let (rows, pages) = match buffer {
        ColumnBuffer::Text(codes) => {
            let codes = codes.to_vec();
            (codes.len(), text(&codes, interner, optional)?)
        }
        ColumnBuffer::Date(values) => (
            values.values.len(),
            numbers(
                values,
                optional,
                4,
                |v| v.to_le_bytes().to_vec(),
                i64::from,
                date_statistics,
            )?,
        ),
        ColumnBuffer::Integer(values) => (
            values.values.len(),
            numbers(
                values,
                optional,
                8,
                |v| v.to_le_bytes().to_vec(),
                |v| v,
                integer_statistics,
            )?,
        ),
        ColumnBuffer::Boolean(values) => (values.values.len(), booleans(values, optional)?),
        ColumnBuffer::Pseudonym(values) => (values.values.len(), pseudonyms(values, optional)?),
    };
    chunk(rows, pages, column, zstd)
}

/// The definition levels of an optional column, with their length before them.
fn levels(rows: usize, nulls: &[u32], optional: bool) -> Result<Vec<u8>> {
    if !optional {
        return if nulls.is_empty() {
            Ok(Vec::new())
        } else {
            Err(ParquetError::General("NULL in a required column".into()))
        };
    }
    let mut encoded = Vec::new();
    if nulls.is_empty() {
        hybrid::repeated(1, rows, 1, &mut encoded);
    } else {
        let mut present = vec![1u32; rows];
        for &at in nulls {
            present[at as usize] = 0;
        }
        hybrid::encode(&present, 1, &mut encoded);
    }
    let mut data = u32::try_from(encoded.len())
        .map_err(|_| too_large())?
        .to_le_bytes()
        .to_vec();
    data.append(&mut encoded);
    Ok(data)
}

/// Appends dictionary indices: their bit width, then the hybrid.
fn indices(places: &[u32], distinct: usize, data: &mut Vec<u8>) -> Result<()> {
    let width =
        hybrid::bit_width(u32::try_from(distinct.saturating_sub(1)).map_err(|_| too_large())?);
    data.push(width);
    hybrid::encode(places, width, data);
    Ok(())
}

fn text(codes: &[u32], interner: &Interner, optional: bool) -> Result<Pages> {
    let mut used = vec![false; interner.len()];
    for &code in codes {
        used[code as usize] = true;
    }
    let nulls = nulls_of(codes, used[0]);
    let mut sorted: Vec<u32> = (1..)
        .zip(&used[1..])
        .filter(|(_, used)| **used)
        .map(|(code, _)| code)
        .collect();
    sorted.sort_unstable_by(|a, b| interner.value(*a).cmp(interner.value(*b)));
    let mut place = vec![0u32; interner.len()];
    let mut dictionary = Vec::new();
    for (at, &code) in (0..).zip(&sorted) {
        place[code as usize] = at;
        let value = interner.value(code).as_bytes();
        dictionary.extend_from_slice(
            &u32::try_from(value.len())
                .map_err(|_| too_large())?
                .to_le_bytes(),
        );
        dictionary.extend_from_slice(value);
    }
    let places: Vec<u32> = if nulls.is_empty() {
        codes.iter().map(|&c| place[c as usize]).collect()
    } else {
        codes
            .iter()
            .filter(|c| **c != 0)
            .map(|&c| place[c as usize])
            .collect()
    };
    let mut data = levels(codes.len(), &nulls, optional)?;
    indices(&places, sorted.len(), &mut data)?;
    let bound = |code: Option<&u32>| code.map(|c| ByteArray::from(interner.value(*c)));
    let statistics = Statistics::byte_array(
        bound(sorted.first()),
        bound(sorted.last()),
        None,
        Some(nulls.len() as u64),
        false,
    );
    Ok(Pages {
        dictionary: Some((dictionary, sorted.len())),
        data,
        encoding: Encoding::RLE_DICTIONARY,
        statistics: Some(statistics),
    })
}

fn nulls_of(codes: &[u32], any: bool) -> Vec<u32> {
    if !any {
        return Vec::new();
    }
    (0..)
        .zip(codes)
        .filter(|(_, code)| **code == 0)
        .map(|(at, _)| at)
        .collect()
}

/// Numbers: a dictionary by direct look-up where they span a small range and repeat, else plain.
fn numbers<T: Copy + Ord>(
    values: &Values<T>,
    optional: bool,
    size: usize,
    bytes: impl Fn(T) -> Vec<u8>,
    wide: impl Fn(T) -> i64,
    statistics: impl Fn(Option<T>, Option<T>, u64) -> Statistics,
) -> Result<Pages> {
    const MAX_SPAN: usize = 1 << 16;
    let mut data = levels(values.values.len(), &values.nulls, optional)?;
    let present = present(values);
    let (min, max) = (present.iter().min().copied(), present.iter().max().copied());
    let statistics = Some(statistics(min, max, values.nulls.len() as u64));
    let span = min
        .zip(max)
        .and_then(|(min, max)| usize::try_from(wide(max).checked_sub(wide(min))?).ok());
    if let (Some(min), Some(span)) = (min, span.filter(|s| *s < MAX_SPAN)) {
        let at = |v: T| usize::try_from(wide(v) - wide(min)).unwrap_or_default();
        let mut place = vec![u32::MAX; span + 1];
        let mut first = vec![None; span + 1];
        for &value in &present {
            place[at(value)] = 0;
            first[at(value)] = Some(value);
        }
        let mut dictionary = Vec::new();
        let mut distinct = 0;
        for (place, value) in place.iter_mut().zip(&first) {
            if let Some(value) = value {
                *place = distinct;
                distinct += 1;
                dictionary.extend_from_slice(&bytes(*value));
            }
        }
        let indexed =
            usize::from(hybrid::bit_width(distinct)) * present.len() / 8 + dictionary.len();
        if indexed < present.len() * size {
            let places: Vec<u32> = present.iter().map(|&v| place[at(v)]).collect();
            indices(&places, distinct as usize, &mut data)?;
            return Ok(Pages {
                dictionary: Some((dictionary, distinct as usize)),
                data,
                encoding: Encoding::RLE_DICTIONARY,
                statistics,
            });
        }
    }
    for &value in &present {
        data.extend_from_slice(&bytes(value));
    }
    Ok(Pages {
        dictionary: None,
        data,
        encoding: Encoding::PLAIN,
        statistics,
    })
}

fn present<T: Copy>(values: &Values<T>) -> Vec<T> {
    if values.nulls.is_empty() {
        return values.values.clone();
    }
    let mut nulls = values.nulls.iter().copied().peekable();
    let keep = |(at, value): (u32, &T)| {
        if nulls.next_if_eq(&at).is_some() {
            None
        } else {
            Some(*value)
        }
    };
    (0..).zip(&values.values).filter_map(keep).collect()
}

fn date_statistics(min: Option<i32>, max: Option<i32>, nulls: u64) -> Statistics {
    Statistics::int32(min, max, None, Some(nulls), false)
}

fn integer_statistics(min: Option<i64>, max: Option<i64>, nulls: u64) -> Statistics {
    Statistics::int64(min, max, None, Some(nulls), false)
}

fn booleans(values: &Values<bool>, optional: bool) -> Result<Pages> {
    let mut data = levels(values.values.len(), &values.nulls, optional)?;
    for eight in present(values).chunks(8) {
        data.push(
            eight
                .iter()
                .rev()
                .fold(0, |byte, &bit| byte << 1 | u8::from(bit)),
        );
    }
    Ok(Pages {
        dictionary: None,
        data,
        encoding: Encoding::PLAIN,
        statistics: None,
    })
}

fn pseudonyms(values: &Values<[u8; 16]>, optional: bool) -> Result<Pages> {
    let mut data = levels(values.values.len(), &values.nulls, optional)?;
    data.extend_from_slice(present(values).as_flattened());
    Ok(Pages {
        dictionary: None,
        data,
        encoding: Encoding::PLAIN,
        statistics: None,
    })
}

fn too_large() -> ParquetError {
    ParquetError::General("a column chunk is too large".into())
}

/// Compresses the pages where that pays and writes them with their headers.
fn chunk(
    rows: usize,
    pages: Pages,
    column: &ColumnDescPtr,
    zstd: &mut zstd::bulk::Compressor<'_>,
) -> Result<EncodedChunk> {
    let count = u32::try_from(rows).map_err(|_| too_large())?;
    let packed = zstd
        .compress(&pages.data)
        .ok()
        .filter(|p| p.len() + p.len() / 20 < pages.data.len());
    let compression = if packed.is_some() {
        Compression::ZSTD(ZstdLevel::try_new(ZSTD_LEVEL)?)
    } else {
        Compression::UNCOMPRESSED
    };
    let mut sink = TrackedWrite::new(Vec::with_capacity(
        packed.as_ref().unwrap_or(&pages.data).len() + 4096,
    ));
    let mut writer = SerializedPageWriter::new(&mut sink);
    let mut unpacked = 0;
    let mut encodings = vec![pages.encoding, Encoding::RLE];
    let mut data_offset = 0;
    let dictionary_offset = pages.dictionary.as_ref().map(|_| 0);
    if let Some((plain, distinct)) = pages.dictionary {
        let size = plain.len();
        let buf = if packed.is_some() {
            zstd.compress(&plain)?
        } else {
            plain
        };
        let num_values = u32::try_from(distinct).map_err(|_| too_large())?;
        let page = Page::DictionaryPage {
            buf: Bytes::from(buf),
            num_values,
            encoding: Encoding::PLAIN,
            is_sorted: true,
        };
        let spec = writer.write_page(CompressedPage::new(page, size))?;
        unpacked += spec.uncompressed_size;
        data_offset = spec.bytes_written;
        encodings.push(Encoding::PLAIN);
    }
    let size = pages.data.len();
    let page = Page::DataPage {
        buf: Bytes::from(packed.unwrap_or(pages.data)),
        num_values: count,
        encoding: pages.encoding,
        def_level_encoding: Encoding::RLE,
        rep_level_encoding: Encoding::RLE,
        statistics: None,
    };
    unpacked += writer
        .write_page(CompressedPage::new(page, size))?
        .uncompressed_size;
    writer.close()?;
    let bytes = Bytes::from(sink.into_inner()?);
    let total = bytes.len();
    let mut metadata = ColumnChunkMetaData::builder(column.clone())
        .set_encodings(encodings)
        .set_compression(compression)
        .set_num_values(i64::from(count))
        .set_total_compressed_size(i64::try_from(total).map_err(|_| too_large())?)
        .set_total_uncompressed_size(i64::try_from(unpacked).map_err(|_| too_large())?)
        .set_dictionary_page_offset(dictionary_offset)
        .set_data_page_offset(i64::try_from(data_offset).map_err(|_| too_large())?);
    if let Some(statistics) = pages.statistics {
        metadata = metadata.set_statistics(statistics);
    }
    let close = ColumnCloseResult {
        bytes_written: total as u64,
        rows_written: u64::from(count),
        metadata: metadata.build()?,
        bloom_filter: None,
        column_index: None,
        offset_index: None,
    };
    Ok(EncodedChunk { bytes, close })
}

/// A compressor at our level.
///
/// # Errors
/// zstd cannot be set up.
pub fn compressor() -> std::io::Result<zstd::bulk::Compressor<'static>> {
    zstd::bulk::Compressor::new(ZSTD_LEVEL)
}
