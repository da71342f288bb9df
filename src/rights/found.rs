//! Where a person occurs: how many rows in which table, of which years, and what is left of the person
//! in them (AVG, article 15).

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;
use serde::Serialize;

use super::RightsError;
use super::person::Person;
use crate::contract::model::{Contracts, SourcePlan, TableKind};
use crate::warehouse::release::Release;
use crate::warehouse::rows::{self, DataFile, Pseudonyms};

/// Where a person occurs in one release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FoundRelease {
    /// The release.
    pub release: String,
    /// The tables with rows of the person.
    pub tables: Vec<FoundTable>,
    /// Rows that carry a number of the person that somebody else has too, and no BSN: whose they are
    /// cannot be said from the data.
    pub doubtful: u64,
}

/// A table with rows of the person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FoundTable {
    /// The table.
    pub table: String,
    /// Its name for people.
    pub title: String,
    /// The sources that the rows came from.
    pub sources: BTreeSet<String>,
    /// Rows.
    pub rows: u64,
    /// Rows by year; 0 where the table has none.
    pub years: BTreeMap<i64, u64>,
    /// Its columns.
    pub columns: Vec<FoundColumn>,
}

/// A column of a table, and what is left in it of what was delivered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FoundColumn {
    /// The column.
    pub name: String,
    /// What it holds.
    pub documentation: String,
    /// The treatment of what it was made from, as in the register; `afgeleid`: made by a mapping.
    pub treatment: &'static str,
}

/// Rows of one file.
#[derive(Clone, Copy, Default)]
struct Count {
    rows: u64,
    doubtful: u64,
}

/// Counts the rows of a person in each of these releases.
///
/// # Errors
/// A file cannot be read.
pub fn count(
    person: &Person,
    releases: &[Release],
    contracts: &Contracts,
) -> Result<Vec<FoundRelease>, RightsError> {
    let among = person.pseudonyms();
    let files = rows::distinct(releases, false);
    let one = |file: &DataFile| {
        let mut count = Count::default();
        file.read(false, |batch| {
            let pseudonyms = Pseudonyms::of(batch);
            for row in 0..pseudonyms.rows {
                if pseudonyms.hits(row, &among) {
                    count.rows += 1;
                } else if person.doubtful(&pseudonyms, row) {
                    count.doubtful += 1;
                }
            }
            Ok::<(), RightsError>(())
        })?;
        Ok((file.entry.sha256.clone(), count))
    };
    let counts: BTreeMap<String, Count> = files
        .par_iter()
        .map(one)
        .collect::<Result<_, RightsError>>()?;
    Ok(releases
        .iter()
        .map(|release| in_release(release, &counts, contracts))
        .collect())
}

fn in_release(
    release: &Release,
    counts: &BTreeMap<String, Count>,
    contracts: &Contracts,
) -> FoundRelease {
    let mut tables: BTreeMap<String, FoundTable> = BTreeMap::new();
    let mut doubtful = 0;
    for file in &release.manifest.files {
        let count = counts.get(&file.sha256).copied().unwrap_or_default();
        doubtful += count.doubtful;
        if count.rows == 0 {
            continue;
        }
        let found = tables
            .entry(file.table.clone())
            .or_insert_with(|| empty(&file.table, contracts));
        found.rows += count.rows;
        *found.years.entry(rows::year(file)).or_default() += count.rows;
        found.sources.insert(file.source.clone());
    }
    let mut tables: Vec<FoundTable> = tables.into_values().collect();
    for table in &mut tables {
        table.columns = columns(table, contracts);
    }
    FoundRelease {
        release: release.manifest.id.clone(),
        tables,
        doubtful,
    }
}

fn empty(table: &str, contracts: &Contracts) -> FoundTable {
    let title = contracts.tables.get(table);
    FoundTable {
        table: table.to_owned(),
        title: title.map_or_else(|| table.to_owned(), |spec| spec.title.clone()),
        sources: BTreeSet::new(),
        rows: 0,
        years: BTreeMap::new(),
        columns: Vec::new(),
    }
}

fn columns(found: &FoundTable, contracts: &Contracts) -> Vec<FoundColumn> {
    let Some(spec) = contracts.tables.get(&found.table) else {
        return Vec::new();
    };
    let mine = |p: &&SourcePlan| found.sources.contains(&p.contract.id);
    let delivered: Vec<_> = contracts
        .sources
        .iter()
        .filter(mine)
        .flat_map(|p| &p.contract.columns)
        .collect();
    let column = |c: &crate::contract::model::TableColumn| {
        let of = delivered.iter().find(|d| d.output() == Some(&c.name));
        let treatment = match of {
            Some(column) => column.treatment.name(),
            None if c.kind == TableKind::Pseudonym => "pseudonimiseren",
            None => "afgeleid",
        };
        FoundColumn {
            name: c.name.clone(),
            documentation: c.documentation.trim().to_owned(),
            treatment,
        }
    };
    spec.columns.iter().map(column).collect()
}
