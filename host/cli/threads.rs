//! Threads that cannot be started, and what tokio opens for itself. Libraries panic then, and what unwinds waits for ever
//! for the threads that were started before: the program exits instead, with a message.

use super::exit::{Exit, Stop};
use std::fmt::Display;
use std::panic;

/// How such panics of the standard library, tokio and rayon begin, and what is lacking. None has a type.
const PANICS: [(&str, &str); 4] = [
    ("failed to spawn thread", "threads"),
    ("OS can't spawn worker thread", "threads"),
    ("The global thread pool has not been initialized", "threads"),
    ("failed to create UnixStream", "open files"),
];

/// Lets a panic over what this process cannot have end the program as any failure does.
pub(crate) fn exit_where_threads_fail() {
    let usual = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        let message = panic.payload_as_str().unwrap_or_default();
        match PANICS.iter().find(|(beginning, _)| message.starts_with(beginning)) {
            Some((_, lacking)) => {
                let exit =
                    Exit::report(&failed(&format_args!("this process can have no more {lacking}")).into());
                std::process::exit(exit as i32);
            }
            None => usual(panic),
        }
    }));
}

/// The error that says why the program cannot go on without a thread.
pub(super) fn failed(reason: &dyn Display) -> Stop {
    Stop::Failed(format!(
        "a thread cannot be started: {reason}; free some memory, or raise the limits of this process"
    ))
}
