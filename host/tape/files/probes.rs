//! What a service probes in its directories while it is recorded. The tape keeps an observation as often as it changes.

use playback_recording::{Look, Sight};
use std::collections::HashMap;

/// The looks and attempts of one recording.
#[derive(Debug, Default)]
pub(crate) struct ProbeRecorder {
    paths: HashMap<String, [Last; 5]>,
    attempts: HashMap<(String, String), u64>,
}

/// The looks of one sort at one path.
#[derive(Debug, Default)]
struct Last {
    looks: u64,
    sight: Option<Sight>,
}

impl ProbeRecorder {
    /// Which look of its sort this is, if it saw something else than the one before.
    pub(crate) fn changed(&mut self, path: &str, look: Look, sight: &Sight) -> Option<u64> {
        if !self.paths.contains_key(path) {
            self.paths.insert(path.to_owned(), Default::default());
        }
        let last = &mut self.paths.get_mut(path)?[look as usize];
        last.looks += 1;
        if last.sight.as_ref() == Some(sight) {
            return None;
        }
        last.sight = Some(sight.clone());
        Some(last.looks)
    }

    /// Which attempt of this call at this path this is, from 1.
    pub(crate) fn attempt(&mut self, call: &str, path: &str) -> u64 {
        let attempts = self.attempts.entry((call.to_owned(), path.to_owned())).or_default();
        *attempts += 1;
        *attempts
    }
}
