//! The risk that is left after the lock: who could still be recognised in the tables of the current release
//! by what others know, what would then be learned, and whether what the monitor publishes gives anybody
//! away.
//!
//! The tables are not published, so a risk in them asks for attention and is no fault; a number in a view
//! that is about too few persons is one. What may be known of persons is declared in the register.

mod classes;
mod columns;
mod history;
mod read;
mod views;

use std::path::{Component, Path};

use classes::{Measured, Sensitivity, real, share};
use read::{Table, Unread};

use super::catalogue::{self, Named};
use super::gather::{ColumnKey, Scene, Seen};
use super::report::{Check, Evidence, Examined, Figure, Threshold, Unit, Verdict};
use crate::contract::model::RiskRules;
use crate::warehouse::release::RELEASES;

/// In a larger release the views are only computed together with an attack: some of them take half a minute
/// over fifty million rows.
const MANY_ROWS: u64 = 5_000_000;

/// A check in the making.
#[derive(Default)]
struct Draft {
    figures: Vec<Figure>,
    found: Vec<Evidence>,
    examined: Examined,
}

impl Draft {
    /// Notes a figure, and that it is on the wrong side of its threshold.
    fn figure(&mut self, figure: Figure, why: impl FnOnce() -> Evidence) {
        if !figure.holds() {
            self.found.push(why());
        }
        self.figures.push(figure);
    }

    fn unread(&mut self, place: &str, why: Unread) {
        self.found
            .push(Evidence::at(Verdict::Unknown, place, why.to_string()));
    }

    fn check(self, named: Named, note: &str) -> Check {
        if self.figures.is_empty() && self.found.is_empty() {
            return Check::unknown(named, "Er is geen tabel of view om te meten.");
        }
        Check::new(named, self.examined, self.found)
            .noted(note)
            .measured(self.figures)
    }
}

/// Everything that is measured.
pub fn checks(scene: &Scene<'_>, seen: &Seen) -> Vec<Check> {
    let Some(tables) = tables(scene) else {
        let why = "Er is geen release om te meten.";
        let all = [
            catalogue::GROUPS,
            catalogue::SENSITIVE,
            catalogue::RECOGNITION,
            catalogue::HISTORIES,
            catalogue::PUBLISHED,
        ];
        return all.map(|named| Check::unknown(named, why)).into();
    };
    let rules = &scene.options.contracts.register.risk;
    let mut checks = of_tables(&tables, rules);
    checks.push(histories(&tables, rules, seen));
    checks.push(published(scene));
    checks
}

/// The tables of the current release of which the register declares the risk.
fn tables<'a>(scene: &'a Scene<'_>) -> Option<Vec<(Table<'a>, bool)>> {
    let contracts = scene.options.contracts;
    let id = scene.current.as_ref()?;
    let manifest = scene.manifests.get(id)?;
    let mut found = Vec::new();
    for (name, risk) in &contracts.register.risks {
        let Some(spec) = contracts.tables.get(name) else {
            continue;
        };
        let files = manifest.files.iter().filter(|f| f.table == *name);
        let files: Vec<_> = files.collect();
        let inside = |path: &str| {
            let mut parts = Path::new(path).components();
            parts.all(|part| matches!(part, Component::Normal(_)))
        };
        let is_sound = files.iter().all(|f| inside(&f.path));
        if !files.is_empty() {
            let root = scene.root.join(RELEASES).join(id);
            found.push((
                Table {
                    spec,
                    risk,
                    root,
                    files,
                },
                is_sound,
            ));
        }
    }
    Some(found)
}

