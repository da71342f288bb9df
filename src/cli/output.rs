//! Answers to queries: a table for people, or a file for another program, on standard output or where
//! `--out` says. All but the table and the workbook are written batch by batch, so an answer may be
//! larger than memory.

use std::io::{self, BufWriter, Write};

use arrow::array::{ArrayRef, RecordBatch};
use arrow::datatypes::SchemaRef;
use arrow::error::ArrowError;
use arrow::util::display::{ArrayFormatter, FormatOptions};

use super::CliError;
use super::printer::Printer;
use super::target::Target;
use crate::export::{self, About, FileFormat};
use crate::monitor::MonitorError;

/// How an answer is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// Columns side by side, for people.
    Table,
    /// Comma-separated values with a header, for programs.
    Csv,
    /// CSV as a Dutch spreadsheet opens it: semicolons, decimal comma, dd-mm-jjjj, ja and nee.
    CsvNl,
    /// One array of objects.
    Json,
    /// An Excel workbook with a sheet of definitions; not on a terminal.
    Xlsx,
    /// A Parquet file, for another program; not on a terminal.
    Parquet,
}

impl Format {
    /// The format of a file that this is, unless it is for people.
    #[must_use]
    pub const fn of_file(self) -> Option<FileFormat> {
        match self {
            Self::Table => None,
            Self::Csv => Some(FileFormat::Csv),
            Self::CsvNl => Some(FileFormat::CsvNl),
            Self::Json => Some(FileFormat::Json),
            Self::Xlsx => Some(FileFormat::Xlsx),
            Self::Parquet => Some(FileFormat::Parquet),
        }
    }
}

impl From<FileFormat> for Format {
    fn from(format: FileFormat) -> Self {
        match format {
            FileFormat::Csv => Self::Csv,
            FileFormat::CsvNl => Self::CsvNl,
            FileFormat::Json => Self::Json,
            FileFormat::Xlsx => Self::Xlsx,
            FileFormat::Parquet => Self::Parquet,
        }
    }
}

/// Writes an answer to the printer's output, and says on standard error how many rows it had.
///
/// # Errors
/// When the query fails while it runs, or the answer cannot be written.
pub fn write(
    printer: &Printer,
    format: Format,
    about: &About,
    schema: &SchemaRef,
    batches: impl Iterator<Item = Result<RecordBatch, MonitorError>>,
) -> Result<(), CliError> {
    let rows = pour(printer, format, about, schema, batches)?;
    printer.note(&counted(rows));
    Ok(())
}

/// As [`write`], without a word beside the answer. Returns how many rows it had.
///
/// # Errors
/// As [`write`].
pub fn pour(
    printer: &Printer,
    format: Format,
    about: &About,
    schema: &SchemaRef,
    batches: impl Iterator<Item = Result<RecordBatch, MonitorError>>,
) -> Result<usize, CliError> {
    let binary = format.of_file().is_some_and(FileFormat::binary);
    if binary && printer.style().terminal {
        let name = if format == Format::Xlsx {
            "A workbook"
        } else {
            "Parquet"
        };
        return Err(CliError::Usage {
            message: format!("{name} is not for a terminal"),
            remedy: Some("send it to a file: `sluis sql ... --out FILE`".to_owned()),
        });
    }
    let mut out = printer.output();
    let written = send(out.sink(), format, about, schema, batches);
    let mut rows = 0;
    out.finish(written.map(|found| rows = found))?;
    Ok(rows)
}

/// Writes an answer to a file, and says on standard error how many rows it had.
///
/// # Errors
/// As [`write`].
pub fn save(
    printer: &Printer,
    target: &Target,
    format: Format,
    about: &About,
    schema: &SchemaRef,
    batches: impl Iterator<Item = Result<RecordBatch, MonitorError>>,
) -> Result<(), CliError> {
    let mut out = BufWriter::with_capacity(1 << 16, target.begin()?);
    let rows = send(&mut out, format, about, schema, batches)?;
    let file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.commit()?;
    printer.note(&format!("{} in {}", counted(rows), target.path().display()));
    Ok(())
}

fn counted(rows: usize) -> String {
    super::words::plural(rows, "row", "rows")
}

type Batch = Result<RecordBatch, CliError>;

fn send(
    out: &mut (impl Write + Send),
    format: Format,
    about: &About,
    schema: &SchemaRef,
    batches: impl Iterator<Item = Result<RecordBatch, MonitorError>>,
) -> Result<usize, CliError> {
    let batches = batches.map(|batch| batch.map_err(CliError::from));
    match format.of_file() {
        Some(format) => export::write(out, format, about, schema, batches),
        None => table(out, schema, batches),
    }
}

