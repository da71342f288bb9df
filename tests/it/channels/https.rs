//! Pages of an HTTPS interface, from a real server on loopback.

use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use sluis::contract::model::{NextPage, Paging};
use sluis::settings::endpoint::{Endpoint, Scheme, Url};
use sluis::source::channel::credential::Credential;
use sluis::source::channel::https::{Https, MAX_PAGE_BYTES};
use sluis::source::channel::{Feed, Page, PullError};
use tempfile::TempDir;

use super::tls::{Authority, Identity, Manner, Reply, Request, Server};

/// Long enough for a machine that is busy.
const PATIENT: Duration = Duration::from_mins(1);

/// An authority, and a place for its certificate.
struct Trust {
    authority: Authority,
    ca: PathBuf,
    _folder: TempDir,
}

impl Trust {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let authority = Authority::new();
        Self {
            ca: authority.file(folder.path()),
            authority,
            _folder: folder,
        }
    }

    fn loopback(&self) -> Identity {
        self.authority.identity(&["127.0.0.1"])
    }

    fn endpoint(&self, url: &str) -> Endpoint {
        Endpoint {
            url: Url::parse(url).unwrap(),
            scheme: Scheme::Https,
            credential: "partner".to_owned(),
            known_hosts: None,
            ca: Some(self.ca.clone()),
            region: None,
            server: None,
        }
    }

    fn open(&self, url: &str, next: NextPage) -> Https {
        self.within(url, next, PATIENT)
    }

    fn within(&self, url: &str, next: NextPage, silence: Duration) -> Https {
        let paging = Paging {
            items: "items".to_owned(),
            next,
        };
        let credential = Credential::new("partner", "bearer t0ken").unwrap();
        Https::open(&self.endpoint(url), &paging, &credential, silence).unwrap()
    }
}

fn numbers() -> NextPage {
    NextPage::Number {
        parameter: "page".to_owned(),
    }
}

fn cursors() -> NextPage {
    NextPage::Cursor {
        parameter: "after".to_owned(),
        field: "next".to_owned(),
    }
}

fn page(of: &[u32], next: &Value) -> Reply {
    let records: Vec<Value> = of.iter().map(|id| json!({"id": id})).collect();
    Reply::json(&json!({"items": records, "next": next}))
}

/// All pages, from this cursor on.
fn all(feed: &mut Https, mut cursor: Option<String>) -> Result<String, PullError> {
    let mut lines = String::new();
    loop {
        let Page { records, next, .. } = feed.page(cursor.as_deref())?;
        lines += std::str::from_utf8(&records).unwrap();
        match next {
            Some(next) => cursor = Some(next),
            None => return Ok(lines),
        }
    }
}

/// What the first page of a server that answers so comes to.
fn answers(reply: Reply) -> Result<Page, PullError> {
    let trust = Trust::new();
    let server = Server::start(&trust.loopback(), move |_| reply.clone());
    trust.open(&server.url("/api"), cursors()).page(None)
}

fn refused(reply: Reply) -> PullError {
    answers(reply).err().expect("a fault")
}

#[test]
fn pages_by_number_end_with_an_empty_one() {
    let trust = Trust::new();
    let server = Server::start(&trust.loopback(), |request: &Request| {
        match request.parameter("page").as_deref() {
            Some("1") => page(&[1, 2], &Value::Null),
            Some("2") => page(&[3], &Value::Null),
            _ => page(&[], &Value::Null),
        }
    });
    let mut feed = trust.open(&server.url("/api?vorm=kort"), numbers());
    let lines = all(&mut feed, None).unwrap();
    assert_eq!(lines, "{\"id\":1}\n{\"id\":2}\n{\"id\":3}\n");
    let asked = server.asked();
    let paths: Vec<&str> = asked.iter().map(|request| request.path.as_str()).collect();
    let wanted = ["1", "2", "3"].map(|page| format!("/api?vorm=kort&page={page}"));
    assert_eq!(paths, wanted);
    for request in &asked {
        assert_eq!(request.header("authorization"), "Bearer t0ken");
        assert_eq!(request.header("accept"), "application/json");
        assert_eq!(request.header("accept-encoding"), "");
        assert_eq!(request.header("referer"), "");
    }
}

#[test]
fn cursors_go_back_as_they_came() {
    const ODD: &str = "a+b/c==&page=9#é %41";
    let trust = Trust::new();
    let server = Server::start(&trust.loopback(), |request: &Request| {
        match request.parameter("after").as_deref() {
            None => page(&[1], &json!(ODD)),
            Some(ODD) => page(&[2], &json!(77)),
            Some("77") => page(&[3], &Value::Null),
            _ => Reply::new(400, ""),
        }
    });
    let lines = all(&mut trust.open(&server.url("/api"), cursors()), None).unwrap();
    assert_eq!(lines, "{\"id\":1}\n{\"id\":2}\n{\"id\":3}\n");
    assert_eq!(server.asked()[0].path, "/api");
    // The next night begins where the last one ended.
    let later = all(
        &mut trust.open(&server.url("/api"), cursors()),
        Some("77".into()),
    );
    assert_eq!(later.unwrap(), "{\"id\":3}\n");
}

