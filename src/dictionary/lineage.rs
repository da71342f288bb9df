//! Where the columns of a query come from: a plan is followed from each of its columns down to the
//! columns of the tables that it reads.
//!
//! Two things are kept apart. What a value is made of (*direct*), with how much of it is left in the
//! result ([`Way`]); and what only decided which rows there are or which row was taken (*selected
//! by*): filters, join keys, the keys of groups. Neither tells anything about the data: a plan is all
//! that is looked at, and nothing runs.
//!
//! A step that is not understood is an error, never an empty answer.

mod expressions;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use datafusion::common::{DFSchema, TableReference};
use datafusion::logical_expr::{
    Aggregate, Distinct, Expr, Join, JoinType, LogicalPlan, RecursiveQuery, TableScan, Unnest,
};
use serde::Serialize;
use thiserror::Error;

use expressions::Scope;

/// What a column comes from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// A column of a table.
    Column {
        /// The table, with its schema where it was named with one: `levering`, `magazijn.client`.
        relation: String,
        /// The column.
        column: String,
    },
    /// That a row is there: what a count counts.
    Rows {
        /// The table.
        relation: String,
    },
}

impl Origin {
    /// The table.
    #[must_use]
    pub fn relation(&self) -> &str {
        match self {
            Self::Column { relation, .. } | Self::Rows { relation } => relation,
        }
    }
}

/// How much of an origin is left in the result, from most to least.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Way {
    /// The value of one row, as it was. Also the smallest or the first of several.
    #[serde(rename = "overgenomen")]
    Copied,
    /// Something made of the value of one row: its year, its band, whether it is there.
    #[serde(rename = "berekend")]
    Computed,
    /// Rows taken together: a count, a sum, a mean.
    #[serde(rename = "samengevat")]
    Summarised,
}

impl Way {
    /// The Dutch word.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Copied => "overgenomen",
            Self::Computed => "berekend",
            Self::Summarised => "samengevat",
        }
    }
}

/// Where one column of a query comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnLineage {
    /// Its name.
    pub name: String,
    /// What its values are made of.
    pub direct: BTreeMap<Origin, Way>,
    /// Values that the query itself gives: `'onbekend'`, the labels of bands. As SQL writes them.
    pub constants: BTreeSet<String>,
    /// What decided which rows there are, and is not among the direct ones.
    pub selected_by: BTreeSet<Origin>,
}

/// Why a plan cannot be followed.
#[derive(Debug, Error)]
pub enum LineageError {
    /// A step of a kind that no query of ours has.
    #[error("a step of the kind {0} cannot be followed")]
    Step(&'static str),
    /// A column that its step does not have, which would be a fault of ours.
    #[error("column {0} is not found in the step that it comes from")]
    Column(String),
}

/// Follows every column of a plan to where it comes from.
///
/// # Errors
/// When the plan has a step that is not known here.
pub fn trace(plan: &LogicalPlan) -> Result<Vec<ColumnLineage>, LineageError> {
    let traced = Tracer::default().plan(plan, None)?;
    let fields = plan.schema().fields();
    let columns = fields.iter().zip(traced.columns).map(|(field, column)| {
        let selected = column.selected.union(&traced.rows);
        let direct = &column.direct;
        ColumnLineage {
            name: field.name().clone(),
            selected_by: selected
                .filter(|o| !direct.contains_key(*o))
                .cloned()
                .collect(),
            constants: column.constants,
            direct: column.direct,
        }
    });
    Ok(columns.collect())
}

/// What is known of one column of a step.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Trace {
    direct: BTreeMap<Origin, Way>,
    constants: BTreeSet<String>,
    /// What decided which value was taken, for this column alone.
    selected: BTreeSet<Origin>,
    /// Of a struct, or a list of structs: its fields one by one.
    parts: BTreeMap<String, Trace>,
}

impl Trace {
    /// Together with another one: the value is made of both, or is either of them.
    fn join(mut self, other: Self) -> Self {
        for (origin, way) in other.direct {
            let known = self.direct.entry(origin).or_insert(way);
            *known = way.min(*known);
        }
        self.constants.extend(other.constants);
        self.selected.extend(other.selected);
        for (name, part) in other.parts {
            let known = self.parts.remove(&name).unwrap_or_default();
            self.parts.insert(name, known.join(part));
        }
        self
    }

