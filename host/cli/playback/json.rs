//! One playback as JSON, written while it is gone through.

use super::{Verdict, interception};
use crate::cli::json::{self, Bytes, Ended, Entries, Items};
use crate::cli::session::Detail;
use playback_host::recording::{self, Stream};
use playback_host::sandbox::Service;
use playback_host::tape::{
    Answered, Assumption, BesideKey, Crossing, Divergence, Ending, FileComparison, OutputComparison,
    Playback, Reason, StreamComparison,
};
use playback_host::value::diff::{Detail as DifferenceDetail, Difference};
use playback_host::value::json::{View, to_json};
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

/// The report of one playback. Every call is in it where all is asked for, else those that were not answered
/// exactly.
pub(crate) struct Report<'p> {
    pub(crate) playback: &'p Playback,
    pub(crate) service: &'p Service,
    pub(crate) detail: Detail,
}

impl Serialize for Report<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { playback, service, detail } = *self;
        let recording = &playback.recording;
        let divergence = match &playback.ending {
            Ending::Finished(_) => None,
            Ending::Diverged(divergence) => Some(DivergenceReport(divergence)),
        };
        let wanted = |crossing: &&Crossing| detail == Detail::Full || crossing.answered != Answered::Exact;
        let moved = || playback.moved.iter().filter_map(|at| playback.crossings.get(*at));
        let components = [("recorded", &*recording.header.component), ("replayed", service.digest())];
        let replayed = u64::try_from(playback.duration.as_micros()).unwrap_or(u64::MAX);
        let durations = [("recorded", recording.metadata.duration_us), ("replayed", replayed)];

        let mut object = serializer.serialize_map(None)?;
        object.serialize_entry("recording", recording.id())?;
        object.serialize_entry("verdict", &Verdict::of(playback))?;
        object.serialize_entry("operation", &*recording.header.operation.name)?;
        object.serialize_entry("component", &Entries(|| components))?;
        object.serialize_entry("incomplete", &recording.metadata.incomplete)?;
        object.serialize_entry("hermetic", &!recording.header.sockets)?;
        object.serialize_entry("outcome", &OutcomeReport::of(playback))?;
        object.serialize_entry("divergence", &divergence)?;
        object
            .serialize_entry("outputs", &Items(|| playback.outputs.iter().map(|it| output(playback, it))))?;
        object.serialize_entry("files", &Items(|| playback.files.iter().map(|it| file(playback, it))))?;
        object.serialize_entry("assumed", &Items(|| playback.assumed.iter().map(assumed)))?;
        object.serialize_entry("calls", &Items(|| playback.crossings.iter().filter(wanted).map(call)))?;
        let not_made = || playback.inputs_not_made.iter().filter_map(|it| not_made(playback, *it));
        object.serialize_entry("inputs-not-made", &Items(not_made))?;
        object.serialize_entry(
            "moved",
            &Items(|| moved().map(|it| Moved { alias: &it.alias, ordinal: it.ordinal })),
        )?;
        object.serialize_entry("readiness-parted", &playback.readiness_parted)?;
        object.serialize_entry("unrecorded-timers", &playback.unrecorded_timers)?;
        let beside = || playback.beside_key.iter().filter_map(|it| beside_key(playback, it));
        object.serialize_entry("beside-key", &Items(beside))?;
        let panic = playback.panic_moved.as_ref().map(|(recorded, replayed)| Both { recorded, replayed });
        object.serialize_entry("panic-moved", &panic)?;
        let last_line = playback.last_line.as_ref().map(|(recorded, replayed)| Both { recorded, replayed });
        object.serialize_entry("last-line", &last_line)?;
        let versions = playback.other_versions.iter();
        object.serialize_entry("other-versions", &Items(|| versions.clone().map(version)))?;
        let skipped = recording.skipped();
        if !skipped.is_empty() {
            object.serialize_entry("skipped", &skipped)?;
        }
        object.serialize_entry("dropped", &playback.dropped)?;
        object.serialize_entry("not-granted", &playback.not_granted)?;
        object.serialize_entry("streams", &Items(|| playback.streams.iter().map(stream)))?;
        object.serialize_entry("stdout", &Bytes(&playback.stream(Stream::Stdout)))?;
        object.serialize_entry("stderr", &Bytes(&playback.stream(Stream::Stderr)))?;
        object.serialize_entry("duration-us", &Entries(|| durations))?;
        object.end()
    }
}

#[derive(Serialize)]
struct OutcomeReport<'p> {
    recorded: Option<Ended<'p>>,
    replayed: Option<Ended<'p>>,
    differences: Vec<Change<'p>>,
}

