//! Bars that lie: one for each row, or one for each series of a row. Labels stand to the left while they
//! are short and above the bars when they are long, so that they never collide on a phone.

use maud::{Markup, html};

use super::{
    Amount, Ink, Norm, Series, Shape, Words, clip, frame, largest, legend, round, text_width,
};
use crate::report::amount::Unit;

/// Bars.
pub struct Bars {
    /// What it says to who cannot see it.
    pub words: Words,
    /// What the bars measure.
    pub unit: Unit,
    /// The series; the first one is drawn largest.
    pub series: Vec<Series>,
    /// The rows, from top to bottom.
    pub rows: Vec<Bar>,
    /// The figure of a bar over the whole width; `None`: the largest one.
    pub most: Option<f64>,
    /// A line that the figures should reach.
    pub norm: Option<Norm>,
}

/// A row of bars.
pub struct Bar {
    /// What it is about.
    pub label: String,
    /// Its figures, one for each series.
    pub amounts: Vec<Amount>,
    /// Whether it does not count in full (unknown, other): drawn in grey.
    pub rest: bool,
}

/// The widest label that stands to the left: a third of the narrowest chart (on a phone).
const LEFT: f64 = 112.0;
/// The longest label above a bar, on a phone.
const ABOVE: f64 = 300.0;
const TEXT: f64 = 14.0;
const FIRST: f64 = 18.0;
const OTHER: f64 = 13.0;
const BETWEEN: f64 = 2.0;
const GAP: f64 = 12.0;
const LABEL: f64 = 21.0;

/// Where things are.
struct Layout {
    /// Where the bars begin and how far they reach, in hundredths of the width.
    from: f64,
    wide: f64,
    /// The height above the bars of a row.
    label: f64,
    /// The height of a row without the gap below it.
    row: f64,
    /// Where the first row begins.
    top: f64,
}

impl Bars {
    /// The chart.
    #[must_use]
    pub fn draw(&self) -> Markup {
        let layout = self.layout();
        let height = layout.top + self.pitch(&layout) * count(self.rows.len());
        let drawing = html! {
            @if self.series.len() > 1 { (legend(&self.series, 0.0)) }
            svg x={ (round(layout.from)) "%" } width={ (round(layout.wide)) "%" } overflow="visible" {
                @for (at, row) in self.rows.iter().enumerate() {
                    (self.row(row, layout.top + self.pitch(&layout) * count(at), &layout))
                }
                @if let Some(norm) = &self.norm { (self.norm(norm, height, &layout)) }
            }
            @for (at, row) in self.rows.iter().enumerate() {
                @let y = layout.top + self.pitch(&layout) * count(at);
                (label(row, y, &layout))
            }
        };
        frame(
            &self.words,
            &self.describe(),
            &Shape::Fluid(height),
            &drawing,
        )
    }

    fn layout(&self) -> Layout {
        let longest = self.rows.iter().map(|row| text_width(&row.label, TEXT));
        let beside = longest.fold(0.0, f64::max) <= LEFT;
        let (from, wide, label) = if beside {
            (34.0, 50.0, 0.0)
        } else {
            (0.0, 84.0, LABEL)
        };
        let others = count(self.series.len().saturating_sub(1));
        let legend = if self.series.len() > 1 { 24.0 } else { 0.0 };
        Layout {
            from,
            wide,
            label,
            row: label + FIRST + others * (OTHER + BETWEEN),
            top: legend + if self.norm.is_some() { 20.0 } else { 0.0 },
        }
    }

    fn pitch(&self, layout: &Layout) -> f64 {
        layout.row
            + if self.series.len() > 1 {
                GAP + 3.0
            } else {
                GAP
            }
    }

    fn most(&self) -> f64 {
        let amounts = self.rows.iter().flat_map(|row| row.amounts.iter().copied());
        let norm = self.norm.as_ref().map_or(0.0, |norm| norm.at);
        self.most.unwrap_or_else(|| largest(amounts).max(norm))
    }

