//! Canaries: invented persons who are put through the lock every night, so that an officer can see with
//! their own eyes what becomes of a person, and search the whole warehouse for one.
//!
//! Who they are stands in one file, outside the warehouse, that `sluis canaries new` draws at random. The
//! run reads it and makes rows of them; `sluis verify` reads it and looks for them. All of it is drawn, so
//! whatever of it is found anywhere was not there by accident. None of it can be somebody's: the numbers
//! are those of test persons, the bank, the postcodes and the mail domain do not exist.
//!
//! [`Person`] has no `Debug`, `Display` or `Serialize`: what is said of a canary is its number.

mod draw;
mod file;

use chrono::NaiveDate;
use sha2::{Digest, Sha256};

pub use file::CanaryError;

/// How many there are, unless somebody asks for more.
pub const USUAL: usize = 3;
/// The most that one file may hold: each makes a row of every source, every night.
pub const MOST: usize = 50;

/// An invented person.
#[derive(Clone, PartialEq, Eq)]
pub struct Person {
    /// A BSN of the range of test persons, in nine digits.
    pub bsn: String,
    /// The number by which every partner knows this person.
    pub number: String,
    /// First name.
    pub first: String,
    /// Surname; no existing one.
    pub last: String,
    /// A street that does not exist.
    pub street: String,
    /// House number.
    pub house: String,
    /// Postcode without a space; no existing one.
    pub postcode: String,
    /// E-mail address, in a domain that is kept for examples.
    pub email: String,
    /// Mobile number in ten digits.
    pub telephone: String,
    /// Account number, of a bank that does not exist.
    pub iban: String,
    /// Birth date.
    pub born: NaiveDate,
}

impl Person {
    /// First name and surname.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{} {}", self.first, self.last)
    }

    /// The number as a partner writes it who has room for so many bytes.
    #[must_use]
    pub fn number_within(&self, bytes: usize) -> &str {
        self.number.get(..bytes).unwrap_or(&self.number)
    }

    fn texts(&self) -> [&str; 10] {
        [
            &self.bsn,
            &self.number,
            &self.first,
            &self.last,
            &self.street,
            &self.house,
            &self.postcode,
            &self.email,
            &self.telephone,
            &self.iban,
        ]
    }
}

/// The canaries of one file. A canary's number is its place, counted from 1.
#[derive(Clone, PartialEq, Eq)]
pub struct Canaries {
    persons: Vec<Person>,
}

impl Canaries {
    /// The persons in order.
    #[must_use]
    pub fn persons(&self) -> &[Person] {
        &self.persons
    }

    /// The persons with their numbers.
    pub fn numbered(&self) -> impl Iterator<Item = (i64, &Person)> {
        (1..).zip(&self.persons)
    }

    /// Sixteen hexadecimal digits that say which file it is, and nothing of what is in it: each canary has
    /// more than a hundred bits that were drawn, so nobody finds them by trying.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let mut hasher = Sha256::new_with_prefix(b"sluis-kanaries-1\n");
        for person in &self.persons {
            for text in person.texts() {
                hasher.update([u8::try_from(text.len()).unwrap_or(u8::MAX)]);
                hasher.update(text);
            }
            hasher.update(person.born.to_string());
        }
        crate::hex::encode(&hasher.finalize()[..8])
    }
}
