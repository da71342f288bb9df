//! Pseudonyms that are none.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, FixedSizeBinaryArray};
use sha2::{Digest, Sha256};

use super::columns::base64_of;
use super::warehouse::canaries;
use super::{Copy, Mutation, bsns, mutation};

/// Replaces the pseudonyms of a column, given their number in the file.
fn pseudonyms(copy: &Copy, table: &str, column: &str, made: impl Fn(usize, &[u8]) -> [u8; 16]) {
    copy.rewrite(table, |columns, _| {
        let before = columns.get(column);
        let before = before
            .as_any()
            .downcast_ref::<FixedSizeBinaryArray>()
            .unwrap();
        let values =
            (0..before.len()).map(|at| before.is_valid(at).then(|| made(at, before.value(at))));
        let array = FixedSizeBinaryArray::try_from_sparse_iter_with_size(values, 16).unwrap();
        columns.set(column, Arc::new(array));
    });
}

fn kept(value: &[u8]) -> [u8; 16] {
    value[..16].try_into().unwrap()
}

/// A pseudonym for each row, of the persons in turn.
fn hashed(copy: &Copy, hash: impl Fn(&[u8]) -> Vec<u8>) {
    // The canaries, and test persons.
    let mut numbers: Vec<String> = canaries().persons().iter().map(|p| p.bsn.clone()).collect();
    numbers.extend(bsns(200));
    let persons: Vec<[u8; 16]> = numbers.iter().map(|b| kept(&hash(b.as_bytes()))).collect();
    pseudonyms(copy, "hulpvraag", "client", |at, _| {
        persons[at % persons.len()]
    });
}

fn hmac(key: &[u8], message: &[u8]) -> Vec<u8> {
    let mut block = [0u8; 64];
    block[..key.len()].copy_from_slice(key);
    let inner = Sha256::digest([&block.map(|b| b ^ 0x36)[..], message].concat());
    Sha256::digest([&block.map(|b| b ^ 0x5c)[..], &inner].concat()).to_vec()
}

fn attacked(name: &'static str, fails: &'static [&'static str], poison: fn(&mut Copy)) -> Mutation {
    Mutation {
        attack: true,
        ..mutation(name, fails, poison)
    }
}

const HASH: &[&str] = &["sterkte-zonder-sleutel"];
const KEY: &[&str] = &["sterkte-zwakke-sleutel"];

pub fn mutations() -> Vec<Mutation> {
    vec![
        attacked("hash: SHA-256, cut off", HASH, |c| {
            hashed(c, |b| Sha256::digest(b).to_vec());
        }),
        attacked("hash: SHA-512 of a line", HASH, |c| {
            hashed(c, |b| sha2::Sha512::digest([b, b"\n"].concat()).to_vec());
        }),
        attacked("hash: BLAKE3 with dots", HASH, |c| {
            hashed(c, |b| {
                let dotted = [&b[..4], b".", &b[4..6], b".", &b[6..]].concat();
                blake3::hash(&dotted).as_bytes().to_vec()
            });
        }),
        attacked("hash: MD5 in hexadecimal", HASH, |c| {
            let digest = |b: &String| sluis::hex::encode(&md5::Md5::digest(b));
            let values: Vec<String> = bsns(5).iter().map(digest).collect();
            c.rewrite("hulpvraag", |columns, _| columns.plant("team", &values));
        }),
        attacked("hash: SHA-1 in base64", HASH, |c| {
            let digest = |b: &String| base64_of(&sha1::Sha1::digest(b));
            let values: Vec<String> = bsns(5).iter().map(digest).collect();
            c.rewrite("hulpvraag", |columns, _| columns.plant("team", &values));
        }),
        attacked("key: a word", KEY, |c| hashed(c, |b| hmac(b"geheim", b))),
        attacked("key: nothing", KEY, |c| hashed(c, |b| hmac(b"", b))),
        attacked("key: our message under zeros", KEY, |c| {
            hashed(c, |b| hmac(&[0; 32], &[b"\x03bsn\x09", b].concat()));
        }),
        attacked("key: a salt", KEY, |c| {
            hashed(c, |b| {
                Sha256::digest([b"schiedam2024", b].concat()).to_vec()
            });
        }),
        mutation("form: padded", &["sterkte-vorm"], |c| {
            pseudonyms(c, "hulpvraag", "client", |at, value| {
                let mut value = kept(value);
                if at < 3 {
                    value[..6].fill(0);
                }
                value
            });
        }),
        mutation("form: text", &["sterkte-vorm", "dekking-kolommen"], |c| {
            c.rewrite("klacht", |columns, _| {
                let before: ArrayRef = Arc::clone(columns.get("klacht"));
                let before = before
                    .as_any()
                    .downcast_ref::<FixedSizeBinaryArray>()
                    .unwrap();
                let values = before.iter().map(|v| v.map(base64_of));
                columns.set(
                    "klacht",
                    Arc::new(values.collect::<arrow::array::StringArray>()),
                );
            });
        }),
        mutation("form: a BSN in sixteen bytes", &["inhoud-bsn"], |c| {
            let bsns = bsns(1);
            pseudonyms(c, "hulpvraag", "client", |at, value| match bsns.get(at) {
                Some(bsn) => format!("bsn {bsn}   ").as_bytes().try_into().unwrap(),
                None => kept(value),
            });
        }),
        mutation("chance: a counter", &["sterkte-toeval"], |c| {
            pseudonyms(c, "zrm_score", "clientnr", |at, value| {
                let mut value = kept(value);
                value[..4].copy_from_slice(&u32::try_from(at).unwrap().to_be_bytes());
                value
            });
        }),
        mutation("chance: a version", &["sterkte-toeval"], |c| {
            pseudonyms(c, "client", "clientnr", |_, value| {
                let mut value = kept(value);
                value[6] = value[6] & 0x0f | 0x40;
                value
            });
        }),
        mutation("domains: the same persons", &["sterkte-domeinen"], |c| {
            let path = c.file("hulpvraag");
            let batches = sluis::warehouse::parquet::read_file(&c.release().join(path)).unwrap();
            let clients = Arc::clone(batches[0].column_by_name("client").unwrap());
            pseudonyms(c, "voedselbank", "dossier", |at, value| {
                let clients = clients
                    .as_any()
                    .downcast_ref::<FixedSizeBinaryArray>()
                    .unwrap();
                if at == 0 {
                    let known = (0..clients.len())
                        .find(|row| clients.is_valid(*row))
                        .unwrap();
                    return kept(clients.value(known));
                }
                kept(value)
            });
        }),
    ]
}
