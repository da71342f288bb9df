//! One message: its elements become rows, each with the fields of its record and of its message.
//!
//! Closed world: an element or attribute that the contract does not know refuses the delivery. One
//! that it knows elsewhere, a field that comes twice and text between elements cost the row. What is
//! not well-formed XML, and what XML can do beyond data (document types, entities), refuses the
//! delivery.

use std::io::BufRead;

use quick_xml::escape::EscapeError;
use quick_xml::events::{BytesDecl, BytesStart, Event};
use quick_xml::name::ResolveResult;
use quick_xml::reader::NsReader;

mod fields;
mod text;

use super::meter::{Limit, Meter};
use super::output::{Halt, Output};
use super::paths::{Paths, ROOT, Role, is_accepted};
use crate::contract::model::{Encoding, XmlDialect};
use crate::source::csv;
use crate::source::fault::DeliveryFault;

/// Fields of a message go with each of its rows: they may be no more than this, in bytes.
const MAX_MESSAGE_VALUES: usize = 4096;
/// The rows of one record may together be so many times as long as a record may be: the fields of
/// the record stand in each.
const MAX_ROWS_FACTOR: usize = 16;
const MAX_ATTRIBUTES: usize = 64;
const MAX_ATTRIBUTE_BYTES: usize = 8192;
/// Attributes of this namespace say how to validate, not what is delivered.
const SCHEMA_INSTANCE: &str = "http://www.w3.org/2001/XMLSchema-instance";
const XML: &str = "http://www.w3.org/XML/1998/namespace";

/// What a pipeline says of its messages.
pub(super) struct Rules<'a> {
    /// The pipeline.
    pub dialect: &'a XmlDialect,
    /// The elements of the contract.
    pub paths: &'a Paths,
}

/// Reads a message to its end. `place` is where it stands in a ZIP; alone it is read from there on.
pub(super) fn read<R: BufRead>(
    source: Meter<R>,
    rules: &Rules<'_>,
    output: &mut Output,
    place: u64,
) -> Result<(), Halt> {
    output.reach(place);
    let mut reader = NsReader::from_reader(source);
    reader.config_mut().check_comments = true;
    reader
        .resolver_mut()
        .set_max_namespace_bindings(MAX_ATTRIBUTES);
    let mut message = Message::new(rules);
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        let event = match reader.read_event_into(&mut buffer) {
            Ok(event) => event,
            Err(error) => {
                let met = reader.get_ref().met();
                return Err(message.unreadable(&error, met).into());
            }
        };
        match event {
            Event::Start(start) => message.start(&start, &reader)?,
            Event::Empty(start) => {
                message.start(&start, &reader)?;
                message.end(output)?;
            }
            Event::End(_) => message.end(output)?,
            Event::Text(text) => message.text(&text)?,
            Event::CData(text) => message.character_data(&text)?,
            Event::GeneralRef(reference) => message.reference(&reference)?,
            Event::Decl(declared) => message.declaration(&declared)?,
            Event::DocType(_) => return Err(message.forbidden("a document type").into()),
            Event::Comment(_) | Event::PI(_) => {}
            Event::Eof => return message.finish(output),
        }
        if message.stage == Stage::Start {
            message.stage = Stage::Prolog;
        }
        if std::mem::take(&mut message.between_records) {
            let meter = reader.get_mut();
            meter.mark();
            if !rules.dialect.zipped {
                output.reach(meter.taken());
            }
        }
    }
}

/// How far a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Nothing was read: only here a declaration may stand.
    Start,
    /// Before the root element.
    Prolog,
    /// Within the root element, or behind it.
    Root,
}

/// An open element.
#[derive(Clone, Copy, Debug)]
enum Frame {
    /// One that the contract knows, and whether others stand in it.
    Known { node: usize, parent: bool },
    /// In what the contract drops by a path with `/*`, into this column.
    Dropped(usize),
    /// In what costs the row.
    Broken,
}

/// Values by column.
type Values = Vec<(usize, Vec<u8>)>;

/// A row that is being read.
#[derive(Default)]
struct Row {
    values: Values,
    broken: bool,
}

struct Message<'a> {
    rules: &'a Rules<'a>,
    stage: Stage,
    frames: Vec<Frame>,
    /// The text of the innermost element, as far as it was read.
    text: String,
    values: Values,
    value_bytes: usize,
    record: Option<Row>,
    rows: Vec<Row>,
    in_row: bool,
    records: u64,
    /// A record began or ended with the last event.
    between_records: bool,
}

impl<'a> Message<'a> {
    fn new(rules: &'a Rules<'a>) -> Self {
        Self {
            rules,
            stage: Stage::Start,
            frames: Vec::new(),
            text: String::new(),
            values: Vec::new(),
            value_bytes: 0,
            record: None,
            rows: Vec::new(),
            in_row: false,
            records: 0,
            between_records: false,
        }
    }

