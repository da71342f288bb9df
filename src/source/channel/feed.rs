//! Pulling from an interface that gives records page by page: one delivery a day, whole or not at all.
//!
//! The cursor is kept beside the part after every page, so that a pull that broke goes on with the next
//! page; the cursor of the next night is kept with the line in the ledger.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::files::{at_rest, moment};
use super::ledger::{Entry, Ledger};
use super::part::{Part, Work};
use super::pull::{Fetched, Source, SourcePull};
use super::retry::Tries;
use super::{Feed, Page, PullError};
use crate::contract::model::{Format, Mode, Pipeline};

/// How far the pages were fetched.
#[derive(Clone, Default, Serialize, Deserialize)]
struct Progress {
    /// Bytes of whole pages.
    bytes: u64,
    /// Records.
    records: u64,
    /// Where the next page begins; `None`: at the beginning.
    next: Option<String>,
    /// Where the last page with records began: the next night begins there, because records may have
    /// been added to it.
    keep: Option<String>,
    /// There is no next page.
    ended: bool,
}

/// The delivery of a day.
struct Today {
    name: String,
    order: String,
    array: bool,
}

impl Today {
    fn of(source: &Source<'_>) -> Result<Self, PullError> {
        let day: NaiveDate = DateTime::<Utc>::from(source.desk.clock.now()).date_naive();
        let order = day.format("%Y%m%d").to_string();
        let pattern = &source.pipeline.pattern;
        if !pattern.contains("{datum}") || pattern.contains("{deel}") {
            return Err(PullError::Endpoint(
                "needs a pipeline whose pattern has {datum} and not {deel}",
            ));
        }
        let Format::Json(dialect) = &source.pipeline.format else {
            return Err(PullError::Endpoint(
                "needs a pipeline of format json or ndjson",
            ));
        };
        Ok(Self {
            name: pattern.replace("{datum}", &order),
            order,
            array: !dialect.lines,
        })
    }

    fn fetched(&self, bytes: u64, sha256: String, resumed_from: u64) -> Fetched {
        Fetched {
            part: String::new(),
            order: self.order.clone(),
            bytes,
            sha256,
            resumed_from,
        }
    }
}

/// Fetches the delivery of today, unless it is there.
///
/// # Errors
/// See [`PullError`]; the pages that came stay for the next try.
pub(super) fn pull(source: &Source<'_>, pull: &mut SourcePull) -> Result<(), PullError> {
    let today = Today::of(source)?;
    let work = Work::open(source.desk.landing, source.pipeline)?;
    let mut ledger = work.ledger()?;
    if ledger.knows(&today.name) || work.landed(&today.name).exists() {
        pull.already = 1;
        return work.sweep(std::iter::empty());
    }
    work.sweep(std::iter::once(today.name.as_str()))?;
    source.desk.observer.begins(&pull.source, 0);
    let mut night = Night {
        source,
        feed: None,
        retries: 0,
    };
    let outcome = night.fetch(&today, &work, &mut ledger);
    pull.retries = night.retries;
    pull.fetched.extend(outcome?);
    Ok(())
}

/// Whether the delivery of today would be fetched. The interface is not asked.
///
/// # Errors
/// The settings are at fault, or the ledger cannot be read.
pub(super) fn look(source: &Source<'_>, pull: &mut SourcePull) -> Result<(), PullError> {
    let today = Today::of(source)?;
    let ledger = Work::look(source.desk.landing, source.pipeline)?;
    let folder = source.desk.landing.join(&source.pipeline.folder);
    if ledger.knows(&today.name) || folder.join(&today.name).exists() {
        pull.already = 1;
    } else {
        pull.fetched.push(today.fetched(0, String::new(), 0));
    }
    Ok(())
}

/// Where the first page of a night begins.
fn first(pipeline: &Pipeline, ledger: &Ledger) -> Option<String> {
    match pipeline.mode {
        Mode::Incremental => ledger.cursor().map(str::to_owned),
        Mode::Full => None,
    }
}

/// One night's pages.
struct Night<'a> {
    source: &'a Source<'a>,
    feed: Option<Box<dyn Feed>>,
    retries: u32,
}

