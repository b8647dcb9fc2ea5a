//! What the configuration says of plugins: their files and their limits.

use crate::cli::units::{Size, Time};
use playback_host::sandbox::{self, Plugin};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::num::NonZeroU64;
use std::path::PathBuf;

/// The plugins of a category, by their files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct PluginFiles {
    pub(crate) comparator: Option<PathBuf>,
    pub(crate) result_extractor: Option<PathBuf>,
    pub(crate) data_extractor: Option<PathBuf>,
    pub(crate) player: Option<PathBuf>,
}

/// `[limits.plugins]`: what one call of a plugin may use.
#[derive(Debug, Clone, Copy, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub(crate) struct PluginLimits {
    /// Its memory.
    #[serde(skip_serializing_if = "Option::is_none")]
    memory: Option<Size>,
    /// Its time.
    #[serde(skip_serializing_if = "Option::is_none")]
    time: Option<Time>,
    /// Its instructions, about.
    #[serde(skip_serializing_if = "Option::is_none")]
    fuel: Option<NonZeroU64>,
}

impl PluginLimits {
    /// The limits of a call. What is not said is as in [`Plugin::default_limits`].
    pub(crate) fn limits(&self) -> sandbox::Limits {
        let Self { memory, time, fuel } = *self;
        let default = Plugin::default_limits();
        default
            .memory(memory.map_or(default.memory, |Size(bytes)| bytes))
            .time(time.map(|Time(time)| time).or(default.time))
            .fuel(fuel.map(NonZeroU64::get))
    }

    /// Returns true if the engine must count instructions.
    pub(crate) fn needs_fuel(&self) -> bool {
        self.fuel.is_some()
    }
}
