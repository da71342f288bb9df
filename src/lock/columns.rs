//! One column through the lock: its cells are read, checked and treated in one pass.

mod ages;
mod numbers;

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanBuilder, Date32Array, DictionaryArray, FixedSizeBinaryArray, Int64Array,
    ListBuilder, PrimitiveArray, StringArray, StringBuilder,
};
use arrow::buffer::{Buffer, NullBuffer};
use arrow::datatypes::{DataType, Field, UInt16Type};

pub(super) use self::numbers::integer;

use self::ages::{ages, at_date};
use self::numbers::region;
use super::bsn;
use super::choice::ChoiceTable;
use super::date::{self, Known};
use super::decimal;
use super::moment;
use super::postcode::{Postcode, PostcodeTable};
use super::pseudonym::{IdentifierKind, Pseudonym, Pseudonymiser};
use super::rule::Rule;
use crate::contract::model::{Column, DateFormat, Kind, Notation, Treatment};
use crate::source::raw::RawChunk;

/// What the lock does with the cells of one column.
pub(super) enum Step {
    Choice(ChoiceTable),
    Choices {
        table: ChoiceTable,
        separator: u8,
    },
    Date(DateFormat),
    Integer {
        min: i64,
        max: i64,
    },
    Decimal {
        notation: Notation,
        decimals: u8,
        min: i64,
        max: i64,
    },
    Moment,
    Boolean {
        yes: Vec<Box<[u8]>>,
        no: Vec<Box<[u8]>>,
    },
    Region,
    PostcodeReference,
    Pseudonym {
        maker: Arc<Pseudonymiser>,
        identifier: Identifier,
    },
    AgeBand {
        born: DateFormat,
        at: AtDate,
        borders: Vec<u8>,
        labels: Arc<StringArray>,
        /// The column (in the contract) that says how much of the birth date is known.
        known: Option<usize>,
    },
    Wijk(Arc<PostcodeTable>),
    Pc4(Arc<StringArray>),
    Drop {
        max_bytes: usize,
    },
}

/// How the identifier in a cell becomes the canonical one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Identifier {
    /// A burgerservicenummer.
    Bsn,
    /// A partner's own number.
    Number {
        /// The longest that the contract accepts.
        max_bytes: usize,
    },
}

/// The date at which an age is taken.
pub(super) struct AtDate {
    /// Index in the contract.
    pub column: usize,
    pub format: DateFormat,
    pub empty: Vec<Box<[u8]>>,
}

/// One column of the contract, ready to run.
pub(super) struct ColumnPlan {
    pub required: bool,
    pub empty: Vec<Box<[u8]>>,
    pub step: Step,
}

/// Which rows of a chunk were refused, by whom, the first refusal of a row only.
pub(super) struct Verdicts {
    pub refused: Vec<bool>,
    pub refusals: Vec<(u32, u16, Rule)>,
}

/// The column of refusals that concern the whole row.
pub(super) const WHOLE_ROW: u16 = u16::MAX;

impl Verdicts {
    pub fn new(rows: usize) -> Self {
        Self {
            refused: vec![false; rows],
            refusals: Vec::new(),
        }
    }

    #[cold]
    pub fn refuse(&mut self, row: usize, column: u16, rule: Rule) {
        if !std::mem::replace(&mut self.refused[row], true) {
            self.refusals
                .push((u32::try_from(row).unwrap_or(u32::MAX), column, rule));
        }
    }
}

/// The cells of one column: where they are, and what an empty one means.
struct Cells<'a> {
    chunk: &'a RawChunk,
    place: Option<usize>,
    plan: &'a ColumnPlan,
    column: u16,
}

