//! `pipelines/ID/pipeline.toml`: how deliveries of a source arrive.

use super::channel;
use super::document::{At, Document, Form, one_of, values};
use super::faults::FileReport;
use super::format;
use super::model::{Channel, Format, Mode, Pipeline};
use super::names;

const MODES: [(&str, Mode); 2] = [("full", Mode::Full), ("incremental", Mode::Incremental)];
const CHECKSUMS: [(&str, bool); 2] = [("required", true), ("none", false)];

/// Without a checksum, a delivery that was touched so recently may still be being written.
const SETTLE_SECONDS: u64 = 60;
const MAX_REFUSED_PERCENT: f64 = 5.0;

/// A pipeline as read.
#[derive(Debug)]
pub(super) struct PipelineFile {
    pub(super) after: Vec<At<String>>,
    pub(super) mode: Option<At<Mode>>,
    pub(super) pattern: Option<At<String>>,
    /// Where its deliveries lie; the source's id where it is not said.
    pub(super) folder: Option<String>,
    id: String,
    checksum_required: Option<bool>,
    settle_seconds: Option<u64>,
    expected_days: Option<u32>,
    channel: Option<Channel>,
    format: Option<Format>,
    max_refused_percent: Option<f64>,
}

/// What [delivery] says.
#[derive(Debug, Default)]
struct Delivery {
    folder: Option<String>,
    pattern: Option<At<String>>,
    mode: Option<At<Mode>>,
    checksum_required: Option<bool>,
    settle_seconds: Option<u64>,
    expected_days: Option<u32>,
    channel: Option<At<String>>,
}

impl PipelineFile {
    /// Reads the pipeline in folder `id`.
    pub(super) fn read(id: &str, text: &str, report: FileReport<'_>) -> Option<Self> {
        let document = Document::parse(text, report)?;
        let mut form = document.form(report);
        if let Some(stated) = form.text("source").filter(|stated| stated.value != id) {
            report.fault(
                stated.line,
                format!("source `{}` is not the name of the folder", stated.value),
                format!("write source = \"{id}\", or rename the folder"),
            );
        }
        let after = form.texts("after").unwrap_or_default();
        names::check_unique(&after, "`after`", report);
        let delivery = form
            .table("delivery")
            .map(|form| Delivery::read(id, form))
            .unwrap_or_default();
        let stated = delivery.channel.as_ref();
        let channel = channel::read(stated, &mut form);
        let format = form.table("format").and_then(format::read);
        channel::fits(stated, delivery.pattern.as_ref(), format.as_ref(), report);
        let max_refused_percent = match form.optional_table("limits") {
            Some(limits) => limits_of(limits),
            None if form.has("limits") => None,
            None => Some(MAX_REFUSED_PERCENT),
        };
        form.finish(&[]);
        Some(Self {
            after,
            mode: delivery.mode,
            pattern: delivery.pattern,
            folder: delivery.folder,
            id: id.to_owned(),
            checksum_required: delivery.checksum_required,
            settle_seconds: delivery.settle_seconds,
            expected_days: delivery.expected_days,
            channel,
            format,
            max_refused_percent,
        })
    }

    /// The pipeline, when nothing is wrong with it.
    pub(super) fn compile(&self) -> Option<Pipeline> {
        let checksum_required = self.checksum_required?;
        let settle_seconds = if checksum_required { 0 } else { SETTLE_SECONDS };
        Some(Pipeline {
            source: self.id.clone(),
            folder: self.folder.clone()?,
            pattern: self.pattern.as_ref()?.value.clone(),
            mode: self.mode.as_ref()?.value,
            checksum_required,
            settle_seconds: self.settle_seconds.unwrap_or(settle_seconds),
            format: self.format.clone()?,
            max_refused_percent: self.max_refused_percent?,
            after: values(&self.after),
            expected_days: self.expected_days,
            channel: self.channel.clone()?,
        })
    }
}

impl Delivery {
    fn read(id: &str, mut form: Form<'_>) -> Self {
        let channel = form.text("channel");
        let folder = match form.optional_text("folder") {
            Some(folder) => check_folder(&folder, form.report()).then_some(folder.value),
            None if form.has("folder") => None,
            None => Some(id.to_owned()),
        };
        let pattern = form
            .text("pattern")
            .filter(|text| check_pattern(text, form.report()));
        let mode = form.text("mode");
        let mode = one_of("mode", mode, MODES, form.report());
        let checksum = form.text("checksum");
        let checksum = one_of("checksum", checksum, CHECKSUMS, form.report());
        let settle = form.optional_integer("settle_seconds", (0, 86_400));
        let expected = form.optional_integer("expected_days", (1, 3_660));
        form.finish(&[]);
        Self {
            folder,
            pattern,
            mode,
            checksum_required: checksum.map(|found| found.value),
            settle_seconds: settle.and_then(|seconds| u64::try_from(seconds.value).ok()),
            expected_days: expected.and_then(|days| u32::try_from(days.value).ok()),
            channel,
        }
    }
}

fn limits_of(mut form: Form<'_>) -> Option<f64> {
    let stated = form.number("max_refused_percent");
    let missing = !form.has("max_refused_percent");
    let report = form.report();
    form.finish(&[]);
    match stated {
        None => missing.then_some(MAX_REFUSED_PERCENT),
        Some(percent) if (0.0..=100.0).contains(&percent.value) => Some(percent.value),
        Some(percent) => {
            report.fault(
                percent.line,
                format!("`max_refused_percent` is {}", percent.value),
                "choose a percentage from 0 to 100",
            );
            None
        }
    }
}

/// A folder below the landing folder, never outside it.
fn check_folder(folder: &At<String>, report: FileReport<'_>) -> bool {
    let plain = |part: &str| {
        !part.is_empty()
            && !part.starts_with('.')
            && part
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
    };
    let good = folder.value.split('/').all(plain);
    if !good {
        report.fault(
            folder.line,
            format!(
                "folder `{}` is no plain folder below the landing folder",
                folder.value
            ),
            "write names of letters, digits, - and _, with / between them",
        );
    }
    good
}

/// A file name with `{deel}` and `{datum}`, each at most once and told apart.
fn check_pattern(pattern: &At<String>, report: FileReport<'_>) -> bool {
    let text = pattern.as_str();
    let bare = text.replacen("{deel}", "", 1).replacen("{datum}", "", 1);
    let (what, remedy) = if bare.contains("{deel}") || bare.contains("{datum}") {
        (
            "has a placeholder twice",
            "use {deel} and {datum} at most once each",
        )
    } else if bare.contains(['{', '}', '*', '?']) {
        ("has an unknown placeholder", "use {deel} and {datum} only")
    } else if bare
        .chars()
        .any(|c| c.is_control() || c == '/' || c == '\\')
    {
        (
            "is no file name",
            "write the name of a file, without folders",
        )
    } else if text.starts_with('.') {
        ("names hidden files", "begin with another sign than a dot")
    } else if text.ends_with(".sha256") {
        (
            "names checksums",
            "leave `.sha256` out: it is added to find the checksum",
        )
    } else if text.contains("{deel}{datum}") || text.contains("{datum}{deel}") {
        (
            "has two placeholders with nothing between them",
            "put a sign between them, as _",
        )
    } else {
        return true;
    };
    report.fault(pattern.line, format!("pattern `{text}` {what}"), remedy);
    false
}
