//! Where partners deliver: `[endpoint.SOURCE]`, one for each source that is fetched.
//!
//! An endpoint says where, and by which name the credential is known. The credential itself stands in
//! none of the layers: neither as a setting nor inside an address.

use std::collections::BTreeMap;
use std::path::PathBuf;

use config::{Map, Value, ValueKind};
pub use reqwest::Url;

use super::SettingsError;

/// The section of endpoints.
pub(super) const SECTION: &str = "endpoint";
/// What an endpoint can say.
pub(super) const FIELDS: [&str; 6] = ["url", "credential", "known_hosts", "ca", "region", "server"];
/// The fields that are paths.
pub(super) const PATHS: [&str; 2] = ["known_hosts", "ca"];

/// Longest name of a credential.
const LONGEST_NAME: usize = 64;
/// Names of parameters in an address that carry a credential.
const SECRET_PARAMETERS: [&str; 7] = ["key", "token", "secret", "passw", "pwd", "auth", "sig"];

/// Where one partner delivers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// The address; its scheme is one of [`Scheme`].
    pub url: Url,
    /// How it is spoken to.
    pub scheme: Scheme,
    /// The name of the credential.
    pub credential: String,
    /// The host keys that are known, for SFTP.
    pub known_hosts: Option<PathBuf>,
    /// A certificate authority that is trusted besides those of the system (PEM), for HTTPS and S3.
    pub ca: Option<PathBuf>,
    /// The region of the bucket, for S3.
    pub region: Option<String>,
    /// The server of the bucket, for S3 that is not Amazon's.
    pub server: Option<Url>,
}

/// How an endpoint is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// `sftp://user@host:port/folder`
    Sftp,
    /// `s3://bucket/prefix`
    S3,
    /// `https://host/path`
    Https,
}

impl Scheme {
    const ALL: [Self; 3] = [Self::Sftp, Self::S3, Self::Https];

    /// Its name, in an address and as the `channel` of a pipeline.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sftp => "sftp",
            Self::S3 => "s3",
            Self::Https => "https",
        }
    }

    /// The fields that say nothing under this scheme.
    const fn foreign(self) -> &'static [&'static str] {
        match self {
            Self::Sftp => &["ca", "region", "server"],
            Self::S3 => &["known_hosts"],
            Self::Https => &["known_hosts", "region", "server"],
        }
    }
}

/// Whether `name` can be the name of a source.
pub(super) fn is_source(name: &str) -> bool {
    !name.is_empty()
        && name
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

/// Reads every endpoint of the merged layers.
pub(super) fn read(
    section: Option<Map<String, Value>>,
) -> Result<BTreeMap<String, Endpoint>, SettingsError> {
    let sorted: BTreeMap<String, Value> = section.unwrap_or_default().into_iter().collect();
    sorted
        .into_iter()
        .map(|(source, value)| {
            let fields = value.into_table().unwrap_or_default();
            let entry = Entry {
                source: &source,
                fields: &fields,
            };
            let endpoint = entry.endpoint()?;
            Ok((source, endpoint))
        })
        .collect()
}

/// The fields of one endpoint. No error repeats what was filled in: it may be a credential that stands
/// in the wrong place.
struct Entry<'a> {
    source: &'a str,
    fields: &'a Map<String, Value>,
}

