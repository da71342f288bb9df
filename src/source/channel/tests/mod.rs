//! What the pull desk promises, whatever the channel: partners made of memory, a clock that never waits.

#![expect(clippy::disallowed_methods, reason = "tests make their own files")]

mod feeds;
mod files;

use std::collections::{BTreeMap, VecDeque};
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use tempfile::TempDir;

use super::open::Opener;
use super::pull::{Bounds, PullDesk, PullObserver, SourcePull};
use super::retry::Clock;
use super::{Feed, FileStore, Offer, Page, PullError};
use crate::contract::model::{Channel, Format, JsonDialect, Mode, NextPage, Paging, Pipeline};
use crate::settings::Settings;
use crate::settings::endpoint::Endpoint;

/// 15 January 2025, 02:00 in world time.
const NIGHT: u64 = 1_736_906_400;
const DAY: Duration = Duration::from_hours(24);

/// What a partner has, and what goes wrong there.
#[derive(Default)]
struct Partner {
    files: BTreeMap<String, File>,
    /// What the next readings of files do, first one first; nothing: they are good.
    readings: VecDeque<Reading>,
    /// What the next connections or lists end with.
    refusals: VecDeque<PullError>,
    /// Files that were read, and from where.
    read: Vec<(String, u64)>,
    /// Pages by the cursor where they begin.
    pages: BTreeMap<Option<String>, (Vec<&'static str>, Option<&'static str>)>,
    /// Answers that fail, first one first; `None`: it is good.
    answers: VecDeque<Option<PullError>>,
    /// Cursors that were asked for.
    asked: Vec<Option<String>>,
}

#[derive(Clone)]
struct File {
    bytes: Vec<u8>,
    mark: &'static str,
    modified: Option<SystemTime>,
}

enum Reading {
    Good,
    /// Ends with an error after so many bytes.
    Ends(usize, PullError),
    /// Gives other bytes than those of the file.
    Garbled,
    /// The file becomes another one.
    Replaced(File),
}

impl Partner {
    fn has(&mut self, name: &str, bytes: &[u8]) {
        let file = File {
            bytes: bytes.to_vec(),
            mark: "m1",
            modified: None,
        };
        self.files.insert(name.to_owned(), file);
    }

    fn vouches(&mut self, name: &str, bytes: &[u8]) {
        use sha2::Digest;
        let digest = crate::hex::encode(&sha2::Sha256::digest(bytes));
        self.has(
            &format!("{name}.sha256"),
            format!("{digest} *{name}\n").as_bytes(),
        );
    }
}

type Shared = Arc<Mutex<Partner>>;

struct Store(Shared);

impl FileStore for Store {
    fn list(&mut self) -> Result<Vec<Offer>, PullError> {
        let offer = |(name, file): (&String, &File)| Offer {
            name: name.clone(),
            bytes: file.bytes.len() as u64,
            mark: file.mark.to_owned(),
            modified: file.modified,
        };
        Ok(self.0.lock().unwrap().files.iter().map(offer).collect())
    }

    fn read(
        &mut self,
        offer: &Offer,
        from: u64,
        take: &mut dyn FnMut(&[u8]) -> Result<(), PullError>,
    ) -> Result<(), PullError> {
        let mut partner = self.0.lock().unwrap();
        let file = partner
            .files
            .get(&offer.name)
            .cloned()
            .ok_or(PullError::Changed)?;
        if file.mark != offer.mark {
            return Err(PullError::Changed);
        }
        let mut rest = file.bytes[usize::try_from(from).unwrap()..].to_vec();
        if offer.name.ends_with(".sha256") {
            return take(&rest);
        }
        partner.read.push((offer.name.clone(), from));
        match partner.readings.pop_front().unwrap_or(Reading::Good) {
            Reading::Good => {}
            Reading::Ends(after, error) => {
                take(&rest[..after])?;
                return Err(error);
            }
            Reading::Garbled => rest.fill(b'?'),
            Reading::Replaced(other) => {
                partner.files.insert(offer.name.clone(), other);
                return Err(PullError::Changed);
            }
        }
        rest.chunks(3).try_for_each(take)
    }
}

struct Interface(Shared);

impl Feed for Interface {
    fn page(&mut self, cursor: Option<&str>) -> Result<Page, PullError> {
        let mut partner = self.0.lock().unwrap();
        let cursor = cursor.map(str::to_owned);
        partner.asked.push(cursor.clone());
        if let Some(Some(error)) = partner.answers.pop_front() {
            return Err(error);
        }
        let (records, next) = partner.pages.get(&cursor).cloned().unwrap_or_default();
        Ok(Page {
            count: records.len() as u64,
            records: records
                .iter()
                .flat_map(|r| format!("{r}\n").into_bytes())
                .collect(),
            next: next.map(str::to_owned),
        })
    }
}

