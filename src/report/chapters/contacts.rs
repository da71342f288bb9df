//! Short contacts: questions that were answered at once.

use maud::html;

use super::bands::Bands;
use super::piece::Piece;
use super::{Book, Chapter, words};

pub fn chapter(book: &Book) -> Chapter {
    let intro = html! {
        p { "Een kort contact is een vraag die meteen is beantwoord. Er komt geen hulpvraag van, en van wie de vraag was is niet bekend." }
    };
    let pieces = vec![
        split(
            book,
            "maand",
            "korte-contacten-maand",
            "Korte contacten per maand",
            month,
        ),
        split(
            book,
            "onderwerp",
            "korte-contacten-onderwerp",
            "Waar korte contacten over gaan",
            words::label,
        ),
        split(
            book,
            "team",
            "korte-contacten-team",
            "Korte contacten per team",
            words::label,
        ),
    ];
    Chapter::new("korte-contacten", "Korte contacten", intro, pieces)
}

fn split(
    book: &Book,
    by: &'static str,
    id: &str,
    heading: &str,
    names: fn(&str) -> String,
) -> Option<Piece> {
    Bands {
        view: "korte_contacten",
        id,
        heading,
        filter: &[("indeling", by)],
        header: &words::capital(by),
        bars: 0,
        sums: &["alle"],
        names,
        by_size: by != "maand",
        ..Bands::default()
    }
    .piece(book)
}

/// The name of a month that is written with two digits.
fn month(digits: &str) -> String {
    const MONTHS: [&str; 12] = [
        "Januari",
        "Februari",
        "Maart",
        "April",
        "Mei",
        "Juni",
        "Juli",
        "Augustus",
        "September",
        "Oktober",
        "November",
        "December",
    ];
    let at = digits
        .parse::<usize>()
        .ok()
        .and_then(|month| month.checked_sub(1));
    at.and_then(|at| MONTHS.get(at))
        .map_or_else(|| words::label(digits), ToString::to_string)
}
