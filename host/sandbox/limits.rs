//! What one operation may use, and what happens when it uses more.

use playback_recording::{Limit, LimitKind};
use std::fmt;
use std::time::{Duration, Instant};

/// What one operation, or one provider serving it, may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Linear memory in all, in bytes.
    pub memory: usize,
    /// Elements of all tables together.
    pub table_elements: usize,
    /// Core instances. A component of Rust has three, one of Python some twenty.
    pub instances: usize,
    /// Wall time from the first instruction to the outcome, waiting included. `None`: it may take any time.
    pub time: Option<Duration>,
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
            time: Some(Duration::from_secs(60)),
            fuel: None,
            written: 64 << 20,
            crossing: 1 << 30,
            file: 500_000_000,
            recording: 512 << 20,
        }
    }
}

/// Each method returns the same limits with another one of that name.
impl Limits {
    /// Limits linear memory in all, in bytes.
    pub fn memory(self, bytes: usize) -> Self {
        Self { memory: bytes, ..self }
    }

    /// Limits the elements of all tables together.
    pub fn table_elements(self, elements: usize) -> Self {
        Self { table_elements: elements, ..self }
    }

    /// Limits core instances.
    pub fn instances(self, instances: usize) -> Self {
        Self { instances, ..self }
    }

    /// Limits wall time. `None` lifts the limit.
    pub fn time(self, time: impl Into<Option<Duration>>) -> Self {
        Self { time: time.into(), ..self }
    }

    /// Limits instructions. `None` lifts the limit.
    pub fn fuel(self, instructions: impl Into<Option<u64>>) -> Self {
        Self { fuel: instructions.into(), ..self }
    }

    /// Limits what is written to the standard streams, in bytes.
    pub fn written(self, bytes: usize) -> Self {
        Self { written: bytes, ..self }
    }

    /// Limits the memory of the values of one call, in bytes.
    pub fn crossing(self, bytes: usize) -> Self {
        Self { crossing: bytes, ..self }
    }

    /// Limits the size of a file that is recorded with its content, in bytes.
    pub fn file(self, bytes: u64) -> Self {
        Self { file: bytes, ..self }
    }

    /// Limits the memory of one recording, and of the calls of one replay, in bytes.
    pub fn recording(self, bytes: usize) -> Self {
        Self { recording: bytes, ..self }
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
    limit: Option<Duration>,
}

impl Deadline {
    pub(crate) fn new(started: Instant, limits: &Limits) -> Self {
        Self { started, limit: limits.time }
    }

    /// Whether it is past. A wait that ends then did not end in time, though nothing stopped it yet.
    pub(crate) fn check(&self) -> Result<(), LimitReached> {
        match self.limit.filter(|limit| self.started.elapsed() > *limit) {
            Some(limit) => Err(LimitReached::Time(limit)),
            None => Ok(()),
        }
    }
}