#[test]
fn basic_authorization() {
    let trust = Trust::new();
    let server = Server::start(&trust.loopback(), |_| page(&[], &Value::Null));
    let paging = Paging {
        items: "items".to_owned(),
        next: cursors(),
    };
    let credential = Credential::new("partner", "basic sluis:wacht:woord").unwrap();
    let endpoint = trust.endpoint(&server.url("/"));
    let mut feed = Https::open(&endpoint, &paging, &credential, PATIENT).unwrap();
    assert!(feed.page(None).unwrap().next.is_none());
    let sent = server.asked()[0].header("authorization").to_owned();
    assert_eq!(sent, "Basic c2x1aXM6d2FjaHQ6d29vcmQ=");
}

#[test]
fn a_broken_page_is_no_page_and_can_be_asked_again() {
    let trust = Trust::new();
    let times = AtomicUsize::new(0);
    let server = Server::start(&trust.loopback(), move |_| {
        let whole = page(&[1, 2, 3, 4], &Value::Null);
        let half = whole.body.len() / 2;
        match times.fetch_add(1, Ordering::SeqCst) {
            0 => whole.manner(Manner::Cut(half)),
            // Without a length only the end of the encryption tells the end of the answer.
            1 => whole.manner(Manner::UnmeasuredCut(half)),
            2 => whole.manner(Manner::Cut(0)),
            3 => Reply::new(500, "BSN 123456782 niet gevonden"),
            4 => whole.manner(Manner::Unmeasured),
            _ => whole,
        }
    });
    let mut feed = trust.open(&server.url("/api"), cursors());
    for fault in [
        PullError::Broken,
        PullError::Broken,
        PullError::Broken,
        PullError::Server(500),
    ] {
        assert!(fault.transient());
        assert_eq!(feed.page(None).err(), Some(fault));
    }
    assert_eq!(feed.page(None).unwrap().count, 4);
    assert_eq!(feed.page(None).unwrap().count, 4);
}

#[test]
fn a_server_may_ask_to_wait() {
    let seconds = |seconds| PullError::Wait(Some(Duration::from_secs(seconds)));
    let later = |status| Reply::new(status, "").header("retry-after", "17");
    assert_eq!(refused(later(429)), seconds(17));
    assert_eq!(refused(later(503)), seconds(17));
    assert_eq!(refused(Reply::new(429, "")), PullError::Wait(None));
    assert_eq!(refused(Reply::new(503, "")), PullError::Server(503));
    let moment = Reply::new(429, "")
        .header("date", "Mon, 05 Jan 2026 03:00:00 GMT")
        .header("retry-after", "Mon, 05 Jan 2026 03:00:40 GMT");
    assert_eq!(refused(moment), seconds(40));
}

#[test]
fn a_credential_that_is_not_accepted_is_not_tried_again() {
    for status in [401, 403] {
        let error = refused(Reply::new(status, "t0ken is van Jansen"));
        assert_eq!(error, PullError::Denied);
        assert!(!error.transient());
        assert!(!error.to_string().contains("Jansen"));
    }
    assert_eq!(refused(Reply::new(404, "")), PullError::Refused(404));
    for status in [204, 206] {
        let error = refused(Reply::new(status, ""));
        assert_eq!(error, PullError::Refused(status), "not a whole answer");
    }
}

#[test]
fn a_redirect_is_not_followed() {
    let trust = Trust::new();
    let other = Server::start(&trust.loopback(), |_| page(&[], &Value::Null));
    let to = other.url("/elders");
    let server = Server::start(&trust.loopback(), move |_| {
        Reply::new(307, "").header("location", &to)
    });
    let error = trust.open(&server.url("/api"), cursors()).page(None).err();
    assert!(matches!(error, Some(PullError::Answer(_))), "{error:?}");
    assert!(other.asked().is_empty());
}

#[test]
fn only_certificates_that_hold_are_trusted() {
    let trust = Trust::new();
    let stranger = Authority::new();
    for identity in [
        stranger.identity(&["127.0.0.1"]),
        trust.authority.identity(&["partner.example"]),
        trust.authority.identity(&["127.0.0.2"]),
        trust.authority.expired(&["127.0.0.1"]),
    ] {
        let server = Server::start(&identity, |_| page(&[], &Value::Null));
        let error = trust.open(&server.url("/api"), cursors()).page(None).err();
        assert_eq!(error, Some(PullError::Certificate));
        assert!(server.asked().is_empty(), "the credential went out");
    }
    assert!(!PullError::Certificate.transient());
}

