//! The root key, the keys of the domains, and the fingerprint.
//!
//! The root secret is 32 random bytes in a file of its own, outside the warehouse, readable by its
//! owner only. Keys of domains come from it by HKDF-SHA-256 (RFC 5869); the fingerprint identifies a
//! root key without helping to find it.

use std::fs::File;
use std::io::{Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use hkdf::Hkdf;
use secrecy::{ExposeSecret, SecretBox};
use sha2::Sha256;
use thiserror::Error;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::error::{Class, Classified};
use crate::hex;

const PREFIX: &str = "sluis-root-1:";
const ROOT_BYTES: usize = 32;
const SALT: &[u8] = b"sluis/1";

/// What is wrong with a key.
#[derive(Debug, Error)]
pub enum KeyError {
    /// No key file.
    #[error("there is no root key at {0}")]
    Missing(PathBuf),
    /// The file cannot be read or written.
    #[error("the root key at {path} cannot be {what}: {source}")]
    Io {
        /// The key file.
        path: PathBuf,
        /// "read", "written".
        what: &'static str,
        /// The operating system's word.
        source: std::io::Error,
    },
    /// Others than its owner may read it.
    #[error("the root key at {path} may be read by others (mode {mode:04o})")]
    Exposed {
        /// The key file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// Not in the form that `sluis key new` writes.
    #[error("the root key at {path} is not a key: {why}")]
    Malformed {
        /// The key file.
        path: PathBuf,
        /// In which way.
        why: &'static str,
    },
    /// Predictable.
    #[error("the root key at {path} is weak: {why}")]
    Weak {
        /// The key file.
        path: PathBuf,
        /// In which way.
        why: &'static str,
    },
    /// There already is one.
    #[error(
        "there already is a root key at {0}; another one would make every person somebody else"
    )]
    Exists(PathBuf),
    /// The warehouse was made with another key.
    #[error(
        "the root key at {path} (fingerprint {found}) is not the one that the warehouse was made with (fingerprint {expected})"
    )]
    Different {
        /// The key file.
        path: PathBuf,
        /// Fingerprint of the key in the file.
        found: String,
        /// Fingerprint in the current release.
        expected: String,
    },
    /// The system gave no random bytes.
    #[error("the operating system gave no random bytes")]
    NoRandomness,
}

impl Classified for KeyError {
    fn class(&self) -> Class {
        match self {
            Self::Missing(_) | Self::Exists(_) => Class::User,
            Self::Io { .. } | Self::NoRandomness => Class::Environment,
            Self::Exposed { .. }
            | Self::Malformed { .. }
            | Self::Weak { .. }
            | Self::Different { .. } => Class::Privacy,
        }
    }

    fn remedy(&self) -> Option<String> {
        Some(match self {
            Self::Missing(_) => {
                "make one with `sluis key new`, and keep a copy where the warehouse is not".into()
            }
            Self::Exposed { path, .. } => format!(
                "chmod 600 {}; if others may have read it, tell the privacy officer",
                path.display()
            ),
            Self::Malformed { .. } | Self::Weak { .. } => {
                "use the file that `sluis key new` wrote, unchanged".into()
            }
            Self::Exists(_) => "keep it; `sluis key show` prints its fingerprint".into(),
            Self::Different { .. } => "put back the key with the expected fingerprint".into(),
            Self::Io { .. } | Self::NoRandomness => return None,
        })
    }
}

/// The root secret. No `Debug` or `Display`; wiped when dropped.
pub struct RootKey(SecretBox<[u8; ROOT_BYTES]>);

/// The key of one pseudonym domain. Wiped when dropped.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct DomainKey([u8; 32]);