    /// What is left after something was done with the value.
    fn through(mut self, way: Way) -> Self {
        if way > Way::Copied {
            for known in self.direct.values_mut() {
                *known = way.max(*known);
            }
            self.constants.clear();
            self.parts.clear();
        }
        self
    }

    /// As something that decides and is not itself seen.
    fn decides(&self) -> impl Iterator<Item = Origin> + '_ {
        self.direct.keys().chain(&self.selected).cloned()
    }
}

/// What is known of a step.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Traced {
    columns: Vec<Trace>,
    /// What decided which rows there are.
    rows: BTreeSet<Origin>,
    /// What a row stands for, which is what counting rows counts: a row of a table, and after
    /// grouping the keys of the group.
    grain: BTreeSet<Origin>,
}

impl Traced {
    /// Beside another one, as in a join.
    fn beside(mut self, other: Self) -> Self {
        self.columns.extend(other.columns);
        self.rows.extend(other.rows);
        self.grain.extend(other.grain);
        self
    }

    /// One row for each combination of these keys.
    fn grouped(&mut self, keys: &[Trace]) {
        self.rows.extend(keys.iter().flat_map(Trace::decides));
        let made_of = keys.iter().flat_map(|key| key.direct.keys());
        let made_of: BTreeSet<_> = made_of.cloned().collect();
        if !made_of.is_empty() {
            self.grain = made_of;
        }
    }

    /// Below another one, as in a union.
    fn below(mut self, other: Self) -> Self {
        if self.columns.is_empty() {
            self.columns = other.columns;
        } else {
            let pairs = self.columns.into_iter().zip(other.columns);
            self.columns = pairs.map(|(one, more)| one.join(more)).collect();
        }
        self.rows.extend(other.rows);
        self.grain.extend(other.grain);
        self
    }
}

/// Follows plans; knows the recursive queries that it is inside of.
#[derive(Clone, Debug, Default)]
struct Tracer {
    working: BTreeMap<String, Traced>,
}

type Outer<'a> = Option<&'a Scope<'a>>;

impl Tracer {
    fn plan(&self, plan: &LogicalPlan, outer: Outer<'_>) -> Result<Traced, LineageError> {
        match plan {
            LogicalPlan::TableScan(scan) => self.scan(scan, outer),
            LogicalPlan::Projection(step) => self.select(&step.input, &step.expr, outer),
            LogicalPlan::Filter(step) => {
                self.filtered(&step.input, std::slice::from_ref(&step.predicate), outer)
            }
            LogicalPlan::Window(step) => {
                let mut input = self.plan(&step.input, outer)?;
                let scope = Scope::new(step.input.schema(), &input, outer);
                let added = self.expressions(&step.window_expr, &scope)?;
                input.columns.extend(added);
                Ok(input)
            }
            LogicalPlan::Aggregate(step) => self.aggregate(step, outer),
            LogicalPlan::Sort(step) if step.fetch.is_some() => {
                let keys: Vec<Expr> = step.expr.iter().map(|s| s.expr.clone()).collect();
                self.filtered(&step.input, &keys, outer)
            }
            LogicalPlan::Sort(step) => self.plan(&step.input, outer),
            LogicalPlan::Limit(step) => self.limited(&step.input, outer),
            LogicalPlan::Join(step) => self.joined(step, outer),
            LogicalPlan::Union(step) => {
                let mut inputs = step.inputs.iter().map(|input| self.plan(input, outer));
                inputs.try_fold(Traced::default(), |all, one| Ok(all.below(one?)))
            }
            LogicalPlan::Distinct(step) => self.distinct(step, outer),
            LogicalPlan::SubqueryAlias(step) => self.plan(&step.input, outer),
            LogicalPlan::Subquery(step) => self.plan(&step.subquery, outer),
            LogicalPlan::Repartition(step) => self.plan(&step.input, outer),
            LogicalPlan::EmptyRelation(step) => Ok(Traced {
                columns: vec![Trace::default(); step.schema.fields().len()],
                ..Traced::default()
            }),
            LogicalPlan::Values(step) => {
                let (empty, schema) = (Traced::default(), DFSchema::empty());
                let scope = Scope::new(&schema, &empty, outer);
                let rows = step.values.iter().map(|row| {
                    let columns = self.expressions(row, &scope)?;
                    Ok(Traced {
                        columns,
                        ..Traced::default()
                    })
                });
                rows.reduce(|all, one| Ok(all?.below(one?)))
                    .unwrap_or_else(|| Ok(Traced::default()))
            }
            LogicalPlan::Unnest(step) => self.unnested(step, outer),
            LogicalPlan::RecursiveQuery(step) => self.recursive(step, outer),
            other => Err(LineageError::Step(kind(other))),
        }
    }