impl Night<'_> {
    fn fetch(
        &mut self,
        today: &Today,
        work: &Work,
        ledger: &mut Ledger,
    ) -> Result<Option<Fetched>, PullError> {
        let (mut part, known) = Part::of_feed(work, &today.name, |p: &Progress| p.bytes)?;
        let from = part.bytes();
        let mut progress = known.unwrap_or_else(|| {
            let first = first(self.source.pipeline, ledger);
            Progress {
                next: first.clone(),
                keep: first,
                ..Progress::default()
            }
        });
        while !progress.ended {
            let page = self.page(progress.next.as_deref())?;
            self.add(today, &mut part, &mut progress, page)?;
        }
        self.land(today, work, ledger, part, progress, from)
    }

    /// A page; asked again when that may help.
    fn page(&mut self, cursor: Option<&str>) -> Result<Page, PullError> {
        let desk = self.source.desk;
        let mut tries = Tries::new(desk.clock, desk.bounds.tries);
        loop {
            self.source.in_time()?;
            let asked = self.feed().and_then(|feed| feed.page(cursor));
            match asked {
                Ok(page) => return Ok(page),
                Err(error) => {
                    tries.again(error)?;
                    self.retries += 1;
                }
            }
        }
    }

    /// The connection, made when there is none yet.
    fn feed(&mut self) -> Result<&mut dyn Feed, PullError> {
        if self.feed.is_none() {
            let Source {
                desk,
                pipeline,
                endpoint,
                ..
            } = self.source;
            self.feed = Some(desk.opener.feed(pipeline, endpoint)?);
        }
        match &mut self.feed {
            Some(feed) => Ok(feed.as_mut()),
            None => Err(PullError::Broken),
        }
    }

    /// Adds a page to the part, whole, and then says so.
    fn add(
        &self,
        today: &Today,
        part: &mut Part,
        progress: &mut Progress,
        page: Page,
    ) -> Result<(), PullError> {
        let most = self.source.desk.bounds.bytes;
        if part.bytes() + page.records.len() as u64 > most {
            return Err(PullError::TooLarge(most >> 20));
        }
        self.source.came(page.records.len())?;
        if page.count > 0 {
            append(today, part, progress.records == 0, &page.records)?;
            progress.keep.clone_from(&progress.next);
        }
        progress.bytes = part.bytes();
        progress.records += page.count;
        progress.ended = page.next.is_none();
        if page.next.is_some() {
            progress.next = page.next;
        }
        part.note(progress)
    }

    fn land(
        &self,
        today: &Today,
        work: &Work,
        ledger: &mut Ledger,
        mut part: Part,
        progress: Progress,
        from: u64,
    ) -> Result<Option<Fetched>, PullError> {
        let pipeline = self.source.pipeline;
        let now = self.source.desk.clock.now();
        let mut entry = Entry {
            name: today.name.clone(),
            bytes: 0,
            mark: String::new(),
            sha256: String::new(),
            at: moment(now),
            cursor: progress.keep,
        };
        // Nothing new is no news for a source that goes on from night to night; of a whole source it
        // is a delivery without rows, which the run refuses and tells of.
        if progress.records == 0 && pipeline.mode == Mode::Incremental {
            part.discard()?;
            ledger.add(entry)?;
            return Ok(None);
        }
        if today.array {
            let end: &[u8] = if progress.records == 0 {
                b"[]\n"
            } else {
                b"\n]\n"
            };
            part.append(end)?;
        }
        entry.bytes = part.bytes();
        entry.sha256 = part.sha256();
        let fetched = today.fetched(entry.bytes, entry.sha256.clone(), from);
        // An interface has no checksum of its own; what came over is what the run must read.
        let checksum = pipeline.checksum_required.then_some(entry.sha256.as_str());
        let modified = at_rest(now, None, pipeline.settle_seconds);
        work.land(&today.name, &part, checksum, modified)?;
        ledger.add(entry)?;
        Ok(Some(fetched))
    }
}

/// Adds the lines of a page: as they are, or as elements of one array.
fn append(today: &Today, part: &mut Part, first: bool, records: &[u8]) -> Result<(), PullError> {
    let lines = records.strip_suffix(b"\n").unwrap_or(records);
    if !today.array {
        part.append(lines)?;
        return part.append(b"\n");
    }
    part.append(if first { b"[\n" } else { b",\n" })?;
    let mut elements = Vec::with_capacity(lines.len() + 64);
    for (at, line) in lines.split(|b| *b == b'\n').enumerate() {
        if at > 0 {
            elements.extend_from_slice(b",\n");
        }
        elements.extend_from_slice(line);
    }
    part.append(&elements)
}
