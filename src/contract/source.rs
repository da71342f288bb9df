//! `schemas/sources/ID.toml`: the contract of one source, as far as it can be judged by itself.

mod checks;

use super::document::{At, Document, Form, values};
use super::faults::FileReport;
use super::kind;
use super::model::{Column, Header, Kind, SourceContract, Treatment, Version};
use super::names;
use super::treatment::{self, TreatmentEntry};
use super::version::{self, VersionEntry};

/// A source contract as read: whole enough for the cross-check, whatever else is wrong with it.
#[derive(Debug)]
pub(super) struct SourceFile {
    /// The line that names the source, for faults about the source as a whole.
    pub(super) line: u32,
    pub(super) columns: Vec<ColumnEntry>,
    id: String,
    title: Option<String>,
    partner: Option<String>,
    versions: Vec<VersionEntry>,
    documentation: Option<String>,
    key: Vec<At<String>>,
}

/// A column as read.
#[derive(Debug)]
pub(super) struct ColumnEntry {
    pub(super) name: At<String>,
    pub(super) kind_name: Option<At<String>>,
    pub(super) class: Option<At<String>>,
    pub(super) treatment_name: Option<At<String>>,
    pub(super) treatment: Option<TreatmentEntry>,
    kind: Option<Kind>,
    headers: Option<Vec<HeaderEntry>>,
    required: bool,
    optional: bool,
    empty: Vec<At<String>>,
    documentation: Option<String>,
}

/// A header as read.
#[derive(Clone, Debug)]
struct HeaderEntry {
    text: At<String>,
    version: Option<At<String>>,
}

impl SourceFile {
    /// Reads the contract of source `id`, the name of its file.
    pub(super) fn read(id: &str, text: &str, report: FileReport<'_>) -> Option<Self> {
        let document = Document::parse(text, report)?;
        let mut form = document.form(report);
        let stated = form.text("id");
        let line = stated.as_ref().map_or(1, |id| id.line);
        if let Some(stated) = stated.filter(|stated| stated.value != id) {
            report.fault(
                stated.line,
                format!("id `{}` is not the name of the file", stated.value),
                format!("write id = \"{id}\", or rename the file"),
            );
        }
        names::check_id(id, line, "a source", report);
        let title = form.prose("title");
        let partner = form.prose("partner");
        let versions = version::read(&mut form);
        let documentation = form.prose("documentation");
        let key = form.texts("key").unwrap_or_default();
        let columns: Vec<_> = form
            .tables("column")
            .into_iter()
            .filter_map(ColumnEntry::read)
            .collect();
        if !form.has("column") {
            report.fault(
                line,
                "a source without columns",
                "add a [[column]] for every column",
            );
        }
        form.finish(&[]);
        let source = Self {
            line,
            columns,
            id: id.to_owned(),
            title,
            partner,
            versions,
            documentation,
            key,
        };
        source.check(report);
        Some(source)
    }

    /// The column of that name.
    pub(super) fn column(&self, name: &str) -> Option<&ColumnEntry> {
        self.columns.iter().find(|column| column.name.value == name)
    }

    /// Everybody who delivers it, under any version.
    pub(super) fn partners(&self) -> impl Iterator<Item = &str> {
        let versions = self.versions.iter().filter_map(VersionEntry::partner);
        self.partner.as_deref().into_iter().chain(versions)
    }

    /// The contract, when nothing is wrong with it.
    pub(super) fn compile(&self) -> Option<SourceContract> {
        Some(SourceContract {
            id: self.id.clone(),
            title: self.title.clone()?,
            partner: self.partner.clone()?,
            versions: self
                .versions
                .iter()
                .map(VersionEntry::compile)
                .collect::<Option<Vec<Version>>>()
                .filter(|versions| !versions.is_empty())?,
            documentation: self.documentation.clone()?,
            key: values(&self.key),
            columns: self
                .columns
                .iter()
                .map(ColumnEntry::compile)
                .collect::<Option<_>>()?,
        })
    }

    fn outputs(&self) -> impl Iterator<Item = (&str, &str, u32)> + Clone {
        self.columns.iter().filter_map(|column| {
            column
                .output()
                .map(|(output, line)| (column.name.as_str(), output, line))
        })
    }
}

