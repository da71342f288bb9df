//! What a partner may not send refuses its delivery, whatever the column is called: BSNs in a source
//! without them, anything about a person in a source of counts or things, persons instead of counts.

use std::fmt::Write;

use sluis::run::RunReport;
use sluis::warehouse::journal::DeliveryOutcome::{Geweigerd, Verwerkt};

use crate::nights::Nights;
use crate::small::{HEADER, Small, files_below};
use crate::support::Place;

mod contacts;
mod partners;

/// Whether a number passes the elfproef, zeros put before it.
fn passes(number: u32) -> bool {
    let digits = format!("{number:09}").into_bytes();
    let weights = [9, 8, 7, 6, 5, 4, 3, 2, 10];
    let sum: u32 = digits
        .iter()
        .zip(weights)
        .map(|(d, w)| u32::from(d - b'0') * w)
        .sum();
    sum.is_multiple_of(11)
}

/// Numbers that pass the elfproef, from the range in which Dutch test persons live.
fn bsns() -> impl Iterator<Item = u32> {
    (999_900_000..).filter(|n| passes(*n))
}

/// A delivery of `proef` with these numbers and names.
fn proef(rows: impl IntoIterator<Item = (String, String)>) -> String {
    let mut text = format!("{HEADER}\n");
    for (at, (number, name)) in rows.into_iter().enumerate() {
        let day = at % 28 + 1;
        writeln!(text, "{number};{name};{day:02}-03-2024;oost;{}", at % 100).unwrap();
    }
    text
}

/// What the run says of the one delivery: the whole reason, or nothing when it was taken in.
fn refused(report: &RunReport) -> Option<String> {
    let [record] = report.record.deliveries.as_slice() else {
        panic!("one delivery: {:?}", report.record.deliveries);
    };
    assert_eq!(
        record.outcome == Geweigerd,
        record.reason.is_some(),
        "{record:?}"
    );
    assert!(matches!(record.outcome, Geweigerd | Verwerkt), "{record:?}");
    record.reason.clone()
}

/// The reason for which a delivery of `proef` under these contracts is refused. Nothing of it may be
/// anywhere else.
fn verdict(small: &Small, text: &str) -> Option<String> {
    let mut nights = Nights::new(small);
    nights.deliver("proef", "20240401", text);
    let reason = refused(&nights.run());
    if let Some(reason) = &reason {
        assert!(nights.place.current().is_none(), "published: {reason}");
        assert!(!reason.contains("9999"), "{reason}");
        for (path, bytes) in files_below(&nights.place.warehouse()) {
            let found = memchr::memmem::find(&bytes, b"99990").is_some();
            assert!(!found, "{path} holds a number of the delivery");
        }
    }
    reason
}

#[test]
fn bsns_in_a_source_without_them_refuse_it_under_whatever_name() {
    let small = Small::new();
    let person = |n: usize| format!("Zoë Geheimenaar {n}");
    let spell: [fn(u32) -> String; 5] = [
        |bsn| bsn.to_string(),
        |bsn| {
            let text = bsn.to_string();
            format!("{}.{}.{}", &text[..4], &text[4..6], &text[6..])
        },
        |bsn| {
            let text = bsn.to_string();
            format!("{} {} {}", &text[..3], &text[3..6], &text[6..])
        },
        |bsn| format!("BSN{bsn}"),
        |bsn| format!("D-{bsn}-24"),
    ];
    for spell in spell {
        // In a column that becomes a pseudonym.
        let text = proef(bsns().take(40).map(spell).zip((0..).map(person)));
        let reason = verdict(&small, &text).expect("refused");
        assert!(
            reason.starts_with("verborgen_bsn: column `nummer` "),
            "{reason}"
        );
        assert!(reason.contains("40 of 40"), "{reason}");
        // In free text, which is dropped.
        let within = bsns()
            .take(40)
            .map(|bsn| format!("belt over {} (nicht)", spell(bsn)));
        let text = proef((0..).map(|n| format!("C-{n:05}")).zip(within));
        let reason = verdict(&small, &text).expect("refused");
        assert!(
            reason.starts_with("verborgen_bsn: column `naam` "),
            "{reason}"
        );
    }
    // Numbers that lost their zero.
    let short = (10_000_000u32..).filter(|n| passes(*n)).take(12);
    let text = proef(short.map(|n| n.to_string()).zip((0..).map(person)));
    let reason = verdict(&small, &text).expect("refused");
    assert!(reason.starts_with("verborgen_bsn"), "{reason}");
    // A delivery of six rows is enough, five say nothing yet.
    let few = |n| proef(bsns().take(n).map(|b| b.to_string()).zip((0..).map(person)));
    assert!(verdict(&small, &few(6)).is_some());
    let mut nights = Nights::new(&small);
    nights.deliver("proef", "20240401", &few(5));
    assert_eq!(refused(&nights.run()), None);
}

