//! What one replay yields, next to what was recorded.

use super::order;
use crate::files::changes::{self, FileComparison};
use crate::files::sights::Assumption;
use crate::matching::call::{Answered, Crossing};
use crate::matching::current::CurrentBoundary;
use crate::matching::divergence::Divergence;
use crate::matching::interceptor::Interceptor;
use crate::matching::named;
use crate::matching::{pairs, version};
use crate::replay::ReplayTape;
use crate::streams::last_message::{self, Comparison};
use crate::streams::lines::{self, StreamComparison};
use playback_recording::value::diff::{self, Difference};
use playback_recording::value::fit::{self, Source};
use playback_recording::value::{Name, Type, Value};
use playback_recording::{Kind, Limit, Outcome, Recording, Stream, format};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

/// One replay and how it compares with its recording.
#[derive(Debug)]
#[non_exhaustive]
pub struct Playback {
    /// What was replayed.
    pub recording: Arc<Recording>,
    /// How the replay ended.
    pub ending: Ending,
    /// How the operation's outcome differs from the recorded one, with the message that it left on standard error where it
    /// ended itself. Empty where it diverged.
    pub result: Vec<Difference>,
    /// Every call that was answered, in order.
    pub crossings: Vec<Crossing>,
    /// Every output that was recorded or replayed, in order of the replay, the ones that were not made last; with them
    /// inputs that [send](crate::Sends) something and were not made, and calls of inputs without a result that were not
    /// recorded.
    pub outputs: Vec<OutputComparison>,
    /// Every path at which the service left something in its granted folders, when recorded or on replay, in their order.
    pub files: Vec<FileComparison>,
    /// Paths that nobody looked at while it was recorded, and what the replay took to be there before the service changed anything.
    /// Sorted.
    pub assumed: Vec<(String, Assumption)>,
    /// Where the panic that ended the operation was in its source, when recorded and on replay, if only that differs.
    pub panic_moved: Option<(String, String)>,
    /// The last lines that an operation that ended itself wrote to standard error, when recorded and on replay, if they differ and
    /// one side may only have more lines of a log. `None`: no line.
    pub last_line: Option<(Option<String>, Option<String>)>,
    /// Inputs that were found by their key and were called with other arguments beside it.
    pub beside_key: Vec<BesideKey>,
    /// What the service called and is not granted on a replay: functions by their full WIT names, sorted.
    pub not_granted: Vec<String>,
    /// Recorded calls of inputs that the replay never made, as positions in the recording's events.
    pub inputs_not_made: Vec<usize>,
    /// Calls that came in another order than recorded, as positions in `crossings`.
    pub moved: Vec<usize>,
    /// Of a recording by an older build: at which question about readiness it showed that others had been asked when it was
    /// recorded, from 1. From there on whatever was there counted as ready.
    pub readiness_parted: Option<u64>,
    /// How long the timers wait that the recording does not know, in nanoseconds: they came due in virtual time. Sorted, each
    /// once.
    pub unrecorded_timers: Vec<u64>,
    /// The interfaces whose recorded calls answered those of an incompatible version, from the recorded to the one that is
    /// imported today, by their names with the version. Sorted; the operation's own interface among them.
    pub other_versions: Vec<(String, String)>,
    /// What recorded values have and today's types do not, as `<alias><path>`: fields of results, arguments, and
    /// fields of arguments. Sorted; the alias with its placeholders, since each call drops the same.
    pub dropped: Vec<String>,
    /// What the service wrote to its standard streams.
    pub written: Vec<(Stream, Vec<u8>)>,
    /// The standard streams that were to be compared, and how they differ.
    pub streams: Vec<StreamComparison>,
    /// Wall time of the replay.
    pub duration: Duration,
    /// The wasm instructions that the service ran, counted as fuel. `None`: the engine does not count.
    pub instructions: Option<u64>,
    /// The most linear memory that the service had, in bytes. `None`: no service ran.
    pub memory: Option<u64>,
    /// Where the recorded calls stand in the recording's events.
    calls: Vec<usize>,
    /// The recorded calls as the component declares them today.
    current: CurrentBoundary,
}

/// The arguments of a recorded call in the form that a function of today has.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct RecordedArguments {
    /// By their names. Arguments that do not fit are as they were recorded.
    pub values: Value,
    /// What the types of today do not have: each with its place, a JSON pointer, and the recorded value.
    pub dropped: Vec<(String, Value)>,
}

/// How a replay ended.
#[derive(Debug, Clone, PartialEq)]
pub enum Ending {
    /// The operation came to its end.
    Finished(Outcome),
    /// The recording could not answer a call.
    Diverged(Box<Divergence>),
}

