//! How large a query may be, so that no text, however odd, can exhaust a stack: that would end the
//! process, and with it every other question.
//!
//! Reading and planning go down one level for each level of the query, and a chain of operators is
//! as deep as it is long. So a text has a largest number of tokens, it is read and planned on a
//! stack that is large enough for the deepest query of so many tokens, and only a plan of bounded
//! depth is executed, because that happens on the stack of whoever asks.

use std::thread;

use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion, TreeNodeVisitor};
use datafusion::error::Result as DfResult;
use datafusion::logical_expr::{Expr, LogicalPlan};
use datafusion::sql::sqlparser::dialect::PostgreSqlDialect;
use datafusion::sql::sqlparser::tokenizer::{Token, Tokenizer};
use tokio::runtime::Handle;
use tokio::sync::oneshot;

use super::error::MonitorError;

/// The most words and signs that a query may have.
const MOST_TOKENS: usize = 20_000;
/// The deepest nesting of steps, and of operators within a step, that is executed.
const DEEPEST: usize = 1_000;
/// Stack for reading and planning. Memory is taken only as far as it is used. A level costs less
/// than 10 KiB without optimisation.
const STACK_BYTES: usize = 256 << 20;

/// Refuses a text that is too long to be read. One that is no SQL at all is left to the parser.
pub(super) fn text(sql: &str) -> Result<(), MonitorError> {
    let tokens = Tokenizer::new(&PostgreSqlDialect {}, sql).tokenize();
    let count = tokens.iter().flatten().filter(|t| !blank(t)).count();
    if count > MOST_TOKENS {
        return Err(MonitorError::TooLong { most: MOST_TOKENS });
    }
    Ok(())
}

fn blank(token: &Token) -> bool {
    matches!(token, Token::Whitespace(_))
}

/// Refuses a plan that is too deep to be executed.
pub(super) fn plan(plan: &LogicalPlan) -> Result<(), MonitorError> {
    let mut steps = Depth::default();
    plan.visit_with_subqueries(&mut steps)
        .map_err(|e| MonitorError::planning(&e))?;
    if steps.deepest > DEEPEST {
        return Err(MonitorError::TooDeep);
    }
    Ok(())
}

/// Measures the depth of a tree. For a plan that of the expressions of its steps counts too.
#[derive(Default)]
struct Depth {
    now: usize,
    deepest: usize,
}

impl Depth {
    fn down(&mut self) -> TreeNodeRecursion {
        self.now += 1;
        self.deepest = self.deepest.max(self.now);
        TreeNodeRecursion::Continue
    }

    fn up(&mut self) -> TreeNodeRecursion {
        self.now -= 1;
        TreeNodeRecursion::Continue
    }
}

impl<'n> TreeNodeVisitor<'n> for Depth {
    type Node = LogicalPlan;

    fn f_down(&mut self, step: &'n LogicalPlan) -> DfResult<TreeNodeRecursion> {
        let mut expressions = ExprDepth::default();
        step.apply_expressions(|e| e.visit(&mut expressions))?;
        self.deepest = self.deepest.max(expressions.0.deepest);
        Ok(self.down())
    }

    fn f_up(&mut self, _: &'n LogicalPlan) -> DfResult<TreeNodeRecursion> {
        Ok(self.up())
    }
}

#[derive(Default)]
struct ExprDepth(Depth);

impl<'n> TreeNodeVisitor<'n> for ExprDepth {
    type Node = Expr;

    fn f_down(&mut self, _: &'n Expr) -> DfResult<TreeNodeRecursion> {
        Ok(self.0.down())
    }

    fn f_up(&mut self, _: &'n Expr) -> DfResult<TreeNodeRecursion> {
        Ok(self.0.up())
    }
}

/// Does work on a stack that is large enough for it, in the runtime of the caller.
pub(super) async fn roomy<T: Send + 'static>(
    work: impl Future<Output = T> + Send + 'static,
) -> Result<T, MonitorError> {
    let runtime = Handle::try_current().map_err(|_| MonitorError::Engine)?;
    let (done, result) = oneshot::channel();
    thread::Builder::new()
        .name("query".to_owned())
        .stack_size(STACK_BYTES)
        .spawn(move || done.send(runtime.block_on(work)).is_ok())
        .map_err(|_| MonitorError::Memory)?;
    result.await.map_err(|_| MonitorError::Engine)
}
