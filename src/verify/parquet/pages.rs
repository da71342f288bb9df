//! Values on their pages.

use std::fs::File;
use std::sync::Arc;

use bytes::Bytes;
use parquet::basic::{Encoding, LogicalType, Type as Physical};
use parquet::column::page::{Page, PageReader};
use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::{AsBytes, DataType};
use parquet::errors::ParquetError;
use parquet::file::metadata::{ColumnChunkMetaData, ParquetMetaData};
use parquet::file::serialized_reader::{ReadOptionsBuilder, SerializedFileReader};

use super::Column;
use crate::verify::content::forms;
use crate::verify::content::names::Names;

/// Looks at the values of a chunk where they lie; `false`: some page has an encoding that must be decoded.
pub fn look(
    reader: &mut impl PageReader,
    chunk: &ColumnChunkMetaData,
    column: &mut Column,
    names: &Names,
) -> Result<bool, ParquetError> {
    let levels = chunk.column_descr();
    let (repeated, optional) = (levels.max_rep_level() > 0, levels.max_def_level() > 0);
    while let Some(page) = reader.get_next_page()? {
        let (values, encoding, statistics) = match page {
            Page::DictionaryPage { buf, .. } => {
                column.traces.dictionary = true;
                (buf, Encoding::PLAIN, None)
            }
            Page::DataPage {
                buf,
                encoding,
                def_level_encoding,
                statistics,
                ..
            } => {
                #[expect(deprecated, reason = "files of others may have it")]
                if def_level_encoding == Encoding::BIT_PACKED && (repeated || optional) {
                    return Ok(false);
                }
                (
                    behind_levels(&buf, repeated, optional)?,
                    encoding,
                    statistics,
                )
            }
            Page::DataPageV2 {
                buf,
                encoding,
                def_levels_byte_len,
                rep_levels_byte_len,
                statistics,
                ..
            } => {
                let levels = def_levels_byte_len as usize + rep_levels_byte_len as usize;
                let values = (levels <= buf.len()).then(|| buf.slice(levels..));
                (values.ok_or_else(cut_off)?, encoding, statistics)
            }
        };
        if let Some(statistics) = statistics {
            let ends = [statistics.min_bytes_opt(), statistics.max_bytes_opt()];
            for end in ends.into_iter().flatten() {
                column.traces.statistics = true;
                super::beside::end(end, column, names);
            }
        }
        match encoding {
            Encoding::PLAIN => plain(&values, column, names),
            Encoding::RLE_DICTIONARY | Encoding::PLAIN_DICTIONARY => {}
            _ => return Ok(false),
        }
    }
    Ok(true)
}

fn cut_off() -> ParquetError {
    ParquetError::General("a page is cut off".into())
}

/// The values of a page of the first version: behind the levels, each with its length before it.
fn behind_levels(page: &Bytes, repeated: bool, optional: bool) -> Result<Bytes, ParquetError> {
    let mut at = 0;
    for _ in 0..usize::from(repeated) + usize::from(optional) {
        let length = page.get(at..at + 4).and_then(|b| b.first_chunk());
        at += 4 + u32::from_le_bytes(*length.ok_or_else(cut_off)?) as usize;
    }
    (at <= page.len())
        .then(|| page.slice(at..))
        .ok_or_else(cut_off)
}

/// Values in the encoding PLAIN; what is left at the end is looked at too.
fn plain(values: &[u8], column: &mut Column, names: &Names) {
    let rest = match column.physical {
        Physical::BOOLEAN => &[],
        Physical::INT32 => {
            let (numbers, rest) = values.as_chunks::<4>();
            days(numbers, column, names);
            integers(
                numbers,
                |b| i64::from(i32::from_le_bytes(*b)),
                column,
                names,
            );
            rest
        }
        Physical::INT64 => {
            let (numbers, rest) = values.as_chunks::<8>();
            integers(numbers, |b| i64::from_le_bytes(*b), column, names);
            rest
        }
        Physical::FLOAT => {
            let (numbers, rest) = values.as_chunks::<4>();
            for number in numbers {
                float(f64::from(f32::from_le_bytes(*number)), column, names);
            }
            rest
        }
        Physical::DOUBLE => {
            let (numbers, rest) = values.as_chunks::<8>();
            for number in numbers {
                float(f64::from_le_bytes(*number), column, names);
            }
            rest
        }
        Physical::INT96 => {
            let (numbers, rest) = values.as_chunks::<12>();
            for number in numbers {
                text(number, column, names);
            }
            rest
        }
        Physical::FIXED_LEN_BYTE_ARRAY => fixed(values, column, names),
        Physical::BYTE_ARRAY => strings(values, column, names),
    };
    if !rest.is_empty() {
        column.beside.text(rest, names);
    }
}

