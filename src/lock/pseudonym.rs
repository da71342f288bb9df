//! Pseudonyms: HMAC-SHA-256 under a key of the domain, 128 bits kept.
//!
//! The message is canonical: one byte for the length of the identifier's kind, the kind, one byte
//! for the length of the identifier, the identifier. HMAC is RFC 2104 (FIPS 198-1), SHA-256 FIPS 180-4.
//!
//! Under a key that was rotated a pseudonym is wrapped once for every further layer: the HMAC of the
//! pseudonym before it, as an identifier of the kind `wikkel`.
//!
//! The two pad blocks are compressed once per domain, so a pseudonym costs two compressions. A
//! different result for the same input would split every person in two, so the frozen vectors
//! below must never change.

use arrow::array::{Array, FixedSizeBinaryArray};
use arrow::error::ArrowError;
use sha2::block_api::compress256;
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::keys::DomainKey;

/// A pseudonym: 128 bits.
pub type Pseudonym = [u8; 16];

/// Longest identifier in bytes: with its kind and lengths it fits one block of SHA-256.
pub const MAX_IDENTIFIER: usize = 40;

/// What sort of identifier a pseudonym stands for. Part of the message, so that a client number
/// that happens to look like a BSN is somebody else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdentifierKind {
    /// A burgerservicenummer in nine digits.
    Bsn,
    /// A partner's own number.
    Number,
    /// A pseudonym, of which a digest is kept after its person was erased.
    Erased,
    /// A pseudonym of an earlier key, which is wrapped.
    Wrapped,
}

impl IdentifierKind {
    const fn tag(self) -> &'static [u8] {
        match self {
            Self::Bsn => b"bsn",
            Self::Number => b"nummer",
            Self::Erased => b"gewist",
            Self::Wrapped => b"wikkel",
        }
    }
}

/// SHA-256's initial state (FIPS 180-4, 5.3.3).
const INITIAL: [u32; 8] = [
    0x6a09_e667,
    0xbb67_ae85,
    0x3c6e_f372,
    0xa54f_f53a,
    0x510e_527f,
    0x9b05_688c,
    0x1f83_d9ab,
    0x5be0_cd19,
];

const BLOCK: usize = 64;

/// HMAC under one key, its pads compressed. Holds key material: wiped when dropped, never printed.
#[derive(Zeroize, ZeroizeOnDrop)]
struct Pads {
    inner: [u32; 8],
    outer: [u32; 8],
}

impl Pads {
    fn new(key: &[u8; 32]) -> Self {
        Self {
            inner: pad_state(key, 0x36),
            outer: pad_state(key, 0x5c),
        }
    }

    #[inline]
    fn hmac(&self, kind: IdentifierKind, identifier: &[u8]) -> Option<Pseudonym> {
        let tag = kind.tag();
        let length = 2 + tag.len() + identifier.len();
        if identifier.len() > MAX_IDENTIFIER {
            return None;
        }
        let mut block = [0u8; BLOCK];
        block[0] = u8::try_from(tag.len()).ok()?;
        block[1..=tag.len()].copy_from_slice(tag);
        block[1 + tag.len()] = u8::try_from(identifier.len()).ok()?;
        block[2 + tag.len()..length].copy_from_slice(identifier);
        let inner = finish(&self.inner, block, length)?;
        let mut block = [0u8; BLOCK];
        for (bytes, word) in block.chunks_exact_mut(4).zip(inner) {
            bytes.copy_from_slice(&word.to_be_bytes());
        }
        let outer = finish(&self.outer, block, 32)?;
        let mut kept = [0u8; 16];
        for (bytes, word) in kept.chunks_exact_mut(4).zip(outer) {
            bytes.copy_from_slice(&word.to_be_bytes());
        }
        Some(kept)
    }
}

/// Makes the pseudonyms of one domain. Holds key material: wiped when dropped, never printed.
pub struct Pseudonymiser {
    first: Pads,
    wraps: Vec<Pads>,
}

impl Pseudonymiser {
    /// Compresses the pads of the domain's key.
    #[must_use]
    pub fn new(key: &DomainKey) -> Self {
        Self {
            first: Pads::new(key.bytes()),
            wraps: key.wraps().iter().map(Pads::new).collect(),
        }
    }

    /// The pseudonym of an identifier of at most [`MAX_IDENTIFIER`] bytes; `None` for a longer one.
    #[inline]
    #[must_use]
    pub fn pseudonym(&self, kind: IdentifierKind, identifier: &[u8]) -> Option<Pseudonym> {
        let mut made = self.first.hmac(kind, identifier)?;
        for wrap in &self.wraps {
            made = wrap.hmac(IdentifierKind::Wrapped, &made)?;
        }
        Some(made)
    }
}

