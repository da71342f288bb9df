//! The ZIP around a workbook: what it is, and that it can be unpacked without harm.
//!
//! Nothing here trusts what the file says of itself. The directory's entries are counted before
//! anything reads the directory, the sizes it states are added up before anything is unpacked, and
//! what really comes out is counted while the guard reads every part.

use std::io::{self, Read, Seek};

use sha2::{Digest, Sha256};
use zip::ZipArchive;
use zip::result::ZipError;

use super::guard::{self, Bounds};
use crate::source::fault::DeliveryFault;

/// Parts that a workbook may have; real ones have some dozens, and one more for every picture.
const MAX_PARTS: usize = 10_000;
/// Opens every entry of the directory of a ZIP.
const ENTRY: &[u8] = b"PK\x01\x02";
const ZIP: &[u8] = b"PK\x03\x04";
/// An older Excel file, or the wrapping of an encrypted one.
const OLE: &[u8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";
/// `EncryptedPackage` in UTF-16: what an encrypted workbook is called within its wrapping.
const ENCRYPTED: &[u8] = b"E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e\0";

/// A file as a whole.
pub(super) struct Seen {
    /// SHA-256 (hex).
    pub sha256: String,
    /// Size in bytes.
    pub bytes: u64,
}

/// A fault of the file as a whole.
pub(super) const fn fault(what: &'static str) -> DeliveryFault {
    DeliveryFault::Structure { row: 0, what }
}

/// Reads a file from beginning to end: what it is, and how much its directory can hold.
///
/// # Errors
/// It is no ZIP, or one with too many entries.
pub(super) fn look<R: Read + Seek>(
    input: &mut R,
    max_unpacked: u64,
) -> Result<Seen, DeliveryFault> {
    let unreadable = |e: io::Error| DeliveryFault::Unreadable(e.kind());
    let mut hasher = Sha256::new();
    let mut bytes = 0;
    let mut entries = 0;
    let mut encrypted = false;
    let mut first = Vec::new();
    // What was read, after the end of what was read before it: a mark may lie across the two.
    let mut window = Vec::with_capacity(1 << 18);
    loop {
        let kept = window.len().min(ENCRYPTED.len() - 1);
        window.drain(..window.len() - kept);
        let got = input
            .take((1 << 18) - kept as u64)
            .read_to_end(&mut window)
            .map_err(unreadable)?;
        if got == 0 {
            break;
        }
        let new = &window[kept..];
        hasher.update(new);
        if bytes == 0 {
            first = new[..new.len().min(OLE.len())].to_vec();
        }
        bytes += got as u64;
        entries += count(&window, kept, ENTRY);
        encrypted |= memchr::memmem::find(&window, ENCRYPTED).is_some();
    }
    input.rewind().map_err(unreadable)?;
    match first.as_slice() {
        [] => return Err(DeliveryFault::Empty),
        OLE if encrypted => return Err(fault("the workbook is encrypted with a password")),
        OLE => return Err(fault("it is an older Excel file (xls) and no XLSX")),
        zip if zip.starts_with(ZIP) => {}
        _ => return Err(fault("it is no XLSX: no ZIP at all")),
    }
    if entries > MAX_PARTS {
        return Err(DeliveryFault::TooLarge(max_unpacked >> 20));
    }
    Ok(Seen {
        sha256: crate::hex::encode(&hasher.finalize()),
        bytes,
    })
}

/// How often `mark` stands in the window, not counting what lies within its first `kept` bytes.
fn count(window: &[u8], kept: usize, mark: &[u8]) -> usize {
    let from = kept.saturating_sub(mark.len() - 1);
    memchr::memmem::find_iter(window.get(from..).unwrap_or_default(), mark).count()
}

/// Unpacks every part that calamine could read, and looks for what could harm it or us.
///
/// # Errors
/// The ZIP is damaged or encrypted, it unpacks to more than is accepted, or a part holds what no
/// workbook of ours may hold.
pub(super) fn inspect<R: Read + Seek>(input: R, max_unpacked: u64) -> Result<R, DeliveryFault> {
    let mut zip = ZipArchive::new(input).map_err(|e| broken(&e))?;
    if zip.has_duplicate_names() {
        return Err(fault("the workbook holds two parts of the same name"));
    }
    let mut stated: u64 = 0;
    for at in 0..zip.len() {
        let entry = zip.by_index_data(at).map_err(|e| broken(&e))?;
        if entry.encrypted() {
            return Err(fault("the workbook is encrypted with a password"));
        }
        stated = stated.saturating_add(entry.size());
    }
    if zip.len() > MAX_PARTS || stated > max_unpacked {
        return Err(DeliveryFault::TooLarge(max_unpacked >> 20));
    }
    let mut bounds = Bounds::new(max_unpacked);
    for at in 0..zip.len() {
        let part = zip.by_index(at).map_err(|e| broken(&e))?;
        let name = part.name().map_err(|e| broken(&e))?.to_ascii_lowercase();
        if guard::is_read(&name) {
            guard::part(part, &mut bounds)?;
        }
    }
    Ok(zip.into_inner())
}

/// What a damaged ZIP is called: its own message can hold a name.
fn broken(error: &ZipError) -> DeliveryFault {
    match error {
        ZipError::Io(e)
            if e.kind() != io::ErrorKind::InvalidData
                && e.kind() != io::ErrorKind::UnexpectedEof
                && e.kind() != io::ErrorKind::InvalidInput
                && e.kind() != io::ErrorKind::Other =>
        {
            DeliveryFault::Unreadable(e.kind())
        }
        ZipError::UnsupportedArchive(_) => {
            fault("the workbook is packed in a way that Excel does not use")
        }
        _ => fault("the workbook is damaged: its ZIP cannot be read"),
    }
}
