//! What the report opens with.

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
            p.small { "Concept: het register van de gegevensbescherming is nog niet vastgesteld." }
        }
    }
}

/// A lock between low and high water: an ornament, and the name of the program.
fn lock() -> Markup {
    html! {
        svg.ornament viewBox="0 0 520 300" aria-hidden="true" focusable="false" preserveAspectRatio="xMaxYMax meet" {
            path.water-low d="M0 214c22 0 22-10 44-10s22 10 44 10 22-10 44-10 22 10 44 10 22-10 44-10 22 10 44 10V300H0z" {}
            path.water-high d="M264 118c21 0 21-10 43-10s21 10 43 10 21-10 43-10 21 10 43 10 21-10 42-10 21 10 42 10V300H264z" {}
            path.ripple d="M30 246c18 0 18-8 36-8s18 8 36 8 18-8 36-8 18 8 36 8M300 160c18 0 18-8 36-8s18 8 36 8 18-8 36-8 18 8 36 8M340 206c18 0 18-8 36-8s18 8 36 8 18-8 36-8 18 8 36 8M300 252c18 0 18-8 36-8s18 8 36 8 18-8 36-8 18 8 36 8" {}
            path.gate d="M264 66v234M264 84h-34M264 84h34M252 84v216" {}
        }
    }
}
