//! Which recorded call answers which call.

pub(crate) mod alias;
pub(crate) mod boundary;
pub(crate) mod call;
pub(crate) mod current;
pub(crate) mod divergence;
pub(crate) mod ends;
mod form;
pub(crate) mod functions;
pub(crate) mod index;
pub(crate) mod interceptor;
pub(crate) mod key;
mod messages;
mod nearest;
pub(crate) mod normalised;
mod older;
pub(crate) mod pairs;
mod port;
mod queue;
mod reach;
mod record;
mod replay;
pub(crate) mod rules;
pub(crate) mod version;

pub(crate) use interceptor::named;
pub use port::CallPort;
