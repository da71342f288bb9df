//! The one pass: every file is read once, in parallel, and what it shows is added up by column.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;
use sha2::{Digest, Sha256};

use super::content::canaries::{Hits, Needles};
use super::content::names::Names;
use super::content::tally::{Judged, Tally};
use super::parquet::{self, Column, Traces};
use super::place::{self, Role};
use super::report::{Evidence, Verdict};
use super::strength::values::{Before, Pseudonyms};
use super::walk::{Content, Inventory};
use super::{Observer, Options, coverage, raw};
use crate::canary::Canaries;
use crate::contract::model::{Kind, TableKind, Treatment};
use crate::warehouse::manifest::{CANARY, FileEntry, Manifest};
use crate::warehouse::release;

/// Different pseudonyms of a column that are kept: for tests of chance, and for an attack.
const SOME: usize = 1 << 15;
const MANY: usize = 1 << 20;
/// What gives away a root key, or something of it, and what it is.
const KEYS: [(&[u8], &str); 6] = [
    (b"sluis-root-1:", "in dit bestand staat een hoofdsleutel"),
    (b"sluis-root-2:", "in dit bestand staat een hoofdsleutel"),
    (
        b"sluis-share-1:",
        "in dit bestand staat een deel van een hoofdsleutel",
    ),
    (
        b"AGE-SECRET-KEY-1",
        "in dit bestand staat een sleutel van het programma age",
    ),
    (b"age-encryption.org/v1", AGE_FILE),
    (b"-----BEGIN AGE ENCRYPTED FILE-----", AGE_FILE),
];
const AGE_FILE: &str =
    "dit bestand is versleuteld met het programma age: een deel van een hoofdsleutel";
/// The longest of them.
const LONGEST_KEY: usize = 34;

/// What is verified, and against what.
pub struct Scene<'a> {
    /// The warehouse.
    pub root: &'a Path,
    /// Everything in it.
    pub inventory: &'a Inventory,
    /// What to verify with.
    pub options: &'a Options<'a>,
    /// The names to look for, and the canaries.
    pub names: Names,
    /// The manifests that can be read, by release.
    pub manifests: BTreeMap<String, Manifest>,
    /// Manifests that cannot be read, by release.
    pub broken: Vec<String>,
    /// The release that readers see.
    pub current: Option<String>,
    entries: BTreeMap<PathBuf, FileEntry>,
    /// Releases whose manifest says more than a manifest of ours.
    talkative: Vec<String>,
}

impl<'a> Scene<'a> {
    /// Reads the manifests.
    pub fn new(root: &'a Path, inventory: &'a Inventory, options: &'a Options<'a>) -> Self {
        let mut scene = Self {
            root,
            inventory,
            options,
            names: match &options.canaries {
                Some(canaries) => options.names.clone().with(Needles::of(canaries)),
                None => options.names.clone(),
            },
            manifests: BTreeMap::new(),
            broken: Vec::new(),
            current: release::current(root).ok().flatten(),
            entries: BTreeMap::new(),
            talkative: Vec::new(),
        };
        for entry in &inventory.entries {
            let Role::Manifest(id) = place::role(&entry.path) else {
                continue;
            };
            let text = fs::read(root.join(&entry.path)).unwrap_or_default();
            match serde_json::from_slice::<Manifest>(&text) {
                Ok(manifest) => {
                    if !coverage::same::<Manifest>(&text) {
                        scene.talkative.push(id.clone());
                    }
                    for file in &manifest.files {
                        let path = Path::new(release::RELEASES).join(&id).join(&file.path);
                        scene.entries.insert(path, file.clone());
                    }
                    scene.manifests.insert(id, manifest);
                }
                Err(_) => scene.broken.push(id),
            }
        }
        scene
    }

