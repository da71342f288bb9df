//! Reading a delivery in pieces of whole records.
//!
//! Lines are cut at line ends. The elements of an array are cut by counting brackets outside texts;
//! what is in an element is not looked at, so that the work of reading it can be shared. Memory is
//! bounded by the piece and the longest accepted record.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use sha2::{Digest, Sha256};

use super::skeleton;
use crate::contract::model::JsonDialect;
use crate::source::fault::DeliveryFault;
use crate::source::format::{Decoder, Piece};
use crate::source::reader::ReadSummary;
use crate::source::watched::Watched;

/// What stands between two elements of an array in a piece, instead of the comma: the record
/// separator. JSON cannot hold it, so a record that has it is no JSON anyway.
pub(super) const BETWEEN: u8 = 0x1e;

/// Records of which each makes several rows come in pieces so many times smaller: their rows together
/// may be much larger than they are.
const SMALLER: usize = 64;

/// A delivery being read.
pub(super) struct Splitter {
    file: File,
    watched: Watched,
    hasher: Sha256,
    read: u64,
    piece_bytes: usize,
    max_row_bytes: usize,
    /// What was read and not given yet.
    carry: Vec<u8>,
    begun: bool,
    at_end: bool,
    terminated: bool,
    /// `None`: one record a line.
    array: Option<Borders>,
    /// What is wrong after the records in `carry`.
    fault: Option<DeliveryFault>,
}

impl Splitter {
    /// Opens a delivery.
    pub(super) fn open(
        path: &Path,
        dialect: &JsonDialect,
        piece_bytes: usize,
    ) -> Result<Self, DeliveryFault> {
        let (file, watched) = Watched::open(path)?;
        if watched.bytes() == 0 {
            return Err(DeliveryFault::Empty);
        }
        let smaller = if dialect.rows.is_some() { SMALLER } else { 1 };
        Ok(Self {
            file,
            watched,
            hasher: Sha256::new(),
            read: 0,
            piece_bytes: (piece_bytes / smaller).max(1),
            max_row_bytes: dialect.max_row_bytes,
            carry: Vec::new(),
            begun: false,
            at_end: false,
            terminated: true,
            array: (!dialect.lines).then(Borders::default),
            fault: None,
        })
    }

    fn fill(&mut self) -> Result<(), DeliveryFault> {
        let before = self.carry.len();
        self.carry.reserve(self.piece_bytes);
        let got = (&self.file)
            .take(self.piece_bytes as u64)
            .read_to_end(&mut self.carry)
            .map_err(|e| DeliveryFault::Unreadable(e.kind()))?;
        self.hasher.update(&self.carry[before..]);
        self.read += got as u64;
        self.at_end = got < self.piece_bytes;
        Ok(())
    }

    /// Takes the byte order mark off; UTF-16 shows itself by its own.
    fn begin(&mut self) -> Result<(), DeliveryFault> {
        while self.carry.len() < 3 && !self.at_end {
            self.fill()?;
        }
        if self.carry.starts_with(b"\xef\xbb\xbf") {
            self.carry.drain(..3);
        }
        if self.carry.starts_with(b"\xff\xfe") || self.carry.starts_with(b"\xfe\xff") {
            return Err(DeliveryFault::Encoding {
                row: 0,
                declared: "UTF-8",
            });
        }
        self.begun = true;
        Ok(())
    }

    /// How many bytes of `carry` are whole records, or between them.
    fn whole(&mut self) -> usize {
        let Some(borders) = &mut self.array else {
            return memchr::memrchr(b'\n', &self.carry).map_or(0, |at| at + 1);
        };
        if self.fault.is_none() {
            let wrong = borders.scan(&mut self.carry).err();
            self.fault = wrong.map(|what| DeliveryFault::Structure { row: 0, what });
        }
        borders.whole()
    }

    /// Takes so many bytes off the front. `None` when there is no record in them.
    fn cut(&mut self, whole: usize) -> Option<Vec<u8>> {
        let records = match &mut self.array {
            Some(borders) => borders.cut(whole) > 0,
            None => whole > 0,
        };
        if whole == 0 {
            return None;
        }
        let rest = self.carry.split_off(whole);
        let piece = std::mem::replace(&mut self.carry, rest);
        records.then_some(piece)
    }

    /// What is left when the file has ended.
    fn end(&mut self) -> Result<Option<Piece>, DeliveryFault> {
        match &self.array {
            Some(borders) => match borders.place {
                Place::End => Ok(None),
                Place::Before => Err(DeliveryFault::Empty),
                _ => Err(DeliveryFault::Truncated(0)),
            },
            None if self.carry.is_empty() => Ok(None),
            None => {
                // The last line end may be missing, but not the end of the record.
                let last = std::mem::take(&mut self.carry);
                self.terminated = last.trim_ascii().is_empty() || skeleton::is_whole(&last);
                Ok(Some(Piece::Bytes(last)))
            }
        }
    }
}

