//! `sluis sql`: what analysts get, in which form, and what they cannot reach.

use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};

use arrow::array::AsArray;
use arrow::datatypes::Int64Type;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::{Value, json};

use crate::support::{Answer, Place};

fn published() -> Place {
    let place = Place::with_demo();
    place.sluis(&["run", "--quiet"]).must_exit(3);
    place
}

fn ask(place: &Place, args: &[&str]) -> Answer {
    place.sluis(&[&["sql"], args].concat())
}

/// Sends a text to the standard input of `sluis sql`.
fn pipe(place: &Place, args: &[&str], text: &str) -> Answer {
    let mut command = place.command(&[&["sql"], args].concat());
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A program that refuses before it has read everything closes the pipe: its right.
    let _ = child.stdin.take().unwrap().write_all(text.as_bytes());
    child.wait_with_output().unwrap().into()
}

/// It is refused as wrong use, and says nothing of where files are or how a plan looks.
fn must_refuse(place: &Place, answer: &Answer, what: &str) {
    assert_eq!(answer.code, 2, "{what}: {}{}", answer.stdout, answer.stderr);
    assert_eq!(answer.stdout, "", "{what}");
    assert!(
        answer.stderr.starts_with("error: "),
        "{what}: {}",
        answer.stderr
    );
    let folder = place.path().display().to_string();
    // A name that was typed comes back to who typed it.
    let typed: Vec<&str> = what
        .split('\'')
        .chain(what.split('"'))
        .filter(|t| t.contains('/'))
        .collect();
    let said = typed
        .iter()
        .fold(answer.stderr.clone(), |said, t| said.replace(t, ""));
    for secret in [
        folder.as_str(),
        "parquet/",
        "jaar=",
        "TableScan",
        "panicked",
        "src/",
    ] {
        assert!(!said.contains(secret), "{what} tells {secret}: {said}");
    }
}

const QUERY: &str = "select jaar, soort, aantal from hulpvragen where jaar = 2024 and soort in ('hulpvraag', 'kort_contact') order by soort";

