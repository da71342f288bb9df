//! The deliveries of `wot-casus`: cases as a Windows-1252 export spells them.

use super::cases::{Case, Referral};
use super::people::People;
use super::population::{self, Address, elfproef};
use super::prng::Prng;
use super::targets::TEAMS;
use super::writer::Csv;
use super::{DemoError, Identifiers, dirt};

/// Problems, each with its spellings.
pub(super) const PROBLEMS: [&[&str]; 11] = [
    &["Financiën", "Financien"],
    &["Huisvesting", "Wonen"],
    &["Geestelijke gezondheid", "Psychische gezondheid"],
    &["Lichamelijke gezondheid"],
    &["Werk en opleiding"],
    &["Sociaal netwerk", "Eenzaamheid"],
    &["Huiselijke relaties", "Relatieproblemen"],
    &["Opvoeding", "Opvoeding en ontwikkeling"],
    &["Verslaving", "Middelengebruik"],
    &["Justitie"],
    &["Maatschappelijke participatie", "Meedoen"],
];

/// The header until 2021.
const OLD_HEADER: [&str; 17] = [
    "HulpvraagNr",
    "Clientnr",
    "Bsn",
    "Naam",
    "Geboortedatum",
    "Postcode",
    "Soort",
    "Aanmelddatum",
    "Start begeleiding",
    "Afsluitdatum",
    "Team",
    "Zorgzwaarte",
    "Problematiek",
    "RedenAfsluiting",
    "Afhandeling",
    "Doorverwezen naar",
    "Substitutie",
];

/// The header since 2022.
const HEADER: [&str; 20] = [
    "HulpvraagNr",
    "Clientnr",
    "BSN",
    "Naam",
    "Geboortedatum",
    "Postcode",
    "Soort",
    "Meldingsdatum",
    "StartBegeleiding",
    "Afsluitdatum",
    "Team",
    "Zorgzwaarte",
    "Problematiek",
    "RedenAfsluiting",
    "Afhandeling",
    "DoorverwezenNaar",
    "Substitutie",
    "Via aanmeldteam",
    "Afgeschaald",
    "Toelichting",
];

// Positions in both headers.
const NUMBER: usize = 0;
const CLIENT: usize = 1;
const BSN: usize = 2;
const NAME: usize = 3;
const BORN: usize = 4;
const POSTCODE: usize = 5;
const KIND: usize = 6;
const REPORTED: usize = 7;
const TEAM: usize = 10;
const PROBLEM: usize = 12;
/// The free text is the last column of the new header.
const TEXT: usize = 19;

/// One part: every case of the year, once for each copy, then the rows that must be refused.
pub(super) fn part(
    csv: &mut Csv<'_>,
    part: i32,
    cases: &[Case],
    people: &People,
    seen: &mut Identifiers,
) -> Result<(), DemoError> {
    let header: &[&str] = if part < 2022 { &OLD_HEADER } else { &HEADER };
    csv.row(header)?;
    let own: Vec<&Case> = cases.iter().filter(|case| case.part == part).collect();
    let mut first: Option<Vec<String>> = None;
    for copy in 0..people.copies() {
        for (index, case) in own.iter().enumerate() {
            let number = index as u64 + u64::from(copy) * own.len() as u64;
            let mut cells = row(case, number, copy, people);
            cells.truncate(header.len());
            note(&cells, seen);
            csv.row(&as_str(&cells))?;
            first.get_or_insert(cells);
        }
    }
    let Some(first) = first else { return Ok(()) };
    for cells in refused(part, &first) {
        note(&cells, seen);
        csv.refused_row(&as_str(&cells))?;
    }
    Ok(())
}

/// The cells of one case in the order of the new header.
fn row(case: &Case, number: u64, copy: u32, people: &People) -> Vec<String> {
    let mut prng = Prng::named(
        "spelling",
        number << 16 | u64::from(case.part.unsigned_abs()),
    );
    let prng = &mut prng;
    let person = people.person(case.person);
    let name = population::name(case.person, copy);
    let bsn = people.bsn(case.person, copy).filter(|_| !case.hides_bsn);
    let text = free_text(&name, prng);
    vec![
        format!("HV{}-{:06}", case.part, number + 1),
        if person.has_client_number {
            people.client_number(case.person, copy)
        } else {
            String::new()
        },
        bsn.map_or_else(String::new, |number| dirt::bsn(number, prng)),
        name,
        person
            .born
            .map_or_else(|| "01-01-1900".to_owned(), dirt::date),
        match &person.address {
            Address::Full(postcode) | Address::Digits(postcode) => dirt::postcode(postcode, prng),
            Address::Unknown => String::new(),
        },
        prng.pick(if case.relative {
            &["Betrokkene", "betrokkene"]
        } else {
            &["Hulpvraag", "hulpvraag"]
        })
        .to_owned(),
        dirt::date_or_unknown(case.reported, prng),
        dirt::date_or_unknown(case.started, prng),
        dirt::date_or_unknown(case.closed, prng),
        team(case.team, prng),
        weight(case, prng).to_owned(),
        problems(case, prng),
        reason(case, prng).to_owned(),
        match case.handled {
            Some(true) => prng.pick(&["Zelf", "Zelf afgehandeld"]).to_owned(),
            Some(false) => "Doorverwezen".to_owned(),
            None => String::new(),
        },
        case.referral
            .map_or("", |referral| referred(referral, prng))
            .to_owned(),
        yes_no(case.substitution, prng).to_owned(),
        yes_no(case.via_intake, prng).to_owned(),
        yes_no(case.scaled_down, prng).to_owned(),
        text,
    ]
}

