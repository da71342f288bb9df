//! Objects of an S3 bucket: from moto on loopback, and from a server of our own that does what S3
//! seldom does.

use std::path::Path;
use std::time::Duration;

use sluis::settings::endpoint::{Endpoint, Scheme, Url};
use sluis::source::channel::credential::Credential;
use sluis::source::channel::s3::S3;
use sluis::source::channel::{FileStore, Offer, PullError};

use super::moto::{Moto, moto};
use super::tls::{Authority, Manner, Proxy, Reply, Request, Server};

/// Long enough for a machine that is busy.
const PATIENT: Duration = Duration::from_mins(1);

fn endpoint(port: u16, place: &str, ca: &Path) -> Endpoint {
    Endpoint {
        url: Url::parse(&format!("s3://{place}")).unwrap(),
        scheme: Scheme::S3,
        credential: "partner".to_owned(),
        known_hosts: None,
        ca: Some(ca.to_owned()),
        region: Some("eu-central-1".to_owned()),
        server: Some(Url::parse(&format!("https://127.0.0.1:{port}")).unwrap()),
    }
}

fn open(endpoint: &Endpoint, key: &str) -> S3 {
    let credential = Credential::new("partner", key).unwrap();
    S3::open(endpoint, &credential, PATIENT).unwrap()
}

fn bucket(moto: &Moto, port: u16, place: &str) -> S3 {
    open(&endpoint(port, place, &moto.ca), &moto.key)
}

fn names(store: &mut S3) -> Vec<String> {
    let mut names: Vec<String> = store.list().unwrap().into_iter().map(|o| o.name).collect();
    names.sort();
    names
}

/// What comes from an offset on, until the end or a fault.
fn read(store: &mut S3, offer: &Offer, from: u64) -> (Vec<u8>, Option<PullError>) {
    let mut got = Vec::new();
    let outcome = store.read(offer, from, &mut |bytes| {
        got.extend_from_slice(bytes);
        Ok(())
    });
    (got, outcome.err())
}

fn large() -> String {
    (0..400_000).fold(String::new(), |text, row| text + &format!("{row};x\n"))
}

#[test]
fn only_files_directly_below_the_prefix_are_listed() {
    let Some(moto) = moto() else { return };
    let objects = [
        ("uit/", ""),
        ("uit/a_20260101.zip", "a"),
        ("uit/b é&<+ %41.csv", "bb"),
        ("uit/oud/c.csv", "c"),
        ("uitgaand.csv", "d"),
        ("e.csv", "e"),
    ];
    moto.put("lijst", &objects);
    let mut below = bucket(moto, moto.port, "lijst/uit/");
    assert_eq!(names(&mut below), ["a_20260101.zip", "b é&<+ %41.csv"]);
    for offer in below.list().unwrap() {
        let whole = if offer.bytes == 1 { "a" } else { "bb" };
        assert_eq!(read(&mut below, &offer, 0), (whole.into(), None));
    }
    let mut all = bucket(moto, moto.port, "lijst");
    assert_eq!(names(&mut all), ["e.csv", "uitgaand.csv"]);
    let first = all.list().unwrap().remove(0);
    assert_eq!(read(&mut all, &first, 0), (b"e".to_vec(), None));
    assert!(names(&mut bucket(moto, moto.port, "lijst/niets")).is_empty());
}

#[test]
fn a_list_of_many_pages_is_whole() {
    let Some(moto) = moto() else { return };
    let many: Vec<String> = (0..2_345).map(|n| format!("uit/{n:05}.csv")).collect();
    let objects: Vec<(&str, &str)> = many.iter().map(|name| (name.as_str(), "x")).collect();
    moto.put("veel", &objects);
    let listed = names(&mut bucket(moto, moto.port, "veel/uit"));
    let wanted: Vec<&str> = many.iter().map(|name| &name[4..]).collect();
    assert_eq!(listed, wanted);
}

#[test]
fn a_file_that_broke_off_goes_on_where_it_was() {
    let Some(moto) = moto() else { return };
    let text = large();
    moto.put("breuk", &[("uit/groot.csv", &text)]);
    let offers = bucket(moto, moto.port, "breuk/uit").list().unwrap();
    let [offer] = offers.as_slice() else {
        panic!("{offers:?}")
    };
    assert_eq!(offer.bytes, text.len() as u64);
    let half = offer.bytes / 2;
    let proxy = Proxy::start(moto.port, half, 1);
    let mut store = bucket(moto, proxy.port, "breuk/uit");
    let (first, error) = read(&mut store, offer, 0);
    assert_eq!(error, Some(PullError::Broken));
    assert!(
        !first.is_empty() && first.len() < text.len(),
        "{}",
        first.len()
    );
    assert_eq!(proxy.broken(), 1);
    let (rest, error) = read(&mut store, offer, first.len() as u64);
    assert_eq!(error, None);
    assert!([first, rest].concat() == text.as_bytes());
}

