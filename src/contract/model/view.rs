//! The views of the monitor and what of them may be published.

use super::Subject;

/// A view of the monitor: `schemas/monitor/NAME.sql` and `NAME.toml`.
#[derive(Clone, Debug)]
pub struct ViewSpec {
    /// Its name in schema `monitor`.
    pub name: String,
    /// A heading for readers (Dutch).
    pub title: String,
    /// The comment that opens the query, without comment marks (Dutch).
    pub documentation: String,
    /// One `SELECT` over the schemas `magazijn` and `monitor`.
    pub sql: String,
    /// The file of the query, for messages.
    pub path: String,
    /// The columns of the query, in its order.
    pub columns: Vec<ViewColumn>,
    /// Whether the rules of publication hold.
    pub publication: Publication,
}

/// A column of a view: `[[column]]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ViewColumn {
    /// Its name. `[a-z0-9_]+`.
    pub name: String,
    /// What it is to the rules of publication.
    pub role: Role,
    /// What it holds, in Dutch.
    pub documentation: String,
}

/// What a column of a view is to the rules of publication.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Role {
    /// `groep`: rows with different values are tables that are judged apart.
    Group,
    /// `optelling`: the row with the value `total` is the sum of the others.
    Sum {
        /// The value of the row that is the sum.
        total: String,
    },
    /// `rij`: the label of a row.
    Label,
    /// `cel`: a number that may have to be hidden.
    Cell {
        /// The helper column with the number of clients behind it; without one the cell is such a
        /// number itself.
        clients: Option<String>,
        /// The helper column with the largest single contribution to it, for amounts.
        largest: Option<String>,
    },
    /// `volgt`: hidden together with a cell.
    Follows {
        /// The cell.
        cell: String,
        /// Whether it is the cell's percentage of the row that stands for the whole range.
        share: bool,
    },
    /// `kenmerk`: says nothing about persons and is always shown.
    Attribute,
    /// `volgorde`: the order of the rows for readers.
    Order,
    /// `van`: the first band of the range that the row covers. Not shown.
    From,
    /// `tot`: the last band of that range. Not shown.
    To,
    /// `hulp`: read by the rules. Not shown.
    Helper,
}

impl Role {
    /// Whether readers see the column.
    #[must_use]
    pub const fn shown(&self) -> bool {
        !matches!(self, Self::From | Self::To | Self::Helper)
    }
}

/// Whether the rules of publication hold for a view, by the register.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Publication {
    /// They do not, by declaration: the view is about counts of no persons or about things.
    Exempt {
        /// What the view is about.
        subject: Subject,
        /// Why that is so, in Dutch.
        reason: String,
    },
    /// They do: the view is about persons.
    Judged(PublicationRules),
}

/// The rules of publication for one view.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublicationRules {
    /// The fewest clients that a cell may be about; a cell about nobody is shown.
    pub smallest_cell: u32,
    /// The largest share, in percent, that one contribution may have in an amount.
    pub dominance_percent: u32,
    /// Numbers are rounded to multiples of this.
    pub rounding: Option<u32>,
}

impl PublicationRules {
    /// The most that [`PublicationRules::smallest_cell`] can be. The monitor counts the clients
    /// behind a cell no further.
    pub const LARGEST_CELL: u32 = 100;
}

impl Default for PublicationRules {
    fn default() -> Self {
        Self {
            smallest_cell: 10,
            dominance_percent: 75,
            rounding: None,
        }
    }
}
