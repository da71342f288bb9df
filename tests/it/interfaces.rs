//! The partners with an interface: what a user sees of their JSON, its quirks and its faults.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use serde_json::{Value, json};
use sluis::warehouse::parquet::read_file;

use crate::small::files_below;
use crate::support::{Answer, Place};

const SOURCES: [&str; 6] = [
    "telefooncentrale",
    "mee",
    "minters",
    "pameijer",
    "zorgdomein",
    "doorbraaktool",
];

/// The rows of a table as JSON, with the year of its folder; pseudonyms in hexadecimal.
fn table(place: &Place, name: &str) -> Vec<Value> {
    let root = place.current().unwrap();
    let mut rows = Vec::new();
    let manifest = place.manifest();
    for file in manifest.files.iter().filter(|file| file.table == name) {
        let year: i64 = file.path.split(['=', '/']).nth(2).unwrap().parse().unwrap();
        for batch in read_file(&root.join(&file.path)).unwrap() {
            let mut writer = arrow::json::ArrayWriter::new(Vec::new());
            writer.write(&batch).unwrap();
            writer.finish().unwrap();
            let found: Vec<Value> = serde_json::from_slice(&writer.into_inner()).unwrap();
            rows.extend(found.into_iter().map(|mut row| {
                row["jaar"] = year.into();
                row
            }));
        }
    }
    rows
}

