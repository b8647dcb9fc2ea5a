//! The sources of a replay, and what the recording says of each.

use super::identity;
use crate::keyed::Keyed;
use playback_recording::Source;
use smallvec::SmallVec;
use std::collections::HashMap;

/// The sources that the recording has or the service asks for.
#[derive(Debug, Default)]
pub(super) struct Sources {
    by_name: HashMap<Source, usize, Keyed>,
    all: Vec<State>,
}

/// One source.
#[derive(Debug, Default)]
pub(super) struct State {
    /// What the recording says of it, by the number of frames of a body; 0 for what is not a body. In order once
    /// [sorted](Sources::sort).
    known: SmallVec<[(u64, Known); 1]>,
    /// How often it was asked for in vain since it was ready last.
    pub(super) in_vain: u64,
    /// The number of the last question that asked for it in vain.
    pub(super) last_in_vain: u64,
    /// The number of the last question about it, while the service has it.
    pub(super) last_asked: Option<u64>,
    /// True if it is ready, and the service asks for it and has not found it ready yet.
    pub(super) is_unseen: bool,
    /// When it is due, if it is a timer that is not in the recording and has not come due, in nanoseconds.
    pub(super) new_timer: Option<u64>,
}

/// What the recording says of a source.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known {
    pub(super) moment: usize,
    pub(super) in_vain: u64,
    /// False if the source was never ready, up to this moment.
    pub(super) arrives: bool,
}

impl Sources {
    /// Returns the number of a source, a new one if it has none.
    pub(super) fn number(&mut self, source: &Source) -> usize {
        let next = self.all.len();
        let number = *self.by_name.entry(identity(source)).or_insert(next);
        if number == next {
            self.all.push(State::default());
        }
        number
    }

    /// Returns the number of a source, if it has one.
    pub(super) fn find(&self, source: &Source) -> Option<usize> {
        self.by_name.get(&identity(source)).copied()
    }

    /// The source with this number.
    pub(super) fn get(&self, number: usize) -> Option<&State> {
        self.all.get(number)
    }

    /// The same, to change it.
    pub(super) fn get_mut(&mut self, number: usize) -> Option<&mut State> {
        self.all.get_mut(number)
    }

    /// Adds what the recording says of a source. Returns the source's number.
    pub(super) fn add(&mut self, source: &Source, known: Known) -> usize {
        let number = self.number(source);
        if let Some(state) = self.all.get_mut(number) {
            state.known.push((frames(source), known));
        }
        number
    }

    /// Everything is added.
    pub(super) fn sort(&mut self) {
        for state in &mut self.all {
            state.known.sort_by_key(|(frames, known)| (*frames, known.moment));
            state.known.dedup_by_key(|(frames, _)| *frames);
        }
    }

    /// Returns what the recording says first of the source. Of a body, what it says of this number of frames or more.
    pub(super) fn known(&self, number: usize, source: &Source) -> Option<Known> {
        match source {
            // No frame is needed.
            Source::Body { frames: 0, .. } => None,
            _ => self.known_from(number, frames(source)).next().map(|(_, known)| known),
        }
    }

    /// Returns what the recording says of a body, from this number of frames on.
    pub(super) fn known_from(&self, number: usize, frames: u64) -> impl Iterator<Item = (u64, Known)> {
        let known = self.get(number).map(|state| state.known.as_slice()).unwrap_or_default();
        let first = known.partition_point(|(of, _)| *of < frames);
        known.iter().skip(first).copied()
    }
}

fn frames(source: &Source) -> u64 {
    match source {
        Source::Body { frames, .. } => *frames,
        _ => 0,
    }
}
