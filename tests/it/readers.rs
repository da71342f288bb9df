//! Other programs read a release as plain Hive Parquet and come to the same figures, also while runs
//! publish one release after another.
//!
//! They are DuckDB and Polars, in the Python that `SLUIS_TEST_PYTHON` names, or else `python3`. Where
//! that or DuckDB is missing the tests say so and do nothing.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};
use sluis::contract::ContractFiles;
use sluis::contract::model::ViewSpec;

use crate::support::{Place, python_with_duckdb};

/// Opens the release that `current` leads to, once a line of standard input, until that ends. Answers
/// each with a line: which release, the rows of every table, and the figures of every view.
const READER: &str = r#"
import glob, json, os, sys
import duckdb
try:
    import polars
except ImportError:
    polars = None

current, views = sys.argv[1], json.loads(sys.argv[2])

def plain(value):
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return float(value)

def read():
    root = os.path.realpath(current)
    db = duckdb.connect()
    db.execute("create schema magazijn; create schema monitor")
    # What the monitor has and others must be told: clients, counted no further than it matters.
    db.execute("create macro clienten(x) as least(count(distinct x), 100)")
    tables = sorted(name for name in os.listdir(root) if os.path.isdir(os.path.join(root, name)) and name[0] != "_")
    rows, lazily = {}, {}
    for table in tables:
        files = f"{root}/{table}/**/*.parquet"
        db.execute(f"create view magazijn.{table} as select * from read_parquet('{files}', hive_partitioning = true)")
        rows[table] = db.execute(f"select count(*) from magazijn.{table}").fetchone()[0]
        if polars is not None:
            frame = polars.scan_parquet(files, hive_partitioning=True)
            lazily[table] = frame.select(polars.len()).collect().item()
    figures, waiting = {}, dict(views)
    while waiting:
        # A view may read others, which must be there first.
        for name, view in list(waiting.items()):
            try:
                db.execute(f"create view monitor.{name} as {view['sql']}")
                del waiting[name]
                break
            except duckdb.CatalogException:
                pass
        else:
            raise RuntimeError(f"these views read what is not there: {sorted(waiting)}")
    for name, view in views.items():
        answer = db.execute(f"select {', '.join(view['shown'])} from monitor.{name}")
        columns = [column[0] for column in answer.description]
        figures[name] = [dict(zip(columns, map(plain, row))) for row in answer.fetchall()]
    return {"release": os.path.basename(root), "rows": rows, "polars": lazily if polars else None, "figures": figures}

for _ in sys.stdin:
    print(json.dumps(read()), flush=True)
"#;

fn python() -> Option<String> {
    python_with_duckdb("no other program read the release")
}

/// The SQL of every view, and which of its columns readers see.
fn views() -> BTreeMap<String, (String, Vec<String>)> {
    let contracts = sluis::contract::load(&ContractFiles::embedded()).unwrap();
    let shown = |view: &ViewSpec| -> Vec<String> {
        let shown = view.columns.iter().filter(|column| column.role.shown());
        shown.map(|column| column.name.clone()).collect()
    };
    contracts
        .views
        .into_iter()
        .map(|(name, view)| (name, (view.sql.clone(), shown(&view))))
        .collect()
}

struct Reader {
    process: Child,
    answers: std::io::Lines<std::io::BufReader<std::process::ChildStdout>>,
}

impl Reader {
    fn start(python: &str, place: &Place) -> Self {
        use std::io::BufRead;
        let view = |(name, (sql, shown))| (name, json!({ "sql": sql, "shown": shown }));
        let views: BTreeMap<String, Value> = views().into_iter().map(view).collect();
        let mut process = Command::new(python)
            .args(["-c", READER])
            .arg(place.warehouse().join("current"))
            .arg(serde_json::to_string(&views).unwrap())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let answers = std::io::BufReader::new(process.stdout.take().unwrap()).lines();
        Self { process, answers }
    }

