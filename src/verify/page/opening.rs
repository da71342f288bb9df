//! What the report opens with: one verdict, what it means, what to do; what was examined; all checks.

use std::cmp::Reverse;

use chrono::NaiveDate;
use maud::{Markup, html};

use super::{Occasion, Section, counted, mark, size, whole};
use crate::page::{Cell, Column, Row, Table, number};
use crate::verify::advice::advice;
use crate::verify::report::{Check, Report, Verdict};

pub(super) fn masthead(report: &Report, occasion: &Occasion) -> Markup {
    html! {
        p.eyebrow { (occasion.controller) }
        h1 { "Verslag van de controle" }
        p.lead {
            "Sluis heeft elk bestand in het magazijn gelezen, zonder de sleutel, en "
            (counted(report.checks.len() as u64, "vraag", "vragen"))
            " gesteld. Dit verslag noemt plaatsen en aantallen, nooit een waarde uit de gegevens."
        }
        @if occasion.adopted.is_none() {
            p.note { "Het register is een concept: niemand heeft het nog vastgesteld." }
        }
    }
}

fn count(report: &Report, verdict: Verdict) -> u64 {
    report
        .checks
        .iter()
        .filter(|c| c.verdict == verdict)
        .count() as u64
}

/// One verdict in plain words.
pub(super) fn verdict(report: &Report) -> Markup {
    let verdict = report.verdict();
    let unknown = count(report, Verdict::Unknown);
    let tone = match verdict {
        Verdict::Passes => "outcome good",
        Verdict::Unknown => "outcome none",
        Verdict::Attention => "outcome doubtful",
        Verdict::Fails => "outcome bad",
    };
    html! {
        section #oordeel {
            h2 { "Oordeel" }
            div class=(tone) {
                p.outcome-mark { (mark(verdict)) }
                p.outcome-says { (says(report)) }
                p { (means(verdict)) }
                @if verdict > Verdict::Unknown && unknown > 0 {
                    p { "Verder " @if unknown == 1 { "is 1 controle" } @else { "zijn " (whole(unknown)) " controles" } " niet gedaan. Daarover zegt dit verslag niets." }
                }
            }
            (todo(report))
        }
    }
}

fn says(report: &Report) -> String {
    let of = |verdict| count(report, verdict);
    match report.verdict() {
        Verdict::Passes => format!(
            "Het magazijn voldoet aan alle {}.",
            counted(of(Verdict::Passes), "controle", "controles")
        ),
        Verdict::Unknown => format!(
            "Er is geen fout gevonden, maar {} niet gedaan.",
            counted(of(Verdict::Unknown), "controle is", "controles zijn")
        ),
        Verdict::Attention => format!(
            "Er is geen fout gevonden, maar {} aandacht.",
            counted(
                of(Verdict::Attention),
                "controle vraagt",
                "controles vragen"
            )
        ),
        Verdict::Fails => format!(
            "Het magazijn voldoet niet: {} een fout.",
            counted(of(Verdict::Fails), "controle vond", "controles vonden")
        ),
    }
}

const fn means(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Passes => {
            "Op elke vraag was het antwoord goed. Er is niets gevonden dat een mens aanwijst, de pseudoniemen zijn \
             sterk genoeg, en wat er ligt klopt met het register."
        }
        Verdict::Unknown => {
            "Op de vragen die zijn gesteld, was het antwoord goed. Over de andere zegt dit verslag niets: dat is geen \
             fout, maar ook geen goedkeuring."
        }
        Verdict::Attention => {
            "Er is niets gevonden dat zeker fout is. Wel is er iets dat iemand moet bekijken, omdat een computer er \
             niet over kan oordelen."
        }
        Verdict::Fails => {
            "Er is iets gevonden dat niet mag. Misschien is het een datalek. Het blijft fout tot het is opgelost en \
             deze controle opnieuw is gedaan."
        }
    }
}

/// What to do, the gravest first.
fn todo(report: &Report) -> Markup {
    let mut open: Vec<&Check> = report
        .checks
        .iter()
        .filter(|check| check.verdict != Verdict::Passes)
        .collect();
    open.sort_by_key(|check| Reverse(check.verdict));
    html! {
        h3.todo-head { "Wat moet u doen?" }
        @if open.is_empty() {
            p { "Nu niets. Onderteken dit verslag, bewaar het, en herhaal de controle op het afgesproken moment." }
        } @else {
            ul.todo {
                @for check in open {
                    li {
                        (mark(check.verdict))
                        div {
                            a href={ "#" (check.id) } { (check.question) }
                            p { (first_step(check)) }
                        }
                    }
                }
            }
        }
    }
}

