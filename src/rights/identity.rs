//! From what a person says to the pseudonyms under which the warehouse knows that person.

use std::collections::{BTreeMap, BTreeSet};

use zeroize::Zeroizing;

use super::RightsError;
use crate::contract::model::{Contracts, Kind, Treatment};
use crate::lock::columns::{self, Identifier};
use crate::lock::erased::{ANY_DOMAIN, Erased};
use crate::lock::keys::{DomainKey, RootKey};
use crate::lock::pseudonym::{Pseudonym, Pseudonymiser};

/// What is asked for: a BSN, or a number of one domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The domains in which it is looked for.
    pub domains: Vec<String>,
    identifier: Identifier,
}

impl Asked {
    /// What must be typed: without a domain a BSN, else what that domain is made of.
    ///
    /// # Errors
    /// No source has the domain, or none delivers a BSN.
    pub fn new(contracts: &Contracts, domain: Option<&str>) -> Result<Self, RightsError> {
        let mut domains: BTreeMap<String, Identifier> = BTreeMap::new();
        for column in contracts.sources.iter().flat_map(|p| &p.contract.columns) {
            let Treatment::Pseudonymise { domain, .. } = &column.treatment else {
                continue;
            };
            let found = match column.kind {
                Kind::Bsn => Identifier::Bsn,
                Kind::Identifier { max_bytes } => Identifier::Number { max_bytes },
                _ => continue,
            };
            let known = domains.entry(domain.clone()).or_insert(found);
            if let (Identifier::Number { max_bytes: known }, Identifier::Number { max_bytes }) =
                (known, found)
            {
                *known = max_bytes.max(*known);
            }
        }
        let Some(domain) = domain else {
            domains.retain(|_, identifier| *identifier == Identifier::Bsn);
            let domains: Vec<String> = domains.into_keys().collect();
            return if domains.is_empty() {
                Err(RightsError::NoBsn)
            } else {
                Ok(Self {
                    domains,
                    identifier: Identifier::Bsn,
                })
            };
        };
        match domains.get(domain) {
            Some(&identifier) => Ok(Self {
                domains: vec![domain.to_owned()],
                identifier,
            }),
            None => Err(RightsError::UnknownDomain(domain.to_owned())),
        }
    }

    /// What is asked for, as a person calls it.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self.identifier {
            Identifier::Bsn => "BSN",
            Identifier::Number { .. } => "number",
        }
    }

    /// Whether it is a BSN.
    #[must_use]
    pub fn is_bsn(&self) -> bool {
        self.identifier == Identifier::Bsn
    }

    /// The pseudonyms of what was typed, one for each domain.
    ///
    /// # Errors
    /// It is no identifier of this kind.
    pub fn pseudonyms(
        &self,
        root: &RootKey,
        typed: &Zeroizing<String>,
    ) -> Result<BTreeMap<Pseudonym, String>, RightsError> {
        self.made(typed, |domain| root.domain(domain))
    }

    /// Whether the list of who was erased knows what was typed.
    ///
    /// # Errors
    /// It is no identifier of this kind.
    pub fn is_erased(
        &self,
        list: &Erased,
        root: &RootKey,
        typed: &Zeroizing<String>,
    ) -> Result<bool, RightsError> {
        let made = self.made(typed, |domain| root.inner_domain(domain))?;
        Ok(made.keys().any(|inner| list.bond(inner).is_some()))
    }

    fn made(
        &self,
        typed: &Zeroizing<String>,
        key: impl Fn(&str) -> DomainKey,
    ) -> Result<BTreeMap<Pseudonym, String>, RightsError> {
        let made = self.domains.iter().map(|domain| {
            let maker = Pseudonymiser::new(&key(domain));
            let made = columns::pseudonym(typed.trim().as_bytes(), &maker, &self.identifier);
            let made = made.map_err(|rule| RightsError::identifier(self.name(), rule))?;
            Ok((made, domain.clone()))
        });
        made.collect()
    }
}

