//! The verdict on one recording.

use playback_recording::value::Value;
use playback_recording::{Outcome, Recording};
use playback_tape::{Ending, Playback};
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString};

/// What a comparison found.
///
/// How the operation ended on both sides decides first. Ends are ordered from good to bad as [`End`] lists them:
///
/// | recorded | replayed | verdict |
/// |---|---|---|
/// | any end | a worse end | [`Failed`](Self::Failed) |
/// | any end | a better end | [`Fixed`](Self::Fixed) |
/// | any end | the same end, and nothing changed | [`Equal`](Self::Equal) |
/// | any end | the same end, and something changed | [`Different`](Self::Different) |
/// | | the comparison itself did not work | [`EqualizerFailure`](Self::EqualizerFailure) |
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    Display,
    EnumIter,
    EnumString,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Verdict {
    /// Nothing changed.
    Equal,
    /// The recorded operation failed and the replayed one did not, or not as badly.
    Fixed,
    /// Something changed.
    Different,
    /// The replayed operation failed and the recorded one did not, or not as badly.
    Failed,
    /// The recording could not be read or played, or a plugin failed. Nothing is known about the service.
    EqualizerFailure,
}

impl Verdict {
    /// The verdict on two ends and whether anything else changed.
    pub(crate) fn of(recorded: End, replayed: End, is_changed: bool) -> Self {
        match replayed.cmp(&recorded) {
            std::cmp::Ordering::Greater => Self::Failed,
            std::cmp::Ordering::Less => Self::Fixed,
            std::cmp::Ordering::Equal if is_changed => Self::Different,
            std::cmp::Ordering::Equal => Self::Equal,
        }
    }

    /// Returns true for a verdict that fails a run: anything but [`Equal`](Self::Equal) and [`Fixed`](Self::Fixed).
    pub fn is_bad(self) -> bool {
        !matches!(self, Self::Equal | Self::Fixed)
    }
}

/// How an operation ended, from good to bad.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Display)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum End {
    /// It returned, or exited with status 0.
    Returned,
    /// It returned the `err` case of a `result`, or exited with another status.
    Failed,
    /// It trapped, reached a limit, or was cut short.
    Trapped,
    /// The recording has no answer for a call: how the operation would have ended is not known.
    Diverged,
}

impl End {
    /// How the recorded operation ended.
    pub(crate) fn of_recording(recording: &Recording) -> Self {
        recording.outcome.as_ref().map_or(Self::Trapped, |outcome| Self::of(outcome, recording))
    }

    /// How the replayed operation ended.
    pub(crate) fn of_playback(playback: &Playback) -> Self {
        match &playback.ending {
            Ending::Finished(outcome) => Self::of(outcome, &playback.recording),
            Ending::Diverged(_) => Self::Diverged,
        }
    }

    pub(crate) fn of(outcome: &Outcome, recording: &Recording) -> Self {
        match outcome {
            Outcome::Returned(value) if is_error(value, recording) => Self::Failed,
            Outcome::Returned(_) | Outcome::Exited(0) => Self::Returned,
            Outcome::Exited(_) => Self::Failed,
            Outcome::Trapped(_) | Outcome::Stopped(_) | Outcome::Abandoned => Self::Trapped,
        }
    }
}

/// Returns true for the `err` case of an operation that returns a `result`. A record with one field `err` has the same value,
/// so the declared type decides.
fn is_error(value: &Value, recording: &Recording) -> bool {
    declares_result(recording) && value.get("err").is_some()
}

/// Returns true if the operation returns a `result`.
pub(crate) fn declares_result(recording: &Recording) -> bool {
    let signature = &recording.header.operation.signature;
    let result = signature.rsplit_once(") -> ").map(|(_, result)| result);
    result.is_some_and(|result| result == "result" || result.starts_with("result<"))
}

#[cfg(test)]
mod tests {
    use super::{End, Verdict};

    #[test]
    fn the_verdict_follows_the_table() {
        let ends = [End::Returned, End::Failed, End::Trapped, End::Diverged];
        for (better, end) in ends.into_iter().enumerate() {
            for (worse, other) in ends.into_iter().enumerate().skip(better + 1) {
                assert_eq!(Verdict::of(end, other, true), Verdict::Failed, "{better} {worse}");
                assert_eq!(Verdict::of(other, end, true), Verdict::Fixed, "{better} {worse}");
            }
            assert_eq!(Verdict::of(end, end, true), Verdict::Different);
            assert_eq!(Verdict::of(end, end, false), Verdict::Equal);
        }
    }
}
