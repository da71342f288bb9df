//! The norms of the reports, and whether they were reached: this year, and over the years.

use maud::{Markup, html};

use super::piece::{Piece, cell};
use super::{Book, Chapter, words};
use crate::page::{Cell, Column, Row, Table, Verdict, mark};
use crate::report::amount::{Amount, Unit};
use crate::report::charts::{Ink, Norm, Point, Series, Trend, Words};
use crate::report::figures::Line;

/// A figure that has a norm.
pub struct Measure {
    /// Its name.
    pub name: &'static str,
    /// What the figure says, in a few words.
    pub says: &'static str,
    view: &'static str,
    filter: &'static [(&'static str, &'static str)],
    column: &'static str,
    /// What it counts.
    pub unit: Unit,
    /// The definition under which the norm holds.
    definition: &'static str,
    /// Its name among the kpi's, which give the norm of the year.
    kpi: Option<&'static str>,
    /// The norm of the reports, where no kpi gives one: at least this.
    norm: f64,
}

/// What has a norm.
pub const MEASURES: [Measure; 6] = [
    Measure {
        name: "Wachttijd",
        says: "van de hulpvragen begon binnen 4 weken",
        view: "wachttijd",
        filter: &[("rij", "binnen 4 weken")],
        column: "procent",
        unit: Unit::Percent(0),
        definition: "2023",
        kpi: Some("wachttijd binnen 4 weken"),
        norm: 80.0,
    },
    Measure {
        name: "Doorlooptijd",
        says: "van de trajecten was binnen 6 maanden klaar",
        view: "doorlooptijd",
        filter: &[("rij", "binnen 6 maanden")],
        column: "procent",
        unit: Unit::Percent(0),
        definition: "2023",
        kpi: Some("doorlooptijd binnen 6 maanden"),
        norm: 80.0,
    },
    Measure {
        name: "Doelen gehaald",
        says: "van de afgesloten trajecten haalde de doelen",
        view: "afsluiting",
        filter: &[("rij", "doelen gerealiseerd")],
        column: "procent",
        unit: Unit::Percent(0),
        definition: "2023",
        kpi: Some("uitstroomdoelen gerealiseerd"),
        norm: 80.0,
    },
    Measure {
        name: "Trainingen",
        says: "programma's gaf de WOT Academie",
        view: "trainingen",
        filter: &[("programma", "totaal")],
        column: "programmas",
        unit: Unit::Count,
        definition: "2023",
        kpi: Some("trainingsprogrammas"),
        norm: 3.0,
    },
    Measure {
        name: "Zelfredzaamheid",
        says: "steeg de gemiddelde score op de ZRM",
        view: "zelfredzaamheid",
        filter: &[
            ("team", "alle"),
            ("indeling", "wijk"),
            ("gebied", "alle"),
            ("leefgebied", "totaal"),
        ],
        column: "toename",
        unit: Unit::Percent(0),
        definition: "2020",
        kpi: None,
        norm: 50.0,
    },
    Measure {
        name: "Substitutie",
        says: "van de trajecten kreeg informele in plaats van formele zorg",
        view: "substitutie",
        filter: &[("rij", "trajecten met substitutie")],
        column: "procent",
        unit: Unit::Percent(0),
        definition: "2020",
        kpi: None,
        norm: 20.0,
    },
];

impl Measure {
    /// The figure in a year in which the norm held.
    pub fn figure(&self, book: &Book, year: i64) -> Option<Amount> {
        let line = book.line(self.view, year, self.filter)?;
        (line.definition() == self.definition).then(|| line.amount(self.column))
    }

    /// The norm of the year.
    pub fn norm(&self, book: &Book) -> f64 {
        let agreed = self
            .kpi
            .and_then(|kpi| book.figure("kpi", &[("kpi", kpi)], "norm"));
        agreed.unwrap_or(self.norm)
    }

    /// Whether a figure reaches the norm, as a verdict with its word.
    pub fn verdict(&self, book: &Book, figure: Amount) -> Markup {
        match figure.known() {
            Some(figure) if figure >= self.norm(book) => mark(Verdict::Good, "norm gehaald"),
            Some(_) => mark(Verdict::Bad, "norm niet gehaald"),
            None => mark(Verdict::None, "niet te beoordelen"),
        }
    }

    /// Every year in which the norm held.
    fn points(&self, book: &Book) -> Vec<Point> {
        let Some(view) = book.figures.view(self.view) else {
            return Vec::new();
        };
        let lines = view.lines.iter().filter(|l| super::matches(l, self.filter));
        lines
            .filter(|line| line.definition() == self.definition)
            .filter_map(|line| {
                Some(Point {
                    year: line.year().filter(|year| *year <= book.year)?,
                    definition: line.definition().to_owned(),
                    amount: line.amount(self.column),
                })
            })
            .collect()
    }

    fn trend(&self, book: &Book) -> Option<Markup> {
        let points = self.points(book);
        if points.len() < 2 || points.last()?.year != book.year {
            return None;
        }
        let percent = matches!(self.unit, Unit::Percent(_));
        let norm = self.norm(book);
        let chart = Trend {
            words: Words {
                id: format!("norm-{}", self.view),
                title: format!("{} over de jaren: deel dat {}", self.name, self.says),
            },
            unit: self.unit,
            series: Series::new(self.name, Ink::One),
            points,
            most: percent.then_some(100.0),
            norm: Some(Norm {
                at: norm,
                label: format!("norm {}", self.unit.write(norm)),
            }),
            small: true,
        };
        Some(html! {
            div.small-multiple {
                h4 { (self.name) }
                p.small.muted { (words::capital(self.says)) }
                (chart.draw())
            }
        })
    }
}

