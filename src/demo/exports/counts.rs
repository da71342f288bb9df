//! Partners that send no persons: customer experience, chain partners, trainings and targets. At a
//! larger scale the counts of reports grow with it; grades, trainings and targets stay.

use super::{MARKED, PLAIN, Sheet, row};
use crate::demo::people::People;
use crate::demo::prng::Prng;
use crate::demo::targets::TEAMS;
use crate::demo::writer::Csv;
use crate::demo::{DemoError, Identifiers, Scene, day, dirt, population};

pub(super) fn deliver(scene: &mut Scene<'_>) -> Result<(), DemoError> {
    let date = day(2025, 1, 15);
    let (later, last) = (day(2025, 2, 15), day(2025, 3, 15));
    Sheet::new("klantervaring", Some(2018), day(2018, 12, 10), MARKED).write(scene, survey)?;
    for year in [2023, 2024] {
        Sheet::new("klantervaring", Some(year), date, MARKED)
            .write(scene, |csv, _, seen| smileys(csv, year, seen))?;
    }
    Sheet::new("klantervaring", Some(2024), later, MARKED)
        .refused_by("onbekende_kolom")
        .write(scene, with_addresses)?;
    Sheet::new("klantervaring", Some(2024), last, MARKED)
        .refused_by("identificerend")
        .write(scene, with_an_address_in_a_comment)?;

    for year in [2023, 2024] {
        Sheet::new("ketenpartners", Some(year), date, PLAIN)
            .write(scene, |csv, people, _| reports(csv, year, people.copies()))?;
    }
    Sheet::new("ketenpartners", Some(2024), later, PLAIN)
        .refused_by("onbekende_kolom")
        .write(scene, with_persons)?;
    Sheet::new("ketenpartners", Some(2024), last, PLAIN)
        .refused_by("personen_in_aantallen")
        .write(scene, day_by_day)?;

    Sheet::new("trainingen", None, date, PLAIN).write(scene, |csv, _, _| {
        csv.row(&["Jaar", "Programma", "Deelnemers"])?;
        csv.row(&["2023", "Basistraining", "31"])?;
        csv.row(&["2023", "Huiselijk geweld", "18"])?;
        csv.row(&["2024", "Basistraining WOT", "27"])?;
        csv.row(&["2024", "Financien en schulden", "44"])?;
        csv.row(&["2024", "GGZ in de wijk", "36"])
    })?;
    Sheet::new("trainingen", None, later, PLAIN)
        .refused_by("onbekende_kolom")
        .write(scene, with_participants)?;

    Sheet::new("projecten-streefwaarde", None, day(2021, 1, 15), PLAIN).write(
        scene,
        |csv, _, _| {
            csv.row(&["Jaar", "Project", "Van", "Tot"])?;
            csv.row(&["2020", "maatwerk", "50", "50"])?;
            csv.row(&["2020", "huisuitzetting", "40", "50"])?;
            csv.row(&["2020", "vroegsignalering", "75", "75"])
        },
    )?;
    Sheet::new("kpi-normen", None, day(2024, 1, 15), PLAIN).write(scene, |csv, _, _| norms(csv))?;
    Sheet::new("gepubliceerde-cijfers", None, last, PLAIN).write(scene, |csv, _, _| {
        PUBLISHED
            .lines()
            .try_for_each(|line| csv.row(&line.split(';').collect::<Vec<_>>()))
    })
}

/// Every figure that the annual reports print, as printed. The monitor is held against it.
const PUBLISHED: &str = include_str!("../gepubliceerde-cijfers.csv");

/// What was agreed with the municipality for 2024.
fn norms(csv: &mut Csv<'_>) -> Result<(), DemoError> {
    csv.row(&[
        "Jaar",
        "Kpi",
        "Norm",
        "Richting",
        "Eenheid",
        "Meting",
        "Gemeten in",
        "Volgende meting",
    ])?;
    for (name, norm, rule, unit) in [
        ("hulpvragen per kwartaal", "300", "meer dan", "aantal"),
        ("wachttijd binnen 4 weken", "80", "minstens", "procent"),
        ("doorlooptijd binnen 6 maanden", "80", "minstens", "procent"),
        ("uitstroomdoelen gerealiseerd", "80", "minstens", "procent"),
        ("trainingsprogrammas", "3", "minstens", "aantal"),
        ("klachten", "", "", "aantal"),
    ] {
        csv.row(&["2024", name, norm, rule, unit, "doorlopend", "", ""])?;
    }
    for (name, norm, last) in [
        ("doorverwijzing naar welzijn", "20", "2023"),
        ("tevreden over toegankelijkheid", "80", "2023"),
        ("tevreden over ondersteuning", "80", "2023"),
        ("tevreden samenwerkingspartners", "80", ""),
    ] {
        csv.row(&[
            "2024",
            name,
            norm,
            "minstens",
            "procent",
            "periodiek",
            last,
            "2025",
        ])?;
    }
    Ok(())
}

const EXPERIENCE_HEADER: [&str; 8] = [
    "Jaar",
    "Instrument",
    "Onderdeel",
    "Locatie",
    "Score",
    "Smiley",
    "Aantal",
    "Opmerkingen",
];

/// The survey of 2018: six parts whose grades make 7,6 on average.
fn survey(csv: &mut Csv<'_>, _: &People, seen: &mut Identifiers) -> Result<(), DemoError> {
    csv.row(&EXPERIENCE_HEADER)?;
    for (part, grade, people) in [
        ("Toegankelijkheid", "7,4", "212"),
        ("Bejegening", "8,1", "215"),
        ("Deskundigheid", "7,8", "209"),
        ("Samen beslissen", "7,5", "201"),
        ("Resultaat", "7,1", "198"),
        ("Totaaloordeel", "7,7", "214"),
    ] {
        let comment = comment(part.len(), seen);
        csv.row(&["2018", "Onderzoek", part, "", grade, "", people, &comment])?;
    }
    Ok(())
}

