//! SFTP: a real OpenSSH server, and connections that break.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Mutex;
use std::time::{Duration, SystemTime};

use sluis::contract::model::Pipeline;
use sluis::settings::Settings;
use sluis::settings::secrets::Secrets;
use sluis::source::channel::PullError;
use sluis::source::channel::credential::Vault;
use sluis::source::channel::open::Wire;
use sluis::source::channel::pull::{Bounds, PullDesk, PullObserver, SourcePull};
use sluis::source::channel::retry::Clock;

use super::sshd::{Fault, Sshd};
use crate::small::{Small, rows};
use crate::support::{Answer, Place};

const NAME: &str = "proef_20250114.csv";
const PIPELINE: &str = "pipelines/proef/pipeline.toml";

/// The small sources, of which `proef` comes by SFTP.
fn small() -> Small {
    Small::new().with(PIPELINE, "\"folder\"", "\"sftp\"")
}

/// The same, with a checksum beside every delivery.
fn vouched() -> Small {
    small().with(PIPELINE, "\"none\"", "\"required\"")
}

/// The desk of the library before a real server; it never waits to try again.
struct Desk<'a> {
    place: &'a Place,
    settings: Settings,
    pipeline: Pipeline,
    slept: Mutex<u32>,
}

impl<'a> Desk<'a> {
    fn new(place: &'a Place, sshd: &Sshd, small: &Small, more: &[&str]) -> Self {
        let mut sets = sshd.sets("proef");
        sets.extend(more.iter().map(|set| (*set).to_owned()));
        let contracts = small.contracts();
        let plan = contracts.sources.iter().find(|p| p.contract.id == "proef");
        Self {
            place,
            settings: Settings::from_layers(None, &BTreeMap::new(), &sets).unwrap(),
            pipeline: plan.unwrap().pipeline.clone(),
            slept: Mutex::default(),
        }
    }

    fn pull(&self) -> SourcePull {
        let vault = Vault::new(Secrets::default(), self.settings.paths.credentials.clone());
        let silence = Duration::from_secs(self.settings.pull.silence_seconds);
        let desk = PullDesk {
            landing: &self.place.landing(),
            endpoints: &self.settings.endpoints,
            opener: &Wire { vault, silence },
            bounds: Bounds::from(self.settings.pull),
            clock: self,
            observer: self,
        };
        desk.pull(&[&self.pipeline]).unwrap().remove(0)
    }

    fn landed(&self) -> Option<Vec<u8>> {
        fs::read(self.place.landing().join("proef").join(NAME)).ok()
    }
}

impl Clock for Desk<'_> {
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }
    fn sleep(&self, _: Duration) {
        *self.slept.lock().unwrap() += 1;
    }
    fn chance(&self, most: Duration) -> Duration {
        most
    }
}

impl PullObserver for Desk<'_> {
    fn begins(&self, _: &str, _: u64) {}
    fn comes(&self, _: &str, _: u64) {}
    fn ends(&self, _: &SourcePull) {}
}

fn errors(pull: &SourcePull) -> Vec<PullError> {
    pull.faults.iter().map(|f| f.error.clone()).collect()
}

/// Bytes that do not look alike anywhere, so that a part in the wrong place shows.
fn large() -> Vec<u8> {
    let mut state = 7u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    };
    (0..3_000_000).map(|_| next()).collect()
}

fn vouch(sshd: &Sshd, bytes: &[u8]) {
    use sha2::Digest;
    let digest = sluis::hex::encode(&sha2::Sha256::digest(bytes));
    sshd.has(
        &format!("{NAME}.sha256"),
        format!("{digest}  {NAME}\n").as_bytes(),
    );
}

/// The program, with `proef` fetched from this server.
fn sluis(place: &Place, sshd: &Sshd, small: &Small, args: &[&str]) -> Answer {
    let mut all: Vec<String> = vec!["--set".into(), small.at(place)];
    for set in sshd.sets("proef") {
        all.extend(["--set".to_owned(), set]);
    }
    // A server that is down is not waited for in a test.
    all.extend(["--set".to_owned(), "pull.tries=1".to_owned()]);
    all.extend(args.iter().map(|arg| (*arg).to_owned()));
    place.sluis(&all.iter().map(String::as_str).collect::<Vec<_>>())
}

