//! Deliveries that must be refused: each with exit code 3, an error that names source, rule and place,
//! no value of the data anywhere, and the release as it was.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};
use sluis::run::Observer;
use sluis::source::landing::Delivery;
use sluis::warehouse::journal::{DeliveryOutcome, DeliveryRecord, RunOutcome};

use crate::small::{HEADER, Night, Small, files_below, rows};
use crate::support::Place;

const PIPELINE: &str = "pipelines/proef/pipeline.toml";
/// Parts of values that stand in every delivery of `proef` and of the demo's that is used here.
const SECRETS: [&str; 4] = ["Geheim", "C-00", "Zoë", "Zo\\u00eb"];

/// A place whose release stands on a good delivery of `proef`, and the argument for its contracts.
pub fn place(small: &Small) -> (Place, String) {
    let place = Place::new();
    let contracts = small.at(&place);
    let windows = small.contracts().sources.iter().any(|p| {
        p.contract.id == "proef"
            && p.pipeline.format.encoding() == sluis::contract::model::Encoding::Windows1252
    });
    let text = rows(0..40);
    let bytes = if windows {
        windows_1252(&text)
    } else {
        text.into_bytes()
    };
    let good = place.deliver("proef", "proef_20240101.csv", &bytes);
    place.vouch(&good);
    place.sluis(&["run", "--set", &contracts]).must_exit(0);
    (place, contracts)
}

pub fn windows_1252(text: &str) -> Vec<u8> {
    text.chars()
        .map(|c| u8::try_from(u32::from(c)).unwrap())
        .collect()
}

fn no_secrets(what: &str, text: &str) {
    for secret in SECRETS {
        assert!(!text.contains(secret), "{what} holds `{secret}`: {text}");
    }
}

/// Runs, and the newest delivery of `proef` must be refused by this rule.
fn must_be_refused(place: &Place, contracts: &str, rule: &str, says: &str) {
    let releases = place.warehouse().join("releases");
    let before = (place.current(), files_below(&releases));
    let args = ["run", "-vv", "--set", contracts, "--set", "log.level=trace"];
    let answer = place.sluis(&args).must_exit(3);
    let said = format!("proef (20240201) was refused: {rule}: {says}");
    assert!(
        answer.stderr.contains(&said),
        "no `{said}` in: {}",
        answer.stderr
    );
    let machine = place
        .sluis(&["--json", "run", "--set", contracts])
        .must_exit(3);
    let deliveries = machine.json()["deliveries"].clone();
    let refused = |d: &&Value| d["order"] == "20240201" && d["outcome"] == "geweigerd";
    assert!(
        deliveries.as_array().unwrap().iter().any(|d| refused(&d)),
        "{deliveries}"
    );
    let history = telling(place, contracts);
    assert_eq!(history["uitkomst"], "geweigerd");
    let reason = history["reden"].as_str().unwrap();
    assert!(reason.starts_with(&format!("{rule}: ")), "{reason}");
    for text in [
        &answer.stdout,
        &answer.stderr,
        &machine.stdout,
        &machine.stderr,
    ] {
        no_secrets("the output", text);
    }
    for (path, bytes) in files_below(&place.warehouse().join("journal")) {
        no_secrets(&path, &String::from_utf8_lossy(&bytes));
    }
    assert!(
        (place.current(), files_below(&releases)) == before,
        "{rule}: the release changed"
    );
    assert_eq!(
        fs::read_dir(place.warehouse().join("staging"))
            .unwrap()
            .count(),
        0
    );
}

/// What `beheer.leveringen` says of the newest delivery in the last run.
pub fn telling(place: &Place, contracts: &str) -> Value {
    let query = "select * from beheer.leveringen where bron = 'proef' and datum = '20240201' \
         order by run desc limit 1";
    let args = ["sql", "--format", "json", "-c", query, "--set", contracts];
    place.sluis(&args).must_exit(0).json()[0].clone()
}

pub fn refused_rows(place: &Place, contracts: &str, table: &str, columns: &str) -> Value {
    let query = format!("select distinct {columns} from beheer.{table} order by {columns}");
    let args = ["sql", "--format", "json", "-c", &query, "--set", contracts];
    place.sluis(&args).must_exit(0).json()
}

/// The whole of one case: a good release, then this delivery.
pub fn refuse(small: &Small, bytes: &[u8], rule: &str, says: &str) -> (Place, String) {
    let (place, contracts) = place(small);
    let bad = place.deliver("proef", "proef_20240201.csv", bytes);
    place.vouch(&bad);
    must_be_refused(&place, &contracts, rule, says);
    (place, contracts)
}

