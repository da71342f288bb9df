//! Canaries that are lost, that are somebody else, or that stand somewhere in the clear.

use std::fs;
use std::os::unix::fs::symlink;
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, Date32Array, FixedSizeBinaryArray, Int64Array, UInt32Array,
};
use chrono::NaiveDate;
use parquet::data_type::ByteArray;
use parquet::file::statistics::Statistics;
use sluis::canary::Person;

use super::beside::{with_metadata, with_statistics};
use super::columns::{base64, hex, turned, url, wide};
use super::warehouse::{canaries, put};
use super::{Copy, Mutation, mutation};

const FOUND: &[&str] = &["kanaries-gevonden"];
const HIDDEN: &[&str] = &["kanaries-verborgen"];

fn first() -> Person {
    canaries().persons()[0].clone()
}

/// A text in a column of text.
fn text(copy: &Copy, value: String) {
    copy.rewrite("hulpvraag", |columns, _| columns.plant("team", &[value]));
}

/// The pseudonyms in a column of the canaries of a source, given the number of the row.
fn pseudonyms(copy: &Copy, source: &str, column: &str, made: impl Fn(usize, [u8; 16]) -> [u8; 16]) {
    let path = copy.canaries_of(source);
    copy.rewrite_file(&path, |columns, _| {
        let before = columns.get(column).as_fixed_size_binary();
        let values = (0..before.len()).map(|at| made(at, before.value(at).try_into().unwrap()));
        let array = FixedSizeBinaryArray::try_from_iter(values).unwrap();
        columns.set(column, Arc::new(array));
    });
}

pub fn mutations() -> Vec<Mutation> {
    [lost(), somebody_else(), in_files(), beside_files()]
        .into_iter()
        .flatten()
        .collect()
}

fn lost() -> Vec<Mutation> {
    vec![
        mutation("canaries: one is missing", FOUND, |c| {
            let path = c.canaries_of("voedselbank");
            c.rewrite_file(&path, |columns, _| {
                let rest = 1..u32::try_from(columns.rows()).unwrap();
                columns.take(&rest.collect::<UInt32Array>());
            });
        }),
        mutation("canaries: a source has none", FOUND, |c| {
            let path = c.canaries_of("zrm");
            fs::remove_file(c.release().join(&path)).unwrap();
            c.edit_manifest(|m| {
                m.files.retain(|f| f.path != path);
                m.content = sluis::warehouse::publish::content_hash(m.files.iter());
            });
        }),
        mutation("canaries: of another file", FOUND, |c| {
            c.edit_manifest(|m| m.canaries = Some("0123456789abcdef".into()));
        }),
        mutation("canaries: a release without", FOUND, |c| {
            c.edit_manifest(|m| m.canaries = None);
        }),
        mutation("canaries: one without a pseudonym", FOUND, |c| {
            let path = c.canaries_of("voedselbank");
            c.rewrite_file(&path, |columns, _| {
                let name = "dossier";
                let before = columns.get(name).as_fixed_size_binary();
                let values = (0..before.len()).map(|at| (at != 1).then(|| before.value(at)));
                let array = FixedSizeBinaryArray::try_from_sparse_iter_with_size(values, 16);
                columns.set(name, Arc::new(array.unwrap()));
            });
        }),
    ]
}

fn somebody_else() -> Vec<Mutation> {
    vec![
        mutation("canaries: another pseudonym in one source", FOUND, |c| {
            pseudonyms(c, "zrm", "clientnr", |row, before| {
                if row == 0 {
                    before.map(|b| b ^ 0x5a)
                } else {
                    before
                }
            });
        }),
        mutation("canaries: two are one", FOUND, |c| {
            let path = c.release().join(c.canaries_of("voedselbank"));
            let batches = sluis::warehouse::parquet::read_file(&path).unwrap();
            let dossiers = Arc::clone(batches[0].column_by_name("dossier").unwrap());
            pseudonyms(c, "voedselbank", "dossier", |_, _| {
                dossiers.as_fixed_size_binary().value(0).try_into().unwrap()
            });
        }),
        mutation("canaries: one is counted", FOUND, |c| {
            let path = c.release().join(c.canaries_of("voedselbank"));
            let batches = sluis::warehouse::parquet::read_file(&path).unwrap();
            let dossier = Arc::clone(batches[0].column_by_name("dossier").unwrap());
            c.rewrite("voedselbank", |columns, _| {
                let before = columns.get("dossier").as_fixed_size_binary();
                let canary = dossier.as_fixed_size_binary();
                let values = (0..before.len()).map(|at| match at {
                    0 => canary.value(0),
                    _ => before.value(at),
                });
                let array = FixedSizeBinaryArray::try_from_iter(values).unwrap();
                columns.set("dossier", Arc::new(array));
            });
        }),
    ]
}