    /// The canaries, where the release that readers see was made with them.
    #[must_use]
    pub fn carried(&self) -> Option<&'a Canaries> {
        let current = self.manifests.get(self.current.as_ref()?)?;
        let canaries = self.options.canaries.as_ref()?;
        (current.canaries.as_ref() == Some(&canaries.fingerprint())).then_some(canaries)
    }

    /// Whether the manifest of a release says what sluis writes and nothing else.
    #[must_use]
    pub fn is_ours(&self, release: &str) -> bool {
        !self.talkative.iter().any(|id| id == release)
    }

    /// What a manifest says of a file.
    #[must_use]
    pub fn entry(&self, path: &Path) -> Option<&FileEntry> {
        self.entries.get(path)
    }

    /// Whether one of the names of a file lies in the release that readers see.
    fn is_current(&self, paths: &[PathBuf]) -> bool {
        let release = |id: &String| Path::new(release::RELEASES).join(id);
        let current = self.current.as_ref().map(release);
        current.is_some_and(|release| paths.iter().any(|path| path.starts_with(&release)))
    }

    /// A path as a report may show it.
    #[must_use]
    pub fn shown(&self, path: &Path) -> String {
        place::shown(path, self.options.contracts)
    }
}

/// A column: of a table and source, or of a file that belongs to none.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ColumnKey {
    /// The table (a state has its name before the table's), or the file.
    pub place: String,
    /// The source, as a manifest says.
    pub source: String,
    /// The column, or its number where its name may not be shown.
    pub column: String,
}

/// What a column showed over all its files.
pub struct Gathered {
    /// Files.
    pub files: u64,
    /// Values, absent ones included.
    pub rows: u64,
    /// Its values as text and numbers.
    pub tally: Tally,
    /// Its values as pseudonyms.
    pub pseudonyms: Pseudonyms,
    /// What tells of them.
    pub traces: Traces,
    /// Whether it holds pseudonyms: by contract, or by its form.
    pub is_pseudonym: bool,
    /// Whether it holds sixteen bytes a value.
    pub is_full: bool,
}

/// A place that is no column and what is wrong with it.
pub struct Found {
    /// Where.
    pub place: String,
    /// In which column's metadata.
    pub column: Option<String>,
    /// What.
    pub judged: Judged,
}

/// What is known of one file after it was read.
#[derive(Clone, Debug, Default)]
pub struct FileSeen {
    /// Its SHA-256 (hex).
    pub sha256: String,
    /// Its size.
    pub bytes: u64,
    /// Rows, where it is Parquet.
    pub rows: Option<u64>,
}

