//! The register of cases: hulpvragen and betrokkenen that add up to the targets.
//!
//! Per year the closings are drawn first, because they say when the case must have been reported;
//! what the year of melding still lacks stays open. Everything else (persons, teams, waiting times,
//! reasons) is dealt out over those cases from quotas.

use chrono::{Datelike, Days, Months, NaiveDate};

use super::population::Person;
use super::prng::Prng;
use super::reference::Places;
use super::targets::{
    CASE_YEARS, CaseYear, HANDLED_2020, PROBLEM_WEIGHTS, PROBLEMS_OF_TEAMS, REFERRED_2020,
    SCALED_DOWN, SUBSTITUTION_2020, VIA_INTAKE,
};

/// How long a case took, in the bands of the monitor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Span {
    /// Less than two months.
    Under2,
    /// Less than four.
    Under4,
    /// Up to and including six.
    UpTo6,
    /// Less than nine.
    Under9,
    /// Less than twelve.
    Under12,
    /// Twelve or more.
    Longer,
    /// Unknown, for nobody wrote down when it was reported.
    NotReported,
    /// Unknown, for it was closed before it was reported.
    Negative,
}

/// Where a resident was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Referral {
    /// Jeugdinstanties tweede lijn.
    Youth,
    /// Wmo.
    Wmo,
    /// The resident's own network.
    Network,
    /// Jeugdbescherming.
    YouthProtection,
    /// Wet langdurige zorg.
    LongTermCare,
    /// Jongerenwerk.
    YouthWork,
    /// Veilig Thuis.
    SafeHome,
    /// Huisarts.
    Doctor,
    /// Woningcorporatie.
    Housing,
    /// Bemoeizorg.
    Outreach,
    /// Welzijn.
    Welfare,
}

/// One hulpvraag, as it is and not yet as a file spells it.
#[derive(Clone, Debug)]
pub(super) struct Case {
    /// The part of the delivery it stands in: the year of melding.
    pub part: i32,
    /// Index of the person.
    pub person: usize,
    /// A betrokkene's own hulpvraag.
    pub relative: bool,
    /// Meldingsdatum.
    pub reported: Option<NaiveDate>,
    /// Start of the begeleiding.
    pub started: Option<NaiveDate>,
    /// Afsluitdatum.
    pub closed: Option<NaiveDate>,
    /// Index in `TEAMS`.
    pub team: usize,
    /// 0 to 2, 3 is unknown.
    pub weight: usize,
    /// Indices of problems.
    pub problems: Vec<usize>,
    /// 0 to 4: goals, client, referral, removal, other or unknown.
    pub reason: Option<usize>,
    /// Handled by the team itself; `Some(false)` with a referral.
    pub handled: Option<bool>,
    /// Where to, when not handled.
    pub referral: Option<Referral>,
    /// Substitutie.
    pub substitution: Option<bool>,
    /// Via aanmeldteam.
    pub via_intake: Option<bool>,
    /// Afgeschaald.
    pub scaled_down: Option<bool>,
    /// The file leaves out the number of a person whom another row knows.
    pub hides_bsn: bool,
}

impl Case {
    /// An open case of a part.
    fn open(part: i32, reported: Option<NaiveDate>) -> Self {
        Self {
            part,
            person: 0,
            relative: false,
            reported,
            started: None,
            closed: None,
            team: 0,
            weight: 0,
            problems: Vec::new(),
            reason: None,
            handled: None,
            referral: None,
            substitution: None,
            via_intake: None,
            scaled_down: None,
            hides_bsn: false,
        }
    }

    /// The first day that is known of it.
    pub(super) fn first_day(&self) -> NaiveDate {
        self.reported
            .or(self.started)
            .or(self.closed)
            .unwrap_or_default()
    }

    /// Whether it was closed in a year.
    pub(super) fn closed_in(&self, year: i32) -> bool {
        self.closed.is_some_and(|day| day.year() == year)
    }

    /// Whether it ran in a year.
    pub(super) fn ran_in(&self, year: i32) -> bool {
        self.first_day().year() <= year && self.closed.is_none_or(|day| day.year() >= year)
    }
}

