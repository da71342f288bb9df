//! How messages are spelled in XML: with prefixes and without, with comments, sections and white
//! space, as every supplier of software does it its own way.

use super::super::Identifiers;
use super::{Known, Provision, Status};

/// Which iWmo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Generation {
    /// 2.1: many clients.
    Two,
    /// 3.2: one client.
    Three,
}

/// What a message is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// 301.
    Allocation,
    /// 305.
    Start,
    /// 307.
    Stop,
}

impl Kind {
    const fn names(self) -> (&'static str, &'static str, &'static str, &'static str) {
        match self {
            Self::Allocation => ("wmo301", "414", "ToegewezenProducten", "ToegewezenProduct"),
            Self::Start => ("wmo305", "418", "StartProducten", "StartProduct"),
            Self::Stop => ("wmo307", "420", "StopProducten", "StopProduct"),
        }
    }
}

/// A message to write.
pub(super) struct Message {
    pub generation: Generation,
    pub kind: Kind,
    pub number: usize,
}

/// XML as it grows.
struct Xml {
    out: String,
    prefix: &'static str,
    depth: usize,
    indent: bool,
}

impl Xml {
    fn line(&mut self, text: &str) {
        if self.indent {
            self.out.push_str(&"  ".repeat(self.depth));
        }
        self.out.push_str(text);
        if self.indent {
            self.out.push_str("\r\n");
        }
    }

    fn open(&mut self, name: &str) {
        self.line(&format!("<{}{name}>", self.prefix));
        self.depth += 1;
    }

    fn close(&mut self, name: &str) {
        self.depth -= 1;
        self.line(&format!("</{}{name}>", self.prefix));
    }

    fn leaf(&mut self, name: &str, value: &str) {
        let value = value.replace('&', "&amp;").replace('<', "&lt;");
        let prefix = self.prefix;
        self.line(&format!("<{prefix}{name}>{value}</{prefix}{name}>"));
    }
}