struct World {
    folder: TempDir,
    partners: BTreeMap<String, Shared>,
    endpoints: BTreeMap<String, Endpoint>,
    now: Mutex<SystemTime>,
    slept: Mutex<Vec<u64>>,
    bounds: Bounds,
}

impl Opener for World {
    fn files(&self, pipeline: &Pipeline, _: &Endpoint) -> Result<Box<dyn FileStore>, PullError> {
        let partner = &self.partners[&pipeline.source];
        match partner.lock().unwrap().refusals.pop_front() {
            Some(error) => Err(error),
            None => Ok(Box::new(Store(Arc::clone(partner)))),
        }
    }

    fn feed(&self, pipeline: &Pipeline, _: &Endpoint) -> Result<Box<dyn Feed>, PullError> {
        Ok(Box::new(Interface(Arc::clone(
            &self.partners[&pipeline.source],
        ))))
    }
}

impl Clock for World {
    fn now(&self) -> SystemTime {
        *self.now.lock().unwrap()
    }

    fn sleep(&self, time: Duration) {
        self.slept.lock().unwrap().push(time.as_secs());
        self.pass(time);
    }

    fn chance(&self, most: Duration) -> Duration {
        most
    }
}

impl PullObserver for World {
    fn begins(&self, _: &str, _: u64) {}
    fn comes(&self, _: &str, _: u64) {}
    fn ends(&self, _: &SourcePull) {}
}

impl World {
    /// A landing folder and a partner for each of these sources.
    fn new(sources: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o700)).unwrap();
        let sets: Vec<String> = sources
            .iter()
            .flat_map(|id| {
                [
                    format!("endpoint.{id}.url=https://example.nl/{id}"),
                    format!("endpoint.{id}.credential=none"),
                ]
            })
            .collect();
        let settings = Settings::from_layers(None, &BTreeMap::new(), &sets).unwrap();
        let partner = |id: &&str| ((*id).to_owned(), Shared::default());
        Self {
            folder,
            partners: sources.iter().map(partner).collect(),
            endpoints: settings.endpoints,
            now: Mutex::new(SystemTime::UNIX_EPOCH + Duration::from_secs(NIGHT)),
            slept: Mutex::default(),
            bounds: Bounds {
                bytes: 1 << 20,
                silence: Duration::from_mins(1),
                time: Duration::from_hours(1),
                tries: 5,
            },
        }
    }

    fn partner(&self, id: &str) -> std::sync::MutexGuard<'_, Partner> {
        self.partners[id].lock().unwrap()
    }

    fn pull(&self, pipelines: &[&Pipeline]) -> Vec<SourcePull> {
        self.desk(|desk| desk.pull(pipelines).unwrap())
    }

    fn one(&self, pipeline: &Pipeline) -> SourcePull {
        self.pull(&[pipeline]).remove(0)
    }

    fn desk<T>(&self, work: impl FnOnce(&PullDesk<'_>) -> T) -> T {
        work(&PullDesk {
            landing: self.folder.path(),
            endpoints: &self.endpoints,
            opener: self,
            bounds: self.bounds,
            clock: self,
            observer: self,
        })
    }

    fn landed(&self, id: &str, name: &str) -> PathBuf {
        self.folder.path().join(id).join(name)
    }

    fn text(&self, id: &str, name: &str) -> Option<String> {
        fs::read_to_string(self.landed(id, name)).ok()
    }

    /// What lies in the working folder, by the ends of the names.
    fn working(&self, id: &str) -> Vec<String> {
        let own = self.landed(id, ".haal");
        let entries = fs::read_dir(own).unwrap();
        let mut names: Vec<String> = entries
            .map(|e| e.unwrap().file_name().to_string_lossy().into_owned())
            .map(|name| match name.split_once('.') {
                Some((stem, end)) if stem.len() == 32 => format!("*.{end}"),
                _ => name,
            })
            .collect();
        names.sort();
        names
    }

    fn pass(&self, time: Duration) {
        *self.now.lock().unwrap() += time;
    }
}

fn pipeline(source: &str, channel: Channel) -> Pipeline {
    Pipeline {
        source: source.into(),
        folder: source.into(),
        pattern: format!("{source}_{{datum}}.json"),
        mode: Mode::Full,
        checksum_required: false,
        settle_seconds: 60,
        format: Format::Json(JsonDialect {
            lines: true,
            rows: None,
            max_row_bytes: 1000,
        }),
        max_refused_percent: 5.0,
        after: Vec::new(),
        expected_days: None,
        channel,
    }
}

fn errors(pull: &SourcePull) -> Vec<PullError> {
    pull.faults.iter().map(|f| f.error.clone()).collect()
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().mode() & 0o777
}

fn paged() -> Channel {
    Channel::Https(Paging {
        items: String::new(),
        next: NextPage::Number {
            parameter: "page".into(),
        },
    })
}
