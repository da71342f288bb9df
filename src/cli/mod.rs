//! The command line: what was typed becomes one command, and what became of it an exit code.

pub mod audit;
pub mod canaries;
pub mod check;
pub mod demo;
pub mod dictionary;
pub mod export;
pub mod key;
mod logging;
pub mod output;
pub mod printer;
mod progress;
pub mod pull;
pub mod report;
pub mod retention;
pub mod run;
mod secret;
pub mod sql;
pub mod status;
pub mod subject;
mod target;
pub mod verify;
mod words;

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{ArgAction, Args, Parser, Subcommand};

use crate::contract::{self, ContractFiles};
use crate::error::{Class, Classified};
use crate::monitor::Limits;
use crate::settings::Settings;
use printer::{Printer, Style, Talk};

/// The arguments as typed.
#[derive(Debug, Parser)]
#[command(name = "sluis", version, about, disable_help_subcommand = true)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

/// What every command takes.
#[derive(Debug, Args)]
struct Global {
    /// Settings that go before the built-in ones
    #[arg(long, global = true, value_name = "PATH")]
    config: Option<PathBuf>,
    /// One setting that goes before all others; may be repeated
    #[arg(long, global = true, value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// Results as JSON, for machines
    #[arg(long, global = true)]
    json: bool,
    /// Say nothing but errors
    #[arg(long, short, global = true, conflicts_with = "verbose")]
    quiet: bool,
    /// Say more
    #[arg(long, short, global = true, action = ArgAction::Count)]
    verbose: u8,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make synthetic deliveries, run over them and show the monitor
    Demo(demo::DemoArgs),
    /// The nightly job: take deliveries in and publish a release
    Run(run::RunArgs),
    /// Fetch what partners have ready, without taking it in
    Pull(pull::PullArgs),
    /// Are pipelines, schemas, register and key consistent?
    Check,
    /// The current release, the freshness of every source, the last runs
    Status,
    /// Ask the monitor in SQL: a prompt, or one query
    Sql(sql::SqlArgs),
    /// Write views as files: CSV, JSON, XLSX or Parquet
    Export(export::ExportArgs),
    /// The annual report of one year, as one HTML file
    Report(report::ReportArgs),
    /// The data dictionary: every field, what it means and where it comes from
    Dictionary(dictionary::DictionaryArgs),
    /// Are there identifying values anywhere, and is everything as the register says? Needs no key
    Verify(verify::VerifyArgs),
    /// The root key: make one, show its fingerprint
    #[command(subcommand)]
    Key(key::KeyCommand),
    /// Invented persons that every run puts through the lock, for `verify` to look for
    #[command(subcommand)]
    Canaries(canaries::CanariesCommand),
    /// The rights of a person: where is somebody in the data, erase somebody
    #[command(subcommand)]
    Subject(subject::SubjectCommand),
    /// Drop what is past the register's periods
    Retention(retention::RetentionArgs),
    /// The log of who did what: is it whole, what is its head
    #[command(subcommand)]
    Audit(audit::AuditCommand),
}

/// What a command ended with, when it did not fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Done {
    /// All is well: exit code 0.
    Clean,
    /// Done, but deliveries or rows were refused: exit code 3.
    Refused,
    /// A verification failed: exit code 4.
    Unverified,
}

impl Done {
    /// The exit code of the process.
    #[must_use]
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Clean => 0,
            Self::Refused => 3,
            Self::Unverified => 4,
        }
    }
}

/// What every command gets.
pub struct Env {
    /// The one printer.
    pub printer: Printer,
    /// `--config`.
    pub config: Option<PathBuf>,
    /// Every `--set`, as typed.
    pub set: Vec<String>,
    /// How often `-v` was given.
    pub verbose: u8,
}

impl Env {
    /// The settings of this process.
    ///
    /// # Errors
    /// When they are at fault.
    pub fn settings(&self) -> Result<Settings, CliError> {
        let settings = Settings::load(self.config.as_deref(), &self.set)?;
        logging::start(&settings, self.verbose, self.printer.style());
        Ok(settings)
    }

    /// The contract files that the settings point to: a folder, or those built into the program.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn contract_files(&self, settings: &Settings) -> Result<ContractFiles, CliError> {
        Ok(match &settings.paths.contracts {
            Some(folder) => ContractFiles::from_folder(folder)?,
            None => ContractFiles::embedded(),
        })
    }
}

/// What questions to the monitor may use, by the settings.
fn limits(settings: &Settings) -> Limits {
    Limits {
        memory_bytes: settings.query.memory_mib << 20,
        ..Limits::default()
    }
}

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// An error of one of the rooms.
    #[error("{0}")]
    Room(Box<dyn Classified + Send + Sync>),
    /// The command was used in a wrong way.
    #[error("{message}")]
    Usage {
        /// What is wrong.
        message: String,
        /// What to do.
        remedy: Option<String>,
    },
    /// Output cannot be written.
    #[error("cannot write the output: {0}")]
    Output(#[from] io::Error),
    /// Who read our output left: no failure.
    #[error("nobody reads the output")]
    NobodyReads,
    /// The prompt cannot be used.
    #[error("the prompt fails: {0}")]
    Prompt(String),
}

