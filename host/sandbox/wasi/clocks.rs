//! The service's clocks: read through the tape. What waits for them is in [`waiting`](super::waiting).

use super::sources::{Sources, Subject, Timer};
use playback_recording::Clock;
use playback_tape::{self as tape, StartedTimer, Tape};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use wasmtime::Result;
use wasmtime::component::{HasData, Linker, Resource};
use wasmtime_wasi::clocks::WasiClocksCtxView;
use wasmtime_wasi::p2::DynPollable;
use wasmtime_wasi::p2::bindings::clocks::{monotonic_clock, wall_clock};

/// The resolution that clocks claim, in nanoseconds: a constant, because a machine's own would leak into what is
/// computed.
const RESOLUTION: u32 = 1;

/// Links the clocks of WASI with the tape behind them.
pub(crate) fn link<T: Send>(linker: &mut Linker<T>, view: fn(&mut T) -> ClocksView<'_>) -> Result<()> {
    wall_clock::add_to_linker::<T, Taped>(linker, view)?;
    monotonic_clock::add_to_linker::<T, Taped>(linker, view)
}

struct Taped;

impl HasData for Taped {
    type Data<'a> = ClocksView<'a>;
}

/// What the clocks need of their host.
pub(crate) struct ClocksView<'a> {
    pub(crate) tape: &'a mut Tape,
    pub(crate) sources: &'a mut Sources,
    /// Where the monotonic clock starts.
    pub(crate) started: Instant,
    pub(crate) wasi: WasiClocksCtxView<'a>,
}

impl wall_clock::Host for ClocksView<'_> {
    fn now(&mut self) -> Result<wall_clock::Datetime> {
        let mut live = || nanoseconds(SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default());
        let now = Duration::from_nanos(self.tape.time_mut().clock(Clock::Wall, &mut live));
        Ok(wall_clock::Datetime { seconds: now.as_secs(), nanoseconds: now.subsec_nanos() })
    }

    fn resolution(&mut self) -> Result<wall_clock::Datetime> {
        Ok(wall_clock::Datetime { seconds: 0, nanoseconds: RESOLUTION })
    }
}

impl monotonic_clock::Host for ClocksView<'_> {
    fn now(&mut self) -> Result<u64> {
        let started = self.started;
        Ok(self.tape.time_mut().clock(Clock::Monotonic, &mut || nanoseconds(started.elapsed())))
    }

    fn resolution(&mut self) -> Result<u64> {
        Ok(RESOLUTION.into())
    }

    fn subscribe_instant(&mut self, when: u64) -> Result<Resource<DynPollable>> {
        let wait = when.saturating_sub(nanoseconds(self.started.elapsed()));
        self.timer(tape::Timer::Until(when), wait)
    }

    fn subscribe_duration(&mut self, duration: u64) -> Result<Resource<DynPollable>> {
        self.timer(tape::Timer::After(duration), duration)
    }
}

impl ClocksView<'_> {
    /// Starts a timer that waits for `wait` nanoseconds while recording.
    fn timer(&mut self, timer: tape::Timer, wait: u64) -> Result<Resource<DynPollable>> {
        let StartedTimer { source, due, wait } = self.tape.time_mut().start(timer, wait);
        let pollable = monotonic_clock::Host::subscribe_duration(&mut self.wasi, wait)?;
        let (tape::Timer::After(asked) | tape::Timer::Until(asked)) = timer;
        let timer = Timer { source, asked, due };
        self.sources.pollables.set(pollable.rep(), Some(Subject::Timer(timer)));
        Ok(pollable)
    }
}

/// 584 years fit; more than that is not a reading of a clock.
fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
