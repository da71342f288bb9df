//! One record: its fields go straight into cells, along the paths of the contract.
//!
//! Nothing is kept of what the contract does not know, and errors hold nothing at all: what is wrong
//! is noted in the [`Record`].

use std::fmt;
use std::io::Write;
use std::ops::Range;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::paths::{Paths, RECORD};

/// A whole number from here on is one that a 64-bit float cannot tell from its neighbour.
const EXACT: f64 = 9_007_199_254_740_992.0;
/// Digits that a 64-bit float always keeps.
const DIGITS: usize = 15;
/// A fraction in plain notation is no longer than this.
const LONGEST_NUMBER: usize = 32;

/// The cells of a record, and what is wrong with it.
pub(super) struct Record {
    text: Vec<u8>,
    /// Of the record itself, by column.
    cells: Vec<Option<Range<usize>>>,
    /// Of the elements of its rows, one element after the other.
    elements: Vec<(usize, Range<usize>)>,
    /// Where each element ends in `elements`.
    ends: Vec<usize>,
    in_element: bool,
    /// For every node the object in which it was seen last.
    seen: Vec<u64>,
    objects: u64,
    /// It has a field that the contract does not know.
    pub unknown: bool,
    /// It is not built as the contract says.
    pub malformed: bool,
}

impl Record {
    /// A record without anything.
    pub(super) fn new(paths: &Paths, width: usize) -> Self {
        Self {
            text: Vec::new(),
            cells: vec![None; width],
            elements: Vec::new(),
            ends: Vec::new(),
            in_element: false,
            seen: vec![0; paths.len()],
            objects: 0,
            unknown: false,
            malformed: false,
        }
    }

    /// Reads a record. `false`: it is no JSON.
    pub(super) fn read(&mut self, paths: &Paths, text: &str) -> bool {
        self.text.clear();
        self.cells.fill(None);
        self.elements.clear();
        self.ends.clear();
        self.in_element = false;
        self.unknown = false;
        self.malformed = false;
        let mut deserializer = serde_json::Deserializer::from_str(text);
        let root = Value {
            record: self,
            paths,
            node: RECORD,
        };
        let good = root.deserialize(&mut deserializer).is_ok() && deserializer.end().is_ok();
        // A column is given by the record or by its elements, not by both.
        self.malformed |= self
            .elements
            .iter()
            .any(|(at, _)| self.cells[*at].is_some());
        good
    }

    /// How many rows it makes, and how many bytes these take together.
    pub(super) fn rows(&self) -> (usize, usize) {
        let rows = self.ends.len().max(1);
        let shared: usize = self.cells.iter().flatten().map(Range::len).sum();
        let own: usize = self.elements.iter().map(|(_, cell)| cell.len()).sum();
        (rows, rows * (shared + self.cells.len()) + own)
    }

    /// The cells of one of its rows.
    pub(super) fn row(&self, at: usize) -> impl Iterator<Item = &[u8]> {
        let from = at.checked_sub(1).map_or(0, |before| self.ends[before]);
        let to = self.ends.get(at).copied().unwrap_or(from);
        let own = &self.elements[from..to];
        self.cells.iter().enumerate().map(move |(column, cell)| {
            let own = own.iter().find(|(of, _)| *of == column);
            let cell = cell.clone().or_else(|| own.map(|(_, cell)| cell.clone()));
            cell.map_or(&[][..], |cell| &self.text[cell])
        })
    }

    /// Notes a field of an object. `false`: the object has it already.
    fn enter(&mut self, node: usize, object: u64) -> bool {
        std::mem::replace(&mut self.seen[node], object) != object
    }

    /// Makes what was written since `from` the cell of a column.
    fn set(&mut self, column: usize, from: usize) {
        let cell = from..self.text.len();
        if self.in_element {
            let first = self.ends.last().copied().unwrap_or(0);
            self.malformed |= self.elements[first..].iter().any(|(of, _)| *of == column);
            self.elements.push((column, cell));
        } else {
            self.malformed |= self.cells[column].replace(cell).is_some();
        }
    }

    /// Writes a text.
    fn text(&mut self, text: &str) {
        self.malformed |= memchr::memchr(0, text.as_bytes()).is_some();
        self.text.extend_from_slice(text.as_bytes());
    }

    /// Writes a whole number.
    fn whole(&mut self, number: impl fmt::Display) {
        // Writing into memory does not fail.
        let _ = write!(self.text, "{number}");
    }

    /// Writes a number with a fraction or an exponent in plain notation.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a whole number below 2^53 fits"
    )]
    fn fraction(&mut self, number: f64) {
        if number.fract() == 0.0 && number.abs() < EXACT {
            return self.whole(number as i64);
        }
        let from = self.text.len();
        self.whole(number);
        let written = &self.text[from..];
        let digits = written
            .iter()
            .filter(|byte| byte.is_ascii_digit())
            .skip_while(|byte| **byte == b'0')
            .count();
        self.malformed |=
            number.abs() >= EXACT || digits > DIGITS || written.len() > LONGEST_NUMBER;
    }
}

