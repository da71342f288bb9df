//! What the report is about, in which order and in which words.
//!
//! A chapter takes its views by name. A view that is not there, or has no rows of the year, is left
//! out, and so is a chapter without any. Views that no chapter knows end up in `rest`, so that a view
//! that somebody adds is in the report without a change here.

mod bands;
mod check;
mod contacts;
mod duration;
mod norms;
mod outcome;
mod people;
mod piece;
mod places;
mod projects;
mod requests;
mod rest;
mod staff;
mod summary;
mod support;
mod voices;
mod words;

use maud::{Markup, html};

use super::amount::Amount;
pub use super::figures::Figures;
use super::figures::{Line, View};
use piece::Piece;

/// The figures, and the year that the report is about.
pub struct Book<'a> {
    /// All figures.
    pub figures: &'a Figures,
    /// The year.
    pub year: i64,
    /// The smallest number of people that is shown.
    pub smallest_cell: u32,
}

/// A chapter of the report.
pub struct Chapter {
    /// Its `id`.
    pub id: &'static str,
    /// Its heading.
    pub title: &'static str,
    /// What it opens with.
    pub intro: Markup,
    /// What it shows.
    pub pieces: Vec<Piece>,
    /// What stands behind that.
    pub after: Markup,
}

/// All chapters that have something to tell about the year.
pub fn all(book: &Book) -> Vec<Chapter> {
    let makers: [fn(&Book) -> Chapter; 13] = [
        summary::chapter,
        norms::chapter,
        requests::chapter,
        contacts::chapter,
        people::chapter,
        duration::chapter,
        outcome::chapter,
        support::chapter,
        voices::chapter,
        staff::chapter,
        projects::chapter,
        rest::chapter,
        check::chapter,
    ];
    let mut chapters: Vec<Chapter> = makers
        .iter()
        .map(|make| make(book))
        .filter(Chapter::tells)
        .collect();
    let definitions = rest::definitions(book, &chapters);
    chapters.push(definitions);
    chapters
}

impl Chapter {
    /// A chapter of pieces.
    pub fn new(
        id: &'static str,
        title: &'static str,
        intro: Markup,
        pieces: Vec<Option<Piece>>,
    ) -> Self {
        Self {
            id,
            title,
            intro,
            pieces: pieces.into_iter().flatten().collect(),
            after: Markup::default(),
        }
    }

    fn tells(&self) -> bool {
        !self.pieces.is_empty() || !self.after.0.is_empty()
    }

    /// The chapter as HTML.
    pub fn render(&self) -> Markup {
        let heading = format!("{}-kop", self.id);
        html! {
            section id=(self.id) aria-labelledby=(heading) {
                h2 id=(heading) { (self.title) }
                (self.intro)
                @for piece in &self.pieces { (piece.render()) }
                (self.after)
            }
        }
    }
}

impl Book<'_> {
    /// A view that has rows of the year.
    pub fn view(&self, name: &str) -> Option<&View> {
        let view = self.figures.view(name)?;
        view.of(self.year).next().is_some().then_some(view)
    }

    /// The first row of a view in a year of which every column holds its text.
    pub fn line(&self, view: &str, year: i64, filter: &[(&str, &str)]) -> Option<&Line> {
        let view = self.figures.view(view)?;
        view.of(year).find(|line| matches(line, filter))
    }

    /// A known figure of the year.
    pub fn figure(&self, view: &str, filter: &[(&str, &str)], column: &str) -> Option<f64> {
        self.line(view, self.year, filter)?.amount(column).known()
    }

    /// The same figure of the year before, when the same definition applied.
    pub fn earlier(&self, view: &str, filter: &[(&str, &str)], column: &str) -> Option<f64> {
        let now = self.line(view, self.year, filter)?;
        let then = self.line(view, self.year - 1, filter)?;
        (now.definition() == then.definition())
            .then(|| then.amount(column).known())
            .flatten()
    }

    /// The name of a wijk for readers, where a view gives it.
    pub fn wijk(&self, slug: &str) -> String {
        let places = [("hulpvragen_per_wijk", "gebied"), ("bevolking", "wijk")];
        let named = places.iter().find_map(|(view, column)| {
            let lines = &self.figures.view(view)?.lines;
            let line = lines.iter().find(|line| line.is(column, slug))?;
            Some(line.text("naam")).filter(|name| !name.is_empty())
        });
        words::capital(named.unwrap_or(&words::name(slug)))
    }

    /// The year before, when these rows of a view have the same definition in it.
    pub fn before(&self, view: &View, filter: &[(&str, &str)]) -> Option<i64> {
        let definition = |year| {
            let line = view.of(year).find(|line| matches(line, filter))?;
            Some(line.definition())
        };
        let (now, then) = (definition(self.year)?, definition(self.year - 1)?);
        (now == then).then_some(self.year - 1)
    }
}

/// Whether every column holds its text. A column that the view does not have holds nothing back: views
/// are split further as time goes by, and the report is about the whole.
pub fn matches(line: &Line, filter: &[(&str, &str)]) -> bool {
    let holds = |(column, text): &(&str, &str)| line.is(column, text) || !line.has(column);
    filter.iter().all(holds)
}

/// Whether any of the figures is hidden.
pub fn any_hidden<'a>(mut amounts: impl Iterator<Item = &'a Amount>) -> bool {
    amounts.any(|amount| *amount == Amount::Hidden)
}
