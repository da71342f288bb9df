//! Rows that are refused, and when they are too many; the demo's deliveries spoiled.

use std::fs;

use serde_json::json;

use crate::refusals::{place, refuse, refused_rows, telling, windows_1252};
use crate::small::{Small, rows};
use crate::support::Place;

#[test]
fn more_bad_rows_than_the_source_may_have() {
    // Five of forty is more than ten percent; each is bad in its own way.
    let bad = rows(0..40)
        .replacen(";oost;", ";Geheim;", 1)
        .replacen("C-00002", "", 1)
        .replacen("03-2024;oost", "Geheim-2024;oost", 1)
        .replacen(";10\n", ";Geheim\n", 1)
        .replacen(";20\n", ";20;Geheim\n", 1);
    let says = "5 of 40 rows were refused, more than the 10 % that this source may have";
    let (place, contracts) = refuse(&Small::new(), bad.as_bytes(), "te_veel_geweigerd", says);
    assert_eq!(
        refused_rows(&place, &contracts, "weigeringen", "kolom, regel, rijen"),
        json!([
            {"kolom": "aantal", "regel": "getal", "rijen": 1},
            {"kolom": "datum", "regel": "datum", "rijen": 1},
            {"kolom": "nummer", "regel": "verplicht", "rijen": 1},
            {"kolom": "wijk", "regel": "keuze", "rijen": 1},
            {"kolom": null, "regel": "aantal_velden", "rijen": 1},
        ])
    );
    let listed = refused_rows(
        &place,
        &contracts,
        "weigeringen_rijen",
        "rij, kolom, regel, levering",
    );
    let rows: Vec<(i64, &str)> = listed
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["rij"].as_i64().unwrap(), row["regel"].as_str().unwrap()))
        .collect();
    assert_eq!(
        rows,
        [
            (1, "keuze"),
            (3, "verplicht"),
            (4, "datum"),
            (11, "getal"),
            (21, "aantal_velden")
        ]
    );
    // The list says which delivery it is about, also of one that was refused.
    assert_eq!(
        listed[0]["levering"],
        telling(&place, &contracts)["levering"]
    );
    assert_eq!(listed[0]["levering"].as_str().unwrap().len(), 64);
}

#[test]
fn a_few_bad_rows_cost_themselves_only() {
    let (place, contracts) = place(&Small::new());
    let bad = rows(0..40)
        .replacen(";10\n", ";10;Geheim\n", 1)
        .replacen(";12\n", "\n", 1);
    place.deliver("proef", "proef_20240201.csv", bad.as_bytes());
    // Published, but with a word about it.
    let answer = place.sluis(&["run", "--set", &contracts]).must_exit(3);
    assert!(
        answer.stdout.contains("kept 38, refused 2"),
        "{}",
        answer.stdout
    );
    let told = telling(&place, &contracts);
    assert_eq!(
        (&told["uitkomst"], &told["rijen_behouden"]),
        (&json!("verwerkt"), &json!(38))
    );
    let listed = refused_rows(&place, &contracts, "weigeringen_rijen", "rij, kolom, regel");
    assert_eq!(
        listed,
        json!([
            {"rij": 11, "kolom": null, "regel": "aantal_velden"},
            {"rij": 13, "kolom": null, "regel": "aantal_velden"},
        ])
    );
    assert_eq!(
        place.manifest().files.iter().map(|f| f.rows).sum::<u64>(),
        38
    );
    // The next night has nothing to say about it.
    place.sluis(&["run", "--set", &contracts]).must_exit(0);
}

