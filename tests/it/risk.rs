//! The risk that is left: what `sluis verify` measures is what pyCANON measures on the same data, and what
//! the register forgets is a fault.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use serde_json::Value;

use crate::support::{Place, python_with_duckdb};

/// For each table: the persons of each group once, and each answer of a person once, as CSV; then what pyCANON
/// says of it.
const PYCANON: &str = r#"
import json, sys, duckdb, pandas, numpy
from pycanon import anonymity
from pycanon.metrics import max_rir, sizes_ec

release, folder, tables = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
found = {}
for table, said in tables.items():
    files = f"read_parquet('{release}/{table}/**/*.parquet', hive_partitioning = true, filename = true, file_row_number = true)"
    alone = "filename || '#' || file_row_number"
    who = f"coalesce(hex({said['person']}), {alone})" if said["person"] else alone
    known = said["known"]
    text = lambda column: f"coalesce(cast({column} as varchar), 'leeg') as {column}"
    groups = ", ".join(text(column) for column in known)
    read = lambda path, **more: pandas.read_csv(path, keep_default_na=False, **more)

    path = f"{folder}/{table}.csv"
    duckdb.sql(f"copy (select distinct {who} as wie, {groups} from {files}) to '{path}' (header)")
    data = read(path, dtype=str)
    found[table] = {
        "k": anonymity.k_anonymity(data, known),
        "hoogste": max_rir(data, known),
        "gemiddeld": len(data.groupby(known)) / len(data),
        "antwoorden": {},
    }
    for column, is_number in said["sensitive"].items():
        path = f"{folder}/{table}-{column}.csv"
        answer, only = (column, f"where {column} is not null") if is_number else (text(column), "")
        duckdb.sql(f"copy (select distinct {who} as wie, {groups}, {answer} from {files} {only}) to '{path}' (header)")
        data = read(path, dtype={**{k: str for k in known}, column: int if is_number else str})
        found[table]["antwoorden"][column] = {
            "l": int(anonymity.l_diversity(data, known, [column])),
            "entropie": int(anonymity.entropy_l_diversity(data, known, [column])),
            "alfa": float(anonymity.alpha_k_anonymity(data, known, [column])[0]),
            "t": float(anonymity.t_closeness(data, known, [column])),
        }
print(json.dumps(found))
"#;

