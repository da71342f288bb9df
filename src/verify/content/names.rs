//! Dutch names: lists that are built in, and more where the verifier has them.
//!
//! A single word proves nothing: half of the Dutch surnames are words. A first name with a surname
//! behind it is a name; so are initials with a surname. A column full of first names or of surnames is
//! judged as a column.

use std::collections::HashSet;

use super::canaries::Needles;

/// First names and surnames, as the Faker project (MIT, see the files) gives them for the Netherlands.
const FIRST: &str = include_str!("voornamen.txt");
const LAST: &str = include_str!("achternamen.txt");

/// What stands between first name and surname.
const INFIXES: [&str; 21] = [
    "van", "de", "der", "den", "het", "ter", "ten", "te", "el", "al", "bin", "ben", "von", "zu",
    "du", "la", "le", "op", "in", "'t", "'s",
];

/// Names to look for, in lower case; and the canaries, who are looked for wherever names are.
#[derive(Clone)]
pub struct Names {
    first: HashSet<String>,
    last: HashSet<String>,
    canaries: Needles,
}

/// What a text holds of names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Named {
    /// A first name or initials with a surname.
    pub whole: bool,
    /// The text is one first name.
    pub first: bool,
    /// The text is one surname.
    pub last: bool,
}

impl Names {
    /// The lists that are built in.
    #[must_use]
    pub fn builtin() -> Self {
        let mut names = Self {
            first: HashSet::new(),
            last: HashSet::new(),
            canaries: Needles::default(),
        };
        names.add(FIRST, true);
        names.add(LAST, false);
        names
    }

    /// Adds names, one a line; lines that begin with `#` are remarks.
    pub fn add(&mut self, list: &str, first: bool) {
        let lines = list.lines().map(str::trim);
        for line in lines.filter(|l| !l.is_empty() && !l.starts_with('#')) {
            let name = line.to_lowercase();
            if first {
                self.first.insert(name);
            } else {
                // Infixes stand apart in a text: "van der Berg" is found by "berg".
                let words = name.split_whitespace();
                let bare: Vec<&str> = words.skip_while(|w| INFIXES.contains(w)).collect();
                self.last.insert(bare.join(" "));
            }
        }
    }

    /// The same, and these canaries.
    #[must_use]
    pub fn with(mut self, canaries: Needles) -> Self {
        self.canaries = canaries;
        self
    }

    /// The canaries to look for.
    #[inline]
    #[must_use]
    pub const fn canaries(&self) -> &Needles {
        &self.canaries
    }

    /// How many first names and surnames there are.
    #[must_use]
    pub fn len(&self) -> (usize, usize) {
        (self.first.len(), self.last.len())
    }

    /// Whether there are no names.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.first.is_empty() && self.last.is_empty()
    }

    /// Looks at a text.
    #[must_use]
    pub fn look(&self, text: &[u8]) -> Named {
        let text = &*String::from_utf8_lossy(text);
        let mut named = Named::default();
        let words: Vec<&str> = text
            .split(|c: char| c.is_whitespace() || ",;:()\"<>_/=|".contains(c))
            .filter(|w| !w.is_empty())
            .collect();
        if let [only] = words.as_slice()
            && begins_upper(only)
        {
            let lower = only.to_lowercase();
            named.first = self.first.contains(&lower);
            named.last = self.last.contains(&lower);
        }
        named.whole = (0..words.len()).any(|at| self.name_at(&words[at..]));
        named
    }

    /// Whether a name begins here.
    fn name_at(&self, words: &[&str]) -> bool {
        let Some((first, rest)) = words.split_first() else {
            return false;
        };
        let given = begins_upper(first) && self.first.contains(&first.to_lowercase());
        if !given && !is_initials(first) {
            return false;
        }
        let infix = |word: &&&str| INFIXES.contains(&word.to_lowercase().as_str());
        let infixes = rest.iter().take_while(infix).count().min(3);
        rest.get(infixes).is_some_and(|word| {
            // With capitals only, so that "Roos de bakker" is a rose and a baker.
            let word = word.split(['.', '!', '?']).next().unwrap_or_default();
            let parts = || word.split('-').filter(|p| !p.is_empty());
            begins_upper(word) && parts().any(|part| self.last.contains(&part.to_lowercase()))
        })
    }
}

fn begins_upper(word: &str) -> bool {
    word.chars().next().is_some_and(char::is_uppercase)
}

/// `J.`, `J.P.`, `A.M.C.`
fn is_initials(word: &str) -> bool {
    let letters: Vec<char> = word.chars().collect();
    let pairs = letters.chunks(2);
    (2..=10).contains(&letters.len())
        && pairs
            .into_iter()
            .all(|pair| matches!(pair, [letter, '.'] if letter.is_uppercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(text: &str) -> Named {
        Names::builtin().look(text.as_bytes())
    }

    #[test]
    fn names_are_seen() {
        assert!(Names::builtin().len().0 > 400 && Names::builtin().len().1 > 900);
        for text in [
            "Daan de Vries",
            "gesprek met Sanne Bakker gehad",
            "J.P. van den Berg",
            "mw. A. Visser-Jansen",
            "naam=Fatima de Boer;",
        ] {
            assert!(look(text).whole, "{text}");
        }
        assert!(look("Sanne").first);
        assert!(look("Bakker").last);
    }

    #[test]
    fn words_are_not() {
        for text in [
            "bakker",
            "de vries",
            "Wijkteam West",
            "Huisarts",
            "begeleiding individueel",
            "Nieuwland",
            "W. 12",
            "Individuele begeleiding door de Bakker",
        ] {
            let named = look(text);
            assert!(!named.whole, "{text}");
        }
    }
}
