//! What may come next at the prompt: commands, views, columns, words of SQL, functions.

use crate::monitor::{Monitor, Relation};

/// The commands of the prompt.
pub(super) const COMMANDS: [&str; 4] = ["\\?", "\\d", "\\d ", "\\q"];

const WORDS: [&str; 42] = [
    "and",
    "as",
    "asc",
    "between",
    "by",
    "case",
    "cast",
    "count",
    "cross",
    "desc",
    "distinct",
    "else",
    "end",
    "except",
    "exists",
    "false",
    "filter",
    "from",
    "full",
    "group",
    "having",
    "in",
    "inner",
    "intersect",
    "is",
    "join",
    "left",
    "like",
    "limit",
    "not",
    "null",
    "offset",
    "on",
    "or",
    "order",
    "over",
    "partition",
    "select",
    "then",
    "union",
    "when",
    "where",
];

/// What the prompt can complete.
pub(super) struct Completions {
    relations: Vec<Relation>,
    words: Vec<String>,
}

impl Completions {
    pub(super) fn of(monitor: &Monitor) -> Self {
        let mut words: Vec<String> = WORDS.iter().map(|&w| w.to_owned()).collect();
        words.extend(["true".to_owned(), "with".to_owned()]);
        words.extend(monitor.functions());
        Self {
            relations: monitor.views().to_vec(),
            words,
        }
    }

    /// Where the word before the cursor begins, and what it may become.
    pub(super) fn at(&self, line: &str, cursor: usize) -> (usize, Vec<String>) {
        let before = line.get(..cursor).unwrap_or(line);
        let typed = before.trim_start();
        if typed.starts_with('\\') && !typed.contains(char::is_whitespace) {
            let found = COMMANDS.iter().filter(|c| c.starts_with(typed));
            return (cursor - typed.len(), found.map(|&c| c.to_owned()).collect());
        }
        let start = before.rfind(|c: char| !(c.is_alphanumeric() || c == '_' || c == '.'));
        let start = start.map_or(0, |at| {
            at + before[at..].chars().next().map_or(1, char::len_utf8)
        });
        let word = &before[start..];
        let mut found = if typed.starts_with('\\') {
            self.names(word)
        } else if word.is_empty() {
            Vec::new()
        } else {
            self.anything(line, word)
        };
        found.sort_unstable();
        found.dedup();
        (start, found)
    }

    /// Views as `name`, and everything as `schema.name`.
    fn names(&self, word: &str) -> Vec<String> {
        let whole = |r: &Relation| format!("{}.{}", r.schema, r.name);
        let short = self
            .relations
            .iter()
            .filter(|r| r.schema == "monitor")
            .map(|r| r.name.clone());
        short
            .chain(self.relations.iter().map(whole))
            .filter(|n| begins(n, word))
            .collect()
    }

    fn anything(&self, line: &str, word: &str) -> Vec<String> {
        let mut found = self.names(word);
        found.extend(self.columns(line).into_iter().filter(|c| begins(c, word)));
        let shout = word.chars().all(|c| !c.is_lowercase());
        let cased = |w: &String| if shout { w.to_uppercase() } else { w.clone() };
        found.extend(self.words.iter().filter(|w| begins(w, word)).map(cased));
        found
    }

    /// The columns of the views that the line mentions, or of all views.
    fn columns(&self, line: &str) -> Vec<String> {
        let names: Vec<_> = line
            .split(|c: char| !(c.is_alphanumeric() || c == '_'))
            .map(str::to_lowercase)
            .collect();
        let mentioned = |r: &&Relation| names.contains(&r.name);
        let any = self.relations.iter().any(|r| mentioned(&r));
        let chosen = self.relations.iter().filter(|r| !any || mentioned(r));
        chosen
            .flat_map(|r| r.columns.iter().map(|c| c.name.clone()))
            .collect()
    }
}

fn begins(candidate: &str, word: &str) -> bool {
    candidate.to_lowercase().starts_with(&word.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::monitor::RelationColumn;

    fn completions() -> Completions {
        let relation = |schema, name: &str, columns: &[&str]| Relation {
            schema,
            name: name.to_owned(),
            title: name.to_owned(),
            documentation: String::new(),
            columns: columns
                .iter()
                .map(|&c| RelationColumn {
                    name: c.to_owned(),
                    kind: "geheel".to_owned(),
                    documentation: String::new(),
                    role: None,
                })
                .collect(),
        };
        Completions {
            relations: vec![
                relation("monitor", "hulpvragen", &["jaar", "aantal"]),
                relation("monitor", "leeftijd", &["jaar", "leeftijdsgroep"]),
                relation("beheer", "runs", &["run", "uitkomst"]),
            ],
            words: ["select", "left", "where"].map(str::to_owned).to_vec(),
        }
    }

    fn at_end(line: &str) -> (usize, Vec<String>) {
        completions().at(line, line.len())
    }

    #[test]
    fn words_keep_the_case_that_was_begun() {
        assert_eq!(at_end("sel"), (0, vec!["select".to_owned()]));
        assert_eq!(at_end("SEL"), (0, vec!["SELECT".to_owned()]));
    }

    #[test]
    fn views_come_with_and_without_their_schema() {
        assert_eq!(
            at_end("select * from hul"),
            (14, vec!["hulpvragen".to_owned()])
        );
        assert_eq!(
            at_end("select * from beheer.r"),
            (14, vec!["beheer.runs".to_owned()])
        );
    }

    #[test]
    fn columns_are_those_of_the_views_in_the_line() {
        let line = "select le from leeftijd";
        let (start, found) = completions().at(line, 9);
        assert_eq!(
            (start, found),
            (
                7,
                ["leeftijd", "leeftijdsgroep", "left"]
                    .map(str::to_owned)
                    .to_vec()
            )
        );
        let (_, found) = completions().at("select uit from hulpvragen", 10);
        assert!(found.is_empty(), "{found:?}");
    }

    #[test]
    fn commands_complete_and_take_views() {
        assert_eq!(at_end("\\q").1, ["\\q"]);
        assert_eq!(at_end("\\d lee"), (3, vec!["leeftijd".to_owned()]));
    }

    #[test]
    fn any_cursor_will_do() {
        let line = "select 'caf\u{e9}' x";
        for cursor in 0..=line.len() + 1 {
            completions().at(line, cursor);
        }
    }
}
