//! Poison among the values of a column.

use std::sync::Arc;

use arrow::array::{Float64Array, Int64Array};
use parquet::basic::Encoding;
use parquet::file::properties::WriterVersion;
use parquet::schema::types::ColumnPath;

use super::{Copy, Mutation, bsns, mutation};

const BSN: &[&str] = &["inhoud-bsn"];
const BIRTH: &[&str] = &["inhoud-geboortedatum"];
const NAME: &[&str] = &["inhoud-naam"];

/// Texts of a column of text.
fn texts(copy: &Copy, values: impl IntoIterator<Item = String>) {
    let values: Vec<String> = values.into_iter().collect();
    copy.rewrite("hulpvraag", |columns, _| columns.plant("team", &values));
}

fn text(copy: &Copy, value: &str) {
    texts(copy, [value.to_owned()]);
}

/// Numbers of a column of numbers.
fn numbers(copy: &Copy, dictionary: bool, values: impl IntoIterator<Item = i64>) {
    let values: Vec<i64> = values.into_iter().collect();
    copy.rewrite("schuldsignaal", |columns, setup| {
        let rows = columns.rows();
        let all = values.iter().copied().chain(std::iter::repeat(5_000));
        columns.set("bedrag", Arc::new(all.take(rows).collect::<Int64Array>()));
        let properties = std::mem::take(&mut setup.properties);
        setup.properties =
            properties.set_column_dictionary_enabled(ColumnPath::from("bedrag"), dictionary);
    });
}

fn bsn_numbers(count: usize) -> Vec<i64> {
    bsns(count).iter().map(|bsn| bsn.parse().unwrap()).collect()
}

/// BSNs with a zero in front, which eight digits are left of.
fn short() -> Vec<String> {
    let passes = |n: u32| {
        let digits: Vec<u32> = format!("{n:09}")
            .bytes()
            .map(|b| u32::from(b - b'0'))
            .collect();
        let weighed = digits.iter().zip([9, 8, 7, 6, 5, 4, 3, 2, 10]);
        weighed.map(|(d, w)| d * w).sum::<u32>() % 11 == 0
    };
    let numbers = (40_000_000..).filter(|n| passes(*n));
    numbers.take(12).map(|n| n.to_string()).collect()
}

pub fn turned(text: &str) -> String {
    text.chars().rev().collect()
}

pub fn base64(text: &str) -> String {
    base64_of(text.as_bytes())
}

pub fn base64_of(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut coded = String::new();
    for three in bytes.chunks(3) {
        let part = |at: usize| u32::from(three.get(at).copied().unwrap_or(0));
        let number = part(0) << 16 | part(1) << 8 | part(2);
        for at in 0..4usize {
            let letter = LETTERS[(number >> (18 - 6 * at) & 63) as usize];
            coded.push(if at > three.len() {
                '='
            } else {
                char::from(letter)
            });
        }
    }
    coded
}

pub fn hex(text: &str) -> String {
    sluis::hex::encode(text.as_bytes())
}

pub fn url(text: &str) -> String {
    text.bytes()
        .fold(String::new(), |coded, b| format!("{coded}%{b:02x}"))
}

pub fn wide(text: &str) -> String {
    text.chars().flat_map(|c| [c, '\0']).collect()
}

fn each(copy: &Copy, spell: impl Fn(&str) -> String) {
    texts(copy, bsns(12).iter().map(|bsn| spell(bsn)));
}

pub fn mutations() -> Vec<Mutation> {
    [bsns_in_text(), bsns_as_numbers(), others()]
        .into_iter()
        .flatten()
        .collect()
}

fn bsns_in_text() -> Vec<Mutation> {
    vec![
        mutation("bsn: values", BSN, |c| each(c, str::to_owned)),
        mutation("bsn: with dots", BSN, |c| {
            each(c, |b| format!("{}.{}.{}", &b[..4], &b[4..6], &b[6..]));
        }),
        mutation("bsn: with spaces in text", BSN, |c| {
            each(c, |b| format!("zie {} {} {}", &b[..3], &b[3..6], &b[6..]));
        }),
        mutation("bsn: lost zeros", BSN, |c| texts(c, short())),
        mutation("bsn: in text", BSN, |c| {
            each(c, |b| format!("dossier {b} gesloten"));
        }),
        mutation("bsn: one, by its name", BSN, |c| {
            text(c, &format!("bsn {}", bsns(1)[0]));
        }),
        mutation("bsn: backwards", BSN, |c| each(c, turned)),
        mutation("bsn: hexadecimal", BSN, |c| each(c, hex)),
        mutation("bsn: base64", BSN, |c| each(c, base64)),
        mutation("bsn: json in base64", BSN, |c| {
            each(c, |b| base64(&format!("{{\"bsn\":\"{b}\"}}")));
        }),
        mutation("bsn: url", BSN, |c| each(c, url)),
        mutation("bsn: two bytes a character", BSN, |c| each(c, wide)),
        mutation("bsn: base64 of hexadecimal", BSN, |c| {
            each(c, |b| base64(&hex(b)));
        }),
        mutation("bsn: no dictionary", BSN, |c| {
            c.rewrite("hulpvraag", |columns, setup| {
                columns.plant("team", &bsns(12));
                let properties = std::mem::take(&mut setup.properties);
                setup.properties =
                    properties.set_column_dictionary_enabled(ColumnPath::from("team"), false);
            });
        }),
        mutation("bsn: delta encoding", BSN, |c| {
            c.rewrite("hulpvraag", |columns, setup| {
                columns.plant("team", &bsns(12));
                let properties = std::mem::take(&mut setup.properties);
                setup.properties = properties
                    .set_column_dictionary_enabled(ColumnPath::from("team"), false)
                    .set_column_encoding(ColumnPath::from("team"), Encoding::DELTA_BYTE_ARRAY);
            });
        }),
        mutation("bsn: pages of version 2", BSN, |c| {
            c.rewrite("hulpvraag", |columns, setup| {
                columns.plant("team", &bsns(12));
                let properties = std::mem::take(&mut setup.properties);
                setup.properties = properties.set_writer_version(WriterVersion::PARQUET_2_0);
            });
        }),
    ]
}

