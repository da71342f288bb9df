//! The search: every identifying value of the demo and of the canaries, in every spelling of a careless
//! program, in bytes, names and Parquet columns.

use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use arrow::array::Array;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use sha2::{Digest, Sha256};
use sluis::canary::Canaries;

use crate::support::Answer;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Bsn,
    ClientNumber,
    CaseNumber,
    Name,
    BirthDate,
    Postcode,
    FreeText,
    /// A spelling of a BSN or number that is not digits.
    Encoded,
}

/// What was found: where, what kind, and the value.
pub(super) type Find = (PathBuf, Kind, String);

pub(super) struct Search {
    patterns: Vec<(Kind, Vec<u8>)>,
    /// The patterns by their first four bytes.
    by_start: HashMap<[u8; 4], Vec<usize>>,
    /// A bit for each value of a hash of four bytes with which some pattern begins: most places in a
    /// file are passed over by one look at it.
    starts: Vec<u64>,
}

impl Search {
    pub(super) fn new() -> Self {
        Self::with(None)
    }

    /// The demo's persons, and the canaries.
    pub(super) fn with(canaries: Option<&Canaries>) -> Self {
        let mut all = BTreeSet::new();
        for person in canaries.into_iter().flat_map(Canaries::persons) {
            spellings_of_a_bsn(&person.bsn, &mut all);
            encodings(&person.number, &mut all);
            for (kind, value) in [
                (Kind::ClientNumber, &person.number),
                (Kind::Name, &person.last),
                (Kind::FreeText, &person.street),
                (Kind::FreeText, &person.email),
                (Kind::FreeText, &person.telephone),
                (Kind::FreeText, &person.iban),
            ] {
                all.insert((kind, value.clone().into_bytes()));
            }
        }
        let ids = sluis::demo::identifiers(1).unwrap();
        for bsn in &ids.bsns {
            spellings_of_a_bsn(bsn, &mut all);
        }
        for number in ids.client_numbers.iter().chain(&ids.case_numbers) {
            encodings(number, &mut all);
        }
        for date in &ids.birth_dates {
            spellings_of_a_date(date, &mut all);
        }
        for postcode in &ids.postcodes {
            let bare: String = postcode.split_whitespace().collect();
            let spaced = format!("{} {}", &bare[..4], &bare[4..]);
            all.extend([bare, spaced].map(|p| (Kind::Postcode, p.into_bytes())));
        }
        for (kind, values) in [
            (Kind::ClientNumber, &ids.client_numbers),
            (Kind::CaseNumber, &ids.case_numbers),
            (Kind::Name, &ids.names),
            (Kind::FreeText, &ids.free_text),
        ] {
            for value in values {
                all.insert((kind, value.clone().into_bytes()));
                all.insert((kind, encoding_rs::WINDOWS_1252.encode(value).0.into_owned()));
            }
        }
        let patterns: Vec<_> = all.into_iter().filter(|(_, p)| p.len() > 3).collect();
        assert!(patterns.len() > 50_000, "{} patterns", patterns.len());
        let mut by_start: HashMap<[u8; 4], Vec<usize>> = HashMap::new();
        let mut starts = vec![0; 1 << 14];
        for (number, (_, pattern)) in patterns.iter().enumerate() {
            let start = first_four(pattern);
            let (word, bit) = place_of(start);
            starts[word] |= bit;
            by_start.entry(start).or_default().push(number);
        }
        Self {
            patterns,
            by_start,
            starts,
        }
    }

    /// Every place where a pattern begins: which, from where, to where. Letters A to Z in either
    /// case.
    pub(super) fn hits(&self, bytes: &[u8]) -> Vec<(usize, usize, usize)> {
        let mut hits = Vec::new();
        for from in 0..bytes.len().saturating_sub(3) {
            let start = first_four(&bytes[from..]);
            let (word, bit) = place_of(start);
            if self.starts[word] & bit == 0 {
                continue;
            }
            for &number in self.by_start.get(&start).into_iter().flatten() {
                let pattern = &self.patterns[number].1;
                let to = from + pattern.len();
                if bytes
                    .get(from..to)
                    .is_some_and(|b| b.eq_ignore_ascii_case(pattern))
                {
                    hits.push((number, from, to));
                }
            }
        }
        hits
    }