pub fn chapter(book: &Book) -> Chapter {
    let intro = html! {
        p {
            "De gemeente en het WOT spraken normen af. Hieronder staat wat er in " (book.year)
            " van terechtkwam. Een norm geldt alleen voor de jaren met dezelfde definitie."
        }
    };
    Chapter::new("normen", "De normen", intro, vec![norms(book)])
}

fn norms(book: &Book) -> Option<Piece> {
    let measures: Vec<(&Measure, Amount)> = MEASURES
        .iter()
        .filter_map(|m| Some((m, m.figure(book, book.year)?)))
        .collect();
    let (view, definition, table) = kpis(book).or_else(|| own(book, &measures))?;
    let mut piece = Piece::new("normen-gehaald", "Gehaald of niet", view);
    piece.definition = definition;
    piece.broad = true;
    let amounts: Vec<Amount> = measures.iter().map(|(_, amount)| *amount).collect();
    piece.note_hidden(book, amounts.iter());
    let trends: Vec<Markup> = measures
        .iter()
        .filter(|(measure, _)| matches!(measure.unit, Unit::Percent(_)))
        .filter_map(|(measure, _)| measure.trend(book))
        .collect();
    if !trends.is_empty() {
        piece
            .charts
            .push(html! { div.small-multiples.wide { @for trend in &trends { (trend) } } });
    }
    piece.tables.push(table);
    Some(piece)
}

/// What the sentence below a figure says about its norm; empty when it has none in this year.
pub fn sentence(book: &Book, view: &str) -> String {
    let found = MEASURES
        .iter()
        .filter(|m| m.view == view)
        .find_map(|measure| {
            let figure = measure.figure(book, book.year)?.known()?;
            Some(words::norm(figure, measure.norm(book), measure.unit))
        });
    found.unwrap_or_default()
}

/// The kpi's that were agreed for the year.
fn kpis(book: &Book) -> Option<(&'static str, String, Table)> {
    let view = book.view("kpi")?;
    let before = book.before(view, &[]);
    let lines: Vec<&Line> = view.of(book.year).collect();
    let definition = lines.first()?.definition().to_owned();
    let row = |line: &&Line| {
        let unit = unit(line);
        let same = [("kpi", line.text("kpi")), ("lezing", line.text("lezing"))];
        let mut cells: Vec<Cell> = vec![kpi(line).into(), norm(line, unit)];
        if let Some(year) = before {
            let earlier = book.line("kpi", year, &same);
            cells.push(cell(
                earlier.map_or(Amount::Absent, |l| l.amount("realisatie")),
                unit,
            ));
        }
        cells.push(cell(line.amount("realisatie"), unit));
        Row::new(cells)
    };
    let table = table(book, before, lines.iter().map(row).collect());
    Some(("kpi", definition, table))
}

fn unit(line: &Line) -> Unit {
    if line.is("eenheid", "procent") {
        Unit::Percent(0)
    } else {
        Unit::Count
    }
}

/// The name of a kpi, how it was read, and the verdict.
fn kpi(line: &Line) -> Markup {
    let name = match line.text("kpi") {
        "trainingsprogrammas" => "trainingsprogramma's",
        other => other,
    };
    let verdict = match line.text("oordeel") {
        "gehaald" => Verdict::Good,
        "niet gehaald" => Verdict::Bad,
        "geen gegevens" => Verdict::Doubtful,
        _ => Verdict::None,
    };
    let reading = line.text("lezing");
    html! {
        div.named {
            span {
                strong { (words::capital(name)) }
                @if !matches!(reading, "" | "enige") { span.muted { " (" (reading) ")" } }
                @if !line.text("toelichting").is_empty() {
                    br; span.small.muted { (words::capital(line.text("toelichting"))) }
                }
            }
            (mark(verdict, line.text("oordeel")))
        }
    }
}

/// A norm in words: `meer dan 300`, `minstens 80 %`.
fn norm(line: &Line, unit: Unit) -> Cell {
    match line.amount("norm") {
        Amount::Known(norm) => format!("{} {}", line.text("richting"), unit.write(norm))
            .trim()
            .into(),
        none => cell(none, unit),
    }
}

/// The norms of the reports, in years without kpi's.
fn own(book: &Book, measures: &[(&Measure, Amount)]) -> Option<(&'static str, String, Table)> {
    let first = measures.first()?.0;
    let before = measures
        .iter()
        .any(|(m, _)| m.figure(book, book.year - 1).is_some())
        .then_some(book.year - 1);
    let row = |(measure, figure): &(&Measure, Amount)| {
        let name = html! {
            div.named {
                span { strong { (measure.name) } br; span.small.muted { (measure.says) } }
                (measure.verdict(book, *figure))
            }
        };
        let norm = format!("minstens {}", measure.unit.write(measure.norm(book)));
        let mut cells: Vec<Cell> = vec![name.into(), norm.into()];
        if let Some(year) = before {
            let earlier = measure.figure(book, year).unwrap_or(Amount::Absent);
            cells.push(cell(earlier, measure.unit));
        }
        cells.push(cell(*figure, measure.unit));
        Row::new(cells)
    };
    let table = table(book, before, measures.iter().map(row).collect());
    Some((first.view, first.definition.to_owned(), table))
}

fn table(book: &Book, before: Option<i64>, rows: Vec<Row>) -> Table {
    let mut columns = vec![
        Column::words("Afspraak en oordeel"),
        Column::figures("norm"),
    ];
    columns.extend(before.map(|year| Column::figures(year.to_string())));
    columns.push(Column::figures(book.year.to_string()));
    Table {
        caption: format!("Normen en uitkomsten in {}", book.year),
        quiet_caption: true,
        wide: false,
        columns,
        rows,
    }
}