/// Wraps pseudonyms of an earlier key in the layers that came around it.
pub struct Wrap(Vec<Pads>);

impl Wrap {
    /// With these keys, the innermost first.
    #[must_use]
    pub fn new(keys: &[DomainKey]) -> Self {
        Self(keys.iter().map(|key| Pads::new(key.bytes())).collect())
    }

    /// Whether nothing is wrapped.
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.0.is_empty()
    }

    /// The pseudonym as it is in every layer, from the innermost.
    pub fn layers(&self, inner: &Pseudonym) -> impl Iterator<Item = Pseudonym> {
        // Sixteen bytes always fit a block, so there always is a next one.
        let next = |now: &mut Pseudonym, pads: &Pads| {
            *now = pads.hmac(IdentifierKind::Wrapped, now)?;
            Some(*now)
        };
        std::iter::once(*inner).chain(self.0.iter().scan(*inner, next))
    }

    /// The pseudonym in the outermost layer.
    #[must_use]
    pub fn pseudonym(&self, inner: &Pseudonym) -> Pseudonym {
        self.layers(inner).last().unwrap_or(*inner)
    }

    /// A column of pseudonyms in the outermost layer. Rows of one person lie together, so what was just
    /// wrapped is not wrapped again.
    ///
    /// # Errors
    /// None that a column of pseudonyms gives.
    pub fn array(&self, inner: &FixedSizeBinaryArray) -> Result<FixedSizeBinaryArray, ArrowError> {
        let mut last: Option<(Pseudonym, Pseudonym)> = None;
        let mut values = Vec::with_capacity(inner.len() * size_of::<Pseudonym>());
        for row in 0..inner.len() {
            let made = match Pseudonym::try_from(inner.value(row)) {
                Ok(value) if inner.is_valid(row) => match last {
                    Some((known, made)) if known == value => made,
                    _ => {
                        let made = self.pseudonym(&value);
                        last = Some((value, made));
                        made
                    }
                },
                _ => Pseudonym::default(),
            };
            values.extend_from_slice(&made);
        }
        FixedSizeBinaryArray::try_new(16, values.into(), inner.nulls().cloned())
    }
}

/// Pads and compresses the last block of a message of which one block (the pad) went before.
#[inline]
fn finish(state: &[u32; 8], mut block: [u8; BLOCK], length: usize) -> Option<[u32; 8]> {
    let bits = u64::try_from((BLOCK + length) * 8).ok()?;
    block[length] = 0x80;
    block[BLOCK - 8..].copy_from_slice(&bits.to_be_bytes());
    let mut state = *state;
    compress256(&mut state, std::slice::from_ref(&block));
    Some(state)
}

