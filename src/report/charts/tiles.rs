//! A grid of tiles, each a neighbourhood about where it lies on the map: the stronger its
//! colour, the more.

use maud::{Markup, html};

use super::{Amount, Shape, Words, frame, largest, round, wrap};
use crate::report::amount::Unit;

/// A grid of tiles.
pub struct Tiles {
    /// What it says to who cannot see it.
    pub words: Words,
    /// What decides the colour.
    pub unit: Unit,
    /// The tiles.
    pub tiles: Vec<Tile>,
}

/// A tile.
pub struct Tile {
    /// Its name.
    pub label: String,
    /// Its column, from the west.
    pub column: u8,
    /// Its row, from the north.
    pub row: u8,
    /// What decides its colour, and stands in it large.
    pub amount: Amount,
    /// What stands below that.
    pub note: Option<String>,
}

const WIDE: f64 = 142.0;
const HIGH: f64 = 98.0;
const GAP: f64 = 7.0;
const INSIDE: f64 = 10.0;
const SIZE: f64 = 13.0;
/// The height of what the shades mean, and the width of one.
const SCALE: f64 = 18.0;
const SWATCH: f64 = 26.0;

/// How many shades there are (`shade-1` to `shade-5` of the stylesheet).
const SHADES: f64 = 5.0;

impl Tiles {
    /// The chart.
    #[must_use]
    pub fn draw(&self) -> Markup {
        let most = |place: fn(&Tile) -> u8| self.tiles.iter().map(place).max().unwrap_or(0);
        let size = |last: u8, one: f64| (f64::from(last) + 1.0) * (one + GAP) - GAP;
        let (width, height) = (size(most(|t| t.column), WIDE), size(most(|t| t.row), HIGH));
        let top = largest(self.tiles.iter().map(|tile| tile.amount));
        let drawing = html! {
            @for tile in &self.tiles { (self.tile(tile, top)) }
            (scale(width, height + GAP))
        };
        let height = height + GAP + SCALE;
        frame(
            &self.words,
            &self.describe(),
            &Shape::Drawn(width, height),
            &drawing,
        )
    }

    fn tile(&self, tile: &Tile, most: f64) -> Markup {
        let x = f64::from(tile.column) * (WIDE + GAP);
        let y = f64::from(tile.row) * (HIGH + GAP);
        let lines = wrap(&tile.label, SIZE, WIDE - 2.0 * INSIDE, 3);
        let class = match tile.amount {
            Amount::Known(figure) => format!("tile-ground shade-{}", shade(figure, most)),
            Amount::Hidden => "fill-hidden".to_owned(),
            Amount::Absent => "tile-ground".to_owned(),
        };
        html! {
            rect class=(class) x=(round(x + 0.5)) y=(round(y + 0.5)) width=(round(WIDE - 1.0)) height=(round(HIGH - 1.0)) rx="5" {}
            text.name {
                @for (at, line) in lines.iter().enumerate() {
                    tspan x=(round(x + INSIDE)) y=(round(y + 20.0 + if at == 0 { 0.0 } else if at == 1 { 15.0 } else { 30.0 })) { (line) }
                }
            }
            @if tile.amount == Amount::Hidden {
                text.fine.halo x=(round(x + INSIDE)) y=(round(y + HIGH - 12.0)) { "niet getoond" }
            } @else {
                text.big x=(round(x + INSIDE)) y=(round(y + HIGH - 12.0)) { (self.unit.show(tile.amount)) }
            }
            @if let Some(note) = &tile.note {
                text.fine.end x=(round(x + WIDE - INSIDE)) y=(round(y + HIGH - 12.0)) { (note) }
            }
        }
    }

    fn describe(&self) -> String {
        let known: Vec<_> = self
            .tiles
            .iter()
            .filter_map(|tile| Some((tile.amount.known()?, &tile.label)))
            .collect();
        let most = known.iter().max_by(|a, b| a.0.total_cmp(&b.0));
        let least = known.iter().min_by(|a, b| a.0.total_cmp(&b.0));
        let ends = most.zip(least).map(|(most, least)| {
            let (more, less) = (self.unit.write(most.0), self.unit.write(least.0));
            format!(
                " Het meest: {} ({more}). Het minst: {} ({less}).",
                most.1, least.1
            )
        });
        format!(
            "Een tegel per gebied, ongeveer zoals op de kaart: het noorden is boven. Hoe sterker de kleur, hoe meer.{} De tabel geeft alle getallen.",
            ends.unwrap_or_default()
        )
    }
}

/// What the shades mean, at the right below the tiles.
fn scale(width: f64, y: f64) -> Markup {
    let left = width - 5.0 * SWATCH - 38.0;
    html! {
        text.fine.dim.end x=(round(left - 6.0)) y=(round(y + 12.0)) { "weinig" }
        @for shade in 1..=5_u8 {
            @let x = left + SWATCH * f64::from(shade - 1);
            rect class={ "tile-ground shade-" (shade) } x=(round(x)) y=(round(y + 1.0)) width=(round(SWATCH - 2.0)) height="14" rx="2" {}
        }
        text.fine.dim x=(round(width - 32.0)) y=(round(y + 12.0)) { "veel" }
    }
}

/// The shade of a figure: equal steps from nothing to the most.
fn shade(figure: f64, most: f64) -> u8 {
    let step = (SHADES * figure / most).ceil().clamp(1.0, SHADES);
    (1..=5).find(|shade| f64::from(*shade) >= step).unwrap_or(5)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shades_go_up_in_equal_steps() {
        let shades: Vec<u8> = [0.0, 1.0, 20.0, 21.0, 50.0, 99.0, 100.0]
            .map(|figure| shade(figure, 100.0))
            .to_vec();
        assert_eq!(shades, [1, 1, 1, 2, 3, 5, 5]);
    }
}
