//! The log of who did what with the warehouse: append-only, each line bound to the one before.
//!
//! `audit.ndjson` holds one JSON object a line. `digest`, the last field, is the SHA-256 of the line
//! without it: of everything up to `,"digest":` and a closing brace. `vorige` is the digest of the line
//! before, so no line can be changed, taken out or put in without all after it being made again. That
//! can be done by whoever may write the file, and lines at the end can be cut off: both show only
//! against a digest that was noted somewhere else. That is what `sluis audit head` is for.
//!
//! No line holds an identifier, a pseudonym, a value of a delivery or the text of a query.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

use chrono::{SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use thiserror::Error;

use crate::error::{Class, Classified};
use crate::hex;

/// The file of the log, inside the warehouse.
pub const AUDIT: &str = "audit.ndjson";
/// What stands where the first line has the digest of the line before.
pub const BEGINNING: &str = "begin";
/// No line is as long: the names of all views do not come near.
const LONGEST: u64 = 64 * 1024;
const BEFORE_DIGEST: &str = ",\"digest\":\"";

/// Why nothing can be written down.
#[derive(Debug, Error)]
pub enum AuditError {
    /// The disk.
    #[error("the audit log cannot be written: {0}")]
    Io(#[from] io::Error),
    /// The last line is not one of ours.
    #[error("the audit log is damaged at its end")]
    Damaged,
    /// An entry that cannot be put into words.
    #[error("an entry cannot be written as JSON: {0}")]
    Json(#[from] serde_json::Error),
}

impl Classified for AuditError {
    fn class(&self) -> Class {
        match self {
            Self::Io(_) => Class::Environment,
            Self::Damaged => Class::Privacy,
            Self::Json(_) => Class::Bug,
        }
    }

    fn remedy(&self) -> Option<String> {
        match self {
            Self::Io(_) => {
                Some("check that the disk has room and that the warehouse folder is yours".into())
            }
            Self::Damaged => Some(
                "`sluis audit verify` says where; show it to the privacy officer, then put the file \
                 aside: a new one begins by itself"
                    .into(),
            ),
            Self::Json(_) => None,
        }
    }
}

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Deed {
    /// The nightly job.
    Run,
    /// Deliveries were fetched from partners, apart from a run.
    Ophalen,
    /// A question in SQL.
    Vraag,
    /// Views written as files or as a report.
    Uitvoer,
    /// The root key was made or shown.
    Sleutel,
    /// Canaries were drawn, or their fingerprint shown.
    Kanaries,
    /// Somebody asked to see the own data (AVG, article 15).
    Inzage,
    /// Somebody asked to be erased (AVG, article 17).
    Wissen,
    /// The register's periods were applied.
    Bewaartermijn,
    /// A verification.
    Controle,
    /// A line that was not whole was taken off the end: a machine that lost its power.
    Herstel,
}

/// A line, before it is bound to the others.
#[derive(Clone, Debug, Serialize)]
pub struct Entry {
    wat: Deed,
    resultaat: &'static str,
    #[serde(flatten)]
    more: serde_json::Map<String, serde_json::Value>,
}

impl Entry {
    /// That this was done, with that result.
    #[must_use]
    pub fn new(deed: Deed, result: &'static str) -> Self {
        Self {
            wat: deed,
            resultaat: result,
            more: serde_json::Map::new(),
        }
    }

    /// Something more about it: an id, a name of ours, a count.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<serde_json::Value>) -> Self {
        self.more.insert(name.to_owned(), value.into());
        self
    }
}

#[derive(Serialize)]
struct Line<'a> {
    nummer: u64,
    moment: &'a str,
    wie: &'a str,
    #[serde(flatten)]
    entry: &'a Entry,
    vorige: &'a str,
}

/// What binds a line to the next.
#[derive(Deserialize)]
struct Bound {
    nummer: u64,
    moment: String,
    vorige: String,
    digest: String,
}

/// Writes a line, and returns once it is on the disk. In a folder that is not there nothing was done
/// that could be logged.
///
/// # Errors
/// It cannot be written, or the end of the log is damaged: then what was asked for must not be done.
pub fn note(warehouse: &Path, entry: &Entry) -> Result<(), AuditError> {
    if !warehouse.is_dir() {
        return Ok(());
    }
    let mut file = File::options()
        .read(true)
        .append(true)
        .create(true)
        .mode(0o600)
        .open(warehouse.join(AUDIT))?;
    file.lock()?;
    let written = append(&mut file, entry);
    // Closing is not enough: a process that another thread is just starting has it open too.
    let _ = file.unlock();
    written
}

fn append(file: &mut File, entry: &Entry) -> Result<(), AuditError> {
    let (mut number, mut before, torn) = end(file)?;
    let moment = Utc::now().to_rfc3339_opts(SecondsFormat::Secs, true);
    let who = who(file);
    let mut text = Vec::new();
    let mut add = |entry: &Entry| -> Result<(), AuditError> {
        number += 1;
        let line = bind(&Line {
            nummer: number,
            moment: &moment,
            wie: &who,
            entry,
            vorige: &before,
        })?;
        text.extend_from_slice(line.0.as_bytes());
        before = line.1;
        Ok(())
    };
    if torn > 0 {
        let whole = file.metadata()?.len() - torn;
        file.set_len(whole)?;
        add(&Entry::new(Deed::Herstel, "afgekapt").with("bytes", torn))?;
    }
    add(entry)?;
    file.write_all(&text)?;
    Ok(file.sync_all()?)
}

/// The line with its digest, and the digest.
fn bind(line: &Line<'_>) -> Result<(String, String), AuditError> {
    let mut text = serde_json::to_string(line)?;
    let digest = hex::encode(&Sha256::digest(&text));
    text.pop();
    text.push_str(BEFORE_DIGEST);
    text.push_str(&digest);
    text.push_str("\"}\n");
    Ok((text, digest))
}

/// Number and digest of the last whole line, and how many bytes come after it.
fn end(file: &mut File) -> Result<(u64, String, u64), AuditError> {
    let length = file.seek(SeekFrom::End(0))?;
    let from = length.saturating_sub(2 * LONGEST);
    file.seek(SeekFrom::Start(from))?;
    let mut tail = Vec::new();
    Read::by_ref(file)
        .take(2 * LONGEST)
        .read_to_end(&mut tail)?;
    let Some(last) = tail.iter().rposition(|b| *b == b'\n') else {
        // Nothing yet, or a first line that was never finished.
        return if from == 0 {
            Ok((0, BEGINNING.to_owned(), tail.len() as u64))
        } else {
            Err(AuditError::Damaged)
        };
    };
    let torn = (tail.len() - last - 1) as u64;
    let before = tail[..last].iter().rposition(|b| *b == b'\n');
    let line = &tail[before.map_or(0, |at| at + 1)..last];
    match read(line) {
        Some(bound) => Ok((bound.nummer, bound.digest, torn)),
        None => Err(AuditError::Damaged),
    }
}

/// A line, when its digest is its own.
fn read(line: &[u8]) -> Option<Bound> {
    let text = std::str::from_utf8(line).ok()?;
    let (body, rest) = text.rsplit_once(BEFORE_DIGEST)?;
    let bound: Bound = serde_json::from_str(text).ok()?;
    let digest = hex::encode(&Sha256::digest(format!("{body}}}")));
    (digest == bound.digest && rest.strip_suffix("\"}")? == digest).then_some(bound)
}

/// The account of the operating system: its name, and its number, which cannot be made up.
fn who(file: &File) -> String {
    // On Linux this folder belongs to whom the process acts for; elsewhere the owner of the log does.
    let own = std::fs::metadata("/proc/self").or_else(|_| file.metadata());
    let Ok(uid) = own.map(|meta| meta.uid()) else {
        return "?".to_owned();
    };
    let users = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let name = users.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)?.parse() == Ok(uid)).then(|| name.to_owned())
    });
    name.map_or_else(|| uid.to_string(), |name| format!("{name} ({uid})"))
}

