use proptest::prelude::*;

use crate::contract::model::{EiCount, EiDialect, EiField, Encoding};
use crate::source::format::Headers;
use crate::source::xml::testing::{Became, columns, place, read, version};

const WIDTH: usize = 24;

fn dialect() -> EiDialect {
    let field = |record: &str, header: &str, from, length| EiField {
        record: record.into(),
        header: header.into(),
        from,
        length,
    };
    let count = |record: &str, from| EiCount {
        record: record.into(),
        from,
        length: 4,
    };
    EiDialect {
        encoding: Encoding::Windows1252,
        line_bytes: WIDTH,
        header: "01".into(),
        person: "02".into(),
        rows: vec!["07".into(), "06".into()],
        trailer: "99".into(),
        fields: vec![
            field("01", "Afzender", 3, 8),
            field("02", "Bsn", 3, 9),
            field("02", "Naam", 13, 10),
            field("07", "Begin", 3, 8),
            field("06", "Begin", 3, 8),
            field("06", "Eind", 11, 8),
        ],
        counts: vec![
            count("", 3),
            count("02", 7),
            count("07", 11),
            count("06", 15),
        ],
        max_row_bytes: 400,
    }
}

fn read_as(bytes: &[u8], dialect: &EiDialect, piece_bytes: usize) -> Became {
    let (_folder, path) = place(bytes);
    let columns = columns(&["Afzender", "Bsn", "Naam", "Begin", "Eind"]);
    let version = version();
    let headers = Headers {
        columns: &columns,
        version: &version,
    };
    read(super::open(&path, dialect, headers, piece_bytes))
}

fn ei(text: &str) -> Became {
    read_as(text.as_bytes(), &dialect(), 1 << 16)
}

/// Lines padded to the width of the pipeline.
fn lines(lines: &[&str]) -> String {
    let lines: Vec<String> = lines
        .iter()
        .map(|line| format!("{line:WIDTH$}\r\n"))
        .collect();
    lines.concat()
}

const FILE: [&str; 7] = [
    "01ROGPLUS",
    "02999990019 Jansen",
    "0720240101",
    "062024010120240601",
    "02999990020 de Vries",
    "0720240201",
    "990007000200020001",
];

#[test]
fn rows_carry_what_stands_above_them() {
    let rows = [
        "ROGPLUS|999990019|Jansen|20240101|",
        "ROGPLUS|999990019|Jansen|20240101|20240601",
        "ROGPLUS|999990020|de Vries|20240201|",
    ];
    for text in [
        lines(&FILE),
        lines(&FILE).replace('\r', ""),
        lines(&FILE).trim_end_matches(['\r', '\n']).to_owned(),
    ] {
        for piece in [1, 50, 1 << 16] {
            let became = read_as(text.as_bytes(), &dialect(), piece);
            assert_eq!(became.fault, None);
            assert_eq!(became.text(), rows);
            let summary = became.summary.unwrap();
            assert_eq!(summary.bytes, text.len() as u64);
            assert_eq!(summary.sha256, {
                use sha2::Digest;
                crate::hex::encode(&sha2::Sha256::digest(&text))
            });
        }
    }
    let utf8 = EiDialect {
        encoding: Encoding::Utf8,
        ..dialect()
    };
    let marked = format!("\u{feff}{}", lines(&FILE));
    assert_eq!(read_as(marked.as_bytes(), &utf8, 99).text(), rows);
    assert_eq!(
        ei(&marked).fault(),
        "row 1 has a field that is not in the contract"
    );
}

#[test]
fn a_row_of_the_wrong_length_or_without_a_person_costs_itself() {
    let good = lines(&FILE);
    let short = good.replacen(&format!("{:WIDTH$}", "0720240101"), "0720240101", 1);
    assert_eq!(ei(&short).text()[0], "!");
    let long = good.replacen(
        &format!("{:WIDTH$}", "0720240101"),
        &format!("{:30}", "0720240101"),
        1,
    );
    assert_eq!(ei(&long).text()[0], "!");
    assert_eq!(ei(&long).fault, None);
    let orphan = lines(&[
        "01ROGPLUS",
        "0720240101",
        "02999990019",
        "0720240101",
        "990005000100020000",
    ]);
    assert_eq!(ei(&orphan).text(), ["!", "ROGPLUS|999990019||20240101|"]);
    let silent = lines(&[
        "01ROGPLUS",
        "02999990019",
        "02999990020",
        "990004000200000000",
    ]);
    assert_eq!(ei(&silent).text(), ["!", "!"]);
    assert_eq!(ei(&silent).fault, None);
}

