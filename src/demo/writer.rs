//! Writing a delivery: CSV dialects, checksums, permissions and times.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;
use std::time::{Duration, SystemTime};

use chrono::NaiveDate;
use encoding_rs::WINDOWS_1252;
use sha2::{Digest, Sha256};

use super::{DemoDelivery, DemoError};

/// How text becomes bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    Utf8,
    /// UTF-8 with a byte order mark in front.
    MarkedUtf8,
    Windows1252,
}

/// Which cells stand in quotes, besides those that need them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quotes {
    /// No others.
    Needed,
    /// Those of the header.
    Header,
    /// All.
    All,
}

/// How a partner's system writes its CSV.
#[derive(Clone, Copy, Debug)]
pub(super) struct Dialect {
    /// How its text becomes bytes.
    pub encoding: Encoding,
    /// What stands between two cells.
    pub delimiter: char,
    /// CRLF instead of LF.
    pub crlf: bool,
    /// Which cells stand in quotes.
    pub quotes: Quotes,
    /// A `.sha256` beside the file.
    pub checksum: bool,
}

/// A delivery being written.
pub(super) struct Csv<'a> {
    out: &'a mut dyn Write,
    dialect: Dialect,
    line: String,
    rows: u64,
    refused: u64,
    header_done: bool,
}

impl<'a> Csv<'a> {
    /// Starts a delivery.
    pub(super) fn new(out: &'a mut dyn Write, dialect: Dialect) -> io::Result<Self> {
        if dialect.encoding == Encoding::MarkedUtf8 {
            out.write_all(b"\xef\xbb\xbf")?;
        }
        Ok(Self {
            out,
            dialect,
            line: String::new(),
            rows: 0,
            refused: 0,
            header_done: false,
        })
    }

    /// Writes a row; the first one is the header.
    pub(super) fn row(&mut self, cells: &[&str]) -> Result<(), DemoError> {
        let delimiter = self.dialect.delimiter;
        let quote_all = match self.dialect.quotes {
            Quotes::Needed => false,
            Quotes::Header => !self.header_done,
            Quotes::All => true,
        };
        self.line.clear();
        for (index, cell) in cells.iter().enumerate() {
            if index > 0 {
                self.line.push(delimiter);
            }
            if quote_all || cell.contains([delimiter, '"', '\n', '\r']) {
                self.line.push('"');
                self.line.push_str(&cell.replace('"', "\"\""));
                self.line.push('"');
            } else {
                self.line.push_str(cell);
            }
        }
        self.line
            .push_str(if self.dialect.crlf { "\r\n" } else { "\n" });
        let written = if self.dialect.encoding == Encoding::Windows1252 {
            self.out.write_all(&WINDOWS_1252.encode(&self.line).0)
        } else {
            self.out.write_all(self.line.as_bytes())
        };
        written.map_err(DemoError::write)?;
        self.rows += u64::from(self.header_done);
        self.header_done = true;
        Ok(())
    }

    /// Writes a row that must be refused, and counts it as such.
    pub(super) fn refused_row(&mut self, cells: &[&str]) -> Result<(), DemoError> {
        self.refused += 1;
        self.row(cells)
    }

    /// Rows (without the header) and those of them that must be refused.
    pub(super) const fn counts(&self) -> (u64, u64) {
        (self.rows, self.refused)
    }
}

