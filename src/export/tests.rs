use std::io::Cursor;
use std::sync::Arc;

use ::parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use arrow::array::{
    ArrayRef, BooleanArray, Date32Array, Decimal128Array, DictionaryArray, FixedSizeBinaryArray,
    Float64Array, Int64Array, IntervalMonthDayNanoArray, ListArray, NullArray, StringArray,
    TimestampSecondArray, UInt64Array,
};
use arrow::datatypes::{Int32Type, Int64Type, IntervalMonthDayNano};
use calamine::{Data, Reader, Xlsx};

use super::*;
use crate::monitor::RelationColumn;

/// A row of values, a row of NULLs and a row of odd ones.
fn sample() -> RecordBatch {
    let list = vec![Some(vec![Some(1), Some(2)]), None, Some(vec![])];
    let amounts = Decimal128Array::from(vec![Some(1250), None, Some(-5)]);
    let columns: [(&str, ArrayRef); 9] = [
        ("jaar", Arc::new(Int64Array::from(vec![2023, 2024, -1]))),
        (
            "wijk",
            Arc::new(StringArray::from(vec![
                Some("oost"),
                None,
                Some("=2+5; \"x\"\r\ny"),
            ])),
        ),
        (
            "procent",
            Arc::new(Float64Array::from(vec![Some(12.5), None, Some(f64::NAN)])),
        ),
        (
            "bedrag",
            Arc::new(amounts.with_precision_and_scale(10, 2).unwrap()),
        ),
        (
            "vanaf",
            Arc::new(Date32Array::from(vec![Some(19_783), None, Some(0)])),
        ),
        (
            "tijd",
            Arc::new(TimestampSecondArray::from(vec![
                Some(1_735_779_600),
                None,
                Some(0),
            ])),
        ),
        (
            "op_tijd",
            Arc::new(BooleanArray::from(vec![Some(true), None, Some(false)])),
        ),
        (
            "=kop",
            Arc::new(
                vec![Some("-3,5"), None, Some("-x")]
                    .into_iter()
                    .collect::<DictionaryArray<Int32Type>>(),
            ),
        ),
        (
            "lijst",
            Arc::new(ListArray::from_iter_primitive::<Int64Type, _, _>(list)),
        ),
    ];
    RecordBatch::try_from_iter(columns).unwrap()
}

fn about() -> About {
    About {
        release: Some(AboutRelease {
            id: "20250102T010000Z-1".into(),
            published_at: "2025-01-02T01:00:00Z".into(),
            register_version: "0.1".into(),
            register_adopted: None,
        }),
        question: None,
        views: vec![Relation {
            schema: "monitor",
            name: "hulpvragen".into(),
            title: "Hulpvragen".into(),
            documentation: "Hulpvragen per jaar.\n\nBetrokkenen tellen mee.".into(),
            columns: vec![RelationColumn {
                name: "jaar".into(),
                kind: "geheel".into(),
                documentation: "Het jaar.".into(),
                role: None,
            }],
        }],
    }
}

fn written(format: FileFormat, batches: &[RecordBatch]) -> Result<Vec<u8>, ExportError> {
    let mut out = Vec::new();
    let schema = batches
        .first()
        .map_or_else(|| sample().schema(), RecordBatch::schema);
    let given = batches.iter().cloned().map(Ok::<_, ExportError>);
    let rows = write(&mut out, format, &about(), &schema, given)?;
    assert_eq!(
        rows,
        batches.iter().map(RecordBatch::num_rows).sum::<usize>()
    );
    Ok(out)
}

fn text(format: FileFormat, batches: &[RecordBatch]) -> String {
    String::from_utf8(written(format, batches).unwrap()).unwrap()
}

fn one(column: ArrayRef) -> RecordBatch {
    RecordBatch::try_from_iter([("k", column)]).unwrap()
}

#[test]
fn plain_csv_is_exact() {
    assert_eq!(
        text(FileFormat::Csv, &[sample()]),
        "jaar,wijk,procent,bedrag,vanaf,tijd,op_tijd,=kop,lijst\n\
         2023,oost,12.5,12.50,2024-03-01,2025-01-02T01:00:00,true,\"-3,5\",\"[1, 2]\"\n\
         2024,,,,,,,,\n\
         -1,\"=2+5; \"\"x\"\"\r\ny\",,-0.05,1970-01-01,1970-01-01T00:00:00,false,-x,[]\n"
    );
    assert_eq!(text(FileFormat::Csv, &[]).lines().count(), 1);
}

