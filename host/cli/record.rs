//! `playback-host record`: runs operations of a service with live providers, and keeps what happens.

mod grants;
mod json_line;
mod lines;
mod network;
mod operations;
mod problems;
mod report;
mod requests;
mod run;
mod whole;

use super::Exit;
use super::abreast;
use super::cache::CacheArgs;
use super::cassette::CassetteArgs;
use super::environment;
use super::exit::Stop;
use super::limits::LimitArgs;
use super::plugins::Loaded;
use super::providers::ProviderArgs;
use super::session::Session;
use super::settings::{CATEGORY, FAIL_ON_EXCEPTION, FROM, INVOKE, OPERATION, SAMPLING_SEED, Setting, VERIFY};
use super::streams::StreamArgs;
use super::units;
use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use grants::GrantArgs;
use network::NetworkArgs;
use operations::Operations;
use playback_host::cassette::Access;
use playback_host::recording::Category;
use playback_host::sandbox::{Engine, Recorder, Replayer, Samplings, Service, SharedState};
use report::{Report, Source};
use requests::Requests;
use run::Run;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

/// Run operations of a service and record the calls that it makes
///
/// Providers answer the calls: they are components that export what the service imports. An operation that traps or
/// reaches a limit is recorded too. A recording is saved completely or not at all, and never changes.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  playback-host record orders.wasm --provider shop.wasm --invoke 'quote(\"apple\", 3)'
  playback-host record orders.wasm --provider shop.wasm --operation quote --from requests.ndjson
  playback-host record orders.wasm --provider shop.wasm --verify --invoke 'quote(\"apple\", 3)'
  playback-host record orders.wasm --provider shop.wasm --provider-dir data::/data::ro \\
      --operation quote --from - < requests.ndjson

