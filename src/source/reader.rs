//! Reading a delivery: from the file, once, in pieces of whole records, hashed on the way.
//!
//! Memory is bounded by the piece size plus the longest accepted record, whatever the file's size.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use sha2::{Digest, Sha256};

use super::csv;
use super::fault::DeliveryFault;
use super::format::{Decoder, Piece};
use super::watched::Watched;
use crate::contract::model::CsvDialect;

/// What is known of a delivery once it was read to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadSummary {
    /// SHA-256 of all bytes (hex).
    pub sha256: String,
    /// Size in bytes.
    pub bytes: u64,
    /// Whether the last record had its line end.
    pub terminated: bool,
}

/// A delivery being read.
pub struct Reader {
    file: File,
    watched: Watched,
    hasher: Sha256,
    read: u64,
    piece_bytes: usize,
    dialect: CsvDialect,
    /// The beginning of a record whose end has not been read.
    carry: Vec<u8>,
    at_end: bool,
    terminated: bool,
}

impl Reader {
    /// Opens a delivery and reads its header record, line end taken off.
    ///
    /// # Errors
    /// An unreadable or empty file, or a header longer than a record may be.
    pub fn open(
        path: &Path,
        dialect: &CsvDialect,
        piece_bytes: usize,
    ) -> Result<(Self, Vec<u8>), DeliveryFault> {
        let (file, watched) = Watched::open(path)?;
        let mut reader = Self {
            file,
            watched,
            hasher: Sha256::new(),
            read: 0,
            piece_bytes,
            dialect: dialect.clone(),
            carry: Vec::new(),
            at_end: false,
            terminated: true,
        };
        let header = reader.header()?;
        Ok((reader, header))
    }

    fn header(&mut self) -> Result<Vec<u8>, DeliveryFault> {
        loop {
            self.fill()?;
            if self.carry.is_empty() && self.at_end {
                return Err(DeliveryFault::Empty);
            }
            let end = csv::record_end(&self.carry, 0, self.dialect.delimiter);
            if let Some(end) = end.or(self.at_end.then_some(self.carry.len())) {
                if end > self.dialect.max_row_bytes {
                    return Err(DeliveryFault::RowTooLong {
                        row: 0,
                        max: self.dialect.max_row_bytes,
                    });
                }
                let rest = self.carry.split_off(end);
                let mut header = std::mem::replace(&mut self.carry, rest);
                while header.last().is_some_and(|b| matches!(b, b'\n' | b'\r')) {
                    header.pop();
                }
                return Ok(header);
            }
            self.refuse_endless_record()?;
        }
    }

    /// The next piece: whole records only, except at the end of a file without a last line end.
    /// `None` at the end. Row numbers in errors count from this piece's first row (0).
    ///
    /// # Errors
    /// The file cannot be read, or a record is longer than accepted.
    pub fn next_bytes(&mut self) -> Result<Option<Vec<u8>>, DeliveryFault> {
        loop {
            if self.at_end {
                let piece = std::mem::take(&mut self.carry);
                if piece.is_empty() {
                    return Ok(None);
                }
                // A line end inside a quote that is never closed ends no record.
                self.terminated =
                    csv::last_record_end(&piece, self.dialect.delimiter) == Some(piece.len());
                return Ok(Some(piece));
            }
            self.fill()?;
            if self.at_end {
                continue;
            }
            if let Some(end) = csv::last_record_end(&self.carry, self.dialect.delimiter) {
                let rest = self.carry[end..].to_vec();
                self.carry.truncate(end);
                return Ok(Some(std::mem::replace(&mut self.carry, rest)));
            }
            self.refuse_endless_record()?;
        }
    }

    fn refuse_endless_record(&self) -> Result<(), DeliveryFault> {
        if self.carry.len() > self.dialect.max_row_bytes {
            return Err(DeliveryFault::RowTooLong {
                row: 0,
                max: self.dialect.max_row_bytes,
            });
        }
        Ok(())
    }

    fn fill(&mut self) -> Result<(), DeliveryFault> {
        let before = self.carry.len();
        self.carry.reserve(self.piece_bytes);
        let got = (&self.file)
            .take(self.piece_bytes as u64)
            .read_to_end(&mut self.carry)
            .map_err(|e| DeliveryFault::Unreadable(e.kind()))?;
        self.hasher.update(&self.carry[before..]);
        self.read += got as u64;
        self.at_end = got < self.piece_bytes;
        Ok(())
    }

    /// Ends the reading: the file must still be the file that was opened.
    ///
    /// # Errors
    /// The file grew, shrank, was touched or replaced while it was read.
    pub fn finish(self) -> Result<ReadSummary, DeliveryFault> {
        self.watched.unchanged(self.read)?;
        Ok(ReadSummary {
            sha256: crate::hex::encode(&self.hasher.finalize()),
            bytes: self.read,
            terminated: self.terminated,
        })
    }
}

impl Decoder for Reader {
    fn next_piece(&mut self) -> Result<Option<Piece>, DeliveryFault> {
        Ok(self.next_bytes()?.map(Piece::Bytes))
    }

