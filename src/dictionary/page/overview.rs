//! What there is to know before the fields: how many there are, how to read them, what stands out.

use maud::{Markup, html};

use super::fields;
use crate::dictionary::{Dictionary, SourceColumnNote, SourceNote};
use crate::page::{Cell, Column, Row, Table, number};

/// The treatments, from what leaves least to what leaves most.
const TREATMENTS: [&str; 6] = [
    "weglaten",
    "pseudonimiseren",
    "leeftijdsgroep",
    "wijk",
    "pc4",
    "behouden",
];

/// What the words of this page mean.
pub(super) fn reading() -> Markup {
    html! {
        p {
            "Een partner levert " strong { "velden" } ". De sluis doet met elk veld één ding, de "
            strong { "behandeling" } ". Wat overblijft, komt in de " strong { "tabellen" }
            " van het magazijn, die niemand rechtstreeks leest. De " strong { "views" }
            " tellen de tabellen samen tot cijfers; alleen die zijn te zien, en alleen volgens de publicatieregels."
        }
        p {
            "Van elke kolom staat er waar hij van gemaakt is. Dat is niet met de hand opgeschreven, maar \
             afgeleid uit de SQL die draait."
        }
        dl.facts {
            dt { span.way { "overgenomen" } }
            dd { "De waarde zelf, zoals zij uit de sluis kwam. Bij een pseudoniem dus het pseudoniem." }
            dt { span.way { "berekend" } }
            dd { "Iets dat van de waarde is afgeleid, zoals het jaar van een datum." }
            dt { span.way { "samengevat" } }
            dd { "Veel rijen samen: een aantal, een som of een gemiddelde." }
            dt { "Welke rijen" }
            dd { "Velden die alleen bepalen welke rijen meetellen of bij elkaar horen; hun waarde is niet te zien." }
            dt { "Klasse" }
            dd { "Van een kolom die uit meer velden is gemaakt: de strengste klasse van die velden." }
        }
    }
}

impl Dictionary {
    fn delivered(&self) -> impl Iterator<Item = (&SourceNote, &SourceColumnNote)> {
        let of = |source| move |column| (source, column);
        self.sources
            .iter()
            .flat_map(move |source: &SourceNote| source.columns.iter().map(of(source)))
    }

    fn count(&self, wanted: impl Fn(&SourceColumnNote) -> bool) -> String {
        whole(
            self.delivered()
                .filter(|(_, column)| wanted(column))
                .count(),
        )
    }

    /// The house in a few figures.
    pub(super) fn brief(&self) -> Markup {
        let columns = self.tables.iter().map(|t| t.columns.len()).sum();
        let changed =
            |column: &SourceColumnNote| !matches!(column.treatment, "weglaten" | "behouden");
        html! {
            @if self.register.adopted.is_none() {
                p.lead {
                    "Het DPIA-register (versie " (self.register.version) ") is nog een concept: wat hier als \
                     behandeling staat, is nog door niemand vastgesteld."
                }
            }
            ul.tiles {
                (tile("Velden geleverd", &self.count(|_| true), &format!("door {} bronnen", self.sources.len())))
                (tile("Vallen weg", &self.count(|c| c.treatment == "weglaten"), "in de sluis, voor er iets wordt bewaard"))
                (tile("Onherkenbaar gemaakt", &self.count(changed), "pseudoniem, leeftijdsgroep, wijk of pc4"))
                (tile("Blijven zoals zij zijn", &self.count(|c| c.treatment == "behouden"), "na controle op het contract"))
                (tile("Kolommen in het magazijn", &whole(columns), &format!("in {} tabellen", self.tables.len())))
                (tile("Views", &whole(self.views.len()), "alleen die zijn te bevragen"))
            }
        }
    }

