//! What the small house compiles into, and what faults leave standing.

use std::path::Path;

use super::super::model::{Choice, Encoding, Format, Kind, Mode, Treatment};
use super::super::{ContractError, ContractFiles, load_lenient};
use super::{
    CBS, CBS_TABLE, DPIA, PIPELINE, THE_VIEW, WOT, WOT_MAPPING, WOT_PIPELINE, WOT_TABLE, broken,
    house, loaded,
};

#[test]
fn a_house_without_faults_compiles() {
    let contracts = loaded(&house());
    let ids: Vec<_> = contracts
        .sources
        .iter()
        .map(|plan| plan.contract.id.as_str())
        .collect();
    assert_eq!(ids, ["cbs", "wot"], "cbs goes first: wot waits for it");
    let wot = &contracts.sources[1];
    let headers = |at: usize| -> Vec<&str> {
        let headers = wot.contract.columns[at].headers.iter();
        headers.map(|header| header.text.as_str()).collect()
    };
    assert_eq!(headers(0), ["Bsn", "BSN"]);
    assert_eq!(headers(1), ["nr"]);
    assert_eq!(wot.contract.columns[0].output(), Some("client"));
    assert_eq!(
        wot.contract.columns[2].treatment,
        Treatment::AgeBand {
            at: "melding".into(),
            borders: vec![0, 18, 65],
            labels: vec!["0-17".into(), "18-64".into(), "65+".into()],
            known: None,
            output: "leeftijdsgroep".into(),
        }
    );
    assert_eq!(
        wot.contract.columns[5].kind,
        Kind::Choice(vec![
            Choice {
                value: "licht".into(),
                spellings: vec!["Licht".into(), "1".into()]
            },
            Choice {
                value: "zwaar".into(),
                spellings: vec!["Zwaar".into()]
            },
        ])
    );
    assert_eq!(wot.mappings[0].table, "hulpvraag");
    assert_eq!(wot.mappings[0].path, WOT_MAPPING);
    assert_eq!(wot.lawfulness.raw_retention_days, 0);
    assert_eq!(
        contracts.views["hulpvragen"].documentation,
        "Hulpvragen per jaar."
    );
    assert_eq!(contracts.tables["hulpvraag"].partition, ["jaar", "wijk"]);
    assert_eq!(contracts.register.adopted, None);
    assert_eq!(contracts.register.sources["cbs"].raw_retention_days, 7);
}

#[test]
fn what_a_pipeline_does_not_say_has_a_default() {
    let contracts = loaded(&house());
    let [cbs, wot] = [
        &contracts.sources[0].pipeline,
        &contracts.sources[1].pipeline,
    ];
    assert_eq!((wot.folder.as_str(), cbs.folder.as_str()), ("wot", "cbs"));
    assert_eq!((wot.settle_seconds, cbs.settle_seconds), (0, 60));
    assert_eq!(
        (wot.checksum_required, cbs.checksum_required),
        (true, false)
    );
    assert_eq!(wot.mode, Mode::Full);
    assert_eq!(wot.expected_days, None);
    assert!((wot.max_refused_percent - 5.0).abs() < f64::EPSILON);
    let Format::Csv(dialect) = &cbs.format else {
        panic!("not CSV")
    };
    assert_eq!(dialect.delimiter, b'\t');
    assert_eq!(dialect.encoding, Encoding::Utf8);
    assert_eq!(dialect.max_row_bytes, 1 << 20);
}

#[test]
fn what_a_pipeline_says_is_kept() {
    let mut files = house();
    let said = PIPELINE.replace(
        "checksum",
        "folder = \"in/wot\"\nsettle_seconds = 5\nexpected_days = 31\nchecksum",
    ) + "max_row_bytes = 100\n[limits]\nmax_refused_percent = 1\n";
    files.insert(WOT_PIPELINE, said);
    let pipeline = &loaded(&files).sources[1].pipeline;
    assert_eq!(pipeline.folder, "in/wot");
    assert_eq!(pipeline.settle_seconds, 5);
    assert_eq!(pipeline.expected_days, Some(31));
    assert!((pipeline.max_refused_percent - 1.0).abs() < f64::EPSILON);
    let Format::Csv(dialect) = &pipeline.format else {
        panic!("not CSV")
    };
    assert_eq!(dialect.max_row_bytes, 100);
}

#[test]
fn a_register_that_was_adopted_says_when() {
    let files = broken(DPIA, "adopted = \"\"", "adopted = \"2025-03-01\"");
    assert_eq!(
        loaded(&files).register.adopted.as_deref(),
        Some("2025-03-01")
    );
}

