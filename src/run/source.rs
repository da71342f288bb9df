//! One source in a run: which of its deliveries count, and what becomes of them.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use sha2::{Digest, Sha256};

use super::intake::{self, Intake, IntakeError, Outlet, Taken, Tally};
use super::job::{Intention, Job, Run, RunError, reason};
use crate::contract::model::{Mode, SourcePlan};
use crate::error::{Class, Classified};
use crate::lock::postcode::PostcodeTable;
use crate::lock::treated::postcode_table;
use crate::lock::{Lock, LockError};
use crate::source::fault::DeliveryFault;
use crate::source::landing::Delivery;
use crate::warehouse::journal::DeliveryOutcome;
use crate::warehouse::manifest::{DeliveryEntry, FileEntry};
use crate::warehouse::mapping::{self, Tables};
use crate::warehouse::merge::{self, Merge};
use crate::warehouse::parquet::{PartitionedWriter, read_file};
use crate::warehouse::recipe::recipe;
use crate::warehouse::release::Release;
use crate::warehouse::scan;

/// The table by which postcodes become wijken.
const POSTCODES: &str = "postcode";

/// What a run would do with a delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Intent {
    /// Read it: it is new.
    New,
    /// Read it: its content differs from what was published under its name.
    Changed,
    /// Read it again: the contract, the mapping, the key or a table it builds on has changed.
    Recipe,
    /// Leave it: it is part of the release.
    Unchanged,
    /// Leave it: a later one takes its place.
    Superseded,
    /// Refuse it.
    Refuse(DeliveryFault),
}

