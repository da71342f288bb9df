//! What analysts may say: exactly one query.
//!
//! This looks at the text. That the query reads views only follows from the session, which knows
//! nothing else; that it changes nothing is asserted once more over the plan.

use datafusion::sql::parser::{DFParserBuilder, Statement};
use datafusion::sql::sqlparser::ast::Statement as Sql;
use datafusion::sql::sqlparser::dialect::PostgreSqlDialect;

use super::error::MonitorError;

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