/// Groups, what is sensitive in them, and recognition: one reading.
fn of_tables(tables: &[(Table<'_>, bool)], rules: &RiskRules) -> Vec<Check> {
    let (mut groups, mut sensitive, mut recognition) =
        (Draft::default(), Draft::default(), Draft::default());
    for (table, is_sound) in tables {
        let place = format!("tabel {}", table.spec.name);
        let classes = if *is_sound {
            table.classes()
        } else {
            Err(Unread::File)
        };
        let measured = classes.map(|classes| classes.measure(rules, &table.ordered()));
        for draft in [&mut groups, &mut sensitive, &mut recognition] {
            draft.examined.files += table.files.len() as u64;
            draft.examined.values += table.rows();
        }
        let known = table.risk.quasi_identifiers.len() as u64;
        groups.examined.columns += known;
        recognition.examined.columns += known;
        sensitive.examined.columns += table.risk.sensitive.len() as u64;
        match &measured {
            Ok(measured) => {
                let by = table.risk.quasi_identifiers.join(", ");
                told_groups(&place, &by, measured, rules, &mut groups);
                told_recognition(&place, measured, rules, &mut recognition);
                for (column, found) in table.risk.sensitive.iter().zip(&measured.sensitive) {
                    if let Some(found) = found {
                        told_sensitive(&place, column, found, rules, &mut sensitive);
                    }
                }
            }
            Err(why) => {
                for draft in [&mut groups, &mut sensitive, &mut recognition] {
                    draft.unread(&place, *why);
                }
            }
        }
    }
    vec![
        groups.check(
            catalogue::GROUPS,
            "Een groep is wie in dezelfde tabel hetzelfde heeft in alles wat anderen van iemand kunnen weten (in \
             het register: quasi_identifiers). Een persoon telt één keer in een groep, ook met meer rijen.",
        ),
        sensitive.check(
            catalogue::SENSITIVE,
            "Hebben allen in een groep hetzelfde antwoord, dan is het bekend van wie erin zit, ook zonder te weten \
             welke rij van wie is. De afstand is 0 als de antwoorden in elke groep verdeeld zijn als in de hele \
             tabel, en 1 als zij er niets mee gemeen hebben.",
        ),
        recognition.check(
            catalogue::RECOGNITION,
            "De kans dat iemand die weet dat een persoon in de tabel staat, de juiste rij aanwijst: één gedeeld \
             door de grootte van de groep.",
        ),
    ]
}

fn told_groups(place: &str, by: &str, measured: &Measured, rules: &RiskRules, draft: &mut Draft) {
    let least = Threshold::AtLeast(f64::from(rules.k));
    let what = format!("personen in de kleinste groep ({by})");
    let smallest = Figure::new(place, what, real(measured.smallest), Unit::Count);
    draft.figure(smallest.against(least), || {
        let what = format!("personen in groepen van minder dan {} ({by})", rules.k);
        Evidence::at(Verdict::Attention, place, what).times(measured.in_small)
    });
    let part = share(measured.in_small, measured.persons);
    let what = format!("deel van de personen in groepen van minder dan {}", rules.k);
    draft
        .figures
        .push(Figure::new(place, what, part, Unit::Share));
    let groups = real(measured.classes);
    draft
        .figures
        .push(Figure::new(place, "groepen", groups, Unit::Count));
    let persons = real(measured.persons);
    draft
        .figures
        .push(Figure::new(place, "personen", persons, Unit::Count));
}

fn told_sensitive(
    place: &str,
    column: &str,
    found: &Sensitivity,
    rules: &RiskRules,
    draft: &mut Draft,
) {
    let least = Threshold::AtLeast(f64::from(rules.l));
    let say = |what: String, persons| {
        let evidence = Evidence::at(Verdict::Attention, place, what);
        evidence.in_column(column).times(persons)
    };
    let what = format!("{column}: minste verschillende antwoorden in een groep");
    let distinct = Figure::new(place, what, real(found.distinct), Unit::Count);
    draft.figure(distinct.against(least), || {
        let what = format!(
            "personen in groepen met minder dan {} verschillende antwoorden",
            rules.l
        );
        say(what, found.in_uniform)
    });
    let what = format!("{column}: hetzelfde, waarbij zeldzame antwoorden minder tellen");
    let entropy = Figure::new(place, what, found.entropy, Unit::Number);
    draft.figures.push(entropy);
    let what = format!("{column}: grootste deel van een groep met hetzelfde antwoord");
    draft
        .figures
        .push(Figure::new(place, what, found.alpha, Unit::Share));
    let what = format!("{column}: grootste afstand tussen een groep en de hele tabel");
    let distance = Figure::new(place, what, found.distance, Unit::Share);
    draft.figure(distance.against(Threshold::AtMost(rules.t)), || {
        let what = format!("personen in groepen waarvan de antwoorden meer dan {} afwijken van die van de hele tabel", comma(rules.t));
        say(what, found.in_distant)
    });
}

fn told_recognition(place: &str, measured: &Measured, rules: &RiskRules, draft: &mut Draft) {
    let highest = rules.highest_chance;
    let what = "hoogste kans om een persoon te herkennen";
    let figure = Figure::new(place, what, measured.highest_chance(), Unit::Share);
    draft.figure(figure.against(Threshold::AtMost(highest)), || {
        let what = format!(
            "personen die met een kans van meer dan {} te herkennen zijn",
            comma(highest)
        );
        Evidence::at(Verdict::Attention, place, what).times(measured.at_risk)
    });
    let part = share(measured.at_risk, measured.persons);
    let what = format!(
        "deel van de personen met een kans van meer dan {}",
        comma(highest)
    );
    draft
        .figures
        .push(Figure::new(place, what, part, Unit::Share));
    let mean = rules.mean_chance;
    let what = "gemiddelde kans om een persoon te herkennen";
    let figure = Figure::new(place, what, measured.mean_chance(), Unit::Share);
    draft.figure(figure.against(Threshold::AtMost(mean)), || {
        let what = format!(
            "de gemiddelde kans op herkenning is meer dan {}",
            comma(mean)
        );
        Evidence::at(Verdict::Attention, place, what)
    });
}

fn comma(number: f64) -> String {
    number.to_string().replace('.', ",")
}

/// Event histories, over all tables with the same pseudonym of a person.
fn histories(tables: &[(Table<'_>, bool)], rules: &RiskRules, seen: &Seen) -> Check {
    let mut draft = Draft::default();
    for (table, _) in tables.iter().filter(|(t, _)| !t.risk.events.is_empty()) {
        draft.examined.files += table.files.len() as u64;
        draft.examined.columns += table.risk.events.len() as u64;
        draft.examined.values += table.rows();
    }
    let sound = tables.iter().all(|(_, is_sound)| *is_sound);
    let groups = history::groups(tables.iter().map(|(table, _)| table));
    for (person, tables) in groups {
        let names: Vec<&str> = tables.iter().map(|t| t.spec.name.as_str()).collect();
        let place = format!("personen op {person} in {}", names.join(", "));
        let of_these = |key: &ColumnKey| {
            let table = key.place.strip_prefix("tabel ");
            key.column == person && table.is_some_and(|table| names.contains(&table))
        };
        let columns = seen.columns.iter().filter(|(key, _)| of_these(key));
        let persons = columns.map(|(_, c)| c.pseudonyms.different.count()).sum();
        let found = if sound {
            history::over(&tables, persons)
        } else {
            Err(Unread::File)
        };
        let found = match found {
            Ok(found) => found,
            Err(why) => {
                draft.unread(&place, why);
                continue;
            }
        };
        let part = share(found.unique, found.persons);
        let what = "deel van de personen met een verloop dat niemand anders heeft";
        let most = Threshold::AtMost(rules.unique_histories);
        draft.figure(
            Figure::new(&place, what, part, Unit::Share).against(most),
            || {
                let what = "personen met een verloop dat niemand anders heeft";
                Evidence::at(Verdict::Attention, &place, what).times(found.unique)
            },
        );
        let persons = real(found.persons);
        draft.figures.push(Figure::new(
            &place,
            "personen met een verloop",
            persons,
            Unit::Count,
        ));
    }
    draft.check(
        catalogue::HISTORIES,
        "Een verloop is alles wat er met een persoon gebeurde (in het register: events), met de maand. Wie er een \
         deel van weet, kan een verloop herkennen dat niemand anders heeft. Daarom gaan de tabellen zelf naar \
         niemand buiten het beheer.",
    )
}

/// What the views show.
fn published(scene: &Scene<'_>) -> Check {
    let current = scene
        .current
        .as_ref()
        .and_then(|id| scene.manifests.get(id));
    let rows: u64 = current.map_or(0, |m| m.files.iter().map(|f| f.rows).sum());
    if rows > MANY_ROWS && scene.options.attack.is_none() {
        let why = format!(
            "Niet gedaan: met meer dan {MANY_ROWS} rijen kost het minuten. Vraag erom met --attack."
        );
        return Check::unknown(catalogue::PUBLISHED, why);
    }
    let Some(views) = views::look(scene) else {
        return Check::unknown(
            catalogue::PUBLISHED,
            "De release is niet te openen voor de monitor.",
        );
    };
    let mut draft = Draft::default();
    for (name, shown) in views {
        let place = format!("view {name}");
        draft.examined.columns += 1;
        let Ok(shown) = shown else {
            let what = "kan niet worden berekend";
            draft
                .found
                .push(Evidence::at(Verdict::Unknown, place, what));
            continue;
        };
        draft.examined.values += shown.seen + shown.hidden;
        if let Some(smallest) = shown.smallest {
            let least = Threshold::AtLeast(f64::from(shown.least));
            let what = "kleinste aantal cliënten achter een getal dat te zien is";
            let figure = Figure::new(&place, what, smallest, Unit::Count);
            draft.figure(figure.against(least), || {
                let what = format!(
                    "een getal over minder dan {} cliënten is te zien",
                    shown.least
                );
                Evidence::at(Verdict::Fails, &place, what).times(shown.small)
            });
        }
        let part = share(shown.hidden, shown.hidden + shown.seen);
        let what = "deel van de getallen dat verborgen is";
        draft
            .figures
            .push(Figure::new(&place, what, part, Unit::Share));
    }
    draft.check(
        catalogue::PUBLISHED,
        "De views over personen zijn opgevraagd zoals een analist dat doet. Achter elk getal dat te zien is, zijn de \
         cliënten geteld, tot honderd. Verborgen getallen en getallen over niemand tellen niet mee.",
    )
}
