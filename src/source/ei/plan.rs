//! What each record of an EI file holds, and where.

use std::ops::Range;

use crate::contract::model::EiDialect;
use crate::source::fault::DeliveryFault;
use crate::source::format::{Headers, Layout};

/// The two digits that a record begins with.
pub(super) type Code = [u8; 2];

/// What a record is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// The first, once.
    Header,
    /// A person: its fields hold for the rows after it.
    Person,
    /// A row.
    Row,
    /// The last, once.
    Trailer,
}

/// One record.
#[derive(Debug)]
pub(super) struct Record {
    pub code: Code,
    pub part: Part,
    /// Where a field stands and which column it fills.
    pub fields: Vec<(Range<usize>, usize)>,
    /// What no field covers: nothing may stand there.
    pub gaps: Vec<Range<usize>>,
}

/// A count of the trailer.
#[derive(Debug)]
pub(super) struct Count {
    /// The records that it counts; `None`: all.
    pub code: Option<Code>,
    pub place: Range<usize>,
}

/// All records of a pipeline.
#[derive(Debug)]
pub(super) struct Plan {
    pub line_bytes: usize,
    pub records: Vec<Record>,
    pub counts: Vec<Count>,
}

impl Plan {
    /// The plan of a pipeline and the headers of its contract, and where its columns stand.
    ///
    /// # Errors
    /// A column of the contract that no field fills, or a field that fills none.
    pub(super) fn new(
        dialect: &EiDialect,
        headers: Headers<'_>,
    ) -> Result<(Self, Layout), DeliveryFault> {
        let mut records = Vec::new();
        let rows = dialect.rows.iter().map(|code| (code, Part::Row));
        let others = [
            (&dialect.header, Part::Header),
            (&dialect.person, Part::Person),
            (&dialect.trailer, Part::Trailer),
        ];
        for (code, part) in others.into_iter().chain(rows) {
            records.push(record(dialect, headers, code, part)?);
        }
        let filled = |column: usize| {
            let mut fields = records.iter().flat_map(|record| &record.fields);
            fields.any(|(_, filled)| *filled == column)
        };
        let mut places = Vec::new();
        for (at, column) in headers.columns.iter().enumerate() {
            if !filled(at) && !column.optional {
                return Err(DeliveryFault::MissingColumn(column.name.clone()));
            }
            places.push(filled(at).then_some(at));
        }
        let counts = dialect.counts.iter().map(|count| Count {
            code: code_of(&count.record),
            place: place(count.from, count.length),
        });
        let plan = Self {
            line_bytes: dialect.line_bytes,
            counts: counts.collect(),
            records,
        };
        let width = headers.columns.len();
        Ok((plan, Layout { width, places }))
    }
}

fn record(
    dialect: &EiDialect,
    headers: Headers<'_>,
    code: &str,
    part: Part,
) -> Result<Record, DeliveryFault> {
    let mut fields = Vec::new();
    for (at, field) in dialect.fields.iter().enumerate() {
        if field.record == code {
            let column = headers.find(&field.header);
            let column = column.ok_or(DeliveryFault::UnknownColumn(at + 1))?;
            fields.push((place(field.from, field.length), column));
        }
    }
    let mut taken = vec![false; dialect.line_bytes];
    let counts = dialect
        .counts
        .iter()
        .filter(|_| part == Part::Trailer)
        .map(|count| place(count.from, count.length));
    let own = fields.iter().map(|(place, _)| place.clone());
    let code_itself = std::iter::once(0..2);
    for place in own.chain(counts).chain(code_itself) {
        if let Some(bytes) = taken.get_mut(place) {
            bytes.fill(true);
        }
    }
    Ok(Record {
        code: code_of(code).ok_or(DeliveryFault::Structure {
            row: 0,
            what: "a code of the pipeline is not two digits",
        })?,
        part,
        fields,
        gaps: gaps(&taken),
    })
}

/// The runs of places that are not taken.
fn gaps(taken: &[bool]) -> Vec<Range<usize>> {
    let mut gaps = Vec::new();
    let mut from = 0;
    for run in taken.chunk_by(|before, after| before == after) {
        let to = from + run.len();
        if run.first() == Some(&false) {
            gaps.push(from..to);
        }
        from = to;
    }
    gaps
}

fn code_of(text: &str) -> Option<Code> {
    text.as_bytes().try_into().ok()
}

/// Pipelines count from 1.
fn place(from: usize, length: usize) -> Range<usize> {
    let from = from.saturating_sub(1);
    from..from.saturating_add(length)
}