#[test]
fn dutch_csv_is_for_a_spreadsheet_and_runs_nothing() {
    assert_eq!(
        text(FileFormat::CsvNl, &[sample(), sample().slice(1, 1)]),
        "\u{feff}jaar;wijk;procent;bedrag;vanaf;tijd;op_tijd;'=kop;lijst\r\n\
         2023;oost;12,5;12,50;01-03-2024;02-01-2025 01:00:00;ja;-3,5;[1, 2]\r\n\
         2024;;;;;;;;\r\n\
         -1;\"'=2+5; \"\"x\"\"\r\ny\";;-0,05;01-01-1970;01-01-1970 00:00:00;nee;'-x;[]\r\n\
         2024;;;;;;;;\r\n"
    );
    assert_eq!(text(FileFormat::CsvNl, &[]).lines().count(), 1);
    for (cell, expected) in [
        ("+31", "+31"),
        ("+31 10", "'+31 10"),
        ("@som", "'@som"),
        ("\tx", "'\tx"),
        ("-", "'-"),
        ("a=1", "a=1"),
        ("-1+1", "'-1+1"),
        ("> 12 maanden", "> 12 maanden"),
    ] {
        let batch = one(Arc::new(StringArray::from(vec![cell])));
        let found = text(FileFormat::CsvNl, &[batch]);
        assert_eq!(found, format!("\u{feff}k\r\n{expected}\r\n"));
    }
    let floats = vec![1e21, 0.1 + 0.2, f64::INFINITY, f64::NEG_INFINITY, 100.0];
    let found = text(
        FileFormat::CsvNl,
        &[one(Arc::new(Float64Array::from(floats)))],
    );
    let cells: Vec<_> = found.trim_start_matches('\u{feff}').split("\r\n").collect();
    assert_eq!(
        cells[1..],
        [
            "1000000000000000000000",
            "0,30000000000000004",
            "\"\"",
            "\"\"",
            "100",
            ""
        ]
    );
}

#[test]
fn json_has_null_for_what_is_no_number() {
    let text = text(FileFormat::Json, &[sample()]);
    let rows: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(rows[0]["procent"], 12.5);
    assert_eq!(rows[2]["procent"], serde_json::Value::Null);
    assert_eq!(rows.as_array().map(Vec::len), Some(3));
}

fn sheets(bytes: Vec<u8>) -> Xlsx<Cursor<Vec<u8>>> {
    Xlsx::new(Cursor::new(bytes)).unwrap()
}

#[test]
fn a_workbook_has_numbers_days_and_definitions() {
    let mut book = sheets(written(FileFormat::Xlsx, &[sample(), sample()]).unwrap());
    assert_eq!(book.sheet_names(), ["hulpvragen", "Definities"]);
    let rows = book.worksheet_range("hulpvragen").unwrap();
    assert_eq!(rows.get_size(), (7, 9));
    let row = |at: u32| -> Vec<Data> {
        let cell = |column| rows.get_value((at, column)).cloned().unwrap_or_default();
        (0..9).map(cell).collect()
    };
    let first = row(1);
    assert_eq!(first, row(4));
    assert_eq!(first[0], Data::Float(2023.0));
    assert_eq!(first[1], Data::String("oost".into()));
    assert_eq!(first[2..4], [Data::Float(12.5), Data::Float(12.5)]);
    let moment = |cell: &Data| match cell {
        Data::DateTime(moment) => moment.as_f64(),
        other => panic!("no moment: {other:?}"),
    };
    // 1 March 2024, and 2 January 2025 at one o'clock.
    assert!((moment(&first[4]) - 45_352.0).abs() < 1e-9);
    assert!((moment(&first[5]) - (45_659.0 + 1.0 / 24.0)).abs() < 1e-9);
    assert_eq!(first[6], Data::Bool(true));
    assert_eq!(first[7], Data::String("-3,5".into()));
    assert!(row(2)[1..].iter().all(|cell| *cell == Data::Empty));
    let odd = row(3);
    assert_eq!(odd[1], Data::String("=2+5; \"x\"\r\ny".into()));
    assert_eq!(odd[2], Data::Empty);
    assert!(book.worksheet_formula("hulpvragen").unwrap().is_empty());

    let told = book.worksheet_range("Definities").unwrap();
    let told: Vec<String> = told
        .used_cells()
        .map(|(.., cell)| cell.to_string())
        .collect();
    for expected in [
        "20250102T010000Z-1",
        "2025-01-02T01:00:00Z",
        "versie 0.1, nog een concept",
        "Hulpvragen (monitor.hulpvragen)",
        "Betrokkenen tellen mee.",
        "Het jaar.",
        "kleine aantallen",
    ] {
        assert!(
            told.iter().any(|cell| cell == expected),
            "{expected}: {told:?}"
        );
    }
}

#[test]
fn a_workbook_follows_from_the_answer_alone() {
    let batches = [sample()];
    let once = written(FileFormat::Xlsx, &batches).unwrap();
    assert!(once == written(FileFormat::Xlsx, &batches).unwrap());
}

