//! The checks by name, each with its question. Ids are part of the interface: machines ask for them.

/// An id and its question.
pub type Named = (&'static str, &'static str);

/// Burgerservicenummers.
pub const BSN: Named = (
    "inhoud-bsn",
    "Staat er nergens een burgerservicenummer, ook niet gecodeerd?",
);
/// Bank accounts.
pub const IBAN: Named = ("inhoud-iban", "Staat er nergens een rekeningnummer?");
/// E-mail addresses.
pub const EMAIL: Named = ("inhoud-email", "Staat er nergens een e-mailadres?");
/// Telephone numbers.
pub const TELEPHONE: Named = ("inhoud-telefoon", "Staat er nergens een telefoonnummer?");
/// Postcodes of persons.
pub const ADDRESS: Named = (
    "inhoud-adres",
    "Staat er nergens een postcode met huisnummer, of een kolom vol postcodes van personen?",
);
/// Birth dates.
pub const BIRTH: Named = (
    "inhoud-geboortedatum",
    "Staat er nergens een geboortedatum?",
);
/// Names.
pub const NAME: Named = ("inhoud-naam", "Staat er nergens de naam van een persoon?");
/// What tells of a pseudonym without reading the rows.
pub const ORACLE: Named = (
    "inhoud-sporen",
    "Zijn pseudoniemen alleen te zien door de rijen zelf te lezen?",
);
/// Whether everything could be read.
pub const READABLE: Named = (
    "inhoud-leesbaar",
    "Kon elk bestand helemaal gelezen worden?",
);

/// Form of pseudonyms.
pub const FORM: Named = (
    "sterkte-vorm",
    "Heeft elk pseudoniem de volle lengte van 16 bytes, zonder opvulling?",
);
/// Whether they look drawn at random.
pub const RANDOM: Named = (
    "sterkte-toeval",
    "Is aan pseudoniemen niets te zien: geen volgorde, teller of tijd?",
);
/// Whether domains are apart.
pub const DOMAINS: Named = (
    "sterkte-domeinen",
    "Zijn twee domeinen niet aan elkaar te koppelen?",
);
/// Counting as a way around it.
pub const FREQUENCY: Named = (
    "sterkte-frequentie",
    "Zijn twee domeinen ook niet te koppelen door te tellen hoe vaak een pseudoniem voorkomt?",
);
/// Unkeyed hashes.
pub const ATTACK: Named = (
    "sterkte-zonder-sleutel",
    "Is geen enkel pseudoniem een gewone hash van een BSN?",
);
/// Weak keys.
pub const KEYS: Named = (
    "sterkte-zwakke-sleutel",
    "Zijn de pseudoniemen niet gemaakt met een sleutel die te raden is?",
);

/// Canaries that came through.
pub const CANARIES_FOUND: Named = (
    "kanaries-gevonden",
    "Is elke kanarie in elke bron terug te vinden, als steeds hetzelfde pseudoniem?",
);
/// Canaries in the clear.
pub const CANARIES_HIDDEN: Named = (
    "kanaries-verborgen",
    "Staat van geen kanarie ergens een naam, nummer of adres leesbaar, ook niet gecodeerd?",
);

/// Files and manifests.
pub const FILES: Named = (
    "dekking-bestanden",
    "Ligt er precies wat in release.json staat, en verder niets?",
);
/// Hashes of files.
pub const WHOLE: Named = (
    "dekking-ongewijzigd",
    "Is elk bestand nog hetzelfde als toen de release werd gemaakt?",
);
/// Columns and contracts.
pub const COLUMNS: Named = (
    "dekking-kolommen",
    "Staat elke kolom in het contract van haar tabel, met het juiste type?",
);
/// Treatments and classes.
pub const REGISTER: Named = (
    "dekking-register",
    "Krijgt elke kolom een behandeling die het register voor haar klasse toestaat?",
);
/// What releases say of themselves.
pub const RELEASES: Named = (
    "dekking-releases",
    "Noemt elke release het register en de vingerafdruk van de sleutel?",
);
/// Periods.
pub const RETENTION: Named = (
    "dekking-bewaring",
    "Is er niets dat langer wordt bewaard dan het register zegt?",
);
/// Permissions.
pub const PERMISSIONS: Named = (
    "dekking-rechten",
    "Kan alleen de eigenaar bij de bestanden?",
);
/// Where the key is.
pub const KEY: Named = ("dekking-sleutel", "Ligt de sleutel niet bij de gegevens?");
/// The run history.
pub const JOURNAL: Named = (
    "dekking-logboek",
    "Is het logboek van runs heel en te lezen?",
);

/// The log of who did what.
pub const AUDIT: Named = (
    "dekking-handelingen",
    "Is er niets veranderd in het logboek van wie wat deed?",
);

/// Persons who look alike.
pub const GROUPS: Named = (
    "risico-groepen",
    "Lijken in elke tabel genoeg personen op elkaar om er niet uit te springen?",
);
/// What is learned of them.
pub const SENSITIVE: Named = (
    "risico-gevoelig",
    "Verraadt het dat iemand in een groep zit niets gevoeligs over die persoon?",
);
/// The chance of recognising somebody.
pub const RECOGNITION: Named = (
    "risico-herkenning",
    "Is de kans klein dat iemand in een tabel een bekende herkent?",
);
/// Event histories.
pub const HISTORIES: Named = (
    "risico-verloop",
    "Is niemand te herkennen aan wat er met hem of haar in welke maand gebeurde?",
);
/// The views.
pub const PUBLISHED: Named = (
    "risico-publicatie",
    "Laat de monitor geen enkel getal over te weinig cliënten zien?",
);

/// Every check, in the order of the report.
pub const ALL: [Named; 32] = [
    BSN,
    IBAN,
    EMAIL,
    TELEPHONE,
    ADDRESS,
    BIRTH,
    NAME,
    ORACLE,
    READABLE,
    FORM,
    RANDOM,
    DOMAINS,
    FREQUENCY,
    ATTACK,
    KEYS,
    CANARIES_FOUND,
    CANARIES_HIDDEN,
    FILES,
    WHOLE,
    COLUMNS,
    REGISTER,
    RELEASES,
    RETENTION,
    PERMISSIONS,
    KEY,
    JOURNAL,
    AUDIT,
    GROUPS,
    SENSITIVE,
    RECOGNITION,
    HISTORIES,
    PUBLISHED,
];
