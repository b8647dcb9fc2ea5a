//! Records arrivals.

use super::{Wait, identity};
use playback_recording::{Arrival, Asked, Found, Source, Unready};
use std::collections::BTreeMap;

/// The sources that one operation has asked for.
#[derive(Debug, Default)]
pub(crate) struct ArrivalRecorder {
    states: BTreeMap<Source, State>,
    /// What the service is waiting for.
    awaited: Vec<Source>,
}

#[derive(Debug)]
struct State {
    /// As it was asked for last.
    source: Source,
    is_ready: bool,
    in_vain: u64,
}

impl ArrivalRecorder {
    /// The service waits for these sources, until it [sees](Self::saw) some of them.
    pub(crate) fn waits_for(&mut self, sources: Vec<Source>) {
        self.awaited.extend(sources);
    }

    /// The service asked for these sources when the monotonic clock showed `at`, and found `ready` handles ready, those of other
    /// sources among them. Returns the sources that it found ready for the first time.
    pub(crate) fn saw(
        &mut self,
        at: u64,
        wait: Wait,
        seen: &[(Source, bool)],
        ready: usize,
    ) -> Option<Arrival> {
        self.awaited.clear();
        let sources: Vec<Asked> =
            seen.iter().filter_map(|(source, is_ready)| self.saw_one(source, *is_ready)).collect();
        let found = match wait {
            Wait::Never => Found::Asking,
            Wait::ForOne if sources.len() == ready => Found::Waiting,
            Wait::ForOne => Found::Among,
        };
        (!sources.is_empty()).then_some(Arrival { at, found, sources })
    }

    fn saw_one(&mut self, source: &Source, is_ready: bool) -> Option<Asked> {
        let key = identity(source);
        let Some(state) = self.states.get_mut(&key) else {
            let in_vain = u64::from(!is_ready);
            // Room that was there from the start is there on each run.
            if is_ready && matches!(source, Source::RequestBody { .. }) {
                return None;
            }
            self.states.insert(key, State { source: source.clone(), is_ready, in_vain });
            return is_ready.then(|| Asked { source: source.clone(), in_vain: 0 });
        };
        if state.is_ready && state.source >= *source {
            return None;
        }
        state.source = source.clone();
        state.is_ready = is_ready;
        state.in_vain += u64::from(!is_ready);
        is_ready.then(|| Asked { source: source.clone(), in_vain: std::mem::take(&mut state.in_vain) })
    }

    /// The service drops a source when the monotonic clock shows `at`.
    pub(crate) fn dropped(&mut self, at: u64, source: &Source) -> Option<Unready> {
        self.states.remove(&identity(source)).and_then(|state| state.unready(at))
    }

    /// The operation ends when the monotonic clock shows `at`.
    pub(crate) fn finish(mut self, at: u64) -> Vec<Unready> {
        for source in std::mem::take(&mut self.awaited) {
            self.saw_one(&source, false);
        }
        let mut unready: Vec<Unready> =
            self.states.into_values().filter_map(|state| state.unready(at)).collect();
        unready.sort_by(|one, other| one.asked.source.cmp(&other.asked.source));
        unready
    }
}

impl State {
    fn unready(self, at: u64) -> Option<Unready> {
        let Self { source, is_ready, in_vain } = self;
        (!is_ready).then_some(Unready { at, asked: Asked { source, in_vain } })
    }
}
