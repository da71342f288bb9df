//! A file that must stay what it was while it is read.

use std::fs::{File, Metadata};
use std::io::{self, Read, Seek};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::fault::DeliveryFault;

/// What the file was when it was opened.
pub struct Watched {
    path: PathBuf,
    opened: Metadata,
}

impl Watched {
    /// Opens a file.
    ///
    /// # Errors
    /// It cannot be opened.
    pub fn open(path: &Path) -> Result<(File, Self), DeliveryFault> {
        let file = File::open(path).map_err(|e| DeliveryFault::Unreadable(e.kind()))?;
        let opened = file
            .metadata()
            .map_err(|e| DeliveryFault::Unreadable(e.kind()))?;
        let path = path.to_owned();
        Ok((file, Self { path, opened }))
    }

    /// Size in bytes when it was opened.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.opened.len()
    }

    /// The SHA-256 (hex) of the whole file, for formats that do not read it from front to back. The
    /// file stands at its beginning afterwards.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn hash(file: &mut File) -> Result<String, DeliveryFault> {
        let unreadable = |e: io::Error| DeliveryFault::Unreadable(e.kind());
        let mut hasher = Sha256::new();
        let mut buffer = vec![0; 1 << 18];
        loop {
            let got = file.read(&mut buffer).map_err(unreadable)?;
            if got == 0 {
                break;
            }
            hasher.update(&buffer[..got]);
        }
        file.rewind().map_err(unreadable)?;
        Ok(crate::hex::encode(&hasher.finalize()))
    }

    /// The file must still be the file that was opened, of as many bytes as were read.
    ///
    /// # Errors
    /// It grew, shrank, was touched or replaced.
    pub fn unchanged(&self, read: u64) -> Result<(), DeliveryFault> {
        let now = std::fs::metadata(&self.path).map_err(|e| DeliveryFault::Unreadable(e.kind()))?;
        let same_time = now.modified().ok() == self.opened.modified().ok();
        if now.len() != self.opened.len() || read != self.opened.len() || !same_time {
            return Err(DeliveryFault::Changing);
        }
        Ok(())
    }
}
