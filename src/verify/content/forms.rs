//! Numbers: those that may be a BSN, and those that may be a date.

/// The first and the last year of a birth date that is looked for. Later ones are dates of events too.
pub const YEARS: std::ops::RangeInclusive<u32> = 1900..=2010;

/// Nine digits somewhere in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Number {
    /// The number.
    pub value: u32,
    /// Whether it passes the elfproef.
    pub passes: bool,
    /// Whether the word BSN stands before it.
    pub named: bool,
}

/// Whether a number of at most nine digits passes the elfproef.
#[inline]
#[must_use]
pub const fn elfproef(number: u32) -> bool {
    let mut left = number / 10;
    // The last digit counts -1, the ones before it 2 to 9.
    let mut sum = 11 - number % 10 % 11;
    let mut weight = 2;
    while weight <= 9 {
        sum += left % 10 * weight;
        left /= 10;
        weight += 1;
    }
    number != 0 && left == 0 && sum.is_multiple_of(11)
}

/// A number of eight or nine digits backwards, as it stands in nine digits.
#[inline]
#[must_use]
pub const fn backwards(number: u32) -> u32 {
    let mut left = number;
    let mut turned = 0;
    let mut at = 0;
    while at < 9 {
        // Nine digits backwards are below a thousand million.
        turned = turned * 10 + left % 10;
        left /= 10;
        at += 1;
    }
    turned
}

/// Whether a number may be a BSN: eight digits (a zero was lost) or nine.
#[inline]
#[must_use]
pub const fn is_candidate(number: u64) -> bool {
    number.wrapping_sub(10_000_000) < 990_000_000
}

/// Whether a number is a birth date: `19800412` or `12041980`.
#[must_use]
pub const fn is_date_number(number: u64) -> bool {
    if number >= 100_000_000 {
        return false;
    }
    #[expect(clippy::cast_possible_truncation, reason = "below 10^8")]
    let n = number as u32;
    is_birth(n / 10_000, n / 100 % 100, n % 100)
        || is_birth(n % 10_000, n / 10_000 % 100, n / 1_000_000)
}

/// Whether this is a day on which people are born.
#[must_use]
pub const fn is_birth(year: u32, month: u32, day: u32) -> bool {
    let longest = match month {
        2 => 29,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    1900 <= year && year <= 2010 && 1 <= month && month <= 12 && 1 <= day && day <= longest
}

/// A value that is a number of eight or nine digits and nothing else; dots, hyphens and spaces may stand
/// between them one at a time, but not as a date has them.
#[must_use]
pub fn whole_number(text: &[u8]) -> Option<u32> {
    if !(8..=13).contains(&text.len()) {
        return None;
    }
    let (mut number, mut count, mut apart) = (0u32, 0, true);
    let mut groups = [0usize; 6];
    let mut group = 0;
    for &byte in text {
        match byte {
            b'0'..=b'9' if count < 9 => {
                number = number * 10 + u32::from(byte - b'0');
                count += 1;
                apart = false;
                *groups.get_mut(group)? += 1;
            }
            b'.' | b'-' | b' ' if !apart => {
                apart = true;
                group += 1;
            }
            _ => return None,
        }
    }
    let date = matches!(groups, [4, 2, 2, 0, ..] | [2, 2, 4, 0, ..]);
    (count >= 8 && !apart && !date).then_some(number)
}

/// A value of digits only.
#[must_use]
pub fn plain_number(text: &[u8]) -> Option<u64> {
    (1..=18).contains(&text.len()).then_some(())?;
    text.iter().try_fold(0u64, |sum, byte| {
        byte.is_ascii_digit()
            .then(|| sum * 10 + u64::from(byte - b'0'))
    })
}

/// The runs of digits in a text: where each begins and ends.
pub fn runs(text: &[u8]) -> impl Iterator<Item = (usize, usize)> + '_ {
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at + text.get(at..)?.iter().position(u8::is_ascii_digit)?;
        let length = text[start..].iter().position(|b| !b.is_ascii_digit());
        at = length.map_or(text.len(), |l| start + l);
        Some((start, at))
    })
}

