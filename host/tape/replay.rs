//! The tape while replaying: every call is answered from the recording, or ends the replay.

use super::ambient::Clocks;
use super::boundary::{Boundary, Interceptor};
use super::divergence::{Divergence, Nearest, Reason};
use super::index::{self, Found, Index};
use super::playback::{Answered, Crossing};
use super::{OnExhausted, OnMissing, Slot, Step};
use crate::recording::{Clock, Event, Kind, Outcome, Recording, Stream};
use crate::value::diff;
use crate::value::fit::{self, Source};
use crate::value::{Name, Value};
use std::sync::Arc;

/// Answers the calls of one replay.
#[derive(Debug)]
pub struct ReplayTape {
    pub(super) recording: Arc<Recording>,
    pub(super) index: Index,
    clocks: Clocks,
    live: Live,
    pub(super) crossings: Vec<Crossing>,
    pub(super) written: Vec<(Stream, Vec<u8>)>,
    /// Unknown fields that were dropped from recorded values, as `<alias><path>`.
    pub(super) dropped: Vec<String>,
}

/// Whether calls whose rule says so may go live.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Live {
    Refused,
    Granted,
}

/// What a call gets.
#[derive(Debug, Clone)]
pub enum Answer {
    /// The outcome of this event of the recording, as it was recorded.
    Recorded(Arc<Recording>, usize),
    /// An outcome that is not in the recording in this form: fitted to today's type, a default, or live.
    Made(Arc<Outcome>),
}

impl Answer {
    /// The outcome itself.
    pub fn outcome(&self) -> &Outcome {
        static NOTHING: Outcome = Outcome::Returned(Value::Null);
        match self {
            Self::Made(outcome) => outcome,
            Self::Recorded(recording, event) => {
                index::interception(recording, *event).map_or(&NOTHING, |recorded| &recorded.outcome)
            }
        }
    }
}

impl ReplayTape {
    /// A tape that answers the calls of `boundary` from `recording`, and none of them live.
    pub fn new(recording: Arc<Recording>, boundary: &Boundary) -> Self {
        Self {
            index: Index::new(recording.clone(), boundary),
            clocks: Clocks::of(&recording),
            live: Live::Refused,
            crossings: Vec::with_capacity(recording.events.len()),
            written: Vec::new(),
            dropped: Vec::new(),
            recording,
        }
    }

    /// Lets calls go live whose rule says `on-missing = "live"`.
    #[must_use]
    pub fn granting_live(self) -> Self {
        Self { live: Live::Granted, ..self }
    }

    pub(super) fn intercept(
        &mut self,
        interceptor: &Arc<Interceptor>,
        arguments: Vec<Value>,
    ) -> Result<Step, Box<Divergence>> {
        let alias = interceptor.alias.render(&arguments);
        let mut through = None;
        let mut found = self.find(interceptor, &alias, &arguments);
        for older in &interceptor.fallback_aliases {
            if found != Found::Never {
                break;
            }
            let older = older.render(&arguments);
            found = self.find(interceptor, &older, &arguments);
            through = (found != Found::Never).then_some(older);
        }
        let (event, ordinal, answered) = match found {
            Found::Exact { event, ordinal } if through.is_none() => (event, ordinal, Answered::Exact),
            Found::Exact { event, ordinal } => (event, ordinal, Answered::Fallback),
            Found::UsedUp { last, ordinal, .. } if repeats(interceptor) => (last, ordinal, Answered::Repeated),
            Found::UsedUp { recorded, ordinal, .. } => {
                return self.missing(interceptor, alias, ordinal, arguments, Reason::UsedUp { recorded });
            }
            Found::Never => return self.missing(interceptor, alias, 1, arguments, Reason::NeverRecorded),
        };
        let answer = match self.recorded(interceptor, &alias, event) {
            Ok(answer) => answer,
            Err(problem) => {
                let reason = Reason::Unfit(problem);
                return Err(self.divergence(interceptor, alias, ordinal, arguments, reason));
            }
        };
        self.crossings.push(Crossing {
            interceptor: interceptor.clone(),
            alias,
            ordinal,
            arguments,
            answered,
            through,
            answer: answer.clone(),
            event: Some(event),
        });
        Ok(Step::Recorded(answer))
    }

    pub(super) fn keep(&mut self, slot: Slot, outcome: Outcome) {
        let Slot { interceptor, arguments, alias, ordinal } = slot;
        let answer = Answer::Made(Arc::new(outcome));
        let answered = Answered::Live;
        let crossing =
            Crossing { interceptor, alias, ordinal, arguments, answered, through: None, answer, event: None };
        self.crossings.push(crossing);
    }

    pub(super) fn clock(&mut self, clock: Clock) -> u64 {
        self.clocks.read(clock)
    }

    /// The service slept for so many nanoseconds; nothing waits.
    pub fn sleep(&mut self, nanoseconds: u64) {
        self.clocks.sleep(nanoseconds);
    }

    /// The service slept until the monotonic clock shows this, in nanoseconds; nothing waits.
    pub fn sleep_until(&mut self, monotonic: u64) {
        self.clocks.sleep_until(monotonic);
    }

    /// What the service can read from its standard input: what it could when it was recorded.
    pub fn stdin(&self) -> Vec<u8> {
        let recorded = self.recording.events.iter().filter_map(|event| match event {
            Event::Stdin(bytes) => Some(bytes.as_slice()),
            _ => None,
        });
        recorded.collect::<Vec<_>>().concat()
    }