/// Spread over the delivery, behind many rows, in pieces of their own: the whole is judged, not a piece.
#[test]
fn bsns_are_seen_among_other_numbers_and_across_pieces() {
    let small = Small::new();
    let mixed = |every: usize| {
        let mut bsn = bsns();
        let numbers = (0u32..4_000).map(move |at| {
            if (at as usize).is_multiple_of(every) {
                bsn.next().unwrap().to_string()
            } else {
                (123_456_789 + at * 7_919).to_string()
            }
        });
        proef(numbers.map(|n| (n, "Zoë".to_owned())))
    };
    for piece in [1 << 20, 500] {
        let night = |text: &str| {
            let nights = Nights::new(&small);
            nights.deliver("proef", "20240401", text);
            let mut night = crate::small::Night::new(&nights.place, &nights.contracts);
            night.piece = piece;
            refused(&night.run())
        };
        let reason = night(&mixed(8)).expect("refused");
        assert!(
            reason.starts_with("verborgen_bsn: column `nummer`"),
            "{reason}"
        );
        // One in a hundred is what a table of BSNs never is; ordinary numbers pass as well.
        assert_eq!(night(&mixed(100)), None);
        assert_eq!(night(&mixed(5_000)), None);
    }
}

#[test]
fn a_source_that_may_send_bsns_is_not_watched() {
    let small = Small::new().with(
        "config/dpia.toml",
        "[source.proef]\npurpose = \"Proef.\"\nlegal_basis = \"Geen.\"\nbsn = false",
        "[source.proef]\npurpose = \"Proef.\"\nlegal_basis = \"Wmo.\"\nbsn = true",
    );
    let text = proef(
        bsns()
            .take(40)
            .map(|b| (b.to_string(), format!("belt over {b}"))),
    );
    let mut nights = Nights::new(&small);
    nights.deliver("proef", "20240401", &text);
    assert_eq!(refused(&nights.run()), None);
}

#[test]
fn a_refused_delivery_leaves_the_good_one_in_its_place() {
    let mut nights = Nights::new(&Small::new());
    nights.deliver("proef", "20240301", &crate::small::rows(0..60));
    nights.run();
    let before = nights.content();
    let text = proef(bsns().take(60).map(|b| (b.to_string(), "x".to_owned())));
    nights.deliver("proef", "20240401", &text);
    let report = nights.run();
    let newest = report
        .record
        .deliveries
        .iter()
        .find(|d| d.order == "20240401");
    let reason = newest.unwrap().reason.clone().unwrap();
    assert!(reason.starts_with("verborgen_bsn"), "{reason}");
    assert_eq!(nights.content(), before);
}

/// A source of counts: a month, a kind, how many, and a remark.
const CONTRACT: &str = r#"id = "telling"
title = "Telling"
partner = "proef"
version = "1"
documentation = "Aantallen per maand en soort."
key = ["maand", "soort"]
[[column]]
name = "maand"
type = "datum"
format = "jjjj-mm"
class = "gewoon"
treatment = "behouden"
required = true
documentation = "Maand."
[[column]]
name = "soort"
type = "keuze"
values = ["a", "b", "c"]
class = "gewoon"
treatment = "behouden"
documentation = "Soort."
[[column]]
name = "aantal"
type = "geheel"
min = 0
max = 100000
class = "gewoon"
treatment = "behouden"
required = true
documentation = "Hoeveel."
[[column]]
name = "opmerking"
type = "tekst"
max_bytes = 400
class = "gewoon"
treatment = "weglaten"
documentation = "Valt weg."
"#;

const PIPELINE: &str = r#"source = "telling"
[delivery]
channel = "folder"
pattern = "telling_{datum}.csv"
mode = "full"
checksum = "none"
[format]
kind = "csv"
encoding = "utf-8"
delimiter = ";"
[limits]
max_refused_percent = 50.0
"#;

