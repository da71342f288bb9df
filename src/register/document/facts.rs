//! Part A of the model: what is processed, by whom, how and for how long.

use std::collections::{BTreeMap, BTreeSet};

use super::{Answers, Block, Known, listed};
use crate::contract::model::{
    Channel, Mode, Publication, Retention, SourcePlan, Subject, Topic, Treatment,
};
use crate::dictionary::{SourceColumnNote, SourceNote};

/// Names in a sentence before it says how many more there are.
const FEW: usize = 4;

impl Known<'_> {
    pub(super) fn description(&self) -> Answers {
        vec![
            ("Voorstel", self.proposal()),
            ("Persoonsgegevens", self.data()),
            ("Gegevensverwerkingen", self.processing()),
            ("Verwerkingsdoeleinden", self.purposes()),
            ("Betrokken partijen", self.parties()),
            (
                "Belangen bij de gegevensverwerking",
                vec![self.told(
                    Topic::Interests,
                    "Welk belang hebben de gemeente, de partners en de betrokkenen?",
                )],
            ),
            (
                "Verwerkingslocaties",
                vec![self.told(
                    Topic::Locations,
                    "Waar staan de leveringen, het magazijn, de sleutel en de kopieën?",
                )],
            ),
            (
                "Techniek en methode van de gegevensverwerking",
                self.method(),
            ),
            ("Juridisch en beleidsmatig kader", self.framework()),
            ("Bewaartermijnen", self.periods()),
        ]
    }

    fn proposal(&self) -> Vec<Block> {
        let columns = self.dictionary.sources.iter().map(|s| s.columns.len());
        let (persons, others): (Vec<_>, Vec<_>) = self
            .dictionary
            .sources
            .iter()
            .partition(|s| is_about_persons(s));
        vec![
            self.told(
                Topic::Proposal,
                "Wat is het voorstel, en waarom is het nodig?",
            ),
            Block::text(format!(
                "Er zijn {} bronnen met samen {} velden. {} gaan over personen, {} over aantallen of zaken. Zij vullen \
                 {} tabellen, waaruit {} overzichten met cijfers worden gemaakt.",
                self.dictionary.sources.len(),
                columns.sum::<usize>(),
                persons.len(),
                others.len(),
                self.dictionary.tables.len(),
                self.dictionary.views.len(),
            )),
        ]
    }

    fn data(&self) -> Vec<Block> {
        let classes = self.dictionary.classes.iter().map(|class| {
            [
                class.name.clone(),
                class.description.clone(),
                class.treatments.join(", "),
            ]
        });
        let mut blocks = vec![
            Block::text(
                "Elk veld heeft een klasse. De klasse bepaalt wat ermee mag. Hieronder de klassen, van streng naar licht.",
            ),
            Block::table(
                "Klassen",
                ["Klasse", "Wat erin hoort", "Wat ermee mag"],
                classes,
            ),
        ];
        let (persons, others): (Vec<_>, Vec<_>) = self
            .dictionary
            .sources
            .iter()
            .partition(|s| is_about_persons(s));
        for (heading, sources) in [
            ("Bronnen over personen", persons),
            ("Bronnen over aantallen of zaken", others),
        ] {
            if sources.is_empty() {
                continue;
            }
            blocks.push(Block::Heading(heading.to_owned()));
            for source in sources {
                let rows = source.columns.iter().map(|column| {
                    [
                        column.name.clone(),
                        column.documentation.clone(),
                        column.class.clone(),
                        column.treatment.to_owned(),
                        self.why(source, column),
                    ]
                });
                blocks.push(Block::table(
                    format!("{} ({})", source.title, source.id),
                    ["Veld", "Betekenis", "Klasse", "Behandeling", "Waarom zo"],
                    rows,
                ));
            }
        }
        let unused: Vec<String> = self
            .delivered()
            .filter(|(_, column)| column.after_lock.is_some() && !is_used(column))
            .map(|(source, column)| format!("{}.{}", source.id, column.name))
            .collect();
        if !unused.is_empty() {
            let names: Vec<&str> = unused.iter().map(String::as_str).collect();
            blocks.push(Block::gap(format!(
                "Deze velden komen door de sluis, maar worden nergens voor gebruikt. Zijn zij nodig? {}.",
                listed(&names, unused.len())
            )));
        }
        blocks
    }

    pub(super) fn delivered(&self) -> impl Iterator<Item = (&SourceNote, &SourceColumnNote)> {
        let sources = self.dictionary.sources.iter();
        sources.flat_map(|source| source.columns.iter().map(move |column| (source, column)))
    }

    pub(super) fn plan(&self, id: &str) -> Option<&SourcePlan> {
        self.contracts
            .sources
            .iter()
            .find(|plan| plan.contract.id == id)
    }

    fn why(&self, source: &SourceNote, column: &SourceColumnNote) -> String {
        let treatment = self.plan(&source.id).and_then(|plan| {
            let mut columns = plan.contract.columns.iter();
            columns
                .find(|c| c.name == column.name)
                .map(|c| &c.treatment)
        });
        let reason = match treatment {
            Some(Treatment::Drop) => {
                return "Niet nodig. Valt weg voordat er iets wordt bewaard.".to_owned();
            }
            Some(Treatment::Pseudonymise { domain, .. }) => {
                format!("Om te herkennen wat bij elkaar hoort, in domein {domain}. ")
            }
            Some(Treatment::AgeBand { .. }) => {
                "De leeftijdsgroep is genoeg; de dag valt weg. ".to_owned()
            }
            Some(Treatment::Wijk { .. }) => "De wijk is genoeg; de postcode valt weg. ".to_owned(),
            Some(Treatment::Pc4 { .. }) => {
                "De vier cijfers zijn genoeg; de letters vallen weg. ".to_owned()
            }
            Some(Treatment::Keep) | None => String::new(),
        };
        reason + &used(column)
    }

    fn processing(&self) -> Vec<Block> {
        let rows = self.dictionary.sources.iter().filter_map(|source| {
            let plan = self.plan(&source.id)?;
            let channel = match plan.pipeline.channel {
                Channel::Folder => "bestand in de aanleverfolder",
                Channel::Sftp => "SFTP",
                Channel::S3 => "S3",
                Channel::Https(_) => "HTTPS",
            };
            let mode = match plan.pipeline.mode {
                Mode::Full => "alles opnieuw",
                Mode::Incremental => "alleen wat veranderde",
            };
            let often = plan.pipeline.expected_days;
            Some([
                source.title.clone(),
                source.partner.clone(),
                channel.to_owned(),
                mode.to_owned(),
                often.map_or_else(
                    || "niet afgesproken".to_owned(),
                    |days| format!("{days} dagen"),
                ),
            ])
        });
        vec![
            Block::List(
                [
                    "Verzamelen: partners leveren bestanden of stellen die beschikbaar.",
                    "Controleren: sluis houdt elk veld tegen het contract. Wat onbekend is, wordt geweigerd.",
                    "Onherkenbaar maken: namen en nummers vallen weg of worden een pseudoniem, voordat er iets wordt bewaard.",
                    "Bewaren: de rijen die overblijven staan in het magazijn, alleen leesbaar voor de beheerder.",
                    "Samenvatten: van de rijen worden cijfers gemaakt.",
                    "Tonen: analisten en lezers krijgen die cijfers, met kleine groepen verborgen.",
                    "Wissen: op verzoek van een persoon, en na de bewaartermijn.",
                ]
                .map(str::to_owned)
                .to_vec(),
            ),
            Block::table(
                "Leveringen per bron",
                ["Bron", "Partner", "Hoe geleverd", "Wat een levering bevat", "Verwacht ten minste elke"],
                rows,
            ),
        ]
    }

    fn purposes(&self) -> Vec<Block> {
        vec![self.by_source("Doelen", "Doel", |source| source.purpose.clone())]
    }

    /// A table of sources, those with the same words together.
    pub(super) fn by_source(
        &self,
        caption: &str,
        header: &str,
        words: impl Fn(&SourceNote) -> String,
    ) -> Block {
        let mut alike: BTreeMap<String, Vec<&str>> = BTreeMap::new();
        for source in &self.dictionary.sources {
            alike.entry(words(source)).or_default().push(&source.title);
        }
        let mut rows: Vec<[String; 2]> = alike
            .into_iter()
            .map(|(words, sources)| [sources.join("; "), words])
            .collect();
        rows.sort();
        Block::table(caption, ["Bronnen", header], rows)
    }

    fn parties(&self) -> Vec<Block> {
        let register = &self.contracts.register;
        let parties = &register.assessment.parties;
        let mut blocks = vec![Block::text(format!(
            "Verwerkingsverantwoordelijke volgens het register: {}.",
            register.controller
        ))];
        if !parties.is_empty() {
            let mut all: Vec<_> = parties.values().collect();
            all.sort_by_key(|party| (party.role, &party.name));
            let rows = all.into_iter().map(|party| {
                [
                    party.name.clone(),
                    party.role.name().to_owned(),
                    party.description.clone(),
                ]
            });
            blocks.push(Block::table(
                "Partijen",
                ["Partij", "Rol", "Wat zij doet"],
                rows,
            ));
        }
        let known: BTreeSet<&str> = parties
            .values()
            .flat_map(|p| &p.partners)
            .map(String::as_str)
            .collect();
        let partners: BTreeSet<&str> = self
            .dictionary
            .sources
            .iter()
            .map(|s| s.partner.as_str())
            .collect();
        let missing: Vec<&str> = partners.difference(&known).copied().collect();
        if !missing.is_empty() {
            blocks.push(Block::gap(format!(
                "Van deze partners staat niet in het register wie zij zijn en wat hun rol is: {}. In het register: [assessment.party.ID], \
                 met partners = [\"...\"].",
                listed(&missing, missing.len())
            )));
        }
        if !parties.values().any(|p| p.role.name() == "verwerker") {
            blocks.push(Block::gap(
                "Is er een verwerker, die sluis voor de verwerkingsverantwoordelijke beheert? Zo ja, met welke overeenkomst?",
            ));
        }
        blocks
    }

    fn method(&self) -> Vec<Block> {
        let domains = &self.dictionary.domains;
        let domains = domains
            .iter()
            .map(|d| [d.name.clone(), d.description.clone()]);
        let views = self.contracts.views.values().map(|view| {
            let rules = match &view.publication {
                Publication::Judged(rules) => format!(
                    "Groepen van minder dan {} mensen zijn verborgen, en bedragen die voor meer dan {} % van één zijn{}.",
                    rules.smallest_cell,
                    rules.dominance_percent,
                    rules.rounding.map_or_else(String::new, |to| format!("; afgerond op {to}")),
                ),
                Publication::Exempt { subject, reason } => {
                    format!("Niets verborgen: gaat over {}. {reason}", subject.name())
                }
            };
            [view.title.clone(), rules]
        });
        vec![
            Block::text(
                "Een pseudoniem is een code van 128 bits, berekend uit het nummer met een geheime sleutel (HMAC-SHA-256). Zonder de \
                 sleutel is het nummer niet terug te rekenen en het pseudoniem niet na te maken. De sleutel staat buiten het \
                 magazijn. Elk domein heeft een eigen sleutel: tussen domeinen is niets te koppelen.",
            ),
            Block::table("Domeinen van pseudoniemen", ["Domein", "Waarvoor"], domains),
            Block::table(
                "Regels van publicatie",
                ["Cijfers", "Wat er verborgen is"],
                views,
            ),
            Block::text(
                "Er worden geen besluiten over personen genomen en geen profielen gemaakt. Met sluis verify is zonder de sleutel na \
                 te gaan of het magazijn hieraan voldoet.",
            ),
        ]
    }

    fn framework(&self) -> Vec<Block> {
        let bases: BTreeSet<&str> = self
            .dictionary
            .sources
            .iter()
            .map(|s| s.legal_basis.as_str())
            .collect();
        vec![
            Block::text("Rechtsgronden die het register noemt:"),
            Block::List(bases.into_iter().map(str::to_owned).collect()),
            self.told(
                Topic::Framework,
                "Welke andere wetten en welk beleid gelden?",
            ),
        ]
    }

    fn periods(&self) -> Vec<Block> {
        let register = &self.contracts.register;
        let raw =
            self.by_source(
                "Ruwe leveringen",
                "Blijven staan na verwerking",
                |source| match source.raw_retention_days {
                    0 => "niet: weg zodra zij verwerkt zijn".to_owned(),
                    1 => "1 dag".to_owned(),
                    days => format!("{days} dagen"),
                },
            );
        let rows = register.tables.iter().map(|(name, retention)| {
            let period = match retention {
                Retention::Years { years, from } => {
                    let from = from.as_deref().unwrap_or("het eind van het jaar");
                    format!("{years} jaar vanaf {from}")
                }
                Retention::Unlimited { reason } => format!("onbeperkt: {reason}"),
            };
            [name.clone(), period]
        });
        let mut blocks = vec![
            raw,
            Block::table("Rijen in het magazijn", ["Tabel", "Bewaartermijn"], rows),
        ];
        blocks.push(Block::text(if register.nightly_retention {
            "Wat over zijn termijn is, gaat elke nacht weg."
        } else {
            "Wat over zijn termijn is, gaat weg als de beheerder dat vraagt (sluis retention), niet vanzelf."
        }));
        let tables = self.contracts.tables.keys();
        let without: Vec<&str> = tables
            .filter(|name| !register.tables.contains_key(*name))
            .map(String::as_str)
            .collect();
        if !without.is_empty() {
            blocks.push(Block::gap(format!(
                "Voor deze tabellen is geen termijn vastgelegd: {}.",
                listed(&without, without.len())
            )));
        }
        blocks
    }
}

