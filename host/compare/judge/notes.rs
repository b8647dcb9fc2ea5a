//! What is no change and yet not as recorded: it is counted, and counts as a change under strict rules.

use super::{Change, ChangeKind, Comparison, Reference, calls};
use crate::cause::Cause;
use playback_recording::{Kind, format};
use playback_tape::{Answered, Crossing, Playback};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashSet};
use strum::{Display, EnumIter};

/// Something that is not as recorded and does not change the verdict.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, Display, EnumIter,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
#[non_exhaustive]
pub enum Note {
    /// Recorded inputs that the replay did not ask for.
    NotAsked,
    /// Inputs that were asked for more often than recorded and got the last answer again.
    Repeated,
    /// Calls that came in another order than recorded.
    Reordered,
    /// Calls that were answered under an older alias or by another version of their interface.
    Fallback,
    /// Calls that were answered by the default of a rule.
    Default,
    /// Calls that a provider answered.
    Live,
    /// Inputs that were found by their key and have other arguments beside it.
    OtherArguments,
    /// Parts of recorded values that the types of today do not have.
    NotInType,
    /// Paths that nobody looked at when it was recorded.
    AssumedFile,
    /// Timers that were not recorded.
    UnrecordedTimer,
    /// Functions that were called and are not granted on a replay.
    NotGranted,
}

impl Note {
    /// Returns what it is about, in words: `inputs not asked for`.
    pub fn plural(self) -> &'static str {
        match self {
            Self::NotAsked => "inputs not asked for",
            Self::Repeated => "repeated answers",
            Self::Reordered => "calls in another order",
            Self::Fallback => "answers under an older name",
            Self::Default => "default answers",
            Self::Live => "live answers",
            Self::OtherArguments => "inputs with other arguments beside their key",
            Self::NotInType => "parts that are no longer in their types",
            Self::AssumedFile => "paths that nobody looked at",
            Self::UnrecordedTimer => "timers that were not recorded",
            Self::NotGranted => "functions that are not granted",
        }
    }
}

/// Counts the notes of a playback.
pub(super) fn of(playback: &Playback) -> BTreeMap<Note, u64> {
    let answered =
        |how: Answered| playback.crossings.iter().filter(|crossing| crossing.answered == how).count();
    let counts = [
        (Note::NotAsked, playback.inputs_not_made.len()),
        (Note::Repeated, answered(Answered::Repeated)),
        (Note::Reordered, playback.moved.len()),
        (Note::Fallback, answered(Answered::Fallback)),
        (Note::Default, answered(Answered::Default)),
        (Note::Live, answered(Answered::Live)),
        (Note::OtherArguments, playback.beside_key.len()),
        (Note::NotInType, playback.dropped.len()),
        (Note::AssumedFile, playback.assumed.len()),
        (Note::UnrecordedTimer, playback.unrecorded_timers.len()),
        (Note::NotGranted, playback.not_granted.len()),
    ];
    counts.into_iter().filter(|(_, count)| *count > 0).map(|(note, count)| (note, count as u64)).collect()
}

impl Comparison<'_, '_> {
    /// Takes notes as changes. Those that the baseline has too are none of the candidate's.
    pub(super) fn compare_notes(&mut self) {
        let known: HashSet<Cause> = match self.reference {
            Reference::Recording => HashSet::new(),
            Reference::Baseline(baseline) => {
                changes(baseline).into_iter().map(|change| change.cause).collect()
            }
        };
        for change in changes(self.candidate) {
            if !known.contains(&change.cause) {
                self.keep_whole(&self.scope(&[&change.cause.what]), change);
            }
        }
    }
}

/// The notes of a playback that are changes under strict rules.
fn changes(playback: &Playback) -> Vec<Change> {
    let not_asked = playback.inputs_not_made.iter().filter_map(|event| {
        let call = calls::recorded_call(playback, *event)?;
        let function = format::default_alias(&playback.recording.function(call)?.name);
        let cause = Cause::new(function, "", ChangeKind::NotAsked);
        Some(Change::of_text(cause, None, "was recorded, and not asked for"))
    });
    let answered = playback.crossings.iter().filter_map(|crossing| {
        let (kind, text) = match crossing.answered {
            // An output with a default is one that was not recorded, which is a change already.
            Answered::Exact => return None,
            Answered::Default if crossing.interceptor.kind == Kind::Output => return None,
            Answered::Repeated => (ChangeKind::Repeated, "was asked for more often than recorded".to_owned()),
            other => (ChangeKind::Lenient, format!("was answered by: {other}")),
        };
        let mut cause = Cause::new(function(crossing), "", kind);
        if kind == ChangeKind::Lenient {
            cause = cause.with_detail(&text);
        }
        Some(Change::of_text(cause, Some(crossing.ordinal), text))
    });
    let moved = playback.moved.iter().filter_map(|at| {
        let crossing = playback.crossings.get(*at)?;
        let cause = Cause::new(function(crossing), "", ChangeKind::Moved);
        Some(Change::of_text(cause, Some(crossing.ordinal), "came in another order than recorded"))
    });
    not_asked.chain(answered).chain(moved).collect()
}

fn function(crossing: &Crossing) -> String {
    format::default_alias(&crossing.interceptor.function.name)
}
