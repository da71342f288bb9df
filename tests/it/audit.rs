//! The log of who did what: everything is in it, nothing that tells about anybody, and no line can be
//! changed unseen.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use serde_json::Value;

use crate::nights::{DATES, HISTORY, Nights, stand};
use crate::small::{Small, rows};
use crate::subject::ask;
use crate::support::Place;

fn lines(place: &Place) -> Vec<Value> {
    let text = fs::read_to_string(place.warehouse().join("audit.ndjson")).unwrap();
    text.lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect()
}

/// What was done and with what result, in order.
fn deeds(place: &Place) -> Vec<String> {
    let lines = lines(place);
    let deed = |l: &Value| {
        format!(
            "{} {}",
            l["wat"].as_str().unwrap(),
            l["resultaat"].as_str().unwrap()
        )
    };
    lines.iter().map(deed).collect()
}

#[test]
fn everything_is_logged_and_nobody_is_named() {
    let place = Place::new();
    let set = Small::new().at(&place);
    let with = |args: &[&'static str]| -> Vec<String> {
        let args = args.iter().map(|a| (*a).to_owned());
        args.chain(["--set".to_owned(), set.clone()]).collect()
    };
    let run = |args: &[&'static str]| {
        let args = with(args);
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        place.sluis(&args)
    };
    // Before there is a warehouse there is nothing to log.
    run(&["sql", "-c", "select 1"]).must_exit(0);
    assert!(!place.warehouse().exists());
    place.deliver("proef", "proef_20240101.csv", rows(0..20).as_bytes());
    place.deliver("stand", "stand_20240101.csv", stand(HISTORY[0]).as_bytes());
    run(&["run"]).must_exit(0);
    run(&["run"]).must_exit(0);
    run(&[
        "sql",
        "-c",
        "select * from proef, monitor.stand where 'C-00003' = 'x'",
    ])
    .must_exit(0);
    run(&["sql", "-c", "select nergens from proef where 1 = 999990019"]).must_exit(2);
    run(&["key", "show"]).must_exit(0);
    run(&["check"]).must_exit(0);
    for (args, line) in [
        (&["subject", "find", "--domain", "proef"][..], "C-00003"),
        (
            &["subject", "erase", "--dry-run", "--domain", "proef"],
            "C-00003",
        ),
        (
            &["subject", "erase", "--yes", "--domain", "proef"],
            "C-00003",
        ),
    ] {
        let args = with(args);
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        ask(&place, &args, line).must_exit(0);
    }
    run(&["retention"]).must_exit(0);
    assert_eq!(
        deeds(&place),
        [
            "run begonnen",
            "run gepubliceerd",
            "run begonnen",
            "run ongewijzigd",
            "vraag beantwoord",
            "vraag geweigerd",
            "sleutel getoond",
            "sleutel vergeleken",
            "inzage beantwoord",
            "wissen proef",
            "wissen begonnen",
            "wissen gewist",
            "bewaartermijn begonnen",
            "bewaartermijn toegepast",
        ]
    );
    let all = lines(&place);
    assert_eq!(
        all[4]["views"],
        serde_json::json!(["monitor.proef", "monitor.stand"])
    );
    assert!(all.iter().all(|l| !l["wie"].as_str().unwrap().is_empty()));
    let path = place.warehouse().join("audit.ndjson");
    assert_eq!(
        fs::metadata(&path).unwrap().permissions().mode() & 0o777,
        0o600
    );
    let text = fs::read_to_string(&path).unwrap();
    for told in ["C-0000", "9999", "select", "nergens"] {
        assert!(!text.contains(told), "{told}: {text}");
    }
    run(&["audit", "verify"]).must_exit(0);
}

/// Four nights and the head after them.
fn four() -> (Nights, String, Vec<String>) {
    let mut nights = Nights::new(&Small::new());
    for date in &DATES[..4] {
        nights.deliver("proef", date, &rows(0..5));
        nights.run();
    }
    let head = nights
        .place
        .sluis(&["audit", "head", "--json"])
        .must_exit(0)
        .json();
    let text = fs::read_to_string(nights.place.warehouse().join("audit.ndjson")).unwrap();
    let lines = text.split_inclusive('\n').map(str::to_owned).collect();
    (
        nights,
        head["chain"]["head"].as_str().unwrap().to_owned(),
        lines,
    )
}

#[test]
fn the_first_line_that_was_changed_is_named() {
    let (nights, head, lines) = four();
    assert_eq!(lines.len(), 8);
    let path = nights.place.warehouse().join("audit.ndjson");
    let verify = |text: &[String], args: &[&str], code: i32| {
        fs::write(&path, text.concat()).unwrap();
        nights.place.sluis(args).must_exit(code).stdout
    };
    let all = ["audit", "verify"];
    assert!(verify(&lines, &all, 0).starts_with("whole: 8 lines"));
    let mut changed = lines.clone();
    changed[3] = changed[3].replace("gepubliceerd", "ongewijzigd ");
    assert!(verify(&changed, &all, 4).starts_with("NOT WHOLE: line 4: "));
    let mut shorter = lines.clone();
    shorter.remove(2);
    assert!(verify(&shorter, &all, 4).starts_with("NOT WHOLE: line 3: "));
    // A run does not build upon a log that was changed at its end.
    let mut end = lines.clone();
    end[7] = end[7].replace("gepubliceerd", "ongewijzigd ");
    fs::write(&path, end.concat()).unwrap();
    let set = Small::new().at(&nights.place);
    let answer = nights.place.sluis(&["run", "--set", &set]).must_exit(1);
    assert!(
        answer.stderr.contains("damaged at its end"),
        "{}",
        answer.stderr
    );
    assert_eq!(fs::read_to_string(&path).unwrap(), end.concat());
    // What is cut off the end shows against the head that was noted, and only so.
    let noted = ["audit", "verify", "--head", &head];
    assert!(verify(&lines, &noted, 0).starts_with("whole"));
    assert!(verify(&lines[..6], &all, 0).starts_with("whole: 6 lines"));
    assert!(verify(&lines[..6], &noted, 4).contains("the head that was noted is not in the log"));
}
