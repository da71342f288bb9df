//! `sluis verify`: the privacy officer's checks. Needs no key and writes nothing into the warehouse.

use std::fs::File;
use std::io::{self, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use chrono::{SecondsFormat, Utc};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use sha2::{Digest, Sha256};

use super::printer::{Style, Talk};
use super::target::{self, Target};
use super::{CliError, Done, Env, words};
use crate::audit::{self, Deed, Entry};
use crate::canary::Canaries;
use crate::contract::model::Contracts;
use crate::lock::moment;
use crate::page::number;
use crate::settings::KeySource;
use crate::verify::page::Occasion;
use crate::verify::strength::attack::Spelling;
use crate::verify::strength::hashes::Hash;
use crate::verify::strength::numbers::HALVES;
use crate::verify::{self, Attack, Evidence, Names, Observer, Options, Report, Verdict};
use crate::{contract, hex};

/// `sluis verify`
#[derive(Debug, clap::Args)]
pub struct VerifyArgs {
    /// The warehouse; that of the settings when none is given
    warehouse: Option<PathBuf>,
    /// Try every BSN against every unkeyed hash, and weak keys too (minutes)
    #[arg(long)]
    attack: bool,
    /// The file of the canaries (see `sluis canaries new`); that of the settings when none is given
    #[arg(long, value_name = "FILE")]
    canaries: Option<PathBuf>,
    /// A file with words to try as keys, one a line (needs --attack)
    #[arg(long, value_name = "FILE", requires = "attack")]
    words: Option<PathBuf>,
    /// A file with first names to look for besides those built in, one a line
    #[arg(long, value_name = "FILE")]
    first_names: Option<PathBuf>,
    /// A file with surnames to look for besides those built in, one a line
    #[arg(long, value_name = "FILE")]
    surnames: Option<PathBuf>,
    /// Write the report for the privacy officer into this file too: a page in Dutch, to read or print
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Write down in the warehouse's audit log that it was verified, and with what result
    #[arg(long)]
    log: bool,
}

/// Verifies a warehouse and prints what was found.
///
/// # Errors
/// The warehouse cannot be listed, or a file that was named cannot be read.
pub fn run(args: &VerifyArgs, env: &Env) -> Result<Done, CliError> {
    let settings = env.settings()?;
    let contracts = contract::load(&env.contract_files(&settings)?)?;
    let mut names = Names::builtin();
    for (path, first) in [(&args.first_names, true), (&args.surnames, false)] {
        if let Some(path) = path {
            names.add(&read(path)?, first);
        }
    }
    let attack = if args.attack {
        let words = args.words.as_deref().map(read).transpose()?;
        Some(Attack {
            words: words.unwrap_or_default(),
            only: None,
        })
    } else {
        None
    };
    let canaries = match (&args.canaries, &args.warehouse) {
        (Some(path), _) => Some(Canaries::load(path)?),
        // Another warehouse may have other canaries; which, its officer says.
        (None, Some(_)) => None,
        (None, None) => Canaries::find(&settings.paths.canaries)?,
    };
    let own = args.warehouse.is_none();
    let options = Options {
        contracts: &contracts,
        names,
        canaries,
        landing: own.then_some(settings.paths.landing),
        keep_releases: own.then_some(settings.run.keep_releases),
        now: Utc::now(),
        // Another warehouse has another key, and we do not know where.
        keys: match &settings.key {
            _ if !own => Vec::new(),
            KeySource::File(path) => vec![path.clone()],
            KeySource::Age { shares, .. } => shares.to_vec(),
            KeySource::Environment | KeySource::Systemd => Vec::new(),
        },
        attack,
    };
    let warehouse = args.warehouse.as_ref().unwrap_or(&settings.paths.warehouse);
    // Before the long work, so that nobody waits for it in vain.
    let page = args.html.as_deref();
    let page = page.map(|path| page_at(path, warehouse)).transpose()?;
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(settings.run.threads)
        .build()
        .map_err(|e| CliError::Prompt(e.to_string()))?;
    let bar = Bar::new(env.printer.style());
    let report = pool.install(|| verify::verify(warehouse, &options, &bar))?;
    bar.bar.finish_and_clear();
    if args.log {
        let failing = report.checks.iter().filter(|c| c.verdict == Verdict::Fails);
        let entry = Entry::new(Deed::Controle, report.verdict().name())
            .with("release", report.release.clone())
            .with("aanval", args.attack)
            .with("voldoet_niet", failing.map(|c| c.id).collect::<Vec<_>>());
        audit::note(warehouse, &entry)?;
    }
    if let Some(page) = page {
        let html = verify::page::write(&report, &occasion(args, warehouse, &contracts));
        let mut file = page.begin()?;
        file.write_all(html.as_bytes())?;
        file.commit()?;
        env.printer.note(&format!(
            "the report is in {}: open it in a browser, or print it from there",
            page.path().display()
        ));
    }
    if env.printer.style().json {
        env.printer.json(&report)?;
    } else {
        env.printer.line(&table(&report))?;
    }
    Ok(if report.fails() {
        Done::Unverified
    } else {
        Done::Clean
    })
}

/// Where the page goes: never into the warehouse, which a verification leaves as it is.
fn page_at(path: &Path, warehouse: &Path) -> Result<Target, CliError> {
    let target = Target::new(path)?;
    target::spare(path, "give another file, or take that one away")?;
    let folder = path.parent().filter(|f| !f.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new(".")).canonicalize()?;
    if warehouse
        .canonicalize()
        .is_ok_and(|warehouse| folder.starts_with(warehouse))
    {
        return Err(CliError::Usage {
            message: format!("{} lies in the warehouse", path.display()),
            remedy: Some("name a file somewhere else: the report is no part of it".into()),
        });
    }
    Ok(target)
}

/// What the page says of when and with what.
fn occasion(args: &VerifyArgs, warehouse: &Path, contracts: &Contracts) -> Occasion {
    let now = Utc::now();
    let moment = moment::in_the_netherlands(now).map(|local| {
        let day = number::day(local.date());
        format!("{day}, {} uur", local.format("%H:%M"))
    });
    Occasion {
        moment: moment.unwrap_or_else(|| now.to_rfc3339_opts(SecondsFormat::Secs, true)),
        folder: warehouse.display().to_string(),
        controller: contracts.register.controller.clone(),
        adopted: contracts.register.adopted.clone(),
        program_digest: digest_of_program().ok(),
        attacked: args.attack,
    }
}

/// SHA-256 of the file that runs: whoever doubts the program can hold it against another copy.
fn digest_of_program() -> io::Result<String> {
    let mut file = File::open(std::env::current_exe()?)?;
    let mut digest = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hex::encode(&digest.finalize())),
            read => digest.update(buffer.get(..read).unwrap_or_default()),
        }
    }
}

