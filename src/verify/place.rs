//! What a path below the warehouse is, and how it is shown: only names of our own making are; one that
//! may be called after a person is told by its number.

use std::path::{Component, Path};

use crate::audit::AUDIT;
use crate::contract::model::Contracts;
use crate::lock::erased::ERASED;
use crate::warehouse::history::{BEGUN, REFUSALS, RUN};
use crate::warehouse::manifest::{CANARIES, MANIFEST, STATE};
use crate::warehouse::release::{CURRENT, JOURNAL, RELEASES, is_id};
use crate::warehouse::rewrite::INTENT;
use crate::warehouse::store::STAGING;
use crate::warehouse::switch::SWITCH;

/// What lies at a path, by its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Role {
    /// One of the folders of a warehouse.
    Folder,
    /// A file or folder of a release.
    Release {
        /// The release.
        release: String,
        /// The path below the release, with `/`.
        path: String,
    },
    /// A manifest.
    Manifest(String),
    /// A record of a run.
    Journal,
    /// What a run is making, or left when it was cut off.
    Staging,
    /// What is told of more than one run: the log of who did what, the list of who was erased, and the
    /// plan of a rewriting or of a switch of the key that is not finished.
    Record,
    /// The lock.
    Lock,
    /// The link to the release that readers see.
    Current,
    /// Nothing that belongs in a warehouse.
    Stranger,
}

const LOCK: &str = "lock";
const RECORDS: [&str; 4] = [RUN, BEGUN, REFUSALS, "run.json.gereed"];

/// What lies at a path below the warehouse.
#[must_use]
pub fn role(path: &Path) -> Role {
    let parts: Option<Vec<&str>> = path
        .components()
        .map(|c| match c {
            Component::Normal(name) => name.to_str(),
            _ => None,
        })
        .collect();
    let Some(parts) = parts else {
        return Role::Stranger;
    };
    match parts.as_slice() {
        [RELEASES | JOURNAL | STAGING] => Role::Folder,
        [LOCK] => Role::Lock,
        [AUDIT | ERASED | INTENT | SWITCH] => Role::Record,
        [CURRENT] => Role::Current,
        [RELEASES | JOURNAL, id] if is_id(id) => Role::Folder,
        [RELEASES, id, MANIFEST] if is_id(id) => Role::Manifest((*id).to_owned()),
        [RELEASES, id, rest @ ..] if is_id(id) => Role::Release {
            release: (*id).to_owned(),
            path: rest.join("/"),
        },
        [JOURNAL, id, name] if is_id(id) && RECORDS.contains(name) => Role::Journal,
        [STAGING, ..] => Role::Staging,
        _ => Role::Stranger,
    }
}

/// The path as a report may show it: every part that is not a name of ours is a question mark.
#[must_use]
pub fn shown(path: &Path, contracts: &Contracts) -> String {
    let mut parts = Vec::new();
    for (depth, component) in path.components().enumerate() {
        let name = component.as_os_str().to_string_lossy();
        parts.push(if is_ours(depth, &name, contracts) {
            name.into_owned()
        } else {
            "(naam niet getoond)".to_owned()
        });
    }
    parts.join("/")
}

fn is_ours(depth: usize, name: &str, contracts: &Contracts) -> bool {
    let fixed = [
        RELEASES, JOURNAL, STAGING, CURRENT, LOCK, MANIFEST, STATE, CANARIES, AUDIT, ERASED,
        INTENT, SWITCH, "release",
    ];
    if fixed.contains(&name) || RECORDS.contains(&name) || contracts.tables.contains_key(name) {
        return true;
    }
    // The id of a release or run: a moment, and something behind it.
    let id = is_id(name)
        && name.len() <= 40
        && name.as_bytes().get(8) == Some(&b'T')
        && name.as_bytes().iter().take(8).all(u8::is_ascii_digit);
    let year = name.strip_prefix("jaar=");
    let year = year.is_some_and(|y| y.len() <= 4 && y.bytes().all(|b| b.is_ascii_digit()));
    (depth == 1 && id) || year || is_data_file(name, contracts)
}

/// `SOURCE-0123456789abcdef.parquet`, with the part of the source between them.
fn is_data_file(name: &str, contracts: &Contracts) -> bool {
    let Some((stem, hash)) = name
        .strip_suffix(".parquet")
        .and_then(|stem| stem.rsplit_once('-'))
    else {
        return false;
    };
    let hash = hash.len() == 16 && hash.bytes().all(|b| b.is_ascii_hexdigit());
    let known = contracts.sources.iter().any(|plan| {
        stem.strip_prefix(&plan.contract.id).is_some_and(|part| {
            part.len() <= 6 && part.bytes().all(|b| b.is_ascii_digit() || b == b'_')
        })
    });
    hash && known
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::{ContractFiles, load};

    #[test]
    fn only_names_of_ours_are_shown() {
        let contracts = load(&ContractFiles::embedded()).unwrap();
        let show = |path: &str| shown(Path::new(path), &contracts);
        let hidden = "(naam niet getoond)";
        let good = "releases/20250103T010000Z-0123abcd/hulpvraag/jaar=2024/wot-casus_2024-0123456789abcdef.parquet";
        assert_eq!(show(good), good);
        assert_eq!(show("releases/jan"), format!("releases/{hidden}"));
        assert_eq!(
            show("journal/20250103T010000Z-1/999990019.json"),
            format!("journal/20250103T010000Z-1/{hidden}")
        );
        assert_eq!(show("Daan de Vries.csv"), hidden);
        assert_eq!(
            show("releases/20250103T010000Z-0123abcd/hulpvraag/jaar=999990019"),
            format!("releases/20250103T010000Z-0123abcd/hulpvraag/{hidden}")
        );
    }

    #[test]
    fn every_path_has_a_role() {
        let of = |path: &str| role(Path::new(path));
        assert_eq!(of("releases"), Role::Folder);
        assert_eq!(
            of("releases/a-1/release.json"),
            Role::Manifest("a-1".into())
        );
        assert_eq!(of("journal/a-1/run.json"), Role::Journal);
        assert_eq!(of("journal/a-1/run.txt"), Role::Stranger);
        assert_eq!(of("current.next"), Role::Stranger);
        assert_eq!(of("releases/a.b/x"), Role::Stranger);
        assert!(matches!(of("releases/a-1/x/y"), Role::Release { path, .. } if path == "x/y"));
    }
}
