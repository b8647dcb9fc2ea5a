//! What one operation may use, and what happens when it uses more.

use super::engine::TABLE_ELEMENTS;
use super::failure::{EngineFailure, Phase};
use playback_recording::{Limit, LimitKind};
use std::fmt;
use std::time::{Duration, Instant};
use wasmtime::{Store, UpdateDeadline, format_err};

/// What one operation, or one provider serving it, may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Linear memory in all, in bytes.
    pub memory: usize,
    /// Elements of all tables together.
    pub table_elements: usize,
    /// Core instances. A component of Rust has three, one of Python some twenty.
    pub instances: usize,
    /// Wall time from the first instruction to the outcome, waiting included.
    pub time: Duration,
    /// How many instructions the service may run, about. Unlike time it ends an operation at the same point each time.
    /// Needs an engine that [counts them](super::Options::metering); does not limit providers.
    pub fuel: Option<u64>,
    /// What it may write to its standard streams, in bytes.
    pub written: usize,
    /// Memory that the values of one call may take while they cross the boundary, in bytes. A `list<u8>` and a `string`
    /// take their length, any other list 32 bytes an element. The parameters of an exported function that has more than
    /// 16 core values as parameters, and its result, take 40 bytes a byte and an element.
    pub crossing: usize,
    /// The most bytes of a file in a granted folder that are recorded; reading a larger one on replay is a divergence.
    pub file: u64,
    /// Memory that a recording may hold before it is given up, in bytes; and that the calls of a replay may hold, which
    /// are kept for its report.
    pub recording: usize,
}

impl Default for Limits {
    /// 1 GiB of memory, 1,000,000 table elements, 1,000 instances, 60 seconds, any fuel, 64 MiB written, 1 GiB a call,
    /// 500 MB a file, 512 MiB a recording.
    fn default() -> Self {
        Self {
            memory: 1 << 30,
            table_elements: 1_000_000,
            instances: 1_000,
            time: Duration::from_secs(60),
            fuel: None,
            written: 64 << 20,
            crossing: 1 << 30,
            file: 500_000_000,
            recording: 512 << 20,
        }
    }
}

/// A limit that was reached. The operation ends there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum LimitReached {
    #[error("stopped at the memory limit of {}", Bytes(*.0))]
    Memory(usize),
    #[error("stopped at the limit of {0} table elements")]
    Table(usize),
    #[error("stopped at the limit of {0} core instances")]
    Instances(usize),
    #[error("stopped at the time limit of {0:?}")]
    Time(Duration),
    #[error("stopped at the fuel limit of {0}")]
    Fuel(u64),
    #[error("stopped at the limit of {} written to its standard streams", Bytes(*.0))]
    Written(usize),
    #[error("stopped at the limit of {} that the values of one call may take (`crossing`)", Bytes(*.0))]
    Crossing(usize),
    #[error("stopped at the limit of {} that the calls of one replay may hold (`recording`)", Bytes(*.0))]
    Kept(usize),
    /// On replay, where the recorded operation was stopped.
    #[error("{0}")]
    AsRecorded(Limit),
}

impl LimitReached {
    fn kind(&self) -> LimitKind {
        match self {
            Self::Memory(_) => LimitKind::Memory,
            Self::Table(_) => LimitKind::TableElements,
            Self::Instances(_) => LimitKind::Instances,
            Self::Time(_) => LimitKind::Time,
            Self::Fuel(_) => LimitKind::Fuel,
            Self::Written(_) => LimitKind::Written,
            Self::Crossing(_) => LimitKind::Crossing,
            Self::Kept(_) => LimitKind::Recording,
            Self::AsRecorded(limit) => limit.kind,
        }
    }
}

impl From<LimitReached> for Limit {
    fn from(limit: LimitReached) -> Self {
        Self { kind: limit.kind(), text: limit.to_string() }
    }
}

/// A limit on fuel for code that does not count it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("`fuel` is limited, and this engine counts none; start it with `Metering::Fuel`")]
pub struct Unmetered;

