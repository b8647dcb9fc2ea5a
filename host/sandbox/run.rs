//! One operation on one fresh instance: the same for recording and replaying.

use super::direct;
use super::engine::Engine;
use super::failure::{self, EngineFailure, Failure};
use super::handles::NoResources;
use super::limits::{Deadline, LimitReached, Limits, Unmetered};
use super::link;
use super::meter::{self, Meter};
use super::provider::live::Live;
use super::record::error::RecordError;
use super::sdk::context::Sdk;
use super::service::{Operation, Service};
use super::state::State;
use super::wasi::files::{Files, Roots};
use super::wasi::http::{Exchanges, Http};
use super::wasi::random::Random;
use super::wasi::sources::Sources;
use super::wasi::stdio::Stdio;
use super::wasi::{self, Sockets, Unlinked};
use playback_recording::value::Value;
use playback_tape::{Boundary, Tape};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::{Duration, Instant};
use wasmtime::component::{InstancePre, ResourceTable};
use wasmtime::{Result, Store, format_err};

/// How much later a waiting service is stopped than a waiting provider, so that the provider's call ends first and is
/// on the tape.
const GRACE: Duration = Duration::from_millis(20);

/// What the service sees of its surroundings.
pub(super) struct Surroundings<'a> {
    pub(super) seed: [u8; 32],
    pub(super) environment: &'a [(String, String)],
    pub(super) arguments: &'a [String],
    pub(super) stdin: Vec<u8>,
    pub(super) roots: Arc<Roots>,
    /// The most bytes of a file whose content is kept.
    pub(super) file_limit: u64,
}

/// What one run of an operation begins with.
pub(super) struct Start<'a> {
    pub(super) surroundings: Surroundings<'a>,
    /// Stands at the service's boundary.
    pub(super) tape: Tape,
    /// Takes the service's HTTP requests.
    pub(super) exchanges: Box<dyn Exchanges>,
    /// Stands behind it.
    pub(super) live: Option<Live>,
}

/// A finished run.
pub(super) struct Run {
    /// The operation's result, [`Value::Null`] where it has none.
    pub(super) result: Result<Value, Failure>,
    pub(super) tape: Tape,
    pub(super) duration: Duration,
    /// Fuel that it used. `None`: the engine counts none.
    pub(super) instructions: Option<u64>,
    /// The most linear memory that it had, in bytes.
    pub(super) memory: u64,
}

/// Why an operation was not run to its end.
#[derive(Debug, thiserror::Error)]
pub(super) enum RunError {
    #[error(transparent)]
    Unmetered(#[from] Unmetered),
    #[error(transparent)]
    Engine(#[from] EngineFailure),
}

/// A run that the engine ended, or could not begin.
struct CutShort {
    failure: EngineFailure,
    /// Whether it did nothing that a second run would do again.
    is_repeatable: bool,
}

/// A linked service, ready to run.
#[derive(Clone)]
pub(super) struct Runner {
    pub(super) engine: Engine,
    pub(super) pre: InstancePre<State>,
    pub(super) limits: Limits,
    pub(super) sockets: Sockets,
    /// The shares of the engine's pool that an instance takes.
    pub(super) shares: u32,
    /// How many functions the service imports that are on the tape.
    pub(super) imports: usize,
}

impl Runner {
    /// Links `service` with a tape behind its imports.
    pub(super) fn new(
        service: &Service,
        boundary: &Boundary,
        sockets: Sockets,
        limits: Limits,
    ) -> std::result::Result<Self, RecordError> {
        let pre = link::link(service, boundary, sockets).map_err(|error| {
            let service = service.name().to_owned();
            match Unlinked::of(&error) {
                Some(Unlinked { import, reason }) => RecordError::Import { service, import, reason },
                None => RecordError::Link { service, reason: format!("{error:#}") },
            }
        })?;
        let (engine, imports) = (service.engine().clone(), boundary.interceptors().len());
        Ok(Self { engine, pre, limits, sockets, shares: service.shares(), imports })
    }

    /// Runs `operation` on a fresh instance; its providers take so many shares of the engine's pool.
    ///
    /// Where the engine fails beside other operations it runs once more when no other does, unless what it did would be
    /// done twice.
    pub(super) async fn run<'a>(
        &self,
        operation: &Operation,
        arguments: &[Value],
        provider_shares: u32,
        mut start: impl FnMut() -> Start<'a> + Send,
    ) -> Result<Run, RunError> {
        let mut slots = self.engine.slots(self.shares.saturating_add(provider_shares)).await;
        loop {
            match self.once(operation, arguments, start()).await? {
                Ok(run) => return Ok(run),
                Err(CutShort { is_repeatable: true, .. }) if !slots.is_all => {
                    drop(slots);
                    slots = self.engine.all_slots().await;
                }
                Err(CutShort { failure, .. }) => return Err(failure.into()),
            }
        }
    }

    async fn once(
        &self,
        operation: &Operation,
        arguments: &[Value],
        start: Start<'_>,
    ) -> Result<Result<Run, CutShort>, Unmetered> {
        let Self { pre, limits, .. } = self;
        let is_sealed = self.is_sealed(&start);
        let started = Instant::now();
        let mut store = self.store(start)?;
        // The epoch stops code that runs, the timer a service that waits; providers have a timer of their own.
        let called = {
            let call = pin!(call(pre, &mut store, operation, arguments, limits));
            within(limits.time, call).await
        };
        let result = match called {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(error)) => match Failure::of(&error, limits) {
                Ok(failure) => Err(failure),
                Err(failure) => {
                    let has_called = store.data().live.as_ref().is_some_and(Live::has_called);
                    let is_at_start = failure.is_at_start() && !failure.is_of_provider();
                    let is_repeatable = !has_called && (is_at_start || is_sealed);
                    return Ok(Err(CutShort { failure, is_repeatable }));
                }
            },
            Err(limit) => Err(Failure::Limit(limit)),
        };
        let instructions = meter::used(&store, limits);
        let mut state = store.into_data();
        state.settle();
        let result = result.map_err(|failure| state.explained(failure));
        state.end_calls(result.as_ref().err());
        let State { tape, table, http, files, .. } = &mut state;
        // What the service left behind counts too, unless it ended before its time anyway.
        let left = match http.exchanges.finish(tape, table).map_err(|error| Failure::of(&error, limits)) {
            Ok(()) => Ok(()),
            Err(Ok(failure)) => Err(failure),
            Err(Err(failure)) => return Ok(Err(CutShort { failure, is_repeatable: false })),
        };
        let result = result.and_then(|value| left.map(|()| value));
        files.finish(tape);
        let memory = state.meter.peak_memory();
        Ok(Ok(Run { result, tape: state.tape, duration: started.elapsed(), instructions, memory }))
    }

