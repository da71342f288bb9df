//! The files that contracts are read from: a folder on disk or the files built into the program.
//! Which file is what follows from its path alone.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use include_dir::{Dir, include_dir};

use super::ContractError;

/// The path of the DPIA register.
pub(super) const REGISTER: &str = "config/dpia.toml";
/// The file name of a pipeline inside its folder.
pub(super) const PIPELINE: &str = "pipeline.toml";
/// Contract files are small; what is larger is something else.
const LARGEST: usize = 1 << 20;
/// Folders below `schemas` and `pipelines` that are looked into.
const DEPTH: usize = 4;

static SCHEMAS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/schemas");
static PIPELINES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/pipelines");
static CONFIG: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/config");

/// Contract files by their path relative to the contract folder, with `/`.
#[derive(Clone, Debug, Default)]
pub struct ContractFiles {
    files: BTreeMap<String, Result<String, Unreadable>>,
}

/// Why a file is not text that can be parsed.
#[derive(Clone, Debug)]
pub(super) struct Unreadable {
    pub(super) line: u32,
    pub(super) message: &'static str,
    pub(super) remedy: &'static str,
}

/// What a file is, by its path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place<'p> {
    /// `schemas/sources/ID.toml`.
    Source(&'p str),
    /// `schemas/tables/NAME.toml`.
    Table(&'p str),
    /// `schemas/monitor/NAME.sql`.
    View(&'p str),
    /// `schemas/monitor/NAME.toml`.
    ViewColumns(&'p str),
    /// `pipelines/ID/pipeline.toml`.
    Pipeline(&'p str),
    /// `pipelines/ID/TABLE.sql`.
    Mapping { source: &'p str, table: &'p str },
    /// `config/dpia.toml`.
    Register,
    /// Nothing that contracts consist of; the source it seems to be meant for.
    Stray(Option<&'p str>),
}

impl<'p> Place<'p> {
    /// What the file at `path` is.
    pub(super) fn of(path: &'p str) -> Self {
        let parts: Vec<&str> = path.split('/').collect();
        match parts.as_slice() {
            ["schemas", "sources", file] => match file.strip_suffix(".toml") {
                Some(id) => Self::Source(id),
                None => Self::Stray(file.split('.').next()),
            },
            ["schemas", "tables", file] => match file.strip_suffix(".toml") {
                Some(name) => Self::Table(name),
                None => Self::Stray(None),
            },
            ["schemas", "monitor", file] => match file.rsplit_once('.') {
                Some((name, "sql")) => Self::View(name),
                Some((name, "toml")) => Self::ViewColumns(name),
                _ => Self::Stray(None),
            },
            ["pipelines", id, PIPELINE] => Self::Pipeline(id),
            ["pipelines", id, file] => match file.strip_suffix(".sql") {
                Some(table) => Self::Mapping { source: id, table },
                None => Self::Stray(Some(id)),
            },
            ["pipelines", id, ..] if parts.len() > 2 => Self::Stray(Some(id)),
            _ if path == REGISTER => Self::Register,
            _ => Self::Stray(None),
        }
    }

    /// The source whose deliveries this file concerns.
    pub(super) fn source(&self) -> Option<&'p str> {
        match self {
            Self::Source(id) | Self::Pipeline(id) => Some(id),
            Self::Mapping { source, .. } => Some(source),
            Self::Stray(source) => *source,
            Self::Table(_) | Self::View(_) | Self::ViewColumns(_) | Self::Register => None,
        }
    }
}

impl ContractFiles {
    /// No files yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the file at `path` (relative, with `/`), replacing an earlier one. Bytes that are not
    /// UTF-8 become a fault when the contracts are loaded.
    pub fn insert(&mut self, path: impl Into<String>, bytes: impl AsRef<[u8]>) {
        self.files.insert(path.into(), text(bytes.as_ref()));
    }

    /// Removes the file at `path`.
    pub fn remove(&mut self, path: &str) {
        self.files.remove(path);
    }

    /// The text of the file at `path`; `None` when it is absent or not text.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<&str> {
        self.files.get(path)?.as_deref().ok()
    }

    /// The paths of all files, sorted.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    /// The files built into the program: those of this repository when it was compiled.
    #[must_use]
    pub fn embedded() -> Self {
        let mut files = Self::new();
        for (name, dir) in [
            ("schemas", &SCHEMAS),
            ("pipelines", &PIPELINES),
            ("config", &CONFIG),
        ] {
            files.embed(name, dir);
        }
        files
    }

    /// The files of a folder that holds `schemas/`, `pipelines/` and `config/dpia.toml`.
    ///
    /// Hidden files and `.md` files are passed over; any other file that has no place in a
    /// contract folder becomes a fault when the contracts are loaded.
    ///
    /// # Errors
    /// When the folder or a file in it cannot be read.
    pub fn from_folder(folder: &Path) -> Result<Self, ContractError> {
        let mut files = Self::new();
        fs::read_dir(folder).map_err(|source| ContractError::unreadable(folder, source))?;
        for top in ["schemas", "pipelines"] {
            let below = folder.join(top);
            if below.is_dir() {
                files.walk(&below, top, DEPTH)?;
            }
        }
        let register = folder.join(REGISTER);
        if register.is_file() {
            files.read(&register, REGISTER.to_owned())?;
        }
        Ok(files)
    }

    /// Every file with its text, or why it has none.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, Result<&str, &Unreadable>)> {
        self.files
            .iter()
            .map(|(path, text)| (path.as_str(), text.as_deref()))
    }

    fn embed(&mut self, top: &str, dir: &Dir<'_>) {
        for file in dir.files() {
            let path = format!("{top}/{}", file.path().to_string_lossy().replace('\\', "/"));
            if belongs(&path) {
                self.insert(path, file.contents());
            }
        }
        for below in dir.dirs() {
            self.embed(top, below);
        }
    }

    fn walk(&mut self, folder: &Path, path: &str, depth: usize) -> Result<(), ContractError> {
        let failed = |source| ContractError::unreadable(folder, source);
        for entry in fs::read_dir(folder).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let below = format!("{path}/{}", entry.file_name().to_string_lossy());
            if entry.path().is_dir() {
                if depth > 0 && !hidden(&below) {
                    self.walk(&entry.path(), &below, depth - 1)?;
                }
            } else if belongs(&below) {
                self.read(&entry.path(), below)?;
            }
        }
        Ok(())
    }

    fn read(&mut self, file: &Path, path: String) -> Result<(), ContractError> {
        let bytes = fs::read(file).map_err(|source| ContractError::unreadable(file, source))?;
        self.insert(path, bytes);
        Ok(())
    }
}

/// Whether a file takes part: of `config/` the register only, elsewhere all but notes and hidden
/// files.
fn belongs(path: &str) -> bool {
    let elsewhere = !path.starts_with("config/");
    let notes = Path::new(path).extension().is_some_and(|e| e == "md");
    path == REGISTER || (elsewhere && !hidden(path) && !notes)
}

fn hidden(path: &str) -> bool {
    path.rsplit('/')
        .next()
        .is_some_and(|name| name.starts_with('.'))
}

/// The text of a file, without the mark that Windows editors put in front of UTF-8.
fn text(bytes: &[u8]) -> Result<String, Unreadable> {
    if bytes.len() > LARGEST {
        return Err(Unreadable {
            line: 1,
            message: "is larger than 1 MiB: this is no contract file",
            remedy: "move it out of the contract folder",
        });
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let before = &bytes[..error.valid_up_to()];
        Unreadable {
            line: super::document::line_of(before),
            message: "is not UTF-8 text",
            remedy: "save the file as UTF-8",
        }
    })?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text).to_owned())
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "tests make their own files")]
mod tests {
    use super::{ContractFiles, Place};

