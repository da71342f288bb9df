//! What HTTPS and S3 have in common: a client that trusts nothing it was not told to trust, waiting
//! with an end to it, and errors in our own words.
//!
//! Only `https`, TLS 1.2 and newer. No redirects, because a credential must not travel to another
//! address. No proxy and no setting from the environment. No retries: the pull counts those. What
//! other crates say about an error is never passed on, since an address or an answer may stand in it.

use std::error::Error;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::time::Duration;

use chrono::{DateTime, Utc};
use reqwest::header::{self, HeaderMap};
use reqwest::{Certificate, Client, StatusCode, Url, redirect, retry, tls};
use tokio::runtime::{Builder, Runtime};
use tokio::time::{Instant, timeout};

use super::PullError;

/// A server must send at least so many bytes in each period of silence that is allowed. Fewer is as
/// good as nothing: a byte a minute would keep the nightly job waiting for ever.
const FLOOR: usize = 1024;

/// An answer may take so many periods of silence in all.
const PERIODS: u32 = 10;
const TOO_SLOW: PullError = PullError::Answer("comes too slowly");

/// How rustls begins what it says of a certificate. It is not an own type to us: the crate is
/// reqwest's.
const UNTRUSTED: &str = "invalid peer certificate";

/// More of a file of certificates is not read.
const MAX_CA: u64 = 1 << 20;

/// A client, the runtime it works on, and how long it may wait.
pub(super) struct Web {
    client: Client,
    runtime: Runtime,
    silence: Duration,
}

impl Web {
    /// A client that trusts the certificates of this machine and those in the file `ca` (PEM).
    pub fn new(ca: Option<&Path>, silence: Duration) -> Result<Self, PullError> {
        let mut builder = Client::builder()
            .use_rustls_tls()
            .min_tls_version(tls::Version::TLS_1_2)
            .https_only(true)
            .http1_only()
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            .referer(false)
            .no_proxy()
            .connect_timeout(silence)
            .user_agent(concat!("sluis/", env!("CARGO_PKG_VERSION")));
        for root in ca.map(roots).transpose()?.unwrap_or_default() {
            builder = builder.add_root_certificate(root);
        }
        let client = builder.build().map_err(|_| match ca {
            Some(_) => NO_CERTIFICATE,
            None => PullError::Endpoint("needs the certificates of this machine, which are broken"),
        })?;
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|e| PullError::Connect(e.kind()))?;
        Ok(Self {
            client,
            runtime,
            silence,
        })
    }

    pub const fn client(&self) -> &Client {
        &self.client
    }

    pub const fn silence(&self) -> Duration {
        self.silence
    }

    /// Waits for one thing, as long as silence may last.
    pub fn wait<T, E>(&self, thing: impl Future<Output = Result<T, E>>) -> Result<T, PullError>
    where
        E: Error + 'static,
    {
        let mut patience = Patience::new(self.silence);
        self.runtime.block_on(patience.wait(thing))
    }

    /// Waits for one thing with what is left of `patience`.
    pub fn wait_with<T, E>(
        &self,
        patience: &mut Patience,
        thing: impl Future<Output = Result<T, E>>,
    ) -> Result<T, PullError>
    where
        E: Error + 'static,
    {
        self.runtime.block_on(patience.wait(thing))
    }
}

const NO_CERTIFICATE: PullError = PullError::Endpoint("has a `ca` that holds no certificate");

fn roots(path: &Path) -> Result<Vec<Certificate>, PullError> {
    let unreadable = |_| PullError::Endpoint("has a `ca` that cannot be read");
    let file = File::open(path).map_err(unreadable)?;
    let mut pem = Vec::new();
    file.take(MAX_CA)
        .read_to_end(&mut pem)
        .map_err(unreadable)?;
    match Certificate::from_pem_bundle(&pem) {
        Ok(roots) if !roots.is_empty() => Ok(roots),
        _ => Err(NO_CERTIFICATE),
    }
}

/// How long we still wait. Only waiting costs patience, not what we do with the bytes ourselves.
pub(super) struct Patience {
    whole: Duration,
    left: Duration,
    /// What is left for all of it; `None`: whoever takes the bytes sees to that.
    in_all: Option<Duration>,
    bytes: usize,
}

impl Patience {
    /// For one answer.
    pub fn new(whole: Duration) -> Self {
        Self {
            whole,
            left: whole,
            in_all: Some(whole.saturating_mul(PERIODS)),
            bytes: 0,
        }
    }

    /// For a file, which may be large.
    pub const fn of_file(whole: Duration) -> Self {
        Self {
            whole,
            left: whole,
            in_all: None,
            bytes: 0,
        }
    }

