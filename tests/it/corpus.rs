//! Inputs that fuzzing found worth keeping, given to the decoders again: nothing panics, and the rows do
//! not depend on the size of the pieces. `fuzz/` makes more of them.

use std::fs;
use std::path::Path;

#[path = "../../fuzz/harness.rs"]
mod harness;

/// The decoder, the source whose contract it is tried with, and the parts of a package.
fn replay(decoder: &str, source: &str, parts: &[&str]) {
    let target = harness::Target::of(source);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data/corpus")
        .join(decoder);
    let mut inputs = 0;
    for entry in fs::read_dir(folder).expect("a corpus") {
        let bytes = fs::read(entry.unwrap().path()).unwrap();
        if parts.is_empty() {
            target.attack(&bytes);
        } else {
            target.attack(&harness::packed(&bytes, parts));
        }
        inputs += 1;
    }
    assert!(inputs > 0, "an empty corpus tests nothing");
}

#[test]
fn csv() {
    replay("csv", "wot-casus", &[]);
}

#[test]
fn xlsx() {
    replay("xlsx", "mevis-jeugd", &harness::WORKBOOK);
}

#[test]
fn xml() {
    replay("xml", "rogplus-wmo", &harness::MESSAGES);
}

#[test]
fn ei() {
    replay("ei", "rogplus-historie", &[]);
}

#[test]
fn json() {
    replay("json", "mee", &[]);
}

#[test]
fn ndjson() {
    replay("ndjson", "telefooncentrale", &[]);
}
