//! The text values of one column of a table while it is written: each value once, as a code.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, StringArray};
use arrow::datatypes::{
    ArrowDictionaryKeyType, ArrowNativeType, DataType, Int32Type, UInt8Type, UInt16Type, UInt32Type,
};
use arrow::error::ArrowError;

/// Values by code. Code 0 stands for NULL, so the first value has code 1.
#[derive(Default)]
pub struct Interner {
    codes: HashMap<Arc<str>, u32>,
    values: Vec<Arc<str>>,
    /// The dictionary last seen, and its codes: batches share their dictionaries.
    last: Option<(ArrayRef, Vec<u32>)>,
}

impl Interner {
    /// The value of a code other than 0.
    pub fn value(&self, code: u32) -> &str {
        &self.values[code as usize - 1]
    }

    /// Number of codes, that of NULL included.
    pub fn len(&self) -> usize {
        self.values.len() + 1
    }

    fn intern(&mut self, value: &str) -> u32 {
        if let Some(&code) = self.codes.get(value) {
            return code;
        }
        let value: Arc<str> = value.into();
        self.values.push(Arc::clone(&value));
        let code = u32::try_from(self.values.len()).unwrap_or(u32::MAX);
        self.codes.insert(value, code);
        code
    }

    /// The codes of an array of text in any of Arrow's forms.
    ///
    /// # Errors
    /// Not text.
    pub fn codes(&mut self, array: &ArrayRef) -> Result<Vec<u32>, ArrowError> {
        match array.data_type() {
            DataType::Dictionary(key, value) if **value == DataType::Utf8 => match **key {
                DataType::UInt8 => Ok(self.dictionary::<UInt8Type>(array)),
                DataType::UInt16 => Ok(self.dictionary::<UInt16Type>(array)),
                DataType::UInt32 => Ok(self.dictionary::<UInt32Type>(array)),
                DataType::Int32 => Ok(self.dictionary::<Int32Type>(array)),
                _ => self.cast(array),
            },
            DataType::Utf8 => Ok(self.plain(array.as_string::<i32>())),
            _ => self.cast(array),
        }
    }

    fn cast(&mut self, array: &ArrayRef) -> Result<Vec<u32>, ArrowError> {
        let text = arrow::compute::cast(array, &DataType::Utf8)?;
        Ok(self.plain(text.as_string::<i32>()))
    }

    fn plain(&mut self, array: &StringArray) -> Vec<u32> {
        array
            .iter()
            .map(|value| value.map_or(0, |v| self.intern(v)))
            .collect()
    }

    fn dictionary<K: ArrowDictionaryKeyType>(&mut self, array: &ArrayRef) -> Vec<u32> {
        let array = array.as_dictionary::<K>();
        let known = self
            .last
            .as_ref()
            .is_some_and(|(values, _)| same(values, array.values()));
        if !known {
            let codes = self.plain(array.values().as_string::<i32>());
            self.last = Some((Arc::clone(array.values()), codes));
        }
        let codes = self.last.as_ref().map_or(&[][..], |(_, codes)| codes);
        let keys = array.keys();
        let code = |key: K::Native| codes.get(key.as_usize()).copied().unwrap_or_default();
        match keys.nulls().filter(|n| n.null_count() > 0) {
            None => keys.values().iter().map(|&k| code(k)).collect(),
            Some(nulls) => keys
                .values()
                .iter()
                .zip(nulls)
                .map(|(&k, valid)| if valid { code(k) } else { 0 })
                .collect(),
        }
    }
}

fn same(one: &ArrayRef, other: &ArrayRef) -> bool {
    one.to_data().ptr_eq(&other.to_data())
}
