//! No identifier of any demo person is anywhere but in the landing folder: not in a file, not in a
//! file's name, not in what the program says, not in a value or a statistic of a Parquet file. After
//! runs of every kind: clean, with refused rows, with refused deliveries, cut off.
//!
//! The search looks for every identifying value of the demo in the spellings that a careless program
//! would leave behind: as is, without leading zeros, with dots, backwards, in hexadecimal, in base64,
//! in Windows-1252, and as an unkeyed hash. A number written in binary is not searched for in raw
//! bytes (four bytes occur by chance); in a Parquet column it is found, because columns are read.

mod search;

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use arrow::array::{Array, StringArray};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use sha2::{Digest, Sha256};
use sluis::canary::Canaries;

use self::search::{Find, Kind, Search, base64, under};
use crate::support::{Answer, Place};

/// Whether this is a file of a table that a run was still writing when it was cut off.
fn in_part_of(path: &Path, table: &str) -> bool {
    path.components().any(|c| {
        let name = c.as_os_str().to_string_lossy();
        let number = name.strip_prefix(table).and_then(|n| n.strip_prefix('-'));
        number.is_some_and(|n| n.strip_suffix(".part").is_some())
    })
}

/// What may be found, and why.
fn lawful((path, kind, _): &Find) -> bool {
    let table = |name| (under(path, name) || in_part_of(path, name)) && under_release(path);
    let column = path.file_name().unwrap_or_default().to_string_lossy();
    match kind {
        // Which postcode lies in which wijk is public; it is reference data of CBS.
        Kind::Postcode => table("postcode"),
        // The date of an event of one person can be the day on which another was born. That these
        // columns hold events is asserted by `date_columns_hold_no_birth_dates`.
        Kind::BirthDate => DATES
            .iter()
            .any(|(name, date)| table(name) && (column == *date || column == "antwoord")),
        _ => false,
    }
}

fn under_release(path: &Path) -> bool {
    under(path, "releases") || under(path, "staging")
}

/// Tables and their columns with dates of events.
const DATES: [(&str, &str); 22] = [
    ("aanmelding", "datum"),
    ("client", "laatste_melding"),
    ("deelname", "startdatum"),
    ("deelname", "einddatum"),
    ("hulpvraag", "meldingsdatum"),
    ("hulpvraag", "startdatum"),
    ("hulpvraag", "afsluitdatum"),
    ("ketenmelding", "maand"),
    ("klacht", "datum"),
    ("kort_contact", "datum"),
    ("maatwerk", "datum"),
    ("schuldsignaal", "datum"),
    ("toewijzing", "ingangsdatum"),
    ("toewijzing", "einddatum"),
    ("uitzetting", "datum_aanmelding"),
    ("uitzetting", "datum_ontruiming"),
    ("verwijzing", "datum"),
    ("voedselbank", "aanvraag"),
    ("voedselbank", "datum_besluit"),
    ("voorziening", "startdatum"),
    ("voorziening", "einddatum"),
    ("zrm_score", "datum"),
];

/// The place, and everything that was said in it.
struct Scene {
    place: Place,
    said: Vec<(String, Answer)>,
}

impl Scene {
    fn new() -> Self {
        let place = Place::with_demo();
        place.sluis(&["canaries", "new"]).must_exit(0);
        // What the program would leave among temporary files is searched too.
        fs::create_dir(place.path().join("tijdelijk")).unwrap();
        Self {
            place,
            said: Vec::new(),
        }
    }

    fn talk(&mut self, args: &[&str]) -> i32 {
        let temporary = self.place.path().join("tijdelijk");
        let mut command = self.place.command(args);
        command
            .env("TMPDIR", temporary)
            .env("RUST_LOG", "trace")
            .env("RUST_BACKTRACE", "full");
        let answer = Answer::from(command.output().unwrap());
        let code = answer.code;
        self.said.push((format!("{args:?}"), answer));
        code
    }

    /// Everything but the landing folder, the key and the file of the canaries.
    fn search(&self, search: &Search) -> Vec<Find> {
        let but = [
            self.place.landing(),
            self.place.path().join("sleutel"),
            self.place.canaries().parent().unwrap().to_owned(),
        ];
        let mut found = search.folder(self.place.path(), &but);
        for (what, answer) in &self.said {
            search.answer(what, answer, &mut found);
        }
        found.retain(|f| !lawful(f));
        found
    }

