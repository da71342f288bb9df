//! What a source may not send at all: judged by what is in the cells, not by what columns are called.
//!
//! The register says of every source whether its partner may send a BSN and what its rows are about.
//! From that follow three questions, asked of every cell before it is treated, also of cells that are
//! dropped or refused:
//!
//! - **No BSN allowed** (`bsn = false`): is there a column full of numbers that pass the elfproef? See
//!   [`numbers`]. Judged over the whole delivery.
//! - **Counts or things** (`subject`): is there one value that points at a person? See [`signs`]. The
//!   first one ends the reading.
//! - **Counts**: are its rows persons? See [`Rows`].
//!
//! Sources of persons that may send a BSN are asked nothing and pay nothing. What is kept between pieces
//! of a delivery is bounded: numbers of a sample, and a few counts. No type here can be shown.

mod numbers;
mod signs;

use self::numbers::Numbers;
use self::signs::Strictness;
use super::choice;
use super::columns::integer;
use super::date;
use super::moment;
use crate::contract::model::{Column, DateFormat, Encoding, Kind, SourcePlan, Subject};
use crate::source::fault::DeliveryFault;
use crate::source::format::Layout;
use crate::source::raw::RawChunk;

/// Counts that are all 1: from so many rows on that is no accident any more.
const ONES: u64 = 20;
/// Of so many rows one may repeat a key or have a day where a month is asked: a slip costs its row.
const SLIPS: u64 = 20;
/// And so many are slips whatever the size of the delivery.
const FEW: u64 = 2;

/// The watch over what a source delivers, ready to run.
pub struct Watch {
    columns: Vec<Watched>,
    /// Judge columns by their numbers.
    bsn_forbidden: bool,
    /// Look for single values; `None` where persons may be.
    strict: Option<Strictness>,
    /// Ask whether rows are persons.
    counts: bool,
}

/// What there is to know of one column.
struct Watched {
    name: String,
    empty: Vec<Box<[u8]>>,
    kind: Nature,
    /// Only in sources of counts: its number says how many.
    count: Option<(i64, i64)>,
}

/// What the type of a column says of its cells.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Nature {
    /// Dates; a good one says nothing.
    Date(DateFormat),
    /// Moments; a good one says nothing.
    Moment,
    /// Postcodes in reference data.
    Postcode,
    /// Anything else.
    Other,
}

/// What one piece of a delivery shows, or all pieces so far.
pub struct Shown {
    numbers: Vec<Numbers>,
    rows: Rows,
}

/// What shows that rows are persons where counts were asked.
#[derive(Clone, Copy, Default)]
struct Rows {
    /// Rows that count something.
    counting: u64,
    /// Rows that persons never make: a count above 1, or nothing but zeros.
    summed: u64,
    /// Rows with a full date where the contract asks for a month or a year.
    finer: u64,
}

impl Watch {
    /// The watch over a source; `None` where there is nothing to watch for.
    #[must_use]
    pub fn new(plan: &SourcePlan) -> Option<Self> {
        let lawful = &plan.lawfulness;
        let counts = lawful.subject == Subject::Counts;
        let strict = (lawful.subject != Subject::Persons).then_some(Strictness {
            eight: counts,
            postcodes: true,
            dates: true,
        });
        if lawful.bsn_allowed && strict.is_none() {
            return None;
        }
        let encoding = plan.pipeline.format.encoding();
        let key = &plan.contract.key;
        let watched = |column: &Column| Watched::new(column, encoding, counts, key);
        Some(Self {
            columns: plan.contract.columns.iter().map(watched).collect(),
            bsn_forbidden: !lawful.bsn_allowed,
            strict,
            counts,
        })
    }

    /// Nothing shown yet.
    #[must_use]
    pub fn nothing(&self) -> Shown {
        let watched = if self.bsn_forbidden {
            self.columns.len()
        } else {
            0
        };
        Shown {
            numbers: (0..watched).map(|_| Numbers::default()).collect(),
            rows: Rows::default(),
        }
    }

    /// Looks at a piece: what it shows, and the fault where one value is enough.
    #[must_use]
    pub fn look(&self, chunk: &RawChunk, layout: &Layout) -> (Shown, Option<DeliveryFault>) {
        let mut shown = self.nothing();
        let places = self.columns.iter().zip(&layout.places).enumerate();
        let places: Vec<(usize, &Watched, usize)> = places
            .filter_map(|(at, (column, place))| Some((at, column, (*place)?)))
            .collect();
        let mut malformed = chunk.malformed().iter().peekable();
        for row in 0..chunk.rows() {
            if malformed.next_if(|m| **m as usize == row).is_some() {
                if let Some(what) = self.in_broken_row(chunk, row) {
                    return (shown, Some(identifying(row, "", what)));
                }
                continue;
            }
            let mut tally = RowTally::default();
            for &(at, column, place) in &places {
                let whole;
                let cell = if let Some(cell) = chunk.plain_cell(row, place) {
                    cell
                } else {
                    whole = chunk.cell(row, place);
                    &whole
                };
                if let Some(numbers) = shown.numbers.get_mut(at) {
                    gather(cell, numbers);
                }
                if self.strict.is_none() || column.is_empty(cell) {
                    continue;
                }
                if let Some(what) = self.sign(cell, column, &mut tally) {
                    return (shown, Some(identifying(row, &column.name, what)));
                }
            }
            if self.counts {
                shown.rows.add(&tally);
            }
        }
        (shown, None)
    }

