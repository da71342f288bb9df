//! The index held against a slow and simple reading of the same bytes, and the header.

use proptest::prelude::*;

use super::*;
use crate::contract::model::{Column, Header, Kind, Treatment, Version};

const DELIMITER: u8 = b';';
const MAX: usize = 24;

fn dialect(encoding: Encoding) -> CsvDialect {
    CsvDialect {
        encoding,
        delimiter: DELIMITER,
        max_row_bytes: MAX,
    }
}

/// A record as the reference reads it, byte by byte.
#[derive(Debug, Default, PartialEq)]
struct Record {
    start: usize,
    /// Behind its line end, or the end of the bytes.
    end: usize,
    terminated: bool,
    /// The values of its fields; `None` where a quote is out of place.
    fields: Option<Vec<Vec<u8>>>,
    blank: bool,
}

fn reference(bytes: &[u8]) -> Vec<Record> {
    let mut records = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let record = one(bytes, at);
        at = record.end;
        records.push(record);
    }
    records
}

/// What closes an unquoted field or the record, at `at`.
fn stops(bytes: &[u8], at: usize) -> bool {
    at == bytes.len() || bytes[at] == DELIMITER || bytes[at] == b'\n'
}

fn one(bytes: &[u8], start: usize) -> Record {
    let mut fields = Vec::new();
    let mut whole = true;
    let mut at = start;
    let terminated = loop {
        let begin = at;
        let mut value = Vec::new();
        if bytes.get(at) == Some(&b'"') {
            at += 1;
            loop {
                match (bytes.get(at), bytes.get(at + 1)) {
                    (None, _) => {
                        whole = false;
                        break;
                    }
                    (Some(b'"'), Some(b'"')) => {
                        value.push(b'"');
                        at += 2;
                    }
                    (Some(b'"'), _) => {
                        at += 1;
                        break;
                    }
                    (Some(&byte), _) => {
                        value.push(byte);
                        at += 1;
                    }
                }
            }
            let line_end = bytes.get(at) == Some(&b'\r') && {
                let next = at + 1;
                next == bytes.len() || bytes[next] == b'\n'
            };
            whole &= stops(bytes, at) || line_end;
            while !stops(bytes, at) {
                at += 1;
            }
        } else {
            while !stops(bytes, at) {
                at += 1;
            }
            value = bytes[begin..at].to_vec();
            if bytes.get(at) != Some(&DELIMITER) && value.last() == Some(&b'\r') {
                value.pop();
            }
        }
        fields.push(value.trim_ascii().to_vec());
        match bytes.get(at) {
            Some(b'\n') => break true,
            None => break false,
            Some(_) => at += 1,
        }
    };
    let end = if terminated { at + 1 } else { at };
    let line = &bytes[start..at];
    Record {
        start,
        end,
        terminated,
        blank: line.is_empty() || line == b"\r",
        fields: whole.then_some(fields),
    }
}

/// What the index must say: the values of every row, `None` for a malformed one, and which row is
/// the first that is too long.
type Rows = (Vec<Option<Vec<Vec<u8>>>>, Option<usize>);

fn expected(bytes: &[u8], width: usize) -> Rows {
    let records: Vec<Record> = reference(bytes)
        .into_iter()
        .filter(|r| width == 1 || !r.blank)
        .collect();
    let long = records.iter().position(|r| r.end - r.start > MAX);
    let rows = records
        .into_iter()
        .map(|r| r.fields.filter(|f| f.len() == width))
        .collect();
    (rows, long)
}

fn found(bytes: &[u8], width: usize) -> Rows {
    let places = vec![None; 0];
    let chunk = chunk(
        bytes.to_vec(),
        &dialect(Encoding::Utf8),
        &Layout { width, places },
    );
    let row = |row: usize| {
        let malformed = u32::try_from(row).is_ok_and(|r| chunk.malformed().contains(&r));
        let cells = (0..width).map(|column| chunk.cell(row, column).into_owned());
        (!malformed).then(|| cells.collect())
    };
    let rows = (0..chunk.rows()).map(row).collect();
    (rows, chunk.too_long().map(|row| row as usize))
}

/// Any mix of the bytes that matter, long enough to cross the eight-byte lanes.
fn text() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        3 => Just(&b"a"[..]),
        2 => Just(&b"\"x;\"\"\n\""[..]),
        2 => Just(&b"\""[..]),
        1 => Just(&b"\"\""[..]),
        4 => Just(&b";"[..]),
        3 => Just(&b"\n"[..]),
        2 => Just(&b"\r\n"[..]),
        1 => Just(&b"\r"[..]),
        1 => Just(&b" "[..]),
        1 => Just(&b"\xc3\xa9\x80\xff:<"[..]),
    ];
    proptest::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

