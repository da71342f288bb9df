//! XML messages, alone or in a ZIP.
//!
//! A thread of its own reads one message after the other, for a message within a ZIP cannot be left
//! half-way and taken up again; it sends chunks of rows and waits when nobody takes them. Memory is
//! bounded by a record and the chunks on their way, whatever the size and number of messages.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread::{self, JoinHandle};

use super::fault::DeliveryFault;
use super::format::{Decoder, Headers, Layout, Opened, Piece};
use super::reader::ReadSummary;
use super::watched::Watched;
use crate::contract::model::XmlDialect;
use message::Rules;
use meter::{Limit, Meter};
use output::{Halt, Output, Sent};
use pack::Pack;
use paths::Paths;

mod message;
mod meter;
mod output;
mod pack;
mod paths;
#[cfg(test)]
pub(in crate::source) mod testing;
#[cfg(test)]
mod tests;

/// Chunks that wait for whoever takes them.
const WAITING: usize = 2;

/// Opens a delivery.
///
/// # Errors
/// The file cannot be read, or is no ZIP of messages where it should be one.
pub fn open(
    path: &Path,
    dialect: &XmlDialect,
    headers: Headers<'_>,
    piece_bytes: usize,
) -> Result<Opened, DeliveryFault> {
    let (mut file, watched) = Watched::open(path)?;
    if watched.bytes() == 0 {
        return Err(DeliveryFault::Empty);
    }
    let sha256 = Watched::hash(&mut file)?;
    let source = if dialect.zipped {
        Source::Pack(Box::new(Pack::open(file, dialect)?))
    } else {
        Source::Plain(file)
    };
    let layout = Layout::of_contract(headers.columns);
    let (sender, pieces) = sync_channel(WAITING);
    let output = Output::new(layout.width, dialect.max_row_bytes, piece_bytes, sender);
    let reading = Reading {
        source,
        paths: Paths::new(dialect, headers),
        dialect: dialect.clone(),
        bytes: watched.bytes(),
    };
    let thread = thread::Builder::new()
        .name("xml".into())
        .spawn(move || reading.run(output))
        .map_err(|e| DeliveryFault::Unreadable(e.kind()))?;
    let decoder = Messages {
        watched,
        sha256,
        pieces,
        thread,
    };
    Ok(Opened {
        layout,
        decoder: Box::new(decoder),
        shape: None,
    })
}

/// A delivery of messages being read.
struct Messages {
    watched: Watched,
    sha256: String,
    pieces: Receiver<Sent>,
    thread: JoinHandle<()>,
}

impl Decoder for Messages {
    fn next_piece(&mut self) -> Result<Option<Piece>, DeliveryFault> {
        // The thread hangs up when it is done.
        self.pieces.recv().ok().transpose()
    }

    fn finish(self: Box<Self>) -> Result<ReadSummary, DeliveryFault> {
        drop(self.pieces);
        let stopped = DeliveryFault::Unreadable(std::io::ErrorKind::Other);
        self.thread.join().map_err(|_| stopped)?;
        let bytes = self.watched.bytes();
        self.watched.unchanged(bytes)?;
        Ok(ReadSummary {
            sha256: self.sha256,
            bytes,
            // A message that ends too soon is no message.
            terminated: true,
        })
    }
}

/// Where messages come from.
enum Source {
    Plain(File),
    Pack(Box<Pack>),
}

/// What the thread does.
struct Reading {
    source: Source,
    paths: Paths,
    dialect: XmlDialect,
    bytes: u64,
}

impl Reading {
    fn run(self, mut output: Output) {
        let bytes = self.bytes;
        match self.read(&mut output) {
            Ok(()) => {
                output.reach(bytes);
                let _ = output.pass_on();
            }
            Err(Halt::Fault(fault)) => output.refuse(fault),
            Err(Halt::Gone) => {}
        }
    }

    fn read(self, output: &mut Output) -> Result<(), Halt> {
        let rules = Rules {
            dialect: &self.dialect,
            paths: &self.paths,
        };
        let mut pack = match self.source {
            Source::Plain(file) => {
                let reader = BufReader::with_capacity(1 << 18, file);
                let end = (u64::MAX, Limit::Total);
                let meter = Meter::new(reader, self.dialect.max_row_bytes, end);
                return message::read(meter, &rules, output, 0);
            }
            Source::Pack(pack) => pack,
        };
        let mut any = false;
        for at in 0..pack.len() {
            let read = pack.message(at, |meter, place| {
                message::read(meter, &rules, output, place)
            })?;
            if let Some(read) = read {
                read?;
                any = true;
            }
        }
        if !any {
            return Err(DeliveryFault::Empty.into());
        }
        Ok(())
    }
}
