//! The figures of the printed reports beside those of the monitor.

use maud::html;

use super::piece::Piece;
use super::{Book, Chapter, words};
use crate::page::{Cell, Column, Row, Table, Verdict, mark, number};
use crate::report::figures::{Line, Value};

pub fn chapter(book: &Book) -> Chapter {
    let intro = html! {
        p { "De gemeente publiceerde eerder een jaarverslag over " (book.year) ". De monitor rekent elk gedrukt cijfer na." }
    };
    Chapter::new(
        "controle",
        "Controle met het gedrukte verslag",
        intro,
        vec![verdicts(book)],
    )
}

fn verdicts(book: &Book) -> Option<Piece> {
    let view = book.view("publicatie_controle")?;
    let lines: Vec<&Line> = view.of(book.year).collect();
    let same = lines.iter().filter(|l| l.is("oordeel", "gelijk")).count();
    let others: Vec<&Line> = lines
        .iter()
        .filter(|l| !l.is("oordeel", "gelijk"))
        .copied()
        .collect();
    let mut piece = Piece::new(
        "publicatie-controle",
        "Gelijk of niet",
        "publicatie_controle",
    );
    piece.broad = true;
    piece.says.push(format!(
        "Van de {} gedrukte cijfers over {} zijn er {same} gelijk aan wat de monitor berekent.",
        lines.len(),
        book.year
    ));
    if others.is_empty() {
        return Some(piece);
    }
    piece
        .says
        .push("Deze cijfers zijn anders, of niet na te rekenen:".to_owned());
    let row = |line: &&Line| {
        Row::new(vec![
            format!(
                "{}: {}",
                words::name(line.text("tabel")),
                line.text("cel").replace('_', " ")
            )
            .into(),
            words::capital(line.text("eenheid")).into(),
            figure(line, "gepubliceerd"),
            figure(line, "berekend"),
            verdict(line.text("oordeel")),
            line.text("noot").into(),
        ])
    };
    piece.tables.push(Table {
        caption: "Gedrukte cijfers die de monitor anders berekent".to_owned(),
        quiet_caption: true,
        wide: true,
        columns: vec![
            Column::words("Cijfer"),
            Column::words("eenheid"),
            Column::figures("gedrukt"),
            Column::figures("berekend"),
            Column::words("oordeel"),
            Column::words("toelichting"),
        ],
        rows: others.iter().map(row).collect(),
    });
    Some(piece)
}

/// A figure with the decimals that it was printed with.
fn figure(line: &Line, column: &str) -> Cell {
    match line.value(column) {
        Value::Number(figure, 0) => number::decimal(*figure, 0).into(),
        Value::Number(figure, _) => {
            let text = number::decimal(*figure, 2);
            let text = text.trim_end_matches('0').trim_end_matches(',');
            text.into()
        }
        Value::Text(text) => text.clone().into(),
        Value::Truth(_) | Value::Null => number::NONE.into(),
    }
}

fn verdict(word: &str) -> Cell {
    let verdict = match word {
        "afronding" | "ocr" => Verdict::Doubtful,
        "afwijking" => Verdict::Bad,
        _ => Verdict::None,
    };
    let word = if word == "ocr" { "leesfout" } else { word };
    mark(verdict, word).into()
}