    pub(super) fn written(&mut self, stream: Stream, bytes: &[u8]) {
        match self.written.last_mut() {
            Some((last, text)) if *last == stream => text.extend_from_slice(bytes),
            _ => self.written.push((stream, bytes.to_vec())),
        }
    }

    fn find(&mut self, interceptor: &Interceptor, alias: &str, arguments: &[Value]) -> Found {
        match interceptor.kind {
            Kind::Input => self.index.input(interceptor, alias, arguments),
            Kind::Output => self.index.output(alias),
        }
    }

    /// The recorded outcome of `event` in the form that today's type asks for.
    fn recorded(&mut self, interceptor: &Interceptor, alias: &str, event: usize) -> Result<Answer, String> {
        let as_recorded = Answer::Recorded(self.recording.clone(), event);
        let Some(recorded) = index::interception(&self.recording, event) else { return Ok(as_recorded) };
        let function = self.recording.function(recorded);
        let same = function.is_some_and(|function| function.signature == interceptor.function.signature);
        let Outcome::Returned(value) = &recorded.outcome else { return Ok(as_recorded) };
        if same {
            return Ok(as_recorded);
        }
        let Some(result) = &interceptor.signature.result else {
            return Ok(Answer::Made(Arc::new(Outcome::Returned(Value::Null))));
        };
        let fitted = fit::fit(value.clone(), result, Source::Tape).map_err(|misfit| misfit.to_string())?;
        self.dropped.extend(fitted.dropped.iter().map(|path| format!("{alias}{path}")));
        Ok(Answer::Made(Arc::new(Outcome::Returned(fitted.value))))
    }

    fn missing(
        &mut self,
        interceptor: &Arc<Interceptor>,
        alias: Name,
        ordinal: usize,
        arguments: Vec<Value>,
        reason: Reason,
    ) -> Result<Step, Box<Divergence>> {
        match &interceptor.on_missing {
            OnMissing::Fail => Err(self.divergence(interceptor, alias, ordinal, arguments, reason)),
            OnMissing::Live if self.live == Live::Refused => {
                Err(self.divergence(interceptor, alias, ordinal, arguments, Reason::NothingLive))
            }
            OnMissing::Live => {
                Ok(Step::Live(Slot { interceptor: interceptor.clone(), arguments, alias, ordinal }))
            }
            OnMissing::Default(value) => {
                let answer = Answer::Made(Arc::new(Outcome::Returned(value.clone())));
                self.crossings.push(Crossing {
                    interceptor: interceptor.clone(),
                    alias,
                    ordinal,
                    arguments,
                    answered: Answered::Default,
                    through: None,
                    answer: answer.clone(),
                    event: None,
                });
                Ok(Step::Recorded(answer))
            }
        }
    }

    fn divergence(
        &self,
        interceptor: &Interceptor,
        alias: Name,
        ordinal: usize,
        arguments: Vec<Value>,
        reason: Reason,
    ) -> Box<Divergence> {
        let older = interceptor.fallback_aliases.iter().map(|older| older.render(&arguments));
        let aliases: Vec<Name> = std::iter::once(alias).chain(older).collect();
        let mut calls: Vec<usize> =
            aliases.iter().flat_map(|alias| self.index.calls(interceptor.kind, alias).iter().copied()).collect();
        calls.sort_unstable();
        calls.dedup();
        let arguments = named(interceptor, &arguments);
        Box::new(Divergence {
            kind: interceptor.kind,
            function: interceptor.function.name.clone(),
            aliases,
            ordinal,
            recorded: calls.len(),
            nearest: match reason {
                Reason::NeverRecorded => self.nearest(interceptor, &arguments, &calls),
                _ => Vec::new(),
            },
            arguments,
            reason,
        })
    }

    /// The calls most like `arguments`: those with the fewest differing fields.
    fn nearest(&self, interceptor: &Interceptor, arguments: &[(Name, Value)], calls: &[usize]) -> Vec<Nearest> {
        let replayed = Value::Map(arguments.to_vec());
        let mut nearest: Vec<Nearest> = calls
            .iter()
            .filter_map(|&event| {
                let recorded = index::interception(&self.recording, event)?;
                let recorded = index::arguments_today(&self.recording, recorded, interceptor);
                let recorded = Value::Map(named(interceptor, &recorded));
                Some(Nearest {
                    position: position(&self.recording, event),
                    differences: diff::diff(&recorded, &replayed),
                })
            })
            .collect();
        nearest.sort_by_key(|nearest| nearest.differences.len());
        nearest.truncate(Nearest::SHOWN);
        nearest
    }
}

/// Which interception of the recording an event is, from 1.
pub(super) fn position(recording: &Recording, event: usize) -> usize {
    let before = recording.events.iter().take(event);
    before.filter(|event| matches!(event, Event::Interception(_))).count() + 1
}

/// Arguments with the parameters' names.
pub(super) fn named(interceptor: &Interceptor, arguments: &[Value]) -> Vec<(Name, Value)> {
    let names = interceptor.signature.parameters.iter().map(|parameter| parameter.name.clone());
    names.zip(arguments.iter().cloned()).collect()
}

fn repeats(interceptor: &Interceptor) -> bool {
    interceptor.kind == Kind::Input && interceptor.on_exhausted == OnExhausted::Repeat
}
