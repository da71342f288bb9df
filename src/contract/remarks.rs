//! What is no fault in the contracts and still worth a look: `sluis check` says it, and nothing stops.

use chrono::Days;

use super::model::{Contracts, SourceContract, SourcePlan, Version};

/// Every remark, in order of source.
#[must_use]
pub fn remarks(contracts: &Contracts) -> Vec<String> {
    contracts.sources.iter().flat_map(of_source).collect()
}

fn of_source(plan: &SourcePlan) -> Vec<String> {
    let contract = &plan.contract;
    let mut found = gaps(contract);
    let dated = plan.pipeline.pattern.contains("{datum}");
    let bounded = |version: &Version| version.from.is_some() || version.until.is_some();
    if !dated && contract.versions.iter().any(bounded) {
        found.push(format!(
            "the versions of `{}` have days, but its deliveries have no {{datum}}: all of them are read under the version without an end",
            contract.id
        ));
    }
    found
}

/// Days between two versions on which none holds.
fn gaps(contract: &SourceContract) -> Vec<String> {
    let pairs = contract.versions.windows(2);
    pairs
        .filter_map(|pair| {
            let (until, from) = (pair.first()?.until?, pair.last()?.from?);
            let next = until.checked_add_days(Days::new(1))?;
            (next < from).then(|| {
                format!(
                    "no version of `{}` holds from {next} to {}: deliveries of those days are refused",
                    contract.id,
                    from.pred_opt().unwrap_or(from)
                )
            })
        })
        .collect()
}