impl Cells<'_> {
    /// Calls `read` for every cell with a value and collects what it makes; an empty cell is `None`.
    /// A refused cell is `None` too, and its row is marked.
    #[inline]
    fn map<T>(
        &self,
        verdicts: &mut Verdicts,
        mut read: impl FnMut(usize, &[u8]) -> Result<Option<T>, Rule>,
        mut take: impl FnMut(Option<T>),
    ) {
        let mut value = |row: usize, cell: &[u8]| {
            if !is_empty(cell, &self.plan.empty) {
                read(row, cell)
            } else if self.plan.required {
                Err(Rule::Verplicht)
            } else {
                Ok(None)
            }
        };
        for row in 0..self.chunk.rows() {
            let made = match self.place {
                None => value(row, &[]),
                Some(place) => match self.chunk.plain_cell(row, place) {
                    Some(cell) => value(row, cell),
                    None => value(row, &self.chunk.cell(row, place)),
                },
            };
            take(made.unwrap_or_else(|rule| {
                verdicts.refuse(row, self.column, rule);
                None
            }));
        }
    }
}

#[inline]
fn is_empty(cell: &[u8], spellings: &[Box<[u8]>]) -> bool {
    cell.is_empty() || spellings.iter().any(|s| **s == *cell)
}

impl ColumnPlan {
    /// Runs the column over a chunk. `places` says where the columns of the contract stand in the file.
    pub fn run(
        &self,
        chunk: &RawChunk,
        places: &[Option<usize>],
        column: usize,
        verdicts: &mut Verdicts,
    ) -> Option<ArrayRef> {
        let index = u16::try_from(column).unwrap_or(WHOLE_ROW);
        let cells = Cells {
            chunk,
            place: places[column],
            plan: self,
            column: index,
        };
        Some(match &self.step {
            Step::Choice(table) => coded(&cells, verdicts, table.values(), |cell| {
                table.code(cell).ok_or(Rule::Keuze)
            }),
            Step::Choices { table, separator } => choices(&cells, verdicts, table, *separator),
            Step::Date(format) => {
                let read = |_, cell: &[u8]| {
                    date::parse(cell, *format)
                        .map(|d| Some(d.since_epoch()))
                        .ok_or(Rule::Datum)
                };
                let (values, nulls) = primitive(&cells, verdicts, read);
                Arc::new(Date32Array::new(values.into(), nulls))
            }
            Step::Integer { min, max } => {
                let read = |_, cell: &[u8]| {
                    let number = integer(cell).ok_or(Rule::Getal)?;
                    if (*min..=*max).contains(&number) {
                        Ok(Some(number))
                    } else {
                        Err(Rule::Bereik)
                    }
                };
                let (values, nulls) = primitive(&cells, verdicts, read);
                Arc::new(Int64Array::new(values.into(), nulls))
            }
            Step::Decimal {
                notation,
                decimals,
                min,
                max,
            } => {
                let read = |_, cell: &[u8]| {
                    let number = decimal::parse(cell, *notation, *decimals).ok_or(Rule::Getal)?;
                    if (*min..=*max).contains(&number) {
                        Ok(Some(number))
                    } else {
                        Err(Rule::Bereik)
                    }
                };
                let (values, nulls) = primitive(&cells, verdicts, read);
                Arc::new(Int64Array::new(values.into(), nulls))
            }
            Step::Moment => {
                let read = |_, cell: &[u8]| {
                    moment::day(cell)
                        .map(|day| Some(day.since_epoch()))
                        .ok_or(Rule::Tijdstip)
                };
                let (values, nulls) = primitive(&cells, verdicts, read);
                Arc::new(Date32Array::new(values.into(), nulls))
            }
            Step::Boolean { yes, no } => boolean(&cells, verdicts, yes, no),
            Step::Region => text(&cells, verdicts, |cell| region(cell).ok_or(Rule::Regio)),
            Step::PostcodeReference => text(&cells, verdicts, |cell| {
                Postcode::parse(cell)
                    .map(Postcode::canonical)
                    .ok_or(Rule::Postcode)
            }),
            Step::Pseudonym { maker, identifier } => {
                pseudonyms(&cells, verdicts, maker, identifier)
            }
            Step::AgeBand {
                born,
                at,
                borders,
                labels,
                known,
            } => {
                let at_day = |row| at_date(chunk, row, places[at.column], at);
                let known = known.and_then(|column| places[column]);
                let known =
                    |row| known.map_or(Known::Day, |place| Known::told(&chunk.cell(row, place)));
                ages(&cells, verdicts, *born, (known, at_day), (borders, labels))
            }
            Step::Wijk(table) => wijk(&cells, verdicts, table),
            Step::Pc4(values) => coded(&cells, verdicts, values, |cell| {
                Postcode::parse(cell)
                    .map(|p| p.pc4() - 1000)
                    .ok_or(Rule::Postcode)
            }),
            Step::Drop { max_bytes } => {
                let read = |_, cell: &[u8]| {
                    if cell.len() > *max_bytes {
                        Err(Rule::TeLang)
                    } else {
                        Ok(None::<()>)
                    }
                };
                cells.map(verdicts, read, |_| {});
                return None;
            }
        })
    }
}

