//! `[risk]` of the register, and what `[table.NAME]` says about who could be recognised in it: which
//! columns outsiders may know of a person, and which say something that nobody should learn.

use std::collections::{BTreeMap, BTreeSet};

use super::document::{At, Form, values};
use super::faults::{FileReport, Report};
use super::files::REGISTER;
use super::house::House;
use super::model::{RiskRules, TableKind, TableRisk, TableSpec};
use crate::suggest;

/// What the register says of the risk of one table, as read.
#[derive(Debug)]
pub(super) struct RiskEntry {
    line: u32,
    person: Option<At<String>>,
    quasi_identifiers: Vec<At<String>>,
    sensitive: Vec<At<String>>,
    events: Vec<At<String>>,
    /// Columns that take no part, each with why.
    excused: Vec<(At<String>, String)>,
}

/// The thresholds; where the register says nothing, the defaults.
pub(super) fn rules(form: Option<Form<'_>>) -> RiskRules {
    let mut rules = RiskRules::default();
    let Some(mut form) = form else { return rules };
    let whole = |form: &mut Form<'_>, key, bounds| {
        let number = form.optional_integer(key, bounds)?;
        u32::try_from(number.value).ok()
    };
    rules.k = whole(&mut form, "k", (2, 1_000)).unwrap_or(rules.k);
    rules.l = whole(&mut form, "l", (1, 100)).unwrap_or(rules.l);
    rules.t = share(&mut form, "t").unwrap_or(rules.t);
    let highest = share(&mut form, "highest_chance");
    rules.highest_chance = highest.unwrap_or(rules.highest_chance);
    let mean = share(&mut form, "mean_chance");
    rules.mean_chance = mean.unwrap_or(rules.mean_chance);
    let unique = share(&mut form, "unique_histories");
    rules.unique_histories = unique.unwrap_or(rules.unique_histories);
    form.finish(&[]);
    rules
}

fn share(form: &mut Form<'_>, key: &'static str) -> Option<f64> {
    let number = form.number(key)?;
    if (0.0..=1.0).contains(&number.value) {
        return Some(number.value);
    }
    form.report().fault(
        number.line,
        format!("`{key}` of [risk] is {}", number.value),
        "choose a number from 0 to 1",
    );
    None
}

impl RiskEntry {
    /// Reads what `[table.NAME]` says of risk; `None` when it says nothing.
    pub(super) fn read(form: &mut Form<'_>) -> Option<Self> {
        const KEYS: [&str; 5] = [
            "person",
            "quasi_identifiers",
            "sensitive",
            "events",
            "excused",
        ];
        if !KEYS.iter().any(|key| form.has(key)) {
            return None;
        }
        let line = form.line();
        let person = form.optional_text("person");
        let mut list = |key| {
            let stated = form.has(key).then(|| form.texts(key));
            stated.flatten().unwrap_or_default()
        };
        let quasi_identifiers = list("quasi_identifiers");
        let sensitive = list("sensitive");
        let events = list("events");
        let mut excused = Vec::new();
        if let Some(table) = form.optional_table("excused") {
            for (name, field) in table.entries() {
                let line = name.line;
                let column = At::new(name.value.to_owned(), line);
                match field.text().map(str::trim) {
                    Some(reason) if !reason.is_empty() => {
                        excused.push((column, reason.to_owned()));
                    }
                    _ => table.report().fault(
                        line,
                        format!("`{}` is excused without a reason", name.value),
                        "write why it helps nobody to recognise a person, in Dutch",
                    ),
                }
            }
        }
        Some(Self {
            line,
            person,
            quasi_identifiers,
            sensitive,
            events,
            excused,
        })
    }

    /// The entry.
    pub(super) fn compile(&self) -> TableRisk {
        let excused = self.excused.iter();
        let excused = excused.map(|(column, why)| (column.value.clone(), why.clone()));
        TableRisk {
            line: self.line,
            person: self.person.as_ref().map(|person| person.value.clone()),
            quasi_identifiers: values(&self.quasi_identifiers),
            sensitive: values(&self.sensitive),
            events: values(&self.events),
            excused: excused.collect::<BTreeMap<_, _>>(),
        }
    }

    /// Every column it names, with the types that it may have there.
    fn named(&self) -> impl Iterator<Item = (&At<String>, &'static [TableKind])> {
        const ORDINARY: &[TableKind] = &[
            TableKind::Text,
            TableKind::Date,
            TableKind::Integer,
            TableKind::Boolean,
        ];
        let person = self.person.iter();
        let ordinary = self.quasi_identifiers.iter().chain(&self.sensitive);
        let excused = self.excused.iter().map(|(column, _)| column);
        let events = self.events.iter();
        person
            .map(|c| (c, &[TableKind::Pseudonym][..]))
            .chain(ordinary.chain(excused).map(|c| (c, ORDINARY)))
            .chain(events.map(|c| (c, &[TableKind::Date][..])))
    }
}

/// What is said of risk is about columns of the table, each in one role.
pub(super) fn check(house: &House<'_>, report: &Report) {
    let report = report.file(REGISTER, None);
    for (name, entry) in house.register.iter().flat_map(|register| &register.tables) {
        let spec = house.tables.get(name.as_str());
        let spec = spec.and_then(|table| table.as_ref()?.compile());
        if let (Some(risk), Some(spec)) = (&entry.risk, spec) {
            columns(risk, &spec, report);
        }
    }
}

fn columns(risk: &RiskEntry, spec: &TableSpec, report: FileReport<'_>) {
    let mut seen = BTreeSet::new();
    for (named, kinds) in risk.named() {
        let column = spec.columns.iter().find(|c| c.name == named.value);
        match column {
            None => report.fault(
                named.line,
                format!("table `{}` has no column `{}`", spec.name, named.value),
                suggest::remedy(
                    named.as_str(),
                    spec.columns.iter().map(|c| c.name.as_str()),
                    "remove it",
                ),
            ),
            Some(column) if !kinds.contains(&column.kind) => report.fault(
                named.line,
                format!(
                    "column `{}` of table `{}` has another type than this role asks for",
                    named.value, spec.name
                ),
                "`person` is a pseudonym, `events` are dates, and no other role takes a pseudonym",
            ),
            Some(_) if !seen.insert(named.as_str()) => report.fault(
                named.line,
                format!(
                    "column `{}` of table `{}` has two roles",
                    named.value, spec.name
                ),
                "name it once: as quasi-identifier, as sensitive, as an event, or excused",
            ),
            Some(_) => {}
        }
    }
    if let (None, Some(event)) = (&risk.person, risk.events.first()) {
        report.fault(
            event.line,
            format!("table `{}` has events and no person", spec.name),
            "name the pseudonym of the person with person = \"COLUMN\", or excuse the dates",
        );
    }
    if risk.quasi_identifiers.is_empty() && !risk.sensitive.is_empty() {
        report.fault(
            risk.line,
            format!(
                "table `{}` has sensitive columns and no quasi-identifiers",
                spec.name
            ),
            "name in quasi_identifiers what others may know of a person",
        );
    }
}
