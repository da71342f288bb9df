//! Excel workbooks (XLSX): sheets below a header, as people and systems make them.
//!
//! In: a file and the pipeline's dialect. Out: the rows of all sheets that the pipeline names, one
//! sheet after the other, every value spelled as the contract's column would have it. What is hidden
//! is read like the rest; a formula counts with the value that Excel last computed. Not here: xls,
//! xlsb, ODS and encrypted workbooks, which are refused by name.
//!
//! `package` looks at the ZIP and `guard` at the XML before calamine touches either; `sheet` reads the
//! sheets, `header` their headers and `value` their cells.

mod guard;
mod header;
mod package;
mod reference;
mod sheet;
mod value;

use std::fs::File;
use std::io::{Read, Seek};
use std::path::Path;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread::JoinHandle;

use super::fault::DeliveryFault;
use super::format::{Decoder, Headers, Layout, Opened, Piece};
use super::reader::ReadSummary;
use super::watched::Watched;
use crate::contract::model::XlsxDialect;
use package::{Seen, fault};
use sheet::{Found, Work};

/// Opens a delivery.
///
/// # Errors
/// The file cannot be read, or its beginning is not what the contract says.
pub fn open(
    path: &Path,
    dialect: &XlsxDialect,
    headers: Headers<'_>,
    piece_bytes: usize,
) -> Result<Opened, DeliveryFault> {
    let (file, watched): (File, Watched) = Watched::open(path)?;
    let workbook = Workbook::open(file, dialect, headers, piece_bytes)?;
    Ok(Opened {
        layout: workbook.layout.clone(),
        decoder: Box::new(Delivered { workbook, watched }),
        shape: None,
    })
}

/// A workbook that is being read.
struct Workbook {
    seen: Seen,
    layout: Layout,
    pieces: Option<Receiver<Result<Found, DeliveryFault>>>,
    reading: Option<JoinHandle<()>>,
}

/// A workbook that lies in a file.
struct Delivered {
    workbook: Workbook,
    watched: Watched,
}

impl Workbook {
    fn open<R: Read + Seek + Send + 'static>(
        mut input: R,
        dialect: &XlsxDialect,
        headers: Headers<'_>,
        piece_bytes: usize,
    ) -> Result<Self, DeliveryFault> {
        let seen = package::look(&mut input, dialect.max_unpacked_bytes)?;
        let (out, pieces) = sync_channel(1);
        let work = Work {
            dialect: dialect.clone(),
            columns: headers.columns.to_vec(),
            version: headers.version.clone(),
            piece_bytes,
            out,
        };
        let reading = std::thread::Builder::new()
            .name("werkboek".to_owned())
            .spawn(move || sheet::read(input, &work))
            .map_err(|e| DeliveryFault::Unreadable(e.kind()))?;
        let mut workbook = Self {
            seen,
            layout: Layout {
                width: 0,
                places: Vec::new(),
            },
            pieces: Some(pieces),
            reading: Some(reading),
        };
        match workbook.receive()? {
            Some(Found::Layout(layout)) => workbook.layout = layout,
            _ => return Err(STOPPED),
        }
        Ok(workbook)
    }

    /// What the thread found next; `None` at the end.
    fn receive(&mut self) -> Result<Option<Found>, DeliveryFault> {
        if let Some(pieces) = &self.pieces
            && let Ok(found) = pieces.recv()
        {
            return found.map(Some);
        }
        self.pieces = None;
        match self.reading.take().map(JoinHandle::join) {
            // The guard should have seen it. The delivery is refused, the run goes on.
            Some(Err(_)) => Err(PANICKED),
            Some(Ok(())) | None => Ok(None),
        }
    }

    fn next(&mut self) -> Result<Option<Piece>, DeliveryFault> {
        Ok(self.receive()?.and_then(|found| match found {
            Found::Rows(rows, bytes) => Some(Piece::Rows(rows, bytes)),
            Found::Layout(_) => None,
        }))
    }
}

const STOPPED: DeliveryFault = fault("the workbook is not built as Excel builds it");
const PANICKED: DeliveryFault = fault("the workbook cannot be read by this program");

impl Drop for Workbook {
    fn drop(&mut self) {
        // Without a listener the thread ends at its next piece; the file must be closed by then.
        self.pieces = None;
        if let Some(reading) = self.reading.take() {
            let _ = reading.join();
        }
    }
}

impl Decoder for Delivered {
    fn next_piece(&mut self) -> Result<Option<Piece>, DeliveryFault> {
        self.workbook.next()
    }

    fn finish(self: Box<Self>) -> Result<ReadSummary, DeliveryFault> {
        self.watched.unchanged(self.workbook.seen.bytes)?;
        Ok(ReadSummary {
            sha256: self.workbook.seen.sha256.clone(),
            bytes: self.workbook.seen.bytes,
            terminated: true,
        })
    }
}

#[cfg(test)]
mod tests;
