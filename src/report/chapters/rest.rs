//! What no other chapter shows, and how everything was counted.

use maud::{Markup, html};

use super::piece::{Piece, cell};
use super::{Book, Chapter, words};
use crate::page::{Cell, Column, Row, Table, number};
use crate::report::amount::{Amount, Unit};
use crate::report::figures::{Line, Value, View};

/// Views that have a place elsewhere.
const SHOWN: [&str; 25] = [
    "afhandeling",
    "afsluiting",
    "bevolking",
    "deelname",
    "doorlooptijd",
    "doorverwijzing",
    "hulpvragen",
    "hulpvragen_per_wijk",
    "klachten",
    "klantervaring",
    "korte_contacten",
    "kpi",
    "leeftijd",
    "personeel",
    "problematiek",
    "projecten",
    "publicatie_controle",
    "stapeling",
    "substitutie",
    "trainingen",
    "wachttijd",
    "welzijn",
    "zelfredzaamheid",
    "zelfredzaamheid_per_wijk",
    "zorgzwaarte",
];

/// Columns that the reader of a report does without.
const SILENT: [&str; 4] = ["jaar", "definitie", "volgorde", "onderdrukt"];

/// The most rows of a view that nobody arranged.
const MOST: usize = 200;

pub fn chapter(book: &Book) -> Chapter {
    let intro = html! { p { "Tabellen van de monitor die nergens anders in dit verslag staan." } };
    let others = book
        .figures
        .views()
        .filter(|view| !SHOWN.contains(&view.name.as_str()));
    let pieces = others.map(|view| plain(book, view)).collect();
    Chapter::new("overig", "Andere tabellen", intro, pieces)
}

/// A view as it is, without a chart.
fn plain(book: &Book, view: &View) -> Option<Piece> {
    let columns: Vec<&String> = view
        .columns
        .iter()
        .filter(|column| !SILENT.contains(&column.as_str()))
        .collect();
    let lines: Vec<&Line> = view.of(book.year).take(MOST).collect();
    let first = lines.first()?;
    let mut piece = Piece::new(format!("tabel-{}", view.name), view.title(), &view.name);
    first.definition().clone_into(&mut piece.definition);
    piece.broad = true;
    let shown: Vec<Amount> = lines
        .iter()
        .flat_map(|line| columns.iter().map(|column| line.amount(column)))
        .collect();
    piece.note_hidden(book, shown.iter());
    let figures = |column: &str| {
        let mut values = lines.iter().map(|line| line.value(column));
        values.any(|value| matches!(value, Value::Number(..)))
    };
    let row = |line: &&Line| Row::new(columns.iter().map(|column| value(line, column)).collect());
    piece.tables.push(Table {
        caption: view.title().to_owned(),
        quiet_caption: true,
        wide: true,
        columns: columns
            .iter()
            .map(|column| Column {
                figures: figures(column),
                ..Column::words(column.replace('_', " "))
            })
            .collect(),
        rows: lines.iter().map(row).collect(),
    });
    Some(piece)
}

fn value(line: &Line, column: &str) -> Cell {
    match line.value(column) {
        Value::Text(text) => text.clone().into(),
        Value::Number(figure, places) => number::decimal(*figure, *places).into(),
        Value::Truth(truth) => if *truth { "ja" } else { "nee" }.into(),
        Value::Null => cell(line.amount(column), Unit::Count),
    }
}

/// How the views that are shown count, in the words of the views themselves.
pub fn definitions(book: &Book, chapters: &[Chapter]) -> Chapter {
    let mut names: Vec<&str> = Vec::new();
    for piece in chapters.iter().flat_map(|chapter| &chapter.pieces) {
        if !names.contains(&piece.view.as_str()) {
            names.push(&piece.view);
        }
    }
    let views: Vec<&View> = names
        .iter()
        .filter_map(|name| book.figures.view(name))
        .collect();
    let intro = html! { p { "Per tabel: wat telt mee en wat niet, en welke definitie gold. Dit is de tekst die ook in de monitor zelf staat." } };
    let mut chapter = Chapter::new("zo-is-geteld", "Zo is er geteld", intro, Vec::new());
    chapter.after = html! { div.definitions-list { @for view in views { (definition(view)) } } };
    chapter
}

fn definition(view: &View) -> Markup {
    html! {
        div.definition id={ "zo-" (view.name) } {
            h3 { (words::name(&view.name)) }
            @for paragraph in paragraphs(&view.documentation) { p { (paragraph) } }
        }
    }
}

/// The paragraphs of a documentation, without what is for who asks SQL.
fn paragraphs(documentation: &str) -> Vec<String> {
    let mut found = vec![String::new()];
    for line in documentation.lines().map(str::trim) {
        let sorting = line.starts_with("Sorteer op");
        match found.last_mut() {
            _ if line.is_empty() || sorting => found.push(String::new()),
            Some(paragraph) if paragraph.is_empty() => line.clone_into(paragraph),
            Some(paragraph) => {
                paragraph.push(' ');
                paragraph.push_str(line);
            }
            None => {}
        }
    }
    found.retain(|paragraph| !paragraph.is_empty());
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documentation_is_read_in_paragraphs() {
        let text = "Wat het is.\n\nDefinitie 2023: dit\nen dat.\n\nSorteer op jaar.";
        assert_eq!(
            paragraphs(text),
            ["Wat het is.", "Definitie 2023: dit en dat."]
        );
    }
}
