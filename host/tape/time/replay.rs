//! Time on a replay: virtual, and passing as it passed when the operation was recorded.

use super::arrivals::{Awaited, Readied, Wait};
use super::port::{Found, SourcesOf, TimePort};
use super::readiness::{About, Asks};
use super::timer::{StartedTimer, Timer};
use crate::matching::CallPort;
use crate::replay::ReplayTape;
use playback_recording::{Clock, Limit, Source};
use smallvec::smallvec;

impl TimePort for ReplayTape {
    fn clock(&mut self, clock: Clock, _: &mut dyn FnMut() -> u64) -> u64 {
        if self.epochs.is_in_body() {
            return self.clocks.read_extra(clock);
        }
        let reading = self.clocks.read(clock, self.epochs.of_clock());
        if clock == Clock::Monotonic {
            self.timers.read(reading);
        }
        reading
    }

    fn start(&mut self, timer: Timer, _: u64) -> StartedTimer {
        let due = timer.due(self.now());
        let source = (!self.epochs.is_in_body()).then(|| timer.name(&mut self.timers));
        if let Some(source) = &source {
            self.arrivals.begin_timer(source, due);
        }
        StartedTimer { source, due, wait: 0 }
    }

    fn begin(&mut self, source: &Source) {
        self.arrivals.begin(source);
    }

    fn dropped(&mut self, _: u64, source: &Source) {
        self.arrivals.end(source);
    }

    fn begin_wait(&mut self, _: &mut SourcesOf<'_>) -> Result<(), Limit> {
        if !self.epochs.is_in_body() {
            self.waits.begin();
        }
        self.waits.stopped_here().map_or(Ok(()), |limit| Err(limit.clone()))
    }

    fn saw(&mut self, _: Wait, _: &mut dyn FnMut(&dyn CallPort) -> Found) {}

    fn numbered_answer(&mut self, asks: Asks, about: &mut dyn FnMut() -> Vec<About>) -> Option<Vec<u32>> {
        if self.answers.is_empty() || self.epochs.is_in_body() {
            return None;
        }
        self.answers.ask(asks, &about())
    }

    fn sleep_until(&mut self, monotonic: u64) {
        self.clocks.sleep_until(monotonic);
    }

    fn now(&self) -> u64 {
        self.arrivals.now(&self.clocks)
    }

    fn is_later(&self, source: &Source) -> bool {
        self.arrivals.is_later(source)
    }

    fn frames(&self, call: u64, taken: u64) -> u64 {
        self.arrivals.frames(call, taken)
    }

    fn stopped_by(&self) -> Option<&Limit> {
        self.waits.limit()
    }
}

impl ReplayTape {
    /// Which of these are ready, or what has to happen first.
    pub(crate) fn ready(&mut self, awaited: &[Awaited], wait: Wait) -> Readied {
        // A file or a standard stream, in which the recording has no part: it does not count as a question.
        if let [Awaited { source: None, is_there: true, due: None, is_open_request: false }] = awaited {
            return Readied::Ready(smallvec![0]);
        }
        let is_stopped = self.waits.limit().is_some() && !self.waits.is_numbered();
        let mut readied = self.arrivals.ask(awaited, wait, is_stopped, &mut self.clocks);
        // To look again is of no use: what is there stays there, and a timer only has to be due.
        if let (Readied::TimePassed, [one]) = (&readied, awaited)
            && (one.is_there || one.due.is_some())
        {
            readied = self.arrivals.ask(awaited, wait, is_stopped, &mut self.clocks);
        }
        if let Some(event) = self.arrivals.take_seen() {
            self.epochs.begin_after_arrival(event);
        }
        // A service that asks repeatedly until a timer is due sees time pass.
        if let Readied::Ready(ready) = &readied
            && ready.is_empty()
            && awaited.iter().any(|one| one.due.is_some())
        {
            self.clocks.step();
        }
        readied
    }

    /// The limit on time that ended the recorded operation, if the service has done all that it had done before.
    pub(crate) fn stopped_after(&self) -> Option<&Limit> {
        match self.waits.is_numbered() {
            true => self.waits.stopped_after(),
            false => self.waits.limit().filter(|_| self.arrivals.is_over()),
        }
    }
}
