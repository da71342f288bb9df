//! What every target does: give bytes to a decoder as a delivery of a real source, and the rows to
//! the lock of that source.
//!
//! It must not panic, hang or take unbounded memory (libFuzzer's own limits), and must find the same
//! rows whatever the size of the pieces.

use std::fs;
use std::io::{Cursor, Write};
use std::path::PathBuf;
use std::sync::Arc;

use sluis::contract::model::{SourcePlan, Version};
use sluis::contract::{self, ContractFiles};
use sluis::lock::Lock;
use sluis::lock::keys::RootKey;
use sluis::lock::postcode::PostcodeTable;
use sluis::source::fault::DeliveryFault;
use sluis::source::format::{self, Opened, Piece};
use sluis::source::skim::skim;
use tempfile::TempDir;

/// A decoder under attack, with the contract of a source that uses it.
pub struct Target {
    plan: SourcePlan,
    version: Version,
    lock: Lock,
    path: PathBuf,
    _folder: TempDir,
}

/// Rows read, and rows that are no records.
type Counts = (u64, u64);

impl Target {
    /// The source of that name as it is built into the program, under its latest version.
    pub fn of(source: &str) -> Self {
        let contracts =
            contract::load(&ContractFiles::embedded()).expect("contracts without faults");
        let plans = contracts.sources.into_iter();
        let plan = plans.into_iter().find(|p| p.contract.id == source);
        let plan = plan.expect("a source of that name");
        let version = plan.contract.versions.last().expect("a version").clone();
        let folder = folder();
        let key = RootKey::create(&folder.path().join("root.key")).expect("a key");
        let postcodes = PostcodeTable::new([("3111", "centrum")]);
        let lock = Lock::new(&plan, &key, Some(&Arc::new(postcodes))).expect("a lock");
        Self {
            plan,
            version,
            lock,
            path: folder.path().join("levering"),
            _folder: folder,
        }
    }

    /// Reads the bytes twice, in small pieces and in large ones.
    pub fn attack(&self, bytes: &[u8]) {
        fs::write(&self.path, bytes).expect("a file");
        let small = skim(&self.path, &self.plan, 64).map(|read| (read.rows, read.malformed));
        let large = self.treat(1 << 16);
        if let (Ok(small), Ok(large)) = (&small, &large) {
            assert_eq!(small, large, "rows depend on the size of the pieces");
        }
    }

    /// Reads the delivery and puts its rows through the lock.
    fn treat(&self, piece_bytes: usize) -> Result<Counts, DeliveryFault> {
        let Opened {
            layout,
            mut decoder,
            shape,
        } = format::open(&self.path, &self.plan, &self.version, piece_bytes)?;
        let mut counts = (0, 0);
        while let Some(piece) = decoder.next_piece()? {
            let chunk = match (piece, &shape) {
                (Piece::Rows(chunk, _), _) => chunk,
                (Piece::Bytes(bytes), Some(shape)) => shape.shape(bytes)?,
                (Piece::Bytes(_), None) => panic!("bytes without a shape"),
            };
            counts.0 += chunk.rows() as u64;
            counts.1 += chunk.malformed().len() as u64;
            let treated = self.lock.treat(&chunk, &layout).expect("a lock that fits");
            assert_eq!(treated.rows_in, chunk.rows());
        }
        decoder.finish()?;
        Ok(counts)
    }
}

/// The parts of a workbook that a reader looks at, in the order of the inputs.
pub const WORKBOOK: [&str; 7] = [
    "xl/worksheets/sheet1.xml",
    "xl/sharedStrings.xml",
    "xl/styles.xml",
    "xl/workbook.xml",
    "xl/_rels/workbook.xml.rels",
    "[Content_Types].xml",
    "_rels/.rels",
];

/// Messages of a ZIP.
pub const MESSAGES: [&str; 3] = ["1.xml", "2.xml", "3.xml"];

/// Packs parts into a ZIP without compression, so that what is mutated is what is in it and not a
/// checksum. Bytes that are a ZIP already stay what they are.
///
/// Parts are divided by NUL bytes and get the names in order; parts without a name are left out.
pub fn packed(bytes: &[u8], names: &[&str]) -> Vec<u8> {
    if bytes.starts_with(b"PK") {
        return bytes.to_vec();
    }
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let stored =
        zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for (name, part) in names.iter().zip(bytes.split(|b| *b == 0)) {
        zip.start_file(*name, stored).expect("a name");
        zip.write_all(part).expect("memory");
    }
    zip.finish().expect("memory").into_inner()
}

/// In memory where the system has a place for that: a file is written for every input.
fn folder() -> TempDir {
    let memory = PathBuf::from("/dev/shm");
    let made = if memory.is_dir() {
        tempfile::tempdir_in(memory)
    } else {
        tempfile::tempdir()
    };
    made.expect("a folder")
}
