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
    /// A field of a record that the contract does not know (XML, JSON, EI).
    #[error("{} has a field that is not in the contract", place(*.0))]
    UnknownField(u64),
    /// The delivery is not built as its format demands.
    #[error("{}: {what}", place(*.row))]
    Structure {
        /// The row at which it shows; 0: before the first.
        row: u64,
        /// What is wrong.
        what: &'static str,
    },
    /// Something that the format knows and we refuse: entities, document types, external parts.
    #[error("{} holds {what}, which is never accepted", place(*.row))]
    Forbidden {
        /// The row at which it shows.
        row: u64,
        /// What it holds.
        what: &'static str,
    },
    /// It unpacks to more than the pipeline accepts.
    #[error(
        "the delivery unpacks to more than {0} MiB, or to more files than the pipeline accepts"
    )]
    TooLarge(u64),
    /// A sheet of a workbook that the pipeline does not name.
    #[error("sheet {0} of the workbook is not in the pipeline")]
    UnknownSheet(usize),
    /// A sheet that the pipeline names is not there.
    #[error("the workbook lacks the sheet `{0}` of the pipeline")]
    MissingSheet(String),
    /// The counts of the trailer are not those of the records.
    #[error("the trailer counts {stated} {what}, there are {found}")]
    Trailer {
        /// What is counted, in terms of the pipeline.
        what: String,
        /// What the trailer says.
        stated: u64,
        /// What there is.
        found: u64,
    },
    /// No version of the contract holds on the day of the delivery.
    #[error("no version of the contract holds on the day of this delivery")]
    NoVersion,
    /// A column that may hold no such numbers is full of BSNs.
    #[error(
        "column `{column}` looks full of burgerservicenummers: {passed} of {numbers} different numbers of nine digits pass the elfproef"
    )]
    HiddenBsn {
        /// The column of the contract.
        column: String,
        /// Different numbers that pass.
        passed: u64,
        /// Different numbers of that length.
        numbers: u64,
    },
    /// A value that points at a person, in a source that is about counts or things.
    #[error("{} holds {what}; this source may hold nothing about persons", spot(column, *row))]
    Identifying {
        /// The first row that shows it.
        row: u64,
        /// The column of the contract; empty for a row that is no record and has no columns.
        column: String,
        /// What kind of value, as `an e-mail address`.
        what: &'static str,
    },
    /// Rows about persons in a source of counts.
    #[error("the delivery holds rows about persons instead of counts: {0}")]
    PersonRows(&'static str),
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

/// A cell for people.
fn spot(column: &str, row: u64) -> String {
    match column {
        "" => format!("row {row}, which is no record,"),
        column => format!("column `{column}` in row {row}"),
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
            Self::UnknownField(row) => Self::UnknownField(row + before + 1),
            Self::Structure { row, what } => Self::Structure {
                row: row + before + 1,
                what,
            },
            Self::Forbidden { row, what } => Self::Forbidden {
                row: row + before + 1,
                what,
            },
            Self::Identifying { row, column, what } => Self::Identifying {
                row: row + before + 1,
                column,
                what,
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
            Self::UnknownColumn(_) | Self::UnknownField(_) => "onbekende_kolom",
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
            Self::Structure { .. } => "opbouw",
            Self::Forbidden { .. } => "verboden_inhoud",
            Self::TooLarge(_) => "te_groot",
            Self::UnknownSheet(_) => "onbekend_blad",
            Self::MissingSheet(_) => "ontbrekend_blad",
            Self::Trailer { .. } => "sluitrecord",
            Self::NoVersion => "geen_versie",
            Self::HiddenBsn { .. } => "verborgen_bsn",
            Self::Identifying { .. } => "identificerend",
            Self::PersonRows(_) => "personen_in_aantallen",
            Self::Unreadable(_) => "onleesbaar",
        }
    }

    /// What the operator can do.
    #[must_use]
    pub const fn remedy(&self) -> &'static str {
        match self {
            Self::Empty
            | Self::NoRows
            | Self::Truncated(_)
            | Self::ChecksumMismatch
            | Self::Trailer { .. } => "ask the partner to deliver again",
            Self::Structure { .. } | Self::Forbidden { .. } => {
                "ask the partner to export it as the contract says"
            }
            Self::TooLarge(_) => {
                "ask the partner what happened; if it is right, raise the limits in [format] of the pipeline"
            }
            Self::UnknownSheet(_) | Self::MissingSheet(_) => {
                "ask the partner what changed; name the sheet in `sheets` or `skip_sheets` of the pipeline"
            }
            Self::NoVersion => {
                "ask the partner whether it delivers again; then give the contract a version for these days"
            }
            Self::HiddenBsn { .. } | Self::Identifying { .. } | Self::PersonRows(_) => {
                "tell the privacy officer: the partner sent what it may not send; remove the file and ask for a new one"
            }
            Self::UnknownColumn(_)
            | Self::UnknownField(_)
            | Self::DuplicateColumn(..)
            | Self::MissingColumn(_) => {
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