    fn row(&self, row: &Bar, y: f64, layout: &Layout) -> Markup {
        let places = row.amounts.iter().zip(&self.series).enumerate().scan(
            y + layout.label,
            |next, (at, (amount, series))| {
                let (y, height) = (*next, if at == 0 { FIRST } else { OTHER });
                *next += height + BETWEEN;
                Some((y, height, *amount, series.ink))
            },
        );
        html! {
            @for (y, height, amount, ink) in places {
                @let ink = if row.rest && ink == Ink::One { Ink::Rest } else { ink };
                (self.bar(amount, ink, y, height))
            }
        }
    }

    fn bar(&self, amount: Amount, ink: Ink, y: f64, height: f64) -> Markup {
        let text = self.unit.show(amount);
        let class = if height < FIRST { "fine dim" } else { "strong" };
        let line = y + height / 2.0 + if height < FIRST { 4.0 } else { 5.0 };
        html! {
            @match amount {
                Amount::Known(figure) => {
                    @let share = 100.0 * (figure / self.most()).clamp(0.0, 1.0);
                    @if self.most.is_some() && height >= FIRST {
                        rect.track y=(round(y)) width="100%" height=(round(height)) rx="2" {}
                    }
                    @if share > 0.0 {
                        rect class=(ink.fill()) y=(round(y)) width={ (round(share)) "%" } height=(round(height)) rx="2" {}
                    } @else {
                        rect.fill-rest y=(round(y)) width="1.5" height=(round(height)) {}
                    }
                    @let at = if self.most.is_some() { 100.0 } else { share };
                    text class=(class) x={ (round(at)) "%" } dx="7" y=(round(line)) { (text) }
                }
                Amount::Hidden => {
                    rect.fill-hidden x="0.5" y=(round(y + 0.5)) width="44" height=(round(height - 1.0)) rx="2" {}
                    text.fine.dim x="52" y=(round(line)) { "niet getoond" }
                }
                Amount::Absent => {
                    text.fine.dim x="0" y=(round(line)) { (text) }
                }
            }
        }
    }

    fn norm(&self, norm: &Norm, height: f64, layout: &Layout) -> Markup {
        let at = 100.0 * (norm.at / self.most()).clamp(0.0, 1.0);
        let x = format!("{}%", round(at));
        let anchor = if at > 60.0 {
            "fine strong end"
        } else {
            "fine strong"
        };
        html! {
            line.norm x1=(x) x2=(x) y1=(round(layout.top - 6.0 + layout.label)) y2=(round(height - GAP + 3.0)) {}
            text class=(anchor) x=(x) y=(round(layout.top - 9.0)) { (norm.label) }
        }
    }

    fn describe(&self) -> String {
        let known = self.rows.iter().filter_map(|row| {
            let figure = row.amounts.first()?.known()?;
            Some((figure, &row.label))
        });
        let top = known.max_by(|a, b| a.0.total_cmp(&b.0));
        let mut text = format!("Staafdiagram met {} rijen.", self.rows.len());
        if let Some((figure, label)) = top {
            text = format!("{text} Het hoogst is {label}: {}.", self.unit.write(figure));
        }
        if let Some(norm) = &self.norm {
            text = format!("{text} Een lijn geeft de {} aan.", norm.label);
        }
        format!("{text} De tabel geeft alle getallen.")
    }
}

fn label(row: &Bar, y: f64, layout: &Layout) -> Markup {
    let (width, line) = if layout.label > 0.0 {
        (ABOVE, y + 14.0)
    } else {
        (LEFT + 8.0, y + FIRST / 2.0 + 5.0)
    };
    html! { text class=[row.rest.then_some("dim")] x="0" y=(round(line)) { (clip(&row.label, TEXT, width)) } }
}

/// A small count as a number to draw with.
fn count(number: usize) -> f64 {
    u32::try_from(number).map_or(f64::from(u32::MAX), f64::from)
}
