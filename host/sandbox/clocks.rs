//! The service's clocks: read through the tape. What waits for them is in [`poll`](super::poll).

use super::poll::{Timer, Timers};
use super::state::State;
use crate::recording::Clock;
use crate::tape::Tape;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use wasmtime::Result;
use wasmtime::component::{HasData, Linker, Resource};
use wasmtime_wasi::clocks::WasiClocksCtxView;
use wasmtime_wasi::p2::DynPollable;
use wasmtime_wasi::p2::bindings::clocks::{monotonic_clock, wall_clock};

/// The resolution that clocks claim, in nanoseconds: a constant, because a machine's own would leak into what is
/// computed.
const RESOLUTION: u32 = 1;

/// Puts the clocks of WASI behind the tape, in place of those that are linked.
pub(crate) fn link(linker: &mut Linker<State>) -> Result<()> {
    wall_clock::add_to_linker::<State, Taped>(linker, clocks)?;
    monotonic_clock::add_to_linker::<State, Taped>(linker, clocks)
}

struct Taped;

impl HasData for Taped {
    type Data<'a> = TapedClocks<'a>;
}

struct TapedClocks<'a> {
    tape: &'a mut Tape,
    timers: &'a mut Timers,
    started: Instant,
    wasi: WasiClocksCtxView<'a>,
}

fn clocks(state: &mut State) -> TapedClocks<'_> {
    let State { tape, timers, started, wasi, table, .. } = state;
    TapedClocks { tape, timers, started: *started, wasi: WasiClocksCtxView { ctx: wasi.clocks(), table } }
}

impl wall_clock::Host for TapedClocks<'_> {
    fn now(&mut self) -> Result<wall_clock::Datetime> {
        let live = || nanoseconds(SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default());
        let now = Duration::from_nanos(self.tape.clock(Clock::Wall, live));
        Ok(wall_clock::Datetime { seconds: now.as_secs(), nanoseconds: now.subsec_nanos() })
    }

    fn resolution(&mut self) -> Result<wall_clock::Datetime> {
        Ok(wall_clock::Datetime { seconds: 0, nanoseconds: RESOLUTION })
    }
}

impl monotonic_clock::Host for TapedClocks<'_> {
    fn now(&mut self) -> Result<u64> {
        let started = self.started;
        Ok(self.tape.clock(Clock::Monotonic, || nanoseconds(started.elapsed())))
    }

    fn resolution(&mut self) -> Result<u64> {
        Ok(RESOLUTION.into())
    }

    fn subscribe_instant(&mut self, when: u64) -> Result<Resource<DynPollable>> {
        match self.tape {
            Tape::Recording(_) => {
                let wait = when.saturating_sub(nanoseconds(self.started.elapsed()));
                self.timer(when, wait, when)
            }
            Tape::Replaying(_) => self.timer(when, 0, when),
        }
    }

    fn subscribe_duration(&mut self, duration: u64) -> Result<Resource<DynPollable>> {
        match self.tape {
            Tape::Recording(_) => self.timer(duration, duration, 0),
            Tape::Replaying(_) => self.timer(duration, 0, self.tape.now().saturating_add(duration)),
        }
    }
}

impl TapedClocks<'_> {
    /// A timer that was asked for so. One of a replay waits for nothing: it is only a note of when it is due.
    fn timer(&mut self, asked: u64, wait: u64, due: u64) -> Result<Resource<DynPollable>> {
        let pollable = monotonic_clock::Host::subscribe_duration(&mut self.wasi, wait)?;
        self.timers.insert(pollable.rep(), Timer { asked, due });
        Ok(pollable)
    }
}

/// 584 years fit; more than that is no reading of a clock.
fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
