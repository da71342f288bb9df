//! Numbers with decimals as partners write them, kept as whole numbers of their smallest unit.

use crate::contract::model::Notation;

/// Reads a number: `1.234,56` in Dutch notation gives 123456 with two decimals. Accepted besides: a
/// euro sign before it, `,-` for no cents, a minus before or behind it. More decimals than are kept
/// must be 0. `None` for anything else and for what does not fit.
#[must_use]
pub fn parse(text: &[u8], notation: Notation, decimals: u8) -> Option<i64> {
    let (thousands, point) = match notation {
        Notation::Comma => (b'.', b','),
        Notation::Point => (b',', b'.'),
    };
    let text = text.trim_ascii();
    let (text, minus_before) = sign(euro(text));
    let text = euro(text);
    let (text, minus_behind) = match text {
        [rest @ .., b'-'] if !rest.ends_with(&[point]) && !rest.ends_with(&[point, b'-']) => {
            (rest.trim_ascii_end(), true)
        }
        _ => (text, false),
    };
    if minus_before && minus_behind {
        return None;
    }
    let (whole, fraction) = match text.iter().position(|&b| b == point) {
        Some(at) => (&text[..at], &text[at + 1..]),
        None => (text, &[][..]),
    };
    let has_point = whole.len() < text.len();
    let fraction: &[u8] = match fraction {
        [] if has_point => return None,
        b"-" | b"--" => &[],
        fraction => fraction,
    };
    let whole = grouped(whole, thousands)?;
    let number = scaled(whole, fraction, usize::from(decimals))?;
    Some(if minus_before || minus_behind {
        -number
    } else {
        number
    })
}

/// Without a euro sign, in UTF-8 or Windows-1252, and the space after it.
fn euro(text: &[u8]) -> &[u8] {
    let rest = text
        .strip_prefix("€".as_bytes())
        .or_else(|| text.strip_prefix(b"\x80"))
        .or_else(|| text.strip_prefix(b"EUR"))
        .unwrap_or(text);
    // A no-break space, in UTF-8 or Windows-1252, is what spreadsheets put here.
    let rest = rest
        .strip_prefix(b"\xc2\xa0")
        .or_else(|| rest.strip_prefix(b"\xa0"))
        .unwrap_or(rest);
    rest.trim_ascii_start()
}

fn sign(text: &[u8]) -> (&[u8], bool) {
    match text {
        [b'-', rest @ ..] => (rest.trim_ascii_start(), true),
        [b'+', rest @ ..] => (rest, false),
        _ => (text, false),
    }
}

/// The digits before the point; thousands stand in groups of three or are not marked at all.
fn grouped(whole: &[u8], separator: u8) -> Option<i64> {
    let mut groups = whole.split(|&b| b == separator);
    let first = groups.next()?;
    let rest: Vec<&[u8]> = groups.collect();
    let good = !first.is_empty()
        && (rest.is_empty() || first.len() <= 3)
        && rest.iter().all(|group| group.len() == 3);
    good.then_some(())?;
    rest.into_iter()
        .fold(digits(0, first), |number, group| digits(number?, group))
}

fn digits(before: i64, text: &[u8]) -> Option<i64> {
    text.iter().try_fold(before, |number, &byte| {
        byte.is_ascii_digit().then_some(())?;
        number.checked_mul(10)?.checked_add(i64::from(byte - b'0'))
    })
}

