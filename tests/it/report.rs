//! `sluis report`: the annual report as its readers get it, and what it refuses.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use serde_json::Value;

use crate::support::Place;

/// The years of the demo.
const YEARS: [i64; 3] = [2020, 2023, 2024];

static PLACE: LazyLock<Place> = LazyLock::new(|| {
    let place = Place::with_demo();
    // Refused rows and deliveries are part of the demo, so the job says so.
    place.sluis(&["run", "--quiet"]).must_exit(3);
    place
});

static REPORTS: LazyLock<Vec<(i64, String)>> = LazyLock::new(|| {
    let report = |year: i64| {
        let year_given = year.to_string();
        let args = ["report", "--year", &year_given, "--out", "-", "--quiet"];
        (year, PLACE.sluis(&args).must_exit(0).stdout)
    };
    YEARS.map(report).to_vec()
});

/// Tags in order: name, attributes, and whether it closes.
fn tags(html: &str) -> Vec<(&str, &str, bool)> {
    let body = html.split_once("</style>").expect("a stylesheet").1;
    let pieces = body.split('<').skip(1);
    pieces
        .filter_map(|piece| {
            let inside = piece.split_once('>')?.0;
            let closes = inside.starts_with('/');
            let inside = inside.trim_start_matches('/');
            let (name, attributes) = inside.split_once(' ').unwrap_or((inside, ""));
            Some((name, attributes, closes))
        })
        .collect()
}

/// The value of an attribute.
fn attribute<'a>(attributes: &'a str, name: &str) -> Option<&'a str> {
    let padded = attributes.find(&format!(" {name}=\"")).map(|at| at + 1);
    let begins = attributes.starts_with(&format!("{name}=\""));
    let from = if begins { 0 } else { padded? } + name.len() + 2;
    attributes[from..].split('"').next()
}

/// The text of a piece of HTML without its tags.
fn text(html: &str) -> String {
    let parts = html.split('<').map(|piece| match piece.split_once('>') {
        Some((_, text)) => text,
        None => piece,
    });
    parts.collect()
}

/// Every row of every table: the texts of its cells.
fn rows(html: &str) -> Vec<Vec<String>> {
    let row = |row: &str| {
        let row = row.split("</tr>").next().unwrap_or_default();
        let cells = row.split("<t").skip(1);
        let cell = |cell: &str| text(cell.split_once('>').map_or("", |(_, text)| text));
        cells.map(cell).collect()
    };
    html.split("<tr").skip(1).map(row).collect()
}

#[test]
fn every_tag_is_closed_in_order() {
    for (year, html) in REPORTS.iter() {
        let mut open = Vec::new();
        for (name, _, closes) in tags(html) {
            match (name, closes) {
                ("br" | "meta", false) => {}
                (name, false) => open.push(name),
                (name, true) => {
                    // Head and what holds it were opened before the stylesheet.
                    let last = open.pop().unwrap_or(name);
                    assert_eq!(last, name, "{year}");
                }
            }
        }
        assert!(open.is_empty(), "{year}: {open:?}");
    }
}

#[test]
fn a_report_needs_nothing_but_itself() {
    for (year, html) in REPORTS.iter() {
        for foreign in [
            "http:", "https:", "//", "src=", "<script", "<link", "<img", "@import", " style=",
        ] {
            let found = html
                .find(foreign)
                .map(|at| &html[at..(at + 60).min(html.len())]);
            assert_eq!(found, None, "{year}: {foreign}");
        }
        assert!(html.contains("default-src 'none'"));
        let addresses = html.matches("url(").count();
        assert_eq!(addresses, html.matches("url(#arcering)").count());
        for (name, attributes, _) in tags(html) {
            let handler = attributes
                .split(' ')
                .any(|a| a.starts_with("on") && a.contains('='));
            assert!(!handler, "{year}: {name} {attributes}");
        }
    }
}

