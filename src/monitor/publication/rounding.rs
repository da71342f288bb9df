//! Figures rounded to multiples, and the shares that go with them.

use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, Float64Array, Int64Array};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float64Type, Int64Type};

use super::frame::{Cell, PublicationError};

/// Rounds what is shown of a column of cells, and computes the shares again from what was rounded:
/// an exact percentage would tell the exact figure.
pub(super) fn round(
    arrays: &mut [ArrayRef],
    cell: &Cell,
    wholes: &[Option<usize>],
    step: u32,
) -> Result<(), PublicationError> {
    let Some(array) = arrays.get_mut(cell.at) else {
        return Ok(());
    };
    let kind = array.data_type().clone();
    let rounded: ArrayRef = if kind.is_integer() {
        let numbers = cast(array, &DataType::Int64)?;
        let step = i64::from(step.max(1));
        let numbers = numbers.as_primitive::<Int64Type>();
        Arc::new(numbers.unary::<_, Int64Type>(|n| nearest(n, step)))
    } else {
        let numbers = cast(array, &DataType::Float64)?;
        let step = f64::from(step.max(1));
        let numbers = numbers.as_primitive::<Float64Type>();
        Arc::new(numbers.unary::<_, Float64Type>(|n| (n / step).round() * step))
    };
    *array = cast(&rounded, &kind)?;
    let figures = cast(&rounded, &DataType::Float64)?;
    let figures: Vec<Option<f64>> = figures.as_primitive::<Float64Type>().iter().collect();
    for follower in cell.follows.iter().filter(|f| f.share) {
        if let Some(array) = arrays.get_mut(follower.at) {
            *array = shares(array, &figures, wholes)?;
        }
    }
    Ok(())
}

/// The nearest multiple; halves go up.
fn nearest(number: i64, step: i64) -> i64 {
    number
        .saturating_add(step / 2)
        .div_euclid(step)
        .saturating_mul(step)
}

/// The percentage that each figure is of its whole, where there was one.
fn shares(
    old: &ArrayRef,
    figures: &[Option<f64>],
    wholes: &[Option<usize>],
) -> Result<ArrayRef, PublicationError> {
    let kind = old.data_type().clone();
    let share = |row: usize| {
        let part = figures.get(row).copied().flatten()?;
        let whole = wholes.get(row).copied().flatten()?;
        let whole = figures.get(whole).copied().flatten()?;
        (old.is_valid(row) && whole != 0.0).then_some(100.0 * part / whole)
    };
    let shares = (0..figures.len()).map(share);
    if kind.is_integer() {
        #[expect(clippy::cast_possible_truncation, reason = "a percentage is small")]
        let half_up = |share: f64| (share + 0.5).floor() as i64;
        let shares: Int64Array = shares.map(|s| s.map(half_up)).collect();
        return Ok(cast(&shares, &kind)?);
    }
    let shares: Float64Array = shares.collect();
    Ok(cast(&shares, &kind)?)
}
