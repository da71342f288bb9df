//! Views: query, columns and register.

use super::{
    DPIA, REGISTER, THE_VIEW, THE_VIEW_COLUMNS, VIEW, VIEW_COLUMNS, WOT_MAPPING, broken, expect,
    faults, house, loaded, one_fault,
};
use crate::contract::ContractFiles;
use crate::contract::model::{Publication, PublicationRules};

#[test]
fn a_view_is_documented() {
    one_fault(
        THE_VIEW,
        ("-- Hulpvragen per jaar.\n", ""),
        "",
        "a view without documentation",
        "open the file with lines `-- ...` that say in Dutch what the view shows",
    );
}

#[test]
fn a_view_reads_tables_of_the_warehouse() {
    one_fault(
        THE_VIEW,
        ("magazijn.hulpvraag", "magazijn.hulpvragen"),
        "FROM",
        "there is no table `hulpvragen`",
        "did you mean `hulpvraag`?",
    );
    for other in ["levering", "beheer.runs"] {
        one_fault(
            THE_VIEW,
            ("magazijn.hulpvraag", other),
            "FROM",
            &format!("a view cannot read `{other}`"),
            "read tables `magazijn.NAME` and views `monitor.NAME` only",
        );
    }
    // A file by its name is no table either; the parser does not say where it stands.
    let found = faults(&broken(THE_VIEW, "magazijn.hulpvraag", "'data.parquet'"));
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].message, "a view cannot read `data.parquet`");
    assert_eq!(found[0].source, None);
}

#[test]
fn a_view_may_read_another_view() {
    one_fault(
        THE_VIEW,
        ("magazijn.hulpvraag", "monitor.hulpvrgen"),
        "FROM",
        "there is no view `hulpvrgen`",
        "did you mean `hulpvragen`?",
    );
    assert_eq!(faults(&with_view("per_jaar", "monitor.hulpvragen")), []);
    one_fault(
        WOT_MAPPING,
        (
            "FROM levering",
            "FROM levering JOIN monitor.hulpvragen ON true",
        ),
        "FROM",
        "a mapping cannot read `monitor.hulpvragen`",
        "read `levering` and tables `magazijn.NAME` only",
    );
}

/// The small house with a second view.
fn with_view(name: &str, from: &str) -> ContractFiles {
    let mut files = house();
    let sql = VIEW.replace("magazijn.hulpvraag", from);
    files.insert(format!("schemas/monitor/{name}.sql"), sql);
    files.insert(format!("schemas/monitor/{name}.toml"), VIEW_COLUMNS);
    let register = format!("{REGISTER}[view.{name}]\nsubject = \"personen\"\n");
    files.insert(DPIA, register);
    files
}

#[test]
fn a_view_has_a_name_of_its_own() {
    let files = with_view("Per-Jaar", "magazijn.hulpvraag");
    let found = faults(&files);
    let shown: Vec<_> = found
        .iter()
        .map(|f| (f.file.as_str(), f.message.as_str()))
        .collect();
    assert_eq!(
        shown,
        [
            (DPIA, "`Per-Jaar` is no name for a view"),
            (
                "schemas/monitor/Per-Jaar.sql",
                "`Per-Jaar` is no name for a view"
            ),
        ]
    );
}

#[test]
fn query_columns_and_register_belong_together() {
    let mut files = house();
    files.remove(THE_VIEW_COLUMNS);
    expect(
        &files,
        THE_VIEW,
        "",
        "nothing says what the columns of view `hulpvragen` are",
        "add schemas/monitor/hulpvragen.toml",
    );
    let entry = "[view.hulpvragen]\nsubject = \"personen\"\n";
    expect(
        &broken(DPIA, entry, ""),
        THE_VIEW,
        "",
        "view `hulpvragen` is not in the register",
        "add [view.hulpvragen] to config/dpia.toml, once the controller has agreed",
    );
    let mut files = house();
    files.insert("schemas/monitor/leeftijd.toml", VIEW_COLUMNS);
    expect(
        &files,
        "schemas/monitor/leeftijd.toml",
        "",
        "there is no view `leeftijd`",
        "add schemas/monitor/leeftijd.sql, or remove this",
    );
    let more = format!("{entry}[view.hulpvrage]\nsubject = \"personen\"\n");
    expect(
        &broken(DPIA, entry, &more),
        DPIA,
        "[view.hulpvrage]",
        "there is no view `hulpvrage`",
        "did you mean `hulpvragen`?",
    );
}

#[test]
fn a_role_has_what_it_needs() {
    let cell = "role = \"cel\"";
    for (by, at, message, remedy) in [
        (
            "role = \"cell\"",
            "role = \"cell\"",
            "unknown role `cell`",
            "did you mean `cel`?",
        ),
        (
            "role = \"cel\"\nclients = \"jaar\"",
            "clients",
            "column `aantal` names `jaar`, which is no column with role `hulp`",
            "name a column with role = \"hulp\"",
        ),
        (
            "role = \"cel\"\nshare = true",
            "share",
            "`share` does not belong in column `aantal`",
            "remove it: it goes with role = \"volgt\"",
        ),
        (
            "role = \"kenmerk\"",
            "",
            "a view about persons without a number to judge",
            "give every column with numbers of persons role = \"cel\"",
        ),
    ] {
        one_fault(THE_VIEW_COLUMNS, (cell, by), at, message, remedy);
    }
    let one_end =
        format!("{VIEW_COLUMNS}[[column]]\nname = \"a\"\nrole = \"van\"\ndocumentation = \"A.\"\n");
    let mut files = house();
    files.insert(THE_VIEW_COLUMNS, one_end);
    expect(
        &files,
        THE_VIEW_COLUMNS,
        "",
        "a range has two ends",
        "give one column role = \"van\" and one role = \"tot\", or none",
    );
    one_fault(
        THE_VIEW_COLUMNS,
        ("name = \"aantal\"", "name = \"onderdrukt\""),
        "name = \"onderdrukt\"",
        "column `onderdrukt` is the monitor's own",
        "give the column another name",
    );
}

#[test]
fn a_view_says_why_the_rules_do_not_hold_and_is_never_looser() {
    let entry = "[view.hulpvragen]\nsubject = \"personen\"";
    one_fault(
        DPIA,
        (entry, "[view.hulpvragen]\nsubject = \"zaken\""),
        "[view.hulpvragen]",
        "[view.hulpvragen] has no `reason`",
        "add reason = \"...\"",
    );
    one_fault(
        DPIA,
        (
            entry,
            "[view.hulpvragen]\nsubject = \"personen\"\nsmallest_cell = 5",
        ),
        "smallest_cell = 5",
        "`smallest_cell` of [view.hulpvragen] is 5",
        "choose a number from 10 to 100",
    );
    one_fault(
        DPIA,
        (entry, "[view.hulpvragen]\nsubject = \"mensen\""),
        "subject = \"mensen\"",
        "unknown subject `mensen`",
        "use one of `personen`, `aantallen`, `zaken`",
    );
    let strict = "[view.hulpvragen]\nsubject = \"personen\"\nsmallest_cell = 20\nrounding = 5";
    let contracts = loaded(&broken(DPIA, entry, strict));
    let rules = PublicationRules {
        smallest_cell: 20,
        dominance_percent: 75,
        rounding: Some(5),
    };
    assert_eq!(
        contracts.views["hulpvragen"].publication,
        Publication::Judged(rules)
    );
}
