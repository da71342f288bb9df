//! `config/dpia.toml`: the DPIA register. What it says of one source concerns that source only;
//! all else in it concerns everything.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::assessment::AssessmentEntry;
use super::document::{At, Document, Form, one_of};
use super::faults::FileReport;
use super::model::{Register, RegisterClass, RegisterSource, RiskRules, Subject};
use super::names;
use super::publication::{self, ViewEntry};
use super::retention::TableEntry;
use super::treatment::TREATMENTS;
use crate::suggest;

/// Days that raw deliveries are kept where the register does not say.
const RETENTION_DAYS: u32 = 7;
/// Ten years: nobody keeps raw deliveries that long.
const LONGEST_RETENTION: i64 = 3650;

/// The register as read.
#[derive(Debug)]
pub(super) struct RegisterFile {
    pub(super) domains: BTreeMap<String, Option<String>>,
    pub(super) classes: BTreeMap<String, ClassEntry>,
    pub(super) sources: BTreeMap<String, SourceEntry>,
    pub(super) views: BTreeMap<String, ViewEntry>,
    pub(super) tables: BTreeMap<String, TableEntry>,
    pub(super) assessment: AssessmentEntry,
    nightly_retention: bool,
    risk: RiskRules,
    version: Option<String>,
    adopted: Option<String>,
    controller: Option<String>,
}

/// A class as read.
#[derive(Debug)]
pub(super) struct ClassEntry {
    line: u32,
    pub(super) treatments: Option<Vec<String>>,
    description: Option<String>,
}

/// What the register says of one source, as read.
#[derive(Debug)]
pub(super) struct SourceEntry {
    pub(super) line: u32,
    pub(super) bsn_allowed: Option<bool>,
    /// By column.
    pub(super) columns: BTreeMap<String, Permission>,
    pub(super) subject: Option<Subject>,
    purpose: Option<String>,
    legal_basis: Option<String>,
    raw_retention_days: Option<u32>,
}

/// Class and treatment of one column.
#[derive(Debug)]
pub(super) struct Permission {
    pub(super) line: u32,
    pub(super) class: Option<At<String>>,
    pub(super) treatment: Option<At<String>>,
}

impl RegisterFile {
    /// Reads the register.
    pub(super) fn read(text: &str, report: FileReport<'_>) -> Option<Self> {
        let document = Document::parse(text, report)?;
        let mut form = document.form(report);
        let (version, adopted, controller) = match form.table("register") {
            Some(header) => Self::header(header),
            None => (None, None, None),
        };
        let domains = each(&mut form, "domain", |id, form| {
            names::check_id(id, form.line(), "a domain", report);
            domain(form)
        });
        let classes = each(&mut form, "class", |id, form| {
            names::check_id(id, form.line(), "a class", report);
            ClassEntry::read(form)
        });
        let sources = each(&mut form, "source", SourceEntry::read);
        let rules = publication::rules(form.optional_table("publication"));
        let views = each(&mut form, "view", |name, form| {
            ViewEntry::read(name, form, rules)
        });
        let tables = each(&mut form, "table", TableEntry::read);
        let nightly_retention = form.optional_table("retention").is_some_and(|mut form| {
            let nightly = form.flag("nightly", false);
            form.finish(&[]);
            nightly
        });
        let assessment = form.optional_table("assessment").map(AssessmentEntry::read);
        let risk = super::risk::rules(form.optional_table("risk"));
        form.finish(&[]);
        Some(Self {
            domains,
            classes,
            sources,
            views,
            tables,
            assessment: assessment.unwrap_or_default(),
            nightly_retention,
            risk,
            version,
            adopted,
            controller,
        })
    }

    /// The register, when nothing is wrong with it; entries of sources with faults are left out.
    pub(super) fn compile(&self) -> Option<Register> {
        let domains = self.domains.iter();
        let classes = self.classes.iter();
        let sources = self.sources.iter();
        let views = self.views.iter();
        Some(Register {
            version: self.version.clone()?,
            adopted: self.adopted.clone(),
            controller: self.controller.clone()?,
            assessment: self.assessment.compile()?,
            domains: domains
                .map(|(id, text)| Some((id.clone(), text.clone()?)))
                .collect::<Option<_>>()?,
            classes: classes
                .map(|(id, class)| Some((id.clone(), class.compile(self.rank(class))?)))
                .collect::<Option<_>>()?,
            sources: sources
                .filter_map(|(id, source)| Some((id.clone(), source.compile()?)))
                .collect(),
            views: views
                .map(|(name, view)| Some((name.clone(), view.compile()?)))
                .collect::<Option<_>>()?,
            tables: self
                .tables
                .iter()
                .filter_map(|(name, table)| Some((name.clone(), table.compile()?)))
                .collect(),
            nightly_retention: self.nightly_retention,
            risk: self.risk,
            risks: self
                .tables
                .iter()
                .filter_map(|(name, table)| Some((name.clone(), table.risk.as_ref()?.compile())))
                .collect(),
        })
    }

    /// How many classes stand above a class, which are the stricter ones.
    fn rank(&self, class: &ClassEntry) -> usize {
        let others = self.classes.values();
        others.filter(|other| other.line < class.line).count()
    }

