//! The wijken: where they lie, and what is told for each of them.

use maud::{Markup, html};

use super::bands::Bands;
use super::piece::{Piece, cell};
use super::{Book, matches, words};
use crate::page::{Cell, Column, Row, Table};
use crate::report::amount::{Amount, Unit};
use crate::report::charts::{Ink, Radar, Series, Tile, Tiles, Words};
use crate::report::figures::{Line, View};

/// About where the wijken lie: name in the data, column from the west, row from the north. One that is
/// not here gets a tile below the others.
const MAP: [(&str, u8, u8); 10] = [
    ("woudhoek_en_spaland_sveaparken", 0, 0),
    ("groenoord_en_kethel", 1, 0),
    ("industriegebied", 2, 0),
    ("nieuwland", 0, 1),
    ("centrum", 1, 1),
    ("oost", 2, 1),
    ("west", 0, 2),
    ("centrum_tussen_havens_en_grachten", 1, 2),
    ("nieuw_mathenesse", 2, 2),
    ("zuid", 0, 3),
];

/// Areas that are no wijk.
const NOWHERE: [&str; 3] = ["alle", "onbekend", "buiten_schiedam"];

/// How many columns the map has.
const COLUMNS: usize = 3;

/// Hulpvragen for each wijk where the client lives.
pub fn districts(book: &Book) -> Option<Piece> {
    let view = book.view("hulpvragen_per_wijk")?;
    let mut piece = areas(book, "wijk", "hulpvragen-wijk", "Hulpvragen per wijk")?;
    let filter = [("indeling", "wijk")];
    let lines: Vec<&Line> = view
        .of(book.year)
        .filter(|l| matches(l, &filter) && !NOWHERE.contains(&l.text("gebied")))
        .collect();
    let chart = Tiles {
        words: Words {
            id: "hulpvragen-wijk-kaart".to_owned(),
            title: format!("Hulpvragen per wijk in {}", book.year),
        },
        unit: Unit::Count,
        tiles: lines
            .iter()
            .zip(map(&lines))
            .map(|(line, (column, row))| Tile {
                label: area(line),
                column,
                row,
                amount: line.amount("aantal"),
                note: rate(line),
            })
            .collect(),
    };
    piece.charts = vec![chart.draw()];
    Some(piece.saying(vec![
        Some("Naar de wijk waar de cliënt woont. Hoe sterker de kleur, hoe meer hulpvragen.".to_owned()),
        lines.iter().any(|l| rate(l).is_some()).then(|| {
            "Rechts in een tegel staat het aantal per 1.000 inwoners. Zo zijn grote en kleine wijken te vergelijken."
                .to_owned()
        }),
    ]))
}

/// Hulpvragen for each team that helped.
pub fn teams(book: &Book) -> Option<Piece> {
    let piece = areas(book, "team", "hulpvragen-team", "Hulpvragen per team")?;
    Some(piece.saying(vec![Some(
            "Naar het team dat hielp. Een inwoner mag ook naar het spreekuur van een andere wijk."
                .to_owned(),
        )]))
}

fn areas(book: &Book, by: &str, id: &str, heading: &str) -> Option<Piece> {
    let view = book.view("hulpvragen_per_wijk")?;
    let rates = view.of(book.year).any(|line| rate(line).is_some());
    Bands {
        view: "hulpvragen_per_wijk",
        id,
        heading,
        filter: &[("indeling", by)],
        label: "naam",
        by_size: true,
        header: &words::capital(by),
        figures: if rates {
            &[
                ("aantal", "aantal", Unit::Count),
                ("per_1000", "per 1.000", Unit::Mean(1)),
            ]
        } else {
            &[
                ("aantal", "aantal", Unit::Count),
                ("procent", "deel", Unit::Percent(0)),
            ]
        },
        sums: &["Schiedam", "alle"],
        rest: &["onbekend", "buiten Schiedam"],
        bars: 0,
        ..Bands::default()
    }
    .piece(book)
}

fn rate(line: &Line) -> Option<String> {
    let rate = line.amount("per_1000").known()?;
    Some(Unit::Mean(1).write(rate))
}

/// The name of an area for readers.
fn area(line: &Line) -> String {
    match line.text("naam") {
        "" => words::name(match line.text("wijk") {
            "" => line.text("gebied"),
            wijk => wijk,
        }),
        name => words::capital(name),
    }
}

