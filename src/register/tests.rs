use std::path::Path;

use super::*;
use crate::contract::model::Contracts;
use crate::contract::{ContractFiles, Stated, load};
use crate::dictionary::Dictionary;
use crate::monitor::{Limits, Monitor, view_plans};

fn contracts() -> Contracts {
    load(&ContractFiles::embedded()).unwrap()
}

fn document_of(contracts: &Contracts) -> Document {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let plans = runtime.block_on(view_plans(contracts)).unwrap();
    let opened = Monitor::open(None, contracts, Path::new("."), Limits::default());
    let monitor = runtime.block_on(opened).unwrap();
    let dictionary = Dictionary::new(contracts, &plans, monitor.views()).unwrap();
    Document::new(contracts, &dictionary)
}

/// The order of the model: what a reader who knows it looks for.
const QUESTIONS: [&str; 17] = [
    "Voorstel",
    "Persoonsgegevens",
    "Gegevensverwerkingen",
    "Verwerkingsdoeleinden",
    "Betrokken partijen",
    "Belangen bij de gegevensverwerking",
    "Verwerkingslocaties",
    "Techniek en methode van de gegevensverwerking",
    "Juridisch en beleidsmatig kader",
    "Bewaartermijnen",
    "Rechtsgrond",
    "Bijzondere persoonsgegevens",
    "Doelbinding",
    "Noodzaak en evenredigheid",
    "Rechten van de betrokkene",
    "Risico’s",
    "Maatregelen",
];

#[test]
fn the_document_says_all_that_the_register_says_and_marks_what_it_does_not() {
    let contracts = contracts();
    let document = document_of(&contracts);
    let sections: Vec<&Section> = document.parts.iter().flat_map(|p| &p.sections).collect();
    let titles: Vec<&str> = sections.iter().map(|s| s.title).collect();
    assert_eq!(titles, QUESTIONS);
    assert_eq!(sections.last().map(|s| s.number), Some(17));
    // Every column of every source, with its class and treatment.
    let rows: Vec<&Vec<String>> = sections[1]
        .blocks
        .iter()
        .filter_map(|block| match block {
            Block::Table { header, rows, .. } if header[0] == "Veld" => Some(rows),
            _ => None,
        })
        .flatten()
        .collect();
    let mut expected = 0;
    for plan in &contracts.sources {
        for column in &plan.contract.columns {
            expected += 1;
            let told = rows.iter().any(|row| {
                row[0] == column.name && row[2] == column.class && row[3] == column.treatment.name()
            });
            assert!(told, "{}.{}", plan.contract.id, column.name);
        }
    }
    assert_eq!(rows.len(), expected);
    assert!(
        rows.iter()
            .all(|row| row.iter().all(|cell| !cell.is_empty()))
    );
    let markdown = document.to_markdown();
    let register = &contracts.register;
    for source in register.sources.values() {
        assert!(markdown.contains(&source.purpose) && markdown.contains(&source.legal_basis));
    }
    for risk in register.assessment.risks.values() {
        assert!(markdown.contains(&risk.description));
        assert!(
            risk.measures
                .iter()
                .all(|measure| markdown.contains(measure))
        );
    }
    // What nobody said is a gap, and a gap is told twice: where it is, and before all else.
    let gaps: Vec<usize> = document.gaps().map(|(section, _)| section.number).collect();
    assert_eq!(gaps, [2, 5, 5, 6, 7, 9, 11, 12, 13, 14, 17]);
    for (_, gap) in document.gaps() {
        assert_eq!(markdown.matches(gap).count(), 2, "{gap}");
    }
}

#[test]
fn a_register_that_is_filled_in_has_no_gap_there() {
    use crate::contract::model::{Level, Topic};
    let mut contracts = contracts();
    let assessment = &mut contracts.register.assessment;
    for topic in Topic::ALL {
        assessment
            .texts
            .insert(topic, format!("Over {}.", topic.key()));
    }
    for risk in assessment.risks.values_mut() {
        risk.remaining = Some(Level::Low);
    }
    let document = document_of(&contracts);
    let gaps: Vec<usize> = document.gaps().map(|(section, _)| section.number).collect();
    assert_eq!(gaps, [2, 5, 5, 11]);
    for topic in Topic::ALL {
        assert!(
            document
                .to_html()
                .contains(&format!("Over {}.", topic.key()))
        );
    }
    contracts.register.assessment = crate::contract::model::Assessment::default();
    let bare: Vec<usize> = document_of(&contracts)
        .gaps()
        .map(|(s, _)| s.number)
        .collect();
    assert_eq!(bare, [1, 2, 5, 5, 6, 7, 9, 11, 12, 13, 14, 15, 16, 17]);
}

#[test]
fn the_pages_are_whole_and_ask_nobody_for_anything() {
    let mut contracts = contracts();
    contracts.register.controller = "<b>Gemeente</b>".into();
    let document = document_of(&contracts);
    let old = Stated::of(&ContractFiles::embedded()).unwrap();
    let mut new = old.clone();
    *new.tree.pointer_mut("/source/zrm/purpose").unwrap() = "<b>anders</b>".into();
    *new.tree.pointer_mut("/source/zrm/bsn").unwrap() = true.into();
    for page in [document.to_html(), difference(&old, &new).to_html()] {
        for foreign in [
            "http:", "https:", "src=", "@import", "<link", "<script", "<b>",
        ] {
            assert!(!page.contains(foreign), "{foreign}");
        }
        let links = page.split("href=\"#").skip(1);
        for link in links.filter_map(|rest| rest.split('"').next()) {
            assert_eq!(
                page.matches(&format!(" id=\"{link}\"")).count(),
                1,
                "{link}"
            );
        }
    }
    let nothing = difference(&old, &old);
    assert!(nothing.to_markdown().contains("Er is niets veranderd."));
    assert!(nothing.to_html().contains("Er is niets veranderd."));
}
