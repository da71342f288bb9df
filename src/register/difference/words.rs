//! One value that changed, in words.

use std::cmp::Ordering;

use serde_json::Value;

use super::{Change, Walk, Weight, names};

/// The treatments, from what leaves least of a value to what leaves all of it.
const TREATMENTS: [&str; 6] = [
    "weglaten",
    "pseudonimiseren",
    "leeftijdsgroep",
    "wijk",
    "pc4",
    "behouden",
];
/// What is said of a change that nobody has words for.
const UNKNOWN: &str = "Sluis kan niet zeggen wat dit betekent. Beoordeel het zelf.";
/// What a longer or shorter period means.
pub(super) const LONGER: &str = "Rijen over mensen blijven langer bewaard.";
/// The other way.
pub(super) const SHORTER: &str = "Rijen over mensen gaan eerder weg.";
/// What the rows of a source are about, from what lets least through to what lets most.
const SUBJECTS: [&str; 3] = ["aantallen", "zaken", "personen"];

/// The part of the register, what of it changed, and what that means.
type Named = (String, String, Judged);
type Judged = (Weight, &'static str);

/// The change of one value at a place.
pub(super) fn of_a_value(
    walk: &Walk<'_>,
    at: &[&str],
    old: Option<&Value>,
    new: Option<&Value>,
) -> Change {
    let named = of_data(walk, at, old, new)
        .or_else(|| of_tables(at, old, new))
        .or_else(|| of_people(at, old, new));
    let (part, key, (weight, means)) =
        named.unwrap_or_else(|| (at.join("."), "waarde".to_owned(), (Weight::Open, UNKNOWN)));
    Change {
        weight,
        part,
        what: format!("{key}: {} → {}", shown(old), shown(new)),
        means: means.to_owned(),
    }
}

/// What comes in, and what of it may be shown.
fn of_data(
    walk: &Walk<'_>,
    at: &[&str],
    old: Option<&Value>,
    new: Option<&Value>,
) -> Option<Named> {
    Some(match at {
        ["source", id, "columns", name, key] => (
            format!("kolom {id}.{name}"),
            names::of_column(key),
            column(walk, key, old, new),
        ),
        ["source", id, key] => (
            format!("bron {id}"),
            names::of_source(key),
            source(key, old, new),
        ),
        ["class", id, key] => (
            format!("klasse {id}"),
            names::common(key),
            class(key, old, new),
        ),
        ["domain", id, key] => (
            format!("domein {id}"),
            names::common(key),
            (
                Weight::Open,
                "Beoordeel of hierdoor andere gegevens bij elkaar komen.",
            ),
        ),
        ["publication", key] => (
            "publicatie".to_owned(),
            names::of_publication(key),
            publication(key, old, new),
        ),
        ["view", name, key] => (
            format!("view {name}"),
            names::of_publication(key),
            publication(key, old, new),
        ),
        _ => return None,
    })
}

/// How long it is kept, and how the risk of it is measured.
fn of_tables(at: &[&str], old: Option<&Value>, new: Option<&Value>) -> Option<Named> {
    const LESS: &str = "Bij het meten van het risico telt minder mee dan eerst.";
    const MORE: &str = "Bij het meten van het risico telt meer mee dan eerst.";
    let (part, key, judged) = match at {
        ["retention", "nightly"] => (
            "bewaartermijnen".to_owned(),
            "elke nacht toepassen".to_owned(),
            by_order(
                flag(old).cmp(&flag(new)),
                "Wat over zijn termijn is, gaat niet meer vanzelf weg.",
                "Wat over zijn termijn is, gaat voortaan vanzelf weg.",
            ),
        ),
        ["risk", key] => (
            "gemeten risico".to_owned(),
            format!("grens {key}"),
            limit(key, old, new),
        ),
        ["table", name, "excused", column] => (
            format!("kolom {name}.{column}"),
            "telt niet mee bij het meten van het risico, want".to_owned(),
            by_order(new.is_some().cmp(&old.is_some()), LESS, MORE),
        ),
        ["table", name, key] => {
            let judged = match *key {
                "retention_years" => more_is_looser(number(old), number(new), LONGER, SHORTER),
                "quasi_identifiers" | "sensitive" | "events" => members(new, old, LESS, MORE),
                "person" => (
                    Weight::Open,
                    "Het risico wordt over andere personen gemeten.",
                ),
                "from" | "unlimited" => (
                    Weight::Open,
                    "Beoordeel of rijen hierdoor langer of korter blijven.",
                ),
                _ => (Weight::Open, UNKNOWN),
            };
            (format!("tabel {name}"), names::common(key), judged)
        }
        _ => return None,
    };
    Some((part, key, judged))
}

/// Who is responsible, and what people judged.
fn of_people(at: &[&str], old: Option<&Value>, new: Option<&Value>) -> Option<Named> {
    Some(match at {
        ["register", key] => ("register".to_owned(), names::common(key), header(key)),
        ["assessment", "risk", id, key] => (
            format!("risico {id}"),
            names::common(key),
            risk(key, old, new),
        ),
        ["assessment", "party", id, key] => (
            format!("partij {id}"),
            names::common(key),
            (
                Weight::Open,
                "Beoordeel of de afspraken met deze partij nog kloppen.",
            ),
        ),
        ["assessment", key] => (
            "beoordeling".to_owned(),
            names::common(key),
            (
                Weight::Open,
                "De onderbouwing is veranderd. Lees de nieuwe tekst.",
            ),
        ),
        _ => return None,
    })
}

/// How loose the new value is beside the old one.
fn by_order(looseness: Ordering, looser: &'static str, stricter: &'static str) -> Judged {
    match looseness {
        Ordering::Less => (Weight::Stricter, stricter),
        Ordering::Greater => (Weight::Looser, looser),
        Ordering::Equal => (Weight::Open, "Beoordeel zelf wat dit betekent."),
    }
}

/// More of it is looser.
fn more_is_looser(
    old: Option<i64>,
    new: Option<i64>,
    looser: &'static str,
    stricter: &'static str,
) -> Judged {
    by_order(new.cmp(&old), looser, stricter)
}

fn column(walk: &Walk<'_>, key: &str, old: Option<&Value>, new: Option<&Value>) -> Judged {
    match key {
        "treatment" => more_is_looser(
            place(&TREATMENTS, old),
            place(&TREATMENTS, new),
            "Er blijft meer van dit gegeven over dan eerst.",
            "Er blijft minder van dit gegeven over dan eerst.",
        ),
        // Both places in the same order: that of the register in use, and where it lacks one, the other.
        "class" => {
            let rank = |value: Option<&Value>| {
                let name = value?.as_str()?;
                let place = |classes: &[String]| classes.iter().position(|c| c == name);
                let place = place(&walk.new.classes).or_else(|| place(&walk.old.classes))?;
                i64::try_from(place).ok()
            };
            more_is_looser(
                rank(old),
                rank(new),
                "Het gegeven geldt als minder gevoelig. Daardoor mag er meer mee.",
                "Het gegeven geldt als gevoeliger. Daardoor mag er minder mee.",
            )
        }
        _ => (Weight::Open, "Beoordeel zelf wat dit betekent."),
    }
}

fn source(key: &str, old: Option<&Value>, new: Option<&Value>) -> Judged {
    match key {
        "purpose" => (
            Weight::Open,
            "Het doel is veranderd. Is het nieuwe doel verenigbaar met waarvoor de gegevens zijn verzameld?",
        ),
        "legal_basis" => (
            Weight::Open,
            "De rechtsgrond is veranderd. Draagt die alles wat er met de gegevens gebeurt?",
        ),
        "bsn" => by_order(
            flag(new).cmp(&flag(old)),
            "De partner mag nu een BSN leveren.",
            "De partner mag geen BSN meer leveren; een levering ermee wordt geweigerd.",
        ),
        "subject" => more_is_looser(
            place(&SUBJECTS, old),
            place(&SUBJECTS, new),
            "De bron mag nu meer over personen bevatten; leveringen worden minder streng bekeken.",
            "Een levering met gegevens van personen wordt eerder geweigerd.",
        ),
        "raw_retention_days" => more_is_looser(
            number(old),
            number(new),
            "Ruwe leveringen, met namen en nummers, blijven langer staan.",
            "Ruwe leveringen, met namen en nummers, gaan eerder weg.",
        ),
        _ => (Weight::Open, "Beoordeel zelf wat dit betekent."),
    }
}

fn class(key: &str, old: Option<&Value>, new: Option<&Value>) -> Judged {
    if key != "treatments" {
        return (
            Weight::Open,
            "Beoordeel of de kolommen van deze klasse er nog in horen.",
        );
    }
    members(
        old,
        new,
        "Met gegevens van deze klasse mag meer dan eerst.",
        "Met gegevens van deze klasse mag minder dan eerst.",
    )
}

fn risk(key: &str, old: Option<&Value>, new: Option<&Value>) -> Judged {
    if key != "measures" {
        return (Weight::Open, "Beoordeel of deze inschatting klopt.");
    }
    let (weight, means) = members(
        new,
        old,
        "Er wordt minder tegen dit risico gedaan.",
        "Er wordt meer tegen dit risico gedaan.",
    );
    (weight, means)
}

/// Lists of which more is looser; what changes places is judged by nobody.
fn members(
    old: Option<&Value>,
    new: Option<&Value>,
    looser: &'static str,
    stricter: &'static str,
) -> Judged {
    let listed = |value: Option<&Value>| -> Vec<Value> {
        match value {
            Some(Value::Array(items)) => items.clone(),
            Some(one) => vec![one.clone()],
            None => Vec::new(),
        }
    };
    let (old, new) = (listed(old), listed(new));
    let gained = new.iter().any(|item| !old.contains(item));
    let lost = old.iter().any(|item| !new.contains(item));
    match (gained, lost) {
        (true, false) => (Weight::Looser, looser),
        (false, true) => (Weight::Stricter, stricter),
        (false, false) => (
            Weight::Neutral,
            "Alleen de volgorde of de schrijfwijze is anders.",
        ),
        (true, true) => (
            Weight::Open,
            "Er is iets bijgekomen en iets weggegaan. Beoordeel beide.",
        ),
    }
}

fn publication(key: &str, old: Option<&Value>, new: Option<&Value>) -> Judged {
    let (looser, stricter) = (
        "Er is meer te zien van kleine groepen.",
        "Er is minder te zien van kleine groepen.",
    );
    match key {
        "smallest_cell" | "rounding" => by_order(number(old).cmp(&number(new)), looser, stricter),
        // A view without its own share has that of all views, which is the highest.
        "dominance_percent" => {
            let share = |value| number(value).unwrap_or(100);
            by_order(share(new).cmp(&share(old)), looser, stricter)
        }
        _ => (
            Weight::Open,
            "De reden is veranderd waarom kleine aantallen hier niet worden verborgen.",
        ),
    }
}

fn header(key: &str) -> Judged {
    match key {
        "version" => (
            Weight::Neutral,
            "Een ander nummer; het zegt niets over mensen.",
        ),
        "adopted" => (
            Weight::Neutral,
            "Wanneer het register is vastgesteld. Wat er met gegevens gebeurt, verandert er niet door.",
        ),
        _ => (
            Weight::Open,
            "Beoordeel wie nu verantwoordelijk is, en of mensen dat weten.",
        ),
    }
}

/// What a measured risk is held against; it changes what is told, not what is kept.
fn limit(key: &str, old: Option<&Value>, new: Option<&Value>) -> Judged {
    let number = |value: Option<&Value>| value.and_then(Value::as_f64);
    let grown = number(new).partial_cmp(&number(old));
    let grown = grown.unwrap_or(Ordering::Equal);
    // Of groups and answers more is stricter, of chances and shares more is looser.
    let looseness = if matches!(key, "k" | "l") {
        grown.reverse()
    } else {
        grown
    };
    by_order(
        looseness,
        "De controle vraagt minder snel aandacht voor het risico dat iemand te herkennen is.",
        "De controle vraagt eerder aandacht voor het risico dat iemand te herkennen is.",
    )
}

/// Whether the classes that both versions have stand in another order.
pub(super) fn order(old: &[String], new: &[String]) -> Option<Change> {
    let common = |of: &[String], other: &[String]| -> Vec<String> {
        of.iter().filter(|c| other.contains(c)).cloned().collect()
    };
    let (before, after) = (common(old, new), common(new, old));
    (before != after).then(|| Change {
        weight: Weight::Open,
        part: "klassen".to_owned(),
        what: format!(
            "volgorde van streng naar licht: {} → {}",
            before.join(", "),
            after.join(", ")
        ),
        means: "Wat uit meer gegevens is gemaakt, krijgt de strengste klasse. Die kan nu een andere zijn."
            .to_owned(),
    })
}

/// A value as people read it.
pub(super) fn shown(value: Option<&Value>) -> String {
    match value {
        None => "niets".to_owned(),
        Some(Value::String(text)) if text.is_empty() => "niets".to_owned(),
        Some(Value::String(text)) => format!("‘{text}’"),
        Some(Value::Bool(true)) => "ja".to_owned(),
        Some(Value::Bool(false)) => "nee".to_owned(),
        Some(Value::Array(items)) => {
            let items: Vec<String> = items.iter().map(|item| shown(Some(item))).collect();
            items.join(", ")
        }
        Some(other) => other.to_string(),
    }
}

/// A text of a table, or nothing.
pub(super) fn text(table: &Value, key: &str) -> String {
    let text = table.get(key).and_then(Value::as_str);
    text.unwrap_or_default().to_owned()
}

fn number(value: Option<&Value>) -> Option<i64> {
    value.and_then(Value::as_i64)
}

fn flag(value: Option<&Value>) -> bool {
    value.and_then(Value::as_bool).unwrap_or_default()
}

fn place(known: &[&str], value: Option<&Value>) -> Option<i64> {
    let name = value?.as_str()?;
    let place = known.iter().position(|known| *known == name)?;
    i64::try_from(place).ok()
}
