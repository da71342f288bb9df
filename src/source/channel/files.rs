//! Pulling from a server that has files: those that match the pattern and were not fetched before, each
//! whole or not at all.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use chrono::{DateTime, SecondsFormat, Utc};

use super::ledger::{Entry, Ledger};
use super::part::{Part, Work};
use super::pull::{Fetched, PullFault, Source, SourcePull};
use super::retry::Tries;
use super::{FileStore, Offer, PullError};
use crate::source::landing::{checksum_of, match_name};

/// Bytes after which a try counts as progress.
const PROGRESS_BYTES: u64 = 1 << 20;
/// The longest file of a checksum.
const MOST_CHECKSUM_BYTES: u64 = 4096;

/// A file that should be fetched.
struct Wanted {
    offer: Offer,
    /// The file of its checksum, where the pipeline demands one.
    checksum: Option<Offer>,
    part: String,
    order: String,
}

/// Fetches what is new.
///
/// # Errors
/// The server cannot be reached or read any more. Faults of single files are in `pull`.
pub(super) fn pull(
    source: &Source<'_>,
    work: &Work,
    pull: &mut SourcePull,
) -> Result<(), PullError> {
    let mut ledger = work.ledger()?;
    let mut line = Line {
        source,
        store: None,
        retries: 0,
    };
    let outcome = all(&mut line, work, &mut ledger, pull);
    pull.retries = line.retries;
    outcome
}

fn all(
    line: &mut Line<'_>,
    work: &Work,
    ledger: &mut Ledger,
    pull: &mut SourcePull,
) -> Result<(), PullError> {
    let offers = line.list()?;
    let wanted = wanted(line.source, offers, ledger, pull);
    // A part goes on as long as its file is wanted.
    work.sweep(wanted.iter().map(|w| w.offer.name.as_str()))?;
    let bytes = wanted.iter().map(|w| w.offer.bytes).sum();
    line.source.desk.observer.begins(&pull.source, bytes);
    for file in wanted {
        let delivery = Some((file.part.clone(), file.order.clone()));
        match line.fetch(work, ledger, file) {
            Ok(fetched) => pull.fetched.push(fetched),
            Err(error) => {
                let of_file = error.of_file();
                pull.faults.push(PullFault { delivery, error });
                // What no other file will do better ends the pull of this source.
                if !of_file {
                    break;
                }
            }
        }
    }
    Ok(())
}

/// What would be fetched.
///
/// # Errors
/// The server cannot be reached or read.
pub(super) fn look(source: &Source<'_>, pull: &mut SourcePull) -> Result<(), PullError> {
    let ledger = Work::look(source.desk.landing, source.pipeline)?;
    let mut line = Line {
        source,
        store: None,
        retries: 0,
    };
    let offers = line.list();
    pull.retries = line.retries;
    pull.fetched = wanted(source, offers?, &ledger, pull)
        .into_iter()
        .map(|w| Fetched {
            part: w.part,
            order: w.order,
            bytes: w.offer.bytes,
            sha256: String::new(),
            resumed_from: 0,
        })
        .collect();
    Ok(())
}

/// Sorts what lies at the partner's. Names that match no pattern are counted and forgotten.
fn wanted(
    source: &Source<'_>,
    offers: Vec<Offer>,
    ledger: &Ledger,
    pull: &mut SourcePull,
) -> Vec<Wanted> {
    let pipeline = source.pipeline;
    let mut checksums = BTreeMap::new();
    let mut files = Vec::new();
    for offer in offers {
        if let Some(name) = offer.name.strip_suffix(".sha256") {
            checksums.insert(name.to_owned(), offer);
        } else if let Some(name) = match_name(&pipeline.pattern, &offer.name) {
            files.push((name, offer));
        } else {
            pull.strangers += 1;
        }
    }
    let mut wanted = Vec::new();
    for ((part, order), offer) in files {
        let checksum = checksums.remove(&offer.name);
        if ledger.has(&offer) {
            pull.already += 1;
        } else if (pipeline.checksum_required && checksum.is_none())
            || !settled(source, &offer, pipeline.settle_seconds)
        {
            pull.waiting += 1;
        } else {
            let checksum = checksum.filter(|_| pipeline.checksum_required);
            wanted.push(Wanted {
                offer,
                checksum,
                part,
                order,
            });
        }
    }
    wanted.sort_by(|a, b| (&a.part, &a.order).cmp(&(&b.part, &b.order)));
    wanted
}

/// Whether a file was left alone for long enough to be whole.
fn settled(source: &Source<'_>, offer: &Offer, seconds: u64) -> bool {
    let Some(modified) = offer.modified.filter(|_| seconds > 0) else {
        return true;
    };
    // A time of change in the future says nothing about rest, so it counts as just now.
    let age = source.desk.clock.now().duration_since(modified);
    age.is_ok_and(|age| age.as_secs() >= seconds)
}

/// A connection that is made again when it breaks.
struct Line<'a> {
    source: &'a Source<'a>,
    store: Option<Box<dyn FileStore>>,
    retries: u32,
}

