//! The contract of a source, its pipeline, the warehouse tables and the DPIA register, as typed
//! values. Everything here has passed the cross-check; nothing downstream checks it again.
//!
//! Keys and code are English; what a Dutch reader sees (classes, treatments, documentation) is
//! Dutch.

mod assessment;
mod format;
mod risk;
mod view;

use std::collections::BTreeMap;

use chrono::NaiveDate;

pub use assessment::{Assessment, Level, Party, PartyRole, Risk, Topic};
pub use format::{
    CsvDialect, EiCount, EiDialect, EiField, Encoding, Format, JsonDialect, XlsxDialect, XmlDialect,
};
pub use risk::{RiskRules, TableRisk};
pub use view::{Publication, PublicationRules, Role, ViewColumn, ViewSpec};

/// Everything a person edits, parsed, cross-checked and joined.
#[derive(Clone, Debug)]
pub struct Contracts {
    /// The sources in the order in which they must run (`after` respected, ties by id).
    pub sources: Vec<SourcePlan>,
    /// The warehouse tables by name.
    pub tables: BTreeMap<String, TableSpec>,
    /// The views of the monitor by name.
    pub views: BTreeMap<String, ViewSpec>,
    /// The DPIA register.
    pub register: Register,
}

/// One source, complete: what it delivers, how, what is lawful and where its rows go.
#[derive(Clone, Debug)]
pub struct SourcePlan {
    /// `schemas/sources/ID.toml`.
    pub contract: SourceContract,
    /// `pipelines/ID/pipeline.toml`.
    pub pipeline: Pipeline,
    /// `pipelines/ID/TABLE.sql`, by table name.
    pub mappings: Vec<Mapping>,
    /// What the register says of this source.
    pub lawfulness: RegisterSource,
    /// SHA-256 (hex) over the contract, pipeline, mappings, their table schemas and the
    /// register's entry: a delivery treated under another recipe is treated again.
    pub recipe: String,
}

/// The contract of one source: `schemas/sources/ID.toml`.
#[derive(Clone, Debug)]
pub struct SourceContract {
    /// The source's id; also the name of its files and folders. `[a-z0-9-]+`.
    pub id: String,
    /// A name for people (Dutch).
    pub title: String,
    /// The partner system it comes from; several sources may share one.
    pub partner: String,
    /// The versions of the contract, in the order of their validity; one at least.
    pub versions: Vec<Version>,
    /// What it is, in Dutch.
    pub documentation: String,
    /// Treated column names that together identify a row within one delivery (may be empty). In
    /// full deliveries a second row with the same key is refused.
    pub key: Vec<String>,
    /// Every column, in the order of the contract.
    pub columns: Vec<Column>,
}

impl SourceContract {
    /// The version that holds for a delivery of that day.
    #[must_use]
    pub fn version_on(&self, day: Option<NaiveDate>) -> Option<&Version> {
        self.versions.iter().find(|version| version.holds(day))
    }

    /// The last day of delivery, for a partner that stopped or will.
    #[must_use]
    pub fn stopped(&self) -> Option<NaiveDate> {
        self.versions.last()?.until
    }

    /// Who delivers on a day, and before the first and after the last: who delivers nearest to it.
    #[must_use]
    pub fn partner_on(&self, day: NaiveDate) -> &str {
        let holding = self.version_on(Some(day));
        let past = |version: &&Version| version.from.is_none_or(|from| from <= day);
        let version = holding
            .or_else(|| self.versions.iter().rev().find(past))
            .or_else(|| self.versions.first());
        version
            .and_then(|version| version.partner.as_deref())
            .unwrap_or(&self.partner)
    }
}

/// One column of a delivery.
#[derive(Clone, Debug)]
pub struct Column {
    /// Its name in the contract, the quarantine and the register. `[a-z0-9_]+`.
    pub name: String,
    /// The spellings of its header in a delivery (matched without case and outer space). In XML
    /// and JSON a header is a path (`Client/Bsn`, `client.bsn`); a path that ends on `/*` or `.*`
    /// stands for everything below it.
    pub headers: Vec<Header>,
    /// How its text is read.
    pub kind: Kind,
    /// Its class in the DPIA register.
    pub class: String,
    /// What the lock does with it.
    pub treatment: Treatment,
    /// A row without a value here is refused.
    pub required: bool,
    /// A delivery without this column is accepted (the values are then absent).
    pub optional: bool,
    /// Spellings that mean "no value", besides the empty one.
    pub empty: Vec<String>,
    /// What it holds, in Dutch.
    pub documentation: String,
}

