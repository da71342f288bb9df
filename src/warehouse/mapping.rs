//! Mappings: SQL from `levering`, the treated rows of one delivery, to a table of the warehouse.
//!
//! In: treated batches as they come from the lock, and the tables of sources that ran before. Out:
//! batches with the columns of the table, in the order of the delivery. A mapping cannot leak: it
//! never sees what the lock removed. It streams: `levering` can be read once, and is never held whole
//! unless the SQL itself asks for it (an aggregate, a sort), for which the memory is bounded too.

use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex};

use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, SchemaRef};
use datafusion::catalog::streaming::StreamingTable;
use datafusion::catalog::{MemorySchemaProvider, SchemaProvider, TableProvider};
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::error::DataFusionError;
use datafusion::execution::memory_pool::GreedyMemoryPool;
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::logical_expr::LogicalPlan;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::streaming::PartitionStream;
use datafusion::prelude::{DataFrame, SQLOptions, SessionConfig, SessionContext};
use futures::StreamExt;
use thiserror::Error;
use tokio::sync::mpsc::{Receiver, Sender, channel};

use super::scan::{self, ScanError};
use crate::contract::model::{Contracts, Mapping, SourcePlan, TableKind, TableSpec};
use crate::error::{Class, Classified};
use crate::lock::Treated;

/// The name under which a mapping sees the delivery.
pub const DELIVERY: &str = "levering";
/// The schema under which a mapping sees tables of the warehouse.
pub const WAREHOUSE: &str = "magazijn";
/// The column by which a mapping of an incremental source says that a row is deleted.
pub const DELETED: &str = "_verwijderd";

/// Batches that may wait between the lock and a mapping: enough that the lock goes on with the next
/// pieces while a mapping works through the last ones.
const WAITING: usize = 16;

/// Why a mapping does not work.
#[derive(Debug, Error)]
pub enum MappingError {
    /// It does not fit its table or the delivery.
    #[error("{path}: {what}")]
    Shape {
        /// The mapping's file.
        path: String,
        /// What does not fit.
        what: String,
    },
    /// The engine stopped while rows went through. Its message may hold a value, so it is not kept.
    #[error("{path}: the mapping failed on a row of the delivery")]
    Execution {
        /// The mapping's file.
        path: String,
    },
    /// What it must hold does not fit the memory that it may use.
    #[error("{path}: the mapping needs more memory than the {mib} MiB that it may use")]
    Memory {
        /// The mapping's file.
        path: String,
        /// The limit.
        mib: usize,
    },
    /// The engine could not be set up.
    #[error("the SQL engine cannot be set up: {0}")]
    Engine(String),
}

impl Classified for MappingError {
    fn class(&self) -> Class {
        match self {
            Self::Shape { .. } => Class::User,
            Self::Execution { .. } | Self::Memory { .. } => Class::Data,
            Self::Engine(_) => Class::Environment,
        }
    }

    fn remedy(&self) -> Option<String> {
        match self {
            Self::Shape { .. } => Some(
                "correct the mapping or the table's schema; `sluis check` tells whether they fit"
                    .into(),
            ),
            Self::Execution { .. } => Some(
                "make the mapping hold for every row: use TRY_CAST, NULLIF and COALESCE".into(),
            ),
            Self::Memory { .. } => Some("raise run.mapping_mib".into()),
            Self::Engine(_) => None,
        }
    }
}

/// The door through which treated batches reach a mapping.
pub struct Feed(Sender<RecordBatch>);

impl Feed {
    /// Hands over a batch and waits while the mapping is behind. `false` when the mapping has ended.
    #[must_use]
    pub fn send(&self, treated: &Treated) -> bool {
        self.0.blocking_send(treated.batch().clone()).is_ok()
    }
}

/// A mapping that was planned and waits for its feed.
pub struct PlannedMapping {
    path: String,
    frame: DataFrame,
    memory: usize,
}

/// Tables of the warehouse by name.
pub type Tables = Vec<(String, Arc<dyn TableProvider>)>;

