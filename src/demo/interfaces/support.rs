//! `mee`, `minters` and `pameijer`: support for persons, one record a traject, everything each time.
//!
//! Each has its own names and habits: flat and spelled in full; nested, with numbers that lost their
//! leading zero; and camel case, with decimal commas in texts.

use chrono::{Datelike, Days, NaiveDate};

use super::{Records, Somebody, between, day_or_null, file, or_null, quoted, somebody};
use crate::demo::prng::Prng;
use crate::demo::{DemoError, Scene, day, dirt};

/// One traject.
struct Traject {
    number: String,
    client: String,
    who: Somebody,
    product: usize,
    /// In quarters of an hour; not everybody keeps count.
    quarters: Option<i64>,
    start: NaiveDate,
    end: Option<NaiveDate>,
    reason: Option<usize>,
}

/// Who gives support: its source, its mark on numbers and its trajects for each copy.
#[derive(Clone, Copy)]
struct Partner {
    source: &'static str,
    mark: &'static str,
    trajects: usize,
    spelled: fn(&Traject) -> String,
}

const MEE: Partner = Partner {
    source: "mee",
    mark: "MEE",
    trajects: 120,
    spelled: mee,
};
const MINTERS: Partner = Partner {
    source: "minters",
    mark: "MIN",
    trajects: 150,
    spelled: minters,
};
const PAMEIJER: Partner = Partner {
    source: "pameijer",
    mark: "PAM",
    trajects: 180,
    spelled: pameijer,
};

/// A remark; it must go nowhere.
const REMARK: &str = "Kan alleen op dinsdag, dan is tante Corrie thuis \u{1f642}";
/// A contact person; likewise.
const CONTACT: &str = "Q.Z. van Overschotbeek";

pub(super) fn deliver(scene: &mut Scene<'_>) -> Result<(), DemoError> {
    let date = day(2025, 1, 15);
    scene.seen.free_text(REMARK);
    scene.seen.name(CONTACT);
    for partner in [MEE, MINTERS, PAMEIJER] {
        let mut records = trajects(scene, partner, partner.trajects);
        refused(scene, partner, &mut records);
        let name = file(partner.source, date, "json");
        let text = if partner.source == "pameijer" {
            records.pretty()
        } else {
            records.array()
        };
        scene.answer(partner.source, name, date, &records, text, None)?;
    }
    too_much(scene)
}

/// Trajects of every copy.
fn trajects(scene: &mut Scene<'_>, partner: Partner, each: usize) -> Records {
    let mut prng = Prng::named(partner.source, each as u64);
    let mut records = Records::default();
    for copy in 0..scene.scale {
        for number in 0..each {
            let number = u64::from(copy) * each as u64 + number as u64;
            let traject = traject(scene, partner, (copy, number), &mut prng);
            records.add((partner.spelled)(&traject));
        }
    }
    records
}

fn traject(
    scene: &mut Scene<'_>,
    partner: Partner,
    (copy, number): (u32, u64),
    prng: &mut Prng,
) -> Traject {
    let mut who = somebody(scene.people, copy, prng);
    if prng.once_in(15) {
        who.bsn = None;
    }
    who.note(scene);
    let (number, client) = (
        format!("{}-T{number:07}", partner.mark),
        format!("{}-C{:07}", partner.mark, number * 7 % 1_000_003),
    );
    scene.seen.case_number(&number);
    scene.seen.client_number(&client);
    let start = between(day(2022, 1, 1), day(2024, 12, 1), prng);
    let end = start + Days::new(u64::try_from(prng.between(20, 500)).unwrap_or(0));
    let end = (end < day(2025, 1, 1)).then_some(end);
    Traject {
        number,
        client,
        who,
        product: prng.weighted(&[5, 3, 2]),
        quarters: (!prng.once_in(10)).then(|| prng.between(2, 160)),
        start,
        end,
        reason: end.map(|_| prng.weighted(&[6, 2, 1, 2])),
    }
}

fn mee(traject: &Traject) -> String {
    const PRODUCTS: [&str; 3] = [
        "Cliëntondersteuning",
        "Levensloopbegeleiding",
        "Integrale Vroeghulp",
    ];
    const REASONS: [&str; 4] = [
        "doelen bereikt",
        "gestopt door cliënt",
        "verhuisd",
        "anders",
    ];
    let hours = traject.quarters.map_or_else(
        || "null".to_owned(),
        |quarters| format!("{}.{:02}", quarters / 4, quarters % 4 * 25),
    );
    let remark = (traject.product == 2).then_some(REMARK);
    format!(
        "{{\"traject_id\":\"{}\",\"client_id\":\"{}\",\"bsn\":{},\"geboortedatum\":\"{}\",\
         \"traject\":{},\"uren\":{hours},\"start\":\"{}\",\"einde\":{},\"reden_einde\":{},\
         \"opmerking\":{}}}",
        traject.number,
        traject.client,
        traject.who.bsn(),
        traject.who.born,
        quoted(PRODUCTS[traject.product]),
        traject.start,
        day_or_null(traject.end),
        or_null(traject.reason.map(|at| REASONS[at])),
        or_null(remark),
    )
}

