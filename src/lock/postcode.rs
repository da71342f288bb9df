//! Postcodes: their form, and the way from a postcode to its wijk.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use arrow::array::StringArray;

/// The wijk of a postcode that is in the municipality but not in the table, or of no postcode.
pub const UNKNOWN: &str = "onbekend";
/// The wijk of a postcode of another municipality.
pub const ELSEWHERE: &str = "buiten_schiedam";

/// A postcode as delivered: four digits, and two letters where they are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Postcode {
    digits: u16,
    letters: Option<[u8; 2]>,
}

impl Postcode {
    /// Reads `3111AB`, `3111 ab` or `3111`; `None` for anything else.
    #[inline]
    #[must_use]
    pub fn parse(text: &[u8]) -> Option<Self> {
        let (digits, rest) = text.split_at_checked(4)?;
        let letters = match rest {
            [] => None,
            [a, b] | [b' ', a, b] if a.is_ascii_alphabetic() && b.is_ascii_alphabetic() => {
                Some([a.to_ascii_uppercase(), b.to_ascii_uppercase()])
            }
            _ => return None,
        };
        if digits[0] == b'0' || !digits.iter().all(u8::is_ascii_digit) {
            return None;
        }
        let digits = digits.iter().fold(0, |n, d| n * 10 + u16::from(d - b'0'));
        Some(Self { digits, letters })
    }

    /// The four digits.
    #[inline]
    #[must_use]
    pub fn pc4(self) -> u16 {
        self.digits
    }

    /// Without space, in capitals.
    #[must_use]
    pub fn canonical(self) -> String {
        let letters = self.letters.map_or(String::new(), |l| {
            l.iter().map(|&b| char::from(b)).collect()
        });
        format!("{:04}{letters}", self.digits)
    }
}

/// The reference table: postcode to wijk. PC6 goes before PC4.
#[derive(Clone, Debug)]
pub struct PostcodeTable {
    codes: HashMap<Postcode, u16>,
    inside: std::collections::HashSet<u16>,
    slugs: Arc<StringArray>,
}

impl PostcodeTable {
    /// Builds the table from postcode and slug. What is not a postcode is passed over.
    #[must_use]
    pub fn new<'a>(rows: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let rows: BTreeMap<Postcode, &str> = rows
            .into_iter()
            .filter_map(|(p, s)| Some((Postcode::parse(p.as_bytes())?, s)))
            .collect();
        let mut slugs = vec![UNKNOWN, ELSEWHERE];
        slugs.extend(
            rows.values()
                .copied()
                .collect::<std::collections::BTreeSet<_>>(),
        );
        let place: HashMap<&str, u16> = slugs
            .iter()
            .zip(0u16..)
            .skip(2)
            .map(|(s, i)| (*s, i))
            .collect();
        Self {
            codes: rows
                .iter()
                .filter_map(|(p, s)| Some((*p, *place.get(s)?)))
                .collect(),
            inside: rows.keys().map(|p| p.digits).collect(),
            slugs: Arc::new(StringArray::from(slugs)),
        }
    }

    /// The names that [`PostcodeTable::code`] counts in.
    #[must_use]
    pub fn slugs(&self) -> &Arc<StringArray> {
        &self.slugs
    }

    /// The wijk of a postcode, as an index into the slugs.
    #[inline]
    #[must_use]
    pub fn code(&self, postcode: Option<Postcode>) -> u16 {
        let Some(postcode) = postcode else { return 0 };
        let pc4 = Postcode {
            letters: None,
            ..postcode
        };
        match self.codes.get(&postcode).or_else(|| self.codes.get(&pc4)) {
            Some(&code) => code,
            None => u16::from(!self.inside.contains(&postcode.digits)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms() {
        let spelled = |t: &str| Postcode::parse(t.as_bytes()).map(Postcode::canonical);
        for text in ["3111AB", "3111 AB", "3111 ab", "3111ab"] {
            assert_eq!(spelled(text).as_deref(), Some("3111AB"), "{text}");
        }
        assert_eq!(spelled("3111").as_deref(), Some("3111"));
        for text in [
            "", "311", "0111AB", "3111A", "3111 A1", "3111  AB", "x111AB", "3111ABC",
        ] {
            assert_eq!(spelled(text), None, "{text}");
        }
    }

    #[test]
    fn pc6_goes_before_pc4() {
        let table =
            PostcodeTable::new([("3111", "centrum"), ("3111AB", "oost"), ("3112CD", "west")]);
        let wijk = |t: &str| {
            table
                .slugs()
                .value(usize::from(table.code(Postcode::parse(t.as_bytes()))))
                .to_owned()
        };
        assert_eq!(wijk("3111 ab"), "oost");
        assert_eq!(wijk("3111XX"), "centrum");
        assert_eq!(wijk("3111"), "centrum");
        assert_eq!(wijk("3112ZZ"), UNKNOWN);
        assert_eq!(wijk("1011AB"), ELSEWHERE);
        assert_eq!(wijk(""), UNKNOWN);
    }
}