fn with_checksum() -> Small {
    Small::new().with(PIPELINE, "\"none\"", "\"required\"")
}

fn with_windows_1252() -> Small {
    Small::new().with(PIPELINE, "utf-8", "windows-1252")
}

#[test]
fn a_header_that_is_not_the_contracts() {
    let small = Small::new();
    let good = rows(0..40);
    let header = |new: &str| good.replace(HEADER, new).into_bytes();
    let unknown = "column 5 of the header is not in the contract";
    refuse(
        &small,
        &header("Nummer;Naam;Datum;Wijk;Geheim"),
        "onbekende_kolom",
        unknown,
    );
    let lacks = "the header lacks the column `wijk` of the contract";
    refuse(
        &small,
        &header("Nummer;Naam;Datum;Aantal"),
        "ontbrekende_kolom",
        lacks,
    );
    let twice = "column 5 of the header names `naam` a second time";
    refuse(
        &small,
        &header("Nummer;Naam;Datum;Wijk;NAAM"),
        "dubbele_kolom",
        twice,
    );
    // Without a header its first row is somebody's data.
    let first = "column 1 of the header is not in the contract";
    refuse(
        &small,
        &good.as_bytes()[HEADER.len() + 1..],
        "onbekende_kolom",
        first,
    );
}

#[test]
fn a_column_that_the_register_does_not_know_leaves_its_source_out() {
    let place = Place::new();
    let line = "actie = { class = \"gewoon\", treatment = \"behouden\" }\n";
    let small = Small::new().with("config/dpia.toml", line, "");
    let contracts = small.at(&place);
    place.deliver("proef", "proef_20240101.csv", rows(0..40).as_bytes());
    let stand = rows(0..40)
        .replace(";Aantal", ";Aantal;Actie")
        .replace("\nC", ";\nC");
    place.deliver("stand", "stand_20240101.csv", stand.as_bytes());
    let run = |more: &[&str]| place.sluis(&[&["run", "--set", &contracts], more].concat());

    let answer = run(&[]).must_exit(3);
    for said in [
        "warning: source `stand` is left out: ",
        "`actie`",
        "hint: `sluis check` lists every fault",
    ] {
        assert!(
            answer.stderr.contains(said),
            "no `{said}` in: {}",
            answer.stderr
        );
    }
    no_secrets("the output", &(answer.stdout + &answer.stderr));
    let manifest = place.manifest();
    assert!(manifest.deliveries.iter().all(|d| d.source == "proef"));
    assert!(manifest.files.iter().all(|f| f.source == "proef"));
    let told = refused_rows(&place, &contracts, "leveringen", "bron, uitkomst");
    assert_eq!(
        told,
        json!([{"bron": "proef", "uitkomst": "verwerkt"}, {"bron": "stand", "uitkomst": "geweigerd"}])
    );

    // Who asks for the other source only is not bothered with it.
    run(&["proef"]).must_exit(0);
    run(&["stand"]).must_exit(3);
    let check = place.sluis(&["check", "--set", &contracts]).must_exit(2);
    assert!((check.stdout + &check.stderr).contains("actie"));
}

#[test]
fn a_file_that_was_cut_off() {
    let whole = rows(0..40);
    let middle = &whole.as_bytes()[..whole.len() - 17];
    let says = "the delivery ends in the middle of row 40";
    refuse(&Small::new(), middle, "afgebroken_bestand", says);
    // Without a checksum the missing line end is all there is to go by.
    refuse(
        &Small::new(),
        whole.trim_end().as_bytes(),
        "afgebroken_bestand",
        says,
    );
    refuse(
        &Small::new(),
        &whole.as_bytes()[..HEADER.len() + 9],
        "afgebroken_bestand",
        "the delivery ends in the middle of row 1",
    );

    let (place, contracts) = place(&with_checksum());
    let path = place.deliver("proef", "proef_20240201.csv", whole.as_bytes());
    place.vouch(&path);
    place.deliver("proef", "proef_20240201.csv", middle);
    let says = "the content does not match the .sha256 file beside it";
    must_be_refused(&place, &contracts, "controlegetal_onjuist", says);
    // On a row border too.
    let border = whole.trim_end().rfind('\n').unwrap() + 1;
    place.deliver("proef", "proef_20240201.csv", &whole.as_bytes()[..border]);
    must_be_refused(&place, &contracts, "controlegetal_onjuist", says);
    place.deliver("proef", "proef_20240201.csv", whole.as_bytes());
    place.sluis(&["run", "--set", &contracts]).must_exit(0);
}

