//! What passes the guard, and what does not.

use super::*;

fn read(xml: &str) -> Result<(), DeliveryFault> {
    part(xml.as_bytes(), &mut Bounds::new(1 << 20))
}

#[test]
fn what_excel_writes_passes() {
    for xml in [
        "<worksheet><dimension ref=\"A1:XFD1048576\"/><sheetData><row r=\"1\"><c r=\"A1\" t=\"n\"><v>-1.5E-3</v></c></row></sheetData></worksheet>",
        "<dimension ref=\"A1\"/>",
        "<c t=\"n\"><f>SUM(A1:B2)</f><v>3</v></c>",
        "<sst uniqueCount=\"2\"><si><t>a &amp; &#233;</t></si></sst>",
        "<x:c xmlns:x=\"y\" r=\"b2\"><x:v>1</x:v></x:c>",
        "<Relationship Type=\"a/hyperlink\" Target=\"mailto:x\"/>",
        "<Relationship Type=\"a/worksheet\" Target=\"/xl/Sheet1.XML\"/>",
    ] {
        assert_eq!(read(xml), Ok(()), "{xml}");
    }
}

#[test]
fn what_could_harm_calamine_does_not() {
    let many = format!("<numFmt formatCode=\"{}\"/>", "[".repeat(300));
    let long = format!("<name val=\"{}\"/>", "x".repeat(MAX_KEPT_TAG));
    for xml in [
        "<c r=\"AAAAAAAAA1\"/>",
        "<c r=\"XFE1\"/>",
        "<c r=\"A0\"/>",
        "<c r=\"A\"/>",
        "<c r=\"1\"/>",
        "<c r=\"A1048577\"/>",
        "<c r=\"A99999999999\"/>",
        "<c t=\"b\" r=\"é1\"/>",
        "<row r=\"0\"/>",
        "<row r=\"99999999999\"/>",
        "<dimension ref=\"B2:A1\"/>",
        "<dimension ref=\"A1:B2:C3\"/>",
        "<dimension ref=\"\"/>",
        "<c t=\"n\"><v>+1</v></c>",
        "<c t=\"n\"><v>veel</v></c>",
        "<c r=A1/>",
        "<Relationship Type=\"a/worksheet\" Target=\"media/a.png\"/>",
        "<a><b",
        "<c t=\"str\"><v>a</c></v>",
        &"<a>".repeat(1000),
        &many,
        &long,
    ] {
        let found = read(xml);
        assert!(
            matches!(found, Err(DeliveryFault::Structure { .. })),
            "{xml}: {found:?}"
        );
    }
    assert_eq!(
        read("<sst uniqueCount=\"99999999999999999\"/>"),
        Err(DeliveryFault::TooLarge(1))
    );
}

#[test]
fn document_types_and_entities_are_refused() {
    for xml in [
        "<!DOCTYPE a><a/>",
        "<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>",
        "<a>&b;</a>",
    ] {
        let found = read(xml);
        assert!(
            matches!(found, Err(DeliveryFault::Forbidden { .. })),
            "{xml}"
        );
    }
}

#[test]
fn what_comes_out_is_counted() {
    let endless = || io::repeat(b'x');
    let bounded = |max| part(b"<a>".chain(endless()), &mut Bounds::new(max));
    assert_eq!(bounded(1 << 20), Err(DeliveryFault::TooLarge(1)));
    assert_eq!(bounded(1 << 30), Err(LONG));
    let comments = "<!---->".repeat(1 << 20);
    assert_eq!(
        part(
            format!("<c>{comments}</c>").as_bytes(),
            &mut Bounds::new(1 << 30)
        ),
        Err(LONG)
    );
    let strings = "<si/>".repeat(1 << 15);
    assert_eq!(read(&strings), Err(DeliveryFault::TooLarge(1)));
    let formats = format!(
        "<name val=\"{}\"/>{}",
        "x".repeat(8000),
        "<xf/>".repeat(20_000)
    );
    assert_eq!(read(&formats), Err(MANY));
    // Exactly as much as is accepted.
    let exact = format!("<a>{}</a>", "x".repeat((1 << 20) - 7));
    assert_eq!(read(&exact), Ok(()));
}
