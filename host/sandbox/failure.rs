//! Why a call into wasm ended without a result.

use super::limits::{LimitReached, Limits};
use playback_recording::Outcome;
use playback_recording::value::Value;
use playback_tape::Divergence;
use wasmtime::component::{Instance, InstancePre};
use wasmtime::{Error, OutOfMemory, PoolConcurrencyLimitError, Result, Store, Trap, WasmBacktrace};
use wasmtime_wasi::I32Exit;

/// A divergence on its way through the guest.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Diverged(pub(crate) Box<Divergence>);

/// An intercepted call that did not return, on its way through the guest. Alike when recorded and replayed.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Trapped(pub(crate) String);

/// The engine could not run a component: this machine, or this process, has no memory, address space or room in its pool
/// left. It depends on the machine and what else it does, so it is never recorded, and never the outcome of a replay.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.of("the component"))]
pub struct EngineFailure {
    phase: Phase,
    /// The provider that it was about; `None`: the service itself.
    provider: Option<String>,
    reason: String,
}

/// What the engine was doing when it failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// It was instantiating the component. Only code that runs by itself then has run.
    Instantiating,
    /// It was running a function of the component.
    Running,
}

impl std::fmt::Display for Phase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Instantiating => "could not be instantiated",
            Self::Running => "could not go on running",
        })
    }
}

impl EngineFailure {
    /// The machine, or the engine, lacks what the error names.
    pub(crate) fn lack(phase: Phase, error: &Error) -> Self {
        Self::new(phase, format!("{}; {ADVICE}", error.root_cause()))
    }

    /// A call of the system failed, made for a running service, as the machine lacks what this error names.
    pub(crate) fn lack_of_system(error: &std::io::Error) -> Self {
        Self::new(Phase::Running, format!("{error}; {ADVICE}"))
    }

    pub(crate) fn new(phase: Phase, reason: String) -> Self {
        Self { phase, provider: None, reason }
    }

    /// The same of a provider.
    pub(crate) fn of_provider(self, name: &str) -> Self {
        Self { provider: Some(name.to_owned()), ..self }
    }

    /// In words, of a service of this name.
    pub(crate) fn of(&self, service: &str) -> String {
        let Self { phase, provider, reason } = self;
        match provider {
            Some(provider) => format!("provider `{provider}` {phase}: {reason}"),
            None => format!("{service} {phase}: {reason}"),
        }
    }

    /// Whether the component, a service or a provider, was to be instantiated: none of its functions was called.
    pub(crate) fn is_at_start(&self) -> bool {
        self.phase == Phase::Instantiating
    }

    /// Whether it is about a provider.
    pub(crate) fn is_of_provider(&self) -> bool {
        self.provider.is_some()
    }
}

/// Instantiates a component.
///
/// # Errors
///
/// What is not the component's doing is an [`EngineFailure`].
pub(crate) async fn instantiate<T: Send>(pre: &InstancePre<T>, store: &mut Store<T>) -> Result<Instance> {
    let instance = pre.instantiate_async(store).await;
    instance.map_err(|error| match error.is::<EngineFailure>() || is_of_component(&error) {
        true => error,
        false => EngineFailure::lack(Phase::Instantiating, &error).into(),
    })
}

/// Whether the component, or what it may use, is the cause of an error of its instantiation. Its code leaves a trap or a
/// backtrace.
fn is_of_component(error: &Error) -> bool {
    error.is::<Diverged>()
        || error.is::<Trapped>()
        || error.is::<LimitReached>()
        || error.is::<Trap>()
        || error.is::<I32Exit>()
        || error.is::<WasmBacktrace>() && !is_lack(error)
        || error.root_cause().to_string().starts_with(INSTANCES)
}