    /// The row that is read, counted after the rows that were ended; outside a row the first of its
    /// record.
    fn row(&self) -> u64 {
        if self.in_row {
            (self.rows.len() as u64).saturating_sub(1)
        } else {
            0
        }
    }

    fn structure(&self, what: &'static str) -> DeliveryFault {
        DeliveryFault::Structure {
            row: self.row(),
            what,
        }
    }

    fn forbidden(&self, what: &'static str) -> DeliveryFault {
        DeliveryFault::Forbidden {
            row: self.row(),
            what,
        }
    }

    fn ill_formed(&self) -> DeliveryFault {
        self.structure("this is not well-formed XML")
    }

    fn encoding(&self) -> DeliveryFault {
        DeliveryFault::Encoding {
            row: self.row(),
            declared: csv::encoding_name(Encoding::Utf8),
        }
    }

    /// What a failed reading means.
    fn unreadable(&self, error: &quick_xml::Error, met: Option<Limit>) -> DeliveryFault {
        let dialect = self.rules.dialect;
        match (met, error) {
            (Some(Limit::Record), _) => DeliveryFault::RowTooLong {
                row: self.row(),
                max: dialect.max_row_bytes,
            },
            (Some(Limit::Total), _) => DeliveryFault::TooLarge(dialect.max_unpacked_bytes >> 20),
            (Some(Limit::Ratio), _) => {
                self.forbidden("a file that unpacks to far more than its size")
            }
            (None, quick_xml::Error::Io(error)) => {
                if dialect.zipped {
                    return self.structure("the ZIP is damaged");
                }
                DeliveryFault::Unreadable(error.kind())
            }
            (None, quick_xml::Error::Encoding(_)) => self.encoding(),
            (None, _) => self.ill_formed(),
        }
    }

    fn declaration(&self, declared: &BytesDecl<'_>) -> Result<(), Halt> {
        if self.stage != Stage::Start || declared.version().ok().as_deref() != Some("1.0") {
            return Err(self.ill_formed().into());
        }
        match declared.encoding() {
            None => Ok(()),
            Some(Ok(name)) if name.eq_ignore_ascii_case("utf-8") => Ok(()),
            Some(Ok(_)) => Err(self.encoding().into()),
            Some(Err(_)) => Err(self.ill_formed().into()),
        }
    }

    /// An element begins.
    fn start<R>(&mut self, start: &BytesStart<'_>, reader: &NsReader<R>) -> Result<(), Halt> {
        if self.frames.len() >= self.rules.dialect.max_depth {
            return Err(self
                .structure("its elements are nested deeper than the pipeline accepts")
                .into());
        }
        let (namespace, local) = reader.resolver().resolve_element(start.name());
        let frame = match (self.frames.last().copied(), &namespace) {
            (_, ResolveResult::Unknown(_)) => return Err(self.ill_formed().into()),
            (None, ResolveResult::Bound(namespace)) if self.stage != Stage::Root => {
                if !is_accepted(&self.rules.dialect.namespaces, namespace.0) {
                    return Err(self
                        .structure("its namespace is none of those of the pipeline")
                        .into());
                }
                self.stage = Stage::Root;
                known(ROOT)
            }
            (None, _) if self.stage != Stage::Root => {
                return Err(self.structure("its root element has no namespace").into());
            }
            (None, _) => return Err(self.ill_formed().into()),
            (Some(within), _) => self.inside(within, local.as_ref())?,
        };
        self.text_before(frame)?;
        self.frames.push(frame);
        self.open_role(frame);
        Ok(self.attributes(start, reader, frame)?)
    }

    /// Text of an element that stands before another within it.
    fn text_before(&mut self, next: Frame) -> Result<(), DeliveryFault> {
        let Some(Frame::Known { node, parent }) = self.frames.last_mut() else {
            // What is dropped is dropped together.
            if !matches!(next, Frame::Dropped(_)) {
                self.text.clear();
            }
            return Ok(());
        };
        *parent = true;
        let (_, _, below) = self.rules.paths.of(*node);
        match below {
            _ if blank(&self.text) => {}
            Some(column) => self.drop_text(column)?,
            None => self.misplaced()?,
        }
        self.text.clear();
        Ok(())
    }

