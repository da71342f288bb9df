use super::*;
use crate::lock::bsn;
use rayon::prelude::*;

/// A generator of our own: tests have no other source of chance.
fn scatter(seed: u64) -> impl FnMut() -> u64 {
    let mut state = seed;
    move || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        forms::stir(state)
    }
}

fn bsns() -> impl Iterator<Item = String> {
    let text = |n: u32| format!("{n:09}");
    (999_900_000..=999_999_999u32)
        .map(text)
        .filter(|t| bsn::passes(&bsn::Bsn::try_from(t.as_bytes()).unwrap()))
}

fn judge(texts: impl IntoIterator<Item = String>) -> Vec<Judged> {
    let names = Names::builtin();
    let mut tally = Tally::default();
    for text in texts {
        tally.text(text.as_bytes(), &names);
    }
    tally.judge()
}

fn fails(texts: impl IntoIterator<Item = String>, sign: Sign, encoding: Encoding) -> bool {
    let judged = judge(texts);
    judged
        .iter()
        .any(|j| j.sign == sign && j.encoding == encoding && j.verdict == Verdict::Fails)
}

#[test]
fn a_column_of_bsns_is_seen_from_nine_on() {
    let many = |n| bsns().take(n);
    assert!(!fails(many(8), Sign::BsnWhole, Encoding::Plain));
    assert!(fails(many(9), Sign::BsnWhole, Encoding::Plain));
    let turned = |t: String| t.chars().rev().collect();
    assert!(fails(
        many(9).map(turned),
        Sign::BsnWhole,
        Encoding::Backwards
    ));
    let hex = |t: String| crate::hex::encode(t.as_bytes());
    assert!(fails(many(9).map(hex), Sign::BsnWhole, Encoding::Hex));
    let in_text = |t: String| format!("zie {t} en verder");
    assert!(fails(
        many(9).map(in_text),
        Sign::BsnInText,
        Encoding::Plain
    ));
    // One is enough with the word before it.
    let named = |t: String| format!("bsn {t}");
    assert!(fails(many(1).map(named), Sign::BsnNamed, Encoding::Plain));
}

#[test]
fn numbers_are_judged_as_numbers() {
    let names = Names::builtin();
    let mut any = scatter(1);
    let mut random = Tally::default();
    for _ in 0..100_000 {
        random.candidate(10_000_000 + any() % 990_000_000, &names);
    }
    assert_eq!(random.judge(), []);
    let mut bsn = Tally::default();
    for number in bsns().take(9) {
        bsn.candidate(number.parse().unwrap(), &names);
    }
    assert_eq!(bsn.judge().len(), 1);
}

/// A hundred thousand random values of each kind: none of them cries wolf.
#[test]
fn random_values_of_every_kind_do_not_cry_wolf() {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let made = |kind: usize, any: &mut dyn FnMut() -> u64| -> String {
        let (x, y) = (any(), any());
        let letters = |n: usize, from: &[u8], seed: u64| -> String {
            let mut state = seed;
            (0..n)
                .map(|_| {
                    state = forms::stir(state.wrapping_add(1));
                    char::from(from[usize::try_from(state % from.len() as u64).unwrap()])
                })
                .collect()
        };
        match kind {
            0 => format!("{:09}", x % 1_000_000_000),
            1 => format!("{:08}", x % 100_000_000),
            2 => format!("{:010}", x % 10_000_000_000),
            3 => format!("{x:016x}{y:016x}"),
            4 => letters(22, LETTERS, x),
            5 => letters(6, b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", x),
            6 => format!(
                "{}-{}",
                letters(4, b"0123456789", x),
                letters(4, LETTERS, y)
            ),
            7 => letters(30, &(b' '..=b'~').collect::<Vec<u8>>(), x),
            8 => format!(
                "{:x}-{:x}-4{:03x}-{:x}",
                x >> 32,
                x >> 16 & 0xffff,
                x & 0xfff,
                y >> 16
            ),
            9 => format!("{}.{:02}", x % 10_000_000, y % 100),
            10 => format!("20{:02}-{:02}-{:02}", x % 26, y % 12 + 1, y / 12 % 28 + 1),
            11 => letters(8, b"abcdefghijklmnopqrstuvwxyz", x),
            12 => format!("NL{:02}ABNA{:010}", x % 100, y % 10_000_000_000),
            13 => format!("dossier {:09} van {}", x % 1_000_000_000, y % 100),
            14 => letters(12, b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", x),
            _ => format!("{}:{:02}:{:02}", x % 24, y % 60, x / 60 % 60),
        }
    };
    (0..16usize).into_par_iter().for_each(|kind| {
        let mut any = scatter(kind as u64);
        let values: Vec<String> = (0..100_000)
            .map(|_| made(kind, &mut any))
            // A day that is a birth date is one, whoever wrote it.
            .filter(|text| kind != 10 || text.as_str() > "2011")
            .collect();
        let judged = judge(values);
        assert_eq!(judged, [], "kind {kind}");
    });
}

#[test]
fn pieces_cover_everything_and_overlap() {
    for length in [0, 5, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE] {
        let text = vec![b'x'; length];
        let mut covered = 0;
        for piece in pieces(&text) {
            let start = piece.as_ptr() as usize - text.as_ptr() as usize;
            assert!(start <= covered, "{length}");
            covered = covered.max(start + piece.len());
        }
        assert_eq!(covered, length);
    }
}
