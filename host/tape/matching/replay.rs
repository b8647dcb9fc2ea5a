//! Calls on a replay: each is answered from the recording, by a rule, or by the divergence that says why not.

use super::call::{Answered, Crossing, Names, Place, Slot, Step};
use super::current::interception;
use super::divergence::{Divergence, Reason};
use super::index::Found;
use super::interceptor::{Interceptor, named};
use super::nearest::nearest;
use super::older;
use super::port::CallPort;
use super::queue::Begun;
use super::rules::{OnExhausted, OnMissing};
use crate::replay::{Live, ReplayTape};
use playback_recording::value::fit::{self, Source};
use playback_recording::value::{Name, Value};
use playback_recording::{Kind, Limit, Outcome};
use std::sync::Arc;

impl CallPort for ReplayTape {
    fn reserve(&mut self) -> Place {
        self.crossings.push(None);
        Place(self.crossings.len() - 1)
    }

    fn intercept_at(
        &mut self,
        place: Place,
        names: Names,
        interceptor: &Arc<Interceptor>,
        arguments: Vec<Value>,
    ) -> Result<Step, Box<Divergence>> {
        if self.epochs.is_in_body()
            && let Some(event) = self.index.peek(interceptor, &names, &arguments)
        {
            let call = Slot::new(interceptor, names, arguments, place, 1);
            return self.serve(call, event, Answered::Repeated, None);
        }
        let (ordinal, found) = self.index.find(interceptor, &names, &arguments);
        let call = Slot::new(interceptor, names, arguments, place, ordinal);
        match found {
            Found::Next { event, through } => self.serve_next(call, event, through),
            Found::UsedUp { last, through, .. } if repeats(&call.interceptor) && !self.is_abandoned(last) => {
                let through = through.or_else(|| self.other_version(last));
                self.serve(call, last, Answered::Repeated, through)
            }
            Found::UsedUp { recorded, .. } => self.missing(call, Reason::UsedUp { recorded }),
            Found::Never => match self.refused_by_older_build(&call.interceptor) {
                Some(refused) => Ok(Step::Recorded(Arc::new(refused))),
                None => self.missing(call, Reason::NeverRecorded),
            },
        }
    }

    fn intercept_begun(
        &mut self,
        place: Place,
        interceptor: &Arc<Interceptor>,
        arguments: Vec<Value>,
        open: &[usize],
    ) -> Result<Step, Box<Divergence>> {
        let names = Names::of(interceptor, &arguments);
        let begun = match self.waits.limit() {
            None => Begun::Recorded,
            Some(_) => Begun::Either,
        };
        match self.index.find_begun(interceptor, &names.alias, &arguments, (open, begun)) {
            Some(event) => {
                let call = Slot::new(interceptor, names, arguments, place, 1);
                self.serve_next(call, event, None)
            }
            None => self.intercept_at(place, names, interceptor, arguments),
        }
    }

    fn complete(&mut self, place: Place, arguments: Vec<Value>) -> Result<(), Box<Divergence>> {
        let Some(Some(crossing)) = self.crossings.get_mut(place.0) else { return Ok(()) };
        crossing.arguments = arguments;
        let Some(event) = crossing.event else { return Ok(()) };
        if self.index.is_call(event, &crossing.interceptor, &crossing.arguments) {
            return Ok(());
        }
        let call = crossing.again(place);
        Err(self.divergence(call, Reason::NeverRecorded))
    }

    fn begin_epoch_after(&mut self, place: Place) {
        if let Some(event) = self.first_answer(place) {
            self.epochs.begin_after(event);
        }
    }

    fn keep(&mut self, slot: Slot, outcome: Arc<Outcome>) {
        let answered = slot.answered;
        self.cross(slot, answered, outcome, None, None);
    }

    fn event_of(&self, place: Place) -> Option<u64> {
        self.first_answer(place).map(|event| event as u64)
    }

    fn suspend(&mut self, place: Place) {
        match self.answer(place) {
            Some(event) => self.epochs.enter(event),
            None => self.epochs.enter_unrecorded(place.0 as u64),
        }
    }

    fn ended(&mut self, place: Place, _: bool) {
        if let Some(event) = self.answer(place) {
            self.ends.ended(event);
        }
    }

    fn is_due(&mut self, place: Place) -> bool {
        let Some(event) = self.answer(place) else { return true };
        let Self { ends, index, recording, .. } = self;
        ends.is_due(event, &recording.events, |event| index.is_given(event))
    }

