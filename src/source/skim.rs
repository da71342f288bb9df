//! A delivery read to its end with nothing done to it: what fuzzers and measurements call.

use std::path::Path;

use super::fault::DeliveryFault;
use super::format::{self, Opened, Piece};
use crate::contract::model::SourcePlan;

/// What was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Skimmed {
    /// Rows, malformed ones included.
    pub rows: u64,
    /// Rows that are no records.
    pub malformed: u64,
    /// Size of the delivery.
    pub bytes: u64,
}

/// Reads a delivery of a source under the last version of its contract. Pieces are let go one by one:
/// what stays in memory is what the decoder needs.
///
/// # Errors
/// The delivery is refused; rows in the fault count from 1.
pub fn skim(path: &Path, plan: &SourcePlan, piece_bytes: usize) -> Result<Skimmed, DeliveryFault> {
    let version = plan.contract.versions.last();
    let version = version.ok_or(DeliveryFault::NoVersion)?;
    let Opened {
        mut decoder, shape, ..
    } = format::open(path, plan, version, piece_bytes)?;
    let mut skimmed = Skimmed::default();
    let after = |fault: DeliveryFault, rows| fault.after(rows);
    while let Some(piece) = decoder
        .next_piece()
        .map_err(|fault| after(fault, skimmed.rows))?
    {
        let chunk = match (piece, &shape) {
            (Piece::Rows(chunk, _), _) => chunk,
            (Piece::Bytes(bytes), Some(shape)) => shape
                .shape(bytes)
                .map_err(|fault| after(fault, skimmed.rows))?,
            (Piece::Bytes(_), None) => continue,
        };
        skimmed.rows += chunk.rows() as u64;
        skimmed.malformed += chunk.malformed().len() as u64;
    }
    skimmed.bytes = decoder.finish()?.bytes;
    Ok(skimmed)
}
