//! Signs by the way in which they are written: e-mail addresses, telephone numbers, bank accounts,
//! addresses, dates.
//!
//! All forms are narrow on purpose: random text of every kind must all but never have them.

use super::forms::{self, hash, is_birth, runs};

/// The ends of Dutch and common addresses.
const DOMAINS: [&[u8]; 18] = [
    b"nl", b"com", b"net", b"org", b"eu", b"be", b"de", b"info", b"email", b"gov", b"edu", b"uk",
    b"fr", b"io", b"me", b"nu", b"tv", b"co",
];

/// Three characters or more, an at sign, a name of three or more, a dot and an end that is in use.
#[must_use]
pub fn e_mail(text: &[u8]) -> bool {
    let local = |b: &&u8| b.is_ascii_alphanumeric() || b"._%+-".contains(b);
    memchr::memchr_iter(b'@', text).any(|at| {
        let before = text[..at].iter().rev().take_while(local).count();
        let behind = &text[at + 1..];
        let length = behind
            .iter()
            .take_while(|b| b.is_ascii_alphanumeric() || b".-".contains(b));
        let host = &behind[..length.count()];
        let host = host.strip_suffix(b".").unwrap_or(host);
        let Some(dot) = memchr::memrchr(b'.', host) else {
            return false;
        };
        let end = host[dot + 1..].to_ascii_lowercase();
        let name = &host[..dot];
        before >= 3
            && name.len() >= 3
            && name
                .iter()
                .all(|b| b.is_ascii_alphanumeric() || b".-".contains(b))
            && DOMAINS.contains(&end.as_slice())
    })
}

/// A Dutch number with the marks that people put in: behind +31 or 0031, `06-12345678`, `06 12 34 56 78`,
/// `010-1234567`, `(010) 123 45 67`. Ten digits in one piece are [`mobile`].
#[must_use]
pub fn telephone(text: &[u8]) -> bool {
    let groups: Vec<(usize, usize)> = runs(text).collect();
    (0..groups.len()).any(|first| {
        let (start, _) = groups[first];
        let before = start.checked_sub(1).map(|at| text[at]);
        if before.is_some_and(|b| b.is_ascii_alphanumeric() || b".,-/".contains(&b)) {
            return false;
        }
        let plus = before == Some(b'+');
        let mut digits: Vec<u8> = Vec::with_capacity(16);
        for (at, &(from, to)) in groups.iter().enumerate().skip(first) {
            let joined = at == first || joins(&text[groups[at - 1].1..from]);
            if !joined || digits.len() + to - from > 15 {
                return false;
            }
            digits.extend_from_slice(&text[from..to]);
            let goes_on = text.get(to).is_some_and(u8::is_ascii_alphanumeric)
                || groups.get(at + 1).is_some_and(|next| next.0 - to == 1);
            if !goes_on && rings(&digits, groups[first].1 - start, at - first, plus) {
                return true;
            }
        }
        false
    })
}

fn joins(between: &[u8]) -> bool {
    matches!(
        between,
        b"-" | b" " | b") " | b")" | b" - " | b" (" | b"(" | b"." | b") ("
    )
}

fn rings(digits: &[u8], first: usize, joints: usize, plus: bool) -> bool {
    let national = |rest: &[u8]| match rest {
        [b'0', rest @ ..] => rest.len() == 9,
        [b'1'..=b'9', ..] => rest.len() == 9,
        _ => false,
    };
    if plus {
        return digits.strip_prefix(b"31").is_some_and(national);
    }
    if let Some(rest) = digits.strip_prefix(b"0031") {
        return national(rest);
    }
    let area = match digits {
        [b'0', b'6', b'1'..=b'9', ..] => 2,
        [b'0', b'1'..=b'5' | b'7', ..] => first,
        _ => return false,
    };
    // An area code has three or four digits; a date that begins with 01 has two.
    digits.len() == 10
        && joints > 0
        && first == area
        && matches!(first, 2..=4)
        && (first > 2 || digits[1] == b'6')
}

/// Ten digits and nothing else that begin with 06.
#[must_use]
pub fn mobile(text: &[u8]) -> bool {
    matches!(text, [b'0', b'6', b'1'..=b'9', rest @ ..]
        if rest.len() == 7 && rest.iter().all(u8::is_ascii_digit))
}

/// What a place of an account number holds.
#[derive(Clone, Copy)]
enum Sort {
    Digits,
    Letters,
    /// Either.
    Both,
}

