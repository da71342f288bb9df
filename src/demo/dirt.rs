//! How real files spell things. Every function gives one of the spellings that a partner's system
//! or somebody's spreadsheet makes of a value.

use chrono::{Datelike, NaiveDate};

use super::prng::Prng;

/// `dd-mm-jjjj`.
pub(super) fn date(date: NaiveDate) -> String {
    format!("{:02}-{:02}-{:04}", date.day(), date.month(), date.year())
}

/// A date, or what stands for an unknown one: nothing or 01-01-1900.
pub(super) fn date_or_unknown(value: Option<NaiveDate>, prng: &mut Prng) -> String {
    match value {
        Some(day) if prng.once_in(30) => format!("{}-{}-{}", day.day(), day.month(), day.year()),
        Some(day) => date(day),
        None if prng.once_in(2) => "01-01-1900".to_owned(),
        None => String::new(),
    }
}

/// A burgerservicenummer: without its leading zeros, with dots, with spaces.
pub(super) fn bsn(number: u32, prng: &mut Prng) -> String {
    let full = format!("{number:09}");
    if number < 100_000_000 && !prng.once_in(3) {
        return number.to_string();
    }
    match prng.below(20) {
        0 => format!("{}.{}.{}", &full[..4], &full[4..6], &full[6..]),
        1 => format!("{} {} {}", &full[..3], &full[3..6], &full[6..]),
        2 => format!(" {full}  "),
        _ => full,
    }
}

/// A full postcode: with or without its space, in capitals or not. Four digits stay as they are.
pub(super) fn postcode(postcode: &str, prng: &mut Prng) -> String {
    let Some((digits, letters)) = postcode
        .split_at_checked(4)
        .filter(|(_, rest)| !rest.is_empty())
    else {
        return postcode.to_owned();
    };
    match prng.below(8) {
        0 => format!("{digits}{}", letters.to_lowercase()),
        1 => format!("{digits} {}", letters.to_lowercase()),
        2..=4 => format!("{digits} {letters}"),
        _ => postcode.to_owned(),
    }
}
