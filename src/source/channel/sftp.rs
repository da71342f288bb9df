//! SFTP: files in a folder on a partner's server.
//!
//! The server must show a host key that is in the known hosts of the endpoint. There is no switch that
//! turns this off, and no key is ever learnt by itself.

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use futures::StreamExt;
use futures::stream::FuturesOrdered;
use russh::client::{self, AuthResult, Handle};
use russh::keys::{PrivateKeyWithHashAlg, PublicKey, PublicKeyOrCertificate};
use russh::{AlgorithmKind, Disconnect, Preferred};
use russh_sftp::client::error::Error as SftpError;
use russh_sftp::client::{Config as SftpConfig, RawSftpSession};
use russh_sftp::protocol::{FileAttributes, OpenFlags, StatusCode};
use tokio::net::TcpStream;
use tokio::runtime::{Builder, Runtime};

use super::credential::{Credential, SftpLogin};
use super::known_hosts;
use super::{FileStore, Offer, PullError};
use crate::settings::endpoint::Endpoint;

const PORT: u16 = 22;
/// Bytes asked for in one question. Every server gives that much.
const CHUNK: u32 = 32 * 1024;
/// Questions under way at the same time, so that a distant server is not waited for at each of them.
const TOGETHER: usize = 16;
/// More files than any partner leaves in a folder.
const MOST_FILES: usize = 100_000;

/// A connection to an SFTP server.
pub struct Sftp {
    // Dropped in this order: the session ends before what runs it.
    session: RawSftpSession,
    handle: Handle<HostKeys>,
    runtime: Runtime,
    folder: String,
    silence: Duration,
}

impl Sftp {
    /// Connects, checks the host key and logs in.
    ///
    /// # Errors
    /// See [`PullError`].
    pub fn open(
        endpoint: &Endpoint,
        credential: &Credential,
        silence: Duration,
    ) -> Result<Self, PullError> {
        let known = known_keys(endpoint)?;
        let (host, port) = host(endpoint);
        let user = endpoint
            .user()
            .ok_or(PullError::Endpoint("has a user that is not UTF-8"))?;
        let folder = endpoint
            .path()
            .ok_or(PullError::Endpoint("has a folder that is not UTF-8"))?;
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|e| PullError::Connect(e.kind()))?;
        let address = Address { host, port, user };
        let connect = connect(&address, known, credential, silence);
        let (handle, session) = runtime.block_on(connect)?;
        Ok(Self {
            session,
            handle,
            runtime,
            folder,
            silence,
        })
    }

    fn path(&self, name: &str) -> String {
        match self.folder.trim_end_matches('/') {
            "" if self.folder.is_empty() => name.to_owned(),
            folder => format!("{folder}/{name}"),
        }
    }
}

/// The host keys that are known of an endpoint.
///
/// # Errors
/// There are none, or the file cannot be read.
pub fn known_keys(endpoint: &Endpoint) -> Result<Vec<PublicKey>, PullError> {
    let (host, port) = host(endpoint);
    let file = endpoint.known_hosts.as_deref();
    known_hosts::of(file.ok_or(NO_KNOWN_HOSTS)?, &host, port)
}

fn host(endpoint: &Endpoint) -> (String, u16) {
    let host = endpoint.url.host_str().unwrap_or_default();
    // An IPv6 address stands in brackets there, and not where names are looked up.
    let host = host.trim_matches(['[', ']']).to_ascii_lowercase();
    (host, endpoint.url.port().unwrap_or(PORT))
}

const NO_KNOWN_HOSTS: PullError = PullError::Endpoint("names no known hosts");
const NOT_SFTP: PullError = PullError::Answer("is not SFTP");

struct Address {
    host: String,
    port: u16,
    user: String,
}

/// From nothing to a session, in which every step may take no longer than the silence.
async fn connect(
    address: &Address,
    known: Vec<PublicKey>,
    credential: &Credential,
    silence: Duration,
) -> Result<(Handle<HostKeys>, RawSftpSession), PullError> {
    let target = (address.host.as_str(), address.port);
    let stream = within(silence, TcpStream::connect(target))
        .await?
        .map_err(|e| PullError::Connect(e.kind()))?;
    let config = Arc::new(config(&known, silence));
    let mut handle = within(
        silence,
        client::connect_stream(config, stream, HostKeys(known)),
    )
    .await?
    .map_err(|e| failed(&e))?;
    within(silence, log_in(&mut handle, &address.user, credential)).await??;
    let open = async {
        let channel = handle
            .channel_open_session()
            .await
            .map_err(|e| failed(&e))?;
        let asked = channel.request_subsystem(true, "sftp").await;
        asked.map_err(|e| failed(&e))?;
        let config = SftpConfig {
            request_timeout_secs: silence.as_secs().max(1),
            ..SftpConfig::default()
        };
        let session = RawSftpSession::new_with_config(channel.into_stream(), config);
        session.init().await.map_err(|e| answered(&e, silence))?;
        Ok::<_, PullError>(session)
    };
    let session = within(silence, open).await??;
    Ok((handle, session))
}

