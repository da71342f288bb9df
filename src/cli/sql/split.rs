//! Where queries end: at a `;` that stands in no text, name or comment.

/// The queries of a script, without their `;`. A piece of nothing but space and comments is no
/// query.
pub(super) fn split(script: &str) -> Vec<&str> {
    let mut queries = Vec::new();
    let mut rest = script;
    while let Some(end) = end(rest) {
        queries.push(&rest[..end]);
        rest = &rest[end + 1..];
    }
    queries.push(rest);
    queries.retain(|query| !blank(query));
    queries
}

/// Whether a text at the prompt is complete: nothing, a command, or ending in a `;` that counts.
pub(super) fn complete(text: &str) -> bool {
    if blank(text) || text.trim_start().starts_with('\\') {
        return true;
    }
    let mut rest = text;
    while let Some(end) = end(rest) {
        rest = &rest[end + 1..];
        if blank(rest) {
            return true;
        }
    }
    false
}

/// The place of the first `;` that ends a query.
fn end(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b';' => return Some(at),
            quote @ (b'\'' | b'"') => at = after_quote(bytes, at, quote),
            _ if is_comment(bytes, at) => at = after_comment(bytes, at),
            _ => at += 1,
        }
    }
    None
}

/// Whether there is nothing but space and comments.
fn blank(text: &str) -> bool {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        if is_comment(bytes, at) {
            at = after_comment(bytes, at);
        } else if bytes[at].is_ascii_whitespace() {
            at += 1;
        } else {
            return false;
        }
    }
    true
}

/// A doubled quote inside a text ends it and begins the next one, which comes to the same.
fn after_quote(bytes: &[u8], at: usize, quote: u8) -> usize {
    let inside = &bytes[at + 1..];
    inside
        .iter()
        .position(|&b| b == quote)
        .map_or(bytes.len(), |end| at + 1 + end + 1)
}

fn is_comment(bytes: &[u8], at: usize) -> bool {
    bytes[at..].starts_with(b"--") || bytes[at..].starts_with(b"/*")
}

fn after_comment(bytes: &[u8], at: usize) -> usize {
    if bytes[at] == b'-' {
        let line = bytes[at..].iter().position(|&b| b == b'\n');
        return line.map_or(bytes.len(), |end| at + end + 1);
    }
    let (mut at, mut depth) = (at + 2, 1);
    while depth > 0 && at < bytes.len() {
        if bytes[at..].starts_with(b"*/") {
            (at, depth) = (at + 2, depth - 1);
        } else if bytes[at..].starts_with(b"/*") {
            (at, depth) = (at + 2, depth + 1);
        } else {
            at += 1;
        }
    }
    at
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_semicolon_in_a_text_name_or_comment_ends_nothing() {
        let script = "select ';', 'it''s;' as \"a;b\" -- no; end\n, 1 /* ; /* ; */ ; */; select 2";
        let queries = split(script);
        assert_eq!(queries.len(), 2, "{queries:?}");
        assert_eq!(queries[1].trim(), "select 2");
    }

    #[test]
    fn nothing_is_no_query() {
        for nothing in ["", " ;; \n;", "-- only\n;/* words */"] {
            assert!(split(nothing).is_empty(), "{nothing:?}");
        }
    }

    #[test]
    fn the_prompt_waits_for_a_semicolon() {
        for whole in [
            "",
            "  ",
            "\\d",
            "select 1;",
            "select 1; -- done",
            "select 1;\n",
        ] {
            assert!(complete(whole), "{whole:?}");
        }
        for part in [
            "select",
            "select ';",
            "select 1 -- ;",
            "select 1; select 2",
            "select /* ;",
        ] {
            assert!(!complete(part), "{part:?}");
        }
    }

    proptest! {
        #[test]
        fn any_text_can_be_split(text in "[-;'\"/* a\u{e9}\n]{0,40}") {
            let _ = complete(&text);
            let kept: usize = split(&text).iter().map(|q| q.len()).sum();
            prop_assert!(kept <= text.len());
        }
    }
}
