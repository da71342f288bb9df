//! What analysts may say: exactly one query.
//!
//! This looks at the text. That the query reads views only follows from the session, which knows
//! nothing else; that it changes nothing is asserted once more over the plan.

use std::collections::BTreeSet;

use datafusion::execution::session_state::SessionState;
use datafusion::sql::parser::{DFParserBuilder, Statement};
use datafusion::sql::sqlparser::ast::Statement as Sql;
use datafusion::sql::sqlparser::dialect::PostgreSqlDialect;

use super::bounds;
use super::error::MonitorError;
use super::session::{CATALOG, MONITOR};

/// What a text asks for.
#[derive(Debug)]
pub(super) enum Asked {
    /// An answer to this query.
    Query(Statement),
    /// The list of views.
    Tables,
}

/// Reads a text as one query, or `show tables`.
pub(super) fn read(sql: &str) -> Result<Asked, MonitorError> {
    let dialect = PostgreSqlDialect {};
    let mut statements = DFParserBuilder::new(sql)
        .with_dialect(&dialect)
        .build()
        .and_then(|mut parser| parser.parse_statements())
        .map_err(|e| MonitorError::planning(&e))?;
    let count = statements.len();
    match (statements.pop_front(), count) {
        (None, _) => Err(MonitorError::Empty),
        (Some(statement), 1) => one(statement),
        (Some(_), _) => Err(MonitorError::Several { count }),
    }
}

/// The relations that a query names, each with its schema.
pub(super) fn named(
    state: &SessionState,
    sql: &str,
) -> Result<BTreeSet<(String, String)>, MonitorError> {
    bounds::text(sql)?;
    let Asked::Query(statement) = read(sql)? else {
        return Ok(BTreeSet::new());
    };
    let references = state.resolve_table_references(&statement);
    let references = references.map_err(|e| MonitorError::planning(&e))?;
    let full = references.into_iter().map(|r| r.resolve(CATALOG, MONITOR));
    Ok(full
        .map(|name| (name.schema.to_string(), name.table.to_string()))
        .collect())
}

fn one(statement: Statement) -> Result<Asked, MonitorError> {
    let what = match &statement {
        Statement::Statement(sql) => match sql.as_ref() {
            Sql::Query(_) => return Ok(Asked::Query(statement)),
            Sql::ShowTables { .. } => return Ok(Asked::Tables),
            other => first_word(&other.to_string()),
        },
        Statement::CreateExternalTable(_) => "CREATE EXTERNAL TABLE".to_owned(),
        Statement::CopyTo(_) => "COPY".to_owned(),
        Statement::Explain(_) => "EXPLAIN".to_owned(),
        Statement::Reset(_) => "RESET".to_owned(),
    };
    Err(MonitorError::NotAQuery { what })
}

fn first_word(text: &str) -> String {
    text.split_whitespace()
        .next()
        .unwrap_or("this")
        .to_ascii_uppercase()
}