/// The band between two days, by calendar months.
pub(super) fn span(reported: NaiveDate, closed: NaiveDate) -> Span {
    let after = |months| reported + Months::new(months);
    match closed {
        day if day < reported => Span::Negative,
        day if day < after(2) => Span::Under2,
        day if day < after(4) => Span::Under4,
        day if day <= after(6) => Span::UpTo6,
        day if day < after(9) => Span::Under9,
        day if day < after(12) => Span::Under12,
        _ => Span::Longer,
    }
}

/// The whole register: persons, and cases by part and date of melding.
pub(super) fn register(places: &Places) -> (Vec<Person>, Vec<Case>) {
    let mut cases = Vec::new();
    for year in &CASE_YEARS {
        cases.extend(closings(year));
    }
    let mut all = Vec::new();
    let mut persons = Vec::new();
    for year in &CASE_YEARS {
        let mut own: Vec<Case> = cases
            .iter()
            .filter(|case| case.part == year.year)
            .cloned()
            .collect();
        fill_open(year, &mut own);
        own.sort_by_key(Case::first_day);
        deal_teams(year, &mut own);
        deal_waits(year, &mut own);
        add_relatives(year, &mut own);
        settle(year, &all, &mut own, &mut persons, places);
        deal_contents(year, &mut own);
        all.extend(own);
    }
    for year in &CASE_YEARS {
        deal_closings(year, &mut all);
    }
    (persons, all)
}

/// The cases closed in a year, in the parts where they must stand.
fn closings(year: &CaseYear) -> Vec<Case> {
    let mut prng = Prng::named("closings", year.year.unsigned_abs().into());
    let mut cases = Vec::new();
    for (span, part, count) in year.closed {
        for _ in 0..*count {
            cases.push(closing(*span, year.year, *part, &mut prng));
        }
    }
    cases
}

/// One case of a part that was closed in a year after so long.
fn closing(wanted: Span, year: i32, part: i32, prng: &mut Prng) -> Case {
    let mut case = Case::open(part, None);
    match wanted {
        Span::NotReported => {
            case.started = Some(day_of(part, prng));
            case.closed = Some(day_of(year, prng));
        }
        Span::Negative => {
            let reported = first_of(year) + Days::new(40 + prng.below(300) as u64);
            case.reported = Some(reported);
            case.closed = Some(reported - Days::new(1 + prng.below(30) as u64));
        }
        _ => loop {
            let reported = day_of(part, prng);
            let closed = end(wanted, reported, prng);
            if closed.year() == year && span(reported, closed) == wanted {
                case.reported = Some(reported);
                case.closed = Some(closed);
                break;
            }
        },
    }
    case
}

/// A day about so long after another; now and then on the very border of the band.
fn end(span: Span, reported: NaiveDate, prng: &mut Prng) -> NaiveDate {
    let after = |months| reported + Months::new(months);
    let (border, low, high) = match span {
        Span::Under2 => (after(2) - Days::new(1), 10, 61),
        Span::Under4 => (after(2), 59, 123),
        Span::UpTo6 => (after(6), 120, 184),
        Span::Under9 => (after(6) + Days::new(1), 181, 275),
        Span::Under12 => (after(9), 273, 366),
        _ => (after(12), 365, 1000),
    };
    if prng.once_in(12) {
        return border;
    }
    reported + Days::new(u64::try_from(prng.between(low, high)).unwrap_or(0))
}

/// The first day of a year.
fn first_of(year: i32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, 1, 1).unwrap_or_default()
}

/// Some day of a year; the last days of months come more often, for they are where arithmetic
/// with months goes wrong.
fn day_of(year: i32, prng: &mut Prng) -> NaiveDate {
    if prng.once_in(20) {
        let months = u32::try_from(prng.between(1, 12)).unwrap_or(1);
        return first_of(year) + Months::new(months) - Days::new(1);
    }
    first_of(year) + Days::new(prng.below(365) as u64)
}

/// Adds the cases that are still open.
fn fill_open(year: &CaseYear, own: &mut Vec<Case>) {
    let mut prng = Prng::named("open", year.year.unsigned_abs().into());
    while own.len() < year.cases {
        own.push(Case::open(year.year, Some(day_of(year.year, &mut prng))));
    }
}