/// An input that was found by its key, and whose other arguments are not as recorded.
#[derive(Debug)]
#[non_exhaustive]
pub struct BesideKey {
    /// Where it stands in the playback's crossings.
    pub crossing: usize,
    /// How its arguments differ, none of which is part of the key.
    pub differences: Vec<Difference>,
}

/// An output as it was recorded and as it was replayed; one of the two may be missing.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct OutputComparison {
    /// Its alias.
    pub alias: Name,
    /// Which call of the alias it is, from 1.
    pub ordinal: usize,
    /// Where it stands in the playback's crossings; `None`: it was not made.
    pub crossing: Option<usize>,
    /// Where it stands in the recording's events; `None`: it was not recorded.
    pub event: Option<usize>,
    /// How its arguments differ.
    pub differences: Vec<Difference>,
}

impl Crossing {
    /// Whether it is compared as an output: so is one more call of an input that has no result, as it brings nothing in.
    fn is_output(&self) -> bool {
        let is_sent = || self.event.is_none() && self.interceptor.signature.result.is_none();
        self.interceptor.kind == Kind::Output || is_sent()
    }
}

impl OutputComparison {
    /// Whether it was recorded and replayed with the same arguments.
    pub fn is_equal(&self) -> bool {
        self.crossing.is_some() && self.event.is_some() && self.differences.is_empty()
    }
}

impl Playback {
    /// Whether the operation ended as recorded, and sent and wrote what was recorded; of the standard streams only
    /// those count that were to be compared.
    ///
    /// Inputs that were read in another order, more often or not at all do not count, unless they [send](crate::Sends)
    /// something: nobody outside sees them.
    pub fn is_equal(&self) -> bool {
        matches!(self.ending, Ending::Finished(_))
            && self.result.is_empty()
            && self.outputs.iter().all(OutputComparison::is_equal)
            && self.files.iter().all(FileComparison::is_equal)
            && self.streams.iter().all(|stream| stream.difference.is_none())
    }

    /// The operation that was replayed is this one today, by its full WIT name: notes where its version is an incompatible one.
    pub fn note_version(&mut self, operation: &str) {
        let recorded = &self.recording.header.operation.name;
        let is_same = format::default_alias(recorded) == format::default_alias(operation);
        if is_same && !version::is_compatible(recorded, operation) {
            let [recorded, current] = [recorded, operation].map(|name| version::interface(name).to_owned());
            self.other_versions.push((recorded, current));
            self.other_versions.sort_unstable();
        }
    }

    /// The limit that ended the replay, where the recorded operation did not end at one of its kind too.
    pub fn limit(&self) -> Option<&Limit> {
        match &self.ending {
            Ending::Finished(outcome) if !self.result.is_empty() => outcome.limit(),
            Ending::Finished(_) | Ending::Diverged(_) => None,
        }
    }

    /// Returns the arguments of the recorded call at this position of the events as `interceptor` declares them. `None`: no call is
    /// there.
    pub fn recorded_arguments(&self, event: usize, interceptor: &Interceptor) -> Option<RecordedArguments> {
        let call = self.current.call(event)?;
        let arguments = self.current.arguments(call, interceptor);
        let dropped = match (arguments.dropped.is_empty(), self.recording.function(call)) {
            (false, Some(function)) => {
                let recorded = call.arguments.iter().cloned();
                let recorded = Value::Map(function.parameters.iter().cloned().zip(recorded).collect());
                let value = |path: String| recorded.at(&path).cloned().map(|value| (path, value));
                arguments.dropped.into_iter().filter_map(value).collect()
            }
            _ => Vec::new(),
        };
        Some(RecordedArguments { values: named_arguments(interceptor, &arguments.values), dropped })
    }

    /// Which interception of the recording `event` is, from 1.
    pub fn position(&self, event: usize) -> usize {
        self.calls.partition_point(|call| *call < event) + 1
    }

    /// What a standard stream got, in all.
    pub fn stream(&self, stream: Stream) -> Vec<u8> {
        all_of(&self.written, stream)
    }
}

fn all_of(written: &[(Stream, Vec<u8>)], stream: Stream) -> Vec<u8> {
    let parts = written.iter().filter(|(of, _)| *of == stream).map(|(_, bytes)| bytes.as_slice());
    parts.collect::<Vec<_>>().concat()
}

