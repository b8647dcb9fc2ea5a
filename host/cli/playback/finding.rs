//! What is wrong with a playback, item by item: for telling it briefly, and for counting causes over many.

use super::interception;
use playback_host::recording::{Limit, Stream, format};
use playback_host::tape::{
    Divergence, Ending, FileComparison, LineDifference, OutputComparison, Playback, Reason,
};
use playback_host::value::Value;
use playback_host::value::diff::{Detail, Difference};

/// One thing that is not as recorded.
#[derive(Debug)]
pub(crate) enum Finding<'p> {
    /// The recording could not answer a call.
    Diverged(&'p Divergence),
    /// A limit ended the replay.
    Stopped(&'p Limit),
    /// The operation's outcome differs.
    Outcome(&'p Difference),
    /// An output differs.
    Output(&'p OutputComparison, &'p Difference),
    /// An output was not recorded.
    New(&'p OutputComparison),
    /// A recorded output was not made.
    NotMade(&'p OutputComparison),
    /// Something else was left in a granted folder.
    File(&'p FileComparison),
    /// Something else was written to a standard stream.
    Written(Stream, &'p LineDifference),
}

/// All there is to say, the gravest first. Empty where the playback is equal.
pub(crate) fn findings(playback: &Playback) -> Vec<Finding<'_>> {
    let divergence = match &playback.ending {
        Ending::Diverged(divergence) => Some(&**divergence),
        Ending::Finished(_) => None,
    };
    let limit = playback.limit();
    let is_cut_short = divergence.is_some() || limit.is_some();
    let outputs = playback.outputs.iter().flat_map(|output| match (output.crossing, output.event) {
        (Some(_), None) => vec![Finding::New(output)],
        // Whatever would have come after a divergence, a limit or a trap was not reached, which says nothing.
        (None, event) if is_cut_short || !playback.was_reached(event) => vec![],
        (None, _) => vec![Finding::NotMade(output)],
        _ => output.differences.iter().map(|difference| Finding::Output(output, difference)).collect(),
    });
    let ended = divergence.map(Finding::Diverged).or(limit.map(Finding::Stopped));
    // What is missing after that says nothing either.
    let files = playback.files.iter().filter(|file| !file.is_equal());
    let files = files.filter(|file| !is_cut_short || file.replayed.is_some());
    // That it was stopped says how the outcome differs.
    let outcome = playback.result.iter().filter(|_| limit.is_none()).map(Finding::Outcome);
    let written = playback.streams.iter().filter(|_| !is_cut_short);
    let written = written.filter_map(|it| Some(Finding::Written(it.stream, it.difference.as_ref()?)));
    let left = files.map(Finding::File).chain(written);
    ended.into_iter().chain(outcome).chain(outputs).chain(left).collect()
}

impl Finding<'_> {
    /// In a line or, for a divergence, several.
    pub(crate) fn text(&self) -> String {
        let call = |output: &OutputComparison| format!("{}, call {}", output.alias, output.ordinal);
        match self {
            Self::Diverged(divergence) => divergence.to_string(),
            Self::Stopped(limit) => limit.to_string(),
            Self::Outcome(difference) => format!("outcome {difference}"),
            Self::Output(output, difference) => format!("{} {difference}", call(output)),
            Self::New(output) => format!("{}: was not recorded", call(output)),
            Self::NotMade(output) => format!("{}: was recorded, and not made", call(output)),
            Self::File(file) => file_text(file),
            Self::Written(stream, difference) => format!("{stream} {difference}"),
        }
    }

    /// The same without anything that is of this one recording.
    pub(crate) fn cause(&self, playback: &Playback) -> String {
        match self {
            Self::Diverged(divergence) => {
                let function = format::default_alias(&divergence.function);
                let path = match (&divergence.reason, divergence.arguments.as_slice()) {
                    (Reason::Unseen(_), [(_, Value::Text(path))]) => format!(" of {path}"),
                    _ => String::new(),
                };
                format!("{} {function}{path}: {}", divergence.kind, divergence.summary())
            }
            Self::Stopped(limit) => format!("stopped at a limit: {}", limit.kind),
            Self::Outcome(difference) => format!("outcome {}", place(difference)),
            Self::Output(output, difference) => {
                format!("{} {}", function(playback, output), place(difference))
            }
            Self::New(output) => format!("{}: was not recorded", function(playback, output)),
            Self::NotMade(output) => format!("{}: was recorded, and not made", function(playback, output)),
            Self::File(file) => format!("file {}: {}", file.path, file_cause(file)),
            Self::Written(stream, _) => format!("{stream}: something else was written"),
        }
    }
}

fn file_text(file: &FileComparison) -> String {
    match file.differences.first() {
        Some(difference) if file_cause(file) == "different" => format!("file {} {difference}", file.path),
        _ => format!("file {}: {}", file.path, file_cause(file)),
    }
}

fn file_cause(file: &FileComparison) -> &'static str {
    match (&file.recorded, &file.replayed) {
        (None, _) => "was not left when it was recorded",
        (_, None) => "was left when it was recorded, and is not now",
        _ => "different",
    }
}

/// The output's function: an alias can be another for every call.
fn function(playback: &Playback, output: &OutputComparison) -> String {
    let replayed = output.crossing.and_then(|at| playback.crossings.get(at));
    let replayed = replayed.map(|crossing| &crossing.interceptor.function);
    let recorded = output.event.and_then(|event| interception(&playback.recording, event));
    let recorded = recorded.and_then(|call| playback.recording.function(call));
    let function = replayed.or(recorded);
    function.map_or(output.alias.to_string(), |function| format::default_alias(&function.name))
}

/// The path of a difference, for any item of a list; into the JSON that differs, if both sides are JSON.
fn place(difference: &Difference) -> String {
    let inner = match difference.detail() {
        Some(Detail::Inside(differences)) => differences.into_iter().next().map(|first| first.path),
        _ => None,
    };
    let path = format!("{}{}", difference.path, inner.unwrap_or_default());
    if path.is_empty() {
        return "as a whole".to_owned();
    }
    let is_index = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let parts = path.split('/').map(|part| if is_index(part) { "*" } else { part });
    parts.collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::{Difference, place};

    #[test]
    fn the_items_of_a_list_are_one_place() {
        let at = |path: &str| place(&Difference { path: path.to_owned(), recorded: None, replayed: None });
        assert_eq!(at("/ok/lines/17/cents"), "/ok/lines/*/cents");
        assert_eq!(at(""), "as a whole");
    }
}
