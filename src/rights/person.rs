//! Who is meant: all pseudonyms of one person, found from one of them.
//!
//! A row that holds a pseudonym of the person is the person's, and so are the numbers in it: of a
//! client, of a case, of a provision. Rows that carry only such a number are then found through it, and
//! the numbers in those, until nothing new is found. A number leads no further, and its rows are not the
//! person's, where rows with it carry the BSN of somebody else: then nobody can say from the data whose
//! the others are. Such rows are counted, and left to a person to judge.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::RightsError;
use super::identity::{domain_of, person_columns};
use crate::contract::model::Contracts;
use crate::lock::erased::Bond;
use crate::lock::pseudonym::Pseudonym;
use crate::warehouse::release::Release;
use crate::warehouse::rows::{self, DataFile, Pseudonyms};

/// A pseudonym of the person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tie {
    /// Its domain, or [`crate::lock::erased::ANY_DOMAIN`].
    pub domain: String,
    /// Whether it was asked for, or found.
    pub bond: Bond,
}

/// What is known of one person. No `Debug`, no `Serialize`: it is the person.
pub struct Person {
    /// The pseudonyms.
    pub ties: BTreeMap<Pseudonym, Tie>,
    /// Numbers of the person that rows of somebody else carry too.
    pub(super) contested: BTreeSet<Pseudonym>,
    persons: BTreeSet<String>,
}

/// What the rows with one pseudonym say.
#[derive(Default)]
struct Seen {
    /// The BSN pseudonyms in them.
    persons: BTreeSet<Pseudonym>,
    /// The other pseudonyms in them, with the domain of their column.
    numbers: BTreeMap<Pseudonym, String>,
    /// The domain of the BSN pseudonyms.
    domains: BTreeMap<Pseudonym, String>,
}

impl Seen {
    fn absorb(&mut self, other: Self) {
        self.persons.extend(other.persons);
        self.numbers.extend(other.numbers);
        self.domains.extend(other.domains);
    }
}

type Sightings = BTreeMap<Pseudonym, Seen>;

impl Person {
    /// Finds the person in these releases, from the pseudonyms that were asked for.
    ///
    /// # Errors
    /// A file cannot be read.
    pub fn find(
        releases: &[Release],
        contracts: &Contracts,
        asked: &BTreeMap<Pseudonym, String>,
        bsn: bool,
    ) -> Result<Self, RightsError> {
        let files = rows::distinct(releases, false);
        let mut person = Self {
            ties: BTreeMap::new(),
            contested: BTreeSet::new(),
            persons: person_columns(contracts),
        };
        let mut own: BTreeSet<Pseudonym> = BTreeSet::new();
        for (pseudonym, domain) in asked {
            person.tie(*pseudonym, domain, Bond::Genoemd);
            if bsn {
                own.insert(*pseudonym);
            }
        }
        // With a BSN it is known who it is; a number may still lead to one.
        let mut settled = bsn;
        let mut next: BTreeMap<Pseudonym, String> = asked.clone();
        while !next.is_empty() {
            let among = next.keys().copied().collect();
            let seen = person.look(&files, contracts, &among)?;
            next = person.judge(&seen, &mut own, &mut settled, &next);
        }
        Ok(person)
    }

    fn tie(&mut self, pseudonym: Pseudonym, domain: &str, bond: Bond) {
        self.ties.entry(pseudonym).or_insert_with(|| Tie {
            domain: domain.to_owned(),
            bond,
        });
    }

    /// Which of what was looked for is the person's; returns what to look for next.
    fn judge(
        &mut self,
        seen: &Sightings,
        own: &mut BTreeSet<Pseudonym>,
        settled: &mut bool,
        looked_for: &BTreeMap<Pseudonym, String>,
    ) -> BTreeMap<Pseudonym, String> {
        let mut next = BTreeMap::new();
        if !*settled {
            let persons: BTreeMap<Pseudonym, &str> = seen
                .values()
                .flat_map(|s| &s.domains)
                .map(|(p, domain)| (*p, domain.as_str()))
                .collect();
            // One BSN: that is who it is. More: nobody can say, and none is followed.
            if persons.len() == 1 {
                for (person, domain) in &persons {
                    own.insert(*person);
                    self.tie(*person, domain, Bond::Verbonden);
                    next.insert(*person, (*domain).to_owned());
                }
            }
            *settled = !persons.is_empty();
        }
        for (pseudonym, domain) in looked_for {
            let nothing = Seen::default();
            let seen = seen.get(pseudonym).unwrap_or(&nothing);
            let others = seen.persons.iter().any(|p| !own.contains(p));
            if others && !own.contains(pseudonym) {
                // What was asked for is the person's all the same, but says nothing of other numbers.
                if !self.ties.contains_key(pseudonym) {
                    self.contested.insert(*pseudonym);
                }
                continue;
            }
            self.tie(*pseudonym, domain, Bond::Verbonden);
            for (number, domain) in &seen.numbers {
                if !self.ties.contains_key(number) && !self.contested.contains(number) {
                    next.insert(*number, domain.clone());
                }
            }
        }
        next
    }

    /// What the rows say that hold one of these.
    fn look(
        &self,
        files: &[DataFile],
        contracts: &Contracts,
        among: &BTreeSet<Pseudonym>,
    ) -> Result<Sightings, RightsError> {
        let one = |file: &DataFile| {
            let mut found = Sightings::new();
            let domain =
                |column: &str| domain_of(contracts, &file.entry.source, &file.entry.table, column);
            file.read(false, |batch| {
                let pseudonyms = Pseudonyms::of(batch);
                for row in 0..pseudonyms.rows {
                    for (_, hit) in pseudonyms.of_row(row).filter(|(_, p)| among.contains(p)) {
                        let seen = found.entry(hit).or_default();
                        for (column, pseudonym) in pseudonyms.of_row(row) {
                            if self.persons.contains(column) {
                                seen.persons.insert(pseudonym);
                                seen.domains.insert(pseudonym, domain(column));
                            } else {
                                seen.numbers.insert(pseudonym, domain(column));
                            }
                        }
                    }
                }
                Ok::<(), RightsError>(())
            })?;
            Ok(found)
        };
        let found: Vec<Sightings> = files
            .par_iter()
            .map(one)
            .collect::<Result<_, RightsError>>()?;
        let mut all = Sightings::new();
        for (pseudonym, seen) in found.into_iter().flatten() {
            all.entry(pseudonym).or_default().absorb(seen);
        }
        Ok(all)
    }

    /// All pseudonyms of the person.
    #[must_use]
    pub fn pseudonyms(&self) -> BTreeSet<Pseudonym> {
        self.ties.keys().copied().collect()
    }

    /// How many numbers of the person rows of somebody else carry too.
    #[must_use]
    pub fn contested(&self) -> usize {
        self.contested.len()
    }

    /// Whether a row belongs to nobody who can be named: it holds a number that two persons share, and
    /// no BSN.
    pub(super) fn doubtful(&self, pseudonyms: &Pseudonyms, row: usize) -> bool {
        let mut shared = false;
        for (column, pseudonym) in pseudonyms.of_row(row) {
            if self.persons.contains(column) {
                return false;
            }
            shared |= self.contested.contains(&pseudonym);
        }
        shared
    }
}
