//! Judges replays and reports what changed. It knows recordings and playbacks, and neither wasm nor cassettes: whoever
//! calls it hands in what loads recordings and what plays them.
//!
//! | room | what it does |
//! |---|---|
//! | [`rules`] | what a user says about differences: ignore them, compare lists in any order, allow a tolerance |
//! | `values/` | compares two values under these rules |
//! | `judge/` | compares a playback with its recording, or with the playback of another build, and gives a [`Verdict`] |
//! | [`cause`] | groups the changes of many recordings by what they have in common |
//! | [`accepted`] | changes that are meant |
//! | [`cost`] | what a build costs, and how much more it may cost |
//! | [`Equalizer`] | loads recordings, plays them, judges the playbacks |
//! | [`report`] | what a run reports |

#![warn(clippy::print_stdout, clippy::print_stderr, reason = "only the command line prints")]

pub mod accepted;
pub mod cause;
mod causes;
mod change;
pub mod cost;
mod equalizer;
mod error;
mod judge;
mod kind;
pub mod plugins;

pub mod report;
pub mod rules;
mod shard;
#[cfg(test)]
mod tests;

mod values;
mod verdict;

pub use accepted::{Accept, Accepted};
pub use cause::{Cause, CauseId};
pub use causes::{Causes, Counted};
pub use change::Change;
pub use equalizer::{Equalizer, Loader, Player};
pub use error::AnyError;
pub use judge::{Ignored, Judge, Judgement, Note};
pub use kind::ChangeKind;
pub use shard::{InvalidShard, Shard};

pub use verdict::{End, Verdict};
