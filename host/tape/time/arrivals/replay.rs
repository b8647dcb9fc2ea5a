//! Makes the sources of a replay ready in the recorded order.

use super::question::{Question, Standing};
use super::sources::{Known, Sources};
use super::{Awaited, Positions, Readied, Wait};
use playback_recording::{Arrival, Asked, Found, Source, Unready};
use smallvec::SmallVec;
use std::collections::BTreeSet;

/// Number of questions after which a source that the service no longer asks for stops delaying later ones.
const MAX_QUESTIONS_APART: u64 = 1_000;

/// Number of questions without an arrival after which a source is found among others that are ready already, though the recorded
/// service waited for it.
const MAX_QUESTIONS_WITHOUT_ARRIVAL: u64 = 64;

/// The recorded arrivals, and how far a replay has come.
#[derive(Debug, Default)]
pub(crate) struct ArrivalReplay {
    moments: Vec<Moment>,
    sources: Sources,
    /// How many moments are past.
    past: usize,
    /// How many moments there are up to the last arrival.
    arrivals: usize,
    /// Ready sources that the service asks for and has not found ready yet, by number.
    unseen: BTreeSet<usize>,
    /// The timers that the service asks for and that are not in the recording, by number.
    new_timers: BTreeSet<usize>,
    /// The number of questions when time passed last.
    last_passed: u64,
    /// The number of the question that found the last arrival, or the last timer that is not in the recording.
    reached_by: u64,
    questions: u64,
    /// True if the current question has reached a moment. One question reaches at most one, so that sources which two
    /// questions found are never found by one.
    has_reached: bool,
    /// The event of the last moment of which the service found a source ready, until somebody takes it.
    seen: Option<usize>,
    /// How many moments there are up to that one.
    seen_moments: usize,
    /// The waits of timers that are not in the recording and came due, in nanoseconds.
    pub(crate) unrecorded_timers: BTreeSet<u64>,
}

/// One recorded arrival, or the end of a source that was never ready.
#[derive(Debug)]
struct Moment {
    /// Its position among the events.
    event: usize,
    at: u64,
    found: Found,
    /// What was ready, by number.
    sources: SmallVec<[usize; 1]>,
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
pub(crate) trait Now {
    /// What the monotonic clock shows, in nanoseconds.
    fn now(&self) -> u64;

    /// Time passes until the monotonic clock shows at least `at`.
    fn pass(&mut self, at: u64);
}

impl ArrivalReplay {
    /// Adds the arrival that is recorded as this event.
    pub(crate) fn add_arrival(&mut self, event: usize, arrival: &Arrival) {
        let moment = self.moments.len();
        let add = |Asked { source, in_vain }: &Asked| {
            self.sources.add(source, Known { moment, in_vain: *in_vain, arrives: true })
        };
        let sources = arrival.sources.iter().map(add).collect();
        self.moments.push(Moment { event, at: arrival.at, found: arrival.found, sources });
        self.arrivals = self.moments.len();
    }

    pub(crate) fn add_unready(&mut self, unready: &Unready) {
        let Unready { at, asked } = unready;
        let moment = self.moments.len();
        self.sources.add(&asked.source, Known { moment, in_vain: asked.in_vain, arrives: false });
        self.moments.push(Moment { event: 0, at: *at, found: Found::Asking, sources: SmallVec::new() });
    }

    /// All recorded arrivals are added.
    pub(crate) fn start(&mut self) {
        self.sources.sort();
    }

    /// Returns true if the recording has arrivals.
    pub(crate) fn has_any(&self) -> bool {
        self.arrivals > 0
    }

    /// Returns true if every recorded arrival is past.
    pub(crate) fn is_over(&self) -> bool {
        self.past >= self.arrivals
    }

    /// The service has a new source. Later arrivals wait for it while the service asks for it.
    pub(crate) fn begin(&mut self, source: &Source) {
        self.begin_numbered(source);
    }

    /// The same. Returns the source's number.
    fn begin_numbered(&mut self, source: &Source) -> usize {
        let number = self.sources.number(source);
        if let Some(state) = self.sources.get_mut(number) {
            state.last_asked = Some(self.questions);
        }
        number
    }

    /// The service has a new timer that is due at this time. If it is not in the recording, later arrivals wait for it too.
    pub(crate) fn begin_timer(&mut self, source: &Source, due: u64) {
        let number = self.begin_numbered(source);
        if let Standing::Unknown = self.standing(number, source)
            && let Some(state) = self.sources.get_mut(number)
        {
            state.new_timer = Some(due);
            self.new_timers.insert(number);
        }
    }

    /// The service has dropped a source.
    pub(crate) fn end(&mut self, source: &Source) {
        let Some(number) = self.sources.find(source) else { return };
        self.forget(number);
        if let Some(state) = self.sources.get_mut(number) {
            state.last_asked = None;
        }
    }

