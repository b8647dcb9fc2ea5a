//! What is in a recording as JSON. Nothing here holds a document: each part is written while it is gone through, so
//! that a report needs no more memory than what it is of.

use super::events::{number_at, parameters};
use playback_host::recording::{
    Changed, Clock, Event, Function, Interception, LimitKind, Outcome, Readiness, ReadingsIter, Recording,
    Refused, Seen, Source, Stream,
};
use playback_host::sandbox::is_http_exchange;
use playback_host::value::json::{ReadableView, View, to_json};
use playback_host::value::{Name, Value};
use serde::{Serialize, Serializer};
use std::collections::HashMap;

/// A list of what the function gives, each time it is asked.
pub(crate) struct Items<F>(pub(crate) F);

impl<I: IntoIterator<Item: Serialize>, F: Fn() -> I> Serialize for Items<F> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq((self.0)())
    }
}

/// An object of the names and values that the function gives, each time it is asked.
pub(crate) struct Entries<F>(pub(crate) F);

impl<K: Serialize, V: Serialize, I: IntoIterator<Item = (K, V)>, F: Fn() -> I> Serialize for Entries<F> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map((self.0)())
    }
}

/// How a call ended: `{"returned": 45}`, `{"trapped": "why"}`, `{"exited": 1}`,
/// `{"stopped": {"limit": "time", "reason": "why"}}`, `"abandoned"`.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Ended<'o> {
    Returned(Shown<'o>),
    Trapped(&'o str),
    Exited(i32),
    Stopped { limit: LimitKind, reason: &'o str },
    Abandoned,
}

impl<'o> From<&'o Outcome> for Ended<'o> {
    fn from(outcome: &'o Outcome) -> Self {
        match outcome {
            Outcome::Returned(value) => Self::Returned(Shown::Plain(View(value))),
            Outcome::Trapped(reason) => Self::Trapped(reason),
            Outcome::Exited(status) => Self::Exited(*status),
            Outcome::Stopped(limit) => Self::Stopped { limit: limit.kind, reason: &limit.text },
            Outcome::Abandoned => Self::Abandoned,
        }
    }
}

impl<'o> Ended<'o> {
    /// How a call of the function of this name ended.
    pub(crate) fn of_call(function: &str, outcome: &'o Outcome) -> Self {
        match outcome {
            Outcome::Returned(value) => Self::Returned(Shown::of(function, value)),
            other => other.into(),
        }
    }
}

/// A value, and of an HTTP exchange what its byte strings are.
#[derive(Serialize)]
#[serde(untagged)]
pub(crate) enum Shown<'v> {
    Plain(View<'v>),
    Readable(ReadableView<'v>),
}

impl<'v> Shown<'v> {
    /// A value of a call of the function of this name.
    pub(crate) fn of(function: &str, value: &'v Value) -> Self {
        match is_http_exchange(function) {
            true => Self::Readable(ReadableView(value)),
            false => Self::Plain(View(value)),
        }
    }
}

/// Arguments of the function of this name, by their names.
pub(crate) fn arguments<'a>(
    function: &'a str,
    names: impl IntoIterator<Item = &'a Name> + Clone,
    values: &'a [Value],
) -> impl Serialize {
    Entries(move || {
        let arguments = names.clone().into_iter().zip(values);
        arguments.map(|(name, value)| (&**name, Shown::of(function, value)))
    })
}

/// The arguments of a recorded call.
pub(crate) fn recorded_arguments<'r>(recording: &'r Recording, call: &'r Interception) -> impl Serialize {
    let function = recording.function(call);
    arguments(name(function), parameters(function), &call.arguments)
}

/// The full WIT name of a function; empty for one that the recording does not name.
fn name(function: Option<&Function>) -> &str {
    function.map_or("", |function| &*function.name)
}

/// Bytes that are likely text: as text where they are, else in base64.
pub(crate) struct Bytes<'b>(pub(crate) &'b [u8]);

impl Serialize for Bytes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match str::from_utf8(self.0) {
            Ok(text) => serializer.serialize_str(text),
            Err(_) => View(&Value::Bytes(self.0.to_vec())).serialize(serializer),
        }
    }
}

