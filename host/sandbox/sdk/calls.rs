//! Calls of intercepted functions of the service, from when they begin until they are over.

use super::bindings::playback::guest::interception::{Host, Names, Point, Step};
use crate::recording::Outcome;
use crate::sandbox::failure::{Diverged, Failure, returned};
use crate::sandbox::limits::LimitReached;
use crate::sandbox::state::State;
use crate::tape::{self, Crossing, Interceptor, Loss, Place, Slot, Tape};
use crate::value::Value;
use crate::value::cbor::{self, Reader};
use std::collections::BTreeMap;
use std::sync::Arc;
use wasmtime::{Result, bail, format_err};

/// Those that are not over, by their tickets.
#[derive(Default)]
pub(super) struct Calls {
    open: BTreeMap<u64, Call>,
    tickets: u64,
    /// Whose body is at work.
    at_work: Option<u64>,
}

/// A call that is not over.
struct Call {
    place: Place,
    /// The stretch within it.
    stretch: u64,
    /// Where what comes of it goes; `None`: it is recorded, and is taken just now.
    slot: Option<Slot>,
}

impl State {
    /// The body of a call is at work, or what was recorded of it is taken.
    fn begin(&mut self, place: Place, slot: Option<Slot>) -> u64 {
        self.tape.suspend(place);
        let (calls, stretch) = (&mut self.sdk.calls, self.tape.stretch());
        calls.tickets += 1;
        calls.open.insert(calls.tickets, Call { place, stretch, slot });
        calls.at_work = Some(calls.tickets);
        calls.tickets
    }

    /// A call is over. Where what came of it goes, unless it is recorded.
    fn end(&mut self, ticket: u64) -> Result<Option<Slot>> {
        // What the body wrote to the standard streams is not on the tape either.
        self.settle();
        let Some(call) = self.sdk.calls.open.remove(&ticket) else {
            bail!("the guest SDK leaves call {ticket}, which is not open")
        };
        self.sdk.calls.at_work = None;
        self.tape.go_on();
        self.random.leave(call.stretch);
        Ok(call.slot)
    }

    /// The operation ended, with these calls open. What it came to amid a body is what came of the body: a replay ends there
    /// too. The others are abandoned.
    pub(crate) fn end_calls(&mut self, failure: Option<&Failure>) {
        let Calls { open, at_work, .. } = std::mem::take(&mut self.sdk.calls);
        if at_work.is_some() {
            self.tape.go_on();
        }
        for (ticket, call) in open {
            let outcome = match failure.filter(|_| at_work == Some(ticket)) {
                None => Outcome::Abandoned,
                Some(Failure::Diverged(_)) => continue,
                Some(Failure::Limit(limit)) => Outcome::Stopped(limit.clone().into()),
                Some(Failure::Trapped(reason)) => Outcome::Trapped(reason.clone()),
            };
            if let Some(slot) = call.slot {
                self.tape.keep(slot, Arc::new(outcome));
            }
        }
    }

    /// The values that CBOR of the service is.
    fn values<T>(
        &self,
        bytes: &[u8],
        read: impl FnOnce(&mut Reader<'_>) -> Result<T, Box<cbor::ReadError>>,
    ) -> Result<T> {
        let mut reader = Reader::new(bytes, self.sdk.crossing);
        match read(&mut reader) {
            Ok(values) if reader.is_at_end() => Ok(values),
            Ok(_) => bail!("the guest SDK sent CBOR that does not end where it should"),
            Err(error) => match *error {
                cbor::ReadError::TooLarge { .. } => Err(LimitReached::Crossing(self.sdk.crossing).into()),
                error => Err(format_err!("the guest SDK sent CBOR that cannot be read: {error}")),
            },
        }
    }

    pub(super) fn value(&self, bytes: &[u8]) -> Result<Value> {
        self.values(bytes, |reader| reader.value())
    }
}

impl Host for State {
    fn declare(&mut self, point: Point) -> Result<u32> {
        self.sdk.points.declare(point)
    }

    fn enter(&mut self, point: u32, names: Option<Names>, arguments: Vec<u8>) -> Result<Step> {
        self.settle();
        let interceptor = self.sdk.points.get(point)?.clone();
        let values = self.values(&arguments, |reader| reader.values())?;
        let parameters = interceptor.signature.parameters.len();
        if values.len() != parameters {
            bail!("the guest SDK sent {} arguments for {parameters}", values.len());
        }
        if let Tape::Replaying(_) = &self.tape {
            self.meter.keep(size_of::<Crossing>() + values.iter().map(Value::weight).sum::<usize>())?;
        }
        let place = self.tape.reserve();
        let names = aliases(names, &interceptor);
        match self.tape.intercept_as(place, names, &interceptor, values).map_err(Diverged)? {
            tape::Step::Live(slot) => {
                let is_default = slot.is_for_default();
                let ticket = self.begin(place, Some(slot));
                Ok(if is_default { Step::Default(ticket) } else { Step::Live(ticket) })
            }
            tape::Step::Recorded(outcome) if *outcome == Outcome::Abandoned => Ok(Step::Abandoned),
            tape::Step::Recorded(outcome) => {
                let bytes = cbor::to_vec(returned(&outcome)?);
                Ok(Step::Recorded((self.begin(place, None), bytes)))
            }
        }
    }

    fn leave(&mut self, ticket: u64, value: Option<Vec<u8>>) -> Result<()> {
        if let (Some(slot), Some(bytes)) = (self.end(ticket)?, value) {
            let value = self.value(&bytes)?;
            self.tape.keep(slot, Arc::new(Outcome::Returned(value)));
        }
        Ok(())
    }

    fn abandon(&mut self, ticket: u64) -> Result<()> {
        if let Some(slot) = self.end(ticket)? {
            self.tape.keep(slot, Arc::new(Outcome::Abandoned));
        }
        Ok(())
    }

    fn pause(&mut self, ticket: u64) -> Result<()> {
        self.settle();
        if self.sdk.calls.at_work != Some(ticket) {
            bail!("the guest SDK pauses call {ticket}, which is not at work");
        }
        self.sdk.calls.at_work = None;
        self.tape.go_on();
        Ok(())
    }

    fn resume(&mut self, ticket: u64) -> Result<()> {
        self.settle();
        let Some(call) = self.sdk.calls.open.get(&ticket) else {
            bail!("the guest SDK resumes call {ticket}, which is not open");
        };
        self.sdk.calls.at_work = Some(ticket);
        self.tape.suspend(call.place);
        Ok(())
    }

    fn failed(&mut self, point: u32, problem: String) -> Result<()> {
        let interceptor = self.sdk.points.get(point)?.clone();
        match &mut self.tape {
            Tape::Recording(tape) => {
                let function = interceptor.function.name.to_string();
                tape.discard(Loss::Unkept { function, problem });
                Ok(())
            }
            Tape::Replaying(tape) => Err(Diverged(tape.failed(&interceptor, &problem)).into()),
        }
    }

    fn dropped(&mut self, point: u32, paths: Vec<String>) -> Result<()> {
        let interceptor = self.sdk.points.get(point)?;
        if let Tape::Replaying(tape) = &mut self.tape {
            tape.note_dropped(interceptor, &paths);
        }
        Ok(())
    }
}

fn aliases(names: Option<Names>, interceptor: &Interceptor) -> tape::Names {
    match names {
        Some(Names { alias, fallback_aliases }) => tape::Names {
            alias: alias.into(),
            fallback_aliases: fallback_aliases.into_iter().map(Into::into).collect(),
        },
        None => tape::Names::of(interceptor, &[]),
    }
}