impl DomainKey {
    pub(super) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// A key from bytes, for tests of the algorithm.
    #[cfg(test)]
    pub(super) fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl RootKey {
    /// Draws a new root key from the operating system and writes it to a new file with mode 0600.
    ///
    /// # Errors
    /// The file exists, or cannot be written.
    pub fn create(path: &Path) -> Result<Self, KeyError> {
        let io = |source| KeyError::Io {
            path: path.to_owned(),
            what: "written",
            source,
        };
        let mut bytes = Zeroizing::new([0u8; ROOT_BYTES]);
        getrandom::fill(bytes.as_mut_slice()).map_err(|_| KeyError::NoRandomness)?;
        if let Some(folder) = path.parent().filter(|f| !f.as_os_str().is_empty()) {
            crate::disk::private_folder(folder).map_err(io)?;
        }
        let mut file = File::options()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path)
            .map_err(|e| match e.kind() {
                std::io::ErrorKind::AlreadyExists => KeyError::Exists(path.to_owned()),
                _ => io(e),
            })?;
        let text = Zeroizing::new(format!(
            "{PREFIX}{}\n",
            *Zeroizing::new(hex::encode(bytes.as_slice()))
        ));
        file.write_all(text.as_bytes())
            .and_then(|()| file.sync_all())
            .map_err(io)?;
        Ok(Self(SecretBox::new(Box::new(*bytes))))
    }

    /// Reads the root key and refuses one that is exposed, malformed or weak.
    ///
    /// # Errors
    /// See [`KeyError`].
    pub fn load(path: &Path) -> Result<Self, KeyError> {
        let io = |source| KeyError::Io {
            path: path.to_owned(),
            what: "read",
            source,
        };
        let mut file = File::open(path).map_err(|e| match e.kind() {
            std::io::ErrorKind::NotFound => KeyError::Missing(path.to_owned()),
            _ => io(e),
        })?;
        let meta = file.metadata().map_err(io)?;
        let mode = meta.mode() & 0o7777;
        if mode & 0o077 != 0 {
            return Err(KeyError::Exposed {
                path: path.to_owned(),
                mode,
            });
        }
        let mut text = Zeroizing::new(Vec::with_capacity(256));
        Read::by_ref(&mut file)
            .take(256)
            .read_to_end(&mut text)
            .map_err(io)?;
        let malformed = |why| KeyError::Malformed {
            path: path.to_owned(),
            why,
        };
        let text = std::str::from_utf8(&text).map_err(|_| malformed("it is not text"))?;
        let digits = text
            .trim_end()
            .strip_prefix(PREFIX)
            .ok_or_else(|| malformed("it does not begin as a root key does"))?;
        let bytes =
            Zeroizing::new(hex::decode(digits).ok_or_else(|| malformed("it is not hexadecimal"))?);
        if bytes.len() < ROOT_BYTES {
            return Err(malformed("it is shorter than 256 bits"));
        }
        let bytes = Zeroizing::new(
            <[u8; ROOT_BYTES]>::try_from(bytes.as_slice())
                .map_err(|_| malformed("it is longer than 256 bits"))?,
        );
        if let Some(why) = weakness(&bytes) {
            return Err(KeyError::Weak {
                path: path.to_owned(),
                why,
            });
        }
        Ok(Self(SecretBox::new(Box::new(*bytes))))
    }

    /// The key of a pseudonym domain: HKDF-SHA-256 with the domain in the info.
    #[must_use]
    pub fn domain(&self, domain: &str) -> DomainKey {
        DomainKey(self.expand(&[b"pseudonym/", domain.as_bytes()]))
    }

    /// The key under which it is remembered who was erased: of no use to make a pseudonym.
    #[must_use]
    pub fn suppression(&self) -> DomainKey {
        DomainKey(self.expand(&[b"gewist"]))
    }

    /// Sixteen hexadecimal digits that are the same for the same root key and tell nothing else.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        hex::encode(&self.expand(&[b"fingerprint"])[..8])
    }

    /// Refuses a key that is not the one the warehouse was made with.
    ///
    /// # Errors
    /// [`KeyError::Different`].
    pub fn must_match(&self, expected: &str, path: &Path) -> Result<(), KeyError> {
        let found = self.fingerprint();
        if found == expected {
            return Ok(());
        }
        Err(KeyError::Different {
            path: path.to_owned(),
            found,
            expected: expected.to_owned(),
        })
    }

    fn expand(&self, info: &[&[u8]]) -> [u8; 32] {
        let mut out = [0u8; 32];
        // HKDF expands up to 8160 bytes; 32 cannot fail.
        let _ = Hkdf::<Sha256>::new(Some(SALT), self.0.expose_secret())
            .expand_multi_info(info, &mut out);
        out
    }

    /// A fixed key for tests.
    #[cfg(test)]
    pub(crate) fn for_tests() -> Self {
        Self(SecretBox::new(Box::new(std::array::from_fn(|i| {
            u8::try_from(i * 37 % 251).unwrap_or_default() ^ 0x5a
        }))))
    }
}

