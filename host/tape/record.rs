//! The tape while recording: every call goes live, and what came of it is kept.

use super::arrivals::{ArrivalRecorder, TimerNames};
use super::remarks::{MetadataError, Remarks};
use super::sights::Looks;
use super::stretch::{self, Stretches};
use super::{Interceptor, Loss, Names, Place, Slot, Timer, Wait};
use playback_recording::format;
use playback_recording::value::Value;
use playback_recording::{
    Arrival, Asked, Category, Change, Changed, Clock, Content, Contents, Counts, Digest, Event, Function,
    GrantedFolder, Header, Interception, Look, Metadata, Outcome, Put, Readings, Recording, RecordingId,
    Refused, Seen, Sight, Source, Stream, Unready,
};
use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

/// What is known when an operation begins.
#[derive(Debug, Clone)]
pub struct Invocation {
    /// The first part of the recording's id.
    pub category: Category,
    /// The exported function that is called.
    pub function: Function,
    /// What it is called with, one value a parameter.
    pub arguments: Vec<Value>,
    /// The component, as `sha256:<hex>`.
    pub component: String,
    /// When it begins.
    pub started_at: jiff::Timestamp,
    /// What its random numbers are generated from.
    pub seed: [u8; 32],
    /// The environment variables the service sees.
    pub environment: Vec<(String, String)>,
    /// The command-line arguments the service sees.
    pub program_arguments: Vec<String>,
    /// The folders the service sees.
    pub folders: Vec<GrantedFolder>,
    /// Whether the service may open sockets.
    pub sockets: bool,
    /// The HTTP headers whose values are secret.
    pub secret_headers: Vec<String>,
    /// The most bytes of a file whose content is kept.
    pub file_limit: u64,
}

/// Keeps what happens during one operation.
#[derive(Debug)]
pub struct RecordingTape {
    invocation: Invocation,
    functions: Vec<Function>,
    /// Index into `functions`, by the interceptor's position in its boundary.
    indices: Vec<Option<u32>>,
    /// In the order in which they began, which is the order a replay meets them in; `None` while a call is live.
    pub(super) events: Vec<Option<Event>>,
    pub(super) stretches: Stretches,
    timers: TimerNames,
    arrivals: ArrivalRecorder,
    looks: Looks,
    contents: Contents,
    /// Bytes of memory that the events hold.
    weight: usize,
    limit: usize,
    /// Whether nothing was to be kept from the start.
    is_off: bool,
    remarks: Remarks,
    /// The recording's name, once somebody asked.
    id: Option<RecordingId>,
}

impl RecordingTape {
    /// A tape for `invocation` that gives the recording up when it would hold more than `limit` bytes of memory.
    pub fn new(invocation: Invocation, limit: usize) -> Self {
        let weight = invocation.arguments.iter().map(Value::weight).sum();
        Self {
            invocation,
            functions: Vec::new(),
            indices: Vec::new(),
            events: Vec::new(),
            stretches: Stretches::default(),
            timers: TimerNames::default(),
            arrivals: ArrivalRecorder::default(),
            looks: Looks::default(),
            contents: Contents::new(),
            weight,
            limit,
            is_off: false,
            remarks: Remarks::default(),
            id: None,
        }
    }

    /// A tape that keeps nothing of `invocation`.
    pub fn off(invocation: Invocation) -> Self {
        let mut tape = Self { is_off: true, ..Self::new(invocation, 0) };
        tape.give_up();
        tape
    }

    /// Gives the recording this name instead of one that is made when somebody asks for it.
    #[must_use]
    pub fn named(self, id: RecordingId) -> Self {
        Self { id: Some(id), ..self }
    }

    /// Whether a body is at work, and nothing goes on the tape.
    fn is_suspended(&self) -> bool {
        self.stretches.is_in_body()
    }

    /// Whether nothing is kept.
    pub fn is_off(&self) -> bool {
        self.is_off
    }

    /// The name that the recording will have.
    pub fn id(&mut self) -> &RecordingId {
        let Invocation { category, started_at, .. } = &self.invocation;
        self.id.get_or_insert_with(|| RecordingId::new(category.clone(), *started_at))
    }

    /// Adds to the recording's metadata. `json` is one value.
    ///
    /// # Errors
    ///
    /// It cannot be added. The operation goes on.
    pub fn add_metadata(&mut self, key: &str, json: &str) -> Result<(), MetadataError> {
        self.remarks.add(key, json)
    }

