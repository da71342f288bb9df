//! What is told in one sentence although it is more than one value: a source, a column, a view, a table, a
//! risk or a party that is new or gone, and the period of a table.

use serde_json::Value;

use super::words::{LONGER, SHORTER, text};
use super::{Change, Weight};

/// The change, where the whole of what stands at a place is told at once.
pub(super) fn as_a_whole(at: &[&str], old: Option<&Value>, new: Option<&Value>) -> Option<Change> {
    match (at, old, new) {
        (["table", name], ..) => period(name, old, new),
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
        ["risk", id] => (
            format!("risico {id}"),
            Weight::Open,
            text(value, "description"),
            "Beoordeel of de lijst met risico’s nog volledig is.",
        ),
        ["party", id] => (
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

/// How long rows of a table are kept, when there is another kind of period or none any more.
fn period(name: &str, old: Option<&Value>, new: Option<&Value>) -> Option<Change> {
    const YEARS: &str = "retention_years";
    let years = |value: Option<&Value>| value?.get(YEARS)?.as_i64();
    let endless = |value: Option<&Value>| value.is_some_and(|v| v.get("unlimited").is_some());
    let words = |value: Option<&Value>| match (value, years(value)) {
        (Some(value), Some(years)) => match text(value, "from").as_str() {
            "" => format!("{years} jaar"),
            from => format!("{years} jaar vanaf {from}"),
        },
        (Some(value), None) => format!("onbeperkt ({})", text(value, "unlimited")),
        (None, _) => "geen termijn".to_owned(),
    };
    // No period at all keeps rows as long as no end does, but nobody said why.
    let length = |value| years(value).unwrap_or(i64::MAX);
    if old.is_some() && new.is_some() && endless(old) == endless(new) {
        return None;
    }
    let (weight, means) = match length(new).cmp(&length(old)) {
        std::cmp::Ordering::Greater => (Weight::Looser, LONGER),
        std::cmp::Ordering::Less => (Weight::Stricter, SHORTER),
        std::cmp::Ordering::Equal => (Weight::Open, "Rijen blijven even lang: zonder eind."),
    };
    Some(Change {
        weight,
        part: format!("tabel {name}"),
        what: format!("bewaartermijn: {} → {}", words(old), words(new)),
        means: means.to_owned(),
    })
}
