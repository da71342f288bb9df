use super::*;
use crate::contract::ContractFiles;

fn ours() -> Stated {
    Stated::of(&ContractFiles::embedded()).unwrap()
}

/// Every value in a register that is no table, by the way to it.
fn leaves(tree: &Value, at: &str, found: &mut Vec<String>) {
    match tree.as_object() {
        Some(table) => {
            for (key, value) in table {
                leaves(value, &format!("{at}/{key}"), found);
            }
        }
        None => found.push(at.to_owned()),
    }
}

/// Another value of the same kind.
fn other(at: &str, value: &Value) -> Value {
    match value {
        Value::Bool(flag) => (!flag).into(),
        Value::Number(number) => match number.as_i64() {
            Some(whole) => (whole + 1).into(),
            None => (number.as_f64().unwrap() / 2.0).into(),
        },
        Value::Array(items) => items[1..].to_vec().into(),
        Value::String(text) if at.ends_with("/subject") => match text.as_str() {
            "personen" => "zaken".into(),
            _ => "personen".into(),
        },
        Value::String(text) if at.ends_with("/treatment") => match text.as_str() {
            "weglaten" => "behouden".into(),
            _ => "weglaten".into(),
        },
        Value::String(text) if at.ends_with("/class") => match text.as_str() {
            "gewoon" => "bijzonder".into(),
            _ => "gewoon".into(),
        },
        Value::String(text) => format!("{text} anders").into(),
        other => panic!("{at}: {other}"),
    }
}

fn changed(at: &str, change: impl FnOnce(&Value) -> Value) -> Stated {
    let mut stated = ours();
    let place = stated.tree.pointer_mut(at).unwrap();
    *place = change(place);
    stated
}

fn without(at: &str) -> Stated {
    let mut stated = ours();
    let (table, key) = at.rsplit_once('/').unwrap();
    let table = stated.tree.pointer_mut(table).unwrap();
    table.as_object_mut().unwrap().remove(key).unwrap();
    stated
}

/// One line, and the other way around the same line with its meaning turned.
fn one_line(old: &Stated, new: &Stated, at: &str) -> Change {
    let there = difference(old, new).changes;
    let back = difference(new, old).changes;
    assert_eq!((there.len(), back.len()), (1, 1), "{at}: {there:#?}");
    assert_eq!(there[0].weight, back[0].weight.turned(), "{at}");
    assert_eq!(there[0].part, back[0].part, "{at}");
    assert!(there[0].what.len() > 5 && !there[0].means.is_empty());
    there[0].clone()
}

#[test]
fn a_register_does_not_differ_from_itself() {
    assert_eq!(difference(&ours(), &ours()).changes, []);
}

#[test]
fn every_value_that_changes_is_one_line() {
    let mut found = Vec::new();
    leaves(&ours().tree, "", &mut found);
    assert!(found.len() > 600, "{}", found.len());
    for at in &found {
        let new = changed(at, |value| other(at, value));
        let change = one_line(&ours(), &new, at);
        assert_ne!(
            change.means, "Sluis kan niet zeggen wat dit betekent. Beoordeel het zelf.",
            "{at}"
        );
    }
}

#[test]
fn everything_that_comes_or_goes_is_one_line() {
    let tree = ours().tree;
    let mut places = Vec::new();
    for kind in [
        "source",
        "domain",
        "class",
        "view",
        "table",
        "assessment/risk",
        "assessment/party",
    ] {
        let found = tree.pointer(&format!("/{kind}"));
        let found = found.and_then(Value::as_object).unwrap();
        places.extend(found.keys().map(|id| format!("/{kind}/{id}")));
    }
    for (id, source) in tree["source"].as_object().unwrap() {
        let columns = source["columns"].as_object().unwrap();
        places.extend(
            columns
                .keys()
                .map(|name| format!("/source/{id}/columns/{name}")),
        );
    }
    assert!(places.len() > 300, "{}", places.len());
    for at in places {
        one_line(&ours(), &without(&at), &at);
    }
}

#[test]
fn saying_what_holds_anyway_is_no_change() {
    for at in [
        "/source/zrm/raw_retention_days",
        "/publication/smallest_cell",
        "/retention",
    ] {
        assert_eq!(difference(&ours(), &without(at)).changes, [], "{at}");
    }
}

#[test]
fn what_is_said_of_risk_is_told() {
    let stated = |text: &str| Stated {
        tree: toml::from_str(text).unwrap(),
        classes: Vec::new(),
    };
    let old = "risk = { k = 10, t = 0.5 }\n[table.a]\nunlimited = \"x\"\nperson = \"p\"\n\
               quasi_identifiers = [\"jaar\", \"wijk\"]\nexcused = { datum = \"Zomaar.\" }\n";
    for (now, then, weight) in [
        ("k = 10", "k = 5", Weight::Looser),
        ("t = 0.5", "t = 0.4", Weight::Stricter),
        ("\"jaar\", ", "", Weight::Looser),
        ("\"p\"", "\"q\"", Weight::Open),
        ("datum = \"Zomaar.\"", "", Weight::Stricter),
        ("Zomaar", "Daarom", Weight::Open),
        ("unlimited = \"x\"", "retention_years = 3", Weight::Stricter),
        ("unlimited = \"x\"\n", "", Weight::Open),
    ] {
        let new = old.replace(now, then);
        assert_ne!(new, old);
        assert_eq!(
            one_line(&stated(old), &stated(&new), now).weight,
            weight,
            "{now}"
        );
    }
    // Another kind of period does not hide what else changed.
    let new = old
        .replace("unlimited = \"x\"", "retention_years = 3")
        .replace("\"jaar\", ", "");
    assert_eq!(difference(&stated(old), &stated(&new)).changes.len(), 2);
}

#[test]
fn a_change_of_tomorrow_is_told_too() {
    let mut new = ours();
    new.tree["iets_nieuws"] = json!({ "diep": { "x": 1 } });
    let change = one_line(&ours(), &new, "iets_nieuws");
    assert_eq!(
        (change.weight, change.part.as_str()),
        (Weight::Open, "iets_nieuws.diep.x")
    );
}

#[test]
fn loosening_is_told_first_and_in_words() {
    let mut new = ours();
    let set = |tree: &mut Value, at: &str, value: Value| *tree.pointer_mut(at).unwrap() = value;
    set(&mut new.tree, "/register/version", "0.2".into());
    set(&mut new.tree, "/source/zrm/bsn", true.into());
    set(&mut new.tree, "/source/zrm/raw_retention_days", 3.into());
    set(
        &mut new.tree,
        "/source/wot-casus/columns/postcode/treatment",
        "behouden".into(),
    );
    set(
        &mut new.tree,
        "/source/wot-casus/purpose",
        "Iets anders.".into(),
    );
    set(
        &mut new.tree,
        "/table/hulpvraag",
        json!({ "unlimited": "Voor altijd." }),
    );
    set(
        &mut new.tree,
        "/view/leeftijd",
        json!({ "subject": "zaken", "reason": "Zomaar." }),
    );
    set(&mut new.tree, "/publication/smallest_cell", 5.into());
    set(
        &mut new.tree,
        "/class/bijzonder/treatments",
        json!(["weglaten"]),
    );
    new.classes.swap(0, 1);
    let told: Vec<String> = difference(&ours(), &new)
        .changes
        .iter()
        .map(|c| {
            format!(
                "{} | {} | {} | {}",
                c.weight.name(),
                c.part,
                c.what,
                c.means
            )
        })
        .collect();
    insta::assert_snapshot!(told.join("\n"));
}