fn in_files() -> Vec<Mutation> {
    vec![
        mutation("canaries: number in a column", HIDDEN, |c| {
            text(c, first().number);
        }),
        mutation("canaries: surname in capitals", HIDDEN, |c| {
            text(c, format!("FAM. {}", first().last.to_uppercase()));
        }),
        mutation("canaries: street", HIDDEN, |c| text(c, first().street)),
        mutation("canaries: number in hexadecimal", HIDDEN, |c| {
            text(c, hex(&first().number));
        }),
        mutation("canaries: number in base64", HIDDEN, |c| {
            text(c, base64(&format!("nr={}", first().number)));
        }),
        mutation("canaries: surname backwards", HIDDEN, |c| {
            text(c, turned(&first().last.to_lowercase()));
        }),
        mutation("canaries: street for a URL", HIDDEN, |c| {
            text(c, url(&first().street));
        }),
        mutation("canaries: surname in UTF-16", HIDDEN, |c| {
            text(c, wide(&first().last));
        }),
        mutation("canaries: one BSN among numbers", HIDDEN, |c| {
            c.rewrite("schuldsignaal", |columns, _| {
                let rows = columns.rows();
                let bsn = first().bsn.parse().unwrap();
                let all = std::iter::once(bsn).chain(std::iter::repeat(5_000));
                columns.set("bedrag", Arc::new(all.take(rows).collect::<Int64Array>()));
            });
        }),
        mutation("canaries: birth dates", HIDDEN, |c| {
            let epoch = NaiveDate::from_ymd_opt(1970, 1, 1).unwrap();
            let day = |p: &Person| i32::try_from((p.born - epoch).num_days()).unwrap();
            let days: Vec<i32> = canaries().persons().iter().map(day).collect();
            c.rewrite("hulpvraag", |columns, _| {
                let rows = columns.rows();
                let all = days.iter().copied().chain(std::iter::repeat(19_900));
                let array: ArrayRef =
                    Arc::new(Date32Array::from(all.take(rows).collect::<Vec<_>>()));
                columns.set("meldingsdatum", array);
            });
        }),
        mutation("canaries: number in sixteen bytes", HIDDEN, |c| {
            let number = first().number;
            pseudonyms(c, "zorgdomein", "verwijzing", |row, before| {
                let mut value = before;
                if row == 1 {
                    value[2..14].copy_from_slice(number.as_bytes());
                }
                value
            });
        }),
        mutation("canaries: statistics", HIDDEN, |c| {
            let end = |text: &str| Some(ByteArray::from(text));
            let number = first().number;
            let statistics =
                Statistics::byte_array(end("Centrum"), end(&number), None, Some(0), false);
            with_statistics(c, "hulpvraag", "team", statistics);
        }),
        mutation("canaries: metadata", HIDDEN, |c| {
            with_metadata(c, "bron", &first().street);
        }),
        mutation("canaries: between the parts", HIDDEN, |c| {
            c.remark("hulpvraag", first().last.as_bytes(), |m, _| m);
        }),
    ]
}

fn beside_files() -> Vec<Mutation> {
    vec![
        mutation("canaries: quarantine", HIDDEN, |c| {
            let path = c.journal().join("weigeringen.ndjson");
            let line = fs::read_to_string(&path).unwrap();
            let line = line.lines().next().unwrap();
            let mut refusal: serde_json::Value = serde_json::from_str(line).unwrap();
            refusal["column"] = first().number.into();
            put(&path, refusal.to_string().as_bytes());
        }),
        mutation("canaries: journal", HIDDEN, |c| {
            let path = c.journal().join("run.json");
            let text = fs::read_to_string(&path).unwrap();
            let error = format!("\"error\": \"bij {}\"", first().street);
            put(
                &path,
                text.replacen("\"error\": null", &error, 1).as_bytes(),
            );
        }),
        mutation("canaries: manifest", HIDDEN, |c| {
            c.edit_manifest(|m| m.program = format!("sluis {}", first().last));
        }),
        mutation(
            "canaries: a leftover",
            &["kanaries-verborgen", "dekking-bestanden"],
            |c| {
                put(&c.path().join("kladje.txt"), first().number.as_bytes());
            },
        ),
        mutation("canaries: staging", HIDDEN, |c| {
            put(&c.path().join("staging/x.part"), first().number.as_bytes());
        }),
        mutation(
            "canaries: a name",
            &["kanaries-verborgen", "dekking-bestanden"],
            |c| {
                put(&c.release().join(format!("{}.txt", first().street)), b"");
            },
        ),
        mutation(
            "canaries: a link",
            &["kanaries-verborgen", "dekking-bestanden"],
            |c| {
                symlink(format!("/tmp/{}", first().number), c.release().join("zie")).unwrap();
            },
        ),
        // What any check of content sees is seen twice.
        mutation(
            "canaries: e-mail address",
            &["kanaries-verborgen", "inhoud-email"],
            |c| {
                text(c, first().email);
            },
        ),
        mutation(
            "canaries: account",
            &["kanaries-verborgen", "inhoud-iban"],
            |c| {
                text(c, first().iban);
            },
        ),
        mutation("canaries: address", &["kanaries-verborgen"], |c| {
            text(c, format!("{} {}", first().postcode, first().house));
        }),
        mutation(
            "canaries: BSN in a record",
            &["kanaries-verborgen", "inhoud-bsn"],
            |c| {
                c.edit_manifest(|m| m.program = format!("sluis {}", first().bsn));
            },
        ),
    ]
}
