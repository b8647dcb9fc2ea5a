//! A tape decides what each call returns. It never runs wasm and never touches disk.
//!
//! A [`RecordingTape`] lets every call go live and keeps what came of it. A [`ReplayTape`] answers from a
//! recording, says how it answered, and explains what it cannot answer. Both are a [`Tape`], so that the sandbox
//! has one path for both:
//!
//! ```text
//! match tape.intercept(&interceptor, arguments)? {
//!     Step::Live(slot) => { let outcome = live(slot.arguments()).await; tape.keep(slot, outcome.clone()); outcome }
//!     Step::Recorded(outcome) => outcome,
//! }
//! ```
//!
//! The rules of matching, per operation: an input is found by its alias and its key (all its arguments, none, or
//! those a rule names); the n-th call of a key gets the n-th recorded outcome, past the last one the last again.
//! An output is found by its alias and its ordinal. Order between different keys is never required. Each recorded
//! call answers once, under whichever alias it is found, before any answer is repeated.

#![warn(clippy::print_stdout, clippy::print_stderr, reason = "only the command line prints")]

use playback_recording::value::{Name, Value};
use playback_recording::{Change, Clock, Content, Limit, Look, Outcome, Sight, Source, Stream};
use std::sync::Arc;

mod alias;
mod ambient;
mod arrivals;
mod boundary;
mod changes;
mod divergence;
mod ends;
mod first_difference;
mod fnv;
mod index;
mod key;
mod keyed;
mod last_message;
mod loss;
mod nearest;
mod order;
mod pairs;
mod playback;
mod queue;
mod readiness;
mod record;
mod remarks;
mod replay;
mod rules;
mod sights;
mod slot;
mod streams;
mod stretch;
#[cfg(test)]
mod tests;
mod today;
mod version;
mod waiting;

pub use alias::{AliasError, AliasPattern};
use arrivals::TimerNames;
pub use arrivals::{Awaited, Readied, Wait};
pub use boundary::{Boundary, Interceptor, Sends, Signature};
pub use changes::FileComparison;
pub use divergence::{Divergence, Nearest, Reason, Unseen};
pub use first_difference::FirstDifference;
pub use key::KeyPart;
pub use last_message::LastMessage;
pub use loss::Loss;
pub use playback::{Answered, BesideKey, Crossing, Ending, OutputComparison, Playback};
pub use readiness::{About, Asks};
pub use record::{Invocation, RecordingTape};
pub use remarks::MetadataError;
pub use replay::ReplayTape;
pub use rules::{MissingRule, OnExhausted, OnMissing, Rule, RuleError, RuleProblem, Rules, Why};
pub use sights::{Assumption, Listed};
pub use slot::Slot;
pub use streams::{LineDifference, StreamComparison};
use stretch::Stretches;
pub use version::{distance, is_compatible};

/// The tape of one running operation.
#[derive(Debug)]
#[allow(clippy::large_enum_variant, reason = "there is one for an operation, and it stays where it is")]
pub enum Tape {
    /// Keeps what happens.
    Recording(RecordingTape),
    /// Answers from what happened.
    Replaying(ReplayTape),
}

/// Where a call stands among the others of its tape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place(usize);

/// A timer that a service starts. Nanoseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Timer {
    /// It waits so long.
    After(u64),
    /// It waits until the monotonic clock shows this.
    Until(u64),
}

impl Timer {
    /// Returns what the monotonic clock shows when the timer is due, if it starts when the clock shows `now`.
    pub fn due(self, now: u64) -> u64 {
        match self {
            Self::After(duration) => now.saturating_add(duration),
            Self::Until(instant) => instant,
        }
    }

    fn name(self, names: &mut TimerNames) -> Source {
        match self {
            Self::After(duration) => names.after(duration),
            Self::Until(instant) => names.until(instant),
        }
    }
}

/// What one call is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Names {
    /// Its alias.
    pub alias: Name,
    /// Older aliases to look under, in order.
    pub fallback_aliases: Vec<Name>,
}

impl Names {
    /// Bytes of memory that they take.
    pub fn weight(&self) -> usize {
        self.alias.len()
            + self.fallback_aliases.iter().map(|older| size_of::<Name>() + older.len()).sum::<usize>()
    }

