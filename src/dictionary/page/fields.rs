//! A table of fields, which on a phone becomes a list of cards, and what stands in its cells.

use std::collections::BTreeMap;

use maud::{Markup, html};

use crate::dictionary::lineage::Way;
use crate::dictionary::{OriginNote, PlaceNote, SourcePlaceNote};

/// The most values that are told one by one.
const FEW: usize = 4;

/// A table of fields. The roles are stated because a browser forgets them when a table is shown as
/// cards.
pub(super) struct Fields<'a> {
    pub(super) caption: String,
    pub(super) headers: [&'a str; 4],
    pub(super) rows: Vec<Field>,
}

/// One field.
pub(super) struct Field {
    pub(super) id: String,
    pub(super) name: Markup,
    pub(super) cells: [Markup; 3],
    /// Whether it is of less interest.
    pub(super) dim: bool,
}

impl Fields<'_> {
    pub(super) fn render(&self) -> Markup {
        let [first, rest @ ..] = &self.headers;
        html! {
            table.fields role="table" {
                caption.quiet { (self.caption) }
                thead role="rowgroup" {
                    tr role="row" {
                        th role="columnheader" scope="col" { (first) }
                        @for header in rest { th role="columnheader" scope="col" { (header) } }
                    }
                }
                tbody role="rowgroup" {
                    @for row in &self.rows {
                        tr id=(row.id) role="row" class=[row.dim.then_some("dim")] {
                            th role="rowheader" scope="row" { (row.name) }
                            @for (cell, header) in row.cells.iter().zip(rest) {
                                td role="cell" data-label=(header) { (cell) }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The name of a field with its type below it.
pub(super) fn name(name: &str, below: &str) -> Markup {
    html! { code.name { (breakable(name)) } span.kind { (below) } }
}

/// A class of data.
pub(super) fn class(class: &str) -> Markup {
    html! { span.class { (class) } }
}

/// A treatment, as a label.
pub(super) fn treatment(treatment: &str) -> Markup {
    let tone = match treatment {
        "weglaten" => "dropped",
        "behouden" => "kept",
        _ => "changed",
    };
    html! { span class={ "tag " (tone) } { (treatment) } }
}

/// A link to a field.
fn link(part: &str, of: &str, column: &str) -> Markup {
    html! { a.field href={ "#" (part) "." (of) "." (column) } { code { (breakable(of)) "." wbr; (breakable(column)) } } }
}

/// A name that may go on in the next line after an underscore.
fn breakable(name: &str) -> Markup {
    html! {
        @for (at, part) in name.split('_').enumerate() {
            @if at > 0 { "_" wbr; }
            (part)
        }
    }
}

/// Fields of tables or views, each with how much of it is left.
pub(super) fn places(part: &str, places: &[PlaceNote]) -> Markup {
    html! {
        ul.origins {
            @for place in places {
                li { (link(part, &place.of, &place.column)) (way(place.way)) }
            }
        }
    }
}

fn way(way: Way) -> Markup {
    html! { " " span.way { (way.name()) } }
}

/// Fields of deliveries, those of the same name and fate in one line.
pub(super) fn sources(origin: &OriginNote) -> Markup {
    let mut alike: BTreeMap<(&str, &str, &str, Way), Vec<&SourcePlaceNote>> = BTreeMap::new();
    for source in &origin.sources {
        let key = (
            source.column.as_str(),
            source.class.as_str(),
            source.treatment,
            source.way,
        );
        alike.entry(key).or_default().push(source);
    }
    html! {
        @if !alike.is_empty() {
            ul.origins {
                @for ((column, _, treated, kept), from) in &alike {
                    li {
                        @if let [one] = from.as_slice() {
                            (link("bron", &one.source, column))
                        } @else {
                            code { (column) } " van "
                            @for (at, one) in from.iter().enumerate() {
                                @if at > 0 { ", " }
                                a.field href={ "#bron." (one.source) "." (column) } { (one.source) }
                            }
                        }
                        " " (treatment(treated)) (way(*kept))
                    }
                }
            }
        }
    }
}

/// What a column counts, and the values that the query itself gives.
pub(super) fn own(origin: &OriginNote) -> Markup {
    let values: Vec<String> = origin.constants.iter().map(|c| spoken(c)).collect();
    let alone = origin.sources.is_empty() && origin.tables.is_empty();
    html! {
        @if !origin.counts.is_empty() {
            p { "Telt rijen van " (codes(&origin.counts)) "." }
        }
        @if !values.is_empty() && values.len() <= FEW {
            p.aside { @if alone { "Vaste waarde: " } @else { "Of vast: " } (values.join(", ")) "." }
        } @else if !values.is_empty() {
            p.aside {
                @if alone { "Vaste waarde, een van " } @else { "Of een vaste waarde, een van " }
                (values.len()) "."
            }
        }
    }
}

/// What else decided which of its values are there.
pub(super) fn selected(by: &[String]) -> Markup {
    html! { @if !by.is_empty() { p.aside { "Welke waarde: hangt ook af van " (codes(by)) "." } } }
}

/// What decided about the rows, for the list of facts.
pub(super) fn selection(by: &[String]) -> Markup {
    html! { @if !by.is_empty() { dt { "Welke rijen" } dd { "Hangt af van " (codes(by)) "." } } }
}

/// Names, one after another.
pub(super) fn codes(names: &[String]) -> Markup {
    html! { @for (at, name) in names.iter().enumerate() { @if at > 0 { ", " } code { (name) } } }
}

/// A value of SQL as a reader knows it.
fn spoken(constant: &str) -> String {
    if constant == "NULL" {
        return "leeg".to_owned();
    }
    match constant
        .strip_prefix('\'')
        .and_then(|c| c.strip_suffix('\''))
    {
        Some(text) => format!("‘{}’", text.replace("''", "'")),
        None => constant.to_owned(),
    }
}
