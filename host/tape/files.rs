//! What a service sees and changes in the directories that it was granted.

pub(crate) mod changes;
mod port;
pub(crate) mod probes;
mod record;
mod replay;
pub(crate) mod sights;

pub use port::{FilePort, LiveContent, Looked};
