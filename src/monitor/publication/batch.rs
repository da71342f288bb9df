//! The rows of a view, as Arrow has them: taken apart into tables, judged, and put together again
//! without what is hidden.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, RecordBatch, StringArray};
use arrow::compute::{cast, nullif};
use arrow::datatypes::{DataType, Float64Type, Int64Type};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use rayon::iter::{IntoParallelIterator, ParallelIterator};

use super::frame::{Cell, Frame, PublicationError, published};
use super::rounding;
use super::suppress;
use super::table::{Bands, Reason, Row, Table};
use crate::contract::model::{Publication, PublicationRules, ViewColumn};

/// What of the rows of a view may be published: with cells hidden where that is needed, without the
/// columns that only the rules read.
///
/// # Errors
/// When the rows are not those that the contract describes.
pub fn publish(
    rows: &RecordBatch,
    columns: &[ViewColumn],
    publication: &Publication,
) -> Result<RecordBatch, PublicationError> {
    let schema = published(rows.schema_ref(), columns, publication)?;
    let frame = Frame::read(rows.schema_ref(), columns)?;
    let mut arrays = rows.columns().to_vec();
    let mut reasons = None;
    if let Publication::Judged(rules) = publication {
        reasons = Some(judged(rows, &frame, *rules, &mut arrays)?);
    }
    let shown = frame.shown.iter().map(|at| column(&arrays, *at));
    let mut shown = shown.collect::<Result<Vec<_>, _>>()?;
    if let Some(reasons) = reasons {
        let words = reasons.iter().map(|r| r.map(Reason::word));
        shown.push(Arc::new(words.collect::<StringArray>()));
    }
    Ok(RecordBatch::try_new(schema, shown)?)
}

fn column(arrays: &[ArrayRef], at: usize) -> Result<ArrayRef, PublicationError> {
    arrays.get(at).cloned().ok_or(PublicationError::Columns)
}

/// Judges every column of cells, and takes out of the arrays what is hidden. Returns why.
fn judged(
    rows: &RecordBatch,
    frame: &Frame,
    rules: PublicationRules,
    arrays: &mut [ArrayRef],
) -> Result<Vec<Option<Reason>>, PublicationError> {
    let places = Places::read(rows, frame)?;
    let mut all = vec![None; rows.num_rows()];
    for cell in &frame.cells {
        let figures = Figures::read(rows, cell)?;
        let reasons = places.judge(&figures, rules);
        let mask: BooleanArray = reasons.iter().map(|r| Some(r.is_some())).collect();
        for at in cell.follows.iter().map(|f| f.at).chain([cell.at]) {
            if let Some(array) = arrays.get_mut(at) {
                *array = nullif(array, &mask)?;
            }
        }
        if let Some(step) = rules.rounding {
            rounding::round(arrays, cell, &places.wholes(), step)?;
        }
        for (all, reason) in all.iter_mut().zip(reasons) {
            *all = (*all).max(reason);
        }
    }
    Ok(all)
}

/// Where the rows of a view stand.
struct Places {
    /// The rows of each table that is judged by itself.
    tables: BTreeMap<Vec<String>, Vec<usize>>,
    parts: Vec<Vec<Option<String>>>,
    bands: Vec<Option<Bands>>,
}

impl Places {
    fn read(rows: &RecordBatch, frame: &Frame) -> Result<Self, PublicationError> {
        let texts = |at: &usize| texts(rows, *at);
        let groups = frame.groups.iter().map(texts);
        let groups = groups.collect::<Result<Vec<_>, _>>()?;
        let labels = frame.labels.iter().map(texts);
        let labels = labels.collect::<Result<Vec<_>, _>>()?;
        let bands = match frame.range {
            None => vec![None; rows.num_rows()],
            Some((from, to)) => {
                let ends = whole_numbers(rows, from)?
                    .into_iter()
                    .zip(whole_numbers(rows, to)?);
                let range = |(from, to): (Option<i64>, Option<i64>)| {
                    let (first, last) = from.zip(to)?;
                    (first <= last).then_some(Bands { first, last })
                };
                ends.map(range).collect()
            }
        };
        let mut parts = vec![Vec::new(); rows.num_rows()];
        for (at, total) in &frame.sums {
            for (parts, text) in parts.iter_mut().zip(texts(at)?) {
                parts.push((text != *total).then_some(text));
            }
        }
        let mut tables: BTreeMap<Vec<String>, Vec<usize>> = BTreeMap::new();
        for (row, bands) in bands.iter().enumerate() {
            let of = |columns: &[Vec<String>]| -> Vec<String> {
                columns.iter().filter_map(|c| c.get(row).cloned()).collect()
            };
            let mut table = of(&groups);
            // A row without bands has nothing to do with rows of another label.
            if bands.is_none() {
                table.push("label".to_owned());
                table.extend(of(&labels));
            }
            tables.entry(table).or_default().push(row);
        }
        Ok(Self {
            tables,
            parts,
            bands,
        })
    }

    fn judge(&self, figures: &Figures, rules: PublicationRules) -> Vec<Option<Reason>> {
        let mut reasons = vec![None; self.parts.len()];
        let row = |at: &usize| Some((*at, self.row(*at, figures)?));
        let tables: Vec<_> = self.tables.values().collect();
        let judged: Vec<(Vec<usize>, Vec<Option<Reason>>)> = tables
            .into_par_iter()
            .map(|rows| {
                let (places, rows): (Vec<usize>, Vec<Row>) = rows.iter().filter_map(row).unzip();
                let found = suppress::judge(&Table { rows }, rules);
                (places, found)
            })
            .collect();
        for (places, found) in judged {
            for (place, reason) in places.into_iter().zip(found) {
                if let Some(place) = reasons.get_mut(place) {
                    *place = reason;
                }
            }
        }
        // What is no number stands in no sum, and is hidden by itself.
        let least = i64::from(rules.smallest_cell);
        for (at, reason) in reasons.iter_mut().enumerate() {
            let clients = figures.clients(at);
            let hidden = match figures.values.get(at) {
                Some(Figure::Odd) => true,
                Some(Figure::Absent) => (1..least).contains(&clients),
                _ => false,
            };
            if hidden {
                *reason = Some(Reason::Small);
            }
        }
        reasons
    }

