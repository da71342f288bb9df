//! The tables of the warehouse, and the run history.

use maud::{Markup, html};

use super::fields::{self, Field, Fields};
use super::{index, prose};
use crate::dictionary::{Dictionary, HistoryNote, TableColumnNote, TableNote};

impl Dictionary {
    pub(super) fn all_tables(&self) -> Markup {
        let entries = self.tables.iter();
        let entries = entries.map(|t| {
            (
                format!("tabel.{}", t.name),
                t.name.as_str(),
                t.title.as_str(),
            )
        });
        html! {
            p {
                "Wat er na de sluis wordt bewaard. Wie vragen stelt aan de monitor kan niet bij deze tabellen; \
                 alleen de views kunnen dat."
            }
            (index(entries))
            @for table in &self.tables { (article(table)) }
        }
    }

    pub(super) fn all_history(&self) -> Markup {
        html! {
            p { "Wat er elke nacht gebeurde. Deze tabellen bevatten geen persoonsgegevens en geen geleverde waarden." }
            @for table in &self.history { (history(table)) }
        }
    }
}

fn article(table: &TableNote) -> Markup {
    let columns = Fields {
        caption: format!("Kolommen van {}", table.title),
        headers: ["Kolom", "Betekenis", "Klasse", "Komt uit"],
        rows: table.columns.iter().map(|c| field(table, c)).collect(),
    };
    html! {
        article id={ "tabel." (table.name) } {
            h3 { (table.title) " " code.muted { "magazijn." (table.name) } }
            (prose(&table.documentation))
            dl.facts {
                dt { "Gevuld door" }
                dd {
                    @for (at, source) in table.filled_by.iter().enumerate() {
                        @if at > 0 { ", " }
                        a.field href={ "#bron." (source) } { (source) }
                    }
                }
                @if !table.key.is_empty() { dt { "Sleutel" } dd { code { (table.key.join(", ")) } } }
                @if !table.partition.is_empty() {
                    dt { "Bestanden per" } dd { code { (table.partition.join(", ")) } }
                }
                (fields::selection(&table.selection.sources))
            }
            (columns.render())
        }
    }
}

fn field(table: &TableNote, column: &TableColumnNote) -> Field {
    let below = if column.required {
        format!("{}, altijd gevuld", column.kind)
    } else {
        column.kind.to_owned()
    };
    let origin = &column.origin;
    Field {
        id: format!("tabel.{}.{}", table.name, column.name),
        name: fields::name(&column.name, &below),
        cells: [
            html! {
                (column.documentation)
                @if column.views.is_empty() { p.aside { "In geen enkele view." } }
            },
            html! { @if let Some(class) = &origin.class { (fields::class(class)) } @else { span.muted { "–" } } },
            html! {
                (fields::sources(origin))
                (fields::own(origin))
                (fields::selected(&origin.selection.sources))
            },
        ],
        dim: false,
    }
}

fn history(table: &HistoryNote) -> Markup {
    html! {
        article id={ "beheer." (table.name) } {
            h3 { code { "beheer." (table.name) } }
            (prose(&table.documentation))
            dl.facts {
                @for column in &table.columns {
                    dt { (fields::name(&column.name, &column.kind)) }
                    dd { (column.documentation) }
                }
            }
        }
    }
}