/// The first thing to do; where somebody should look, at what.
fn first_step(check: &Check) -> &str {
    let advice = advice(check.id);
    match check.verdict {
        Verdict::Unknown => advice.judge,
        Verdict::Attention => check.evidence.first().map_or("", |found| &found.what),
        _ => advice.remedy.first().copied().unwrap_or_default(),
    }
}

/// What was examined, when, and with which program and register.
pub(super) fn examined(report: &Report, occasion: &Occasion) -> Markup {
    // Checks of content look at everything there is.
    let content = |check: &&Check| check.id.starts_with("inhoud-");
    let most = |of: fn(&Check) -> u64| {
        let checks = report.checks.iter().filter(content);
        checks.map(of).max().unwrap_or_default()
    };
    let adopted = occasion.adopted.as_ref().map(|day| {
        let parsed = NaiveDate::parse_from_str(day, "%Y-%m-%d");
        parsed.map_or_else(|_| day.clone(), number::day)
    });
    html! {
        section #bekeken {
            h2 { "Wat is bekeken" }
            ul.tiles {
                (tile("Bestanden", &whole(most(|c| c.examined.files)), "elk bestand in het magazijn, wat de naam ook zegt"))
                (tile("Kolommen", &whole(most(|c| c.examined.columns)), "van alle tabellen en bronnen"))
                (tile("Waarden", &whole(most(|c| c.examined.values)), "ook in namen, logboeken en kenmerken van bestanden"))
                (tile("Omvang", &size(report.bytes), "elk bestand één keer gelezen"))
            }
            dl.facts.examined {
                dt { "Wanneer" } dd { (occasion.moment) }
                dt { "Map" } dd { code { (occasion.folder) } }
                dt { "Release die lezers nu zien" }
                dd { @match &report.release { Some(id) => code { (id) }, None => "geen" } }
                dt { "Register" }
                dd {
                    "versie " (report.register) ", "
                    @match &adopted { Some(day) => { "vastgesteld op " (day) }, None => "nog een concept" }
                }
                dt { "Verwerkingsverantwoordelijke" } dd { (occasion.controller) }
                dt { "Programma" } dd { (report.program) }
                @if let Some(digest) = &occasion.program_digest {
                    dt { "SHA-256 van het programma" }
                    dd { code { (digest) } }
                }
                dt { "Aanval op de pseudoniemen" }
                dd { @if occasion.attacked { "gedaan" } @else { "niet gedaan: vraag erom met " code { "--attack" } } }
            }
        }
    }
}

fn tile(heading: &str, value: &str, below: &str) -> Markup {
    html! { li.tile { h3 { (heading) } p.value { (value) } p.muted { (below) } } }
}

const VERDICTS: [Verdict; 4] = [
    Verdict::Passes,
    Verdict::Unknown,
    Verdict::Attention,
    Verdict::Fails,
];

/// A table of the groups, and all checks in one list.
pub(super) fn overview(sections: &[Section<'_>]) -> Markup {
    let row = |section: &Section<'_>| {
        let group = &section.group;
        let mut cells = vec![Cell::from(html! {
            span.named { a href={ "#groep-" (group.id) } { (group.title) } (mark(section.verdict())) }
        })];
        cells.extend(VERDICTS.map(|verdict| {
            let count = section
                .checks
                .iter()
                .filter(|c| c.verdict == verdict)
                .count();
            match count {
                0 => Cell::from(number::NONE),
                count => Cell::from(whole(count as u64)),
            }
        }));
        Row::new(cells)
    };
    let mut columns = vec![Column::words("Onderdeel")];
    columns.extend(VERDICTS.map(|verdict| Column::figures(verdict.name())));
    let table = Table {
        caption: "Hoeveel controles per onderdeel, en hun oordeel".into(),
        quiet_caption: false,
        wide: true,
        columns,
        rows: sections.iter().map(row).collect(),
    };
    html! {
        section #overzicht {
            h2 { "Overzicht" }
            (table.render())
            @for section in sections {
                h3.list-head { (section.group.title) }
                ul.checks {
                    @for check in &section.checks {
                        li { a href={ "#" (check.id) } { (check.question) } (mark(check.verdict)) }
                    }
                }
            }
        }
    }
}
