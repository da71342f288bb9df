//! Keys and salts that can be guessed: words, names of this trade, repeated bytes, counters, nothing, and
//! the keys of our own documentation and tests. Each is tried as the key of an HMAC, as our root key, and
//! as a salt before and behind the number.
//!
//! Against canary pairs every key costs a look or two a use: a BSN and a number, of which each domain has
//! one. Without them the numbers 9999xxxxx are tried, where Dutch test persons live: all of them under the
//! keys that are tried first, some under the others. So without canaries a weak key is found only in a
//! warehouse that holds test persons.

use std::time::{Duration, Instant};

use hkdf::Hkdf;
use rayon::prelude::*;
use sha2::block_api::compress256;
use sha2::{Digest, Sha256};

use crate::canary::{Canaries, Person};

use super::hashes::{Lead, SHA256, bytes_lead};
use super::numbers::{Digits, Table};
use super::targets::Targets;

/// Words that people use for a secret, the likeliest first.
const WORDS: [&str; 96] = [
    "",
    "secret",
    "geheim",
    "salt",
    "zout",
    "pepper",
    "peper",
    "key",
    "sleutel",
    "password",
    "wachtwoord",
    "changeme",
    "test",
    "demo",
    "sample",
    "example",
    "voorbeeld",
    "default",
    "bsn",
    "hash",
    "hmac",
    "sha256",
    "pseudoniem",
    "pseudonym",
    "pseudo",
    "sluis",
    "schiedam",
    "gemeente",
    "gemeenteschiedam",
    "kenniscentrum",
    "wot",
    "wmo",
    "jeugd",
    "jeugdwet",
    "participatie",
    "sociaaldomein",
    "sociaal-domein",
    "monitor",
    "dpia",
    "avg",
    "privacy",
    "mysecret",
    "mysalt",
    "mykey",
    "secretkey",
    "secret_key",
    "secret-key",
    "supersecret",
    "topsecret",
    "s3cr3t",
    "admin",
    "root",
    "welkom",
    "welkom01",
    "qwerty",
    "abc",
    "abcdef",
    "letmein",
    "master",
    "masterkey",
    "private",
    "privatekey",
    "token",
    "data",
    "datawarehouse",
    "magazijn",
    "warehouse",
    "etl",
    "analytics",
    "prod",
    "production",
    "productie",
    "acc",
    "acceptatie",
    "dev",
    "development",
    "ontwikkel",
    "local",
    "localhost",
    "none",
    "null",
    "nil",
    "undefined",
    "true",
    "false",
    "x",
    "a",
    "0",
    "1",
    "42",
    "123",
    "1234",
    "12345",
    "123456",
    "12345678",
    "0123456789",
];
/// What people put behind a word.
const ENDINGS: [&str; 19] = [
    "", "1", "01", "12", "123", "1234", "!", "2018", "2019", "2020", "2021", "2022", "2023",
    "2024", "2025", "2026", "_key", "_salt", "key",
];
/// Keys that stand in documentation, tests and standards.
const SAMPLES: [&str; 5] = [
    "8f3b1c6e90d24a57b1ee02937fa4c8d5631b0f7e2c99a84d51e6b7038a2cf914",
    "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
    "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b",
    "00112233445566778899aabbccddeeff",
    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
];
/// Numbers that are tried under every key where there are no canaries.
const SOME: usize = 64;
/// The identifiers of one canary, of which one is known in every domain.
const OF_ONE: usize = 2;
/// Keys under which all of them are.
const FIRST: usize = 64;

/// How a guessed key was used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Use {
    /// Key of our HMAC, in one domain.
    Domain,
    /// Our root key.
    Root,
    /// Key of an HMAC-SHA-256 over the digits.
    Hmac,
    /// Before the digits.
    Prefix,
    /// Behind the digits.
    Suffix,
}

impl Use {
    /// What it is, in Dutch.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Domain => "als sleutel van een domein",
            Self::Root => "als hoofdsleutel",
            Self::Hmac => "als sleutel van HMAC-SHA-256",
            Self::Prefix => "als zout voor het nummer",
            Self::Suffix => "als zout achter het nummer",
        }
    }
}

/// A hit: which use, in which column.
pub type Hit = (Use, u16);

/// What an attack with guessed keys did.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// Different uses and columns that were hit.
    pub hits: Vec<Hit>,
    /// Keys that were tried.
    pub keys: u64,
    /// Pseudonyms that were computed.
    pub tried: u64,
    /// How long it took.
    pub took: Duration,
}

