//! What is a sign of a person, and what only looks like one.

use super::*;
use proptest::prelude::*;

const ALL: Strictness = Strictness {
    eight: true,
    postcodes: true,
    dates: true,
};

fn sign(text: &str) -> Option<&'static str> {
    in_cell(text.as_bytes(), ALL)
}

#[test]
fn what_points_at_a_person() {
    for (what, texts) in [
        (
            BSN,
            &[
                "999990019",
                "9999.90.019",
                "999 990 019",
                "999-990-019",
                "10000008",
                "bsn 999990019",
                "BSN999990019",
                "bsn: 9999.90.019, zie dossier",
                "x999990019y",
            ][..],
        ),
        (
            "an e-mail address",
            &[
                "a@b.nl",
                "mail naar jan.de-vries+x@voorbeeld.co.uk.",
                "<j_d@x.nl>",
            ],
        ),
        (
            "a bank account",
            &[
                "NL91ABNA0417164300",
                "nl91 abna 0417 1643 00",
                "op NL91 ABNA 0417 1643 00 t.n.v.",
                "BE68539007547034",
                "DE89370400440532013000",
            ],
        ),
        (
            "a telephone number",
            &[
                "0612345678",
                "06-12345678",
                "06 12 34 56 78",
                "+31612345678",
                "+31 6 12345678",
                "+31 (0)10 473 12 34",
                "0031 6 1234 5678",
                "010-4731234",
                "(010) 473 12 34",
                "bel 010-4731234.",
                "0181-123456",
            ],
        ),
        (
            "a postcode of six characters",
            &[
                "3111AB",
                "3111 AB",
                "3111ab",
                "3111 AB 12",
                "Dorpsstraat 1, 3111 AB Schiedam",
                "2011 AB 3",
            ],
        ),
        (
            DATE,
            &[
                "12-03-1980",
                "12/3/1980",
                "1-3-1980",
                "1980-03-12",
                "12.03.1980",
                "19800312",
                "12031980",
                "1980-03-12 00:00:00",
                "1980-03-12T10:00",
                "geboren op 3-4-1980 te Schiedam",
                "geb. 03/04/1980.",
            ],
        ),
    ] {
        for text in texts {
            assert_eq!(sign(text), Some(what), "{text}");
        }
    }
}

#[test]
fn what_does_not() {
    for text in [
        "",
        "12",
        "Nieuwland",
        "2024",
        "2024-12",
        "12345678901",
        "1.234.567,89",
        "999990018",
        "12345678",
        "2024 EU",
        "in 2024 WO",
        "WMO 2015",
        "artikel 2.1.1",
        "01-01 12:30",
        "op 06-01-2024 12 mensen",
        "tussen 1-1-2024 en 2-2-2024",
        "x @ y",
        "@wot",
        "a@b",
        "NL91ABNA0417164301",
        "NL91ABNA04171643001",
        "3111",
        "3111-3125",
        "3111SS",
        "0800-1234",
        "GM0606",
        "WK060601",
        "99-99-9999",
        "31-02-2024",
        "12-03-1899",
        "gebied 12",
        "in gebruik sinds 12-3-2024",
        "00000000",
        "100.000.000 euro",
        "v2.10.4731234",
    ] {
        assert_eq!(sign(text), None, "{text}");
    }
}

#[test]
fn what_the_source_may_hold_is_not_looked_for() {
    let loose = Strictness {
        eight: false,
        postcodes: false,
        dates: false,
    };
    for text in ["10000008", "3111AB", "12-03-1980", "geboren 12-03-1980"] {
        assert_eq!(in_cell(text.as_bytes(), loose), None, "{text}");
    }
    assert_eq!(in_cell(b"999990019", loose), Some(BSN));
}

#[test]
fn whole_numbers_and_numbers_within() {
    for (text, expected) in [
        ("123456789", Some((123_456_789, 9))),
        ("012345678", Some((12_345_678, 9))),
        ("12345678", Some((12_345_678, 8))),
        ("1234.56.789", Some((123_456_789, 9))),
        ("1234567", None),
        ("1234567890", None),
        ("12345678-", None),
        ("1234--56789", None),
        ("1234,56789", None),
    ] {
        assert_eq!(whole_number(text.as_bytes()), expected, "{text}");
    }
    let within = |text: &str| {
        let mut found = Vec::new();
        nine_digits(text.as_bytes(), |n| found.push(n));
        found
    };
    assert_eq!(
        within("a123456789b 1234567890 987654321"),
        [123_456_789, 987_654_321]
    );
    assert_eq!(
        within("1234.56.789 en 123 456 789"),
        [123_456_789, 123_456_789]
    );
    assert_eq!(within("1234.56-789 12 345 6789"), [0u32; 0]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn never_panics(text in proptest::collection::vec(any::<u8>(), 0..40)) {
        let _ = in_cell(&text, ALL);
    }

    #[test]
    fn never_panics_on_nearly_right_text(text in "[0-9NLab@. +()T/-]{0,30}") {
        let _ = in_cell(text.as_bytes(), ALL);
    }

    #[test]
    fn a_bsn_is_seen_wherever_it_stands(before in "[a-z :;]{0,9}", behind in "([ ,;.a-z][a-z 0-9]{0,9})?", n in 0usize..500) {
        let bsn = (999_900_000..).filter(|n| bsn::passes(&numbers::digits(*n))).nth(n).unwrap();
        let text = format!("{before}{bsn}{behind}");
        prop_assert!(in_text(text.as_bytes(), ALL).is_some());
    }

    #[test]
    fn every_day_of_a_century_is_seen(days in 0u64..36_000) {
        let day = chrono::NaiveDate::from_ymd_opt(1930, 1, 1).unwrap() + chrono::Days::new(days);
        for format in ["%d-%m-%Y", "%d/%m/%Y", "%Y-%m-%d", "%Y%m%d", "%d%m%Y", "%-d.%-m.%Y"] {
            prop_assert!(full_date(day.format(format).to_string().as_bytes()).is_some());
        }
    }
}
