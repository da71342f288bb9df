//! What the tests of decoders share: small contracts, and deliveries read to their end.

#![expect(clippy::disallowed_methods, reason = "tests make their own files")]

use std::fs;
use std::path::PathBuf;

use crate::contract::model::{Column, Header, Kind, Treatment, Version};
use crate::source::fault::DeliveryFault;
use crate::source::format::{Opened, Piece};
use crate::source::reader::ReadSummary;

/// Columns, each with the spellings of its header, parted by `|`.
pub fn columns(headers: &[&str]) -> Vec<Column> {
    let column = |headers: &&str| Column {
        name: headers.to_lowercase(),
        headers: headers
            .split('|')
            .map(|text| Header {
                text: text.into(),
                version: None,
            })
            .collect(),
        kind: Kind::Text { max_bytes: 4000 },
        class: "gewoon".into(),
        treatment: Treatment::Drop,
        required: false,
        optional: false,
        empty: Vec::new(),
        documentation: String::new(),
    };
    headers.iter().map(column).collect()
}

/// The only version there is.
pub fn version() -> Version {
    Version {
        name: "1".into(),
        from: None,
        until: None,
        partner: None,
    }
}

/// A delivery in a folder that goes with it.
pub fn place(bytes: &[u8]) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("levering");
    fs::write(&path, bytes).unwrap();
    (folder, path)
}

/// What a delivery became.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Became {
    /// Cells by row; `None` for a malformed row.
    pub rows: Vec<Option<Vec<String>>>,
    pub pieces: usize,
    /// Bytes that went with the pieces.
    pub told: u64,
    pub fault: Option<DeliveryFault>,
    pub summary: Option<ReadSummary>,
}

impl Became {
    /// Good rows, cells joined by `|`, and `!` for a malformed one.
    pub fn text(&self) -> Vec<String> {
        let row = |row: &Option<Vec<String>>| row.as_ref().map_or("!".into(), |r| r.join("|"));
        self.rows.iter().map(row).collect()
    }

    /// The fault, with its row as people count.
    pub fn fault(&self) -> String {
        self.fault
            .as_ref()
            .map_or("none".into(), ToString::to_string)
    }
}

/// Reads a delivery to its end or its fault, which then counts from the top of the delivery.
pub fn read(opened: Result<Opened, DeliveryFault>) -> Became {
    let mut became = Became::default();
    let mut opened = match opened {
        Ok(opened) => opened,
        Err(fault) => {
            became.fault = Some(fault);
            return became;
        }
    };
    loop {
        match opened.decoder.next_piece() {
            Ok(Some(Piece::Rows(chunk, bytes))) => {
                became.pieces += 1;
                became.told += bytes;
                for row in 0..chunk.rows() {
                    let good = !chunk.malformed().contains(&u32::try_from(row).unwrap());
                    let cell = |place: &Option<usize>| {
                        place.map_or(String::new(), |at| {
                            String::from_utf8_lossy(&chunk.cell(row, at)).into_owned()
                        })
                    };
                    let cells = opened.layout.places.iter().map(cell).collect();
                    became.rows.push(good.then_some(cells));
                }
            }
            Ok(Some(Piece::Bytes(_))) => panic!("these decoders give rows"),
            Ok(None) => break,
            Err(fault) => {
                became.fault = Some(fault.after(became.rows.len() as u64));
                return became;
            }
        }
    }
    match opened.decoder.finish() {
        Ok(summary) => became.summary = Some(summary),
        Err(fault) => became.fault = Some(fault),
    }
    became
}
