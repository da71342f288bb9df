//! What a contract of a source must be by itself: names and headers that lead to one column, in every
//! version; keys, ages and reference data that name what is there.

use std::collections::BTreeMap;

use super::{ColumnEntry, HeaderEntry, SourceFile};
use crate::contract::faults::FileReport;
use crate::contract::model::{DateFormat, Kind, Treatment};
use crate::contract::names;
use crate::contract::version::{self, VersionEntry};
use crate::suggest;

impl SourceFile {
    /// Checks the contract as far as it can be judged by itself.
    pub(super) fn check(&self, report: FileReport<'_>) {
        let named: Vec<_> = self
            .columns
            .iter()
            .map(|column| column.name.clone())
            .collect();
        names::check_unique(&named, "the columns", report);
        version::check(&self.versions, report);
        self.check_headers(report);
        self.check_outputs(report);
        self.check_key(report);
        self.check_ages(report);
        self.check_known(report);
        self.check_reference(report);
    }

    /// Within a version a header leads to one column, whatever its case.
    fn check_headers(&self, report: FileReport<'_>) {
        let names: Vec<Option<&str>> = match self.versions.as_slice() {
            [] => vec![None],
            versions => versions.iter().map(VersionEntry::name).collect(),
        };
        for version in names {
            self.check_headers_of(version, report);
        }
        self.check_versions_of_headers(report);
        for column in &self.columns {
            for named in column.headers.iter().flatten() {
                if let Some(version) = &named.version
                    && !self
                        .versions
                        .iter()
                        .any(|v| v.name() == Some(version.as_str()))
                {
                    report.fault(
                        version.line,
                        format!("header of an unknown version `{}`", version.value),
                        suggest::remedy(
                            version.as_str(),
                            self.versions.iter().filter_map(VersionEntry::name),
                            "add a [[version]] of that name",
                        ),
                    );
                }
            }
        }
    }

    /// A column has a header in every version, or is one that deliveries may lack.
    fn check_versions_of_headers(&self, report: FileReport<'_>) {
        for column in &self.columns {
            let Some(headers) = &column.headers else {
                continue;
            };
            let lacking = self
                .versions
                .iter()
                .filter_map(VersionEntry::name)
                .find(|name| {
                    let holds = |header: &HeaderEntry| {
                        let version = header.version.as_ref();
                        version.is_none_or(|version| version.value == **name)
                    };
                    !headers.is_empty() && !headers.iter().any(holds)
                });
            if let Some(version) = lacking.filter(|_| !column.optional) {
                report.fault(
                    column.name.line,
                    format!(
                        "column `{}` has no header in version `{version}`",
                        column.name.value
                    ),
                    "give it one, or write optional = true for a column that came or went",
                );
            }
        }
    }

    fn check_headers_of(&self, version: Option<&str>, report: FileReport<'_>) {
        let mut taken: BTreeMap<String, &str> = BTreeMap::new();
        for column in &self.columns {
            let default = [HeaderEntry {
                text: column.name.clone(),
                version: None,
            }];
            let headers = column.headers.as_deref().unwrap_or(&default);
            for header in headers {
                if header
                    .version
                    .as_ref()
                    .is_some_and(|v| Some(v.as_str()) != version)
                {
                    continue;
                }
                let text = &header.text;
                let spelling = text.value.trim().to_lowercase();
                match taken.get(&spelling) {
                    Some(other) if *other != column.name.value => report.fault(
                        text.line,
                        format!(
                            "header `{}` belongs to column `{other}` already",
                            text.value
                        ),
                        "give every column headers of its own; case and outer spaces do not count",
                    ),
                    _ => {
                        taken.insert(spelling, column.name.as_str());
                    }
                }
            }
        }
    }

    /// After the lock every name stands for one column.
    fn check_outputs(&self, report: FileReport<'_>) {
        let mut taken: BTreeMap<&str, &str> = BTreeMap::new();
        for (column, output, line) in self.outputs() {
            match taken.get(output) {
                // The same column twice is a fault of its own.
                Some(other) if *other != column => report.fault(
                    line,
                    format!("columns `{other}` and `{column}` are both `{output}` after the lock"),
                    "give one of them another name with `as`",
                ),
                _ => {
                    taken.insert(output, column);
                }
            }
        }
    }

