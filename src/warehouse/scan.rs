//! Reading a warehouse table: the Arrow schema of a table, and a provider over exactly the files
//! that a manifest names for it. Folders are never listed, so a reader sees what was published and
//! nothing else.
//!
//! The partition columns come from the path (`jaar=2024/wijk=oost`); a filter on them leaves out
//! files before any is opened. What is known of a file without opening it (rows, size) comes from
//! the manifest.

use std::future::Future;
use std::path::{Component, Path};
use std::pin::Pin;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, RecordBatch};
use arrow::compute::and;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::stats::Precision;
use datafusion::common::tree_node::TreeNode;
use datafusion::common::{ColumnStatistics, DFSchema, ScalarValue, Statistics};
use datafusion::datasource::file_format::FileFormat;
use datafusion::datasource::file_format::parquet::ParquetFormat;
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::listing::helpers::expr_applicable_for_cols;
use datafusion::datasource::physical_plan::{FileGroup, FileScanConfigBuilder};
use datafusion::datasource::table_schema::TableSchema;
use datafusion::error::{DataFusionError, Result as DfResult};
use datafusion::execution::object_store::ObjectStoreUrl;
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown, TableType};
use datafusion::object_store::ObjectMeta;
use datafusion::object_store::path::Path as StorePath;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::empty::EmptyExec;

use super::manifest::FileEntry;
use crate::contract::model::{TableColumn, TableKind, TableSpec};
use crate::error::{Class, Classified};

/// Why a table cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ScanError {
    /// A file of the manifest lies outside the release or not where its table's files lie.
    #[error("the manifest names a file that does not lie where files of table {table} lie")]
    Misplaced {
        /// The table.
        table: String,
    },
    /// Arrow or the query engine refused something that we made.
    #[error("table {table} cannot be opened")]
    Engine {
        /// The table.
        table: String,
        /// What it said.
        source: Box<DataFusionError>,
    },
}

impl Classified for ScanError {
    fn class(&self) -> Class {
        match self {
            Self::Misplaced { .. } => Class::Environment,
            Self::Engine { .. } => Class::Bug,
        }
    }
}

/// The Arrow type of a warehouse column.
#[must_use]
pub const fn data_type(kind: TableKind) -> DataType {
    match kind {
        TableKind::Pseudonym => DataType::FixedSizeBinary(16),
        TableKind::Text => DataType::Utf8,
        TableKind::Date => DataType::Date32,
        TableKind::Integer => DataType::Int64,
        TableKind::Boolean => DataType::Boolean,
    }
}

/// The schema of the files of a table: its columns in the order of the specification, without the
/// partition columns, which are in the path.
#[must_use]
pub fn file_schema(spec: &TableSpec) -> SchemaRef {
    Arc::new(Schema::new(
        file_columns(spec).map(field).collect::<Vec<_>>(),
    ))
}

/// The schema of a table: that of its files, then the partition columns in the order of the
/// folders.
#[must_use]
pub fn arrow_schema(spec: &TableSpec) -> SchemaRef {
    let columns = file_columns(spec).chain(partition_columns(spec));
    Arc::new(Schema::new(columns.map(field).collect::<Vec<_>>()))
}

/// A table over exactly these files, which lie below `root` (absolute). No file is opened before
/// a query asks for it.
///
/// Columns of a file that the specification does not know are not read; a column that an older
/// file does not have yet is NULL, so its columns are nullable here, also the required ones.
///
/// # Errors
/// When a file does not lie where the files of the table must lie.
pub fn table_provider(
    spec: &TableSpec,
    root: &Path,
    files: &[FileEntry],
) -> Result<Arc<dyn TableProvider>, ScanError> {
    let engine = |source| ScanError::Engine {
        table: spec.name.clone(),
        source: Box::new(source),
    };
    let mut opened = Vec::with_capacity(files.len());
    for file in files {
        let misplaced = || ScanError::Misplaced {
            table: spec.name.clone(),
        };
        let values = partition_values(spec, &file.path).ok_or_else(misplaced)?;
        let location =
            StorePath::from_absolute_path(root.join(&file.path)).map_err(|_| misplaced())?;
        opened.push(partitioned_file(spec, file, location, values));
    }
    // By path: the rows of a table come in the same order whatever order the manifest has.
    opened.sort_unstable_by(|a, b| a.object_meta.location.cmp(&b.object_meta.location));
    Ok(Arc::new(
        ReleaseTable::try_new(spec, opened).map_err(engine)?,
    ))
}

