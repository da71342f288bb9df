//! Words and numbers as people read them, and tables of them.

use std::fmt::Write;

use crate::warehouse::journal::{DeliveryOutcome, RunOutcome};

/// What became of a delivery.
#[must_use]
pub const fn outcome(outcome: DeliveryOutcome) -> &'static str {
    match outcome {
        DeliveryOutcome::Verwerkt => "taken in",
        DeliveryOutcome::Ongewijzigd => "unchanged",
        DeliveryOutcome::Geweigerd => "REFUSED",
        DeliveryOutcome::Achterhaald => "superseded",
    }
}

/// How a run ended.
#[must_use]
pub const fn run(outcome: RunOutcome) -> &'static str {
    match outcome {
        RunOutcome::Gepubliceerd => "published",
        RunOutcome::Ongewijzigd => "unchanged",
        RunOutcome::Mislukt => "FAILED",
        RunOutcome::Afgebroken => "CUT OFF",
    }
}

/// A count with a space between thousands: `1 234 567`.
#[must_use]
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

/// A count and what is counted: `1 file`, `2 files`.
#[must_use]
pub fn plural(number: usize, one: &str, more: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { more })
}

/// A size in bytes.
#[must_use]
pub fn size(bytes: u64) -> String {
    const UNITS: [(&str, u64); 3] = [("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1000)];
    UNITS.iter().find(|(_, unit)| bytes >= *unit).map_or_else(
        || format!("{bytes} B"),
        |(name, unit)| format!("{}.{} {name}", bytes / unit, bytes % unit * 10 / unit),
    )
}

/// A duration in milliseconds.
#[must_use]
pub fn duration(millis: u64) -> String {
    match millis {
        0..1000 => format!("{millis} ms"),
        1000..120_000 => format!("{}.{} s", millis / 1000, millis % 1000 / 100),
        _ => format!("{} min {} s", millis / 60_000, millis / 1000 % 60),
    }
}

/// The name of a part and order of a delivery: `2024, 20250103`, or a dash.
#[must_use]
pub fn delivery(part: &str, order: &str) -> String {
    match (part, order) {
        ("", "") => "-".into(),
        ("", one) | (one, "") => one.into(),
        (part, order) => format!("{part}, {order}"),
    }
}

/// A table for people: columns aligned, those marked `>` in the header to the right.
#[must_use]
pub fn table(header: &[&str], rows: &[Vec<String>]) -> String {
    let right: Vec<bool> = header.iter().map(|h| h.starts_with('>')).collect();
    let header: Vec<String> = header
        .iter()
        .map(|h| h.trim_start_matches('>').to_owned())
        .collect();
    let width = |at: usize| {
        rows.iter()
            .chain([&header])
            .map(|r| r[at].chars().count())
            .max()
            .unwrap_or(0)
    };
    let widths: Vec<usize> = (0..header.len()).map(width).collect();
    let mut text = String::new();
    for row in [&header].into_iter().chain(rows) {
        let mut line = String::new();
        for ((cell, &width), &right) in row.iter().zip(&widths).zip(&right) {
            // Writing to a String cannot fail.
            let _ = if right {
                write!(line, "{cell:>width$}  ")
            } else {
                write!(line, "{cell:<width$}  ")
            };
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text.truncate(text.trim_end().len());
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn for_people() {
        assert_eq!(count(0), "0");
        assert_eq!(count(1_234_567), "1 234 567");
        assert_eq!(size(999), "999 B");
        assert_eq!(size(569_067_357), "569.0 MB");
        assert_eq!(duration(1234), "1.2 s");
        assert_eq!(duration(125_000), "2 min 5 s");
        assert_eq!(
            table(
                &["a", ">n"],
                &[vec!["x".into(), "10".into()], vec!["yy".into(), "1".into()]]
            ),
            "a    n\nx   10\nyy   1"
        );
    }
}
