//! One answer of an interface: where its records stand, and where the next page begins.
//!
//! The records are cut out as they were written: nothing is decoded and written again, so a number
//! keeps its digits and a doubled field stays visible to the reader of the delivery. All of the
//! answer must be JSON, and every record an object; what stands in it is looked at when the delivery
//! is read, not here.

use std::ops::Range;

use serde::de::IgnoredAny;

use super::PullError;
use crate::contract::model::{NextPage, Paging};

/// Longer cursors are refused: they go into an address.
const MAX_CURSOR: usize = 4096;

const NOT_JSON: PullError = PullError::Answer("is not JSON");
const NO_RECORDS: PullError = PullError::Answer("has no array of records where the pipeline says");
const NO_CURSOR: PullError = PullError::Answer("does not say where the next page begins");
const ODD_CURSOR: PullError = PullError::Answer("has a next page that is no text or whole number");

/// What an answer holds.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Answer {
    /// The records, one a line.
    pub records: Vec<u8>,
    /// How many.
    pub count: u64,
    /// The cursor that stands in it.
    pub cursor: Option<String>,
}

/// Reads an answer.
pub(super) fn read(body: &[u8], paging: &Paging) -> Result<Answer, PullError> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    let json = Json { body };
    let root = json.root()?;
    let items = json.find(root.clone(), &paging.items)?.ok_or(NO_RECORDS)?;
    let (records, count) = json.records(items.start)?;
    let cursor = match &paging.next {
        NextPage::Number { .. } => None,
        NextPage::Cursor { field, .. } => json.cursor(root, field)?,
    };
    Ok(Answer {
        records,
        count,
        cursor,
    })
}

/// Places in a text of JSON. All are known to be JSON once `root` has been asked for.
struct Json<'a> {
    body: &'a [u8],
}

