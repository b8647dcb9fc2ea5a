//! Running operations with their providers, and keeping what happens.

pub(crate) mod builder;
pub(crate) mod error;

use super::failure::Failure;
use super::provider::ProviderWarning;
use super::provider::assign::Assignments;
use super::provider::live::Live;
use super::run::{RunError, Runner, Start, Surroundings};
use super::sampling::{Drawn, Sample, Samplings};
use super::service::{Operation, Service};
use super::service_grants::ServiceGrants;
use super::turn::Turn;
use super::wasi::files::Roots;
use super::wasi::http::{Secrets, Sender};
use error::RecordError;
use playback_recording::value::Value;
use playback_recording::{Category, Outcome, Recording};
use playback_tape::{Boundary, Invocation, Loss, RecordingTape, Rules};
use std::sync::Arc;
use std::time::Duration;
use tracing::{debug, instrument};

/// Records the operations of one service. Clone it, or share it, to record several at once.
#[derive(Clone)]
pub struct Recorder {
    service: Service,
    rules: Rules,
    boundary: Arc<Boundary>,
    runner: Runner,
    pub(super) assignments: Arc<Assignments>,
    pub(super) grants: ServiceGrants,
    roots: Arc<Roots>,
    secret_headers: Vec<String>,
    samplings: Samplings,
}

/// An operation that was run, and its recording.
#[derive(Debug)]
#[non_exhaustive]
pub struct Recorded {
    /// How the operation ended: its own result, whatever became of the recording.
    pub outcome: Outcome,
    /// The recording, or why there is none.
    pub recording: Result<Recording, Loss>,
    /// How long the operation took, wall time.
    pub duration: Duration,
    /// Why the [sampler](crate::Sampler) gave no rate. The recording is kept then.
    pub sampler_problem: Option<String>,
    /// Whether the operation forced that its recording is kept.
    is_forced: bool,
}

impl Recorder {
    /// Returns what is likely a mistake about its providers.
    pub fn provider_warnings(&self) -> Vec<ProviderWarning> {
        self.assignments.warnings(&self.boundary)
    }

    /// Returns the providers that were refused an HTTP request so far, as they are not granted the network.
    pub fn refused_requests(&self) -> Vec<ProviderWarning> {
        self.assignments.refused_requests()
    }

    /// What is recorded.
    pub fn service(&self) -> &Service {
        &self.service
    }

    /// Runs `operation` once, on a fresh instance, and keeps what happens. Needs a tokio runtime with timers.
    ///
    /// # Errors
    ///
    /// Only if the operation was never run, or not to its end: where the engine fails nothing is recorded. A service that
    /// traps, or reaches a limit, is recorded.
    pub async fn record(
        &self,
        category: &Category,
        operation: &Operation,
        arguments: Vec<Value>,
    ) -> Result<Recorded, RecordError> {
        self.record_in_turn(self.turn(category), operation, arguments).await
    }

    /// Takes the next turn of `category`, for [`record_in_turn`](Self::record_in_turn). The ids of recordings sort in the
    /// order in which their turns were taken, and so are samples drawn, whichever operation runs first.
    pub fn turn(&self, category: &Category) -> Turn {
        Turn::new(self.samplings.next(category), category)
    }

    /// Runs `operation` once as [`record`](Self::record) does, in a turn that was taken before.
    ///
    /// # Errors
    ///
    /// Only if the operation was never run.
    pub async fn record_in_turn(
        &self,
        turn: Turn,
        operation: &Operation,
        arguments: Vec<Value>,
    ) -> Result<Recorded, RecordError> {
        let drawn = turn.drawn;
        let (taping, loss) = match drawn.sample {
            Sample::Kept => {
                let recorded = self.with_tape(Taping::On, turn, operation, arguments).await?;
                let Recorded { recording: Ok(recording), is_forced, .. } = recorded else {
                    return Ok(recorded);
                };
                let (recording, sampler_problem) = self.samplings.ask(drawn, recording, is_forced).await;
                return Ok(Recorded { recording, sampler_problem, ..recorded });
            }
            Sample::IfForced => (Taping::OnIfForced, Loss::NotSampled),
            Sample::Left => (Taping::Off, Loss::NotSampled),
            Sample::Skipped => (Taping::Off, Loss::Skipped),
        };
        let recorded = self.with_tape(taping, turn, operation, arguments).await?;
        let recording = recorded.recording.map_err(|other| if other == Loss::Off { loss } else { other });
        Ok(Recorded { recording, ..recorded })
    }