    fn note(&self, place: Place) -> u64 {
        let call = self.answer(place).and_then(|event| interception(&self.recording, event));
        call.map_or(0, |call| call.note)
    }

    fn cut_off(&self, place: Place, problem: &str) -> Option<Box<Divergence>> {
        let call = self.crossings.get(place.0)?.as_ref()?.again(place);
        Some(self.divergence(call, Reason::CutOff(problem.to_owned())))
    }

    fn fail(
        &mut self,
        interceptor: &Interceptor,
        place: Option<Place>,
        problem: String,
    ) -> Result<(), Box<Divergence>> {
        Err(self.failed(interceptor, place, problem))
    }

    fn refuse(&mut self, function: &str, _: &str) {
        self.not_granted.insert(function.to_owned());
    }

    fn note_dropped(&mut self, interceptor: &Interceptor, paths: &[String]) {
        self.dropped.extend(paths.iter().map(|path| format!("{}{path}", interceptor.alias)));
    }

    fn keep_for_report(&mut self, bytes: &dyn Fn() -> usize) -> Result<(), usize> {
        self.kept = self.kept.saturating_add(bytes());
        if self.kept > self.limit { Err(self.limit) } else { Ok(()) }
    }

    fn hold_open(&mut self, _: usize) {}
}

impl ReplayTape {
    /// The recorded call that answers the one at this place.
    fn answer(&self, place: Place) -> Option<usize> {
        self.crossings.get(place.0)?.as_ref()?.event
    }

    /// The same, unless it answered another call before.
    fn first_answer(&self, place: Place) -> Option<usize> {
        let crossing = self.crossings.get(place.0).and_then(Option::as_ref)?;
        crossing.event.filter(|_| crossing.answered != Answered::Repeated)
    }

    fn refused_by_older_build(&mut self, interceptor: &Interceptor) -> Option<Outcome> {
        let function = &interceptor.function.name;
        let code = self.sights.first_refusal(function, "").filter(|_| function.starts_with("wasi:"))?;
        let refused = older::refused(interceptor, code);
        self.not_granted.insert(function.to_string());
        Some(refused)
    }

    /// The divergence of a service that cannot go on with a call of `interceptor`: the one at this place, or the next.
    fn failed(&self, interceptor: &Interceptor, place: Option<Place>, problem: String) -> Box<Divergence> {
        let reason = Reason::Failed(problem);
        let crossing = place.and_then(|place| Some((place, self.crossings.get(place.0)?.as_ref()?)));
        if let Some((place, crossing)) = crossing {
            return self.divergence(crossing.again(place), reason);
        }
        let made = self.crossings.iter().flatten();
        let made = made.filter(|crossing| crossing.interceptor.position == interceptor.position).count();
        Box::new(Divergence {
            kind: interceptor.kind,
            function: interceptor.function.name.clone(),
            aliases: vec![interceptor.alias.to_string().into()],
            ordinal: made + 1,
            arguments: Vec::new(),
            reason,
            recorded: 0,
            nearest: Vec::new(),
        })
    }

    /// Whether a recorded call has no end that could be had again.
    fn is_abandoned(&self, event: usize) -> bool {
        interception(&self.recording, event).is_some_and(|call| *call.outcome == Outcome::Abandoned)
    }

    /// Answers with a recorded call that was not given out before. `through`: the older alias that it was found under.
    fn serve_next(
        &mut self,
        call: Slot,
        event: usize,
        through: Option<Name>,
    ) -> Result<Step, Box<Divergence>> {
        let through = through.or_else(|| self.other_version(event));
        let answered = if through.is_some() { Answered::Fallback } else { Answered::Exact };
        self.serve(call, event, answered, through)
    }

    /// The name of the recorded function, where it is of an incompatible version.
    fn other_version(&self, event: usize) -> Option<Name> {
        self.index.current.other_version(event).map(|function| function.name.clone())
    }

    /// Answers with a recorded call.
    fn serve(
        &mut self,
        call: Slot,
        event: usize,
        answered: Answered,
        through: Option<Name>,
    ) -> Result<Step, Box<Divergence>> {
        match self.recorded(&call.interceptor, event) {
            Ok(answer) => Ok(Step::Recorded(self.cross(call, answered, answer, through, Some(event)))),
            Err(problem) => Err(self.divergence(call, Reason::Unfit(problem))),
        }
    }