/// The figures of a check by place and by how they begin.
fn figures(report: &Value, id: &str) -> BTreeMap<(String, String), f64> {
    let checks = report["controles"].as_array().unwrap();
    let check = checks.iter().find(|check| check["id"] == id).unwrap();
    let figures = check["cijfers"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let entry = |f: &Value| {
        (
            (text(&f["plaats"]), text(&f["wat"])),
            f["waarde"].as_f64().unwrap(),
        )
    };
    figures.map(entry).collect()
}

fn figure(figures: &BTreeMap<(String, String), f64>, table: &str, begins: &str) -> f64 {
    let place = format!("tabel {table}");
    let mut named = figures.iter();
    let (_, value) = named
        .find(|((at, what), _)| *at == place && what.starts_with(begins))
        .unwrap_or_else(|| panic!("{table}: {begins}"));
    *value
}

#[track_caller]
fn same(what: &str, ours: f64, theirs: &Value) {
    let theirs = theirs.as_f64().unwrap();
    assert!(
        (ours - theirs).abs() < 1e-9,
        "{what}: {ours}, pyCANON {theirs}"
    );
}

#[test]
fn agrees_with_pycanon() {
    let Some(python) = python_with_duckdb("pyCANON was not asked") else {
        return;
    };
    let import = Command::new(&python)
        .args(["-c", "import pycanon.anonymity"])
        .output();
    if !import.unwrap().status.success() {
        eprintln!(
            "SKIPPED: no pyCANON (SLUIS_TEST_PYTHON names a Python with it), so nobody else measured"
        );
        return;
    }
    let place = Place::with_demo();
    place.sluis(&["run"]).must_exit(3);
    let report = place.sluis(&["verify", "--json"]).must_exit(0).json();
    let contracts = sluis::contract::load(&sluis::contract::ContractFiles::embedded()).unwrap();
    let release = fs::canonicalize(place.warehouse().join("current")).unwrap();
    let asked: serde_json::Map<String, Value> = (contracts.register.risks.iter())
        .filter(|(table, _)| release.join(table).exists())
        .map(|(table, risk)| {
            let spec = &contracts.tables[table];
            let is_number = |name: &String| {
                let column = spec.columns.iter().find(|c| c.name == *name).unwrap();
                column.kind == sluis::contract::model::TableKind::Integer
            };
            let sensitive = risk.sensitive.iter();
            let sensitive: BTreeMap<_, _> = sensitive.map(|name| (name, is_number(name))).collect();
            let said = serde_json::json!({
                "person": risk.person, "known": risk.quasi_identifiers, "sensitive": sensitive,
            });
            (table.clone(), said)
        })
        .collect();
    assert!(asked.len() > 10, "{asked:?}");
    let folder = tempfile::tempdir().unwrap();
    let answer = Command::new(&python)
        .args(["-W", "ignore", "-c", PYCANON])
        .arg(&release)
        .arg(folder.path())
        .arg(Value::Object(asked).to_string())
        .output()
        .unwrap();
    assert!(
        answer.status.success(),
        "{}",
        String::from_utf8_lossy(&answer.stderr)
    );
    let theirs: BTreeMap<String, Value> = serde_json::from_slice(&answer.stdout).unwrap();
    let groups = figures(&report, "risico-groepen");
    let sensitive = figures(&report, "risico-gevoelig");
    let recognition = figures(&report, "risico-herkenning");
    let mut compared = 0;
    for (table, theirs) in &theirs {
        same(
            table,
            figure(&groups, table, "personen in de kleinste groep"),
            &theirs["k"],
        );
        same(
            table,
            figure(&recognition, table, "hoogste kans"),
            &theirs["hoogste"],
        );
        same(
            table,
            figure(&recognition, table, "gemiddelde kans"),
            &theirs["gemiddeld"],
        );
        for (column, theirs) in theirs["antwoorden"].as_object().unwrap() {
            let ours = |begins: &str| figure(&sensitive, table, &format!("{column}: {begins}"));
            let what = format!("{table}.{column}");
            same(&what, ours("minste verschillende"), &theirs["l"]);
            // pyCANON gives the whole part. Its sums may end just below a whole number.
            let (entropy, whole) = (ours("hetzelfde"), theirs["entropie"].as_f64().unwrap());
            assert!(
                (whole - 1e-9..whole + 1.0 + 1e-9).contains(&entropy),
                "{what}: {entropy}, {whole}"
            );
            same(&what, ours("grootste deel"), &theirs["alfa"]);
            same(&what, ours("grootste afstand"), &theirs["t"]);
            compared += 1;
        }
    }
    assert!(compared > 10, "{compared}");
    eprintln!(
        "pyCANON agrees on {} tables and {compared} sensitive columns",
        theirs.len()
    );
}

#[test]
fn what_the_register_forgets_is_a_fault() {
    let place = Place::new();
    let contracts = place.contracts_that_hide_nothing();
    let register = place.path().join("contracten/config/dpia.toml");
    let text = fs::read_to_string(&register).unwrap();
    let edit = |from: &str, to: &str| {
        assert!(text.contains(from), "{from}");
        fs::write(&register, text.replacen(from, to, 1)).unwrap();
        place.sluis(&["check", "--set", &contracts])
    };
    let cases = [
        (
            "quasi_identifiers = [\"jaar\", \"wijk\", \"leeftijdsgroep\"]\nsensitive = [\"zorgzwaarte\"",
            "quasi_identifiers = [\"jaar\", \"wijk\"]\nsensitive = [\"zorgzwaarte\"",
            "column `leeftijdsgroep` of table `hulpvraag` is `indirect-identificerend`",
        ),
        (
            "sensitive = [\"problematiek\"]\n",
            "",
            "column `problematiek` of table `hulpvraag_problematiek` is `bijzonder`",
        ),
        (
            "laatste_melding = \"Dezelfde dag staat bij de hulpvraag, en telt daar mee in het verloop.\"",
            "laatste_melding = \" \"",
            "`laatste_melding` is excused without a reason",
        ),
        (
            "sensitive = [\"hulpvorm\"]",
            "sensitive = [\"hulpvrom\"]",
            "did you mean `hulpvorm`?",
        ),
        (
            "person = \"contract\"",
            "person = \"traject\"",
            "column `traject` of table `uitzetting` has another type than this role asks for",
        ),
        (
            "sensitive = [\"hulpvorm\"]",
            "sensitive = [\"hulpvorm\", \"jaar\"]",
            "column `jaar` of table `jeugdverwijzing` has two roles",
        ),
        (
            "[table.schuldsignaal.excused]\ndatum = ",
            "events = [\"datum\"]\n[table.schuldsignaal.excused]\nbedrag = ",
            "table `schuldsignaal` has events and no person",
        ),
        ("\nk = 10\n", "\nk = 1\n", "`k` of [risk] is 1"),
        ("\nt = 0.5\n", "\nt = 1.5\n", "`t` of [risk] is 1.5"),
    ];
    for (from, to, fault) in cases {
        let answer = edit(from, to);
        assert_ne!(answer.code, 0, "{to}");
        assert!(answer.stdout.contains(fault), "{fault}: {}", answer.stdout);
        assert!(
            answer.stdout.contains("config/dpia.toml:"),
            "{}",
            answer.stdout
        );
    }
}
