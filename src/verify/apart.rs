//! Whether domains stay apart for somebody who only counts.

use super::catalogue;
use super::gather::{ColumnKey, Gathered, Scene};
use super::judge::{domain_of, place_of};
use super::report::{Check, Evidence, Examined, Verdict};
use super::strength::frequency;
use super::strength::values::Pseudonyms;

/// Columns of two domains whose pseudonyms occur equally often. Domains that stand side by side in the rows
/// of some table are linked by design, and not compared.
pub fn frequencies(scene: &Scene<'_>, columns: &[(&ColumnKey, &Gathered)]) -> Check {
    let known = columns.iter().filter_map(|(key, column)| {
        let domain = domain_of(scene, key)?;
        Some((domain, *key, &column.pseudonyms))
    });
    let known: Vec<_> = known.collect();
    let together = |one: &str, other: &str| {
        known.iter().any(|(domain, key, _)| {
            let beside = |(d, k, _): &(&str, &ColumnKey, &Pseudonyms)| {
                *d == other && (&k.place, &k.source) == (&key.place, &key.source)
            };
            *domain == one && known.iter().any(beside)
        })
    };
    let (mut found, mut pairs, mut large) = (Vec::new(), 0u64, 0u64);
    for (at, (domain, key, values)) in known.iter().enumerate() {
        for (other, beside, others) in &known[at + 1..] {
            if domain == other || together(domain, other) {
                continue;
            }
            let (Some(counts), Some(counted)) = (&values.frequencies, &others.frequencies) else {
                large += 1;
                continue;
            };
            pairs += 1;
            let alike = frequency::compare(counts.values().copied(), counted.values().copied());
            if alike.chance > frequency::RARE || alike.matched == 0 {
                continue;
            }
            let (verdict, how) = if alike.same {
                (Verdict::Fails, "precies")
            } else {
                (Verdict::Attention, "bijna")
            };
            let what = format!(
                "pseudoniemen komen {how} even vaak voor als in {}, kolom {}: op aantal te koppelen",
                place_of(beside),
                beside.column
            );
            let evidence = Evidence::at(verdict, place_of(key), what).in_column(&key.column);
            found.push(Evidence {
                chance: Some(alike.chance),
                ..evidence.times(alike.matched)
            });
        }
    }
    let examined = Examined {
        files: 0,
        columns: known.len() as u64,
        values: known.iter().map(|(_, _, values)| values.values).sum(),
    };
    let unseen = match large {
        0 => String::new(),
        _ => format!(" {large} paren zijn niet vergeleken: te veel verschillende pseudoniemen."),
    };
    Check::new(catalogue::FREQUENCY, examined, found).noted(format!(
        "{pairs} paren kolommen vergeleken; domeinen die in één rij naast elkaar staan, niet. Wat onafhankelijk is, \
         geeft hoogstens één op de miljoen keer alarm. Een kopie wordt gevonden vanaf zo'n 1000 pseudoniemen, of 25 met \
         een aantal dat niemand anders heeft.{unseen}"
    ))
}
