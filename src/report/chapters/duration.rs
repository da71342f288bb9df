//! How long people waited, and how long help took.

use maud::html;

use super::bands::Bands;
use super::piece::Piece;
use super::{Book, Chapter, norms, words};
use crate::page::number;
use crate::report::amount::Unit;

pub fn chapter(book: &Book) -> Chapter {
    let intro = html! {
        p { "Hulp moet op tijd beginnen, en niet langer duren dan nodig is." }
    };
    Chapter::new(
        "tijd",
        "Wachten en duur",
        intro,
        vec![waiting(book), duration(book)],
    )
}

fn waiting(book: &Book) -> Option<Piece> {
    let piece = Bands {
        view: "wachttijd",
        id: "wachttijd",
        heading: "Wachttijd: van melding tot begin van de hulp",
        header: "Wachttijd",
        sums: &["binnen 4 weken", "totaal"],
        ..Bands::default()
    }
    .piece(book)?;
    let filter = [("rij", "binnen 4 weken")];
    let share = book.figure("wachttijd", &filter, "procent");
    let earlier = book.earlier("wachttijd", &filter, "procent");
    Some(piece.saying(vec![
        share.map(|share| {
            format!(
                "Van alle hulpvragen begon {} binnen 4 weken.{} {}",
                number::percent(share, 0),
                words::before(earlier, book.year, Unit::Percent(0)),
                norms::sentence(book, "wachttijd")
            )
        }),
        unknown(book, "wachttijd", "de wachttijd"),
    ]))
}

fn duration(book: &Book) -> Option<Piece> {
    let piece = Bands {
        view: "doorlooptijd",
        id: "doorlooptijd",
        heading: "Doorlooptijd: van melding tot afsluiting",
        header: "Doorlooptijd",
        sums: &["binnen 6 maanden", "totaal"],
        ..Bands::default()
    }
    .piece(book)?;
    let filter = [("rij", "binnen 6 maanden")];
    let share = book.figure("doorlooptijd", &filter, "procent");
    let earlier = book.earlier("doorlooptijd", &filter, "procent");
    let definition = piece.definition.clone();
    Some(piece.saying(vec![
        share.map(|share| {
            let norm = if definition == "2020" {
                "De norm was toen: binnen 6 maanden.".to_owned()
            } else {
                norms::sentence(book, "doorlooptijd")
            };
            format!(
                "Van alle trajecten die in {} zijn afgesloten, duurde {} niet langer dan 6 maanden.{} {norm}",
                book.year,
                number::percent(share, 0),
                words::before(earlier, book.year, Unit::Percent(0)),
            )
        }),
        unknown(book, "doorlooptijd", "de doorlooptijd"),
    ]))
}

/// How large the part is that is not known: it counts in every share.
fn unknown(book: &Book, view: &str, what: &str) -> Option<String> {
    let share = book.figure(view, &[("rij", "onbekend")], "procent")?;
    (share > 0.0).then(|| {
        format!(
            "Van {} is {what} niet bekend. Die tellen mee in het totaal.",
            number::percent(share, 0)
        )
    })
}
