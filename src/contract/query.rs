//! `pipelines/ID/TABLE.sql` and `schemas/monitor/NAME.sql`: one SELECT each, and the tables it
//! names. Nothing is planned or run here; whether columns fit is known when the query is planned.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use datafusion::common::DataFusionError;
use datafusion::sql::parser::{DFParser, Statement};
use datafusion::sql::sqlparser::ast::{self, Ident, ObjectName, SetExpr, Spanned, Visit, Visitor};
use datafusion::sql::sqlparser::parser::ParserError;

use super::document::At;
use super::faults::FileReport;

/// The treated delivery, as mappings call it.
pub(super) const DELIVERY: &str = "levering";
/// The schema of the warehouse tables.
pub(super) const WAREHOUSE: &str = "magazijn";
/// The schema of the views.
pub(super) const MONITOR: &str = "monitor";

/// A query as read: the relations it names, common table expressions aside.
#[derive(Debug)]
pub(super) struct QueryFile {
    pub(super) relations: Vec<At<Relation>>,
}

/// What a query reads from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Relation {
    /// `levering`.
    Delivery,
    /// `magazijn.NAME`.
    Table(String),
    /// `monitor.NAME`.
    View(String),
    /// Anything else.
    Other(String),
}

impl QueryFile {
    /// Reads a query; what is not exactly one SELECT is a fault.
    pub(super) fn read(sql: &str, report: FileReport<'_>) -> Option<Self> {
        let query = one_select(sql, report)?;
        let mut reader = RelationReader::default();
        let _ = query.visit(&mut reader);
        let RelationReader {
            mut relations,
            named,
        } = reader;
        relations.retain(|relation| match &relation.value {
            Relation::Other(name) => !named.contains(name),
            Relation::Delivery => !named.contains(DELIVERY),
            Relation::Table(_) | Relation::View(_) => true,
        });
        Some(Self { relations })
    }
}

/// The documentation of a view: the comment that opens its file.
pub(super) fn documentation(sql: &str, report: FileReport<'_>) -> Option<String> {
    let comment = sql.lines().map_while(|line| line.trim().strip_prefix("--"));
    let lines: Vec<&str> = comment.map(str::trim).collect();
    let documentation = lines.join("\n").trim().to_owned();
    if documentation.is_empty() {
        report.fault(
            1,
            "a view without documentation",
            "open the file with lines `-- ...` that say in Dutch what the view shows",
        );
        return None;
    }
    Some(documentation)
}

fn one_select(sql: &str, report: FileReport<'_>) -> Option<Box<ast::Query>> {
    const REMEDY: &str = "write exactly one SELECT, which may begin with WITH";
    let mut statements = match DFParser::parse_sql(sql) {
        Ok(statements) => statements,
        Err(error) => {
            let (line, message) = place(&error);
            report.fault(line, format!("not SQL: {message}"), "correct the query");
            return None;
        }
    };
    if let Some(second) = statements.get(1) {
        let line = match second {
            Statement::Statement(second) => line_of(&**second),
            _ => 1,
        };
        report.fault(
            line,
            format!("{} statements in one file", statements.len()),
            REMEDY,
        );
        return None;
    }
    let Some(statement) = statements.pop_front() else {
        report.fault(1, "a file without a query", REMEDY);
        return None;
    };
    if let Statement::Statement(statement) = statement
        && let ast::Statement::Query(query) = *statement
    {
        let line = line_of(&*query);
        if selects(&query.body) && query.visit(&mut OnlyReads).is_continue() {
            return Some(query);
        }
        report.fault(line, "a query that is no SELECT", REMEDY);
        return None;
    }
    report.fault(1, "a statement that is no SELECT", REMEDY);
    None
}

/// Whether the rows come from SELECT and nothing else.
fn selects(body: &SetExpr) -> bool {
    match body {
        SetExpr::Select(select) => select.into.is_none(),
        SetExpr::Query(query) => selects(&query.body),
        SetExpr::SetOperation { left, right, .. } => selects(left) && selects(right),
        _ => false,
    }
}

/// Breaks at a query below the top that does more than read: there, VALUES may stand too.
struct OnlyReads;

impl Visitor for OnlyReads {
    type Break = ();

    fn pre_visit_query(&mut self, query: &ast::Query) -> ControlFlow<()> {
        fn reads(body: &SetExpr) -> bool {
            match body {
                SetExpr::Select(select) => select.into.is_none(),
                SetExpr::Query(_) | SetExpr::Values(_) => true,
                SetExpr::SetOperation { left, right, .. } => reads(left) && reads(right),
                _ => false,
            }
        }
        if reads(&query.body) {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(())
        }
    }
}

#[derive(Default)]
struct RelationReader {
    relations: Vec<At<Relation>>,
    /// Common table expressions.
    named: BTreeSet<String>,
}

impl Visitor for RelationReader {
    type Break = ();

    fn pre_visit_query(&mut self, query: &ast::Query) -> ControlFlow<()> {
        let tables = query.with.iter().flat_map(|with| &with.cte_tables);
        self.named
            .extend(tables.map(|table| folded(&table.alias.name)));
        ControlFlow::Continue(())
    }

