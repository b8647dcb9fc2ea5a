//! Running operations with their providers, and keeping what happens.

use super::failure::{EngineFailure, Failure};
use super::grants::Directory;
use super::limits::{Limits, Unmetered};
use super::link;
use super::provider::assign::Assignments;
use super::provider::live::Live;
use super::provider::{ProviderWarning, Providers, Unprovided};
use super::run::{RunError, Runner, Start, Surroundings};
use super::sampling::{Sample, Samplings};
use super::service::{Operation, Service};
use super::turn::Turn;
use super::wasi::files::{FolderError, Roots};
use super::wasi::http::{ALWAYS_SECRET, Network, Secrets, Sender};
use super::wasi::{Sockets, Unlinked};
use playback_recording::value::Value;
use playback_recording::value::fit::{self, Misfit, Source};
use playback_recording::{Category, Outcome, Recording};
use playback_tape::{Boundary, Invocation, Loss, RecordingTape, RuleError, Rules};
use std::sync::Arc;
use std::time::Duration;

/// Records the operations of one service. Clone it, or share it, to record several at once.
#[derive(Clone)]
pub struct Recorder {
    service: Service,
    boundary: Arc<Boundary>,
    runner: Runner,
    pub(super) assignments: Arc<Assignments>,
    pub(super) grants: ServiceGrants,
    roots: Arc<Roots>,
    secret_headers: Vec<String>,
    samplings: Samplings,
}

/// What the service itself may see of the machine. All of it goes on the tape.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ServiceGrants {
    /// Folders. What is read of them is kept in the recording, what is left there is compared on replay.
    pub directories: Vec<Directory>,
    /// Environment variables.
    pub environment: Vec<(String, String)>,
    /// Command-line arguments, the program's name first.
    pub arguments: Vec<String>,
    /// Sockets, and looking up names. What comes through them is not on the tape: such a recording is not hermetic, and a
    /// replay of it has none.
    pub sockets: bool,
    /// What each operation can read from standard input.
    pub stdin: Vec<u8>,
    /// Which hosts it can send HTTP requests to.
    pub network: Network,
}

/// An operation that was run, and its recording.
#[derive(Debug)]
pub struct Recorded {
    /// How the operation ended: its own result, whatever became of the recording.
    pub outcome: Outcome,
    /// The recording, or why there is none.
    pub recording: Result<Recording, Loss>,
    /// How long the operation took, wall time.
    pub duration: Duration,
}