/// A number that may be a BSN, or that may be a hash; nearly all are neither, so many are passed over at
/// a time.
fn integers<const N: usize>(
    numbers: &[[u8; N]],
    read: impl Fn(&[u8; N]) -> i64,
    column: &mut Column,
    names: &Names,
) {
    column.tally.values += numbers.len() as u64;
    for some in numbers.chunks(64) {
        let any = some
            .iter()
            .fold(false, |any, bytes| any | is_telling(read(bytes)));
        if any {
            for number in some.iter().map(&read).filter(|n| is_telling(*n)) {
                integer(number, column, names);
            }
        }
    }
}

/// Birth dates of canaries in a column of dates; nearly all columns hold none of their years.
fn days(numbers: &[[u8; 4]], column: &mut Column, names: &Names) {
    if !matches!(column.logical, Some(LogicalType::Date)) {
        return;
    }
    let (first, last) = names.canaries().days();
    let may_be = |bytes: &[u8; 4]| (first..=last).contains(&i32::from_le_bytes(*bytes));
    for some in numbers.chunks(64) {
        if some.iter().fold(false, |any, bytes| any | may_be(bytes)) {
            for bytes in some {
                column.tally.day(i32::from_le_bytes(*bytes), names);
            }
        }
    }
}

#[inline]
const fn is_telling(number: i64) -> bool {
    let size = number.unsigned_abs();
    forms::is_candidate(size) || size > 1 << 53
}

#[inline]
fn integer(number: i64, column: &mut Column, names: &Names) {
    let size = number.unsigned_abs();
    if forms::is_candidate(size) {
        column.tally.candidate(size, names);
    } else if size > 1 << 53 {
        column.pseudonyms.hash(&number.to_be_bytes());
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "what is cut off is compared"
)]
#[expect(clippy::cast_precision_loss, reason = "small enough")]
#[expect(clippy::float_cmp, reason = "whole numbers are whole")]
fn float(number: f64, column: &mut Column, names: &Names) {
    column.tally.values += 1;
    let whole = number as i64;
    if is_telling(whole) && whole as f64 == number {
        integer(whole, column, names);
    }
}

fn fixed<'a>(values: &'a [u8], column: &mut Column, names: &Names) -> &'a [u8] {
    if column.width == 16 {
        let (pseudonyms, rest) = values.as_chunks::<16>();
        column.tally.values += pseudonyms.len() as u64;
        for pseudonym in pseudonyms {
            column.pseudonyms.pseudonym(pseudonym);
            if may_be_read(pseudonym) && (holds_digits(pseudonym) || holds_canary(pseudonym, names))
            {
                column.tally.text(pseudonym, names);
            }
        }
        return rest;
    }
    let width = usize::try_from(column.width).unwrap_or_default().max(1);
    let pieces = values.chunks_exact(width);
    let rest = pieces.remainder();
    for piece in pieces {
        text(piece, column, names);
    }
    rest
}

/// Whether sixteen bytes can hold digits or a canary, as [`holds_digits`] and [`holds_canary`] ask: of random
/// ones three in a hundred. Eight bytes at a time, because it is asked of every pseudonym there is.
#[inline]
fn may_be_read(value: &[u8; 16]) -> bool {
    const EVERY: u64 = 0x0101_0101_0101_0101;
    let number = u128::from_le_bytes(*value);
    #[expect(clippy::cast_possible_truncation, reason = "the two halves of it")]
    let (low, high) = (number as u64, (number >> 64) as u64);
    // Bytes 0x30 to 0x3f: sixteen less those of which the first half, held against 3, leaves something.
    let others = |half: u64| {
        let left = ((half ^ (EVERY * 0x30)) >> 4) & (EVERY * 0x0f);
        ((left + EVERY * 0x0f) >> 4) & EVERY
    };
    let others = (others(low) + others(high)).wrapping_mul(EVERY) >> 56;
    // A bit for each byte that is ASCII.
    let ascii = |half: u64| ((!half & (EVERY * 0x80)).wrapping_mul(0x0002_0408_1020_4081)) >> 56;
    let ascii = ascii(low) | ascii(high) << 8;
    let two = ascii & ascii >> 1;
    let four = two & two >> 2;
    let eight = four & four >> 4;
    // What is left of the bytes that are not ASCII when two of them are taken away.
    let gaps = !ascii & 0xffff;
    let gaps = gaps & gaps.wrapping_sub(1);
    let gaps = gaps & gaps.wrapping_sub(1);
    others <= u64::from(16 - DIGITS) || eight != 0 || gaps == 0
}

/// So many digits of sixteen bytes are no chance.
const DIGITS: u8 = 7;
/// So many of sixteen bytes that can be read are none: all but two.
const LETTERS: u8 = 14;

/// Whether half of sixteen bytes are digits or letters of a number: random ones never are.
#[inline]
fn holds_digits(value: &[u8; 16]) -> bool {
    let digits: u8 = value
        .iter()
        .map(|b| u8::from(b.wrapping_sub(b'0') < 10))
        .sum();
    digits >= DIGITS || letters(value) >= LETTERS
}

/// How many of sixteen bytes can be read.
#[inline]
fn letters(value: &[u8; 16]) -> u8 {
    value.iter().map(|b| u8::from(b.is_ascii_graphic())).sum()
}