/// The cards of one year, by location.
fn smileys(csv: &mut Csv<'_>, year: i32, seen: &mut Identifiers) -> Result<(), DemoError> {
    csv.row(&EXPERIENCE_HEADER)?;
    let mut prng = Prng::named("smileys", u64::from(year.unsigned_abs()));
    let year = year.to_string();
    for (at, team) in TEAMS.iter().enumerate() {
        for (smiley, word, most) in [
            (":-)", "Blij", 60),
            (":-|", "Neutraal", 15),
            (":-(", "Ontevreden", 8),
        ] {
            let smiley = if prng.once_in(4) { word } else { smiley };
            let count = prng.between(2, most).to_string();
            let comment = comment(at, seen);
            csv.row(&[
                &year,
                "Smileykaartje",
                "",
                team,
                "",
                smiley,
                &count,
                &comment,
            ])?;
        }
    }
    Ok(())
}

/// What people wrote, all in one cell.
fn comment(number: usize, seen: &mut Identifiers) -> String {
    let name = population::name(number, 0);
    let text = match number % 3 {
        0 => format!("\"Goed geholpen door {name}\"\r\n\"Moest lang wachten; verder prima\""),
        1 => format!("{name}: \"niet teruggebeld\""),
        _ => return String::new(),
    };
    seen.name(&name);
    seen.free_text(&text);
    text
}

/// A later file with the addresses of those who answered.
fn with_addresses(csv: &mut Csv<'_>, _: &People, seen: &mut Identifiers) -> Result<(), DemoError> {
    csv.row(&[&EXPERIENCE_HEADER[..], &["E-mail"]].concat())?;
    for number in 0..20 {
        let address = format!("deelnemer{number:03}@kaartjes.voorbeeld.example");
        seen.free_text(&address);
        csv.row(&[
            "2024",
            "Smileykaartje",
            "",
            "Oost",
            "",
            ":-)",
            "1",
            "",
            &address,
        ])?;
    }
    Ok(())
}

/// And one in which somebody left an address among the comments.
fn with_an_address_in_a_comment(
    csv: &mut Csv<'_>,
    _: &People,
    seen: &mut Identifiers,
) -> Result<(), DemoError> {
    csv.row(&EXPERIENCE_HEADER)?;
    let comment = "Mail mij op zeer.tevreden@kaartjes.voorbeeld.example";
    seen.free_text(comment);
    for team in TEAMS {
        csv.row(&["2024", "Smiley", "", team, "", ":-)", "12", comment])?;
    }
    Ok(())
}

const REPORTS_HEADER: [&str; 4] = ["Maand", "Sector", "Soort", "Aantal"];

/// Sectors with their kinds, and about how many a month.
const SECTORS: [(&str, &str, i64); 6] = [
    ("Veilig Thuis", "Advies", 24),
    ("VT", "Melding", 38),
    ("Politie", "Zorgmelding", 52),
    ("politie", "Overlast", 30),
    ("PGA", "Instroom", 6),
    ("Persoonsgerichte aanpak", "Uitstroom", 5),
];

/// The counts of one year, and the rows that must be refused.
fn reports(csv: &mut Csv<'_>, year: i32, copies: u32) -> Result<(), DemoError> {
    csv.row(&REPORTS_HEADER)?;
    let mut prng = Prng::named("ketenpartners", u64::from(year.unsigned_abs()));
    for month in 1..=12 {
        for (sector, kind, about) in SECTORS {
            let count = prng.between(about / 2, about * 3 / 2) * i64::from(copies);
            csv.row(&[
                &format!("{year}-{month:02}"),
                sector,
                kind,
                &count.to_string(),
            ])?;
        }
    }
    csv.refused_row(&[&format!("{year}-13"), "PGA", "Instroom", "1"])?;
    csv.refused_row(&[&format!("{year}-12"), "PGA", "Overlast", "ca. 5"])
}

/// A later file with a row for every person.
fn with_persons(
    csv: &mut Csv<'_>,
    people: &People,
    seen: &mut Identifiers,
) -> Result<(), DemoError> {
    csv.row(&[&REPORTS_HEADER[..], &["Naam", "Geboortedatum"]].concat())?;
    for index in 0..30 {
        let name = population::name(index, 0);
        let born = people
            .person(index)
            .born
            .map_or_else(String::new, dirt::date);
        seen.name(&name);
        if !born.is_empty() {
            seen.birth_date(&born);
        }
        let cells = ["2024-05", "PGA", "Instroom", "1", &name, &born];
        row(csv, &cells.map(str::to_owned))?;
    }
    Ok(())
}

/// And one with a row for every report, on its own day.
fn day_by_day(csv: &mut Csv<'_>, _: &People, _: &mut Identifiers) -> Result<(), DemoError> {
    csv.row(&REPORTS_HEADER)?;
    for at in 0..60 {
        let (sector, kind, _) = SECTORS[at % SECTORS.len()];
        let day = format!("2024-{:02}-{:02}", 1 + at % 12, 2 + at % 27);
        csv.row(&[&day, sector, kind, "1"])?;
    }
    Ok(())
}

/// A later list of who was there.
fn with_participants(
    csv: &mut Csv<'_>,
    _: &People,
    seen: &mut Identifiers,
) -> Result<(), DemoError> {
    csv.row(&["Jaar", "Programma", "Deelnemer"])?;
    for index in 0..20 {
        let name = population::name(index, 0);
        seen.name(&name);
        csv.row(&["2024", "Basistraining", &name])?;
    }
    Ok(())
}
