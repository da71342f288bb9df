//! What the monitor answers.

#![expect(clippy::disallowed_methods, reason = "tests damage files")]

mod published;
mod reach;
mod views;

use arrow::array::{AsArray, RecordBatch};
use arrow::datatypes::Int64Type;
use arrow::util::pretty::pretty_format_batches;

use super::*;
use crate::contract;
use crate::error::{Class, Classified};
use crate::warehouse::fixture::{self, Warehouse};
use crate::warehouse::history;
use crate::warehouse::release;

fn limits() -> Limits {
    Limits {
        memory_bytes: 64 << 20,
        threads: 2,
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .build()
        .unwrap()
}

fn open(warehouse: &Warehouse, contracts: &Contracts) -> Result<Monitor, MonitorError> {
    let release = release::open(warehouse.path(), None).unwrap();
    runtime().block_on(Monitor::open(
        release.as_ref(),
        contracts,
        warehouse.path(),
        limits(),
    ))
}

fn ask(warehouse: &Warehouse, sql: &str) -> Result<Vec<RecordBatch>, MonitorError> {
    let monitor = open(warehouse, &fixture::contracts())?;
    runtime().block_on(async { monitor.query(sql).await?.collect().await })
}

fn table(sql: &str) -> String {
    let batches = ask(&Warehouse::new(), sql).unwrap();
    pretty_format_batches(&batches).unwrap().to_string()
}

fn number(sql: &str) -> i64 {
    ask(&Warehouse::new(), sql).unwrap()[0]
        .column(0)
        .as_primitive::<Int64Type>()
        .value(0)
}

#[test]
fn views_answer_over_the_files_of_the_release() {
    insta::assert_snapshot!(table("select * from hulpvragen order by jaar, wijk"), @"
    +------+-----------+-----------+--------+
    | jaar | definitie | wijk      | aantal |
    +------+-----------+-----------+--------+
    | 2023 | 2023      | oost      | 2      |
    | 2024 | 2023      | nieuwland | 1      |
    | 2024 | 2023      | oost      | 3      |
    +------+-----------+-----------+--------+
    ");
}

#[test]
fn views_may_use_views_and_join_tables() {
    insta::assert_snapshot!(table("select * from monitor.aandeel order by jaar, wijk"), @"
    +------+-----------+-----------+---------+
    | jaar | definitie | wijk      | procent |
    +------+-----------+-----------+---------+
    | 2023 | 2023      | oost      | 100.0   |
    | 2024 | 2023      | nieuwland | 25.0    |
    | 2024 | 2023      | oost      | 75.0    |
    +------+-----------+-----------+---------+
    ");
    insta::assert_snapshot!(table("select * from personen order by jaar, team"), @"
    +------+-----------+-----------+----------+
    | jaar | definitie | team      | personen |
    +------+-----------+-----------+----------+
    | 2023 | 2023      | Nieuwland | 1        |
    | 2023 | 2023      | Oost      | 1        |
    | 2024 | 2023      | Nieuwland | 1        |
    | 2024 | 2023      | Oost      | 2        |
    +------+-----------+-----------+----------+
    ");
}

#[test]
fn a_table_without_files_is_empty_and_has_its_columns() {
    assert_eq!(number("select count(*) from contacten"), 0);
    assert_eq!(
        number("select count(*) from contacten where jaar = 2024 and spoed"),
        0
    );
}

#[test]
fn ordinary_questions_work() {
    for sql in [
        "WITH t AS (SELECT jaar, sum(aantal) AS n FROM hulpvragen GROUP BY jaar) SELECT * FROM t",
        "select jaar, rank() over (order by aantal desc) from sluis.monitor.hulpvragen",
        "select upper(left(wijk, 1)) || substr(wijk, 2), 100 * aantal / 3 from \"hulpvragen\";",
        "select extract(year from current_date), date_trunc('month', now())",
        "select * from hulpvragen h join aandeel a using (jaar, wijk) where h.wijk like 'o%'",
        "select jaar from hulpvragen union all select jaar from personen order by 1 limit 3",
        "select h.* from hulpvragen h where exists (select 1 from personen p where p.jaar = h.jaar)",
        "select * from hulpvragen where jaar = (select max(jaar) from hulpvragen)",
        "select array_agg(wijk order by wijk) from hulpvragen",
        "select approx_distinct(wijk), median(aantal) from hulpvragen",
        "/* what */ select 1 -- is this",
        "values (1), (2)",
    ] {
        if let Err(error) = ask(&Warehouse::new(), sql) {
            panic!("{sql}: {error}");
        }
    }
}

#[test]
fn show_tables_lists_what_can_be_asked() {
    insta::assert_snapshot!(table("show tables"), @"
    +---------+-------------------+------------------------------------------------------------------------------+
    | schema  | naam              | betekenis                                                                    |
    +---------+-------------------+------------------------------------------------------------------------------+
    | monitor | aandeel           | Het aandeel van elke wijk, in procenten.                                     |
    | monitor | contacten         | Korte contacten.                                                             |
    | monitor | hulpvragen        | Hulpvragen per jaar en wijk.                                                 |
    | monitor | personen          | Personen per team.                                                           |
    | beheer  | bestanden         | De bestanden van de release waarover u vragen stelt.                         |
    | beheer  | leveringen        | Wat er per run met elke levering gebeurde.                                   |
    | beheer  | ophalingen        | Wat er per run bij partners is opgehaald, en wat daarbij misging.            |
    | beheer  | releases          | De releases die te lezen zijn. Tijden in UTC.                                |
    | beheer  | runs              | Elke keer dat de nachtelijke taak liep, ook als dat mislukte. Tijden in UTC. |
    | beheer  | weigeringen       | Hoeveel rijen van een levering per kolom en regel zijn geweigerd.            |
    | beheer  | weigeringen_rijen | Welke rijen zijn geweigerd: het rijnummer, nooit de waarde.                  |
    +---------+-------------------+------------------------------------------------------------------------------+
    ");
}

#[test]
fn a_view_is_described_with_or_without_its_schema() {
    let monitor = open(&Warehouse::new(), &fixture::contracts()).unwrap();
    let view = monitor.describe("hulpvragen").unwrap();
    assert_eq!(monitor.describe("MONITOR.Hulpvragen"), Some(view));
    assert!(view.documentation.starts_with("Hulpvragen per jaar"));
    let columns: Vec<_> = view
        .columns
        .iter()
        .map(|c| format!("{} {}", c.name, c.kind))
        .collect();
    assert_eq!(
        columns,
        [
            "jaar geheel",
            "definitie tekst",
            "wijk tekst",
            "aantal geheel"
        ]
    );
    assert!(monitor.describe("beheer.runs").is_some());
    assert!(monitor.describe("runs").is_none());
    assert!(monitor.describe("magazijn.client").is_none());
}

#[test]
fn the_run_history_is_data() {
    insta::assert_snapshot!(table("select * from beheer.runs order by run"), @"
    +--------------------+---------------------+---------------------+---------------------+--------------------+------------+---------------+----------------+-----------------+--------------+------+
    | run                | begonnen            | geeindigd           | uitkomst            | release            | leveringen | rijen_gelezen | rijen_behouden | rijen_geweigerd | rijen_gewist | fout |
    +--------------------+---------------------+---------------------+---------------------+--------------------+------------+---------------+----------------+-----------------+--------------+------+
    | 20250102T010000Z-1 | 2025-01-02T01:00:00 | 2025-01-02T01:00:09 | gepubliceerd        | 20250102T010000Z-1 | 1          | 8             | 6              | 2               | 0            |      |
    | 20250103T010000Z-1 | 2025-01-03T01:00:00 |                     | bezig of afgebroken |                    |            |               |                |                 |              |      |
    +--------------------+---------------------+---------------------+---------------------+--------------------+------------+---------------+----------------+-----------------+--------------+------+
    ");
    insta::assert_snapshot!(
        table("select run, bron, deel, datum, bytes, uitkomst, reden, rijen_gelezen, rijen_behouden, \
               rijen_geweigerd, rijen_gewist, milliseconden from beheer.leveringen"), @"
    +--------------------+-----------+------+----------+-------+----------+-------+---------------+----------------+-----------------+--------------+---------------+
    | run                | bron      | deel | datum    | bytes | uitkomst | reden | rijen_gelezen | rijen_behouden | rijen_geweigerd | rijen_gewist | milliseconden |
    +--------------------+-----------+------+----------+-------+----------+-------+---------------+----------------+-----------------+--------------+---------------+
    | 20250102T010000Z-1 | wot-casus | 2024 | 20250101 | 4096  | verwerkt |       | 8             | 6              | 2               | 0            | 120           |
    +--------------------+-----------+------+----------+-------+----------+-------+---------------+----------------+-----------------+--------------+---------------+
    ");
    insta::assert_snapshot!(
        table("select bron, deel, kolom, regel, rijen from beheer.weigeringen"), @"
    +-----------+------+-------+----------+-------+
    | bron      | deel | kolom | regel    | rijen |
    +-----------+------+-------+----------+-------+
    | wot-casus | 2024 | bsn   | elfproef | 2     |
    +-----------+------+-------+----------+-------+
    ");
    insta::assert_snapshot!(
        table("select run, bron, rij, kolom, regel from beheer.weigeringen_rijen order by rij"), @"
    +--------------------+-----------+-----+-------+----------+
    | run                | bron      | rij | kolom | regel    |
    +--------------------+-----------+-----+-------+----------+
    | 20250102T010000Z-1 | wot-casus | 17  | bsn   | elfproef |
    | 20250102T010000Z-1 | wot-casus | 204 | bsn   | elfproef |
    +--------------------+-----------+-----+-------+----------+
    ");
}

#[test]
fn releases_and_their_files_are_data() {
    insta::assert_snapshot!(
        table("select release, gepubliceerd, actueel, run, programma, register_versie, \
               register_vastgesteld, sleutel, leveringen, bestanden, rijen from beheer.releases"), @"
    +--------------------+---------------------+---------+--------------------+-------------+-----------------+----------------------+------------------+------------+-----------+-------+
    | release            | gepubliceerd        | actueel | run                | programma   | register_versie | register_vastgesteld | sleutel          | leveringen | bestanden | rijen |
    +--------------------+---------------------+---------+--------------------+-------------+-----------------+----------------------+------------------+------------+-----------+-------+
    | 20250102T010000Z-1 | 2025-01-02T01:00:09 | true    | 20250102T010000Z-1 | sluis 0.1.0 | 0.1             |                      | 0011223344556677 | 1          | 4         | 9     |
    +--------------------+---------------------+---------+--------------------+-------------+-----------------+----------------------+------------------+------------+-----------+-------+
    ");
    insta::assert_snapshot!(
        table("select pad, tabel, bron, deel, rijen from beheer.bestanden order by pad"), @"
    +-----------------------------------------------------------+-----------+-----------+------+-------+
    | pad                                                       | tabel     | bron      | deel | rijen |
    +-----------------------------------------------------------+-----------+-----------+------+-------+
    | client/wot-casus-0a1b.parquet                             | client    | wot-casus |      | 3     |
    | hulpvraag/jaar=2023/wijk=oost/wot-casus-0a1b.parquet      | hulpvraag | wot-casus |      | 2     |
    | hulpvraag/jaar=2024/wijk=nieuwland/wot-casus-0a1b.parquet | hulpvraag | wot-casus |      | 1     |
    | hulpvraag/jaar=2024/wijk=oost/wot-casus-0a1b.parquet      | hulpvraag | wot-casus |      | 3     |
    +-----------------------------------------------------------+-----------+-----------+------+-------+
    ");
}

#[test]
fn a_broken_journal_spoils_the_history_only() {
    let warehouse = Warehouse::new();
    std::fs::write(
        warehouse.journal().join(fixture::RUN).join(history::RUN),
        "{",
    )
    .unwrap();
    ask(&warehouse, "select * from hulpvragen").unwrap();
    let error = ask(&warehouse, "select * from beheer.runs").unwrap_err();
    assert_eq!(error.class(), Class::Environment);
    assert!(error.to_string().contains(fixture::RUN), "{error}");
}

#[test]
fn a_reader_keeps_its_release() {
    let warehouse = Warehouse::new();
    let monitor = open(&warehouse, &fixture::contracts()).unwrap();
    std::fs::remove_file(warehouse.path().join(release::CURRENT)).unwrap();
    let answer = runtime().block_on(async {
        monitor
            .query("select sum(aantal) from hulpvragen")
            .await?
            .collect()
            .await
    });
    assert_eq!(
        answer.unwrap()[0]
            .column(0)
            .as_primitive::<Int64Type>()
            .value(0),
        6
    );
}

// The contracts of the house, and faults of contracts.

#[test]
fn the_views_of_the_house_can_be_planned_and_asked() {
    let contracts = contract::load(&contract::ContractFiles::embedded()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    runtime().block_on(async {
        let monitor = Monitor::open(None, &contracts, folder.path(), limits())
            .await
            .unwrap();
        for view in contracts.views.values() {
            let relation = monitor.describe(&view.name).unwrap();
            for column in ["jaar", "definitie"] {
                let found = relation.columns.iter().any(|c| c.name == column);
                assert!(found, "{} has no column {column}", view.name);
            }
            let answer = monitor.query(&format!("select * from {}", view.name)).await;
            let rows = answer.unwrap().collect().await.unwrap();
            assert_eq!(rows.iter().map(RecordBatch::num_rows).sum::<usize>(), 0);
        }
    });
}

fn with_view(name: &str, sql: &str) -> Result<Monitor, MonitorError> {
    let mut contracts = fixture::contracts();
    let mut view = contracts.views["hulpvragen"].clone();
    (view.name, view.path) = (name.to_owned(), format!("schemas/monitor/{name}.sql"));
    view.sql = sql.to_owned();
    contracts.views.insert(name.to_owned(), view);
    open(&Warehouse::new(), &contracts)
}

#[test]
fn a_view_that_does_not_fit_names_its_file() {
    for sql in [
        "select * from magazijn.nergens",
        "select nergens from magazijn.hulpvraag",
        "select 1; select 2",
        "selec",
        "drop table magazijn.client",
        "show tables",
        "select * from beheer.runs",
        "select a.jaar, b.jaar from magazijn.hulpvraag a, magazijn.hulpvraag b where a.client < 1",
    ] {
        let error = with_view("nieuw", sql).err().expect(sql);
        assert!(
            error.to_string().starts_with("schemas/monitor/nieuw.sql: "),
            "{sql}: {error}"
        );
        assert_eq!(error.class(), Class::User);
    }
}

#[test]
fn views_in_a_circle_are_refused() {
    let error = with_view("hulpvragen", "select *, 1 as x from aandeel")
        .err()
        .unwrap();
    assert!(
        error
            .to_string()
            .contains("in a circle: aandeel, hulpvragen"),
        "{error}"
    );
    let error = with_view("zelf", "select * from monitor.zelf")
        .err()
        .unwrap();
    assert!(error.to_string().contains("in a circle: zelf"), "{error}");
}