#[test]
fn a_file_that_changed_is_not_the_one_that_was_offered() {
    let Some(moto) = moto() else { return };
    moto.put(
        "ander",
        &[("uit/a.csv", "een;1\n"), ("uit/b.csv", "een;1\n")],
    );
    let mut store = bucket(moto, moto.port, "ander/uit");
    let offers = store.list().unwrap();
    moto.put("ander", &[("uit/a.csv", "een;2\n")]);
    moto.delete("ander", "uit/b.csv");
    for offer in &offers {
        for from in [0, 3] {
            let (got, error) = read(&mut store, offer, from);
            assert_eq!(error, Some(PullError::Changed), "{}", offer.name);
            assert!(got.is_empty());
        }
    }
    let now = store.list().unwrap();
    assert_eq!(now.len(), 1);
    assert_ne!(now[0].mark, offers[0].mark);
    assert_eq!(read(&mut store, &now[0], 3), (b";2\n".to_vec(), None));
}

#[test]
fn an_error_of_the_reader_ends_the_reading() {
    let Some(moto) = moto() else { return };
    moto.put("vol", &[("uit/groot.csv", &large())]);
    let mut store = bucket(moto, moto.port, "vol/uit");
    let offer = store.list().unwrap().remove(0);
    let full = PullError::Landing(std::io::ErrorKind::StorageFull);
    let mut times = 0;
    let outcome = store.read(&offer, 0, &mut |_| {
        times += 1;
        Err(full.clone())
    });
    assert_eq!((outcome, times), (Err(full), 1));
}

#[test]
fn a_wrong_key_is_denied() {
    let Some(moto) = moto() else { return };
    moto.put("dicht", &[("uit/a.csv", "a")]);
    let id = moto.key.split(':').next().unwrap();
    let there = endpoint(moto.port, "dicht/uit", &moto.ca);
    for key in [format!("{id}:fout"), "AKIAONBEKEND:fout".to_owned()] {
        let mut store = open(&there, &key);
        let error = store.list().unwrap_err();
        assert_eq!(error, PullError::Denied);
    }
    let mut nowhere = bucket(moto, moto.port, "bestaat-niet");
    assert_eq!(nowhere.list(), Err(PullError::Refused(404)));
}

#[test]
fn only_certificates_that_hold_are_trusted() {
    let Some(moto) = moto() else { return };
    let folder = tempfile::tempdir().unwrap();
    let stranger = Authority::new().file(folder.path());
    let mut store = open(&endpoint(moto.port, "lijst", &stranger), &moto.key);
    assert_eq!(store.list(), Err(PullError::Certificate));
    let mut named = endpoint(moto.port, "lijst", &moto.ca);
    let elsewhere = format!("https://localhost:{}", moto.port);
    named.server = Some(Url::parse(&elsewhere).unwrap());
    assert_eq!(open(&named, &moto.key).list(), Err(PullError::Certificate));
}

/// A server that answers so, and its bucket.
fn fake(
    silence: Duration,
    handler: impl Fn(&Request) -> Reply + Send + Sync + 'static,
) -> (Server, S3) {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::new();
    let server = Server::start(&authority.identity(&["127.0.0.1"]), handler);
    let endpoint = endpoint(server.port, "emmer/uit", &authority.file(folder.path()));
    let credential = Credential::new("partner", "id:geheim").unwrap();
    let store = S3::open(&endpoint, &credential, silence).unwrap();
    (server, store)
}

fn listed(keys: &[&str], token: Option<&str>) -> Reply {
    let contents = keys.iter().map(|key| {
        format!(
            "<Contents><Key>{key}</Key><Size>10</Size><ETag>\"t\"</ETag>\
             <LastModified>2026-01-05T03:00:00.000Z</LastModified></Contents>"
        )
    });
    let contents: String = contents.collect();
    let token = token.map_or_else(String::new, |token| {
        format!("<NextContinuationToken>{token}</NextContinuationToken>")
    });
    Reply::new(
        200,
        format!("<ListBucketResult>{contents}{token}</ListBucketResult>"),
    )
}

fn ten() -> Offer {
    Offer {
        name: "a.csv".to_owned(),
        bytes: 10,
        mark: "\"t\"".to_owned(),
        modified: None,
    }
}

#[test]
fn a_server_that_fails_is_told_in_our_words() {
    for (reply, error) in [
        (Reply::new(500, "naam: Jansen"), PullError::Server(500)),
        (Reply::new(503, "SlowDown"), PullError::Server(503)),
        (
            Reply::new(503, "SlowDown").header("retry-after", "9"),
            PullError::Wait(Some(Duration::from_secs(9))),
        ),
        (Reply::new(403, "Jansen"), PullError::Denied),
        (Reply::new(400, "Jansen"), PullError::Refused(400)),
        (listed(&[], None).manner(Manner::Cut(20)), PullError::Broken),
    ] {
        let (server, mut store) = fake(PATIENT, move |_| reply.clone());
        assert_eq!(store.list(), Err(error.clone()));
        // Trying again is not for this layer.
        assert_eq!(server.asked().len(), 1);
        assert_ne!(
            error.transient(),
            matches!(error, PullError::Denied | PullError::Refused(_))
        );
    }
}

