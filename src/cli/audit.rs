//! `sluis audit`: is the log of who did what whole, and what is its head?

use super::{CliError, Done, Env};
use crate::audit;

/// `sluis audit`
#[derive(Debug, clap::Subcommand)]
pub enum AuditCommand {
    /// Prove that no line was changed, and name the first that was
    Verify {
        /// A head that was noted elsewhere: it must be in the log
        #[arg(long, value_name = "DIGEST")]
        head: Option<String>,
    },
    /// The digest of the last line, to be noted elsewhere
    Head,
}

/// Verifies the log, or shows its head.
///
/// # Errors
/// When the log cannot be read.
pub fn run(command: &AuditCommand, env: &Env) -> Result<Done, CliError> {
    let settings = env.settings()?;
    let noted = match command {
        AuditCommand::Verify { head } => head.as_deref().map(str::trim),
        AuditCommand::Head => None,
    };
    let printer = &env.printer;
    let found = audit::verify(&settings.paths.warehouse, noted)?;
    if printer.style().json {
        printer.json(&match &found {
            Ok(chain) => serde_json::json!({ "whole": true, "chain": chain }),
            Err(broken) => serde_json::json!({ "whole": false, "break": broken }),
        })?;
    }
    let chain = match found {
        Ok(chain) => chain,
        Err(broken) => {
            if !printer.style().json {
                printer.line(&format!("NOT WHOLE: line {}: {}", broken.line, broken.what))?;
            }
            return Ok(Done::Unverified);
        }
    };
    let lost = noted.is_some() && chain.noted.is_none();
    if !printer.style().json {
        let at = chain.at.as_deref().unwrap_or("-");
        printer.line(&match (command, lost) {
            (AuditCommand::Head, _) => format!("{} {} {at}", chain.lines, chain.head),
            (_, true) => "NOT WHOLE: the head that was noted is not in the log".to_owned(),
            (_, false) => format!(
                "whole: {} lines, the last of {at}\nhead   {}",
                chain.lines, chain.head
            ),
        })?;
    }
    if noted.is_none() && matches!(command, AuditCommand::Verify { .. }) {
        printer.hint(
            "lines cut off the end show only against a head that was noted elsewhere: `--head`",
        );
    }
    Ok(if lost { Done::Unverified } else { Done::Clean })
}
