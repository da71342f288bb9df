//! Numbers, shares and days as they are written in Dutch: `1.873`, `2,52`, `71 %`, `3 mei 2025`.
//!
//! Spaces inside a number do not break, and a minus is a minus sign.

use chrono::{Datelike, NaiveDate};

/// A space that does not break.
pub const SPACE: char = '\u{a0}';

/// What stands where there is no number.
pub const NONE: &str = "–";

const MONTHS: [&str; 12] = [
    "januari",
    "februari",
    "maart",
    "april",
    "mei",
    "juni",
    "juli",
    "augustus",
    "september",
    "oktober",
    "november",
    "december",
];

/// A whole number with a dot between thousands: `1.873`.
#[must_use]
pub fn whole(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut text = String::from(if number < 0 { "\u{2212}" } else { "" });
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push('.');
        }
        text.push(digit);
    }
    text
}

/// A number with so many decimals behind a comma, a half away from zero: `2,52`, `79.349`, `18,8`.
#[must_use]
pub fn decimal(number: f64, places: u8) -> String {
    if !number.is_finite() {
        return NONE.to_owned();
    }
    let scale = 10_f64.powi(i32::from(places));
    // 2.675 is 2.67499999...: a nudge of the size of such an error, not of a digit.
    let nudged = (number.abs() * scale * (1.0 + f64::EPSILON * 4.0)).round() / scale;
    let text = format!("{nudged:.*}", usize::from(places));
    let (before, after) = text.split_once('.').unwrap_or((&text, ""));
    let grouped = before
        .parse()
        .map_or_else(|_| before.to_owned(), |n: i64| whole(n));
    let sign = if number < 0.0 && nudged > 0.0 {
        "\u{2212}"
    } else {
        ""
    };
    match after {
        "" => format!("{sign}{grouped}"),
        after => format!("{sign}{grouped},{after}"),
    }
}

/// A share: `71 %`, `18,8 %`.
#[must_use]
pub fn percent(number: f64, places: u8) -> String {
    format!("{}{SPACE}%", decimal(number, places))
}

/// An amount in whole euros: `€ 48.000`.
#[must_use]
pub fn euros(number: i64) -> String {
    format!("€{SPACE}{}", whole(number))
}

/// A difference with its sign: `+ 76`, `− 3`, `0`.
#[must_use]
pub fn difference(number: i64) -> String {
    let size = whole(i64::try_from(number.unsigned_abs()).unwrap_or(i64::MAX));
    match number {
        0 => size,
        1.. => format!("+{SPACE}{size}"),
        _ => format!("\u{2212}{SPACE}{size}"),
    }
}

/// A day: `3 mei 2025`.
#[must_use]
pub fn day(day: NaiveDate) -> String {
    let month = usize::try_from(day.month0())
        .ok()
        .and_then(|month| MONTHS.get(month));
    let month = month.copied().unwrap_or_default();
    format!("{}{SPACE}{month}{SPACE}{}", day.day(), day.year())
}
