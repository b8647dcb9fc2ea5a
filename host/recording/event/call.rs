//! A call that crossed the boundary.

use super::entry::{Decoder, Encoder, Entry, Listing};
use super::{Event, Interception, Kind};
use crate::Outcome;
use crate::error::{DecodeError, EncodeError, invalid};
use crate::functions::Functions;
use crate::items::{begin, write_values};
use crate::json::{Ended, recorded_arguments};
use crate::value::cbor;
use crate::value::{Name, Value};
use serde::Serialize;
use serde::ser::SerializeSeq;

impl Entry for Interception {
    type Fields<'e> = &'e Self;

    fn weight(call: &Self) -> usize {
        call.weight()
    }

    #[inline]
    fn write(call: &Self, encoder: &mut Encoder<'_>) -> Result<(), EncodeError> {
        let Encoder { out, functions } = encoder;
        let default_alias = checked(call, functions)?;
        begin(call.kind.name(), 5 + usize::from(call.note > 0), out);
        cbor::write_unsigned(u64::from(call.function), out);
        match *call.alias == **default_alias {
            true => cbor::write_null(out),
            false => cbor::write_text(&call.alias, out),
        }
        write_values(&call.arguments, out);
        call.outcome.write(out);
        if call.note > 0 {
            cbor::write_unsigned(call.note, out);
        }
        Ok(())
    }

    fn read(sort: &str, items: usize, decoder: &mut Decoder<'_>) -> Result<Event, DecodeError> {
        let kind = sort.parse().unwrap_or(Kind::Output);
        let Decoder { reader, functions, .. } = decoder;
        let offset = reader.position();
        let index = reader.unsigned()?;
        let number = u32::try_from(index).unwrap_or(u32::MAX);
        let count = functions.len();
        let Some((function, default_alias)) = functions.get(number) else {
            return Err(invalid(offset, format!("function {index} is called, and there are {count}")));
        };
        let alias = if reader.null() { default_alias.clone() } else { reader.name()? };
        let arguments = reader.values()?;
        function.check_count(arguments.len()).map_err(|reason| invalid(offset, reason))?;
        reader.charge(size_of::<Outcome>())?;
        let outcome = Outcome::read(reader)?.into();
        let note = if items > 5 { reader.unsigned()? } else { 0 };
        Ok(Event::Interception(Self { function: number, kind, alias, arguments, outcome, note }))
    }

    fn show<'r, S: SerializeSeq>(
        call: &'r Self,
        listing: &mut Listing<'r>,
        lines: &mut S,
    ) -> Result<(), S::Error> {
        #[derive(Serialize)]
        #[serde(rename_all = "kebab-case")]
        struct Line<'r, A> {
            event: Kind,
            number: usize,
            function: Option<&'r str>,
            alias: &'r str,
            call_of_alias: usize,
            arguments: A,
            outcome: Ended<'r>,
        }
        let ordinal = listing.calls_of_alias.entry(&call.alias).or_default();
        *ordinal += 1;
        let function = listing.recording.function(call).map(|function| &*function.name);
        lines.serialize_element(&Line {
            event: call.kind,
            number: listing.calls,
            function,
            alias: &call.alias,
            call_of_alias: *ordinal,
            arguments: recorded_arguments(listing.recording, call),
            outcome: Ended::of_call(function.unwrap_or_default(), &call.outcome),
        })
    }
}

impl Interception {
    /// The memory that it holds beyond that of an [`Event`], in bytes, to a few percent.
    pub fn weight(&self) -> usize {
        let arguments = self.arguments.iter().map(Value::weight).sum::<usize>();
        self.alias.len() + arguments + size_of::<Outcome>() + self.outcome.weight()
    }
}

/// The alias that the call has without a rule, if a reader takes the call.
#[inline]
fn checked<'f>(call: &Interception, functions: &'f mut Functions<'_>) -> Result<&'f Name, EncodeError> {
    let count = functions.len();
    let Some((function, default_alias)) = functions.get(call.function) else {
        let reason = format!("`{}` calls function {} of {count}", call.alias, call.function);
        return Err(EncodeError::Inconsistent(reason));
    };
    function.check_count(call.arguments.len()).map_err(EncodeError::Inconsistent)?;
    Ok(default_alias)
}
