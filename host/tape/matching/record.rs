//! Calls while recording: each goes live, and its outcome is kept.

use super::call::{Names, Place, Slot, Step};
use super::divergence::Divergence;
use super::interceptor::Interceptor;
use super::port::CallPort;
use crate::loss::Loss;
use crate::record::RecordingTape;
use playback_recording::value::Value;
use playback_recording::{Event, Interception, Outcome};
use std::sync::Arc;

impl CallPort for RecordingTape {
    fn reserve(&mut self) -> Place {
        Place(self.log.reserve())
    }

    fn intercept_at(
        &mut self,
        place: Place,
        names: Names,
        interceptor: &Arc<Interceptor>,
        arguments: Vec<Value>,
    ) -> Result<Step, Box<Divergence>> {
        Ok(Step::Live(Slot::new(interceptor, names, arguments, place, 0)))
    }

    fn intercept_begun(
        &mut self,
        place: Place,
        interceptor: &Arc<Interceptor>,
        arguments: Vec<Value>,
        _: &[usize],
    ) -> Result<Step, Box<Divergence>> {
        self.intercept_at(place, Names::of(interceptor, &arguments), interceptor, arguments)
    }

    fn complete(&mut self, _: Place, _: Vec<Value>) -> Result<(), Box<Divergence>> {
        Ok(())
    }

    fn begin_epoch_after(&mut self, place: Place) {
        self.log.epochs.begin_after(place.0);
    }

    fn keep(&mut self, slot: Slot, outcome: Arc<Outcome>) {
        let Slot { interceptor, arguments, names: Names { alias, .. }, place, note, .. } = slot;
        let (function, kind) = (self.functions.index(&interceptor), interceptor.kind);
        self.log.fill(place.0, Interception { function, kind, alias, arguments, outcome, note });
    }

    fn event_of(&self, place: Place) -> Option<u64> {
        Some(place.0 as u64)
    }

    fn suspend(&mut self, place: Place) {
        self.log.epochs.enter(place.0);
    }

    fn ended(&mut self, place: Place, waited: bool) {
        if waited {
            self.log.push(Event::Ended(place.0 as u64));
        }
    }

    fn is_due(&mut self, _: Place) -> bool {
        true
    }

    fn note(&self, _: Place) -> u64 {
        0
    }

    fn cut_off(&self, _: Place, _: &str) -> Option<Box<Divergence>> {
        None
    }

    fn fail(
        &mut self,
        interceptor: &Interceptor,
        _: Option<Place>,
        problem: String,
    ) -> Result<(), Box<Divergence>> {
        let function = interceptor.function.name.to_string();
        self.discard_for(Loss::Unkept { function, problem });
        Ok(())
    }

    fn refuse(&mut self, function: &str, code: &str) {
        let attempt = self.probes.attempt(function, "");
        self.push_refused(function, "", attempt, code);
    }

    fn note_dropped(&mut self, _: &Interceptor, _: &[String]) {}

    fn keep_for_report(&mut self, _: &dyn Fn() -> usize) -> Result<(), usize> {
        Ok(())
    }

    fn hold_open(&mut self, bytes: usize) {
        if bytes > self.log.limit() {
            self.log.give_up();
        }
    }
}