/// The tables that the mappings of a source may read, without a row: enough to plan with.
///
/// # Errors
/// When a table cannot be opened, which would be a fault of ours.
pub fn empty_tables(plan: &SourcePlan, contracts: &Contracts) -> Result<Tables, ScanError> {
    let before = contracts
        .sources
        .iter()
        .filter(|p| plan.pipeline.after.contains(&p.contract.id));
    let names: BTreeSet<&String> = before
        .flat_map(|p| p.mappings.iter().map(|m| &m.table))
        .collect();
    let specs = names.into_iter().filter_map(|n| contracts.tables.get(n));
    specs
        .map(|spec| {
            let table = scan::table_provider(spec, Path::new("/"), &[])?;
            Ok((spec.name.clone(), table))
        })
        .collect()
}

/// Plans a mapping: the SQL against the schema of the treated rows, its output against the table.
///
/// # Errors
/// [`MappingError::Shape`] with what does not fit.
pub fn plan(
    mapping: &Mapping,
    spec: &TableSpec,
    incremental: bool,
    levering: &SchemaRef,
    tables: Tables,
    memory: usize,
) -> Result<(Feed, PlannedMapping), MappingError> {
    let shape = |what: String| MappingError::Shape {
        path: mapping.path.clone(),
        what,
    };
    let (sender, receiver) = channel(WAITING);
    let context = session(memory)?;
    let engine = |e: DataFusionError| MappingError::Engine(e.strip_backtrace());
    let stream = DeliveryStream {
        schema: Arc::clone(levering),
        receiver: Mutex::new(Some(receiver)),
    };
    let delivery =
        StreamingTable::try_new(Arc::clone(levering), vec![Arc::new(stream)]).map_err(engine)?;
    register(&context, Arc::new(delivery), tables).map_err(engine)?;
    let options = SQLOptions::new()
        .with_allow_ddl(false)
        .with_allow_dml(false)
        .with_allow_statements(false);
    let planned = runtime()?.block_on(context.sql_with_options(&mapping.sql, options));
    let frame = planned.map_err(|e| shape(e.strip_backtrace()))?;
    match scans(frame.logical_plan()) {
        1 => {}
        0 => return Err(shape(format!("it does not read `{DELIVERY}`"))),
        _ => {
            return Err(shape(format!(
                "it reads `{DELIVERY}` more than once, but a delivery streams past once"
            )));
        }
    }
    fits(frame.schema().as_arrow(), spec, incremental).map_err(shape)?;
    Ok((
        Feed(sender),
        PlannedMapping {
            path: mapping.path.clone(),
            frame,
            memory,
        },
    ))
}

impl PlannedMapping {
    /// The plan, before anything is made of it: what the mapping says.
    #[must_use]
    pub fn logical_plan(&self) -> &LogicalPlan {
        self.frame.logical_plan()
    }

    /// Runs the mapping until its feed is closed and hands every batch to `take`, in order. Blocks the
    /// calling thread.
    ///
    /// # Errors
    /// [`MappingError::Execution`], or what `take` returns.
    pub fn run<E: From<MappingError>>(
        self,
        mut take: impl FnMut(&RecordBatch) -> Result<(), E>,
    ) -> Result<(), E> {
        let failed = |error: DataFusionError| match error.find_root() {
            DataFusionError::ResourcesExhausted(_) => MappingError::Memory {
                path: self.path.clone(),
                mib: self.memory >> 20,
            },
            _ => MappingError::Execution {
                path: self.path.clone(),
            },
        };
        runtime()?.block_on(async {
            let mut stream = self.frame.execute_stream().await.map_err(failed)?;
            while let Some(batch) = stream.next().await {
                take(&batch.map_err(failed)?)?;
            }
            Ok(())
        })
    }
}

fn runtime() -> Result<tokio::runtime::Runtime, MappingError> {
    tokio::runtime::Builder::new_current_thread()
        .build()
        .map_err(|e| MappingError::Engine(e.kind().to_string()))
}