/// Whether a canary stands in sixteen bytes: looked at where half of them can be read.
#[inline]
fn holds_canary(value: &[u8; 16], names: &Names) -> bool {
    if names.canaries().is_empty() {
        return false;
    }
    let mut holds = false;
    if letters(value) >= 8 {
        names.canaries().look(value, |_, _| holds = true);
    }
    holds
}

fn strings<'a>(values: &'a [u8], column: &mut Column, names: &Names) -> &'a [u8] {
    let mut rest = values;
    while let Some((length, behind)) = rest.split_first_chunk::<4>() {
        let Some((value, after)) = behind.split_at_checked(u32::from_le_bytes(*length) as usize)
        else {
            break;
        };
        text(value, column, names);
        rest = after;
    }
    rest
}

fn text(value: &[u8], column: &mut Column, names: &Names) {
    column.tally.values += 1;
    column.tally.text(value, names);
    column.pseudonyms.spelled(value);
}

/// Looks at a chunk through the general reader.
pub fn look_slowly(
    file: &Arc<File>,
    metadata: &ParquetMetaData,
    group: usize,
    at: usize,
    column: &mut Column,
    names: &Names,
) -> Result<(), ParquetError> {
    let options = ReadOptionsBuilder::new().build();
    let reader = SerializedFileReader::new_with_options(file.try_clone()?, options)?;
    let groups = parquet::file::reader::FileReader::get_row_group(&reader, group)?;
    let levels = metadata.file_metadata().schema_descr().column(at);
    let levels = (levels.max_def_level(), levels.max_rep_level());
    match groups.get_column_reader(at)? {
        ColumnReader::BoolColumnReader(_) => Ok(()),
        ColumnReader::Int32ColumnReader(r) => each(r, levels, |v| {
            integers(
                &[v.to_le_bytes()],
                |b| i64::from(i32::from_le_bytes(*b)),
                column,
                names,
            );
            days(&[v.to_le_bytes()], column, names);
        }),
        ColumnReader::Int64ColumnReader(r) => each(r, levels, |v| {
            integers(
                &[v.to_le_bytes()],
                |b| i64::from_le_bytes(*b),
                column,
                names,
            );
        }),
        ColumnReader::Int96ColumnReader(r) => {
            each(r, levels, |v| text(v.as_bytes(), column, names))
        }
        ColumnReader::FloatColumnReader(r) => each(r, levels, |v| {
            float(f64::from(*v), column, names);
        }),
        ColumnReader::DoubleColumnReader(r) => each(r, levels, |v| float(*v, column, names)),
        ColumnReader::ByteArrayColumnReader(r) => {
            each(r, levels, |v| text(v.data(), column, names))
        }
        ColumnReader::FixedLenByteArrayColumnReader(r) => each(r, levels, |v| {
            let rest = fixed(v.data(), column, names).to_vec();
            column.beside.text(&rest, names);
        }),
    }
}

/// Every value of a column, some at a time.
fn each<T: DataType>(
    mut reader: ColumnReaderImpl<T>,
    (optional, repeated): (i16, i16),
    mut with: impl FnMut(&T::T),
) -> Result<(), ParquetError> {
    const SOME: usize = 4096;
    let (mut values, mut present, mut repeats) = (Vec::new(), Vec::new(), Vec::new());
    loop {
        values.clear();
        present.clear();
        repeats.clear();
        let (records, _, _) = reader.read_records(
            SOME,
            (optional > 0).then_some(&mut present),
            (repeated > 0).then_some(&mut repeats),
            &mut values,
        )?;
        if records == 0 {
            return Ok(());
        }
        values.iter().for_each(&mut with);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::canary::Canaries;
    use crate::verify::content::canaries::Needles;

    /// Bytes of which many can be read.
    fn bytes() -> impl Strategy<Value = [u8; 16]> {
        let byte = prop_oneof![any::<u8>(), b' '..=b'~', b'0'..=b'9', b'/'..=b':'];
        prop::array::uniform16(byte)
    }

    proptest! {
        #[test]
        fn what_can_be_read_is_never_passed_over(value in bytes(), tail in any::<[u8; 16]>(), cut in 0_usize..=16) {
            let mut value = value;
            value[cut..].copy_from_slice(&tail[cut..]);
            let readable = |b: &&u8| b.is_ascii();
            let run = value.chunk_by(|a, b| a.is_ascii() == b.is_ascii());
            let run = run.filter(|run| run[0].is_ascii()).map(<[u8]>::len).max();
            let many = value.iter().filter(readable).count() >= LETTERS.into();
            let threes = value.iter().filter(|b| **b >> 4 == 3).count() >= DIGITS.into();
            prop_assert_eq!(may_be_read(&value), run >= Some(8) || many || threes);
            prop_assert!(may_be_read(&value) || !holds_digits(&value));
        }
    }

    #[test]
    fn a_canary_is_never_passed_over() {
        let canaries = Canaries::draw(5).unwrap();
        let needles = Needles::of(&canaries);
        assert!(needles.shortest() >= Some(8));
    }
}