    fn pre_visit_relation(&mut self, relation: &ObjectName) -> ControlFlow<()> {
        let parts: Option<Vec<String>> = relation
            .0
            .iter()
            .map(|part| part.as_ident().map(folded))
            .collect();
        let name = match parts.as_deref() {
            Some([name]) if name == DELIVERY => Relation::Delivery,
            Some([schema, name]) if schema == WAREHOUSE => Relation::Table(name.clone()),
            Some([schema, name]) if schema == MONITOR => Relation::View(name.clone()),
            Some(parts) => Relation::Other(parts.join(".")),
            None => Relation::Other(relation.to_string()),
        };
        self.relations.push(At::new(name, line_of(relation)));
        ControlFlow::Continue(())
    }
}

/// An identifier as DataFusion takes it: lower case unless quoted.
fn folded(ident: &Ident) -> String {
    match ident.quote_style {
        Some(_) => ident.value.clone(),
        None => ident.value.to_ascii_lowercase(),
    }
}

fn line_of(node: &impl Spanned) -> u32 {
    u32::try_from(node.span().start.line).unwrap_or(1).max(1)
}

/// The line and the message of an error of the SQL parser.
fn place(error: &DataFusionError) -> (u32, String) {
    let text = match error.find_root() {
        DataFusionError::SQL(error, _) => match &**error {
            ParserError::ParserError(text) | ParserError::TokenizerError(text) => text.clone(),
            ParserError::RecursionLimitExceeded => "nested too deeply".to_owned(),
        },
        other => other.strip_backtrace(),
    };
    match text.rsplit_once(" at Line: ") {
        Some((message, place)) => {
            let line = place
                .split(',')
                .next()
                .and_then(|line| line.trim().parse().ok());
            (line.unwrap_or(1), message.to_owned())
        }
        None => (1, text),
    }
}

#[cfg(test)]
mod tests {
    use super::{QueryFile, Relation, documentation};
    use crate::contract::faults::Report;

    type Relations = Vec<(u32, Relation)>;
    type Messages = Vec<(u32, String)>;

    fn read(sql: &str) -> Result<Relations, Messages> {
        let report = Report::default();
        let query = QueryFile::read(sql, report.file("q.sql", None));
        let faults = report.into_sorted();
        match query {
            Some(query) => {
                assert_eq!(faults, []);
                Ok(query
                    .relations
                    .into_iter()
                    .map(|at| (at.line, at.value))
                    .collect())
            }
            None => Err(faults
                .into_iter()
                .map(|fault| (fault.line, fault.message))
                .collect()),
        }
    }

    #[test]
    fn a_query_names_its_relations() {
        let sql = "-- doc\nWITH recent AS (SELECT * FROM Levering)\nSELECT r.*, p.wijk\nFROM recent r\n\
                   JOIN magazijn.postcode p ON p.postcode = r.pc\nJOIN geheim.x ON true";
        assert_eq!(
            read(sql).unwrap(),
            [
                (2, Relation::Delivery),
                (5, Relation::Table("postcode".into())),
                (6, Relation::Other("geheim.x".into()))
            ]
        );
    }

    #[test]
    fn unions_nested_queries_and_listed_values_are_reads() {
        assert!(read("SELECT 1 FROM levering UNION ALL (SELECT 2)").is_ok());
        assert!(read("SELECT * FROM (VALUES (1, 'a')) AS t(a, b)").is_ok());
        assert!(read("SELECT 1;").is_ok());
    }

    #[test]
    fn what_is_not_one_select_is_refused() {
        for sql in [
            "",
            "-- only a comment\n",
            "VALUES (1)",
            "TABLE x",
            "DROP TABLE x",
            "INSERT INTO x SELECT 1",
            "COPY x TO 'y.parquet'",
            "CREATE EXTERNAL TABLE x STORED AS CSV LOCATION 'x'",
            "EXPLAIN SELECT 1",
            "SET a = 1",
            "SELECT 1 INTO x",
            "SELECT 1 UNION ALL VALUES (2)",
            "WITH x AS (INSERT INTO y SELECT 1 RETURNING *) SELECT * FROM x",
        ] {
            assert!(read(sql).is_err(), "{sql}");
        }
    }

    #[test]
    fn two_statements_and_slips_are_faults_with_their_line() {
        let two = read("SELECT 1;\n\nSELECT 2").unwrap_err();
        assert_eq!(two, [(3, "2 statements in one file".to_owned())]);
        let slip = read("SELECT a\nFROM levering\nWHERE (a = 1\nGROUP BY").unwrap_err();
        assert!(slip[0].0 >= 3, "{slip:?}");
        assert!(slip[0].1.starts_with("not SQL: Expected"), "{slip:?}");
        let open = read("SELECT 'a\nFROM levering").unwrap_err();
        assert!(open[0].1.starts_with("not SQL: Unterminated"), "{open:?}");
    }

    #[test]
    fn the_comment_that_opens_a_view_is_its_documentation() {
        let report = Report::default();
        let sql = "-- Hulpvragen per jaar.\n--\n-- Telt alles.\nSELECT 1 -- not this\n";
        let read = |sql| documentation(sql, report.file("v.sql", None));
        let text = read(sql).unwrap();
        assert_eq!(text, "Hulpvragen per jaar.\n\nTelt alles.");
        assert!(read("SELECT 1").is_none());
        assert!(read("--\nSELECT 1").is_none());
        assert_eq!(report.into_sorted()[0].line, 1);
    }
}