    /// The classes, how many fields each has by treatment, and the domains.
    pub(super) fn classes_and_treatments(&self) -> Markup {
        let count = |class: &str, treatment: &str| {
            let of = |(_, c): &(&SourceNote, &SourceColumnNote)| {
                c.class == class && c.treatment == treatment
            };
            match self.delivered().filter(of).count() {
                0 => Cell::from(number::NONE),
                found => Cell::from(whole(found)),
            }
        };
        let row = |class: &super::super::ClassNote| {
            let mut cells = vec![Cell::from(class.name.clone())];
            cells.extend(TREATMENTS.map(|treatment| count(&class.name, treatment)));
            Row::new(cells)
        };
        let mut columns = vec![Column::words("Klasse")];
        columns.extend(TREATMENTS.map(Column::figures));
        let table = Table {
            caption: "Hoeveel geleverde velden per klasse en behandeling".into(),
            quiet_caption: false,
            wide: true,
            columns,
            rows: self.classes.iter().map(row).collect(),
        };
        html! {
            p { "De klassen staan van streng naar licht. Wat met een klasse mag, staat in het DPIA-register." }
            dl.facts {
                @for class in &self.classes {
                    dt { (fields::class(&class.name)) }
                    dd { (class.description) " Mag: " (class.treatments.join(", ")) "." }
                }
            }
            (table.render())
            h3 { "Domeinen van pseudoniemen" }
            p {
                "Binnen een domein heeft dezelfde persoon of zaak altijd hetzelfde pseudoniem. Tussen domeinen \
                 is niets te koppelen: elk domein heeft een eigen sleutel."
            }
            dl.facts {
                @for domain in &self.domains { dt { code { (domain.name) } } dd { (domain.description) } }
            }
        }
    }

    /// What a privacy officer may want to ask about.
    pub(super) fn remarkable(&self) -> Markup {
        let unused: Vec<_> = self
            .delivered()
            .filter(|(_, c)| c.after_lock.is_some() && c.tables.is_empty() && c.helps.is_empty())
            .collect();
        let unseen: Vec<_> = self
            .tables
            .iter()
            .map(|table| {
                let columns = table.columns.iter().filter(|c| c.views.is_empty());
                (table, columns.collect::<Vec<_>>())
            })
            .filter(|(_, columns)| !columns.is_empty())
            .collect();
        let total: usize = unseen.iter().map(|(_, columns)| columns.len()).sum();
        html! {
            h3 { "Komt door de sluis, maar in geen enkele tabel als waarde" }
            @if unused.is_empty() {
                p { "Geen enkel veld." }
            } @else {
                p { "Deze velden bepalen hooguit welke rijen meetellen. Zijn zij daarvoor nodig?" }
                ul.origins {
                    @for (source, column) in &unused {
                        li {
                            a.field href={ "#bron." (source.id) "." (column.name) } {
                                code { (source.id) "." (column.name) }
                            }
                            " " (fields::class(&column.class))
                            @if column.selects_in.is_empty() { ", wordt nergens voor gebruikt" }
                        }
                    }
                }
            }
            h3 { "Staat in het magazijn, maar in geen enkele view" }
            p {
                (whole(total)) " kolommen van het magazijn komen in geen enkel cijfer terug. Zij dienen om \
                 rijen te herkennen of te koppelen, of wachten op een view."
            }
            dl.facts {
                @for (table, columns) in &unseen {
                    dt { a.field href={ "#tabel." (table.name) } { code { (table.name) } } }
                    dd {
                        @for (at, column) in columns.iter().enumerate() {
                            @if at > 0 { ", " }
                            a.field href={ "#tabel." (table.name) "." (column.name) } { code { (column.name) } }
                        }
                    }
                }
            }
        }
    }
}

fn tile(heading: &str, value: &str, below: &str) -> Markup {
    html! { li.tile { h3 { (heading) } p.value { (value) } p.muted { (below) } } }
}

fn whole(count: usize) -> String {
    number::whole(i64::try_from(count).unwrap_or(i64::MAX))
}