impl Entry<'_> {
    fn endpoint(&self) -> Result<Endpoint, SettingsError> {
        let url = self.required("url")?;
        let (url, scheme) = self.address(&url)?;
        if let Some(field) = scheme.foreign().iter().find(|f| self.has(f)) {
            return Err(self.fault(
                field,
                &format!(
                    "says nothing about an address that begins with {}:",
                    scheme.name()
                ),
                "remove it",
            ));
        }
        let credential = self.required("credential")?;
        if credential.len() > LONGEST_NAME || !is_source(&credential) {
            return Err(self.fault(
                "credential",
                "is not a name of small letters, digits and -",
                "give the credential a name here and keep it in paths.credentials, in a file of that name",
            ));
        }
        let known_hosts = self.text("known_hosts")?.map(PathBuf::from);
        if scheme == Scheme::Sftp && known_hosts.is_none() {
            return Err(self.fault(
                "known_hosts",
                "is missing",
                "write the host key that the partner gave you into a file and name it here",
            ));
        }
        let server = match self.text("server")? {
            Some(server) => Some(self.server(&server)?),
            None => None,
        };
        Ok(Endpoint {
            url,
            scheme,
            credential,
            known_hosts,
            ca: self.text("ca")?.map(PathBuf::from),
            region: self.text("region")?,
            server,
        })
    }

    /// The address, which must be whole, of a known scheme, and hold no credential.
    fn address(&self, text: &str) -> Result<(Url, Scheme), SettingsError> {
        let fault = |message: &str, remedy: &str| self.fault("url", message, remedy);
        let form = "write sftp://user@host:22/folder, https://host/path or s3://bucket/prefix";
        let url = Url::parse(text).map_err(|_| fault("is not an address", form))?;
        let scheme = Scheme::ALL.into_iter().find(|s| s.name() == url.scheme());
        let scheme = scheme.ok_or_else(|| fault("is neither sftp, https nor s3", form))?;
        if url.host_str().is_none_or(str::is_empty) {
            return Err(fault("names no host or bucket", form));
        }
        let user = !url.username().is_empty();
        if url.password().is_some() || (user && scheme != Scheme::Sftp) {
            return Err(fault(
                "holds a credential",
                "take it out, change it at the partner's, and name it with `credential`",
            ));
        }
        if scheme == Scheme::Sftp && !user {
            return Err(fault("names no user", "write sftp://user@host:22/folder"));
        }
        if url.fragment().is_some() || (url.query().is_some() && scheme != Scheme::Https) {
            return Err(fault("has more than a host and a path", form));
        }
        let secret = |name: &str| {
            let name = name.to_ascii_lowercase();
            SECRET_PARAMETERS.iter().any(|part| name.contains(part))
        };
        if url.query_pairs().any(|(name, _)| secret(&name)) {
            return Err(fault(
                "has a parameter that looks like a credential",
                "take it out and name it with `credential`: it is sent as a header",
            ));
        }
        Ok((url, scheme))
    }

    /// The server of a bucket.
    fn server(&self, text: &str) -> Result<Url, SettingsError> {
        let plain = |url: &Url| {
            url.scheme() == "https"
                && url.username().is_empty()
                && url.password().is_none()
                && url.query().is_none()
                && url.fragment().is_none()
        };
        Url::parse(text).ok().filter(plain).ok_or_else(|| {
            self.fault(
                "server",
                "is not an address that begins with https: and holds no credential",
                "write https://host",
            )
        })
    }

    fn has(&self, field: &str) -> bool {
        self.fields.contains_key(field)
    }

    fn required(&self, field: &'static str) -> Result<String, SettingsError> {
        self.text(field)?
            .ok_or_else(|| self.fault(field, "is missing", "fill it in"))
    }

    fn text(&self, field: &str) -> Result<Option<String>, SettingsError> {
        match self.fields.get(field).map(|value| &value.kind) {
            None => Ok(None),
            Some(ValueKind::String(text)) if !text.trim().is_empty() => Ok(Some(text.clone())),
            Some(ValueKind::String(_)) => {
                Err(self.fault(field, "is empty", "fill it in or remove it"))
            }
            Some(_) => Err(self.fault(field, "is not text", "write it between quotes")),
        }
    }

    fn fault(&self, field: &str, message: &str, remedy: &str) -> SettingsError {
        let key = format!("{SECTION}.{}.{field}", self.source);
        SettingsError::value(&key, message, remedy)
    }
}

impl Endpoint {
    /// The user in the address, as it is meant.
    #[must_use]
    pub fn user(&self) -> Option<String> {
        decoded(self.url.username())
    }

    /// The path in the address, as it is meant.
    #[must_use]
    pub fn path(&self) -> Option<String> {
        decoded(self.url.path())
    }
}

/// Text in which `%20` stands for a space; `None` when it is not UTF-8.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('%') {
        bytes.extend_from_slice(before.as_bytes());
        if let Some(byte) = after.get(..2).and_then(crate::hex::decode) {
            bytes.extend(byte);
            rest = after.get(2..).unwrap_or_default();
        } else {
            bytes.push(b'%');
            rest = after;
        }
    }
    bytes.extend_from_slice(rest.as_bytes());
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::decoded;

    #[test]
    fn an_address_is_read_as_it_is_meant() {
        for (text, meant) in [
            ("/uit", Some("/uit")),
            ("/map%20twee/a%2fb", Some("/map twee/a/b")),
            ("/100%/x", Some("/100%/x")),
            ("/%c3%a9n%", Some("/én%")),
            ("/%ff", None),
        ] {
            assert_eq!(decoded(text).as_deref(), meant, "{text}");
        }
    }
}
