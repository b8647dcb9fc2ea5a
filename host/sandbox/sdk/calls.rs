//! Calls of intercepted functions of the service, from when they begin until they are over.

use super::bindings::playback::guest::interception::{Host, Names, Point, Recorded, Step};
use super::open::{Call, Calls, Work};
use super::values::sort;
use crate::failure::{Diverged, Failure, returned};
use crate::limits::LimitReached;
use crate::state::State;
use playback_recording::Outcome;
use playback_recording::value::Value;
use playback_recording::value::cbor;
use playback_tape::{self as tape, Crossing, Interceptor, Place, Slot};
use std::sync::Arc;
use wasmtime::{Result, bail};

/// How many may be open at a time: each takes memory here.
const MOST_OPEN: usize = 100_000;

/// How often a recorded call is told that it is not its turn while no other begins or ends. Then what it waits for does not come any
/// more: the code has changed.
const PATIENCE: u32 = 100_000;

impl State {
    /// Something is at work: the body of a call, or what takes what was recorded of it.
    fn begin(&mut self, work: Work, slot: Option<Slot>, weight: usize) -> Result<u64> {
        let calls = &mut self.sdk.calls;
        if calls.open.len() == MOST_OPEN {
            bail!("more than {MOST_OPEN} calls of the service's own functions are open");
        }
        calls.tickets += 1;
        calls.changes += 1;
        calls.held += weight;
        let ticket = calls.tickets;
        calls.at_work.push(ticket);
        self.suspend(work, ticket);
        let epoch = self.tape.epochs().current();
        self.sdk
            .calls
            .open
            .insert(ticket, Call { work, epoch, slot, weight, waited: false, asked: (0, 0), trap: None });
        Ok(ticket)
    }

    fn suspend(&mut self, work: Work, ticket: u64) {
        match work {
            Work::Body(place) => self.tape.calls_mut().suspend(place),
            Work::Aside => self.tape.epochs_mut().enter_unrecorded(ticket),
        }
    }

    /// What this was within goes on.
    fn go_on(&mut self, ticket: u64) {
        let calls = &mut self.sdk.calls;
        calls.at_work.retain(|at_work| *at_work != ticket);
        let outer = calls.at_work.last().and_then(|outer| Some((calls.open.get(outer)?.work, *outer)));
        match outer {
            Some((work, outer)) => self.suspend(work, outer),
            None => self.tape.epochs_mut().leave(),
        }
    }

    /// A call is over. Where what came of it goes, unless it is recorded.
    fn end(&mut self, ticket: u64) -> Result<Option<Slot>> {
        // What the body wrote to the standard streams is not on the tape either.
        self.settle();
        let calls = &mut self.sdk.calls;
        let Some(call) = calls.open.remove(&ticket) else {
            bail!("the guest SDK leaves call {ticket}, which is not open")
        };
        calls.changes += 1;
        calls.held -= call.weight;
        self.go_on(ticket);
        self.random.leave(call.epoch);
        self.sdk.said.clear();
        if let Work::Body(place) = call.work {
            self.tape.calls_mut().ended(place, call.waited);
        }
        Ok(call.slot)
    }

    /// The operation ended, with these calls open. What it came to amid a body is what came of the body: a replay ends there
    /// too. The others are abandoned.
    pub(crate) fn end_calls(&mut self, failure: Option<&Failure>) {
        let Calls { open, at_work, .. } = std::mem::take(&mut self.sdk.calls);
        self.tape.epochs_mut().leave();
        for (ticket, call) in open {
            let outcome = match failure.filter(|_| at_work.contains(&ticket)) {
                None => Outcome::Abandoned,
                Some(Failure::Diverged(_)) => continue,
                Some(Failure::Limit(limit)) => Outcome::Stopped(limit.clone().into()),
                Some(Failure::Trapped(reason)) => Outcome::Trapped(reason.clone()),
                Some(Failure::Exited(status)) => Outcome::Exited(*status),
            };
            if let Some(slot) = call.slot {
                let place = slot.place();
                let has_ended = outcome != Outcome::Abandoned;
                self.tape.calls_mut().keep(slot, Arc::new(outcome));
                self.tape.calls_mut().ended(place, call.waited && has_ended);
            }
        }
    }

