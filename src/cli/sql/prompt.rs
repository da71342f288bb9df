//! The prompt: editing, history, completion and a few commands. A query that fails does not end it.

use std::borrow::Cow;
use std::env;
use std::fs::{self, DirBuilder, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rustyline::completion::Completer;
use rustyline::error::ReadlineError;
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::history::FileHistory;
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{CompletionType, Config, Context, Editor, Helper};

use super::Desk;
use super::complete::Completions;
use super::split;
use crate::cli::CliError;

const HELP: &str = "\
A query ends with `;` and may take several lines.
  \\d        list the views and the tables of the run history
  \\d NAME   show what a view holds
  \\?        this help
  \\q        leave (Ctrl-D too); Ctrl-C clears the line; Tab completes";

/// Entries that the history keeps.
const HISTORY: usize = 2000;

/// Answers until the person leaves.
pub(super) fn run(desk: &Desk<'_>) -> Result<(), CliError> {
    let mut editor = editor(desk).map_err(|e| failed(&e))?;
    let history = history_file();
    if let Some(path) = &history {
        // Without a history the prompt works as well.
        let _ = editor.load_history(path);
    } else {
        desk.printer
            .detail("the history of this prompt is not kept");
    }
    greet(desk);
    loop {
        let entry = editor.readline("sluis> ");
        if let Some(path) = &history
            && let Err(error) = editor.append_history(path)
        {
            desk.printer
                .detail(&format!("the history cannot be kept: {error}"));
        }
        match entry {
            Ok(text) => match turn(desk, &text) {
                Ok(Next::Go) => {}
                Ok(Next::Leave) => return Ok(()),
                Err(CliError::NobodyReads) => return Err(CliError::NobodyReads),
                Err(error) => desk.printer.error(&error),
            },
            Err(ReadlineError::Interrupted) => {}
            Err(ReadlineError::Eof) => return Ok(()),
            Err(error) => return Err(failed(&error)),
        }
    }
}

fn failed(error: &ReadlineError) -> CliError {
    CliError::Prompt(error.to_string())
}

fn greet(desk: &Desk<'_>) {
    if let Some(release) = &desk.release {
        let (id, published) = (&release.id, &release.published_at);
        desk.printer
            .note(&format!("Release {id}, published {published}."));
    }
    desk.printer.note("\\? for help, \\q to leave.");
}

#[derive(Debug, PartialEq, Eq)]
enum Next {
    Go,
    Leave,
}

/// Does what one entry asks.
fn turn(desk: &Desk<'_>, text: &str) -> Result<Next, CliError> {
    let typed = text.trim();
    let mut words = typed.split_whitespace();
    match words.next() {
        None => {}
        Some("\\q") => return Ok(Next::Leave),
        Some("\\?") => desk.printer.line(HELP)?,
        Some("\\d") => match words.next() {
            Some(name) => desk.describe(name.trim_end_matches(';'))?,
            None => desk.list()?,
        },
        Some(command) if command.starts_with('\\') => {
            return Err(CliError::Usage {
                message: format!("there is no command {command}"),
                remedy: Some("`\\?` lists them".to_owned()),
            });
        }
        Some(_) => split::split(typed)
            .into_iter()
            .try_for_each(|query| desk.answer(query))?,
    }
    Ok(Next::Go)
}

fn editor(desk: &Desk<'_>) -> rustyline::Result<Editor<Assistant, FileHistory>> {
    let config = Config::builder()
        .max_history_size(HISTORY)?
        .history_ignore_dups(true)?
        .history_ignore_space(true)
        .auto_add_history(true)
        .completion_type(CompletionType::List)
        .build();
    let mut editor = Editor::with_config(config)?;
    editor.set_helper(Some(Assistant(Completions::of(&desk.monitor))));
    Ok(editor)
}

/// The history's file, readable by its owner only; `None` when there is no place for it.
fn history_file() -> Option<PathBuf> {
    let state = env::var_os("XDG_STATE_HOME")
        .map(PathBuf::from)
        .filter(|p| p.is_absolute());
    let state = state.or_else(|| Some(env::home_dir()?.join(".local").join("state")))?;
    private_file(&state.join("sluis"), "history").ok()
}

/// Makes a folder that only its owner enters, with a file that only its owner reads.
fn private_file(folder: &Path, name: &str) -> io::Result<PathBuf> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)?;
    let path = folder.join(name);
    OpenOptions::new()
        .create(true)
        .append(true)
        .mode(0o600)
        .open(&path)?;
    fs::set_permissions(&path, Permissions::from_mode(0o600))?;
    Ok(path)
}

/// What helps while typing.
struct Assistant(Completions);

impl Helper for Assistant {}

impl Hinter for Assistant {
    type Hint = String;
}

impl Highlighter for Assistant {
    fn highlight_hint<'h>(&self, hint: &'h str) -> Cow<'h, str> {
        Cow::Borrowed(hint)
    }
}

impl Completer for Assistant {
    type Candidate = String;

    fn complete(
        &self,
        line: &str,
        cursor: usize,
        _: &Context<'_>,
    ) -> rustyline::Result<(usize, Vec<String>)> {
        Ok(self.0.at(line, cursor))
    }
}

impl Validator for Assistant {
    fn validate(&self, context: &mut ValidationContext<'_>) -> rustyline::Result<ValidationResult> {
        Ok(if split::complete(context.input()) {
            ValidationResult::Valid(None)
        } else {
            ValidationResult::Incomplete
        })
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "tests make their own files")]
mod tests {
    use super::*;
    use crate::cli::printer::Style;
    use crate::cli::printer::tests::paper;
    use crate::cli::sql::SqlArgs;
    use crate::warehouse::fixture::{self, Warehouse};

    #[test]
    fn entries_are_answered_and_errors_do_not_end_the_prompt() {
        let warehouse = Warehouse::new();
        let (printer, out, _) = paper(Style::default());
        let contracts = fixture::contracts();
        let limits = crate::monitor::Limits::default();
        let desk = Desk::open(
            &SqlArgs::default(),
            warehouse.path(),
            limits,
            &contracts,
            &printer,
        )
        .unwrap();
        for text in [
            "",
            "  ",
            "\\?",
            "\\d",
            "\\d hulpvragen;",
            "select 1 as een; select 2 as twee;",
        ] {
            assert_eq!(turn(&desk, text).unwrap(), Next::Go, "{text:?}");
        }
        assert!(out.text().contains("twee"));
        for wrong in [
            "\\x",
            "\\d nergens",
            "select * from nergens;",
            "drop table hulpvragen;",
        ] {
            assert_eq!(turn(&desk, wrong).unwrap_err().exit_code(), 2, "{wrong:?}");
        }
        assert_eq!(turn(&desk, " \\q ").unwrap(), Next::Leave);
    }

    #[test]
    fn the_history_is_for_its_owner_only() {
        let folder = tempfile::tempdir().unwrap();
        let state = folder.path().join("state").join("sluis");
        let path = private_file(&state, "history").unwrap();
        let mode = |p: &Path| fs::metadata(p).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&state), mode(&path)), (0o700, 0o600));
        fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
        fs::write(&path, "#V2\nselect 1;\n").unwrap();
        private_file(&state, "history").unwrap();
        assert_eq!(mode(&path), 0o600);
        assert_eq!(fs::read(&path).unwrap().len(), 14);
    }
}
