//! The recipe of a source: one hash over everything that decides how its deliveries are treated
//! and mapped. A delivery treated under another recipe is treated again.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use super::model::RegisterSource;

/// What a recipe is made of.
pub(super) struct Ingredients<'a> {
    pub(super) contract: &'a str,
    pub(super) pipeline: &'a str,
    /// By table.
    pub(super) mappings: BTreeMap<&'a str, &'a str>,
    /// The schemas of those tables, by table.
    pub(super) tables: BTreeMap<&'a str, &'a str>,
    pub(super) lawfulness: &'a RegisterSource,
}

/// SHA-256 (hex) over the ingredients, each with its name and length, so that no text can pass
/// for another. Line ends count as LF: a checkout on Windows has the same recipe.
pub(super) fn recipe(of: &Ingredients<'_>) -> String {
    let mut bytes = Canonical(Sha256::new());
    bytes.part("sluis recipe", "1");
    bytes.part("contract", of.contract);
    bytes.part("pipeline", of.pipeline);
    for (table, sql) in &of.mappings {
        bytes.part("mapping", table);
        bytes.part("sql", sql);
    }
    for (table, schema) in &of.tables {
        bytes.part("table", table);
        bytes.part("schema", schema);
    }
    bytes.register(of.lawfulness);
    bytes.hex()
}

struct Canonical(Sha256);

impl Canonical {
    fn part(&mut self, name: &str, text: &str) {
        for piece in [name, &text.replace("\r\n", "\n")] {
            self.0.update((piece.len() as u64).to_le_bytes());
            self.0.update(piece.as_bytes());
        }
    }

    /// The register's entry, from its parsed values: how the file is laid out does not count, nor
    /// what it says of others.
    fn register(&mut self, entry: &RegisterSource) {
        let RegisterSource {
            purpose,
            legal_basis,
            bsn_allowed,
            subject,
            raw_retention_days,
            columns,
        } = entry;
        self.part("purpose", purpose);
        self.part("legal_basis", legal_basis);
        self.part("bsn", if *bsn_allowed { "true" } else { "false" });
        self.part("subject", subject.name());
        self.part("raw_retention_days", &raw_retention_days.to_string());
        for (column, (class, treatment)) in columns {
            self.part("column", column);
            self.part("class", class);
            self.part("treatment", treatment);
        }
    }

    fn hex(self) -> String {
        self.0
            .finalize()
            .iter()
            .fold(String::with_capacity(64), |mut hex, byte| {
                // Writing to a String cannot fail.
                let _ = write!(hex, "{byte:02x}");
                hex
            })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{Ingredients, recipe};
    use crate::contract::model::{RegisterSource, Subject};

    fn entry() -> RegisterSource {
        RegisterSource {
            purpose: "doel".into(),
            legal_basis: "grondslag".into(),
            bsn_allowed: true,
            subject: Subject::Persons,
            raw_retention_days: 7,
            columns: BTreeMap::from([("bsn".into(), ("a".into(), "weglaten".into()))]),
        }
    }

    fn of(contract: &str, pipeline: &str, lawfulness: &RegisterSource) -> String {
        recipe(&Ingredients {
            contract,
            pipeline,
            mappings: BTreeMap::from([("client", "SELECT 1")]),
            tables: BTreeMap::from([("client", "name = 'client'")]),
            lawfulness,
        })
    }

    #[test]
    fn every_ingredient_counts_and_none_runs_into_the_next() {
        let base = of("ab", "c", &entry());
        assert_eq!(base.len(), 64);
        assert_eq!(base, of("ab", "c", &entry()));
        assert_ne!(base, of("a", "bc", &entry()));
        let mut other = entry();
        other.columns.clear();
        assert_ne!(base, of("ab", "c", &other));
    }

    #[test]
    fn line_ends_do_not_count() {
        assert_eq!(of("a\r\nb", "c", &entry()), of("a\nb", "c", &entry()));
    }
}
