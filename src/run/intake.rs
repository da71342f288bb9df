//! One delivery on its way: read, checked and treated in parallel, mapped, written to staging.
//!
//! Three stages run side by side with a bounded queue between them: a reader thread cuts the file into
//! pieces and hashes it, the rayon pool puts pieces through the lock, and one thread a mapping turns
//! treated batches into rows of a table. Pieces keep their order throughout, so the result does not
//! depend on the number of threads.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use rayon::prelude::*;
use thiserror::Error;

use crate::contract::model::{Mode, SourcePlan};
use crate::error::{Class, Classified};
use crate::lock::lawful::{Shown, Watch};
use crate::lock::rule::Rule;
use crate::lock::treated::{KeyWatch, Treated};
use crate::lock::{Lock, LockError, TreatedChunk};
use crate::source::fault::DeliveryFault;
use crate::source::format::{self, Decoder, Layout, Opened, Piece, Shape};
use crate::source::landing::Delivery;
use crate::source::raw::RawChunk;
use crate::source::reader::ReadSummary;
use crate::warehouse::journal::RefusalCount;
use crate::warehouse::mapping::{Feed, MappingError, PlannedMapping};
use crate::warehouse::merge::{self, MergeError};
use crate::warehouse::parquet::{PartitionedWriter, WriterError, WrittenFile};

/// Refused rows that are listed one by one; the counts go on beyond it.
const LISTED_REFUSALS: usize = 100_000;

