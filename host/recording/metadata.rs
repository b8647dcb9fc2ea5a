//! What is kept beside a recording for lookup, as `metadata/<id>.json`.

use super::{Event, Kind, RecordingId};
use serde::{Deserialize, Serialize};

/// The facts a lookup sees without opening the recording.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Metadata {
    /// The recording's name.
    pub id: RecordingId,
    /// When the operation began, UTC.
    pub recorded_at: jiff::Timestamp,
    /// How long the operation took, in microseconds of wall time.
    pub duration_us: u64,
    /// The operation's full WIT name.
    pub operation: String,
    /// The component that ran, as `sha256:<hex>`.
    pub component: String,
    /// The version of the host that recorded.
    pub host: String,
    /// Why the operation did not return, where it did not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exception: Option<String>,
    /// Whether the operation was ended by the host before it produced its outcome: a limit, or an interruption.
    #[serde(default)]
    pub incomplete: bool,
    /// Size of the `.tape` file in bytes.
    pub size: u64,
    /// How much is on the tape.
    pub counts: Counts,
    /// What the service, rules or plugins added.
    #[serde(flatten)]
    pub more: serde_json::Map<String, serde_json::Value>,
}

/// How many events of each sort a recording has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Intercepted inputs.
    pub inputs: u64,
    /// Intercepted outputs.
    pub outputs: u64,
    /// Everything else: clock readings, standard streams.
    pub ambient: u64,
}

impl Counts {
    /// Counts `events`.
    pub fn of(events: &[Event]) -> Self {
        let mut counts = Self::default();
        for event in events {
            match event {
                Event::Interception(interception) if interception.kind == Kind::Input => counts.inputs += 1,
                Event::Interception(_) => counts.outputs += 1,
                _ => counts.ambient += 1,
            }
        }
        counts
    }
}
