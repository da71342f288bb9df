//! Delimited text: where records end, where fields end, what the header says.
//!
//! Bytes are not decoded here. The index works on the bytes as delivered (every encoding we accept
//! keeps ASCII), a word of eight bytes at a time; only a chunk that holds a quote takes the careful
//! path.

use std::path::Path;

use super::fault::DeliveryFault;
use super::format::{Headers, Layout, Opened, Shape};
use super::raw::RawChunk;
use super::reader::Reader;
use crate::contract::model::{CsvDialect, Encoding};

/// Opens a delivery and reads its header.
///
/// # Errors
/// The file cannot be read, or its header is not what the contract says.
pub fn open(
    path: &Path,
    dialect: &CsvDialect,
    headers: Headers<'_>,
    piece_bytes: usize,
) -> Result<Opened, DeliveryFault> {
    let (reader, header) = Reader::open(path, dialect, piece_bytes)?;
    let layout = layout(&header, dialect, headers)?;
    Ok(Opened {
        shape: Some(Box::new(Cutter {
            dialect: dialect.clone(),
            layout: layout.clone(),
        })),
        layout,
        decoder: Box::new(reader),
    })
}

/// Cuts pieces into fields.
struct Cutter {
    dialect: CsvDialect,
    layout: Layout,
}

impl Shape for Cutter {
    fn shape(&self, bytes: Vec<u8>) -> Result<RawChunk, DeliveryFault> {
        Ok(chunk(bytes, &self.dialect, &self.layout))
    }
}

/// Reads the header record (without its line end) against the contract.
///
/// # Errors
/// A column that the contract does not know, a doubled one, or a missing one that is not optional.
pub fn layout(
    header: &[u8],
    dialect: &CsvDialect,
    headers: Headers<'_>,
) -> Result<Layout, DeliveryFault> {
    let mark = header.starts_with(b"\xEF\xBB\xBF");
    let wide = header.starts_with(b"\xFF\xFE") || header.starts_with(b"\xFE\xFF");
    if (mark && dialect.encoding == Encoding::Windows1252)
        || wide
        || wrong_encoding(header, dialect.encoding).is_some()
    {
        return Err(DeliveryFault::Encoding {
            row: 0,
            declared: encoding_name(dialect.encoding),
        });
    }
    if memchr::memchr(0, header).is_some() {
        return Err(DeliveryFault::NulByte(0));
    }
    let (width, chunk) = index(header[if mark { 3 } else { 0 }..].to_vec(), dialect, None);
    let columns = headers.columns;
    let mut places = vec![None; columns.len()];
    for at in 0..width {
        let cell = chunk.cell(0, at);
        let text = decode(&cell, dialect.encoding);
        let found = headers
            .find(&text)
            .ok_or(DeliveryFault::UnknownColumn(at + 1))?;
        if places[found].replace(at).is_some() {
            return Err(DeliveryFault::DuplicateColumn(
                at + 1,
                columns[found].name.clone(),
            ));
        }
    }
    match columns
        .iter()
        .zip(&places)
        .find(|(c, p)| p.is_none() && !c.optional)
    {
        Some((column, _)) => Err(DeliveryFault::MissingColumn(column.name.clone())),
        None => Ok(Layout { width, places }),
    }
}

fn decode(bytes: &[u8], encoding: Encoding) -> String {
    match encoding {
        Encoding::Utf8 => String::from_utf8_lossy(bytes).into_owned(),
        Encoding::Windows1252 => encoding_rs::WINDOWS_1252
            .decode_without_bom_handling(bytes)
            .0
            .into_owned(),
    }
}

/// Cuts a chunk of whole records into fields. Every record must have `layout.width` fields; others
/// are marked malformed.
#[must_use]
pub fn chunk(bytes: Vec<u8>, dialect: &CsvDialect, layout: &Layout) -> RawChunk {
    index(bytes, dialect, Some(layout.width)).1
}

/// The encoding's name for people.
#[must_use]
pub const fn encoding_name(encoding: Encoding) -> &'static str {
    match encoding {
        Encoding::Utf8 => "UTF-8",
        Encoding::Windows1252 => "Windows-1252",
    }
}

