//! `sluis verify`: the privacy officer's checks. Needs no key and writes nothing into the warehouse.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::printer::{Style, Talk};
use super::{CliError, Done, Env, words};
use crate::canary::Canaries;
use crate::contract;
use crate::verify::strength::attack::Spelling;
use crate::verify::strength::hashes::Hash;
use crate::verify::strength::numbers::HALVES;
use crate::verify::{self, Attack, Evidence, Names, Observer, Options, Report, Verdict};

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
        now: chrono::Utc::now(),
        // Another warehouse has another key, and we do not know where.
        key: own.then_some(settings.paths.key),
        attack,
    };
    let warehouse = args.warehouse.as_ref().unwrap_or(&settings.paths.warehouse);
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(settings.run.threads)
        .build()
        .map_err(|e| CliError::Prompt(e.to_string()))?;
    let bar = Bar::new(env.printer.style());
    let report = pool.install(|| verify::verify(warehouse, &options, &bar))?;
    bar.bar.finish_and_clear();
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
        let seen = std::io::stderr().is_terminal() && !style.json && style.talk > Talk::Quiet;
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
