//! The sheets of a workbook, row by row.
//!
//! Calamine lends its cells from the workbook, so the reading lives on a thread of its own and hands
//! over whole pieces, two at most ahead of whoever takes them.

use std::borrow::Cow;
use std::io::{BufReader, Read, Seek};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::SyncSender;

use calamine::{DataRef, Reader, SheetType, Xlsx, XlsxCellReader, XlsxError};

use super::header::{Gathering, Places};
use super::package::{self, fault};
use super::value::{Value, Values};
use crate::contract::model::{Column, Version, XlsxDialect};
use crate::source::fault::DeliveryFault;
use crate::source::format::Layout;
use crate::source::raw::{RawBuilder, RawChunk};

const COLUMNS: u32 = 16_384;
const ROWS: u32 = 1_048_576;
/// Rows in a piece at most: malformed ones take no bytes.
const PIECE_ROWS: usize = 1 << 16;

/// What the reading thread hands over.
pub(super) enum Found {
    /// First of all: where the columns stand.
    Layout(Layout),
    /// Rows, and how many bytes of the file were read for them.
    Rows(RawChunk, u64),
}

/// What the reading thread needs.
pub(super) struct Work {
    pub dialect: XlsxDialect,
    pub columns: Vec<Column>,
    pub version: Version,
    pub piece_bytes: usize,
    pub out: SyncSender<Result<Found, DeliveryFault>>,
}

/// Why the reading ended before the end of the workbook.
enum Stop {
    /// The delivery cannot be read on.
    Fault(DeliveryFault),
    /// Nobody takes the pieces any more.
    Unwanted,
}

impl From<DeliveryFault> for Stop {
    fn from(fault: DeliveryFault) -> Self {
        Self::Fault(fault)
    }
}

/// Reads the whole workbook.
pub(super) fn read<R: Read + Seek>(input: R, work: &Work) {
    if let Err(Stop::Fault(fault)) = workbook(input, work) {
        // When nobody listens, nobody wants to know.
        let _ = work.out.send(Err(fault));
    }
}

/// Counts the bytes that calamine takes from the file, for the progress.
struct Counted<R> {
    inner: R,
    taken: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let got = self.inner.read(buffer)?;
        self.taken.fetch_add(got as u64, Ordering::Relaxed);
        Ok(got)
    }
}

impl<R: Seek> Seek for Counted<R> {
    fn seek(&mut self, to: std::io::SeekFrom) -> std::io::Result<u64> {
        self.inner.seek(to)
    }
}

fn workbook<R: Read + Seek>(input: R, work: &Work) -> Result<(), Stop> {
    let inner = package::inspect(input, work.dialect.max_unpacked_bytes)?;
    let taken = Arc::new(AtomicU64::new(0));
    let counted = Counted {
        inner,
        taken: Arc::clone(&taken),
    };
    let mut workbook = Xlsx::new(BufReader::with_capacity(1 << 16, counted)).map_err(broken)?;
    let sheets = sheets(&workbook, &work.dialect)?;
    let mut places = Vec::with_capacity(sheets.len());
    for sheet in &sheets {
        places.push(header(&mut workbook, sheet, work)?);
    }
    let mut found: Vec<_> = (0..work.columns.len()).map(|_| None).collect();
    for at in places.iter().flat_map(Places::found) {
        found[at] = Some(at);
    }
    work.send(Ok(Found::Layout(Layout {
        width: work.columns.len(),
        places: found,
    })))?;
    taken.store(0, Ordering::Relaxed);
    let mut rows = Rows {
        work,
        values: Values {
            from_1904: workbook.has_1904_epoch(),
        },
        builder: RawBuilder::new(work.columns.len(), work.dialect.max_row_bytes),
        taken,
        budget: Budget::new(&work.dialect),
        row: Row::default(),
    };
    for (sheet, places) in sheets.iter().zip(&places) {
        let mut cells = workbook.worksheet_cells_reader(sheet).map_err(broken)?;
        rows.sheet(&mut cells, places)?;
    }
    rows.hand_over()
}

impl Work {
    fn send(&self, found: Result<Found, DeliveryFault>) -> Result<(), Stop> {
        self.out.send(found).map_err(|_| Stop::Unwanted)
    }
}

