//! What is missing, too much, changed, open or out of the contract.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::sync::Arc;

use arrow::array::{Int64Array, StringArray};
use sluis::contract::model::Retention;
use sluis::warehouse::publish::content_hash;

use super::warehouse::put;
use super::{Mutation, mutation};

const FILES: &[&str] = &["dekking-bestanden"];
const WHOLE: &[&str] = &["dekking-ongewijzigd"];
const COLUMNS: &[&str] = &["dekking-kolommen"];
const REGISTER: &[&str] = &["dekking-register"];
const RELEASES: &[&str] = &["dekking-releases"];
const KEPT: &[&str] = &["dekking-bewaring"];
const OPEN: &[&str] = &["dekking-rechten"];
const JOURNAL: &[&str] = &["dekking-logboek"];
const AUDIT: &[&str] = &["dekking-handelingen"];

fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

pub fn mutations() -> Vec<Mutation> {
    [
        files(),
        contract(),
        releases(),
        periods(),
        access(),
        history(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn files() -> Vec<Mutation> {
    vec![
        mutation("a file is gone", FILES, |c| {
            fs::remove_file(c.release().join(c.file("hulpvraag"))).unwrap();
        }),
        mutation("a file too many", FILES, |c| {
            put(&c.release().join("leesmij.txt"), b"hallo");
        }),
        mutation("a data file that is not in the manifest", FILES, |c| {
            let path = c.file("klacht");
            c.edit_manifest(|m| {
                m.files.retain(|f| f.path != path);
                m.content = content_hash(m.files.iter());
            });
        }),
        mutation("a folder too many", FILES, |c| {
            let folder = c.path().join("backup");
            fs::create_dir(&folder).unwrap();
            mode(&folder, 0o700);
        }),
        mutation("a link out of the warehouse", FILES, |c| {
            symlink("/tmp", c.release().join("uit")).unwrap();
        }),
        mutation("a byte has changed", WHOLE, |c| {
            let path = c.release().join(c.file("hulpvraag"));
            let mut bytes = fs::read(&path).unwrap();
            let at = bytes.windows(5).rposition(|w| w == b"sluis").unwrap();
            bytes[at] = b'S';
            put(&path, &bytes);
        }),
        mutation("rows that are not there", WHOLE, |c| {
            c.edit_manifest(|m| {
                m.files[0].rows += 1;
                m.content = content_hash(m.files.iter());
            });
        }),
        mutation("another sum", WHOLE, |c| {
            c.edit_manifest(|m| m.content = "0".repeat(64));
        }),
        mutation("another name", WHOLE, |c| {
            let path = c.file("klacht");
            let (stem, _) = path.rsplit_once('-').unwrap();
            let other = format!("{stem}-0123456789abcdef.parquet");
            fs::rename(c.release().join(&path), c.release().join(&other)).unwrap();
            c.edit_manifest(|m| {
                m.files.iter_mut().find(|f| f.path == path).unwrap().path = other;
                m.content = content_hash(m.files.iter());
            });
        }),
        mutation("half a file", &["inhoud-leesbaar"], |c| {
            let path = c.file("klacht");
            let bytes = fs::read(c.release().join(&path)).unwrap();
            c.reseal(&path, &bytes[..bytes.len() / 2], None);
        }),
    ]
}

fn contract() -> Vec<Mutation> {
    vec![
        mutation("a column that nobody knows", COLUMNS, |c| {
            c.rewrite("klacht", |columns, _| {
                let rows = columns.rows();
                columns.add("opmerking", Arc::new(StringArray::from(vec!["rood"; rows])));
            });
        }),
        mutation("a column of another type", COLUMNS, |c| {
            c.rewrite("klacht", |columns, _| {
                let rows = columns.rows();
                columns.set("soort", Arc::new(Int64Array::from(vec![3; rows])));
            });
        }),
        mutation("a table that nobody knows", COLUMNS, |c| {
            c.contracts_mut().tables.remove("klacht");
        }),
        mutation("folders of another table", COLUMNS, |c| {
            let tables = &mut c.contracts_mut().tables;
            tables.get_mut("klacht").unwrap().partition.clear();
        }),
        mutation("a treatment that is too mild", REGISTER, |c| {
            let classes = &mut c.contracts_mut().register.classes;
            classes.get_mut("bijzonder").unwrap().treatments = vec!["weglaten".into()];
        }),
        mutation("a column without an entry", REGISTER, |c| {
            let sources = &mut c.contracts_mut().register.sources;
            sources.get_mut("klachten").unwrap().columns.clear();
        }),
        mutation("a source without an entry", REGISTER, |c| {
            c.edit_manifest(|m| {
                m.files.iter_mut().find(|f| f.is_table()).unwrap().source = "onbekend".into();
            });
        }),
    ]
}

fn releases() -> Vec<Mutation> {
    vec![
        mutation("no fingerprint", RELEASES, |c| {
            c.edit_manifest(|m| m.key_fingerprint.clear());
        }),
        mutation("no register", RELEASES, |c| {
            c.edit_manifest(|m| m.register_version.clear());
        }),
        mutation("current leads nowhere", RELEASES, |c| {
            fs::remove_file(c.path().join("current")).unwrap();
            symlink("releases/20200101T000000Z-1", c.path().join("current")).unwrap();
        }),
        mutation("current leads out", RELEASES, |c| {
            fs::remove_file(c.path().join("current")).unwrap();
            symlink("/tmp", c.path().join("current")).unwrap();
        }),
    ]
}

fn years(years: u32, from: Option<&str>) -> Retention {
    let from = from.map(str::to_owned);
    Retention::Years { years, from }
}

fn periods() -> Vec<Mutation> {
    vec![
        mutation("rows past their period", KEPT, |c| {
            let tables = &mut c.contracts_mut().register.tables;
            tables.insert("hulpvraag".into(), years(1, None));
        }),
        mutation("rows past their day", KEPT, |c| {
            let tables = &mut c.contracts_mut().register.tables;
            tables.insert("client".into(), years(1, Some("laatste_melding")));
        }),
        mutation("a delivery that nobody removed", KEPT, |c| {
            c.contracts_mut().register.tables.clear();
            c.now = chrono::DateTime::from_timestamp(5_000_000_000, 0).unwrap();
            let folder = c.landing.join("wot-casus");
            fs::create_dir(&folder).unwrap();
            fs::write(folder.join("wot-casus_2024_20250203.csv"), "").unwrap();
        }),
    ]
}

/// Puts a text in the one place of a record where a text may stand.
fn in_journal(copy: &super::Copy, text: &str) {
    let path = copy.journal().join("run.json");
    let record = fs::read_to_string(&path).unwrap();
    let changed = record.replacen("\"error\": null", &format!("\"error\": \"{text}\""), 1);
    assert_ne!(record, changed);
    put(&path, changed.as_bytes());
}

fn access() -> Vec<Mutation> {
    vec![
        mutation("a file that others read", OPEN, |c| {
            mode(&c.release().join("release.json"), 0o644);
        }),
        mutation("a folder that others enter", OPEN, |c| {
            mode(&c.release(), 0o750);
        }),
        mutation("a warehouse that others enter", OPEN, |c| {
            mode(c.path(), 0o755);
        }),
        mutation("a key in the journal", &["dekking-sleutel"], |c| {
            in_journal(c, &format!("sluis-root-1:{}", "5e".repeat(32)));
        }),
        mutation("a rotated key in the journal", &["dekking-sleutel"], |c| {
            let key = format!("sluis-root-2:{}:{}", "5e".repeat(32), "6f".repeat(32));
            in_journal(c, &key);
        }),
        mutation("a share in the journal", &["dekking-sleutel"], |c| {
            in_journal(
                c,
                &format!("sluis-share-1:0011223344556677:1:{}", "5e".repeat(32)),
            );
        }),
        mutation(
            "an identity of age in the journal",
            &["dekking-sleutel"],
            |c| {
                in_journal(
                    c,
                    "AGE-SECRET-KEY-1QQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQ",
                );
            },
        ),
        mutation("a share that age encrypted", &["dekking-sleutel"], |c| {
            in_journal(c, "age-encryption.org/v1 -> X25519 abc");
        }),
        mutation(
            "an armoured share in the journal",
            &["dekking-sleutel"],
            |c| {
                in_journal(c, "-----BEGIN AGE ENCRYPTED FILE-----");
            },
        ),
    ]
}

fn history() -> Vec<Mutation> {
    vec![
        mutation("a record that cannot be read", JOURNAL, |c| {
            put(&c.journal().join("weigeringen.ndjson"), b"{\"source\":\n");
        }),
        mutation("a record that says more", JOURNAL, |c| {
            let path = c.journal().join("run.json");
            let text = fs::read_to_string(&path).unwrap();
            put(
                &path,
                text.replacen('{', "{\"extra\": \"ja\",", 1).as_bytes(),
            );
        }),
        mutation("a run that nobody recorded", JOURNAL, |c| {
            fs::remove_file(c.journal().join("run.json")).unwrap();
        }),
        mutation("a changed line in the log of who did what", AUDIT, |c| {
            let path = c.path().join("audit.ndjson");
            let text = fs::read_to_string(&path).unwrap();
            put(
                &path,
                text.replacen("\"wie\":\"", "\"wie\":\"x", 1).as_bytes(),
            );
        }),
    ]
}
