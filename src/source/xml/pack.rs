//! The ZIP around messages: judged as a whole before anything in it is read.
//!
//! The names of its files decide whether it is taken in, and are kept nowhere: in practice they hold
//! the number of a client.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use zip::ZipArchive;
use zip::result::ZipError;

use super::meter::{Limit, Meter};
use crate::contract::model::XmlDialect;
use crate::source::fault::DeliveryFault;

/// The list of files may take so many bytes for each file that the pipeline accepts.
const LISTED_BYTES: u64 = 300;
const LIST_START: u64 = 1 << 20;
/// XML packs to a tenth, very repetitive XML to a fiftieth.
const MAX_RATIO: u64 = 200;
const RATIO_START: u64 = 1 << 20;

/// A ZIP that may be read.
pub(super) struct Pack {
    archive: ZipArchive<Near>,
    max_row_bytes: usize,
    /// What it may still unpack to.
    left: u64,
    /// The same by its own size: files in a ZIP can overlap.
    left_by_ratio: u64,
}

impl Pack {
    /// Reads the list of files and judges it.
    pub(super) fn open(file: File, dialect: &XmlDialect) -> Result<Self, DeliveryFault> {
        let unreadable = |e: io::Error| DeliveryFault::Unreadable(e.kind());
        let bytes = file.metadata().map_err(unreadable)?.len();
        let budget = LIST_START + LISTED_BYTES * dialect.max_files as u64;
        let left = Arc::new(AtomicU64::new(budget));
        let near = Near::new(file, Arc::clone(&left));
        let too_large = DeliveryFault::TooLarge(dialect.max_unpacked_bytes >> 20);
        let archive = match ZipArchive::new(near) {
            Ok(archive) => archive,
            Err(_) if left.load(Ordering::Relaxed) == 0 => return Err(too_large),
            Err(ZipError::Io(error)) if error.kind() != io::ErrorKind::UnexpectedEof => {
                return Err(DeliveryFault::Unreadable(error.kind()));
            }
            Err(_) => return Err(structure("the file is not a ZIP, or a damaged one")),
        };
        left.store(u64::MAX, Ordering::Relaxed);
        if archive.len() > dialect.max_files {
            return Err(too_large);
        }
        if archive.has_duplicate_names() {
            return Err(structure("the ZIP holds two files of one name"));
        }
        for at in 0..archive.len() {
            judge(&archive, at)?;
        }
        Ok(Self {
            archive,
            max_row_bytes: dialect.max_row_bytes,
            left: dialect.max_unpacked_bytes,
            left_by_ratio: RATIO_START + MAX_RATIO * bytes,
        })
    }

    /// How many files it holds, folders included.
    pub(super) fn len(&self) -> usize {
        self.archive.len()
    }

    /// Has a message read, by its number; not a folder. Gives how far into the ZIP it stands.
    pub(super) fn message<T>(
        &mut self,
        at: usize,
        read: impl FnOnce(Meter<BufReader<&mut dyn Read>>, u64) -> T,
    ) -> Result<Option<T>, DeliveryFault> {
        let damaged = |_| structure("the ZIP is damaged");
        let mut file = self.archive.by_index(at).map_err(damaged)?;
        if file.is_dir() {
            return Ok(None);
        }
        let by_ratio = RATIO_START + MAX_RATIO * file.compressed_size();
        let by_ratio = by_ratio.min(self.left_by_ratio);
        let end = if by_ratio < self.left {
            (by_ratio, Limit::Ratio)
        } else {
            (self.left, Limit::Total)
        };
        let place = file.header_start() + file.compressed_size();
        let mut taken = 0;
        let mut counted = Counted {
            inner: &mut file,
            taken: &mut taken,
        };
        let reader = BufReader::with_capacity(1 << 14, &mut counted as &mut dyn Read);
        let done = read(Meter::new(reader, self.max_row_bytes, end), place);
        self.left = self.left.saturating_sub(taken);
        self.left_by_ratio = self.left_by_ratio.saturating_sub(taken);
        Ok(Some(done))
    }
}

/// Whether a file may be in a ZIP of messages.
fn judge(archive: &ZipArchive<Near>, at: usize) -> Result<(), DeliveryFault> {
    let damaged = |_| structure("the ZIP is damaged");
    let file = archive.by_index_data(at).map_err(damaged)?;
    let forbidden = |what| DeliveryFault::Forbidden { row: 0, what };
    if file.encrypted() {
        return Err(forbidden("an encrypted file"));
    }
    let name = file.name().map_err(damaged)?;
    // No backslash: to some programs it is a folder's.
    if file.enclosed_name().is_none() || name.contains('\\') || name.starts_with('/') {
        return Err(forbidden("a file whose name leads out of its folder"));
    }
    if file.is_symlink() {
        return Err(forbidden("a link"));
    }
    if file.is_dir() {
        return Ok(());
    }
    let ending = name.rsplit_once('.').map(|(_, ending)| ending);
    match ending.unwrap_or_default().to_ascii_lowercase().as_str() {
        "xml" => Ok(()),
        "zip" => Err(forbidden("a ZIP in the ZIP")),
        _ => Err(forbidden("a file that is no XML")),
    }
}

fn structure(what: &'static str) -> DeliveryFault {
    DeliveryFault::Structure { row: 0, what }
}

/// Counts what is read.
struct Counted<'a, R> {
    inner: R,
    taken: &'a mut u64,
}

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let got = self.inner.read(into)?;
        *self.taken += got as u64;
        Ok(got)
    }
}

/// A file whose small steps stay within what was read already: messages are small, and stand one
/// behind the other.
struct Near {
    inner: BufReader<File>,
    at: u64,
    left: Arc<AtomicU64>,
}

impl Near {
    fn new(file: File, left: Arc<AtomicU64>) -> Self {
        let inner = BufReader::with_capacity(1 << 16, file);
        Self { inner, at: 0, left }
    }
}

impl Read for Near {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let got = self.inner.read(into)?;
        let read = got as u64;
        let left = self.left.load(Ordering::Relaxed);
        if left < read {
            self.left.store(0, Ordering::Relaxed);
            return Err(io::Error::other("limit"));
        }
        self.left.store(left - read, Ordering::Relaxed);
        self.at += read;
        Ok(got)
    }
}

impl Seek for Near {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let here = i64::try_from(self.at).ok();
        let step = match to {
            SeekFrom::Start(to) => i64::try_from(to).ok().zip(here).map(|(to, at)| to - at),
            SeekFrom::Current(step) => Some(step),
            SeekFrom::End(_) => None,
        };
        self.at = match step {
            Some(step) if self.at.checked_add_signed(step).is_some() => {
                self.inner.seek_relative(step)?;
                self.at.saturating_add_signed(step)
            }
            _ => self.inner.seek(to)?,
        };
        Ok(self.at)
    }
}
