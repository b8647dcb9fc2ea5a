//! One playback as JSON.

use super::{Verdict, interception};
use crate::cli::events;
use crate::cli::session::Detail;
use playback_host::recording::Stream;
use playback_host::sandbox::Service;
use playback_host::tape::{Answered, Crossing, Divergence, Ending, OutputComparison, Playback, Reason};
use playback_host::value::diff::Difference;
use playback_host::value::json;
use serde_json::{Value as Json, json};

/// The report of one playback. Every call is in it where all is asked for, else those that were not answered
/// exactly.
pub(crate) fn to_json(playback: &Playback, service: &Service, detail: Detail) -> Json {
    let recording = &playback.recording;
    let wanted = |crossing: &&Crossing| detail == Detail::Full || crossing.answered != Answered::Exact;
    let replayed = match &playback.ending {
        Ending::Finished(outcome) => Some(events::outcome_json(outcome)),
        Ending::Diverged(_) => None,
    };
    let moved = playback.moved.iter().filter_map(|at| playback.crossings.get(*at));
    json!({
        "recording": recording.id(),
        "verdict": Verdict::of(playback),
        "operation": &*recording.header.operation.name,
        "component": { "recorded": recording.header.component, "replayed": service.digest() },
        "incomplete": recording.metadata.incomplete,
        "outcome": {
            "recorded": recording.outcome.as_ref().map(events::outcome_json),
            "replayed": replayed,
            "differences": differences(&playback.result),
        },
        "divergence": match &playback.ending {
            Ending::Finished(_) => Json::Null,
            Ending::Diverged(divergence) => divergence_json(divergence),
        },
        "outputs": playback.outputs.iter().map(|it| output(playback, it)).collect::<Vec<_>>(),
        "calls": playback.crossings.iter().filter(wanted).map(call).collect::<Vec<_>>(),
        "inputs-not-made": playback.inputs_not_made.iter().filter_map(|it| not_made(playback, *it)).collect::<Vec<_>>(),
        "moved": moved.map(|it| json!({ "alias": &*it.alias, "ordinal": it.ordinal })).collect::<Vec<_>>(),
        "dropped": playback.dropped,
        "stdout": events::bytes_json(&playback.stream(Stream::Stdout)),
        "stderr": events::bytes_json(&playback.stream(Stream::Stderr)),
        "duration-us": {
            "recorded": recording.metadata.duration_us,
            "replayed": u64::try_from(playback.duration.as_micros()).unwrap_or(u64::MAX),
        },
    })
}

fn differences(differences: &[Difference]) -> Vec<Json> {
    let differences = differences.iter().map(|Difference { path, recorded, replayed }| {
        // A side that has nothing there, not even null, is left out.
        let mut json = json!({ "path": path });
        for (side, value) in [("recorded", recorded), ("replayed", replayed)] {
            if let Some(value) = value {
                json[side] = json::to_json(value);
            }
        }
        json
    });
    differences.collect()
}

fn output(playback: &Playback, output: &OutputComparison) -> Json {
    let recorded = output.event.and_then(|event| interception(&playback.recording, event));
    let recorded = recorded.map(|call| {
        events::arguments_json(events::parameters(playback.recording.function(call)), &call.arguments)
    });
    let replayed = output.crossing.and_then(|at| playback.crossings.get(at)).map(arguments);
    json!({
        "alias": &*output.alias,
        "ordinal": output.ordinal,
        "verdict": match (&recorded, &replayed) {
            (None, _) => "new",
            (_, None) => "not-made",
            _ if output.differences.is_empty() => "equal",
            _ => "different",
        },
        "recorded": recorded,
        "replayed": replayed,
        "differences": differences(&output.differences),
    })
}

fn arguments(crossing: &Crossing) -> Json {
    let names = crossing.interceptor.signature.parameters.iter().map(|field| &field.name);
    events::arguments_json(names, &crossing.arguments)
}

fn call(crossing: &Crossing) -> Json {
    json!({
        "function": &*crossing.interceptor.function.name,
        "kind": crossing.interceptor.kind,
        "alias": &*crossing.alias,
        "ordinal": crossing.ordinal,
        "arguments": arguments(crossing),
        "answered": crossing.answered,
        "found-as": crossing.through.as_deref(),
        "outcome": events::outcome_json(&crossing.answer),
    })
}

fn not_made(playback: &Playback, event: usize) -> Option<Json> {
    let recording = &playback.recording;
    let call = interception(recording, event)?;
    Some(json!({
        "number": playback.position(event),
        "alias": &*call.alias,
        "arguments": events::arguments_json(events::parameters(recording.function(call)), &call.arguments),
    }))
}

fn divergence_json(divergence: &Divergence) -> Json {
    let (names, values): (Vec<_>, Vec<_>) = divergence.arguments.iter().cloned().unzip();
    let nearest = divergence.nearest.iter();
    let nearest =
        nearest.map(|it| json!({ "number": it.position, "differences": differences(&it.differences) }));
    json!({
        "message": divergence.to_string(),
        "reason": match &divergence.reason {
            Reason::NeverRecorded => "never-recorded",
            Reason::UsedUp { .. } => "used-up",
            Reason::Unfit(_) => "unfit",
            Reason::NothingLive => "nothing-live",
        },
        "function": &*divergence.function,
        "kind": divergence.kind,
        "aliases": divergence.aliases.iter().map(|alias| &**alias).collect::<Vec<_>>(),
        "ordinal": divergence.ordinal,
        "arguments": events::arguments_json(&names, &values),
        "recorded-calls": divergence.recorded,
        "nearest": nearest.collect::<Vec<_>>(),
    })
}
