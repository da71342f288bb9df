//! What leaves as a file: every format, read back by somebody else's reader.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::sync::LazyLock;

use calamine::{Data, Reader, Xlsx, open_workbook};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::Value;

use crate::support::{Answer, Place, python_with_duckdb};

static PLACE: LazyLock<Place> = LazyLock::new(|| {
    let place = Place::with_demo();
    place.sluis(&["run", "--quiet"]).must_exit(3);
    place
});

const QUERY: &str =
    "select jaar, rij, aantal, procent from wachttijd where jaar = 2024 order by volgorde";

fn ask(args: &[&str]) -> Answer {
    PLACE.sluis(&[&["sql"], args].concat())
}

/// The answer in a file of this name.
fn saved(name: &str, args: &[&str]) -> Vec<u8> {
    let file = PLACE.path().join(name);
    let out = file.display().to_string();
    let answer = ask(&[&["-c", QUERY, "--out", &out], args].concat()).must_exit(0);
    assert_eq!(answer.stdout, "");
    assert!(
        answer.stderr.ends_with(&format!(" rows in {out}\n")),
        "{}",
        answer.stderr
    );
    let mode = fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "{name}");
    fs::read(file).unwrap()
}

fn rows() -> Vec<Value> {
    let rows = PLACE.sql(QUERY);
    assert!(rows.len() > 4, "{rows:?}");
    rows
}

#[test]
fn a_file_has_the_format_of_its_name() {
    let rows = rows();
    let csv = String::from_utf8(saved("wachttijd.csv", &[])).unwrap();
    let lines: Vec<&str> = csv.lines().collect();
    assert_eq!(lines[0], "jaar,rij,aantal,procent");
    assert_eq!(lines.len(), rows.len() + 1);
    assert!(lines.contains(&"2024,totaal,1077,100"), "{csv}");

    let json: Value = serde_json::from_slice(&saved("wachttijd.json", &[])).unwrap();
    assert_eq!(json, Value::from(rows.clone()));

    let file = bytes::Bytes::from(saved("wachttijd.parquet", &[]));
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).unwrap();
    let batches: Vec<_> = reader.build().unwrap().map(Result::unwrap).collect();
    let mut writer = arrow::json::ArrayWriter::new(Vec::new());
    for batch in &batches {
        writer.write(batch).unwrap();
    }
    writer.finish().unwrap();
    let read: Value = serde_json::from_slice(&writer.into_inner()).unwrap();
    assert_eq!(read, Value::from(rows));

    // Another extension needs a format.
    let out = PLACE.path().join("wachttijd.txt").display().to_string();
    ask(&["-c", QUERY, "--out", &out]).must_exit(2);
    ask(&["-c", QUERY, "--out", &out, "--format", "table"]).must_exit(0);
}

#[test]
fn dutch_csv_opens_in_a_dutch_spreadsheet() {
    let sql = "select rij, cast(procent as double) / 4 as deel, date '2024-12-31' as dag, aantal > 400 as veel, \
               '=1+1' as \"=som\" from wachttijd where jaar = 2024 and rij = 'totaal'";
    let args = ["--format", "csv-nl", "-c", sql];
    let answer = ask(&args).must_exit(0);
    assert_eq!(
        answer.stdout,
        "\u{feff}rij;deel;dag;veel;'=som\r\ntotaal;25;31-12-2024;ja;'=1+1\r\n"
    );
}

/// The rows of a sheet as texts.
fn sheet(path: &Path, name: &str) -> Vec<Vec<Data>> {
    let mut book: Xlsx<_> = open_workbook(path).unwrap();
    let range = book.worksheet_range(name).unwrap();
    range.rows().map(<[Data]>::to_vec).collect()
}

fn texts(rows: &[Vec<Data>]) -> Vec<String> {
    rows.iter().flatten().map(ToString::to_string).collect()
}

#[test]
fn a_workbook_tells_what_it_holds() {
    saved("wachttijd.xlsx", &[]);
    let path = PLACE.path().join("wachttijd.xlsx");
    let found = sheet(&path, "Antwoord");
    let rows = rows();
    assert_eq!(found.len(), rows.len() + 1);
    assert_eq!(
        found[0],
        ["jaar", "rij", "aantal", "procent"].map(|t| Data::String(t.into()))
    );
    for (found, row) in found[1..].iter().zip(&rows) {
        let number = |cell: &Data, value: &Value| match cell {
            Data::Float(number) => Value::from(*number).as_f64() == value.as_f64(),
            Data::Empty => value.is_null(),
            _ => false,
        };
        assert!(number(&found[0], &row["jaar"]), "{found:?} {row}");
        assert_eq!(found[1], Data::String(row["rij"].as_str().unwrap().into()));
        assert!(number(&found[2], &row["aantal"]), "{found:?} {row}");
    }
    let told = texts(&sheet(&path, "Definities"));
    let release = PLACE.manifest().id;
    for expected in [
        release.as_str(),
        QUERY,
        "monitor.wachttijd",
        "onderdrukt",
        "nog een concept",
    ] {
        assert!(
            told.iter().any(|cell| cell.contains(expected)),
            "{expected}: {told:?}"
        );
    }
    let said = format!("{told:?}");
    assert!(
        !said.contains(&PLACE.path().display().to_string()),
        "{said}"
    );
}

