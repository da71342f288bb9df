//! The key figures: a tile each, with the norm and the verdict in words.

use maud::{Markup, html};

use super::norms::MEASURES;
use super::{Book, Chapter};
use crate::page::number;
use crate::report::amount::{Amount, Unit};

/// A key figure.
struct Tile {
    heading: &'static str,
    value: String,
    says: String,
    verdict: Option<Markup>,
    /// The one that comes first and is twice as wide.
    hero: bool,
}

pub fn chapter(book: &Book) -> Chapter {
    let mut tiles: Vec<Tile> = Vec::new();
    tiles.extend(requests(book));
    tiles.extend(people(book));
    tiles.extend(measures(book));
    tiles.extend(complaints(book));
    tiles.extend(staff(book));
    let mut chapter = Chapter::new("kerncijfers", "In het kort", Markup::default(), Vec::new());
    if !tiles.is_empty() {
        chapter.after = html! { ul.tiles { @for tile in &tiles { (tile.render()) } } };
    }
    chapter
}

impl Tile {
    fn render(&self) -> Markup {
        html! {
            li class=(if self.hero { "tile hero" } else { "tile" }) {
                h3 { (self.heading) }
                p.value { (self.value) }
                p.says { (self.says) }
                @if let Some(verdict) = &self.verdict { p.verdict { (verdict) } }
            }
        }
    }
}

fn whole(figure: f64) -> String {
    number::decimal(figure, 0)
}

fn requests(book: &Book) -> Option<Tile> {
    let of = |kind| book.figure("hulpvragen", &[("soort", kind)], "aantal");
    let total = of("totaal");
    let own = of("hulpvraag")?;
    let mut says = match (total, of("betrokkene"), of("kort_contact")) {
        (Some(_), Some(others), Some(short)) => format!(
            "{} van cliënten, {} van mensen om hen heen en {} korte contacten.",
            whole(own),
            whole(others),
            whole(short)
        ),
        (None, _, Some(short)) => format!("En {} korte contacten.", whole(short)),
        _ => String::new(),
    };
    let earlier = book.earlier("hulpvragen", &[("soort", "totaal")], "aantal");
    if let Some(then) = earlier {
        says = format!("{says} In {} waren het er {}.", book.year - 1, whole(then));
    }
    Some(Tile {
        heading: if total.is_some() {
            "Hulpvragen in totaal"
        } else {
            "Nieuwe hulpvragen"
        },
        value: whole(total.unwrap_or(own)),
        says: says.trim().to_owned(),
        verdict: None,
        hero: true,
    })
}

fn people(book: &Book) -> Option<Tile> {
    let people = book.figure("hulpvragen", &[("soort", "personen")], "aantal")?;
    Some(Tile {
        heading: "Mensen met hulp",
        value: whole(people),
        says: format!("Zoveel mensen kregen in {} hulp van het WOT.", book.year),
        verdict: None,
        hero: false,
    })
}

fn measures(book: &Book) -> impl Iterator<Item = Tile> {
    MEASURES.iter().filter_map(|measure| {
        let figure = measure.figure(book, book.year)?;
        let mut says = format!(
            "{}. De norm is {}.",
            measure.says,
            measure.unit.write(measure.norm(book))
        );
        if let Some(Amount::Known(then)) = measure.figure(book, book.year - 1) {
            says = format!("{says} In {}: {}.", book.year - 1, measure.unit.write(then));
        }
        Some(Tile {
            heading: measure.name,
            value: measure.unit.show(figure),
            says,
            verdict: Some(measure.verdict(book, figure)),
            hero: false,
        })
    })
}

fn complaints(book: &Book) -> Option<Tile> {
    let count = book.figure("klachten", &[("rij", "totaal")], "aantal")?;
    Some(Tile {
        heading: "Klachten",
        value: whole(count),
        says: "Er is geen norm.".to_owned(),
        verdict: None,
        hero: false,
    })
}

fn staff(book: &Book) -> Option<Tile> {
    let of = |part| book.figure("personeel", &[("onderdeel", part)], "aantal");
    let people = of("professionals")?;
    let says = of("fte").map_or_else(String::new, |fte| {
        format!("Samen {} fte (volle banen).", Unit::Count.write(fte))
    });
    Some(Tile {
        heading: "Professionals",
        value: whole(people),
        says,
        verdict: None,
        hero: false,
    })
}
