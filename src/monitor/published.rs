//! The views as analysts have them: only what may be published.
//!
//! A published view is a barrier. The view inside is run whole, judged, and kept; what a query asks
//! (its filters, its order, its limit, its casts) is done with what was published and never comes
//! near the rows inside. The plan of the view inside is not part of the plan of the query.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::compute::concat_batches;
use arrow::datatypes::SchemaRef;
use datafusion::catalog::{Session, TableProvider};
use datafusion::datasource::TableType;
use datafusion::datasource::memory::MemorySourceConfig;
use datafusion::error::{DataFusionError, Result as DfResult};
use datafusion::execution::session_state::SessionState;
use datafusion::logical_expr::{Expr, LogicalPlan};
use datafusion::physical_plan::{ExecutionPlan, collect};
use tokio::sync::OnceCell;

use super::publication::{self, PublicationError};
use crate::contract::model::{Publication, ViewColumn, ViewSpec};

/// The most rows of a view. More is no statistic, and would fill the memory.
const MOST_ROWS: usize = 1_000_000;

/// A view of which readers see what may be published. The release never changes, so neither does
/// that: it is computed when it is first asked for, once.
pub(super) struct PublishedView {
    schema: SchemaRef,
    columns: Vec<ViewColumn>,
    publication: Publication,
    /// The view inside, and the session that runs it. Nobody else has either.
    plan: LogicalPlan,
    inner: SessionState,
    rows: OnceCell<RecordBatch>,
}

impl fmt::Debug for PublishedView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PublishedView").finish_non_exhaustive()
    }
}

impl PublishedView {
    /// Puts the barrier around a planned view.
    ///
    /// # Errors
    /// When its rows cannot be judged as the contract asks.
    pub(super) fn new(
        spec: &ViewSpec,
        plan: LogicalPlan,
        inner: SessionState,
    ) -> Result<Self, PublicationError> {
        let schema =
            publication::published(plan.schema().as_arrow(), &spec.columns, &spec.publication)?;
        Ok(Self {
            schema,
            columns: spec.columns.clone(),
            publication: spec.publication.clone(),
            plan,
            inner,
            rows: OnceCell::new(),
        })
    }

    /// Runs the view inside and judges its rows.
    async fn publish(&self) -> DfResult<RecordBatch> {
        let mut inner = self.inner.clone();
        inner.mark_start_execution();
        let plan = inner.create_physical_plan(&self.plan).await?;
        let schema = plan.schema();
        let batches = collect(plan, inner.task_ctx()).await?;
        if batches.iter().map(RecordBatch::num_rows).sum::<usize>() > MOST_ROWS {
            let most = format!("a view has more than {MOST_ROWS} rows");
            return Err(DataFusionError::ResourcesExhausted(most));
        }
        let rows = concat_batches(&schema, &batches)?;
        publication::publish(&rows, &self.columns, &self.publication)
            .map_err(|e| DataFusionError::Internal(e.to_string()))
    }
}

impl TableProvider for PublishedView {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::View
    }

    // Filters stay outside: the trait says by default that none can be pushed down.
    fn scan<'life0, 'life1, 'life2, 'life3, 'async_trait>(
        &'life0 self,
        _: &'life1 dyn Session,
        projection: Option<&'life2 Vec<usize>>,
        _: &'life3 [Expr],
        _: Option<usize>,
    ) -> Later<'async_trait, DfResult<Arc<dyn ExecutionPlan>>>
    where
        'life0: 'async_trait,
        'life1: 'async_trait,
        'life2: 'async_trait,
        'life3: 'async_trait,
        Self: 'async_trait,
    {
        Box::pin(async move {
            let rows = self.rows.get_or_try_init(|| self.publish());
            let rows = rows
                .await
                .map_err(|e| DataFusionError::External(Box::new(Inside(e))))?;
            let rows = vec![vec![rows.clone()]];
            let plan = MemorySourceConfig::try_new_exec(&rows, self.schema(), projection.cloned())?;
            Ok(plan as Arc<dyn ExecutionPlan>)
        })
    }
}

/// A future as `async_trait` writes it.
type Later<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// What went wrong inside, over rows that nobody may see: the engine's words about it stay here.
#[derive(Debug, thiserror::Error)]
#[error("a view cannot be computed")]
pub(super) struct Inside(pub(super) DataFusionError);
