//! The lines of a file, one at a time, hashed on the way.

use std::fs::File;
use std::io::{BufRead, BufReader};

use sha2::{Digest, Sha256};

use crate::source::fault::DeliveryFault;

/// A file by lines.
pub(super) struct Lines {
    file: BufReader<File>,
    hasher: Sha256,
    /// Bytes read so far.
    pub read: u64,
}

/// What the next line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// There is one.
    Here,
    /// It is longer than accepted.
    TooLong,
    /// The file ended.
    End,
}

impl Lines {
    pub(super) fn new(file: File) -> Self {
        Self {
            file: BufReader::with_capacity(1 << 18, file),
            hasher: Sha256::new(),
            read: 0,
        }
    }

    /// Reads a line into `line`, without its end (LF or CRLF).
    pub(super) fn next(&mut self, line: &mut Vec<u8>, max: usize) -> Result<Line, DeliveryFault> {
        line.clear();
        loop {
            let available = match self.file.fill_buf() {
                Ok(available) => available,
                Err(e) if e.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(e) => return Err(DeliveryFault::Unreadable(e.kind())),
            };
            if available.is_empty() {
                return Ok(if line.is_empty() {
                    Line::End
                } else {
                    Line::Here
                });
            }
            let end = memchr::memchr(b'\n', available).map(|at| at + 1);
            let part = available.split_at(end.unwrap_or(available.len())).0;
            self.hasher.update(part);
            line.extend_from_slice(part);
            let taken = part.len();
            self.file.consume(taken);
            self.read += taken as u64;
            if line.len() > max.saturating_add(2) {
                return Ok(Line::TooLong);
            }
            if end.is_some() {
                line.pop();
                if line.last() == Some(&b'\r') {
                    line.pop();
                }
                return Ok(Line::Here);
            }
        }
    }

    /// The SHA-256 (hex) of what was read.
    pub(super) fn sha256(self) -> String {
        crate::hex::encode(&self.hasher.finalize())
    }
}
