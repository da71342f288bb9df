//! What stands between a hostile workbook and calamine.
//!
//! Calamine reads what Excel writes, and trusts it: it makes room for as many shared strings as a
//! file says it has, copies a font for every cell format, and counts in cell references without
//! looking. So every part is read here first, with the same XML reader, and what could make calamine
//! panic or fill the memory is refused. The bounds are far beyond what Excel itself can write.

use std::collections::BTreeSet;
use std::io::{self, BufReader, Read};

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::package::fault;
use super::reference;
use crate::source::fault::DeliveryFault;

/// Longest tag, text or comment, and longest cell or shared string with all that it holds.
const MAX_PIECE: u64 = 4 << 20;
/// Longest tag of what calamine keeps of a workbook: formats, names, sheets, relations.
const MAX_KEPT_TAG: usize = 8 << 10;
/// As many of each as a part may have. Excel stops at 65 490 cell formats.
const MAX_KEPT: u64 = 1 << 17;
/// What the cell formats may take in memory together.
const MAX_STYLES: u64 = 256 << 20;
/// What a cell format takes besides the texts in it.
const STYLE: u64 = 1024;
/// What a shared string takes besides its text.
const STRING: u64 = 40;
/// Deepest accepted nesting.
const MAX_DEPTH: usize = 256;
/// A number format with more marks than this is no number format; calamine counts them in a byte.
const MAX_BRACKETS: usize = 200;

/// Whether calamine may read a part of this name (in lower case).
pub(super) fn is_read(name: &str) -> bool {
    [".xml", ".rels"].iter().any(|end| name.ends_with(end))
}

/// What may still be unpacked, and what was refused on the way.
pub(super) struct Bounds {
    max_unpacked: u64,
    left: u64,
}

impl Bounds {
    pub(super) const fn new(max_unpacked: u64) -> Self {
        Self {
            max_unpacked,
            left: max_unpacked,
        }
    }

    const fn too_large(&self) -> DeliveryFault {
        DeliveryFault::TooLarge(self.max_unpacked >> 20)
    }
}

/// Counts what is really unpacked, and stops before one piece of XML fills the memory.
struct Metered<R> {
    inner: R,
    left: u64,
    piece: u64,
    stopped: Option<Stopped>,
}

#[derive(Clone, Copy)]
enum Stopped {
    Unpacked,
    Piece,
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.stopped = match (self.left, self.piece) {
            (0, _) => Some(Stopped::Unpacked),
            (_, MAX_PIECE..) => Some(Stopped::Piece),
            _ => None,
        };
        if self.stopped.is_some() {
            // At the very end nothing more comes, and the bound was kept.
            return match self.inner.read(&mut [0]) {
                Ok(0) => {
                    self.stopped = None;
                    Ok(0)
                }
                _ => Err(io::ErrorKind::FileTooLarge.into()),
            };
        }
        let most = usize::try_from(self.left).unwrap_or(usize::MAX);
        let most = buffer.len().min(most);
        let got = self.inner.read(&mut buffer[..most])?;
        self.left -= got as u64;
        self.piece += got as u64;
        Ok(got)
    }
}

/// Reads a part to its end.
///
/// # Errors
/// It holds what no workbook of ours may hold.
pub(super) fn part<R: Read>(input: R, bounds: &mut Bounds) -> Result<(), DeliveryFault> {
    let metered = Metered {
        inner: input,
        left: bounds.left,
        piece: 0,
        stopped: None,
    };
    let mut xml = Reader::from_reader(BufReader::with_capacity(1 << 16, metered));
    // As calamine has it, except that every tag must be closed: calamine looks for ends by name.
    let config = xml.config_mut();
    config.check_end_names = true;
    config.trim_text(false);
    config.check_comments = false;
    config.expand_empty_elements = true;

    let mut state = State::new(bounds.max_unpacked);
    let mut buffer = Vec::with_capacity(1024);
    loop {
        buffer.clear();
        let before = xml.buffer_position();
        let event = xml.read_event_into(&mut buffer);
        let result = match event {
            Ok(Event::Eof) => break,
            Ok(event) => state.event(&event, before),
            Err(quick_xml::Error::Io(_)) => Err(fault("the workbook is damaged")),
            Err(_) => Err(fault("a part of the workbook is no XML in UTF-8")),
        };
        let metered = xml.get_mut().get_mut();
        match (result, metered.stopped) {
            (_, Some(Stopped::Unpacked)) => return Err(bounds.too_large()),
            (_, Some(Stopped::Piece)) => return Err(LONG),
            (result, None) => result?,
        }
        metered.piece = 0;
    }
    bounds.left = xml.get_mut().get_mut().left;
    Ok(())
}

