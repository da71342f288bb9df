//! What our writer writes, held against the crate's own reader.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Date32Array, FixedSizeBinaryArray, Int64Array,
    RecordBatch, StringArray,
};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Date32Type, Int64Type};
use parquet::file::reader::{FileReader, SerializedFileReader};
use proptest::prelude::*;

use super::{PartitionedWriter, WriterError, WrittenFile, read_file};
use crate::contract::model::{TableColumn, TableKind, TableSpec};

/// A row without its partition.
type Values = (
    String,
    Option<String>,
    Option<i32>,
    Option<i64>,
    Option<bool>,
    Option<[u8; 16]>,
);
type Row = (i64, &'static str, Values);
type Partitions = BTreeMap<String, Vec<Values>>;

const PLENTY: usize = 1 << 30;

fn spec() -> TableSpec {
    let column = |(name, kind, required): (&str, TableKind, bool)| TableColumn {
        name: name.into(),
        kind,
        required,
        documentation: String::new(),
    };
    let columns = [
        ("jaar", TableKind::Integer, true),
        ("wijk", TableKind::Text, true),
        ("soort", TableKind::Text, true),
        ("team", TableKind::Text, false),
        ("datum", TableKind::Date, false),
        ("aantal", TableKind::Integer, false),
        ("spoed", TableKind::Boolean, false),
        ("client", TableKind::Pseudonym, false),
    ];
    TableSpec {
        name: "proef".into(),
        title: String::new(),
        documentation: String::new(),
        key: Vec::new(),
        partition: vec!["jaar".into(), "wijk".into()],
        columns: columns.map(column).to_vec(),
    }
}

/// Rows as the lock's arrays: text by codes, as closed lists come.
fn batch(rows: &[Row]) -> RecordBatch {
    let coded = |text: StringArray| {
        let kind = DataType::Dictionary(Box::new(DataType::UInt16), Box::new(DataType::Utf8));
        cast(&text, &kind).unwrap()
    };
    let values = || rows.iter().map(|r| &r.2);
    let pseudonyms =
        FixedSizeBinaryArray::try_from_sparse_iter_with_size(values().map(|v| v.5), 16);
    let columns: [(&str, ArrayRef); 8] = [
        (
            "jaar",
            Arc::new(rows.iter().map(|r| Some(r.0)).collect::<Int64Array>()),
        ),
        ("wijk", coded(rows.iter().map(|r| Some(r.1)).collect())),
        (
            "soort",
            Arc::new(values().map(|v| Some(&v.0)).collect::<StringArray>()),
        ),
        ("team", coded(values().map(|v| v.1.as_ref()).collect())),
        (
            "datum",
            Arc::new(values().map(|v| v.2).collect::<Date32Array>()),
        ),
        (
            "aantal",
            Arc::new(values().map(|v| v.3).collect::<Int64Array>()),
        ),
        (
            "spoed",
            Arc::new(values().map(|v| v.4).collect::<BooleanArray>()),
        ),
        ("client", Arc::new(pseudonyms.unwrap())),
    ];
    RecordBatch::try_from_iter_with_nullable(columns.map(|(n, a)| (n, a, true))).unwrap()
}

fn write(folder: &Path, rows: &[Row], together: usize, budget: usize) -> Vec<WrittenFile> {
    let mut writer = PartitionedWriter::new(&spec(), folder, budget).unwrap();
    for rows in rows.chunks(together) {
        writer.push(&batch(rows)).unwrap();
    }
    writer.finish().unwrap()
}

fn read(file: &WrittenFile) -> Vec<Values> {
    let mut values = Vec::new();
    for batch in read_file(&file.path).unwrap() {
        let text = |name: &str| {
            let array = cast(batch.column_by_name(name).unwrap(), &DataType::Utf8).unwrap();
            array
                .as_string::<i32>()
                .iter()
                .map(|t| t.map(str::to_owned))
                .collect::<Vec<_>>()
        };
        let (kinds, teams) = (text("soort"), text("team"));
        let dates = batch
            .column_by_name("datum")
            .unwrap()
            .as_primitive::<Date32Type>();
        let counts = batch
            .column_by_name("aantal")
            .unwrap()
            .as_primitive::<Int64Type>();
        let flags = batch.column_by_name("spoed").unwrap().as_boolean();
        let persons = batch
            .column_by_name("client")
            .unwrap()
            .as_fixed_size_binary();
        for row in 0..batch.num_rows() {
            values.push((
                kinds[row].clone().unwrap(),
                teams[row].clone(),
                dates.is_valid(row).then(|| dates.value(row)),
                counts.is_valid(row).then(|| counts.value(row)),
                flags.is_valid(row).then(|| flags.value(row)),
                persons
                    .is_valid(row)
                    .then(|| persons.value(row).try_into().unwrap()),
            ));
        }
    }
    values
}

fn by_partition(rows: &[Row]) -> Partitions {
    let mut all = Partitions::new();
    for (year, wijk, values) in rows {
        let folder = format!("jaar={year}/wijk={wijk}");
        all.entry(folder).or_default().push(values.clone());
    }
    all
}

fn rows(most: usize) -> impl Strategy<Value = Vec<Row>> {
    let text = prop_oneof![
        4 => "[a-d]",
        1 => "[a-zé€ ]{0,40}",
        1 => Just(String::new()),
    ];
    let number = prop_oneof![0i64..10, any::<i64>()];
    let values = (
        text.clone(),
        proptest::option::of(text),
        proptest::option::of(-200_000i32..200_000),
        proptest::option::of(number),
        any::<Option<bool>>(),
        any::<Option<[u8; 16]>>(),
    );
    let wijk = prop_oneof![Just("oost"), Just("nieuwland")];
    proptest::collection::vec((2023i64..2025, wijk, values), 0..most)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn what_is_written_is_read_back(rows in rows(300), together in 1usize..100, budget in prop_oneof![Just(0usize), Just(500), Just(4000), Just(PLENTY)]) {
        let folder = tempfile::tempdir().unwrap();
        let files = write(folder.path(), &rows, together, budget);
        let found: Partitions = files.iter().map(|f| (f.partition.clone(), read(f))).collect();
        prop_assert_eq!(found, by_partition(&rows));
        for file in &files {
            let bytes = std::fs::read(&file.path).unwrap();
            prop_assert_eq!(file.bytes, bytes.len() as u64);
            let digest = <sha2::Sha256 as sha2::Digest>::digest(&bytes);
            prop_assert_eq!(&file.sha256, &crate::hex::encode(&digest));
        }
    }

    #[test]
    fn the_same_rows_give_the_same_bytes(rows in rows(200), one in 1usize..100, other in 1usize..100) {
        let digests = |together, budget| {
            let folder = tempfile::tempdir().unwrap();
            let files = write(folder.path(), &rows, together, budget);
            files.into_iter().map(|f| (f.partition, f.rows, f.sha256)).collect::<Vec<_>>()
        };
        prop_assert_eq!(digests(one, 700), digests(one, 700));
        // However the rows were cut into batches, as long as they all fit.
        prop_assert_eq!(digests(one, PLENTY), digests(other, PLENTY));
    }
}

/// Rows in which no two pseudonyms are the same, and a text column with more values than fit a byte.
fn many(count: u32) -> Vec<Row> {
    let row = |n: u32| {
        let client = u128::from(n).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
        let values = (
            format!("soort {}", n % 700),
            (!n.is_multiple_of(3)).then(|| format!("team {n}")),
            Some(19_000),
            Some(i64::from(n)),
            Some(n.is_multiple_of(2)),
            (!n.is_multiple_of(10)).then(|| client.to_be_bytes()),
        );
        (
            2024,
            if n.is_multiple_of(2) { "oost" } else { "west" },
            values,
        )
    };
    (0..count).map(row).collect()
}

#[test]
fn a_tiny_budget_makes_many_row_groups() {
    let folder = tempfile::tempdir().unwrap();
    let rows = many(20_000);
    let files = write(folder.path(), &rows, 1000, 100_000);
    for file in &files {
        let reader = SerializedFileReader::new(File::open(&file.path).unwrap()).unwrap();
        assert!(reader.metadata().num_row_groups() > 3);
    }
    let found: Partitions = files
        .iter()
        .map(|f| (f.partition.clone(), read(f)))
        .collect();
    assert!(found == by_partition(&rows));
}

/// Statistics, dictionaries and bloom filters all answer "is this person in here?".
#[test]
fn pseudonyms_leave_no_trace_beside_their_pages() {
    let folder = tempfile::tempdir().unwrap();
    for file in write(folder.path(), &many(5000), 1000, 200_000) {
        let reader = SerializedFileReader::new(File::open(&file.path).unwrap()).unwrap();
        for group in reader.metadata().row_groups() {
            let client = |c: &&parquet::file::metadata::ColumnChunkMetaData| {
                c.column_path().string() == "client"
            };
            let column = group.columns().iter().find(client).unwrap();
            assert!(column.statistics().is_none());
            assert!(column.dictionary_page_offset().is_none());
            assert!(column.bloom_filter_offset().is_none());
            assert!(column.column_index_offset().is_none());
            let pages = reader.metadata().column_index();
            assert!(pages.is_none());
        }
    }
}

/// Puts a fault into good rows.
type Spoil = fn(&mut [Row]);

#[test]
fn rows_that_do_not_fit_the_table_are_refused_without_their_values() {
    let good = many(3);
    let faults: [(&str, Spoil); 2] = [
        ("a value that is no year", |rows| rows[1].0 = 99),
        ("a value that is no slug", |rows| rows[1].1 = "../Geheim"),
    ];
    for (what, spoil) in faults {
        let folder = tempfile::tempdir().unwrap();
        let mut rows = good.clone();
        spoil(&mut rows);
        let mut writer = PartitionedWriter::new(&spec(), folder.path(), PLENTY).unwrap();
        let error = writer.push(&batch(&rows)).unwrap_err();
        assert!(matches!(error, WriterError::Shape { .. }));
        let text = error.to_string();
        assert!(text.contains(what) && !text.contains("Geheim"), "{text}");
    }
}

#[test]
fn null_is_refused_where_a_value_is_required() {
    let folder = tempfile::tempdir().unwrap();
    let whole = batch(&many(3));
    for name in ["soort", "jaar", "wijk"] {
        let at = whole.schema().index_of(name).unwrap();
        let mut columns = whole.columns().to_vec();
        columns[at] = arrow::array::new_null_array(columns[at].data_type(), 3);
        let holed = RecordBatch::try_new(whole.schema(), columns).unwrap();
        let mut writer = PartitionedWriter::new(&spec(), folder.path(), PLENTY).unwrap();
        let text = writer.push(&holed).unwrap_err().to_string();
        assert!(text.contains("NULL") && text.contains(name), "{text}");
    }
}