const TABLE: &str = r#"name = "telling"
title = "Telling"
documentation = "Aantallen."
key = []
partition = ["jaar"]
[[column]]
name = "jaar"
type = "geheel"
required = true
documentation = "Jaar."
[[column]]
name = "maand"
type = "datum"
documentation = "Maand."
[[column]]
name = "soort"
type = "tekst"
documentation = "Soort."
[[column]]
name = "aantal"
type = "geheel"
documentation = "Hoeveel."
"#;

const MAPPING: &str =
    "SELECT CAST(date_part('year', maand) AS BIGINT) AS jaar, maand, soort, aantal FROM levering\n";

const REGISTER: &str = r#"[register]
version = "0.1"
adopted = ""
controller = "Gemeente"
[class.gewoon]
description = "Wijst niemand aan."
treatments = ["behouden", "weglaten"]
[source.telling]
purpose = "Proef."
legal_basis = "Geen."
bsn = false
subject = "aantallen"
raw_retention_days = 7
[source.telling.columns]
maand = { class = "gewoon", treatment = "behouden" }
soort = { class = "gewoon", treatment = "behouden" }
aantal = { class = "gewoon", treatment = "behouden" }
opmerking = { class = "gewoon", treatment = "weglaten" }
"#;

/// A place with the source of counts, in which the register calls its subject so.
struct Counts {
    place: Place,
    setting: String,
}

impl Counts {
    fn new(subject: &str) -> Self {
        let register = REGISTER.replace("\"aantallen\"", &format!("\"{subject}\""));
        let place = Place::new();
        let setting = place.contracts(&[
            ("schemas/sources/telling.toml", CONTRACT),
            ("pipelines/telling/pipeline.toml", PIPELINE),
            ("pipelines/telling/telling.sql", MAPPING),
            ("schemas/tables/telling.toml", TABLE),
            ("config/dpia.toml", &register),
        ]);
        Self { place, setting }
    }

    /// Delivers rows and runs; the reason of the refusal, and the rows refused.
    fn night(&self, rows: &str) -> (Option<String>, u64) {
        let text = format!("maand;soort;aantal;opmerking\n{rows}");
        self.place
            .deliver("telling", "telling_20240401.csv", text.as_bytes());
        let answer = self.place.sluis(&["--set", &self.setting, "run", "--json"]);
        assert!(matches!(answer.code, 0 | 3), "{}", answer.stderr);
        let record = &answer.json()["deliveries"][0];
        let reason = record["reason"].as_str().map(str::to_owned);
        (reason, record["rows_refused"].as_u64().unwrap())
    }
}

/// Good rows: so many, no two of the same month and kind.
fn good(rows: usize) -> String {
    let row = |at: usize| {
        let (year, month) = (1900 + at / 36, at / 3 % 12 + 1);
        let kind = ["a", "b", "c"][at % 3];
        format!("{year}-{month:02};{kind};{};\n", at % 40)
    };
    (0..rows).map(row).collect()
}

#[test]
fn one_value_about_a_person_refuses_a_source_of_counts_or_things() {
    // What, and where; `!` where only counts may not hold it.
    let cases = [
        ("a number that passes the elfproef", "2024-01;a;999990019;"),
        ("a number that passes the elfproef", "2024-01;999990019;1;"),
        (
            "a number that passes the elfproef",
            "2024-01;a;1;bsn 9999.90.019",
        ),
        ("a number that passes the elfproef", "999990019;a;1;"),
        ("!a number that passes the elfproef", "2024-01;a;10000008;"),
        (
            "an e-mail address",
            "2024-01;a;1;\"stuur naar \"\"z.naar@voorbeeld.nl\"\"\"",
        ),
        ("a bank account", "2024-01;a;1;NL91 ABNA 0417 1643 00"),
        ("a telephone number", "2024-01;a;1;bel 06-12345678"),
        ("a postcode of six characters", "2024-01;3111 AB;1;"),
        (
            "a postcode of six characters",
            "2024-01;a;1;Hoogstraat 3, 3111AB",
        ),
        ("a full date", "2024-01;12-03-1980;1;"),
        ("a full date", "2024-01;a;1;geboren op 12-03-1980"),
        // In a row that is no record at all.
        ("an e-mail address", "2024-01;a;z.naar@voorbeeld.nl"),
    ];
    for subject in ["aantallen", "zaken"] {
        let counts = Counts::new(subject);
        for (what, row) in cases {
            let may = subject == "zaken" && what.starts_with('!');
            let what = what.trim_start_matches('!');
            let rows = format!("{}{row}\n", good(200));
            let (reason, refused) = counts.night(&rows);
            if may {
                assert!(
                    reason.is_none() && refused == 1,
                    "{subject} {row}: {reason:?}"
                );
                continue;
            }
            let reason = reason.unwrap_or_else(|| panic!("{subject} takes {row}"));
            assert!(reason.starts_with("identificerend: "), "{row}: {reason}");
            assert!(
                reason.contains(what) && reason.contains("row 201"),
                "{row}: {reason}"
            );
            for (path, bytes) in files_below(&counts.place.warehouse()) {
                for value in ["999990019", "voorbeeld", "ABNA", "12345678", "3111", "1980"] {
                    assert!(!tells(&bytes, value), "{path} holds {value}");
                }
            }
        }
    }
}

