use super::*;
use crate::lock::keys::RootKey;
use crate::lock::pseudonym::{IdentifierKind, Pseudonymiser};
use crate::verify::strength::targets::Target;
use hmac::{Hmac, KeyInit, Mac};

fn test_numbers() -> Vec<Digits> {
    let mut all = Vec::new();
    Table::new().each(9_999, |digits| all.push(*digits));
    all
}

fn hits(values: impl IntoIterator<Item = Vec<u8>>, numbers: &[Digits]) -> Vec<Hit> {
    let targets = values
        .into_iter()
        .filter_map(|v| Target::new(&v, 2))
        .collect();
    let keys = dictionary("eigenwoord");
    let domains = ["sociaal-domein".to_owned()];
    let numbers: Vec<Identifier> = numbers.iter().map(Identifier::bsn).collect();
    run(
        &Targets::new(targets),
        &keys,
        &numbers,
        &domains,
        &|_, _, _| {},
    )
    .hits
}

fn hmac(key: &[u8], message: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(message);
    mac.finalize().into_bytes()[..16].to_vec()
}

#[test]
fn the_hmac_is_that_of_the_library() {
    for key in [&b""[..], b"geheim", &[7; 64], &[9; 100]] {
        let (a, b) = Pads::new(key).hmac(b"999990019");
        let made = [a.to_be_bytes(), b.to_be_bytes()].concat();
        assert_eq!(made, hmac(key, b"999990019"));
    }
}

#[test]
fn weak_keys_are_found_with_one_canary() {
    let number = *b"999990019";
    for (key, used) in [
        (&b"geheim"[..], Use::Hmac),
        (b"", Use::Hmac),
        (&[0; 32], Use::Hmac),
        (b"eigenwoord2024", Use::Hmac),
    ] {
        assert_eq!(hits([hmac(key, &number)], &[number]), [(used, 2)]);
    }
    let salted = Sha256::digest([&b"Welkom01"[..], &number].concat()).to_vec();
    assert_eq!(hits([salted[..16].to_vec()], &[number]), [(Use::Prefix, 2)]);
    let salted = Sha256::digest([&number[..], b"zout"].concat()).to_vec();
    assert_eq!(hits([salted], &[number]), [(Use::Suffix, 2)]);
}

#[test]
fn without_canaries_test_persons_do() {
    let all = test_numbers();
    let key = RootKey::for_tests().domain("sociaal-domein");
    let ours = Pseudonymiser::new(&key);
    let pseudonyms = |numbers: &[Digits]| -> Vec<Vec<u8>> {
        let one = |d: &Digits| ours.pseudonym(IdentifierKind::Bsn, d).map(|p| p.to_vec());
        numbers.iter().filter_map(one).collect()
    };
    // The key of the tests is one of those that are tried with every number.
    assert_eq!(hits(pseudonyms(&all[700..701]), &[]), [(Use::Root, 2)]);
    let strong = Pseudonymiser::new(&RootKey::for_tests().domain("een ander domein"));
    let values = all
        .iter()
        .filter_map(|d| strong.pseudonym(IdentifierKind::Bsn, d));
    assert_eq!(hits(values.map(|p| p.to_vec()), &[]), []);
}

#[test]
fn the_messages_are_those_of_the_lock() {
    let canaries = Canaries::draw(1).unwrap();
    let person = &canaries.persons()[0];
    let key = RootKey::for_tests().domain("wot-client");
    let made = Pseudonymiser::new(&key)
        .pseudonym(IdentifierKind::Number, person.number.as_bytes())
        .unwrap();
    let targets = Targets::new(Target::new(&made, 2).into_iter().collect());
    let identifiers = Identifier::of(&canaries);
    let outcome = run(
        &targets,
        &dictionary(""),
        &identifiers,
        &["wot-client".to_owned()],
        &|_, _, _| {},
    );
    assert_eq!(outcome.hits, [(Use::Root, 2)]);
}

#[test]
fn there_are_many_keys_and_none_twice() {
    let keys = dictionary("");
    assert!(keys.len() > 20_000, "{}", keys.len());
}