/// One field of every row, sorted.
fn field(rows: &[Value], name: &str) -> Vec<String> {
    let text = |row: &Value| match &row[name] {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let mut values: Vec<String> = rows.iter().map(text).collect();
    values.sort();
    values
}

/// Runs, and gives what became of each delivery: source and date to outcome and reason.
fn run(place: &Place, code: i32) -> (BTreeMap<String, String>, Answer) {
    let report = place.sluis(&["--json", "run"]).must_exit(code);
    let deliveries = report.json()["deliveries"].clone();
    let outcome = |d: &Value| {
        let name = format!("{} {}", text(&d["source"]), text(&d["order"]));
        let reason = text(&d["reason"]);
        let rule = reason.split(':').next().unwrap_or_default();
        (
            name,
            format!("{} {rule}", text(&d["outcome"])).trim().into(),
        )
    };
    let all = deliveries.as_array().unwrap().iter().map(outcome);
    (all.collect(), report)
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn lines(records: &[Value]) -> Vec<u8> {
    let lines: Vec<String> = records.iter().map(|record| format!("{record}\n")).collect();
    lines.concat().into_bytes()
}

/// No delivery's words are in the output, the journal or the release.
fn nowhere(place: &Place, answer: &Answer, words: &[&str]) {
    let mut places: Vec<(String, Vec<u8>)> = files_below(&place.warehouse()).into_iter().collect();
    places.push(("stdout".into(), answer.stdout.clone().into_bytes()));
    places.push(("stderr".into(), answer.stderr.clone().into_bytes()));
    for (name, bytes) in places {
        for word in words {
            let found = memchr::memmem::find(&bytes, word.as_bytes());
            assert!(found.is_none(), "`{word}` in {name}");
        }
    }
}

#[test]
fn the_demos_deliveries_come_through() {
    let place = Place::new();
    let made = sluis::demo::write_deliveries(&place.landing(), 1).unwrap();
    for folder in fs::read_dir(place.landing()).unwrap() {
        let path = folder.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if !SOURCES.contains(&name.as_str()) {
            fs::remove_dir_all(path).unwrap();
        }
    }
    let (outcomes, _) = run(&place, 3);
    let ours = || {
        made.deliveries
            .iter()
            .filter(|d| SOURCES.contains(&d.source))
    };
    let expected: BTreeMap<String, String> = ours()
        .map(|d| {
            let stem = d.file.rsplit_once('.').unwrap().0;
            let name = format!("{} {}", d.source, stem.rsplit_once('_').unwrap().1);
            let refused = d.refused_by.map(|rule| format!("geweigerd {rule}"));
            (name, refused.unwrap_or_else(|| "verwerkt".into()))
        })
        .collect();
    assert_eq!(outcomes, expected);
    for delivery in &place.manifest().deliveries {
        let made = ours().find(|d| d.source == delivery.source && d.file.contains(&delivery.order));
        let made = made.unwrap();
        assert_eq!(
            (delivery.rows_in, delivery.rows_refused),
            (made.rows, made.refused),
            "{}",
            made.file
        );
    }

    // As published: 25 casussen that save 48 000 euro on average.
    let cases = table(&place, "maatwerk");
    let saved: i64 = cases.iter().map(|c| c["besparing"].as_i64().unwrap()).sum();
    assert_eq!((cases.len(), saved), (25, 25 * 4_800_000));
    assert!(cases.iter().all(|c| c["jaar"] == 2024));
    let laws: i64 = cases.iter().map(|c| c["wetten"].as_i64().unwrap()).sum();
    let listed = i64::try_from(table(&place, "maatwerk_wet").len());
    assert_eq!(listed, Ok(laws));
    assert_eq!(cases.iter().filter(|c| c["wetten"] == 0).count(), 1);

    let support = table(&place, "voorziening");
    let mut sources: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for row in &support {
        assert_eq!(row["soort"], "begeleiding");
        let clients = sources.entry(row["bron"].as_str().unwrap()).or_default();
        clients.extend(row["client"].as_str().map(str::to_owned));
    }
    let kept = |source: &str| -> u64 {
        let good = ours().filter(|d| d.source == source && d.refused_by.is_none());
        good.map(|d| d.rows - d.refused).sum()
    };
    assert_eq!(
        support.len() as u64,
        kept("mee") + kept("minters") + kept("pameijer")
    );
    // Some people are known to more partners than one.
    assert!(sources["mee"].intersection(&sources["minters"]).count() > 3);
    assert!(sources["mee"].intersection(&sources["pameijer"]).count() > 3);

    let reports = table(&place, "aanmelding");
    let numbers: BTreeSet<String> = field(&reports, "melding").into_iter().collect();
    assert_eq!(numbers.len(), reports.len());
    assert!(reports.len() > 200);
    assert!(reports.iter().any(|r| r["client"].is_null()));
    assert!(reports.iter().all(|r| r["status"] != "vervallen"));
    // The last evening of 2023 in world time is the first day of 2024 here.
    assert!(reports.iter().all(|r| r["jaar"] == 2024));
    let referrals = table(&place, "verwijzing");
    assert!(referrals.len() > 80);
    assert!(referrals.iter().all(|r| r["status"] != "ingetrokken"));
    assert!(referrals.iter().any(|r| r["status"] == "ontvangen"));

    // The next night nothing is new, except that what is refused stays refused.
    let (outcomes, _) = run(&place, 3);
    let changed = outcomes.values().filter(|o| **o == "verwerkt").count();
    assert_eq!(changed, 0);
}

fn old(number: &str, received: &str) -> Value {
    json!({
        "melding_id": number, "bsn": null, "kanaal": "telefoon", "ontvangen_op": received,
        "triage": "regulier", "doorgezet_naar": "WOT", "onderwerpen": ["wonen", "geld"],
        "status": "open", "notitie": "Geheim",
    })
}

fn new(number: &str, received: &str) -> Value {
    json!({
        "id": number, "inwoner": {"bsn": null}, "kanaal": "TEL",
        "tijdstip": {"ontvangen": received},
        "beoordeling": {"urgentie": "SPOED", "doorgezet": {"naar": null}, "onderwerpen": []},
        "status": "GESLOTEN", "notities": [{"tekst": "Geheim"}],
    })
}

fn calls(place: &Place, date: &str, records: &[Value]) {
    let name = format!("telefooncentrale_{date}.ndjson");
    place.deliver("telefooncentrale", &name, &lines(records));
}

#[test]
fn the_last_word_about_a_report_counts_whoever_says_it() {
    let place = Place::new();
    let mut sent_twice = old("TC1", "2024-03-01T10:00:00");
    let mut first = vec![sent_twice.clone()];
    sent_twice["triage"] = "spoed".into();
    sent_twice["bsn"] = 999_990_019.into();
    first.extend([
        sent_twice,
        old("TC2", "2024-03-02T10:00:00"),
        old("TC3", "2024-03-03T10:00:00"),
    ]);
    calls(&place, "20240331", &first);
    // The new vendor takes over what was open.
    let mut dropped = new("TC2", "2024-03-02T10:00:00");
    dropped["status"] = "VERVALLEN".into();
    calls(
        &place,
        "20240401",
        &[dropped, new("TC3", "2024-03-03T10:00:00")],
    );
    let (outcomes, answer) = run(&place, 0);
    assert!(outcomes.values().all(|o| o == "verwerkt"), "{outcomes:?}");
    let rows = table(&place, "aanmelding");
    assert_eq!(field(&rows, "datum"), ["2024-03-01", "2024-03-03"]);
    assert_eq!(field(&rows, "triage"), ["spoed", "spoed"]);
    assert_eq!(field(&rows, "status"), ["afgehandeld", "open"]);
    assert_eq!(field(&rows, "onderwerpen"), ["null", "wonen, geld"]);
    assert_eq!(rows.iter().filter(|r| r["client"].is_null()).count(), 1);
    nowhere(&place, &answer, &["Geheim", "999990019"]);
}

#[test]
fn a_day_is_a_day_in_the_netherlands() {
    let place = Place::new();
    let moments = [
        ("2024-10-26T22:30:00Z", "2024-10-27"),
        ("2024-10-27T02:30:00+02:00", "2024-10-27"),
        ("2024-10-27T02:30:00+01:00", "2024-10-27"),
        ("2024-10-27T22:59:59Z", "2024-10-27"),
        ("2024-10-27T23:00:00Z", "2024-10-28"),
        ("2024-10-27 02:30:00", "2024-10-27"),
        ("2023-12-31T23:30:00Z", "2024-01-01"),
    ];
    let records: Vec<Value> = moments
        .iter()
        .enumerate()
        .map(|(at, (moment, _))| new(&format!("RP{at}"), moment))
        .collect();
    calls(&place, "20241101", &records);
    run(&place, 0);
    let mut expected: Vec<&str> = moments.iter().map(|(_, day)| *day).collect();
    expected.sort_unstable();
    assert_eq!(field(&table(&place, "aanmelding"), "datum"), expected);
}

#[test]
fn each_version_knows_its_own_fields_and_no_others() {
    let place = Place::new();
    calls(&place, "20240330", &[new("RP1", "2024-03-30T10:00:00Z")]);
    calls(&place, "20240331", &[old("TC1", "2024-03-31T10:00:00Z")]);
    calls(&place, "20240401", &[old("TC2", "2024-04-01T10:00:00Z")]);
    calls(&place, "20240402", &[new("RP2", "2024-04-02T10:00:00Z")]);
    let (outcomes, answer) = run(&place, 3);
    let refused = "geweigerd onbekende_kolom";
    let expected = [
        ("telefooncentrale 20240330", refused),
        ("telefooncentrale 20240331", "verwerkt"),
        ("telefooncentrale 20240401", refused),
        ("telefooncentrale 20240402", "verwerkt"),
    ];
    assert_eq!(outcomes, expected.map(|(a, b)| (a.into(), b.into())).into());
    // It says where, and never what.
    assert!(
        answer
            .stdout
            .contains("row 1 has a field that is not in the contract")
    );
    nowhere(&place, &answer, &["melding_id", "inwoner", "Geheim"]);
}

fn mee(number: u32, bsn: &Value) -> Value {
    json!({
        "traject_id": format!("MEE-T{number:07}"), "client_id": "MEE-C1", "bsn": bsn,
        "geboortedatum": "1980-02-29", "traject": "Cliëntondersteuning", "uren": 12.5,
        "start": "2024-02-28", "einde": null, "reden_einde": null, "opmerking": null,
    })
}

fn minters(number: u32, bsn: &Value) -> Value {
    json!({
        "traject": {
            "nummer": format!("MIN-T{number:07}"), "soort": "mantelzorg",
            "periode": {"van": "2024-02-28", "tot": "2024-12-01"}, "reden": "VERHUISD",
        },
        "client": {
            "client_id": 17, "bsn": bsn, "geboren": "29-02-1980",
            "contactpersoon": {"naam": "Geheim", "nog": [{"iets": null}]},
        },
        "uren": 2,
    })
}

fn pameijer(number: u32, bsn: &Value) -> Value {
    json!({
        "trajectId": format!("PAM-T{number:07}"), "burgerservicenummer": bsn,
        "geboortejaar": 1980, "ondersteuning": "Begeleid wonen", "urenPerWeek": "12,50",
        "startDatum": "2024-02-28",
    })
}

fn array(place: &Place, source: &str, date: &str, records: &[Value]) {
    let name = format!("{source}_{date}.json");
    let text = format!("{:#}\n", Value::from(records));
    place.deliver(source, &name, text.as_bytes());
}

#[test]
fn one_person_at_three_partners_is_one_person() {
    let place = Place::new();
    // Text, a number that lost its leading zero, and text without it.
    array(&place, "mee", "20250101", &[mee(1, &json!("001200008"))]);
    array(
        &place,
        "minters",
        "20250101",
        &[minters(1, &json!(1_200_008))],
    );
    array(
        &place,
        "pameijer",
        "20250101",
        &[pameijer(1, &json!("1200008"))],
    );
    // And somebody nobody knows.
    array(
        &place,
        "mee",
        "20250102",
        &[mee(1, &json!("001200008")), mee(2, &Value::Null)],
    );
    let (_, answer) = run(&place, 0);
    let rows = table(&place, "voorziening");
    assert_eq!(rows.len(), 4);
    let known: BTreeSet<&str> = rows.iter().filter_map(|r| r["client"].as_str()).collect();
    assert_eq!(known.len(), 1, "one pseudonym");
    let of = |source: &str| rows.iter().find(|r| r["bron"] == source).unwrap();
    for (source, product, hours, end, reason) in [
        ("mee", "clientondersteuning", 1250, Value::Null, Value::Null),
        (
            "minters",
            "mantelzorgondersteuning",
            200,
            json!("2024-12-01"),
            json!("verhuizing"),
        ),
        ("pameijer", "begeleid_wonen", 1250, Value::Null, Value::Null),
    ] {
        let row = of(source);
        assert_eq!(
            (&row["product"], &row["uren"]),
            (&json!(product), &json!(hours)),
            "{source}"
        );
        assert_eq!(row.get("einddatum").unwrap_or(&Value::Null), &end);
        assert_eq!(row.get("reden_einde").unwrap_or(&Value::Null), &reason);
        assert_eq!(row["leeftijdsgroep"], "27-49", "{source}");
    }
    nowhere(
        &place,
        &answer,
        &["001200008", "Geheim", "MEE-T", "MIN-T", "PAM-T"],
    );
}

#[test]
fn an_unknown_field_costs_the_delivery_and_the_one_before_stays() {
    let place = Place::new();
    let good: Vec<Value> = (0..30).map(|n| minters(n, &Value::Null)).collect();
    array(&place, "minters", "20250101", &good);
    run(&place, 0);
    let before = (place.current(), place.manifest().content);
    let mut more: Vec<Value> = (0..40).map(|n| minters(n, &Value::Null)).collect();
    more[24]["client"]["diagnoseGeheim"] = Value::Null;
    array(&place, "minters", "20250201", &more);
    let (outcomes, answer) = run(&place, 3);
    assert_eq!(outcomes["minters 20250201"], "geweigerd onbekende_kolom");
    assert!(
        answer
            .stdout
            .contains("row 25 has a field that is not in the contract")
    );
    nowhere(&place, &answer, &["diagnoseGeheim"]);
    assert_eq!((place.current(), place.manifest().content), before);
}

/// The day of a delivery, what happens to it, and the rule that refuses it.
type Spoiled<'a> = (&'a str, &'a dyn Fn(String) -> String, &'a str);

#[test]
fn broken_records_cost_themselves_where_their_borders_are_sure() {
    let place = Place::new();
    let good: Vec<Value> = (0..100).map(|n| mee(n, &Value::Null)).collect();
    let spoiled = |change: &dyn Fn(String) -> String| {
        let text = Value::from(good.clone()).to_string();
        change(text).into_bytes()
    };
    let inside = spoiled(&|text| {
        text.replacen("\"uren\":12.5", "\"uren\":012.5", 1)
            .replacen("\"einde\":null", "\"einde\":nul", 1)
            .replacen("\"bsn\":null", "\"bsn\":null,\"bsn\":null", 2)
    });
    place.deliver("mee", "mee_20250101.json", &inside);
    let (outcomes, _) = run(&place, 3);
    assert_eq!(outcomes["mee 20250101"], "verwerkt");
    assert_eq!(table(&place, "voorziening").len(), 98);

    // A missing quote or brace may hide where records end; a file may be cut off, or go on.
    let (quoted, open) = ("\"start\":\"2024-02-28\"", "\"start\":\"2024-02-28");
    let cases: [Spoiled<'_>; 6] = [
        (
            "20250102",
            &|t| t.replacen(quoted, open, 1),
            "afgebroken_bestand",
        ),
        ("20250103", &|t| t.replacen(quoted, open, 2), "opbouw"),
        ("20250104", &|t| t.replacen("},{", ",{", 1), "opbouw"),
        (
            "20250105",
            &|t| t[..t.len() - 1].to_owned(),
            "afgebroken_bestand",
        ),
        ("20250106", &|t| format!("{t}{t}"), "opbouw"),
        ("20250107", &|t| t.replace("},{", "}\n{"), "opbouw"),
    ];
    for (date, change, rule) in cases {
        place.deliver("mee", &format!("mee_{date}.json"), &spoiled(change));
        let (outcomes, _) = run(&place, 3);
        let outcome = &outcomes[&format!("mee {date}")];
        assert_eq!(*outcome, format!("geweigerd {rule}"), "{date}");
    }
    assert_eq!(table(&place, "voorziening").len(), 98);
}

#[test]
fn a_broken_line_costs_that_line_and_a_cut_off_file_all() {
    let place = Place::new();
    let records: Vec<Value> = (0..60)
        .map(|n| old(&format!("TC{n}"), "2024-03-01T10:00:00"))
        .collect();
    let text = String::from_utf8(lines(&records)).unwrap();
    let broken = text.replacen("\"status\"", "status\"", 1);
    place.deliver(
        "telefooncentrale",
        "telefooncentrale_20240301.ndjson",
        broken.as_bytes(),
    );
    let (outcomes, _) = run(&place, 3);
    assert_eq!(outcomes["telefooncentrale 20240301"], "verwerkt");
    assert_eq!(table(&place, "aanmelding").len(), 59);
    // Without its last line end a file is whole; without the last brace it is not.
    let whole = text.trim_end();
    for (date, text, expected) in [
        ("20240302", whole, "verwerkt"),
        (
            "20240303",
            &whole[..whole.len() - 1],
            "geweigerd afgebroken_bestand",
        ),
    ] {
        let name = format!("telefooncentrale_{date}.ndjson");
        place.deliver("telefooncentrale", &name, text.as_bytes());
        let (outcomes, _) = run(&place, if expected == "verwerkt" { 0 } else { 3 });
        assert_eq!(outcomes[&format!("telefooncentrale {date}")], expected);
    }
    assert_eq!(table(&place, "aanmelding").len(), 60);
}

#[test]
fn what_a_practitioner_wrote_never_gets_past_the_lock() {
    let place = Place::new();
    let referral = |number: u32, status: &str| {
        json!({
            "verwijzing_id": format!("ZD-{number:08}"),
            "patient": {
                "bsn": "999990019", "naam": "G. Heimenaar", "geboortedatum": "1950-05-05",
            },
            "praktijk": "Huisartsen Oost", "huisarts": {"naam": "dr. Stilzwijger", "agb": "01234567"},
            "datum": "2024-05-04", "doel": "Welzijn op recept", "status": status,
            "toelichting": "Slaapt niet sinds Boris", "brief": [["bijlage", {"tekst": "Boris"}]],
        })
    };
    let first: Vec<Value> = (0..40).map(|n| referral(n, "verzonden")).collect();
    place.deliver("zorgdomein", "zorgdomein_20240601.ndjson", &lines(&first));
    let later = [referral(3, "ingetrokken"), referral(4, "ontvangen")];
    place.deliver("zorgdomein", "zorgdomein_20240602.ndjson", &lines(&later));
    let (outcomes, answer) = run(&place, 0);
    assert!(outcomes.values().all(|o| o == "verwerkt"), "{outcomes:?}");
    let rows = table(&place, "verwijzing");
    assert_eq!(rows.len(), 39);
    // The day before a birthday.
    assert!(rows.iter().all(|r| r["leeftijdsgroep"] == "68-74"));
    assert_eq!(
        rows.iter().filter(|r| r["status"] == "ontvangen").count(),
        1
    );
    let words = [
        "Boris",
        "Heimenaar",
        "Stilzwijger",
        "999990019",
        "01234567",
        "1950-05-05",
    ];
    nowhere(&place, &answer, &words);

    // Nobody agreed on a diagnosis.
    let mut more = referral(50, "verzonden");
    more["patient"]["icpc"] = "P76".into();
    place.deliver("zorgdomein", "zorgdomein_20240603.ndjson", &lines(&[more]));
    let (outcomes, _) = run(&place, 3);
    assert_eq!(outcomes["zorgdomein 20240603"], "geweigerd onbekende_kolom");
}

fn casus(number: u32, laws: &[&str], gains: &str, costs: &str) -> Value {
    let laws: Vec<Value> = laws.iter().map(|law| json!({"naam": law})).collect();
    json!({
        "casus": {"casus_id": format!("DBT-{number:05}"), "afgerond_op": "2024-06-01"},
        "wetten": laws, "baten": {"totaal": gains}, "lasten": {"totaal": costs},
    })
}

#[test]
fn a_casus_is_a_row_and_so_is_each_of_its_laws() {
    let place = Place::new();
    let mut records = vec![
        casus(
            1,
            &["Wmo 2015", "Jeugdwet", "Participatiewet"],
            "€ 48.000,-",
            "€ 1.234,56",
        ),
        casus(2, &[], "50000", "0,50"),
        casus(3, &["Jeugdwet"], "€ 2.000,00", "€ 3.000,-"),
    ];
    records[1]["wetten"] = Value::Null;
    // A law twice in one casus.
    let many = (10..60).map(|n| casus(n, &["Jeugdwet"], "€ 1,-", "€ 1,-"));
    records.extend(many);
    records[4]["wetten"] = json!([{"naam": "Jeugdwet"}, {"naam": "Jeugdwet"}]);
    let name = "doorbraaktool_2024_20250101.json";
    let deliver = |records: &[Value]| {
        let text = Value::from(records).to_string();
        place.deliver("doorbraaktool", name, text.as_bytes());
    };
    deliver(&records);
    run(&place, 3);
    let rows = table(&place, "maatwerk");
    assert_eq!(rows.len(), 53);
    let mut first: Vec<(i64, i64)> = rows
        .iter()
        .map(|r| {
            (
                r["wetten"].as_i64().unwrap(),
                r["besparing"].as_i64().unwrap(),
            )
        })
        .filter(|(_, saved)| *saved != 0)
        .collect();
    first.sort_unstable();
    assert_eq!(first, [(0, 4_999_950), (1, -100_000), (3, 4_676_544)]);
    assert_eq!(table(&place, "maatwerk_wet").len(), 3 + 1 + 50);

    // This partner may not send a BSN, and there is no field for one.
    records[0]["casus"]["bsn"] = "999990019".into();
    deliver(&records);
    let (outcomes, answer) = run(&place, 3);
    assert_eq!(
        outcomes["doorbraaktool 20250101"],
        "geweigerd onbekende_kolom"
    );
    nowhere(&place, &answer, &["999990019", "DBT-"]);
}