#[test]
fn without_encryption_nothing_is_sent() {
    let trust = Trust::new();
    // Knows no TLS: says what it got.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let plain = std::thread::spawn(move || {
        use std::io::{Read, Write};
        let (mut stream, _) = listener.accept().unwrap();
        let mut got = [0; 4096];
        let count = stream.read(&mut got).unwrap();
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n[]").unwrap();
        got[..count].to_vec()
    });
    let mut feed = trust.open(&format!("https://127.0.0.1:{port}/api"), cursors());
    let error = feed.page(None).err().unwrap();
    assert!(matches!(error, PullError::Connect(_)), "{error:?}");
    let got = plain.join().unwrap();
    assert!(!got.windows(5).any(|bytes| bytes == b"t0ken"));

    let closed = feed.page(None).err();
    assert_eq!(
        closed,
        Some(PullError::Connect(std::io::ErrorKind::ConnectionRefused))
    );

    let paging = Paging {
        items: String::new(),
        next: cursors(),
    };
    let credential = Credential::new("partner", "bearer t0ken").unwrap();
    let endpoint = trust.endpoint("http://127.0.0.1/api");
    let error = Https::open(&endpoint, &paging, &credential, PATIENT).err();
    assert!(matches!(error, Some(PullError::Endpoint(_))));
}

#[test]
fn a_server_that_says_nothing_or_next_to_nothing_is_given_up() {
    let trust = Trust::new();
    for manner in [Manner::Silent, Manner::Trickle] {
        let server = Server::start(&trust.loopback(), move |_| {
            Reply::new(200, vec![b' '; 100_000]).manner(manner)
        });
        let mut feed = trust.within(&server.url("/api"), cursors(), Duration::from_secs(1));
        let error = feed.page(None).err();
        assert_eq!(error, Some(PullError::Silence(1)));
    }
}

#[test]
fn pages_in_a_circle_are_refused() {
    let trust = Trust::new();
    let server = Server::start(&trust.loopback(), |request: &Request| {
        match request.parameter("after").as_deref() {
            None => page(&[1], &json!("a")),
            Some("a") => page(&[2], &json!("b")),
            _ => page(&[3], &json!("a")),
        }
    });
    let error = all(&mut trust.open(&server.url("/api"), cursors()), None);
    assert!(matches!(error, Err(PullError::Answer(_))), "{error:?}");
    assert_eq!(server.asked().len(), 3);

    let deaf = Server::start(&trust.loopback(), |_| page(&[1], &Value::Null));
    let error = all(&mut trust.open(&deaf.url("/api"), numbers()), None);
    assert!(matches!(error, Err(PullError::Answer(_))), "{error:?}");
    assert_eq!(deaf.asked().len(), 2);
}

#[test]
fn an_interface_that_always_has_a_cursor_ends_where_it_stands_still() {
    let trust = Trust::new();
    let server = Server::start(&trust.loopback(), |request: &Request| {
        match request.parameter("after").as_deref() {
            None => page(&[1], &json!("a")),
            _ => page(&[], &json!("a")),
        }
    });
    let lines = all(&mut trust.open(&server.url("/api"), cursors()), None);
    assert_eq!(lines.unwrap(), "{\"id\":1}\n");
}

#[test]
fn a_page_that_is_too_large_is_refused() {
    // Announced: not one byte is taken in.
    let announced = Reply::new(200, "")
        .header("content-length", &(MAX_PAGE_BYTES + 1).to_string())
        .manner(Manner::UnmeasuredCut(0));
    let too_large = refused(announced);
    assert!(matches!(too_large, PullError::Answer(_)), "{too_large:?}");
    let unannounced = Reply::new(200, vec![b' '; MAX_PAGE_BYTES + 1]).manner(Manner::Unmeasured);
    assert_eq!(refused(unannounced), too_large);
}

#[test]
fn what_is_not_the_agreed_answer_is_refused() {
    for reply in [
        Reply::new(200, "<html><h1>Log in</h1></html>"),
        Reply::json(&json!([])),
        Reply::json(&json!({"items": [1], "next": null})),
        Reply::json(&json!({"items": []})),
        Reply::json(&json!({"fout": "Jansen"})),
        page(&[1], &Value::Null).header("content-encoding", "gzip"),
        Reply::new(
            200,
            b"{\"items\": [{\"naam\": \"Andr\xe9\"}], \"next\": null}",
        ),
    ] {
        let error = refused(reply);
        assert!(matches!(error, PullError::Answer(_)), "{error:?}");
        assert!(!format!("{error:?}").contains("Jansen"));
    }
}
