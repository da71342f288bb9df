//! What the report ends with: which figures these are, and under which rules they were made.

use std::collections::BTreeSet;

use chrono::{NaiveDate, TimeDelta};
use maud::{Markup, html};

use super::Origin;
use super::chapters::Book;
use crate::lock::moment;
use crate::page::number;

pub fn colophon(book: &Book, origin: &Origin) -> Markup {
    let definitions = definitions(book);
    html! {
        h2 { "Colofon" }
        p {
            "Dit verslag is gemaakt met sluis. Alle cijfers komen uit de gepubliceerde tabellen van de monitor. "
            "De monitor kent geen namen, adressen of burgerservicenummers."
        }
        dl.facts {
            dt { "Verwerkingsverantwoordelijke" } dd { (origin.controller) }
            dt { "Uitgave van de cijfers" } dd { code { (origin.release) } }
            dt { "Gepubliceerd op" } dd { (published(&origin.published_at)) }
            dt { "Register van de gegevensbescherming" }
            dd {
                "versie " (origin.register_version) ", "
                @match &origin.register_adopted {
                    Some(day) => { "vastgesteld op " (adopted(day)) }
                    None => { "een concept: nog niet vastgesteld" }
                }
            }
            dt { "Definities in dit verslag" } dd { (definitions) }
            dt { "Kleine aantallen" }
            dd {
                "Een getal over minder dan " (number::whole(i64::from(origin.smallest_cell))) " mensen wordt niet getoond. "
                "Soms blijft een ander getal weg, omdat het kleine getal er anders mee is uit te rekenen."
            }
        }
    }
}

/// The day in the Netherlands.
fn published(moment: &str) -> String {
    let day = moment::day(moment.as_bytes()).and_then(|day| {
        let since = TimeDelta::days(i64::from(day.since_epoch()));
        NaiveDate::default().checked_add_signed(since)
    });
    day.map_or_else(|| moment.to_owned(), number::day)
}

fn adopted(day: &str) -> String {
    NaiveDate::parse_from_str(day, "%Y-%m-%d").map_or_else(|_| day.to_owned(), number::day)
}

/// Which definitions the figures of the year follow.
fn definitions(book: &Book) -> String {
    let found: BTreeSet<&str> = book
        .figures
        .views()
        .flat_map(|view| view.of(book.year))
        .map(super::figures::Line::definition)
        .filter(|definition| !definition.is_empty())
        .collect();
    let say = |definition: &&str| match *definition {
        "eigen" => "die van de monitor zelf".to_owned(),
        other => format!("die van {other}"),
    };
    let words: Vec<String> = found.iter().map(say).collect();
    match words.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} en {last}", rest.join(", ")),
        None => "geen".to_owned(),
    }
}
