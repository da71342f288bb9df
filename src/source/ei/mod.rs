//! EI: lines of fixed width. A header, for every person a record with rows after it, and a trailer
//! that counts them.
//!
//! A row of the wrong length costs itself. What other rows hang on (header, person, trailer) must be
//! right, or the delivery is refused; and so it is when the counts do not fit, when something stands
//! where no field is, or behind the trailer.

use std::collections::BTreeMap;
use std::path::Path;

use super::fault::DeliveryFault;
use super::format::{Decoder, Headers, Opened, Piece};
use super::raw::RawBuilder;
use super::reader::ReadSummary;
use super::watched::Watched;
use crate::contract::model::{EiDialect, Encoding};
use lines::{Line, Lines};
use plan::{Code, Part, Plan, Record};

mod lines;
mod plan;
#[cfg(test)]
mod tests;

/// Rows after which a chunk ends, however short they are.
const MANY_ROWS: usize = 1 << 16;
const MARK: &[u8] = b"\xef\xbb\xbf";

/// Opens a delivery.
///
/// # Errors
/// The file cannot be read, or the layout of the pipeline does not fit the contract.
pub fn open(
    path: &Path,
    dialect: &EiDialect,
    headers: Headers<'_>,
    piece_bytes: usize,
) -> Result<Opened, DeliveryFault> {
    let (file, watched) = Watched::open(path)?;
    if watched.bytes() == 0 {
        return Err(DeliveryFault::Empty);
    }
    let (plan, layout) = Plan::new(dialect, headers)?;
    let decoder = Records {
        watched,
        lines: Lines::new(file),
        builder: RawBuilder::new(layout.width, dialect.max_row_bytes),
        max_row_bytes: dialect.max_row_bytes,
        marked: dialect.encoding == Encoding::Utf8,
        plan,
        piece_bytes,
        stage: Stage::Start,
        header: Vec::new(),
        person: Vec::new(),
        counted: BTreeMap::new(),
        told: 0,
        fault: None,
    };
    Ok(Opened {
        layout,
        decoder: Box::new(decoder),
        shape: None,
    })
}

/// How far the file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Nothing was read.
    Start,
    /// Behind the header; no person yet.
    Header,
    /// Behind a person, with or without rows.
    Person { rows: bool },
    /// Behind the trailer.
    Trailer,
}

type Values = Vec<(usize, Vec<u8>)>;

/// A file of records being read.
struct Records {
    watched: Watched,
    lines: Lines,
    plan: Plan,
    builder: RawBuilder,
    piece_bytes: usize,
    max_row_bytes: usize,
    /// A byte order mark may come first.
    marked: bool,
    stage: Stage,
    header: Values,
    person: Values,
    /// Records by code.
    counted: BTreeMap<Code, u64>,
    /// Bytes that went with the pieces so far.
    told: u64,
    /// Found behind rows that had to go first.
    fault: Option<DeliveryFault>,
}

impl Decoder for Records {
    fn next_piece(&mut self) -> Result<Option<Piece>, DeliveryFault> {
        if let Some(fault) = self.fault.take() {
            return Err(fault);
        }
        let mut line = Vec::new();
        while self.builder.bytes() < self.piece_bytes && self.builder.rows() < MANY_ROWS {
            match self.step(&mut line) {
                Ok(true) => {}
                Ok(false) => break,
                Err(fault) if self.builder.rows() == 0 => return Err(fault),
                // The fault counts from the row after these.
                Err(fault) => {
                    self.fault = Some(fault);
                    break;
                }
            }
        }
        if self.builder.rows() == 0 {
            return Ok(None);
        }
        let bytes = self.lines.read - self.told;
        self.told = self.lines.read;
        Ok(Some(Piece::Rows(self.builder.take(), bytes)))
    }

    fn finish(self: Box<Self>) -> Result<ReadSummary, DeliveryFault> {
        let bytes = self.lines.read;
        self.watched.unchanged(bytes)?;
        Ok(ReadSummary {
            sha256: self.lines.sha256(),
            bytes,
            // The trailer says that it is all there.
            terminated: true,
        })
    }
}

fn structure(what: &'static str) -> DeliveryFault {
    DeliveryFault::Structure { row: 0, what }
}

