//! Parts B, C and D of the model: whether it is lawful, what can go wrong for people, and what is done
//! about it. Most of this only a person can say.

use std::cmp::Reverse;

use super::{Answers, Block, Known, listed};
use crate::contract::model::{Risk, Topic};

/// The class of special categories of data.
const SPECIAL: &str = "bijzonder";
/// How the register marks what nobody has confirmed.
const UNCONFIRMED: &str = "nog te bevestigen";

impl Known<'_> {
    pub(super) fn lawfulness(&self) -> Answers {
        vec![
            ("Rechtsgrond", self.bases()),
            ("Bijzondere persoonsgegevens", self.special()),
            (
                "Doelbinding",
                vec![self.told(
                    Topic::PurposeLimitation,
                    "Partners verzamelden de gegevens voor hun eigen taak. Waarom mogen zij ook voor de monitor worden gebruikt?",
                )],
            ),
            ("Noodzaak en evenredigheid", self.necessity()),
            ("Rechten van de betrokkene", self.rights()),
        ]
    }

    fn bases(&self) -> Vec<Block> {
        let sources = &self.dictionary.sources;
        let open: Vec<&str> = sources
            .iter()
            .filter(|source| source.legal_basis.contains(UNCONFIRMED))
            .map(|source| source.title.as_str())
            .collect();
        let mut blocks = vec![self.by_source("Rechtsgronden", "Rechtsgrond", |source| {
            source.legal_basis.clone()
        })];
        if !open.is_empty() {
            blocks.push(Block::gap(format!(
                "Van {} bronnen is de rechtsgrond nog niet bevestigd: {}.",
                open.len(),
                open.join("; ")
            )));
        }
        blocks
    }

    fn special(&self) -> Vec<Block> {
        let sources = self.dictionary.sources.iter();
        let rows: Vec<[String; 2]> = sources
            .filter_map(|source| {
                let special = source
                    .columns
                    .iter()
                    .filter(|c| c.class == SPECIAL && c.after_lock.is_some());
                let names: Vec<&str> = special.map(|c| c.name.as_str()).collect();
                (!names.is_empty()).then(|| [source.title.clone(), names.join(", ")])
            })
            .collect();
        let with_bsn = self
            .dictionary
            .sources
            .iter()
            .filter(|source| source.bsn_allowed);
        let with_bsn: Vec<String> = with_bsn.map(|source| source.title.clone()).collect();
        let mut blocks = Vec::new();
        if rows.is_empty() {
            blocks.push(Block::text("Geen veld van deze klasse komt door de sluis."));
        } else {
            blocks.push(Block::table(
                "Gegevens over gezondheid of zorg die door de sluis komen",
                ["Bron", "Velden"],
                rows,
            ));
            blocks.push(self.told(
                Topic::SpecialData,
                "Op welke uitzondering van artikel 9 van de AVG berust dit?",
            ));
        }
        if !with_bsn.is_empty() {
            blocks.push(Block::text(
                "Een BSN mag alleen worden gebruikt als de wet dat zegt (UAVG, artikel 46). Deze bronnen mogen het leveren. Sluis bewaart \
                 het niet: het valt weg of wordt een pseudoniem.",
            ));
            blocks.push(Block::List(with_bsn));
        }
        blocks
    }

    fn necessity(&self) -> Vec<Block> {
        let count = |wanted: &dyn Fn(&str) -> bool| {
            self.delivered()
                .filter(|(_, column)| wanted(column.treatment))
                .count()
        };
        let (dropped, kept) = (count(&|t| t == "weglaten"), count(&|t| t == "behouden"));
        let all = self.delivered().count();
        vec![
            Block::text(format!(
                "Van de {all} geleverde velden vallen er {dropped} weg, worden er {} onherkenbaar of grover gemaakt, en blijven er \
                 {kept} zoals zij zijn. Bij vraag 2 staat per veld waarvoor het nodig is.",
                all - dropped - kept
            )),
            self.told(
                Topic::Necessity,
                "Kan het doel ook met minder gegevens, minder bronnen of een steekproef worden bereikt?",
            ),
        ]
    }

    fn rights(&self) -> Vec<Block> {
        vec![
            self.told(
                Topic::Rights,
                "Hoe kan een betrokkene zijn of haar rechten gebruiken, en wie handelt een verzoek af?",
            ),
            Block::List(
                [
                    "Inzage (AVG, artikel 15): sluis subject find zoekt in welke tabellen en releases iemand voorkomt en geeft een kopie. Daarvoor is de sleutel nodig.",
                    "Wissen (AVG, artikel 17): sluis subject erase haalt iemand uit alle tabellen en alle releases, en houdt de persoon daarna buiten.",
                    "Rectificatie: een verbetering hoort bij de partner. Die komt met de volgende levering mee.",
                    "Bezwaar en beperking: hiervoor is geen opdracht. Wissen is de enige manier om iemand buiten de monitor te houden.",
                ]
                .map(str::to_owned)
                .to_vec(),
            ),
        ]
    }

    /// The risks, the gravest first.
    fn ordered(&self) -> Vec<(&String, &Risk)> {
        let mut all: Vec<_> = self.contracts.register.assessment.risks.iter().collect();
        all.sort_by_key(|(id, risk)| (Reverse((risk.impact, risk.likelihood)), *id));
        all
    }

    pub(super) fn risks(&self) -> Vec<Block> {
        let all = self.ordered();
        if all.is_empty() {
            let gap = Block::gap(
                "Welke risico’s zijn er voor de betrokkenen, hoe groot is de kans en hoe erg het gevolg? In het register: [assessment.risk.ID].",
            );
            return [gap].into_iter().chain(self.measured()).collect();
        }
        let rows = all.iter().map(|(_, risk)| {
            [
                risk.description.clone(),
                risk.likelihood.name().to_owned(),
                risk.impact.name().to_owned(),
            ]
        });
        vec![
            Block::text("Kans en gevolg zijn geschat zonder de maatregelen van vraag 17."),
            Block::table("Risico’s", ["Risico", "Kans", "Gevolg"], rows),
        ]
        .into_iter()
        .chain(self.measured())
        .collect()
    }

    /// How the risk of being recognised is measured, and against what.
    fn measured(&self) -> Vec<Block> {
        let register = &self.contracts.register;
        let rules = register.risk;
        let share = |share: f64| crate::page::number::percent(share * 100.0, 0);
        let limits = vec![
            format!("Minstens {} personen lijken op elkaar.", rules.k),
            format!(
                "In zo’n groep zijn minstens {} verschillende antwoorden op iets gevoeligs.",
                rules.l
            ),
            format!(
                "Die antwoorden wijken hoogstens {} af van die van iedereen.",
                share(rules.t)
            ),
            format!(
                "De kans om een bekende te herkennen is hoogstens {}, en gemiddeld hoogstens {}.",
                share(rules.highest_chance),
                share(rules.mean_chance)
            ),
            format!(
                "Van hoogstens {} van de personen is het verloop uniek.",
                share(rules.unique_histories)
            ),
        ];
        let named = |names: &[String]| match names {
            [] => "geen".to_owned(),
            names => names.join(", "),
        };
        let rows = register.risks.iter().map(|(table, risk)| {
            [
                table.clone(),
                named(&risk.quasi_identifiers),
                named(&risk.sensitive),
                named(&risk.events),
            ]
        });
        vec![
            Block::text(
                "Hoe groot de kans is dat iemand in de tabellen te herkennen is, meet sluis verify. Dit zijn de grenzen:",
            ),
            Block::List(limits),
            Block::table(
                "Waarmee iemand te herkennen zou zijn",
                [
                    "Tabel",
                    "Wat anderen kunnen weten",
                    "Wat niemand mag leren",
                    "Datums in het verloop",
                ],
                rows,
            ),
        ]
    }

    pub(super) fn measures(&self) -> Vec<Block> {
        let all = self.ordered();
        if all.is_empty() {
            return vec![Block::gap(
                "Welke maatregelen zijn er tegen de risico’s, en wat blijft er over?",
            )];
        }
        let rows = all.iter().map(|(_, risk)| {
            [
                risk.description.clone(),
                risk.measures.join(" "),
                risk.remaining
                    .map_or("nog te beoordelen", crate::contract::model::Level::name)
                    .to_owned(),
            ]
        });
        let mut blocks = vec![Block::table(
            "Maatregelen",
            ["Risico", "Maatregelen", "Wat overblijft"],
            rows,
        )];
        let open = all.iter().filter(|(_, risk)| risk.remaining.is_none());
        let open: Vec<&str> = open.map(|(id, _)| id.as_str()).collect();
        if !open.is_empty() {
            blocks.push(Block::gap(format!(
                "Van deze risico’s heeft niemand beoordeeld wat er na de maatregelen overblijft: {}. In het register: remaining.",
                listed(&open, open.len())
            )));
        }
        blocks
    }
}
