//! What crossed the boundary on a replay, in short, for a reader who wants to see where something changed.

use playback_recording::value::json;
use playback_recording::{Kind, Outcome};
use playback_tape::{Answered, Playback};
use serde::{Deserialize, Serialize};

/// The most calls of a timeline.
const MAX_CALLS: usize = 500;

/// One call that crossed the boundary.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub struct Crossed {
    /// Input or output.
    pub kind: Kind,
    /// Its alias.
    pub alias: String,
    /// Which call of its key or alias it is, from 1.
    pub ordinal: usize,
    /// Its arguments, in short.
    pub arguments: String,
    /// What it got, in short.
    pub answer: String,
    /// How it was answered, if not by the recorded call of the same key and ordinal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answered: Option<String>,
}

/// Returns the first calls of a playback, at most 500.
pub fn timeline(playback: &Playback) -> Vec<Crossed> {
    let calls = playback.crossings.iter().take(MAX_CALLS).map(|crossing| {
        let parameters = crossing.interceptor.signature.parameters.iter();
        let arguments = parameters.zip(&crossing.arguments);
        let arguments: Vec<String> = arguments
            .map(|(parameter, value)| format!("{}: {}", parameter.name, json::short(value)))
            .collect();
        let answer = match &*crossing.answer {
            Outcome::Returned(value) => json::short(value),
            other => other.exception().unwrap_or_default().into_owned(),
        };
        Crossed {
            kind: crossing.interceptor.kind,
            alias: crossing.alias.to_string(),
            ordinal: crossing.ordinal,
            arguments: arguments.join(", "),
            answer,
            answered: (crossing.answered != Answered::Exact).then(|| crossing.answered.to_string()),
        }
    });
    calls.collect()
}
