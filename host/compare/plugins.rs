//! What a user's plugins decide. The layer knows them as functions; whoever calls it says what runs behind each.

use crate::error::AnyError;
use crate::verdict::Verdict;
use futures_util::future::BoxFuture;
use playback_recording::{Kind, Recording, RecordingId};
use playback_tape::Answered;
use serde_json::Value as Json;
use std::fmt;
use std::sync::Arc;

/// What a plugin learns of a recording.
#[derive(Debug, Clone, PartialEq)]
pub struct About {
    /// The recording.
    pub id: RecordingId,
    /// The full WIT name of its operation.
    pub operation: String,
    /// When it was recorded, in milliseconds since the Unix epoch.
    pub recorded_at_ms: u64,
    /// Its metadata.
    pub metadata: Json,
}

impl About {
    /// What a plugin learns of `recording`.
    pub fn new(recording: &Recording) -> Self {
        Self {
            id: recording.id().clone(),
            operation: recording.header.operation.name.to_string(),
            recorded_at_ms: u64::try_from(recording.metadata.recorded_at.as_millisecond())
                .unwrap_or_default(),
            // What cannot be said as JSON is nothing that a plugin could read.
            metadata: serde_json::to_value(&recording.metadata).unwrap_or_default(),
        }
    }
}

/// A result that is compared.
#[derive(Debug, Clone, PartialEq)]
pub enum ResultValue {
    /// The operation returned this; of a `result`, the payload of `ok`.
    Returned(Json),
    /// The operation returned an error: the payload of `err`.
    Failed(Json),
    /// The operation did not return, for this reason.
    Trapped(String),
}

/// One call, as plugins see it.
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
    /// How it was answered. `None`: it was recorded.
    pub answered: Option<Answered>,
}

/// What a comparator compares.
#[derive(Debug, Clone, PartialEq)]
pub struct Exhibit {
    /// The recording.
    pub about: About,
    /// The recorded result.
    pub recorded: ResultValue,
    /// The result of the replay.
    pub replayed: ResultValue,
    /// What the extractor of comparison data gave, or null.
    pub data: Json,
}

/// What a comparator finds.
#[derive(Debug, Clone, PartialEq)]
pub struct Opinion {
    /// Its verdict.
    pub verdict: Verdict,
    /// Its reason, if it gives one.
    pub message: Option<String>,
    /// The differences that it names: a JSON pointer, what was recorded and what the replay gave.
    pub differences: Vec<(String, Option<Json>, Option<Json>)>,
}

/// What a result extractor looks at: the outputs of one side and how its operation ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Outputs {
    /// The outputs in their order.
    pub outputs: Vec<Call>,
    /// How the operation ended.
    pub operation: ResultValue,
}

/// What an extractor of comparison data looks at.
#[derive(Debug, Clone, PartialEq)]
pub struct Recorded {
    /// The recording.
    pub about: About,
    /// Every recorded call in its order.
    pub calls: Vec<Call>,
}

/// A function that whoever calls the layer hands in: a plugin, a loader or a player.
pub struct Function<A, B>(Arc<Task<A, B>>);

type Task<A, B> = dyn Fn(A) -> BoxFuture<'static, Result<B, AnyError>> + Send + Sync;

impl<A, B> Function<A, B> {
    /// A function that calls `answer`.
    pub fn new<F, E>(answer: impl Fn(A) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<B, E>> + Send + 'static,
        E: Into<AnyError>,
    {
        Self(Arc::new(move |question| {
            let answered = answer(question);
            Box::pin(async { answered.await.map_err(Into::into) })
        }))
    }

    /// Calls it.
    pub(crate) async fn ask(&self, question: A) -> Result<B, AnyError> {
        (self.0)(question).await
    }
}

impl<A, B> Clone for Function<A, B> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<A, B> fmt::Debug for Function<A, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Function")
    }
}

/// The plugins of one category.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Plugins {
    /// Compares the results, instead of the built-in comparison.
    pub comparator: Option<Function<Exhibit, Opinion>>,
    /// Extracts the result that is compared. `None`: the outcome of the operation, or what the settings name.
    pub result_extractor: Option<Function<Outputs, ResultValue>>,
    /// Extracts what the comparator is given beside the results.
    pub data_extractor: Option<Function<Recorded, Json>>,
}
