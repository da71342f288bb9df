//! Charts as SVG: figures in, markup out. They know no views and no years.
//!
//! A chart is an image with a title and a description; its figures stand in a table beside it. What is
//! hidden is hatched and has no size, what is absent is not drawn. Colours and type come from the
//! stylesheet of the page, so a chart follows the light and the paper that it is on.
//!
//! Bars take the width that they get and do not scale their text. The others are drawings of about the
//! width of a phone.

mod bars;
mod radar;
#[cfg(test)]
mod tests;
mod tiles;
mod trend;

use maud::{Markup, html};

pub use bars::{Bar, Bars};
pub use radar::Radar;
pub use tiles::{Tile, Tiles};
pub use trend::{Point, Trend};

use super::amount::Amount;

/// How a series of figures is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ink {
    /// What the chart is about.
    One,
    /// What it is held against.
    Two,
    /// The year before.
    Before,
    /// What does not count in full: unknown, other.
    Rest,
}

impl Ink {
    const fn word(self) -> &'static str {
        match self {
            Self::One => "one",
            Self::Two => "two",
            Self::Before => "before",
            Self::Rest => "rest",
        }
    }

    fn fill(self) -> String {
        format!("fill-{}", self.word())
    }

    fn line(self) -> String {
        format!("line-{}", self.word())
    }
}

/// A series: its name and how it is drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Series {
    /// Its name, for the legend.
    pub name: String,
    /// How it is drawn.
    pub ink: Ink,
}

impl Series {
    /// A series.
    pub fn new(name: impl Into<String>, ink: Ink) -> Self {
        Self {
            name: name.into(),
            ink,
        }
    }
}

/// What every chart says to who cannot see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    /// An id that no other chart of the page has.
    pub id: String,
    /// What it shows.
    pub title: String,
}

/// A line that figures should reach.
#[derive(Clone, Debug, PartialEq)]
pub struct Norm {
    /// The figure.
    pub at: f64,
    /// What stands beside it, like `norm 80 %`.
    pub label: String,
}

/// How a chart sits in the width that it gets.
enum Shape {
    /// As wide as there is room, so high.
    Fluid(f64),
    /// A drawing of this width and height.
    Drawn(f64, f64),
}

fn frame(words: &Words, description: &str, shape: &Shape, drawing: &Markup) -> Markup {
    let (title_id, description_id) = (format!("{}-t", words.id), format!("{}-d", words.id));
    let labels = format!("{title_id} {description_id}");
    let inner = html! {
        title id=(title_id) { (words.title) }
        desc id=(description_id) { (description) }
        (drawing)
    };
    html! {
        @match shape {
            Shape::Fluid(height) => {
                svg.chart role="img" aria-labelledby=(labels) height=(round(*height)) { (inner) }
            }
            Shape::Drawn(width, height) => {
                svg.chart.drawn role="img" aria-labelledby=(labels) viewBox={ "0 0 " (round(*width)) " " (round(*height)) } { (inner) }
            }
        }
    }
}

/// The names of two series or more, in a row.
fn legend(series: &[Series], y: f64) -> Markup {
    let places = series.iter().scan(0.0, |next, one| {
        let x = *next;
        *next += 38.0 + text_width(&one.name, 12.0);
        Some((x, one))
    });
    html! {
        @for (x, one) in places {
            rect class=(one.ink.fill()) x=(round(x)) y=(round(y)) width="12" height="12" rx="2" {}
            text.fine.dim x=(round(x + 18.0)) y=(round(y + 10.5)) { (one.name) }
        }
    }
}

/// About how wide a text is: no browser is at hand to measure it, and a little too wide does no harm.
fn text_width(text: &str, size: f64) -> f64 {
    let letters: f64 = text
        .chars()
        .map(|c| match c {
            'i' | 'j' | 'l' | '.' | ',' | ' ' | '\u{a0}' | '\'' | '|' => 0.33,
            'm' | 'w' | 'M' | 'W' | '%' => 0.9,
            c if c.is_uppercase() => 0.7,
            _ => 0.57,
        })
        .sum();
    letters * size
}

/// A text in lines of at most this width, broken at spaces and behind `/` and `-`. A word that is wider
/// stands alone; after `most` lines the rest is cut off.
fn wrap(text: &str, size: f64, width: f64, most: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let pieces = text
        .split_inclusive([' ', '/', '-'])
        .filter(|piece| !piece.trim().is_empty());
    for piece in pieces {
        match lines.last_mut() {
            Some(line) if text_width(&format!("{line}{}", piece.trim_end()), size) <= width => {
                line.push_str(piece);
            }
            _ => lines.push(piece.to_owned()),
        }
    }
    if lines.len() > most {
        lines.truncate(most);
        if let Some(last) = lines.last_mut() {
            *last = format!("{}…", last.trim_end());
        }
    }
    lines
        .into_iter()
        .map(|line| line.trim_end().to_owned())
        .collect()
}

/// A text that fits one line of this width.
fn clip(text: &str, size: f64, width: f64) -> String {
    if text_width(text, size) <= width {
        return text.to_owned();
    }
    let mut kept = String::new();
    for c in text.chars() {
        if text_width(&kept, size) + size > width {
            break;
        }
        kept.push(c);
    }
    format!("{}…", kept.trim_end())
}

/// The largest known figure, and at least a little.
fn largest(amounts: impl Iterator<Item = Amount>) -> f64 {
    amounts
        .filter_map(Amount::known)
        .fold(f64::MIN_POSITIVE, f64::max)
}

/// A coordinate with one decimal and no more digits than it needs.
fn round(number: f64) -> String {
    let text = format!("{number:.1}");
    match text.strip_suffix(".0") {
        Some("-0") => "0".to_owned(),
        Some(whole) => whole.to_owned(),
        None => text,
    }
}

#[cfg(test)]
mod words {
    use super::*;

    #[test]
    fn texts_are_broken_where_they_may_be() {
        let lines = |text| wrap(text, 12.0, 100.0, 3);
        assert_eq!(lines("financiën"), ["financiën"]);
        assert_eq!(
            lines("Woudhoek en Spaland/Sveaparken"),
            ["Woudhoek en", "Spaland/", "Sveaparken"]
        );
        assert_eq!(
            lines("maatschappelijke participatie"),
            ["maatschappelijke", "participatie"]
        );
        assert_eq!(wrap("a b c d", 12.0, 1.0, 2), ["a", "b…"]);
        assert!(lines("").is_empty());
    }

    #[test]
    fn a_long_label_is_cut_and_never_runs_into_the_next() {
        assert_eq!(clip("kort", 14.0, 100.0), "kort");
        let cut = clip(&"lang ".repeat(40), 14.0, 100.0);
        assert!(
            cut.ends_with('…') && text_width(&cut, 14.0) <= 100.0,
            "{cut}"
        );
    }

    #[test]
    fn coordinates_are_short() {
        assert_eq!(round(12.0), "12");
        assert_eq!(round(12.34), "12.3");
        assert_eq!(round(-0.01), "0");
    }
}
