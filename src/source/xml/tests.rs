use std::io::{Cursor, Write};

use proptest::prelude::*;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::testing::{Became, columns, place, read, version};
use crate::contract::model::XmlDialect;
use crate::source::format::Headers;

/// A pipeline that reads messages of both generations.
fn dialect() -> XmlDialect {
    XmlDialect {
        namespaces: vec!["urn:x/3_2".into(), "urn:x/2_1".into()],
        record: vec!["Client".into(), "Clienten/Client".into()],
        rows: vec!["Starts/Start".into(), "Stops/Stop".into()],
        zipped: false,
        max_depth: 8,
        max_row_bytes: 2000,
        max_unpacked_bytes: 10 << 20,
        max_files: 20,
    }
}

const HEADERS: [&str; 6] = [
    "Header/Code",
    "Client/Bsn",
    "Client/Naam/*",
    "Start/Begin|Stop/Begin",
    "Stop/Eind",
    "Start/Product/Code|Start/@code",
];

fn read_as(bytes: &[u8], dialect: &XmlDialect, piece_bytes: usize) -> Became {
    let (_folder, path) = place(bytes);
    let columns = columns(&HEADERS);
    let version = version();
    let headers = Headers {
        columns: &columns,
        version: &version,
    };
    read(super::open(&path, dialect, headers, piece_bytes))
}

fn xml(text: &str) -> Became {
    read_as(text.as_bytes(), &dialect(), 1 << 16)
}

/// A message of the newer kind around a client's elements.
fn message(client: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<w:B xmlns:w=\"urn:x/3_2\"><w:Header><w:Code>418</w:Code></w:Header><w:Client>{client}</w:Client></w:B>"
    )
}

const START: &str = "<w:Starts><w:Start><w:Begin>2024-01-01</w:Begin></w:Start></w:Starts>";