    fn finish(self: Box<Self>) -> Result<ReadSummary, DeliveryFault> {
        Self::finish(*self)
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "tests make their own files")]
mod tests {
    use std::fs;
    use std::path::PathBuf;

    use proptest::prelude::*;
    use tempfile::TempDir;

    use super::*;
    use crate::contract::model::Encoding;

    const DIALECT: CsvDialect = CsvDialect {
        encoding: Encoding::Utf8,
        delimiter: b';',
        max_row_bytes: 100,
    };

    fn place(bytes: &[u8]) -> (TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("levering.csv");
        fs::write(&path, bytes).unwrap();
        (folder, path)
    }

    /// Header, pieces and summary.
    type Read = (Vec<u8>, Vec<Vec<u8>>, ReadSummary);

    fn read(bytes: &[u8], piece: usize) -> Result<Read, DeliveryFault> {
        let (_folder, path) = place(bytes);
        let (mut reader, header) = Reader::open(&path, &DIALECT, piece)?;
        let mut pieces = Vec::new();
        while let Some(piece) = reader.next_bytes()? {
            pieces.push(piece);
        }
        Ok((header, pieces, reader.finish()?))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(300))]

        #[test]
        fn pieces_are_the_file_cut_at_records(
            lines in proptest::collection::vec("(a{0,9};|\"[b\n;]{0,9}\";)?c{0,9}(\n|\r\n)", 0..40),
            piece in 1usize..400,
            cut in any::<bool>(),
        ) {
            let mut body = lines.concat();
            if cut {
                body.pop();
            }
            let (header, pieces, summary) = read(format!("kop\r\n{body}").as_bytes(), piece).unwrap();
            prop_assert_eq!(header, b"kop");
            prop_assert_eq!(pieces.concat(), body.as_bytes());
            for whole in pieces.iter().rev().skip(1) {
                prop_assert_eq!(csv::last_record_end(whole, b';'), Some(whole.len()));
            }
            let whole = body.is_empty() || csv::last_record_end(body.as_bytes(), b';') == Some(body.len());
            prop_assert_eq!(summary.terminated, whole);
            prop_assert_eq!(summary.bytes, body.len() as u64 + 5);
            let digest = Sha256::digest(format!("kop\r\n{body}"));
            prop_assert_eq!(summary.sha256, crate::hex::encode(&digest));
        }
    }

    #[test]
    fn nothing_and_only_a_header() {
        for piece in [1, 1000] {
            assert_eq!(read(b"", piece), Err(DeliveryFault::Empty));
            let (header, pieces, summary) = read(b"a;b", piece).unwrap();
            assert_eq!((header, pieces.len()), (b"a;b".to_vec(), 0));
            assert!(summary.terminated);
        }
    }

    #[test]
    fn a_file_that_ends_inside_a_quote_ends_in_the_middle_of_a_record() {
        for piece in [1, 7, 1000] {
            let (_, pieces, summary) = read(b"a\nb\n\"c\nd\n", piece).unwrap();
            assert_eq!(pieces.concat(), b"b\n\"c\nd\n");
            assert!(!summary.terminated);
        }
    }

    #[test]
    fn no_record_is_longer_than_accepted() {
        let long = "x".repeat(101);
        for piece in [1, 64, 1000] {
            let header = read(long.as_bytes(), piece);
            assert!(matches!(
                header,
                Err(DeliveryFault::RowTooLong { row: 0, .. })
            ));
        }
        // The reader sees it where the record fills more than a piece; the index sees the rest.
        for text in [
            format!("a\n{long}{long}\n"),
            format!("a\n\"{}", "b\n".repeat(60)),
        ] {
            let fault = read(text.as_bytes(), 16).unwrap_err();
            assert_eq!(fault, DeliveryFault::RowTooLong { row: 0, max: 100 });
        }
    }

    /// What happens to a file, in words and in fact.
    type Change<'a> = (&'a str, &'a dyn Fn(&Path));

    #[test]
    fn a_file_that_changes_while_it_is_read_is_refused() {
        let append = |path: &Path| {
            let mut text = fs::read(path).unwrap();
            text.extend_from_slice(b"nog een\n");
            fs::write(path, text).unwrap();
        };
        let shrink = |path: &Path| fs::write(path, b"a\n").unwrap();
        let touch = |path: &Path| {
            let file = File::options().write(true).open(path).unwrap();
            file.set_modified(std::time::SystemTime::UNIX_EPOCH)
                .unwrap();
        };
        let remove = |path: &Path| fs::remove_file(path).unwrap();
        let changes: [Change<'_>; 4] = [
            ("grows", &append),
            ("shrinks", &shrink),
            ("is touched", &touch),
            ("goes", &remove),
        ];
        for (what, change) in changes {
            let (_folder, path) = place(b"a\nb\nc\n");
            let (mut reader, _) = Reader::open(&path, &DIALECT, 1).unwrap();
            reader.next_bytes().unwrap();
            change(&path);
            while let Ok(Some(_)) = reader.next_bytes() {}
            let fault = reader.finish().unwrap_err();
            let gone = DeliveryFault::Unreadable(std::io::ErrorKind::NotFound);
            assert!(
                fault == DeliveryFault::Changing || fault == gone,
                "{what}: {fault}"
            );
        }
    }
}