fn minters(traject: &Traject) -> String {
    const PRODUCTS: [&str; 3] = ["thuisbegeleiding", "mantelzorgondersteuning", "respijtzorg"];
    const REASONS: [&str; 4] = ["DOEL", "CLIENT", "VERHUISD", "ANDERS"];
    // A number has no leading zero.
    let bsn = traject
        .who
        .bsn
        .map_or_else(|| "null".to_owned(), |bsn| bsn.to_string());
    let hours = match traject.quarters {
        None => "null".to_owned(),
        Some(quarters) if quarters % 4 == 0 => (quarters / 4).to_string(),
        Some(quarters) => format!("{}.{}", quarters / 4, quarters % 4 * 25),
    };
    let contact = if traject.product == 1 {
        format!(
            "{{\"naam\":{},\"bereikbaar\":[{{\"soort\":\"mobiel\"}}]}}",
            quoted(CONTACT)
        )
    } else {
        "null".to_owned()
    };
    format!(
        "{{\"traject\":{{\"nummer\":\"{}\",\"soort\":\"{}\",\"periode\":{{\"van\":\"{}\",\
         \"tot\":{}}},\"reden\":{}}},\"client\":{{\"client_id\":\"{}\",\"bsn\":{bsn},\
         \"geboren\":\"{}\",\"contactpersoon\":{contact}}},\"uren\":{hours}}}",
        traject.number,
        PRODUCTS[traject.product],
        traject.start,
        day_or_null(traject.end),
        or_null(traject.reason.map(|at| REASONS[at])),
        traject.client,
        dirt::date(traject.who.born),
    )
}

fn pameijer(traject: &Traject) -> String {
    const PRODUCTS: [&str; 3] = [
        "Individuele begeleiding",
        "Groepsbegeleiding",
        "Begeleid wonen",
    ];
    const REASONS: [&str; 4] = [
        "Doelen behaald",
        "Op verzoek cliënt",
        "Verhuizing",
        "Overig",
    ];
    let hours = traject
        .quarters
        .map(|quarters| format!("{},{:02}", quarters / 4, quarters % 4 * 25));
    // What was not asked is not there at all.
    let end = traject.end.map_or_else(String::new, |end| {
        let reason = or_null(traject.reason.map(|at| REASONS[at]));
        format!(", \"eindDatum\": \"{end}\", \"redenEinde\": {reason}")
    });
    format!(
        "{{\"trajectId\": \"{}\", \"clientId\": \"{}\", \"burgerservicenummer\": {}, \
         \"geboortejaar\": {}, \"ondersteuning\": \"{}\", \"urenPerWeek\": {}, \
         \"startDatum\": \"{}\"{end}}}",
        traject.number,
        traject.client,
        traject.who.bsn(),
        traject.who.born.year(),
        PRODUCTS[traject.product],
        or_null(hours.as_deref()),
        traject.start,
    )
}

/// Records that must be refused: without a number, and with one that nobody can tell exactly.
fn refused(scene: &mut Scene<'_>, partner: Partner, records: &mut Records) {
    scene.seen.case_number("MEE-T9000001");
    scene.seen.case_number("MIN-T9000001");
    match partner.source {
        "mee" => {
            records.refuse("{\"traject_id\":null,\"traject\":\"Cliëntondersteuning\",\"start\":\"2024-05-01\"}");
            records.refuse("{\"traject_id\":\"MEE-T9000001\",\"traject\":\"Cliëntondersteuning\",\"uren\":0.30000000000000004,\"start\":\"2024-05-01\"}");
        }
        "minters" => records.refuse("{\"traject\":{\"nummer\":\"MIN-T9000001\",\"soort\":\"respijtzorg\",\"periode\":{\"van\":\"2024-05-01\"}},\"client\":{\"client_id\":99999999999999999999}}"),
        _ => {}
    }
}

/// Later Minters begins to send what was never agreed: all of that delivery is refused, and the one
/// before stays.
fn too_much(scene: &mut Scene<'_>) -> Result<(), DemoError> {
    let date = day(2025, 2, 15);
    let mut records = trajects(scene, MINTERS, 30);
    let diagnosis = "Diagnose volgens huisarts Overgaauwsloot, niet besproken";
    scene.seen.free_text(diagnosis);
    if let Some(record) = records.texts.get_mut(17) {
        record.pop();
        record.push_str(",\"diagnose\":");
        record.push_str(&quoted(diagnosis));
        record.push('}');
    }
    let name = file(MINTERS.source, date, "json");
    let text = records.array();
    let by = Some("onbekende_kolom");
    scene.answer(MINTERS.source, name, date, &records, text, by)
}
