//! Bytes that are no Parquet: manifests, journals, locks, leftovers, and what lies between the parts of
//! a Parquet file. Read in pieces, so that a file may be of any size.

use std::io::{self, Read};

use super::content::names::Names;
use super::content::tally::Tally;

/// How much is read at a time, and how much of it is read again with the next piece.
const PIECE: usize = 1 << 18;
const OVERLAP: usize = 1 << 10;

/// Numbers of our own records that may have nine digits: sizes, counts and times.
const COUNTS: [&str; 13] = [
    "format",
    "rows",
    "bytes",
    "rows_in",
    "rows_kept",
    "rows_refused",
    "row",
    "millis",
    "fetched",
    "already",
    "waiting",
    "strangers",
    "process",
];

/// Looks at everything that a reader gives.
///
/// # Errors
/// The reader's.
pub fn look(mut from: impl Read, tally: &mut Tally, names: &Names) -> io::Result<()> {
    let mut waiting = Vec::with_capacity(PIECE);
    loop {
        let before = waiting.len();
        let read = from
            .by_ref()
            .take((PIECE - before) as u64)
            .read_to_end(&mut waiting)?;
        tally.values += read as u64;
        tally.text(&waiting, names);
        if waiting.len() < PIECE {
            return Ok(());
        }
        waiting.drain(..PIECE - OVERLAP);
    }
}

/// A record of ours: the digits of its counts are taken out, everything else is looked at.
pub fn look_json(record: &[u8], tally: &mut Tally, names: &Names) {
    tally.values += record.len() as u64;
    let mut text = record.to_vec();
    for key in COUNTS {
        let key = format!("\"{key}\"");
        let places: Vec<usize> = memchr::memmem::find_iter(record, key.as_bytes()).collect();
        for place in places {
            blank_number(&mut text[place + key.len()..]);
        }
    }
    tally.text(&text, names);
    // `\u0039` is a nine.
    if memchr::memmem::find(record, b"\\u").is_some() {
        for line in record.split(|b| *b == b'\n') {
            let whole = serde_json::from_slice(line).or_else(|_| serde_json::from_slice(record));
            if let Ok(value) = whole {
                each_text(&value, &mut |text| tally.text(text.as_bytes(), names));
            }
        }
    }
}

fn blank_number(text: &mut [u8]) {
    let start = text.iter().take_while(|b| b" :\n\r\t".contains(b)).count();
    for byte in text.iter_mut().skip(start) {
        if !byte.is_ascii_digit() {
            break;
        }
        *byte = b'0';
    }
    // Nine zeros pass no elfproef; a number with a point is not a count of ours and stays.
}

fn each_text(value: &serde_json::Value, with: &mut impl FnMut(&str)) {
    match value {
        serde_json::Value::String(text) => with(text),
        serde_json::Value::Array(items) => items.iter().for_each(|v| each_text(v, with)),
        serde_json::Value::Object(fields) => {
            for (key, value) in fields {
                with(key);
                each_text(value, with);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fails(record: &str) -> bool {
        let mut tally = Tally::default();
        look_json(record.as_bytes(), &mut tally, &Names::builtin());
        !tally.judge_alone().is_empty()
    }

    #[test]
    fn counts_are_no_signs_and_all_else_is() {
        assert!(!fails("{\"bytes\": 999990019, \"rows\":999990019}"));
        assert!(fails("{\"bytes\": \"999990019\"}"));
        assert!(fails("{\"anders\": 999990019}"));
        assert!(fails("{\"x\": \"\\u0039\\u0039999\\u0030019\"}"));
        assert!(fails("{\"error\": \"bij 999990019\"}"));
    }

    #[test]
    fn what_lies_across_two_pieces_is_seen() {
        for place in [
            0,
            PIECE - 5,
            PIECE - OVERLAP - 3,
            2 * PIECE - OVERLAP - 4,
            700_000,
        ] {
            let mut bytes = vec![b'.'; 800_000];
            bytes.splice(place..place, *b" 999990019 ");
            let mut tally = Tally::default();
            look(bytes.as_slice(), &mut tally, &Names::builtin()).unwrap();
            assert_eq!(tally.judge_alone().len(), 1, "{place}");
        }
    }
}