    /// Starts a run and kills it while it is writing.
    fn cut_off_a_run(&self) {
        let staging = self.place.warehouse().join("staging");
        let mut run = self.place.command(&["run", "-vvv"]);
        run.stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null());
        let mut run = run.spawn().unwrap();
        // In a folder of its own, next to the one of the release in the making.
        let writing = || {
            let runs = fs::read_dir(&staging).unwrap().flatten();
            let folders = runs.filter_map(|r| fs::read_dir(r.path()).ok()).flatten();
            folders.flatten().any(|folder| {
                let name = folder.file_name();
                name.as_bytes().starts_with(b"wot-casus") && files_below(&folder.path()) > 0
            })
        };
        while !writing() && run.try_wait().unwrap().is_none() {
            std::thread::yield_now();
        }
        run.kill().unwrap();
        run.wait().unwrap();
    }
}

fn files_below(folder: &Path) -> usize {
    let Ok(entries) = fs::read_dir(folder) else {
        return 0;
    };
    let paths = entries.flatten().map(|e| e.path());
    paths
        .map(|p| if p.is_dir() { files_below(&p) } else { 1 })
        .sum()
}

fn assert_nothing(found: &[Find]) {
    let some: Vec<_> = found.iter().take(20).collect();
    assert!(found.is_empty(), "{} finds, such as {some:#?}", found.len());
}

#[test]
fn no_identifier_leaves_the_landing_folder() {
    let mut scene = Scene::new();
    let search = Search::with(Some(&Canaries::load(&scene.place.canaries()).unwrap()));
    assert_eq!(scene.talk(&["canaries", "show", "-vvv"]), 0);
    assert_eq!(scene.talk(&["canaries", "new", "-vvv"]), 2);
    assert_eq!(scene.talk(&["run", "--dry-run", "-vvv"]), 0);
    assert_eq!(scene.talk(&["run", "-vvv"]), 3);
    // What was refused is refused again; the rest is known.
    assert_eq!(scene.talk(&["run", "-vvv", "--json"]), 3);
    ask_everything(&mut scene);
    assert_nothing(&scene.search(&search));

    // Deliveries that are refused, as a whole or row by row, each for a reason of its own.
    deliver_trouble(&scene.place);
    assert_eq!(scene.talk(&["run", "--dry-run", "-vvv"]), 0);
    assert_eq!(scene.talk(&["run", "-vvv"]), 3);
    let refused = scene
        .place
        .sql("select distinct bron, reden from beheer.leveringen where uitkomst = 'geweigerd'");
    assert!(refused.len() >= 6, "{refused:?}");
    ask_everything(&mut scene);
    assert_nothing(&scene.search(&search));

    // A run that is cut off: the postcodes have changed, so every delivery is read again.
    let postcodes = scene
        .place
        .landing()
        .join("cbs-postcodes/cbs-postcodes_20200301.csv");
    let text = fs::read_to_string(&postcodes).unwrap();
    let dropped = text.lines().nth(1).unwrap();
    scene.place.deliver(
        "cbs-postcodes",
        "cbs-postcodes_20200401.csv",
        text.replacen(&format!("{dropped}\n"), "", 1).as_bytes(),
    );
    scene.cut_off_a_run();
    assert!(files_below(&scene.place.warehouse().join("staging")) > 0);
    assert_nothing(&scene.search(&search));
    assert_eq!(scene.talk(&["status", "-vvv"]), 0);
    assert_eq!(scene.talk(&["run", "-vvv"]), 3);
    assert_nothing(&scene.search(&search));
}

/// Every view and table, in every format, and what else can be asked.
fn ask_everything(scene: &mut Scene) {
    for args in [
        &["status", "-vvv"][..],
        &["status", "--json"],
        &["check", "-vvv"],
        &["key", "show"],
    ] {
        assert_eq!(scene.talk(args), 0);
    }
    let tables = scene.place.sql("show tables");
    assert!(tables.len() > 10);
    for table in tables {
        let name = format!(
            "{}.{}",
            table["schema"].as_str().unwrap(),
            table["naam"].as_str().unwrap()
        );
        let query = format!("select * from {name}");
        for format in ["table", "csv", "json", "parquet"] {
            let answer = scene
                .place
                .command(&["sql", "-vvv", "--format", format, "-c", &query]);
            let mut answer = answer;
            let output = answer.output().unwrap();
            assert!(output.status.success());
            let path = scene.place.path().join(format!("antwoord-{name}.{format}"));
            fs::write(path, output.stdout).unwrap();
        }
        let failing = format!("select cast(cast(t as text) as int) from {name} t");
        assert_ne!(scene.talk(&["sql", "-vvv", "-c", &failing]), 0);
    }
}