#[test]
fn a_redirect_is_not_followed() {
    let (other, _) = fake(PATIENT, |_| listed(&[], None));
    let to = other.url("/emmer");
    let (_server, mut store) = fake(PATIENT, move |_| {
        Reply::new(307, "").header("location", &to)
    });
    assert!(matches!(store.list(), Err(PullError::Answer(_))));
    assert!(other.asked().is_empty());
}

#[test]
fn an_odd_list_is_refused() {
    let long = "x".repeat(5_000);
    for reply in [
        Reply::new(200, "<html>Log in</html>"),
        Reply::new(200, ""),
        Reply::new(
            200,
            "<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>",
        ),
        listed(&["uit/.."], None),
        listed(&["uit/a&#10;b"], None),
        listed(&["uit//a"], None),
        listed(&[], Some("altijd")),
        listed(&[], Some(&long)),
        Reply::new(200, vec![b' '; 17 << 20]).manner(Manner::Unmeasured),
    ] {
        let (_server, mut store) = fake(PATIENT, move |_| reply.clone());
        let error = store.list();
        assert!(matches!(error, Err(PullError::Answer(_))), "{error:?}");
    }
}

#[test]
fn an_entity_tag_that_fits_no_header_is_refused() {
    let body = "<ListBucketResult><Contents><Key>uit/a.csv</Key><Size>10</Size><ETag>a&#10;b</ETag>\
                <LastModified>2026-01-05T03:00:00.000Z</LastModified></Contents></ListBucketResult>";
    let (_server, mut store) = fake(PATIENT, move |_| Reply::new(200, body));
    assert!(matches!(store.list(), Err(PullError::Answer(_))));
    let mut offer = ten();
    offer.mark = "a\nb".to_owned();
    assert!(matches!(
        read(&mut store, &offer, 0).1,
        Some(PullError::Answer(_))
    ));
}

#[test]
fn without_entity_tags_the_time_of_change_tells() {
    let body = "<ListBucketResult><Contents><Key>uit/a.csv</Key><Size>10</Size>\
                <LastModified>2026-01-05T03:00:00.123Z</LastModified></Contents></ListBucketResult>";
    for (changed, error) in [
        ("Mon, 05 Jan 2026 03:00:00 GMT", None),
        ("Mon, 05 Jan 2026 03:00:01 GMT", Some(PullError::Changed)),
    ] {
        let (server, mut store) = fake(PATIENT, move |request| {
            if request.path.contains("list-type") {
                return Reply::new(200, body);
            }
            Reply::new(200, "0123456789").header("last-modified", changed)
        });
        let offer = store.list().unwrap().remove(0);
        assert_eq!(read(&mut store, &offer, 0).1, error);
        assert_eq!(server.asked()[1].header("if-match"), "");
    }
}

#[test]
fn a_part_must_be_the_part() {
    let part = |range: &'static str, body: &'static str| {
        move |request: &Request| {
            assert_eq!(request.header("range"), "bytes=4-");
            assert_eq!(request.header("if-match"), "\"t\"");
            let reply = Reply::new(206, body).header("etag", "\"t\"");
            reply.header("content-range", range)
        }
    };
    let (_server, mut store) = fake(PATIENT, part("bytes 4-9/10", "456789"));
    assert_eq!(read(&mut store, &ten(), 4), (b"456789".to_vec(), None));
    for (range, body) in [
        ("bytes 3-9/10", "3456789"),
        ("bytes 4-18446744073709551615/10", "456789"),
        ("bytes */10", "456789"),
        ("", "456789"),
    ] {
        let (_server, mut store) = fake(PATIENT, part(range, body));
        let (got, error) = read(&mut store, &ten(), 4);
        assert!(matches!(error, Some(PullError::Answer(_))), "{error:?}");
        assert!(got.is_empty());
    }
    // One that knows no parts sends the whole.
    let (_server, mut store) = fake(PATIENT, |_| {
        Reply::new(200, "0123456789").header("etag", "\"t\"")
    });
    assert!(matches!(
        read(&mut store, &ten(), 4).1,
        Some(PullError::Answer(_))
    ));
    // A server that heeds no `If-Match` says itself that it has another file.
    for (tag, body) in [("\"u\"", "0123456789"), ("\"t\"", "012345678")] {
        let (_server, mut store) =
            fake(PATIENT, move |_| Reply::new(200, body).header("etag", tag));
        assert_eq!(read(&mut store, &ten(), 0).1, Some(PullError::Changed));
    }
}

#[test]
fn a_server_that_says_nothing_or_next_to_nothing_is_given_up() {
    let soon = Duration::from_secs(1);
    let size = 100_000;
    for manner in [Manner::Silent, Manner::Trickle] {
        let (_server, mut store) = fake(soon, move |_| {
            let reply = Reply::new(200, vec![b' '; size]).header("etag", "\"t\"");
            reply.manner(manner)
        });
        assert_eq!(store.list(), Err(PullError::Silence(1)));
        let mut offer = ten();
        offer.bytes = size as u64;
        let outcome = read(&mut store, &offer, 0).1;
        assert_eq!(outcome, Some(PullError::Silence(1)));
    }
}
