//! Cell references as Excel writes them, and none that count beyond its sheets.

const LAST_COLUMN: u32 = 16_384;
const LAST_ROW: u32 = 1_048_576;

/// The number of a row, as Excel writes it.
pub(super) fn row(text: &str) -> bool {
    text.len() <= 7
        && text.bytes().all(|byte| byte.is_ascii_digit())
        && text
            .parse()
            .is_ok_and(|row: u32| (1..=LAST_ROW).contains(&row))
}

/// Column and row of a cell reference as `AB12`.
pub(super) fn cell(text: &str) -> Option<(u32, u32)> {
    let letters = text.bytes().take_while(u8::is_ascii_alphabetic).count();
    let (letters, digits) = text.split_at_checked(letters)?;
    if !(1..=3).contains(&letters.len()) || !row(digits) {
        return None;
    }
    let column = letters.bytes().fold(0, |column, letter| {
        column * 26 + u32::from(letter.to_ascii_uppercase() - b'A') + 1
    });
    (column <= LAST_COLUMN).then_some((column, digits.parse().ok()?))
}

/// The area of a sheet: a cell, or two of which the first is not below or right of the second.
pub(super) fn area(text: &str) -> bool {
    let (first, last) = text.split_once(':').unwrap_or((text, text));
    match (cell(first), cell(last)) {
        (Some(first), Some(last)) => first.0 <= last.0 && first.1 <= last.1,
        _ => false,
    }
}
