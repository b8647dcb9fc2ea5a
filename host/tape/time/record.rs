//! Time while recording: the tape keeps what the clocks of the machine show, and when sources become ready.

use super::arrivals::Wait;
use super::port::{Found, SourcesOf, TimePort};
use super::readiness::{About, Asks};
use super::timer::{StartedTimer, Timer};
use crate::log::Log;
use crate::matching::CallPort;
use crate::record::RecordingTape;
use playback_recording::{Clock, Event, Limit, Readings, Source};

impl TimePort for RecordingTape {
    fn clock(&mut self, clock: Clock, live: &mut dyn FnMut() -> u64) -> u64 {
        let reading = live();
        if self.is_suspended() {
            return reading;
        }
        if clock == Clock::Monotonic {
            self.timers.read(reading);
        }
        let epoch = self.log.epochs.of_clock();
        let last = last_readings(&mut self.log, clock, epoch);
        let more = last.and_then(|readings| readings.append(reading));
        match more {
            Some(weight) => {
                self.log.hold(weight);
            }
            None => {
                self.log.push(Event::Clock { clock, epoch: Some(epoch), readings: reading.into() });
            }
        }
        reading
    }

    fn start(&mut self, timer: Timer, wait: u64) -> StartedTimer {
        let source = (!self.is_suspended()).then(|| timer.name(&mut self.timers));
        StartedTimer { source, due: timer.due(0), wait }
    }

    fn begin(&mut self, _: &Source) {}

    fn dropped(&mut self, at: u64, source: &Source) {
        if let Some(unready) = self.arrivals.dropped(at, source)
            && !self.is_suspended()
        {
            self.log.push(Event::Unready(Box::new(unready)));
        }
    }

    fn begin_wait(&mut self, sources: &mut SourcesOf<'_>) -> Result<(), Limit> {
        if !self.is_suspended() {
            let sources = sources(self);
            self.arrivals.waits_for(sources);
        }
        Ok(())
    }

    fn saw(&mut self, wait: Wait, found: &mut dyn FnMut(&dyn CallPort) -> Found) {
        if self.is_suspended() {
            return;
        }
        let Found { at, sources, ready } = found(self);
        if let Some(arrival) = self.arrivals.saw(at, wait, &sources, ready) {
            let event = self.log.next_position();
            self.log.epochs.begin_after_arrival(event);
            self.log.push(Event::Arrived(arrival));
        }
    }

    fn numbered_answer(&mut self, _: Asks, _: &mut dyn FnMut() -> Vec<About>) -> Option<Vec<u32>> {
        None
    }

    fn sleep_until(&mut self, _: u64) {}

    fn now(&self) -> u64 {
        0
    }

    fn is_later(&self, _: &Source) -> bool {
        false
    }

    fn frames(&self, _: u64, _: u64) -> u64 {
        u64::MAX
    }

    fn stopped_by(&self) -> Option<&Limit> {
        None
    }
}

/// The readings of this clock in this epoch that only readings of the other clock follow.
fn last_readings(log: &mut Log, clock: Clock, epoch: u64) -> Option<&mut Readings> {
    let last = log.latest().take(2).map_while(|event| match event {
        Some(Event::Clock { clock, epoch, readings }) => Some((*clock, *epoch, readings)),
        _ => None,
    });
    let own = last.filter(|(of, within, _)| *of == clock && *within == Some(epoch));
    own.map(|(_, _, readings)| readings).last()
}
