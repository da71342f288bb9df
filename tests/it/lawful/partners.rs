//! Partners of the program itself that send what they may not: a BSN, or persons where counts are asked.

use std::fmt::Write;

use super::bsns;
use crate::support::Place;

/// The reason for which a delivery of a partner is refused.
fn reason(source: &str, name: &str, text: &str) -> Option<String> {
    let place = Place::new();
    let path = place.deliver(source, name, text.as_bytes());
    place.vouch(&path);
    let answer = place.sluis(&["run", "--json", source]);
    let record = answer.json()["deliveries"][0].clone();
    assert_eq!(record["source"], source, "{}", answer.stderr);
    let reason = record["reason"].as_str().map(str::to_owned);
    assert_eq!(place.current().is_none(), reason.is_some(), "{reason:?}");
    reason
}

#[test]
fn the_food_bank_has_dossiers_and_no_bsns() {
    let delivery = |numbers: Vec<String>| {
        let mut text = "Dossiernr;Aanvraag;Besluit;Datum besluit\r\n".to_owned();
        for number in numbers {
            write!(text, "{number};19-04-2024;Afgewezen;20-04-2024\r\n").unwrap();
        }
        reason("voedselbank", "voedselbank_2024_20250301.csv", &text)
    };
    let dossiers = (1..60).map(|n| format!("VB2024-{n:06}")).collect();
    assert_eq!(delivery(dossiers), None);
    for spelled in ["", "VB-"] {
        let hidden = bsns().take(30).map(|bsn| format!("{spelled}{bsn}"));
        let reason = delivery(hidden.collect()).expect("refused");
        assert!(
            reason.starts_with("verborgen_bsn: column `dossiernr` "),
            "{reason}"
        );
    }
}

#[test]
fn chain_partners_send_counts_and_no_persons() {
    let delivery = |rows: &[String]| {
        let text = format!("Maand;Sector;Soort;Aantal\r\n{}", rows.concat());
        reason("ketenpartners", "ketenpartners_2024_20250301.csv", &text)
    };
    let counts = |many: usize| -> Vec<String> {
        let row = |n: usize| format!("2024-{:02};PGA;Instroom;{}\r\n", n % 12 + 1, n + 2);
        (0..many).map(row).collect()
    };
    assert_eq!(delivery(&counts(12)), None);
    // A row for every person: the same month and kind again and again.
    let reason = delivery(&counts(60)).expect("refused");
    assert!(reason.starts_with("personen_in_aantallen: "), "{reason}");
    // One number too many, where a word should be.
    let mut rows = counts(12);
    rows.push(format!("2024-01;{};Melding;1\r\n", bsns().next().unwrap()));
    let reason = delivery(&rows).expect("refused");
    assert!(
        reason.starts_with("identificerend: column `sector` in row 13"),
        "{reason}"
    );
}
