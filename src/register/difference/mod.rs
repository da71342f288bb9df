//! Two versions of a register held against each other, in words: what changed, and what that means for
//! the people whom the data is about.
//!
//! Whatever stands in a register is compared, by its place: what this room has words for is told in
//! them, and anything else is told as a change that somebody has to judge. So no change is passed over
//! because nobody thought of it.

mod names;
mod places;
#[cfg(test)]
mod tests;
mod words;

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::contract::Stated;

/// What a change means for the people whom the data is about, gravest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Weight {
    /// More is known of them, by more people or for longer.
    #[serde(rename = "minder streng")]
    Looser,
    /// A person has to judge it.
    #[serde(rename = "te beoordelen")]
    Open,
    /// Less is known of them.
    #[serde(rename = "strenger")]
    Stricter,
    /// It makes no difference to them.
    #[serde(rename = "neutraal")]
    Neutral,
}

impl Weight {
    /// All of them, gravest first.
    pub const ALL: [Self; 4] = [Self::Looser, Self::Open, Self::Stricter, Self::Neutral];

    /// What stands above the changes that have it.
    #[must_use]
    pub const fn heading(self) -> &'static str {
        match self {
            Self::Looser => "Minder streng: er wordt meer bekend, aan meer mensen of voor langer",
            Self::Open => "Te beoordelen: dit kan alleen een mens zeggen",
            Self::Stricter => "Strenger: er wordt minder bekend",
            Self::Neutral => "Neutraal: dit maakt voor de betrokkene niets uit",
        }
    }

    /// The Dutch word.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Looser => "minder streng",
            Self::Open => "te beoordelen",
            Self::Stricter => "strenger",
            Self::Neutral => "neutraal",
        }
    }

    /// What it is when the two versions change places.
    #[must_use]
    pub const fn turned(self) -> Self {
        match self {
            Self::Looser => Self::Stricter,
            Self::Stricter => Self::Looser,
            same => same,
        }
    }
}

/// One change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// What it means.
    #[serde(rename = "gewicht")]
    pub weight: Weight,
    /// What of the register changed: a source, a column, a table.
    #[serde(rename = "onderdeel")]
    pub part: String,
    /// From what to what.
    #[serde(rename = "verandering")]
    pub what: String,
    /// What it means, in a sentence.
    #[serde(rename = "betekenis")]
    pub means: String,
}

/// All changes from one version to another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// The version that was.
    #[serde(rename = "van")]
    pub from: String,
    /// The version that is.
    #[serde(rename = "naar")]
    pub to: String,
    /// The changes, the gravest first.
    #[serde(rename = "veranderingen")]
    pub changes: Vec<Change>,
}

impl Difference {
    /// How many changes have this weight.
    #[must_use]
    pub fn count(&self, weight: Weight) -> usize {
        self.changes.iter().filter(|c| c.weight == weight).count()
    }
}

/// What changed between two versions.
#[must_use]
pub fn difference(old: &Stated, new: &Stated) -> Difference {
    let walk = Walk { old, new };
    let mut changes = Vec::new();
    let (before, after) = (completed(&old.tree), completed(&new.tree));
    walk.compare(&mut Vec::new(), Some(&before), Some(&after), &mut changes);
    changes.extend(words::order(&old.classes, &new.classes));
    changes.sort_by_key(|change| change.weight);
    let version = |tree: &Value| {
        let version = tree.pointer("/register/version");
        version.and_then(Value::as_str).unwrap_or("?").to_owned()
    };
    Difference {
        from: version(&before),
        to: version(&after),
        changes,
    }
}

/// Two versions, being compared.
pub(super) struct Walk<'s> {
    pub(super) old: &'s Stated,
    pub(super) new: &'s Stated,
}

impl Walk<'_> {
    fn compare(
        &self,
        path: &mut Vec<String>,
        old: Option<&Value>,
        new: Option<&Value>,
        changes: &mut Vec<Change>,
    ) {
        if old == new {
            return;
        }
        let at: Vec<&str> = path.iter().map(String::as_str).collect();
        if let Some(change) = places::as_a_whole(&at, old, new) {
            changes.push(change);
            return;
        }
        if let Some((change, [old, new])) = places::other_period(&at, old, new) {
            changes.push(change);
            self.compare(path, Some(&old), Some(&new), changes);
            return;
        }
        let tables = (
            old.and_then(Value::as_object),
            new.and_then(Value::as_object),
        );
        if let (None, None) = tables {
            changes.push(words::of_a_value(self, &at, old, new));
            return;
        }
        let empty = Map::new();
        let (before, after) = (tables.0.unwrap_or(&empty), tables.1.unwrap_or(&empty));
        let keys: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
        for key in keys {
            path.push(key.clone());
            self.compare(path, before.get(key), after.get(key), changes);
            path.pop();
        }
    }
}

/// A register with what holds where it says nothing, so that saying it is no change.
fn completed(tree: &Value) -> Value {
    let mut tree = tree.clone();
    let mut fill = |path: &[&str], value: Value| {
        let mut table = &mut tree;
        let Some((key, way)) = path.split_last() else {
            return;
        };
        for step in way {
            let Some(inner) = table.as_object_mut() else {
                return;
            };
            table = inner.entry(*step).or_insert_with(|| json!({}));
        }
        if let Some(table) = table.as_object_mut() {
            table.entry(*key).or_insert(value);
        }
    };
    let rules = crate::contract::model::PublicationRules::default();
    fill(
        &["publication", "smallest_cell"],
        rules.smallest_cell.into(),
    );
    fill(
        &["publication", "dominance_percent"],
        rules.dominance_percent.into(),
    );
    fill(&["retention", "nightly"], false.into());
    fill(&["register", "adopted"], "".into());
    for source in keys(&tree_of(&tree, "source")) {
        let mut fill = |key: &str, value: Value| {
            let table = tree.pointer_mut(&format!("/source/{source}"));
            if let Some(table) = table.and_then(Value::as_object_mut) {
                table.entry(key).or_insert(value);
            }
        };
        fill("subject", "personen".into());
        fill("raw_retention_days", 7.into());
    }
    tree
}

fn tree_of(tree: &Value, key: &str) -> Value {
    tree.get(key).cloned().unwrap_or_default()
}

fn keys(table: &Value) -> Vec<String> {
    table
        .as_object()
        .map(|table| table.keys().cloned().collect())
        .unwrap_or_default()
}