    fn row(&self, at: usize, figures: &Figures) -> Option<Row> {
        let Some(Figure::Number(value)) = figures.values.get(at) else {
            return None;
        };
        Some(Row {
            parts: self.parts.get(at)?.clone(),
            bands: *self.bands.get(at)?,
            value: *value,
            clients: figures.clients(at),
            largest: figures.largest(at),
        })
    }

    /// For each row the one that stands for the whole range in the same place, of which it is a share.
    /// Without a range that is the total of all dimensions.
    fn wholes(&self) -> Vec<Option<usize>> {
        let mut wholes = vec![None; self.parts.len()];
        for rows in self.tables.values() {
            let bands = || {
                rows.iter()
                    .filter_map(|r| self.bands.get(*r).copied().flatten())
            };
            let first = bands().map(|b| b.first).min();
            let last = bands().map(|b| b.last).max();
            let all = first.zip(last).map(|(first, last)| Bands { first, last });
            for row in rows {
                let parts = self.parts.get(*row);
                let whole = rows.iter().find(|other| {
                    let same = self.parts.get(**other);
                    let place = match all {
                        Some(_) => same == parts,
                        None => same.is_some_and(|p| p.iter().all(Option::is_none)),
                    };
                    place && self.bands.get(**other) == Some(&all)
                });
                if let Some(place) = wholes.get_mut(*row) {
                    *place = whole.copied();
                }
            }
        }
        wholes
    }
}

/// A value of a cell.
enum Figure {
    /// NULL: there is no figure.
    Absent,
    /// Not a number, or an infinite one.
    Odd,
    Number(i64),
}

/// The cells of one column.
struct Figures {
    values: Vec<Figure>,
    /// `None` when the cells are numbers of clients themselves.
    clients: Option<Vec<Option<i64>>>,
    largest: Option<Vec<Option<i64>>>,
}

impl Figures {
    fn read(rows: &RecordBatch, cell: &Cell) -> Result<Self, PublicationError> {
        let helper = |at: Option<usize>| at.map(|at| whole_numbers(rows, at)).transpose();
        Ok(Self {
            values: figures(rows, cell.at)?,
            clients: helper(cell.clients)?,
            largest: helper(cell.largest)?,
        })
    }

    /// Who is not known to be there is not there.
    fn clients(&self, at: usize) -> i64 {
        match &self.clients {
            Some(clients) => clients.get(at).copied().flatten().unwrap_or(0),
            None => match self.values.get(at) {
                Some(Figure::Number(value)) => (*value).max(0),
                _ => 0,
            },
        }
    }

    /// A contribution that is not known may be all of it.
    fn largest(&self, at: usize) -> Option<i64> {
        let largest = self.largest.as_ref()?;
        Some(largest.get(at).copied().flatten().unwrap_or(i64::MAX))
    }
}

fn figures(rows: &RecordBatch, at: usize) -> Result<Vec<Figure>, PublicationError> {
    let array = column(rows.columns(), at)?;
    if array.data_type().is_integer() {
        let numbers = whole_numbers(rows, at)?;
        return Ok(numbers
            .into_iter()
            .map(|n| n.map_or(Figure::Absent, Figure::Number))
            .collect());
    }
    let numbers = cast(&array, &DataType::Float64)?;
    let numbers = numbers.as_primitive::<Float64Type>().iter();
    Ok(numbers
        .map(|number| match number {
            None => Figure::Absent,
            Some(number) if !number.is_finite() => Figure::Odd,
            Some(number) => Figure::Number(rounded(number)),
        })
        .collect())
}

/// The nearest whole number, but not 0 for what is not.
#[expect(
    clippy::cast_possible_truncation,
    reason = "what is too large becomes the largest number"
)]
fn rounded(number: f64) -> i64 {
    match number.round() as i64 {
        0 if number > 0.0 => 1,
        0 if number < 0.0 => -1,
        near => near,
    }
}

fn whole_numbers(rows: &RecordBatch, at: usize) -> Result<Vec<Option<i64>>, PublicationError> {
    let array = column(rows.columns(), at)?;
    if array.data_type().is_integer() || array.data_type().is_null() {
        let numbers = cast(&array, &DataType::Int64)?;
        return Ok(numbers.as_primitive::<Int64Type>().iter().collect());
    }
    let numbers = cast(&array, &DataType::Float64)?;
    let numbers = numbers.as_primitive::<Float64Type>().iter();
    Ok(numbers
        .map(|n| n.filter(|n| n.is_finite()).map(rounded))
        .collect())
}

/// The values of a column as texts; NULL is a text that no value has.
fn texts(rows: &RecordBatch, at: usize) -> Result<Vec<String>, PublicationError> {
    let array = column(rows.columns(), at)?;
    let options = FormatOptions::new().with_null("\u{0}");
    let formatter = ArrayFormatter::try_new(&array, &options)?;
    let text = |row| Ok(formatter.value(row).try_to_string()?);
    (0..array.len()).map(text).collect()
}
