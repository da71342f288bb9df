//! A file being written: appended to in large pieces, hashed on the way, open only while it writes, so
//! that hundreds of partitions need no more file handles than one.

use std::fs::File;
use std::io::{self, Write};
use std::path::PathBuf;

use sha2::{Digest, Sha256};

const PIECE: usize = 256 * 1024;

/// An append-only file that knows its size and SHA-256.
pub struct PartFile {
    path: PathBuf,
    waiting: Vec<u8>,
    hasher: Sha256,
    bytes: u64,
}

impl PartFile {
    /// Makes the file, empty.
    pub fn create(path: PathBuf) -> io::Result<Self> {
        crate::disk::private_file(&path)?;
        Ok(Self {
            path,
            waiting: Vec::new(),
            hasher: Sha256::new(),
            bytes: 0,
        })
    }

    /// Writes what waits. The buffer goes too: hundreds of files wait at the same time.
    pub fn drain(&mut self) -> io::Result<()> {
        if !self.waiting.is_empty() {
            let waiting = std::mem::take(&mut self.waiting);
            File::options()
                .append(true)
                .open(&self.path)?
                .write_all(&waiting)?;
            self.hasher.update(&waiting);
            self.bytes += waiting.len() as u64;
        }
        Ok(())
    }

    /// Writes what waits; returns the file's size and SHA-256 (hex). It is not yet on the disk.
    pub fn seal(&mut self) -> io::Result<(u64, String)> {
        self.drain()?;
        Ok((
            self.bytes,
            crate::hex::encode(&self.hasher.clone().finalize()),
        ))
    }
}

impl Write for PartFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.waiting.extend_from_slice(bytes);
        if self.waiting.len() >= PIECE {
            self.drain()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
