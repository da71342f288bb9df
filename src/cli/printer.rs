//! The one printer. Data goes to standard output and nothing else does: notes, warnings, errors
//! and hints go to standard error.

use std::env;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::Serialize;

use super::CliError;

/// How much is said on standard error.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Talk {
    /// Errors only.
    Quiet,
    /// Notes, warnings and errors.
    #[default]
    Normal,
    /// Details too.
    Verbose,
}

/// How to print.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Style {
    /// How much is said on standard error.
    pub talk: Talk,
    /// Results are for machines.
    pub json: bool,
    /// Colours on standard error.
    pub colour: bool,
    /// A person reads standard output on a terminal.
    pub terminal: bool,
}

impl Style {
    /// The style for this process: colours only on a terminal, and not with `NO_COLOR`.
    #[must_use]
    pub fn of_process(talk: Talk, json: bool) -> Self {
        let plain = env::var_os("NO_COLOR").is_some_and(|v| !v.is_empty());
        let colour = io::stderr().is_terminal() && !plain;
        Self {
            talk,
            json,
            colour,
            terminal: io::stdout().is_terminal(),
        }
    }
}

/// The one way to the outside.
pub struct Printer {
    style: Style,
    out: Mutex<Sink>,
    err: Mutex<Box<dyn Write + Send>>,
}

/// Where output goes.
pub struct Sink {
    to: Box<dyn Write + Send>,
    /// Nobody reads any more. Remembered here, because writers of formats on top of this one do
    /// not always pass on the kind of an error.
    gone: bool,
}

/// Standard output, locked. What is written to its [`Output::sink`] is buffered until
/// [`Output::finish`].
pub struct Output<'a>(MutexGuard<'a, Sink>);

impl Printer {
    /// A printer to the standard output and error of this process.
    #[must_use]
    pub fn new(style: Style) -> Self {
        let out = Box::new(BufWriter::with_capacity(1 << 16, io::stdout()));
        Self::to(style, out, Box::new(io::stderr()))
    }

    /// A printer to other places.
    #[must_use]
    pub fn to(style: Style, out: Box<dyn Write + Send>, err: Box<dyn Write + Send>) -> Self {
        let out = Sink {
            to: out,
            gone: false,
        };
        Self {
            style,
            out: Mutex::new(out),
            err: Mutex::new(err),
        }
    }

    /// How it prints.
    #[must_use]
    pub const fn style(&self) -> Style {
        self.style
    }

    /// Standard output, for data.
    #[must_use]
    pub fn output(&self) -> Output<'_> {
        Output(self.out.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// A line of data.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn line(&self, text: &str) -> Result<(), CliError> {
        let mut out = self.output();
        let written = writeln!(out.sink(), "{text}");
        out.finish(written)
    }

    /// A value of data for machines, as one line of JSON.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn json<T: Serialize + ?Sized>(&self, value: &T) -> Result<(), CliError> {
        let mut out = self.output();
        let written = serde_json::to_writer(out.sink(), value).map_err(io::Error::from);
        let written = written.and_then(|()| writeln!(out.sink()));
        out.finish(written)
    }

    /// Something that a person may like to know.
    pub fn note(&self, text: &str) {
        if self.style.talk >= Talk::Normal {
            self.say(text);
        }
    }

    /// Something for who asked for details.
    pub fn detail(&self, text: &str) {
        if self.style.talk >= Talk::Verbose {
            self.say(text);
        }
    }

    /// Something that a person should know.
    pub fn warning(&self, text: &str) {
        if self.style.talk >= Talk::Normal {
            self.say(&format!("{} {text}", self.paint("33", "warning:")));
        }
    }

    /// What somebody can do about what was just said.
    pub fn hint(&self, text: &str) {
        if self.style.talk >= Talk::Normal {
            self.say(&format!("{} {text}", self.paint("36", "hint:")));
        }
    }

    /// An error, and what to do about it.
    pub fn error(&self, error: &CliError) {
        self.say(&format!("{} {error}", self.paint("1;31", "error:")));
        if let Some(remedy) = error.remedy() {
            self.say(&format!("{} {remedy}", self.paint("36", "hint:")));
        }
    }

    fn paint(&self, code: &str, text: &str) -> String {
        if self.style.colour {
            return format!("\x1b[{code}m{text}\x1b[0m");
        }
        text.to_owned()
    }

    fn say(&self, text: &str) {
        let mut err = self.err.lock().unwrap_or_else(PoisonError::into_inner);
        // There is no place left to complain when standard error is closed.
        let _ = writeln!(err, "{text}");
    }
}