    /// The recorded outcome of `event` in the form that today's type asks for.
    fn recorded(&mut self, interceptor: &Interceptor, event: usize) -> Result<Arc<Outcome>, String> {
        let Some(recorded) = interception(&self.recording, event) else {
            return Err(format!("event {event} of the recording is not a call"));
        };
        let function = self.recording.function(recorded);
        let same = function.is_some_and(|function| function.signature == interceptor.function.signature);
        let value = match &*recorded.outcome {
            Outcome::Returned(value) if !same => value,
            _ => return Ok(recorded.outcome.clone()),
        };
        let Some(result) = &interceptor.signature.result else {
            if *value != Value::Null {
                self.dropped.insert(format!("{}: the result", interceptor.alias));
            }
            return Ok(Arc::new(Outcome::Returned(Value::Null)));
        };
        let fitted = fit::fit(value.clone(), result, Source::Tape).map_err(|misfit| misfit.to_string())?;
        self.dropped.extend(fitted.dropped.iter().map(|path| format!("{}{path}", interceptor.alias)));
        Ok(Arc::new(Outcome::Returned(fitted.value)))
    }

    /// Answers by rule, or ends the replay.
    fn missing(&mut self, call: Slot, reason: Reason) -> Result<Step, Box<Divergence>> {
        if let Some(limit) = self.stopped_before() {
            return Ok(Step::Recorded(Arc::new(Outcome::Stopped(limit.clone()))));
        }
        match (&call.interceptor.on_missing, self.live, call.interceptor.kind) {
            (OnMissing::Live, Live::Granted, Kind::Input) | (OnMissing::Body, ..) => Ok(Step::Live(call)),
            (OnMissing::Made, ..) => Ok(Step::Live(Slot { answered: Answered::Default, ..call })),
            (OnMissing::Live, ..) => Err(self.divergence(call, Reason::NothingLive)),
            (OnMissing::Fail, ..) => Err(self.divergence(call, reason)),
            (OnMissing::Default(value), ..) => {
                let answer = Arc::new(Outcome::Returned(value.clone()));
                Ok(Step::Recorded(self.cross(call, Answered::Default, answer, None, None)))
            }
        }
    }

    /// The limit on time that ended the recorded operation, if everything that it did before was done on this replay too: what
    /// is asked for now comes after that.
    fn stopped_before(&self) -> Option<&Limit> {
        self.stopped_after().filter(|_| self.index.is_all_given())
    }

    /// Keeps how a call was answered.
    fn cross(
        &mut self,
        call: Slot,
        answered: Answered,
        answer: Arc<Outcome>,
        through: Option<Name>,
        event: Option<usize>,
    ) -> Arc<Outcome> {
        let Slot { interceptor, arguments, names: Names { alias, .. }, place, ordinal, .. } = call;
        let given = answer.clone();
        let crossing = Crossing { interceptor, alias, ordinal, arguments, answered, through, answer, event };
        if let Some(place) = self.crossings.get_mut(place.0) {
            *place = Some(crossing);
        }
        given
    }

    fn divergence(&self, call: Slot, reason: Reason) -> Box<Divergence> {
        let Slot { interceptor, arguments, names, ordinal, .. } = call;
        let (aliases, calls) = self.index.candidates(&interceptor, &names);
        let nearest = match reason {
            Reason::NeverRecorded => nearest(&self.index.current, &interceptor, &arguments, &calls),
            _ => Vec::new(),
        };
        Box::new(Divergence {
            kind: interceptor.kind,
            function: interceptor.function.name.clone(),
            aliases,
            ordinal,
            recorded: calls.len(),
            nearest,
            arguments: named(&interceptor, arguments),
            reason,
        })
    }
}

impl Crossing {
    /// The call that it was.
    pub(crate) fn again(&self, place: Place) -> Slot {
        let Self { interceptor, arguments, alias, ordinal, answered, .. } = self;
        let names = Names { alias: alias.clone(), ..Names::of(interceptor, arguments) };
        let (interceptor, arguments) = (interceptor.clone(), arguments.clone());
        Slot { interceptor, arguments, names, place, ordinal: *ordinal, answered: *answered, note: 0 }
    }
}

fn repeats(interceptor: &Interceptor) -> bool {
    interceptor.kind == Kind::Input && interceptor.on_exhausted == OnExhausted::Repeat
}
