#![expect(clippy::disallowed_methods, reason = "tests make their own files")]

use std::fs;

mod oracle;

use super::*;
use crate::contract::model::{Column, Header, Kind, Treatment, Version};
use crate::source::format::Piece;
use crate::source::raw::RawChunk;
use crate::source::reader::ReadSummary;

const VERSION: Version = Version {
    name: String::new(),
    from: None,
    until: None,
    partner: None,
};

/// Columns with these headers; one that ends on `[]` holds several values, joined by `|`.
pub(super) fn columns(headers: &[&str]) -> Vec<Column> {
    let column = |header: &&str| {
        let (text, kind) = match header.strip_suffix("[]") {
            Some(text) => (
                text,
                Kind::Choices {
                    choices: Vec::new(),
                    separator: '|',
                },
            ),
            None => (*header, Kind::Text { max_bytes: 1000 }),
        };
        Column {
            name: text.to_owned(),
            headers: vec![Header {
                text: text.to_owned(),
                version: None,
            }],
            kind,
            class: "gewoon".into(),
            treatment: Treatment::Drop,
            required: false,
            optional: false,
            empty: Vec::new(),
            documentation: String::new(),
        }
    };
    headers.iter().map(column).collect()
}

fn dialect(lines: bool, rows: Option<&str>) -> JsonDialect {
    JsonDialect {
        lines,
        rows: rows.map(str::to_owned),
        max_row_bytes: 1000,
    }
}

const LINES: &[&str] = &["a", "b", "c.d", "c.e", "f[]", "g.*"];

/// Gives every chunk of a delivery to `take`, in order.
fn read(
    path: &Path,
    dialect: &JsonDialect,
    headers: Headers<'_>,
    piece_bytes: usize,
    mut take: impl FnMut(&RawChunk),
) -> Result<ReadSummary, DeliveryFault> {
    let mut opened = open(path, dialect, headers, piece_bytes)?;
    let shape = opened.shape.unwrap();
    let mut before = 0;
    while let Some(piece) = opened.decoder.next_piece().map_err(|f| f.after(before))? {
        let Piece::Bytes(bytes) = piece else {
            panic!("rows without a shape");
        };
        let chunk = shape.shape(bytes).map_err(|f| f.after(before))?;
        take(&chunk);
        before += chunk.rows() as u64;
    }
    opened.decoder.finish()
}

/// Cells row by row; `None` for a malformed row.
type Rows = Vec<Option<Vec<String>>>;

/// Rows and whether the last record was whole, or the fault with its row counted from 1.
fn decode(
    text: &[u8],
    headers: &[&str],
    dialect: &JsonDialect,
    piece: usize,
) -> Result<(Rows, bool), DeliveryFault> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("levering.json");
    fs::write(&path, text).unwrap();
    let columns = columns(headers);
    let headers = Headers {
        columns: &columns,
        version: &VERSION,
    };
    let mut rows = Vec::new();
    let summary = read(&path, dialect, headers, piece, |chunk| {
        let bad = chunk.malformed();
        for row in 0..chunk.rows() {
            let cells = (0..columns.len())
                .map(|column| String::from_utf8(chunk.raw_cell(row, column).to_vec()).unwrap());
            let good = !bad.contains(&u32::try_from(row).unwrap());
            rows.push(good.then(|| cells.collect()));
        }
    })?;
    assert_eq!(summary.bytes, text.len() as u64);
    assert_eq!(
        summary.sha256,
        crate::hex::encode(&<sha2::Sha256 as sha2::Digest>::digest(text))
    );
    Ok((rows, summary.terminated))
}

/// The rows of one record, on a line and in an array; they must be the same.
fn one(record: &str, headers: &[&str], rows: Option<&str>) -> Result<Rows, DeliveryFault> {
    let line = decode(record.as_bytes(), headers, &dialect(true, rows), 7);
    let array = format!("[{record}]");
    let array = decode(array.as_bytes(), headers, &dialect(false, rows), 7);
    assert_eq!(line, array, "{record}");
    line.map(|(rows, _)| rows)
}

fn cells(record: &str) -> Option<Vec<String>> {
    let mut rows = one(record, LINES, None).unwrap();
    assert_eq!(rows.len(), 1, "{record}");
    rows.remove(0)
}

