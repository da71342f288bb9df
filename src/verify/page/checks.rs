//! One check after another: the question, the answer, how it was found, the evidence, and what to do.

use maud::{Markup, html};

use super::{Section, counted, mark, odds, whole};
use crate::page::{self, Cell, Column, Row, Table, number};
use crate::verify::advice::{Advice, advice};
use crate::verify::report::{Check, Evidence, Examined, Figure, Threshold, Unit, Verdict};

pub(super) fn section(section: &Section<'_>) -> Markup {
    html! {
        section.verification id={ "groep-" (section.group.id) } {
            h2 { (section.group.title) }
            p.lead { (section.group.asks) }
            @for check in &section.checks { (article(check)) }
        }
    }
}

fn article(check: &Check) -> Markup {
    let advice = advice(check.id);
    html! {
        article.check id=(check.id) {
            div.check-head {
                h3 { (check.question) }
                (mark(check.verdict))
            }
            p.aside { code { (check.id) } }
            @if !advice.matters.is_empty() { p { (advice.matters) } }
            dl.facts {
                dt { "Bekeken" } dd { (looked_at(check.examined)) }
                @if !check.note.is_empty() {
                    dt { @if check.verdict == Verdict::Unknown { "Waarom niet beoordeeld" } @else { "Hoe beoordeeld" } }
                    dd {
                        (check.note)
                        @if !advice.power.is_empty() && check.verdict != Verdict::Unknown { p.aside { (advice.power) } }
                    }
                }
            }
            (found(check))
            (figures(check))
            (remedy(check, &advice))
        }
    }
}

fn looked_at(examined: Examined) -> String {
    let Examined {
        files,
        columns,
        values,
    } = examined;
    let parts: Vec<String> = [
        (files, "bestand", "bestanden"),
        (columns, "kolom", "kolommen"),
        (values, "waarde", "waarden"),
    ]
    .into_iter()
    .filter(|(count, ..)| *count > 0)
    .map(|(count, one, more)| counted(count, one, more))
    .collect();
    match parts.as_slice() {
        [] => "niets".to_owned(),
        [one] => one.clone(),
        [rest @ .., last] => format!("{} en {last}", rest.join(", ")),
    }
}

/// The evidence.
fn found(check: &Check) -> Markup {
    let chances = check.evidence.iter().any(|e| e.chance.is_some());
    let mut columns = vec![
        Column::words("Plaats"),
        Column::words("Wat"),
        Column::figures("Aantal"),
    ];
    columns.extend(chances.then(|| Column::figures("Kans op toeval")));
    let pieces = alike(&check.evidence);
    let table = Table {
        caption: format!("Wat er gevonden is bij {}", check.id),
        quiet_caption: true,
        wide: false,
        columns,
        rows: pieces
            .iter()
            .map(|(evidence, places)| piece(evidence, *places, chances, check.verdict))
            .collect(),
    };
    html! {
        @if !check.evidence.is_empty() {
            h4 { "Wat er gevonden is" }
            (table.render_stacked())
            @if check.more > 0 {
                p { "En nog " (counted(check.more, "plaats", "plaatsen")) ". De ernstigste staan hierboven." }
            }
        }
    }
}

/// Pieces that read the same as one piece, with how many they are: of files whose names are not shown there
/// may be hundreds.
fn alike(evidence: &[Evidence]) -> Vec<(Evidence, u64)> {
    let mut found: Vec<(Evidence, u64)> = Vec::new();
    for piece in evidence {
        let same = |(other, _): &&mut (Evidence, u64)| {
            let uncounted = Evidence {
                count: other.count,
                ..piece.clone()
            };
            *other == uncounted
        };
        match found.iter_mut().find(same) {
            Some((other, places)) => {
                other.count = other.count.saturating_add(piece.count);
                *places += 1;
            }
            None => found.push((piece.clone(), 1)),
        }
    }
    found
}

