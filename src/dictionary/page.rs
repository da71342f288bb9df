//! The dictionary as a page for a privacy officer and for analysts: what every field is, what the lock
//! does with it, where it comes from and where it ends up.

mod fields;
mod overview;
mod sources;
mod tables;
mod views;

use maud::{Markup, html};

use super::Dictionary;
use crate::page::{Entry, Page};

/// The parts of the page: where they stand, and what they are called.
const PARTS: [(&str, &str); 8] = [
    ("in-het-kort", "In het kort"),
    ("lezen", "Hoe u dit leest"),
    ("klassen", "Klassen en behandelingen"),
    ("opvallend", "Wat opvalt"),
    ("bronnen", "Bronnen"),
    ("tabellen", "Tabellen van het magazijn"),
    ("views", "Views van de monitor"),
    ("beheer", "Beheer"),
];

impl Dictionary {
    /// The page, as one file.
    #[must_use]
    pub fn to_html(&self) -> String {
        let contents = PARTS.map(|(id, title)| Entry::new(id, title));
        Page {
            title: "Gegevenswoordenboek",
            running_head: "Gegevenswoordenboek",
            masthead: self.masthead(),
            contents: &contents,
            main: html! {
                (part(0, &self.brief()))
                (part(1, &overview::reading()))
                (part(2, &self.classes_and_treatments()))
                (part(3, &self.remarkable()))
                (part(4, &self.all_sources()))
                (part(5, &self.all_tables()))
                (part(6, &self.all_views()))
                (part(7, &self.all_history()))
            },
            footer: self.colophon(),
        }
        .render()
    }

    fn masthead(&self) -> Markup {
        html! {
            p.eyebrow { (self.register.controller) }
            h1 { "Gegevenswoordenboek" }
            p.lead {
                "Elk veld dat een partner levert, elke kolom van het magazijn en elk cijfer van de monitor: \
                 wat het betekent, waar het vandaan komt en wat de sluis ermee doet."
            }
        }
    }

    fn colophon(&self) -> Markup {
        html! {
            h2 { "Over dit woordenboek" }
            dl.facts {
                dt { "Register" }
                dd {
                    "Versie " (self.register.version) ", "
                    @if let Some(day) = &self.register.adopted { "vastgesteld op " (day) } @else { "nog een concept" }
                }
                dt { "Gemaakt met" }
                dd { "sluis " (self.program) ", uit de contracten, het register en de SQL van dit moment" }
                dt { "Persoonsgegevens" }
                dd { "Geen. Er is geen levering en geen release voor gelezen." }
            }
        }
    }
}

fn part(at: usize, content: &Markup) -> Markup {
    let (id, title) = PARTS.get(at).copied().unwrap_or_default();
    html! { section.dictionary id=(id) { h2 { (title) } (content) } }
}

/// The paragraphs of a text.
fn prose(text: &str) -> Markup {
    html! { @for paragraph in text.split("\n\n") { p { (paragraph.replace('\n', " ")) } } }
}

/// A list of links to what follows.
fn index<'a>(entries: impl Iterator<Item = (String, &'a str, &'a str)>) -> Markup {
    html! {
        ul.index {
            @for (id, name, title) in entries {
                li { a href={ "#" (id) } { (title) } " " code.muted { (name) } }
            }
        }
    }
}
