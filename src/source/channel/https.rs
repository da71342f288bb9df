//! Records from an HTTPS interface, page by page.
//!
//! In: the address, a credential and how pages follow one another. Out: the records of each page as
//! lines of JSON, untouched. A page is whole or it is an error. An interface that leads in a circle,
//! gives one page again and again, or never ends is refused.

use std::collections::HashSet;
use std::time::Duration;

use reqwest::header::{ACCEPT, CONTENT_ENCODING, HeaderMap};
use reqwest::{RequestBuilder, Response, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

use super::answer::{self, Answer};
use super::credential::{Credential, HttpsLogin};
use super::web::{self, Patience, Web};
use super::{Feed, Page, PullError};
use crate::contract::model::{NextPage, Paging};
use crate::settings::endpoint::{Endpoint, Url};

/// A larger answer is refused: it is held in memory.
pub const MAX_PAGE_BYTES: usize = 64 << 20;

/// So many empty pages in a row are followed. Some interfaces filter after they have cut pages.
const MAX_EMPTY: u32 = 100;

const TOO_LARGE: PullError = PullError::Answer("is larger than 64 MiB");

/// An HTTPS interface.
pub struct Https {
    web: Web,
    url: Url,
    authorization: Authorization,
    paging: Paging,
    /// The cursors that were answered, by digest, so that a circle is seen. They may be long.
    answered: HashSet<[u8; 32]>,
    /// The number of the page before, and a digest of its records.
    before: Option<(u64, [u8; 32])>,
    empty: u32,
}

impl Https {
    /// An interface; nothing is asked yet.
    ///
    /// # Errors
    /// The address, the credential or the certificate is not one.
    pub fn open(
        endpoint: &Endpoint,
        paging: &Paging,
        credential: &Credential,
        silence: Duration,
    ) -> Result<Self, PullError> {
        let url = web::address(&endpoint.url)?;
        let (NextPage::Number { parameter } | NextPage::Cursor { parameter, .. }) = &paging.next;
        if url
            .query_pairs()
            .any(|(name, _)| name == parameter.as_str())
        {
            return Err(PullError::Endpoint("has the number of a page in its url"));
        }
        let authorization = Authorization::of(&credential.https()?);
        Ok(Self {
            web: Web::new(endpoint.ca.as_deref(), silence)?,
            url: url.clone(),
            authorization,
            paging: paging.clone(),
            answered: HashSet::new(),
            before: None,
            empty: 0,
        })
    }

    /// The answer to one question, not larger than accepted.
    fn ask(&self, value: Option<&str>) -> Result<Vec<u8>, PullError> {
        let mut url = self.url.clone();
        if let Some(value) = value {
            let (NextPage::Number { parameter } | NextPage::Cursor { parameter, .. }) =
                &self.paging.next;
            url.query_pairs_mut().append_pair(parameter, value);
        }
        let request = self.web.client().get(url);
        let request = request.header(ACCEPT, "application/json");
        let request = self.authorization.sign(request);
        let response = self.web.wait(request.send())?;
        web::verdict(response.status(), response.headers())?;
        if response.status() != StatusCode::OK {
            return Err(PullError::Refused(response.status().as_u16()));
        }
        plain(response.headers())?;
        self.body(response)
    }

    fn body(&self, mut response: Response) -> Result<Vec<u8>, PullError> {
        let announced = response.content_length().unwrap_or(0);
        if usize::try_from(announced).is_ok_and(|bytes| bytes > MAX_PAGE_BYTES) {
            return Err(TOO_LARGE);
        }
        let mut patience = Patience::new(self.web.silence());
        let mut body = Vec::new();
        while let Some(chunk) = self.web.wait_with(&mut patience, response.chunk())? {
            if chunk.len() > MAX_PAGE_BYTES - body.len() {
                return Err(TOO_LARGE);
            }
            patience.came(chunk.len());
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }

    /// The page after page `number`: none when it was empty.
    fn numbered(&mut self, number: u64, answer: &Answer) -> Result<Option<String>, PullError> {
        if answer.count == 0 {
            return Ok(None);
        }
        let digest = Sha256::digest(&answer.records).into();
        let before = self.before.replace((number, digest));
        if before.is_some_and(|(other, same)| other != number && same == digest) {
            return Err(PullError::Answer("holds the page before it once more"));
        }
        Ok(number.checked_add(1).map(|next| next.to_string()))
    }

    /// The page after the one at `cursor`, as the answer says.
    fn followed(
        &mut self,
        cursor: Option<&str>,
        answer: &Answer,
    ) -> Result<Option<String>, PullError> {
        let Some(next) = answer.cursor.as_deref() else {
            return Ok(None);
        };
        // Where an interface always gives a cursor, this is how it says that there is no more yet.
        if answer.count == 0 && cursor == Some(next) {
            return Ok(None);
        }
        self.empty = if answer.count == 0 { self.empty + 1 } else { 0 };
        if self.empty > MAX_EMPTY {
            return Err(PullError::Answer("is empty too many times in a row"));
        }
        let here = Sha256::digest(cursor.unwrap_or_default()).into();
        if !self.answered.insert(here) {
            // The caller went back and begins anew from here.
            self.answered.clear();
            self.answered.insert(here);
        }
        let there: [u8; 32] = Sha256::digest(next).into();
        if self.answered.contains(&there) {
            return Err(PullError::Answer(
                "leads back to a page that was there before",
            ));
        }
        Ok(Some(next.to_owned()))
    }
}

impl Feed for Https {
    fn page(&mut self, cursor: Option<&str>) -> Result<Page, PullError> {
        let cursor = cursor.filter(|cursor| !cursor.is_empty());
        let number = match &self.paging.next {
            NextPage::Number { .. } => Some(number(cursor)?),
            NextPage::Cursor { .. } => None,
        };
        let body = match number {
            Some(number) => self.ask(Some(&number.to_string()))?,
            None => self.ask(cursor)?,
        };
        let answer = answer::read(&body, &self.paging)?;
        let next = match number {
            Some(number) => self.numbered(number, &answer)?,
            None => self.followed(cursor, &answer)?,
        };
        Ok(Page {
            records: answer.records,
            count: answer.count,
            next,
        })
    }
}

/// The page that a cursor of ours means.
fn number(cursor: Option<&str>) -> Result<u64, PullError> {
    let Some(cursor) = cursor else { return Ok(1) };
    cursor
        .parse()
        .map_err(|_| PullError::Endpoint("has pages by number and was asked for another one"))
}

/// We ask for no compression, and unpack nothing that could grow without end.
fn plain(headers: &HeaderMap) -> Result<(), PullError> {
    match headers.get(CONTENT_ENCODING) {
        Some(encoding) if encoding != "identity" => {
            Err(PullError::Answer("is compressed, which nobody asked for"))
        }
        _ => Ok(()),
    }
}

/// A credential, in parts.
enum Authorization {
    Bearer(SecretString),
    Basic(SecretString, SecretString),
}

impl Authorization {
    fn of(login: &HttpsLogin<'_>) -> Self {
        match *login {
            HttpsLogin::Bearer(token) => Self::Bearer(token.into()),
            HttpsLogin::Basic { user, password } => Self::Basic(user.into(), password.into()),
        }
    }

    /// Puts the credential on a request; the header is marked, so that no other crate prints it.
    fn sign(&self, request: RequestBuilder) -> RequestBuilder {
        match self {
            Self::Bearer(token) => request.bearer_auth(token.expose_secret()),
            Self::Basic(user, password) => {
                request.basic_auth(user.expose_secret(), Some(password.expose_secret()))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::endpoint::Scheme;

    fn open(url: &str, secret: &str, next: NextPage) -> Result<Https, PullError> {
        let endpoint = Endpoint {
            url: Url::parse(url).unwrap(),
            scheme: Scheme::Https,
            credential: "partner".to_owned(),
            known_hosts: None,
            ca: None,
            region: None,
            server: None,
        };
        let paging = Paging {
            items: String::new(),
            next,
        };
        let credential = Credential::new("partner", secret).unwrap();
        Https::open(&endpoint, &paging, &credential, Duration::from_secs(1))
    }

    fn numbers() -> NextPage {
        NextPage::Number {
            parameter: "page".to_owned(),
        }
    }

    fn interface(next: NextPage) -> Https {
        open("https://partner.example/api", "bearer x", next).unwrap()
    }

    fn by_cursor() -> Https {
        interface(NextPage::Cursor {
            parameter: "after".to_owned(),
            field: "next".to_owned(),
        })
    }

    fn by_number() -> Https {
        interface(numbers())
    }

    fn answer(records: &str, cursor: Option<&str>) -> Answer {
        Answer {
            records: records.as_bytes().to_vec(),
            count: records.lines().count() as u64,
            cursor: cursor.map(ToOwned::to_owned),
        }
    }

    fn next(pages: &mut Https, cursor: Option<&str>, gives: &Answer) -> Option<String> {
        pages.followed(cursor, gives).unwrap()
    }

    #[test]
    fn a_credential_of_another_form_is_refused_without_showing_it() {
        let error = open("https://partner.example", "geheim123", numbers()).err();
        let error = error.unwrap();
        assert!(matches!(error, PullError::Credential { .. }));
        assert!(!format!("{error} {error:?}").contains("geheim"));
    }

    #[test]
    fn the_address_does_not_say_the_page() {
        let with = |url| open(url, "bearer x", numbers()).err();
        assert_eq!(with("https://partner.example?vorm=1"), None);
        let wrong = [
            "https://partner.example?page=1",
            "https://partner.example?%70age=1",
        ];
        for url in wrong {
            assert!(matches!(with(url), Some(PullError::Endpoint(_))));
        }
    }

    #[test]
    fn an_empty_page_ends_the_numbers() {
        let mut pages = by_number();
        assert_eq!(
            pages.numbered(1, &answer("a\n", None)).unwrap().as_deref(),
            Some("2")
        );
        assert_eq!(
            pages.numbered(2, &answer("b\n", None)).unwrap().as_deref(),
            Some("3")
        );
        assert_eq!(pages.numbered(3, &answer("", None)).unwrap(), None);
        assert_eq!(number(Some("3")).unwrap(), 3);
        assert!(number(Some("x")).is_err());
    }

    #[test]
    fn the_same_page_under_another_number_is_refused() {
        let mut pages = by_number();
        let same = answer("a\n", None);
        assert!(pages.numbered(1, &same).is_ok());
        assert!(
            pages.numbered(1, &same).is_ok(),
            "asked again after a fault"
        );
        let error = pages.numbered(2, &same).unwrap_err();
        assert!(!error.transient());
    }

    #[test]
    fn cursors_lead_on_until_there_is_none() {
        let mut pages = by_cursor();
        assert_eq!(
            next(&mut pages, None, &answer("1\n", Some("a"))).as_deref(),
            Some("a")
        );
        assert_eq!(
            next(&mut pages, Some("a"), &answer("2\n", Some("b"))).as_deref(),
            Some("b")
        );
        assert_eq!(next(&mut pages, Some("b"), &answer("3\n", None)), None);
    }

    #[test]
    fn an_empty_page_that_stays_where_it_is_is_the_last() {
        let mut pages = by_cursor();
        assert_eq!(next(&mut pages, Some("z"), &answer("", Some("z"))), None);
    }

    #[test]
    fn a_circle_is_refused() {
        let mut pages = by_cursor();
        let _ = next(&mut pages, None, &answer("1\n", Some("a")));
        let _ = next(&mut pages, Some("a"), &answer("2\n", Some("b")));
        let error = pages
            .followed(Some("b"), &answer("3\n", Some("a")))
            .unwrap_err();
        assert!(!error.transient());
        let error = by_cursor().followed(Some("a"), &answer("1\n", Some("a")));
        assert!(error.is_err(), "a page that leads to itself");
    }

    #[test]
    fn a_page_may_be_asked_again() {
        let mut pages = by_cursor();
        let _ = next(&mut pages, None, &answer("1\n", Some("a")));
        let _ = next(&mut pages, Some("a"), &answer("2\n", Some("b")));
        let _ = next(&mut pages, Some("b"), &answer("3\n", Some("c")));
        assert_eq!(
            next(&mut pages, Some("a"), &answer("2\n", Some("b"))).as_deref(),
            Some("b")
        );
        assert_eq!(
            next(&mut pages, Some("b"), &answer("3\n", Some("c"))).as_deref(),
            Some("c")
        );
    }

    #[test]
    fn emptiness_comes_to_an_end() {
        let mut pages = by_cursor();
        let mut cursor = "0".to_owned();
        for step in 1..=MAX_EMPTY {
            let to = step.to_string();
            cursor = next(&mut pages, Some(&cursor), &answer("", Some(&to))).unwrap();
        }
        assert!(
            pages
                .followed(Some(&cursor), &answer("", Some("on")))
                .is_err()
        );
    }
}