/// Every key that is tried, the likeliest first; `more`: the verifier's own, one a line.
#[must_use]
pub fn dictionary(more: &str) -> Vec<Vec<u8>> {
    let mut keys: Vec<Vec<u8>> = Vec::new();
    let pads = |byte: u8| [16, 20, 32, 64].map(|length| vec![byte; length]);
    keys.extend(pads(0));
    keys.extend(SAMPLES.iter().filter_map(|s| crate::hex::decode(s)));
    // The key of the tests of the lock.
    keys.push(
        (0..32u32)
            .map(|i| u8::try_from(i * 37 % 251).unwrap_or_default() ^ 0x5a)
            .collect(),
    );
    keys.extend(WORDS.iter().map(|word| word.as_bytes().to_vec()));
    keys.extend((1..=255).flat_map(pads));
    let words = more
        .lines()
        .map(str::trim)
        .chain(WORDS)
        .filter(|w| !w.is_empty());
    for word in words {
        for ending in ENDINGS {
            let lower = format!("{word}{ending}");
            let mut letters = lower.chars();
            let first = letters.next().into_iter().flat_map(char::to_uppercase);
            let capital: String = first.chain(letters).collect();
            for spelled in [capital, lower.to_uppercase(), lower] {
                spellings(spelled.as_bytes(), &mut keys);
            }
        }
    }
    let mut seen = std::collections::HashSet::new();
    keys.retain(|key| seen.insert(key.clone()));
    keys
}

/// A word as a key: as it is, repeated to 32 bytes, and as what people make of it with a hash.
fn spellings(word: &[u8], keys: &mut Vec<Vec<u8>>) {
    keys.push(word.to_vec());
    keys.push(word.iter().copied().cycle().take(32).collect());
    let sha = Sha256::digest(word);
    keys.push(sha.to_vec());
    keys.push(crate::hex::encode(&sha).into_bytes());
    keys.push(crate::hex::encode(&md5::Md5::digest(word)).into_bytes());
}

/// Something that was made into a pseudonym, and whose pseudonym is among the values.
#[derive(Clone)]
pub struct Identifier {
    plain: Vec<u8>,
    /// The message that the lock makes of it.
    message: Vec<u8>,
}

impl Identifier {
    /// A BSN in nine digits.
    #[must_use]
    pub fn bsn(digits: &Digits) -> Self {
        Self::new(b"bsn", digits)
    }

    /// A partner's number.
    #[must_use]
    pub fn number(number: &str) -> Self {
        Self::new(b"nummer", number.as_bytes())
    }

    /// Those of canaries: a domain has pseudonyms of the one, of the other, or of both.
    #[must_use]
    pub fn of(canaries: &Canaries) -> Vec<Self> {
        let of_person = |person: &Person| {
            let bsn = person.bsn.as_bytes().try_into().ok();
            let number = Self::number(&person.number);
            bsn.map(Self::bsn).into_iter().chain([number])
        };
        canaries.persons().iter().flat_map(of_person).collect()
    }

    /// The lock takes identifiers of at most 40 bytes, so a message is one block of SHA-256.
    fn new(kind: &[u8], plain: &[u8]) -> Self {
        let length = |bytes: &[u8]| u8::try_from(bytes.len()).unwrap_or(u8::MAX);
        let plain = &plain[..plain.len().min(40)];
        Self {
            plain: plain.to_vec(),
            message: [&[length(kind)], kind, &[length(plain)], plain].concat(),
        }
    }
}

/// Tries the keys against the values. `identifiers`: those of the canaries, or none where there are no
/// canaries.
pub fn run(
    targets: &Targets,
    keys: &[Vec<u8>],
    identifiers: &[Identifier],
    domains: &[String],
    advances: &(dyn Fn(&str, usize, u64) + Sync),
) -> Outcome {
    let start = Instant::now();
    let (all, some) = if identifiers.is_empty() {
        let mut test = Vec::new();
        Table::new().each(9_999, |digits| test.push(Identifier::bsn(digits)));
        let step = (test.len() / SOME).max(1);
        let some = test.iter().step_by(step).cloned().collect();
        (test, some)
    } else {
        // A key that made one pseudonym made them all.
        let some = identifiers.iter().take(OF_ONE).cloned().collect();
        (identifiers.to_vec(), some)
    };
    let tried: Vec<(Vec<Hit>, u64)> = keys
        .par_iter()
        .enumerate()
        .map(|(at, key)| {
            let numbers = if at < FIRST { &all } else { &some };
            let done = one(targets, key, numbers, domains);
            advances("zwakke sleutels", 1, done.1);
            done
        })
        .collect();
    let mut hits: Vec<Hit> = tried.iter().flat_map(|(hits, _)| hits).copied().collect();
    hits.sort_unstable();
    hits.dedup();
    Outcome {
        hits,
        keys: keys.len() as u64,
        tried: tried.iter().map(|(_, tried)| tried).sum(),
        took: start.elapsed(),
    }
}

