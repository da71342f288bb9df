//! The one way in which files and folders come into being: private, whole, and on the disk.

use std::fs::{DirBuilder, File, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

/// Makes a folder and its parents; folders that are made are readable by their owner only.
///
/// # Errors
/// The operating system's.
pub fn private_folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
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
    let folder = path
        .parent()
        .filter(|f| !f.as_os_str().is_empty())
        .unwrap_or_else(|| Path::new("."));
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".tmp");
    let beside = folder.join(name);
    let mut file = private_file(&beside)?;
    file.write_all(content)?;
    file.sync_all()?;
    std::fs::rename(&beside, path)?;
    sync_folder(folder)
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