    /// Everything below a folder, its name not included.
    pub(super) fn folder(&self, root: &Path, but: &[PathBuf]) -> Vec<Find> {
        let mut found = Vec::new();
        for entry in fs::read_dir(root).unwrap() {
            let path = entry.unwrap().path();
            if but.contains(&path) {
                continue;
            }
            self.bytes(&path, path.file_name().unwrap().as_bytes(), &mut found);
            let meta = path.symlink_metadata().unwrap();
            if meta.is_symlink() {
                let target = fs::read_link(&path).unwrap();
                self.bytes(&path, target.as_os_str().as_bytes(), &mut found);
            } else if meta.is_dir() {
                found.extend(self.folder(&path, but));
            } else {
                self.bytes(&path, &fs::read(&path).unwrap(), &mut found);
                self.parquet(&path, &mut found);
            }
        }
        found
    }

    pub(super) fn bytes(&self, at: &Path, bytes: &[u8], found: &mut Vec<Find>) {
        let mut seen = BTreeSet::new();
        for (number, from, to) in self.hits(bytes) {
            let (kind, pattern) = &self.patterns[number];
            if *kind != Kind::Encoded && inside_a_hash(bytes, from, to) {
                continue;
            }
            if seen.insert(number) {
                let value = String::from_utf8_lossy(pattern).into_owned();
                found.push((at.to_owned(), *kind, value));
            }
        }
    }

    /// Every value of every column as text, and every statistic.
    pub(super) fn parquet(&self, path: &Path, found: &mut Vec<Find>) {
        let file = fs::File::open(path).unwrap();
        let Ok(reader) = ParquetRecordBatchReaderBuilder::try_new(file) else {
            let named = path.extension().is_some_and(|e| e == "parquet");
            // A run that is cut off leaves files without an end, in its staging folder only.
            assert!(!named || under(path, "staging"), "{}", path.display());
            return;
        };
        let metadata = reader.metadata().clone();
        for pair in metadata
            .file_metadata()
            .key_value_metadata()
            .into_iter()
            .flatten()
        {
            let text = format!(
                "{}\n{}",
                pair.key,
                pair.value.as_deref().unwrap_or_default()
            );
            self.bytes(path, text.as_bytes(), found);
        }
        for column in metadata
            .row_groups()
            .iter()
            .flat_map(parquet::file::metadata::RowGroupMetaData::columns)
        {
            let Some(statistics) = column.statistics() else {
                continue;
            };
            let ends = [statistics.min_bytes_opt(), statistics.max_bytes_opt()];
            for end in ends.into_iter().flatten() {
                self.bytes(path, end, found);
            }
        }
        for batch in reader.build().unwrap() {
            let batch = batch.unwrap();
            for (field, column) in batch.schema().fields().iter().zip(batch.columns()) {
                let options = FormatOptions::default();
                let values = ArrayFormatter::try_new(column, &options).unwrap();
                let mut text = String::new();
                for row in (0..column.len()).filter(|r| column.is_valid(*r)) {
                    // Cells stay apart: what two make together is nobody's.
                    text += &values.value(row).to_string();
                    text.push('\n');
                }
                self.bytes(&path.join(field.name()), text.as_bytes(), found);
            }
        }
    }

    pub(super) fn answer(&self, what: &str, answer: &Answer, found: &mut Vec<Find>) {
        self.bytes(Path::new(what), answer.stdout.as_bytes(), found);
        self.bytes(Path::new(what), answer.stderr.as_bytes(), found);
    }
}

fn first_four(bytes: &[u8]) -> [u8; 4] {
    std::array::from_fn(|i| bytes[i].to_ascii_lowercase())
}

fn place_of(start: [u8; 4]) -> (usize, u64) {
    let hash = u32::from_le_bytes(start).wrapping_mul(0x9E37_79B1) >> 12;
    ((hash >> 6) as usize, 1 << (hash & 63))
}