/// The first byte that shows that `bytes` are not in the declared encoding.
///
/// Windows-1252 has five bytes without a meaning; and text that is not ASCII but is valid UTF-8
/// throughout was written as UTF-8.
pub(crate) fn wrong_encoding(bytes: &[u8], declared: Encoding) -> Option<usize> {
    if bytes.is_ascii() {
        return None;
    }
    match declared {
        Encoding::Utf8 => std::str::from_utf8(bytes).err().map(|e| e.valid_up_to()),
        Encoding::Windows1252 => match std::str::from_utf8(bytes) {
            Ok(_) => bytes.iter().position(|b| !b.is_ascii()),
            Err(_) => bytes
                .iter()
                .position(|b| matches!(b, 0x81 | 0x8d | 0x8f | 0x90 | 0x9d)),
        },
    }
}

/// The end (exclusive, line end included) of the last whole record in `bytes`, which begins at a
/// record. `None` when it holds no whole record.
#[must_use]
pub fn last_record_end(bytes: &[u8], delimiter: u8) -> Option<usize> {
    if memchr::memchr(b'"', bytes).is_none() {
        return memchr::memrchr(b'\n', bytes).map(|at| at + 1);
    }
    let mut last = None;
    let mut at = 0;
    while at < bytes.len() {
        let Some(end) = record_end(bytes, at, delimiter) else {
            break;
        };
        last = Some(end);
        at = end;
    }
    last
}

/// The end (exclusive, line end included) of the record that begins at `start`.
#[must_use]
pub fn record_end(bytes: &[u8], start: usize, delimiter: u8) -> Option<usize> {
    let mut at = start;
    loop {
        let next = at + memchr::memchr2(b'"', b'\n', &bytes[at..])?;
        if bytes[next] == b'\n' {
            return Some(next + 1);
        }
        at = if opens_field(bytes, start, next, delimiter) {
            closing_quote(bytes, next)? + 1
        } else {
            next + 1
        };
    }
}

/// A quote opens a quoted field only as the field's first byte; elsewhere it is a character.
#[inline]
fn opens_field(bytes: &[u8], record: usize, quote: usize, delimiter: u8) -> bool {
    quote == record || bytes[quote - 1] == delimiter
}

/// Whether what follows a closing quote ends the field.
fn closes_field(after: &[u8], delimiter: u8) -> bool {
    matches!(after, [] | [b'\n', ..] | [b'\r'] | [b'\r', b'\n', ..])
        || after.first() == Some(&delimiter)
}

/// The closing quote of the field that opens at `open`; doubled quotes belong to the field.
fn closing_quote(bytes: &[u8], open: usize) -> Option<usize> {
    let mut at = open + 1;
    loop {
        let quote = at + memchr::memchr(b'"', bytes.get(at..)?)?;
        if bytes.get(quote + 1) != Some(&b'"') {
            return Some(quote);
        }
        at = quote + 2;
    }
}

/// Indexes whole records. Without a width the first record sets it. Returns the width too.
fn index(bytes: Vec<u8>, dialect: &CsvDialect, width: Option<usize>) -> (usize, RawChunk) {
    let delimiter = dialect.delimiter;
    let mut index = Index::new(&bytes, width, dialect.max_row_bytes);
    if memchr::memchr(b'"', &bytes).is_none() {
        index.plain(&bytes, delimiter);
    } else {
        index.quoted(&bytes, delimiter);
    }
    let width = index.width.unwrap_or(0);
    let Index {
        starts,
        ends,
        malformed,
        too_long,
        ..
    } = index;
    (
        width,
        RawChunk::new(bytes, starts, ends, width, malformed, too_long),
    )
}

/// The index of a chunk while it is made.
struct Index {
    starts: Vec<u32>,
    ends: Vec<u32>,
    malformed: Vec<u32>,
    too_long: Option<u32>,
    max_row_bytes: usize,
    width: Option<usize>,
    /// Where the current record begins, and how many ends stood before it.
    record: usize,
    before: usize,
    broken: bool,
}

impl Index {
    fn new(bytes: &[u8], width: Option<usize>, max_row_bytes: usize) -> Self {
        let rows = bytes.len() / 64 + 1;
        Self {
            starts: Vec::with_capacity(rows),
            ends: Vec::with_capacity(rows * width.unwrap_or(16)),
            malformed: Vec::new(),
            too_long: None,
            max_row_bytes,
            width,
            record: 0,
            before: 0,
            broken: false,
        }
    }

