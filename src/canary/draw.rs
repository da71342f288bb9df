//! Drawing persons who do not exist, from the randomness of the operating system.

use std::collections::BTreeSet;

use chrono::{Days, NaiveDate};

use super::{Canaries, CanaryError, Person};

const FIRST: [&str; 24] = [
    "Aaltje", "Bram", "Carolien", "Dirk", "Eefje", "Floor", "Gijs", "Hanneke", "Ilse", "Jelle",
    "Klaasje", "Loes", "Machteld", "Niek", "Otto", "Pien", "Rinske", "Sjoerd", "Trijntje", "Ubbo",
    "Veerle", "Wietse", "Ymke", "Zeger",
];
/// Of these, one after another, invented surnames and streets are made.
const SYLLABLES: [&str; 32] = [
    "bor", "drem", "fels", "gron", "hulk", "jorm", "kras", "lemp", "mirk", "nust", "oldem", "pral",
    "quin", "rost", "snel", "trup", "ulver", "vond", "wesp", "zwal", "blim", "dors", "fronk",
    "glim", "hasp", "klun", "melk", "pods", "ridder", "stolp", "varn", "wulp",
];
const NAMES: [&str; 6] = ["aar", "inga", "sma", "stra", "veld", "huizen"];
const STREETS: [&str; 5] = ["weg", "laan", "pad", "kade", "hof"];
/// Without letters and digits that look alike.
const LETTERS: &[u8] = b"BCDFGHJKLMNPQRSTVWXZ23456789";
/// Letters that no postcode has.
const POSTCODES: [&str; 3] = ["SA", "SD", "SS"];
/// The numbers of test persons.
const TEST_PERSONS: u32 = 999_900_000;

/// The randomness of the operating system, some bytes at a time.
#[derive(Default)]
struct Draw {
    waiting: Vec<[u8; 8]>,
}

impl Draw {
    /// A number below `end`.
    fn below(&mut self, end: usize) -> Result<usize, CanaryError> {
        if self.waiting.is_empty() {
            self.waiting = vec![[0; 8]; 64];
            getrandom::fill(self.waiting.as_flattened_mut())
                .map_err(|_| CanaryError::NoRandomness)?;
        }
        let bytes = self.waiting.pop().ok_or(CanaryError::NoRandomness)?;
        // Of 2^64 values: that some come one time more often is nothing.
        let number = u64::from_le_bytes(bytes) % (end.max(1) as u64);
        Ok(usize::try_from(number).unwrap_or_default())
    }

    fn of<T: Copy>(&mut self, list: &[T]) -> Result<T, CanaryError> {
        let at = self.below(list.len())?;
        list.get(at).copied().ok_or(CanaryError::NoRandomness)
    }

    fn letters(&mut self, count: usize) -> Result<String, CanaryError> {
        (0..count)
            .map(|_| Ok(char::from(self.of(LETTERS)?)))
            .collect()
    }

    fn digits(&mut self, count: usize) -> Result<String, CanaryError> {
        (0..count)
            .map(|_| Ok(char::from(self.of(b"0123456789")?)))
            .collect()
    }

    /// Three syllables and an end, with a capital.
    fn word(&mut self, ends: &[&str]) -> Result<String, CanaryError> {
        let mut word = String::new();
        for _ in 0..3 {
            word.push_str(self.of(&SYLLABLES)?);
        }
        word.push_str(self.of(ends)?);
        let capital = word.get(..1).unwrap_or_default().to_ascii_uppercase();
        word.replace_range(..1, &capital);
        Ok(word)
    }

    fn bsn(&mut self) -> Result<String, CanaryError> {
        loop {
            let number = TEST_PERSONS + u32::try_from(self.below(100_000)?).unwrap_or_default();
            let digits = format!("{number:09}");
            if passes(&digits) {
                return Ok(digits);
            }
        }
    }