/// Deliveries that each go wrong in another way, with identifiers where none belong.
fn deliver_trouble(place: &Place) {
    let wot = place.landing().join("wot-casus");
    let good = fs::read(wot.join("wot-casus_2024_20250115.csv")).unwrap();
    let ids = sluis::demo::identifiers(1).unwrap();
    let bsn = ids.bsns.iter().rfind(|b| b.len() == 9).unwrap();
    let name = ids
        .names
        .iter()
        .find(|n| n.is_ascii() && n.len() > 12)
        .unwrap();
    let lines: Vec<&[u8]> = good.split_inclusive(|b| *b == b'\n').collect();
    let header = lines[0];
    let deliver = |part: &str, content: &[u8]| {
        place.vouch(&place.deliver(
            "wot-casus",
            &format!("wot-casus_{part}_20250201.csv"),
            content,
        ));
    };
    let with = |from: &[u8], what: &str| {
        let text = encoding_rs::WINDOWS_1252.decode(from).0.into_owned();
        text.replacen("Naam", what, 1).into_bytes()
    };
    // A header that is a person's row, a column named after a person, a column twice.
    deliver("2031", &good[header.len()..]);
    deliver("2032", &with(&good, &format!("{name} {bsn}")));
    deliver("2033", &with(&good, "BSN"));
    // A byte that is no text, a quote that never ends, a row cut in the middle.
    deliver("2034", &[&good[..9000], b"\0", &good[9000..]].concat());
    deliver(
        "aanhaling",
        &[&good[..header.len()], b"\"", &good[header.len()..]].concat(),
    );
    deliver("2036", &good[..good.len() - 57]);
    // A checksum that is another's, and one that is a BSN.
    deliver("2037", &good);
    fs::write(
        wot.join("wot-casus_2037_20250201.csv.sha256"),
        format!("{}  x\n", "0".repeat(64)),
    )
    .unwrap();
    deliver("2038", &good);
    fs::write(wot.join("wot-casus_2038_20250201.csv.sha256"), bsn).unwrap();
    // Identifiers in every other column: all rows are refused, and with them the delivery.
    let mut shifted = header.to_vec();
    for line in &lines[1..200] {
        let mut cells = cells(line);
        let by = 2.min(cells.len());
        cells.rotate_left(by);
        shifted.extend(join(&cells));
    }
    deliver("2039", &shifted);
    // A few of them in a delivery that is otherwise good: rows are refused, one by one.
    let mut mixed = good.clone();
    let whole = lines[1..].iter().filter(|l| cells(l).len() == 20);
    for (column, line) in (6..19).zip(whole) {
        let mut cells = cells(line);
        cells[0] = b"HV2024-999999";
        cells[column] = if column % 2 == 0 {
            bsn.as_bytes()
        } else {
            name.as_bytes()
        };
        mixed.extend(join(&cells));
    }
    deliver("2024", &mixed);
    // Not UTF-8 where it must be, and files whose names are identifiers.
    place.vouch(&place.deliver("zrm", "zrm_20250131.csv", &good));
    place.deliver("zrm", &format!("{bsn} {name}.csv"), &good);
    let born = ids.birth_dates.iter().find(|d| d.starts_with("19"));
    let born: String = born.unwrap().split('-').collect();
    for number in [bsn, &born] {
        place.deliver("wot-casus", &format!("wot-casus_2024_{number}.csv"), &good);
    }
}

/// The cells of a row; a quoted one that holds a semicolon or a line end falls apart, which is well.
fn cells(line: &[u8]) -> Vec<&[u8]> {
    line.trim_ascii_end().split(|b| *b == b';').collect()
}

fn join(cells: &[&[u8]]) -> Vec<u8> {
    [&cells.join(&b';'), &b"\r\n"[..]].concat()
}

#[test]
fn date_columns_hold_no_birth_dates() {
    let place = Place::with_demo();
    place.sluis(&["run"]).must_exit(3);
    let release = place.current().unwrap();
    let mut seen = BTreeSet::new();
    for file in place.manifest().files {
        let reader = ParquetRecordBatchReaderBuilder::try_new(
            fs::File::open(release.join(&file.path)).unwrap(),
        );
        for batch in reader.unwrap().build().unwrap() {
            let batch = batch.unwrap();
            for (field, column) in batch.schema().fields().iter().zip(batch.columns()) {
                if !field.data_type().is_temporal() {
                    continue;
                }
                let known = DATES.contains(&(file.table.as_str(), field.name().as_str()));
                assert!(
                    known || file.table == "_stand",
                    "{} {}",
                    file.table,
                    field.name()
                );
                seen.insert((file.table.clone(), field.name().clone()));
                let options = FormatOptions::default();
                let values = ArrayFormatter::try_new(column, &options).unwrap();
                for row in (0..column.len()).filter(|r| column.is_valid(*r)) {
                    let year: i32 = values.value(row).to_string()[..4].parse().unwrap();
                    // Most people in the demo were born long before; the register began in 2018.
                    assert!(
                        (2018..=2025).contains(&year),
                        "{} {}: {year}",
                        file.table,
                        field.name()
                    );
                }
            }
        }
    }
    assert_eq!(seen.len(), DATES.len(), "{seen:?}");
}