/// A country, and what stands behind the check digits of its account numbers.
type Account = (&'static [u8; 2], &'static [(usize, Sort)]);

/// From the register of IBANs of SWIFT. Length and check digits alone are not enough: the names of our
/// own files end in sixteen hexadecimal digits, as many as a Belgian account has characters.
const ACCOUNTS: [Account; 16] = [
    (b"NL", &[(4, Sort::Letters), (10, Sort::Digits)]),
    (b"BE", &[(12, Sort::Digits)]),
    (b"DE", &[(18, Sort::Digits)]),
    (
        b"FR",
        &[(10, Sort::Digits), (11, Sort::Both), (2, Sort::Digits)],
    ),
    (b"ES", &[(20, Sort::Digits)]),
    (
        b"IT",
        &[(1, Sort::Letters), (10, Sort::Digits), (12, Sort::Both)],
    ),
    (b"PT", &[(21, Sort::Digits)]),
    (b"PL", &[(24, Sort::Digits)]),
    (b"GB", &[(4, Sort::Letters), (14, Sort::Digits)]),
    (b"LU", &[(3, Sort::Digits), (13, Sort::Both)]),
    (b"AT", &[(16, Sort::Digits)]),
    (b"IE", &[(4, Sort::Letters), (14, Sort::Digits)]),
    (
        b"BG",
        &[(4, Sort::Letters), (6, Sort::Digits), (8, Sort::Both)],
    ),
    (b"RO", &[(4, Sort::Letters), (16, Sort::Both)]),
    (b"TR", &[(6, Sort::Digits), (16, Sort::Both)]),
    (b"LT", &[(16, Sort::Digits)]),
];

/// Everything with the form of an IBAN: a number that tells it apart, and whether its check digits are
/// right.
pub fn accounts(text: &[u8], mut found: impl FnMut(u64, bool)) {
    for at in 0..text.len().saturating_sub(15) {
        let (country, digits) = (&text[at..at + 2], &text[at + 2..at + 4]);
        if !digits.iter().all(u8::is_ascii_digit)
            || (at > 0 && text[at - 1].is_ascii_alphanumeric())
        {
            continue;
        }
        let known = ACCOUNTS
            .iter()
            .find(|(code, _)| code.eq_ignore_ascii_case(country));
        if let Some(account) = known.and_then(|(_, form)| account(&text[at..], form)) {
            found(hash(&account), sound(&account));
        }
    }
}

/// Country, check digits and what has this form, single spaces between them, and then something else.
fn account(text: &[u8], form: &[(usize, Sort)]) -> Option<Vec<u8>> {
    let sorts = form
        .iter()
        .flat_map(|(count, sort)| std::iter::repeat_n(*sort, *count));
    let sorts = [Sort::Letters, Sort::Letters, Sort::Digits, Sort::Digits]
        .into_iter()
        .chain(sorts);
    let mut account = Vec::with_capacity(28);
    let mut rest = text.iter().copied().peekable();
    for sort in sorts {
        let byte = rest.next_if(|b| *b != b' ').or_else(|| rest.nth(1))?;
        let fits = match sort {
            Sort::Digits => byte.is_ascii_digit(),
            Sort::Letters => byte.is_ascii_alphabetic(),
            Sort::Both => byte.is_ascii_alphanumeric(),
        };
        if !fits {
            return None;
        }
        account.push(byte.to_ascii_uppercase());
    }
    let ends = !rest.peek().is_some_and(u8::is_ascii_alphanumeric);
    ends.then_some(account)
}

fn sound(account: &[u8]) -> bool {
    let turned = account[4..].iter().chain(&account[..4]);
    let remainder = turned.fold(0u32, |sum, byte| match byte {
        b'0'..=b'9' => (sum * 10 + u32::from(byte - b'0')) % 97,
        _ => (sum * 100 + u32::from(byte - b'A') + 10) % 97,
    });
    remainder == 1
}

/// Four digits and two capitals, as postcodes are.
fn pc6(text: &[u8]) -> bool {
    let letters = match text {
        [b'1'..=b'9', _, _, _, a, b] | [b'1'..=b'9', _, _, _, b' ', a, b] => [*a, *b],
        _ => return false,
    };
    text[1..4].iter().all(u8::is_ascii_digit)
        && letters.iter().all(u8::is_ascii_uppercase)
        && !matches!(&letters, b"SA" | b"SD" | b"SS")
}