/// Everything that was seen.
#[derive(Default)]
pub struct Seen {
    /// Columns.
    pub columns: BTreeMap<ColumnKey, Gathered>,
    /// Signs in places that are no columns.
    pub found: Vec<Found>,
    /// Canaries in the clear in places that are no columns.
    pub canaries: Vec<(String, Option<String>, Hits)>,
    /// Files by every name they have.
    pub files: BTreeMap<PathBuf, FileSeen>,
    /// What could not be read.
    pub unreadable: Vec<Evidence>,
    /// Files with a root key or something of it in them, and what it is.
    pub keys: Vec<(String, &'static str)>,
    /// Columns that are in no contract or have another type.
    pub misfits: Vec<Evidence>,
    /// Bytes of all files, each once.
    pub bytes: u64,
    /// Files, each once.
    pub distinct: u64,
    /// Values in places that are no columns.
    pub values: u64,
}

/// Reads everything.
pub fn gather(scene: &Scene<'_>, observer: &dyn Observer) -> Seen {
    let mut contents = scene.inventory.contents();
    observer.begins(contents.iter().map(|c| c.bytes).sum());
    // The largest first, and each by itself, so that no thread is left alone with many at the end.
    contents.sort_by_key(|c| std::cmp::Reverse(c.bytes));
    let seen = Mutex::new(Seen::default());
    contents
        .par_iter()
        .with_max_len(1)
        .for_each(|content| one(scene, content, &seen, observer));
    let mut seen = seen.into_inner().unwrap_or_else(PoisonError::into_inner);
    names(scene, &mut seen);
    seen.found
        .sort_by(|a, b| (&a.place, &a.column).cmp(&(&b.place, &b.column)));
    seen
}

/// Reads one file and adds what it shows.
fn one(scene: &Scene<'_>, content: &Content, seen: &Mutex<Seen>, observer: &dyn Observer) {
    let Some(path) = content.paths.first() else {
        return;
    };
    let known = known(scene, content, seen);
    let is_current = scene.is_current(&content.paths);
    let before = |column: &str| Before {
        counts: is_current && known.get(column).is_none_or(|known| known.counts),
        halvings: known.get(column).map_or(0, |known| known.halvings),
    };
    let looked = look(scene, path, content.bytes, &before);
    let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
    seen.bytes += content.bytes;
    seen.distinct += 1;
    observer.advances(content.bytes);
    if let Ok(looked) = looked {
        add(scene, path, content, looked, &mut seen);
    } else {
        let what = "kan niet gelezen worden";
        let evidence = Evidence::at(Verdict::Fails, scene.shown(path), what);
        seen.unreadable.push(evidence);
    }
}

/// What other files showed already of the columns of a file of a table.
fn known(scene: &Scene<'_>, content: &Content, seen: &Mutex<Seen>) -> BTreeMap<String, Before> {
    let Some(entry) = content.paths.iter().find_map(|p| scene.entry(p)) else {
        return BTreeMap::new();
    };
    let (place, source) = (format!("tabel {}", entry.table), entry.source.as_str());
    let seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
    let own = |key: &&ColumnKey| key.place == place && key.source == source;
    let columns = seen.columns.iter().filter(|(key, _)| own(key));
    let before = |(key, all): (&ColumnKey, &Gathered)| {
        let before = Before {
            counts: all.pseudonyms.frequencies.is_some(),
            halvings: all.pseudonyms.different.halvings(),
        };
        (key.column.clone(), before)
    };
    columns.map(before).collect()
}

/// What one file showed.
struct Looked {
    file: FileSeen,
    keys: Vec<&'static str>,
    parquet: Option<parquet::Looked>,
    broken: bool,
    beside: Tally,
}

fn look(
    scene: &Scene<'_>,
    path: &Path,
    bytes: u64,
    before: &dyn Fn(&str) -> Before,
) -> io::Result<Looked> {
    let names = &scene.names;
    let mut file = File::open(scene.root.join(path))?;
    let (sha256, keys) = digest(&mut file)?;
    let mut beside = Tally::default();
    let most = if scene.options.attack.is_some() {
        MANY
    } else {
        SOME
    };
    let parquet = if is_parquet(&mut file)? {
        Some(parquet::look(&file, names, most, before))
    } else {
        None
    };
    let broken = matches!(parquet, Some(Err(_)))
        || (parquet.is_none() && path.extension().is_some_and(|e| e == "parquet"));
    let parquet = parquet.and_then(Result::ok);
    if parquet.is_none() {
        file.seek(SeekFrom::Start(0))?;
        match place::role(path) {
            Role::Manifest(_) | Role::Journal | Role::Record | Role::Lock if bytes < 1 << 28 => {
                let mut text = Vec::new();
                file.read_to_end(&mut text)?;
                raw::look_json(&text, &mut beside, names);
            }
            _ => raw::look(&file, &mut beside, names)?,
        }
    }
    let rows = parquet.as_ref().map(|p| p.rows);
    Ok(Looked {
        file: FileSeen {
            sha256,
            bytes,
            rows,
        },
        keys,
        parquet,
        broken,
        beside,
    })
}

fn is_parquet(file: &mut File) -> io::Result<bool> {
    let mut mark = [0u8; 4];
    file.seek(SeekFrom::Start(0))?;
    Ok(matches!(file.read_exact(&mut mark), Ok(()) if &mark == b"PAR1" || &mark == b"PARE"))
}

/// SHA-256 of a file, and what of a root key stands in it.
fn digest(file: &mut File) -> io::Result<(String, Vec<&'static str>)> {
    const PIECE: usize = 1 << 20;
    let mut hasher = Sha256::new();
    let mut keys: Vec<&'static str> = Vec::new();
    let finders = KEYS.map(|(mark, what)| (memchr::memmem::Finder::new(mark), what));
    let mut waiting = Vec::with_capacity(PIECE + LONGEST_KEY);
    loop {
        let kept = waiting.len();
        if file.by_ref().take(PIECE as u64).read_to_end(&mut waiting)? == 0 {
            break;
        }
        hasher.update(&waiting[kept..]);
        for (finder, what) in &finders {
            if !keys.contains(what) && finder.find(&waiting).is_some() {
                keys.push(what);
            }
        }
        let end = waiting.len() - (LONGEST_KEY - 1).min(waiting.len());
        waiting.drain(..end);
    }
    Ok((crate::hex::encode(&hasher.finalize()), keys))
}

fn add(scene: &Scene<'_>, path: &Path, content: &Content, looked: Looked, seen: &mut Seen) {
    let shown = scene.shown(path);
    let keys = looked.keys.iter().map(|what| (shown.clone(), *what));
    seen.keys.extend(keys);
    if looked.broken {
        // What a run is writing, or was when it was cut off, has no end yet.
        let staging = place::role(path) == Role::Staging;
        let verdict = if staging {
            Verdict::Attention
        } else {
            Verdict::Fails
        };
        let what = "is geen heel Parquet-bestand: wat erin staat, is niet te beoordelen";
        seen.unreadable.push(Evidence::at(verdict, &shown, what));
    }
    for path in &content.paths {
        seen.files.insert(path.clone(), looked.file.clone());
    }
    note(&shown, None, &looked.beside, seen);
    let Some(parquet) = looked.parquet else {
        return;
    };
    note(&shown, None, &parquet.beside, seen);
    let entry = content.paths.iter().find_map(|p| scene.entry(p));
    let is_current = scene.is_current(&content.paths);
    for (number, mut column) in parquet.columns.into_iter().enumerate() {
        if !is_current {
            // The same rows again would count twice.
            column.pseudonyms.forget_frequencies();
        }
        add_column(scene, &shown, entry, number, column, seen);
    }
}

fn note(place: &str, column: Option<&str>, tally: &Tally, seen: &mut Seen) {
    seen.values += tally.values;
    if *tally.canaries() != Hits::default() {
        let place = (place.to_owned(), column.map(str::to_owned));
        seen.canaries
            .push((place.0, place.1, tally.canaries().clone()));
    }
    seen.found
        .extend(tally.judge_alone().into_iter().map(|judged| Found {
            place: place.to_owned(),
            column: column.map(str::to_owned),
            judged,
        }));
}

fn add_column(
    scene: &Scene<'_>,
    shown: &str,
    entry: Option<&FileEntry>,
    number: usize,
    column: Column,
    seen: &mut Seen,
) {
    let table = entry.map(|e| e.table.as_str());
    let expected = entry.and_then(|entry| expected(scene, entry, &column.name));
    // A name that no contract knows may be called after somebody.
    let name = match expected {
        Some(_) => column.name.clone(),
        None => format!("nummer {}", number + 1),
    };
    if table.is_some()
        && let Some(what) = misfit(expected, &column)
    {
        seen.misfits
            .push(Evidence::at(Verdict::Fails, shown, what).in_column(&name));
    }
    note(shown, Some(&name), &column.beside, seen);
    let key = ColumnKey {
        place: table.map_or_else(|| shown.to_owned(), |table| format!("tabel {table}")),
        source: entry.map(|e| e.source.clone()).unwrap_or_default(),
        column: name,
    };
    let is_full = column.width == 16 && is_fixed(&column);
    let is_pseudonym = match expected {
        Some(kind) => kind == TableKind::Pseudonym,
        None => is_full,
    };
    match seen.columns.entry(key) {
        std::collections::btree_map::Entry::Vacant(place) => {
            place.insert(Gathered {
                files: 1,
                rows: column.rows,
                tally: column.tally,
                pseudonyms: column.pseudonyms,
                traces: column.traces,
                is_pseudonym,
                is_full,
            });
        }
        std::collections::btree_map::Entry::Occupied(mut place) => {
            let all = place.get_mut();
            all.files += 1;
            all.rows += column.rows;
            all.tally.absorb(column.tally);
            all.pseudonyms.absorb(column.pseudonyms);
            all.traces.absorb(column.traces);
            all.is_pseudonym |= is_pseudonym;
            all.is_full &= is_full;
        }
    }
}

fn is_fixed(column: &Column) -> bool {
    column.physical == ::parquet::basic::Type::FIXED_LEN_BYTE_ARRAY
}

/// What the contract says that a column of a table or state holds.
fn expected(scene: &Scene<'_>, entry: &FileEntry, column: &str) -> Option<TableKind> {
    if entry.is_canary() {
        return of_canaries(scene, &entry.source, column);
    }
    if !entry.is_table() {
        return match column {
            "sleutel" => Some(TableKind::Pseudonym),
            "levering" | "partitie" => Some(TableKind::Text),
            "verwijderd" => Some(TableKind::Boolean),
            _ => None,
        };
    }
    let spec = scene.options.contracts.tables.get(&entry.table)?;
    let stored = |name: &String| !spec.partition.contains(name);
    let column = spec
        .columns
        .iter()
        .find(|c| c.name == column && stored(&c.name));
    column.map(|c| c.kind)
}

/// What the contract of a source says that a column of its canaries holds: their number, or what the lock
/// makes of a column.
fn of_canaries(scene: &Scene<'_>, source: &str, column: &str) -> Option<TableKind> {
    if column == CANARY {
        return Some(TableKind::Integer);
    }
    let plans = &scene.options.contracts.sources;
    let plan = plans.iter().find(|plan| plan.contract.id == source)?;
    let mut columns = plan.contract.columns.iter();
    let column = columns.find(|c| c.output() == Some(column))?;
    Some(match (&column.treatment, &column.kind) {
        (Treatment::Pseudonymise { .. }, _) => TableKind::Pseudonym,
        (Treatment::Keep, Kind::Date(_) | Kind::Moment) => TableKind::Date,
        (Treatment::Keep, Kind::Integer { .. } | Kind::Decimal { .. }) => TableKind::Integer,
        (Treatment::Keep, Kind::Boolean { .. }) => TableKind::Boolean,
        _ => TableKind::Text,
    })
}

/// What is wrong with a column, held against its contract.
fn misfit(expected: Option<TableKind>, column: &Column) -> Option<&'static str> {
    use ::parquet::basic::{LogicalType, Type};
    let Some(kind) = expected else {
        return Some("staat niet in het contract van de tabel");
    };
    let logical = column.logical.as_ref();
    let fits = match kind {
        TableKind::Pseudonym => is_fixed(column) && column.width == 16,
        TableKind::Text => {
            column.physical == Type::BYTE_ARRAY && matches!(logical, Some(LogicalType::String))
        }
        TableKind::Date => {
            column.physical == Type::INT32 && matches!(logical, Some(LogicalType::Date))
        }
        TableKind::Integer => column.physical == Type::INT64,
        TableKind::Boolean => column.physical == Type::BOOLEAN,
    };
    (!fits).then_some("heeft een ander type dan het contract")
}

/// Names of files, folders and links, and what links say.
fn names(scene: &Scene<'_>, seen: &mut Seen) {
    for entry in &scene.inventory.entries {
        let mut tally = Tally::default();
        let mut say = |text: &std::ffi::OsStr| {
            tally.values += 1;
            tally.text(text.as_encoded_bytes(), &scene.names);
        };
        say(entry.path.file_name().unwrap_or_default());
        if let super::walk::Nature::Link(target) = &entry.nature {
            for component in target.components() {
                say(component.as_os_str());
            }
        }
        let folder = entry.path.parent().unwrap_or(Path::new(""));
        let shown = scene.shown(folder);
        let place = match shown.as_str() {
            "" => "een naam in het magazijn".to_owned(),
            folder => format!("een naam in {folder}"),
        };
        note(&place, None, &tally, seen);
    }
}
