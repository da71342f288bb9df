//! `sluis key`: the life of the root key. Never prints a secret.

use std::path::{Path, PathBuf};

use chrono::Utc;
use serde::Serialize;

use super::{CliError, Done, Env, words};
use crate::audit::{self, Deed, Entry};
use crate::contract;
use crate::disk;
use crate::keyring::age::{self, Holder};
use crate::keyring::rotate::{self, Rotated, Rotation};
use crate::keyring::{self, share};
use crate::lock::keys::RootKey;
use crate::settings::{KeySource, Settings};

/// `sluis key`
#[derive(Debug, clap::Subcommand)]
pub enum KeyCommand {
    /// Make a new root key in the file of `paths.key`; refuses when there is one
    New,
    /// Show the fingerprint of the root key
    Show,
    /// Split the root key among two holders who are both needed, with the program `age`
    Split(SplitArgs),
    /// Wrap every pseudonym in a new key, in a new release
    Rotate(RotateArgs),
}

/// `sluis key split`
#[derive(Debug, clap::Args)]
pub struct SplitArgs {
    /// A holder (give two): a name, and age1..., an ssh public key, or the word `passphrase`
    #[arg(long = "holder", value_name = "NAME=RECIPIENT", required = true)]
    holders: Vec<String>,
    /// Split the next key, for a rotation
    #[arg(long)]
    next: bool,
    /// The folder for NAME.age; without it the one of `paths.key`
    #[arg(long, value_name = "FOLDER")]
    to: Option<PathBuf>,
}

/// `sluis key rotate`
#[derive(Debug, clap::Args)]
pub struct RotateArgs {
    /// Say what would be done, and do nothing
    #[arg(long)]
    dry_run: bool,
    /// Leave earlier releases, which the old key still opens
    #[arg(long)]
    keep_releases: bool,
    /// Only write the next key to a new file, to be put where the key comes from
    #[arg(long, value_name = "FILE", conflicts_with_all = ["dry_run", "keep_releases"])]
    prepare: Option<PathBuf>,
}

#[derive(Serialize)]
struct Shown {
    source: &'static str,
    path: String,
    fingerprint: String,
    layers: usize,
}

/// Makes, shows, splits or rotates the root key.
///
/// # Errors
/// When there already is one, it may not be used, or the warehouse cannot be written.
pub fn run(command: &KeyCommand, env: &Env) -> Result<Done, CliError> {
    let settings = env.settings()?;
    match command {
        KeyCommand::New => {
            let key = keyring::create(&settings.paths.key)?;
            note(&settings, &key, "gemaakt")?;
            show(&key, env)?;
            env.printer.hint("keep a copy where the warehouse is not: without this key no person can be recognised again");
            if !matches!(settings.key, KeySource::File(_)) {
                env.printer.hint(&format!(
                    "the key is not used from {} (key.from): put it where it is, then remove the file",
                    settings.paths.key.display()
                ));
            }
            Ok(Done::Clean)
        }
        KeyCommand::Show => {
            let key = keyring::unlock(&settings.key)?;
            note(&settings, &key, "getoond")?;
            show(&key, env)?;
            Ok(Done::Clean)
        }
        KeyCommand::Split(args) => split(args, &settings, env),
        KeyCommand::Rotate(args) => match &args.prepare {
            Some(path) => prepare(path, &settings, env),
            None => rotate(args, &settings, env),
        },
    }
}

fn note(settings: &Settings, key: &RootKey, result: &'static str) -> Result<(), CliError> {
    let entry = Entry::new(Deed::Sleutel, result)
        .with("sleutel", key.fingerprint())
        .with("sleutelbron", key.origin().name());
    Ok(audit::note(&settings.paths.warehouse, &entry)?)
}

fn show(key: &RootKey, env: &Env) -> Result<(), CliError> {
    let place = key.origin().to_string();
    let shown = Shown {
        source: key.origin().name(),
        path: place.strip_prefix("at ").unwrap_or(&place).to_owned(),
        fingerprint: key.fingerprint(),
        layers: key.layers(),
    };
    if env.printer.style().json {
        return env.printer.json(&shown);
    }
    env.printer.line(&format!(
        "key          {}\nfingerprint  {}",
        shown.path, shown.fingerprint
    ))?;
    if shown.layers > 1 {
        let layers = format!("layers       {}", shown.layers);
        env.printer.line(&layers)?;
    }
    Ok(())
}

#[derive(Serialize)]
struct SplitUp {
    fingerprint: String,
    files: Vec<String>,
}

