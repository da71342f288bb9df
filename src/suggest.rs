//! "Did you mean": the nearest known name to a mistyped one.

use datafusion::common::utils::datafusion_strsim::levenshtein;

/// The known name nearest to `word`, when it is near enough to be a slip of the hand.
pub(crate) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let allowed = (word.chars().count() / 3).clamp(1, 4);
    known
        .into_iter()
        .map(|name| (distance(word, name), name))
        .filter(|(distance, _)| *distance <= allowed)
        .min()
        .map(|(_, name)| name)
}

/// A remedy for an unknown name: the nearest known one, or else all of them.
pub(crate) fn remedy<'a>(
    word: &str,
    known: impl IntoIterator<Item = &'a str> + Clone,
    none: &str,
) -> String {
    if let Some(name) = nearest(word, known.clone()) {
        return format!("did you mean `{name}`?");
    }
    let names: Vec<String> = known.into_iter().map(|name| format!("`{name}`")).collect();
    match names.len() {
        0 => none.to_owned(),
        1 => format!("use {}", names[0]),
        _ => {
            format!("use one of {}", names.join(", "))
        }
    }
}

/// The distance of Levenshtein, in which two neighbours that changed places count once.
fn distance(word: &str, name: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (word.chars().collect(), name.chars().collect());
    let swapped = (1..a.len()).any(|index| {
        let mut a = a.clone();
        a.swap(index - 1, index);
        a == b
    });
    if swapped { 1 } else { levenshtein(word, name) }
}

#[cfg(test)]
mod tests {
    use super::{nearest, remedy};

    #[test]
    fn a_slip_finds_its_name() {
        assert_eq!(nearest("datun", ["tekst", "datum"]), Some("datum"));
        assert_eq!(nearest("bsm", ["bsn", "datum"]), Some("bsn"));
        assert_eq!(nearest("bns", ["bsn", "datum"]), Some("bsn"));
    }

    #[test]
    fn a_stranger_finds_nothing() {
        assert_eq!(nearest("bedrag", ["tekst", "datum"]), None);
        assert_eq!(nearest("x", []), None);
    }

    #[test]
    fn the_remedy_lists_all_names_when_none_is_near() {
        assert_eq!(
            remedy("bedrag", ["tekst", "datum"], ""),
            "use one of `tekst`, `datum`"
        );
        assert_eq!(remedy("bedrag", ["tekst"], ""), "use `tekst`");
        assert_eq!(remedy("bedrag", [], "add one"), "add one");
    }
}
