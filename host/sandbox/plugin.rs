//! Plugins: components that answer questions about recordings. A plugin gets no capability: what it imports of WASI is virtual and
//! empty, as on a replay of a recording with nothing in it, and it imports nothing else. Each call runs on a fresh instance, so
//! that no answer depends on an earlier one.

use crate::limits::Limits;
use crate::misfits::list;
use crate::record::error::RecordError;
use crate::replay::Replayer;
use crate::replay::error::ReplayError;
use crate::service::Service;
use jiff::Timestamp;
use playback_recording::value::Value;
use playback_recording::{
    Category, Header, InvalidCategory, Metadata, Outcome, Recording, RecordingId, Stream,
};
use playback_tape::{Ending, LastMessage};
use std::sync::Arc;
use std::time::Duration;

/// A component that exports interfaces of the WIT package `playback:plugin`. Clone it, or share it, to call it several times at once.
#[derive(Debug, Clone)]
pub struct Plugin {
    replayer: Replayer,
    /// What each call replays: a recording with nothing in it.
    nothing: Arc<Recording>,
}

/// Why a component cannot be used as a plugin, or a call of one gave no answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PluginError {
    /// It asks for more than a plugin gets.
    #[error(
        "plugin `{plugin}` imports `{import}`, and a plugin gets no capability; build it without that import"
    )]
    Import {
        /// The plugin.
        plugin: String,
        /// The function that it imports.
        import: String,
    },
    /// It is a plugin of another kind, or none.
    #[error(
        "plugin `{plugin}` does not export `{function}`; build it for the world of that plugin in `playback:plugin`"
    )]
    NotExported {
        /// The plugin.
        plugin: String,
        /// The function that is asked for.
        function: String,
    },
    /// It cannot be linked.
    #[error(transparent)]
    Link(#[from] RecordError),
    /// The call did not come to its end.
    #[error("plugin `{plugin}` failed: {reason}")]
    Failed {
        /// The plugin.
        plugin: String,
        /// Why.
        reason: String,
    },
    /// The function takes other values than those that it is called with.
    #[error(
        "plugin `{plugin}` cannot be called: the arguments do not fit `{function}`: {problems}; build it for this \
         version of `playback:plugin`"
    )]
    Arguments {
        /// The plugin.
        plugin: String,
        /// The function.
        function: String,
        /// Each argument that does not fit.
        problems: String,
    },
    /// This machine, or the engine's pool, had no room for the plugin.
    #[error("plugin `{plugin}` could not be called: {reason}")]
    Call {
        /// The plugin.
        plugin: String,
        /// What was lacking.
        reason: String,
    },
    /// Its name is no category.
    #[error(transparent)]
    Category(#[from] InvalidCategory),
}

impl Plugin {
    /// What one call of a plugin may use without a setting: 256 MiB of memory and ten seconds.
    pub fn default_limits() -> Limits {
        Limits::default().memory(256 << 20).time(Duration::from_secs(10))
    }

    /// Links a component as a plugin. Each call may use as much as `limits` say.
    ///
    /// # Errors
    ///
    /// It imports anything but WASI, or it cannot be linked.
    pub fn new(component: &Service, limits: Limits) -> Result<Self, PluginError> {
        let plugin = component.name().to_owned();
        // Requests and sockets are functions of the boundary too, or refused when the component is loaded.
        if let Some(import) = component.imports().first() {
            return Err(PluginError::Import { plugin, import: import.full_name() });
        }
        let replayer = Replayer::builder(component).limits(limits).build()?;
        // Its seed and its day are the same each time: what a plugin makes of random numbers and clocks, it makes again.
        let category: Category = "plugin".parse()?;
        let id = RecordingId::new(category, Timestamp::UNIX_EPOCH);
        let function =
            playback_recording::Function { name: "".into(), parameters: Vec::new(), signature: "".into() };
        let header = Header::new(id, function, component.digest().to_owned(), String::new());
        let metadata = Metadata::new(&header, Timestamp::UNIX_EPOCH, Duration::ZERO);
        Ok(Self { replayer, nothing: Arc::new(Recording::new(header, metadata)) })
    }

    /// The component.
    pub fn component(&self) -> &Service {
        self.replayer.service()
    }

    /// Checks that the plugin exports a function, by its full WIT name: `playback:plugin/comparator@0.1.0#compare`. The version may be
    /// left out.
    ///
    /// # Errors
    ///
    /// It does not.
    pub fn check(&self, function: &str) -> Result<(), PluginError> {
        match self.component().operation(Some(function)) {
            Ok(_) => Ok(()),
            Err(_) => Err(self.lacks(function)),
        }
    }

    /// Calls a function of the plugin with these arguments, one a parameter. Needs a tokio runtime with timers.
    ///
    /// # Errors
    ///
    /// The plugin has no such function, the arguments do not fit it, it trapped, or it reached a limit.
    pub async fn call(&self, function: &str, arguments: Vec<Value>) -> Result<Value, PluginError> {
        let operation = self.component().operation(Some(function)).map_err(|_| self.lacks(function))?;
        let mut recording = Recording::clone(&self.nothing);
        recording.header.operation = operation.signature().to_function();
        recording.header.arguments = arguments;
        let played = self.replayer.replay(&Arc::new(recording)).await;
        let playback = played.map_err(|error| self.not_called(error))?;
        let reason = match playback.ending {
            Ending::Finished(Outcome::Returned(value)) => return Ok(value),
            Ending::Finished(ref outcome) => {
                let message = LastMessage::of(&String::from_utf8_lossy(&playback.stream(Stream::Stderr)));
                let message = message.map(|message| format!(": {}", message.text)).unwrap_or_default();
                let ended = outcome.exception().unwrap_or("it ended before it answered".into());
                format!("{ended}{message}")
            }
            Ending::Diverged(divergence) => {
                format!("it asked for `{}`, and a plugin gets no capability", divergence.function)
            }
        };
        Err(PluginError::Failed { plugin: self.name(), reason })
    }

    fn name(&self) -> String {
        self.component().name().to_owned()
    }

    /// Why a call was not made. That it is the replay of a recording is nobody's business.
    fn not_called(&self, error: ReplayError) -> PluginError {
        let plugin = self.name();
        match error {
            ReplayError::Arguments { operation, problems, .. }
            | ReplayError::Call { operation, problems, .. } => {
                PluginError::Arguments { plugin, function: operation, problems: list(&problems) }
            }
            ReplayError::Engine { failure, .. } => {
                PluginError::Call { reason: failure.of(&format!("`{plugin}`")), plugin }
            }
            ReplayError::Unmetered(error) => PluginError::Call { plugin, reason: error.to_string() },
            ReplayError::Operation { problem, .. } => {
                PluginError::Call { plugin, reason: problem.to_string() }
            }
        }
    }

    fn lacks(&self, function: &str) -> PluginError {
        PluginError::NotExported { plugin: self.name(), function: function.to_owned() }
    }
}
