//! A table that can be read by ear: a caption, headers with a scope, figures to the right. One that is
//! too wide for a phone scrolls inside its own frame, which the keyboard can reach.

use maud::{Markup, html};

/// A table.
pub struct Table {
    /// What it shows.
    pub caption: String,
    /// Whether the caption is for the ear only, because a heading beside it says the same.
    pub quiet_caption: bool,
    /// Whether it may be wider than a phone.
    pub wide: bool,
    /// Its columns; the first one holds the headers of the rows.
    pub columns: Vec<Column>,
    /// Its rows.
    pub rows: Vec<Row>,
}

/// A column of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Column {
    /// Its header.
    pub header: String,
    /// What is read out instead of a header that is short for it.
    pub spoken: Option<String>,
    /// The header above it; columns beside each other with the same one share it.
    pub group: Option<String>,
    /// Whether it holds figures.
    pub figures: bool,
}

impl Column {
    /// A column of words.
    pub fn words(header: impl Into<String>) -> Self {
        Self {
            header: header.into(),
            ..Self::default()
        }
    }

    /// A column of figures.
    pub fn figures(header: impl Into<String>) -> Self {
        Self {
            figures: true,
            ..Self::words(header)
        }
    }

    /// The column with a header that is short for this.
    #[must_use]
    pub fn spoken(mut self, words: impl Into<String>) -> Self {
        self.spoken = Some(words.into());
        self
    }

    /// The column under a header that it shares with its neighbours.
    #[must_use]
    pub fn under(mut self, group: impl Into<String>) -> Self {
        self.group = Some(group.into());
        self
    }
}

/// A row of a table.
pub struct Row {
    /// Its cells; the first one is its header.
    pub cells: Vec<Cell>,
    /// Whether it sums up the others.
    pub total: bool,
}

impl Row {
    /// A row like any other.
    #[must_use]
    pub const fn new(cells: Vec<Cell>) -> Self {
        Self {
            cells,
            total: false,
        }
    }
}

/// What is in a cell: text (escaped) or markup of ours.
pub struct Cell(Markup);

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self(html! { (text) })
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self(html! { (text) })
    }
}

impl From<Markup> for Cell {
    fn from(markup: Markup) -> Self {
        Self(markup)
    }
}

impl Table {
    /// The table as HTML.
    #[must_use]
    pub fn render(&self) -> Markup {
        let table = html! {
            table {
                caption class=[self.quiet_caption.then_some("quiet")] { (self.caption) }
                thead { (self.head()) }
                tbody {
                    @for row in &self.rows {
                        tr class=[row.total.then_some("total")] { (self.cells(row)) }
                    }
                }
            }
        };
        html! {
            // What scrolls must be reachable with the keyboard; what does not must not stop it.
            @if self.wide {
                div.table.wide tabindex="0" role="group" aria-label=(self.caption) { (table) }
            } @else {
                div.table { (table) }
            }
        }
    }

    /// The table as HTML whose rows become blocks on a phone, each cell with its header before it: for
    /// texts and paths, which do not fit beside anything. Blocks lose the roles of a table, so they are
    /// said.
    #[must_use]
    pub fn render_stacked(&self) -> Markup {
        let class = |column: &Column| column.figures.then_some("figure");
        html! {
            table.stacked role="table" {
                caption class=[self.quiet_caption.then_some("quiet")] { (self.caption) }
                thead role="rowgroup" {
                    tr role="row" {
                        @for column in &self.columns {
                            th class=[class(column)] role="columnheader" scope="col" { (column.header) }
                        }
                    }
                }
                tbody role="rowgroup" {
                    @for row in &self.rows {
                        tr role="row" {
                            @for (at, (cell, column)) in row.cells.iter().zip(&self.columns).enumerate() {
                                @if at == 0 {
                                    th role="rowheader" scope="row" { (cell.0) }
                                } @else {
                                    td class=[class(column)] role="cell" data-label=(column.header) { (cell.0) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    fn head(&self) -> Markup {
        let groups = self.groups();
        let grouped = groups.iter().any(|(group, _)| group.is_some());
        html! {
            @if grouped {
                tr {
                    @for (group, columns) in &groups {
                        @if let Some(group) = group {
                            th.figure.group scope="colgroup" colspan=(columns.len()) { (group) }
                        } @else {
                            @for column in *columns { (header(column, column.figures.then_some("figure"), true)) }
                        }
                    }
                }
                tr {
                    @for (at, column) in self.columns.iter().enumerate().filter(|(_, c)| c.group.is_some()) {
                        (header(column, self.class(at, column), false))
                    }
                }
            } @else {
                tr { @for column in &self.columns { (header(column, column.figures.then_some("figure"), false)) } }
            }
        }
    }

    /// Runs of columns that share a header.
    fn groups(&self) -> Vec<(Option<&str>, &[Column])> {
        let runs = self.columns.chunk_by(|a, b| a.group == b.group);
        runs.map(|run| (run.first().and_then(|c| c.group.as_deref()), run))
            .collect()
    }

    /// The class of a cell: figures, and whether a group of columns begins with it.
    fn class(&self, at: usize, column: &Column) -> Option<&'static str> {
        let before = at.checked_sub(1).and_then(|at| self.columns.get(at));
        let begins = column.group.is_some() && before.is_none_or(|b| b.group != column.group);
        match (column.figures, begins) {
            (true, true) => Some("figure begins"),
            (true, false) => Some("figure"),
            (false, _) => None,
        }
    }

    fn cells(&self, row: &Row) -> Markup {
        html! {
            @for (at, (cell, column)) in row.cells.iter().zip(&self.columns).enumerate() {
                @if at == 0 {
                    th scope="row" { (cell.0) }
                } @else {
                    td class=[self.class(at, column)] { (cell.0) }
                }
            }
        }
    }
}

fn header(column: &Column, class: Option<&str>, spans: bool) -> Markup {
    html! {
        th class=[class] scope="col" rowspan=[spans.then_some(2)] {
            @match &column.spoken {
                Some(words) => {
                    span aria-hidden="true" title=(words) { (column.header) }
                    span.quiet { (words) }
                }
                None => { (column.header) }
            }
        }
    }
}
