//! Columns as the formats want them.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, PrimitiveArray, RecordBatch, RecordBatchOptions, StringArray,
};
use arrow::compute::cast;
use arrow::datatypes::{ArrowPrimitiveType, DataType, Field, Float32Type, Float64Type, Schema};
use arrow::error::ArrowError;
use arrow::util::display::{ArrayFormatter, FormatOptions};

/// The cells of a column as text; NULL is `None`.
pub(super) fn texts(
    array: &dyn Array,
    options: &FormatOptions<'_>,
) -> Result<Vec<Option<String>>, ArrowError> {
    let formatter = ArrayFormatter::try_new(array, options)?;
    (0..array.len())
        .map(|at| {
            let value = || formatter.value(at).try_to_string();
            array.is_valid(at).then(value).transpose()
        })
        .collect()
}

/// A column of texts.
pub(super) fn column(texts: Vec<Option<String>>) -> ArrayRef {
    Arc::new(StringArray::from(texts))
}

/// A column without an encoding of its own.
pub(super) fn decoded(array: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    match array.data_type() {
        DataType::Dictionary(_, value) => cast(array, value),
        DataType::RunEndEncoded(_, value) => cast(array, value.data_type()),
        _ => Ok(Arc::clone(array)),
    }
}

/// A column in which what is no number (NaN, infinite) is absent.
pub(super) fn finite(array: &ArrayRef) -> ArrayRef {
    fn only<T: ArrowPrimitiveType>(
        array: &PrimitiveArray<T>,
        keep: impl Fn(T::Native) -> bool,
    ) -> ArrayRef {
        Arc::new(array.unary_opt::<_, T>(|number| keep(number).then_some(number)))
    }
    match array.data_type() {
        DataType::Float64 => only(array.as_primitive::<Float64Type>(), f64::is_finite),
        DataType::Float32 => only(array.as_primitive::<Float32Type>(), f32::is_finite),
        _ => Arc::clone(array),
    }
}

/// A batch with other columns in the place of its own, of whatever type they are, under other names.
pub(super) fn replaced(
    batch: &RecordBatch,
    rename: impl Fn(&str) -> String,
    replace: impl Fn(&ArrayRef) -> Result<ArrayRef, ArrowError>,
) -> Result<RecordBatch, ArrowError> {
    let (mut fields, mut columns) = (Vec::new(), Vec::new());
    for (field, array) in batch.schema().fields().iter().zip(batch.columns()) {
        let array = replace(array)?;
        let nullable = field.is_nullable() || array.null_count() > 0;
        fields.push(Field::new(
            rename(field.name()),
            array.data_type().clone(),
            nullable,
        ));
        columns.push(array);
    }
    let rows = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    RecordBatch::try_new_with_options(Arc::new(Schema::new(fields)), columns, &rows)
}
