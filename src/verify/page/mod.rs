//! The report of a verification as a page for a privacy officer who reads no SQL and no JSON: one verdict,
//! what it means and what to do, then every check with its question, its evidence and its remedy.
//!
//! It shows what is in the [`Report`] and nothing else, so no value of the data can be in it.

mod checks;
mod closing;
mod opening;
#[cfg(test)]
mod tests;

use maud::{Markup, html};

use super::advice::{Group, group};
use super::report::{Check, Report, Verdict};
use crate::page::{self, Entry, Page, number};

/// When, where and with what a verification was done: what the report itself does not say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Occasion {
    /// When, for a Dutch reader.
    pub moment: String,
    /// The folder that was verified, as it was named.
    pub folder: String,
    /// The controller, as the register names it.
    pub controller: String,
    /// When the register was adopted; `None`: it is a concept.
    pub adopted: Option<String>,
    /// SHA-256 (hex) of the program file.
    pub program_digest: Option<String>,
    /// Whether the pseudonyms were attacked.
    pub attacked: bool,
}

/// The checks of one group, in the order of the report.
struct Section<'r> {
    group: Group,
    checks: Vec<&'r Check>,
}

impl Section<'_> {
    fn verdict(&self) -> Verdict {
        gravest(self.checks.iter().copied())
    }
}

/// The page, as one file.
#[must_use]
pub fn write(report: &Report, occasion: &Occasion) -> String {
    let sections = sections(report);
    let mut contents = vec![
        Entry::new("oordeel", "Oordeel"),
        Entry::new("bekeken", "Wat is bekeken"),
        Entry::new("overzicht", "Overzicht"),
    ];
    contents.extend(
        sections
            .iter()
            .map(|s| Entry::new(format!("groep-{}", s.group.id), s.group.title.clone())),
    );
    contents.extend([
        Entry::new("lezen", "Hoe u dit leest"),
        Entry::new("niet-bekeken", "Wat niet is bekeken"),
        Entry::new("ondertekening", "Ondertekening"),
    ]);
    Page {
        title: "Verslag van de controle",
        running_head: &format!("Controle van het magazijn · {}", occasion.moment),
        masthead: opening::masthead(report, occasion),
        contents: &contents,
        main: html! {
            (opening::verdict(report))
            (opening::examined(report, occasion))
            (opening::overview(&sections))
            @for section in &sections { (checks::section(section)) }
            (closing::reading())
            (closing::limits(occasion))
            (closing::signature())
        },
        footer: closing::colophon(report),
    }
    .render()
}

fn sections(report: &Report) -> Vec<Section<'_>> {
    let mut sections: Vec<Section<'_>> = Vec::new();
    for check in &report.checks {
        let group = group(check.id);
        match sections.iter_mut().find(|s| s.group.id == group.id) {
            Some(section) => section.checks.push(check),
            None => sections.push(Section {
                group,
                checks: vec![check],
            }),
        }
    }
    sections
}

fn gravest<'r>(checks: impl Iterator<Item = &'r Check>) -> Verdict {
    let verdicts = checks.map(|check| check.verdict);
    verdicts.max().unwrap_or(Verdict::Unknown)
}

/// A verdict in a word, a sign and a colour.
fn mark(verdict: Verdict) -> Markup {
    let kind = match verdict {
        Verdict::Passes => page::Verdict::Good,
        Verdict::Unknown => page::Verdict::None,
        Verdict::Attention => page::Verdict::Doubtful,
        Verdict::Fails => page::Verdict::Bad,
    };
    page::mark(kind, verdict.name())
}

/// A count with dots between thousands.
fn whole(count: u64) -> String {
    number::whole(i64::try_from(count).unwrap_or(i64::MAX))
}

/// A count and what is counted: `1 bestand`, `2 bestanden`.
fn counted(count: u64, one: &str, more: &str) -> String {
    format!("{} {}", whole(count), if count == 1 { one } else { more })
}

/// A size in bytes.
fn size(bytes: u64) -> String {
    const UNITS: [(&str, u64); 3] = [("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1000)];
    UNITS.iter().find(|(_, unit)| bytes >= *unit).map_or_else(
        || format!("{bytes} bytes"),
        |(name, unit)| {
            format!(
                "{},{} {name}",
                whole(bytes / unit),
                bytes % unit * 10 / unit
            )
        },
    )
}

/// A chance as people say it: `1 op 1.000`, `1 op 300 miljoen`.
fn odds(chance: f64) -> String {
    const WORDS: [(&str, f64); 3] = [("biljoen", 1e12), ("miljard", 1e9), ("miljoen", 1e6)];
    let against = 1.0 / chance;
    if !against.is_finite() || against >= 1e15 {
        return "minder dan 1 op een biljard".to_owned();
    }
    let word = WORDS.iter().find(|(_, size)| against >= *size);
    word.map_or_else(
        || format!("1 op {}", number::decimal(against, 0)),
        |(word, size)| format!("1 op {} {word}", number::decimal(against / size, 0)),
    )
}