fn pad_state(key: &[u8; 32], pad: u8) -> [u32; 8] {
    let mut block = [pad; BLOCK];
    for (byte, key) in block.iter_mut().zip(key) {
        *byte ^= key;
    }
    let mut state = INITIAL;
    compress256(&mut state, std::slice::from_ref(&block));
    block.zeroize();
    state
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hex;
    use crate::lock::keys::RootKey;
    use hmac::{Hmac, KeyInit, Mac};
    use proptest::prelude::*;
    use sha2::Sha256;

    fn reference(key: &[u8], message: &[u8]) -> Vec<u8> {
        let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
        mac.update(message);
        mac.finalize().into_bytes().to_vec()
    }

    fn message(kind: &[u8], id: &[u8]) -> Vec<u8> {
        [
            &[u8::try_from(kind.len()).unwrap()],
            kind,
            &[u8::try_from(id.len()).unwrap()],
            id,
        ]
        .concat()
    }

    /// RFC 4231 test cases 1 and 2, through our pads and blocks (keys of at most 32 bytes, zero-padded as HMAC does).
    #[test]
    fn rfc_4231() {
        for (key, data, tag) in [
            (
                vec![0x0b; 20],
                &b"Hi There"[..],
                "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
            ),
            (
                b"Jefe".to_vec(),
                &b"what do ya want for nothing?"[..],
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
            ),
        ] {
            let mut padded = [0u8; 32];
            padded[..key.len()].copy_from_slice(&key);
            let mut block = [0u8; BLOCK];
            block[..data.len()].copy_from_slice(data);
            let inner = finish(&pad_state(&padded, 0x36), block, data.len()).unwrap();
            let mut block = [0u8; BLOCK];
            block[..32].copy_from_slice(
                &inner
                    .iter()
                    .flat_map(|w| w.to_be_bytes())
                    .collect::<Vec<_>>(),
            );
            let outer = finish(&pad_state(&padded, 0x5c), block, 32).unwrap();
            assert_eq!(
                hex::encode(
                    &outer
                        .iter()
                        .flat_map(|w| w.to_be_bytes())
                        .collect::<Vec<_>>()
                ),
                tag
            );
            assert_eq!(hex::encode(&reference(&key, data)), tag);
        }
    }

    /// Frozen: a change here would make every person in every warehouse somebody else.
    #[test]
    fn frozen_vectors() {
        let root = RootKey::for_tests();
        let made: Vec<String> = [
            ("sociaal-domein", IdentifierKind::Bsn, &b"999990019"[..]),
            ("sociaal-domein", IdentifierKind::Number, b"999990019"),
            ("wot-client", IdentifierKind::Number, b"C-000123"),
            ("wot-client", IdentifierKind::Bsn, b"999990019"),
        ]
        .into_iter()
        .map(|(domain, kind, id)| {
            hex::encode(
                &Pseudonymiser::new(&root.domain(domain))
                    .pseudonym(kind, id)
                    .unwrap(),
            )
        })
        .collect();
        assert_eq!(made, FROZEN);
    }

    /// Computed apart from this program too: HKDF and HMAC by hand with Python's `hmac` and `hashlib`.
    const FROZEN: [&str; 4] = [
        "946644b20c85d73285925c9f7f8fcb71",
        "2734ffacaf008b68fc75e923f1a45389",
        "e2588ca3b3e69c74c87798520a0c471e",
        "eb6e2bab8265d466206c15205924b515",
    ];

    /// Frozen as well: what a key makes that was rotated once, and twice.
    #[test]
    fn frozen_vectors_of_layers() {
        let made = [2, 3].map(|layers| {
            let root = RootKey::of_layers_for_tests(layers);
            let maker = Pseudonymiser::new(&root.domain("sociaal-domein"));
            hex::encode(&maker.pseudonym(IdentifierKind::Bsn, b"999990019").unwrap())
        });
        assert_eq!(made, FROZEN_LAYERS);
    }

    const FROZEN_LAYERS: [&str; 2] = [
        "89704df97f7ae546f60085c6d26ab50c",
        "3aa42b89a14ece806c6017bc64df9ca9",
    ];

    #[test]
    fn wrapping_a_pseudonym_gives_that_of_the_rotated_key() {
        let rotated = RootKey::of_layers_for_tests(3);
        let made = |key: &DomainKey| {
            Pseudonymiser::new(key)
                .pseudonym(IdentifierKind::Number, b"C-1")
                .unwrap()
        };
        let inner = made(&rotated.inner_domain("d"));
        assert_eq!(inner, made(&RootKey::for_tests().domain("d")));
        let wrap = Wrap::new(&rotated.wraps());
        let layers: Vec<_> = wrap.layers(&inner).collect();
        let two = made(&RootKey::of_layers_for_tests(2).domain("d"));
        assert_eq!(layers, [inner, two, made(&rotated.domain("d"))]);
        let column = [Some(inner), Some(inner), None, Some(two)];
        let of = |column: [Option<Pseudonym>; 4]| {
            FixedSizeBinaryArray::try_from_sparse_iter_with_size(column.into_iter(), 16).unwrap()
        };
        let wrapped = wrap.array(&of(column)).unwrap();
        assert_eq!(wrapped, of(column.map(|p| p.map(|p| wrap.pseudonym(&p)))));
    }

    #[test]
    fn too_long_is_no_pseudonym() {
        let one = Pseudonymiser::new(&RootKey::for_tests().domain("d"));
        assert!(
            one.pseudonym(IdentifierKind::Number, &[b'x'; MAX_IDENTIFIER])
                .is_some()
        );
        assert!(
            one.pseudonym(IdentifierKind::Number, &[b'x'; MAX_IDENTIFIER + 1])
                .is_none()
        );
    }

    proptest! {
        #[test]
        fn equals_the_library(seed in any::<[u8; 32]>(), id in proptest::collection::vec(any::<u8>(), 0..=MAX_IDENTIFIER)) {
            let key = DomainKey::from_bytes(seed);
            let made = Pseudonymiser::new(&key).pseudonym(IdentifierKind::Bsn, &id).unwrap();
            prop_assert_eq!(&made[..], &reference(&seed, &message(b"bsn", &id))[..16]);
        }

        #[test]
        fn another_key_changes_every_pseudonym(a in any::<[u8; 32]>(), b in any::<[u8; 32]>(), id in "[0-9]{9}") {
            prop_assume!(a != b);
            let [one, two] = [a, b].map(|k| Pseudonymiser::new(&DomainKey::from_bytes(k)).pseudonym(IdentifierKind::Bsn, id.as_bytes()));
            prop_assert_ne!(one, two);
        }
    }
}
