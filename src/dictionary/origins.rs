//! The lineage of the whole house: every column of every table and view, down to the columns that
//! partners deliver.
//!
//! Mappings and views are planned as they are when they run, without a row. A mapping reads `levering`
//! and tables that other mappings fill, a view reads tables; both are followed until only deliveries
//! are left.

use std::collections::{BTreeMap, BTreeSet};

use datafusion::logical_expr::LogicalPlan;

use super::DictionaryError;
use super::lineage::{self, ColumnLineage, Origin, Way};
use crate::contract::model::{Contracts, Mode, SourcePlan};
use crate::lock::treated::output_schema;
use crate::warehouse::mapping::{self, DELETED, DELIVERY, WAREHOUSE};

/// The plans of the views, by name.
pub type Plans = BTreeMap<String, LogicalPlan>;

/// Memory for a plan that never runs.
const NO_MEMORY: usize = 1 << 20;

/// A column of a delivery: its source, and its name in the contract.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SourceColumn {
    /// The source.
    pub source: String,
    /// The column.
    pub column: String,
}

/// A column of a table.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TableColumn {
    /// The table.
    pub table: String,
    /// The column.
    pub column: String,
}

/// Where a column comes from, followed to the end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sources {
    /// The columns of deliveries that its values are made of.
    pub direct: BTreeMap<SourceColumn, Way>,
    /// The tables whose columns its values are made of.
    pub tables: BTreeMap<TableColumn, Way>,
    /// What it counts the rows of: `levering` of a source by its id, a table by its name.
    pub rows: BTreeSet<String>,
    /// Values that the query gives.
    pub constants: BTreeSet<String>,
    /// The columns of deliveries that decided which rows there are.
    pub selected_by: BTreeSet<SourceColumn>,
    /// The tables whose columns did.
    pub selecting_tables: BTreeSet<TableColumn>,
}

/// The lineage of every table and view.
#[derive(Debug)]
pub struct House {
    /// By table and column, for every source that fills it.
    feeds: BTreeMap<TableColumn, Vec<Feed>>,
    views: BTreeMap<String, Vec<ColumnLineage>>,
}

/// What one source puts into a column of a table.
#[derive(Debug)]
struct Feed {
    source: String,
    lineage: ColumnLineage,
}

impl House {
    /// Plans and follows everything.
    ///
    /// # Errors
    /// When a mapping cannot be planned, or a plan not be followed.
    pub fn trace(contracts: &Contracts, plans: &Plans) -> Result<Self, DictionaryError> {
        let mut feeds: BTreeMap<_, Vec<Feed>> = BTreeMap::new();
        for plan in &contracts.sources {
            for (table, lineage) in mappings(plan, contracts)? {
                let column = lineage.name.clone();
                let source = plan.contract.id.clone();
                let place = TableColumn { table, column };
                feeds
                    .entry(place)
                    .or_default()
                    .push(Feed { source, lineage });
            }
        }
        let mut views = BTreeMap::new();
        for (name, plan) in plans {
            let lineage = lineage::trace(plan);
            let lineage = lineage.map_err(|why| DictionaryError::Untraced {
                what: format!("monitor.{name}"),
                why,
            })?;
            views.insert(name.clone(), lineage);
        }
        Ok(Self { feeds, views })
    }

    /// The sources that fill a table.
    #[must_use]
    pub fn fillers(&self, table: &str) -> BTreeSet<String> {
        let feeds = self.feeds.iter().filter(|(place, _)| place.table == table);
        feeds
            .flat_map(|(_, feeds)| feeds.iter().map(|feed| feed.source.clone()))
            .collect()
    }

    /// Where a column of a table comes from.
    ///
    /// # Errors
    /// When it comes from something that does not exist, which would be a fault of ours.
    pub fn of_table(&self, place: &TableColumn) -> Result<Sources, DictionaryError> {
        let mut found = Sources::default();
        let mut seen = BTreeSet::from([place.clone()]);
        for feed in self.feeds.get(place).into_iter().flatten() {
            let feeding = Reading {
                house: self,
                source: Some(&feed.source),
            };
            feeding.add(&feed.lineage, Way::Copied, &mut seen, &mut found)?;
        }
        found.settle();
        Ok(found)
    }

    /// Where a column of a view comes from.
    ///
    /// # Errors
    /// As [`House::of_table`].
    pub fn of_view(&self, view: &str, column: &str) -> Result<Sources, DictionaryError> {
        let mut found = Sources::default();
        let columns = self.views.get(view).into_iter().flatten();
        let reading = Reading {
            house: self,
            source: None,
        };
        for lineage in columns.filter(|lineage| lineage.name == column) {
            reading.add(lineage, Way::Copied, &mut BTreeSet::new(), &mut found)?;
        }
        found.settle();
        Ok(found)
    }
}

/// The lineage of every column that the mappings of a source make, with its table.
fn mappings(
    plan: &SourcePlan,
    contracts: &Contracts,
) -> Result<Vec<(String, ColumnLineage)>, DictionaryError> {
    let mut found = Vec::new();
    for mapping in &plan.mappings {
        let Some(spec) = contracts.tables.get(&mapping.table) else {
            continue;
        };
        let planned = mapping::plan(
            mapping,
            spec,
            plan.pipeline.mode == Mode::Incremental,
            &output_schema(&plan.contract),
            mapping::empty_tables(plan, contracts)?,
            NO_MEMORY,
        )?;
        let lineage = lineage::trace(planned.1.logical_plan());
        let lineage = lineage.map_err(|why| DictionaryError::Untraced {
            what: mapping.path.clone(),
            why,
        })?;
        let (deleting, kept): (Vec<_>, Vec<_>) = lineage
            .into_iter()
            .partition(|column| column.name == DELETED);
        // What says that a row is deleted decides about rows as a filter does.
        let deleting: BTreeSet<Origin> = deleting
            .into_iter()
            .flat_map(|column| column.direct.into_keys().chain(column.selected_by))
            .collect();
        for mut column in kept {
            let more = deleting.iter().filter(|o| !column.direct.contains_key(*o));
            column.selected_by.extend(more.cloned());
            // As the column of the delivery is called in the contract.
            found.push((mapping.table.clone(), named_as_delivered(column, plan)));
        }
    }
    Ok(found)
}

