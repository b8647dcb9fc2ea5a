//! A tape decides what each call returns. It never runs wasm and never touches disk.
//!
//! A [`RecordingTape`] lets every call go live and keeps its outcome. A [`ReplayTape`] answers from a recording, says how it
//! answered, and explains what it cannot answer. Both are a [`Tape`], so that the sandbox has one path for both:
//!
//! ```text
//! match tape.calls_mut().intercept(&interceptor, arguments)? {
//!     Step::Live(slot) => { let outcome = live(slot.arguments()).await; tape.calls_mut().keep(slot, outcome.clone()); outcome }
//!     Step::Recorded(outcome) => outcome,
//! }
//! ```
//!
//! Each concern has a room with a port, a trait that both tapes implement: [`CallPort`] (`matching/`), [`TimePort`] (`time/`),
//! [`FilePort`] (`files/`), [`StreamPort`] (`streams/`), [`RemarkPort`] (`remarks/`). `random/` has the epochs of random numbers,
//! and `report/` compares a replay with its recording.
//!
//! [`content`] reads the bodies of messages by their content types.
//!
//! The rules of matching, per operation: an input is found by its alias and its key (all its arguments, none, or
//! those a rule names); the n-th call of a key gets the n-th recorded outcome, past the last one the last again.
//! An output is found by its alias and its ordinal. Order between different keys is never required. Each recorded
//! call answers once, under whichever alias it is found, before any answer is repeated.

#![warn(clippy::print_stdout, clippy::print_stderr, reason = "only the command line prints")]

pub mod content;
mod files;
mod fnv;
mod invocation;
mod keyed;
mod log;
mod loss;
mod matching;
mod normalise;
mod random;
mod record;
mod remarks;
mod replay;
mod report;
mod streams;
mod tape;
#[cfg(test)]
mod tests;
mod time;

pub use files::changes::FileComparison;
pub use files::sights::{Assumption, Listed};
pub use files::{FilePort, LiveContent, Looked};
pub use invocation::Invocation;
pub use loss::Loss;
pub use matching::CallPort;
pub use matching::alias::{AliasError, AliasPattern};
pub use matching::boundary::Boundary;
pub use matching::call::{Answered, Crossing, Names, Place, Slot, Step};
pub use matching::divergence::{Divergence, Nearest, Reason, Unseen};
pub use matching::interceptor::{Interceptor, Sends, Signature};
pub use matching::key::KeyPart;
pub use matching::normalised::{Normalisation, Replaced};
pub use matching::rules::{
    MissingRule, NormaliseRule, OnExhausted, OnMissing, Rule, RuleError, RuleProblem, Rules, Why,
};
pub use matching::version::{distance, is_compatible};
pub use normalise::{InvalidPattern, Known, Normalise, Pattern};
pub use random::epochs::Epochs;
pub use record::RecordingTape;
pub use remarks::{MetadataError, Mode, RemarkPort};
pub use replay::ReplayTape;
pub use report::cost::Cost;
pub use report::first_difference::FirstDifference;
pub use report::order::moved;
pub use report::playback::{
    BesideKey, Ending, OutputComparison, Playback, RecordedArguments, named_arguments,
};
pub use streams::StreamPort;
pub use streams::last_message::LastMessage;
pub use streams::lines::{LineDifference, StreamComparison};
pub use tape::Tape;
pub use time::arrivals::{Awaited, Positions, Readied, Wait};
pub use time::readiness::{About, Asks};
pub use time::timer::{StartedTimer, Timer};
pub use time::{Found, SourcesOf, TimePort};
