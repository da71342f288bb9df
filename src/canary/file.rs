//! The file of the canaries: TOML that a person can read, for its owner only.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use serde::Deserialize;

use super::draw::passes;
use super::{Canaries, MOST, Person};
use crate::disk;
use crate::error::{Class, Classified};

/// What is wrong with a file of canaries. Never says what stands in it.
#[derive(Debug, thiserror::Error)]
pub enum CanaryError {
    /// No such file.
    #[error("there is no file of canaries at {0}")]
    Missing(PathBuf),
    /// There already is one.
    #[error("there already is a file of canaries at {0}")]
    Exists(PathBuf),
    /// The file cannot be read or written.
    #[error("the canaries at {path} cannot be {what}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// "read", "written".
        what: &'static str,
        /// The operating system's word.
        source: io::Error,
    },
    /// Others than its owner may read it.
    #[error("the canaries at {path} may be read by others (mode {mode:04o})")]
    Exposed {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// Not as `sluis canaries new` writes them.
    #[error("the file at {path} holds no canaries: {why}")]
    Malformed {
        /// The file.
        path: PathBuf,
        /// In which way.
        why: String,
    },
    /// The system gave no random bytes.
    #[error("the operating system gave no random bytes")]
    NoRandomness,
}

impl Classified for CanaryError {
    fn class(&self) -> Class {
        match self {
            Self::Missing(_) | Self::Exists(_) | Self::Malformed { .. } => Class::User,
            Self::Exposed { .. } => Class::Privacy,
            Self::Io { .. } | Self::NoRandomness => Class::Environment,
        }
    }

    fn remedy(&self) -> Option<String> {
        Some(match self {
            Self::Missing(_) => "make one with `sluis canaries new`, and run".into(),
            Self::Exists(_) => {
                "keep it; to have others, remove it first: the next run then uses the new ones"
                    .into()
            }
            Self::Exposed { path, .. } => format!("chmod 600 {}", path.display()),
            Self::Malformed { .. } => {
                "use the file that `sluis canaries new` wrote, unchanged, or make a new one".into()
            }
            Self::Io { .. } | Self::NoRandomness => return None,
        })
    }
}

const HEADING: &str = "\
# Kanaries: verzonnen personen. Niemand van hen bestaat.
#
# Elke nacht gaan zij als proef door de sluis. `sluis verify` zoekt hen daarna terug: als pseudoniem waar
# dat hoort, en verder nergens. Verander dit bestand niet, en laat het niet aan anderen zien: wie weet
# wie de kanaries zijn, kan hen overslaan. Maak een kopie op een andere plek.
";
/// Far more than [`MOST`] take.
const LARGEST: u64 = 1 << 16;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    kanarie: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    bsn: String,
    nummer: String,
    voornaam: String,
    achternaam: String,
    straat: String,
    huisnummer: String,
    postcode: String,
    email: String,
    telefoon: String,
    iban: String,
    geboortedatum: String,
}

impl Canaries {
    /// Draws canaries and writes them to a new file with mode 0600.
    ///
    /// # Errors
    /// The file exists, or cannot be written.
    pub fn create(path: &Path, count: usize) -> Result<Self, CanaryError> {
        let canaries = Self::draw(count)?;
        disk::write_new(path, canaries.text().as_bytes()).map_err(|source| {
            match source.kind() {
                io::ErrorKind::AlreadyExists => CanaryError::Exists(path.to_owned()),
                _ => CanaryError::Io {
                    path: path.to_owned(),
                    what: "written",
                    source,
                },
            }
        })?;
        Ok(canaries)
    }

