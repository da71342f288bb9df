//! The text form of a root key: `sluis-root-1:` and a secret in hexadecimal, or, once it was rotated,
//! `sluis-root-2:` and all its layers, the newest first. A secret that looks chosen is refused.

use zeroize::Zeroizing;

use super::{KeyError, Layer, Origin, RootKey, SECRET_BYTES};
use crate::hex;

/// How a key begins that was never rotated.
pub const PREFIX: &str = "sluis-root-1:";
/// How a key of several layers begins.
pub const PREFIX_LAYERS: &str = "sluis-root-2:";
/// The most layers of a key: one rotation a year for sixteen years.
pub const MOST_LAYERS: usize = 16;
/// No text of a key is as long.
pub const LONGEST: usize = 2 * 1024;

impl RootKey {
    /// The key that a text says.
    ///
    /// # Errors
    /// It is malformed or weak.
    pub fn parse(text: &str, origin: Origin) -> Result<Self, KeyError> {
        let malformed = |why| KeyError::Malformed {
            origin: origin.clone(),
            why,
        };
        let text = text.trim_end();
        let mut layers = if let Some(digits) = text.strip_prefix(PREFIX) {
            vec![layer(digits, &origin)?]
        } else if let Some(all) = text.strip_prefix(PREFIX_LAYERS) {
            let layers = all.split(':').map(|digits| layer(digits, &origin));
            layers.collect::<Result<Vec<_>, _>>()?
        } else {
            return Err(malformed("it does not begin as a root key does"));
        };
        let rotated = text.starts_with(PREFIX_LAYERS);
        if rotated != (layers.len() > 1) || layers.len() > MOST_LAYERS {
            return Err(malformed("it does not have as many layers as it should"));
        }
        layers.reverse();
        Self::of(layers, origin)
    }

    /// The key that bytes say: its layers behind each other, the innermost first.
    ///
    /// # Errors
    /// It is malformed or weak.
    pub fn from_bytes(bytes: &[u8], origin: Origin) -> Result<Self, KeyError> {
        let (pieces, rest) = bytes.as_chunks::<SECRET_BYTES>();
        if pieces.is_empty() || !rest.is_empty() || pieces.len() > MOST_LAYERS {
            return Err(KeyError::Malformed {
                origin,
                why: "it does not have as many layers as it should",
            });
        }
        let layers = pieces.iter().map(|piece| strong(piece, &origin));
        Self::of(layers.collect::<Result<_, _>>()?, origin)
    }

    /// The key of these layers, the innermost first.
    fn of(layers: Vec<Layer>, origin: Origin) -> Result<Self, KeyError> {
        let same = |(at, one): (usize, &Layer)| layers.iter().take(at).any(|l| l.is(one));
        if layers.iter().enumerate().any(same) {
            let why = "two of its layers are the same";
            return Err(KeyError::Malformed { origin, why });
        }
        let mut layers = layers.into_iter();
        let Some(first) = layers.next() else {
            let why = "it has no layers";
            return Err(KeyError::Malformed { origin, why });
        };
        Ok(Self {
            first,
            outer: layers.collect(),
            origin,
        })
    }

    /// Its bytes, as [`RootKey::from_bytes`] takes them.
    #[must_use]
    pub fn bytes(&self) -> Zeroizing<Vec<u8>> {
        let mut bytes = Zeroizing::new(Vec::with_capacity(self.layers() * SECRET_BYTES));
        for layer in self.all() {
            bytes.extend_from_slice(layer.secret());
        }
        bytes
    }

    /// Its text, with a line end.
    #[must_use]
    pub fn text(&self) -> Zeroizing<String> {
        // Never longer than this, so it is never copied while it grows.
        let mut text = Zeroizing::new(String::with_capacity(LONGEST));
        text.push_str(if self.outer.is_empty() {
            PREFIX
        } else {
            PREFIX_LAYERS
        });
        for (at, layer) in self.outer.iter().rev().chain([&self.first]).enumerate() {
            if at > 0 {
                text.push(':');
            }
            text.push_str(&Zeroizing::new(hex::encode(layer.secret())));
        }
        text.push('\n');
        text
    }
}

fn layer(digits: &str, origin: &Origin) -> Result<Layer, KeyError> {
    let malformed = |why| KeyError::Malformed {
        origin: origin.clone(),
        why,
    };
    let bytes =
        Zeroizing::new(hex::decode(digits).ok_or_else(|| malformed("it is not hexadecimal"))?);
    if bytes.len() < SECRET_BYTES {
        return Err(malformed("it is shorter than 256 bits"));
    }
    let bytes = bytes.as_array::<SECRET_BYTES>();
    strong(
        bytes.ok_or_else(|| malformed("it is longer than 256 bits"))?,
        origin,
    )
}

fn strong(bytes: &[u8; SECRET_BYTES], origin: &Origin) -> Result<Layer, KeyError> {
    match weakness(bytes) {
        None => Ok(Layer::new(bytes)),
        Some(why) => Err(KeyError::Weak {
            origin: origin.clone(),
            why,
        }),
    }
}

/// Why 32 bytes do not look drawn at random. A random key has fewer than 20 different bytes about
/// once in 10^13, so none is refused by chance.
fn weakness(bytes: &[u8; SECRET_BYTES]) -> Option<&'static str> {
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
        > SECRET_BYTES / 2
    {
        return Some("it counts");
    }
    None
}
