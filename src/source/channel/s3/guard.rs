//! What stands between a server and the crate that speaks S3: every answer is judged here first, so
//! that nothing without end is taken into memory, no word of the server ends up in an error, and no
//! other document passes for a list.

use std::pin::Pin;

use futures::TryStreamExt;
use object_store::ClientOptions;
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse, HttpService,
};
use quick_xml::events::Event;
use reqwest::StatusCode;
use reqwest::header::{CONTENT_RANGE, HeaderMap, RANGE};

use crate::source::channel::{PullError, web};

/// A page of the list is a thousand names of at most a kilobyte each, escaped.
const MAX_LIST_BYTES: usize = 16 << 20;

const NO_LIST: PullError = PullError::Answer("is not a list of files");

/// Our client.
#[derive(Clone, Debug)]
pub(super) struct Guarded(pub reqwest::Client);

impl HttpConnector for Guarded {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(HttpClient::new(self.clone()))
    }
}

/// What `async_trait` makes of an asynchronous method.
type Answered<'a> = Pin<Box<dyn Future<Output = Result<HttpResponse, HttpError>> + Send + 'a>>;

impl HttpService for Guarded {
    fn call<'a, 'b>(&'a self, request: HttpRequest) -> Answered<'b>
    where
        'a: 'b,
        Self: 'b,
    {
        Box::pin(self.guarded(request))
    }
}

impl Guarded {
    async fn guarded(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let ranged = request.headers().contains_key(RANGE);
        let query = request.uri().query().unwrap_or_default();
        let listing = query.split('&').any(|part| part == "list-type=2");
        let response = self.0.call(request).await?;
        web::verdict(response.status(), response.headers()).map_err(refuse)?;
        if listing {
            return whole(response).await;
        }
        if ranged && !partial(response.status(), response.headers()) {
            return Err(refuse(PullError::Answer(
                "is not the part that was asked for",
            )));
        }
        Ok(response)
    }
}

fn refuse(error: PullError) -> HttpError {
    HttpError::new(HttpErrorKind::Unknown, error)
}

/// Whether this is a part of a file, with numbers that can be reckoned with.
fn partial(status: StatusCode, headers: &HeaderMap) -> bool {
    let range = headers
        .get(CONTENT_RANGE)
        .and_then(|range| range.to_str().ok());
    let end = range.and_then(|range| {
        let (_, end) = range.split_once('/')?.0.split_once('-')?;
        end.parse::<u64>().ok()?.checked_add(1)
    });
    status == StatusCode::PARTIAL_CONTENT && end.is_some()
}

/// The answer with all of its body, which has an end.
async fn whole(response: HttpResponse) -> Result<HttpResponse, HttpError> {
    let (parts, body) = response.into_parts();
    let mut stream = body.bytes_stream();
    let mut bytes = Vec::new();
    while let Some(chunk) = stream.try_next().await? {
        if chunk.len() > MAX_LIST_BYTES - bytes.len() {
            return Err(refuse(PullError::Answer("lists more than can be taken in")));
        }
        bytes.extend_from_slice(&chunk);
    }
    is_list(&bytes).map_err(refuse)?;
    Ok(HttpResponse::from_parts(parts, bytes.into()))
}

/// Whether this is a list of a bucket, to its end, that says where it goes on if it does. The crate
/// that reads it takes any other document for a list without files, and a list that was cut short
/// for a whole one; both would look as if the partner had delivered nothing.
fn is_list(bytes: &[u8]) -> Result<(), PullError> {
    let odd = |_| NO_LIST;
    let mut reader = quick_xml::Reader::from_reader(bytes);
    let mut path: Vec<String> = Vec::new();
    let (mut lists, mut cut_short, mut goes_on) = (false, false, false);
    loop {
        match reader.read_event().map_err(odd)? {
            Event::Start(start) => {
                path.push(start.local_name().as_ref().to_owned());
                lists |= path == ["ListBucketResult"];
            }
            Event::Text(text) => match path.as_slice() {
                [_, field] if field == "IsTruncated" => {
                    cut_short |= text.trim_ascii().eq_ignore_ascii_case("true");
                }
                [_, field] if field == "NextContinuationToken" => goes_on = true,
                _ => {}
            },
            Event::End(_) => drop(path.pop()),
            Event::Eof => break,
            _ => {}
        }
    }
    match lists && path.is_empty() {
        true if cut_short && !goes_on => Err(PullError::Answer("is a list that was cut short")),
        true => Ok(()),
        false => Err(NO_LIST),
    }
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderValue;

    use super::*;

    #[test]
    fn only_a_whole_list_is_one() {
        let of = |text: &str| is_list(text.as_bytes());
        let known = "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"";
        assert_eq!(
            of("<?xml version=\"1.0\"?>\n<ListBucketResult></ListBucketResult>\n"),
            Ok(())
        );
        let whole = format!(
            "<a:ListBucketResult {known}><IsTruncated>true</IsTruncated>\
             <NextContinuationToken>x</NextContinuationToken></a:ListBucketResult>"
        );
        assert_eq!(of(&whole), Ok(()));
        for odd in [
            "",
            "<html></html>",
            "<html><ListBucketResult></ListBucketResult></html>",
            "<ListBucketResult>",
            "<ListBucketResult><Contents></ListBucketResult>",
            "<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>",
        ] {
            assert!(of(odd).is_err(), "{odd}");
        }
    }

    #[test]
    fn a_part_has_numbers_that_can_be_reckoned_with() {
        let of = |range: &'static str| {
            let range = (CONTENT_RANGE, HeaderValue::from_static(range));
            partial(StatusCode::PARTIAL_CONTENT, &[range].into_iter().collect())
        };
        assert!(of("bytes 2-3/9"));
        assert!(!of("bytes 2-18446744073709551615/9"));
        assert!(!of("bytes */9"));
        assert!(!partial(StatusCode::OK, &HeaderMap::new()));
    }
}
