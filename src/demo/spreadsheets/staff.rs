//! `personeel`: who work in the teams, a workbook a year. The lists of 2020 are the published ones; of
//! 2024 the report gives the totals only.

use super::{Book, Cell};
use crate::demo::prng::Prng;
use crate::demo::{DemoError, Scene, day, export_date};

const SOURCE: &str = "personeel";
const HEADER: [&str; 6] = [
    "Personeelsnr",
    "Organisatie",
    "Team",
    "Functie",
    "Fte",
    "Jaar",
];

/// What one year must add up to.
struct Year {
    number: i32,
    organisations: &'static [(&'static str, usize)],
    teams: &'static [(&'static str, usize)],
    /// Who work in no team, by what they do.
    others: &'static [(&'static str, usize)],
    /// Fte of all together, in hundredths.
    fte: usize,
    /// How many work in two teams.
    double: usize,
}

const YEARS: [Year; 2] = [
    Year {
        number: 2020,
        // * 95 in all
        organisations: &[
            ("Buurtwerk", 4),
            ("Dock", 6),
            ("Enver", 35),
            ("MEE Regio Rijnmond", 8),
            ("Minters", 9),
            ("Pameijer", 10),
            ("SeniorenWelzijn", 3),
            ("Clessidra", 1),
            ("FortaGroep", 4),
            ("Parnassia Groep", 2),
            ("ROGplus", 6),
            ("Stroomopwaarts", 7),
        ],
        // * the same 95
        teams: &[
            ("Nieuwland", 16),
            ("Groenoord", 17),
            ("Noordrand", 13),
            ("Oost", 14),
            ("Zuid", 11),
            ("Centrum-West", 13),
            ("Co-team", 7),
            ("Team vroegsignalering", 4),
        ],
        // * and 16 more: 111
        others: &[
            ("Gebiedsmanager", 4),
            ("Gezinsspecialist", 9),
            ("Administratief ondersteuner", 3),
        ],
        fte: 8_500, // *
        double: 0,
    },
    Year {
        number: 2024,
        organisations: &[
            ("Gro-up Buurtwerk", 5),
            ("Dock", 6),
            ("Enver", 33),
            ("MEE Regio Rijnmond", 9),
            ("Minters", 10),
            ("Pameijer", 11),
            ("SeniorenWelzijn", 4),
            ("FortaGroep", 5),
            ("ROGplus", 10),
            ("Stroomopwaarts", 8),
        ],
        teams: &[
            ("Nieuwland", 18),
            ("Groenoord", 18),
            ("Noordrand", 14),
            ("Oost", 15),
            ("Zuid", 12),
            ("Centrum-West", 14),
            ("Co-team", 6),
            ("Team vroegsignalering", 4),
        ],
        others: &[
            ("Gebiedsmanager", 4),
            ("Gezinsspecialist", 9),
            ("Administratief ondersteuner", 3),
        ],
        fte: 8_700, // * of 117 people
        double: 1,
    },
];

/// Somebody who works in the teams.
struct Worker {
    organisation: &'static str,
    team: &'static str,
    role: &'static str,
    /// In hundredths.
    fte: usize,
}

/// Every year, and one with names.
pub(super) fn deliver(scene: &mut Scene<'_>) -> Result<(), DemoError> {
    for year in &YEARS {
        let date = export_date(year.number);
        let mut book = Book::new(date)?;
        let mut sheet = book.sheet("Personeel", &HEADER)?;
        for copy in 0..scene.scale {
            let mut prng = Prng::named("staff rows", u64::from(copy) << 32 | year.seed());
            for (at, worker) in workers(year).iter().enumerate() {
                let number = personnel_number(scene, year, copy, at);
                if at < year.double {
                    let (half, rest) = (worker.fte / 2, worker.fte - worker.fte / 2);
                    let other = if worker.team == "Oost" {
                        "Zuid"
                    } else {
                        "Oost"
                    };
                    sheet.row(&cells(&number, worker, worker.team, half, year, &mut prng))?;
                    sheet.row(&cells(&number, worker, other, rest, year, &mut prng))?;
                } else {
                    let row = cells(&number, worker, worker.team, worker.fte, year, &mut prng);
                    sheet.row(&row)?;
                }
            }
        }
        if let (2024, Some(worker)) = (year.number, workers(year).first()) {
            let number = personnel_number(scene, year, 0, 9_000);
            let mut prng = Prng::named("refused staff", 0);
            let mut row = cells(&number, worker, worker.team, 89, year, &mut prng);
            row[4] = Cell::text("voltijd");
            sheet.refused_row(&row)?;
        }
        let total = format!("{} fte", year.fte / 100);
        sheet.line(&[
            Cell::text("Totaal"),
            Cell::Empty,
            Cell::Empty,
            Cell::text(total),
        ])?;
        book.explain(
            "Toelichting",
            &["Wie in twee teams werkt, heeft twee rijen."],
        )?;
        book.send(scene, SOURCE, year.number, date, None)?;
    }
    with_names(scene)
}