fn split(args: &SplitArgs, settings: &Settings, env: &Env) -> Result<Done, CliError> {
    let holders = args.holders.iter().map(|given| Holder::parse(given));
    let holders: Vec<Holder> = holders.collect::<Result<_, _>>()?;
    let [one, two] = holders.as_slice() else {
        return Err(wrong(
            "a key is split among two holders",
            "give `--holder` twice",
        ));
    };
    if one.name == two.name || (one.recipient == two.recipient && one.recipient != age::PASSPHRASE)
    {
        return Err(wrong(
            "both holders are the same",
            "two of two needs two persons",
        ));
    }
    age::available()?;
    let folder = match &args.to {
        Some(folder) => folder.clone(),
        None => settings
            .paths
            .key
            .parent()
            .map(PathBuf::from)
            .unwrap_or_default(),
    };
    let paths = [one, two].map(|holder| folder.join(format!("{}.age", holder.name)));
    if let Some(there) = paths.iter().find(|path| path.exists()) {
        return Err(wrong(
            &format!("{} is there already", there.display()),
            "remove it, or give another folder with `--to`",
        ));
    }
    let key = if args.next {
        rotate::next_key(&settings.key, &settings.paths.warehouse)?
    } else {
        keyring::unlock(&settings.key)?
    };
    let shares = share::split(&key)?;
    // Both are encrypted before either is written: half a split would only be in the way.
    let mut made = Vec::new();
    for (holder, share) in [one, two].into_iter().zip(&shares) {
        if holder.recipient == age::PASSPHRASE {
            let who = format!("age asks the passphrase of {}", holder.name);
            env.printer.note(&who);
        }
        made.push(age::encrypt(holder, &share.text())?);
    }
    disk::private_folder(&folder)?;
    for (path, text) in paths.iter().zip(&made) {
        disk::write_atomic(path, text)?;
    }
    note(
        settings,
        &key,
        if args.next {
            "volgende gesplitst"
        } else {
            "gesplitst"
        },
    )?;
    let files: Vec<String> = paths
        .iter()
        .map(|path| path.display().to_string())
        .collect();
    if env.printer.style().json {
        env.printer.json(&SplitUp {
            fingerprint: key.fingerprint(),
            files,
        })?;
        return Ok(Done::Clean);
    }
    env.printer.line(&format!(
        "{}\nfingerprint  {}",
        files.join("\n"),
        key.fingerprint()
    ))?;
    env.printer.hint(if args.next {
        "name them in `key.share1` and `key.share2` instead of the old ones, then `sluis key rotate`"
    } else {
        "name them in `key.share1` and `key.share2` with `key.from = \"age\"`, see that `sluis key show` \
         gives this fingerprint, and destroy every whole copy of the key"
    });
    Ok(Done::Clean)
}

#[derive(Serialize)]
struct Prepared {
    path: String,
    fingerprint: String,
}

fn prepare(path: &Path, settings: &Settings, env: &Env) -> Result<Done, CliError> {
    match settings.key {
        KeySource::File(_) => {
            return Err(wrong(
                "the key is in a file, which `sluis key rotate` itself replaces",
                "leave out `--prepare`",
            ));
        }
        KeySource::Age { .. } => {
            return Err(wrong(
                "a key of two holders is never written as a whole",
                "use `sluis key split --next`",
            ));
        }
        KeySource::Environment | KeySource::Systemd => {}
    }
    let key = rotate::next_key(&settings.key, &settings.paths.warehouse)?;
    key.write_new(path)?;
    note(settings, &key, "volgende gemaakt")?;
    let shown = Prepared {
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
    env.printer.hint(&format!(
        "put this text {} in the place of the old one, then `sluis key rotate`; after that remove the file \
         and every copy of the old key",
        match settings.key {
            KeySource::Environment => "in SLUIS_ROOT_KEY",
            _ => "in the credential sluis-root-key",
        }
    ));
    Ok(Done::Clean)
}

fn rotate(args: &RotateArgs, settings: &Settings, env: &Env) -> Result<Done, CliError> {
    let contracts = contract::load(&env.contract_files(settings)?)?;
    let now = Utc::now().format("%Y-%m-%dT%H:%M:%SZ").to_string();
    let rotation = Rotation {
        key: &settings.key,
        warehouse: &settings.paths.warehouse,
        contracts: &contracts,
        keep_releases: args.keep_releases,
        now: &now,
    };
    let done = if args.dry_run {
        rotation.dry_run()?
    } else {
        rotation.run()?
    };
    if env.printer.style().json {
        env.printer.json(&done)?;
    } else {
        env.printer.line(&in_words(&done))?;
    }
    if !done.kept.is_empty() {
        env.printer.warning(&format!(
            "{} under the old key: whoever has that key can still open them, and `subject erase` \
             refuses until they are gone",
            words::plural(
                done.kept.len(),
                "earlier release stays",
                "earlier releases stay"
            )
        ));
    }
    if args.dry_run {
        env.printer.note("nothing was done");
    } else {
        env.printer.hint(
            "keep a copy of the new key where the warehouse is not, and destroy every copy of the old one",
        );
    }
    Ok(Done::Clean)
}

fn in_words(done: &Rotated) -> String {
    let files = words::plural(done.files, "file", "files");
    let list = words::plural(done.erased, "line", "lines");
    let Some((release, proof)) = done.release.as_ref().zip(done.proof.as_ref()) else {
        let dropped = words::plural(done.dropped.len(), "release", "releases");
        return format!(
            "would be rotated: key {} to {}; every pseudonym in {files} and {list} of the list of who was \
             erased; {dropped} would be dropped",
            done.from,
            done.to.as_deref().unwrap_or("a new one"),
        );
    };
    format!(
        "rotated: key {} to {}\nrelease {release}: {files} written again, {list} of the list of who was erased\n\
         proved: {} and {} the same; none of {} old pseudonyms left in {} files\n{}",
        done.from,
        done.to.as_deref().unwrap_or_default(),
        words::plural(proof.columns, "column", "columns"),
        words::plural(proof.joins, "join", "joins"),
        words::count(proof.pseudonyms as u64),
        words::count(proof.files),
        match done.dropped.len() {
            0 => "no earlier release was dropped".to_owned(),
            n => format!(
                "{} dropped",
                words::plural(n, "earlier release", "earlier releases")
            ),
        },
    )
}

fn wrong(message: &str, remedy: &str) -> CliError {
    CliError::Usage {
        message: message.to_owned(),
        remedy: Some(remedy.to_owned()),
    }
}