/// What went wrong, without the text of it: that can be the value of a cell.
fn broken(error: XlsxError) -> DeliveryFault {
    match error {
        XlsxError::Io(e) => DeliveryFault::Unreadable(e.kind()),
        XlsxError::Password => fault("the workbook is encrypted with a password"),
        XlsxError::NotAWorksheet(_) => fault("a sheet of the workbook is no worksheet"),
        XlsxError::RelationshipNotFound
        | XlsxError::FileNotFound(_)
        | XlsxError::WorksheetNotFound(_) => fault("the workbook lacks one of its own parts"),
        _ => fault("the workbook is not built as Excel builds it"),
    }
}

/// The names of the sheets that hold records, in the order of the workbook.
fn sheets<R: Read + Seek>(
    workbook: &Xlsx<R>,
    dialect: &XlsxDialect,
) -> Result<Vec<String>, DeliveryFault> {
    let same = |one: &str, other: &str| one.trim().to_lowercase() == other.trim().to_lowercase();
    let named = |list: &[String], name: &str| list.iter().any(|listed| same(listed, name));
    let mut read: Vec<String> = Vec::new();
    let mut seen = std::collections::BTreeSet::new();
    for (at, sheet) in workbook.sheets_metadata().iter().enumerate() {
        if !seen.insert(sheet.name.trim().to_lowercase()) {
            return Err(fault("two sheets of the workbook have the same name"));
        }
        if named(&dialect.skip_sheets, &sheet.name) {
            continue;
        }
        let wanted = dialect.sheets.is_empty() || named(&dialect.sheets, &sheet.name);
        if !wanted || sheet.typ != SheetType::WorkSheet {
            return Err(DeliveryFault::UnknownSheet(at + 1));
        }
        read.push(sheet.name.clone());
    }
    match dialect
        .sheets
        .iter()
        .find(|name| !named(&read, name.as_str()))
    {
        Some(name) => Err(DeliveryFault::MissingSheet(name.clone())),
        None if read.is_empty() => Err(fault("the workbook has no sheet with records")),
        None => Ok(read),
    }
}

/// Reads the header of a sheet.
fn header<R: Read + Seek>(
    workbook: &mut Xlsx<R>,
    sheet: &str,
    work: &Work,
) -> Result<Places, DeliveryFault> {
    let values = Values {
        from_1904: workbook.has_1904_epoch(),
    };
    let mut header = Gathering::new(&work.dialect);
    let mut bytes = 0;
    let mut budget = Budget::new(&work.dialect);
    let mut cells = workbook.worksheet_cells_reader(sheet).map_err(broken)?;
    while let Some(cell) = cells.next_cell().map_err(broken)? {
        let (row, column) = cell.get_position();
        if row >= header.end() {
            break;
        }
        if column >= COLUMNS {
            return Err(NOWHERE);
        }
        budget.take(cell.get_value())?;
        match values.text(cell.get_value(), None) {
            Value::Empty => {}
            Value::Text(text) => {
                bytes += text.len();
                if bytes > work.dialect.max_row_bytes {
                    return Err(DeliveryFault::RowTooLong {
                        row: 0,
                        max: work.dialect.max_row_bytes,
                    });
                }
                header.take(row, column, text.into_owned());
            }
            Value::Broken => return Err(DeliveryFault::UnknownColumn(column as usize + 1)),
        }
    }
    header.places(&work.columns, &work.version)
}

/// How much text may still come out of the cells. A shared string counts as often as it is used: a
/// small file can use a long one a million times.
struct Budget {
    left: u64,
    max: u64,
}

impl Budget {
    fn new(dialect: &XlsxDialect) -> Self {
        Self {
            left: dialect.max_unpacked_bytes,
            max: dialect.max_unpacked_bytes,
        }
    }

    fn take(&mut self, value: &DataRef<'_>) -> Result<(), DeliveryFault> {
        let bytes = match value {
            DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => {
                text.len()
            }
            DataRef::SharedString(text) => text.len(),
            _ => 0,
        };
        match self.left.checked_sub(bytes as u64) {
            Some(left) => {
                self.left = left;
                Ok(())
            }
            None => Err(DeliveryFault::TooLarge(self.max >> 20)),
        }
    }
}