fn read(path: &Path) -> Result<String, CliError> {
    std::fs::read_to_string(path).map_err(|error| CliError::Usage {
        message: format!("cannot read {}: {}", path.display(), error.kind()),
        remedy: Some("name a text file (UTF-8) with one entry a line".into()),
    })
}

/// The report for people, in Dutch: who reads it is a privacy officer.
fn table(report: &Report) -> String {
    let rows: Vec<Vec<String>> = report
        .checks
        .iter()
        .map(|check| {
            vec![
                check.verdict.name().to_owned(),
                check.id.to_owned(),
                check.question.to_owned(),
                words::count(check.examined.files),
                words::count(check.examined.columns),
                words::count(check.examined.values),
            ]
        })
        .collect();
    let header = [
        "oordeel",
        "controle",
        "vraag",
        ">bestanden",
        ">kolommen",
        ">waarden",
    ];
    let mut text = words::table(&header, &rows);
    for check in report
        .checks
        .iter()
        .filter(|c| c.verdict != Verdict::Passes)
    {
        let heading = format!("{}: {}", check.id, check.verdict.name());
        let note = (!check.note.is_empty()).then(|| format!("  {}", check.note));
        let more =
            (check.more > 0).then(|| format!("  - en nog {} meer", words::count(check.more)));
        let lines = [String::new(), heading].into_iter().chain(note);
        for line in lines.chain(check.evidence.iter().map(told)).chain(more) {
            text.push('\n');
            text.push_str(&line);
        }
    }
    let release = report.release.as_deref().unwrap_or("geen");
    let verdict = report.verdict().name();
    text + &format!(
        "\n\noordeel: {verdict}; release {release}; register {}; {} gelezen",
        report.register,
        words::size(report.bytes)
    )
}

fn told(evidence: &Evidence) -> String {
    let column = evidence.column.as_ref();
    let column = column.map_or_else(String::new, |c| format!(", kolom {c}"));
    let encoding = evidence.encoding;
    let encoding = encoding.map_or_else(String::new, |e| format!(" ({e})"));
    let chance = evidence.chance;
    let chance = chance.map_or_else(String::new, |p| format!(", kans {p:.0e}"));
    let (place, what) = (&evidence.place, &evidence.what);
    let count = words::count(evidence.count);
    format!("  - {place}{column}: {what}{encoding}, {count} keer{chance}")
}

/// A bar on standard error when a person looks at it.
struct Bar {
    bar: ProgressBar,
    attack: Mutex<Option<Pace>>,
}

/// How fast an attack goes, since its first step.
struct Pace {
    what: String,
    since: Instant,
    tried: u64,
}

impl Pace {
    /// Values a second and a core.
    fn speed(&self) -> u64 {
        let millis = u64::try_from(self.since.elapsed().as_millis()).unwrap_or(u64::MAX);
        let threads = rayon::current_num_threads().max(1) as u64;
        self.tried.saturating_mul(1000) / millis.max(1) / threads
    }
}

impl Bar {
    fn new(style: Style) -> Self {
        let seen = io::stderr().is_terminal() && !style.json && style.talk > Talk::Quiet;
        let target = if seen {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        let bar = ProgressBar::with_draw_target(None, target);
        let template = "{msg:>60} {bar:24} {percent:>3}% {elapsed:>6} {eta:>6}";
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        Self {
            bar,
            attack: Mutex::new(None),
        }
    }
}

impl Observer for Bar {
    fn begins(&self, bytes: u64) {
        self.bar.set_message("lezen");
        self.bar.set_length(bytes);
    }

    fn advances(&self, bytes: u64) {
        self.bar.inc(bytes);
    }

    fn attacks(&self, what: &str, done: usize, tried: u64) {
        let mut attack = self.attack.lock().unwrap_or_else(PoisonError::into_inner);
        if attack.is_none() {
            let steps = (HALVES * Hash::ALL.len() * Spelling::ALL.len()) as u64;
            self.bar.set_length(steps);
            self.bar.set_position(0);
        }
        match attack.as_mut() {
            Some(pace) if pace.what == what => pace.tried += tried,
            // Each function has its own pace. Its first step was begun before the clock.
            _ => {
                *attack = Some(Pace {
                    what: what.to_owned(),
                    since: Instant::now(),
                    tried: 0,
                });
            }
        }
        self.bar.inc(done as u64);
        if self.bar.position().is_multiple_of(100)
            && let Some(pace) = attack.as_ref()
        {
            let speed = words::count(pace.speed());
            self.bar
                .set_message(format!("{what}, {speed} per seconde per kern"));
        }
    }
}