/// One version of a contract: how it is called, and for deliveries of which days it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// Its name, as `2024-1`.
    pub name: String,
    /// The first day of delivery on which it holds; `None`: from the beginning.
    pub from: Option<NaiveDate>,
    /// The last day of delivery on which it holds; `None`: for good.
    pub until: Option<NaiveDate>,
    /// Who delivers under this version, where that changed; else the contract's partner.
    pub partner: Option<String>,
}

impl Version {
    /// Whether it holds for a delivery of that day; one without a date counts as of today, which is
    /// the last version.
    #[must_use]
    pub fn holds(&self, day: Option<NaiveDate>) -> bool {
        match day {
            Some(day) => {
                self.from.is_none_or(|from| from <= day)
                    && self.until.is_none_or(|until| day <= until)
            }
            None => self.until.is_none(),
        }
    }
}

/// One spelling of a header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// The spelling.
    pub text: String,
    /// The version that it belongs to; `None`: every version.
    pub version: Option<String>,
}

impl Header {
    /// Whether a delivery under `version` may use it.
    #[must_use]
    pub fn holds(&self, version: &Version) -> bool {
        self.version
            .as_ref()
            .is_none_or(|name| *name == version.name)
    }
}

/// How the text of a column is read and checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Text from a closed list.
    Choice(Vec<Choice>),
    /// Several values from a closed list in one cell.
    Choices {
        /// The list.
        choices: Vec<Choice>,
        /// What stands between two values.
        separator: char,
    },
    /// Free text of at most so many bytes. Can only be dropped.
    Text {
        /// Longest accepted value in bytes.
        max_bytes: usize,
    },
    /// A calendar date.
    Date(DateFormat),
    /// A whole number; thousands separators are not accepted, a decimal part of zeros is (`3,0`).
    Integer {
        /// Smallest accepted value.
        min: i64,
        /// Largest accepted value.
        max: i64,
    },
    /// A number with so many decimals, kept as a whole number of its smallest unit (cents).
    Decimal {
        /// How it is written.
        notation: Notation,
        /// Decimals that are kept; more of them that are not 0 refuse the row.
        decimals: u8,
        /// Smallest accepted value, in its smallest unit.
        min: i64,
        /// Largest accepted value, in its smallest unit.
        max: i64,
    },
    /// A moment; only its day in the Netherlands is kept.
    Moment,
    /// Yes or no.
    Boolean {
        /// Spellings of yes.
        yes: Vec<String>,
        /// Spellings of no.
        no: Vec<String>,
    },
    /// A burgerservicenummer: normalised to nine digits, held to the elfproef.
    Bsn,
    /// A partner's own number for a person or case: trimmed, at most so many bytes.
    Identifier {
        /// Longest accepted value in bytes.
        max_bytes: usize,
    },
    /// A Dutch postcode: PC6 (`3111 AB`) or PC4 (`3111`).
    Postcode,
    /// A postcode in reference data (no person): becomes `3111AB` or `3111`.
    PostcodeReference,
    /// A CBS region key, padded or with its leading zero lost: becomes `WK060601` or `GM0606`.
    CbsRegion,
}

/// One value of a closed list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The value after the lock.
    pub value: String,
    /// The spellings in a delivery (the value itself only when it is listed or nothing else is).
    pub spellings: Vec<String>,
}

/// The order of day, month and year and what stands between them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateFormat {
    /// `31-12-2024`; one-digit days and months accepted.
    DayMonthYear,
    /// `31/12/2024`; one-digit days and months accepted.
    DaySlashMonthSlashYear,
    /// `2024-12-31`.
    YearMonthDay,
    /// `20241231`.
    Compact,
    /// `31-12-24`; one-digit days and months accepted; 70 to 99 are of the last century.
    DayMonthShortYear,
    /// `2024-12`: the first of the month.
    YearMonth,
    /// `2024`: the first of January.
    Year,
}

impl DateFormat {
    /// A day as it is written in this form.
    #[must_use]
    pub fn write(self, day: NaiveDate) -> String {
        let pattern = match self {
            Self::DayMonthYear => "%d-%m-%Y",
            Self::DaySlashMonthSlashYear => "%d/%m/%Y",
            Self::YearMonthDay => "%Y-%m-%d",
            Self::Compact => "%Y%m%d",
            Self::DayMonthShortYear => "%d-%m-%y",
            Self::YearMonth => "%Y-%m",
            Self::Year => "%Y",
        };
        day.format(pattern).to_string()
    }
}

/// How a number with decimals is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notation {
    /// `1.234,56`, `1234,5`, `€ 48.000,-`, `125,00-` (a minus behind it), `-3`.
    Comma,
    /// `1234.56`, `-3`, `1,234.56`.
    Point,
}