/// The same without quotes: the quick path.
fn plain() -> impl Strategy<Value = Vec<u8>> {
    text().prop_map(|bytes| bytes.into_iter().filter(|&b| b != b'"').collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn the_index_reads_what_the_reference_reads(bytes in text(), width in 1usize..5) {
        prop_assert_eq!(found(&bytes, width), expected(&bytes, width));
    }

    #[test]
    fn so_does_the_quick_path(bytes in plain(), width in 1usize..5) {
        prop_assert_eq!(found(&bytes, width), expected(&bytes, width));
    }

    #[test]
    fn records_end_where_the_reference_ends_them(bytes in text()) {
        let records = reference(&bytes);
        let last = records.iter().rfind(|r| r.terminated).map(|r| r.end);
        prop_assert_eq!(last_record_end(&bytes, DELIMITER), last);
        for record in &records {
            let end = record.terminated.then_some(record.end);
            prop_assert_eq!(record_end(&bytes, record.start, DELIMITER), end);
        }
    }

    /// A chunk cut at any record border reads as the whole does.
    #[test]
    fn cutting_changes_nothing(bytes in text(), at in 0usize..60, width in 1usize..5) {
        let borders: Vec<usize> = reference(&bytes).iter().map(|r| r.end).collect();
        prop_assume!(!borders.is_empty());
        let (front, back) = bytes.split_at(borders[at % borders.len()]);
        let mut rows = found(front, width).0;
        rows.extend(found(back, width).0);
        prop_assert_eq!(rows, found(&bytes, width).0);
    }
}

#[test]
fn values_lose_their_quotes_and_outer_white_space() {
    let rows = found(b" a ;\"b;\"\"\r\nc \";\r\nd;\"\";e\r\n", 3).0;
    let row = |cells: [&str; 3]| Some(cells.map(|c| c.as_bytes().to_vec()).to_vec());
    assert_eq!(rows, [row(["a", "b;\"\r\nc", ""]), row(["d", "", "e"])]);
}

fn column(name: &str, headers: &[&str], optional: bool) -> Column {
    Column {
        name: name.into(),
        headers: headers
            .iter()
            .map(|&h| Header {
                text: h.into(),
                version: None,
            })
            .collect(),
        kind: Kind::Text { max_bytes: 10 },
        class: String::new(),
        treatment: Treatment::Drop,
        required: false,
        optional,
        empty: Vec::new(),
        documentation: String::new(),
    }
}

fn read(header: &[u8], encoding: Encoding) -> Result<Vec<Option<usize>>, DeliveryFault> {
    let dialect = CsvDialect {
        max_row_bytes: 1000,
        ..dialect(encoding)
    };
    let columns = [
        column("clientnr", &["Clientnr", "Cliëntnr"], false),
        column("naam", &["Naam"], false),
        column("notitie", &["Notitie"], true),
    ];
    let version = Version {
        name: "1".into(),
        from: None,
        until: None,
        partner: None,
    };
    let headers = Headers {
        columns: &columns,
        version: &version,
    };
    layout(header, &dialect, headers).map(|l| l.places)
}

#[test]
fn headers_are_found_by_any_spelling_in_any_order() {
    let utf8 = Encoding::Utf8;
    let swapped = Ok(vec![Some(1), Some(0), None]);
    assert_eq!(read(b"Naam;Clientnr", utf8), swapped);
    assert_eq!(
        read("\u{feff}naam; CLI\u{cb}NTNR ".as_bytes(), utf8),
        swapped
    );
    assert_eq!(read(b"\"Naam\";\"Clientnr\"", utf8), swapped);
    assert_eq!(read(b"Naam;Cli\xebntnr", Encoding::Windows1252), swapped);
}

#[test]
fn a_header_that_does_not_fit_says_where() {
    let utf8 = Encoding::Utf8;
    for (header, fault) in [
        (&b"Naam;Bsn;Clientnr"[..], DeliveryFault::UnknownColumn(2)),
        (b"Naam;Clientnr;", DeliveryFault::UnknownColumn(3)),
        (
            b"Naam;Clientnr;NAAM",
            DeliveryFault::DuplicateColumn(3, "naam".into()),
        ),
        (b"Naam", DeliveryFault::MissingColumn("clientnr".into())),
        (b"", DeliveryFault::MissingColumn("clientnr".into())),
        (b"Naam;Client\0nr", DeliveryFault::NulByte(0)),
    ] {
        assert_eq!(read(header, utf8), Err(fault));
    }
}

#[test]
fn a_header_in_another_encoding_is_told_as_such() {
    for (header, declared) in [
        (&b"Naam;Cli\xebntnr"[..], Encoding::Utf8),
        ("Naam;Cliëntnr".as_bytes(), Encoding::Windows1252),
        (b"\xef\xbb\xbfNaam;Clientnr", Encoding::Windows1252),
        (b"\xff\xfeN\0a\0a\0m\0", Encoding::Windows1252),
        (b"\xfe\xff\0N\0a\0a\0m", Encoding::Utf8),
    ] {
        let fault = DeliveryFault::Encoding {
            row: 0,
            declared: encoding_name(declared),
        };
        assert_eq!(read(header, declared), Err(fault));
    }
}
