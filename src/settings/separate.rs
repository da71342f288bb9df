//! Key, credentials, canaries, landing and warehouse are kept apart, symbolic links followed: a key inside the
//! warehouse would travel with it, and a delivery inside it would outlive its use.

use std::io;
use std::path::{Component, Path, PathBuf};

use super::{Paths, SettingsError};

/// Checks that key, credentials and canaries lie in neither folder, and neither folder in the other.
pub(super) fn check(paths: &Paths) -> Result<(), SettingsError> {
    let landing = Setting::of("landing", &paths.landing)?;
    let warehouse = Setting::of("warehouse", &paths.warehouse)?;
    let key = Setting::of("key", &paths.key)?;
    let credentials = Setting::of("credentials", &paths.credentials)?;
    let canaries = Setting::of("canaries", &paths.canaries)?;
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
        if inner.real.starts_with(&outer.real) {
            return Err(SettingsError::NotApart {
                inner: inner.name,
                inner_path: inner.given.to_owned(),
                outer: outer.name,
                outer_path: outer.given.to_owned(),
            });
        }
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
