//! `kind = "xml"`: XML messages, alone or in a ZIP.

use super::{count, list, max_row_bytes, max_unpacked_bytes};
use crate::contract::document::Form;
use crate::contract::model::{Format, XmlDialect};

const MAX_DEPTH: usize = 32;
const MAX_FILES: usize = 100_000;

pub(super) fn read(form: &mut Form<'_>) -> Option<Format> {
    let namespaces = form.texts("namespaces");
    let record = form.texts("record");
    for (key, found) in [("namespaces", &namespaces), ("record", &record)] {
        if found.as_ref().is_none_or(Vec::is_empty) && (found.is_some() || !form.has(key)) {
            form.report().fault(
                form.line(),
                format!("[format] has no `{key}`"),
                format!("add {key} = [\"...\"]"),
            );
        }
    }
    let texts = |found: Option<Vec<crate::contract::document::At<String>>>| {
        found
            .filter(|list| !list.is_empty())
            .map(|list| list.into_iter().map(|text| text.value).collect())
    };
    let rows = list(form, "rows");
    let zipped = form.flag("zipped", false);
    let max_depth = count(form, "max_depth", (2, 256), MAX_DEPTH);
    let max_row_bytes = max_row_bytes(form);
    let max_unpacked_bytes = max_unpacked_bytes(form);
    let max_files = count(form, "max_files", (1, 1_000_000), MAX_FILES);
    Some(Format::Xml(XmlDialect {
        namespaces: texts(namespaces)?,
        record: texts(record)?,
        rows: rows?,
        zipped,
        max_depth: max_depth?,
        max_row_bytes: max_row_bytes?,
        max_unpacked_bytes: max_unpacked_bytes?,
        max_files: max_files?,
    }))
}
