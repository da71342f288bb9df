//! Files from an S3 bucket.
//!
//! In: a bucket with a prefix, a server or a region, and a key. Out: the files directly below the
//! prefix, and the bytes of each from any offset on, as long as it is the file that was listed: its
//! entity tag goes with every question. Nothing comes from the environment, and nothing is written.

mod guard;

use std::collections::HashSet;
use std::time::Duration;

use futures::TryStreamExt;
use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::list::{PaginatedListOptions, PaginatedListStore};
use object_store::path::Path;
use object_store::{GetOptions, GetRange, GetResult, ObjectMeta, ObjectStore, RetryConfig};

use self::guard::Guarded;
use super::credential::Credential;
use super::web::{self, Patience, Web};
use super::{FileStore, Offer, PullError};
use crate::settings::endpoint::{Endpoint, Url};

/// A longer list than this is refused.
pub const MAX_FILES: usize = 100_000;

/// Pages of the list: each holds a thousand names.
const MAX_LISTS: usize = 1_000;

/// What goes into an address has an end.
const MAX_TOKEN: usize = 4096;
const MAX_NAME: usize = 255;

const ODD_LIST: PullError = PullError::Answer("lists what cannot be a file");
const LONG_LIST: PullError = PullError::Answer("lists more files than accepted");

/// The files below a prefix in an S3 bucket.
pub struct S3 {
    web: Web,
    store: AmazonS3,
    prefix: Path,
}

impl S3 {
    /// A bucket; nothing is asked yet.
    ///
    /// # Errors
    /// The endpoint, the credential or the certificate is not one.
    pub fn open(
        endpoint: &Endpoint,
        credential: &Credential,
        silence: Duration,
    ) -> Result<Self, PullError> {
        let (bucket, prefix) = place(endpoint.url.as_str())?;
        let login = credential.s3()?;
        if !login.key_id.bytes().all(plain) {
            return Err(credential.fault("has an odd KEYID"));
        }
        let web = Web::new(endpoint.ca.as_deref(), silence)?;
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(bucket)
            .with_region(region(endpoint)?)
            .with_access_key_id(login.key_id)
            .with_secret_access_key(login.secret)
            .with_virtual_hosted_style_request(false)
            .with_http_connector(Guarded(web.client().clone()))
            .with_retry(RetryConfig {
                max_retries: 0,
                ..RetryConfig::default()
            });
        if let Some(server) = &endpoint.server {
            builder = builder.with_endpoint(host(server)?);
        }
        let store = builder
            .build()
            .map_err(|_| PullError::Endpoint("is not one that S3 knows"))?;
        Ok(Self { web, store, prefix })
    }

    /// The files on one page of the list, and where the next page begins.
    fn page(
        &self,
        token: Option<String>,
        patience: &mut Patience,
    ) -> Result<(Vec<Offer>, Option<String>), PullError> {
        let below = Some(format!("{}/", self.prefix)).filter(|below| below != "/");
        let options = PaginatedListOptions {
            delimiter: Some("/".into()),
            page_token: token,
            ..PaginatedListOptions::default()
        };
        let listing = self.store.list_paginated(below.as_deref(), options);
        let listing = self.web.wait_with(patience, listing)?;
        patience.renew();
        let objects = listing.result.objects.iter();
        // The prefix itself may be listed: an empty object that makes it look like a folder.
        let files = objects.filter(|object| object.location != self.prefix);
        let files = files.map(offer).collect::<Result<_, _>>()?;
        match listing.page_token {
            Some(token) if token.len() > MAX_TOKEN => Err(ODD_LIST),
            token => Ok((files, token)),
        }
    }

    /// Begins to read; the answer is about the file that was offered.
    fn get(&self, offer: &Offer, from: u64) -> Result<GetResult, PullError> {
        let tagged = !offer.mark.starts_with(TIME);
        if offer.name.len() > MAX_NAME || !printable(&offer.mark) {
            return Err(ODD_LIST);
        }
        let below = Path::parse(format!("{}/{}", self.prefix, offer.name));
        let options = GetOptions {
            if_match: tagged.then(|| offer.mark.clone()),
            range: (from > 0).then_some(GetRange::Offset(from)),
            ..GetOptions::default()
        };
        let location = below.map_err(|_| ODD_LIST)?;
        let opened = self.web.wait(self.store.get_opts(&location, options));
        let opened = opened.map_err(|error| match error {
            // Gone, another entity tag, or shorter than it was.
            PullError::Refused(404 | 412 | 416) => PullError::Changed,
            other => other,
        })?;
        if opened.meta.size == offer.bytes && same(&mark(&opened.meta), &offer.mark) {
            Ok(opened)
        } else {
            Err(PullError::Changed)
        }
    }
}