    /// There is to be no recording. The operation goes on.
    pub fn discard(&mut self, loss: Loss) {
        self.remarks.discarded.get_or_insert(loss);
        self.give_up();
    }

    /// The recording is to be kept whatever the sampling says.
    pub fn force_sample(&mut self) {
        self.remarks.is_forced = true;
    }

    /// Whether the service wants the recording kept whatever the sampling says.
    pub fn is_forced(&self) -> bool {
        self.remarks.is_forced
    }

    /// Keeps a value under a key, in place of one that is there.
    pub fn put(&mut self, key: &str, value: Value) {
        if self.can_hold(size_of::<Event>() + key.len() + value.weight()) {
            self.events.push(Some(Event::Put(Box::new(Put { key: key.to_owned(), value }))));
        }
    }

    pub(super) fn reserve(&mut self) -> Place {
        let place = Place(self.events.len());
        if self.can_hold(size_of::<Event>()) {
            self.events.push(None);
        }
        place
    }

    pub(super) fn intercept(
        &mut self,
        place: Place,
        interceptor: &Arc<Interceptor>,
        names: Names,
        arguments: Vec<Value>,
    ) -> Slot {
        Slot::new(interceptor, names, arguments, place, 0)
    }

    pub(super) fn keep(&mut self, slot: Slot, outcome: Arc<Outcome>) {
        let Slot { interceptor, arguments, names: Names { alias, .. }, place, hashers, .. } = slot;
        let weight = arguments.iter().map(Value::weight).sum::<usize>() + alias.len() + outcome.weight();
        let (function, kind) = (self.function(&interceptor), interceptor.kind);
        if self.can_hold(weight)
            && let Some(place) = self.events.get_mut(place.0)
        {
            let call = Interception { function, kind, alias, arguments, outcome, hashers };
            *place = Some(Event::Interception(call));
        }
    }

    pub(super) fn ended(&mut self, place: Place) {
        if self.can_hold(size_of::<Event>()) {
            self.events.push(Some(Event::Ended(place.0 as u64)));
        }
    }

    pub(super) fn clock(&mut self, clock: Clock, reading: u64) -> u64 {
        if self.is_suspended() {
            return reading;
        }
        if clock == Clock::Monotonic {
            self.timers.read(reading);
        }
        let epoch = self.stretches.clock_epoch();
        let last = last_readings(&mut self.events, clock, epoch);
        let more = last.and_then(|readings| readings.append(reading));
        match more {
            Some(weight) => {
                self.can_hold(weight);
            }
            None => self.push(size_of::<Event>(), || {
                let readings = reading.into();
                Event::Clock { clock, epoch: Some(epoch), readings }
            }),
        }
        reading
    }

    pub(super) fn timer(&mut self, timer: Timer) -> Option<Source> {
        (!self.is_suspended()).then(|| timer.name(&mut self.timers))
    }

    pub(super) fn waits_for(&mut self, sources: impl Iterator<Item = Source>) {
        if !self.is_suspended() {
            self.arrivals.waits_for(sources);
        }
    }

    pub(super) fn saw(&mut self, at: u64, wait: Wait, seen: &[(Source, bool)], ready: usize) {
        if !self.is_suspended()
            && let Some(arrival) = self.arrivals.saw(at, wait, seen, ready)
        {
            let of_sources = arrival.sources.iter().map(|asked| size_of::<Asked>() + asked.source.weight());
            let weight = size_of::<Event>() + size_of::<Arrival>() + of_sources.sum::<usize>();
            self.stretches.begin_after_arrival(self.events.len());
            self.push(weight, || Event::Arrived(Box::new(arrival)));
        }
    }

    pub(super) fn dropped(&mut self, at: u64, source: &Source) {
        if let Some(unready) = self.arrivals.dropped(at, source) {
            self.push(size_of::<Event>() + size_of::<Unready>(), || Event::Unready(Box::new(unready)));
        }
    }

    pub(super) fn looked(&mut self, path: &str, look: Look, sight: Sight) -> Sight {
        if !self.is_suspended()
            && let Some(ordinal) = self.looks.changed(path, look, &sight)
        {
            let weight = size_of::<Event>() + size_of::<Seen>() + path.len() + 2 * sight.weight();
            let path = path.to_owned();
            self.push(weight, || Event::Seen(Box::new(Seen { path, look, ordinal, sight: sight.clone() })));
        }
        sight
    }

