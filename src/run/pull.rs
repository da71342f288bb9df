//! Fetching from partners before a run reads anything, and what the history tells of it.

use super::job::RunError;
use crate::contract::model::{Pipeline, SourcePlan};
use crate::source::channel::pull::{PullDesk, PullFault, SourcePull};
use crate::warehouse::journal::PullRecord;

/// Fetches what the partners of these sources have ready. One that cannot be reached does not stop the
/// run: its record says so.
pub(super) fn fetch(
    desk: Option<&PullDesk<'_>>,
    plans: &[&SourcePlan],
) -> Result<Vec<PullRecord>, RunError> {
    let Some(desk) = desk else {
        return Ok(Vec::new());
    };
    let pipelines: Vec<&Pipeline> = plans.iter().map(|plan| &plan.pipeline).collect();
    Ok(desk.pull(&pipelines)?.iter().map(record).collect())
}

/// What the history tells of a pull.
#[must_use]
pub fn record(pull: &SourcePull) -> PullRecord {
    PullRecord {
        source: pull.source.clone(),
        channel: pull.scheme.name().to_owned(),
        fetched: pull.fetched.len(),
        bytes: pull.bytes(),
        already: pull.already,
        waiting: pull.waiting,
        strangers: pull.strangers,
        retries: pull.retries,
        faults: pull.faults.iter().map(fault).collect(),
        millis: pull.millis,
    }
}

fn fault(fault: &PullFault) -> String {
    match &fault.delivery {
        Some((part, order)) if !(part.is_empty() && order.is_empty()) => {
            let name: Vec<&str> = [part.as_str(), order.as_str()]
                .into_iter()
                .filter(|text| !text.is_empty())
                .collect();
            format!("delivery {}: {}", name.join(", "), fault.error)
        }
        _ => fault.error.to_string(),
    }
}
