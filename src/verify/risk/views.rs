//! What the monitor shows, held against the smallest cell of the register. It is asked as an analyst asks
//! it; the rules that hide numbers are not asked, only what they left.

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float64Type};
use tokio::runtime::Runtime;

use crate::contract::model::{Publication, Role, ViewSpec};
use crate::monitor::{Limits, Monitor};
use crate::verify::gather::Scene;
use crate::warehouse::release;

/// The column that says why a number is hidden.
const REASON: &str = "onderdrukt";

/// What a view shows.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Shown {
    /// The fewest clients that a number may be about.
    pub least: u32,
    /// Numbers that are shown.
    pub shown: u64,
    /// Numbers that are hidden.
    pub hidden: u64,
    /// Of those shown, numbers of clients; zeros do not count.
    pub clients: u64,
    /// The smallest of them.
    pub smallest: Option<f64>,
    /// How many are too small.
    pub small: u64,
}

/// What every view about persons shows; an error where it cannot be computed. `None`: there is nothing to
/// ask.
pub fn look<'a>(scene: &Scene<'a>) -> Option<Vec<(&'a str, Result<Shown, ()>)>> {
    let contracts = scene.options.contracts;
    let id = scene.current.as_deref()?;
    let release = release::open(scene.root, Some(id)).ok().flatten()?;
    let runtime = Runtime::new().ok()?;
    let limits = Limits {
        threads: rayon::current_num_threads(),
        ..Limits::default()
    };
    let opening = Monitor::open(Some(&release), contracts, scene.root, limits);
    let monitor = runtime.block_on(opening).ok()?;
    let mut found = Vec::new();
    for (name, spec) in &contracts.views {
        let Some(Publication::Judged(rules)) = contracts.register.views.get(name) else {
            continue;
        };
        let answer = runtime.block_on(async {
            let answer = monitor
                .query(&format!("SELECT * FROM monitor.{name}"))
                .await?;
            answer.collect().await
        });
        let shown = answer.map_err(|_| ()).and_then(|batches| {
            let mut shown = Shown {
                least: rules.smallest_cell,
                ..Shown::default()
            };
            for batch in &batches {
                count(spec, batch, &mut shown)?;
            }
            Ok(shown)
        });
        found.push((name.as_str(), shown));
    }
    Some(found)
}

fn count(spec: &ViewSpec, batch: &RecordBatch, shown: &mut Shown) -> Result<(), ()> {
    let reason = batch.column_by_name(REASON);
    let is_hidden = |row| reason.is_some_and(|reason| reason.is_valid(row));
    for column in &spec.columns {
        let Role::Cell { clients, .. } = &column.role else {
            continue;
        };
        let numbers = batch.column_by_name(&column.name).ok_or(())?;
        let numbers = cast(numbers, &DataType::Float64).map_err(|_| ())?;
        let numbers = numbers.as_primitive_opt::<Float64Type>().ok_or(())?;
        for (row, number) in numbers.iter().enumerate() {
            match number {
                None => shown.hidden += u64::from(is_hidden(row)),
                Some(number) => {
                    shown.shown += 1;
                    if clients.is_none() && number > 0.0 {
                        shown.clients += 1;
                        shown.small += u64::from(number < f64::from(shown.least));
                        let smallest = shown.smallest.map_or(number, |n| n.min(number));
                        shown.smallest = Some(smallest);
                    }
                }
            }
        }
    }
    Ok(())
}