fn field(column: &TableColumn) -> Field {
    Field::new(&column.name, data_type(column.kind), !column.required)
}

fn file_columns(spec: &TableSpec) -> impl Iterator<Item = &TableColumn> {
    spec.columns
        .iter()
        .filter(|c| !spec.partition.contains(&c.name))
}

fn partition_columns(spec: &TableSpec) -> impl Iterator<Item = &TableColumn> {
    spec.partition
        .iter()
        .filter_map(|name| spec.columns.iter().find(|c| c.name == *name))
}

/// The values in `TABLE/jaar=2024/wijk=oost/FILE`, or `None` when the path has another form.
fn partition_values(spec: &TableSpec, path: &str) -> Option<Vec<ScalarValue>> {
    let plain = Path::new(path)
        .components()
        .all(|c| matches!(c, Component::Normal(_)));
    let mut folders = path.split('/');
    if !plain || folders.next() != Some(spec.name.as_str()) {
        return None;
    }
    let mut values = Vec::with_capacity(spec.partition.len());
    for column in partition_columns(spec) {
        let (name, text) = folders.next()?.split_once('=')?;
        if name != column.name {
            return None;
        }
        values.push(ScalarValue::try_from_string(text.to_owned(), &data_type(column.kind)).ok()?);
    }
    folders.next()?;
    folders.next().is_none().then_some(values)
}

fn partitioned_file(
    spec: &TableSpec,
    file: &FileEntry,
    location: StorePath,
    values: Vec<ScalarValue>,
) -> PartitionedFile {
    let meta = ObjectMeta {
        location,
        // Files never change, so any fixed moment will do for the metadata cache.
        last_modified: chrono::DateTime::UNIX_EPOCH,
        size: file.bytes,
        e_tag: None,
        version: None,
    };
    let statistics = Statistics {
        num_rows: Precision::Exact(count(file.rows)),
        total_byte_size: Precision::Absent,
        column_statistics: vec![ColumnStatistics::new_unknown(); file_columns(spec).count()],
    };
    PartitionedFile::new_from_meta(meta)
        .with_partition_values(values)
        .with_statistics(Arc::new(statistics))
}

fn count(rows: u64) -> usize {
    usize::try_from(rows).unwrap_or(usize::MAX)
}

/// A table over a fixed list of Parquet files.
#[derive(Debug)]
struct ReleaseTable {
    schema: TableSchema,
    files: Vec<PartitionedFile>,
    /// One row a file: the values of its partition columns. Filters are evaluated over it.
    partitions: RecordBatch,
    partition_schema: DFSchema,
}

impl ReleaseTable {
    fn try_new(spec: &TableSpec, files: Vec<PartitionedFile>) -> DfResult<Self> {
        let nullable = |c: &TableColumn| field(c).with_nullable(true);
        let columns: Vec<_> = file_columns(spec).map(nullable).collect();
        let folders: Vec<_> = partition_columns(spec)
            .map(|c| Arc::new(field(c).with_nullable(false)))
            .collect();
        let partition_schema = Arc::new(Schema::new(folders.clone()));
        let values = |i: usize, kind: &DataType| -> DfResult<ArrayRef> {
            if files.is_empty() {
                return Ok(arrow::array::new_empty_array(kind));
            }
            ScalarValue::iter_to_array(files.iter().map(|f| f.partition_values[i].clone()))
        };
        let arrays = partition_schema
            .fields()
            .iter()
            .enumerate()
            .map(|(i, f)| values(i, f.data_type()))
            .collect::<DfResult<Vec<_>>>()?;
        let rows = arrow::array::RecordBatchOptions::new().with_row_count(Some(files.len()));
        Ok(Self {
            schema: TableSchema::builder(Arc::new(Schema::new(columns)))
                .with_table_partition_cols(folders)
                .build(),
            partitions: RecordBatch::try_new_with_options(
                Arc::clone(&partition_schema),
                arrays,
                &rows,
            )?,
            partition_schema: DFSchema::try_from(partition_schema)?,
            files,
        })
    }

