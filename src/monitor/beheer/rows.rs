//! Records of the run history and of releases, as rows.

use chrono::DateTime;
use datafusion::common::ScalarValue;

use super::Row;
use crate::warehouse::history::Run;
use crate::warehouse::journal::{
    DeliveryOutcome, DeliveryRecord, PullRecord, RunOutcome, RunRecord,
};
use crate::warehouse::manifest::{FileEntry, Manifest};

pub(super) fn run_row(run: &Run) -> Row {
    let r = match run {
        Run::Ended(record) => record,
        Run::Open { id, started_at } => {
            let unknown = ScalarValue::Int64(None);
            let mut row = vec![text(id), moment(started_at.as_deref()), moment(None)];
            row.extend([text("bezig of afgebroken"), text("")]);
            row.extend(std::iter::repeat_n(unknown, 5));
            row.push(text(""));
            return row;
        }
    };
    let sum = |rows: fn(&DeliveryRecord) -> u64| number(r.deliveries.iter().map(rows).sum());
    vec![
        text(&r.id),
        moment(Some(&r.started_at)),
        moment(Some(&r.ended_at)),
        text(match r.outcome {
            RunOutcome::Gepubliceerd => "gepubliceerd",
            RunOutcome::Ongewijzigd => "ongewijzigd",
            RunOutcome::Mislukt => "mislukt",
            RunOutcome::Afgebroken => "afgebroken",
        }),
        text(r.release.as_deref().unwrap_or_default()),
        size(r.deliveries.len()),
        sum(|d| d.rows_in),
        sum(|d| d.rows_kept),
        sum(|d| d.rows_refused),
        sum(|d| d.rows_erased),
        text(r.error.as_deref().unwrap_or_default()),
    ]
}

pub(super) fn delivery_row(run: &RunRecord, d: &DeliveryRecord) -> Row {
    vec![
        text(&run.id),
        text(&d.source),
        text(&d.part),
        text(&d.order),
        text(&d.sha256),
        number(d.bytes),
        text(match d.outcome {
            DeliveryOutcome::Verwerkt => "verwerkt",
            DeliveryOutcome::Ongewijzigd => "ongewijzigd",
            DeliveryOutcome::Geweigerd => "geweigerd",
            DeliveryOutcome::Achterhaald => "achterhaald",
        }),
        text(d.reason.as_deref().unwrap_or_default()),
        number(d.rows_in),
        number(d.rows_kept),
        number(d.rows_refused),
        number(d.rows_erased),
        number(d.millis),
    ]
}

pub(super) fn refusal_rows(run: &RunRecord, d: &DeliveryRecord) -> Vec<Row> {
    let row = |r: &crate::warehouse::journal::RefusalCount| {
        vec![
            text(&run.id),
            text(&d.source),
            text(&d.part),
            text(&d.sha256),
            text(&r.column),
            text(&r.rule),
            number(r.rows),
        ]
    };
    d.refusals.iter().map(row).collect()
}

pub(super) fn pull_row(run: &RunRecord, p: &PullRecord) -> Row {
    vec![
        text(&run.id),
        text(&p.source),
        text(&p.channel),
        size(p.fetched),
        number(p.bytes),
        size(p.already),
        size(p.waiting),
        size(p.strangers),
        number(u64::from(p.retries)),
        text(&p.faults.join("; ")),
        number(p.millis),
    ]
}

pub(super) fn release_row(m: &Manifest, current: Option<&str>) -> Row {
    let tables = || m.files.iter().filter(|f| f.is_table());
    vec![
        text(&m.id),
        moment(Some(&m.published_at)),
        ScalarValue::Boolean(Some(current == Some(m.id.as_str()))),
        text(&m.run),
        text(&m.program),
        text(&m.register_version),
        text(m.register_adopted.as_deref().unwrap_or_default()),
        text(&m.key_fingerprint),
        text(&m.content),
        size(m.deliveries.len()),
        size(m.files.len()),
        number(tables().map(|f| f.rows).sum()),
        number(m.files.iter().map(|f| f.bytes).sum()),
    ]
}

pub(super) fn file_row(f: &FileEntry) -> Row {
    vec![
        text(&f.path),
        text(&f.table),
        text(&f.source),
        text(&f.part),
        number(f.rows),
        number(f.bytes),
        text(&f.sha256),
    ]
}

pub(super) fn text(value: &str) -> ScalarValue {
    ScalarValue::Utf8((!value.is_empty()).then(|| value.to_owned()))
}

pub(super) fn number(value: u64) -> ScalarValue {
    ScalarValue::Int64(Some(i64::try_from(value).unwrap_or(i64::MAX)))
}

fn size(value: usize) -> ScalarValue {
    number(u64::try_from(value).unwrap_or(u64::MAX))
}

fn moment(rfc3339: Option<&str>) -> ScalarValue {
    let parsed = rfc3339.and_then(|text| DateTime::parse_from_rfc3339(text).ok());
    ScalarValue::TimestampSecond(parsed.map(|moment| moment.timestamp()), None)
}