fn piece(evidence: &Evidence, places: u64, chances: bool, verdict: Verdict) -> Row {
    let mut cells = vec![
        Cell::from(html! {
            code { (breakable(&evidence.place)) }
            @if let Some(column) = &evidence.column { span.kind { "kolom " code { (column) } } }
            @if places > 1 { span.kind { (counted(places, "plaats", "plaatsen")) " die hier hetzelfde heten" } }
        }),
        Cell::from(html! {
            (evidence.what)
            @if let Some(encoding) = evidence.encoding { " (" (encoding) ")" }
            @if evidence.verdict != verdict { " " (mark(evidence.verdict)) }
        }),
        Cell::from(whole(evidence.count)),
    ];
    if chances {
        let chance = evidence
            .chance
            .map_or_else(|| number::NONE.to_owned(), odds);
        cells.push(Cell::from(chance));
    }
    Row::new(cells)
}

/// A path that may go on in the next line after a slash or an underscore.
fn breakable(path: &str) -> Markup {
    html! {
        @for part in path.split_inclusive(['/', '_']) { (part) wbr; }
    }
}

/// What was measured: a row for each number that is held against something, with what else was measured
/// of the same place below it.
fn figures(check: &Check) -> Markup {
    if check.figures.is_empty() {
        return html! {};
    }
    let columns = ["Van", "Wat"].map(Column::words).into_iter();
    let columns = columns.chain(["Waarde", "Grens"].map(Column::figures));
    let places = check.figures.chunk_by(|a, b| a.place == b.place);
    let table = Table {
        caption: format!("Cijfers bij {}", check.id),
        quiet_caption: true,
        wide: false,
        columns: columns.chain([Column::words("Oordeel")]).collect(),
        rows: places.flat_map(of_place).collect(),
    };
    html! {
        h4 { "Cijfers" }
        (table.render_stacked())
    }
}

fn of_place(figures: &[Figure]) -> Vec<Row> {
    let (judged, rest): (Vec<_>, Vec<_>) = figures.iter().partition(|f| f.threshold.is_some());
    if judged.is_empty() {
        return rest
            .into_iter()
            .map(|figure| measured(figure, ""))
            .collect();
    }
    let said = |f: &&Figure| format!("{}: {}", f.what, value(f.value, f.unit));
    let rest: Vec<String> = rest.iter().map(said).collect();
    let rest = rest.join("; ");
    let rows = judged.into_iter().enumerate();
    rows.map(|(at, figure)| measured(figure, if at == 0 { &rest } else { "" }))
        .collect()
}

fn measured(figure: &Figure, besides: &str) -> Row {
    let limit = match figure.threshold {
        Some(Threshold::AtLeast(least)) => format!("minstens {}", value(least, figure.unit)),
        Some(Threshold::AtMost(most)) => format!("hoogstens {}", value(most, figure.unit)),
        None => number::NONE.to_owned(),
    };
    let verdict = match (figure.threshold, figure.holds()) {
        (None, _) => Cell::from(number::NONE),
        (Some(_), true) => Cell::from(page::mark(page::Verdict::Good, "binnen de grens")),
        (Some(_), false) => Cell::from(page::mark(page::Verdict::Doubtful, "buiten de grens")),
    };
    Row::new(vec![
        Cell::from(html! { code { (breakable(&figure.place)) } }),
        Cell::from(html! {
            (figure.what)
            @if !besides.is_empty() { p.aside { (besides) } }
        }),
        Cell::from(value(figure.value, figure.unit)),
        Cell::from(limit),
        verdict,
    ])
}

fn value(value: f64, unit: Unit) -> String {
    match unit {
        Unit::Count => number::decimal(value, 0),
        Unit::Share => number::percent(value * 100.0, 2),
        Unit::Number => number::decimal(value, 3),
    }
}

fn remedy(check: &Check, advice: &Advice) -> Markup {
    html! {
        @match check.verdict {
            Verdict::Passes => {},
            Verdict::Unknown => div.remedy {
                h4 { "Zo wordt dit wel beoordeeld" }
                p { (advice.judge) }
            },
            Verdict::Attention | Verdict::Fails => div.remedy {
                h4 { "Wat te doen" }
                ol { @for step in advice.remedy { li { (step) } } }
            },
        }
    }
}
