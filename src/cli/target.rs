//! The file that `--out` names: it comes into being whole, readable by its owner only, or not at all.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::CliError;
use crate::disk::AtomicFile;
use crate::page;

/// Where an answer goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target(PathBuf);

impl Target {
    /// A file at this path, new or in the place of the one that is there.
    ///
    /// # Errors
    /// When there is something else there, or no folder for it.
    pub fn new(path: &Path) -> Result<Self, CliError> {
        let wrong = |message: String, remedy: &str| {
            Err(CliError::Usage {
                message,
                remedy: Some(remedy.to_owned()),
            })
        };
        let shown = path.display();
        if path.file_name().is_none() {
            return wrong(format!("{shown} names no file"), "name a file");
        }
        match fs::metadata(path) {
            // A link stays, and what it leads to is replaced.
            Ok(found) if found.is_file() => Ok(Self(path.canonicalize()?)),
            Ok(found) if found.is_dir() => wrong(
                format!("{shown} is a folder"),
                "name a file in it; `sluis export --to` takes a folder",
            ),
            // To replace a device or a pipe by a file is never what was meant.
            Ok(_) => wrong(
                format!("{shown} is no file"),
                "leave out `--out` to write to standard output",
            ),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let folder = path.parent().filter(|f| !f.as_os_str().is_empty());
                match folder {
                    Some(folder) if !folder.is_dir() => wrong(
                        format!("there is no folder {}", folder.display()),
                        "make it, or name another",
                    ),
                    _ => Ok(Self(path.to_owned())),
                }
            }
            Err(error) => Err(CliError::Output(error)),
        }
    }

    /// Its path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// How its name ends.
    #[must_use]
    pub fn extension(&self) -> Option<&str> {
        self.0.extension()?.to_str()
    }

    /// Begins to write it.
    ///
    /// # Errors
    /// The operating system's.
    pub fn begin(&self) -> Result<AtomicFile, CliError> {
        Ok(AtomicFile::create(&self.0)?)
    }
}

/// A page may replace a page of ours, so that the same command can be given again, and nothing else;
/// `remedy` is what to do then.
///
/// # Errors
/// When there is something else.
pub fn spare(path: &Path, remedy: &str) -> Result<(), CliError> {
    let mut head = Vec::new();
    match File::open(path) {
        Ok(file) => file.take(4096).read_to_end(&mut head).map(drop)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error.into()),
    }
    if head.is_empty() || String::from_utf8_lossy(&head).contains(page::GENERATOR) {
        return Ok(());
    }
    Err(CliError::Usage {
        message: format!(
            "{} is there already, and is not a page of sluis",
            path.display()
        ),
        remedy: Some(remedy.to_owned()),
    })
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn only_a_file_is_a_target() {
        let folder = tempfile::tempdir().unwrap();
        let refused = |path: &Path| Target::new(path).unwrap_err();
        for path in [
            folder.path().to_owned(),
            folder.path().join("nergens/a.csv"),
            "/dev/null".into(),
            "..".into(),
            "".into(),
        ] {
            assert_eq!(refused(&path).exit_code(), 2, "{}", path.display());
        }
        let path = folder.path().join("a.csv");
        let target = Target::new(&path).unwrap();
        assert_eq!(target.extension(), Some("csv"));
        assert!(!path.exists());
    }

    #[test]
    fn a_link_stays_a_link() {
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("a"), folder.path().join("b"));
        Target::new(&file)
            .unwrap()
            .begin()
            .unwrap()
            .commit()
            .unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        let mut out = Target::new(&link).unwrap().begin().unwrap();
        out.write_all(b"x").unwrap();
        out.commit().unwrap();
        assert!(link.is_symlink());
        assert_eq!(fs::read(&file).unwrap(), b"x");
    }

    #[test]
    fn what_fails_half_way_leaves_what_was_there() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a");
        for content in [b"1".as_slice(), b"2"] {
            let mut out = Target::new(&file).unwrap().begin().unwrap();
            out.write_all(content).unwrap();
            out.commit().unwrap();
        }
        let mut out = Target::new(&file).unwrap().begin().unwrap();
        out.write_all(b"3").unwrap();
        drop(out);
        assert_eq!(fs::read(&file).unwrap(), b"2");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
