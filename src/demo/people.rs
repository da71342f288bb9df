//! Persons and their numbers, copy by copy.

use super::population::{Bsns, Person};

/// Everybody, as often as the scale says.
pub(super) struct People {
    persons: Vec<Person>,
    /// By copy, then by person.
    bsns: Vec<Vec<Option<u32>>>,
    /// Numbers outside the range of test persons.
    pub invented: u64,
}

impl People {
    /// Gives every copy of every person a number.
    pub(super) fn new(persons: Vec<Person>, copies: u32) -> Self {
        let mut supply = Bsns::new();
        let bsns = (0..copies)
            .map(|_| {
                persons
                    .iter()
                    .map(|person| supply.next(person.bsn))
                    .collect()
            })
            .collect();
        Self {
            persons,
            bsns,
            invented: supply.invented,
        }
    }

    /// How many copies there are of everybody.
    pub(super) fn copies(&self) -> u32 {
        u32::try_from(self.bsns.len()).unwrap_or(u32::MAX)
    }

    /// How many persons there are, copies included.
    pub(super) const fn count(&self) -> u64 {
        self.persons.len() as u64 * self.bsns.len() as u64
    }

    /// A person.
    pub(super) fn person(&self, index: usize) -> &Person {
        &self.persons[index]
    }

    /// A copy's number.
    pub(super) fn bsn(&self, index: usize, copy: u32) -> Option<u32> {
        self.bsns[copy as usize][index]
    }

    /// A copy's client number at the WOT.
    pub(super) fn client_number(&self, index: usize, copy: u32) -> String {
        format!(
            "C{:08}",
            index as u64 + 1 + u64::from(copy) * self.persons.len() as u64
        )
    }
}