impl ReplayTape {
    /// Compares what happened with what was recorded. `result` is the operation's result as declared today.
    pub fn finish(
        mut self: Box<Self>,
        ending: Ending,
        result: Option<&Type>,
        duration: Duration,
    ) -> Playback {
        let (mut result, dropped) = result_differences(&self.recording, &ending, result);
        self.dropped.extend(dropped);
        let (mut panic_moved, mut last_line) = (None, None);
        match last_messages(&self, &ending, &result) {
            Comparison::Equal => {}
            Comparison::Moved(recorded, replayed) => panic_moved = Some((recorded, replayed)),
            Comparison::OtherLine { recorded, replayed } => last_line = Some((recorded, replayed)),
            Comparison::Different { recorded, replayed } => {
                let [recorded, replayed] = [recorded, replayed].map(|message| message.map(Value::Text));
                result.push(Difference { path: "/stderr".to_owned(), recorded, replayed });
            }
        }
        let crossings: Vec<Crossing> = std::mem::take(&mut self.crossings).into_iter().flatten().collect();
        let (outputs, dropped) = outputs(&self, &crossings);
        self.dropped.extend(dropped);
        self.dropped.append(&mut self.index.dropped);
        let current = &self.index.current;
        let unmade = current.calls().filter(|(event, _)| !self.index.is_given(*event));
        let inputs_not_made = unmade.filter(|(_, call)| !current.is_sent(call));
        let compared = self.compared.iter();
        let streams =
            compared.map(|stream| lines::compare(&self.recording, *stream, &all_of(&self.written, *stream)));
        let (streams, files) = (streams.collect(), changes::compared(&self));
        let beside_key = beside_key(&self, &crossings);
        let other_versions = other_versions(current, &crossings);
        let inputs_not_made = inputs_not_made.map(|(event, _)| event).collect();
        let calls = current.calls().map(|(event, _)| event).collect();
        Playback {
            streams,
            result,
            outputs,
            files,
            assumed: std::mem::take(&mut self.assumed).into_iter().collect(),
            panic_moved,
            last_line,
            beside_key,
            not_granted: self.not_granted.iter().cloned().collect(),
            inputs_not_made,
            calls,
            current: self.index.current,
            moved: moved(&crossings),
            readiness_parted: self.answers.parted,
            unrecorded_timers: self.arrivals.unrecorded_timers.into_iter().collect(),
            other_versions,
            ending,
            crossings,
            dropped: self.dropped.into_iter().collect(),
            written: self.written,
            duration,
            instructions: None,
            memory: None,
            recording: self.recording,
        }
    }
}

fn other_versions(current: &CurrentBoundary, crossings: &[Crossing]) -> Vec<(String, String)> {
    let of_crossing = |crossing: &Crossing| {
        let recorded = current.other_version(crossing.event?)?;
        let [recorded, current] = [&recorded.name, &crossing.interceptor.function.name];
        Some((version::interface(recorded).to_owned(), version::interface(current).to_owned()))
    };
    let mut found: Vec<(String, String)> = crossings.iter().filter_map(of_crossing).collect();
    found.sort_unstable();
    found.dedup();
    found
}

fn beside_key(tape: &ReplayTape, crossings: &[Crossing]) -> Vec<BesideKey> {
    let keyed = crossings.iter().enumerate().filter(|(_, crossing)| {
        crossing.interceptor.kind == Kind::Input && crossing.interceptor.key.is_some()
    });
    let compared = keyed.map(|(at, crossing)| {
        let differences = argument_differences(&tape.index.current, crossing, &mut Vec::new());
        BesideKey { crossing: at, differences }
    });
    compared.filter(|beside| !beside.differences.is_empty()).collect()
}

/// Every output, and what of recorded arguments today's types do not have.
fn outputs(tape: &ReplayTape, crossings: &[Crossing]) -> (Vec<OutputComparison>, Vec<String>) {
    let replayed = crossings.iter().enumerate();
    let replayed = replayed.filter(|(_, crossing)| crossing.is_output());
    let mut dropped = Vec::new();
    let mut outputs: Vec<OutputComparison> = replayed
        .map(|(at, crossing)| OutputComparison {
            alias: crossing.alias.clone(),
            ordinal: crossing.ordinal,
            crossing: Some(at),
            event: crossing.event,
            differences: argument_differences(&tape.index.current, crossing, &mut dropped),
        })
        .collect();
    outputs.extend(outputs_not_made(tape));
    (outputs, dropped)
}

fn outputs_not_made(tape: &ReplayTape) -> Vec<OutputComparison> {
    let current = &tape.index.current;
    let recorded = || current.calls().filter(|(_, call)| current.is_sent(call));
    let is_made = |event: usize| tape.index.is_given(event);
    if recorded().all(|(event, _)| is_made(event)) {
        return Vec::new();
    }
    let mut ordinals = HashMap::<Name, usize>::new();
    let mut outputs = Vec::new();
    for (event, call) in recorded() {
        let alias = current.alias(call);
        let ordinal = ordinals.entry(alias.clone()).or_default();
        *ordinal += 1;
        if !is_made(event) {
            let (ordinal, event, differences) = (*ordinal, Some(event), Vec::new());
            outputs.push(OutputComparison { alias, ordinal, crossing: None, event, differences });
        }
    }
    outputs
}

