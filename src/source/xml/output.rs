//! Where rows go: into chunks that are sent on when they are large enough.

use std::sync::mpsc::SyncSender;

use crate::source::fault::DeliveryFault;
use crate::source::format::Piece;
use crate::source::raw::RawBuilder;

/// Rows of which a chunk is sent on, however short they are.
const MANY_ROWS: usize = 1 << 16;

/// Why the reading ends before the end.
#[derive(Debug)]
pub(super) enum Halt {
    /// The delivery is at fault; its row counts from 0 after the rows that were ended.
    Fault(DeliveryFault),
    /// Nobody listens any more.
    Gone,
}

impl From<DeliveryFault> for Halt {
    fn from(fault: DeliveryFault) -> Self {
        Self::Fault(fault)
    }
}

/// What the decoder's thread sends.
pub(super) type Sent = Result<Piece, DeliveryFault>;

/// Rows on their way.
pub(super) struct Output {
    builder: RawBuilder,
    piece_bytes: usize,
    sender: SyncSender<Sent>,
    /// How far into the delivery the reading is, and what of that was told.
    reached: u64,
    told: u64,
}

impl Output {
    /// An empty one, for rows of so many cells.
    pub(super) fn new(
        width: usize,
        max_row_bytes: usize,
        piece_bytes: usize,
        sender: SyncSender<Sent>,
    ) -> Self {
        Self {
            builder: RawBuilder::new(width, max_row_bytes),
            piece_bytes,
            sender,
            reached: 0,
            told: 0,
        }
    }

    /// The reading is so far into the delivery.
    pub(super) fn reach(&mut self, place: u64) {
        self.reached = self.reached.max(place);
    }

    /// Ends a row of these cells, the nearest first: a column that was set keeps its value. Gives
    /// the bytes that it took.
    pub(super) fn row_of<'v>(
        &mut self,
        cells: impl Iterator<Item = &'v (usize, Vec<u8>)>,
    ) -> Result<usize, Halt> {
        let before = self.builder.bytes();
        for (column, value) in cells {
            let _ = self.builder.set(*column, value);
        }
        self.builder.end_row();
        let bytes = self.builder.bytes() - before;
        self.pass_on_when_full()?;
        Ok(bytes)
    }

    /// Ends a row that is no record.
    pub(super) fn malformed(&mut self) -> Result<(), Halt> {
        self.builder.end_malformed();
        self.pass_on_when_full()
    }

    fn pass_on_when_full(&mut self) -> Result<(), Halt> {
        if self.builder.bytes() < self.piece_bytes && self.builder.rows() < MANY_ROWS {
            return Ok(());
        }
        self.pass_on()
    }

    /// Sends the rows that wait.
    pub(super) fn pass_on(&mut self) -> Result<(), Halt> {
        if self.builder.rows() == 0 {
            return Ok(());
        }
        let piece = Piece::Rows(self.builder.take(), self.reached - self.told);
        self.told = self.reached;
        self.sender.send(Ok(piece)).map_err(|_| Halt::Gone)
    }

    /// Sends a fault after the rows that went before it.
    pub(super) fn refuse(&mut self, fault: DeliveryFault) {
        // The rows first: the fault counts from the row after them.
        if self.pass_on().is_ok() {
            let _ = self.sender.send(Err(fault));
        }
    }
}
