//! Errors of what the layer is given: loaders, players and plugins.

/// Any error of a loader, a player or a plugin.
pub type AnyError = Box<dyn std::error::Error + Send + Sync>;
