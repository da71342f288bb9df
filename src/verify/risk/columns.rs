//! Columns of a batch as digests: of what a person has in common with others, of who it is, and of what is
//! sensitive. A dictionary is digested once a batch, not once a row.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, FixedSizeBinaryArray, PrimitiveArray, StringArray,
};
use arrow::datatypes::{ArrowPrimitiveType, DataType, Date32Type, Int32Type, Int64Type, Schema};

use super::classes::Value;
use crate::verify::content::forms::stir;

/// Digest of "nothing".
const ABSENT: u64 = 0x5d6f_1c2b_9a47_e013;

/// A digest of text.
pub fn digest(text: &[u8]) -> u64 {
    let (words, rest) = text.as_chunks::<8>();
    let mut hash = stir(text.len() as u64 ^ 0x9e37_79b9_7f4a_7c15);
    for word in words {
        hash = stir(hash ^ u64::from_le_bytes(*word));
    }
    let mut last = [0; 8];
    for (to, from) in last.iter_mut().zip(rest) {
        *to = *from;
    }
    stir(hash ^ u64::from_le_bytes(last))
}

/// A digest of a number.
pub const fn digest_of(number: i64) -> u64 {
    stir(number.cast_unsigned() ^ 0x2545_f491_4f6c_dd1d)
}

/// The schema with text as dictionaries, so that a text is looked at once a batch.
pub fn with_dictionaries(schema: &Schema) -> Arc<Schema> {
    let fields = schema.fields().iter().map(|field| {
        let field = field.as_ref().clone();
        if *field.data_type() == DataType::Utf8 {
            let keys = Box::new(DataType::Int32);
            field.with_data_type(DataType::Dictionary(keys, Box::new(DataType::Utf8)))
        } else {
            field
        }
    });
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}

/// The values of a column, each for each row; `None` when the column has a type that no table has.
pub fn values(column: &ArrayRef) -> Option<Vec<Value>> {
    let column: &dyn Array = column.as_ref();
    match column.data_type() {
        DataType::Dictionary(..) => dictionary(column),
        DataType::Utf8 => Some(texts(column.as_string_opt::<i32>()?)),
        DataType::Boolean => Some(booleans(column.as_boolean_opt()?)),
        DataType::Int64 => Some(numbers(column.as_primitive_opt::<Int64Type>()?)),
        DataType::Date32 => Some(numbers(column.as_primitive_opt::<Date32Type>()?)),
        _ => None,
    }
}

fn dictionary(column: &dyn Array) -> Option<Vec<Value>> {
    let column = column.as_dictionary_opt::<Int32Type>()?;
    let known = texts(column.values().as_string_opt::<i32>()?);
    let of = |key: Option<usize>| key.and_then(|key| known.get(key).copied());
    let keys = column.keys_iter();
    Some(keys.map(|key| of(key).unwrap_or(Value::Absent)).collect())
}

fn texts(column: &StringArray) -> Vec<Value> {
    let value =
        |text: Option<&str>| text.map_or(Value::Absent, |t| Value::Text(digest(t.as_bytes())));
    column.iter().map(value).collect()
}

fn booleans(column: &BooleanArray) -> Vec<Value> {
    let value = |yes: Option<bool>| yes.map_or(Value::Absent, |y| Value::Text(u64::from(y)));
    column.iter().map(value).collect()
}

fn numbers<T: ArrowPrimitiveType>(column: &PrimitiveArray<T>) -> Vec<Value>
where
    i64: From<T::Native>,
{
    let value = |n: Option<T::Native>| n.map_or(Value::Absent, |n| Value::Number(n.into()));
    column.iter().map(value).collect()
}

/// A value as part of what persons have in common.
pub const fn part(value: Value) -> u64 {
    match value {
        Value::Absent => ABSENT,
        Value::Text(digest) => digest,
        Value::Number(number) => digest_of(number),
    }
}

/// Persons by row: digests of pseudonyms; `None` where there is none.
pub fn persons(column: &ArrayRef) -> Option<Vec<Option<u64>>> {
    let column: &FixedSizeBinaryArray = column.as_fixed_size_binary_opt()?;
    let person = |value: Option<&[u8]>| {
        let (first, rest) = value?.split_first_chunk::<8>()?;
        let next = rest
            .first_chunk::<8>()
            .map_or(0, |b| u64::from_le_bytes(*b));
        Some(stir(u64::from_le_bytes(*first) ^ next.rotate_left(29)))
    };
    Some(column.iter().map(person).collect())
}

/// The month of a day, counted from the year 0; days count from 1970.
pub const fn month(days: i64) -> i64 {
    // Years that begin in March have their leap day at the end, in cycles of 400 years.
    let days = days.saturating_add(719_468);
    let (cycle, day) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    (cycle * 400 + year) * 12 + (5 * day + 2) / 153 + 2
}
