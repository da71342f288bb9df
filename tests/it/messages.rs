//! What Rogplus sends: allocations, starts and stops in XML, and the history in EI.

use std::fs;
use std::io::{Cursor, Write};

use serde_json::{Value, json};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::support::{Answer, Place};

const SOURCES: [&str; 3] = ["rogplus-toewijzing", "rogplus-wmo", "rogplus-historie"];

/// A place with the demo's deliveries of postcodes, and of these sources.
fn place(sources: &[&str]) -> Place {
    let place = Place::with_demo();
    for folder in fs::read_dir(place.landing()).unwrap() {
        let folder = folder.unwrap();
        let name = folder.file_name().into_string().unwrap();
        if !name.starts_with("cbs-") && !sources.contains(&name.as_str()) {
            fs::remove_dir_all(folder.path()).unwrap();
        }
    }
    place
}

fn zip(texts: &[String]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (at, text) in texts.iter().enumerate() {
        zip.start_file(format!("{at}.xml"), SimpleFileOptions::default())
            .unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// A message of iWmo 3.2 (`301`, `305` or `307`) about one product of one client.
fn message(kind: &str, bsn: &str, client: &str, product: &str) -> String {
    let (code, outer, inner) = match kind {
        "301" => ("414", "ToegewezenProducten", "ToegewezenProduct"),
        "305" => ("418", "StartProducten", "StartProduct"),
        _ => ("420", "StopProducten", "StopProduct"),
    };
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><w:Bericht xmlns:w=\"http://www.istandaarden.nl/iwmo/3_2/wmo{kind}/schema\"><w:Header><w:BerichtCode>{code}</w:BerichtCode></w:Header><w:Client><w:Bsn>{bsn}</w:Bsn>{client}<w:{outer}><w:{inner}>{product}</w:{inner}></w:{outer}></w:Client></w:Bericht>"
    )
}

/// Fields in the order of their names, as elements.
fn fields(fields: &[(&str, &str)]) -> String {
    let field = |(name, value): &(&str, &str)| match name.split_once('/') {
        Some((group, name)) => format!("<w:{group}><w:{name}>{value}</w:{name}></w:{group}>"),
        None => format!("<w:{name}>{value}</w:{name}>"),
    };
    fields.iter().map(field).collect()
}

fn allocation(bsn: &str, number: &str, postcode: &str) -> String {
    let client = format!(
        "<w:Contacten><w:Contact><w:Adres><w:Postcode>{postcode}</w:Postcode></w:Adres></w:Contact></w:Contacten>"
    );
    let product = fields(&[
        ("ToewijzingNummer", number),
        ("Product/Categorie", "02"),
        ("ToewijzingIngangsdatum", "2024-01-01"),
    ]);
    message("301", bsn, &client, &product)
}

fn start(bsn: &str, number: &str, begin: &str, status: &str) -> String {
    let born = "<w:Geboortedatum><w:Datum>1980-05-05</w:Datum></w:Geboortedatum>";
    let number = if number.is_empty() {
        String::new()
    } else {
        fields(&[("ToewijzingNummer", number)])
    };
    let product = fields(&[
        ("Product/Categorie", "02"),
        ("Begindatum", begin),
        ("StatusAanlevering", status),
    ]);
    message("305", bsn, born, &(number + &product))
}

fn stop(bsn: &str, number: &str, begin: &str, status: &str) -> String {
    let product = fields(&[
        ("ToewijzingNummer", number),
        ("Product/Categorie", "02"),
        ("Begindatum", begin),
        ("Einddatum", "2024-05-31"),
        ("RedenBeeindiging", "31"),
        ("StatusAanlevering", status),
    ]);
    message("307", bsn, "", &product)
}

const ONE: &str = "999990019";
const TWO: &str = "999990020";

fn deliver(place: &Place, source: &str, date: &str, texts: &[String]) {
    place.deliver(source, &format!("{source}_{date}.zip"), &zip(texts));
}

fn provisions(place: &Place) -> Vec<Value> {
    place.sql(
        "select wijk, leeftijdsgroep, startdatum, einddatum, reden_einde from magazijn.voorziening \
         where bron = 'rogplus-wmo' order by startdatum, einddatum",
    )
}

/// The first postcode of a wijk in the demo's reference data.
fn postcode(place: &Place, wijk: &str) -> String {
    let found = place.sql(&format!(
        "select min(postcode) as postcode from magazijn.postcode where wijk = '{wijk}' and length(postcode) = 6"
    ));
    found[0]["postcode"].as_str().unwrap().to_owned()
}

#[test]
fn the_demo_says_the_same_in_both_generations_and_in_ei() {
    let place = place(&SOURCES);
    // Refused rows and three refused deliveries are part of it.
    place.sluis(&["run"]).must_exit(3);
    let count =
        |what: &str| place.sql(&format!("select count(*) as n from {what}"))[0]["n"].clone();
    // 80 persons a generation; 4 allocations were a mistake.
    assert_eq!(count("magazijn.toewijzing"), 156);
    let of = |source: &str| format!("magazijn.voorziening where bron = '{source}'");
    // 80 of 2020; of 2024 76 began, 2 are refused rows and 10 were deleted.
    assert_eq!(count(&of("rogplus-wmo")), 144);
    // 40 stops of 2020, 19 of 2024; what stopped by mistake runs on.
    let stopped = format!("{} and einddatum is not null", of("rogplus-wmo"));
    assert_eq!(count(&stopped), 59);
    // 8 deleted, of which one on a line that is too short.
    assert_eq!(count(&of("rogplus-historie")), 73);
    // The wijk is that of the allocation, also where the start names none.
    let elsewhere = "magazijn.voorziening v join magazijn.toewijzing t on v.nummer = t.nummer \
                     where v.bron = 'rogplus-wmo' and v.wijk <> t.wijk";
    assert_eq!(count(elsewhere), 0);
    let together = "magazijn.voorziening v join magazijn.toewijzing t on v.nummer = t.nummer \
                    where v.bron = 'rogplus-wmo' and v.client = t.client";
    assert_eq!(count(together), 144);
    let refused = place.sql(
        "select bron, datum, reden from beheer.leveringen where uitkomst = 'geweigerd' order by bron, datum",
    );
    let rules: Vec<Value> = refused
        .iter()
        .map(|row| {
            let reason = row["reden"].as_str().unwrap();
            json!([row["bron"], row["datum"], reason.split(':').next()])
        })
        .collect();
    assert_eq!(
        rules,
        [
            json!(["rogplus-historie", "20200115", "sluitrecord"]),
            json!(["rogplus-wmo", "20241001", "verboden_inhoud"]),
            json!(["rogplus-wmo", "20241002", "onbekende_kolom"]),
        ]
    );
    let rows = place.sql(
        "select bron, kolom, regel, rijen from beheer.weigeringen order by bron, kolom, regel",
    );
    assert_eq!(
        rows,
        [
            json!({"bron": "rogplus-historie", "kolom": null, "regel": "opbouw", "rijen": 1}),
            json!({"bron": "rogplus-wmo", "kolom": "bsn", "regel": "elfproef", "rijen": 1}),
            json!({"bron": "rogplus-wmo", "kolom": null, "regel": "opbouw", "rijen": 1}),
        ]
    );
    // A birth date of which the year is known gives a group where every day of it does.
    let unknown = format!("{} and leeftijdsgroep = 'onbekend'", of("rogplus-historie"));
    assert_ne!(count(&unknown), 0);
    // The same persons have provisions of Rogplus in both times.
    place.sluis(&["run"]).must_exit(3);
}

#[test]
fn the_last_message_says_what_holds() {
    let place = place(&[]);
    place.sluis(&["run"]).must_exit(0);
    let nieuwland = postcode(&place, "nieuwland");
    deliver(
        &place,
        "rogplus-toewijzing",
        "20240131",
        &[allocation(ONE, "W000000001", &nieuwland)],
    );
    deliver(
        &place,
        "rogplus-wmo",
        "20240131",
        &[
            start(ONE, "W000000001", "2024-01-10", "1"),
            // Nobody allocated this, and it has no number.
            start(TWO, "", "2024-01-11", "1"),
        ],
    );
    place.sluis(&["run"]).must_exit(0);
    let first = json!({"wijk": "nieuwland", "leeftijdsgroep": "27-49", "startdatum": "2024-01-10", "einddatum": null, "reden_einde": null});
    let second = json!({"wijk": "onbekend", "leeftijdsgroep": "27-49", "startdatum": "2024-01-11", "einddatum": null, "reden_einde": null});
    assert_eq!(provisions(&place), [first, second.clone()]);

    // Changed, without the number: found by the allocation of the same product.
    let changed = start(ONE, "", "2024-01-08", "2");
    deliver(&place, "rogplus-wmo", "20240229", &[changed]);
    place.sluis(&["run"]).must_exit(0);
    assert_eq!(provisions(&place)[0]["startdatum"], "2024-01-08");
    assert_eq!(provisions(&place).len(), 2);

    // Stopped: 31 is a removal. The message says no birth date; the allocation neither.
    let stopped = stop(ONE, "W000000001", "2024-01-08", "1");
    deliver(&place, "rogplus-wmo", "20240331", &[stopped]);
    place.sluis(&["run"]).must_exit(0);
    let ended = json!({"wijk": "nieuwland", "leeftijdsgroep": "onbekend", "startdatum": "2024-01-08", "einddatum": "2024-05-31", "reden_einde": "verhuizing"});
    assert_eq!(provisions(&place)[0], ended);

    // The stop was a mistake; then the start was one too.
    let withdrawn = stop(ONE, "W000000001", "2024-01-08", "3");
    deliver(&place, "rogplus-wmo", "20240430", &[withdrawn]);
    place.sluis(&["run"]).must_exit(0);
    assert_eq!(provisions(&place)[0]["einddatum"], Value::Null);
    assert_eq!(provisions(&place)[0]["reden_einde"], Value::Null);
    let deleted = start(ONE, "W000000001", "2024-01-08", "3");
    deliver(&place, "rogplus-wmo", "20240531", &[deleted]);
    place.sluis(&["run"]).must_exit(0);
    assert_eq!(provisions(&place), [second]);
}

#[test]
fn a_partly_known_birth_date_gives_a_group_where_it_can() {
    let place = place(&[]);
    let texts: Vec<String> = [
        // Turned 27 on some day of the year in which it began.
        ("1997-01-01", "2", "2024-01-01"),
        ("1996-01-01", "2", "2024-01-02"),
        ("1997-06-01", "1", "2024-07-03"),
        ("1997-06-01", "1", "2024-06-04"),
        ("1997-06-01", "3", "2024-07-05"),
    ]
    .iter()
    .map(|(born, known, begin)| {
        let born = format!("<w:Datum>{born}</w:Datum><w:DatumGebruik>{known}</w:DatumGebruik>");
        start(ONE, &format!("W{begin}"), begin, "1").replace("<w:Datum>1980-05-05</w:Datum>", &born)
    })
    .collect();
    deliver(&place, "rogplus-wmo", "20240731", &texts);
    place.sluis(&["run"]).must_exit(0);
    let found = place
        .sql("select startdatum, leeftijdsgroep from magazijn.voorziening order by startdatum");
    let groups: Vec<&str> = found
        .iter()
        .map(|row| row["leeftijdsgroep"].as_str().unwrap())
        .collect();
    assert_eq!(
        groups,
        ["onbekend", "27-49", "onbekend", "27-49", "onbekend"]
    );
}

/// The newest delivery of a source must be refused, and nothing of it may be told.
fn must_be_refused(place: &Place, source: &str, date: &str, says: &str) -> Answer {
    let answer = place.sluis(&["run", "-vv"]).must_exit(3);
    let said = format!("{source} ({date}) was refused: {says}");
    assert!(
        answer.stderr.contains(&said),
        "no `{said}` in: {}",
        answer.stderr
    );
    for secret in [ONE, "geheim", "1980"] {
        assert!(!answer.stderr.contains(secret), "{}", answer.stderr);
        assert!(!answer.stdout.contains(secret), "{}", answer.stdout);
    }
    answer
}

#[test]
fn messages_that_must_be_refused_leave_what_there_was() {
    let place = place(&[]);
    let good = start(ONE, "W000000001", "2024-01-10", "1");
    deliver(
        &place,
        "rogplus-wmo",
        "20240131",
        std::slice::from_ref(&good),
    );
    place.sluis(&["run"]).must_exit(0);
    let before = provisions(&place);
    let bomb = good.replace(
        "<w:Bericht",
        "<!DOCTYPE B [<!ENTITY a \"geheim\"><!ENTITY b \"&a;&a;\">]><w:Bericht",
    );
    let jeugd = good.replace("/iwmo/3_2/wmo305", "/ijw/3_2/jw305");
    for (text, says) in [
        (bomb, "verboden_inhoud: row 2 holds a document type"),
        (
            good.replace("</w:Client>", "<w:Geheim>1</w:Geheim></w:Client>"),
            "onbekende_kolom: row 3 has a field that is not in the contract",
        ),
        (
            good.replace(ONE, "&geheim;"),
            "verboden_inhoud: row 2 holds an entity",
        ),
        (
            good.replace("</w:Client>", "</w:Klant>"),
            "opbouw: row 3: this is not well-formed XML",
        ),
        (jeugd, "opbouw: row 2: its namespace is none of those"),
        (
            good.replace("UTF-8", "windows-1252"),
            "codering: row 2 is not UTF-8 text",
        ),
    ] {
        deliver(&place, "rogplus-wmo", "20240229", &[good.clone(), text]);
        must_be_refused(&place, "rogplus-wmo", "20240229", says);
        assert_eq!(provisions(&place), before);
    }
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("../geheim.xml", SimpleFileOptions::default())
        .unwrap();
    zip.write_all(good.as_bytes()).unwrap();
    let bytes = zip.finish().unwrap().into_inner();
    place.deliver("rogplus-wmo", "rogplus-wmo_20240229.zip", &bytes);
    let says = "verboden_inhoud: the header holds a file whose name leads out of its folder";
    must_be_refused(&place, "rogplus-wmo", "20240229", says);
}

fn ei(records: &[&str]) -> Vec<u8> {
    let line = |record: &&str| format!("{record:180}\r\n");
    records.iter().map(line).collect::<String>().into_bytes()
}

const EI: [&str; 5] = [
    "0141801ROGPLUS 20190101",
    "029999900191980050501GEHEIM",
    "07W000000001  0202A05201801101",
    "06W000000002  0202A052018011120180601311",
    "99000005000001000001000001",
];

#[test]
fn an_ei_file_is_read_by_its_columns_and_must_count_right() {
    let place = place(&[]);
    let good = ei(&EI);
    place.deliver("rogplus-historie", "rogplus-historie_20190101.txt", &good);
    place.sluis(&["run"]).must_exit(0);
    let found = place.sql(
        "select wijk, product, leeftijdsgroep, startdatum, einddatum, reden_einde from magazijn.voorziening order by startdatum",
    );
    assert_eq!(
        found,
        [
            json!({"wijk": "onbekend", "product": "begeleiding", "leeftijdsgroep": "27-49", "startdatum": "2018-01-10", "einddatum": null, "reden_einde": null}),
            json!({"wijk": "onbekend", "product": "begeleiding", "leeftijdsgroep": "27-49", "startdatum": "2018-01-11", "einddatum": "2018-06-01", "reden_einde": "verhuizing"}),
        ]
    );
    let text = String::from_utf8(good).unwrap();
    let (source, date) = ("rogplus-historie", "20200101");
    for (bad, says) in [
        (
            text.replace("99000005", "99000006"),
            "sluitrecord: the trailer counts 6 records, there are 5",
        ),
        (
            text.replace("000001000001000001", "000001000001000002"),
            "sluitrecord: the trailer counts 2 records 06, there are 1",
        ),
        (
            format!("{text}{text}"),
            "opbouw: row 3: something stands behind the trailer",
        ),
        (
            text.replacen(" \r\n", "\r\n", 1),
            "opbouw: row 1: the header is not as long",
        ),
        (
            text.replacen(" \r\n", "x\r\n", 1),
            "onbekende_kolom: row 1 has a field that is not in the contract",
        ),
    ] {
        place.deliver(source, "rogplus-historie_20200101.txt", bad.as_bytes());
        must_be_refused(&place, source, date, says);
    }
}