impl ColumnEntry {
    fn read(mut form: Form<'_>) -> Option<Self> {
        form.rename("this column");
        let name = form.text("name")?;
        let report = form.report();
        names::check_name(&name, "a column", report);
        form.rename(format!("column `{}`", name.value));
        let kind_name = form.text("type");
        let kind = if let Some(name) = &kind_name {
            kind::read(name, &mut form)
        } else {
            form.pass_over(&kind::KEYS.map(|(key, _)| key));
            None
        };
        let class = form.text("class");
        let treatment_name = form.text("treatment");
        let treatment = if let Some(name) = &treatment_name {
            treatment::read(name, kind_name.as_ref(), &mut form)
        } else {
            form.pass_over(&treatment::KEYS.map(|(key, _)| key));
            None
        };
        let headers = headers(&mut form);
        if headers.as_ref().is_some_and(Vec::is_empty) {
            report.fault(
                form.line(),
                format!("column `{}` has no header", name.value),
                "list its headers, or leave `header` out",
            );
        }
        let required = form.flag("required", false);
        let optional = form.flag("optional", false);
        let empty = form.texts("empty").unwrap_or_default();
        let documentation = form.prose("documentation");
        let column = Self {
            name,
            kind_name,
            class,
            treatment_name,
            treatment,
            kind,
            headers,
            required,
            optional,
            empty,
            documentation,
        };
        column.check(form.line(), report);
        form.finish(&[kind::KEYS.as_slice(), treatment::KEYS.as_slice()].concat());
        Some(column)
    }

    /// The domain of its pseudonyms, where it has one.
    pub(super) fn domain(&self) -> Option<&At<String>> {
        self.treatment.as_ref()?.domain.as_ref()
    }

    /// Whether the lock needs the table of postcodes for it, and where that is said.
    pub(super) fn needs_postcodes(&self) -> Option<u32> {
        let name = self.treatment_name.as_ref()?;
        (name.value == "wijk").then_some(name.line)
    }

    /// Its name after the lock and where that stands.
    fn output(&self) -> Option<(&str, u32)> {
        let entry = self.treatment.as_ref()?;
        let output = match &entry.treatment {
            Treatment::Keep => self.name.as_str(),
            Treatment::Drop => return None,
            Treatment::Pseudonymise { output, .. }
            | Treatment::AgeBand { output, .. }
            | Treatment::Wijk { output }
            | Treatment::Pc4 { output } => output,
        };
        Some((output, entry.output_line.unwrap_or(self.name.line)))
    }

    fn check(&self, line: u32, report: FileReport<'_>) {
        if self.required && self.optional {
            report.fault(
                line,
                format!("column `{}` is both required and optional", self.name.value),
                "a delivery without the column would lose every row: drop one of the two",
            );
        }
        let spellings = self.kind.as_ref().map(kind::spellings).unwrap_or_default();
        for empty in &self.empty {
            if spellings
                .iter()
                .any(|spelling| spelling.trim() == empty.value.trim())
            {
                report.fault(
                    empty.line,
                    format!("spelling `{}` means both a value and no value", empty.value),
                    "remove it from `empty` or from the values",
                );
            }
        }
    }

    fn compile(&self) -> Option<Column> {
        Some(Column {
            name: self.name.value.clone(),
            headers: match &self.headers {
                Some(headers) => headers.iter().map(HeaderEntry::compile).collect(),
                None => vec![Header {
                    text: self.name.value.clone(),
                    version: None,
                }],
            },
            kind: self.kind.clone()?,
            class: self.class.as_ref()?.value.clone(),
            treatment: self.treatment.as_ref()?.treatment.clone(),
            required: self.required,
            optional: self.optional,
            empty: values(&self.empty),
            documentation: self.documentation.clone()?,
        })
    }
}

impl HeaderEntry {
    fn compile(&self) -> Header {
        Header {
            text: self.text.value.clone(),
            version: self.version.as_ref().map(|version| version.value.clone()),
        }
    }
}

/// `header`: one spelling, a list, or a table of lists by version.
fn headers(form: &mut Form<'_>) -> Option<Vec<HeaderEntry>> {
    let plain = |text| HeaderEntry {
        text,
        version: None,
    };
    let field = form.field("header")?;
    if !field.is_table() {
        return Some(
            form.texts_of("header", field)?
                .into_iter()
                .map(plain)
                .collect(),
        );
    }
    let table = form.inner("header", field)?;
    let mut listed = Vec::new();
    for (version, spellings) in table.entries() {
        let version = At::new(version.value.to_owned(), version.line);
        for text in table.texts_of("header", spellings)? {
            listed.push(HeaderEntry {
                text,
                version: Some(version.clone()),
            });
        }
    }
    Some(listed)
}
