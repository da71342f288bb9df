//! `sluis verify`: the privacy officer's checks. Needs no key and writes nothing into the warehouse.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::printer::{Style, Talk};
use super::{CliError, Done, Env, words};
use crate::contract;
use crate::settings::KeySource;
use crate::verify::strength::attack::Spelling;
use crate::verify::strength::hashes::Hash;
use crate::verify::strength::numbers::{Digits, HALVES};
use crate::verify::{self, Attack, Evidence, Names, Observer, Options, Report, Verdict};

/// `sluis verify`
#[derive(Debug, clap::Args)]
pub struct VerifyArgs {
    /// The warehouse; that of the settings when none is given
    warehouse: Option<PathBuf>,
    /// Try every BSN against every unkeyed hash, and weak keys too (minutes)
    #[arg(long)]
    attack: bool,
    /// A file with BSNs of invented persons that were delivered, one a line (needs --attack)
    #[arg(long, value_name = "FILE", requires = "attack")]
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
        let canaries = args.canaries.as_deref().map(canaries).transpose()?;
        Some(Attack {
            words: words.unwrap_or_default(),
            canaries: canaries.unwrap_or_default(),
            only: None,
        })
    } else {
        None
    };
    let options = Options {
        contracts: &contracts,
        names,
        // Another warehouse has another key, and we do not know where.
        key: match &settings.key {
            _ if args.warehouse.is_some() => None,
            KeySource::File(path) => Some(path.clone()),
            KeySource::Age { shares, .. } => shares.first().cloned(),
            KeySource::Environment | KeySource::Systemd => None,
        },
        attack,
    };
    let warehouse = args.warehouse.as_ref().unwrap_or(&settings.paths.warehouse);
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(settings.run.threads)
        .build()
        .map_err(|e| CliError::Prompt(e.to_string()))?;
    let bar = Bar::new(env.printer.style());
    let report = pool.install(|| verify::verify(warehouse, &options, &bar))?;
    bar.0.finish_and_clear();
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

fn canaries(path: &Path) -> Result<Vec<Digits>, CliError> {
    let text = read(path)?;
    let lines = text.lines().map(str::trim).enumerate();
    lines
        .filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
        .map(|(at, line)| {
            crate::lock::bsn::normalise(line.as_bytes()).map_err(|_| CliError::Usage {
                message: format!("line {} of {} is no BSN", at + 1, path.display()),
                remedy: Some("write one BSN a line, nine digits that pass the elfproef".into()),
            })
        })
        .collect()
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
struct Bar(ProgressBar);

impl Bar {
    fn new(style: Style) -> Self {
        let seen = std::io::stderr().is_terminal() && !style.json && style.talk > Talk::Quiet;
        let target = if seen {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        let bar = ProgressBar::with_draw_target(None, target);
        let template = "{msg:>32} {bar:30} {percent:>3}% {elapsed:>6} {eta:>6}";
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        Self(bar)
    }
}

impl Observer for Bar {
    fn begins(&self, bytes: u64) {
        self.0.set_message("lezen");
        self.0.set_length(bytes);
    }

    fn advances(&self, bytes: u64) {
        self.0.inc(bytes);
    }

    fn attacks(&self, what: &str, done: usize) {
        let steps = (HALVES * Hash::ALL.len() * Spelling::ALL.len()) as u64;
        if self.0.length() != Some(steps) {
            self.0.set_length(steps);
            self.0.set_position(0);
        }
        self.0.inc(done as u64);
        if self.0.position().is_multiple_of(100) {
            self.0.set_message(what.to_owned());
        }
    }
}
