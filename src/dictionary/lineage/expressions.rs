//! What an expression is made of.

use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::common::{Column, DFSchema, ScalarValue};
use datafusion::logical_expr::expr::{AggregateFunction, Case, ScalarFunction, WindowFunction};
use datafusion::logical_expr::{Expr, Subquery};

use super::{LineageError, Trace, Traced, Tracer, Way, subplan};

/// Functions that give one of the values that they get, as it is.
const PASS: [&str; 19] = [
    "array_agg",
    "array_distinct",
    "array_sort",
    "coalesce",
    "first_value",
    "greatest",
    "lag",
    "last_value",
    "lead",
    "least",
    "make_array",
    "max",
    "min",
    "nth_value",
    "nullif",
    "nvl",
    "nvl2",
    "string_agg",
    "unnest",
];

/// The columns that an expression can see: those of its step, and of the queries around it.
pub(super) struct Scope<'a> {
    schema: &'a DFSchema,
    traced: &'a Traced,
    outer: Option<&'a Scope<'a>>,
}

impl<'a> Scope<'a> {
    pub(super) const fn new(
        schema: &'a DFSchema,
        traced: &'a Traced,
        outer: Option<&'a Self>,
    ) -> Self {
        Self {
            schema,
            traced,
            outer,
        }
    }

    fn column(&self, column: &Column) -> Result<Trace, LineageError> {
        let at = self.schema.maybe_index_of_column(column);
        at.and_then(|at| self.traced.columns.get(at))
            .cloned()
            .ok_or_else(|| LineageError::Column(column.flat_name()))
    }

    /// A column of the nearest query around this one that has it.
    fn around(&self, column: &Column) -> Result<Trace, LineageError> {
        match self.outer {
            None => Err(LineageError::Column(column.flat_name())),
            Some(outer) => outer.column(column).or_else(|_| outer.around(column)),
        }
    }
}

impl Tracer {
    pub(super) fn expression(&self, expr: &Expr, scope: &Scope<'_>) -> Result<Trace, LineageError> {
        match expr {
            Expr::Column(column) => scope.column(column),
            Expr::OuterReferenceColumn(_, column) => scope.around(column),
            Expr::Literal(value, _) => Ok(literal(value)),
            Expr::Alias(alias) => self.expression(&alias.expr, scope),
            Expr::Cast(cast) => self.expression(&cast.expr, scope),
            Expr::TryCast(cast) => self.expression(&cast.expr, scope),
            Expr::Case(case) => self.case(case, scope),
            Expr::ScalarFunction(function) => self.function(function, scope),
            Expr::AggregateFunction(function) => self.summary(function, scope),
            Expr::WindowFunction(function) => self.window(function, scope),
            Expr::Unnest(unnest) => self.expression(&unnest.expr, scope),
            Expr::ScalarSubquery(query) => self.subquery(query, scope),
            Expr::Exists(exists) => Ok(self.existence(&exists.subquery, scope)?.into_computed()),
            Expr::InSubquery(within) => {
                let value = self.expression(&within.expr, scope)?;
                let found = self.subquery(&within.subquery, scope)?;
                Ok(value.join(found).into_computed())
            }
            Expr::SetComparison(compared) => {
                let value = self.expression(&compared.expr, scope)?;
                let found = self.subquery(&compared.subquery, scope)?;
                Ok(value.join(found).into_computed())
            }
            other => Ok(self.children(other, scope)?.into_computed()),
        }
    }

    /// Everything below an expression, taken together.
    fn children(&self, expr: &Expr, scope: &Scope<'_>) -> Result<Trace, LineageError> {
        let mut found = Ok(Trace::default());
        // The closure keeps its own error.
        let _ = expr.apply_children(|child| {
            let below = self.expression(child, scope);
            found = match (std::mem::replace(&mut found, Ok(Trace::default())), below) {
                (Ok(all), Ok(one)) => Ok(all.join(one)),
                (Err(error), _) | (_, Err(error)) => Err(error),
            };
            Ok(TreeNodeRecursion::Continue)
        });
        found
    }

    /// One of its results; the conditions show in which one it is.
    fn case(&self, case: &Case, scope: &Scope<'_>) -> Result<Trace, LineageError> {
        let mut conditions = Trace::default();
        let mut results = Trace::default();
        for condition in case
            .expr
            .iter()
            .chain(case.when_then_expr.iter().map(|p| &p.0))
        {
            conditions = conditions.join(self.expression(condition, scope)?);
        }
        let results_of = case.when_then_expr.iter().map(|p| &p.1);
        for result in results_of.chain(&case.else_expr) {
            results = results.join(self.expression(result, scope)?);
        }
        Ok(results.join(conditions.into_computed()))
    }

