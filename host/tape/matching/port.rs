//! What a tape does about calls.

use super::call::{Names, Place, Slot, Step};
use super::divergence::Divergence;
use super::interceptor::Interceptor;
use playback_recording::Outcome;
use playback_recording::value::Value;
use std::sync::Arc;

/// The calls of an operation.
pub trait CallPort {
    /// Answers a call of `interceptor` with `arguments`, one a parameter.
    ///
    /// # Errors
    ///
    /// On replay: the recording has no answer. The operation ends there.
    fn intercept(
        &mut self,
        interceptor: &Arc<Interceptor>,
        arguments: Vec<Value>,
    ) -> Result<Step, Box<Divergence>> {
        let (place, names) = (self.reserve(), Names::of(interceptor, &arguments));
        self.intercept_as(place, names, interceptor, arguments)
    }

    /// The same at a place that was just reserved, for a call that brings its own names.
    ///
    /// # Errors
    ///
    /// On replay: the recording has no answer. The operation ends there.
    fn intercept_as(
        &mut self,
        place: Place,
        names: Names,
        interceptor: &Arc<Interceptor>,
        arguments: Vec<Value>,
    ) -> Result<Step, Box<Divergence>> {
        let step = self.intercept_at(place, names, interceptor, arguments)?;
        self.begin_epoch_after(place);
        Ok(step)
    }

    /// Takes the next place on the tape, for a call that begins now and whose arguments are known later.
    fn reserve(&mut self) -> Place;

    /// Answers a call that began when its place was reserved.
    ///
    /// # Errors
    ///
    /// On replay: the recording has no answer. The operation ends there.
    fn intercept_at(
        &mut self,
        place: Place,
        names: Names,
        interceptor: &Arc<Interceptor>,
        arguments: Vec<Value>,
    ) -> Result<Step, Box<Divergence>>;

    /// Answers a call that waits for its answer before all of these `open` arguments is there. The answer is that of a recorded
    /// call whose arguments begin like these. [`complete`](Self::complete) adds the rest.
    ///
    /// # Errors
    ///
    /// On replay: the recording has no answer. The operation ends there.
    fn intercept_begun(
        &mut self,
        place: Place,
        interceptor: &Arc<Interceptor>,
        arguments: Vec<Value>,
        open: &[usize],
    ) -> Result<Step, Box<Divergence>>;

    /// All arguments of a call that [had begun](Self::intercept_begun) are there now.
    ///
    /// # Errors
    ///
    /// On replay: they are not those of the call that answered it. The operation ends there.
    fn complete(&mut self, place: Place, arguments: Vec<Value>) -> Result<(), Box<Divergence>>;

    /// Begins the epoch that follows the call at this place.
    fn begin_epoch_after(&mut self, place: Place);

    /// Keeps the outcome of a call that went live.
    fn keep(&mut self, slot: Slot, outcome: Arc<Outcome>);

    /// The position of the recorded call among the events: of the call at this place while recording, on replay of the call
    /// that answered it. `None` if no recorded call has answered it for the first time.
    fn event_of(&self, place: Place) -> Option<u64>;

    /// The body of the call at this place is running. Until it leaves, nothing goes on the tape, as a replay does not run it.
    fn suspend(&mut self, place: Place);

    /// The call at this place has ended. `waited`: other code ran meanwhile.
    fn ended(&mut self, place: Place, waited: bool);

    /// Whether the recorded call that answers the one at this place had ended by now. Always true while recording.
    fn is_due(&mut self, place: Place) -> bool;

    /// The guest SDK's note of the recorded call that answers the one at this place. 0 while recording.
    fn note(&self, place: Place) -> u64;

    /// The divergence of a service that waits for more than was recorded of the call at this place. `None` while recording.
    fn cut_off(&self, place: Place, problem: &str) -> Option<Box<Divergence>>;

    /// The guest SDK cannot go on with a call of `interceptor`: the one at this place, or the next. While recording, that costs
    /// the recording and the operation goes on.
    ///
    /// # Errors
    ///
    /// On replay: the operation ends there.
    fn fail(
        &mut self,
        interceptor: &Interceptor,
        place: Option<Place>,
        problem: String,
    ) -> Result<(), Box<Divergence>>;

    /// The service called something that it is not granted, and got this error code.
    fn refuse(&mut self, function: &str, code: &str);

    /// On replay: recorded values of this function have something at these paths that the current types do not have.
    fn note_dropped(&mut self, interceptor: &Interceptor, paths: &[String]);

    /// The report of a replay keeps this many bytes more. `bytes` is not called while recording, where the recording counts
    /// what it holds.
    ///
    /// # Errors
    ///
    /// It would keep more than this many bytes, which is its limit.
    fn keep_for_report(&mut self, bytes: &dyn Fn() -> usize) -> Result<(), usize>;

    /// Open calls hold this many bytes. If that is more than a recording may hold, there will be none. Nothing on replay.
    fn hold_open(&mut self, bytes: usize);
}
