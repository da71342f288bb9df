//! The nightly job from beginning to end.
//!
//! The key comes first: without the right one nothing is read. Then each source in the order of the
//! contracts; what a source delivers goes into the next release, which is published once, at the end.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, Utc};

pub use super::error::RunError;
use super::intake::{IntakeError, Tally, column_name};
use super::{pull, raw, source};
use crate::audit::{self, Deed, Entry};
use crate::canary::Canaries;
use crate::contract::model::{Contracts, SourcePlan};
use crate::disk;
use crate::keyring;
use crate::lock::erased::Erased;
use crate::lock::keys::RootKey;
use crate::settings::KeySource;
use crate::source::channel::pull::PullDesk;
use crate::source::fault::DeliveryFault;
use crate::source::landing::{self, Delivery};
use crate::warehouse::history;
use crate::warehouse::journal::{
    DeliveryOutcome, DeliveryRecord, PullRecord, RefusalRecord, RunOutcome, RunRecord,
};
use crate::warehouse::merge::MergeError;
use crate::warehouse::publish::{self, Circumstances, NextRelease};
use crate::warehouse::release::Release;
use crate::warehouse::retention::Outlived;
use crate::warehouse::store::{Store, StoreError};

/// Is told how a run goes. All methods may be called from any thread.
pub trait Observer: Sync {
    /// A delivery of so many bytes is about to be read.
    fn begins(&self, delivery: &Delivery);
    /// So many more bytes of a source went through.
    fn advances(&self, source: &str, bytes: u64);
    /// What became of a delivery is known.
    fn ends(&self, record: &DeliveryRecord);
}

/// Everything that a run needs.
pub struct Job<'a> {
    /// The contracts, cross-checked.
    pub contracts: &'a Contracts,
    /// Sources whose contract has faults, and the first of them.
    pub blocked: &'a BTreeMap<String, String>,
    /// The landing folder.
    pub landing: &'a Path,
    /// The warehouse folder.
    pub warehouse: &'a Path,
    /// The file of the canaries; without it there are none.
    pub canaries: &'a Path,
    /// Where the root key comes from.
    pub key: &'a KeySource,
    /// Fetches what partners have ready before anything is read; `None`: the run takes what lies in
    /// the landing folder.
    pub pull: Option<&'a PullDesk<'a>>,
    /// Only these sources; empty: all.
    pub only: &'a [String],
    /// Bytes that one piece of a delivery has.
    pub piece_bytes: usize,
    /// Bytes of rows that may wait to be written.
    pub buffer_bytes: usize,
    /// Bytes that one mapping may use for what it must hold.
    pub mapping_bytes: usize,
    /// Releases that are kept.
    pub keep_releases: usize,
    /// The clock.
    pub now: &'a (dyn Fn() -> DateTime<Utc> + Sync),
    /// Is told how it goes.
    pub observer: &'a dyn Observer,
}

/// What a run did.
#[derive(Clone, Debug)]
pub struct RunReport {
    /// As in the journal.
    pub record: RunRecord,
    /// Files that match no pattern, by source.
    pub strangers: BTreeMap<String, usize>,
    /// Entries of the landing folder that lie where no source looks.
    pub homeless: usize,
    /// Sources that the release holds rows of and the contracts know no more.
    pub orphaned: Vec<String>,
    /// Sources whose rows were treated under an older recipe and whose delivery is gone.
    pub outdated: Vec<String>,
    /// Raw deliveries that were removed because their time was over.
    pub removed: usize,
    /// Releases that were dropped.
    pub dropped: Vec<String>,
    /// Rows that were dropped because their time was over.
    pub outlived: Outlived,
}

/// What a dry run found out about one delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Intention {
    /// The delivery.
    pub delivery: Delivery,
    /// What a run would do, and why.
    pub what: source::Intent,
}

/// A run that has begun.
pub(super) struct Begun {
    pub id: String,
    pub started: String,
    pub pulls: Vec<PullRecord>,
}

