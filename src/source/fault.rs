//! Why a delivery as a whole is refused.

use thiserror::Error;

/// A fault that costs the whole delivery. It names places and rules, never a value: not even the
/// text of an unknown header, which in a file without a header would be somebody's data.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum DeliveryFault {
    /// No bytes at all.
    #[error("the delivery is empty")]
    Empty,
    /// A header, but not one row.
    #[error("the delivery has a header but no rows")]
    NoRows,
    /// The header has a column that the contract does not know.
    #[error("column {0} of the header is not in the contract")]
    UnknownColumn(usize),
    /// The header names a column twice.
    #[error("column {0} of the header names `{1}` a second time")]
    DuplicateColumn(usize, String),
    /// The contract demands a column that the header lacks.
    #[error("the header lacks the column `{0}` of the contract")]
    MissingColumn(String),
    /// A zero byte.
    #[error("{} holds a NUL byte", place(*.0))]
    NulByte(u64),
    /// Bytes that are not text in the declared encoding.
    #[error("{} is not {declared} text", place(*.row))]
    Encoding {
        /// The first row that shows it.
        row: u64,
        /// The encoding of the contract.
        declared: &'static str,
    },
    /// A record longer than the pipeline accepts.
    #[error(
        "{} is longer than {max} bytes; a quote that is never closed does this too", place(*.row)
    )]
    RowTooLong {
        /// The row at which the record begins.
        row: u64,
        /// The pipeline's `max_row_bytes`.
        max: usize,
    },
    /// The file ends in the middle of a record.
    #[error(
        "the delivery ends in the middle of row {0}: it was cut off, is still being written, or has a quote that is never closed"
    )]
    Truncated(u64),
    /// The size or time of the file changed while it was read.
    #[error("the delivery changed while it was read: it is still being written")]
    Changing,
    /// Touched too recently.
    #[error("the delivery was changed less than {0} seconds ago: it may still be being written")]
    NotSettled(u64),
    /// The pipeline demands a checksum file that is not there.
    #[error("the pipeline demands a .sha256 file beside the delivery and there is none")]
    ChecksumMissing,
    /// The checksum file is not a SHA-256.
    #[error("the .sha256 file beside the delivery does not hold a SHA-256")]
    ChecksumUnreadable,
    /// The content is not what the checksum says.
    #[error("the content does not match the .sha256 file beside it: cut off or damaged in transit")]
    ChecksumMismatch,
    /// More rows were refused than the source may have.
    #[error(
        "{refused} of {rows} rows were refused, more than the {max} % that this source may have"
    )]
    TooManyRefused {
        /// Refused rows.
        refused: u64,
        /// All rows.
        rows: u64,
        /// The pipeline's `max_refused_percent`.
        max: String,
    },
    /// The rows passed the lock but do not fit the table.
    #[error("the mapping to table `{table}` does not fit: {what}")]
    Mapping {
        /// The table.
        table: String,
        /// What does not fit, in terms of columns and types.
        what: String,
    },
    /// An incremental delivery that was taken in before, with other content now.
    #[error(
        "a delivery of this date was taken in before with other content, and the earlier ones are gone"
    )]
    Rewritten,
    /// The file could not be read.
    #[error("the delivery cannot be read: {0}")]
    Unreadable(std::io::ErrorKind),
}

/// A row for people: the header is row 0.
fn place(row: u64) -> String {
    match row {
        0 => "the header".to_owned(),
        row => format!("row {row}"),
    }
}

impl DeliveryFault {
    /// The same fault with its row counted from the top of the delivery, when `before` rows went before
    /// the ones that it was counted in. The first row below the header is 1.
    #[must_use]
    pub fn after(self, before: u64) -> Self {
        match self {
            Self::NulByte(row) => Self::NulByte(row + before + 1),
            Self::Truncated(row) => Self::Truncated(row + before + 1),
            Self::Encoding { row, declared } => Self::Encoding {
                row: row + before + 1,
                declared,
            },
            Self::RowTooLong { row, max } => Self::RowTooLong {
                row: row + before + 1,
                max,
            },
            other => other,
        }
    }

    /// A short name that never changes, for the run history.
    #[must_use]
    pub const fn rule(&self) -> &'static str {
        match self {
            Self::Empty => "leeg",
            Self::NoRows => "geen_rijen",
            Self::UnknownColumn(_) => "onbekende_kolom",
            Self::DuplicateColumn(..) => "dubbele_kolom",
            Self::MissingColumn(_) => "ontbrekende_kolom",
            Self::NulByte(_) => "nul_byte",
            Self::Encoding { .. } => "codering",
            Self::RowTooLong { .. } => "rij_te_lang",
            Self::Truncated(_) => "afgebroken_bestand",
            Self::Changing | Self::NotSettled(_) => "nog_in_aanlevering",
            Self::ChecksumMissing => "controlegetal_ontbreekt",
            Self::ChecksumUnreadable => "controlegetal_onleesbaar",
            Self::ChecksumMismatch => "controlegetal_onjuist",
            Self::TooManyRefused { .. } => "te_veel_geweigerd",
            Self::Mapping { .. } => "afbeelding",
            Self::Rewritten => "al_verwerkt",
            Self::Unreadable(_) => "onleesbaar",
        }
    }

    /// What the operator can do.
    #[must_use]
    pub const fn remedy(&self) -> &'static str {
        match self {
            Self::Empty | Self::NoRows | Self::Truncated(_) | Self::ChecksumMismatch => {
                "ask the partner to deliver again"
            }
            Self::UnknownColumn(_) | Self::DuplicateColumn(..) | Self::MissingColumn(_) => {
                "ask the partner what changed; a new column needs an entry in the contract and in the register first"
            }
            Self::NulByte(_) | Self::Encoding { .. } | Self::RowTooLong { .. } => {
                "look at that row in the delivery; ask the partner to export it as the contract says"
            }
            Self::Changing | Self::NotSettled(_) => {
                "nothing: the next run takes it once it is at rest"
            }
            Self::ChecksumMissing | Self::ChecksumUnreadable => {
                "ask the partner to send NAME.sha256 beside NAME, or wait until it arrives"
            }
            Self::TooManyRefused { .. } => {
                "see beheer.weigeringen for the columns and rules, and ask the partner to correct them"
            }
            Self::Mapping { .. } => "correct the mapping or the table schema and run `sluis check`",
            Self::Rewritten => {
                "ask the partner to send the correction as a delivery of a later date, or put all earlier deliveries back"
            }
            Self::Unreadable(_) => "check the permissions of the landing folder",
        }
    }
}
