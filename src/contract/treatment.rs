//! The treatments of columns in a source contract: which type permits which, and their keys.

use super::document::{At, Form, values};
use super::model::Treatment;
use super::names;
use crate::suggest;

/// Every treatment, by its Dutch name.
pub(super) const TREATMENTS: [&str; 6] = [
    "behouden",
    "weglaten",
    "pseudonimiseren",
    "leeftijdsgroep",
    "wijk",
    "pc4",
];

/// The keys of treatments, with the treatments they go with.
pub(super) const KEYS: [(&str, &str); 6] = [
    ("domain", "treatment `pseudonimiseren`"),
    (
        "as",
        "treatments that change the value, not with `behouden` and `weglaten`",
    ),
    ("at", "treatment `leeftijdsgroep`"),
    ("borders", "treatment `leeftijdsgroep`"),
    ("labels", "treatment `leeftijdsgroep`"),
    ("known", "treatment `leeftijdsgroep`"),
];

/// The treatments that a type permits. What identifies a person is never in a list with
/// `behouden`; free text is dropped and nothing else.
fn permitted(kind: &str) -> &'static [&'static str] {
    match kind {
        "tekst" => &["weglaten"],
        "datum" => &["behouden", "leeftijdsgroep", "weglaten"],
        "bsn" | "nummer" => &["pseudonimiseren", "weglaten"],
        "postcode" => &["wijk", "pc4", "weglaten"],
        _ => &["behouden", "weglaten"],
    }
}

/// A treatment as read, with the positions that cross-checks point at.
#[derive(Debug)]
pub(super) struct TreatmentEntry {
    pub(super) treatment: Treatment,
    /// Of `pseudonimiseren`.
    pub(super) domain: Option<At<String>>,
    /// Of `leeftijdsgroep`.
    pub(super) at: Option<At<String>>,
    /// Of `leeftijdsgroep`: the column that says how much of the birth date is known.
    pub(super) known: Option<At<String>>,
    /// Where the name after the lock stands.
    pub(super) output_line: Option<u32>,
}

impl TreatmentEntry {
    fn plain(treatment: Treatment, output_line: Option<u32>) -> Self {
        Self {
            treatment,
            domain: None,
            at: None,
            known: None,
            output_line,
        }
    }
}

/// Reads the keys of treatment `name` from a column of type `kind`.
pub(super) fn read(
    name: &At<String>,
    kind: Option<&At<String>>,
    form: &mut Form<'_>,
) -> Option<TreatmentEntry> {
    if !TREATMENTS.contains(&name.as_str()) {
        form.report().fault(
            name.line,
            format!("unknown treatment `{}`", name.value),
            suggest::remedy(name.as_str(), TREATMENTS, ""),
        );
        form.pass_over(&KEYS.map(|(key, _)| key));
        return None;
    }
    let fits = kind.is_none_or(|kind| fits(name, kind, form));
    let entry = keys(name.as_str(), form);
    if fits { entry } else { None }
}

fn fits(name: &At<String>, kind: &At<String>, form: &Form<'_>) -> bool {
    let permitted = permitted(kind.as_str());
    // An unknown type is a fault of its own.
    if permitted.contains(&name.as_str()) || !super::kind::TYPES.contains(&kind.as_str()) {
        return true;
    }
    let names: Vec<String> = permitted.iter().map(|name| format!("`{name}`")).collect();
    form.report().fault(
        name.line,
        format!(
            "type `{}` cannot have treatment `{}`",
            kind.value, name.value
        ),
        format!("choose {}", names.join(" or ")),
    );
    false
}

fn keys(name: &str, form: &mut Form<'_>) -> Option<TreatmentEntry> {
    match name {
        "behouden" => return Some(TreatmentEntry::plain(Treatment::Keep, None)),
        "weglaten" => return Some(TreatmentEntry::plain(Treatment::Drop, None)),
        _ => {}
    }
    let domain = if name == "pseudonimiseren" {
        form.text("domain")
    } else {
        None
    };
    let bands = if name == "leeftijdsgroep" {
        bands(form)
    } else {
        None
    };
    let output = form.text("as")?;
    if !names::check_name(&output, "a column after the lock", form.report()) {
        return None;
    }
    let (line, output) = (Some(output.line), output.value);
    match name {
        "pseudonimiseren" => {
            let domain = domain?;
            Some(TreatmentEntry {
                treatment: Treatment::Pseudonymise {
                    domain: domain.value.clone(),
                    output,
                },
                domain: Some(domain),
                at: None,
                known: None,
                output_line: line,
            })
        }
        "leeftijdsgroep" => {
            let Bands {
                at,
                borders,
                labels,
                known,
            } = bands?;
            Some(TreatmentEntry {
                treatment: Treatment::AgeBand {
                    at: at.value.clone(),
                    borders,
                    labels,
                    known: known.as_ref().map(|known| known.value.clone()),
                    output,
                },
                domain: None,
                at: Some(at),
                known,
                output_line: line,
            })
        }
        "wijk" => Some(TreatmentEntry::plain(Treatment::Wijk { output }, line)),
        _ => Some(TreatmentEntry::plain(Treatment::Pc4 { output }, line)),
    }
}

struct Bands {
    at: At<String>,
    borders: Vec<u8>,
    labels: Vec<String>,
    known: Option<At<String>>,
}

fn bands(form: &mut Form<'_>) -> Option<Bands> {
    let at = form.text("at");
    let borders = borders(form);
    let labels = form.texts("labels");
    let known = form.optional_text("known");
    let (at, borders) = (at?, borders?);
    let labels = match labels {
        None if form.has("labels") => return None,
        None => standard_labels(&borders),
        Some(labels) => {
            names::check_unique(&labels, "`labels`", form.report());
            if labels.len() != borders.len() {
                form.report().fault(
                    labels.first().map_or(form.line(), |label| label.line),
                    format!("{} labels for {} borders", labels.len(), borders.len()),
                    "give every band one label, or leave `labels` out",
                );
                return None;
            }
            values(&labels)
        }
    };
    Some(Bands {
        at,
        borders,
        labels,
        known,
    })
}

fn borders(form: &mut Form<'_>) -> Option<Vec<u8>> {
    let listed = form.integers("borders")?;
    let ascending = listed.value.windows(2).all(|pair| pair[0] < pair[1]);
    let borders: Option<Vec<u8>> = listed
        .value
        .iter()
        .map(|age| u8::try_from(*age).ok().filter(|age| *age <= 150))
        .collect();
    match borders {
        Some(borders) if ascending && borders.first() == Some(&0) => Some(borders),
        _ => {
            form.report().fault(
                listed.line,
                "`borders` do not ascend from 0",
                "write ages from 0 to 150 in ascending order, the first 0, as in [0, 18, 65]",
            );
            None
        }
    }
}

/// `0-17`, `18-64`, `65+`.
fn standard_labels(borders: &[u8]) -> Vec<String> {
    borders
        .iter()
        .enumerate()
        .map(|(index, from)| match borders.get(index + 1) {
            Some(next) if next - from == 1 => from.to_string(),
            Some(next) => format!("{from}-{}", next - 1),
            None => format!("{from}+"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::standard_labels;

    #[test]
    fn bands_are_named_after_their_borders() {
        assert_eq!(
            standard_labels(&[0, 18, 27, 75]),
            ["0-17", "18-26", "27-74", "75+"]
        );
        assert_eq!(standard_labels(&[0]), ["0+"]);
        assert_eq!(standard_labels(&[0, 1]), ["0", "1+"]);
    }
}