/// What the lock does with a column. The register says which class permits which.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Treatment {
    /// `behouden`: the checked value passes under the column's own name.
    Keep,
    /// `weglaten`: dropped; only `required` and the length of free text are checked.
    Drop,
    /// `pseudonimiseren`: HMAC-SHA-256 under the domain's key, 128 bits.
    Pseudonymise {
        /// The pseudonym domain.
        domain: String,
        /// The name after the lock.
        output: String,
    },
    /// `leeftijdsgroep`: a birth date becomes an age band at another date of the row.
    AgeBand {
        /// The date column at which the age is taken.
        at: String,
        /// Lower borders in years, ascending, the first 0: `[0, 18, 27]` gives 0-17, 18-26, 27+.
        borders: Vec<u8>,
        /// The names of the bands, as many as borders.
        labels: Vec<String>,
        /// The column that says how much of the birth date is known (iWmo `DatumGebruik`: 1 = the
        /// day is not known, 2 = day and month are not, 3 = nothing is). A band that this leaves
        /// open is absent.
        known: Option<String>,
        /// The name after the lock.
        output: String,
    },
    /// `wijk`: a postcode becomes the slug of its wijk by the reference table.
    Wijk {
        /// The name after the lock.
        output: String,
    },
    /// `pc4`: a postcode keeps its four digits.
    Pc4 {
        /// The name after the lock.
        output: String,
    },
}

impl Treatment {
    /// The Dutch name that the schema and the register use.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Keep => "behouden",
            Self::Drop => "weglaten",
            Self::Pseudonymise { .. } => "pseudonimiseren",
            Self::AgeBand { .. } => "leeftijdsgroep",
            Self::Wijk { .. } => "wijk",
            Self::Pc4 { .. } => "pc4",
        }
    }
}

impl Column {
    /// The name of this column after the lock; `None` when it is dropped.
    #[must_use]
    pub fn output(&self) -> Option<&str> {
        match &self.treatment {
            Treatment::Keep => Some(&self.name),
            Treatment::Drop => None,
            Treatment::Pseudonymise { output, .. }
            | Treatment::AgeBand { output, .. }
            | Treatment::Wijk { output }
            | Treatment::Pc4 { output } => Some(output),
        }
    }
}

/// How deliveries of a source arrive: `pipelines/ID/pipeline.toml`.
#[derive(Clone, Debug)]
pub struct Pipeline {
    /// The source.
    pub source: String,
    /// Folder below the landing folder.
    pub folder: String,
    /// File name with `{deel}` (a year: the part that a full delivery replaces) and `{datum}`
    /// (`yyyymmdd`, the order of deliveries), both optional.
    pub pattern: String,
    /// Full or incremental.
    pub mode: Mode,
    /// A `NAME.sha256` must lie beside the delivery.
    pub checksum_required: bool,
    /// A delivery touched less than so many seconds ago is still being written.
    pub settle_seconds: u64,
    /// The format and its dialect.
    pub format: Format,
    /// More refused rows than this share (percent) refuse the delivery.
    pub max_refused_percent: f64,
    /// Sources whose tables the lock (postcodes) or the mappings read.
    pub after: Vec<String>,
    /// A delivery is expected at least every so many days; `None`: no expectation.
    pub expected_days: Option<u32>,
    /// How the partner delivers.
    pub channel: Channel,
}

/// How a partner delivers. Where it delivers (host, folder, credential) is a setting of the
/// operator; without it a delivery is what lies in the landing folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Channel {
    /// Somebody puts files in the landing folder.
    Folder,
    /// Files on an SFTP server.
    Sftp,
    /// Objects in an S3 bucket.
    S3,
    /// An HTTPS interface that gives records page by page.
    Https(Paging),
}

/// How an HTTPS interface gives its records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paging {
    /// Where the records stand in an answer, as `data.items`; empty: the answer is the array.
    pub items: String,
    /// How one page leads to the next.
    pub next: NextPage,
}

/// How one page leads to the next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NextPage {
    /// By number: `?PARAMETER=1`, `2`, ... until a page holds no records.
    Number {
        /// The name of the parameter.
        parameter: String,
    },
    /// By a cursor that stands in the answer and goes into the next question. The last one is kept
    /// for the next night.
    Cursor {
        /// The name of the parameter.
        parameter: String,
        /// Where the cursor stands in an answer, as `meta.next`.
        field: String,
    },
}

/// What a delivery replaces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// The whole source, or the whole `{deel}` of it.
    Full,
    /// Rows by key: the latest delivery wins, rows marked `_verwijderd` are deleted.
    Incremental,
}