    fn scan(&self, scan: &TableScan, outer: Outer<'_>) -> Result<Traced, LineageError> {
        if let Some(known) = self.working.get(scan.table_name.table())
            && scan.table_name.schema().is_none()
        {
            return Ok(known.clone());
        }
        // A view, which the planner leaves as one where it could not put its plan in this place.
        if let Some(view) = scan.source.get_logical_plan() {
            let mut traced = self.plan(&view, outer)?;
            if let Some(kept) = &scan.projection {
                let column = |at: &usize| traced.columns.get(*at).cloned().unwrap_or_default();
                traced.columns = kept.iter().map(column).collect();
            }
            return Ok(traced);
        }
        let relation = name(&scan.table_name);
        let columns = scan.projected_schema.fields().iter().map(|field| Trace {
            direct: BTreeMap::from([(
                Origin::Column {
                    relation: relation.clone(),
                    column: field.name().clone(),
                },
                Way::Copied,
            )]),
            ..Trace::default()
        });
        let traced = Traced {
            columns: columns.collect(),
            rows: BTreeSet::new(),
            grain: BTreeSet::from([Origin::Rows { relation }]),
        };
        self.decided(traced, &scan.projected_schema, &scan.filters, outer)
    }

    fn select(
        &self,
        input: &LogicalPlan,
        expressions: &[Expr],
        outer: Outer<'_>,
    ) -> Result<Traced, LineageError> {
        let traced = self.plan(input, outer)?;
        let scope = Scope::new(input.schema(), &traced, outer);
        Ok(Traced {
            columns: self.expressions(expressions, &scope)?,
            ..traced.clone()
        })
    }

    fn filtered(
        &self,
        input: &LogicalPlan,
        by: &[Expr],
        outer: Outer<'_>,
    ) -> Result<Traced, LineageError> {
        let traced = self.plan(input, outer)?;
        self.decided(traced, input.schema(), by, outer)
    }

    /// The first so many rows: of a sorted step, its keys decide which.
    fn limited(&self, input: &LogicalPlan, outer: Outer<'_>) -> Result<Traced, LineageError> {
        let mut below = input;
        while let LogicalPlan::Projection(step) = below {
            below = &step.input;
        }
        let mut traced = self.plan(input, outer)?;
        if let LogicalPlan::Sort(sort) = below {
            let keys: Vec<Expr> = sort.expr.iter().map(|s| s.expr.clone()).collect();
            traced
                .rows
                .extend(self.filtered(&sort.input, &keys, outer)?.rows);
        }
        Ok(traced)
    }

    /// Adds what these expressions stand on to what decided about the rows.
    fn decided(
        &self,
        mut traced: Traced,
        schema: &DFSchema,
        by: &[Expr],
        outer: Outer<'_>,
    ) -> Result<Traced, LineageError> {
        let found = self.expressions(by, &Scope::new(schema, &traced, outer))?;
        traced.rows.extend(found.iter().flat_map(Trace::decides));
        Ok(traced)
    }

    fn aggregate(&self, step: &Aggregate, outer: Outer<'_>) -> Result<Traced, LineageError> {
        let mut traced = self.plan(&step.input, outer)?;
        let scope = Scope::new(step.input.schema(), &traced, outer);
        let mut keys = Vec::new();
        for key in &step.group_expr {
            match key {
                Expr::GroupingSet(set) => {
                    let distinct = set.distinct_expr().into_iter().cloned().collect::<Vec<_>>();
                    keys.extend(self.expressions(&distinct, &scope)?);
                    // The column by which the engine tells the sets apart.
                    keys.push(Trace::default());
                }
                key => keys.push(self.expression(key, &scope)?),
            }
        }
        let values = self.expressions(&step.aggr_expr, &scope)?;
        traced.grouped(&keys);
        traced.columns = keys;
        traced.columns.extend(values);
        Ok(traced)
    }

