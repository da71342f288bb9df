//! Help beside the teams: welfare activities, and provisions that people use at the same time.

use maud::html;

use super::bands::Bands;
use super::piece::{Piece, cell};
use super::{Book, Chapter, words};
use crate::page::{Column, Row, Table, number};
use crate::report::amount::{Amount, Unit};
use crate::report::charts::{Bar, Bars, Ink, Series, Words};
use crate::report::figures::Line;

pub fn chapter(book: &Book) -> Chapter {
    let intro = html! {
        p { "Niet alle hulp komt van het WOT. Een activiteit in de buurt kan ook helpen, en sommige mensen gebruiken meer voorzieningen tegelijk." }
    };
    let pieces = vec![welfare(book), taking_part(book), together(book)];
    Chapter::new("ernaast", "Welzijn en andere voorzieningen", intro, pieces)
}

fn welfare(book: &Book) -> Option<Piece> {
    let at = |moment: &str, id: &str, heading: &str| {
        Bands {
            view: "welzijn",
            id,
            heading,
            filter: &[("moment", moment)],
            header: &words::capital(moment),
            rest: &["niet of onbekend"],
            ..Bands::default()
        }
        .piece(book)
    };
    let first = at("bij de melding", "welzijn", "Naar een welzijnsactiviteit");
    let last = at(
        "bij de afsluiting",
        "welzijn-afsluiting",
        "Naar een welzijnsactiviteit, bij de afsluiting",
    );
    let mut piece = match (first, last) {
        (Some(mut first), Some(last)) => {
            first.charts.extend(last.charts);
            first.tables.extend(last.tables);
            first.hidden = first.hidden.or(last.hidden);
            first
        }
        (first, last) => first.or(last)?,
    };
    piece.says.push(
        "Een welzijnsactiviteit is bijvoorbeeld een eetclub of een wandelgroep. Iemand kan er bij de melding al naartoe, of aan het eind van een traject."
            .to_owned(),
    );
    Some(piece)
}

fn taking_part(book: &Book) -> Option<Piece> {
    let piece = Bands {
        view: "deelname",
        id: "deelname",
        heading: "Meedoen aan activiteiten",
        filter: &[("rij", "deelnames")],
        label: "partner",
        by_size: true,
        header: "Deelnames",
        figures: &[("aantal", "deelnames", Unit::Count)],
        bars: 0,
        sums: &["alle", "totaal"],
        names: partner,
        ..Bands::default()
    }
    .piece(book)?;
    let all = |row| book.figure("deelname", &[("partner", "alle"), ("rij", row)], "aantal");
    let by = book.figure(
        "deelname",
        &[("partner", "alle"), ("rij", "via de makelaar")],
        "procent",
    );
    Some(piece.saying(vec![
        Some("Een deelname is één mens bij één activiteit.".to_owned()),
        all("deelnemers").map(|people| {
            format!(
                "Er deden {} mensen mee. Wie bij twee partners meedoet, telt daarin twee keer: elke partner heeft eigen nummers.",
                number::decimal(people, 0)
            )
        }),
        by.map(|share| format!("Bij {} van de deelnames kwam iemand via de welzijnsmakelaar.", number::percent(share, 0))),
    ]))
}

/// The most combinations that the chart shows.
const MOST: usize = 8;

/// Provisions used together: those of one kind would dwarf the combinations, so they are in the table
/// only.
fn together(book: &Book) -> Option<Piece> {
    let view = book.view("stapeling")?;
    let of = |year: i64| {
        view.of(year)
            .filter(|l| l.is("wijk", "alle"))
            .collect::<Vec<&Line>>()
    };
    let lines = of(book.year);
    let first = lines.first()?;
    let before = book.before(view, &[("wijk", "alle")]);
    let years: Vec<i64> = [Some(book.year), before].into_iter().flatten().collect();
    let amount = |year: i64, line: &Line| {
        let same = |l: &&&Line| l.text("combinatie") == line.text("combinatie");
        of(year)
            .iter()
            .find(same)
            .map_or(Amount::Absent, |l| l.amount("personen"))
    };
    let mut piece = Piece::new("stapeling", "Meer voorzieningen tegelijk", "stapeling").saying(vec![Some(
        "Iemand gebruikt in een jaar een soort voorziening als die in dat jaar minstens een dag liep. De grafiek laat de combinaties zien die het vaakst voorkomen."
            .to_owned(),
    )]);
    first.definition().clone_into(&mut piece.definition);
    let shown: Vec<Amount> = lines
        .iter()
        .flat_map(|l| years.iter().map(|y| amount(*y, l)))
        .collect();
    piece.note_hidden(book, shown.iter());
    let mut several: Vec<(&Line, f64)> = lines
        .iter()
        .filter(|line| line.whole("aantal_voorzieningen") > Some(1))
        .filter_map(|line| Some((*line, line.amount("personen").known()?)))
        .collect();
    several.sort_by(|a, b| b.1.total_cmp(&a.1));
    let bars: Vec<Bar> = several
        .iter()
        .take(MOST)
        .map(|(line, _)| Bar {
            label: combination(line.text("combinatie")),
            amounts: years.iter().map(|year| amount(*year, line)).collect(),
            rest: false,
        })
        .collect();
    let inks = [Ink::One, Ink::Before];
    if !bars.is_empty() {
        let chart = Bars {
            words: Words {
                id: "stapeling-beeld".to_owned(),
                title: "Mensen met twee of meer soorten voorzieningen".to_owned(),
            },
            unit: Unit::Count,
            series: years
                .iter()
                .zip(inks)
                .map(|(y, ink)| Series::new(y.to_string(), ink))
                .collect(),
            rows: bars,
            most: None,
            norm: None,
        };
        piece.charts.push(chart.draw());
    }
    let mut columns = vec![Column::words("Soorten voorzieningen")];
    columns.extend(years.iter().map(|year| Column::figures(year.to_string())));
    let row = |line: &&Line| {
        let mut cells = vec![combination(line.text("combinatie")).into()];
        cells.extend(
            years
                .iter()
                .map(|year| cell(amount(*year, line), Unit::Count)),
        );
        Row::new(cells)
    };
    piece.tables.push(Table {
        caption: "Mensen naar de soorten voorzieningen die zij gebruikten".to_owned(),
        quiet_caption: true,
        wide: false,
        columns,
        rows: lines.iter().map(row).collect(),
    });
    Some(piece)
}

fn combination(kinds: &str) -> String {
    let name = |kind: &str| match kind {
        "wot" => "WOT".to_owned(),
        "wmo" => "Wmo".to_owned(),
        other => other.to_owned(),
    };
    let names: Vec<String> = kinds.split(" + ").map(name).collect();
    words::capital(&names.join(" + "))
}

/// A partner is a source: its name with capitals, and the row of all of them.
fn partner(source: &str) -> String {
    match source {
        "alle" | "totaal" => "Totaal".to_owned(),
        other => words::name(other),
    }
}