/// A mapping from `levering` (and declared warehouse tables) to one table.
#[derive(Clone, Debug)]
pub struct Mapping {
    /// The table it fills.
    pub table: String,
    /// One `SELECT`.
    pub sql: String,
    /// The file, for messages.
    pub path: String,
}

/// A warehouse table: `schemas/tables/NAME.toml`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableSpec {
    /// Its name. `[a-z0-9_]+`.
    pub name: String,
    /// A name for people (Dutch).
    pub title: String,
    /// What a row is, in Dutch.
    pub documentation: String,
    /// Columns that identify a row; required for tables that incremental sources fill.
    pub key: Vec<String>,
    /// Partition columns, in the order of the folders: a beginning of `["jaar", "wijk"]`.
    pub partition: Vec<String>,
    /// All columns, the partition columns included.
    pub columns: Vec<TableColumn>,
}

/// One column of a warehouse table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableColumn {
    /// Its name. `[a-z0-9_]+`.
    pub name: String,
    /// Its type.
    pub kind: TableKind,
    /// May not be NULL.
    pub required: bool,
    /// What it holds, in Dutch.
    pub documentation: String,
}

/// The types of warehouse columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TableKind {
    /// `pseudoniem`: 16 bytes.
    Pseudonym,
    /// `tekst`: UTF-8.
    Text,
    /// `datum`: a day.
    Date,
    /// `geheel`: a 64-bit integer.
    Integer,
    /// `ja-nee`: a boolean.
    Boolean,
}

/// The DPIA register: `config/dpia.toml`.
#[derive(Clone, Debug)]
pub struct Register {
    /// Its version.
    pub version: String,
    /// Date of adoption; `None` while it is a concept.
    pub adopted: Option<String>,
    /// The controller (verwerkingsverantwoordelijke).
    pub controller: String,
    /// What is a matter of judgement: parties, risks and measures, and texts of the DPIA.
    pub assessment: Assessment,
    /// Pseudonym domains by id, with their description.
    pub domains: BTreeMap<String, String>,
    /// Classes by id, with the treatments they permit.
    pub classes: BTreeMap<String, RegisterClass>,
    /// Sources by id.
    pub sources: BTreeMap<String, RegisterSource>,
    /// What of a view may be published, by name of the view.
    pub views: BTreeMap<String, Publication>,
    /// How long rows are kept, by table. Of a table that is not here nothing is dropped.
    pub tables: BTreeMap<String, Retention>,
    /// The nightly run drops what is past its period too.
    pub nightly_retention: bool,
    /// What the risk that is left is held against.
    pub risk: RiskRules,
    /// What others may know of persons and what they should not learn, by table.
    pub risks: BTreeMap<String, TableRisk>,
}

/// How long the rows of a table are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Retention {
    /// So many years after the year of a row, or after a day.
    Years {
        /// The years.
        years: u32,
        /// The date column that they count from; `None`: the end of `jaar`.
        from: Option<String>,
    },
    /// As long as partners deliver them.
    Unlimited {
        /// Why, in Dutch.
        reason: String,
    },
}

/// What rows are about. Of a source it decides what a delivery may not hold, of a view whether the
/// rules of publication hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// `personen`: persons or their dossiers.
    Persons,
    /// `aantallen`: counts. Rows about persons refuse the delivery, and so does any identifier.
    Counts,
    /// `zaken`: things and employees, reference data; no clients. Any identifier of a person refuses
    /// the delivery.
    Things,
}

impl Subject {
    /// All of them.
    pub(crate) const ALL: [Self; 3] = [Self::Persons, Self::Counts, Self::Things];

    /// The Dutch name that the register uses.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Persons => "personen",
            Self::Counts => "aantallen",
            Self::Things => "zaken",
        }
    }
}

/// A class of data and what may be done with it.
#[derive(Clone, Debug)]
pub struct RegisterClass {
    /// Its place in the register, from strict to light; the first is 0. What is made of several
    /// columns has the strictest of their classes.
    pub rank: usize,
    /// What belongs to it, in Dutch.
    pub description: String,
    /// Treatments by their Dutch names.
    pub treatments: Vec<String>,
}

/// What the register says of one source.
#[derive(Clone, Debug)]
pub struct RegisterSource {
    /// Purpose (doel), in Dutch.
    pub purpose: String,
    /// Legal basis (grondslag), in Dutch.
    pub legal_basis: String,
    /// Whether the partner may lawfully send a BSN.
    pub bsn_allowed: bool,
    /// What its rows are about.
    pub subject: Subject,
    /// Days that raw deliveries are kept after they were published; 0 removes them at once.
    pub raw_retention_days: u32,
    /// Column name to (class, treatment).
    pub columns: BTreeMap<String, (String, String)>,
}