fn one(
    targets: &Targets,
    key: &[u8],
    identifiers: &[Identifier],
    domains: &[String],
) -> (Vec<Hit>, u64) {
    let (mut hits, mut tried) = (Vec::new(), 0);
    let mut look = |lead: Lead, used: Use| {
        tried += 1;
        targets.look(lead, |target| {
            if !hits.contains(&(used, target.column)) {
                hits.push((used, target.column));
            }
        });
    };
    let pads = Pads::new(key);
    for Identifier { plain, message } in identifiers {
        look(pads.hmac(message), Use::Domain);
        look(pads.hmac(plain), Use::Hmac);
        let salted = |before: &[u8], behind: &[u8]| {
            let hasher = Sha256::new().chain_update(before).chain_update(plain);
            bytes_lead(&hasher.chain_update(behind).finalize())
        };
        // With no salt it is an unkeyed hash, and those are attacked by another.
        if !key.is_empty() {
            look(salted(key, b""), Use::Prefix);
            look(salted(b"", key), Use::Suffix);
        }
    }
    if key.len() == 32 {
        let root = Hkdf::<Sha256>::new(Some(b"sluis/1"), key);
        for domain in domains {
            let mut derived = [0u8; 32];
            let info: [&[u8]; 2] = [b"pseudonym/", domain.as_bytes()];
            // Thirty-two bytes can always be derived.
            let _ = root.expand_multi_info(&info, &mut derived);
            let pads = Pads::new(&derived);
            for identifier in identifiers {
                look(pads.hmac(&identifier.message), Use::Root);
            }
        }
    }
    (hits, tried)
}

/// HMAC-SHA-256 with its two pads compressed.
pub struct Pads {
    inner: [u32; 8],
    outer: [u32; 8],
}

const BLOCK: usize = 64;

impl Pads {
    /// The pads of a key; one longer than a block is hashed first, as HMAC says.
    #[must_use]
    pub fn new(key: &[u8]) -> Self {
        let mut block = [0u8; BLOCK];
        if key.len() > BLOCK {
            block[..32].copy_from_slice(&Sha256::digest(key));
        } else {
            block[..key.len()].copy_from_slice(key);
        }
        let state = |pad: u8| {
            let mut state = SHA256;
            compress256(&mut state, std::slice::from_ref(&block.map(|b| b ^ pad)));
            state
        };
        Self {
            inner: state(0x36),
            outer: state(0x5c),
        }
    }

    /// The first 128 bits of the HMAC of a message that fits one block (55 bytes); of a longer one its
    /// beginning counts.
    #[inline]
    #[must_use]
    pub fn hmac(&self, message: &[u8]) -> Lead {
        let length = message.len().min(BLOCK - 9);
        let mut block = [0u8; BLOCK];
        block[..length].copy_from_slice(&message[..length]);
        let inner = finish(&self.inner, block, length);
        let mut block = [0u8; BLOCK];
        for (bytes, word) in block.chunks_exact_mut(4).zip(inner) {
            bytes.copy_from_slice(&word.to_be_bytes());
        }
        let [a, b, c, d, ..] = finish(&self.outer, block, 32);
        let pair = |a: u32, b: u32| u64::from(a) << 32 | u64::from(b);
        (pair(a, b), pair(c, d))
    }
}

#[inline]
fn finish(state: &[u32; 8], mut block: [u8; BLOCK], length: usize) -> [u32; 8] {
    block[length] = 0x80;
    let bits = ((BLOCK + length) * 8) as u64;
    block[BLOCK - 8..].copy_from_slice(&bits.to_be_bytes());
    let mut state = *state;
    compress256(&mut state, std::slice::from_ref(&block));
    state
}

#[cfg(test)]
mod tests;