const LONG: DeliveryFault = fault("a cell or a tag of the workbook is far too long");
const MANY: DeliveryFault =
    fault("the workbook has more formats, names or sheets than Excel allows");
const DOUBLED: DeliveryFault = fault("two sheets of the workbook are the same part of it");
const REFERENCE: DeliveryFault = fault("a cell of the workbook stands where no cell can be");
const TAG: DeliveryFault = fault("a tag of the workbook cannot be read");

/// What was seen of a part.
struct State {
    max_unpacked: u64,
    /// Elements that are open.
    depth: usize,
    /// Where the cell, string or name began that is being read, and how deep.
    whole: Option<(u64, usize)>,
    /// The cell says that its value is a number.
    numeric: bool,
    /// Within that value.
    value: bool,
    /// A shared string occurred: from then on texts are kept.
    shared: bool,
    /// What the strings take in memory.
    strings: u64,
    /// Things that calamine keeps, by kind.
    kept: [u64; KEPT.len()],
    longest_tag: usize,
    /// Where sheets lead to: each to a part of its own, or a small file could be read for ever.
    led: BTreeSet<String>,
}

/// Things that calamine keeps all of, by their local names.
const KEPT: [&str; 10] = [
    "definedName",
    "sheet",
    "Relationship",
    "numFmt",
    "font",
    "name",
    "fill",
    "border",
    "xf",
    "alignment",
];
const XF: usize = 8;

impl State {
    const fn new(max_unpacked: u64) -> Self {
        Self {
            max_unpacked,
            depth: 0,
            whole: None,
            numeric: false,
            value: false,
            shared: false,
            strings: 0,
            kept: [0; KEPT.len()],
            longest_tag: 0,
            led: BTreeSet::new(),
        }
    }

    /// Looks at one piece of XML that begins at `position`.
    fn event(&mut self, event: &Event<'_>, position: u64) -> Result<(), DeliveryFault> {
        if let Some((begin, _)) = self.whole
            && position - begin > MAX_PIECE
        {
            return Err(LONG);
        }
        match event {
            Event::Start(tag) => self.start(tag, position),
            Event::End(_) => {
                self.depth = self.depth.saturating_sub(1);
                self.value = false;
                if self.whole.is_some_and(|(_, depth)| depth > self.depth) {
                    self.whole = None;
                    self.numeric = false;
                }
                Ok(())
            }
            Event::Text(text) => self.text(text),
            Event::CData(text) => self.text(text),
            Event::DocType(_) => Err(DeliveryFault::Forbidden {
                row: 0,
                what: "a document type (DTD)",
            }),
            Event::GeneralRef(name) if !known_reference(name) => Err(DeliveryFault::Forbidden {
                row: 0,
                what: "entities of its own",
            }),
            Event::GeneralRef(_)
            | Event::Empty(_)
            | Event::Comment(_)
            | Event::Decl(_)
            | Event::PI(_)
            | Event::Eof => Ok(()),
        }
    }

