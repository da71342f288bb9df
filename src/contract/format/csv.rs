//! `kind = "csv"`: delimited text.

use super::{encoding, max_row_bytes};
use crate::contract::document::Form;
use crate::contract::model::{CsvDialect, Format};

/// Reads the keys of `kind = "csv"`.
pub(super) fn read(form: &mut Form<'_>) -> Option<Format> {
    let encoding = encoding(form);
    let delimiter = delimiter(form);
    let max_row_bytes = max_row_bytes(form);
    Some(Format::Csv(CsvDialect {
        encoding: encoding?,
        delimiter: delimiter?,
        max_row_bytes: max_row_bytes?,
    }))
}

fn delimiter(form: &mut Form<'_>) -> Option<u8> {
    // A tab is white space, and so is no empty text here.
    let Some(text) = form.loose_text("delimiter") else {
        if !form.has("delimiter") {
            form.report().fault(
                form.line(),
                "[format] has no `delimiter`",
                "add delimiter = \";\"",
            );
        }
        return None;
    };
    match text.value.as_bytes() {
        [byte]
            if byte.is_ascii() && !byte.is_ascii_alphanumeric() && !b"\"\r\n\0".contains(byte) =>
        {
            Some(*byte)
        }
        _ => {
            form.report().fault(
                text.line,
                "`delimiter` cannot stand between fields",
                "write one ASCII sign that is no quote, letter, digit or line end, as \";\" or \"\\t\"",
            );
            None
        }
    }
}
