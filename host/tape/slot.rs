//! A call that is on its way.

use super::{Answered, Interceptor, Names, Place};
use playback_recording::value::Value;
use std::sync::Arc;

/// A call that is on its way to a provider.
#[derive(Debug)]
pub struct Slot {
    pub(super) interceptor: Arc<Interceptor>,
    pub(super) arguments: Vec<Value>,
    pub(super) names: Names,
    pub(super) place: Place,
    /// On replay, which call of its key or alias it is, from 1. On record nobody asks.
    pub(super) ordinal: usize,
    /// On replay, by whom it is answered. On record nobody asks.
    pub(super) answered: Answered,
    /// How many hashers the body made.
    pub(super) hashers: u32,
}

impl Slot {
    /// A call that nobody has answered yet.
    pub(super) fn new(
        interceptor: &Arc<Interceptor>,
        names: Names,
        arguments: Vec<Value>,
        place: Place,
        ordinal: usize,
    ) -> Self {
        let interceptor = interceptor.clone();
        Self { interceptor, arguments, names, place, ordinal, answered: Answered::Live, hashers: 0 }
    }

    /// The same of a call whose body made so many hashers.
    #[must_use]
    pub fn with_hashers(self, hashers: u32) -> Self {
        Self { hashers, ..self }
    }

    /// The function that was called.
    pub fn interceptor(&self) -> &Arc<Interceptor> {
        &self.interceptor
    }

    /// What it was called with, one value a parameter.
    pub fn arguments(&self) -> &[Value] {
        &self.arguments
    }

    /// Where it stands on the tape.
    pub fn place(&self) -> Place {
        self.place
    }

    /// Whether it is to be answered with a default that the service makes.
    pub fn is_for_default(&self) -> bool {
        self.answered == Answered::Default
    }
}