impl<'a> Line<'a> {
    fn tries(&self) -> Tries<'a> {
        Tries::new(self.source.desk.clock, self.source.desk.bounds.tries)
    }

    fn store(&mut self) -> Result<&mut dyn FileStore, PullError> {
        if self.store.is_none() {
            let Source {
                desk,
                pipeline,
                endpoint,
                ..
            } = self.source;
            self.store = Some(desk.opener.files(pipeline, endpoint)?);
        }
        match &mut self.store {
            Some(store) => Ok(store.as_mut()),
            None => Err(PullError::Broken),
        }
    }

    /// Waits and connects anew, when that may help.
    fn again(&mut self, tries: &mut Tries<'_>, error: PullError) -> Result<(), PullError> {
        self.store = None;
        tries.again(error)?;
        self.retries += 1;
        self.source.in_time()
    }

    fn list(&mut self) -> Result<Vec<Offer>, PullError> {
        let mut tries = self.tries();
        loop {
            match self.store().and_then(FileStore::list) {
                Ok(offers) => return Ok(offers),
                Err(error) => self.again(&mut tries, error)?,
            }
        }
    }

    /// Fetches one file until it is here, or trying again helps no more.
    fn fetch(
        &mut self,
        work: &Work,
        ledger: &mut Ledger,
        mut file: Wanted,
    ) -> Result<Fetched, PullError> {
        let most = self.source.desk.bounds.bytes;
        let mut tries = self.tries();
        let mut mismatched = false;
        loop {
            if file.offer.bytes > most {
                return Err(PullError::TooLarge(most >> 20));
            }
            let error = match self.attempt(work, ledger, &file, &mut tries) {
                Ok(fetched) => return Ok(fetched),
                Err(error) => error,
            };
            match error {
                // Once more from nothing: a part that went wrong on the way is the commonest cause.
                PullError::Checksum if !mismatched => {
                    mismatched = true;
                    self.retries += 1;
                    self.source.in_time()?;
                }
                error => {
                    let changed = error == PullError::Changed;
                    self.again(&mut tries, error)?;
                    if !changed {
                        continue;
                    }
                }
            }
            file = self.anew(file)?;
        }
    }

    /// The same file as it lies at the partner's now.
    fn anew(&mut self, mut file: Wanted) -> Result<Wanted, PullError> {
        let checksum = format!("{}.sha256", file.offer.name);
        let mut found = None;
        for offer in self.list()? {
            if offer.name == file.offer.name {
                found = Some(offer);
            } else if file.checksum.is_some() && offer.name == checksum {
                file.checksum = Some(offer);
            }
        }
        file.offer = found.ok_or(PullError::Changed)?;
        Ok(file)
    }

    fn attempt(
        &mut self,
        work: &Work,
        ledger: &mut Ledger,
        file: &Wanted,
        tries: &mut Tries<'_>,
    ) -> Result<Fetched, PullError> {
        let stated = match &file.checksum {
            Some(offer) => Some(self.checksum(offer)?),
            None => None,
        };
        let mut part = Part::of_file(work, &file.offer)?;
        let from = part.bytes();
        if from < file.offer.bytes {
            let source = self.source;
            let read = self.store()?.read(&file.offer, from, &mut |bytes| {
                part.take(&file.offer, bytes)?;
                source.came(bytes.len())
            });
            if part.bytes() - from >= PROGRESS_BYTES {
                tries.progress();
            }
            if let Err(error) = read.and_then(|()| whole(&part, &file.offer)) {
                return Err(keep(part, &file.offer, error));
            }
        }
        let sha256 = part.sha256();
        if stated.as_ref().is_some_and(|stated| *stated != sha256) {
            part.discard()?;
            return Err(PullError::Checksum);
        }
        let bytes = part.bytes();
        work.land(
            &file.offer.name,
            &part,
            stated.as_deref(),
            self.rest(&file.offer),
        )?;
        ledger.add(Entry {
            name: file.offer.name.clone(),
            bytes,
            mark: file.offer.mark.clone(),
            sha256: sha256.clone(),
            at: moment(self.source.desk.clock.now()),
            cursor: None,
        })?;
        Ok(Fetched {
            part: file.part.clone(),
            order: file.order.clone(),
            bytes,
            sha256,
            resumed_from: from,
        })
    }

    /// The time of change that the delivery gets here: it lands whole, so it is at rest.
    fn rest(&self, offer: &Offer) -> SystemTime {
        let source = self.source;
        at_rest(
            source.desk.clock.now(),
            offer.modified,
            source.pipeline.settle_seconds,
        )
    }

    /// The SHA-256 that the partner put beside a file.
    fn checksum(&mut self, offer: &Offer) -> Result<String, PullError> {
        let mut text = Vec::new();
        if offer.bytes <= MOST_CHECKSUM_BYTES {
            self.store()?.read(offer, 0, &mut |bytes| {
                text.extend_from_slice(bytes);
                if text.len() as u64 > MOST_CHECKSUM_BYTES {
                    return Err(PullError::NoChecksum);
                }
                Ok(())
            })?;
        }
        let text = String::from_utf8(text).unwrap_or_default();
        checksum_of(&text).ok_or(PullError::NoChecksum)
    }
}

/// All bytes came.
fn whole(part: &Part, offer: &Offer) -> Result<(), PullError> {
    if part.bytes() < offer.bytes {
        return Err(PullError::Broken);
    }
    Ok(())
}

/// Keeps what came for the next try, unless it belongs to nothing any more or there is no room for it.
fn keep(mut part: Part, offer: &Offer, error: PullError) -> PullError {
    let kept = match error {
        PullError::Changed | PullError::Landing(_) => part.discard(),
        _ => part.pause(offer),
    };
    match kept {
        Ok(()) => error,
        Err(disk) => disk,
    }
}

/// A time of change that counts as being at rest for so many seconds.
pub(super) fn at_rest(now: SystemTime, modified: Option<SystemTime>, seconds: u64) -> SystemTime {
    let rest = now.checked_sub(Duration::from_secs(seconds)).unwrap_or(now);
    modified.map_or(rest, |modified| modified.min(rest))
}

/// RFC 3339 in UTC, to the second.
pub(super) fn moment(at: SystemTime) -> String {
    DateTime::<Utc>::from(at).to_rfc3339_opts(SecondsFormat::Secs, true)
}
