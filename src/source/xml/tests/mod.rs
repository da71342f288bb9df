//! Messages and what becomes of them.

mod packed;

use std::io::{Cursor, Write};

use proptest::prelude::*;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::contract::model::XmlDialect;
use crate::source::format::Headers;
use crate::source::xml::testing::{Became, columns, place, read, version};

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
    read(crate::source::xml::open(
        &path,
        dialect,
        headers,
        piece_bytes,
    ))
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
    let bsn = |text: &str| good.replace("<w:Bsn>1", &format!("<w:Bsn>{text}"));
    for text in [
        good.replace("</w:Bsn>", "</w:bsn>"),
        good.replace("w:Bsn>", "v:Bsn>"),
        good.replace("<w:Start>", "<w:Start code='1' code='2'>"),
        bsn("1 & 2"),
        bsn("&#1;"),
        bsn("]]>"),
        bsn("\u{1}"),
        format!(" {good}"),
        good.replace("version=\"1.0\"", "version=\"1.1\""),
        "tekst".into(),
    ] {
        let fault = "row 1: this is not well-formed XML";
        assert_eq!(xml(&text).fault(), fault, "{text}");
    }
    for more in ["<x/>", "tekst", "&amp;", "<?xml version='1.0'?>"] {
        let fault = "row 2: this is not well-formed XML";
        assert_eq!(xml(&format!("{good}{more}")).fault(), fault, "{more}");
    }
    let cut = xml(&good.replace("</w:Client></w:B>", "</w:Client>"));
    assert!(cut.fault().contains("ends in the middle of row 2"));
    assert_eq!(xml("").fault(), "the delivery is empty");
}

#[test]
fn only_utf_8_is_read() {
    let good = message(&format!("<w:Bsn>1</w:Bsn>{START}"));
    let fault = "row 1 is not UTF-8 text";
    assert_eq!(xml(&good.replace("UTF-8", "ISO-8859-1")).fault(), fault);
    let latin = good.replace("<w:Bsn>1", "<w:Bsn>\u{e9}");
    let latin = latin.chars().map(|c| u8::try_from(u32::from(c)).unwrap());
    let latin: Vec<u8> = latin.collect();
    assert_eq!(read_as(&latin, &dialect(), 99).fault(), fault);
    let nul = good.replace("<w:Bsn>1", "<w:Bsn>\0");
    assert_eq!(xml(&nul).fault(), "row 1 holds a NUL byte");
}

#[test]
fn what_stands_around_the_records_must_be_right() {
    let good = message(&format!("<w:Bsn>1</w:Bsn>{START}"));
    let code = "<w:Code>418</w:Code>";
    let behind = "</w:Client><w:Header><w:Code>1</w:Code></w:Header></w:B>";
    for (text, fault) in [
        (
            good.replace("urn:x/3_2", "urn:x/4_0"),
            "row 1: its namespace is none of those of the pipeline",
        ),
        ("<B/>".into(), "row 1: its root element has no namespace"),
        (
            good.replace("</w:Client></w:B>", behind),
            "row 2: a field of the message stands behind its records",
        ),
        (
            good.replace(code, &code.repeat(2)),
            "row 1: a field of the message stands in it twice",
        ),
    ] {
        assert_eq!(xml(&text).fault(), fault, "{text}");
    }
}

#[test]
fn nothing_is_larger_than_is_accepted() {
    let good = message(&format!("<w:Bsn>1</w:Bsn>{START}"));
    let long = "4".repeat(5000);
    let attributes: Vec<String> = (0..70).map(|n| format!(" a{n}=''")).collect();
    let attributes = attributes.concat();
    let too_long = "row 1 is longer than 2000 bytes; a quote that is never closed does this too";
    for (text, fault) in [
        (good.replace(">418<", &format!(">{long}<")), too_long),
        (good.replace(">1<", &format!(">{long}<")), too_long),
        (good.replace(">1<", &format!("><!--{long}-->1<")), too_long),
        (
            good.replace("<w:Bsn>", &format!("<w:Bsn x='{long}'>")),
            too_long,
        ),
        (
            good.replace("<w:Bsn>", &format!("<w:Bsn{attributes}>")),
            "row 1: an element has more attributes than is accepted",
        ),
        (
            message(&"<w:Naam>".repeat(9)),
            "row 1: its elements are nested deeper than the pipeline accepts",
        ),
    ] {
        assert_eq!(xml(&text).fault(), fault, "{text}");
    }
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
                    2 if bytes.len() > 1 => { bytes.remove(at); }
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
