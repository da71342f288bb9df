//! Excel workbooks: a sheet an answer, and a last one that says what everything means.
//!
//! Numbers are numbers, days are days, and a text is a text: nothing here is ever a formula or a link.
//! A workbook is held in memory until it is whole.

use std::collections::BTreeSet;
use std::io::Write;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{
    DataType, Date32Type, Float64Type, Int64Type, SchemaRef, TimeUnit, TimestampMillisecondType,
};
use arrow::error::ArrowError;
use arrow::util::display::FormatOptions;
use rust_xlsxwriter::{
    Color, DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Workbook, Worksheet,
    XlsxError,
};

use super::{About, ExportError, cells, definitions};
use crate::contract::model::Role;
use crate::monitor::Relation;

/// Rows of a sheet, below its header.
pub(super) const MOST_ROWS: u32 = 1_048_575;
/// Columns of a sheet.
pub(super) const MOST_COLUMNS: usize = 16_384;
/// The whole numbers that a cell holds exactly; larger ones go as text.
const EXACT: u64 = 1 << 53;
/// Days from the first day of Excel's calendar to 1 January 1970.
const EPOCH: i32 = 25_569;
/// 1 March 1900, before which Excel counts a day that never was, and 31 December 9999.
const DAYS: std::ops::RangeInclusive<i32> = 61..=2_958_465;
const MILLIS_A_DAY: f64 = 86_400_000.0;
/// The widest column, in pixels.
const WIDEST: u32 = 420;
/// The longest name of a sheet.
const LONGEST_NAME: usize = 31;
/// The name of the sheet that says what everything means.
const DEFINITIONS: &str = "Definities";

/// A workbook that grows by a sheet an answer.
pub struct Book {
    workbook: Workbook,
    names: BTreeSet<String>,
}

impl Book {
    /// A workbook without sheets. It is of the moment of the release, not of now: the same answer gives
    /// the same file.
    #[must_use]
    pub fn new(about: &About) -> Self {
        let mut properties = DocProperties::new();
        if let [view] = about.views.as_slice() {
            properties = properties.set_title(&view.title);
        }
        let published = about.release.as_ref().map(|r| r.published_at.as_str());
        let moment = published.and_then(|at| ExcelDateTime::parse_from_str(at).ok());
        let moment = moment.or_else(|| ExcelDateTime::from_ymd(2000, 1, 1).ok());
        if let Some(moment) = moment {
            properties = properties.set_creation_datetime(&moment);
        }
        let mut workbook = Workbook::new();
        workbook.set_properties(&properties);
        Self {
            workbook,
            names: BTreeSet::from([DEFINITIONS.to_lowercase()]),
        }
    }

    /// Adds an answer. Returns how many rows it had.
    ///
    /// # Errors
    /// What the answer ends with, or an [`ExportError`] when a sheet cannot hold it.
    pub fn sheet<E: From<ExportError>>(
        &mut self,
        name: &str,
        view: Option<&Relation>,
        schema: &SchemaRef,
        batches: impl Iterator<Item = Result<RecordBatch, E>>,
    ) -> Result<usize, E> {
        let name = self.free_name(name);
        let sheet = self.workbook.add_worksheet();
        let mut rows = Rows::begin(sheet, &name, view, schema).map_err(E::from)?;
        for batch in batches {
            rows.write(&batch?).map_err(E::from)?;
        }
        rows.end().map_err(E::from)
    }

    /// Adds the definitions and writes the whole.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn finish(mut self, out: &mut dyn Write, about: &About) -> Result<(), ExportError> {
        let sheet = self.workbook.add_worksheet();
        sheet.set_name(DEFINITIONS)?;
        definitions::write(sheet, about)?;
        Ok(out.write_all(&self.workbook.save_to_buffer()?)?)
    }

    /// A name that a sheet may have and that none has yet.
    fn free_name(&mut self, name: &str) -> String {
        let allowed = |c: char| match c {
            '[' | ']' | ':' | '*' | '?' | '/' | '\\' | '\'' => '_',
            c => c,
        };
        let name: String = name.chars().map(allowed).take(LONGEST_NAME).collect();
        let mut free = name.clone();
        let mut number = 2;
        while !self.names.insert(free.to_lowercase()) {
            let short: String = name.chars().take(LONGEST_NAME - 5).collect();
            free = format!("{short} {number}");
            number += 1;
        }
        free
    }
}

