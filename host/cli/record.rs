//! `playback-host record`: runs operations of a service with live providers, and keeps what happens.

mod grants;
mod network;
mod problems;
mod report;
mod requests;
mod whole;

use super::Exit;
use super::cache::CacheArgs;
use super::cassette::CassetteArgs;
use super::environment;
use super::exit::Stop;
use super::interrupts::Interrupts;
use super::limits::LimitArgs;
use super::providers::ProviderArgs;
use super::session::Session;
use super::streams::StreamArgs;
use anyhow::{Context, Result, bail};
use clap::Args;
use grants::GrantArgs;
use network::NetworkArgs;
use playback_host::cassette::{Access, Cassette};
use playback_host::recording::Category;
use playback_host::sandbox::{Operation, Recorded, Recorder, Replayer, Service, ServiceGrants};
use report::{Report, Source};
use requests::{Request, Requests};
use std::path::PathBuf;
use std::pin::pin;

/// Run operations of a service, and record everything that crosses its boundary
///
/// The calls that the service makes go to the providers: components that export what it imports. An operation that
/// traps, or reaches a limit, is recorded like any other. Recordings are written once, and only whole.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  playback-host record orders.wasm --provider shop.wasm --invoke 'quote(\"apple\", 3)'
  playback-host record orders.wasm --provider shop.wasm --operation quote --from requests.ndjson
  playback-host record orders.wasm --provider shop.wasm --verify --invoke 'quote(\"apple\", 3)'
  playback-host record orders.wasm --provider shop.wasm --provider-dir data::/data::ro \\
      --operation quote --from - < requests.ndjson

A line of requests.ndjson is the arguments of one call, as a JSON list: [\"apple\", 3]

Ctrl-C ends a long `--from` after the operation that is running; what was recorded stays.
So does a cassette that fails: nothing runs that cannot be recorded.")]
pub(crate) struct Record {
    /// The component [default: `component` of `[service]` in playback.toml]
    #[arg(value_name = "SERVICE.WASM")]
    service: Option<PathBuf>,
    /// Run this one call, written in WAVE: `place-order({id: "o-1", lines: []})`
    #[arg(long, value_name = "CALL", conflicts_with_all = ["from", "operation"])]
    invoke: Option<String>,
    /// Run one operation for each line of this file, all of which is checked first: a JSON list with its arguments;
    /// `-` for standard input, whose lines are checked as they come
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
    /// Which operation the lines are for [default: the only one]
    #[arg(long, value_name = "NAME")]
    operation: Option<String>,
    /// The first part of the recordings' ids [default: the operation's name]
    #[arg(long, value_name = "NAME", env = "PLAYBACK_CATEGORY", hide_env = true)]
    category: Option<Category>,
    /// Replay each recording before it is saved; one that is not equal is kept as unverified. Exits with 1 then.
    /// Standard streams count where they are to be compared
    #[arg(long)]
    verify: bool,
    #[command(flatten)]
    streams: StreamArgs,
    #[command(flatten)]
    cassette: CassetteArgs,
    #[command(flatten)]
    providers: ProviderArgs,
    #[command(flatten)]
    grants: GrantArgs,
    #[command(flatten)]
    network: NetworkArgs,
    #[command(flatten)]
    limits: LimitArgs,
    #[command(flatten)]
    cache: CacheArgs,
}

impl Record {
    pub(crate) async fn exec(mut self, session: &mut Session) -> Result<Exit> {
        self.complete()?;
        let engine = self.cache.engine(session, self.limits.metering(session))?;
        let service = session.service(&engine, self.service.as_deref())?;
        let (operation, requests, source) = self.requests(&service, session).await?;
        let category = self.category.clone().or_else(|| session.config.record.category.clone());
        let category = category.map_or_else(|| category_of(operation), Ok)?;
        let providers = self.providers.providers(&engine, session)?;
        let recorder = Recorder::new(&service, providers, session.rules())?
            .with_grants(ServiceGrants {
                network: self.network.network(session)?,
                sockets: self.network.sockets(session)?,
                ..self.grants.grants(&service, session)?
            })?
            .with_secret_headers(self.network.secret_headers(session))
            .with_limits(self.limits.limits(session))
            .with_samplings(session.config.samplings());
        let verifier = self.verifier(&service, session)?;
        // Last, so that nothing is made before it is known that something can be recorded.
        let cassette = self.cassette.open(session, Access::Write).await?;
        let report = Report::new(source, requests.count, &category, &cassette);
        let report = if verifier.is_some() { report.verifying() } else { report };
        Run { recorder, verifier, operation, category, cassette, report }.all(requests, session).await
    }

    /// What recordings are replayed with before they are saved. `None`: they are not.
    fn verifier(&self, service: &Service, session: &Session) -> Result<Option<Replayer>> {
        let is_wanted = || {
            Ok::<_, anyhow::Error>(
                environment::flag("PLAYBACK_VERIFY")?.unwrap_or(session.config.record.verify),
            )
        };
        if !self.verify && !is_wanted()? {
            return Ok(None);
        }
        let replayer = Replayer::new(service, session.rules())?.with_limits(self.limits.limits(session));
        Ok(Some(replayer.comparing(&self.streams.streams(session))))
    }

    /// Takes what no flag says from the environment, but for what the flags exclude.
    fn complete(&mut self) -> Result<()> {
        let is_file = self.from.is_some() || self.operation.is_some();
        if self.invoke.is_none() && !is_file {
            self.invoke = environment::parsed("PLAYBACK_INVOKE")?;
            let others = ["PLAYBACK_FROM", "PLAYBACK_OPERATION"];
            let other = others.into_iter().find(|name| environment::variable(name).is_some());
            if let (Some(_), Some(other)) = (&self.invoke, other) {
                bail!("`PLAYBACK_INVOKE` and `{other}` are both set, and one excludes the other; unset one");
            }
        }
        if self.invoke.is_none() {
            self.from =
                self.from.take().or_else(|| environment::variable("PLAYBACK_FROM").map(PathBuf::from));
            if self.operation.is_none() {
                self.operation = environment::parsed("PLAYBACK_OPERATION")?;
            }
        }
        Ok(())
    }

    /// What to run: of flags or the environment, else of the configuration.
    async fn requests<'s>(
        &self,
        service: &'s Service,
        session: &Session,
    ) -> Result<(&'s Operation, Requests, Source)> {
        if let Some(call) = &self.invoke {
            let (operation, arguments) = service.invocation(call)?;
            return Ok((operation, Requests::one(arguments), Source::Invoke));
        }
        let settings = &session.config.record;
        let file = self.from.as_deref().or(settings.from.as_deref());
        let file = file.context("nothing to record: give a call with `--invoke 'operation(...)'`, or a file with `--from requests.ndjson`")?;
        let name = self.operation.as_deref().or(settings.operation.as_deref());
        let operation = service.operation(name);
        let operation = match name {
            None => operation.context("`--operation` is needed")?,
            Some(_) => operation?,
        };
        let name = requests::name(file);
        match Requests::open(file, operation).await? {
            Some(requests) => Ok((operation, requests, Source::File(name))),
            None => bail!(Stop::Nothing(format!(
                "there is no request in `{name}`; write one JSON list of arguments a line"
            ))),
        }
    }
}

