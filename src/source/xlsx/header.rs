//! The header of a sheet: one row of names, or two where merged cells stand above them.

use std::collections::BTreeMap;

use crate::contract::model::{Column, Version, XlsxDialect};
use crate::source::fault::DeliveryFault;
use crate::source::format::Headers;

/// Which column of a sheet holds which column of the contract.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Places {
    /// By column of the sheet.
    columns: Vec<Option<usize>>,
}

impl Places {
    /// The column of the contract that stands in this column of the sheet.
    pub(super) fn get(&self, column: u32) -> Option<usize> {
        self.columns.get(column as usize).copied().flatten()
    }

    /// All columns of the contract that the sheet has.
    pub(super) fn found(&self) -> impl Iterator<Item = usize> {
        self.columns.iter().copied().flatten()
    }
}

/// The cells of the header while they are gathered.
pub(super) struct Gathering {
    first: u32,
    rows: u32,
    upper: BTreeMap<u32, String>,
    lower: BTreeMap<u32, String>,
}

impl Gathering {
    /// An empty header.
    pub(super) fn new(dialect: &XlsxDialect) -> Self {
        Self {
            first: dialect.header_row.saturating_sub(1),
            rows: dialect.header_rows,
            upper: BTreeMap::new(),
            lower: BTreeMap::new(),
        }
    }

    /// The first row (from 0) below the header.
    pub(super) const fn end(&self) -> u32 {
        self.first.saturating_add(self.rows)
    }

    /// Takes a cell; those above the header say nothing.
    pub(super) fn take(&mut self, row: u32, column: u32, text: String) {
        if row < self.first {
        } else if row + 1 < self.end() {
            self.upper.insert(column, text);
        } else {
            self.lower.insert(column, text);
        }
    }

    /// Which column of the contract every column is.
    ///
    /// # Errors
    /// A column that the contract does not know, a doubled one, or a missing one that is not optional.
    pub(super) fn places(
        &self,
        columns: &[Column],
        version: &Version,
    ) -> Result<Places, DeliveryFault> {
        let headers = Headers { columns, version };
        let width = [&self.upper, &self.lower]
            .into_iter()
            .filter_map(|row| row.last_key_value())
            .map(|(last, _)| *last as usize + 1)
            .max()
            .unwrap_or(0);
        let mut places = vec![None; width];
        let mut seen = vec![false; columns.len()];
        for (at, spellings) in self.names() {
            let number = at as usize + 1;
            let found = spellings
                .iter()
                .find_map(|text| headers.find(text))
                .ok_or(DeliveryFault::UnknownColumn(number))?;
            if std::mem::replace(&mut seen[found], true) {
                let name = columns[found].name.clone();
                return Err(DeliveryFault::DuplicateColumn(number, name));
            }
            places[at as usize] = Some(found);
        }
        match columns
            .iter()
            .zip(&seen)
            .find(|(c, seen)| !**seen && !c.optional)
        {
            Some((column, _)) => Err(DeliveryFault::MissingColumn(column.name.clone())),
            None => Ok(Places { columns: places }),
        }
    }

    /// The possible names of every column that has one.
    ///
    /// A file keeps the text of merged cells in the first of them only, so a text in the upper row
    /// holds for the columns to its right, up to the next text or to a column that has nothing below
    /// it: that one is merged downwards. Whether the merged cells really reach so far is written at
    /// the end of a sheet; the contract knows it too, so the lower text may also stand alone.
    fn names(&self) -> Vec<(u32, Vec<String>)> {
        let last = [&self.upper, &self.lower]
            .into_iter()
            .filter_map(|row| row.last_key_value())
            .map(|(last, _)| *last)
            .max();
        let mut above: Option<&String> = None;
        let mut names = Vec::new();
        for at in last.map(|last| 0..=last).into_iter().flatten() {
            let own = self.upper.get(&at);
            let below = self.lower.get(&at);
            above = own.or(above);
            match (own, above, below) {
                (_, Some(above), Some(below)) => {
                    let mut spellings = vec![format!("{above} {below}")];
                    if own.is_none() {
                        spellings.push(below.clone());
                    }
                    names.push((at, spellings));
                }
                (_, None, Some(below)) => names.push((at, vec![below.clone()])),
                (Some(own), _, None) => {
                    names.push((at, vec![own.clone()]));
                    above = None;
                }
                (None, _, None) => above = None,
            }
        }
        names
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(upper: &[&str], lower: &[&str]) -> Vec<(u32, Vec<String>)> {
        let dialect = XlsxDialect {
            sheets: Vec::new(),
            skip_sheets: Vec::new(),
            header_row: 2,
            header_rows: 2,
            totals: Vec::new(),
            max_row_bytes: 1000,
            max_unpacked_bytes: 1 << 20,
        };
        let mut header = Gathering::new(&dialect);
        header.take(0, 0, "Titel van het blad".into());
        for (row, texts) in [(1, upper), (2, lower)] {
            for (at, text) in (0..).zip(texts).filter(|(_, text)| !text.is_empty()) {
                header.take(row, at, (*text).into());
            }
        }
        header.names()
    }

    #[test]
    fn an_upper_text_holds_for_the_columns_to_its_right() {
        let found = names(
            &["Contact", "", "Aantal", "", "Wie", ""],
            &["datum", "team", "", "soort", "naam", ""],
        );
        let spelled: Vec<String> = found
            .into_iter()
            .map(|(at, texts)| format!("{at}: {}", texts.join(" | ")))
            .collect();
        assert_eq!(
            spelled,
            [
                "0: Contact datum",
                "1: Contact team | team",
                "2: Aantal",
                "3: soort",
                "4: Wie naam",
            ]
        );
    }
}
