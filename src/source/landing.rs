//! The landing folder: which deliveries lie there, and whether they are at rest.
//!
//! File names matter only as far as the pattern of the pipeline goes. A file that matches no pattern
//! is counted and never named: a name can hold a person's.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use chrono::{Datelike, NaiveDate};

use super::channel::part;
use super::fault::DeliveryFault;
use crate::contract::model::Pipeline;

/// A delivery found in the landing folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// The source.
    pub source: String,
    /// The `{deel}` of its name, a year; empty where the pattern has none.
    pub part: String,
    /// The `{datum}` of its name; empty where the pattern has none.
    pub order: String,
    /// The file.
    pub path: PathBuf,
    /// Size in bytes when it was found.
    pub bytes: u64,
    /// When it was last changed.
    pub modified: SystemTime,
}

/// What lies in the folder of one source.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Landed {
    /// Deliveries by part and order.
    pub deliveries: Vec<Delivery>,
    /// Files that match no pattern.
    pub strangers: usize,
}

/// Looks for the deliveries of a source. A folder that does not exist holds none.
///
/// # Errors
/// The folder cannot be listed.
pub fn find(landing: &Path, pipeline: &Pipeline) -> io::Result<Landed> {
    let folder = landing.join(&pipeline.folder);
    let entries = match fs::read_dir(&folder) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Landed::default()),
        entries => entries?,
    };
    let mut landed = Landed::default();
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_str().unwrap_or_default();
        // Links are not followed: what they point to is not in the landing folder.
        let meta = match entry.path().symlink_metadata() {
            // The partner is at work: a temporary name that was listed has become another one.
            Err(e) if e.kind() == io::ErrorKind::NotFound => continue,
            meta => meta?,
        };
        let ours = name == part::WORK && meta.is_dir();
        if ours || (name.ends_with(".sha256") && meta.is_file()) {
            continue;
        }
        match match_name(&pipeline.pattern, name).filter(|_| meta.is_file()) {
            Some((part, order)) => landed.deliveries.push(Delivery {
                source: pipeline.source.clone(),
                part,
                order,
                path: entry.path(),
                bytes: meta.len(),
                modified: meta.modified()?,
            }),
            None => landed.strangers += 1,
        }
    }
    landed
        .deliveries
        .sort_by(|a, b| (&a.part, &a.order).cmp(&(&b.part, &b.order)));
    Ok(landed)
}

/// Whether others than the owner can look into the landing folder.
///
/// # Errors
/// The folder cannot be examined; one that does not exist is not exposed.
pub fn exposed(landing: &Path) -> io::Result<bool> {
    match fs::metadata(landing) {
        Ok(meta) => Ok(meta.mode() & 0o077 != 0),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(e) => Err(e),
    }
}

impl Delivery {
    /// The day of its name.
    #[must_use]
    pub fn day(&self) -> Option<NaiveDate> {
        NaiveDate::parse_from_str(&self.order, "%Y%m%d").ok()
    }

    /// Refuses a delivery that was touched too recently to be at rest.
    ///
    /// # Errors
    /// [`DeliveryFault::NotSettled`].
    pub fn settled(&self, seconds: u64, now: SystemTime) -> Result<(), DeliveryFault> {
        // A time of change in the future says nothing about rest, so it counts as just now.
        let age = now
            .duration_since(self.modified)
            .map_or(0, |age| age.as_secs());
        if seconds > 0 && age < seconds {
            Err(DeliveryFault::NotSettled(seconds))
        } else {
            Ok(())
        }
    }

    /// The SHA-256 that the partner put beside the delivery, in lower case.
    ///
    /// # Errors
    /// There is none, or it is not a SHA-256.
    pub fn stated_checksum(&self) -> Result<String, DeliveryFault> {
        let text = fs::read_to_string(self.checksum_path()).map_err(|e| match e.kind() {
            io::ErrorKind::NotFound => DeliveryFault::ChecksumMissing,
            _ => DeliveryFault::ChecksumUnreadable,
        })?;
        checksum_of(&text).ok_or(DeliveryFault::ChecksumUnreadable)
    }

