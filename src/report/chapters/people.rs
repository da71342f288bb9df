//! Who asks for help, and what about.

use maud::html;

use super::bands::Bands;
use super::piece::Piece;
use super::{Book, Chapter, places, words};
use crate::page::number;
use crate::report::amount::Unit;

pub fn chapter(book: &Book) -> Chapter {
    let intro = html! {
        p { "Hoe oud zijn de mensen die hulp vragen, hoe zwaar is hun vraag, en waar gaat die over?" }
    };
    let pieces = vec![
        age(book),
        weight(book),
        places::problems(book),
        places::problems_by_district(book),
        inhabitants(book),
    ];
    Chapter::new("mensen", "De mensen en hun vragen", intro, pieces)
}

fn age(book: &Book) -> Option<Piece> {
    let piece = Bands {
        view: "leeftijd",
        id: "leeftijd",
        heading: "Leeftijd",
        header: "Leeftijd",
        sums: &["tot 50", "totaal"],
        names: years,
        ..Bands::default()
    }
    .piece(book)?;
    let young = book.figure("leeftijd", &[("rij", "tot 50")], "procent");
    let earlier = book.earlier("leeftijd", &[("rij", "tot 50")], "procent");
    Some(piece.saying(vec![young.map(|share| {
        format!(
            "{} was jonger dan 50 jaar, op de dag van de melding.{}",
            number::percent(share, 0),
            words::before(earlier, book.year, Unit::Percent(0))
        )
    })]))
}

/// A band of ages with the word that it lacks.
fn years(band: &str) -> String {
    if band.starts_with(|c: char| c.is_ascii_digit()) || band.starts_with("tot ") {
        format!("{} jaar", words::capital(band))
    } else {
        words::label(band)
    }
}

fn weight(book: &Book) -> Option<Piece> {
    let piece = Bands {
        view: "zorgzwaarte",
        id: "zorgzwaarte",
        heading: "Zorgzwaarte",
        filter: &[("wijk", "alle")],
        header: "Zorgzwaarte",
        names: weight_name,
        ..Bands::default()
    }
    .piece(book)?;
    Some(piece.saying(vec![Some(
        "De zorgzwaarte zegt hoeveel hulp iemand nodig heeft: van ongeveer een uur in de week tot drie uur of meer."
            .to_owned(),
    )]))
}

/// A weight: until 2020 it was a number.
fn weight_name(weight: &str) -> String {
    match weight {
        "1" => "1 (licht)".to_owned(),
        "2" => "2 (gemiddeld)".to_owned(),
        "3" => "3 (zwaar)".to_owned(),
        other => words::label(other),
    }
}

fn inhabitants(book: &Book) -> Option<Piece> {
    let piece = Bands {
        view: "bevolking",
        id: "bevolking",
        heading: "Ter vergelijking: alle inwoners",
        filter: &[("wijk", "alle")],
        header: "Leeftijd",
        figures: &[
            ("aantal", "inwoners", Unit::Count),
            ("procent", "deel", Unit::Percent(1)),
        ],
        names: years,
        ..Bands::default()
    }
    .piece(book)?;
    Some(piece.saying(vec![Some(format!(
        "De inwoners van de gemeente op 1 januari {}.",
        book.year
    ))]))
}