    fn check_key(&self, report: FileReport<'_>) {
        names::check_unique(&self.key, "`key`", report);
        let unsure = self.columns.iter().any(|column| column.treatment.is_none());
        for key in &self.key {
            let outputs = self.outputs().map(|(_, output, _)| output);
            if outputs.clone().any(|output| output == key.value) || unsure {
                continue;
            }
            let remedy = match self.column(key.as_str()).and_then(ColumnEntry::output) {
                Some((output, _)) => format!("after the lock it is called `{output}`"),
                None => suggest::remedy(
                    key.as_str(),
                    outputs.collect::<Vec<_>>(),
                    "name columns that pass the lock",
                ),
            };
            report.fault(
                key.line,
                format!("key `{}` is no column after the lock", key.value),
                remedy,
            );
        }
    }

    /// The date at which an age is taken is another date column of this source.
    fn check_ages(&self, report: FileReport<'_>) {
        for column in &self.columns {
            if let (Some(Kind::Date(DateFormat::DayMonthShortYear)), Some(entry)) =
                (&column.kind, &column.treatment)
                && matches!(entry.treatment, Treatment::AgeBand { .. })
            {
                report.fault(
                    column.name.line,
                    format!(
                        "birth dates of column `{}` have no century",
                        column.name.value
                    ),
                    "ask the partner for years of four digits: an age cannot be told from two",
                );
            }
            let Some(at) = column
                .treatment
                .as_ref()
                .and_then(|entry| entry.at.as_ref())
            else {
                continue;
            };
            let dates = self.columns.iter().filter(|other| {
                other.name.value != column.name.value
                    && other
                        .kind_name
                        .as_ref()
                        .is_none_or(|kind| kind.value == "datum")
            });
            let mut dates = dates.map(|other| other.name.as_str());
            if dates.clone().any(|date| date == at.value) {
                continue;
            }
            let remedy = match self.column(at.as_str()) {
                Some(_) => format!(
                    "choose another column of type `datum`{}",
                    dates
                        .next()
                        .map(|date| format!(", as `{date}`"))
                        .unwrap_or_default()
                ),
                None => suggest::remedy(
                    at.as_str(),
                    dates.collect::<Vec<_>>(),
                    "add a column of type `datum`",
                ),
            };
            report.fault(
                at.line,
                format!(
                    "`at` names `{}`, which is no other date of this source",
                    at.value
                ),
                remedy,
            );
        }
    }

    /// What says how much of a birth date is known is another column of this source, of a type whose
    /// cells are codes.
    fn check_known(&self, report: FileReport<'_>) {
        const CODES: [&str; 3] = ["keuze", "geheel", "tekst"];
        for column in &self.columns {
            let Some(known) = column
                .treatment
                .as_ref()
                .and_then(|entry| entry.known.as_ref())
            else {
                continue;
            };
            let codes = self.columns.iter().filter(|other| {
                let kind = other.kind_name.as_ref();
                other.name.value != column.name.value
                    && kind.is_none_or(|kind| CODES.contains(&kind.as_str()))
            });
            let mut codes = codes.map(|other| other.name.as_str());
            if codes.clone().any(|code| code == known.value) {
                continue;
            }
            let remedy = match self.column(known.as_str()) {
                Some(_) => "choose another column, of type `keuze`, `geheel` or `tekst`".to_owned(),
                None => suggest::remedy(
                    known.as_str(),
                    codes.by_ref().collect::<Vec<_>>(),
                    "add the column that holds DatumGebruik",
                ),
            };
            report.fault(
                known.line,
                format!(
                    "`known` names `{}`, which is no other column with codes",
                    known.value
                ),
                remedy,
            );
        }
    }

    /// Postcodes pass unchanged in reference data only, which knows no persons.
    fn check_reference(&self, report: FileReport<'_>) {
        let of = |name: &str| {
            self.columns
                .iter()
                .filter_map(|column| column.kind_name.as_ref())
                .find(|kind| kind.value == name)
        };
        let Some(reference) = of("postcode-referentie") else {
            return;
        };
        if let Some(person) = of("bsn").or(of("nummer")) {
            report.fault(
                reference.line,
                format!(
                    "type `postcode-referentie` beside a column of type `{}`",
                    person.value
                ),
                "use type `postcode`: where persons are, their postcode does not pass the lock",
            );
        }
    }
}
