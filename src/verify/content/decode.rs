//! What a text says when it is read another way: backwards, as hexadecimal, base64 or URL-encoded text,
//! or without the zeros of UTF-16. One way inside another is read too.

/// How something was written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Encoding {
    /// As it is.
    Plain,
    /// Last character first.
    Backwards,
    /// Hexadecimal digits.
    Hex,
    /// Base64, the ordinary or the one for URLs.
    Base64,
    /// `%39` for `9`.
    Url,
    /// Two bytes a character.
    Wide,
}

impl Encoding {
    /// What it is, in Dutch; plain text needs no word.
    #[must_use]
    pub const fn name(self) -> Option<&'static str> {
        match self {
            Self::Plain => None,
            Self::Backwards => Some("achterstevoren"),
            Self::Hex => Some("hexadecimaal"),
            Self::Base64 => Some("base64"),
            Self::Url => Some("url-codering"),
            Self::Wide => Some("utf-16"),
        }
    }
}

/// How many ways may stand inside each other.
const DEPTH: usize = 3;
/// Longest text that is turned round as a whole.
const LONGEST: usize = 1 << 16;

/// Reads a text in every way: gives each reading with the outermost way in which it was written.
pub fn readings(text: &[u8], mut read: impl FnMut(Encoding, &[u8], bool)) {
    read(Encoding::Plain, text, true);
    decoded(text, None, 1, &mut read);
}

fn decoded(
    text: &[u8],
    outer: Option<Encoding>,
    depth: usize,
    read: &mut impl FnMut(Encoding, &[u8], bool),
) {
    let mut say = |encoding: Encoding, inner: &[u8], whole: bool| {
        let name = outer.unwrap_or(encoding);
        read(name, inner, whole);
        if depth < DEPTH && encoding != Encoding::Backwards {
            decoded(inner, Some(name), depth + 1, read);
        }
    };
    if outer.is_none() && turns(text) {
        let turned: Vec<u8> = text.iter().rev().copied().collect();
        say(Encoding::Backwards, &turned, true);
    }
    if memchr::memchr(0, text).is_some() {
        let narrow: Vec<u8> = text.iter().copied().filter(|b| *b != 0).collect();
        if narrow.len() >= 4 && narrow.len() <= text.len() / 2 + 2 && printable(&narrow) {
            say(Encoding::Wide, &narrow, true);
        }
    }
    if memchr::memchr(b'%', text).is_some()
        && let Some(plain) = from_url(text)
    {
        say(Encoding::Url, &plain, true);
    }
    each_token(text, is_base64, |token, whole| {
        if token.len() >= 16 && token.iter().all(u8::is_ascii_hexdigit) {
            let plain = crate::hex::decode(std::str::from_utf8(token).unwrap_or_default());
            if let Some(plain) = plain.filter(|plain| telling(plain)) {
                say(Encoding::Hex, &plain, whole);
            }
        }
        if token.len() >= 8 {
            // Where it begins is not known when something stands before it without a mark between.
            for start in 0..4.min(token.len() - 7) {
                let plain = from_base64(&token[start..]);
                if telling(&plain) {
                    say(Encoding::Base64, &plain, whole && start == 0);
                }
            }
        }
    });
}

/// Whether reading a text backwards can tell anything: digits, an address, capitals at the end of words.
fn turns(text: &[u8]) -> bool {
    text.len() <= LONGEST
        && (text.iter().filter(|b| b.is_ascii_digit()).take(7).count() == 7
            || memchr::memchr(b'@', text).is_some()
            || text
                .windows(2)
                .any(|w| w[0].is_ascii_lowercase() && w[1].is_ascii_uppercase()))
}

/// Whether this is text, most of it.
fn printable(text: &[u8]) -> bool {
    let odd = text.iter().filter(|b| !(b' '..=b'~').contains(*b)).count();
    odd * 8 <= text.len()
}

/// Whether decoded bytes may be text: a run of eight printable characters, which random bytes do not
/// have. Names can be short, and then all of it is printable.
fn telling(text: &[u8]) -> bool {
    let mut run = 0;
    let long = text.iter().any(|b| {
        run = if (b' '..=b'~').contains(b) {
            run + 1
        } else {
            0
        };
        run >= 8
    });
    long || (text.len() >= 5 && printable(text))
}

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_')
}