    #[test]
    fn a_path_says_what_a_file_is() {
        assert_eq!(Place::of("schemas/sources/zrm.toml"), Place::Source("zrm"));
        assert_eq!(
            Place::of("schemas/tables/client.toml"),
            Place::Table("client")
        );
        assert_eq!(
            Place::of("schemas/monitor/leeftijd.sql"),
            Place::View("leeftijd")
        );
        assert_eq!(
            Place::of("schemas/monitor/leeftijd.toml"),
            Place::ViewColumns("leeftijd")
        );
        assert_eq!(
            Place::of("pipelines/zrm/pipeline.toml"),
            Place::Pipeline("zrm")
        );
        assert_eq!(
            Place::of("pipelines/zrm/zrm_score.sql"),
            Place::Mapping {
                source: "zrm",
                table: "zrm_score"
            }
        );
        assert_eq!(Place::of("config/dpia.toml"), Place::Register);
    }

    #[test]
    fn a_stray_file_belongs_to_the_source_it_was_meant_for() {
        assert_eq!(
            Place::of("schemas/sources/zrm.toml.bak"),
            Place::Stray(Some("zrm"))
        );
        assert_eq!(
            Place::of("pipelines/zrm/zrm_score.sq"),
            Place::Stray(Some("zrm"))
        );
        assert_eq!(
            Place::of("pipelines/zrm/deep/x.sql"),
            Place::Stray(Some("zrm"))
        );
        assert_eq!(Place::of("schemas/tables/client.tml"), Place::Stray(None));
        assert_eq!(Place::of("pipelines/pipeline.toml"), Place::Stray(None));
    }

    #[test]
    fn a_folder_is_read_without_notes_and_hidden_files() {
        let folder = tempfile::tempdir().unwrap();
        let put = |path: &str, text: &str| {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        put("schemas/sources/zrm.toml", "id = 'zrm'");
        put("schemas/README.md", "notes");
        put("pipelines/zrm/pipeline.toml", "\u{feff}source = 'zrm'");
        put("pipelines/zrm/.zrm_score.sql.swp", "x");
        put("config/dpia.toml", "[register]");
        put("config/default.toml", "[paths]");
        let files = ContractFiles::from_folder(folder.path()).unwrap();
        assert_eq!(
            files.paths().collect::<Vec<_>>(),
            [
                "config/dpia.toml",
                "pipelines/zrm/pipeline.toml",
                "schemas/sources/zrm.toml"
            ]
        );
        assert_eq!(
            files.get("pipelines/zrm/pipeline.toml"),
            Some("source = 'zrm'")
        );
    }

    #[test]
    fn a_folder_that_is_not_there_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        assert!(ContractFiles::from_folder(&folder.path().join("nowhere")).is_err());
    }
}
