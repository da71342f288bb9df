//! Event histories: what happened to a person, and in which month. Who knows some of that of somebody (a
//! hulpvraag in March, a provision in June) may recognise a history that nobody else has.
//!
//! A history is the sum of digests of its events, so it does not depend on their order and takes eight
//! bytes. Persons are taken a part at a time, by their digest: twelve million persons with fifty million
//! events hold some 450 MB at most.

use std::collections::{BTreeMap, HashMap};
use std::hash::BuildHasherDefault;
use std::sync::{Mutex, PoisonError};

use arrow::array::AsArray;
use arrow::datatypes::Date32Type;
use rayon::prelude::*;

use super::columns;
use super::read::{Table, Unread, open};
use crate::verify::content::distinct::Same;
use crate::verify::content::forms::stir;

/// So many persons are taken at a time, with their sums some 35 bytes each at most.
const HELD: u64 = 1 << 24;
/// They are kept in so many maps, each with a lock of its own.
const SHARDS: u64 = 32;
/// The bits of a person's digest from here say in which: not those by which a map places its keys.
const SHARD_BITS: u32 = 40;
/// So many entries of a file go into a map at a time.
const HANDED: usize = 4096;

/// What happened to persons: the sum of their events, by the digest of the person.
type Sums = HashMap<u64, u64, BuildHasherDefault<Same>>;

/// The histories of persons who have the same kind of pseudonym.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Histories {
    /// Persons with an event.
    pub persons: u64,
    /// Of those, whose history nobody else has.
    pub unique: u64,
}

/// How many of these occur once.
fn alone(mut histories: Vec<u64>) -> u64 {
    histories.par_sort_unstable();
    let runs = histories.chunk_by(|a, b| a == b);
    runs.filter(|run| run.len() == 1).count() as u64
}

/// Tables with events, by the name of their person column.
pub fn groups<'t, 's: 't>(
    tables: impl Iterator<Item = &'t Table<'s>>,
) -> BTreeMap<&'t str, Vec<&'t Table<'s>>> {
    let mut groups: BTreeMap<&str, Vec<&Table<'_>>> = BTreeMap::new();
    for table in tables.filter(|t| !t.risk.events.is_empty()) {
        if let Some(person) = &table.risk.person {
            groups.entry(person).or_default().push(table);
        }
    }
    groups
}

