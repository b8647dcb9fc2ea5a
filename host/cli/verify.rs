//! `playback-host verify`: whether recordings are whole, and whether they reproduce.

mod check;
mod tally;

use super::Exit;
use super::abreast::{Abreast, Next};
use super::cache::CacheArgs;
use super::cassette::{CassetteArgs, selector};
use super::interrupts::Interrupts;
use super::limits::LimitArgs;
use super::session::Session;
use super::streams::StreamArgs;
use super::units;
use anyhow::Result;
use check::Check;
use clap::Args;
use futures_util::TryStreamExt;
use playback_host::cassette::Access;
use playback_host::sandbox::Replayer;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use tally::{Against, Tally};

/// Check that recordings are complete and undamaged, and optionally that they reproduce
///
/// The check reads every file of a recording and compares its checksums and its metadata. It changes nothing. The exit
/// status is 3 if a recording is damaged. A tape without metadata is not a recording: its save is running or was
/// interrupted. `prune` deletes such a tape when it is older than a day.
///
/// `--replay` also replays each recording and prints the first difference. The exit status is 1 if a replay is not
/// equal. Recordings whose operation the component does not have are left out.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  playback-host verify                             check all recordings
  playback-host verify latest
  playback-host verify --replay orders.wasm        also replay them on this build
  playback-host verify --format json | jq -r 'select(.problem).id'")]
pub(crate) struct Verify {
    /// The recording: an id, a unique part of an id, or `latest` [default: all recordings]
    id: Option<String>,
    /// Also replay the recordings on this component, without providers
    #[arg(long, value_name = "SERVICE.WASM", env = "PLAYBACK_REPLAY", hide_env = true)]
    replay: Option<PathBuf>,
    /// With `--replay`: how many replays run in parallel. Each has its recording in memory [default: two for each core]
    #[arg(long, value_name = "N", env = "PLAYBACK_JOBS", hide_env = true, value_parser = units::at_least_one)]
    jobs: Option<NonZeroUsize>,
    #[command(flatten)]
    streams: StreamArgs,
    #[command(flatten)]
    cassette: CassetteArgs,
    #[command(flatten)]
    limits: LimitArgs,
    #[command(flatten)]
    cache: CacheArgs,
}

impl Verify {
    pub(crate) async fn exec(self, session: &mut Session) -> Result<Exit> {
        let selector = self.id.as_deref().map(selector).transpose()?;
        let cassette = self.cassette.open(session, Access::Read).await?;
        let replayer = self.replay.as_deref().map(|file| self.replayer(file, session)).transpose()?;
        let against = replayer
            .as_ref()
            .map_or(Against::Themselves, |replayer| Against::Replays(replayer.service().name().to_owned()));
        let check = Check { cassette, replayer };
        let mut tally = Tally::new(against);
        match &selector {
            None => every(&check, self.jobs, session, &mut tally).await?,
            Some(selector) => {
                let id = check.cassette.find(selector).await?;
                tally.add(session, check.clone().one(id).await);
            }
        }
        tally.print(session, &check.cassette)
    }

    fn replayer(&self, file: &Path, session: &Session) -> Result<Replayer> {
        let engine = self.cache.engine(session, self.limits.metering(session))?;
        let service = session.service(&engine, Some(file))?;
        Ok(Replayer::builder(&service)
            .rules(session.rules())
            .limits(self.limits.limits(session))
            .compared_streams(&self.streams.streams(session))
            .build()?)
    }
}

async fn every(
    check: &Check,
    jobs: Option<NonZeroUsize>,
    session: &mut Session,
    tally: &mut Tally,
) -> Result<()> {
    // Reading alone is not worth the memory that several take at once.
    let jobs = if check.replayer.is_some() { jobs } else { Some(NonZeroUsize::MIN) };
    let mut interrupts = Interrupts::listen();
    let mut checks = Abreast::new(jobs);
    let mut ids = check.cassette.stored_ids();
    loop {
        while interrupts.count() == 0
            && checks.has_room()
            && let Some(id) = ids.try_next().await?
        {
            checks.begin(check.clone().one(id));
        }
        match checks.next("the checks", &mut interrupts, session).await? {
            Next::Ended(checked) => tally.add(session, checked),
            Next::None | Next::GivenUp => break,
        }
    }
    tally.is_interrupted = interrupts.count() > 0;
    Ok(())
}
