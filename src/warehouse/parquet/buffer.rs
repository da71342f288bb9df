//! The rows of one partition that wait to be written, column by column, as small as they go.

use crate::contract::model::TableKind;

/// Codes of text values in as few bytes as the largest needs.
pub enum Codes {
    /// One byte a row.
    Small(Vec<u8>),
    /// Two bytes a row.
    Medium(Vec<u16>),
    /// Four bytes a row.
    Large(Vec<u32>),
}

impl Codes {
    /// Appends `codes[row]` for every row.
    pub fn extend(&mut self, codes: &[u32], rows: &[u32], largest: usize) {
        self.widen(largest);
        let picked = rows.iter().map(|&row| codes[row as usize]);
        #[expect(
            clippy::cast_possible_truncation,
            reason = "widened to hold the largest code just before"
        )]
        match self {
            Self::Small(all) => all.extend(picked.map(|c| c as u8)),
            Self::Medium(all) => all.extend(picked.map(|c| c as u16)),
            Self::Large(all) => all.extend(picked),
        }
    }

    fn widen(&mut self, largest: usize) {
        if let Self::Small(all) = self
            && largest > usize::from(u8::MAX)
        {
            *self = Self::Medium(all.iter().map(|&c| c.into()).collect());
        }
        if let Self::Medium(all) = self
            && largest > usize::from(u16::MAX)
        {
            *self = Self::Large(all.iter().map(|&c| c.into()).collect());
        }
    }

    /// All codes.
    #[must_use]
    pub fn to_vec(&self) -> Vec<u32> {
        match self {
            Self::Small(all) => all.iter().map(|&c| c.into()).collect(),
            Self::Medium(all) => all.iter().map(|&c| c.into()).collect(),
            Self::Large(all) => all.clone(),
        }
    }

    fn bytes(&self) -> usize {
        match self {
            Self::Small(all) => all.capacity(),
            Self::Medium(all) => all.capacity() * 2,
            Self::Large(all) => all.capacity() * 4,
        }
    }
}

/// Values of a fixed size and which of them are NULL.
pub struct Values<T> {
    /// The values; anything at all where NULL.
    pub values: Vec<T>,
    /// Places of NULLs, ascending.
    pub nulls: Vec<u32>,
}

impl<T> Default for Values<T> {
    fn default() -> Self {
        Self {
            values: Vec::new(),
            nulls: Vec::new(),
        }
    }
}

impl<T> Values<T> {
    /// Appends `value(row)` for every row.
    #[inline]
    pub fn extend(
        &mut self,
        rows: &[u32],
        value: impl Fn(usize) -> T,
        is_null: Option<impl Fn(usize) -> bool>,
    ) {
        if let Some(is_null) = is_null {
            let base = self.values.len();
            for (i, &row) in rows.iter().enumerate() {
                if is_null(row as usize) {
                    self.nulls.push(u32::try_from(base + i).unwrap_or(u32::MAX));
                }
            }
        }
        self.values
            .extend(rows.iter().map(|&row| value(row as usize)));
    }

    fn bytes(&self) -> usize {
        self.values.capacity() * size_of::<T>() + self.nulls.capacity() * 4
    }
}

/// One column of waiting rows.
pub enum ColumnBuffer {
    /// Text, as codes of the column's interner.
    Text(Codes),
    /// Days since 1970-01-01.
    Date(Values<i32>),
    /// Integers.
    Integer(Values<i64>),
    /// Booleans.
    Boolean(Values<bool>),
    /// Pseudonyms.
    Pseudonym(Values<[u8; 16]>),
}

impl ColumnBuffer {
    /// An empty buffer for a kind of column.
    #[must_use]
    pub fn new(kind: TableKind) -> Self {
        match kind {
            TableKind::Text => Self::Text(Codes::Small(Vec::new())),
            TableKind::Date => Self::Date(Values::default()),
            TableKind::Integer => Self::Integer(Values::default()),
            TableKind::Boolean => Self::Boolean(Values::default()),
            TableKind::Pseudonym => Self::Pseudonym(Values::default()),
        }
    }

    /// Bytes that the waiting rows take, the room that they may still grow into included: that is
    /// what the budget must hold.
    #[must_use]
    pub fn bytes(&self) -> usize {
        match self {
            Self::Text(codes) => codes.bytes(),
            Self::Date(v) => v.bytes(),
            Self::Integer(v) => v.bytes(),
            Self::Boolean(v) => v.bytes(),
            Self::Pseudonym(v) => v.bytes(),
        }
    }
}
