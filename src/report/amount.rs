//! A figure that may be hidden or not measured, and how it is written.

use crate::page::number;

/// A figure of a table or chart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Amount {
    /// It is known.
    Known(f64),
    /// It is hidden by the rules of publication: never zero, and nothing to draw.
    Hidden,
    /// There is none: not measured, or not of this year.
    Absent,
}

impl Amount {
    /// The figure, when it is known.
    #[must_use]
    pub const fn known(self) -> Option<f64> {
        match self {
            Self::Known(figure) => Some(figure),
            Self::Hidden | Self::Absent => None,
        }
    }
}

/// What a figure counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Things, in whole numbers.
    Count,
    /// Hundredths, with so many decimals.
    Percent(u8),
    /// A mark or mean, with so many decimals.
    Mean(u8),
    /// Whole euros.
    Euro,
}

impl Unit {
    /// A figure as Dutch readers write it; a dash where there is none.
    #[must_use]
    pub fn show(self, amount: Amount) -> String {
        match amount {
            Amount::Known(figure) => self.write(figure),
            Amount::Hidden | Amount::Absent => number::NONE.to_owned(),
        }
    }

    /// A known figure.
    #[must_use]
    pub fn write(self, figure: f64) -> String {
        match self {
            Self::Count => number::decimal(figure, 0),
            Self::Percent(places) => number::percent(figure, places),
            Self::Mean(places) => number::decimal(figure, places),
            Self::Euro => format!("€{}{}", number::SPACE, number::decimal(figure, 0)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_hidden_is_a_dash_and_never_zero() {
        assert_eq!(Unit::Count.show(Amount::Known(0.0)), "0");
        assert_eq!(Unit::Count.show(Amount::Hidden), "–");
        assert_eq!(Unit::Percent(0).show(Amount::Absent), "–");
        assert_eq!(Unit::Percent(1).show(Amount::Known(18.8)), "18,8\u{a0}%");
        assert_eq!(Unit::Mean(2).show(Amount::Known(2.5)), "2,50");
        assert_eq!(Unit::Euro.show(Amount::Known(48_000.0)), "€\u{a0}48.000");
    }
}