/// A team, now and then as somebody else writes it.
fn team(team: usize, prng: &mut Prng) -> String {
    match (TEAMS[team], prng.below(12)) {
        ("Centrum-West", 0) => "Centrum West".to_owned(),
        (name, 1) => format!("WOT {name}"),
        (name, _) => name.to_owned(),
    }
}

/// The scale changed its names in 2023.
fn weight(case: &Case, prng: &mut Prng) -> &'static str {
    const NAMES: [[&str; 3]; 3] = [
        ["1", "Licht", "licht"],
        ["2", "Gemiddeld", "gemiddeld"],
        ["3", "Zwaar", "zwaar"],
    ];
    match NAMES.get(case.weight) {
        Some(names) if case.part < 2022 => names[0],
        Some(names) => names[1 + prng.below(2)],
        None => prng.pick(&["", "onbekend"]),
    }
}

/// Several problems in one cell.
fn problems(case: &Case, prng: &mut Prng) -> String {
    let separator = if prng.once_in(3) { "," } else { ", " };
    let names: Vec<&str> = case
        .problems
        .iter()
        .map(|index| prng.pick(PROBLEMS[*index]))
        .collect();
    names.join(separator)
}

/// Why it was closed; the last group has many spellings, and none.
fn reason(case: &Case, prng: &mut Prng) -> &'static str {
    match case.reason {
        Some(0) => "Doelen gerealiseerd",
        Some(1) => prng.pick(&["Stopgezet door cliënt", "Stopgezet door client"]),
        Some(2) => "Doorverwijzing",
        Some(3) => "Verhuizing",
        Some(_) => prng.pick(&["Anders", "Overig", "", "onbekend"]),
        None => "",
    }
}

/// Where to.
fn referred(referral: Referral, prng: &mut Prng) -> &'static str {
    let spellings: &[&'static str] = match referral {
        Referral::Youth => &["Jeugdinstanties tweede lijn", "Jeugdinstanties 2e lijn"],
        Referral::Wmo => &["Wmo", "WMO"],
        Referral::Network => &["Netwerk"],
        Referral::YouthProtection => &["Jeugdbescherming"],
        Referral::LongTermCare => &["Wet langdurige zorg", "Wlz"],
        Referral::YouthWork => &["Jongerenwerk"],
        Referral::SafeHome => &["Veilig Thuis"],
        Referral::Doctor => &["Huisarts"],
        Referral::Housing => &["Woningcorporatie"],
        Referral::Outreach => &["Bemoeizorg"],
        Referral::Welfare => &["Welzijn", "Welzijnsactiviteit"],
    };
    prng.pick(spellings)
}

/// Yes, no or nothing.
fn yes_no(value: Option<bool>, prng: &mut Prng) -> &'static str {
    match value {
        Some(true) => prng.pick(&["J", "ja", "Ja"]),
        Some(false) => prng.pick(&["N", "nee", "Nee", "N"]),
        None => "",
    }
}

/// What somebody typed: a name, line ends, quotes, a semicolon, characters of Windows-1252 only.
fn free_text(name: &str, prng: &mut Prng) -> String {
    match prng.below(16) {
        0 => format!("Gesprek gevoerd met {name}.\r\nWil \"rust\" in huis; belt terug."),
        1 => format!("Schuld van € 1.250,-;\nzie dossier van {name}"),
        2 => format!("Cliënt {name} zei: “het gaat wel”"),
        _ => String::new(),
    }
}

/// Rows that must be refused, each for one reason.
fn refused(part: i32, like: &[String]) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    let mut spoil = |cell: usize, value: &str| {
        let mut cells = like.to_vec();
        let index = rows.len();
        cells[NUMBER] = format!("HV{part}-9{index:05}");
        cells[CLIENT] = format!("C{}9{index:05}", part % 100);
        cells[NAME] = population::name(usize::MAX >> 32, u32::try_from(index).unwrap_or(0));
        value.clone_into(&mut cells[cell]);
        rows.push(cells);
    };
    let wrong = wrong_bsn(part).to_string();
    match part {
        2019 => spoil(POSTCODE, "31X1 AB"),
        2020 => {
            spoil(BSN, &wrong);
            spoil(REPORTED, "31-02-2020");
            spoil(KIND, "Vraag");
            spoil(NUMBER, "");
        }
        2022 => spoil(BSN, "000000000"),
        2023 => {
            spoil(BSN, &wrong);
            spoil(BORN, "31-02-1980");
            spoil(PROBLEM, "Financiën, Ruimtevaart");
        }
        _ => {
            spoil(BSN, &wrong);
            spoil(REPORTED, "31-02-2024");
            spoil(TEAM, "Team Ergens");
            spoil(KIND, "");
            // The same hulpvraag a second time.
            rows.push(like.to_vec());
        }
    }
    rows
}

/// A number of the test range that fails the elfproef.
pub(super) fn wrong_bsn(part: i32) -> u32 {
    let mut number = 999_950_000 + part.unsigned_abs();
    while elfproef(number) {
        number += 1;
    }
    number
}

/// Remembers what identifies somebody.
fn note(cells: &[String], seen: &mut Identifiers) {
    seen.case_number(&cells[NUMBER]);
    seen.client_number(&cells[CLIENT]);
    seen.bsn(&cells[BSN]);
    seen.name(&cells[NAME]);
    seen.birth_date(&cells[BORN]);
    seen.postcode(&cells[POSTCODE]);
    if let Some(text) = cells.get(TEXT) {
        seen.free_text(text);
    }
}

/// The cells as the writer wants them.
fn as_str(cells: &[String]) -> Vec<&str> {
    cells.iter().map(String::as_str).collect()
}