/// A lineage in which columns of `levering` have the names of the contract, not those after the lock.
fn named_as_delivered(mut lineage: ColumnLineage, plan: &SourcePlan) -> ColumnLineage {
    let delivered = |origin: Origin| match origin {
        Origin::Column { relation, column } if relation == DELIVERY => {
            let columns = plan.contract.columns.iter();
            let known = columns
                .filter(|c| c.output() == Some(&column))
                .map(|c| c.name.clone())
                .next();
            let column = known.unwrap_or(column);
            Origin::Column { relation, column }
        }
        other => other,
    };
    let direct = lineage.direct.into_iter();
    lineage.direct = direct.map(|(o, way)| (delivered(o), way)).collect();
    lineage.selected_by = lineage.selected_by.into_iter().map(delivered).collect();
    lineage
}

/// A query that is being followed, and the source whose delivery it reads.
struct Reading<'a> {
    house: &'a House,
    source: Option<&'a str>,
}

impl Reading<'_> {
    fn add(
        &self,
        lineage: &ColumnLineage,
        way: Way,
        seen: &mut BTreeSet<TableColumn>,
        found: &mut Sources,
    ) -> Result<(), DictionaryError> {
        if way == Way::Copied {
            found.constants.extend(lineage.constants.iter().cloned());
        }
        for (origin, step) in &lineage.direct {
            self.direct(origin, way.max(*step), seen, found)?;
        }
        for origin in &lineage.selected_by {
            self.selecting(origin, found)?;
        }
        Ok(())
    }

    fn direct(
        &self,
        origin: &Origin,
        way: Way,
        seen: &mut BTreeSet<TableColumn>,
        found: &mut Sources,
    ) -> Result<(), DictionaryError> {
        match self.place(origin)? {
            Place::Source(column) => {
                let known = found.direct.entry(column).or_insert(way);
                *known = way.min(*known);
            }
            Place::Rows(what) => {
                found.rows.insert(what);
            }
            Place::Table(place) => {
                let known = found.tables.entry(place.clone()).or_insert(way);
                *known = way.min(*known);
                if seen.insert(place.clone()) {
                    for feed in self.house.feeds.get(&place).into_iter().flatten() {
                        let below = Reading {
                            house: self.house,
                            source: Some(&feed.source),
                        };
                        below.add(&feed.lineage, way, seen, found)?;
                    }
                    // The same column may also be reached by a way that leaves more of it.
                    seen.remove(&place);
                }
            }
        }
        Ok(())
    }

    /// What decides about rows: columns of deliveries, and of tables all that those are made of.
    fn selecting(&self, origin: &Origin, found: &mut Sources) -> Result<(), DictionaryError> {
        match self.place(origin)? {
            Place::Source(column) => {
                found.selected_by.insert(column);
            }
            Place::Rows(_) => {}
            Place::Table(place) => {
                if found.selecting_tables.insert(place.clone()) {
                    let below = self.house.of_table(&place)?;
                    found.selected_by.extend(below.direct.into_keys());
                    found.selected_by.extend(below.selected_by);
                }
            }
        }
        Ok(())
    }

    fn place(&self, origin: &Origin) -> Result<Place, DictionaryError> {
        let unknown = || DictionaryError::Unknown {
            what: origin.relation().to_owned(),
        };
        let relation = origin.relation();
        let relation = relation.strip_prefix("sluis.").unwrap_or(relation);
        let table = relation.split_once('.');
        let table = table.filter(|(schema, _)| *schema == WAREHOUSE);
        Ok(match (origin, table, self.source) {
            (Origin::Column { column, .. }, None, Some(source)) if relation == DELIVERY => {
                Place::Source(SourceColumn {
                    source: source.to_owned(),
                    column: column.clone(),
                })
            }
            (Origin::Rows { .. }, None, Some(source)) if relation == DELIVERY => {
                Place::Rows(source.to_owned())
            }
            (Origin::Column { column, .. }, Some((_, table)), _) => Place::Table(TableColumn {
                table: table.to_owned(),
                column: column.clone(),
            }),
            (Origin::Rows { .. }, Some((_, table)), _) => Place::Rows(table.to_owned()),
            _ => return Err(unknown()),
        })
    }
}

enum Place {
    Source(SourceColumn),
    Table(TableColumn),
    Rows(String),
}

impl Sources {
    /// What its values are made of is not told again among what decided.
    fn settle(&mut self) {
        let Self {
            direct,
            tables,
            selected_by,
            selecting_tables,
            ..
        } = self;
        selected_by.retain(|column| !direct.contains_key(column));
        selecting_tables.retain(|column| !tables.contains_key(column));
    }

    /// Whether anything is known: an origin, counted rows, or values of the query itself.
    #[must_use]
    pub fn known(&self) -> bool {
        !(self.direct.is_empty()
            && self.tables.is_empty()
            && self.rows.is_empty()
            && self.constants.is_empty())
    }
}
