//! `[publication]` and `[view.NAME]` of the register: which views are about persons, and what of
//! those may be published.

use super::document::{Form, one_of};
use super::model::{Publication, PublicationRules, Subject};
use super::names;

/// The rules where a view says nothing else.
pub(super) fn rules(form: Option<Form<'_>>) -> PublicationRules {
    let mut rules = PublicationRules::default();
    let Some(mut form) = form else { return rules };
    let largest = i64::from(PublicationRules::LARGEST_CELL);
    if let Some(cell) = number(&mut form, "smallest_cell", (1, largest)) {
        rules.smallest_cell = cell;
    }
    if let Some(share) = number(&mut form, "dominance_percent", (1, 100)) {
        rules.dominance_percent = share;
    }
    form.finish(&[("rounding", "one view: [view.NAME]")]);
    rules
}

/// What the register says of one view, as read.
#[derive(Debug)]
pub(super) struct ViewEntry {
    pub(super) line: u32,
    /// Unless it is known to be something else.
    pub(super) about_persons: bool,
    publication: Option<Publication>,
}

impl ViewEntry {
    /// Reads `[view.NAME]`; `rules` are those that hold where it says nothing else.
    pub(super) fn read(name: &str, mut form: Form<'_>, rules: PublicationRules) -> Self {
        let line = form.line();
        let report = form.report();
        let stated = form.text("subject");
        let subject = one_of(
            "subject",
            stated,
            Subject::ALL.map(|s| (s.name(), s)),
            report,
        );
        let subject = subject.map(|subject| subject.value);
        let publication = match subject {
            Some(Subject::Persons) => judged(&mut form, rules).map(Publication::Judged),
            Some(subject) => form
                .prose("reason")
                .map(|reason| Publication::Exempt { subject, reason }),
            None => {
                form.pass_over(&["reason", "smallest_cell", "dominance_percent", "rounding"]);
                None
            }
        };
        form.finish(&[
            ("reason", "a view that is about no persons"),
            ("smallest_cell", "subject = \"personen\""),
            ("dominance_percent", "subject = \"personen\""),
            ("rounding", "subject = \"personen\""),
        ]);
        if !names::is_name(name) {
            report.fault(
                line,
                format!("`{name}` is no name for a view"),
                "begin with a letter a-z and use a-z, 0-9 and _ only",
            );
        }
        Self {
            line,
            about_persons: matches!(subject, None | Some(Subject::Persons)),
            publication,
        }
    }

    /// The entry, when nothing is wrong with it.
    pub(super) fn compile(&self) -> Option<Publication> {
        self.publication.clone()
    }
}

/// Rules of one view: never looser than those of the register.
fn judged(form: &mut Form<'_>, house: PublicationRules) -> Option<PublicationRules> {
    let mut rules = house;
    let cells = (
        i64::from(house.smallest_cell),
        i64::from(PublicationRules::LARGEST_CELL),
    );
    let shares = (1, i64::from(house.dominance_percent));
    let mut sound = true;
    if form.has("smallest_cell") {
        let cell = number(form, "smallest_cell", cells);
        sound &= cell.is_some();
        rules.smallest_cell = cell.unwrap_or(rules.smallest_cell);
    }
    if form.has("dominance_percent") {
        let share = number(form, "dominance_percent", shares);
        sound &= share.is_some();
        rules.dominance_percent = share.unwrap_or(rules.dominance_percent);
    }
    if form.has("rounding") {
        rules.rounding = number(form, "rounding", (2, 1_000));
        sound &= rules.rounding.is_some();
    }
    sound.then_some(rules)
}

fn number(form: &mut Form<'_>, key: &'static str, bounds: (i64, i64)) -> Option<u32> {
    let number = form.optional_integer(key, bounds)?;
    u32::try_from(number.value).ok()
}