/// With a checksum nothing can have been cut off, so the last line end may be missing; a record that
/// is not whole is still none.
#[test]
fn a_checksum_vouches_for_a_missing_line_end_but_not_for_half_a_record() {
    let whole = rows(0..40);
    let (place, contracts) = place(&with_checksum());
    let path = place.deliver("proef", "proef_20240201.csv", whole.trim_end().as_bytes());
    place.vouch(&path);
    place.sluis(&["run", "--set", &contracts]).must_exit(0);
    let says = "the delivery ends in the middle of row 40";
    let half = &whole.as_bytes()[..whole.len() - 17];
    refuse(&with_checksum(), half, "afgebroken_bestand", says);
}

#[test]
fn a_checksum_that_is_missing_or_is_none() {
    let (place, contracts) = place(&with_checksum());
    let path = place.deliver("proef", "proef_20240201.csv", rows(0..50).as_bytes());
    let beside = path.with_file_name("proef_20240201.csv.sha256");
    let says = "the pipeline demands a .sha256 file beside the delivery and there is none";
    must_be_refused(&place, &contracts, "controlegetal_ontbreekt", says);
    for text in [
        "",
        "Geheim",
        "sha256 van Zoë",
        &"0".repeat(63),
        &"g".repeat(64),
    ] {
        fs::write(&beside, text).unwrap();
        let says = "the .sha256 file beside the delivery does not hold a SHA-256";
        must_be_refused(&place, &contracts, "controlegetal_onleesbaar", says);
    }
    fs::write(&beside, "0".repeat(64)).unwrap();
    let says = "the content does not match the .sha256 file";
    must_be_refused(&place, &contracts, "controlegetal_onjuist", says);
    // In capitals and without a name it is one too.
    place.vouch(&path);
    let digest = fs::read_to_string(&beside).unwrap()[..64].to_uppercase();
    fs::write(&beside, digest).unwrap();
    place.sluis(&["run", "--set", &contracts]).must_exit(0);
}

#[test]
fn a_wrong_encoding() {
    let text = rows(0..40);
    let windows = with_windows_1252();
    let not_windows = "row 1 is not Windows-1252 text";
    refuse(&windows, text.as_bytes(), "codering", not_windows);
    refuse(
        &Small::new(),
        &windows_1252(&text),
        "codering",
        "row 1 is not UTF-8 text",
    );
    // Plain text up to row 30.
    let late = rows(0..29).replace("Zoë", "Zo") + rows(29..40).split_once('\n').unwrap().1;
    refuse(
        &windows,
        late.as_bytes(),
        "codering",
        "row 30 is not Windows-1252 text",
    );
    refuse(
        &Small::new(),
        &windows_1252(&late),
        "codering",
        "row 30 is not UTF-8 text",
    );
    for small in [&windows, &Small::new()] {
        for order in [u16::to_le_bytes as fn(u16) -> [u8; 2], u16::to_be_bytes] {
            let wide = |text: &str| text.encode_utf16().flat_map(order).collect::<Vec<u8>>();
            let name = if std::ptr::eq(small, &raw const windows) {
                "Windows-1252"
            } else {
                "UTF-8"
            };
            let marked = wide(&format!("\u{feff}{text}"));
            refuse(
                small,
                &marked,
                "codering",
                &format!("the header is not {name} text"),
            );
            refuse(
                small,
                &wide(&text),
                "nul_byte",
                "the header holds a NUL byte",
            );
        }
    }
    // The mark of UTF-8 belongs to UTF-8 only.
    let marked = format!("\u{feff}{text}");
    refuse(
        &windows,
        marked.as_bytes(),
        "codering",
        "the header is not Windows-1252 text",
    );
    let (place, contracts) = place(&Small::new());
    place.deliver("proef", "proef_20240201.csv", marked.as_bytes());
    place.sluis(&["run", "--set", &contracts]).must_exit(0);
}

#[test]
fn nothing_and_only_a_header() {
    for small in [Small::new(), with_checksum()] {
        refuse(&small, b"", "leeg", "the delivery is empty");
        let says = "the delivery has a header but no rows";
        refuse(&small, format!("{HEADER}\n").as_bytes(), "geen_rijen", says);
        refuse(&small, HEADER.as_bytes(), "geen_rijen", says);
        refuse(
            &small,
            format!("{HEADER}\r\n\r\n\n").as_bytes(),
            "geen_rijen",
            says,
        );
    }
}

#[test]
fn a_file_that_may_still_be_written() {
    let (place, contracts) = place(&Small::new());
    let path = place.deliver("proef", "proef_20240201.csv", rows(0..50).as_bytes());
    let at = |time| {
        fs::File::options()
            .write(true)
            .open(&path)
            .unwrap()
            .set_modified(time)
            .unwrap();
    };
    let now = std::time::SystemTime::now();
    let says = "the delivery was changed less than 60 seconds ago";
    for time in [now, now + std::time::Duration::from_hours(1)] {
        at(time);
        must_be_refused(&place, &contracts, "nog_in_aanlevering", says);
    }
    at(now - std::time::Duration::from_secs(61));
    place.sluis(&["run", "--set", &contracts]).must_exit(0);
}

