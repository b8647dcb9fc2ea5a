//! The tape while replaying: every call is answered from the recording, or ends the replay.

use super::ambient::Clocks;
use super::boundary::{Boundary, Interceptor};
use super::changes::LARGEST_SHOWN;
use super::divergence::{Divergence, Reason, Unseen};
use super::ends::Ends;
use super::index::{Found, Index};
use super::nearest::nearest;
use super::playback::{Answered, Crossing};
use super::queue::Begun;
use super::readiness::{About, Answers, Asks};
use super::remarks::{MetadataError, Remarks};
use super::sights::Sights;
use super::stretch::Stretches;
use super::today::interception;
use super::waiting::Waiting;
use super::{Names, OnExhausted, OnMissing, Place, Slot, Step};
use crate::recording::{
    Change, Changed, Clock, Content, Contents, Digest, EntryKind, Event, Kind, Limit, Look, Outcome,
    Recording, RecordingId, Sight, Stream,
};
use crate::value::fit::{self, Source};
use crate::value::{Name, Value};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// The most bytes of what one replay left that are shown, in all files.
const MOST_SHOWN: u64 = 64 << 20;

/// Answers the calls of one replay.
#[derive(Debug)]
pub struct ReplayTape {
    pub(super) recording: Arc<Recording>,
    pub(super) index: Index,
    pub(super) stretches: Stretches,
    clocks: Clocks,
    pub(super) answers: Answers,
    pub(super) waiting: Waiting,
    ends: Ends,
    sights: Sights,
    /// What the service can read from its standard input: what it could when it was recorded.
    stdin: Vec<u8>,
    /// What it kept, by its key.
    put: HashMap<String, Value>,
    /// What it says of its recording, which has no effect, but may be refused as it was.
    remarks: Remarks,
    /// What the service left in its folders, and those contents of it that can be shown.
    pub(super) changed: Vec<Changed>,
    pub(super) contents: Contents,
    /// How many bytes these have.
    shown: u64,
    /// What the service called that is not granted.
    pub(super) not_granted: BTreeSet<String>,
    live: Live,
    /// The standard streams that are compared.
    pub(super) compared: Vec<Stream>,
    /// In the order in which they began; `None` where a call is not answered yet.
    pub(super) crossings: Vec<Option<Crossing>>,
    pub(super) written: Vec<(Stream, Vec<u8>)>,
    /// What was dropped from recorded results because today's types do not have it.
    pub(super) dropped: BTreeSet<String>,
}

/// Whether calls whose rule says so may go live.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Live {
    Refused,
    Granted,
}

impl ReplayTape {
    /// A tape that answers the calls of `boundary` from `recording`, and none of them live.
    pub fn new(recording: Arc<Recording>, boundary: &Boundary) -> Self {
        let mut tape = Self {
            index: Index::new(recording.clone(), boundary),
            stretches: Stretches::default(),
            clocks: Clocks::starting(recording.metadata.recorded_at),
            answers: Answers::default(),
            waiting: Waiting::of(&recording),
            ends: Ends::of(&recording),
            remarks: Remarks::default(),
            sights: Sights::default(),
            stdin: Vec::new(),
            put: HashMap::new(),
            changed: Vec::new(),
            contents: Contents::new(),
            shown: 0,
            not_granted: BTreeSet::new(),
            live: Live::Refused,
            compared: Vec::new(),
            crossings: Vec::with_capacity(recording.events.len().min(1_024)),
            written: Vec::new(),
            dropped: BTreeSet::new(),
            recording: recording.clone(),
        };
        for event in &recording.events {
            match event {
                Event::Clock(clock, reading) => tape.clocks.add(*clock, *reading),
                Event::Ready(readiness) => tape.answers.add(readiness),
                Event::Waiting(wait) => tape.waiting.add(*wait),
                Event::Seen(seen) => tape.sights.add_seen(seen),
                Event::Refused(refused) => tape.sights.add_refused(refused),
                Event::Put(put) => drop(tape.put.insert(put.key.clone(), put.value.clone())),
                Event::Stdin(bytes) => tape.stdin.extend_from_slice(bytes),
                Event::Interception(_) | Event::Ended(_) | Event::Changed(_) | Event::Written(..) => {}
            }
        }
        tape
    }

