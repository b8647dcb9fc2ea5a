//! Makes the sources of a replay ready in the recorded order.

use super::{Awaited, Readied, Wait, identity};
use crate::recording::{Arrival, Asked, Source, Unready};
use std::collections::{BTreeSet, HashMap, HashSet};

/// Number of questions after which an earlier source that the service no longer asks for holds no later one back.
const MAX_QUESTIONS_APART: u64 = 1_000;

/// The recorded arrivals, and how far a replay has come.
#[derive(Debug, Default)]
pub(in crate::tape) struct ArrivalReplay {
    moments: Vec<Moment>,
    known: HashMap<Source, Known>,
    /// Of each response body, the recorded numbers of frames in order.
    bodies: HashMap<u64, Vec<u64>>,
    /// How many moments are past.
    past: usize,
    /// How many moments there are up to the last arrival.
    arrivals: usize,
    /// How often a source was asked for in vain since it was ready last.
    in_vain: HashMap<Source, u64>,
    /// Sources that have become ready, which the service has not found yet.
    unseen: HashSet<Source>,
    /// When a source that the service has was asked for last, counted in questions.
    last_asked: HashMap<Source, u64>,
    questions: u64,
    /// True if the question that is being answered has reached a moment. What was found by two questions is never found
    /// by one.
    has_reached: bool,
    /// How long the timers wait that the recording does not know and that came due, in nanoseconds.
    pub(in crate::tape) unrecorded_timers: BTreeSet<u64>,
}

/// One recorded arrival, or the end of a source that was never ready.
#[derive(Debug)]
struct Moment {
    at: u64,
    sources: Vec<Source>,
}

/// What the recording says of a source.
#[derive(Debug, Clone, Copy)]
struct Known {
    moment: usize,
    in_vain: u64,
    /// False if the source was never ready, up to this moment.
    arrives: bool,
}

/// What a source is at the present moment.
#[derive(Debug, Clone, Copy)]
enum Standing {
    /// Ready, as recorded.
    Arrived,
    /// Not ready before this moment.
    Later(Known),
    /// The recording says nothing of it.
    Unknown,
}

/// What happens next to a service that waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Next {
    /// What the monotonic clock shows then.
    at: u64,
    by_rule: bool,
    moment: Option<usize>,
}

/// The virtual time of a replay.
pub(in crate::tape) trait Now {
    /// What the monotonic clock shows, in nanoseconds.
    fn now(&self) -> u64;

    /// Time passes until the monotonic clock shows at least `at`.
    fn pass(&mut self, at: u64);
}

impl ArrivalReplay {
    pub(in crate::tape) fn add_arrival(&mut self, arrival: &Arrival) {
        let moment = self.moments.len();
        for Asked { source, in_vain } in &arrival.sources {
            self.add(source, Known { moment, in_vain: *in_vain, arrives: true });
        }
        let sources = arrival.sources.iter().map(|asked| identity(&asked.source)).collect();
        self.moments.push(Moment { at: arrival.at, sources });
        self.arrivals = self.moments.len();
    }

    pub(in crate::tape) fn add_unready(&mut self, unready: &Unready) {
        let Unready { at, asked } = unready;
        let moment = self.moments.len();
        self.add(&asked.source, Known { moment, in_vain: asked.in_vain, arrives: false });
        self.moments.push(Moment { at: *at, sources: Vec::new() });
    }

    fn add(&mut self, source: &Source, known: Known) {
        if let Source::Body { call, frames } = source {
            self.bodies.entry(*call).or_default().push(*frames);
        }
        self.known.entry(source.clone()).or_insert(known);
    }

    /// Returns true if the recording has arrivals.
    pub(in crate::tape) fn has_any(&self) -> bool {
        self.arrivals > 0
    }

    /// Returns true if every recorded arrival is past.
    pub(in crate::tape) fn is_over(&self) -> bool {
        self.past >= self.arrivals
    }

    /// The service has a source: sources that arrive later wait for it.
    pub(in crate::tape) fn begin(&mut self, source: &Source) {
        self.last_asked.insert(identity(source), self.questions);
    }

    /// The service has dropped a source.
    pub(in crate::tape) fn end(&mut self, source: &Source) {
        let source = identity(source);
        self.last_asked.remove(&source);
        self.unseen.remove(&source);
    }