    /// Whether the partition values of a file alone decide a filter.
    fn decided_by_path(&self, filter: &Expr) -> bool {
        let names: Vec<_> = self
            .partition_schema
            .fields()
            .iter()
            .map(|f| f.name().as_str())
            .collect();
        // The engine's helper lets subqueries and columns of an outer query pass; we cannot
        // evaluate those.
        let needs_more = |e: &Expr| {
            Ok(matches!(
                e,
                Expr::ScalarSubquery(_)
                    | Expr::InSubquery(_)
                    | Expr::Exists(_)
                    | Expr::SetComparison(_)
                    | Expr::OuterReferenceColumn(..)
                    | Expr::ScalarVariable(..)
            ))
        };
        !names.is_empty()
            && expr_applicable_for_cols(&names, filter)
            && matches!(filter.exists(needs_more), Ok(false))
    }

    /// The files whose partition values pass the filters that those values decide.
    fn selected(&self, state: &dyn Session, filters: &[Expr]) -> DfResult<Vec<PartitionedFile>> {
        let mut keep = BooleanArray::from(vec![true; self.files.len()]);
        for filter in filters.iter().filter(|f| self.decided_by_path(f)) {
            let expr = state.create_physical_expr(filter.clone(), &self.partition_schema)?;
            let passed = expr
                .evaluate(&self.partitions)?
                .into_array(self.files.len())?;
            keep = and(&keep, passed.as_boolean())?;
        }
        let passes = |i: &usize| keep.is_valid(*i) && keep.value(*i);
        Ok((0..self.files.len())
            .filter(passes)
            .map(|i| self.files[i].clone())
            .collect())
    }

    async fn plan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> DfResult<Arc<dyn ExecutionPlan>> {
        let files = self.selected(state, filters)?;
        if files.is_empty() {
            let schema = self.schema();
            let schema = match projection {
                Some(columns) => Arc::new(schema.project(columns)?),
                None => schema,
            };
            return Ok(Arc::new(EmptyExec::new(schema)));
        }
        // A limit counts only when no filter is left for later.
        let limit = limit.filter(|_| filters.iter().all(|f| self.decided_by_path(f)));
        let mut statistics = Statistics::new_unknown(&self.schema());
        statistics.num_rows = files
            .iter()
            .filter_map(|f| f.statistics.as_ref())
            .fold(Precision::Exact(0), |sum, s| sum.add(&s.num_rows));
        let format = ParquetFormat::default()
            .with_options(state.default_table_options().parquet)
            .with_force_view_types(false);
        let groups = FileGroup::new(files).split_files(state.config().target_partitions());
        let source = format.file_source(self.schema.clone());
        let config = FileScanConfigBuilder::new(ObjectStoreUrl::local_filesystem(), source)
            .with_file_groups(groups)
            .with_statistics(statistics)
            .with_projection_indices(projection.cloned())?
            .with_limit(limit)
            .build();
        // The format's own way adds the cache of file metadata.
        format.create_physical_plan(state, config).await
    }
}

/// A future as `async_trait` writes it.
type Later<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

impl TableProvider for ReleaseTable {
    fn schema(&self) -> SchemaRef {
        Arc::clone(self.schema.table_schema())
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    fn supports_filters_pushdown(
        &self,
        filters: &[&Expr],
    ) -> DfResult<Vec<TableProviderFilterPushDown>> {
        let answer = |f: &&Expr| {
            if self.decided_by_path(f) {
                TableProviderFilterPushDown::Exact
            } else {
                TableProviderFilterPushDown::Inexact
            }
        };
        Ok(filters.iter().map(answer).collect())
    }

    fn scan<'life0, 'life1, 'life2, 'life3, 'async_trait>(
        &'life0 self,
        state: &'life1 dyn Session,
        projection: Option<&'life2 Vec<usize>>,
        filters: &'life3 [Expr],
        limit: Option<usize>,
    ) -> Later<'async_trait, DfResult<Arc<dyn ExecutionPlan>>>
    where
        'life0: 'async_trait,
        'life1: 'async_trait,
        'life2: 'async_trait,
        'life3: 'async_trait,
        Self: 'async_trait,
    {
        Box::pin(self.plan(state, projection, filters, limit))
    }
}

#[cfg(test)]
mod tests;
