//! Messages in a ZIP, and ZIPs that are refused.

use super::{START, in_zip, message, read_as, zipped};
use crate::contract::model::XmlDialect;
use crate::source::xml::testing::Became;

fn zip(files: &[(&str, &[u8])]) -> Became {
    read_as(&zipped(files), &in_zip(), 1 << 16)
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
