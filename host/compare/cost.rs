//! What a build costs, compared with what it is compared with: in instructions, memory, crossings and bytes.
//!
//! All numbers are exact: a replay is deterministic, so they are the same in each run, on any thread and machine. They say nothing
//! about a verdict, and no verdict depends on them.

mod bound;
mod percent;
mod spread;

use crate::verdict::End;
use playback_tape::Cost;
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter};

pub use bound::{Bound, InvalidBound, MaxIncrease};
pub use percent::Percent;
pub use spread::{CostSummary, WorstCost};

/// One of the numbers that a cost has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Display, EnumIter)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
#[non_exhaustive]
pub enum Measure {
    /// The wasm instructions that the service ran.
    Instructions,
    /// The most linear memory that it had, in bytes.
    Memory,
    /// The calls that crossed its boundary.
    Crossings,
    /// The bytes of their arguments and results.
    Bytes,
}

/// What one recording costs on both sides.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub struct CostChange {
    /// What it costs in what is compared with: the recording, which has no instructions and no memory, or the playback of the baseline.
    pub before: Cost,
    /// What it costs on the build that is judged.
    pub after: Cost,
}

impl Measure {
    /// Returns this number of a cost.
    pub fn of(self, cost: &Cost) -> Option<u64> {
        match self {
            Self::Instructions => cost.instructions,
            Self::Memory => cost.memory,
            Self::Crossings => Some(cost.crossings),
            Self::Bytes => Some(cost.bytes),
        }
    }

    /// Returns true if a recording has this number, so that it can be compared without a baseline.
    pub fn is_recorded(self) -> bool {
        matches!(self, Self::Crossings | Self::Bytes)
    }
}

/// Returns true if the costs of two runs that ended so can be compared: both came to their ends, and alike. What stops early is cheap,
/// and a limit on time stops at another point each time.
pub(crate) fn is_comparable(recorded: End, replayed: End) -> bool {
    recorded == replayed && matches!(recorded, End::Returned | End::Failed)
}