impl FileStore for S3 {
    fn list(&mut self) -> Result<Vec<Offer>, PullError> {
        let mut offers = Vec::new();
        let mut tokens = HashSet::new();
        let mut token = None;
        let mut patience = Patience::new(self.web.silence());
        for _ in 0..MAX_LISTS {
            let (files, next) = self.page(token, &mut patience)?;
            offers.extend(files);
            if offers.len() > MAX_FILES {
                return Err(LONG_LIST);
            }
            let Some(next) = next else {
                return Ok(offers);
            };
            if !tokens.insert(next.clone()) {
                return Err(PullError::Answer("leads back to files that were listed"));
            }
            token = Some(next);
        }
        Err(LONG_LIST)
    }

    fn read(
        &mut self,
        offer: &Offer,
        from: u64,
        take: &mut dyn FnMut(&[u8]) -> Result<(), PullError>,
    ) -> Result<(), PullError> {
        let mut left = match offer.bytes.checked_sub(from) {
            // Nothing is left to ask for, and a range of nothing is an error to S3.
            Some(0) => return Ok(()),
            Some(left) => left,
            None => return Err(PullError::Changed),
        };
        let mut stream = self.get(offer, from)?.into_stream();
        let mut patience = Patience::of_file(self.web.silence());
        while let Some(bytes) = self.web.wait_with(&mut patience, stream.try_next())? {
            let count = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
            left = left
                .checked_sub(count)
                .ok_or(PullError::Answer("is longer than it said"))?;
            patience.came(bytes.len());
            take(&bytes)?;
        }
        if left == 0 {
            Ok(())
        } else {
            Err(PullError::Broken)
        }
    }
}

/// Marks a file by when it changed, where a server gives no entity tag.
const TIME: &str = "time:";

fn offer(object: &ObjectMeta) -> Result<Offer, PullError> {
    let mark = mark(object);
    if !printable(&mark) || mark.len() > MAX_TOKEN {
        return Err(ODD_LIST);
    }
    Ok(Offer {
        name: object.location.filename().ok_or(ODD_LIST)?.to_owned(),
        bytes: object.size,
        mark,
        // An object is there whole or not at all.
        modified: None,
    })
}

fn mark(object: &ObjectMeta) -> String {
    match &object.e_tag {
        Some(tag) => tag.clone(),
        // Whole seconds: that is what the header of an answer tells.
        None => format!("{TIME}{}", object.last_modified.timestamp()),
    }
}

/// Whether two marks are of the same content: a list may leave out the quotes of a tag.
fn same(one: &str, other: &str) -> bool {
    let bare = |mark: &str| {
        let strong = mark.strip_prefix("W/").unwrap_or(mark);
        strong.trim_matches('"').to_owned()
    };
    bare(one) == bare(other)
}

/// Whether a text can stand in a header.
fn printable(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| (b' '..=b'~').contains(&byte))
}

/// Bucket and prefix of `s3://BUCKET/PREFIX`.
fn place(url: &str) -> Result<(&str, Path), PullError> {
    let rest = url.strip_prefix("s3://");
    let rest = rest.ok_or(PullError::Endpoint("has a url that is not s3"))?;
    let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
    let end = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let known = |byte: u8| end(byte) || byte == b'-' || byte == b'.';
    let edges = [bucket.bytes().next(), bucket.bytes().next_back()];
    if !(3..=63).contains(&bucket.len())
        || !bucket.bytes().all(known)
        || edges.iter().any(|edge| !edge.is_some_and(end))
        || bucket.contains("..")
    {
        return Err(PullError::Endpoint(
            "has a url without the name of a bucket",
        ));
    }
    let odd =
        prefix.len() > MAX_NAME || prefix.starts_with('/') || prefix.contains(['?', '#', '%']);
    match Path::parse(prefix) {
        Ok(path) if !odd => Ok((bucket, path)),
        _ => Err(PullError::Endpoint("has a url with an odd prefix")),
    }
}

/// What may stand in a name of a key or a region, both of which are signed for in a header.
const fn plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.')
}

/// The region to sign for. A server of one's own often has none, and then takes Amazon's first.
fn region(endpoint: &Endpoint) -> Result<&str, PullError> {
    match (&endpoint.region, &endpoint.server) {
        (Some(region), _) if !region.is_empty() && region.bytes().all(plain) => Ok(region),
        (Some(_), _) => Err(PullError::Endpoint("has an odd region")),
        (None, Some(_)) => Ok("us-east-1"),
        (None, None) => Err(PullError::Endpoint("needs a region or a server")),
    }
}

