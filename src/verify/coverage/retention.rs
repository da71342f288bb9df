//! Are periods kept? Judged from what lies there, on a day: rows by the year of their folder and the day
//! in their column, releases by their rows, raw deliveries by how long they have been in the landing
//! folder.

use std::collections::BTreeMap;
use std::fs::File;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use arrow::array::{Array, AsArray};
use arrow::datatypes::Date32Type;
use chrono::{Datelike, Months, NaiveDate};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use rayon::prelude::*;

use super::super::catalogue;
use super::super::gather::Scene;
use super::super::report::{Check, Evidence, Examined, Verdict};
use crate::contract::model::{Retention, SourcePlan};
use crate::source::landing;
use crate::warehouse::manifest::{FileEntry, Manifest};
use crate::warehouse::release::RELEASES;

const DAY: i64 = 24 * 60 * 60;
/// The run after the period removes a delivery; there is one every night.
const GRACE: i64 = 1;
/// A refused delivery stays at least so many days, so that somebody can look at it.
const REFUSED: u32 = 7;

/// What of a file is past its period, and what cannot be judged.
#[derive(Clone, Copy, Default)]
struct Count {
    past: u64,
    undated: u64,
    rows: u64,
}

/// Nothing is kept longer than the register says.
pub fn kept(scene: &Scene<'_>) -> Check {
    let today = scene.options.now.date_naive();
    let files = files(scene);
    let counts: BTreeMap<&str, Option<Count>> = files
        .par_iter()
        .map(|(sha256, (path, entry))| (*sha256, count(scene, path, entry, today)))
        .collect();
    let mut found = Vec::new();
    let (mut rows, mut undated) = (0, 0);
    for (id, manifest) in &scene.manifests {
        let mut past: BTreeMap<&str, u64> = BTreeMap::new();
        for entry in &manifest.files {
            // What cannot be read is told of elsewhere.
            let count = counts.get(entry.sha256.as_str()).copied().flatten();
            let count = count.unwrap_or_default();
            rows += count.rows;
            undated += count.undated;
            if count.past > 0 {
                *past.entry(&entry.table).or_default() += count.past;
            }
        }
        for (table, count) in past {
            let what = format!("rijen van tabel {table} waarvan de bewaartermijn voorbij is");
            let place = format!("{RELEASES}/{id}");
            found.push(Evidence::at(Verdict::Fails, place, what).times(count));
        }
    }
    releases(scene, &mut found);
    let raw = raw(scene, &mut found);
    let examined = Examined {
        files: counts.len() as u64 + raw.unwrap_or_default(),
        columns: 0,
        values: rows,
    };
    let day = today.format("%d-%m-%Y");
    let left = if undated > 0 {
        format!(" {undated} rijen hebben geen jaar of datum en zijn niet te beoordelen.")
    } else {
        String::new()
    };
    let looked = match raw {
        Some(_) => " Ook de leveringen in de aanleverfolder zijn bekeken.",
        None => {
            " De aanleverfolder is niet bekeken: bij een los magazijn is niet bekend waar die ligt."
        }
    };
    Check::new(catalogue::RETENTION, examined, found)
        .noted(format!("Beoordeeld op {day}.{left}{looked}"))
}

/// The files of tables, each content once, with one of the places where it lies.
fn files<'a>(scene: &'a Scene<'_>) -> BTreeMap<&'a str, (std::path::PathBuf, &'a FileEntry)> {
    let mut all = BTreeMap::new();
    for (id, manifest) in &scene.manifests {
        for entry in manifest.files.iter().filter(|f| f.is_table()) {
            let path = scene.root.join(RELEASES).join(id).join(&entry.path);
            all.entry(entry.sha256.as_str()).or_insert((path, entry));
        }
    }
    all
}