/// Whether the machine had no memory or address space left, or the engine no room in its pool.
pub(crate) fn is_lack(error: &Error) -> bool {
    #[cfg(unix)]
    let is_of_system = error.is::<rustix::io::Errno>();
    #[cfg(not(unix))]
    let is_of_system = false;
    is_of_system
        || error.is::<PoolConcurrencyLimitError>()
        || error.is::<OutOfMemory>()
        || error.downcast_ref().is_some_and(is_lack_of_system)
}

/// What helps where the machine lacks something.
const ADVICE: &str = "free some memory, raise the limits of this process, or run fewer operations at once";

/// Returns true if a call of the system failed as the machine, or this process, has no memory or no room for open files
/// left.
pub fn is_lack_of_system(error: &std::io::Error) -> bool {
    #[cfg(unix)]
    let is_out_of_files = {
        use rustix::io::Errno;
        matches!(Errno::from_io_error(error), Some(Errno::MFILE | Errno::NFILE))
    };
    #[cfg(not(unix))]
    let is_out_of_files = false;
    is_out_of_files || error.kind() == std::io::ErrorKind::OutOfMemory
}

/// What a service gets of an intercepted call that ended so: its result, or the end of the operation.
pub(crate) fn returned(outcome: &Outcome) -> Result<&Value> {
    match outcome {
        Outcome::Returned(value) => Ok(value),
        Outcome::Trapped(reason) => Err(Trapped(reason.clone()).into()),
        Outcome::Exited(status) => Err(I32Exit(*status).into()),
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
    /// What an error means. Errors with a type come before those that only their text tells apart.
    ///
    /// # Errors
    ///
    /// The engine failed, and nothing is known of what the component would have done.
    pub(crate) fn of(error: &Error, limits: &Limits) -> Result<Self, EngineFailure> {
        if let Some(failure) = error.downcast_ref::<EngineFailure>() {
            return Err(failure.clone());
        }
        if let Some(Diverged(divergence)) = error.downcast_ref() {
            return Ok(Self::Diverged(divergence.clone()));
        }
        if let Some(limit) = error.downcast_ref::<LimitReached>() {
            return Ok(Self::Limit(limit.clone()));
        }
        if let Some(I32Exit(status)) = error.downcast_ref() {
            return Ok(Self::Exited(*status));
        }
        if let Some(Trapped(reason)) = error.downcast_ref() {
            return Ok(Self::trapped(reason.clone()));
        }
        if let Some(trap) = error.downcast_ref::<Trap>() {
            return Ok(match (trap, limits.fuel) {
                (Trap::OutOfFuel, Some(fuel)) => Self::Limit(LimitReached::Fuel(fuel)),
                (trap, _) => Self::trapped(text_of(trap)),
            });
        }
        if is_lack(error) {
            return Err(EngineFailure::lack(Phase::Running, error));
        }
        // wasmtime keeps the types of these errors to itself. No text of a component's gets here: those have a type.
        let text = error.root_cause().to_string();
        if text == CROSSING {
            return Ok(Self::Limit(LimitReached::Crossing(limits.crossing)));
        }
        if text.starts_with(INSTANCES) {
            return Ok(Self::Limit(LimitReached::Instances(limits.instances)));
        }
        Ok(Self::trapped(text))
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
const CROSSING: &str = "too much data is being copied between the host and the guest: \
                        fuel allocated for hostcalls has been exhausted";

/// How wasmtime says that there would be more core instances than [`Limits::instances`].
const INSTANCES: &str = "resource limit exceeded: instance count too high";

/// How much of a reason is kept, in bytes. It stands in a recording's metadata too, which are to stay small.
const LONGEST: usize = 4096;

/// As much of a text as metadata keep.
pub(super) fn shortened(mut reason: String) -> String {
    reason.truncate(reason.floor_char_boundary(LONGEST));
    reason
}

/// Why a call trapped, without the backtrace: addresses differ from build to build.
fn text_of(trap: &Trap) -> String {
    let text = trap.to_string();
    text.strip_prefix("wasm trap: ").unwrap_or(&text).to_owned()
}
