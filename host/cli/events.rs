//! What is in a recording, as text that is written while it is gone through.

use super::exchange::{put_response, readable};
use super::printable::one_line;
use super::session::Detail;
use super::shown::shown;
use super::units::duration;
use playback_host::recording::{
    Change, Changed, Clock, Content, Event, Function, Interception, Outcome, Recording, Refused, Sight,
    Source, Stream, format,
};
use playback_host::value::{Name, Value};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Display, Formatter, from_fn};
use std::time::Duration;

/// How a call of `function` ended: `returned 45`, `trapped: why`, `exited with status 1`, `time limit: why`,
/// `abandoned: why`.
pub(crate) fn outcome(outcome: &Outcome, function: Option<&Function>, detail: Detail) -> impl Display {
    let has_result = function.is_some_and(|function| function.signature.contains(" -> "));
    from_fn(move |f| match outcome {
        Outcome::Returned(Value::Null) if !has_result => f.write_str("returned"),
        Outcome::Returned(value) => write!(f, "returned {}", shown(&readable(function, value), detail)),
        Outcome::Trapped(reason) => write!(f, "trapped: {}", one_line(reason)),
        Outcome::Exited(status) => write!(f, "exited with status {status}"),
        Outcome::Stopped(limit) => write!(f, "{} limit: {}", limit.kind, one_line(&limit.text)),
        Outcome::Abandoned => f.write_str("abandoned: nobody waited for it to the end"),
    })
}

/// Arguments of `function` on one line: `sku = "apple", count = 2`.
pub(crate) fn arguments<'a>(
    function: Option<&'a Function>,
    names: impl IntoIterator<Item = &'a Name> + Clone,
    values: &'a [Value],
    detail: Detail,
) -> impl Display {
    from_fn(move |f| {
        for (index, (name, value)) in names.clone().into_iter().zip(values).enumerate() {
            let separator = if index > 0 { ", " } else { "" };
            write!(f, "{separator}{} = {}", one_line(name), shown(&readable(function, value), detail))?;
        }
        Ok(())
    })
}

/// The arguments of a recorded call.
pub(crate) fn recorded_arguments<'r>(
    recording: &'r Recording,
    call: &'r Interception,
    detail: Detail,
) -> impl Display {
    let function = recording.function(call);
    arguments(function, parameters(function), &call.arguments, detail)
}

/// The names of a function's parameters; none of a function that the recording does not name.
pub(crate) fn parameters(function: Option<&Function>) -> &[Name] {
    function.map_or(&[], |function| &function.parameters)
}

/// The events of a recording, some lines each. Calls are numbered from 1, as divergences number them.
pub(crate) fn lines(recording: &Recording, detail: Detail) -> impl Iterator<Item = impl Display> {
    let (mut number, mut numbers) = (0, Vec::with_capacity(recording.events.len()));
    recording.events.iter().map(move |event| {
        number += usize::from(matches!(event, Event::Interception(_)));
        numbers.push(number);
        let ended = match event {
            Event::Ended(call) => number_at(*call, &numbers),
            _ => None,
        };
        let ready: String = match event {
            Event::Arrived(arrival) => {
                let sources = arrival.sources.iter().map(|asked| source(&asked.source, &numbers));
                sources.collect::<Vec<_>>().join(", ")
            }
            Event::Unready(unready) => source(&unready.asked.source, &numbers),
            _ => String::new(),
        };
        from_fn(move |f| match event {
            Event::Interception(call) => put_call(f, recording, call, number, detail),
            Event::Arrived(_) => write!(f, "{:>5}  ready  {ready}", ""),
            Event::Unready(_) => write!(f, "{:>5}  never  {ready}", ""),
            Event::Clock { clock, readings, .. } => {
                write!(f, "{:>5}  {}", "", reading(*clock, readings.first()))?;
                match readings.count() {
                    1 => Ok(()),
                    count => write!(f, ", and {} more up to {}", count - 1, moment(*clock, readings.last())),
                }
            }
            Event::Ready(readiness) => write!(f, "{:>5}  ready  {}", "", positions(&readiness.ready)),
            Event::Waiting(wait) => write!(f, "{:>5}  stopped at wait {wait}", ""),
            Event::Ended(_) => write!(f, "{:>5}  ended  #{}", "", ended.unwrap_or_default()),
            Event::Seen(seen) => {
                let (look, path) = (seen.look.name(), one_line(&seen.path));
                write!(f, "{:>5}  seen   {look} of {path}: {}", "", shown(&seen.sight.to_value(), detail))
            }
            Event::Refused(refusal) => {
                let Refused { call, path, code, .. } = &**refusal;
                let space = if path.is_empty() { "" } else { " " };
                let (call, path, code) = (one_line(call), one_line(path), one_line(code));
                write!(f, "{:>5}  refused {call}{space}{path}: {code}", "")
            }
            Event::Changed(changed) => {
                let Changed { path, change } = &**changed;
                write!(f, "{:>5}  left   {}: {}", "", one_line(path), shown(&change.to_value(), detail))
            }
            Event::Put(put) => {
                write!(f, "{:>5}  put    {}: {}", "", one_line(&put.key), shown(&put.value, detail))
            }
            Event::Stdin(bytes) => write!(f, "{:>5}  stdin  {}", "", text(bytes, detail)),
            Event::Unknown(unknown) => {
                write!(f, "{:>5}  {} of a newer format, skipped", "", one_line(&unknown.sort))
            }
            Event::Written(to, bytes) => write!(f, "{:>5}  {to} {}", "", text(bytes, detail)),
        })
    })
}