/// A message about these products.
pub(super) fn message<'p>(
    message: &Message,
    rows: impl Iterator<Item = (&'p Provision, Status)>,
    seen: &mut Identifiers,
) -> String {
    // The messages of one month come from several suppliers.
    let (prefix, declaration) = match message.number % 3 {
        0 => ("", "xmlns"),
        1 => ("wmo:", "xmlns:wmo"),
        _ => ("ns2:", "xmlns:ns2"),
    };
    let (name, code, ..) = message.kind.names();
    let version = match message.generation {
        Generation::Two => "2_1",
        Generation::Three => "3_2",
    };
    let mut xml = Xml {
        out: String::new(),
        prefix,
        depth: 0,
        indent: message.number % 2 == 1,
    };
    if message.number % 5 == 2 {
        xml.out.push('\u{feff}');
    }
    xml.line("<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
    xml.line(&format!(
        "<{prefix}Bericht {declaration}=\"http://www.istandaarden.nl/iwmo/{version}/{name}/schema\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">"
    ));
    xml.depth = 1;
    xml.open("Header");
    xml.leaf("BerichtCode", code);
    xml.leaf("BerichtVersie", &version[..1]);
    xml.leaf("BerichtSubversie", &version[2..]);
    xml.leaf("Afzender", "73732417");
    xml.leaf("Ontvanger", "0606");
    xml.open("BerichtIdentificatie");
    xml.leaf("Identificatie", &format!("B{:07}", message.number));
    xml.leaf(
        "Dagtekening",
        if version == "2_1" {
            "2020-01-31"
        } else {
            "2024-06-30"
        },
    );
    xml.close("BerichtIdentificatie");
    xml.close("Header");
    if message.generation == Generation::Two {
        xml.open("Clienten");
    }
    for (provision, status) in rows {
        client(&mut xml, message, provision, status, seen);
    }
    if message.generation == Generation::Two {
        xml.close("Clienten");
    }
    xml.depth = 0;
    xml.line(&format!("</{prefix}Bericht>"));
    xml.out
}

fn client(
    xml: &mut Xml,
    message: &Message,
    provision: &Provision,
    status: Status,
    seen: &mut Identifiers,
) {
    let person = &provision.client;
    xml.open("Client");
    xml.leaf("Bsn", &person.bsn);
    xml.open("Geboortedatum");
    xml.leaf("Datum", &person.born.format("%Y-%m-%d").to_string());
    match person.known {
        Known::Day => {}
        Known::Month => xml.leaf("DatumGebruik", "1"),
        Known::Year => xml.leaf("DatumGebruik", "2"),
        Known::Nothing => xml.leaf("DatumGebruik", "3"),
    }
    xml.close("Geboortedatum");
    xml.leaf(
        "Geslacht",
        if provision.turn.is_multiple_of(2) {
            "1"
        } else {
            "2"
        },
    );
    xml.open("Naam");
    xml.open("Geslachtsnaam");
    xml.leaf("Naam", &person.surname);
    xml.close("Geslachtsnaam");
    xml.leaf("Voorletters", &person.initials);
    xml.leaf("NaamGebruik", "1");
    xml.close("Naam");
    if message.kind == Kind::Allocation {
        address(xml, message.generation, provision, seen);
    }
    product(xml, message, provision, status, seen);
    xml.close("Client");
}

fn address(xml: &mut Xml, generation: Generation, provision: &Provision, seen: &mut Identifiers) {
    let (outer, inner) = match generation {
        Generation::Two => ("Contactgegevens", None),
        Generation::Three => ("Contacten", Some("Contact")),
    };
    xml.open(outer);
    if let Some(inner) = inner {
        xml.open(inner);
        xml.leaf("Soort", "01");
    }
    xml.open("Adres");
    xml.open("Huis");
    xml.leaf("Huisnummer", &(provision.turn + 1).to_string());
    xml.close("Huis");
    if let Some(postcode) = &provision.client.postcode {
        xml.leaf("Postcode", postcode);
    }
    let street = format!("Verzonnenkade {:04}", provision.turn + 7000);
    seen.free_text(&street);
    xml.leaf("Straatnaam", &street);
    xml.leaf("Plaatsnaam", "Schiedam");
    xml.close("Adres");
    let mail = format!("c{}@voorbeeld.invalid", provision.number.to_lowercase());
    seen.free_text(&mail);
    xml.leaf("Emailadres", &mail);
    if let Some(inner) = inner {
        xml.close(inner);
    }
    xml.close(outer);
}

fn product(
    xml: &mut Xml,
    message: &Message,
    provision: &Provision,
    status: Status,
    seen: &mut Identifiers,
) {
    let (_, _, outer, inner) = message.kind.names();
    let new = message.generation == Generation::Three;
    xml.open(outer);
    xml.open(inner);
    let named = message.kind != Kind::Start || !provision.unnumbered;
    if named {
        xml.leaf("ToewijzingNummer", &provision.number);
    }
    xml.line("<!-- product -->");
    xml.open("Product");
    xml.leaf("Categorie", provision.product.0);
    if !provision.turn.is_multiple_of(3) {
        xml.leaf("Code", provision.product.1);
    }
    xml.close("Product");
    dates(xml, message, provision, status);
    if message.kind != Kind::Allocation || !new || status != Status::New {
        xml.leaf("StatusAanlevering", status.code());
    }
    if provision.turn % 7 == 5 {
        let remark = format!(
            "Graag bellen voor {}, nr {}",
            provision.client.surname, provision.number
        );
        seen.free_text(&remark);
        let prefix = xml.prefix;
        xml.line(&format!(
            "<{prefix}Commentaar><![CDATA[{remark}]]></{prefix}Commentaar>"
        ));
    }
    xml.close(inner);
    xml.close(outer);
}

fn dates(xml: &mut Xml, message: &Message, provision: &Provision, status: Status) {
    // A corrected start was a week earlier.
    let week = chrono::Days::new(7);
    let start = match status {
        Status::Changed => provision.start - week,
        Status::New | Status::Deleted => provision.start,
    };
    let (start, end) = (
        start.format("%Y-%m-%d").to_string(),
        provision.end.format("%Y-%m-%d").to_string(),
    );
    match message.kind {
        Kind::Allocation => {
            let (from, to) = if message.generation == Generation::Three {
                ("ToewijzingIngangsdatum", "ToewijzingEinddatum")
            } else {
                ("Ingangsdatum", "Einddatum")
            };
            xml.leaf(from, &start);
            if provision.turn.is_multiple_of(4) {
                xml.leaf(to, &end);
            }
            xml.open("Omvang");
            xml.leaf("Volume", "4");
            xml.leaf("Eenheid", "04");
            xml.leaf("Frequentie", "2");
            xml.close("Omvang");
        }
        Kind::Start => xml.leaf("Begindatum", &start),
        Kind::Stop => {
            xml.leaf("Begindatum", &start);
            xml.leaf("Einddatum", &end);
            xml.leaf("RedenBeeindiging", provision.reason);
        }
    }
}

/// The same message with its product's start date in it twice.
pub(super) fn with_field_twice(text: &str) -> String {
    let tag = |open: &str| {
        let at = text.find(open)?;
        Some(at + text.get(at..)?.find('>')? + 1)
    };
    for prefix in ["", "wmo:", "ns2:"] {
        let end = format!("</{prefix}Begindatum>");
        if let Some(at) = tag(&end) {
            let again = format!("<{prefix}Begindatum>2024-02-29{end}");
            return format!("{}{again}{}", &text[..at], &text[at..]);
        }
    }
    text.to_owned()
}

/// The same message with entities that would grow into billions of characters.
pub(super) fn with_entity_bomb(text: &str) -> String {
    let level = |level: usize| {
        let earlier = format!("&e{};", level - 1).repeat(10);
        format!("<!ENTITY e{level} \"{earlier}\">")
    };
    let levels: Vec<String> = (1..12).map(level).collect();
    let bomb = format!(
        "<!DOCTYPE Bericht [<!ENTITY e0 \"ha\">{}]>",
        levels.concat()
    );
    match text.find("?>") {
        Some(at) => format!("{}{bomb}{}", &text[..at + 2], &text[at + 2..]),
        None => text.to_owned(),
    }
}

/// The same message with an element that the contract does not know.
pub(super) fn with_unknown_element(text: &str) -> String {
    for prefix in ["", "wmo:", "ns2:"] {
        let end = format!("</{prefix}Client>");
        if text.contains(&end) {
            let new = format!("<{prefix}Telefoonnummer>0600000000</{prefix}Telefoonnummer>{end}");
            return text.replacen(&end, &new, 1);
        }
    }
    text.to_owned()
}
