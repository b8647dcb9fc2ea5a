//! Running operations on what was recorded, with nothing live behind them.

pub(crate) mod builder;
pub(crate) mod error;

use super::failure::{self, Failure};
use super::provider::ProviderWarning;
use super::provider::assign::Assignments;
use super::provider::live::Live;
use super::run::{RunError, Runner, Start, Surroundings};
use super::service::{Operation, OperationError, Service};
use super::wasi::files::Roots;
use super::wasi::http::{Answerer, Secrets};
use error::ReplayError;
use playback_recording::value::Value;
use playback_recording::value::fit::{self, FittedParameters, Source};
use playback_recording::{Outcome, Recording, Stream};
use playback_tape::{Boundary, Ending, Playback, ReplayTape, Rules};
use std::pin::pin;
use std::sync::Arc;
use tracing::{Instrument, debug, debug_span};

/// Replays recordings on one service, whatever build of it. Clone it, or share it, to replay several at once.
#[derive(Clone)]
pub struct Replayer {
    service: Service,
    rules: Rules,
    boundary: Arc<Boundary>,
    runner: Runner,
    live: Option<Arc<Assignments>>,
    streams: Vec<Stream>,
    /// True if the service imports `wasi:http/outgoing-handler`.
    makes_requests: bool,
}

impl Replayer {
    /// Returns what is likely a mistake about its providers.
    pub fn provider_warnings(&self) -> Vec<ProviderWarning> {
        self.live.as_ref().map_or_else(Vec::new, |assignments| assignments.warnings(&self.boundary))
    }

    /// Returns the providers that were refused an HTTP request so far, as they are not granted the network.
    pub fn refused_requests(&self) -> Vec<ProviderWarning> {
        self.live.as_ref().map_or_else(Vec::new, |assignments| assignments.refused_requests())
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
        let operation = self.service.operation(Some(&header.operation.name));
        let operation = operation.map_err(|problem| unknown(recording, problem))?;
        let (from, to) = (&header.operation.parameters, &operation.signature.parameters);
        let arguments = fit::fit_parameters(header.arguments.clone(), from, to, Source::Tape);
        if !arguments.misfits.is_empty() {
            let (id, operation) = (header.id.clone(), operation.full_name());
            return Err(ReplayError::Arguments { id, operation, problems: arguments.misfits });
        }
        self.traced(recording, operation, arguments).await
    }

    /// Replays another call on `recording` than the recorded one, as for an operation that has another name today or takes other
    /// arguments: `operation` is its name as [`Service::operation`] takes it, `arguments` has one value a parameter.
    ///
    /// # Errors
    ///
    /// As of [`replay`](Self::replay).
    pub async fn replay_as(
        &self,
        recording: &Arc<Recording>,
        operation: &str,
        arguments: Vec<Value>,
    ) -> Result<Playback, ReplayError> {
        let operation = self.service.operation(Some(operation));
        let operation = operation.map_err(|problem| unknown(recording, problem))?;
        let arguments = operation.fit(arguments).map_err(|problems| {
            let (id, operation) = (recording.id().clone(), operation.full_name());
            ReplayError::Call { id, operation, problems }
        })?;
        self.traced(recording, operation, arguments).await
    }

    async fn traced(
        &self,
        recording: &Arc<Recording>,
        operation: &Operation,
        arguments: FittedParameters,
    ) -> Result<Playback, ReplayError> {
        let span = debug_span!("replay", recording = %recording.id(), operation = %operation.full_name());
        // Pinned here, the future is kept once and not moved; `#[instrument]` keeps it twice.
        pin!(self.play(recording, operation, arguments)).instrument(span).await
    }

    async fn play(
        &self,
        recording: &Arc<Recording>,
        operation: &Operation,
        arguments: FittedParameters,
    ) -> Result<Playback, ReplayError> {
        debug!("the replay begins");
        let header = &recording.header;
        let provider_shares = self.live.as_ref().map_or(0, |assignments| assignments.shares());
        let start = || self.start(recording);
        let run = self.runner.run(operation, &arguments.values, provider_shares, start).await;
        let run = run.map_err(|error| match error {
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
        (playback.instructions, playback.memory) = (run.instructions, Some(run.memory));
        let dropped = arguments.dropped.iter().map(|path| format!("{}{path}", operation.full_name()));
        playback.dropped.extend(dropped);
        playback.note_version(&operation.full_name());
        debug!(calls = playback.crossings.len(), is_equal = playback.is_equal(), "the replay has ended");
        Ok(playback)
    }

    /// What one run begins with.
    fn start<'r>(&self, recording: &'r Arc<Recording>) -> Start<'r> {
        let header = &recording.header;
        let limits = self.runner.limits;
        let mut tape = ReplayTape::new(recording.clone(), &self.boundary);
        tape.compare(&self.streams);
        tape.limit(limits.recording);
        if self.live.is_some() {
            tape.grant_live();
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
        let secret_headers = if self.makes_requests { header.secret_headers.as_slice() } else { &[] };
        let secrets = Secrets::new(&header.seed, secret_headers);
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

/// That the service does not have the operation.
fn unknown(recording: &Recording, problem: OperationError) -> ReplayError {
    ReplayError::Operation { id: recording.id().clone(), problem }
}

impl std::fmt::Debug for Replayer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Replayer").field("service", &self.service).finish_non_exhaustive()
    }
}
