//! The data dictionary: every source, table and view of the house, every column with its type, class,
//! treatment and definition, where it comes from and where it ends up.
//!
//! It is made of the contracts, the register and the plans of mappings and views; no delivery and no
//! release is read, so the same files give the same dictionary. A privacy officer reads it as a page,
//! an analyst as comments in a database, a program as JSON.

mod build;
pub mod lineage;
pub mod origins;
pub mod page;
pub mod risk;
pub mod sql;
#[cfg(test)]
mod tests;
mod words;

use serde::Serialize;

use crate::error::{Class, Classified};
use crate::warehouse::mapping::MappingError;
use crate::warehouse::scan::ScanError;
use lineage::{LineageError, Way};

/// Why there is no dictionary.
#[derive(Debug, thiserror::Error)]
pub enum DictionaryError {
    /// A mapping cannot be planned.
    #[error(transparent)]
    Mapping(#[from] MappingError),
    /// A table cannot be opened.
    #[error(transparent)]
    Table(#[from] ScanError),
    /// A query has a step that cannot be followed.
    #[error("where the columns of {what} come from cannot be told: {why}")]
    Untraced {
        /// The mapping's file, or the view.
        what: String,
        /// Why not.
        why: LineageError,
    },
    /// A query reads something that is no delivery and no table.
    #[error("a query reads {what}, which is no delivery and no table")]
    Unknown {
        /// What it reads.
        what: String,
    },
}

impl Classified for DictionaryError {
    fn class(&self) -> Class {
        match self {
            Self::Mapping(error) => error.class(),
            Self::Table(error) => error.class(),
            Self::Untraced { .. } | Self::Unknown { .. } => Class::Bug,
        }
    }

    fn remedy(&self) -> Option<String> {
        match self {
            Self::Mapping(error) => error.remedy(),
            Self::Table(error) => error.remedy(),
            Self::Untraced { .. } | Self::Unknown { .. } => None,
        }
    }
}

/// Everything that there is to know about every column.
#[derive(Clone, Debug, Serialize)]
pub struct Dictionary {
    /// The version of the program that made it.
    pub program: &'static str,
    /// The register that it follows.
    pub register: RegisterNote,
    /// The classes of data, from strict to light.
    pub classes: Vec<ClassNote>,
    /// The domains of pseudonyms.
    pub domains: Vec<DomainNote>,
    /// The sources, by id.
    pub sources: Vec<SourceNote>,
    /// The tables of the warehouse, by name.
    pub tables: Vec<TableNote>,
    /// The views of the monitor, by name.
    pub views: Vec<ViewNote>,
    /// The tables of the run history.
    pub history: Vec<HistoryNote>,
}

/// The register.
#[derive(Clone, Debug, Serialize)]
pub struct RegisterNote {
    /// Its version.
    pub version: String,
    /// Date of adoption; absent while it is a concept.
    pub adopted: Option<String>,
    /// The controller.
    pub controller: String,
}

/// A class of data.
#[derive(Clone, Debug, Serialize)]
pub struct ClassNote {
    /// Its name.
    pub name: String,
    /// What belongs to it.
    pub description: String,
    /// What may be done with it.
    pub treatments: Vec<String>,
}

/// A domain of pseudonyms.
#[derive(Clone, Debug, Serialize)]
pub struct DomainNote {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: String,
}

/// A source.
#[derive(Clone, Debug, Serialize)]
pub struct SourceNote {
    /// Its id.
    pub id: String,
    /// A name for people.
    pub title: String,
    /// Who delivers.
    pub partner: String,
    /// What it is.
    pub documentation: String,
    /// Why the data is used.
    pub purpose: String,
    /// On what legal basis.
    pub legal_basis: String,
    /// What its rows are about.
    pub subject: &'static str,
    /// Whether it may hold a BSN.
    pub bsn_allowed: bool,
    /// Days that raw deliveries are kept.
    pub raw_retention_days: u32,
    /// Its columns, as delivered.
    pub columns: Vec<SourceColumnNote>,
}

/// A column of a delivery.
#[derive(Clone, Debug, Serialize)]
pub struct SourceColumnNote {
    /// Its name in the contract.
    pub name: String,
    /// The spellings of its header.
    pub headers: Vec<String>,
    /// Its type.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Whether a row without it is refused.
    pub required: bool,
    /// Its class.
    pub class: String,
    /// What the lock does with it.
    pub treatment: &'static str,
    /// With what: a domain, borders of ages, the table of postcodes.
    pub treatment_detail: Option<String>,
    /// Its name after the lock; absent when it is dropped.
    pub after_lock: Option<String>,
    /// What it holds.
    pub documentation: String,
    /// The columns of tables that are made of it.
    pub tables: Vec<PlaceNote>,
    /// The columns of views that are made of it.
    pub views: Vec<PlaceNote>,
    /// The tables and views in which it only decides about rows.
    pub selects_in: Vec<String>,
    /// The columns whose treatment looks at it: a date of birth at the day of this one.
    pub helps: Vec<String>,
}

/// A column somewhere, and how much of the other one is in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PlaceNote {
    /// The source, table or view.
    pub of: String,
    /// The column.
    pub column: String,
    /// How much is left.
    pub way: Way,
}

/// A column of a delivery that a column is made of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SourcePlaceNote {
    /// The source.
    pub source: String,
    /// The column.
    pub column: String,
    /// Its class.
    pub class: String,
    /// What the lock did with it.
    pub treatment: &'static str,
    /// How much is left.
    pub way: Way,
}

