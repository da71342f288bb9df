//! JSON: an array of records, or one record a line (NDJSON).
//!
//! `splitter` cuts the file into pieces of whole records, in bounded memory and without reading what
//! they say; `shape` makes rows of a piece, on any thread; `record` walks through one record along the
//! `paths` of the contract; `skeleton` tells whether a record that is no JSON ends where it seems to.
//!
//! What a value becomes: text is itself, a whole number its digits, a fraction its plain notation,
//! `true` and `false` those words, `null` and what is missing an empty cell. An array of these is one
//! cell of type `keuzes`, joined by the separator of the column. A header is a path (`client.bsn`); one
//! that ends on `.*` knows everything below it and reads none of it.
//!
//! With `rows`, every element of that array makes a row and the other fields go with each; a record
//! in which the array is empty, null or missing makes one row without them, so that no record is lost.
//!
//! What costs a row (`opbouw`): no JSON (where its borders are sure), a field given twice, a value
//! of another shape than the contract's, a number that cannot be told exactly (beyond 64 bits, or a
//! fraction of more than 15 digits), half a surrogate pair, an escaped NUL. With `rows` that is the
//! whole record, counted as one row. What costs the delivery: a field that the contract does not
//! know, an element of an array whose borders are not sure, and a file that is cut off or goes on
//! after its end. Lines have sure borders; blank ones are passed over and not counted.

mod paths;
mod record;
mod shape;
mod skeleton;
mod splitter;
#[cfg(test)]
mod tests;

use std::path::Path;

use super::fault::DeliveryFault;
use super::format::{Headers, Layout, Opened};
use crate::contract::model::JsonDialect;
use paths::Paths;
use shape::Shaper;
use splitter::Splitter;

/// Opens a delivery. Nothing of it is read yet.
///
/// # Errors
/// The file cannot be opened, or is empty.
pub fn open(
    path: &Path,
    dialect: &JsonDialect,
    headers: Headers<'_>,
    piece_bytes: usize,
) -> Result<Opened, DeliveryFault> {
    let decoder = Splitter::open(path, dialect, piece_bytes)?;
    let paths = Paths::new(headers, dialect.rows.as_deref());
    Ok(Opened {
        layout: Layout::of_contract(headers.columns),
        decoder: Box::new(decoder),
        shape: Some(Box::new(Shaper::new(paths, headers.columns.len(), dialect))),
    })
}
