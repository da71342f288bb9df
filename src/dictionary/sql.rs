//! The dictionary as comments in a database: statements that PostgreSQL and DuckDB both take, for who
//! loads a release there. The tables and views must exist, in schemas of the same names.

use std::fmt::Write as _;

use super::{Dictionary, OriginNote};

impl Dictionary {
    /// `COMMENT ON` for every table, view and column.
    #[must_use]
    pub fn to_sql(&self) -> String {
        let mut sql = Statements::default();
        let adopted = self.register.adopted.as_deref();
        sql.remark(&format!(
            "Gegevenswoordenboek van sluis {}; DPIA-register {}, {}.",
            self.program,
            self.register.version,
            adopted.map_or_else(
                || "nog een concept".to_owned(),
                |d| format!("vastgesteld {d}")
            ),
        ));
        sql.remark(
            "Voor PostgreSQL en DuckDB. De tabellen en views moeten er al zijn, in de schema's",
        );
        sql.remark("magazijn, monitor en beheer.");
        for table in &self.tables {
            let text = format!("{}. {}", table.title, joined(&table.documentation));
            sql.comment("TABLE", &["magazijn", &table.name], &text);
            for column in &table.columns {
                let text = with_origin(&column.documentation, &column.origin);
                sql.comment("COLUMN", &["magazijn", &table.name, &column.name], &text);
            }
        }
        for view in &self.views {
            let text = format!(
                "{}. {} {}",
                view.title,
                view.documentation.trim(),
                view.publication
            );
            sql.comment("VIEW", &["monitor", &view.name], &text);
            for column in view.columns.iter().filter(|column| column.shown) {
                let text = with_origin(&column.documentation, &column.origin);
                sql.comment("COLUMN", &["monitor", &view.name, &column.name], &text);
            }
        }
        for table in &self.history {
            sql.comment("TABLE", &["beheer", &table.name], &table.documentation);
            for column in table.columns.iter().filter(|c| !c.documentation.is_empty()) {
                let name = ["beheer", table.name.as_str(), column.name.as_str()];
                sql.comment("COLUMN", &name, &column.documentation);
            }
        }
        sql.0
    }
}

#[derive(Default)]
struct Statements(String);

impl Statements {
    fn remark(&mut self, text: &str) {
        // A `String` takes whatever is written to it.
        let _ = writeln!(self.0, "-- {}", joined(text));
    }

    fn comment(&mut self, what: &str, name: &[&str], text: &str) {
        let name: Vec<String> = name.iter().map(|part| identifier(part)).collect();
        let _ = writeln!(
            self.0,
            "COMMENT ON {what} {} IS {};",
            name.join("."),
            literal(text)
        );
    }
}

/// What a column holds, its class, and the fields that it is made of.
fn with_origin(documentation: &str, origin: &OriginNote) -> String {
    let mut text = documentation.to_owned();
    if let Some(class) = &origin.class {
        let _ = write!(text, " Klasse: {class}.");
    }
    if !origin.sources.is_empty() {
        let sources = origin.sources.iter().map(|source| {
            let (from, column) = (&source.source, &source.column);
            format!(
                "{from}.{column} ({}, {})",
                source.treatment,
                source.way.name()
            )
        });
        let sources: Vec<_> = sources.collect();
        let _ = write!(text, " Bron: {}.", sources.join("; "));
    }
    text
}

/// A name as both take it: quoted, so that no word is reserved.
fn identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A text as both take it. A backslash is one, as the standard says.
fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\0', "").replace('\'', "''"))
}

fn joined(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_texts_are_quoted() {
        let mut sql = Statements::default();
        sql.comment(
            "COLUMN",
            &["monitor", "a\"b", "order"],
            "d'r in\nc:\\ -- geen '; drop",
        );
        assert_eq!(
            sql.0,
            "COMMENT ON COLUMN \"monitor\".\"a\"\"b\".\"order\" IS 'd''r in\nc:\\ -- geen ''; drop';\n"
        );
    }
}
