//! The figures of the views, as the monitor publishes them. Nothing is computed here, and a view or a
//! column that is not there is simply not there.

use std::collections::{BTreeMap, BTreeSet};

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Decimal128Type, Float64Type, Int64Type};
use arrow::util::display::array_value_to_string;

use super::ReportError;
use super::amount::Amount;
use crate::monitor::{Monitor, Relation};

/// The column that says why a cell is hidden.
const HIDDEN: &str = "onderdrukt";

/// The views of a release, with their rows.
pub struct Figures {
    views: BTreeMap<String, View>,
}

/// A view and its rows, over all years.
pub struct View {
    /// Its name.
    pub name: String,
    /// What it shows, in Dutch; the first line is its title.
    pub documentation: String,
    /// Its columns.
    pub columns: Vec<String>,
    /// Its rows, in the order of the report.
    pub lines: Vec<Line>,
}

/// A row of a view.
#[derive(Clone, Debug, Default)]
pub struct Line {
    cells: BTreeMap<String, Value>,
}

/// A cell.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Text.
    Text(String),
    /// A number with so many decimals.
    Number(f64, u8),
    /// Yes or no.
    Truth(bool),
    /// NULL.
    Null,
}

impl Figures {
    /// Reads every view of schema `monitor`.
    ///
    /// # Errors
    /// When a view cannot be read.
    pub async fn read(monitor: &Monitor) -> Result<Self, ReportError> {
        let mut views = BTreeMap::new();
        for relation in monitor.views().iter().filter(|r| r.schema == "monitor") {
            let batches = monitor.query(&question(relation)).await?.collect().await?;
            let lines = batches.iter().map(lines).collect::<Result<Vec<_>, _>>()?;
            let view = View {
                name: relation.name.clone(),
                documentation: relation.documentation.clone(),
                columns: relation.columns.iter().map(|c| c.name.clone()).collect(),
                lines: lines.concat(),
            };
            views.insert(relation.name.clone(), view);
        }
        Ok(Self { views })
    }

    /// A view by name.
    #[must_use]
    pub fn view(&self, name: &str) -> Option<&View> {
        self.views.get(name)
    }

    /// All views, by name.
    pub fn views(&self) -> impl Iterator<Item = &View> {
        self.views.values()
    }

    /// The years that a report can be about: those with hulpvragen, because of other years there is no
    /// definition. Contracts without that view: all years of all views.
    #[must_use]
    pub fn years(&self) -> Vec<i64> {
        let all = |view: &View| view.lines.iter().filter_map(Line::year).collect::<Vec<_>>();
        let found: BTreeSet<i64> = match self.view("hulpvragen") {
            Some(view) => {
                let asked = view.lines.iter().filter(|l| l.is("soort", "hulpvraag"));
                asked.filter_map(Line::year).collect()
            }
            None => self.views().flat_map(all).collect(),
        };
        found.into_iter().collect()
    }
}

impl View {
    /// Its rows of a year.
    pub fn of(&self, year: i64) -> impl Iterator<Item = &Line> {
        self.lines.iter().filter(move |l| l.year() == Some(year))
    }

    /// The first line of its documentation, without a final dot.
    #[must_use]
    pub fn title(&self) -> &str {
        let first = self.documentation.lines().next().unwrap_or(&self.name);
        first.trim().trim_end_matches('.')
    }
}

impl Line {
    /// The value of a column; NULL when there is none.
    #[must_use]
    pub fn value(&self, column: &str) -> &Value {
        self.cells.get(column).unwrap_or(&Value::Null)
    }

    /// Its year.
    #[must_use]
    pub fn year(&self) -> Option<i64> {
        self.whole("jaar")
    }