#[test]
fn what_rows_hang_on_must_be_right() {
    let with = |at: usize, line: &str| {
        let mut file = FILE;
        file[at] = line;
        lines(&file)
    };
    let raw = |at: usize, line: &str| {
        let mut file: Vec<String> = FILE.iter().map(|line| format!("{line:WIDTH$}")).collect();
        file[at] = line.into();
        file.join("\n")
    };
    for (text, fault) in [
        (
            raw(0, "01ROGPLUS"),
            "row 1: the header is not as long as the pipeline says",
        ),
        (
            raw(1, "02999990019 Jansen"),
            "row 1: the record of a person is not as long as the pipeline says",
        ),
        (
            raw(6, "990007000200020001"),
            "row 4: the trailer is not as long as the pipeline says",
        ),
        (raw(4, "0"), "row 3: a line is too short to be a record"),
        (raw(4, ""), "row 3: a line is too short to be a record"),
        (
            with(0, "02999990019"),
            "row 1: the first record is not the header",
        ),
        (
            with(4, "01ROGPLUS"),
            "row 3: the header comes a second time",
        ),
        (
            with(4, "98tekst"),
            "row 3 has a field that is not in the contract",
        ),
        (
            with(0, "01ROGPLUS  x"),
            "row 1 has a field that is not in the contract",
        ),
        (
            with(2, "0720240101x"),
            "row 1 has a field that is not in the contract",
        ),
        (
            with(5, "0720240101x"),
            "row 3 has a field that is not in the contract",
        ),
        (
            with(6, "990007000200020001x"),
            "row 4 has a field that is not in the contract",
        ),
        (
            with(6, "990008000200020001"),
            "the trailer counts 8 records, there are 7",
        ),
        (
            with(6, "990007000200030001"),
            "the trailer counts 3 records 07, there are 2",
        ),
        (
            with(6, "990007000200020000"),
            "the trailer counts 0 records 06, there are 1",
        ),
        (
            with(6, "990007    00020001"),
            "row 4: a count of the trailer is no number",
        ),
        (
            with(6, "99000700-200020001"),
            "row 4: a count of the trailer is no number",
        ),
        (
            lines(&FILE) + "\n",
            "row 4: something stands behind the trailer",
        ),
        (
            lines(&FILE) + "\u{1a}",
            "row 4: something stands behind the trailer",
        ),
        (
            lines(&FILE) + &lines(&FILE),
            "row 4: something stands behind the trailer",
        ),
        (
            "07".repeat(300),
            "row 1 is longer than 400 bytes; a quote that is never closed does this too",
        ),
        (String::new(), "the delivery is empty"),
    ] {
        for piece in [1, 1 << 16] {
            let became = read_as(text.as_bytes(), &dialect(), piece);
            assert_eq!(became.fault(), fault, "{text}");
        }
    }
    let cut = lines(&FILE[..6]);
    assert_eq!(ei(&cut).fault.unwrap().rule(), "afgebroken_bestand");
}

#[test]
fn the_layout_must_fit_the_contract() {
    let mut none = dialect();
    none.fields.retain(|field| field.header != "Naam");
    assert_eq!(
        read_as(b"01", &none, 9).fault.unwrap().rule(),
        "ontbrekende_kolom"
    );
    let mut stray = dialect();
    stray.fields[2].header = "Nieuw".into();
    assert_eq!(
        read_as(b"01", &stray, 9).fault.unwrap().rule(),
        "onbekende_kolom"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn every_row_is_counted(persons in proptest::collection::vec((1usize..5, 0usize..4), 1..30), piece in 1usize..600) {
        let mut file = vec!["01ROGPLUS".to_owned()];
        for (starts, stops) in &persons {
            file.push("02999990019".into());
            file.extend(std::iter::repeat_n("0720240101".into(), *starts));
            file.extend(std::iter::repeat_n("062024010120240601".into(), *stops));
        }
        let (starts, stops) = persons.iter().fold((0, 0), |(a, b), (c, d)| (a + c, b + d));
        file.push(format!("99{:04}{:04}{starts:04}{stops:04}", file.len() + 1, persons.len()));
        let file: Vec<&str> = file.iter().map(String::as_str).collect();
        let became = read_as(lines(&file).as_bytes(), &dialect(), piece);
        prop_assert_eq!(became.fault(), "none");
        prop_assert_eq!(became.rows.len(), starts + stops);
        prop_assert!(became.rows.iter().all(Option::is_some));
    }

    #[test]
    fn no_change_of_a_file_breaks_the_decoder(
        changes in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>(), 0usize..4), 1..6),
        piece in 1usize..200,
    ) {
        let mut bytes = lines(&FILE).into_bytes();
        for (at, byte, how) in changes {
            let at = at.index(bytes.len());
            match how {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                2 if bytes.len() > 1 => { bytes.remove(at); }
                _ => bytes.truncate(at.max(1)),
            }
        }
        let became = read_as(&bytes, &dialect(), piece);
        prop_assert!(became.rows.len() <= 10);
        prop_assert!(became.fault.is_some() != became.summary.is_some());
    }
}
