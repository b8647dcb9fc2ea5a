//! One playback in full, for people.

use super::{Verdict, interception};
use crate::cli::events;
use crate::cli::session::Detail;
use crate::cli::units::{count, duration, moment};
use playback_host::recording::{Outcome, Stream};
use playback_host::sandbox::Service;
use playback_host::tape::{Answered, Crossing, Ending, OutputComparison, Playback};
use std::time::Duration;

/// How many lines of one section are shown where not all are asked for.
const SHOWN: usize = 20;

/// The report of one playback. Its last line is the verdict.
pub(crate) fn lines(playback: &Playback, service: &Service, detail: Detail) -> Vec<String> {
    let mut lines = head(playback, service);
    lines.extend(outcome(playback, detail));
    lines.extend(outputs(playback, detail));
    lines.extend(answers(playback, detail));
    lines.extend(notes(playback, detail));
    lines.extend(written(playback, detail));
    let recorded = Duration::from_micros(playback.recording.metadata.duration_us);
    lines.push(format!(
        "duration   {}, {} when it was recorded",
        duration(playback.duration),
        duration(recorded)
    ));
    lines.push(Verdict::of(playback).to_string());
    lines
}

fn head(playback: &Playback, service: &Service) -> Vec<String> {
    let (header, metadata) = (&playback.recording.header, &playback.recording.metadata);
    let build = match header.component == service.digest() {
        true => "the build that was recorded",
        false => "another build than was recorded",
    };
    let mut lines = vec![
        format!("recording  {}", header.id),
        format!("operation  {}, recorded {}", header.operation.name, moment(metadata.recorded_at)),
        format!("service    {}, {build}", service.name()),
    ];
    if metadata.incomplete {
        lines.push(
            "           the recording is incomplete: its operation was stopped before it ended".to_owned(),
        );
    }
    lines
}

fn outcome(playback: &Playback, detail: Detail) -> Vec<String> {
    match &playback.ending {
        Ending::Diverged(divergence) => {
            let text = divergence.to_string().replace('\n', "\n  ");
            vec!["outcome    diverged".to_owned(), format!("  {text}")]
        }
        Ending::Finished(outcome) if playback.result.is_empty() => {
            vec![format!("outcome    equal: {}", events::outcome(outcome, detail))]
        }
        Ending::Finished(replayed) => {
            let mut lines = vec!["outcome    different".to_owned()];
            lines.extend(playback.result.iter().map(|difference| format!("  {difference}")));
            if detail == Detail::Full {
                let recorded = playback.recording.outcome.as_ref();
                let recorded = recorded.map_or("unknown".to_owned(), |it| events::outcome(it, detail));
                lines.push(format!("  recorded: {recorded}"));
                lines.push(format!("  replayed: {}", events::outcome(replayed, detail)));
            }
            capped(lines, detail)
        }
    }
}

fn outputs(playback: &Playback, detail: Detail) -> Vec<String> {
    let all = &playback.outputs;
    if all.is_empty() {
        return vec!["outputs    none".to_owned()];
    }
    let equal = all.iter().filter(|output| output.is_equal()).count();
    let mut lines = vec![format!("outputs    {} of {} equal", equal, all.len())];
    lines.extend(all.iter().map(|output| output_lines(playback, output, detail)));
    capped(lines, detail)
}

fn output_lines(playback: &Playback, output: &OutputComparison, detail: Detail) -> String {
    let crossing = output.crossing.and_then(|at| playback.crossings.get(at));
    let event = output.event.and_then(|event| interception(&playback.recording, event));
    let (verdict, more) = match (crossing, event) {
        (Some(crossing), None) => ("new", format!("\n    {}", call_arguments(crossing, detail))),
        (None, Some(call)) => {
            let names = events::parameters(playback.recording.function(call));
            ("not made", format!("\n    {}", events::arguments(names, &call.arguments, detail)))
        }
        _ if output.differences.is_empty() => ("equal", String::new()),
        _ => {
            ("different", output.differences.iter().map(|difference| format!("\n    {difference}")).collect())
        }
    };
    format!("  {verdict:<9} {}, call {}{more}", output.alias, output.ordinal)
}