/// A run under way.
pub(super) struct Run<'a> {
    pub job: &'a Job<'a>,
    pub id: String,
    pub key: &'a RootKey,
    /// Persons who must not come back.
    pub erased: Option<Arc<Erased>>,
    pub next: NextRelease,
    pub records: Vec<DeliveryRecord>,
    /// Every delivery as it was found, with what became of it.
    pub seen: Vec<(Delivery, DeliveryOutcome)>,
    pub refusals: Vec<RefusalRecord>,
    pub strangers: BTreeMap<String, usize>,
    pub outdated: Vec<String>,
    pub postcodes: Option<Arc<crate::lock::postcode::PostcodeTable>>,
}

impl Job<'_> {
    /// Runs the nightly job.
    ///
    /// # Errors
    /// See [`RunError`]; a refused delivery is not one of them, it is in the report.
    pub fn run(&self) -> Result<RunReport, RunError> {
        let plans = self.chosen()?;
        let key = keyring::unlock(self.key)?;
        let canaries = Canaries::find(self.canaries)?;
        let started = stamp((self.now)());
        let store = Store::open(self.warehouse, &started)?;
        let current = store.current()?;
        let key = match &current {
            Some(current) => key.fitting(&current.manifest.key_fingerprint)?,
            None => key,
        };
        let erased = Erased::read(store.root(), &key)?.map(Arc::new);
        let homeless = self.landing_is_safe()?;
        let id = format!("{}-{}", started.replace(['-', ':'], ""), std::process::id());
        store.begin(&id, &started)?;
        let entry = |result: &'static str| {
            Entry::new(Deed::Run, result)
                .with("run", id.as_str())
                .with("sleutel", key.fingerprint())
                .with("sleutelbron", key.origin().name())
        };
        audit::note(store.root(), &entry("begonnen"))?;
        tracing::info!(run = %id, sources = plans.len(), "run begins");
        let mut begun = Begun {
            id: id.clone(),
            started,
            pulls: Vec::new(),
        };
        let outcome = pull::fetch(self.pull, &plans).and_then(|pulls| {
            begun.pulls = pulls;
            let persons = (erased, canaries.as_ref());
            self.work(&store, current.as_ref(), (&key, persons), &begun, &plans)
        });
        let entry = match &outcome {
            Ok(report) => entry(report.record.outcome.name())
                .with("release", report.record.release.clone())
                .with("vervallen_rijen", report.outlived.total()),
            Err(_) => entry("mislukt"),
        };
        let noted = audit::note(store.root(), &entry);
        if let Err(error) = &outcome {
            // The history must tell of it; when the disk is full it may not be possible.
            let record = self.record(
                &begun,
                RunOutcome::Mislukt,
                current.as_ref().map(|c| c.manifest.id.clone()),
                Some(error.to_string()),
                Vec::new(),
            );
            let _ = store.end(&record);
        }
        let report = outcome.map(|report| RunReport { homeless, ..report })?;
        noted?;
        Ok(report)
    }

    /// What a run would do, delivery by delivery, without doing it.
    ///
    /// # Errors
    /// As [`Job::run`].
    pub fn dry_run(&self) -> Result<Vec<Intention>, RunError> {
        let plans = self.chosen()?;
        let current =
            crate::warehouse::release::open(self.warehouse, None).map_err(StoreError::from)?;
        let key = keyring::unlock_for(self.key, current.as_ref())?;
        self.landing_is_safe()?;
        let entry = Entry::new(Deed::Run, "proef")
            .with("sleutel", key.fingerprint())
            .with("sleutelbron", key.origin().name());
        audit::note(self.warehouse, &entry)?;
        let mut found = Vec::new();
        for plan in plans {
            let landed = self.landed(plan)?;
            found.extend(source::intentions(
                self,
                plan,
                &key.fingerprint(),
                current.as_ref(),
                &landed.deliveries,
            ));
        }
        Ok(found)
    }

    /// The landing folder must be there and closed to others. Returns how many of its entries lie where
    /// no source looks.
    pub(super) fn landing_is_safe(&self) -> Result<usize, RunError> {
        let failed = |error| RunError::Landing {
            source_id: "*".into(),
            error,
        };
        if !self.landing.is_dir() {
            return Err(RunError::NoLanding(self.landing.to_owned()));
        }
        if landing::exposed(self.landing).map_err(failed)? {
            return Err(RunError::Exposed(self.landing.to_owned()));
        }
        let folders = self.contracts.sources.iter().map(|p| &p.pipeline.folder);
        // The folder of a source with faults is mostly its id.
        let folders = folders.chain(self.blocked.keys());
        landing::homeless(self.landing, folders.map(String::as_str)).map_err(failed)
    }

    /// Sources of a release that neither the contracts nor their faults know.
    fn orphaned(&self, next: &NextRelease) -> Vec<String> {
        let known = |id: &String| {
            self.blocked.contains_key(id)
                || self.contracts.sources.iter().any(|p| p.contract.id == *id)
        };
        let all: BTreeSet<String> = next.files().map(|f| f.source.clone()).collect();
        all.into_iter().filter(|id| !known(id)).collect()
    }

    fn chosen(&self) -> Result<Vec<&SourcePlan>, RunError> {
        let known = |id: &String| {
            self.blocked.contains_key(id)
                || self.contracts.sources.iter().any(|p| p.contract.id == *id)
        };
        if let Some(unknown) = self.only.iter().find(|id| !known(id)) {
            return Err(RunError::UnknownSource(unknown.clone()));
        }
        let wanted =
            |plan: &&SourcePlan| self.only.is_empty() || self.only.contains(&plan.contract.id);
        Ok(self.contracts.sources.iter().filter(wanted).collect())
    }

    pub(super) fn landed(&self, plan: &SourcePlan) -> Result<landing::Landed, RunError> {
        landing::find(self.landing, &plan.pipeline).map_err(|error| RunError::Landing {
            source_id: plan.contract.id.clone(),
            error,
        })
    }

    fn work(
        &self,
        store: &Store,
        current: Option<&Release>,
        (key, (erased, canaries)): (&RootKey, (Option<Arc<Erased>>, Option<&Canaries>)),
        begun: &Begun,
        plans: &[&SourcePlan],
    ) -> Result<RunReport, RunError> {
        let id = begun.id.as_str();
        let next = NextRelease::begin(store, id, current)?;
        let mut run = Run {
            job: self,
            id: id.to_owned(),
            key,
            erased,
            next,
            records: Vec::new(),
            seen: Vec::new(),
            refusals: Vec::new(),
            strangers: BTreeMap::new(),
            outdated: Vec::new(),
            postcodes: None,
        };
        let asked = |id: &String| self.only.is_empty() || self.only.contains(id);
        for (source, reason) in self.blocked.iter().filter(|(id, _)| asked(id)) {
            run.block(source, reason);
        }
        for plan in plans {
            run.source(plan)?;
        }
        let canaries = run.canaries(canaries)?;
        let outlived = if self.contracts.register.nightly_retention {
            self.periods().apply(&mut run.next, &key.fingerprint())?
        } else {
            Outlived::default()
        };
        let Run {
            next,
            records,
            seen,
            refusals,
            strangers,
            outdated,
            ..
        } = run;
        let orphaned = self.orphaned(&next);
        write_refusals(store, id, &refusals)?;
        let with_canaries = |record: RunRecord| RunRecord {
            canaries: canaries.clone(),
            ..record
        };
        let changed = next.differs(current, &self.contracts.register);
        let (outcome, release) = if changed {
            let circumstances = Circumstances {
                run: id.to_owned(),
                published_at: stamp((self.now)()),
                register_version: self.contracts.register.version.clone(),
                register_adopted: self.contracts.register.adopted.clone(),
                key_fingerprint: key.fingerprint(),
            };
            let manifest = next.manifest(circumstances, current);
            let record = self.record(
                begun,
                RunOutcome::Gepubliceerd,
                Some(manifest.id.clone()),
                None,
                records.clone(),
            );
            store.prepare_end(&with_canaries(record))?;
            next.publish(store, &manifest)?;
            tracing::info!(release = %manifest.id, files = manifest.files.len(), "published");
            (RunOutcome::Gepubliceerd, Some(manifest.id))
        } else {
            next.abandon()?;
            (
                RunOutcome::Ongewijzigd,
                current.map(|c| c.manifest.id.clone()),
            )
        };
        let record = with_canaries(self.record(begun, outcome, release, None, records));
        store.end(&record)?;
        let mut dropped = publish::keep_newest(store, self.keep_releases)?;
        if self.contracts.register.nightly_retention {
            dropped.extend(self.periods().drop_releases(store)?);
        }
        let removed = raw::remove_outlived(self, &seen);
        Ok(RunReport {
            record,
            strangers,
            homeless: 0,
            orphaned,
            outdated,
            removed,
            dropped,
            outlived,
        })
    }

    pub(super) fn record(
        &self,
        begun: &Begun,
        outcome: RunOutcome,
        release: Option<String>,
        error: Option<String>,
        deliveries: Vec<DeliveryRecord>,
    ) -> RunRecord {
        RunRecord {
            id: begun.id.clone(),
            started_at: begun.started.clone(),
            ended_at: stamp((self.now)()),
            outcome,
            release,
            error,
            deliveries,
            pulls: begun.pulls.clone(),
            canaries: None,
        }
    }
}

