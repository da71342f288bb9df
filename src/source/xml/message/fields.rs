//! What fields become: kept at the level where they stand, and rows when their record ends.

use super::{MAX_MESSAGE_VALUES, MAX_ROWS_FACTOR, Message, Row};
use crate::source::fault::DeliveryFault;
use crate::source::xml::output::{Halt, Output};

impl Message<'_> {
    /// Sets a field at the level where it stands.
    pub(super) fn set(&mut self, column: usize, value: &[u8]) -> Result<(), DeliveryFault> {
        let row = if self.in_row {
            self.rows.last_mut()
        } else {
            self.record.as_mut()
        };
        if let Some(row) = row {
            if row.values.iter().any(|(known, _)| *known == column) {
                row.broken = true;
            } else {
                row.values.push((column, value.to_vec()));
            }
            return Ok(());
        }
        if self.records > 0 {
            return Err(self.structure("a field of the message stands behind its records"));
        }
        if self.values.iter().any(|(known, _)| *known == column) {
            return Err(self.structure("a field of the message stands in it twice"));
        }
        self.value_bytes += value.len();
        self.values.push((column, value.to_vec()));
        self.bounded()
    }

    /// Text that the contract drops goes to the lock, which drops it after its own checks.
    pub(super) fn drop_text(&mut self, column: usize) -> Result<(), DeliveryFault> {
        let text = std::mem::take(&mut self.text);
        let row = if self.in_row {
            self.rows.last_mut()
        } else {
            self.record.as_mut()
        };
        let values = if let Some(row) = row {
            &mut row.values
        } else {
            self.value_bytes += text.len();
            &mut self.values
        };
        match values.iter_mut().find(|(known, _)| *known == column) {
            Some((_, value)) => value.extend_from_slice(text.as_bytes()),
            None => values.push((column, text.into_bytes())),
        }
        self.bounded()
    }

    fn bounded(&self) -> Result<(), DeliveryFault> {
        if self.value_bytes > MAX_MESSAGE_VALUES {
            return Err(self.structure("the fields of the message are longer than is accepted"));
        }
        Ok(())
    }

    /// A record ends: its rows go out.
    pub(super) fn end_record(&mut self, output: &mut Output) -> Result<(), Halt> {
        self.between_records = true;
        let Some(record) = self.record.take() else {
            return Ok(());
        };
        let rows = std::mem::take(&mut self.rows);
        let dialect = self.rules.dialect;
        if !self.rules.paths.rows_within {
            return self.emit(&record, None, output).map(drop);
        }
        if rows.is_empty() {
            // A record that says nothing is not let go unnoticed.
            return output.malformed();
        }
        let mut bytes = 0;
        for row in &rows {
            bytes += self.emit(&record, Some(row), output)?;
            if bytes > dialect.max_row_bytes.saturating_mul(MAX_ROWS_FACTOR) {
                let fault = DeliveryFault::RowTooLong {
                    row: 0,
                    max: dialect.max_row_bytes,
                };
                return Err(fault.into());
            }
        }
        Ok(())
    }

    fn emit(&self, record: &Row, row: Option<&Row>, output: &mut Output) -> Result<usize, Halt> {
        if record.broken || row.is_some_and(|row| row.broken) {
            return output.malformed().map(|()| 0);
        }
        let own = row.map(|row| row.values.as_slice()).unwrap_or_default();
        output.row_of(own.iter().chain(&record.values).chain(&self.values))
    }
}