/// A correction that says who they are.
fn with_names(scene: &mut Scene<'_>) -> Result<(), DemoError> {
    let date = day(2025, 3, 1);
    let mut book = Book::new(date)?;
    let header: Vec<&str> = HEADER.into_iter().chain(["Naam"]).collect();
    let mut sheet = book.sheet("Personeel", &header)?;
    let mut prng = Prng::named("named staff", 0);
    let [_, year] = &YEARS;
    for (at, worker) in workers(year).iter().take(15).enumerate() {
        let number = personnel_number(scene, year, 0, at);
        let mut row = cells(&number, worker, worker.team, worker.fte, year, &mut prng);
        let name = crate::demo::population::name(at + 500_000, 0);
        scene.seen.name(&name);
        row.push(Cell::text(name));
        sheet.row(&row)?;
    }
    book.explain("Toelichting", &["Met namen, voor het gemak."])?;
    book.send(scene, SOURCE, 2024, date, Some("onbekende_kolom"))
}

impl Year {
    fn seed(&self) -> u64 {
        u64::from(self.number.unsigned_abs())
    }
}

fn personnel_number(scene: &mut Scene<'_>, year: &Year, copy: u32, at: usize) -> String {
    let number = format!("PN{}-{copy:03}{at:04}", year.number);
    scene.seen.case_number(&number);
    number
}

/// Everybody of a year.
fn workers(year: &Year) -> Vec<Worker> {
    let mut prng = Prng::named("staff", year.seed());
    let quotas = |list: &[(&str, usize)]| list.iter().map(|(_, count)| *count).collect::<Vec<_>>();
    let organisations = prng.deal(&quotas(year.organisations));
    let teams = prng.deal(&quotas(year.teams));
    let others = prng.deal(&quotas(year.others));
    let mut workers: Vec<Worker> = organisations
        .into_iter()
        .zip(teams)
        .map(|(organisation, team)| Worker {
            organisation: year.organisations[organisation].0,
            team: year.teams[team].0,
            role: "Wijkondersteuner",
            fte: 0,
        })
        .collect();
    workers.extend(others.into_iter().map(|other| Worker {
        organisation: "",
        team: "",
        role: year.others[other].0,
        fte: 0,
    }));
    // Everybody nearly the same, so that it adds up; then two by two the one gives to the other.
    let count = workers.len();
    for (at, worker) in workers.iter_mut().enumerate() {
        worker.fte = year.fte / count + usize::from(at < year.fte % count);
    }
    for pair in workers.chunks_exact_mut(2) {
        let given = prng.pick(&[0, 12, 12, 23]);
        pair[0].fte += given;
        pair[1].fte -= given;
    }
    workers
}

fn cells(
    number: &str,
    worker: &Worker,
    team: &str,
    fte: usize,
    year: &Year,
    prng: &mut Prng,
) -> Vec<Cell> {
    let text = |text: &str| match text {
        "" => Cell::Empty,
        text => Cell::text(text),
    };
    let fte = if prng.once_in(2) {
        Cell::text(format!("{},{:02}", fte / 100, fte % 100))
    } else {
        Cell::Number(f64::from(u32::try_from(fte).unwrap_or(0)) / 100.0)
    };
    vec![
        text(number),
        text(worker.organisation),
        text(team),
        text(worker.role),
        fte,
        Cell::Number(f64::from(year.number)),
    ]
}