/// A count of bytes for messages: the largest unit that divides it.
struct Bytes(usize);

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let units = [(30, "GiB"), (20, "MiB"), (10, "KiB")];
        match units.iter().find(|(shift, _)| self.0 > 0 && self.0.trailing_zeros() >= *shift) {
            Some((shift, unit)) => write!(f, "{} {unit}", self.0 >> shift),
            None => write!(f, "{} bytes", self.0),
        }
    }
}

/// When an operation is to be over.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Deadline {
    started: Instant,
    limit: Duration,
}

impl Deadline {
    pub(crate) fn new(started: Instant, limits: &Limits) -> Self {
        Self { started, limit: limits.time }
    }

    /// Whether it is past. A wait that ends then did not end in time, though nothing stopped it yet.
    pub(crate) fn check(&self) -> Result<(), LimitReached> {
        if self.started.elapsed() > self.limit { Err(LimitReached::Time(self.limit)) } else { Ok(()) }
    }
}

/// Counts what one store uses.
#[derive(Debug)]
pub(crate) struct Meter {
    limits: Limits,
    memory: usize,
    table_elements: usize,
    /// Whether the memory that grows may become as large as it is to be, by its own type.
    fits: bool,
}

impl Meter {
    pub(crate) fn new(limits: Limits) -> Self {
        Self { limits, memory: 0, table_elements: 0, fits: false }
    }
}

impl wasmtime::ResourceLimiter for Meter {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let memory = self.memory.saturating_add(desired.saturating_sub(current));
        // An error, not a refusal: a guest that merely fails to allocate ends with a riddle.
        if memory > self.limits.memory {
            return Err(LimitReached::Memory(self.limits.memory).into());
        }
        self.fits = fits(desired, maximum);
        if self.fits {
            self.memory = memory;
        }
        Ok(true)
    }

    /// What every machine refuses the component sees; what this one lacks it does not.
    fn memory_grow_failed(&mut self, error: wasmtime::Error) -> wasmtime::Result<()> {
        match std::mem::take(&mut self.fits) {
            true => Err(EngineFailure::lack(Phase::Running, &error).into()),
            false => Ok(()),
        }
    }

    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let elements = self.table_elements.saturating_add(desired.saturating_sub(current));
        if elements > self.limits.table_elements {
            return Err(LimitReached::Table(self.limits.table_elements).into());
        }
        match fits(desired, maximum) {
            true => self.table_elements = elements,
            // The pool ends there, and maybe not the table.
            false if maximum == Some(TABLE_ELEMENTS) => {
                let reason = format_err!("this engine has room for {TABLE_ELEMENTS} elements in a table");
                return Err(EngineFailure::lack(Phase::Running, &reason).into());
            }
            false => {}
        }
        Ok(true)
    }

    fn instances(&self) -> usize {
        self.limits.instances
    }
}

/// Whether a memory or table may become so large by its own type. If not it does not grow, on any machine, and the code
/// that grows it sees that.
fn fits(desired: usize, maximum: Option<usize>) -> bool {
    maximum.is_none_or(|maximum| desired <= maximum)
}

/// Gives a store the fuel that its operation may use.
pub(crate) fn fuel<T>(store: &mut Store<T>, limits: &Limits) -> Result<(), Unmetered> {
    match limits.fuel {
        Some(fuel) => store.set_fuel(fuel).map_err(|_| Unmetered),
        None => {
            fill_up(store);
            Ok(())
        }
    }
}

/// Gives a store more fuel than it can use in its life.
pub(crate) fn fill_up<T>(store: &mut Store<T>) {
    // Without metering there is no fuel to give, and none is needed.
    let _ = store.set_fuel(u64::MAX);
}

/// Ends a store's run at its time limit. Between ticks it lets other operations on the thread go on.
pub(crate) fn watch<T: Send>(store: &mut Store<T>, limits: &Limits) {
    let (time, started) = (limits.time, Instant::now());
    store.set_epoch_deadline(1);
    store.epoch_deadline_callback(move |_| {
        if started.elapsed() > time {
            return Err(LimitReached::Time(time).into());
        }
        Ok(UpdateDeadline::Yield(1))
    });
}
