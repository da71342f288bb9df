//! The checks of coverage: is what lies there what the manifests, the contracts and the register say, and
//! can nobody else reach it?

mod files;
mod law;
mod retention;

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::catalogue;
use super::gather::{Scene, Seen};
use super::place::{self, Role};
use super::report::{Check, Evidence, Examined, Verdict};
use super::walk::Nature;
use crate::audit;
use crate::warehouse::history::{self, REFUSALS, RUN};
use crate::warehouse::journal::{RefusalRecord, RunRecord};
use crate::warehouse::release::JOURNAL;

/// Every check of coverage.
pub fn checks(scene: &Scene<'_>, seen: &Seen) -> Vec<Check> {
    vec![
        files::present(scene),
        files::unchanged(scene, seen),
        law::columns(scene, seen),
        law::register(scene),
        law::releases(scene),
        retention::kept(scene),
        permissions(scene),
        key(scene, seen),
        journal(scene),
        handled(scene),
    ]
}

fn permissions(scene: &Scene<'_>) -> Check {
    const OTHERS: u32 = 0o077;
    let mut found = Vec::new();
    if scene.inventory.mode & OTHERS != 0 {
        let what = format!("staat open voor anderen ({:04o})", scene.inventory.mode);
        found.push(Evidence::at(Verdict::Fails, "het magazijn zelf", what));
    }
    for entry in &scene.inventory.entries {
        // The bits of a link mean nothing.
        if entry.mode & OTHERS != 0 && !matches!(entry.nature, Nature::Link(_)) {
            let what = format!("staat open voor anderen ({:04o})", entry.mode);
            found.push(Evidence::at(Verdict::Fails, scene.shown(&entry.path), what));
        }
    }
    let examined = Examined::files(scene.inventory.entries.len() as u64);
    Check::new(catalogue::PERMISSIONS, examined, found)
}

fn key(scene: &Scene<'_>, seen: &Seen) -> Check {
    let in_files = seen.keys.iter();
    let mut found: Vec<Evidence> = in_files
        .map(|(place, what)| Evidence::at(Verdict::Fails, place, *what))
        .collect();
    let mut note = "Alle bestanden zijn doorzocht op een hoofdsleutel, delen daarvan en bestanden van het programma age.".to_owned();
    let keys = &scene.options.keys;
    if keys.is_empty() {
        note += " Waar de sleutel hoort te liggen is niet opgegeven.";
    }
    found.extend(places(scene.root, keys));
    Check::new(catalogue::KEY, Examined::files(seen.distinct), found).noted(note)
}

/// What is wrong with the place of the key, or of each of its shares.
fn places(warehouse: &Path, keys: &[PathBuf]) -> Vec<Evidence> {
    let numbered = keys.iter().zip(1..);
    let place = |(path, number): (&PathBuf, i32)| {
        let name = match keys {
            [_] => "de sleutel".to_owned(),
            _ => format!("deel {number} van de sleutel"),
        };
        beside(warehouse, path, &name)
    };
    numbered.filter_map(place).collect()
}

/// What is wrong with the place of a key; what it says is not read.
fn beside(warehouse: &Path, key: &Path, name: &str) -> Option<Evidence> {
    let at = |verdict, what: &str| Some(Evidence::at(verdict, name, what));
    let meta = std::fs::metadata(key).ok()?;
    let real = |path: &Path| path.canonicalize().ok();
    let (key, warehouse) = (real(key)?, real(warehouse)?);
    if key.starts_with(&warehouse) {
        return at(Verdict::Fails, "ligt in het magazijn");
    }
    if meta.mode() & 0o077 != 0 {
        return at(Verdict::Fails, "kan door anderen gelezen worden");
    }
    if key.parent() == warehouse.parent() {
        return at(Verdict::Attention, "ligt in dezelfde map als het magazijn");
    }
    None
}

