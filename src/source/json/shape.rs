//! Pieces of whole records become rows.

use super::paths::Paths;
use super::record::Record;
use super::skeleton;
use super::splitter::BETWEEN;
use crate::contract::model::JsonDialect;
use crate::source::fault::DeliveryFault;
use crate::source::format::Shape;
use crate::source::raw::{RawBuilder, RawChunk};

/// Makes rows of pieces.
pub(super) struct Shaper {
    paths: Paths,
    width: usize,
    lines: bool,
    max_row_bytes: usize,
}

impl Shaper {
    /// For records of so many columns.
    pub(super) fn new(paths: Paths, width: usize, dialect: &JsonDialect) -> Self {
        Self {
            paths,
            width,
            lines: dialect.lines,
            max_row_bytes: dialect.max_row_bytes,
        }
    }

    /// Adds the rows of one record.
    fn add(
        &self,
        text: &str,
        record: &mut Record,
        builder: &mut RawBuilder,
    ) -> Result<(), DeliveryFault> {
        let row = builder.rows() as u64;
        let too_long = DeliveryFault::RowTooLong {
            row,
            max: self.max_row_bytes,
        };
        // Measured as the splitter does: a line with all its white space, an element without.
        let text = if self.lines { text } else { text.trim_ascii() };
        if text.len() > self.max_row_bytes {
            return Err(too_long);
        }
        let text = text.trim_ascii();
        if text.is_empty() {
            return Ok(());
        }
        if !record.read(&self.paths, text) {
            if !self.lines && !skeleton::is_whole(text.as_bytes()) {
                let what = "no JSON, and where the record ends is not sure";
                return Err(DeliveryFault::Structure { row, what });
            }
            builder.end_malformed();
        } else if record.unknown {
            return Err(DeliveryFault::UnknownField(row));
        } else if record.malformed {
            builder.end_malformed();
        } else {
            // Fields that go with every row must not make much of little.
            let (rows, bytes) = record.rows();
            if rows > 1 && bytes > self.max_row_bytes {
                return Err(too_long);
            }
            for at in 0..rows {
                builder.row(record.row(at));
            }
        }
        Ok(())
    }
}

impl Shape for Shaper {
    fn shape(&self, bytes: Vec<u8>) -> Result<RawChunk, DeliveryFault> {
        let (text, wrong) = readable(&bytes);
        let between = char::from(if self.lines { b'\n' } else { BETWEEN });
        // Of a piece that is no text further on, the records before that are read first.
        let whole = match wrong {
            Some(_) => text.rfind(between).map_or("", |end| &text[..end]),
            None => text,
        };
        let mut builder = RawBuilder::new(self.width, self.max_row_bytes);
        let mut record = Record::new(&self.paths, self.width);
        for part in whole.split(between) {
            self.add(part, &mut record, &mut builder)?;
        }
        match wrong {
            None => Ok(builder.take()),
            Some(Wrong::Nul) => Err(DeliveryFault::NulByte(builder.rows() as u64)),
            Some(Wrong::Encoding) => Err(DeliveryFault::Encoding {
                row: builder.rows() as u64,
                declared: "UTF-8",
            }),
        }
    }
}

/// Why bytes are no text.
enum Wrong {
    Nul,
    Encoding,
}

/// The text with which `bytes` begin, and what stands after it when that is not all.
fn readable(bytes: &[u8]) -> (&str, Option<Wrong>) {
    let (before, nul) = match memchr::memchr(0, bytes) {
        Some(at) => (&bytes[..at], true),
        None => (bytes, false),
    };
    match std::str::from_utf8(before) {
        Ok(text) => (text, nul.then_some(Wrong::Nul)),
        Err(error) => {
            let good = before.get(..error.valid_up_to()).unwrap_or_default();
            let text = std::str::from_utf8(good).unwrap_or_default();
            (text, Some(Wrong::Encoding))
        }
    }
}
