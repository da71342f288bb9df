//! Reading exactly the files of a manifest.

#![expect(clippy::disallowed_methods, reason = "tests make their own sessions")]

use arrow::array::AsArray;
use arrow::datatypes::{Int64Type, SchemaRef};
use arrow::util::pretty::pretty_format_batches;
use datafusion::prelude::SessionContext;

use super::*;
use crate::warehouse::fixture::{self, Warehouse};
use crate::warehouse::release;

fn provider(warehouse: &Warehouse, spec: &TableSpec) -> Arc<dyn TableProvider> {
    let release = release::open(warehouse.path(), None).unwrap().unwrap();
    let files: Vec<_> = release
        .manifest
        .files
        .iter()
        .filter(|f| f.table == spec.name)
        .cloned()
        .collect();
    table_provider(spec, &release.root, &files).unwrap()
}

fn context(warehouse: &Warehouse) -> SessionContext {
    let context = SessionContext::new();
    context
        .register_table("t", provider(warehouse, &fixture::hulpvraag()))
        .unwrap();
    context
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .build()
        .unwrap()
}

fn ask(warehouse: &Warehouse, sql: &str) -> Vec<RecordBatch> {
    let context = context(warehouse);
    runtime()
        .block_on(async { context.sql(sql).await?.collect().await })
        .unwrap()
}

fn number(warehouse: &Warehouse, sql: &str) -> i64 {
    ask(warehouse, sql)[0]
        .column(0)
        .as_primitive::<Int64Type>()
        .value(0)
}

fn plan(warehouse: &Warehouse, sql: &str) -> String {
    let plan = ask(warehouse, &format!("explain {sql}"));
    pretty_format_batches(&plan).unwrap().to_string()
}

fn names(schema: &SchemaRef) -> Vec<&str> {
    schema.fields().iter().map(|f| f.name().as_str()).collect()
}

#[test]
fn schemas_follow_the_specification_with_the_folders_last() {
    let spec = fixture::hulpvraag();
    let file = ["hulpvraag", "client", "soort", "meldingsdatum"];
    assert_eq!(names(&file_schema(&spec)), file);
    assert_eq!(
        names(&arrow_schema(&spec)),
        [&file[..], &["jaar", "wijk"]].concat()
    );
    let schema = arrow_schema(&spec);
    assert_eq!(schema.field(0).data_type(), &DataType::FixedSizeBinary(16));
    assert!(!schema.field(0).is_nullable() && schema.field(1).is_nullable());
    let warehouse = Warehouse::new();
    let provided = provider(&warehouse, &spec).schema();
    assert_eq!(names(&provided), names(&schema));
}

