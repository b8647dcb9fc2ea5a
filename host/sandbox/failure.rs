//! Why a call into wasm ended without a result.

use super::limits::{LimitReached, Limits};
use crate::recording::Outcome;
use crate::tape::Divergence;
use crate::value::Value;
use wasmtime::{Error, Result, Trap};

/// A divergence on its way through the guest.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Diverged(pub(crate) Box<Divergence>);

/// An intercepted call that did not return, on its way through the guest. Alike when recorded and replayed.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Trapped(pub(crate) String);

/// What a service gets of an intercepted call that ended so: its result, or the end of the operation.
pub(crate) fn returned(outcome: &Outcome) -> Result<&Value> {
    match outcome {
        Outcome::Returned(value) => Ok(value),
        Outcome::Trapped(reason) => Err(Trapped(reason.clone()).into()),
        Outcome::Exited(status) => Err(wasmtime_wasi::I32Exit(*status).into()),
        // Where the recorded operation was stopped.
        Outcome::Stopped(limit) => Err(LimitReached::AsRecorded(limit.clone()).into()),
        // Only where somebody made the recording by hand: such a call is one of a function that is `async`.
        Outcome::Abandoned => {
            Err(Trapped("the recorded call was abandoned, and nothing is known of its end".to_owned()).into())
        }
    }
}

/// What an error that came out of a call means.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The recording could not answer.
    #[error("{0}")]
    Diverged(Box<Divergence>),
    /// A limit ended it.
    #[error("{0}")]
    Limit(LimitReached),
    /// The component, or a provider under it, trapped.
    #[error("{0}")]
    Trapped(String),
    /// The component exited with this status. 0 is success.
    #[error("exited with status {0}")]
    Exited(i32),
}

impl Failure {
    pub(crate) fn of(error: &Error, limits: &Limits) -> Self {
        if let Some(Diverged(divergence)) = error.downcast_ref() {
            return Self::Diverged(divergence.clone());
        }
        if let Some(limit) = error.downcast_ref::<LimitReached>() {
            return Self::Limit(limit.clone());
        }
        if let (Some(Trap::OutOfFuel), Some(fuel)) = (error.downcast_ref(), limits.fuel) {
            return Self::Limit(LimitReached::Fuel(fuel));
        }
        if let Some(wasmtime_wasi::I32Exit(status)) = error.downcast_ref() {
            return Self::Exited(*status);
        }
        // wasmtime keeps the types of these errors to itself.
        let text = error.root_cause().to_string();
        if text.ends_with(CROSSING) {
            return Self::Limit(LimitReached::Crossing(limits.crossing));
        }
        if text.starts_with(INSTANCES) {
            return Self::Limit(LimitReached::Instances(limits.instances));
        }
        Self::Trapped(reason(error))
    }

    /// The component trapped for this reason.
    pub(crate) fn trapped(reason: String) -> Self {
        Self::Trapped(shortened(reason))
    }

    /// How the operation ended that failed.
    pub(crate) fn into_outcome(self) -> Outcome {
        match self {
            Self::Limit(limit) => Outcome::Stopped(limit.into()),
            Self::Exited(status) => Outcome::Exited(status),
            failure => Outcome::Trapped(failure.to_string()),
        }
    }

    /// What a service gets whose call of `function` failed in the provider. It is recorded, and traps alike on replay.
    pub(crate) fn of_provider(self, function: &str) -> Outcome {
        Outcome::Trapped(match self {
            Self::Limit(limit) => format!("the provider of `{function}` was {limit}"),
            Self::Trapped(reason) => format!("the provider of `{function}` trapped: {reason}"),
            Self::Exited(status) => format!("the provider of `{function}` exited with status {status}"),
            Self::Diverged(divergence) => divergence.to_string(),
        })
    }
}

/// How wasmtime says that values took more than [`Limits::crossing`] on their way out of wasm.
const CROSSING: &str = "fuel allocated for hostcalls has been exhausted";

/// How wasmtime says that there would be more core instances than [`Limits::instances`].
const INSTANCES: &str = "resource limit exceeded: instance count too high";

/// How much of a reason is kept, in bytes. It stands in a recording's metadata too, which are to stay small.
const LONGEST: usize = 4096;

/// Why a call trapped, without the backtrace: addresses differ from build to build.
fn reason(error: &Error) -> String {
    shortened(full_reason(error))
}

/// The same of any text that stands in metadata.
pub(super) fn shortened(mut reason: String) -> String {
    reason.truncate(reason.floor_char_boundary(LONGEST));
    reason
}

fn full_reason(error: &Error) -> String {
    if let Some(trapped) = error.downcast_ref::<Trapped>() {
        return trapped.0.clone();
    }
    if let Some(limit) = error.downcast_ref::<LimitReached>() {
        return limit.to_string();
    }
    if let Some(trap) = error.downcast_ref::<Trap>() {
        let text = trap.to_string();
        return text.strip_prefix("wasm trap: ").unwrap_or(&text).to_owned();
    }
    error.root_cause().to_string()
}
