//! `channel` of a pipeline, and `[paging]` for an HTTPS interface.

use super::document::{At, Form, one_of};
use super::faults::FileReport;
use super::model::{Channel, Format, NextPage, Paging};

#[derive(Clone, Copy)]
enum Kind {
    Folder,
    Sftp,
    S3,
    Https,
}

const CHANNELS: [(&str, Kind); 4] = [
    ("folder", Kind::Folder),
    ("sftp", Kind::Sftp),
    ("s3", Kind::S3),
    ("https", Kind::Https),
];

/// Reads what belongs to `channel`.
pub(super) fn read(channel: Option<&At<String>>, form: &mut Form<'_>) -> Option<Channel> {
    let stated = channel.cloned();
    let kind = one_of("channel", stated, CHANNELS, form.report());
    let paging = form.optional_table("paging").map(paging);
    let kind = kind?;
    match (kind.value, paging) {
        (Kind::Https, Some(paging)) => paging.map(Channel::Https),
        (Kind::Https, None) => {
            if !form.has("paging") {
                form.report().fault(
                    kind.line,
                    "channel `https` without [paging]",
                    "add [paging] with items = \"...\" and page = \"...\" or cursor = \"...\"",
                );
            }
            None
        }
        (_, Some(_)) => {
            form.report().fault(
                kind.line,
                "[paging] belongs to channel `https` only",
                "remove [paging]",
            );
            None
        }
        (Kind::Folder, None) => Some(Channel::Folder),
        (Kind::Sftp, None) => Some(Channel::Sftp),
        (Kind::S3, None) => Some(Channel::S3),
    }
}

/// What comes page by page becomes one delivery a day, of JSON: pattern and format must allow that.
pub(super) fn fits(
    channel: Option<&At<String>>,
    pattern: Option<&At<String>>,
    format: Option<&Format>,
    report: FileReport<'_>,
) {
    let Some(channel) = channel.filter(|channel| channel.value == "https") else {
        return;
    };
    if format.is_some_and(|format| !matches!(format, Format::Json(_))) {
        report.fault(
            channel.line,
            "channel `https` gives records of JSON, and [format] is something else",
            "write kind = \"json\" or kind = \"ndjson\"",
        );
    }
    let daily = |pattern: &str| pattern.contains("{datum}") && !pattern.contains("{deel}");
    if let Some(pattern) = pattern.filter(|pattern| !daily(&pattern.value)) {
        report.fault(
            pattern.line,
            "what comes page by page is one delivery a day",
            "write a pattern with {datum} and without {deel}",
        );
    }
}

/// `items`, and either `page` or `cursor` with `field`.
fn paging(mut form: Form<'_>) -> Option<Paging> {
    let items = form.loose_text("items");
    let items = match items {
        Some(items) => Some(items.value),
        None => (!form.has("items")).then(String::new),
    };
    let page = form.optional_text("page");
    let cursor = form.optional_text("cursor");
    let field = if form.has("cursor") {
        form.text("field")
    } else {
        None
    };
    let line = form.line();
    let report = form.report();
    form.finish(&[]);
    if cursor.is_some() && items.as_ref().is_some_and(String::is_empty) {
        report.fault(
            line,
            "[paging] has a cursor and no `items`: beside an array no cursor can stand",
            "say where the records stand, as items = \"data.items\"",
        );
    }
    let next = match (page, cursor) {
        (Some(page), None) => NextPage::Number {
            parameter: page.value,
        },
        (None, Some(cursor)) => NextPage::Cursor {
            parameter: cursor.value,
            field: field?.value,
        },
        _ => {
            report.fault(
                line,
                "[paging] needs `page` or `cursor`, and not both",
                "name the parameter: page = \"page\", or cursor = \"after\" with field = \"next\"",
            );
            return None;
        }
    };
    Some(Paging {
        items: items?,
        next,
    })
}
