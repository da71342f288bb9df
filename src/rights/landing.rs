//! Raw deliveries that may hold the person still. They are not searched and not changed: what a partner
//! delivered is taken in whole or not at all, and goes when the register's period is over.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use chrono::DateTime;
use serde::Serialize;

use super::person::Person;
use crate::contract::model::{Contracts, SourcePlan, Treatment};
use crate::lock::erased::ANY_DOMAIN;
use crate::source::landing;

/// A raw delivery of a source that knows the person by one of the identifiers at hand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RawDelivery {
    /// The source.
    pub source: String,
    /// The `{deel}` of its name.
    pub part: String,
    /// The `{datum}` of its name.
    pub order: String,
    /// The day on which the register's period is over (`yyyy-mm-dd`); the first run after it removes the
    /// delivery.
    pub until: String,
}

/// The raw deliveries that may hold the person. A landing folder that cannot be read holds what it
/// holds: then its source is named without a day.
#[must_use]
pub fn may_hold(person: &Person, contracts: &Contracts, landing: &Path) -> Vec<RawDelivery> {
    let domains: BTreeSet<&str> = person.ties.values().map(|t| t.domain.as_str()).collect();
    let concerned = |plan: &&SourcePlan| {
        plan.contract.columns.iter().any(|c| match &c.treatment {
            Treatment::Pseudonymise { domain, .. } => {
                domains.contains(ANY_DOMAIN) || domains.contains(domain.as_str())
            }
            _ => false,
        })
    };
    let mut found = Vec::new();
    for plan in contracts.sources.iter().filter(concerned) {
        let landed = landing::find(landing, &plan.pipeline).unwrap_or_default();
        for delivery in landed.deliveries {
            let days = i64::from(plan.lawfulness.raw_retention_days);
            let came = fs::metadata(&delivery.path).map(|meta| meta.ctime());
            let until = came
                .ok()
                .and_then(|came| DateTime::from_timestamp(came + days * 24 * 60 * 60, 0));
            found.push(RawDelivery {
                source: delivery.source,
                part: delivery.part,
                order: delivery.order,
                until: until.map_or_else(String::new, |day| day.format("%Y-%m-%d").to_string()),
            });
        }
    }
    found
}