    /// A value names a file with this content, which is kept though a body is at work: a replay has it there again.
    pub(super) fn kept(&mut self, path: &str, content: Content) {
        let sight = Sight::Content(content);
        if let Some(ordinal) = self.looks.changed(path, Look::Kept, &sight)
            && self.can_hold(size_of::<Event>() + size_of::<Seen>() + path.len())
        {
            let (path, look) = (path.to_owned(), Look::Kept);
            self.events.push(Some(Event::Seen(Box::new(Seen { path, look, ordinal, sight }))));
        }
    }

    pub(super) fn attempted<T>(
        &mut self,
        call: &str,
        path: &str,
        outcome: Result<T, String>,
    ) -> Result<T, String> {
        if self.is_suspended() {
            return outcome;
        }
        let attempt = self.looks.attempt(call, path);
        outcome.inspect_err(|code| self.refused(call, path, attempt, code))
    }

    /// The attempt of this call at this path, from 1, was refused.
    pub fn refused(&mut self, call: &str, path: &str, attempt: u64, code: &str) {
        if self.can_hold(size_of::<Event>() + call.len() + path.len() + code.len()) {
            let (call, path, code) = (call.to_owned(), path.to_owned(), code.to_owned());
            self.events.push(Some(Event::Refused(Box::new(Refused { call, path, attempt, code }))));
        }
    }

    pub(super) fn not_granted(&mut self, call: &str, code: &str) {
        let attempt = self.looks.attempt(call, "");
        self.refused(call, "", attempt, code);
    }

    pub(super) fn content(&mut self, bytes: &Arc<Vec<u8>>) -> Content {
        let (digest, size) = (Digest::of(bytes), bytes.len() as u64);
        if self.contents.contains_key(&digest) {
            return Content::Kept { digest, size };
        }
        // A file too many costs its content, not the recording.
        if self.weight.saturating_add(bytes.len()) > self.limit {
            return Content::TooLarge { size };
        }
        self.can_hold(bytes.len());
        self.contents.insert(digest, bytes.clone());
        Content::Kept { digest, size }
    }

    pub(super) fn changed(&mut self, path: String, change: Change) {
        if self.can_hold(size_of::<Event>() + path.len()) {
            self.events.push(Some(Event::Changed(Box::new(Changed { path, change }))));
        }
    }

    pub(super) fn began_at(&self) -> jiff::Timestamp {
        self.invocation.started_at
    }

    /// Whether the recording was given up, so that nothing need be read for it any more.
    pub fn is_lost(&self) -> bool {
        self.weight > self.limit
    }

    /// What the service can read from its standard input. Kept whole, whatever it reads: changed code may read more.
    pub fn stdin(&mut self, bytes: &[u8]) {
        if !bytes.is_empty() && self.can_hold(size_of::<Event>().saturating_add(bytes.len())) {
            self.events.push(Some(Event::Stdin(bytes.to_vec())));
        }
    }

    pub(super) fn written(&mut self, stream: Stream, bytes: &[u8]) {
        if self.is_suspended() || !self.can_hold(bytes.len()) {
            return;
        }
        if let Some(Some(Event::Written(last, text))) = self.events.last_mut()
            && *last == stream
        {
            text.extend_from_slice(bytes);
        } else if self.can_hold(size_of::<Event>()) {
            self.events.push(Some(Event::Written(stream, bytes.to_vec())));
        }
    }

