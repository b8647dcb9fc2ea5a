//! The flags of every command that compares.

use crate::cli::cache::CacheArgs;
use crate::cli::cassette::CassetteArgs;
use crate::cli::limits::LimitArgs;
use crate::cli::streams::StreamArgs;
use crate::cli::units;
use clap::Args;
use jiff::civil::Date;
use playback_host::compare::Shard;
use playback_host::recording::Category;
use std::num::NonZeroUsize;
use std::path::PathBuf;

/// What is compared with what, and what is reported.
#[derive(Debug, Args)]
pub(crate) struct ComparisonArgs {
    /// Compare with what this build does, instead of what was recorded
    #[arg(long, value_name = "OLD.WASM", env = "PLAYBACK_BASELINE", hide_env = true)]
    pub(super) baseline: Option<PathBuf>,
    /// Only recordings of this category. Repeat the flag or separate categories with commas
    #[arg(long, value_name = "NAME", env = "PLAYBACK_CATEGORY", hide_env = true, value_delimiter = ',')]
    pub(super) category: Vec<Category>,
    /// Only the N newest recordings of each category
    #[arg(long, value_name = "N", env = "PLAYBACK_LIMIT", hide_env = true, value_parser = units::at_least_one)]
    pub(super) limit: Option<NonZeroUsize>,
    /// Only recordings of this day, UTC, and later: `2026-01-31`
    #[arg(long, value_name = "DAY", env = "PLAYBACK_SINCE", hide_env = true)]
    pub(super) since: Option<Date>,
    /// Only recordings of this day, UTC, and earlier
    #[arg(long, value_name = "DAY", env = "PLAYBACK_UNTIL", hide_env = true)]
    pub(super) until: Option<Date>,
    /// Also compare recordings of operations that were stopped before they ended
    #[arg(long, env = "PLAYBACK_INCOMPLETE", hide_env = true)]
    pub(super) incomplete: bool,
    /// Only part I of N of the recordings, for one of N machines. Each recording is in exactly one part
    #[arg(long, value_name = "I/N", env = "PLAYBACK_SHARD", hide_env = true)]
    pub(super) shard: Option<Shard>,
    /// Count notes as changes: inputs that were not asked for, were asked for more often or in another order, and answers that
    /// are not the recorded ones of the call
    #[arg(long, env = "PLAYBACK_STRICT", hide_env = true)]
    pub(super) strict: bool,
    /// Also compare what the builds cost: instructions, memory, calls and their bytes, all exact. Fails where `max-increase` in
    /// playback.toml is exceeded. A recording has neither instructions nor memory: `--baseline` compares them
    #[arg(long, env = "PLAYBACK_COST", hide_env = true)]
    pub(super) cost: bool,
    /// Compare results by this plugin, a component of `playback:plugin`, instead of the built-in comparison
    #[arg(long, value_name = "PLUGIN.WASM", env = "PLAYBACK_COMPARATOR", hide_env = true)]
    pub(super) comparator: Option<PathBuf>,
    /// Write the reports into this directory: `report.html`, `report.ndjson`, `junit.xml`, `summary.md`
    #[arg(long, value_name = "DIR", env = "PLAYBACK_REPORT", hide_env = true)]
    pub(super) report: Option<PathBuf>,
    /// Mark the causes that this earlier report has already: a directory, or its `report.ndjson`
    #[arg(long, value_name = "REPORT", env = "PLAYBACK_SINCE_REPORT", hide_env = true)]
    pub(super) since_report: Option<PathBuf>,
    /// The file with the changes that were accepted [default: `playback-accepted.toml`, if it exists]
    #[arg(long, value_name = "FILE", env = "PLAYBACK_ACCEPTED", hide_env = true)]
    pub(super) accepted: Option<PathBuf>,
    /// Stop after the first recording that fails the run
    #[arg(long, env = "PLAYBACK_FAIL_FAST", hide_env = true)]
    pub(super) fail_fast: bool,
    /// Stop after N recordings that failed or could not be compared. Recordings that only differ do not count
    #[arg(long, value_name = "N", env = "PLAYBACK_MAX_FAILURES", hide_env = true, value_parser = units::at_least_one)]
    pub(super) max_failures: Option<NonZeroUsize>,
    /// How many comparisons run in parallel. Each has its recording in memory [default: two for each core]
    #[arg(long, short, value_name = "N", env = "PLAYBACK_JOBS", hide_env = true, value_parser = units::at_least_one)]
    pub(super) jobs: Option<NonZeroUsize>,
    #[command(flatten)]
    pub(super) streams: StreamArgs,
    #[command(flatten)]
    pub(super) cassette: CassetteArgs,
    #[command(flatten)]
    pub(super) limits: LimitArgs,
    #[command(flatten)]
    pub(super) cache: CacheArgs,
}

impl ComparisonArgs {
    /// Returns true if the user named categories.
    pub(crate) fn names_categories(&self) -> bool {
        !self.category.is_empty()
    }
}
