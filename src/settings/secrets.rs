//! What the environment holds of credentials: variables `SLUIS_CREDENTIAL_NAME`, and the folder of
//! systemd's `LoadCredential=`. They are no settings: no layer, no list and no error shows them.

use std::collections::BTreeMap;
use std::path::PathBuf;

use secrecy::SecretString;
use zeroize::Zeroizing;

const VARIABLE: &str = "SLUIS_CREDENTIAL_";
const SYSTEMD: &str = "CREDENTIALS_DIRECTORY";
/// The variable of the root key.
pub const ROOT_KEY: &str = "SLUIS_ROOT_KEY";
/// The name of the root key among the credentials of systemd.
pub const ROOT_CREDENTIAL: &str = "sluis-root-key";

/// What the environment holds of credentials.
#[derive(Default)]
pub struct Secrets {
    /// The variables, by the name of the credential.
    pub variables: BTreeMap<String, SecretString>,
    /// The folder of systemd.
    pub systemd: Option<PathBuf>,
}

impl Secrets {
    /// Of this process.
    #[must_use]
    pub fn of_process() -> Self {
        let credential = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
            let name = name.into_string().ok()?;
            let name = name.strip_prefix(VARIABLE)?;
            // One that is not text cannot be sent; it counts as none, and the pull says so.
            let value = value.into_string().ok()?;
            Some((name_of(name), SecretString::from(value)))
        };
        Self {
            variables: std::env::vars_os().filter_map(credential).collect(),
            systemd: std::env::var_os(SYSTEMD)
                .filter(|folder| !folder.is_empty())
                .map(PathBuf::from),
        }
    }
}

/// The text of the root key in the environment. The copy that the operating system keeps of it cannot be
/// wiped; who else acts for this account cannot read that one while core dumps are off.
#[must_use]
pub fn root_key() -> Option<Zeroizing<Vec<u8>>> {
    let value = std::env::var_os(ROOT_KEY).filter(|value| !value.is_empty())?;
    Some(Zeroizing::new(value.into_encoded_bytes()))
}

/// Where systemd put the root key.
#[must_use]
pub fn root_credential() -> Option<PathBuf> {
    let folder = std::env::var_os(SYSTEMD).filter(|folder| !folder.is_empty())?;
    Some(PathBuf::from(folder).join(ROOT_CREDENTIAL))
}

/// The name of a credential as its variable has it: `ROG_PLUS` for `rog-plus`.
fn name_of(variable: &str) -> String {
    variable.to_ascii_lowercase().replace('_', "-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_cannot_have_a_dash_in_its_name() {
        assert_eq!(name_of("ROG_PLUS"), "rog-plus");
    }
}
