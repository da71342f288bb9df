//! Many faults at once, and whatever text there may be.

use proptest::prelude::*;

use super::super::faults::render;
use super::super::load_lenient;
use super::{
    CBS, CBS_MAPPING, CBS_PIPELINE, CBS_TABLE, DPIA, THE_VIEW, WOT, WOT_MAPPING, WOT_PIPELINE,
    WOT_TABLE, edit, faults, house,
};

const PATHS: [&str; 10] = [
    WOT,
    WOT_PIPELINE,
    WOT_MAPPING,
    WOT_TABLE,
    CBS,
    CBS_PIPELINE,
    CBS_MAPPING,
    CBS_TABLE,
    THE_VIEW,
    DPIA,
];

#[test]
fn all_faults_come_at_once_in_order_of_file_and_line() {
    let mut files = house();
    for (path, text, by) in [
        (WOT, "title = \"WOT\"\n", "titel = \"WOT\"\n"),
        (WOT, "type = \"bsn\"", "type = \"bns\""),
        (WOT, "borders = [0, 18, 65]", "borders = [18, 65]"),
        (WOT, "class = \"tekst\"", "class = \"vrij\""),
        (WOT_PIPELINE, "{datum}", "{dag}"),
        (
            WOT_PIPELINE,
            "delimiter = \";\"",
            "delimiter = \"semicolon\"",
        ),
        (
            WOT_MAPPING,
            "FROM levering",
            "FROM levering\nJOIN magazijn.clienten USING (client)",
        ),
        (
            WOT_TABLE,
            "partition = [\"jaar\", \"wijk\"]",
            "partition = [\"wijk\"]",
        ),
        (CBS, "version = \"1\"\n", ""),
        (CBS_PIPELINE, "mode = \"full\"", "mode = full"),
        (THE_VIEW, "-- Hulpvragen per jaar.\n", ""),
        (DPIA, "controller = \"Gemeente\"\n", ""),
        (
            DPIA,
            "zwaarte = { class = \"gewoon\", treatment = \"behouden\" }\n",
            "",
        ),
    ] {
        edit(&mut files, path, text, by);
    }
    let found = faults(&files);
    let mut sorted = found.clone();
    sorted.sort_by(|a, b| (&a.file, a.line).cmp(&(&b.file, b.line)));
    assert_eq!(found, sorted);
    insta::assert_snapshot!(render(&found));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_bytes_as_any_file_make_a_panic(
        path in prop::sample::select(PATHS.as_slice()),
        bytes in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        let mut files = house();
        files.insert(path, bytes);
        let _ = load_lenient(&files);
    }

    #[test]
    fn no_text_as_any_path_makes_a_panic(path in "[a-z./]{0,30}|(schemas|pipelines)/\\PC{0,20}", text in "\\PC{0,80}") {
        let mut files = house();
        files.insert(path, text);
        let _ = load_lenient(&files);
    }

    #[test]
    fn no_damage_to_a_good_file_makes_a_panic(
        path in prop::sample::select(PATHS.as_slice()),
        at in any::<prop::sample::Index>(),
        cut in 0_usize..40,
        text in "[a-z0-9=\\[\\]{}\"'\n ,.*();-]{0,12}",
    ) {
        let mut files = house();
        let old = files.get(path).unwrap().to_owned();
        let at = at.index(old.len());
        let end = (at + cut).min(old.len());
        files.insert(path, [&old.as_bytes()[..at], text.as_bytes(), &old.as_bytes()[end..]].concat());
        let _ = load_lenient(&files);
    }
}