const NOWHERE: DeliveryFault = fault("a cell of the workbook stands where no cell can be");

/// The row that is being gathered.
#[derive(Default)]
struct Row {
    /// Its place in the sheet.
    at: Option<u32>,
    /// It holds something.
    filled: bool,
    /// Its first text says that it is a total.
    total: bool,
    /// It is no record.
    malformed: bool,
    bytes: usize,
}

/// Rows on their way.
struct Rows<'w> {
    work: &'w Work,
    values: Values,
    builder: RawBuilder,
    taken: Arc<AtomicU64>,
    budget: Budget,
    row: Row,
}

impl Rows<'_> {
    /// Reads a sheet below its header.
    fn sheet<R: Read + Seek>(
        &mut self,
        cells: &mut XlsxCellReader<'_, R>,
        places: &Places,
    ) -> Result<(), Stop> {
        let first = Gathering::new(&self.work.dialect).end();
        loop {
            let Some(cell) = cells.next_cell().map_err(|e| self.here(broken(e)))? else {
                return self.end_row();
            };
            let (row, column) = cell.get_position();
            if row >= ROWS || column >= COLUMNS {
                return Err(self.here(NOWHERE).into());
            }
            if self.row.at != Some(row) {
                if self.row.at.is_some_and(|before| row < before) {
                    let what = "the rows of a sheet are not in order";
                    return Err(self.here(fault(what)).into());
                }
                self.end_row()?;
                self.row.at = Some(row);
            }
            if row >= first {
                self.cell(column, cell.get_value(), places)?;
            }
        }
    }

    /// A fault of the delivery at the row that is being gathered.
    fn here(&self, fault: DeliveryFault) -> DeliveryFault {
        match fault {
            DeliveryFault::Structure { what, .. } => DeliveryFault::Structure {
                row: self.builder.rows() as u64,
                what,
            },
            other => other,
        }
    }

    fn cell(&mut self, column: u32, value: &DataRef<'_>, places: &Places) -> Result<(), Stop> {
        self.budget.take(value)?;
        if self.row.total {
            return Ok(());
        }
        let place = places.get(column);
        let kind = place.map(|at| &self.work.columns[at].kind);
        let text: Cow<'_, str> = match self.values.text(value, kind) {
            Value::Empty => return Ok(()),
            Value::Text(text) => text,
            Value::Broken => {
                self.row.filled = true;
                self.row.malformed = true;
                return Ok(());
            }
        };
        if !self.row.filled && self.total(&text) {
            self.row.total = true;
            return Ok(());
        }
        self.row.filled = true;
        self.row.bytes += text.len();
        let max = self.work.dialect.max_row_bytes;
        if self.row.bytes > max {
            let row = self.builder.rows() as u64;
            return Err(DeliveryFault::RowTooLong { row, max }.into());
        }
        // A value below no header belongs to nothing, and a cell that comes twice to nobody knows what.
        let taken = place.is_some_and(|at| self.builder.set(at, text.as_bytes()));
        self.row.malformed |= !taken;
        Ok(())
    }

    /// Whether the first text of a row says that it is a total.
    fn total(&self, text: &str) -> bool {
        let totals = &self.work.dialect.totals;
        if totals.is_empty() {
            return false;
        }
        let text = text.to_lowercase();
        totals
            .iter()
            .any(|total| text.starts_with(total.trim().to_lowercase().as_str()))
    }

    /// Ends the row that is being gathered, when it is one.
    fn end_row(&mut self) -> Result<(), Stop> {
        let row = std::mem::take(&mut self.row);
        if row.total || !row.filled {
            return Ok(());
        }
        if row.malformed {
            self.builder.end_malformed();
        } else {
            self.builder.end_row();
        }
        let full = self.builder.bytes() >= self.work.piece_bytes;
        if full || self.builder.rows() >= PIECE_ROWS {
            self.hand_over()?;
        }
        Ok(())
    }

    fn hand_over(&mut self) -> Result<(), Stop> {
        if self.builder.rows() == 0 {
            return Ok(());
        }
        let rows = self.builder.take();
        let bytes = self.taken.swap(0, Ordering::Relaxed);
        self.work.send(Ok(Found::Rows(rows, bytes)))
    }
}