#[test]
fn what_values_become() {
    for (value, expected) in [
        (r#""tekst""#, Some("tekst")),
        (r#""\u00e9\n\"x\" \ud83d\ude00""#, Some("é\n\"x\" 😀")),
        (r#""""#, Some("")),
        ("null", Some("")),
        ("true", Some("true")),
        ("false", Some("false")),
        ("0", Some("0")),
        ("-0", Some("0")),
        ("-12", Some("-12")),
        ("18446744073709551615", Some("18446744073709551615")),
        ("-9223372036854775808", Some("-9223372036854775808")),
        ("18446744073709551616", None),
        ("-9223372036854775809", None),
        ("1e3", Some("1000")),
        ("1.0", Some("1")),
        ("12.50", Some("12.5")),
        ("0.1", Some("0.1")),
        ("-0.05", Some("-0.05")),
        ("1.5e-7", Some("0.00000015")),
        ("12345678901.2345", Some("12345678901.2345")),
        ("1234567890123.456", None),
        ("0.30000000000000004", None),
        ("1e15", Some("1000000000000000")),
        ("1e16", None),
        ("1e400", None),
        ("1e-40", None),
        ("01", None),
        ("NaN", None),
        ("tru", None),
        (r#""\ud800""#, None),
        (r#""\udc00x""#, None),
        (r#""a\u0000b""#, None),
        (r#"["x"]"#, None),
        ("[]", None),
        ("{}", None),
    ] {
        let found = cells(&format!(r#"{{"a": {value}, "b": 1}}"#));
        let expected = expected.map(str::to_owned);
        assert_eq!(found.map(|cells| cells[0].clone()), expected, "{value}");
    }
}

#[test]
fn several_values_in_a_cell() {
    for (value, expected) in [
        (r#"["x", "y"]"#, Some("x|y")),
        (r#"["x", null, 3, 1.5, true]"#, Some("x|3|1.5|true")),
        ("[]", Some("")),
        ("null", Some("")),
        (r#""x""#, Some("x")),
        (r#"["x|y"]"#, None),
        (r#"["x", ["y"]]"#, None),
        ("[{}]", None),
    ] {
        let found = cells(&format!(r#"{{"f": {value}}}"#));
        let expected = expected.map(str::to_owned);
        assert_eq!(found.map(|cells| cells[4].clone()), expected, "{value}");
    }
    let unknown = one(r#"{"f": [{"geheim": 1}]}"#, LINES, None);
    assert_eq!(unknown, Err(DeliveryFault::UnknownField(1)));
}

#[test]
fn fields_are_found_by_their_paths() {
    let expected = Some(["1", "", "2", "3", "", ""].map(str::to_owned).to_vec());
    for record in [
        r#"{"a": 1, "c": {"d": 2, "e": 3}}"#,
        r#"{"C": {"e": 3, " D ": 2}, "A": 1, "b": null}"#,
        r#"{"a": 1, "c": {"d": 2, "e": 3}, "g": {"geheim": [{"x": [[]]}], "geheim": 1}}"#,
        r#"{"a": 1, "c": {"d": 2, "e": 3}, "g": "wat dan ook"}"#,
    ] {
        assert_eq!(cells(record), expected, "{record}");
    }
    assert_eq!(cells("{}"), Some(vec![String::new(); 6]));
    for record in [
        r#"{"a": 1, "a": 1}"#,
        r#"{"a": 1, "A": null}"#,
        r#"{"c": {"d": 1}, "c": {"e": 2}}"#,
        r#"{"c": {"d": 1, "d": 2}}"#,
        r#"{"c": 1}"#,
        r#"{"c": [{"d": 1}]}"#,
    ] {
        assert_eq!(cells(record), None, "{record}");
    }
    for record in [
        r#"{"a": 1, "geheim": 1}"#,
        r#"{"a": 1, "c": {"geheim": null}}"#,
        r#"{"a": {"geheim": 1}}"#,
        r#"{"c.d": 1}"#,
        r#"{"d": 1}"#,
        r#"{"": 1}"#,
        // However else it is wrong.
        r#"{"a": 1, "a": 2, "geheim": 1}"#,
    ] {
        let found = one(record, LINES, None);
        assert_eq!(found, Err(DeliveryFault::UnknownField(1)), "{record}");
    }
}

#[test]
fn elements_make_rows_and_the_rest_goes_with_each() {
    let headers = &["id", "wetten.naam", "wetten.duur", "baten.totaal"];
    let rows = |record: &str| one(record, headers, Some("wetten"));
    let row = |cells: [&str; 4]| Some(cells.map(str::to_owned).to_vec());
    assert_eq!(
        rows(
            r#"{"id": 1, "wetten": [{"naam": "x"}, {"naam": "y", "duur": 2}, {}], "baten": {"totaal": "z"}}"#
        ),
        Ok(vec![
            row(["1", "x", "", "z"]),
            row(["1", "y", "2", "z"]),
            row(["1", "", "", "z"]),
        ])
    );
    for none in [
        r#"{"id": 1, "wetten": []}"#,
        r#"{"id": 1, "wetten": null}"#,
        r#"{"id": 1}"#,
    ] {
        assert_eq!(rows(none), Ok(vec![row(["1", "", "", ""])]), "{none}");
    }
    // Whatever is wrong with an element is wrong with the record.
    for bad in [
        r#"{"id": 1, "wetten": {"naam": "x"}}"#,
        r#"{"id": 1, "wetten": "x"}"#,
        r#"{"id": 1, "wetten": ["x"]}"#,
        r#"{"id": 1, "wetten": [{"naam": "x"}, null]}"#,
        r#"{"id": 1, "wetten": [[{"naam": "x"}]]}"#,
        r#"{"id": 1, "wetten": [{"naam": "x", "naam": "y"}]}"#,
        r#"{"id": 1, "wetten": [{"naam": "x"}], "wetten": []}"#,
    ] {
        assert_eq!(rows(bad), Ok(vec![None]), "{bad}");
    }
    let unknown = rows(r#"{"id": 1, "wetten": [{"naam": "x"}, {"geheim": 1}]}"#);
    assert_eq!(unknown, Err(DeliveryFault::UnknownField(1)));
}

#[test]
fn a_little_never_becomes_much() {
    let headers = &["id", "wetten.naam"];
    let wetten = vec!["{}"; 200].join(",");
    let record = format!(r#"{{"id": "{}", "wetten": [{wetten}]}}"#, "x".repeat(300));
    let found = one(&record, headers, Some("wetten"));
    assert_eq!(found, Err(DeliveryFault::RowTooLong { row: 1, max: 1000 }));
}

fn lines(text: &str) -> Result<(Rows, bool), DeliveryFault> {
    let small = decode(text.as_bytes(), &["a"], &dialect(true, None), 1);
    let large = decode(text.as_bytes(), &["a"], &dialect(true, None), 1 << 16);
    assert_eq!(small, large);
    small
}

fn array(text: &str) -> Result<(Rows, bool), DeliveryFault> {
    let small = decode(text.as_bytes(), &["a"], &dialect(false, None), 1);
    let large = decode(text.as_bytes(), &["a"], &dialect(false, None), 1 << 16);
    assert_eq!(small, large);
    small
}

fn a(values: &[Option<&str>]) -> Rows {
    let row = |value: Option<&str>| value.map(|text| vec![text.to_owned()]);
    values.iter().copied().map(row).collect()
}

#[test]
fn lines_and_their_ends() {
    let good = Ok((a(&[Some("1"), Some("2")]), true));
    for text in [
        "{\"a\":1}\n{\"a\":2}\n",
        "{\"a\":1}\n{\"a\":2}",
        "\u{feff}{\"a\":1}\r\n{\"a\":2}\r\n",
        "\n  \n{\"a\":1}\n\n{\"a\":2}\n \n",
    ] {
        assert_eq!(lines(text), good, "{text:?}");
    }
    assert_eq!(
        lines("{\"a\":1}\n{\"a\":\n{\"a\":1} x\n{\"a\":1}{\"a\":2}\n[{\"a\":1}]\n7\n{\"a\":2}\n"),
        Ok((
            a(&[Some("1"), None, None, None, None, None, Some("2")]),
            true
        ))
    );
    // The last record was cut off.
    for cut in ["{\"a\":1}\n{\"a\":", "{\"a\":1}\n{\"a\":\"x}"] {
        assert_eq!(lines(cut), Ok((a(&[Some("1"), None]), false)), "{cut:?}");
    }
    assert_eq!(lines("\n"), Ok((a(&[]), true)));
    assert_eq!(lines(""), Err(DeliveryFault::Empty));
}

#[test]
fn arrays_and_their_ends() {
    let good = Ok((a(&[Some("1"), Some("2")]), true));
    for text in [
        "[{\"a\":1},{\"a\":2}]",
        "\u{feff} [ {\"a\":1}\n,\r\n\t{\n\"a\": 2\n} ]\n\n",
    ] {
        assert_eq!(array(text), good, "{text:?}");
    }
    assert_eq!(array("[]"), Ok((a(&[]), true)));
    // What is wrong lies inside the borders.
    assert_eq!(
        array(r#"[{"a":1},{"a":tru},{"a":"\ud800"},{"a":"]},{"}, 7, "x", null, [1], {"a":2}]"#),
        Ok((
            a(&[
                Some("1"),
                None,
                None,
                Some("]},{"),
                None,
                None,
                None,
                None,
                Some("2")
            ]),
            true
        ))
    );
    for (text, row, what) in [
        ("{\"a\":1}", 1, "does not begin as an array of records"),
        ("7", 1, "does not begin as an array of records"),
        ("[{\"a\":1}] x", 2, "something follows the end of the array"),
        (
            "[{\"a\":1}][{\"a\":2}]",
            2,
            "something follows the end of the array",
        ),
        (
            "[{\"a\":1}]\u{1e}",
            2,
            "something follows the end of the array",
        ),
        ("[,{\"a\":1}]", 1, "a comma without a record beside it"),
        ("[{\"a\":1},]", 2, "a comma without a record beside it"),
        (
            "[{\"a\":1},,{\"a\":1}]",
            2,
            "a comma without a record beside it",
        ),
        (
            "[{\"a\":1}{\"a\":2}]",
            2,
            "something stands between two records",
        ),
        (
            "[{\"a\":1}}, {\"a\":2}]",
            2,
            "something stands between two records",
        ),
        (
            "[{\"a\":1},{\"a\":\"x},{\"a\":y\"}]",
            2,
            "no JSON, and where the record ends is not sure",
        ),
        (
            "[{\"a\":1},{\"a\":2],{\"a\":3}]",
            2,
            "no JSON, and where the record ends is not sure",
        ),
        (
            "[{\"a\":1},{\"a\":\u{1e}2}]",
            2,
            "no JSON, and where the record ends is not sure",
        ),
    ] {
        let expected = Err(DeliveryFault::Structure { row, what });
        assert_eq!(array(text), expected, "{text:?}");
    }
    for (text, row) in [
        ("[", 1),
        ("[{\"a\":1}", 2),
        ("[{\"a\":1},", 2),
        ("[{\"a\":1},{\"a\":2", 2),
        ("[{\"a\":1},{\"a\":\"x}]", 2),
    ] {
        assert_eq!(array(text), Err(DeliveryFault::Truncated(row)), "{text:?}");
    }
    for nothing in ["", " \n", "\u{feff}"] {
        assert_eq!(array(nothing), Err(DeliveryFault::Empty), "{nothing:?}");
    }
}

#[test]
fn bytes_that_are_no_text() {
    let encoding = |row| DeliveryFault::Encoding {
        row,
        declared: "UTF-8",
    };
    for (bytes, fault) in [
        (
            &b"{\"a\":1}\n{\"a\":\"\xe9\"}\n{\"a\":1}\n"[..],
            encoding(2),
        ),
        (
            &b"{\"a\":1}\n{\"a\":\"\0\"}\n"[..],
            DeliveryFault::NulByte(2),
        ),
        (
            &b"{\"a\":1}\n{\"x\":1}\n\xff\n"[..],
            DeliveryFault::UnknownField(2),
        ),
        (&b"\xff\xfe{\0\"\0a\0"[..], encoding(1)),
        (&b"\xfe\xff\0{\0\"\0a"[..], encoding(1)),
    ] {
        for piece in [1, 1000] {
            let found = decode(bytes, &["a"], &dialect(true, None), piece);
            assert_eq!(found, Err(fault.clone()));
        }
    }
    let found = decode(b"[{\"a\":\"\xe9\"}]", &["a"], &dialect(false, None), 1);
    assert_eq!(found, Err(encoding(1)));
}

#[test]
fn no_record_is_longer_than_accepted_and_no_depth_matters() {
    let long = format!("{{\"a\":\"{}\"}}", "x".repeat(1000));
    let too_long = Err(DeliveryFault::RowTooLong { row: 2, max: 1000 });
    assert_eq!(lines(&format!("{{\"a\":1}}\n{long}\n")), too_long);
    assert_eq!(array(&format!("[{{\"a\":1}},{long}]")), too_long);
    let blank = " ".repeat(100_000);
    let spaced = format!("[{blank}{{\"a\":1}}{blank},{blank}{{\"a\":2}}{blank}]{blank}");
    assert_eq!(array(&spaced), Ok((a(&[Some("1"), Some("2")]), true)));

    let deep = |dialect: &JsonDialect, text: &str| {
        let dialect = JsonDialect {
            max_row_bytes: 1 << 20,
            ..dialect.clone()
        };
        decode(text.as_bytes(), &["a", "g.*"], &dialect, 1 << 16)
    };
    let nested = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
    for name in ["a", "g"] {
        let record = format!("{{\"{name}\":{nested}}}");
        let line = deep(&dialect(true, None), &record).unwrap();
        let array = deep(&dialect(false, None), &format!("[{record}]")).unwrap();
        assert_eq!(
            (line.0[0].is_some(), array.0[0].is_some()),
            (name == "g", name == "g")
        );
    }
    let objects = format!("{}1{}", "{\"x\":".repeat(100_000), "}".repeat(100_000));
    let record = format!("{{\"a\":{objects}}}");
    assert_eq!(
        deep(&dialect(true, None), &record),
        Err(DeliveryFault::UnknownField(1))
    );
}
