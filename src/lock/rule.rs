//! The rules by which the lock refuses a row.

/// Why a row was refused. The names are in the run history and never change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Rule {
    /// The number of fields differs from the header's, or a quote is out of place.
    AantalVelden,
    /// Not built as a record of its format should be.
    Opbouw,
    /// A required value is missing.
    Verplicht,
    /// Not a number of seven to nine digits.
    BsnVorm,
    /// Fails the elfproef, or is 000000000.
    Elfproef,
    /// A partner's number that is too long or not printable ASCII.
    Nummer,
    /// Not a date in the declared form, or no such day.
    Datum,
    /// Not a moment, or no such moment.
    Tijdstip,
    /// Not in the closed list.
    Keuze,
    /// Not a number as the contract wants it.
    Getal,
    /// A number outside its bounds.
    Bereik,
    /// Neither yes nor no.
    JaNee,
    /// Not a postcode.
    Postcode,
    /// Not a region key.
    Regio,
    /// Longer than the contract accepts.
    TeLang,
    /// The key of an earlier row of the same delivery.
    DubbeleSleutel,
}

impl Rule {
    /// The name in the run history.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::AantalVelden => "aantal_velden",
            Self::Opbouw => "opbouw",
            Self::Verplicht => "verplicht",
            Self::BsnVorm => "bsn_vorm",
            Self::Elfproef => "elfproef",
            Self::Nummer => "nummer",
            Self::Datum => "datum",
            Self::Tijdstip => "tijdstip",
            Self::Keuze => "keuze",
            Self::Getal => "getal",
            Self::Bereik => "bereik",
            Self::JaNee => "ja_nee",
            Self::Postcode => "postcode",
            Self::Regio => "regio",
            Self::TeLang => "te_lang",
            Self::DubbeleSleutel => "dubbele_sleutel",
        }
    }
}