impl Records {
    /// Takes a line; `false` at the end. Rows in faults count from the row after those that wait.
    fn step(&mut self, line: &mut Vec<u8>) -> Result<bool, DeliveryFault> {
        match self.lines.next(line, self.max_row_bytes)? {
            Line::Here => {}
            Line::TooLong => {
                return Err(DeliveryFault::RowTooLong {
                    row: 0,
                    max: self.max_row_bytes,
                });
            }
            Line::End if self.stage == Stage::Trailer => return Ok(false),
            Line::End => return Err(DeliveryFault::Truncated(0)),
        }
        if std::mem::take(&mut self.marked) && line.starts_with(MARK) {
            line.drain(..MARK.len());
        }
        if self.stage == Stage::Trailer {
            return Err(structure("something stands behind the trailer"));
        }
        let code = line.first_chunk::<2>().copied();
        let code = code.ok_or(structure("a line is too short to be a record"))?;
        let record = self.plan.records.iter().position(|r| r.code == code);
        let record = record.ok_or(DeliveryFault::UnknownField(0))?;
        *self.counted.entry(code).or_default() += 1;
        self.take(record, line)?;
        Ok(true)
    }

    fn take(&mut self, at: usize, line: &[u8]) -> Result<(), DeliveryFault> {
        let Some(record) = self.plan.records.get(at) else {
            return Ok(());
        };
        let whole = line.len() == self.plan.line_bytes;
        match (record.part, self.stage) {
            (Part::Header, Stage::Start) => {
                self.header = values(must_be(whole, record, line)?, line);
                self.stage = Stage::Header;
            }
            (_, Stage::Start) => return Err(structure("the first record is not the header")),
            (Part::Header, _) => return Err(structure("the header comes a second time")),
            (Part::Person, stage) => {
                self.person = values(must_be(whole, record, line)?, line);
                self.stage = Stage::Person { rows: false };
                self.end_person(stage);
            }
            (Part::Row, Stage::Person { .. }) if whole => {
                check_gaps(record, line)?;
                let own = record.fields.iter();
                for (place, column) in own {
                    let value = line.get(place.clone()).unwrap_or_default();
                    let _ = self.builder.set(*column, value);
                }
                for (column, value) in self.person.iter().chain(&self.header) {
                    let _ = self.builder.set(*column, value);
                }
                self.builder.end_row();
                self.stage = Stage::Person { rows: true };
            }
            (Part::Row, stage) => {
                // Too short, too long, or nobody's.
                self.builder.end_malformed();
                if let Stage::Person { .. } = stage {
                    self.stage = Stage::Person { rows: true };
                }
            }
            (Part::Trailer, stage) => {
                must_be(whole, record, line)?;
                self.end_person(stage);
                self.check_counts(line)?;
                self.stage = Stage::Trailer;
            }
        }
        Ok(())
    }

    /// A person of whom nothing is said costs a row, so that it does not go unnoticed.
    fn end_person(&mut self, before: Stage) {
        if before == (Stage::Person { rows: false }) {
            self.builder.end_malformed();
        }
    }

    fn check_counts(&self, trailer: &[u8]) -> Result<(), DeliveryFault> {
        for count in &self.plan.counts {
            let stated = trailer.get(count.place.clone()).and_then(number);
            let stated = stated.ok_or(structure("a count of the trailer is no number"))?;
            let (found, what) = match count.code {
                None => (self.counted.values().sum(), "records".to_owned()),
                Some(code) => (
                    self.counted.get(&code).copied().unwrap_or_default(),
                    format!("records {}", String::from_utf8_lossy(&code)),
                ),
            };
            if stated != found {
                return Err(DeliveryFault::Trailer {
                    what,
                    stated,
                    found,
                });
            }
        }
        Ok(())
    }
}

/// A record that others hang on.
fn must_be<'r>(whole: bool, record: &'r Record, line: &[u8]) -> Result<&'r Record, DeliveryFault> {
    if !whole {
        return Err(structure(match record.part {
            Part::Header => "the header is not as long as the pipeline says",
            Part::Trailer => "the trailer is not as long as the pipeline says",
            Part::Person | Part::Row => {
                "the record of a person is not as long as the pipeline says"
            }
        }));
    }
    check_gaps(record, line)?;
    Ok(record)
}

/// Nothing but spaces where no field is.
fn check_gaps(record: &Record, line: &[u8]) -> Result<(), DeliveryFault> {
    let mut gaps = record.gaps.iter();
    let blank = gaps.all(|gap| {
        let bytes = line.get(gap.clone()).unwrap_or_default();
        bytes.iter().all(|byte| *byte == b' ')
    });
    if blank {
        Ok(())
    } else {
        Err(DeliveryFault::UnknownField(0))
    }
}

fn values(record: &Record, line: &[u8]) -> Values {
    let fields = record.fields.iter();
    fields
        .map(|(place, column)| {
            let value = line.get(place.clone()).unwrap_or_default();
            (*column, value.to_vec())
        })
        .collect()
}

fn number(field: &[u8]) -> Option<u64> {
    let digits = field.trim_ascii();
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(digits).ok()?.parse().ok()
}
