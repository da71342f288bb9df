//! The dictionary of the house itself, and laws that hold for every house.

use std::path::Path;
use std::sync::LazyLock;

use super::*;
use crate::contract::ContractFiles;
use crate::contract::model::Contracts;
use crate::monitor::{Limits, Monitor, view_plans};

pub(super) static CONTRACTS: LazyLock<Contracts> =
    LazyLock::new(|| crate::contract::load(&ContractFiles::embedded()).unwrap());

pub(super) static HOUSE: LazyLock<Dictionary> = LazyLock::new(|| {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let plans = runtime.block_on(view_plans(&CONTRACTS)).unwrap();
    let monitor = Monitor::open(None, &CONTRACTS, Path::new("."), Limits::default());
    let monitor = runtime.block_on(monitor).unwrap();
    Dictionary::new(&CONTRACTS, &plans, monitor.views()).unwrap()
});

fn known(origin: &OriginNote) -> bool {
    !(origin.sources.is_empty()
        && origin.tables.is_empty()
        && origin.counts.is_empty()
        && origin.constants.is_empty())
}

#[test]
fn every_column_of_the_house_comes_from_somewhere() {
    for table in &HOUSE.tables {
        assert!(!table.filled_by.is_empty(), "{}", table.name);
        for column in &table.columns {
            assert!(
                known(&column.origin),
                "magazijn.{}.{}",
                table.name,
                column.name
            );
        }
    }
    for view in &HOUSE.views {
        for column in &view.columns {
            assert!(
                known(&column.origin),
                "monitor.{}.{}",
                view.name,
                column.name
            );
            assert!(
                !column.kind.is_empty(),
                "monitor.{}.{}",
                view.name,
                column.name
            );
        }
    }
}

#[test]
fn what_the_lock_drops_ends_up_nowhere() {
    for source in &HOUSE.sources {
        for column in source.columns.iter().filter(|c| c.after_lock.is_none()) {
            let ends = column.tables.len() + column.views.len() + column.selects_in.len();
            assert_eq!(ends, 0, "{}.{}", source.id, column.name);
        }
    }
}

#[test]
fn a_pseudonym_is_made_of_what_is_pseudonymised_and_never_shown() {
    for table in &HOUSE.tables {
        for column in table.columns.iter().filter(|c| c.kind == "pseudoniem") {
            let treated = column
                .origin
                .sources
                .iter()
                .filter(|s| s.way == Way::Copied);
            for source in treated {
                assert_eq!(
                    source.treatment, "pseudonimiseren",
                    "{}.{}",
                    table.name, column.name
                );
            }
        }
    }
    for view in &HOUSE.views {
        for column in view.columns.iter().filter(|c| c.shown) {
            let origins = column.origin.sources.iter();
            let mut treated = origins.filter(|s| s.treatment == "pseudonimiseren");
            assert!(
                treated.all(|s| s.way == Way::Summarised),
                "monitor.{}.{} holds a pseudonym",
                view.name,
                column.name
            );
        }
    }
}

fn of_table(table: &str, column: &str) -> String {
    let table = HOUSE.tables.iter().find(|t| t.name == table).unwrap();
    let column = table.columns.iter().find(|c| c.name == column).unwrap();
    told(&column.origin)
}

fn of_view(view: &str, column: &str) -> String {
    let view = HOUSE.views.iter().find(|v| v.name == view).unwrap();
    let column = view.columns.iter().find(|c| c.name == column).unwrap();
    told(&column.origin)
}

/// Only what there is to tell.
fn told(origin: &OriginNote) -> String {
    let sources = origin.sources.iter().map(|s| {
        format!(
            "{}.{} {} {} {}",
            s.source,
            s.column,
            s.class,
            s.treatment,
            s.way.name()
        )
    });
    let tables = origin.tables.iter();
    let tables = tables.map(|t| format!("{}.{} {}", t.of, t.column, t.way.name()));
    let mut lines = vec![format!("class {}", origin.class.as_deref().unwrap_or("-"))];
    lines.extend(sources);
    lines.extend(tables);
    for (what, names) in [
        ("counts", &origin.counts),
        ("or", &origin.constants),
        ("by", &origin.selection.sources),
        ("by", &origin.selection.tables),
    ] {
        if !names.is_empty() {
            lines.push(format!("{what} {}", names.join(" ")));
        }
    }
    lines.join("\n")
}

#[test]
fn columns_of_tables_are_told_down_to_the_deliveries() {
    insta::assert_snapshot!(of_table("hulpvraag", "leeftijdsgroep"), @"
    class indirect-identificerend
    wot-casus.geboortedatum indirect-identificerend leeftijdsgroep overgenomen
    or 'onbekend'
    ");
    insta::assert_snapshot!(of_table("maatwerk", "wetten"), @"
    class gewoon
    doorbraaktool.wet gewoon behouden samengevat
    ");
    insta::assert_snapshot!(of_table("zrm_score", "wijk"), @"
    class indirect-identificerend
    wot-casus.postcode indirect-identificerend wijk overgenomen
    client.wijk overgenomen
    or 'onbekend'
    ");
}

#[test]
fn what_decides_about_all_rows_is_told_once() {
    let table = |name: &str| HOUSE.tables.iter().find(|t| t.name == name).unwrap();
    assert!(table("hulpvraag").selection.is_empty());
    assert_eq!(table("klacht").selection.sources, ["klachten.doelgroep"]);
    // Also what says that a row is deleted.
    let scores = &table("zrm_score").selection.sources;
    assert!(scores.contains(&"zrm.actie".to_owned()), "{scores:?}");
    assert!(
        scores.contains(&"wot-casus.clientnr".to_owned()),
        "{scores:?}"
    );
}

#[test]
fn a_row_for_each_column_keeps_scores_and_their_names_apart() {
    let scores = of_table("zrm_score", "score");
    assert_eq!(
        scores.matches("bijzonder behouden overgenomen").count(),
        13,
        "{scores}"
    );
    let names = of_table("zrm_score", "leefgebied");
    assert!(
        names.starts_with("class -\nor 'adl' 'financien'"),
        "{names}"
    );
}

#[test]
fn columns_of_views_are_told_down_to_the_deliveries() {
    insta::assert_snapshot!(of_view("bevolking", "aantal"), @"
    class gewoon
    cbs-bevolking.aantal gewoon behouden samengevat
    cbs-bevolking.leeftijd gewoon behouden samengevat
    bevolking.aantal samengevat
    bevolking.leeftijdsgroep samengevat
    by wijk.code
    ");
    // A number of persons is made of who they are, however it counts them.
    assert!(of_view("stapeling", "personen").starts_with("class direct-identificerend"));
}