    fn header(mut form: Form<'_>) -> (Option<String>, Option<String>, Option<String>) {
        let report = form.report();
        let version = form.prose("version");
        let controller = form.prose("controller");
        // Empty means not adopted yet: a concept.
        let adopted = form
            .loose_text("adopted")
            .filter(|text| !text.value.is_empty());
        if let Some(date) = &adopted
            && NaiveDate::parse_from_str(&date.value, "%Y-%m-%d").is_err()
        {
            report.fault(
                date.line,
                format!("`adopted` is `{}`", date.value),
                "write a date as 2025-12-31, or \"\" while the register is a concept",
            );
        }
        form.finish(&[]);
        (version, adopted.map(|text| text.value), controller)
    }
}

/// The tables below `[key.*]`, by name.
pub(super) fn each<'d, T>(
    form: &mut Form<'d>,
    key: &'static str,
    mut read: impl FnMut(&'d str, Form<'d>) -> T,
) -> BTreeMap<String, T> {
    let Some(table) = form.optional_table(key) else {
        return BTreeMap::new();
    };
    let mut found = BTreeMap::new();
    for (id, field) in table.entries() {
        if let Some(form) = table.inner(&format!("{key}.{}", id.value), field) {
            found.insert(id.value.to_owned(), read(id.value, form));
        }
    }
    found
}

fn domain(mut form: Form<'_>) -> Option<String> {
    let description = form.prose("description");
    form.finish(&[]);
    description
}

impl ClassEntry {
    fn read(mut form: Form<'_>) -> Self {
        let report = form.report();
        let line = form.line();
        let description = form.prose("description");
        let listed = form.texts("treatments");
        if listed.as_ref().is_none_or(Vec::is_empty)
            && (listed.is_some() || !form.has("treatments"))
        {
            report.fault(
                form.line(),
                "a class that permits no treatment",
                "add treatments = [\"weglaten\"] or more",
            );
        }
        for treatment in listed.iter().flatten() {
            check_treatment(treatment, report);
        }
        form.finish(&[]);
        let treatments = listed.map(|list| list.into_iter().map(|text| text.value).collect());
        Self {
            line,
            treatments,
            description,
        }
    }

    fn compile(&self, rank: usize) -> Option<RegisterClass> {
        Some(RegisterClass {
            rank,
            description: self.description.clone()?,
            treatments: self.treatments.clone()?,
        })
    }
}

impl SourceEntry {
    fn read<'d>(id: &'d str, form: Form<'d>) -> Self {
        let mut form = form.of_source(id);
        let report = form.report();
        let line = form.line();
        let purpose = form.prose("purpose");
        let legal_basis = form.prose("legal_basis");
        let bsn_allowed = form.stated_flag("bsn");
        let subject = subject(&mut form);
        let raw_retention_days =
            match form.optional_integer("raw_retention_days", (0, LONGEST_RETENTION)) {
                Some(days) => u32::try_from(days.value).ok(),
                None if form.has("raw_retention_days") => None,
                None => Some(RETENTION_DAYS),
            };
        let mut columns = BTreeMap::new();
        if let Some(mut table) = form.table("columns") {
            table.rename(format!("[source.{id}.columns]"));
            for (name, field) in table.entries() {
                if let Some(form) = table.inner(name.value, field) {
                    columns.insert(name.value.to_owned(), Permission::read(name.value, form));
                }
            }
        }
        form.finish(&[]);
        names::check_id(id, line, "a source", report);
        Self {
            line,
            bsn_allowed,
            columns,
            subject,
            purpose,
            legal_basis,
            raw_retention_days,
        }
    }

    /// The entry, when nothing is wrong with it.
    pub(super) fn compile(&self) -> Option<RegisterSource> {
        let columns = self.columns.iter().map(|(name, permission)| {
            let class = permission.class.as_ref()?.value.clone();
            let treatment = permission.treatment.as_ref()?.value.clone();
            Some((name.clone(), (class, treatment)))
        });
        Some(RegisterSource {
            purpose: self.purpose.clone()?,
            legal_basis: self.legal_basis.clone()?,
            bsn_allowed: self.bsn_allowed?,
            subject: self.subject?,
            raw_retention_days: self.raw_retention_days?,
            columns: columns.collect::<Option<_>>()?,
        })
    }
}

/// `subject`; where it is not said, the strictest reading for somebody who forgot it: persons.
fn subject(form: &mut Form<'_>) -> Option<Subject> {
    let Some(stated) = form.optional_text("subject") else {
        return (!form.has("subject")).then_some(Subject::Persons);
    };
    let known = Subject::ALL.map(|known| (known.name(), known));
    one_of("subject", Some(stated), known, form.report()).map(|subject| subject.value)
}

impl Permission {
    fn read(column: &str, mut form: Form<'_>) -> Self {
        form.rename(format!("column `{column}`"));
        let line = form.line();
        let class = form.text("class");
        let treatment = form.text("treatment");
        if let Some(treatment) = &treatment {
            check_treatment(treatment, form.report());
        }
        form.finish(&[]);
        Self {
            line,
            class,
            treatment,
        }
    }
}

fn check_treatment(treatment: &At<String>, report: FileReport<'_>) {
    if !TREATMENTS.contains(&treatment.as_str()) {
        report.fault(
            treatment.line,
            format!("unknown treatment `{}`", treatment.value),
            suggest::remedy(treatment.as_str(), TREATMENTS, ""),
        );
    }
}