    fn function(
        &self,
        function: &ScalarFunction,
        scope: &Scope<'_>,
    ) -> Result<Trace, LineageError> {
        let arguments = self.expressions(&function.args, scope)?;
        match function.func.name() {
            "get_field" => {
                let mut found = arguments.into_iter().next().unwrap_or_default();
                for part in function.args.iter().skip(1).filter_map(text) {
                    found = match found.parts.remove(part) {
                        Some(part) => part,
                        None => found,
                    };
                }
                Ok(found)
            }
            "named_struct" => {
                let values = arguments.into_iter().skip(1).step_by(2);
                let names = function.args.iter().step_by(2).map(text);
                let parts: Vec<_> = names.zip(values).collect();
                let values = parts.iter().map(|(_, value)| value.clone());
                let mut whole = values.fold(Trace::default(), Trace::join);
                let known = parts.into_iter();
                let known = known.filter_map(|(name, value)| Some((name?.to_owned(), value)));
                whole.parts = known.collect();
                Ok(whole)
            }
            name => {
                let all = arguments.into_iter().fold(Trace::default(), Trace::join);
                Ok(if PASS.contains(&name) {
                    all
                } else {
                    all.into_computed()
                })
            }
        }
    }

    fn summary(
        &self,
        function: &AggregateFunction,
        scope: &Scope<'_>,
    ) -> Result<Trace, LineageError> {
        let params = &function.params;
        let mut found = self.taken(function.func.name(), &params.args, scope)?;
        let order = params.order_by.iter().map(|sort| &sort.expr);
        for expr in order {
            let key = self.expression(expr, scope)?;
            found.selected.extend(key.decides());
        }
        if let Some(filter) = &params.filter {
            let condition = self.expression(filter, scope)?;
            found = found.join(condition.through(Way::Summarised));
        }
        Ok(counted(found, scope))
    }

    fn window(&self, function: &WindowFunction, scope: &Scope<'_>) -> Result<Trace, LineageError> {
        let params = &function.params;
        let mut keys = self.expressions(&params.partition_by, scope)?;
        for sort in &params.order_by {
            keys.push(self.expression(&sort.expr, scope)?);
        }
        // A rank is made of nothing but the keys.
        if params.args.is_empty() {
            let rank = keys.into_iter().fold(Trace::default(), Trace::join);
            return Ok(counted(rank.into_computed(), scope));
        }
        let mut found = self.taken(function.fun.name(), &params.args, scope)?;
        found.selected.extend(keys.iter().flat_map(Trace::decides));
        if let Some(filter) = &params.filter {
            let condition = self.expression(filter, scope)?;
            found = found.join(condition.through(Way::Summarised));
        }
        Ok(counted(found, scope))
    }

    /// The arguments of a function over rows: one of them as it is, or all of them together.
    fn taken(
        &self,
        function: &str,
        arguments: &[Expr],
        scope: &Scope<'_>,
    ) -> Result<Trace, LineageError> {
        let arguments = self.expressions(arguments, scope)?;
        let all = arguments.into_iter().fold(Trace::default(), Trace::join);
        Ok(if PASS.contains(&function) {
            all
        } else {
            all.through(Way::Summarised)
        })
    }

    /// The one column of a subquery, and what decided about its row.
    fn subquery(&self, query: &Subquery, scope: &Scope<'_>) -> Result<Trace, LineageError> {
        let inner = self.plan(subplan(query), Some(scope))?;
        let mut found = inner
            .columns
            .into_iter()
            .fold(Trace::default(), Trace::join);
        found.selected.extend(inner.rows);
        Ok(found)
    }

    /// Whether there is a row, which is all that `EXISTS` asks.
    fn existence(&self, query: &Subquery, scope: &Scope<'_>) -> Result<Trace, LineageError> {
        let inner = self.plan(subplan(query), Some(scope))?;
        let origins = inner.grain.into_iter().chain(inner.rows);
        Ok(Trace {
            direct: origins.map(|origin| (origin, Way::Computed)).collect(),
            ..Trace::default()
        })
    }
}

impl Trace {
    fn into_computed(self) -> Self {
        self.through(Way::Computed)
    }
}

/// What is made of no column and of no value of the query counts the rows themselves.
fn counted(mut found: Trace, scope: &Scope<'_>) -> Trace {
    if found.direct.is_empty() && found.constants.is_empty() {
        let rows = scope.traced.grain.iter().cloned();
        found.direct = rows.map(|origin| (origin, Way::Summarised)).collect();
    }
    found
}

fn literal(value: &ScalarValue) -> Trace {
    let text = match value {
        value if value.is_null() => "NULL".to_owned(),
        value => match value.try_as_str().flatten() {
            Some(text) => format!("'{}'", text.replace('\'', "''")),
            None => value.to_string(),
        },
    };
    Trace {
        constants: [text].into(),
        ..Trace::default()
    }
}

fn text(expr: &Expr) -> Option<&str> {
    match expr {
        Expr::Literal(value, _) => value.try_as_str().flatten(),
        _ => None,
    }
}
