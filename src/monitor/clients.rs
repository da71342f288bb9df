//! `clienten(x)`: how many different clients stand behind a figure, counted no further than it
//! matters.
//!
//! The publication rules ask whether a figure is about fewer clients than some number of at most
//! [`MOST`]. A plain `count(DISTINCT x)` would keep every pseudonym of every group to answer that;
//! this keeps [`MOST`] of them and then stops looking. Only views can use it: it is registered in the
//! inner session alone.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BinaryArray, BinaryBuilder, BooleanArray, Int64Array,
};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, FieldRef, Int64Type};
use datafusion::common::{Result as DfResult, ScalarValue, exec_err, plan_err};
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::utils::format_state_name;
use datafusion::logical_expr::{
    Accumulator, AggregateUDF, AggregateUDFImpl, EmitTo, GroupsAccumulator, Signature, Volatility,
};

/// Where counting stops. No smallest cell can be larger.
pub(super) const MOST: usize = 100;

/// The aggregate, for the session in which views are planned.
pub(super) fn udaf() -> Arc<AggregateUDF> {
    Arc::new(AggregateUDF::new_from_impl(Clients {
        signature: Signature::any(1, Volatility::Immutable),
    }))
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Clients {
    signature: Signature,
}

impl AggregateUDFImpl for Clients {
    fn name(&self) -> &'static str {
        "clienten"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, arguments: &[DataType]) -> DfResult<DataType> {
        match arguments {
            [kind] if countable(kind) => Ok(DataType::Int64),
            _ => plan_err!("clienten counts pseudonyms, texts or whole numbers"),
        }
    }

    fn is_nullable(&self) -> bool {
        false
    }

    fn default_value(&self, _: &DataType) -> DfResult<ScalarValue> {
        Ok(ScalarValue::Int64(Some(0)))
    }

    fn state_fields(&self, arguments: StateFieldsArgs) -> DfResult<Vec<FieldRef>> {
        let name = format_state_name(arguments.name, "clienten");
        Ok(vec![Field::new(name, DataType::Binary, false).into()])
    }

    fn accumulator(&self, _: AccumulatorArgs) -> DfResult<Box<dyn Accumulator>> {
        Ok(Box::new(One::default()))
    }

    fn groups_accumulator_supported(&self, _: AccumulatorArgs) -> bool {
        true
    }

    fn create_groups_accumulator(
        &self,
        _: AccumulatorArgs,
    ) -> DfResult<Box<dyn GroupsAccumulator>> {
        Ok(Box::new(Groups::default()))
    }
}

fn countable(kind: &DataType) -> bool {
    match kind {
        DataType::Dictionary(_, values) => countable(values),
        kind => kind.is_string() || kind.is_integer() || is_pseudonym(kind) || kind.is_null(),
    }
}

fn is_pseudonym(kind: &DataType) -> bool {
    *kind == DataType::FixedSizeBinary(BYTES as i32)
}

/// A client in 16 bytes: a pseudonym itself, a number, or the hash of a text. Two texts that fall
/// together would make the count too low, never too high.
type Id = u128;
/// Bytes of an [`Id`] in a partial state.
const BYTES: usize = 16;

/// Gives `found` the position and the id of every value that is there.
fn each(values: &dyn Array, mut found: impl FnMut(usize, Id)) -> DfResult<()> {
    let kind = values.data_type();
    match kind {
        DataType::Null => {}
        kind if is_pseudonym(kind) => {
            let values = values.as_fixed_size_binary();
            for (at, value) in values.iter().enumerate() {
                if let Some(value) = value.and_then(|v| <[u8; BYTES]>::try_from(v).ok()) {
                    found(at, Id::from_le_bytes(value));
                }
            }
        }
        kind if kind.is_integer() => {
            let numbers = cast(values, &DataType::Int64)?;
            for (at, value) in numbers.as_primitive::<Int64Type>().iter().enumerate() {
                if let Some(value) = value {
                    found(at, Id::from(value.cast_unsigned()));
                }
            }
        }
        kind if countable(kind) => {
            let texts = cast(values, &DataType::Utf8)?;
            for (at, value) in texts.as_string::<i32>().iter().enumerate() {
                if let Some(value) = value {
                    found(at, text_id(value));
                }
            }
        }
        _ => return exec_err!("clienten"),
    }
    Ok(())
}

fn text_id(text: &str) -> Id {
    let half = |salt: u8| {
        let mut hasher = DefaultHasher::new();
        (salt, text).hash(&mut hasher);
        Id::from(hasher.finish())
    };
    half(0) << 64 | half(1)
}

/// The clients of one group, until there are enough.
#[derive(Debug, Default)]
struct Seen(Vec<Id>);

