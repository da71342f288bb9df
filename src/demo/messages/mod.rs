//! iWmo messages: XML in a ZIP, and EI of fixed width.
//!
//! Rogplus sends allocations (301), starts (305) and stops (307). In 2020 as iWmo 2.1, many clients a
//! message; in 2024 as iWmo 3.2, one client a message; before that in EI. Later deliveries change and
//! delete what earlier ones said. Two deliveries are there to be refused: an entity bomb, and a
//! message with an element that nobody knows; and an EI file whose trailer counts wrongly.

mod ei;
mod xml;

use std::io::{Cursor, Write};

use chrono::{Datelike, Days, NaiveDate};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::prng::Prng;
use super::writer::Whole;
use super::{DemoError, Identifiers, Scene, day, dirt, population};
use xml::{Generation, Kind, Message};

/// Persons with a provision from before 2.1, from the time of 2.1, and from that of 3.2. A ZIP may
/// hold 100 000 messages, and the demo makes up to 1000 copies.
const PERSONS: usize = 80;
/// Every so many persons of the register of cases also has a provision.
const STRIDE: usize = 23;

/// Product categories and codes.
const PRODUCTS: [(&str, &str); 6] = [
    ("01", "01A03"),
    ("02", "02A05"),
    ("07", "07A11"),
    ("10", "10A01"),
    ("13", "13A08"),
    ("15", "15A04"),
];
/// Reasons to stop: as planned, removal, death, to another domain.
const REASONS: [&str; 4] = ["21", "31", "02", "22"];

/// What a message says with a product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Status {
    New,
    Changed,
    Deleted,
}

impl Status {
    const fn code(self) -> &'static str {
        match self {
            Self::New => "1",
            Self::Changed => "2",
            Self::Deleted => "3",
        }
    }
}

/// How much of a birth date the sender knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Known {
    Day,
    Month,
    Year,
    Nothing,
}

/// A client as a message spells one.
#[derive(Clone, Debug)]
struct Client {
    bsn: String,
    born: NaiveDate,
    known: Known,
    surname: String,
    initials: String,
    postcode: Option<String>,
}

/// One provision of one client.
#[derive(Clone, Debug)]
struct Provision {
    client: Client,
    /// Its place among those of its generation, copies apart.
    turn: usize,
    number: String,
    product: (&'static str, &'static str),
    start: NaiveDate,
    end: NaiveDate,
    reason: &'static str,
    /// The start names no number of an allocation.
    unnumbered: bool,
}

/// Writes the deliveries.
pub(super) fn deliver(scene: &mut Scene<'_>) -> Result<(), DemoError> {
    let history = provisions(scene, 0, 2018);
    let old = provisions(scene, 1, 2020);
    let new = provisions(scene, 2, 2024);
    ei::deliver(scene, &history)?;
    allocations(scene, &old, &new)?;
    starts_and_stops(scene, &old, &new)
}

/// The provisions of a generation, and everything in them that points at somebody noted.
fn provisions(scene: &mut Scene<'_>, generation: usize, year: i32) -> Vec<Provision> {
    let start = day(year, 1, 1);
    let persons = usize::try_from(scene.people.count()).unwrap_or(usize::MAX)
        / scene.people.copies().max(1) as usize;
    let adult = |index: &usize| {
        let born = scene.people.person(*index).born;
        born.is_none_or(|born| start.years_since(born).is_some_and(|age| age >= 18))
            && scene.people.bsn(*index, 0).is_some()
    };
    let chosen: Vec<usize> = (0..persons)
        .skip(generation * 3)
        .step_by(STRIDE)
        .filter(adult)
        .take(PERSONS)
        .collect();
    let mut all = Vec::new();
    for copy in 0..scene.people.copies() {
        for (turn, index) in chosen.iter().enumerate() {
            let name = (*index as u64) << 32 | u64::from(copy);
            let mut prng = Prng::named("messages", name ^ (generation as u64) << 20);
            if let Some(client) = client(scene, *index, copy, turn) {
                let number = 10_000 * u64::from(copy) + 100 * generation as u64 + turn as u64;
                // Corrections are a week earlier, in the same year.
                let start = start + Days::new(10 + prng.below(140) as u64);
                all.push(Provision {
                    client,
                    turn,
                    number: format!("W{number:09}"),
                    product: prng.pick(&PRODUCTS),
                    start,
                    end: start + Days::new(30 + prng.below(120) as u64),
                    reason: prng.pick(&REASONS),
                    unnumbered: turn % 9 == 4,
                });
            }
        }
    }
    for provision in &all {
        scene.seen.case_number(&provision.number);
    }
    all
}

