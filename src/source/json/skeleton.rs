//! Whether a record that is no JSON ends where it seems to end.
//!
//! Its skeleton is what braces, brackets, quotes, colons and commas say. Where they stand as they do
//! in JSON, what is wrong lies inside one text, number or word, and the record's borders are sure.
//! Where they do not, a quote or a brace may be missing, and then nobody knows whether the record
//! ends here or has swallowed others.

/// What must come next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    /// A value.
    Value,
    /// A value, or the end of an array that just began.
    FirstValue,
    /// A key.
    Key,
    /// A key, or the end of an object that just began.
    FirstKey,
    /// A colon.
    Colon,
    /// A comma, or the end of what is open.
    Comma,
    /// Nothing.
    Nothing,
}

/// Whether `text` has the skeleton of exactly one object, whatever its texts, numbers and words are.
pub(super) fn is_whole(text: &[u8]) -> bool {
    let mut open: Vec<u8> = Vec::new();
    let mut next = Next::Value;
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        let step = match byte {
            b' ' | b'\t' | b'\r' | b'\n' => Some((next, at + 1)),
            b'"' => end_of_text(text, at).and_then(|end| Some((after_text(next, &open)?, end))),
            b'{' | b'[' => opened(byte, next, &mut open).map(|next| (next, at + 1)),
            b'}' | b']' => closed(byte, next, &mut open).map(|next| (next, at + 1)),
            b':' => (next == Next::Colon).then_some((Next::Value, at + 1)),
            b',' => after_comma(next, &open).map(|next| (next, at + 1)),
            0..=0x1f => None,
            _ => after_value(next, &open).map(|next| (next, end_of_word(text, at))),
        };
        let Some(step) = step else { return false };
        (next, at) = step;
    }
    next == Next::Nothing
}

/// What comes after a text: it is a key, or a value.
fn after_text(next: Next, open: &[u8]) -> Option<Next> {
    match next {
        Next::Key | Next::FirstKey => Some(Next::Colon),
        _ => after_value(next, open),
    }
}

/// What comes after a value. By itself it is no record.
fn after_value(next: Next, open: &[u8]) -> Option<Next> {
    let fits = matches!(next, Next::Value | Next::FirstValue) && !open.is_empty();
    fits.then_some(Next::Comma)
}

fn opened(byte: u8, next: Next, open: &mut Vec<u8>) -> Option<Next> {
    let fits = matches!(next, Next::Value | Next::FirstValue);
    let record = !open.is_empty() || byte == b'{';
    if !fits || !record {
        return None;
    }
    open.push(byte);
    Some(if byte == b'{' {
        Next::FirstKey
    } else {
        Next::FirstValue
    })
}

fn closed(byte: u8, next: Next, open: &mut Vec<u8>) -> Option<Next> {
    let fits = match (byte, open.pop()?) {
        (b'}', b'{') => matches!(next, Next::Comma | Next::FirstKey),
        (b']', b'[') => matches!(next, Next::Comma | Next::FirstValue),
        _ => false,
    };
    fits.then_some(if open.is_empty() {
        Next::Nothing
    } else {
        Next::Comma
    })
}

fn after_comma(next: Next, open: &[u8]) -> Option<Next> {
    match (next, open.last()?) {
        (Next::Comma, b'{') => Some(Next::Key),
        (Next::Comma, _) => Some(Next::Value),
        _ => None,
    }
}

/// Where the text that begins at `start` ends (exclusive). One with a line end or another control
/// character in it is taken for one that was never closed.
fn end_of_text(text: &[u8], start: usize) -> Option<usize> {
    let mut at = start + 1;
    loop {
        match text.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => at += 2,
            0..=0x1f => return None,
            _ => at += 1,
        }
    }
}

/// Where a number or word ends (exclusive).
fn end_of_word(text: &[u8], start: usize) -> usize {
    let rest = text.get(start..).unwrap_or_default();
    let length = rest.iter().position(|byte| {
        matches!(
            byte,
            0..=b' ' | b'"' | b',' | b':' | b'[' | b']' | b'{' | b'}'
        )
    });
    start + length.unwrap_or(rest.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn borders_that_are_sure() {
        for text in [
            "{}",
            r#" {"a": 1, "b": [], "c": {"d": null}} "#,
            r#"{"a": tru, "b": 01, "c": NaN, "d": "\ud800", "e": "\q"}"#,
            r#"{"a": [1, [2, {}], "]"], "b": "\"}"}"#,
        ] {
            assert!(is_whole(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn borders_that_are_not() {
        for text in [
            "",
            "  ",
            "1",
            "[]",
            r#""a""#,
            "{",
            "}",
            "{]",
            r#"{"a"}"#,
            r#"{"a": }"#,
            r#"{"a": 1,}"#,
            r#"{"a": 1 "b": 2}"#,
            r#"{"a": 1 2}"#,
            "{a: 1}",
            r#"{"a": [1,]}"#,
            r#"{"a": "x}, {"b": "y"}"#,
            r#"{"a": "x}, {", "b": "y}"#,
            "{\"a\": \"x\ny\"}",
            r#"{"a": 1}{"a": 2}"#,
            r#"{"a": 1} x"#,
            "{\"a\": \u{1e}1}",
        ] {
            assert!(!is_whole(text.as_bytes()), "{text}");
        }
    }
}
