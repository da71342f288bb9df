//! Poison beside the values: in metadata, statistics, dictionaries, names, journals and gaps.

use std::fs;
use std::os::unix::fs::symlink;

use bytes::Bytes;
use parquet::basic::Encoding;
use parquet::column::page::{CompressedPage, Page, PageWriter};
use parquet::data_type::ByteArray;
use parquet::file::metadata::{ColumnChunkMetaData, KeyValue, ParquetMetaData};
use parquet::file::properties::{EnabledStatistics, WriterVersion};
use parquet::file::statistics::Statistics;
use parquet::file::writer::{SerializedPageWriter, TrackedWrite};
use parquet::schema::types::ColumnPath;

use super::columns::{base64, url};
use super::warehouse::put;
use super::{Copy, Mutation, bsns, mutation};

const BSN: &[&str] = &["inhoud-bsn"];
const ORACLE: &[&str] = &["inhoud-sporen"];

/// Metadata with one chunk of the first row group changed.
fn with_chunk(
    metadata: ParquetMetaData,
    column: &str,
    edit: impl FnOnce(ColumnChunkMetaData) -> ColumnChunkMetaData,
) -> ParquetMetaData {
    let mut builder = metadata.into_builder();
    let mut groups = builder.take_row_groups();
    let chunks = groups[0].columns_mut();
    let place = chunks
        .iter()
        .position(|c| c.column_path().string() == column);
    let place = &mut chunks[place.unwrap()];
    *place = edit(place.clone());
    builder.set_row_groups(groups).build()
}

pub fn with_statistics(copy: &Copy, table: &str, column: &str, statistics: Statistics) {
    copy.remark(table, b"", |metadata, _| {
        with_chunk(metadata, column, |chunk| {
            chunk
                .into_builder()
                .set_statistics(statistics)
                .build()
                .unwrap()
        })
    });
}

pub fn with_metadata(copy: &Copy, key: &str, value: &str) {
    copy.rewrite("hulpvraag", |_, setup| {
        let properties = std::mem::take(&mut setup.properties);
        let pair = KeyValue::new(key.to_owned(), value.to_owned());
        setup.properties = properties.set_key_value_metadata(Some(vec![pair]));
    });
}

fn with_property(
    copy: &Copy,
    change: fn(
        parquet::file::properties::WriterPropertiesBuilder,
        ColumnPath,
    ) -> parquet::file::properties::WriterPropertiesBuilder,
) {
    copy.rewrite("hulpvraag", |_, setup| {
        let properties = std::mem::take(&mut setup.properties);
        setup.properties = change(properties, ColumnPath::from("client"));
    });
}

/// A chunk of `team` whose dictionary holds more than its rows refer to.
fn unused_entries(copy: &Copy, entries: &[String]) {
    let rows = {
        let path = copy.file("hulpvraag");
        let files = copy.manifest().files;
        u32::try_from(files.iter().find(|f| f.path == path).unwrap().rows).unwrap()
    };
    let all = std::iter::once("Oost").chain(entries.iter().map(String::as_str));
    let mut dictionary = Vec::new();
    for entry in all {
        dictionary.extend(u32::try_from(entry.len()).unwrap().to_le_bytes());
        dictionary.extend(entry.as_bytes());
    }
    // Four bits an index, and one run of nothing but the first entry.
    let mut data = vec![4];
    let mut header = rows << 1;
    while header >= 0x80 {
        data.push(u8::try_from(header & 0x7f).unwrap() | 0x80);
        header >>= 7;
    }
    data.push(u8::try_from(header).unwrap());
    data.push(0);
    let mut sink = TrackedWrite::new(Vec::new());
    let mut writer = SerializedPageWriter::new(&mut sink);
    let (size, count) = (dictionary.len(), u32::try_from(entries.len() + 1).unwrap());
    let page = Page::DictionaryPage {
        buf: Bytes::from(dictionary),
        num_values: count,
        encoding: Encoding::PLAIN,
        is_sorted: false,
    };
    let first = writer
        .write_page(CompressedPage::new(page, size))
        .unwrap()
        .bytes_written;
    let size = data.len();
    let page = Page::DataPage {
        buf: Bytes::from(data),
        num_values: rows,
        encoding: Encoding::RLE_DICTIONARY,
        def_level_encoding: Encoding::RLE,
        rep_level_encoding: Encoding::RLE,
        statistics: None,
    };
    writer.write_page(CompressedPage::new(page, size)).unwrap();
    writer.close().unwrap();
    let pages = sink.into_inner().unwrap();
    copy.remark("hulpvraag", &pages, |metadata, end| {
        with_chunk(metadata, "team", |chunk| {
            let end = i64::try_from(end).unwrap();
            let size = i64::try_from(pages.len()).unwrap();
            chunk
                .into_builder()
                .set_compression(parquet::basic::Compression::UNCOMPRESSED)
                .set_dictionary_page_offset(Some(end))
                .set_data_page_offset(end + i64::try_from(first).unwrap())
                .set_total_compressed_size(size)
                .set_total_uncompressed_size(size)
                .build()
                .unwrap()
        })
    });
}