fn client(scene: &mut Scene<'_>, index: usize, copy: u32, turn: usize) -> Option<Client> {
    let bsn = format!("{:09}", scene.people.bsn(index, copy)?);
    let person = scene.people.person(index);
    let (born, known) = match (person.born, turn % 12) {
        (None, _) => (day(1900, 1, 1), Known::Nothing),
        (Some(born), 3) => (day(born.year(), 1, 1), Known::Year),
        (Some(born), 8) => (day(born.year(), born.month(), 1), Known::Month),
        (Some(born), _) => (born, Known::Day),
    };
    let postcode = match &person.address {
        population::Address::Full(postcode) => Some(postcode.clone()),
        population::Address::Digits(_) | population::Address::Unknown => None,
    };
    let name = population::name(index, copy);
    let (initials, surname) = name.split_once(' ').unwrap_or(("", &name));
    let seen: &mut Identifiers = scene.seen;
    seen.bsn(&bsn);
    seen.name(surname);
    seen.birth_date(&dirt::date(born));
    if let Some(postcode) = &postcode {
        seen.postcode(postcode);
    }
    Some(Client {
        bsn,
        born,
        known,
        surname: surname.to_owned(),
        initials: initials.to_owned(),
        postcode,
    })
}

/// The allocations: 2.1 in one message, 3.2 in many, and what changed half a year later.
fn allocations(
    scene: &mut Scene<'_>,
    old: &[Provision],
    new: &[Provision],
) -> Result<(), DemoError> {
    let rows = old.iter().map(|p| (p, Status::New));
    let text = xml::message(
        &Message {
            generation: Generation::Two,
            kind: Kind::Allocation,
            number: 1,
        },
        rows,
        scene.seen,
    );
    let date = day(2020, 1, 31);
    put(
        scene,
        "rogplus-toewijzing",
        date,
        &[text],
        (old.len(), 0),
        None,
    )?;

    let one = |kind, number: usize| Message {
        generation: Generation::Three,
        kind,
        number,
    };
    let texts: Vec<String> = new
        .iter()
        .enumerate()
        .map(|(at, p)| {
            xml::message(
                &one(Kind::Allocation, at),
                [(p, Status::New)].into_iter(),
                scene.seen,
            )
        })
        .collect();
    let date = day(2024, 1, 31);
    put(
        scene,
        "rogplus-toewijzing",
        date,
        &texts,
        (new.len(), 0),
        None,
    )?;

    let mut later = Vec::new();
    for (at, provision) in new.iter().enumerate() {
        let status = match provision.turn % 10 {
            1 => Status::Changed,
            // Allocated by mistake, and never started.
            _ if never_started(provision) => Status::Deleted,
            _ => continue,
        };
        let rows = [(provision, status)].into_iter();
        later.push(xml::message(&one(Kind::Allocation, at), rows, scene.seen));
    }
    let rows = later.len();
    put(
        scene,
        "rogplus-toewijzing",
        day(2024, 6, 30),
        &later,
        (rows, 0),
        None,
    )
}

/// Whether the allocation was a mistake.
const fn never_started(provision: &Provision) -> bool {
    provision.turn % 20 == 17
}