impl Run<'_> {
    /// Takes the deliveries of one source in.
    pub(super) fn source(&mut self, plan: &SourcePlan) -> Result<(), RunError> {
        let landed = self.job.landed(plan)?;
        if landed.strangers > 0 {
            self.strangers
                .insert(plan.contract.id.clone(), landed.strangers);
        }
        let recipe = recipe(plan, &self.key.fingerprint(), self.next.files());
        self.outdated.extend(outdated(
            plan,
            &recipe,
            self.next.deliveries(),
            &landed.deliveries,
        ));
        match plan.pipeline.mode {
            Mode::Full => self.full(plan, &recipe, landed.deliveries),
            Mode::Incremental => self.incremental(plan, &recipe, landed.deliveries),
        }
    }

    /// Of each part the newest delivery that is good counts; it replaces what was there.
    fn full(
        &mut self,
        plan: &SourcePlan,
        recipe: &str,
        mut deliveries: Vec<Delivery>,
    ) -> Result<(), RunError> {
        deliveries.sort_by(|a, b| (&a.part, &b.order).cmp(&(&b.part, &a.order)));
        let mut done: Option<String> = None;
        for delivery in deliveries {
            let published = self
                .next
                .deliveries()
                .find(|d| d.source == delivery.source && d.part == delivery.part)
                .cloned();
            let taken = done.as_ref() == Some(&delivery.part);
            match intent(self.job, plan, recipe, published.as_ref(), &delivery, taken) {
                Intent::Superseded => self.leave(plan, &delivery, "", DeliveryOutcome::Achterhaald),
                Intent::Unchanged => {
                    self.leave(
                        plan,
                        &delivery,
                        published.as_ref().map_or("", |p| &p.sha256),
                        DeliveryOutcome::Ongewijzigd,
                    );
                    done = Some(delivery.part);
                }
                Intent::Refuse(fault) => {
                    self.refuse(plan, &delivery, "", &fault.into(), &Tally::default(), 0);
                }
                Intent::New | Intent::Changed | Intent::Recipe => {
                    if self.process(plan, recipe, &delivery)? {
                        done = Some(delivery.part);
                    }
                }
            }
        }
        Ok(())
    }

    pub(super) fn leave(
        &mut self,
        plan: &SourcePlan,
        delivery: &Delivery,
        sha256: &str,
        outcome: DeliveryOutcome,
    ) {
        self.note(plan, delivery, sha256, outcome, None, &Tally::default(), 0);
    }

    pub(super) fn refuse(
        &mut self,
        plan: &SourcePlan,
        delivery: &Delivery,
        sha256: &str,
        error: &IntakeError,
        tally: &Tally,
        millis: u64,
    ) {
        let (rule, text) = reason(error);
        tracing::info!(source = %delivery.source, part = %delivery.part, order = %delivery.order, rule, "delivery refused");
        self.note(
            plan,
            delivery,
            sha256,
            DeliveryOutcome::Geweigerd,
            Some((rule, text)),
            tally,
            millis,
        );
    }

    /// Reads a delivery. `true`: it is in the next release. `false`: it was refused and nothing changed.
    pub(super) fn process(
        &mut self,
        plan: &SourcePlan,
        recipe: &str,
        delivery: &Delivery,
    ) -> Result<bool, RunError> {
        let began = Instant::now();
        self.job.observer.begins(delivery);
        let mut tally = Tally::default();
        let taken = self.take(plan, delivery, &mut tally);
        let millis = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        match taken {
            Ok(taken) => {
                let sha256 = taken.read.sha256.clone();
                self.settle(plan, recipe, delivery, taken, &tally)?;
                self.note(
                    plan,
                    delivery,
                    &sha256,
                    DeliveryOutcome::Verwerkt,
                    None,
                    &tally,
                    millis,
                );
                Ok(true)
            }
            Err(error) if matches!(error.class(), Class::Data | Class::User) => {
                // The reading may have stopped halfway; the record must still say which file it was.
                let sha256 = hash_file(&delivery.path).unwrap_or_default();
                self.refuse(plan, delivery, &sha256, &error, &tally, millis);
                Ok(false)
            }
            Err(error) => Err(RunError::Intake {
                source_id: plan.contract.id.clone(),
                error: Box::new(error),
            }),
        }
    }

    /// The lock of a source as it is tonight.
    pub(super) fn lock(&mut self, plan: &SourcePlan) -> Result<Lock, IntakeError> {
        let postcodes = self.postcodes(plan)?;
        let lock = Lock::new(plan, self.key, postcodes.as_ref())?;
        Ok(match &self.erased {
            Some(erased) => lock.without(plan, erased),
            None => lock,
        })
    }

    fn take(
        &mut self,
        plan: &SourcePlan,
        delivery: &Delivery,
        tally: &mut Tally,
    ) -> Result<Taken, IntakeError> {
        let lock = self.lock(plan)?;
        let incremental = plan.pipeline.mode == Mode::Incremental;
        let mut outlets = Vec::new();
        for mapping in &plan.mappings {
            let Some(spec) = self.job.contracts.tables.get(&mapping.table) else {
                continue;
            };
            let tables = self.tables(plan)?;
            let (feed, planned) = mapping::plan(
                mapping,
                spec,
                incremental,
                lock.schema(),
                tables,
                self.job.mapping_bytes,
            )?;
            let scratch = self.scratch(delivery, &mapping.table)?;
            let written = if incremental {
                merge::delta_spec(spec)
            } else {
                spec.clone()
            };
            let budget = self.job.buffer_bytes / plan.mappings.len();
            let writer = PartitionedWriter::new(&written, &scratch, budget)?;
            outlets.push(Outlet {
                feed,
                mapping: planned,
                writer,
                table: mapping.table.clone(),
            });
        }
        let source = plan.contract.id.as_str();
        let observer = self.job.observer;
        let progress = move |bytes| observer.advances(source, bytes);
        let intake = Intake {
            plan,
            lock: &lock,
            piece_bytes: self.job.piece_bytes,
            progress: &progress,
        };
        let taken = intake::take(&intake, delivery, outlets, tally)?;
        self.merged(plan, delivery, taken)
    }

    fn scratch(&self, delivery: &Delivery, table: &str) -> Result<std::path::PathBuf, IntakeError> {
        let name = format!(
            "{}-{}-{}-{table}",
            delivery.source, delivery.part, delivery.order
        );
        self.next
            .scratch(&name)
            .map_err(|e| io_error(&e.to_string()))
    }

    /// For an incremental source: the files after merging, in the place of those of the delivery.
    fn merged(
        &mut self,
        plan: &SourcePlan,
        delivery: &Delivery,
        mut taken: Taken,
    ) -> Result<Taken, IntakeError> {
        if plan.pipeline.mode == Mode::Full {
            return Ok(taken);
        }
        for (table, files) in std::mem::take(&mut taken.files) {
            let Some(spec) = self.job.contracts.tables.get(&table) else {
                continue;
            };
            let mine = |f: &FileEntry| f.source == plan.contract.id;
            let data: Vec<FileEntry> = self
                .next
                .files_of(&table)
                .into_iter()
                .filter(mine)
                .collect();
            let state_folder = format!("{}/", merge::state_table(&table));
            let state = self
                .next
                .files()
                .find(|f| mine(f) && f.path.starts_with(&state_folder))
                .cloned();
            let scratch = self.scratch(delivery, &format!("{table}-samen"))?;
            // Of two parts of the same day the one whose name comes later speaks last.
            let order = match delivery.part.as_str() {
                "" => delivery.order.clone(),
                part => format!("{}_{part}", delivery.order),
            };
            let merge = Merge {
                spec,
                root: self.next.root(),
                data: &data,
                state: state.as_ref(),
                order: &order,
                scratch: &scratch,
                budget: self.job.buffer_bytes,
            };
            let merged = merge.run(&files)?;
            let gone: std::collections::BTreeSet<String> = data
                .iter()
                .filter(|f| merged.partitions.contains(&merge::partition_of(f)))
                .chain(&state)
                .map(|f| f.path.clone())
                .collect();
            taken.replaced.extend(gone);
            taken.files.push((table.clone(), merged.files));
            taken.files.push((merge::state_table(&table), merged.state));
        }
        Ok(taken)
    }

    /// Puts the files of a delivery into the next release.
    fn settle(
        &mut self,
        plan: &SourcePlan,
        recipe: &str,
        delivery: &Delivery,
        taken: Taken,
        tally: &Tally,
    ) -> Result<(), RunError> {
        let (source, part) = (delivery.source.as_str(), delivery.part.as_str());
        let full = plan.pipeline.mode == Mode::Full;
        // A source that used to be incremental: what it holds is of no part, and goes with its state.
        let was_merged = |f: &FileEntry| f.source == source && f.is_state();
        let turned = full && self.next.files().any(was_merged);
        let gone = |f: &FileEntry| {
            if full {
                f.source == source && (turned || f.part == part)
            } else {
                taken.replaced.contains(&f.path)
            }
        };
        // Files of an incremental source hold rows of many deliveries, whatever their part.
        let part_of_files = if full { part } else { "" };
        self.next
            .replace(source, part_of_files, gone, taken.files)?;
        if plan.mappings.iter().any(|m| m.table == POSTCODES) {
            self.postcodes = None;
        }
        let entry = DeliveryEntry {
            source: source.into(),
            part: part.into(),
            order: delivery.order.clone(),
            sha256: taken.read.sha256,
            recipe: recipe.into(),
            bytes: taken.read.bytes,
            rows_in: tally.rows_in,
            rows_kept: tally.kept(),
            rows_refused: tally.refused(),
            run: self.id.clone(),
        };
        self.next.stand_on(entry, |d| {
            let same = d.part == part && (full || d.order == delivery.order);
            d.source == source && (turned || same)
        });
        Ok(())
    }

    /// The postcode table, for sources that need one.
    fn postcodes(&mut self, plan: &SourcePlan) -> Result<Option<Arc<PostcodeTable>>, IntakeError> {
        use crate::contract::model::Treatment;
        if !plan
            .contract
            .columns
            .iter()
            .any(|c| matches!(c.treatment, Treatment::Wijk { .. }))
        {
            return Ok(None);
        }
        if self.postcodes.is_none() {
            let files = self.next.files_of(POSTCODES);
            if files.is_empty() {
                return Err(LockError::NoPostcodes(plan.contract.id.clone()).into());
            }
            let mut batches = Vec::new();
            for file in files {
                batches.extend(
                    read_file(&self.next.root().join(&file.path)).map_err(|e| io_error(&e))?,
                );
            }
            self.postcodes = Some(Arc::new(postcode_table(&batches)));
        }
        Ok(self.postcodes.clone())
    }

    /// The tables that a source's mappings may join: those that its `after` sources fill.
    fn tables(&self, plan: &SourcePlan) -> Result<Tables, IntakeError> {
        let mut tables = Tables::new();
        for table in tables_before(plan, self.job) {
            if let Some(spec) = self.job.contracts.tables.get(&table) {
                let provider =
                    scan::table_provider(spec, self.next.root(), &self.next.files_of(&table));
                tables.push((table, provider.map_err(|e| io_error(&e.to_string()))?));
            }
        }
        Ok(tables)
    }
}

