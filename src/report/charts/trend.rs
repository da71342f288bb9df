//! A figure over the years. Years that follow each other under one definition are joined by a line;
//! where a year lacks or the definition changed the line stops.

use maud::{Markup, html};

use super::{Amount, Norm, Series, Shape, Words, frame, largest, round, text_width};
use crate::report::amount::Unit;

/// A figure over the years.
pub struct Trend {
    /// What it says to who cannot see it.
    pub words: Words,
    /// What it measures.
    pub unit: Unit,
    /// How it is drawn.
    pub series: Series,
    /// The years, ascending.
    pub points: Vec<Point>,
    /// The figure at the top; `None`: a little above the largest one.
    pub most: Option<f64>,
    /// A line that the figures should reach.
    pub norm: Option<Norm>,
    /// One of some beside each other.
    pub small: bool,
}

/// The figure of a year.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    /// The year.
    pub year: i64,
    /// The definition that applied.
    pub definition: String,
    /// The figure.
    pub amount: Amount,
}

const HEIGHT: f64 = 190.0;
const TOP: f64 = 30.0;
const FLOOR: f64 = HEIGHT - 26.0;
const LEFT: f64 = 30.0;

impl Trend {
    const fn width(&self) -> f64 {
        if self.small { 290.0 } else { 440.0 }
    }

    /// The chart.
    #[must_use]
    pub fn draw(&self) -> Markup {
        let places: Vec<(f64, Option<f64>)> = self
            .points
            .iter()
            .enumerate()
            .map(|(at, point)| (self.x(at), point.amount.known().map(|f| self.y(f))))
            .collect();
        let drawing = html! {
            line.axis.firm x1="0" x2=(round(self.right() + LEFT)) y1=(round(FLOOR)) y2=(round(FLOOR)) {}
            @if let Some(norm) = &self.norm { (self.norm(norm)) }
            @for (at, pair) in places.windows(2).enumerate() {
                @if let [(ax, Some(ay)), (bx, Some(by))] = pair && self.joined(at) {
                    line class=(self.series.ink.line()) x1=(round(*ax)) y1=(round(*ay)) x2=(round(*bx)) y2=(round(*by)) {}
                }
            }
            @for (point, (x, y)) in self.points.iter().zip(&places) { (self.point(point, *x, *y)) }
        };
        frame(
            &self.words,
            &self.describe(),
            &Shape::Drawn(self.width(), HEIGHT),
            &drawing,
        )
    }

    /// Whether a line leads from this point to the next.
    fn joined(&self, at: usize) -> bool {
        match self.points.get(at..) {
            Some([a, b, ..]) => a.definition == b.definition && b.year == a.year + 1,
            _ => false,
        }
    }

    /// The right end of the years; behind it stands the norm.
    fn right(&self) -> f64 {
        let label = self
            .norm
            .as_ref()
            .map_or(0.0, |norm| text_width(&norm.label, 12.0) + 12.0);
        self.width() - label - LEFT
    }

    /// Years lie as far apart as they are.
    fn x(&self, at: usize) -> f64 {
        let year = |point: Option<&Point>| {
            point
                .and_then(|p| i32::try_from(p.year).ok())
                .map_or(0.0, f64::from)
        };
        let (first, last) = (year(self.points.first()), year(self.points.last()));
        let share = if last > first {
            (year(self.points.get(at)) - first) / (last - first)
        } else {
            0.5
        };
        LEFT + share * (self.right() - LEFT)
    }

    fn y(&self, figure: f64) -> f64 {
        let amounts = self.points.iter().map(|point| point.amount);
        let norm = self.norm.as_ref().map_or(0.0, |norm| norm.at);
        let most = self
            .most
            .unwrap_or_else(|| largest(amounts).max(norm) * 1.12);
        FLOOR - (FLOOR - TOP) * (figure / most).clamp(0.0, 1.0)
    }

    fn point(&self, point: &Point, x: f64, y: Option<f64>) -> Markup {
        html! {
            text.dim.middle x=(round(x)) y=(round(HEIGHT - 8.0)) { (point.year) }
            @match (y, point.amount) {
                (Some(y), amount) => {
                    circle class={ "dot " (self.series.ink.fill()) } cx=(round(x)) cy=(round(y)) r="5.5" {}
                    text.strong.middle.halo x=(round(x)) y=(round(self.beside(amount, y))) { (self.unit.show(amount)) }
                }
                (None, Amount::Hidden) => {
                    rect.fill-hidden x=(round(x - 9.0)) y=(round(FLOOR - 40.0)) width="18" height="40" {}
                    text.fine.dim.middle x=(round(x)) y=(round(FLOOR - 47.0)) { "niet getoond" }
                }
                (None, _) => {}
            }
        }
    }

    /// Where the figure stands: away from the line of the norm.
    fn beside(&self, amount: Amount, y: f64) -> f64 {
        let norm = self.norm.as_ref().map_or(f64::MIN, |norm| norm.at);
        let under = amount.known().is_some_and(|figure| figure < norm);
        if under { y + 22.0 } else { y - 12.0 }
    }

    fn norm(&self, norm: &Norm) -> Markup {
        let y = self.y(norm.at);
        html! {
            line.norm x1="0" x2=(round(self.right() + LEFT)) y1=(round(y)) y2=(round(y)) {}
            text.fine.strong x=(round(self.right() + LEFT + 8.0)) y=(round(y + 4.0)) { (norm.label) }
        }
    }

    fn describe(&self) -> String {
        let years: Vec<String> = self
            .points
            .iter()
            .filter_map(|p| {
                Some(format!(
                    "{}: {}",
                    p.year,
                    self.unit.write(p.amount.known()?)
                ))
            })
            .collect();
        let norm = self
            .norm
            .as_ref()
            .map(|n| format!(" Een lijn geeft de {} aan.", n.label));
        format!(
            "Lijn over de jaren. {}.{}",
            years.join("; "),
            norm.unwrap_or_default()
        )
    }
}