/// Passes bytes on and keeps their SHA-256.
struct Hashing<W> {
    out: W,
    hash: Sha256,
    bytes: u64,
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let written = self.out.write(buffer)?;
        self.hash.update(&buffer[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Where deliveries go.
pub(super) enum Landing<'a> {
    /// The landing folder.
    Folder(&'a Path),
    /// Nowhere: only what is in them is of interest.
    Nowhere,
}

impl Landing<'_> {
    /// Writes one delivery. `date` is the day of the export and becomes the file's time, so that
    /// it counts as long settled.
    pub(super) fn deliver(
        &self,
        source: &'static str,
        file: String,
        date: NaiveDate,
        dialect: Dialect,
        write_rows: impl FnOnce(&mut Csv<'_>) -> Result<(), DemoError>,
    ) -> Result<DemoDelivery, DemoError> {
        let Self::Folder(landing) = self else {
            let mut sink = io::sink();
            let mut csv = Csv::new(&mut sink, dialect).map_err(DemoError::write)?;
            write_rows(&mut csv)?;
            let (rows, refused) = csv.counts();
            return Ok(DemoDelivery {
                source,
                file,
                rows,
                refused,
                bytes: 0,
                sha256: String::new(),
                refused_by: None,
            });
        };
        let folder = landing.join(source);
        make_private_folder(landing)?;
        make_private_folder(&folder)?;

        // A half-written delivery must not carry a delivery's name.
        let part = folder.join(format!(".{file}.part"));
        let mut out = Hashing {
            out: BufWriter::new(private_file(&part)?),
            hash: Sha256::new(),
            bytes: 0,
        };
        let (rows, refused) = {
            let mut csv = Csv::new(&mut out, dialect).map_err(DemoError::write)?;
            write_rows(&mut csv)?;
            csv.counts()
        };
        out.flush().map_err(DemoError::write)?;
        let Hashing { out, hash, bytes } = out;
        let handle = out
            .into_inner()
            .map_err(|error| DemoError::write(error.into_error()))?;
        let sha256 = crate::hex::encode(&hash.finalize());
        set_time(&handle, date)?;
        let target = folder.join(&file);
        fs::rename(&part, &target).map_err(DemoError::write)?;
        if dialect.checksum {
            vouch(&folder, &file, &sha256, date)?;
        }
        Ok(DemoDelivery {
            source,
            file,
            rows,
            refused,
            bytes,
            sha256,
            refused_by: None,
        })
    }
}

/// A delivery that is no CSV, or no good CSV: its bytes as they are.
pub(super) struct Whole {
    /// The source.
    pub source: &'static str,
    /// The file.
    pub file: String,
    /// The day of the export, which becomes the file's time.
    pub date: NaiveDate,
    /// A `.sha256` beside the file.
    pub checksum: bool,
    /// Rows that a reader must find.
    pub rows: u64,
    /// Rows among them that must be refused.
    pub refused: u64,
    /// The rule by which the whole delivery must be refused.
    pub refused_by: Option<&'static str>,
    /// The file's content.
    pub bytes: Vec<u8>,
}

impl Landing<'_> {
    /// Writes a delivery as it is.
    pub(super) fn deliver_whole(&self, whole: Whole) -> Result<DemoDelivery, DemoError> {
        let sha256 = crate::hex::encode(&Sha256::digest(&whole.bytes));
        if let Self::Folder(landing) = self {
            let folder = landing.join(whole.source);
            make_private_folder(landing)?;
            make_private_folder(&folder)?;
            let part = folder.join(format!(".{}.part", whole.file));
            let mut handle = private_file(&part)?;
            handle.write_all(&whole.bytes).map_err(DemoError::write)?;
            set_time(&handle, whole.date)?;
            fs::rename(&part, folder.join(&whole.file)).map_err(DemoError::write)?;
            if whole.checksum {
                vouch(&folder, &whole.file, &sha256, whole.date)?;
            }
        }
        Ok(DemoDelivery {
            source: whole.source,
            file: whole.file,
            rows: whole.rows,
            refused: whole.refused,
            bytes: whole.bytes.len() as u64,
            sha256,
            refused_by: whole.refused_by,
        })
    }
}

/// Puts a `.sha256` beside a delivery.
fn vouch(folder: &Path, file: &str, sha256: &str, date: NaiveDate) -> Result<(), DemoError> {
    let mut handle = private_file(&folder.join(format!("{file}.sha256")))?;
    handle
        .write_all(format!("{sha256}  {file}\n").as_bytes())
        .map_err(DemoError::write)?;
    set_time(&handle, date)
}

/// Makes a folder that only its owner may enter.
fn make_private_folder(path: &Path) -> Result<(), DemoError> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .map_err(DemoError::write)?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o700)).map_err(DemoError::write)
}

/// Makes (or empties) a file that only its owner may read.
fn private_file(path: &Path) -> Result<fs::File, DemoError> {
    OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)
        .map_err(DemoError::write)
}

/// Noon of the day, world time.
fn set_time(file: &fs::File, date: NaiveDate) -> Result<(), DemoError> {
    let days = date.signed_duration_since(NaiveDate::default()).num_days();
    let seconds = u64::try_from(days).unwrap_or(0) * 86_400 + 43_200;
    file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds))
        .map_err(DemoError::write)
}