#[test]
fn what_is_referred_to_is_there_once() {
    for (year, html) in REPORTS.iter() {
        let mut ids = BTreeSet::new();
        for (_, attributes, _) in tags(html) {
            if let Some(id) = attribute(attributes, "id") {
                assert!(ids.insert(id), "{year}: {id} twice");
                assert!(!id.contains(' '), "{year}: {id}");
            }
        }
        for (name, attributes, _) in tags(html) {
            let link = attribute(attributes, "href").map(|href| href.trim_start_matches('#'));
            let labels = attribute(attributes, "aria-labelledby").unwrap_or_default();
            for target in link.into_iter().chain(labels.split_whitespace()) {
                assert!(ids.contains(target), "{year}: {name} refers to {target}");
            }
        }
    }
}

#[test]
fn it_can_be_read_by_ear() {
    for (year, html) in REPORTS.iter() {
        assert!(html.contains("<html lang=\"nl\">"));
        let tags = tags(html);
        let opened = |name: &str| tags.iter().filter(|t| t.0 == name && !t.2).count();
        assert_eq!(
            (opened("main"), opened("h1"), opened("nav")),
            (1, 1, 1),
            "{year}"
        );
        assert_eq!(opened("table"), opened("caption"), "{year}");
        let charts = tags.iter().filter(|t| t.1.contains("role=\"img\"")).count();
        assert!(charts > 10, "{year}: {charts} charts");
        // One `title` in the head is gone with the stylesheet; every chart has one and a description.
        assert_eq!(
            (opened("title"), opened("desc")),
            (charts, charts),
            "{year}"
        );
        for (name, attributes, closes) in &tags {
            if *name == "th" && !closes {
                assert!(
                    attribute(attributes, "scope").is_some(),
                    "{year}: {attributes}"
                );
            }
            if *name == "svg" && !closes {
                let said = attributes.contains("role=\"img\"");
                let silent = attributes.contains("aria-hidden=\"true\"");
                // A drawing inside a chart says nothing of its own.
                let inner = attributes.starts_with("x=");
                assert!(said || silent || inner, "{year}: {attributes}");
            }
        }
        let mut level = 1;
        let headings = tags
            .iter()
            .filter(|t| !t.2 && t.0.len() == 2 && t.0.starts_with('h'));
        for (name, _, _) in headings.filter(|t| t.0 != "hr") {
            let now: i32 = name[1..].parse().unwrap();
            assert!(now <= level + 1, "{year}: h{level} is followed by {name}");
            level = now;
        }
    }
}

/// A number of a view as the report writes it.
fn dutch(value: &Value) -> Option<String> {
    let text = match value {
        Value::Number(number) => number.to_string(),
        Value::String(text) if text.parse::<f64>().is_ok() => text.clone(),
        _ => return None,
    };
    let (whole, decimals) = text.split_once('.').unwrap_or((&text, ""));
    let digits = whole.trim_start_matches('-');
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push('.');
        }
        grouped.push(digit);
    }
    let decimals = decimals.trim_end_matches('0');
    Some(if decimals.is_empty() {
        grouped
    } else {
        format!("{grouped},{decimals}")
    })
}

/// The figures in the tables of a report, without their units and without zeros behind a comma.
fn printed(html: &str) -> BTreeSet<String> {
    let bare = |cell: &String| {
        let cell = cell.replace(['%', '€', '\u{a0}'], "");
        if cell.contains(',') {
            cell.trim_end_matches('0').trim_end_matches(',').to_owned()
        } else {
            cell
        }
    };
    rows(html).iter().flatten().map(bare).collect()
}