    /// As the function's rules have it, for a call with these arguments.
    pub fn of(interceptor: &Interceptor, arguments: &[Value]) -> Self {
        let fallback_aliases = interceptor.fallback_aliases.iter().map(|older| older.render(arguments));
        Self { alias: interceptor.alias.render(arguments), fallback_aliases: fallback_aliases.collect() }
    }
}

/// What an intercepted call is to do.
#[derive(Debug)]
pub enum Step {
    /// Ask the provider, then [`Tape::keep`] what came of it.
    Live(Slot),
    /// This is what it gets.
    Recorded(Arc<Outcome>),
}

impl Tape {
    /// A call of `interceptor` has crossed the boundary with `arguments`, one a parameter.
    ///
    /// # Errors
    ///
    /// On replay only: the recording has no answer. The operation ends there.
    pub fn intercept(
        &mut self,
        interceptor: &Arc<Interceptor>,
        arguments: Vec<Value>,
    ) -> Result<Step, Box<Divergence>> {
        let (place, names) = (self.reserve(), Names::of(interceptor, &arguments));
        self.intercept_as(place, names, interceptor, arguments)
    }

    /// As [`Self::intercept`], at a place that was just reserved, for a call that says itself what it is called.
    ///
    /// # Errors
    ///
    /// On replay only: the recording has no answer. The operation ends there.
    pub fn intercept_as(
        &mut self,
        place: Place,
        names: Names,
        interceptor: &Arc<Interceptor>,
        arguments: Vec<Value>,
    ) -> Result<Step, Box<Divergence>> {
        let step = self.step(place, names, interceptor, arguments)?;
        match self {
            Self::Recording(tape) => tape.stretches.begin_after(place.0),
            Self::Replaying(tape) => tape.begin_stretch(place),
        }
        Ok(step)
    }

    /// Which stretch of the operation this is: 0 at first, another even number after each recorded call and after
    /// [what has a name](Self::begin_stretch), and an odd one within the body of a call that is at work. Where a replay does
    /// what was done it is in the stretch in which the recording was, whatever happens between; a call that has no recorded
    /// counterpart begins none.
    pub fn stretch(&self) -> u64 {
        self.stretches().here()
    }

    fn stretches(&self) -> &Stretches {
        match self {
            Self::Recording(tape) => &tape.stretches,
            Self::Replaying(tape) => &tape.stretches,
        }
    }

    fn stretches_mut(&mut self) -> &mut Stretches {
        match self {
            Self::Recording(tape) => &mut tape.stretches,
            Self::Replaying(tape) => &mut tape.stretches,
        }
    }

    /// The service has something of this name from the world: an answer to a request, an open file.
    pub fn begin_stretch(&mut self, name: &str) {
        self.stretches_mut().begin_named(name);
    }

    /// The body of the call at this place is at work: until [`go_on`](Self::go_on) nothing goes on the tape, as a replay skips
    /// it, and what a replay answers that does not is there for what comes after too.
    pub fn suspend(&mut self, place: Place) {
        match self {
            Self::Recording(tape) => tape.stretches.enter(place.0),
            Self::Replaying(tape) => tape.suspend(place),
        }
    }

    /// The same of something that an operation does only while it is recorded; no other such thing has this number.
    pub fn step_aside(&mut self, number: u64) {
        self.stretches_mut().enter_unrecorded(number);
    }

    /// The call at this place is over; `waited`: something else went on meanwhile.
    pub fn ended(&mut self, place: Place, waited: bool) {
        match self {
            Self::Recording(tape) if waited => tape.ended(place),
            Self::Recording(_) => {}
            Self::Replaying(tape) => tape.ended(place),
        }
    }

    /// Whether the recorded call that answers the one at this place was over by now when it was recorded.
    pub fn is_due(&mut self, place: Place) -> bool {
        match self {
            Self::Recording(_) => true,
            Self::Replaying(tape) => tape.is_due(place),
        }
    }

    /// It is not any more.
    pub fn go_on(&mut self) {
        self.stretches_mut().leave();
    }

    /// Whether what happens is not put on the tape, while recording.
    pub fn is_untaped(&self) -> bool {
        matches!(self, Self::Recording(tape) if tape.stretches.is_in_body())
    }

    /// Whether a body is at work.
    pub fn is_suspended(&self) -> bool {
        self.stretches().is_in_body()
    }

