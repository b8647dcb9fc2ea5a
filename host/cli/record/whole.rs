//! The one operation that was asked for, in full.

use crate::cli::events;
use crate::cli::printable::one_line;
use crate::cli::session::{Detail, Session};
use crate::cli::units::{count, duration, size};
use playback_host::recording::{Metadata, Outcome, Stream};
use playback_host::sandbox::Recorded;
use playback_host::value::Value;

/// Up to how many bytes its result is shown whole.
const LONGEST: usize = 64 << 10;
/// How many files without their content are told one by one.
const NOT_KEPT: usize = 3;

/// Prints its result, and where its recording is.
pub(crate) fn print(session: &mut Session, recorded: &Recorded, saved: &Result<Metadata, String>) {
    let terminal = &mut session.terminal;
    let operation = recorded.recording.as_ref().ok().map(|recording| &recording.header.operation);
    match &recorded.outcome {
        Outcome::Returned(value) if value.weight() > LONGEST && session.detail == Detail::Short => {
            terminal.line(events::outcome(&recorded.outcome, operation, Detail::Short));
            terminal.line("  that is a part of it; `-v` shows all");
        }
        outcome => terminal.line(events::outcome(outcome, operation, Detail::Full)),
    }
    if let Ok(recording) = &recorded.recording {
        match (&recorded.outcome, session.detail) {
            (_, Detail::Full) => {
                events::lines(recording, Detail::Full).for_each(|lines| terminal.line(lines))
            }
            // Where an operation panics, its message is there.
            (Outcome::Trapped(_) | Outcome::Exited(_) | Outcome::Stopped(_), Detail::Short) => {
                events::written(recording, Stream::Stderr)
                    .for_each(|text| terminal.line(format_args!("stderr {text}")));
            }
            // A command that fails so says why there, too.
            (Outcome::Returned(value), Detail::Short) if *value == Value::case("err", Value::Null) => {
                events::written(recording, Stream::Stderr)
                    .for_each(|text| terminal.line(format_args!("stderr {text}")));
            }
            (Outcome::Returned(_) | Outcome::Abandoned, Detail::Short) => {}
        }
    }
    // What was lost is told as the error that it is.
    let Ok(Metadata { id, counts, size: bytes, incomplete, .. }) = saved else { return };
    let (inputs, outputs) = (count(counts.inputs, "input"), count(counts.outputs, "output"));
    let (took, stored) = (duration(recorded.duration), size(*bytes));
    terminal.line(format_args!("recorded {id}: {inputs}, {outputs}, {took}, {stored}"));
    if let Ok(recording) = &recorded.recording {
        for call in events::not_granted(recording) {
            terminal.line(format_args!("refused: it called `{}`, which is not granted", one_line(call)));
        }
        let not_kept = events::contents_not_kept(recording);
        for file in not_kept.iter().take(NOT_KEPT) {
            let (path, size) = (one_line(file.path), size(file.size));
            terminal
                .line(format_args!("not kept: the content of `{path}`, {size}: {}", events::WHY_NOT_KEPT));
        }
        if not_kept.len() > NOT_KEPT {
            terminal.line(format_args!("not kept: {} more", not_kept.len() - NOT_KEPT));
        }
        if recording.header.sockets {
            terminal.line(format_args!("the recording is not hermetic: {}", events::NOT_HERMETIC));
        }
    }
    if *incomplete {
        terminal.line("the recording is incomplete: the operation was stopped before it ended by itself");
    }
}