/// The longest pieces of a text that consist of such bytes, whole and cut at the marks that also stand
/// between words; `whole`: there is nothing else (padding excepted).
fn each_token(text: &[u8], of: fn(u8) -> bool, mut found: impl FnMut(&[u8], bool)) {
    let bare = text.iter().rposition(|b| *b != b'=').map_or(0, |at| at + 1);
    for token in text.split(|b| !of(*b)).filter(|t| t.len() >= 8) {
        found(token, token.len() == bare);
        let parts = || token.split(|b| matches!(b, b'/' | b'-' | b'_' | b'+'));
        if parts().nth(1).is_some() {
            parts()
                .filter(|part| part.len() >= 8)
                .for_each(|part| found(part, false));
        }
    }
}

/// Decodes base64 of either alphabet as far as it goes.
pub(crate) fn from_base64(token: &[u8]) -> Vec<u8> {
    let value = |byte: u8| match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' | b'-' => Some(62),
        b'/' | b'_' => Some(63),
        _ => None,
    };
    let mut plain = Vec::with_capacity(token.len() * 3 / 4);
    let (mut bits, mut waiting) = (0u32, 0);
    for six in token.iter().map_while(|b| value(*b)) {
        bits = bits << 6 | u32::from(six);
        waiting += 6;
        if waiting >= 8 {
            waiting -= 8;
            plain.push(u8::try_from(bits >> waiting & 0xff).unwrap_or_default());
        }
    }
    plain
}

/// Decodes `%39`; `None` when there is nothing to decode.
fn from_url(text: &[u8]) -> Option<Vec<u8>> {
    let digit = |b: u8| {
        char::from(b)
            .to_digit(16)
            .and_then(|d| u8::try_from(d).ok())
    };
    let mut plain = Vec::with_capacity(text.len());
    let (mut at, mut any) = (0, false);
    while let Some(&byte) = text.get(at) {
        let coded = match (byte, text.get(at + 1), text.get(at + 2)) {
            (b'%', Some(a), Some(b)) => digit(*a).zip(digit(*b)),
            _ => None,
        };
        if let Some((high, low)) = coded {
            plain.push(high << 4 | low);
            any = true;
            at += 3;
        } else {
            plain.push(byte);
            at += 1;
        }
    }
    any.then_some(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(text: &[u8], inner: &str) -> Vec<Encoding> {
        let mut ways = Vec::new();
        readings(text, |encoding, plain, _| {
            let holds = plain.windows(inner.len()).any(|w| w == inner.as_bytes());
            if holds && !ways.contains(&encoding) {
                ways.push(encoding);
            }
        });
        ways
    }

    #[test]
    fn every_way_is_read() {
        for (text, way) in [
            ("bsn 999990019.", Encoding::Plain),
            ("910099999", Encoding::Backwards),
            ("393939393930303139", Encoding::Hex),
            ("OTk5OTkwMDE5", Encoding::Base64),
            ("x=OTk5OTkwMDE5", Encoding::Base64),
            ("eyJic24iOiI5OTk5OTAwMTkifQ==", Encoding::Base64),
            ("eyJic24iOiAiOTk5OTkwMDE5In0", Encoding::Base64),
            ("pad/OTk5OTkwMDE5", Encoding::Base64),
            ("%39%39%39%39%39%30%30%31%39", Encoding::Url),
            ("99999%30019", Encoding::Url),
            (
                "9\x009\x009\x009\x009\x000\x000\x001\x009\x00",
                Encoding::Wide,
            ),
            // One in another: base64 of hexadecimal, URL-encoded base64.
            ("MzkzOTM5MzkzOTMwMzAzMTM5", Encoding::Base64),
            ("OTk5OTkw%4dDE5", Encoding::Url),
        ] {
            assert!(seen(text.as_bytes(), "999990019").contains(&way), "{text}");
        }
        assert!(seen(b"RGFhbiBkZSBWcmllcw==", "Daan de Vries").contains(&Encoding::Base64));
    }

    #[test]
    fn random_bytes_are_read_as_nothing() {
        assert!(seen(b"7c3f0a91be44d2e8075c1f9a3b6d8e20", "x").is_empty());
    }
}
