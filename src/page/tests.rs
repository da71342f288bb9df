use std::collections::BTreeMap;

use chrono::NaiveDate;
use maud::html;

use super::*;

fn page(title: &str) -> String {
    Page {
        title,
        running_head: title,
        masthead: html! { h1 { (title) } },
        contents: &[Entry::new("een", "Hoofdstuk <een>")],
        main: html! { section #een { h2 { "Hoofdstuk" } } },
        footer: html! { h2 { "Colofon" } },
    }
    .render()
}

#[test]
fn text_is_escaped_wherever_it_goes() {
    let text = page("</style><script>alert(1)</script> \"} a");
    assert!(!text.contains("<script"), "{text}");
    assert_eq!(text.matches("</style").count(), 1);
    assert!(text.contains("Hoofdstuk &lt;een&gt;"));
    assert_eq!(css_string("a\"\\}</ï"), "\"a\\22 \\5c \\7d \\3c \\2f ï\"");
}

#[test]
fn a_page_asks_nobody_for_anything() {
    let text = page("Jaarverslag");
    for foreign in ["http:", "https:", "src=", "@import", "<link", "<script"] {
        assert!(!text.contains(foreign), "{foreign}");
    }
    let fetched: Vec<_> = text.match_indices("url(").collect();
    assert_eq!(fetched.len(), text.matches("url(#arcering)").count());
}

#[test]
fn numbers_are_dutch() {
    assert_eq!(number::whole(0), "0");
    assert_eq!(number::whole(1_234_567), "1.234.567");
    assert_eq!(number::whole(-1873), "−1.873");
    assert_eq!(number::whole(i64::MIN), "−9.223.372.036.854.775.808");
    assert_eq!(number::decimal(2.52, 2), "2,52");
    assert_eq!(number::decimal(2.675, 2), "2,68");
    assert_eq!(number::decimal(-0.001, 2), "0,00");
    assert_eq!(number::decimal(-1234.5, 1), "−1.234,5");
    assert_eq!(number::decimal(f64::NAN, 1), "–");
    assert_eq!(number::percent(71.0, 0), "71\u{a0}%");
    assert_eq!(number::euros(48_000), "€\u{a0}48.000");
    assert_eq!(number::difference(76), "+\u{a0}76");
    assert_eq!(number::difference(-3), "−\u{a0}3");
    assert_eq!(
        number::day(NaiveDate::from_ymd_opt(2025, 5, 3).unwrap()),
        "3\u{a0}mei\u{a0}2025"
    );
}

#[test]
fn a_table_tells_what_its_headers_are_about() {
    let table = Table {
        caption: "Wachttijd".into(),
        quiet_caption: false,
        wide: false,
        columns: vec![
            Column::words("Wachttijd"),
            Column::figures("aantal").under("2024"),
            Column::figures("%").under("2024"),
        ],
        rows: vec![Row {
            cells: vec!["<totaal>".into(), "1.077".into(), "100".into()],
            total: true,
        }],
    };
    insta::assert_snapshot!(table.render().into_string(), @r#"<div class="table"><table><caption>Wachttijd</caption><thead><tr><th scope="col" rowspan="2">Wachttijd</th><th class="figure group" scope="colgroup" colspan="2">2024</th></tr><tr><th class="figure begins" scope="col">aantal</th><th class="figure" scope="col">%</th></tr></thead><tbody><tr class="total"><th scope="row">&lt;totaal&gt;</th><td class="figure begins">1.077</td><td class="figure">100</td></tr></tbody></table></div>"#);
}

#[test]
fn a_verdict_needs_no_colour() {
    let text = mark(Verdict::Bad, "norm niet gehaald").into_string();
    assert!(text.contains("<path") && text.contains("norm niet gehaald"));
}

/// The colours of a scheme by name, as the stylesheet gives them.
fn colours(block: &str) -> BTreeMap<&str, [f64; 3]> {
    let mut found = BTreeMap::new();
    for line in block.lines() {
        let Some((name, value)) = line.trim().split_once(": #") else {
            continue;
        };
        let value = value.trim_end_matches(';');
        if value.len() != 6 {
            continue;
        }
        let part = |at: usize| f64::from(u8::from_str_radix(&value[at..at + 2], 16).unwrap());
        found.insert(name, [part(0), part(2), part(4)]);
    }
    found
}

fn luminance(colour: [f64; 3]) -> f64 {
    let linear = colour.map(|part| {
        let part = part / 255.0;
        if part <= 0.04045 {
            part / 12.92
        } else {
            ((part + 0.055) / 1.055).powf(2.4)
        }
    });
    0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
}

fn contrast(a: [f64; 3], b: [f64; 3]) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

/// Text and what it stands on (4.5), then shapes and what they stand on (3), as WCAG AA asks.
const TEXT: [(&str, &[&str]); 11] = [
    ("--ink", &["--paper", "--surface", "--accent-soft"]),
    ("--muted", &["--paper", "--surface"]),
    ("--accent", &["--paper", "--surface", "--accent-soft"]),
    ("--deep-ink", &["--deep"]),
    ("--deep-muted", &["--deep"]),
    ("--good", &["--good-soft", "--surface"]),
    ("--doubtful", &["--doubtful-soft", "--surface"]),
    ("--bad", &["--bad-soft", "--surface"]),
    ("--none", &["--none-soft", "--surface"]),
    ("--surface", &["--one"]),
    ("--focus", &["--paper", "--surface"]),
];
const SHAPES: [(&str, &[&str]); 5] = [
    ("--one", &["--surface", "--grid"]),
    ("--two", &["--surface"]),
    ("--before", &["--surface"]),
    ("--rest", &["--surface"]),
    ("--focus", &["--surface"]),
];

/// How much of `--one` is in each shade of a map (`.shade-1` to `.shade-5`).
fn shades() -> Vec<f64> {
    let rules = STYLE.lines().filter(|line| line.starts_with(".shade-"));
    let share = |line: &str| {
        let (_, rest) = line.split_once("var(--one) ").unwrap();
        rest.split_once('%').unwrap().0.parse::<f64>().unwrap() / 100.0
    };
    rules.map(share).collect()
}

#[test]
fn everything_can_be_read_in_both_schemes() {
    let (light, rest) = STYLE
        .split_once("prefers-color-scheme: dark")
        .expect("a dark scheme");
    let dark = rest.split_once("@media").expect("an end of it").0;
    assert_eq!(shades().len(), 5);
    let (light, dark) = (colours(light), colours(dark));
    assert_eq!(
        light.keys().collect::<Vec<_>>(),
        dark.keys().collect::<Vec<_>>()
    );
    for (scheme, colours) in [("light", &light), ("dark", &dark)] {
        for share in shades() {
            let (one, surface) = (colours["--one"], colours["--surface"]);
            let mixed = [0, 1, 2].map(|at| share * one[at] + (1.0 - share) * surface[at]);
            let found = contrast(colours["--ink"], mixed);
            assert!(
                found >= 4.5,
                "{scheme}: ink on {share} of --one is {found:.2}"
            );
        }
        for (pairs, least) in [(&TEXT[..], 4.5), (&SHAPES[..], 3.0)] {
            for (colour, grounds) in pairs {
                for ground in *grounds {
                    let found = contrast(colours[colour], colours[ground]);
                    assert!(
                        found >= least,
                        "{scheme}: {colour} on {ground} is {found:.2}, less than {least}"
                    );
                }
            }
        }
    }
}
