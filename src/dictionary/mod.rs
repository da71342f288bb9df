//! The data dictionary: every source, table and view of the house, every column with its class,
//! treatment and definition, and where it comes from.

pub mod lineage;
