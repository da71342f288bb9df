//! A clean warehouse fails no check. Poisoned in one way, in one place, it fails the check that is there
//! for it, and no other.
//!
//! The poison is BSNs of test persons, invented names and addresses: in every place that a value can
//! hide, in every spelling that is looked for. After each poisoning the file is sealed again (name, size,
//! SHA-256 and rows in the manifest), so that only its content can give it away.

mod beside;
mod canaries;
mod columns;
mod cover;
mod risk;
mod strength;
mod warehouse;

use std::collections::BTreeSet;

use rayon::prelude::*;
use sluis::verify::page::Occasion;
use sluis::verify::{Attack, Names, Nobody, Options, Report, Verdict, verify};

pub use warehouse::Copy;

/// One way to poison a warehouse, and the checks that must fail.
pub struct Mutation {
    /// What is done.
    pub name: &'static str,
    /// Does it.
    pub poison: fn(&mut Copy),
    /// What must fail: nearly always one check.
    pub fails: &'static [&'static str],
    /// Only an attack finds it.
    pub attack: bool,
}

/// A mutation that is found without an attack.
const fn mutation(
    name: &'static str,
    fails: &'static [&'static str],
    poison: fn(&mut Copy),
) -> Mutation {
    Mutation {
        name,
        poison,
        fails,
        attack: false,
    }
}

/// BSNs of test persons, in nine digits.
pub fn bsns(count: usize) -> Vec<String> {
    let passes = |n: &u32| {
        let digits = format!("{n:09}").into_bytes();
        let weights = [9, 8, 7, 6, 5, 4, 3, 2, 10];
        let products = digits.iter().zip(weights);
        let sum: u32 = products.map(|(d, w)| u32::from(d - b'0') * w).sum();
        sum.is_multiple_of(11)
    };
    let numbers = (999_900_000..).filter(passes);
    numbers.take(count).map(|n| n.to_string()).collect()
}

fn report(copy: &Copy, attack: bool) -> Report {
    let attack = attack.then(|| Attack {
        only: Some(9_999..10_000),
        ..Attack::default()
    });
    let options = Options {
        contracts: copy.contracts(),
        names: Names::builtin(),
        keys: Vec::new(),
        canaries: Some(warehouse::canaries()),
        landing: Some(copy.landing.clone()),
        keep_releases: Some(30),
        now: copy.now,
        attack,
    };
    verify(copy.path(), &options, &Nobody).unwrap()
}

fn failing(report: &Report) -> BTreeSet<&'static str> {
    let checks = report.checks.iter();
    let failing = checks.filter(|c| c.verdict == Verdict::Fails);
    failing.map(|c| c.id).collect()
}

#[test]
fn a_clean_warehouse_fails_nothing() {
    let copy = Copy::new();
    let report = report(&copy, true);
    assert_eq!(failing(&report), BTreeSet::new(), "{:#?}", report.checks);
    let unknown = report
        .checks
        .iter()
        .filter(|c| c.verdict == Verdict::Unknown);
    assert_eq!(unknown.count(), 0);
    // That the register is a concept and the risk that is left are all that ask for attention.
    let attention = report
        .checks
        .iter()
        .filter(|c| c.verdict == Verdict::Attention && !c.id.starts_with("risico-"));
    assert_eq!(
        attention.map(|c| c.id).collect::<Vec<_>>(),
        ["dekking-releases"]
    );
}

#[test]
fn every_mutation_fails_its_check_and_no_other() {
    let all: Vec<Mutation> = [
        columns::mutations(),
        beside::mutations(),
        strength::mutations(),
        cover::mutations(),
        risk::mutations(),
        canaries::mutations(),
    ]
    .into_iter()
    .flatten()
    .collect();
    assert!(all.len() >= 40, "{}", all.len());
    let names: BTreeSet<_> = all.iter().map(|m| m.name).collect();
    assert_eq!(names.len(), all.len());
    let wrong: Vec<String> = all
        .par_iter()
        .filter_map(|mutation| {
            let mut copy = Copy::new();
            if mutation.fails != ["risico-publicatie"] {
                // Computing every view takes longer than all the rest.
                copy.contracts_mut().views.clear();
            }
            (mutation.poison)(&mut copy);
            let report = report(&copy, mutation.attack);
            let expected: BTreeSet<_> = mutation.fails.iter().copied().collect();
            let found = failing(&report);
            told_nothing(mutation.name, &report);
            (found != expected).then(|| format!("{}: {found:?}, not {expected:?}", mutation.name))
        })
        .collect();
    assert!(
        wrong.is_empty(),
        "{} of {}:\n{}",
        wrong.len(),
        all.len(),
        wrong.join("\n")
    );
    eprintln!("{} mutations", all.len());
}

/// No report holds a value, whatever it found.
fn told_nothing(name: &str, report: &Report) {
    let page = sluis::verify::page::write(report, &Occasion::default());
    let text = serde_json::to_string(report).unwrap() + &page;
    for person in warehouse::canaries().persons() {
        for value in [&person.bsn, &person.number, &person.last, &person.street] {
            assert!(!text.contains(value), "{name}: a canary");
        }
    }
    for value in bsns(40).iter().map(String::as_str).chain(POISON) {
        assert!(!text.contains(value), "{name}: {value}");
    }
}

/// Values that are planted, besides BSNs.
pub const POISON: [&str; 7] = [
    "Daan de Vries",
    "Daan",
    "jan.jansen@voorbeeld.nl",
    "NL91ABNA0417164300",
    "06-12345678",
    "3111AB 12",
    "12-04-1980",
];

#[test]
fn the_command_says_so_and_ends_with_four() {
    let place = crate::support::Place::with_demo();
    place.sluis(&["run"]).must_exit(3);
    let before = warehouse::everything(&place.warehouse());
    let answer = place.sluis(&["verify", "--json"]).must_exit(0);
    let report = answer.json();
    assert_eq!(report["controles"].as_array().unwrap().len(), 32);
    assert!(
        place
            .sluis(&["verify"])
            .must_exit(0)
            .stdout
            .contains("voldoet")
    );
    // Nothing was written, and the key is not needed.
    assert_eq!(warehouse::everything(&place.warehouse()), before);
    std::fs::remove_file(place.key()).unwrap();
    std::fs::write(place.warehouse().join("kladje.txt"), "BSN 999990019").unwrap();
    let warehouse = place.warehouse().display().to_string();
    let answer = place.sluis(&["verify", &warehouse]).must_exit(4);
    assert!(answer.stdout.contains("inhoud-bsn"), "{}", answer.stdout);
    assert!(!answer.stdout.contains("999990019") && !answer.stdout.contains("kladje"));
    place.sluis(&["verify", "/nergens"]).must_exit(2);
}
