//! The checks of content and strength, over what was seen.

use std::collections::BTreeMap;

use super::catalogue::{self, Named};
use super::content::distinct::Distinct;
use super::content::signs::Sign;
use super::content::tally::Judged;
use super::gather::{ColumnKey, Gathered, Scene, Seen};
use super::report::{Check, Evidence, Examined, Verdict};
use super::strength::numbers::HALVES;
use super::strength::targets::{Target, Targets};
use super::strength::{attack, keys, random};
use super::{Attack, Observer, apart};
use crate::contract::model::{Kind, Treatment};

/// Which signs belong to which question.
const QUESTIONS: [(Named, &[Sign]); 7] = [
    (
        catalogue::BSN,
        &[Sign::BsnWhole, Sign::BsnInText, Sign::BsnNamed],
    ),
    (catalogue::IBAN, &[Sign::Iban]),
    (catalogue::EMAIL, &[Sign::Email]),
    (catalogue::TELEPHONE, &[Sign::Telephone, Sign::Mobile]),
    (catalogue::ADDRESS, &[Sign::Address, Sign::Postcode]),
    (
        catalogue::BIRTH,
        &[Sign::Date, Sign::DateNumber, Sign::Born],
    ),
    (
        catalogue::NAME,
        &[Sign::Name, Sign::FirstName, Sign::Surname],
    ),
];

/// The checks of what is in the files.
pub fn content(scene: &Scene<'_>, seen: &Seen) -> Vec<Check> {
    let mut evidence: BTreeMap<&str, Vec<Evidence>> = BTreeMap::new();
    let mut add = |judged: &Judged, place: String, column: Option<String>| {
        let question = QUESTIONS
            .iter()
            .find(|(_, signs)| signs.contains(&judged.sign));
        if let Some(((id, _), _)) = question {
            evidence.entry(id).or_default().push(Evidence {
                place,
                column,
                what: judged.sign.name().to_owned(),
                encoding: judged.encoding.name(),
                count: judged.hits,
                chance: (judged.chance > 0.0).then_some(judged.chance),
                verdict: judged.verdict,
            });
        }
    };
    for (key, column) in &seen.columns {
        for judged in column.tally.judge() {
            if !is_reference(scene, key, judged.sign) {
                add(&judged, place_of(key), Some(key.column.clone()));
            }
        }
    }
    for found in &seen.found {
        add(&found.judged, found.place.clone(), found.column.clone());
    }
    let examined = examined(seen);
    let mut checks: Vec<Check> = QUESTIONS
        .iter()
        .map(|(named, signs)| {
            let found = evidence.remove(named.0).unwrap_or_default();
            Check::new(*named, examined, found).noted(method(signs))
        })
        .collect();
    checks.push(oracles(seen));
    let files = Examined::files(seen.distinct + scene.inventory.unseen.len() as u64);
    let unseen = scene.inventory.unseen.iter().map(|path| {
        let what = "laat zich niet lezen door wie de controle uitvoert";
        Evidence::at(Verdict::Fails, scene.shown(path), what)
    });
    let unreadable = seen.unreadable.iter().cloned().chain(unseen).collect();
    checks.push(Check::new(catalogue::READABLE, files, unreadable));
    checks
}

/// The place of a column as a report shows it.
pub fn place_of(key: &ColumnKey) -> String {
    if key.source.is_empty() {
        return key.place.clone();
    }
    format!("{}, bron {}", key.place, key.source)
}

fn examined(seen: &Seen) -> Examined {
    let values: u64 = seen.columns.values().map(|c| c.rows).sum();
    Examined {
        files: seen.distinct,
        columns: seen.columns.len() as u64,
        values: values + seen.values,
    }
}

/// How a sign was judged.
fn method(signs: &[Sign]) -> String {
    use super::content::chance::needed;
    use super::content::signs::{Basis, CROWD};
    let crowd = signs.iter().find_map(|sign| match sign.basis() {
        Basis::Form(one) => Some((one, "even lange nummers")),
        Basis::Values(one) if one > 1e-6 => Some((one, "verschillende waarden")),
        Basis::Values(_) => None,
    });
    let single = signs.iter().any(|sign| sign.limit() > CROWD);
    let mut text = String::new();
    if let Some((one, of)) = crowd {
        let needs = |n: u64| needed(n, one, CROWD).unwrap_or(n);
        text = format!(
            "Per kolom tegen het toeval gehouden: fout als de kans kleiner is dan 1 op een miljard. Dat zijn er {} van 100 {of}, of {} van 10 000.",
            needs(100),
            needs(10_000)
        );
    }
    if single {
        let more = if text.is_empty() { "" } else { " " };
        text = format!("{text}{more}Waar de vorm geen twijfel laat, is één al een fout.");
    }
    text
}

