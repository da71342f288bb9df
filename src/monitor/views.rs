//! Planning the views: each `schemas/monitor/NAME.sql` becomes a plan over the warehouse tables, in
//! the order in which views use each other.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use arrow::datatypes::{Schema, SchemaRef};
use datafusion::catalog::{MemorySchemaProvider, SchemaProvider, TableProvider};
use datafusion::datasource::ViewTable;
use datafusion::error::{DataFusionError, Result as DfResult};
use datafusion::execution::session_state::SessionState;
use datafusion::logical_expr::LogicalPlan;
use datafusion::optimizer::Analyzer;
use datafusion::optimizer::analyzer::type_coercion::TypeCoercion;
use datafusion::sql::parser::Statement;

use super::Relation;
use super::error::MonitorError;
use super::published::PublishedView;
use super::session::{self, CATALOG, Limits, MAGAZIJN, MONITOR};
use super::statement::{self, Asked};
use crate::contract::model::{Contracts, ViewSpec};

struct Unplanned<'a> {
    spec: &'a ViewSpec,
    statement: Statement,
    uses: BTreeSet<String>,
}

/// Plans every view in `inner` and registers it in `schema`, which is the schema `monitor` of
/// `inner`: views that use views have their rows as they are. Returns the plans, by name of the view.
pub(super) async fn plan(
    inner: &SessionState,
    schema: &dyn SchemaProvider,
    specs: &BTreeMap<String, ViewSpec>,
) -> Result<BTreeMap<String, LogicalPlan>, MonitorError> {
    let mut plans = BTreeMap::new();
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
            let plan = planned.map_err(|e| fault(view.spec, &MonitorError::planning(&e)))?;
            fits(view.spec, plan.schema().as_arrow())?;
            let table = Arc::new(ViewTable::new(plan.clone(), None));
            schema
                .register_table(view.spec.name.clone(), table)
                .map_err(|e| fault(view.spec, &MonitorError::planning(&e)))?;
            plans.insert(view.spec.name.clone(), plan);
        }
        waiting = rest;
    }
    Ok(plans)
}

/// What every view says, by its name: a plan down to the tables of the warehouse, of which none has
/// a row. Not for running: it is what a view reads, not what of it may be published.
///
/// # Errors
/// When a view cannot be planned.
pub async fn view_plans(
    contracts: &Contracts,
) -> Result<BTreeMap<String, LogicalPlan>, MonitorError> {
    let engine = |e: DataFusionError| MonitorError::running(&e);
    let limits = Limits::default();
    let runtime = session::runtime(limits).map_err(engine)?;
    let monitor: Arc<dyn SchemaProvider> = Arc::new(MemorySchemaProvider::new());
    let schemas = vec![
        (MONITOR, Arc::clone(&monitor)),
        (MAGAZIJN, super::tables(None, contracts)?),
    ];
    let inner = session::inner(&runtime, limits, schemas).map_err(engine)?;
    plan(&inner, monitor.as_ref(), &contracts.views).await
}

/// The schema `monitor` of the analysts: of every view what may be published.
pub(super) fn publish(
    inner: &SessionState,
    mut plans: BTreeMap<String, LogicalPlan>,
    specs: &BTreeMap<String, ViewSpec>,
) -> Result<(Arc<dyn SchemaProvider>, Vec<Relation>), MonitorError> {
    let schema = MemorySchemaProvider::new();
    let mut relations = Vec::new();
    for spec in specs.values() {
        let Some(plan) = plans.remove(&spec.name) else {
            continue;
        };
        let view =
            PublishedView::new(spec, plan, inner.clone()).map_err(|e| MonitorError::View {
                path: spec.path.clone(),
                message: e.to_string(),
            })?;
        relations.push(relation(spec, &view.schema()));
        schema
            .register_table(spec.name.clone(), Arc::new(view))
            .map_err(|e| fault(spec, &MonitorError::planning(&e)))?;
    }
    Ok((Arc::new(schema), relations))
}

/// What there is to say about a view and its columns.
fn relation(spec: &ViewSpec, schema: &SchemaRef) -> Relation {
    let mut relation = super::relation(
        MONITOR,
        &spec.name,
        &spec.title,
        spec.documentation.clone(),
        schema,
    );
    for column in &mut relation.columns {
        let stated = spec.columns.iter().find(|c| c.name == column.name);
        match stated {
            Some(stated) => {
                column.documentation.clone_from(&stated.documentation);
                column.role = Some(stated.role.clone());
            }
            None => REASON.clone_into(&mut column.documentation),
        }
    }
    relation
}

/// What the column that the monitor adds holds.
const REASON: &str = "Waarom cijfers in deze rij leeg zijn: kleine aantallen (te weinig cliënten, of \
                      nodig om een ander klein aantal te verbergen) of dominantie (één bijdrage is \
                      bijna het hele bedrag). Leeg: er is niets verborgen.";

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

async fn one(inner: &SessionState, statement: Statement) -> DfResult<LogicalPlan> {
    let plan = inner.statement_to_plan(statement).await?;
    super::queries_only().verify_plan(&plan)?;
    // So that the view's columns have the types that its rows will have.
    Analyzer::with_rules(vec![Arc::new(TypeCoercion::new())]).execute_and_check(
        plan,
        inner.config_options(),
        |_, _| {},
    )
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
