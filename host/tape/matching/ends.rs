//! In which order calls were over that waited. On a replay what they return is there at once: without this the code after the
//! one that was over last might go on first.

use playback_recording::Event;
use std::collections::{HashMap, HashSet};

/// The ends of one replay. Calls are known by their positions among the recording's events.
#[derive(Debug, Default)]
pub(crate) struct Ends {
    /// Where the recording says that a call was over.
    at: HashMap<usize, usize>,
    /// Up to where everything before an end is known to have come.
    passed: HashMap<usize, usize>,
    /// Which calls are over on this replay.
    over: HashSet<usize>,
}

impl Ends {
    /// The recording says at this position that `call` was over.
    pub(crate) fn add(&mut self, at: usize, call: u64) {
        if let Ok(call) = usize::try_from(call) {
            self.at.insert(call, at);
        }
    }

    pub(crate) fn ended(&mut self, call: usize) {
        self.over.insert(call);
    }

    /// Whether everything has come that came before the end of `call`: the calls that began after it did and, of calls that are
    /// made at all, their ends.
    pub(crate) fn is_due(&mut self, call: usize, events: &[Event], is_given: impl Fn(usize) -> bool) -> bool {
        let Some(end) = self.at.get(&call) else { return true };
        let passed = self.passed.entry(call).or_insert(call + 1);
        let has_come = |at: usize| match events.get(at) {
            Some(Event::Interception(_)) => is_given(at),
            Some(Event::Ended(other)) => {
                usize::try_from(*other).is_ok_and(|other| !is_given(other) || self.over.contains(&other))
            }
            _ => true,
        };
        while *passed < *end && has_come(*passed) {
            *passed += 1;
        }
        *passed >= *end
    }
}
