//! The document and the difference as pages.

use chrono::NaiveDate;
use maud::{Markup, html};

use super::{Block, Difference, Document, Section, Weight};
use crate::page::{Cell, Column, Entry, Page, Row, Table, Verdict, mark, number};

impl Document {
    /// The document as a page.
    #[must_use]
    pub fn to_html(&self) -> String {
        let sections = self.parts.iter().flat_map(|part| &part.sections);
        let mut contents = vec![Entry::new("nog-in-te-vullen", "Nog in te vullen")];
        contents.extend(sections.map(|s| Entry::new(id(s), format!("{}. {}", s.number, s.title))));
        Page {
            title: "Register van de gegevensbescherming",
            running_head: &format!("Register van de gegevensbescherming · versie {}", self.version),
            masthead: self.masthead(),
            contents: &contents,
            main: html! {
                (self.open())
                @for part in &self.parts {
                    @for (at, section) in part.sections.iter().enumerate() {
                        section.register id=(id(section)) {
                            @if at == 0 { p.part { "Deel " (part.letter) ": " (part.title) } }
                            h2 { (section.number) ". " (section.title) }
                            @for block in &section.blocks { (shown(block)) }
                        }
                    }
                }
            },
            footer: html! {
                h2 { "Over dit document" }
                p {
                    "Gemaakt met sluis uit het register, de contracten en de SQL die draait. Er is geen levering en geen release voor \
                     gelezen. De vragen volgen het Model DPIA Rijksdienst van het ministerie van Binnenlandse Zaken en \
                     Koninkrijksrelaties. Dit document vervangt geen DPIA: het geeft de feiten waarmee u er een maakt."
                }
            },
        }
        .render()
    }

    fn masthead(&self) -> Markup {
        let adopted = self.adopted.as_ref().map(|day| {
            let parsed = NaiveDate::parse_from_str(day, "%Y-%m-%d");
            parsed.map_or_else(|_| day.clone(), number::day)
        });
        html! {
            p.eyebrow { (self.controller) }
            h1 { "Register van de gegevens\u{ad}bescherming" }
            p.lead {
                "Welke gegevens worden verwerkt, waarom, hoe lang, en wat ertegen wordt gedaan dat iemand er last van heeft. \
                 Versie " (self.version) "."
            }
            p.note {
                @match adopted {
                    Some(day) => { "Vastgesteld op " (day) },
                    None => "Concept: niemand heeft dit register nog vastgesteld",
                }
            }
        }
    }

    /// What is missing, before all else.
    fn open(&self) -> Markup {
        let gaps: Vec<_> = self.gaps().collect();
        html! {
            section.register #nog-in-te-vullen {
                h2 { "Nog in te vullen" }
                @if gaps.is_empty() {
                    p { "Niets: het register geeft op elke vraag een antwoord. Of dat antwoord klopt, is aan u." }
                } @else {
                    p {
                        "Op deze punten zegt het register niets. Alleen de verwerkingsverantwoordelijke kan ze invullen; sluis verzint \
                         geen antwoord."
                    }
                    ul {
                        @for (section, gap) in &gaps {
                            li { a href={ "#" (id(section)) } { (section.number) ". " (section.title) } ": " (gap) }
                        }
                    }
                }
            }
        }
    }
}

fn id(section: &Section) -> String {
    format!("vraag-{}", section.number)
}

fn shown(block: &Block) -> Markup {
    match block {
        Block::Text(words) => html! { p { (words) } },
        Block::Gap(words) => html! {
            div.gap { (mark(Verdict::Doubtful, "nog in te vullen")) p { (words) } }
        },
        Block::Heading(words) => html! { h3 { (words) } },
        Block::List(items) => html! { ul { @for item in items { li { (item) } } } },
        Block::Table {
            caption,
            header,
            rows,
        } => {
            let row = |cells: &Vec<String>| {
                Row::new(
                    cells
                        .iter()
                        .map(|cell| Cell::from(breakable(cell)))
                        .collect(),
                )
            };
            let table = Table {
                caption: caption.clone(),
                quiet_caption: false,
                wide: false,
                columns: header.iter().map(Column::words).collect(),
                rows: rows.iter().map(row).collect(),
            };
            table.render_stacked()
        }
    }
}

/// A text in which a name may go on in the next line after an underscore.
fn breakable(text: &str) -> Markup {
    html! {
        @for (at, part) in text.split('_').enumerate() {
            @if at > 0 { "_" wbr; }
            (part)
        }
    }
}

impl Difference {
    /// The difference as a page.
    #[must_use]
    pub fn to_html(&self) -> String {
        let present = || {
            Weight::ALL
                .into_iter()
                .filter(|weight| self.count(*weight) > 0)
        };
        let contents: Vec<Entry> = present()
            .map(|w| Entry::new(anchor(w), capital(w.name())))
            .collect();
        Page {
            title: "Wat is er veranderd in het register?",
            running_head: &format!("Register: van versie {} naar versie {}", self.from, self.to),
            masthead: html! {
                p.eyebrow { "Register van de gegevensbescherming" }
                h1 { "Wat is er veranderd?" }
                p.lead { "Van versie " (self.from) " naar versie " (self.to) ". " (self.summary()) }
            },
            contents: &contents,
            main: html! {
                @for weight in present() {
                    section.register id=(anchor(weight)) {
                        h2 { (weight.heading()) }
                        ul.changes {
                            @for change in self.changes.iter().filter(|c| c.weight == weight) {
                                li.change {
                                    strong { (change.part) } " " (mark(kind(weight), weight.name()))
                                    p { (change.what) }
                                    p.muted { (change.means) }
                                }
                            }
                        }
                    }
                }
                @if self.changes.is_empty() { section.register { p { "Er is niets veranderd." } } }
            },
            footer: html! {
                h2 { "Over dit document" }
                p { "Gemaakt met sluis uit twee versies van het register." }
            },
        }
        .render()
    }
}

const fn kind(weight: Weight) -> Verdict {
    match weight {
        Weight::Looser => Verdict::Bad,
        Weight::Open => Verdict::Doubtful,
        Weight::Stricter => Verdict::Good,
        Weight::Neutral => Verdict::None,
    }
}

fn anchor(weight: Weight) -> String {
    weight.name().replace(' ', "-")
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(char::to_uppercase);
    first.into_iter().flatten().chain(letters).collect()
}
