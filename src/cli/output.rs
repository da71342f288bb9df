//! Answers to queries in four formats. All but the table are written batch by batch, so an answer
//! may be larger than memory.

use std::io::{self, Write};
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use arrow::error::ArrowError;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;

use super::CliError;
use super::printer::{Printer, Sink};
use crate::monitor::MonitorError;

/// How an answer is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// Columns side by side, for people.
    Table,
    /// Comma-separated values with a header.
    Csv,
    /// One array of objects.
    Json,
    /// A Parquet file, for another program; not on a terminal.
    Parquet,
}

/// Writes an answer to the printer's output, and says on standard error how many rows it had.
///
/// # Errors
/// When the query fails while it runs, or the answer cannot be written.
pub fn write(
    printer: &Printer,
    format: Format,
    schema: &SchemaRef,
    batches: impl Iterator<Item = Result<RecordBatch, MonitorError>>,
) -> Result<(), CliError> {
    let rows = pour(printer, format, schema, batches)?;
    printer.note(&if rows == 1 {
        "1 row".to_owned()
    } else {
        format!("{rows} rows")
    });
    Ok(())
}

/// As [`write`], without a word beside the answer. Returns how many rows it had.
///
/// # Errors
/// As [`write`].
pub fn pour(
    printer: &Printer,
    format: Format,
    schema: &SchemaRef,
    batches: impl Iterator<Item = Result<RecordBatch, MonitorError>>,
) -> Result<usize, CliError> {
    if format == Format::Parquet && printer.style().terminal {
        return Err(CliError::Usage {
            message: "Parquet is not for a terminal".to_owned(),
            remedy: Some("send it to a file: `sluis sql ... > answer.parquet`".to_owned()),
        });
    }
    let mut rows = 0;
    let counted = batches.map(|batch| {
        let batch = batch?;
        rows += batch.num_rows();
        Ok(batch)
    });
    let mut out = printer.output();
    let sink = out.sink();
    let written = match format {
        Format::Table => table(sink, schema, counted),
        Format::Csv => csv(sink, schema, counted),
        Format::Json => json(sink, counted),
        Format::Parquet => parquet(sink, schema, counted),
    };
    out.finish(written)?;
    Ok(rows)
}

type Batch = Result<RecordBatch, CliError>;

fn table(
    out: &mut Sink,
    schema: &SchemaRef,
    batches: impl Iterator<Item = Batch>,
) -> Result<(), CliError> {
    let mut columns: Vec<Vec<String>> = schema
        .fields()
        .iter()
        .map(|f| vec![printable(f.name())])
        .collect();
    for batch in batches {
        for (cells, array) in columns.iter_mut().zip(batch?.columns()) {
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
    for row in 0..columns.first().map_or(0, Vec::len) {
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
    Ok(())
}

fn csv(
    out: &mut Sink,
    schema: &SchemaRef,
    batches: impl Iterator<Item = Batch>,
) -> Result<(), CliError> {
    let mut writer = arrow::csv::WriterBuilder::new()
        .with_header(true)
        .build(out);
    // Also an answer without rows has a header.
    writer.write(&flat(&RecordBatch::new_empty(Arc::clone(schema)))?)?;
    for batch in batches {
        writer.write(&flat(&batch?)?)?;
    }
    Ok(())
}

fn json(out: &mut Sink, batches: impl Iterator<Item = Batch>) -> Result<(), CliError> {
    let mut writer = arrow::json::WriterBuilder::new()
        .with_explicit_nulls(true)
        .build::<_, arrow::json::writer::JsonArray>(&mut *out);
    for batch in batches {
        writer.write(&batch?)?;
    }
    writer.finish()?;
    writeln!(out)?;
    Ok(())
}

fn parquet(
    out: &mut Sink,
    schema: &SchemaRef,
    batches: impl Iterator<Item = Batch>,
) -> Result<(), CliError> {
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .build();
    let mut writer = ArrowWriter::try_new(out, Arc::clone(schema), Some(properties))?;
    for batch in batches {
        writer.write(&batch?)?;
    }
    writer.close()?;
    Ok(())
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

/// A batch whose lists and structs are text, as CSV has neither.
fn flat(batch: &RecordBatch) -> Result<RecordBatch, ArrowError> {
    let mut fields = Vec::new();
    let mut arrays: Vec<ArrayRef> = Vec::new();
    for (field, array) in batch.schema().fields().iter().zip(batch.columns()) {
        if field.data_type().is_nested() {
            fields.push(Arc::new(Field::new(field.name(), DataType::Utf8, true)));
            arrays.push(Arc::new(StringArray::from(texts(array)?)));
        } else {
            fields.push(Arc::clone(field));
            arrays.push(Arc::clone(array));
        }
    }
    RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays)
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

impl From<parquet::errors::ParquetError> for CliError {
    fn from(error: parquet::errors::ParquetError) -> Self {
        Self::Output(io::Error::other(error))
    }
}

#[cfg(test)]
mod tests {
    use arrow::array::{BooleanArray, Date32Array, Float64Array, Int64Array, ListArray};
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
        write(&printer, format, &schema, batches.iter().cloned().map(Ok)).unwrap();
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
        write(&printer, Format::Table, &schema, [Ok(batch)].into_iter()).unwrap();
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
    fn parquet_is_refused_on_a_terminal() {
        let (printer, out, _) = paper(Style {
            terminal: true,
            ..Style::default()
        });
        let batches = [Ok(sample())].into_iter();
        let error = write(&printer, Format::Parquet, &sample().schema(), batches).unwrap_err();
        assert_eq!(error.exit_code(), 2);
        assert!(out.bytes().is_empty());
    }

    #[test]
    fn a_reader_that_left_is_no_failure_in_any_format() {
        for format in [Format::Table, Format::Csv, Format::Json, Format::Parquet] {
            let printer = Printer::to(Style::default(), Box::new(Gone), Box::new(io::sink()));
            let batches = std::iter::repeat_with(|| Ok(sample())).take(9);
            let error = write(&printer, format, &sample().schema(), batches).unwrap_err();
            assert!(
                matches!(error, CliError::NobodyReads),
                "{format:?}: {error}"
            );
        }
    }
}
