//! What the service saw of granted directories, and what it left there.

use super::Event;
use super::entry::{Decoder, Encoder, Entry, Listing};
use crate::error::{DecodeError, EncodeError, invalid};
use crate::items::{begin, write_pair};
use crate::value::cbor;
use crate::value::json::to_json;
use crate::{Change, Changed, Refused, Seen, Sight};
use serde::Serialize;
use serde::ser::SerializeSeq;

impl Entry for Seen {
    type Fields<'e> = &'e Self;

    fn weight(seen: &Self) -> usize {
        size_of::<Self>() + seen.path.len() + seen.sight.weight()
    }

    fn passing_weight(seen: &Self) -> usize {
        seen.sight.to_value().weight()
    }

    fn write(seen: &Self, encoder: &mut Encoder<'_>) -> Result<(), EncodeError> {
        let out = &mut encoder.out;
        begin("seen", 5, out);
        write_pair(&seen.path, seen.look.name(), out);
        cbor::write_unsigned(seen.ordinal, out);
        cbor::write(&seen.sight.to_value(), out);
        Ok(())
    }

    fn read(_: &str, _: usize, decoder: &mut Decoder<'_>) -> Result<Event, DecodeError> {
        let reader = &mut decoder.reader;
        let path = reader.string()?;
        let offset = reader.position();
        let name = reader.text()?;
        let unknown = || invalid(offset, format!("`{}` is not a probe", name.escape_debug()));
        let look = name.parse().map_err(|_| unknown())?;
        let ordinal = reader.unsigned()?;
        let (offset, value) = (reader.position(), reader.value()?);
        let sight = Sight::from_value(look, &value);
        let sight =
            sight.ok_or_else(|| invalid(offset, format!("this is not what a probe `{name}` sees")))?;
        reader.charge(size_of::<Self>() + sight.weight())?;
        Ok(Event::Seen(Box::new(Self { path, look, ordinal, sight })))
    }

    fn show<'r, S: SerializeSeq>(seen: &'r Self, _: &mut Listing<'r>, lines: &mut S) -> Result<(), S::Error> {
        #[derive(Serialize)]
        struct Line<'r> {
            event: &'static str,
            path: &'r str,
            look: &'static str,
            sight: serde_json::Value,
        }
        let (path, look, sight) = (&seen.path, seen.look.name(), to_json(&seen.sight.to_value()));
        lines.serialize_element(&Line { event: "seen", path, look, sight })
    }
}

impl Entry for Refused {
    type Fields<'e> = &'e Self;

    fn weight(refused: &Self) -> usize {
        size_of::<Self>() + refused.call.len() + refused.path.len() + refused.code.len()
    }

    fn write(refused: &Self, encoder: &mut Encoder<'_>) -> Result<(), EncodeError> {
        let out = &mut encoder.out;
        begin("refused", 5, out);
        write_pair(&refused.call, &refused.path, out);
        cbor::write_unsigned(refused.attempt, out);
        cbor::write_text(&refused.code, out);
        Ok(())
    }

    fn read(_: &str, _: usize, decoder: &mut Decoder<'_>) -> Result<Event, DecodeError> {
        let reader = &mut decoder.reader;
        reader.charge(size_of::<Self>())?;
        let (call, path) = (reader.string()?, reader.string()?);
        let (attempt, code) = (reader.unsigned()?, reader.string()?);
        Ok(Event::Refused(Box::new(Self { call, path, attempt, code })))
    }

    fn show<'r, S: SerializeSeq>(
        refused: &'r Self,
        _: &mut Listing<'r>,
        lines: &mut S,
    ) -> Result<(), S::Error> {
        #[derive(Serialize)]
        struct Line<'r> {
            event: &'static str,
            path: &'r str,
            call: &'r str,
            code: &'r str,
        }
        let Self { call, path, code, .. } = refused;
        lines.serialize_element(&Line { event: "refused", path, call, code })
    }
}

impl Entry for Changed {
    type Fields<'e> = &'e Self;

    fn weight(changed: &Self) -> usize {
        let target = match &changed.change {
            Change::Link(target) => target.len(),
            Change::Removed | Change::Folder | Change::File(_) => 0,
        };
        size_of::<Self>() + changed.path.len() + target
    }

    /// The value is charged when it is read and when something is made of it.
    fn passing_weight(changed: &Self) -> usize {
        2 * changed.change.to_value().weight()
    }

    fn write(changed: &Self, encoder: &mut Encoder<'_>) -> Result<(), EncodeError> {
        let out = &mut encoder.out;
        begin("changed", 3, out);
        cbor::write_text(&changed.path, out);
        cbor::write(&changed.change.to_value(), out);
        Ok(())
    }

    fn read(_: &str, _: usize, decoder: &mut Decoder<'_>) -> Result<Event, DecodeError> {
        let reader = &mut decoder.reader;
        let path = reader.string()?;
        let (offset, value) = (reader.position(), reader.value()?);
        let change = Change::from_value(&value);
        let change = change.ok_or_else(|| invalid(offset, "this is nothing that a service can leave"))?;
        reader.charge(size_of::<Self>() + value.weight())?;
        Ok(Event::Changed(Box::new(Self { path, change })))
    }

    fn show<'r, S: SerializeSeq>(
        changed: &'r Self,
        _: &mut Listing<'r>,
        lines: &mut S,
    ) -> Result<(), S::Error> {
        #[derive(Serialize)]
        struct Line<'r> {
            event: &'static str,
            path: &'r str,
            change: serde_json::Value,
        }
        let (path, change) = (&changed.path, to_json(&changed.change.to_value()));
        lines.serialize_element(&Line { event: "left", path, change })
    }
}