impl<E: Classified + Send + Sync + 'static> From<E> for CliError {
    fn from(error: E) -> Self {
        Self::Room(Box::new(error))
    }
}

impl CliError {
    /// The exit code of the process.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Room(error) => error.class().exit_code(),
            Self::Usage { .. } => Class::User.exit_code(),
            Self::Output(_) | Self::Prompt(_) => Class::Environment.exit_code(),
            Self::NobodyReads => 0,
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn remedy(&self) -> Option<String> {
        match self {
            Self::Room(error) => match error.class() {
                Class::Bug => {
                    let report = || "this is a fault of sluis; please report it".to_owned();
                    Some(error.remedy().unwrap_or_else(report))
                }
                _ => error.remedy(),
            },
            Self::Usage { remedy, .. } => remedy.clone(),
            Self::Output(_) | Self::NobodyReads | Self::Prompt(_) => None,
        }
    }
}

/// Runs the command that these arguments ask for.
pub fn main(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    std::panic::set_hook(Box::new(|panic| {
        // The message of a panic may hold data; the place cannot.
        let place = panic
            .location()
            .map(|l| format!(" ({}:{})", l.file(), l.line()));
        let place = place.unwrap_or_default();
        let _ = writeln!(
            io::stderr(),
            "error: sluis fails{place}\nhint: please report this"
        );
    }));
    let cli = match parse(args.into_iter().collect()) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are answers, on standard output; the rest is wrong use.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() {
                Class::User.exit_code()
            } else {
                0
            });
        }
    };
    let (env, command) = prepare(cli);
    match dispatch(&command, &env) {
        Ok(done) => ExitCode::from(done.exit_code()),
        Err(CliError::NobodyReads) => ExitCode::SUCCESS,
        Err(error) => {
            env.printer.error(&error);
            ExitCode::from(error.exit_code())
        }
    }
}

/// Parses the arguments. Clap keeps of an argument that may stand before and after the command only
/// the occurrences after it; a setting must never be passed over, so those before it are put back.
fn parse(args: Vec<OsString>) -> Result<Cli, clap::Error> {
    let before = settings_before_the_command(&args);
    let mut cli = Cli::try_parse_from(args)?;
    if cli.global.set != before {
        cli.global.set.splice(0..0, before);
    }
    Ok(cli)
}

/// The values of `--set` that stand before the command.
fn settings_before_the_command(args: &[OsString]) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = args.iter().skip(1).map(|arg| arg.to_string_lossy());
    while let Some(arg) = rest.next().filter(|arg| arg.starts_with('-')) {
        match &*arg {
            "--set" => found.extend(rest.next().map(String::from)),
            "--config" => drop(rest.next()),
            other => found.extend(other.strip_prefix("--set=").map(str::to_owned)),
        }
    }
    found
}

fn prepare(cli: Cli) -> (Env, Command) {
    let Global {
        config,
        set,
        json,
        quiet,
        verbose,
    } = cli.global;
    let talk = match (quiet, verbose) {
        (true, _) => Talk::Quiet,
        (false, 0) => Talk::Normal,
        (false, _) => Talk::Verbose,
    };
    let printer = Printer::new(Style::of_process(talk, json));
    (
        Env {
            printer,
            config,
            set,
            verbose,
        },
        cli.command,
    )
}

fn dispatch(command: &Command, env: &Env) -> Result<Done, CliError> {
    match command {
        Command::Demo(args) => demo::run(args, env),
        Command::Run(args) => run::run(args, env),
        Command::Pull(args) => pull::run(args, env),
        Command::Check => check::run(env),
        Command::Status => status::run(env),
        Command::Key(command) => key::run(command, env),
        Command::Canaries(command) => canaries::run(command, env),
        Command::Subject(command) => subject::run(command, env),
        Command::Retention(args) => retention::run(args, env),
        Command::Audit(command) => audit::run(command, env),
        Command::Dictionary(args) => dictionary::run(args, env),
        Command::Export(args) => {
            let settings = env.settings()?;
            let (contracts, _) = contract::load_lenient(&env.contract_files(&settings)?)?;
            export::run(args, &settings, &contracts, &env.printer)
        }
        Command::Report(args) => report::run(args, env),
        Command::Verify(args) => verify::run(args, env),
        Command::Sql(args) => {
            let settings = env.settings()?;
            // A source with a fault is no reason to keep the monitor closed.
            let (contracts, _) = contract::load_lenient(&env.contract_files(&settings)?)?;
            sql::run(args, &settings, &contracts, &env.printer)
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_arguments_are_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn settings_may_stand_before_and_after_the_command() {
        for (typed, set) in [
            ("sluis --set a=1 sql -c select --set b=2 --json", "a=1 b=2"),
            (
                "sluis --config c --set=a=1 --json check --set=b=2",
                "a=1 b=2",
            ),
            ("sluis --set a=1 -v --set b=2 --json key new", "a=1 b=2"),
            ("sluis --json run --set a=1 --set a=2", "a=1 a=2"),
            ("sluis --set a=1 run --set a=1 --json", "a=1"),
        ] {
            let cli = parse(typed.split(' ').map(OsString::from).collect()).unwrap();
            assert_eq!(cli.global.set.join(" "), set, "{typed}");
            assert!(cli.global.json);
        }
    }
}
