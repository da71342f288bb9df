//! A radar: one axis for each subject, one shape for each series.

use std::f64::consts::PI;

use maud::{Markup, html};

use super::{Amount, Ink, Series, Shape, Words, frame, largest, legend, round, wrap};
use crate::report::amount::Unit;

/// A radar.
pub struct Radar {
    /// What it says to who cannot see it.
    pub words: Words,
    /// What the axes measure.
    pub unit: Unit,
    /// The subjects, clockwise from the top.
    pub axes: Vec<String>,
    /// The series with a figure for each axis.
    pub series: Vec<(Series, Vec<Amount>)>,
    /// The rings: the last one is the rim.
    pub rings: Vec<f64>,
    /// One of many: the axes have numbers, and what the lines are is said elsewhere.
    pub small: bool,
}

const SIZE: f64 = 13.0;
const LINE: f64 = 14.5;

/// How large a radar is.
struct Sheet {
    width: f64,
    height: f64,
    radius: f64,
    /// Between the rim and a label.
    apart: f64,
    /// The centre.
    x: f64,
    y: f64,
}

impl Sheet {
    fn large(legend: bool) -> Self {
        let (width, radius, apart) = (456.0, 116.0, 13.0);
        let y = if legend { 34.0 } else { 4.0 } + radius + apart + 2.0 * LINE;
        Self {
            width,
            height: y + radius + apart + 2.5 * LINE,
            radius,
            apart,
            x: width / 2.0,
            y,
        }
    }

    fn small() -> Self {
        let (width, radius, apart) = (200.0, 78.0, 10.0);
        Self {
            width,
            height: width,
            radius,
            apart,
            x: width / 2.0,
            y: width / 2.0,
        }
    }
}

impl Radar {
    /// The chart.
    #[must_use]
    pub fn draw(&self) -> Markup {
        let legend_too = !self.small && self.series.len() > 1;
        let sheet = if self.small {
            Sheet::small()
        } else {
            Sheet::large(legend_too)
        };
        let names: Vec<Series> = self
            .series
            .iter()
            .map(|(series, _)| series.clone())
            .collect();
        let drawing = html! {
            @if legend_too { (legend(&names, 0.0)) }
            (self.web(&sheet))
            @for (series, amounts) in self.series.iter().rev() { (self.shape(series, amounts, &sheet)) }
            @if !self.small { (self.scale(&sheet)) }
            @for (at, axis) in self.axes.iter().enumerate() {
                @if self.small { (self.digit(at, &sheet)) } @else { (self.label(axis, at, &sheet)) }
            }
        };
        let shape = Shape::Drawn(sheet.width, sheet.height);
        frame(&self.words, &self.describe(), &shape, &drawing)
    }

    fn rim(&self) -> f64 {
        let amounts = self
            .series
            .iter()
            .flat_map(|(_, amounts)| amounts.iter().copied());
        self.rings
            .last()
            .copied()
            .unwrap_or_else(|| largest(amounts))
    }

    /// Where a figure lies on an axis.
    fn point(&self, axis: usize, figure: f64, sheet: &Sheet) -> (f64, f64) {
        let share = (figure / self.rim()).clamp(0.0, 1.0);
        self.at(axis, sheet.radius * share, sheet)
    }

    fn at(&self, axis: usize, distance: f64, sheet: &Sheet) -> (f64, f64) {
        let angle = self.angle(axis);
        (
            sheet.x + distance * angle.sin(),
            sheet.y - distance * angle.cos(),
        )
    }

    /// Clockwise from the top.
    fn angle(&self, axis: usize) -> f64 {
        let part = |number: usize| u32::try_from(number).map_or(0.0, f64::from);
        2.0 * PI * part(axis) / part(self.axes.len().max(1))
    }