/// Why a service cannot be recorded.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// An import that nothing answers.
    #[error(transparent)]
    Unprovided(#[from] Unprovided),
    /// A rule that does not fit.
    #[error(transparent)]
    Rule(#[from] RuleError),
    /// A folder that cannot be granted.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The component cannot be linked.
    #[error("`{service}` cannot be linked: {reason}")]
    Link {
        /// The component.
        service: String,
        /// What is wrong.
        reason: String,
    },
    /// An import that is called as WASI's are, and that WASI does not have.
    #[error("`{service}` imports `{import}`, which cannot be recorded: {reason}")]
    Import {
        /// The component.
        service: String,
        /// The import's full WIT name.
        import: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The arguments are not those of the operation.
    #[error("operation `{operation}` cannot be called with these arguments: {}", list(.problems))]
    Arguments {
        /// Its full WIT name.
        operation: String,
        /// Each argument that does not fit.
        problems: Vec<Misfit>,
    },
    /// The engine cannot limit fuel.
    #[error(transparent)]
    Unmetered(#[from] Unmetered),
    /// This machine, or the engine's pool, had no room for the service or a provider. Nothing was recorded.
    #[error("{}", .failure.of(&format!("`{service}`")))]
    Engine {
        /// The component.
        service: String,
        /// What was lacking.
        failure: EngineFailure,
    },
    /// The machine gives no random numbers to seed the operation with.
    #[error("this machine gives no random numbers: {0}")]
    Seed(String),
}

impl Recorder {
    /// Links `service` with `providers` behind its imports.
    ///
    /// # Errors
    ///
    /// An import that no provider answers is refused here, before anything runs.
    pub fn new(service: &Service, providers: Providers, rules: &Rules) -> Result<Self, RecordError> {
        let boundary = rules.resolve(service.imports())?;
        let assignments = Arc::new(providers.assign(service.name(), &boundary, |_| true)?);
        let runner = linked(service, &boundary, Sockets::Refused)?;
        Ok(Self {
            service: service.clone(),
            boundary: Arc::new(boundary),
            runner,
            assignments,
            grants: ServiceGrants::default(),
            roots: Arc::default(),
            secret_headers: ALWAYS_SECRET.map(str::to_owned).to_vec(),
            samplings: Samplings::default(),
        })
    }

    /// Grants the service more of the machine than nothing.
    ///
    /// # Errors
    ///
    /// A folder that cannot be opened, two that the service would call the same, and two that overlap on the machine where
    /// one of them may be changed.
    pub fn with_grants(self, grants: ServiceGrants) -> Result<Self, RecordError> {
        let roots = Arc::new(Roots::open(&grants.directories)?);
        let sockets = if grants.sockets { Sockets::Granted } else { Sockets::Refused };
        let runner = match self.runner.sockets == sockets {
            true => self.runner,
            false => {
                let limits = self.runner.limits;
                Runner { limits, ..linked(&self.service, &self.boundary, sockets)? }
            }
        };
        Ok(Self { grants, roots, runner, ..self })
    }

    /// Keeps the values of these HTTP headers off the tape too, besides those of `authorization`, `cookie`,
    /// `proxy-authorization`, `set-cookie` and `x-api-key`. Tokens stand in, the same for equal values.
    #[must_use]
    pub fn with_secret_headers(mut self, names: impl IntoIterator<Item = String>) -> Self {
        self.secret_headers.extend(names.into_iter().map(|name| name.to_ascii_lowercase()));
        self.secret_headers.sort_unstable();
        self.secret_headers.dedup();
        self
    }

    /// Records a part of what runs: of the rest the recording is [`Loss::NotSampled`] or [`Loss::Skipped`].
    #[must_use]
    pub fn with_samplings(self, samplings: Samplings) -> Self {
        Self { samplings, ..self }
    }

    /// Limits the service, and each provider, to something else than [`Limits::default`].
    #[must_use]
    pub fn with_limits(self, limits: Limits) -> Self {
        Self { runner: Runner { limits, ..self.runner }, ..self }
    }

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
        let (taping, loss) = match turn.sample {
            Sample::Kept => return self.with_tape(Taping::On, turn, operation, arguments).await,
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
        self.with_tape(Taping::Off, Turn::new(Sample::Left, category), operation, arguments).await
    }

    async fn with_tape(
        &self,
        taping: Taping,
        turn: Turn,
        operation: &Operation,
        arguments: Vec<Value>,
    ) -> Result<Recorded, RecordError> {
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
        let recording = match run.tape.into_recording() {
            Some(tape) => tape.finish(outcome.clone(), incomplete, run.duration),
            None => Err(Loss::Mode),
        };
        Ok(Recorded { outcome, recording, duration: run.duration })
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

/// `service` with a tape behind its imports.
pub(super) fn linked(
    service: &Service,
    boundary: &Boundary,
    sockets: Sockets,
) -> Result<Runner, RecordError> {
    let engine = service.engine().clone();
    match link::link(service, boundary, sockets) {
        Ok(pre) => {
            let imports = boundary.interceptors().len();
            Ok(Runner { engine, pre, limits: Limits::default(), sockets, shares: service.shares(), imports })
        }
        Err(error) => {
            let name = service.name().to_owned();
            Err(match Unlinked::of(&error) {
                Some(Unlinked { import, reason }) => RecordError::Import { service: name, import, reason },
                None => RecordError::Link { service: name, reason: format!("{error:#}") },
            })
        }
    }
}

/// Arguments in the form the operation declares.
fn fitted(operation: &Operation, arguments: Vec<Value>) -> Result<Vec<Value>, RecordError> {
    let signature = &operation.signature;
    let names: Vec<_> = signature.parameters.iter().map(|parameter| parameter.name.clone()).collect();
    let problem = |problems| RecordError::Arguments { operation: operation.full_name(), problems };
    if arguments.len() != names.len() {
        let (expected, found) = (format!("{} arguments", names.len()), format!("{}", arguments.len()));
        return Err(problem(vec![Misfit { path: String::new(), expected, found }]));
    }
    let fitted = fit::fit_parameters(arguments, &names, &signature.parameters, Source::Json);
    if fitted.misfits.is_empty() { Ok(fitted.values) } else { Err(problem(fitted.misfits)) }
}

/// What does not fit, for messages.
pub(super) fn list(problems: &[Misfit]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}
