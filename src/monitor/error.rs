//! What can go wrong with an analyst's query, in words that show neither paths nor plans nor
//! values.
//!
//! The engine's own words pass only while a query is being planned: until then it knows the text of
//! the query and the names of the views, no data. What goes wrong later is said in our words.

use arrow::error::ArrowError;
use datafusion::error::DataFusionError;

use super::published::Inside;
use crate::error::{Class, Classified};
use crate::warehouse::history::HistoryError;
use crate::warehouse::release::ReleaseError;
use crate::warehouse::scan::ScanError;

/// Why the monitor cannot be opened, or a query cannot be answered.
#[derive(Debug, thiserror::Error)]
pub enum MonitorError {
    /// There is no statement.
    #[error("there is no query")]
    Empty,
    /// More than one statement.
    #[error("one query at a time; these are {count}")]
    Several {
        /// Statements.
        count: usize,
    },
    /// The text is not SQL.
    #[error("this is not SQL: {message}")]
    Syntax {
        /// What the parser said.
        message: String,
    },
    /// SQL, but not a query.
    #[error("only queries are answered here, {what} is not one")]
    NotAQuery {
        /// The statement's first word.
        what: String,
    },
    /// The query does not fit the views.
    #[error("the query cannot be answered: {message}")]
    Query {
        /// What the planner said.
        message: String,
    },
    /// The query met a value that it cannot calculate with.
    #[error("the query fails while it calculates: {what}")]
    Calculation {
        /// What went wrong, without the value.
        what: &'static str,
    },
    /// The query needs more memory than it may have.
    #[error("the query needs more memory than a query may have")]
    Memory,
    /// The query has more words and signs than can be read.
    #[error("the query is too long: it has more than {most} words and signs")]
    TooLong {
        /// How many it may have.
        most: usize,
    },
    /// The query nests too deeply to be executed.
    #[error("the query is nested too deeply, or has too long a chain of operators")]
    TooDeep,
    /// A view cannot be planned.
    #[error("{path}: {message}")]
    View {
        /// The view's file among the contracts.
        path: String,
        /// What is wrong with it.
        message: String,
    },
    /// A table cannot be opened.
    #[error(transparent)]
    Table(#[from] ScanError),
    /// The history cannot be read.
    #[error("{message}")]
    History {
        /// What the history's reader said.
        message: String,
    },
    /// A file of the release cannot be read.
    #[error("a file of the release cannot be read; it may be damaged or removed")]
    Unreadable,
    /// The engine failed.
    #[error("the query engine fails on this query")]
    Engine,
}

impl Classified for MonitorError {
    fn class(&self) -> Class {
        match self {
            Self::Empty
            | Self::Several { .. }
            | Self::Syntax { .. }
            | Self::NotAQuery { .. }
            | Self::Query { .. }
            | Self::Calculation { .. }
            | Self::Memory
            | Self::TooLong { .. }
            | Self::TooDeep
            | Self::View { .. } => Class::User,
            Self::Table(error) => error.class(),
            Self::History { .. } | Self::Unreadable => Class::Environment,
            Self::Engine => Class::Bug,
        }
    }

    fn remedy(&self) -> Option<String> {
        let text = match self {
            Self::Empty => "try `select * from hulpvragen`",
            Self::Several { .. } => "give them one by one",
            Self::NotAQuery { .. } => "begin with SELECT or WITH; `show tables` lists the views",
            Self::Calculation { .. } => {
                "`nullif` avoids a zero, `try_cast` a value that does not fit"
            }
            Self::Memory => {
                "ask for fewer columns or rows, or add up more, or have query.memory_mib raised"
            }
            Self::TooLong { .. } => "ask it in parts",
            Self::TooDeep => "`in (...)` takes the place of a chain of `or`; or ask it in parts",
            Self::Unreadable => "ask an earlier release with `--release`",
            _ => return None,
        };
        Some(text.to_owned())
    }
}

/// What a function refuses, in our words.
const ODD_ARGUMENT: &str = "a function gets a value that it does not take";

/// The longest text of the engine that we pass on.
const LONGEST: usize = 400;

impl MonitorError {
    /// An error met while a query is read and planned.
    pub(super) fn planning(error: &DataFusionError) -> Self {
        match root(error) {
            DataFusionError::SQL(parser, _) => Self::Syntax {
                message: one_line(&words(parser)),
            },
            DataFusionError::Plan(text) | DataFusionError::NotImplemented(text) => {
                Self::Query { message: fit(text) }
            }
            DataFusionError::SchemaError(error, _) => Self::Query {
                message: fit(&error.to_string()),
            },
            _ => Self::running(error),
        }
    }