    /// A row that is no record has no cells, but text it has.
    fn in_broken_row(&self, chunk: &RawChunk, row: usize) -> Option<&'static str> {
        signs::in_text(chunk.raw_row(row), self.strict?)
    }

    /// What kind of value a cell is, where it may be none.
    fn sign(&self, cell: &[u8], column: &Watched, tally: &mut RowTally) -> Option<&'static str> {
        let mut strict = self.strict?;
        match column.kind {
            Nature::Date(format) => {
                if date::parse(cell, format).is_some() {
                    return None;
                }
                let coarse = matches!(format, DateFormat::YearMonth | DateFormat::Year);
                tally.finer |=
                    coarse && signs::full_date(cell).is_some_and(|day| !day.begins_month());
                strict.dates = false;
            }
            Nature::Moment => {
                if moment::day(cell).is_some() {
                    return None;
                }
                strict.dates = false;
            }
            // Reference data lists postcodes; counts have no business with them.
            Nature::Postcode => strict.postcodes = self.counts,
            Nature::Other => {}
        }
        if let Some((min, max)) = column.count
            && let Some(number) = integer(cell).filter(|n| (min..=max).contains(n))
        {
            tally.counted = true;
            tally.ones |= number == 1;
            tally.more |= number > 1;
        }
        signs::in_cell(cell, strict)
    }

    /// The verdict over a whole delivery, of which `rows` rows were read and `doubled` refused for the
    /// key of another.
    #[must_use]
    pub fn judge(&self, shown: &mut Shown, rows: u64, doubled: u64) -> Option<DeliveryFault> {
        if self.counts
            && let Some(what) = shown.rows.persons(rows, doubled)
        {
            return Some(DeliveryFault::PersonRows(what));
        }
        let mut columns = shown.numbers.iter_mut().zip(&self.columns);
        columns.find_map(|(numbers, column)| {
            let (passed, numbers) = numbers.crowd()?;
            Some(DeliveryFault::HiddenBsn {
                column: column.name.clone(),
                passed,
                numbers,
            })
        })
    }
}

impl Watched {
    fn new(column: &Column, encoding: Encoding, counts: bool, key: &[String]) -> Self {
        let empty = column.empty.iter();
        Self {
            name: column.name.clone(),
            empty: empty
                .filter_map(|text| choice::encode(text, encoding))
                .collect(),
            kind: match column.kind {
                Kind::Date(format) => Nature::Date(format),
                Kind::Moment => Nature::Moment,
                Kind::PostcodeReference => Nature::Postcode,
                _ => Nature::Other,
            },
            // A year has a minimum far above 1, and what is part of the key counts nothing.
            count: match column.kind {
                Kind::Integer { min, max }
                    if counts && min <= 1 && max > 1 && !key.contains(&column.name) =>
                {
                    Some((min, max))
                }
                _ => None,
            },
        }
    }

    fn is_empty(&self, cell: &[u8]) -> bool {
        cell.is_empty() || self.empty.iter().any(|empty| **empty == *cell)
    }
}

impl Shown {
    /// Takes in what the next piece shows.
    pub fn absorb(&mut self, next: Self) {
        for (numbers, more) in self.numbers.iter_mut().zip(next.numbers) {
            numbers.absorb(more);
        }
        self.rows.counting += next.rows.counting;
        self.rows.summed += next.rows.summed;
        self.rows.finer += next.rows.finer;
    }
}

/// What one row shows.
#[derive(Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "four things that a row may show, independent of each other"
)]
struct RowTally {
    counted: bool,
    ones: bool,
    more: bool,
    finer: bool,
}

impl Rows {
    fn add(&mut self, row: &RowTally) {
        self.counting += u64::from(row.counted);
        self.summed += u64::from(row.counted && (row.more || !row.ones));
        self.finer += u64::from(row.finer);
    }

    /// By what rows give themselves away as persons:
    ///
    /// - keys repeat: a count has one row for a month and kind, persons have many;
    /// - every count is 1, and none is 0, over twenty rows or more: nobody counts that way;
    /// - there are days where the contract asks for months or years.
    ///
    /// A few such rows in a large delivery are slips; they cost themselves only.
    fn persons(self, rows: u64, doubled: u64) -> Option<&'static str> {
        let many = |some: u64| some > FEW && some * SLIPS > rows;
        if many(doubled) {
            return Some("many rows have the key of another");
        }
        if many(self.finer) {
            return Some("dates are days where the contract asks for a month or a year");
        }
        (self.counting >= ONES && self.summed == 0).then_some("every row counts one")
    }
}

fn identifying(row: usize, column: &str, what: &'static str) -> DeliveryFault {
    DeliveryFault::Identifying {
        row: row as u64,
        column: column.to_owned(),
        what,
    }
}

/// Notes the numbers of eight or nine digits that a cell is, or of nine digits that it holds.
#[inline]
fn gather(cell: &[u8], numbers: &mut Numbers) {
    if cell.len() < 8 {
        return;
    }
    match signs::whole_number(cell) {
        Some((number, _)) => numbers.add(number),
        None => signs::nine_digits(cell, |number| numbers.add(number)),
    }
}
