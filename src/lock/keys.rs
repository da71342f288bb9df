//! The root key, the keys of the domains, and the fingerprint.
//!
//! The root secret is 32 random bytes, kept outside the warehouse and readable by its owner only. Keys
//! of domains come from it by HKDF-SHA-256 (RFC 5869); the fingerprint identifies a root key without
//! helping to find it.
//!
//! A key that was rotated has layers. The innermost makes pseudonyms of identifiers, every further one
//! wraps the pseudonyms of the layer before it: the key of one HMAC, the same for all domains. Pseudonyms
//! of two domains differ already, so joins stay what they were and domains stay apart.

use std::fs::File;
use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use hkdf::Hkdf;
use secrecy::{ExposeSecret, SecretBox};
use sha2::Sha256;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::{disk, hex};

mod error;
#[cfg(test)]
mod tests;
pub mod text;

pub use error::{KeyError, Origin};

/// Bytes of a secret.
pub const SECRET_BYTES: usize = 32;
/// Permission bits of all but the owner.
pub const OTHERS: u32 = 0o077;
const SALT: &[u8] = b"sluis/1";

/// The root secret, with all its layers. No `Debug` or `Display`; wiped when dropped.
pub struct RootKey {
    /// The innermost.
    first: Layer,
    /// What was put around it, in turn.
    outer: Vec<Layer>,
    origin: Origin,
}

/// The secret of one layer.
struct Layer(SecretBox<[u8; SECRET_BYTES]>);

/// The key of one pseudonym domain, or of another use. Wiped when dropped.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct DomainKey {
    first: [u8; 32],
    wraps: Vec<[u8; 32]>,
}

impl DomainKey {
    /// The key of what is made of an identifier.
    pub(super) fn bytes(&self) -> &[u8; 32] {
        &self.first
    }

    /// The keys of what is made of that, in turn.
    pub(super) fn wraps(&self) -> &[[u8; 32]] {
        &self.wraps
    }

    /// A key from bytes, for tests of the algorithm.
    #[cfg(test)]
    pub(super) fn from_bytes(bytes: [u8; 32]) -> Self {
        Self {
            first: bytes,
            wraps: Vec::new(),
        }
    }
}

impl Layer {
    /// Copies the secret to a place from which it is wiped.
    fn new(bytes: &[u8; SECRET_BYTES]) -> Self {
        Self(SecretBox::init_with_mut(
            |place: &mut [u8; SECRET_BYTES]| {
                place.copy_from_slice(bytes);
            },
        ))
    }

    /// A new one, from the operating system.
    fn draw() -> Result<Self, KeyError> {
        let mut bytes = Zeroizing::new([0u8; SECRET_BYTES]);
        getrandom::fill(bytes.as_mut_slice()).map_err(|_| KeyError::NoRandomness)?;
        Ok(Self::new(&bytes))
    }

    fn secret(&self) -> &[u8; SECRET_BYTES] {
        self.0.expose_secret()
    }

    fn is(&self, other: &Self) -> bool {
        self.secret() == other.secret()
    }

    fn expand(&self, info: &[&[u8]], out: &mut [u8; 32]) {
        // HKDF expands up to 8160 bytes; 32 cannot fail.
        let _ = Hkdf::<Sha256>::new(Some(SALT), self.secret()).expand_multi_info(info, out);
    }

    fn derive(&self, info: &[&[u8]]) -> DomainKey {
        let mut key = DomainKey {
            first: [0; 32],
            wraps: Vec::new(),
        };
        self.expand(info, &mut key.first);
        key
    }
}

impl RootKey {
    /// Draws a new root key from the operating system and writes it to a new file with mode 0600.
    ///
    /// # Errors
    /// The file exists, or cannot be written.
    pub fn create(path: &Path) -> Result<Self, KeyError> {
        let key = Self {
            first: Layer::draw()?,
            outer: Vec::new(),
            origin: Origin::File(path.to_owned()),
        };
        key.write_new(path)?;
        Ok(key)
    }

