use super::figures::{Figures, Line, Value, View};
use super::*;

const EVIL: &str = "<script>alert('x')</script>\"&";

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn count(number: f64) -> Value {
    Value::Number(number, 0)
}

fn view(name: &str, lines: Vec<Line>) -> View {
    View {
        name: name.to_owned(),
        documentation: format!("Wat {name} is {EVIL}.\n\nDefinitie {EVIL}."),
        columns: Vec::new(),
        lines,
    }
}

fn requests(year: f64, definition: &str, number: f64) -> Line {
    Line::made_of(&[
        ("jaar", count(year)),
        ("definitie", text(definition)),
        ("soort", text("hulpvraag")),
        ("aantal", count(number)),
    ])
}

fn origin() -> Origin {
    Origin {
        release: "20250115T010203Z-abcdef01".to_owned(),
        published_at: "2025-01-14T23:30:00Z".to_owned(),
        register_version: "0.1".to_owned(),
        register_adopted: None,
        controller: format!("Gemeente {EVIL}"),
        smallest_cell: 10,
    }
}

fn page_of(views: Vec<View>, year: i64) -> String {
    page(&Figures::made_of(views), year, &origin())
}

#[test]
fn a_year_is_held_against_the_one_before_only_under_the_same_definition() {
    let lines = || {
        vec![
            requests(2022.0, "2020", 111.0),
            requests(2023.0, "2023", 222.0),
            requests(2024.0, "2023", 333.0),
        ]
    };
    let same = page_of(vec![view("hulpvragen", lines())], 2024);
    assert!(same.contains(">333<") && same.contains(">222<"));
    let other = page_of(vec![view("hulpvragen", lines())], 2023);
    assert!(
        other.contains(">222<") && !other.contains(">111<"),
        "never compared unawares"
    );
}

#[test]
fn what_is_hidden_is_told_and_never_zero() {
    let row = |label: &str, amount: Value, why: Value| {
        Line::made_of(&[
            ("jaar", count(2024.0)),
            ("definitie", text("2023")),
            ("rij", text(label)),
            ("aantal", amount.clone()),
            ("procent", amount),
            ("onderdrukt", why),
        ])
    };
    let lines = vec![
        row("tot 1 week", count(431.0), Value::Null),
        row("onbekend", Value::Null, text("kleine aantallen")),
    ];
    let page = page_of(vec![view("wachttijd", lines)], 2024);
    let row = page
        .split("<tr")
        .find(|row| row.contains(">Onbekend</th>"))
        .and_then(|row| row.split("</tr>").next())
        .unwrap();
    assert_eq!(row.matches("niet getoond").count(), 2, "{row}");
    assert!(!row.contains(">0<"));
    assert!(page.contains("minder dan tien mensen"));
    assert!(page.contains("fill-hidden"));
}

#[test]
fn nothing_that_is_delivered_becomes_markup() {
    let evil = |name: &str, columns: &[&str]| {
        let mut cells = vec![("jaar", count(2024.0)), ("definitie", text(EVIL))];
        cells.extend(columns.iter().map(|column| (*column, text(EVIL))));
        let numbers = [
            "aantal",
            "procent",
            "per_1000",
            "personen",
            "gemiddelde_tweede",
        ];
        cells.extend(numbers.map(|column| (column, count(12.0))));
        let lines = (0..4).map(|_| Line::made_of(&cells)).collect();
        view(name, lines)
    };
    let mut views = vec![
        evil("hulpvragen_per_wijk", &["gebied", "naam"]),
        evil("problematiek", &["wijk", "rij"]),
        evil("zelfredzaamheid", &["gebied", "leefgebied"]),
        evil("stapeling", &["combinatie"]),
        evil("personeel", &["naam"]),
        evil(
            "kpi",
            &["kpi", "lezing", "oordeel", "toelichting", "richting"],
        ),
        evil(
            "publicatie_controle",
            &["tabel", "cel", "oordeel", "noot", "gepubliceerd"],
        ),
        evil("van_iemand_anders", &["wijk", "rij"]),
    ];
    views.push(view("hulpvragen", vec![requests(2024.0, "2023", 1.0)]));
    let page = page_of(views, 2024);
    assert!(!page.contains("<script"), "{page}");
    assert!(page.matches("&lt;script&gt;").count() > 20);
    // Where a text goes into an id it may not open an attribute either.
    for id in page
        .split("id=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
    {
        assert!(!id.contains(['<', '>']), "{id}");
    }
}

#[test]
fn a_view_that_no_chapter_knows_is_in_the_report_too() {
    let mut own = view(
        "reparaties",
        vec![Line::made_of(&[
            ("jaar", count(2024.0)),
            ("definitie", text("eigen")),
            ("apparaat", text("radio")),
            ("gelukt", Value::Truth(true)),
            ("aantal", count(1234.0)),
        ])],
    );
    own.columns = ["jaar", "definitie", "apparaat", "gelukt", "aantal"]
        .map(str::to_owned)
        .to_vec();
    let page = page_of(vec![own], 2024);
    assert!(page.contains(">radio<") && page.contains(">1.234<") && page.contains(">ja<"));
}

#[test]
fn the_colophon_tells_where_the_figures_come_from() {
    let page = page_of(
        vec![view("hulpvragen", vec![requests(2024.0, "2023", 1.0)])],
        2024,
    );
    assert!(page.contains("20250115T010203Z-abcdef01"));
    // Half past eleven in world time is the next day in the Netherlands.
    assert!(page.contains("15\u{a0}januari\u{a0}2025"));
    assert!(page.contains("een concept: nog niet vastgesteld"));
}

#[test]
fn a_year_without_figures_is_refused_with_the_years_that_there_are() {
    let figures = Figures::made_of(vec![view(
        "hulpvragen",
        vec![
            requests(2020.0, "2020", 1.0),
            requests(2024.0, "2023", 1.0),
            Line::made_of(&[("jaar", count(2019.0)), ("soort", text("kort_contact"))]),
        ],
    )]);
    let known = figures.years();
    assert_eq!(known, [2020, 2024]);
    let error = ReportError::NoYear { year: 2019, known };
    assert_eq!(error.class(), Class::User);
    assert_eq!(error.remedy().unwrap(), "there are figures over 2020, 2024");
}