    /// Runs `operation` once as [`record`](Self::record) does, with the same grants and limits, and keeps nothing of it:
    /// its recording is [`Loss::Off`].
    ///
    /// # Errors
    ///
    /// Only if the operation was never run.
    pub async fn run(
        &self,
        category: &Category,
        operation: &Operation,
        arguments: Vec<Value>,
    ) -> Result<Recorded, RecordError> {
        self.with_tape(Taping::Off, Turn::new(Drawn::LEFT, category), operation, arguments).await
    }

    #[instrument(name = "record", level = "debug", skip_all, fields(recording = %turn.id, operation = %operation.full_name()))]
    async fn with_tape(
        &self,
        taping: Taping,
        turn: Turn,
        operation: &Operation,
        arguments: Vec<Value>,
    ) -> Result<Recorded, RecordError> {
        debug!("the operation begins");
        let arguments = fitted(operation, arguments)?;
        let mut seed = [0; 32];
        getrandom::fill(&mut seed).map_err(|error| RecordError::Seed(error.to_string()))?;
        let run = self.runner.run(operation, &arguments, self.assignments.shares(), || {
            self.start(taping, seed, &turn, operation, &arguments)
        });
        let run = run.await.map_err(|error| match error {
            RunError::Unmetered(error) => error.into(),
            RunError::Engine(failure) => {
                RecordError::Engine { service: self.service.name().to_owned(), failure }
            }
        })?;
        let incomplete = matches!(run.result, Err(Failure::Limit(_)));
        let outcome = run.result.map_or_else(Failure::into_outcome, Outcome::Returned);
        let tape = run.tape.into_recording();
        let is_forced = tape.as_ref().is_some_and(|tape| tape.is_forced());
        let recording = match tape {
            Some(tape) => tape.finish(outcome.clone(), incomplete, run.duration),
            None => Err(Loss::Mode),
        };
        match &recording {
            Ok(recording) => debug!(events = recording.events.len(), "the operation was recorded"),
            Err(loss) => debug!(%loss, "the operation was not recorded"),
        }
        Ok(Recorded { outcome, recording, duration: run.duration, sampler_problem: None, is_forced })
    }

    /// What one run begins with.
    fn start(
        &self,
        taping: Taping,
        seed: [u8; 32],
        turn: &Turn,
        operation: &Operation,
        arguments: &[Value],
    ) -> Start<'_> {
        let invocation = Invocation {
            category: turn.id.category().clone(),
            function: operation.signature.to_function(),
            arguments: arguments.to_vec(),
            component: self.service.digest().to_owned(),
            started_at: turn.began_at,
            seed,
            environment: self.grants.environment.clone(),
            program_arguments: self.grants.arguments.clone(),
            folders: self.roots.folders(),
            sockets: self.grants.sockets,
            secret_headers: self.secret_headers.clone(),
            file_limit: self.runner.limits.file,
        };
        let surroundings = Surroundings {
            seed,
            environment: &self.grants.environment,
            arguments: &self.grants.arguments,
            stdin: self.grants.stdin.clone(),
            roots: self.roots.clone(),
            file_limit: self.runner.limits.file,
        };
        let limits = self.runner.limits;
        let mut tape = match taping {
            Taping::On => RecordingTape::new(invocation, limits.recording),
            Taping::OnIfForced => RecordingTape::new(invocation, limits.recording).only_if_forced(),
            Taping::Off => RecordingTape::off(invocation),
        };
        tape.keep_stdin(&self.grants.stdin);
        let tape = tape.named(turn.id.clone()).into();
        let secrets = Secrets::new(&seed, &self.secret_headers);
        let exchanges = Box::new(Sender::new(self.grants.network.clone(), secrets, limits.recording));
        let live = Some(Live::new(self.assignments.clone(), limits));
        Start { surroundings, tape, exchanges, live }
    }
}

/// Whether what happens is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Taping {
    On,
    /// Kept, if the operation wants it so.
    OnIfForced,
    Off,
}

impl std::fmt::Debug for Recorder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Recorder").field("service", &self.service).finish_non_exhaustive()
    }
}

/// Arguments in the form the operation declares.
fn fitted(operation: &Operation, arguments: Vec<Value>) -> Result<Vec<Value>, RecordError> {
    let problem = |problems| RecordError::Arguments { operation: operation.full_name(), problems };
    Ok(operation.fit(arguments).map_err(problem)?.values)
}
