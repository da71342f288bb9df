//! The burgerservicenummer: its form and its elfproef.
//!
//! Source of the definition: domain document, section 5 (nine digits a..i with
//! 9a+8b+7c+6d+5e+4f+3g+2h-i divisible by 11).

use super::rule::Rule;

/// Nine ASCII digits that pass the elfproef.
pub type Bsn = [u8; 9];

/// Brings a delivered number to nine digits: dots, spaces and hyphens go, leading zeros that a
/// spreadsheet ate come back (at most two), and the elfproef must hold.
///
/// # Errors
/// [`Rule::BsnVorm`] for anything but seven to nine digits, [`Rule::Elfproef`] for a number that
/// fails the check or is all zeros.
#[inline]
pub fn normalise(text: &[u8]) -> Result<Bsn, Rule> {
    let digits = match <Bsn>::try_from(text) {
        Ok(nine) if nine.iter().all(u8::is_ascii_digit) => nine,
        _ => collect_digits(text)?,
    };
    if passes(&digits) {
        Ok(digits)
    } else {
        Err(Rule::Elfproef)
    }
}

fn collect_digits(text: &[u8]) -> Result<Bsn, Rule> {
    let mut digits = [0u8; 9];
    let mut count = 0;
    for &byte in text {
        match byte {
            b'0'..=b'9' if count < 9 => {
                digits[count] = byte;
                count += 1;
            }
            b'.' | b' ' | b'-' => {}
            _ => return Err(Rule::BsnVorm),
        }
    }
    if count < 7 {
        return Err(Rule::BsnVorm);
    }
    let mut padded = [b'0'; 9];
    padded[9 - count..].copy_from_slice(&digits[..count]);
    Ok(padded)
}

/// Whether nine ASCII digits pass the elfproef and are not all zeros.
#[inline]
#[must_use]
pub fn passes(digits: &Bsn) -> bool {
    const WEIGHTS: [u32; 9] = [9, 8, 7, 6, 5, 4, 3, 2, 10]; // -1 is 10 modulo 11
    let mut sum = 0;
    let mut any = 0;
    for (digit, weight) in digits.iter().zip(WEIGHTS) {
        let value = u32::from(digit - b'0');
        sum += value * weight;
        any |= value;
    }
    any != 0 && sum % 11 == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_every_spelling_of_the_same_number() {
        for text in ["999990019", "9999.90.019", "999 990 019", " 999990019 "] {
            assert_eq!(
                normalise(text.trim().as_bytes()),
                Ok(*b"999990019"),
                "{text}"
            );
        }
    }

    #[test]
    fn gives_back_lost_zeros() {
        let with = *b"010000008";
        assert!(passes(&with));
        assert_eq!(normalise(b"10000008"), Ok(with));
        assert_eq!(normalise(b"01.00.00.008"), Ok(with));
    }

    #[test]
    fn refuses_what_is_no_bsn() {
        assert_eq!(normalise(b"999990018"), Err(Rule::Elfproef));
        assert_eq!(normalise(b"000000000"), Err(Rule::Elfproef));
        assert_eq!(normalise(b"123456"), Err(Rule::BsnVorm));
        assert_eq!(normalise(b"9999900190"), Err(Rule::BsnVorm));
        assert_eq!(normalise(b"99999001x"), Err(Rule::BsnVorm));
        assert_eq!(normalise(b""), Err(Rule::BsnVorm));
    }

    #[test]
    fn as_many_pass_as_theory_says() {
        // One in eleven of the numbers with a given first eight digits has a valid ninth, minus those
        // whose ninth would have to be 10: 90 909 091 over all (domain, section 5). Checked on a slice.
        let passing = (0..110_000u32)
            .filter(|n| passes(&<Bsn>::try_from(format!("{n:09}").as_bytes()).unwrap_or([b'0'; 9])))
            .count();
        assert_eq!(passing, 9999);
    }
}
