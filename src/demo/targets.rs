//! What the demo must add up to: the figures of the annual reports, and filler where the reports
//! print none. The records are made from these tables; nothing else in the room holds a figure.
//!
//! Published figures are marked with a star; the rest is ours and may be changed freely.

use super::cases::{Referral, Span};

/// The teams, in the order of the tables below.
pub(super) const TEAMS: [&str; 6] = [
    "Nieuwland",
    "Groenoord",
    "Noordrand",
    "Oost",
    "Zuid",
    "Centrum-West",
];

/// What one year of melding must add up to.
pub(super) struct CaseYear {
    /// The year of melding; also the part (`deel`) of the delivery.
    pub year: i32,
    /// Hulpvragen that were reported in the year.
    pub cases: usize,
    /// Betrokkenen that were reported in the year.
    pub relatives: usize,
    /// Hulpvragen closed *in* this year: how long they took, the part they stand in, how many.
    pub closed: &'static [(Span, i32, usize)],
    /// Days from melding to start: <= 7, <= 14, <= 28, > 28, unknown. `None`: not measured.
    pub waits: Option<[usize; 5]>,
    /// Why the hulpvragen closed in this year were closed: goals, client, referral, removal,
    /// other or unknown.
    pub reasons: [usize; 5],
    /// Ages at melding, betrokkenen included: 0-17, 18-26, 27-49, 50-67, 68-74, 75+, unknown.
    pub ages: [usize; 7],
    /// Hulpvragen by team, in the order of `TEAMS`.
    pub teams: [usize; 6],
    /// Hulpvragen of persons known from an earlier year whose hulpvraag still ran in this one.
    pub returning: usize,
    /// Second hulpvragen of persons within the year.
    pub repeats: usize,
}

/// The years of melding. 2019 and 2022 are there for the cases that were closed in the years
/// after them; the monitor does not show them.
pub(super) const CASE_YEARS: [CaseYear; 5] = [
    CaseYear {
        year: 2019,
        cases: 1414,
        relatives: 0,
        closed: &[(Span::Under2, 2019, 40)],
        waits: None,
        reasons: [22, 8, 3, 2, 5],
        ages: [310, 160, 450, 290, 80, 110, 14],
        teams: [350, 300, 190, 270, 140, 164],
        returning: 0,
        repeats: 0,
    },
    CaseYear {
        year: 2020,
        cases: 2236, // *
        relatives: 0,
        // * 307, 419, 388, 247, 198, 694 = 2253
        closed: &[
            (Span::Under2, 2019, 30),
            (Span::Under2, 2020, 277),
            (Span::Under4, 2019, 100),
            (Span::Under4, 2020, 319),
            (Span::UpTo6, 2019, 150),
            (Span::UpTo6, 2020, 238),
            (Span::Under9, 2019, 170),
            (Span::Under9, 2020, 77),
            (Span::Under12, 2019, 170),
            (Span::Under12, 2020, 28),
            (Span::Longer, 2019, 694),
        ],
        waits: None,
        reasons: [1400, 380, 120, 83, 270],
        ages: [512, 250, 720, 450, 120, 170, 14],
        teams: [560, 470, 290, 430, 226, 260],
        // * 3211 persons: 1374 of 2019 whose case still ran, and 2236 - 150 - 249 new ones.
        returning: 150,
        repeats: 249,
    },
    CaseYear {
        year: 2022,
        cases: 526,
        relatives: 0,
        closed: &[(Span::Under2, 2022, 30)],
        waits: None,
        reasons: [18, 6, 2, 1, 3],
        ages: [12, 80, 235, 118, 27, 50, 4],
        teams: [130, 105, 62, 105, 54, 70],
        returning: 30,
        repeats: 10,
    },
    CaseYear {
        year: 2023,
        cases: 1016,
        relatives: 160,
        // N 1000, * within 6 months 620
        closed: &[
            (Span::Under2, 2022, 25),
            (Span::Under2, 2023, 205),
            (Span::Under4, 2022, 55),
            (Span::Under4, 2023, 155),
            (Span::UpTo6, 2022, 75),
            (Span::UpTo6, 2023, 105),
            (Span::Under9, 2022, 80),
            (Span::Under9, 2023, 60),
            (Span::Under12, 2022, 70),
            (Span::Under12, 2023, 20),
            (Span::Longer, 2022, 120),
            (Span::NotReported, 2022, 20),
            (Span::Negative, 2023, 10),
        ],
        waits: Some([538, 163, 203, 30, 82]), // * 53/16/20/3/8 %
        reasons: [650, 170, 50, 35, 95],      // * 65 %
        ages: [24, 176, 529, 270, 59, 118, 0], // * 2/15/45/23/5/10 %
        teams: [255, 212, 120, 201, 98, 130],
        returning: 60,
        repeats: 50,
    },
    CaseYear {
        year: 2024,
        cases: 1077, // *
        relatives: 160,
        // * N 1012, within 6 months 719
        closed: &[
            (Span::Under2, 2023, 25),
            (Span::Under2, 2024, 238),
            (Span::Under4, 2023, 60),
            (Span::Under4, 2024, 193),
            (Span::UpTo6, 2023, 80),
            (Span::UpTo6, 2024, 123),
            (Span::Under9, 2023, 80),
            (Span::Under9, 2024, 52),
            (Span::Under12, 2023, 50),
            (Span::Under12, 2024, 11),
            (Span::Longer, 2022, 21),
            (Span::Longer, 2023, 60),
            (Span::NotReported, 2022, 10),
            (Span::Negative, 2024, 9),
        ],
        waits: Some([431, 194, 226, 172, 54]), // * 79 %
        reasons: [708, 152, 41, 30, 81],       // * 70/15/4/3/8 %
        ages: [25, 198, 557, 260, 62, 135, 0], // * 2/16/45/21/5/11 %
        teams: [290, 215, 120, 226, 97, 129],
        returning: 120,
        repeats: 60,
    },
];

