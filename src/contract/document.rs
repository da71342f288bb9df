//! TOML files with positions kept: a form is asked for its keys one by one, and notes what is
//! missing, misshapen or unknown, so that one pass finds every fault of a file.

use std::collections::BTreeSet;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::faults::FileReport;
use crate::suggest;

/// A value and the line where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct At<T> {
    pub(super) value: T,
    pub(super) line: u32,
}

impl<T> At<T> {
    pub(super) fn new(value: T, line: u32) -> Self {
        Self { value, line }
    }
}

impl At<String> {
    pub(super) fn as_str(&self) -> &str {
        &self.value
    }
}

/// The values alone.
pub(super) fn values<T: Clone>(items: &[At<T>]) -> Vec<T> {
    items.iter().map(|item| item.value.clone()).collect()
}

/// The number of the line that begins or continues after these bytes.
pub(super) fn line_of(before: &[u8]) -> u32 {
    let ends = memchr::memchr_iter(b'\n', before).count();
    u32::try_from(ends).map_or(u32::MAX, |ends| ends.saturating_add(1))
}

/// A parsed file.
#[derive(Debug)]
pub(super) struct Document<'t> {
    text: &'t str,
    root: Spanned<DeTable<'t>>,
}

impl<'t> Document<'t> {
    /// Parses `text`; every error of syntax becomes a fault, and then there is no document.
    pub(super) fn parse(text: &'t str, report: FileReport<'_>) -> Option<Self> {
        let (root, errors) = DeTable::parse_recoverable(text);
        let mut lines = BTreeSet::new();
        for error in &errors {
            let line = error.span().map_or(1, |span| line_at(text, span.start));
            // One slip often gives several errors on its line; the first says it best.
            if lines.insert(line) {
                report.fault(
                    line,
                    format!("not TOML: {}", error.message()),
                    "correct the syntax; nothing else in this file was checked",
                );
            }
        }
        errors.is_empty().then_some(Self { text, root })
    }

    /// The form of the whole file.
    pub(super) fn form<'d>(&'d self, report: FileReport<'d>) -> Form<'d> {
        Form {
            text: self.text,
            table: self.root.get_ref(),
            report,
            line: 1,
            name: "this file".to_owned(),
            asked: BTreeSet::new(),
        }
    }
}

fn line_at(text: &str, offset: usize) -> u32 {
    line_of(&text.as_bytes()[..offset.min(text.len())])
}

/// A table of a file, being read.
#[derive(Debug)]
pub(super) struct Form<'d> {
    text: &'d str,
    table: &'d DeTable<'d>,
    report: FileReport<'d>,
    line: u32,
    name: String,
    asked: BTreeSet<&'static str>,
}

/// A value of a form, not yet known to have the right shape.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field<'d> {
    value: &'d DeValue<'d>,
    line: u32,
}

impl<'d> Form<'d> {
    /// The line of its header.
    pub(super) fn line(&self) -> u32 {
        self.line
    }

    /// What messages call it.
    pub(super) fn rename(&mut self, name: impl Into<String>) {
        self.name = name.into();
    }

