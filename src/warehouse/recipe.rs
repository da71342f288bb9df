//! The recipe of a delivery: everything that decides what the same file becomes.

use sha2::{Digest, Sha256};

use super::manifest::{FileEntry, Manifest};
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
    for file in files.filter(|f| plan.pipeline.after.contains(&f.source)) {
        hasher.update(format!("{}\n{}\n", file.path, file.sha256));
    }
    crate::hex::encode(&hasher.finalize())
}

/// Rows were taken out of a release: deliveries that were treated as they would be today still are, for
/// all rows that are left. Without this every source that joins another would be read again, or be
/// called outdated where its deliveries are gone.
pub fn carry_over(before: &Manifest, now: &mut Manifest, contracts: &Contracts) {
    for plan in &contracts.sources {
        let [old, new] = [&before.files, &now.files]
            .map(|files| recipe(plan, &now.key_fingerprint, files.iter()));
        let mine = |d: &&mut super::manifest::DeliveryEntry| d.source == plan.contract.id;
        for delivery in now.deliveries.iter_mut().filter(mine) {
            if delivery.recipe == old {
                delivery.recipe.clone_from(&new);
            }
        }
    }
}