    /// Whether the service itself can change nothing outside of the sandbox.
    fn is_sealed(&self, start: &Start<'_>) -> bool {
        let Start { surroundings, exchanges, .. } = start;
        self.sockets == Sockets::Refused && !exchanges.may_send() && surroundings.roots.are_read_only()
    }

    fn store(&self, start: Start<'_>) -> Result<Store<State>, Unmetered> {
        let Self { pre, limits, sockets, .. } = self;
        let Start { surroundings, tape, exchanges, live } = start;
        let stdio = Stdio::new(surroundings.stdin, limits.written);
        let wasi = wasi::context::context(surroundings.environment, surroundings.arguments, &stdio, *sockets);
        let started = Instant::now();
        let state = State {
            tape,
            sources: Sources::default(),
            started,
            deadline: Deadline::new(started, limits),
            random: Random::new(surroundings.seed),
            wasi,
            table: ResourceTable::new(),
            files: Files::new(surroundings.roots, surroundings.file_limit, limits.recording),
            stdio,
            http: Http::new(exchanges),
            sdk: Sdk::new(self.imports, limits.crossing),
            meter: Meter::new(*limits),
            live,
        };
        let mut store = Store::new(pre.engine(), state);
        store.limiter(|state| &mut state.meter);
        store.set_hostcall_fuel(limits.crossing);
        meter::watch(&mut store, limits);
        meter::fuel(&mut store, limits)?;
        Ok(store)
    }
}

/// Waits for a call, and stops it some time after its limit. The call is pinned, so that it is not moved.
async fn within<T>(
    limit: Option<Duration>,
    call: Pin<&mut impl Future<Output = T>>,
) -> Result<T, LimitReached> {
    match limit {
        Some(limit) => {
            let waited = tokio::time::timeout(limit.saturating_add(GRACE), call).await;
            waited.map_err(|_| LimitReached::Time(limit))
        }
        None => Ok(call.await),
    }
}

async fn call(
    pre: &InstancePre<State>,
    store: &mut Store<State>,
    operation: &Operation,
    arguments: &[Value],
    limits: &Limits,
) -> Result<Value> {
    let instance = failure::instantiate(pre, store).await?;
    let function = instance
        .get_func(&mut *store, operation.index)
        .ok_or_else(|| format_err!("operation `{}` is gone from the instance", operation.full_name()))?;
    direct::call(store, function, &operation.signature, arguments, &mut NoResources, limits.crossing).await
}
