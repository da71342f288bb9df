//! `kind = "ei"`: lines of fixed width with a header, records of persons and a trailer.

use super::{encoding, list, max_row_bytes};
use crate::contract::document::Form;
use crate::contract::model::{EiCount, EiDialect, EiField, Format};

const LONGEST_LINE: i64 = 4096;

pub(super) fn read(form: &mut Form<'_>) -> Option<Format> {
    let encoding = encoding(form);
    let line_bytes = form.integer("line_bytes", (2, LONGEST_LINE));
    let line_bytes = line_bytes.and_then(|bytes| usize::try_from(bytes.value).ok());
    let codes = ["header", "person", "trailer"].map(|key| code(form, key));
    let rows = list(form, "rows");
    let fields: Vec<_> = form
        .tables("field")
        .into_iter()
        .map(|form| field(form, line_bytes))
        .collect();
    let counts: Vec<_> = form
        .tables("count")
        .into_iter()
        .map(|form| counter(form, line_bytes))
        .collect();
    let max_row_bytes = max_row_bytes(form);
    let [header, person, trailer] = codes;
    Some(Format::Ei(EiDialect {
        encoding: encoding?,
        line_bytes: line_bytes?,
        header: header?,
        person: person?,
        rows: rows?,
        trailer: trailer?,
        fields: fields.into_iter().collect::<Option<_>>()?,
        counts: counts.into_iter().collect::<Option<_>>()?,
        max_row_bytes: max_row_bytes?,
    }))
}

/// A record's code: two digits.
fn code(form: &mut Form<'_>, key: &'static str) -> Option<String> {
    let text = form.text(key)?;
    if text.value.len() == 2 && text.value.bytes().all(|b| b.is_ascii_digit()) {
        return Some(text.value);
    }
    form.report().fault(
        text.line,
        format!("`{key}` is no code of a record"),
        "write two digits, as \"02\"",
    );
    None
}

fn field(mut form: Form<'_>, line_bytes: Option<usize>) -> Option<EiField> {
    let record = code(&mut form, "record");
    let header = form.text("header");
    let place = place(&mut form, line_bytes);
    form.finish(&[]);
    let (from, length) = place?;
    Some(EiField {
        record: record?,
        header: header?.value,
        from,
        length,
    })
}

fn counter(mut form: Form<'_>, line_bytes: Option<usize>) -> Option<EiCount> {
    let all = !form.has("record");
    let record = if all {
        Some(String::new())
    } else {
        code(&mut form, "record")
    };
    let place = place(&mut form, line_bytes);
    form.finish(&[]);
    let (from, length) = place?;
    Some(EiCount {
        record: record?,
        from,
        length,
    })
}

/// `from` and `length`, within the line.
fn place(form: &mut Form<'_>, line_bytes: Option<usize>) -> Option<(usize, usize)> {
    let from = form.integer("from", (1, LONGEST_LINE));
    let length = form.integer("length", (1, LONGEST_LINE));
    let (from, length) = (from?, length?);
    let place = (
        usize::try_from(from.value).ok()?,
        usize::try_from(length.value).ok()?,
    );
    if line_bytes.is_some_and(|bytes| place.0 + place.1 - 1 > bytes) {
        form.report().fault(
            length.line,
            "this field runs past the end of the line",
            "correct `from` (counted from 1), `length` or `line_bytes`",
        );
        return None;
    }
    Some(place)
}
