//! The host keys that are known: a file as OpenSSH writes it, with plain and with hashed names.

use std::path::Path;

use russh::keys::known_hosts::known_host_keys_path;
use russh::keys::{Algorithm, PublicKey};

use super::PullError;

/// The keys that a file knows of a host.
///
/// # Errors
/// The file cannot be read, or says something that is not understood. A host that is not in it is
/// [`PullError::HostKey`].
pub fn of(file: &Path, host: &str, port: u16) -> Result<Vec<PublicKey>, PullError> {
    let text = std::fs::read_to_string(file)
        .map_err(|_| PullError::Endpoint("names known hosts that cannot be read"))?;
    // To pass over @revoked would be to trust a key that somebody else has.
    if text.lines().any(|line| line.trim_start().starts_with('@')) {
        return Err(PullError::Endpoint(
            "names known hosts with a line that begins with @: keep plain lines only",
        ));
    }
    let known = known_host_keys_path(host, port, file)
        .map_err(|_| PullError::Endpoint("names known hosts with a key that cannot be read"))?;
    if known.is_empty() {
        return Err(PullError::HostKey);
    }
    let usable = |key: &PublicKey| {
        matches!(
            key.algorithm(),
            Algorithm::Ed25519 | Algorithm::Ecdsa { .. }
        )
    };
    let keys = known.into_iter().map(|(_, key)| key);
    let keys: Vec<PublicKey> = keys.filter(usable).collect();
    if keys.is_empty() {
        return Err(PullError::Endpoint(
            "names known hosts without an Ed25519 or ECDSA key of this host",
        ));
    }
    Ok(keys)
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "tests make their own files")]
mod tests {
    use std::fs;

    use super::*;

    const KEY: &str =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJdD7y3aLq454yWBdwLWbieU1ebz9/cu7/QEXn9OIeZJ";

    fn known(text: &str, host: &str, port: u16) -> Result<usize, PullError> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("known_hosts");
        fs::write(&file, text).unwrap();
        of(&file, host, port).map(|keys| keys.len())
    }

    #[test]
    fn a_host_is_known_by_its_name_and_port() {
        let text =
            format!("# partners\n[sftp.example.nl]:2222 {KEY} op\nother,sftp.example.nl {KEY}\n");
        assert_eq!(known(&text, "sftp.example.nl", 2222), Ok(1));
        assert_eq!(known(&text, "sftp.example.nl", 22), Ok(1));
        assert_eq!(known(&text, "sftp.example.nl", 23), Err(PullError::HostKey));
        assert_eq!(known(&text, "example.nl", 22), Err(PullError::HostKey));
        assert_eq!(known("", "example.nl", 22), Err(PullError::HostKey));
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        let endpoint = |result| assert!(matches!(result, Err(PullError::Endpoint(_))));
        endpoint(known(&format!("@revoked h {KEY}\nh {KEY}\n"), "h", 22));
        endpoint(known("h ssh-ed25519 AAAA\n", "h", 22));
        let nowhere = Path::new("nowhere/known_hosts");
        endpoint(of(nowhere, "h", 22).map(|keys| keys.len()));
    }
}
