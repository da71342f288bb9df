//! Invented persons: numbers, names, birth dates and addresses.
//!
//! A burgerservicenummer comes from 9999xxxxx, the range in which Dutch test persons live, as long
//! as that lasts (about 9 000 numbers pass the elfproef). Some persons get a number with leading
//! zeros, and larger demos go on beyond the range: those numbers are invented and might belong to
//! somebody, so the demo says how many there are.

use chrono::{Days, Months, NaiveDate};

use super::prng::Prng;
use super::reference::Places;

/// An age band: the first and the last year of age in it.
pub(super) const BANDS: [(u32, u32); 6] =
    [(0, 17), (18, 26), (27, 49), (50, 67), (68, 74), (75, 98)];

/// Surnames. Made up, and chosen so that they are no word that a table or a log may hold.
const SURNAMES: [&str; 24] = [
    "Achterbergsma",
    "Brinkhofstra",
    "Çelikdemir",
    "Duivenvoordt",
    "Eikelboomstra",
    "Fröhlichsma",
    "Gansevlietman",
    "Hazelwindus",
    "Ijsselmondt",
    "Jägerveldsma",
    "Kwakernaatje",
    "Lindewijckx",
    "Mühlenbruchs",
    "Nachtegaelle",
    "Oudelandtsma",
    "Pannekoekstra",
    "Quispelsma",
    "Rietdijksma",
    "Schröderveen",
    "Tuinvlietsma",
    "Uitdenbogerd",
    "Vèrhoevenaar",
    "Wielewaelsma",
    "Zonnebloemsma",
];

/// What stands between initials and surname.
const INFIXES: [&str; 6] = ["", "", "", "van der ", "de ", "van 't "];

/// One invented person; `--scale` makes copies with other numbers and names.
#[derive(Clone, Debug)]
pub(super) struct Person {
    /// Birth date; `None` is written as 01-01-1900.
    pub born: Option<NaiveDate>,
    /// Where the person lives, as the register of cases has it.
    pub address: Address,
    /// Which number the person has.
    pub bsn: BsnKind,
    /// Whether the register of cases has a client number.
    pub has_client_number: bool,
    /// Between 0 and 5: the team that the person first came to.
    pub team: usize,
}

/// What the register of cases knows of an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Address {
    /// A full postcode (`3111AB`).
    Full(String),
    /// Four digits only.
    Digits(String),
    /// Nothing.
    Unknown,
}

/// Where a person's number comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BsnKind {
    /// The range of test persons, or beyond it once that is used up.
    Test,
    /// An invented number with leading zeros.
    LeadingZeros,
    /// None is known.
    Missing,
}

impl Person {
    /// A new person of a band (6 is unknown) on a day, who comes to a team.
    pub(super) fn new(
        band: usize,
        on: NaiveDate,
        team: usize,
        places: &Places,
        prng: &mut Prng,
    ) -> Self {
        let bsn = match prng.below(100) {
            0 => BsnKind::Missing,
            1 => BsnKind::LeadingZeros,
            _ => BsnKind::Test,
        };
        Self {
            born: BANDS.get(band).map(|ages| birth_date(*ages, on, prng)),
            address: address(team, on, places, prng),
            bsn,
            has_client_number: true,
            team,
        }
    }

    /// Somebody of the same household.
    pub(super) fn housemate(&self, band: usize, on: NaiveDate, prng: &mut Prng) -> Self {
        Self {
            born: BANDS.get(band).map(|ages| birth_date(*ages, on, prng)),
            address: self.address.clone(),
            bsn: BsnKind::Test,
            has_client_number: !prng.once_in(7),
            team: self.team,
        }
    }

    /// Whether the person is of the band (6 is unknown) on a day.
    pub(super) fn is_of(&self, band: usize, on: NaiveDate) -> bool {
        match (self.born, BANDS.get(band)) {
            (Some(born), Some((low, high))) => on
                .years_since(born)
                .is_some_and(|age| (*low..=*high).contains(&age)),
            (None, None) => true,
            _ => false,
        }
    }
}

