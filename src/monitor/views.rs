//! Planning the views: each `schemas/monitor/NAME.sql` becomes a plan over the warehouse tables, in
//! the order in which views use each other.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use arrow::datatypes::Schema;
use datafusion::catalog::{MemorySchemaProvider, SchemaProvider, TableProvider};
use datafusion::datasource::ViewTable;
use datafusion::error::{DataFusionError, Result as DfResult};
use datafusion::execution::session_state::SessionState;
use datafusion::logical_expr::LogicalPlan;
use datafusion::optimizer::Analyzer;
use datafusion::optimizer::analyzer::type_coercion::TypeCoercion;
use datafusion::sql::parser::Statement;

use super::error::MonitorError;
use super::session::{self, CATALOG, Limits, MAGAZIJN, MONITOR};
use super::statement::{self, Asked};
use crate::contract::model::{Contracts, ViewSpec};

struct Unplanned<'a> {
    spec: &'a ViewSpec,
    statement: Statement,
    uses: BTreeSet<String>,
}

/// Plans every view in `inner` and registers it in `schema`, which is the schema `monitor` of
/// `inner`.
pub(super) async fn plan(
    inner: &SessionState,
    schema: &dyn SchemaProvider,
    specs: &BTreeMap<String, ViewSpec>,
) -> Result<(), MonitorError> {
    let mut waiting = specs
        .values()
        .map(|spec| read(inner, specs, spec))
        .collect::<Result<Vec<_>, _>>()?;
    while !waiting.is_empty() {
        let names: BTreeSet<_> = waiting.iter().map(|view| view.spec.name.clone()).collect();
        let (ready, rest): (Vec<_>, Vec<_>) = waiting
            .into_iter()
            .partition(|view| view.uses.is_disjoint(&names));
        if ready.is_empty() {
            return Err(circle(&rest));
        }
        for view in ready {
            let planned = one(inner, view.statement).await;
            let table = planned.map_err(|e| fault(view.spec, &MonitorError::planning(&e)))?;
            fits(view.spec, &table.schema())?;
            schema
                .register_table(view.spec.name.clone(), table)
                .map_err(|e| fault(view.spec, &MonitorError::planning(&e)))?;
        }
        waiting = rest;
    }
    Ok(())
}

/// A view as it is planned, down to the tables of the warehouse.
#[derive(Clone, Debug)]
pub struct ViewPlan {
    /// Its name.
    pub name: String,
    /// What its query says. It never runs.
    pub plan: LogicalPlan,
}

/// Plans every view over tables without rows.
///
/// # Errors
/// When a view cannot be planned.
pub async fn view_plans(contracts: &Contracts) -> Result<Vec<ViewPlan>, MonitorError> {
    let engine = |e: DataFusionError| MonitorError::running(&e);
    let limits = Limits::default();
    let runtime = session::runtime(limits).map_err(engine)?;
    let monitor: Arc<dyn SchemaProvider> = Arc::new(MemorySchemaProvider::new());
    let schemas = vec![
        (MONITOR, Arc::clone(&monitor)),
        (MAGAZIJN, super::tables(None, contracts)?),
    ];
    let inner = session::inner(&runtime, limits, schemas).map_err(engine)?;
    plan(&inner, monitor.as_ref(), &contracts.views).await?;
    let mut plans = Vec::new();
    for name in contracts.views.keys() {
        let table = monitor.table(name).await.map_err(engine)?;
        if let Some(plan) = table.as_ref().and_then(|table| table.get_logical_plan()) {
            plans.push(ViewPlan {
                name: name.clone(),
                plan: plan.into_owned(),
            });
        }
    }
    Ok(plans)
}

fn read<'a>(
    inner: &SessionState,
    specs: &BTreeMap<String, ViewSpec>,
    spec: &'a ViewSpec,
) -> Result<Unplanned<'a>, MonitorError> {
    let statement = match statement::read(&spec.sql).map_err(|e| fault(spec, &e))? {
        Asked::Query(statement) => statement,
        Asked::Tables => {
            let what = "SHOW".to_owned();
            return Err(fault(spec, &MonitorError::NotAQuery { what }));
        }
    };
    let references = inner
        .resolve_table_references(&statement)
        .map_err(|e| fault(spec, &MonitorError::planning(&e)))?;
    let uses = references
        .into_iter()
        .map(|reference| reference.resolve(CATALOG, MONITOR))
        .filter(|name| &*name.schema == MONITOR && specs.contains_key(&*name.table))
        .map(|name| name.table.to_string())
        .collect();
    Ok(Unplanned {
        spec,
        statement,
        uses,
    })
}

async fn one(inner: &SessionState, statement: Statement) -> DfResult<Arc<dyn TableProvider>> {
    let plan = inner.statement_to_plan(statement).await?;
    super::queries_only().verify_plan(&plan)?;
    // So that the view's columns have the types that its rows will have.
    let coerced = Analyzer::with_rules(vec![Arc::new(TypeCoercion::new())]).execute_and_check(
        plan,
        inner.config_options(),
        |_, _| {},
    )?;
    Ok(Arc::new(ViewTable::new(coerced, None)))
}

/// The columns that the contract names are those of the query, in its order: the rules of
/// publication stand on what the contract says of them.
fn fits(spec: &ViewSpec, schema: &Schema) -> Result<(), MonitorError> {
    let stated = spec.columns.iter().map(|column| &column.name);
    if stated.eq(schema.fields().iter().map(|field| field.name())) {
        return Ok(());
    }
    let names = |names: Vec<&str>| names.join(", ");
    Err(MonitorError::View {
        path: spec.path.clone(),
        message: format!(
            "the query has the columns {}; the file beside it names {}",
            names(schema.fields().iter().map(|f| f.name().as_str()).collect()),
            names(spec.columns.iter().map(|c| c.name.as_str()).collect()),
        ),
    })
}

fn fault(spec: &ViewSpec, error: &MonitorError) -> MonitorError {
    MonitorError::View {
        path: spec.path.clone(),
        message: error.to_string(),
    }
}

fn circle(views: &[Unplanned<'_>]) -> MonitorError {
    let names: Vec<_> = views.iter().map(|view| view.spec.name.as_str()).collect();
    MonitorError::View {
        path: views
            .first()
            .map_or_else(String::new, |view| view.spec.path.clone()),
        message: format!(
            "these views use each other in a circle: {}",
            names.join(", ")
        ),
    }
}