/// What it means that a service had sockets.
pub(crate) const NOT_HERMETIC: &str =
    "the service was granted sockets, and what came through them is not on the tape";

/// What the service called and is not granted, each once.
pub(crate) fn not_granted(recording: &Recording) -> BTreeSet<&str> {
    let refused = recording.events.iter().filter_map(|event| match event {
        Event::Refused(refused) if refused.path.is_empty() => Some(refused.call.as_str()),
        _ => None,
    });
    refused.collect()
}

/// A file whose content a recording does not have: it was too large, or the recording had no room left for it.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct NotKept<'r> {
    pub(crate) path: &'r str,
    /// In bytes.
    pub(crate) size: u64,
}

/// Why a content is not kept, and what comes of that.
pub(crate) const WHY_NOT_KEPT: &str = "above `--intercepted-file-size-limit`, or no room was left (`recording` in \
                                       `[limits]`); a replay that reads it diverges";

/// The files whose content is not kept, each once.
pub(crate) fn contents_not_kept(recording: &Recording) -> Vec<NotKept<'_>> {
    let contents = recording.events.iter().filter_map(content);
    let not_kept = contents.filter_map(|(path, content)| match content {
        Content::TooLarge { size } => Some((path, *size)),
        Content::Kept { .. } => None,
    });
    let sizes: BTreeMap<&str, u64> = not_kept.collect();
    sizes.into_iter().map(|(path, size)| NotKept { path, size }).collect()
}

/// The content that the service read or left.
fn content(event: &Event) -> Option<(&str, &Content)> {
    match event {
        Event::Seen(seen) => match &seen.sight {
            Sight::Content(content) => Some((&seen.path, content)),
            _ => None,
        },
        Event::Changed(changed) => match &changed.change {
            Change::File(content) => Some((&changed.path, content)),
            _ => None,
        },
        _ => None,
    }
}

/// The lines that the service wrote to a standard stream.
pub(crate) fn written(recording: &Recording, to: Stream) -> impl Iterator<Item = String> {
    let text = String::from_utf8_lossy(&recording.stream(to)).into_owned();
    let lines: Vec<String> = text.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect();
    lines.into_iter()
}

fn put_call(
    f: &mut Formatter<'_>,
    recording: &Recording,
    call: &Interception,
    number: usize,
    detail: Detail,
) -> fmt::Result {
    const INDENT: &str = "\n              ";
    let function = recording.function(call);
    write!(f, "{:>5}  {:<6} {}", format!("#{number}"), call.kind, one_line(&call.alias))?;
    if let Some(function) = function
        && format::default_alias(&function.name) != *call.alias
    {
        write!(f, ", which is {}", one_line(&function.name))?;
    }
    for (name, value) in parameters(function).iter().zip(&call.arguments) {
        write!(f, "{INDENT}{} = {}", one_line(name), shown(&readable(function, value), detail))?;
    }
    if put_response(f, function, &call.outcome, INDENT, detail)? {
        return Ok(());
    }
    write!(f, "{INDENT}{}", outcome(&call.outcome, function, detail))
}

fn reading(clock: Clock, nanoseconds: u64) -> String {
    let name = match clock {
        Clock::Wall => "wall",
        Clock::Monotonic => "mono",
    };
    format!("{name}   {}", moment(clock, nanoseconds))
}

fn moment(clock: Clock, nanoseconds: u64) -> String {
    match clock {
        Clock::Wall => match jiff::Timestamp::from_nanosecond(nanoseconds.into()) {
            Ok(time) => time.to_string(),
            Err(_) => format!("{nanoseconds} ns since 1970"),
        },
        Clock::Monotonic => format!("{nanoseconds} ns"),
    }
}

/// The number of the call that is at `position` among the events, or before. `numbers` has that of each event.
pub(crate) fn number_at(position: u64, numbers: &[usize]) -> Option<usize> {
    numbers.get(usize::try_from(position).ok()?).copied()
}

/// A source that the service waits for. `numbers` has the number of the call that is at a position among the events, or before.
fn source(source: &Source, numbers: &[usize]) -> String {
    let number = |call: &u64| number_at(*call, numbers).unwrap_or_default();
    match source {
        Source::Timer { wait, ordinal } => {
            format!("timer of {}, number {ordinal}", duration(Duration::from_nanos(*wait)))
        }
        Source::Response { call } => format!("response to #{}", number(call)),
        Source::Body { call, frames } => format!("body of #{}, {frames} frames", number(call)),
        Source::Trailers { call } => format!("trailers of #{}", number(call)),
        Source::RequestBody { request, ordinal, writes } => {
            format!("room for {}, number {ordinal}, after {writes} writes", one_line(request))
        }
    }
}

/// What was ready of what was asked for.
fn positions(ready: &[u32]) -> String {
    match ready {
        [] => "nothing yet".to_owned(),
        ready => {
            let numbers: Vec<String> = ready.iter().map(|position| format!("#{}", position + 1)).collect();
            format!("{} of those asked for", numbers.join(", "))
        }
    }
}

fn text(bytes: &[u8], detail: Detail) -> impl Display {
    let value = match str::from_utf8(bytes) {
        Ok(text) => Value::from(text),
        Err(_) => Value::Bytes(bytes.to_vec()),
    };
    from_fn(move |f| shown(&value, detail).fmt(f))
}