impl<'p> OutcomeReport<'p> {
    fn of(playback: &'p Playback) -> Self {
        let replayed = match &playback.ending {
            Ending::Finished(outcome) => Some(Ended::from(outcome)),
            Ending::Diverged(_) => None,
        };
        Self {
            recorded: playback.recording.outcome.as_ref().map(Ended::from),
            replayed,
            differences: changes(&playback.result),
        }
    }
}

/// A side that has nothing there, not even null, is left out. `at` is where long texts and bytes begin to differ, `within`
/// are the places inside values that differ as a whole, or inside the JSON that they are.
struct Change<'p>(&'p Difference);

impl Serialize for Change<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Difference { path, recorded, replayed } = self.0;
        let detail = self.0.detail();
        let mut object = serializer.serialize_map(None)?;
        object.serialize_entry("path", path)?;
        for (side, value) in [("recorded", recorded), ("replayed", replayed)] {
            if let Some(value) = value {
                object.serialize_entry(side, &View(value))?;
            }
        }
        if let Some(at) = detail.as_ref().and_then(At::of) {
            object.serialize_entry("at", &at)?;
        }
        if let Some(DifferenceDetail::Inside(differences)) = &detail {
            object.serialize_entry("within", &changes(differences))?;
        }
        object.end()
    }
}

/// Where two texts or byte strings begin to differ: lines and columns from 1, bytes from 0.
#[derive(Serialize)]
#[serde(untagged)]
enum At {
    Character { line: usize, column: usize },
    Byte { byte: usize },
}

impl At {
    fn of(detail: &DifferenceDetail) -> Option<Self> {
        match detail {
            DifferenceDetail::Text(text) => Some(Self::Character { line: text.line, column: text.column }),
            DifferenceDetail::Bytes(bytes) => Some(Self::Byte { byte: bytes.offset }),
            DifferenceDetail::Inside(_) => None,
        }
    }
}

fn changes(differences: &[Difference]) -> Vec<Change<'_>> {
    differences.iter().map(Change).collect()
}

#[derive(Serialize)]
struct OutputReport<'p, R, P> {
    alias: &'p str,
    ordinal: usize,
    verdict: &'static str,
    recorded: Option<R>,
    replayed: Option<P>,
    differences: Vec<Change<'p>>,
}

fn output<'p>(playback: &'p Playback, output: &'p OutputComparison) -> impl Serialize {
    let recording = &*playback.recording;
    let recorded = output.event.and_then(|event| interception(recording, event));
    let replayed = output.crossing.and_then(|at| playback.crossings.get(at));
    OutputReport {
        alias: &output.alias,
        ordinal: output.ordinal,
        verdict: match (recorded, replayed) {
            (None, _) => "new",
            (_, None) if !playback.was_reached(output.event) => "not-reached",
            (_, None) => "not-made",
            _ if output.differences.is_empty() => "equal",
            _ => "different",
        },
        recorded: recorded.map(|call| json::recorded_arguments(recording, call)),
        replayed: replayed.map(arguments),
        differences: changes(&output.differences),
    }
}

#[derive(Serialize)]
struct FileReport<'p> {
    path: &'p str,
    verdict: &'static str,
    recorded: Option<serde_json::Value>,
    replayed: Option<serde_json::Value>,
    differences: Vec<Change<'p>>,
}

fn file<'p>(playback: &Playback, file: &'p FileComparison) -> FileReport<'p> {
    let value = |change: &Option<recording::Change>| change.as_ref().map(|it| to_json(&it.to_value()));
    FileReport {
        path: &file.path,
        verdict: verdict(playback, file),
        recorded: value(&file.recorded),
        replayed: value(&file.replayed),
        differences: changes(&file.differences),
    }
}

#[derive(Serialize)]
struct Assumed<'p> {
    path: &'p str,
    assumed: &'static str,
}

fn assumed((path, assumption): &(String, Assumption)) -> Assumed<'_> {
    let assumed = match assumption {
        Assumption::Absent => "absent",
        Assumption::Directory => "directory",
    };
    Assumed { path, assumed }
}

/// How what was left somewhere compares.
pub(crate) fn verdict(playback: &Playback, file: &FileComparison) -> &'static str {
    match (&file.recorded, &file.replayed) {
        (None, _) => "new",
        (_, None) if playback.is_cut_short() => "not-reached",
        (_, None) => "not-made",
        _ if file.is_equal() => "equal",
        _ => "different",
    }
}

