//! Faults in how a partner delivers.

use super::{WOT_PIPELINE, broken, edit, expect, faults, loaded};
use crate::contract::ContractFiles;
use crate::contract::model::{Channel, NextPage, Paging};

const PAGING: &str = "[paging]\nitems = \"data.items\"\ncursor = \"na\"\nfield = \"meta.next\"\n";
const CSV: &str = "kind = \"csv\"\nencoding = \"windows-1252\"\ndelimiter = \";\"\n";

/// The small house, of which one source has an HTTPS interface with this paging.
fn interface(paging: &str) -> ContractFiles {
    let mut files = broken(WOT_PIPELINE, "\"folder\"", "\"https\"");
    let format = format!("{paging}[format]\nkind = \"ndjson\"\n");
    edit(
        &mut files,
        WOT_PIPELINE,
        &format!("[format]\n{CSV}"),
        &format,
    );
    edit(
        &mut files,
        WOT_PIPELINE,
        "_{deel}_{datum}.csv",
        "_{datum}.ndjson",
    );
    files
}

fn paging_of(files: &ContractFiles) -> Paging {
    let sources = loaded(files).sources;
    let wot = sources.into_iter().find(|plan| plan.contract.id == "wot");
    match wot.unwrap().pipeline.channel {
        Channel::Https(paging) => paging,
        other => panic!("{other:?}"),
    }
}

#[test]
fn pages_follow_by_cursor_or_by_number() {
    let cursor = paging_of(&interface(PAGING));
    let (parameter, field) = ("na".to_owned(), "meta.next".to_owned());
    assert_eq!(cursor.items, "data.items");
    assert_eq!(cursor.next, NextPage::Cursor { parameter, field });
    let number = paging_of(&interface("[paging]\nitems = \"\"\npage = \"p\"\n"));
    let parameter = "p".to_owned();
    assert_eq!(number.items, "");
    assert_eq!(number.next, NextPage::Number { parameter });
}

#[test]
fn paging_is_one_way_and_of_https() {
    let files = interface(&PAGING.replace("cursor =", "page = \"p\"\ncursor ="));
    expect(
        &files,
        WOT_PIPELINE,
        "[paging]",
        "[paging] needs `page` or `cursor`, and not both",
        "name the parameter: page = \"page\", or cursor = \"after\" with field = \"next\"",
    );
    let none = faults(&interface(""));
    assert!(none[0].message.contains("without [paging]"), "{none:?}");
    let mut folder = interface(PAGING);
    edit(&mut folder, WOT_PIPELINE, "\"https\"", "\"folder\"");
    let found = faults(&folder);
    assert!(found[0].message.contains("https"), "{found:?}");
}

#[test]
fn a_cursor_stands_beside_records_that_have_a_name() {
    expect(
        &interface(&PAGING.replace("data.items", "")),
        WOT_PIPELINE,
        "[paging]",
        "[paging] has a cursor and no `items`: beside an array no cursor can stand",
        "say where the records stand, as items = \"data.items\"",
    );
}

#[test]
fn pages_become_one_delivery_of_json_a_day() {
    for pattern in ["wot_{deel}_{datum}.ndjson", "wot.ndjson"] {
        let mut files = interface(PAGING);
        edit(&mut files, WOT_PIPELINE, "wot_{datum}.ndjson", pattern);
        expect(
            &files,
            WOT_PIPELINE,
            "pattern",
            "what comes page by page is one delivery a day",
            "write a pattern with {datum} and without {deel}",
        );
    }
    let mut files = interface(PAGING);
    edit(&mut files, WOT_PIPELINE, "kind = \"ndjson\"\n", CSV);
    expect(
        &files,
        WOT_PIPELINE,
        "channel",
        "channel `https` gives records of JSON, and [format] is something else",
        "write kind = \"json\" or kind = \"ndjson\"",
    );
}
