//! Values that point at a person, found in a cell by their form: numbers that pass the elfproef, e-mail
//! addresses, bank accounts, telephone numbers, postcodes, full dates.
//!
//! Everything here works on bytes: what is looked for is ASCII in every encoding of ours.

#[cfg(test)]
mod tests;

use super::numbers;
use crate::contract::model::DateFormat;
use crate::lock::bsn;
use crate::lock::date::{self, Day};

/// What a source of counts or things may not hold, besides what it never may.
#[derive(Clone, Copy)]
pub(super) struct Strictness {
    /// A whole cell of eight digits is a BSN that lost its zero.
    pub eight: bool,
    /// Postcodes of six characters.
    pub postcodes: bool,
    /// Full dates.
    pub dates: bool,
}

/// The kind of value in a cell that points at a person.
pub(super) fn in_cell(cell: &[u8], strict: Strictness) -> Option<&'static str> {
    if cell.len() < SHORTEST {
        return None;
    }
    let whole = match whole_number(cell) {
        Some((number, 9)) => Some(number),
        Some((number, 8)) if strict.eight => Some(number),
        _ => None,
    };
    // A date with its separators is eight digits as well, and is judged as a date.
    if full_date(cell).is_some() {
        return strict.dates.then_some(DATE);
    }
    if whole.is_some_and(|n| bsn::passes(&numbers::digits(n))) {
        return Some(BSN);
    }
    in_text(cell, strict)
}

/// The same anywhere in a longer text.
pub(super) fn in_text(text: &[u8], strict: Strictness) -> Option<&'static str> {
    if e_mail(text) {
        return Some("an e-mail address");
    }
    if text.iter().filter(|b| b.is_ascii_digit()).count() < 4 {
        return None;
    }
    let mut bsn = false;
    nine_digits(text, |n| bsn |= bsn::passes(&numbers::digits(n)));
    if bsn {
        return Some(BSN);
    }
    if bank_account(text) {
        return Some("a bank account");
    }
    if telephone(text) {
        return Some("a telephone number");
    }
    if strict.postcodes && postcode(text) {
        return Some("a postcode of six characters");
    }
    (strict.dates && born(text)).then_some(DATE)
}

const BSN: &str = "a number that passes the elfproef";
const DATE: &str = "a full date that may be a date of birth";

/// `1234AB` is the shortest sign.
const SHORTEST: usize = 6;

/// A number of eight or nine digits and nothing else; single dots, hyphens and spaces may stand between
/// them.
#[inline]
pub(super) fn whole_number(cell: &[u8]) -> Option<(u32, usize)> {
    let (first, last) = (cell.first()?, cell.last()?);
    if cell.len() < 8 || !first.is_ascii_digit() || !last.is_ascii_digit() {
        return None;
    }
    let (mut number, mut count, mut apart) = (0u32, 0, false);
    for &byte in cell {
        match byte {
            b'0'..=b'9' if count < 9 => {
                number = number * 10 + u32::from(byte - b'0');
                count += 1;
                apart = false;
            }
            b'.' | b'-' | b' ' if !apart => apart = true,
            _ => return None,
        }
    }
    (count >= 8).then_some((number, count))
}

/// Every number of exactly nine digits in a text, also as a BSN is printed: `1234.56.789`, `123 456 789`.
#[inline]
pub(super) fn nine_digits(text: &[u8], mut found: impl FnMut(u32)) {
    if text.len() < 9 {
        return;
    }
    // The last two runs of digits, for numbers in three groups.
    let mut before: [(usize, usize); 2] = [(0, 0); 2];
    for (start, end) in Runs::of(text) {
        if end - start == 9 {
            found(number(&text[start..end]));
        }
        let [a, b] = before;
        if let (4, 2, 3) | (3, 3, 3) = (a.1 - a.0, b.1 - b.0, end - start)
            && b.0 - a.1 == 1
            && start - b.1 == 1
            && text[a.1] == text[b.1]
            && matches!(text[b.1], b'.' | b'-' | b' ')
        {
            let groups = [a, b, (start, end)];
            found(groups.iter().fold(0, |n, &(from, to)| {
                text[from..to]
                    .iter()
                    .fold(n, |n, d| n * 10 + u32::from(d - b'0'))
            }));
        }
        before = [b, (start, end)];
    }
}

fn number(digits: &[u8]) -> u32 {
    digits.iter().fold(0, |n, d| n * 10 + u32::from(d - b'0'))
}

/// The runs of digits in a text, as long as they are: where each begins and ends.
struct Runs<'a> {
    text: &'a [u8],
    at: usize,
}

impl<'a> Runs<'a> {
    fn of(text: &'a [u8]) -> Self {
        Self { text, at: 0 }
    }
}

