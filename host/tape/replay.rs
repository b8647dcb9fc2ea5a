//! The tape on a replay: the recording answers every call, or the replay ends. Each room has the part of it that answers
//! its own questions.

use crate::files::sights::{Assumption, Sights};
use crate::matching::boundary::Boundary;
use crate::matching::call::Crossing;
use crate::matching::ends::Ends;
use crate::matching::index::Index;
use crate::random::epochs::Epochs;
use crate::remarks::Remarks;
use crate::time::arrivals::{ArrivalReplay, TimerNames};
use crate::time::clocks::Clocks;
use crate::time::readiness::Answers;
use crate::time::waits::Waits;
use playback_recording::value::Value;
use playback_recording::{Changed, Contents, Event, Recording, Stream};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// Answers the calls of one replay.
#[derive(Debug)]
pub struct ReplayTape {
    pub(crate) recording: Arc<Recording>,
    pub(crate) index: Index,
    pub(crate) epochs: Epochs,
    pub(crate) clocks: Clocks,
    pub(crate) timers: TimerNames,
    pub(crate) arrivals: ArrivalReplay,
    pub(crate) answers: Answers,
    pub(crate) waits: Waits,
    pub(crate) ends: Ends,
    pub(crate) sights: Sights,
    /// What is taken to be where nobody looked, by path.
    pub(crate) assumed: BTreeMap<String, Assumption>,
    /// What the recorded service could read from its standard input.
    stdin: Vec<u8>,
    /// What the recorded service kept, by its key.
    pub(crate) put: HashMap<String, Value>,
    pub(crate) remarks: Remarks,
    /// What the service left in its directories, and the contents that the report can show.
    pub(crate) changed: Vec<Changed>,
    pub(crate) contents: Contents,
    /// The paths of files that have content which was not read while it was recorded.
    pub(crate) unread: BTreeSet<String>,
    /// The number of bytes in `contents`.
    pub(crate) shown: u64,
    /// What the service called and is not granted.
    pub(crate) not_granted: BTreeSet<String>,
    pub(crate) live: Live,
    /// The standard streams that are compared.
    pub(crate) compared: Vec<Stream>,
    /// In the order in which they began; `None` while a call has no answer.
    pub(crate) crossings: Vec<Option<Crossing>>,
    /// Bytes of memory that calls hold for the report, and the most that they may hold.
    pub(crate) kept: usize,
    pub(crate) limit: usize,
    pub(crate) written: Vec<(Stream, Vec<u8>)>,
    /// What was dropped from recorded results because the current types do not have it.
    pub(crate) dropped: BTreeSet<String>,
}

/// Whether calls whose rule says so may go live.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Live {
    Refused,
    Granted,
}

impl ReplayTape {
    /// A tape that answers the calls of `boundary` from `recording`, and none of them live. Boxed, because it is large.
    pub fn new(recording: Arc<Recording>, boundary: &Boundary) -> Box<Self> {
        let mut tape = Box::new(Self {
            index: Index::new(recording.clone(), boundary),
            epochs: Epochs::default(),
            clocks: Clocks::starting(recording.metadata.recorded_at),
            timers: TimerNames::default(),
            arrivals: ArrivalReplay::default(),
            answers: Answers::default(),
            waits: Waits::of(&recording),
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
            kept: 0,
            limit: usize::MAX,
            written: Vec::new(),
            dropped: BTreeSet::new(),
            recording: recording.clone(),
        });
        for (position, event) in recording.events.iter().enumerate() {
            tape.add(position, event);
        }
        tape.arrivals.start();
        tape
    }

    fn add(&mut self, position: usize, event: &Event) {
        match event {
            Event::Clock { clock, epoch, readings } => self.clocks.add(*clock, *epoch, readings),
            Event::Arrived(arrival) => self.arrivals.add_arrival(position, arrival),
            Event::Unready(unready) => self.arrivals.add_unready(unready),
            Event::Ready(readiness) => self.answers.add(readiness),
            Event::Waiting(wait) => self.waits.add(*wait),
            Event::Seen(seen) => self.sights.add_seen(seen),
            Event::Refused(refused) => self.sights.add_refused(refused),
            Event::Put(put) => drop(self.put.insert(put.key.clone(), put.value.clone())),
            Event::Stdin(bytes) => self.stdin.extend_from_slice(bytes),
            Event::Ended(call) => self.ends.add(position, *call),
            Event::Interception(_) | Event::Changed(_) | Event::Written(..) | Event::Unknown(_) => {}
        }
    }

    /// Lets calls go live whose rule says `on-missing = "live"`.
    pub fn grant_live(&mut self) {
        self.live = Live::Granted;
    }

    /// Compares what is written to these standard streams too.
    pub fn compare(&mut self, streams: &[Stream]) {
        self.compared = streams.to_vec();
    }

    /// Lets calls hold at most this many bytes of memory for the report. Without it, they may hold any number.
    pub fn limit(&mut self, bytes: usize) {
        self.limit = bytes;
    }

    /// Takes what the service can read from its standard input.
    pub fn take_stdin(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.stdin)
    }
}
