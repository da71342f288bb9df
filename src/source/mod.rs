//! Source: deliveries come in and become raw chunks.
//!
//! In: a file in the landing folder and the contract of its source. Out: [`raw::RawChunk`]s, in the
//! order of the file, cut on record borders, in bounded memory. Who may call it: the `lock`, and
//! nobody else looks inside a raw chunk.

pub mod channel;
pub mod csv;
pub mod ei;
pub mod fault;
pub mod format;
pub mod json;
pub mod landing;
pub mod raw;
pub mod reader;
pub mod skim;
pub mod watched;
pub mod xlsx;
pub mod xml;
