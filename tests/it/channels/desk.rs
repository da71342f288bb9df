//! The pull desk as the library offers it, on a day of the test's choosing, and never really waiting.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::sync::Mutex;
use std::time::{Duration, SystemTime};

use serde_json::Value;
use sluis::contract::model::Pipeline;
use sluis::settings::Settings;
use sluis::settings::secrets::Secrets;
use sluis::source::channel::PullError;
use sluis::source::channel::credential::Vault;
use sluis::source::channel::open::Wire;
use sluis::source::channel::pull::{Bounds, PullDesk, PullObserver, SourcePull};
use sluis::source::channel::retry::Clock;

use crate::small::Small;
use crate::support::{Answer, Place};

/// What is done when the first bytes of a pull come.
type Deed = Box<dyn FnOnce() + Send>;

/// The desk for one source.
pub struct Desk<'a> {
    place: &'a Place,
    settings: Settings,
    pipeline: Pipeline,
    /// Days after the first of January 2026.
    pub day: u64,
    waits: Mutex<Vec<Duration>>,
    deed: Mutex<Option<Deed>>,
}

impl<'a> Desk<'a> {
    pub fn new(place: &'a Place, small: &Small, source: &str, sets: &[String]) -> Self {
        let contracts = small.contracts();
        let plan = contracts.sources.iter().find(|p| p.contract.id == source);
        Self {
            place,
            settings: Settings::from_layers(None, &BTreeMap::new(), sets).unwrap(),
            pipeline: plan.unwrap().pipeline.clone(),
            day: 0,
            waits: Mutex::default(),
            deed: Mutex::default(),
        }
    }

    pub fn pull(&self) -> SourcePull {
        let desk = PullDesk {
            landing: &self.place.landing(),
            endpoints: &self.settings.endpoints,
            opener: &Wire {
                vault: Vault::new(Secrets::default(), self.settings.paths.credentials.clone()),
                silence: Duration::from_secs(self.settings.pull.silence_seconds),
            },
            bounds: Bounds::from(self.settings.pull),
            clock: self,
            observer: self,
        };
        desk.pull(&[&self.pipeline]).unwrap().remove(0)
    }

    /// Does this when the first bytes come.
    pub fn meanwhile(&self, deed: impl FnOnce() + Send + 'static) {
        *self.deed.lock().unwrap() = Some(Box::new(deed));
    }

    /// How long it would have waited.
    pub fn waits(&self) -> Vec<Duration> {
        self.waits.lock().unwrap().clone()
    }

    pub fn landed(&self, name: &str) -> Option<Vec<u8>> {
        fs::read(self.place.landing().join(&self.pipeline.folder).join(name)).ok()
    }
}

impl Clock for Desk<'_> {
    fn now(&self) -> SystemTime {
        let new_year = 20_454;
        SystemTime::UNIX_EPOCH + Duration::from_hours(24 * (new_year + self.day) + 3)
    }
    fn sleep(&self, time: Duration) {
        self.waits.lock().unwrap().push(time);
    }
    fn chance(&self, most: Duration) -> Duration {
        most
    }
}

impl PullObserver for Desk<'_> {
    fn begins(&self, _: &str, _: u64) {}
    fn comes(&self, _: &str, _: u64) {
        if let Some(deed) = self.deed.lock().unwrap().take() {
            deed();
        }
    }
    fn ends(&self, _: &SourcePull) {}
}

pub fn errors(pull: &SourcePull) -> Vec<PullError> {
    pull.faults.iter().map(|f| f.error.clone()).collect()
}

/// Puts the credential `partner` where it belongs, and returns the folder.
pub fn credential(place: &Place, text: &str) -> PathBuf {
    let folder = place.path().join("inloggegevens");
    fs::create_dir_all(&folder).unwrap();
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o700)).unwrap();
    let file = folder.join("partner");
    fs::write(&file, text).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    folder
}

/// The program with these settings and contracts, in an environment that would mislead other
/// programs: with a proxy, and with what Amazon's programs read.
pub fn sluis(place: &Place, small: &Small, sets: &[String], args: &[&str]) -> Answer {
    let contracts = small.at(place);
    let sets = sets.iter().map(String::as_str);
    let mut all = vec!["--set", &contracts];
    all.extend(sets.flat_map(|set| ["--set", set]));
    all.extend(args);
    let mut command = place.command(&all);
    for name in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
        command.env(name, "http://127.0.0.1:9");
    }
    command
        .env("AWS_ACCESS_KEY_ID", "AKIAVERKEERD")
        .env("AWS_SECRET_ACCESS_KEY", "verkeerd")
        .env("AWS_SESSION_TOKEN", "verkeerd")
        .env("AWS_ENDPOINT_URL", "https://127.0.0.1:9")
        .env("AWS_ALLOW_HTTP", "true");
    command.output().unwrap().into()
}

/// The answer to a query over what these contracts fill, as JSON rows.
pub fn ask(place: &Place, small: &Small, query: &str) -> Value {
    let args = ["sql", "--format", "json", "-c", query];
    sluis(place, small, &[], &args).must_exit(0).json()
}
