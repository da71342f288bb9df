//! The canaries: is each found where it must be, as a pseudonym, and nowhere else as a person?
//!
//! Whoever has the file of the canaries knows who went through the lock, and so can see what became of
//! them without the key: in the folder of each source about persons lies a row for each canary, with its
//! number. Who made the release cannot leave one out, or let one pass untreated, without knowing which.

use std::collections::{BTreeMap, BTreeSet};

use arrow::array::{Array, AsArray};
use arrow::datatypes::Int64Type;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::catalogue;
use super::gather::{Scene, Seen};
use super::judge::place_of;
use super::report::{Check, Evidence, Examined, Verdict};
use crate::canary::{Canaries, Person};
use crate::contract::model::{Kind, SourcePlan, Subject, Treatment};
use crate::warehouse::manifest::{CANARIES, CANARY, FileEntry, Manifest};
use crate::warehouse::release::RELEASES;

const NONE: &str = "Er is geen kanariebestand. Maak er een met sluis canaries new en draai daarna \
                    sluis run; of wijs een bestand aan met --canaries.";

/// Both checks of canaries.
pub fn checks(scene: &Scene<'_>, seen: &Seen) -> [Check; 2] {
    match &scene.options.canaries {
        Some(canaries) => [found(scene, seen, canaries), hidden(seen, canaries)],
        None => [catalogue::CANARIES_FOUND, catalogue::CANARIES_HIDDEN]
            .map(|named| Check::unknown(named, NONE)),
    }
}

/// No value of a canary is anywhere in the clear.
fn hidden(seen: &Seen, canaries: &Canaries) -> Check {
    let columns = seen.columns.iter().map(|(key, column)| {
        (
            place_of(key),
            Some(key.column.clone()),
            column.tally.canaries(),
        )
    });
    let beside = seen
        .canaries
        .iter()
        .map(|(place, column, hits)| (place.clone(), column.clone(), hits));
    let mut evidence = Vec::new();
    for (place, column, hits) in columns.chain(beside) {
        for (what, encoding, persons) in hits.proofs() {
            evidence.push(Evidence {
                column: column.clone(),
                encoding: encoding.name(),
                count: persons,
                ..Evidence::at(
                    Verdict::Fails,
                    place.clone(),
                    format!("{} van een kanarie", what.name()),
                )
            });
        }
    }
    let examined = Examined {
        files: seen.distinct,
        columns: seen.columns.len() as u64,
        values: seen.columns.values().map(|c| c.rows).sum::<u64>() + seen.values,
    };
    Check::new(catalogue::CANARIES_HIDDEN, examined, evidence).noted(format!(
        "Gezocht naar alle gegevens van {} kanaries, gewoon en gecodeerd. Zij zijn op toeval getrokken: één vondst \
         is bewijs. Een geboortedatum telt pas als er twee op één plek staan.",
        canaries.persons().len()
    ))
}

/// Who a pseudonym stands for: a domain, whether it was made of a BSN, and the identifier.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Identity {
    domain: String,
    bsn: bool,
    identifier: String,
}

/// A pseudonym where it stands.
struct Sighting {
    pseudonym: [u8; 16],
    canary: i64,
    source: String,
    column: String,
}

/// What the files of canaries hold.
#[derive(Default)]
struct Found {
    evidence: Vec<Evidence>,
    pseudonyms: BTreeMap<Identity, Vec<Sighting>>,
    examined: Examined,
}