impl Output<'_> {
    /// What to write to.
    pub fn sink(&mut self) -> &mut Sink {
        &mut self.0
    }

    /// Ends what was written, which went well or not.
    ///
    /// # Errors
    /// When it did not go well, or what is buffered cannot be written.
    pub fn finish<E: Into<CliError>>(mut self, written: Result<(), E>) -> Result<(), CliError> {
        let written = written.map_err(Into::into);
        let written = written.and_then(|()| self.0.flush().map_err(CliError::from));
        if self.0.gone {
            Err(CliError::NobodyReads)
        } else {
            written
        }
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.to.write(bytes);
        self.gone |= broken(&written);
        written
    }

    fn flush(&mut self) -> io::Result<()> {
        let flushed = self.to.flush();
        self.gone |= broken(&flushed);
        flushed
    }
}

fn broken<T>(result: &io::Result<T>) -> bool {
    matches!(result, Err(e) if e.kind() == io::ErrorKind::BrokenPipe)
}

#[cfg(test)]
pub(super) mod tests {
    use std::sync::Arc;

    use super::*;

    /// A place to write to and to look at afterwards.
    #[derive(Clone, Default)]
    pub(in crate::cli) struct Page(Arc<Mutex<Vec<u8>>>);

    impl Page {
        pub(in crate::cli) fn bytes(&self) -> Vec<u8> {
            self.0.lock().unwrap().clone()
        }

        pub(in crate::cli) fn text(&self) -> String {
            String::from_utf8(self.bytes()).unwrap()
        }
    }

    impl Write for Page {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// A pipe whose reader is gone.
    pub(in crate::cli) struct Gone;

    impl Write for Gone {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// A printer with its two pages.
    pub(in crate::cli) fn paper(style: Style) -> (Printer, Page, Page) {
        let (out, err) = (Page::default(), Page::default());
        (
            Printer::to(style, Box::new(out.clone()), Box::new(err.clone())),
            out,
            err,
        )
    }

    fn say_everything(style: Style) -> (String, String) {
        let (printer, out, err) = paper(style);
        printer.line("data").unwrap();
        printer.json(&[1, 2]).unwrap();
        printer.note("note");
        printer.detail("detail");
        printer.warning("careful");
        printer.hint("look");
        let remedy = Some("do that".to_owned());
        printer.error(&CliError::Usage {
            message: "wrong".to_owned(),
            remedy,
        });
        (out.text(), err.text())
    }

    #[test]
    fn only_data_goes_to_standard_output() {
        let (out, err) = say_everything(Style::default());
        assert_eq!(out, "data\n[1,2]\n");
        assert_eq!(
            err,
            "note\nwarning: careful\nhint: look\nerror: wrong\nhint: do that\n"
        );
    }

    #[test]
    fn quiet_leaves_errors_and_verbose_adds_details() {
        let quiet = Style {
            talk: Talk::Quiet,
            ..Style::default()
        };
        assert_eq!(say_everything(quiet).1, "error: wrong\nhint: do that\n");
        let verbose = Style {
            talk: Talk::Verbose,
            ..Style::default()
        };
        assert!(say_everything(verbose).1.contains("detail\n"));
    }

    #[test]
    fn colours_paint_the_first_word_only() {
        let colour = Style {
            colour: true,
            ..Style::default()
        };
        let (_, err) = say_everything(colour);
        assert!(err.contains("\u{1b}[1;31merror:\u{1b}[0m wrong\n"), "{err}");
    }

    #[test]
    fn a_reader_that_left_is_no_failure() {
        let printer = Printer::to(Style::default(), Box::new(Gone), Box::new(io::sink()));
        let error = printer.line("data").unwrap_err();
        assert!(matches!(error, CliError::NobodyReads));
        assert_eq!(error.exit_code(), 0);
    }
}