impl Json<'_> {
    /// The one value that the text is.
    fn root(&self) -> Result<Range<usize>, PullError> {
        std::str::from_utf8(self.body).map_err(|_| PullError::Answer("is not UTF-8"))?;
        let start = self.space(0);
        let end = self.value(start)?;
        if self.space(end) == self.body.len() {
            Ok(start..end)
        } else {
            Err(NOT_JSON)
        }
    }

    /// What stands at `path` below a value. An empty path is the value itself.
    fn find(&self, root: Range<usize>, path: &str) -> Result<Option<Range<usize>>, PullError> {
        let mut place = root;
        for name in path.split('.').filter(|name| !name.is_empty()) {
            if self.body.get(place.start) != Some(&b'{') {
                return Ok(None);
            }
            match self.member(place.start, name)? {
                Some(member) => place = member,
                None => return Ok(None),
            }
        }
        Ok(Some(place))
    }

    /// The member of an object that has this name.
    fn member(&self, object: usize, name: &str) -> Result<Option<Range<usize>>, PullError> {
        let mut found = None;
        let mut at = self.space(self.expect(object, b'{')?);
        if self.body.get(at) == Some(&b'}') {
            return Ok(None);
        }
        loop {
            let end = self.value(at)?;
            let key = self.text(at..end)?.ok_or(NOT_JSON)?;
            let start = self.space(self.expect(end, b':')?);
            let end = self.value(start)?;
            if key == name && found.replace(start..end).is_some() {
                return Err(PullError::Answer("has a field twice"));
            }
            at = self.space(end);
            match self.body.get(at) {
                Some(b',') => at = self.space(at + 1),
                Some(b'}') => return Ok(found),
                _ => return Err(NOT_JSON),
            }
        }
    }

    /// The elements of an array, one a line, and how many there are.
    fn records(&self, array: usize) -> Result<(Vec<u8>, u64), PullError> {
        let mut lines = Vec::new();
        let mut count = 0;
        let mut at = self.space(self.expect(array, b'[').map_err(|_| NO_RECORDS)?);
        if self.body.get(at) == Some(&b']') {
            return Ok((lines, count));
        }
        loop {
            if self.body.get(at) != Some(&b'{') {
                return Err(PullError::Answer("has a record that is no object"));
            }
            let end = self.value(at)?;
            let record = self.body.get(at..end).ok_or(NOT_JSON)?;
            // A line break can only stand between tokens: within a text JSON does not allow one.
            lines.extend(record.iter().map(|&byte| match byte {
                b'\n' | b'\r' => b' ',
                other => other,
            }));
            lines.push(b'\n');
            count += 1;
            at = self.space(end);
            match self.body.get(at) {
                Some(b',') => at = self.space(at + 1),
                Some(b']') => return Ok((lines, count)),
                _ => return Err(NOT_JSON),
            }
        }
    }

    /// The cursor in a field. It must stand there, if only as `null`: were a field that is missing the
    /// end, then a name that is wrong in the pipeline would cost all pages but the first.
    fn cursor(&self, root: Range<usize>, field: &str) -> Result<Option<String>, PullError> {
        let place = self.find(root, field)?.ok_or(NO_CURSOR)?;
        let raw = self.body.get(place.clone()).ok_or(NOT_JSON)?;
        if raw == b"null" {
            return Ok(None);
        }
        let cursor = match self.text(place)? {
            Some(text) => text,
            None if raw.iter().all(u8::is_ascii_digit) => {
                String::from_utf8(raw.to_vec()).map_err(|_| ODD_CURSOR)?
            }
            None => return Err(ODD_CURSOR),
        };
        if cursor.len() > MAX_CURSOR {
            return Err(PullError::Answer("has a next page with too long a name"));
        }
        Ok(Some(cursor).filter(|cursor| !cursor.is_empty()))
    }

    /// The text that a value is, or `None` when it is something else.
    fn text(&self, place: Range<usize>) -> Result<Option<String>, PullError> {
        let raw = self.body.get(place).ok_or(NOT_JSON)?;
        if raw.first() != Some(&b'"') {
            return Ok(None);
        }
        serde_json::from_slice(raw).map(Some).map_err(|_| NOT_JSON)
    }

    /// Where the value that begins here ends.
    fn value(&self, at: usize) -> Result<usize, PullError> {
        let rest = self.body.get(at..).ok_or(NOT_JSON)?;
        let mut values = serde_json::Deserializer::from_slice(rest).into_iter::<IgnoredAny>();
        match values.next() {
            Some(Ok(IgnoredAny)) => Ok(at + values.byte_offset()),
            _ => Err(NOT_JSON),
        }
    }

    /// Past the white space that begins here.
    fn space(&self, at: usize) -> usize {
        let rest = self.body.get(at..).unwrap_or_default();
        let space = |byte: &&u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r');
        at + rest.iter().take_while(space).count()
    }

    /// Past this byte, which must come next.
    fn expect(&self, at: usize, byte: u8) -> Result<usize, PullError> {
        let at = self.space(at);
        if self.body.get(at) == Some(&byte) {
            Ok(at + 1)
        } else {
            Err(NOT_JSON)
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    fn numbered(items: &str) -> Paging {
        let parameter = "page".to_owned();
        Paging {
            items: items.to_owned(),
            next: NextPage::Number { parameter },
        }
    }

    fn by_cursor() -> Paging {
        Paging {
            items: "data.items".to_owned(),
            next: NextPage::Cursor {
                parameter: "after".to_owned(),
                field: "meta.next".to_owned(),
            },
        }
    }

    fn lines(body: &str, paging: &Paging) -> Result<String, PullError> {
        read(body.as_bytes(), paging).map(|answer| String::from_utf8(answer.records).unwrap())
    }

    fn cursor(next: &str) -> Result<Option<String>, PullError> {
        let body = format!(r#"{{"data": {{"items": []}}, "meta": {{"next": {next}}}}}"#);
        read(body.as_bytes(), &by_cursor()).map(|answer| answer.cursor)
    }

    #[test]
    fn records_are_cut_out_as_they_were_written() {
        let body = "\u{feff} [ {\"a\": 1.10, \"a\":\r\n 12345678901234567890.50},\n{\"b\":\"x\\ny\"} ,{}]\n";
        assert_eq!(
            lines(body, &numbered("")).unwrap(),
            "{\"a\": 1.10, \"a\":   12345678901234567890.50}\n{\"b\":\"x\\ny\"}\n{}\n"
        );
        assert_eq!(lines("[]", &numbered("")).unwrap(), "");
    }

    #[test]
    fn records_and_cursor_stand_where_the_pipeline_says() {
        let body = r#"{"meta": {"total": 1, "n\u0065xt": "bb=/+"},
            "data": {"x": [1, {"items": 3}], "items": [{"items": []}]}}"#;
        let answer = read(body.as_bytes(), &by_cursor()).unwrap();
        assert_eq!(answer.records, b"{\"items\": []}\n");
        assert_eq!(answer.count, 1);
        assert_eq!(answer.cursor.as_deref(), Some("bb=/+"));
    }

    #[test]
    fn a_cursor_is_a_text_or_a_whole_number() {
        assert_eq!(cursor("null"), Ok(None));
        assert_eq!(cursor(r#""""#), Ok(None));
        assert_eq!(cursor("17"), Ok(Some("17".to_owned())));
        for odd in ["1.5", "-1", "true", "[]", r#"{"a": 1}"#] {
            assert_eq!(cursor(odd), Err(ODD_CURSOR), "{odd}");
        }
        let long = format!("\"{}\"", "x".repeat(MAX_CURSOR + 1));
        assert!(cursor(&long).is_err());
    }

    #[test]
    fn a_field_that_is_missing_is_not_the_last_page() {
        for body in [
            r#"{"data": {"items": []}}"#,
            r#"{"data": {"items": []}, "meta": {}}"#,
            r#"{"data": {"items": []}, "meta": []}"#,
        ] {
            assert_eq!(read(body.as_bytes(), &by_cursor()), Err(NO_CURSOR));
        }
    }

    #[test]
    fn what_is_not_the_agreed_form_is_refused() {
        for body in [
            "",
            " ",
            "{}",
            "null",
            "<html></html>",
            r#"{"data": {"items": null}, "meta": {"next": null}}"#,
            r#"{"data": {"items": {}}, "meta": {"next": null}}"#,
            r#"{"data": {"items": [1]}, "meta": {"next": null}}"#,
            r#"{"data": {"items": [{}, null]}, "meta": {"next": null}}"#,
            r#"{"data": {"items": []}, "meta": {"next": null}} x"#,
            r#"{"data": {"items": []}, "meta": {"next": null}}{}"#,
            r#"{"data": {"items": [{"a":]}, "meta": {"next": null}}"#,
            r#"{"data": {"items": []}, "data": {"items": []}, "meta": {"next": null}}"#,
            r#"{"data": {"items": []}, "meta": {"next": null, "next": "b"}}"#,
            r#"{"data": {"items": [{"a": 1}"#,
        ] {
            assert!(read(body.as_bytes(), &by_cursor()).is_err(), "{body}");
        }
        let broken = b"[{\"a\": \"\xff\"}]";
        assert!(read(broken, &numbered("")).is_err());
        assert!(lines("[{\"a\": \"x\ny\"}]", &numbered("")).is_err());
    }

    #[test]
    fn depth_does_not_matter() {
        let deep = format!(
            "[{{\"a\": {}{}}}]",
            "[".repeat(200_000),
            "]".repeat(200_000)
        );
        assert_eq!(read(deep.as_bytes(), &numbered("")).unwrap().count, 1);
        let open = "[".repeat(200_000);
        assert!(read(open.as_bytes(), &numbered("")).is_err());
    }

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            ".{0,8}".prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map(".{0,4}", inner, 0..4)
                    .prop_map(|map| map.into_iter().collect::<serde_json::Map<_, _>>().into()),
            ]
        })
    }

    proptest! {
        /// One line a record, and each line is the record.
        #[test]
        fn lines_are_the_records(fields in prop::collection::vec(value(), 0..6), pretty: bool) {
            let records: Vec<Value> = fields.into_iter().map(|v| serde_json::json!({"v": v})).collect();
            let whole = serde_json::json!({"data": {"items": records}, "meta": {"next": "c"}});
            let body = if pretty { serde_json::to_vec_pretty(&whole) } else { serde_json::to_vec(&whole) };
            let answer = read(&body.unwrap(), &by_cursor()).unwrap();
            let text = String::from_utf8(answer.records).unwrap();
            let read: Vec<Value> = text.split_terminator('\n').map(|l| serde_json::from_str(l).unwrap()).collect();
            prop_assert_eq!(read.len() as u64, answer.count);
            prop_assert_eq!(read, records);
        }

        /// Whatever comes, it does not end the program.
        #[test]
        fn any_bytes(body in prop::collection::vec(prop::sample::select(b"{}[]\",:\\ \nndata.items0e-\xff".to_vec()), 0..60)) {
            let _ = read(&body, &by_cursor());
            let _ = read(&body, &numbered(""));
        }
    }
}