/// Why a delivery was not taken in.
#[derive(Debug, Error)]
pub enum IntakeError {
    /// The delivery is refused; the run goes on.
    #[error(transparent)]
    Refused(#[from] DeliveryFault),
    /// The lock.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// A mapping.
    #[error(transparent)]
    Mapping(#[from] MappingError),
    /// The warehouse.
    #[error(transparent)]
    Writer(#[from] WriterError),
    /// Merging into what the release holds.
    #[error(transparent)]
    Merge(#[from] MergeError),
    /// A thread could not be started, or stopped without a word.
    #[error("a worker thread {0}")]
    Worker(&'static str),
}

impl From<arrow::error::ArrowError> for IntakeError {
    fn from(error: arrow::error::ArrowError) -> Self {
        Self::Merge(error.into())
    }
}

impl Classified for IntakeError {
    fn class(&self) -> Class {
        match self {
            Self::Refused(_) => Class::Data,
            Self::Lock(e) => e.class(),
            Self::Mapping(e) => e.class(),
            Self::Writer(e) => e.class(),
            Self::Merge(e) => e.class(),
            Self::Worker(_) => Class::Environment,
        }
    }

    fn remedy(&self) -> Option<String> {
        match self {
            Self::Refused(e) => Some(e.remedy().into()),
            Self::Lock(e) => e.remedy(),
            Self::Mapping(e) => e.remedy(),
            Self::Writer(e) => e.remedy(),
            Self::Merge(_) | Self::Worker(_) => None,
        }
    }
}

/// Counts of a delivery, also of a refused one as far as it was read.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Rows read.
    pub rows_in: u64,
    /// Refused rows, one by one, the first ones only.
    pub listed: Vec<(u64, Option<u16>, Rule)>,
    /// Refused rows by column and rule, all of them.
    pub counts: BTreeMap<(Option<u16>, Rule), u64>,
    /// Rows of persons who were erased. How many, and nothing else of them.
    pub erased: u64,
}

impl Tally {
    /// All refused rows.
    #[must_use]
    pub fn refused(&self) -> u64 {
        self.counts.values().sum()
    }

    /// Rows that passed.
    #[must_use]
    pub fn kept(&self) -> u64 {
        self.rows_in - self.refused() - self.erased
    }

    fn refuse(&mut self, row: u64, column: Option<u16>, rule: Rule) {
        *self.counts.entry((column, rule)).or_default() += 1;
        if self.listed.len() < LISTED_REFUSALS {
            self.listed.push((row, column, rule));
        }
    }

    /// The counts with the names of the contract.
    #[must_use]
    pub fn named(&self, plan: &SourcePlan) -> Vec<RefusalCount> {
        let named = |(&(column, rule), &rows): (&(Option<u16>, Rule), &u64)| RefusalCount {
            column: column_name(plan, column),
            rule: rule.name().into(),
            rows,
        };
        self.counts.iter().map(named).collect()
    }
}

/// The name of a column of the contract; empty for the whole row.
#[must_use]
pub fn column_name(plan: &SourcePlan, column: Option<u16>) -> String {
    column
        .and_then(|at| plan.contract.columns.get(usize::from(at)))
        .map_or(String::new(), |c| c.name.clone())
}

/// What a delivery became: files in staging, not yet part of any release.
pub struct Taken {
    /// What was read.
    pub read: ReadSummary,
    /// Files by table.
    pub files: Vec<(String, Vec<WrittenFile>)>,
    /// Paths of the files of the release that these take the place of, for an incremental source.
    pub replaced: BTreeSet<String>,
}

/// A mapping and the writer that takes its rows.
pub struct Outlet {
    /// Where treated batches go in.
    pub feed: Feed,
    /// The planned mapping.
    pub mapping: PlannedMapping,
    /// The writer of its table.
    pub writer: PartitionedWriter,
    /// The table.
    pub table: String,
}

/// Everything that taking in a delivery needs.
pub struct Intake<'a> {
    /// The plan of the source.
    pub plan: &'a SourcePlan,
    /// Its lock.
    pub lock: &'a Lock,
    /// Bytes in a piece.
    pub piece_bytes: usize,
    /// Told how many bytes were read.
    pub progress: &'a (dyn Fn(u64) + Sync),
}

/// Takes a delivery in. The tally is filled as far as the reading came, whatever the outcome.
///
/// # Errors
/// [`IntakeError::Refused`] when the delivery is at fault; all else stops the run.
pub fn take(
    intake: &Intake<'_>,
    delivery: &Delivery,
    outlets: Vec<Outlet>,
    tally: &mut Tally,
) -> Result<Taken, IntakeError> {
    let pipeline = &intake.plan.pipeline;
    let stated = if pipeline.checksum_required {
        Some(delivery.stated_checksum()?)
    } else {
        None
    };
    let version = intake
        .plan
        .contract
        .version_on(delivery.day())
        .ok_or(DeliveryFault::NoVersion)?;
    let opened = format::open(&delivery.path, intake.plan, version, intake.piece_bytes)?;
    let Opened {
        layout,
        decoder,
        shape,
    } = opened;
    let mut stream = Stream::new(intake, shape.as_deref(), &layout);
    let (read, files) = thread::scope(|scope| {
        let (feeds, workers): (Vec<_>, Vec<_>) = outlets
            .into_iter()
            .map(|outlet| {
                let Outlet {
                    feed,
                    mapping,
                    mut writer,
                    table,
                } = outlet;
                let incremental = pipeline.mode == Mode::Incremental;
                let work = move || {
                    let mut rows = 0;
                    mapping.run::<IntakeError>(|batch| {
                        if !incremental {
                            return Ok(writer.push(batch)?);
                        }
                        let numbered = merge::number_rows(batch, rows)?;
                        rows += i64::try_from(batch.num_rows()).unwrap_or(i64::MAX);
                        Ok(writer.push(&numbered)?)
                    })?;
                    Ok::<_, IntakeError>((table, writer))
                };
                (feed, scope.spawn(work))
            })
            .unzip();
        let (sender, pieces) = sync_channel(rayon::current_num_threads() * 4);
        let reading = scope.spawn(move || read_all(decoder, &sender));
        let streamed = stream.run(&pieces, &feeds, tally);
        drop((pieces, feeds));
        let read = reading.join().map_err(|_| IntakeError::Worker("stopped"))?;
        let mut files = Vec::new();
        let mut failed = None;
        for worker in workers {
            match worker
                .join()
                .map_err(|_| IntakeError::Worker("stopped"))
                .flatten()
            {
                Ok(done) => files.push(done),
                Err(error) => failed = failed.or(Some(error)),
            }
        }
        // A mapping that failed ends the stream early; its own error says more.
        match (failed, streamed) {
            (Some(error), _) => Err(error),
            (None, streamed) => streamed.and_then(|()| Ok((read?, files))),
        }
    })?;
    judge(intake.plan, &mut stream, &read, stated, tally)?;
    let files = files
        .into_iter()
        .map(|(table, writer)| Ok((table, writer.finish()?)))
        .collect::<Result<_, WriterError>>()?;
    Ok(Taken {
        read,
        files,
        replaced: BTreeSet::new(),
    })
}

/// Takes rows through check and lock that came in no delivery and go to no table: each by itself, so that
/// one that is refused leaves a hole. The cells stand in the order of the contract.
///
/// # Errors
/// As [`take`]; a refused row is in the tally.
pub fn treat_alone(
    intake: &Intake<'_>,
    rows: Vec<RawChunk>,
    tally: &mut Tally,
) -> Result<Vec<Treated>, IntakeError> {
    let layout = Layout::of_contract(&intake.plan.contract.columns);
    let mut stream = Stream::new(intake, None, &layout);
    let mut all = Vec::with_capacity(rows.len());
    for row in rows {
        let (chunk, _) = stream.treat(Piece::Rows(row, 0))??;
        all.push(stream.admit(chunk, tally)?);
    }
    match stream.unlawful(tally) {
        Some(fault) => Err(fault.into()),
        None => Ok(all),
    }
}

/// What can be judged only at the end: was it all there, was it what the partner sent, was it good enough.
fn judge(
    plan: &SourcePlan,
    stream: &mut Stream<'_>,
    read: &ReadSummary,
    stated: Option<String>,
    tally: &Tally,
) -> Result<(), DeliveryFault> {
    match stated {
        Some(stated) if stated != read.sha256 => return Err(DeliveryFault::ChecksumMismatch),
        // With a checksum the last line end may be missing; without one it is all we have to go by.
        None if !read.terminated => return Err(DeliveryFault::Truncated(tally.rows_in)),
        _ if stream.last_malformed && !read.terminated => {
            return Err(DeliveryFault::Truncated(tally.rows_in));
        }
        _ => {}
    }
    if tally.rows_in == 0 && plan.pipeline.mode == Mode::Full {
        return Err(DeliveryFault::NoRows);
    }
    // Before the threshold: that the partner sent what it may not send matters more than how much of it
    // was refused.
    if let Some(fault) = stream.unlawful(tally) {
        return Err(fault);
    }
    let max = plan.pipeline.max_refused_percent;
    #[expect(
        clippy::cast_precision_loss,
        reason = "a share of rows, far below 2^52"
    )]
    let share = 100.0 * tally.refused() as f64 / tally.rows_in.max(1) as f64;
    if share > max {
        return Err(DeliveryFault::TooManyRefused {
            refused: tally.refused(),
            rows: tally.rows_in,
            max: max.to_string(),
        });
    }
    Ok(())
}

fn read_all(
    mut reader: Box<dyn Decoder>,
    sender: &SyncSender<Result<Piece, DeliveryFault>>,
) -> Result<ReadSummary, DeliveryFault> {
    loop {
        match reader.next_piece() {
            Ok(Some(piece)) => {
                if sender.send(Ok(piece)).is_err() {
                    return reader.finish();
                }
            }
            Ok(None) => return reader.finish(),
            Err(fault) => {
                // When nobody listens any more, an earlier fault has ended the stream.
                let _ = sender.send(Err(fault.clone()));
                return Err(fault);
            }
        }
    }
}

/// A treated piece and its size, or the fault that makes the delivery unreadable.
type Treating = Result<(TreatedChunk, u64), DeliveryFault>;

/// Pieces on their way through the lock.
struct Stream<'a> {
    intake: &'a Intake<'a>,
    shape: Option<&'a dyn Shape>,
    layout: &'a Layout,
    watch: Option<KeyWatch>,
    /// What all pieces so far show of things that the source may not send.
    shown: Option<Shown>,
    last_malformed: bool,
}

