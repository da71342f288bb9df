//! Faults in the files that a person edits: collected all at once, each with file, line and
//! remedy. Contract files are ours, so a fault may show what they say.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt::{self, Write as _};

use serde::Serialize;

/// One fault in a contract file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// The file, relative to the contract folder.
    pub file: String,
    /// The line, the first is 1.
    pub line: u32,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub remedy: String,
    /// The source whose deliveries cannot be trusted because of it; `None` when it touches
    /// everything.
    pub source: Option<String>,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}:{}: {}", self.file, self.line, self.message)?;
        write!(f, "hint: {}", self.remedy)
    }
}

/// All faults as a person reads them, closed by their count. Empty text for no faults.
#[must_use]
pub fn render(faults: &[Fault]) -> String {
    if faults.is_empty() {
        return String::new();
    }
    let mut text = String::new();
    for fault in faults {
        // A `String` takes whatever is written to it.
        let _ = writeln!(text, "{fault}\n");
    }
    text.push_str(&count(faults));
    text.push('\n');
    text
}

/// "3 faults in 2 files".
pub(super) fn count(faults: &[Fault]) -> String {
    let files: BTreeSet<&str> = faults.iter().map(|fault| fault.file.as_str()).collect();
    let plural = |n: usize, word: &str| match n {
        1 => format!("1 {word}"),
        n => format!("{n} {word}s"),
    };
    format!(
        "{} in {}",
        plural(faults.len(), "fault"),
        plural(files.len(), "file")
    )
}

/// Where the checks leave their faults.
#[derive(Debug, Default)]
pub(super) struct Report(RefCell<Vec<Fault>>);

impl Report {
    /// The report of one file, on behalf of a source where it belongs to one.
    pub(super) fn file<'r>(&'r self, path: &'r str, source: Option<&'r str>) -> FileReport<'r> {
        FileReport {
            report: self,
            path,
            source,
        }
    }

    /// The faults in order of file and line.
    pub(super) fn into_sorted(self) -> Vec<Fault> {
        let mut faults = self.0.into_inner();
        faults.sort_by(|a, b| {
            (&a.file, a.line, &a.message, &a.source).cmp(&(&b.file, b.line, &b.message, &b.source))
        });
        faults.dedup();
        faults
    }
}

/// Where the checks of one file leave their faults.
#[derive(Clone, Copy, Debug)]
pub(super) struct FileReport<'r> {
    report: &'r Report,
    path: &'r str,
    source: Option<&'r str>,
}

impl<'r> FileReport<'r> {
    /// Notes a fault.
    pub(super) fn fault(&self, line: u32, message: impl Into<String>, remedy: impl Into<String>) {
        self.report.0.borrow_mut().push(Fault {
            file: self.path.to_owned(),
            line: line.max(1),
            message: message.into(),
            remedy: remedy.into(),
            source: self.source.map(str::to_owned),
        });
    }

    /// The same file, on behalf of a source.
    pub(super) fn of_source(self, source: &'r str) -> Self {
        Self {
            source: Some(source),
            ..self
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Fault, render};

    fn fault(file: &str, line: u32) -> Fault {
        Fault {
            file: file.to_owned(),
            line,
            message: "unknown type `datun`".to_owned(),
            remedy: "did you mean `datum`?".to_owned(),
            source: Some("zrm".to_owned()),
        }
    }

    #[test]
    fn a_fault_shows_file_line_and_remedy() {
        assert_eq!(
            fault("schemas/sources/zrm.toml", 12).to_string(),
            "schemas/sources/zrm.toml:12: unknown type `datun`\nhint: did you mean `datum`?"
        );
    }

    #[test]
    fn a_fault_is_an_object_for_machines() {
        assert_eq!(
            serde_json::to_string(&fault("a.toml", 1)).unwrap(),
            r#"{"file":"a.toml","line":1,"message":"unknown type `datun`","remedy":"did you mean `datum`?","source":"zrm"}"#
        );
    }

    #[test]
    fn a_rendering_closes_with_the_count() {
        assert_eq!(render(&[]), "");
        assert!(render(&[fault("a.toml", 1)]).ends_with("\n\n1 fault in 1 file\n"));
        let several = [fault("a.toml", 1), fault("a.toml", 2), fault("b.toml", 1)];
        assert!(render(&several).ends_with("\n\n3 faults in 2 files\n"));
    }
}
