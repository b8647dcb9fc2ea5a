//! Runs components with nothing but what they are handed, and puts a tape at their boundary. The only place
//! that knows wasmtime.
//!
//! An [`Engine`] compiles a [`Service`]. A [`Recorder`] runs its operations with providers that answer its calls and
//! yields recordings; a [`Replayer`] runs them on recordings, with no provider at all. Both link the service's
//! imports the same way and differ in the tape they put behind them.

#![warn(clippy::print_stdout, clippy::print_stderr, reason = "only the command line prints")]

mod convert;
mod direct;
mod engine;
mod failure;
mod grants;
mod handles;
mod limits;
mod link;
mod meter;
mod misfits;
mod plugin;
mod provider;
mod record;
mod replay;
mod run;
mod sampling;
mod sdk;
mod service;
mod service_grants;
mod shared_state;
mod state;
mod turn;
mod types;
mod wasi;
mod wave;

pub use engine::{Engine, EngineError, Metering, Options};
pub use failure::{EngineFailure, is_lack_of_system};
pub use grants::{Directory, DirectoryAccess, Grants};
pub use limits::{Limits, Unmetered};
pub use plugin::{Plugin, PluginError};
pub use provider::{Closure, ProviderComponent, ProviderWarning, Providers, Unprovided};
pub use record::builder::RecorderBuilder;
pub use record::error::RecordError;
pub use record::{Recorded, Recorder};
pub use replay::Replayer;
pub use replay::builder::ReplayerBuilder;
pub use replay::error::ReplayError;
pub use sampling::{Sampler, Sampling, Samplings};
pub use service::{LoadError, Operation, OperationError, Service};
pub use service_grants::ServiceGrants;
pub use shared_state::SharedState;
pub use turn::Turn;
pub use wasi::files::FolderError;
pub use wasi::http::{Host, InvalidHost, Network};
pub use wave::InvokeError;
