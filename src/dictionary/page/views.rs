//! The views of the monitor.

use maud::{Markup, html};

use super::fields::{self, Field, Fields};
use super::{index, prose};
use crate::dictionary::{Dictionary, ViewColumnNote, ViewNote};

impl Dictionary {
    pub(super) fn all_views(&self) -> Markup {
        let entries = self.views.iter();
        let entries = entries.map(|v| {
            (
                format!("view.{}", v.name),
                v.name.as_str(),
                v.title.as_str(),
            )
        });
        html! {
            p { "De cijfers die te zien zijn, wat zij betekenen en van welke kolommen zij gemaakt zijn." }
            (index(entries))
            @for view in &self.views { (article(view)) }
        }
    }
}

fn article(view: &ViewNote) -> Markup {
    let columns = Fields {
        caption: format!("Kolommen van {}", view.title),
        headers: ["Kolom", "Betekenis", "Klasse", "Gemaakt van"],
        rows: view.columns.iter().map(|c| field(view, c)).collect(),
    };
    html! {
        article id={ "view." (view.name) } {
            h3 { (view.title) " " code.muted { "monitor." (view.name) } }
            (prose(&view.documentation))
            dl.facts {
                dt { "Gaat over" } dd { (view.subject) }
                dt { "Publicatie" } dd { (view.publication) }
                (fields::selection(&view.selection.tables))
            }
            (columns.render())
        }
    }
}

fn field(view: &ViewNote, column: &ViewColumnNote) -> Field {
    let below = format!("{}, {}", column.kind, column.role);
    let origin = &column.origin;
    Field {
        id: format!("view.{}.{}", view.name, column.name),
        name: fields::name(&column.name, &below),
        cells: [
            html! {
                (column.documentation)
                @if !column.shown { p.aside { "Niet te zien: alleen voor de publicatieregels." } }
            },
            html! { @if let Some(class) = &origin.class { (fields::class(class)) } @else { span.muted { "–" } } },
            html! {
                @if !origin.tables.is_empty() { (fields::places("tabel", &origin.tables)) }
                (fields::own(origin))
                (fields::selected(&origin.selection.tables))
            },
        ],
        dim: !column.shown,
    }
}
