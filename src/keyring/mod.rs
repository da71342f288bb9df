//! The keyring: where the root key comes from, how it is split among two holders, and how it is rotated.
//!
//! In: the settings of `[key]`. Out: a root key in memory, with core dumps off. Who may call it: every
//! command that needs the key; nobody reads one in another way.

use crate::lock::keys::{KeyError, Origin, RootKey};
use crate::settings::KeySource;
use crate::settings::secrets::{self, ROOT_CREDENTIAL, ROOT_KEY};
use crate::warehouse::release::Release;

pub mod age;
mod error;
mod files;
mod memory;
pub mod proof;
pub mod rotate;
pub mod share;

pub use error::KeyringError;

/// Permission bits of the world. systemd shows its files to the group through an access list.
const WORLD: u32 = 0o007;

/// Gets the root key from where the settings say it is. From here on no core dump is made.
///
/// # Errors
/// It is missing, exposed, malformed or weak, or its holders do not give it.
pub fn unlock(source: &KeySource) -> Result<RootKey, KeyringError> {
    memory::keep_out_of_core_dumps()?;
    match source {
        KeySource::File(path) => Ok(RootKey::load(path)?),
        KeySource::Environment => {
            let origin = Origin::Environment(ROOT_KEY);
            let bytes = secrets::root_key().ok_or_else(|| KeyError::Missing(origin.clone()))?;
            let text = std::str::from_utf8(&bytes).map_err(|_| KeyError::Malformed {
                origin: origin.clone(),
                why: "it is not text",
            })?;
            Ok(RootKey::parse(text, origin)?)
        }
        KeySource::Systemd => {
            let origin = Origin::Systemd(ROOT_CREDENTIAL);
            let path =
                secrets::root_credential().ok_or_else(|| KeyError::Missing(origin.clone()))?;
            Ok(RootKey::read(&path, &origin, WORLD)?)
        }
        KeySource::Age { shares, identities } => {
            let [one, two] = shares;
            let [of_one, of_two] = identities;
            let one = share::Share::parse(&age::decrypt(one, of_one.as_deref())?)?;
            let two = share::Share::parse(&age::decrypt(two, of_two.as_deref())?)?;
            Ok(share::join(&one, &two)?)
        }
    }
}

/// The root key for what is published now: one that was rotated further fits too.
///
/// # Errors
/// As [`unlock`]; or the warehouse was made with another key.
pub fn unlock_for(source: &KeySource, current: Option<&Release>) -> Result<RootKey, KeyringError> {
    let key = unlock(source)?;
    Ok(match current {
        Some(current) => key.fitting(&current.manifest.key_fingerprint)?,
        None => key,
    })
}

/// Makes a new root key in a file.
///
/// # Errors
/// There already is one, or it cannot be written.
pub fn create(path: &std::path::Path) -> Result<RootKey, KeyringError> {
    memory::keep_out_of_core_dumps()?;
    Ok(RootKey::create(path)?)
}
