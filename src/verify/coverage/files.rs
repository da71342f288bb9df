//! Files against manifests.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::super::catalogue;
use super::super::gather::{Scene, Seen};
use super::super::place::{self, Role};
use super::super::report::{Check, Evidence, Examined, Verdict};
use super::super::walk::Nature;
use crate::warehouse::manifest::FileEntry;
use crate::warehouse::publish::content_hash;
use crate::warehouse::release::RELEASES;

/// Where a file of a release must lie, below the warehouse.
fn path_of(release: &str, entry: &FileEntry) -> PathBuf {
    Path::new(RELEASES).join(release).join(&entry.path)
}

/// Every file of a manifest is there, and nothing else is.
pub fn present(scene: &Scene<'_>) -> Check {
    let mut expected = BTreeSet::new();
    for (id, manifest) in &scene.manifests {
        for entry in &manifest.files {
            let path = path_of(id, entry);
            let folders = path.ancestors().skip(1).map(Path::to_owned);
            expected.extend(folders.collect::<Vec<_>>());
            expected.insert(path);
        }
    }
    let mut found = Vec::new();
    let mut there = BTreeSet::new();
    for entry in &scene.inventory.entries {
        there.insert(entry.path.as_path());
        let mut fault = |verdict, what: &str| {
            found.push(Evidence::at(verdict, scene.shown(&entry.path), what));
        };
        let is_link = matches!(entry.nature, Nature::Link(_));
        match place::role(&entry.path) {
            _ if entry.nature == Nature::Other => fault(Verdict::Fails, "is geen bestand of map"),
            Role::Current if is_link => {}
            _ if is_link => fault(Verdict::Fails, "is een koppeling, en die hoort hier niet"),
            Role::Release { .. } if !expected.contains(&entry.path) => {
                fault(Verdict::Fails, "staat niet in de lijst van de release");
            }
            Role::Stranger | Role::Current => fault(Verdict::Fails, "hoort niet in een magazijn"),
            Role::Staging => {
                fault(
                    Verdict::Attention,
                    "er loopt een run, of er is een afgebroken",
                );
            }
            _ => {}
        }
    }
    let missing = expected
        .iter()
        .filter(|path| !there.contains(path.as_path()));
    for path in missing.filter(|p| !p.as_os_str().is_empty()) {
        let what = "staat in de lijst van de release en is er niet";
        found.push(Evidence::at(Verdict::Fails, scene.shown(path), what));
    }
    let examined = Examined::files(scene.inventory.entries.len() as u64);
    Check::new(catalogue::FILES, examined, found)
}

/// Every file is what its manifest says, and the manifest is what it says of itself.
pub fn unchanged(scene: &Scene<'_>, seen: &Seen) -> Check {
    let mut found = Vec::new();
    let mut files = 0;
    for (id, manifest) in &scene.manifests {
        for entry in &manifest.files {
            let path = path_of(id, entry);
            let Some(file) = seen.files.get(&path) else {
                continue;
            };
            files += 1;
            let mut fault = |what: &str| {
                found.push(Evidence::at(Verdict::Fails, scene.shown(&path), what));
            };
            if file.sha256 != entry.sha256 || file.bytes != entry.bytes {
                fault("is een ander bestand dan release.json noemt (SHA-256)");
            } else if file.rows.is_some_and(|rows| rows != entry.rows) {
                fault("heeft een ander aantal rijen dan release.json noemt");
            } else if !is_named_by(&path, &file.sha256) {
                fault("heet niet naar zijn eigen inhoud");
            }
        }
        if content_hash(manifest.files.iter()) != manifest.content {
            let place = format!("{RELEASES}/{id}/release.json");
            let what = "de controlesom over alle bestanden klopt niet";
            found.push(Evidence::at(Verdict::Fails, place, what));
        }
    }
    if scene.manifests.is_empty() {
        return Check::unknown(catalogue::WHOLE, "Er is geen release.");
    }
    Check::new(catalogue::WHOLE, Examined::files(files), found)
}

/// `SOURCE-HASH.parquet`, the hash being the beginning of the file's.
fn is_named_by(path: &Path, sha256: &str) -> bool {
    let stem = path.file_stem().and_then(|stem| stem.to_str());
    let hash = stem
        .and_then(|stem| stem.rsplit_once('-'))
        .map(|(_, hash)| hash);
    hash.is_some_and(|hash| hash.len() == 16 && sha256.starts_with(hash))
}
