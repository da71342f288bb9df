//! Reading the run history back: what each folder below `journal/` says.

use std::fs;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::journal::{RefusalRecord, RunRecord};
use super::release::is_id;
use crate::error::{Class, Classified};

/// The record of a run that has ended.
pub const RUN: &str = "run.json";
/// The record of a run that has begun.
pub const BEGUN: &str = "begonnen.json";
/// The refused rows of a run.
pub const REFUSALS: &str = "weigeringen.ndjson";

/// A run, as far as the journal knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Run {
    /// It has ended.
    Ended(RunRecord),
    /// It is under way, or was cut off and the next run has not closed it yet.
    Open {
        /// The run.
        id: String,
        /// When it began (RFC 3339, UTC), if that was written down.
        started_at: Option<String>,
    },
}

impl Run {
    /// The run's id.
    #[must_use]
    pub fn id(&self) -> &str {
        match self {
            Self::Ended(record) => &record.id,
            Self::Open { id, .. } => id,
        }
    }
}

/// Why the run history cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    /// A record is not what it should be.
    #[error("the journal of run {run} cannot be read: {reason}")]
    BadRecord {
        /// The run.
        run: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The operating system refused.
    #[error("cannot read the journal: {0}")]
    Io(#[from] io::Error),
}

impl Classified for HistoryError {
    fn class(&self) -> Class {
        Class::Environment
    }
}

/// The ids of all runs, ascending. A warehouse without a journal has none.
///
/// # Errors
/// When the folder cannot be listed.
pub fn ids(journal: &Path) -> Result<Vec<String>, HistoryError> {
    let entries = match fs::read_dir(journal) {
        Ok(entries) => entries,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(e.into()),
    };
    let mut ids = Vec::new();
    for entry in entries {
        if let Some(id) = entry?.file_name().to_str()
            && is_id(id)
        {
            ids.push(id.to_owned());
        }
    }
    ids.sort_unstable();
    Ok(ids)
}

/// What the journal knows of one run; `None` when its folder holds no record (yet).
///
/// # Errors
/// When a record cannot be read.
pub fn run(journal: &Path, id: &str) -> Result<Option<Run>, HistoryError> {
    #[derive(Deserialize)]
    struct Begun {
        started_at: Option<String>,
    }
    let folder = folder(journal, id)?;
    if let Some(text) = read(&folder.join(RUN))? {
        return serde_json::from_slice(&text)
            .map(|r| Some(Run::Ended(r)))
            .map_err(|e| bad(id, &e));
    }
    let Some(text) = read(&folder.join(BEGUN))? else {
        return Ok(None);
    };
    // It may have been cut off while it was written: that it is there is enough.
    let started_at = serde_json::from_slice::<Begun>(&text)
        .ok()
        .and_then(|b| b.started_at);
    Ok(Some(Run::Open {
        id: id.to_owned(),
        started_at,
    }))
}

/// All runs, ascending by id.
///
/// # Errors
/// When the journal cannot be read.
pub fn runs(journal: &Path) -> Result<Vec<Run>, HistoryError> {
    let mut runs = Vec::new();
    for id in ids(journal)? {
        runs.extend(run(journal, &id)?);
    }
    Ok(runs)
}

/// The refused rows of one run, one by one.
///
/// # Errors
/// When the list is there but cannot be opened. An item is an error when its line cannot be read.
pub fn refusals(
    journal: &Path,
    id: &str,
) -> Result<impl Iterator<Item = Result<RefusalRecord, HistoryError>> + Send + use<>, HistoryError>
{
    let lines = match fs::File::open(folder(journal, id)?.join(REFUSALS)) {
        Ok(file) => Some(BufReader::new(file).lines()),
        Err(e) if e.kind() == io::ErrorKind::NotFound => None,
        Err(e) => return Err(e.into()),
    };
    let id = id.to_owned();
    Ok(lines
        .into_iter()
        .flatten()
        .map(move |line| serde_json::from_str(&line?).map_err(|e| bad(&id, &e))))
}

fn folder(journal: &Path, id: &str) -> Result<PathBuf, HistoryError> {
    if is_id(id) {
        return Ok(journal.join(id));
    }
    Err(HistoryError::BadRecord {
        run: "?".to_owned(),
        reason: "its id is no id".to_owned(),
    })
}

fn read(path: &Path) -> Result<Option<Vec<u8>>, HistoryError> {
    match fs::read(path) {
        Ok(text) => Ok(Some(text)),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(e.into()),
    }
}

fn bad(run: &str, error: &serde_json::Error) -> HistoryError {
    // Only where, not what: the text of a broken line is nobody's business.
    let reason = format!("line {}, column {}", error.line(), error.column());
    HistoryError::BadRecord {
        run: run.to_owned(),
        reason,
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "tests make their own files")]
mod tests {
    use super::*;
    use crate::warehouse::fixture;

    #[test]
    fn a_run_without_an_end_is_open() {
        let warehouse = fixture::Warehouse::new();
        let runs = runs(&warehouse.journal()).unwrap();
        assert_eq!(runs.len(), 2);
        assert!(matches!(&runs[0], Run::Ended(r) if r.id == fixture::RUN));
        assert_eq!(
            runs[1],
            Run::Open {
                id: fixture::OPEN_RUN.to_owned(),
                started_at: Some("2025-01-03T01:00:00Z".to_owned())
            }
        );
    }

    #[test]
    fn a_run_cut_off_while_it_wrote_its_first_record_is_open() {
        let warehouse = fixture::Warehouse::new();
        let folder = warehouse.journal().join("20250104T010000Z-1");
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join(BEGUN), "{\"started").unwrap();
        let run = run(&warehouse.journal(), "20250104T010000Z-1").unwrap();
        assert!(matches!(
            run,
            Some(Run::Open {
                started_at: None,
                ..
            })
        ));
    }

    #[test]
    fn a_broken_line_is_an_error_without_its_text() {
        let warehouse = fixture::Warehouse::new();
        let file = warehouse.journal().join(fixture::RUN).join(REFUSALS);
        fs::write(file, "{\"source\": \"999990019\"").unwrap();
        let rows: Result<Vec<_>, _> = refusals(&warehouse.journal(), fixture::RUN)
            .unwrap()
            .collect();
        let text = rows.unwrap_err().to_string();
        assert!(!text.contains("999990019"), "{text}");
    }
}
