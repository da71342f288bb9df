//! `telefooncentrale`: what comes in at the front door, and what becomes of it later.
//!
//! Until April 2024 the fields are flat and Dutch as the old vendor had them; then Rogplus takes over
//! with another system, other names and other words for the same. It once tried its new names too
//! early, which must be refused.

use chrono::NaiveDate;

use super::{Records, Somebody, between, file, or_null, quoted, somebody};
use crate::demo::prng::Prng;
use crate::demo::{DemoError, Scene, day};

/// Reports of each person-copy in each delivery.
const REPORTS: usize = 70;

/// Ways in, urgencies, places to go and states: as the old and the new vendor spell them.
const CHANNELS: [(&str, &str); 4] = [
    ("telefoon", "TEL"),
    ("e-mail", "MAIL"),
    ("balie", "BALIE"),
    ("website", "WEB"),
];
const URGENCIES: [(&str, &str); 3] = [
    ("informatie en advies", "INFO"),
    ("regulier", "NORMAAL"),
    ("spoed", "SPOED"),
];
const PLACES: [(&str, &str); 5] = [
    ("WOT", "wijkondersteuningsteam"),
    ("Wmo", "WMO"),
    ("welzijn", "Welzijn"),
    ("schuldhulp", "Schuldhulpverlening"),
    ("jeugd", "Jeugd"),
];
const SUBJECTS: [&str; 7] = [
    "wonen",
    "geld",
    "gezondheid",
    "eenzaamheid",
    "mantelzorg",
    "vervoer",
    "opvoeding",
];

/// What somebody typed; it must go nowhere.
const NOTES: [&str; 4] = [
    "Mevrouw belde huilend, buurvrouw Ans past op de hond",
    "Zoon \"neemt het over\", bellen na 17:00 uur\nliefst mobiel",
    "Spreekt vooral Pools; tolk nodig via kerkgenootschap \u{2013} zie dossier",
    "Slaapt sinds maandag bij kennis aan de Lange Achterweg",
];

/// One report. `status` counts in open, done and dropped.
struct Report {
    number: String,
    who: Somebody,
    received: String,
    channel: usize,
    urgency: Option<usize>,
    place: Option<usize>,
    subjects: Vec<&'static str>,
    status: usize,
    note: Option<&'static str>,
}

/// One file.
struct Export {
    number: usize,
    /// The day on which it is made, and the first day of what is in it.
    date: NaiveDate,
    first: NaiveDate,
    /// Whether the new vendor makes it.
    new: bool,
    /// Moments around midnight, and around the hours that clocks skip and repeat.
    odd: &'static [&'static str],
}

fn exports() -> [Export; 4] {
    let export = |number, date, first, new, odd| Export {
        number,
        date,
        first,
        new,
        odd,
    };
    let spring = &["2024-03-31T01:59:59+01:00", "2024-03-31T03:00:00+02:00"];
    let autumn = &[
        "2024-10-27T02:30:00+02:00",
        "2024-10-27T02:30:00+01:00",
        "2024-10-27T23:30:00Z",
    ];
    let (january, march) = (day(2024, 1, 31), day(2024, 3, 31));
    let (april, november) = (day(2024, 4, 30), day(2024, 11, 1));
    [
        export(
            1,
            january,
            day(2024, 1, 1),
            false,
            &["2023-12-31T23:30:00Z"],
        ),
        export(2, march, day(2024, 2, 1), false, spring),
        export(3, april, day(2024, 4, 1), true, &[]),
        export(4, november, day(2024, 10, 1), true, autumn),
    ]
}

pub(super) fn deliver(scene: &mut Scene<'_>) -> Result<(), DemoError> {
    let mut open: Vec<Report> = Vec::new();
    for export in exports() {
        let mut prng = Prng::named("telefooncentrale", export.number as u64);
        let mut records = Records::default();
        // What was open is done now, or never was; the new vendor took the old one's over.
        for report in std::mem::take(&mut open) {
            let status = if prng.once_in(8) { 2 } else { 1 };
            records.add(spelled(&Report { status, ..report }, export.new));
        }
        for copy in 0..scene.scale {
            for number in 0..REPORTS {
                let report = report(scene, &export, (copy, number), &mut prng);
                let text = spelled(&report, export.new);
                // Systems that try again send a report twice.
                if number % 23 == 5 {
                    records.add(text.clone());
                }
                records.add(text);
                if report.status == 0 {
                    open.push(report);
                }
            }
        }
        refused(scene, export.new, &mut records);
        let name = file("telefooncentrale", export.date, "ndjson");
        let text = records.lines();
        scene.answer("telefooncentrale", name, export.date, &records, text, None)?;
    }
    too_early(scene)
}

