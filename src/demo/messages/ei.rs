//! How the history is spelled in EI: lines of 180 bytes in Windows-1252.

use encoding_rs::WINDOWS_1252;

use super::super::writer::Whole;
use super::super::{DemoError, Scene, day};
use super::{Known, Provision, Status};

const WIDTH: usize = 180;

/// Writes three files: starts with some stops, the rest of the stops with corrections and a line that
/// is too short, and one whose trailer counts wrongly.
pub(super) fn deliver(scene: &mut Scene<'_>, all: &[Provision]) -> Result<(), DemoError> {
    let mut first = File::new("20181231");
    for provision in all {
        first.person(provision);
        first.start(provision, Status::New);
        if provision.turn.is_multiple_of(3) {
            first.stop(provision, Status::New);
        }
    }
    put(scene, "20181231", (2018, 12, 31), first.end(0), None)?;

    let mut second = File::new("20191231");
    for provision in all {
        let status = match provision.turn % 10 {
            2 | 5 => Status::New,
            7 => Status::Changed,
            9 => Status::Deleted,
            _ => continue,
        };
        second.person(provision);
        match status {
            Status::New => second.stop(provision, status),
            Status::Changed | Status::Deleted => second.start(provision, status),
        }
    }
    second.cut_last_row();
    put(scene, "20191231", (2019, 12, 31), second.end(0), None)?;

    let mut wrong = File::new("20200115");
    for provision in all.iter().take(5) {
        wrong.person(provision);
        wrong.stop(provision, Status::New);
    }
    let wrong = wrong.end(1);
    put(scene, "20200115", (2020, 1, 15), wrong, Some("sluitrecord"))
}

/// A file as it grows.
struct File {
    bytes: Vec<u8>,
    records: usize,
    persons: usize,
    starts: usize,
    stops: usize,
    refused: u64,
}

impl File {
    fn new(date: &str) -> Self {
        let mut file = Self {
            bytes: Vec::new(),
            records: 0,
            persons: 0,
            starts: 0,
            stops: 0,
            refused: 0,
        };
        file.line(&format!("0141801ROGPLUS {date}"));
        file
    }

    /// A record, padded to the width of the file.
    fn line(&mut self, text: &str) {
        let mut line = WINDOWS_1252.encode(text).0.into_owned();
        line.resize(WIDTH, b' ');
        self.bytes.extend_from_slice(&line);
        self.bytes.extend_from_slice(b"\r\n");
        self.records += 1;
    }

    fn person(&mut self, provision: &Provision) {
        let client = &provision.client;
        let (born, known) = match client.known {
            Known::Day => (client.born.format("%Y%m%d").to_string(), 0),
            Known::Month => (client.born.format("%Y%m%d").to_string(), 1),
            Known::Year => (client.born.format("%Y%m%d").to_string(), 2),
            Known::Nothing => ("00000000".to_owned(), 3),
        };
        let sex = if provision.turn.is_multiple_of(2) {
            1
        } else {
            2
        };
        let name = format!("{} {}", client.initials, client.surname);
        self.line(&format!("02{}{born}{known}{sex}{name}", client.bsn));
        self.persons += 1;
    }

    fn start(&mut self, provision: &Provision, status: Status) {
        let (category, code) = provision.product;
        let start = match status {
            Status::Changed => provision.start - chrono::Days::new(7),
            Status::New | Status::Deleted => provision.start,
        };
        let (number, start) = (&provision.number, start.format("%Y%m%d"));
        let status = status.code();
        self.line(&format!("07{number:12}{category}{code}{start}{status}"));
        self.starts += 1;
    }

    fn stop(&mut self, provision: &Provision, status: Status) {
        let (category, code) = provision.product;
        let (start, end) = (
            provision.start.format("%Y%m%d"),
            provision.end.format("%Y%m%d"),
        );
        let (number, reason) = (&provision.number, provision.reason);
        let status = status.code();
        self.line(&format!(
            "06{number:12}{category}{code}{start}{end}{reason}{status}"
        ));
        self.stops += 1;
    }

    /// A program that takes the spaces off the end of the last row.
    fn cut_last_row(&mut self) {
        let end = self.bytes.trim_ascii_end().len();
        self.bytes.truncate(end);
        self.bytes.extend_from_slice(b"\r\n");
        self.refused += 1;
    }

    /// The trailer; the number of records is so many too high. Gives rows, refused rows and bytes.
    fn end(mut self, too_many: usize) -> (usize, u64, Vec<u8>) {
        let records = self.records + 1 + too_many;
        self.line(&format!(
            "99{records:06}{:06}{:06}{:06}",
            self.persons, self.starts, self.stops
        ));
        (self.starts + self.stops, self.refused, self.bytes)
    }
}

fn put(
    scene: &mut Scene<'_>,
    date: &str,
    (year, month, of_month): (i32, u32, u32),
    (rows, refused, bytes): (usize, u64, Vec<u8>),
    refused_by: Option<&'static str>,
) -> Result<(), DemoError> {
    let done = scene.landing.deliver_whole(Whole {
        source: "rogplus-historie",
        file: format!("rogplus-historie_{date}.txt"),
        date: day(year, month, of_month),
        checksum: false,
        rows: rows as u64,
        refused,
        refused_by,
        bytes,
    })?;
    scene.done.push(done);
    Ok(())
}
