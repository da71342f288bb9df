//! A table of rows that split a whole (bands of weeks, ages, reasons), this year beside the one before.

use super::piece::{Piece, cell};
use super::{Book, matches, words};
use crate::page::{Column, Row, Table};
use crate::report::amount::{Amount, Unit};
use crate::report::charts::{Bar, Bars, Ink, Series, Words};
use crate::report::figures::{Line, View};

/// What to show of a view, and how.
pub struct Bands<'a> {
    /// The view.
    pub view: &'static str,
    /// The `id` of the part.
    pub id: &'a str,
    /// Its heading.
    pub heading: &'a str,
    /// The rows to take: every column holds its text.
    pub filter: &'a [(&'a str, &'a str)],
    /// The column with the names of the rows.
    pub label: &'a str,
    /// The header above them.
    pub header: &'a str,
    /// The columns with figures, and their headers.
    pub figures: &'a [(&'a str, &'a str, Unit)],
    /// Which of those the bars show.
    pub bars: usize,
    /// Rows that sum up others: at the end of the table, not in the chart.
    pub sums: &'a [&'a str],
    /// Rows that do not count in full: grey in the chart.
    pub rest: &'a [&'a str],
    /// Whether the largest comes first: for rows without an order of their own.
    pub by_size: bool,
    /// Whether the year before is held beside it.
    pub compare: bool,
    /// Names of rows for readers where a capital is not enough.
    pub names: fn(&str) -> String,
}

impl Default for Bands<'_> {
    fn default() -> Self {
        Self {
            view: "",
            id: "",
            heading: "",
            filter: &[],
            label: "rij",
            header: "",
            figures: &[
                ("aantal", "aantal", Unit::Count),
                ("procent", "deel", Unit::Percent(0)),
            ],
            bars: 1,
            sums: &["totaal"],
            rest: &["onbekend"],
            by_size: false,
            compare: true,
            names: words::label,
        }
    }
}

impl Bands<'_> {
    /// The part; `None` when the view has no such rows in the year.
    pub fn piece(&self, book: &Book) -> Option<Piece> {
        let view = book.view(self.view)?;
        let lines: Vec<&Line> = view
            .of(book.year)
            .filter(|l| matches(l, self.filter))
            .collect();
        let first = lines.first()?;
        let before = book.before(view, self.filter).filter(|_| self.compare);
        let years: Vec<i64> = [Some(book.year), before].into_iter().flatten().collect();
        let mut piece = Piece::new(self.id, self.heading, self.view);
        first.definition().clone_into(&mut piece.definition);
        let (sums, mut parts): (Vec<&Line>, Vec<&Line>) = lines
            .iter()
            .partition(|line| self.sums.contains(&line.text(self.label)));
        if self.by_size {
            parts.sort_by(|a, b| self.rank(a).total_cmp(&self.rank(b)));
        }
        let shown: Vec<Amount> = lines
            .iter()
            .flat_map(|line| {
                years
                    .iter()
                    .flat_map(|year| self.amounts(view, *year, line))
            })
            .collect();
        if shown.iter().all(|amount| *amount == Amount::Absent) {
            return None;
        }
        piece.note_hidden(book, shown.iter());
        piece.charts.extend(self.chart(view, &years, &parts));
        piece.tables.push(self.table(view, &years, &parts, &sums));
        Some(piece)
    }

    fn chart(&self, view: &View, years: &[i64], parts: &[&Line]) -> Option<maud::Markup> {
        let (column, _, unit) = self.figures.get(self.bars)?;
        let ink = |at: usize| if at == 0 { Ink::One } else { Ink::Before };
        let series = years.iter().enumerate();
        let bar = |line: &&Line| Bar {
            label: (self.names)(line.text(self.label)),
            amounts: years
                .iter()
                .map(|year| self.amount(view, *year, line, column))
                .collect(),
            rest: self.rest.contains(&line.text(self.label)),
        };
        let bars = Bars {
            words: Words {
                id: format!("{}-beeld", self.id),
                title: self.heading.to_owned(),
            },
            unit: *unit,
            series: series
                .map(|(at, year)| Series::new(year.to_string(), ink(at)))
                .collect(),
            rows: parts.iter().map(bar).collect(),
            most: None,
            norm: None,
        };
        (!parts.is_empty()).then(|| bars.draw())
    }

    fn table(&self, view: &View, years: &[i64], parts: &[&Line], sums: &[&Line]) -> Table {
        let mut columns = vec![Column::words(self.header)];
        for year in years {
            for (_, header, _) in self.figures {
                columns.push(match (years.len(), self.figures.len()) {
                    (1, _) => Column::figures(*header),
                    (_, 1) => Column::figures(year.to_string()),
                    _ => Column::figures(*header).under(year.to_string()),
                });
            }
        }
        let row = |line: &&Line, total: bool| {
            let mut cells = vec![(self.names)(line.text(self.label)).into()];
            for year in years {
                for (column, _, unit) in self.figures {
                    cells.push(cell(self.amount(view, *year, line, column), *unit));
                }
            }
            Row { cells, total }
        };
        let parts = parts.iter().map(|line| row(line, false));
        let rows = parts
            .chain(sums.iter().map(|line| row(line, true)))
            .collect();
        Table {
            caption: self.heading.to_owned(),
            quiet_caption: true,
            wide: columns.len() > 5,
            columns,
            rows,
        }
    }

    /// Where a row comes when the largest is first; unknown and other come last.
    fn rank(&self, line: &Line) -> f64 {
        let column = self
            .figures
            .get(self.bars)
            .map_or("", |(column, ..)| column);
        let rest = self.rest.contains(&line.text(self.label));
        match line.amount(column) {
            _ if rest => f64::INFINITY,
            Amount::Known(figure) => -figure,
            Amount::Hidden | Amount::Absent => f64::MAX,
        }
    }

    fn amounts(&self, view: &View, year: i64, line: &Line) -> Vec<Amount> {
        let columns = self.figures.iter();
        columns
            .map(|(column, ..)| self.amount(view, year, line, column))
            .collect()
    }

    /// The figure of the same row in a year.
    fn amount(&self, view: &View, year: i64, line: &Line, column: &str) -> Amount {
        let label = line.text(self.label);
        let same = |l: &&Line| matches(l, self.filter) && l.is(self.label, label);
        view.of(year)
            .find(same)
            .map_or(Amount::Absent, |l| l.amount(column))
    }
}
