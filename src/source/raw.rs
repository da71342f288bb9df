//! Raw: what a delivery says, before the lock.
//!
//! A [`RawChunk`] has no `Debug`, `Display`, `Clone` or `Serialize`, and its cells can be read inside
//! this crate's `lock` only. It cannot be written, logged or sent anywhere by mistake.
//!
//! ```compile_fail
//! fn show(chunk: &sluis::source::raw::RawChunk) {
//!     let _ = format!("{chunk:?}"); // no Debug: does not compile
//! }
//! ```

use std::borrow::Cow;

/// A run of whole records of one delivery, indexed by field.
pub struct RawChunk {
    /// The bytes, as delivered.
    bytes: Vec<u8>,
    /// Where each row begins.
    starts: Vec<u32>,
    /// Where each field ends (exclusive), row by row, `width` a row.
    ends: Vec<u32>,
    /// Fields a row.
    width: usize,
    /// Rows whose number of fields or whose quotes are wrong; their fields read as empty.
    malformed: Vec<u32>,
    /// The first row that is longer than the pipeline accepts.
    too_long: Option<u32>,
}

impl RawChunk {
    /// Assembles a chunk from its bytes and index. `ends` holds `width` entries for every start.
    pub(super) fn new(
        bytes: Vec<u8>,
        starts: Vec<u32>,
        ends: Vec<u32>,
        width: usize,
        malformed: Vec<u32>,
        too_long: Option<u32>,
    ) -> Self {
        debug_assert_eq!(starts.len() * width, ends.len());
        Self {
            bytes,
            starts,
            ends,
            width,
            malformed,
            too_long,
        }
    }

    /// Number of rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.starts.len()
    }

    /// The first row of this chunk (from 0) that is longer than the pipeline accepts.
    #[must_use]
    pub fn too_long(&self) -> Option<u32> {
        self.too_long
    }

    /// All bytes of the chunk, for checks on the delivery as a whole. For the lock.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The row (from 0) that holds the byte at `offset`.
    #[must_use]
    pub fn row_at(&self, offset: usize) -> usize {
        self.starts
            .partition_point(|&start| start as usize <= offset)
            .saturating_sub(1)
    }

    /// Rows of this chunk (from 0) that are not records of the delivery's width.
    #[must_use]
    pub fn malformed(&self) -> &[u32] {
        &self.malformed
    }

    /// The cell as it stands in the file, quotes included. For the lock.
    #[inline]
    pub(crate) fn raw_cell(&self, row: usize, column: usize) -> &[u8] {
        let at = row * self.width + column;
        let start = if column == 0 {
            self.starts[row]
        } else {
            self.ends[at - 1] + 1
        };
        self.bytes
            .get(start as usize..self.ends[at] as usize)
            .unwrap_or_default()
    }

    /// The value of a cell that needs nothing undone, which is nearly every cell: it begins and ends
    /// with a character and is not quoted, or is empty. For the lock.
    #[inline]
    pub(crate) fn plain_cell(&self, row: usize, column: usize) -> Option<&[u8]> {
        let raw = self.raw_cell(row, column);
        let plain = match (raw.first(), raw.last()) {
            (Some(first), Some(last)) => *first > b'"' && *last > b' ',
            _ => true,
        };
        plain.then_some(raw)
    }

    /// The value of the cell: without outer white space and quotes, doubled quotes undone. For the
    /// lock.
    pub(crate) fn cell(&self, row: usize, column: usize) -> Cow<'_, [u8]> {
        let raw = self.raw_cell(row, column);
        match raw.first() {
            Some(b'"') => unquote(raw),
            _ => Cow::Borrowed(raw.trim_ascii()),
        }
    }
}

/// Takes the quotes off a quoted cell. A cell that ends without its closing quote never gets here:
/// the index marks its row malformed.
fn unquote(raw: &[u8]) -> Cow<'_, [u8]> {
    let inner = raw.strip_prefix(b"\"").unwrap_or(raw);
    let inner = inner.strip_suffix(b"\"").unwrap_or(inner);
    if memchr::memchr(b'"', inner).is_none() {
        return Cow::Borrowed(inner.trim_ascii());
    }
    let mut plain = Vec::with_capacity(inner.len());
    let mut rest = inner;
    while let Some(at) = memchr::memchr(b'"', rest) {
        plain.extend_from_slice(&rest[..=at]);
        rest = &rest[(at + 2).min(rest.len())..];
    }
    plain.extend_from_slice(rest);
    Cow::Owned(plain.trim_ascii().to_vec())
}