/// The histories over these tables together, which have about so many different persons.
///
/// # Errors
/// A file cannot be read.
pub fn over(tables: &[&Table<'_>], persons: u64) -> Result<Histories, Unread> {
    let rows: u64 = tables.iter().map(|table| table.rows()).sum();
    let parts = persons.min(rows).div_ceil(HELD).max(1);
    let mut all = Vec::new();
    for part in 0..parts {
        let shards: Vec<Mutex<Sums>> = (0..SHARDS).map(|_| Mutex::default()).collect();
        let files = tables
            .iter()
            .flat_map(|t| t.files.iter().map(move |f| (*t, &f.path)));
        let files: Vec<(&Table<'_>, &String)> = files.collect();
        files
            .par_iter()
            .with_max_len(1)
            .try_for_each(|(table, path)| file(table, path, (part, parts), &shards))?;
        let sums: Vec<Vec<u64>> = shards.into_par_iter().map(histories_of).collect();
        all.extend(sums.into_iter().flatten());
    }
    Ok(Histories {
        persons: all.len() as u64,
        unique: alone(all),
    })
}

/// The history of each person of a shard.
fn histories_of(shard: Mutex<Sums>) -> Vec<u64> {
    let sums = shard.into_inner().unwrap_or_else(PoisonError::into_inner);
    sums.into_values().collect()
}

/// Takes from a file what happened to the persons who belong to a part.
fn file(
    table: &Table<'_>,
    path: &str,
    (part, parts): (u64, u64),
    shards: &[Mutex<Sums>],
) -> Result<(), Unread> {
    let person = table.risk.person.as_ref().ok_or(Unread::File)?;
    let kinds: Vec<(&String, u64)> = (table.risk.events.iter())
        .map(|event| {
            (
                event,
                columns::digest(format!("{}.{event}", table.spec.name).as_bytes()),
            )
        })
        .collect();
    let names = table.risk.events.iter().chain([person]);
    let wanted: Vec<&str> = names.map(String::as_str).collect();
    let mut found: Vec<Vec<(u64, u64)>> = shards.iter().map(|_| Vec::new()).collect();
    for batch in open(&table.root.join(path), &wanted)? {
        let batch = batch.map_err(|_| Unread::File)?;
        let column = |name: &String| batch.column_by_name(name).ok_or(Unread::File);
        let persons = columns::persons(column(person)?).ok_or(Unread::File)?;
        // The events of a row are of one person: added up here, a row is one entry.
        let mut rows = vec![None; persons.len()];
        for (event, kind) in &kinds {
            let days = column(event)?.as_primitive_opt::<Date32Type>();
            for (row, day) in rows.iter_mut().zip(days.ok_or(Unread::File)?) {
                if let Some(day) = day {
                    let event = stir(kind ^ columns::digest_of(columns::month(day.into())));
                    *row = Some(row.unwrap_or(0_u64).wrapping_add(event));
                }
            }
        }
        for (person, row) in persons.into_iter().zip(rows) {
            if let (Some(person), Some(sum)) = (person, row)
                && (person >> 32) % parts == part
                && let Some(shard) = found.get_mut(((person >> SHARD_BITS) % SHARDS) as usize)
            {
                shard.push((person, sum));
            }
        }
        for (shard, found) in shards.iter().zip(&mut found) {
            if found.len() >= HANDED {
                hand_over(shard, found);
            }
        }
    }
    for (shard, mut found) in shards.iter().zip(found) {
        hand_over(shard, &mut found);
    }
    Ok(())
}

/// Puts what was found in a file with what is known from others.
fn hand_over(shard: &Mutex<Sums>, found: &mut Vec<(u64, u64)>) {
    let mut sums = shard.lock().unwrap_or_else(PoisonError::into_inner);
    for (person, sum) in found.drain(..) {
        let known = sums.entry(person).or_default();
        *known = known.wrapping_add(sum);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_history_is_a_multiset_of_events() {
        let shard = Mutex::default();
        for mut found in [
            vec![(1, 10), (2, 10), (1, 20)],
            vec![(3, 20), (3, 10), (4, 10), (4, 10)],
        ] {
            hand_over(&shard, &mut found);
            assert!(found.is_empty());
        }
        let mut sums = histories_of(shard);
        sums.sort_unstable();
        assert_eq!(sums, [10, 20, 30, 30]);
        // Two persons had both events, one only the first, one the first twice.
        assert_eq!(alone(sums), 2);
        assert_eq!(alone(Vec::new()), 0);
    }

    #[test]
    fn days_have_months() {
        let month = |year: i64, month: i64| year * 12 + month - 1;
        assert_eq!(columns::month(0), month(1970, 1));
        assert_eq!(columns::month(30), month(1970, 1));
        assert_eq!(columns::month(31), month(1970, 2));
        assert_eq!(columns::month(-1), month(1969, 12));
        assert_eq!(columns::month(19_782), month(2024, 2));
        let mut day = chrono::NaiveDate::from_ymd_opt(1890, 1, 1).unwrap();
        while chrono::Datelike::year(&day) < 2110 {
            let since = (day - chrono::NaiveDate::default()).num_days();
            let (year, of) = (chrono::Datelike::year(&day), chrono::Datelike::month(&day));
            assert_eq!(
                columns::month(since),
                month(year.into(), of.into()),
                "{day}"
            );
            day = day.succ_opt().unwrap();
        }
        columns::month(i64::MAX);
        columns::month(i64::MIN);
    }
}