/// The address of a server, without anything behind the host.
fn host(server: &Url) -> Result<String, PullError> {
    let url = web::address(server)?;
    if url.path() != "/" || url.query().is_some() {
        return Err(PullError::Endpoint(
            "has a server with something behind its host",
        ));
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::endpoint::Scheme;

    fn endpoint(url: &str) -> Endpoint {
        Endpoint {
            url: Url::parse(url).unwrap(),
            scheme: Scheme::S3,
            credential: "partner".to_owned(),
            known_hosts: None,
            ca: None,
            region: None,
            server: Some(Url::parse("https://s3.example").unwrap()),
        }
    }

    fn open(endpoint: &Endpoint, secret: &str) -> Result<S3, PullError> {
        let credential = Credential::new("partner", secret).unwrap();
        S3::open(endpoint, &credential, Duration::from_secs(1))
    }

    #[test]
    fn a_bucket_and_a_prefix() {
        for (url, bucket, prefix) in [
            ("s3://rogplus", "rogplus", ""),
            ("s3://rogplus/", "rogplus", ""),
            ("s3://rog.plus-1/uit/iwmo", "rog.plus-1", "uit/iwmo"),
            ("s3://rogplus/uit/", "rogplus", "uit"),
        ] {
            let (found, path) = place(url).unwrap();
            assert_eq!((found, path.as_ref()), (bucket, prefix));
        }
        for wrong in [
            "https://rogplus/uit",
            "s3:/rogplus",
            "s3://",
            "s3://ab",
            "s3://Rogplus",
            "s3://rog_plus",
            "s3://user:geheim@rogplus/x",
            "s3://-rogplus",
            "s3://rog..plus",
            "s3://rogplus//uit",
            "s3://rogplus/uit/../in",
            "s3://rogplus/uit?x=1",
            "s3://rogplus/u\nit",
            "s3://rogplus/uit%20er",
        ] {
            let error = place(wrong).err();
            assert!(matches!(error, Some(PullError::Endpoint(_))), "{wrong}");
        }
    }

    #[test]
    fn the_server_is_https_and_nothing_else() {
        let with = |server: Option<&str>, region: Option<&str>| {
            let mut endpoint = endpoint("s3://rogplus");
            endpoint.server = server.map(|server| Url::parse(server).unwrap());
            endpoint.region = region.map(ToOwned::to_owned);
            open(&endpoint, "id:secret").err()
        };
        assert_eq!(with(Some("https://127.0.0.1:9000"), None), None);
        assert_eq!(with(None, Some("eu-central-1")), None);
        for (server, region) in [
            (Some("http://127.0.0.1:9000"), None),
            (Some("https://user:geheim@s3.example"), None),
            (Some("https://s3.example/deel"), None),
            (Some("https://s3.example/?x=1"), None),
            (Some("https://s3.example"), Some("a b")),
            (Some("https://s3.example"), Some("")),
            (None, None),
        ] {
            let error = with(server, region);
            assert!(
                matches!(error, Some(PullError::Endpoint(_))),
                "{server:?} {region:?}"
            );
        }
    }

    #[test]
    fn a_key_is_an_id_and_a_secret() {
        for wrong in [
            "geheim",
            ":geheim",
            "id:",
            "i/d:geheim",
            "id,x=y:geheim",
            "i\"d:geheim",
        ] {
            let error = open(&endpoint("s3://rogplus"), wrong).err().unwrap();
            assert!(matches!(error, PullError::Credential { .. }), "{wrong}");
            assert!(!format!("{error} {error:?}").contains("geheim"));
        }
    }

    #[test]
    fn marks_are_the_same_with_and_without_quotes() {
        assert!(same("\"abc\"", "abc"));
        assert!(same("W/\"abc\"", "\"abc\""));
        assert!(!same("\"abc\"", "\"abd\""));
        assert!(!printable(""));
        assert!(!printable("a\nb"));
        assert!(printable("\"d41d8cd9-2\""));
    }

    #[test]
    fn a_file_that_is_all_there_is_not_asked_for() {
        let mut bucket = open(&endpoint("s3://rogplus"), "id:secret").unwrap();
        let offer = Offer {
            name: "a.csv".to_owned(),
            bytes: 3,
            mark: "\"x\"".to_owned(),
            modified: None,
        };
        let mut take = |_: &[u8]| Ok(());
        assert_eq!(bucket.read(&offer, 3, &mut take), Ok(()));
        assert_eq!(bucket.read(&offer, 4, &mut take), Err(PullError::Changed));
    }
}