/// The same on real deliveries: those of the demo, spoiled one at a time.
#[test]
fn the_demos_deliveries_spoiled() {
    let place = Place::with_demo();
    place.sluis(&["run"]).must_exit(3);
    let figures = || place.sql("select * from monitor.hulpvragen order by jaar, volgorde");
    let before = (place.current(), place.manifest().content, figures());
    let identifiers = sluis::demo::identifiers(1).unwrap();
    let wot = |name: &str| place.landing().join("wot-casus").join(name);
    let original = fs::read(wot("wot-casus_2024_20250115.csv")).unwrap();
    let name = "wot-casus_2024_20250201.csv";
    let spoil = |change: &dyn Fn(&mut Vec<u8>), rule: &str| {
        let mut bytes = original.clone();
        change(&mut bytes);
        let path = place.deliver("wot-casus", name, &bytes);
        place.vouch(&path);
        let answer = place
            .sluis(&["run", "-vv", "--set", "log.level=trace"])
            .must_exit(3);
        let said = format!("wot-casus (2024, 20250201) was refused: {rule}: ");
        assert!(
            answer.stderr.contains(&said),
            "no `{said}` in: {}",
            answer.stderr
        );
        for bsn in identifiers.bsns.iter().chain(&identifiers.case_numbers) {
            assert!(!answer.stderr.contains(bsn.as_str()) && !answer.stdout.contains(bsn.as_str()));
        }
        assert_eq!(
            (place.current(), place.manifest().content, figures()),
            before
        );
    };
    let find = |bytes: &[u8], text: &str| {
        bytes
            .windows(text.len())
            .position(|w| w == text.as_bytes())
            .unwrap()
    };
    spoil(&|b| b.truncate(b.len() / 2), "afgebroken_bestand");
    spoil(&|b| b.clear(), "leeg");
    spoil(&|b| b.truncate(find(b, "\r\n") + 2), "geen_rijen");
    spoil(
        &|b| {
            *b = String::from_utf8_lossy(b)
                .replace('\u{fffd}', "é")
                .into_bytes();
        },
        "codering",
    );
    spoil(&|b| b[70_000] = 0, "nul_byte");
    spoil(
        &|b| drop(b.splice(..11, *b"Geheim nr  ")),
        "onbekende_kolom",
    );
    let bsn = |b: &mut Vec<u8>| {
        let at = find(b, ";BSN;");
        b.splice(at..at + 4, []);
    };
    spoil(&bsn, "ontbrekende_kolom");
    // Every postcode becomes one that is none.
    let postcodes = |b: &mut Vec<u8>| {
        let text: String = b.iter().map(|&byte| char::from(byte)).collect();
        *b = windows_1252(&text.replace(";31", ";XX"));
    };
    spoil(&postcodes, "te_veel_geweigerd");
    fs::remove_file(
        place
            .landing()
            .join("wot-casus")
            .join(format!("{name}.sha256")),
    )
    .unwrap();
    let answer = place.sluis(&["run"]).must_exit(3);
    assert!(
        answer.stderr.contains("controlegetal_ontbreekt"),
        "{}",
        answer.stderr
    );
    assert_eq!(
        (place.current(), place.manifest().content, figures()),
        before
    );
    // The good one that it was made of is welcome.
    let path = place.deliver("wot-casus", name, &original);
    place.vouch(&path);
    place.sluis(&["run"]).must_exit(3);
    assert_eq!(place.manifest().content, before.1);
    assert_ne!(place.current(), before.0);
}

/// A hulpvraag of which no date is known has no year; that is no reason to refuse anything.
#[test]
fn a_row_without_any_date_is_kept() {
    let place = Place::with_demo();
    let path = place
        .landing()
        .join("wot-casus/wot-casus_2024_20250115.csv");
    let text: String = fs::read(&path)
        .unwrap()
        .iter()
        .map(|&b| char::from(b))
        .collect();
    let mut lines: Vec<String> = text.split("\r\n").map(str::to_owned).collect();
    let mut cells: Vec<&str> = lines[1].split(';').collect();
    cells[7..10].fill("");
    lines[1] = cells.join(";");
    fs::write(&path, windows_1252(&lines.join("\r\n"))).unwrap();
    place.vouch(&path);
    let sources = ["cbs-wijken", "cbs-postcodes", "wot-casus"];
    let answer = place.sluis(&[&["run"], &sources[..]].concat()).must_exit(3);
    assert!(!answer.stderr.contains("was refused"), "{}", answer.stderr);
    let unknown = place
        .manifest()
        .files
        .into_iter()
        .filter(|f| f.path.starts_with("hulpvraag/jaar=0/"));
    assert_eq!(unknown.map(|f| f.rows).sum::<u64>(), 1);
}
