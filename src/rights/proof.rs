//! The proof that something is gone: every byte of every file below a folder, and every page of every
//! Parquet file as it is after decompression, searched for it.
//!
//! It knows nothing of tables and releases. Whatever lies in the folder is looked at: releases, staging,
//! journals, lists, what nobody knows the purpose of.

use std::collections::{BTreeSet, HashMap};
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use parquet::file::reader::{FileReader, SerializedFileReader};
use rayon::prelude::*;
use serde::Serialize;

use crate::hex;
use crate::lock::pseudonym::Pseudonym;

/// Bits of the table that says where a search may stop at once.
const TABLE_BITS: u32 = 16;

/// What was looked at, and where something was found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Proof {
    /// Files, each once however many names it has.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Pages of Parquet files.
    pub pages: u64,
    /// Files (below the folder) in which something was found: none, if it is gone.
    pub found: Vec<String>,
    /// Parquet files of which the pages cannot be read; their bytes were searched.
    pub unreadable: Vec<String>,
}

impl Proof {
    /// Whether it is gone, and all could be looked at.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.found.is_empty() && self.unreadable.is_empty()
    }
}

/// Texts that must not occur.
pub struct Needles {
    by_start: HashMap<[u8; 4], Vec<Vec<u8>>>,
    table: Vec<u64>,
}

impl Needles {
    /// Pseudonyms and digests: as bytes, and written in hexadecimal in either case.
    #[must_use]
    pub fn new(gone: &BTreeSet<Pseudonym>) -> Self {
        let mut by_start: HashMap<[u8; 4], Vec<Vec<u8>>> = HashMap::new();
        let mut table = vec![0_u64; 1 << (TABLE_BITS - 6)];
        for pseudonym in gone {
            let text = hex::encode(pseudonym);
            for needle in [
                pseudonym.to_vec(),
                text.to_uppercase().into_bytes(),
                text.into_bytes(),
            ] {
                if let Some(start) = needle.first_chunk::<4>() {
                    let (word, bit) = place(*start);
                    table[word] |= bit;
                    by_start.entry(*start).or_default().push(needle);
                }
            }
        }
        Self { by_start, table }
    }

    /// Whether one of them occurs in these bytes.
    #[must_use]
    pub fn occur_in(&self, bytes: &[u8]) -> bool {
        let starts = bytes.windows(4).enumerate();
        let mut starts = starts.filter_map(|(at, w)| Some((at, *w.first_chunk::<4>()?)));
        starts.any(|(at, start)| {
            let (word, bit) = place(start);
            if self.table[word] & bit == 0 {
                return false;
            }
            let needles = self.by_start.get(&start).into_iter().flatten();
            let mut found = needles.filter(|n| bytes[at..].starts_with(n));
            found.next().is_some()
        })
    }
}

fn place(start: [u8; 4]) -> (usize, u64) {
    let hash = u32::from_le_bytes(start).wrapping_mul(0x9E37_79B1) >> (32 - TABLE_BITS);
    ((hash >> 6) as usize, 1 << (hash & 63))
}

/// Searches everything below a folder, names of files included.
///
/// # Errors
/// Something cannot be read: then nothing is proved.
pub fn search(root: &Path, needles: &Needles) -> io::Result<Proof> {
    let mut files = Vec::new();
    let mut seen = BTreeSet::new();
    let mut open = vec![root.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            let meta = path.symlink_metadata()?;
            if meta.is_dir() {
                open.push(path);
            } else if meta.is_file() && seen.insert((meta.dev(), meta.ino())) {
                files.push(path);
            }
        }
    }
    files.sort();
    let below = |path: &Path| {
        let below = path.strip_prefix(root).unwrap_or(path);
        below.to_string_lossy().into_owned()
    };
    let one = |path: &PathBuf| {
        let mut proof = look(path, needles)?;
        for list in [&mut proof.found, &mut proof.unreadable] {
            for found in list {
                *found = below(path);
            }
        }
        Ok(proof)
    };
    let each: Vec<Proof> = files.par_iter().map(one).collect::<io::Result<_>>()?;
    Ok(each.into_iter().fold(Proof::default(), |mut all, one| {
        all.files += one.files;
        all.bytes += one.bytes;
        all.pages += one.pages;
        all.found.extend(one.found);
        all.unreadable.extend(one.unreadable);
        all
    }))
}

/// Pieces of a file overlap by the longest needle, so that none falls between two.
const PIECE: usize = 4 << 20;
const OVERLAP: usize = 32;

fn look(path: &Path, needles: &Needles) -> io::Result<Proof> {
    use std::io::Read;
    let mut proof = Proof {
        files: 1,
        ..Proof::default()
    };
    let mut file = File::open(path)?;
    let mut piece = Vec::with_capacity(PIECE + OVERLAP);
    let mut hit = needles.occur_in(path.file_name().unwrap_or_default().as_encoded_bytes());
    loop {
        let kept = piece.len().min(OVERLAP);
        piece.drain(..piece.len() - kept);
        let got = Read::by_ref(&mut file)
            .take(PIECE as u64)
            .read_to_end(&mut piece)?;
        proof.bytes += got as u64;
        if got == 0 {
            break;
        }
        hit |= needles.occur_in(&piece);
    }
    if path.extension().is_some_and(|e| e == "parquet") {
        match pages(path, needles, &mut proof.pages) {
            Ok(found) => hit |= found,
            Err(_) => proof.unreadable.push(String::new()),
        }
    }
    if hit {
        proof.found.push(String::new());
    }
    Ok(proof)
}

/// Whether a page of a Parquet file holds one of them, dictionaries included.
fn pages(path: &Path, needles: &Needles, count: &mut u64) -> parquet::errors::Result<bool> {
    let reader = SerializedFileReader::new(File::open(path)?)?;
    let mut hit = false;
    for group in 0..reader.num_row_groups() {
        let group = reader.get_row_group(group)?;
        for column in 0..group.num_columns() {
            let mut pages = group.get_column_page_reader(column)?;
            while let Some(page) = pages.get_next_page()? {
                *count += 1;
                hit |= needles.occur_in(page.buffer());
            }
        }
    }
    Ok(hit)
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "tests make their own files")]
mod tests {
    use super::*;

    #[test]
    fn whatever_holds_it_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let gone: Pseudonym = *b"\x00\xffpseudoniem\x01\x02\x03\x04";
        let needles = Needles::new(&BTreeSet::from([gone]));
        let root = folder.path();
        fs::write(root.join("schoon"), vec![0; 10_000]).unwrap();
        let clean = search(root, &needles).unwrap();
        assert!(clean.holds());
        assert_eq!((clean.files, clean.bytes), (1, 10_000));
        let text = hex::encode(&gone);
        // On the border between two pieces, too.
        let mut large = vec![7; PIECE - 5];
        large.extend(gone);
        for (name, bytes) in [
            ("ruw", [&b"x"[..], &gone, b"y"].concat()),
            ("hex", format!("({text})").into_bytes()),
            ("HEX", text.to_uppercase().into_bytes()),
            ("grens", large),
            (text.as_str(), Vec::new()),
        ] {
            fs::write(root.join(name), bytes).unwrap();
            let proof = search(root, &needles).unwrap();
            assert_eq!(proof.found, [name.to_owned()], "{name}");
            fs::remove_file(root.join(name)).unwrap();
        }
    }
}
