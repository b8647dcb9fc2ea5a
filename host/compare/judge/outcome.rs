//! Comparing how the operation ended.

use super::{Change, ChangeKind, Comparison, Ending, Found, Reference};
use crate::cause::Cause;
use playback_recording::value::Value;
use playback_recording::value::diff::Difference;
use playback_recording::{Limit, Outcome, format};
use playback_tape::{Divergence, Reason};

/// What reports call the outcome of an operation.
pub(super) const OUTCOME: &str = "outcome";

impl Comparison<'_, '_> {
    pub(super) fn compare_ends(&mut self) {
        self.compared += 1;
        match (&self.candidate.ending, self.reference_ending()) {
            (Ending::Diverged(replayed), Some(Ending::Diverged(recorded)))
                if is_alike(recorded, replayed) => {}
            (Ending::Diverged(divergence), _) => self.keep_divergence(divergence),
            (Ending::Finished(replayed), Some(Ending::Diverged(_))) => {
                let text =
                    format!("the baseline could not be replayed to its end; now: {}", described(replayed));
                let cause = Cause::new(OUTCOME, "", ChangeKind::Changed);
                self.keep_whole(&self.scope(&[OUTCOME]), Change::of_text(cause, None, text));
            }
            (Ending::Finished(replayed), Some(Ending::Finished(recorded))) => {
                self.compare_outcomes(&recorded.clone(), replayed);
            }
            (Ending::Finished(replayed), None) => match self.candidate.recording.outcome.clone() {
                Some(recorded) => self.compare_outcomes(&recorded, replayed),
                None => self.keep_outcome(None, Some(value(replayed))),
            },
        }
    }

    fn reference_ending(&self) -> Option<&'_ Ending> {
        match self.reference {
            Reference::Recording => None,
            Reference::Baseline(baseline) => Some(&baseline.ending),
        }
    }

    fn compare_outcomes(&mut self, recorded: &Outcome, replayed: &Outcome) {
        match (recorded, replayed) {
            (Outcome::Returned(recorded), Outcome::Returned(replayed)) => {
                let mut found = Found::default();
                self.scope(&[OUTCOME]).compare(recorded, replayed, &mut found);
                if self.is_same_today() {
                    // Only the types changed: what is left is what the type of today does not have.
                    found.differences.retain(|difference| difference.kind == ChangeKind::Removed);
                }
                self.keep(OUTCOME, None, found);
            }
            (recorded, replayed) if recorded.is_like(replayed) => self.compare_last_messages(),
            (_, Outcome::Stopped(limit)) => self.keep_stop(limit),
            (recorded, replayed) => self.keep_outcome(Some(value(recorded)), Some(value(replayed))),
        }
    }

    /// Returns true if the outcome is the recorded one in the type of today.
    fn is_same_today(&self) -> bool {
        matches!(self.reference, Reference::Recording) && self.candidate.result.is_empty()
    }

    /// An operation that ended itself says why on standard error.
    fn compare_last_messages(&mut self) {
        let of_baseline = match self.reference {
            Reference::Recording => &[][..],
            Reference::Baseline(baseline) => &baseline.result,
        };
        let result = self.candidate.result.clone();
        for difference in result.into_iter().filter(|it| it.path == STDERR && !of_baseline.contains(it)) {
            let cause = Cause::new(OUTCOME, STDERR, ChangeKind::Changed);
            self.keep_whole(&self.scope(&[OUTCOME]), Change::of_value(cause, None, difference));
        }
    }

    fn keep_outcome(&mut self, recorded: Option<Value>, replayed: Option<Value>) {
        let cause = Cause::new(OUTCOME, "", ChangeKind::Changed);
        let difference = Difference { path: String::new(), recorded, replayed };
        self.keep_whole(&self.scope(&[OUTCOME]), Change::of_value(cause, None, difference));
    }

    /// A limit is never ignored: the rest of the operation did not happen.
    fn keep_stop(&mut self, limit: &Limit) {
        let cause = Cause::new(OUTCOME, "", ChangeKind::Stopped).with_detail(format!("{} limit", limit.kind));
        self.changes.push(Change::of_text(cause, None, limit.to_string()));
    }

    /// A divergence is never ignored: the rest of the operation did not happen.
    fn keep_divergence(&mut self, divergence: &Divergence) {
        let function = format::default_alias(&divergence.function);
        let path = match (&divergence.reason, divergence.arguments.as_slice()) {
            (Reason::Unseen(_), [(_, Value::Text(path))]) => path.as_str(),
            _ => "",
        };
        let cause = Cause::new(function, path, ChangeKind::Diverged).with_detail(divergence.summary());
        self.changes.push(Change::of_text(cause, Some(divergence.ordinal), divergence.to_string()));
    }
}

/// Where the last message stands in the outcome of an operation that ended itself.
const STDERR: &str = "/stderr";

fn is_alike(recorded: &Divergence, replayed: &Divergence) -> bool {
    recorded.function == replayed.function && recorded.summary() == replayed.summary()
}

/// An outcome as a value.
pub(super) fn value(outcome: &Outcome) -> Value {
    match outcome {
        Outcome::Returned(value) => value.clone(),
        other => Value::from(described(other)),
    }
}

fn described(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Returned(_) => "it returned".to_owned(),
        Outcome::Abandoned => "abandoned".to_owned(),
        Outcome::Trapped(reason) => format!("trapped: {reason}"),
        Outcome::Exited(status) => format!("exited with status {status}"),
        Outcome::Stopped(limit) => limit.to_string(),
    }
}
