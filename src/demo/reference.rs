//! Reference data: wijken, postcodes and inhabitants. Which postcode lies in which wijk is invented.

use super::DemoError;
use super::prng::Prng;
use super::targets::{INHABITANTS, TEAMS};
use super::writer::Csv;

/// CBS code (after `WK`), name and team (index in `TEAMS`) of every wijk.
pub(super) const WIJKEN: [(&str, &str, usize); 10] = [
    ("060600", "Centrum", 5),
    ("060601", "Oost", 3),
    ("060602", "Centrum tussen havens en grachten", 5),
    ("060603", "West", 5),
    ("060604", "Zuid", 4),
    ("060605", "Nieuw-Mathenesse", 3),
    ("060606", "Nieuwland", 0),
    ("060607", "Groenoord en Kethel", 1),
    ("060608", "Industriegebied", 3),
    ("060609", "Woudhoek en Spaland/Sveaparken", 2),
];

/// How many inhabitants a wijk has beside the others.
const WEIGHTS: [usize; 10] = [60, 110, 40, 90, 100, 20, 160, 150, 5, 165];

/// The wijken (index in `WIJKEN`) that a four-digit postcode lies in.
const POSTCODES: [(&str, &[usize]); 14] = [
    ("3111", &[0, 2]),
    ("3112", &[1, 0]),
    ("3113", &[2, 5]),
    ("3114", &[1, 5]),
    ("3115", &[8, 4]),
    ("3116", &[4]),
    ("3117", &[3, 4]),
    ("3118", &[6, 3]),
    ("3119", &[6]),
    ("3121", &[6]),
    ("3122", &[7]),
    ("3123", &[7, 6]),
    ("3124", &[9]),
    ("3125", &[9, 7]),
];

/// Letters of invented postcodes; SA, SD and SS do not exist.
const LETTERS: [&str; 20] = [
    "AA", "AB", "AC", "AD", "BA", "BC", "BE", "CA", "CD", "CH", "DB", "EK", "EN", "GA", "HB", "KL",
    "LP", "NR", "TT", "XZ",
];

/// Which postcodes there are and where.
pub(super) struct Places {
    /// Full postcodes with their wijk.
    postcodes: Vec<(String, usize)>,
    /// Indices in `postcodes` by team, as often as the wijk weighs.
    by_team: Vec<Vec<usize>>,
}

impl Places {
    /// The invented geography.
    pub(super) fn new() -> Self {
        let mut postcodes = Vec::new();
        for (digits, wijken) in POSTCODES {
            for (index, letters) in LETTERS.iter().enumerate() {
                // The first half of the letters in the first wijk, the rest in the second.
                let wijk = wijken[index * wijken.len() / LETTERS.len()];
                postcodes.push((format!("{digits}{letters}"), wijk));
            }
        }
        let mut by_team = vec![Vec::new(); TEAMS.len()];
        for (index, (_, wijk)) in postcodes.iter().enumerate() {
            let times = 1 + WEIGHTS[*wijk] / 20;
            by_team[WIJKEN[*wijk].2].extend(std::iter::repeat_n(index, times));
        }
        Self { postcodes, by_team }
    }

    /// A postcode in one of the team's wijken.
    pub(super) fn postcode_for(&self, team: usize, prng: &mut Prng) -> &str {
        &self.postcodes[prng.pick(&self.by_team[team])].0
    }
}

/// A CBS key as exports have it: padded, or a number that lost its leading zero.
fn region(code: &str, prng: &mut Prng) -> String {
    match prng.below(4) {
        0 => code.trim_start_matches('0').to_owned(),
        1 => format!("WK{code}"),
        _ => format!("WK{code}  "),
    }
}

/// `cbs-wijken`.
pub(super) fn wijken(csv: &mut Csv<'_>) -> Result<(), DemoError> {
    let mut prng = Prng::named("wijken", 0);
    csv.row(&["WijkCode", "Wijknaam", "Team"])?;
    for (code, name, team) in WIJKEN {
        csv.row(&[&region(code, &mut prng), name, TEAMS[team]])?;
    }
    Ok(())
}

/// `cbs-postcodes`, with two rows that must be refused.
pub(super) fn postcodes(csv: &mut Csv<'_>, places: &Places) -> Result<(), DemoError> {
    let mut prng = Prng::named("postcodes", 0);
    csv.row(&["Postcode", "WijkCode"])?;
    for (digits, wijken) in POSTCODES {
        if let [only] = wijken {
            csv.row(&[digits, &region(WIJKEN[*only].0, &mut prng)])?;
        }
    }
    for (postcode, wijk) in &places.postcodes {
        let spelled = super::dirt::postcode(postcode, &mut prng);
        csv.row(&[&spelled, &region(WIJKEN[*wijk].0, &mut prng)])?;
    }
    csv.refused_row(&["311", "WK060600"])?;
    csv.refused_row(&["3111AE", ""])
}

/// `cbs-bevolking`: a row a year, wijk and year of age, and the whole municipality as rows that must
/// not count, and three rows that must be refused.
pub(super) fn inhabitants(csv: &mut Csv<'_>) -> Result<(), DemoError> {
    csv.row(&["Perioden", "RegioS", "Leeftijd", "Bevolking"])?;
    for (year, by_age) in INHABITANTS {
        inhabitants_of(csv, year, by_age)?;
    }
    csv.refused_row(&["2020", "WK060600  ", "130", "1"])?;
    csv.refused_row(&["2020", "", "30", "5"])?;
    csv.refused_row(&["2020", "WK060601  ", "30", "veel"])
}

/// The rows of one year.
fn inhabitants_of(csv: &mut Csv<'_>, year: i32, by_age: [usize; 3]) -> Result<(), DemoError> {
    let mut prng = Prng::named("inhabitants", u64::from(year.unsigned_abs()));
    let year = year.to_string();
    let bands = [(0_usize, 18_usize), (18, 65), (65, 100)];
    let mut whole = [0_usize; 100];
    let mut cells = vec![[0_usize; 100]; WIJKEN.len()];
    for ((low, high), people) in bands.into_iter().zip(by_age) {
        for _ in 0..people {
            let wijk = prng.weighted(&WEIGHTS);
            // The very old are fewer: the lower of two draws above 65.
            let age = low
                + if low == 65 {
                    prng.below(35).min(prng.below(35))
                } else {
                    prng.below(high - low)
                };
            cells[wijk][age] += 1;
            whole[age] += 1;
        }
    }
    for (wijk, ages) in cells.iter().enumerate() {
        for (age, count) in ages.iter().enumerate() {
            csv.row(&[
                &year,
                &region(WIJKEN[wijk].0, &mut prng),
                &age.to_string(),
                &count.to_string(),
            ])?;
        }
    }
    for (age, count) in whole.iter().enumerate() {
        let key = if prng.once_in(3) { "606" } else { "GM0606    " };
        csv.row(&[&year, key, &age.to_string(), &count.to_string()])?;
    }
    Ok(())
}
