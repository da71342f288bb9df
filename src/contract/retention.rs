//! `[retention]` and `[table.NAME]` of the register: how long the rows of a table are kept. What
//! `[table.NAME]` says of risk is in [`super::risk`].

use super::document::Form;
use super::faults::{FileReport, Report};
use super::files::REGISTER;
use super::house::House;
use super::model::{Retention, TableKind};
use super::risk::RiskEntry;
use super::table::TableFile;
use crate::suggest;

/// A hundred years: nobody keeps rows longer and calls it a period.
const LONGEST: i64 = 100;

/// What the register says of one table, as read.
#[derive(Debug)]
pub(super) struct TableEntry {
    line: u32,
    retention: Option<Retention>,
    pub(super) risk: Option<RiskEntry>,
}

impl TableEntry {
    /// Reads `[table.NAME]`.
    pub(super) fn read(name: &str, mut form: Form<'_>) -> Self {
        let line = form.line();
        let report = form.report();
        let risk = RiskEntry::read(&mut form);
        let years = form.optional_integer("retention_years", (1, LONGEST));
        let from = form.optional_text("from");
        let unlimited = form
            .optional_text("unlimited")
            .map(|text| text.value.trim().to_owned());
        let retention = match (years, unlimited) {
            (Some(years), None) => u32::try_from(years.value)
                .ok()
                .map(|years| Retention::Years {
                    years,
                    from: from.map(|from| from.value),
                }),
            (None, Some(reason)) if from.is_none() => Some(Retention::Unlimited { reason }),
            // What is there and wrong is a fault already.
            (None, None) if form.has("retention_years") || form.has("unlimited") => None,
            // Of such a table nothing is dropped, as of one that the register does not name.
            (None, None) if risk.is_some() && from.is_none() => None,
            _ => {
                report.fault(
                    line,
                    format!("[table.{name}] does not say how long its rows are kept"),
                    "write retention_years = N, with from = \"COLUMN\" to count from a date, or \
                     unlimited = \"why\"",
                );
                None
            }
        };
        form.finish(&[]);
        Self {
            line,
            retention,
            risk,
        }
    }

    /// How long rows are kept, when that is said and nothing is wrong with it.
    pub(super) fn compile(&self) -> Option<Retention> {
        self.retention.clone()
    }
}

/// Every table of the register is one, and has the column that its period counts from.
pub(super) fn check(house: &House<'_>, report: &Report) {
    let report = report.file(REGISTER, None);
    for (name, entry) in house.register.iter().flat_map(|register| &register.tables) {
        match house.tables.get(name.as_str()) {
            None => report.fault(
                entry.line,
                format!("there is no table `{name}`"),
                suggest::remedy(name, house.tables.keys().copied(), "remove it"),
            ),
            Some(Some(table)) => counts(name, entry, table, report),
            Some(None) => {}
        }
    }
}

fn counts(name: &str, entry: &TableEntry, table: &TableFile, report: FileReport<'_>) {
    let Some(Retention::Years { from, .. }) = &entry.retention else {
        return;
    };
    let Some(spec) = table.compile() else { return };
    let (column, kind) = match from {
        Some(from) => (from.as_str(), TableKind::Date),
        None => ("jaar", TableKind::Integer),
    };
    if spec
        .columns
        .iter()
        .any(|c| c.name == column && c.kind == kind)
    {
        return;
    }
    let dates = spec.columns.iter().filter(|c| c.kind == TableKind::Date);
    report.fault(
        entry.line,
        format!("the period of table `{name}` cannot be counted from column `{column}`"),
        suggest::remedy(
            column,
            dates.map(|c| c.name.as_str()),
            "name a date column of the table with from = \"COLUMN\"",
        ),
    );
}
