//! The schema `beheer`: the run history and the releases, as tables.
//!
//! Nothing is read before a query asks for it, and the list of refused rows is never held as a
//! whole. Empty texts of the records are NULL here.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch};
use arrow::datatypes::{Field, Schema, SchemaRef};
use datafusion::catalog::streaming::StreamingTable;
use datafusion::catalog::{MemorySchemaProvider, SchemaProvider};
use datafusion::common::ScalarValue;
use datafusion::error::{DataFusionError, Result as DfResult};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::streaming::PartitionStream;
use futures::stream;

use columns::Column;
use rows::{delivery_row, file_row, number, pull_row, refusal_rows, release_row, run_row, text};

use super::Relation;
use super::session::BEHEER;
use crate::warehouse::history::{self, Run};
use crate::warehouse::journal::{DeliveryRecord, RunRecord};
use crate::warehouse::manifest::FileEntry;
use crate::warehouse::release::{self, JOURNAL, Release};

mod columns;
mod rows;

/// One table of the schema.
#[derive(Clone, Copy, Debug)]
enum Table {
    Runs,
    Ophalingen,
    Leveringen,
    Weigeringen,
    WeigeringenRijen,
    Releases,
    Bestanden,
}

const TABLES: [Table; 7] = [
    Table::Runs,
    Table::Ophalingen,
    Table::Leveringen,
    Table::Weigeringen,
    Table::WeigeringenRijen,
    Table::Releases,
    Table::Bestanden,
];

impl Table {
    const fn name(self) -> &'static str {
        match self {
            Self::Runs => "runs",
            Self::Ophalingen => "ophalingen",
            Self::Leveringen => "leveringen",
            Self::Weigeringen => "weigeringen",
            Self::WeigeringenRijen => "weigeringen_rijen",
            Self::Releases => "releases",
            Self::Bestanden => "bestanden",
        }
    }

    const fn documentation(self) -> &'static str {
        match self {
            Self::Runs => {
                "Elke keer dat de nachtelijke taak liep, ook als dat mislukte. Tijden in UTC."
            }
            Self::Ophalingen => "Wat er per run bij partners is opgehaald, en wat daarbij misging.",
            Self::Leveringen => "Wat er per run met elke levering gebeurde.",
            Self::Weigeringen => {
                "Hoeveel rijen van een levering per kolom en regel zijn geweigerd."
            }
            Self::WeigeringenRijen => "Welke rijen zijn geweigerd: het rijnummer, nooit de waarde.",
            Self::Releases => "De releases die te lezen zijn. Tijden in UTC.",
            Self::Bestanden => "De bestanden van de release waarover u vragen stelt.",
        }
    }

    /// Its columns, each with its type and what it holds.
    const fn columns(self) -> &'static [Column] {
        match self {
            Self::Runs => columns::RUNS,
            Self::Ophalingen => columns::PULLS,
            Self::Leveringen => columns::DELIVERIES,
            Self::Weigeringen => columns::REFUSALS,
            Self::WeigeringenRijen => columns::REFUSED_ROWS,
            Self::Releases => columns::RELEASES,
            Self::Bestanden => columns::FILES,
        }
    }

    fn schema(self) -> SchemaRef {
        let columns = self.columns().iter();
        let fields = columns.map(|(name, kind, _)| Field::new(*name, kind.clone(), true));
        Arc::new(Schema::new(fields.collect::<Vec<_>>()))
    }
}

/// The schema `beheer`, and what there is to say about its tables.
pub(super) fn schema(
    release: Option<&Release>,
    warehouse: &Path,
) -> DfResult<(Arc<dyn SchemaProvider>, Vec<Relation>)> {
    let records = Arc::new(Records {
        warehouse: warehouse.to_owned(),
        files: release
            .map(|r| r.manifest.files.clone())
            .unwrap_or_default(),
    });
    let schema = MemorySchemaProvider::new();
    let mut relations = Vec::new();
    for table in TABLES {
        let documentation = table.documentation().to_owned();
        let mut relation = super::relation(
            BEHEER,
            table.name(),
            table.name(),
            documentation,
            &table.schema(),
        );
        for (column, (.., meaning)) in relation.columns.iter_mut().zip(table.columns()) {
            (*meaning).clone_into(&mut column.documentation);
        }
        relations.push(relation);
        let source = Source {
            table,
            schema: table.schema(),
            records: Arc::clone(&records),
        };
        let provider = StreamingTable::try_new(table.schema(), vec![Arc::new(source)])?;
        schema.register_table(table.name().to_owned(), Arc::new(provider))?;
    }
    Ok((Arc::new(schema), relations))
}

type Row = Vec<ScalarValue>;
type Rows = Box<dyn Iterator<Item = DfResult<Row>> + Send>;

/// Where the tables read from.
struct Records {
    warehouse: PathBuf,
    files: Vec<FileEntry>,
}

/// A table that reads when it is asked.
struct Source {
    table: Table,
    schema: SchemaRef,
    records: Arc<Records>,
}

impl std::fmt::Debug for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "beheer.{}", self.table.name())
    }
}

