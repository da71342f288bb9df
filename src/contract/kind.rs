//! The types of columns in a source contract: which keys each takes, and what they may say.

use std::collections::BTreeMap;

use super::document::{At, Form, values};
use super::model::{Choice, DateFormat, Kind, Notation};
use crate::suggest;

/// Every type, by its Dutch name.
pub(super) const TYPES: [&str; 13] = [
    "keuze",
    "keuzes",
    "tekst",
    "datum",
    "geheel",
    "decimaal",
    "tijdstip",
    "ja-nee",
    "bsn",
    "nummer",
    "postcode",
    "postcode-referentie",
    "cbs-regio",
];

/// The keys of types, with the types they go with.
pub(super) const KEYS: [(&str, &str); 10] = [
    ("values", "types `keuze` and `keuzes`"),
    ("separator", "type `keuzes`"),
    ("max_bytes", "types `tekst` and `nummer`"),
    ("format", "type `datum`"),
    ("notation", "type `decimaal`"),
    ("decimals", "type `decimaal`"),
    ("min", "types `geheel` and `decimaal`"),
    ("max", "types `geheel` and `decimaal`"),
    ("yes", "type `ja-nee`"),
    ("no", "type `ja-nee`"),
];

const FORMATS: [(&str, DateFormat); 7] = [
    ("dd-mm-jjjj", DateFormat::DayMonthYear),
    ("dd/mm/jjjj", DateFormat::DaySlashMonthSlashYear),
    ("jjjj-mm-dd", DateFormat::YearMonthDay),
    ("jjjjmmdd", DateFormat::Compact),
    ("dd-mm-jj", DateFormat::DayMonthShortYear),
    ("jjjj-mm", DateFormat::YearMonth),
    ("jjjj", DateFormat::Year),
];

const LONGEST_TEXT: i64 = 1 << 20;
const LONGEST_NUMBER: i64 = 40;

/// Reads the keys of type `name` from a column; `None` when something is wrong with them.
pub(super) fn read(name: &At<String>, form: &mut Form<'_>) -> Option<Kind> {
    match name.as_str() {
        "keuze" => Some(Kind::Choice(choices(form)?)),
        "keuzes" => several(form),
        "tekst" => bytes(form, LONGEST_TEXT).map(|max_bytes| Kind::Text { max_bytes }),
        "datum" => date(form),
        "geheel" => {
            let (min, max) = bounds(form)?;
            Some(Kind::Integer { min, max })
        }
        "decimaal" => decimal(form),
        "tijdstip" => Some(Kind::Moment),
        "ja-nee" => yes_no(form),
        "bsn" => Some(Kind::Bsn),
        "nummer" => bytes(form, LONGEST_NUMBER).map(|max_bytes| Kind::Identifier { max_bytes }),
        "postcode" => Some(Kind::Postcode),
        "postcode-referentie" => Some(Kind::PostcodeReference),
        "cbs-regio" => Some(Kind::CbsRegion),
        other => {
            form.report().fault(
                name.line,
                format!("unknown type `{other}`"),
                suggest::remedy(other, TYPES, ""),
            );
            // Which keys a type takes that nobody knows, nobody knows.
            form.pass_over(&KEYS.map(|(key, _)| key));
            None
        }
    }
}

/// Every spelling that the type gives a meaning to.
pub(super) fn spellings(kind: &Kind) -> Vec<&str> {
    match kind {
        Kind::Choice(choices) | Kind::Choices { choices, .. } => choices
            .iter()
            .flat_map(|choice| &choice.spellings)
            .map(String::as_str)
            .collect(),
        Kind::Boolean { yes, no } => yes.iter().chain(no).map(String::as_str).collect(),
        _ => Vec::new(),
    }
}

fn bytes(form: &mut Form<'_>, longest: i64) -> Option<usize> {
    let bytes = form.integer("max_bytes", (1, longest))?;
    usize::try_from(bytes.value).ok()
}

fn date(form: &mut Form<'_>) -> Option<Kind> {
    let format = form.text("format")?;
    if let Some((_, known)) = FORMATS.iter().find(|(name, _)| *name == format.value) {
        return Some(Kind::Date(*known));
    }
    form.report().fault(
        format.line,
        format!("unknown date format `{}`", format.value),
        suggest::remedy(format.as_str(), FORMATS.map(|(name, _)| name), ""),
    );
    None
}

const NOTATIONS: [(&str, Notation); 2] = [("komma", Notation::Comma), ("punt", Notation::Point)];

fn decimal(form: &mut Form<'_>) -> Option<Kind> {
    let notation = form.text("notation");
    let decimals = form.integer("decimals", (0, 6));
    let bounds = bounds(form);
    let stated = notation?;
    let Some((_, notation)) = NOTATIONS.iter().find(|(name, _)| *name == stated.value) else {
        form.report().fault(
            stated.line,
            format!("unknown notation `{}`", stated.value),
            suggest::remedy(stated.as_str(), NOTATIONS.map(|(name, _)| name), ""),
        );
        return None;
    };
    let (min, max) = bounds?;
    Some(Kind::Decimal {
        notation: *notation,
        decimals: u8::try_from(decimals?.value).ok()?,
        min,
        max,
    })
}