impl Iterator for Runs<'_> {
    type Item = (usize, usize);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let rest = self.text.get(self.at..)?;
        let start = self.at + rest.iter().position(u8::is_ascii_digit)?;
        let length = self.text[start..]
            .iter()
            .position(|b| !b.is_ascii_digit())
            .unwrap_or(self.text.len() - start);
        self.at = start + length;
        Some((start, self.at))
    }
}

/// Something before an at sign, and behind it a name with a dot and a country or the like.
fn e_mail(text: &[u8]) -> bool {
    memchr::memchr_iter(b'@', text).any(|at| {
        let before = at
            .checked_sub(1)
            .is_some_and(|b| text[b].is_ascii_alphanumeric() || b"._%+-".contains(&text[b]));
        let behind = &text[at + 1..];
        let length = behind
            .iter()
            .position(|b| !(b.is_ascii_alphanumeric() || b".-".contains(b)))
            .unwrap_or(behind.len());
        let host = &behind[..length];
        let dot = memchr::memrchr(b'.', host.strip_suffix(b".").unwrap_or(host));
        before
            && dot.is_some_and(|dot| {
                let last = host[dot + 1..].iter().filter(|b| b.is_ascii_alphabetic());
                dot > 0 && last.count() >= 2
            })
    })
}

/// Country codes with the length of their account numbers: what is paid from in the Netherlands.
const ACCOUNTS: [(&[u8; 2], usize); 14] = [
    (b"NL", 18),
    (b"BE", 16),
    (b"DE", 22),
    (b"FR", 27),
    (b"ES", 24),
    (b"IT", 27),
    (b"PT", 25),
    (b"PL", 28),
    (b"GB", 22),
    (b"LU", 20),
    (b"AT", 20),
    (b"IE", 22),
    (b"BG", 22),
    (b"RO", 24),
];

/// An IBAN: country, length and the remainder modulo 97 are right. Spaces may stand in it.
fn bank_account(text: &[u8]) -> bool {
    (0..text.len().saturating_sub(14)).any(|at| {
        let country = text[at..at + 2].to_ascii_uppercase();
        let Some((_, length)) = ACCOUNTS.iter().find(|(code, _)| **code == *country) else {
            return false;
        };
        let begins = at == 0 || !text[at - 1].is_ascii_alphanumeric();
        begins && text[at + 2].is_ascii_digit() && sound_account(&text[at..], *length)
    })
}

fn sound_account(text: &[u8], length: usize) -> bool {
    let mut account = Vec::with_capacity(length);
    let mut apart = false;
    for &byte in text {
        match byte {
            b' ' if !apart && account.len() < length => apart = true,
            _ if byte.is_ascii_alphanumeric() && account.len() < length => {
                account.push(byte.to_ascii_uppercase());
                apart = false;
            }
            _ if byte.is_ascii_alphanumeric() && !apart => return false,
            _ => break,
        }
    }
    account.len() == length && {
        account.rotate_left(4);
        let value = |byte: u8| match byte {
            b'0'..=b'9' => (u32::from(byte - b'0'), 10),
            _ => (u32::from(byte - b'A') + 10, 100),
        };
        let remainder = account.into_iter().fold(0, |sum, byte| {
            let (digit, shift) = value(byte);
            (sum * shift + digit) % 97
        });
        remainder == 1
    }
}

/// A Dutch telephone number: ten digits that begin with 0, or nine behind 31, in one of the ways in which
/// they are written.
fn telephone(text: &[u8]) -> bool {
    let runs: Vec<(usize, usize)> = Runs::of(text).collect();
    (0..runs.len()).any(|first| {
        let start = runs[first].0;
        // Not the middle of a longer number, as a thousand behind its dot.
        let within = |byte: u8| byte.is_ascii_alphabetic() || b".,-/".contains(&byte);
        if start > 0 && within(text[start - 1]) {
            return false;
        }
        let plus = start > 0 && text[start - 1] == b'+';
        let mut digits: Vec<u8> = Vec::with_capacity(16);
        let mut groups = Vec::new();
        for at in first..runs.len() {
            let (from, to) = runs[at];
            if at > first && !joins(&text[runs[at - 1].1..from]) {
                return false;
            }
            digits.extend_from_slice(&text[from..to]);
            groups.push(to - from);
            let ends = text
                .get(to..)
                .is_none_or(|rest| !matches!(rest, [b'.' | b',' | b'-' | b'/', b'0'..=b'9', ..]));
            if ends && rings(&digits, &groups, plus) {
                return true;
            }
            if digits.len() > 14 {
                return false;
            }
        }
        false
    })
}

/// What may stand between two groups of a telephone number.
fn joins(between: &[u8]) -> bool {
    between.len() <= 3 && between.iter().all(|b| b" -.()/".contains(b))
}