    fn web(&self, sheet: &Sheet) -> Markup {
        let ring = |figure: f64| {
            let points = (0..self.axes.len()).map(|axis| self.point(axis, figure, sheet));
            points.map(pair).collect::<Vec<_>>().join(" ")
        };
        html! {
            @for figure in &self.rings { polygon.axis points=(ring(*figure)) {} }
            @for axis in 0..self.axes.len() {
                @let (x, y) = self.at(axis, sheet.radius, sheet);
                line.axis x1=(round(sheet.x)) y1=(round(sheet.y)) x2=(round(x)) y2=(round(y)) {}
            }
        }
    }

    /// A closed shape, or its pieces when figures are missing.
    fn shape(&self, series: &Series, amounts: &[Amount], sheet: &Sheet) -> Markup {
        let points: Vec<Option<(f64, f64)>> = amounts
            .iter()
            .enumerate()
            .map(|(axis, amount)| amount.known().map(|figure| self.point(axis, figure, sheet)))
            .collect();
        let whole = points.iter().all(Option::is_some);
        let known: Vec<(f64, f64)> = points.iter().flatten().copied().collect();
        let path: Vec<String> = known.iter().copied().map(pair).collect();
        let next = points.iter().cycle().skip(1);
        let dots = !self.small || series.ink == Ink::One;
        html! {
            @if whole {
                polygon class={ "area-" (series.ink.word()) } points=(path.join(" ")) {}
                polygon class=(series.ink.line()) points=(path.join(" ")) {}
            } @else {
                @for (a, b) in points.iter().zip(next) {
                    @if let (Some(a), Some(b)) = (a, b) {
                        line class=(series.ink.line()) x1=(round(a.0)) y1=(round(a.1)) x2=(round(b.0)) y2=(round(b.1)) {}
                    }
                }
            }
            @if dots {
                @for (x, y) in &known {
                    circle class={ "dot " (series.ink.fill()) } cx=(round(*x)) cy=(round(*y)) r=(if self.small { "3.5" } else { "4.5" }) {}
                }
            }
        }
    }

    /// The figures of the rings, up the first axis.
    fn scale(&self, sheet: &Sheet) -> Markup {
        html! {
            @for figure in &self.rings {
                @let (x, y) = self.point(0, *figure, sheet);
                text.fine.dim.halo x=(round(x + 5.0)) y=(round(y + 11.0)) { (self.unit.write(*figure)) }
            }
        }
    }

    fn digit(&self, at: usize, sheet: &Sheet) -> Markup {
        let (x, y) = self.at(at, sheet.radius + sheet.apart, sheet);
        html! { text.fine.dim.middle x=(round(x)) y=(round(y + 4.0)) { (at + 1) } }
    }

    fn label(&self, axis: &str, at: usize, sheet: &Sheet) -> Markup {
        let angle = self.angle(at);
        let (x, y) = self.at(at, sheet.radius + sheet.apart, sheet);
        let (anchor, room) = match angle.sin() {
            side if side > 0.1 => (None, sheet.width - x),
            side if side < -0.1 => (Some("end"), x),
            _ => (Some("middle"), sheet.width / 3.0),
        };
        let lines = wrap(axis, SIZE, room, 2);
        // Above the centre a label grows upwards, below it downwards.
        let more = if lines.len() > 1 { LINE } else { 0.0 };
        let first = y + 4.0 - more * (1.0 + angle.cos()) / 2.0;
        html! {
            text class=[anchor] {
                @for (at, line) in lines.iter().enumerate() {
                    tspan x=(round(x)) y=(round(first + if at > 0 { LINE } else { 0.0 })) { (line) }
                }
            }
        }
    }

    fn describe(&self) -> String {
        let names: Vec<&str> = self.series.iter().map(|(s, _)| s.name.as_str()).collect();
        format!(
            "Radar met {} assen: {}. Hoe verder van het midden, hoe hoger. De lijnen zijn: {}. De tabel geeft alle getallen.",
            self.axes.len(),
            self.axes.join(", "),
            names.join(" en ")
        )
    }
}

fn pair((x, y): (f64, f64)) -> String {
    format!("{},{}", round(x), round(y))
}
