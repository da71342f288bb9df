//! The register's periods, applied without taking anything in: rows, old releases, raw deliveries.

use serde::Serialize;

use super::job::{Begun, Job, RunError, stamp};
use super::raw;
use super::source::{self, Intent};
use crate::audit::{self, Deed, Entry};
use crate::source::landing::Delivery;
use crate::warehouse::journal::{DeliveryOutcome, RunOutcome};
use crate::warehouse::publish::{Circumstances, NextRelease};
use crate::warehouse::release::{self, Release};
use crate::warehouse::retention::{Outlived, Periods};
use crate::warehouse::store::{Store, StoreError};

/// What was dropped because its time was over; after a dry run: what would be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RetentionReport {
    /// Rows.
    pub rows: Outlived,
    /// The release without them.
    pub published: Option<String>,
    /// Earlier releases that held such rows.
    pub releases: Vec<String>,
    /// Raw deliveries; not counted by a dry run.
    pub raw_deliveries: usize,
    /// Tables of which the register says no period.
    pub without_period: Vec<String>,
}

impl Job<'_> {
    /// The register's periods, today.
    pub(super) fn periods(&self) -> Periods<'_> {
        Periods {
            contracts: self.contracts,
            today: (self.now)().date_naive(),
        }
    }

    fn without_period(&self) -> Vec<String> {
        let known = &self.contracts.register.tables;
        let tables = self.contracts.tables.keys();
        tables
            .filter(|name| !known.contains_key(*name))
            .cloned()
            .collect()
    }

    /// What [`Job::retention`] would drop.
    ///
    /// # Errors
    /// A release cannot be read.
    pub fn retention_dry_run(&self) -> Result<RetentionReport, RunError> {
        let current = release::open(self.warehouse, None).map_err(StoreError::from)?;
        let mut report = RetentionReport {
            without_period: self.without_period(),
            ..RetentionReport::default()
        };
        if let Some(current) = current {
            let periods = self.periods();
            let look = periods.look(&current);
            report.rows = look.map_err(crate::warehouse::retention::RetentionError::from)?;
            report.releases = periods.outlived_releases(self.warehouse)?;
            if report.rows.total() > 0 {
                // Another release takes its place, and then it is an earlier one that holds such rows.
                report.releases.push(current.manifest.id);
            }
        }
        Ok(report)
    }

    /// Drops what is past its period: rows, in a new release; earlier releases that hold such rows; raw
    /// deliveries that were taken in.
    ///
    /// # Errors
    /// A release cannot be read or written; then the last one stands.
    pub fn retention(&self) -> Result<RetentionReport, RunError> {
        self.landing_is_safe()?;
        let started = stamp((self.now)());
        let store = Store::open(self.warehouse, &started)?;
        let mut report = RetentionReport {
            without_period: self.without_period(),
            ..RetentionReport::default()
        };
        let Some(current) = store.current()? else {
            return Ok(report);
        };
        let entry = |result| Entry::new(Deed::Bewaartermijn, result);
        audit::note(store.root(), &entry("begonnen"))?;
        let id = format!("{}-{}", started.replace(['-', ':'], ""), std::process::id());
        let mut next = NextRelease::begin(&store, &id, Some(&current))?;
        let fingerprint = current.manifest.key_fingerprint.clone();
        report.rows = self.periods().apply(&mut next, &fingerprint)?;
        if report.rows.total() > 0 {
            let begun = Begun {
                id,
                started,
                pulls: Vec::new(),
            };
            report.published = Some(self.publish(&store, next, &current, &begun)?);
        } else {
            next.abandon()?;
        }
        report.releases = self.periods().drop_releases(&store)?;
        report.raw_deliveries = raw::remove_outlived(self, &self.taken_in(&store, &fingerprint)?);
        let entry = entry("toegepast")
            .with("rijen", report.rows.total())
            .with("release", report.published.clone())
            .with("vervallen_releases", report.releases.clone())
            .with("ruwe_leveringen", report.raw_deliveries);
        audit::note(store.root(), &entry)?;
        Ok(report)
    }

    /// Publishes a release of which rows were dropped, as a run that took nothing in.
    fn publish(
        &self,
        store: &Store,
        next: NextRelease,
        current: &Release,
        begun: &Begun,
    ) -> Result<String, RunError> {
        store.begin(&begun.id, &begun.started)?;
        let register = &self.contracts.register;
        let circumstances = Circumstances {
            run: begun.id.clone(),
            published_at: stamp((self.now)()),
            register_version: register.version.clone(),
            register_adopted: register.adopted.clone(),
            key_fingerprint: current.manifest.key_fingerprint.clone(),
        };
        let manifest = next.manifest(circumstances, Some(current));
        let published = RunOutcome::Gepubliceerd;
        let release = Some(manifest.id.clone());
        let record = self.record(begun, published, release, None, Vec::new());
        store.prepare_end(&record)?;
        next.publish(store, &manifest)?;
        store.end(&record)?;
        Ok(manifest.id)
    }

    /// Raw deliveries that the current release stands on, or that a later one took the place of.
    fn taken_in(
        &self,
        store: &Store,
        fingerprint: &str,
    ) -> Result<Vec<(Delivery, DeliveryOutcome)>, RunError> {
        let current = store.current()?;
        let mut seen = Vec::new();
        for plan in &self.contracts.sources {
            let landed = self.landed(plan)?;
            let found = source::intentions(
                self,
                plan,
                fingerprint,
                current.as_ref(),
                &landed.deliveries,
            );
            for intention in found {
                let outcome = match intention.what {
                    Intent::Unchanged => DeliveryOutcome::Ongewijzigd,
                    Intent::Superseded => DeliveryOutcome::Achterhaald,
                    // It has not been looked at, or was refused: the next run decides.
                    _ => continue,
                };
                seen.push((intention.delivery, outcome));
            }
        }
        Ok(seen)
    }
}
