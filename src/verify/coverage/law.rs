//! Columns against contracts, contracts against the register, releases against both.

use super::super::catalogue;
use super::super::gather::{Scene, Seen};
use super::super::report::{Check, Evidence, Examined, Verdict};
use crate::contract::model::{Kind, SourcePlan, TableKind, TableSpec, Treatment};
use crate::warehouse::release::{self, RELEASES};

/// Every column that lies there is in the contract of its table.
pub fn columns(scene: &Scene<'_>, seen: &Seen) -> Check {
    let mut found = seen.misfits.clone();
    let contracts = scene.options.contracts;
    for (id, manifest) in &scene.manifests {
        for entry in &manifest.files {
            let table = entry.path.split('/').next().unwrap_or_default();
            let place = format!("{RELEASES}/{id}");
            if !entry.table.starts_with('_') && !contracts.tables.contains_key(&entry.table) {
                let what = "een tabel die geen contract heeft";
                found.push(Evidence::at(Verdict::Fails, &place, what));
            } else if table != entry.table {
                let what = "een bestand ligt niet bij zijn tabel";
                found.push(Evidence::at(Verdict::Fails, &place, what));
            } else if let Some(spec) = contracts.tables.get(&entry.table)
                && !fits(spec, &entry.path)
            {
                let what = "de mappen van een bestand zijn niet die van zijn tabel";
                found.push(Evidence::at(Verdict::Fails, &place, what));
            }
        }
    }
    let examined = Examined {
        files: seen.distinct,
        columns: seen.columns.len() as u64,
        values: 0,
    };
    Check::new(catalogue::COLUMNS, examined, found)
}

/// Whether the folders of a file are the partition columns of its table.
fn fits(spec: &TableSpec, path: &str) -> bool {
    let folders: Vec<&str> = path.split('/').collect();
    let Some((_, [middle @ .., _])) = folders.split_first() else {
        return false;
    };
    middle.len() == spec.partition.len()
        && middle.iter().zip(&spec.partition).all(|(folder, column)| {
            folder
                .split_once('=')
                .is_some_and(|(name, value)| name == column && !value.is_empty())
        })
}

/// Every column of every source whose rows lie there has a treatment that its class permits.
pub fn register(scene: &Scene<'_>) -> Check {
    let contracts = scene.options.contracts;
    let mut found = Vec::new();
    let mut columns = 0;
    for plan in &contracts.sources {
        columns += plan.contract.columns.len() as u64;
        treatments(scene, plan, &mut found);
        for mapping in &plan.mappings {
            if let Some(spec) = contracts.tables.get(&mapping.table) {
                passed(plan, spec, &mut found);
            }
        }
    }
    for (id, manifest) in &scene.manifests {
        let unknown = |source: &str| !contracts.sources.iter().any(|p| p.contract.id == source);
        let strangers = manifest.files.iter().filter(|f| unknown(&f.source)).count();
        if strangers > 0 {
            let what = "bestanden van een bron die niet in het register staat";
            let evidence = Evidence::at(Verdict::Fails, format!("{RELEASES}/{id}"), what);
            found.push(evidence.times(strangers as u64));
        }
    }
    let examined = Examined {
        files: 0,
        columns,
        values: 0,
    };
    Check::new(catalogue::REGISTER, examined, found)
}

fn treatments(scene: &Scene<'_>, plan: &SourcePlan, found: &mut Vec<Evidence>) {
    let register = &scene.options.contracts.register;
    for column in &plan.contract.columns {
        let mut fault = |what: &str| {
            let place = format!("bron {}", plan.contract.id);
            found.push(Evidence::at(Verdict::Fails, place, what).in_column(&column.name));
        };
        let entry = register.sources.get(&plan.contract.id);
        let treatment = column.treatment.name();
        match entry.and_then(|e| e.columns.get(&column.name)) {
            None => fault("staat niet in het register"),
            Some((class, permitted)) => {
                if *class != column.class || permitted != treatment {
                    fault("contract en register noemen een andere klasse of behandeling");
                }
                let class = register.classes.get(class);
                if !class.is_some_and(|c| c.treatments.iter().any(|t| t == treatment)) {
                    fault("de klasse staat deze behandeling niet toe");
                }
            }
        }
        let identifies = matches!(
            column.kind,
            Kind::Bsn | Kind::Identifier { .. } | Kind::Text { .. } | Kind::Postcode
        );
        if identifies && column.treatment == Treatment::Keep {
            fault("wijst een persoon aan en wordt toch behouden");
        }
    }
}

