//! Whole numbers and region keys, as partners write them.

/// A whole number: an optional sign, digits, and a decimal part of zeros at most (`3,0`).
#[inline]
pub(in crate::lock) fn integer(cell: &[u8]) -> Option<i64> {
    let whole = match cell.iter().position(|b| matches!(b, b',' | b'.')) {
        Some(at)
            if at + 1 < cell.len()
                && cell.len() - at <= 3
                && cell[at + 1..].iter().all(|&b| b == b'0') =>
        {
            &cell[..at]
        }
        Some(_) => return None,
        None => cell,
    };
    let (negative, digits) = match whole {
        [b'-', digits @ ..] => (true, digits),
        digits => (false, digits),
    };
    if digits.is_empty() || digits.len() > 18 || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let number = digits.iter().fold(0, |n, d| n * 10 + i64::from(d - b'0'));
    Some(if negative { -number } else { number })
}

/// A CBS region key: `GM0606`, `WK060601`, or its digits with leading zeros lost.
pub(super) fn region(cell: &[u8]) -> Option<String> {
    let (prefix, digits) = match cell {
        [b'G', b'M', digits @ ..] => (Some("GM"), digits),
        [b'W', b'K', digits @ ..] => (Some("WK"), digits),
        digits => (None, digits),
    };
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let (prefix, width) = match (prefix, digits.len()) {
        (Some("GM"), 1..=4) | (None, 3..=4) => ("GM", 4),
        (Some("WK"), 1..=6) | (None, 5..=6) => ("WK", 6),
        _ => return None,
    };
    let digits: String = digits.iter().map(|&b| char::from(b)).collect();
    Some(format!("{prefix}{digits:0>width$}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers() {
        for (text, expected) in [
            ("3", Some(3)),
            ("3,0", Some(3)),
            ("3.00", Some(3)),
            ("-12", Some(-12)),
            ("0", Some(0)),
            ("007", Some(7)),
            ("3,5", None),
            ("3,", None),
            ("1.000", None),
            ("", None),
            ("-", None),
            ("x", None),
            ("1234567890123456789", None),
        ] {
            assert_eq!(integer(text.as_bytes()), expected, "{text}");
        }
    }

    #[test]
    fn regions() {
        for (text, expected) in [
            ("WK060601", Some("WK060601")),
            ("060601", Some("WK060601")),
            ("60601", Some("WK060601")),
            ("GM0606", Some("GM0606")),
            ("0606", Some("GM0606")),
            ("606", Some("GM0606")),
            ("WK60601", Some("WK060601")),
            ("", None),
            ("BU06060100", None),
            ("WK", None),
            ("6060101", None),
            ("wk", None),
        ] {
            assert_eq!(region(text.as_bytes()).as_deref(), expected, "{text}");
        }
    }
}
