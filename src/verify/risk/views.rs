//! What the monitor shows, held against the smallest cell of the register. It is asked as an analyst asks
//! it; the rules that hide numbers are not asked, only what they left. How many clients stand behind a
//! number is asked of the same views without those rules, with the columns that readers do not see.

use std::collections::HashMap;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, StringArray};
use arrow::compute::{cast, concat_batches};
use arrow::datatypes::{DataType, Float64Type};
use tokio::runtime::Runtime;

use crate::contract::model::{Contracts, Publication, Role, Subject, ViewSpec};
use crate::monitor::{Limits, Monitor, MonitorError};
use crate::verify::gather::Scene;
use crate::warehouse::release::{self, Release};

/// The column that says why a number is hidden.
const REASON: &str = "onderdrukt";

/// What a view shows.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Shown {
    /// The fewest clients that a number may be about.
    pub least: u32,
    /// Numbers that are shown.
    pub seen: u64,
    /// Numbers that are hidden.
    pub hidden: u64,
    /// The fewest clients behind a number that is shown and not about nobody.
    pub smallest: Option<f64>,
    /// Numbers that are shown and are about fewer.
    pub small: u64,
}

/// A view that cannot be computed, or does not look as its contract says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unseen;

impl From<MonitorError> for Unseen {
    fn from(_: MonitorError) -> Self {
        Self
    }
}

impl From<arrow::error::ArrowError> for Unseen {
    fn from(_: arrow::error::ArrowError) -> Self {
        Self
    }
}

/// What every view about persons shows. `None`: there is no monitor to ask.
pub fn look<'a>(scene: &Scene<'a>) -> Option<Vec<(&'a str, Result<Shown, Unseen>)>> {
    let contracts = scene.options.contracts;
    let id = scene.current.as_deref()?;
    let release = release::open(scene.root, Some(id)).ok().flatten()?;
    let runtime = Runtime::new().ok()?;
    let published = runtime.block_on(open(scene, &release, contracts)).ok()?;
    let bare = without_rules(contracts);
    let bare = runtime.block_on(open(scene, &release, &bare)).ok()?;
    let mut found = Vec::new();
    for (name, spec) in &contracts.views {
        let Some(Publication::Judged(rules)) = contracts.register.views.get(name) else {
            continue;
        };
        let shown = runtime.block_on(async {
            let (published, bare) = (ask(&published, name).await?, ask(&bare, name).await?);
            let mut shown = Shown {
                least: rules.smallest_cell,
                ..Shown::default()
            };
            count(spec, &published, &bare, &mut shown)?;
            Ok(shown)
        });
        found.push((name.as_str(), shown));
    }
    Some(found)
}

async fn open(
    scene: &Scene<'_>,
    release: &Release,
    contracts: &Contracts,
) -> Result<Monitor, MonitorError> {
    let limits = Limits {
        threads: rayon::current_num_threads(),
        ..Limits::default()
    };
    Monitor::open(Some(release), contracts, scene.root, limits).await
}

async fn ask(monitor: &Monitor, view: &str) -> Result<RecordBatch, Unseen> {
    let answer = monitor
        .query(&format!("SELECT * FROM monitor.{view}"))
        .await?;
    let schema = answer.schema();
    Ok(concat_batches(&schema, &answer.collect().await?)?)
}

/// The same views, of which nothing is hidden and every helper is seen. They stay in here.
fn without_rules(contracts: &Contracts) -> Contracts {
    let mut bare = contracts.clone();
    for spec in bare.views.values_mut() {
        spec.publication = Publication::Exempt {
            subject: Subject::Counts,
            reason: String::new(),
        };
        for column in &mut spec.columns {
            if column.role == Role::Helper {
                column.role = Role::Attribute;
            }
        }
    }
    bare
}

/// Counts what is shown, and the clients behind it.
fn count(
    spec: &ViewSpec,
    published: &RecordBatch,
    bare: &RecordBatch,
    shown: &mut Shown,
) -> Result<(), Unseen> {
    let rows = rows(spec, bare)?;
    let labels = labels(spec, published)?;
    let reason = published.column_by_name(REASON);
    for column in &spec.columns {
        let Role::Cell { clients, .. } = &column.role else {
            continue;
        };
        let numbers = published.column_by_name(&column.name).ok_or(Unseen)?;
        // A number without a helper is a number of clients itself.
        let behind = bare.column_by_name(clients.as_ref().unwrap_or(&column.name));
        let behind = real(behind.ok_or(Unseen)?)?;
        let behind = behind.as_primitive_opt::<Float64Type>().ok_or(Unseen)?;
        for (row, label) in labels.iter().enumerate() {
            if numbers.is_null(row) {
                let why = reason.is_some_and(|reason| reason.is_valid(row));
                shown.hidden += u64::from(why);
                continue;
            }
            shown.seen += 1;
            let row = *rows.get(label).ok_or(Unseen)?;
            let clients = if behind.is_valid(row) {
                behind.value(row)
            } else {
                0.0
            };
            if clients > 0.0 {
                shown.small += u64::from(clients < f64::from(shown.least));
                shown.smallest = Some(shown.smallest.map_or(clients, |n| n.min(clients)));
            }
        }
    }
    Ok(())
}

fn real(column: &ArrayRef) -> Result<ArrayRef, Unseen> {
    Ok(cast(column, &DataType::Float64)?)
}

/// The rows of a view by what they are about.
fn rows(spec: &ViewSpec, batch: &RecordBatch) -> Result<HashMap<Vec<String>, usize>, Unseen> {
    let labels = labels(spec, batch)?.into_iter();
    let rows: HashMap<_, _> = labels.zip(0..).collect();
    // Two rows about the same could not be told apart.
    (rows.len() == batch.num_rows())
        .then_some(rows)
        .ok_or(Unseen)
}

fn labels(spec: &ViewSpec, batch: &RecordBatch) -> Result<Vec<Vec<String>>, Unseen> {
    let is_label = |role: &Role| matches!(role, Role::Group | Role::Sum { .. } | Role::Label);
    let mut labels = vec![Vec::new(); batch.num_rows()];
    for column in spec.columns.iter().filter(|c| is_label(&c.role)) {
        let texts = batch.column_by_name(&column.name).ok_or(Unseen)?;
        let texts = cast(texts, &DataType::Utf8)?;
        let texts: &StringArray = texts.as_string_opt().ok_or(Unseen)?;
        for (label, text) in labels.iter_mut().zip(texts.iter()) {
            // Nothing, and an empty text, are two things.
            label.push(text.map_or_else(|| "\0".to_owned(), str::to_owned));
        }
    }
    Ok(labels)
}
