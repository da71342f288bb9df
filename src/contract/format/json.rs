//! `kind = "json"` and `kind = "ndjson"`: records in an array, or one a line.

use super::max_row_bytes;
use crate::contract::document::Form;
use crate::contract::model::{Format, JsonDialect};

pub(super) fn read_array(form: &mut Form<'_>) -> Option<Format> {
    read(form, false)
}

pub(super) fn read_lines(form: &mut Form<'_>) -> Option<Format> {
    read(form, true)
}

fn read(form: &mut Form<'_>, lines: bool) -> Option<Format> {
    let rows = form.optional_text("rows");
    let rows_good = rows.is_some() || !form.has("rows");
    let max_row_bytes = max_row_bytes(form);
    rows_good.then_some(())?;
    Some(Format::Json(JsonDialect {
        lines,
        rows: rows.map(|path| path.value),
        max_row_bytes: max_row_bytes?,
    }))
}
