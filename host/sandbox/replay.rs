//! Running operations on what was recorded, with nothing live behind them.

use super::failure::{self, EngineFailure, Failure};
use super::limits::{Limits, Unmetered};
use super::provider::assign::Assignments;
use super::provider::live::Live;
use super::provider::{ProviderWarning, Providers};
use super::record::{RecordError, linked, list};
use super::run::{RunError, Runner, Start, Surroundings};
use super::service::{OperationError, Service};
use super::wasi::Sockets;
use super::wasi::files::Roots;
use super::wasi::http::{self, Answerer, Secrets};
use playback_recording::value::fit::{self, Misfit, Source};
use playback_recording::{Outcome, Recording, RecordingId, Stream};
use playback_tape::{Boundary, Ending, OnMissing, Playback, ReplayTape, Rules};
use std::sync::Arc;

/// Replays recordings on one service, whatever build of it. Clone it, or share it, to replay several at once.
#[derive(Clone)]
pub struct Replayer {
    service: Service,
    boundary: Arc<Boundary>,
    runner: Runner,
    live: Option<Arc<Assignments>>,
    streams: Vec<Stream>,
    /// True if the service imports `wasi:http/outgoing-handler`.
    makes_requests: bool,
}

/// Why a recording cannot be replayed on a service at all.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// The service has no such operation any more.
    #[error("recording `{id}` cannot be replayed: {problem}")]
    Operation {
        /// The recording.
        id: RecordingId,
        /// What there is instead.
        problem: OperationError,
    },
    /// The recorded arguments are not those of the operation as it is declared today.
    #[error("recording `{id}` cannot be replayed: its arguments do not fit `{operation}` any more: {}", list(.problems))]
    Arguments {
        /// The recording.
        id: RecordingId,
        /// The operation's full WIT name.
        operation: String,
        /// Each argument that does not fit.
        problems: Vec<Misfit>,
    },
    /// The engine cannot limit fuel.
    #[error(transparent)]
    Unmetered(#[from] Unmetered),
    /// This machine, or the engine's pool, had no room for the service. Nothing is known of how the recording replays.
    #[error("recording `{id}` cannot be replayed: {}", .failure.of(&format!("`{service}`")))]
    Engine {
        /// The recording.
        id: RecordingId,
        /// The component.
        service: String,
        /// What was lacking.
        failure: EngineFailure,
    },
}

impl Replayer {
    /// Links `service` with nothing behind its imports but recordings.
    pub fn new(service: &Service, rules: &Rules) -> Result<Self, RecordError> {
        let boundary = Arc::new(rules.resolve(service.imports())?);
        let runner = linked(service, &boundary, Sockets::Refused)?;
        let makes_requests =
            boundary.interceptors().iter().any(|interceptor| http::is_exchange(&interceptor.signature));
        let (service, streams) = (service.clone(), Vec::new());
        Ok(Self { service, boundary, runner, live: None, streams, makes_requests })
    }

    /// Lets the calls whose rule says `on-missing = "live"` go to these providers, and no other call.
    ///
    /// # Errors
    ///
    /// Such a function that no provider answers.
    pub fn with_providers(self, providers: Providers) -> Result<Self, RecordError> {
        let wanted = |interceptor: &playback_tape::Interceptor| interceptor.on_missing == OnMissing::Live;
        let assignments = providers.assign(self.service.name(), &self.boundary, wanted)?;
        Ok(Self { live: Some(Arc::new(assignments)), ..self })
    }

    /// Returns what is likely a mistake about its providers.
    pub fn provider_warnings(&self) -> Vec<ProviderWarning> {
        self.live.as_ref().map_or_else(Vec::new, |assignments| assignments.warnings(&self.boundary))
    }

    /// Returns the providers that were refused an HTTP request so far, as they are not granted the network.
    pub fn refused_requests(&self) -> Vec<ProviderWarning> {
        self.live.as_ref().map_or_else(Vec::new, |assignments| assignments.refused_requests())
    }

    /// Limits the service to something else than [`Limits::default`].
    #[must_use]
    pub fn with_limits(self, limits: Limits) -> Self {
        Self { runner: Runner { limits, ..self.runner }, ..self }
    }

    /// Compares what the service writes to these standard streams too, as a whole.
    #[must_use]
    pub fn comparing(self, streams: &[Stream]) -> Self {
        Self { streams: streams.to_vec(), ..self }
    }

