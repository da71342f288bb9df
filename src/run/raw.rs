//! Raw deliveries do not outlive their use: what is in the release, or was superseded or refused, is
//! removed from the landing folder once the register's period is over.

use std::fs;
use std::os::unix::fs::MetadataExt;

use super::job::Job;
use crate::contract::model::SourcePlan;
use crate::source::channel::part;
use crate::source::landing::Delivery;
use crate::warehouse::journal::DeliveryOutcome;

/// A refused delivery stays at least so long, so that somebody can look at it.
const REFUSED_DAYS: i64 = 7;
const DAY: i64 = 24 * 60 * 60;

/// Removes deliveries whose period is over; returns how many. A file that cannot be removed is
/// logged and tried again by the next run. What lies in the place of a delivery that this run has
/// seen, but is not that delivery any more, is new and stays.
pub(super) fn remove_outlived(job: &Job<'_>, seen: &[(Delivery, DeliveryOutcome)]) -> usize {
    let mut removed = 0;
    for plan in &job.contracts.sources {
        let days = i64::from(plan.lawfulness.raw_retention_days);
        let Ok(landed) = job.landed(plan) else {
            continue;
        };
        for delivery in &landed.deliveries {
            let Some((_, outcome)) = seen.iter().find(|(d, _)| d == delivery) else {
                continue;
            };
            let days = if *outcome == DeliveryOutcome::Geweigerd {
                days.max(REFUSED_DAYS)
            } else {
                days
            };
            if age_in_seconds(job, delivery).is_some_and(|age| age >= days * DAY) {
                removed += usize::from(remove(delivery));
            }
        }
        remove_parts(job, plan, days.max(REFUSED_DAYS));
    }
    removed
}

/// Parts of deliveries that were never fetched to their end are raw deliveries too.
fn remove_parts(job: &Job<'_>, plan: &SourcePlan, days: i64) {
    let seconds = u64::try_from(days * DAY).unwrap_or(u64::MAX);
    let removed = part::remove_forgotten(job.landing, &plan.pipeline, seconds, (job.now)().into());
    match removed {
        Ok(0) => {}
        Ok(parts) => {
            tracing::info!(source = %plan.contract.id, parts, "parts removed, their period is over");
        }
        Err(error) => {
            tracing::warn!(source = %plan.contract.id, error = ?error.kind(), "parts could not be removed");
        }
    }
}

/// Since it came into the folder: the time of change of the file's entry, which a partner cannot set.
fn age_in_seconds(job: &Job<'_>, delivery: &Delivery) -> Option<i64> {
    let meta = fs::metadata(&delivery.path).ok()?;
    Some((job.now)().timestamp() - meta.ctime())
}

fn remove(delivery: &Delivery) -> bool {
    match fs::remove_file(&delivery.path) {
        Ok(()) => {
            // Most deliveries have no checksum file beside them.
            let _ = fs::remove_file(delivery.checksum_path());
            tracing::info!(source = %delivery.source, order = %delivery.order, "raw delivery removed, its period is over");
            true
        }
        Err(error) => {
            tracing::warn!(source = %delivery.source, order = %delivery.order, error = ?error.kind(), "raw delivery could not be removed");
            false
        }
    }
}
