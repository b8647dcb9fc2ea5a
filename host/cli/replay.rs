//! `playback-host replay`: runs what was recorded on a build of the service, and compares.

mod all;
mod causes;
mod planned;
mod selection;

use super::Exit;
use super::cache::CacheArgs;
use super::cassette::{CassetteArgs, selector};
use super::environment;
use super::limits::LimitArgs;
use super::list;
use super::playback::{self, Verdict};
use super::providers::ProviderArgs;
use super::session::Session;
use super::streams::StreamArgs;
use super::units;
use anyhow::{Result, bail};
use clap::Args;
use futures_util::TryStreamExt;
use planned::Planned;
use playback_host::cassette::{Access, Cassette, Lookup, Selector};
use playback_host::recording::{Category, RecordingId};
use playback_host::sandbox::{Engine, Replayer};
use selection::Selection as Recordings;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Replay one recording or all of them, and compare the results with the recorded ones
///
/// The service cannot reach this machine: the recording answers every call. If it has no answer for a call, the replay
/// ends and the report explains why. The exit status is 1 if anything differs.
#[derive(Debug, Args)]
#[command(
    override_usage = "playback-host replay [OPTIONS] <ID> [SERVICE.WASM]\n       \
                      playback-host replay [OPTIONS] --all [SERVICE.WASM]",
    after_help = "\
Examples:
  playback-host replay latest orders-v2.wasm
  playback-host replay 0190a3 orders-v2.wasm -v
  playback-host replay --all orders-v2.wasm --category place-order --limit 100
  playback-host replay --all orders-v2.wasm --format json | jq 'select(.verdict == \"different\")'

Providers answer only calls whose rule says `on-missing = \"live\"`. A replay ignores the providers in
playback.toml: name them here."
)]
pub(crate) struct Replay {
    /// The recording: an id, a unique part of an id, or `latest`. Not with `--all`
    #[arg(value_name = "ID")]
    id: Option<String>,
    /// The component that the replay runs [default: `component` in `[service]` of playback.toml]
    #[arg(value_name = "SERVICE.WASM")]
    service: Option<String>,
    /// Replay all recordings whose operation the service has
    #[arg(long)]
    all: bool,
    /// With `--all` or `latest`: only recordings of this category. Repeat the flag or separate categories with commas
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    category: Vec<Category>,
    /// With `--all`: replay only the N newest recordings
    #[arg(long, value_name = "N", value_parser = units::at_least_one)]
    limit: Option<NonZeroUsize>,
    /// With `--all`: how many replays run in parallel. Each has its recording in memory [default: two for each core]
    #[arg(long, value_name = "N", env = "PLAYBACK_JOBS", hide_env = true, value_parser = units::at_least_one)]
    jobs: Option<NonZeroUsize>,
    #[command(flatten)]
    streams: StreamArgs,
    #[command(flatten)]
    cassette: CassetteArgs,
    #[command(flatten)]
    providers: ProviderArgs,
    #[command(flatten)]
    limits: LimitArgs,
    #[command(flatten)]
    cache: CacheArgs,
}

/// What to replay.
#[derive(Debug, PartialEq, Eq)]
enum Selection {
    One(Selector),
    All,
}

impl Replay {
    pub(crate) async fn exec(mut self, session: &mut Session) -> Result<Exit> {
        self.complete()?;
        let (selection, service) = self.selection(session)?;
        let (categories, limit) = self.filters(&selection)?;
        let cassette = self.cassette.open(session, Access::Read).await?;
        let ids = ids(&selection, categories, &cassette).await?;
        let engine = self.cache.engine(session, self.limits.metering(session))?;
        let replayer = self.replayer(service.as_deref(), &engine, session)?;
        let planned = Planned::new(replayer.clone(), &engine, session)?;
        let exit = match (selection, ids.as_slice()) {
            (Selection::One(_), [id]) => one(id, &cassette, &planned, session).await,
            _ => all::replay(Recordings::new(ids, limit), self.jobs, &cassette, &planned, session).await,
        };
        session.warn_all(&replayer.refused_requests());
        exit
    }

    /// Takes `--all` from the environment, where no recording is named.
    fn complete(&mut self) -> Result<()> {
        let names_recording = match (&self.id, &self.service) {
            (Some(_), Some(_)) => true,
            // What stands alone is a recording or a service.
            (Some(only), None) => {
                let path = Path::new(only);
                !path.is_file() && path.extension().is_none_or(|extension| extension != "wasm")
            }
            (None, _) => false,
        };
        self.all |= !names_recording && environment::flag("PLAYBACK_ALL")?.unwrap_or_default();
        Ok(())
    }

