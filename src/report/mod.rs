//! The annual report: the figures of one year in Dutch, as one HTML file, for members of the council
//! and whoever else wants to know. `cli` calls it; it asks the monitor what any reader may ask.
//!
//! It computes nothing that a view can compute, and shows nothing that a view does not publish. What it
//! adds: the order, the explaining words, the charts, and the norms of the reports.

pub mod amount;
mod chapters;
pub mod charts;
mod colophon;
mod figures;
mod masthead;
#[cfg(test)]
mod tests;

use arrow::error::ArrowError;
use maud::html;

use crate::error::{Class, Classified};
use crate::monitor::{Monitor, MonitorError};
use crate::page::{Entry, Page};
use figures::Figures;

/// What the colophon tells about where the figures come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The id of the release.
    pub release: String,
    /// When it was published (RFC 3339, UTC).
    pub published_at: String,
    /// The version of the DPIA register in force.
    pub register_version: String,
    /// The day of adoption of the register; `None` while it is a concept.
    pub register_adopted: Option<String>,
    /// The controller, as the register names it.
    pub controller: String,
    /// The smallest number of people that is shown.
    pub smallest_cell: u32,
}

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The views cannot be read.
    #[error(transparent)]
    Monitor(#[from] MonitorError),
    /// There are no figures of the year.
    #[error("the monitor has no figures over {year}")]
    NoYear {
        /// The year that was asked.
        year: i64,
        /// The years that there are.
        known: Vec<i64>,
    },
    /// A cell has a type that cannot be read.
    #[error("a figure of the monitor cannot be read")]
    Figure,
}

impl ReportError {
    /// The words of the library may hold the value.
    fn figure(_: ArrowError) -> Self {
        Self::Figure
    }
}

impl Classified for ReportError {
    fn class(&self) -> Class {
        match self {
            Self::Monitor(error) => error.class(),
            Self::NoYear { .. } => Class::User,
            Self::Figure => Class::Bug,
        }
    }

    fn remedy(&self) -> Option<String> {
        match self {
            Self::Monitor(error) => error.remedy(),
            Self::NoYear { known, .. } => Some(match known.as_slice() {
                [] => "it has no figures of any year: `sluis run` publishes them".to_owned(),
                known => {
                    let known: Vec<String> = known.iter().map(ToString::to_string).collect();
                    format!("there are figures over {}", known.join(", "))
                }
            }),
            Self::Figure => None,
        }
    }
}

/// The annual report over a year, as an HTML file.
///
/// # Errors
/// When there are no figures of that year, or the views cannot be read.
pub async fn write(monitor: &Monitor, year: i64, origin: &Origin) -> Result<String, ReportError> {
    let figures = Figures::read(monitor).await?;
    let known = figures.years();
    if !known.contains(&year) {
        return Err(ReportError::NoYear { year, known });
    }
    Ok(page(&figures, year, origin))
}

fn page(figures: &Figures, year: i64, origin: &Origin) -> String {
    let book = chapters::Book {
        figures,
        year,
        smallest_cell: origin.smallest_cell,
    };
    let chapters = chapters::all(&book);
    let contents: Vec<Entry> = chapters
        .iter()
        .map(|chapter| Entry::new(chapter.id, chapter.title))
        .collect();
    let title = format!("Jaarverslag monitor sociaal domein {year}");
    Page {
        title: &title,
        running_head: &format!("Monitor sociaal domein · jaarverslag {year}"),
        masthead: masthead::masthead(&book, origin),
        contents: &contents,
        main: html! { @for chapter in &chapters { (chapter.render()) } },
        footer: colophon::colophon(&book, origin),
    }
    .render()
}