    /// Waits for one thing.
    pub async fn wait<T, E>(
        &mut self,
        thing: impl Future<Output = Result<T, E>>,
    ) -> Result<T, PullError>
    where
        E: Error + 'static,
    {
        let began = Instant::now();
        let most = self.in_all.map_or(self.left, |all| all.min(self.left));
        let outcome = timeout(most, thing).await;
        let spent = began.elapsed();
        self.left = self.left.saturating_sub(spent);
        self.in_all = self.in_all.map(|all| all.saturating_sub(spent));
        match outcome {
            Ok(Ok(came)) => Ok(came),
            Ok(Err(error)) => Err(fault(&error, self.whole)),
            Err(_) if self.in_all.is_some_and(|all| all.is_zero()) => Err(TOO_SLOW),
            Err(_) => Err(silence(self.whole)),
        }
    }

    /// A part came that stands by itself: waiting begins anew.
    pub const fn renew(&mut self) {
        self.bytes = 0;
        self.left = self.whole;
    }

    /// Bytes came. When they are enough, waiting begins anew.
    pub const fn came(&mut self, bytes: usize) {
        self.bytes = self.bytes.saturating_add(bytes);
        if self.bytes >= FLOOR {
            self.renew();
        }
    }
}

const fn silence(whole: Duration) -> PullError {
    PullError::Silence(whole.as_secs())
}

/// What an error of another crate is to us. It goes down to what the error came from, because that
/// tells most: our own verdict, a certificate, the operating system's word.
pub(super) fn fault(error: &(dyn Error + 'static), whole: Duration) -> PullError {
    let mut found = PullError::Answer("is not what was asked for");
    let mut connecting = false;
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(own) = error.downcast_ref::<PullError>() {
            return own.clone();
        }
        if error.to_string().starts_with(UNTRUSTED) {
            return PullError::Certificate;
        }
        if let Some(error) = error.downcast_ref::<reqwest::Error>() {
            if error.is_timeout() {
                return silence(whole);
            }
            if error.is_builder() {
                return PullError::Endpoint("has an address that cannot be asked");
            }
            connecting = error.is_connect();
            found = if connecting {
                PullError::Connect(io::ErrorKind::Other)
            } else {
                PullError::Broken
            };
        }
        let system = error.downcast_ref::<io::Error>();
        if let Some(system) = system
            && connecting
        {
            found = PullError::Connect(system.kind());
        }
        // `source` of such an error leaves out the very error it was made of.
        next = match system.and_then(io::Error::get_ref) {
            Some(inner) => Some(inner),
            None => error.source(),
        };
    }
    found
}

/// Whether the answer is one. What a server writes beside its refusal is not read.
pub(super) fn verdict(status: StatusCode, headers: &HeaderMap) -> Result<(), PullError> {
    let code = status.as_u16();
    match code {
        200 | 206 => Ok(()),
        300..=399 => Err(PullError::Answer("is a redirect, which is not followed")),
        401 | 403 => Err(PullError::Denied),
        429 => Err(PullError::Wait(retry_after(headers, Utc::now()))),
        503 => match retry_after(headers, Utc::now()) {
            Some(wait) => Err(PullError::Wait(Some(wait))),
            None => Err(PullError::Server(code)),
        },
        408 | 425 | 500..=599 => Err(PullError::Server(code)),
        _ => Err(PullError::Refused(code)),
    }
}

/// How long the server wants us to wait: seconds or a moment. A moment counts from the server's own
/// clock when it gives that, because ours may differ.
fn retry_after(headers: &HeaderMap, now: DateTime<Utc>) -> Option<Duration> {
    let text = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let then = DateTime::parse_from_rfc2822(text).ok()?;
    let theirs = headers
        .get(header::DATE)
        .and_then(|date| DateTime::parse_from_rfc2822(date.to_str().ok()?).ok());
    let now = theirs.map_or(now, |theirs| theirs.to_utc());
    Some((then.to_utc() - now).to_std().unwrap_or_default())
}