#[test]
fn what_a_cell_cannot_hold_as_a_number_or_a_day_is_a_text() {
    let numbers = UInt64Array::from(vec![1, u64::MAX]);
    let days = Date32Array::from(vec![-719_162, 0]);
    for (column, expected) in [
        (Arc::new(numbers) as ArrayRef, "18446744073709551615"),
        (Arc::new(days), "0001-01-01"),
        (Arc::new(StringArray::from(vec!["\u{1b}[2J", "x"])), "x"),
    ] {
        let mut book = sheets(written(FileFormat::Xlsx, &[one(column)]).unwrap());
        let rows = book.worksheet_range("hulpvragen").unwrap();
        let found = rows.used_cells().map(|(.., cell)| cell.to_string());
        assert!(found.collect::<Vec<_>>().contains(&expected.to_owned()));
    }
}

#[test]
fn a_sheet_that_cannot_hold_an_answer_says_so() {
    let long = one(Arc::new(StringArray::from(vec!["x".repeat(32_768)])));
    let error = written(FileFormat::Xlsx, &[long]).unwrap_err();
    assert!(matches!(error, ExportError::LongText), "{error}");

    let rows = one(Arc::new(NullArray::new(1 << 19)));
    let error = written(FileFormat::Xlsx, &[rows.clone(), rows]).unwrap_err();
    assert!(matches!(error, ExportError::Rows), "{error}");
    assert_eq!(
        error.to_string(),
        "a sheet of Excel takes 1048575 rows and a header, and this answer has more"
    );

    let column = || Arc::new(NullArray::new(1)) as ArrayRef;
    let wide = (0..16_385).map(|at| (format!("k{at}"), column()));
    let wide = RecordBatch::try_from_iter(wide).unwrap();
    let error = written(FileFormat::Xlsx, &[wide]).unwrap_err();
    assert!(matches!(error, ExportError::Columns { found: 16_385 }));
}

#[test]
fn sheets_have_names_of_their_own_that_excel_takes() {
    let mut book = Book::new(&About::default());
    let mut sheet = |name: &str| {
        let batches = std::iter::empty::<Result<RecordBatch, ExportError>>();
        book.sheet(name, None, &sample().schema(), batches).unwrap();
    };
    for name in [
        "definities",
        "a[b]:c",
        "A_B__C",
        &"x".repeat(40),
        &"x".repeat(50),
    ] {
        sheet(name);
    }
    let mut out = Vec::new();
    book.finish(&mut out, &About::default()).unwrap();
    assert_eq!(
        sheets(out).sheet_names(),
        [
            "definities 2".to_owned(),
            "a_b__c".to_owned(),
            "A_B__C 2".to_owned(),
            "x".repeat(31),
            format!("{} 2", "x".repeat(26)),
            "Definities".to_owned()
        ]
    );
}

#[test]
fn parquet_has_types_that_every_reader_knows_and_tells_the_release() {
    let pseudonyms =
        FixedSizeBinaryArray::try_from_iter([[1_u8; 16], [2; 16], [3; 16]].into_iter());
    let span = IntervalMonthDayNano::new(1, 2, 0);
    let mut columns: Vec<(String, ArrayRef)> = sample()
        .schema()
        .fields()
        .iter()
        .zip(sample().columns())
        .map(|(f, c)| (f.name().clone(), Arc::clone(c)))
        .collect();
    columns.push(("niets".into(), Arc::new(NullArray::new(3))));
    columns.push((
        "duur".into(),
        Arc::new(IntervalMonthDayNanoArray::from(vec![span; 3])),
    ));
    columns.push(("wie".into(), Arc::new(pseudonyms.unwrap())));
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let bytes = written(FileFormat::Parquet, &[batch.clone(), batch]).unwrap();
    let builder = ParquetRecordBatchReaderBuilder::try_new(bytes::Bytes::from(bytes)).unwrap();
    let told = builder
        .metadata()
        .file_metadata()
        .key_value_metadata()
        .cloned();
    let told: Vec<_> = told
        .unwrap()
        .into_iter()
        .filter(|k| k.key != "ARROW:schema")
        .collect();
    let told: Vec<_> = told
        .iter()
        .map(|k| (k.key.as_str(), k.value.as_deref()))
        .collect();
    assert_eq!(
        told,
        [
            ("sluis.release", Some("20250102T010000Z-1")),
            ("sluis.gepubliceerd", Some("2025-01-02T01:00:00Z")),
            ("sluis.register", Some("0.1"))
        ]
    );
    let types: Vec<String> = builder
        .parquet_schema()
        .columns()
        .iter()
        .map(|c| format!("{} {:?}", c.name(), c.logical_type_ref()))
        .collect();
    assert!(
        types.iter().any(|t| t.starts_with("tijd Some(Timestamp")),
        "{types:?}"
    );
    let batches: Vec<_> = builder.build().unwrap().map(Result::unwrap).collect();
    assert_eq!(batches.iter().map(RecordBatch::num_rows).sum::<usize>(), 6);
    for name in [
        "jaar", "wijk", "procent", "bedrag", "vanaf", "op_tijd", "lijst",
    ] {
        assert_eq!(
            batches[0][name].slice(0, 2).to_data(),
            sample()[name].slice(0, 2).to_data()
        );
    }
}