#[test]
fn a_delivery_is_fetched_whole_and_once() {
    let Some(sshd) = Sshd::start() else { return };
    let place = Place::bare();
    let bytes = large();
    sshd.has(NAME, &bytes);
    sshd.has("jansen-1939.txt", b"x");
    fs::create_dir(sshd.files().join("archief")).unwrap();
    let desk = Desk::new(&place, &sshd, &vouched(), &[]);
    assert_eq!(
        desk.pull().waiting,
        1,
        "without its checksum it may not be whole"
    );
    vouch(&sshd, &bytes);
    let pull = desk.pull();
    assert_eq!(errors(&pull), []);
    assert_eq!((pull.fetched.len(), pull.strangers), (1, 1));
    assert_eq!(desk.landed().unwrap(), bytes);
    let again = desk.pull();
    assert_eq!((again.fetched.len(), again.already), (0, 1));
    assert!(
        sshd.files().join(NAME).exists(),
        "nothing is removed at the partner's"
    );
}

#[test]
fn a_connection_that_is_cut_halfway_is_taken_up_where_it_was() {
    let Some(sshd) = Sshd::start() else { return };
    let place = Place::bare();
    let bytes = large();
    sshd.has(NAME, &bytes);
    vouch(&sshd, &bytes);
    sshd.spoil(&[Fault::CutAfter(1_500_000), Fault::KillAfter(700_000)]);
    let desk = Desk::new(&place, &sshd, &vouched(), &[]);
    let pull = desk.pull();
    assert_eq!(errors(&pull), []);
    assert_eq!(desk.landed().unwrap(), bytes);
    assert_eq!(pull.retries, 2);
    // Many questions are under way at once; what was answered out of order or not written yet is lost.
    let from = pull.fetched[0].resumed_from;
    assert!((1_000_000..2_200_000).contains(&from), "{from}");
    let sent: usize = sshd.sent().iter().sum();
    assert!(sent < bytes.len() + 1_200_000, "{sent} bytes were sent");
}

#[test]
fn the_next_night_takes_up_what_a_dead_server_left() {
    let Some(sshd) = Sshd::start() else { return };
    let place = Place::bare();
    let bytes = large();
    sshd.has(NAME, &bytes);
    vouch(&sshd, &bytes);
    sshd.spoil(&[Fault::KillAfter(1_500_000)]);
    let desk = Desk::new(&place, &sshd, &vouched(), &["pull.tries=1"]);
    assert_eq!(errors(&desk.pull()), [PullError::Broken]);
    assert_eq!(desk.landed(), None);
    let pull = desk.pull();
    assert_eq!(errors(&pull), []);
    assert!(pull.fetched[0].resumed_from > 500_000);
    assert_eq!(desk.landed().unwrap(), bytes);
}

#[test]
fn a_server_that_says_nothing_is_given_up() {
    let Some(sshd) = Sshd::start() else { return };
    let place = Place::bare();
    let bytes = large();
    sshd.has(NAME, &bytes);
    vouch(&sshd, &bytes);
    let sets = ["pull.silence_seconds=1", "pull.tries=1"];
    let desk = Desk::new(&place, &sshd, &vouched(), &sets);
    for after in [0, 10, 500_000] {
        sshd.spoil(&[Fault::SilentAfter(after)]);
        assert_eq!(
            errors(&desk.pull()),
            [PullError::Silence(1)],
            "after {after} bytes"
        );
    }
    assert!(desk.pull().complete());
    assert_eq!(desk.landed().unwrap(), bytes);
}

#[test]
fn a_file_that_its_checksum_does_not_belong_to_never_lands() {
    let Some(sshd) = Sshd::start() else { return };
    let place = Place::bare();
    sshd.has(NAME, rows(0..50).as_bytes());
    vouch(&sshd, rows(0..49).as_bytes());
    let desk = Desk::new(&place, &sshd, &vouched(), &[]);
    assert_eq!(errors(&desk.pull()), [PullError::Checksum]);
    assert_eq!(desk.landed(), None);
    vouch(&sshd, rows(0..50).as_bytes());
    assert!(desk.pull().complete());
}