/// Every canary is in every source about persons, as one pseudonym a domain.
fn found(scene: &Scene<'_>, seen: &Seen, canaries: &Canaries) -> Check {
    let manifest = scene.current.as_ref();
    let Some(manifest) = manifest.and_then(|id| scene.manifests.get(id)) else {
        return Check::unknown(catalogue::CANARIES_FOUND, "Er is geen release.");
    };
    let mut found = Found::default();
    if scene.carried().is_some() {
        let contracts = scene.options.contracts;
        let expected = contracts
            .sources
            .iter()
            .filter(|p| is_expected(p, manifest));
        let mut sources = 0;
        for plan in expected {
            sources += 1;
            found.source(scene, manifest, plan, canaries);
        }
        found.same();
        found.apart();
        found.counted(seen);
        let others = contracts.sources.len() - sources;
        let note = format!(
            "{} kanaries in {sources} bronnen. {others} bronnen hebben geen kanaries: zij gaan over aantallen of \
             zaken, of hebben nog niets geleverd.",
            canaries.persons().len(),
        );
        return Check::new(catalogue::CANARIES_FOUND, found.examined, found.evidence).noted(note);
    }
    let what = match manifest.canaries {
        None => "deze release is zonder kanaries gemaakt: draai sluis run",
        Some(_) => {
            "deze release is met andere kanaries gemaakt dan die in het bestand: draai sluis run, of wijs \
                    het juiste bestand aan"
        }
    };
    let place = format!("{RELEASES}/{}", manifest.id);
    let evidence = vec![Evidence::at(Verdict::Fails, place, what)];
    Check::new(catalogue::CANARIES_FOUND, Examined::files(1), evidence)
}

/// A source about persons of which the release holds something.
fn is_expected(plan: &SourcePlan, manifest: &Manifest) -> bool {
    let source = plan.contract.id.as_str();
    plan.lawfulness.subject == Subject::Persons
        && manifest.deliveries.iter().any(|d| d.source == source)
}

/// The columns of pseudonyms of a source, each with its identity for a person.
fn identities<'a>(
    plan: &'a SourcePlan,
    person: &'a Person,
) -> impl Iterator<Item = (&'a str, Identity)> {
    plan.contract.columns.iter().filter_map(|column| {
        let Treatment::Pseudonymise { domain, output } = &column.treatment else {
            return None;
        };
        let (bsn, identifier) = match column.kind {
            Kind::Bsn => (true, person.bsn.as_str()),
            Kind::Identifier { max_bytes } => (false, person.number_within(max_bytes)),
            _ => return None,
        };
        let identity = Identity {
            domain: domain.clone(),
            bsn,
            identifier: identifier.to_owned(),
        };
        Some((output.as_str(), identity))
    })
}

impl Found {
    fn fault(&mut self, source: &str, column: Option<&str>, what: impl Into<String>) {
        let place = format!("bron {source}");
        let evidence = Evidence::at(Verdict::Fails, place, what);
        self.evidence.push(match column {
            Some(column) => evidence.in_column(column),
            None => evidence,
        });
    }

    /// Reads the canaries of one source.
    fn source(
        &mut self,
        scene: &Scene<'_>,
        manifest: &Manifest,
        plan: &SourcePlan,
        canaries: &Canaries,
    ) {
        let source = plan.contract.id.as_str();
        let mine = |f: &&FileEntry| f.is_canary() && f.source == source;
        let mut rows = BTreeMap::new();
        for entry in manifest.files.iter().filter(mine) {
            self.examined.files += 1;
            let path = scene.root.join(RELEASES).join(&manifest.id);
            match read(&path.join(&entry.path)) {
                Some(all) => {
                    for (number, row) in all {
                        if rows.insert(number, row).is_some() {
                            self.fault(source, None, format!("kanarie {number} staat er dubbel"));
                        }
                    }
                }
                None => self.fault(source, None, "het bestand met kanaries is niet te lezen"),
            }
        }
        let mut columns = BTreeSet::new();
        for (number, person) in canaries.numbered() {
            let Some(row) = rows.remove(&number) else {
                self.fault(source, None, format!("kanarie {number} ontbreekt"));
                continue;
            };
            for (column, identity) in identities(plan, person) {
                columns.insert(column);
                self.examined.values += 1;
                let Some(pseudonym) = row.get(column).copied().flatten() else {
                    let what = format!("kanarie {number} heeft hier geen pseudoniem van 16 bytes");
                    self.fault(source, Some(column), what);
                    continue;
                };
                self.pseudonyms.entry(identity).or_default().push(Sighting {
                    pseudonym,
                    canary: number,
                    source: source.to_owned(),
                    column: column.to_owned(),
                });
            }
        }
        if !rows.is_empty() {
            let what = "rijen van niemand die in het kanariebestand staat";
            self.fault(source, None, what);
        }
        self.examined.columns += columns.len() as u64;
    }