fn table(
    out: &mut impl Write,
    schema: &SchemaRef,
    batches: impl Iterator<Item = Batch>,
) -> Result<usize, CliError> {
    let mut columns: Vec<Vec<String>> = schema
        .fields()
        .iter()
        .map(|f| vec![printable(f.name())])
        .collect();
    let mut rows = 0;
    for batch in batches {
        let batch = batch?;
        rows += batch.num_rows();
        for (cells, array) in columns.iter_mut().zip(batch.columns()) {
            cells.extend(
                texts(array)?
                    .into_iter()
                    .map(|cell| printable(&cell.unwrap_or_default())),
            );
        }
    }
    let width = |cells: &Vec<String>| cells.iter().map(|c| c.chars().count()).max();
    let widths: Vec<usize> = columns
        .iter()
        .map(|c| width(c).unwrap_or_default())
        .collect();
    let lines = columns.first().map_or(0, Vec::len);
    for row in 0..lines {
        let mut line = String::new();
        for ((cells, &width), field) in columns.iter().zip(&widths).zip(schema.fields()) {
            line.push_str(if line.is_empty() { " " } else { " | " });
            let cell = &cells[row];
            // Not by a width in the format: that is at most 65 535, and panics beyond it.
            let space = " ".repeat(width - cell.chars().count());
            let (before, after) = if field.data_type().is_numeric() {
                (space.as_str(), "")
            } else {
                ("", space.as_str())
            };
            line.extend([before, cell, after]);
        }
        writeln!(out, "{}", line.trim_end())?;
        if row == 0 {
            let rules: Vec<_> = widths.iter().map(|&width| "-".repeat(width + 2)).collect();
            writeln!(out, "{}", rules.join("+"))?;
        }
    }
    Ok(rows)
}

/// The cells of a column as text; NULL is `None`.
fn texts(array: &ArrayRef) -> Result<Vec<Option<String>>, ArrowError> {
    let options = FormatOptions::default();
    let formatter = ArrayFormatter::try_new(array, &options)?;
    (0..array.len())
        .map(|i| {
            array
                .is_valid(i)
                .then(|| formatter.value(i).try_to_string())
                .transpose()
        })
        .collect()
}