impl<'a> Stream<'a> {
    fn new(intake: &'a Intake<'a>, shape: Option<&'a dyn Shape>, layout: &'a Layout) -> Self {
        Self {
            intake,
            shape,
            layout,
            watch: intake.lock.key_watch(),
            shown: intake.lock.watch().map(Watch::nothing),
            last_malformed: false,
        }
    }

    fn run(
        &mut self,
        pieces: &Receiver<Result<Piece, DeliveryFault>>,
        feeds: &[Feed],
        tally: &mut Tally,
    ) -> Result<(), IntakeError> {
        let together = rayon::current_num_threads() * 4;
        let mut ended = false;
        while !ended {
            let mut batch = Vec::with_capacity(together);
            let mut fault = None;
            while batch.len() < together && fault.is_none() {
                match pieces.recv() {
                    Ok(Ok(piece)) => batch.push(piece),
                    Ok(Err(found)) => fault = Some(found),
                    Err(_) => break,
                }
            }
            ended = batch.len() < together;
            let treated: Vec<_> = batch
                .into_par_iter()
                .map(|piece| self.treat(piece))
                .collect();
            for chunk in treated {
                let (chunk, bytes) = chunk?.map_err(|fault| fault.after(tally.rows_in))?;
                self.pass(chunk, feeds, tally)?;
                (self.intake.progress)(bytes);
            }
            if let Some(fault) = fault {
                return Err(fault.after(tally.rows_in).into());
            }
        }
        Ok(())
    }