    /// A whole number.
    #[must_use]
    pub fn whole(&self, column: &str) -> Option<i64> {
        match self.value(column) {
            #[expect(
                clippy::cast_possible_truncation,
                reason = "it came from a whole number"
            )]
            Value::Number(number, 0) => Some(*number as i64),
            _ => None,
        }
    }

    /// A text; empty when there is none.
    #[must_use]
    pub fn text(&self, column: &str) -> &str {
        match self.value(column) {
            Value::Text(text) => text,
            _ => "",
        }
    }

    /// Whether a column holds this text.
    #[must_use]
    pub fn is(&self, column: &str, text: &str) -> bool {
        matches!(self.value(column), Value::Text(found) if found == text)
    }

    /// Whether its view has a column.
    #[must_use]
    pub fn has(&self, column: &str) -> bool {
        self.cells.contains_key(column)
    }

    /// A figure: what is NULL in a row that says why is hidden.
    #[must_use]
    pub fn amount(&self, column: &str) -> Amount {
        match self.value(column) {
            Value::Number(number, _) => Amount::Known(*number),
            _ if self.value(HIDDEN) != &Value::Null => Amount::Hidden,
            _ => Amount::Absent,
        }
    }

    /// The definition that applied.
    #[must_use]
    pub fn definition(&self) -> &str {
        self.text("definitie")
    }

    /// A line of these cells.
    #[cfg(test)]
    pub fn made_of(cells: &[(&str, Value)]) -> Self {
        let cells = cells
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.clone()));
        Self {
            cells: cells.collect(),
        }
    }
}

#[cfg(test)]
impl Figures {
    /// Figures for a test.
    pub fn made_of(views: Vec<View>) -> Self {
        let views = views.into_iter().map(|view| (view.name.clone(), view));
        Self {
            views: views.collect(),
        }
    }
}

/// All rows of a view, in an order that leaves nothing to chance.
fn question(relation: &Relation) -> String {
    let columns = relation.columns.iter().map(|c| c.name.as_str());
    let first = ["jaar", "volgorde"];
    let known = first
        .iter()
        .filter(|c| columns.clone().any(|name| name == **c));
    let order: Vec<String> = known
        .copied()
        .chain(columns.clone().filter(|c| !first.contains(c)))
        .map(quoted)
        .collect();
    format!(
        "select * from monitor.{} order by {}",
        quoted(&relation.name),
        order.join(", ")
    )
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn lines(batch: &RecordBatch) -> Result<Vec<Line>, ReportError> {
    let mut lines = vec![Line::default(); batch.num_rows()];
    for (field, array) in batch.schema().fields().iter().zip(batch.columns()) {
        for (line, value) in lines.iter_mut().zip(values(array)?) {
            line.cells.insert(field.name().clone(), value);
        }
    }
    Ok(lines)
}

fn values(array: &ArrayRef) -> Result<Vec<Value>, ReportError> {
    let number = |places: u8| -> Result<Vec<Value>, ReportError> {
        let numbers = cast(array, &DataType::Float64).map_err(ReportError::figure)?;
        let numbers = numbers.as_primitive::<Float64Type>();
        let number = |n: Option<f64>| n.map_or(Value::Null, |n| Value::Number(n, places));
        Ok(numbers.iter().map(number).collect())
    };
    match array.data_type() {
        kind if kind.is_integer() => {
            let whole = cast(array, &DataType::Int64).map_err(ReportError::figure)?;
            let whole = whole.as_primitive::<Int64Type>();
            #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
            let number = |n: Option<i64>| n.map_or(Value::Null, |n| Value::Number(n as f64, 0));
            Ok(whole.iter().map(number).collect())
        }
        DataType::Decimal128(_, scale) => {
            debug_assert!(array.as_primitive_opt::<Decimal128Type>().is_some());
            number(u8::try_from(*scale).unwrap_or(0))
        }
        kind if kind.is_floating() => number(2),
        DataType::Boolean => {
            let truths = array.as_boolean().iter();
            Ok(truths
                .map(|t| t.map_or(Value::Null, Value::Truth))
                .collect())
        }
        _ => (0..array.len()).map(|at| text(array, at)).collect(),
    }
}

fn text(array: &ArrayRef, at: usize) -> Result<Value, ReportError> {
    if array.is_null(at) {
        return Ok(Value::Null);
    }
    array_value_to_string(array, at)
        .map(Value::Text)
        .map_err(ReportError::figure)
}
