//! `sluis canaries`: the invented persons that every run puts through the lock. Never prints who they are.

use serde::Serialize;

use super::{CliError, Done, Env};
use crate::audit::{self, Deed, Entry};
use crate::canary::{Canaries, MOST, USUAL};

/// `sluis canaries`
#[derive(Debug, clap::Subcommand)]
pub enum CanariesCommand {
    /// Draw new ones; refuses when there is a file already
    New(NewArgs),
    /// Show how many there are and the fingerprint of the file, which is in every release made with it
    Show,
}

/// `sluis canaries new`
#[derive(Debug, clap::Args)]
pub struct NewArgs {
    /// So many: each makes one row of every source about persons
    #[arg(long, default_value_t = USUAL, value_parser = number)]
    count: usize,
}

fn number(text: &str) -> Result<usize, String> {
    let number = text.parse().ok().filter(|n| (1..=MOST).contains(n));
    number.ok_or_else(|| format!("choose a number from 1 to {MOST}"))
}

#[derive(Serialize)]
struct Shown {
    path: String,
    canaries: usize,
    fingerprint: String,
}

/// Makes or shows the canaries.
///
/// # Errors
/// When there already are some, or the file cannot be used.
pub fn run(command: &CanariesCommand, env: &Env) -> Result<Done, CliError> {
    let paths = env.settings()?.paths;
    let (canaries, result) = match command {
        CanariesCommand::New(args) => {
            let canaries = Canaries::create(&paths.canaries, args.count)?;
            (canaries, "gemaakt")
        }
        CanariesCommand::Show => {
            let canaries = Canaries::load(&paths.canaries)?;
            (canaries, "getoond")
        }
    };
    let count = canaries.persons().len();
    let entry = Entry::new(Deed::Kanaries, result)
        .with("kanaries", canaries.fingerprint())
        .with("aantal", count);
    audit::note(&paths.warehouse, &entry)?;
    let shown = Shown {
        path: paths.canaries.display().to_string(),
        canaries: count,
        fingerprint: canaries.fingerprint(),
    };
    if env.printer.style().json {
        env.printer.json(&shown)?;
    } else {
        env.printer.line(&format!(
            "file         {}\ncanaries     {}\nfingerprint  {}",
            shown.path, shown.canaries, shown.fingerprint
        ))?;
    }
    if matches!(command, CanariesCommand::New(_)) {
        env.printer
            .hint("keep a copy elsewhere; the next `sluis run` takes them along, and `sluis verify` looks for them");
    }
    Ok(Done::Clean)
}
