//! What help brought about.

use maud::{Markup, html};

use super::bands::Bands;
use super::piece::{Piece, cell};
use super::{Book, Chapter, matches, norms, places, words};
use crate::page::{Column, Row, Table, Verdict, mark, number};
use crate::report::amount::{Amount, Unit};
use crate::report::charts::{Ink, Radar, Series, Words};
use crate::report::figures::{Line, Value};

/// The rows about the whole town, in either form of the view.
const TOWN: [(&str, &str); 3] = [("team", "alle"), ("indeling", "wijk"), ("gebied", "alle")];

pub fn chapter(book: &Book) -> Chapter {
    let intro = html! { p { "Wat leverde de hulp op, en wat gebeurde er met de hulpvragen?" } };
    let pieces = vec![
        closing(book),
        independence(book),
        independence_by_area(book),
        handling(book),
        referrals(book),
        substitution(book),
    ];
    Chapter::new("uitkomsten", "Wat de hulp opleverde", intro, pieces)
}

fn closing(book: &Book) -> Option<Piece> {
    let piece = Bands {
        view: "afsluiting",
        id: "afsluiting",
        heading: "Waarom trajecten zijn afgesloten",
        header: "Reden",
        rest: &["anders of onbekend"],
        ..Bands::default()
    }
    .piece(book)?;
    let filter = [("rij", "doelen gerealiseerd")];
    let share = book.figure("afsluiting", &filter, "procent");
    let earlier = book.earlier("afsluiting", &filter, "procent");
    Some(piece.saying(vec![share.map(|share| {
        format!(
            "Van de afgesloten trajecten haalde {} de doelen.{} {}",
            number::percent(share, 0),
            words::before(earlier, book.year, Unit::Percent(0)),
            norms::sentence(book, "afsluiting")
        )
    })]))
}

fn independence(book: &Book) -> Option<Piece> {
    let view = book.view("zelfredzaamheid")?;
    let lines: Vec<&Line> = view.of(book.year).filter(|l| matches(l, &TOWN)).collect();
    let first = lines.first()?;
    let mut piece = Piece::new("zelfredzaamheid", "Zelfredzaamheid", "zelfredzaamheid").saying(vec![Some(
        "De Zelfredzaamheid-Matrix (ZRM) geeft op elk leefgebied een score van 1 tot en met 5. Vanaf 3 is het voldoende. Wie hulp krijgt, wordt twee keer gemeten."
            .to_owned(),
    )]);
    first.definition().clone_into(&mut piece.definition);
    let total = lines.iter().find(|l| l.is("leefgebied", "totaal"));
    if let Some(rise) = total.and_then(|l| l.amount("toename").known()) {
        piece.says.push(format!(
            "De score steeg gemiddeld met {}. {}",
            number::percent(rise, 0),
            norms::sentence(book, "zelfredzaamheid")
        ));
    }
    let shown: Vec<Amount> = lines
        .iter()
        .map(|l| l.amount("gemiddelde_tweede"))
        .collect();
    piece.note_hidden(book, shown.iter());
    let areas: Vec<&Line> = lines
        .iter()
        .filter(|l| !l.is("leefgebied", "totaal"))
        .copied()
        .collect();
    if areas.len() > 2 {
        piece.charts.push(radar(
            &areas,
            "zelfredzaamheid",
            "Score op elk leefgebied, bij de eerste en de tweede meting",
            false,
        ));
    }
    piece.tables.push(scores(&lines));
    Some(piece)
}

fn radar(lines: &[&Line], id: &str, title: &str, small: bool) -> Markup {
    let of = |column: &str| lines.iter().map(|l| l.amount(column)).collect::<Vec<_>>();
    Radar {
        words: Words {
            id: format!("{id}-radar"),
            title: title.to_owned(),
        },
        unit: Unit::Mean(0),
        axes: lines.iter().map(|l| field(l.text("leefgebied"))).collect(),
        series: vec![
            (
                Series::new("tweede meting", Ink::One),
                of("gemiddelde_tweede"),
            ),
            (
                Series::new("eerste meting", Ink::Two),
                of("gemiddelde_eerste"),
            ),
        ],
        rings: vec![1.0, 2.0, 3.0, 4.0, 5.0],
        small,
    }
    .draw()
}

fn scores(lines: &[&Line]) -> Table {
    let row = |line: &&Line| {
        let short = line.value("voldoende") == &Value::Truth(false);
        let name = html! {
            (field(line.text("leefgebied")))
            @if short { " " (mark(Verdict::Bad, "onder 3")) }
        };
        Row {
            cells: vec![
                name.into(),
                cell(line.amount("gemiddelde_eerste"), Unit::Mean(2)),
                cell(line.amount("gemiddelde_tweede"), Unit::Mean(2)),
                cell(line.amount("toename"), Unit::Percent(0)),
            ],
            total: line.is("leefgebied", "totaal"),
        }
    };
    Table {
        caption: "Gemiddelde score op elk leefgebied".to_owned(),
        quiet_caption: true,
        wide: false,
        columns: vec![
            Column::words("Leefgebied"),
            Column::figures("eerste"),
            Column::figures("tweede"),
            Column::figures("stijging"),
        ],
        rows: lines.iter().map(row).collect(),
    }
}

