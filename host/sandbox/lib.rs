//! Runs components with nothing but what they are handed, and puts a tape at their boundary. The only place
//! that knows wasmtime.
//!
//! An [`Engine`] compiles a [`Service`]. A [`Recorder`] runs its operations with providers that answer its calls and
//! yields recordings; a [`Replayer`] runs them on recordings, with no provider at all. Both link the service's
//! imports the same way and differ in the tape they put behind them.

#![warn(clippy::print_stdout, clippy::print_stderr, reason = "only the command line prints")]

mod clocks;
mod convert;
mod direct;
mod engine;
mod failure;
mod files;
mod handles;
mod http;
mod limits;
mod link;
mod poll;
mod provider;
mod random;
mod record;
mod replay;
mod run;
mod sampling;
mod sdk;
mod service;
mod sources;
mod state;
mod stdio;
mod streams;
mod turn;
mod types;
mod waiting;
mod wasi;
mod wave;

pub use engine::{Engine, EngineError, Metering, Options};
pub use failure::{EngineFailure, is_lack_of_system};
pub use files::FolderError;
pub use http::{Host, InvalidHost, Network, is_http_exchange};
pub use limits::{Limits, Unmetered};
pub use provider::{
    Closure, Directory, DirectoryAccess, Grants, ProviderComponent, ProviderWarning, Providers, Unprovided,
};
pub use record::{RecordError, Recorded, Recorder, ServiceGrants};
pub use replay::{ReplayError, Replayer};
pub use sampling::{Sampling, Samplings};
pub use service::{LoadError, Operation, OperationError, Service};
pub use turn::{SharedState, Turn};
pub use wave::InvokeError;
