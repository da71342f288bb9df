//! Faults in pipelines.

use super::{CBS_PIPELINE, WOT_PIPELINE, broken, edit, expect, faults, house, one_fault};

#[test]
fn the_source_is_the_name_of_the_folder() {
    one_fault(
        WOT_PIPELINE,
        ("source = \"wot\"", "source = \"zrm\""),
        "source",
        "source `zrm` is not the name of the folder",
        "write source = \"wot\", or rename the folder",
    );
}

#[test]
fn closed_lists_name_the_nearest() {
    for (key, text, by, message, remedy) in [
        (
            "channel",
            "\"folder\"",
            "\"ftp\"",
            "unknown channel `ftp`",
            "did you mean `sftp`?",
        ),
        (
            "mode",
            "\"full\"",
            "\"ful\"",
            "unknown mode `ful`",
            "did you mean `full`?",
        ),
        (
            "checksum",
            "\"required\"",
            "\"optional\"",
            "unknown checksum `optional`",
            "use one of `required`, `none`",
        ),
        (
            "kind",
            "\"csv\"",
            "\"tsv\"",
            "unknown kind `tsv`",
            "did you mean `csv`?",
        ),
        (
            "encoding",
            "\"windows-1252\"",
            "\"windows-1251\"",
            "unknown encoding `windows-1251`",
            "did you mean `windows-1252`?",
        ),
    ] {
        one_fault(WOT_PIPELINE, (text, by), key, message, remedy);
    }
}

#[test]
fn a_pipeline_has_its_sections_and_keys() {
    let files = broken(
        WOT_PIPELINE,
        "[format]\nkind = \"csv\"\nencoding = \"windows-1252\"\ndelimiter = \";\"\n",
        "",
    );
    expect(
        &files,
        WOT_PIPELINE,
        "",
        "this file has no [format]",
        "add a table [format]",
    );
    one_fault(
        WOT_PIPELINE,
        ("checksum = \"required\"\n", ""),
        "[delivery]",
        "[delivery] has no `checksum`",
        "add checksum = \"...\"",
    );
    one_fault(
        WOT_PIPELINE,
        (
            "checksum = \"required\"\n",
            "checksum = \"required\"\nschedule = \"daily\"\n",
        ),
        "schedule",
        "unknown key `schedule` in [delivery]",
        "use one of `channel`, `checksum`, `expected_days`, `folder`, `mode`, `pattern`, `settle_seconds`",
    );
}

#[test]
fn a_pattern_is_a_file_name_with_known_placeholders() {
    for (pattern, what, remedy) in [
        (
            "{deel}_{deel}.csv",
            "has a placeholder twice",
            "use {deel} and {datum} at most once each",
        ),
        (
            "{jaar}.csv",
            "has an unknown placeholder",
            "use {deel} and {datum} only",
        ),
        (
            "*.csv",
            "has an unknown placeholder",
            "use {deel} and {datum} only",
        ),
        (
            "in/{datum}.csv",
            "is no file name",
            "write the name of a file, without folders",
        ),
        (
            ".{datum}.csv",
            "names hidden files",
            "begin with another sign than a dot",
        ),
        (
            "{datum}.csv.sha256",
            "names checksums",
            "leave `.sha256` out: it is added to find the checksum",
        ),
        (
            "{deel}{datum}.csv",
            "has two placeholders with nothing between them",
            "put a sign between them, as _",
        ),
    ] {
        one_fault(
            WOT_PIPELINE,
            ("wot_{deel}_{datum}.csv", pattern),
            "pattern",
            &format!("pattern `{pattern}` {what}"),
            remedy,
        );
    }
}

#[test]
fn a_folder_stays_below_the_landing_folder() {
    for folder in ["../elders", "/etc", "a//b", "a\\\\b", "."] {
        let by = format!("channel = \"folder\"\nfolder = \"{folder}\"");
        let shown = folder.replace("\\\\", "\\");
        one_fault(
            WOT_PIPELINE,
            ("channel = \"folder\"", &by),
            "folder = \"",
            &format!("folder `{shown}` is no plain folder below the landing folder"),
            "write names of letters, digits, - and _, with / between them",
        );
    }
}

#[test]
fn a_delimiter_is_one_sign() {
    for delimiter in ["", ";;", "\\\"", "a", "é", "\\n"] {
        one_fault(
            WOT_PIPELINE,
            ("delimiter = \";\"", &format!("delimiter = \"{delimiter}\"")),
            "delimiter",
            "`delimiter` cannot stand between fields",
            "write one ASCII sign that is no quote, letter, digit or line end, as \";\" or \"\\t\"",
        );
    }
}

