//! Text: only characters that XML may hold, and no entities but those that every XML has.

use quick_xml::events::BytesRef;

use super::{Frame, Message, blank};
use crate::source::fault::DeliveryFault;
use crate::source::xml::output::Halt;

impl Message<'_> {
    /// Text as it stands between tags.
    pub(super) fn text(&mut self, text: &str) -> Result<(), Halt> {
        if memchr::memchr(b'>', text.as_bytes()).is_some() && text.contains("]]>") {
            return Err(self.ill_formed().into());
        }
        self.character_data(text)
    }

    /// Text, from wherever.
    pub(super) fn character_data(&mut self, text: &str) -> Result<(), Halt> {
        if self.frames.is_empty() && !blank(text) {
            return Err(self.ill_formed().into());
        }
        self.legal(text)?;
        if let Some(Frame::Dropped(_)) = self.frames.last() {
            // Words of different elements stay apart, and indentation is no text.
            self.text.push_str(text.trim_ascii());
            self.text.push(' ');
        } else {
            self.text.push_str(text);
        }
        Ok(())
    }

    /// Only the five entities that every XML has, and characters by number.
    pub(super) fn reference(&mut self, reference: &BytesRef<'_>) -> Result<(), Halt> {
        let character = match &**reference {
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            "quot" => '"',
            "apos" => '\'',
            _ if !reference.is_char_ref() => return Err(self.forbidden("an entity").into()),
            _ => match reference.resolve_char_ref() {
                Ok(Some(character)) => character,
                _ => return Err(self.ill_formed().into()),
            },
        };
        if self.frames.is_empty() {
            return Err(self.ill_formed().into());
        }
        self.legal(character.encode_utf8(&mut [0; 4]))?;
        self.text.push(character);
        Ok(())
    }

    /// Whether XML may hold these characters.
    pub(super) fn legal(&self, text: &str) -> Result<(), DeliveryFault> {
        let bytes = text.as_bytes();
        let control = |byte: &u8| *byte < b' ' && !matches!(byte, b'\t' | b'\n' | b'\r');
        match bytes.iter().find(|byte| control(byte)) {
            Some(0) => return Err(DeliveryFault::NulByte(self.row())),
            Some(_) => return Err(self.ill_formed()),
            None => {}
        }
        // U+FFFE and U+FFFF, which hardly any text comes near.
        let far = memchr::memchr(0xef, bytes).is_some();
        if far && text.contains(['\u{fffe}', '\u{ffff}']) {
            return Err(self.ill_formed());
        }
        Ok(())
    }
}
