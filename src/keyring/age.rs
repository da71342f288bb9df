//! The program `age`, which encrypts a share to its holder. It is run, not linked: its plugins for hardware
//! keys then come for free, and so does asking for a passphrase, which it does at the terminal itself.
//!
//! No argument holds a secret: recipients are public, and what is secret goes through pipes.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use zeroize::Zeroizing;

use super::KeyringError;
use super::share::LONGEST;
use crate::lock::keys::OTHERS;

const AGE: &str = "age";
/// What stands where a recipient does when the holder has a passphrase.
pub const PASSPHRASE: &str = "passphrase";

/// Who holds a share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// What the holder is called: the name of the file.
    pub name: String,
    /// `age1...`, a public key of ssh, or [`PASSPHRASE`].
    pub recipient: String,
}

impl Holder {
    /// As `NAME=RECIPIENT` says.
    ///
    /// # Errors
    /// It says no holder.
    pub fn parse(given: &str) -> Result<Self, KeyringError> {
        let wrong = |why| KeyringError::Holder {
            given: given.to_owned(),
            why,
        };
        let (name, recipient) = given
            .split_once('=')
            .ok_or_else(|| wrong("there is no `=` in it"))?;
        let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        if name.is_empty() || name.starts_with('-') || !name.bytes().all(plain) {
            return Err(wrong("the name may have letters, digits, - and _"));
        }
        if recipient.starts_with("AGE-SECRET-KEY-") {
            // Not repeated: it is a secret, and it must not be one any more.
            return Err(KeyringError::Holder {
                given: format!("{name}=..."),
                why: "that is a secret identity, which everybody may have seen by now; make another one",
            });
        }
        let known = ["age1", "ssh-"]
            .iter()
            .any(|kind| recipient.starts_with(kind));
        if recipient != PASSPHRASE && !known {
            return Err(wrong("that is no recipient of age"));
        }
        Ok(Self {
            name: name.to_owned(),
            recipient: recipient.to_owned(),
        })
    }
}

/// The program must be there, and of a version whose format is fixed.
///
/// # Errors
/// It is not.
pub fn available() -> Result<(), KeyringError> {
    let answer = Command::new(AGE)
        .arg("--version")
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .map_err(|_| KeyringError::NoAge)?;
    let version = String::from_utf8_lossy(&answer.stdout).trim().to_owned();
    if is_old(&version) {
        return Err(KeyringError::OldAge(version));
    }
    Ok(())
}

/// Before 1.0 the format could still change. A version that is no number is one somebody built.
fn is_old(version: &str) -> bool {
    let number = version.trim_start_matches('v').split('.').next();
    number.and_then(|n| n.parse::<u32>().ok()) == Some(0)
}

/// Encrypts a text to its holder.
///
/// # Errors
/// `age` does not do it.
pub fn encrypt(holder: &Holder, text: &str) -> Result<Vec<u8>, KeyringError> {
    let failed = || KeyringError::Age {
        what: format!("encrypt the share of {}", holder.name),
    };
    let mut age = Command::new(AGE);
    age.arg("--encrypt");
    if holder.recipient == PASSPHRASE {
        age.arg("--passphrase");
    } else {
        age.arg("--recipient").arg(&holder.recipient);
    }
    let mut child = start(age.stdin(Stdio::piped()))?;
    // Age reads after it has asked for a passphrase; a share fits in the pipe.
    let given = child
        .stdin
        .take()
        .map(|mut pipe| pipe.write_all(text.as_bytes()));
    let mut made = Vec::new();
    let read = child
        .stdout
        .take()
        .map(|mut pipe| pipe.read_to_end(&mut made));
    let done = child.wait().map_err(|_| failed())?;
    match (given, read) {
        (Some(Ok(())), Some(Ok(_))) if done.success() && !made.is_empty() => Ok(made),
        _ => Err(failed()),
    }
}

/// Opens a share, with the identity of its holder or with the passphrase that age asks for.
///
/// # Errors
/// The file or the identity cannot be used, or `age` does not open it.
pub fn decrypt(path: &Path, identity: Option<&Path>) -> Result<Zeroizing<Vec<u8>>, KeyringError> {
    let failed = || KeyringError::Age {
        what: format!("open {}", path.display()),
    };
    readable(path)?;
    let mut age = Command::new(AGE);
    age.arg("--decrypt");
    if let Some(identity) = identity {
        let mode = readable(identity)?;
        if mode & OTHERS != 0 {
            return Err(KeyringError::ExposedIdentity {
                path: identity.to_owned(),
                mode,
            });
        }
        age.arg("--identity").arg(identity);
    }
    let mut child = start(age.arg("--").arg(path).stdin(Stdio::null()))?;
    // Room for more than is read, so that nothing is copied while it grows.
    let mut text = Zeroizing::new(Vec::with_capacity(2 * LONGEST));
    let pipe = child.stdout.take();
    let read = pipe.map(|pipe| pipe.take(LONGEST as u64).read_to_end(&mut text));
    let done = child.wait().map_err(|_| failed())?;
    match read {
        Some(Ok(_)) if done.success() => Ok(text),
        _ => Err(failed()),
    }
}

fn start(age: &mut Command) -> Result<Child, KeyringError> {
    available()?;
    // What age has to say goes to whoever is at the terminal.
    let started = age.stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn();
    started.map_err(|_| KeyringError::NoAge)
}

/// The permission bits of a file that can be read.
fn readable(path: &Path) -> Result<u32, KeyringError> {
    let meta = File::open(path).and_then(|file| file.metadata());
    let meta = meta.and_then(|meta| {
        let file = meta.is_file();
        file.then_some(meta)
            .ok_or_else(|| io::Error::other("it is not a file"))
    });
    let meta = meta.map_err(|source| KeyringError::File {
        path: path.to_owned(),
        what: "read",
        source,
    })?;
    Ok(meta.mode() & 0o7777)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holders() {
        let good = Holder::parse("fg=age1xyz").unwrap();
        assert_eq!(
            (good.name.as_str(), good.recipient.as_str()),
            ("fg", "age1xyz")
        );
        Holder::parse("beheer-2=passphrase").unwrap();
        Holder::parse("fg=ssh-ed25519 AAAA= fg@gemeente").unwrap();
        for given in [
            "fg",
            "=age1x",
            "a/b=age1x",
            "../x=age1x",
            "-x=age1x",
            "fg=",
            "fg=geheim",
        ] {
            assert!(Holder::parse(given).is_err(), "{given}");
        }
        let error = Holder::parse("fg=AGE-SECRET-KEY-1ABC").unwrap_err();
        assert!(!error.to_string().contains("1ABC"), "{error}");
    }

    #[test]
    fn versions() {
        for old in ["v0.9.0", "0.2"] {
            assert!(is_old(old), "{old}");
        }
        for good in ["1.1.1", "v1.2.0", "(devel)", ""] {
            assert!(!is_old(good), "{good}");
        }
    }
}
