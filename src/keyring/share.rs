//! Two of two: a random share, and what makes the root key of it. Each has as many bytes as the key and
//! tells nothing without the other, whatever is known of the key: to every share belongs, for every key
//! that there could be, exactly one other share.
//!
//! The text of a share: `sluis-share-1:`, the fingerprint of the key, the number of the holder, and the
//! share in hexadecimal. By the fingerprint two shares of different keys are told apart, and a share that
//! was damaged is noticed.

use zeroize::Zeroizing;

use super::KeyringError;
use crate::hex;
use crate::lock::keys::text::MOST_LAYERS;
use crate::lock::keys::{KeyError, Origin, RootKey, SECRET_BYTES};

/// How the text of a share begins.
pub const PREFIX: &str = "sluis-share-1:";
/// No text of a share is as long.
pub const LONGEST: usize = 64 + 2 * SECRET_BYTES * MOST_LAYERS;

/// One of the two. No `Debug` or `Display`; wiped when dropped.
pub struct Share {
    fingerprint: String,
    holder: u8,
    bytes: Zeroizing<Vec<u8>>,
}

/// Splits a key in two.
///
/// # Errors
/// The system gives no random bytes.
pub fn split(key: &RootKey) -> Result<[Share; 2], KeyringError> {
    let whole = key.bytes();
    let mut one = Zeroizing::new(vec![0; whole.len()]);
    getrandom::fill(&mut one).map_err(|_| KeyError::NoRandomness)?;
    let share = |holder, bytes| Share {
        fingerprint: key.fingerprint(),
        holder,
        bytes,
    };
    let two = xor(&one, &whole);
    Ok([share(1, one), share(2, two)])
}

/// The key that two shares make.
///
/// # Errors
/// They are not the two shares of one key.
pub fn join(one: &Share, two: &Share) -> Result<RootKey, KeyringError> {
    if one.fingerprint != two.fingerprint {
        return Err(KeyringError::Share("they are of different keys"));
    }
    if one.holder == two.holder {
        return Err(KeyringError::Share("they are of the same holder"));
    }
    if one.bytes.len() != two.bytes.len() {
        return Err(KeyringError::Share("they differ in length"));
    }
    let key = RootKey::from_bytes(&xor(&one.bytes, &two.bytes), Origin::Age);
    // A share that was changed gives some other key, mostly a good one.
    match key {
        Ok(key) if key.fingerprint() == one.fingerprint => Ok(key),
        _ => Err(KeyringError::Share("one of them is not as it was written")),
    }
}

fn xor(one: &[u8], two: &[u8]) -> Zeroizing<Vec<u8>> {
    let mut both = Zeroizing::new(vec![0; one.len().min(two.len())]);
    for ((out, a), b) in both.iter_mut().zip(one).zip(two) {
        *out = a ^ b;
    }
    both
}

impl Share {
    /// Its text, with a line end.
    #[must_use]
    pub fn text(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(LONGEST));
        text.push_str(PREFIX);
        text.push_str(&self.fingerprint);
        text.push_str(if self.holder == 1 { ":1:" } else { ":2:" });
        text.push_str(&Zeroizing::new(hex::encode(&self.bytes)));
        text.push('\n');
        text
    }

    /// The share that a text says.
    ///
    /// # Errors
    /// It says none.
    pub fn parse(text: &[u8]) -> Result<Self, KeyringError> {
        let none = || KeyringError::Share("what was opened is no share");
        let text = std::str::from_utf8(text).map_err(|_| none())?;
        let rest = text.trim_end().strip_prefix(PREFIX).ok_or_else(none)?;
        let (fingerprint, rest) = rest.split_once(':').ok_or_else(none)?;
        let (holder, digits) = rest.split_once(':').ok_or_else(none)?;
        Ok(Self {
            fingerprint: fingerprint.to_owned(),
            holder: match holder {
                "1" => 1,
                "2" => 2,
                _ => return Err(none()),
            },
            bytes: Zeroizing::new(hex::decode(digits).ok_or_else(none)?),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn why(one: &Share, two: &Share) -> &'static str {
        match join(one, two) {
            Err(KeyringError::Share(why)) => why,
            Ok(_) => "is good",
            Err(other) => panic!("{other}"),
        }
    }

    fn again(share: &Share) -> Share {
        Share::parse(share.text().as_bytes()).unwrap()
    }

    #[test]
    fn two_make_the_key_and_one_tells_nothing() {
        for layers in [1, 3] {
            let key = RootKey::of_layers_for_tests(layers);
            let [one, two] = split(&key).unwrap();
            let joined = join(&again(&two), &again(&one)).unwrap();
            assert_eq!(joined.fingerprints(), key.fingerprints());
            // No byte of the key is in a share, and another split gives other shares.
            let [other, another] = split(&key).unwrap();
            for share in [&one, &two, &other, &another] {
                let pieces = key.bytes();
                assert!(
                    pieces
                        .windows(8)
                        .all(|w| !share.bytes.windows(8).any(|s| s == w))
                );
            }
            assert_ne!(one.bytes, other.bytes);
            assert_ne!(two.bytes, another.bytes);
        }
    }

    proptest! {
        /// Whatever the second share is, every key is possible: one first share belongs to each.
        #[test]
        fn to_every_share_and_key_belongs_another_share(share in any::<[u8; 32]>(), key in any::<[u8; 32]>()) {
            let other = xor(&share, &key);
            prop_assert_eq!(&xor(&share, &other)[..], &key[..]);
        }

        #[test]
        fn a_bit_flipped_is_refused(at in 0usize..32, bit in 0u8..8, first in any::<bool>()) {
            let mut shares = split(&RootKey::for_tests()).unwrap();
            shares[usize::from(first)].bytes[at] ^= 1 << bit;
            prop_assert_eq!(why(&shares[0], &shares[1]), "one of them is not as it was written");
        }

        #[test]
        fn no_text_makes_it_panic(text in "(sluis-share-1:)?[0-9a-f:é]{0,200}") {
            let _ = Share::parse(text.as_bytes());
        }
    }

    #[test]
    fn what_does_not_belong_together_is_refused() {
        let [one, two] = split(&RootKey::for_tests()).unwrap();
        let [other, another] = split(&RootKey::for_tests()).unwrap();
        let [strange, _] = split(&RootKey::of_layers_for_tests(2)).unwrap();
        assert_eq!(why(&one, &one), "they are of the same holder");
        assert_eq!(why(&one, &other), "they are of the same holder");
        assert_eq!(why(&one, &another), "one of them is not as it was written");
        assert_eq!(why(&strange, &two), "they are of different keys");
        let mut cut = again(&two);
        cut.bytes.truncate(31);
        assert_eq!(why(&one, &cut), "they differ in length");
        for text in [
            "",
            "sluis-share-1:",
            "sluis-share-1:a:3:00",
            "sluis-share-1:a:1:0x",
        ] {
            assert!(Share::parse(text.as_bytes()).is_err(), "{text}");
        }
    }
}