/// Starts and stops: 2.1, then 3.2 with everything that a later message can change.
fn starts_and_stops(
    scene: &mut Scene<'_>,
    old: &[Provision],
    new: &[Provision],
) -> Result<(), DemoError> {
    let many = |kind, number| Message {
        generation: Generation::Two,
        kind,
        number,
    };
    let ended: Vec<&Provision> = old.iter().filter(|p| p.turn.is_multiple_of(2)).collect();
    let starts = old.iter().map(|p| (p, Status::New));
    let stops = ended.iter().map(|p| (*p, Status::New));
    let texts = vec![
        xml::message(&many(Kind::Start, 1), starts, scene.seen),
        xml::message(&many(Kind::Stop, 2), stops, scene.seen),
    ];
    let counts = (old.len() + ended.len(), 0);
    put(
        scene,
        "rogplus-wmo",
        day(2020, 12, 31),
        &texts,
        counts,
        None,
    )?;

    let started: Vec<&Provision> = new.iter().filter(|p| !never_started(p)).collect();
    let mut texts: Vec<String> = started
        .iter()
        .enumerate()
        .map(|(at, p)| one(scene, Kind::Start, at, p, Status::New))
        .collect();
    let mut refused = 0;
    // A number that fails the elfproef, a field that comes twice: each costs its row.
    if let Some(text) = texts.first_mut() {
        *text = with_wrong_bsn(text, scene.seen);
        refused += 1;
    }
    if let Some(text) = texts.get_mut(1) {
        *text = xml::with_field_twice(text);
        refused += 1;
    }
    let counts = (texts.len(), refused);
    put(scene, "rogplus-wmo", day(2024, 6, 30), &texts, counts, None)?;

    let mut texts = Vec::new();
    for (at, provision) in started.iter().enumerate().skip(2) {
        let (kind, status) = match provision.turn % 8 {
            0 | 4 | 5 => (Kind::Stop, Status::New),
            1 => (Kind::Start, Status::Changed),
            6 => (Kind::Start, Status::Deleted),
            _ => continue,
        };
        texts.push(one(scene, kind, at, provision, status));
    }
    let counts = (texts.len(), 0);
    put(scene, "rogplus-wmo", day(2024, 9, 30), &texts, counts, None)?;

    // Some stops were none.
    let mut texts = Vec::new();
    for (at, provision) in started.iter().enumerate().skip(2) {
        if provision.turn % 8 == 5 {
            texts.push(one(scene, Kind::Stop, at, provision, Status::Deleted));
        }
    }
    let counts = (texts.len(), 0);
    put(
        scene,
        "rogplus-wmo",
        day(2024, 12, 31),
        &texts,
        counts,
        None,
    )?;
    must_be_refused(scene, &started)
}

fn one(
    scene: &mut Scene<'_>,
    kind: Kind,
    number: usize,
    provision: &Provision,
    status: Status,
) -> String {
    let message = Message {
        generation: Generation::Three,
        kind,
        number,
    };
    xml::message(&message, [(provision, status)].into_iter(), scene.seen)
}

/// A delivery with a bomb in it, and one with an element that no contract knows.
fn must_be_refused(scene: &mut Scene<'_>, started: &[&Provision]) -> Result<(), DemoError> {
    let Some(provision) = started.last() else {
        return Ok(());
    };
    let good = one(scene, Kind::Start, 1, provision, Status::New);
    let bomb = xml::with_entity_bomb(&good);
    put(
        scene,
        "rogplus-wmo",
        day(2024, 10, 1),
        &[good.clone(), bomb],
        (2, 0),
        Some("verboden_inhoud"),
    )?;
    let unknown = xml::with_unknown_element(&good);
    put(
        scene,
        "rogplus-wmo",
        day(2024, 10, 2),
        &[good, unknown],
        (2, 0),
        Some("onbekende_kolom"),
    )
}

/// The same message with the last digit of its burgerservicenummer changed.
fn with_wrong_bsn(text: &str, seen: &mut Identifiers) -> String {
    let Some((start, end)) = text
        .find("Bsn>")
        .map(|at| at + 4)
        .and_then(|at| Some((at, at + text.get(at..)?.find('<')?)))
    else {
        return text.to_owned();
    };
    let bsn = &text[start..end];
    let last = bsn.chars().last().and_then(|c| c.to_digit(10)).unwrap_or(0);
    let wrong = format!("{}{}", &bsn[..bsn.len().saturating_sub(1)], (last + 1) % 10);
    seen.bsn(&wrong);
    format!("{}{wrong}{}", &text[..start], &text[end..])
}

/// Writes a ZIP of messages. Not compressed: a compressor may make other bytes on another machine, and
/// the demo's bytes never change.
fn put(
    scene: &mut Scene<'_>,
    source: &'static str,
    date: NaiveDate,
    texts: &[String],
    (rows, refused): (usize, u64),
    refused_by: Option<&'static str>,
) -> Result<(), DemoError> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Stored)
        .last_modified_time(zip::DateTime::default());
    let failed = |e: zip::result::ZipError| DemoError::Write(e.into());
    for (at, text) in texts.iter().enumerate() {
        zip.start_file(format!("bericht-{:06}.xml", at + 1), options)
            .map_err(failed)?;
        zip.write_all(text.as_bytes()).map_err(DemoError::write)?;
    }
    let bytes = zip.finish().map_err(failed)?.into_inner();
    let done = scene.landing.deliver_whole(Whole {
        source,
        file: format!("{source}_{}.zip", date.format("%Y%m%d")),
        date,
        checksum: false,
        rows: rows as u64,
        refused,
        refused_by,
        bytes,
    })?;
    scene.done.push(done);
    Ok(())
}