/// The place of each line on the map; those that it does not know come below, from the left.
fn map(lines: &[&Line]) -> Vec<(u8, u8)> {
    let known = |line: &&Line| MAP.iter().find(|(slug, ..)| line.is("gebied", slug));
    let below = lines
        .iter()
        .filter_map(known)
        .map(|(_, _, row)| row + 1)
        .max();
    let mut strangers = 0_usize;
    let mut place = |line: &&Line| {
        if let Some((_, column, row)) = known(line) {
            return (*column, *row);
        }
        let (row, column) = (strangers / COLUMNS, strangers % COLUMNS);
        strangers += 1;
        let small = |number: usize| u8::try_from(number).unwrap_or(u8::MAX);
        (small(column), below.unwrap_or(0).saturating_add(small(row)))
    };
    lines.iter().map(&mut place).collect()
}

/// What hulpvragen are about, in the whole town.
pub fn problems(book: &Book) -> Option<Piece> {
    let view = book.view("problematiek")?;
    let filter = [("wijk", "alle")];
    let mut piece = Bands {
        view: "problematiek",
        id: "problematiek",
        heading: "Waarover de hulpvragen gaan",
        filter: &filter,
        header: "Problematiek",
        rest: &["overig"],
        ..Bands::default()
    }
    .piece(book)?;
    let now = (book.year.to_string(), subjects(view, book.year, "alle"));
    let before = book
        .before(view, &filter)
        .map(|year| (year.to_string(), subjects(view, year, "alle")));
    let title = "Problematieken in heel Schiedam, deel van alle genoemde problematieken";
    piece.charts = vec![radar("problematiek", title, &now, before.as_ref(), None)];
    Some(piece.saying(vec![Some(
        "Een hulpvraag kan over meer onderwerpen gaan. Zij telt dan bij elk onderwerp mee."
            .to_owned(),
    )]))
}

/// What hulpvragen are about in each wijk, beside the whole town.
pub fn problems_by_district(book: &Book) -> Option<Piece> {
    let view = book.view("problematiek")?;
    let town = subjects(view, book.year, "alle");
    let wijken = wijken(view, book.year);
    if wijken.is_empty() || town.is_empty() {
        return None;
    }
    let mut piece = Piece::new(
        "problematiek-wijk",
        "Waarover de hulpvragen gaan, per wijk",
        "problematiek",
    );
    piece.broad = true;
    town.first()?.definition().clone_into(&mut piece.definition);
    let rows: Vec<(&str, Vec<&Line>)> = wijken
        .into_iter()
        .map(|wijk| (wijk, subjects(view, book.year, wijk)))
        .collect();
    let shown: Vec<Amount> = rows
        .iter()
        .flat_map(|(_, l)| l.iter().map(|l| l.amount("procent")))
        .collect();
    piece.note_hidden(book, shown.iter());
    // All on one scale, or they cannot be held against each other.
    let shares = rows.iter().flat_map(|(_, lines)| lines);
    let shares: Vec<Amount> = shares.chain(&town).map(|l| l.amount("procent")).collect();
    let rings = rings(shares.iter());
    let all = ("heel Schiedam".to_owned(), town.clone());
    let drawn: Vec<Markup> = rows
        .iter()
        .enumerate()
        .filter(|(_, (_, lines))| drawable(lines, "procent"))
        .map(|(at, (wijk, lines))| {
            let name = book.wijk(wijk);
            let id = format!("problematiek-{}", at + 1);
            let own = (name.clone(), lines.clone());
            let chart = radar(&id, &name, &own, Some(&all), Some(&rings));
            small(&name, &chart)
        })
        .collect();
    if !drawn.is_empty() {
        let names = town.iter().map(|l| words::capital(l.text("rij")));
        piece.charts.push(many(&drawn, names));
    }
    piece.tables.push(numbered(book, &town, &rows));
    let rim = rings.last().map_or_else(String::new, |rim| {
        format!(" De buitenste ring is {}.", Unit::Percent(0).write(*rim))
    });
    Some(piece.saying(vec![Some(format!(
        "Per wijk het deel van elk onderwerp. De stippellijn is heel Schiedam.{rim} De nummers staan in de lijst hieronder."
    ))]))
}

/// Whether a radar of these lines says more than that most of it is hidden.
pub fn drawable(lines: &[&Line], column: &str) -> bool {
    let known = lines
        .iter()
        .filter(|l| l.amount(column).known().is_some())
        .count();
    lines.len() > 2 && 2 * known > lines.len()
}

/// A small chart under its name.
pub fn small(name: &str, chart: &Markup) -> Markup {
    html! { div.small-multiple { h4 { (words::label(name)) } (chart) } }
}

/// Small charts beside each other, with the names of their numbered axes.
pub fn many(charts: &[Markup], names: impl Iterator<Item = String>) -> Markup {
    html! {
        ol.key { @for name in names { li { (name) } } }
        div.small-multiples { @for chart in charts { (chart) } }
    }
}