    /// Where the checksum file of this delivery lies.
    #[must_use]
    pub fn checksum_path(&self) -> PathBuf {
        let mut name = self.path.file_name().unwrap_or_default().to_owned();
        name.push(".sha256");
        self.path.with_file_name(name)
    }
}

/// The SHA-256 in the text of a checksum file, in lower case; `None` when there is none.
#[must_use]
pub fn checksum_of(text: &str) -> Option<String> {
    let word = text.split_whitespace().next()?.to_ascii_lowercase();
    let whole = word.len() == 64 && crate::hex::decode(&word).is_some();
    whole.then_some(word)
}

/// Matches a file name against a pattern and returns part and order; `None` when it does not match.
#[must_use]
pub fn match_name(pattern: &str, name: &str) -> Option<(String, String)> {
    let mut found = (String::new(), String::new());
    matches(pattern, name, &mut found).then_some(found)
}

fn matches(pattern: &str, name: &str, found: &mut (String, String)) -> bool {
    if let Some(rest) = pattern.strip_prefix("{datum}") {
        // A day on which something can have been delivered: eight digits can also be a number of
        // somebody, or the day on which they were born.
        return digits(name, 8).is_some_and(|(day, after)| {
            day.clone_into(&mut found.1);
            delivery_day(day) && matches(rest, after, found)
        });
    }
    if let Some(rest) = pattern.strip_prefix("{deel}") {
        // A year and nothing else: what is part of a name is kept, so it must not be able to hold one.
        return digits(name, 4).is_some_and(|(year, after)| {
            year.clone_into(&mut found.0);
            matches(rest, after, found)
        });
    }
    match (pattern.chars().next(), name.chars().next()) {
        (None, None) => true,
        (Some(p), Some(n)) if p == n => {
            matches(&pattern[p.len_utf8()..], &name[n.len_utf8()..], found)
        }
        _ => false,
    }
}

/// Whether eight digits are a day of this century.
fn delivery_day(text: &str) -> bool {
    NaiveDate::parse_from_str(text, "%Y%m%d").is_ok_and(|day| (2000..2100).contains(&day.year()))
}

/// So many digits at the beginning of a text, and what follows them.
fn digits(text: &str, count: usize) -> Option<(&str, &str)> {
    let (digits, after) = text.split_at_checked(count)?;
    digits
        .bytes()
        .all(|b| b.is_ascii_digit())
        .then_some((digits, after))
}

/// How many entries of the landing folder lie where no source looks.
///
/// # Errors
/// The folder cannot be listed.
pub fn homeless<'a>(landing: &Path, folders: impl Iterator<Item = &'a str>) -> io::Result<usize> {
    let known: Vec<&str> = folders.filter_map(|f| f.split('/').next()).collect();
    let mut count = 0;
    for entry in fs::read_dir(landing)? {
        let entry = entry?;
        let home = entry.file_type()?.is_dir() && known.iter().any(|k| entry.file_name() == *k);
        count += usize::from(!home);
    }
    Ok(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        let found = |p, n| match_name(p, n).map(|(a, b)| format!("{a}|{b}"));
        let pattern = "wot-casus_{deel}_{datum}.csv";
        assert_eq!(
            found(pattern, "wot-casus_2024_20250103.csv").as_deref(),
            Some("2024|20250103")
        );
        assert_eq!(
            found(pattern, "wot-casus_2019_20250103.csv").as_deref(),
            Some("2019|20250103")
        );
        for name in [
            "wot-casus_2024_2025010.csv",
            "wot-casus_2024_12345672.csv",
            "wot-casus_2024_20250230.csv",
            "wot-casus_2024_19390222.csv",
            "wot-casus__20250103.csv",
            "wot-casus_jansen_20250103.csv",
            "wot-casus_2024_20250103.csv.tmp",
            "",
            "wot-casus_é_20250103.csv",
        ] {
            assert_eq!(found(pattern, name), None, "{name}");
        }
        assert_eq!(
            found("{deel}-{datum}.csv", "2024-20250103.csv").as_deref(),
            Some("2024|20250103")
        );
        assert_eq!(found("export.csv", "export.csv").as_deref(), Some("|"));
    }
}