fn is_about_persons(source: &SourceNote) -> bool {
    source.subject == Subject::Persons.name()
}

fn is_used(column: &SourceColumnNote) -> bool {
    !(column.views.is_empty()
        && column.tables.is_empty()
        && column.selects_in.is_empty()
        && column.helps.is_empty())
}

/// What a column that passed the lock serves, from the SQL that runs.
fn used(column: &SourceColumnNote) -> String {
    let names = |places: &[crate::dictionary::PlaceNote]| -> Vec<String> {
        let names: BTreeSet<&str> = places.iter().map(|p| p.of.as_str()).collect();
        names.into_iter().map(str::to_owned).collect()
    };
    let (views, tables) = (names(&column.views), names(&column.tables));
    let few = |names: &[String]| {
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        listed(&names, FEW)
    };
    if !views.is_empty() {
        return format!("Nodig voor de cijfers {}.", few(&views));
    }
    if !tables.is_empty() {
        return format!("Staat in tabel {}; in geen cijfer te zien.", few(&tables));
    }
    if !column.helps.is_empty() {
        return format!("Alleen om {} te bepalen.", few(&column.helps));
    }
    if !column.selects_in.is_empty() {
        return "Bepaalt alleen welke rijen meetellen.".to_owned();
    }
    "Wordt nergens voor gebruikt.".to_owned()
}