/// How common a problem is beside the others, in the order of `wot::PROBLEMS` (financiën, huisvesting,
/// geestelijke and lichamelijke gezondheid, werk, sociaal netwerk, relaties, opvoeding, verslaving,
/// justitie, participatie).
pub(super) const PROBLEM_WEIGHTS: [usize; 11] = [24, 17, 19, 10, 9, 12, 8, 7, 5, 2, 6];
/// The problems that a team meets twice as often as others do, in the order of `TEAMS`.
pub(super) const PROBLEMS_OF_TEAMS: [[usize; 2]; 6] =
    [[0, 4], [0, 7], [3, 5], [1, 6], [5, 10], [2, 8]];

/// Hulpvragen of 2020 that the teams handled themselves (*), and where the others went (* ranks).
pub(super) const HANDLED_2020: usize = 1744;
/// See [`HANDLED_2020`].
pub(super) const REFERRED_2020: [(Referral, usize); 10] = [
    (Referral::Youth, 110),
    (Referral::Wmo, 84),
    (Referral::Network, 66),
    (Referral::YouthProtection, 54),
    (Referral::LongTermCare, 44),
    (Referral::YouthWork, 36),
    (Referral::SafeHome, 30),
    (Referral::Doctor, 26),
    (Referral::Housing, 22),
    (Referral::Outreach, 20),
];

/// Closed in 2020 with informal care instead of formal care: 10 % of 2253 (*).
pub(super) const SUBSTITUTION_2020: usize = 225;

/// Reported in the year and sent to a welfare activity by the intake team: 2024 * 20 % of 1077.
pub(super) const VIA_INTAKE: [(i32, usize); 2] = [(2023, 180), (2024, 215)];

/// Closed in the year and scaled down to a welfare activity: 2024 * 12 % of 1012.
pub(super) const SCALED_DOWN: [(i32, usize); 2] = [(2023, 100), (2024, 121)];

/// Short contacts by year (*).
pub(super) const SHORT_CONTACTS: [(i32, usize); 4] =
    [(2019, 1046), (2020, 529), (2023, 621), (2024, 636)];

/// Inhabitants on 1 January of a year by age: 0-17, 18-64, 65+ (* 2020).
pub(super) const INHABITANTS: [(i32, [usize; 3]); 3] = [
    (2020, [14939, 50557, 13853]),
    (2023, [15102, 51342, 14610]),
    (2024, [15080, 51498, 14902]),
];

/// Persons with a first and a second measurement in 2020.
pub(super) const PAIRS: usize = 100;

/// Leefgebieden of the version with 12, with the sums of the first and the second measurement of
/// the pairs: * 3024 and 4572 together, every leefgebied rises, only huisvesting stays under 3.
pub(super) const LEEFGEBIEDEN: [(&str, usize, usize); 12] = [
    ("Financiën", 210, 350),
    ("Werk en opleiding", 235, 360),
    ("Tijdsbesteding", 240, 375),
    ("Huisvesting", 205, 285),
    ("Huiselijke relaties", 260, 395),
    ("Geestelijke gezondheid", 230, 365),
    ("Lichamelijke gezondheid", 270, 400),
    ("Middelengebruik", 300, 430),
    ("ADL", 310, 440),
    ("Sociaal netwerk", 240, 380),
    ("Maatschappelijke participatie", 234, 372),
    ("Justitie", 290, 420),
];

/// The team whose clients score lowest on the first leefgebied, Financiën (*).
pub(super) const LOWEST_ON_MONEY: &str = "Groenoord";