#[test]
fn an_answer_comes_in_four_formats() {
    let place = published();
    let table = ask(&place, &["-c", QUERY]).must_exit(0);
    insta::assert_snapshot!(table.stdout, @"
     jaar | soort        | aantal
    ------+--------------+--------
     2024 | hulpvraag    |   1077
     2024 | kort_contact |    636
    ");
    assert_eq!(table.stderr, "2 rows\n");

    let csv = ask(&place, &["--format", "csv", "-c", QUERY]).must_exit(0);
    insta::assert_snapshot!(csv.stdout, @"
    jaar,soort,aantal
    2024,hulpvraag,1077
    2024,kort_contact,636
    ");

    let rows = place.sql(QUERY);
    assert_eq!(
        ask(&place, &["--json", "-c", QUERY]).must_exit(0).json(),
        json!(rows)
    );
    assert_eq!(rows[0]["soort"], "hulpvraag");

    let mut command = place.command(&["sql", "--format", "parquet", "-c", QUERY]);
    let output = command.output().unwrap();
    assert!(output.status.success());
    let file = bytes::Bytes::from(output.stdout);
    let mut reader = ParquetRecordBatchReaderBuilder::try_new(file)
        .unwrap()
        .build()
        .unwrap();
    let batch = reader.next().unwrap().unwrap();
    assert_eq!(batch.num_rows(), rows.len());
    for (row, expected) in rows.iter().enumerate() {
        assert_eq!(
            batch["jaar"].as_primitive::<Int64Type>().value(row),
            expected["jaar"]
        );
        assert_eq!(
            batch["soort"].as_string::<i32>().value(row),
            expected["soort"]
        );
        assert_eq!(
            batch["aantal"].as_primitive::<Int64Type>().value(row),
            expected["aantal"]
        );
    }
    assert!(reader.next().is_none());
}

#[test]
fn a_script_is_read_from_standard_input() {
    let place = published();
    let script = "-- two queries\nselect 1 as een;\n\nselect 'a;b' as twee\n;\n";
    let answer = pipe(&place, &[], script).must_exit(0);
    assert!(
        answer.stdout.contains("een") && answer.stdout.contains("a;b"),
        "{}",
        answer.stdout
    );
    let answer = pipe(&place, &["--format", "json"], QUERY).must_exit(0);
    assert_eq!(answer.json(), json!(place.sql(QUERY)));
    // It stops at the first that fails.
    let answer = pipe(&place, &[], "select 1 as een; select x; select 3 as drie");
    assert_eq!(answer.code, 2);
    assert!(
        answer.stdout.contains("een") && !answer.stdout.contains("drie"),
        "{}",
        answer.stdout
    );
    for nothing in ["", "\n", ";", "-- only a remark"] {
        must_refuse(&place, &pipe(&place, &[], nothing), "nothing");
    }
    must_refuse(
        &place,
        &pipe(&place, &["--format", "csv"], "select 1; select 2"),
        "two",
    );
    let answer = ask(&place, &["--format", "ods", "-c", "select 1"]);
    assert_eq!(answer.code, 2, "{}", answer.stderr);
}

#[test]
fn an_earlier_release_answers_when_it_is_asked() {
    let place = published();
    let first = place.manifest().id;
    let before = place.sql(QUERY);
    // The newest delivery of 2024 has half of the short contacts.
    place.deliver(
        "korte-contacten",
        "korte-contacten_2024_20250201.xlsx",
        &crate::spreadsheets::short_contacts(300),
    );
    let code = place.sluis(&["run", "--quiet"]).code;
    assert!(code == 0 || code == 3);
    let second = place.manifest().id;
    assert_ne!(first, second);

    let of = |release: &str| {
        let args = ["--release", release, "--json", "-c", QUERY];
        ask(&place, &args).must_exit(0).json()
    };
    assert_eq!(of(&first), json!(before));
    assert_eq!(of(&second), json!(place.sql(QUERY)));
    assert_ne!(of(&first), of(&second));
    let releases = place.sql("select release from beheer.releases order by release");
    assert_eq!(
        json!(releases),
        json!([{ "release": first }, { "release": second }])
    );

    for unknown in [
        "20200101T000000Z-00000000",
        "..",
        "../releases",
        "/etc",
        "",
        "a b",
    ] {
        let answer = ask(&place, &["--release", unknown, "-c", "select 1"]);
        must_refuse(&place, &answer, unknown);
    }
}

#[test]
fn before_anything_is_published_views_are_empty() {
    let place = Place::with_demo();
    let answer = ask(
        &place,
        &["--json", "-c", "select count(*) as n from hulpvragen"],
    );
    let answer = answer.must_exit(0);
    assert_eq!(answer.json(), json!([{ "n": 0 }]));
    assert!(
        answer.stderr.contains("nothing has been published yet"),
        "{}",
        answer.stderr
    );
    assert_eq!(place.sql("select * from beheer.runs"), Vec::<Value>::new());
    let quiet = ask(&place, &["--quiet", "-c", "select 1"]).must_exit(0);
    assert_eq!(quiet.stderr, "");
    // Asking makes nothing.
    assert!(!place.warehouse().exists());
}

#[test]
fn tables_files_and_settings_are_out_of_reach() {
    let place = published();
    let file = place.current().unwrap().join("release.json");
    let file = file.display();
    let parquet = place
        .current()
        .unwrap()
        .join(&place.manifest().files[0].path);
    let parquet = parquet.display();
    let made = place.path().join("gemaakt");
    let to = made.display();
    let texts = [
        // Treated tables, by every name that they could have.
        "select * from magazijn.hulpvraag".to_owned(),
        "select * from hulpvraag".into(),
        "select * from sluis.magazijn.hulpvraag".into(),
        "select * from \"magazijn\".\"client\"".into(),
        "select * from MAGAZIJN.CLIENT".into(),
        "select (select count(*) from magazijn.client)".into(),
        "select 1 where exists (select 1 from magazijn.client)".into(),
        "with h as (select * from magazijn.hulpvraag) select * from h".into(),
        "select client from hulpvragen".into(),
        "select h.client from hulpvragen, lateral (select client from magazijn.client) as h".into(),
        "table magazijn.hulpvraag".into(),
        "select * from magazijn._stand".into(),
        "select * from levering".into(),
        // Files.
        format!("select * from '{file}'"),
        format!("select * from '{parquet}'"),
        format!("select * from \"{parquet}\""),
        format!("select * from read_parquet('{parquet}')"),
        format!("select * from parquet_scan('{parquet}')"),
        format!("select * from read_csv('{file}')"),
        format!("select * from read_json('{file}')"),
        format!("select pg_read_file('{file}')"),
        "select * from '/etc/passwd'".into(),
        format!("create external table t stored as parquet location '{parquet}'"),
        format!("create unbounded external table t stored as csv location '{file}'"),
        format!("copy (select 1) to '{to}.csv'"),
        format!("copy hulpvragen to '{to}.parquet' stored as parquet"),
        format!("copy hulpvragen from '{file}'"),
        // Changes.
        "create table t as select 1".into(),
        "create view v as select * from magazijn.hulpvraag".into(),
        "create schema s".into(),
        "create database d".into(),
        "create function f() returns int return 1".into(),
        "insert into hulpvragen values (1)".into(),
        "update hulpvragen set aantal = 0".into(),
        "delete from hulpvragen".into(),
        "drop view hulpvragen".into(),
        "truncate hulpvragen".into(),
        "merge into hulpvragen using hulpvragen as h on true when matched then delete".into(),
        "select * into t from hulpvragen".into(),
        // Settings, plans, what the engine knows of itself.
        "set datafusion.catalog.information_schema = true".into(),
        "set search_path = magazijn".into(),
        "reset datafusion.execution.batch_size".into(),
        "show all".into(),
        "show columns from hulpvragen".into(),
        "explain select 1".into(),
        "explain analyze select * from hulpvragen".into(),
        "explain verbose select * from hulpvragen".into(),
        "explain format tree select * from hulpvragen".into(),
        "describe hulpvragen".into(),
        "prepare q as select 1".into(),
        "execute q".into(),
        "begin".into(),
        "use magazijn".into(),
        "select * from information_schema.tables".into(),
        "select * from information_schema.columns".into(),
        "select * from sluis.information_schema.df_settings".into(),
        "select * from pg_catalog.pg_tables".into(),
        "select version()".into(),
        "select current_setting('a')".into(),
        // A hash is an oracle.
        "select md5('a')".into(),
        "select sha256('a')".into(),
        "select digest('a', 'sha256')".into(),
        // More than one.
        "select 1; select 2".into(),
        "select 1; set a = 1".into(),
        "select 1; copy (select 1) to 'x.csv'".into(),
        "select 1 /* ; */; drop view hulpvragen".into(),
    ];
    for text in &texts {
        must_refuse(&place, &ask(&place, &["-vvv", "-c", text]), text);
    }
    assert!(
        fs::read_dir(place.path())
            .unwrap()
            .flatten()
            .all(|e| { !e.file_name().to_string_lossy().starts_with("gemaakt") })
    );
    // In a script each of them ends it.
    must_refuse(
        &place,
        &pipe(&place, &[], "drop view hulpvragen; select 1"),
        "drop",
    );
}

#[test]
fn what_fails_says_so_without_values_paths_or_plans() {
    let place = published();
    for text in [
        "selec 1",
        "select * from hulpvragn",
        "select aantl from hulpvragen",
        "select 1 / 0",
        "select aantal / (aantal - aantal) from hulpvragen",
        "select cast(soort as int) from hulpvragen",
        "select cast(soort as date) from hulpvragen",
        "select to_date(soort) from hulpvragen",
        "select soort + 1 from hulpvragen",
        "select sum(soort) from hulpvragen",
        "select regexp_like(soort, '(') from hulpvragen",
        "select cast(aantal * 1000000000000 * 1000000 as smallint) from hulpvragen",
    ] {
        let answer = ask(&place, &["--format", "json", "-c", text]);
        assert_eq!(answer.code, 2, "{text}: {}{}", answer.stdout, answer.stderr);
        for value in [
            "kort_contact",
            "betrokkene",
            "jaar=",
            ".parquet",
            "TableScan",
        ] {
            assert!(!answer.stderr.contains(value), "{text}: {}", answer.stderr);
        }
        assert!(
            answer.stderr.lines().count() <= 2,
            "{text}: {}",
            answer.stderr
        );
    }
}

#[test]
fn a_query_of_any_depth_does_not_end_the_process() {
    let place = published();
    let many = |text: &str, times| text.repeat(times);
    let chain = |between: &str, times| vec!["jaar"; times].join(between);
    let cases = [
        (
            "operators",
            format!("select {} from hulpvragen", chain(" + ", 5000)),
        ),
        (
            "or",
            format!("select 1 from hulpvragen where {}", chain(" = 1 or ", 5000)),
        ),
        (
            "parentheses",
            format!("select {}1{}", many("(", 5000), many(")", 5000)),
        ),
        ("casts", format!("select 1{}", many("::int", 5000))),
        ("more casts", format!("select 1{}", many("::int", 50_000))),
        ("is null", format!("select 1 {}", many("is null ", 6000))),
        ("not", format!("select {}true", many("not ", 15_000))),
        ("minus", format!("select {}1", many("- ", 15_000))),
        ("factorial", format!("select 1{}", many(" !", 15_000))),
        (
            "union",
            many("select jaar from hulpvragen union all ", 3000) + "select 1",
        ),
        (
            "case",
            format!(
                "select {}1{}",
                many("case when true then ", 3000),
                many(" end", 3000)
            ),
        ),
        (
            "functions",
            format!("select {}1{}", many("abs(", 5000), many(")", 5000)),
        ),
        (
            "lists",
            format!("select {}1{}", many("[", 5000), many("]", 5000)),
        ),
        (
            "subqueries",
            format!(
                "select * from {}hulpvragen{}",
                many("(select * from ", 3000),
                many(") t", 3000)
            ),
        ),
        ("explain", many("explain ", 15_000) + "select 1"),
        (
            "with",
            many("with a as (", 4000) + "select 1" + &many(") select * from a", 4000),
        ),
        ("columns", format!("select {}1", many("jaar, ", 10_000))),
        ("garbage", many("( [ { case when ", 5000)),
    ];
    for (what, text) in cases {
        let answer = pipe(&place, &[], &text);
        assert_eq!(answer.code, 2, "{what}: {:.300}", answer.stderr);
        assert!(
            answer.stderr.starts_with("error: "),
            "{what}: {:.300}",
            answer.stderr
        );
        assert!(answer.stderr.len() < 1000, "{what}: {:.300}", answer.stderr);
    }
    // What a tool may well ask is no problem.
    let list = vec!["2024"; 5000].join(", ");
    let sums = vec!["jaar"; 500].join(" + ");
    for text in [
        format!("select count(*) as n from hulpvragen where jaar in ({list})"),
        format!("select {sums} as n from hulpvragen"),
        format!(
            "select 1 as n from hulpvragen where {}",
            vec!["jaar = 2024"; 500].join(" or ")
        ),
        many("select 1 as n union all ", 100) + "select 2",
    ] {
        pipe(&place, &["--format", "csv"], &text).must_exit(0);
    }
}

#[test]
fn a_query_that_would_take_all_memory_is_refused() {
    let place = published();
    let four = (0..4).map(|n| format!("zelfredzaamheid v{n}"));
    let texts = (0..4).map(|n| format!("v{n}.leefgebied || v{n}.gebied"));
    let (four, texts): (Vec<_>, Vec<_>) = (four.collect(), texts.collect());
    let (four, texts) = (four.join(", "), texts.join(" || "));
    let text = format!("select count(*) from (select distinct {texts} from {four})");
    let answer = ask(&place, &["-c", &text]);
    assert_eq!(answer.code, 2, "{}", answer.stderr);
    assert!(answer.stderr.contains("memory"), "{}", answer.stderr);
}

#[test]
fn who_stops_reading_is_no_failure_and_a_full_disk_is() {
    let place = published();
    let select = "select a.aantal from hulpvragen a, bevolking b, bevolking c";
    for format in ["table", "csv", "json"] {
        let command = place.command(&["sql", "--format", format, "-c", select]);
        let mut shell = Command::new("bash");
        shell.args(["-c", "\"$0\" \"$@\" | head -1; exit ${PIPESTATUS[0]}"]);
        shell.arg(command.get_program()).args(command.get_args());
        let answer = Answer::from(shell.current_dir(place.path()).output().unwrap());
        let answer = answer.must_exit(0);
        assert!(!answer.stderr.contains("error"), "{}", answer.stderr);
    }
    if let Ok(full) = fs::File::options().write(true).open("/dev/full") {
        let mut command = place.command(&["sql", "--format", "csv", "-c", QUERY]);
        let answer = Answer::from(command.stdout(full).output().unwrap()).must_exit(1);
        assert!(
            answer.stderr.contains("cannot write the output"),
            "{}",
            answer.stderr
        );
    }
}

#[test]
fn a_question_may_hold_what_the_settings_give_it() {
    let place = published();
    // Some three hundred thousand rows in order.
    let sql = "with c as (select jaar, volgorde from monitor.publicatie_controle) \
               select max(n) as n from (select row_number() over (order by a.volgorde, b.volgorde) as n \
               from c as a cross join c as b cross join (select jaar from c limit 20) as d) as t";
    let answer = ask(&place, &["--format", "csv", "-c", sql]).must_exit(0);
    assert_eq!(answer.stdout, "n\n307520\n");
    let refused = ask(&place, &["--set", "query.memory_mib=1", "-c", sql]).must_exit(2);
    assert!(
        refused.stderr.contains("needs more memory") && refused.stderr.contains("query.memory_mib"),
        "{}",
        refused.stderr
    );
}
