//! A verdict in a word, a sign and a colour, so that no reader needs the colour.

use maud::{Markup, html};

/// What is thought of something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// As it should be.
    Good,
    /// Worth a look.
    Doubtful,
    /// Not as it should be.
    Bad,
    /// Nothing to judge.
    None,
}

impl Verdict {
    /// Its class in the stylesheet.
    #[must_use]
    pub const fn class(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Doubtful => "doubtful",
            Self::Bad => "bad",
            Self::None => "none",
        }
    }

    /// The strokes of its sign, in a square of 16.
    const fn strokes(self) -> &'static str {
        match self {
            Self::Good => "M4.2 8.4l2.6 2.6 5-5.6",
            Self::Doubtful => "M8 4v5M8 11.6v.2",
            Self::Bad => "M5 5l6 6M11 5l-6 6",
            Self::None => "M4.8 8h6.4",
        }
    }
}

/// A verdict and its word: a pill with a sign.
#[must_use]
pub fn mark(verdict: Verdict, word: &str) -> Markup {
    html! {
        span class={ "mark " (verdict.class()) } {
            svg viewBox="0 0 16 16" aria-hidden="true" focusable="false" { path d=(verdict.strokes()) {} }
            (word)
        }
    }
}