    /// Writes the key to a new file that only its owner can read.
    ///
    /// # Errors
    /// The file exists, or cannot be written.
    pub fn write_new(&self, path: &Path) -> Result<(), KeyError> {
        disk::write_new(path, self.text().as_bytes()).map_err(|source| match source.kind() {
            std::io::ErrorKind::AlreadyExists => KeyError::Exists(path.to_owned()),
            _ => KeyError::Io {
                origin: Origin::File(path.to_owned()),
                what: "written",
                source,
            },
        })
    }

    /// Reads the root key of a file and refuses one that is exposed, malformed or weak.
    ///
    /// # Errors
    /// See [`KeyError`].
    pub fn load(path: &Path) -> Result<Self, KeyError> {
        Self::read(path, &Origin::File(path.to_owned()), OTHERS)
    }

    /// Reads the root key of a file that has none of these permission bits.
    ///
    /// # Errors
    /// See [`KeyError`].
    pub fn read(path: &Path, origin: &Origin, forbidden: u32) -> Result<Self, KeyError> {
        let io = |source| KeyError::Io {
            origin: origin.clone(),
            what: "read",
            source,
        };
        let mut file = File::open(path).map_err(|e| match e.kind() {
            std::io::ErrorKind::NotFound => KeyError::Missing(origin.clone()),
            _ => io(e),
        })?;
        let meta = file.metadata().map_err(io)?;
        let mode = meta.mode() & 0o7777;
        if mode & forbidden != 0 {
            return Err(KeyError::Exposed {
                path: path.to_owned(),
                mode,
            });
        }
        // Room for more than is read, so that nothing is copied while it grows.
        let mut bytes = Zeroizing::new(Vec::with_capacity(2 * text::LONGEST));
        Read::by_ref(&mut file)
            .take(text::LONGEST as u64)
            .read_to_end(&mut bytes)
            .map_err(io)?;
        let text = std::str::from_utf8(&bytes).map_err(|_| KeyError::Malformed {
            origin: origin.clone(),
            why: "it is not text",
        })?;
        Self::parse(text, origin.clone())
    }

    /// The same key with one more layer, drawn from the operating system: what rotating switches to.
    ///
    /// # Errors
    /// It has as many as it can have.
    pub fn rotated(&self) -> Result<Self, KeyError> {
        if self.layers() >= text::MOST_LAYERS {
            return Err(KeyError::Layers(self.origin.clone()));
        }
        let mut next = self.inside(self.outer.len());
        next.outer.push(Layer::draw()?);
        Ok(next)
    }

    /// The key with so many layers around the innermost: what it was before it was rotated.
    fn inside(&self, outer: usize) -> Self {
        let copy = |layer: &Layer| Layer::new(layer.secret());
        Self {
            first: copy(&self.first),
            outer: self.outer.iter().take(outer).map(copy).collect(),
            origin: self.origin.clone(),
        }
    }

    fn all(&self) -> impl Iterator<Item = &Layer> {
        std::iter::once(&self.first).chain(&self.outer)
    }

    /// The key that it was before the last rotation; `None`: it was never rotated.
    #[must_use]
    pub fn before(&self) -> Option<Self> {
        Some(self.inside(self.outer.len().checked_sub(1)?))
    }

    /// How many layers it has.
    #[must_use]
    pub fn layers(&self) -> usize {
        1 + self.outer.len()
    }

    /// Where it comes from.
    #[must_use]
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The key of a pseudonym domain: HKDF-SHA-256 with the domain in the info, and what wraps it.
    #[must_use]
    pub fn domain(&self, domain: &str) -> DomainKey {
        let mut key = self.inner_domain(domain);
        // Room for all: keys are not copied while the list grows.
        key.wraps.reserve_exact(self.outer.len());
        for layer in &self.outer {
            key.wraps.push([0; 32]);
            if let Some(wrap) = key.wraps.last_mut() {
                layer.expand(&[b"wikkel"], wrap);
            }
        }
        key
    }

