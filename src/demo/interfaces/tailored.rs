//! `doorbraaktool`: households that fell between laws, and what a way out costs and saves.

use super::{Records, between, file, quoted};
use crate::demo::prng::Prng;
use crate::demo::{DemoError, Scene, day};

/// Casussen in 2024, and what they save on average, in cents: as published.
const CASES: usize = 25;
const MEAN_SAVING: i64 = 4_800_000;

const LAWS: [&str; 8] = [
    "Participatiewet",
    "Wmo 2015",
    "Jeugdwet",
    "Wet langdurige zorg",
    "Zorgverzekeringswet",
    "Wet gemeentelijke schuldhulpverlening",
    "Huisvestingswet",
    "Leerplichtwet",
];

/// What professionals typed; it must go nowhere.
const TITLE: &str = "Gezin Sterrenmuurbloem tussen wal en schip";
const GROUNDS: &str = "Regeling sluit uit wegens inwonende broer Theofiel";

pub(super) fn deliver(scene: &mut Scene<'_>) -> Result<(), DemoError> {
    let date = day(2025, 1, 15);
    let mut prng = Prng::named("doorbraaktool", 2024);
    let mut records = Records::default();
    scene.seen.free_text(TITLE);
    scene.seen.free_text(GROUNDS);
    for copy in 0..scene.scale {
        for (number, saving) in savings(&mut prng).into_iter().enumerate() {
            let number = u64::from(copy) * CASES as u64 + number as u64;
            case(scene, number, saving, &mut records, &mut prng);
        }
    }
    refused(scene, &mut records);
    let name = file("doorbraaktool_2024", date, "json");
    let text = records.pretty();
    scene.answer("doorbraaktool", name, date, &records, text, None)
}

/// What each casus saves: as much below the mean as above it.
fn savings(prng: &mut Prng) -> Vec<i64> {
    let mut savings = vec![MEAN_SAVING; CASES];
    for pair in savings.chunks_exact_mut(2) {
        let mut off = prng.between(500, 40_000) * 100;
        if prng.once_in(4) {
            off += prng.between(1, 99);
        }
        if let [more, less] = pair {
            *more += off;
            *less -= off;
        }
    }
    savings
}

/// Adds a casus: a row for every law, and one when there is none.
fn case(scene: &mut Scene<'_>, number: u64, saving: i64, records: &mut Records, prng: &mut Prng) {
    let id = format!("DBT-2024-{number:05}");
    scene.seen.case_number(&id);
    let costs = prng.between(1_500, 20_000) * 100;
    let done = between(day(2024, 1, 8), day(2024, 12, 20), prng);
    let mut laws = LAWS;
    prng.shuffle(&mut laws);
    let laws = &laws[..if number == 11 { 0 } else { 2 + prng.below(4) }];
    let spelled: Vec<String> = laws.iter().map(|name| law(name)).collect();
    let (gains, costs) = (euros(saving + costs), euros(costs));
    records.texts.push(format!(
        "{{\"casus\": {{\"casus_id\": \"{id}\", \"titel\": {}, \"afgerond_op\": \"{done}\"}},\r\n   \
         \"wetten\": [{}],\r\n   \"baten\": {{\"totaal\": \"{gains}\", \"posten\": \
         [{{\"post\": \"opname voorkomen\", \"bedrag\": 1e4}}]}},\r\n   \
         \"lasten\": {{\"totaal\": \"{costs}\"}}}}",
        quoted(TITLE),
        spelled.join(", "),
    ));
    records.rows += laws.len().max(1) as u64;
}

fn law(name: &str) -> String {
    format!(
        "{{\"naam\": {}, \"onderbouwing\": {}}}",
        quoted(name),
        quoted(GROUNDS)
    )
}

/// An amount as people type it: `€ 48.000,-`.
fn euros(cents: i64) -> String {
    let (euros, rest) = (cents / 100, cents % 100);
    let mut whole = euros.to_string();
    let mut at = whole.len();
    while at > 3 {
        at -= 3;
        whole.insert(at, '.');
    }
    match rest {
        0 => format!("€ {whole},-"),
        rest => format!("€ {whole},{rest:02}"),
    }
}

/// A casus without an amount, and one with a law that nobody knows.
fn refused(scene: &mut Scene<'_>, records: &mut Records) {
    for (id, law_name, gains) in [
        ("DBT-2024-90001", "Jeugdwet", "nog onbekend"),
        ("DBT-2024-90002", "Wet van Murphy", "€ 1.000,-"),
    ] {
        scene.seen.case_number(id);
        records.refuse(format!(
            "{{\"casus\": {{\"casus_id\": \"{id}\", \"afgerond_op\": \"2024-06-01\"}}, \
             \"wetten\": [{}], \"baten\": {{\"totaal\": \"{gains}\"}}, \
             \"lasten\": {{\"totaal\": \"€ 500,-\"}}}}",
            law(law_name)
        ));
    }
}