fn rings(digits: &[u8], groups: &[usize], plus: bool) -> bool {
    let country: &[u8] = if plus { b"31" } else { b"0031" };
    if let Some(rest) = digits.strip_prefix(country) {
        return national(rest);
    }
    let [b'0', second @ b'1'..=b'9', ..] = digits else {
        return false;
    };
    digits.len() == 10
        && match groups {
            // 06-12345678 and its like, but no day and month before a year.
            [2, 2, 4, ..] | [] => false,
            [2, ..] => *second == b'6',
            [first, ..] => matches!(first, 3 | 4 | 10),
        }
}

/// What comes behind the country: nine digits, with or without the zero that is not dialled.
fn national(digits: &[u8]) -> bool {
    match digits {
        [b'0', rest @ ..] => rest.len() == 9,
        _ => digits.len() == 9,
    }
}

/// Four digits and two letters. A year before two letters (`2024 EU`) is none unless a house number
/// follows.
fn postcode(text: &[u8]) -> bool {
    Runs::of(text).any(|(start, end)| {
        let begins = start == 0
            || !(text[start - 1].is_ascii_alphanumeric() || b".,-".contains(&text[start - 1]));
        if end - start != 4 || text[start] == b'0' || !begins {
            return false;
        }
        let (letters, apart) = match &text[end..] {
            [b' ', rest @ ..] => (rest, true),
            rest => (rest, false),
        };
        let [a, b, behind @ ..] = letters else {
            return false;
        };
        let both = |is: fn(&u8) -> bool| is(a) && is(b);
        if !both(u8::is_ascii_uppercase) && (apart || !both(u8::is_ascii_lowercase)) {
            return false;
        }
        let ends = behind.first().is_none_or(|c| !c.is_ascii_alphabetic());
        let never = matches!(
            &[a.to_ascii_uppercase(), b.to_ascii_uppercase()],
            b"SA" | b"SD" | b"SS"
        );
        let year = apart && matches!(&text[start..start + 2], b"19" | b"20");
        let house = behind
            .iter()
            .find(|c| !b" ,".contains(c))
            .is_some_and(u8::is_ascii_digit);
        ends && !never && (!year || house)
    })
}

/// A cell that is one full date, of 1900 or later, in any of the ways in which dates are written; a time
/// of day may follow.
pub(super) fn full_date(cell: &[u8]) -> Option<Day> {
    let text = match cell.get(10..) {
        Some([b' ' | b'T', b'0'..=b'9', ..]) => &cell[..10],
        _ => cell,
    };
    if !(8..=10).contains(&text.len()) || !text[0].is_ascii_digit() {
        return None;
    }
    let mut plain = [0u8; 10];
    let plain = &mut plain[..text.len()];
    plain.copy_from_slice(text);
    for byte in plain.iter_mut() {
        if matches!(byte, b'/' | b'.') {
            *byte = b'-';
        }
    }
    let day_first = |compact: &[u8]| match compact {
        [d1, d2, m1, m2, y @ ..] if y.len() == 4 => {
            date::parse(&[y, &[*m1, *m2, *d1, *d2]].concat(), DateFormat::Compact)
        }
        _ => None,
    };
    date::parse(plain, DateFormat::DayMonthYear)
        .or_else(|| date::parse(plain, DateFormat::YearMonthDay))
        .or_else(|| {
            date::parse(plain, DateFormat::Compact).filter(|d| (1900..2100).contains(&d.year()))
        })
        .or_else(|| day_first(plain))
        .filter(|day| (1900..2100).contains(&day.year()))
}

/// A date close behind `geb`, as in "geboren op 3-4-1980" and "geb.datum 03/04/1980".
fn born(text: &[u8]) -> bool {
    const CLOSE: usize = 24;
    // Not `gebruik` or `gebouw`.
    const WORDS: [&[u8]; 6] = [b"geb.", b"geb ", b"geb:", b"gebd", b"gebor", b"geboo"];
    let starts = |at: usize| {
        let rest = &text[at..];
        let is =
            |word: &&[u8]| rest.len() > word.len() && rest[..word.len()].eq_ignore_ascii_case(word);
        WORDS.iter().any(is).then_some(rest)
    };
    (0..text.len()).filter_map(starts).any(|rest| {
        let near = &rest[..rest.len().min(CLOSE)];
        let Some(start) = near.iter().position(u8::is_ascii_digit) else {
            return false;
        };
        let length = rest[start..]
            .iter()
            .position(|b| !(b.is_ascii_digit() || b"-/.".contains(b)))
            .unwrap_or(rest.len() - start);
        let date = &rest[start..start + length];
        full_date(date.strip_suffix(b".").unwrap_or(date)).is_some()
    })
}