impl Decoder for Splitter {
    fn next_piece(&mut self) -> Result<Option<Piece>, DeliveryFault> {
        if !self.begun {
            self.begin()?;
        }
        loop {
            let whole = self.whole();
            if let Some(piece) = self.cut(whole) {
                return Ok(Some(Piece::Bytes(piece)));
            }
            if let Some(fault) = self.fault.take() {
                return Err(fault);
            }
            if self.carry.len() > self.max_row_bytes {
                return Err(DeliveryFault::RowTooLong {
                    row: 0,
                    max: self.max_row_bytes,
                });
            }
            if self.at_end {
                return self.end();
            }
            self.fill()?;
        }
    }

    fn finish(self: Box<Self>) -> Result<ReadSummary, DeliveryFault> {
        self.watched.unchanged(self.read)?;
        Ok(ReadSummary {
            sha256: crate::hex::encode(&self.hasher.finalize()),
            bytes: self.read,
            terminated: self.terminated,
        })
    }
}

/// Where the elements of an array begin and end.
#[derive(Default)]
struct Borders {
    place: Place,
    /// How far the buffer was read.
    at: usize,
    /// Where the element begins in which the reading stands.
    start: usize,
    /// Elements that ended since the last cut.
    ended: usize,
}

/// Where the reading of an array stands.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Place {
    /// Before the array.
    #[default]
    Before,
    /// After its opening bracket.
    First,
    /// After a comma.
    Next,
    /// After an element.
    After,
    /// After its closing bracket.
    End,
    /// In an element that is a number or word.
    Word,
    /// In an element, with so many brackets open.
    Nested(usize),
    /// In a text, with so many brackets open.
    Text(usize),
    /// In a text, after a backslash.
    Escaped(usize),
}

impl Borders {
    /// Reads on to the end of the buffer and puts [`BETWEEN`] in the place of commas between elements.
    fn scan(&mut self, bytes: &mut [u8]) -> Result<(), &'static str> {
        while let Some(byte) = bytes.get_mut(self.at) {
            match self.place {
                Place::Nested(depth) => self.nested(bytes, depth),
                Place::Text(depth) => self.text(bytes, depth),
                Place::Escaped(depth) => {
                    self.place = Place::Text(depth);
                    self.at += 1;
                }
                Place::Word => match byte {
                    b',' | b']' | b' ' | b'\t' | b'\r' | b'\n' => self.leave(),
                    _ => self.at += 1,
                },
                _ => self.between(byte)?,
            }
        }
        Ok(())
    }

    /// A byte outside elements.
    fn between(&mut self, byte: &mut u8) -> Result<(), &'static str> {
        self.start = self.at;
        let place = match (self.place, *byte) {
            (place, b' ' | b'\t' | b'\r' | b'\n') => place,
            (Place::Before, b'[') => {
                *byte = b' ';
                Place::First
            }
            (Place::Before, _) => return Err("does not begin as an array of records"),
            (Place::First | Place::After, b']') => {
                *byte = b' ';
                Place::End
            }
            (Place::After, b',') => {
                *byte = BETWEEN;
                Place::Next
            }
            (Place::First | Place::Next, b'{' | b'[') => Place::Nested(1),
            (Place::First | Place::Next, b'"') => Place::Text(0),
            (Place::First | Place::Next, b',' | b']') => {
                return Err("a comma without a record beside it");
            }
            (Place::First | Place::Next, _) => Place::Word,
            (Place::End, _) => return Err("something follows the end of the array"),
            (_, _) => return Err("something stands between two records"),
        };
        self.place = place;
        self.at += 1;
        Ok(())
    }

    /// Inside brackets, outside a text.
    fn nested(&mut self, bytes: &[u8], mut depth: usize) {
        let rest = bytes.get(self.at..).unwrap_or_default();
        for (offset, byte) in rest.iter().enumerate() {
            match byte {
                b'"' => {
                    self.place = Place::Text(depth);
                    self.at += offset + 1;
                    return;
                }
                b'{' | b'[' => depth += 1,
                b'}' | b']' if depth == 1 => {
                    self.at += offset + 1;
                    return self.leave();
                }
                b'}' | b']' => depth -= 1,
                _ => {}
            }
        }
        self.place = Place::Nested(depth);
        self.at = bytes.len();
    }

    /// Inside a text.
    fn text(&mut self, bytes: &[u8], depth: usize) {
        let rest = bytes.get(self.at..).unwrap_or_default();
        let Some(offset) = memchr::memchr2(b'"', b'\\', rest) else {
            self.at = bytes.len();
            return;
        };
        self.at += offset + 1;
        match (rest.get(offset), depth) {
            (Some(b'\\'), _) => self.place = Place::Escaped(depth),
            (_, 0) => self.leave(),
            (_, _) => self.place = Place::Nested(depth),
        }
    }

    /// The element has ended.
    fn leave(&mut self) {
        self.place = Place::After;
        self.ended += 1;
    }

    /// How far the buffer holds whole elements only.
    fn whole(&self) -> usize {
        match self.place {
            Place::Word | Place::Nested(_) | Place::Text(_) | Place::Escaped(_) => self.start,
            _ => self.at,
        }
    }

    /// So many bytes are taken off the front of the buffer: how many elements ended in them.
    fn cut(&mut self, bytes: usize) -> usize {
        self.at -= bytes;
        self.start = self.start.saturating_sub(bytes);
        std::mem::take(&mut self.ended)
    }
}
