//! What names look like.

use super::document::At;
use super::faults::FileReport;

/// Names of columns, tables and views: they are SQL names that need no quotes.
pub(super) fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase())
        && text
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

/// Ids of sources, domains and classes: they are names of folders.
pub(super) fn is_id(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
        && text
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}

/// Notes a fault unless `name` is a well-formed name.
pub(super) fn check_name(name: &At<String>, what: &str, report: FileReport<'_>) -> bool {
    let good = is_name(name.as_str());
    if !good {
        report.fault(
            name.line,
            format!("`{}` is no name for {what}", name.value),
            "begin with a letter a-z and use a-z, 0-9 and _ only",
        );
    }
    good
}

/// Notes a fault unless `id` is a well-formed id.
pub(super) fn check_id(id: &str, line: u32, what: &str, report: FileReport<'_>) -> bool {
    let good = is_id(id);
    if !good {
        report.fault(
            line,
            format!("`{id}` is no name for {what}"),
            "use a-z, 0-9 and - only",
        );
    }
    good
}

/// Notes a fault for every name that stands in the list twice.
pub(super) fn check_unique(names: &[At<String>], list: &str, report: FileReport<'_>) {
    for (index, name) in names.iter().enumerate() {
        if names[..index]
            .iter()
            .any(|earlier| earlier.value == name.value)
        {
            report.fault(
                name.line,
                format!("`{}` stands twice in {list}", name.value),
                "remove one of them",
            );
        }
    }
}