/// The names that BSN pseudonyms have in the warehouse. Only they say whose a row is; all other
/// pseudonyms are numbers, which belong to whom they are found with.
#[must_use]
pub fn person_columns(contracts: &Contracts) -> BTreeSet<String> {
    let columns = contracts.sources.iter().flat_map(|p| &p.contract.columns);
    let persons = columns.filter_map(|column| match (&column.treatment, &column.kind) {
        (Treatment::Pseudonymise { output, .. }, Kind::Bsn) => Some(output.clone()),
        _ => None,
    });
    persons.collect()
}

/// The domain of the pseudonyms in a column of a table, as filled by a source, as far as the names tell.
#[must_use]
pub fn domain_of(contracts: &Contracts, source: &str, table: &str, column: &str) -> String {
    let made = |id: Option<&str>| -> BTreeMap<String, String> {
        let plans = contracts.sources.iter();
        let plans = plans.filter(|p| id.is_none_or(|id| p.contract.id == id));
        let columns = plans.flat_map(|p| &p.contract.columns);
        let columns = columns.filter_map(|c| match &c.treatment {
            Treatment::Pseudonymise { domain, output } => Some((output.clone(), domain.clone())),
            _ => None,
        });
        columns.collect()
    };
    let own = made(Some(source));
    if let Some(domain) = own.get(column) {
        return domain.clone();
    }
    if person_columns(contracts).contains(column)
        && let Some(domain) = made(None).get(column)
    {
        return domain.clone();
    }
    // The mapping gave it another name: what is left of the source under none of the table's names.
    let spec = contracts.tables.get(table);
    let named = |name: &String| spec.is_some_and(|s| s.columns.iter().any(|c| c.name == *name));
    let mut rest = own.iter().filter(|(output, _)| !named(output));
    match (rest.next(), rest.next()) {
        (Some((_, domain)), None) => domain.clone(),
        _ => ANY_DOMAIN.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::{self, ContractFiles};

    #[test]
    fn domains_of_the_contracts_at_hand() {
        let contracts = contract::load(&ContractFiles::embedded()).unwrap();
        let bsn = Asked::new(&contracts, None).unwrap();
        assert!(bsn.is_bsn());
        assert_eq!(bsn.domains, ["sociaal-domein"]);
        let number = Asked::new(&contracts, Some("wot-client")).unwrap();
        assert_eq!(number.name(), "number");
        assert!(matches!(
            Asked::new(&contracts, Some("nergens")),
            Err(RightsError::UnknownDomain(_))
        ));
        assert_eq!(
            person_columns(&contracts),
            BTreeSet::from(["client".to_owned()])
        );
        for (source, table, column, domain) in [
            ("wot-casus", "hulpvraag", "clientnr", "wot-client"),
            ("wot-casus", "hulpvraag", "client", "sociaal-domein"),
            ("zrm", "zrm_score", "client", "sociaal-domein"),
            ("zrm", "zrm_score", "clientnr", "wot-client"),
            (
                "rogplus-toewijzing",
                "toewijzing",
                "nummer",
                "rogplus-toewijzing",
            ),
            ("rogplus-wmo", "voorziening", "nummer", "rogplus-toewijzing"),
        ] {
            assert_eq!(
                domain_of(&contracts, source, table, column),
                domain,
                "{table}.{column}"
            );
        }
    }

    #[test]
    fn what_is_typed_is_read_as_the_lock_reads_it() {
        let contracts = contract::load(&ContractFiles::embedded()).unwrap();
        let root = RootKey::for_tests();
        let asked = Asked::new(&contracts, None).unwrap();
        let typed = |text: &str| asked.pseudonyms(&root, &Zeroizing::new(text.to_owned()));
        let one = typed("999990019").unwrap();
        assert_eq!(one, typed(" 9999.90.019\n").unwrap());
        let error = typed("999990018").unwrap_err().to_string();
        assert!(!error.contains("9999"), "{error}");
    }
}
