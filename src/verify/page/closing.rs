//! What the report ends with: how to read it, what it does not say, and room to sign.

use maud::{Markup, html};

use super::{Occasion, mark};
use crate::verify::report::{Report, Verdict};

pub(super) fn reading() -> Markup {
    html! {
        section #lezen {
            h2 { "Hoe u dit leest" }
            dl.facts {
                dt { (mark(Verdict::Passes)) }
                dd { "Er is gekeken en niets gevonden." }
                dt { (mark(Verdict::Fails)) }
                dd { "Er is iets mis. Onder de vraag staat waar, hoe vaak, en wat u kunt doen." }
                dt { (mark(Verdict::Attention)) }
                dd { "Geen fout, maar iemand moet het weten of bekijken." }
                dt { (mark(Verdict::Unknown)) }
                dd { "Er kon niet gekeken worden, of niemand vroeg erom. Onder de vraag staat hoe het wel kan." }
            }
            h3 { "Kans" }
            p {
                "Een willekeurig getal van negen cijfers lijkt één op de elf keer op een burgerservicenummer. Staat er bij "
                "een vondst een kans, dan is dat de kans dat zoveel waarden er " em { "bij toeval" } " op lijken. Hoe "
                "kleiner de kans, hoe zekerder het is dat het echte gegevens zijn. Bij 1 op een miljard of minder noemt "
                "sluis het een fout."
            }
            h3 { "Wat een toets wel en niet kan zien" }
            p {
                "Bij elke vraag staat hoeveel er ten minste moeten staan om op te vallen. Staan er minder, dan zijn zij niet "
                "van toeval te onderscheiden en vindt deze toets ze niet. Waar één waarde al genoeg is, staat dat erbij."
            }
            h3 { "Plaatsen" }
            p {
                "Een plaats is een bestand of een tabel. De naam van een bestand dat sluis niet kent, wordt niet getoond: "
                "die kan naar iemand heten. Er staat dan ‘(naam niet getoond)’."
            }
        }
    }
}

pub(super) fn limits(occasion: &Occasion) -> Markup {
    html! {
        section #niet-bekeken {
            h2 { "Wat niet is bekeken" }
            p { "Dit verslag gaat over het magazijn zoals het op dat moment op de schijf lag. Het zegt niets over:" }
            ul {
                li { "de ruwe leveringen in de aanleverfolder, kopieën en back-ups van het magazijn, en andere computers;" }
                li { "een paar burgerservicenummers tussen heel veel andere getallen van negen cijfers;" }
                li { "namen die op geen enkele lijst staan, en geboortedatums na 2010;" }
                li { "telefoonnummers en postcodes die als gewoon getal zijn opgeslagen;" }
                li { "gegevens die iemand anders heeft versleuteld of ingepakt voordat zij hier kwamen;" }
                li { "wie de gegevens intussen heeft gelezen." }
            }
            @if !occasion.attacked {
                p {
                    "De aanval op de pseudoniemen is niet gedaan. Of de sleutel te raden is, is dus niet onderzocht. "
                    "Dat kan met " code { "sluis verify --attack" } "."
                }
            }
            p {
                "De controle is gedaan door hetzelfde programma dat de gegevens verwerkt, maar met eigen herkenning en eigen "
                "rekenwerk. Wie dat niet genoeg vindt, kan stappen zelf nadoen: zie de handleiding voor de functionaris gegevensbescherming."
            }
        }
    }
}

/// Lines to write on.
pub(super) fn signature() -> Markup {
    html! {
        section #ondertekening {
            h2 { "Ondertekening" }
            p { "Ik heb dit verslag gelezen. Wat ik ervan vind, staat hieronder." }
            dl.signature {
                div.wide { dt { "Bevindingen" } dd {} }
                div { dt { "Naam" } dd {} }
                div { dt { "Functie" } dd {} }
                div { dt { "Datum" } dd {} }
                div { dt { "Handtekening" } dd {} }
            }
        }
    }
}

pub(super) fn colophon(report: &Report) -> Markup {
    html! {
        h2 { "Over dit verslag" }
        p {
            "Gemaakt met " (report.program) ", zonder de sleutel. In het magazijn is niets geschreven. "
            "Voor een computer is er hetzelfde verslag in JSON: " code { "sluis verify --json" } "."
        }
    }
}
