//! `kind = "xlsx"`: an Excel workbook.

use super::{count, list, max_row_bytes, max_unpacked_bytes};
use crate::contract::document::Form;
use crate::contract::model::{Format, XlsxDialect};

/// The last row that Excel knows.
const LAST_ROW: i64 = 1_048_576;

pub(super) fn read(form: &mut Form<'_>) -> Option<Format> {
    let sheets = list(form, "sheets");
    let skip_sheets = list(form, "skip_sheets");
    let header_row = count(form, "header_row", (1, LAST_ROW), 1);
    let header_rows = count(form, "header_rows", (1, 2), 1);
    let totals = list(form, "totals");
    let max_row_bytes = max_row_bytes(form);
    let max_unpacked_bytes = max_unpacked_bytes(form);
    Some(Format::Xlsx(XlsxDialect {
        sheets: sheets?,
        skip_sheets: skip_sheets?,
        header_row: u32::try_from(header_row?).ok()?,
        header_rows: u32::try_from(header_rows?).ok()?,
        totals: totals?,
        max_row_bytes: max_row_bytes?,
        max_unpacked_bytes: max_unpacked_bytes?,
    }))
}