/// Only keys of the kinds that are known are asked for: a server often has several, and would else show
/// one of which nothing is known.
fn config(known: &[PublicKey], silence: Duration) -> client::Config {
    let mut kinds: Vec<_> = known.iter().map(PublicKey::algorithm).collect();
    kinds.dedup();
    client::Config {
        preferred: Preferred {
            key: kinds.into(),
            ..Preferred::DEFAULT
        },
        inactivity_timeout: Some(silence.saturating_mul(2)),
        nodelay: true,
        ..client::Config::default()
    }
}

async fn log_in(
    handle: &mut Handle<HostKeys>,
    user: &str,
    credential: &Credential,
) -> Result<(), PullError> {
    let outcome = match credential.sftp()? {
        SftpLogin::Password(password) => handle.authenticate_password(user, password).await,
        SftpLogin::Key(text) => {
            let key = russh::keys::decode_secret_key(text, None).map_err(|e| match e {
                russh::keys::Error::KeyIsEncrypted => credential.fault("has a passphrase"),
                _ => credential.fault("is not a private key of Ed25519 or ECDSA"),
            })?;
            let key = PrivateKeyWithHashAlg::new(Arc::new(key), None);
            handle.authenticate_publickey(user, key).await
        }
    };
    match outcome.map_err(|e| failed(&e))? {
        AuthResult::Success => Ok(()),
        AuthResult::Failure { .. } => Err(PullError::Denied),
    }
}

async fn within<T>(silence: Duration, work: impl Future<Output = T>) -> Result<T, PullError> {
    let timed = tokio::time::timeout(silence, work).await;
    timed.map_err(|_| PullError::Silence(silence.as_secs()))
}

/// The host keys that are known; any other one ends the connection.
struct HostKeys(Vec<PublicKey>);

impl client::Handler for HostKeys {
    type Error = russh::Error;

    async fn check_server_key(
        &mut self,
        shown: &PublicKeyOrCertificate,
    ) -> Result<bool, Self::Error> {
        let PublicKeyOrCertificate::PublicKey { key, .. } = shown else {
            return Ok(false);
        };
        Ok(self
            .0
            .iter()
            .any(|known| known.key_data() == key.key_data()))
    }
}

fn failed(error: &russh::Error) -> PullError {
    match error {
        russh::Error::UnknownKey
        | russh::Error::NoCommonAlgo {
            kind: AlgorithmKind::Key,
            ..
        }
        | russh::Error::WrongServerSig => PullError::HostKey,
        russh::Error::NoCommonAlgo { .. } => {
            PullError::Answer("offers no way of encryption that is still safe")
        }
        russh::Error::Version | russh::Error::KexInit | russh::Error::PacketSize(_) => {
            PullError::Answer("is not SSH")
        }
        russh::Error::ChannelOpenFailure(_) | russh::Error::RequestDenied => NOT_SFTP,
        _ => PullError::Broken,
    }
}

fn answered(error: &SftpError, silence: Duration) -> PullError {
    match error {
        SftpError::Timeout => PullError::Silence(silence.as_secs()),
        SftpError::Status(status) => match status.status_code {
            StatusCode::NoSuchFile => PullError::Changed,
            StatusCode::ConnectionLost | StatusCode::NoConnection => PullError::Broken,
            code @ StatusCode::Failure => PullError::Server(code as u16),
            code => PullError::Refused(code as u16),
        },
        SftpError::IO(_) | SftpError::UnexpectedBehavior(_) => PullError::Broken,
        SftpError::Limited(_) | SftpError::UnexpectedPacket => NOT_SFTP,
    }
}

/// What a file is now: its size and its mark.
fn mark(attributes: &FileAttributes) -> (u64, String) {
    let changed = attributes.mtime.map(|at| at.to_string());
    (
        attributes.size.unwrap_or_default(),
        changed.unwrap_or_default(),
    )
}

