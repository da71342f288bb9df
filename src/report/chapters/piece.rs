//! A part of a chapter: a heading, some words, a chart and the table with its figures.

use maud::{Markup, html};

use super::{Book, words};
use crate::page::{Cell, Table};
use crate::report::amount::{Amount, Unit};

/// A part of a chapter.
pub struct Piece {
    /// Its `id`.
    pub id: String,
    /// Its heading.
    pub heading: String,
    /// The view that it shows.
    pub view: String,
    /// The definition that applied.
    pub definition: String,
    /// What there is to say, a paragraph each.
    pub says: Vec<String>,
    /// Its charts.
    pub charts: Vec<Markup>,
    /// Its tables.
    pub tables: Vec<Table>,
    /// Whether charts and tables take the whole width each.
    pub broad: bool,
    /// Whether some of its figures are hidden, and below how many people that happens.
    pub hidden: Option<u32>,
}

impl Piece {
    /// A part about a view, without anything in it.
    pub fn new(id: impl Into<String>, heading: impl Into<String>, view: &str) -> Self {
        Self {
            id: id.into(),
            heading: heading.into(),
            view: view.to_owned(),
            definition: String::new(),
            says: Vec::new(),
            charts: Vec::new(),
            tables: Vec::new(),
            broad: false,
            hidden: None,
        }
    }

    /// The part with these sentences, as far as there are any.
    #[must_use]
    pub fn saying(mut self, says: Vec<Option<String>>) -> Self {
        self.says.extend(says.into_iter().flatten());
        self
    }

    /// Notes whether some of these figures are hidden.
    pub fn note_hidden<'a>(&mut self, book: &Book, amounts: impl Iterator<Item = &'a Amount>) {
        if super::any_hidden(amounts) {
            self.hidden = Some(book.smallest_cell);
        }
    }

    /// The part as HTML.
    pub fn render(&self) -> Markup {
        let heading = format!("{}-kop", self.id);
        let beside = !self.broad && !self.charts.is_empty();
        let class = if beside { "beside" } else { "broad" };
        html! {
            article.figure-pair id=(self.id) aria-labelledby=(heading) {
                h3 id=(heading) { (self.heading) }
                @for text in &self.says { p { (text) } }
                figure class=(class) {
                    @if !self.charts.is_empty() {
                        div.charts { @for chart in &self.charts { (chart) } }
                    }
                    div.numbers { @for table in &self.tables { (table.render()) } }
                    figcaption {
                        @if let Some(smallest) = self.hidden {
                            span.why { (words::hidden(smallest)) " " }
                        }
                        (words::definition(&self.definition)) " "
                        a href={ "#zo-" (self.view) } { "Zo is er geteld" }
                    }
                }
            }
        }
    }
}

/// A figure in a table: what is hidden says so, also by ear.
pub fn cell(amount: Amount, unit: Unit) -> Cell {
    match amount {
        Amount::Known(_) => unit.show(amount).into(),
        Amount::Hidden => {
            html! { span aria-hidden="true" { "–*" } span.quiet { "niet getoond" } }.into()
        }
        Amount::Absent => {
            html! { span aria-hidden="true" { "–" } span.quiet { "geen cijfer" } }.into()
        }
    }
}
