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
    /// Whether cells stand as in delimited text, with quotes that must be undone.
    delimited: bool,
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
            delimited: true,
        }
    }

    /// Whether its records were cut from delimited text; else a decoder took them from a structure.
    #[must_use]
    pub fn delimited(&self) -> bool {
        self.delimited
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

    /// A row as it stands in the file, also one that is no record. For the lock.
    pub(crate) fn raw_row(&self, row: usize) -> &[u8] {
        let end = self.starts.get(row + 1).map(|next| *next as usize);
        let start = self.starts.get(row).map_or(0, |start| *start as usize);
        self.bytes
            .get(start..end.unwrap_or(self.bytes.len()))
            .unwrap_or_default()
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
            Some(b'"') if self.delimited => unquote(raw),
            _ => Cow::Borrowed(raw.trim_ascii()),
        }
    }
}

/// A chunk made row by row by a decoder that has cells, not bytes with delimiters. Cells may hold any
/// text.
pub struct RawBuilder {
    chunk: RawChunk,
    /// The cells of the row that is being filled, and which of them were set.
    row: Vec<Option<Vec<u8>>>,
    max_row_bytes: usize,
}

impl RawBuilder {
    /// A chunk of rows with so many cells.
    #[must_use]
    pub fn new(width: usize, max_row_bytes: usize) -> Self {
        let mut chunk = RawChunk::new(Vec::new(), Vec::new(), Vec::new(), width, Vec::new(), None);
        chunk.delimited = false;
        Self {
            chunk,
            row: vec![None; width],
            max_row_bytes,
        }
    }

    /// Sets a cell of the row that is being filled. `false`: it was set already, or there is no such
    /// cell.
    pub fn set(&mut self, column: usize, value: &[u8]) -> bool {
        match self.row.get_mut(column) {
            Some(cell @ None) => {
                *cell = Some(value.to_vec());
                true
            }
            _ => false,
        }
    }

    /// Ends the row. Cells that were not set are empty.
    pub fn end_row(&mut self) {
        let start = self.start_row();
        for cell in &mut self.row {
            self.chunk
                .bytes
                .extend_from_slice(cell.take().as_deref().unwrap_or_default());
            self.chunk.ends.push(offset(self.chunk.bytes.len()));
            self.chunk.bytes.push(b'\n');
        }
        self.measure(start);
    }

    /// Adds a whole row: a cell for every column, in their order. Cells that are not given are empty.
    pub fn row<'c>(&mut self, cells: impl IntoIterator<Item = &'c [u8]>) {
        let start = self.start_row();
        let mut cells = cells.into_iter();
        for _ in 0..self.chunk.width {
            self.chunk
                .bytes
                .extend_from_slice(cells.next().unwrap_or_default());
            self.chunk.ends.push(offset(self.chunk.bytes.len()));
            self.chunk.bytes.push(b'\n');
        }
        self.measure(start);
    }

    /// Notes the first row that is too long.
    fn measure(&mut self, start: usize) {
        if self.chunk.bytes.len() - start > self.max_row_bytes && self.chunk.too_long.is_none() {
            self.chunk.too_long = Some(offset(self.chunk.starts.len() - 1));
        }
    }

    /// Ends the row as one that is no record: it is refused, whatever was set.
    pub fn end_malformed(&mut self) {
        let start = self.start_row();
        self.chunk
            .malformed
            .push(offset(self.chunk.starts.len() - 1));
        self.row.fill(None);
        let ends = std::iter::repeat_n(offset(start), self.chunk.width);
        self.chunk.ends.extend(ends);
    }

    fn start_row(&mut self) -> usize {
        let start = self.chunk.bytes.len();
        self.chunk.starts.push(offset(start));
        start
    }

    /// Bytes of all ended rows.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.chunk.bytes.len()
    }

    /// Rows that were ended.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.chunk.rows()
    }

    /// The chunk of all ended rows; the builder goes on with an empty one.
    #[must_use]
    pub fn take(&mut self) -> RawChunk {
        let next = Self::new(self.chunk.width, self.max_row_bytes);
        std::mem::replace(&mut self.chunk, next.chunk)
    }
}

/// Decoders end a chunk long before 4 GiB, so offsets fit.
#[expect(
    clippy::cast_possible_truncation,
    reason = "a chunk is at most piece_bytes + max_row_bytes long, see format"
)]
fn offset(at: usize) -> u32 {
    at as u32
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