    /// With what was said of it, where a body panicked: what it wrote is not on the tape.
    pub(crate) fn explained(&self, failure: Failure) -> Failure {
        match (failure, self.sdk.said.panic()) {
            (Failure::Trapped(reason), Some(panic)) if !self.sdk.calls.at_work.is_empty() => {
                Failure::trapped(format!("{reason}: {panic}"))
            }
            (failure, _) => failure,
        }
    }

    /// Something of the SDK failed: while recording that costs the recording, and the operation goes on.
    ///
    /// # Errors
    ///
    /// On replay: it ends there.
    fn lose(&mut self, interceptor: &Interceptor, call: Option<Place>, problem: String) -> Result<()> {
        Ok(self.tape.calls_mut().fail(interceptor, call, problem).map_err(Diverged)?)
    }

    /// What a call gets that was recorded.
    fn recorded(&mut self, place: Place, outcome: &Arc<Outcome>) -> Result<Step> {
        let note = self.tape.calls().note(place);
        if **outcome == Outcome::Abandoned {
            return Ok(Step::Abandoned(note));
        }
        let (value, trap) = match returned(outcome) {
            Ok(value) => (cbor::to_vec(value), None),
            // The code that went on meanwhile comes first.
            Err(_) if !self.tape.calls_mut().is_due(place) => (Vec::new(), Some(outcome.clone())),
            Err(trap) => return Err(trap),
        };
        let ticket = self.begin(Work::Body(place), None, 0)?;
        if let Some(call) = self.sdk.calls.open.get_mut(&ticket) {
            call.trap = trap;
        }
        Ok(Step::Recorded(Recorded { ticket, value, note }))
    }

    /// Counts what a call takes here.
    fn hold(&mut self, weight: usize) -> Result<()> {
        let calls = self.tape.calls_mut();
        calls.hold_open(self.sdk.calls.held + weight);
        Ok(calls.keep_for_report(&|| weight).map_err(LimitReached::Kept)?)
    }
}

impl Host for State {
    fn declare(&mut self, point: Point) -> Result<u32> {
        self.sdk.points.declare(point)
    }

    fn enter(&mut self, point: u32, names: Option<Names>, arguments: Vec<u8>) -> Result<Step> {
        self.settle();
        let interceptor = self.sdk.points.get(point)?.clone();
        let place = self.tape.calls_mut().reserve();
        let values = match self.values(&arguments, |reader| reader.values()) {
            Ok(mut values) => {
                values.iter_mut().for_each(sort);
                values
            }
            Err(problem) => {
                self.lose(&interceptor, None, format!("an argument cannot be kept: {problem}"))?;
                return Ok(Step::Live(self.begin(Work::Body(place), None, 0)?));
            }
        };
        let parameters = interceptor.signature.parameters.len();
        if values.len() != parameters {
            bail!("the guest SDK sent {} arguments for {parameters}", values.len());
        }
        let names = aliases(names, &interceptor);
        let weight = size_of::<Crossing>() + names.weight() + values.iter().map(Value::weight).sum::<usize>();
        self.hold(weight)?;
        match self.tape.calls_mut().intercept_as(place, names, &interceptor, values).map_err(Diverged)? {
            tape::Step::Live(slot) => {
                let is_default = slot.is_for_default();
                let ticket = self.begin(Work::Body(place), Some(slot), weight)?;
                Ok(if is_default { Step::Default(ticket) } else { Step::Live(ticket) })
            }
            tape::Step::Recorded(outcome) => self.recorded(place, &outcome),
        }
    }

