//! Signs of a person in a piece of text: which there are, and how each is seen.
//!
//! Written apart from what the lock looks for, so that one mistake does not blind both. Everything works
//! on bytes: what is looked for is ASCII, names excepted.

use super::forms;
use super::names::Names;
use super::written;

/// Something that points at a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sign {
    /// A value that is a number of eight or nine digits; a hit passes the elfproef.
    BsnWhole,
    /// Nine digits in a text; a hit passes the elfproef.
    BsnInText,
    /// The same behind the word BSN.
    BsnNamed,
    /// What has the form of an IBAN; a hit has the right check digits.
    Iban,
    /// An e-mail address.
    Email,
    /// A telephone number as people write it: `06-12345678`, `+31 10 123 45 67`.
    Telephone,
    /// A value of ten digits that begins as a mobile number does.
    Mobile,
    /// A postcode with a house number.
    Address,
    /// A value that is a postcode of six characters.
    Postcode,
    /// A full date of a person's age, where it is no date column.
    Date,
    /// Such a date as a number: `19800412`, `12041980`.
    DateNumber,
    /// A date behind "geboren".
    Born,
    /// First name or initials, and surname.
    Name,
    /// A value that is a first name.
    FirstName,
    /// A value that is a surname.
    Surname,
}

/// What many of a sign are held against.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Basis {
    /// All things of its form: so many hit by chance.
    Form(f64),
    /// All different values of the column: so many have the form by chance.
    Values(f64),
}

/// Below this chance a crowd of hits is no accident: for signs that ordinary values show now and then.
pub const CROWD: f64 = 1e-9;
/// Below this chance a single hit is no accident: for signs that ordinary values all but never show.
pub const SINGLE: f64 = 1e-3;
/// Below this chance somebody should look.
pub const LOOK: f64 = 1e-5;

impl Sign {
    /// Every sign.
    pub const ALL: [Self; 15] = [
        Self::BsnWhole,
        Self::BsnInText,
        Self::BsnNamed,
        Self::Iban,
        Self::Email,
        Self::Telephone,
        Self::Mobile,
        Self::Address,
        Self::Postcode,
        Self::Date,
        Self::DateNumber,
        Self::Born,
        Self::Name,
        Self::FirstName,
        Self::Surname,
    ];

    /// What it is, in Dutch.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::BsnWhole => "nummers die de elfproef doorstaan",
            Self::BsnInText => "nummers in tekst die de elfproef doorstaan",
            Self::BsnNamed => "BSN met het woord erbij",
            Self::Iban => "rekeningnummer (IBAN)",
            Self::Email => "e-mailadres",
            Self::Telephone => "telefoonnummer",
            Self::Mobile => "mobiele nummers van tien cijfers",
            Self::Address => "postcode met huisnummer",
            Self::Postcode => "postcodes van zes tekens",
            Self::Date => "volledige datum buiten een datumkolom",
            Self::DateNumber => "getallen die een geboortedatum kunnen zijn",
            Self::Born => "geboortedatum met het woord erbij",
            Self::Name => "voornaam of voorletters met achternaam",
            Self::FirstName => "voornamen",
            Self::Surname => "achternamen",
        }
    }

    /// What it is held against. The chances are bounds from above over the kinds of random values in the
    /// tests: numbers, codes, hexadecimal, base64, UUIDs, printable text.
    #[must_use]
    pub const fn basis(self) -> Basis {
        match self {
            Self::BsnWhole | Self::BsnInText => Basis::Form(1.0 / 11.0),
            Self::Mobile => Basis::Values(0.01),
            Self::Postcode => Basis::Values(0.005),
            Self::DateNumber => Basis::Values(0.002),
            Self::FirstName => Basis::Values(0.02),
            Self::Surname => Basis::Values(0.05),
            Self::BsnNamed
            | Self::Iban
            | Self::Email
            | Self::Telephone
            | Self::Address
            | Self::Date
            | Self::Born
            | Self::Name => Basis::Values(1e-7),
        }
    }

    /// The chance below which it is no accident.
    #[must_use]
    pub const fn limit(self) -> f64 {
        match self.basis() {
            Basis::Values(chance) if chance < 1e-6 => SINGLE,
            _ => CROWD,
        }
    }

    /// Whether one is a fault where there should be nothing of the kind: in names of files, in metadata,
    /// in journals. Only signs that a text of ours never shows.
    #[must_use]
    pub const fn alone(self) -> bool {
        !matches!(
            self,
            Self::BsnWhole | Self::Postcode | Self::DateNumber | Self::FirstName | Self::Surname
        )
    }
}

/// Who hears what is seen: the sign, the thing of its form (a number that tells things apart), and
/// whether it is a hit.
pub trait Listener {
    /// Something of the form of a sign.
    fn heard(&mut self, sign: Sign, thing: u64, hit: bool);
}

impl<F: FnMut(Sign, u64, bool)> Listener for F {
    fn heard(&mut self, sign: Sign, thing: u64, hit: bool) {
        self(sign, thing, hit);
    }
}

/// The shortest text that can hold a sign: a first name.
const SHORTEST: usize = 3;

/// Looks at a piece of text. `whole`: it is a whole value, and not a part of something.
pub fn look(text: &[u8], whole: bool, names: &Names, listener: &mut impl Listener) {
    if text.len() < SHORTEST {
        return;
    }
    let digits = text.iter().filter(|b| b.is_ascii_digit()).count();
    let text_id = || forms::hash(text);
    if memchr::memchr(b'@', text).is_some() && written::e_mail(text) {
        listener.heard(Sign::Email, text_id(), true);
    }
    if digits >= 4 {
        if whole {
            look_whole(text, listener);
        }
        if digits >= 8 {
            forms::numbers(text, |number| {
                listener.heard(Sign::BsnInText, u64::from(number.value), number.passes);
                if number.passes && number.named {
                    listener.heard(Sign::BsnNamed, u64::from(number.value), true);
                }
            });
            let mut has_account = false;
            written::accounts(text, |account, sound| {
                has_account |= sound;
                listener.heard(Sign::Iban, account, sound);
            });
            // The groups of an account can look like a telephone number.
            if !has_account && written::telephone(text) {
                listener.heard(Sign::Telephone, text_id(), true);
            }
        }
        if written::address(text) {
            listener.heard(Sign::Address, text_id(), true);
        }
        written::dates(text, |born| {
            listener.heard(if born { Sign::Born } else { Sign::Date }, text_id(), true);
        });
    }
    if digits < text.len() / 2 {
        let seen = names.look(text);
        for (there, sign) in [
            (seen.whole, Sign::Name),
            (seen.first && whole, Sign::FirstName),
            (seen.last && whole, Sign::Surname),
        ] {
            if there {
                listener.heard(sign, text_id(), true);
            }
        }
    }
}

fn look_whole(text: &[u8], listener: &mut impl Listener) {
    if let Some(number) = forms::whole_number(text) {
        let passes = forms::elfproef(number);
        listener.heard(Sign::BsnWhole, u64::from(number), passes);
    }
    if written::postcode(text) {
        listener.heard(Sign::Postcode, forms::hash(text), true);
    }
    if written::mobile(text) {
        listener.heard(Sign::Mobile, forms::hash(text), true);
    }
    if text.len() == 8
        && let Some(number) = forms::plain_number(text)
        && forms::is_date_number(number)
    {
        listener.heard(Sign::DateNumber, number, true);
    }
}

#[cfg(test)]
mod tests;
