//! `[format]` of a pipeline: what the bytes of a delivery are. One file a format.

mod csv;
mod ei;
mod json;
mod xlsx;
mod xml;

use super::document::{Form, one_of};
use super::model::{Encoding, Format};

const ENCODINGS: [(&str, Encoding); 2] = [
    ("utf-8", Encoding::Utf8),
    ("windows-1252", Encoding::Windows1252),
];
const MAX_ROW_BYTES: usize = 1 << 20;
/// Rows are held in memory, several at a time.
const LARGEST_ROW: i64 = 64 << 20;
const MAX_UNPACKED_MIB: u64 = 1024;
const LARGEST_UNPACKED_MIB: i64 = 1 << 20;

/// The keys of one kind of format.
type Read = fn(&mut Form<'_>) -> Option<Format>;

const KINDS: [(&str, Read); 6] = [
    ("csv", csv::read),
    ("xlsx", xlsx::read),
    ("xml", xml::read),
    ("json", json::read_array),
    ("ndjson", json::read_lines),
    ("ei", ei::read),
];

/// Reads the table.
pub(super) fn read(mut form: Form<'_>) -> Option<Format> {
    let kind = form.text("kind");
    let read = one_of("kind", kind, KINDS, form.report())?;
    let format = (read.value)(&mut form);
    form.finish(&[]);
    format
}

fn encoding(form: &mut Form<'_>) -> Option<Encoding> {
    let encoding = form.text("encoding");
    one_of("encoding", encoding, ENCODINGS, form.report()).map(|encoding| encoding.value)
}

fn max_row_bytes(form: &mut Form<'_>) -> Option<usize> {
    match form.optional_integer("max_row_bytes", (1, LARGEST_ROW)) {
        Some(bytes) => usize::try_from(bytes.value).ok(),
        None if form.has("max_row_bytes") => None,
        None => Some(MAX_ROW_BYTES),
    }
}

/// `max_unpacked_mib`, in bytes: what a compressed delivery may unpack to.
fn max_unpacked_bytes(form: &mut Form<'_>) -> Option<u64> {
    let mib = match form.optional_integer("max_unpacked_mib", (1, LARGEST_UNPACKED_MIB)) {
        Some(mib) => u64::try_from(mib.value).ok(),
        None if form.has("max_unpacked_mib") => None,
        None => Some(MAX_UNPACKED_MIB),
    };
    mib.map(|mib| mib << 20)
}

/// A count that may be left out.
fn count(
    form: &mut Form<'_>,
    key: &'static str,
    bounds: (i64, i64),
    default: usize,
) -> Option<usize> {
    match form.optional_integer(key, bounds) {
        Some(number) => usize::try_from(number.value).ok(),
        None if form.has(key) => None,
        None => Some(default),
    }
}

/// A list of texts that may be left out.
fn list(form: &mut Form<'_>, key: &'static str) -> Option<Vec<String>> {
    match form.texts(key) {
        Some(texts) => Some(texts.into_iter().map(|text| text.value).collect()),
        None => (!form.has(key)).then(Vec::new),
    }
}