/// How calls were answered: in numbers, and one by one where not exactly.
fn answers(playback: &Playback, detail: Detail) -> Vec<String> {
    let of = |answered| playback.crossings.iter().filter(|crossing| crossing.answered == answered).count();
    let labels = [Answered::Exact, Answered::Repeated, Answered::Fallback, Answered::Default, Answered::Live];
    let numbers = labels.map(|label| (label, of(label))).into_iter().filter(|(_, count)| *count > 0);
    let numbers: Vec<String> = numbers.map(|(label, count)| format!("{count} {label}")).collect();
    let numbers = if numbers.is_empty() { "no call".to_owned() } else { numbers.join(", ") };
    let mut lines = vec![format!("answers    {numbers}")];
    let lenient = playback.crossings.iter().filter(|crossing| crossing.answered != Answered::Exact);
    lines.extend(lenient.map(|crossing| {
        let through =
            crossing.through.as_ref().map(|alias| format!(", found as {alias}")).unwrap_or_default();
        let (label, call) = (crossing.answered, crossing_name(crossing));
        format!("  {label:<9} {call}{through}: {}", call_arguments(crossing, detail))
    }));
    capped(lines, detail)
}

/// What a comparison does not count, and a person may want to know.
fn notes(playback: &Playback, detail: Detail) -> Vec<String> {
    let recording = &playback.recording;
    let not_made = playback.inputs_not_made.iter().filter_map(|event| {
        let call = interception(recording, *event)?;
        let arguments =
            events::arguments(events::parameters(recording.function(call)), &call.arguments, detail);
        Some(format!("  not made  recorded call #{}, {}: {arguments}", playback.position(*event), call.alias))
    });
    let moved = playback.moved.iter().filter_map(|at| playback.crossings.get(*at));
    let moved = moved.map(|crossing| {
        format!("  moved     {} came in another order than recorded", crossing_name(crossing))
    });
    let dropped = playback.dropped.iter();
    let dropped = dropped.map(|path| format!("  dropped   {path}: recorded, and not in the type of today"));
    let notes: Vec<String> = not_made.chain(moved).chain(dropped).collect();
    if notes.is_empty() {
        return notes;
    }
    let heading = format!("notes      {}", count(notes.len(), "thing"));
    capped(std::iter::once(heading + " that make no difference by themselves").chain(notes).collect(), detail)
}

fn written(playback: &Playback, detail: Detail) -> Vec<String> {
    let mut lines = Vec::new();
    for stream in [Stream::Stdout, Stream::Stderr] {
        let bytes = playback.stream(stream);
        match detail {
            _ if bytes.is_empty() => {}
            Detail::Short => {
                lines.push(format!("{:<10} {}", events::stream(stream), count(bytes.len(), "byte")))
            }
            Detail::Full => {
                lines.push(events::stream(stream).to_owned());
                lines.extend(String::from_utf8_lossy(&bytes).lines().map(|line| format!("  {line}")));
            }
        }
    }
    lines
}

fn crossing_name(crossing: &Crossing) -> String {
    format!("{}, call {}", crossing.alias, crossing.ordinal)
}

fn call_arguments(crossing: &Crossing, detail: Detail) -> String {
    let names = crossing.interceptor.signature.parameters.iter().map(|field| &field.name);
    let outcome = match &*crossing.answer {
        Outcome::Returned(_) if detail == Detail::Short => String::new(),
        outcome => format!(" {}", events::outcome(outcome, detail)),
    };
    events::arguments(names, &crossing.arguments, detail) + &outcome
}

/// Only so many lines after the first, where not all are asked for.
fn capped(mut lines: Vec<String>, detail: Detail) -> Vec<String> {
    let more = lines.len().saturating_sub(SHOWN + 1);
    if detail == Detail::Short && more > 0 {
        lines.truncate(SHOWN + 1);
        lines.push(format!("  and {more} more; `-v` shows all"));
    }
    lines
}
