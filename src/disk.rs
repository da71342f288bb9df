//! The one way in which files and folders come into being: private, whole, and on the disk.

use std::fs::{DirBuilder, File, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// Makes a folder and its parents; folders that are made are readable by their owner only.
///
/// # Errors
/// The operating system's.
pub fn private_folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// Writes a file that was not there, which only its owner can read, and syncs it; its folder is made.
///
/// # Errors
/// The operating system's: `AlreadyExists` when there is one, which stays as it is.
pub fn write_new(path: &Path, content: &[u8]) -> io::Result<()> {
    if let Some(folder) = path.parent().filter(|f| !f.as_os_str().is_empty()) {
        // A file in the place of the folder is not the file that was asked for.
        private_folder(folder).map_err(|e| match e.kind() {
            io::ErrorKind::AlreadyExists => io::ErrorKind::NotADirectory.into(),
            _ => e,
        })?;
    }
    let mut file = File::options()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(content)?;
    file.sync_all()
}

/// A new file that only its owner can read; an existing one is truncated.
///
/// # Errors
/// The operating system's.
pub fn private_file(path: &Path) -> io::Result<File> {
    let file = File::options()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)?;
    file.set_permissions(Permissions::from_mode(0o600))?;
    Ok(file)
}

/// Writes a file whole or not at all: beside it first, then synced, then renamed over it, then the
/// folder synced.
///
/// # Errors
/// The operating system's.
pub fn write_atomic(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = AtomicFile::create(path)?;
    file.write_all(content)?;
    file.commit()
}

/// A file that is written piece by piece, and is there as a whole once it is committed. Until then, and
/// when it is dropped without, what was at its path stays.
#[derive(Debug)]
pub struct AtomicFile {
    file: File,
    path: PathBuf,
    beside: PathBuf,
    committed: bool,
}

impl AtomicFile {
    /// Begins a file that only its owner can read.
    ///
    /// # Errors
    /// The operating system's.
    pub fn create(path: &Path) -> io::Result<Self> {
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(".tmp");
        let beside = folder_of(path).join(name);
        Ok(Self {
            file: private_file(&beside)?,
            path: path.to_owned(),
            beside,
            committed: false,
        })
    }

    /// Brings it to the disk and puts it in its place.
    ///
    /// # Errors
    /// The operating system's.
    pub fn commit(mut self) -> io::Result<()> {
        self.file.sync_all()?;
        std::fs::rename(&self.beside, &self.path)?;
        self.committed = true;
        sync_folder(folder_of(&self.path))
    }
}

impl Write for AtomicFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for AtomicFile {
    fn drop(&mut self) {
        if !self.committed {
            // What is left behind is private, and the next one of this name takes its place.
            let _ = std::fs::remove_file(&self.beside);
        }
    }
}

fn folder_of(path: &Path) -> &Path {
    let folder = path.parent().filter(|f| !f.as_os_str().is_empty());
    folder.unwrap_or_else(|| Path::new("."))
}

/// Brings the names in a folder to the disk.
///
/// # Errors
/// The operating system's.
pub fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

/// How many files are brought to the disk at the same time: waiting for a disk takes no processor, and
/// a file system writes its journal once for all who wait.
const TOGETHER: usize = 16;

/// Brings files and folders to the disk, many at a time.
///
/// # Errors
/// The operating system's, for any of them.
pub fn sync_many<P: AsRef<Path> + Sync>(paths: &[P]) -> io::Result<()> {
    let share = paths.len().div_ceil(TOGETHER).max(1);
    std::thread::scope(|scope| {
        let sync = |part: &[P]| part.iter().try_for_each(|p| File::open(p)?.sync_all());
        let workers: Vec<_> = paths
            .chunks(share)
            .map(|part| scope.spawn(move || sync(part)))
            .collect();
        let joined = workers.into_iter().map(|w| {
            w.join()
                .unwrap_or_else(|_| Err(io::Error::other("a thread stopped while syncing")))
        });
        joined.collect()
    })
}