    /// An account of the bank SLUI, which does not exist, with the right check digits.
    fn iban(&mut self) -> Result<String, CanaryError> {
        let account = format!("SLUI{}", self.digits(10)?);
        let check = 98 - remainder(&format!("{account}NL00"));
        Ok(format!("NL{check:02}{account}"))
    }

    fn person(&mut self) -> Result<Person, CanaryError> {
        let (first, last) = (self.of(&FIRST)?, self.word(&NAMES)?);
        let mailbox = format!("{first}.{last}.{}", self.letters(6)?).to_ascii_lowercase();
        let days = u64::try_from(self.below(70 * 365)?).unwrap_or_default();
        Ok(Person {
            bsn: self.bsn()?,
            number: format!("K{}", self.letters(11)?),
            first: first.to_owned(),
            street: self.word(&STREETS)?,
            house: (1_000 + self.below(9_000)?).to_string(),
            postcode: format!("{}{}", 3_111 + self.below(15)?, self.of(&POSTCODES)?),
            email: format!("{mailbox}@example.org"),
            telephone: format!("06{}{}", self.of(b"12345678")? - b'0', self.digits(7)?),
            iban: self.iban()?,
            born: NaiveDate::from_ymd_opt(1935, 1, 1)
                .and_then(|first| first.checked_add_days(Days::new(days)))
                .unwrap_or_default(),
            last,
        })
    }
}

impl Canaries {
    /// Draws so many persons, no two with anything in common that points at one.
    ///
    /// # Errors
    /// The operating system gives no random bytes.
    pub fn draw(count: usize) -> Result<Self, CanaryError> {
        let mut persons: Vec<Person> = Vec::with_capacity(count);
        let mut used = BTreeSet::new();
        let mut draw = Draw::default();
        while persons.len() < count {
            let person = draw.person()?;
            let own = [
                &person.bsn,
                &person.number,
                &person.last,
                &person.street,
                &person.telephone,
                &person.iban,
            ];
            if own.iter().all(|text| !used.contains(*text))
                && !persons.iter().any(|p| p.born == person.born)
            {
                used.extend(own.map(String::clone));
                persons.push(person);
            }
        }
        Ok(Self { persons })
    }
}

/// Whether nine digits pass the elfproef. The lock has its own, and has the last word.
pub(super) fn passes(digits: &str) -> bool {
    let weights = [9, 8, 7, 6, 5, 4, 3, 2, -1];
    let products = digits.bytes().zip(weights);
    let sum: i32 = products.map(|(d, w)| i32::from(d & 15) * w).sum();
    digits.len() == 9 && digits.bytes().all(|d| d.is_ascii_digit()) && sum % 11 == 0
}

/// Of an account number by ISO 7064, letters as two digits.
fn remainder(text: &str) -> u32 {
    text.bytes().fold(0, |sum, byte| match byte {
        b'0'..=b'9' => (sum * 10 + u32::from(byte - b'0')) % 97,
        _ => (sum * 100 + u32::from(byte.wrapping_sub(b'A')) + 10) % 97,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lock::bsn;

    #[test]
    fn they_are_sound_invented_and_all_different() {
        let canaries = Canaries::draw(40).unwrap();
        let persons = canaries.persons();
        assert_eq!(persons.len(), 40);
        for person in persons {
            let digits = bsn::Bsn::try_from(person.bsn.as_bytes()).unwrap();
            assert!(bsn::passes(&digits) && person.bsn.starts_with("9999"));
            let turned = format!("{}{}", &person.iban[4..], &person.iban[..4]);
            assert_eq!(remainder(&turned), 1);
            assert_eq!(
                (
                    person.telephone.len(),
                    person.number.len(),
                    person.iban.len()
                ),
                (10, 12, 18)
            );
            assert!(person.name().is_ascii());
        }
        let numbers: BTreeSet<_> = persons.iter().map(|p| &p.number).collect();
        assert_eq!(numbers.len(), 40);
        // Drawn: another time they are others.
        assert_ne!(
            canaries.fingerprint(),
            Canaries::draw(40).unwrap().fingerprint()
        );
    }
}