fn spellings_of_a_bsn(bsn: &str, all: &mut BTreeSet<(Kind, Vec<u8>)>) {
    all.insert((Kind::Bsn, bsn.into()));
    let digits: String = bsn.chars().filter(char::is_ascii_digit).collect();
    let short = digits.trim_start_matches('0');
    let nine = format!("{digits:0>9}");
    // Fewer digits are a value that was refused for it, and occur by chance everywhere.
    if short.len() >= 7 {
        all.insert((Kind::Bsn, short.into()));
    }
    if short.len() < 7 || nine.len() != 9 {
        return;
    }
    all.insert((Kind::Bsn, nine.clone().into()));
    all.insert((Kind::Bsn, nine.chars().rev().collect::<String>().into()));
    for mark in ['.', ' ', '-'] {
        let (a, b, c) = (&nine[..4], &nine[4..6], &nine[6..]);
        all.insert((Kind::Encoded, format!("{a}{mark}{b}{mark}{c}").into()));
        let (a, b, c) = (&nine[..3], &nine[3..6], &nine[6..]);
        all.insert((Kind::Encoded, format!("{a}{mark}{b}{mark}{c}").into()));
    }
    encodings(&nine, all);
    let hash = Sha256::digest(&nine);
    all.insert((Kind::Encoded, hash[..16].into()));
    all.insert((Kind::Encoded, sluis::hex::encode(&hash[..16]).into()));
}

/// Hexadecimal, and base64 wherever the value begins in what was encoded.
fn encodings(value: &str, all: &mut BTreeSet<(Kind, Vec<u8>)>) {
    all.insert((Kind::Encoded, sluis::hex::encode(value.as_bytes()).into()));
    for before in 0..3 {
        let mut bytes = vec![0; before];
        bytes.extend(value.as_bytes());
        let text = base64(&bytes);
        // Without the letters that also hold bits of what stands before or after.
        let from = [0, 2, 3][before];
        let to = bytes.len() * 8 / 6;
        all.insert((Kind::Encoded, text[from..to].into()));
    }
}

pub(super) fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let number = (0..3).fold(0_u32, |n, i| {
            n << 8 | u32::from(three.get(i).copied().unwrap_or(0))
        });
        for i in 0..4 {
            text.push(char::from(LETTERS[(number >> (18 - 6 * i) & 63) as usize]));
        }
    }
    text
}

fn spellings_of_a_date(date: &str, all: &mut BTreeSet<(Kind, Vec<u8>)>) {
    all.insert((Kind::BirthDate, date.into()));
    let parts: Vec<u32> = date.split('-').filter_map(|p| p.parse().ok()).collect();
    let &[day, month, year] = parts.as_slice() else {
        return;
    };
    if !(1..=31).contains(&day) {
        return;
    }
    // As eight digits a later one could be the date of a delivery or of a run.
    if year < 2000 {
        all.insert((Kind::BirthDate, format!("{year}{month:02}{day:02}").into()));
    }
    for text in [
        format!("{year:04}-{month:02}-{day:02}"),
        format!("{day:02}-{month:02}-{year:04}"),
        format!("{day:02}/{month:02}/{year:04}"),
        format!("{year:04}/{month:02}/{day:02}"),
    ] {
        all.insert((Kind::BirthDate, text.into()));
    }
}

/// Whether a hit lies inside one of the program's own hashes or pseudonyms: lower-case hexadecimal
/// of exactly 8, 16, 32 or 64 digits. In a few thousand of those a nine-digit number or a postcode
/// occurs by chance. A longer or shorter run of digits is searched as anything else.
fn inside_a_hash(bytes: &[u8], start: usize, end: usize) -> bool {
    let digit = |b: &&u8| matches!(b, b'0'..=b'9' | b'a'..=b'f');
    let before = bytes[..start].iter().rev().take_while(digit).count();
    let after = bytes[end..].iter().take_while(digit).count();
    let all = bytes[start..end].iter().all(|b| digit(&b));
    let whole = &bytes[start - before..end + after];
    all && before + after > 0
        && matches!(whole.len(), 8 | 16 | 32 | 64)
        && whole.iter().any(u8::is_ascii_alphabetic)
}

pub(super) fn under(path: &Path, folder: &str) -> bool {
    path.components().any(|c| c.as_os_str() == folder)
}