fn io_error(what: &str) -> IntakeError {
    IntakeError::Writer(io::Error::other(what.to_owned()).into())
}

fn tables_before(plan: &SourcePlan, job: &Job<'_>) -> std::collections::BTreeSet<String> {
    let before = job
        .contracts
        .sources
        .iter()
        .filter(|p| plan.pipeline.after.contains(&p.contract.id));
    before
        .flat_map(|p| p.mappings.iter().map(|m| m.table.clone()))
        .collect()
}

/// What a run would do with each delivery of a source.
pub(super) fn intentions(
    job: &Job<'_>,
    plan: &SourcePlan,
    fingerprint: &str,
    current: Option<&Release>,
    deliveries: &[Delivery],
) -> Vec<Intention> {
    let manifest = current.map(|c| &c.manifest);
    let recipe = recipe(
        plan,
        fingerprint,
        manifest.into_iter().flat_map(|m| &m.files),
    );
    let full = plan.pipeline.mode == Mode::Full;
    let newest = |d: &Delivery| {
        deliveries
            .iter()
            .filter(|o| o.part == d.part)
            .map(|o| &o.order)
            .max()
            == Some(&d.order)
    };
    let what = |d: &Delivery| {
        let same = |e: &&DeliveryEntry| {
            e.source == d.source && e.part == d.part && (full || e.order == d.order)
        };
        let published = manifest.into_iter().flat_map(|m| &m.deliveries).find(same);
        intent(job, plan, &recipe, published, d, full && !newest(d))
    };
    deliveries
        .iter()
        .map(|d| Intention {
            delivery: d.clone(),
            what: what(d),
        })
        .collect()
}

