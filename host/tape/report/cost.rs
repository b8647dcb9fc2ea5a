//! What an operation costs, in numbers that no run changes.

use super::playback::Playback;
use playback_recording::value::{Value, cbor};
use playback_recording::{Outcome, Recording};
use serde::{Deserialize, Serialize};

/// What one run of an operation costs. The same component has the same cost on the same recording in each run, on any thread and
/// any machine.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub struct Cost {
    /// The wasm instructions that the service ran, counted as fuel. `None`: nothing counted them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instructions: Option<u64>,
    /// The most linear memory that the service had, in bytes. `None`: nothing measured it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory: Option<u64>,
    /// The number of calls that crossed the boundary.
    pub crossings: u64,
    /// The bytes of their arguments and results, as CBOR: what they take on an uncompressed tape.
    pub bytes: u64,
}

impl Cost {
    /// Returns the cost of the recorded operation. A recording has neither instructions nor memory.
    pub fn of_recording(recording: &Recording) -> Self {
        Self::of_calls(recording.interceptions().map(|call| (&*call.arguments, &*call.outcome)))
    }

    /// Returns the cost of a replay up to its end.
    pub fn of_playback(playback: &Playback) -> Self {
        let calls = playback.crossings.iter().map(|call| (&*call.arguments, &*call.answer));
        Self { instructions: playback.instructions, memory: playback.memory, ..Self::of_calls(calls) }
    }

    fn of_calls<'c>(calls: impl Iterator<Item = (&'c [Value], &'c Outcome)>) -> Self {
        calls.fold(Self::default(), |cost, (arguments, outcome)| Self {
            crossings: cost.crossings + 1,
            bytes: cost.bytes + arguments.iter().map(cbor::length).sum::<u64>() + of_outcome(outcome),
            ..cost
        })
    }
}

fn of_outcome(outcome: &Outcome) -> u64 {
    match outcome {
        Outcome::Returned(value) => cbor::length(value),
        other => other.exception().map_or(0, |reason| reason.len() as u64),
    }
}