#[test]
fn folders_become_columns() {
    let sql = "select jaar, wijk, soort, meldingsdatum, client from t order by 1, 2, 5";
    let batches = ask(&Warehouse::new(), sql);
    insta::assert_snapshot!(pretty_format_batches(&batches).unwrap(), @"
    +------+-----------+-----------+---------------+----------------------------------+
    | jaar | wijk      | soort     | meldingsdatum | client                           |
    +------+-----------+-----------+---------------+----------------------------------+
    | 2023 | oost      | hulpvraag | 2023-03-01    | 01010101010101010101010101010101 |
    | 2023 | oost      | hulpvraag | 2023-03-01    | 02020202020202020202020202020202 |
    | 2024 | nieuwland | hulpvraag | 2024-03-01    | 02020202020202020202020202020202 |
    | 2024 | oost      | hulpvraag | 2024-03-01    | 01010101010101010101010101010101 |
    | 2024 | oost      | hulpvraag | 2024-03-01    | 03030303030303030303030303030303 |
    | 2024 | oost      | hulpvraag | 2024-03-01    |                                  |
    +------+-----------+-----------+---------------+----------------------------------+
    ");
}

#[test]
fn a_filter_on_folders_leaves_out_files_before_they_are_opened() {
    let warehouse = Warehouse::new();
    for (filter, files, rows) in [
        ("jaar = 2024", 2, 4),
        ("jaar = 2024 and wijk = 'oost'", 1, 3),
        ("wijk in ('oost', 'west')", 2, 5),
        ("jaar between 2020 and 2023", 1, 2),
        ("wijk like 'nieuw%' or jaar < 2024", 2, 3),
        ("jaar = 2024 and meldingsdatum is not null", 2, 4),
        ("jaar = 1999", 0, 0),
        ("jaar is null", 0, 0),
    ] {
        let sql = format!("select client from t where {filter}");
        assert_eq!(
            plan(&warehouse, &sql).matches(".parquet").count(),
            files,
            "{filter}"
        );
        let sql = format!("select count(client) + count(*) - count(client) from t where {filter}");
        assert_eq!(number(&warehouse, &sql), rows, "{filter}");
    }
}

#[test]
fn rows_are_counted_from_the_manifest() {
    let warehouse = Warehouse::new();
    let path = "hulpvraag/jaar=2024/wijk=oost/wot-casus-0a1b.parquet";
    std::fs::remove_file(warehouse.root().join(path)).unwrap();
    assert_eq!(
        number(&warehouse, "select count(*) from t where jaar = 2024"),
        4
    );
}

#[test]
fn a_limit_does_not_cut_before_a_filter() {
    let warehouse = Warehouse::new();
    let sql = "select count(*) from (select * from t where client is null limit 2)";
    assert_eq!(number(&warehouse, sql), 1);
    let sql = "select count(*) from (select * from t where jaar = 2024 limit 2)";
    assert_eq!(number(&warehouse, sql), 2);
}

#[test]
fn filters_that_folders_cannot_decide_are_left_to_the_engine() {
    let warehouse = Warehouse::new();
    for (filter, rows) in [
        ("jaar = (select max(jaar) from t)", 4),
        ("wijk in (select wijk from t where jaar = 2023)", 5),
        ("exists (select 1 from t i where i.jaar = t.jaar - 1)", 4),
        ("jaar + random() > 2024", 4),
    ] {
        let sql = format!("select count(*) from t where {filter}");
        assert_eq!(number(&warehouse, &sql), rows, "{filter}");
    }
}

#[test]
fn files_outside_their_folders_are_refused() {
    let spec = fixture::hulpvraag();
    let warehouse = Warehouse::new();
    let release = release::open(warehouse.path(), None).unwrap().unwrap();
    for path in [
        "../x/jaar=2024/wijk=oost/a.parquet",
        "/etc/jaar=2024/wijk=oost/a.parquet",
        "hulpvraag/jaar=2024/a.parquet",
        "hulpvraag/wijk=oost/jaar=2024/a.parquet",
        "hulpvraag/jaar=twintig/wijk=oost/a.parquet",
        "hulpvraag/jaar=2024/wijk=oost/b/a.parquet",
        "client/jaar=2024/wijk=oost/a.parquet",
        "hulpvraag/jaar=2024/../wijk=oost/a.parquet",
    ] {
        let mut file = release.manifest.files[0].clone();
        file.path = path.to_owned();
        let opened = table_provider(&spec, &release.root, &[file]);
        assert!(matches!(opened, Err(ScanError::Misplaced { .. })), "{path}");
    }
}

#[test]
fn columns_that_a_file_does_not_have_yet_are_null() {
    let warehouse = Warehouse::new();
    let mut spec = fixture::hulpvraag();
    let mut column = spec.columns[4].clone();
    column.name = "nieuw".to_owned();
    spec.columns.insert(2, column);
    let context = SessionContext::new();
    context
        .register_table("t", provider(&warehouse, &spec))
        .unwrap();
    let sql = "select count(*) from t where nieuw is null and soort = 'hulpvraag'";
    let rows = runtime()
        .block_on(async { context.sql(sql).await?.collect().await })
        .unwrap();
    assert_eq!(rows[0].column(0).as_primitive::<Int64Type>().value(0), 6);
}