    /// The quick path: no quote anywhere, so every delimiter and every line end counts.
    fn plain(&mut self, bytes: &[u8], delimiter: u8) {
        let blocks = bytes.chunks_exact(8);
        let tail = bytes.len() - blocks.remainder().len();
        let (d, n) = (splat(delimiter), splat(b'\n'));
        for (block, lane) in blocks.enumerate() {
            let word = u64::from_le_bytes([
                lane[0], lane[1], lane[2], lane[3], lane[4], lane[5], lane[6], lane[7],
            ]);
            let lines = equal_bytes(word, n);
            let mut hits = equal_bytes(word, d) | lines;
            while hits != 0 {
                let bit = hits.trailing_zeros();
                let at = block * 8 + (bit / 8) as usize;
                if lines >> bit & 1 == 1 {
                    self.end_record(bytes, at, at + 1);
                } else {
                    self.end_field(at);
                }
                hits &= hits - 1;
            }
        }
        for at in tail..bytes.len() {
            match bytes[at] {
                b'\n' => self.end_record(bytes, at, at + 1),
                byte if byte == delimiter => self.end_field(at),
                _ => {}
            }
        }
        self.finish(bytes);
    }

    /// The careful path: a quoted field runs to its closing quote, whatever it holds.
    fn quoted(&mut self, bytes: &[u8], delimiter: u8) {
        let mut at = 0;
        while let Some(hit) = memchr::memchr3(b'"', delimiter, b'\n', &bytes[at..]) {
            let hit = at + hit;
            at = hit + 1;
            match bytes[hit] {
                b'\n' => self.end_record(bytes, hit, hit + 1),
                b'"' if opens_field(bytes, self.record, hit, delimiter) => {
                    if let Some(close) = closing_quote(bytes, hit) {
                        self.broken |= !closes_field(&bytes[close + 1..], delimiter);
                        at = close + 1;
                    } else {
                        self.broken = true;
                        at = bytes.len();
                    }
                }
                b'"' => {}
                _ => self.end_field(hit),
            }
        }
        self.finish(bytes);
    }

    #[inline]
    fn end_field(&mut self, at: usize) {
        self.ends.push(offset(at));
    }

    /// Ends the record whose last byte before the line end is at `at`.
    #[inline]
    fn end_record(&mut self, bytes: &[u8], at: usize, next: usize) {
        let end = if at > self.record && bytes[at - 1] == b'\r' {
            at - 1
        } else {
            at
        };
        let blank = end == self.record && self.ends.len() == self.before;
        if blank && self.width != Some(1) {
            self.record = next;
            return;
        }
        self.ends.push(offset(end));
        let fields = self.ends.len() - self.before;
        let width = *self.width.get_or_insert(fields);
        if fields != width || self.broken {
            self.malformed.push(offset(self.starts.len()));
            self.ends.truncate(self.before);
            // Every field reads as empty: see RawChunk::raw_cell.
            self.ends
                .extend(std::iter::repeat_n(offset(self.record), width));
            self.broken = false;
        }
        if next - self.record > self.max_row_bytes && self.too_long.is_none() {
            self.too_long = Some(offset(self.starts.len()));
        }
        self.starts.push(offset(self.record));
        self.before = self.ends.len();
        self.record = next;
    }

    fn finish(&mut self, bytes: &[u8]) {
        if self.record < bytes.len() {
            self.end_record(bytes, bytes.len(), bytes.len());
        }
    }
}

/// Chunks are far smaller than 4 GiB (the reader cuts them), so offsets fit.
#[inline]
#[expect(
    clippy::cast_possible_truncation,
    reason = "a chunk is at most chunk_bytes + max_row_bytes long, see reader"
)]
fn offset(at: usize) -> u32 {
    at as u32
}

const fn splat(byte: u8) -> u64 {
    u64::from_ne_bytes([byte; 8])
}

/// The high bit of every byte of `word` that equals the byte in `pattern`. Exact: no borrow runs
/// from one byte into the next.
#[inline]
const fn equal_bytes(word: u64, pattern: u64) -> u64 {
    const LOW: u64 = 0x7f7f_7f7f_7f7f_7f7f;
    let diff = word ^ pattern;
    !(((diff & LOW) + LOW) | diff | LOW)
}

#[cfg(test)]
mod tests;