/// How the header of a list looks.
pub(super) fn header() -> Format {
    Format::new()
        .set_bold()
        .set_background_color(Color::RGB(0x00E1_EFF3))
        .set_border_bottom(FormatBorder::Thin)
        .set_align(FormatAlign::Bottom)
}

/// A sheet that is being filled.
struct Rows<'a> {
    sheet: &'a mut Worksheet,
    formats: Vec<Option<Format>>,
    next: u32,
}

impl<'a> Rows<'a> {
    fn begin(
        sheet: &'a mut Worksheet,
        name: &str,
        view: Option<&Relation>,
        schema: &SchemaRef,
    ) -> Result<Self, ExportError> {
        let found = schema.fields().len();
        if found > MOST_COLUMNS {
            return Err(ExportError::Columns { found });
        }
        sheet.set_name(name)?;
        let (header, mut formats) = (header(), Vec::new());
        for (at, field) in (0..).zip(schema.fields()) {
            sheet.write_string_with_format(0, at, field.name(), &header)?;
            formats.push(format(field.data_type(), counts(view, field.name())));
        }
        Ok(Self {
            sheet,
            formats,
            next: 1,
        })
    }

    fn write(&mut self, batch: &RecordBatch) -> Result<(), ExportError> {
        let rows = u32::try_from(batch.num_rows()).map_err(|_| ExportError::Rows)?;
        let end = self.next.checked_add(rows).ok_or(ExportError::Rows)?;
        if end > MOST_ROWS + 1 {
            return Err(ExportError::Rows);
        }
        for ((at, array), format) in (0..).zip(batch.columns()).zip(&self.formats) {
            let mut column = Column {
                sheet: self.sheet,
                at,
                first: self.next,
                format: format.as_ref(),
            };
            column.write(array)?;
        }
        self.next = end;
        Ok(())
    }

    fn end(self) -> Result<usize, ExportError> {
        let last = self.next - 1;
        if let Some(columns) = u16::try_from(self.formats.len()).ok().filter(|n| *n > 0) {
            self.sheet.autofilter(0, 0, last, columns - 1)?;
        }
        self.sheet.set_freeze_panes(1, 0)?;
        self.sheet.set_autofit_max_width(WIDEST);
        self.sheet.autofit();
        // On paper: A4, as wide as it is, the header on every page.
        self.sheet.set_paper_size(9).set_landscape();
        self.sheet.set_print_fit_to_pages(1, 0);
        self.sheet.set_repeat_rows(0, 0)?;
        Ok(last as usize)
    }
}

/// Whether a column counts something: a dot between thousands helps there, and not in a year.
fn counts(view: Option<&Relation>, name: &str) -> bool {
    let columns = view.iter().flat_map(|view| &view.columns);
    let mut cells = columns.filter(|c| matches!(c.role, Some(Role::Cell { .. })));
    cells.any(|c| c.name == name)
}

/// How numbers and days of a column look; nothing special for the rest.
fn format(data_type: &DataType, counts: bool) -> Option<Format> {
    let pattern = match data_type {
        DataType::Dictionary(_, value) => return format(value, counts),
        DataType::Date32 | DataType::Date64 => "dd-mm-yyyy".to_owned(),
        DataType::Timestamp(..) => "dd-mm-yyyy hh:mm:ss".to_owned(),
        DataType::Decimal32(_, scale)
        | DataType::Decimal64(_, scale)
        | DataType::Decimal128(_, scale)
        | DataType::Decimal256(_, scale) => match usize::try_from(*scale) {
            Ok(places) if places > 0 => format!("#,##0.{}", "0".repeat(places)),
            _ => "#,##0".to_owned(),
        },
        t if t.is_integer() && counts => "#,##0".to_owned(),
        _ => return None,
    };
    Some(Format::new().set_num_format(pattern))
}

/// The cells of a column below each other.
struct Column<'a> {
    sheet: &'a mut Worksheet,
    at: u16,
    first: u32,
    format: Option<&'a Format>,
}