/// Which team helps.
fn deal_teams(year: &CaseYear, own: &mut [Case]) {
    let teams = Prng::named("teams", year.year.unsigned_abs().into()).deal(&year.teams);
    for (case, team) in own.iter_mut().zip(teams) {
        case.team = team;
    }
}

/// When the begeleiding began. Short cases choose first, so that nobody starts after the end.
fn deal_waits(year: &CaseYear, own: &mut [Case]) {
    const DAYS: [(i64, i64); 4] = [(0, 7), (8, 14), (15, 28), (29, 70)];
    let mut prng = Prng::named("waits", year.year.unsigned_abs().into());
    let mut left = year.waits.unwrap_or([own.len(); 5]);
    let mut order: Vec<usize> = (0..own.len())
        .filter(|index| own[*index].reported.is_some())
        .collect();
    let lasts = |case: &Case| match (case.reported, case.closed) {
        (Some(reported), Some(closed)) if closed >= reported => {
            closed.signed_duration_since(reported).num_days()
        }
        _ => i64::MAX,
    };
    order.sort_by_key(|index| (lasts(&own[*index]), *index));
    for index in order {
        let case = &mut own[index];
        let lasts = lasts(case);
        let band = loop {
            let band = prng.weighted(&left);
            if DAYS.get(band).is_none_or(|(low, _)| *low <= lasts) {
                break band;
            }
        };
        if year.waits.is_some() {
            left[band] -= 1;
        }
        case.started = match (case.reported, DAYS.get(band)) {
            (Some(reported), Some((low, high))) => {
                let days = if prng.once_in(6) {
                    *high
                } else {
                    prng.between(*low, *high)
                };
                Some(reported + Days::new(u64::try_from(days.min(lasts)).unwrap_or(0)))
            }
            // Unknown: mostly nothing, sometimes a start before the melding.
            (Some(reported), None) if prng.once_in(8) => Some(reported - Days::new(3)),
            _ => None,
        };
    }
}

/// Household members with a hulpvraag of their own.
fn add_relatives(year: &CaseYear, own: &mut Vec<Case>) {
    let mut prng = Prng::named("relatives", year.year.unsigned_abs().into());
    for _ in 0..year.relatives {
        let reported = day_of(year.year, &mut prng);
        let mut case = Case::open(year.year, Some(reported));
        case.relative = true;
        case.team = prng.below(6);
        case.started = Some(reported + Days::new(prng.below(30) as u64));
        let closed = reported + Days::new(40 + prng.below(200) as u64);
        if closed.year() == year.year {
            case.closed = Some(closed);
            case.reason = Some(prng.below(5));
        }
        own.push(case);
    }
}

/// Finds or makes the person of every case.
fn settle(
    year: &CaseYear,
    earlier: &[Case],
    own: &mut [Case],
    persons: &mut Vec<Person>,
    places: &Places,
) {
    /// How often a fitting person is looked for before a new one is made.
    const TRIES: usize = 200;
    let mut prng = Prng::named("settle", year.year.unsigned_abs().into());
    let bands = prng.deal(&year.ages);
    let known: Vec<usize> = earlier
        .iter()
        .filter(|case| !case.relative && case.ran_in(year.year))
        .map(|case| case.person)
        .collect();
    let first_new = persons.len();
    let (mut returning, mut repeats) = (year.returning, year.repeats);
    for index in 0..own.len() {
        let (band, on) = (bands[index], own[index].first_day());
        if own[index].relative {
            let with = own[prng.below(year.cases)].person;
            let housemate = persons[with].housemate(band, on, &mut prng);
            own[index].person = persons.len();
            persons.push(housemate);
            continue;
        }
        let fresh = persons.len() - first_new;
        // Spread over the year; the last cases take what is left of the quotas.
        let draw = prng.below(year.cases - index);
        if repeats > 0 && fresh > 0 && draw < repeats + returning {
            let again = (0..TRIES)
                .map(|_| first_new + prng.below(fresh))
                .find(|person| persons[*person].is_of(band, on));
            if let Some(person) = again {
                repeats -= 1;
                own[index].person = person;
                own[index].hides_bsn = prng.once_in(10);
                continue;
            }
        }
        if returning > 0 && draw < returning {
            let back = (0..TRIES)
                .map(|_| prng.pick(&known))
                .find(|person| persons[*person].is_of(band, on));
            if let Some(person) = back {
                returning -= 1;
                own[index].person = person;
                continue;
            }
        }
        own[index].person = persons.len();
        persons.push(Person::new(band, on, own[index].team, places, &mut prng));
    }
}

