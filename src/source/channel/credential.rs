//! Credentials of partners, by name: from the environment, from systemd, or from a file of their own.
//!
//! A credential is read when it is needed and wiped when it was used. It has no `Debug` and no
//! `Display`, and no error repeats any of it.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use super::PullError;
use crate::settings::secrets::Secrets;

/// The longest credential: a private key is some hundreds of bytes.
const MOST_BYTES: u64 = 16 * 1024;
/// Permission bits of others than the owner.
const OTHERS: u32 = 0o077;
/// Permission bits of the world. systemd shows its files to the group through an access list.
const WORLD: u32 = 0o007;

/// Where credentials are.
pub struct Vault {
    secrets: Secrets,
    folder: PathBuf,
}

impl Vault {
    /// The environment goes before `folder`, the setting `paths.credentials`.
    #[must_use]
    pub fn new(secrets: Secrets, folder: PathBuf) -> Self {
        Self { secrets, folder }
    }

    /// The credential of that name.
    ///
    /// # Errors
    /// [`PullError::Credential`]: it is missing or malformed, or others can read it.
    pub fn get(&self, name: &str) -> Result<Credential, PullError> {
        let fault = |what| PullError::Credential {
            name: name.to_owned(),
            what,
        };
        if let Some(secret) = self.secrets.variables.get(name) {
            return Credential::new(name, secret.expose_secret());
        }
        if let Some(folder) = &self.secrets.systemd
            && let Some(text) = read(&folder.join(name), WORLD).map_err(fault)?
        {
            return Credential::new(name, &text);
        }
        match closed(&self.folder).and_then(|()| read(&self.folder.join(name), OTHERS)) {
            Ok(Some(text)) => Credential::new(name, &text),
            Ok(None) => Err(fault(
                "is neither in the environment nor in paths.credentials",
            )),
            Err(what) => Err(fault(what)),
        }
    }
}

/// The folder must be closed to others; one that does not exist holds nothing.
fn closed(folder: &Path) -> Result<(), &'static str> {
    match std::fs::metadata(folder) {
        Ok(meta) if meta.mode() & OTHERS != 0 => {
            Err("lies in a folder that others can enter: chmod 700 it")
        }
        Ok(_) => Ok(()),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(_) => Err("cannot be read"),
    }
}

/// The text of a file; `None` when there is none.
fn read(path: &Path, forbidden: u32) -> Result<Option<Zeroizing<String>>, &'static str> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(_) => return Err("cannot be read"),
    };
    // Of the open file: what the name leads to may change in between.
    let meta = file.metadata().map_err(|_| "cannot be read")?;
    if !meta.is_file() {
        return Err("is not a file");
    }
    if meta.mode() & forbidden != 0 {
        return Err("can be read by others: chmod 600 it, and ask the partner for a new one");
    }
    if meta.len() > MOST_BYTES {
        return Err("is too long");
    }
    let mut text = Zeroizing::new(String::with_capacity(
        usize::try_from(MOST_BYTES).unwrap_or(0),
    ));
    let read = file.take(MOST_BYTES).read_to_string(&mut text);
    read.map_err(|_| "is not text")?;
    Ok(Some(text))
}

/// A credential. Wiped when dropped.
pub struct Credential {
    name: String,
    secret: SecretString,
}

/// How to log in at an SFTP server.
pub enum SftpLogin<'a> {
    /// A private key as OpenSSH writes it.
    Key(&'a str),
    /// A password.
    Password(&'a str),
}

/// How to log in at an HTTPS interface.
pub enum HttpsLogin<'a> {
    /// A token.
    Bearer(&'a str),
    /// A user and a password.
    Basic {
        /// The user.
        user: &'a str,
        /// The password.
        password: &'a str,
    },
}

/// How to log in at an S3 server.
pub struct S3Login<'a> {
    /// The id of the access key.
    pub key_id: &'a str,
    /// The secret access key.
    pub secret: &'a str,
}

impl Credential {
    /// A credential from its text, without the line end that editors put behind it.
    ///
    /// # Errors
    /// It is empty.
    pub fn new(name: &str, text: &str) -> Result<Self, PullError> {
        let credential = Self {
            name: name.to_owned(),
            secret: SecretString::from(text.trim_end_matches(['\r', '\n'])),
        };
        if credential.secret.expose_secret().trim().is_empty() {
            return Err(credential.fault("is empty"));
        }
        Ok(credential)
    }

    /// What is wrong with it, as an error that names it.
    #[must_use]
    pub fn fault(&self, what: &'static str) -> PullError {
        PullError::Credential {
            name: self.name.clone(),
            what,
        }
    }