    /// Takes the next place on the tape, for a call that begins now and whose arguments are known only later.
    pub fn reserve(&mut self) -> Place {
        match self {
            Self::Recording(tape) => tape.reserve(),
            Self::Replaying(tape) => tape.reserve(),
        }
    }

    /// As [`Self::intercept`], for a call that began when its place was reserved.
    ///
    /// # Errors
    ///
    /// On replay only: the recording has no answer. The operation ends there.
    pub fn intercept_at(
        &mut self,
        place: Place,
        interceptor: &Arc<Interceptor>,
        arguments: Vec<Value>,
    ) -> Result<Step, Box<Divergence>> {
        let names = Names::of(interceptor, &arguments);
        self.step(place, names, interceptor, arguments)
    }

    fn step(
        &mut self,
        place: Place,
        names: Names,
        interceptor: &Arc<Interceptor>,
        arguments: Vec<Value>,
    ) -> Result<Step, Box<Divergence>> {
        match self {
            Self::Recording(tape) => Ok(Step::Live(tape.intercept(place, interceptor, names, arguments))),
            Self::Replaying(tape) => tape.intercept(place, interceptor, names, arguments),
        }
    }

    /// As [`Self::intercept_at`], for a call that waits for its answer before all of these `open` arguments is there, so that the
    /// answer is that of a recorded call of which they are the beginning. [`Self::complete`] says when they are whole.
    ///
    /// # Errors
    ///
    /// On replay only: the recording has no answer. The operation ends there.
    pub fn intercept_begun(
        &mut self,
        place: Place,
        interceptor: &Arc<Interceptor>,
        arguments: Vec<Value>,
        open: &[usize],
    ) -> Result<Step, Box<Divergence>> {
        match self {
            Self::Recording(_) => self.intercept_at(place, interceptor, arguments),
            Self::Replaying(tape) => tape.intercept_begun(place, interceptor, arguments, open),
        }
    }

    /// All arguments of a call that [had begun](Self::intercept_begun) are there now.
    ///
    /// # Errors
    ///
    /// On replay only: they are not those of the call that answered it. The operation ends there.
    pub fn complete(&mut self, place: Place, arguments: Vec<Value>) -> Result<(), Box<Divergence>> {
        match self {
            Self::Recording(_) => Ok(()),
            Self::Replaying(tape) => tape.complete(place, arguments),
        }
    }

    /// The service waits for more than was recorded of the call at this place, for a reason that `problem` gives.
    /// Nothing while recording.
    pub fn cut_off(&self, place: Place, problem: &str) -> Option<Box<Divergence>> {
        match self {
            Self::Recording(_) => None,
            Self::Replaying(tape) => tape.cut_off(place, problem),
        }
    }

    /// What came of a call that went live.
    pub fn keep(&mut self, slot: Slot, outcome: Arc<Outcome>) {
        match self {
            Self::Recording(tape) => tape.keep(slot, outcome),
            Self::Replaying(tape) => tape.keep(slot, outcome),
        }
    }

    /// What a call would keep is more than a recording may hold: there will be none. The operation goes on.
    pub fn give_up(&mut self) {
        if let Self::Recording(tape) = self {
            tape.give_up();
        }
    }

    /// The service reads a clock; `live` is what it shows now, and is not asked on replay. Nanoseconds.
    pub fn clock(&mut self, clock: Clock, live: impl FnOnce() -> u64) -> u64 {
        match self {
            Self::Recording(tape) => tape.clock(clock, live()),
            Self::Replaying(tape) => tape.clock(clock),
        }
    }

    /// The service starts a timer. Its name; `None` in a body that is at work.
    pub fn timer(&mut self, timer: Timer) -> Option<Source> {
        match self {
            Self::Recording(tape) => tape.timer(timer),
            Self::Replaying(tape) => tape.timer(timer),
        }
    }

    /// The recorded call at this place, as a position among the events. `None` on a replay where no recorded call has
    /// answered it for the first time.
    pub fn call(&self, place: Place) -> Option<u64> {
        match self {
            Self::Recording(_) => Some(place.0 as u64),
            Self::Replaying(tape) => tape.first_answer(place).map(|event| event as u64),
        }
    }

