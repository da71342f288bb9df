//! How many people asked for help.

use maud::html;

use super::bands::Bands;
use super::piece::Piece;
use super::{Book, Chapter, places, words};
use crate::page::number;
use crate::report::amount::Unit;

pub fn chapter(book: &Book) -> Chapter {
    let intro = html! {
        p { "Wie hulp nodig heeft, meldt zich bij het wijkondersteuningsteam (WOT). Dit hoofdstuk telt de vragen." }
    };
    let pieces = vec![kinds(book), places::districts(book), places::teams(book)];
    Chapter::new("hulpvragen", "Hulpvragen", intro, pieces)
}

fn kinds(book: &Book) -> Option<Piece> {
    let piece = Bands {
        view: "hulpvragen",
        id: "hulpvragen-soort",
        heading: "Hoeveel hulpvragen er waren",
        label: "soort",
        header: "Soort",
        figures: &[("aantal", "aantal", Unit::Count)],
        bars: 0,
        sums: &["totaal", "personen"],
        names: kind,
        ..Bands::default()
    }
    .piece(book)?;
    Some(piece.saying(vec![total(book), Some(meaning(book))]))
}

fn total(book: &Book) -> Option<String> {
    let filter = [("soort", "totaal")];
    let now = book.figure("hulpvragen", &filter, "aantal")?;
    let mut text = format!(
        "In {} waren er {} hulpvragen.",
        book.year,
        number::decimal(now, 0)
    );
    if let Some(then) = book.earlier("hulpvragen", &filter, "aantal") {
        let share = number::percent(100.0 * (now - then).abs() / then, 0);
        let word = if now >= then { "meer" } else { "minder" };
        text = format!("{text} Dat is {share} {word} dan in {}.", book.year - 1);
    }
    Some(text)
}

fn meaning(book: &Book) -> String {
    let definition = book
        .line("hulpvragen", book.year, &[("soort", "hulpvraag")])
        .map_or("", |line| line.definition());
    if definition == "2020" {
        "Een hulpvraag telt als zij het begin is van een traject. Een kort contact is een vraag die meteen is beantwoord."
    } else {
        "Betrokkenen zijn huisgenoten die zelf ook een hulpvraag hebben. Een kort contact is een vraag die meteen is beantwoord."
    }
    .to_owned()
}

fn kind(slug: &str) -> String {
    match slug {
        "hulpvraag" => "Hulpvragen".to_owned(),
        "betrokkene" => "Betrokkenen".to_owned(),
        "kort_contact" => "Korte contacten".to_owned(),
        other => words::name(other),
    }
}
