//! `schemas/tables/NAME.toml`: one warehouse table.

use super::document::{At, Document, Form, values};
use super::faults::FileReport;
use super::model::{TableColumn, TableKind, TableSpec};
use super::names;
use crate::suggest;

/// The table that the treatment `wijk` reads.
pub(super) const POSTCODES: &str = "postcode";

const KINDS: [(&str, TableKind); 5] = [
    ("pseudoniem", TableKind::Pseudonym),
    ("tekst", TableKind::Text),
    ("datum", TableKind::Date),
    ("geheel", TableKind::Integer),
    ("ja-nee", TableKind::Boolean),
];

/// The partition columns a table may have, in this order, and what they must be.
const PARTITIONS: [(&str, &str, TableKind); 2] = [
    ("jaar", "geheel", TableKind::Integer),
    ("wijk", "tekst", TableKind::Text),
];

/// A table as read.
#[derive(Debug)]
pub(super) struct TableFile {
    /// Whether its rows have a key, and where the table is named.
    pub(super) has_key: bool,
    name: String,
    title: Option<String>,
    documentation: Option<String>,
    key: Vec<At<String>>,
    partition: Vec<At<String>>,
    columns: Vec<ColumnEntry>,
}

#[derive(Debug)]
struct ColumnEntry {
    name: At<String>,
    kind: Option<TableKind>,
    required: bool,
    documentation: Option<String>,
}

impl TableFile {
    /// Reads the schema of table `name`, the name of its file.
    pub(super) fn read(name: &str, text: &str, report: FileReport<'_>) -> Option<Self> {
        let document = Document::parse(text, report)?;
        let mut form = document.form(report);
        let stated = form.text("name");
        let line = stated.as_ref().map_or(1, |name| name.line);
        if let Some(stated) = stated.filter(|stated| stated.value != name) {
            report.fault(
                stated.line,
                format!("name `{}` is not the name of the file", stated.value),
                format!("write name = \"{name}\", or rename the file"),
            );
        }
        names::check_name(&At::new(name.to_owned(), line), "a table", report);
        let title = form.prose("title");
        let documentation = form.prose("documentation");
        let key = form.texts("key").unwrap_or_default();
        let partition = form.texts("partition").unwrap_or_default();
        let columns: Vec<_> = form
            .tables("column")
            .into_iter()
            .filter_map(ColumnEntry::read)
            .collect();
        if !form.has("column") {
            report.fault(
                line,
                "a table without columns",
                "add a [[column]] for every column",
            );
        }
        form.finish(&[]);
        let table = Self {
            has_key: !key.is_empty(),
            name: name.to_owned(),
            title,
            documentation,
            key,
            partition,
            columns,
        };
        table.check(line, report);
        Some(table)
    }

    /// The table, when nothing is wrong with it.
    pub(super) fn compile(&self) -> Option<TableSpec> {
        Some(TableSpec {
            name: self.name.clone(),
            title: self.title.clone()?,
            documentation: self.documentation.clone()?,
            key: values(&self.key),
            partition: values(&self.partition),
            columns: self
                .columns
                .iter()
                .map(ColumnEntry::compile)
                .collect::<Option<_>>()?,
        })
    }

    fn check(&self, line: u32, report: FileReport<'_>) {
        let named: Vec<_> = self
            .columns
            .iter()
            .map(|column| column.name.clone())
            .collect();
        names::check_unique(&named, "the columns", report);
        names::check_unique(&self.key, "`key`", report);
        for key in &self.key {
            if self.column(key.as_str()).is_none() {
                report.fault(
                    key.line,
                    format!("key `{}` is no column of this table", key.value),
                    suggest::remedy(key.as_str(), self.names(), "name columns of this table"),
                );
            }
        }
        self.check_partition(report);
        if self.name == POSTCODES {
            self.check_postcodes(line, report);
        }
    }

    /// Partitions are folders: the first of `jaar` and `wijk`, each of them never NULL.
    fn check_partition(&self, report: FileReport<'_>) {
        for (index, column) in self.partition.iter().enumerate() {
            let Some((name, kind_name, kind)) = PARTITIONS.get(index).copied() else {
                report.fault(
                    column.line,
                    format!("`{}` is one partition column too many", column.value),
                    "write partition = [\"jaar\", \"wijk\"], [\"jaar\"] or []",
                );
                continue;
            };
            if column.value != name {
                report.fault(
                    column.line,
                    format!("partition column {} is `{}`", index + 1, column.value),
                    "write partition = [\"jaar\", \"wijk\"], [\"jaar\"] or []",
                );
                continue;
            }
            let good = |entry: &ColumnEntry| entry.required && entry.kind.is_none_or(|k| k == kind);
            if !self.column(name).is_some_and(good) {
                report.fault(
                    self.column(name)
                        .map_or(column.line, |entry| entry.name.line),
                    format!(
                        "partition column `{name}` is not a required column of type `{kind_name}`"
                    ),
                    format!("list it as a column with type = \"{kind_name}\" and required = true"),
                );
            }
        }
    }

    /// The lock reads this table: it finds two columns of text.
    fn check_postcodes(&self, line: u32, report: FileReport<'_>) {
        for name in ["postcode", "wijk"] {
            let good = |entry: &ColumnEntry| entry.kind.is_none_or(|kind| kind == TableKind::Text);
            if !self.column(name).is_some_and(good) {
                report.fault(
                    self.column(name).map_or(line, |entry| entry.name.line),
                    format!("table `{POSTCODES}` has no column `{name}` of type `tekst`"),
                    "add it: the treatment `wijk` reads it",
                );
            }
        }
    }

    fn column(&self, name: &str) -> Option<&ColumnEntry> {
        self.columns.iter().find(|column| column.name.value == name)
    }

    fn names(&self) -> Vec<&str> {
        self.columns
            .iter()
            .map(|column| column.name.as_str())
            .collect()
    }
}

impl ColumnEntry {
    fn read(mut form: Form<'_>) -> Option<Self> {
        form.rename("this column");
        let name = form.text("name")?;
        let report = form.report();
        names::check_name(&name, "a column", report);
        form.rename(format!("column `{}`", name.value));
        let kind = form.text("type").and_then(|text| {
            let known = KINDS.iter().find(|(name, _)| *name == text.value);
            if known.is_none() {
                report.fault(
                    text.line,
                    format!("unknown type `{}`", text.value),
                    suggest::remedy(text.as_str(), KINDS.map(|(name, _)| name), ""),
                );
            }
            known.map(|(_, kind)| *kind)
        });
        let required = form.flag("required", false);
        let documentation = form.prose("documentation");
        form.finish(&[]);
        Some(Self {
            name,
            kind,
            required,
            documentation,
        })
    }

    fn compile(&self) -> Option<TableColumn> {
        Some(TableColumn {
            name: self.name.value.clone(),
            kind: self.kind?,
            required: self.required,
            documentation: self.documentation.clone()?,
        })
    }
}
