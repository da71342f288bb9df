//! What is no fault in the contracts and still worth a look: `sluis check` says it, and nothing stops.

use chrono::Days;

use super::model::{Contracts, SourceContract, SourcePlan, Version};

/// Every remark, in order of source; then those about tables.
#[must_use]
pub fn remarks(contracts: &Contracts) -> Vec<String> {
    let mut found: Vec<String> = contracts.sources.iter().flat_map(of_source).collect();
    let known = &contracts.register.tables;
    let without: Vec<&str> = contracts
        .tables
        .keys()
        .filter(|name| !known.contains_key(*name))
        .map(String::as_str)
        .collect();
    // A register that says nothing of any period is one of before there were periods.
    if !without.is_empty() && !known.is_empty() {
        found.push(format!(
            "the register says of these tables not how long their rows are kept, so they stay: {}",
            without.join(", ")
        ));
    }
    found
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
