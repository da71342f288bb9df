//! What clients think: marks, smiley cards and complaints.

use maud::html;

use super::bands::Bands;
use super::piece::Piece;
use super::{Book, Chapter};
use crate::page::number;
use crate::report::amount::Unit;

pub fn chapter(book: &Book) -> Chapter {
    let intro = html! { p { "Wat vinden cliënten van de hulp, en waarover klagen zij?" } };
    Chapter::new(
        "clienten",
        "Wat cliënten vinden",
        intro,
        vec![marks(book), cards(book), complaints(book)],
    )
}

fn marks(book: &Book) -> Option<Piece> {
    let piece = Bands {
        view: "klantervaring",
        id: "klantervaring",
        heading: "Rapportcijfers",
        filter: &[("instrument", "onderzoek")],
        header: "Onderdeel",
        figures: &[
            ("aantal", "aantal", Unit::Count),
            ("cijfer", "cijfer", Unit::Mean(1)),
        ],
        sums: &["gemiddeld rapportcijfer"],
        ..Bands::default()
    }
    .piece(book)?;
    let mean = book.figure(
        "klantervaring",
        &[("rij", "gemiddeld rapportcijfer")],
        "cijfer",
    );
    Some(piece.saying(vec![mean.map(|mean| {
        let verdict = if mean >= 7.5 {
            "Die is gehaald"
        } else {
            "Die is niet gehaald"
        };
        format!(
            "Gemiddeld gaven cliënten een {}. De norm is 7,5. {verdict}.",
            number::decimal(mean, 1)
        )
    })]))
}

fn cards(book: &Book) -> Option<Piece> {
    let piece = Bands {
        view: "klantervaring",
        id: "smileykaartjes",
        heading: "Smileykaartjes",
        filter: &[("instrument", "smileykaartje")],
        header: "Smiley",
        sums: &["alle kaartjes"],
        ..Bands::default()
    }
    .piece(book)?;
    Some(piece.saying(vec![Some(
        "Wie wil, levert na een bezoek een kaartje in. De kaartjes zeggen iets over die bezoeken, en niet over alle cliënten."
            .to_owned(),
    )]))
}

fn complaints(book: &Book) -> Option<Piece> {
    let piece = Bands {
        view: "klachten",
        id: "klachten",
        heading: "Klachten",
        header: "Afhandeling",
        figures: &[("aantal", "aantal", Unit::Count)],
        bars: 0,
        rest: &["loopt nog of onbekend"],
        ..Bands::default()
    }
    .piece(book)?;
    Some(piece.saying(vec![Some(
        "Klachten over hulp aan volwassenen. Er is geen norm.".to_owned(),
    )]))
}