    /// Where its faults go.
    pub(super) fn report(&self) -> FileReport<'d> {
        self.report
    }

    /// The same form, its faults on behalf of a source.
    pub(super) fn of_source(self, source: &'d str) -> Self {
        Self {
            report: self.report.of_source(source),
            ..self
        }
    }

    /// Counts keys as known without reading them.
    pub(super) fn pass_over(&mut self, keys: &[&'static str]) {
        self.asked.extend(keys);
    }

    /// Whether the key is there.
    pub(super) fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    /// Whether the key is there and holds a list.
    pub(super) fn is_list(&self, key: &str) -> bool {
        self.table
            .get(key)
            .is_some_and(|value| value.get_ref().is_array())
    }

    /// The value of a key that may be absent.
    pub(super) fn field(&mut self, key: &'static str) -> Option<Field<'d>> {
        self.asked.insert(key);
        let value = self.table.get(key)?;
        Some(Field {
            value: value.get_ref(),
            line: line_at(self.text, value.span().start),
        })
    }

    /// Text that may be absent, also empty.
    pub(super) fn loose_text(&mut self, key: &'static str) -> Option<At<String>> {
        let field = self.field(key)?;
        match field.value.as_str() {
            Some(text) => Some(At::new(text.to_owned(), field.line)),
            None => self.misshapen(key, field, "text"),
        }
    }

    /// Text that may be absent but not empty.
    pub(super) fn optional_text(&mut self, key: &'static str) -> Option<At<String>> {
        let text = self.loose_text(key)?;
        if text.value.trim().is_empty() {
            let remedy = format!("fill in `{key}`");
            self.report.fault(
                text.line,
                format!("`{key}` of {} is empty", self.name),
                remedy,
            );
            return None;
        }
        Some(text)
    }

    /// Text that must be there.
    pub(super) fn text(&mut self, key: &'static str) -> Option<At<String>> {
        self.must_have(key, "\"...\"");
        self.optional_text(key)
    }

    /// Text for people that must be there, without outer space.
    pub(super) fn prose(&mut self, key: &'static str) -> Option<String> {
        self.text(key).map(|text| text.value.trim().to_owned())
    }

    /// One text or a list of texts, none of them empty; may be absent.
    pub(super) fn texts(&mut self, key: &'static str) -> Option<Vec<At<String>>> {
        let field = self.field(key)?;
        self.texts_of(key, field)
    }

    /// As [`Form::texts`], of a field already at hand.
    pub(super) fn texts_of(&self, key: &str, field: Field<'d>) -> Option<Vec<At<String>>> {
        let texts = match field.value {
            DeValue::String(text) => vec![At::new(text.to_string(), field.line)],
            DeValue::Array(items) => {
                let mut texts = Vec::with_capacity(items.len());
                for item in items {
                    let line = line_at(self.text, item.span().start);
                    match item.get_ref().as_str() {
                        Some(text) => texts.push(At::new(text.to_owned(), line)),
                        None => return self.misshapen(key, field, "a list of texts"),
                    }
                }
                texts
            }
            _ => return self.misshapen(key, field, "text or a list of texts"),
        };
        if let Some(empty) = texts.iter().find(|text| text.value.trim().is_empty()) {
            let remedy = "remove the empty text";
            self.report.fault(
                empty.line,
                format!("`{key}` of {} has an empty text", self.name),
                remedy,
            );
            return None;
        }
        Some(texts)
    }

    /// True or false; absent means `default`.
    pub(super) fn flag(&mut self, key: &'static str, default: bool) -> bool {
        let Some(field) = self.field(key) else {
            return default;
        };
        match field.value.as_bool() {
            Some(flag) => flag,
            None => self
                .misshapen(key, field, "true or false")
                .unwrap_or(default),
        }
    }

    /// True or false, and it must be said.
    pub(super) fn stated_flag(&mut self, key: &'static str) -> Option<bool> {
        self.must_have(key, "true");
        self.has(key).then(|| self.flag(key, false))
    }

    /// A whole number between two bounds; may be absent.
    pub(super) fn optional_integer(
        &mut self,
        key: &'static str,
        (min, max): (i64, i64),
    ) -> Option<At<i64>> {
        let field = self.field(key)?;
        let Some(number) = integer(field.value) else {
            return self.misshapen(key, field, "a whole number");
        };
        if number < min || number > max {
            self.report.fault(
                field.line,
                format!("`{key}` of {} is {number}", self.name),
                format!("choose a number from {min} to {max}"),
            );
            return None;
        }
        Some(At::new(number, field.line))
    }

    /// A whole number between two bounds that must be there.
    pub(super) fn integer(&mut self, key: &'static str, bounds: (i64, i64)) -> Option<At<i64>> {
        self.must_have(key, "...");
        self.optional_integer(key, bounds)
    }

    /// A list of whole numbers that must be there.
    pub(super) fn integers(&mut self, key: &'static str) -> Option<At<Vec<i64>>> {
        self.must_have(key, "[...]");
        let field = self.field(key)?;
        let numbers = field
            .value
            .as_array()
            .and_then(|items| items.iter().map(|item| integer(item.get_ref())).collect());
        match numbers {
            Some(numbers) => Some(At::new(numbers, field.line)),
            None => self.misshapen(key, field, "a list of whole numbers"),
        }
    }

    /// A number, whole or not; may be absent.
    pub(super) fn number(&mut self, key: &'static str) -> Option<At<f64>> {
        let field = self.field(key)?;
        let number = match field.value {
            DeValue::Float(number) => number.as_str().parse().ok(),
            DeValue::Integer(number) if number.radix() == 10 => number.as_str().parse().ok(),
            _ => None,
        };
        match number {
            Some(number) => Some(At::new(number, field.line)),
            None => self.misshapen(key, field, "a number"),
        }
    }

    /// A table that must be there.
    pub(super) fn table(&mut self, key: &'static str) -> Option<Form<'d>> {
        if !self.has(key) {
            self.report.fault(
                self.line,
                format!("{} has no [{key}]", self.name),
                format!("add a table [{key}]"),
            );
        }
        self.optional_table(key)
    }

    /// A table that may be absent.
    pub(super) fn optional_table(&mut self, key: &'static str) -> Option<Form<'d>> {
        let field = self.field(key)?;
        // The key says where a table stands; the value of `[a.b]` is but its header.
        let line = self.key_line(key).unwrap_or(field.line);
        self.inner(key, Field { line, ..field })
    }

    /// The tables of `[[key]]`, in order; may be absent.
    pub(super) fn tables(&mut self, key: &'static str) -> Vec<Form<'d>> {
        let Some(field) = self.field(key) else {
            return Vec::new();
        };
        let Some(items) = field.value.as_array() else {
            self.misshapen::<()>(key, field, "a list of tables, each under [[...]]");
            return Vec::new();
        };
        items
            .iter()
            .filter_map(|item| {
                let line = line_at(self.text, item.span().start);
                self.inner(
                    key,
                    Field {
                        value: item.get_ref(),
                        line,
                    },
                )
            })
            .collect()
    }

    /// The entries of a table whose keys are names, in order of the file.
    pub(super) fn entries(&self) -> Vec<(At<&'d str>, Field<'d>)> {
        let mut entries: Vec<_> = self.table.iter().collect();
        entries.sort_by_key(|(key, _)| key.span().start);
        entries
            .into_iter()
            .map(|(key, value)| {
                let line = line_at(self.text, key.span().start);
                (
                    At::new(&**key.get_ref(), line),
                    Field {
                        value: value.get_ref(),
                        line,
                    },
                )
            })
            .collect()
    }

    /// The table in a field, called `name` in messages.
    pub(super) fn inner(&self, name: &str, field: Field<'d>) -> Option<Form<'d>> {
        let Some(table) = field.value.as_table() else {
            return self.misshapen(name, field, "a table");
        };
        Some(Form {
            text: self.text,
            table,
            report: self.report,
            line: field.line,
            name: format!("[{name}]"),
            asked: BTreeSet::new(),
        })
    }

    /// Closes the form: every key that was not asked for is a fault. `elsewhere` says of known
    /// keys what they go with.
    pub(super) fn finish(self, elsewhere: &[(&str, &str)]) {
        for (key, _) in self.entries() {
            if self.asked.contains(key.value) {
                continue;
            }
            if let Some((_, with)) = elsewhere.iter().find(|(known, _)| *known == key.value) {
                self.report.fault(
                    key.line,
                    format!("`{}` does not belong in {}", key.value, self.name),
                    format!("remove it: it goes with {with}"),
                );
            } else {
                self.report.fault(
                    key.line,
                    format!("unknown key `{}` in {}", key.value, self.name),
                    suggest::remedy(key.value, self.asked.iter().copied(), "remove it"),
                );
            }
        }
    }

    fn must_have(&self, key: &str, example: &str) {
        if !self.has(key) {
            self.report.fault(
                self.line,
                format!("{} has no `{key}`", self.name),
                format!("add {key} = {example}"),
            );
        }
    }

    fn key_line(&self, key: &str) -> Option<u32> {
        let (key, _) = self.table.get_key_value(key)?;
        Some(line_at(self.text, key.span().start))
    }

    fn misshapen<T>(&self, key: &str, field: Field<'_>, wanted: &str) -> Option<T> {
        self.report.fault(
            field.line,
            format!("`{key}` of {} is {}", self.name, shape(field.value)),
            format!("write {wanted}"),
        );
        None
    }
}

impl Field<'_> {
    /// Its text; `None` when it is something else.
    pub(super) fn text(&self) -> Option<&str> {
        self.value.as_str()
    }

    /// Whether it is a table.
    pub(super) fn is_table(&self) -> bool {
        self.value.is_table()
    }

    /// Where it stands.
    pub(super) fn line(&self) -> u32 {
        self.line
    }
}

/// The meaning of a text from a closed list.
pub(super) fn one_of<T: Copy, const N: usize>(
    key: &str,
    stated: Option<At<String>>,
    known: [(&str, T); N],
    report: FileReport<'_>,
) -> Option<At<T>> {
    let stated = stated?;
    if let Some((_, value)) = known.iter().find(|(name, _)| *name == stated.value) {
        return Some(At::new(*value, stated.line));
    }
    report.fault(
        stated.line,
        format!("unknown {key} `{}`", stated.value),
        suggest::remedy(stated.as_str(), known.map(|(name, _)| name), ""),
    );
    None
}

fn integer(value: &DeValue<'_>) -> Option<i64> {
    let number = value.as_integer()?;
    i64::from_str_radix(number.as_str(), number.radix()).ok()
}

fn shape(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
