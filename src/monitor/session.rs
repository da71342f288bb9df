//! The sessions: an inner one in which views are planned and that nobody else ever holds, and the
//! analysts', which knows the schemas `monitor` and `beheer`. This is the only place that makes
//! either.

use std::num::NonZero;
use std::sync::Arc;

use datafusion::catalog::{
    CatalogProvider, CatalogProviderList, MemoryCatalogProvider, MemoryCatalogProviderList,
    SchemaProvider,
};
use datafusion::config::Dialect;
use datafusion::error::Result as DfResult;
use datafusion::execution::SessionStateDefaults;
use datafusion::execution::disk_manager::{DiskManagerBuilder, DiskManagerMode};
use datafusion::execution::memory_pool::GreedyMemoryPool;
use datafusion::execution::runtime_env::{RuntimeEnv, RuntimeEnvBuilder};
use datafusion::execution::session_state::{SessionState, SessionStateBuilder};
use datafusion::logical_expr::{AggregateUDF, ScalarUDF};
use datafusion::prelude::SessionConfig;

use super::clients;

/// The only catalog.
pub(super) const CATALOG: &str = "sluis";
/// The schema of the views, in which a name without a schema is looked up.
pub(super) const MONITOR: &str = "monitor";
/// The schema of the run history.
pub(super) const BEHEER: &str = "beheer";
/// The schema of the warehouse tables. Only views see it.
pub(super) const MAGAZIJN: &str = "magazijn";

/// What a query may use of the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Memory for the intermediate results of all queries of a monitor together, in bytes. They
    /// never go to disk.
    pub memory_bytes: usize,
    /// Threads.
    pub threads: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            memory_bytes: 512 << 20,
            threads: std::thread::available_parallelism().map_or(1, NonZero::get),
        }
    }
}

/// Functions of the engine that analysts do not get: those that tell about files or the program,
/// and those that make values of any size out of nothing, past the memory limit.
const WITHHELD: [&str; 11] = [
    "arrow_field",
    "arrow_metadata",
    "array_repeat",
    "array_resize",
    "file_row_index",
    "generate_series",
    "input_file_name",
    "range",
    "repeat",
    "version",
    "with_metadata",
];

/// Memory, and no disk, for all queries of one monitor.
pub(super) fn runtime(limits: Limits) -> DfResult<Arc<RuntimeEnv>> {
    let disk = DiskManagerBuilder::default().with_mode(DiskManagerMode::Disabled);
    RuntimeEnvBuilder::new()
        .with_memory_pool(Arc::new(GreedyMemoryPool::new(limits.memory_bytes)))
        .with_disk_manager_builder(disk)
        .build_arc()
}

/// The session in which views are planned and run. They may count clients.
pub(super) fn inner(
    runtime: &Arc<RuntimeEnv>,
    limits: Limits,
    schemas: Vec<(&str, Arc<dyn SchemaProvider>)>,
) -> DfResult<SessionState> {
    let mut functions = SessionStateDefaults::default_aggregate_functions();
    functions.push(clients::udaf());
    state(runtime, limits, schemas, functions)
}

/// The session that answers analysts.
pub(super) fn outer(
    runtime: &Arc<RuntimeEnv>,
    limits: Limits,
    schemas: Vec<(&str, Arc<dyn SchemaProvider>)>,
) -> DfResult<SessionState> {
    let functions = SessionStateDefaults::default_aggregate_functions();
    state(runtime, limits, schemas, functions)
}

/// A session that knows these schemas and nothing else: no file formats, no table factories, no
/// table functions, no information schema.
fn state(
    runtime: &Arc<RuntimeEnv>,
    limits: Limits,
    schemas: Vec<(&str, Arc<dyn SchemaProvider>)>,
    aggregates: Vec<Arc<AggregateUDF>>,
) -> DfResult<SessionState> {
    let catalog = MemoryCatalogProvider::new();
    for (name, schema) in schemas {
        catalog.register_schema(name, schema)?;
    }
    let catalogs = MemoryCatalogProviderList::new();
    catalogs.register_catalog(CATALOG.to_owned(), Arc::new(catalog));
    Ok(SessionStateBuilder::new()
        .with_config(config(limits))
        .with_runtime_env(Arc::clone(runtime))
        .with_catalog_list(Arc::new(catalogs))
        .with_expr_planners(SessionStateDefaults::default_expr_planners())
        .with_scalar_functions(scalar_functions())
        .with_aggregate_functions(aggregates)
        .with_window_functions(SessionStateDefaults::default_window_functions())
        .build())
}

fn config(limits: Limits) -> SessionConfig {
    let mut config = SessionConfig::new()
        .with_default_catalog_and_schema(CATALOG, MONITOR)
        .with_create_default_catalog_and_schema(false)
        .with_information_schema(false)
        .with_target_partitions(limits.threads.max(1));
    let options = config.options_mut();
    options.sql_parser.dialect = Dialect::PostgreSQL;
    options.sql_parser.map_string_types_to_utf8view = false;
    options.execution.parquet.schema_force_view_types = false;
    config
}

fn scalar_functions() -> Vec<Arc<ScalarUDF>> {
    let mut functions = SessionStateDefaults::default_scalar_functions();
    functions.retain(|f| !WITHHELD.contains(&f.name()));
    functions
}
