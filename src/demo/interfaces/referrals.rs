//! `zorgdomein`: general practitioners refer people, and write much about them.

use super::{Records, between, file, quoted, somebody};
use crate::demo::prng::Prng;
use crate::demo::{DemoError, Scene, day};

/// Referrals of each copy in each delivery.
const REFERRALS: usize = 60;

const PRACTICES: [&str; 6] = [
    "Gezondheidscentrum Nieuwland",
    "Gezondheidscentrum De Singel",
    "Huisartsen Groenoord",
    "Huisartsen Oost",
    "Huisartsen Woudhoek",
    "Huisartsenpost Vlietland",
];
const GOALS: [&str; 5] = [
    "Wijkondersteuningsteam",
    "Wmo-loket",
    "Welzijn op recept",
    "Schuldhulpverlening",
    "Jeugdteam",
];

/// What practitioners wrote; it must go nowhere.
const LETTERS: [&str; 3] = [
    "Geachte collega,\n\nPatiënt is bekend met \"lage rug\"; slaapt slecht sinds overlijden hondje Boris.",
    "Graag huisbezoek, dochter Wilhelmien doet open \u{1f4de}",
    "Zie bijlage\tvan vorige maand: valgevaar op de Broersvestwal",
];
/// Who wrote them.
const DOCTORS: [&str; 2] = ["dr. H. Overgaauwsloot", "mw. dr. F. Ketelbinkshof"];

pub(super) fn deliver(scene: &mut Scene<'_>) -> Result<(), DemoError> {
    for text in LETTERS {
        scene.seen.free_text(text);
    }
    for name in DOCTORS {
        scene.seen.name(name);
    }
    let mut sent: Vec<String> = Vec::new();
    for (first, date) in [
        (day(2024, 1, 1), day(2024, 6, 30)),
        (day(2024, 7, 1), day(2024, 12, 31)),
    ] {
        let mut prng = Prng::named("zorgdomein", sent.len() as u64);
        let mut records = Records::default();
        // What was sent before was received by now, or withdrawn.
        for record in std::mem::take(&mut sent) {
            let now = if prng.once_in(6) {
                "ingetrokken"
            } else {
                "ontvangen"
            };
            records.add(record.replace("\"verzonden\"", &quoted(now)));
        }
        for copy in 0..scene.scale {
            for _ in 0..REFERRALS {
                let when = between(first, date, &mut prng);
                let record = referral(scene, copy, when, &mut prng);
                if let Some(record) = record {
                    if prng.once_in(3) {
                        sent.push(record.clone());
                    }
                    records.add(record);
                }
            }
        }
        if first == day(2024, 1, 1) {
            // Half a letter of an emoji: the practitioner's system cut the text.
            scene.seen.case_number("ZD-90000001");
            records.refuse(
                "{\"verwijzing_id\":\"ZD-90000001\",\"patient\":{\"bsn\":null},\
                 \"datum\":\"2024-05-01\",\"doel\":\"Wmo-loket\",\"status\":\"verzonden\",\
                 \"toelichting\":\"afgekapt \\ud83d\"}",
            );
        }
        let name = file("zorgdomein", date, "ndjson");
        let text = records.lines();
        scene.answer("zorgdomein", name, date, &records, text, None)?;
    }
    Ok(())
}

/// A referral of somebody with a number; nobody is referred without.
fn referral(
    scene: &mut Scene<'_>,
    copy: u32,
    when: chrono::NaiveDate,
    prng: &mut Prng,
) -> Option<String> {
    let who = somebody(scene.people, copy, prng);
    let bsn = who.bsn?;
    who.note(scene);
    scene.seen.name(&who.name);
    let number = format!("ZD-{:08}", prng.between(10_000_000, 89_999_999));
    scene.seen.case_number(&number);
    let letter = prng.pick(&LETTERS);
    Some(format!(
        "{{\"verwijzing_id\":\"{number}\",\"patient\":{{\"bsn\":\"{bsn:09}\",\"naam\":{},\
         \"geboortedatum\":\"{}\"}},\"praktijk\":\"{}\",\"huisarts\":{{\"naam\":{}}},\
         \"datum\":\"{when}\",\"doel\":\"{}\",\"status\":\"verzonden\",\"toelichting\":{},\
         \"brief\":{{\"alineas\":[{{\"tekst\":{}}}]}}}}",
        quoted(&who.name),
        who.born,
        prng.pick(&PRACTICES),
        quoted(prng.pick(&DOCTORS)),
        prng.pick(&GOALS),
        quoted(letter),
        quoted(letter),
    ))
}
