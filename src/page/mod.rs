//! What every page of ours shares: one self-contained HTML file with its stylesheet, without scripts,
//! and with nothing that is fetched from anywhere (its own security policy forbids that).
//!
//! A page is read in Dutch by people who do not know the program: at a desk, on a phone, in the dark,
//! by ear, and on paper. The shell, the stylesheet, numbers, tables and verdicts are here; what is said
//! with them is not. Text goes in through `maud`, which escapes it.
//!
//! Colours are properties of the stylesheet, light and dark; a test computes their contrast.

mod mark;
pub mod number;
mod table;
#[cfg(test)]
mod tests;

use std::fmt::Write as _;

use maud::{DOCTYPE, Markup, PreEscaped, html};

pub use mark::{Verdict, mark};
pub use table::{Cell, Column, Row, Table};

/// The stylesheet of every page.
pub const STYLE: &str = include_str!("style.css");

/// What marks a file as a page of ours, near its beginning.
pub const GENERATOR: &str = "<meta name=\"generator\" content=\"sluis\">";

/// The pattern that charts fill what is hidden with: `fill="url(#arcering)"`.
pub const HATCH: &str = "arcering";

/// A page of ours, as it goes into a file.
pub struct Page<'a> {
    /// The title of the document.
    pub title: &'a str,
    /// What stands at the head of every printed page but the first.
    pub running_head: &'a str,
    /// What the page opens with; holds the `h1`.
    pub masthead: Markup,
    /// The parts of the page, for its table of contents.
    pub contents: &'a [Entry],
    /// Everything between masthead and footer.
    pub main: Markup,
    /// What the page ends with.
    pub footer: Markup,
}

/// A line of the table of contents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The `id` of the part.
    pub id: String,
    /// Its heading.
    pub title: String,
}

impl Entry {
    /// A line that leads to the part with this `id`.
    pub fn new(id: impl Into<String>, title: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            title: title.into(),
        }
    }
}

impl Page<'_> {
    /// The whole file.
    #[must_use]
    pub fn render(&self) -> String {
        let page = html! {
            (DOCTYPE)
            html lang="nl" {
                head {
                    meta charset="utf-8";
                    (PreEscaped(GENERATOR))
                    meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    meta name="referrer" content="no-referrer";
                    title { (self.title) }
                    style { (PreEscaped(STYLE)) (PreEscaped(self.running_head())) }
                }
                body {
                    a.skip href="#inhoud" { "Direct naar de inhoud" }
                    (definitions())
                    header.masthead { div.measure { (self.masthead) } }
                    div.sheet {
                        (self.navigation())
                        main #inhoud tabindex="-1" { (self.main) }
                    }
                    footer.colophon { div.measure { (self.footer) } }
                }
            }
        };
        page.into_string()
    }

    fn navigation(&self) -> Markup {
        html! {
            @if !self.contents.is_empty() {
                nav.contents aria-labelledby="inhoudsopgave" {
                    h2 #inhoudsopgave { "Inhoud" }
                    ol {
                        @for entry in self.contents {
                            li { a href={ "#" (entry.id) } { (entry.title) } }
                        }
                    }
                }
            }
        }
    }

    /// Margin boxes cannot read the document (no `string-set` in browsers), so the text is in the rule.
    fn running_head(&self) -> String {
        let text = css_string(self.running_head);
        format!(
            "@page {{ @top-left {{ content: {text} }} }} @page :first {{ @top-left {{ content: none }} }}\n"
        )
    }
}

/// A text as a string of CSS that cannot end its string, its rule or the style element.
fn css_string(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        if c.is_alphanumeric() || matches!(c, ' ' | '.' | ',' | '-' | '·') {
            quoted.push(c);
        } else {
            // A `String` takes whatever is written to it.
            let _ = write!(quoted, "\\{:x} ", u32::from(c));
        }
    }
    quoted.push('"');
    quoted
}

/// What the charts of a page refer to.
fn definitions() -> Markup {
    html! {
        svg.definitions width="0" height="0" aria-hidden="true" focusable="false" {
            defs {
                pattern #(HATCH) width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)" {
                    rect.hatch-ground width="6" height="6" {}
                    rect.hatch-line width="2" height="6" {}
                }
            }
        }
    }
}