/// The address of a server: `https`, and no credential in it. Settings see to that as well; here it
/// is what no credential is ever sent without.
pub(super) fn address(url: &Url) -> Result<&Url, PullError> {
    if url.scheme() != "https" {
        return Err(PullError::Endpoint("has an address that is not https"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(PullError::Endpoint("has a credential in its address"));
    }
    if url.fragment().is_some() {
        return Err(PullError::Endpoint("has an address with a `#`"));
    }
    Ok(url)
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "tests make their own files")]
mod tests {
    use chrono::TimeZone;
    use reqwest::header::HeaderValue;

    use super::*;

    fn headers(pairs: &[(header::HeaderName, &'static str)]) -> HeaderMap {
        let pairs = pairs.iter().cloned();
        pairs
            .map(|(name, value)| (name, HeaderValue::from_static(value)))
            .collect()
    }

    fn waits(pairs: &[(header::HeaderName, &'static str)]) -> Option<u64> {
        let now = Utc.with_ymd_and_hms(2026, 1, 5, 3, 0, 0).unwrap();
        retry_after(&headers(pairs), now).map(|wait| wait.as_secs())
    }

    #[test]
    fn retry_after_is_seconds_or_a_moment() {
        assert_eq!(waits(&[(header::RETRY_AFTER, "120")]), Some(120));
        assert_eq!(waits(&[(header::RETRY_AFTER, " 0 ")]), Some(0));
        let moment = "Mon, 05 Jan 2026 03:00:30 GMT";
        assert_eq!(waits(&[(header::RETRY_AFTER, moment)]), Some(30));
        let past = "Mon, 05 Jan 2026 02:00:00 GMT";
        assert_eq!(waits(&[(header::RETRY_AFTER, past)]), Some(0));
        for nonsense in ["", "-5", "soon", "1e3", "99999999999999999999999"] {
            assert_eq!(waits(&[(header::RETRY_AFTER, nonsense)]), None);
        }
        assert_eq!(waits(&[]), None);
    }

    #[test]
    fn a_moment_counts_from_the_servers_clock() {
        let theirs = "Mon, 05 Jan 2026 03:20:00 GMT";
        let moment = "Mon, 05 Jan 2026 03:20:45 GMT";
        let pairs = [(header::RETRY_AFTER, moment), (header::DATE, theirs)];
        assert_eq!(waits(&pairs), Some(45));
    }

    #[test]
    fn answers_are_sorted() {
        let of = |code: u16, pairs: &[(header::HeaderName, &'static str)]| {
            verdict(StatusCode::from_u16(code).unwrap(), &headers(pairs))
        };
        let later = [(header::RETRY_AFTER, "7")];
        let wait = Err(PullError::Wait(Some(Duration::from_secs(7))));
        assert_eq!(of(200, &[]), Ok(()));
        assert_eq!(of(204, &[]), Err(PullError::Refused(204)));
        assert_eq!(of(401, &[]), Err(PullError::Denied));
        assert_eq!(of(404, &[]), Err(PullError::Refused(404)));
        assert_eq!(of(408, &[]), Err(PullError::Server(408)));
        assert_eq!(of(429, &[]), Err(PullError::Wait(None)));
        assert_eq!(of(429, &later), wait);
        assert_eq!(of(500, &later), Err(PullError::Server(500)));
        assert_eq!(of(503, &[]), Err(PullError::Server(503)));
        assert_eq!(of(503, &later), wait);
        let redirect = of(302, &[]).unwrap_err();
        assert!(!redirect.transient());
    }

    #[test]
    fn only_https_without_a_credential() {
        let of = |text: &str| address(&Url::parse(text).unwrap()).map(|_| ());
        assert_eq!(of("https://partner.example/api?vorm=kort"), Ok(()));
        for wrong in [
            "http://127.0.0.1/api",
            "ftp://partner.example/",
            "https://user@partner.example/",
            "https://:secret@partner.example/",
            "https://partner.example/#deel",
        ] {
            assert!(of(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_ca_that_is_none_is_refused() {
        let junk: [&[u8]; 3] = [
            b"",
            b"not a certificate",
            b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        ];
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ca.pem");
        let of = |path: &Path| Web::new(Some(path), Duration::from_secs(1)).err();
        for pem in junk {
            std::fs::write(&file, pem).unwrap();
            assert_eq!(of(&file), Some(NO_CERTIFICATE));
        }
        let nowhere = of(&folder.path().join("nowhere"));
        assert!(matches!(nowhere, Some(PullError::Endpoint(_))));
    }

    #[test]
    fn an_answer_has_an_end_and_a_file_may_be_large() {
        let web = Web::new(None, Duration::from_mins(1)).unwrap();
        let never = || std::future::pending::<Result<(), io::Error>>();
        let mut answer = Patience::new(Duration::from_mins(1));
        answer.in_all = Some(Duration::from_millis(1));
        answer.came(FLOOR);
        assert_eq!(web.wait_with(&mut answer, never()), Err(TOO_SLOW));
        let mut file = Patience::of_file(Duration::from_millis(1));
        assert_eq!(
            web.wait_with(&mut file, never()),
            Err(PullError::Silence(0))
        );
    }

    #[test]
    fn a_trickle_is_silence_and_a_stream_is_not() {
        let mut patience = Patience::new(Duration::from_mins(1));
        patience.left = Duration::from_secs(1);
        patience.came(FLOOR - 1);
        assert_eq!(patience.left, Duration::from_secs(1));
        patience.came(1);
        assert_eq!(patience.left, Duration::from_mins(1));
    }
}