    /// What to replay, and on what; `None`: on the component of the configuration.
    fn selection(&self, session: &Session) -> Result<(Selection, Option<PathBuf>)> {
        // With `--all` there is no id, and what stands first is the service.
        let (id, service) = match (self.all, &self.id, &self.service) {
            (true, service, None) => (None, service.as_ref()),
            (true, Some(id), Some(_)) => {
                bail!("`--all` replays all recordings; leave out `{id}`, or `--all`")
            }
            (false, Some(id), Some(service)) => (Some(id), Some(service)),
            (false, Some(id), None) if session.config.service.component.is_some() => (Some(id), None),
            (false, Some(file), None) if Path::new(file).is_file() => {
                bail!(
                    "which recording is to be replayed on `{file}`? write its id before it, or `latest`, or `--all`"
                )
            }
            (false, Some(id), None) => {
                let id = selector(id)?;
                bail!("what is `{id}` to be replayed on? write the service's `.wasm` file after it")
            }
            (_, None, _) => {
                bail!(
                    "nothing to replay: write a recording and a service, `replay latest orders.wasm`, or `--all`"
                )
            }
        };
        let selection = id.map_or(Ok(Selection::All), |id| selector(id).map(Selection::One))?;
        Ok((selection, service.map(PathBuf::from)))
    }

    /// Which recordings, and how many. Flags that say nothing of the selection are refused; variables are passed
    /// over, as other commands have them too.
    fn filters(&self, selection: &Selection) -> Result<(Vec<Category>, Option<NonZeroUsize>)> {
        let (takes_category, takes_limit) = match selection {
            Selection::All => (true, true),
            Selection::One(Selector::Latest) => (true, false),
            Selection::One(_) => (false, false),
        };
        let mut categories = self.category.clone();
        let mut limit = self.limit;
        if let (Some(category), false) = (categories.first(), takes_category) {
            bail!("`--category {category}` is for `--all` and `latest`; leave it out, or the recording's id");
        }
        if let (Some(limit), false) = (limit, takes_limit) {
            bail!("`--limit {limit}` is for `--all`, and this is one recording; leave one of them out");
        }
        if categories.is_empty() && takes_category {
            categories = environment::read("PLAYBACK_CATEGORY", several)?.unwrap_or_default();
        }
        if limit.is_none() && takes_limit {
            limit = environment::read("PLAYBACK_LIMIT", units::at_least_one)?;
        }
        Ok((categories, limit))
    }

    fn replayer(&self, service: Option<&Path>, engine: &Engine, session: &Session) -> Result<Replayer> {
        let service = session.service(engine, service)?;
        let mut builder = Replayer::builder(&service)
            .rules(session.rules())
            .limits(self.limits.limits(session))
            .compared_streams(&self.streams.streams(session));
        if let Some(providers) = self.providers.given(engine)? {
            builder = builder.providers(providers);
        }
        let replayer = builder.build()?;
        session.warn_all(&replayer.provider_warnings());
        Ok(replayer)
    }
}

/// Categories with commas between them.
fn several(names: &str) -> Result<Vec<Category>, String> {
    names.split(',').map(|name| name.parse::<Category>().map_err(|error| error.to_string())).collect()
}

/// The recordings to choose from, at least one, newest first.
async fn ids(
    selection: &Selection,
    categories: Vec<Category>,
    cassette: &Cassette,
) -> Result<Vec<RecordingId>> {
    let limit = match selection {
        Selection::One(Selector::Latest) if !categories.is_empty() => Some(1),
        Selection::One(selector) => return Ok(vec![cassette.find(selector).await?]),
        Selection::All => None,
    };
    let lookup = Lookup::default().categories(categories.clone()).limit(limit);
    let ids: Vec<_> = cassette.ids(lookup).try_collect().await?;
    if ids.is_empty() {
        return Err(list::nothing(cassette.location(), &categories).into());
    }
    Ok(ids)
}

async fn one(
    id: &RecordingId,
    cassette: &Cassette,
    planned: &Planned,
    session: &mut Session,
) -> Result<Exit> {
    let recording = Arc::new(cassette.load(id).await?);
    let playback = planned.play(&recording).await?;
    playback::tell(&playback, planned.replayer.service(), session);
    Ok(match Verdict::of(&playback) {
        Verdict::Equal => Exit::Success,
        Verdict::Different | Verdict::Diverged | Verdict::Stopped(_) => Exit::Different,
    })
}
