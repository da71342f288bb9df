//! `[assessment]` of the register, with `[assessment.party.ID]` and `[assessment.risk.ID]`: the parts of a DPIA that are a matter of
//! judgement. All of it may be absent; what is there is read as strictly as the rest.

use std::collections::BTreeMap;

use super::document::{At, Form, one_of};
use super::faults::Report;
use super::files::REGISTER;
use super::house::House;
use super::model::{Assessment, Level, Party, PartyRole, Risk, Topic};
use super::names;
use super::register::each;
use super::source::SourceFile;
use crate::suggest;

/// What the register says of this, as read.
#[derive(Debug, Default)]
pub(super) struct AssessmentEntry {
    texts: BTreeMap<Topic, String>,
    parties: BTreeMap<String, PartyEntry>,
    risks: BTreeMap<String, Option<Risk>>,
}

/// `[assessment.party.ID]` as read.
#[derive(Debug)]
struct PartyEntry {
    party: Option<Party>,
    partners: Vec<At<String>>,
}

impl AssessmentEntry {
    /// Reads `[assessment]`.
    pub(super) fn read(mut form: Form<'_>) -> Self {
        let report = form.report();
        let mut texts = BTreeMap::new();
        for topic in Topic::ALL {
            if let Some(text) = form.optional_text(topic.key()) {
                texts.insert(topic, text.value.trim().to_owned());
            }
        }
        let parties = each(&mut form, "party", |id, form| {
            names::check_id(id, form.line(), "a party", report);
            PartyEntry::read(form)
        });
        let risks = each(&mut form, "risk", |id, form| {
            names::check_id(id, form.line(), "a risk", report);
            risk(form)
        });
        form.finish(&[]);
        Self {
            texts,
            parties,
            risks,
        }
    }

    /// What it says, when nothing is wrong with it.
    pub(super) fn compile(&self) -> Option<Assessment> {
        let parties = self.parties.iter();
        let risks = self.risks.iter();
        Some(Assessment {
            texts: self.texts.clone(),
            parties: parties
                .map(|(id, entry)| Some((id.clone(), entry.party.clone()?)))
                .collect::<Option<_>>()?,
            risks: risks
                .map(|(id, risk)| Some((id.clone(), risk.clone()?)))
                .collect::<Option<_>>()?,
        })
    }
}

impl PartyEntry {
    fn read(mut form: Form<'_>) -> Self {
        let report = form.report();
        let name = form.prose("name");
        let role = form.text("role");
        let role = one_of("role", role, PartyRole::ALL.map(|r| (r.name(), r)), report);
        let description = form.prose("description");
        let partners = form.texts("partners");
        let sound = partners.is_some() || !form.has("partners");
        let partners = partners.unwrap_or_default();
        form.finish(&[]);
        let party = match (name, role, description) {
            (Some(name), Some(role), Some(description)) if sound => Some(Party {
                name,
                role: role.value,
                description,
                partners: partners
                    .iter()
                    .map(|partner| partner.value.clone())
                    .collect(),
            }),
            _ => None,
        };
        Self { party, partners }
    }
}

fn risk(mut form: Form<'_>) -> Option<Risk> {
    let (report, line) = (form.report(), form.line());
    let known = || Level::ALL.map(|level| (level.name(), level));
    let description = form.prose("description");
    let likelihood = form.text("likelihood");
    let likelihood = one_of("likelihood", likelihood, known(), report);
    let impact = form.text("impact");
    let impact = one_of("impact", impact, known(), report);
    let measures = form.texts("measures");
    if measures.as_ref().is_none_or(Vec::is_empty) && (measures.is_some() || !form.has("measures"))
    {
        report.fault(
            line,
            "a risk that nothing is done about",
            "add measures = [\"...\"], or say there why it is accepted",
        );
    }
    let stated = form.has("remaining");
    let remaining = form.optional_text("remaining");
    let remaining = one_of("remaining", remaining, known(), report).map(|level| level.value);
    form.finish(&[]);
    let (likelihood, impact) = (likelihood?.value, impact?.value);
    if remaining.is_some_and(|remaining| remaining > likelihood.max(impact)) {
        report.fault(
            line,
            "more of a risk remains than there was",
            "lower `remaining`, or raise `likelihood` or `impact`",
        );
        return None;
    }
    let measures = measures.filter(|measures| !measures.is_empty())?;
    (remaining.is_some() || !stated).then_some(())?;
    Some(Risk {
        description: description?,
        likelihood,
        impact,
        measures: measures
            .into_iter()
            .map(|text| text.value.trim().to_owned())
            .collect(),
        remaining,
    })
}

/// Every partner that a party is said to be delivers something.
pub(super) fn check(house: &House<'_>, report: &Report) {
    let report = report.file(REGISTER, None);
    let Some(register) = &house.register else {
        return;
    };
    // A contract that cannot be read may be of any partner.
    if house.sources.values().any(Option::is_none) {
        return;
    }
    let known: Vec<&str> = house
        .sources
        .values()
        .flatten()
        .flat_map(SourceFile::partners)
        .collect();
    for (id, entry) in &register.assessment.parties {
        for partner in &entry.partners {
            if !known.contains(&partner.as_str()) {
                report.fault(
                    partner.line,
                    format!(
                        "party `{id}` is said to be partner `{}`, which no contract has",
                        partner.value
                    ),
                    suggest::remedy(partner.as_str(), known.iter().copied(), "remove it"),
                );
            }
        }
    }
}