impl FileStore for Sftp {
    fn list(&mut self) -> Result<Vec<Offer>, PullError> {
        let silence = self.silence;
        let folder = match self.folder.as_str() {
            "" => ".",
            folder => folder,
        };
        let list = async {
            let opened = self.session.opendir(folder).await;
            let handle = opened.map_err(|e| no_folder(&e, silence))?.handle;
            let mut offers = Vec::new();
            loop {
                let listed = match self.session.readdir(handle.as_str()).await {
                    Ok(listed) => listed.files,
                    Err(SftpError::Status(s)) if s.status_code == StatusCode::Eof => break,
                    Err(error) => return Err(answered(&error, silence)),
                };
                // An answer with nothing in it could go on for ever.
                if listed.is_empty() || offers.len() + listed.len() > MOST_FILES {
                    return Err(PullError::Answer("lists too many files"));
                }
                let files = listed.into_iter().filter(|f| f.attrs.file_type().is_file());
                offers.extend(files.map(|file| {
                    let (bytes, mark) = mark(&file.attrs);
                    let since = file.attrs.mtime.map(|s| Duration::from_secs(s.into()));
                    Offer {
                        name: file.filename,
                        bytes,
                        mark,
                        modified: since.map(|since| SystemTime::UNIX_EPOCH + since),
                    }
                }));
            }
            // That it is closed matters to the server only.
            let _ = self.session.close(handle).await;
            Ok(offers)
        };
        self.runtime.block_on(list)
    }

    fn read(
        &mut self,
        offer: &Offer,
        from: u64,
        take: &mut dyn FnMut(&[u8]) -> Result<(), PullError>,
    ) -> Result<(), PullError> {
        let path = self.path(&offer.name);
        let (session, silence) = (&self.session, self.silence);
        self.runtime.block_on(async {
            let opened = session.open(path, OpenFlags::READ, FileAttributes::empty());
            let handle = opened.await.map_err(|e| answered(&e, silence))?.handle;
            let file = Reading {
                session,
                handle: &handle,
                offer,
                silence,
            };
            file.unchanged().await?;
            file.read(from, take).await?;
            file.unchanged().await?;
            let _ = session.close(handle.as_str()).await;
            Ok(())
        })
    }
}

impl Drop for Sftp {
    fn drop(&mut self) {
        let goodbye = self.handle.disconnect(Disconnect::ByApplication, "", "");
        // Out of politeness: a server that does not listen any more is not waited for.
        let _ = self
            .runtime
            .block_on(async { tokio::time::timeout(Duration::from_millis(100), goodbye).await });
    }
}

fn no_folder(error: &SftpError, silence: Duration) -> PullError {
    match error {
        SftpError::Status(status) => match status.status_code {
            StatusCode::NoSuchFile => PullError::Endpoint("names a folder that is not there"),
            StatusCode::PermissionDenied => {
                PullError::Endpoint("names a folder that this user may not read")
            }
            _ => answered(error, silence),
        },
        _ => answered(error, silence),
    }
}

/// A file that is being read.
struct Reading<'a> {
    session: &'a RawSftpSession,
    handle: &'a str,
    offer: &'a Offer,
    silence: Duration,
}

impl Reading<'_> {
    /// The open file must be the one that was offered.
    async fn unchanged(&self) -> Result<(), PullError> {
        let attributes = self.session.fstat(self.handle).await;
        let attributes = attributes.map_err(|e| answered(&e, self.silence))?.attrs;
        if mark(&attributes) == (self.offer.bytes, self.offer.mark.clone()) {
            Ok(())
        } else {
            Err(PullError::Changed)
        }
    }

    /// Gives the bytes from an offset to the end of the offer, in order.
    async fn read(
        &self,
        from: u64,
        take: &mut dyn FnMut(&[u8]) -> Result<(), PullError>,
    ) -> Result<(), PullError> {
        let mut asked_to = from;
        let mut asked = FuturesOrdered::new();
        loop {
            while asked.len() < TOGETHER && asked_to < self.offer.bytes {
                let rest = self.offer.bytes - asked_to;
                let length = u32::try_from(rest).map_or(CHUNK, |rest| rest.min(CHUNK));
                asked.push_back(self.chunk(asked_to, length));
                asked_to += u64::from(length);
            }
            match asked.next().await {
                Some(chunk) => take(&chunk?)?,
                None => return Ok(()),
            }
        }
    }

    /// So many bytes from an offset. A server may give less than was asked for; then it is asked for the
    /// rest.
    async fn chunk(&self, at: u64, length: u32) -> Result<Vec<u8>, PullError> {
        let mut chunk: Vec<u8> = Vec::new();
        loop {
            let got = u32::try_from(chunk.len()).unwrap_or(u32::MAX);
            if got >= length {
                chunk.truncate(usize::try_from(length).unwrap_or(usize::MAX));
                return Ok(chunk);
            }
            let asked = self
                .session
                .read(self.handle, at + u64::from(got), length - got);
            let more = match asked.await {
                Ok(data) => data.data,
                Err(SftpError::Status(s)) if s.status_code == StatusCode::Eof => Vec::new(),
                Err(error) => return Err(answered(&error, self.silence)),
            };
            // Shorter than it was offered.
            if more.is_empty() {
                return Err(PullError::Changed);
            }
            if chunk.is_empty() {
                chunk = more;
            } else {
                chunk.extend_from_slice(&more);
            }
        }
    }
}