#[test]
fn all_views_go_into_a_folder_or_a_workbook() {
    let all: Vec<String> = ask(&["--json", "-c", "show tables"])
        .must_exit(0)
        .json()
        .as_array()
        .unwrap()
        .iter()
        .filter(|row| row["schema"] == "monitor")
        .map(|row| row["naam"].as_str().unwrap().to_owned())
        .collect();
    for format in ["csv", "csv-nl", "json", "xlsx", "parquet"] {
        let folder = PLACE.path().join(format!("alles-{format}"));
        let to = folder.display().to_string();
        let answer = PLACE.sluis(&["export", "--to", &to, "--format", format, "--json"]);
        let told = answer.must_exit(0).json();
        assert_eq!(told.as_array().map(Vec::len), Some(all.len()));
        let mut names: Vec<String> = fs::read_dir(&folder)
            .unwrap()
            .map(|file| file.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        let extension = format.trim_end_matches("-nl");
        let expected: Vec<_> = all
            .iter()
            .map(|name| format!("{name}.{extension}"))
            .collect();
        assert_eq!(names, expected);
    }
    let book = PLACE.path().join("monitor.xlsx");
    let out = book.display().to_string();
    PLACE.sluis(&["export", "--out", &out]).must_exit(0);
    let opened: Xlsx<_> = open_workbook(&book).unwrap();
    let mut expected = all.clone();
    expected.push("Definities".into());
    assert_eq!(opened.sheet_names(), expected);
    let told = texts(&sheet(&book, "Definities"));
    for view in &all {
        let name = format!("monitor.{view}");
        assert!(told.iter().any(|cell| cell.contains(&name)), "{name}");
    }
    // The same release gives the same file.
    let first = fs::read(&book).unwrap();
    PLACE.sluis(&["export", "--out", &out]).must_exit(0);
    assert!(first == fs::read(&book).unwrap());
}

#[test]
fn one_view_and_the_run_history_can_be_exported() {
    let out = PLACE.path().join("runs.csv").display().to_string();
    let answer = PLACE
        .sluis(&["export", "beheer.runs", "--out", &out])
        .must_exit(0);
    assert!(answer.stdout.contains("beheer.runs"), "{}", answer.stdout);
    assert!(
        fs::read_to_string(&out)
            .unwrap()
            .starts_with("run,begonnen,")
    );
    let two = ["export", "wachttijd", "leeftijd", "--out", &out];
    PLACE.sluis(&two).must_exit(2);
    PLACE
        .sluis(&["export", "magazijn.client", "--out", &out])
        .must_exit(2);
    PLACE.sluis(&["export", "wachttijd"]).must_exit(2);
    // What was there is still there.
    assert!(
        fs::read_to_string(&out)
            .unwrap()
            .starts_with("run,begonnen,")
    );
}

#[test]
fn a_wrong_place_for_a_file_is_wrong_use() {
    let folder = PLACE.path().display().to_string();
    for out in [folder.as_str(), "/dev/null", "/nergens/a.csv", ""] {
        let answer = ask(&["-c", "select 1", "--format", "csv", "--out", out]);
        assert_eq!(answer.code, 2, "{out}: {}", answer.stderr);
    }
    // A query that fails leaves no file, nor part of one.
    let out = PLACE.path().join("mis.csv");
    let name = out.display().to_string();
    ask(&[
        "--out",
        &name,
        "-c",
        "select aantal / (aantal - aantal) as x from wachttijd",
    ])
    .must_exit(2);
    assert!(!out.exists() && !out.with_extension("csv.tmp").exists());
}

/// Reads CSV and Parquet of a folder with DuckDB: rows, and the sum of their numbers, by view.
const READER: &str = r#"
import glob, json, os, sys
import duckdb
db = duckdb.connect()
found = {}
for path in sorted(glob.glob(sys.argv[1] + "/*")):
    read = "read_parquet" if path.endswith(".parquet") else "read_csv"
    answer = db.execute(f"select count(*), sum(aantal)::double, max(jaar) from {read}('{path}')").fetchone()
    found[os.path.splitext(os.path.basename(path))[0]] = answer
print(json.dumps(found))
"#;

#[test]
fn duckdb_reads_the_same_from_csv_and_parquet() {
    let Some(python) = python_with_duckdb("no other program read the exports") else {
        return;
    };
    let read = |format: &str| -> Value {
        let folder = PLACE.path().join(format!("duckdb-{format}"));
        let to = folder.display().to_string();
        let views = ["wachttijd", "bevolking", "leeftijd", "personeel"];
        let args = [&["export", "--to", &to, "--format", format][..], &views].concat();
        PLACE.sluis(&args).must_exit(0);
        let output = Command::new(&python)
            .args(["-c", READER, &to])
            .output()
            .unwrap();
        let answer = Answer::from(output).must_exit(0);
        answer.json()
    };
    let (csv, parquet) = (read("csv"), read("parquet"));
    assert_eq!(csv, parquet);
    for (view, found) in parquet.as_object().unwrap() {
        let sql =
            "select count(*) as n, cast(sum(aantal) as double) as som, max(jaar) as jaar from";
        let own = PLACE.sql(&format!("{sql} {view}"));
        let own = [&own[0]["n"], &own[0]["som"], &own[0]["jaar"]];
        assert_eq!(
            found.as_array().unwrap().iter().collect::<Vec<_>>(),
            own,
            "{view}"
        );
    }
}
