//! A call on its way: its place on the tape, its names, and what is to be done about it.

use super::interceptor::Interceptor;
use playback_recording::Outcome;
use playback_recording::value::{Name, Value};
use serde::Serialize;
use std::fmt;
use std::sync::Arc;

/// The place of a call among the others of its tape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place(pub(crate) usize);

/// What one call is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Names {
    /// Its alias.
    pub alias: Name,
    /// Older aliases to look under, in order.
    pub fallback_aliases: Vec<Name>,
}

impl Names {
    /// Bytes of memory that they take.
    pub fn weight(&self) -> usize {
        self.alias.len()
            + self.fallback_aliases.iter().map(|older| size_of::<Name>() + older.len()).sum::<usize>()
    }

    /// The names that the function's rules give a call with these arguments.
    pub fn of(interceptor: &Interceptor, arguments: &[Value]) -> Self {
        let fallback_aliases = interceptor.fallback_aliases.iter().map(|older| older.render(arguments));
        Self { alias: interceptor.alias.render(arguments), fallback_aliases: fallback_aliases.collect() }
    }
}

/// What is to be done about a call.
#[derive(Debug)]
pub enum Step {
    /// Call the provider, then [`keep`](crate::CallPort::keep) the outcome.
    Live(Slot),
    /// Return this.
    Recorded(Arc<Outcome>),
}

/// How a call was answered. Anything but `exact` shows in the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answered {
    /// By the recorded call of the same key and ordinal.
    Exact,
    /// By the last recorded call of the same key, once more.
    Repeated,
    /// By a recorded call under an older alias, or of an incompatible version of the interface.
    Fallback,
    /// By the default that its rule gives, or by nothing where the function has no result.
    Default,
    /// By a provider, as its rule asks.
    Live,
}

impl fmt::Display for Answered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Exact => "exact",
            Self::Repeated => "repeated",
            Self::Fallback => "fallback",
            Self::Default => "default",
            Self::Live => "live",
        })
    }
}

/// One answered call of a replay.
#[derive(Debug)]
#[non_exhaustive]
pub struct Crossing {
    /// The function that was called.
    pub interceptor: Arc<Interceptor>,
    /// Its alias.
    pub alias: Name,
    /// Which call of its key (an input) or alias (an output) it is, from 1.
    pub ordinal: usize,
    /// What it was called with, one value a parameter.
    pub arguments: Vec<Value>,
    /// How it was answered.
    pub answered: Answered,
    /// The older alias under which the answer was found, or the full name of the function of an incompatible version.
    pub through: Option<Name>,
    /// What it got.
    pub answer: Arc<Outcome>,
    /// The event of the recording that answered it.
    pub event: Option<usize>,
}

/// A call that is on its way to a provider.
#[derive(Debug)]
pub struct Slot {
    pub(crate) interceptor: Arc<Interceptor>,
    pub(crate) arguments: Vec<Value>,
    pub(crate) names: Names,
    pub(crate) place: Place,
    /// On replay, which call of its key or alias it is, from 1. On record nobody asks.
    pub(crate) ordinal: usize,
    /// On replay, by whom it is answered. On record nobody asks.
    pub(crate) answered: Answered,
    /// What the guest SDK keeps with the call for itself.
    pub(crate) note: u64,
}

impl Slot {
    /// A call that nobody has answered yet.
    pub(crate) fn new(
        interceptor: &Arc<Interceptor>,
        names: Names,
        arguments: Vec<Value>,
        place: Place,
        ordinal: usize,
    ) -> Self {
        let interceptor = interceptor.clone();
        Self { interceptor, arguments, names, place, ordinal, answered: Answered::Live, note: 0 }
    }

    /// The same call, with a note that the guest SDK keeps for itself.
    #[must_use]
    pub fn with_note(self, note: u64) -> Self {
        Self { note, ..self }
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