/// The operation's own name, in the characters that a category has.
fn category_of(operation: &Operation) -> Result<Category> {
    let name = &operation.signature().name;
    let allowed = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    let category: String =
        name.chars().take(Category::MAX_LENGTH).map(|c| if allowed(c) { c } else { '-' }).collect();
    category
        .parse()
        .with_context(|| format!("the operation `{name}` gives no category; name one with `--category`"))
}

/// Operations on their way.
struct Run<'s> {
    recorder: Recorder,
    verifier: Option<Replayer>,
    operation: &'s Operation,
    category: Category,
    cassette: Cassette,
    report: Report,
}

impl Run<'_> {
    /// Runs one after another, until the end or the first ctrl-C.
    async fn all(mut self, mut requests: Requests, session: &mut Session) -> Result<Exit> {
        let mut interrupts = Interrupts::listen();
        session.terminal.start("recording", requests.count.unwrap_or(0));
        let mut unusable = None;
        while interrupts.count() == 0 {
            let request = tokio::select! {
                biased;
                _ = interrupts.next() => break,
                request = requests.next() => request,
            };
            let request = match request {
                None => break,
                Some(Ok(request)) => request,
                Some(Err(error)) => {
                    unusable = Some(error);
                    break;
                }
            };
            let line = request.line;
            let Some(recorded) = self.one(request, &mut interrupts, session).await? else {
                self.report.abandoned();
                break;
            };
            let saved = match &recorded.recording {
                Ok(recording) => self.cassette.save(recording).await.map_err(Into::into),
                Err(loss) => Err(loss.clone().into()),
            };
            self.report.add(session, line, &recorded, saved);
            session.terminal.advance();
            // What runs from here on would reach live providers and leave no recording.
            if self.report.is_broken() {
                break;
            }
        }
        session.terminal.finish();
        self.report.print(session);
        if let Some(error) = unusable {
            return Err(error);
        }
        match self.report.lost() {
            Some(lost) => bail!(Stop::Failed(lost)),
            None if interrupts.count() > 0 => Ok(Exit::Interrupted),
            None if self.report.unverified() > 0 => Ok(Exit::Different),
            None => Ok(Exit::Success),
        }
    }

    /// Runs one operation, and replays its recording where that is wanted.
    async fn record(&self, request: Request) -> Result<Recorded> {
        let mut recorded = self.recorder.record(&self.category, self.operation, request.arguments).await?;
        if let Some(verifier) = &self.verifier
            && let Ok(recording) = recorded.recording
        {
            recorded.recording = Ok(verifier.verify(recording).await?);
        }
        Ok(recorded)
    }

    /// `None`: ctrl-C was pressed twice.
    async fn one(
        &self,
        request: Request,
        interrupts: &mut Interrupts,
        session: &Session,
    ) -> Result<Option<Recorded>> {
        let mut running = pin!(self.record(request));
        loop {
            tokio::select! {
                biased;
                recorded = &mut running => return Ok(Some(recorded?)),
                count = interrupts.next() => match count {
                    1 => session.terminal.note("stopping after the operation that is running; ctrl-C again gives it up"),
                    _ => return Ok(None),
                },
            }
        }
    }
}
