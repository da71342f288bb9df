//! What the register says of the risk that is left after the lock.

use std::collections::BTreeMap;

/// `[risk]`: what measured risks are held against.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RiskRules {
    /// The fewest persons who look alike.
    pub k: u32,
    /// The fewest different values of something sensitive among persons who look alike.
    pub l: u32,
    /// How far those values may differ from those of all persons: 0 not at all, 1 entirely.
    pub t: f64,
    /// The highest chance of recognising a person who is known to be in the table.
    pub highest_chance: f64,
    /// The same, on average over all persons.
    pub mean_chance: f64,
    /// The largest share of persons with a history of events that nobody else has.
    pub unique_histories: f64,
}

impl Default for RiskRules {
    fn default() -> Self {
        Self {
            k: 10,
            l: 2,
            t: 0.5,
            highest_chance: 0.2,
            mean_chance: 0.09,
            unique_histories: 0.05,
        }
    }
}

/// `[table.NAME]`: who could be recognised in a table, by what, and what would then be known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TableRisk {
    /// Its line in the register.
    pub line: u32,
    /// The pseudonym of the person; without one every row counts as a person.
    pub person: Option<String>,
    /// What others may know of a person.
    pub quasi_identifiers: Vec<String>,
    /// What nobody should learn.
    pub sensitive: Vec<String>,
    /// Dates of what happened to a person: they count by the month, in the history of events.
    pub events: Vec<String>,
    /// Columns that were left out, each with why, in Dutch.
    pub excused: BTreeMap<String, String>,
}
