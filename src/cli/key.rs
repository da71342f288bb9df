//! `sluis key`: the life of the root key. Never prints a secret.

use serde::Serialize;

use super::{CliError, Done, Env};
use crate::audit::{self, Deed, Entry};
use crate::lock::keys::RootKey;

/// `sluis key`
#[derive(Debug, clap::Subcommand)]
pub enum KeyCommand {
    /// Make a new root key; refuses when there is one
    New,
    /// Show the fingerprint of the root key
    Show,
}

#[derive(Serialize)]
struct Shown {
    path: String,
    fingerprint: String,
}

/// Makes or shows the root key.
///
/// # Errors
/// When there already is one, or it may not be used.
pub fn run(command: &KeyCommand, env: &Env) -> Result<Done, CliError> {
    let paths = env.settings()?.paths;
    let path = paths.key;
    let (key, result) = match command {
        KeyCommand::New => (RootKey::create(&path)?, "gemaakt"),
        KeyCommand::Show => (RootKey::load(&path)?, "getoond"),
    };
    let entry = Entry::new(Deed::Sleutel, result).with("sleutel", key.fingerprint());
    audit::note(&paths.warehouse, &entry)?;
    let shown = Shown {
        path: path.display().to_string(),
        fingerprint: key.fingerprint(),
    };
    if env.printer.style().json {
        env.printer.json(&shown)?;
    } else {
        env.printer.line(&format!(
            "key          {}\nfingerprint  {}",
            shown.path, shown.fingerprint
        ))?;
    }
    if matches!(command, KeyCommand::New) {
        env.printer.hint("keep a copy where the warehouse is not: without this key no person can be recognised again");
    }
    Ok(Done::Clean)
}