/// Every record can be read, says nothing that sluis does not write, and no release lacks its run.
fn journal(scene: &Scene<'_>) -> Check {
    let mut found = Vec::new();
    let mut records = 0;
    let mut runs = Vec::new();
    for entry in &scene.inventory.entries {
        if place::role(&entry.path) != Role::Journal {
            continue;
        }
        let name = entry.path.file_name().unwrap_or_default();
        let text = std::fs::read(scene.root.join(&entry.path)).unwrap_or_default();
        let sound = if name == RUN {
            records += 1;
            runs.extend(entry.path.parent().and_then(Path::file_name));
            same::<RunRecord>(&text)
        } else if name == REFUSALS {
            let lines = text.split(|b| *b == b'\n').filter(|l| !l.is_empty());
            lines.into_iter().all(|line| {
                records += 1;
                same::<RefusalRecord>(line)
            })
        } else {
            records += 1;
            true
        };
        if !sound {
            let what = "is niet te lezen, of bevat iets dat sluis niet schrijft";
            found.push(Evidence::at(Verdict::Fails, scene.shown(&entry.path), what));
        }
    }
    for (id, manifest) in &scene.manifests {
        let known = runs.iter().any(|run| *run == manifest.run.as_str());
        if !known {
            let place = format!("releases/{id}");
            let what = "de run die deze release maakte, staat niet in het logboek";
            found.push(Evidence::at(Verdict::Fails, place, what));
        }
    }
    if history::ids(&scene.root.join(JOURNAL)).is_err() {
        found.push(Evidence::at(Verdict::Fails, JOURNAL, "is niet te lezen"));
    }
    let examined = Examined {
        files: runs.len() as u64,
        columns: 0,
        values: records,
    };
    Check::new(catalogue::JOURNAL, examined, found)
}

/// The log of who did what is a chain without a break.
fn handled(scene: &Scene<'_>) -> Check {
    let fault = |what: String| vec![Evidence::at(Verdict::Fails, audit::AUDIT, what)];
    let (lines, found) = match audit::verify(scene.root, None) {
        Ok(Ok(chain)) => (chain.lines, Vec::new()),
        Ok(Err(broken)) => {
            let what = format!("de keten breekt bij regel {}", broken.line);
            (broken.line, fault(what))
        }
        Err(_) => (0, fault("is niet te lezen".to_owned())),
    };
    let examined = Examined {
        files: u64::from(scene.root.join(audit::AUDIT).is_file()),
        columns: 0,
        values: lines,
    };
    let note = "Regels die aan het eind zijn weggelaten zijn alleen te zien aan een kop die ergens anders is \
                genoteerd: sluis audit verify --head.";
    Check::new(catalogue::AUDIT, examined, found).noted(note)
}

/// Whether a text is such a record and holds nothing else.
pub(super) fn same<T: serde::Serialize + serde::de::DeserializeOwned>(text: &[u8]) -> bool {
    let read = |text| {
        let value: serde_json::Value = serde_json::from_slice(text).ok()?;
        let record: T = serde_json::from_slice(text).ok()?;
        Some((value, serde_json::to_value(record).ok()?))
    };
    read(text).is_some_and(|(there, ours)| there == ours)
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "tests make their own files")]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn every_share_is_looked_at() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        for name in ["magazijn", "een", "twee"] {
            fs::create_dir(path(name)).unwrap();
        }
        let (one, two) = (path("een/fg.age"), path("twee/beheer.age"));
        let keep = |path: &Path, mode| {
            fs::write(path, "").unwrap();
            fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        };
        keep(&one, 0o600);
        keep(&two, 0o600);
        let shares = [one.clone(), two.clone()];
        let warehouse = path("magazijn");
        assert_eq!(places(&warehouse, &shares), []);
        keep(&two, 0o640);
        let found = places(&warehouse, &shares);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].place, "deel 2 van de sleutel");
        assert_eq!(found[0].verdict, Verdict::Fails);
        keep(&path("fg.age"), 0o600);
        let found = places(&warehouse, &[path("fg.age")]);
        assert_eq!(
            (found[0].place.as_str(), found[0].verdict),
            ("de sleutel", Verdict::Attention)
        );
        keep(&path("magazijn/fg.age"), 0o600);
        let found = places(&warehouse, &[path("magazijn/fg.age")]);
        assert_eq!(found[0].verdict, Verdict::Fails);
        assert_eq!(places(&warehouse, &[path("weg.age")]), []);
    }
}