    /// One identity is one pseudonym, in every column and source of its domain.
    fn same(&mut self) {
        let mut wrong = Vec::new();
        for sightings in self.pseudonyms.values() {
            let mut times: BTreeMap<[u8; 16], usize> = BTreeMap::new();
            for sighting in sightings {
                *times.entry(sighting.pseudonym).or_default() += 1;
            }
            // What most sources say is held to be right.
            let usual = times.iter().max_by_key(|(_, times)| **times);
            let usual = usual.map(|(pseudonym, _)| *pseudonym);
            let odd = sightings.iter().filter(|s| Some(s.pseudonym) != usual);
            wrong.extend(odd.map(|s| (s.source.clone(), s.column.clone(), s.canary)));
        }
        for (source, column, canary) in wrong {
            let what = format!(
                "kanarie {canary} heeft hier een ander pseudoniem dan elders in dit domein"
            );
            self.fault(&source, Some(&column), what);
        }
    }

    /// Two identities are never one pseudonym: other persons, other domains.
    fn apart(&mut self) {
        let mut owners: BTreeMap<[u8; 16], BTreeSet<&Identity>> = BTreeMap::new();
        for (identity, sightings) in &self.pseudonyms {
            for sighting in sightings {
                owners
                    .entry(sighting.pseudonym)
                    .or_default()
                    .insert(identity);
            }
        }
        let shared: BTreeSet<[u8; 16]> = owners
            .into_iter()
            .filter(|(_, owners)| owners.len() > 1)
            .map(|(pseudonym, _)| pseudonym)
            .collect();
        let all = self.pseudonyms.values().flatten();
        let wrong: Vec<_> = all
            .filter(|s| shared.contains(&s.pseudonym))
            .map(|s| (s.source.clone(), s.column.clone(), s.canary))
            .collect();
        for (source, column, canary) in wrong {
            let what = format!(
                "het pseudoniem van kanarie {canary} is hier dat van een ander, of van een ander domein"
            );
            self.fault(&source, Some(&column), what);
        }
    }

    /// No table holds a canary. Numbers only: a BSN of the range of test persons may be a test person's.
    fn counted(&mut self, seen: &Seen) {
        let mut wrong = Vec::new();
        let of_numbers = self.pseudonyms.iter().filter(|(identity, _)| !identity.bsn);
        let numbers: BTreeSet<[u8; 16]> = of_numbers
            .flat_map(|(_, s)| s)
            .map(|s| s.pseudonym)
            .collect();
        let own = format!("tabel {CANARIES}");
        for (key, column) in seen.columns.iter().filter(|(key, _)| key.place != own) {
            let count = numbers
                .iter()
                .filter(|p| column.pseudonyms.holds(p))
                .count();
            if count > 0 {
                let what = "een kanarie staat in een tabel, en telt daar mee";
                let evidence = Evidence::at(Verdict::Fails, place_of(key), what);
                wrong.push(evidence.in_column(&key.column).times(count as u64));
            }
        }
        self.evidence.extend(wrong);
    }
}

/// The pseudonyms of each canary by column; `None` of one that is no pseudonym.
type Row = BTreeMap<String, Option<[u8; 16]>>;

/// The rows of a file of canaries by their number; `None`: it cannot be read.
fn read(path: &std::path::Path) -> Option<Vec<(i64, Row)>> {
    let file = std::fs::File::open(path).ok()?;
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).ok()?;
    let mut rows = Vec::new();
    for batch in reader.build().ok()? {
        let batch = batch.ok()?;
        let numbers = batch
            .column_by_name(CANARY)?
            .as_primitive_opt::<Int64Type>()?;
        for at in 0..batch.num_rows() {
            let value = |array: &dyn Array| {
                let array = array.as_fixed_size_binary_opt()?;
                let value = array.is_valid(at).then(|| array.value(at))?;
                value.try_into().ok()
            };
            let schema = batch.schema();
            let columns = schema.fields().iter().zip(batch.columns());
            let row = columns.map(|(field, array)| (field.name().clone(), value(array)));
            rows.push((
                numbers.is_valid(at).then(|| numbers.value(at))?,
                row.collect(),
            ));
        }
    }
    Some(rows)
}