    fn read(&mut self) -> Value {
        use std::io::Write;
        let input = self.process.stdin.as_mut().unwrap();
        writeln!(input).unwrap();
        let answer = self.answers.next().expect("the reader failed").unwrap();
        serde_json::from_str(&answer).unwrap()
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}

/// The figures of every view as `sluis sql` gives them to somebody from whom the register hides nothing.
fn own_figures(place: &Place) -> BTreeMap<String, Vec<String>> {
    let contracts = place.contracts_that_hide_nothing();
    let figures = |(name, (_, shown)): (String, (String, Vec<String>))| {
        let query = format!("select {} from {name}", shown.join(", "));
        let query = ["sql", "--format", "json", "-c", &query];
        let answer = place.sluis(&[&["--set", &contracts][..], &query].concat());
        let rows = answer.must_exit(0).json();
        let rows = comparable(rows.as_array().unwrap());
        (name, rows)
    };
    views().into_iter().map(figures).collect()
}

/// Rows whatever their order, and numbers whatever their type.
fn comparable(rows: &[Value]) -> Vec<String> {
    let number = |value: &Value| match value.as_f64() {
        Some(number) if value.is_number() => json!(format!("{number:.6}")),
        _ => value.clone(),
    };
    let row = |row: &Value| {
        let cells: BTreeMap<_, _> = row
            .as_object()
            .unwrap()
            .iter()
            .map(|(k, v)| (k, number(v)))
            .collect();
        serde_json::to_string(&cells).unwrap()
    };
    let mut rows: Vec<String> = rows.iter().map(row).collect();
    rows.sort_unstable();
    rows
}

fn figures_of(read: &Value) -> BTreeMap<String, Vec<String>> {
    let figures = read["figures"].as_object().unwrap();
    let rows = |rows: &Value| comparable(rows.as_array().unwrap());
    figures
        .iter()
        .map(|(name, all)| (name.clone(), rows(all)))
        .collect()
}

/// The rows of every table, by the manifest of a release.
fn rows_of(release: &Path) -> Value {
    let text = fs::read(release.join("release.json")).unwrap();
    let manifest: sluis::warehouse::manifest::Manifest = serde_json::from_slice(&text).unwrap();
    let mut rows: BTreeMap<String, u64> = BTreeMap::new();
    for file in manifest.files.iter().filter(|f| !f.table.starts_with('_')) {
        *rows.entry(file.table.clone()).or_default() += file.rows;
    }
    json!(rows)
}

#[test]
fn another_program_reads_every_table_and_comes_to_the_same_figures() {
    let Some(python) = python() else { return };
    let place = Place::with_demo();
    place.sluis(&["run", "--quiet"]).must_exit(3);
    let read = Reader::start(&python, &place).read();
    let rows = rows_of(&place.current().unwrap());
    assert_eq!(
        rows.as_object().unwrap().len(),
        27,
        "every table has rows: {rows}"
    );
    assert_eq!(read["rows"], rows);
    if read["polars"].is_null() {
        eprintln!("SKIPPED: this Python has no Polars; DuckDB read the release");
    } else {
        assert_eq!(read["polars"], rows);
    }
    let own = own_figures(&place);
    assert!(own.values().all(|rows| !rows.is_empty()));
    for (view, rows) in figures_of(&read) {
        assert_eq!(rows, own[&view], "{view}");
    }
    assert_eq!(own.len(), 24);
}

#[test]
fn another_program_sees_whole_releases_while_runs_publish() {
    let Some(python) = python() else { return };
    let place = Place::with_demo();
    place.sluis(&["run", "--quiet"]).must_exit(3);
    // Two nights that take turns. They differ in three sources, so that a reader who got files of both
    // would have figures of neither.
    let nights = [Night::of(&place, 1.0), Night::of(&place, 0.6)];
    let known: Vec<_> = nights
        .iter()
        .map(|night| {
            night.deliver(&place);
            let code = place.sluis(&NIGHTLY).code;
            assert!(code == 0 || code == 3);
            (own_figures(&place), rows_of(&place.current().unwrap()))
        })
        .collect();
    for view in ["hulpvragen", "leeftijd", "zelfredzaamheid"] {
        assert_ne!(known[0].0[view], known[1].0[view], "{view}");
    }

    let done = AtomicBool::new(false);
    let (seen, published) = std::thread::scope(|scope| {
        let publishing = scope.spawn(|| {
            let mut published = 0;
            while !done.load(Ordering::Relaxed) {
                nights[published % 2].deliver(&place);
                let code = place.sluis(&NIGHTLY).code;
                assert!(code == 0 || code == 3, "{code}");
                published += 1;
            }
            published
        });
        let mut reader = Reader::start(&python, &place);
        let mut seen = BTreeMap::new();
        // Until enough different releases were met, with an end for a machine on which nothing happens.
        for _ in 0..200 {
            let read = reader.read();
            let (figures, rows) = (figures_of(&read), &read["rows"]);
            let whole = known.iter().any(|(f, r)| *f == figures && r == rows);
            assert!(whole, "release {} is torn: {rows}", read["release"]);
            seen.insert(
                read["release"].as_str().unwrap().to_owned(),
                figures == known[0].0,
            );
            if publishing.is_finished() || seen.len() >= 6 {
                break;
            }
        }
        done.store(true, Ordering::Relaxed);
        (seen, publishing.join().unwrap())
    });
    eprintln!(
        "{} releases were read while {published} were published",
        seen.len()
    );
    assert!(seen.len() >= 3, "{seen:?}");
    assert!(
        seen.values().any(|first| *first) && seen.values().any(|first| !*first),
        "{seen:?}"
    );
}

/// The run of a night: the sources that change.
const NIGHTLY: [&str; 5] = ["run", "--quiet", "korte-contacten", "wot-casus", "zrm"];

/// The deliveries of a night, of which the files of one share of the rows are put down.
struct Night(Vec<(&'static str, String, Vec<u8>)>);

impl Night {
    fn of(place: &Place, share: f64) -> Self {
        let files = [
            ("wot-casus", "wot-casus_2024_20250115.csv"),
            ("wot-casus", "wot-casus_2020_20210115.csv"),
            ("korte-contacten", "korte-contacten_2024_20250115.xlsx"),
            ("zrm", "zrm_20201231.csv"),
        ];
        let cut = |(source, name): (&'static str, &str)| {
            if source == "korte-contacten" && share < 1.0 {
                let few = crate::spreadsheets::short_contacts(20);
                return (source, name.to_owned(), few);
            }
            let bytes = fs::read(place.landing().join(source).join(name)).unwrap();
            (source, name.to_owned(), first_part(&bytes, share))
        };
        Self(files.map(cut).to_vec())
    }

    fn deliver(&self, place: &Place) {
        for (source, name, bytes) in &self.0 {
            let path = place.deliver(source, name, bytes);
            if *source != "korte-contacten" {
                place.vouch(&path);
            }
        }
    }
}

/// The first rows of a delivery, without one that is cut in two.
fn first_part(bytes: &[u8], share: f64) -> Vec<u8> {
    if share >= 1.0 {
        return bytes.to_vec();
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a share of a small file"
    )]
    let about = (bytes.len() as f64 * share) as usize;
    let quotes = |end: usize| bytes[..end].split(|b| *b == b'"').count() - 1;
    let end = (about..bytes.len())
        .find(|&at| bytes[at - 1] == b'\n' && quotes(at).is_multiple_of(2))
        .unwrap();
    bytes[..end].to_vec()
}