#[test]
fn every_figure_of_every_view_is_in_the_report_of_its_year() {
    const VIEWS: [&str; 19] = [
        "afhandeling",
        "afsluiting",
        "doorlooptijd",
        "hulpvragen",
        "hulpvragen_per_wijk",
        "klachten",
        "klantervaring",
        "korte_contacten",
        "kpi",
        "leeftijd",
        "personeel",
        "problematiek",
        "stapeling",
        "substitutie",
        "trainingen",
        "wachttijd",
        "welzijn",
        "zelfredzaamheid",
        "zorgzwaarte",
    ];
    let printed: Vec<(i64, BTreeSet<String>)> = REPORTS
        .iter()
        .map(|(year, html)| (*year, printed(html)))
        .collect();
    for view in VIEWS {
        let rows = PLACE.sql(&format!("select * from monitor.{view}"));
        for (year, printed) in &printed {
            for row in rows.iter().filter(|row| row["jaar"] == *year) {
                // Of what is split to wijken the report shows the whole, and of it the shares.
                let part = ["wijk", "gebied"]
                    .iter()
                    .any(|column| row.get(*column).is_some_and(|value| value != "alle"));
                let columns: &[&str] = match (view, part) {
                    ("problematiek" | "stapeling" | "zorgzwaarte", true) => &[],
                    ("zelfredzaamheid", true)
                        if row["indeling"] == "team" || row["leefgebied"] == "totaal" =>
                    {
                        &[]
                    }
                    ("zelfredzaamheid", true) => &["gemiddelde_tweede"],
                    ("zelfredzaamheid", false) => {
                        &["gemiddelde_eerste", "gemiddelde_tweede", "toename"]
                    }
                    ("personeel", _)
                        if row["onderdeel"] == "fte" || row["onderdeel"] == "professionals" =>
                    {
                        &[]
                    }
                    ("trainingen", _) => &["deelnemers"],
                    ("kpi", _) => &["realisatie"],
                    _ => &["aantal", "personen", "cijfer"],
                };
                for column in columns {
                    let Some(figure) = row.get(*column).and_then(dutch) else {
                        continue;
                    };
                    assert!(
                        printed.contains(&figure),
                        "{year} {view}.{column} {figure}: {row}"
                    );
                }
            }
        }
    }
}

#[test]
fn printed_figures_stand_where_a_reader_looks_for_them() {
    let report = |year| &REPORTS.iter().find(|(y, _)| *y == year).unwrap().1;
    let row = |year, label: &str| {
        let rows = rows(report(year));
        let found = rows
            .into_iter()
            .find(|row| row.first().is_some_and(|l| l == label));
        found.unwrap_or_else(|| panic!("{label} in {year}"))
    };
    assert_eq!(
        row(2024, "Binnen 4 weken")[1..],
        ["851", "79\u{a0}%", "904", "89\u{a0}%"]
    );
    assert_eq!(
        row(2024, "Doelen gerealiseerd")[1..],
        ["708", "70\u{a0}%", "650", "65\u{a0}%"]
    );
    // 2020 has another definition than what came after, and stands alone.
    assert_eq!(row(2020, "&gt; 12 maanden")[1..], ["694", "31\u{a0}%"]);
    let text = text(report(2024));
    for words in [
        "In 2024 waren er 1.873 hulpvragen. Dat is 4\u{a0}% meer dan in 2023.",
        "De norm is 80\u{a0}%. Die is niet gehaald.",
    ] {
        assert!(text.contains(words), "{words}");
    }
    assert!(text.contains("een concept: nog niet vastgesteld"));
    let release = PLACE.manifest().id;
    assert!(text.contains(&release));
}

#[test]
fn the_same_release_gives_the_same_report() {
    let (year, first) = &REPORTS[2];
    let again = PLACE.sluis(&["report", "--year", &year.to_string(), "-o", "-"]);
    assert_eq!(again.must_exit(0).stdout, *first);
}

#[test]
fn a_year_without_figures_is_refused_with_the_years_that_there_are() {
    let answer = PLACE
        .sluis(&["report", "--year", "2022", "--out", "verslag.html"])
        .must_exit(2);
    assert_eq!(
        answer.stderr,
        "error: the monitor has no figures over 2022\nhint: there are figures over 2020, 2023, 2024\n"
    );
    assert!(!PLACE.path().join("verslag.html").exists());
    let nothing = Place::bare();
    let answer = nothing
        .sluis(&["report", "--year", "2024", "--out", "-"])
        .must_exit(2);
    assert!(
        answer.stderr.contains("it has no figures of any year"),
        "{}",
        answer.stderr
    );
}

