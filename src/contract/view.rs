//! `schemas/monitor/NAME.toml`: what the columns of a view are. That they are the columns of its
//! query is known when the query is planned.

use super::document::{At, Document, Form};
use super::faults::FileReport;
use super::model::{Role, ViewColumn};
use super::names;
use crate::suggest;

/// The column that says why a cell is hidden; the monitor adds it.
pub const HIDDEN: &str = "onderdrukt";

const ROLES: [&str; 10] = [
    "groep",
    "optelling",
    "rij",
    "cel",
    "volgt",
    "kenmerk",
    "volgorde",
    "van",
    "tot",
    "hulp",
];

/// The columns of a view as read.
#[derive(Debug)]
pub(super) struct ViewColumnsFile {
    /// Whether there is a number that can be hidden.
    pub(super) has_cell: bool,
    title: Option<String>,
    columns: Vec<Option<ViewColumn>>,
}

/// A column whose role says that another one has to be there.
struct Wanted {
    by: At<String>,
    name: At<String>,
    role: fn(&Role) -> bool,
    what: &'static str,
}

impl ViewColumnsFile {
    /// Reads the columns of a view.
    pub(super) fn read(text: &str, report: FileReport<'_>) -> Option<Self> {
        let document = Document::parse(text, report)?;
        let mut form = document.form(report);
        let title = form.prose("title");
        let mut wanted = Vec::new();
        let mut named = Vec::new();
        let columns: Vec<_> = form
            .tables("column")
            .into_iter()
            .map(|form| column(form, &mut named, &mut wanted))
            .collect();
        if columns.is_empty() && !form.has("column") {
            let remedy = "add a [[column]] for every column of the query, in its order";
            report.fault(1, "a view without columns", remedy);
        }
        form.finish(&[]);
        names::check_unique(&named, "the columns", report);
        // What is wrong with one column would only be said again about another.
        let sound: Vec<_> = columns.iter().flatten().cloned().collect();
        if sound.len() == columns.len() {
            for wanted in &wanted {
                wanted.check(&sound, report);
            }
            range(&sound, report);
        }
        Some(Self {
            has_cell: columns.iter().any(|column| {
                let is_cell = |c: &ViewColumn| matches!(c.role, Role::Cell { .. });
                column.as_ref().is_none_or(is_cell)
            }),
            title,
            columns,
        })
    }

    /// Title and columns, when nothing is wrong with them.
    pub(super) fn compile(&self) -> Option<(String, Vec<ViewColumn>)> {
        let columns = self.columns.iter().cloned().collect::<Option<_>>()?;
        Some((self.title.clone()?, columns))
    }
}

impl Wanted {
    fn check(&self, columns: &[ViewColumn], report: FileReport<'_>) {
        let found = columns.iter().find(|c| c.name == self.name.value);
        let of_role = columns.iter().filter(|c| (self.role)(&c.role));
        if found.is_none_or(|c| !(self.role)(&c.role)) {
            report.fault(
                self.name.line,
                format!(
                    "column `{}` names `{}`, which is no column with role `{}`",
                    self.by.value, self.name.value, self.what
                ),
                suggest::remedy(
                    self.name.as_str(),
                    of_role.map(|c| c.name.as_str()),
                    &format!("name a column with role = \"{}\"", self.what),
                ),
            );
        }
    }
}

/// Both ends of a range, or none.
fn range(columns: &[ViewColumn], report: FileReport<'_>) {
    let count = |role: &Role| columns.iter().filter(|c| c.role == *role).count();
    if !matches!((count(&Role::From), count(&Role::To)), (0, 0) | (1, 1)) {
        report.fault(
            1,
            "a range has two ends",
            "give one column role = \"van\" and one role = \"tot\", or none",
        );
    }
}

fn column(
    mut form: Form<'_>,
    named: &mut Vec<At<String>>,
    wanted: &mut Vec<Wanted>,
) -> Option<ViewColumn> {
    form.rename("this column");
    let report = form.report();
    let name = form.text("name")?;
    names::check_name(&name, "a column", report);
    if name.value == HIDDEN {
        report.fault(
            name.line,
            format!("column `{HIDDEN}` is the monitor's own"),
            "give the column another name",
        );
    }
    named.push(name.clone());
    form.rename(format!("column `{}`", name.value));
    let role = role(&mut form, &name, wanted);
    let documentation = form.prose("documentation");
    form.finish(&[
        ("total", "role = \"optelling\""),
        ("clients", "role = \"cel\""),
        ("largest", "role = \"cel\""),
        ("cell", "role = \"volgt\""),
        ("share", "role = \"volgt\""),
    ]);
    Some(ViewColumn {
        name: name.value,
        role: role?,
        documentation: documentation?,
    })
}

fn role(form: &mut Form<'_>, by: &At<String>, wanted: &mut Vec<Wanted>) -> Option<Role> {
    let stated = form.text("role")?;
    let mut want = |name: &At<String>, role: fn(&Role) -> bool, what| {
        let (by, name) = (by.clone(), name.clone());
        wanted.push(Wanted {
            by,
            name,
            role,
            what,
        });
    };
    let mut helper = |form: &mut Form<'_>, key| {
        let name = form.optional_text(key);
        if let Some(name) = &name {
            want(name, |role| matches!(role, Role::Helper), "hulp");
        }
        name.map(|name| name.value)
    };
    Some(match stated.as_str() {
        "groep" => Role::Group,
        "optelling" => Role::Sum {
            total: form.text("total")?.value,
        },
        "rij" => Role::Label,
        "cel" => Role::Cell {
            clients: helper(form, "clients"),
            largest: helper(form, "largest"),
        },
        "volgt" => {
            let cell = form.text("cell");
            let share = form.flag("share", false);
            let cell = cell?;
            want(&cell, |role| matches!(role, Role::Cell { .. }), "cel");
            Role::Follows {
                cell: cell.value,
                share,
            }
        }
        "kenmerk" => Role::Attribute,
        "volgorde" => Role::Order,
        "van" => Role::From,
        "tot" => Role::To,
        "hulp" => Role::Helper,
        unknown => {
            form.report().fault(
                stated.line,
                format!("unknown role `{unknown}`"),
                suggest::remedy(unknown, ROLES, ""),
            );
            return None;
        }
    })
}