    /// The finished recording. `incomplete` says that the host ended the operation before its outcome.
    ///
    /// # Errors
    ///
    /// The recording was given up on the way; the operation itself is untouched by that.
    pub fn finish(self, outcome: Outcome, incomplete: bool, duration: Duration) -> Result<Recording, Loss> {
        if self.is_off {
            return Err(Loss::Off);
        }
        if let Some(loss) = self.remarks.discarded {
            return Err(loss);
        }
        if self.weight > self.limit {
            return Err(Loss::TooLarge { limit: self.limit });
        }
        let end = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
        let unready = self.arrivals.finish(end).into_iter().map(|unready| Event::Unready(Box::new(unready)));
        let events = without_gaps(self.events, unready);
        let invocation = self.invocation;
        let id =
            self.id.unwrap_or_else(|| RecordingId::new(invocation.category.clone(), invocation.started_at));
        let host = env!("CARGO_PKG_VERSION").to_owned();
        let metadata = Metadata {
            id: id.clone(),
            recorded_at: invocation.started_at,
            duration_us: u64::try_from(duration.as_micros()).unwrap_or(u64::MAX),
            operation: invocation.function.name.to_string(),
            component: invocation.component.clone(),
            host: host.clone(),
            exception: outcome.exception().map(Cow::into_owned),
            incomplete,
            limit: outcome.limit().map(|limit| limit.kind),
            unverified: None,
            sockets: invocation.sockets,
            size: 0,
            counts: Counts::of(&events),
            more: self.remarks.metadata,
        };
        let header = Header {
            minor: format::MINOR,
            id,
            operation: invocation.function,
            arguments: invocation.arguments,
            component: invocation.component,
            host,
            functions: self.functions,
            seed: invocation.seed,
            environment: invocation.environment,
            program_arguments: invocation.program_arguments,
            folders: invocation.folders,
            sockets: invocation.sockets,
            secret_headers: invocation.secret_headers,
            file_limit: Some(invocation.file_limit),
        };
        Ok(Recording { header, events, outcome: Some(outcome), contents: self.contents, metadata })
    }

    fn function(&mut self, interceptor: &Interceptor) -> u32 {
        if let Some(Some(index)) = self.indices.get(interceptor.position) {
            return *index;
        }
        self.functions.push(interceptor.function.clone());
        let index = u32::try_from(self.functions.len() - 1).unwrap_or(u32::MAX);
        self.indices.resize(self.indices.len().max(interceptor.position + 1), None);
        if let Some(place) = self.indices.get_mut(interceptor.position) {
            *place = Some(index);
        }
        index
    }

    pub(super) fn give_up(&mut self) {
        self.can_hold(usize::MAX);
    }

    /// One more event, of so many bytes, unless a body is at work.
    fn push(&mut self, weight: usize, event: impl FnOnce() -> Event) {
        if !self.is_suspended() && self.can_hold(weight) {
            self.events.push(Some(event()));
        }
    }

    /// Counts so many bytes more. Past the limit nothing is held: the recording is lost, the memory need not be.
    fn can_hold(&mut self, weight: usize) -> bool {
        self.weight = self.weight.saturating_add(weight);
        if self.weight > self.limit {
            self.events = Vec::new();
            self.contents = Contents::new();
        }
        self.weight <= self.limit
    }
}

/// The events, then `more`. A call that is still live was cut off and has no outcome to serve: it leaves no event, and positions
/// after it move.
fn without_gaps(events: Vec<Option<Event>>, more: impl Iterator<Item = Event>) -> Vec<Event> {
    let gaps: Vec<u64> =
        (0..).zip(&events).filter(|(_, event)| event.is_none()).map(|(position, _)| position).collect();
    let mut events: Vec<Event> = events.into_iter().flatten().chain(more).collect();
    let shift = |position: &mut u64| *position -= gaps.partition_point(|gap| gap < position) as u64;
    for event in events.iter_mut().filter(|_| !gaps.is_empty()) {
        match event {
            Event::Ended(call) => shift(call),
            Event::Clock { epoch: Some(epoch), .. } => stretch::shift(epoch, shift),
            Event::Arrived(arrival) => {
                arrival.sources.iter_mut().filter_map(|asked| asked.source.call_mut()).for_each(shift);
            }
            Event::Unready(unready) => unready.asked.source.call_mut().into_iter().for_each(shift),
            _ => {}
        }
    }
    events
}

/// The readings of this clock in this epoch that only readings of the other clock follow.
fn last_readings(events: &mut [Option<Event>], clock: Clock, epoch: u64) -> Option<&mut Readings> {
    let is_clock = |event: &&mut Option<Event>| matches!(event, Some(Event::Clock { .. }));
    let last = events.iter_mut().rev().take(2).take_while(is_clock).flatten();
    let readings = last.filter_map(|event| match event {
        Event::Clock { clock: of, epoch: Some(within), readings } if *of == clock && *within == epoch => {
            Some(readings)
        }
        _ => None,
    });
    readings.last()
}