/// A list of postcodes in reference data is public.
fn is_reference(scene: &Scene<'_>, key: &ColumnKey, sign: Sign) -> bool {
    let contracts = scene.options.contracts;
    sign == Sign::Postcode
        && contracts.sources.iter().any(|plan| {
            plan.contract.id == key.source
                && plan
                    .contract
                    .columns
                    .iter()
                    .any(|c| c.kind == Kind::PostcodeReference && c.name == key.column)
        })
}

/// What tells of pseudonyms without reading the rows.
fn oracles(seen: &Seen) -> Check {
    let mut found = Vec::new();
    let columns = seen.columns.iter().filter(|(_, c)| c.is_pseudonym);
    for (key, column) in columns.clone() {
        for (there, what) in [
            (
                column.traces.statistics,
                "kleinste en grootste pseudoniem staan in de kop",
            ),
            (
                column.traces.dictionary,
                "een woordenboek somt alle pseudoniemen op",
            ),
            (
                column.traces.bloom_filter,
                "een bloomfilter beantwoordt of iemand erin staat",
            ),
            (
                column.traces.page_index,
                "een pagina-index noemt pseudoniemen",
            ),
        ] {
            if there {
                let evidence = Evidence::at(Verdict::Fails, place_of(key), what);
                found.push(evidence.in_column(&key.column).times(column.files));
            }
        }
    }
    let examined = Examined {
        files: 0,
        columns: columns.count() as u64,
        values: 0,
    };
    Check::new(catalogue::ORACLE, examined, found)
}

/// The checks of how strong pseudonyms are.
pub fn strength(scene: &Scene<'_>, seen: &Seen, observer: &dyn Observer) -> Vec<Check> {
    let columns: Vec<(&ColumnKey, &Gathered)> = seen
        .columns
        .iter()
        .filter(|(_, c)| c.is_pseudonym)
        .collect();
    let mut checks = vec![
        form(&columns),
        chance(&columns),
        domains(scene, &columns),
        apart::frequencies(scene, &columns),
    ];
    if let Some(attack) = &scene.options.attack {
        checks.extend(attacks(scene, seen, attack, observer));
    } else {
        let why = "Niet gedaan: dit kost rekentijd. Vraag erom met --attack.";
        checks.push(Check::unknown(catalogue::ATTACK, why));
        checks.push(Check::unknown(catalogue::KEYS, why));
    }
    checks
}

fn of_columns(columns: &[(&ColumnKey, &Gathered)]) -> Examined {
    Examined {
        files: 0,
        columns: columns.len() as u64,
        values: columns.iter().map(|(_, c)| c.pseudonyms.values).sum(),
    }
}

fn form(columns: &[(&ColumnKey, &Gathered)]) -> Check {
    let mut found = Vec::new();
    for (key, column) in columns {
        let mut fault = |what: &str, count: u64| {
            if count > 0 {
                let evidence = Evidence::at(Verdict::Fails, place_of(key), what);
                found.push(evidence.in_column(&key.column).times(count));
            }
        };
        fault("heeft niet 16 bytes per waarde", u64::from(!column.is_full));
        fault("waarden zijn met nullen opgevuld", column.pseudonyms.padded);
    }
    Check::new(catalogue::FORM, of_columns(columns), found)
}

fn chance(columns: &[(&ColumnKey, &Gathered)]) -> Check {
    let mut found = Vec::new();
    for (key, column) in columns {
        for what in random::faults(&column.pseudonyms.different) {
            let evidence = Evidence::at(Verdict::Fails, place_of(key), what);
            found.push(
                evidence
                    .in_column(&key.column)
                    .times(column.pseudonyms.different.count()),
            );
        }
    }
    let note = format!(
        "Over de verschillende waarden van elke kolom met er {} of meer; een fout is zeldzamer dan 1 op een miljard.",
        random::LEAST
    );
    Check::new(catalogue::RANDOM, of_columns(columns), found).noted(note)
}

/// Values that occur in two domains. Only columns count whose domain is known for sure: those that carry
/// the name that the lock gave them.
fn domains(scene: &Scene<'_>, columns: &[(&ColumnKey, &Gathered)]) -> Check {
    let mut by_domain: BTreeMap<&str, Distinct<Target>> = BTreeMap::new();
    for (key, column) in columns {
        if let Some(domain) = domain_of(scene, key) {
            let values = column.pseudonyms.different.clone();
            match by_domain.get_mut(domain) {
                Some(all) => all.absorb(values),
                None => {
                    by_domain.insert(domain, values);
                }
            }
        }
    }
    let mut found = Vec::new();
    let all: Vec<(&&str, &Distinct<Target>)> = by_domain.iter().collect();
    for (at, (one, values)) in all.iter().enumerate() {
        for (other, others) in &all[at + 1..] {
            let both = values
                .iter()
                .filter(|(hash, _)| others.holds(*hash))
                .count();
            if both > 0 {
                let what = format!("dezelfde pseudoniemen in domein {one} en domein {other}");
                found.push(Evidence::at(Verdict::Fails, "release", what).times(both as u64));
            }
        }
    }
    let examined = Examined {
        files: 0,
        columns: columns
            .iter()
            .filter(|(key, _)| domain_of(scene, key).is_some())
            .count() as u64,
        values: all.iter().map(|(_, values)| values.count()).sum(),
    };
    Check::new(catalogue::DOMAINS, examined, found)
        .noted(format!("{} domeinen met elkaar vergeleken.", all.len()))
}