fn scaled(whole: i64, fraction: &[u8], decimals: usize) -> Option<i64> {
    let (kept, beyond) = fraction.split_at(fraction.len().min(decimals));
    beyond.iter().all(|&b| b == b'0').then_some(())?;
    let number = digits(whole, kept)?;
    (kept.len()..decimals).try_fold(number, |number, _| number.checked_mul(10))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dutch_amounts() {
        for (text, expected) in [
            ("1.234,56", Some(123_456)),
            ("1234,5", Some(123_450)),
            ("12", Some(1_200)),
            ("0,89", Some(89)),
            ("€ 48.000,-", Some(4_800_000)),
            ("€48.000,--", Some(4_800_000)),
            ("125,00-", Some(-12_500)),
            ("-3", Some(-300)),
            ("€ -3,50", Some(-350)),
            ("- € 3,50", Some(-350)),
            ("3,500", Some(350)),
            ("1.234.567,00", Some(123_456_700)),
            ("3,505", None),
            ("1.23", None),
            ("1.2345", None),
            ("12.34,5", None),
            ("1,2,3", None),
            (",50", None),
            ("3,", None),
            ("-3-", None),
            ("", None),
            ("€", None),
            ("-", None),
            ("abc", None),
            ("99999999999999999999", None),
        ] {
            assert_eq!(
                parse(text.as_bytes(), Notation::Comma, 2),
                expected,
                "{text}"
            );
        }
    }

    #[test]
    fn points() {
        for (text, expected) in [
            ("12.5", Some(1_250)),
            ("1,234.56", Some(123_456)),
            ("0.1", Some(10)),
            ("-0.10", Some(-10)),
            ("1.234,56", None),
            ("1e3", None),
        ] {
            assert_eq!(
                parse(text.as_bytes(), Notation::Point, 2),
                expected,
                "{text}"
            );
        }
        assert_eq!(parse(b"7", Notation::Point, 0), Some(7));
        assert_eq!(parse(b"7.0", Notation::Point, 0), Some(7));
        assert_eq!(parse(b"7.5", Notation::Point, 0), None);
    }

    /// A number as it is written: groups of three or none, and its sign in one of the usual places.
    fn written(
        number: i64,
        decimals: usize,
        grouped: bool,
        style: usize,
        notation: Notation,
    ) -> String {
        let (thousands, point) = match notation {
            Notation::Comma => (".", ","),
            Notation::Point => (",", "."),
        };
        let digits = format!("{:0>width$}", number.unsigned_abs(), width = decimals + 1);
        let (whole, fraction) = digits.split_at(digits.len() - decimals);
        let mut text = String::new();
        for (at, digit) in whole.chars().enumerate() {
            if grouped && at > 0 && (whole.len() - at) % 3 == 0 {
                text.push_str(thousands);
            }
            text.push(digit);
        }
        if decimals > 0 {
            text = format!("{text}{point}{fraction}");
        }
        match (number < 0, style % 4) {
            (false, 0) => text,
            (false, 1) => format!("€ {text}"),
            (false, 2) => format!("€\u{a0}{text}"),
            (false, _) => format!(" +{text} "),
            (true, 0) => format!("-{text}"),
            (true, 1) => format!("€ -{text}"),
            (true, 2) => format!("-€{text}"),
            (true, _) => format!("{text}-"),
        }
    }

    proptest::proptest! {
        #[test]
        fn what_is_written_is_read(
            number in -9_000_000_000_000_000i64..9_000_000_000_000_000,
            decimals in 0usize..=4,
            grouped in proptest::bool::ANY,
            style in 0usize..4,
            comma in proptest::bool::ANY,
        ) {
            let notation = if comma { Notation::Comma } else { Notation::Point };
            let text = written(number, decimals, grouped, style, notation);
            let kept = u8::try_from(decimals).unwrap();
            proptest::prop_assert_eq!(parse(text.as_bytes(), notation, kept), Some(number), "{}", text);
        }

        /// A point for thousands is never taken for a decimal point, nor the other way round.
        #[test]
        fn the_other_notation_never_gives_another_number(number in -999_999_999i64..999_999_999, grouped in proptest::bool::ANY) {
            let text = written(number, 2, grouped, 0, Notation::Comma);
            proptest::prop_assert_eq!(parse(text.as_bytes(), Notation::Point, 2), None, "{}", text);
        }

        #[test]
        fn never_panics(text in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..24), close in "[0-9.,€ +-]{0,24}") {
            for notation in [Notation::Comma, Notation::Point] {
                for decimals in 0..7 {
                    let _ = (parse(&text, notation, decimals), parse(close.as_bytes(), notation, decimals));
                }
            }
        }
    }
}