/// A small radar for each wijk (or team, in the older form of the view) of which enough is known.
fn independence_by_area(book: &Book) -> Option<Piece> {
    let view = book.view("zelfredzaamheid")?;
    let name = |line: &Line| match line.text("gebied") {
        "" => line.text("team").to_owned(),
        area => area.to_owned(),
    };
    let mut areas: Vec<String> = view
        .of(book.year)
        .filter(|l| matches(l, &[("indeling", "wijk")]))
        .map(name)
        .filter(|area| area != "alle")
        .collect();
    areas.sort_unstable();
    areas.dedup();
    let rows: Vec<(String, Vec<&Line>)> = areas
        .into_iter()
        .map(|area| {
            let own = |l: &&Line| matches(l, &[("indeling", "wijk")]) && name(l) == area;
            (area.clone(), view.of(book.year).filter(own).collect())
        })
        .collect();
    let mut piece = Piece::new(
        "zelfredzaamheid-gebied",
        "Zelfredzaamheid per gebied",
        "zelfredzaamheid",
    );
    piece.broad = true;
    rows.first()?
        .1
        .first()?
        .definition()
        .clone_into(&mut piece.definition);
    let second = |l: &&Line| l.amount("gemiddelde_tweede");
    let shown: Vec<Amount> = rows
        .iter()
        .flat_map(|(_, lines)| lines.iter().map(second))
        .collect();
    piece.note_hidden(book, shown.iter());
    let charts: Vec<Markup> = rows
        .iter()
        .enumerate()
        .map(|(at, (area, lines))| (at, area, fields(lines)))
        .filter(|(_, _, lines)| places::drawable(lines, "gemiddelde_tweede"))
        .map(|(at, area, lines)| {
            let name = book.wijk(area);
            places::small(
                &name,
                &radar(&lines, &format!("zelfredzaamheid-{}", at + 1), &name, true),
            )
        })
        .collect();
    if !charts.is_empty() {
        let names = rows
            .first()
            .map(|(_, lines)| fields(lines))
            .unwrap_or_default();
        let names = names.iter().map(|l| field(l.text("leefgebied")));
        piece.charts.push(places::many(&charts, names));
    }
    piece.tables.push(by_area(book, &rows)?);
    Some(piece.saying(vec![Some(
        "De score bij de tweede meting. In de grafieken is de streepjeslijn de eerste meting, en de buitenste ring de score 5; de nummers staan in de lijst hieronder."
            .to_owned(),
    )]))
}

/// The name of a leefgebied as the reports write it.
fn field(slug: &str) -> String {
    match slug {
        "financien" => "Financiën".to_owned(),
        "adl" => "Dagelijks leven (ADL)".to_owned(),
        other => words::name(other),
    }
}

fn fields<'a>(lines: &[&'a Line]) -> Vec<&'a Line> {
    let fields = lines.iter().filter(|l| !l.is("leefgebied", "totaal"));
    fields.copied().collect()
}

fn by_area(book: &Book, rows: &[(String, Vec<&Line>)]) -> Option<Table> {
    let longest = rows
        .iter()
        .map(|(_, lines)| fields(lines))
        .max_by_key(Vec::len)?;
    let mut columns = vec![Column::words("Gebied")];
    columns.extend(longest.iter().enumerate().map(|(at, line)| {
        Column::figures((at + 1).to_string()).spoken(field(line.text("leefgebied")))
    }));
    let row = |(area, lines): &(String, Vec<&Line>)| {
        let mut cells = vec![words::label(&book.wijk(area)).into()];
        for field in &longest {
            let label = field.text("leefgebied");
            let line = lines.iter().find(|l| l.is("leefgebied", label));
            let amount = line.map_or(Amount::Absent, |l| l.amount("gemiddelde_tweede"));
            cells.push(cell(amount, Unit::Mean(2)));
        }
        Row::new(cells)
    };
    Some(Table {
        caption: "Gemiddelde score bij de tweede meting, per gebied".to_owned(),
        quiet_caption: true,
        wide: true,
        columns,
        rows: rows.iter().map(row).collect(),
    })
}

fn handling(book: &Book) -> Option<Piece> {
    Bands {
        view: "afhandeling",
        id: "afhandeling",
        heading: "Zelf geholpen of doorverwezen",
        header: "Afhandeling",
        ..Bands::default()
    }
    .piece(book)
}

fn referrals(book: &Book) -> Option<Piece> {
    let piece = Bands {
        view: "doorverwijzing",
        id: "doorverwijzing",
        heading: "Waarheen het WOT doorverwees",
        header: "Bestemming",
        rest: &["overig of onbekend"],
        bars: 0,
        ..Bands::default()
    }
    .piece(book)?;
    Some(piece.saying(vec![Some(
        "De tien bestemmingen die het vaakst voorkomen.".to_owned(),
    )]))
}

fn substitution(book: &Book) -> Option<Piece> {
    let piece = Bands {
        view: "substitutie",
        id: "substitutie",
        heading: "Informele zorg in plaats van formele zorg",
        header: "Trajecten",
        ..Bands::default()
    }
    .piece(book)?;
    let share = book.figure(
        "substitutie",
        &[("rij", "trajecten met substitutie")],
        "procent",
    );
    Some(piece.saying(vec![
        Some("Hulp van familie, buren of vrijwilligers kan hulp van een zorgverlener vervangen. Dat heet substitutie.".to_owned()),
        share.map(|share| {
            let verdict = if share >= 20.0 { "gehaald" } else { "niet gehaald" };
            format!("Dat lukte bij {} van de trajecten. Het doel was een op de vijf, en dat is {verdict}.", number::percent(share, 0))
        }),
    ]))
}