#[test]
fn a_server_without_the_known_key_gets_no_credential() {
    let Some(sshd) = Sshd::start() else { return };
    let place = Place::bare();
    sshd.has(NAME, rows(0..50).as_bytes());
    let desk = Desk::new(&place, &sshd, &small(), &[]);
    let rest = |path: &Path, text: &str| fs::write(path, text).unwrap();
    let known = sshd.known_hosts("other-host", false);
    assert_eq!(errors(&desk.pull()), [PullError::HostKey], "another key");
    rest(&known, "");
    assert_eq!(errors(&desk.pull()), [PullError::HostKey], "no key");
    let key = fs::read_to_string(sshd.path("host.pub")).unwrap();
    rest(&known, &format!("127.0.0.1 {key}"));
    assert_eq!(
        errors(&desk.pull()),
        [PullError::HostKey],
        "the key of another port"
    );
    fs::remove_file(&known).unwrap();
    assert!(
        matches!(errors(&desk.pull())[..], [PullError::Endpoint(_)]),
        "no file"
    );
    sshd.keygen("rsa", &["-t", "rsa", "-b", "2048", "-N", ""]);
    let known = sshd.known_hosts("rsa", false);
    assert!(
        matches!(errors(&desk.pull())[..], [PullError::Endpoint(_)]),
        "an RSA key only"
    );
    let rsa = fs::read_to_string(&known).unwrap();
    let known = sshd.known_hosts("host", false);
    rest(&known, &(rsa + &fs::read_to_string(&known).unwrap()));
    assert!(desk.pull().complete());
    assert_eq!(
        *desk.slept.lock().unwrap(),
        0,
        "what trying does not mend is not tried again"
    );
}

#[test]
fn a_wrong_credential_is_tried_once() {
    let Some(sshd) = Sshd::start() else { return };
    let place = Place::bare();
    sshd.has(NAME, rows(0..50).as_bytes());
    let desk = Desk::new(&place, &sshd, &small(), &[]);
    sshd.credentials("stranger");
    assert_eq!(errors(&desk.pull()), [PullError::Denied]);
    assert_eq!(sshd.sent().len(), 1);
    let folder = sshd.credentials("locked");
    let what = |pull: &SourcePull| match &errors(pull)[..] {
        [PullError::Credential { what, .. }] => *what,
        other => panic!("{other:?}"),
    };
    assert_eq!(what(&desk.pull()), "has a passphrase");
    fs::write(folder.join("partner"), "password:geheim\n").unwrap();
    assert_eq!(errors(&desk.pull()), [PullError::Denied]);
    fs::write(folder.join("partner"), "geheim\n").unwrap();
    assert!(what(&desk.pull()).starts_with("is neither"));
    fs::set_permissions(folder.join("partner"), fs::Permissions::from_mode(0o644)).unwrap();
    assert!(what(&desk.pull()).starts_with("can be read by others"));
    fs::remove_file(folder.join("partner")).unwrap();
    assert!(what(&desk.pull()).starts_with("is neither in the environment"));
    sshd.credentials("user");
    assert!(desk.pull().complete());
}

#[test]
fn a_folder_that_is_not_there_is_told() {
    let Some(sshd) = Sshd::start() else { return };
    let place = Place::bare();
    let url = format!("endpoint.proef.url={}/weg", sshd.url());
    let desk = Desk::new(&place, &sshd, &small(), &[&url]);
    let [PullError::Endpoint(what)] = errors(&desk.pull())[..] else {
        panic!()
    };
    assert_eq!(what, "names a folder that is not there");
}

#[test]
fn the_nightly_job_fetches_first() {
    let Some(sshd) = Sshd::start() else { return };
    let place = Place::new();
    sshd.has(NAME, rows(0..50).as_bytes());
    let looked = sluis(&place, &sshd, &small(), &["pull", "--dry-run", "--json"]).must_exit(0);
    assert_eq!(looked.json()[0]["fetched"], 1);
    sluis(&place, &sshd, &small(), &["run", "--no-pull"]).must_exit(0);
    assert_eq!(sshd.sent().len(), 1, "only the dry run asked");
    let run = sluis(&place, &sshd, &small(), &["run", "--json"])
        .must_exit(0)
        .json();
    assert_eq!(run["pulls"][0]["fetched"], 1);
    assert_eq!(run["deliveries"][0]["outcome"], "verwerkt");
    let again = sluis(&place, &sshd, &small(), &["run"]).must_exit(0);
    assert!(
        again
            .stdout
            .contains("fetched 0 deliveries (0 B) from 1 source"),
        "{}",
        again.stdout
    );
    let fetched = place.sql(
        "select bron, kanaal, opgehaald, al_opgehaald, fout from beheer.ophalingen order by run",
    );
    assert_eq!(fetched.len(), 2);
    assert_eq!(fetched[0]["opgehaald"], 1);
    assert_eq!(fetched[1]["al_opgehaald"], 1);
    assert_eq!(fetched[1]["kanaal"], "sftp");
}

