//! Keeping a key out of what the operating system writes down when a program fails.

use super::KeyringError;

/// No core dump of this process from here on, and no other process of the same account may look into it.
///
/// On Linux the process is made not dumpable. That is more than a limit on the size of core files, which
/// a handler of core dumps does not heed. Elsewhere there is no safe call for it.
pub(super) fn keep_out_of_core_dumps() -> Result<(), KeyringError> {
    #[cfg(target_os = "linux")]
    nix::sys::prctl::set_dumpable(false).map_err(|_| KeyringError::Dumpable)?;
    Ok(())
}