    fn joined(&self, step: &Join, outer: Outer<'_>) -> Result<Traced, LineageError> {
        let (left, right) = (
            self.plan(&step.left, outer)?,
            self.plan(&step.right, outer)?,
        );
        let mut keys = Vec::new();
        for (one, other) in &step.on {
            keys.push(self.expression(one, &Scope::new(step.left.schema(), &left, outer))?);
            keys.push(self.expression(other, &Scope::new(step.right.schema(), &right, outer))?);
        }
        let (lefts, rights) = (left.columns.len(), right.columns.len());
        let mut traced = left.beside(right);
        if let Some(filter) = &step.filter {
            let both = step.left.schema().join(step.right.schema());
            let both = both.map_err(|_| LineageError::Step("join"))?;
            keys.push(self.expression(filter, &Scope::new(&both, &traced, outer))?);
        }
        traced.rows.extend(keys.iter().flat_map(Trace::decides));
        let mark = || keys.iter().cloned().fold(Trace::default(), Trace::join);
        match step.join_type {
            JoinType::Inner | JoinType::Left | JoinType::Right | JoinType::Full => {}
            JoinType::LeftSemi | JoinType::LeftAnti => traced.columns.truncate(lefts),
            JoinType::RightSemi | JoinType::RightAnti => {
                traced.columns = traced.columns.split_off(traced.columns.len() - rights);
            }
            JoinType::LeftMark => {
                traced.columns.truncate(lefts);
                traced.columns.push(mark().through(Way::Computed));
            }
            JoinType::RightMark => {
                traced.columns = traced.columns.split_off(traced.columns.len() - rights);
                traced.columns.push(mark().through(Way::Computed));
            }
        }
        Ok(traced)
    }

    fn distinct(&self, step: &Distinct, outer: Outer<'_>) -> Result<Traced, LineageError> {
        match step {
            Distinct::All(input) => {
                let mut traced = self.plan(input, outer)?;
                let keys = traced.columns.clone();
                traced.grouped(&keys);
                Ok(traced)
            }
            Distinct::On(step) => {
                let mut by = step.on_expr.clone();
                by.extend(step.sort_expr.iter().flatten().map(|s| s.expr.clone()));
                let traced = self.filtered(&step.input, &by, outer)?;
                let scope = Scope::new(step.input.schema(), &traced, outer);
                let columns = self.expressions(&step.select_expr, &scope)?;
                Ok(Traced { columns, ..traced })
            }
        }
    }

    fn unnested(&self, step: &Unnest, outer: Outer<'_>) -> Result<Traced, LineageError> {
        let mut traced = self.plan(&step.input, outer)?;
        let fields = step.schema.fields().iter();
        let columns = fields.zip(&step.dependency_indices).map(|(field, &at)| {
            let column = traced.columns.get(at);
            let column = column.ok_or_else(|| LineageError::Column(field.name().clone()))?;
            // Of a struct every field becomes a column, by the name `struct.field`.
            let part = field.name().rsplit('.').next();
            Ok(match part.and_then(|part| column.parts.get(part)) {
                Some(part) if step.struct_type_columns.contains(&at) => part.clone(),
                _ => column.clone(),
            })
        });
        traced.columns = columns.collect::<Result<_, LineageError>>()?;
        Ok(traced)
    }

    /// Again and again, until nothing new is found.
    fn recursive(&self, step: &RecursiveQuery, outer: Outer<'_>) -> Result<Traced, LineageError> {
        let mut inside = self.clone();
        let mut found = self.plan(&step.static_term, outer)?;
        loop {
            inside.working.insert(step.name.clone(), found.clone());
            let more = inside.plan(&step.recursive_term, outer)?;
            let both = found.clone().below(more);
            if both == found {
                return Ok(found);
            }
            found = both;
        }
    }

    fn expressions(&self, all: &[Expr], scope: &Scope<'_>) -> Result<Vec<Trace>, LineageError> {
        all.iter().map(|one| self.expression(one, scope)).collect()
    }
}

fn name(table: &TableReference) -> String {
    match table.schema() {
        Some(schema) => format!("{schema}.{}", table.table()),
        None => table.table().to_owned(),
    }
}

const fn kind(plan: &LogicalPlan) -> &'static str {
    match plan {
        LogicalPlan::Statement(_) => "statement",
        LogicalPlan::Explain(_) | LogicalPlan::Analyze(_) => "explain",
        LogicalPlan::Extension(_) => "extension",
        LogicalPlan::Dml(_) | LogicalPlan::Ddl(_) | LogicalPlan::Copy(_) => "change",
        LogicalPlan::DescribeTable(_) => "describe",
        _ => "query",
    }
}

/// The plans below an expression's subquery.
fn subplan(subquery: &datafusion::logical_expr::Subquery) -> &LogicalPlan {
    Arc::as_ref(&subquery.subquery)
}