/// The wijken of a view, in the order of their names.
fn wijken(view: &View, year: i64) -> Vec<&str> {
    let mut found: Vec<&str> = view
        .of(year)
        .map(|line| line.text("wijk"))
        .filter(|wijk| !NOWHERE.contains(wijk))
        .collect();
    found.sort_unstable();
    found.dedup();
    found
}

fn subjects<'a>(view: &'a View, year: i64, wijk: &str) -> Vec<&'a Line> {
    let lines = view
        .of(year)
        .filter(|l| l.is("wijk", wijk) && !l.is("rij", "totaal"));
    lines.collect()
}

/// A radar of shares: these lines, and those that they are held against.
fn radar(
    id: &str,
    title: &str,
    own: &(String, Vec<&Line>),
    other: Option<&(String, Vec<&Line>)>,
    scale: Option<&[f64]>,
) -> Markup {
    let axes: Vec<&str> = own.1.iter().map(|line| line.text("rij")).collect();
    let of = |lines: &[&Line]| -> Vec<Amount> {
        let share = |axis: &&str| {
            let line = lines.iter().find(|line| line.is("rij", axis));
            line.map_or(Amount::Absent, |line| line.amount("procent"))
        };
        axes.iter().map(share).collect()
    };
    let mut series = vec![(Series::new(&own.0, Ink::One), of(&own.1))];
    series.extend(other.map(|(name, lines)| (Series::new(name, Ink::Before), of(lines))));
    Radar {
        words: Words {
            id: format!("{id}-radar"),
            title: title.to_owned(),
        },
        unit: Unit::Percent(0),
        axes: axes.iter().map(|axis| words::capital(axis)).collect(),
        rings: match scale {
            Some(scale) => scale.to_vec(),
            None => rings(series.iter().flat_map(|(_, amounts)| amounts)),
        },
        series,
        small: scale.is_some(),
    }
    .draw()
}

/// Rings at round figures up to just above the largest one.
fn rings<'a>(amounts: impl Iterator<Item = &'a Amount>) -> Vec<f64> {
    let most = amounts.filter_map(|a| a.known()).fold(1.0, f64::max);
    let step = [5.0, 10.0, 20.0, 25.0, 50.0]
        .into_iter()
        .find(|step| 4.0 * step >= most)
        .unwrap_or(most / 4.0);
    (1..=4)
        .map(|ring| f64::from(ring) * step)
        .take_while(|ring| *ring < most + step)
        .collect()
}

/// Wijken beside each other, with the subjects by number.
fn numbered(book: &Book, town: &[&Line], rows: &[(&str, Vec<&Line>)]) -> Table {
    let mut columns = vec![Column::words("Wijk")];
    columns.extend(town.iter().enumerate().map(|(at, line)| {
        Column::figures((at + 1).to_string()).spoken(words::capital(line.text("rij")))
    }));
    let row = |name: String, lines: &[&Line], total: bool| {
        let share = |subject: &&Line| {
            let label = subject.text("rij");
            let line = lines.iter().find(|l| l.is("rij", label));
            line.map_or(Amount::Absent, |l| l.amount("procent"))
        };
        let mut cells: Vec<Cell> = vec![name.into()];
        cells.extend(
            town.iter()
                .map(|subject| cell(share(subject), Unit::Percent(0))),
        );
        Row { cells, total }
    };
    let wijken = rows
        .iter()
        .map(|(wijk, lines)| row(words::label(&book.wijk(wijk)), lines, false));
    let all = row("Heel Schiedam".to_owned(), town, true);
    Table {
        caption: "Deel van elk onderwerp, per wijk".to_owned(),
        quiet_caption: true,
        wide: true,
        columns,
        rows: wijken.chain([all]).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::figures::Value;

    #[test]
    fn a_wijk_that_the_map_does_not_know_comes_below_it() {
        let line = |slug: &str| Line::made_of(&[("gebied", Value::Text(slug.to_owned()))]);
        let lines = ["zuid", "nieuwe_wijk", "oost", "a", "b", "c"].map(line);
        let lines: Vec<&Line> = lines.iter().collect();
        assert_eq!(
            map(&lines),
            [(0, 3), (0, 4), (2, 1), (1, 4), (2, 4), (0, 5)]
        );
        let strange = line("elders");
        assert_eq!(map(&[&strange]), [(0, 0)]);
    }

    #[test]
    fn rings_are_round_and_reach_the_largest_figure() {
        let rings = |most: f64| rings([Amount::Known(most), Amount::Hidden].iter());
        assert_eq!(rings(22.0), [10.0, 20.0, 30.0]);
        assert_eq!(rings(20.0), [5.0, 10.0, 15.0, 20.0]);
        assert_eq!(rings(3.0), [5.0]);
    }
}
