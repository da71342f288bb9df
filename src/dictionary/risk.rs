//! Whether the register forgets a column by which somebody could be recognised: what a column of a table
//! is made of decides its class, and the class what must be said of it.

use std::collections::BTreeMap;

use super::DictionaryError;
use super::origins::{House, TableColumn};
use crate::contract::Fault;
use crate::contract::model::{Contracts, TableKind, TableRisk};

/// The register, for messages.
const REGISTER: &str = "config/dpia.toml";
/// What the register calls data that point at a person together with other data. What is stricter counts too.
const INDIRECT: &str = "indirect-identificerend";
/// What it calls data about health or care.
const SPECIAL: &str = "bijzonder";

/// A column that must be named, and is not, or not as what it is.
fn fault(line: u32, table: &str, column: &str, class: &str, roles: &str) -> Fault {
    Fault {
        file: REGISTER.to_owned(),
        line,
        message: format!(
            "column `{column}` of table `{table}` is `{class}`, and [table.{table}] does not say so"
        ),
        remedy: format!(
            "name it in {roles} of [table.{table}], or in [table.{table}.excused] with the reason"
        ),
        source: None,
    }
}

/// Holds every column of every table that is made of something telling against what the register says
/// of its table.
///
/// # Errors
/// When a mapping does not fit, or cannot be followed.
pub fn faults(contracts: &Contracts) -> Result<Vec<Fault>, DictionaryError> {
    let house = House::trace(contracts, &BTreeMap::new())?;
    let nothing = TableRisk::default();
    let mut found = Vec::new();
    for spec in contracts.tables.values() {
        let risk = contracts.register.risks.get(&spec.name);
        let said = risk.unwrap_or(&nothing);
        let has = |list: &[String], name: &String| list.contains(name);
        for column in &spec.columns {
            let name = &column.name;
            if column.kind == TableKind::Pseudonym || said.excused.contains_key(name) {
                continue;
            }
            let place = TableColumn {
                table: spec.name.clone(),
                column: name.clone(),
            };
            let Some(class) = class(contracts, &house, &place)? else {
                continue;
            };
            let sensitive = has(&said.sensitive, name);
            let known = has(&said.quasi_identifiers, name) || has(&said.events, name);
            if class == SPECIAL && !sensitive {
                found.push(fault(
                    said.line.max(1),
                    &spec.name,
                    name,
                    class,
                    "`sensitive`",
                ));
            } else if class != SPECIAL && !known && !sensitive {
                let roles = "`quasi_identifiers`, or `events` where it is a date,";
                found.push(fault(said.line.max(1), &spec.name, name, class, roles));
            }
        }
    }
    Ok(found)
}

/// The strictest class that a column is made of, where it is telling at all.
fn class<'a>(
    contracts: &'a Contracts,
    house: &House,
    place: &TableColumn,
) -> Result<Option<&'a str>, DictionaryError> {
    let classes = &contracts.register.classes;
    let Some(least) = classes.get(INDIRECT).map(|class| class.rank) else {
        return Ok(None);
    };
    let made_of = house.of_table(place)?.direct;
    let of = |source: &str, column: &str| {
        let mut plans = contracts.sources.iter();
        let plan = plans.find(|plan| plan.contract.id == source)?;
        let mut columns = plan.contract.columns.iter();
        Some(columns.find(|c| c.name == column)?.class.as_str())
    };
    let ranked = made_of.keys().filter_map(|from| {
        let class = of(&from.source, &from.column)?;
        Some((classes.get(class)?.rank, class))
    });
    let strictest = ranked.min_by_key(|(rank, _)| *rank);
    Ok(strictest
        .filter(|(rank, _)| *rank <= least)
        .map(|(_, class)| class))
}