/// What to do with a delivery, given the one that the release stands on in its place. `taken`: a newer
/// one of the same part was good.
pub(super) fn intent(
    job: &Job<'_>,
    plan: &SourcePlan,
    recipe: &str,
    published: Option<&DeliveryEntry>,
    delivery: &Delivery,
    taken: bool,
) -> Intent {
    let pipeline = &plan.pipeline;
    if taken || (pipeline.mode == Mode::Full && published.is_some_and(|p| p.order > delivery.order))
    {
        return Intent::Superseded;
    }
    if let Err(fault) = delivery.settled(pipeline.settle_seconds, (job.now)().into()) {
        return Intent::Refuse(fault);
    }
    let Some(published) = published.filter(|p| p.order == delivery.order) else {
        return Intent::New;
    };
    if published.bytes != delivery.bytes {
        return Intent::Changed;
    }
    match hash_file(&delivery.path) {
        Err(e) => Intent::Refuse(DeliveryFault::Unreadable(e.kind())),
        Ok(sha256) if sha256 != published.sha256 => Intent::Changed,
        Ok(_) if published.recipe != recipe => Intent::Recipe,
        Ok(_) => Intent::Unchanged,
    }
}

/// Sources whose published delivery was treated under another recipe and lies no longer in the landing
/// folder: they cannot be treated again.
fn outdated<'a>(
    plan: &SourcePlan,
    recipe: &str,
    published: impl Iterator<Item = &'a DeliveryEntry>,
    landed: &[Delivery],
) -> Option<String> {
    let gone = |d: &DeliveryEntry| {
        !landed
            .iter()
            .any(|l| l.part == d.part && l.order >= d.order)
    };
    let mut mine = published.filter(|d| d.source == plan.contract.id);
    mine.any(|d| d.recipe != recipe && gone(d))
        .then(|| plan.contract.id.clone())
}

fn hash_file(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 20];
    loop {
        let got = file.read(&mut buffer)?;
        if got == 0 {
            return Ok(crate::hex::encode(&hasher.finalize()));
        }
        hasher.update(&buffer[..got]);
    }
}