#[test]
fn a_partner_that_is_down_does_not_stop_the_night() {
    let Some(sshd) = Sshd::start() else { return };
    let place = Place::new();
    place.deliver(
        "stand",
        "stand_20250114.csv",
        format!("{};Actie\n", rows([]).trim_end()).as_bytes(),
    );
    place.deliver("proef", NAME, rows(0..50).as_bytes());
    sshd.known_hosts("host", true);
    let contracts = small();
    sshd.spoil(&[Fault::CutAfter(0)]);
    let run = sluis(&place, &sshd, &contracts, &["run"]).must_exit(3);
    assert!(
        run.stdout.contains("from 1 source, 1 FAILED"),
        "{}",
        run.stdout
    );
    assert!(
        run.stderr
            .contains("`proef` could not be fetched: the connection broke"),
        "{}",
        run.stderr
    );
    assert!(run.stdout.contains("published release"), "{}", run.stdout);
    let status = sluis(&place, &sshd, &contracts, &["status"]).must_exit(0);
    assert!(status.stdout.contains("NOT FETCHED"), "{}", status.stdout);
    let fault = place.sql("select fout from beheer.ophalingen");
    assert_eq!(fault[0]["fout"], "the connection broke");
    let good = sluis(&place, &sshd, &contracts, &["run"]).must_exit(0);
    assert!(
        !good.stderr.contains("could not be fetched"),
        "{}",
        good.stderr
    );
    let status = sluis(&place, &sshd, &contracts, &["status"]).must_exit(0);
    assert!(!status.stdout.contains("NOT FETCHED"), "{}", status.stdout);
}

#[test]
fn what_is_asked_of_pull_must_be_possible() {
    let Some(sshd) = Sshd::start() else { return };
    let place = Place::new();
    let told = |args: &[&str]| sluis(&place, &sshd, &small(), args).must_exit(2).stderr;
    assert!(told(&["pull", "proof"]).contains("there is no source `proof`"));
    assert!(told(&["pull", "stand"]).contains("source `stand` has no endpoint"));
    // An endpoint that no source can use is told before anything happens.
    let folder = Small::new();
    for command in ["check", "run", "pull"] {
        let error = sluis(&place, &sshd, &folder, &[command])
            .must_exit(2)
            .stderr;
        assert!(
            error.contains("`endpoint.proef` is an address of sftp"),
            "{error}"
        );
    }
    let set = "endpoint.prof.url=sftp://a@b/c";
    let more = [
        "--set",
        set,
        "--set",
        "endpoint.prof.credential=x",
        "--set",
        "endpoint.prof.known_hosts=k",
    ];
    for command in ["check", "run", "pull"] {
        let args = [&more[..], &[command]].concat();
        let error = sluis(&place, &sshd, &small(), &args).must_exit(2).stderr;
        assert!(
            error.contains("`endpoint.prof` is of a source that nobody knows"),
            "{error}"
        );
        assert!(error.contains("did you mean `proef`?"), "{error}");
    }
    assert_eq!(sshd.sent().len(), 0);
}

#[test]
fn a_credential_never_shows() {
    let Some(sshd) = Sshd::start() else { return };
    let place = Place::new();
    sshd.has(NAME, rows(0..5).as_bytes());
    let folder = sshd.credentials("user");
    let sets = sshd.sets("proef");
    fs::write(folder.join("partner"), "password:Geheim-1939\n").unwrap();
    let mut args: Vec<String> = vec!["--set".into(), small().at(&place), "-vvv".into()];
    for set in sets.into_iter().chain(["pull.tries=1".to_owned()]) {
        args.extend(["--set".to_owned(), set]);
    }
    args.push("pull".to_owned());
    let answer = place
        .sluis(&args.iter().map(String::as_str).collect::<Vec<_>>())
        .must_exit(3);
    assert!(
        answer.stderr.contains("does not accept the credential"),
        "{}",
        answer.stderr
    );
    let landing = fs::read_dir(place.landing().join("proef/.haal")).unwrap();
    let written = landing.map(|e| fs::read_to_string(e.unwrap().path()).unwrap());
    let everything = answer.stdout + &answer.stderr + &written.collect::<String>();
    assert!(!everything.contains("Geheim-1939"));
    // The environment goes before the folder, which has a wrong one.
    let key = fs::read_to_string(sshd.path("user")).unwrap();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let mut command = place.command(&args);
    command.env("SLUIS_CREDENTIAL_PARTNER", &key);
    let answer: Answer = command.output().unwrap().into();
    let answer = answer.must_exit(0);
    assert!(!answer.stderr.contains("PRIVATE KEY"), "{}", answer.stderr);
}