/// A birth date that gives an age of the band: now and then on the very day that somebody enters
/// the band, or the day before somebody leaves it.
fn birth_date((low, high): (u32, u32), on: NaiveDate, prng: &mut Prng) -> NaiveDate {
    match prng.below(40) {
        0 => on - Months::new(12 * low),
        1 => on - Months::new(12 * (high + 1)) + Days::new(1),
        _ => {
            let age = prng.between(i64::from(low), i64::from(high));
            let age = u32::try_from(age).unwrap_or(low);
            let within = u64::try_from(prng.between(0, 360)).unwrap_or(0);
            on - Months::new(12 * age) - Days::new(within)
        }
    }
}

/// An address in one of the team's wijken; some are elsewhere, incomplete or unknown.
fn address(team: usize, on: NaiveDate, places: &Places, prng: &mut Prng) -> Address {
    // Since 2023 residents may use the office of another wijk.
    let elsewhere =
        on >= NaiveDate::from_ymd_opt(2023, 1, 1).unwrap_or_default() && prng.once_in(20);
    let team = if elsewhere { prng.below(6) } else { team };
    match prng.below(200) {
        0 => Address::Unknown,
        1 | 2 => Address::Full(
            prng.pick(&["3011AB", "3131BC", "3031KL", "2624EN"])
                .to_owned(),
        ),
        3 => Address::Digits(prng.pick(&["3116", "3119", "3122", "3111"]).to_owned()),
        // Known by its four digits only, or not at all: the table has no such letters.
        4 => Address::Full(prng.pick(&["3119ZZ", "3111ZZ", "3116ZX"]).to_owned()),
        _ => Address::Full(places.postcode_for(team, prng).to_owned()),
    }
}

/// A name for a copy of a person.
pub(super) fn name(person: usize, copy: u32) -> String {
    let mut prng = Prng::named("name", (person as u64) << 32 | u64::from(copy));
    let initial = |prng: &mut Prng| char::from(b'A' + u8::try_from(prng.below(26)).unwrap_or(0));
    let (first, second) = (initial(&mut prng), initial(&mut prng));
    let infix = prng.pick(&INFIXES);
    let surname = prng.pick(&SURNAMES);
    format!("{first}.{second}. {infix}{surname}")
}

/// The surnames, for whoever searches for leaks.
pub(super) const fn surnames() -> &'static [&'static str] {
    &SURNAMES
}

/// Numbers that pass the elfproef: those of test persons in a random order, then invented ones.
pub(super) struct Bsns {
    test: Vec<u32>,
    next_invented: u32,
    next_zeros: u32,
    /// How many numbers outside the range of test persons were handed out.
    pub invented: u64,
}

impl Bsns {
    /// A fresh supply; always in the same order.
    pub(super) fn new() -> Self {
        let mut test: Vec<u32> = (999_900_000..=999_999_999)
            .filter(|number| elfproef(*number))
            .collect();
        Prng::named("bsn", 0).shuffle(&mut test);
        Self {
            test,
            next_invented: 100_000_000,
            next_zeros: 1_200_000,
            invented: 0,
        }
    }

    /// The next number of a kind.
    pub(super) fn next(&mut self, kind: BsnKind) -> Option<u32> {
        match kind {
            BsnKind::Missing => None,
            BsnKind::LeadingZeros => {
                self.invented += 1;
                Some(advance(&mut self.next_zeros))
            }
            BsnKind::Test => Some(self.test.pop().unwrap_or_else(|| {
                self.invented += 1;
                advance(&mut self.next_invented)
            })),
        }
    }
}

/// The next number that passes, counting up.
fn advance(from: &mut u32) -> u32 {
    while !elfproef(*from) {
        *from += 1;
    }
    *from += 1;
    *from - 1
}

/// The elfproef of a burgerservicenummer.
pub(super) fn elfproef(number: u32) -> bool {
    let mut left = number;
    let mut sum = -i64::from(left % 10);
    for weight in 2..=9 {
        left /= 10;
        sum += weight * i64::from(left % 10);
    }
    number != 0 && number <= 999_999_999 && sum % 11 == 0
}