    /// What the monotonic clock shows, but not later than the next recorded arrival. Changed code that reads a clock once more
    /// gets a later reading, and no time has passed by that.
    pub(in crate::tape) fn now(&self, clock: &impl Now) -> u64 {
        let mut coming = self.moments.get(self.past..).unwrap_or_default().iter();
        let next = coming.find(|moment| !moment.sources.is_empty()).map_or(u64::MAX, |next| next.at);
        clock.now().min(next)
    }

    /// Returns true if the recording has the source, and it is not ready yet.
    pub(in crate::tape) fn is_later(&self, source: &Source) -> bool {
        matches!(self.standing(source), Standing::Later(_))
    }

    /// How many frames of a response body are there, if `taken` were taken from it.
    pub(in crate::tape) fn frames(&self, call: u64, taken: u64) -> u64 {
        let numbers = self.bodies.get(&call).map_or(&[][..], |numbers| numbers);
        let mut there = taken;
        for frames in numbers.iter().filter(|frames| **frames > taken) {
            match self.standing(&Source::Body { call, frames: *frames }) {
                Standing::Arrived => there = *frames,
                Standing::Later(_) => return there,
                Standing::Unknown => return u64::MAX,
            }
        }
        if there > taken { there } else { u64::MAX }
    }

    /// Answers a question. Time passes where the service waits.
    pub(in crate::tape) fn ask(
        &mut self,
        awaited: &[Awaited],
        wait: Wait,
        is_stopped: bool,
        clock: &mut impl Now,
    ) -> Readied {
        let now = self.now(clock);
        let ready: Vec<u32> =
            (0..).zip(awaited).filter(|(_, one)| self.is_ready(one, now)).map(|(at, _)| at).collect();
        if ready.is_empty() && wait == Wait::ForOne {
            return self.advance(awaited, is_stopped, clock);
        }
        let found: Vec<&Awaited> =
            ready.iter().filter_map(|position| awaited.get(*position as usize)).collect();
        if !self.has_reached
            && let Some(moment) = self.due_moment(awaited, &found)
        {
            self.reach(moment, clock);
            return Readied::TimePassed;
        }
        self.has_reached = false;
        self.count(awaited);
        if ready.is_empty() {
            self.pass_unasked(awaited, clock);
        }
        found.iter().for_each(|one| self.see(one));
        Readied::Ready(ready)
    }

    /// The service asks again and again for a timer that the recording does not know: an arrival that nobody asks for does not
    /// hold time back.
    fn pass_unasked(&mut self, awaited: &[Awaited], clock: &mut impl Now) {
        let mut coming = self.moments.iter().enumerate().skip(self.past);
        let next = coming.find(|(_, moment)| !moment.sources.is_empty());
        if let Some((position, moment)) = next
            && moment.at <= clock.now()
            && awaited.iter().any(|one| self.is_new_timer(one))
            && !moment.sources.iter().any(|source| self.is_asked_for(source))
        {
            self.reach(position, clock);
            self.has_reached = false;
        }
    }

    /// Returns true if it is a timer that is due by rule.
    fn is_new_timer(&self, awaited: &Awaited) -> bool {
        awaited.due.is_some() && matches!(self.standing_of(awaited), Standing::Unknown)
    }

    /// Returns true if the service has the source and asked for it not long ago.
    fn is_asked_for(&self, source: &Source) -> bool {
        self.last_asked.get(source).is_some_and(|last| self.questions - last < MAX_QUESTIONS_APART)
    }

    fn standing(&self, source: &Source) -> Standing {
        match self.known(source) {
            None => Standing::Unknown,
            Some(known) if known.moment >= self.past => Standing::Later(known),
            Some(known) if known.arrives => Standing::Arrived,
            Some(_) => Standing::Unknown,
        }
    }

    fn known(&self, source: &Source) -> Option<Known> {
        match source {
            // What was there before any frame is not a matter of the recording; a frame is there when more frames are.
            Source::Body { frames: 0, .. } => None,
            Source::Body { call, frames } => {
                let number = self.bodies.get(call)?.iter().find(|number| *number >= frames)?;
                self.known.get(&Source::Body { call: *call, frames: *number }).copied()
            }
            other => self.known.get(other).copied(),
        }
    }

