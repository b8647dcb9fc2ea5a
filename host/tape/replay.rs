//! The tape while replaying: every call is answered from the recording, or ends the replay.

use super::ambient::Clocks;
use super::arrivals::{ArrivalReplay, Awaited, Readied, TimerNames, Wait};
use super::boundary::{Boundary, Interceptor};
use super::changes::LARGEST_SHOWN;
use super::divergence::{Divergence, Reason, Unseen};
use super::ends::Ends;
use super::index::Index;
use super::playback::{Answered, Crossing};
use super::readiness::{About, Answers, Asks};
use super::remarks::{MetadataError, Remarks};
use super::sights::{Assumption, Listed, Sights};
use super::stretch::Stretches;
use super::today::interception;
use super::waiting::Waiting;
use super::{Place, Timer};
use playback_recording::value::{Name, Value};
use playback_recording::{
    Change, Changed, Clock, Content, Contents, Digest, EntryKind, Event, Kind, Limit, Look, Recording,
    RecordingId, Sight, Source, Stream,
};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

mod calls;

pub(super) use calls::named;

/// The most bytes of what one replay left that are shown, in all files.
const MOST_SHOWN: u64 = 64 << 20;

/// Answers the calls of one replay.
#[derive(Debug)]
pub struct ReplayTape {
    pub(super) recording: Arc<Recording>,
    pub(super) index: Index,
    pub(super) stretches: Stretches,
    clocks: Clocks,
    timers: TimerNames,
    pub(super) arrivals: ArrivalReplay,
    pub(super) answers: Answers,
    pub(super) waiting: Waiting,
    ends: Ends,
    sights: Sights,
    /// What is taken to be where nobody looked, by path.
    pub(super) assumed: BTreeMap<String, Assumption>,
    /// What the service can read from its standard input: what it could when it was recorded.
    stdin: Vec<u8>,
    /// What it kept, by its key.
    put: HashMap<String, Value>,
    /// What it says of its recording, which has no effect, but may be refused as it was.
    remarks: Remarks,
    /// What the service left in its folders, and those contents of it that can be shown.
    pub(super) changed: Vec<Changed>,
    pub(super) contents: Contents,
    /// Where there is content in it that was never read while it was recorded.
    pub(super) unread: BTreeSet<String>,
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
            timers: TimerNames::default(),
            arrivals: ArrivalReplay::default(),
            answers: Answers::default(),
            waiting: Waiting::of(&recording),
            ends: Ends::default(),
            remarks: Remarks::default(),
            sights: Sights::default(),
            assumed: BTreeMap::new(),
            stdin: Vec::new(),
            put: HashMap::new(),
            changed: Vec::new(),
            contents: Contents::new(),
            unread: BTreeSet::new(),
            shown: 0,
            not_granted: BTreeSet::new(),
            live: Live::Refused,
            compared: Vec::new(),
            crossings: Vec::with_capacity(recording.events.len().min(1_024)),
            written: Vec::new(),
            dropped: BTreeSet::new(),
            recording: recording.clone(),
        };
        for (position, event) in recording.events.iter().enumerate() {
            match event {
                Event::Clock { clock, epoch, readings } => tape.clocks.add(*clock, *epoch, readings),
                Event::Arrived(arrival) => tape.arrivals.add_arrival(position, arrival),
                Event::Unready(unready) => tape.arrivals.add_unready(unready),
                Event::Ready(readiness) => tape.answers.add(readiness),
                Event::Waiting(wait) => tape.waiting.add(*wait),
                Event::Seen(seen) => tape.sights.add_seen(seen),
                Event::Refused(refused) => tape.sights.add_refused(refused),
                Event::Put(put) => drop(tape.put.insert(put.key.clone(), put.value.clone())),
                Event::Stdin(bytes) => tape.stdin.extend_from_slice(bytes),
                Event::Ended(call) => tape.ends.add(position, *call),
                Event::Interception(_) | Event::Changed(_) | Event::Written(..) | Event::Unknown(_) => {}
            }
        }
        tape.arrivals.start();
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
        if let Some(event) = self.first_answer(place) {
            self.stretches.begin_after(event);
        }
    }

    /// The recorded call that answers the one at this place, unless it answered another before.
    pub(super) fn first_answer(&self, place: Place) -> Option<usize> {
        let crossing = self.crossings.get(place.0).and_then(Option::as_ref)?;
        crossing.event.filter(|_| crossing.answered != Answered::Repeated)
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

    pub(super) fn clock(&mut self, clock: Clock) -> u64 {
        if self.stretches.is_in_body() {
            return self.clocks.read_extra(clock);
        }
        let reading = self.clocks.read(clock, self.stretches.clock_epoch());
        if clock == Clock::Monotonic {
            self.timers.read(reading);
        }
        reading
    }

    pub(super) fn timer(&mut self, timer: Timer) -> Option<Source> {
        if self.stretches.is_in_body() {
            return None;
        }
        let source = timer.name(&mut self.timers);
        let due = timer.due(self.now());
        self.arrivals.begin_timer(&source, due);
        Some(source)
    }

    /// The service has a source that is not a timer.
    pub fn begin(&mut self, source: &Source) {
        self.arrivals.begin(source);
    }

    pub(super) fn dropped(&mut self, source: &Source) {
        self.arrivals.end(source);
    }

    /// Returns true if the recording has the source, and it is not ready yet.
    pub fn is_later(&self, source: &Source) -> bool {
        self.arrivals.is_later(source)
    }

    /// How many frames of the response body are there whose exchange was recorded as this event, if `taken` were taken.
    pub fn frames(&self, call: u64, taken: u64) -> u64 {
        self.arrivals.frames(call, taken)
    }

    /// Returns true if the recording numbers its answers, as older builds did, and has more of them.
    pub fn has_numbered_answers(&self) -> bool {
        !self.answers.is_empty()
    }

    /// The answer of a recording of an older build to the question which of these are ready, as positions among them.
    pub fn numbered_answer(&mut self, asks: Asks, about: &[About]) -> Option<Vec<u32>> {
        if self.stretches.is_in_body() { None } else { self.answers.ask(asks, about) }
    }

    /// The service asks which of these are ready, and waits for one of them if it `wait`s.
    pub fn ready(&mut self, awaited: &[Awaited], wait: Wait) -> Readied {
        let is_stopped = self.waiting.limit().is_some() && !self.waiting.is_numbered();
        let readied = self.arrivals.ask(awaited, wait, is_stopped, &mut self.clocks);
        if let Some(event) = self.arrivals.take_seen() {
            self.stretches.begin_after_arrival(event);
        }
        // Whoever asks again and again until a timer is due sees time pass.
        if let Readied::Ready(ready) = &readied
            && ready.is_empty()
            && awaited.iter().any(|one| one.due.is_some())
        {
            self.clocks.step();
        }
        readied
    }

    /// The service makes a call that may wait. Returns the limit on time that stopped the recorded operation in that call, of a
    /// recording that numbers them.
    pub fn numbered_wait(&mut self) -> Option<&Limit> {
        if !self.stretches.is_in_body() {
            self.waiting.begin();
        }
        self.waiting.stopped_here()
    }

    /// The limit on time that ended the recorded operation, if the service has done all that it had done before.
    pub(super) fn stopped_after(&self) -> Option<&Limit> {
        match self.waiting.is_numbered() {
            true => self.waiting.stopped_after(),
            false => self.waiting.limit().filter(|_| self.arrivals.is_over()),
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

    pub(super) fn left_unread(&mut self, path: &str) {
        self.unread.insert(path.to_owned());
    }

    /// What `folder` had under `name` when it was listed first, if it was.
    pub fn listed(&self, folder: &str, name: &str) -> Listed {
        self.sights.listed(folder, name)
    }

    /// Reports that this is taken to be at `path`, where nobody looked while it was recorded.
    pub fn assume(&mut self, path: &str, assumption: Assumption) {
        self.assumed.insert(path.to_owned(), assumption);
    }

    /// Whether the service had to do with `path` when it was recorded.
    pub fn knows(&self, path: &str) -> bool {
        self.sights.knows(path)
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

    /// Recorded values of `interceptor`'s calls have something at these paths that today's types do not have.
    pub fn note_dropped(&mut self, interceptor: &Interceptor, paths: &[String]) {
        self.dropped.extend(paths.iter().map(|path| format!("{}{path}", interceptor.alias)));
    }

    /// Whether the service looked at `path` when it was recorded.
    pub fn has_seen(&self, path: &str) -> bool {
        self.sights.has_seen(path)
    }

    pub(super) fn now(&self) -> u64 {
        self.arrivals.now(&self.clocks)
    }

    /// Time passes until the monotonic clock shows this, in nanoseconds.
    pub fn sleep_until(&mut self, monotonic: u64) {
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
}