    /// Nothing waits for this source any more.
    fn forget(&mut self, number: usize) {
        let Some(state) = self.sources.get_mut(number) else { return };
        if std::mem::take(&mut state.is_unseen) {
            self.unseen.remove(&number);
        }
        if state.new_timer.take().is_some() {
            self.new_timers.remove(&number);
        }
    }

    /// Returns the reading of the monotonic clock, bounded by the time of the next recorded arrival: an extra reading of the
    /// clock returns a later recorded one, but no time has passed.
    pub(crate) fn now(&self, clock: &impl Now) -> u64 {
        let mut coming = self.moments.get(self.past..).unwrap_or_default().iter();
        let next = coming.find(|moment| !moment.sources.is_empty()).map_or(u64::MAX, |next| next.at);
        clock.now().min(next)
    }

    /// Returns true if the recording has the source, and it is not ready yet.
    pub(crate) fn is_later(&self, source: &Source) -> bool {
        let number = self.sources.find(source);
        number.is_some_and(|number| matches!(self.standing(number, source), Standing::Later(_)))
    }

    /// Returns the number of frames of a response body that are there, if the service took `taken` of them.
    pub(crate) fn frames(&self, call: u64, taken: u64) -> u64 {
        let body = Source::Body { call, frames: 0 };
        let Some(number) = self.sources.find(&body) else { return u64::MAX };
        let mut there = None;
        for (frames, known) in self.sources.known_from(number, taken.saturating_add(1)) {
            match self.standing_of(known) {
                Standing::Arrived(_) => there = Some(frames),
                Standing::Later(_) => return there.unwrap_or(taken),
                Standing::Unknown => return u64::MAX,
            }
        }
        there.unwrap_or(u64::MAX)
    }

    /// Answers a question. If the service waits and nothing is ready, virtual time passes.
    pub(crate) fn ask(
        &mut self,
        awaited: &[Awaited],
        wait: Wait,
        is_stopped: bool,
        clock: &mut impl Now,
    ) -> Readied {
        let now = self.now(clock);
        let asked: SmallVec<[Question<'_>; 1]> = awaited.iter().map(|one| self.question(one)).collect();
        let ready: Positions =
            (0..).zip(&asked).filter(|(_, one)| one.is_ready(now)).map(|(at, _)| at).collect();
        if ready.is_empty() && wait == Wait::ForOne {
            return self.advance(&asked, is_stopped, clock);
        }
        if !self.has_reached
            && let Some(moment) = self.due_moment(&asked, now)
        {
            self.reach(moment, clock);
            return Readied::TimePassed;
        }
        self.has_reached = false;
        self.count(&asked);
        if ready.is_empty() {
            self.pass_unasked(&asked, clock);
        }
        asked.iter().filter(|one| one.is_ready(now)).for_each(|one| self.see(one));
        Readied::Ready(ready)
    }

    fn question<'a>(&mut self, awaited: &'a Awaited) -> Question<'a> {
        let (source, standing) = match &awaited.source {
            Some(source) => {
                let number = self.sources.number(source);
                (Some(number), self.standing(number, source))
            }
            None => (None, Standing::Unknown),
        };
        Question { awaited, source, standing }
    }

    /// The event of the latest arrival that the service has found since this was called last, if it found a new one.
    pub(crate) fn take_seen(&mut self) -> Option<usize> {
        self.seen.take()
    }