    fn standing_of(&self, awaited: &Awaited) -> Standing {
        awaited.source.as_ref().map_or(Standing::Unknown, |source| self.standing(source))
    }

    fn is_ready(&self, awaited: &Awaited, now: u64) -> bool {
        match (self.standing_of(awaited), awaited.due) {
            (Standing::Later(_), _) => false,
            (Standing::Arrived, Some(_)) => true,
            (Standing::Unknown, Some(due)) => due <= now,
            (_, None) => awaited.is_there,
        }
    }

    /// The service waits and nothing is ready: time passes until the first of them is.
    fn advance(&mut self, awaited: &[Awaited], is_stopped: bool, clock: &mut impl Now) -> Readied {
        let next = awaited.iter().filter_map(|one| self.next(one)).min();
        let is_recorded = next.is_some_and(|next| !next.by_rule);
        if !is_recorded && awaited.iter().any(|one| one.is_open_request) {
            return Readied::AnswerOpenRequest;
        }
        let Some(Next { at, moment, .. }) = next else { return Readied::Blocked };
        let before = self.moments.partition_point(|moment| moment.at <= at);
        let past = if is_recorded { 0 } else { before }.max(moment.map_or(0, |moment| moment + 1));
        if !is_recorded && is_stopped && past >= self.arrivals {
            return Readied::Stopped;
        }
        if past > self.past {
            self.reach(past - 1, clock);
        }
        clock.pass(at);
        Readied::TimePassed
    }

    fn next(&self, awaited: &Awaited) -> Option<Next> {
        match (self.standing_of(awaited), awaited.due) {
            (Standing::Later(known), due) => {
                let at = self.moments.get(known.moment)?.at;
                let at = if known.arrives { at } else { at.max(due.unwrap_or(0)) };
                Some(Next { at, by_rule: !known.arrives, moment: Some(known.moment) })
            }
            (Standing::Unknown, Some(due)) => Some(Next { at: due, by_rule: true, moment: None }),
            _ => None,
        }
    }

    /// The moment of the first source that was asked for in vain as often as recorded, and that no earlier source holds back,
    /// where the service has `found` something without it.
    fn due_moment(&self, awaited: &[Awaited], found: &[&Awaited]) -> Option<usize> {
        // Where new timers are all that was found they come by themselves first.
        let is_new = !found.is_empty() && found.iter().all(|one| self.is_new_timer(one));
        let is_due = |one: &Awaited| {
            let source = one.source.as_ref()?;
            let Standing::Later(known) = self.standing(source) else { return None };
            let in_vain = self.in_vain.get(&identity(source)).copied().unwrap_or_default();
            (in_vain >= known.in_vain.max(u64::from(is_new))).then_some(known.moment)
        };
        let moment = awaited.iter().filter_map(is_due).min()?;
        let earlier = self.moments.get(self.past..moment).unwrap_or_default();
        let mut earlier = earlier.iter().flat_map(|moment| &moment.sources).chain(&self.unseen);
        (!earlier.any(|source| self.is_asked_for(source))).then_some(moment)
    }

    fn reach(&mut self, moment: usize, clock: &mut impl Now) {
        for moment in self.moments.get(self.past..=moment).unwrap_or_default() {
            clock.pass(moment.at);
            for source in &moment.sources {
                self.in_vain.remove(source);
                self.unseen.insert(source.clone());
            }
        }
        self.past = self.past.max(moment + 1);
        self.has_reached = true;
    }

    fn count(&mut self, awaited: &[Awaited]) {
        self.questions += 1;
        for source in awaited.iter().filter_map(|one| one.source.as_ref()) {
            let key = identity(source);
            if let Standing::Later(_) = self.standing(source) {
                *self.in_vain.entry(key.clone()).or_default() += 1;
            }
            self.last_asked.insert(key, self.questions);
        }
    }

    /// The service finds this ready. A timer that came due by rule, in a recording that has arrivals, is worth a note.
    fn see(&mut self, found: &Awaited) {
        let Some(source) = &found.source else { return };
        self.unseen.remove(&identity(source));
        if let Source::Timer { wait, .. } = source
            && self.has_any()
            && self.is_new_timer(found)
        {
            self.unrecorded_timers.insert(*wait);
        }
    }
}
