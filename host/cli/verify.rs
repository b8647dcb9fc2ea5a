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
use playback_host::cassette::Access;
use playback_host::sandbox::Replayer;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use tally::{Against, Tally};

/// Check that recordings are whole: both halves there, checksums right, contents in agreement
///
/// Nothing is changed. Exits with 3 if any recording is broken. A tape without metadata is no recording: it is being saved,
/// or its save was interrupted. Once it is older than a day `prune` removes it. With `--replay` each is replayed, too, and
/// the first difference told; exits with 1 if any is not equal. Those of operations that the component does not have are
/// left out.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  playback-host verify                             all recordings
  playback-host verify latest
  playback-host verify --replay orders.wasm        and whether they reproduce on this build
  playback-host verify --format json | jq -r 'select(.problem).id'")]
pub(crate) struct Verify {
    /// A recording: its id, a unique part of it, or `latest` [default: all of them]
    id: Option<String>,
    /// Replay them on this component, without providers
    #[arg(long, value_name = "SERVICE.WASM", env = "PLAYBACK_REPLAY", hide_env = true)]
    replay: Option<PathBuf>,
    /// With `--replay`: how many at once, each with its recording in memory [default: two a core]
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
        Ok(Replayer::new(&service, session.rules())?
            .with_limits(self.limits.limits(session))
            .comparing(&self.streams.streams(session)))
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
    let mut ids = check.cassette.verify_all();
    loop {
        while interrupts.count() == 0
            && checks.has_room()
            && let Some(id) = ids.next_id().await
        {
            checks.begin(check.clone().one(id?));
        }
        match checks.next("the checks", &mut interrupts, session).await? {
            Next::Ended(checked) => tally.add(session, checked),
            Next::None | Next::GivenUp => break,
        }
    }
    tally.is_interrupted = interrupts.count() > 0;
    Ok(())
}