impl Seen {
    /// Takes a client, and says how many bytes that took.
    fn insert(&mut self, id: Id) -> usize {
        if self.0.len() >= MOST || self.0.contains(&id) {
            return 0;
        }
        let before = self.0.capacity();
        self.0.push(id);
        (self.0.capacity() - before) * size_of::<Id>()
    }

    /// Takes the clients of a partial state.
    fn merge(&mut self, state: &[u8]) -> usize {
        let (ids, _) = state.as_chunks::<BYTES>();
        ids.iter()
            .map(|id| self.insert(Id::from_le_bytes(*id)))
            .sum()
    }

    fn state(&self) -> Vec<u8> {
        self.0.iter().flat_map(|id| id.to_le_bytes()).collect()
    }

    fn count(&self) -> i64 {
        // At most `MOST`.
        i64::try_from(self.0.len()).unwrap_or(i64::MAX)
    }
}

/// Without groups.
#[derive(Debug, Default)]
struct One(Seen);

impl Accumulator for One {
    fn update_batch(&mut self, values: &[ArrayRef]) -> DfResult<()> {
        for values in values {
            each(values, |_, id| {
                self.0.insert(id);
            })?;
        }
        Ok(())
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> DfResult<()> {
        for state in states.iter().flat_map(|s| s.as_binary::<i32>()).flatten() {
            self.0.merge(state);
        }
        Ok(())
    }

    fn state(&mut self) -> DfResult<Vec<ScalarValue>> {
        Ok(vec![ScalarValue::Binary(Some(self.0.state()))])
    }

    fn evaluate(&mut self) -> DfResult<ScalarValue> {
        Ok(ScalarValue::Int64(Some(self.0.count())))
    }

    fn size(&self) -> usize {
        size_of_val(self) + self.0.0.capacity() * size_of::<Id>()
    }
}

/// All groups of an aggregation.
#[derive(Debug, Default)]
struct Groups {
    seen: Vec<Seen>,
    /// What the groups take beside their place in `seen`.
    bytes: usize,
}

impl Groups {
    fn grow(&mut self, groups: usize) {
        if self.seen.len() < groups {
            self.seen.resize_with(groups, Seen::default);
        }
    }

    fn take(&mut self, emit: EmitTo) -> Vec<Seen> {
        let taken = emit.take_needed(&mut self.seen);
        let bytes: usize = taken.iter().map(|s| s.0.capacity() * size_of::<Id>()).sum();
        self.bytes = self.bytes.saturating_sub(bytes);
        taken
    }
}

impl GroupsAccumulator for Groups {
    fn update_batch(
        &mut self,
        values: &[ArrayRef],
        groups: &[usize],
        filter: Option<&BooleanArray>,
        total: usize,
    ) -> DfResult<()> {
        self.grow(total);
        for values in values {
            each(values, |at, id| {
                let group = groups.get(at).and_then(|g| self.seen.get_mut(*g));
                if let Some(seen) = group
                    && passes(filter, at)
                {
                    self.bytes += seen.insert(id);
                }
            })?;
        }
        Ok(())
    }

    fn evaluate(&mut self, emit: EmitTo) -> DfResult<ArrayRef> {
        let counts = self.take(emit).into_iter().map(|s| s.count());
        Ok(Arc::new(Int64Array::from_iter_values(counts)))
    }

    fn state(&mut self, emit: EmitTo) -> DfResult<Vec<ArrayRef>> {
        let states = self.take(emit).into_iter().map(|s| s.state());
        Ok(vec![Arc::new(BinaryArray::from_iter_values(states))])
    }

    fn merge_batch(&mut self, states: &[ArrayRef], groups: &[usize], total: usize) -> DfResult<()> {
        self.grow(total);
        for states in states {
            for (state, group) in states.as_binary::<i32>().iter().zip(groups) {
                if let (Some(state), Some(seen)) = (state, self.seen.get_mut(*group)) {
                    self.bytes += seen.merge(state);
                }
            }
        }
        Ok(())
    }

    fn convert_to_state(
        &self,
        values: &[ArrayRef],
        filter: Option<&BooleanArray>,
    ) -> DfResult<Vec<ArrayRef>> {
        let mut states = Vec::with_capacity(values.len());
        for values in values {
            let mut state: Vec<Option<Id>> = vec![None; values.len()];
            each(values, |at, id| {
                if let Some(place) = state.get_mut(at)
                    && passes(filter, at)
                {
                    *place = Some(id);
                }
            })?;
            let mut builder = BinaryBuilder::with_capacity(state.len(), state.len() * BYTES);
            for id in state {
                match id {
                    Some(id) => builder.append_value(id.to_le_bytes()),
                    None => builder.append_value([]),
                }
            }
            states.push(Arc::new(builder.finish()) as ArrayRef);
        }
        Ok(states)
    }