    /// Reads a file of canaries; `None`: there is none.
    ///
    /// # Errors
    /// It cannot be read, others may read it, or it holds no canaries.
    pub fn find(path: &Path) -> Result<Option<Self>, CanaryError> {
        match Self::load(path) {
            Ok(canaries) => Ok(Some(canaries)),
            Err(CanaryError::Missing(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Reads a file of canaries, which must be there.
    ///
    /// # Errors
    /// See [`CanaryError`].
    pub fn load(path: &Path) -> Result<Self, CanaryError> {
        let io = |source| CanaryError::Io {
            path: path.to_owned(),
            what: "read",
            source,
        };
        let file = File::open(path).map_err(|e| match e.kind() {
            io::ErrorKind::NotFound => CanaryError::Missing(path.to_owned()),
            _ => io(e),
        })?;
        let mode = file.metadata().map_err(io)?.mode() & 0o7777;
        if mode & 0o077 != 0 {
            return Err(CanaryError::Exposed {
                path: path.to_owned(),
                mode,
            });
        }
        let mut text = String::new();
        file.take(LARGEST).read_to_string(&mut text).map_err(io)?;
        Self::read(&text).map_err(|why| CanaryError::Malformed {
            path: path.to_owned(),
            why,
        })
    }

    fn read(text: &str) -> Result<Self, String> {
        // What the parser says quotes the line, and the line holds a value.
        let document: Document = toml::from_str(text).map_err(|error| {
            let start = error.span().map_or(0, |span| span.start);
            let before = text.get(..start).unwrap_or_default();
            format!(
                "line {} is not as it should be",
                before.matches('\n').count() + 1
            )
        })?;
        if document.kanarie.is_empty() || document.kanarie.len() > MOST {
            return Err(format!("there must be 1 to {MOST} of them"));
        }
        let persons: Option<Vec<Person>> = document.kanarie.into_iter().map(person).collect();
        let persons = persons.ok_or("one of them was changed")?;
        let pointing = |p: &Person| [p.bsn.clone(), p.number.clone(), p.last.clone()];
        let mut all: Vec<String> = persons.iter().flat_map(pointing).collect();
        all.sort_unstable();
        if all.windows(2).any(|two| matches!(two, [a, b] if a == b)) {
            return Err("two of them are the same".into());
        }
        Ok(Self { persons })
    }

    fn text(&self) -> String {
        let mut text = HEADING.to_owned();
        for person in &self.persons {
            let born = person.born.to_string();
            let fields = [
                ("bsn", &person.bsn),
                ("nummer", &person.number),
                ("voornaam", &person.first),
                ("achternaam", &person.last),
                ("straat", &person.street),
                ("huisnummer", &person.house),
                ("postcode", &person.postcode),
                ("email", &person.email),
                ("telefoon", &person.telephone),
                ("iban", &person.iban),
                ("geboortedatum", &born),
            ];
            text.push_str("\n[[kanarie]]\n");
            for (name, value) in fields {
                // Writing to a text does not fail.
                let _ = writeln!(text, "{name} = \"{value}\"");
            }
        }
        text
    }
}

/// A person whose texts are long enough to prove something; `None`: it is not one that was drawn.
fn person(entry: Entry) -> Option<Person> {
    let long = |text: &str, least: usize| {
        (least..=80).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic())
    };
    let sound = passes(&entry.bsn)
        && entry.bsn.starts_with("9999")
        && long(&entry.nummer, 12)
        && long(&entry.voornaam, 1)
        && long(&entry.achternaam, 8)
        && long(&entry.straat, 8)
        && long(&entry.huisnummer, 1)
        && long(&entry.postcode, 6)
        && long(&entry.email, 12)
        && long(&entry.telefoon, 10)
        && long(&entry.iban, 15);
    sound.then_some(())?;
    Some(Person {
        born: NaiveDate::parse_from_str(&entry.geboortedatum, "%Y-%m-%d").ok()?,
        bsn: entry.bsn,
        number: entry.nummer,
        first: entry.voornaam,
        last: entry.achternaam,
        street: entry.straat,
        house: entry.huisnummer,
        postcode: entry.postcode,
        email: entry.email,
        telephone: entry.telefoon,
        iban: entry.iban,
    })
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn what_was_written_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("controle/kanaries.toml");
        assert!(Canaries::find(&path).unwrap().is_none());
        let made = Canaries::create(&path, 3).unwrap();
        assert!(made == Canaries::load(&path).unwrap());
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        let again = Canaries::create(&path, 3);
        assert!(matches!(again, Err(CanaryError::Exists(_))));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(
            Canaries::find(&path),
            Err(CanaryError::Exposed { .. })
        ));
    }

    #[test]
    fn no_error_says_what_stands_in_the_file() {
        let canaries = Canaries::draw(2).unwrap();
        let (text, first) = (canaries.text(), &canaries.persons()[0]);
        for changed in [
            text.replace(&first.bsn, "999999999"),
            text.replace(&first.bsn, "123456782"),
            text.replace(&first.last, "Jansen"),
            text.replacen("bsn = ", "bsn = x", 1),
            text.replacen("straat", "laan", 1),
            text.replace(&canaries.persons()[1].last, &first.last),
            String::new(),
            "kanarie = []".into(),
        ] {
            let Err(why) = Canaries::read(&changed) else {
                panic!("accepted");
            };
            for person in canaries.persons() {
                for value in person.texts() {
                    assert!(value.len() < 5 || !why.contains(value), "{why}");
                }
            }
        }
    }
}