/// What the cases of a year of melding are about and how they were handled.
fn deal_contents(year: &CaseYear, own: &mut [Case]) {
    const REFERRALS: [Referral; 5] = [
        Referral::Wmo,
        Referral::Welfare,
        Referral::Doctor,
        Referral::Network,
        Referral::Housing,
    ];
    let mut prng = Prng::named("contents", year.year.unsigned_abs().into());
    let mut quotas = vec![HANDLED_2020];
    quotas.extend(REFERRED_2020.iter().map(|(_, count)| *count));
    let mut handled = if year.year == 2020 {
        prng.deal(&quotas)
    } else {
        Vec::new()
    };
    let intake = VIA_INTAKE.iter().find(|(known, _)| *known == year.year);
    let mut intake = intake.map_or_else(Vec::new, |(_, count)| {
        prng.deal(&[*count, year.cases - count])
    });
    for case in own {
        case.weight = prng.weighted(&weights(year.year, case.team));
        let count = prng.weighted(&[3, 55, 30, 12]);
        case.problems = problems(case.team, count, &mut prng);
        if year.year == 2020 {
            let dealt = handled.pop().unwrap_or(0);
            case.handled = Some(dealt == 0);
            case.referral = dealt.checked_sub(1).map(|index| REFERRED_2020[index].0);
        } else if case.closed.is_some() {
            let own_work = !prng.once_in(5);
            case.handled = Some(own_work);
            case.referral = if own_work {
                None
            } else {
                Some(prng.pick(&REFERRALS))
            };
        }
        if !case.relative {
            case.via_intake = intake.pop().map(|dealt| dealt == 0);
        }
    }
}

/// How often a hulpvraag is light, average, heavy or neither. It is left open by one team in 2020, and by
/// all in years that the monitor does not show: a few in every wijk would all have to be hidden, and
/// something else beside each.
const fn weights(year: i32, team: usize) -> [usize; 4] {
    match (year, team) {
        (2019 | 2022, _) => [50, 32, 16, 2],
        (2020, 0) => [49, 31, 16, 4],
        _ => [50, 33, 17, 0],
    }
}

/// So many different problems: those that are common, and those that a team meets more than others.
fn problems(team: usize, count: usize, prng: &mut Prng) -> Vec<usize> {
    let mut left = PROBLEM_WEIGHTS;
    for index in PROBLEMS_OF_TEAMS[team] {
        left[index] *= 2;
    }
    (0..count)
        .map(|_| {
            let drawn = prng.weighted(&left);
            left[drawn] = 0;
            drawn
        })
        .collect()
}

/// What is known of the cases that were closed in a year.
fn deal_closings(year: &CaseYear, all: &mut [Case]) {
    let mut prng = Prng::named("endings", year.year.unsigned_abs().into());
    let closed = |case: &&mut Case| !case.relative && case.closed_in(year.year);
    let count: usize = year.closed.iter().map(|(_, _, count)| count).sum();
    for (case, reason) in all.iter_mut().filter(closed).zip(prng.deal(&year.reasons)) {
        case.reason = Some(reason);
    }
    let substitutions = if year.year == 2020 {
        SUBSTITUTION_2020
    } else {
        0
    };
    let dealt = prng.deal(&[substitutions, count - substitutions]);
    for (case, dealt) in all.iter_mut().filter(closed).zip(dealt) {
        case.substitution = Some(dealt == 0);
    }
    if let Some((_, down)) = SCALED_DOWN.iter().find(|(known, _)| *known == year.year) {
        let dealt = prng.deal(&[*down, count - down]);
        for (case, dealt) in all.iter_mut().filter(closed).zip(dealt) {
            case.scaled_down = Some(dealt == 0);
        }
    }
}
