//! What a verification found: one entry a check, with a verdict and with evidence that never holds a
//! value.

use std::cmp::Reverse;

use serde::Serialize;

/// The answer to the question of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Verdict {
    /// All is as it should be.
    #[serde(rename = "voldoet")]
    Passes,
    /// It could not be looked at.
    #[serde(rename = "niet te beoordelen")]
    Unknown,
    /// Not a fault, but somebody should look.
    #[serde(rename = "aandacht")]
    Attention,
    /// A fault.
    #[serde(rename = "voldoet niet")]
    Fails,
}

impl Verdict {
    /// The Dutch word.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Passes => "voldoet",
            Self::Unknown => "niet te beoordelen",
            Self::Attention => "aandacht",
            Self::Fails => "voldoet niet",
        }
    }
}

/// How much was looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Examined {
    /// Files.
    #[serde(rename = "bestanden")]
    pub files: u64,
    /// Columns.
    #[serde(rename = "kolommen")]
    pub columns: u64,
    /// Values.
    #[serde(rename = "waarden")]
    pub values: u64,
}

impl Examined {
    /// So many files and nothing else.
    #[must_use]
    pub const fn files(files: u64) -> Self {
        Self {
            files,
            columns: 0,
            values: 0,
        }
    }
}

/// Something that was found. Says where, what and how often, never which value.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Evidence {
    /// The file or folder below the warehouse, or the table; parts of a name that might be a value are
    /// not shown.
    #[serde(rename = "plaats")]
    pub place: String,
    /// The column.
    #[serde(rename = "kolom", skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// What it is, in Dutch.
    #[serde(rename = "wat")]
    pub what: String,
    /// How it was written down: plain, in base64, backwards.
    #[serde(rename = "schrijfwijze", skip_serializing_if = "Option::is_none")]
    pub encoding: Option<&'static str>,
    /// How often.
    #[serde(rename = "aantal")]
    pub count: u64,
    /// The chance of so many by accident.
    #[serde(rename = "kans", skip_serializing_if = "Option::is_none")]
    pub chance: Option<f64>,
    /// Enough for the check to fail.
    #[serde(skip)]
    pub verdict: Verdict,
}

impl Evidence {
    /// Something wrong with a place.
    #[must_use]
    pub fn at(verdict: Verdict, place: impl Into<String>, what: impl Into<String>) -> Self {
        Self {
            place: place.into(),
            column: None,
            what: what.into(),
            encoding: None,
            count: 1,
            chance: None,
            verdict,
        }
    }

    /// The same, in a column.
    #[must_use]
    pub fn in_column(mut self, column: impl Into<String>) -> Self {
        self.column = Some(column.into());
        self
    }

    /// The same, so many times.
    #[must_use]
    pub const fn times(mut self, count: u64) -> Self {
        self.count = count;
        self
    }
}

/// Something that was measured: a number with what it should be. Says nothing of a single row.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Figure {
    /// The table, view or column that it is of.
    #[serde(rename = "plaats")]
    pub place: String,
    /// What was measured, in Dutch.
    #[serde(rename = "wat")]
    pub what: String,
    /// The number. Shares and chances are between 0 and 1.
    #[serde(rename = "waarde")]
    pub value: f64,
    /// What kind of number it is.
    #[serde(rename = "soort")]
    pub unit: Unit,
    /// What it is held against; nothing when it only informs.
    #[serde(rename = "grens", skip_serializing_if = "Option::is_none")]
    pub threshold: Option<Threshold>,
}

/// How a figure is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Unit {
    /// A count.
    #[serde(rename = "aantal")]
    Count,
    /// A part of a whole or a chance, between 0 and 1.
    #[serde(rename = "aandeel")]
    Share,
    /// Any other number.
    #[serde(rename = "getal")]
    Number,
}

/// What a figure is held against.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub enum Threshold {
    /// It should not be less.
    #[serde(rename = "minstens")]
    AtLeast(f64),
    /// It should not be more.
    #[serde(rename = "hoogstens")]
    AtMost(f64),
}

impl Threshold {
    /// Whether a number is on the right side of it.
    #[must_use]
    pub fn holds(self, value: f64) -> bool {
        match self {
            Self::AtLeast(least) => value >= least,
            Self::AtMost(most) => value <= most,
        }
    }
}

impl Figure {
    /// A number that only informs.
    #[must_use]
    pub fn new(place: impl Into<String>, what: impl Into<String>, value: f64, unit: Unit) -> Self {
        Self {
            place: place.into(),
            what: what.into(),
            value,
            unit,
            threshold: None,
        }
    }

    /// The same, held against a threshold.
    #[must_use]
    pub const fn against(mut self, threshold: Threshold) -> Self {
        self.threshold = Some(threshold);
        self
    }