    /// An error met while a query runs.
    pub(super) fn running(error: &DataFusionError) -> Self {
        match root(error) {
            DataFusionError::ResourcesExhausted(_) => Self::Memory,
            DataFusionError::ArrowError(error, _) => Self::arrow(error),
            DataFusionError::ParquetError(_)
            | DataFusionError::ObjectStore(_)
            | DataFusionError::IoError(_) => Self::Unreadable,
            DataFusionError::Execution(_) => Self::Calculation { what: ODD_ARGUMENT },
            DataFusionError::Plan(_)
            | DataFusionError::NotImplemented(_)
            | DataFusionError::SchemaError(..) => Self::Query {
                message: "the engine does not support this form of query".to_owned(),
            },
            DataFusionError::External(inner) => {
                if let Some(Inside(error)) = inner.downcast_ref() {
                    return Self::running(error);
                }
                let history = inner
                    .downcast_ref::<HistoryError>()
                    .map(ToString::to_string);
                let release = || {
                    inner
                        .downcast_ref::<ReleaseError>()
                        .map(ToString::to_string)
                };
                match history.or_else(release) {
                    Some(message) => Self::History { message },
                    // A library of the engine, such as that of regular expressions.
                    None => Self::Calculation { what: ODD_ARGUMENT },
                }
            }
            _ => Self::Engine,
        }
    }

    fn arrow(error: &ArrowError) -> Self {
        let what = match error {
            ArrowError::DivideByZero => "division by zero",
            ArrowError::CastError(_) | ArrowError::ParseError(_) => {
                "a value does not fit the type asked for"
            }
            ArrowError::ArithmeticOverflow(_) => "a number becomes too large",
            ArrowError::ComputeError(_) | ArrowError::InvalidArgumentError(_) => ODD_ARGUMENT,
            ArrowError::IoError(..) | ArrowError::ParquetError(_) => return Self::Unreadable,
            ArrowError::ExternalError(inner) => match inner.downcast_ref::<DataFusionError>() {
                Some(error) => return Self::running(error),
                // Such as a pattern that is none.
                None => ODD_ARGUMENT,
            },
            _ => return Self::Engine,
        };
        Self::Calculation { what }
    }
}

/// The error inside its wrappings.
fn root(error: &DataFusionError) -> &DataFusionError {
    match error {
        DataFusionError::Context(_, inner) | DataFusionError::Diagnostic(_, inner) => root(inner),
        DataFusionError::Shared(inner) => root(inner),
        DataFusionError::Collection(errors) => errors.first().map_or(error, root),
        other => other,
    }
}

fn words(error: &datafusion::sql::sqlparser::parser::ParserError) -> String {
    use datafusion::sql::sqlparser::parser::ParserError;
    match error {
        ParserError::TokenizerError(text) | ParserError::ParserError(text) => text.clone(),
        ParserError::RecursionLimitExceeded => "it is nested too deeply".to_owned(),
    }
}

/// The planner's words, unless a plan is among them.
fn fit(text: &str) -> String {
    const PLAN: [&str; 4] = ["TableScan", "SubqueryAlias", "Projection:", "file_groups"];
    if PLAN.iter().any(|word| text.contains(word)) {
        return "the engine does not support this form of query".to_owned();
    }
    one_line(text)
}

fn one_line(text: &str) -> String {
    let first = text.lines().next().unwrap_or_default().trim();
    match first.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}...", &first[..end]),
        None => first.to_owned(),
    }
}