    /// The key of a pseudonym domain in the innermost layer, which nothing wraps.
    #[must_use]
    pub fn inner_domain(&self, domain: &str) -> DomainKey {
        let info: [&[u8]; 2] = [b"pseudonym/", domain.as_bytes()];
        self.first.derive(&info)
    }

    /// The keys that wrap pseudonyms, from the second layer on.
    #[must_use]
    pub fn wraps(&self) -> Vec<DomainKey> {
        let outer = self.outer.iter();
        outer.map(|layer| layer.derive(&[b"wikkel"])).collect()
    }

    /// The key under which it is remembered who was erased: of no use to make a pseudonym.
    #[must_use]
    pub fn suppression(&self) -> DomainKey {
        let newest = self.outer.last().unwrap_or(&self.first);
        newest.derive(&[b"gewist"])
    }

    /// The keys under which it was remembered who was erased, layer by layer.
    #[must_use]
    pub fn suppressions(&self) -> Vec<DomainKey> {
        let all = self.all();
        all.map(|layer| layer.derive(&[b"gewist"])).collect()
    }

    /// Sixteen hexadecimal digits that are the same for the same root key and tell nothing else. That of
    /// a key with layers stands for all of them together.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        self.fingerprints().pop().unwrap_or_default()
    }

    /// The fingerprints that the key had, from the first: each is that of a key with one more layer.
    #[must_use]
    pub fn fingerprints(&self) -> Vec<String> {
        let mut before = [0u8; 32];
        let mut made = Vec::with_capacity(self.layers());
        for (at, layer) in self.all().enumerate() {
            let mut now = [0u8; 32];
            if at == 0 {
                layer.expand(&[b"fingerprint"], &mut now);
            } else {
                layer.expand(&[b"fingerprint/", &before], &mut now);
            }
            made.push(hex::encode(&now[..8]));
            before = now;
        }
        made
    }

    /// The key for a warehouse with this fingerprint: this one, or what it was before it was rotated. A
    /// rotation that was cut off before it published has left the next key in its place, and the
    /// warehouse still wants the one that is inside it.
    ///
    /// # Errors
    /// [`KeyError::Different`].
    pub fn fitting(self, expected: &str) -> Result<Self, KeyError> {
        let all = self.fingerprints();
        match all.iter().position(|made| made == expected) {
            Some(at) if at == self.outer.len() => Ok(self),
            Some(at) => Ok(self.inside(at)),
            None => Err(KeyError::Different {
                found: all.last().cloned().unwrap_or_default(),
                expected: expected.to_owned(),
                origin: self.origin,
            }),
        }
    }

    /// Refuses a key that is not the one that a release was made with.
    ///
    /// # Errors
    /// [`KeyError::Different`].
    pub fn must_match(&self, expected: &str) -> Result<(), KeyError> {
        let found = self.fingerprint();
        if found == expected {
            return Ok(());
        }
        Err(KeyError::Different {
            origin: self.origin.clone(),
            found,
            expected: expected.to_owned(),
        })
    }

    /// A fixed key for tests.
    #[cfg(test)]
    pub(crate) fn for_tests() -> Self {
        Self::of_layers_for_tests(1)
    }

    /// A fixed key of so many layers for tests.
    #[cfg(test)]
    pub(crate) fn of_layers_for_tests(layers: u8) -> Self {
        let secret = |layer: u8| {
            std::array::from_fn(|i| {
                (u8::try_from(i * 37 % 251).unwrap_or_default() ^ 0x5a)
                    .wrapping_add(layer.wrapping_mul(101))
            })
        };
        Self {
            first: Layer::new(&secret(0)),
            outer: (1..layers).map(|at| Layer::new(&secret(at))).collect(),
            origin: Origin::File("root.key".into()),
        }
    }
}
