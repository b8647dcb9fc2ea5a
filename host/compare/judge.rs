//! Judging one playback: against its recording, or against the playback of another build on the same recording.

use crate::change::Change;
use crate::kind::ChangeKind;
use crate::rules::{Indexed, RuleSet};
use crate::values::{Found, Scope};
use crate::verdict::{End, Verdict};
use crate::{Cause, values};
use playback_tape::{Ending, Playback};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

mod calls;
mod extract;
mod files;
mod notes;
mod order;
mod outcome;
mod outputs;
mod plugin;
mod sends;
mod streams;

pub use notes::Note;

/// Judges the playbacks of one category.
#[derive(Debug, Clone, Default)]
pub struct Judge {
    rules: RuleSet,
}

/// What a judge found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub struct Judgement {
    /// The verdict.
    pub verdict: Verdict,
    /// How the operation ended in what is compared with: the recording, or the playback of the other build.
    pub recorded: End,
    /// How it ended on replay.
    pub replayed: End,
    /// Why there is no verdict, if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// What changed, the gravest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<Change>,
    /// What is no change and yet not as recorded, and how often.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub notes: BTreeMap<Note, u64>,
    /// The number of outputs that were compared: the outcome, each call, each file and each stream.
    pub compared: u64,
    /// The differences that rules took away.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ignored: Vec<Ignored>,
}

/// Differences that a rule took away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub struct Ignored {
    /// The rule, by its place among all rules.
    pub rule: usize,
    /// How many.
    pub differences: u64,
}

/// What a playback is compared with.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Reference<'p> {
    /// Its own recording.
    Recording,
    /// The playback of another build on the same recording.
    Baseline(&'p Playback),
}

/// One comparison that goes on.
#[derive(Debug)]
struct Comparison<'p, 'r> {
    reference: Reference<'p>,
    candidate: &'p Playback,
    rules: &'r RuleSet,
    changes: Vec<Change>,
    ignored: BTreeMap<usize, u64>,
    compared: u64,
}

impl Judge {
    /// A judge under these rules.
    pub fn new(rules: RuleSet) -> Self {
        Self { rules }
    }

    /// Compares a playback with its recording.
    pub fn judge(&self, playback: &Playback) -> Judgement {
        self.compare(Reference::Recording, playback)
    }

    /// Compares the playback of a candidate with the playback of a baseline, both of the same recording. Where the baseline already
    /// differs from the recording, only what the candidate does otherwise than the baseline is a change.
    pub fn judge_against(&self, baseline: &Playback, candidate: &Playback) -> Judgement {
        self.compare(Reference::Baseline(baseline), candidate)
    }

    fn compare(&self, reference: Reference<'_>, candidate: &Playback) -> Judgement {
        let [recorded, replayed] = [reference.end(candidate), End::of_playback(candidate)];
        let (changes, ignored) = (Vec::new(), BTreeMap::new());
        let mut comparison =
            Comparison { reference, candidate, rules: &self.rules, changes, ignored, compared: 0 };
        let message = match &self.rules.settings.result {
            Some(extract) => comparison.compare_extract(extract).err(),
            None => {
                comparison.compare_all();
                None
            }
        };
        comparison.judgement(recorded, replayed, message)
    }
}

impl Judgement {
    /// There is no verdict, for this reason.
    pub(crate) fn failure(message: String) -> Self {
        Self {
            verdict: Verdict::EqualizerFailure,
            recorded: End::Returned,
            replayed: End::Returned,
            message: Some(message),
            changes: Vec::new(),
            notes: BTreeMap::new(),
            compared: 0,
            ignored: Vec::new(),
        }
    }
}

impl<'p> Reference<'p> {
    fn end(self, candidate: &Playback) -> End {
        match self {
            Self::Recording => End::of_recording(&candidate.recording),
            Self::Baseline(playback) => End::of_playback(playback),
        }
    }

    /// Returns true if both sides did what was recorded, so that there is nothing to compare.
    fn is_equal(self, candidate: &Playback) -> bool {
        let is_exact = |playback: &Playback| {
            playback.is_equal() && playback.dropped.is_empty() && sends::are_exact(playback)
        };
        match self {
            Self::Recording => is_exact(candidate),
            Self::Baseline(baseline) => is_exact(baseline) && is_exact(candidate),
        }
    }
}

impl<'r> Comparison<'_, 'r> {
    fn compare_all(&mut self) {
        let settings = &self.rules.settings;
        if self.reference.is_equal(self.candidate) {
            let Playback { outputs, files, streams, .. } = self.candidate;
            self.compared = (1 + outputs.len() + files.len() + streams.len()) as u64;
        } else {
            self.compare_ends();
            self.compare_outputs();
            self.compare_sends();
            self.compare_files();
            self.compare_streams();
        }
        if settings.order == crate::rules::Order::Outputs {
            self.compare_order();
        }
        if settings.strict {
            self.compare_notes();
        }
    }

    /// The judgement on these ends. `message` says why there is none.
    fn judgement(self, recorded: End, replayed: End, message: Option<String>) -> Judgement {
        let Self { changes, ignored, compared, candidate, .. } = self;
        let verdict = match message {
            Some(_) => Verdict::EqualizerFailure,
            None => Verdict::of(recorded, replayed, !changes.is_empty()),
        };
        let notes = notes::of(candidate);
        let ignored = ignored.into_iter().map(|(rule, differences)| Ignored { rule, differences }).collect();
        Judgement { verdict, recorded, replayed, message, changes, notes, compared, ignored }
    }

    /// Returns true if the candidate ended before the reference did, so that what comes later is not there.
    fn is_cut_short(&self) -> bool {
        let end = End::of_playback(self.candidate);
        end >= End::Trapped && end > self.reference.end(self.candidate)
    }

    /// The rules for something that has these names.
    fn scope(&self, names: &[&str]) -> Scope<'r> {
        Scope::new(self.rules, names)
    }

    /// Takes the differences inside `what` as changes.
    fn keep(&mut self, what: &str, call: Option<usize>, found: Found) {
        for (rule, count) in found.taken.into_iter().filter(|(rule, _)| !Indexed::is_of_interceptor(*rule)) {
            *self.ignored.entry(rule).or_default() += count;
        }
        for difference in found.differences {
            let cause = Cause::new(what, &difference.path, difference.kind);
            self.changes.push(Change::of_value(cause, call, difference.into()));
        }
    }

    /// Keeps a change as a whole, unless a rule ignores the place where it is.
    fn keep_whole(&mut self, scope: &Scope<'_>, change: Change) {
        match scope.ignores(&change.cause.path) {
            Some(rule) if Indexed::is_of_interceptor(rule) => {}
            Some(rule) => *self.ignored.entry(rule).or_default() += 1,
            None => self.changes.push(change),
        }
    }
}
