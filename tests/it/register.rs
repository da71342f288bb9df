//! `sluis check --register`: the register as a document, and two versions of it held against each other.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::support::Place;

fn ours() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/dpia.toml");
    fs::read_to_string(path).unwrap()
}

/// An older register: ours, with texts replaced.
fn older(place: &Place, changes: &[(&str, &str)]) -> PathBuf {
    let mut text = ours();
    for (now, then) in changes {
        assert_eq!(text.matches(now).count(), 1, "{now}");
        text = text.replace(now, then);
    }
    let path = place.path().join("oud.toml");
    fs::write(&path, text).unwrap();
    path
}

#[test]
fn the_register_is_printed_as_text_page_and_json() {
    // Neither key nor warehouse is needed.
    let place = Place::bare();
    let text = place.sluis(&["check", "--register"]).must_exit(0).stdout;
    assert!(text.starts_with("# Register van de gegevensbescherming"));
    assert!(text.contains("CONCEPT"));
    for part in [
        "## A. ",
        "### 1. Voorstel",
        "### 10. Bewaartermijnen",
        "## B. ",
        "### 16. Risico’s",
        "### 17. Maatregelen",
        "> **Nog in te vullen.**",
        "| geboortedatum |",
    ] {
        assert!(text.contains(part), "{part}");
    }
    let page = place.path().join("register.html");
    let args = ["check", "--register", "--html", page.to_str().unwrap()];
    let answer = place.sluis(&args).must_exit(0);
    assert_eq!(answer.stdout, "");
    assert_eq!(
        fs::metadata(&page).unwrap().permissions().mode() & 0o777,
        0o600
    );
    assert!(
        fs::read_to_string(&page)
            .unwrap()
            .contains("Concept: niemand")
    );
    let json = place
        .sluis(&["check", "--register", "--json"])
        .must_exit(0)
        .json();
    assert_eq!(json["delen"].as_array().unwrap().len(), 4);
    assert_eq!(json["versie"], "0.1");
    assert!(
        !place.warehouse().exists(),
        "nothing was done that is to be logged"
    );
}

#[test]
fn what_changed_is_told_in_words_the_gravest_first() {
    let place = Place::bare();
    // A version that was stricter on postcodes, and looser on raw deliveries.
    let old = older(
        &place,
        &[
            ("version = \"0.1\"", "version = \"0.0\""),
            (
                "[source.zrm]\npurpose = \"Monitor sociaal domein: of mensen na begeleiding zelfredzamer zijn.\"\nlegal_basis = \"Wmo 2015, artikel 2.1.1 en 5.1.1 (nog te bevestigen).\"\nbsn = false\nraw_retention_days = 7",
                "[source.zrm]\npurpose = \"Monitor sociaal domein: of mensen na begeleiding zelfredzamer zijn.\"\nlegal_basis = \"Wmo 2015, artikel 2.1.1 en 5.1.1 (nog te bevestigen).\"\nbsn = false\nraw_retention_days = 30",
            ),
            ("smallest_cell = 10", "smallest_cell = 15"),
            (
                "[table.personeel]\nretention_years = 7",
                "[table.personeel]\nretention_years = 5",
            ),
        ],
    );
    let old = old.to_str().unwrap();
    let args = ["check", "--register", "--against", old];
    let text = place.sluis(&args).must_exit(0).stdout;
    insta::assert_snapshot!(text, @"
    # Wat is er veranderd in het register?

    Van versie 0.0 naar versie 0.1. Veranderingen voor de betrokkene: 2 minder streng, 1 strenger, 1 neutraal.

    ## Minder streng: er wordt meer bekend, aan meer mensen of voor langer

    - **publicatie**: kleinste groep die wordt getoond: 15 → 10. Er is meer te zien van kleine groepen.
    - **tabel personeel**: bewaartermijn in jaren: 5 → 7. Rijen over mensen blijven langer bewaard.

    ## Strenger: er wordt minder bekend

    - **bron zrm**: dagen dat een ruwe levering blijft staan: 30 → 7. Ruwe leveringen, met namen en nummers, gaan eerder weg.

    ## Neutraal: dit maakt voor de betrokkene niets uit

    - **register**: versie: ‘0.0’ → ‘0.1’. Een ander nummer; het zegt niets over mensen.
    ");
    let json = place
        .sluis(&[&args[..], &["--json"]].concat())
        .must_exit(0)
        .json();
    let weights = json["veranderingen"].as_array().unwrap().iter();
    let weights: Vec<&str> = weights.map(|c| c["gewicht"].as_str().unwrap()).collect();
    assert_eq!(
        weights,
        ["minder streng", "minder streng", "strenger", "neutraal"]
    );
    assert_eq!(
        (&json["van"], &json["naar"]),
        (&"0.0".into(), &"0.1".into())
    );
    let page = place.path().join("verschil.html");
    let args = [&args[..], &["--html", page.to_str().unwrap()]].concat();
    place.sluis(&args).must_exit(0);
    assert!(fs::read_to_string(&page).unwrap().contains("Minder streng"));
}

#[test]
fn what_cannot_be_compared_is_said() {
    let place = Place::bare();
    let same = older(&place, &[]);
    let same = same.to_str().unwrap();
    let text = place
        .sluis(&["check", "--register", "--against", same])
        .must_exit(0)
        .stdout;
    assert!(text.contains("Er is niets veranderd."), "{text}");
    let broken = older(
        &place,
        &[("[retention]\nnightly = false", "[retention]\nnightly = 3")],
    );
    let broken = broken.to_str().unwrap();
    let answer = place
        .sluis(&["check", "--register", "--against", broken])
        .must_exit(2);
    assert!(answer.stderr.contains("fault"), "{}", answer.stderr);
    place
        .sluis(&["check", "--register", "--against", "/nergens.toml"])
        .must_exit(2);
    place.sluis(&["check", "--against", same]).must_exit(2);
    place.sluis(&["check", "--html", "a.html"]).must_exit(2);
}
