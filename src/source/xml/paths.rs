//! Which element of a message belongs to which column: the paths of the contract as a tree.
//!
//! A path begins at the nearest of three places, so that messages that only wrap their records
//! differently share their paths: `StartProduct/Begindatum` begins at an element that makes a row,
//! `Client/Bsn` at a record, and everything else, as `Header/Afzender`, below the root. `/@name`
//! stands for an attribute, `/*` for everything below an element that has no path of its own.

use crate::contract::model::XmlDialect;
use crate::source::format::Headers;

/// What an element is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Role {
    /// A field, or what groups fields.
    #[default]
    Plain,
    /// A record: what is held in memory as a whole.
    Record,
    /// Makes a row, within a record.
    Row,
}

/// An element that the contract knows.
#[derive(Debug, Default)]
struct Node {
    name: String,
    children: Vec<usize>,
    role: Role,
    column: Option<usize>,
    /// The column of everything below it that has no path of its own.
    below: Option<usize>,
    attributes: Vec<(String, usize)>,
}

/// The elements that the contract knows.
#[derive(Debug)]
pub(super) struct Paths {
    nodes: Vec<Node>,
    /// Whether rows are elements within a record; else a record is a row.
    pub rows_within: bool,
}

/// The root element of a message.
pub(super) const ROOT: usize = 0;

impl Paths {
    /// The tree of a pipeline and the headers of its contract.
    pub(super) fn new(dialect: &XmlDialect, headers: Headers<'_>) -> Self {
        let mut paths = Self {
            nodes: vec![Node::default()],
            rows_within: !dialect.rows.is_empty(),
        };
        let mut starts = Vec::new();
        for record in &dialect.record {
            let record = paths.place(ROOT, record, Role::Record);
            starts.push(record);
            for row in &dialect.rows {
                let row = paths.place(record, row, Role::Row);
                starts.push(row);
            }
        }
        for (path, column) in headers.spellings() {
            paths.add(path, column, &starts);
        }
        paths
    }

    fn place(&mut self, from: usize, path: &str, role: Role) -> usize {
        let at = segments(path).fold(from, |at, name| self.child_or_new(at, name));
        if let Some(node) = self.nodes.get_mut(at) {
            node.role = role;
        }
        at
    }

    fn add(&mut self, path: &str, column: usize, starts: &[usize]) {
        let mut names = segments(path);
        let first = names.next().unwrap_or_default();
        let rest: Vec<&str> = names.collect();
        let near: Vec<usize> = starts
            .iter()
            .copied()
            .filter(|&start| self.is_named(start, first))
            .collect();
        // The innermost wins: where a row is called as its record, the path is of the row.
        let role = near
            .iter()
            .filter_map(|&at| self.role(at))
            .max_by_key(|r| *r == Role::Row);
        if near.is_empty() {
            let from = if first == "*" {
                ROOT
            } else {
                self.child_or_new(ROOT, first)
            };
            let rest = if first == "*" { vec!["*"] } else { rest };
            return self.hang(from, &rest, column);
        }
        for start in near {
            if self.role(start) == role {
                self.hang(start, &rest, column);
            }
        }
    }

    fn hang(&mut self, from: usize, rest: &[&str], column: usize) {
        let (last, groups) = match rest.split_last() {
            Some((last, groups)) if *last == "*" || last.starts_with('@') => (*last, groups),
            _ => ("", rest),
        };
        let at = groups
            .iter()
            .fold(from, |at, name| self.child_or_new(at, name));
        let Some(node) = self.nodes.get_mut(at) else {
            return;
        };
        match last.strip_prefix('@') {
            Some(name) => node.attributes.push((name.to_owned(), column)),
            None if last == "*" => node.below = Some(column),
            None => node.column = Some(column),
        }
    }

    fn child_or_new(&mut self, at: usize, name: &str) -> usize {
        if let Some(child) = self.child(at, name) {
            return child;
        }
        let new = self.nodes.len();
        self.nodes.push(Node {
            name: name.to_owned(),
            ..Node::default()
        });
        if let Some(node) = self.nodes.get_mut(at) {
            node.children.push(new);
        }
        new
    }

    fn is_named(&self, at: usize, name: &str) -> bool {
        self.nodes
            .get(at)
            .is_some_and(|node| node.name.eq_ignore_ascii_case(name))
    }

    fn role(&self, at: usize) -> Option<Role> {
        self.nodes.get(at).map(|node| node.role)
    }

    /// The element of that name within an element.
    pub(super) fn child(&self, at: usize, name: &str) -> Option<usize> {
        let node = self.nodes.get(at)?;
        let mut children = node.children.iter().copied();
        children.find(|&child| self.is_named(child, name))
    }

    /// What an element is, which column it fills, and which one everything unnamed below it.
    pub(super) fn of(&self, at: usize) -> (Role, Option<usize>, Option<usize>) {
        self.nodes
            .get(at)
            .map_or((Role::Plain, None, None), |node| {
                (node.role, node.column, node.below)
            })
    }

    /// The column of an attribute.
    pub(super) fn attribute(&self, at: usize, name: &str) -> Option<usize> {
        let attributes = &self.nodes.get(at)?.attributes;
        let mut attributes = attributes.iter();
        attributes
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, column)| *column)
    }

    /// Whether an element of that name is known anywhere: then it is misplaced, and not new.
    pub(super) fn knows(&self, name: &str) -> bool {
        self.nodes
            .iter()
            .skip(1)
            .any(|node| node.name.eq_ignore_ascii_case(name))
    }
}

fn segments(path: &str) -> impl Iterator<Item = &str> {
    path.split('/')
        .map(str::trim)
        .filter(|name| !name.is_empty())
}

/// Whether a namespace is one of the pipeline's; `*` stands for any text without `/`.
pub(super) fn is_accepted(accepted: &[String], namespace: &str) -> bool {
    accepted.iter().any(|pattern| {
        let mut wanted = pattern.split('/');
        let mut given = namespace.split('/');
        loop {
            match (wanted.next(), given.next()) {
                (None, None) => return true,
                (Some(wanted), Some(given)) if fits(wanted, given) => {}
                _ => return false,
            }
        }
    })
}

/// One part of a namespace, between slashes.
fn fits(pattern: &str, text: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else {
        return pattern == text;
    };
    let Some(mut left) = text.strip_prefix(start) else {
        return false;
    };
    let mut parts = rest.split('*').peekable();
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return left.ends_with(part);
        }
        match left.find(part) {
            Some(at) => left = left.get(at + part.len()..).unwrap_or_default(),
            None => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_text_without_a_slash() {
        let accepted = ["http://x/iwmo/*/wmo3*5/schema".to_owned()];
        for (namespace, good) in [
            ("http://x/iwmo/3_2/wmo305/schema", true),
            ("http://x/iwmo/2_1/wmo305/schema", true),
            ("http://x/iwmo/3_2/wmo307/schema", false),
            ("http://x/iwmo/3_2/1/wmo305/schema", false),
            ("http://x/iwmo/3_2/wmo305/schema/", false),
            ("http://x/iwmo/3_2/wmo305", false),
            ("", false),
        ] {
            assert_eq!(is_accepted(&accepted, namespace), good, "{namespace}");
        }
    }
}