    /// What the recording is called.
    pub fn id(&self) -> &RecordingId {
        self.recording.id()
    }

    /// As while recording, but that nothing is kept.
    ///
    /// # Errors
    ///
    /// It could not be added.
    pub fn add_metadata(&mut self, key: &str, json: &str) -> Result<(), MetadataError> {
        self.remarks.add(key, json)
    }

    /// Lets calls go live whose rule says `on-missing = "live"`.
    #[must_use]
    pub fn granting_live(self) -> Self {
        Self { live: Live::Granted, ..self }
    }

    /// Compares what is written to these standard streams too.
    #[must_use]
    pub fn comparing(self, streams: &[Stream]) -> Self {
        Self { compared: streams.to_vec(), ..self }
    }

    /// The value that the service kept under this key.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.put.get(key)
    }

    pub(super) fn reserve(&mut self) -> Place {
        self.crossings.push(None);
        Place(self.crossings.len() - 1)
    }

    /// What follows belongs to the recorded call that answered the one at this place, if one did and for the first time.
    pub(super) fn begin_stretch(&mut self, place: Place) {
        let crossing = self.crossings.get(place.0).and_then(Option::as_ref);
        let first = crossing.filter(|crossing| crossing.answered != Answered::Repeated);
        if let Some(event) = first.and_then(|crossing| crossing.event) {
            self.stretches.begin_after(event);
        }
    }

    /// The recorded call that answers the one at this place.
    fn event(&self, place: Place) -> Option<usize> {
        self.crossings.get(place.0)?.as_ref()?.event
    }

    /// How many hashers the body made of the recorded call that answers the one at this place.
    pub fn hashers(&self, place: Place) -> u32 {
        let call = self.event(place).and_then(|event| interception(&self.recording, event));
        call.map_or(0, |call| call.hashers)
    }

    pub(super) fn ended(&mut self, place: Place) {
        if let Some(event) = self.event(place) {
            self.ends.ended(event);
        }
    }

    pub(super) fn is_due(&mut self, place: Place) -> bool {
        let Some(event) = self.event(place) else { return true };
        let Self { ends, index, recording, .. } = self;
        ends.is_due(event, &recording.events, |event| index.is_given(event))
    }

    pub(super) fn suspend(&mut self, place: Place) {
        match self.event(place) {
            Some(event) => self.stretches.enter(event),
            None => self.stretches.enter_unrecorded(place.0 as u64),
        }
    }

    pub(super) fn cut_off(&self, place: Place, problem: &str) -> Option<Box<Divergence>> {
        let call = self.crossings.get(place.0)?.as_ref()?.again(place);
        Some(self.divergence(call, Reason::CutOff(problem.to_owned())))
    }

    pub(super) fn intercept(
        &mut self,
        place: Place,
        interceptor: &Arc<Interceptor>,
        names: Names,
        arguments: Vec<Value>,
    ) -> Result<Step, Box<Divergence>> {
        if self.stretches.is_in_body()
            && let Some(event) = self.index.peek(interceptor, &names, &arguments)
        {
            let (interceptor, answered) = (interceptor.clone(), Answered::Live);
            let call = Slot { interceptor, arguments, names, place, ordinal: 1, answered, hashers: 0 };
            return self.serve(call, event, Answered::Repeated, None);
        }
        let (ordinal, found) = self.index.find(interceptor, &names, &arguments);
        let (interceptor, answered) = (interceptor.clone(), Answered::Live);
        let call = Slot { interceptor, arguments, names, place, ordinal, answered, hashers: 0 };
        match found {
            Found::Next { event, through: None } => self.serve(call, event, Answered::Exact, None),
            Found::Next { event, through } => self.serve(call, event, Answered::Fallback, through),
            Found::UsedUp { last, through, .. } if repeats(&call.interceptor) => {
                self.serve(call, last, Answered::Repeated, through)
            }
            Found::UsedUp { recorded, .. } => self.missing(call, Reason::UsedUp { recorded }),
            Found::Never => self.missing(call, Reason::NeverRecorded),
        }
    }

    pub(super) fn intercept_begun(
        &mut self,
        place: Place,
        interceptor: &Arc<Interceptor>,
        arguments: Vec<Value>,
        open: &[usize],
    ) -> Result<Step, Box<Divergence>> {
        let names = Names::of(interceptor, &arguments);
        let begun = match self.waiting.limit() {
            None => Begun::Recorded,
            Some(_) => Begun::Either,
        };
        match self.index.find_begun(interceptor, &names.alias, &arguments, (open, begun)) {
            Some(event) => {
                let (interceptor, answered) = (interceptor.clone(), Answered::Exact);
                let call = Slot { interceptor, arguments, names, place, ordinal: 1, answered, hashers: 0 };
                self.serve(call, event, Answered::Exact, None)
            }
            None => self.intercept(place, interceptor, names, arguments),
        }
    }

    pub(super) fn complete(&mut self, place: Place, arguments: Vec<Value>) -> Result<(), Box<Divergence>> {
        let Some(Some(crossing)) = self.crossings.get_mut(place.0) else { return Ok(()) };
        crossing.arguments = arguments;
        let Some(event) = crossing.event else { return Ok(()) };
        if self.index.is_call(event, &crossing.interceptor, &crossing.arguments) {
            return Ok(());
        }
        let call = crossing.again(place);
        Err(self.divergence(call, Reason::NeverRecorded))
    }

    pub(super) fn keep(&mut self, slot: Slot, outcome: Arc<Outcome>) {
        let answered = slot.answered;
        self.cross(slot, answered, outcome, None, None);
    }

    pub(super) fn clock(&mut self, clock: Clock) -> u64 {
        match self.stretches.is_in_body() {
            false => self.clocks.read(clock),
            true => self.clocks.read_aside(clock),
        }
    }

    pub(super) fn ask(&mut self, asks: Asks, about: &[About]) -> Option<Vec<u32>> {
        if self.stretches.is_in_body() { None } else { self.answers.ask(asks, about) }
    }

    pub(super) fn waits(&mut self) {
        if !self.stretches.is_in_body() {
            self.waiting.begin();
        }
    }

    pub(super) fn look(&mut self, path: &str, look: Look) -> Option<Sight> {
        self.sights.look(path, look)
    }

    pub(super) fn attempt(&mut self, call: &str, path: &str) -> Result<(), String> {
        self.sights.attempt(call, path)
    }

    pub(super) fn not_granted(&mut self, call: &str) {
        self.not_granted.insert(call.to_owned());
    }

    /// The attempts of this call at this path that were refused, from 1, and the error codes.
    pub fn refused(&self, call: &str, path: &str) -> Vec<(u64, String)> {
        self.sights.refused(call, path)
    }

    pub(super) fn content(&mut self, bytes: &Arc<Vec<u8>>) -> Content {
        let (digest, size) = (Digest::of(bytes), bytes.len() as u64);
        // The digest compares them. What is shown must fit in memory: of files full of holes nothing else says so.
        if size <= LARGEST_SHOWN && self.shown + size <= MOST_SHOWN {
            let is_new = self.contents.insert(digest, bytes.clone()).is_none();
            self.shown += if is_new { size } else { 0 };
        }
        Content::Kept { digest, size }
    }

    /// The recorded bytes of a content.
    pub fn recorded_content(&self, digest: &Digest) -> Option<Arc<Vec<u8>>> {
        self.recording.contents.get(digest).cloned()
    }

    pub(super) fn changed(&mut self, path: String, change: Change) {
        self.changed.push(Changed { path, change });
    }

    /// Whether `folder` was listed when it was recorded, and had nothing called `name` the first time.
    pub fn lists_without(&self, folder: &str, name: &str) -> bool {
        self.sights.lists_without(folder, name)
    }

    /// Whether the service itself had made what is at `path` when `folder` was listed as it was looked into last.
    pub fn was_made(&self, folder: &str, path: &str) -> bool {
        self.sights.was_made(folder, path)
    }

    /// What the service itself had removed from `folder` by then.
    pub fn removed(&self, folder: &str) -> Vec<(String, EntryKind)> {
        self.sights.removed(folder)
    }

    /// The error that says that the recording does not show `what` of `path`.
    pub fn unseen(&self, call: &str, path: &str, what: Unseen) -> Box<Divergence> {
        let function: Name = format!("wasi:filesystem/types#{call}").into();
        Box::new(Divergence {
            kind: Kind::Input,
            aliases: vec![function.clone()],
            function,
            ordinal: 1,
            arguments: vec![("path".into(), path.into())],
            reason: Reason::Unseen(what),
            recorded: 0,
            nearest: Vec::new(),
        })
    }

    /// The error that says that the service itself could not go on with a call of `interceptor`: the one at this place, or the next.
    pub fn failed(&self, interceptor: &Interceptor, place: Option<Place>, problem: &str) -> Box<Divergence> {
        let reason = Reason::Failed(problem.to_owned());
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

    /// Recorded values of `interceptor`'s calls have something at these paths that today's types do not have.
    pub fn note_dropped(&mut self, interceptor: &Interceptor, paths: &[String]) {
        self.dropped.extend(paths.iter().map(|path| format!("{}{path}", interceptor.alias)));
    }

    /// Whether the service looked at `path` when it was recorded.
    pub fn has_seen(&self, path: &str) -> bool {
        self.sights.has_seen(path)
    }

    pub(super) fn now(&self) -> u64 {
        self.clocks.now()
    }

    pub(super) fn sleep_until(&mut self, monotonic: u64) {
        self.clocks.sleep_until(monotonic);
    }

    /// What the service can read from its standard input, for it to take.
    pub fn take_stdin(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.stdin)
    }

    pub(super) fn written(&mut self, stream: Stream, bytes: &[u8]) {
        if self.stretches.is_in_body() {
            return;
        }
        match self.written.last_mut() {
            Some((last, text)) if *last == stream => text.extend_from_slice(bytes),
            _ => self.written.push((stream, bytes.to_vec())),
        }
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
            return Err(format!("event {event} of the recording is no call"));
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
        self.waiting.stopped_after().filter(|_| self.index.is_all_given())
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
            Reason::NeverRecorded => nearest(&self.index.today, &interceptor, &arguments, &calls),
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
    fn again(&self, place: Place) -> Slot {
        let Self { interceptor, arguments, alias, ordinal, answered, .. } = self;
        let names = Names { alias: alias.clone(), ..Names::of(interceptor, arguments) };
        let (interceptor, arguments) = (interceptor.clone(), arguments.clone());
        Slot { interceptor, arguments, names, place, ordinal: *ordinal, answered: *answered, hashers: 0 }
    }
}

/// Arguments with the parameters' names.
pub(super) fn named(interceptor: &Interceptor, arguments: Vec<Value>) -> Vec<(Name, Value)> {
    let names = interceptor.signature.parameters.iter().map(|parameter| parameter.name.clone());
    names.zip(arguments).collect()
}

fn repeats(interceptor: &Interceptor) -> bool {
    interceptor.kind == Kind::Input && interceptor.on_exhausted == OnExhausted::Repeat
}
