//! The monitor: SQL over one release.
//!
//! Analysts reach the views of schema `monitor` and the run history in schema `beheer`. Warehouse
//! tables, files and settings are out of reach, not by inspecting queries but because the session
//! that answers them does not know any. Every query, from whichever door, goes through
//! [`Monitor::query`]; the gate will stand there.

mod beheer;
mod bounds;
mod clients;
mod error;
pub mod publication;
mod published;
mod session;
mod statement;
#[cfg(test)]
mod tests;
mod views;

use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringArray};
use arrow::datatypes::{DataType, SchemaRef};
use datafusion::catalog::{MemorySchemaProvider, SchemaProvider};
use datafusion::error::DataFusionError;
use datafusion::execution::context::SQLOptions;
use datafusion::execution::session_state::SessionState;
use datafusion::physical_plan::execute_stream;
use futures::stream::{self, BoxStream, StreamExt, TryStreamExt};

pub use error::MonitorError;
pub use session::Limits;
pub use views::view_plans;

use crate::contract::model::{Contracts, Role};
use crate::warehouse::manifest::FileEntry;
use crate::warehouse::release::Release;
use crate::warehouse::scan;
use session::{BEHEER, MAGAZIJN, MONITOR};
use statement::Asked;

/// A release, ready for questions. It can be shared; every query stands on its own.
pub struct Monitor {
    state: SessionState,
    relations: Vec<Relation>,
}

/// A view or table that analysts can ask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relation {
    /// `monitor` or `beheer`.
    pub schema: &'static str,
    /// Its name.
    pub name: String,
    /// A heading for readers, in Dutch.
    pub title: String,
    /// What it holds, in Dutch.
    pub documentation: String,
    /// Its columns.
    pub columns: Vec<RelationColumn>,
}

/// A column of a view or table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RelationColumn {
    /// Its name.
    pub name: String,
    /// Its type in the words of the warehouse (`geheel`, `tekst`, ...).
    pub kind: String,
    /// What it holds, in Dutch; empty where nothing is said about it.
    pub documentation: String,
    /// What it is to the rules of publication, of a view's own columns.
    pub role: Option<Role>,
}

/// The answer to a query, which comes in batches.
pub struct Answer {
    schema: SchemaRef,
    batches: BoxStream<'static, Result<RecordBatch, MonitorError>>,
}

impl Answer {
    /// The columns of the answer.
    #[must_use]
    pub fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    /// The next batch; `None` at the end.
    pub async fn next(&mut self) -> Option<Result<RecordBatch, MonitorError>> {
        self.batches.next().await
    }

    /// The whole answer.
    ///
    /// # Errors
    /// When the query fails while it runs.
    pub async fn collect(self) -> Result<Vec<RecordBatch>, MonitorError> {
        self.batches.try_collect().await
    }
}

impl Monitor {
    /// Opens the monitor over a release. Without a release every view is empty and only the run
    /// history has something to tell.
    ///
    /// # Errors
    /// When a view of the contracts cannot be planned, or the manifest names a misplaced file.
    pub async fn open(
        release: Option<&Release>,
        contracts: &Contracts,
        warehouse: &Path,
        limits: Limits,
    ) -> Result<Self, MonitorError> {
        let engine = |e: DataFusionError| MonitorError::running(&e);
        let runtime = session::runtime(limits).map_err(engine)?;
        let monitor: Arc<dyn SchemaProvider> = Arc::new(MemorySchemaProvider::new());
        let inner = vec![
            (MONITOR, Arc::clone(&monitor)),
            (MAGAZIJN, tables(release, contracts)?),
        ];
        let inner = session::inner(&runtime, limits, inner).map_err(engine)?;
        let plans = views::plan(&inner, monitor.as_ref(), &contracts.views).await?;
        let (monitor, mut relations) = views::publish(&inner, plans, &contracts.views)?;
        let (beheer, history) = beheer::schema(release, warehouse).map_err(engine)?;
        relations.extend(history);
        relations.sort_by(|a, b| (b.schema, &a.name).cmp(&(a.schema, &b.name)));
        let outer = vec![(MONITOR, monitor), (BEHEER, beheer)];
        let state = session::outer(&runtime, limits, outer).map_err(engine)?;
        Ok(Self { state, relations })
    }

    /// Answers one query. Nothing but a query is accepted, and it reaches nothing but the views
    /// and the run history.
    ///
    /// # Errors
    /// When the text is not one query, or the query does not fit the views. What goes wrong later
    /// comes from the answer.
    pub async fn query(&self, sql: &str) -> Result<Answer, MonitorError> {
        let (state, sql) = (self.state.clone(), sql.to_owned());
        match bounds::roomy(async move { ask(state, &sql).await }).await?? {
            Some(answer) => Ok(answer),
            None => self.tables(),
        }
    }

    /// Everything that can be asked: the views first, then the run history.
    #[must_use]
    pub fn views(&self) -> &[Relation] {
        &self.relations
    }

    /// A view or table by name, with or without its schema.
    #[must_use]
    pub fn describe(&self, name: &str) -> Option<&Relation> {
        let name = name.to_lowercase();
        let (schema, name) = name.split_once('.').unwrap_or((MONITOR, &name));
        self.relations
            .iter()
            .find(|r| r.schema == schema && r.name == name)
    }

