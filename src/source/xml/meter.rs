//! A reader that stops at what the pipeline accepts, so that no message can fill memory or time.

use std::io::{self, BufRead, Read};

/// Which limit was met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Limit {
    /// A record, or what stands between two of them.
    Record,
    /// The delivery as a whole, unpacked.
    Total,
    /// More than its packed size can account for.
    Ratio,
}

/// A reader and what was taken from it.
pub(super) struct Meter<R> {
    inner: R,
    taken: u64,
    record_end: u64,
    max_record: u64,
    /// Where this file must end, and by which limit.
    end: (u64, Limit),
    met: Option<Limit>,
}

impl<R: BufRead> Meter<R> {
    /// A reader of one message.
    pub(super) fn new(inner: R, max_record: usize, end: (u64, Limit)) -> Self {
        let max_record = max_record as u64;
        Self {
            inner,
            taken: 0,
            record_end: max_record,
            max_record,
            end,
            met: None,
        }
    }

    /// A record begins or ended here: the next one may take as much again.
    pub(super) fn mark(&mut self) {
        self.record_end = self.taken.saturating_add(self.max_record);
    }

    /// Bytes read so far.
    pub(super) fn taken(&self) -> u64 {
        self.taken
    }

    /// The limit that stopped the reading.
    pub(super) fn met(&self) -> Option<Limit> {
        self.met
    }
}

impl<R: BufRead> Read for Meter<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let available = self.fill_buf()?;
        let got = available.len().min(into.len());
        if let (Some(to), Some(from)) = (into.get_mut(..got), available.get(..got)) {
            to.copy_from_slice(from);
        }
        self.consume(got);
        Ok(got)
    }
}

impl<R: BufRead> BufRead for Meter<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        let (end, limit) = if self.record_end < self.end.0 {
            (self.record_end, Limit::Record)
        } else {
            self.end
        };
        let left = usize::try_from(end.saturating_sub(self.taken)).unwrap_or(usize::MAX);
        let available = self.inner.fill_buf()?;
        if left == 0 && !available.is_empty() {
            self.met = Some(limit);
            return Err(io::Error::other("limit"));
        }
        Ok(available
            .get(..left.min(available.len()))
            .unwrap_or_default())
    }

    fn consume(&mut self, bytes: usize) {
        self.taken += bytes as u64;
        self.inner.consume(bytes);
    }
}
