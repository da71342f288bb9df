//! The register as a document: seventeen questions in four parts, in the order of the model that the Dutch
//! government uses for a DPIA (Model DPIA Rijksdienst, ministerie van Binnenlandse Zaken en
//! Koninkrijksrelaties; the model of 2017 and its later versions ask the same seventeen in the same order).
//!
//! Answers come from the register, the contracts, and the lineage that is computed from the SQL. What
//! none of them say is a [`Block::Gap`].

mod facts;
mod judgement;

use serde::Serialize;

use crate::contract::model::{Contracts, Topic};
use crate::dictionary::Dictionary;

/// The whole document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Document {
    /// The controller.
    #[serde(rename = "verwerkingsverantwoordelijke")]
    pub controller: String,
    /// Version of the register.
    #[serde(rename = "versie")]
    pub version: String,
    /// When it was adopted; absent while it is a concept.
    #[serde(rename = "vastgesteld")]
    pub adopted: Option<String>,
    /// The parts of the model.
    #[serde(rename = "delen")]
    pub parts: Vec<Part>,
}

/// A part of the model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Part {
    /// `A` to `D`.
    #[serde(rename = "letter")]
    pub letter: char,
    /// Its heading.
    #[serde(rename = "titel")]
    pub title: &'static str,
    /// Its questions.
    #[serde(rename = "vragen")]
    pub sections: Vec<Section>,
}

/// A question of the model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Section {
    /// 1 to 17.
    #[serde(rename = "nummer")]
    pub number: usize,
    /// Its heading.
    #[serde(rename = "titel")]
    pub title: &'static str,
    /// The answer.
    #[serde(rename = "antwoord")]
    pub blocks: Vec<Block>,
}

/// A piece of an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Block {
    /// A paragraph.
    Text(String),
    /// What is still to be filled in, and by whom it must be.
    Gap(String),
    /// A heading.
    Heading(String),
    /// A list.
    List(Vec<String>),
    /// A table; the first row holds the headers.
    Table {
        /// What it shows.
        caption: String,
        /// Its headers.
        header: Vec<String>,
        /// Its rows.
        rows: Vec<Vec<String>>,
    },
}

impl Block {
    fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    fn gap(text: impl Into<String>) -> Self {
        Self::Gap(text.into())
    }

    fn table<const N: usize>(
        caption: impl Into<String>,
        header: [&str; N],
        rows: impl IntoIterator<Item = [String; N]>,
    ) -> Self {
        Self::Table {
            caption: caption.into(),
            header: header.map(str::to_owned).to_vec(),
            rows: rows.into_iter().map(|row| row.to_vec()).collect(),
        }
    }
}

/// Questions by their headings, with their answers.
type Answers = Vec<(&'static str, Vec<Block>)>;

/// What answers are made of.
struct Known<'k> {
    contracts: &'k Contracts,
    dictionary: &'k Dictionary,
}

impl Known<'_> {
    /// What the register says of a topic, or the gap where it says nothing.
    fn told(&self, topic: Topic, missing: &str) -> Block {
        let texts = &self.contracts.register.assessment.texts;
        texts.get(&topic).map_or_else(
            || {
                Block::gap(format!(
                    "{missing} In het register: [assessment] {}.",
                    topic.key()
                ))
            },
            Block::text,
        )
    }
}

impl Document {
    /// The document of these contracts.
    #[must_use]
    pub fn new(contracts: &Contracts, dictionary: &Dictionary) -> Self {
        let known = Known {
            contracts,
            dictionary,
        };
        let register = &contracts.register;
        let parts: [(char, &'static str, Answers); 4] = [
            (
                'A',
                "Beschrijving van de gegevensverwerkingen",
                known.description(),
            ),
            ('B', "Beoordeling van de rechtmatigheid", known.lawfulness()),
            (
                'C',
                "Risico’s voor de betrokkenen",
                vec![("Risico’s", known.risks())],
            ),
            ('D', "Maatregelen", vec![("Maatregelen", known.measures())]),
        ];
        let mut number = 0;
        let mut section = |(title, blocks)| {
            number += 1;
            Section {
                number,
                title,
                blocks,
            }
        };
        Self {
            controller: register.controller.clone(),
            version: register.version.clone(),
            adopted: register.adopted.clone(),
            parts: parts
                .into_iter()
                .map(|(letter, title, sections)| Part {
                    letter,
                    title,
                    sections: sections.into_iter().map(&mut section).collect(),
                })
                .collect(),
        }
    }

    /// Everything that is still to be filled in, with the number and heading of its question.
    pub fn gaps(&self) -> impl Iterator<Item = (&Section, &str)> {
        let sections = self.parts.iter().flat_map(|part| &part.sections);
        sections.flat_map(|section| {
            section.blocks.iter().filter_map(move |block| match block {
                Block::Gap(text) => Some((section, text.as_str())),
                _ => None,
            })
        })
    }
}

/// `een`, `een en twee`, `een, twee en nog 3`.
fn listed(names: &[&str], most: usize) -> String {
    let shown = names.get(..most.min(names.len())).unwrap_or_default();
    let rest = names.len() - shown.len();
    if rest > 0 {
        return format!("{} en nog {rest}", shown.join(", "));
    }
    match shown {
        [] => "geen".to_owned(),
        [one] => (*one).to_owned(),
        [before @ .., last] => format!("{} en {last}", before.join(", ")),
    }
}