/// A log that is whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Chain {
    /// Lines.
    pub lines: u64,
    /// The digest of the last one: to be noted elsewhere.
    pub head: String,
    /// When the last one was written.
    pub at: Option<String>,
    /// The number of the line with the digest that was noted; `None`: it is not there.
    pub noted: Option<u64>,
}

/// The first line that is not as it was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Break {
    /// Which line of the file, from 1.
    pub line: u64,
    /// What is wrong, in words.
    pub what: &'static str,
}

/// Goes through the log from its beginning. `noted`: a digest that was noted elsewhere. A log that is
/// not there has no lines.
///
/// # Errors
/// The operating system's. A log that is not whole is an answer.
pub fn verify(warehouse: &Path, noted: Option<&str>) -> io::Result<Result<Chain, Break>> {
    let mut chain = Chain {
        lines: 0,
        head: BEGINNING.to_owned(),
        at: None,
        noted: None,
    };
    let file = match File::open(warehouse.join(AUDIT)) {
        Ok(file) => file,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Ok(chain)),
        Err(e) => return Err(e),
    };
    // Nobody writes meanwhile; a reader that cannot lock reads all the same.
    let _ = file.lock_shared();
    let mut lines = BufReader::new(file);
    let mut line = Vec::new();
    loop {
        line.clear();
        if Read::by_ref(&mut lines)
            .take(2 * LONGEST)
            .read_until(b'\n', &mut line)?
            == 0
        {
            return Ok(Ok(chain));
        }
        let number = chain.lines + 1;
        let broken = |what| Ok(Err(Break { line: number, what }));
        let Some(text) = line.strip_suffix(b"\n") else {
            return broken("it has no end");
        };
        let Some(bound) = read(text) else {
            return broken("it is not as it was written");
        };
        if bound.vorige != chain.head {
            return broken("it does not follow on the line before");
        }
        if bound.nummer != number {
            return broken("its number is not the next one");
        }
        if noted == Some(bound.digest.as_str()) {
            chain.noted = Some(number);
        }
        chain.lines = number;
        chain.head = bound.digest;
        chain.at = Some(bound.moment);
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "tests make their own files")]
mod tests {
    use std::fs;