    fn text(&mut self, text: &str) -> Result<(), DeliveryFault> {
        // Of a cell that says that it is a number, calamine expects nothing else.
        let number = |b: u8| b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'+' | b'e' | b'E');
        if self.value && (text.starts_with('+') || !text.bytes().all(number)) {
            return Err(fault(
                "a cell of the workbook says that it is a number and is none",
            ));
        }
        if self.shared {
            self.string(text.len() as u64)?;
        }
        Ok(())
    }

    fn string(&mut self, bytes: u64) -> Result<(), DeliveryFault> {
        self.strings += bytes;
        if self.strings > self.max_unpacked {
            return Err(self.too_large());
        }
        Ok(())
    }

    fn start(&mut self, tag: &BytesStart<'_>, position: u64) -> Result<(), DeliveryFault> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(TAG);
        }
        let local = tag.local_name();
        let local = local.as_ref();
        if is_whole(local) && self.whole.is_none() {
            self.whole = Some((position, self.depth));
        }
        match local {
            "c" => self.cell(tag),
            "v" => {
                self.value = self.numeric;
                Ok(())
            }
            "row" => attributes(tag, "r", |value| {
                reference::row(value).then_some(()).ok_or(REFERENCE)
            }),
            "dimension" => attributes(tag, "ref", |value| {
                reference::area(value).then_some(()).ok_or(REFERENCE)
            }),
            "si" => {
                self.shared = true;
                self.string(STRING)
            }
            "sst" => attributes(tag, "uniqueCount", |value| self.unique(value)),
            _ => match KEPT.iter().position(|name| *name == local) {
                Some(kind) => self.keep(kind, tag),
                None => Ok(()),
            },
        }
    }

    const fn too_large(&self) -> DeliveryFault {
        DeliveryFault::TooLarge(self.max_unpacked >> 20)
    }

    fn cell(&mut self, tag: &BytesStart<'_>) -> Result<(), DeliveryFault> {
        attributes(tag, "r", |value| {
            reference::cell(value).map(|_| ()).ok_or(REFERENCE)
        })?;
        let mut numeric = false;
        attributes(tag, "t", |value| {
            numeric |= value == "n";
            Ok(())
        })?;
        self.numeric = numeric;
        Ok(())
    }

    fn unique(&self, value: &str) -> Result<(), DeliveryFault> {
        let room = value
            .parse::<u64>()
            .ok()
            .and_then(|count| count.checked_mul(STRING));
        match room {
            Some(room) if room <= self.max_unpacked => Ok(()),
            _ => Err(self.too_large()),
        }
    }

    fn keep(&mut self, kind: usize, tag: &BytesStart<'_>) -> Result<(), DeliveryFault> {
        let length = tag.len();
        if length > MAX_KEPT_TAG {
            return Err(LONG);
        }
        let brackets = tag
            .bytes()
            .filter(|byte| matches!(byte, b'[' | b'&'))
            .count();
        if KEPT[kind] == "numFmt" && brackets > MAX_BRACKETS {
            return Err(TAG);
        }
        match KEPT[kind] {
            "Relationship" => self.relation(tag)?,
            "sheet" => attributes(tag, "id", |value| self.lead(value))?,
            _ => {}
        }
        self.kept[kind] += 1;
        self.longest_tag = self.longest_tag.max(length);
        // A format copies the texts of its font and of its number format.
        let styles = self.kept[XF].saturating_mul(STYLE + 2 * self.longest_tag as u64);
        if self.kept[kind] > MAX_KEPT || styles > MAX_STYLES {
            return Err(MANY);
        }
        Ok(())
    }

    /// What calamine follows must be a part that is looked at.
    fn relation(&mut self, tag: &BytesStart<'_>) -> Result<(), DeliveryFault> {
        let mut followed = false;
        attributes(tag, "Type", |value| {
            followed |= ["officeDocument", "worksheet", "chartsheet", "dialogsheet"]
                .iter()
                .any(|kind| value.rsplit('/').next() == Some(*kind));
            Ok(())
        })?;
        if !followed {
            return Ok(());
        }
        attributes(tag, "Target", |value| {
            let name = value.to_ascii_lowercase();
            if !is_read(&name) || name.contains('&') {
                return Err(TAG);
            }
            self.lead(name.rsplit(['/', '\\']).next().unwrap_or_default())
        })
    }

    /// Notes where a sheet leads to.
    fn lead(&mut self, to: &str) -> Result<(), DeliveryFault> {
        let new = self.led.insert(to.to_owned());
        new.then_some(()).ok_or(DOUBLED)
    }
}

/// Elements that calamine holds in memory as a whole.
fn is_whole(local: &str) -> bool {
    matches!(local, "c" | "si" | "definedName")
}

/// The references that need no document type.
fn known_reference(name: &str) -> bool {
    name.starts_with('#') || matches!(name, "lt" | "gt" | "amp" | "quot" | "apos")
}

/// Looks at every value of an attribute, as often as it stands there.
fn attributes(
    tag: &BytesStart<'_>,
    wanted: &str,
    mut look: impl FnMut(&str) -> Result<(), DeliveryFault>,
) -> Result<(), DeliveryFault> {
    for attribute in tag.attributes().with_checks(false) {
        let attribute = attribute.map_err(|_| TAG)?;
        if attribute.key.local_name().as_ref() == wanted {
            look(&attribute.value)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