/// The domain of a column that carries the name which the lock gave it.
pub(super) fn domain_of<'a>(scene: &'a Scene<'_>, key: &ColumnKey) -> Option<&'a str> {
    let plans = &scene.options.contracts.sources;
    let plan = plans.iter().find(|plan| plan.contract.id == key.source)?;
    plan.contract
        .columns
        .iter()
        .find_map(|column| match &column.treatment {
            Treatment::Pseudonymise { domain, output } if *output == key.column => {
                Some(domain.as_str())
            }
            _ => None,
        })
}

fn attacks(scene: &Scene<'_>, seen: &Seen, attack: &Attack, observer: &dyn Observer) -> [Check; 2] {
    let mut targets = Vec::new();
    let mut keys_of = Vec::new();
    let mut sampled = false;
    for (at, (key, column)) in (0u16..).zip(&seen.columns) {
        keys_of.push(key);
        for values in [&column.pseudonyms.different, &column.pseudonyms.hashes] {
            sampled |= values.halvings() > 0;
            targets.extend(values.iter().map(|(_, t)| Target { column: at, ..*t }));
        }
    }
    let targets = Targets::new(targets);
    let examined = Examined {
        files: 0,
        columns: keys_of.len() as u64,
        values: targets.len() as u64,
    };
    if targets.is_empty() {
        return [catalogue::ATTACK, catalogue::KEYS].map(|named| {
            Check::unknown(
                named,
                "Er zijn geen waarden die een pseudoniem kunnen zijn.",
            )
        });
    }
    let advances = |what: &str, done: usize, tried: u64| observer.attacks(what, done, tried);
    let range = attack.only.clone().unwrap_or(0..HALVES);
    let evidence = |column: u16, what: String| {
        let key = keys_of.get(usize::from(column));
        let place = key.map_or_else(String::new, |key| place_of(key));
        let evidence = Evidence::at(Verdict::Fails, place, what);
        evidence.in_column(key.map(|k| k.column.clone()).unwrap_or_default())
    };
    let outcome = attack::run(&targets, range, &advances);
    let found = outcome.broken.iter().map(|broken| {
        let (hash, spelling) = (broken.hash.name(), broken.spelling.name());
        evidence(broken.column, format!("{hash} van het BSN ({spelling})")).times(broken.numbers)
    });
    let hashes = Check::new(catalogue::ATTACK, examined, found.collect()).noted(speed(
        "hashes",
        outcome.tried,
        outcome.took,
        sampled,
    ));
    let words = keys::dictionary(&attack.words);
    let domains: Vec<String> = scene
        .options
        .contracts
        .register
        .domains
        .keys()
        .cloned()
        .collect();
    let canaries = scene.carried();
    let identifiers = canaries.map_or_else(Vec::new, keys::Identifier::of);
    let outcome = keys::run(&targets, &words, &identifiers, &domains, &advances);
    let found = outcome.hits.iter().map(|(used, column)| {
        evidence(
            *column,
            format!("gemaakt met een zwakke sleutel, {}", used.name()),
        )
    });
    let how = speed("pogingen", outcome.tried, outcome.took, sampled);
    let who = if canaries.is_none() {
        "tegen de nummers van testpersonen (9999xxxxx): zonder kanaries in de release is een zwakke sleutel in een magazijn zonder testpersonen niet te vinden"
    } else {
        "tegen de kanaries, in elk domein"
    };
    let weak = Check::new(catalogue::KEYS, examined, found.collect())
        .noted(format!("{} sleutels, {who}. {how}", outcome.keys));
    [hashes, weak]
}

fn speed(what: &str, tried: u64, took: std::time::Duration, sampled: bool) -> String {
    let millis = u64::try_from(took.as_millis()).unwrap_or(u64::MAX).max(1);
    let threads = rayon::current_num_threads().max(1) as u64;
    let each = tried.saturating_mul(1000) / millis / threads;
    let some = if sampled {
        " Van kolommen met zeer veel waarden een steekproef."
    } else {
        ""
    };
    format!(
        "{tried} {what} in {}.{} s, {each} per seconde per kern.{some}",
        millis / 1000,
        millis % 1000 / 100
    )
}