pub fn mutations() -> Vec<Mutation> {
    [in_parquet(), oracles(), in_records(), in_names()]
        .into_iter()
        .flatten()
        .collect()
}

fn in_parquet() -> Vec<Mutation> {
    vec![
        mutation("statistics: text", BSN, |c| {
            let end = |text: &str| Some(ByteArray::from(text));
            let bsn = &bsns(1)[0];
            let statistics = Statistics::byte_array(end("Centrum"), end(bsn), None, Some(0), false);
            with_statistics(c, "hulpvraag", "team", statistics);
        }),
        mutation("statistics: number", BSN, |c| {
            let bsn = bsns(1)[0].parse().unwrap();
            let statistics = Statistics::int64(Some(1), Some(bsn), None, Some(0), false);
            with_statistics(c, "schuldsignaal", "bedrag", statistics);
        }),
        mutation("dictionary: entries that no row has", BSN, |c| {
            unused_entries(c, &bsns(12));
        }),
        mutation(
            "dictionary: a name that no row has",
            &["inhoud-naam"],
            |c| {
                unused_entries(c, &["Daan de Vries".to_owned()]);
            },
        ),
        mutation("metadata: value", BSN, |c| {
            with_metadata(c, "bron", &bsns(1)[0]);
        }),
        mutation("metadata: key", &["inhoud-email"], |c| {
            with_metadata(c, "jan.jansen@voorbeeld.nl", "x");
        }),
        mutation("metadata: base64", &["inhoud-naam"], |c| {
            with_metadata(c, "ARROW:schema", &base64("eigenaar: Daan de Vries"));
        }),
        mutation("metadata: program", &["inhoud-telefoon"], |c| {
            c.rewrite("hulpvraag", |_, setup| {
                let properties = std::mem::take(&mut setup.properties);
                setup.properties = properties.set_created_by("06-12345678".into());
            });
        }),
        mutation("schema: its name", BSN, |c| {
            c.rewrite("hulpvraag", |_, setup| {
                setup.root = format!("bsn_{}", bsns(1)[0]);
            });
        }),
        mutation(
            "schema: a column",
            &["inhoud-bsn", "dekking-kolommen"],
            |c| {
                c.rewrite("hulpvraag", |columns, _| {
                    columns.rename("afgeschaald", &format!("afgeschaald_{}", bsns(1)[0]));
                });
            },
        ),
        mutation("bytes between the parts", BSN, |c| {
            c.remark(
                "hulpvraag",
                format!(" {} ", bsns(1)[0]).as_bytes(),
                |m, _| m,
            );
        }),
        mutation("bytes between the parts: url", &["inhoud-iban"], |c| {
            c.remark("hulpvraag", url("NL91ABNA0417164300").as_bytes(), |m, _| m);
        }),
    ]
}

fn oracles() -> Vec<Mutation> {
    vec![
        mutation("pseudonyms: bloom filter", ORACLE, |c| {
            with_property(c, |p, column| {
                p.set_column_bloom_filter_enabled(column, true)
            });
        }),
        mutation("pseudonyms: dictionary", ORACLE, |c| {
            with_property(c, |p, column| {
                p.set_writer_version(WriterVersion::PARQUET_2_0)
                    .set_column_dictionary_enabled(column, true)
            });
        }),
        mutation("pseudonyms: statistics", ORACLE, |c| {
            with_property(c, |p, column| {
                p.set_column_statistics_enabled(column, EnabledStatistics::Chunk)
            });
        }),
        mutation("pseudonyms: page index", ORACLE, |c| {
            with_property(c, |p, column| {
                p.set_column_statistics_enabled(column, EnabledStatistics::Page)
            });
        }),
    ]
}

/// Replaces a text in a record of the journal.
fn in_journal(copy: &Copy, record: &str, from: &str, to: &str) {
    let path = copy.journal().join(record);
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{record}");
    put(&path, text.replacen(from, to, 1).as_bytes());
}

