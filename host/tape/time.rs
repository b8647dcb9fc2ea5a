//! Time: what clocks show, and in which order the things that a service waits for become ready.

pub(crate) mod arrivals;
pub(crate) mod clocks;
mod port;
pub(crate) mod readiness;
mod record;
mod replay;
pub(crate) mod timer;
pub(crate) mod waits;

pub use port::{Found, SourcesOf, TimePort};