/// A text that keeps to its cell: no line ends, nothing that steers a terminal.
fn printable(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

impl From<ArrowError> for CliError {
    fn from(error: ArrowError) -> Self {
        match error {
            ArrowError::IoError(_, source) => Self::Output(source),
            other => Self::Output(io::Error::other(other)),
        }
    }
}

#[cfg(test)]
mod tests {
    use arrow::array::{BooleanArray, Date32Array, Float64Array, Int64Array, ListArray};
    use std::sync::Arc;

    use arrow::array::StringArray;
    use arrow::datatypes::Int64Type;
    use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

    use super::super::printer::Style;
    use super::super::printer::tests::{Gone, paper};
    use super::*;

    fn sample() -> RecordBatch {
        let list = vec![Some(vec![Some(1), Some(2)]), None, Some(vec![])];
        let columns: [(&str, ArrayRef); 6] = [
            ("jaar", Arc::new(Int64Array::from(vec![2023, 2024, 2024]))),
            (
                "wijk",
                Arc::new(StringArray::from(vec![
                    Some("oost"),
                    None,
                    Some("café, \"x\"\n\u{1b}[2J"),
                ])),
            ),
            (
                "procent",
                Arc::new(Float64Array::from(vec![Some(12.5), None, Some(100.0)])),
            ),
            (
                "vanaf",
                Arc::new(Date32Array::from(vec![Some(19783), None, Some(0)])),
            ),
            (
                "op_tijd",
                Arc::new(BooleanArray::from(vec![Some(true), None, Some(false)])),
            ),
            (
                "lijst",
                Arc::new(ListArray::from_iter_primitive::<Int64Type, _, _>(list)),
            ),
        ];
        RecordBatch::try_from_iter(columns).unwrap()
    }

    fn written(format: Format, batches: &[RecordBatch]) -> (Vec<u8>, String) {
        let (printer, out, err) = paper(Style::default());
        let schema = sample().schema();
        let batches = batches.iter().cloned().map(Ok);
        write(&printer, format, &About::default(), &schema, batches).unwrap();
        (out.bytes(), err.text())
    }

    fn text(format: Format, batches: &[RecordBatch]) -> String {
        String::from_utf8(written(format, batches).0).unwrap()
    }

    #[test]
    fn a_table_is_aligned_and_cannot_steer_the_terminal() {
        insta::assert_snapshot!(text(Format::Table, &[sample(), sample().slice(0, 1)]), @r#"
         jaar | wijk           | procent | vanaf      | op_tijd | lijst
        ------+----------------+---------+------------+---------+--------
         2023 | oost           |    12.5 | 2024-03-01 | true    | [1, 2]
         2024 |                |         |            |         |
         2024 | café, "x"  [2J |   100.0 | 1970-01-01 | false   | []
         2023 | oost           |    12.5 | 2024-03-01 | true    | [1, 2]
        "#);
        insta::assert_snapshot!(text(Format::Table, &[]), @"
         jaar | wijk | procent | vanaf | op_tijd | lijst
        ------+------+---------+-------+---------+-------
        ");
    }

    #[test]
    fn a_table_takes_cells_of_any_length() {
        let long = "x".repeat(70_000);
        let cells: ArrayRef = Arc::new(StringArray::from(vec![long.as_str(), "y"]));
        let batch = RecordBatch::try_from_iter([("tekst", cells)]).unwrap();
        let (printer, out, _) = paper(Style::default());
        let schema = batch.schema();
        let batches = [Ok(batch)].into_iter();
        write(&printer, Format::Table, &About::default(), &schema, batches).unwrap();
        let text = out.text();
        assert_eq!(text.lines().nth(2).map(str::len), Some(70_001));
    }

    #[test]
    fn csv_has_a_header_also_without_rows() {
        insta::assert_snapshot!(text(Format::Csv, &[sample()]), @r#"
        jaar,wijk,procent,vanaf,op_tijd,lijst
        2023,oost,12.5,2024-03-01,true,"[1, 2]"
        2024,,,,,
        2024,"café, ""x""
        [2J",100.0,1970-01-01,false,[]
        "#);
        insta::assert_snapshot!(text(Format::Csv, &[]), @"jaar,wijk,procent,vanaf,op_tijd,lijst");
    }

    #[test]
    fn json_is_one_array() {
        insta::assert_snapshot!(text(Format::Json, &[sample(), sample()]), @r#"[{"jaar":2023,"wijk":"oost","procent":12.5,"vanaf":"2024-03-01","op_tijd":true,"lijst":[1,2]},{"jaar":2024,"wijk":null,"procent":null,"vanaf":null,"op_tijd":null,"lijst":null},{"jaar":2024,"wijk":"café, \"x\"\n\u001b[2J","procent":100.0,"vanaf":"1970-01-01","op_tijd":false,"lijst":[]},{"jaar":2023,"wijk":"oost","procent":12.5,"vanaf":"2024-03-01","op_tijd":true,"lijst":[1,2]},{"jaar":2024,"wijk":null,"procent":null,"vanaf":null,"op_tijd":null,"lijst":null},{"jaar":2024,"wijk":"café, \"x\"\n\u001b[2J","procent":100.0,"vanaf":"1970-01-01","op_tijd":false,"lijst":[]}]"#);
        assert_eq!(text(Format::Json, &[]), "[]\n");
    }

    #[test]
    fn parquet_can_be_read_back() {
        let (bytes, _) = written(Format::Parquet, &[sample(), sample()]);
        let reader = ParquetRecordBatchReaderBuilder::try_new(bytes::Bytes::from(bytes)).unwrap();
        let batches: Vec<_> = reader.build().unwrap().map(Result::unwrap).collect();
        let read = arrow::compute::concat_batches(&batches[0].schema(), &batches).unwrap();
        assert_eq!(read.slice(0, 3), sample());
        assert_eq!(read.num_rows(), 6);
    }

    #[test]
    fn the_number_of_rows_goes_to_standard_error() {
        assert_eq!(written(Format::Csv, &[sample()]).1, "3 rows\n");
        assert_eq!(written(Format::Csv, &[sample().slice(0, 1)]).1, "1 row\n");
    }

    #[test]
    fn files_for_programs_are_refused_on_a_terminal() {
        for format in [Format::Parquet, Format::Xlsx] {
            let (printer, out, _) = paper(Style {
                terminal: true,
                ..Style::default()
            });
            let batches = [Ok(sample())].into_iter();
            let about = About::default();
            let error = write(&printer, format, &about, &sample().schema(), batches).unwrap_err();
            assert_eq!(error.exit_code(), 2);
            assert!(out.bytes().is_empty());
        }
    }

    #[test]
    fn a_reader_that_left_is_no_failure_in_any_format() {
        for format in [
            Format::Table,
            Format::Csv,
            Format::CsvNl,
            Format::Json,
            Format::Xlsx,
            Format::Parquet,
        ] {
            let printer = Printer::to(Style::default(), Box::new(Gone), Box::new(io::sink()));
            let batches = std::iter::repeat_with(|| Ok(sample())).take(9);
            let about = About::default();
            let error = write(&printer, format, &about, &sample().schema(), batches).unwrap_err();
            assert!(
                matches!(error, CliError::NobodyReads),
                "{format:?}: {error}"
            );
        }
    }
}
