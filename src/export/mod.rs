//! Answers as files for other programs: CSV (plain, and as a Dutch spreadsheet reads it), JSON, XLSX and
//! Parquet. One file a format.
//!
//! Rows come in batches and go out in batches, so an answer may be larger than memory; only a workbook
//! is held as a whole, and it has a largest number of rows. Numbers stay numbers and days stay days
//! wherever the format has them. A number that is none (NaN, infinite) is an empty cell everywhere: a
//! reader adds up empty cells without harm. A file says nothing of the machine that made it: no path, no
//! name of a host or a person, no clock.

mod cells;
mod csv;
mod definitions;
mod parquet;
#[cfg(test)]
mod tests;
mod xlsx;

use std::io::{self, Write};

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use arrow::error::ArrowError;

pub use xlsx::Book;

use crate::error::{Class, Classified};
use crate::monitor::Relation;

/// A format of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum FileFormat {
    /// Comma-separated values with a header, for programs.
    Csv,
    /// As a Dutch spreadsheet opens it: semicolons, decimal comma, dd-mm-jjjj, ja and nee.
    CsvNl,
    /// One array of objects.
    Json,
    /// An Excel workbook, with a sheet of definitions.
    Xlsx,
    /// A Parquet file, for another program.
    Parquet,
}

impl FileFormat {
    /// How names of its files end.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Csv | Self::CsvNl => "csv",
            Self::Json => "json",
            Self::Xlsx => "xlsx",
            Self::Parquet => "parquet",
        }
    }

    /// The format that a name of a file asks for.
    #[must_use]
    pub fn of_extension(extension: &str) -> Option<Self> {
        let known = [Self::Csv, Self::Json, Self::Xlsx, Self::Parquet];
        let extension = extension.to_ascii_lowercase();
        known.into_iter().find(|f| f.extension() == extension)
    }

    /// Whether it is nothing that a person can read.
    #[must_use]
    pub const fn binary(self) -> bool {
        matches!(self, Self::Xlsx | Self::Parquet)
    }
}

/// What a file tells about itself, besides its rows.
#[derive(Clone, Debug, Default)]
pub struct About {
    /// The release that answered; `None` when nothing has been published.
    pub release: Option<AboutRelease>,
    /// The question, where it was one.
    pub question: Option<String>,
    /// The views that the rows come from.
    pub views: Vec<Relation>,
}

/// The release that answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AboutRelease {
    /// Its id.
    pub id: String,
    /// When it was published: `2025-01-02T01:00:00Z`.
    pub published_at: String,
    /// The version of the DPIA register.
    pub register_version: String,
    /// When that was adopted; `None` while it is a concept.
    pub register_adopted: Option<String>,
}

/// Why an answer does not become a file.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// It cannot be written.
    #[error("cannot write the output: {0}")]
    Write(#[from] io::Error),
    /// A sheet has a largest number of rows.
    #[error(
        "a sheet of Excel takes {} rows and a header, and this answer has more",
        xlsx::MOST_ROWS
    )]
    Rows,
    /// A sheet has a largest number of columns.
    #[error(
        "a sheet of Excel takes {} columns, and this answer has {found}",
        xlsx::MOST_COLUMNS
    )]
    Columns {
        /// How many there are.
        found: usize,
    },
    /// A cell has a largest length.
    #[error("a cell of Excel takes 32767 signs, and a text in this answer is longer")]
    LongText,
    /// The format refused what we gave it. What it said may hold a value, so it is not kept.
    #[error("the answer does not go into this format")]
    Refused,
}

impl Classified for ExportError {
    fn class(&self) -> Class {
        match self {
            Self::Write(_) => Class::Environment,
            Self::Rows | Self::Columns { .. } | Self::LongText => Class::User,
            Self::Refused => Class::Bug,
        }
    }

    fn remedy(&self) -> Option<String> {
        match self {
            Self::Rows | Self::Columns { .. } | Self::LongText => {
                Some("ask for less, or take `--format csv-nl` or `parquet`".to_owned())
            }
            Self::Write(_) | Self::Refused => None,
        }
    }
}

impl From<ArrowError> for ExportError {
    fn from(error: ArrowError) -> Self {
        match error {
            ArrowError::IoError(_, source) => Self::Write(source),
            _ => Self::Refused,
        }
    }
}

/// Writes an answer in a format. Returns how many rows it had.
///
/// # Errors
/// What the answer ends with, or an [`ExportError`].
pub fn write<E: From<ExportError>>(
    out: &mut (dyn Write + Send),
    format: FileFormat,
    about: &About,
    schema: &SchemaRef,
    batches: impl Iterator<Item = Result<RecordBatch, E>>,
) -> Result<usize, E> {
    let mut rows = 0;
    let batches = batches.inspect(|batch| {
        if let Ok(batch) = batch {
            rows += batch.num_rows();
        }
    });
    match format {
        FileFormat::Csv => csv::plain(out, schema, batches)?,
        FileFormat::CsvNl => csv::dutch(out, schema, batches)?,
        FileFormat::Json => json(out, batches)?,
        FileFormat::Parquet => parquet::write(out, about, schema, batches)?,
        FileFormat::Xlsx => {
            let mut book = Book::new(about);
            book.sheet(about.sheet_name(), about.views.first(), schema, batches)?;
            book.finish(out, about)?;
        }
    }
    Ok(rows)
}

impl About {
    /// The name of the sheet of an answer: its view, when it is that and nothing else.
    fn sheet_name(&self) -> &str {
        match (&self.question, self.views.as_slice()) {
            (None, [view]) => &view.name,
            _ => "Antwoord",
        }
    }
}

fn json<E: From<ExportError>>(
    out: &mut (dyn Write + Send),
    batches: impl Iterator<Item = Result<RecordBatch, E>>,
) -> Result<(), E> {
    let refused = |e: ArrowError| E::from(e.into());
    let mut writer = arrow::json::WriterBuilder::new()
        .with_explicit_nulls(true)
        .build::<_, arrow::json::writer::JsonArray>(&mut *out);
    for batch in batches {
        writer.write(&batch?).map_err(refused)?;
    }
    writer.finish().map_err(refused)?;
    writeln!(out).map_err(|e| E::from(e.into()))
}
