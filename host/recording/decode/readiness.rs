//! Reads when sources became ready.

use crate::error::{DecodeError, invalid};
use crate::value::cbor::Reader;
use crate::{Arrival, Asked, Readiness, Source, Unready};

pub(super) fn arrival(reader: &mut Reader<'_>) -> Result<Arrival, DecodeError> {
    reader.charge(size_of::<Arrival>())?;
    let at = reader.unsigned()?;
    let offset = reader.position();
    let name = reader.text()?;
    let unknown = || invalid(offset, format!("`{}` is no way to find a source", name.escape_debug()));
    let found = name.parse().map_err(|_| unknown())?;
    let offset = reader.position();
    let number = reader.array()?;
    if number == 0 {
        return Err(invalid(offset, "an arrival has no source"));
    }
    let mut sources = Vec::new();
    for _ in 0..number {
        reader.charge(size_of::<Asked>())?;
        sources.push(asked(reader)?);
    }
    Ok(Arrival { at, found, sources })
}

pub(super) fn unready(reader: &mut Reader<'_>) -> Result<Unready, DecodeError> {
    reader.charge(size_of::<Unready>())?;
    Ok(Unready { at: reader.unsigned()?, asked: asked(reader)? })
}

fn asked(reader: &mut Reader<'_>) -> Result<Asked, DecodeError> {
    let offset = reader.position();
    let (length, sort) = (reader.array()?, reader.text()?);
    let request = if sort == "request-body" { Some(reader.name()?) } else { None };
    let in_vain = reader.unsigned()?;
    let source = match (sort, length, request) {
        ("timer", 4, _) => Source::Timer { wait: reader.unsigned()?, ordinal: reader.unsigned()? },
        ("response", 3, _) => Source::Response { call: reader.unsigned()? },
        ("body", 4, _) => Source::Body { call: reader.unsigned()?, frames: reader.unsigned()? },
        ("trailers", 3, _) => Source::Trailers { call: reader.unsigned()? },
        ("request-body", 5, Some(request)) => {
            Source::RequestBody { request, ordinal: reader.unsigned()?, writes: reader.unsigned()? }
        }
        _ => {
            let reason = format!("`{}` of {length} items is no source", sort.escape_debug());
            return Err(invalid(offset, reason));
        }
    };
    Ok(Asked { source, in_vain })
}

pub(super) fn answer(reader: &mut Reader<'_>) -> Result<Readiness, DecodeError> {
    let (question, questions) = (reader.unsigned()?, reader.unsigned()?);
    let positions = reader.array()?;
    reader.charge(positions.saturating_mul(size_of::<u32>()))?;
    let position = |reader: &mut Reader<'_>| {
        let (offset, position) = (reader.position(), reader.unsigned()?);
        u32::try_from(position).map_err(|_| invalid(offset, format!("{position} is no position in a list")))
    };
    let ready = (0..positions).map(|_| position(reader)).collect::<Result<_, _>>()?;
    Ok(Readiness { question, questions, ready })
}