    /// What recordings are replayed on.
    pub fn service(&self) -> &Service {
        &self.service
    }

    /// Replays `recording` on a fresh instance. Needs a tokio runtime with timers.
    ///
    /// # Errors
    ///
    /// Only if the operation cannot be called at all. How the replay differs is in the playback.
    pub async fn replay(&self, recording: &Arc<Recording>) -> Result<Playback, ReplayError> {
        let header = &recording.header;
        let operation = self
            .service
            .operation(Some(&header.operation.name))
            .map_err(|problem| ReplayError::Operation { id: header.id.clone(), problem })?;
        let (from, to) = (&header.operation.parameters, &operation.signature.parameters);
        let arguments = fit::fit_parameters(header.arguments.clone(), from, to, Source::Tape);
        if !arguments.misfits.is_empty() {
            let (id, operation) = (header.id.clone(), operation.full_name());
            return Err(ReplayError::Arguments { id, operation, problems: arguments.misfits });
        }
        let provider_shares = self.live.as_ref().map_or(0, |assignments| assignments.shares());
        let run = self.runner.run(operation, &arguments.values, provider_shares, || self.start(recording));
        let run = run.await.map_err(|error| match error {
            RunError::Unmetered(error) => error.into(),
            RunError::Engine(failure) => {
                let service = self.service.name().to_owned();
                ReplayError::Engine { id: header.id.clone(), service, failure }
            }
        })?;
        if self.makes_requests {
            // Each answered request leaves a finished task behind, which the runtime frees when it runs next. Without a turn
            // for it, a loop of replays on one thread would hold the tasks of all of them.
            tokio::task::yield_now().await;
        }
        let ending = match run.result {
            Ok(value) => Ending::Finished(Outcome::Returned(value)),
            Err(Failure::Diverged(divergence)) => Ending::Diverged(divergence),
            Err(failure) => Ending::Finished(failure.into_outcome()),
        };
        let tape = run.tape.into_replay();
        let tape = tape.unwrap_or_else(|| ReplayTape::new(recording.clone(), &self.boundary));
        let mut playback = tape.finish(ending, operation.signature.result.as_ref(), run.duration);
        let dropped = arguments.dropped.iter().map(|path| format!("{}{path}", operation.full_name()));
        playback.dropped.extend(dropped);
        playback.note_version(&operation.full_name());
        Ok(playback)
    }

    /// What one run begins with.
    fn start<'r>(&self, recording: &'r Arc<Recording>) -> Start<'r> {
        let header = &recording.header;
        let limits = self.runner.limits;
        let tape = ReplayTape::new(recording.clone(), &self.boundary);
        let mut tape = tape.comparing(&self.streams).limited_to(limits.recording);
        if self.live.is_some() {
            tape = tape.granting_live();
        }
        let surroundings = Surroundings {
            seed: header.seed,
            environment: &header.environment,
            arguments: &header.program_arguments,
            stdin: tape.take_stdin(),
            roots: Arc::new(Roots::recorded(&header.folders)),
            // What was too large then is too large now, whatever this machine keeps.
            file_limit: header.file_limit.unwrap_or(limits.file),
        };
        let secrets = Secrets::new(&header.seed, &header.secret_headers);
        let exchanges = Box::new(Answerer::new(secrets, limits.recording));
        let live = self.live.as_ref().map(|assignments| Live::new(assignments.clone(), limits));
        Start { surroundings, tape: tape.into(), exchanges, live }
    }

    /// Replays what was just recorded, and marks it as [unverified](playback_recording::Metadata::unverified) where it
    /// does not reproduce.
    ///
    /// # Errors
    ///
    /// [`ReplayError::Engine`]: whether it reproduces is not known.
    pub async fn verify(&self, recording: Recording) -> Result<Recording, ReplayError> {
        let recording = Arc::new(recording);
        let problem = match self.replay(&recording).await {
            Ok(playback) => playback.first_difference().map(|difference| format!("{difference:#}")),
            Err(error @ ReplayError::Engine { .. }) => return Err(error),
            Err(error) => Some(error.to_string()),
        };
        let mut recording = Arc::unwrap_or_clone(recording);
        recording.metadata.unverified = problem.map(failure::shortened);
        Ok(recording)
    }
}

impl std::fmt::Debug for Replayer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Replayer").field("service", &self.service).finish_non_exhaustive()
    }
}