    /// Whether it is on the right side of its threshold, or has none.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.threshold.is_none_or(|t| t.holds(self.value))
    }
}

/// A check with its outcome.
#[derive(Clone, Debug, Serialize)]
pub struct Check {
    /// Its name for machines, as `inhoud-bsn`.
    pub id: &'static str,
    /// What it asks, in Dutch.
    #[serde(rename = "vraag")]
    pub question: &'static str,
    /// The answer.
    #[serde(rename = "oordeel")]
    pub verdict: Verdict,
    /// How much was looked at.
    #[serde(rename = "bekeken")]
    pub examined: Examined,
    /// What was found, the gravest first; at most [`SHOWN`].
    #[serde(rename = "bewijs")]
    pub evidence: Vec<Evidence>,
    /// How much more was found.
    #[serde(rename = "meer", skip_serializing_if = "is_zero")]
    pub more: u64,
    /// What was measured, in the order of the tables.
    #[serde(rename = "cijfers", skip_serializing_if = "Vec::is_empty")]
    pub figures: Vec<Figure>,
    /// How it was judged, or why it was not, in Dutch.
    #[serde(rename = "toelichting", skip_serializing_if = "String::is_empty")]
    pub note: String,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the form that serde asks for"
)]
const fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// Pieces of evidence that a check shows.
pub const SHOWN: usize = 50;

impl Check {
    /// A check with what was found; without evidence it passes.
    #[must_use]
    pub fn new(
        (id, question): (&'static str, &'static str),
        examined: Examined,
        mut evidence: Vec<Evidence>,
    ) -> Self {
        let verdict = evidence.iter().map(|e| e.verdict).max();
        let grave = |e: &Evidence| (Reverse(e.verdict), e.place.clone(), e.column.clone());
        evidence.sort_by_cached_key(grave);
        let more = evidence.len().saturating_sub(SHOWN) as u64;
        evidence.truncate(SHOWN);
        Self {
            id,
            question,
            verdict: verdict.unwrap_or(Verdict::Passes),
            examined,
            evidence,
            more,
            figures: Vec::new(),
            note: String::new(),
        }
    }

    /// A check that could not be done.
    #[must_use]
    pub fn unknown((id, question): (&'static str, &'static str), why: impl Into<String>) -> Self {
        Self {
            verdict: Verdict::Unknown,
            ..Self::new((id, question), Examined::default(), Vec::new()).noted(why)
        }
    }

    /// The same, with a word on how it was judged.
    #[must_use]
    pub fn noted(mut self, note: impl Into<String>) -> Self {
        self.note = note.into();
        self
    }

    /// The same, with what was measured.
    #[must_use]
    pub fn measured(mut self, figures: Vec<Figure>) -> Self {
        self.figures = figures;
        self
    }
}

/// Everything that a verification found.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The release that readers see.
    #[serde(rename = "release")]
    pub release: Option<String>,
    /// Version of the register that the warehouse was held against.
    #[serde(rename = "register")]
    pub register: String,
    /// Program and version that verified.
    #[serde(rename = "programma")]
    pub program: String,
    /// Bytes of all files, each file once.
    #[serde(rename = "bytes")]
    pub bytes: u64,
    /// The checks, in their fixed order.
    #[serde(rename = "controles")]
    pub checks: Vec<Check>,
}

impl Report {
    /// The gravest verdict.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        let verdicts = self.checks.iter().map(|c| c.verdict);
        verdicts.max().unwrap_or(Verdict::Unknown)
    }

    /// Whether a check fails.
    #[must_use]
    pub fn fails(&self) -> bool {
        self.verdict() == Verdict::Fails
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gravest_evidence_decides_and_comes_first() {
        let evidence = |verdict| Evidence::at(verdict, "journal", "iets");
        let found = vec![evidence(Verdict::Attention), evidence(Verdict::Fails)];
        let check = Check::new(("a", "b?"), Examined::default(), found);
        assert_eq!(check.verdict, Verdict::Fails);
        assert_eq!(check.evidence[0].verdict, Verdict::Fails);
        let clean = Check::new(("a", "b?"), Examined::default(), Vec::new());
        assert_eq!(clean.verdict, Verdict::Passes);
        let many = vec![evidence(Verdict::Fails); SHOWN + 7];
        let check = Check::new(("a", "b?"), Examined::default(), many);
        assert_eq!((check.evidence.len(), check.more), (SHOWN, 7));
    }

    #[test]
    fn what_could_not_be_looked_at_is_no_failure() {
        let check = Check::unknown(("a", "b?"), "geen bestanden");
        let report = Report {
            release: None,
            register: "1".into(),
            program: "sluis".into(),
            bytes: 0,
            checks: vec![check],
        };
        assert_eq!(report.verdict(), Verdict::Unknown);
        assert!(!report.fails());
    }
}
