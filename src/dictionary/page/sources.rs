//! The sources: what partners deliver, and what the lock does with it.

use maud::{Markup, html};

use super::fields::{self, Field, Fields};
use super::{index, prose};
use crate::dictionary::{Dictionary, SourceColumnNote, SourceNote};

impl Dictionary {
    pub(super) fn all_sources(&self) -> Markup {
        let entries = self.sources.iter();
        let entries = entries.map(|s| (format!("bron.{}", s.id), s.id.as_str(), s.title.as_str()));
        html! {
            p { "Wat partners leveren, veld voor veld, en wat de sluis ermee doet." }
            (index(entries))
            @for source in &self.sources { (article(source)) }
        }
    }
}

fn article(source: &SourceNote) -> Markup {
    let table = Fields {
        caption: format!("Velden van {}", source.title),
        headers: [
            "Veld",
            "Betekenis",
            "Klasse en behandeling",
            "Komt terecht in",
        ],
        rows: source.columns.iter().map(|c| field(source, c)).collect(),
    };
    html! {
        article id={ "bron." (source.id) } {
            h3 { (source.title) " " code.muted { (source.id) } }
            (prose(&source.documentation))
            dl.facts {
                dt { "Partner" } dd { (source.partner) }
                dt { "Doel" } dd { (source.purpose) }
                dt { "Grondslag" } dd { (source.legal_basis) }
                dt { "Gaat over" } dd { (source.subject) }
                dt { "BSN" }
                dd { @if source.bsn_allowed { "mag geleverd worden" } @else { "mag niet: een levering met BSN’s wordt geweigerd" } }
                dt { "Ruwe leveringen" }
                dd {
                    @match source.raw_retention_days {
                        0 => "weg zodra zij verwerkt zijn",
                        1 => "1 dag bewaard na verwerking",
                        days => { (days) " dagen bewaard na verwerking" }
                    }
                }
            }
            (table.render())
        }
    }
}

fn field(source: &SourceNote, column: &SourceColumnNote) -> Field {
    let below = if column.required {
        format!("{}, verplicht", column.kind)
    } else {
        column.kind.to_owned()
    };
    Field {
        id: format!("bron.{}.{}", source.id, column.name),
        name: fields::name(&column.name, &below),
        cells: [
            html! { (column.documentation) },
            html! {
                (fields::class(&column.class)) " " (fields::treatment(column.treatment))
                @if let Some(detail) = &column.treatment_detail { p.aside { (detail) } }
                @if let Some(after) = column.after_lock.as_ref().filter(|a| **a != column.name) {
                    p.aside { "Heet daarna " code { (after) } "." }
                }
            },
            ends(column),
        ],
        dim: column.after_lock.is_none(),
    }
}

fn ends(column: &SourceColumnNote) -> Markup {
    let shown = |view: &&String| {
        !column
            .views
            .iter()
            .any(|v| **view == format!("monitor.{}", v.of))
    };
    let filled = |table: &&String| {
        !column
            .tables
            .iter()
            .any(|t| **table == format!("magazijn.{}", t.of))
    };
    let selects = column.selects_in.iter();
    let selects: Vec<_> = selects.filter(|s| shown(s) && filled(s)).collect();
    let mut views: Vec<(&str, _)> = Vec::new();
    for view in &column.views {
        match views.iter_mut().find(|(name, _)| *name == view.of) {
            Some((_, way)) => *way = view.way.min(*way),
            None => views.push((&view.of, view.way)),
        }
    }
    html! {
        @if !column.helps.is_empty() {
            p.aside { "De sluis kijkt ernaar bij " (fields::codes(&column.helps)) "." }
        }
        @if column.after_lock.is_none() {
            p.aside { "Nergens: valt weg in de sluis." }
        } @else if column.tables.is_empty() && selects.is_empty() {
            p { "In geen enkele tabel." }
        } @else {
            @if !column.tables.is_empty() { (fields::places("tabel", &column.tables)) }
            @if !views.is_empty() {
                p.aside {
                    "In de views "
                    @for (at, (view, way)) in views.iter().enumerate() {
                        @if at > 0 { ", " }
                        a.field href={ "#view." (view) } { (view) } " " span.way { (way.name()) }
                    }
                    "."
                }
            }
            @if !selects.is_empty() {
                p.aside {
                    "Bepaalt welke rijen meetellen in "
                    @for (at, place) in selects.iter().enumerate() {
                        @if at > 0 { ", " }
                        (part_link(place))
                    }
                    "."
                }
            }
        }
    }
}

/// A link to `magazijn.NAME` or `monitor.NAME`.
fn part_link(place: &str) -> Markup {
    let (schema, name) = place.split_once('.').unwrap_or_default();
    let part = if schema == "monitor" { "view" } else { "tabel" };
    html! { a.field href={ "#" (part) "." (name) } { (name) } }
}