/// A value at a node of the tree.
struct Value<'r, 'p> {
    record: &'r mut Record,
    paths: &'p Paths,
    node: usize,
}

impl Value<'_, '_> {
    /// Sets the cell of this node to what `write` writes.
    fn scalar(self, write: impl FnOnce(&mut Record)) {
        let node = self.paths.node(self.node);
        let from = self.record.text.len();
        match node.column {
            Some(column) if !node.rows || self.record.in_element => {
                write(self.record);
                self.record.set(column, from);
            }
            _ => self.record.malformed = true,
        }
    }

    /// Reads every element of the array of rows as one.
    fn rows<'de, A: SeqAccess<'de>>(self, mut array: A) -> Result<(), A::Error> {
        self.record.in_element = true;
        loop {
            let element = Value {
                record: self.record,
                paths: self.paths,
                node: self.node,
            };
            if array.next_element_seed(element)?.is_none() {
                break;
            }
            self.record.ends.push(self.record.elements.len());
        }
        self.record.in_element = false;
        Ok(())
    }

    /// Reads an array of values into one cell.
    fn list<'de, A: SeqAccess<'de>>(
        self,
        mut array: A,
        column: usize,
        separator: char,
    ) -> Result<(), A::Error> {
        let from = self.record.text.len();
        loop {
            let item = Item {
                record: self.record,
                from,
                separator,
            };
            if array.next_element_seed(item)?.is_none() {
                break;
            }
        }
        self.record.set(column, from);
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for Value<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        if self.paths.node(self.node).ignored {
            return deserializer
                .deserialize_ignored_any(IgnoredAny)
                .map(|IgnoredAny| ());
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Value<'_, '_> {
    type Value = ();

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a value")
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        // The record itself, and an element of its rows, must be something.
        let nothing = self.record.in_element && self.paths.node(self.node).rows;
        self.record.malformed |= nothing || self.node == RECORD;
        Ok(())
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<(), E> {
        self.scalar(|record| record.text(if value { "true" } else { "false" }));
        Ok(())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<(), E> {
        self.scalar(|record| record.whole(value));
        Ok(())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<(), E> {
        self.scalar(|record| record.whole(value));
        Ok(())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<(), E> {
        self.scalar(|record| record.fraction(value));
        Ok(())
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<(), E> {
        self.scalar(|record| record.text(value));
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<(), A::Error> {
        let node = self.paths.node(self.node);
        let element = self.record.in_element;
        self.record.malformed |= node.rows && !element;
        // An object where a value should be: what is in it, the contract does not know.
        self.record.malformed |= node.is_leaf() && !node.rows;
        self.record.objects += 1;
        let number = self.record.objects;
        while let Some(field) = object.next_key_seed(Key {
            paths: self.paths,
            above: self.node,
        })? {
            match field {
                Some(node) if self.record.enter(node, number) => {
                    object.next_value_seed(Value {
                        record: self.record,
                        paths: self.paths,
                        node,
                    })?;
                }
                field => {
                    self.record.malformed = true;
                    self.record.unknown |= field.is_none();
                    object.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<(), A::Error> {
        let node = self.paths.node(self.node);
        match (node.column, node.separator) {
            _ if node.rows && !self.record.in_element => self.rows(array),
            (Some(column), Some(separator)) => self.list(array, column, separator),
            _ => {
                self.record.malformed = true;
                while array.next_element::<IgnoredAny>()?.is_some() {}
                Ok(())
            }
        }
    }
}

/// A field's name: the node that it leads to.
struct Key<'p> {
    paths: &'p Paths,
    above: usize,
}

impl<'de> DeserializeSeed<'de> for Key<'_> {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<usize>, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Key<'_> {
    type Value = Option<usize>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a name")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Option<usize>, E> {
        Ok(self.paths.below(self.above, name))
    }
}

/// A value in an array that becomes one cell.
struct Item<'r> {
    record: &'r mut Record,
    /// Where the cell begins.
    from: usize,
    separator: char,
}

impl Item<'_> {
    fn scalar(self, write: impl FnOnce(&mut Record)) {
        if self.record.text.len() > self.from {
            let mut bytes = [0; 4];
            let sign = self.separator.encode_utf8(&mut bytes);
            self.record.text.extend_from_slice(sign.as_bytes());
        }
        write(self.record);
    }
}

impl<'de> DeserializeSeed<'de> for Item<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Item<'_> {
    type Value = ();

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a value")
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<(), E> {
        self.scalar(|record| record.text(if value { "true" } else { "false" }));
        Ok(())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<(), E> {
        self.scalar(|record| record.whole(value));
        Ok(())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<(), E> {
        self.scalar(|record| record.whole(value));
        Ok(())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<(), E> {
        self.scalar(|record| record.fraction(value));
        Ok(())
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<(), E> {
        // One value that holds the separator would become two.
        self.record.malformed |= value.contains(self.separator);
        self.scalar(|record| record.text(value));
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<(), A::Error> {
        self.record.malformed = true;
        while object.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {
            self.record.unknown = true;
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<(), A::Error> {
        self.record.malformed = true;
        while array.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }
}