/// A new report of one of the copies.
fn report(
    scene: &mut Scene<'_>,
    export: &Export,
    (copy, number): (u32, usize),
    prng: &mut Prng,
) -> Report {
    let mut who = somebody(scene.people, copy, prng);
    if prng.once_in(4) {
        who.bsn = None;
    }
    who.note(scene);
    let mark = if export.new { "RP" } else { "TC" };
    let count = u64::from(copy) * REPORTS as u64 + number as u64;
    let text = format!("{mark}{}{count:07}", export.number);
    scene.seen.case_number(&text);
    let received = match export.odd.get(number) {
        Some(moment) => (*moment).to_owned(),
        None => moment(export, prng),
    };
    let urgency = (!prng.once_in(12)).then(|| prng.weighted(&[5, 4, 1]));
    let subjects = (0..prng.below(4)).map(|_| prng.pick(&SUBJECTS)).collect();
    Report {
        number: text,
        who,
        received,
        channel: prng.weighted(&[6, 2, 1, 2]),
        urgency,
        place: urgency
            .filter(|urgency| *urgency > 0)
            .map(|_| prng.weighted(&[4, 3, 2, 2, 1])),
        subjects,
        status: usize::from(!prng.once_in(6)),
        note: prng.once_in(5).then(|| prng.pick(&NOTES)),
    }
}

/// A moment in office hours, in one of the spellings that systems have.
fn moment(export: &Export, prng: &mut Prng) -> String {
    let day = between(export.first, export.date, prng);
    let (hour, minute) = (prng.between(8, 17), prng.between(0, 59));
    match prng.below(3) {
        0 => format!("{day}T{hour:02}:{minute:02}:00"),
        1 => format!("{day} {hour:02}:{minute:02}:30.250"),
        _ => format!("{day}T{hour:02}:{minute:02}:00Z"),
    }
}

/// The report as the old or the new vendor writes it.
fn spelled(report: &Report, new: bool) -> String {
    let pick = |(old, later): (&'static str, &'static str)| if new { later } else { old };
    let number = &report.number;
    let bsn = report.who.bsn();
    let received = quoted(&report.received);
    let channel = quoted(pick(CHANNELS[report.channel]));
    let urgency = or_null(report.urgency.map(|at| pick(URGENCIES[at])));
    let place = or_null(report.place.map(|at| pick(PLACES[at])));
    let states = [
        ("open", "OPEN"),
        ("afgehandeld", "GESLOTEN"),
        ("vervallen", "VERVALLEN"),
    ];
    let standing = quoted(pick(states[report.status]));
    let subjects: Vec<String> = report.subjects.iter().map(|text| quoted(text)).collect();
    let subjects = subjects.join(",");
    if new {
        let notes = report.note.map_or_else(String::new, |note| {
            format!("{{\"door\":\"aanmeldteam\",\"tekst\":{}}}", quoted(note))
        });
        format!(
            "{{\"id\":\"{number}\",\"inwoner\":{{\"bsn\":{bsn}}},\"kanaal\":{channel},\
             \"tijdstip\":{{\"ontvangen\":{received},\"gewijzigd\":null}},\
             \"beoordeling\":{{\"urgentie\":{urgency},\"doorgezet\":{{\"naar\":{place}}},\
             \"onderwerpen\":[{subjects}]}},\"status\":{standing},\"notities\":[{notes}]}}"
        )
    } else {
        let note = or_null(report.note);
        format!(
            "{{\"melding_id\": \"{number}\", \"bsn\": {bsn}, \"kanaal\": {channel}, \
             \"ontvangen_op\": {received}, \"triage\": {urgency}, \"doorgezet_naar\": {place}, \
             \"onderwerpen\": [{subjects}], \"status\": {standing}, \"notitie\": {note}}}"
        )
    }
}

/// Lines that must be refused.
fn refused(scene: &mut Scene<'_>, new: bool, records: &mut Records) {
    for note in NOTES {
        scene.seen.free_text(note);
    }
    for number in ["TC90000001", "TC90000002", "RP90000001", "RP90000002"] {
        scene.seen.case_number(number);
    }
    if new {
        // A moment that does not exist, and a number that fails the elfproef.
        records.refuse(
            "{\"id\":\"RP90000001\",\"inwoner\":{\"bsn\":null},\"kanaal\":\"TEL\",\
             \"tijdstip\":{\"ontvangen\":\"2024-04-31T10:00:00Z\"},\"status\":\"OPEN\"}",
        );
        scene.seen.bsn("999912345");
        records.refuse(
            "{\"id\":\"RP90000002\",\"inwoner\":{\"bsn\":999912345},\"kanaal\":\"TEL\",\
             \"tijdstip\":{\"ontvangen\":\"2024-04-30T10:00:00Z\"},\"status\":\"OPEN\"}",
        );
    } else {
        // A line that was broken off, and a field given twice.
        records
            .refuse("{\"melding_id\": \"TC90000001\", \"kanaal\": \"telefoon\", \"notitie\": \"");
        records.refuse(
            "{\"melding_id\": \"TC90000002\", \"kanaal\": \"balie\", \"kanaal\": \"telefoon\", \
             \"ontvangen_op\": \"2024-01-05T10:00:00Z\", \"status\": \"open\"}",
        );
    }
}

/// A trial of the new system, before the contract knows its names.
fn too_early(scene: &mut Scene<'_>) -> Result<(), DemoError> {
    let date = day(2024, 3, 15);
    let export = Export {
        number: 9,
        date,
        first: date,
        new: true,
        odd: &[],
    };
    let mut prng = Prng::named("telefooncentrale", 9);
    let mut records = Records::default();
    for number in 0..20 {
        let report = report(scene, &export, (0, number), &mut prng);
        records.add(spelled(&report, true));
    }
    let name = file("telefooncentrale", date, "ndjson");
    let text = records.lines();
    let by = Some("onbekende_kolom");
    scene.answer("telefooncentrale", name, date, &records, text, by)
}