fn zipped(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn in_zip() -> XmlDialect {
    XmlDialect {
        zipped: true,
        ..dialect()
    }
}

fn zip(files: &[(&str, &[u8])]) -> Became {
    read_as(&zipped(files), &in_zip(), 1 << 16)
}

#[test]
fn both_generations_make_the_same_rows_whatever_their_prefixes() {
    let new = xml(&message(&format!(
        "<w:Bsn>1</w:Bsn><w:Naam><w:Geslachtsnaam>X</w:Geslachtsnaam></w:Naam>{START}<w:Stops><w:Stop><w:Begin>2024-01-01</w:Begin><w:Eind>2024-02-01</w:Eind></w:Stop></w:Stops>"
    )));
    assert_eq!(new.fault, None);
    assert_eq!(
        new.text(),
        ["418|1|X|2024-01-01||", "418|1|X|2024-01-01|2024-02-01|"]
    );
    let old = xml(
        "\u{feff}<B xmlns=\"urn:x/2_1\" xmlns:i=\"http://www.w3.org/2001/XMLSchema-instance\" i:schemaLocation=\"a b\">
           <Header><Code>418</Code></Header>
           <Clienten>
             <Client><Starts><Start code='7'><Begin>2020-01-01</Begin></Start></Starts><Bsn>1</Bsn></Client>
             <c:Client xmlns:c='urn:other'><c:Bsn>2</c:Bsn><c:Starts><c:Start><c:Product><c:Code>8</c:Code></c:Product></c:Start></c:Starts></c:Client>
           </Clienten>
         </B>\n",
    );
    assert_eq!(old.fault, None);
    assert_eq!(old.text(), ["418|1||2020-01-01||7", "418|2||||8"]);
    assert_eq!(old.summary.unwrap().bytes, old.told);
}

#[test]
fn comments_instructions_sections_and_the_five_entities_are_read() {
    let became = xml(&message(&format!(
        "<!-- <x>&none; --><?pi x?><w:Bsn>&lt;&amp;&gt;&quot;&apos;&#65;&#x42;<![CDATA[<&x;]]><!-- y -->!</w:Bsn>{START}"
    )));
    assert_eq!(became.text(), ["418|<&>\"'AB<&x;!||2024-01-01||"]);
}

#[test]
fn what_xml_can_do_beyond_data_is_refused() {
    let bomb = "<!DOCTYPE B [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;&a;\">]>";
    for (what, text) in [
        (
            "a document type",
            message("").replace("<w:B ", &format!("{bomb}<w:B ")),
        ),
        (
            "a document type",
            message("").replace("<w:B ", "<!DOCTYPE B SYSTEM \"file:///etc/passwd\"><w:B "),
        ),
        ("an entity", message("<w:Bsn>&b;</w:Bsn>")),
        ("an entity", message("<w:Bsn x=\"&b;\">1</w:Bsn>")),
        ("an entity", message("<w:Naam><w:x>&b;</w:x></w:Naam>")),
    ] {
        let became = xml(&text);
        assert_eq!(
            became.fault(),
            format!("row 1 holds {what}, which is never accepted")
        );
        assert_eq!(became.fault.unwrap().rule(), "verboden_inhoud");
    }
}

#[test]
fn a_field_twice_or_out_of_place_costs_the_row() {
    let bsn = "<w:Bsn>1</w:Bsn>";
    let two = "<w:Starts><w:Start><w:Begin>a</w:Begin><w:Begin>b</w:Begin></w:Start><w:Start><w:Begin>c</w:Begin></w:Start></w:Starts>";
    for (client, rows) in [
        // The row alone.
        (format!("{bsn}{two}"), vec!["!", "418|1||c||"]),
        (
            format!("{bsn}<w:Starts><w:Start><w:Bsn>2</w:Bsn></w:Start></w:Starts>"),
            vec!["!"],
        ),
        (
            format!("{bsn}<w:Starts><w:Start>x<w:Begin>a</w:Begin></w:Start></w:Starts>"),
            vec!["!"],
        ),
        (
            format!("{bsn}<w:Starts><w:Start><w:Begin>a<w:Eind/></w:Begin></w:Start></w:Starts>"),
            vec!["!"],
        ),
        // All rows of the record.
        (format!("{bsn}{bsn}{START}"), vec!["!"]),
        (format!("{bsn}<w:Begin>a</w:Begin>{START}"), vec!["!"]),
        (
            format!("{bsn}{START}<w:Start><w:Begin>a</w:Begin></w:Start>"),
            vec!["!"],
        ),
        (format!("{bsn}<w:Client>{START}</w:Client>"), vec!["!"]),
        // A client of whom nothing is said.
        (bsn.into(), vec!["!"]),
    ] {
        let became = xml(&message(&client));
        assert_eq!(
            (became.fault(), became.text()),
            (
                "none".into(),
                rows.iter().map(ToString::to_string).collect()
            ),
            "{client}"
        );
    }
    let empty = xml("<B xmlns='urn:x/3_2'><Header/></B>");
    assert_eq!(empty.text(), ["!"]);
}

#[test]
fn what_the_contract_does_not_know_refuses_the_delivery() {
    for text in [
        message("<w:Bsn>1</w:Bsn><w:Nieuw>1</w:Nieuw>"),
        message("<w:Bsn soort='x'>1</w:Bsn>"),
        message("<w:Bsn><w:Nieuw/></w:Bsn>"),
        message("<w:Begin><w:Nieuw/></w:Begin>"),
    ] {
        assert_eq!(
            xml(&text).fault(),
            "row 1 has a field that is not in the contract"
        );
    }
    let second = message(&format!("<w:Bsn>1</w:Bsn>{START}")).replace(
        "</w:Starts>",
        "<w:Start><w:Begin>b</w:Begin><w:Nieuw/></w:Start></w:Starts>",
    );
    assert_eq!(
        xml(&second).fault(),
        "row 2 has a field that is not in the contract"
    );
}

#[test]
fn what_is_not_well_formed_refuses_the_delivery_with_its_row() {
    let good = message(&format!("<w:Bsn>1</w:Bsn>{START}"));
    for (text, fault) in [
        (
            good.replace("</w:Bsn>", "</w:bsn>"),
            "row 1: this is not well-formed XML",
        ),
        (
            good.replace("<w:Bsn>", "<v:Bsn>")
                .replace("</w:Bsn>", "</v:Bsn>"),
            "row 1: this is not well-formed XML",
        ),
        (
            good.replace("<w:Start>", "<w:Start code='1' code='2'>"),
            "row 1: this is not well-formed XML",
        ),
        (
            good.replace("<w:Bsn>1", "<w:Bsn>1 & 2"),
            "row 1: this is not well-formed XML",
        ),
        (
            good.replace("<w:Bsn>1", "<w:Bsn>&#1;"),
            "row 1: this is not well-formed XML",
        ),
        (
            good.replace("<w:Bsn>1", "<w:Bsn>]]>"),
            "row 1: this is not well-formed XML",
        ),
        (
            good.replace("<w:Bsn>1", "<w:Bsn>\u{1}"),
            "row 1: this is not well-formed XML",
        ),
        (
            good.replace("<w:Bsn>1", "<w:Bsn>\0"),
            "row 1 holds a NUL byte",
        ),
        (format!("{good}<x/>"), "row 2: this is not well-formed XML"),
        (format!("{good}tekst"), "row 2: this is not well-formed XML"),
        (format!("{good}&amp;"), "row 2: this is not well-formed XML"),
        (format!(" {good}"), "row 1: this is not well-formed XML"),
        (
            good.replace("version=\"1.0\"", "version=\"1.1\""),
            "row 1: this is not well-formed XML",
        ),
        ("tekst".into(), "row 1: this is not well-formed XML"),
        (
            good.replace("UTF-8", "ISO-8859-1"),
            "row 1 is not UTF-8 text",
        ),
        (
            good.replace("urn:x/3_2", "urn:x/4_0"),
            "row 1: its namespace is none of those of the pipeline",
        ),
        ("<B/>".into(), "row 1: its root element has no namespace"),
        (
            good.replace("</w:Client></w:B>", "</w:Client>"),
            "the delivery ends in the middle of row 2: it was cut off, is still being written, or has a quote that is never closed",
        ),
        (
            good.replace(
                "</w:Client></w:B>",
                "</w:Client><w:Header><w:Code>1</w:Code></w:Header></w:B>",
            ),
            "row 2: a field of the message stands behind its records",
        ),
        (
            good.replace(
                "<w:Code>418</w:Code>",
                "<w:Code>418</w:Code><w:Code>418</w:Code>",
            ),
            "row 1: a field of the message stands in it twice",
        ),
        (
            good.replace(
                "<w:Code>418</w:Code>",
                &format!("<w:Code>{}</w:Code>", "4".repeat(5000)),
            ),
            "row 1 is longer than 2000 bytes; a quote that is never closed does this too",
        ),
        (
            good.replace("<w:Bsn>1", &format!("<w:Bsn>{}", "4".repeat(5000))),
            "row 1 is longer than 2000 bytes; a quote that is never closed does this too",
        ),
        (
            good.replace(
                "<w:Bsn>",
                &format!(
                    "<w:Bsn {}>",
                    (0..70).map(|n| format!("a{n}='' ")).collect::<String>()
                ),
            ),
            "row 1: an element has more attributes than is accepted",
        ),
        (
            message(&"<w:Naam>".repeat(9)),
            "row 1: its elements are nested deeper than the pipeline accepts",
        ),
    ] {
        let became = xml(&text);
        assert_eq!(became.fault(), fault, "{text}");
    }
    let latin = good.replace("<w:Bsn>1", "<w:Bsn>\u{e9}");
    let latin: Vec<u8> = latin
        .chars()
        .map(|c| u8::try_from(u32::from(c)).unwrap())
        .collect();
    assert_eq!(
        read_as(&latin, &dialect(), 99).fault(),
        "row 1 is not UTF-8 text"
    );
    assert_eq!(xml("").fault(), "the delivery is empty");
}

/// Fields of a record stand in each of its rows: a small record must not become a large table.
#[test]
fn a_record_that_would_become_far_more_rows_than_itself_is_refused() {
    let long = "x".repeat(800);
    let became = xml(&message(&format!(
        "<w:Bsn>{long}</w:Bsn><w:Starts>{}</w:Starts>",
        "<w:Start/>".repeat(60)
    )));
    assert_eq!(became.fault.unwrap().rule(), "rij_te_lang");
}

#[test]
fn messages_in_a_zip_are_read_in_their_order() {
    let one = message(&format!("<w:Bsn>1</w:Bsn>{START}"));
    let two = message(&format!("<w:Bsn>2</w:Bsn>{START}"));
    let became = zip(&[("b/1.xml", one.as_bytes()), ("b/0.XML", two.as_bytes())]);
    assert_eq!(became.fault, None);
    assert_eq!(
        became.text(),
        ["418|1||2024-01-01||", "418|2||2024-01-01||"]
    );
    let bad = zip(&[("1.xml", one.as_bytes()), ("2.xml", b"<x>")]);
    assert_eq!(bad.fault(), "row 2: its root element has no namespace");
}

#[test]
fn a_zip_with_anything_but_messages_is_refused() {
    let good = message(&format!("<w:Bsn>1</w:Bsn>{START}"));
    let good = good.as_bytes();
    for (files, what) in [
        (
            vec![("../1.xml", good)],
            "a file whose name leads out of its folder",
        ),
        (
            vec![("/1.xml", good)],
            "a file whose name leads out of its folder",
        ),
        (
            vec![("..\\1.xml", good)],
            "a file whose name leads out of its folder",
        ),
        (vec![("1.xml", good), ("2.zip", good)], "a ZIP in the ZIP"),
        (
            vec![("1.xml", good), ("lees.txt", good)],
            "a file that is no XML",
        ),
        (
            vec![("1.xml", good), ("xml", good)],
            "a file that is no XML",
        ),
    ] {
        let became = zip(&files);
        assert_eq!(
            became.fault(),
            format!("the header holds {what}, which is never accepted"),
            "{files:?}"
        );
        assert!(became.rows.is_empty());
    }
    assert_eq!(zip(&[]).fault(), "the delivery is empty");
    assert_eq!(
        read_as(good, &in_zip(), 99).fault(),
        "the header: the file is not a ZIP, or a damaged one"
    );
    // A ZIP that calls itself XML is no text, let alone XML.
    let nested = zipped(&[("1.xml", good)]);
    assert!(zip(&[("1.xml", &nested)]).fault.is_some());
    let many: Vec<String> = (0..21).map(|n| format!("{n}.xml")).collect();
    let many: Vec<(&str, &[u8])> = many.iter().map(|name| (name.as_str(), good)).collect();
    assert_eq!(zip(&many).fault.unwrap().rule(), "te_groot");
}

#[test]
fn an_encrypted_or_damaged_file_refuses_the_delivery() {
    let good = message(&format!("<w:Bsn>1</w:Bsn>{START}"));
    let whole = zipped(&[("1.xml", good.as_bytes())]);
    // The flag of encryption, in the list at the end.
    let mut encrypted = whole.clone();
    let list = memchr::memmem::rfind(&encrypted, b"PK\x01\x02").unwrap();
    encrypted[list + 8] |= 1;
    let fault = read_as(&encrypted, &in_zip(), 99).fault();
    assert_eq!(
        fault,
        "the header holds an encrypted file, which is never accepted"
    );
    for at in [40, 60, 90] {
        let mut damaged = whole.clone();
        damaged[at] ^= 0x55;
        assert!(read_as(&damaged, &in_zip(), 99).fault.is_some(), "{at}");
    }
    assert_eq!(
        read_as(&whole[..whole.len() - 30], &in_zip(), 99)
            .fault
            .unwrap()
            .rule(),
        "opbouw"
    );
}

#[test]
fn what_unpacks_to_too_much_is_refused() {
    let small = XmlDialect {
        max_unpacked_bytes: 1 << 20,
        ..in_zip()
    };
    let record = format!("<Client>{}</Client>", START.replace("w:", ""));
    let large = |records: usize| {
        format!(
            "<B xmlns='urn:x/2_1'><Clienten>{}</Clienten></B>",
            record.repeat(records)
        )
    };
    let text = large(15_000);
    let bytes = zipped(&[("1.xml", text.as_bytes())]);
    let became = read_as(&bytes, &small, 1 << 14);
    assert_eq!(
        became.fault.unwrap(),
        crate::source::fault::DeliveryFault::TooLarge(1)
    );
    // Twice half of it is as much.
    let text = large(7_500);
    let bytes = zipped(&[("1.xml", text.as_bytes()), ("2.xml", text.as_bytes())]);
    assert_eq!(
        read_as(&bytes, &small, 1 << 14).fault.unwrap().rule(),
        "te_groot"
    );
    // Blank space packs to nearly nothing.
    let blank = " ".repeat(1900);
    let text = large(1).replace(
        "</Clienten>",
        &format!("<!--{blank}-->{record}").repeat(2000),
    ) + "";
    let text = text.replace("</B>", "</Clienten></B>");
    let bytes = zipped(&[("1.xml", text.as_bytes())]);
    assert_eq!(
        read_as(&bytes, &in_zip(), 1 << 14).fault.unwrap().rule(),
        "verboden_inhoud"
    );
}

fn client(rows: usize, number: usize) -> String {
    let row = |at: usize| format!("<Start code='{at}'><Begin>2024-01-01</Begin></Start>");
    let rows: String = (0..rows).map(row).collect();
    format!("<Client><Bsn>{number}</Bsn><Starts>{rows}</Starts></Client>")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn pieces_hold_every_row_in_order(rows in proptest::collection::vec(1usize..6, 1..40), piece in 1usize..2000, zipped_too: bool) {
        let clients: String = rows.iter().enumerate().map(|(at, rows)| client(*rows, at)).collect();
        let text = format!("<B xmlns='urn:x/2_1'><Header><Code>418</Code></Header><Clienten>{clients}</Clienten></B>");
        let became = if zipped_too {
            read_as(&zipped(&[("1.xml", text.as_bytes())]), &in_zip(), piece)
        } else {
            read_as(text.as_bytes(), &dialect(), piece)
        };
        let expected: Vec<String> = rows
            .iter()
            .enumerate()
            .flat_map(|(number, rows)| (0..*rows).map(move |at| format!("418|{number}||2024-01-01||{at}")))
            .collect();
        prop_assert_eq!(became.text(), expected);
        prop_assert!(became.told <= became.summary.unwrap().bytes);
    }

    #[test]
    fn no_change_of_a_message_breaks_the_decoder(
        changes in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>(), 0usize..4), 1..6),
        piece in 1usize..400,
    ) {
        let clients: String = (0..4).map(|at| client(2, at)).collect();
        let text = format!("<?xml version='1.0'?><B xmlns='urn:x/2_1'><Header><Code>418</Code></Header><Clienten>{clients}</Clienten></B>");
        for (bytes, dialect) in [
            (text.as_bytes().to_vec(), dialect()),
            (zipped(&[("1.xml", text.as_bytes()), ("2.xml", text.as_bytes())]), in_zip()),
        ] {
            let mut bytes = bytes;
            for (at, byte, how) in &changes {
                let at = at.index(bytes.len());
                match how {
                    0 => bytes[at] = *byte,
                    1 => bytes.insert(at, *byte),
                    2 => { bytes.remove(at); }
                    _ => bytes.truncate(at.max(1)),
                }
            }
            let became = read_as(&bytes, &dialect, piece);
            // Never more rows than were written, and an end of one kind or the other.
            prop_assert!(became.rows.len() <= 20);
            prop_assert!(became.fault.is_some() != became.summary.is_some());
        }
    }
}