fn bsns_as_numbers() -> Vec<Mutation> {
    vec![
        mutation("bsn: number", BSN, |c| numbers(c, false, bsn_numbers(12))),
        mutation("bsn: number in a dictionary", BSN, |c| {
            numbers(c, true, bsn_numbers(12));
        }),
        mutation("bsn: number, lost zeros", BSN, |c| {
            numbers(c, false, short().iter().map(|b| b.parse().unwrap()));
        }),
        mutation("bsn: negative number", BSN, |c| {
            numbers(c, false, bsn_numbers(12).iter().map(|n| -n));
        }),
        mutation("bsn: number backwards", BSN, |c| {
            let ends_well = |b: &&String| !b.ends_with('0');
            let turned = |b: &String| turned(b).parse().unwrap();
            numbers(c, false, bsns(20).iter().filter(ends_well).map(turned));
        }),
        mutation("bsn: number in delta encoding", BSN, |c| {
            c.rewrite("schuldsignaal", |columns, setup| {
                let all = bsn_numbers(12).into_iter().cycle().take(columns.rows());
                columns.set("bedrag", Arc::new(all.collect::<Int64Array>()));
                let properties = std::mem::take(&mut setup.properties);
                setup.properties = properties
                    .set_column_dictionary_enabled(ColumnPath::from("bedrag"), false)
                    .set_column_encoding(ColumnPath::from("bedrag"), Encoding::DELTA_BINARY_PACKED);
            });
        }),
        mutation(
            "bsn: number with a point",
            &["inhoud-bsn", "dekking-kolommen"],
            |c| {
                c.rewrite("schuldsignaal", |columns, _| {
                    let all = bsns(12).into_iter().cycle().take(columns.rows());
                    let all = all.map(|b| b.parse::<f64>().unwrap());
                    columns.set("bedrag", Arc::new(all.collect::<Float64Array>()));
                });
            },
        ),
    ]
}

fn others() -> Vec<Mutation> {
    vec![
        mutation("iban", &["inhoud-iban"], |c| text(c, "NL91ABNA0417164300")),
        mutation("iban: in groups, base64", &["inhoud-iban"], |c| {
            text(c, &base64("rek. NL91 ABNA 0417 1643 00"));
        }),
        mutation("e-mail", &["inhoud-email"], |c| {
            text(c, "jan.jansen@voorbeeld.nl");
        }),
        mutation("e-mail: backwards", &["inhoud-email"], |c| {
            text(c, &turned("jan.jansen@voorbeeld.nl"));
        }),
        mutation("e-mail: url", &["inhoud-email"], |c| {
            text(c, "jan.jansen%40voorbeeld.nl");
        }),
        mutation("telephone", &["inhoud-telefoon"], |c| {
            text(c, "06-12345678");
        }),
        mutation(
            "telephone: abroad, hexadecimal",
            &["inhoud-telefoon"],
            |c| {
                text(c, &hex("bel +31612345678"));
            },
        ),
        mutation("telephone: ten digits", &["inhoud-telefoon"], |c| {
            texts(
                c,
                (0..20).map(|n| format!("06{}", 12_345_678 + n * 777_777)),
            );
        }),
        mutation("address", &["inhoud-adres"], |c| text(c, "3111AB 12")),
        mutation("address: street", &["inhoud-adres"], |c| {
            text(c, "Hoogstraat 12, 3111 AB");
        }),
        mutation("address: postcodes", &["inhoud-adres"], |c| {
            texts(
                c,
                ('A'..='Z').map(|letter| format!("311{}A{letter}", u32::from(letter) % 10)),
            );
        }),
        mutation("birth date", BIRTH, |c| text(c, "12-04-1980")),
        mutation("birth date: base64", BIRTH, |c| {
            text(c, &base64("1980-04-12"));
        }),
        mutation("birth date: with the word", BIRTH, |c| {
            text(c, "geboren op 12-4-1980");
        }),
        mutation("birth date: number", BIRTH, |c| {
            numbers(c, false, (0..28).map(|n| 19_500_101 + n * 10_000 + n));
        }),
        mutation("name", NAME, |c| text(c, "Daan de Vries")),
        mutation("name: hexadecimal", NAME, |c| {
            text(c, &hex("Daan de Vries"));
        }),
        mutation("name: initials", NAME, |c| {
            text(c, "mw. A.M. Bakker-Visser");
        }),
        mutation("name: first names", NAME, |c| {
            let names = [
                "Daan", "Sem", "Lucas", "Levi", "Finn", "Emma", "Julia", "Sophie", "Lotte",
            ];
            texts(c, names.map(str::to_owned));
        }),
    ]
}
