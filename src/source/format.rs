//! Formats: how the bytes of a delivery become rows. One module a format, all behind [`Decoder`].
//!
//! In: a file and the pipeline's dialect. Out: pieces in the order of the file, in bounded memory,
//! with the layout that says which cell belongs to which column of the contract. A fault that
//! concerns a row costs that row (`RawBuilder::end_malformed`); one that makes the rest unreadable
//! costs the delivery.

use std::path::Path;

use super::fault::DeliveryFault;
use super::raw::RawChunk;
use super::reader::ReadSummary;
use super::{csv, ei, json, xlsx, xml};
use crate::contract::model::{Column, Format, SourcePlan, Version};

/// Reads a delivery once, from its beginning to its end.
pub trait Decoder: Send {
    /// The next piece; `None` at the end. Row numbers in faults count from the piece's first row (0).
    ///
    /// # Errors
    /// The delivery cannot be read on.
    fn next_piece(&mut self) -> Result<Option<Piece>, DeliveryFault>;

    /// Ends the reading: what the file was, and that it is still that file.
    ///
    /// # Errors
    /// The file changed while it was read, or what its end says does not fit what was read.
    fn finish(self: Box<Self>) -> Result<ReadSummary, DeliveryFault>;
}

/// A part of a delivery, whole records only.
pub enum Piece {
    /// Bytes that [`Shape::shape`] turns into rows, on any thread.
    Bytes(Vec<u8>),
    /// Rows that the decoder made itself, and how many bytes of the delivery they took.
    Rows(RawChunk, u64),
}

/// Turns bytes into rows, for formats whose records can be cut before they are understood.
pub trait Shape: Send + Sync {
    /// The rows of a piece.
    ///
    /// # Errors
    /// The piece makes the delivery unreadable; rows count from the piece's first (0).
    fn shape(&self, bytes: Vec<u8>) -> Result<RawChunk, DeliveryFault>;
}

/// A delivery that was opened and whose beginning fits its contract.
pub struct Opened {
    /// Where the columns of the contract stand.
    pub layout: Layout,
    /// Gives the pieces.
    pub decoder: Box<dyn Decoder>,
    /// Turns [`Piece::Bytes`] into rows; `None` for a decoder that never gives them.
    pub shape: Option<Box<dyn Shape>>,
}

/// Which cell of a row holds which column of the contract.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    /// Cells a row.
    pub width: usize,
    /// For every column of the contract its place in the row; `None` for an optional column that
    /// the delivery lacks.
    pub places: Vec<Option<usize>>,
}

impl Layout {
    /// Every column at its own place: for formats that name every value.
    #[must_use]
    pub fn of_contract(columns: &[Column]) -> Self {
        Self {
            width: columns.len(),
            places: (0..columns.len()).map(Some).collect(),
        }
    }
}

/// The columns of a contract as one of its versions spells them.
#[derive(Clone, Copy)]
pub struct Headers<'a> {
    /// The columns.
    pub columns: &'a [Column],
    /// The version that holds for the delivery.
    pub version: &'a Version,
}

impl<'a> Headers<'a> {
    /// The column with that header, whatever its case and outer white space.
    #[must_use]
    pub fn find(&self, text: &str) -> Option<usize> {
        self.columns
            .iter()
            .position(|column| column_has(column, self.version, text))
    }

    /// Every spelling with its column.
    pub fn spellings(self) -> impl Iterator<Item = (&'a str, usize)> {
        self.columns
            .iter()
            .enumerate()
            .flat_map(move |(at, column)| {
                column
                    .headers
                    .iter()
                    .filter(move |header| header.holds(self.version))
                    .map(move |header| (header.text.as_str(), at))
            })
    }
}

fn column_has(column: &Column, version: &Version, text: &str) -> bool {
    column
        .headers
        .iter()
        .any(|header| header.holds(version) && same(&header.text, text))
}

fn same(contract: &str, delivered: &str) -> bool {
    contract.trim().to_lowercase() == delivered.trim().to_lowercase()
}

/// Opens a delivery of a source. `piece_bytes` is how large a piece is meant to be.
///
/// # Errors
/// The file cannot be read, or its beginning is not what the contract says.
pub fn open(
    path: &Path,
    plan: &SourcePlan,
    version: &Version,
    piece_bytes: usize,
) -> Result<Opened, DeliveryFault> {
    let headers = Headers {
        columns: &plan.contract.columns,
        version,
    };
    match &plan.pipeline.format {
        Format::Csv(dialect) => csv::open(path, dialect, headers, piece_bytes),
        Format::Xlsx(dialect) => xlsx::open(path, dialect, headers, piece_bytes),
        Format::Xml(dialect) => xml::open(path, dialect, headers, piece_bytes),
        Format::Json(dialect) => json::open(path, dialect, headers, piece_bytes),
        Format::Ei(dialect) => ei::open(path, dialect, headers, piece_bytes),
    }
}
