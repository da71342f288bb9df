//! A register by itself, as it was written down: for holding one version against another. It is read as
//! strictly as any, but not held against contracts, which may have changed since.

use std::path::Path;

use serde_json::Value;

use super::faults::Report;
use super::files::REGISTER;
use super::register::RegisterFile;
use super::{ContractError, ContractFiles, Fault};

/// What a register states.
#[derive(Clone, Debug, PartialEq)]
pub struct Stated {
    /// Everything in it, by the names of its tables and keys.
    pub tree: Value,
    /// The classes from strict to light, which is the order of the file.
    pub classes: Vec<String>,
}

impl Stated {
    /// Reads a file.
    ///
    /// # Errors
    /// It cannot be read, or has faults.
    pub fn read(path: &Path) -> Result<Self, ContractError> {
        let text = std::fs::read_to_string(path);
        let text = text.map_err(|source| ContractError::unreadable(path, source))?;
        Self::parse(&text, &path.display().to_string())
    }

    /// The register of the contracts in use.
    ///
    /// # Errors
    /// There is none, or it has faults.
    pub fn of(files: &ContractFiles) -> Result<Self, ContractError> {
        let found = files.iter().find(|(path, _)| *path == REGISTER);
        match found {
            Some((path, Ok(text))) => Self::parse(text, path),
            _ => Err(fault(
                REGISTER,
                "there is no DPIA register that can be read",
            )),
        }
    }

    fn parse(text: &str, path: &str) -> Result<Self, ContractError> {
        let report = Report::default();
        let register = RegisterFile::read(text, report.file(path, None));
        let register = register.and_then(|register| register.compile());
        let faults = report.into_sorted();
        if !faults.is_empty() {
            return Err(ContractError::Faults(faults));
        }
        let tree = toml::from_str(text);
        let (Some(register), Ok(tree)) = (register, tree) else {
            return Err(fault(path, "this register cannot be read"));
        };
        let mut classes: Vec<_> = register.classes.iter().collect();
        classes.sort_by_key(|(_, class)| class.rank);
        let classes = classes.into_iter().map(|(id, _)| id.clone()).collect();
        Ok(Self { tree, classes })
    }
}

fn fault(path: &str, message: &str) -> ContractError {
    ContractError::Faults(vec![Fault {
        file: path.to_owned(),
        line: 1,
        message: message.to_owned(),
        remedy: "name a `dpia.toml` of sluis".to_owned(),
        source: None,
    }])
}