#[test]
fn ordinary_mistakes_and_remarks_cost_a_row_at_most() {
    let counts = Counts::new("aantallen");
    for (row, refused) in [
        ("2024-01;a;1;niets bijzonders in 2024, zie artikel 2.1.1", 0),
        (
            "2024-01;a;1;overleg op 12-03-2024 met het WOT @ Nieuwland",
            0,
        ),
        ("2024-01;d;1;", 1),
        ("2024-01;a;veel;", 1),
        ("2024-1;a;1;", 1),
        ("2024-03-12;a;1;", 1),
        ("2024-01;a;1", 1),
        ("1900-01;a;5;", 1), // a second row of the same month and kind
    ] {
        let (reason, found) = counts.night(&format!("{}{row}\n", good(200)));
        assert_eq!((reason, found), (None, refused), "{row}");
    }
}

#[test]
fn rows_about_persons_refuse_a_source_of_counts() {
    let counts = Counts::new("aantallen");
    let rule = |rows: &str| {
        let (reason, _) = counts.night(rows);
        reason.map(|r| {
            let (rule, _) = r
                .split_once(": the delivery holds rows about persons")
                .unwrap();
            assert_eq!(rule, "personen_in_aantallen");
            r.rsplit(": ").next().unwrap().to_owned()
        })
    };
    // Every row counts one.
    let ones = |rows: usize| -> String {
        let year = |at: usize| 1900 + at;
        let rows: Vec<String> = (0..rows)
            .map(|at| format!("{}-01;a;1;\n", year(at)))
            .collect();
        rows.concat()
    };
    assert_eq!(rule(&ones(20)).as_deref(), Some("every row counts one"));
    assert_eq!(rule(&ones(19)), None, "too few to say");
    assert_eq!(
        rule(&format!("{}2024-05;b;0;\n", ones(40))),
        None,
        "no person is a zero"
    );
    assert_eq!(rule(&format!("{}2024-05;b;2;\n", ones(40))), None);
    // A row for each person of the same month and kind.
    let doubled = |rows: usize, doubles: usize| good(rows) + &good(doubles);
    assert_eq!(
        rule(&doubled(100, 30)).as_deref(),
        Some("many rows have the key of another")
    );
    assert_eq!(rule(&doubled(100, 5)), None, "slips");
    // Days instead of months.
    let days = |rows: usize| -> String {
        let row = |at: usize| format!("2024-02-{:02};a;3;\n", at % 27 + 2);
        let rows: Vec<String> = (0..rows).map(row).collect();
        rows.concat()
    };
    assert_eq!(
        rule(&(good(40) + &days(10))).as_deref(),
        Some("dates are days where the contract asks for a month or a year")
    );
    assert_eq!(rule(&(good(200) + &days(2))), None, "slips");
}

/// Whether the bytes hold the value, elsewhere than in the middle of a digest: four digits stand in one of
/// them by chance often enough.
fn tells(bytes: &[u8], value: &str) -> bool {
    let hexadecimal = |at: Option<usize>| {
        at.and_then(|at| bytes.get(at))
            .is_some_and(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(b))
    };
    memchr::memmem::find_iter(bytes, value.as_bytes())
        .any(|at| !(hexadecimal(at.checked_sub(1)) && hexadecimal(Some(at + value.len()))))
}

#[test]
fn a_year_in_a_digest_tells_nothing_and_one_in_a_date_does() {
    assert!(tells(b"12-03-1980;", "1980") && tells(b"1980", "1980") && tells(b"3111AB", "3111"));
    assert!(!tells(b"\"0f1980c7\"", "1980"));
}
