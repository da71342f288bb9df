//! The columns of a view, by what they are to the rules.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema, SchemaRef};

use crate::contract::HIDDEN;
use crate::contract::model::{Publication, Role, ViewColumn};

/// Why the rows of a view cannot be judged.
#[derive(Debug, thiserror::Error)]
pub enum PublicationError {
    /// The rows have other columns than the contract.
    #[error("the rows do not have the columns that the contract names")]
    Columns,
    /// A column that must hold numbers does not.
    #[error("column `{column}` has role `{role}`, and does not hold numbers")]
    Numbers {
        /// The column.
        column: String,
        /// Its role.
        role: &'static str,
    },
    /// The rows cannot be put together again.
    #[error("the rows of a view cannot be published")]
    Arrow(#[from] arrow::error::ArrowError),
}

/// Positions of the columns of a view, by role.
#[derive(Debug, Default)]
pub(super) struct Frame {
    pub groups: Vec<usize>,
    /// Additive dimensions, each with the value of its total.
    pub sums: Vec<(usize, String)>,
    pub labels: Vec<usize>,
    pub range: Option<(usize, usize)>,
    pub cells: Vec<Cell>,
    /// What a reader sees.
    pub shown: Vec<usize>,
}

/// A column of cells, and those that go with it.
#[derive(Debug, Default)]
pub(super) struct Cell {
    pub at: usize,
    pub clients: Option<usize>,
    pub largest: Option<usize>,
    pub follows: Vec<Follower>,
}

/// A column that is hidden with a cell.
#[derive(Debug)]
pub(super) struct Follower {
    pub at: usize,
    pub share: bool,
}

impl Frame {
    /// Reads the roles, and checks that rows of this schema can be judged by them.
    pub(super) fn read(schema: &Schema, columns: &[ViewColumn]) -> Result<Self, PublicationError> {
        let names = schema.fields().iter().map(|f| f.name());
        if !columns.iter().map(|c| &c.name).eq(names) {
            return Err(PublicationError::Columns);
        }
        let find = |name: &str| columns.iter().position(|c| c.name == name);
        let numbers = |at: usize, role: &'static str| match schema.fields().get(at) {
            Some(field) if is_number(field.data_type()) => Ok(at),
            Some(field) => Err(PublicationError::Numbers {
                column: field.name().clone(),
                role,
            }),
            None => Err(PublicationError::Columns),
        };
        let helper = |name: &Option<String>| match name {
            None => Ok(None),
            Some(name) => {
                let at = find(name).ok_or(PublicationError::Columns)?;
                numbers(at, "hulp").map(Some)
            }
        };
        let mut frame = Self::default();
        let (mut from, mut to) = (None, None);
        for (at, column) in columns.iter().enumerate() {
            if column.role.shown() {
                frame.shown.push(at);
            }
            match &column.role {
                Role::Group => frame.groups.push(at),
                Role::Sum { total } => frame.sums.push((at, total.clone())),
                Role::Label => frame.labels.push(at),
                Role::From => from = Some(numbers(at, "van")?),
                Role::To => to = Some(numbers(at, "tot")?),
                Role::Cell { clients, largest } => frame.cells.push(Cell {
                    at: numbers(at, "cel")?,
                    clients: helper(clients)?,
                    largest: helper(largest)?,
                    follows: followers(columns, &column.name),
                }),
                Role::Follows { .. } | Role::Attribute | Role::Order | Role::Helper => {}
            }
        }
        frame.range = from.zip(to);
        Ok(frame)
    }
}

fn followers(columns: &[ViewColumn], of: &str) -> Vec<Follower> {
    let follower = |(at, column): (usize, &ViewColumn)| match &column.role {
        Role::Follows { cell, share } if cell == of => Some(Follower { at, share: *share }),
        _ => None,
    };
    columns.iter().enumerate().filter_map(follower).collect()
}

fn is_number(kind: &DataType) -> bool {
    kind.is_numeric() || kind.is_null()
}

/// The columns that a reader sees of a view.
///
/// # Errors
/// When rows of this schema cannot be judged as the contract asks.
pub fn published(
    schema: &Schema,
    columns: &[ViewColumn],
    publication: &Publication,
) -> Result<SchemaRef, PublicationError> {
    let frame = Frame::read(schema, columns)?;
    let judged = matches!(publication, Publication::Judged(_));
    let hidden = |at: &usize| {
        let role = columns.get(*at).map(|c| &c.role);
        judged && matches!(role, Some(Role::Cell { .. } | Role::Follows { .. }))
    };
    let mut fields = Vec::with_capacity(frame.shown.len() + 1);
    for at in &frame.shown {
        let field = schema.fields().get(*at).ok_or(PublicationError::Columns)?;
        let nullable = field.is_nullable() || hidden(at);
        fields.push(Arc::new(field.as_ref().clone().with_nullable(nullable)));
    }
    if judged {
        fields.push(Arc::new(Field::new(HIDDEN, DataType::Utf8, true)));
    }
    Ok(Arc::new(Schema::new(fields)))
}
