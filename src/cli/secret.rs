//! Reading what nobody may see: typed at a terminal that shows nothing of it, or from standard input.
//! Never from an argument: those are in the history of a shell and in the list of processes.

use std::borrow::Cow;
use std::env;
use std::io::{self, IsTerminal, Read};

use rustyline::completion::Completer;
use rustyline::error::ReadlineError;
use rustyline::highlight::{CmdKind, Highlighter};
use rustyline::hint::Hinter;
use rustyline::history::MemHistory;
use rustyline::validate::Validator;
use rustyline::{ColorMode, Config, Editor, Helper};
use zeroize::Zeroizing;

use super::CliError;

/// No identifier is nearly as long.
const LONGEST: u64 = 4096;
/// Terminals on which what is typed cannot be hidden.
const BARE: [&str; 3] = ["dumb", "cons25", "emacs"];

/// Asks for a secret with these words, or reads it from standard input: one line.
///
/// # Errors
/// Nothing was given, or more than one line; or the terminal would show it.
pub(super) fn read(words: &str) -> Result<Zeroizing<String>, CliError> {
    let text = if io::stdin().is_terminal() {
        typed(words)?
    } else {
        let mut bytes = Zeroizing::new(Vec::with_capacity(256));
        io::stdin()
            .take(LONGEST)
            .read_to_end(&mut bytes)
            .map_err(|e| wrong(&format!("cannot read standard input: {}", e.kind())))?;
        let text = std::str::from_utf8(&bytes).map_err(|_| wrong("standard input is no text"))?;
        Zeroizing::new(text.to_owned())
    };
    match text.trim() {
        "" => Err(wrong("nothing was typed")),
        one if one.lines().count() > 1 => Err(wrong("standard input holds more than one line")),
        one => Ok(Zeroizing::new(one.to_owned())),
    }
}

/// Asks for a word at the terminal that says yes; `None`: there is no terminal.
pub(super) fn confirmed(words: &str, yes: &str) -> Result<Option<bool>, CliError> {
    if !io::stdin().is_terminal() {
        return Ok(None);
    }
    let config = Config::builder().auto_add_history(false).build();
    let editor = Editor::<(), MemHistory>::with_history(config, MemHistory::new());
    let answer = editor.and_then(|mut editor| editor.readline(words));
    match answer {
        Ok(text) => Ok(Some(text.trim() == yes)),
        Err(ReadlineError::Interrupted | ReadlineError::Eof) => Ok(Some(false)),
        Err(error) => Err(CliError::Prompt(error.to_string())),
    }
}

fn typed(words: &str) -> Result<Zeroizing<String>, CliError> {
    let term = env::var_os("TERM").unwrap_or_default();
    if BARE.iter().any(|bare| term.eq_ignore_ascii_case(bare)) || !io::stdout().is_terminal() {
        return Err(wrong("this terminal would show what is typed"));
    }
    let config = Config::builder()
        .auto_add_history(false)
        .color_mode(ColorMode::Forced)
        .build();
    let editor = Editor::<Hidden, MemHistory>::with_history(config, MemHistory::new());
    let answer = editor.and_then(|mut editor| {
        editor.set_helper(Some(Hidden));
        editor.readline(words)
    });
    match answer {
        Ok(text) => Ok(Zeroizing::new(text)),
        Err(ReadlineError::Interrupted | ReadlineError::Eof) => Err(wrong("nothing was typed")),
        Err(error) => Err(CliError::Prompt(error.to_string())),
    }
}

fn wrong(message: &str) -> CliError {
    CliError::Usage {
        message: message.to_owned(),
        remedy: Some(
            "type it at the prompt, or give one line on standard input; nothing was done".into(),
        ),
    }
}

/// Shows stars in the place of what is typed.
struct Hidden;

impl Helper for Hidden {}
impl Completer for Hidden {
    type Candidate = String;
}
impl Hinter for Hidden {
    type Hint = String;
}
impl Validator for Hidden {}
impl Highlighter for Hidden {
    fn highlight<'l>(&self, line: &'l str, _: usize) -> Cow<'l, str> {
        Cow::Owned("*".repeat(line.chars().count()))
    }

    fn highlight_char(&self, _: &str, _: usize, _: CmdKind) -> bool {
        true
    }
}
