//! The versions of a contract: `version = "2024-1"`, or a [[version]] for each with its days.

use chrono::NaiveDate;

use super::document::{At, Form};
use super::faults::FileReport;
use super::model::Version;
use super::names;

/// A version as read.
#[derive(Debug)]
pub(super) struct VersionEntry {
    name: Option<At<String>>,
    from: Option<At<NaiveDate>>,
    until: Option<At<NaiveDate>>,
    partner: Option<String>,
    good: bool,
}

impl VersionEntry {
    pub(super) fn name(&self) -> Option<&str> {
        self.name.as_ref().map(At::as_str)
    }

    /// Who delivers under it, where that changed.
    pub(super) fn partner(&self) -> Option<&str> {
        self.partner.as_deref()
    }

    /// The version, when nothing is wrong with it.
    pub(super) fn compile(&self) -> Option<Version> {
        self.good.then_some(())?;
        Some(Version {
            name: self.name.as_ref()?.value.clone(),
            from: self.from.as_ref().map(|day| day.value),
            until: self.until.as_ref().map(|day| day.value),
            partner: self.partner.clone(),
        })
    }
}

/// Reads `version` of a contract.
pub(super) fn read(form: &mut Form<'_>) -> Vec<VersionEntry> {
    if !form.is_list("version") {
        let name = form.text("version");
        return vec![VersionEntry {
            good: name.is_some(),
            name,
            from: None,
            until: None,
            partner: None,
        }];
    }
    form.tables("version").into_iter().map(entry).collect()
}

fn entry(mut form: Form<'_>) -> VersionEntry {
    let name = form.text("name");
    let (from, from_good) = day(&mut form, "from");
    let (until, until_good) = day(&mut form, "until");
    let partner = form.optional_text("partner");
    let good = from_good && until_good && (partner.is_some() || !form.has("partner"));
    form.finish(&[]);
    VersionEntry {
        name,
        from,
        until,
        partner: partner.map(|partner| partner.value),
        good,
    }
}

fn day(form: &mut Form<'_>, key: &'static str) -> (Option<At<NaiveDate>>, bool) {
    let Some(text) = form.optional_text(key) else {
        return (None, !form.has(key));
    };
    if let Ok(day) = NaiveDate::parse_from_str(&text.value, "%Y-%m-%d") {
        return (Some(At::new(day, text.line)), true);
    }
    form.report().fault(
        text.line,
        format!("`{key}` is `{}`", text.value),
        "write a date as \"2025-12-31\"",
    );
    (None, false)
}

/// Versions follow each other: no day belongs to two of them.
pub(super) fn check(versions: &[VersionEntry], report: FileReport<'_>) {
    let named: Vec<_> = versions.iter().filter_map(|v| v.name.clone()).collect();
    names::check_unique(&named, "the versions", report);
    for version in versions {
        if let (Some(from), Some(until)) = (&version.from, &version.until)
            && until.value < from.value
        {
            report.fault(
                until.line,
                "a version that ends before it begins",
                "make `until` at least `from`",
            );
        }
    }
    for pair in versions.windows(2) {
        let [earlier, later] = pair else { continue };
        let line = later.name.as_ref().map_or(1, |name| name.line);
        let apart = match (&earlier.until, &later.from) {
            (Some(until), Some(from)) => until.value < from.value,
            _ => false,
        };
        if !apart && earlier.good && later.good {
            report.fault(
                line,
                "this version does not begin after the one before it has ended",
                "give the earlier version an `until` and this one a later `from`",
            );
        }
    }
}