/// The Arrow type of a column after the lock; `None` for a dropped one, and for a kind that its
/// treatment cannot keep.
pub(super) fn data_type(column: &Column) -> Option<DataType> {
    let coded = || DataType::Dictionary(Box::new(DataType::UInt16), Box::new(DataType::Utf8));
    Some(match (&column.treatment, &column.kind) {
        (Treatment::Pseudonymise { .. }, _) => DataType::FixedSizeBinary(16),
        (Treatment::AgeBand { .. } | Treatment::Wijk { .. } | Treatment::Pc4 { .. }, _)
        | (Treatment::Keep, Kind::Choice(_)) => coded(),
        (Treatment::Keep, Kind::Choices { .. }) => {
            DataType::List(Arc::new(Field::new_list_field(DataType::Utf8, true)))
        }
        (Treatment::Keep, Kind::Date(_) | Kind::Moment) => DataType::Date32,
        (Treatment::Keep, Kind::Integer { .. } | Kind::Decimal { .. }) => DataType::Int64,
        (Treatment::Keep, Kind::Boolean { .. }) => DataType::Boolean,
        (Treatment::Keep, Kind::CbsRegion | Kind::PostcodeReference) => DataType::Utf8,
        (Treatment::Drop, _)
        | (
            Treatment::Keep,
            Kind::Text { .. } | Kind::Bsn | Kind::Identifier { .. } | Kind::Postcode,
        ) => return None,
    })
}

/// Values and validity of a primitive column.
fn primitive<T: Default + arrow::datatypes::ArrowNativeType>(
    cells: &Cells<'_>,
    verdicts: &mut Verdicts,
    read: impl FnMut(usize, &[u8]) -> Result<Option<T>, Rule>,
) -> (Vec<T>, Option<NullBuffer>) {
    let mut values = Vec::with_capacity(cells.chunk.rows());
    let mut nulls = Vec::new();
    cells.map(verdicts, read, |value| {
        if value.is_none() {
            nulls.push(values.len());
        }
        values.push(value.unwrap_or_default());
    });
    let nulls = null_buffer(values.len(), &nulls);
    (values, nulls)
}

/// A validity buffer with the given places not valid; `None` when all are.
fn null_buffer(rows: usize, nulls: &[usize]) -> Option<NullBuffer> {
    if nulls.is_empty() {
        return None;
    }
    let mut valid = vec![true; rows];
    for &at in nulls {
        valid[at] = false;
    }
    Some(NullBuffer::from(valid))
}

fn coded(
    cells: &Cells<'_>,
    verdicts: &mut Verdicts,
    values: &Arc<StringArray>,
    code: impl Fn(&[u8]) -> Result<u16, Rule>,
) -> ArrayRef {
    let (codes, nulls) = primitive(cells, verdicts, |_, cell| code(cell).map(Some));
    dictionary(codes, nulls, values)
}

/// A dictionary array over values that every chunk shares. A null stands on code 0, so an empty list
/// of values cannot carry one; the contract admits no empty list.
fn dictionary(codes: Vec<u16>, nulls: Option<NullBuffer>, values: &Arc<StringArray>) -> ArrayRef {
    let keys = PrimitiveArray::<UInt16Type>::new(codes.into(), nulls);
    Arc::new(DictionaryArray::new(keys, Arc::clone(values) as ArrayRef))
}