/// The events of a recording.
pub(crate) fn events(recording: &Recording) -> impl Serialize {
    Items(move || {
        let mut number = 0;
        let mut ordinals = HashMap::<&Name, usize>::new();
        let mut numbers = Vec::with_capacity(recording.events.len());
        recording.events.iter().flat_map(move |event| {
            number += usize::from(matches!(event, Event::Interception(_)));
            numbers.push(number);
            let line = match event {
                Event::Clock { clock, readings, .. } => return Lines::Readings(*clock, readings.iter()),
                Event::Interception(call) => {
                    let ordinal = ordinals.entry(&call.alias).or_default();
                    *ordinal += 1;
                    Line::Call(Call {
                        event: call.kind,
                        number,
                        function: recording.function(call).map(|function| &*function.name),
                        alias: &call.alias,
                        call_of_alias: *ordinal,
                        arguments: recorded_arguments(recording, call),
                        outcome: Ended::of_call(name(recording.function(call)), &call.outcome),
                    })
                }
                Event::Arrived(arrival) => {
                    let sources = arrival.sources.iter().map(|asked| source(&asked.source, &numbers));
                    Line::Arrived { event: "ready", nanoseconds: arrival.at, sources: sources.collect() }
                }
                Event::Unready(unready) => {
                    let sources = vec![source(&unready.asked.source, &numbers)];
                    Line::Arrived { event: "never-ready", nanoseconds: unready.at, sources }
                }
                Event::Ready(Readiness { ready, .. }) => Line::Ready { event: "ready", positions: ready },
                Event::Waiting(wait) => Line::Waiting { event: "waiting", wait },
                Event::Ended(position) => {
                    Line::Ended { event: "ended", number: number_at(*position, &numbers) }
                }
                Event::Seen(seen) => {
                    let Seen { path, look, sight, .. } = &**seen;
                    Line::Seen { event: "seen", path, look: look.name(), sight: to_json(&sight.to_value()) }
                }
                Event::Refused(refusal) => {
                    let Refused { call, path, code, .. } = &**refusal;
                    Line::Refused { event: "refused", path, call, code }
                }
                Event::Changed(changed) => {
                    let Changed { path, change } = &**changed;
                    Line::Left { event: "left", path, change: to_json(&change.to_value()) }
                }
                Event::Put(put) => Line::Put { event: "put", key: &put.key, value: View(&put.value) },
                Event::Stdin(bytes) => Line::Stream { event: "stdin", bytes: Bytes(bytes) },
                Event::Written(to, bytes) => Line::Written { event: *to, bytes: Bytes(bytes) },
                Event::Unknown(unknown) => Line::Unknown { event: "unknown", sort: &unknown.sort },
            };
            Lines::One(Some(line))
        })
    })
}

/// The lines of one event.
#[allow(clippy::large_enum_variant, reason = "it is made and used up at once")]
enum Lines<'r, A> {
    One(Option<Line<'r, A>>),
    /// Each reading is a line of its own.
    Readings(Clock, ReadingsIter),
}

impl<'r, A> Iterator for Lines<'r, A> {
    type Item = Line<'r, A>;

    fn next(&mut self) -> Option<Line<'r, A>> {
        match self {
            Self::One(line) => line.take(),
            Self::Readings(clock, readings) => {
                let event = match clock {
                    Clock::Wall => "wall",
                    Clock::Monotonic => "monotonic",
                };
                readings.next().map(|nanoseconds| Line::Clock { event, nanoseconds })
            }
        }
    }
}

#[derive(Serialize)]
#[serde(untagged)]
enum Line<'r, A> {
    Call(Call<'r, A>),
    Clock { event: &'static str, nanoseconds: u64 },
    Ended { event: &'static str, number: Option<usize> },
    Seen { event: &'static str, path: &'r str, look: &'static str, sight: serde_json::Value },
    Refused { event: &'static str, path: &'r str, call: &'r str, code: &'r str },
    Left { event: &'static str, path: &'r str, change: serde_json::Value },
    Waiting { event: &'static str, wait: &'r u64 },
    Put { event: &'static str, key: &'r str, value: View<'r> },
    Ready { event: &'static str, positions: &'r [u32] },
    Arrived { event: &'static str, nanoseconds: u64, sources: Vec<Waited<'r>> },
    Stream { event: &'static str, bytes: Bytes<'r> },
    Written { event: Stream, bytes: Bytes<'r> },
    Unknown { event: &'static str, sort: &'r str },
}

/// A source that the service waited for.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "kebab-case")]
enum Waited<'r> {
    Timer { nanoseconds: u64, ordinal: u64 },
    Response { call: Option<usize> },
    Body { call: Option<usize>, frames: u64 },
    Trailers { call: Option<usize> },
    RequestBody { request: &'r str, ordinal: u64, writes: u64 },
}

/// `numbers` has the number of the call that is at a position among the events, or before.
fn source<'r>(source: &'r Source, numbers: &[usize]) -> Waited<'r> {
    let number = |call: u64| number_at(call, numbers);
    match source {
        Source::Timer { wait, ordinal } => Waited::Timer { nanoseconds: *wait, ordinal: *ordinal },
        Source::Response { call } => Waited::Response { call: number(*call) },
        Source::Body { call, frames } => Waited::Body { call: number(*call), frames: *frames },
        Source::Trailers { call } => Waited::Trailers { call: number(*call) },
        Source::RequestBody { request, ordinal, writes } => {
            Waited::RequestBody { request, ordinal: *ordinal, writes: *writes }
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Call<'r, A> {
    event: playback_host::recording::Kind,
    number: usize,
    function: Option<&'r str>,
    alias: &'r str,
    call_of_alias: usize,
    arguments: A,
    outcome: Ended<'r>,
}