impl Column<'_> {
    fn write(&mut self, array: &ArrayRef) -> Result<(), ExportError> {
        let array = cells::finite(&cells::decoded(array)?);
        match array.data_type() {
            DataType::Boolean => {
                let values = array.as_boolean().iter();
                self.cells(values, |sheet, row, at, yes| {
                    sheet.write_boolean(row, at, yes).map(drop)
                })
            }
            DataType::Date32 | DataType::Date64 => self.days(&array),
            DataType::Timestamp(..) => self.moments(&array),
            t if t.is_integer() || t.is_floating() || t.is_decimal() => self.numbers(&array),
            _ => self.texts(&array),
        }
    }

    fn cells<T>(
        &mut self,
        values: impl Iterator<Item = Option<T>>,
        write: impl Fn(&mut Worksheet, u32, u16, T) -> Result<(), XlsxError>,
    ) -> Result<(), ExportError> {
        for (row, value) in (self.first..).zip(values) {
            if let Some(value) = value {
                write(self.sheet, row, self.at, value)?;
            }
        }
        Ok(())
    }

    fn numbers(&mut self, array: &ArrayRef) -> Result<(), ExportError> {
        // Whole numbers that a cell cannot hold exactly are told by their text.
        if !array.data_type().is_floating() && !exact(array)? {
            return self.texts(array);
        }
        let numbers = cast(array, &DataType::Float64)?;
        let numbers = numbers.as_primitive::<Float64Type>();
        let format = self.format.cloned();
        self.cells(numbers.iter(), |sheet, row, at, number| match &format {
            Some(format) => sheet
                .write_number_with_format(row, at, number, format)
                .map(drop),
            None => sheet.write_number(row, at, number).map(drop),
        })
    }

    fn days(&mut self, array: &ArrayRef) -> Result<(), ExportError> {
        let days = cast(array, &DataType::Date32)?;
        let days = days.as_primitive::<Date32Type>();
        let serial: Vec<Option<i32>> = days
            .iter()
            .map(|day| day.map(|day| day.saturating_add(EPOCH)))
            .collect();
        if !serial.iter().flatten().all(|day| DAYS.contains(day)) {
            return self.texts(array);
        }
        let format = self.format.cloned().unwrap_or_default();
        self.cells(serial.into_iter(), |sheet, row, at, day| {
            sheet
                .write_number_with_format(row, at, day, &format)
                .map(drop)
        })
    }

    fn moments(&mut self, array: &ArrayRef) -> Result<(), ExportError> {
        // As the clock of its own zone shows it.
        let local = cast(array, &DataType::Timestamp(TimeUnit::Millisecond, None))?;
        let local = local.as_primitive::<TimestampMillisecondType>();
        #[expect(
            clippy::cast_precision_loss,
            reason = "milliseconds of ten thousand years fit"
        )]
        let serial = |millis: i64| millis as f64 / MILLIS_A_DAY + f64::from(EPOCH);
        let span = f64::from(*DAYS.start())..f64::from(*DAYS.end());
        let serial: Vec<Option<f64>> = local.iter().map(|at| at.map(serial)).collect();
        if !serial.iter().flatten().all(|at| span.contains(at)) {
            return self.texts(array);
        }
        let format = self.format.cloned().unwrap_or_default();
        self.cells(serial.into_iter(), |sheet, row, at, moment| {
            sheet
                .write_number_with_format(row, at, moment, &format)
                .map(drop)
        })
    }

    fn texts(&mut self, array: &ArrayRef) -> Result<(), ExportError> {
        let texts = cells::texts(array, &FormatOptions::default())?;
        self.cells(texts.into_iter(), |sheet, row, at, text| {
            sheet.write_string(row, at, text).map(drop)
        })
    }
}

/// Whether every number of a column fits the 53 bits of a cell.
fn exact(array: &ArrayRef) -> Result<bool, ArrowError> {
    let unscaled = match array.data_type() {
        DataType::Decimal128(..) => {
            let numbers = array.as_primitive::<arrow::datatypes::Decimal128Type>();
            return Ok(numbers
                .iter()
                .flatten()
                .all(|n| n.unsigned_abs() <= u128::from(EXACT)));
        }
        t if t.is_decimal() => return Ok(true),
        // What does not fit 64 bits is NULL here.
        _ => cast(array, &DataType::Int64)?,
    };
    let numbers = unscaled.as_primitive::<Int64Type>();
    Ok(numbers.null_count() == array.null_count()
        && numbers.iter().flatten().all(|n| n.unsigned_abs() <= EXACT))
}

impl From<XlsxError> for ExportError {
    fn from(error: XlsxError) -> Self {
        match error {
            XlsxError::MaxStringLengthExceeded => Self::LongText,
            XlsxError::IoError(source) => Self::Write(source),
            XlsxError::RowColumnLimitError => Self::Rows,
            _ => Self::Refused,
        }
    }
}
