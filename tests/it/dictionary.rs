//! `sluis dictionary`: as a page, as comments in a database, as JSON.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use serde_json::Value;

use crate::support::{Answer, Place, python_with_duckdb};

fn dictionary() -> Value {
    Place::bare()
        .sluis(&["dictionary", "--json"])
        .must_exit(0)
        .json()
}

/// Every table and view with its columns.
fn columns(dictionary: &Value, part: &str) -> Vec<(String, Vec<String>)> {
    let name = |value: &Value| value["name"].as_str().unwrap().to_owned();
    let of = |entry: &Value| {
        let columns = entry["columns"].as_array().unwrap().iter();
        (name(entry), columns.map(name).collect())
    };
    dictionary[part]
        .as_array()
        .unwrap()
        .iter()
        .map(of)
        .collect()
}

#[test]
fn every_field_of_the_house_is_in_it() {
    let contracts = sluis::contract::load(&sluis::contract::ContractFiles::embedded()).unwrap();
    let found = dictionary();
    for source in &contracts.sources {
        let noted = found["sources"].as_array().unwrap().iter();
        let mut noted = noted.filter(|s| s["id"] == source.contract.id.as_str());
        let noted = noted.next().unwrap()["columns"].as_array().unwrap();
        assert_eq!(
            noted.len(),
            source.contract.columns.len(),
            "{}",
            source.contract.id
        );
        for (noted, column) in noted.iter().zip(&source.contract.columns) {
            assert_eq!(noted["name"], column.name.as_str());
            assert_eq!(noted["class"], column.class.as_str());
            assert_eq!(noted["treatment"], column.treatment.name());
        }
    }
    for (name, columns) in columns(&found, "tables") {
        let spec = contracts.tables[&name].columns.iter();
        assert_eq!(columns, spec.map(|c| c.name.clone()).collect::<Vec<_>>());
    }
    for (name, mut columns) in columns(&found, "views") {
        // What the rules of publication add.
        columns.retain(|column| column != "onderdrukt");
        let spec = contracts.views[&name].columns.iter();
        assert_eq!(columns, spec.map(|c| c.name.clone()).collect::<Vec<_>>());
    }
    assert_eq!(columns(&found, "tables").len(), contracts.tables.len());
    assert_eq!(columns(&found, "views").len(), contracts.views.len());
    assert!(columns(&found, "history").len() >= 7);
}

#[test]
fn the_page_is_one_file_whose_links_lead_somewhere() {
    let place = Place::bare();
    let file = place.path().join("woordenboek.html");
    let out = file.display().to_string();
    let answer = place.sluis(&["dictionary", "--out", &out]).must_exit(0);
    assert_eq!(answer.stdout, "");
    assert_eq!(
        fs::metadata(&file).unwrap().permissions().mode() & 0o777,
        0o600
    );
    let page = fs::read_to_string(&file).unwrap();
    for foreign in ["http:", "https:", "<script", "<link", "src=", "@import"] {
        assert!(!page.contains(foreign), "{foreign}");
    }
    let attributes = |name: &str| -> Vec<String> {
        let before = format!(" {name}=\"");
        let parts = page.split(&before).skip(1);
        parts
            .map(|part| part.split('"').next().unwrap().to_owned())
            .collect()
    };
    let ids = attributes("id");
    let known: BTreeSet<&String> = ids.iter().collect();
    assert_eq!(known.len(), ids.len(), "an id stands twice");
    let links = attributes("href");
    assert!(links.len() > 1000, "{}", links.len());
    for link in links {
        let id = link
            .strip_prefix('#')
            .expect("a link within the page")
            .to_owned();
        assert!(known.contains(&id), "{link} leads nowhere");
    }
    let found = dictionary();
    for (part, prefix) in [("tables", "tabel"), ("views", "view")] {
        for (name, columns) in columns(&found, part) {
            for column in columns {
                let id = format!("{prefix}.{name}.{column}");
                assert!(known.contains(&id), "{id}");
            }
        }
    }
    // The same contracts give the same page.
    place.sluis(&["dictionary", "--out", &out]).must_exit(0);
    assert!(page == fs::read_to_string(&file).unwrap());
}

#[test]
fn what_is_wanted_must_be_said() {
    let place = Place::bare();
    place.sluis(&["dictionary"]).must_exit(2);
    let out = place.path().join("x.pdf").display().to_string();
    place.sluis(&["dictionary", "--out", &out]).must_exit(2);
    let sql = place.sluis(&["dictionary", "--format", "sql"]).must_exit(0);
    assert!(
        sql.stdout
            .contains("COMMENT ON TABLE \"magazijn\".\"hulpvraag\" IS '")
    );
}

/// Makes everything that is commented on, runs the comments, and gives them back.
const READER: &str = r#"
import json, sys
import duckdb
dictionary, comments = json.load(open(sys.argv[1])), open(sys.argv[2]).read()
db = duckdb.connect()
def quoted(name):
    return '"' + name.replace('"', '""') + '"'
for schema, part, what in [("magazijn", "tables", "table"), ("monitor", "views", "view"), ("beheer", "history", "table")]:
    db.execute(f"create schema {schema}")
    for entry in dictionary[part]:
        names = [quoted(column["name"]) for column in entry["columns"] if column.get("shown", True)]
        if what == "table":
            db.execute(f"create table {schema}.{quoted(entry['name'])} ({', '.join(name + ' varchar' for name in names)})")
        else:
            db.execute(f"create view {schema}.{quoted(entry['name'])} as select {', '.join('1 as ' + name for name in names)}")
db.execute(comments)
told = {}
for table, of in [("duckdb_tables()", "table_name"), ("duckdb_views()", "view_name")]:
    for schema, name, comment in db.execute(f"select schema_name, {of}, comment from {table} where not internal").fetchall():
        told[f"{schema}.{name}"] = comment
for schema, table, column, comment in db.execute("select schema_name, table_name, column_name, comment from duckdb_columns() where not internal").fetchall():
    told[f"{schema}.{table}.{column}"] = comment
print(json.dumps(told))
"#;

#[test]
fn the_comments_run_in_duckdb() {
    let Some(python) = python_with_duckdb("no comment was run") else {
        return;
    };
    let place = Place::bare();
    let file = |name: &str| place.path().join(name).display().to_string();
    for name in ["w.json", "w.sql"] {
        place
            .sluis(&["dictionary", "--out", &file(name)])
            .must_exit(0);
    }
    let mut reader = Command::new(&python);
    let reader = reader.args(["-c", READER, &file("w.json"), &file("w.sql")]);
    let told = Answer::from(reader.output().unwrap()).must_exit(0).json();
    let told = told.as_object().unwrap();
    let silent: Vec<_> = told
        .iter()
        .filter(|(_, comment)| comment.is_null())
        .collect();
    assert!(silent.is_empty(), "{silent:?}");
    let wijk = told["magazijn.hulpvraag.wijk"].as_str().unwrap();
    assert!(wijk.contains("Klasse: indirect-identificerend."), "{wijk}");
    assert!(
        wijk.contains("Bron: wot-casus.postcode (wijk, overgenomen)."),
        "{wijk}"
    );
    let table = told["magazijn.hulpvraag"].as_str().unwrap();
    assert!(
        table.starts_with("Hulpvragen. De hulpvragen van de wijkondersteuningsteams."),
        "{table}"
    );
}
