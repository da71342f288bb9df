use super::super::report::{Evidence, Examined, Figure, Threshold, Unit};
use super::*;

fn occasion() -> Occasion {
    Occasion {
        moment: "3 mei 2025, 14:05 uur".into(),
        folder: "magazijn".into(),
        controller: "Gemeente <Voorbeeld>".into(),
        adopted: Some("2025-01-31".into()),
        program_digest: Some("ab".repeat(32)),
        attacked: false,
    }
}

fn report(checks: Vec<Check>) -> Report {
    Report {
        release: Some("20250103T010000Z-0123abcd".into()),
        register: "1.0".into(),
        program: "sluis 0".into(),
        bytes: 12_345_678,
        checks,
    }
}

fn examined() -> Examined {
    Examined {
        files: 1,
        columns: 1_234,
        values: 1_234_567,
    }
}

fn one_of_each() -> Report {
    let path = "releases/20250103T010000Z-0123abcd/hulpvraag/jaar=2024/wijk=nieuwland";
    let fault = Evidence {
        encoding: Some("achterstevoren"),
        chance: Some(3e-12),
        ..Evidence::at(
            Verdict::Fails,
            path,
            "nummer dat de elfproef doorstaat, <b>",
        )
        .in_column("team")
        .times(1_200)
    };
    let mut failing = Check::new(
        ("inhoud-bsn", "Staat er nergens een burgerservicenummer?"),
        examined(),
        vec![fault],
    )
    .noted("Per kolom tegen het toeval gehouden.");
    failing.more = 12;
    let doubtful = Evidence::at(
        Verdict::Attention,
        "releases",
        "het register is een concept",
    );
    let figures = vec![
        Figure::new("hulpvraag", "kleinste groep", 3.0, Unit::Count)
            .against(Threshold::AtLeast(5.0)),
        Figure::new("hulpvraag", "uniek", 0.0123, Unit::Share).against(Threshold::AtMost(0.2)),
        Figure::new("hulpvraag", "afstand", 0.25, Unit::Number),
    ];
    report(vec![
        failing,
        Check::new(("inhoud-naam", "Geen naam?"), examined(), Vec::new()),
        Check::unknown(("sterkte-zonder-sleutel", "Geen hash?"), "Niet gedaan."),
        Check::new(
            ("dekking-releases", "Noemt elke release het register?"),
            Examined::files(2),
            vec![doubtful],
        ),
        Check::new(
            ("risico-nieuw", "Is niemand alleen?"),
            examined(),
            Vec::new(),
        )
        .measured(figures),
        Check::new(("onbekend", "Iets anders?"), examined(), Vec::new()),
    ])
}

/// The page without what every page shares.
fn body(page: &str) -> String {
    let (_, body) = page.split_once("<header").expect("a masthead");
    let body = body.replace("<section", "\n<section");
    let body = body.replace("<article", "\n<article");
    body.replace("<tr", "\n<tr").replace("<li", "\n<li")
}

#[test]
fn all_that_was_found_is_on_the_page() {
    let page = write(&one_of_each(), &occasion());
    insta::assert_snapshot!(body(&page));
    assert!(!page.contains("<b>") && !page.contains("<Voorbeeld>"));
    for foreign in ["http:", "https:", "src=", "@import", "<link", "<script"] {
        assert!(!page.contains(foreign), "{foreign}");
    }
}

#[test]
fn every_link_leads_to_a_part_of_the_page() {
    let page = write(&one_of_each(), &occasion());
    let links = page.split("href=\"#").skip(1);
    for link in links.filter_map(|rest| rest.split('"').next()) {
        assert_eq!(
            page.matches(&format!(" id=\"{link}\"")).count(),
            1,
            "{link}"
        );
    }
}

#[test]
fn the_gravest_verdict_decides_what_the_page_opens_with() {
    let with = |verdict: Verdict| {
        let named = ("dekking-rechten", "Kan niemand erbij?");
        let mut check = Check::new(named, Examined::default(), Vec::new());
        check.verdict = verdict;
        let passing = Check::new(("inhoud-bsn", "Geen BSN?"), examined(), Vec::new());
        let page = write(&report(vec![passing, check]), &occasion());
        let (_, says) = page.split_once("outcome-says\">").expect("a verdict");
        says.split("</p>").next().unwrap_or_default().to_owned()
    };
    assert_eq!(
        with(Verdict::Passes),
        "Het magazijn voldoet aan alle 2 controles."
    );
    assert_eq!(
        with(Verdict::Unknown),
        "Er is geen fout gevonden, maar 1 controle is niet gedaan."
    );
    assert_eq!(
        with(Verdict::Attention),
        "Er is geen fout gevonden, maar 1 controle vraagt aandacht."
    );
    assert_eq!(
        with(Verdict::Fails),
        "Het magazijn voldoet niet: 1 controle vond een fout."
    );
}

#[test]
fn chances_are_said_in_words() {
    assert_eq!(odds(1e-3), "1 op 1.000");
    assert_eq!(odds(3e-9), "1 op 333 miljoen");
    assert_eq!(odds(1e-12), "1 op 1 biljoen");
    assert_eq!(odds(1e-300), "minder dan 1 op een biljard");
    assert_eq!(odds(0.0), "minder dan 1 op een biljard");
    assert_eq!(odds(1.0), "1 op 1");
}