    fn leave(&mut self, ticket: u64, value: Option<Vec<u8>>, note: u64) -> Result<()> {
        let Some(slot) = self.end(ticket)? else { return Ok(()) };
        let value = match value {
            Some(bytes) => self
                .values(&bytes, |reader| reader.value())
                .map_err(|problem| format!("the result cannot be kept: {problem}")),
            None => Err("nothing is known of its result".to_owned()),
        };
        match value {
            Ok(value) => {
                let calls = self.tape.calls_mut();
                calls.keep_for_report(&|| value.weight()).map_err(LimitReached::Kept)?;
                calls.keep(slot.with_note(note), Arc::new(Outcome::Returned(value)));
                Ok(())
            }
            Err(problem) => self.lose(slot.interceptor(), None, problem),
        }
    }

    fn abandon(&mut self, ticket: u64, note: u64) -> Result<()> {
        // Nothing came of it that another call could wait for.
        let trap = self.sdk.calls.open.get_mut(&ticket).and_then(|call| {
            call.waited = false;
            call.trap.take()
        });
        // What it did to clean up did not end when it was recorded.
        if let Some(trap) = trap {
            return returned(&trap).map(drop);
        }
        if let Some(slot) = self.end(ticket)? {
            self.tape.calls_mut().keep(slot.with_note(note), Arc::new(Outcome::Abandoned));
        }
        Ok(())
    }

    fn pause(&mut self, ticket: u64) -> Result<()> {
        self.settle();
        let calls = &mut self.sdk.calls;
        let call = calls.open.get_mut(&ticket).filter(|_| calls.at_work.contains(&ticket));
        let Some(call) = call else {
            bail!("the guest SDK pauses call {ticket}, which is not at work");
        };
        call.waited = true;
        self.go_on(ticket);
        Ok(())
    }

    fn resume(&mut self, ticket: u64) -> Result<()> {
        self.settle();
        let calls = &mut self.sdk.calls;
        let call = calls.open.get(&ticket).filter(|_| !calls.at_work.contains(&ticket));
        let Some(call) = call else {
            bail!("the guest SDK resumes call {ticket}, which does not wait");
        };
        let work = call.work;
        calls.at_work.push(ticket);
        self.suspend(work, ticket);
        Ok(())
    }

    fn is_due(&mut self, ticket: u64) -> Result<bool> {
        let Calls { open, changes, .. } = &mut self.sdk.calls;
        let Some(Call { work: Work::Body(place), asked, trap, .. }) = open.get_mut(&ticket) else {
            bail!("the guest SDK asks after call {ticket}, which is not open");
        };
        *asked = if asked.1 == *changes { (asked.0.saturating_add(1), *changes) } else { (1, *changes) };
        let is_due = self.tape.calls_mut().is_due(*place) || asked.0 > PATIENCE;
        match trap {
            Some(trap) if is_due => returned(trap).map(|_| true),
            _ => Ok(is_due),
        }
    }

    fn aside(&mut self) -> Result<u64> {
        self.settle();
        self.begin(Work::Aside, None, 0)
    }

    fn failed(&mut self, point: u32, ticket: Option<u64>, problem: String) -> Result<()> {
        let interceptor = self.sdk.points.get(point)?.clone();
        let call = ticket.and_then(|ticket| self.sdk.calls.open.get(&ticket));
        // A function that does not wait any more has no turn.
        if let Some(trap) = call.and_then(|call| call.trap.as_ref()) {
            return returned(trap).map(drop);
        }
        let place = call.and_then(|call| match call.work {
            Work::Body(place) => Some(place),
            Work::Aside => None,
        });
        self.lose(&interceptor, place, problem)
    }

    fn dropped(&mut self, point: u32, paths: Vec<String>) -> Result<()> {
        let interceptor = self.sdk.points.get(point)?;
        let calls = self.tape.calls_mut();
        let weight = || {
            let alias = interceptor.alias.to_string().len();
            paths.iter().map(|path| alias + path.len()).sum()
        };
        calls.keep_for_report(&weight).map_err(LimitReached::Kept)?;
        calls.note_dropped(interceptor, &paths);
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
