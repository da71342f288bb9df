//! The recipe of a delivery: everything that decides what the same file becomes.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::manifest::{DeliveryEntry, FileEntry};
use crate::contract::model::{Contracts, SourcePlan};

/// The recipe of a source's deliveries (hex): its plan, the key, and the content of the tables that it
/// builds on, which are among the files of the release.
pub fn recipe<'a>(
    plan: &SourcePlan,
    key_fingerprint: &str,
    files: impl Iterator<Item = &'a FileEntry>,
) -> String {
    let mut hasher = Sha256::new();
    hasher.update(format!("lock 1\n{}\n{key_fingerprint}\n", plan.recipe));
    // Nothing is made from canaries.
    let files = files.filter(|f| !f.is_canary());
    for file in files.filter(|f| plan.pipeline.after.contains(&f.source)) {
        hasher.update(format!("{}\n{}\n", file.path, file.sha256));
    }
    crate::hex::encode(&hasher.finalize())
}

/// Rows were taken out of a release: deliveries that were treated as they would be today still are, for
/// all rows that are left. So are those of a release of which every pseudonym was wrapped: the two
/// fingerprints are those before and after. Without this every source that joins another would be read again, or be
/// called outdated where its deliveries are gone.
pub fn carry_over<'a>(
    before: &[FileEntry],
    now: &[FileEntry],
    deliveries: impl Iterator<Item = &'a mut DeliveryEntry>,
    [old_key, new_key]: [&str; 2],
    contracts: &Contracts,
) {
    let recipes: BTreeMap<&str, [String; 2]> = contracts
        .sources
        .iter()
        .map(|plan| {
            let of = |key: &str, files: &[FileEntry]| recipe(plan, key, files.iter());
            let both = [of(old_key, before), of(new_key, now)];
            (plan.contract.id.as_str(), both)
        })
        .collect();
    for delivery in deliveries {
        if let Some([old, new]) = recipes.get(delivery.source.as_str())
            && delivery.recipe == *old
        {
            delivery.recipe.clone_from(new);
        }
    }
}