#[test]
fn a_fault_of_one_source_leaves_the_others() {
    let files = broken(WOT, "type = \"bsn\"", "type = \"bns\"");
    let (contracts, faults) = load_lenient(&files).unwrap();
    let ids: Vec<_> = contracts
        .sources
        .iter()
        .map(|plan| plan.contract.id.as_str())
        .collect();
    assert_eq!(ids, ["cbs"]);
    assert_eq!(faults.len(), 1);
    assert_eq!(faults[0].source.as_deref(), Some("wot"));
    assert_eq!(contracts.tables.len(), 2);
    assert_eq!(contracts.views.len(), 1);
}

#[test]
fn a_source_stays_when_one_it_waits_for_is_left_out() {
    let files = broken(CBS, "title = \"CBS\"\n", "");
    let (contracts, faults) = load_lenient(&files).unwrap();
    assert_eq!(faults[0].source.as_deref(), Some("cbs"));
    assert_eq!(contracts.sources[0].contract.id, "wot");
    assert_eq!(contracts.sources[0].pipeline.after, ["cbs"]);
}

#[test]
fn every_file_of_a_source_is_its_own_fault() {
    for (path, text) in [
        (WOT, "id ="),
        (WOT_PIPELINE, "source ="),
        (WOT_MAPPING, "SELECT"),
        (DPIA, "legal_basis = \"Wmo.\"\n"),
    ] {
        let files = broken(path, text, "");
        let (contracts, faults) = load_lenient(&files).unwrap();
        assert_eq!(contracts.sources.len(), 1, "{path}");
        assert!(
            faults
                .iter()
                .all(|fault| fault.source.as_deref() == Some("wot")),
            "{faults:#?}"
        );
    }
}

#[test]
fn a_fault_of_no_source_stops_everything() {
    for (path, text) in [
        (WOT_TABLE, "title ="),
        (THE_VIEW, "-- Hulpvragen"),
        (DPIA, "controller = \"Gemeente\"\n"),
        (DPIA, "[class.gewoon]"),
        (CBS_TABLE, "documentation = \"Wijk.\"\n"),
    ] {
        let files = broken(path, text, "");
        let Err(ContractError::Faults(faults)) = load_lenient(&files) else {
            panic!("{path}")
        };
        assert!(
            faults.iter().any(|fault| fault.source.is_none()),
            "{faults:#?}"
        );
    }
}

#[test]
fn a_recipe_changes_with_what_concerns_its_source_and_with_nothing_else() {
    let recipes = |files| {
        let sources = loaded(&files).sources.into_iter();
        let [cbs, wot] = sources
            .map(|plan| plan.recipe)
            .collect::<Vec<_>>()
            .try_into()
            .unwrap();
        (cbs, wot)
    };
    let (cbs, wot) = recipes(house());
    for (path, text, by) in [
        (WOT, "max_bytes = 20", "max_bytes = 21"),
        (WOT_PIPELINE, "windows-1252", "utf-8"),
        (WOT_MAPPING, "client", "client AS client"),
        (WOT_TABLE, "Een rij", "Elke rij"),
        (DPIA, "Monitor.", "Monitor"),
    ] {
        let (same, changed) = recipes(broken(path, text, by));
        assert_eq!(same, cbs, "{path}");
        assert_ne!(changed, wot, "{path}");
    }
    for (path, text, by) in [
        (CBS, "Postcodes", "Alle postcodes"),
        (DPIA, "Open data.", "Open."),
        (DPIA, "version = \"0.1\"", "version = \"0.2\""),
        (THE_VIEW, "Hulpvragen", "Alle hulpvragen"),
    ] {
        assert_eq!(recipes(broken(path, text, by)).1, wot, "{path}");
    }
}

#[test]
fn the_contracts_built_into_the_program_have_no_fault() {
    let files = ContractFiles::embedded();
    let contracts = loaded(&files);
    assert!(!contracts.sources.is_empty());
    assert_eq!(
        files.get("config/default.toml"),
        None,
        "settings are no contract"
    );
}

#[test]
fn the_folder_gives_what_is_built_in() {
    let folder = ContractFiles::from_folder(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
    let embedded = ContractFiles::embedded();
    assert!(folder.paths().eq(embedded.paths()));
    for path in folder.paths() {
        assert_eq!(folder.get(path), embedded.get(path), "{path}");
    }
}
