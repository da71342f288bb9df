//! What is told in one sentence although it is more than one value: a source, a column, a view, a table, a
//! risk or a party that is new or gone, and the period of a table.

use std::cmp::Ordering;

use serde_json::Value;

use super::words::{LONGER, SHORTER, text};
use super::{Change, Weight};

/// The change, where the whole of what stands at a place is told at once.
pub(super) fn as_a_whole(at: &[&str], old: Option<&Value>, new: Option<&Value>) -> Option<Change> {
    match (at, old, new) {
        (["table", name], None, _) | (["table", name], _, None) => Some(period(name, old, new)),
        (["view", name], Some(old), Some(new)) if old.get("subject") != new.get("subject") => {
            Some(about(name, old, new))
        }
        (_, Some(old), None) => whole(at, old, false),
        (_, None, Some(new)) => whole(at, new, true),
        _ => None,
    }
}

/// Something that is new, or gone.
fn whole(at: &[&str], value: &Value, is_new: bool) -> Option<Change> {
    let (part, added, what, means) = match at {
        ["source", id] => source(id, value),
        ["source", source, "columns", column] => column_of(source, column, value),
        ["domain", id] => (
            format!("domein {id}"),
            Weight::Neutral,
            text(value, "description"),
            "Een domein alleen koppelt niets; dat doen pas de kolommen die het gebruiken.",
        ),
        ["class", id] => (
            format!("klasse {id}"),
            Weight::Open,
            text(value, "description"),
            "Kijk welke kolommen deze klasse hebben of hadden.",
        ),
        ["view", name] => view(name, value),
        ["assessment", "risk", id] => (
            format!("risico {id}"),
            Weight::Open,
            text(value, "description"),
            "Beoordeel of de lijst met risico’s nog volledig is.",
        ),
        ["assessment", "party", id] => (
            format!("partij {id}"),
            Weight::Open,
            format!("{} ({})", text(value, "name"), text(value, "role")),
            "Beoordeel of de afspraken met deze partij op orde zijn.",
        ),
        _ => return None,
    };
    let verb = if is_new { "nieuw" } else { "vervallen" };
    Some(Change {
        weight: if is_new { added } else { added.turned() },
        part,
        what: format!("{verb}: {what}"),
        means: means.to_owned(),
    })
}

type Told = (String, Weight, String, &'static str);

fn source(id: &str, value: &Value) -> Told {
    let columns = value.get("columns").and_then(Value::as_object);
    let count = columns.map_or(0, serde_json::Map::len);
    let kept = columns.into_iter().flat_map(serde_json::Map::values);
    let kept = kept.filter(|c| text(c, "treatment") != "weglaten").count();
    let bsn = value.get("bsn") == Some(&Value::Bool(true));
    let bsn = if bsn { "met BSN" } else { "zonder BSN" };
    let persons = text(value, "subject") == "personen";
    let (weight, means) = if persons {
        (
            Weight::Looser,
            "Van mensen in deze bron worden gegevens verwerkt. Vervalt de bron, dan niet meer.",
        )
    } else {
        (Weight::Neutral, "Deze bron gaat niet over personen.")
    };
    let what = format!(
        "{count} velden, waarvan er {kept} door de sluis komen, {bsn}. Doel: {}",
        text(value, "purpose")
    );
    (format!("bron {id}"), weight, what, means)
}

fn column_of(source: &str, column: &str, value: &Value) -> Told {
    let treatment = text(value, "treatment");
    let (weight, means) = if treatment == "weglaten" {
        (
            Weight::Open,
            "De partner levert dit veld, maar sluis bewaart het niet. Moet de partner het wel leveren?",
        )
    } else {
        (
            Weight::Looser,
            "Over mensen in deze bron wordt een gegeven meer verwerkt. Vervalt het veld, dan een minder.",
        )
    };
    let what = format!("klasse {}, behandeling {treatment}", text(value, "class"));
    (format!("kolom {source}.{column}"), weight, what, means)
}

fn view(name: &str, value: &Value) -> Told {
    let persons = text(value, "subject") == "personen";
    let (weight, means) = if persons {
        (
            Weight::Looser,
            "Deze cijfers over mensen worden getoond, met de kleine aantallen verborgen. Vervallen zij, dan niet meer.",
        )
    } else {
        (
            Weight::Open,
            "Deze cijfers worden getoond zonder kleine aantallen te verbergen. Klopt het dat zij niet over cliënten gaan?",
        )
    };
    let what = format!("cijfers over {}", text(value, "subject"));
    (format!("view {name}"), weight, what, means)
}

/// What a view is about decides whether the rules of publication hold.
fn about(name: &str, old: &Value, new: &Value) -> Change {
    let (before, after) = (text(old, "subject"), text(new, "subject"));
    let (weight, means) = match (before.as_str(), after.as_str()) {
        ("personen", _) => (
            Weight::Looser,
            "Kleine aantallen worden in deze cijfers niet meer verborgen.",
        ),
        (_, "personen") => (
            Weight::Stricter,
            "Kleine aantallen worden in deze cijfers voortaan verborgen.",
        ),
        _ => (
            Weight::Neutral,
            "Ook voorheen golden de regels van publicatie niet.",
        ),
    };
    Change {
        weight,
        part: format!("view {name}"),
        what: match text(new, "reason").as_str() {
            "" => format!("gaat over: {before} → {after}"),
            reason => format!("gaat over: {before} → {after}, want: {reason}"),
        },
        means: means.to_owned(),
    }
}

/// The keys of a table that say together how long its rows are kept.
const PERIOD: [&str; 3] = ["retention_years", "from", "unlimited"];

/// Another kind of period for the same table, told at once, and both without what was told.
pub(super) fn other_period(
    at: &[&str],
    old: Option<&Value>,
    new: Option<&Value>,
) -> Option<(Change, [Value; 2])> {
    let (["table", name], Some(old), Some(new)) = (at, old, new) else {
        return None;
    };
    let kind = |table: &Value| PERIOD.map(|key| key != "from" && table.get(key).is_some());
    if kind(old) == kind(new) {
        return None;
    }
    let rest = [old, new].map(|table| {
        let mut rest = table.clone();
        if let Some(table) = rest.as_object_mut() {
            table.retain(|key, _| !PERIOD.contains(&key.as_str()));
        }
        rest
    });
    Some((period(name, Some(old), Some(new)), rest))
}

fn period(name: &str, old: Option<&Value>, new: Option<&Value>) -> Change {
    let years = |value: Option<&Value>| value?.get("retention_years")?.as_i64();
    let words = |value: Option<&Value>| {
        let said = |key| value.map_or_else(String::new, |value| text(value, key));
        match (
            years(value),
            said("from").as_str(),
            said("unlimited").as_str(),
        ) {
            (Some(years), "", _) => format!("{years} jaar"),
            (Some(years), from, _) => format!("{years} jaar vanaf {from}"),
            (None, _, "") => "geen termijn".to_owned(),
            (None, _, reason) => format!("onbeperkt ({reason})"),
        }
    };
    // No period at all keeps rows as long as no end does, but nobody said why.
    let length = |value| years(value).unwrap_or(i64::MAX);
    let (weight, means) = match length(new).cmp(&length(old)) {
        Ordering::Greater => (Weight::Looser, LONGER),
        Ordering::Less => (Weight::Stricter, SHORTER),
        Ordering::Equal => (Weight::Open, "Rijen blijven even lang: zonder eind."),
    };
    Change {
        weight,
        part: format!("tabel {name}"),
        what: format!("bewaartermijn: {} → {}", words(old), words(new)),
        means: means.to_owned(),
    }
}
