//! Against another reader of JSON, against any bytes, and against the clock.

use std::fs;
use std::time::Instant;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

/// What a value of a known field becomes, told by another reading of JSON.
fn expected(value: &Value) -> Option<String> {
    match value {
        Value::Null => Some(String::new()),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Number(number) => number.as_f64().map(|_| number.to_string()),
        Value::String(text) => Some(text.clone()),
        Value::Array(_) | Value::Object(_) => None,
    }
}

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        (-1_000_000i32..1_000_000).prop_map(|cents| {
            // Never whole: a whole one is written without its point.
            json!(f64::from(cents) + 0.25)
        }),
        "[^\u{0}]{0,12}".prop_map(Value::from),
        "[\"\\\\{}\\[\\],:|\n\u{1e} ]{0,12}".prop_map(Value::from),
    ]
}

fn a_record() -> impl Strategy<Value = Value> {
    let list = proptest::collection::vec("[a-z\"\\\\]{1,4}", 0..4);
    let anything = prop_oneof![scalar(), Just(json!([{"x": [1, "]}"]}, "{["]))];
    let field = |strategy: BoxedStrategy<Value>| proptest::option::weighted(0.8, strategy);
    (
        field(scalar().boxed()),
        field(scalar().boxed()),
        field(scalar().boxed()),
        field(list.prop_map(|list| json!(list)).boxed()),
        field(anything.boxed()),
    )
        .prop_map(|(first, second, below, list, ignored)| {
            let mut record = serde_json::Map::new();
            let fields = [("a", first), ("b", second), ("f", list), ("g", ignored)];
            for (name, value) in fields {
                record.extend(value.map(|value| (name.to_owned(), value)));
            }
            record.extend(below.map(|value| ("c".to_owned(), json!({"d": value}))));
            Value::Object(record)
        })
}

/// The row of a record by the oracle.
fn oracle(record: &Value) -> Option<Vec<String>> {
    let list = |value: &Value| {
        let items = value.as_array()?.iter();
        Some(
            items
                .map(|v| v.as_str().unwrap())
                .collect::<Vec<_>>()
                .join("|"),
        )
    };
    Some(vec![
        expected(&record["a"])?,
        expected(&record["b"])?,
        expected(&record["c"]["d"])?,
        String::new(),
        list(&record["f"]).unwrap_or_default(),
        String::new(),
    ])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn reads_what_another_reader_reads(
        records in proptest::collection::vec(a_record(), 0..12),
        piece in 1usize..300,
        pretty in any::<bool>(),
    ) {
        let rows: Rows = records.iter().map(oracle).collect();
        let written: Vec<String> = records.iter().map(Value::to_string).collect();
        let mut text = written.join("\n");
        if !text.is_empty() {
            text.push('\n');
            let found = decode(text.as_bytes(), LINES, &dialect(true, None), piece);
            prop_assert_eq!(found, Ok((rows.clone(), true)));
        }
        let array = Value::Array(records);
        let text = if pretty { format!("{array:#}") } else { array.to_string() };
        let found = decode(text.as_bytes(), LINES, &dialect(false, None), piece);
        prop_assert_eq!(found, Ok((rows, true)));
    }

    /// Whatever the bytes: no panic, and where pieces are cut makes no difference.
    #[test]
    fn any_bytes_are_read_alike_in_any_pieces(
        records in proptest::collection::vec(a_record(), 1..6),
        spoils in proptest::collection::vec((any::<prop::sample::Index>(), prop::sample::select(&b"\"\\{}[],: \n\x1e\0\xffx1"[..])), 0..4),
        cut in proptest::option::of(any::<prop::sample::Index>()),
        piece in 1usize..100,
        array in any::<bool>(),
        rows in proptest::option::of(Just("c")),
    ) {
        let written: Vec<String> = records.iter().map(Value::to_string).collect();
        let mut text = if array {
            Value::Array(records).to_string().into_bytes()
        } else {
            written.join("\n").into_bytes()
        };
        for (at, byte) in spoils {
            let at = at.index(text.len());
            text[at] = byte;
        }
        if let Some(cut) = cut {
            text.truncate(cut.index(text.len()));
        }
        let dialect = dialect(!array, rows);
        let small = decode(&text, LINES, &dialect, piece);
        let large = decode(&text, LINES, &dialect, 1 << 16);
        prop_assert_eq!(small, large);
    }

    #[test]
    fn a_file_cut_off_is_noticed(records in proptest::collection::vec(a_record(), 1..6), at in any::<prop::sample::Index>()) {
        let whole = Value::Array(records.clone()).to_string();
        let mut cut = whole.into_bytes();
        cut.truncate(at.index(cut.len()));
        let found = decode(&cut, LINES, &dialect(false, None), 64);
        let noticed = matches!(
            found,
            Err(DeliveryFault::Truncated(_) | DeliveryFault::Empty | DeliveryFault::Encoding { .. })
        );
        prop_assert!(noticed);
        // Of lines only a cut inside a record can be told.
        let line = records[0].to_string();
        let at = at.index(line.len() - 1) + 1;
        if line.is_char_boundary(at) {
            let found = decode(&line.as_bytes()[..at], LINES, &dialect(true, None), 64);
            prop_assert_eq!(found, Ok((vec![None], false)));
        }
    }
}

/// `cargo test --release --lib source::json -- --ignored --nocapture speed`
#[test]
#[ignore = "measures"]
#[expect(clippy::cast_precision_loss, reason = "a rate")]
fn speed() {
    let headers = &[
        "melding_id",
        "bsn",
        "kanaal",
        "ontvangen_op",
        "client.geboren",
        "uren",
        "notitie",
    ];
    let line = |n: u32| {
        json!({
            "melding_id": format!("TM-{n:09}"), "bsn": n, "kanaal": "telefoon",
            "ontvangen_op": "2024-03-31T02:30:00+02:00", "client": {"geboren": "1980-01-01"},
            "uren": 12.5, "notitie": "een korte zin met een \"aanhaling\" erin",
        })
        .to_string()
    };
    let records: Vec<String> = (0..400_000).map(line).collect();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("levering.json");
    let columns = columns(headers);
    let headers = Headers {
        columns: &columns,
        version: &VERSION,
    };
    for (what, text) in [
        ("lines", records.join("\n")),
        ("array", format!("[{}]", records.join(","))),
    ] {
        let lines = what == "lines";
        fs::write(&path, &text).unwrap();
        let dialect = dialect(lines, None);
        let megabytes = text.len() as f64 / 1e6;
        let mut splitter = Splitter::open(&path, &dialect, 2 << 20).unwrap();
        let began = Instant::now();
        let mut pieces = Vec::new();
        while let Some(Piece::Bytes(piece)) =
            crate::source::format::Decoder::next_piece(&mut splitter).unwrap()
        {
            pieces.push(piece);
        }
        let cut = began.elapsed().as_secs_f64();
        let shaper = Shaper::new(Paths::new(headers, None), columns.len(), &dialect);
        let began = Instant::now();
        let rows: usize = pieces
            .into_iter()
            .map(|piece| {
                crate::source::format::Shape::shape(&shaper, piece)
                    .unwrap()
                    .rows()
            })
            .sum();
        let shaping = began.elapsed().as_secs_f64();
        assert_eq!(rows, records.len());
        eprintln!(
            "{what}: {megabytes:.0} MB; read, hashed and cut {:.0} MB/s, shaped {:.0} MB/s a core",
            megabytes / cut,
            megabytes / shaping
        );
    }
}