    /// What an element within another is.
    fn inside(&mut self, within: Frame, name: &str) -> Result<Frame, DeliveryFault> {
        let node = match within {
            Frame::Dropped(column) => return Ok(Frame::Dropped(column)),
            Frame::Broken if self.rules.paths.knows(name) => return Ok(Frame::Broken),
            Frame::Broken => return Err(DeliveryFault::UnknownField(self.row())),
            Frame::Known { node, .. } => node,
        };
        if let Some(child) = self.rules.paths.child(node, name) {
            return Ok(known(child));
        }
        if let (_, _, Some(below)) = self.rules.paths.of(node) {
            return Ok(Frame::Dropped(below));
        }
        if !self.rules.paths.knows(name) {
            return Err(DeliveryFault::UnknownField(self.row()));
        }
        self.misplaced()?;
        Ok(Frame::Broken)
    }

    /// Something stands where it should not: costs the row, or outside a record the delivery.
    fn misplaced(&mut self) -> Result<(), DeliveryFault> {
        let row = if self.in_row {
            self.rows.last_mut()
        } else {
            self.record.as_mut()
        };
        match row {
            Some(row) => {
                row.broken = true;
                Ok(())
            }
            None => Err(self.structure("what stands around the records is not where it should be")),
        }
    }

    fn attributes<R>(
        &mut self,
        start: &BytesStart<'_>,
        reader: &NsReader<R>,
        frame: Frame,
    ) -> Result<(), DeliveryFault> {
        if start.attributes_raw().len() > MAX_ATTRIBUTE_BYTES
            || start.attributes().with_checks(false).count() > MAX_ATTRIBUTES
        {
            return Err(self.structure("an element has more attributes than is accepted"));
        }
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|_| self.ill_formed())?;
            let value = attribute
                .normalized_value(quick_xml::XmlVersion::Explicit1_0)
                .map_err(|error| match error {
                    quick_xml::Error::Escape(EscapeError::UnrecognizedEntity(..)) => {
                        self.forbidden("an entity")
                    }
                    _ => self.ill_formed(),
                })?;
            self.legal(&value)?;
            if attribute.key.as_namespace_binding().is_some() {
                continue;
            }
            let (namespace, local) = reader.resolver().resolve_attribute(attribute.key);
            match namespace {
                ResolveResult::Unknown(_) => return Err(self.ill_formed()),
                ResolveResult::Bound(namespace)
                    if namespace.0 == SCHEMA_INSTANCE || namespace.0 == XML =>
                {
                    continue;
                }
                _ => {}
            }
            let column = match frame {
                Frame::Known { node, .. } => self.rules.paths.attribute(node, local.as_ref()),
                Frame::Dropped(_) | Frame::Broken => continue,
            };
            let column = column.ok_or(DeliveryFault::UnknownField(self.row()))?;
            self.set(column, value.as_bytes())?;
        }
        Ok(())
    }

    /// A record or row begins with its element.
    fn open_role(&mut self, frame: Frame) {
        let Frame::Known { node, .. } = frame else {
            return;
        };
        match self.rules.paths.of(node).0 {
            Role::Plain => {}
            Role::Record => {
                self.records += 1;
                self.record = Some(Row::default());
                self.between_records = true;
            }
            Role::Row => {
                self.rows.push(Row::default());
                self.in_row = true;
            }
        }
    }

    /// An element ends.
    fn end(&mut self, output: &mut Output) -> Result<(), Halt> {
        let Some(frame) = self.frames.pop() else {
            return Err(self.ill_formed().into());
        };
        let (node, parent) = match frame {
            Frame::Known { node, parent } => (node, parent),
            Frame::Broken => {
                self.text.clear();
                return Ok(());
            }
            Frame::Dropped(column) => {
                if matches!(self.frames.last(), Some(Frame::Known { .. })) {
                    self.drop_text(column)?;
                }
                return Ok(());
            }
        };
        let (role, column, below) = self.rules.paths.of(node);
        match column {
            Some(column) if !parent => {
                let text = std::mem::take(&mut self.text);
                self.set(column, text.as_bytes())?;
                self.text = text;
            }
            _ if blank(&self.text) => {}
            _ => match below {
                Some(column) => self.drop_text(column)?,
                None => self.misplaced()?,
            },
        }
        self.text.clear();
        match role {
            Role::Plain => {}
            Role::Row => self.in_row = false,
            Role::Record => self.end_record(output)?,
        }
        Ok(())
    }

    fn finish(&self, output: &mut Output) -> Result<(), Halt> {
        if !self.frames.is_empty() {
            return Err(DeliveryFault::Truncated(self.row()).into());
        }
        if self.stage != Stage::Root {
            return Err(self.ill_formed().into());
        }
        if self.records == 0 {
            // Nor is a message without records.
            return output.malformed();
        }
        Ok(())
    }
}

const fn known(node: usize) -> Frame {
    Frame::Known {
        node,
        parent: false,
    }
}

/// Nothing but the white space of XML.
fn blank(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_whitespace())
}
