//! Values that do not fit their types, for messages.

use playback_recording::value::fit::Misfit;

/// What does not fit, for messages.
pub(crate) fn list(problems: &[Misfit]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}