fn in_records() -> Vec<Mutation> {
    vec![
        mutation("release.json: a text", &["inhoud-email"], |c| {
            c.edit_manifest(|m| m.register_version = "jan.jansen@voorbeeld.nl".into());
        }),
        mutation(
            "release.json: a field of its own",
            &["inhoud-bsn", "dekking-releases"],
            |c| {
                let text = serde_json::to_string(&c.manifest()).unwrap();
                let more = text.replacen('{', &format!("{{\"x\":{},", bsns(1)[0]), 1);
                c.write("release.json", more.as_bytes());
            },
        ),
        mutation("run.json: an error", &["inhoud-iban"], |c| {
            let error = "\"error\": \"bij NL91ABNA0417164300\"";
            in_journal(c, "run.json", "\"error\": null", error);
        }),
        mutation("run.json: escaped", BSN, |c| {
            let escaped = bsns(1)[0]
                .bytes()
                .fold(String::new(), |text, b| format!("{text}\\u{b:04x}"));
            let error = format!("\"error\": \"{escaped}\"");
            in_journal(c, "run.json", "\"error\": null", &error);
        }),
        mutation("weigeringen.ndjson: a column", &["inhoud-naam"], |c| {
            in_journal(
                c,
                "weigeringen.ndjson",
                "\"column\":\"",
                "\"column\":\"Daan de Vries ",
            );
        }),
        mutation("weigeringen.ndjson: an address", &["inhoud-adres"], |c| {
            in_journal(
                c,
                "weigeringen.ndjson",
                "\"rule\":\"",
                "\"rule\":\"3111AB 12 ",
            );
        }),
        mutation(
            "weigeringen.ndjson: a birth date",
            &["inhoud-geboortedatum"],
            |c| {
                in_journal(
                    c,
                    "weigeringen.ndjson",
                    "\"rule\":\"",
                    "\"rule\":\"12-04-1980 ",
                );
            },
        ),
        mutation("lock", &["inhoud-telefoon"], |c| {
            put(
                &c.path().join("lock"),
                b"{\"process\":1,\"since\":\"06-12345678\"}",
            );
        }),
    ]
}

fn in_names() -> Vec<Mutation> {
    vec![
        mutation("a folder of a partition", BSN, |c| {
            let path = c.file("hulpvraag");
            let bytes = fs::read(c.release().join(&path)).unwrap();
            let (before, name) = path.split_once("wijk=").unwrap();
            let (_, name) = name.split_once('/').unwrap();
            let folder = format!("{before}wijk={}", bsns(1)[0]);
            let made = c.release().join(&folder);
            fs::create_dir(&made).unwrap();
            fs::set_permissions(&made, std::os::unix::fs::PermissionsExt::from_mode(0o700))
                .unwrap();
            let old = c.release().join(&path);
            fs::remove_file(&old).unwrap();
            fs::remove_dir(old.parent().unwrap()).unwrap();
            c.write(&format!("{folder}/{name}"), &bytes);
            c.edit_manifest(|m| {
                let entry = m.files.iter_mut().find(|f| f.path == path).unwrap();
                entry.path = format!("{folder}/{name}");
                m.files.sort_by(|a, b| a.path.cmp(&b.path));
                m.content = sluis::warehouse::publish::content_hash(m.files.iter());
            });
        }),
        mutation(
            "a file by its name",
            &["inhoud-naam", "dekking-bestanden"],
            |c| {
                put(&c.path().join("Daan de Vries.csv"), b"");
            },
        ),
        mutation(
            "a link by what it says",
            &["inhoud-email", "dekking-bestanden"],
            |c| {
                symlink("../jan.jansen@voorbeeld.nl", c.path().join("link")).unwrap();
            },
        ),
        mutation(
            "a forgotten file",
            &["inhoud-bsn", "dekking-bestanden"],
            |c| {
                put(
                    &c.release().join("hulpvraag/export.csv"),
                    format!("nr;{}\n", bsns(1)[0]).as_bytes(),
                );
            },
        ),
        mutation(
            "a hidden file",
            &["inhoud-naam", "dekking-bestanden"],
            |c| {
                put(&c.path().join("journal/.log.swp"), b"Daan de Vries");
            },
        ),
        mutation("a leftover of a run", &["inhoud-bsn"], |c| {
            let folder = c.path().join("staging/20250101T000000Z-1");
            fs::create_dir(&folder).unwrap();
            fs::set_permissions(&folder, std::os::unix::fs::PermissionsExt::from_mode(0o700))
                .unwrap();
            put(
                &folder.join("hulpvraag-0.part"),
                format!("PAR2 bsn {}", bsns(1)[0]).as_bytes(),
            );
        }),
    ]
}