    /// While recording: the service waits for these sources, until it [sees](Self::saw) some of them.
    pub fn waits_for(&mut self, sources: impl Iterator<Item = Source>) {
        if let Self::Recording(tape) = self {
            tape.waits_for(sources);
        }
    }

    /// While recording: the service asked for these sources when the monotonic clock showed `at`, in nanoseconds, and which of
    /// them were ready. So many handles were `ready` in all, those of sources without a name among them.
    pub fn saw(&mut self, at: u64, wait: Wait, seen: &[(Source, bool)], ready: usize) {
        if let Self::Recording(tape) = self {
            tape.saw(at, wait, seen, ready);
        }
    }

    /// The service drops a source when the monotonic clock shows `at`, in nanoseconds.
    pub fn dropped(&mut self, at: u64, source: &Source) {
        match self {
            Self::Recording(tape) => tape.dropped(at, source),
            Self::Replaying(tape) => tape.dropped(source),
        }
    }

    /// On replay: the limit on time that ended the recorded operation, if one did: what is waited for and does not come on a
    /// replay did not come then.
    pub fn stopped_by_time(&self) -> Option<&Limit> {
        match self {
            Self::Recording(_) => None,
            Self::Replaying(tape) => tape.waiting.limit(),
        }
    }

    /// What the monotonic clock of a replay shows, in nanoseconds, without the service having read it. 0 while
    /// recording, where the machine's own clock tells.
    pub fn now(&self) -> u64 {
        match self {
            Self::Recording(_) => 0,
            Self::Replaying(tape) => tape.now(),
        }
    }

    /// The service looks at something in a granted folder; `live` is what is there, and is not asked on replay.
    /// `None`: nothing was recorded of it.
    pub fn look(&mut self, path: &str, look: Look, live: impl FnOnce() -> Sight) -> Option<Sight> {
        match self {
            Self::Recording(tape) => Some(tape.looked(path, look, live())),
            Self::Replaying(tape) => tape.look(path, look),
        }
    }

    /// A value of the service names the file at `path`, which has this content now. Nothing on replay.
    pub fn kept(&mut self, path: &str, content: Content) {
        if let Self::Recording(tape) = self {
            tape.kept(path, content);
        }
    }

    /// The service tries to change something in a granted folder; `live` does so, and is not called on replay.
    ///
    /// # Errors
    ///
    /// The error code that it ended in.
    pub fn attempt<T>(
        &mut self,
        call: &str,
        path: &str,
        live: impl FnOnce() -> Result<T, String>,
    ) -> Result<Option<T>, String> {
        match self {
            Self::Recording(tape) => tape.attempted(call, path, live()).map(Some),
            Self::Replaying(tape) => tape.attempt(call, path).map(|()| None),
        }
    }

    /// The service called something that is not granted, and got this error code.
    pub fn refused(&mut self, call: &str, code: &str) {
        match self {
            Self::Recording(tape) => tape.not_granted(call, code),
            Self::Replaying(tape) => tape.not_granted(call),
        }
    }

    /// What a tape says of the content of a file. The bytes are kept.
    pub fn content(&mut self, bytes: &Arc<Vec<u8>>) -> Content {
        match self {
            Self::Recording(tape) => tape.content(bytes),
            Self::Replaying(tape) => tape.content(bytes),
        }
    }

    /// When the recorded operation began, in nanoseconds since the Unix epoch.
    pub fn began_at(&self) -> u64 {
        let began = match self {
            Self::Recording(tape) => tape.began_at(),
            Self::Replaying(tape) => tape.recording.metadata.recorded_at,
        };
        u64::try_from(began.as_nanosecond()).unwrap_or_default()
    }

    /// What the service left in a granted folder.
    pub fn changed(&mut self, path: String, change: Change) {
        match self {
            Self::Recording(tape) => tape.changed(path, change),
            Self::Replaying(tape) => tape.changed(path, change),
        }
    }

    /// What the service left at `path` on a replay has content in it that was never read while it was recorded.
    pub fn left_unread(&mut self, path: &str) {
        if let Self::Replaying(tape) = self {
            tape.left_unread(path);
        }
    }

    /// The service wrote to a standard stream.
    pub fn written(&mut self, stream: Stream, bytes: &[u8]) {
        match self {
            Self::Recording(tape) => tape.written(stream, bytes),
            Self::Replaying(tape) => tape.written(stream, bytes),
        }
    }
}