/// Every number of nine digits in a text, in one piece or in groups: `1234.56.789`, `123 456 789`.
pub fn numbers(text: &[u8], mut found: impl FnMut(Number)) {
    let mut before = [(0usize, 0usize); 2];
    for (start, end) in runs(text) {
        let [a, b] = before;
        if end - start == 9 && stands_alone(text, start, end) {
            found(number(text, start, &[(start, end)]));
        } else if let (4, 2, 3) | (3, 3, 3) = (a.1 - a.0, b.1 - b.0, end - start)
            && b.0 - a.1 == 1
            && start - b.1 == 1
            && text[a.1] == text[b.1]
            && matches!(text[b.1], b'.' | b'-' | b' ')
            && !text.get(end).is_some_and(u8::is_ascii_alphanumeric)
        {
            found(number(text, a.0, &[a, b, (start, end)]));
        }
        before = [b, (start, end)];
    }
}

fn number(text: &[u8], start: usize, groups: &[(usize, usize)]) -> Number {
    let digits = groups.iter().flat_map(|(from, to)| &text[*from..*to]);
    let value = digits.fold(0u32, |n, d| n * 10 + u32::from(d - b'0'));
    let near = &text[start.saturating_sub(24)..start];
    let named = [&b"bsn"[..], b"burgerservice", b"sofi"].iter().any(|word| {
        near.windows(word.len())
            .any(|w| w.eq_ignore_ascii_case(word))
    });
    Number {
        value,
        passes: elfproef(value),
        named,
    }
}

/// Not a part of a hash, a decimal number or an identifier of letters and digits.
fn stands_alone(text: &[u8], start: usize, end: usize) -> bool {
    let before = text[..start].iter().rev();
    let word = |b: &&u8| b.is_ascii_alphanumeric();
    let left = before.take_while(word).count();
    let right = text[end..].iter().take_while(word).count();
    let token = &text[start - left..end + right];
    let hash = token.len() > 9 && token.iter().all(u8::is_ascii_hexdigit);
    let decimal = matches!(&text[end..], [b'.' | b',', b'0'..=b'9', ..])
        || (start >= 2 && b".,".contains(&text[start - 1]) && text[start - 2].is_ascii_digit());
    !hash && !decimal
}

/// Sixty-four bits that tell texts apart (FNV-1a, stirred).
#[must_use]
pub fn hash(text: &[u8]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for byte in text {
        hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    }
    stir(hash)
}

/// Spreads a number over 64 bits, one to one.
#[inline]
#[must_use]
pub const fn stir(number: u64) -> u64 {
    let mut mixed = number ^ (number >> 32);
    mixed = mixed.wrapping_mul(0xd6e8_feb8_6659_fd93);
    mixed ^= mixed >> 32;
    mixed = mixed.wrapping_mul(0xd6e8_feb8_6659_fd93);
    mixed ^ (mixed >> 32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lock::bsn;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_elfproef_is_that_of_the_lock(number in 0u32..1_000_000_000) {
            let text = format!("{number:09}");
            let digits = bsn::Bsn::try_from(text.as_bytes()).unwrap();
            prop_assert_eq!(elfproef(number), bsn::passes(&digits));
            let turned: String = text.chars().rev().collect();
            prop_assert_eq!(backwards(number), turned.parse::<u32>().unwrap());
        }
    }

    fn found(text: &str) -> Vec<u32> {
        let mut all = Vec::new();
        numbers(text.as_bytes(), |n| all.push(n.value));
        all
    }

    #[test]
    fn numbers_in_text() {
        for text in [
            "999990019",
            "bsn999990019",
            "BSN: 9999.90.019.",
            "x 999 990 019 y",
            "{\"a\":999990019}",
            "a/999990019.json",
        ] {
            assert_eq!(found(text), [999_990_019], "{text}");
        }
        for text in [
            "9999900190",
            "ab999990019cd0f1",
            "999990019.50",
            "0.999990019",
            "20250103T010000Z-12345678",
        ] {
            assert!(found(text).is_empty(), "{text}");
        }
        assert!(whole_number(b"9999.90.019") == Some(999_990_019));
        assert!(whole_number(b"12345678") == Some(12_345_678));
        assert!(whole_number(b"2024-01-31").is_none() && whole_number(b"31-01-2024").is_none());
        assert!(whole_number(b"999990019-").is_none() && whole_number(b"1234567").is_none());
    }

    #[test]
    fn dates_as_numbers() {
        assert!(is_date_number(19_800_412) && is_date_number(12_041_980));
        assert!(!is_date_number(20_240_412) && !is_date_number(19_801_312));
    }
}
