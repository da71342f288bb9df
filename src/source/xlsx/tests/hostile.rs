//! What somebody could send to harm us, and what a broken disk makes of a workbook.

use std::io::Write;

use proptest::prelude::*;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use super::*;

/// The parts of a workbook, by name.
pub(super) fn parts(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut zip = ZipArchive::new(Cursor::new(bytes)).unwrap();
    (0..zip.len())
        .map(|at| {
            let mut part = zip.by_index(at).unwrap();
            let name = part.name().unwrap().into_owned();
            let mut content = Vec::new();
            part.read_to_end(&mut content).unwrap();
            (name, content)
        })
        .collect()
}

/// A ZIP of parts.
fn packed(parts: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let deflated = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    for (name, content) in parts {
        zip.start_file(name.as_str(), deflated).unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// The workbook with one of its parts changed.
pub(super) fn rewrite(bytes: &[u8], name: &str, change: impl FnOnce(String) -> String) -> Vec<u8> {
    let mut parts = parts(bytes);
    let part = parts.iter_mut().find(|(part, _)| part == name).unwrap();
    let text = String::from_utf8(std::mem::take(&mut part.1)).unwrap();
    part.1 = change(text.clone()).into_bytes();
    assert!(part.1 != text.as_bytes(), "{name} did not change");
    packed(&parts)
}

pub(super) const SHEET: &str = "xl/worksheets/sheet1.xml";

/// Reads any bytes as a workbook of two columns, `a` (free text) and `b` (a date), in bounds of some
/// megabytes, and counts its rows.
fn try_any(bytes: &[u8]) -> Result<u64, DeliveryFault> {
    let (columns, version) = contract(&[
        ("a", text(), true),
        ("b", Kind::Date(DateFormat::DayMonthYear), true),
    ]);
    let dialect = XlsxDialect {
        max_row_bytes: 1 << 16,
        max_unpacked_bytes: 16 << 20,
        ..dialect()
    };
    let headers = Headers {
        columns: &columns,
        version: &version,
    };
    let mut workbook = Workbook::open(Cursor::new(bytes.to_vec()), &dialect, headers, 1 << 12)?;
    let mut rows = 0;
    while let Some(Piece::Rows(chunk, _)) = workbook.next()? {
        rows += chunk.rows() as u64;
    }
    Ok(rows)
}

/// A small workbook of the columns that [`try_any`] knows.
fn small() -> Vec<u8> {
    one(|sheet| {
        texts(sheet, 0, &["a", "b"]);
        texts(sheet, 1, &["een & ander", "31-01-2024"]);
        sheet.write(2, 0, 1.5).unwrap();
        let layout = Format::new().set_num_format("dd-mm-yyyy");
        let day = ExcelDateTime::from_ymd(2024, 1, 31).unwrap();
        sheet.write_with_format(2, 1, &day, &layout).unwrap();
        texts(sheet, 3, &["Totaal", "2"]);
    })
}

fn changed(name: &str, from: &str, to: &str) -> Result<u64, DeliveryFault> {
    try_any(&rewrite(&small(), name, |xml| xml.replacen(from, to, 1)))
}

fn structure(found: &Result<u64, DeliveryFault>) -> &'static str {
    match found {
        Err(DeliveryFault::Structure { what, .. }) => what,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_is_no_workbook_is_called_what_it_is() {
    assert_eq!(try_any(&small()), Ok(2));
    assert_eq!(try_any(b""), Err(DeliveryFault::Empty));
    let mut ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec();
    ole.resize(4096, 0);
    assert!(structure(&try_any(&ole)).contains("xls"));
    let name: Vec<u8> = "EncryptedPackage".bytes().flat_map(|b| [b, 0]).collect();
    ole.extend(name);
    assert!(structure(&try_any(&ole)).contains("encrypted"));
    assert!(structure(&try_any(b"datum;team\n1-2-2024;Oost\n")).contains("no ZIP"));
    assert!(structure(&try_any(b"PK\x03\x04 and nothing more")).contains("damaged"));
    let other = packed(&[("a.txt".into(), b"a".to_vec())]);
    assert!(structure(&try_any(&other)).contains("lacks"));
    let whole = small();
    assert!(matches!(
        try_any(&whole[..whole.len() / 2]),
        Err(DeliveryFault::Structure { .. })
    ));
}

#[test]
fn bombs_are_refused_before_they_go_off() {
    let bomb = |size| {
        let mut parts = parts(&small());
        parts.push(("xl/media/x.xml".into(), vec![b' '; size]));
        packed(&parts)
    };
    assert_eq!(try_any(&bomb(64 << 20)), Err(DeliveryFault::TooLarge(16)));

    // A directory that lies about what comes out of its parts.
    let mut lying = bomb(64 << 20);
    let size = (64_u32 << 20).to_le_bytes();
    let mut from = 0;
    while let Some(at) = memchr::memmem::find(&lying[from..], &size) {
        lying[from + at..from + at + 4].copy_from_slice(&100_u32.to_le_bytes());
        from += at;
    }
    assert!(try_any(&lying).is_err());

    // More parts than a workbook has, in a directory that is not even read.
    let mut crowded = small();
    crowded.extend(b"PK\x01\x02".repeat(20_000));
    assert_eq!(try_any(&crowded), Err(DeliveryFault::TooLarge(16)));

    // A few kilobytes that would become gigabytes of shared strings.
    let strings = "<si/>".repeat(1 << 20);
    let found = changed(
        "xl/sharedStrings.xml",
        "</sst>",
        &format!("{strings}</sst>"),
    );
    assert_eq!(found, Err(DeliveryFault::TooLarge(16)));
    let found = changed(
        "xl/sharedStrings.xml",
        "uniqueCount=\"",
        "uniqueCount=\"9999999999999",
    );
    assert_eq!(found, Err(DeliveryFault::TooLarge(16)));
}

#[test]
fn references_to_nowhere_are_refused() {
    for (from, to) in [
        ("ref=\"A1", "ref=\"AAAAAAAAAA1"),
        ("ref=\"A1:B4", "ref=\"B4:A1"),
        ("<row r=\"2\"", "<row r=\"4294967295\""),
        ("<c r=\"A2\"", "<c r=\"ZZZZZZZ2\""),
        ("<c r=\"A2\"", "<c r=\"XFE2\""),
        ("<c r=\"A2\"", "<c r=\"A1048577\""),
        ("<c r=\"A2\"", "<c r=\"2\""),
        ("<c r=\"A3\"", "<c r=\"A1\""),
        ("<v>0</v>", "<v>99999</v>"),
        ("<v>1.5</v>", "<x>1.5</x>"),
        ("t=\"s\"", "t=\"raar\""),
        ("<sheetData>", "<sheetdata>"),
    ] {
        structure(&changed(SHEET, from, to));
    }
    // The largest workbook that Excel could write, with one row in it.
    let far = changed(SHEET, "ref=\"A1:B4\"", "ref=\"A1:XFD1048576\"");
    assert_eq!(far, Ok(2));
}

#[test]
fn document_types_and_entities_are_refused() {
    for name in [SHEET, "xl/sharedStrings.xml", "docProps/app.xml"] {
        let found = try_any(&rewrite(&small(), name, |xml| {
            let (head, body) = xml.split_at(xml.find("?>").unwrap() + 2);
            format!("{head}<!DOCTYPE a [<!ENTITY b \"c\">]>{body}")
        }));
        assert!(
            matches!(found, Err(DeliveryFault::Forbidden { .. })),
            "{name}: {found:?}"
        );
    }
    let found = changed("xl/sharedStrings.xml", "een ", "&boze;");
    assert!(matches!(found, Err(DeliveryFault::Forbidden { .. })));
}

#[test]
fn parts_that_lead_elsewhere_are_refused() {
    let found = changed(
        "xl/_rels/workbook.xml.rels",
        "worksheets/sheet1.xml",
        "media/image1.png",
    );
    structure(&found);
    let mut doubled = parts(&small());
    let sheet = doubled
        .iter()
        .find(|(name, _)| name == SHEET)
        .unwrap()
        .1
        .clone();
    doubled.push(("xl/worksheets/SHEET1.XML".into(), sheet));
    let _ = try_any(&packed(&doubled));
}

#[test]
fn a_little_that_is_read_over_and_over_is_refused() {
    // One string of spaces, used by every cell.
    let mut cells = String::new();
    for row in 5..2000 {
        let row = row.to_string();
        cells += &"<row r=\"#\"><c r=\"A#\" t=\"s\"><v>0</v></c></row>".replace('#', &row);
    }
    let wide = rewrite(&small(), "xl/sharedStrings.xml", |xml| {
        let spaces = " ".repeat(60_000);
        xml.replacen(
            "<t>a</t>",
            &format!("<t xml:space=\"preserve\">a{spaces}</t>"),
            1,
        )
    });
    assert_eq!(try_any(&wide), Ok(2));
    let wide = rewrite(&wide, SHEET, |xml| {
        xml.replace("</sheetData>", &format!("{cells}</sheetData>"))
    });
    assert_eq!(try_any(&wide), Err(DeliveryFault::TooLarge(16)));

    // One sheet under many names.
    let again = |part: &str, from: &str, to: &str| structure(&changed(part, from, to));
    again(
        "xl/workbook.xml",
        "<sheets>",
        "<sheets><sheet name=\"Nog een\" sheetId=\"9\" r:id=\"rId1\"/>",
    );
    again(
        "xl/_rels/workbook.xml.rels",
        "</Relationships>",
        "<Relationship Id=\"rId99\" Type=\"x/worksheet\" Target=\"/xl/worksheets/Sheet1.xml\"/></Relationships>",
    );
}

#[test]
fn no_message_holds_what_stood_in_the_workbook() {
    let secret = "Achterbergsma";
    for (from, to) in [
        ("t=\"s\"", "t=\"Achterbergsma\""),
        ("<v>1.5</v>", "<Achterbergsma/>"),
        ("ref=\"A1", "ref=\"Achterbergsma"),
    ] {
        let fault = changed(SHEET, from, to).unwrap_err();
        assert!(!fault.to_string().contains(secret));
    }
}

/// Runs of bytes that are put somewhere into a part.
const SNIPPETS: [&str; 16] = [
    "<",
    ">",
    "\"",
    "&",
    "/",
    "-1",
    "99999999999",
    "<c r=\"B9\">",
    "</c>",
    "<row>",
    "</row>",
    "<si>",
    " t=\"n\"",
    "<v>",
    "AAAAAAAA1",
    "\u{0}",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn damaged_files_never_panic(
        places in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        cut in proptest::option::of(any::<prop::sample::Index>()),
    ) {
        let mut bytes = small();
        for (place, byte) in places {
            let at = place.index(bytes.len());
            bytes[at] = byte;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        if let Err(fault) = try_any(&bytes) {
            prop_assert!(fault != PANICKED);
        }
    }

    #[test]
    fn damaged_parts_never_panic(
        changes in proptest::collection::vec(
            (any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0..SNIPPETS.len(), 0_usize..12),
            1..6,
        ),
    ) {
        let mut parts = parts(&small());
        for (part, place, snippet, skip) in changes {
            let content = &mut part.get_mut(&mut parts).1;
            let at = place.index(content.len() + 1);
            let end = (at + skip).min(content.len());
            content.splice(at..end, SNIPPETS[snippet].bytes());
        }
        if let Err(fault) = try_any(&packed(&parts)) {
            prop_assert!(fault != PANICKED);
        }
    }
}