/// Counts the rows of a file that are past their period; `None`: it cannot be read.
fn count(scene: &Scene<'_>, path: &Path, entry: &FileEntry, today: NaiveDate) -> Option<Count> {
    let mut count = Count {
        rows: entry.rows,
        ..Count::default()
    };
    let register = &scene.options.contracts.register;
    let Some(Retention::Years { years, from }) = register.tables.get(&entry.table) else {
        return Some(count);
    };
    let mut folders = entry.path.split('/');
    let year = folders.find_map(|folder| folder.strip_prefix("jaar="));
    let year = year
        .and_then(|year| year.parse::<i64>().ok())
        .filter(|y| *y > 0);
    // The period runs from the end of the year.
    let of_year = year.map(|year| year + i64::from(*years) < i64::from(today.year()));
    let mut add = |past: Option<bool>, rows: u64| match past {
        Some(true) => count.past += rows,
        Some(false) => {}
        None => count.undated += rows,
    };
    match from {
        None => add(of_year, entry.rows),
        Some(column) => each_day(path, column, |day| {
            let end = day.and_then(|day| day.checked_add_months(Months::new(12 * years)));
            add(end.map(|end| end < today).or(of_year), 1);
        })?,
    }
    Some(count)
}

/// Every day in a column of a file; `None` where a row has none, or the file lacks the column.
fn each_day(path: &Path, column: &str, mut day: impl FnMut(Option<NaiveDate>)) -> Option<()> {
    let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(path).ok()?).ok()?;
    let Ok(at) = reader.schema().index_of(column) else {
        let rows = reader.metadata().file_metadata().num_rows();
        (0..rows).for_each(|_| day(None));
        return Some(());
    };
    let mask = ProjectionMask::roots(reader.parquet_schema(), [at]);
    for batch in reader.with_projection(mask).build().ok()? {
        let batch = batch.ok()?;
        let days = batch.column(0).as_primitive_opt::<Date32Type>();
        for row in 0..batch.num_rows() {
            let days = days.filter(|days| days.is_valid(row));
            day(days.and_then(|days| days.value_as_date(row)));
        }
    }
    Some(())
}

/// More releases than the settings say: whoever runs sluis decides how many there are, so that is no
/// fault by itself.
fn releases(scene: &Scene<'_>, found: &mut Vec<Evidence>) {
    let there = scene.manifests.len() + scene.broken.len();
    if let Some(keep) = scene.options.keep_releases
        && there > keep
    {
        let what = format!("er zijn {there} releases, en de instellingen zeggen {keep}");
        found.push(Evidence::at(Verdict::Attention, RELEASES, what));
    }
}

/// Raw deliveries that are in the landing folder longer than their days. Returns how many lie there;
/// `None`: nobody said where.
fn raw(scene: &Scene<'_>, found: &mut Vec<Evidence>) -> Option<u64> {
    let folder = scene.options.landing.as_ref()?;
    let now = scene.options.now.timestamp();
    let mut there = 0;
    for plan in &scene.options.contracts.sources {
        let source = plan.contract.id.as_str();
        let place = format!("aanleverfolder, bron {source}");
        let Ok(landed) = landing::find(folder, &plan.pipeline) else {
            let what = "de folder is niet te lezen";
            found.push(Evidence::at(Verdict::Attention, place, what));
            continue;
        };
        let mut late = 0;
        for delivery in &landed.deliveries {
            there += 1;
            let days = i64::from(days(plan, delivery, scene.manifests.values())) + GRACE;
            // Since it came into the folder: a time that a partner cannot set.
            let since = delivery.path.symlink_metadata().map(|meta| meta.ctime());
            late += u64::from(since.is_ok_and(|since| now - since >= days * DAY));
        }
        if late > 0 {
            let days = plan.lawfulness.raw_retention_days;
            let what = format!("leveringen die er langer liggen dan {days} dagen");
            found.push(Evidence::at(Verdict::Fails, place, what).times(late));
        }
    }
    Some(there)
}

/// How long a delivery may lie there: one that no release stands on may have been refused.
fn days<'a>(
    plan: &SourcePlan,
    delivery: &landing::Delivery,
    mut manifests: impl Iterator<Item = &'a Manifest>,
) -> u32 {
    let taken = manifests.any(|m| {
        m.deliveries.iter().any(|d| {
            (&d.source, &d.part, &d.order) == (&delivery.source, &delivery.part, &delivery.order)
        })
    });
    let days = plan.lawfulness.raw_retention_days;
    if taken { days } else { days.max(REFUSED) }
}