    /// For SFTP: a private key, or `password:...`.
    ///
    /// # Errors
    /// It is neither.
    pub fn sftp(&self) -> Result<SftpLogin<'_>, PullError> {
        let text = self.secret.expose_secret();
        if text.trim_start().starts_with("-----BEGIN ") {
            return Ok(SftpLogin::Key(text));
        }
        match text.strip_prefix("password:") {
            Some(password) if !password.is_empty() => Ok(SftpLogin::Password(password)),
            _ => Err(self.fault("is neither a private key nor `password:...`")),
        }
    }

    /// For HTTPS: `bearer TOKEN`, or `basic USER:PASSWORD`.
    ///
    /// # Errors
    /// It is neither.
    pub fn https(&self) -> Result<HttpsLogin<'_>, PullError> {
        let malformed = || self.fault("is neither `bearer TOKEN` nor `basic USER:PASSWORD`");
        let text = self.secret.expose_secret();
        let (kind, rest) = text.split_once(' ').ok_or_else(malformed)?;
        // A header takes nothing else; a line end in it would begin another header.
        let plain =
            |text: &str| !text.is_empty() && text.bytes().all(|b| (0x20..0x7f).contains(&b));
        match kind.to_ascii_lowercase().as_str() {
            "bearer" if plain(rest) && !rest.contains(' ') => Ok(HttpsLogin::Bearer(rest)),
            "basic" => match rest.split_once(':') {
                Some((user, password)) if !user.is_empty() && !password.is_empty() => {
                    Ok(HttpsLogin::Basic { user, password })
                }
                _ => Err(malformed()),
            },
            _ => Err(malformed()),
        }
    }

    /// For S3: `KEYID:SECRET`.
    ///
    /// # Errors
    /// It is something else.
    pub fn s3(&self) -> Result<S3Login<'_>, PullError> {
        let plain = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic());
        match self.secret.expose_secret().split_once(':') {
            Some((key_id, secret)) if plain(key_id) && plain(secret) => {
                Ok(S3Login { key_id, secret })
            }
            _ => Err(self.fault("is not `KEYID:SECRET`")),
        }
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "tests make their own files")]
mod tests {
    use std::collections::BTreeMap;
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn what(result: Result<Credential, PullError>) -> &'static str {
        match result {
            Err(PullError::Credential { what, .. }) => what,
            Ok(_) => "is good",
            Err(other) => panic!("{other}"),
        }
    }

    fn mode(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn a_credential_that_others_can_read_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("rog");
        fs::write(&file, "password:x\n").unwrap();
        mode(folder.path(), 0o700);
        let vault = Vault::new(Secrets::default(), folder.path().to_owned());
        for (folder_mode, file_mode, begins) in [
            (0o700, 0o600, "is good"),
            (0o700, 0o640, "can be read by others"),
            (0o700, 0o604, "can be read by others"),
            (0o710, 0o600, "lies in a folder that others"),
        ] {
            mode(folder.path(), folder_mode);
            mode(&file, file_mode);
            let found = what(vault.get("rog"));
            assert!(found.starts_with(begins), "{found}");
        }
        mode(folder.path(), 0o700);
        assert!(what(vault.get("rogge")).contains("neither in the environment"));
        let nowhere = Vault::new(Secrets::default(), folder.path().join("nowhere"));
        assert!(what(nowhere.get("rog")).contains("neither in the environment"));
    }

    #[test]
    fn the_environment_goes_first_then_systemd_then_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        let (systemd, own) = (folder.path().join("systemd"), folder.path().join("own"));
        for (place, text) in [(&systemd, "password:b"), (&own, "password:c")] {
            fs::create_dir(place).unwrap();
            mode(place, 0o700);
            fs::write(place.join("rog"), text).unwrap();
        }
        mode(&own.join("rog"), 0o600);
        mode(&systemd.join("rog"), 0o440);
        let given = |variable: bool, systemd: Option<&Path>| {
            let variables = variable.then(|| ("rog".to_owned(), "password:a".into()));
            let secrets = Secrets {
                variables: variables.into_iter().collect::<BTreeMap<_, _>>(),
                systemd: systemd.map(Path::to_owned),
            };
            let credential = Vault::new(secrets, own.clone())
                .get("rog")
                .unwrap_or_else(|e| panic!("{e}"));
            match credential.sftp() {
                Ok(SftpLogin::Password(password)) => password.to_owned(),
                _ => panic!("no password"),
            }
        };
        assert_eq!(given(true, Some(&systemd)), "a");
        assert_eq!(given(false, Some(&systemd)), "b");
        assert_eq!(given(false, None), "c");
    }

    #[test]
    fn malformed_credentials_are_refused_without_repeating_them() {
        let new = |text: &str| Credential::new("rog", text);
        assert_eq!(what(new(" \n")), "is empty");
        for text in ["geheim", "password:", "bearer x"] {
            let error = new(text).unwrap().sftp().err().unwrap();
            assert!(!error.to_string().contains("geheim"), "{error}");
        }
        for text in [
            "geheim",
            "bearer ",
            "bearer a b",
            "bearer a\nb",
            "basic a",
            "basic :b",
            "basic a:",
        ] {
            assert!(new(text).unwrap().https().is_err(), "{text}");
        }
        for text in ["geheim", ":b", "a:", "a b:c"] {
            assert!(new(text).unwrap().s3().is_err(), "{text}");
        }
        let good = new("Bearer abc.def\r\n").unwrap();
        assert!(matches!(good.https(), Ok(HttpsLogin::Bearer("abc.def"))));
        let good = new("basic a:b:c").unwrap();
        assert!(matches!(
            good.https(),
            Ok(HttpsLogin::Basic {
                user: "a",
                password: "b:c"
            })
        ));
        let good = new("KEY:s/e+c").unwrap();
        assert!(
            good.s3()
                .is_ok_and(|s3| s3.key_id == "KEY" && s3.secret == "s/e+c")
        );
        assert!(matches!(
            new("-----BEGIN OPENSSH PRIVATE KEY-----").unwrap().sftp(),
            Ok(SftpLogin::Key(_))
        ));
    }
}
