//! CSV in two dialects.
//!
//! *Plain* is for programs: comma, decimal point, `2024-12-31`, `true`, line feeds, UTF-8, and every
//! text exactly as it is.
//!
//! *Dutch* is for a spreadsheet with Dutch settings, which opens it with a double click: semicolons,
//! decimal comma, `31-12-2024`, `ja` and `nee`, CRLF, UTF-8 with a byte order mark. A spreadsheet takes
//! a text that begins with `=`, `+`, `-`, `@`, a tab or a carriage return for a formula and runs it, so
//! such a text (and such a header) gets an apostrophe before it here, unless it is a plain number.
//! Numbers are never touched.

use std::io::Write;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::compute::cast;
use arrow::csv::WriterBuilder;
use arrow::csv::writer::Terminator;
use arrow::datatypes::{DataType, Float64Type, SchemaRef};
use arrow::error::ArrowError;
use arrow::util::display::FormatOptions;

use super::ExportError;
use super::cells;

/// What tells a spreadsheet that the file is UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// CSV for programs.
pub(super) fn plain<E: From<ExportError>>(
    out: &mut (dyn Write + Send),
    schema: &SchemaRef,
    batches: impl Iterator<Item = Result<RecordBatch, E>>,
) -> Result<(), E> {
    pour(out, WriterBuilder::new(), schema, batches, |batch| {
        cells::replaced(batch, str::to_owned, exact)
    })
}

/// CSV for a Dutch spreadsheet.
pub(super) fn dutch<E: From<ExportError>>(
    out: &mut (dyn Write + Send),
    schema: &SchemaRef,
    batches: impl Iterator<Item = Result<RecordBatch, E>>,
) -> Result<(), E> {
    let builder = WriterBuilder::new()
        .with_delimiter(b';')
        .with_line_terminator(Terminator::CRLF);
    out.write_all(BYTE_ORDER_MARK)
        .map_err(|e| E::from(e.into()))?;
    pour(out, builder, schema, batches, |batch| {
        cells::replaced(batch, harmless, spoken)
    })
}

fn pour<E: From<ExportError>>(
    out: &mut (dyn Write + Send),
    builder: WriterBuilder,
    schema: &SchemaRef,
    batches: impl Iterator<Item = Result<RecordBatch, E>>,
    prepare: impl Fn(&RecordBatch) -> Result<RecordBatch, ArrowError>,
) -> Result<(), E> {
    let refused = |e: ArrowError| E::from(e.into());
    let mut writer = builder.with_header(true).build(out);
    // Also an answer without rows has a header.
    let none = RecordBatch::new_empty(Arc::clone(schema));
    for batch in std::iter::once(Ok(none)).chain(batches) {
        let batch = prepare(&batch?).map_err(refused)?;
        writer.write(&batch).map_err(refused)?;
    }
    Ok(())
}

/// As it is, lists and structs as text: CSV has neither.
fn exact(array: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    if array.data_type().is_nested() {
        return Ok(cells::column(cells::texts(
            array,
            &FormatOptions::default(),
        )?));
    }
    Ok(cells::finite(array))
}

/// Everything as a Dutch reader writes it.
fn spoken(array: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    let array = cells::decoded(array)?;
    let options = FormatOptions::default()
        .with_date_format(Some("%d-%m-%Y"))
        .with_datetime_format(Some("%d-%m-%Y %H:%M:%S"))
        .with_timestamp_format(Some("%d-%m-%Y %H:%M:%S"))
        .with_timestamp_tz_format(Some("%d-%m-%Y %H:%M:%S %:z"));
    let texts = match array.data_type() {
        DataType::Boolean => {
            let word = |yes: bool| if yes { "ja" } else { "nee" }.to_owned();
            array.as_boolean().iter().map(|v| v.map(word)).collect()
        }
        t if t.is_floating() => {
            let numbers = cast(&cells::finite(&array), &DataType::Float64)?;
            let numbers = numbers.as_primitive::<Float64Type>();
            let written = |number: f64| number.to_string().replace('.', ",");
            numbers.iter().map(|v| v.map(written)).collect()
        }
        t if t.is_decimal() => {
            let texts = cells::texts(&array, &options)?.into_iter();
            texts.map(|t| t.map(|t| t.replace('.', ","))).collect()
        }
        t if t.is_integer() || t.is_temporal() => cells::texts(&array, &options)?,
        _ => {
            let texts = cells::texts(&array, &options)?.into_iter();
            texts.map(|t| t.map(|t| harmless(&t))).collect()
        }
    };
    Ok(cells::column(texts))
}

/// A text that no spreadsheet takes for a formula.
fn harmless(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let number = text.strip_prefix(['-', '+']).is_some_and(|digits| {
        !digits.is_empty()
            && digits
                .chars()
                .all(|c| c.is_ascii_digit() || c == ',' || c == '.')
    });
    if formula && !number {
        return format!("'{text}");
    }
    text.to_owned()
}