#[test]
fn a_report_replaces_a_report_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("verslag.html");
    let report = |more: &[&str]| {
        let out = file.to_str().unwrap();
        let args = ["report", "--year", "2024", "--out", out];
        PLACE.sluis(&[&args, more].concat())
    };
    let said = report(&["--json"]).must_exit(0).json();
    let written = fs::read_to_string(&file).unwrap();
    assert_eq!(written, REPORTS[2].1);
    assert_eq!(said["year"], 2024);
    assert_eq!(said["bytes"], written.len());
    assert_eq!(said["release"], PLACE.manifest().id);
    report(&["--quiet"]).must_exit(0);

    fs::write(&file, "mijn eigen verslag").unwrap();
    let answer = report(&[]).must_exit(2);
    assert!(
        answer.stderr.contains("is not a page of sluis"),
        "{}",
        answer.stderr
    );
    assert_eq!(fs::read_to_string(&file).unwrap(), "mijn eigen verslag");
    report(&["--force"]).must_exit(0);
    assert_eq!(fs::read_to_string(&file).unwrap(), written);
    let left: Vec<_> = fs::read_dir(folder.path()).unwrap().collect();
    assert_eq!(left.len(), 1, "nothing beside it");

    let both = PLACE.sluis(&["report", "--year", "2024", "--out", "-", "--json"]);
    both.must_exit(2);
}

/// Copies the contracts of the repository, with these words changed.
fn contracts(place: &Place, changes: &[(&str, &str, &str)]) -> String {
    let root = place.path().join("contracten");
    let mut folders = vec![
        "schemas".to_owned(),
        "pipelines".to_owned(),
        "config".to_owned(),
    ];
    while let Some(folder) = folders.pop() {
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join(&folder);
        fs::create_dir_all(root.join(&folder)).unwrap();
        for entry in fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            let path = format!("{folder}/{}", entry.file_name().to_string_lossy());
            if entry.file_type().unwrap().is_dir() {
                folders.push(path);
                continue;
            }
            let mut text = fs::read_to_string(entry.path()).unwrap();
            for (_, from, to) in changes.iter().filter(|(file, ..)| *file == path) {
                assert!(text.contains(from), "{path}: {from}");
                text = text.replace(from, to);
            }
            fs::write(root.join(&path), text).unwrap();
        }
    }
    format!("paths.contracts={}", root.display())
}

#[test]
fn what_is_called_a_script_is_text() {
    let place = Place::with_demo();
    let set = contracts(
        &place,
        &[
            (
                "schemas/sources/trainingen.toml",
                "\"privacy\" =",
                "\"<script>alert(1)</script>\" =",
            ),
            (
                "schemas/sources/trainingen.toml",
                "\"basistraining\" =",
                "\"</td><script>alert(2)</script>\" =",
            ),
            (
                "schemas/monitor/trainingen.sql",
                "-- Welke trainingsprogramma's",
                "-- <script>alert(3)</script> Welke trainingsprogramma's",
            ),
        ],
    );
    let sources = ["cbs-wijken", "cbs-postcodes", "trainingen", "wot-casus"];
    let run = [&["run", "--quiet", "--set", &set][..], &sources].concat();
    place.sluis(&run).must_exit(3);
    let args = ["report", "--year", "2024", "--out", "-", "--set", &set];
    let html = place.sluis(&args).must_exit(0).stdout;
    assert!(!html.contains("<script") && !html.contains("<img"));
    // A slash is a place to break a line, so it is followed by a space without width.
    assert!(html.contains("&lt;/\u{200b}td&gt;&lt;script&gt;alert(2)"));
    assert!(html.contains("&lt;script&gt;alert(3)"));
    // Chapters without deliveries are left out, and nothing of them is said.
    assert!(!html.contains("id=\"klachten\"") && html.contains("id=\"wachttijd\""));
}
