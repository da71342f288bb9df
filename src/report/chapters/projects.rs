//! What projects reached, or wanted to reach.

use maud::html;

use super::bands::Bands;
use super::piece::{Piece, cell};
use super::{Book, Chapter, words};
use crate::page::{Column, Row, Table, number};
use crate::report::amount::{Amount, Unit};
use crate::report::charts::{Bar, Bars, Ink, Series, Words};
use crate::report::figures::Line;

pub fn chapter(book: &Book) -> Chapter {
    let intro = html! { p { "Projecten waarin het WOT met andere partijen samenwerkt." } };
    let pieces = vec![evictions(book), tailored(book), aims(book)];
    Chapter::new("projecten", "Projecten", intro, pieces)
}

fn evictions(book: &Book) -> Option<Piece> {
    let piece = Bands {
        view: "projecten",
        id: "huisuitzetting",
        heading: "Huisuitzettingen voorkomen",
        filter: &[("soort", "gemeten"), ("project", "huisuitzetting")],
        header: "Huishoudens",
        figures: &[("aantal", "aantal", Unit::Count)],
        bars: 0,
        sums: &[],
        ..Bands::default()
    }
    .piece(book)?;
    Some(piece.saying(vec![Some(
        "Huishoudens die hulp kregen om in hun woning te blijven, en hoe vaak de woning toch is ontruimd.".to_owned(),
    )]))
}

fn tailored(book: &Book) -> Option<Piece> {
    let piece = Bands {
        view: "projecten",
        id: "maatwerk",
        heading: "Maatwerk",
        filter: &[
            ("soort", "gemeten"),
            ("project", "maatwerk"),
            ("rij", "casussen"),
        ],
        header: "Maatwerk",
        figures: &[("aantal", "aantal", Unit::Count)],
        bars: 0,
        sums: &[],
        ..Bands::default()
    }
    .piece(book)?;
    let filter = [("project", "maatwerk"), ("rij", "gemiddelde besparing")];
    let saved = book.figure("projecten", &filter, "aantal");
    Some(piece.saying(vec![
        Some("Een casus is een situatie waarin gewone regels niet helpen en het WOT een eigen oplossing zocht.".to_owned()),
        saved.map(|saved| {
            format!(
                "Een casus bespaarde gemiddeld {}. Dat bedrag is theoretisch: de baten min de lasten.",
                Unit::Euro.write(saved)
            )
        }),
    ]))
}

fn aims(book: &Book) -> Option<Piece> {
    let view = book.view("projecten")?;
    let lines: Vec<&Line> = view
        .of(book.year)
        .filter(|l| l.is("soort", "streefwaarde"))
        .collect();
    let first = lines.first()?;
    let mut piece = Piece::new("streefwaarden", "Streefwaarden", "projecten").saying(vec![Some(
        "Wat de projecten in een jaar wilden bereiken. Wat zij bereikten is niet geteld."
            .to_owned(),
    )]);
    first.definition().clone_into(&mut piece.definition);
    let chart = Bars {
        words: Words {
            id: "streefwaarden-beeld".to_owned(),
            title: "Streefwaarden van de projecten".to_owned(),
        },
        unit: Unit::Count,
        series: vec![Series::new("streefwaarde", Ink::Two)],
        rows: lines
            .iter()
            .map(|line| Bar {
                label: words::capital(line.text("project")),
                amounts: vec![least(line)],
                rest: false,
            })
            .collect(),
        most: None,
        norm: None,
    };
    piece.charts.push(chart.draw());
    piece.tables.push(Table {
        caption: "Streefwaarden van de projecten".to_owned(),
        quiet_caption: true,
        wide: false,
        columns: vec![Column::words("Project"), Column::figures("streefwaarde")],
        rows: lines
            .iter()
            .map(|line| Row::new(vec![words::capital(line.text("project")).into(), aim(line)]))
            .collect(),
    });
    Some(piece)
}

/// The least of an aim.
fn least(line: &Line) -> Amount {
    line.amount(if line.has("streef_van") {
        "streef_van"
    } else {
        "aantal"
    })
}

/// An aim is a number, or a range.
fn aim(line: &Line) -> crate::page::Cell {
    let most = line.amount(if line.has("streef_tot") {
        "streef_tot"
    } else {
        "tot"
    });
    match (least(line), most) {
        (Amount::Known(from), Amount::Known(to)) if to > from => format!(
            "{} tot {}",
            number::decimal(from, 0),
            number::decimal(to, 0)
        )
        .into(),
        (amount, _) => cell(amount, Unit::Count),
    }
}