fn bounds(form: &mut Form<'_>) -> Option<(i64, i64)> {
    let min = form.integer("min", (i64::MIN, i64::MAX));
    let max = form.integer("max", (i64::MIN, i64::MAX));
    let (min, max) = (min?, max?);
    if min.value > max.value {
        form.report().fault(
            max.line,
            format!("`max` is {}, below `min`", max.value),
            "make `max` at least `min`",
        );
        return None;
    }
    Some((min.value, max.value))
}

fn yes_no(form: &mut Form<'_>) -> Option<Kind> {
    let yes = spelling_list("yes", form);
    let no = spelling_list("no", form);
    let (yes, no) = (yes?, no?);
    unambiguous([("yes", yes.as_slice()), ("no", no.as_slice())], form)?;
    Some(Kind::Boolean {
        yes: values(&yes),
        no: values(&no),
    })
}

fn spelling_list(key: &'static str, form: &mut Form<'_>) -> Option<Vec<At<String>>> {
    let list = form.texts(key);
    if !form.has(key) || list.as_ref().is_some_and(Vec::is_empty) {
        form.report().fault(
            form.line(),
            format!("type `ja-nee` without spellings in `{key}`"),
            format!("add {key} = [\"...\"]"),
        );
        return None;
    }
    list
}

fn several(form: &mut Form<'_>) -> Option<Kind> {
    let choices = choices(form);
    let separator = separator(form);
    let (choices, separator) = (choices?, separator?);
    let split = choices
        .iter()
        .flat_map(|choice| &choice.spellings)
        .find(|s| s.contains(separator.value));
    if let Some(spelling) = split {
        form.report().fault(
            separator.line,
            format!("spelling `{spelling}` contains the separator"),
            "choose another separator or spelling",
        );
        return None;
    }
    Some(Kind::Choices {
        choices,
        separator: separator.value,
    })
}

fn separator(form: &mut Form<'_>) -> Option<At<char>> {
    if !form.has("separator") {
        form.report().fault(
            form.line(),
            "type `keuzes` without `separator`",
            "add separator = \",\"",
        );
    }
    let text = form.loose_text("separator")?;
    let mut chars = text.value.chars();
    let (Some(separator), None) = (chars.next(), chars.next()) else {
        form.report().fault(
            text.line,
            "`separator` is not one character",
            "write one character, as in separator = \",\"",
        );
        return None;
    };
    Some(At::new(separator, text.line))
}

fn choices(form: &mut Form<'_>) -> Option<Vec<Choice>> {
    let Some(field) = form.field("values") else {
        form.report().fault(
            form.line(),
            "a closed list without `values`",
            "add values = [\"...\"], or a table of values with their spellings",
        );
        return None;
    };
    let listed = if field.is_table() {
        let table = form.inner("values", field)?;
        let mut listed = Vec::new();
        for (value, spellings) in table.entries() {
            let name = At::new(value.value.to_owned(), value.line);
            let mut spellings = table.texts_of(value.value, spellings)?;
            if spellings.is_empty() {
                spellings.push(name.clone());
            }
            listed.push((name, spellings));
        }
        listed
    } else {
        let texts = form.texts_of("values", field)?;
        texts
            .into_iter()
            .map(|text| (text.clone(), vec![text]))
            .collect()
    };
    if listed.is_empty()
        || listed
            .iter()
            .any(|(value, _)| value.value.trim().is_empty())
    {
        form.report()
            .fault(field.line(), "`values` names no value", "name the values");
        return None;
    }
    unambiguous(
        listed
            .iter()
            .map(|(value, list)| (value.as_str(), list.as_slice())),
        form,
    )?;
    let choice = |(value, list): (At<String>, Vec<At<String>>)| Choice {
        value: value.value,
        spellings: values(&list),
    };
    Some(listed.into_iter().map(choice).collect())
}

/// Every spelling may have one meaning only.
fn unambiguous<'l>(
    lists: impl IntoIterator<Item = (&'l str, &'l [At<String>])>,
    form: &Form<'_>,
) -> Option<()> {
    let mut meanings: BTreeMap<&str, &str> = BTreeMap::new();
    let mut good = Some(());
    for (meaning, list) in lists {
        for spelling in list {
            if let Some(earlier) = meanings.insert(spelling.value.trim(), meaning) {
                form.report().fault(
                    spelling.line,
                    format!(
                        "spelling `{}` stands for `{earlier}` already",
                        spelling.value
                    ),
                    "remove one of them",
                );
                good = None;
            }
        }
    }
    good
}