fn write_refusals(store: &Store, id: &str, refusals: &[RefusalRecord]) -> Result<(), StoreError> {
    let mut lines = Vec::new();
    for refusal in refusals {
        serde_json::to_writer(&mut lines, refusal)?;
        lines.push(b'\n');
    }
    disk::write_atomic(&store.journal(id).join(history::REFUSALS), &lines)
        .map_err(StoreError::io("the journal"))
}

impl Run<'_> {
    /// Records what became of a delivery.
    #[expect(
        clippy::too_many_arguments,
        reason = "one for each thing that the record tells; a struct for them would be the record"
    )]
    pub fn note(
        &mut self,
        plan: &SourcePlan,
        delivery: &Delivery,
        sha256: &str,
        outcome: DeliveryOutcome,
        fault: Option<(&str, String)>,
        tally: &Tally,
        millis: u64,
    ) {
        let refused = tally.refused();
        let record = DeliveryRecord {
            source: delivery.source.clone(),
            part: delivery.part.clone(),
            order: delivery.order.clone(),
            sha256: sha256.to_owned(),
            bytes: delivery.bytes,
            outcome,
            reason: fault.map(|(rule, text)| format!("{rule}: {text}")),
            rows_in: tally.rows_in,
            rows_kept: if outcome == DeliveryOutcome::Geweigerd {
                0
            } else {
                tally.kept()
            },
            rows_refused: refused,
            rows_erased: tally.erased,
            refusals: tally.named(plan),
            millis,
        };
        self.refusals.extend(
            tally
                .listed
                .iter()
                .map(|&(row, column, rule)| RefusalRecord {
                    source: delivery.source.clone(),
                    delivery: sha256.to_owned(),
                    row,
                    column: column_name(plan, column),
                    rule: rule.name().into(),
                }),
        );
        self.job.observer.ends(&record);
        self.records.push(record);
        self.seen.push((delivery.clone(), outcome));
    }

    /// A source whose contract has faults: whatever it delivered is left alone, and the history says so.
    fn block(&mut self, source: &str, reason: &str) {
        let record = DeliveryRecord {
            source: source.into(),
            part: String::new(),
            order: String::new(),
            sha256: String::new(),
            bytes: 0,
            outcome: DeliveryOutcome::Geweigerd,
            reason: Some(format!("contract: {reason}")),
            rows_in: 0,
            rows_kept: 0,
            rows_refused: 0,
            rows_erased: 0,
            refusals: Vec::new(),
            millis: 0,
        };
        self.job.observer.ends(&record);
        self.records.push(record);
    }
}

/// RFC 3339 in UTC, to the second.
pub(super) fn stamp(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// The name of a fault and its text, for the record.
pub(super) fn reason(error: &IntakeError) -> (&'static str, String) {
    let rule = match error {
        IntakeError::Refused(fault) => fault.rule(),
        IntakeError::Mapping(_) | IntakeError::Writer(_) => DeliveryFault::Mapping {
            table: String::new(),
            what: String::new(),
        }
        .rule(),
        IntakeError::Lock(_) => "slot",
        IntakeError::Merge(MergeError::Late(_)) => "te_laat",
        IntakeError::Merge(_) | IntakeError::Worker(_) => "fout",
    };
    (rule, error.to_string())
}
