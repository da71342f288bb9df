//! Closed lists: from the bytes of a cell to the code of a value, without decoding.
//!
//! The spellings are brought into the delivery's encoding once; a cell is then looked up by its
//! bytes in a small open-addressing table.

use std::sync::Arc;

use arrow::array::StringArray;

use crate::contract::model::{Choice, Encoding};

/// A closed list, ready for look-ups.
pub struct ChoiceTable {
    slots: Vec<Option<Slot>>,
    mask: usize,
    values: Arc<StringArray>,
}

/// A spelling in the table.
#[derive(Clone)]
struct Slot {
    ends: Ends,
    spelling: Box<[u8]>,
    code: u16,
}

impl ChoiceTable {
    /// Builds the table; values keep their order in the contract. `None` when there are more values
    /// than a code can count, or a spelling that the encoding cannot hold.
    pub fn new(choices: &[Choice], encoding: Encoding) -> Option<Self> {
        let spellings: usize = choices.iter().map(|c| c.spellings.len()).sum();
        let size = (spellings * 4).next_power_of_two().max(8);
        let mut table = Self {
            slots: vec![None; size],
            mask: size - 1,
            values: Arc::new(choices.iter().map(|c| Some(c.value.as_str())).collect()),
        };
        for (choice, code) in choices.iter().zip(0..) {
            for spelling in &choice.spellings {
                table.insert(encode(spelling, encoding)?, code);
            }
        }
        u16::try_from(choices.len()).is_ok().then_some(table)
    }

    fn insert(&mut self, spelling: Box<[u8]>, code: u16) {
        let ends = Ends::of(&spelling);
        let mut at = ends.hash() & self.mask;
        while self.slots[at].is_some() {
            at = (at + 1) & self.mask;
        }
        self.slots[at] = Some(Slot {
            ends,
            spelling,
            code,
        });
    }

    /// The code of a cell.
    #[inline]
    pub fn code(&self, cell: &[u8]) -> Option<u16> {
        let ends = Ends::of(cell);
        let mut at = ends.hash() & self.mask;
        // The table is at most a quarter full, so there is an empty slot to end on.
        while let Some(slot) = &self.slots[at] {
            if slot.ends == ends && (cell.len() <= WHOLE || *slot.spelling == *cell) {
                return Some(slot.code);
            }
            at = (at + 1) & self.mask;
        }
        None
    }

    /// The values that codes count in.
    pub fn values(&self) -> &Arc<StringArray> {
        &self.values
    }
}

/// A spelling in the bytes of the encoding; `None` where it has no such bytes.
pub fn encode(text: &str, encoding: Encoding) -> Option<Box<[u8]>> {
    match encoding {
        Encoding::Utf8 => Some(text.as_bytes().into()),
        Encoding::Windows1252 => {
            let (bytes, _, unmappable) = encoding_rs::WINDOWS_1252.encode(text);
            (!unmappable).then(|| bytes.into_owned().into())
        }
    }
}

/// Up to this length the ends of a text are all of it.
const WHOLE: usize = 16;

/// The first and the last bytes of a text and its length: enough to tell the values of a list apart,
/// and for short ones the whole text.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Ends {
    first: u64,
    last: u64,
    length: usize,
}

impl Ends {
    #[inline]
    fn of(bytes: &[u8]) -> Self {
        let (first, last) = match (bytes.first_chunk::<8>(), bytes.last_chunk::<8>()) {
            (Some(first), Some(last)) => (u64::from_le_bytes(*first), u64::from_le_bytes(*last)),
            _ => match (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
                (Some(first), Some(last)) => (
                    u64::from(u32::from_le_bytes(*first)),
                    u64::from(u32::from_le_bytes(*last)),
                ),
                _ => (bytes.iter().fold(0, |n, b| n << 8 | u64::from(*b)), 0),
            },
        };
        Self {
            first,
            last,
            length: bytes.len(),
        }
    }

    #[inline]
    fn hash(self) -> usize {
        let mixed = (self.first ^ self.last.rotate_left(29) ^ self.length as u64)
            .wrapping_mul(0x9e37_79b9_7f4a_7c15);
        usize::try_from(mixed >> 40).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn choice(value: &str, spellings: &[&str]) -> Choice {
        Choice {
            value: value.into(),
            spellings: spellings.iter().map(|s| (*s).into()).collect(),
        }
    }

    #[test]
    fn spellings_in_either_encoding() {
        let list = [
            choice("financien", &["Financiën", "financien"]),
            choice("werk", &["Werk"]),
        ];
        let latin = ChoiceTable::new(&list, Encoding::Windows1252).unwrap();
        assert_eq!(latin.code(b"Financi\xebn"), Some(0));
        assert_eq!(latin.code("Financiën".as_bytes()), None);
        assert_eq!(latin.code(b"Werk"), Some(1));
        assert_eq!(latin.code(b""), None);
        let utf8 = ChoiceTable::new(&list, Encoding::Utf8).unwrap();
        assert_eq!(utf8.code("Financiën".as_bytes()), Some(0));
        assert!(ChoiceTable::new(&[choice("x", &["\u{4e00}"])], Encoding::Windows1252).is_none());
    }

    proptest! {
        #[test]
        fn finds_what_is_listed_and_nothing_else(words in proptest::collection::btree_set("[a-zA-Z ]{0,20}", 1..60), other in "[a-z ]{0,20}") {
            let list: Vec<Choice> = words.iter().map(|w| choice(w, &[w])).collect();
            let table = ChoiceTable::new(&list, Encoding::Utf8).unwrap();
            for (i, word) in words.iter().enumerate() {
                prop_assert_eq!(table.code(word.as_bytes()), u16::try_from(i).ok());
            }
            prop_assert_eq!(table.code(other.as_bytes()).is_some(), words.contains(&other));
        }
    }
}
