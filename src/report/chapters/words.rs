//! Words that come back: the names of rows for readers, and the sentences about norms and years.

use crate::page::number;
use crate::report::amount::Unit;

/// Why a figure is hidden.
pub fn hidden(smallest: u32) -> String {
    format!(
        "* Niet getoond: het gaat om minder dan {} mensen, of het getal is nodig om zo'n klein getal te verbergen.",
        count(smallest)
    )
}

/// Which definition applied.
pub fn definition(definition: &str) -> String {
    match definition {
        "" => String::new(),
        "eigen" => "Definitie van de monitor zelf.".to_owned(),
        year => format!("Definitie {year}."),
    }
}

/// A label with a capital: rows are written small in the views.
pub fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

/// A short name of the data as a reader writes it: `buiten_schiedam` is `Buiten schiedam`.
pub fn name(slug: &str) -> String {
    capital(&slug.replace('_', " "))
}

/// A label of a row: `alle` is the total, and a slash is a place to break a line.
pub fn label(text: &str) -> String {
    match text {
        "alle" => "Totaal".to_owned(),
        other => capital(other).replace('/', "/\u{200b}"),
    }
}

/// A small number in words, as in running text.
pub fn count(number: u32) -> String {
    const WORDS: [&str; 13] = [
        "nul", "één", "twee", "drie", "vier", "vijf", "zes", "zeven", "acht", "negen", "tien",
        "elf", "twaalf",
    ];
    let word = usize::try_from(number).ok().and_then(|at| WORDS.get(at));
    word.map_or_else(|| number::whole(i64::from(number)), ToString::to_string)
}

/// Whether a norm was reached: the norm itself, then the verdict.
pub fn norm(figure: f64, norm: f64, unit: Unit) -> String {
    let verdict = if figure >= norm {
        "Die is gehaald"
    } else {
        "Die is niet gehaald"
    };
    format!("De norm is {}. {verdict}.", unit.write(norm))
}

/// What it was the year before.
pub fn before(earlier: Option<f64>, year: i64, unit: Unit) -> String {
    earlier.map_or_else(String::new, |figure| {
        format!(" In {} was dat {}.", year - 1, unit.write(figure))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_for_readers() {
        assert_eq!(capital("élan"), "Élan");
        assert_eq!(capital(""), "");
        assert_eq!(name("groenoord_en_kethel"), "Groenoord en kethel");
        assert_eq!(count(10), "tien");
        assert_eq!(count(1500), "1.500");
    }

    #[test]
    fn a_norm_that_is_just_reached_is_reached() {
        let words = norm(80.0, 80.0, Unit::Percent(0));
        assert_eq!(words, "De norm is 80\u{a0}%. Die is gehaald.");
        assert!(norm(79.0, 80.0, Unit::Percent(0)).contains("niet gehaald"));
    }
}