fn argument_differences(
    current: &CurrentBoundary,
    crossing: &Crossing,
    dropped: &mut Vec<String>,
) -> Vec<Difference> {
    let Some(recorded) = crossing.event.and_then(|event| current.call(event)) else { return Vec::new() };
    let recorded = current.arguments(recorded, &crossing.interceptor);
    dropped.extend(recorded.dropped.iter().map(|path| format!("{}{path}", crossing.interceptor.alias)));
    if *recorded.values == *crossing.arguments {
        return Vec::new();
    }
    let made = |arguments| crossing.interceptor.normalised(arguments);
    let (recorded, replayed) = (made(&recorded.values), made(&crossing.arguments));
    let by_name = |arguments: &[Value]| named_arguments(&crossing.interceptor, arguments);
    let differences = diff::diff(&by_name(&recorded), &by_name(&replayed));
    if !differences.is_empty() {
        return differences;
    }
    // It is the order of headers alone that differs.
    let by_place = |arguments: &[Value]| Value::Map(named(&crossing.interceptor, arguments.to_vec()));
    diff::diff(&by_place(&recorded), &by_place(&replayed))
}

/// Returns the arguments of a call as a record by their names. The headers of a request are a record too, so that one that differs
/// has a name.
pub fn named_arguments(interceptor: &Interceptor, arguments: &[Value]) -> Value {
    let named = named(interceptor, arguments.to_vec());
    match interceptor.signature.sends {
        Some(_) => pairs::by_name(named),
        None => Value::Map(named),
    }
}

/// How the outcome differs, and what of the recorded one today's type does not have.
fn result_differences(
    recording: &Recording,
    ending: &Ending,
    result: Option<&Type>,
) -> (Vec<Difference>, Vec<String>) {
    let whole = |recorded: Option<Value>, replayed: Option<Value>| {
        (vec![Difference { path: String::new(), recorded, replayed }], Vec::new())
    };
    let text = |outcome: &Outcome| match outcome {
        Outcome::Returned(value) => value.clone(),
        Outcome::Trapped(reason) => Value::case("trapped", Value::from(reason.as_str())),
        Outcome::Exited(status) => Value::case("exited", Value::from(*status)),
        Outcome::Stopped(limit) => Value::case("stopped", Value::from(limit.text.as_str())),
        Outcome::Abandoned => Value::from("abandoned"),
    };
    match (&recording.outcome, ending) {
        (_, Ending::Diverged(_)) => (Vec::new(), Vec::new()),
        (None, Ending::Finished(replayed)) => whole(None, Some(text(replayed))),
        (Some(recorded), Ending::Finished(replayed)) if recorded.is_like(replayed) => {
            (Vec::new(), Vec::new())
        }
        (Some(Outcome::Returned(recorded)), Ending::Finished(Outcome::Returned(replayed))) => {
            let fitted = result.and_then(|ty| fit::fit(recorded.clone(), ty, Source::Tape).ok());
            let Some(fitted) = fitted else { return (diff::diff(recorded, replayed), Vec::new()) };
            let operation = format::default_alias(&recording.header.operation.name);
            let dropped = fitted.dropped.iter().map(|path| format!("{operation}{path}"));
            (diff::diff(&fitted.value, replayed), dropped.collect())
        }
        (Some(recorded), Ending::Finished(replayed)) => whole(Some(text(recorded)), Some(text(replayed))),
    }
}

/// How the last messages compare of an operation that ended as recorded.
fn last_messages(tape: &ReplayTape, ending: &Ending, result: &[Difference]) -> Comparison {
    match ending {
        Ending::Finished(outcome) if result.is_empty() => {
            last_message::compare(&tape.recording, outcome, || all_of(&tape.written, Stream::Stderr))
        }
        Ending::Finished(_) | Ending::Diverged(_) => Comparison::Equal,
    }
}

fn moved(crossings: &[Crossing]) -> Vec<usize> {
    // A repeated answer has no place of its own in the recorded order.
    let placed = crossings.iter().enumerate().filter(|(_, crossing)| crossing.answered != Answered::Repeated);
    let placed = placed.filter_map(|(at, crossing)| crossing.event.map(|event| (at, event)));
    if placed.clone().is_sorted_by(|(_, before), (_, after)| before < after) {
        return Vec::new();
    }
    let placed: Vec<(usize, usize)> = placed.collect();
    let recorded: Vec<usize> = placed.iter().map(|(_, event)| *event).collect();
    order::moved(&recorded).into_iter().map(|index| placed[index].0).collect()
}