#[test]
fn the_search_finds_what_is_planted() {
    let search = Search::new();
    let ids = sluis::demo::identifiers(1).unwrap();
    let place = Place::with_demo();
    place.sluis(&["run"]).must_exit(3);
    let scene = Scene {
        place,
        said: Vec::new(),
    };
    assert_nothing(&scene.search(&search));

    let bsn = ids
        .bsns
        .iter()
        .rfind(|b| b.len() == 9 && b.starts_with('9'))
        .unwrap();
    let zeros = ids
        .bsns
        .iter()
        .find(|b| b.len() == 9 && b.trim_start_matches('0').len() == 7)
        .unwrap();
    let name = ids
        .names
        .iter()
        .find(|n| !n.is_ascii() && n.len() > 12)
        .unwrap();
    let postcode = ids.postcodes.iter().find(|p| p.len() == 6).unwrap();
    let client = ids.client_numbers.first().unwrap();
    let born = ids
        .birth_dates
        .iter()
        .find(|d| d.starts_with("19"))
        .unwrap();
    let spot = scene.place.warehouse().join("releases/zie");
    let manifest = fs::read(scene.place.current().unwrap().join("release.json")).unwrap();
    let inside = |what: &[u8]| [&manifest[..5000], what, &manifest[5000..]].concat();
    let finds = |at: &Path| {
        let found = scene.search(&search);
        fs::remove_dir_all(&spot).unwrap();
        assert!(
            found.iter().any(|(path, ..)| path.starts_with(at)),
            "{}: {found:?}",
            at.display()
        );
    };
    let windows = encoding_rs::WINDOWS_1252.encode(name).0;
    let hash = Sha256::digest(bsn);
    for (what, text) in [
        ("plain", bsn.clone().into_bytes()),
        ("without zeros", zeros.trim_start_matches('0').into()),
        (
            "with dots",
            format!("{}.{}.{}", &bsn[..4], &bsn[4..6], &bsn[6..]).into(),
        ),
        ("backwards", bsn.chars().rev().collect::<String>().into()),
        ("hexadecimal", sluis::hex::encode(bsn.as_bytes()).into()),
        (
            "base64",
            base64(format!("{{\"bsn\":\"{bsn}\"}}").as_bytes()).into(),
        ),
        (
            "shifted base64",
            base64(format!("{{\"bsn\": \"{bsn}\"}}").as_bytes()).into(),
        ),
        ("unkeyed hash", sluis::hex::encode(&hash).into()),
        ("name", name.clone().into_bytes()),
        ("name in Windows-1252", windows.into_owned()),
        ("name in capitals", name.to_ascii_uppercase().into()),
        ("postcode", postcode.to_lowercase().into()),
        ("client number", client.clone().into()),
        ("birth date", born.clone().into()),
        (
            "case number",
            ids.case_numbers.first().unwrap().clone().into(),
        ),
        ("free text", ids.free_text.first().unwrap().clone().into()),
    ] {
        fs::create_dir(&spot).unwrap();
        fs::write(spot.join("release.json"), inside(&text)).unwrap();
        eprintln!("planted: {what}");
        finds(&spot);
    }

    // In a file's name, in the target of a link, and in a compressed column of a Parquet file.
    fs::create_dir(&spot).unwrap();
    fs::write(spot.join(format!("x{bsn}.json")), "").unwrap();
    finds(&spot);
    fs::create_dir(&spot).unwrap();
    std::os::unix::fs::symlink(format!("../{client}"), spot.join("current")).unwrap();
    finds(&spot);
    for table in ["hulpvraag", "postcode"] {
        fs::create_dir_all(spot.join(table)).unwrap();
        let path = spot.join(table).join("wot-casus-0123456789abcdef.parquet");
        let bytes = write_parquet(&path, bsn);
        let plain = bytes.windows(bsn.len()).any(|w| w == bsn.as_bytes());
        assert!(!plain, "the value must be hidden by compression");
        finds(&path);
    }
    assert_nothing(&scene.search(&search));
}

/// A Parquet file with a value among many others, so that compression hides it.
fn write_parquet(path: &Path, value: &str) -> Vec<u8> {
    use parquet::arrow::ArrowWriter;
    use parquet::basic::{Compression, ZstdLevel};
    use parquet::file::properties::{EnabledStatistics, WriterProperties};
    let values = (0..5000).map(|n| {
        if n == 777 {
            value.to_owned()
        } else {
            format!("{n:09}")
        }
    });
    let column = StringArray::from_iter_values(values);
    let batch =
        arrow::array::RecordBatch::try_from_iter([("team", std::sync::Arc::new(column) as _)])
            .unwrap();
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_statistics_enabled(EnabledStatistics::None)
        .set_dictionary_enabled(false)
        .build();
    let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    let bytes = writer.into_inner().unwrap();
    fs::write(path, &bytes).unwrap();
    bytes
}