    use super::*;

    fn log(lines: u64) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for line in 0..lines {
            let entry = Entry::new(Deed::Run, "gepubliceerd").with("regel", line);
            note(folder.path(), &entry).unwrap();
        }
        folder
    }

    fn whole(folder: &Path) -> Chain {
        verify(folder, None).unwrap().unwrap()
    }

    #[test]
    fn a_line_is_bound_to_the_one_before() {
        let folder = log(3);
        let chain = whole(folder.path());
        assert_eq!(chain.lines, 3);
        let text = fs::read_to_string(folder.path().join(AUDIT)).unwrap();
        let last: serde_json::Value = serde_json::from_str(text.lines().last().unwrap()).unwrap();
        assert_eq!(last["digest"], chain.head.as_str());
        assert_eq!((&last["wat"], &last["regel"]), (&"run".into(), &2.into()));
        assert!(whole(log(0).path()).head == BEGINNING);
        // A folder that is not there gets no log.
        note(&folder.path().join("nergens"), &Entry::new(Deed::Run, "x")).unwrap();
        assert!(!folder.path().join("nergens").exists());
    }

    #[test]
    fn every_change_shows_and_the_first_is_named() {
        let folder = log(5);
        let path = folder.path().join(AUDIT);
        let good = fs::read(&path).unwrap();
        let first_of = |text: &[u8]| {
            fs::write(&path, text).unwrap();
            verify(folder.path(), None).unwrap().map_err(|b| b.line)
        };
        let line_of = |at: usize| 1 + good[..at].split(|b| *b == b'\n').skip(1).count() as u64;
        for at in 0..good.len() {
            let mut bad = good.clone();
            bad[at] ^= 1;
            assert_eq!(first_of(&bad), Err(line_of(at)), "byte {at}");
        }
        let lines: Vec<&[u8]> = good.split_inclusive(|b| *b == b'\n').collect();
        // Taken out, put in twice, in another order.
        for (changed, first) in [
            ([&lines[..2], &lines[3..]].concat(), 3),
            (lines[1..].to_vec(), 1),
            ([&lines[..3], &lines[2..]].concat(), 4),
            (vec![lines[0], lines[2], lines[1], lines[3], lines[4]], 2),
        ] {
            assert_eq!(first_of(&changed.concat()), Err(first));
        }
        assert_eq!(first_of(&good[..good.len() - 1]), Err(5));
    }

    #[test]
    fn an_end_that_is_cut_off_shows_against_a_noted_head_only() {
        let folder = log(4);
        let path = folder.path().join(AUDIT);
        let head = whole(folder.path()).head;
        note(folder.path(), &Entry::new(Deed::Inzage, "beantwoord")).unwrap();
        let noted = |head: &str| verify(folder.path(), Some(head)).unwrap().unwrap().noted;
        assert_eq!(noted(&head), Some(4));
        let text = fs::read_to_string(&path).unwrap();
        let cut: String = text.split_inclusive('\n').take(3).collect();
        fs::write(&path, cut).unwrap();
        assert_eq!(whole(folder.path()).lines, 3);
        assert_eq!(noted(&head), None);
    }

    #[test]
    fn a_line_that_power_cut_off_is_repaired_and_told() {
        for kept in [0, 2] {
            let folder = log(kept);
            let path = folder.path().join(AUDIT);
            let mut text = fs::read(&path).unwrap_or_default();
            text.extend(b"{\"nummer\":3,\"mom");
            fs::write(&path, text).unwrap();
            note(folder.path(), &Entry::new(Deed::Run, "begonnen")).unwrap();
            assert_eq!(whole(folder.path()).lines, kept + 2);
            assert!(
                fs::read_to_string(&path)
                    .unwrap()
                    .contains("\"wat\":\"herstel\"")
            );
        }
        // A last line that was changed is not built upon.
        let folder = log(2);
        let path = folder.path().join(AUDIT);
        let text = fs::read_to_string(&path)
            .unwrap()
            .replace("\"regel\":1", "\"regel\":7");
        fs::write(&path, text).unwrap();
        let error = note(folder.path(), &Entry::new(Deed::Run, "begonnen")).unwrap_err();
        assert!(matches!(error, AuditError::Damaged));
    }

    #[test]
    fn many_who_write_at_once_make_one_chain() {
        let folder = log(0);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..10 {
                        note(folder.path(), &Entry::new(Deed::Vraag, "beantwoord")).unwrap();
                    }
                });
            }
        });
        assert_eq!(whole(folder.path()).lines, 80);
    }
}
