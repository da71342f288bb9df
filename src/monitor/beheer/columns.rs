//! The columns of the tables: name, type and, in Dutch, what it holds.

use arrow::datatypes::{DataType, TimeUnit};

/// A column: its name, its type and what it holds.
pub(super) type Column = (&'static str, DataType, &'static str);

const TEXT: DataType = DataType::Utf8;
const NUMBER: DataType = DataType::Int64;
const FLAG: DataType = DataType::Boolean;
const MOMENT: DataType = DataType::Timestamp(TimeUnit::Second, None);

/// `runs`
pub(super) const RUNS: &[Column] = &[
    ("run", TEXT, "Het kenmerk van de run: wanneer hij begon."),
    ("begonnen", MOMENT, "Wanneer de run begon."),
    (
        "geeindigd",
        MOMENT,
        "Wanneer hij eindigde. Leeg: hij loopt nog, of is afgebroken.",
    ),
    (
        "uitkomst",
        TEXT,
        "gepubliceerd, ongewijzigd, mislukt, afgebroken, of bezig of afgebroken.",
    ),
    ("release", TEXT, "De release die hij publiceerde."),
    ("leveringen", NUMBER, "Hoeveel leveringen hij tegenkwam."),
    ("rijen_gelezen", NUMBER, "Hoeveel rijen hij las."),
    (
        "rijen_behouden",
        NUMBER,
        "Hoeveel rijen door de sluis kwamen.",
    ),
    ("rijen_geweigerd", NUMBER, "Hoeveel rijen zijn geweigerd."),
    (
        "rijen_gewist",
        NUMBER,
        "Hoeveel rijen zijn tegengehouden omdat zij van een gewiste persoon zijn.",
    ),
    (
        "fout",
        TEXT,
        "Waarom hij mislukte. Nooit een waarde uit een levering.",
    ),
];

/// `ophalingen`
pub(super) const PULLS: &[Column] = &[
    ("run", TEXT, "De run."),
    ("bron", TEXT, "De bron."),
    ("kanaal", TEXT, "Hoe de partner levert: sftp, s3 of https."),
    ("opgehaald", NUMBER, "Hoeveel bestanden zijn opgehaald."),
    ("bytes", NUMBER, "Hoe groot die samen zijn."),
    ("al_opgehaald", NUMBER, "Hoeveel bestanden er al waren."),
    (
        "nog_niet_klaar",
        NUMBER,
        "Hoeveel bestanden nog werden geschreven.",
    ),
    (
        "onbekende_bestanden",
        NUMBER,
        "Hoeveel bestanden een naam hebben die niet bij de bron hoort.",
    ),
    ("herhalingen", NUMBER, "Hoe vaak het opnieuw is geprobeerd."),
    ("fout", TEXT, "Wat er misging."),
    ("milliseconden", NUMBER, "Hoe lang het duurde."),
];

/// `leveringen`
pub(super) const DELIVERIES: &[Column] = &[
    ("run", TEXT, "De run."),
    ("bron", TEXT, "De bron."),
    (
        "deel",
        TEXT,
        "Het deel van de bron dat de levering vervangt, meestal een jaar.",
    ),
    ("datum", TEXT, "De dag van de levering, volgens haar naam."),
    (
        "levering",
        TEXT,
        "Het kenmerk van de levering: SHA-256 over haar inhoud.",
    ),
    ("bytes", NUMBER, "Hoe groot zij is."),
    (
        "uitkomst",
        TEXT,
        "verwerkt, ongewijzigd, geweigerd of achterhaald.",
    ),
    ("reden", TEXT, "Waarom zij is geweigerd."),
    ("rijen_gelezen", NUMBER, "Hoeveel rijen zij heeft."),
    (
        "rijen_behouden",
        NUMBER,
        "Hoeveel rijen door de sluis kwamen.",
    ),
    ("rijen_geweigerd", NUMBER, "Hoeveel rijen zijn geweigerd."),
    (
        "rijen_gewist",
        NUMBER,
        "Hoeveel rijen zijn tegengehouden omdat zij van een gewiste persoon zijn.",
    ),
    ("milliseconden", NUMBER, "Hoe lang het verwerken duurde."),
];

/// `weigeringen`
pub(super) const REFUSALS: &[Column] = &[
    ("run", TEXT, "De run."),
    ("bron", TEXT, "De bron."),
    ("deel", TEXT, "Het deel van de bron."),
    ("levering", TEXT, "Het kenmerk van de levering."),
    ("kolom", TEXT, "Het veld waarop rijen zijn geweigerd."),
    ("regel", TEXT, "De regel waaraan het veld niet voldeed."),
    ("rijen", NUMBER, "Hoeveel rijen."),
];

/// `weigeringen_rijen`
pub(super) const REFUSED_ROWS: &[Column] = &[
    ("run", TEXT, "De run."),
    ("bron", TEXT, "De bron."),
    ("levering", TEXT, "Het kenmerk van de levering."),
    ("rij", NUMBER, "De hoeveelste rij van de levering."),
    ("kolom", TEXT, "Het veld waarop de rij is geweigerd."),
    ("regel", TEXT, "De regel waaraan het veld niet voldeed."),
];

/// `releases`
pub(super) const RELEASES: &[Column] = &[
    ("release", TEXT, "Het kenmerk van de release."),
    ("gepubliceerd", MOMENT, "Wanneer zij is gepubliceerd."),
    (
        "actueel",
        FLAG,
        "Of zij nu de release is die iedereen ziet.",
    ),
    ("run", TEXT, "De run die haar maakte."),
    ("programma", TEXT, "De versie van sluis die haar maakte."),
    (
        "register_versie",
        TEXT,
        "De versie van het DPIA-register dat gold.",
    ),
    (
        "register_vastgesteld",
        TEXT,
        "Wanneer dat register is vastgesteld. Leeg: het was een concept.",
    ),
    (
        "sleutel",
        TEXT,
        "De vingerafdruk van de sleutel van de pseudoniemen, nooit de sleutel zelf.",
    ),
    (
        "inhoud",
        TEXT,
        "Kenmerk van de inhoud: gelijke inhoud geeft hetzelfde kenmerk.",
    ),
    ("leveringen", NUMBER, "Uit hoeveel leveringen zij bestaat."),
    ("bestanden", NUMBER, "Hoeveel bestanden zij heeft."),
    ("rijen", NUMBER, "Hoeveel rijen die samen hebben."),
    ("bytes", NUMBER, "Hoe groot die samen zijn."),
];

/// `bestanden`
pub(super) const FILES: &[Column] = &[
    ("pad", TEXT, "Waar het bestand in de release staat."),
    ("tabel", TEXT, "De tabel waar het bij hoort."),
    ("bron", TEXT, "De bron van zijn rijen."),
    ("deel", TEXT, "Het deel van de bron."),
    ("rijen", NUMBER, "Hoeveel rijen het heeft."),
    ("bytes", NUMBER, "Hoe groot het is."),
    ("sha256", TEXT, "SHA-256 over het bestand."),
];