    fn size(&self) -> usize {
        size_of_val(self) + self.seen.capacity() * size_of::<Seen>() + self.bytes
    }
}

fn passes(filter: Option<&BooleanArray>, at: usize) -> bool {
    filter.is_none_or(|f| f.is_valid(at) && f.value(at))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use arrow::array::{FixedSizeBinaryArray, StringArray};
    use proptest::prelude::*;

    use super::*;

    fn pseudonyms(rows: &[(usize, Option<u8>)]) -> ArrayRef {
        let values = rows.iter().map(|(_, c)| c.map(|c| [c; BYTES]));
        Arc::new(FixedSizeBinaryArray::try_from_sparse_iter_with_size(values, 16).unwrap())
    }

    fn texts(rows: &[(usize, Option<u8>)]) -> ArrayRef {
        let values = rows.iter().map(|(_, c)| c.map(|c| format!("client {c}")));
        Arc::new(values.collect::<StringArray>())
    }

    fn groups(rows: &[(usize, Option<u8>)]) -> Vec<usize> {
        rows.iter().map(|(group, _)| *group).collect()
    }

    fn counts(array: &ArrayRef) -> Vec<i64> {
        array.as_primitive::<Int64Type>().values().to_vec()
    }

    /// What must come out: how many different clients each group has.
    fn expected(rows: &[(usize, Option<u8>)], total: usize) -> Vec<i64> {
        let mut sets = vec![HashSet::new(); total];
        for (group, client) in rows {
            sets[*group].extend(*client);
        }
        sets.iter()
            .map(|s| i64::try_from(s.len().min(MOST)).unwrap())
            .collect()
    }

    proptest! {
        #[test]
        fn the_count_is_exact_up_to_its_end_however_the_rows_are_split(
            rows in prop::collection::vec((0_usize..3, any::<Option<u8>>()), 0..700),
            cut in 0_usize..700,
            as_text in any::<bool>(),
            skip in any::<bool>(),
        ) {
            let values = if as_text { texts } else { pseudonyms };
            let (first, second) = rows.split_at(cut.min(rows.len()));
            let mut whole = Groups::default();
            for part in [first, second] {
                let mut groups_of = Groups::default();
                let state = if skip {
                    groups_of.convert_to_state(&[values(part)], None).unwrap()
                } else {
                    groups_of.update_batch(&[values(part)], &groups(part), None, 3).unwrap();
                    groups_of.state(EmitTo::All).unwrap()
                };
                let of: Vec<usize> = if skip { groups(part) } else { vec![0, 1, 2] };
                whole.merge_batch(&state, &of, 3).unwrap();
            }
            prop_assert_eq!(counts(&whole.evaluate(EmitTo::All).unwrap()), expected(&rows, 3));

            let mut one = One::default();
            one.update_batch(&[values(first)]).unwrap();
            let mut other = One::default();
            other.update_batch(&[values(second)]).unwrap();
            let state = other.state().unwrap().remove(0).to_array().unwrap();
            one.merge_batch(&[state]).unwrap();
            let all: Vec<_> = rows.iter().map(|(_, c)| (0, *c)).collect();
            let count = ScalarValue::Int64(Some(expected(&all, 1)[0]));
            prop_assert_eq!(one.evaluate().unwrap(), count);
        }
    }

    #[test]
    fn groups_leave_in_order_and_rows_can_be_filtered() {
        let rows = [
            (0, Some(1)),
            (1, Some(1)),
            (1, Some(2)),
            (2, Some(3)),
            (1, None),
        ];
        let filter =
            BooleanArray::from(vec![Some(true), Some(false), Some(true), None, Some(true)]);
        let mut all = Groups::default();
        all.update_batch(&[pseudonyms(&rows)], &groups(&rows), Some(&filter), 3)
            .unwrap();
        assert_eq!(counts(&all.evaluate(EmitTo::First(2)).unwrap()), [1, 1]);
        assert_eq!(counts(&all.evaluate(EmitTo::All).unwrap()), [0]);
        assert_eq!(all.bytes, 0);
    }

    #[test]
    fn memory_is_bounded() {
        let mut all = Groups::default();
        for round in 0..50_000_u32 {
            let text: ArrayRef = Arc::new(StringArray::from(vec![format!("client {round}")]));
            all.update_batch(&[text], &[0], None, 1).unwrap();
        }
        assert!(all.size() < 5_000, "{}", all.size());
    }
}