fn arguments(crossing: &Crossing) -> impl Serialize {
    let parameters = crossing.interceptor.signature.parameters.iter();
    json::arguments(
        &crossing.interceptor.function.name,
        parameters.map(|field| &field.name),
        &crossing.arguments,
    )
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Call<'p, A> {
    function: &'p str,
    kind: playback_host::recording::Kind,
    alias: &'p str,
    ordinal: usize,
    arguments: A,
    answered: Answered,
    found_as: Option<&'p str>,
    outcome: Ended<'p>,
}

fn call(crossing: &Crossing) -> impl Serialize {
    Call {
        function: &crossing.interceptor.function.name,
        kind: crossing.interceptor.kind,
        alias: &crossing.alias,
        ordinal: crossing.ordinal,
        arguments: arguments(crossing),
        answered: crossing.answered,
        found_as: crossing.through.as_deref(),
        outcome: Ended::of_call(&crossing.interceptor.function.name, &crossing.answer),
    }
}

#[derive(Serialize)]
struct NotMade<'p, A> {
    number: usize,
    alias: &'p str,
    arguments: A,
}

fn not_made(playback: &Playback, event: usize) -> Option<impl Serialize> {
    let recording = &*playback.recording;
    let call = interception(recording, event)?;
    Some(NotMade {
        number: playback.position(event),
        alias: &call.alias,
        arguments: json::recorded_arguments(recording, call),
    })
}

/// A standard stream that was compared. A side that has no such line is left out.
#[derive(Serialize)]
struct StreamReport<'p> {
    stream: Stream,
    verdict: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    recorded: Option<View<'p>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    replayed: Option<View<'p>>,
    /// Where in the line.
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<At>,
}

fn stream(comparison: &StreamComparison) -> StreamReport<'_> {
    let difference = comparison.difference.as_ref();
    StreamReport {
        stream: comparison.stream,
        verdict: if difference.is_some() { "different" } else { "equal" },
        line: difference.map(|difference| difference.line),
        recorded: difference.and_then(|difference| difference.change.recorded.as_ref()).map(View),
        replayed: difference.and_then(|difference| difference.change.replayed.as_ref()).map(View),
        at: difference.and_then(|difference| At::of(difference.change.detail().as_ref()?)),
    }
}

#[derive(Serialize)]
struct Beside<'p> {
    alias: &'p str,
    ordinal: usize,
    differences: Vec<Change<'p>>,
}

fn beside_key<'p>(playback: &'p Playback, beside: &'p BesideKey) -> Option<Beside<'p>> {
    let crossing = playback.crossings.get(beside.crossing)?;
    let differences = changes(&beside.differences);
    Some(Beside { alias: &crossing.alias, ordinal: crossing.ordinal, differences })
}

/// What one thing is called, or says, in the recording and in the replay.
#[derive(Serialize)]
struct Both<T> {
    recorded: T,
    replayed: T,
}

fn version((recorded, replayed): &(String, String)) -> Both<&String> {
    Both { recorded, replayed }
}

#[derive(Serialize)]
struct Moved<'p> {
    alias: &'p str,
    ordinal: usize,
}

/// What the recording has no answer for.
struct DivergenceReport<'p>(&'p Divergence);

impl Serialize for DivergenceReport<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let divergence = self.0;
        let aliases = || divergence.aliases.iter().map(|alias| &**alias);
        let arguments = || {
            divergence
                .arguments
                .iter()
                .map(|(name, value)| (&**name, json::Shown::of(&divergence.function, value)))
        };
        let mut object = serializer.serialize_map(None)?;
        object.serialize_entry("message", &divergence.to_string())?;
        let reason = match &divergence.reason {
            Reason::NeverRecorded => "never-recorded",
            Reason::UsedUp { .. } => "used-up",
            Reason::Unfit(_) => "unfit",
            Reason::NothingLive => "nothing-live",
            Reason::Unseen(_) => "unseen",
            Reason::CutOff(_) => "cut-off",
            Reason::Failed(_) => "failed",
        };
        object.serialize_entry("reason", reason)?;
        object.serialize_entry("function", &*divergence.function)?;
        object.serialize_entry("kind", &divergence.kind)?;
        object.serialize_entry("aliases", &Items(aliases))?;
        object.serialize_entry("ordinal", &divergence.ordinal)?;
        object.serialize_entry("arguments", &Entries(arguments))?;
        object.serialize_entry("recorded-calls", &divergence.recorded)?;
        let nearest = || {
            let nearest = divergence.nearest.iter();
            nearest.map(|it| Near { number: it.position, differences: changes(&it.differences) })
        };
        object.serialize_entry("nearest", &Items(nearest))?;
        object.end()
    }
}

#[derive(Serialize)]
struct Near<'p> {
    number: usize,
    differences: Vec<Change<'p>>,
}