#[test]
fn numbers_have_bounds() {
    one_fault(
        WOT_PIPELINE,
        (
            "delimiter = \";\"\n",
            "delimiter = \";\"\nmax_row_bytes = 0\n",
        ),
        "max_row_bytes",
        "`max_row_bytes` of [format] is 0",
        "choose a number from 1 to 67108864",
    );
    one_fault(
        WOT_PIPELINE,
        (
            "delimiter = \";\"\n",
            "delimiter = \";\"\n[limits]\nmax_refused_percent = 101\n",
        ),
        "max_refused_percent",
        "`max_refused_percent` is 101",
        "choose a percentage from 0 to 100",
    );
}

#[test]
fn after_names_sources() {
    one_fault(
        CBS_PIPELINE,
        ("source = \"cbs\"", "source = \"cbs\"\nafter = [\"wto\"]"),
        "after",
        "`after` names `wto`, which is no source",
        "did you mean `wot`?",
    );
}

#[test]
fn nobody_waits_for_himself() {
    let files = broken(
        CBS_PIPELINE,
        "source = \"cbs\"",
        "source = \"cbs\"\nafter = [\n\"wot\"]",
    );
    let found = faults(&files);
    let shown: Vec<_> = found
        .iter()
        .map(|f| (f.file.as_str(), f.line, f.message.as_str()))
        .collect();
    assert_eq!(
        shown,
        [
            (
                CBS_PIPELINE,
                3,
                "source `cbs` waits for itself: cbs -> wot -> cbs"
            ),
            (
                WOT_PIPELINE,
                2,
                "source `wot` waits for itself: wot -> cbs -> wot"
            ),
        ]
    );
}

#[test]
fn a_wijk_needs_the_postcodes_first() {
    let files = broken(WOT_PIPELINE, "after = [\"cbs\"]\n", "");
    expect(
        &files,
        super::WOT,
        "treatment = \"wijk\"",
        "treatment `wijk` reads table `postcode`, which this source does not wait for",
        "add \"cbs\" to `after` in pipelines/wot/pipeline.toml",
    );
}

#[test]
fn a_wijk_needs_somebody_to_fill_the_postcodes() {
    let mut files = house();
    files.remove(super::CBS_MAPPING);
    let messages: Vec<_> = faults(&files)
        .into_iter()
        .map(|fault| fault.message)
        .collect();
    assert_eq!(
        messages,
        [
            "source `cbs` has no mapping",
            "treatment `wijk` reads table `postcode`, which no source fills"
        ]
    );
}

#[test]
fn incremental_deliveries_need_a_date_and_a_key() {
    let mut files = broken(WOT_PIPELINE, "mode = \"full\"", "mode = \"incremental\"");
    edit(
        &mut files,
        WOT_PIPELINE,
        "wot_{deel}_{datum}.csv",
        "wot.csv",
    );
    edit(
        &mut files,
        super::WOT_TABLE,
        "key = [\"hulpvraag\"]",
        "key = []",
    );
    let found = faults(&files);
    let shown: Vec<_> = found
        .iter()
        .map(|f| {
            (
                f.file.as_str(),
                f.line,
                f.message.as_str(),
                f.remedy.as_str(),
            )
        })
        .collect();
    assert_eq!(
        shown,
        [
            (
                WOT_PIPELINE,
                5,
                "incremental deliveries without a date in their name",
                "put {datum} in the pattern: the latest delivery wins"
            ),
            (
                WOT_PIPELINE,
                6,
                "incremental deliveries fill table `hulpvraag`, which has no key",
                "give schemas/tables/hulpvraag.toml a `key`"
            ),
        ]
    );
}

#[test]
fn two_sources_never_take_the_same_file() {
    let by = "channel = \"folder\"\nfolder = \"cbs\"";
    let mut files = broken(WOT_PIPELINE, "channel = \"folder\"", by);
    edit(
        &mut files,
        WOT_PIPELINE,
        "wot_{deel}_{datum}.csv",
        "postcodes.csv",
    );
    expect(
        &files,
        WOT_PIPELINE,
        "pattern",
        "source `cbs` takes the same files of folder `cbs`",
        "give each source a folder or a pattern of its own",
    );
}