    /// The views and tables that a query names, in the order of [`Monitor::views`].
    ///
    /// # Errors
    /// When the text is not one query.
    pub async fn relations_of(&self, sql: &str) -> Result<Vec<Relation>, MonitorError> {
        let (state, sql) = (self.state.clone(), sql.to_owned());
        let named = bounds::roomy(async move { statement::named(&state, &sql) }).await??;
        let known = self.relations.iter();
        let known = known.filter(|r| named.contains(&(r.schema.to_owned(), r.name.clone())));
        Ok(known.cloned().collect())
    }

    /// The names of the functions that a query may use, sorted.
    #[must_use]
    pub fn functions(&self) -> Vec<String> {
        let scalar = self.state.scalar_functions().keys();
        let aggregate = self.state.aggregate_functions().keys();
        let window = self.state.window_functions().keys();
        let higher = self.state.higher_order_functions().keys();
        let table = self.state.table_functions().keys();
        let mut names: Vec<_> = scalar
            .chain(aggregate)
            .chain(window)
            .chain(higher)
            .chain(table)
            .cloned()
            .collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    fn tables(&self) -> Result<Answer, MonitorError> {
        let column = |text: fn(&Relation) -> &str| -> ArrayRef {
            Arc::new(StringArray::from_iter_values(
                self.relations.iter().map(text),
            ))
        };
        let batch = RecordBatch::try_from_iter([
            ("schema", column(|r| r.schema)),
            ("naam", column(|r| &r.name)),
            ("betekenis", column(|r| first_line(&r.documentation))),
        ])
        .map_err(|e| MonitorError::running(&e.into()))?;
        Ok(Answer {
            schema: batch.schema(),
            batches: stream::iter([Ok(batch)]).boxed(),
        })
    }
}

/// The answer to a text; `None` when it asks for the list of views.
async fn ask(mut state: SessionState, sql: &str) -> Result<Option<Answer>, MonitorError> {
    let planning = |e: DataFusionError| MonitorError::planning(&e);
    bounds::text(sql)?;
    let Asked::Query(statement) = statement::read(sql)? else {
        return Ok(None);
    };
    state.mark_start_execution();
    let plan = state.statement_to_plan(statement).await.map_err(planning)?;
    queries_only().verify_plan(&plan).map_err(planning)?;
    bounds::plan(&plan)?;
    let plan = state.create_physical_plan(&plan).await.map_err(planning)?;
    let batches = execute_stream(plan, state.task_ctx()).map_err(planning)?;
    let schema = batches.schema();
    Ok(Some(Answer {
        schema,
        batches: batches.map_err(|e| MonitorError::running(&e)).boxed(),
    }))
}

/// Neither a plan of a view nor one of an analyst may change anything.
fn queries_only() -> SQLOptions {
    SQLOptions::new()
        .with_allow_ddl(false)
        .with_allow_dml(false)
        .with_allow_statements(false)
}

/// The schema `magazijn` over the files of a release.
fn tables(
    release: Option<&Release>,
    contracts: &Contracts,
) -> Result<Arc<dyn SchemaProvider>, MonitorError> {
    let schema = MemorySchemaProvider::new();
    for spec in contracts.tables.values() {
        let files: Vec<FileEntry> = release
            .iter()
            .flat_map(|r| {
                r.manifest
                    .files
                    .iter()
                    .filter(|f| f.table == spec.name)
                    .cloned()
            })
            .collect();
        let root = release.map_or(Path::new("/"), |r| &r.root);
        let table = scan::table_provider(spec, root, &files)?;
        schema
            .register_table(spec.name.clone(), table)
            .map_err(|e| MonitorError::running(&e))?;
    }
    Ok(Arc::new(schema))
}

fn relation(
    schema: &'static str,
    name: &str,
    title: &str,
    documentation: String,
    columns: &SchemaRef,
) -> Relation {
    let column = |f: &arrow::datatypes::FieldRef| RelationColumn {
        name: f.name().clone(),
        kind: kind(f.data_type()),
        documentation: String::new(),
        role: None,
    };
    let columns = columns.fields().iter().map(column).collect();
    Relation {
        schema,
        name: name.to_owned(),
        title: title.to_owned(),
        documentation,
        columns,
    }
}

/// The type in the words of the warehouse.
pub(crate) fn kind(data_type: &DataType) -> String {
    match data_type {
        t if t.is_integer() => "geheel".to_owned(),
        t if t.is_floating() => "getal".to_owned(),
        DataType::Decimal128(..) | DataType::Decimal256(..) => "getal".to_owned(),
        t if t.is_string() => "tekst".to_owned(),
        DataType::Boolean => "ja-nee".to_owned(),
        DataType::Date32 | DataType::Date64 => "datum".to_owned(),
        DataType::Timestamp(..) => "tijdstip".to_owned(),
        DataType::FixedSizeBinary(16) => "pseudoniem".to_owned(),
        other => other.to_string().to_lowercase(),
    }
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}