/// A column that is dropped or pseudonymised is not in the table under its own name as anything else.
fn passed(plan: &SourcePlan, spec: &TableSpec, found: &mut Vec<Evidence>) {
    for column in &plan.contract.columns {
        let gone = matches!(
            column.treatment,
            Treatment::Drop | Treatment::Pseudonymise { .. }
        );
        let remade = plan
            .contract
            .columns
            .iter()
            .any(|other| other.output() == Some(column.name.as_str()));
        let kept = spec.columns.iter().find(|c| c.name == column.name);
        if gone && !remade && kept.is_some_and(|c| c.kind != TableKind::Pseudonym) {
            let place = format!("tabel {}, bron {}", spec.name, plan.contract.id);
            let what = "een kolom die weg moest of een pseudoniem moest worden";
            found.push(Evidence::at(Verdict::Attention, place, what).in_column(&column.name));
        }
    }
}

/// Every release says which register and which key it was made with.
pub fn releases(scene: &Scene<'_>) -> Check {
    let mut found = Vec::new();
    for id in &scene.broken {
        let place = format!("{RELEASES}/{id}");
        found.push(Evidence::at(
            Verdict::Fails,
            place,
            "release.json is niet te lezen",
        ));
    }
    let register = &scene.options.contracts.register;
    let mut fingerprints = std::collections::BTreeSet::new();
    for (id, manifest) in &scene.manifests {
        let mut fault = |verdict, what: &str| {
            found.push(Evidence::at(verdict, format!("{RELEASES}/{id}"), what));
        };
        if manifest.register_version.is_empty() {
            fault(Verdict::Fails, "noemt geen versie van het register");
        }
        let key = &manifest.key_fingerprint;
        if key.len() != 16 || !key.bytes().all(|b| b.is_ascii_hexdigit()) {
            fault(Verdict::Fails, "noemt geen vingerafdruk van de sleutel");
        }
        fingerprints.insert(key.as_str());
        if !scene.is_ours(id) {
            fault(
                Verdict::Fails,
                "release.json bevat iets dat sluis niet schrijft",
            );
        }
        if manifest.id != *id {
            fault(Verdict::Fails, "noemt zich een andere release");
        }
        let is_current = scene.current.as_deref() == Some(id.as_str());
        if is_current && manifest.register_version != register.version {
            fault(
                Verdict::Attention,
                "is gemaakt onder een andere versie van het register",
            );
        }
        if is_current && manifest.register_adopted.is_none() {
            fault(
                Verdict::Attention,
                "het register is een concept: niemand heeft het vastgesteld",
            );
        }
    }
    if fingerprints.len() > 1 {
        let what = "releases zijn met verschillende sleutels gemaakt";
        found.push(Evidence::at(Verdict::Attention, RELEASES, what));
    }
    match release::current(scene.root) {
        Err(_) => {
            let what = "leidt niet naar een release";
            found.push(Evidence::at(Verdict::Fails, release::CURRENT, what));
        }
        Ok(Some(id)) if !scene.manifests.contains_key(&id) => {
            let what = "leidt naar een release die er niet is";
            found.push(Evidence::at(Verdict::Fails, release::CURRENT, what));
        }
        Ok(None) if scene.manifests.is_empty() && found.is_empty() => {
            return Check::unknown(catalogue::RELEASES, "Er is nog geen release gemaakt.");
        }
        Ok(None) => {
            let what = "ontbreekt: lezers zien geen release";
            found.push(Evidence::at(Verdict::Attention, release::CURRENT, what));
        }
        Ok(Some(_)) => {}
    }
    let examined = Examined::files(scene.manifests.len() as u64);
    Check::new(catalogue::RELEASES, examined, found)
}