/// Touches the delivery once the run has read its first pieces.
struct Toucher<'a> {
    path: &'a Path,
    change: fn(&Path),
    done: AtomicBool,
}

impl Observer for Toucher<'_> {
    fn begins(&self, _: &Delivery) {}
    fn advances(&self, _: &str, _: u64) {
        if !self.done.swap(true, Ordering::SeqCst) {
            (self.change)(self.path);
        }
    }
    fn ends(&self, _: &DeliveryRecord) {}
}

#[test]
fn a_file_that_changes_while_it_is_read() {
    let append: fn(&Path) = |path| {
        use std::io::Write;
        let mut file = fs::File::options().append(true).open(path).unwrap();
        file.write_all(b"C-99999;Geheim;01-01-2024;oost;1\n")
            .unwrap();
    };
    let touch: fn(&Path) = |path| {
        let file = fs::File::options().write(true).open(path).unwrap();
        file.set_modified(std::time::SystemTime::UNIX_EPOCH)
            .unwrap();
    };
    for change in [append, touch] {
        let small = Small::new();
        let (place, contracts) = place(&small);
        // So many small pieces that the reader cannot be ahead of the first look at them.
        let path = place.deliver("proef", "proef_20240201.csv", rows(0..20_000).as_bytes());
        let before = place.current();
        let model = small.contracts();
        let toucher = Toucher {
            path: &path,
            change,
            done: AtomicBool::new(false),
        };
        let report = Night {
            piece: 256,
            observer: &toucher,
            ..Night::new(&place, &model)
        }
        .run();
        assert!(toucher.done.load(Ordering::SeqCst));
        assert_eq!(report.record.outcome, RunOutcome::Ongewijzigd);
        let refused = &report.record.deliveries[0];
        assert_eq!(refused.outcome, DeliveryOutcome::Geweigerd);
        let reason = refused.reason.as_deref().unwrap();
        assert!(
            reason.starts_with("nog_in_aanlevering: the delivery changed while"),
            "{reason}"
        );
        assert_eq!(place.current(), before);
        assert_eq!(telling(&place, &contracts)["uitkomst"], "geweigerd");
    }
}

#[test]
fn a_row_that_is_too_long_and_a_quote_that_is_never_closed() {
    let lines: Vec<String> = rows(0..100).lines().map(str::to_owned).collect();
    let spoiled = |row: usize, from: &str, to: &str| {
        let mut lines = lines.clone();
        assert!(lines[row].contains(from));
        lines[row] = lines[row].replace(from, to);
        lines.join("\n") + "\n"
    };
    let long = spoiled(61, "Geheimenaar", &"Geheim".repeat(100));
    let says = "row 61 is longer than 500 bytes; a quote that is never closed does this too";
    let open = spoiled(61, ";Zoë", ";\"Zoë");
    for chunk in ["64", "1000000"] {
        for bytes in [&long, &open] {
            let (place, contracts) = place(&Small::new());
            place.deliver("proef", "proef_20240201.csv", bytes.as_bytes());
            let chunk = format!("run.chunk_bytes={chunk}");
            let answer = place
                .sluis(&["run", "--set", &contracts, "--set", &chunk])
                .must_exit(3);
            assert!(
                answer.stderr.contains(&format!("rij_te_lang: {says}")),
                "{}",
                answer.stderr
            );
        }
    }
    refuse(&Small::new(), long.as_bytes(), "rij_te_lang", says);
    // So near the end that it is not too long: rows 97 to 100 must not go along with it.
    let late = spoiled(97, ";Zoë", ";\"Zoë");
    let says = "the delivery ends in the middle of row 97";
    refuse(&Small::new(), late.as_bytes(), "afgebroken_bestand", says);
    refuse(
        &with_checksum(),
        late.as_bytes(),
        "afgebroken_bestand",
        says,
    );
}

#[test]
fn a_nul_byte() {
    let text = rows(0..40);
    let at = text.find("Geheimenaar 16").unwrap();
    let mut bytes = text.clone().into_bytes();
    bytes[at] = 0;
    refuse(&Small::new(), &bytes, "nul_byte", "row 17 holds a NUL byte");
    let header = text.replacen("Naam", "Na\0am", 1);
    refuse(
        &Small::new(),
        header.as_bytes(),
        "nul_byte",
        "the header holds a NUL byte",
    );
}
