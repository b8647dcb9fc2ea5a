//! Why a service cannot be recorded.

use crate::failure::EngineFailure;
use crate::limits::Unmetered;
use crate::misfits::list;
use crate::provider::Unprovided;
use crate::wasi::files::FolderError;
use playback_recording::value::fit::Misfit;
use playback_tape::RuleError;

/// Why a service cannot be recorded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RecordError {
    /// An import that nothing answers.
    #[error(transparent)]
    Unprovided(#[from] Unprovided),
    /// A rule that does not fit.
    #[error(transparent)]
    Rule(#[from] RuleError),
    /// A folder that cannot be granted.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The component cannot be linked.
    #[error("`{service}` cannot be linked: {reason}")]
    Link {
        /// The component.
        service: String,
        /// What is wrong.
        reason: String,
    },
    /// An import that is called as WASI's are, and that WASI does not have.
    #[error("`{service}` imports `{import}`, which cannot be recorded: {reason}")]
    Import {
        /// The component.
        service: String,
        /// The import's full WIT name.
        import: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The arguments are not those of the operation.
    #[error("operation `{operation}` cannot be called with these arguments: {}", list(.problems))]
    Arguments {
        /// Its full WIT name.
        operation: String,
        /// Each argument that does not fit.
        problems: Vec<Misfit>,
    },
    /// The engine cannot limit fuel.
    #[error(transparent)]
    Unmetered(#[from] Unmetered),
    /// This machine, or the engine's pool, had no room for the service or a provider. Nothing was recorded.
    #[error("{}", .failure.of(&format!("`{service}`")))]
    Engine {
        /// The component.
        service: String,
        /// What was lacking.
        failure: EngineFailure,
    },
    /// The machine gives no random numbers to seed the operation with.
    #[error("this machine gives no random numbers: {0}")]
    Seed(String),
}
