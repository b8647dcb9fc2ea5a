//! Writing plugins: components that tell playback-host what to record, how to play it, and how to compare.
//!
//! A plugin is a library of crate type `cdylib`, built for `wasm32-wasip2`. It has one function of each kind that it is for, and
//! names it once:
//!
//! ```ignore
//! use playback_guest::plugin::{Comparison, Exhibit};
//!
//! playback_guest::comparator!(compare);
//!
//! fn compare(exhibit: Exhibit) -> Result<Comparison, String> {
//!     Ok(if exhibit.recorded == exhibit.replayed { Comparison::equal() } else { Comparison::different("other totals") })
//! }
//! ```
//!
//! A plugin gets no capability: it has no files, no network and no environment, its clocks stand still, and its random numbers
//! are the same each time. Each call runs on a fresh instance. An `Err`, a panic or a call that takes too long makes that
//! comparison an `equalizer-failure`, and no other.

use serde::de::DeserializeOwned;
use serde_json::Value as Json;

/// What a plugin learns of a recording.
#[derive(Debug, Clone, PartialEq)]
pub struct About {
    /// The recording's id.
    pub id: String,
    /// The first part of the id.
    pub category: String,
    /// The full WIT name of the operation.
    pub operation: String,
    /// When it was recorded, in milliseconds since the Unix epoch.
    pub recorded_at: u64,
    /// Its metadata.
    pub metadata: Json,
}

/// A result that is compared.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// The operation returned this; of a `result`, the payload of `ok`.
    Returned(Json),
    /// The operation returned an error: the payload of `err`.
    Failed(Json),
    /// The operation did not return, for this reason.
    Trapped(String),
}

/// Whether a call brings something in or sends something out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// It brings something in.
    Input,
    /// It sends something out.
    Output,
}

/// One call that crossed the boundary.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// Input or output.
    pub kind: Kind,
    /// Its alias.
    pub alias: String,
    /// Which call of its alias it is, from 1.
    pub ordinal: u32,
    /// Its arguments by their names.
    pub arguments: Vec<(String, Json)>,
    /// What it got.
    pub outcome: Json,
}

/// What a comparator compares.
#[derive(Debug, Clone, PartialEq)]
pub struct Exhibit {
    /// The recording.
    pub about: About,
    /// The recorded result.
    pub recorded: Outcome,
    /// The result of the replay.
    pub replayed: Outcome,
    /// What the extractor of comparison data gave, or null.
    pub data: Json,
}

/// One call of an operation of the service.
#[derive(Debug, Clone, PartialEq)]
pub struct Invocation {
    /// The full WIT name of the operation. Of a planned invocation, the part after `#` will do.
    pub operation: String,
    /// One value for each parameter.
    pub arguments: Vec<Json>,
}

/// What a comparator finds.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// The verdict.
    pub verdict: Verdict,
    /// The reason.
    pub message: Option<String>,
    /// Places that differ.
    pub differences: Vec<Difference>,
}

/// The verdict of a comparator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing changed.
    Equal,
    /// The recorded result was wrong, and the replayed one is right.
    Fixed,
    /// Something changed.
    Different,
    /// The recorded result was right, and the replayed one is wrong.
    Failed,
}

/// One place at which two results differ.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// The place, as a JSON pointer.
    pub path: String,
    /// What was recorded there, if anything.
    pub recorded: Option<Json>,
    /// What the replay has there, if anything.
    pub replayed: Option<Json>,
}

impl Comparison {
    /// Nothing changed.
    pub fn equal() -> Self {
        Self { verdict: Verdict::Equal, message: None, differences: Vec::new() }
    }

    /// Something changed, for this reason.
    pub fn different(message: impl Into<String>) -> Self {
        Self { verdict: Verdict::Different, message: Some(message.into()), differences: Vec::new() }
    }

    /// Adds a place that differs.
    #[must_use]
    pub fn with(mut self, path: impl Into<String>, recorded: Option<Json>, replayed: Option<Json>) -> Self {
        self.differences.push(Difference { path: path.into(), recorded, replayed });
        self
    }
}

impl Outcome {
    /// Reads what the operation returned as a value of a type.
    ///
    /// # Errors
    ///
    /// It did not return, or it returned something else.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, String> {
        match self {
            Self::Returned(value) => {
                T::deserialize(value).map_err(|error| format!("the result is another: {error}"))
            }
            Self::Failed(error) => Err(format!("the operation returned the error {error}")),
            Self::Trapped(reason) => Err(format!("the operation trapped: {reason}")),
        }
    }
}

mod macros;

/// The exports of a plugin. What the macros call; nothing here is for people, and all of it may change.
#[cfg(target_arch = "wasm32")]
#[doc(hidden)]
pub mod wit;
