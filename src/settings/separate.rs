//! Key, credentials, canaries, landing and warehouse are kept apart, symbolic links followed: a key inside the
//! warehouse would travel with it, and a delivery inside it would outlive its use.

use std::io;
use std::path::{Component, Path, PathBuf};

use super::{KeySource, Settings, SettingsError};

/// Checks that key, credentials and canaries lie in neither folder, and neither folder in the other.
pub(super) fn check(settings: &Settings) -> Result<(), SettingsError> {
    let paths = &settings.paths;
    let landing = Setting::of("landing", &paths.landing)?;
    let warehouse = Setting::of("warehouse", &paths.warehouse)?;
    let key = Setting::of("key", &paths.key)?;
    let credentials = Setting::of("credentials", &paths.credentials)?;
    let canaries = Setting::of("canaries", &paths.canaries)?;
    for secret in secrets(&settings.key) {
        let secret = Setting::of("key", secret)?;
        apart(&secret, &warehouse)?;
        apart(&secret, &landing)?;
    }
    for (inner, outer) in [
        (&key, &warehouse),
        (&key, &landing),
        (&credentials, &warehouse),
        (&credentials, &landing),
        (&canaries, &warehouse),
        (&canaries, &landing),
        (&landing, &warehouse),
        (&warehouse, &landing),
    ] {
        apart(inner, outer)?;
    }
    Ok(())
}

/// The files of shares, and those that open them.
fn secrets(key: &KeySource) -> Vec<&Path> {
    match key {
        KeySource::Age { shares, identities } => {
            let identities = identities.iter().flatten();
            shares
                .iter()
                .chain(identities)
                .map(PathBuf::as_path)
                .collect()
        }
        _ => Vec::new(),
    }
}

fn apart(inner: &Setting<'_>, outer: &Setting<'_>) -> Result<(), SettingsError> {
    if inner.real.starts_with(&outer.real) {
        return Err(SettingsError::NotApart {
            inner: inner.name,
            inner_path: inner.given.to_owned(),
            outer: outer.name,
            outer_path: outer.given.to_owned(),
        });
    }
    Ok(())
}

struct Setting<'p> {
    name: &'static str,
    given: &'p Path,
    real: PathBuf,
}

impl<'p> Setting<'p> {
    fn of(name: &'static str, given: &'p Path) -> Result<Self, SettingsError> {
        let real = real(given).map_err(|error| SettingsError::unreadable(given, error))?;
        Ok(Self { name, given, real })
    }
}

/// The absolute path, with symbolic links followed as far as it exists.
fn real(path: &Path) -> io::Result<PathBuf> {
    let mut real = PathBuf::new();
    for part in std::path::absolute(path)?.components() {
        match part {
            Component::ParentDir => {
                real.pop();
            }
            Component::CurDir => {}
            part => {
                real.push(part);
                if let Ok(followed) = real.canonicalize() {
                    real = followed;
                }
            }
        }
    }
    Ok(real)
}
