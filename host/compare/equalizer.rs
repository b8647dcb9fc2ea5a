//! Plays recordings and judges the playbacks, one by one. A recording that cannot be read or played is one failure, and the others
//! go on.

use crate::accepted::Accepted;
use crate::cost::CostChange;
use crate::error::AnyError;
use crate::judge::{Judge, Judgement};
use crate::plugins::{Function, Plugins};
use crate::report::{Comparison, timeline};
use crate::verdict::Verdict;
use playback_recording::{Recording, RecordingId};
use playback_tape::{Cost, Playback};
use std::error::Error;
use std::sync::Arc;

/// Loads recordings.
pub type Loader = Function<RecordingId, Recording>;

/// Plays recordings on one build of a service.
pub type Player = Function<Arc<Recording>, Playback>;

/// Compares recordings of one category. Clone it, or share it, to compare several at once.
#[derive(Debug, Clone)]
pub struct Equalizer {
    loader: Loader,
    player: Player,
    baseline: Option<Player>,
    judge: Judge,
    plugins: Option<Plugins>,
    accepted: Arc<Accepted>,
    measures_cost: bool,
}

impl Equalizer {
    /// An equalizer that compares what `player` plays with what `loader` loads.
    pub fn new(loader: Loader, player: Player, judge: Judge) -> Self {
        let (baseline, plugins, accepted) = (None, None, Arc::default());
        Self { loader, player, baseline, judge, plugins, accepted, measures_cost: false }
    }

    /// Compares with the playbacks of another build. A recording that the other build does not replay as recorded is stale: what both
    /// builds do is no change.
    #[must_use]
    pub fn with_baseline(self, baseline: Player) -> Self {
        Self { baseline: Some(baseline), ..self }
    }

    /// Judges by plugins, where there are any.
    #[must_use]
    pub fn with_plugins(self, plugins: Plugins) -> Self {
        let is_needed = plugins.comparator.is_some() || plugins.result_extractor.is_some();
        Self { plugins: is_needed.then_some(plugins), ..self }
    }

    /// Marks the changes that were accepted.
    #[must_use]
    pub fn with_accepted(self, accepted: Arc<Accepted>) -> Self {
        Self { accepted, ..self }
    }

    /// Measures what each recording costs too. Instructions are counted where the engine of the player does.
    #[must_use]
    pub fn with_cost(self) -> Self {
        Self { measures_cost: true, ..self }
    }

    /// Compares one recording. What fails is in the comparison.
    pub async fn compare(&self, id: RecordingId) -> Comparison {
        match self.try_compare(id.clone()).await {
            Ok(comparison) => comparison,
            Err(error) => Comparison::failure(id, message(&*error)),
        }
    }

    async fn try_compare(&self, id: RecordingId) -> Result<Comparison, AnyError> {
        let recording = Arc::new(self.loader.ask(id.clone()).await?);
        let candidate = self.player.ask(recording.clone()).await?;
        let baseline = match &self.baseline {
            Some(player) => Some(player.ask(recording.clone()).await?),
            None => None,
        };
        let stale = match &baseline {
            Some(baseline) => self.judge(None, baseline).await?.verdict != Verdict::Equal,
            None => false,
        };
        let mut judgement = self.judge(baseline.as_ref(), &candidate).await?;
        self.accept(&id, &mut judgement);
        let cost = self.measures_cost.then(|| CostChange {
            before: baseline.as_ref().map_or_else(|| Cost::of_recording(&recording), Cost::of_playback),
            after: Cost::of_playback(&candidate),
        });
        let is_equal = judgement.verdict == Verdict::Equal;
        let replayed = u64::try_from(candidate.duration.as_micros()).unwrap_or(u64::MAX);
        Ok(Comparison {
            operation: recording.header.operation.name.to_string(),
            judgement,
            stale,
            duration_us: Some([recording.metadata.duration_us, replayed]),
            cost,
            timeline: if is_equal { Vec::new() } else { timeline(&candidate) },
            id,
        })
    }

    async fn judge(&self, baseline: Option<&Playback>, candidate: &Playback) -> Result<Judgement, AnyError> {
        match (&self.plugins, baseline) {
            (Some(plugins), baseline) => self.judge.judge_by(plugins, baseline, candidate).await,
            (None, Some(baseline)) => Ok(self.judge.judge_against(baseline, candidate)),
            (None, None) => Ok(self.judge.judge(candidate)),
        }
    }

    fn accept(&self, id: &RecordingId, judgement: &mut Judgement) {
        for change in &mut judgement.changes {
            change.accepted = self.accepted.reason(id.category(), &change.cause).map(str::to_owned);
        }
    }
}

/// The error and its sources on one line; a source that the error already tells is not told again.
fn message(error: &dyn Error) -> String {
    let mut message = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let text = cause.to_string();
        if !message.contains(&text) {
            message = format!("{message}: {text}");
        }
        source = cause.source();
    }
    message
}