    /// Lets time pass beyond arrivals that the service does not ask for, if it polls a timer that is not in the recording.
    fn pass_unasked(&mut self, asked: &[Question<'_>], clock: &mut impl Now) {
        let mut coming = self.moments.iter().enumerate().skip(self.past);
        let next = coming.find(|(_, moment)| !moment.sources.is_empty());
        if let Some((position, moment)) = next
            && moment.at <= clock.now()
            && asked.iter().any(Question::is_new_timer)
            && !moment.sources.iter().any(|source| self.is_asked_for(*source))
        {
            self.reach(position, clock);
            self.has_reached = false;
        }
    }

    /// Returns true if the service has the source and asked for it not long ago.
    fn is_asked_for(&self, source: usize) -> bool {
        let last = self.sources.get(source).and_then(|state| state.last_asked);
        last.is_some_and(|last| self.questions - last < MAX_QUESTIONS_APART)
    }

    fn standing(&self, number: usize, source: &Source) -> Standing {
        self.sources.known(number, source).map_or(Standing::Unknown, |known| self.standing_of(known))
    }

    fn standing_of(&self, known: Known) -> Standing {
        match known.moment >= self.past {
            true => Standing::Later(known),
            false if known.arrives => Standing::Arrived(known),
            false => Standing::Unknown,
        }
    }

    /// Lets time pass until the first of these sources is ready.
    fn advance(&mut self, asked: &[Question<'_>], is_stopped: bool, clock: &mut impl Now) -> Readied {
        let next = asked.iter().filter_map(|one| self.next(one)).min();
        let is_recorded = next.is_some_and(|next| !next.by_rule);
        if !is_recorded && asked.iter().any(|one| one.awaited.is_open_request) {
            return Readied::AnswerOpenRequest;
        }
        let Some(Next { at, moment, .. }) = next else { return Readied::Blocked };
        let before = || self.moments.partition_point(|moment| moment.at <= at);
        let past = if is_recorded { 0 } else { before() }.max(moment.map_or(0, |moment| moment + 1));
        if !is_recorded && is_stopped && past >= self.arrivals {
            return Readied::Stopped;
        }
        if past > self.past {
            self.reach(past - 1, clock);
        }
        clock.pass(at);
        self.last_passed = self.questions;
        Readied::TimePassed
    }

    fn next(&self, question: &Question<'_>) -> Option<Next> {
        match (question.standing, question.awaited.due) {
            (Standing::Later(known), due) => {
                let at = self.moments.get(known.moment)?.at;
                let at = if known.arrives { at } else { at.max(due.unwrap_or(0)) };
                Some(Next { at, by_rule: !known.arrives, moment: Some(known.moment) })
            }
            (Standing::Unknown, Some(due)) => Some(Next { at: due, by_rule: true, moment: None }),
            _ => None,
        }
    }

    /// Returns the moment of the first source that was asked for in vain as often as recorded and that nothing earlier delays.
    /// Those that are ready `now` are so without it.
    fn due_moment(&self, asked: &[Question<'_>], now: u64) -> Option<usize> {
        let is_due = |one: &Question<'_>| {
            let (Some(source), Standing::Later(known)) = (one.source, one.standing) else { return None };
            let state = self.sources.get(source)?;
            let found = self.moments.get(known.moment)?.found;
            // What the recorded service waited for was not there when the source before it came.
            let was_missed = found != Found::Waiting || state.last_in_vain > self.reached_by;
            (state.in_vain >= known.in_vain && was_missed).then_some(known.moment)
        };
        let position = asked.iter().filter_map(is_due).min()?;
        let moment = self.moments.get(position)?;
        let mut found = asked.iter().filter(|one| one.is_ready(now)).peekable();
        let is_patient = self.questions - self.last_passed < MAX_QUESTIONS_WITHOUT_ARRIVAL;
        let is_among = found.peek().is_some();
        let comes_alone = moment.found != Found::Among || found.all(Question::is_new_timer);
        if is_among && comes_alone && is_patient {
            return None;
        }
        let earlier = self.moments.get(self.past..position).unwrap_or_default();
        let mut earlier = earlier.iter().flat_map(|moment| &moment.sources).chain(&self.unseen);
        let is_before = |timer: &usize| {
            let due = self.sources.get(*timer).and_then(|state| state.new_timer);
            due.is_some_and(|due| due < moment.at)
        };
        let is_delayed = earlier.any(|source| self.is_asked_for(*source))
            || self.new_timers.iter().any(|timer| is_before(timer) && self.is_asked_for(*timer));
        (!is_delayed).then_some(position)
    }

    /// Time passes until this moment is past.
    fn reach(&mut self, moment: usize, clock: &mut impl Now) {
        for position in self.past..=moment {
            let Some(moment) = self.moments.get(position) else { break };
            clock.pass(moment.at);
            for source in &moment.sources {
                let is_unseen = self.is_asked_for(*source);
                let Some(state) = self.sources.get_mut(*source) else { continue };
                state.in_vain = 0;
                if is_unseen && !std::mem::replace(&mut state.is_unseen, true) {
                    self.unseen.insert(*source);
                }
            }
        }
        self.past = self.past.max(moment + 1);
        self.last_passed = self.questions;
        self.reached_by = self.questions + 1;
        self.has_reached = true;
    }

    fn count(&mut self, asked: &[Question<'_>]) {
        self.questions += 1;
        for one in asked {
            let Some(state) = one.source.and_then(|source| self.sources.get_mut(source)) else { continue };
            if let Standing::Later(_) = one.standing {
                state.in_vain += 1;
                state.last_in_vain = self.questions;
            }
            state.last_asked = Some(self.questions);
        }
    }

    /// The service finds this source ready. The playback notes a timer that came due by rule.
    fn see(&mut self, found: &Question<'_>) {
        let Some(number) = found.source else { return };
        if self.unseen.contains(&number) || self.new_timers.contains(&number) {
            self.reached_by = self.questions;
        }
        self.forget(number);
        if let Standing::Arrived(known) = found.standing
            && known.moment >= self.seen_moments
        {
            self.seen_moments = known.moment + 1;
            self.seen = self.moments.get(known.moment).map(|moment| moment.event);
        }
        if let Some(Source::Timer { wait, .. }) = found.awaited.source
            && self.has_any()
            && found.is_new_timer()
        {
            self.unrecorded_timers.insert(wait);
        }
    }
}
