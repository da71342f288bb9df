//! The cross-check of a source contract against the DPIA register: the world is closed, so a
//! column that either of them does not know, or that they describe differently, is a fault.

use super::check::contract_path;
use super::document::At;
use super::faults::{FileReport, Report};
use super::files::REGISTER;
use super::house::House;
use super::model::Subject;
use super::register::{Permission, RegisterFile, SourceEntry};
use super::source::{ColumnEntry, SourceFile};
use crate::suggest;

/// Checks source `id` against the register, as far as both can be read.
pub(super) fn check(house: &House<'_>, id: &str, report: &Report) {
    let Some(register) = &house.register else {
        return;
    };
    let path = contract_path(id);
    let here = report.file(&path, Some(id));
    let there = report.file(REGISTER, Some(id));
    let source = house.sources.get(id).and_then(Option::as_ref);
    let entry = register.sources.get(id);
    for column in source.into_iter().flat_map(|source| &source.columns) {
        permitted(column, register, here);
    }
    for permission in entry.into_iter().flat_map(|entry| entry.columns.values()) {
        known_class(permission.class.as_ref(), register, there);
    }
    if let Some(entry) = entry
        && entry.bsn_allowed == Some(true)
        && let Some(subject) = entry.subject.filter(|subject| *subject != Subject::Persons)
    {
        there.fault(
            entry.line,
            format!(
                "source `{id}` is about {} and may send a BSN",
                subject.name()
            ),
            "write bsn = false, or subject = \"personen\"",
        );
    }
    if let (Some(source), Some(entry)) = (source, entry) {
        for column in &source.columns {
            agrees(id, column, entry, here);
            about(column, entry, here);
        }
        superfluous(id, source, entry, there);
    }
}

/// Class, treatment and domain of a column are the register's, and go together.
fn permitted(column: &ColumnEntry, register: &RegisterFile, report: FileReport<'_>) {
    known_class(column.class.as_ref(), register, report);
    if let Some(domain) = column.domain()
        && !register.domains.contains_key(domain.as_str())
    {
        report.fault(
            domain.line,
            format!("unknown domain `{}`", domain.value),
            suggest::remedy(
                domain.as_str(),
                register.domains.keys().map(String::as_str),
                &format!("add [domain.{}] to {REGISTER}", domain.value),
            ),
        );
    }
    let (Some(class), Some(treatment)) = (&column.class, &column.treatment_name) else {
        return;
    };
    let permitted = register
        .classes
        .get(class.as_str())
        .and_then(|class| class.treatments.as_ref());
    if let Some(permitted) = permitted.filter(|permitted| !permitted.contains(&treatment.value)) {
        let permitted: Vec<String> = permitted.iter().map(|name| format!("`{name}`")).collect();
        report.fault(
            treatment.line,
            format!(
                "class `{}` does not permit treatment `{}`",
                class.value, treatment.value
            ),
            format!("the register permits {}", permitted.join(", ")),
        );
    }
}

fn known_class(class: Option<&At<String>>, register: &RegisterFile, report: FileReport<'_>) {
    let Some(class) = class.filter(|class| !register.classes.contains_key(class.as_str())) else {
        return;
    };
    report.fault(
        class.line,
        format!("unknown class `{}`", class.value),
        suggest::remedy(
            class.as_str(),
            register.classes.keys().map(String::as_str),
            &format!("add [class.{}] to {REGISTER}", class.value),
        ),
    );
}

/// The register knows the column, and says of it what the contract says.
fn agrees(id: &str, column: &ColumnEntry, entry: &SourceEntry, report: FileReport<'_>) {
    let name = &column.name;
    if let Some(kind) = column.kind_name.as_ref().filter(|kind| kind.value == "bsn")
        && entry.bsn_allowed == Some(false)
    {
        report.fault(
            kind.line,
            format!(
                "column `{}` is a BSN, which this partner may not send",
                name.value
            ),
            "remove the column: a delivery that has it is then refused",
        );
    }
    let Some(permission) = entry.columns.get(name.as_str()) else {
        report.fault(
            name.line,
            format!("column `{}` is not in the register", name.value),
            format!(
                "add {} = {{ class = \"...\", treatment = \"...\" }} under [source.{id}.columns] in \
                 {REGISTER}, once the controller has agreed",
                name.value
            ),
        );
        return;
    };
    let Permission {
        line,
        class,
        treatment,
    } = permission;
    for (what, ours, theirs) in [
        ("class", &column.class, class),
        ("treatment", &column.treatment_name, treatment),
    ] {
        if let (Some(ours), Some(theirs)) = (ours, theirs)
            && ours.value != theirs.value
        {
            report.fault(
                ours.line,
                format!(
                    "column `{}` has {what} `{}`, but `{}` in the register",
                    name.value, ours.value, theirs.value
                ),
                format!("make them agree: see {REGISTER}:{line}"),
            );
        }
    }
}

/// A source that is not about persons has no columns about persons: a BSN in neither, and in counts no
/// dossier, address or age of anybody either.
fn about(column: &ColumnEntry, entry: &SourceEntry, report: FileReport<'_>) {
    let (Some(kind), Some(subject)) = (&column.kind_name, entry.subject) else {
        return;
    };
    let aged = column
        .treatment_name
        .as_ref()
        .is_some_and(|treatment| treatment.value == "leeftijdsgroep");
    let person = match subject {
        Subject::Persons => false,
        // That the partner may not send a BSN is a fault already.
        Subject::Things => kind.value == "bsn" && entry.bsn_allowed != Some(false),
        Subject::Counts => matches!(kind.as_str(), "nummer" | "postcode") || aged,
    };
    if person {
        report.fault(
            kind.line,
            format!(
                "column `{}` is about persons, and this source is about {}",
                column.name.value,
                subject.name()
            ),
            "remove the column, or ask the controller what this source is about",
        );
    }
}

/// The register knows no columns that the contract does not.
fn superfluous(id: &str, source: &SourceFile, entry: &SourceEntry, report: FileReport<'_>) {
    for (name, permission) in &entry.columns {
        if source.column(name).is_some() {
            continue;
        }
        let names = source.columns.iter().map(|column| column.name.as_str());
        let path = contract_path(id);
        let remedy = match suggest::nearest(name, names) {
            Some(nearest) => {
                format!("did you mean `{nearest}`? Else remove it, or add it to {path}")
            }
            None => format!("remove it, or add the column to {path}"),
        };
        report.fault(
            permission.line,
            format!("column `{name}` is not in the contract of source `{id}`"),
            remedy,
        );
    }
}
