//! What the report opens with.

use std::fmt::Write as _;

use maud::{Markup, html};

use super::Origin;
use super::chapters::Book;

pub fn masthead(book: &Book, origin: &Origin) -> Markup {
    html! {
        (lock())
        p.eyebrow { "Jaarverslag " (book.year) }
        h1 { "Monitor sociaal domein" }
        p.lead {
            "Wie vroeg in " (book.year) " hulp aan de wijkondersteuningsteams, hoe lang duurde het, en wat leverde het op? "
            "Dit verslag geeft de cijfers, met uitleg in gewone woorden."
        }
        @if origin.register_adopted.is_none() {
            p.note { "Concept: het register van de gegevensbescherming is nog niet vastgesteld." }
        }
    }
}

/// Low water, high water, and the gates of a lock between them: an ornament, and the name of the
/// program.
fn lock() -> Markup {
    html! {
        svg.ornament viewBox="0 0 900 300" aria-hidden="true" focusable="false" preserveAspectRatio="xMaxYMax slice" {
            path.water-low d=(water(-880, 560, 256)) {}
            path.water-high d=(water(560, 960, 104)) {}
            @for (x, y) in [(610, 150), (740, 178), (640, 216), (790, 244), (380, 280), (170, 286)] {
                path.ripple d={ "M" (x) " " (y) "q16-9 32 0t32 0t32 0" } {}
            }
            path.gate-leaf d="M560 62V300M578 62V300" {}
            path.gate-beam d="M560 90h18M560 140h18M560 190h18M560 240h18" {}
            path.gate-leaf d="M500 62H578" {}
        }
    }
}

/// Water from here to there, with waves on top.
fn water(from: i32, to: i32, level: i32) -> String {
    let waves = (to - from) / 40;
    let mut path = format!("M{from} {level}q10-7 20 0");
    // A `String` takes whatever is written to it.
    for _ in 1..waves * 2 {
        let _ = path.write_str("t20 0");
    }
    let _ = write!(path, "V320H{from}z");
    path
}
