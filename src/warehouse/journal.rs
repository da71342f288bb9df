//! The run history: one folder a run below `journal/`, written once and never changed.
//!
//! `journal/RUN/run.json` says what happened, `journal/RUN/weigeringen.ndjson` lists the refused
//! rows. The folder of a run that has not ended holds `begonnen.json` only; the next run closes it.
//! No record has a field that could hold a value from a delivery.

use serde::{Deserialize, Serialize};

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RunOutcome {
    /// A new release was published.
    Gepubliceerd,
    /// Nothing had changed.
    Ongewijzigd,
    /// It stopped with an error; the last release stands.
    Mislukt,
    /// It was cut off (killed, power lost); the last release stands.
    Afgebroken,
}

impl RunOutcome {
    /// Its name in the journal.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gepubliceerd => "gepubliceerd",
            Self::Ongewijzigd => "ongewijzigd",
            Self::Mislukt => "mislukt",
            Self::Afgebroken => "afgebroken",
        }
    }
}

/// What became of a delivery in a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DeliveryOutcome {
    /// Read, treated and part of the new release.
    Verwerkt,
    /// Already part of the release, under the same recipe.
    Ongewijzigd,
    /// Refused as a whole; what the release held of this source stays.
    Geweigerd,
    /// A later delivery of the same source and part takes its place.
    Achterhaald,
}

/// `run.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunRecord {
    /// The run's id, also its folder's name.
    pub id: String,
    /// When it began (RFC 3339, UTC).
    pub started_at: String,
    /// When it ended (RFC 3339, UTC).
    pub ended_at: String,
    /// How it ended.
    pub outcome: RunOutcome,
    /// The release that is current after it.
    pub release: Option<String>,
    /// The error it stopped with.
    pub error: Option<String>,
    /// Its deliveries, by source and part.
    pub deliveries: Vec<DeliveryRecord>,
    /// What was fetched from partners before, by source; a run that fetches nothing has none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pulls: Vec<PullRecord>,
    /// What became of the canaries; a run without canaries has none, nor has one that was broken off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub canaries: Option<CanaryRecord>,
}

/// What became of the canaries of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CanaryRecord {
    /// How many canaries the file holds.
    pub persons: usize,
    /// Sources that they went through.
    pub sources: usize,
    /// Where one did not come through. Nothing of a delivery is at fault then: the lock, or the contract,
    /// is not what it should be.
    #[serde(default)]
    pub faults: Vec<CanaryFault>,
}

/// That canaries did not come through the lock of a source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CanaryFault {
    /// The source.
    pub source: String,
    /// The column of the contract; empty for the whole row.
    pub column: String,
    /// The rule that stopped them.
    pub rule: String,
    /// How many of them.
    pub canaries: u64,
}

/// What became of fetching from one partner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PullRecord {
    /// The source.
    pub source: String,
    /// How it was reached: sftp, s3, https.
    pub channel: String,
    /// Deliveries that came.
    pub fetched: usize,
    /// Their bytes.
    pub bytes: u64,
    /// Deliveries that had been fetched before.
    pub already: usize,
    /// Deliveries that the partner may still be writing.
    pub waiting: usize,
    /// Files that match no pattern.
    pub strangers: usize,
    /// How often something was tried again.
    pub retries: u32,
    /// What went wrong: sentences without values.
    pub faults: Vec<String>,
    /// Milliseconds spent on it.
    pub millis: u64,
}

/// What happened to one delivery.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryRecord {
    /// The source.
    pub source: String,
    /// The `{deel}` of its file name, or empty.
    pub part: String,
    /// The `{datum}` of its file name, or empty.
    pub order: String,
    /// SHA-256 of the delivery (hex); empty when it could not be read.
    pub sha256: String,
    /// Size in bytes.
    pub bytes: u64,
    /// What became of it.
    pub outcome: DeliveryOutcome,
    /// Why it was refused: a sentence without values.
    pub reason: Option<String>,
    /// Rows read.
    pub rows_in: u64,
    /// Rows that passed the lock.
    pub rows_kept: u64,
    /// Rows refused.
    pub rows_refused: u64,
    /// Rows of persons who were erased at their request, and did not pass for it (`gewist`). Which rows
    /// is not kept anywhere: a row number would tell who it was.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub rows_erased: u64,
    /// How often each rule refused a row, by column and rule. Exact, also where the list of rows
    /// was cut.
    pub refusals: Vec<RefusalCount>,
    /// Milliseconds spent on it.
    pub millis: u64,
}

/// How often a rule refused a row of a delivery.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusalCount {
    /// The column of the contract; empty for rules about the whole row.
    pub column: String,
    /// The rule.
    pub rule: String,
    /// Rows.
    pub rows: u64,
}

/// A line of `weigeringen.ndjson`: one refused row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusalRecord {
    /// The source.
    pub source: String,
    /// SHA-256 of the delivery (hex).
    pub delivery: String,
    /// Row number in the delivery, the first row below the header is 1.
    pub row: u64,
    /// The column of the contract; empty for rules about the whole row.
    pub column: String,
    /// The rule.
    pub rule: String,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
const fn is_zero(number: &u64) -> bool {
    *number == 0
}
