//! What Rogplus sends: allocations, starts and stops in XML, and the history in EI.

use std::fs;
use std::io::{Cursor, Write};

use arrow::util::display::{ArrayFormatter, FormatOptions};
use serde_json::{Value, json};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::support::{Answer, Place};

const SOURCES: [&str; 3] = ["rogplus-toewijzing", "rogplus-wmo", "rogplus-historie"];

/// A place with the demo's deliveries of these sources.
fn place(sources: &[&str]) -> Place {
    let place = Place::with_demo();
    for folder in fs::read_dir(place.landing()).unwrap() {
        let folder = folder.unwrap();
        if !sources.contains(&folder.file_name().to_str().unwrap()) {
            fs::remove_dir_all(folder.path()).unwrap();
        }
    }
    place
}

/// The rows of a source in a table, as text, sorted; `-` for no value.
fn rows(place: &Place, source: &str, table: &str, columns: &[&str]) -> Vec<Vec<String>> {
    let root = place.current().unwrap();
    let mut rows = Vec::new();
    let files = place.manifest().files;
    for file in files
        .iter()
        .filter(|f| f.source == source && f.table == table)
    {
        let folders: Vec<(&str, &str)> = file
            .path
            .split('/')
            .filter_map(|folder| folder.split_once('='))
            .collect();
        for batch in sluis::warehouse::parquet::read_file(&root.join(&file.path)).unwrap() {
            for row in 0..batch.num_rows() {
                let cell = |name: &&str| {
                    let Some(column) = batch.column_by_name(name) else {
                        let folder = folders.iter().find(|(key, _)| key == name);
                        return folder.expect(name).1.to_owned();
                    };
                    let options = FormatOptions::default().with_null("-");
                    let text = ArrayFormatter::try_new(column, &options).unwrap();
                    text.value(row).to_string()
                };
                rows.push(columns.iter().map(cell).collect());
            }
        }
    }
    rows.sort();
    rows
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

/// Start, wijk, age, end and reason of every provision.
fn provisions(place: &Place) -> Vec<String> {
    let columns = [
        "startdatum",
        "wijk",
        "leeftijdsgroep",
        "einddatum",
        "reden_einde",
    ];
    let rows = rows(place, "rogplus-wmo", "voorziening", &columns);
    rows.iter().map(|row| row.join(" ")).collect()
}

#[test]
fn the_demo_says_the_same_in_both_generations_and_in_ei() {
    let mut sources = SOURCES.to_vec();
    sources.extend(["cbs-postcodes", "cbs-wijken"]);
    let place = place(&sources);
    // Refused rows and three refused deliveries are part of it.
    place.sluis(&["run"]).must_exit(3);
    let of = |source, table, columns: &[&str]| rows(&place, source, table, columns);
    let allocated = of(
        "rogplus-toewijzing",
        "toewijzing",
        &["nummer", "client", "wijk"],
    );
    // 80 persons a generation; 4 allocations were a mistake.
    assert_eq!(allocated.len(), 156);
    // 80 of 2020; of 2024 76 began, 2 are refused rows and 10 were deleted. The wijk is that of the
    // allocation, also where the start names none.
    let begun = of("rogplus-wmo", "voorziening", &["nummer", "client", "wijk"]);
    assert_eq!(begun.len(), 144);
    assert!(begun.iter().all(|row| allocated.contains(row)));
    // 40 stops of 2020, 19 of 2024; what stopped by mistake runs on.
    let ends = of("rogplus-wmo", "voorziening", &["einddatum", "reden_einde"]);
    assert_eq!(ends.iter().filter(|row| row[0] != "-").count(), 59);
    assert!(ends.iter().all(|row| (row[0] == "-") == (row[1] == "-")));
    assert!(ends.iter().any(|row| row[1] == "verhuizing"));
    // 8 deleted, of which one on a line that is too short.
    let history = of("rogplus-historie", "voorziening", &["leeftijdsgroep"]);
    assert_eq!(history.len(), 73);
    assert!(history.contains(&vec!["onbekend".to_owned()]));

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
    let refusals = place.sql(
        "select bron, kolom, regel, rijen from beheer.weigeringen where bron like 'rogplus%' order by bron, kolom, regel",
    );
    assert_eq!(
        refusals,
        [
            json!({"bron": "rogplus-historie", "kolom": null, "regel": "opbouw", "rijen": 1}),
            json!({"bron": "rogplus-wmo", "kolom": "bsn", "regel": "elfproef", "rijen": 1}),
            json!({"bron": "rogplus-wmo", "kolom": null, "regel": "opbouw", "rijen": 1}),
        ]
    );
}

#[test]
fn the_last_message_says_what_holds() {
    let place = place(&["cbs-postcodes", "cbs-wijken"]);
    // The demo's postcodes have refused rows.
    place.sluis(&["run"]).must_exit(3);
    let known = rows(&place, "cbs-postcodes", "postcode", &["postcode", "wijk"]);
    let home = known.iter().find(|row| row[0].len() == 6).unwrap();
    let (postcode, wijk) = (&home[0], &home[1]);
    deliver(
        &place,
        "rogplus-toewijzing",
        "20240131",
        &[allocation(ONE, "W000000001", postcode)],
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
    let other = "2024-01-11 onbekend 27-49 - -";
    let first = format!("2024-01-10 {wijk} 27-49 - -");
    assert_eq!(provisions(&place), [first.as_str(), other]);

    let night = |date: &str, text: String| {
        deliver(&place, "rogplus-wmo", date, &[text]);
        place.sluis(&["run"]).must_exit(0);
        provisions(&place)
    };
    // Changed, without the number: found by the allocation of the same product.
    let changed = night("20240229", start(ONE, "", "2024-01-08", "2"));
    let again = format!("2024-01-08 {wijk} 27-49 - -");
    assert_eq!(changed, [again.as_str(), other]);
    // Stopped: 31 is a removal. The message has no birth date, nor had the allocation.
    let stopped = night("20240331", stop(ONE, "W000000001", "2024-01-08", "1"));
    let ended = format!("2024-01-08 {wijk} onbekend 2024-05-31 verhuizing");
    assert_eq!(stopped, [ended.as_str(), other]);
    // The stop was a mistake; then the start was one too.
    let withdrawn = night("20240430", stop(ONE, "W000000001", "2024-01-08", "3"));
    let runs_on = format!("2024-01-08 {wijk} onbekend - -");
    assert_eq!(withdrawn, [runs_on.as_str(), other]);
    // A new stop in the same delivery as its start, whatever stands first.
    let both = [
        stop(ONE, "W000000001", "2024-01-08", "1"),
        start(ONE, "", "2024-01-08", "1"),
    ];
    deliver(&place, "rogplus-wmo", "20240515", &both);
    place.sluis(&["run"]).must_exit(0);
    assert_eq!(provisions(&place), [ended.as_str(), other]);
    let deleted = night("20240531", start(ONE, "W000000001", "2024-01-08", "3"));
    assert_eq!(deleted, [other]);
}

#[test]
fn a_partly_known_birth_date_gives_a_group_where_it_can() {
    let place = Place::new();
    let texts: Vec<String> = [
        // 27 on some day of the year in which it begins; or of the month.
        ("1997-01-01", "2", "2024-01-01"),
        ("1996-01-01", "2", "2024-01-02"),
        ("1997-06-01", "1", "2024-06-15"),
        ("1997-06-01", "1", "2024-07-03"),
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
    let columns = ["startdatum", "leeftijdsgroep"];
    let found = rows(&place, "rogplus-wmo", "voorziening", &columns);
    let groups: Vec<&str> = found.iter().map(|row| row[1].as_str()).collect();
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
    let place = Place::new();
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
            "onbekende_kolom: row 2 has a field that is not in the contract",
        ),
        (
            good.replace(ONE, "&geheim;"),
            "verboden_inhoud: row 2 holds an entity",
        ),
        (
            good.replace("</w:Client>", "</w:Klant>"),
            "opbouw: row 2: this is not well-formed XML",
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
    let place = Place::new();
    let good = ei(&EI);
    place.deliver("rogplus-historie", "rogplus-historie_20190101.txt", &good);
    place.sluis(&["run"]).must_exit(0);
    let columns = [
        "startdatum",
        "wijk",
        "product",
        "leeftijdsgroep",
        "einddatum",
        "reden_einde",
    ];
    let found = rows(&place, "rogplus-historie", "voorziening", &columns);
    let found: Vec<String> = found.iter().map(|row| row.join(" ")).collect();
    assert_eq!(
        found,
        [
            "2018-01-10 onbekend begeleiding 27-49 - -",
            "2018-01-11 onbekend begeleiding 27-49 2018-06-01 verhuizing",
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

/// Rate and memory on deliveries that it makes itself: `cargo test --release --test it measure_messages
/// -- --ignored --nocapture`. The memory is that of the whole process, so run it alone.
#[test]
#[ignore = "takes minutes and room on disk"]
fn measure_messages() {
    let files = sluis::contract::ContractFiles::embedded();
    let contracts = sluis::contract::load(&files).unwrap();
    let plan = |id: &str| {
        contracts
            .sources
            .iter()
            .find(|s| s.contract.id == id)
            .unwrap()
    };
    let folder = tempfile::tempdir().unwrap();
    for (what, messages, clients) in [
        ("100 000 messages of one client", 100_000, 1),
        ("one message of 1 000 000 clients", 1, 1_000_000),
    ] {
        let path = folder.path().join("levering.zip");
        let mut zip = ZipWriter::new(std::io::BufWriter::new(fs::File::create(&path).unwrap()));
        let good = start(ONE, "W000000001", "2024-01-10", "1");
        let (head, rest) = good.split_at(good.find("<w:Client>").unwrap());
        let (client, tail) = rest.split_at(rest.find("</w:Bericht>").unwrap());
        for at in 0..messages {
            zip.start_file(format!("{at}.xml"), SimpleFileOptions::default())
                .unwrap();
            zip.write_all(head.as_bytes()).unwrap();
            if clients > 1 {
                zip.write_all(b"<w:Clienten>").unwrap();
            }
            for client_at in 0..clients {
                let number = format!("W{:09}", at + client_at);
                zip.write_all(client.replace("W000000001", &number).as_bytes())
                    .unwrap();
            }
            if clients > 1 {
                zip.write_all(b"</w:Clienten>").unwrap();
            }
            zip.write_all(tail.as_bytes()).unwrap();
        }
        zip.finish().unwrap();
        let unpacked = messages * (head.len() + tail.len()) + messages * clients * client.len();
        measure(what, &path, plan("rogplus-wmo"), unpacked);
    }
    let path = folder.path().join("levering.txt");
    let mut lines = EI[..1].to_vec();
    lines.extend(std::iter::repeat_n(&EI[1..4], 300_000).flatten());
    let trailer = format!(
        "99{:06}{:06}{:06}{:06}",
        300_000 * 3 + 2,
        300_000,
        300_000,
        300_000
    );
    lines.push(trailer.get(..26).unwrap());
    fs::write(&path, ei(&lines)).unwrap();
    let unpacked = usize::try_from(fs::metadata(&path).unwrap().len()).unwrap();
    drop(lines);
    measure(
        "EI of 300 000 persons",
        &path,
        plan("rogplus-historie"),
        unpacked,
    );
}

fn measure(
    what: &str,
    path: &std::path::Path,
    plan: &sluis::contract::model::SourcePlan,
    unpacked: usize,
) {
    // Since the process began; what was made above is on disk, not in memory.
    let _ = fs::write("/proc/self/clear_refs", "5");
    let begun = std::time::Instant::now();
    let read = sluis::source::skim::skim(path, plan, 1 << 20);
    let seconds = begun.elapsed().as_secs_f64();
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find(|line| line.starts_with("VmHWM"));
    let mib = f64::from(u32::try_from(unpacked >> 20).unwrap());
    let said = format!(
        "{what}: {read:?}, {mib} MiB in {seconds:.1} s, {:.0} MiB/s, {}\n",
        mib / seconds,
        peak.unwrap_or_default()
    );
    std::io::stderr().write_all(said.as_bytes()).unwrap();
    assert!(read.is_ok());
}
