//! A view is a query, the meaning of its columns and an entry in the register.

use super::{unknown_table, view_columns_path, view_path};
use crate::contract::document::At;
use crate::contract::faults::{FileReport, Report};
use crate::contract::files::REGISTER;
use crate::contract::house::House;
use crate::contract::names;
use crate::contract::query::{DELIVERY, MONITOR, Relation, WAREHOUSE};
use crate::suggest;

/// Checks every view that any file speaks of.
pub(super) fn check(house: &House<'_>, report: &Report) {
    for name in house.views.keys() {
        whole(house, name, report);
        reads(house, name, report);
    }
    let views = || house.views.keys().copied();
    for name in house.view_columns.keys() {
        let path = view_columns_path(name);
        let add = format!("add {}, or remove this", view_path(name));
        without_query(house, name, report.file(&path, None), 1, &add);
    }
    for (name, entry) in house.register.iter().flat_map(|register| &register.views) {
        let add = suggest::remedy(name, views(), "remove it");
        let report = report.file(REGISTER, None);
        without_query(house, name, report, entry.line, &add);
    }
}

fn without_query(house: &House<'_>, name: &str, report: FileReport<'_>, line: u32, remedy: &str) {
    if !house.views.contains_key(name) {
        report.fault(line, format!("there is no view `{name}`"), remedy);
    }
}

/// The columns and the register's entry are there, and fit each other.
fn whole(house: &House<'_>, name: &str, report: &Report) {
    let (path, columns_path) = (view_path(name), view_columns_path(name));
    let query = report.file(&path, None);
    names::check_name(&At::new(name.to_owned(), 1), "a view", query);
    let columns = house.view_columns.get(name);
    if columns.is_none() {
        query.fault(
            1,
            format!("nothing says what the columns of view `{name}` are"),
            format!("add {columns_path}"),
        );
    }
    let Some(register) = &house.register else {
        return;
    };
    let Some(entry) = register.views.get(name) else {
        query.fault(
            1,
            format!("view `{name}` is not in the register"),
            format!("add [view.{name}] to {REGISTER}, once the controller has agreed"),
        );
        return;
    };
    if let Some(Some(columns)) = columns
        && entry.about_persons
        && !columns.has_cell
    {
        report.file(&columns_path, None).fault(
            1,
            "a view about persons without a number to judge",
            "give every column with numbers of persons role = \"cel\"",
        );
    }
}

/// Views read tables of the warehouse, and other views.
fn reads(house: &House<'_>, name: &str, report: &Report) {
    let path = view_path(name);
    let report = report.file(&path, None);
    let query = house.views.get(name).and_then(Option::as_ref);
    let query = query.and_then(|view| view.query.as_ref());
    for relation in query.into_iter().flat_map(|query| &query.relations) {
        let line = relation.line;
        match &relation.value {
            Relation::Table(table) if house.tables.contains_key(table.as_str()) => {}
            Relation::Table(table) => unknown_table(house, table, line, report),
            Relation::View(view) if house.views.contains_key(view.as_str()) => {}
            Relation::View(view) => report.fault(
                line,
                format!("there is no view `{view}`"),
                suggest::remedy(
                    view,
                    house.views.keys().copied(),
                    "add it to schemas/monitor",
                ),
            ),
            Relation::Delivery => cannot_read(DELIVERY, line, report),
            Relation::Other(other) => cannot_read(other, line, report),
        }
    }
}

fn cannot_read(name: &str, line: u32, report: FileReport<'_>) {
    report.fault(
        line,
        format!("a view cannot read `{name}`"),
        format!("read tables `{WAREHOUSE}.NAME` and views `{MONITOR}.NAME` only"),
    );
}
