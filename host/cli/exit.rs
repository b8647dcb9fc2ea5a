//! How the program exits, and which error means what. The only place that says so.

use super::printable::printable;
use anyhow::Error;
use playback_host::cassette::{self, FindError, LookupError, OpenError, SaveError, StoreError};
use playback_host::sandbox::{EngineError, LoadError, RecordError, ReplayError, is_lack_of_system};
use std::io::Write;
use std::process::ExitCode;

/// The exit code of the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// All equal, all done.
    Success = 0,
    /// A replay differs from its recording, or diverged from it, or a build costs more than it may.
    Different = 1,
    /// The user said something that cannot be.
    Usage = 2,
    /// The engine, the cassette or a recording failed.
    Failed = 3,
    /// There is nothing of what was asked for.
    Nothing = 4,
    /// By ctrl-C.
    Interrupted = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// An error that is not a fault of the user's, and that no error of the library stands for.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Stop {
    /// There is nothing of what was asked for.
    #[error("{0}")]
    Nothing(String),
    /// Something failed.
    #[error("{0}")]
    Failed(String),
}

impl Exit {
    /// Prints why a command stopped, and returns how the program exits.
    pub(crate) fn report(error: &Error) -> Self {
        // Nobody is left to tell when even this fails.
        let _ = writeln!(std::io::stderr(), "error: {}", printable(&message(error)));
        Self::of(error)
    }

    /// What an error means. One that is not listed is the user's: a file, an argument or a setting of theirs.
    fn of(error: &Error) -> Self {
        // Whatever failed for it: what the machine lacks is not the user's.
        if error.chain().any(|cause| cause.downcast_ref().is_some_and(is_lack_of_system)) {
            return Self::Failed;
        }
        error.chain().find_map(Self::of_cause).unwrap_or(Self::Usage)
    }

    fn of_cause(cause: &(dyn std::error::Error + 'static)) -> Option<Self> {
        if let Some(stop) = cause.downcast_ref() {
            return Some(match stop {
                Stop::Nothing(_) => Self::Nothing,
                Stop::Failed(_) => Self::Failed,
            });
        }
        if let Some(error) = cause.downcast_ref() {
            return Some(match error {
                FindError::Empty { .. } | FindError::None { .. } => Self::Nothing,
                FindError::Ambiguous { .. } => Self::Usage,
                _ => Self::Failed,
            });
        }
        if let Some(error) = cause.downcast_ref() {
            return Some(match error {
                OpenError::Missing(_) | OpenError::NotAFolder(_) => Self::Usage,
                _ => Self::Failed,
            });
        }
        if let Some(error) = cause.downcast_ref() {
            return Some(match error {
                RecordError::Unprovided(_)
                | RecordError::Import { .. }
                | RecordError::Rule(_)
                | RecordError::Folder(_)
                | RecordError::Arguments { .. } => Self::Usage,
                _ => Self::Failed,
            });
        }
        let failed = cause.is::<EngineError>()
            || matches!(cause.downcast_ref(), Some(LoadError::Engine { .. }))
            || cause.is::<ReplayError>()
            || cause.is::<StoreError>()
            || cause.is::<SaveError>()
            || cause.is::<cassette::LoadError>()
            || cause.is::<LookupError>();
        failed.then_some(Self::Failed)
    }
}

/// The error and its causes on one line; a cause that the error already tells is not told again.
pub(crate) fn message(error: &Error) -> String {
    let mut message = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if message.is_empty() {
            message = cause;
        } else if !message.contains(&cause) {
            message = format!("{message}: {cause}");
        }
    }
    // The one thing that systems say which leaves people without a next step.
    if message.ends_with(FORBIDDEN) {
        message += "; see who owns it, and what they let others do";
    }
    message
}

/// How a message ends when the system did not let us: not every error of the library gives its cause away.
const FORBIDDEN: &str = "Permission denied (os error 13)";

#[cfg(test)]
mod tests {
    use super::{Exit, Stop, message};
    use anyhow::anyhow;
    use playback_host::cassette::OpenError;

    #[test]
    fn what_an_error_means_is_found_below_its_context() {
        let exit = |error: anyhow::Error| Exit::of(&error.context("while doing something"));
        assert_eq!(exit(anyhow!("no such flag")), Exit::Usage);
        assert_eq!(exit(Stop::Nothing("nothing there".into()).into()), Exit::Nothing);
        assert_eq!(exit(OpenError::Missing("./cassette".into()).into()), Exit::Usage);
    }

    #[test]
    fn a_message_says_nothing_twice() {
        let error =
            anyhow!("no such file").context("`a.wasm` cannot be read: no such file").context("loading");
        assert_eq!(message(&error), "loading: `a.wasm` cannot be read: no such file");
    }

    #[test]
    fn what_the_system_forbids_comes_with_what_to_look_at() {
        let denied = anyhow!("cannot list `metadata`: Permission denied (os error 13)");
        let advice = "; see who owns it, and what they let others do";
        assert_eq!(message(&denied), format!("{denied}{advice}"));
    }
}
