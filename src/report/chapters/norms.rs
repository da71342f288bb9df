//! The norms of the reports, and whether they were reached: this year, and over the years.

use maud::{Markup, html};

use super::piece::{Piece, cell};
use super::{Book, Chapter, words};
use crate::page::{Column, Row, Table, Verdict, mark};
use crate::report::amount::{Amount, Unit};
use crate::report::charts::{Ink, Norm, Point, Series, Trend, Words};

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
    /// The norm: at least this.
    pub norm: f64,
}

/// The norms, as the annual reports give them.
pub const MEASURES: [Measure; 6] = [
    Measure {
        name: "Wachttijd",
        says: "van de hulpvragen begon binnen 4 weken",
        view: "wachttijd",
        filter: &[("rij", "binnen 4 weken")],
        column: "procent",
        unit: Unit::Percent(0),
        definition: "2023",
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
        norm: 20.0,
    },
];

impl Measure {
    /// The figure in a year in which the norm held.
    pub fn figure(&self, book: &Book, year: i64) -> Option<Amount> {
        let line = book.line(self.view, year, self.filter)?;
        (line.definition() == self.definition).then(|| line.amount(self.column))
    }

    /// Whether a figure reaches the norm, as a verdict with its word.
    pub fn verdict(&self, figure: Amount) -> Markup {
        match figure.known() {
            Some(figure) if figure >= self.norm => mark(Verdict::Good, "norm gehaald"),
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
                at: self.norm,
                label: format!("norm {}", self.unit.write(self.norm)),
            }),
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
    let first = measures.first()?.0;
    let mut piece = Piece::new("normen-gehaald", "Gehaald of niet", first.view);
    first.definition.clone_into(&mut piece.definition);
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
    piece.tables.push(table(book, &measures));
    Some(piece)
}

fn table(book: &Book, measures: &[(&Measure, Amount)]) -> Table {
    let before = measures
        .iter()
        .any(|(m, _)| m.figure(book, book.year - 1).is_some())
        .then_some(book.year - 1);
    let mut columns = vec![Column::words("Norm"), Column::figures("norm")];
    columns.extend(before.map(|year| Column::figures(year.to_string())));
    columns.push(Column::figures(book.year.to_string()));
    columns.push(Column::words("oordeel"));
    let row = |(measure, figure): &(&Measure, Amount)| {
        let name = html! { strong { (measure.name) } br; span.muted { (measure.says) } };
        let mut cells = vec![name.into(), measure.unit.write(measure.norm).into()];
        if let Some(year) = before {
            let earlier = measure.figure(book, year).unwrap_or(Amount::Absent);
            cells.push(cell(earlier, measure.unit));
        }
        cells.push(cell(*figure, measure.unit));
        cells.push(measure.verdict(*figure).into());
        Row::new(cells)
    };
    Table {
        caption: format!("Normen en uitkomsten in {}", book.year),
        quiet_caption: true,
        wide: true,
        columns,
        rows: measures.iter().map(row).collect(),
    }
}