fn session(memory: usize) -> Result<SessionContext, MappingError> {
    let runtime = RuntimeEnvBuilder::new()
        .with_memory_pool(Arc::new(GreedyMemoryPool::new(memory)))
        .build_arc()
        .map_err(|e| MappingError::Engine(e.strip_backtrace()))?;
    // One partition: rows keep the order of the delivery, so the same delivery gives the same files.
    let config = SessionConfig::new()
        .with_target_partitions(1)
        .with_batch_size(32 * 1024)
        .with_default_catalog_and_schema("sluis", "lever");
    Ok(SessionContext::new_with_config_rt(config, runtime))
}

fn register(
    context: &SessionContext,
    delivery: Arc<dyn TableProvider>,
    tables: Tables,
) -> datafusion::error::Result<()> {
    let catalog = context
        .catalog("sluis")
        .ok_or_else(|| DataFusionError::Internal("no catalog".into()))?;
    let own = MemorySchemaProvider::new();
    own.register_table(DELIVERY.into(), delivery)?;
    catalog.register_schema("lever", Arc::new(own))?;
    let shared = MemorySchemaProvider::new();
    for (name, table) in tables {
        shared.register_table(name, table)?;
    }
    catalog.register_schema(WAREHOUSE, Arc::new(shared))?;
    Ok(())
}

fn scans(plan: &LogicalPlan) -> usize {
    let mut count = 0;
    // The closure never fails.
    let _ = plan.apply_with_subqueries(|node| {
        if let LogicalPlan::TableScan(scan) = node {
            count += usize::from(scan.table_name.table() == DELIVERY);
        }
        Ok(TreeNodeRecursion::Continue)
    });
    count
}

/// Whether the output of a mapping has exactly the columns of its table, in types that fit.
fn fits(
    output: &arrow::datatypes::Schema,
    spec: &TableSpec,
    incremental: bool,
) -> Result<(), String> {
    for field in output.fields() {
        let known = spec.columns.iter().any(|c| c.name == *field.name())
            || (incremental && field.name() == DELETED);
        if !known {
            return Err(format!(
                "it makes a column `{}` that table `{}` does not have",
                field.name(),
                spec.name
            ));
        }
    }
    for column in &spec.columns {
        let field = output.field_with_name(&column.name).map_err(|_| {
            format!(
                "it makes no column `{}` for table `{}`",
                column.name, spec.name
            )
        })?;
        if !fits_kind(field.data_type(), column.kind) {
            return Err(format!(
                "column `{}` is {}, which does not fit the table's type",
                column.name,
                field.data_type()
            ));
        }
    }
    match output.field_with_name(DELETED) {
        Err(_) if incremental => Err(format!(
            "an incremental source's mapping must make the boolean column `{DELETED}`"
        )),
        Ok(field) if *field.data_type() != DataType::Boolean => {
            Err(format!("column `{DELETED}` must be boolean"))
        }
        _ => Ok(()),
    }
}

fn fits_kind(found: &DataType, kind: TableKind) -> bool {
    match (kind, found) {
        (TableKind::Text, DataType::Dictionary(_, value)) => matches!(**value, DataType::Utf8),
        (TableKind::Integer, found) => found.is_integer(),
        (TableKind::Text, DataType::Utf8 | DataType::Utf8View | DataType::LargeUtf8)
        | (TableKind::Date, DataType::Date32)
        | (TableKind::Boolean, DataType::Boolean)
        | (TableKind::Pseudonym, DataType::FixedSizeBinary(16)) => true,
        _ => false,
    }
}

/// `levering`: the batches that arrive, once.
struct DeliveryStream {
    schema: SchemaRef,
    receiver: Mutex<Option<Receiver<RecordBatch>>>,
}

impl fmt::Debug for DeliveryStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(DELIVERY)
    }
}

impl PartitionStream for DeliveryStream {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn execute(&self, _: Arc<TaskContext>) -> SendableRecordBatchStream {
        let receiver = self.receiver.lock().ok().and_then(|mut r| r.take());
        let batches = futures::stream::unfold(receiver, |receiver| async {
            let mut receiver = receiver?;
            let batch = receiver.recv().await?;
            Some((Ok(batch), Some(receiver)))
        });
        Box::pin(RecordBatchStreamAdapter::new(
            Arc::clone(&self.schema),
            batches,
        ))
    }
}
