//! What is a key and what is not, and what must never change.
#![expect(clippy::disallowed_methods, reason = "tests make their own files")]

use super::text::*;
use super::*;
use proptest::prelude::*;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

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
    let good = "sluis-root-1:8f3b1c6e90d24a57b1ee02937fa4c8d5631b0f7e2c99a84d51e6b7038a2cf914\n";
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
    let secret = hex::encode(one.first.secret());
    let error = one.fitting("0011223344556677").err().unwrap();
    assert!(matches!(error, KeyError::Different { .. }));
    assert!(!error.to_string().contains(&secret));
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

/// Computed apart from this program, with Python's `hmac` and `hashlib`.
#[test]
fn frozen_fingerprints_of_layers() {
    let made = RootKey::of_layers_for_tests(3).fingerprints();
    assert_eq!(made, FROZEN_LAYERS);
}

const FROZEN_LAYERS: [&str; 3] = [FROZEN_FINGERPRINT, "977e0e174318b5a4", "6b6e692f6dc6a77f"];

#[test]
fn every_form_gives_the_same_key_again() {
    for layers in [1, 2, 16] {
        let key = RootKey::of_layers_for_tests(layers);
        let text = RootKey::parse(&key.text(), key.origin().clone()).unwrap();
        let bytes = RootKey::from_bytes(&key.bytes(), key.origin().clone()).unwrap();
        for other in [text, bytes] {
            assert_eq!(other.fingerprints(), key.fingerprints());
            assert_eq!(other.layers(), usize::from(layers));
        }
        assert!(key.text().len() <= LONGEST);
    }
    assert!(RootKey::of_layers_for_tests(16).rotated().is_err());
}

#[test]
fn a_rotated_key_holds_the_one_it_was() {
    let key = RootKey::of_layers_for_tests(2);
    let next = key.rotated().unwrap();
    assert_eq!(next.layers(), 3);
    assert_eq!(next.before().unwrap().fingerprint(), key.fingerprint());
    assert!(RootKey::for_tests().before().is_none());
    for (at, made) in next.fingerprints().into_iter().enumerate() {
        let fitting = next.inside(2).fitting(&made);
        assert_eq!(fitting.map(|k| k.layers()).unwrap(), at + 1);
    }
    // The older key does not open what the newer one made.
    assert!(key.fitting(&next.fingerprint()).is_err());
}

#[test]
fn layers_that_are_not_as_they_were_written_are_refused() {
    let key = RootKey::of_layers_for_tests(2);
    let text = key.text();
    let parse = |text: &str| RootKey::parse(text, key.origin().clone()).err().unwrap();
    let (outer, inner) = text
        .trim()
        .strip_prefix(PREFIX_LAYERS)
        .unwrap()
        .split_once(':')
        .unwrap();
    for text in [
        format!("{PREFIX_LAYERS}{outer}"),
        format!("{PREFIX}{outer}:{inner}"),
        format!("{PREFIX_LAYERS}{outer}:{outer}"),
        format!("{PREFIX_LAYERS}{outer}:{inner}:"),
        format!("{PREFIX_LAYERS}{outer}:{}", "0".repeat(64)),
        format!("{PREFIX_LAYERS}{}", vec![inner; 17].join(":")),
    ] {
        let error = parse(&text);
        let weak = matches!(error, KeyError::Weak { .. });
        assert!(
            weak || matches!(error, KeyError::Malformed { .. }),
            "{error}"
        );
        assert!(!error.to_string().contains(outer));
    }
    assert!(RootKey::from_bytes(&[], key.origin().clone()).is_err());
    assert!(RootKey::from_bytes(&key.bytes()[1..], key.origin().clone()).is_err());
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "(sluis-root-[12]:)?[0-9a-f:]{0,300}") {
        let _ = RootKey::parse(&text, Origin::Age);
    }
}