    fn treat(&self, piece: Piece) -> Result<Treating, LockError> {
        let (raw, bytes) = match (piece, self.shape) {
            (Piece::Rows(raw, bytes), _) => (raw, bytes),
            (Piece::Bytes(piece), Some(shape)) => {
                let bytes = piece.len() as u64;
                match shape.shape(piece) {
                    Ok(raw) => (raw, bytes),
                    Err(fault) => return Ok(Err(fault)),
                }
            }
            // A decoder that gives bytes and cannot shape them would lose rows.
            (Piece::Bytes(_), None) => return Err(LockError::Shapeless),
        };
        Ok(Ok((self.intake.lock.treat(&raw, self.layout)?, bytes)))
    }

    /// What the delivery as a whole shows that its source may not send.
    fn unlawful(&mut self, tally: &Tally) -> Option<DeliveryFault> {
        let doubled = tally.counts.get(&(None, Rule::DubbeleSleutel)).copied();
        let watch = self.intake.lock.watch()?;
        watch.judge(
            self.shown.as_mut()?,
            tally.rows_in,
            doubled.unwrap_or_default(),
        )
    }

    fn pass(
        &mut self,
        chunk: TreatedChunk,
        feeds: &[Feed],
        tally: &mut Tally,
    ) -> Result<(), IntakeError> {
        let treated = self.admit(chunk, tally)?;
        if treated.batch().num_rows() > 0 && !feeds.iter().all(|feed| feed.send(&treated)) {
            return Err(IntakeError::Worker("stopped"));
        }
        Ok(())
    }

    /// What of a treated piece may go on; the rest is in the tally.
    fn admit(&mut self, chunk: TreatedChunk, tally: &mut Tally) -> Result<Treated, IntakeError> {
        if let Some(fault) = chunk.fault {
            return Err(fault.after(tally.rows_in).into());
        }
        if let (Some(all), Some(shown)) = (&mut self.shown, chunk.shown) {
            all.absorb(shown);
        }
        let first = tally.rows_in + 1;
        for refusal in &chunk.refusals {
            tally.refuse(first + u64::from(refusal.row), refusal.column, refusal.rule);
        }
        self.last_malformed = chunk.last_row_malformed;
        tally.rows_in += chunk.rows_in as u64;
        tally.erased += chunk.erased.len() as u64;
        Ok(match &mut self.watch {
            None => chunk.treated,
            Some(watch) => {
                let (treated, doubled) = watch.admit(chunk.treated)?;
                let refused = chunk.refusals.iter().map(|r| u64::from(r.row));
                let erased = chunk.erased.iter().map(|r| u64::from(*r));
                let mut absent: Vec<u64> = refused.chain(erased).collect();
                absent.sort_unstable();
                let mut absent = absent.into_iter().peekable();
                let mut before = 0;
                for place in doubled {
                    // The batch lacks the rows that did not pass; count those that stood before this one.
                    let mut row = place as u64 + before;
                    while absent.next_if(|r| *r <= row).is_some() {
                        before += 1;
                        row += 1;
                    }
                    tally.refuse(first + row, None, Rule::DubbeleSleutel);
                }
                treated
            }
        })
    }
}