/// Where a column comes from.
#[derive(Clone, Debug, Default, Serialize)]
pub struct OriginNote {
    /// The strictest class of what it is made of; absent when it is made of nothing delivered.
    pub class: Option<String>,
    /// The columns of deliveries that it is made of.
    pub sources: Vec<SourcePlaceNote>,
    /// The columns of tables that it is made of.
    pub tables: Vec<PlaceNote>,
    /// What it counts the rows of.
    pub counts: Vec<String>,
    /// Values that the query gives.
    pub constants: Vec<String>,
    /// What decided which of its values are there, besides what decided about all rows.
    pub selection: Selection,
}

/// What only decides which rows there are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Selection {
    /// Columns of deliveries: `source.column`.
    pub sources: Vec<String>,
    /// Columns of tables: `table.column`.
    pub tables: Vec<String>,
}

impl Selection {
    /// Whether nothing does.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.sources.is_empty() && self.tables.is_empty()
    }
}

/// A table of the warehouse.
#[derive(Clone, Debug, Serialize)]
pub struct TableNote {
    /// Its name.
    pub name: String,
    /// A name for people.
    pub title: String,
    /// What a row is.
    pub documentation: String,
    /// The columns that identify a row.
    pub key: Vec<String>,
    /// The columns by which its files are divided.
    pub partition: Vec<String>,
    /// The sources that fill it.
    pub filled_by: Vec<String>,
    /// What decided about all of its rows.
    pub selection: Selection,
    /// Its columns.
    pub columns: Vec<TableColumnNote>,
}

/// A column of a table.
#[derive(Clone, Debug, Serialize)]
pub struct TableColumnNote {
    /// Its name.
    pub name: String,
    /// Its type.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Whether every row has it.
    pub required: bool,
    /// What it holds.
    pub documentation: String,
    /// Where it comes from.
    pub origin: OriginNote,
    /// The columns of views that are made of it.
    pub views: Vec<PlaceNote>,
}

/// A view of the monitor.
#[derive(Clone, Debug, Serialize)]
pub struct ViewNote {
    /// Its name.
    pub name: String,
    /// A heading for readers.
    pub title: String,
    /// What it shows.
    pub documentation: String,
    /// What its rows are about, by the register.
    pub subject: &'static str,
    /// What of it may be published, in words.
    pub publication: String,
    /// What decided about all of its rows.
    pub selection: Selection,
    /// Its columns. Helper columns are among them, and are not shown to readers.
    pub columns: Vec<ViewColumnNote>,
}

/// A column of a view.
#[derive(Clone, Debug, Serialize)]
pub struct ViewColumnNote {
    /// Its name.
    pub name: String,
    /// Its type.
    #[serde(rename = "type")]
    pub kind: String,
    /// What it is to the rules of publication.
    pub role: &'static str,
    /// Whether readers see it.
    pub shown: bool,
    /// What it holds.
    pub documentation: String,
    /// Where it comes from.
    pub origin: OriginNote,
}

/// A table of the run history.
#[derive(Clone, Debug, Serialize)]
pub struct HistoryNote {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub documentation: String,
    /// Its columns.
    pub columns: Vec<HistoryColumnNote>,
}

/// A column of such a table.
#[derive(Clone, Debug, Serialize)]
pub struct HistoryColumnNote {
    /// Its name.
    pub name: String,
    /// Its type.
    #[serde(rename = "type")]
    pub kind: String,
    /// What it holds.
    pub documentation: String,
}