/// Why 32 bytes do not look drawn at random. A random key has fewer than 20 different bytes about
/// once in 10^13, so none is refused by chance.
fn weakness(bytes: &[u8; ROOT_BYTES]) -> Option<&'static str> {
    let distinct = bytes
        .iter()
        .collect::<std::collections::BTreeSet<_>>()
        .len();
    if bytes.iter().all(|b| b.is_ascii_graphic() || *b == b' ') {
        return Some("it is readable text, not random bytes");
    }
    if distinct < 20 {
        return Some("too few different bytes");
    }
    let step = bytes[1].wrapping_sub(bytes[0]);
    if bytes
        .windows(2)
        .filter(|w| w[1].wrapping_sub(w[0]) == step)
        .count()
        > ROOT_BYTES / 2
    {
        return Some("it counts");
    }
    None
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "tests make their own files")]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn write(folder: &Path, text: &str, mode: u32) -> PathBuf {
        let path = folder.join("root.key");
        File::create(&path)
            .and_then(|mut f| f.write_all(text.as_bytes()))
            .unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        path
    }

    #[test]
    fn new_then_load() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys/root.key");
        let made = RootKey::create(&path).unwrap();
        assert_eq!(
            std::fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
        assert_eq!(
            RootKey::load(&path).unwrap().fingerprint(),
            made.fingerprint()
        );
        assert!(matches!(RootKey::create(&path), Err(KeyError::Exists(_))));
    }

    #[test]
    fn refusals() {
        let folder = tempfile::tempdir().unwrap();
        let load = |text: &str, mode| {
            RootKey::load(&write(folder.path(), text, mode))
                .err()
                .unwrap()
        };
        let good =
            "sluis-root-1:8f3b1c6e90d24a57b1ee02937fa4c8d5631b0f7e2c99a84d51e6b7038a2cf914\n";
        assert!(matches!(
            load(good, 0o640),
            KeyError::Exposed { mode: 0o640, .. }
        ));
        assert!(matches!(load(good, 0o604), KeyError::Exposed { .. }));
        assert!(matches!(load("", 0o600), KeyError::Malformed { .. }));
        assert!(matches!(load("geheim", 0o600), KeyError::Malformed { .. }));
        assert!(matches!(
            load("sluis-root-1:8f3b1c6e90d2", 0o600),
            KeyError::Malformed { .. }
        ));
        for weak in [
            [0u8; 32],
            std::array::from_fn(|i| u8::try_from(i).unwrap()),
            *b"dit is een voorbeeldsleutel 1234",
        ] {
            assert!(matches!(
                load(&format!("{PREFIX}{}", hex::encode(&weak)), 0o600),
                KeyError::Weak { .. }
            ));
        }
        assert!(matches!(
            RootKey::load(&folder.path().join("none")),
            Err(KeyError::Missing(_))
        ));
    }

    #[test]
    fn a_different_key_is_refused_and_no_message_holds_it() {
        let one = RootKey::for_tests();
        let error = one
            .must_match("0011223344556677", Path::new("k"))
            .unwrap_err();
        assert!(matches!(error, KeyError::Different { .. }));
        assert!(
            !error
                .to_string()
                .contains(&hex::encode(one.0.expose_secret()))
        );
    }

    /// RFC 5869, A.1: the library that we derive with gives the published output.
    #[test]
    fn rfc_5869() {
        let salt = hex::decode("000102030405060708090a0b0c").unwrap();
        let info = hex::decode("f0f1f2f3f4f5f6f7f8f9").unwrap();
        let mut out = [0u8; 42];
        Hkdf::<Sha256>::new(Some(&salt), &[0x0b; 22])
            .expand(&info, &mut out)
            .unwrap();
        assert_eq!(
            hex::encode(&out),
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"
        );
    }

    /// Frozen: see the vectors of `pseudonym`.
    #[test]
    fn frozen_fingerprint() {
        assert_eq!(RootKey::for_tests().fingerprint(), FROZEN_FINGERPRINT);
    }

    const FROZEN_FINGERPRINT: &str = "4b5f268eb8d21120";
}