Each line of requests.ndjson is one call. It is the list of arguments: [\"apple\", 3]
or an object that names the operation: {\"operation\": \"quote\", \"arguments\": [\"apple\", 3]}
A file may mix both forms. A record that is the only argument stands in a list: [{\"id\": \"o-1\"}]

Results and ids keep the order of the lines, even if operations run in parallel.
Ctrl-C stops a long `--from` after the running operations. A failing cassette stops it too. Both
keep the recordings that were saved.")]
pub(crate) struct Record {
    /// The service's component [default: `component` in `[service]` of playback.toml]
    #[arg(value_name = "SERVICE.WASM")]
    service: Option<PathBuf>,
    /// Run one call, written in WAVE: `place-order({id: "o-1", lines: []})`
    #[arg(long, value_name = "CALL", conflicts_with_all = ["from", "operation"])]
    invoke: Option<String>,
    /// Run one operation for each line of this file. A line is a JSON list of arguments, or an object with `operation`
    /// and `arguments`. All lines are checked before the first one runs. `-` reads standard input and checks each line
    /// when it arrives
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
    /// The operation for lines that name none [default: the only operation]
    #[arg(long, value_name = "NAME")]
    operation: Option<String>,
    /// How many operations of `--from` run in parallel [default: the number of cores, or 1 if a provider is shared or a
    /// directory is writable]
    #[arg(long, value_name = "N", env = "PLAYBACK_JOBS", hide_env = true, value_parser = units::at_least_one)]
    jobs: Option<NonZeroUsize>,
    /// Exit with status 1 if an operation ends in an exception. It is recorded in any case
    #[arg(long)]
    fail_on_exception: bool,
    /// The category of the recordings, which is the first part of their ids [default: the operation's name]
    #[arg(long, value_name = "NAME", env = "PLAYBACK_CATEGORY", hide_env = true)]
    category: Option<Category>,
    /// Replay each recording before it is saved. A recording whose replay is not equal is saved as unverified, and the
    /// exit status is 1. `--compare-streams` includes standard streams
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
        let (requests, source) = self.requests(&service, session).await?;
        let fails_on_exception = self.fails_on_exception(session)?;
        let providers = self.providers.providers(&engine, session)?;
        let recorder = Recorder::builder(&service)
            .providers(providers)
            .rules(session.rules())
            .grants(
                self.grants
                    .grants(&service, session)?
                    .network(self.network.network(session)?)
                    .sockets(self.network.sockets(session)?),
            )
            .secret_headers(self.network.secret_headers(session))
            .limits(self.limits.limits(session))
            .samplings(self.sampled(&engine, session)?)
            .build()?;
        session.warn_all(&recorder.provider_warnings());
        let verifier = self.verifier(&service, session)?;
        // Last, so that nothing is made before it is known that something can be recorded.
        let cassette = self.cassette.open(session, Access::Write).await?;
        let jobs = self.jobs(&recorder, &source, session);
        let report = Report::new(source, requests.count, &cassette);
        let report = if verifier.is_some() { report.verifying() } else { report };
        let run = Run { recorder: recorder.clone(), verifier, cassette };
        let ran = run.all(jobs, requests, report, session).await;
        session.warn_all(&recorder.refused_requests());
        let (report, interrupts) = ran?;
        match report.lost() {
            Some(lost) => bail!(Stop::Failed(lost)),
            None if interrupts.count() > 0 => Ok(Exit::Interrupted),
            None if report.unverified() > 0 => Ok(Exit::Different),
            None if fails_on_exception && report.exceptions() > 0 => Ok(Exit::Different),
            None => Ok(Exit::Success),
        }
    }

    /// How many operations run at once. They run in their order where one can see what another did.
    fn jobs(&self, recorder: &Recorder, source: &Source, session: &Session) -> NonZeroUsize {
        match (recorder.shared_state(), self.jobs) {
            (Some(SharedState::Provider(name)), Some(jobs))
                if *source != Source::Invoke && jobs.get() > 1 =>
            {
                session.terminal.warn(format_args!(
                    "`--jobs {jobs}` is ignored: `{name}` is shared between operations, and what it answers depends on their order"
                ));
                NonZeroUsize::MIN
            }
            (Some(_), None) => NonZeroUsize::MIN,
            (_, jobs) => jobs.unwrap_or_else(abreast::cores),
        }
    }

    fn fails_on_exception(&self, session: &Session) -> Result<bool> {
        let file = session.config.record.fail_on_exception;
        session.settings.switch(FAIL_ON_EXCEPTION, self.fail_on_exception, file)
    }

    fn verifies(&self, session: &Session) -> Result<bool> {
        session.settings.switch(VERIFY, self.verify, session.config.record.verify)
    }

    fn samplings(&self, session: &Session) -> Samplings {
        let seed = session.settings.optional(SAMPLING_SEED, None, session.config.record.sampling_seed);
        session.config.samplings(seed)
    }

    /// How much of each category is recorded, where plugins say so too.
    fn sampled(&self, engine: &Engine, session: &Session) -> Result<Samplings> {
        let limits = session.config.limits.plugins.unwrap_or_default().limits();
        let mut plugins = Loaded::new(engine, limits);
        session.config.samplers().try_fold(self.samplings(session), |samplings, (category, file)| {
            Ok(samplings.with_sampler(category.clone(), plugins.sampler(file)?))
        })
    }

    /// Decides each setting as recording does, and does nothing else.
    pub(crate) fn settle(mut self, session: &Session) -> Result<()> {
        self.complete()?;
        self.cassette.location(session);
        self.cache.folder(session);
        session.component(self.service.as_deref());
        self.providers.in_force(session)?;
        self.grants.settled(session);
        self.network.network(session)?;
        self.network.sockets(session)?;
        self.network.secret_headers(session);
        self.lines(session);
        self.category(session);
        self.verifies(session)?;
        self.fails_on_exception(session)?;
        self.samplings(session);
        self.streams.streams(session);
        self.grants.max_stdin(session);
        self.limits.limits(session);
        Ok(())
    }

    /// What recordings are replayed with before they are saved. `None`: they are not.
    fn verifier(&self, service: &Service, session: &Session) -> Result<Option<Replayer>> {
        if !self.verifies(session)? {
            return Ok(None);
        }
        let replayer = Replayer::builder(service)
            .rules(session.rules())
            .limits(self.limits.limits(session))
            .compared_streams(&self.streams.streams(session));
        Ok(Some(replayer.build()?))
    }

    fn category(&self, session: &Session) -> Option<Category> {
        let file = &session.config.record.category;
        session.settings.optional(CATEGORY, self.category.clone(), file.clone())
    }

    /// The file with the requests, and the operation of its lines. A call that is given takes their place.
    fn lines<'a>(&'a self, session: &'a Session) -> (Option<&'a Path>, Option<&'a str>) {
        let (file, settings) = (&session.config.record, &session.settings);
        if self.invoke.is_some() {
            let place = settings.said(INVOKE);
            settings.note(FROM, &(), place.clone());
            settings.note(OPERATION, &(), place);
            return (None, None);
        }
        let from = settings.optional(FROM, self.from.as_deref(), file.from.as_deref());
        (from, settings.optional(OPERATION, self.operation.as_deref(), file.operation.as_deref()))
    }

    /// Takes what no flag says from the environment, but for what the flags exclude.
    fn complete(&mut self) -> Result<()> {
        let is_file = self.from.is_some() || self.operation.is_some();
        if self.invoke.is_none() && !is_file {
            self.invoke = environment::parsed(&INVOKE.variable())?;
            let others = [FROM, OPERATION].map(Setting::variable);
            let other = others.into_iter().find(|name| environment::variable(name).is_some());
            if let (Some(_), Some(other)) = (&self.invoke, other) {
                let invoke = INVOKE.variable();
                bail!("`{invoke}` and `{other}` are both set, and one excludes the other; unset one");
            }
        }
        if self.invoke.is_none() {
            self.from =
                self.from.take().or_else(|| environment::variable(&FROM.variable()).map(PathBuf::from));
            if self.operation.is_none() {
                self.operation = environment::parsed(&OPERATION.variable())?;
            }
        }
        Ok(())
    }

    /// What to run: of flags or the environment, else of the configuration.
    async fn requests(&self, service: &Service, session: &Session) -> Result<(Requests, Source)> {
        let category = self.category(session);
        if let Some(call) = &self.invoke {
            let (operation, arguments) = service.invocation(call)?;
            let operations = Operations::new(service, None, category)?;
            return Ok((Requests::one(operations.target(operation)?, arguments), Source::Invoke));
        }
        let (file, operation) = self.lines(session);
        let file = file.context("nothing to record: give a call with `--invoke 'operation(...)'`, or a file with `--from requests.ndjson`")?;
        ensure!(
            !(requests::is_stdin(file) && self.grants.stdin(session).is_some_and(requests::is_stdin)),
            "`--from -` and `--stdin -` both read standard input; give one of them a file"
        );
        let operations = Operations::new(service, operation, category)?;
        let name = requests::name(file);
        match Requests::open(file, operations).await? {
            Some(requests) => Ok((requests, Source::File(name))),
            None => bail!(Stop::Nothing(format!(
                "there is no request in `{name}`; write one JSON list of arguments a line"
            ))),
        }
    }
}
