//! The fields of a contract as a tree: which column a path leads to.

use crate::contract::model::{Column, Kind};
use crate::source::format::Headers;

/// The root of the tree: the record itself.
pub(super) const RECORD: usize = 0;

/// The tree.
pub(super) struct Paths {
    nodes: Vec<Node>,
}

/// A field that the contract knows, or a part of the path to one.
#[derive(Default)]
pub(super) struct Node {
    /// The field's name as the contract spells it, and in small letters.
    name: String,
    folded: String,
    children: Vec<usize>,
    /// The column that it fills.
    pub column: Option<usize>,
    /// What joins the values of an array, where the column may hold several.
    pub separator: Option<char>,
    /// Everything at and below it is known and not read.
    pub ignored: bool,
    /// It is the array of which each element makes a row.
    pub rows: bool,
}

impl Node {
    /// Whether nothing stands below it.
    pub(super) fn is_leaf(&self) -> bool {
        self.children.is_empty()
    }
}

impl Paths {
    /// The tree of a contract's columns, as the version in force spells them.
    pub(super) fn new(headers: Headers<'_>, rows: Option<&str>) -> Self {
        let mut paths = Self {
            nodes: vec![Node::default()],
        };
        for (header, column) in headers.spellings() {
            if let Some(above) = header.trim().strip_suffix(".*") {
                let at = paths.grow(above);
                paths.nodes[at].ignored = true;
            } else {
                let at = paths.grow(header);
                paths.nodes[at].column = Some(column);
                paths.nodes[at].separator = headers.columns.get(column).and_then(separator);
            }
        }
        if let Some(rows) = rows {
            let at = paths.grow(rows);
            paths.nodes[at].rows = true;
        }
        paths
    }

    /// The node at a path, made when it is not there.
    fn grow(&mut self, path: &str) -> usize {
        path.split('.').fold(RECORD, |above, name| {
            let folded = name.trim().to_lowercase();
            self.folded(above, &folded).unwrap_or_else(|| {
                let made = self.nodes.len();
                self.nodes.push(Node {
                    name: name.trim().to_owned(),
                    folded,
                    ..Node::default()
                });
                self.nodes[above].children.push(made);
                made
            })
        })
    }

    /// How many nodes there are.
    pub(super) fn len(&self) -> usize {
        self.nodes.len()
    }

    /// A node.
    pub(super) fn node(&self, at: usize) -> &Node {
        &self.nodes[at]
    }

    /// The field of that name below a node, whatever its case and outer white space.
    pub(super) fn below(&self, above: usize, name: &str) -> Option<usize> {
        let children = &self.nodes[above].children;
        let as_spelled = children.iter().find(|&&at| self.nodes[at].name == name);
        as_spelled
            .copied()
            .or_else(|| self.folded(above, &name.trim().to_lowercase()))
    }

    fn folded(&self, above: usize, folded: &str) -> Option<usize> {
        let mut children = self.nodes[above].children.iter().copied();
        children.find(|&at| self.nodes[at].folded == folded)
    }
}

fn separator(column: &Column) -> Option<char> {
    match column.kind {
        Kind::Choices { separator, .. } => Some(separator),
        _ => None,
    }
}
