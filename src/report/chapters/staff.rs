//! Who works in the teams, and what they learned.

use maud::html;

use super::bands::Bands;
use super::piece::Piece;
use super::{Book, Chapter, words};
use crate::page::number;
use crate::report::amount::Unit;

pub fn chapter(book: &Book) -> Chapter {
    let intro = html! {
        p { "In de wijkondersteuningsteams werken mensen van veel organisaties samen." }
    };
    let pieces = vec![
        part(
            book,
            "team",
            "personeel-team",
            "Professionals per team",
            "Team",
        ),
        part(
            book,
            "organisatie",
            "personeel-organisatie",
            "Professionals per organisatie",
            "Organisatie",
        ),
        part(
            book,
            "overig",
            "personeel-overig",
            "Wie in geen team werkt",
            "Functie",
        ),
        training(book),
    ];
    let mut chapter = Chapter::new("teams", "De teams", intro, pieces);
    if let Some(first) = chapter.pieces.iter_mut().find(|p| p.view == "personeel") {
        first.says.extend(size(book));
    }
    chapter
}

fn size(book: &Book) -> Option<String> {
    let of = |part| book.figure("personeel", &[("onderdeel", part)], "aantal");
    let (people, fte) = (of("professionals")?, of("fte")?);
    Some(format!(
        "Er werkten {} professionals, samen {} fte (volle banen). Wie in twee teams werkt, telt in beide.",
        number::decimal(people, 0),
        number::decimal(fte, 0)
    ))
}

fn part(book: &Book, part: &'static str, id: &str, heading: &str, header: &str) -> Option<Piece> {
    Bands {
        view: "personeel",
        id,
        heading,
        filter: &[("onderdeel", part)],
        label: "naam",
        header,
        figures: &[("aantal", "aantal", Unit::Count)],
        bars: 0,
        sums: &[],
        names: words::label,
        by_size: true,
        ..Bands::default()
    }
    .piece(book)
}

fn training(book: &Book) -> Option<Piece> {
    let piece = Bands {
        view: "trainingen",
        id: "trainingen",
        heading: "Trainingen van de WOT Academie",
        label: "programma",
        by_size: true,
        header: "Programma",
        figures: &[("deelnemers", "deelnemers", Unit::Count)],
        bars: 0,
        ..Bands::default()
    }
    .piece(book)?;
    let programmes = book.figure("trainingen", &[("programma", "totaal")], "programmas");
    Some(piece.saying(vec![programmes.map(|programmes| {
        format!(
            "De academie gaf {} programma's. {}",
            number::decimal(programmes, 0),
            words::norm(programmes, 3.0, Unit::Count)
        )
    })]))
}
