//! Comparing inputs that send something too, such as the `POST` of an HTTP client: their answers are found by their keys, and what they
//! send beside the key is compared as an output.

use super::calls::{self, Arguments, Sent};
use super::{Change, ChangeKind, Comparison, Reference};
use crate::cause::Cause;
use crate::rules::Indexed;
use playback_recording::{Kind, format};
use playback_tape::{Answered, Crossing, Playback, named_arguments};

impl Comparison<'_, '_> {
    pub(super) fn compare_sends(&mut self) {
        for (position, crossing) in self.candidate.crossings.iter().enumerate().filter(|(_, it)| is_sent(it))
        {
            self.compared += 1;
            self.compare_send(position, crossing);
        }
    }

    fn compare_send(&mut self, position: usize, crossing: &Crossing) {
        let function = format::default_alias(&crossing.interceptor.function.name);
        let of_function = Indexed::of_interceptor(&crossing.interceptor);
        let scope = self.scope(&[&crossing.alias, &function]).with(&of_function);
        let new = named_arguments(&crossing.interceptor, &crossing.arguments);
        match self.recorded_send(crossing) {
            Some(old) => {
                let (alias, ordinal) = (crossing.alias.clone(), crossing.ordinal);
                let sent = Sent { alias, function: function.into(), ordinal, position };
                self.compare_arguments(&scope, &sent, &old, &new);
            }
            None => {
                let cause = Cause::new(function, "", ChangeKind::New);
                let change = Change::of_text(cause, Some(crossing.ordinal), "was sent, and not recorded");
                self.keep_whole(&scope, change.with(None, Some(&new)));
            }
        }
    }

    /// What the reference sent in the same call. `None`: it made no such call.
    fn recorded_send(&self, crossing: &Crossing) -> Option<Arguments> {
        let event = crossing.event?;
        if let Reference::Baseline(baseline) = self.reference {
            let is_same =
                |other: &&Crossing| other.event == Some(event) && other.answered == crossing.answered;
            if let Some(other) = baseline.crossings.iter().find(is_same) {
                return Some(calls::of_crossing(other, Some(crossing)));
            }
        }
        // A repeated answer is that of a call which was recorded once.
        if crossing.answered == Answered::Repeated {
            return None;
        }
        let recorded = self.candidate.recorded_arguments(event, &crossing.interceptor)?;
        Some(Arguments { values: recorded.values, dropped: recorded.dropped })
    }
}

/// Returns true if everything that inputs sent is as recorded.
pub(super) fn are_exact(playback: &Playback) -> bool {
    let is_beside = || {
        let mut beside = playback.beside_key.iter().filter_map(|it| playback.crossings.get(it.crossing));
        beside.any(is_sent)
    };
    let is_extra = |crossing: &Crossing| crossing.answered != Answered::Exact && is_sent(crossing);
    !is_beside() && !playback.crossings.iter().any(is_extra)
}

fn is_sent(crossing: &Crossing) -> bool {
    let interceptor = &crossing.interceptor;
    interceptor.kind == Kind::Input
        && interceptor.signature.sends.as_ref().is_some_and(|sends| sends.is_sent(&crossing.arguments))
}