impl PartitionStream for Source {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn execute(&self, context: Arc<TaskContext>) -> SendableRecordBatchStream {
        let rows = match self.records.rows(self.table) {
            Ok(rows) => rows,
            Err(error) => Box::new(std::iter::once(Err(error))),
        };
        let size = context.session_config().batch_size();
        let batches = batches(Arc::clone(&self.schema), rows, size);
        Box::pin(RecordBatchStreamAdapter::new(
            Arc::clone(&self.schema),
            stream::iter(batches),
        ))
    }
}

/// Rows, gathered into batches of at most `size`.
fn batches(
    schema: SchemaRef,
    mut rows: Rows,
    size: usize,
) -> impl Iterator<Item = DfResult<RecordBatch>> + Send {
    std::iter::from_fn(move || {
        let gathered: DfResult<Vec<Row>> = rows.by_ref().take(size).collect();
        match gathered {
            Ok(rows) if rows.is_empty() => None,
            Ok(rows) => Some(batch(&schema, rows)),
            Err(error) => Some(Err(error)),
        }
    })
}

fn batch(schema: &SchemaRef, rows: Vec<Row>) -> DfResult<RecordBatch> {
    let mut columns = vec![VecDeque::with_capacity(rows.len()); schema.fields().len()];
    for row in rows {
        for (column, value) in columns.iter_mut().zip(row) {
            column.push_back(value);
        }
    }
    let arrays: Vec<ArrayRef> = columns
        .into_iter()
        .map(ScalarValue::iter_to_array)
        .collect::<DfResult<_>>()?;
    Ok(RecordBatch::try_new(Arc::clone(schema), arrays)?)
}

impl Records {
    fn journal(&self) -> PathBuf {
        self.warehouse.join(JOURNAL)
    }

    fn rows(&self, table: Table) -> DfResult<Rows> {
        Ok(match table {
            Table::Runs => self.by_run(|run| vec![run_row(run)])?,
            Table::Ophalingen => {
                self.by_record(|run| run.pulls.iter().map(|p| pull_row(run, p)).collect())?
            }
            Table::Leveringen => self.by_delivery(|run, d| vec![delivery_row(run, d)])?,
            Table::Weigeringen => self.by_delivery(refusal_rows)?,
            Table::WeigeringenRijen => self.refused_rows()?,
            Table::Releases => self.releases()?,
            Table::Bestanden => {
                let rows: Vec<_> = self.files.iter().map(|f| Ok(file_row(f))).collect();
                Box::new(rows.into_iter())
            }
        })
    }

    fn by_run(&self, rows: fn(&Run) -> Vec<Row>) -> DfResult<Rows> {
        let journal = self.journal();
        let ids = history::ids(&journal).map_err(external)?;
        Ok(Box::new(ids.into_iter().flat_map(
            move |id| match history::run(&journal, &id) {
                Ok(run) => run.iter().flat_map(rows).map(Ok).collect(),
                Err(error) => vec![Err(external(error))],
            },
        )))
    }

    fn by_record(&self, rows: impl Fn(&RunRecord) -> Vec<Row> + Send + 'static) -> DfResult<Rows> {
        let journal = self.journal();
        let ids = history::ids(&journal).map_err(external)?;
        Ok(Box::new(ids.into_iter().flat_map(
            move |id| match history::run(&journal, &id) {
                Ok(Some(Run::Ended(run))) => rows(&run).into_iter().map(Ok).collect(),
                Ok(_) => Vec::new(),
                Err(error) => vec![Err(external(error))],
            },
        )))
    }

    fn by_delivery(&self, rows: fn(&RunRecord, &DeliveryRecord) -> Vec<Row>) -> DfResult<Rows> {
        self.by_record(move |run| run.deliveries.iter().flat_map(|d| rows(run, d)).collect())
    }

    fn refused_rows(&self) -> DfResult<Rows> {
        let journal = self.journal();
        let ids = history::ids(&journal).map_err(external)?;
        Ok(Box::new(ids.into_iter().flat_map(move |run| -> Rows {
            let refused = match history::refusals(&journal, &run) {
                Ok(refused) => refused,
                Err(error) => return Box::new(std::iter::once(Err(external(error)))),
            };
            Box::new(refused.map(move |row| {
                let r = row.map_err(external)?;
                Ok(vec![
                    text(&run),
                    text(&r.source),
                    text(&r.delivery),
                    number(r.row),
                    text(&r.column),
                    text(&r.rule),
                ])
            }))
        })))
    }

    fn releases(&self) -> DfResult<Rows> {
        let warehouse = self.warehouse.clone();
        let current = release::current(&warehouse).map_err(external)?;
        let ids = release::list(&warehouse).map_err(external)?;
        Ok(Box::new(ids.into_iter().filter_map(move |id| {
            match release::open(&warehouse, Some(&id)) {
                Ok(opened) => opened.map(|r| Ok(release_row(&r.manifest, current.as_deref()))),
                // Retention may take it away while we read.
                Err(release::ReleaseError::Unknown { .. }) => None,
                Err(error) => Some(Err(external(error))),
            }
        })))
    }
}

fn external(error: impl std::error::Error + Send + Sync + 'static) -> DataFusionError {
    DataFusionError::External(Box::new(error))
}