/// A value that is a postcode of six characters and nothing else.
#[must_use]
pub fn postcode(text: &[u8]) -> bool {
    pc6(text)
}

/// A postcode with a house number behind it (`3111AB 12`, `3111 AB, 12-a`) or with a street and number
/// before it (`Hoogstraat 12, 3111 AB`).
#[must_use]
pub fn address(text: &[u8]) -> bool {
    let all: Vec<(usize, usize)> = runs(text).collect();
    all.iter().enumerate().any(|(at, &(start, end))| {
        if end - start != 4 || (start > 0 && text[start - 1].is_ascii_alphanumeric()) {
            return false;
        }
        let length = [6, 7].into_iter().find(|length| {
            let after = text.get(start + length);
            text.get(start..start + length).is_some_and(pc6)
                && !after.is_some_and(u8::is_ascii_alphanumeric)
        });
        let Some(length) = length else {
            return false;
        };
        let behind = &text[start + length..];
        let apart = behind.iter().take_while(|b| b" ,;".contains(b)).count();
        let number = behind[apart..]
            .iter()
            .take_while(|b| b.is_ascii_digit())
            .count();
        let ends = !behind[apart..].get(number).is_some_and(|b| {
            b".:/".contains(b)
                || b.is_ascii_alphabetic()
                    && behind
                        .get(apart + number + 1)
                        .is_some_and(u8::is_ascii_alphanumeric)
        });
        let follows = (1..=3).contains(&apart) && (1..=4).contains(&number) && ends;
        follows || (at > 0 && street(text, all[at - 1], start))
    })
}

/// A word of letters, a number, a comma or space, and then the postcode.
fn street(text: &[u8], (from, to): (usize, usize), postcode: usize) -> bool {
    let between = &text[to..postcode];
    let apart = matches!(between, b", " | b"," | b" ")
        || matches!(between, [letter, rest @ ..] if letter.is_ascii_alphabetic() && matches!(rest, b", " | b" "));
    let word = text[..from].strip_suffix(b" ").unwrap_or_default();
    let letters = word
        .iter()
        .rev()
        .take_while(|b| b.is_ascii_alphabetic())
        .count();
    apart && to - from <= 4 && letters >= 4
}

/// Every full date of [`forms::YEARS`] in a text, and whether "geboren" or the like stands before it.
/// Without that word a date counts only as a whole value or behind a space.
pub fn dates(text: &[u8], mut found: impl FnMut(bool)) {
    let groups: Vec<(usize, usize)> = runs(text).collect();
    for three in groups.windows(3) {
        let [first, middle, last] = [three[0], three[1], three[2]];
        let mark = |from: usize, to: usize| (to - from == 1).then(|| text[from]);
        let (Some(one), Some(two)) = (mark(first.1, middle.0), mark(middle.1, last.0)) else {
            continue;
        };
        if one != two || !b"-/.".contains(&one) {
            continue;
        }
        let value = |(from, to): (usize, usize)| forms::plain_number(&text[from..to]);
        let lengths = [first, middle, last].map(|(from, to)| to - from);
        let (Some(x), Some(y), Some(z)) = (value(first), value(middle), value(last)) else {
            continue;
        };
        let small = |n: u64| u32::try_from(n).unwrap_or_default();
        let birth = match lengths {
            [4, 2, 2] => is_birth(small(x), small(y), small(z)),
            [1..=2, 1..=2, 4] => is_birth(small(z), small(y), small(x)),
            _ => false,
        };
        let alone = |b: u8| !(b.is_ascii_alphanumeric() || b"-/.+=".contains(&b));
        let begins = first.0 == 0 || alone(text[first.0 - 1]);
        let ends = text
            .get(last.1)
            .is_none_or(|b| alone(*b) || *b == b'T' || *b == b'.');
        if birth && begins && ends {
            found(born(&text[..first.0]));
        }
    }
}

/// Whether a text ends on "geboren op", "geb.", "geboortedatum:".
fn born(before: &[u8]) -> bool {
    let near = &before[before.len().saturating_sub(20)..];
    [&b"geboren"[..], b"geboorte", b"geb.", b"geb ", b"gebdat"]
        .iter()
        .any(|word| {
            near.windows(word.len())
                .any(|w| w.eq_ignore_ascii_case(word))
        })
}