fn choices(
    cells: &Cells<'_>,
    verdicts: &mut Verdicts,
    table: &ChoiceTable,
    separator: u8,
) -> ArrayRef {
    let mut lists = ListBuilder::new(StringBuilder::new());
    let read = |_, cell: &[u8]| {
        let parts = cell
            .split(|&b| b == separator)
            .map(<[u8]>::trim_ascii)
            .filter(|p| !p.is_empty());
        parts
            .map(|part| table.code(part).ok_or(Rule::Keuze))
            .collect::<Result<Vec<_>, _>>()
            .map(Some)
    };
    cells.map(verdicts, read, |codes| {
        let mut codes = codes.unwrap_or_default();
        codes.sort_unstable();
        codes.dedup();
        for code in codes {
            lists
                .values()
                .append_value(table.values().value(usize::from(code)));
        }
        lists.append(true);
    });
    Arc::new(lists.finish())
}

fn boolean(
    cells: &Cells<'_>,
    verdicts: &mut Verdicts,
    yes: &[Box<[u8]>],
    no: &[Box<[u8]>],
) -> ArrayRef {
    let mut values = BooleanBuilder::with_capacity(cells.chunk.rows());
    let among = |list: &[Box<[u8]>], cell: &[u8]| list.iter().any(|s| **s == *cell);
    let read = |_, cell: &[u8]| match (among(yes, cell), among(no, cell)) {
        (true, _) => Ok(Some(true)),
        (_, true) => Ok(Some(false)),
        _ => Err(Rule::JaNee),
    };
    cells.map(verdicts, read, |value| values.append_option(value));
    Arc::new(values.finish())
}

fn text(
    cells: &Cells<'_>,
    verdicts: &mut Verdicts,
    read: impl Fn(&[u8]) -> Result<String, Rule>,
) -> ArrayRef {
    let mut values = StringBuilder::new();
    cells.map(
        verdicts,
        |_, cell| read(cell).map(Some),
        |value| values.append_option(value),
    );
    Arc::new(values.finish())
}

fn pseudonyms(
    cells: &Cells<'_>,
    verdicts: &mut Verdicts,
    maker: &Pseudonymiser,
    identifier: &Identifier,
) -> ArrayRef {
    let rows = cells.chunk.rows();
    let mut bytes = Vec::with_capacity(rows * 16);
    let mut nulls = Vec::new();
    cells.map(
        verdicts,
        |_, cell| pseudonym(cell, maker, identifier).map(Some),
        |value| {
            if value.is_none() {
                nulls.push(bytes.len() / 16);
            }
            bytes.extend_from_slice(&value.unwrap_or_default());
        },
    );
    Arc::new(FixedSizeBinaryArray::new(
        16,
        Buffer::from_vec(bytes),
        null_buffer(rows, &nulls),
    ))
}

/// Parse, check and HMAC of one identifier: the core of the lock.
///
/// # Errors
/// What is wrong with the identifier.
#[inline]
pub fn pseudonym(
    cell: &[u8],
    maker: &Pseudonymiser,
    identifier: &Identifier,
) -> Result<Pseudonym, Rule> {
    match identifier {
        Identifier::Bsn => maker
            .pseudonym(IdentifierKind::Bsn, &bsn::normalise(cell)?)
            .ok_or(Rule::BsnVorm),
        Identifier::Number { max_bytes } => {
            if cell.len() > *max_bytes || !cell.iter().all(|b| b.is_ascii_graphic() || *b == b' ') {
                return Err(Rule::Nummer);
            }
            maker
                .pseudonym(IdentifierKind::Number, cell)
                .ok_or(Rule::Nummer)
        }
    }
}

fn wijk(cells: &Cells<'_>, verdicts: &mut Verdicts, table: &PostcodeTable) -> ArrayRef {
    let mut codes = Vec::with_capacity(cells.chunk.rows());
    let read = |_, cell: &[u8]| Postcode::parse(cell).map(Some).ok_or(Rule::Postcode);
    cells.map(verdicts, read, |postcode| codes.push(table.code(postcode)));
    dictionary(codes, None, table.slugs())
}

/// The values that [`Step::Pc4`] counts in: 1000 up to and including 9999.
pub(super) fn pc4_values() -> Arc<StringArray> {
    Arc::new((1000..10_000).map(|n| Some(n.to_string())).collect())
}
